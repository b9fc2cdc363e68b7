"""What is inside a `winmail.dat`: the Transport Neutral Encapsulation Format that Outlook and Exchange send.

The stream is a row of attributes, each with its length ([MS-OXTNEF] section 2.1); most of what matters stands in
two of them as MAPI properties (section 2.1.3.4). Nothing is executed, and nothing is copied but what is asked for:
each value is a slice of the stream. What is cut short or broken ends the reading, and what was read until
then is returned.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from adapters.mail.charsets import clean_text, decode_text
from adapters.mail.headers import one_line
from adapters.mail.rtf import decompress, rtf_body

MAX_ATTRIBUTES = 5_000
MAX_PROPERTIES = 20_000
MAX_FILES = 500
MAX_DEPTH = 3
"""Of letters within the letter, each a stream of its own."""
MAX_TEXT_BYTES = 1024 * 1024
CONTENT_TYPES = frozenset({"application/ms-tnef", "application/vnd.ms-tnef"})

_SIGNATURE = b"\x78\x9f\x3e\x22"
_ATTRIBUTE = struct.Struct("<BII")
_CHECKSUM_BYTES = 2

# Attribute identifiers, [MS-OXTNEF] section 2.1.3.2.
_BODY = 0x0002800C
_CODEPAGE = 0x00069007
_MESSAGE_PROPERTIES = 0x00069003
_FILE_BEGINS = 0x00069002
_FILE_TITLE = 0x00018010
_FILE_DATA = 0x0006800F
_FILE_PROPERTIES = 0x00069005

# MAPI property identifiers, [MS-OXPROPS].
_PR_BODY = 0x1000
_PR_RTF_COMPRESSED = 0x1009
_PR_HTML = 0x1013
_PR_INTERNET_CODEPAGE = 0x3FDE
_PR_DISPLAY_NAME = 0x3001
_PR_ATTACH_DATA = 0x3701
_PR_ATTACH_FILENAME = 0x3704
_PR_ATTACH_LONG_FILENAME = 0x3707
_PR_ATTACH_MIME_TAG = 0x370E
_PR_ATTACH_CONTENT_ID = 0x3712
_NAMES = (_PR_ATTACH_LONG_FILENAME, _PR_ATTACH_FILENAME, _PR_DISPLAY_NAME)

# Property types, [MS-OXCDATA] section 2.11.1, with the bytes each takes in the stream.
_FIXED = {
    0x0001: 4, 0x0002: 4, 0x0003: 4, 0x0004: 4, 0x000A: 4, 0x000B: 4,
    0x0005: 8, 0x0006: 8, 0x0007: 8, 0x0014: 8, 0x0040: 8, 0x0048: 16,
}  # fmt: skip
_OBJECT, _STRING8, _STRING, _BINARY = 0x000D, 0x001E, 0x001F, 0x0102
_VARIABLE = frozenset({_OBJECT, _STRING8, _STRING, _BINARY})
_MULTIPLE = 0x1000
_FIRST_NAMED = 0x8000
_INTERFACE_ID_BYTES = 16
_GUID_BYTES = 16


@dataclass(slots=True)
class TnefFile:
    """A file in the stream."""

    name: str = ""
    content_type: str = ""
    data: memoryview = field(default_factory=lambda: memoryview(b""))
    inline: bool = False
    """True for a picture in the text."""


@dataclass(slots=True)
class Tnef:
    """A message in the format: its text in every form it has, and its files."""

    plain: str = ""
    html: str = ""
    files: list[TnefFile] = field(default_factory=list)
    defects: dict[str, None] = field(default_factory=dict)


def is_tnef(data: bytes | memoryview) -> bool:
    """True where the bytes begin as such a stream does, whatever the part is called."""
    return bytes(data[:4]) == _SIGNATURE


def read_tnef(data: bytes | memoryview) -> Tnef:
    """The message in a stream, as far as it can be read; never raises."""
    reading = _Reading()
    if not is_tnef(data):
        reading.found.defects["a winmail.dat does not begin as one"] = None
        return reading.found
    for number, (identifier, value) in enumerate(_attributes(memoryview(data), reading.found)):
        if number >= MAX_ATTRIBUTES:
            reading.found.defects[f"of a winmail.dat only the first {MAX_ATTRIBUTES} attributes were read"] = None
            break
        reading.take(identifier, value)
    return reading.whole()


@dataclass(slots=True)
class _Reading:
    found: Tnef = field(default_factory=Tnef)
    codepage: str | None = None
    body: memoryview | None = None
    properties: dict[int, tuple[int, memoryview]] = field(default_factory=dict)

    def take(self, identifier: int, value: memoryview) -> None:
        if identifier == _CODEPAGE:
            self.codepage = _codepage(value)
        elif identifier == _BODY:
            self.body = value
        elif identifier == _MESSAGE_PROPERTIES:
            self.properties = _properties(value)
        elif identifier == _FILE_BEGINS:
            if len(self.found.files) < MAX_FILES:
                self.found.files.append(TnefFile())
            else:
                self.found.defects[f"of a winmail.dat only the first {MAX_FILES} files were read"] = None
        elif self.found.files and identifier in (_FILE_TITLE, _FILE_DATA, _FILE_PROPERTIES):
            self._take_file(self.found.files[-1], identifier, value)

    def _take_file(self, file: TnefFile, identifier: int, value: memoryview) -> None:
        if identifier == _FILE_DATA:
            file.data = value
            return
        if identifier == _FILE_TITLE:
            file.name = file.name or self._text(_STRING8, value)
            return
        properties = _properties(value)
        names = (self._text(*properties[name]) for name in _NAMES if name in properties)
        file.name = next((name for name in names if name), file.name)
        if _PR_ATTACH_MIME_TAG in properties:
            file.content_type = self._text(*properties[_PR_ATTACH_MIME_TAG]).lower()
        file.inline = _PR_ATTACH_CONTENT_ID in properties
        kind, content = properties.get(_PR_ATTACH_DATA, (0, memoryview(b"")))
        if kind == _OBJECT:
            # A letter within the letter: its own stream stands behind the identifier of an interface.
            content = content[_INTERFACE_ID_BYTES:]
        if content and not file.data:
            file.data = content

    def whole(self) -> Tnef:
        """What was read, with the text decoded: the code page may come after it."""
        if _PR_BODY in self.properties:
            self.found.plain = self._text(*self.properties[_PR_BODY], lines=True)
        if not self.found.plain.strip() and self.body is not None:
            self.found.plain = self._text(_STRING8, self.body, lines=True)
        if _PR_HTML in self.properties:
            kind, value = self.properties[_PR_HTML]
            declared = _codepage(self.properties.get(_PR_INTERNET_CODEPAGE, (0, memoryview(b"")))[1])
            self.found.html = self._text(kind, value, lines=True, declared=declared)
        if not self.found.html and not self.found.plain.strip() and _PR_RTF_COMPRESSED in self.properties:
            rtf = decompress(bytes(self.properties[_PR_RTF_COMPRESSED][1][:MAX_TEXT_BYTES]), MAX_TEXT_BYTES)
            self.found.plain, self.found.html = rtf_body(rtf)
        return self.found

    def _text(self, kind: int, value: memoryview, *, lines: bool = False, declared: str | None = None) -> str:
        data = bytes(value[:MAX_TEXT_BYTES])
        if kind == _STRING:
            text = data.decode("utf-16-le", "replace")
        else:
            text, defect = decode_text(data.partition(b"\0")[0], declared or self.codepage)
            if defect and lines:
                self.found.defects[defect] = None
        text = text.partition("\0")[0]
        return clean_text(text) if lines else one_line(text)


def _attributes(data: memoryview, found: Tnef) -> Iterator[tuple[int, memoryview]]:
    """Each attribute's identifier and value. The sum that follows a value is not checked: a wrong one hurts nobody."""
    position = len(_SIGNATURE) + 2  # a key that says nothing
    while position + _ATTRIBUTE.size <= len(data):
        _, identifier, length = _ATTRIBUTE.unpack_from(data, position)
        position += _ATTRIBUTE.size
        yield identifier, data[position : position + length]
        if position + length > len(data):
            found.defects["a winmail.dat ends before its last attribute does"] = None
            return
        position += length + _CHECKSUM_BYTES


def _properties(data: memoryview) -> dict[int, tuple[int, memoryview]]:
    """The type and first value of each property that has a number of its own ([MS-OXTNEF] section 2.1.3.4)."""
    found: dict[int, tuple[int, memoryview]] = {}
    try:
        left = min(_number(data, 0), MAX_PROPERTIES)
        position = 4
        for _ in range(left):
            kind, identifier = struct.unpack_from("<HH", data, position)
            position += 4
            if identifier >= _FIRST_NAMED:
                position = _after_name(data, position)
            value, position = _value(data, position, kind)
            if identifier < _FIRST_NAMED:
                found.setdefault(identifier, (kind & ~_MULTIPLE, value))
    except (struct.error, LookupError):
        return found  # cut short, or of a type that the standard does not know: where the next begins is unknown
    return found


def _after_name(data: memoryview, position: int) -> int:
    """The position behind the name of a named property: a set, and a number or a text in it."""
    kind, length = struct.unpack_from("<II", data, position + _GUID_BYTES)
    position += _GUID_BYTES + 8
    return position + _padded(length) if kind else position


def _value(data: memoryview, position: int, kind: int) -> tuple[memoryview, int]:
    """The first of a property's values, and the position behind the last."""
    single = kind & ~_MULTIPLE
    variable = single in _VARIABLE
    count = 1
    if variable or kind & _MULTIPLE:
        count = _number(data, position)
        position += 4
    if not variable:
        size = _FIXED[single]
        if kind & _MULTIPLE and single == 0x0002:
            size = 2
        return data[position : position + size], position + _padded(size * count)
    value = data[:0]
    for index in range(count):
        length = _number(data, position)
        if index == 0:
            value = data[position + 4 : position + 4 + length]
        position += 4 + _padded(length)
    return value, position


def _number(data: memoryview, position: int) -> int:
    return int(struct.unpack_from("<I", data, position)[0])


def _padded(length: int) -> int:
    return (length + 3) & ~3


def _codepage(value: memoryview) -> str | None:
    """A code page's number as the name of a charset."""
    if len(value) < 4:
        return None
    number = _number(value, 0)
    return {65001: "utf-8", 20866: "koi8-r", 21866: "koi8-u", 28595: "iso-8859-5", 20127: "ascii"}.get(
        number, f"cp{number}"
    )
