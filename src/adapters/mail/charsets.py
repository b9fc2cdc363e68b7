"""Bytes to text whatever the letter says of its charset: Cyrillic often comes mislabelled or unlabelled.

The eight-bit Cyrillic charsets hold the same letters at different places, so that any of them decodes
without an error. How often each letter of the result occurs in Russian tells the right one.
"""

from __future__ import annotations

import codecs
import math
import re
from collections import Counter

# Letters of running Russian text, in parts per thousand; Ukrainian and Belarusian letters are rare but real.
_FREQUENCY = {
    "о": 109.7, "е": 84.5, "а": 80.1, "и": 73.5, "н": 67.0, "т": 62.6, "с": 54.7, "р": 47.3, "в": 45.4,
    "л": 44.0, "к": 34.9, "м": 32.1, "д": 29.8, "п": 28.1, "у": 26.2, "я": 20.1, "ы": 19.0, "ь": 17.4,
    "г": 17.0, "з": 16.5, "б": 15.9, "ч": 14.4, "й": 12.1, "х": 9.7, "ж": 9.4, "ш": 7.3, "ю": 6.4,
    "ц": 4.8, "щ": 3.6, "э": 3.2, "ф": 2.6, "ъ": 0.4, "ё": 0.4, "і": 0.2, "ї": 0.1, "є": 0.1, "ґ": 0.02, "ў": 0.02,
}  # fmt: skip
_CAPITAL_SHARE = 0.05
_TYPOGRAPHIC = frozenset("«»—–№“”„…’\u00a0°§·•")
_CYRILLIC = ("windows-1251", "koi8-r", "iso-8859-5", "cp866")
# Mean log-likelihood a byte, in nats. Text in its own charset scores about -3; in another one below -5.
_PLAUSIBLE = -4.6
_CLEARLY_BETTER = 1.2
_ENOUGH_BYTES = 12
_SAMPLE_BYTES = 16_384
_UNREADABLE = "\N{REPLACEMENT CHARACTER}"
# Accented letters stand alone among Latin ones; Cyrillic letters stand together.
_BESIDE_LATIN = re.compile(rb"(?<=[A-Za-z])[\x80-\xff]|[\x80-\xff](?=[A-Za-z])")

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
# Several searches for one character are faster than one `translate` of a long Cyrillic text.
_SPACES = {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\ufeff": "", "\u200b": "", "\u00ad": ""}

_TEXT_SAMPLE_BYTES = 65_536
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_WORD = re.compile(r"[^\W\d_]{2}")

# Western labels are what a mailer writes when it was told nothing: they never prove a charset.
_WEAK_LABELS = frozenset({"ascii", "iso8859-1", "iso8859-15", "cp1252", "latin-1"})
_ALIASES = {
    "win-1251": "windows-1251",
    "windows1251": "windows-1251",
    "win1251": "windows-1251",
    "cp-1251": "windows-1251",
    "koi8r": "koi8-r",
    "koi-8": "koi8-r",
    "koi8": "koi8-r",
    "utf": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "utf-8mb4": "utf-8",
    "x-mac-cyrillic": "mac-cyrillic",
    "iso-8859-8-i": "iso-8859-8",
    "ks_c_5601-1987": "cp949",
    "gb2312": "gb18030",
    "x-sjis": "shift_jis",
}
# Codecs that are no charset of mail, whose decoders may be slow or surprising on hostile bytes.
_NOT_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


def decode_text(data: bytes, declared: str | None = None) -> tuple[str, str | None]:
    """The text, and a sentence on what was odd about its charset, or None where nothing was."""
    name = known_charset(declared)
    if data.isascii() and not (name and name.startswith(("iso2022", "hz", "utf-7", "utf-16", "utf-32"))):
        return data.decode("ascii"), None
    if name is not None and name not in _WEAK_LABELS:
        return _decode_labelled(data, name)
    return _decode_unlabelled(data, declared)


def clean_text(text: str) -> str:
    """Text with `\\n` line ends, plain spaces, and no control characters but tab."""
    text = text.replace("\r\n", "\n")
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text  # most letters: everything that is mended below counts as unprintable
    text = text.replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    for odd, plain in _SPACES.items():
        text = text.replace(odd, plain)
    return _CONTROLS.sub("", text)


def is_text(data: bytes) -> bool:
    """True where a person could read the bytes: some words, in a charset that shows, and nothing but text."""
    sample = data[:_TEXT_SAMPLE_BYTES]
    if _NO_TEXT.search(sample):
        return False
    # A letter cut in two by the end of the sample would make utf-8 look like something else.
    text, _ = decode_text(sample[: sample.rfind(b"\n") + 1] or sample if len(data) > len(sample) else sample)
    odd = sum(not char.isprintable() and char not in "\r\n\t\f" for char in text)
    return bool(_WORD.search(text)) and odd * 100 <= len(text)


def known_charset(declared: str | None) -> str | None:
    """The codec's own name for a charset label, or None where Python knows no such charset."""
    if not declared:
        return None
    label = declared.strip().strip("\"'").lower()[:64]
    if not label.isascii() or "\0" in label:
        return None
    try:
        info = codecs.lookup(_ALIASES.get(label, label))
    except (LookupError, ValueError):
        return None
    # The attribute is private and stable; `bytes.decode` itself refuses codecs by it.
    if info.name in _NOT_CHARSETS or not getattr(info, "_is_text_encoding", True):
        return None
    return info.name


def guess_cyrillic(data: bytes) -> tuple[str, float] | None:
    """The likeliest eight-bit Cyrillic charset and its score, or None where the bytes are no Cyrillic words."""
    counts = _high_bytes(data)
    if not counts or len(_BESIDE_LATIN.findall(data[:_SAMPLE_BYTES])) * 2 > sum(counts.values()):
        return None
    return max(((name, _score(counts, name)) for name in _CYRILLIC), key=lambda pair: pair[1])


def _decode_labelled(data: bytes, name: str) -> tuple[str, str | None]:
    try:
        text = data.decode(name)
    except (UnicodeError, ValueError):
        as_utf8 = _utf8(data)
        if as_utf8 is not None:
            return as_utf8, "the text is not in the charset it is labelled with; it was read as utf-8"
        guess = guess_cyrillic(data)
        if guess is not None and guess[1] > _PLAUSIBLE:
            return _lossy(data, guess[0]), f"the text is not in the charset it is labelled with; read as {guess[0]}"
        lossy = _lossy(data, name)
        if lossy.count(_UNREADABLE) * 2 > sum(_high_bytes(data).values()):
            return _lossy(data, "cp1252"), "the text is not in the charset it is labelled with; read as windows-1252"
        return lossy, "some bytes do not belong to the charset the text is labelled with"
    better = _mislabelled(data, name)
    if better is None:
        return text, None
    return _lossy(data, better), f"the text is labelled with another charset than its letters show; read as {better}"


def _mislabelled(data: bytes, name: str) -> str | None:
    """A Cyrillic charset, or utf-8, that fits clearly better than the Cyrillic one the label names."""
    labels = {
        "cp1251": "windows-1251",
        "koi8-r": "koi8-r",
        "koi8-u": "koi8-r",
        "iso8859-5": "iso-8859-5",
        "cp866": "cp866",
    }
    label = labels.get(name)
    if label is None:
        return None
    if _utf8(data) is not None:
        # Runs of valid multi-byte sequences do not come about by chance (RFC 3629 section 3).
        return "utf-8"
    counts = _high_bytes(data)
    if sum(counts.values()) < _ENOUGH_BYTES:
        return None
    guess, score = max(((other, _score(counts, other)) for other in _CYRILLIC), key=lambda pair: pair[1])
    if guess != label and score > _PLAUSIBLE and score - _score(counts, label) > _CLEARLY_BETTER:
        return guess
    return None


def _decode_unlabelled(data: bytes, declared: str | None) -> tuple[str, str | None]:
    text = _utf8(data)
    if text is not None:
        return text, None if not declared else "the text is utf-8 under another or an unknown label"
    guess = guess_cyrillic(data)
    if guess is not None and guess[1] > _PLAUSIBLE:
        return _lossy(data, guess[0]), f"the charset is not named; the letters show {guess[0]}"
    return _lossy(data, "cp1252"), "the charset is not named and was not recognised; read as windows-1252"


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _lossy(data: bytes, name: str) -> str:
    try:
        return data.decode(name, "replace")
    except (UnicodeError, ValueError):
        return data.decode("ascii", "replace")


def _high_bytes(data: bytes) -> Counter[int]:
    counts = Counter(data[:_SAMPLE_BYTES])
    return Counter({byte: count for byte, count in counts.items() if byte > 127})


def _table(name: str) -> tuple[float, ...]:
    """The log-likelihood of each byte from 128 on, read in that charset."""
    values = []
    for byte in range(128, 256):
        letter = bytes((byte,)).decode(name, "replace")
        if letter in _FREQUENCY:
            share = _FREQUENCY[letter] / 1000
        elif letter.lower() in _FREQUENCY:
            share = _FREQUENCY[letter.lower()] / 1000 * _CAPITAL_SHARE
        elif letter in _TYPOGRAPHIC:
            share = 0.001
        else:
            share = 0.000_002
        values.append(math.log(share))
    return tuple(values)


_TABLES = {name: _table(name) for name in _CYRILLIC}


def _score(counts: Counter[int], name: str) -> float:
    table = _TABLES[name]
    return sum(table[byte - 128] * count for byte, count in counts.items()) / max(1, sum(counts.values()))
