"""One word makes a request of a letter that was set aside, against the table and the bucket in moto."""

from __future__ import annotations

import pytest

from application.storage import Commit, LetterRecord
from domain.letter import Trust
from tests.support.builders import DETAILS, MDO, moscow
from tests.support.client_letters import COMPLETE
from tests.support.command_line import Run
from tests.support.functions import Functions, kinds_sent, opened, state
from tests.support.raw_mail import raw

AT = moscow("2026-11-20 10:00")
NEWSLETTER = "Дайджест сервиса за ноябрь: новые тарифы и отчёты. Отписаться: www.servis.example/off"
SET_ASIDE = {
    "auto_reply": raw("Я в отпуске до 7 декабря, отвечу позже.", Auto_Submitted="auto-replied"),
    "list": raw(NEWSLETTER, List_Id="<news.servis.example>"),
    "receipt": raw("Ваше сообщение\n\nТема: x\n\nпрочитано 20.11.2026 10:30.", subject="Прочитано: x"),
    "bounce": raw(
        "Не удалось выполнить доставку следующим получателям: olga@client.example", subject="Недоставляемое: x"
    ),
    "own": raw("Обращение принято.", X_Reglament_Desk=MDO, X_Reglament_Ticket="MDO-0000-0000"),
}


@pytest.mark.parametrize("kind", SET_ASIDE)
def test_a_letter_that_was_set_aside_becomes_a_request_that_nothing_answers(
    functions: Functions, run: Run, kind: str
) -> None:
    functions.receive((SET_ASIDE[kind], "m1"), at=AT)
    assert functions.numbers() == set()
    ran = run("replay", "m1", "--as-request")
    (number,) = functions.numbers()
    assert ran.out == f"m1: ticket {number} at {MDO}\n"
    assert kinds_sent(functions, number) == ["card"]
    assert functions.keys() == {"letters/m1"}
    assert run("letters").out == "no letter waits for a person\n"


def test_done_again_it_says_the_same_and_changes_nothing(functions: Functions, run: Run) -> None:
    functions.receive((SET_ASIDE["list"], "m1"), at=AT)
    first = run("replay", "m1", "--as-request")
    (number,) = functions.numbers()
    version = state(functions, number).version
    again = run("replay", "m1", "--as-request")
    assert (again.status, again.out) == (0, first.out)
    assert (functions.numbers(), state(functions, number).version) == ({number}, version)


def test_on_a_ticket_that_waits_it_gives_what_was_asked(functions: Functions, run: Run) -> None:
    number = opened(functions, "Добрый день. Не приходит код из СМС, второй день не могу войти.")
    answer = raw(f"Ответ:\n\n{DETAILS}", subject=f"Автоматический ответ: x [{number}]", Auto_Submitted="auto-replied")
    functions.receive((answer, "m2"), at=moscow("2026-11-20 11:00"))
    assert state(functions, number).lapse is not None
    assert run("replay", "m2", "--as-request", "--json").objects == [{"letter": "m2", "tickets": [number]}]
    assert state(functions, number).lapse is None


def test_a_forged_letter_stays_forged(functions: Functions, run: Run) -> None:
    """The desk works on it, and writes nothing by itself to an address that nobody has proved."""
    functions.put(raw(COMPLETE), "m1")
    functions.services.mail_store.settle("m1", "letters/m1")
    record = LetterRecord(
        desk=MDO, ses_message_id="m1", received_at=AT, kind="request", outcome="forged", reason="DMARC failed",
        location="letters/m1", needs_attention=True,
    )  # fmt: skip
    functions.services.store.commit(Commit(at=AT, letter=record))
    assert run("replay", "m1", "--as-request").status == 0
    (number,) = functions.numbers()
    assert state(functions, number).requester.trust is Trust.FORGED
    assert kinds_sent(functions, number) == ["card"]


def test_a_letter_without_words_and_one_that_nobody_has_cannot_be_taken_up(functions: Functions, run: Run) -> None:
    functions.receive((raw("", Auto_Submitted="auto-replied"), "m1"), at=AT)
    ran = run("replay", "m1", "m404", "--as-request")
    assert ran.status == 1
    assert "m1: it has no words that could be read" in ran.err
    assert "m404" in ran.err
    assert functions.keys() == {"letters/m1"}


def test_letters_are_listed_kind_by_kind_or_one_kind_alone(functions: Functions, run: Run) -> None:
    functions.receive((SET_ASIDE["list"], "m1"), (SET_ASIDE["auto_reply"], "m2"), at=AT)
    assert [one["kind"] for one in run("letters", "--json").objects] == ["auto_reply", "list"]
    assert [one["kind"] for one in run("letters", "--kind", "list", "--json").objects] == ["list"]
    assert run("letters", "--kind", "news").status == 2
