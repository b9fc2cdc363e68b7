"""Bytes to text whatever the letter says of its charset: Cyrillic often comes mislabelled, unlabelled or encoded twice."""

from __future__ import annotations

import codecs
import re

from adapters.mail.cyrillic import guess_cyrillic, likelihood, words_of
from adapters.mail.misread import as_written

_UNREADABLE = "\N{REPLACEMENT CHARACTER}"
_SURROGATES = re.compile("[\ud800-\udfff]")
_LIKELY = 4.6
_UNLIKELY = 4.3
_CLEARLY_BETTER = 1.0
_ENOUGH_LETTERS = 12
"""What it takes to overrule a label in which every byte decodes: see the figures in the tests."""
# Valid sequences of several bytes do not come about by chance (RFC 3629 section 3); two letters of a word may.
_UTF8_SEQUENCE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")
_ENOUGH_SEQUENCES = 3
_MANY_LINES = 20_000

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff\ud800-\udfff]")
# Several searches for one character are faster than one `translate` of a long Cyrillic text.
_SPACES = {"\u00a0": " ", "\u202f": " ", "\u2007": " ", "\ufeff": "", "\u200b": "", "\u00ad": ""}

_TEXT_SAMPLE_BYTES = 65_536
_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_WORD = re.compile(r"[^\W\d_]{2}")
_CONTROL = re.compile(rb"[\x00-\x08]")
_SEVEN_BIT_CHARSETS = ("iso2022", "hz", "utf-7", "utf-16", "utf-32")
# JIS X 0208 (RFC 1468): no text that is ASCII has these escapes.
_JAPANESE = re.compile(rb"\x1b\$[@B]")
_ESCAPE = re.compile(rb"(\x1b(?:\$[@B]|\([BJI]))")

# Western labels are what a mailer writes when it was told nothing: they never prove a charset.
# The value is what the text is read as where it is western: the WHATWG encoding standard reads latin-1 as windows-1252.
_WESTERN_LABELS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    **{
        name: name
        for name in ("cp1250", "cp1252", "cp1254", "cp1257", "cp437", "cp850", "mac-roman", "iso8859-2", "iso8859-3",
                     "iso8859-4", "iso8859-9", "iso8859-10", "iso8859-13", "iso8859-14", "iso8859-15", "iso8859-16")
    },
}  # fmt: skip
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
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "x-sjis": "shift_jis",
    "unicode-1-1-utf-7": "utf-7",
    "x-unicode-2-0-utf-7": "utf-7",
    "x-cp1251": "windows-1251",
    "cp-866": "cp866",
    "dos-866": "cp866",
    "cp50220": "iso2022_jp",
    "cp50221": "iso2022_jp",
    "cp50222": "iso2022_jp",
    "iso-2022-jp-ms": "iso2022_jp",
    "iso-2022-jp-3": "iso2022_jp_3",
}
_CYRILLIC_LABELS = {
    "cp1251": "windows-1251",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-r",
    "iso8859-5": "iso-8859-5",
    "cp866": "cp866",
    "mac-cyrillic": "mac-cyrillic",
}
# Codecs that are no charset of mail, whose decoders may be slow or surprising on hostile bytes.
_NOT_CHARSETS = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"})


def decode_text(data: bytes, declared: str | None = None) -> tuple[str, str | None]:
    """The text, and a sentence on what was odd about its charset, or None where nothing was."""
    name = known_charset(declared)
    if data.isascii() and not (name and name.startswith(_SEVEN_BIT_CHARSETS)) and not _JAPANESE.search(data):
        return data.decode("ascii"), None
    text, defect = _decode(data, name, declared)
    written = as_written(text)
    if written != text:
        return written, "the text was encoded twice, or in another charset than it says; what was meant was restored"
    return text, defect


def _decode(data: bytes, name: str | None, declared: str | None) -> tuple[str, str | None]:
    if name is not None and name.startswith(("utf-16", "utf-32")) and not _CONTROL.search(data[:_TEXT_SAMPLE_BYTES]):
        name = None  # Cyrillic and spaces have such bytes in these charsets: the label is wrong
    if name is not None and name.startswith("iso2022_jp"):
        return _decode_japanese(data, name)
    if name is not None and name not in _WESTERN_LABELS:
        return _decode_labelled(data, name)
    if _JAPANESE.search(data) and data.isascii():
        return _decode_japanese(data, "iso2022_jp")
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


def _decode_labelled(data: bytes, name: str) -> tuple[str, str | None]:
    if name != "utf-8" and _is_utf8(data):
        return _decoded(data, "utf-8-sig"), "the text is utf-8 under another label"
    try:
        text = data.decode(name)
    except (UnicodeError, ValueError):
        return _decode_undecodable(data, name)
    better = _mislabelled(data, name)
    if better is None:
        return (text if name == "utf-8" else _without_surrogates(text)), None
    return (
        _decoded(data, better),
        f"the text is labelled with another charset than its letters show; read as {better}",
    )


def _decode_undecodable(data: bytes, name: str) -> tuple[str, str]:
    """A text in which some bytes do not belong to the charset of its label."""
    sequences = sum(map(len, _UTF8_SEQUENCE.findall(data)))
    high = sum(byte > 127 for byte in data)
    if sequences * 2 > high:
        return _decode_lines(data), "some bytes do not belong to utf-8; their lines were read by themselves"
    guess = guess_cyrillic(data)
    if guess is not None and guess.plausible:
        return (
            _decoded(data, guess.charset),
            f"the text is not in the charset it is labelled with; read as {guess.charset}",
        )
    lossy = _decoded(data, name)
    if lossy.count(_UNREADABLE) * 2 > high:
        return _decoded(data, "cp1252"), "the text is not in the charset it is labelled with; read as windows-1252"
    return lossy, "some bytes do not belong to the charset the text is labelled with"


def _decode_lines(data: bytes) -> str:
    """A text to which a server added a line in another charset, as some do with a notice at the end."""
    return "\n".join(_decode_line(line) for line in data.split(b"\n", _MANY_LINES))


def _decode_line(line: bytes) -> str:
    text = _utf8(line)
    if text is not None:
        return text
    guess = guess_cyrillic(line)
    return _decoded(line, guess.charset if guess is not None and guess.plausible else "utf-8")


def _mislabelled(data: bytes, name: str) -> str | None:
    """The Cyrillic charset that fits clearly better than the one the label names; None where none does.

    It takes many letters that make no Russian in the charset of the label, and do in the other.
    """
    if name == "utf-8" or data.isascii():
        return None
    label = _CYRILLIC_LABELS.get(name)
    in_label = likelihood(words_of(data).decode(label, "replace")) if label else _UNLIKELY
    if in_label > _UNLIKELY:
        return None
    guess = guess_cyrillic(data)
    if guess is None or guess.charset == label or guess.letters < _ENOUGH_LETTERS:
        return None
    return guess.charset if guess.score > _LIKELY and guess.score - in_label > _CLEARLY_BETTER else None


def _decode_unlabelled(data: bytes, declared: str | None) -> tuple[str, str | None]:
    text = _utf8(data)
    if text is not None:
        return text, None if not declared else "the text is utf-8 under another or an unknown label"
    if sum(map(len, _UTF8_SEQUENCE.findall(data))) * 2 > sum(byte > 127 for byte in data):
        return _decode_undecodable(data, "utf-8")
    guess = guess_cyrillic(data)
    if guess is not None and guess.plausible:
        return _decoded(data, guess.charset), f"the charset is not named; the letters show {guess.charset}"
    name = known_charset(declared)
    if name in _WESTERN_LABELS and name != "ascii":
        return _decoded(data, _WESTERN_LABELS[name]), None
    return _decoded(data, "cp1252"), "the charset is not named and was not recognised; read as windows-1252"


def _decode_japanese(data: bytes, name: str) -> tuple[str, str | None]:
    """ISO-2022-JP (RFC 1468), with the signs of NEC's row 13, such as the numero sign, which mail programs write in it.

    Microsoft's code page 932 has both; its double bytes are those of JIS X 0208 in other places.
    """
    try:
        return _without_surrogates(data.decode(name)), None
    except (UnicodeError, ValueError):
        pass
    pieces: list[str] = []
    charset = b"\x1b(B"
    for piece in _ESCAPE.split(data):
        if _ESCAPE.fullmatch(piece):
            charset = piece
        elif charset.startswith(b"\x1b$"):
            pieces.extend(_double_bytes(line) for line in piece.splitlines(keepends=True))
        elif charset == b"\x1b(I":
            pieces.append(bytes(byte | 0x80 for byte in piece).decode("cp932", "replace"))
        else:
            pieces.append(_decode_unlabelled(piece, None)[0])
    return "".join(pieces), "the text has signs that are not in the charset it is labelled with"


def _double_bytes(piece: bytes) -> str:
    shifted = bytearray()
    words = piece.rstrip(b"\r\n")
    for row, cell in zip(words[::2], words[1::2], strict=False):
        if not (0x20 < row < 0x7F and 0x20 < cell < 0x7F):
            shifted += b"?"
            continue
        # JIS X 0208 to Shift_JIS (JIS X 0208:1997, annex 1): two rows share a lead byte.
        lead = (row + 1) // 2 + (0x70 if row < 0x5F else 0xB0)
        trail = cell + (0x1F if row % 2 and cell < 0x60 else 0x20 if row % 2 else 0x7E)
        shifted += bytes((lead, trail))
    return shifted.decode("cp932", "replace") + piece[len(words) :].decode("ascii")


def _is_utf8(data: bytes) -> bool:
    """True where bytes labelled otherwise are surely utf-8."""
    text = _utf8(data)
    return text is not None and len(_UTF8_SEQUENCE.findall(data[:_TEXT_SAMPLE_BYTES])) >= _ENOUGH_SEQUENCES


def _utf8(data: bytes) -> str | None:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _decoded(data: bytes, name: str) -> str:
    try:
        return _without_surrogates(data.decode(name, "replace"))
    except (UnicodeError, ValueError):
        return data.decode("ascii", "replace")


def _without_surrogates(text: str) -> str:
    """Text that can be encoded: utf-7 may name half a pair, which is no character (RFC 3629 section 3)."""
    return _SURROGATES.sub(_UNREADABLE, text)
