"""Ticket numbers as people retype them and programs "improve" them: other dashes, spaces, Cyrillic letters, no dashes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

NUMBERS_AT_MOST = 4
"""Numbers that are looked for in one text: a chain of forwards names a few."""
_SPOKEN = {
    "A": "А", "B": "ВБ", "C": "СЦ", "D": "Д", "E": "ЕЭ", "F": "Ф", "G": "Г", "H": "НХ", "I": "И1", "J": "Й", "K": "К", "L": "Л1",
    "M": "М", "N": "Н", "O": "О0", "P": "РП", "Q": "К", "R": "Р", "S": "СЅ", "T": "Т", "U": "У", "V": "В", "W": "В", "X": "Х",
    "Y": "УЫ", "Z": "З",
}  # fmt: skip
"""What is written for a Latin letter of a prefix: by its looks, or by its sound, as in «МДО» and «СТО»."""
BODY = "0-9A-Za-zАВСЕНКМОРТХУЗІавсенкмортхузі"
"""What is written for the digits of a number."""
APART = r"[\W_]{0,5}"
"""Between the parts: any dash, soft hyphen or space, or nothing."""
_READ_AS = str.maketrans("OILАВСЕНКМОРТХУЗІ", "011ABCEHKM0PTXY31")
"""Letters that Crockford's base 32 leaves out, and Cyrillic ones, and what a person meant by them."""
_NOT_IN_BASE_32 = re.compile("U")


def numbers_in(text: str, prefix: str) -> tuple[str, ...]:
    """Return the ticket numbers with a prefix that a text names, in order, each as it is stored; at most a few."""
    stored = (_stored(prefix, match) for match in _pattern(prefix).finditer(text))
    return first_few(number for number in stored if number is not None)


def number_of(text: str, prefix: str) -> str | None:
    """Return the ticket number with a prefix that a whole text is, as it is stored; None where it is none."""
    match = alone(_pattern(prefix), text)
    return _stored(prefix, match, sure=True) if match is not None else None


def _stored(prefix: str, match: re.Match[str], *, sure: bool = False) -> str | None:
    """Return a number in its stored form. A word may have eight letters that are digits of base 32: dashes or a digit tell."""
    body = digits_of(match[2] + match[4], apart=(match[1], match[3]), sure=sure)
    return f"{prefix}-{body[:4]}-{body[4:]}" if body is not None else None


def digits_of(written: str, *, apart: tuple[str, ...], sure: bool) -> str | None:
    """Return the digits of base 32 that were written; None where a letter is none, or all of it may be a word.

    `apart` is what parts the number. Unless it is `sure` to be a number, a dash in each of them tells it from a word,
    or a digit.
    """
    digits = written.upper().translate(_READ_AS)
    if _NOT_IN_BASE_32.search(digits):
        return None
    is_parted = all(re.search(r"[^\w\s]", part) for part in apart)
    return digits if sure or is_parted or any(map(str.isdigit, written)) else None


def first_few(numbers: Iterable[str]) -> tuple[str, ...]:
    """Return the first numbers, each once; no more are read than are needed."""
    found: dict[str, None] = {}
    for number in numbers:
        found[number] = None
        if len(found) == NUMBERS_AT_MOST:
            break
    return tuple(found)


def alone(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """Return the number that a whole text is, whatever signs are around it; None where words are."""
    match = pattern.search(text)
    if match is None or any(map(str.isalnum, text[: match.start()] + text[match.end() :])):
        return None
    return match


def spelled(letters: str) -> str:
    """Return a pattern of what is written for Latin letters, by their looks or by their sound."""
    return "".join(f"[{letter}{_SPOKEN[letter]}]" for letter in letters)


@cache
def _pattern(prefix: str) -> re.Pattern[str]:
    part = f"([{BODY}]{{4}})"
    return re.compile(rf"(?<![^\W_]){spelled(prefix)}({APART}){part}({APART}){part}(?![^\W_])", re.IGNORECASE)
