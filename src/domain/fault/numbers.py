"""Fault numbers, such as `MDO-F-7K3F9`: short enough for a page and a telephone, and never taken for a ticket's."""

from __future__ import annotations

import hashlib
import re

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
