"""Header fields to text and values, tolerant of what the standard library's parser raises on.

The letter is parsed under `compat32`, which keeps each field as it came: raw eight-bit bytes stand as
surrogates, encoded words are left alone. Everything here works on such strings and never raises.
"""

from __future__ import annotations

import base64
import binascii
import quopri
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from functools import cache

from adapters.mail.charsets import decode_text
from domain.addresses import MAX_ADDRESS_LENGTH, normalise_address
from domain.letter import Address

MAX_HEADER_CHARS = 32_768
"""A longer field is read up to here: RFC 5322 section 2.1.1 has lines of 998, and lists of people are long."""
MAX_SUBJECT_CHARS = 1_000
MAX_NAME_CHARS = 200
MAX_ADDRESSES = 2_000

# RFC 2047 section 2, loosely: mailers put spaces and question marks where none may stand.
_ENCODED_WORD = re.compile(r"=\?([^?\s]{1,64})\?([bBqQ])\?([^\r\n]{0,2000}?)\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)\s+(?==\?[^?\s]{1,64}\?[bBqQ]\?)")
_FIELDS = re.compile(rb"(?:[!-9;-~]{1,200}:[^\n]*\n(?:[ \t][^\n]*\n)*)*")
_FOLD = re.compile(r"\r?\n[ \t]*|\r")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]+")
_MESSAGE_ID = re.compile(r"<([^<>\s]{1,500})>")
_BARE_ID = re.compile(r"[^<>\s,;]{1,400}@[^<>\s,;]{1,255}")
_QUOTED_OR_COMMENT = re.compile(r"\"(?:[^\"\\]|\\.)*\"|\([^()]*\)")
_COMMENT = re.compile(r"\([^()]*\)")
_BRACKETED = re.compile(r"<([^<>]*)>")
# A local part over 64 octets (RFC 5321 section 4.5.3.1.1) is kept whole: its end alone would be another address.
_ADDR_SPEC = re.compile(
    r"(?:\"(?:[^\"\\]|\\.){1,64}\"|(?<![^\s<>(),;:\"\\@\[\]])[^\s<>(),;:\"\\@\[\]]{1,254})"
    r"@(?:\[[^\s<>\[\]@]{1,253}\]|[^\s<>(),;:\"\\@\[\]]{1,255})"
)
_LIKE_AN_ADDRESS = re.compile(r"[^\s@]@[^\s@]")
_JOINED = frozenset('"\\@)')
"""Before a local part, these make it the rest of another one."""


def fields(message: Message) -> list[tuple[str, str]]:
    """All fields in order, names in lower case, values unfolded but not decoded, cut at a limit."""
    return [(name.strip().lower(), _unfold(str(value)[:MAX_HEADER_CHARS])) for name, value in message.raw_items()]


def below_fields(data: bytes) -> bytes:
    """What stands below the fields at the beginning, whether or not a blank line parts the two."""
    match = _FIELDS.match(data)
    return data[match.end() :] if match else data


def first(all_fields: Iterable[tuple[str, str]], name: str) -> str | None:
    """The first field of that name (in lower case), or None."""
    for found, value in all_fields:
        if found == name:
            return value
    return None


def every(all_fields: Iterable[tuple[str, str]], name: str) -> list[str]:
    """The values of every field of that name (in lower case), topmost first."""
    return [value for found, value in all_fields if found == name]


def decode_header(value: str, limit: int = MAX_HEADER_CHARS, charset: str | None = None) -> str:
    """The value as people read it: encoded words and raw bytes decoded, on one line, trimmed.

    `charset` is that of the letter's text: raw bytes that are no utf-8 (RFC 6532 section 3.2) are most likely in it.
    """
    value = value[:MAX_HEADER_CHARS]
    if "=?" in value:
        value = _decode_words(value, charset)
        if value.startswith("=?") and value.endswith("?="):
            value = _decode_words(value, charset)  # encoded twice
    return one_line(decode_raw(value, charset))[:limit].rstrip()


def one_line(text: str) -> str:
    """Text without line ends, control and direction characters, which could dress up or split a header."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def parse_addresses(values: Iterable[str], charset: str | None = None) -> tuple[Address, ...]:
    """Every mailbox of address fields, in order, at most `MAX_ADDRESSES`; `charset` as for `decode_header`.

    Names are decoded after the list was split, so that no encoded name can add a mailbox. Groups,
    semicolons between mailboxes and comments are understood (RFC 5322 section 3.4 and what came of it).
    What can be read as the addresses of two persons is nobody's.
    """
    found: list[Address] = []
    for value in values:
        if "@" not in value and "=?" in value:
            # Some programs encode the whole field (against RFC 2047 section 5).
            value = decode_header(value, charset=charset)  # noqa: PLW2901 - it is the same field, in clear
        name = ""
        for chunk, end in _split_list(value):
            if "@" in chunk:
                # A comma that should be quoted: only one mailbox is there, and the words before it are the name.
                above = name.rstrip(" ,") if chunk.lstrip().startswith("<") else name
                found.extend(_mailboxes(above + chunk if "<" in chunk else chunk, charset))
            name = f"{name}{chunk}{end}" if end == "," and "@" not in chunk and chunk.strip() else ""
            if len(found) >= MAX_ADDRESSES:
                return tuple(found[:MAX_ADDRESSES])
    return tuple(found)


def is_doubtful(values: Iterable[str]) -> bool:
    """True where another reader may find other mailboxes in address fields, so that no check of their domain counts.

    The fields are within encoded words, where no server looks for an address; or an unquoted one is beside the
    brackets, which some readers take for the sender's own.
    """
    for value in values:
        outline = _QUOTED_OR_COMMENT.sub("", value)
        beside = _BRACKETED.sub(" ", outline)
        inside = {_addr_spec(inner) for inner in _BRACKETED.findall(outline)}
        if "@" not in value or (
            inside and any(_addr_spec(word) not in inside for word in beside.split() if _LIKE_AN_ADDRESS.search(word))
        ):
            return True
    return False


def parse_message_ids(values: Iterable[str]) -> tuple[str, ...]:
    """Message ids without angle brackets, in order, without repetition (RFC 5322 section 3.6.4)."""
    found: dict[str, None] = {}
    for value in values:
        text = decode_raw(value)
        ids = _MESSAGE_ID.findall(text) or _BARE_ID.findall(text)
        # An encoded word may not stand in an id (RFC 2047 section 5): who decodes it would read a header of its own.
        found.update(dict.fromkeys(_CONTROLS.sub("", one) for one in ids if not _ENCODED_WORD.search(one)))
    return tuple(found)


def parse_date(value: str | None) -> datetime | None:
    """The Date field as an aware instant; None where it is absent or unreadable."""
    if not value:
        return None
    try:
        date = parsedate_to_datetime(one_line(decode_raw(value))[:200])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    # RFC 5322 section 3.3: a zone of -0000 says nothing of the sender's zone; the instant is UTC.
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def parameter(value: str, name: str) -> str | None:
    """A parameter of a structured field (`charset`, `report-type`), without quotes, or None."""
    match = _parameter_pattern(name).search(value)
    return match.group(1).strip('"') if match else None


@cache
def _parameter_pattern(name: str) -> re.Pattern[str]:
    return re.compile(rf";\s*{re.escape(name)}\*?\s*=\s*(\"[^\"]*\"|[^\s;]+)", re.IGNORECASE)


def _unfold(value: str) -> str:
    return _FOLD.sub(" ", value) if "\n" in value or "\r" in value else value


def decode_raw(value: str, charset: str | None = None) -> str:
    """Raw eight-bit bytes, which the parser left as surrogates, to text."""
    if value.isascii():
        return value
    try:
        data = value.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        # Some of it was decoded already; only what is still a surrogate is unknown.
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return decode_text(data, "utf-8")[0] if data.decode("utf-8") else ""
    except UnicodeDecodeError:
        return decode_text(data, charset)[0]


def _decode_words(value: str, around: str | None = None) -> str:
    """Encoded words to text. Neighbours are joined as bytes first: mailers split letters between them."""
    joined = _BETWEEN_WORDS.sub(r"\1", value)
    pieces: list[str] = []
    pending: list[tuple[str, bytes]] = []
    position = 0
    for match in _ENCODED_WORD.finditer(joined):
        if match.start() > position:
            pieces.append(_flush(pending))
            pieces.append(decode_raw(joined[position : match.start()], around))
        charset = match.group(1).partition("*")[0].lower()  # RFC 2231 section 5: the language after `*`
        pending.append((charset, _word_bytes(match.group(2), match.group(3))))
        position = match.end()
    pieces.append(_flush(pending))
    pieces.append(decode_raw(joined[position:], around))
    return "".join(pieces)


def _flush(pending: list[tuple[str, bytes]]) -> str:
    text = []
    index = 0
    while index < len(pending):
        charset, data = pending[index]
        index += 1
        while index < len(pending) and pending[index][0] == charset:
            data += pending[index][1]
            index += 1
        text.append(decode_text(data, charset)[0])
    pending.clear()
    return "".join(text)


def _word_bytes(encoding: str, text: str) -> bytes:
    try:
        raw = text.encode("ascii", "surrogateescape")
    except UnicodeEncodeError:
        raw = text.encode("utf-8", "replace")
    if encoding in "qQ":
        return quopri.decodestring(raw.replace(b"_", b" ").replace(b"\n", b""), header=False)
    compact = re.sub(rb"[^A-Za-z0-9+/]", b"", raw)
    for end in (len(compact), len(compact) - 1):
        try:
            return base64.b64decode(compact[:end] + b"=" * (-end % 4))
        except (binascii.Error, ValueError):
            continue
    return b""


_TOKENS = re.compile(r"=\?[^?\s]{1,64}\?[bBqQ]\?[^?\s]{0,2000}\?=|\\.|[\"(),;:<>]", re.DOTALL)


def _split_list(value: str) -> Iterable[tuple[str, str]]:
    """An address list cut at the commas, semicolons and colons that stand outside quotes, comments and brackets.

    Each piece comes with the character it was cut at.
    """
    start = 0
    quoted = angled = False
    comment = 0
    for token in _TOKENS.finditer(value):
        char = token.group()
        if char == '"' and not comment:
            quoted = not quoted
        elif quoted or len(char) > 1:
            continue  # an escaped character, or an encoded word, whose commas are text
        elif char in "()":
            comment = comment + 1 if char == "(" else max(0, comment - 1)
        elif comment:
            continue
        elif char in "<>":
            angled = char == "<"
        elif char != ":" or not angled:
            # What stands before a colon is the name of a group.
            if char != ":":
                yield value[start : token.start()], char
            start = token.end()
    yield value[start:], ""


def _mailboxes(chunk: str, charset: str | None) -> list[Address]:
    chunk = chunk.strip()
    # Brackets in a quoted name, a quoted local part or a comment are text, whatever address stands in them.
    outline = _QUOTED_OR_COMMENT.sub(lambda found: "x" * len(found[0]), chunk)
    bracketed = [chunk[found.start(1) : found.end(1)] for found in _BRACKETED.finditer(outline)]
    angled = [spec for inner in bracketed if (spec := _addr_spec(inner))]
    if angled:
        # More than one bracketed address in one place: each is kept, so that the letter has several authors.
        name = chunk[: outline.index("<")] if outline.count("<") == 1 else ""
        behind = outline[outline.rindex(">") + 1 :]
        if "@" in behind:
            spec = _addr_spec(behind)
            angled = [*angled, spec] if spec else []
        return [Address(spec, _name(name, charset)) for spec in angled]
    if any("@" in inner for inner in bracketed):
        return []
    bare = _spaced(_without_quoted(chunk))
    spec = _addr_spec(bare) or (_addr_spec(chunk) if bare == chunk else None)
    if not spec:
        return []
    comment = re.search(r"\(([^()]*)\)", chunk)
    return [Address(spec, _name(comment.group(1), charset) if comment else "")]


def _spaced(chunk: str) -> str:
    """The chunk with comments blanked out, but for those that touch an address and hold an `@`: they make it doubtful."""
    return _COMMENT.sub(lambda found: found[0] if "@" in found[0] and _touches(found) else " ", chunk)


def _touches(comment: re.Match[str]) -> bool:
    before = comment.string[: comment.start()].rstrip()
    return before.rpartition(" ")[2].count("@") > 0 or comment.string[comment.end() : comment.end() + 1].strip() != ""


def _without_quoted(chunk: str) -> str:
    """The chunk with quoted names blanked out, but quoted local parts kept."""
    return re.sub(r"\"(?:[^\"\\]|\\.)*\"(?![^\s,;])", " ", chunk)


def _addr_spec(text: str) -> str | None:
    """The one address in a text, comparable; None where there is none, or where it may be read as another one."""
    decoded = decode_raw(text).strip("\ufeff\u200b \t'")
    match = _ADDR_SPEC.search(decoded)
    if not match or len(match.group()) > MAX_ADDRESS_LENGTH or match.group().endswith("."):
        return None
    if decoded[match.start() - 1 : match.start()] in _JOINED or _CONTROLS.search(match.group()):
        return None
    follows = decoded[match.end() :]
    if "@" in follows or _COMMENT.sub("", follows).lstrip().startswith("."):
        # The domain goes on (RFC 5322 section 4.4 has spaces and comments about its dots): whoever reads on finds another one.
        return None
    address = normalise_address(match.group())
    if address.rpartition("@")[0].isascii() and not match.group().rpartition("@")[0].isascii():
        return None  # a sign that only looks like a letter, and is one once it is lower-case: no person's own address
    return address


def _name(text: str, charset: str | None) -> str:
    # A quoted string may hold encoded words, against RFC 2047 section 5, and often does.
    plain = text.strip()
    if len(plain) > 1 and plain[0] == plain[-1] == '"':
        plain = re.sub(r"\\(.)", r"\1", plain[1:-1])
    return decode_header(plain, MAX_NAME_CHARS, charset).strip("\"' ")
