"""A header as the standard library's parser can read it, where mail programs or servers on the way wrote something else.

That parser takes the first line that is no field for the beginning of the text, and what follows is lost as header.
It reads no parameters behind a type that is written oddly, so that a letter with parts becomes one text.
"""

from __future__ import annotations

import re
from email.errors import MessageError
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import NamedTuple

from adapters.mail.headers import decode_header, fields

_FIELD = re.compile(rb"([!-9;-~]{1,200})[ \t]*:")
_WELL_FORMED = re.compile(rb"(?:[!-9;-~]{1,200}:[^\n]*(?:\n|\Z)(?:[ \t][^\n]*(?:\n|\Z))*)*+")
# What mail programs and servers write: a line with none of them below it is the beginning of a text.
_OF_LETTER = re.compile(
    rb"(?:from|to|cc|subject|date|message-id|mime-version|content-[a-z-]+|reply-to|sender|received|return-path|references"
    rb"|in-reply-to|dkim-signature|authentication-results|auto-submitted|precedence|importance|user-agent|thread-[a-z]+"
    rb"|list-[a-z]+|x-[!-9;-~]+)",
    re.IGNORECASE,
)
_OF_PART = re.compile(rb"content-[a-z-]+", re.IGNORECASE)
_OF_AUTHOR = frozenset(b"from sender to subject date message-id mime-version content-type".split())
_MAX_PASSED_OVER = 3
_MAX_PASSED_OVER_ABOVE_MANY = 50
_MANY = 4
"""With so many known fields below them, odd lines are surely part of a header."""
_MAX_JOINED = 200
# A continuation whose indent was lost: the line before asks for more, or this one can only be a piece of a field.
_UNFINISHED = re.compile(rb"[;,][ \t]*\r?\n?\Z")
_PARAMETERS = re.compile(rb";[ \t]*\r?\n?\Z")
_PIECE = re.compile(rb"(?:[\w*-]{1,40}\s*=\s*[\"\w%'=?]|=\?[\w-]+\?[bq]\?|<[^<>\s]+@[^<>\s]+>\s*\Z)", re.IGNORECASE)

_STRUCTURED = re.compile(rb"(?im)^(content-(?:type|transfer-encoding))[ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)")
_VALUE = r"(?:[^\s;\"(),]+|\"(?:[^\"\\]|\\.)*\")"
_GOOD_TYPE = re.compile(rf"\s*[\w.+-]+/[\w.+-]+\s*(?:;\s*[\w.*-]+\s*=\s*{_VALUE}\s*)*+;?\s*", re.ASCII)
# Without a space behind it: the library compares the whole value.
_GOOD_ENCODING = re.compile(
    r"[ \t]*(?:7bit|8bit|binary|base64|quoted-printable|x-uuencode|uuencode|x-uue|uue)?\r?", re.IGNORECASE
)
_TYPE = re.compile(r"([\w.+-]{1,60})\s*[/\\]\s*([\w.+-]{1,100})", re.ASCII)
_PARAMETER = re.compile(
    r"([\w.*-]{1,60})\s*=\s*(?:\"([^\"]*)\"|\"?((?:(?!\s*[;,]?\s+[\w*-]{1,40}\s*=)[^;\"])*))", re.ASCII
)
_END_OF_WORD = re.compile(r"[\s,(]")
_NAMES_A_FILE = re.compile(rb"(?i)\b(?:file)?name\*?(?:\d\*?)?\s*=")
_MAX_VALUE_CHARS = 4_096
_FAMILIES = frozenset({"text", "multipart", "message", "application", "image", "audio", "video", "font", "model"})


class Repaired(NamedTuple):
    """A header that can be parsed; and whether lines of it were passed over, which were no field."""

    head: bytes
    passed_over: bool = False


def repaired(head: bytes, *, of_part: bool = False) -> Repaired:
    """Return the header with a space before a colon, a lost indent, an odd line or an unreadable type put right.

    `of_part`: it is that of a part, whose fields all begin with "Content-" (RFC 2045 section 9).
    """
    header, text, passed_over = (head, b"", False)
    if not _WELL_FORMED.fullmatch(head):
        header, text, passed_over = _lines(head, _OF_PART if of_part else _OF_LETTER)
    # A letter as a whole is text where its type cannot be read; a part with a name is a file.
    named = of_part and _NAMES_A_FILE.search(header) is not None
    return Repaired(_STRUCTURED.sub(lambda field: _structured(field, named=named), header) + text, passed_over)


def header_of(raw: bytes, limit: int) -> list[tuple[str, str]]:
    """Return the fields of a letter's header as `headers.fields` does, read within a limit; empty where none can be read."""
    head = raw[:limit].lstrip(b"\r\n")
    end = re.search(rb"\r?\n\r?\n", head)
    try:
        message: Message = BytesHeaderParser(policy=compat32).parsebytes(
            repaired(head[: end.start()] if end else head).head
        )
        return fields(message)
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        return []


# Lines ----------------------------------------------------------------------------------------------------


def _lines(head: bytes, known: re.Pattern[bytes]) -> tuple[bytes, bytes, bool]:
    """The fields, the text below them that has no blank line above it, and whether a line was passed over."""
    lines = head.splitlines(keepends=True)
    starts = [_FIELD.match(line) for line in lines]
    odd = [index for index, line in enumerate(lines) if not starts[index] and not _belongs(index, line)]
    end = _end_of_header(lines, starts, odd, known)
    below = sum(known.fullmatch(start.group(1)) is not None for start in starts[(odd or [0])[0] : end] if start)
    may_pass_over = _MAX_PASSED_OVER if below < _MANY else _MAX_PASSED_OVER_ABOVE_MANY
    kept: list[bytes] = []
    passed_over = joined = 0
    for index, line in enumerate(lines[:end]):
        start = starts[index]
        if start:
            kept.append(start.group(1) + b":" + line[start.end() :])
        elif _belongs(index, line):
            kept.append(line)
        elif line.startswith(b"--"):
            return head, b"", False  # a delimiter: this part has no text
        elif kept and (_PIECE.match(line) or _UNFINISHED.search(kept[-1])) and joined < _MAX_JOINED:
            kept.append(b" " + line)
            joined += 1
        elif passed_over < may_pass_over:
            passed_over += 1
        else:
            return head, b"", False
    return b"".join(kept), b"".join(lines[end:]), passed_over > 0


def _end_of_header(
    lines: list[bytes], starts: list[re.Match[bytes] | None], odd: list[int], known: re.Pattern[bytes]
) -> int:
    """The index of the line at which the fields end and a text begins, in which one line may look like a field."""
    if not odd:
        return len(starts)
    named = [(index, start.group(1).lower()) for index, start in enumerate(starts) if start]
    if known is _OF_LETTER and len({name for _, name in named} & _OF_AUTHOR) < 2:
        return odd[0]
    last = max((index for index, name in named if known.fullmatch(name)), default=-1)
    below = (index for index in odd if index > last)
    return next(
        (index for index in below if not (_PARAMETERS.search(lines[index - 1]) and _PIECE.match(lines[index]))),
        len(lines),
    )


def _belongs(index: int, line: bytes) -> bool:
    """True for what the parser understands: a continuation, and the line of an mbox above the first field."""
    return (index > 0 and line[:1] in b" \t") or (index == 0 and line.startswith(b"From ")) or not line.strip(b"\r\n")


# Content-Type and Content-Transfer-Encoding ---------------------------------------------------------------


def _structured(field: re.Match[bytes], *, named: bool) -> bytes:
    value = field.group(2)[:_MAX_VALUE_CHARS].decode("ascii", "surrogateescape")
    if field.group(1).lower() == b"content-type":
        if _GOOD_TYPE.fullmatch(value):
            return field.group()
        written = _content_type(value, named=named)
    else:
        if _GOOD_ENCODING.fullmatch(value):
            return field.group()
        written = _encoding(value)
    end = b"\r" if field.group().endswith(b"\r") else b""
    return field.group(1) + b": " + written.encode("utf-8", "surrogateescape") + end


def _content_type(value: str, *, named: bool) -> str:
    """A type and its parameters, however they are written; text/plain where no type can be read (RFC 2045 section 5.2)."""
    value = " ".join(value.split())
    if "=?" in value[:100]:
        value = decode_header(value)
    value = value.lstrip("\"'<([ ")
    match = _TYPE.match(value)
    if match and match.group(1).lower() in _FAMILIES:
        content_type = f"{match.group(1)}/{match.group(2)}".lower()
    elif value.lower().startswith("html"):
        content_type = "text/html"
    else:
        content_type = "application/octet-stream" if named else "text/plain"
    found = {
        name: quoted or (bare.strip(" ,") if "name" in name.lower() else _END_OF_WORD.split(bare, maxsplit=1)[0])
        for name, quoted, bare in _PARAMETER.findall(value)
    }
    return "; ".join([content_type, *(f'{name}="{_escaped(said)}"' for name, said in found.items() if said)])


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')


def _encoding(value: str) -> str:
    lower = value.lower()
    for name, sign in (("base64", "base64"), ("base64", "base-64"), ("quoted-printable", "quoted"), ("8bit", "8")):
        if sign in lower:
            return name
    return " ".join(value.split())
