r"""The text of a letter that Outlook wrote as compressed RTF ([MS-OXRTFCP]), in time and memory that grow with its length.

Such RTF usually wraps the HTML it was made of: `\*\htmltag` groups hold the tags, and what stands between
`\htmlrtf` and `\htmlrtf0` is only for readers of RTF ([MS-OXRTFEX] section 2.2). Other RTF is read as plain text.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field, replace

from adapters.mail.charsets import clean_text, known_charset

MAX_GROUPS = 2_000
"""Of groups within groups: deeper ones are read as if they stood beside."""

_DICTIONARY = (
    rb"{\rtf1\ansi\mac\deff0\deftab720{\fonttbl;}{\f0\fnil \froman \fswiss \fmodern \fscript \fdecor "
    rb"MS Sans SerifSymbolArialTimes New RomanCourier{\colortbl\red0\green0\blue0"
    b"\r\n"
    rb"\par \pard\plain\f0\fs20\b\i\u\tab\tx"
)
"""What the dictionary holds at the start, [MS-OXRTFCP] section 2.1.2.1."""
_WINDOW = 4096
_HEADER = struct.Struct("<II4sI")

_TOKEN = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|[\r\n]+|([^\\{}\r\n]+)"
)
_SILENT = frozenset(
    "fonttbl colortbl stylesheet info pict object themedata colorschememapping latentstyles datastore listtable "
    "listoverridetable rsidtbl generator header footer headerl headerr footerl footerr xmlnstbl fldinst".split()
)
_WRITTEN = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": "\t", "emdash": "—",
    "endash": "–", "bullet": "•", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”",
}  # fmt: skip
_SYMBOLS = {b"~": " ", b"_": "-", b"\\": "\\", b"{": "{", b"}": "}", b"\r": "\n", b"\n": "\n"}
# The `fcharset` of a font that says something of Cyrillic or its neighbours; others follow the document.
_FONT_CHARSETS = {0: "cp1252", 161: "cp1253", 162: "cp1254", 186: "cp1257", 204: "cp1251", 238: "cp1250"}


def decompress(data: bytes, limit: int) -> bytes:
    """The RTF in a compressed property, at most `limit` bytes of it; what is cut short ends where it ends.

    The check sum is not looked at: a letter that is a little broken is worth reading.
    """
    if len(data) < _HEADER.size:
        return b""
    _, size, kind, _ = _HEADER.unpack_from(data)
    limit = min(limit, size)
    if kind == b"MELA":
        return data[_HEADER.size : _HEADER.size + limit]
    if kind != b"LZFu":
        return b""
    window = bytearray(_DICTIONARY.ljust(_WINDOW))
    write = len(_DICTIONARY)
    written = bytearray()
    position = _HEADER.size
    while position < len(data) and len(written) < limit:
        control = data[position]
        position += 1
        for bit in range(8):
            if not control >> bit & 1:
                piece = data[position : position + 1]
                position += 1
            else:
                pair = data[position : position + 2]
                position += 2
                offset = int.from_bytes(pair, "big") >> 4
                if len(pair) < 2 or offset == write:
                    return bytes(written[:limit])
                length = (pair[1] & 15) + 2
                # A reference may run into what it writes itself, so it repeats what lies between.
                distance = (write - offset) % _WINDOW or _WINDOW
                piece = bytes(window[(offset + step % distance) % _WINDOW] for step in range(length))
            for byte in piece:
                window[write] = byte
                write = (write + 1) % _WINDOW
            written += piece
    return bytes(written[:limit])


@dataclass(slots=True)
class _State:
    """What a group inherits from the one it stands in."""

    silent: bool = False
    tag: bool = False
    """Within `\\*\\htmltag`."""
    rtf_only: bool = False
    """Between `\\htmlrtf` and `\\htmlrtf0`."""
    charset: str = "cp1252"
    skip: int = 1
    """Characters of a stand-in that follow `\\u`."""


@dataclass(slots=True)
class _Reader:
    state: _State = field(default_factory=_State)
    stack: list[_State] = field(default_factory=list)
    out: list[str] = field(default_factory=list)
    pending: bytearray = field(default_factory=bytearray)
    fonts: dict[int, str] = field(default_factory=dict)
    font: int | None = None
    """The font whose entry in the table is being read."""
    document: str = "cp1252"
    html: bool = False
    to_skip: int = 0
    starred: bool = False

    def read(self, data: bytes) -> str:
        for match in _TOKEN.finditer(data):
            word, number, code, symbol, brace, text = match.groups()
            if code is None:
                self.flush()
            if word is not None:
                self.control(word.decode("ascii"), int(number) if number is not None else None)
            elif code is not None:
                self.byte(bytes.fromhex(code.decode("ascii")))
            elif symbol is not None:
                if symbol == b"*":
                    self.starred = True
                    continue
                self.write(_SYMBOLS.get(symbol, ""))
            elif brace == b"{":
                if len(self.stack) < MAX_GROUPS:
                    self.stack.append(replace(self.state))
            elif brace == b"}":
                if self.stack:
                    self.state = self.stack.pop()
                self.to_skip = 0
            elif text is not None:
                cut = min(self.to_skip, len(text))
                self.to_skip -= cut
                self.write(text[cut:].decode(self.state.charset, "replace"))
            self.starred = False
        self.flush()
        return "".join(self.out)

    def control(self, word: str, number: int | None) -> None:
        state = self.state
        if word == "htmltag":
            state.tag, state.silent = True, False
        elif word in _SILENT or self.starred:
            state.silent = True
        elif word == "htmlrtf":
            state.rtf_only = number != 0
        elif word == "fromhtml":
            self.html = True
        elif word == "ansicpg" and number is not None:
            self.document = state.charset = known_charset(f"cp{number}") or "cp1252"
        elif word == "f" and number is not None:
            self.font = number
            state.charset = self.fonts.get(number, self.document)
        elif word == "fcharset" and number is not None and self.font is not None:
            self.fonts[self.font] = _FONT_CHARSETS.get(number, self.document) if number else self.document
        elif word == "plain":
            state.charset = self.document
        elif word == "uc" and number is not None:
            state.skip = min(max(number, 0), 8)
        elif word == "u" and number is not None:
            self.write(chr(number % 0x10000))
            self.to_skip = state.skip
        elif word in _WRITTEN:
            self.write(_WRITTEN[word])

    def byte(self, data: bytes) -> None:
        if self.to_skip:
            self.to_skip -= 1
        elif self.is_shown():
            self.pending += data

    def flush(self) -> None:
        if self.pending:
            self.out.append(self.pending.decode(self.state.charset, "replace"))
            self.pending.clear()

    def write(self, text: str) -> None:
        if text and self.is_shown():
            self.out.append(text)

    def is_shown(self) -> bool:
        return not self.state.silent and (self.state.tag or not (self.html and self.state.rtf_only))


def rtf_body(data: bytes) -> tuple[str, str]:
    """The plain text of RTF, or the HTML it was made of: one of the two is empty."""
    if not data.lstrip().startswith(rb"{\rtf"):
        return "", ""
    reader = _Reader()
    # Halves of a character beyond the first plane come as two escapes.
    text = reader.read(data).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return ("", clean_text(text)) if reader.html else (clean_text(text), "")
