"""Opaque signatures are opened, never verified; encrypted mail is known for what it is."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime

import pytest

from adapters.mail.cms import MAX_CONTENT_BYTES, CmsKind, read_cms
from adapters.mail.reading import read_files, read_letter
from domain.letter import Envelope, Letter, LetterKind
from tests.support import cms

ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
WORDS = "Сервис не открывается ни у кого."
TEXT = f"Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n{WORDS}\r\n".encode()
MIXED = (
    b"Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\n" + TEXT + b"--in\r\nContent-Type: application/pdf; name=a.pdf\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(b"x" * 9_000) + b"\r\n--in--\r\n"
)  # fmt: skip
FIELDS = b"From: a@b.example\r\nSubject: x\r\nMessage-ID: <1@b>\r\nDate: Tue, 24 Nov 2026 12:15:00 +0300\r\nMIME-Version: 1.0\r\n"
TYPE = "Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m"


def mailed(message: bytes, content_type: str = TYPE) -> bytes:
    head = FIELDS + content_type.encode() + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    return head + base64.encodebytes(message)


def read(raw: bytes) -> Letter:
    return read_letter(raw, ENVELOPE)


FORMS = {
    "der": cms.signed(TEXT),
    "gost": cms.signed(TEXT, digest=cms.STREEBOG256),
    "indefinite": cms.signed(TEXT, indefinite=True),
    "in pieces": cms.signed(TEXT, pieces=10),
    "as streamed": cms.signed(TEXT, pieces=7, indefinite=True, digest=cms.STREEBOG256),
    "armoured": b"-----BEGIN CMS-----\n" + base64.encodebytes(cms.signed(TEXT)) + b"-----END CMS-----\n",
    "armoured by another name": b"-----BEGIN PKCS7-----\n" + base64.encodebytes(cms.signed(TEXT)) + b"-----END PKCS7-----\n",
    "encoded twice": base64.encodebytes(cms.signed(TEXT)),
    "signed twice": cms.signed(b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                               + base64.encodebytes(cms.signed(TEXT))),
    "cut short": cms.signed(TEXT)[:-200],
    "compressed": cms.compressed(TEXT),
    "without a header": cms.signed(f"{WORDS}\r\n".encode()),
    "without a header, in another charset": cms.signed(f"{WORDS}\r\n".encode("windows-1251")),
    "html": cms.signed(f"Content-Type: text/html; charset=utf-8\r\n\r\n<p>{WORDS}</p>".encode()),
}  # fmt: skip


@pytest.mark.parametrize("message", FORMS.values(), ids=FORMS)
@pytest.mark.parametrize(
    "content_type",
    [
        TYPE,
        "Content-Type: application/x-pkcs7-mime; name=smime.p7m",
        "Content-Type: application/octet-stream; name=smime.p7m",
        "Content-Type: application/pkcs7-mime",
        'Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename="SMIME.P7M"',
    ],
)
def test_what_is_signed_is_read(message: bytes, content_type: str) -> None:
    assert read(mailed(message, content_type)).visible_text == WORDS


def test_it_is_said_that_the_signature_was_not_verified() -> None:
    letter = read(mailed(FORMS["der"]))
    assert letter.signed
    assert any("signature was not verified" in defect for defect in letter.defects)
    assert not read(mailed(FORMS["compressed"])).signed


def test_the_files_of_a_signed_letter_are_listed_within_it_and_can_be_opened() -> None:
    raw = mailed(cms.signed(MIXED))
    letter = read(raw)
    assert letter.visible_text == WORDS
    assert [(file.number, file.name) for file in letter.attachments] == [("1", "smime.p7m"), ("1.1", "a.pdf")]
    assert [file.content() for file in read_files(raw)] == [cms.signed(MIXED), b"x" * 9_000]


def test_a_notice_that_a_server_added_below_hides_nothing() -> None:
    outer = (
        FIELDS + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n" + TYPE.encode() + b"\r\nContent-Transfer-Encoding: base64"
        b"\r\n\r\n" + base64.encodebytes(cms.signed(TEXT)) + b"--q\r\nContent-Type: text/plain\r\n\r\nScanned.\r\n--q--\r\n"
    )  # fmt: skip
    assert read(outer).text.startswith(WORDS)


@pytest.mark.parametrize("document", [b"%PDF-1.7\n\x80\x81", b"PK\x03\x04" + bytes(100), "Договор № 5".encode()])
@pytest.mark.parametrize("kind", [b"application/octet-stream", b"application/pkcs7-mime"])
def test_a_signed_document_beside_the_words_is_a_file(document: bytes, kind: bytes) -> None:
    raw = (
        FIELDS + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n" + TEXT
        + b"--q\r\nContent-Type: " + kind + b"; name=contract.pdf.p7m\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(cms.signed(document)) + b"--q--\r\n"
    )  # fmt: skip
    letter = read(raw)
    assert letter.visible_text == WORDS
    assert [file.name for file in letter.attachments] == ["contract.pdf.p7m"]


def test_a_clear_signature_leaves_the_words_as_they_are() -> None:
    raw = (
        FIELDS + b"Content-Type: multipart/signed; protocol=\"application/pkcs7-signature\"; boundary=q\r\n\r\n--q\r\n" + TEXT
        + b"--q\r\nContent-Type: application/pkcs7-signature; name=smime.p7s\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + base64.encodebytes(cms.signed(b"", detached=True)) + b"--q--\r\n"
    )  # fmt: skip
    assert read(raw).visible_text == WORDS


ENCRYPTED = {
    "enveloped": mailed(cms.enveloped(), "Content-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m"),
    "authenticated": mailed(cms.enveloped(cms.AUTH_ENVELOPED)),
    "as octets": mailed(cms.enveloped(), "Content-Type: application/octet-stream; name=smime.p7m"),
    "within a signature": mailed(
        cms.signed(b"Content-Type: application/pkcs7-mime\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(cms.enveloped()))
    ),
    "openpgp": FIELDS + b"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=q\r\n\r\n"
    b"--q\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n--q\r\nContent-Type: application/octet-stream; name=encrypted.asc"
    b"\r\n\r\n-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n--q--\r\n",
    "openpgp in the text": FIELDS + b"Content-Type: text/plain\r\n\r\n-----BEGIN PGP MESSAGE-----\r\nVersion: 2\r\n\r\nhQEMA+x/y\r\n"
    b"=abcd\r\n-----END PGP MESSAGE-----\r\n",
}  # fmt: skip


@pytest.mark.parametrize("raw", ENCRYPTED.values(), ids=ENCRYPTED)
def test_an_encrypted_letter_is_a_request_that_says_it_is_encrypted(raw: bytes) -> None:
    letter = read(raw)
    assert letter.kind is LetterKind.REQUEST
    assert letter.encrypted
    assert any("encrypted" in defect for defect in letter.defects)


def test_an_encrypted_file_beside_words_does_not_make_the_letter_unreadable() -> None:
    raw = (
        FIELDS + b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\n" + TEXT + b"--q\r\n" + TYPE.encode()
        + b"\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(cms.enveloped()) + b"--q--\r\n"
    )  # fmt: skip
    letter = read(raw)
    assert (letter.visible_text, letter.encrypted) == (WORDS, False)
    assert [file.name for file in letter.attachments] == ["smime.p7m"]


def test_words_around_an_encrypted_block_are_words() -> None:
    raw = (
        FIELDS
        + b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
        + WORDS.encode()
        + b"\r\n\r\n"
        + (b"-----BEGIN PGP MESSAGE-----\r\n\r\nhQEMA\r\n-----END PGP MESSAGE-----\r\n")
    )
    letter = read(raw)
    assert WORDS in letter.visible_text
    assert not letter.encrypted


@pytest.mark.parametrize(
    "data",
    [
        b"", b"0", b"0\x80", b"0\x80\x06\x09" + cms.SIGNED, b"\x1f" + b"\xff" * 1_000_000, b"\x30\x80" * 500_000,
        b"0\x80\x06\x09" + cms.SIGNED + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x80" + b"\x31\x80" * 500_000,
        b"0\x80\x06\x09" + cms.SIGNED + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x80" + b"\x04\x00" * 500_000,
        b"0\x80\x06\x09" + cms.SIGNED + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80\x06\x01\x00\xa0\x80" + b"\x24\x80" * 500_000,
        b"0\x80\x06\x09" + cms.SIGNED + b"\xa0\x80\x30\x80\x02\x01\x01\x31\x00\x30\x80\x06\x01\x00\xa0\x80\x24\x80" + b"\x04\x00" * 500_000,
        b"0\x84\xff\xff\xff\xff\x06\x09" + cms.SIGNED, b"0\x88" + b"\xff" * 20, b"M" * 1_000_000, b"-----BEGIN CMS-----" * 50_000,
        cms.compressed(bytes(100_000_000)),
    ],
    ids=lambda data: data[:8].hex(),
)  # fmt: skip
def test_hostile_bytes_are_read_within_a_second_and_in_bounds(data: bytes) -> None:
    started = time.process_time()
    message = read_cms(data)
    assert message is None or len(message.content) <= MAX_CONTENT_BYTES
    read(mailed(data[:3_000_000]))
    assert time.process_time() - started < 2


def test_a_detached_signature_holds_nothing() -> None:
    message = read_cms(cms.signed(b"", detached=True))
    assert message == (CmsKind.SIGNED, b"")
