"""`reglament fault list`, `show` and `history`: which faults are open, one of them whole, what happened to it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from application.storage import OutboxKey, OutboxState
from cli import printing
from cli.fault_words import event_in_words, next_step, pages_of, reports_of, source_of, state_of, telling_of
from cli.options import Options
from cli.target import connect, desks_named, fault_with, number_given
from composition import AwsServices
from domain.caller import shown_caller
from domain.fault.events import FaultEvent
from domain.fault.fault import Fault, Member
from domain.fault.timers import next_fault_timer
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_named
from domain.ticket.outgoing import OUTGOING, OutgoingPage, PageLevel
from domain.ticket.ticket import Ticket

TICKETS_SHOWN = 30
"""Tickets of a fault that `fault show` prints unless it is asked for all: each is a request."""
WHAT_SHOWN = 60
"""Characters of what a fault is about."""
_HEAD = ("fault", "what", "since", "state", "reports", "tickets", "who has it", "next")


def list_faults(options: Options, services: AwsServices, desk: str | None, *, everything: bool) -> int:
    """Print the faults of the desks that are open, the earliest first, and after them those that ended lately."""
    services = connect(options, services)
    rows = []
    for fault in faults_of(services, desks_named(desk), everything=everything):
        members = services.store.members(fault.id)
        if options.json:
            printing.as_json(as_data(fault, members))
        else:
            rows.append(_row(fault, members))
    if not options.json:
        printing.table([_HEAD, *rows] if rows else [])
        if not rows:
            print("no fault is open" if not everything else "no fault is open, and none ended lately")
    return 0


def faults_of(services: AwsServices, desks: Sequence[str], *, everything: bool = False) -> Iterator[Fault]:
    """Return the faults of desks, desk by desk: the open ones by when they began, then those that ended lately."""
    for desk in desks:
        faults = services.store.faults(services.store.desk_faults(desk).numbers)
        for fault in sorted(faults, key=lambda one: (one.is_over, one.since, one.id)):
            if everything or not fault.is_over:
                yield fault


def _row(fault: Fault, members: Sequence[Member]) -> tuple[str, ...]:
    edition = edition_named(fault.desk, fault.edition)
    zone = edition.hours.time_zone
    return (
        fault.id,
        named(fault),
        printing.moment(fault.since, zone),
        state_of(fault),
        str(fault.reports),
        str(len(members)),
        who_has(fault) or "nobody",
        next_step(next_fault_timer(fault, edition), zone),
    )


def named(fault: Fault) -> str:
    """Return what a fault is about, marked where it is an exercise."""
    what = fault.what if len(fault.what) <= WHAT_SHOWN else f"{fault.what[: WHAT_SHOWN - 1].rstrip()}…"
    return ("EXERCISE " if fault.drill else "") + what


def who_has(fault: Fault) -> str:
    """Return who has a fault in hand, or ended it; empty where nobody has."""
    return (fault.ended_by if fault.is_over else fault.acknowledged_by) or ""


def as_data(fault: Fault, members: Sequence[Member]) -> dict[str, Any]:
    """Return what programs are told of a fault."""
    edition = edition_named(fault.desk, fault.edition)
    zone = edition.hours.time_zone
    timer = next_fault_timer(fault, edition)
    return {
        "fault": fault.id,
        "desk": fault.desk,
        "edition": fault.edition,
        "what": fault.what,
        "drill": fault.drill,
        "state": state_in_one_word(fault),
        "since": printing.iso(fault.since, zone),
        "due": printing.iso(fault.due, zone),
        "clause": fault.clause,
        "reports": fault.reports,
        "letters": fault.letters,
        "organisations": len(fault.organisations),
        "proved": not fault.strangers_only,
        "alarms": list(fault.alarms),
        "flaps": fault.flaps,
        "tickets": [member.ticket for member in members],
        "pages": fault.series.pages if fault.series is not None else 0,
        "escalations": fault.series.escalations if fault.series is not None else 0,
        "acknowledged_by": fault.acknowledged_by,
        "ended_by": fault.ended_by,
        "into": fault.into or None,
        **{name: printing.iso(at, zone) if at is not None else None for name, at in _instants(fault).items()},
        "next": {"timer": timer.kind.value, "at": printing.iso(timer.at, zone)} if timer is not None else None,
    }


def state_in_one_word(fault: Fault) -> str:
    """Return the state of a fault in the one word that programs compare."""
    if fault.into:
        return "joined"
    if fault.end is not None:
        return fault.end.value
    if fault.acknowledged_at is not None:
        return "acknowledged"
    if fault.series is None:
        return "bounded"
    return "quiet" if fault.quiet_since is not None else "pages"


def _instants(fault: Fault) -> dict[str, Any]:
    return {
        "breached_at": fault.breached_at,
        "acknowledged_at": fault.acknowledged_at,
        "touched_at": fault.touched_at,
        "ended_at": fault.ended_at,
    }


# One fault ------------------------------------------------------------------------------------------------


def show(options: Options, services: AwsServices, given: Sequence[str], *, whole: bool) -> int:
    """Print one fault: its card, its tickets, its pages and its history."""
    number = number_given(given)
    services = connect(options, services)
    fault, edition = fault_with(number, services)
    members, history = services.store.members(fault.id), services.store.fault_history(fault.id)
    shown = members if whole or options.json else members[:TICKETS_SHOWN]
    tickets = [(member, services.store.ticket(member.ticket)) for member in shown]
    pages = _pages(fault, history, services)
    zone = edition.hours.time_zone
    if options.json:
        reported = [_reported(member, ticket, zone) for member, ticket in tickets]
        events = [{"version": version, **event.model_dump(mode="json")} for version, event in history]
        sent = [_page_data(page, zone) for page in pages]
        printing.as_json({**as_data(fault, members), "reported": reported, "sent_pages": sent, "events": events})
        return 0
    _show_card(fault, edition, members)
    print("\ntickets")
    printing.table([_ticket_row(member, ticket, zone) for member, ticket in tickets], indent="  ")
    if len(shown) < len(members):
        print(f"  and {len(members) - len(shown)} more (--whole prints them)")
    if pages:
        print("\npages")
        printing.table([_page_row(page, zone) for page in pages], indent="  ")
    print("\nhistory")
    printing.table(_history_rows(history, zone), indent="  ")
    return 0


def _show_card(fault: Fault, edition: Edition, members: Sequence[Member]) -> None:
    zone = edition.hours.time_zone
    print(f"{fault.id}  {named(fault)}")
    rows = [
        ("state", state_of(fault)),
        ("edition", f"{fault.edition} of {fault.desk}"),
        ("since", printing.moment(fault.since, zone)),
        ("due", f"{printing.moment(fault.due, zone)} ({printing.clause_of(fault.clause)})"),
        ("reported", f"{reports_of(fault)}; {printing.count(len(members), 'ticket')}"),
    ]
    if fault.known_alarms:
        quiet = [alarm for alarm in fault.known_alarms if alarm not in fault.alarms]
        rows += [("alarms" if at == 0 else "", alarm) for at, alarm in enumerate(fault.alarms)]
        rows += [("quiet" if at == 0 else "", alarm) for at, alarm in enumerate(quiet)]
    if fault.flaps:
        rows.append(("flapped", printing.count(fault.flaps, "time")))
    rows.append(("pages", pages_of(fault.series)))
    marks = {"breached": fault.breached_at, "acknowledged": fault.acknowledged_at, "touched": fault.touched_at}
    marks |= {"reminded": fault.reminded_at, "ended": fault.ended_at}
    by = {"acknowledged": fault.acknowledged_by, "ended": fault.ended_by}
    for name, at in marks.items():
        if at is not None:
            who = by.get(name)
            rows.append((name, printing.moment(at, zone) + (f" by {who}" if who else "")))
    rows += [("telling" if at == 0 else "", telling_of(one)) for at, one in enumerate(fault.telling)]
    rows.append(("next", next_step(next_fault_timer(fault, edition), zone)))
    printing.table(rows, indent="  ")


def _reported(member: Member, ticket: Ticket | None, zone: str) -> dict[str, Any]:
    critical = ticket.critical if ticket is not None else None
    return {
        "ticket": member.ticket,
        "source": member.source.value,
        "at": printing.iso(member.at, zone),
        "subject": ticket.subject if ticket is not None else None,
        "status": ticket.status.value if ticket is not None else None,
        "due": printing.iso(critical.due, zone) if critical is not None else None,
        "stopped_at": printing.iso(stopped, zone) if critical and (stopped := _stopped(ticket)) is not None else None,
    }


def _stopped(ticket: Ticket | None) -> Any:
    critical = ticket.critical if ticket is not None else None
    return (critical.acknowledged_at or critical.ended_at) if critical is not None else None


def _ticket_row(member: Member, ticket: Ticket | None, zone: str) -> tuple[str, ...]:
    when = printing.moment(member.at, zone)
    if ticket is None:
        return (member.ticket, source_of(member.source), when, "-", "it is gone")
    return (
        member.ticket,
        source_of(member.source),
        when,
        f"{ticket.status}, {critical_clock(ticket, zone)}",
        ticket.subject[:60] or "(no subject)",
    )


def critical_clock(ticket: Ticket, zone: str) -> str:
    """Return how a ticket's promise of minutes is: until when it runs, or when it stopped and whether in time."""
    critical = ticket.critical
    if critical is None:
        return "no critical clock"
    stopped = _stopped(ticket)
    if stopped is None:
        return f"due {printing.moment(critical.due, zone)}"
    judged = "in time" if stopped <= critical.due else "late"
    return f"stopped {printing.moment(stopped, zone)}, {judged}"


@dataclass(frozen=True, slots=True)
class _Page:
    """A page of a fault, and what became of it."""

    key: OutboxKey
    message: OutgoingPage
    state: OutboxState
    written_at: datetime
    left_at: datetime | None


def _pages(fault: Fault, history: Sequence[tuple[int, FaultEvent]], services: AwsServices) -> list[_Page]:
    """Return the pages of a fault in order."""
    written = {version: event.at for version, event in history}
    left_at = services.store.left_at(fault.id)
    pages = []
    for key, state, body in services.store.outbox(fault.id):
        message = OUTGOING.validate_json(body)
        if isinstance(message, OutgoingPage):
            version = int(key.item.split("#")[1])
            pages.append(_Page(key, message, state, written.get(version, fault.opened_at), left_at.get(key)))
    return pages


_BECAME = {
    OutboxState.PENDING: "is to leave",
    OutboxState.LEASED: "is leaving",
    OutboxState.SENT: "left",
    OutboxState.FAILED: "was given up",
    OutboxState.OUTDATED: "was overtaken by events, and did not leave",
}


def _page_row(page: _Page, zone: str) -> tuple[str, ...]:
    level = "escalation" if page.message.level is PageLevel.ESCALATION else "on-call"
    left = f" {printing.moment(page.left_at, zone)}" if page.left_at is not None else ""
    return (printing.moment(page.written_at, zone), level, page.message.kind, _BECAME[page.state] + left)


def _page_data(page: _Page, zone: str) -> dict[str, Any]:
    return {
        "item": page.key.item,
        "level": page.message.level.value,
        "kind": page.message.kind,
        "state": page.state.value,
        "written_at": printing.iso(page.written_at, zone),
        "left_at": printing.iso(page.left_at, zone) if page.left_at is not None else None,
    }


# History --------------------------------------------------------------------------------------------------


def history(options: Options, services: AwsServices, given: Sequence[str]) -> int:
    """Print every event of a fault in order, with the version that committed it."""
    number = number_given(given)
    services = connect(options, services)
    fault, edition = fault_with(number, services)
    happened = services.store.fault_history(fault.id)
    if options.json:
        for version, event in happened:
            printing.as_json({"version": version, **event.model_dump(mode="json")})
        return 0
    printing.table(_history_rows(happened, edition.hours.time_zone))
    return 0


def _history_rows(history: Sequence[tuple[int, FaultEvent]], zone: str) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for version, event in history:
        who = f" (as {shown_caller(event.caller)})" if event.caller is not None else ""
        rows.append((str(version), printing.moment(event.at, zone), event.type, event_in_words(event, zone) + who))
    return rows
