"""The content of a cryptographic message (CMS, RFC 5652), which S/MIME mails as `smime.p7m`: read, never verified.

A signed message holds what was signed in the clear, behind a few fields of known shape; certificates and signatures
follow and are not looked at, so that any algorithm will do, those of GOST too. Only the way to the content is walked,
element by element (BER, ITU-T X.690 section 8.1), never backwards and never deeper than it goes.
"""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from enum import StrEnum
from typing import NamedTuple

MAX_CONTENT_BYTES = 16 * 1024 * 1024
_MAX_PIECES = 100_000
"""Of a content written in pieces, as by programs that do not know its length in advance (openssl: 1,024 bytes each)."""
_MAX_DEPTH = 16
_MAX_LENGTH_OCTETS = 4

_INTEGER, _OCTETS, _OBJECT, _SEQUENCE, _SET, _EXPLICIT = 0x02, 0x04, 0x06, 0x30, 0x31, 0xA0
_PIECES = _OCTETS | 0x20
_END = b"\x00\x00"


class CmsKind(StrEnum):
    """What a cryptographic message is."""

    SIGNED = "signed"
    COMPRESSED = "compressed"
    ENCRYPTED = "encrypted"


# RFC 5652 section 14, RFC 5083 section 2.1, RFC 3274 section 1.1.
_KINDS = {
    bytes.fromhex("2a864886f70d010702"): CmsKind.SIGNED,
    bytes.fromhex("2a864886f70d0109100109"): CmsKind.COMPRESSED,
    bytes.fromhex("2a864886f70d010703"): CmsKind.ENCRYPTED,
    bytes.fromhex("2a864886f70d010704"): CmsKind.ENCRYPTED,  # signed and enveloped (PKCS #7)
    bytes.fromhex("2a864886f70d010706"): CmsKind.ENCRYPTED,
    bytes.fromhex("2a864886f70d0109100117"): CmsKind.ENCRYPTED,
}
_ARMOUR = re.compile(rb"\s*-----BEGIN (?:PKCS7|CMS|PKCS #7 SIGNED DATA)-----")
_BASE64 = re.compile(rb"[A-Za-z0-9+/\s]+=*\s*")


class Cms(NamedTuple):
    """A cryptographic message: its kind and what is in it; empty where it is encrypted, or signs something elsewhere."""

    kind: CmsKind
    content: bytes = b""


def read_cms(data: bytes) -> Cms | None:
    """Return what a cryptographic message is and holds; None where the bytes are none, or break off before the content."""
    try:
        return _read(_unarmoured(data))
    except (_Broken, binascii.Error, zlib.error):
        return None


class _Broken(ValueError):
    """The bytes are not of the expected shape."""


class _Element(NamedTuple):
    tag: int
    start: int
    """Of its content."""
    end: int | None
    """None where an end mark says it (the indefinite form)."""


def _unarmoured(data: bytes) -> bytes:
    armour = _ARMOUR.match(data)
    if armour:
        end = data.find(b"-----END ", armour.end())
        return base64.b64decode(b"".join(data[armour.end() : end if end > 0 else None].split()))
    if data[:1] == b"M" and _BASE64.fullmatch(data):  # encoded twice
        return base64.b64decode(b"".join(data.split()))
    return data


def _read(data: bytes) -> Cms | None:
    outer = _expect(data, 0, _SEQUENCE)
    kind_of = _expect(data, outer.start, _OBJECT)
    kind = _KINDS.get(data[kind_of.start : kind_of.end])
    if kind is None:
        return None
    if kind is CmsKind.ENCRYPTED:
        return Cms(kind)
    body = _expect(data, _expect(data, _after(kind_of), _EXPLICIT).start, _SEQUENCE)
    position = _after(_expect(data, body.start, _INTEGER))
    position = _skip(data, position, _SET if kind is CmsKind.SIGNED else _SEQUENCE)
    encapsulated = _expect(data, position, _SEQUENCE)
    content_type = _expect(data, encapsulated.start, _OBJECT)
    position = _after(content_type)
    if (encapsulated.end is not None and position >= encapsulated.end) or data[position : position + 1] != b"\xa0":
        return Cms(kind)
    content = _octets(data, _expect(data, position, _EXPLICIT).start)
    if kind is CmsKind.COMPRESSED:
        unpacked = zlib.decompressobj()
        content = unpacked.decompress(content, MAX_CONTENT_BYTES)
    return Cms(kind, content)


def _element(data: bytes, position: int) -> _Element:
    head = data[position : position + 2]
    if len(head) < 2 or head[0] & 0x1F == 0x1F:
        raise _Broken("no element with a short tag")
    start = position + 2
    if head[1] < 0x80:
        return _Element(head[0], start, start + head[1])
    if head[1] == 0x80:
        if not head[0] & 0x20:
            raise _Broken("an indefinite form that holds no elements")
        return _Element(head[0], start, None)
    octets = head[1] & 0x7F
    if octets > _MAX_LENGTH_OCTETS or len(data) < start + octets:
        raise _Broken("a length that no message has")
    length = int.from_bytes(data[start : start + octets])
    return _Element(head[0], start + octets, start + octets + length)


def _expect(data: bytes, position: int, tag: int) -> _Element:
    element = _element(data, position)
    if element.tag != tag:
        raise _Broken(f"tag {element.tag:#x} where {tag:#x} should be")
    return element


def _after(element: _Element) -> int:
    if element.end is None:
        raise _Broken("an indefinite form where a length should be")
    return element.end


def _skip(data: bytes, position: int, tag: int) -> int:
    """Return where the element at `position` ends, however deep it goes."""
    element = _expect(data, position, tag)
    open_forms = 0
    for _ in range(_MAX_PIECES):
        if element.end is None:
            open_forms += 1
            position = element.start
        else:
            position = element.end
        while open_forms and data[position : position + 2] == _END:
            open_forms -= 1
            position += 2
        if not open_forms:
            return position
        if open_forms > _MAX_DEPTH:
            break
        element = _element(data, position)
    raise _Broken("an element without an end")


def _octets(data: bytes, position: int) -> bytes:
    """Return an octet string, whole or in pieces, which may be in pieces themselves (X.690 section 8.7)."""
    found: list[bytes] = []
    ends: list[int | None] = []
    size = 0
    for _ in range(_MAX_PIECES):
        element = _element(data, position)
        if element.tag == _OCTETS and element.end is not None:
            found.append(data[element.start : element.end])
            size += len(found[-1])
            position = element.end
        elif element.tag == _PIECES and len(ends) < _MAX_DEPTH:
            ends.append(element.end)
            position = element.start
        else:
            raise _Broken("something else than octets")
        while ends and (position >= ends[-1] if ends[-1] is not None else data[position : position + 2] == _END):
            position += 2 if ends.pop() is None else 0
        if not ends or size > MAX_CONTENT_BYTES or position >= len(data):
            return b"".join(found)  # a message that was cut short shows what is there
    raise _Broken("more pieces than any message has")
