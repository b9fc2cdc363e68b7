"""Bounds a letter before it is parsed, and sets large attachments aside, so that neither time nor memory runs away.

The standard parser copies every byte several times and works line by line: on a 30 MB letter it takes
hundreds of megabytes. This is no parser: it follows the boundary lines (RFC 2046 section 5.1), and where
a part is an attachment it leaves out the body and notes where it lies in a header field of its own.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from typing import NamedTuple

from adapters.mail.repair import repaired

MAX_LETTER_BYTES = 40 * 1024 * 1024
"""Amazon SES receives letters of up to 40 MB, encoding included (SES quotas)."""
MAX_HEADER_FIELDS = 1_000
MAX_HEADER_BYTES = 2 * 1024 * 1024
MAX_PARTS = 1_000
MAX_DEPTH = 40
MAX_TEXT_BYTES = 1024 * 1024
"""Of one text part; the rest of it stays in the raw letter."""
MAX_KEPT_BYTES = 3 * 1024 * 1024
"""Of all bodies together."""
_SMALL_ATTACHMENT = 4 * 1024
_ODD_ENDS_SHOW = 1_000
_PART_HEAD_BYTES = 64 * 1024

_NOTHING = b"\r\n\t \0"
_CONTENT_TYPE = re.compile(rb"(?im)^content-type[ \t]*:\s*([^\s;,\"]{1,100})")
_FIELD_END = re.compile(rb"\n(?![ \t])")
_BOUNDARY = re.compile(rb"(?i)\bboundary\*?(?:0\*?)?\s*=\s*(?:\"([^\"\r\n]{1,200})\"|([^\s;\"]{1,200}))")
_ATTACHED = re.compile(rb"(?im)^content-disposition[ \t]*:\s*attachment")
_ENCODED = re.compile(rb"(?im)^content-transfer-encoding[ \t]*:\s*(?:base64|quoted-printable)")
_ASIDE = re.compile(r"(\d{1,9})\+(\d{1,9})", re.ASCII)
# These `message/…` types are read as text; the others hold a letter with a header of its own.
_FLAT_MESSAGES = (b"delivery-status", b"feedback-report", b"disposition-notification", b"headers")
# A multipart whose header forgets to name its boundary shows it in its first line.
_FIRST_DELIMITER = re.compile(rb"(?i)\s{0,20}--([^\r\n]{1,200}?)[ \t]*\r?\n(?=content-)")


@dataclass(frozen=True, slots=True)
class Bounded:
    """The letter in a size that is safe to parse."""

    data: bytes
    raw: bytes
    aside_field: str = ""
    """Name of the header field that says where in `raw` a body lies that was left out or shortened; empty if none was.

    It is derived from the letter's own digest, so that no sender can write it.
    """
    defects: tuple[str, ...] = ()

    def aside(self, noted: str) -> tuple[int, int] | None:
        """Where such a body starts and its size in bytes, from what the field of its part says."""
        match = _ASIDE.fullmatch(noted.strip())
        return (int(match.group(1)), int(match.group(2))) if match else None


@dataclass(frozen=True, slots=True)
class Refused:
    """The letter is kept but not read; `evidence` says which limit it passed."""

    evidence: str


class _Level(NamedTuple):
    """A level of parts: the boundary in the letter, and how it is written for the parser. A letter within has none."""

    boundary: bytes = b""
    written: bytes = b""


class _Part(NamedTuple):
    """A part: where its header ends, where its body starts, and whether that is read as text."""

    head_end: int
    start: int
    is_text: bool


@dataclass(slots=True)
class _Cutter:
    raw: bytes
    pieces: list[bytes] = field(default_factory=list)
    kept_from: int = 0
    kept_bytes: int = 0
    parts: int = 0
    aside_field: str = ""
    defects: dict[str, None] = field(default_factory=dict)

    def run(self) -> Refused | None:
        """Walks the parts in order; returns a refusal where a limit is passed."""
        stack: list[_Level] = []
        position = 0
        while True:
            self.parts += 1
            if self.parts > MAX_PARTS:
                return Refused(f"the letter has more than {MAX_PARTS} parts")
            head_end, start = self._header(position, stack)
            part = self._open(position, head_end, start, stack)
            if len(stack) > MAX_DEPTH:
                return Refused(f"the letter is nested more than {MAX_DEPTH} levels deep")
            if part is None:
                position = start
                continue
            delimiter = self._next_delimiter(start, stack)
            end = len(self.raw) if delimiter is None else delimiter.start()
            # The line end before a delimiter belongs to the delimiter (RFC 2046 section 5.1.1).
            if delimiter is not None and end > start and self.raw[end - 1 : end] == b"\r":
                end -= 1
            self._keep_or_leave(part, position, end)
            if delimiter is None:
                return None
            self._close(stack, delimiter)
            position = delimiter.end()

    def _header(self, position: int, stack: list[_Level]) -> tuple[int, int]:
        """Where the header of the part at `position` ends and its body starts: a delimiter ends both."""
        head_end, start = _head_end(self.raw, position)
        delimiter = self._next_delimiter(position, stack, head_end + 1) if position else None
        return (head_end, start) if delimiter is None else (max(position, delimiter.start()),) * 2

    def _open(self, position: int, head_end: int, start: int, stack: list[_Level]) -> _Part | None:
        """The part at `position`; None for a letter within the letter, whose own header comes next."""
        came = self.raw[position:head_end]
        head, passed_over = came, False
        if position == 0 or stack:  # not what follows the last part
            head, passed_over = repaired(came, of_part=position > 0 and stack[-1] != _Level())
        if passed_over:
            self.defects["lines of the header that are no field were passed over"] = None
        match = _CONTENT_TYPE.search(head)
        content_type = match.group(1).lower() if match else b"text/plain"
        part: _Part | None = _Part(head_end, start, is_text=True)
        if match and content_type.startswith(b"multipart/"):
            head = self._enter(head, match.end(), start, stack)
        elif content_type.startswith(b"message/") and not content_type.endswith(_FLAT_MESSAGES):
            if _ENCODED.search(head):
                part = _Part(head_end, start, is_text=False)
            else:
                stack.append(_Level())
                part = None if start < len(self.raw) else part
        elif not content_type.startswith((b"text/", b"message/")) or _ATTACHED.search(head):
            part = _Part(head_end, start, is_text=False)
        if head != came:
            self._replace(position, head_end, head)
        return part

    def _enter(self, head: bytes, type_end: int, start: int, stack: list[_Level]) -> bytes:
        """Notes the boundary of a multipart; returns its header, changed where the parser would lose parts by it.

        Some programs give an inner multipart the boundary of the outer one: the parser ends both at once. The inner
        one is renamed, and the closing delimiter is that of the innermost.
        """
        field_end = _FIELD_END.search(head, type_end)
        boundary = _BOUNDARY.search(head, type_end, field_end.start() if field_end else len(head))
        if not boundary:
            shown = _FIRST_DELIMITER.match(self.raw, start)
            if not shown or b'"' in shown.group(1):
                return head
            stack.append(_Level(shown.group(1), shown.group(1)))
            return head[:type_end] + b'; boundary="' + shown.group(1) + b'"' + head[type_end:]
        group = 1 if boundary.group(1) else 2
        name = boundary.group(group).rstrip()
        if not any(level.boundary == name for level in stack):
            stack.append(_Level(name, name))
            return head
        written = name + b"=" + str(len(stack)).encode("ascii")
        stack.append(_Level(name, written))
        return head[: boundary.start()] + b'boundary="' + written + b'"' + head[boundary.end() :]

    def _next_delimiter(self, start: int, stack: list[_Level], end: int | None = None) -> re.Match[bytes] | None:
        names = [re.escape(level.boundary) for level in reversed(stack) if level.boundary]
        if not names:
            return None
        # The blank line of an empty part is also the line end before the delimiter.
        pattern = re.compile(rb"\n--(" + b"|".join(names) + rb")(--)?[ \t]*(?:\r?\n|\Z)")
        return pattern.search(self.raw, max(0, start - 1), len(self.raw) if end is None else end)

    def _close(self, stack: list[_Level], delimiter: re.Match[bytes]) -> None:
        while stack and stack[-1].boundary != delimiter.group(1):
            stack.pop()
        if stack and stack[-1].written != stack[-1].boundary:
            self._replace(delimiter.start(1), delimiter.end(1), stack[-1].written)
        if stack and delimiter.group(2):
            stack.pop()

    def _replace(self, start: int, end: int, by: bytes) -> None:
        self.pieces.append(self.raw[self.kept_from : start])
        self.pieces.append(by)
        self.kept_from = end

    def _keep_or_leave(self, part: _Part, position: int, end: int) -> None:
        head_end, start, is_text = part
        size = end - start
        limit = min(MAX_TEXT_BYTES if is_text else 0, max(0, MAX_KEPT_BYTES - self.kept_bytes))
        if size <= max(limit, _SMALL_ATTACHMENT):
            self.kept_bytes += size
            return
        self.kept_bytes += limit
        if is_text:
            self.defects["a very long text was read only in its beginning"] = None
        if not self.aside_field:
            self.aside_field = "X-Set-Aside-" + hashlib.sha256(self.raw).hexdigest()[:24]
        self.pieces.append(self.raw[self.kept_from : head_end])
        line_end = b"" if head_end == position else b"\n"
        self.pieces.append(line_end + f"{self.aside_field}: {start}+{size}\n\n".encode("ascii"))
        self.pieces.append(self.raw[start : start + limit])
        self.kept_from = end


def bound(raw: bytes) -> Bounded | Refused:
    """The letter with large attachments set aside, or the limit it passes."""
    # A look at the beginning first: to strip a large letter is to copy it.
    if not raw[:4096].strip(_NOTHING) and not raw.strip(_NOTHING):
        return Refused("the letter has no bytes")
    if len(raw) > MAX_LETTER_BYTES:
        return Refused(f"the letter is larger than {MAX_LETTER_BYTES // (1024 * 1024)} MB")
    if b"\r\r\n" in raw[:_ODD_ENDS_SHOW]:
        raw = raw.replace(b"\r\r\n", b"\r\n")  # a server took each line for one that ends in LF alone
    head_end, _ = _head_end(raw, 0, MAX_HEADER_BYTES)
    if head_end > MAX_HEADER_BYTES:
        return Refused(f"the header is larger than {MAX_HEADER_BYTES // (1024 * 1024)} MB")
    folded = raw.count(b"\n ", 0, head_end) + raw.count(b"\n\t", 0, head_end)
    if raw.count(b"\n", 0, head_end) + 1 - folded > MAX_HEADER_FIELDS:
        return Refused(f"the header has more than {MAX_HEADER_FIELDS} fields")
    cutter = _Cutter(raw)
    refused = cutter.run()
    if refused is not None:
        return refused
    if not cutter.pieces:
        return Bounded(raw, raw, defects=tuple(cutter.defects))
    cutter.pieces.append(raw[cutter.kept_from :])
    return Bounded(b"".join(cutter.pieces), raw, cutter.aside_field, tuple(cutter.defects))


def body_start(raw: bytes) -> int:
    """Where the body below the letter's own header starts; its length where no blank line ends the header."""
    return _head_end(raw, 0)[1]


def _head_end(raw: bytes, position: int, limit: int = _PART_HEAD_BYTES) -> tuple[int, int]:
    """Where the header that starts at `position` ends, and where its body starts."""
    if position == 0:
        limit = MAX_HEADER_BYTES
    if raw[position : position + 1] == b"\n":
        return position, position + 1
    if raw[position : position + 2] == b"\r\n":
        return position, position + 2
    end = min(len(raw), position + limit + 4)
    crlf = raw.find(b"\n\r\n", position, end)
    lf = raw.find(b"\n\n", position, end if crlf < 0 else crlf + 1)
    if lf < 0 and crlf < 0:
        return end, end
    line_end, start = (lf, lf + 2) if lf >= 0 else (crlf, crlf + 3)
    if line_end > position and raw[line_end - 1 : line_end] == b"\r":
        line_end -= 1
    return line_end, start
