"""Signatures told from the text above them: delimiters, phones' own lines, and formal closings."""

from __future__ import annotations

import re

_MAX_DELIMITED_LINES = 25
_MAX_CLOSING_LINES = 10
_MAX_SIGNATURE_LINE = 110

# RFC 3676 section 4.3 has "-- "; many programs lose the space, some write a dash.
_DELIMITERS = frozenset({"--", "—", "–"})
_DEVICE = re.compile(
    r"^[\s<(\[*_]*(?:sent\s+(?:from|via|with|by|using)\b|\S+\s+from\s+mobile$|\S+(?:\s\S+)?\s+from\s+mobile|from\s+my\s+\w+|get\s+\[?outlook\s+for"
    r"|отправлено\s+(?:с|со|из|от|через|при\s+помощи)\s|послано\s+(?:с|из)\s|написано\s+с\s|скачать\s+outlook|загрузить\s+outlook"
    r"|надіслано\s+з|envoyé\s+(?:depuis|de|à\s+partir)|von\s+meinem\s.{1,40}gesendet|gesendet\s+(?:von|mit)|diese\s+nachricht\s+wurde\s+von"
    r"|sendt\s+fra|skickat\s+från|verzonden\s+(?:met|vanaf|via)|inviato\s+da|enviado\s+(?:desde|do|a\s+partir)|wysłane\s+z|從我的)",
    re.IGNORECASE,
)
_CLOSING_WORDS = (
    r"(?:с\s+(?:глубоким\s+|искренним\s+)?уважением|с\s+(?:наи)?лучшими\s+пожеланиями|с\s+почтением|всего\s+(?:вам\s+)?(?:доброго|хорошего)"
    r"|(?:with\s+)?(?:best|kind|warm|kindest|warmest|many)\s+regards|regards|yours\s+(?:sincerely|faithfully|truly)|sincerely(?:\s+yours)?)"
)
_CLOSING = re.compile(rf"^\s*{_CLOSING_WORDS}\s*[,.!—–-]*\s*$", re.IGNORECASE)
_CLOSING_WITH_NAME = re.compile(rf"^\s*{_CLOSING_WORDS}\s*[,.!—–-]*\s+\S.{{1,60}}$", re.IGNORECASE)


def split_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """The text, and the lines of the signature below it."""
    text, device = _split_device(lines)
    text, below = _split_at(text, _delimiter(text))
    text, above = _split_at(text, _closing(text))
    text, phone = _split_device(text)
    return text, [*phone, *above, *below, *device]


def _split_at(lines: list[str], index: int | None) -> tuple[list[str], list[str]]:
    return (lines, []) if index is None else (lines[:index], lines[index:])


def _split_device(lines: list[str]) -> tuple[list[str], list[str]]:
    """Lines such as "Sent from my iPhone" at the very end."""
    start = len(lines)
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index].strip()
        if line and len(line) <= _MAX_SIGNATURE_LINE and _DEVICE.match(line):
            start = index
        elif line and line not in _DELIMITERS:
            break
    return _split_at(lines, start if start < len(lines) else None)


def _delimiter(lines: list[str]) -> int | None:
    """The topmost delimiter with few enough lines below it."""
    found = None
    below = 0
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index].strip()
        if line in _DELIMITERS:
            found = index
        below += bool(line)
        if below > _MAX_DELIMITED_LINES:
            break
    return found


def _closing(lines: list[str]) -> int | None:
    """The formal closing that opens a block of name, position, organisation and phone.

    A bare name under it is left in the text: somebody typed it, and identity is read from it as well.
    """
    passed = 0
    for index in range(len(lines) - 1, -1, -1):
        if passed > _MAX_CLOSING_LINES:
            return None
        passed += bool(lines[index].strip())
        needed = 2 if _CLOSING.match(lines[index]) else 1 if _CLOSING_WITH_NAME.match(lines[index]) else 0
        if not needed:
            continue
        below = [text.strip() for text in lines[index + 1 :] if text.strip()]
        fits = needed <= len(below) <= _MAX_CLOSING_LINES
        if fits and all(len(text) <= _MAX_SIGNATURE_LINE and not text.endswith("?") for text in below):
            return index
        return None
    return None
