"""What a part of a letter carries: its fields, its name as a file, its bytes without the transfer encoding."""

from __future__ import annotations

import binascii
import re
import unicodedata
from email.message import Message
from urllib.parse import unquote_to_bytes

from adapters.mail.charsets import decode_text
from adapters.mail.cutting import Bounded
from adapters.mail.headers import decode_header, decode_raw, one_line
from adapters.mail.message import TolerantMessage, raw_body

_MAX_NAME_CHARS = 255
# A value in the form of RFC 2231 section 4 under the plain name of its parameter, as some programs write it.
_EXTENDED = re.compile(r"([\w.:-]{2,40})'[\w-]{0,10}'((?:[^%\s]|%[0-9A-Fa-f]{2})+)", re.ASCII)
_PERCENT = re.compile(r"(?:[^%\s]|%[0-9A-Fa-f]{2})*%[89A-Fa-f][0-9A-Fa-f](?:[^%\s]|%[0-9A-Fa-f]{2})*", re.ASCII)


def part_field(part: Message, name: str) -> str:
    """The first field of that name as it came, unfolded; `Message.get` would build an object for raw bytes."""
    for found, value in part.raw_items():
        if found.lower() == name:
            return re.sub(r"\s+", " ", str(value))
    return ""


def children_of(part: Message) -> list[Message] | None:
    """The parts of a part, or None where it is a leaf."""
    if not part.is_multipart():
        return None
    return [child for child in part.get_payload() if isinstance(child, Message)]


# Names ----------------------------------------------------------------------------------------------------


def file_name(part: Message, charset: str | None = None) -> str:
    """The name of a part as a file, or an empty string; `charset` is that of the letter's text, for raw bytes.

    RFC 2231 is what the standard asks for; encoded words and raw bytes in a parameter are what most programs write.
    """
    for field, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        value = part_field(part, field)
        if parameter in value.lower():
            name = _parameter(value, field, parameter, charset)
            if name:
                return name
    return ""


def letter_name(letter: Message, charset: str | None = None) -> str:
    """The name of an attached letter that has none: its subject."""
    subject = as_name(decode_header(part_field(letter, "subject"), charset=charset), ".eml")
    return f"{subject}.eml" if subject else ""


def as_name(text: str, ending: str = "") -> str:
    """Text as the name of a file that no system takes for a path, on one line and of a bounded length."""
    # Macs write letters such as "й" as two characters (Unicode's form D).
    plain = unicodedata.normalize("NFC", one_line(text)).replace("/", "_").replace("\\", "_")
    return plain[: _MAX_NAME_CHARS - len(ending)]


def _parameter(value: str, field: str, name: str, charset: str | None) -> str:
    bare = TolerantMessage()
    bare[field] = decode_raw(value, charset).encode("utf-8", "replace").decode("utf-8")
    found = _found(bare, field, name)
    if isinstance(found, tuple):
        text = decode_text(str(found[2]).encode("raw-unicode-escape"), found[0] or charset)[0]
    else:
        text = _unescaped(str(found or ""), charset)
    return as_name(decode_header(text)).strip()


def _found(bare: TolerantMessage, field: str, name: str) -> object:
    """The parameter's value; the extended form where both are there, which older programs cannot read (RFC 2231)."""
    try:
        found: list[object] = [value for key, value in bare.get_params([], field) if key.lower() == name]
    except (TypeError, ValueError, LookupError):
        return bare.get_param(name, None, field)
    return next((value for value in found if isinstance(value, tuple)), found[0] if found else None)


def _unescaped(text: str, charset: str | None) -> str:
    extended = _EXTENDED.fullmatch(text)
    if extended and "%" in extended.group(2):
        return decode_text(unquote_to_bytes(extended.group(2)), extended.group(1))[0]
    if _PERCENT.fullmatch(text):
        return decode_text(unquote_to_bytes(text), charset)[0]
    return text


# Bytes ----------------------------------------------------------------------------------------------------


def body_aside(part: Message, bounded: Bounded) -> tuple[int, int] | None:
    """Where in the raw letter the body of a part lies that was set aside, and its size; None where it was not."""
    return bounded.aside(part_field(part, bounded.aside_field.lower())) if bounded.aside_field else None


def set_aside(part: Message, bounded: Bounded) -> bytes | None:
    """The body of a part that was set aside, as it came."""
    noted = body_aside(part, bounded)
    return None if noted is None else bounded.raw[noted[0] : noted[0] + noted[1]]


def size_of(part: Message, bounded: Bounded) -> int:
    """Bytes of a part as encoded, those of its own parts together."""
    total = 0
    stack = [part]
    while stack:
        piece = stack.pop()
        noted = body_aside(piece, bounded)
        children = children_of(piece)
        if noted is not None:
            total += noted[1]
        elif children is None:
            total += len(raw_body(piece))
        else:
            stack.extend(children)
    return total


def bytes_of(part: Message, bounded: Bounded) -> bytes:
    """The body of a leaf without its transfer encoding; what is no such encoding stays as it came."""
    encoded = set_aside(part, bounded)
    if encoded is not None:
        return without_encoding(part, encoded)
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        data = None
    return data if isinstance(data, bytes) else raw_body(part).encode("utf-8", "surrogateescape")


def without_encoding(part: Message, encoded: bytes) -> bytes:
    """Bytes as they are once the transfer encoding that a part names is undone."""
    encoding = part_field(part, "content-transfer-encoding").strip().lower()
    if encoding == "base64":
        try:
            return binascii.a2b_base64(encoded)
        except binascii.Error:
            pass  # cut short, or with characters astray: the library's reader mends what can be mended
    bare = TolerantMessage()
    bare["content-transfer-encoding"] = encoding
    bare.set_payload(encoded.decode("ascii", "surrogateescape"))
    data = bare.get_payload(decode=True)
    return data if isinstance(data, bytes) else encoded
