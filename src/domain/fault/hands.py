"""A fault in somebody's hands: taken, touched, over, or one ticket less. Who was in time is judged by receipt of the word."""

from __future__ import annotations

from datetime import datetime

from domain.fault import commands as c
from domain.fault import events as e
from domain.fault.draft import FaultDraft
from domain.fault.events import FaultTimerKind
from domain.fault.fault import End, Fault
from domain.fault.paging import TAKEN
from domain.ticket.outgoing import PageLevel
from domain.ticket.refusals import Reason, Refusal
from domain.writer.authorship import shown_address

DESK = "desk"
"""Who history names where no person acted."""
MAX_TEXT = 10_000
"""Characters of a word on a fault for those who reported it: each of them gets it in a letter."""
_OVER = {End.RESOLVED: "fault_over", End.FALSE_ALARM: "fault_false_alarm"}
"""What the team is told."""


def acknowledge(draft: FaultDraft, *, by: str, at: datetime) -> Refusal | None:
    """Take the fault in hand: no more pages (MDO 2.1). Return why that is not to be done."""
    at = _since_it_began(draft.fault, at)
    refused = _why_not_to_take(draft.fault, at)
    if refused is None:
        was_breached = draft.fault.breached_at is not None
        _take(draft, by=by, at=at)
        if not was_breached or draft.fault.breached_at is not None:
            draft.mail("fault_taken", _taken(draft, by, at))
        _tell_escalation(draft, by)
    elif _keeps_the_promise(draft.fault, at):
        _take_breach_back(draft, by=by, at=at)
    elif _says_that_it_goes_on(draft.fault, at):
        touch(draft, by=by, at=at)
    else:
        return refused
    return None


def end(draft: FaultDraft, command: c.EndFault) -> Refusal | None:
    """End the fault by a person's word, who has it in hand by that as well. Return why that is not to be done."""
    fault = draft.fault
    at = _since_it_began(fault, command.at)
    if len(command.text) > MAX_TEXT:
        return Refusal(Reason.TEXT_TOO_LONG, {"limit": str(MAX_TEXT)})
    if fault.is_over:
        return Refusal(Reason.FAULT_OVER, {"fault": fault.id})
    if fault.reopened_at is not None and at < fault.reopened_at:
        return Refusal(Reason.FAULT_BACK, {"fault": fault.id})
    _end(draft, command.end, by=command.by, at=at, text=command.text)
    return None


def touch(draft: FaultDraft, *, by: str, at: datetime) -> None:
    """Remember that somebody did something about it: nobody is reminded for a while."""
    if not draft.fault.is_over:
        draft.record(e.FaultTouched(at=_since_it_began(draft.fault, at), by=by))


def detach(draft: FaultDraft, command: c.DetachTicket) -> None:
    """Let a ticket go; the last one ends the fault, and nobody is left to be told of it.

    Where it reports another fault from now on, that one says whether somebody has it in hand.
    """
    at = _since_it_began(draft.fault, command.at)
    fault = draft.fault
    by_alarms_only = command.reports_left > 0 and (fault.by_alarms_only or command.machines_left)
    sounding = set(fault.alarms) - {command.alarm}
    first = command.first_left if command.ticket == fault.ticket else ""
    draft.record(
        e.TicketDetached(
            at=at,
            ticket=command.ticket,
            by=command.by,
            alarm=command.alarm,
            quiet=by_alarms_only and not sounding and fault.quiet_since is None,
            first=first,
            by_alarms_only=by_alarms_only,
        )
    )
    if command.reports_left > 0 or draft.fault.is_over:
        return
    if command.into:
        how = command.end or End.FALSE_ALARM
        draft.record(e.FaultEnded(at=at, end=how, by=command.by, tells=False, into=command.into))
    else:
        _end(draft, command.end or End.FALSE_ALARM, by=command.by, at=at, tells=False)


def end_by_itself(draft: FaultDraft) -> None:
    """End a fault that alarms alone report, now that they have been quiet for long enough."""
    since = draft.fault.quiet_since
    assert since is not None  # its timer fired
    draft.record(e.FaultEnded(at=draft.now, end=End.RESOLVED, by=DESK))
    draft.mail("fault_over", {"quiet_since": draft.moment(since)})


def _end(draft: FaultDraft, how: End, *, by: str, at: datetime, tells: bool = True, text: str = "") -> None:
    ran = draft.fault.runs
    if ran:
        _take(draft, by=by, at=at)
    draft.record(e.FaultEnded(at=at, end=how, by=by, tells=tells, text=text))
    told = {"text": text} if text else {}
    reporters = _reporters(draft.fault) if tells else {}
    draft.mail(_OVER[how], {"by": shown_by(by), "over": draft.moment(at), **reporters, **told})
    if ran:
        _tell_escalation(draft, by)


def _since_it_began(fault: Fault, at: datetime) -> datetime:
    """Return when a word counts: never before the fault began."""
    return max(at, fault.since)


def _why_not_to_take(fault: Fault, at: datetime) -> Refusal | None:
    if fault.is_over:
        return Refusal(Reason.FAULT_OVER, {"fault": fault.id})
    if fault.acknowledged_by is not None:
        return Refusal(Reason.ACKNOWLEDGED_ALREADY, {"by": shown_by(fault.acknowledged_by)})
    if not fault.in_first_series and fault.series is not None and at < fault.series.began_at:
        return Refusal(Reason.FAULT_BACK, {"fault": fault.id})
    return None


def _keeps_the_promise(fault: Fault, at: datetime) -> bool:
    """Return whether a word was received in time that is read after the breach; for a fault that came back, since then."""
    is_of_before = fault.reopened_at is not None and at < fault.reopened_at
    return fault.breached_at is not None and at <= fault.due and not is_of_before


def _says_that_it_goes_on(fault: Fault, at: datetime) -> bool:
    """Return whether a word answers the reminder: who has the fault in hand has it still."""
    return fault.acknowledged_at is not None and fault.reminded_at is not None and at >= fault.reminded_at


def _take(draft: FaultDraft, *, by: str, at: datetime) -> None:
    """Record who has it in hand; and the breach, where the word is late and read before the sweep that would say so."""
    fault = draft.fault
    is_late = at > fault.due and fault.answered_at is None and fault.breached_at is None
    if is_late and (fault.quiet_since is None or fault.due < fault.quiet_since):
        draft.record(e.FaultTimerFired(at=draft.now, timer=FaultTimerKind.BREACH, due=fault.due, clause=fault.clause))
    draft.record(e.FaultAcknowledged(at=at, by=by))
    if _keeps_the_promise(draft.fault, at):
        _take_breach_back(draft, by=by, at=at)


def _take_breach_back(draft: FaultDraft, *, by: str, at: datetime) -> None:
    """Record that the fault was taken in time; the team, which was told of a breach, is told so."""
    draft.record(e.BreachTakenBack(at=draft.now, by=by, received_at=at))
    draft.mail("fault_breach_corrected", _taken(draft, by, at))


def _taken(draft: FaultDraft, by: str, at: datetime) -> dict[str, str]:
    """Return what a letter says of who took it, when, and whether that was too late for the promise of `due`."""
    fault = draft.fault
    said = {"by": shown_by(by), "taken": draft.moment(at), "due": draft.moment(fault.due), **_reporters(fault)}
    return said | ({"broken": "yes"} if fault.breached_at is not None and at > fault.due else {})


def _reporters(fault: Fault) -> dict[str, str]:
    """Return what a letter says where there are clients whom the desk tells by itself."""
    return {"reporters": "yes"} if fault.letters else {}


def shown_by(by: str) -> str:
    """Return who acted as a letter shows it: an address on one line, or a name."""
    return shown_address(by) if "@" in by else " ".join(by.split())


def _tell_escalation(draft: FaultDraft, by: str) -> None:
    """Tell who was woken beyond the on-call that somebody has the fault in hand, once a series."""
    series = draft.fault.series
    if series is not None and series.escalations:
        draft.page(TAKEN, PageLevel.ESCALATION, {"by": shown_by(by)}, counted=False)
