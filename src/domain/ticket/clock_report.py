"""The clocks of a ticket, explained: what each promises, what has passed, which time counts, and why the rest does not.

The time in which the desk waits for the client is no clock of the desk: it is kept apart (MDO 2.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from domain.regulation.edition import Edition
from domain.ticket.ticket import AskedFor, CriticalClock, LapseClock, ReactionClock, Ticket
from domain.working_time import WORKING

ROUND_THE_CLOCK = "round_the_clock"
DAY_OF_EVENT = "day_of_event"
DETAILS_MISSING = "details_missing"
"""Reasons of stretches, in addition to those of `domain.working_time`."""

_WORKING_DAY = "рабочий день"


class ClockName(StrEnum):
    """Which clock of a ticket a report is about."""

    REACTION = "reaction"
    LAPSE = "lapse"
    CRITICAL = "critical"


class ClockState(StrEnum):
    """What has become of a clock."""

    WOULD_RUN = "would run"
    """There is no ticket yet: the promise to a request that would arrive."""
    RUNS = "runs"
    OVERDUE = "overdue"
    STOPPED_IN_TIME = "stopped in time"
    STOPPED_LATE = "stopped late"
    UNSENT = "unsent"
    """The client's term, which counts from when the question leaves; it has not."""
    WAITS = "waits"
    """The client's term to answer."""
    ACKNOWLEDGED = "acknowledged"
    ENDED = "ended"


class NoPromise(StrEnum):
    """Why a ticket has no reaction clock."""

    CLOSED = "closed"
    """It was closed before anything was promised."""
    ALARM = "alarm"
    """An alarm opened it, and only the critical clock runs."""
    DETAILS_MISSING = "details_missing"
    """The clock counts from the letter that completes the request."""


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """A number of working days; negative where a term is exceeded."""

    number: int


Amount = timedelta | WorkingDays
"""How long a term is, or how much of it has passed."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, counted or with the reason why not, and the clause that says so."""

    start: datetime
    end: datetime
    reason: str
    phrase: str
    """The reason in words for people (Russian); empty where it has none."""
    clause: str | None
    day: int | None = None
    """Which day of a term in working days it is."""

    @property
    def counted(self) -> bool:
        """True where the time passes for the clock."""
        return self.reason in (WORKING, ROUND_THE_CLOCK)


@dataclass(frozen=True, slots=True)
class ClockReport:
    """One clock: what is promised, from when, and what has passed of it."""

    clock: ClockName
    state: ClockState
    clause: str | None
    start: datetime
    due: datetime
    allowance: Amount
    used: Amount | None
    """None while it only would run."""
    stretches: tuple[Stretch, ...]
    undecreed_years: tuple[int, ...] = ()
    """Years on which it rests and whose production calendar is not decreed."""
    marks: tuple[tuple[str, datetime], ...] = ()
    """Instants that belong to it, such as `warned` or `stopped`."""
    asked_for: AskedFor | None = None
    """What the client is to answer; of a lapse clock only."""
    lapses: bool = False
    """Whether the ticket lapses when it is over; of a lapse clock only."""
    fault: str = ""
    """The number of the fault that is reported; of a critical clock only."""
    pages: int = 0
    """How often an earlier version paged the on-call for the ticket alone; a fault counts its own."""
    escalations: int = 0
    """How often it paged the escalation contact."""

    @property
    def left(self) -> Amount:
        """What is left of the allowance; negative where it is exceeded."""
        match self.allowance, self.used:
            case timedelta() as allowance, timedelta() as used:
                return allowance - used
            case WorkingDays(allowance), WorkingDays(used):
                return WorkingDays(allowance - used)
            case _:
                return self.allowance


@dataclass(frozen=True, slots=True)
class Wait:
    """A time in which the desk waited for the client; `end` is None while it lasts."""

    start: datetime
    end: datetime | None
    working: timedelta
    """How much of it was working time."""
    clause: str | None


# Reports --------------------------------------------------------------------------------------------------


def promise(edition: Edition, at: datetime, *, critical: bool) -> ClockReport:
    """Return what an edition promises to a request that is complete at an instant, or to a critical fault."""
    if critical:
        allowance = timedelta(minutes=edition.critical.within_minutes)
        due, clause = edition.critical_due(at), edition.critical.clause
        return ClockReport(
            clock=ClockName.CRITICAL,
            state=ClockState.WOULD_RUN,
            clause=clause,
            start=at,
            due=due,
            allowance=allowance,
            used=None,
            stretches=(Stretch(at, due, ROUND_THE_CLOCK, "", clause),),
        )
    due = edition.reaction_due(at)
    return ClockReport(
        clock=ClockName.REACTION,
        state=ClockState.WOULD_RUN,
        clause=edition.reaction.clause,
        start=at,
        due=due,
        allowance=_reaction_allowance(edition),
        used=None,
        stretches=tuple(_stretches_of_reaction(edition, at, due)),
        undecreed_years=edition.calendar.undecreed_years(at, due),
    )


def clocks_of(ticket: Ticket, edition: Edition, now: datetime) -> tuple[ClockReport, ...]:
    """Return every clock of a ticket as it is now; `edition` is the one that the ticket pins."""
    reports: list[ClockReport] = []
    if ticket.reaction is not None:
        reports.append(_reaction(ticket, ticket.reaction, edition, now))
    if ticket.lapse is not None:
        reports.append(_lapse(ticket.lapse, edition, now))
    if ticket.critical is not None:
        reports.append(_critical(ticket.critical, edition, now))
    return tuple(reports)


def why_not_promised(ticket: Ticket) -> NoPromise | None:
    """Return why a ticket has no reaction clock; None where it has one."""
    if ticket.reaction is not None:
        return None
    if ticket.closed_at is not None:
        return NoPromise.CLOSED
    return NoPromise.DETAILS_MISSING if ticket.requester.address else NoPromise.ALARM


def waits_of(ticket: Ticket, edition: Edition, now: datetime) -> tuple[Wait, ...]:
    """Return every time in which the desk waited for the client, with its working time (MDO 2.4)."""
    return tuple(
        Wait(
            start=span.start,
            end=span.end,
            working=edition.calendar.between(span.start, max(span.end or now, span.start)),
            clause=edition.lapse.waiting_clause,
        )
        for span in ticket.waits
    )


def _reaction(ticket: Ticket, clock: ReactionClock, edition: Edition, now: datetime) -> ClockReport:
    start, until = clock.counted_from, clock.stopped_at or now
    shown_to = clock.due
    if clock.stopped_at is not None and clock.stopped_at <= clock.due:
        shown_to = max(clock.stopped_at, start)
    stretches = [*_stretches_of_reaction(edition, start, shown_to)]
    if until > clock.due:
        stretches += _hours(edition, clock.due, until)
    if start > ticket.arrived_at and not ticket.reopened:
        missing = Stretch(ticket.arrived_at, start, DETAILS_MISSING, "", edition.reaction.counted_from_clause)
        stretches.insert(0, missing)
    return ClockReport(
        clock=ClockName.REACTION,
        state=_reaction_state(clock, now),
        clause=clock.clause,
        start=start,
        due=clock.due,
        allowance=_reaction_allowance(edition),
        used=_used(edition, clock, until),
        stretches=tuple(stretches),
        undecreed_years=_years(clock.undecreed_years, edition.calendar.undecreed_years(start, clock.due)),
        marks=_marks(
            ("to be warned", clock.warn_at if clock.runs and not clock.warned_at else None),
            ("warned", clock.warned_at),
            ("breached", clock.breached_at),
            ("stopped", clock.stopped_at),
        ),
    )


def _reaction_state(clock: ReactionClock, now: datetime) -> ClockState:
    if clock.stopped_at is None:
        return ClockState.OVERDUE if now > clock.due else ClockState.RUNS
    return ClockState.STOPPED_IN_TIME if clock.stopped_at <= clock.due else ClockState.STOPPED_LATE


def _lapse(clock: LapseClock, edition: Edition, now: datetime) -> ClockReport:
    start = clock.counted_from
    stretches = () if clock.unsent else tuple(_days(edition, start, clock.due, clock.clause))
    return ClockReport(
        clock=ClockName.LAPSE,
        state=ClockState.UNSENT if clock.unsent else ClockState.WAITS,
        clause=clock.clause,
        start=start,
        due=clock.due,
        allowance=WorkingDays(edition.lapse.client_working_days),
        used=WorkingDays(_days_over(stretches, now)),
        stretches=stretches,
        undecreed_years=_years(clock.undecreed_years, edition.calendar.undecreed_years(start, clock.due)),
        marks=_marks(
            ("to be reminded", clock.remind_at if clock.reminded_at is None else None),
            ("reminded", clock.reminded_at),
            ("expired", clock.expired_at),
        ),
        asked_for=clock.asked_for,
        lapses=clock.lapses,
    )


def _critical(clock: CriticalClock, edition: Edition, now: datetime) -> ClockReport:
    ended = clock.acknowledged_at or clock.ended_at
    until, allowance = ended or now, timedelta(minutes=edition.critical.within_minutes)
    state = ClockState.ENDED if ended else ClockState.RUNS
    return ClockReport(
        clock=ClockName.CRITICAL,
        state=ClockState.ACKNOWLEDGED if clock.acknowledged_at else state,
        clause=clock.clause,
        start=clock.since,
        due=clock.due,
        allowance=allowance,
        used=allowance - (clock.due - until),
        stretches=(Stretch(clock.since, until, ROUND_THE_CLOCK, "", clock.clause),),
        marks=_marks(
            ("escalated", clock.escalated_at),
            ("breached", clock.breached_at),
            ("acknowledged", clock.acknowledged_at),
            ("ended", clock.ended_at),
            ("next page", clock.next_page_at if clock.is_unadopted else None),
        ),
        fault=clock.fault,
        pages=clock.pages,
        escalations=clock.escalations,
    )


def _marks(*marks: tuple[str, datetime | None]) -> tuple[tuple[str, datetime], ...]:
    return tuple((name, at) for name, at in marks if at is not None)


def _years(*years: tuple[int, ...]) -> tuple[int, ...]:
    """Return each year once, in the order in which it is first named."""
    return tuple(dict.fromkeys(year for group in years for year in group))


# What is promised and what has passed ---------------------------------------------------------------------


def _reaction_allowance(edition: Edition) -> Amount:
    if edition.reaction.working_hours is not None:
        return timedelta(hours=edition.reaction.working_hours)
    assert edition.reaction.working_days is not None  # one of the two terms is there
    return WorkingDays(edition.reaction.working_days)


def _used(edition: Edition, clock: ReactionClock, until: datetime) -> Amount:
    """Return how much of the promise has passed, so that nothing is left of it at the minute shown: seconds cut off are used."""
    start = clock.counted_from
    if edition.reaction.working_hours is not None:
        until, allowance = max(until, start), timedelta(hours=edition.reaction.working_hours)
        if until > clock.due:
            return allowance + edition.calendar.between(clock.due, until)
        return allowance - edition.calendar.between(until, clock.due)
    used = _days_over(_days(edition, start, clock.due, None), until)
    if until > clock.due:
        tonight = _midnight(edition, edition.calendar.local(until).date() + timedelta(days=1))
        used += _days_over(_days(edition, clock.due, tonight, None), until)
    return WorkingDays(used)


def _days_over(stretches: Iterable[Stretch], until: datetime) -> int:
    """Return how many working days of a term are over by `until`; a day that has begun is not."""
    return sum(1 for stretch in stretches if stretch.day is not None and stretch.end <= until)


# Which time counts ----------------------------------------------------------------------------------------


def _stretches_of_reaction(edition: Edition, start: datetime, end: datetime) -> Iterator[Stretch]:
    if edition.reaction.working_hours is not None:
        return _hours(edition, start, end)
    return _days(edition, start, end, edition.reaction.clause)


def _hours(edition: Edition, start: datetime, end: datetime) -> Iterator[Stretch]:
    """Return the stretches of a term in working hours, in order."""
    for interval in edition.calendar.intervals(start, end):
        clause = edition.reaction.clause if interval.counted else edition.hours.clause
        yield Stretch(interval.start, interval.end, interval.reason, interval.phrase, clause)


def _days(edition: Edition, start: datetime, end: datetime, clause: str | None) -> Iterator[Stretch]:
    """Return the stretches of a term in working days, in order: the day of the event and days off do not count."""
    calendar = edition.calendar
    first, last = calendar.local(start).date(), calendar.local(end - timedelta(microseconds=1)).date()
    pending = Stretch(start, min(_midnight(edition, first + timedelta(days=1)), end), DAY_OF_EVENT, "", clause)
    number = 0
    for ordinal in range(first.toordinal() + 1, last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        begin, finish = _midnight(edition, day), _midnight(edition, day + timedelta(days=1))
        if calendar.is_working_day(day):
            number += 1
            stretch = Stretch(begin, min(finish, end), WORKING, _WORKING_DAY, clause, day=number)
        else:
            why = calendar.intervals(begin, finish)[0]
            stretch = Stretch(begin, min(finish, end), why.reason, why.phrase, edition.hours.clause)
            if (pending.reason, pending.phrase) == (why.reason, why.phrase):  # a run of days off is one stretch
                pending = replace(pending, end=stretch.end)
                continue
        if pending.start < pending.end:
            yield pending
        pending = stretch
    if pending.start < pending.end:
        yield pending


def _midnight(edition: Edition, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=edition.calendar.zone)
