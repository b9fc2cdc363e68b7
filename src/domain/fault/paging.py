"""Whether a page that has not left yet still has to: pages are written as they fall due, and leave when they can."""

from __future__ import annotations

from domain.fault.fault import Fault
from domain.ticket.outgoing import OutgoingPage

TAKEN = "page_taken"
"""The page that tells escalation that somebody has taken the fault: it informs, and wakes nobody to act."""


def is_over(page: OutgoingPage, fault: Fault | None) -> bool:
    """Return whether a page is outdated: its series has ended, or another one has begun.

    One that only informs is outdated where the fault pages again, and not because it is taken or over.
    """
    if fault is None or fault.series is None or page.since != fault.series.began_at:
        return True
    return page.kind != TAKEN and not fault.pages_run


def is_superseded(page: OutgoingPage, fault: Fault | None) -> bool:
    """Return whether a later page of the same series and level was written, which says at least as much as this one."""
    if fault is None or fault.series is None or page.since != fault.series.began_at:
        return False
    return 0 < page.number < fault.series.paged(page.level)
