"""How programs mark the lines that they quote, where it is not by `>`: bars, initials, other characters, an indent."""

from __future__ import annotations

import re
from collections.abc import Sequence

_BAR = re.compile(r"[ \t]{0,3}[|¦│┃](?:\s|$)")
# The Bat!: the initials of who wrote. Latin ones without an attribution may be a prompt: "SQL>", "PS>".
_INITIALS = re.compile(r"[ \t]{0,3}[А-ЯЁ]{2,3}>")
_BELOW_ATTRIBUTION = (
    re.compile(r"[ \t]{0,3}[|¦│┃]"),
    re.compile(r"[ \t]{0,3}[^\W\d_]{1,4}>"),
    re.compile(r"[ \t]{0,3}[:%#}»›](?:\s|$)"),
)
INDENT = re.compile(r" {2,}\S|\t\s*\S")
"""A quotation by an indent is one only as a whole and right below an attribution: lists and code are indented, too."""


def mark_below_attribution(text: str) -> re.Pattern[str] | None:
    """Return the mark that a line has which stands right below an attribution."""
    return next((mark for mark in _BELOW_ATTRIBUTION if mark.match(text)), None)


def mark_of_program(text: str) -> re.Pattern[str] | None:
    """Return the mark that a line has which hardly a person types."""
    return next((mark for mark in (_BAR, _INITIALS) if mark.match(text)), None)


def is_table(texts: Sequence[str]) -> bool:
    """Return whether lines with bars are rows of a table: those have more than one."""
    return any("|" in text.strip()[1:] for text in texts if _BAR.match(text))
