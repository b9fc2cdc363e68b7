"""When a stored snapshot comes due by itself: the same of every store."""

from __future__ import annotations

from datetime import datetime

from domain.fault.fault import Fault
from domain.fault.timers import next_fault_timer
from domain.regulation.editions import edition_named
from domain.ticket.ticket import Ticket
from domain.ticket.timers import next_timer


def next_instant(snapshot: Ticket | Fault) -> datetime | None:
    """Return when a ticket or a fault comes due next, or None; of a fault by the edition that it was opened under."""
    if isinstance(snapshot, Fault):
        fault_timer = next_fault_timer(snapshot, edition_named(snapshot.desk, snapshot.edition))
        return fault_timer.at if fault_timer is not None else None
    timer = next_timer(snapshot)
    return timer.at if timer is not None else None
