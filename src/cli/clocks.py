"""`reglament deadline` and `reglament clock`: when something is due, which time counts, and why the rest does not."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from cli import printing
from cli.target import Misuse, connect, desk_named, instant, ticket_number, ticket_of, zone_of
from domain.findings import Mode
from domain.regulation.edition import Edition
from domain.regulation.editions import NoEditionInForce, edition_at
from domain.ticket.ticket import LapseClock, ReactionClock, Ticket
from domain.working_time import OUTSIDE_HOURS, WEEKEND, WORKING, Interval
from handlers import wiring

ROUND_THE_CLOCK = "round_the_clock"
REASONS = {
    WORKING: "working time",
    OUTSIDE_HOURS: "outside hours",
    "break": "break",
    "shortened": "shortened before a holiday",
    WEEKEND: "weekend",
    "holiday": "holiday",
    "moved_day_off": "day off moved here",
    "decreed_day_off": "day off by decree",
    "override": "by the desk's own timetable",
    "day_of_event": "the day of the event is not counted",
    "details_missing": "required details were missing",
    ROUND_THE_CLOCK: "round the clock",
}
"""What the codes of intervals mean; those of days off are followed by the calendar's own words."""
NAMED = frozenset({"holiday", "moved_day_off", "decreed_day_off", "override"})


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time, counted or with the reason why not, and the clause that says so."""

    start: datetime
    end: datetime
    reason: str
    phrase: str
    clause: str | None
    day: int | None = None
    """Which day of a term in working days it is."""

    @property
    def counted(self) -> bool:
        """True where the time passed for the clock."""
        return self.reason in (WORKING, ROUND_THE_CLOCK)


@dataclass(frozen=True, slots=True)
class Report:
    """One clock: what was promised, from when, what has passed of it."""

    clock: str
    state: str
    clause: str | None
    start: datetime
    due: datetime
    allowance: str
    used: str
    left: str
    stretches: tuple[Stretch, ...]
    undecreed_years: tuple[int, ...] = ()
    marks: tuple[tuple[str, datetime], ...] = ()
    """Instants that belong to it: warned, breached, stopped."""


# The verbs ------------------------------------------------------------------------------------------------


def deadline(args: Namespace) -> int:
    """Print when the reaction to a letter that arrives at an instant would be due."""
    desk = desk_named(args.desk)
    at = instant(args.at, zone_of(desk))
    try:
        edition = edition_at(desk, at)
    except NoEditionInForce as error:
        raise Misuse(f"--at: {error}") from error
    report = _critical_promise(edition, at) if args.critical else _reaction_promise(edition, at)
    if args.json:
        zone = edition.hours.time_zone
        printing.as_json({"desk": desk, "edition": edition.name, "critical": args.critical, **_data(report, zone)})
        return 0
    print(f"{desk}, edition {edition.name}")
    _show(report, edition.hours.time_zone)
    if args.critical and edition.critical.mode is not Mode.AUTOMATIC:
        print("  At this desk a fault is critical once a specialist says so: nobody is paged by a rule alone.")
    return 0


def clock(args: Namespace) -> int:
    """Print every clock of a ticket, and the time spent waiting for the client, which is no clock of the desk."""
    number = ticket_number(args.id)
    connect(args)
    ticket, edition = ticket_of(number)
    now, zone = wiring.now(), edition.hours.time_zone
    reports = [*_clocks_of(ticket, edition, now)]
    waits = [*_waits_of(ticket, edition, now)]
    if args.json:
        printing.as_json(
            {
                "ticket": ticket.id,
                "desk": ticket.desk,
                "edition": ticket.edition,
                "status": ticket.status.value,
                "clocks": [_data(report, zone) for report in reports],
                "waiting_for_client": [
                    {
                        "from": printing.iso(start, zone),
                        "to": printing.iso(end, zone) if end else None,
                        "working_seconds": int(working.total_seconds()),
                        "clause": edition.lapse.waiting_clause,
                    }
                    for start, end, working in waits
                ],
            }
        )
        return 0
    print(f"{ticket.id}: {ticket.status}; edition {ticket.edition} of {ticket.desk}")
    for report in reports:
        print()
        _show(report, zone)
    if ticket.reaction is None:
        print("\nreaction: " + _no_promise(ticket, edition))
    if waits:
        ground = printing.clause_of(edition.lapse.waiting_clause)
        print(f"\nwaiting for the client ({ground}): kept apart from the desk's own time")
        printing.table([_wait_row(*wait, zone) for wait in waits], indent="  ")
        total = sum((working for _, _, working in waits), timedelta())
        print(f"  {printing.length(total)} of working time in all")
    return 0


def _no_promise(ticket: Ticket, edition: Edition) -> str:
    if ticket.closed_at is not None:
        return "none was promised before the ticket was closed"
    if not ticket.requester.address:
        return "none: an alarm opened the ticket, and only the critical clock runs"
    ground = printing.clause_of(edition.reaction.counted_from_clause)
    return f"not promised yet: it counts from the letter that completes the request ({ground})"


def _wait_row(start: datetime, end: datetime | None, working: timedelta, zone: str) -> tuple[str, str, str]:
    until = printing.moment(end, zone) if end else "now"
    return (printing.moment(start, zone), f"to {until}", f"{printing.length(working)} of working time")


# Clocks of a ticket ---------------------------------------------------------------------------------------


def _clocks_of(ticket: Ticket, edition: Edition, now: datetime) -> Iterator[Report]:
    if ticket.reaction is not None:
        yield _reaction_clock(ticket, ticket.reaction, edition, now)
    if ticket.lapse is not None:
        yield _lapse_clock(ticket.lapse, edition, now)
    critical = ticket.critical
    if critical is not None:
        ended = critical.acknowledged_at or critical.ended_at
        until = ended or now
        state = "acknowledged" if critical.acknowledged_at else "ended" if ended else "runs"
        allowance = timedelta(minutes=edition.critical.within_minutes)
        marks = (
            ("escalated", critical.escalated_at),
            ("breached", critical.breached_at),
            ("acknowledged", critical.acknowledged_at),
            ("ended", critical.ended_at),
            ("next page", critical.next_page_at if critical.runs else None),
        )
        yield Report(
            clock="critical",
            state=f"{state}; {printing.count(critical.pages, 'page')}",
            clause=critical.clause,
            start=critical.since,
            due=critical.due,
            allowance=printing.length(allowance),
            used=printing.length(until - critical.since),
            left=printing.length(critical.due - until),
            stretches=(Stretch(critical.since, until, ROUND_THE_CLOCK, "", critical.clause),),
            marks=_marks(*marks),
        )


def _reaction_clock(ticket: Ticket, reaction: ReactionClock, edition: Edition, now: datetime) -> Report:
    until = reaction.stopped_at or now
    promise = _reaction_promise(edition, reaction.counted_from, due=reaction.due)
    stretches = promise.stretches
    if until > reaction.due:
        stretches += tuple(_counted(edition, interval) for interval in edition.calendar.intervals(reaction.due, until))
    elif reaction.stopped_at is not None:
        cut = max(reaction.stopped_at, reaction.counted_from)
        stretches = _reaction_promise(edition, reaction.counted_from, due=cut).stretches
    if reaction.counted_from > ticket.arrived_at and not ticket.reopened:
        missing = edition.reaction.counted_from_clause
        before = Stretch(ticket.arrived_at, reaction.counted_from, "details_missing", "", missing)
        stretches = (before, *stretches)
    used, left = _spent(edition, reaction, until)
    state = "runs"
    if reaction.stopped_at is not None:
        state = "stopped in time" if reaction.stopped_at <= reaction.due else "stopped late"
    elif now > reaction.due:
        state = "overdue"
    marks = (("warned", reaction.warned_at), ("breached", reaction.breached_at), ("stopped", reaction.stopped_at))
    return replace(
        promise,
        state=state,
        clause=reaction.clause,
        used=used,
        left=left,
        stretches=stretches,
        undecreed_years=tuple(dict.fromkeys((*reaction.undecreed_years, *promise.undecreed_years))),
        marks=_marks(("to be warned", reaction.warn_at if reaction.runs and not reaction.warned_at else None), *marks),
    )


def _lapse_clock(lapse: LapseClock, edition: Edition, now: datetime) -> Report:
    days = edition.lapse.client_working_days
    stretches = tuple(_days(edition, lapse.asked_at, lapse.due, lapse.clause))
    passed = sum(1 for stretch in stretches if stretch.day is not None and stretch.end <= now)
    end = "the ticket lapses" if lapse.lapses else "the specialist is reminded"
    return Report(
        clock="lapse",
        state=f"waits for an answer to the {lapse.asked_for}; then {end}",
        clause=lapse.clause,
        start=lapse.asked_at,
        due=lapse.due,
        allowance=f"{printing.count(days, 'working day')} of the client",
        used=printing.count(passed, "working day"),
        left=printing.count(days - passed, "working day"),
        stretches=stretches,
        undecreed_years=tuple(
            dict.fromkeys((*lapse.undecreed_years, *edition.calendar.undecreed_years(lapse.asked_at, lapse.due)))
        ),
        marks=_marks(
            ("to be reminded", lapse.remind_at if lapse.reminded_at is None else None),
            ("reminded", lapse.reminded_at),
            ("expired", lapse.expired_at),
        ),
    )


def _waits_of(ticket: Ticket, edition: Edition, now: datetime) -> Iterator[tuple[datetime, datetime | None, timedelta]]:
    for span in ticket.waits:
        yield span.start, span.end, edition.calendar.between(span.start, max(span.end or now, span.start))


def _marks(*marks: tuple[str, datetime | None]) -> tuple[tuple[str, datetime], ...]:
    return tuple((name, at) for name, at in marks if at is not None)


# Promises -------------------------------------------------------------------------------------------------


def _critical_promise(edition: Edition, at: datetime) -> Report:
    allowance = timedelta(minutes=edition.critical.within_minutes)
    due, clause = at + allowance, edition.critical.clause
    stretch = Stretch(at, due, ROUND_THE_CLOCK, "", clause)
    length = printing.length(allowance)
    return Report("critical", "would run", clause, at, due, length, "nothing", length, (stretch,))


def _reaction_promise(edition: Edition, at: datetime, due: datetime | None = None) -> Report:
    reaction = edition.reaction
    due = due or edition.reaction_due(at)
    if reaction.working_hours is not None:
        allowance = printing.count(reaction.working_hours, "working hour")
        stretches = tuple(_counted(edition, interval) for interval in edition.calendar.intervals(at, due))
    else:
        assert reaction.working_days is not None  # one of the two terms is there
        allowance = printing.count(reaction.working_days, "working day")
        stretches = tuple(_days(edition, at, due, reaction.clause))
    return Report(
        clock="reaction",
        state="would run",
        clause=reaction.clause,
        start=at,
        due=due,
        allowance=allowance,
        used="nothing",
        left=allowance,
        stretches=stretches,
        undecreed_years=tuple(edition.calendar.undecreed_years(at, due)),
    )


def _spent(edition: Edition, reaction: ReactionClock, until: datetime) -> tuple[str, str]:
    """Return what has passed of the allowance by `until`, and what is left of it."""
    start = reaction.counted_from
    if edition.reaction.working_hours is not None:
        used = edition.calendar.between(start, max(until, start))
        return printing.length(used), printing.length(timedelta(hours=edition.reaction.working_hours) - used)
    assert edition.reaction.working_days is not None  # one of the two terms is there
    passed = _days_passed(edition, start, reaction.due, until)
    if until > reaction.due:
        tonight = _midnight(edition, edition.calendar.local(until).date() + timedelta(days=1))
        passed += _days_passed(edition, reaction.due, tonight, until)
    return printing.count(passed, "working day"), printing.count(edition.reaction.working_days - passed, "working day")


def _days_passed(edition: Edition, start: datetime, end: datetime, until: datetime) -> int:
    """Return how many working days of a term are over by `until`; a day that has begun is not."""
    return sum(1 for stretch in _days(edition, start, end, None) if stretch.day is not None and stretch.end <= until)


def _counted(edition: Edition, interval: Interval) -> Stretch:
    clause = edition.reaction.clause if interval.counted else edition.hours.clause
    return Stretch(interval.start, interval.end, interval.reason, interval.phrase, clause)


def _days(edition: Edition, start: datetime, end: datetime, clause: str | None) -> Iterator[Stretch]:
    """Return the days of a term in working days: the day of the event and days off do not count."""
    calendar = edition.calendar
    first, last = calendar.local(start).date(), calendar.local(end - timedelta(microseconds=1)).date()
    day_ends = _midnight(edition, first + timedelta(days=1))
    off = Stretch(start, min(day_ends, end), "day_of_event", "", clause)
    number = 0
    for ordinal in range(first.toordinal() + 1, last.toordinal() + 1):
        day = date.fromordinal(ordinal)
        begin, finish = _midnight(edition, day), _midnight(edition, day + timedelta(days=1))
        if calendar.is_working_day(day):
            if off.start < off.end:
                yield off
            number += 1
            yield Stretch(begin, min(finish, end), WORKING, "рабочий день", clause, day=number)
            off = Stretch(finish, finish, "", "", None)
            continue
        why = calendar.intervals(begin, finish)[0]
        if off.start < off.end and (off.reason, off.phrase) != (why.reason, why.phrase):
            yield off
            off = Stretch(begin, begin, "", "", None)
        off = Stretch(off.start, min(finish, end), why.reason, why.phrase, edition.hours.clause)
    if off.start < off.end:
        yield off


def _midnight(edition: Edition, day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=edition.calendar.zone)


# Showing --------------------------------------------------------------------------------------------------


def _data(report: Report, zone: str) -> dict[str, Any]:
    warning = printing.undecreed(report.undecreed_years) or None
    return {
        "clock": report.clock,
        "state": report.state,
        "clause": report.clause,
        "from": printing.iso(report.start, zone),
        "due": printing.iso(report.due, zone),
        "allowance": report.allowance,
        "used": report.used,
        "left": report.left,
        "intervals": [
            {
                "from": printing.iso(stretch.start, zone),
                "to": printing.iso(stretch.end, zone),
                "counted": stretch.counted,
                "day": stretch.day,
                "reason": stretch.reason,
                "phrase": stretch.phrase,
                "clause": stretch.clause,
            }
            for stretch in report.stretches
        ],
        "undecreed_years": list(report.undecreed_years),
        "warning": warning,
        **{name.replace(" ", "_") + "_at": printing.iso(at, zone) for name, at in report.marks},
    }


def _show(report: Report, zone: str) -> None:
    print(f"{report.clock} ({printing.clause_of(report.clause)}): {report.state}")
    rows = [
        ("from", printing.moment(report.start, zone)),
        ("due", printing.moment(report.due, zone)),
        ("allowance", f"{report.allowance}: used {report.used}, left {report.left}"),
        *((name, printing.moment(at, zone)) for name, at in report.marks),
    ]
    printing.table(rows, indent="  ")
    printing.table((_row(stretch, zone) for stretch in report.stretches), indent="    ")
    if warning := printing.undecreed(report.undecreed_years):
        print(f"  warning: {warning}")


def _row(stretch: Stretch, zone: str) -> tuple[str, str, str, str, str]:
    why = REASONS.get(stretch.reason, stretch.reason)
    if stretch.reason in NAMED:
        why += f": {stretch.phrase}"
    lasted = printing.length(stretch.end - stretch.start)
    if stretch.day is not None:
        why, lasted = "working day", f"day {stretch.day}"
    return (
        printing.moment(stretch.start, zone),
        printing.moment(stretch.end, zone),
        "counted" if stretch.counted else "-",
        lasted,
        f"{why} ({printing.clause_of(stretch.clause)})",
    )
