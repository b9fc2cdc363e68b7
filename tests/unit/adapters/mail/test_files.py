"""The files of a letter are opened on demand, byte for byte, under the numbers that intake gave them."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.mail.reading import Unreadable, read_files, read_letter
from domain.letter import Envelope
from tests.support.repository import LETTERS

ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
EVERY_LETTER = sorted(LETTERS.glob("*.eml"))
BIG = bytes(range(256)) * 4_000
INNER = (
    b"From: c@d.example\r\nSubject: =?utf-8?B?0LXRidGR?=\r\nX-Long: " + b"word " * 60 + b"\r\n folded\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=in\r\n\r\npreamble\r\n--in\r\nContent-Type: text/plain; charset=windows-1251\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\n\xcf\xf0\xe8\xe2\xe5\xf2\r\nFrom here\r\n--in\r\n"
    b"Content-Type: application/zip; name=big.zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    + base64.encodebytes(BIG).replace(b"\n", b"\r\n")
    + b"--in--\r\n"
)  # fmt: skip


def with_part(head: bytes, body: bytes) -> bytes:
    return (
        b"From: a@b.example\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n"
        b"Content-Type: text/plain\r\n\r\nhello\r\n--q\r\n" + head + b"\r\n\r\n" + body + b"\r\n--q--\r\n"
    )


def opened(raw: bytes) -> dict[str, bytes]:
    return {file.attachment.number: file.content() for file in read_files(raw)}


@pytest.mark.parametrize("size", [3, 5_000_000])
@pytest.mark.parametrize("encoding", [b"base64", b"quoted-printable", b"binary"])
def test_a_file_small_or_large_is_opened_byte_for_byte(encoding: bytes, size: int) -> None:
    data = b"caf\xe9=1\n"[:size] if size < 9 else b"line of text, no more\r\n" * (size // 23)
    encoded = {b"base64": base64.encodebytes(data), b"quoted-printable": data.replace(b"=", b"=3D")}.get(encoding, data)
    head = b"Content-Type: application/x; name=a\r\nContent-Transfer-Encoding: " + encoding
    assert opened(with_part(head, encoded))["1"].rstrip() == data.rstrip()


def test_a_letter_sent_along_comes_out_as_it_came_with_its_large_files() -> None:
    found = opened(with_part(b"Content-Type: message/rfc822; name=fwd.eml", INNER))
    assert found["1"].rstrip() == INNER.rstrip()
    assert found["1.1"] == BIG


def test_a_letter_sent_along_in_an_encoding_is_opened_too() -> None:
    head = b"Content-Type: message/rfc822; name=fwd.eml\r\nContent-Transfer-Encoding: base64"
    assert opened(with_part(head, base64.encodebytes(INNER)))["1"] == INNER
    assert opened(with_part(head, base64.encodebytes(INNER[:300])))["1"] == INNER[:300]


def test_a_broken_encoding_gives_what_can_be_had_of_it() -> None:
    head = b"Content-Type: application/x; name=a\r\nContent-Transfer-Encoding: base64"
    assert opened(with_part(head, b"aGVsbG8gd29ybGQ"))["1"] == b"hello world"
    assert opened(with_part(head, base64.encodebytes(b"x" * 9_000)[:-9]))["1"].startswith(b"x" * 8_000)


@pytest.mark.parametrize("path", EVERY_LETTER, ids=lambda path: path.stem)
def test_what_intake_lists_is_what_is_opened_under_the_same_number(path: Path) -> None:
    raw = path.read_bytes()
    files = read_files(raw)
    assert tuple(file.attachment for file in files) == read_letter(raw, ENVELOPE).attachments
    assert all(isinstance(file.content(), bytes) for file in files)


def test_numbers_say_which_file_holds_which() -> None:
    middle = (
        with_part(b"Content-Type: message/rfc822", INNER).replace(b"boundary=q", b"boundary=m").replace(b"--q", b"--m")
    )
    raw = with_part(b"Content-Type: message/rfc822; name=outer.eml", middle)
    found = [(one.number, one.name) for one in read_letter(raw, ENVELOPE).attachments]
    assert found == [("1", "outer.eml"), ("1.1", "ещё.eml"), ("1.1.1", "big.zip")]


def test_of_a_letter_past_a_limit_nothing_is_opened_and_the_limit_is_named() -> None:
    with pytest.raises(Unreadable, match="40 MB"):
        read_files(b"a: b\r\n\r\n" + b"x" * (40 * 1024 * 1024))
