"""The parts of a parsed letter: which text is the body, which parts are attachments, which are reports.

Nothing but text is decoded. Of an alternative the HTML is read where it says anything: it is what the
sender's program showed, its lines are not wrapped, and it marks quotation and signature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.message import Message

from adapters.mail.charsets import clean_text, decode_text
from adapters.mail.cutting import Bounded
from adapters.mail.headers import decode_header, one_line, parameter
from adapters.mail.markup import TOO_DEEP, Line, html_lines, shallow
from adapters.mail.quotes import text_lines
from domain.letter import Attachment

MAX_TEXT_CHARS = 1_000_000
_MAX_NAME_CHARS = 255
_MAX_NESTED_DEPTH = 60
_REPORT_TYPES = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/feedback-report",
        "message/disposition-notification",
        "message/global-disposition-notification",
    }
)
GMAIL_REACTION = "text/vnd.google.email-reaction+json"
"""Data for Gmail, beside the same reaction as text: developers.google.com/workspace/gmail/reactions/format."""
_ORIGINAL_TYPES = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})


@dataclass(slots=True)
class Block:
    """One piece of the body: a text part, or an alternative with its readings."""

    plain: list[Message | str] = field(default_factory=list)
    """Parts, decoded only where the HTML says nothing; or text that was decoded already."""
    flowed: bool = False
    html: str | None = None


@dataclass(slots=True)
class Contents:
    """What the letter's parts hold."""

    blocks: list[Block] = field(default_factory=list)
    files: list[tuple[Attachment, Message]] = field(default_factory=list)
    """Each attachment, with the part it stands in."""
    nested: list[Message] = field(default_factory=list)
    """Letters within the letter, outermost first."""
    report_parts: dict[str, str] = field(default_factory=dict)
    """Text of each machine-readable report part, by its content type."""
    original: str = ""
    """Headers, or all, of the letter a report is about."""
    calendar_method: str | None = None
    """METHOD of a calendar object that is a body, not an attachment (RFC 5546); empty where it names none."""
    has_mime_types: set[str] = field(default_factory=set)
    defects: dict[str, None] = field(default_factory=dict)

    def lines(self) -> list[Line]:
        """The body as marked lines."""
        found: list[Line] = []
        for block in self.blocks:
            html = self._shown(block.html) if block.html is not None else []
            if any(line.text for line in html):
                found.extend(html)
            elif block.plain:
                text = "\n".join(part if isinstance(part, str) else _text(part, self) for part in block.plain)
                found.extend(text_lines(_unflow(text) if block.flowed else text))
        return found

    def _shown(self, html: str) -> list[Line]:
        html, too_deep = shallow(html)
        if too_deep:
            self.defects[TOO_DEEP] = None
        return html_lines(html)


def read_contents(message: Message, bounded: Bounded) -> Contents:
    """Walks the parts in order, without recursion, and sorts them; `bounded` is the letter they stand in."""
    contents = Contents()
    # (part, the block of the alternative it stands in, depth)
    stack: list[tuple[Message, Block | None, int]] = [(message, None, 0)]
    while stack:
        part, block, depth = stack.pop()
        content_type = _content_type(part)
        contents.has_mime_types.add(content_type)
        children = _children(part)
        if content_type in _ORIGINAL_TYPES or (content_type.startswith("message/") and children is not None):
            _read_message_part(contents, part, content_type, bounded)
            continue
        if children is not None:
            if content_type == "multipart/alternative" and block is None:
                block = Block()
                contents.blocks.append(block)
            if depth < _MAX_NESTED_DEPTH:
                stack.extend((child, block, depth + 1) for child in reversed(children))
            continue
        _read_leaf(contents, part, content_type, block, bounded)
    return contents


def _read_leaf(contents: Contents, part: Message, content_type: str, block: Block | None, bounded: Bounded) -> None:
    disposition = part_field(part, "content-disposition").partition(";")[0].strip().lower()
    name = _file_name(part)
    if content_type in _REPORT_TYPES:
        contents.report_parts[content_type] = _text(part, contents)
        return
    if content_type == GMAIL_REACTION:
        return
    if content_type == "text/calendar" and disposition != "attachment":
        contents.calendar_method = (parameter(part_field(part, "content-type"), "method") or "").upper()
        return
    is_body = content_type in ("text/plain", "text/html") or (content_type.startswith("text/") and not name)
    if content_type.startswith("multipart/"):
        is_body = True  # its boundary never came: what there is, is text
        contents.defects["a multipart letter whose boundary never comes was read as one text"] = None
    if not is_body or disposition == "attachment" or (name and content_type == "text/plain"):
        contents.files.append((_attachment(part, content_type, disposition, name, bounded), part))
        return
    if block is None:
        block = Block()
        contents.blocks.append(block)
    if content_type == "text/html":
        text = _text(part, contents)
        block.html = text if block.html is None else f"{block.html}\n{text}"
    else:
        flowed = (parameter(part_field(part, "content-type"), "format") or "").lower() == "flowed"
        block.plain.append(part)
        block.flowed = block.flowed or flowed


def _read_message_part(contents: Contents, part: Message, content_type: str, bounded: Bounded) -> None:
    """A letter within the letter, or the headers of one."""
    children = _children(part)
    if children is not None:
        if content_type in _REPORT_TYPES:
            # The parser takes the blocks of a delivery status for letters (RFC 3464 section 2.1).
            contents.report_parts[content_type] = "\n\n".join(_flat(child) for child in children)
            return
        contents.nested.extend(children[:1])
        if children and not contents.original:
            contents.original = "\n".join(f"{name}: {value}" for name, value in children[0].raw_items())
        contents.files.append((_attachment(part, content_type, "", _file_name(part), bounded), part))
        return
    if not contents.original:
        contents.original = _text(part, contents)


def _flat(block: Message) -> str:
    head = "\n".join(f"{name}: {value}" for name, value in block.raw_items())
    return head if block.is_multipart() else f"{head}\n{raw_body(block)}"


def _children(part: Message) -> list[Message] | None:
    """The parts of a part, or None where it is a leaf."""
    if not part.is_multipart():
        return None
    return [child for child in part.get_payload() if isinstance(child, Message)]


def raw_body(part: Message) -> str:
    """A leaf's body as it came. `Message.get_payload` raises on some charset labels though it decodes nothing."""
    try:
        return str(part.get_payload())
    except (ValueError, LookupError):
        data = part.get_payload(decode=True)
        return data.decode("ascii", "replace") if isinstance(data, bytes) else ""


def _text(part: Message, contents: Contents) -> str:
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, AssertionError):
        data = None
    if not isinstance(data, bytes):
        data = raw_body(part).encode("utf-8", "surrogateescape")
    declared = parameter(part_field(part, "content-type"), "charset")
    if declared is None and _content_type(part) == "text/html":
        match = re.search(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*([\w-]{2,40})", data[:4096], re.IGNORECASE)
        declared = match.group(1).decode("ascii", "replace") if match else None
    text, defect = decode_text(data, declared)
    if defect:
        contents.defects[defect] = None
    return clean_text(text[:MAX_TEXT_CHARS])


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


def _attachment(part: Message, content_type: str, disposition: str, name: str, bounded: Bounded) -> Attachment:
    size = _size(part, bounded)
    inline = disposition == "inline" or (disposition != "attachment" and bool(part_field(part, "content-id")))
    return Attachment(name, content_type, size, inline=inline)


def body_aside(part: Message, bounded: Bounded) -> tuple[int, int] | None:
    """Where in the raw letter the body of a part lies that was set aside, and its size; None where it was not."""
    return bounded.aside(part_field(part, bounded.aside_field.lower())) if bounded.aside_field else None


def _size(part: Message, bounded: Bounded) -> int:
    total = 0
    stack = [part]
    while stack:
        piece = stack.pop()
        noted = body_aside(piece, bounded)
        children = _children(piece)
        if noted is not None:
            total += noted[1]
        elif children is None:
            total += len(raw_body(piece))
        else:
            stack.extend(children)
    return total


def _file_name(part: Message) -> str:
    if "name" not in (part_field(part, "content-type") + part_field(part, "content-disposition")).lower():
        return ""
    try:
        name = part.get_filename()
    except (ValueError, LookupError, TypeError, AttributeError):
        name = parameter(part_field(part, "content-type"), "name")
    if not name:
        return ""
    # RFC 2231 is what the standard asks for; encoded words in a parameter are what most programs write.
    return (
        one_line(decode_header(name.encode("utf-8", "surrogateescape").decode("ascii", "surrogateescape")))
        .replace("/", "_")
        .replace("\\", "_")[:_MAX_NAME_CHARS]
    )


def part_field(part: Message, name: str) -> str:
    """The first field of that name as it came, unfolded; `Message.get` would build an object for raw bytes."""
    for found, value in part.raw_items():
        if found.lower() == name:
            return re.sub(r"\s+", " ", str(value))
    return ""


def _content_type(part: Message) -> str:
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
