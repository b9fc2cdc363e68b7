"""How a decision on a ticket and its fault are one: reports are gathered into faults, and acts on a ticket act on its fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.ports import Faults
from application.storage import FaultChange, FaultsChange
from domain.fault import commands as f
from domain.fault.decide import FaultDecision, decide_fault
from domain.fault.events import FaultOpened, TicketDetached
from domain.fault.evolve import OF_MACHINES
from domain.fault.fault import DeskFaults, End, Fault, FaultRef, Member, PageSeries, Report, Source
from domain.fault.gather import command_for, gather, lately_after
from domain.fault.numbers import fault_id
from domain.fault.reports import report_by_letter, report_by_word
from domain.findings import Finding
from domain.letter import Trust
from domain.people import NOBODY, People
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_named
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide import DESK, Decision, decide
from domain.ticket.decide.critical import pages_by_itself
from domain.ticket.refusals import Reason
from domain.ticket.restraint import Restraint
from domain.ticket.ticket import ALARM_KEY, CriticalClock, Ticket
from domain.ticket.timers import TimerKind, clock_timers_of
from domain.trust import Deed, may
from domain.writer.organisations import comparable_name

TAKING = frozenset({c.Act.ACKNOWLEDGE, c.Act.TAKE})
"""Acts on one ticket by which its whole fault is taken."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a report belongs, and what that writes."""

    ref: FaultRef
    change: FaultChange
    desk: FaultsChange | None = None
    """Where the list of the desk's faults changes with it."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was read already of what a decision rests on."""

    people: People = NOBODY
    """The people of the desk."""
    lately: DeskFaults | None = None
    """The faults of the desk that a report may belong to; None where they were not read."""
    numbers_taken: int = 0
    """How many candidates for new numbers belong to others."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What follows from a command on a ticket, for it and for its fault: one commit."""

    decision: Decision
    faults: tuple[FaultChange, ...] = ()
    desk: FaultsChange | None = None


def place_report(
    store: Faults,
    report: Report,
    edition: Edition,
    now: datetime,
    *,
    numbers_taken: int = 0,
    lately: DeskFaults | None = None,
    member_of: Ticket | None = None,
    drill: bool = False,
) -> Placed:
    """Return which fault a report belongs to, and the fault with it: opened, joined or reopened.

    One request reads the desk's faults, and one more their list where `lately` was not read with the letter's clues.
    `member_of` is the report's ticket. `numbers_taken` counts the candidates for a new fault's number that belong to others.
    """
    desk = edition.desk.id
    known = lately if lately is not None else store.desk_faults(desk)
    faults = store.faults(known.numbers) if known.numbers else []
    # An exercise gathers no real report, and is gathered with none.
    alike = [fault for fault in faults if fault.drill == drill]
    gathered = gather(report, alike, known, edition, now)
    number = fault_id(edition.desk.prefix, desk, f"{report.ticket}\n{report.at.isoformat()}", numbers_taken)
    command = command_for(gathered, report, number, drill=drill)
    before = None if isinstance(command, f.OpenFault) else gathered.fault
    pinned = edition if before is None else edition_named(before.desk, before.edition)
    decision = decide_fault(before, command, pinned, now)
    if member_of is not None and member_of.critical is not None and member_of.critical.is_unadopted:
        decision = _going_on(decision, member_of.critical, pinned, now)
    reporter = reporter_of(member_of) if member_of is not None else ""
    member = Member(ticket=report.ticket, at=report.at, source=report.source, reporter=reporter)
    change = fault_change(before, decision, joined=(member,))
    assert change is not None  # a report always leaves its mark
    after = lately_after(known, faults, change.after, gathered, edition, now)
    listed = FaultsChange(desk, known, after) if after is not known else None
    return Placed(ref_of(change.after), change, listed)


def _going_on(opened: FaultDecision, clock: CriticalClock, edition: Edition, now: datetime) -> FaultDecision:
    """Return a fault that goes on with the pages which an earlier version wrote for its ticket alone: none is the first again."""
    match opened.events:
        case (FaultOpened() as event,) if event.fault.series is not None:
            series = PageSeries(
                began_at=clock.since,
                next_page_at=clock.next_page_at or now,
                escalate_at=clock.escalate_at or now,
                pages=clock.pages,
                escalations=clock.escalations,
                escalated_at=clock.escalated_at,
            )
            fault = event.fault.model_copy(update={"series": series, "breached_at": clock.breached_at})
            fired = decide_fault(fault, f.FireFaultTimers(), edition, now)
            return replace(fired, events=(event.model_copy(update={"fault": fault}), *fired.events))
        case _:
            return opened


def fault_change(before: Fault | None, decision: FaultDecision, *, joined: Sequence[Member] = ()) -> FaultChange | None:
    """Return what is to be written of a fault; None where nothing happened."""
    if decision.refused is not None or not decision.events or decision.fault is None:
        return None
    detached = tuple(event.ticket for event in decision.events if isinstance(event, TicketDetached))
    return FaultChange(before, decision.fault, decision.events, decision.outgoing, tuple(joined), detached)


def ref_of(fault: Fault) -> FaultRef:
    """Return a fault as its tickets' decisions ask: it is in hand as well where it is over, or its alarms are quiet."""
    taken = (
        (fault.acknowledged_at, fault.acknowledged_by),
        (fault.ended_at, fault.ended_by),
        (fault.quiet_since, DESK),
    )
    at, by = next((pair for pair in taken if pair[0] is not None), (None, None))
    return FaultRef(
        number=fault.id,
        acknowledged_at=at,
        acknowledged_by=by,
        taken=fault.taken,
        wakes_nobody=fault.bounded and fault.runs,
        drill=fault.drill,
    )


def decided(
    store: Faults,
    ticket: Ticket | None,
    command: c.Command,
    edition: Edition,
    now: datetime,
    restraint: Restraint | None = None,
    *,
    known: Known | None = None,
) -> Decided:
    """Return what follows from a command on a ticket, with what follows for the fault that it reports.

    A ticket that reports a critical fault is decided twice: the second time it knows its fault.
    """
    known = known or Known()
    people = known.people
    if ticket is not None and isinstance(command, c.AddLetter) and _may_be_another(ticket, command):
        another = _of_another(store, ticket, command, edition, now, known)
        if another is not None:
            command = replace(command, another_fault=not _is_of_it(another, ticket))
            decision = decide(ticket, command, edition, now, restraint, fault=another.ref, people=people)
            return Decided(decision, (another.change,), another.desk)
    fault = _fault_of(store, ticket) if ticket is not None and _asks_for_the_fault(ticket, command, now) else None
    ref = ref_of(fault) if fault is not None else None
    decision = decide(ticket, command, edition, now, restraint, fault=ref, people=people)
    if decision.refused is not None or decision.ticket is None:
        return Decided(decision)
    if (report := _reported(ticket, command, decision, edition, now)) is not None:
        of = ticket if isinstance(command, c.FireTimers) else decision.ticket
        placed = place_report(
            store, report, edition, now, numbers_taken=known.numbers_taken, lately=known.lately, member_of=of
        )
        decision = decide(ticket, command, edition, now, restraint, fault=placed.ref, people=people)
        return Decided(decision, (placed.change,), placed.desk)
    if ticket is None or not decision.events or ticket.critical is None or not ticket.critical.fault:
        return Decided(decision)
    if fault is None and any(isinstance(event, e.Closed) for event in decision.events):
        fault = _fault_of(store, ticket)
    return _with_the_fault(store, ticket, command, decision, fault, now)


def _may_be_another(ticket: Ticket, command: c.AddLetter) -> bool:
    """Return whether a letter on a ticket that reports a fault reports one as well: it may be the same, or another."""
    clock = ticket.critical
    reports_one = clock is not None and clock.fault and clock.ended_at is None
    return bool(reports_one) and pages_by_itself(command.classification, command.letter.trust)


def _of_another(
    store: Faults, ticket: Ticket, command: c.AddLetter, edition: Edition, now: datetime, known: Known
) -> Placed | None:
    """Return where a letter's report belongs that wakes somebody or is of another fault; None where nothing follows from it.

    The ticket may not have been told yet that somebody has its fault in hand, or that it is over. While pages run for it,
    whoever is woken reads the letter with the ticket.
    """
    finding, letter, clock = command.classification.finding("criticality"), command.letter, ticket.critical
    if clock is not None and clock.runs:
        own = store.fault(clock.fault)
        if own is None or (own.runs and not own.bounded):
            return None
    report = _by_letter(ticket, letter.envelope.received_at, finding, letter.trust, edition)
    placed = place_report(
        store, report, edition, now, numbers_taken=known.numbers_taken, lately=known.lately, member_of=ticket
    )
    before, after = placed.change.before, placed.change.after
    wakes = before is not None and before.bounded and not after.bounded
    return placed if wakes or not _is_of_it(placed, ticket) else None


def _is_of_it(placed: Placed, ticket: Ticket) -> bool:
    """Return whether a report is of the fault that its ticket reports already, and does not bring it back."""
    before, clock = placed.change.before, ticket.critical
    is_back = before is not None and before.is_over and not placed.change.after.is_over
    return clock is not None and clock.fault == placed.ref.number and not is_back


def reporter_of(ticket: Ticket) -> str:
    """Return by what the tickets of one reporter are known as such: each reporter is told once."""
    return ticket.requester.address or ("" if ticket.requester.is_alarm else ticket.requester.client_key)


def _fault_of(store: Faults, ticket: Ticket) -> Fault | None:
    return store.fault(ticket.critical.fault) if ticket.critical is not None and ticket.critical.fault else None


def _asks_for_the_fault(ticket: Ticket, command: c.Command, now: datetime) -> bool:
    """Return whether a decision rests on the fault: a person acts, or a promise is about to be found broken."""
    if isinstance(command, c.SpecialistAct | c.HoldAnswer):
        return True
    return isinstance(command, c.FireTimers) and _is_due(ticket, TimerKind.CRITICAL_BREACH, now)


def _is_due(ticket: Ticket, kind: TimerKind, now: datetime) -> bool:
    return any(timer.kind is kind and timer.at <= now for timer in clock_timers_of(ticket))


def _reported(
    before: Ticket | None, command: c.Command, decision: Decision, edition: Edition, now: datetime
) -> Report | None:
    """Return what a decision reports of a critical fault; None where it reports none, or an alarm's handler does."""
    ticket = decision.ticket
    assert ticket is not None  # asked before
    if isinstance(command, c.FireTimers):
        is_left = before is not None and _is_due(before, TimerKind.PAGE_REPEAT, now)
        return report_of(ticket, edition) if is_left else None
    if not any(isinstance(event, e.CriticalRaised) for event in decision.events):
        return None
    match command:
        case c.OpenByLetter() | c.AddLetter():
            letter = command.letter
            finding = command.classification.finding("criticality")
            return _by_letter(ticket, letter.envelope.received_at, finding, letter.trust, edition)
        case c.SpecialistAct():
            return word_of(ticket, _acted_at(command, now), command.text)
        case _:
            return None


def _by_letter(ticket: Ticket, at: datetime, finding: Finding | None, trust: Trust, edition: Edition) -> Report:
    assert finding is not None  # only what the rule finds is critical by itself
    return report_by_letter(
        ticket.id,
        at,
        finding,
        edition.rules.criticality,
        organisation=_organisation(ticket),
        proved=may(trust, Deed.BE_ANSWERED_AMONG_STRANGERS),
    )


def word_of(ticket: Ticket, at: datetime, what: str = "") -> Report:
    """Return what a specialist reports by a word on a ticket."""
    return report_by_word(
        ticket.id,
        at,
        what or ticket.subject,
        organisation=_organisation(ticket),
    )


def _organisation(ticket: Ticket) -> str:
    return comparable_name(ticket.identification.organisation or "") or ""


def report_of(ticket: Ticket, edition: Edition) -> Report:
    """Return what a ticket whose promise of minutes was raised before reports of a critical fault."""
    clock, requester = ticket.critical, ticket.requester
    assert clock is not None  # asked before
    finding = next((found for found in ticket.findings if found.rule == "criticality"), None)
    if requester.is_alarm:
        alarm = requester.client_key.removeprefix(ALARM_KEY)
        return Report(source=Source.ALARM, ticket=ticket.id, at=clock.since, what=ticket.subject, alarm=alarm)
    if clock.raised_by == DESK and finding is not None:
        return _by_letter(ticket, clock.since, finding, requester.trust, edition)
    return word_of(ticket, clock.since)


def _with_the_fault(
    store: Faults, ticket: Ticket, command: c.Command, decision: Decision, fault: Fault | None, now: datetime
) -> Decided:
    """Let what happens to a ticket happen to the fault that it reports, as far as it does."""
    if fault is None:
        return Decided(decision)
    asked = _asked_of_the_fault(store, ticket, command, decision, fault, now)
    if asked is None:
        return Decided(decision)
    followed = decide_fault(fault, asked, edition_named(fault.desk, fault.edition), now)
    if followed.refused is not None and followed.refused.reason is Reason.FAULT_BACK:
        # It pages on: whoever means to take it must not believe that the word was enough.
        return Decided(replace(decision, ticket=ticket, events=(), outgoing=(), recounts=(), refused=followed.refused))
    if followed.refused is not None and followed.refused.reason is Reason.ACKNOWLEDGED_ALREADY:
        touched = f.TouchFault(getattr(asked, "by", DESK), _acted_at(command, now))
        followed = decide_fault(fault, touched, edition_named(fault.desk, fault.edition), now)
    change = fault_change(fault, followed)
    return Decided(decision, (change,) if change is not None else ())


def _asked_of_the_fault(
    store: Faults, ticket: Ticket, command: c.Command, decision: Decision, fault: Fault, now: datetime
) -> f.FaultCommand | None:
    """Return what a decision on a ticket asks of its fault; None for nothing."""
    is_of_it = ticket.critical is not None and ticket.critical.ended_at is None
    caller = command.caller if isinstance(command, c.SpecialistAct) else None
    left = next((event for event in decision.events if isinstance(event, e.Closed | e.CriticalWithdrawn)), None)
    if is_of_it and left is not None:
        if fault.is_over:
            return None
        word = f.DetachTicket(ticket.id, left.by, _acted_at(command, now), 0, caller=caller)
        others = [member for member in store.members(fault.id) if member.ticket != ticket.id]
        return detaching(word, others, End.RESOLVED if isinstance(left, e.Closed) else None)
    if isinstance(command, c.HoldAnswer):
        return f.TouchFault(command.by, _acted_at(command, now)) if is_of_it else None
    if not isinstance(command, c.SpecialistAct):
        return None
    if command.act is c.Act.CRITICAL and fault.bounded and fault.runs:
        return f.JoinFault(word_of(ticket, _acted_at(command, now), command.text))
    at, reacts = _acted_at(command, now), any(isinstance(event, e.Reacted) for event in decision.events)
    corrects = any(isinstance(event, e.BreachCorrected) for event in decision.events)
    takes = (is_of_it or corrects) and command.act in TAKING
    if takes or (is_of_it and reacts and fault.runs and _others(store, fault, ticket) == 0):
        return f.AcknowledgeFault(command.by, at, caller)
    return f.TouchFault(command.by, at) if is_of_it else None


def detaching(word: f.DetachTicket, others: Sequence[Member], end: End | None = None) -> f.DetachTicket:
    """Return a word by which a ticket leaves its fault, with what it has to say of the tickets that are left."""
    return replace(
        word,
        reports_left=len(others),
        first_left=min(others, key=lambda member: (member.at, member.ticket)).ticket if others else "",
        machines_left=all(member.source in OF_MACHINES for member in others),
        end=end,
    )


def _others(store: Faults, fault: Fault, ticket: Ticket) -> int:
    return sum(1 for member in store.members(fault.id) if member.ticket != ticket.id)


def _acted_at(command: c.Command, now: datetime) -> datetime:
    """Return when somebody acted: whether that was in time is judged by when SES received the letter."""
    letter = command.letter if isinstance(command, c.SpecialistAct | c.HoldAnswer) else None
    return letter.envelope.received_at if letter is not None else now
