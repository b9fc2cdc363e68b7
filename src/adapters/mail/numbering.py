"""The numbers of an HTML list as a browser shows them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_MOST = 3_999
_ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"), (9, "ix"),
    (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_STYLE = re.compile(r"list-style(?:-type)?\s*:\s*([a-z -]{1,40})", re.IGNORECASE)
_NUMBER = re.compile(r"\s*(-?\d{1,6})")


def _letters(number: int) -> str:
    text = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def _roman(number: int) -> str:
    text = ""
    for value, sign in _ROMAN:
        text += sign * (number // value)
        number %= value
    return text


_SHAPES: Mapping[str, Callable[[int], str]] = {
    "a": _letters,
    "A": lambda number: _letters(number).upper(),
    "i": _roman,
    "I": lambda number: _roman(number).upper(),
}
_BY_STYLE = {
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
}


@dataclass(slots=True)
class Numbering:
    """Where a list is with its numbers."""

    number: int
    shape: str

    def following(self, item: Mapping[str, str | None]) -> str:
        """Return what stands before the next item, which may have a `value` of its own."""
        self.number = _integer(item.get("value"), self.number)
        shape = _SHAPES.get(self.shape, str) if 0 < self.number <= _MOST else str
        text = f"{shape(self.number)}. "
        self.number += 1
        return text


def numbering_of(attributes: Mapping[str, str | None]) -> Numbering:
    """Return the numbering of an `ol` (HTML standard, 4.4.5): its `start` and its `type`, or the style that says the same."""
    style = _STYLE.search(attributes.get("style") or "")
    shape = _BY_STYLE.get(style[1].strip().lower(), "") if style else ""
    return Numbering(_integer(attributes.get("start"), 1), shape or attributes.get("type") or "1")


def _integer(text: str | None, otherwise: int) -> int:
    match = _NUMBER.match(text or "")
    return int(match[1]) if match else otherwise
