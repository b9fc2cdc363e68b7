"""Cryptographic messages (RFC 5652) as programs write them, built without a key: nothing here can be verified."""

from __future__ import annotations

import zlib

SIGNED = bytes.fromhex("2a864886f70d010702")
ENVELOPED = bytes.fromhex("2a864886f70d010703")
AUTH_ENVELOPED = bytes.fromhex("2a864886f70d0109100117")
COMPRESSED = bytes.fromhex("2a864886f70d0109100109")
DATA = bytes.fromhex("2a864886f70d010701")
SHA256 = bytes.fromhex("608648016503040201")
STREEBOG256 = bytes.fromhex("2a85030701010202")
"""The digest of GOST R 34.11-2012 (RFC 9215), as CryptoPro writes it."""
ZLIB = bytes.fromhex("2a864886f70d0109100308")


def element(tag: int, content: bytes, *, indefinite: bool = False) -> bytes:
    """An element in the definite form (DER), or in the indefinite one (BER)."""
    if indefinite:
        return bytes((tag, 0x80)) + content + b"\0\0"
    size = len(content)
    octets = b"" if size < 0x80 else size.to_bytes((size.bit_length() + 7) // 8)
    return bytes((tag,)) + (bytes((0x80 | len(octets),)) + octets if octets else bytes((size,))) + content


def signed(
    content: bytes, *, digest: bytes = SHA256, indefinite: bool = False, pieces: int = 0, detached: bool = False
) -> bytes:
    """Signed data; `pieces` cuts the content into octet strings of that size, as programs do that write as they read."""
    octets = element(0x04, content)
    if pieces:
        cut = [element(0x04, content[at : at + pieces]) for at in range(0, len(content), pieces)]
        octets = element(0x24, b"".join(cut), indefinite=indefinite)
    inner = element(0x06, DATA)
    if not detached:
        inner += element(0xA0, octets, indefinite=indefinite)
    algorithms = element(0x31, element(0x30, element(0x06, digest)), indefinite=indefinite)
    certificates = element(0xA0, element(0x30, b"\x02\x01\x01" * 100))
    signers = element(0x31, element(0x30, b"\x02\x01\x01" * 50))
    body = b"\x02\x01\x01" + algorithms + element(0x30, inner, indefinite=indefinite) + certificates + signers
    return _outer(SIGNED, element(0x30, body, indefinite=indefinite), indefinite=indefinite)


def enveloped(kind: bytes = ENVELOPED) -> bytes:
    """Encrypted data: what is in it only the holder of a key can tell."""
    return _outer(kind, element(0x30, b"\x02\x01\x00" + element(0x31, b"") + bytes(range(256))), indefinite=False)


def compressed(content: bytes) -> bytes:
    """Compressed data (RFC 3274)."""
    inner = element(0x06, DATA) + element(0xA0, element(0x04, zlib.compress(content)))
    body = b"\x02\x01\x00" + element(0x30, element(0x06, ZLIB)) + element(0x30, inner)
    return _outer(COMPRESSED, element(0x30, body), indefinite=False)


def _outer(kind: bytes, body: bytes, *, indefinite: bool) -> bytes:
    return element(0x30, element(0x06, kind) + element(0xA0, body, indefinite=indefinite), indefinite=indefinite)
