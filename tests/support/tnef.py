"""Builds what Outlook sends as `winmail.dat`, from the format's own description ([MS-OXTNEF])."""

from __future__ import annotations

import struct
from base64 import encodebytes

SUBJECT, BODY, CODEPAGE, MESSAGE_PROPERTIES = 0x00018004, 0x0002800C, 0x00069007, 0x00069003
FILE_BEGINS, FILE_TITLE, FILE_DATA, FILE_PROPERTIES = 0x00069002, 0x00018010, 0x0006800F, 0x00069005
PR_BODY, PR_RTF_COMPRESSED, PR_HTML, PR_INTERNET_CODEPAGE = 0x1000, 0x1009, 0x1013, 0x3FDE
PR_LONG_FILENAME, PR_MIME_TAG, PR_DATA, PR_CONTENT_ID = 0x3707, 0x370E, 0x3701, 0x3712
INTEGER, OBJECT, STRING8, STRING, BINARY = 0x0003, 0x000D, 0x001E, 0x001F, 0x0102

NAMED = (
    struct.pack("<HH", STRING, 0x8001) + bytes(16) + struct.pack("<II", 1, 6) + "Ім\0".encode("utf-16-le") + b"\0\0"
    + struct.pack("<II", 1, 4) + "x\0".encode("utf-16-le")
)  # fmt: skip
"""A property with a name instead of a number, as every letter of Outlook has some."""


def attribute(identifier: int, value: bytes, level: int = 1) -> bytes:
    """Return one attribute of a stream, with its check sum."""
    return struct.pack("<BII", level, identifier, len(value)) + value + struct.pack("<H", sum(value) & 0xFFFF)


def properties(*values: tuple[int, int, bytes | int]) -> bytes:
    """Return MAPI properties after a named one; each is its type, its number and its value."""
    written = struct.pack("<I", len(values) + 1) + NAMED
    for kind, identifier, value in values:
        written += struct.pack("<HH", kind, identifier)
        if isinstance(value, int):
            written += struct.pack("<I", value)
        else:
            written += struct.pack("<II", 1, len(value)) + value + bytes(-len(value) % 4)
    return written


def file(name: str, data: bytes, content_type: str = "", *, content_id: str = "") -> bytes:
    """Return a file's attributes: the short name of old, the long one, and its bytes."""
    values: list[tuple[int, int, bytes | int]] = [(STRING, PR_LONG_FILENAME, f"{name}\0".encode("utf-16-le"))]
    if content_type:
        values.append((STRING8, PR_MIME_TAG, f"{content_type}\0".encode("ascii")))
    if content_id:
        values.append((STRING8, PR_CONTENT_ID, f"{content_id}\0".encode("ascii")))
    return (
        attribute(FILE_BEGINS, bytes(14), 2)
        + attribute(FILE_TITLE, b"SHORT~1.DAT\0", 2)
        + attribute(FILE_DATA, data, 2)
        + attribute(FILE_PROPERTIES, properties(*values), 2)
    )


def inner_letter(name: str, stream: bytes) -> bytes:
    """Return the attributes of a letter within the letter: a stream behind the identifier of an interface."""
    values = (STRING, PR_LONG_FILENAME, f"{name}\0".encode("utf-16-le")), (OBJECT, PR_DATA, bytes(16) + stream)
    return attribute(FILE_BEGINS, bytes(14), 2) + attribute(FILE_PROPERTIES, properties(*values), 2)


def tnef(*attributes: bytes, codepage: int = 1251) -> bytes:
    """Return a whole stream."""
    head = struct.pack("<IH", 0x223E9F78, 1) + attribute(CODEPAGE, struct.pack("<II", codepage, 0))
    return head + b"".join(attributes)


def letter(stream: bytes, text: str = "", *, content_type: str = "application/ms-tnef") -> bytes:
    """Return a letter with a text and a `winmail.dat`."""
    return (
        b"From: a@b.example\r\nSubject: x\r\nMessage-ID: <1@b.example>\r\nMIME-Version: 1.0\r\n"
        b"Content-Type: multipart/mixed; boundary=q\r\n\r\n--q\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
        + text.encode()
        + f"\r\n--q\r\nContent-Type: {content_type}; name=winmail.dat\r\n".encode("ascii")
        + b"Content-Disposition: attachment; filename=winmail.dat\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        + encodebytes(stream).replace(b"\n", b"\r\n")
        + b"--q--\r\n"
    )
