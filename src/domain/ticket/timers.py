"""Which instants of a ticket come due by themselves, and which is next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from domain.findings import Value

if TYPE_CHECKING:
    from domain.ticket.ticket import CriticalClock, LapseClock, OwedAnswer, ReactionClock, Ticket


class TimerKind(StrEnum):
    """What comes due."""

    REACTION_WARNING = "reaction_warning"
    REACTION_BREACH = "reaction_breach"
    LAPSE_WARNING = "lapse_warning"
    LAPSE = "lapse"
    ANSWER_OWNER = "answer_owner"
    ANSWER_TEAM = "answer_team"
    PAGE_REPEAT = "page_repeat"
    """Of a ticket that an earlier version paged for by itself: it is made a report of a fault, which pages on."""
    PAGE_ESCALATE = "page_escalate"
    """Only in what earlier versions recorded."""
    CRITICAL_BREACH = "critical_breach"
    DIGEST = "digest"


class Timer(Value):
    """One instant at which the desk has to do something of its own accord."""

    kind: TimerKind
    at: datetime
    clause: str | None


def timers_of(ticket: Ticket) -> tuple[Timer, ...]:
    """Return every timer that is armed, the earliest first; once the ticket is closed, those of digests alone."""
    digests = (Timer(kind=TimerKind.DIGEST, at=digest.due, clause=None) for digest in ticket.digests)
    return tuple(sorted((*clock_timers_of(ticket), *digests), key=lambda timer: timer.at))


def clock_timers_of(ticket: Ticket) -> tuple[Timer, ...]:
    """Return the timers of the ticket's own clocks, the earliest first; none once it is closed."""
    if ticket.closed_at is not None:
        return ()
    critical = [*_critical(ticket.critical)]
    # Nobody's silence ends a fault that nobody has taken in hand.
    is_paged = ticket.critical is not None and ticket.critical.runs
    lapse = [] if is_paged else [*_lapse(ticket.lapse)]
    armed = [*_reaction(ticket.reaction), *lapse, *_owed(ticket.owed), *critical]
    return tuple(sorted(armed, key=lambda timer: timer.at))


def next_timer(ticket: Ticket) -> Timer | None:
    """Return the timer that comes due first, or None; a ticket stores only this instant."""
    return next(iter(timers_of(ticket)), None)


def _reaction(clock: ReactionClock | None) -> Iterator[Timer]:
    """Return the timers of the promised reaction: its warning and its breach (MDO 2.1, Storeolis 2.3)."""
    if clock is None or not clock.runs:
        return
    if clock.warned_at is None and clock.breached_at is None:
        yield Timer(kind=TimerKind.REACTION_WARNING, at=clock.warn_at, clause=clock.clause)
    if clock.breached_at is None:
        yield Timer(kind=TimerKind.REACTION_BREACH, at=clock.due, clause=clock.clause)


def _lapse(clock: LapseClock | None) -> Iterator[Timer]:
    """Return the timers of the client's silence: the reminder and the end of the term (MDO 2.5)."""
    if clock is None or not clock.counts:
        return
    if clock.remind_at is not None and clock.reminded_at is None:
        yield Timer(kind=TimerKind.LAPSE_WARNING, at=clock.remind_at, clause=clock.clause)
    yield Timer(kind=TimerKind.LAPSE, at=clock.due, clause=clock.clause)


def _owed(owed: OwedAnswer | None) -> Iterator[Timer]:
    """Return the reminders of a client who waits for an answer: to the owner, then to the team (house rule)."""
    if owed is None:
        return
    if owed.owner_reminded_at is None:
        yield Timer(kind=TimerKind.ANSWER_OWNER, at=owed.owner_at, clause=None)
    if owed.team_reminded_at is None:
        yield Timer(kind=TimerKind.ANSWER_TEAM, at=owed.team_at, clause=None)


def _critical(clock: CriticalClock | None) -> Iterator[Timer]:
    """Return the end of the promise to who reported a critical fault that nobody has acknowledged (MDO 2.1).

    Its pages are the fault's. Where an earlier version paged for the ticket alone, whatever of it comes first makes it
    a report of a fault, before its breach is looked at.
    """
    if clock is None or not clock.runs:
        return
    if clock.is_unadopted:
        before_breach = clock.due if clock.breached_at is None else None
        escalates = clock.escalate_at if clock.escalated_at is None else None
        first = min(filter(None, (clock.next_page_at, escalates, before_breach)), default=clock.due)
        yield Timer(kind=TimerKind.PAGE_REPEAT, at=first, clause=clock.clause)
    elif clock.breached_at is None:
        yield Timer(kind=TimerKind.CRITICAL_BREACH, at=clock.due, clause=clock.clause)
