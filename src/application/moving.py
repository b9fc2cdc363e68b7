"""A specialist says which fault a ticket reports: it joins one by hand, or becomes one of its own. One commit for all of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.change import TicketsAndFaults, commit_decided, ticket_change
from application.placing import detaching, fault_change, ref_of, report_of, reporter_of, word_of
from application.ports import Faults
from application.storage import Commit, FaultChange, FaultsChange
from domain.fault import commands as f
from domain.fault.alarm import AlarmState, alarm_of_key
from domain.fault.decide import FaultDecision, decide_fault
from domain.fault.fault import Fault, Member, Report
from domain.fault.gather import lately_after
from domain.fault.numbers import fault_id
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_named, edition_serving
from domain.ticket.commands import ReportFault
from domain.ticket.decide import decide
from domain.ticket.refusals import Reason, Refusal
from domain.ticket.ticket import Ticket


class KnowsTicketsAndFaults(Faults, Protocol):
    """Where faults and their tickets are read."""

    def ticket(self, number: str) -> Ticket | None:
        """Return a ticket as last committed."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What came of moving a ticket to another fault; nothing is written where it is refused."""

    ticket: Ticket
    """As it was read."""
    refused: Refusal | None = None
    commit: Commit | None = None
    """What was written: the fault that the ticket reports from now on comes first."""


@dataclass(frozen=True, slots=True)
class _Situation:
    """A ticket, the fault that it reports, and the one that it is to report, as they are read."""

    ticket: Ticket
    word: ReportFault
    now: datetime
    old: Fault | None
    new: Fault | None
    """None for one of its own."""

    @property
    def edition(self) -> Edition:
        """The edition that rules for the fault to be reported."""
        new, desk = self.new, self.ticket.desk
        return edition_named(desk, new.edition) if new is not None else edition_serving(desk, self.now)


def join_fault(
    store: TicketsAndFaults, number: str, fault: str, word: ReportFault, clock: Callable[[], datetime]
) -> Moved | None:
    """Let a ticket report a fault that is open, and no longer the one it reported; None where there is no such ticket or fault.

    Raises Conflict after TRIES, as all changes do.
    """
    return _move(store, number, fault, word, clock)


def detach_ticket(
    store: TicketsAndFaults, number: str, word: ReportFault, clock: Callable[[], datetime]
) -> Moved | None:
    """Let a ticket report a fault of its own, which pages, and no longer the one it reported; None where there is no such ticket.

    Raises Conflict after TRIES, as all changes do.
    """
    return _move(store, number, None, word, clock)


def detached(
    store: KnowsTicketsAndFaults, number: str, word: ReportFault, now: datetime, numbers_taken: int = 0
) -> Moved | None:
    """Return what `detach_ticket` writes, for a commit of the caller's; None where there is no such ticket."""
    ticket = store.ticket(number)
    if ticket is None:
        return None
    return _decided(store, _Situation(ticket, word, now, _reported(store, ticket), None), numbers_taken)


def _move(
    store: TicketsAndFaults, number: str, fault: str | None, word: ReportFault, clock: Callable[[], datetime]
) -> Moved | None:
    moved: Moved | None = None

    def decide_now(numbers_taken: int) -> Commit | None:
        nonlocal moved
        ticket, now = store.ticket(number), clock()
        new = store.fault(fault) if fault is not None else None
        if ticket is None or (fault is not None and new is None):
            moved = None
            return None
        moved = _decided(store, _Situation(ticket, word, now, _reported(store, ticket), new), numbers_taken)
        return moved.commit

    commit_decided(store, decide_now, f"ticket {number}")
    return moved


def _reported(store: KnowsTicketsAndFaults, ticket: Ticket) -> Fault | None:
    """Return the open fault that a ticket reports."""
    critical = ticket.critical
    if critical is None or critical.ended_at is not None or not critical.fault:
        return None
    fault = store.fault(critical.fault)
    return fault if fault is not None and not fault.is_over else None


def _decided(store: KnowsTicketsAndFaults, of: _Situation, numbers_taken: int) -> Moved:
    others = [] if of.old is None else [one for one in store.members(of.old.id) if one.ticket != of.ticket.id]
    if (refused := _why_not(of, len(others))) is not None:
        return Moved(of.ticket, refused)
    report = _report(of)
    entered = _entered(of, report, numbers_taken)
    assert entered.fault is not None  # opened or joined
    pinned = edition_named(of.ticket.desk, of.ticket.edition)
    decision = decide(of.ticket, of.word, pinned, of.now, fault=ref_of(entered.fault))
    if decision.refused is not None:
        return Moved(of.ticket, decision.refused)
    since = of.ticket.critical.since if of.old is not None and of.ticket.critical is not None else of.now
    member = Member(ticket=of.ticket.id, at=since, source=report.source, reporter=reporter_of(of.ticket))
    left = _left(of, others, entered.fault.id, report.alarm)
    changes = [fault_change(of.new, entered, joined=(member,)), left]
    written = tuple(change for change in changes if change is not None)
    commit = Commit(
        at=of.now,
        ticket=ticket_change(of.ticket, decision),
        alarm=_alarm(store, of, report, entered.fault.id),
        faults=written,
        desk_faults=_listed(store, of, written),
    )
    return Moved(of.ticket, commit=commit)


def _why_not(of: _Situation, others: int) -> Refusal | None:
    old, new = of.old, of.new
    if new is None:
        if old is None:
            return Refusal(Reason.REPORTS_NONE)
        return None if others else Refusal(Reason.ONLY_REPORT, {"fault": old.id})
    if new.desk != of.ticket.desk:
        return Refusal(Reason.OTHER_DESK, {"fault": new.id})
    if old is not None and old.id == new.id:
        return Refusal(Reason.REPORTED_ALREADY, {"fault": new.id})
    return Refusal(Reason.FAULT_OVER, {"fault": new.id}) if new.is_over else None


def _report(of: _Situation) -> Report:
    """Return what the ticket reports of the fault: as of the word, and proved by it."""
    if of.old is None:
        return word_of(of.ticket, of.now)
    known = report_of(of.ticket, edition_named(of.ticket.desk, of.ticket.edition))
    return known.model_copy(update={"at": of.now, "proved": True})


def _entered(of: _Situation, report: Report, numbers_taken: int) -> FaultDecision:
    if of.new is not None:
        return decide_fault(of.new, f.JoinFault(report), of.edition, of.now)
    desk = of.edition.desk
    number = fault_id(desk.prefix, desk.id, f"{report.ticket}\n{report.at.isoformat()}", numbers_taken)
    return decide_fault(None, f.OpenFault(number, report), of.edition, of.now)


def _left(of: _Situation, others: list[Member], into: str, alarm: str) -> FaultChange | None:
    """Return the fault without the ticket: without any it is over, and was none of its own."""
    if of.old is None:
        return None
    word = f.DetachTicket(of.ticket.id, of.word.by, of.now, 0, caller=of.word.caller, into=into, alarm=alarm)
    return fault_change(
        of.old, decide_fault(of.old, detaching(word, others), edition_named(of.old.desk, of.old.edition), of.now)
    )


def _alarm(
    store: KnowsTicketsAndFaults, of: _Situation, report: Report, number: str
) -> tuple[AlarmState, AlarmState] | None:
    """Return the alarm of the ticket as one that reports the fault from now on."""
    if not report.alarm:
        return None
    state = store.alarm_state(*alarm_of_key(report.alarm))
    if state is None or state.key != report.alarm or state.ticket != of.ticket.id:
        return None
    return state, state.model_copy(update={"fault": number})


def _listed(store: KnowsTicketsAndFaults, of: _Situation, changes: tuple[FaultChange, ...]) -> FaultsChange | None:
    """Return the list of the desk's faults with the one that was opened."""
    opened = changes[0]
    if opened.before is not None:
        return None
    known = store.desk_faults(of.ticket.desk)
    after = lately_after(known, store.faults(known.numbers), opened.after, None, of.edition, of.now)
    return FaultsChange(of.ticket.desk, known, after)
