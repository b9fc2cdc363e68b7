"""Which instants of a fault come due by themselves, and which is next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from domain.fault.events import FaultTimerKind
from domain.fault.fault import Fault
from domain.findings import Value
from domain.regulation.edition import Edition


class FaultTimer(Value):
    """One instant at which the desk does something about a fault of its own accord."""

    kind: FaultTimerKind
    at: datetime
    clause: str | None = None
    """The clause that promises what comes due; None for a house rule."""


WAKING = frozenset(
    {
        FaultTimerKind.PAGE_REPEAT,
        FaultTimerKind.PAGE_ESCALATE,
        FaultTimerKind.BREACH,
        FaultTimerKind.PAGE_AGAIN,
    }
)
"""What wakes somebody."""


def fault_timers_of(fault: Fault, edition: Edition) -> tuple[FaultTimer, ...]:
    """Return every timer of a fault that is armed, the earliest first; once it is over, its tickets are still told."""
    armed = [*_telling(fault)]
    if not fault.is_over:
        armed += [*_pages(fault), *_quiet(fault, edition), *_untouched(fault, edition)]
    return tuple(sorted(armed, key=lambda timer: timer.at))


def next_fault_timer(fault: Fault, edition: Edition) -> FaultTimer | None:
    """Return the timer that comes due first, or None; a fault stores only this instant."""
    return next(iter(fault_timers_of(fault, edition)), None)


def _telling(fault: Fault) -> Iterator[FaultTimer]:
    if fault.telling:
        yield FaultTimer(kind=FaultTimerKind.TELL, at=fault.telling[0].at)


def _pages(fault: Fault) -> Iterator[FaultTimer]:
    """Return the pages of a fault that nobody has taken, and the end of its promise (MDO 2.1).

    A promise that ended before the alarms went quiet was broken, though nobody is woken for it any more.
    """
    if not fault.runs:
        return
    series = fault.series
    if fault.pages_run and series is not None:
        yield FaultTimer(kind=FaultTimerKind.PAGE_REPEAT, at=series.next_page_at, clause=fault.clause)
        if series.escalated_at is None:
            yield FaultTimer(kind=FaultTimerKind.PAGE_ESCALATE, at=series.escalate_at, clause=fault.clause)
    is_promised = fault.answered_at is None and fault.breached_at is None
    if is_promised and (fault.quiet_since is None or fault.due < fault.quiet_since):
        yield FaultTimer(kind=FaultTimerKind.BREACH, at=fault.due, clause=fault.clause)


def _quiet(fault: Fault, edition: Edition) -> Iterator[FaultTimer]:
    """Return when a fault that alarms alone report is over by itself."""
    if fault.quiet_since is not None:
        at = fault.quiet_since + timedelta(minutes=edition.critical.quiet_minutes)
        yield FaultTimer(kind=FaultTimerKind.QUIET, at=at)


def _untouched(fault: Fault, edition: Edition) -> Iterator[FaultTimer]:
    """Return when a fault that somebody has taken is called to mind, and when it pages again (house rules)."""
    if fault.acknowledged_at is None or fault.quiet_since is not None:
        return
    since, terms = fault.touched_at or fault.acknowledged_at, edition.critical
    if fault.reminded_at is None:
        yield FaultTimer(kind=FaultTimerKind.REMIND, at=since + timedelta(minutes=terms.remind_after_minutes))
    if not fault.bounded:
        yield FaultTimer(kind=FaultTimerKind.PAGE_AGAIN, at=since + timedelta(minutes=terms.page_again_after_minutes))
