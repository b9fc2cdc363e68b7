"""`reglament queue`, `show` and `history`: the work at hand, one ticket, what happened to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cli import printing
from cli.attachments import described, numbers
from cli.fault_words import NEWS, reports_of, state_of
from cli.faults import as_data, faults_of, named, who_has
from cli.options import Options
from cli.target import connect, desks_named, ticket_number, ticket_of
from composition import AwsServices
from domain.caller import shown_actor, shown_caller
from domain.fault.fault import Fault
from domain.findings import Identification
from domain.intake.courtesy import Courtesy
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_named
from domain.ticket import events as e
from domain.ticket.restraint import AS_REQUEST, MACHINE, NOBODYS_FORM, NULL_PATH, OWN_ADDRESS, SPF_FAILED
from domain.ticket.ticket import LapseClock, Requester, Ticket
from domain.ticket.timers import next_timer
from domain.writer.authorship import shown_address

NOT_LEFT = "the question has not left"
"""Why no term of the client's counts yet."""
SET_APART_SHOWN = 10
"""Lines of what was taken for correspondence that `show` prints unless it is asked for all."""


def queue(options: Options, services: AwsServices, desk: str | None) -> int:
    """Print the open tickets of the desks, each desk's in order of arrival; before them its open faults, for people."""
    services = connect(options, services)
    rows = []
    for desk_id in desks_named(desk):
        if not options.json:
            rows += [_fault_row(fault) for fault in faults_of(services, (desk_id,))]
        for ticket in services.store.queue(desk_id):
            if options.json:
                printing.as_json(_queued(ticket))
            else:
                rows.append(_queue_row(ticket, services.now()))
    if not options.json:
        printing.table([("ticket", "status", "arrived", "due", "from", "subject"), *rows] if rows else [])
        if not rows:
            print("nothing is open")
    return 0


def show(options: Options, services: AwsServices, ticket_id: str, *, whole: bool = False) -> int:
    """Print one ticket: who asks, what the rules found, and what was written.

    Of what was taken for correspondence the beginning is printed, or all of it where `whole`.
    """
    number = ticket_number(ticket_id)
    services = connect(options, services)
    ticket, edition = ticket_of(number, services)
    history = services.store.history(number)
    if options.json:
        written = [event for _, event in history if isinstance(event, e.LetterAdded | e.SpecialistWrote)]
        messages = [event.model_dump(mode="json") for event in written]
        printing.as_json(
            {**ticket.model_dump(mode="json"), "messages": messages, "fault": _fault_data(ticket, services)}
        )
        return 0
    zone = edition.hours.time_zone
    _show_card(ticket, edition, _fault_line(ticket, services))
    letters = 0
    for _, event in history:
        match event:
            case e.LetterAdded():
                letters += 1
                repeated = ", a repetition" if event.duplicate else ""
                print(
                    f"\n{printing.moment(event.at, zone)}  {printing.author(event.sender)} ({event.role}, {event.trust}{repeated})"
                )
                printing.block(event.text)
                _print_set_apart(event, whole=whole)
                for place, attachment in numbers(letters, event):
                    print(f"    [{place}] {described(attachment)}")
            case e.SpecialistWrote():
                who = shown_actor(event.by, event.caller)
                print(f"\n{printing.moment(event.at, zone)}  {who}{'' if event.to_client else ', for the desk alone'}")
                printing.block(event.text)
            case e.LetterWithheld():
                print(f"\n{printing.moment(event.at, zone)}  not sent: {_withheld(event, zone)}")
            case _:
                continue
    return 0


def _print_set_apart(event: e.LetterAdded, *, whole: bool) -> None:
    """Print what a letter has that was taken for correspondence."""
    lines = event.set_apart.splitlines()
    shown = lines if whole else lines[:SET_APART_SHOWN]
    if not lines:
        return
    print(f"    taken for correspondence, {len(lines)} line{'s' if len(lines) > 1 else ''}:")
    printing.block("\n".join(shown), indent="    > ")
    if len(shown) < len(lines):
        print(f"    and {len(lines) - len(shown)} more (--whole prints them)")


def history(options: Options, services: AwsServices, ticket_id: str) -> int:
    """Print every event of a ticket in order, with the version that committed it."""
    number = ticket_number(ticket_id)
    services = connect(options, services)
    _, edition = ticket_of(number, services)
    zone = edition.hours.time_zone
    rows = []
    for version, event in services.store.history(number):
        if options.json:
            printing.as_json({"version": version, **event.model_dump(mode="json")})
        else:
            who = f" (as {shown_caller(event.caller)})" if event.caller is not None else ""
            rows.append((str(version), printing.moment(event.at, zone), event.type, _told(event, zone) + who))
    printing.table(rows)
    return 0


def _queued(ticket: Ticket) -> dict[str, Any]:
    zone = _zone(ticket)
    timer = next_timer(ticket)
    due = ticket.promised_by
    return {
        "ticket": ticket.id,
        "desk": ticket.desk,
        "status": ticket.status.value,
        "priority": ticket.priority.value,
        "critical": _is_critical(ticket),
        "fault": fault_number(ticket) or None,
        "category": ticket.category.value,
        "arrived_at": printing.iso(ticket.arrived_at, zone),
        "due": printing.iso(due, zone) if due else None,
        "undecreed_years": list(_undecreed_years(ticket)),
        "next": {"timer": timer.kind.value, "at": printing.iso(timer.at, zone)} if timer else None,
        "requester": ticket.requester.address,
        "subject": ticket.subject,
        "assignee": ticket.assignee,
        "suggestions": [found.rule for found in ticket.suggestions],
    }


def _fault_row(fault: Fault) -> tuple[str, ...]:
    zone = edition_named(fault.desk, fault.edition).hours.time_zone
    due = printing.moment(fault.due, zone) if fault.runs else f"{who_has(fault)} has it"
    return (fault.id, state_of(fault), printing.moment(fault.since, zone), due, reports_of(fault), named(fault))


def fault_number(ticket: Ticket) -> str:
    """Return the number of the fault that a ticket belongs to; empty where it belongs to none."""
    return ticket.critical.fault if ticket.critical is not None else ""


def _fault_line(ticket: Ticket, services: AwsServices) -> str:
    """Return the fault of a ticket, how it is, and how many other tickets it has; empty where the ticket has none."""
    fault = services.store.fault(number) if (number := fault_number(ticket)) else None
    if fault is None:
        return ""
    others = sum(member.ticket != ticket.id for member in services.store.members(fault.id))
    beside = printing.count(others, "other ticket") if others else "no other ticket"
    taken = f" by {who_has(fault)}" if who_has(fault) else ""
    return f"{fault.id} «{named(fault)}»: {state_of(fault)}{taken}; {beside}"


def _fault_data(ticket: Ticket, services: AwsServices) -> dict[str, Any] | None:
    fault = services.store.fault(number) if (number := fault_number(ticket)) else None
    if fault is None:
        return None
    return as_data(fault, services.store.members(fault.id))


def _queue_row(ticket: Ticket, now: datetime) -> tuple[str, ...]:
    zone = _zone(ticket)
    due = ticket.promised_by
    when = "-"
    if due is not None:
        when = printing.moment(due, zone) + (" OVERDUE" if due < now else "")
    elif ticket.lapse is not None and ticket.lapse.lapses:
        when = f"lapses {printing.moment(ticket.lapse.due, zone)}" if ticket.lapse.counts else NOT_LEFT
    if _undecreed_years(ticket):
        when += " PROVISIONAL"
    marks = f"CRITICAL {fault_number(ticket)} ".replace("  ", " ") if _is_critical(ticket) else ""
    if ticket.priority != "normal":
        marks += f"{ticket.priority} "
    return (
        ticket.id,
        f"{marks}{ticket.status}",
        printing.moment(ticket.arrived_at, zone),
        when,
        "an alarm" if ticket.requester.is_alarm else printing.author(ticket.requester.address),
        ticket.subject[:60] or "(no subject)",
    )


def _show_card(ticket: Ticket, edition: Edition, fault: str) -> None:
    zone = edition.hours.time_zone
    print(f"{ticket.id}  {ticket.subject or '(no subject)'}")
    outcome = f", {ticket.outcome}: {ticket.reason}{printing.ground(ticket.clause)}" if ticket.outcome else ""
    requester = ticket.requester
    rows = [
        ("status", f"{ticket.status}{outcome}"),
        ("edition", f"{ticket.edition} of {ticket.desk}"),
        ("from", _author(requester)),
        ("arrived", printing.moment(ticket.arrived_at, zone)),
        ("category", f"{ticket.category}{', CRITICAL' if _is_critical(ticket) else ''}"),
    ]
    if fault:
        rows.append(("fault", fault))
    known = [f"{name} {value}" for name, value in ticket.identification if value and name not in _SHOWN_APART]
    if known:
        rows.append(("who", "; ".join(known)))
    rows += _details(ticket.identification, zone)
    rows += [("found" if at == 0 else "", printing.finding(found)) for at, found in enumerate(ticket.findings)]
    if ticket.promised_by is not None:
        mark = printing.provisional(ticket.promise_undecreed_years)
        rows.append(("due", printing.moment(ticket.promised_by, zone) + mark))
    if ticket.lapse is not None:
        waits = "lapses" if ticket.lapse.lapses else "reminded"
        rows.append((waits, f"not yet: {NOT_LEFT}" if ticket.lapse.unsent else _until(ticket.lapse, zone)))
    if ticket.priority != "normal":
        rows.append(("priority", ticket.priority))
    if ticket.assignee:
        rows.append(("assignee", ticket.assignee))
    if ticket.linked:
        rows.append(("linked", ", ".join(ticket.linked)))
    if ticket.failed:
        rows.append(("undelivered", f"{len(ticket.failed)} of our letters; see the history"))
    printing.table(rows, indent="  ")


def _details(known: Identification, zone: str) -> list[tuple[str, str]]:
    """Return the rows of a card that say where details are from, and which are none."""
    rows = (
        ("client", printing.client_of(known)),
        ("from earlier", printing.from_earlier(known, zone)),
        ("has none", printing.declared_none(known)),
        ("missing", ", ".join(known.missing)),
    )
    return [(name, value) for name, value in rows if value]


_SHOWN_APART = frozenset({"declared_none", "from_earlier", "missing", "phone_is_mobile", "client_id", "client_by"})


def _author(requester: Requester) -> str:
    if requester.is_alarm:
        return "an alarm"
    return printing.mailbox(requester.address, requester.name, requester.trust)


def _undecreed_years(ticket: Ticket) -> tuple[int, ...]:
    """Return the years not decreed yet on which what the queue shows as due rests."""
    if ticket.promised_by is not None:
        return ticket.promise_undecreed_years
    return ticket.lapse.undecreed_years if ticket.lapse is not None and ticket.lapse.lapses else ()


def _is_critical(ticket: Ticket) -> bool:
    return ticket.critical is not None and ticket.critical.ended_at is None


def _zone(ticket: Ticket) -> str:
    return edition_named(ticket.desk, ticket.edition).hours.time_zone


def _until(clock: LapseClock, zone: str) -> str:
    ground, mark = printing.clause_of(clock.clause), printing.provisional(clock.undecreed_years)
    earlier = clock.shortened
    sooner = f", {printing.moment(earlier, zone)} once the client has been told" if earlier is not None else ""
    return f"{printing.moment(clock.due, zone)} ({ground}){mark}{sooner}"


def _told(event: e.Event, zone: str) -> str:
    """Return an event's own fields in one line."""
    told = _about_letters(event, zone) or _about_clocks(event, zone)
    if told is not None:
        return told
    if isinstance(event, e.CriticalRaised | e.CriticalAdopted | e.FaultTold):
        return _about_a_fault(event, zone)
    if isinstance(event, e.LapseCorrected | e.BreachCorrected):
        return f"received in time, {printing.moment(event.received_at, zone)}"
    fields = event.model_dump(mode="json", exclude={"at", "caller", "type", "clock", "reaction", "lapse"})
    return ", ".join(f"{name} {value}" for name, value in fields.items() if value not in (None, ""))


def _about_letters(event: e.Event, zone: str) -> str | None:
    match event:
        case e.TicketOpened(ruling=ruling):
            return f"{ruling.outcome}: {ruling.reason}{printing.ground(ruling.clause)}, edition {event.edition}"
        case e.LetterAdded():
            also = (", a repetition" if event.duplicate else "") + (
                f", {_ONLY[event.courtesy]}" if event.courtesy else ""
            )
            return f"from {printing.author(event.sender)} ({event.role}, {event.trust}){also}"
        case e.DetailsGiven():
            missing = ", ".join(event.identification.missing)
            absent = printing.declared_none(event.identification)
            said = f"; declared absent: {absent}" if absent else ""
            return f"still missing: {missing}{said}" if missing else f"nothing is missing{said}"
        case e.FindingsRevised():
            return f"now {event.category}"
        case e.AnswerHeld() | e.SpecialistWrote() | e.AnswerOwed():
            return _about_an_answer(event, zone)
        case e.LetterWithheld() | e.DigestPromised() | e.DigestSent():
            return _about_what_is_withheld(event, zone)
        case e.SuppressionLifted():
            since = printing.moment(event.since, zone)
            return f"{shown_address(event.address)} wrote and is written to again; it was not since {since} ({event.reason})"
        case _:
            return None


def _about_what_is_withheld(event: e.LetterWithheld | e.DigestPromised | e.DigestSent, zone: str) -> str:
    match event:
        case e.LetterWithheld():
            return _withheld(event, zone)
        case e.DigestPromised(digest=digest):
            return f"one letter tells the team of all that is withheld, {printing.moment(digest.due, zone)}"
        case e.DigestSent(letters=letters):
            return f"one letter told the team of {letters} that had been withheld"


def _about_an_answer(event: e.AnswerHeld | e.SpecialistWrote | e.AnswerOwed, zone: str) -> str:
    if isinstance(event, e.AnswerOwed):
        owed = event.owed
        at = [printing.moment(instant, zone) for instant in (owed.since, owed.owner_at, owed.team_at)]
        return f"since {at[0]}; the specialist is reminded {at[1]}, the team {at[2]} (house rule)"
    if isinstance(event, e.AnswerHeld):
        return f"by {event.by}, not sent: {event.reason}"
    return f"by {event.by}{'' if event.to_client else ', for the desk alone'}"


def _about_a_fault(event: e.CriticalRaised | e.CriticalAdopted | e.FaultTold, zone: str) -> str:
    match event:
        case e.CriticalRaised(clock=clock):
            of = f"reports {clock.fault}, " if clock.fault else ""
            return f"{of}due {printing.moment(clock.due, zone)} ({printing.clause_of(clock.clause)})"
        case e.CriticalAdopted(fault=fault, by=by):
            return f"reports {fault}" + (f", by {by}" if by else "")
        case e.FaultTold(fault=fault, news=news, by=by):
            return f"of {fault}: {NEWS[news]}, by {by}" + (", by letter" if event.by_letter else "")


_SUSPENDED = (
    "a machine may have answered, or the request was taken back: silence closes nothing now, a specialist decides"
)
_ONLY = {Courtesy.THANKS: "thanks", Courtesy.WITHDRAWAL: "takes the request back", Courtesy.NUDGE: "asks how it goes"}
_UNANSWERED = {
    NULL_PATH: "the letter came with an empty return path, and such are not answered (RFC 3834)",
    MACHINE: "a machine may have written the letter, and such are not answered (RFC 3834)",
    AS_REQUEST: "the letter had been set aside, and a person called it a request",
    NOBODYS_FORM: "a contact form sent it that is not verified, or names no client",
    SPF_FAILED: "SPF failed for the letter's sender and nothing else vouches for it: the address is likely borrowed",
    OWN_ADDRESS: "it would go to an address of a desk and come back",
}


def _withheld(event: e.LetterWithheld, zone: str) -> str:
    """Say which automatic letter did not go, and by which limit."""
    what = f"{event.kind} to the {event.audience}"
    if event.until is None:
        return f"{what}: {_UNANSWERED.get(event.limit, event.limit)}"
    limit = f"{event.limit} = {event.allowed}, house rule"
    who = shown_address(event.because_of) or "letters whose senders change or are not named"
    return f"{what}: too many because of {who} ({limit}), until {printing.moment(event.until, zone)}"


def _about_clocks(event: e.Event, zone: str) -> str | None:
    match event:
        case e.ReactionPromised(clock=clock):
            mark = printing.provisional(clock.undecreed_years)
            return f"by {printing.moment(clock.due, zone)} ({printing.clause_of(clock.clause)}){mark}"
        case e.Reacted():
            return f"{event.act} by {event.by}"
        case e.WaitStarted(clock=clock) | e.TermStarted(clock=clock):
            end = "the term counts from when the question leaves" if clock.unsent else f"until {_until(clock, zone)}"
            return f"for the {clock.asked_for}; {end}"
        case e.WaitEnded() | e.LapseSuspended():
            return f"back to {event.returns_to}" if isinstance(event, e.WaitEnded) else _SUSPENDED
        case e.ClocksRecomputed():
            moved = {"reaction": event.reaction, "lapse": event.lapse}
            return ", ".join(
                f"{name} by {printing.moment(clock.due, zone)}{printing.provisional(clock.undecreed_years)}"
                for name, clock in moved.items()
                if clock is not None
            )
        case e.TimerFired():
            return f"{event.timer}, due {printing.moment(event.due, zone)} ({printing.clause_of(event.clause)})"
        case e.Closed():
            return f"{event.outcome}: {event.reason}{printing.ground(event.clause)}, by {event.by}"
        case _:
            return None
