"""One odd line, or a Content-Type that nobody can read, hides nothing of a letter."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest

from adapters.mail.reading import read_files, read_letter, read_or_raise
from adapters.mail.repair import header_of, repaired
from domain.letter import Envelope, Letter

ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
WORDS = "Заявителю не приходит код подтверждения."
PLAIN = "Content-Type: text/plain; charset=utf-8"
FIELDS = [
    "From: Zoya <a@b.example>",
    "To: support@desk.example",
    "Subject: =?utf-8?B?0KLQsNC70L7QvQ==?=",
    "Date: Tue, 24 Nov 2026 12:15:00 +0300",
    "Message-ID: <1@b.example>",
    "MIME-Version: 1.0",
    "Content-Type: text/plain; charset=koi8-r",
    "Content-Transfer-Encoding: 8bit",
]


def read(*lines: str, charset: str = "utf-8", ends: str = "\r\n") -> Letter:
    return read_letter(ends.join(lines).encode(charset), ENVELOPE)


@pytest.mark.parametrize("ends", ["\r\n", "\n"])
@pytest.mark.parametrize("place", range(len(FIELDS)))
@pytest.mark.parametrize(
    "odd",
    [
        "X-Mailer : My", "X-Mailer\t: My", "checked by the gate", ">From a@b.example Mon Nov 23 10:00:00 2026",
        "From a@b.example Mon Nov 23 10:00:00 2026", "Тема: нет", "X Spam Status: No", "=20", ": no name", "*****", "x",
        "X-Gate: a\nchecked by the gate\nand by another\nand by a third", "X-Very: long,\nfolded without an indent",
        "X-Report : 1\n* 0.1 A rule\n* 0.2 Another", "Received: from a\nby b; Tue, 24 Nov 2026 10:00:00 +0300",
    ],
)  # fmt: skip
def test_an_odd_line_hides_none_of_the_fields_around_it(odd: str, place: int, ends: str) -> None:
    letter = read(*FIELDS[:place], odd.replace("\n", ends), *FIELDS[place:], "", WORDS, charset="koi8-r", ends=ends)
    assert letter.sender
    assert (letter.sender.address, letter.subject, letter.message_id) == ("a@b.example", "Талон", "1@b.example")
    assert letter.date == datetime(2026, 11, 24, 9, 15, tzinfo=UTC)
    assert letter.visible_text == WORDS


def test_a_header_that_is_right_stays_as_it_is() -> None:
    head = "\r\n".join(FIELDS).encode() + b"\r\nReferences: <a@b>\r\n\t<c@d>\r\nX-Empty:\r\nX-Raw: \xff"
    assert repaired(head) == (head, False)


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["From: a@b.example", "Subject: x", "Здравствуйте!", "Не открывается журнал: ошибка 17."], "Здравствуйте!"),
        (["From: a@b.example", "Subject: x", "Здравствуйте!", "Тема: талон", "Ошибка: 17"], "Здравствуйте!"),
        (["Здравствуйте!", "Subject: так называется поле", "и оно пустое."], "Здравствуйте!"),
    ],
)
def test_a_text_without_a_blank_line_above_it_is_no_header(lines: list[str], text: str) -> None:
    assert text in read(*lines, "", "Ещё строка.").text


@pytest.mark.parametrize(
    "lines",
    [
        ["Content-Type: application/pdf;", 'name="akt.pdf"', "Content-Disposition: attachment; filename=akt.pdf"],
        ["Content-Type: application/pdf", "Content-Disposition: attachment;", "filename=akt.pdf"],
        ["Content-Type : application/pdf", 'Content-Disposition : attachment; filename="akt.pdf"'],
        ["an odd line", "Content-Type: application/pdf; name=akt.pdf", "Content-Disposition: attachment"],
        ["Content-Type: application/pdf name=akt.pdf"],
        ["Content-Type: application/pdf, name=akt.pdf"],
        ["Content-Disposition: attachment; filename=akt.pdf", "checked", "Content-Type: application/pdf"],
    ],
)
def test_a_parts_header_is_read_as_that_of_a_letter(lines: list[str]) -> None:
    above = [
        *FIELDS[:5],
        "Content-Type: multipart/mixed; boundary=q",
        "",
        "--q",
        "Content-Type: text/plain",
        "",
        "hello",
    ]
    file = ["--q", "Content-Transfer-Encoding: base64", *lines, "", "QUJD", "--q--", ""]
    raw = "\r\n".join([*above, *file]).encode()
    letter = read_letter(raw, ENVELOPE)
    assert [file.name for file in letter.attachments] == ["akt.pdf"]
    assert letter.visible_text == "hello"
    assert [file.content() for file in read_files(raw)] == [b"ABC"]


@pytest.mark.parametrize(
    "value",
    [
        "text/plain charset={}", "text/plain, charset={}", "=?utf-8?Q?text/plain?=; charset={}", 'text/plain; charset="{}',
        '"text/plain"; charset={}', "text/plain;; charset={}", "text; charset={}", "text/plain:charset={}", "plain; charset={}",
        "text / plain; charset={}", "text\\plain; charset={}", "text/plain; charset={} (Cyrillic)", "(a) text/plain; charset={}",
        "; charset={}", "text/plain; charset = {}", "text/plain;\r\n charset={};", "text/plain; charset={}, format=fixed",
        "text/; charset={}", "text/plain; {}; charset={}", "no type at all; charset={}", "text/plain; charset='{}'", "<text/plain>; charset={}",
    ],
)  # fmt: skip
@pytest.mark.parametrize("charset", ["koi8-r", "utf-8"])
def test_a_content_type_that_cannot_be_read_is_text(value: str, charset: str) -> None:
    """RFC 2045 section 5.2."""
    letter = read(*FIELDS[:5], "Content-Type: " + value.replace("{}", charset), "", WORDS, charset=charset)
    assert letter.visible_text == WORDS
    assert letter.attachments == ()


@pytest.mark.parametrize(
    "value",
    [
        "multipart/mixed boundary=q", "multipart/mixed, boundary=q", 'multipart/mixed; boundary="q', "multipart/mixed",
        "=?us-ascii?Q?multipart/mixed?=; boundary=q", "multipart/mixed; charset=utf-8 boundary=q", "Multipart/Mixed;boundary = q",
        'multipart/mixed;\r\nboundary="q"',
    ],
)  # fmt: skip
def test_parts_are_found_however_the_type_is_written(value: str) -> None:
    lines = [
        "--q",
        "Content-Type: text/plain; charset=utf-8",
        "",
        WORDS,
        "--q",
        "Content-Type: image/png; name=a.png",
        "",
        "x",
    ]
    letter = read(*FIELDS[:5], f"Content-Type: {value}", "", *lines, "--q--", "")
    assert letter.visible_text == WORDS
    assert [file.name for file in letter.attachments] == ["a.png"]


@pytest.mark.parametrize(
    "value", ["base64;", '"base64"', "BASE64 (encoded)", "base-64", " base64 ; x", "Base64 ", "BASE64\t"]
)
def test_an_encoding_is_known_however_it_is_written(value: str) -> None:
    assert read(*FIELDS[:5], f"Content-Transfer-Encoding: {value}", "", "aGVsbG8=").visible_text == "hello"


@pytest.mark.parametrize(
    "value",
    [
        "=?utf-8?B?0LA=?=/=?utf-8?Q?=D0=B1?=; name=\udcff",
        "=?koi8-r?Q?text/plain=3B_name=C1?=",
        "\udcff/\udcfe; a=\udcfd",
    ],
)
def test_a_content_type_of_other_letters_is_no_failure(value: str) -> None:
    """Found by fuzzing: what encoded words decode to is not ASCII."""
    raw = "\r\n".join([*FIELDS[:5], f"Content-Type: {value}", "", WORDS]).encode("utf-8", "surrogateescape")
    assert WORDS in read_or_raise(raw, ENVELOPE).text


def test_line_ends_with_a_carriage_return_too_many_are_line_ends() -> None:
    letter = read(*FIELDS[:5], PLAIN, "", WORDS, "", "One more.", ends="\r\r\n")
    assert (letter.subject, letter.visible_text) == ("Талон", f"{WORDS}\n\nOne more.")


def test_html_by_that_name_alone_is_html() -> None:
    assert read(*FIELDS[:5], "Content-Type: html; charset=utf-8", "", "<p>hello</p>").visible_text == "hello"


def test_an_empty_part_takes_nothing_from_the_next() -> None:
    letter = read(
        *FIELDS[:5], "Content-Type: multipart/mixed; boundary=q", "", "--q", "Content-Type: text/plain", "--q",
        "Content-Type: text/plain; charset=utf-8", "", WORDS, "--q--",
    )  # fmt: skip
    assert letter.visible_text == WORDS


@pytest.mark.parametrize("closed", [True, False])
def test_parts_within_parts_of_the_same_boundary_lose_no_file(closed: bool) -> None:
    """Some programs write one boundary on both levels."""
    lines = [
        *FIELDS[:5], "Content-Type: multipart/mixed; boundary=q", "", "--q", "Content-Type: multipart/alternative; boundary=q", "",
        "--q", "Content-Type: text/plain; charset=utf-8", "", WORDS,
        "--q", "Content-Type: text/html; charset=utf-8", "", f"<p>{WORDS}</p>", *(["--q--", ""] if closed else []),
        "--q", "Content-Type: application/pdf; name=a.pdf", "Content-Transfer-Encoding: base64", "", "QUJD",
        "--q", "Content-Type: image/png; name=b.png", "Content-Transfer-Encoding: base64", "", "REVG" * 2_000, "--q--", "",
    ]  # fmt: skip
    letter = read(*lines)
    assert letter.visible_text == WORDS
    assert [file.name for file in letter.attachments] == ["a.pdf", "b.png"]
    assert [file.content() for file in read_files("\r\n".join(lines).encode())] == [b"ABC", b"DEF" * 2_000]


def test_the_boundary_of_a_letter_within_may_be_that_of_the_letter_around_it() -> None:
    lines = [
        *FIELDS[:5], "Content-Type: multipart/mixed; boundary=q", "", "--q", "Content-Type: text/plain; charset=utf-8", "", WORDS,
        "--q", "Content-Type: message/rfc822", "", "From: c@d.example", "Subject: x", "Content-Type: multipart/mixed; boundary=q", "",
        "--q", "Content-Type: text/plain", "", "within", "--q", "Content-Type: image/png; name=b.png", "", "x", "--q--", "",
        "--q", "Content-Type: application/pdf; name=a.pdf", "", "x", "--q--", "",
    ]  # fmt: skip
    letter = read(*lines)
    assert letter.visible_text == WORDS
    assert [file.name for file in letter.attachments if not file.name.endswith(".eml")] == ["b.png", "a.pdf"]


def test_the_fields_that_stand_in_for_an_envelope_are_read_below_an_odd_line() -> None:
    found = dict(header_of("\r\n".join([FIELDS[0], "checked", *FIELDS[1:], "", "To: x"]).encode(), 10_000))
    assert found["to"] == "support@desk.example"


@pytest.mark.parametrize(
    "head",
    [b"a\n" * 100_000, b"a: b\nc\n" * 50_000, b"Content-Type: " + b"a=b;" * 100_000, b"Content-Type: x" + b"\n " * 200_000,
     b"Content-Type: \"" + b"\\\"" * 100_000, b"a" * 1_000_000, b"Subject: x\n" + b"<a@b>\n" * 80_000 + b"Date: x\nFrom: y"],
)  # fmt: skip
def test_hostile_headers_are_mended_within_seconds(head: bytes) -> None:
    started = time.process_time()
    repaired(head)
    repaired(head, of_part=True)
    assert time.process_time() - started < 3


def test_a_type_with_an_encoded_word_of_any_letters_hides_nothing() -> None:
    """What the word decodes to need not be ASCII."""
    letter = read(*FIELDS[:5], 'Content-Type: text/pla=?utf-8?B?0JzQvtC00LXQu9GM?=; charset="utf-8"', "", WORDS)
    assert letter.visible_text == WORDS
