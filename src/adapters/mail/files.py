"""The files a letter carries, those within its inner letters and its `winmail.dat` too, numbered and opened on demand.

Numbers are places: `2` is the second file of the letter, `2.1` the first one within it. They follow from the
letter's bytes alone, so that what intake listed is what is found when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email.generator import BytesGenerator
from email.message import Message
from email.policy import Compat32
from functools import partial
from io import BytesIO

from adapters.mail.bodies import read_contents
from adapters.mail.contents import Block, Contents, Enclosed, content_type_of
from adapters.mail.cutting import MAX_LETTER_BYTES, Bounded
from adapters.mail.parts import bytes_of, part_field, set_aside, without_encoding
from adapters.mail.tnef import CONTENT_TYPES, MAX_DEPTH, Tnef, is_tnef, read_tnef
from domain.letter import Attachment

MAX_FILES = 1_000
"""Of one letter, the files within its files included."""
MAX_OPENED_AT_INTAKE = 16 * 1024 * 1024
"""Bytes as encoded, of all the `winmail.dat` of a letter together; larger ones are listed and opened on demand."""
_TNEF_NAME = "winmail.dat"
_OTHER = "application/octet-stream"
_LETTER_TYPES = frozenset({"message/rfc822", "message/global", "message/news"})


@dataclass(frozen=True, slots=True)
class File:
    """One file in a letter: what is known of it, and a function that decodes it."""

    attachment: Attachment
    content: Callable[[], bytes]


@dataclass(slots=True)
class _Listing:
    contents: Contents
    """Of the letter itself: where defects are noted, and where the text of a `winmail.dat` goes."""
    may_open: int
    files: list[File]

    def add(self, attachment: Attachment, number: str, content: Callable[[], bytes]) -> bool:
        if len(self.files) >= MAX_FILES:
            self.contents.defects[f"only the first {MAX_FILES} files were listed"] = None
            return False
        self.files.append(File(replace(attachment, number=number), content))
        return True


def list_files(contents: Contents, *, may_open: int = MAX_LETTER_BYTES) -> list[File]:
    """Every file of a letter, each container before what is in it; decodes nothing but `winmail.dat`.

    Where the letter has no other text, that of its `winmail.dat` becomes its body.
    """
    listing = _Listing(contents, may_open, [])
    _list(listing, contents, "")
    return listing.files


def _list(listing: _Listing, contents: Contents, within: str) -> None:
    for place, file in enumerate(contents.files, 1):
        number = f"{within}{place}"
        inner = _inner_letter(file.part)
        if inner is not None:
            if listing.add(file.attachment, number, partial(_letter_bytes, inner, file.bounded)):
                _list(listing, read_contents(inner, file.bounded), f"{number}.")
        elif listing.add(file.attachment, number, partial(_decoded, file.part, file.bounded)):
            if file.within is not None:
                _list(listing, file.within, f"{number}.")
            elif _says_tnef(file.attachment):
                _open_tnef(listing, file, number)


def _inner_letter(part: Message) -> Message | None:
    """The letter that a part is; None for a file, and for a letter sent encoded (against RFC 2046 section 5.2.1)."""
    if not part.is_multipart() or part_field(part, "content-transfer-encoding").strip().lower() in (
        "base64",
        "quoted-printable",
    ):
        return None
    if content_type_of(part) not in _LETTER_TYPES:
        return None  # the parser takes the blocks of a delivery status for letters
    return next((child for child in part.get_payload() if isinstance(child, Message)), None)


# winmail.dat ----------------------------------------------------------------------------------------------


def _says_tnef(attachment: Attachment) -> bool:
    return attachment.content_type in CONTENT_TYPES or attachment.name.lower() == _TNEF_NAME


def _open_tnef(listing: _Listing, file: Enclosed, number: str) -> None:
    if file.attachment.size > listing.may_open:
        listing.contents.defects["a large winmail.dat was not looked into"] = None
        return
    listing.may_open -= file.attachment.size
    message = read_tnef(_decoded(file.part, file.bounded))
    listing.contents.defects.update(message.defects)
    if "." not in number:
        _take_text(listing.contents, message)
    _list_tnef(listing, message, number, depth=1)


def _take_text(contents: Contents, message: Tnef) -> None:
    if (message.plain.strip() or message.html) and not any(line.text for line in contents.lines()):
        contents.blocks.append(Block([message.plain], html=message.html or None))
        contents.defects["the text was read from a winmail.dat"] = None


def _list_tnef(listing: _Listing, message: Tnef, within: str, *, depth: int) -> None:
    for place, file in enumerate(message.files, 1):
        number = f"{within}.{place}"
        nested = is_tnef(file.data)
        content_type = "application/ms-tnef" if nested else file.content_type or _OTHER
        attachment = Attachment(file.name[:255], content_type, len(file.data), inline=file.inline)
        if listing.add(attachment, number, partial(bytes, file.data)) and nested and depth < MAX_DEPTH:
            _list_tnef(listing, read_tnef(file.data), number, depth=depth + 1)


# Bytes ----------------------------------------------------------------------------------------------------


class _AsItCame(Compat32):
    """Writes header fields as they were read, where the library would wrap and encode them anew."""

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}: {value}{self.linesep}".encode("ascii", "surrogateescape")


def _decoded(part: Message, bounded: Bounded) -> bytes:
    """A part's body without its transfer encoding."""
    if not part.is_multipart() or set_aside(part, bounded) is not None:
        return bytes_of(part, bounded)
    # The parser takes what is encoded for the text of a letter without a header.
    children = [child for child in part.get_payload() if isinstance(child, Message)]
    return without_encoding(part, b"\n".join(_letter_bytes(child, bounded) for child in children).lstrip(b"\r\n"))


def _letter_bytes(inner: Message, bounded: Bounded) -> bytes:
    """An inner letter as it came, with what was set aside put back."""
    for part in _every_part(inner):
        body = set_aside(part, bounded)
        if body is not None:
            part.set_payload(body.decode("ascii", "surrogateescape"))
            del part[bounded.aside_field]
    written = BytesIO()
    ends = "\r\n" if b"\r\n" in bounded.raw[:4096] else "\n"
    BytesGenerator(written, mangle_from_=False, policy=_AsItCame(linesep=ends)).flatten(inner)
    return written.getvalue()


def _every_part(message: Message) -> Iterator[Message]:
    stack = [message]
    while stack:
        part = stack.pop()
        yield part
        if part.is_multipart():
            stack.extend(child for child in part.get_payload() if isinstance(child, Message))
