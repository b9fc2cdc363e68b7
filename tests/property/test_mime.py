"""Whatever the bytes, a letter comes out."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import example, given, settings
from hypothesis import strategies as st

from adapters.mail.charsets import decode_text
from adapters.mail.headers import decode_header, parse_addresses
from adapters.mail.quotes import separate, text_lines
from adapters.mail.reading import read_letter
from domain.addresses import display_address, normalise_address
from domain.letter import Envelope, LetterKind
from tests.support.repository import LETTERS

ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
EVERY_LETTER = sorted(LETTERS.glob("*.eml"))
CONTROLS = {chr(code) for code in (*range(32), 127)} - {"\n", "\t"}
PIECES = st.sampled_from(
    [b"--b1", b"--b1--", b"\r\n", b"\r\n\r\n", b"\n", b"Content-Type: ", b"multipart/mixed; boundary=b1", b"message/rfc822",
     b"text/html; charset=\x80", b"Content-Transfer-Encoding: base64\r\n", b"=?utf-8?B?", b"?=", b"From: ", b"<", b"@", b"\x00",
     b"\xff\xfe", b"> ", b"<div class=gmail_quote>", b"<blockquote>", b"message/delivery-status", b"uuencode", b"charset=utf-16"]
)  # fmt: skip
FEWER = settings(max_examples=150)


@FEWER
@given(st.binary(max_size=3_000))
def test_any_bytes_become_a_letter(raw: bytes) -> None:
    assert read_letter(raw, ENVELOPE).size == len(raw)


@FEWER
@given(st.lists(st.one_of(PIECES, st.binary(max_size=20)), max_size=60))
def test_any_heap_of_mail_becomes_a_letter_without_the_parser_failing(pieces: list[bytes]) -> None:
    letter = read_letter(b"".join(pieces), ENVELOPE)
    assert not (letter.kind is LetterKind.QUARANTINED and "failed" in letter.kind_evidence)


@FEWER
@given(st.data())
def test_a_mutated_letter_is_read_into_clean_text(data: st.DataObject) -> None:
    raw = bytearray(data.draw(st.sampled_from(EVERY_LETTER)).read_bytes())
    for _ in range(data.draw(st.integers(1, 6))):
        position = data.draw(st.integers(0, len(raw)))
        raw[position : position + data.draw(st.integers(0, 40))] = data.draw(st.one_of(PIECES, st.binary(max_size=8)))
    letter = read_letter(bytes(raw), ENVELOPE)
    shown = letter.text + letter.visible_text + letter.set_apart_text + letter.signature
    assert not CONTROLS.intersection(shown)
    assert not (CONTROLS | {"\n"}).intersection(letter.subject)
    assert "could not be decoded" not in letter.kind_evidence


@FEWER
@given(
    st.binary(max_size=500),
    st.one_of(st.none(), st.text(max_size=20), st.sampled_from(["utf-16", "utf-7", "idna", "hz"])),
)
def test_any_bytes_decode_under_any_label(data: bytes, label: str | None) -> None:
    assert isinstance(decode_text(data, label)[0], str)


@FEWER
@given(st.text(max_size=300))
def test_any_header_value_becomes_one_line_and_addresses(value: str) -> None:
    assert "\n" not in decode_header(value)
    assert all(mailbox.address == normalise_address(mailbox.address) for mailbox in parse_addresses([value]))


@FEWER
@given(st.text(alphabet=st.sampled_from("> \n-:@<>ab1.2От:"), max_size=300))
def test_no_text_is_lost_when_it_is_taken_apart(text: str) -> None:
    """Every letter and digit stands in one of the heaps, but for the headers of a forwarded letter."""
    parts = separate(text_lines(text))
    heaps = parts.visible + parts.set_apart + parts.signature + parts.forwarded
    assert sorted(c for c in text if c.isalnum()) == sorted(c for c in heaps if c.isalnum())


@FEWER
@example("XN--00B")
@given(st.text(max_size=60))
def test_normalising_an_address_twice_changes_nothing(text: str) -> None:
    once = normalise_address(text)
    assert normalise_address(once) == once
    assert normalise_address(display_address(once)) == once
