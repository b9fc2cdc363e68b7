"""What the parts of a letter hold: the body as marked lines, the files, the reports; text is decoded when it is asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

from adapters.mail.charsets import clean_text, decode_text
from adapters.mail.cutting import Bounded
from adapters.mail.headers import parameter
from adapters.mail.markup import UNSEEN_TEXT, Line, html_lines
from adapters.mail.message import raw_body
from adapters.mail.nesting import TOO_DEEP, shallow
from adapters.mail.parts import part_field
from adapters.mail.quotes import text_lines
from domain.letter import Attachment

MAX_TEXT_CHARS = 1_000_000


@dataclass(slots=True)
class Block:
    """One piece of the body: a text part, or an alternative with its readings."""

    plain: list[Message | str] = field(default_factory=list)
    """Parts, decoded only where the HTML says nothing; or text that was decoded already."""
    flowed: bool = False
    html: str | None = None


@dataclass(slots=True)
class Enclosed:
    """A file of a letter: its part, the bounded letter that the part is in, and what an opened wrapper holds."""

    attachment: Attachment
    part: Message
    bounded: Bounded
    within: Contents | None = None


@dataclass(slots=True)
class Contents:
    """What the letter's parts hold."""

    blocks: list[Block] = field(default_factory=list)
    files: list[Enclosed] = field(default_factory=list)
    nested: list[tuple[Message, Bounded]] = field(default_factory=list)
    """Letters within the letter, outermost first, each with the bounded letter that it is in."""
    report_parts: dict[str, str] = field(default_factory=dict)
    """Text of each machine-readable part of a report, by its content type. A report is one as a whole: `multipart/report`
    at the top level (RFC 3464 section 2, RFC 8098 section 3, RFC 5965 section 2)."""
    attached_reports: dict[str, str] = field(default_factory=dict)
    """The same of parts elsewhere: files, unless a mail system wrote the letter."""
    original: str = ""
    """Headers, or all, of the letter a report is about."""
    calendar_method: str | None = None
    """METHOD of a calendar object that is a body, not an attachment (RFC 5546); empty where it names none."""
    calendar_words: list[str] = field(default_factory=list)
    """What a person wrote into the calendar objects of the letter: its body where it has no other."""
    encrypted: bool = False
    charset: str | None = None
    """That the first text is labelled with: raw bytes in the header and in file names are most likely in it."""
    has_mime_types: set[str] = field(default_factory=set)
    defects: dict[str, None] = field(default_factory=dict)

    def lines(self) -> list[Line]:
        """The body as marked lines."""
        found: list[Line] = []
        for block in self.blocks:
            found.extend(self._lines_of(block))
        return found

    def has_words(self) -> bool:
        """True where the body shows anything."""
        return any(line.text.strip() for block in self.blocks for line in self._lines_of(block))

    def _lines_of(self, block: Block) -> list[Line]:
        html = self._shown(block.html) if block.html is not None else []
        if any(line.text for line in html):
            return html
        if not block.plain:
            return []
        text = "\n".join(part if isinstance(part, str) else text_of(part, self) for part in block.plain)
        return text_lines(_unflow(text) if block.flowed else text)

    def _shown(self, html: str) -> list[Line]:
        html, too_deep = shallow(html)
        if too_deep:
            self.defects[TOO_DEEP] = None
        lines, unseen = html_lines(html)
        if unseen:
            self.defects[UNSEEN_TEXT] = None
        return lines


def text_of(part: Message, contents: Contents) -> str:
    """Return the text of a leaf that is text, and note in `contents` what was odd about it."""
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        data = None
    if not isinstance(data, bytes):
        data = raw_body(part).encode("utf-8", "surrogateescape")
    return decoded(data, part, contents)


def decoded(data: bytes, part: Message, contents: Contents) -> str:
    """Return the bytes of a part as text, in the charset that its header or its HTML names."""
    declared = parameter(part_field(part, "content-type"), "charset")
    if declared is None and content_type_of(part) == "text/html":
        match = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,40})", data[:4096], re.IGNORECASE)
        declared = match.group(1).decode("ascii", "replace") if match else None
    text, defect = decode_text(data, declared)
    if defect:
        contents.defects[defect] = None
    return clean_text(text[:MAX_TEXT_CHARS])


def is_flowed(part: Message) -> bool:
    """Return whether the lines of a text are soft-wrapped (RFC 3676 section 4.2)."""
    return (parameter(part_field(part, "content-type"), "format") or "").lower() == "flowed"


def _unflow(text: str) -> str:
    """Joins the soft-wrapped lines of `format=flowed` (RFC 3676 section 4.2); the signature delimiter is no such line."""
    joined: list[str] = []
    depth_before = -1
    soft = False
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        if soft and depth == depth_before and joined:
            joined[-1] += bare
        else:
            joined.append(f"{'>' * depth} {bare}" if depth else bare)
        soft = bare.endswith(" ") and bare != "-- "
        depth_before = depth
    return "\n".join(joined)


def content_type_of(part: Message) -> str:
    """Return the type of a part in lower case, without parameters; what cannot be read is text (RFC 2045 section 5.2)."""
    value = part_field(part, "content-type").partition(";")[0].strip().strip("\"'").lower()
    if re.fullmatch(r"[\w.+-]{1,60}/[\w.+-]{1,100}", value, re.ASCII):
        return value
    return (
        part.get_default_type()
        if not value
        else "text/plain"
        if value in ("text", "plain")
        else "application/octet-stream"
    )
