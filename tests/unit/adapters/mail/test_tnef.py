"""`winmail.dat`: its files are listed, its text is read where there is no other, and nothing in it breaks the reader."""

from __future__ import annotations

import struct
import zlib
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mail.reading import read_files, read_letter, read_or_raise
from adapters.mail.rtf import decompress, rtf_body
from adapters.mail.tnef import read_tnef
from domain.letter import Envelope, Letter
from tests.support.cpu import HOSTILE_SECONDS, cpu_seconds
from tests.support.tnef import (
    BINARY,
    BODY,
    FILE_BEGINS,
    INTEGER,
    MESSAGE_PROPERTIES,
    PR_BODY,
    PR_HTML,
    PR_INTERNET_CODEPAGE,
    PR_RTF_COMPRESSED,
    STRING,
    attribute,
    file,
    inner_letter,
    letter,
    properties,
    tnef,
)

ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
PLAIN_RTF = rb"{\rtf1\ansi\ansicpg1251{\fonttbl{\f0\fcharset204 Arial;}}\pard\f0 \'cf\'f0\'e8\'e2\'e5\'f2\par \u1084?\u1080?\u1088?}"
HTML_RTF = (
    rb"{\rtf1\ansi\ansicpg1251\fromhtml1{\fonttbl{\f0\fcharset204 Arial;}}{\*\htmltag18 <html>}{\*\htmltag64 <p>}"
    rb"\htmlrtf {\htmlrtf0 \f0 \'cf\'f0\'e8\'e2\'e5\'f2 {\*\htmltag84 <b>}\htmlrtf {\b\htmlrtf0 x{\*\htmltag92 </b>}"
    rb"\htmlrtf }\htmlrtf0 {\*\htmltag72 </p>}\htmlrtf \par}\htmlrtf0}"
)


def uncompressed(rtf: bytes) -> bytes:
    """Return RTF as a property holds it that was not worth compressing ([MS-OXRTFCP] section 2.1.3.1.5)."""
    return struct.pack("<II4sI", len(rtf) + 12, len(rtf), b"MELA", 0) + rtf


def message_with(*values: tuple[int, int, bytes | int]) -> bytes:
    return tnef(attribute(MESSAGE_PROPERTIES, properties(*values)))


def text_of(stream: bytes, text: str = "") -> str:
    return read_letter(letter(stream, text), ENVELOPE).visible_text


def test_files_in_a_winmail_dat_are_listed_after_it_with_name_type_and_size() -> None:
    stream = tnef(file("Договор № 5.pdf", b"%PDF-" * 10, "application/pdf"), file("логотип.png", b"x", content_id="p1"))
    read = read_letter(letter(stream, "Во вложении договор."), ENVELOPE)
    assert [(one.number, one.name, one.content_type, one.size, one.inline) for one in read.attachments[1:]] == [
        ("1.1", "Договор № 5.pdf", "application/pdf", 50, False),
        ("1.2", "логотип.png", "application/octet-stream", 1, True),
    ]
    assert (read.attachments[0].number, read.attachments[0].name) == ("1", "winmail.dat")
    assert read.visible_text == "Во вложении договор."


def test_a_file_in_a_winmail_dat_is_opened_byte_for_byte() -> None:
    data = bytes(range(256)) * 400
    opened = {one.attachment.name: one.content() for one in read_files(letter(tnef(file("a.bin", data))))}
    assert opened["a.bin"] == data


def test_a_winmail_dat_under_a_plain_type_is_known_by_its_name() -> None:
    raw = letter(tnef(file("a.pdf", b"1")), content_type="application/octet-stream")
    assert [one.name for one in read_letter(raw, ENVELOPE).attachments] == ["winmail.dat", "a.pdf"]


def test_a_letter_within_a_winmail_dat_is_listed_with_its_files() -> None:
    stream = tnef(inner_letter("Пересланное", tnef(file("счёт.pdf", b"123"))), file("b.txt", b"4"))
    found = [(one.number, one.name) for one in read_letter(letter(stream), ENVELOPE).attachments[1:]]
    assert found == [("1.1", "Пересланное"), ("1.1.1", "счёт.pdf"), ("1.2", "b.txt")]


@pytest.mark.parametrize(
    "stream",
    [
        tnef(attribute(BODY, "Не работает вход.\r\n\0".encode("cp1251"))),
        message_with((STRING, PR_BODY, "Не работает вход.\0".encode("utf-16-le"))),
        message_with((BINARY, PR_HTML, "<p>Не работает вход.</p>".encode("koi8-r")), (INTEGER, PR_INTERNET_CODEPAGE, 20866)),
        message_with((BINARY, PR_HTML, "<p>Не работает вход.</p>".encode()), (INTEGER, PR_INTERNET_CODEPAGE, 65001)),
        message_with(
            (BINARY, PR_RTF_COMPRESSED, uncompressed(rb"{\rtf1\ansi\ansicpg1251 " + "Не работает вход.".encode("cp1251") + b"}"))
        ),
    ],
    ids=["attribute", "plain", "html", "html-utf8", "rtf"],
)  # fmt: skip
def test_the_text_of_a_winmail_dat_is_read_where_the_letter_has_no_other(stream: bytes) -> None:
    assert text_of(stream) == "Не работает вход."
    assert text_of(stream, "Своими словами.") == "Своими словами."


def test_a_letter_that_is_nothing_but_a_winmail_dat_is_read() -> None:
    stream = tnef(attribute(BODY, "Не работает вход.".encode("cp1251")), file("a.pdf", b"1"))
    head = b"From: a@b.example\r\nSubject: x\r\nContent-Type: application/ms-tnef\r\nContent-Transfer-Encoding: binary\r\n\r\n"
    read = read_letter(head + stream, ENVELOPE)
    assert read.visible_text == "Не работает вход."
    assert [one.name for one in read.attachments] == ["", "a.pdf"]


def test_compressed_rtf_is_opened_as_the_published_example_says() -> None:
    """[MS-OXRTFCP] section 4.2, with a reference that runs into what it writes."""
    example = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert decompress(example, 1_000) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"


def test_rtf_is_read_as_text_or_as_the_html_it_was_made_of() -> None:
    assert rtf_body(PLAIN_RTF) == ("Привет\nмир", "")
    assert rtf_body(HTML_RTF) == ("", "<html><p>Привет <b>x</b></p>")


def test_no_more_is_decompressed_than_the_limit() -> None:
    bomb = struct.pack("<II4sI", 0xFFFFFFFF, 0xFFFFFFFF, b"LZFu", 0) + (b"\xff" + b"\x00\x0f" * 8) * 60_000
    assert len(decompress(bomb, 100_000)) <= 100_000


@pytest.mark.parametrize(
    "stream",
    [
        tnef() + b"\xff" * 5_000_000,
        tnef(*[attribute(FILE_BEGINS, b"", 2)] * 200_000),
        tnef(*[file("a", b"")] * 2_000),
        tnef(attribute(MESSAGE_PROPERTIES, struct.pack("<I", 0xFFFFFFFF) + b"\x03\x00\x01\x10\0\0\0\0" * 500_000)),
        tnef(attribute(MESSAGE_PROPERTIES, struct.pack("<IHHI", 1, 0x101E, 0x1000, 0xFFFFFFFF) + bytes(4_000_000))),
        message_with((BINARY, PR_RTF_COMPRESSED, uncompressed(b"{\\rtf1" + b"{\\u9" * 250_000))),
        message_with((BINARY, PR_RTF_COMPRESSED, zlib.compress(bytes(9)))),
    ],
    ids=["no-attribute", "attributes", "files", "properties", "values", "rtf", "no-rtf"],
)  # fmt: skip
def test_a_hostile_winmail_dat_takes_no_more_than_seconds(stream: bytes) -> None:
    read: list[Letter] = []
    assert cpu_seconds(lambda: read.append(read_or_raise(letter(stream, "Письмо."), ENVELOPE))) < HOSTILE_SECONDS
    assert [one.visible_text for one in read] == ["Письмо."]


def test_what_is_cut_short_is_read_to_its_end_and_noted() -> None:
    whole = tnef(file("a.pdf", b"1"), file("b.pdf", b"2" * 4_000))
    read = read_letter(letter(whole[:-2_000], "Письмо."), ENVELOPE)
    assert [one.name for one in read.attachments] == ["winmail.dat", "a.pdf", "SHORT~1.DAT"]
    assert "a winmail.dat ends before its last attribute does" in read.defects


def test_streams_within_streams_are_opened_three_deep_and_no_deeper() -> None:
    stream = tnef(file("end", b"1"))
    for _ in range(20):
        stream = tnef(inner_letter("in", stream))
    assert max(one.number.count(".") for one in read_letter(letter(stream), ENVELOPE).attachments) == 3


def test_a_large_winmail_dat_is_listed_and_opened_on_demand_only() -> None:
    raw = letter(tnef(file("a.bin", b"\x17" * 13_000_000)), "Письмо.")
    read = read_letter(raw, ENVELOPE)
    assert [one.name for one in read.attachments] == ["winmail.dat"]
    assert "a large winmail.dat was not looked into" in read.defects
    assert [one.attachment.number for one in read_files(raw)] == ["1", "1.1"]


@settings(max_examples=300)
@given(st.data())
def test_a_mutated_stream_is_read_without_an_exception(data: st.DataObject) -> None:
    rtf = properties((BINARY, PR_RTF_COMPRESSED, uncompressed(HTML_RTF)), (STRING, PR_BODY, b"\x31\x04\0\0"))
    inner = inner_letter("in", tnef(file("b", b"2")))
    raw = bytearray(tnef(attribute(BODY, b"x"), attribute(MESSAGE_PROPERTIES, rtf), file("a.pdf", b"1"), inner))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(4, len(raw)))
        raw[place : place + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8))
    read = read_tnef(bytes(raw))
    assert all(len(one.data) <= len(raw) for one in read.files)


@settings(max_examples=300)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=6),
            st.sampled_from(
                [b"{", b"}", b"\\u-9", b"\\'e", b"\\*", b"\\htmltag", b"\\ansicpg0", b"\\uc9", b"\\f1", b"\\fcharset9"]
            ),
        )
    )
)
def test_any_rtf_and_any_compressed_bytes_are_read_without_an_exception(pieces: list[bytes]) -> None:
    raw = b"".join(pieces)
    assert isinstance(rtf_body(b"{\\rtf1" + raw)[0], str)
    assert len(decompress(struct.pack("<II4sI", 0, 500, b"LZFu", 0) + raw, 1_000)) <= 500


def test_any_beginning_of_a_stream_is_read_without_an_exception() -> None:
    whole = tnef(attribute(BODY, b"x"), file("a.pdf", b"1"), inner_letter("in", tnef(file("b", b"2"))))
    for end in range(len(whole)):
        read_tnef(whole[:end])
