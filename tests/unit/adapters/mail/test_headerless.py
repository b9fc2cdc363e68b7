"""A letter whose header is broken or gone is still a letter where a person could read it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.mail.charsets import is_text
from adapters.mail.reading import read_letter
from domain.letter import Envelope, Letter, LetterKind

ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
BY_SERVERS = (
    b"Return-Path: <a@b.example>\r\nReceived: from b.example by mx.example; Mon, 23 Nov 2026 10:00:00 +0300\r\n"
)
WORDS = "Здравствуйте! Журнал не открывается."


def read(raw: bytes) -> Letter:
    return read_letter(raw, ENVELOPE)


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r"])
@pytest.mark.parametrize("header", [b"", b"\r\n", BY_SERVERS + b"\r\n", BY_SERVERS])
def test_a_text_without_an_authors_header_is_a_letter_of_nobodys(header: bytes, charset: str) -> None:
    letter = read(header + WORDS.encode(charset) + b"\r\n\r\nOne more line.\r\n")
    assert letter.kind is LetterKind.REQUEST
    assert letter.sender is None
    assert letter.visible_text == f"{WORDS}\n\nOne more line."
    assert any("what it says was read as text" in defect for defect in letter.defects)


@pytest.mark.parametrize(
    "raw",
    [b"\x00\x01\x02 word", bytes(range(256)) * 40, b"%PDF-1.7\n\x80\x81\x00 obj", b"\x1f\x8b\x08\x00word", b"12 34 56\n7", b"..."],
)  # fmt: skip
@pytest.mark.parametrize("header", [b"", BY_SERVERS + b"\r\n"])
def test_what_has_no_header_and_is_no_text_is_quarantined(header: bytes, raw: bytes) -> None:
    letter = read(header + raw)
    assert letter.kind is LetterKind.QUARANTINED
    assert "no header field" in letter.kind_evidence


@pytest.mark.parametrize(
    "broken",
    [b"Fro :x <a@b.example>\r\n", b"no colon here\r\n", b"From a b c\r\n\tfolded: on\r\n", b"\xd0\x9e\xd1\x82: x\r\n"],
)
@pytest.mark.parametrize("above", [b"", BY_SERVERS])
def test_a_broken_line_above_the_header_hides_nothing_of_it(above: bytes, broken: bytes) -> None:
    header = b"To: support@desk.example\r\nSubject: =?utf-8?B?0KLQsNC70L7QvQ==?=\r\nContent-Type: text/plain; charset=koi8-r\r\n"
    letter = read(above + broken + header + b"\r\n" + WORDS.encode("koi8-r"))
    assert (letter.kind, letter.subject, letter.visible_text) == (LetterKind.REQUEST, "Талон", WORDS)


def test_a_space_before_the_colon_is_an_obsolete_spelling_and_still_a_field() -> None:
    """RFC 5322 section 4.5."""
    letter = read(b"From : Zoya <a@b.example>\r\nSubject: x\r\nMessage-ID : <1@b>\r\n\r\nhello")
    assert letter.visible_text.endswith("hello")
    assert read(b"From : a@b.example\r\nSubject : x\r\n\r\nhello").subject == "x"


def test_a_text_that_mentions_a_subject_loses_none_of_its_lines() -> None:
    raw = "Здравствуйте!\nSubject: так называется поле\nи оно пустое.\n".encode()
    assert read(raw).visible_text == raw.decode().strip()


def test_a_sample_that_ends_within_a_character_is_still_text() -> None:
    assert is_text(("ж" * 79 + "\n").encode() * 2_000)
    assert is_text("ж".encode() * 200_000)
