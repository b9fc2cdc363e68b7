"""An exercise of the watch: a fault that is marked as one goes the whole way, and it is timed who is woken and answers.

The fault is reported as any monitor reports one, so that what is tried is what would be needed. Whoever looks on may be
interrupted at any point and look on again: what the exercise has come to stands in the fault.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from application.faults import FaultsAndTickets, act_on_fault
from application.storage import OutboxKey, OutboxState
from domain.fault.commands import EndFault
from domain.fault.fault import End, Fault
from domain.ticket.outgoing import OUTGOING, OutgoingPage, PageLevel

NAME = "Учения: проверка дежурства"
"""What the fault is called in pages and letters."""


class Reports(Protocol):
    """The way on which any monitor reports a fault."""

    def report(self, detail: Mapping[str, Any]) -> None:
        """Report it; raises what keeps it from being taken."""


class Drilled(FaultsAndTickets, Protocol):
    """Where an exercise is looked at."""

    def outbox(self, number: str) -> list[tuple[OutboxKey, OutboxState, str]]:
        """Return all outgoing items of a ticket or fault with their states and bodies."""


class Point(StrEnum):
    """What an exercise comes to, in order."""

    OPENED = "opened"
    """The fault is there: rule, function, table and key work."""
    PAGED = "paged"
    """The first page to whose turn it is has left."""
    ESCALATED = "escalated"
    """The first page to escalation has left, since nobody had answered."""
    ACKNOWLEDGED = "acknowledged"


@dataclass(frozen=True, slots=True)
class Reached:
    """A point that was reached, and when that was seen."""

    point: Point
    fault: Fault
    after: timedelta
    """Since the fault was reported."""


@dataclass(frozen=True, slots=True)
class Drill:
    """An exercise under way."""

    desk: str
    key: str
    """What its monitor calls it."""
    began_at: datetime

    @classmethod
    def at(cls, desk: str, now: datetime) -> Drill:
        """Return an exercise that begins now."""
        return cls(desk, f"drill-{now:%Y%m%dT%H%M%S}", now)

    @property
    def alarm(self) -> str:
        """The key under which its fault knows it."""
        return _alarm(self.key)

    def said(self, state: str, now: datetime) -> dict[str, Any]:
        """Return what its monitor reports."""
        return {
            "desk": self.desk, "key": self.key, "name": NAME, "state": state, "since": now.isoformat(), "drill": True,
        }  # fmt: skip


def _alarm(key: str) -> str:
    return f"monitor:monitor.drill:{key}"


def under_way(store: FaultsAndTickets, desk: str) -> tuple[Drill, Fault] | None:
    """Return the exercise of a desk that nobody has ended; None where there is none."""
    prefix = _alarm("")
    for fault in store.faults(store.desk_faults(desk).numbers):
        keys = [alarm.removeprefix(prefix) for alarm in fault.known_alarms if alarm.startswith(prefix)]
        if fault.drill and not fault.is_over and keys:
            return Drill(desk, keys[0], fault.opened_at), fault
    return None


def look_on(
    store: Drilled, drill: Drill, clock: Callable[[], datetime], wait: Callable[[], None], limit: timedelta
) -> Iterator[Reached]:
    """Yield each point as it is reached, until somebody has answered, the fault is over, or the time is up.

    `wait` passes the time between two looks.
    """
    seen: set[Point] = set()
    while True:
        now = clock()
        fault = _of(store, drill)
        for point in _points(store, fault) if fault is not None else ():
            if point not in seen:
                assert fault is not None  # it has a point
                seen.add(point)
                yield Reached(point, fault, now - drill.began_at)
        if Point.ACKNOWLEDGED in seen or (fault is not None and fault.is_over) or now - drill.began_at >= limit:
            return
        wait()


def end(store: FaultsAndTickets, drill: Drill, bus: Reports, by: str, clock: Callable[[], datetime]) -> Fault | None:
    """End an exercise: its monitor says that all is well, and the fault is over; doing it twice is the same.

    Return the fault; None where it never came to one. Raises what keeps the report from being taken; the fault is over
    all the same.
    """
    fault = _of(store, drill)
    try:
        bus.report(drill.said("OK", clock()))
    finally:
        if fault is not None and not fault.is_over:
            act_on_fault(store, fault.id, EndFault(End.RESOLVED, by, clock(), caller=by), clock)
    return fault


def _of(store: FaultsAndTickets, drill: Drill) -> Fault | None:
    faults = store.faults(store.desk_faults(drill.desk).numbers)
    return next((fault for fault in faults if fault.drill and drill.alarm in fault.known_alarms), None)


_LEVELS = {PageLevel.ON_CALL: Point.PAGED, PageLevel.ESCALATION: Point.ESCALATED}


def _points(store: Drilled, fault: Fault) -> Iterator[Point]:
    yield Point.OPENED
    sent = {
        page.level
        for _, state, body in store.outbox(fault.id)
        if state is OutboxState.SENT and isinstance(page := OUTGOING.validate_json(body), OutgoingPage)
    }
    yield from (point for level, point in _LEVELS.items() if level in sent)
    if fault.acknowledged_at is not None:
        yield Point.ACKNOWLEDGED
