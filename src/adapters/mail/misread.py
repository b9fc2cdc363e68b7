"""Russian that some program read in the wrong charset and wrote down so: "РџСЂРёРІРµС‚" and "Ïðèâåò" are greetings.

The charset such a text is labelled with is right and says nothing. What it was is found by going the way back:
the characters to the bytes they were before, and those read as what they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from adapters.mail.cyrillic import guess_cyrillic, likelihood

# utf-8 was read as one of these.
_WRONG_FOR_UTF8 = (
    "latin-1",
    "cp1252",
    "cp1251",
    "koi8-r",
    "cp866",
    "iso-8859-5",
    "mac-roman",
    "mac-cyrillic",
    "cp1250",
)
_WIDE_FOR_UTF8 = "gb18030"
_WIDE = re.compile("[\u3400-\u9fff\ue000-\uf8ff]{2}")
# Cyrillic in eight bits, read as western or as other Cyrillic.
_WRONG_FOR_EIGHT_BITS = ("latin-1", "cp1252", "koi8-r", "cp1251")
_ACCENTED = re.compile("[\u0080-\u00ff]{3}")
_SWAPPED_CASE = re.compile("[а-яё][А-ЯЁ]{2}")
_USUAL = re.compile("[\x00-\x7fА-Яа-яЁё«»—–№…“”„’\u00a0]*+")
_CYRILLIC = re.compile("[А-Яа-яЁё]")
_LIKELY = 4.2
_CLEARLY_BETTER = 1.0
_ENOUGH_LETTERS = 6
"""Of eight-bit Cyrillic, where nothing but the letters speaks for it."""
_LOST = "\N{REPLACEMENT CHARACTER}"
_MAX_CHARS = 400_000
_BEGINNING = 1_000
"""In which Cyrillic read as other Cyrillic shows: every line of such a text is misread."""
_MISSING = 10
"""One character in so many may be lost: programs replace what they cannot show."""


@cache
def _table(charset: str) -> dict[str, int]:
    """The byte of each character; those without one are themselves, as the WHATWG encoding standard has them."""
    found = {}
    for byte in range(256):
        char = bytes((byte,)).decode(charset, "replace")
        found[chr(byte) if char == _LOST else char] = byte
    found[_LOST] = ord("?")
    return found


@cache
def _pairs(charset: str) -> re.Pattern[str]:
    """Two neighbouring characters of utf-8, misread: Russian, and what another misreading made of it."""
    chars = {byte: char for char, byte in reversed(_table(charset).items())}
    lead = "".join(re.escape(chars[byte]) for byte in (*range(0xC2, 0xE0), 0xE2))
    follow = "".join(re.escape(chars[byte]) for byte in range(0x80, 0xC0))
    return re.compile(f"(?:[{lead}][{follow}]+){{2}}")


def as_written(text: str) -> str:
    """Return the text with each misread line as it was meant; the same text where none surely was misread."""
    if _USUAL.fullmatch(text, 0, _MAX_CHARS) and not _SWAPPED_CASE.search(text, 0, _BEGINNING):
        return text
    head, tail = text[:_MAX_CHARS], text[_MAX_CHARS:]
    return "\n".join([_line(line) for line in head.split("\n")]) + tail


def _line(line: str) -> str:
    if line.isascii():
        return line
    candidates = list(_ways_back(line))
    # Twice misread: what comes of one way back is no Russian yet.
    candidates += [again for once in candidates if not _CYRILLIC.search(once) for again in _ways_back(once)]
    candidates = [candidate for candidate in candidates if len(_CYRILLIC.findall(candidate)) > 1]
    if not candidates:
        return line
    best = max(candidates, key=likelihood)
    return best if likelihood(best) > max(_LIKELY, likelihood(line) + _CLEARLY_BETTER) else line


def _ways_back(line: str) -> Iterator[str]:
    for charset in _WRONG_FOR_UTF8:
        if _pairs(charset).search(line):
            data = _bytes_before(line, charset)
            if data is not None:
                yield from _as_utf8(data)
    if _WIDE.search(line):
        yield from _as_utf8(line.replace(_LOST, "?").encode(_WIDE_FOR_UTF8, "replace"))
    if _ACCENTED.search(line) or _SWAPPED_CASE.search(line):
        for charset in _WRONG_FOR_EIGHT_BITS:
            data = _bytes_before(line, charset)
            guess = guess_cyrillic(data) if data is not None else None
            if data is not None and guess is not None and guess.letters >= _ENOUGH_LETTERS:
                yield data.decode(guess.charset, "replace")


def _bytes_before(line: str, charset: str) -> bytes | None:
    table = _table(charset)
    try:
        return bytes([table[char] for char in line])
    except KeyError:
        return None


def _as_utf8(data: bytes) -> Iterator[str]:
    text = data.decode("utf-8", "replace")
    if text.count(_LOST) * _MISSING <= len(text):
        yield text
