"""The parts of a parsed letter: which text is the body, which parts are attachments, which are reports.

Nothing but text is decoded, and what a signature is wrapped around. Of an alternative the HTML is read where it says
anything: it is what the sender's program showed, its lines are not wrapped, and it marks quotation and signature.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from email.message import Message

from adapters.mail import calendars
from adapters.mail.charsets import clean_text, decode_text, is_text, known_charset
from adapters.mail.cms import MAX_CONTENT_BYTES, CmsKind, read_cms
from adapters.mail.contents import (
    MAX_TEXT_CHARS,
    Block,
    Contents,
    Enclosed,
    content_type_of,
    decoded,
    is_flowed,
    text_of,
)
from adapters.mail.cutting import Bounded, Refused, bound
from adapters.mail.headers import parameter
from adapters.mail.message import parse, raw_body
from adapters.mail.parts import bytes_of, children_of, file_name, letter_name, part_field, size_of
from domain.letter import Attachment

_MAX_NESTED_DEPTH = 60
_MAX_WRAPPED = 3
"""Signatures around signatures (RFC 2634 section 1.1 wraps three times)."""
_MAX_CANDIDATES = 10
_HTML_NAMES = (".htm", ".html")
_TEXT_NAMES = (".txt", *_HTML_NAMES)
_NO_TEXT = frozenset({"image", "audio", "video", "font", "message", "text"})
"""Families in which no letter hides; of text, the types of letters have been tried before."""
_REPORT_TYPES = frozenset(
    {
        "message/delivery-status",
        "message/global-delivery-status",
        "message/feedback-report",
        "message/disposition-notification",
        "message/global-disposition-notification",
    }
)
_ORIGINAL_TYPES = frozenset({"message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"})
GMAIL_REACTION = "text/vnd.google.email-reaction+json"
"""Data for Gmail, beside the same reaction as text: developers.google.com/workspace/gmail/reactions/format."""
_SIGNED_TYPES = frozenset({"application/pkcs7-mime", "application/x-pkcs7-mime", "application/cms"})
_CALENDAR_TYPES = frozenset({"text/calendar", "application/ics"})
_BODY_TYPES = frozenset({"text/plain", "text/html"})
SIGNATURE_NOT_VERIFIED = "the letter is signed (S/MIME); what was signed was read, and the signature was not verified"
ENCRYPTED = "the letter is encrypted, and could not be read"


@dataclass(frozen=True, slots=True)
class _Walk:
    """What is the same for every part of a letter."""

    contents: Contents
    message: Message
    bounded: Bounded
    wrapped: int
    """How many signatures are around it."""

    @property
    def is_report(self) -> bool:
        return content_type_of(self.message) in ("multipart/report", *_REPORT_TYPES)


def read_contents(message: Message, bounded: Bounded) -> Contents:
    """Walks the parts in order, without recursion, and sorts them; `bounded` is the letter they stand in."""
    return _read(message, bounded, wrapped=0)


def _read(message: Message, bounded: Bounded, *, wrapped: int) -> Contents:
    walk = _Walk(Contents(charset=_charset_of(message)), message, bounded, wrapped)
    contents = walk.contents
    # (part, the block of the alternative it stands in, depth)
    stack: list[tuple[Message, Block | None, int]] = [(message, None, 0)]
    while stack:
        part, block, depth = stack.pop()
        content_type = content_type_of(part)
        contents.has_mime_types.add(content_type)
        children = children_of(part)
        if content_type in _ORIGINAL_TYPES or (content_type.startswith("message/") and children is not None):
            _read_message_part(walk, part, content_type)
            continue
        if children is not None:
            if content_type == "multipart/encrypted":  # RFC 1847 section 2.2, RFC 3156 section 4
                contents.encrypted = True
            if content_type == "multipart/alternative" and block is None:
                block = Block()
                contents.blocks.append(block)
            if depth < _MAX_NESTED_DEPTH:
                stack.extend((child, block, depth + 1) for child in reversed(children))
            continue
        _read_leaf(walk, part, content_type, block)
    if (contents.files or contents.calendar_words) and not contents.encrypted and not contents.has_words():
        _find_words(walk)
    return contents


def _charset_of(message: Message) -> str | None:
    """Return the charset that the first text of a letter is labelled with; None where none is."""
    stack = [message]
    for _ in range(_MAX_NESTED_DEPTH):
        if not stack:
            break
        part = stack.pop()
        children = children_of(part)
        if children is not None:
            stack.extend(reversed(children[:_MAX_NESTED_DEPTH]))
            continue
        charset = parameter(part_field(part, "content-type"), "charset")
        if charset and known_charset(charset):
            return charset
    return None


def _read_leaf(walk: _Walk, part: Message, content_type: str, block: Block | None) -> None:
    contents = walk.contents
    disposition = _disposition(part)
    name = file_name(part, walk.contents.charset)
    if content_type in _REPORT_TYPES:
        _read_report(walk, part, content_type, text_of(part, contents))
        return
    if content_type == GMAIL_REACTION:
        return
    if content_type in _CALENDAR_TYPES:
        _read_calendar(walk, part, content_type, name)
        return
    if (content_type in _SIGNED_TYPES or name.lower().endswith(".p7m")) and _unwrap(walk, part, content_type, name):
        return
    is_body = content_type in _BODY_TYPES or (content_type.startswith("text/") and not name)
    if content_type.startswith("multipart/"):
        is_body = True  # its boundary never came: what there is, is text
        contents.defects["a multipart letter whose boundary never comes was read as one text"] = None
    # Within an alternative a name makes no file: some programs name each reading of the body.
    is_file = bool(name) and content_type == "text/plain" and block is None
    if not is_body or disposition == "attachment" or is_file:
        contents.files.append(Enclosed(_attachment(walk, part, content_type, name), part, walk.bounded))
        return
    if block is None:
        block = Block()
        contents.blocks.append(block)
    if content_type == "text/html":
        text = text_of(part, contents)
        block.html = text if block.html is None else f"{block.html}\n{text}"
    else:
        block.plain.append(part)
        block.flowed = block.flowed or is_flowed(part)


def _read_report(walk: _Walk, part: Message, content_type: str, text: str) -> None:
    if walk.is_report:
        walk.contents.report_parts[content_type] = text
        return
    walk.contents.attached_reports[content_type] = text
    name = file_name(part, walk.contents.charset) or f"{content_type.partition('/')[2]}.txt"
    attachment = replace(_attachment(walk, part, content_type, name), size=len(text))
    walk.contents.files.append(Enclosed(attachment, part, walk.bounded))


def _read_calendar(walk: _Walk, part: Message, content_type: str, name: str) -> None:
    contents = walk.contents
    text = text_of(part, contents)
    method = (parameter(part_field(part, "content-type"), "method") or calendars.method_of(text)).upper()
    if _disposition(part) != "attachment":
        contents.calendar_method = method
    words = calendars.words_of(text, method)
    if words:
        contents.calendar_words.append(words)
    attachment = _attachment(walk, part, content_type, name or "invite.ics")
    contents.files.append(Enclosed(attachment, part, walk.bounded))


def _read_message_part(walk: _Walk, part: Message, content_type: str) -> None:
    """A letter within the letter, or the headers of one."""
    contents = walk.contents
    children = children_of(part)
    if children is None:
        contents.original = contents.original or text_of(part, contents)
        return
    if content_type in _REPORT_TYPES:
        # The parser takes the blocks of a delivery status for letters (RFC 3464 section 2.1).
        _read_report(walk, part, content_type, "\n\n".join(_flat(child) for child in children))
        return
    contents.nested.extend((child, walk.bounded) for child in children[:1])
    if children and not contents.original:
        contents.original = "\n".join(f"{name}: {value}" for name, value in children[0].raw_items())
    name = file_name(part, walk.contents.charset) or (
        letter_name(children[0], walk.contents.charset) if children else ""
    )
    contents.files.append(Enclosed(_attachment(walk, part, content_type, name), part, walk.bounded))


def _flat(block: Message) -> str:
    head = "\n".join(f"{name}: {value}" for name, value in block.raw_items())
    return head if block.is_multipart() else f"{head}\n{raw_body(block)}"


# Signatures and encryption --------------------------------------------------------------------------------


def _unwrap(walk: _Walk, part: Message, content_type: str, name: str) -> bool:
    """Takes up what an opaque signature is wrapped around (RFC 8551 section 3.5.2); False where the part is just a file."""
    contents = walk.contents
    if size_of(part, walk.bounded) > MAX_CONTENT_BYTES * 4 // 3:
        contents.defects["a large signed message was not looked into"] = None
        return False
    message = read_cms(bytes_of(part, walk.bounded))
    if message is None:
        return False
    if message.kind is CmsKind.ENCRYPTED:
        contents.encrypted = True
        return False
    within = _wrapped(walk, message.content, is_mail=content_type in _SIGNED_TYPES or name.lower() == "smime.p7m")
    if within is None:
        return False
    if message.kind is CmsKind.SIGNED:
        contents.defects[SIGNATURE_NOT_VERIFIED] = None
    contents.blocks.extend(within.blocks)
    contents.nested.extend(within.nested)
    contents.calendar_words.extend(within.calendar_words)
    contents.calendar_method = within.calendar_method if contents.calendar_method is None else contents.calendar_method
    contents.encrypted = contents.encrypted or within.encrypted
    contents.defects.update(within.defects)
    contents.files.append(Enclosed(_attachment(walk, part, content_type, name), part, walk.bounded, within))
    return True


def _wrapped(walk: _Walk, data: bytes, *, is_mail: bool) -> Contents | None:
    """What a wrapper holds: a part with a header of its own, or, against the standard, a bare text; None for a document."""
    if walk.wrapped >= _MAX_WRAPPED:
        return None
    bounded = bound(data)
    if isinstance(bounded, Refused):
        return None
    inner = parse(bounded.data)
    if part_field(inner, "content-type"):
        return _read(inner, bounded, wrapped=walk.wrapped + 1)
    if not is_mail or walk.contents.blocks or not is_text(data):
        return None  # beside words it is a document that was signed
    text, _ = decode_text(data[:MAX_TEXT_CHARS], walk.contents.charset)
    return Contents(blocks=[Block([clean_text(text)])])


# Words where no body is -----------------------------------------------------------------------------------


def _find_words(walk: _Walk) -> None:
    """Makes the first text of the letter its body, whatever name or disposition it has, where no part is marked as body.

    RFC 2183 section 2 lets a program mark any part as a file; what a person wrote is the letter all the same.
    """
    contents = walk.contents
    for enclosed in list(_candidates(contents)):
        block = _block_of(enclosed, contents)
        contents.blocks.append(block)
        if contents.has_words():
            contents.defects["the text was read from a part that is marked as a file"] = None
            if enclosed.part is walk.message or not (
                enclosed.attachment.name and _disposition(enclosed.part) == "attachment"
            ):
                contents.files.remove(enclosed)
            return
        contents.blocks.pop()
    contents.blocks.extend(Block([words]) for words in contents.calendar_words)


def _candidates(contents: Contents) -> Iterator[Enclosed]:
    marked = [file for file in contents.files if file.attachment.content_type in _BODY_TYPES]
    yield from marked[:_MAX_CANDIDATES]
    if contents.calendar_words:
        return
    for file in contents.files[:_MAX_CANDIDATES]:
        kind, name = file.attachment.content_type.partition("/")[0], file.attachment.name.lower()
        may_be_text = kind not in _NO_TEXT and (not name or name.endswith(_TEXT_NAMES))
        if may_be_text and file.attachment.size <= MAX_TEXT_CHARS and is_text(bytes_of(file.part, file.bounded)):
            yield file


def _block_of(enclosed: Enclosed, contents: Contents) -> Block:
    data = bytes_of(enclosed.part, enclosed.bounded)[:MAX_TEXT_CHARS]
    text = decoded(data, enclosed.part, contents)
    if enclosed.attachment.content_type == "text/html" or enclosed.attachment.name.lower().endswith(_HTML_NAMES):
        return Block(html=text)
    return Block([text], flowed=is_flowed(enclosed.part))


def _attachment(walk: _Walk, part: Message, content_type: str, name: str) -> Attachment:
    disposition = _disposition(part)
    inline = disposition == "inline" or (disposition != "attachment" and bool(part_field(part, "content-id")))
    if content_type.startswith("message/"):
        inline = False
    return Attachment(name, content_type, size_of(part, walk.bounded), inline=inline)


def _disposition(part: Message) -> str:
    return part_field(part, "content-disposition").partition(";")[0].strip().lower()
