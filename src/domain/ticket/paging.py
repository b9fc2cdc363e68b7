"""Whether a page that has not left yet still has to: pages are written as they fall due, and leave when they can."""

from __future__ import annotations

from domain.ticket.outgoing import OutgoingPage
from domain.ticket.ticket import CriticalClock


def is_over(page: OutgoingPage, fault: CriticalClock | None) -> bool:
    """Return whether nobody has to be woken any more: the fault is acknowledged, at its end, or another one by now."""
    return fault is None or not fault.runs or page.since not in (None, fault.since)


def is_superseded(page: OutgoingPage, fault: CriticalClock | None) -> bool:
    """Return whether a later page of the same level was written, which says at least as much as this one.

    A page without a number was written before pages were counted, and none supersedes it.
    """
    return fault is not None and 0 < page.number < fault.paged(page.level)
