"""What a letter says of its own identity decides nothing: a reused, missing or broken Message-ID loses no letter."""

from __future__ import annotations

import pytest

from tests.support.builders import DETAILS, MDO, moscow
from tests.support.client_letters import COMPLETE
from tests.support.functions import Functions, number_of
from tests.support.raw_mail import raw

OTHER = f"Добрый день. В разделе документов не открывается справка о составе семьи.\n\n{DETAILS}"
REUSED = "<same@client.example>"


def written(text: str, message_id: bytes | None) -> bytes:
    """Return a letter with the Message-ID field as given, byte for byte, or without one."""
    line = b"" if message_id is None else b"Message-ID: " + message_id + b"\r\n"
    return line + raw(text)


def test_a_reused_message_id_with_another_text_is_another_letter_and_ticket(functions: Functions) -> None:
    functions.receive((raw(COMPLETE, Message_ID=REUSED), "m1"), at=moscow("2026-11-20 10:00"))
    functions.receive((raw(OTHER, Message_ID=REUSED), "m2"), at=moscow("2026-11-20 11:00"))
    assert functions.numbers() == {number_of(MDO, "m1"), number_of(MDO, "m2")}
    assert {"letters/m1", "letters/m2"} <= functions.keys()


def test_two_letters_of_one_message_id_in_one_batch_are_two_tickets(functions: Functions) -> None:
    batch = (raw(COMPLETE, Message_ID=REUSED), "m1"), (raw(OTHER, Message_ID=REUSED), "m2")
    assert functions.receive(*batch, at=moscow("2026-11-20 10:00")) == {"batchItemFailures": []}
    assert functions.numbers() == {number_of(MDO, "m1"), number_of(MDO, "m2")}


def test_an_answer_under_a_reused_message_id_joins_the_ticket_it_answers(functions: Functions) -> None:
    functions.receive((raw(COMPLETE, Message_ID=REUSED), "m1"), at=moscow("2026-11-20 10:00"))
    answer = raw("Добавлю: это на обоих компьютерах.", Message_ID=REUSED, In_Reply_To=REUSED)
    functions.receive((answer, "m2"), at=moscow("2026-11-20 11:00"))
    assert functions.numbers() == {number_of(MDO, "m1")}
    letters = [event for _, event in functions.table.history(number_of(MDO, "m1")) if event.type == "letter_added"]
    assert len(letters) == 2


@pytest.mark.parametrize(
    "message_id",
    [
        None, b"", b"<>", b"<\xe7\xe8\xe9@client.example>", b"<" + b"x" * 10_000 + b"@client.example>", b"no brackets",
        b"<a\r\n b@client.example>", b"<a@b> <c@d>", b"<=?utf-8?B?DQpCY2M6IGFAYi5leGFtcGxl?=@x>", "<ё@пример.рф>".encode(),
        b"<a\x00b\x01@client.example>",
    ],
    ids=["none", "empty", "brackets", "8-bit", "10 kB", "bare words", "folded", "two", "encoded word", "utf-8", "controls"],
)  # fmt: skip
def test_a_letter_with_a_missing_or_broken_message_id_is_answered_without_a_broken_header(
    functions: Functions, message_id: bytes | None
) -> None:
    answer = functions.receive((written(COMPLETE, message_id), "m1"), at=moscow("2026-11-20 10:00"))
    assert answer == {"batchItemFailures": []}
    assert functions.numbers() == {number_of(MDO, "m1")}
    functions.drain()
    letter = next(mail for mail in functions.mails() if "olga@client.example" in mail["To"])
    for name in ("In-Reply-To", "References"):
        value = str(letter[name] or "<none@none>")
        assert value.isascii()
        assert all(one.startswith("<") and one.endswith(">") and "@" in one for one in value.split())
        assert len(value) < 300
    assert letter["Bcc"] is None


def test_two_letters_without_a_message_id_are_two_tickets(functions: Functions) -> None:
    functions.receive((raw(COMPLETE), "m1"), (raw(OTHER), "m2"), at=moscow("2026-11-20 10:00"))
    assert functions.numbers() == {number_of(MDO, "m1"), number_of(MDO, "m2")}


def test_two_letters_with_the_same_broken_message_id_are_two_tickets(functions: Functions) -> None:
    broken = b"<\xe7\xe8\xe9@x>"
    functions.receive((written(COMPLETE, broken), "m1"), (written(OTHER, broken), "m2"), at=moscow("2026-11-20 10:00"))
    assert functions.numbers() == {number_of(MDO, "m1"), number_of(MDO, "m2")}
