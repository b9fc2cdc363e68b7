"""`reglament deadline` and `reglament clock`: when something is due, which time counts, and why the rest does not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, assert_never

from application.faults import fault_of
from cli import printing
from cli.fault_words import next_step, pages_of, state_of
from cli.faults import as_data
from cli.options import Options
from cli.target import Misuse, connect, desk_named, instant, ticket_number, ticket_of, zone_of
from composition import AwsServices
from domain.fault.fault import Fault
from domain.fault.timers import next_fault_timer
from domain.findings import Mode
from domain.regulation.edition import Edition
from domain.regulation.editions import NoEditionInForce, edition_at, edition_named
from domain.ticket.clock_report import (
    DAY_OF_EVENT,
    DETAILS_MISSING,
    ROUND_THE_CLOCK,
    Amount,
    ClockName,
    ClockReport,
    ClockState,
    NoPromise,
    Stretch,
    Wait,
    WorkingDays,
    clocks_of,
    promise,
    waits_of,
    why_not_promised,
)
from domain.ticket.ticket import Ticket
from domain.working_time import BREAK, OUTSIDE_HOURS, OVERRIDE, SHORTENED, WEEKEND, WORKING

REASONS = {
    WORKING: "working time",
    OUTSIDE_HOURS: "outside hours",
    BREAK: "break",
    SHORTENED: "shortened before a holiday",
    WEEKEND: "weekend",
    "holiday": "holiday",
    "moved_day_off": "day off moved here",
    "decreed_day_off": "day off by decree",
    OVERRIDE: "by the desk's own timetable",
    DAY_OF_EVENT: "the day of the event is not counted",
    DETAILS_MISSING: "required details were missing",
    ROUND_THE_CLOCK: "round the clock",
}
"""What the codes of stretches mean; those of days off are followed by the calendar's own words."""
NAMED = frozenset({"holiday", "moved_day_off", "decreed_day_off", OVERRIDE})


def deadline(options: Options, _services: AwsServices, desk: str, at: str, *, critical: bool) -> int:
    """Print when the reaction to a letter that arrives at an instant would be due."""
    desk_id = desk_named(desk)
    arrival = instant(at, zone_of(desk_id))
    try:
        edition = edition_at(desk_id, arrival)
    except NoEditionInForce as error:
        raise Misuse(f"--at: {error}") from error
    report = promise(edition, arrival, critical=critical)
    zone = edition.hours.time_zone
    if options.json:
        printing.as_json({"desk": desk_id, "edition": edition.name, "critical": critical, **_data(report, zone)})
        return 0
    print(f"{desk_id}, edition {edition.name}")
    _show(report, zone)
    if critical and edition.critical.mode is not Mode.AUTOMATIC:
        print("  At this desk a fault is critical once a specialist says so: nobody is paged by a rule alone.")
    return 0


def clock(options: Options, services: AwsServices, ticket_id: str) -> int:
    """Print every clock of a ticket, and the time spent waiting for the client, which is no clock of the desk."""
    number = ticket_number(ticket_id)
    services = connect(options, services)
    ticket, edition = ticket_of(number, services)
    now, zone = services.now(), edition.hours.time_zone
    reports, waits = clocks_of(ticket, edition, now), waits_of(ticket, edition, now)
    fault = fault_of(services.store, number)
    if options.json:
        printing.as_json(
            {
                "ticket": ticket.id,
                "desk": ticket.desk,
                "edition": ticket.edition,
                "status": ticket.status.value,
                "clocks": [_data(report, zone) for report in reports],
                "waiting_for_client": [_wait_data(wait, zone) for wait in waits],
                "fault": as_data(fault, services.store.members(fault.id)) if fault is not None else None,
            }
        )
        return 0
    print(f"{ticket.id}: {ticket.status}; edition {ticket.edition} of {ticket.desk}")
    for report in reports:
        print()
        _show(report, zone)
        if report.clock is ClockName.CRITICAL and fault is not None:
            _show_fault(fault)
    _show_no_promise(ticket, edition)
    _show_waits(waits, zone)
    return 0


# In words -------------------------------------------------------------------------------------------------


def _show(report: ClockReport, zone: str) -> None:
    print(f"{report.clock} ({printing.clause_of(report.clause)}): {_state(report)}")
    rows = [
        ("from", printing.moment(report.start, zone)),
        ("due", printing.moment(report.due, zone)),
        ("allowance", f"{_allowance(report)}: used {_used(report)}, left {_left(report)}"),
        *((name, printing.moment(at, zone)) for name, at in report.marks),
    ]
    printing.table(rows, indent="  ")
    printing.table((_row(stretch, zone) for stretch in report.stretches), indent="    ")
    if warning := printing.undecreed(report.undecreed_years):
        print(f"  warning: {warning}")


def _show_fault(fault: Fault) -> None:
    """Show whose pages they are that go with a critical clock, and what comes next."""
    edition = edition_named(fault.desk, fault.edition)
    print(f"  its pages are those of fault {fault.id}: {state_of(fault)}")
    rows = [
        ("pages", pages_of(fault.series)),
        ("next", next_step(next_fault_timer(fault, edition), zone_of(fault.desk))),
    ]
    printing.table(rows, indent="    ")


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


def _show_no_promise(ticket: Ticket, edition: Edition) -> None:
    match why_not_promised(ticket):
        case None:
            return
        case NoPromise.CLOSED:
            why = "none was promised before the ticket was closed"
        case NoPromise.ALARM:
            why = "none: an alarm opened the ticket, and only the critical clock runs"
        case NoPromise.DETAILS_MISSING:
            clause = printing.clause_of(edition.reaction.counted_from_clause)
            why = f"not promised yet: it counts from the letter that completes the request ({clause})"
        case unreachable:
            assert_never(unreachable)
    print(f"\nreaction: {why}")


def _show_waits(waits: Sequence[Wait], zone: str) -> None:
    if not waits:
        return
    print(f"\nwaiting for the client ({printing.clause_of(waits[0].clause)}): kept apart from the desk's own time")
    printing.table([_wait_row(wait, zone) for wait in waits], indent="  ")
    total = sum((wait.working for wait in waits), timedelta())
    print(f"  {printing.length(total)} of working time in all")


def _wait_row(wait: Wait, zone: str) -> tuple[str, str, str]:
    until = printing.moment(wait.end, zone) if wait.end else "now"
    return (printing.moment(wait.start, zone), f"to {until}", f"{printing.length(wait.working)} of working time")


def _state(report: ClockReport) -> str:
    match report.clock, report.state:
        case ClockName.LAPSE, ClockState.UNSENT:
            return f"the {report.asked_for} has not left, and the term does not count yet"
        case ClockName.LAPSE, _:
            end = "the ticket lapses" if report.lapses else "the specialist is reminded"
            return f"waits for an answer to the {report.asked_for}; then {end}"
        case ClockName.CRITICAL, (ClockState.RUNS | ClockState.ACKNOWLEDGED | ClockState.ENDED) as state:
            pages = f"; {printing.count(report.pages, 'page')} to the on-call, {report.escalations} to escalation"
            return state.value + (pages if report.pages else "")
        case _, state:
            return state.value


def _allowance(report: ClockReport) -> str:
    match report.clock, report.allowance:
        case ClockName.REACTION, timedelta() as hours:
            return printing.count(hours // timedelta(hours=1), "working hour")
        case ClockName.LAPSE, days:
            return f"{_amount(days)} of the client"
        case _, amount:
            return _amount(amount)


def _used(report: ClockReport) -> str:
    return "nothing" if report.used is None else _amount(report.used)


def _left(report: ClockReport) -> str:
    return _allowance(report) if report.used is None else _amount(report.left)


def _amount(amount: Amount) -> str:
    return printing.count(amount.number, "working day") if isinstance(amount, WorkingDays) else printing.length(amount)


# As data --------------------------------------------------------------------------------------------------


def _data(report: ClockReport, zone: str) -> dict[str, Any]:
    return {
        "clock": report.clock,
        "state": _state(report),
        "clause": report.clause,
        "from": printing.iso(report.start, zone),
        "due": printing.iso(report.due, zone),
        "allowance": _allowance(report),
        "used": _used(report),
        "left": _left(report),
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
        "warning": printing.undecreed(report.undecreed_years) or None,
        **{name.replace(" ", "_") + "_at": printing.iso(at, zone) for name, at in report.marks},
    }


def _wait_data(wait: Wait, zone: str) -> dict[str, Any]:
    return {
        "from": printing.iso(wait.start, zone),
        "to": printing.iso(wait.end, zone) if wait.end else None,
        "working_seconds": int(wait.working.total_seconds()),
        "clause": wait.clause,
    }
