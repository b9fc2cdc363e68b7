"""Fault numbers, such as `MDO-F-7K3F9`: short enough for a page and a telephone, and never taken for a ticket's."""

from __future__ import annotations

import hashlib
import re
from functools import cache

from domain.ticket.numbers import APART, BODY, alone, digits_of, first_few, spelled
from domain.ticket.ticket import CROCKFORD

FAULT_MARK = "F"
"""Between a desk's prefix and the digits of a fault's number."""
_FAULT_NUMBER = re.compile(rf"[A-Z]{{2,6}}-{FAULT_MARK}-[0-9A-HJKMNP-TV-Z]{{5}}")
DIGITS = 5
"""Twenty-five bits: a desk's thousand faults collide once in thirty times, and the next candidate is derived then."""


def fault_id(prefix: str, desk: str, origin: str, attempt: int = 0) -> str:
    """Return the number of the fault that a ticket's report opens; `attempt` derives the next candidate.

    `origin` is the report's ticket and the instant that it counts from, so that a redelivery finds the same number.
    """
    digest = hashlib.sha256(f"fault\n{desk}\n{origin}\n{attempt}".encode()).digest()
    bits = int.from_bytes(digest[:4], "big") >> 7
    return f"{prefix}-{FAULT_MARK}-" + "".join(
        CROCKFORD[bits >> shift & 31] for shift in range(5 * (DIGITS - 1), -5, -5)
    )


def is_fault_number(number: str) -> bool:
    """Return whether a number, as it is stored, is a fault's and not a ticket's."""
    return _FAULT_NUMBER.fullmatch(number) is not None


def fault_numbers_in(text: str, prefix: str) -> tuple[str, ...]:
    """Return the fault numbers with a prefix that a text names, in order, each as it is stored; at most a few."""
    stored = (_stored(prefix, match) for match in _pattern(prefix).finditer(text))
    return first_few(number for number in stored if number is not None)


def fault_number_of(text: str, prefix: str) -> str | None:
    """Return the fault number with a prefix that a whole text is, as it is stored; None where it is none.

    A ticket's number is never one: it has eight digits behind the prefix, a fault's a letter and five.
    """
    match = alone(_pattern(prefix), text)
    return _stored(prefix, match, sure=True) if match is not None else None


def _stored(prefix: str, match: re.Match[str], *, sure: bool = False) -> str | None:
    digits = digits_of(match[3], apart=(match[1], match[2]), sure=sure)
    return f"{prefix}-F-{digits}" if digits is not None else None


@cache
def _pattern(prefix: str) -> re.Pattern[str]:
    letters = f"{spelled(prefix)}({APART}){spelled('F')}({APART})"
    return re.compile(rf"(?<![^\W_]){letters}([{BODY}]{{{DIGITS}}})(?![^\W_])", re.IGNORECASE)
