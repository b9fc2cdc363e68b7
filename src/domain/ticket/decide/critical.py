"""Reports of a critical fault, by a letter, an alarm or a specialist: the ticket's promise. The fault pages."""

from __future__ import annotations

from datetime import datetime

from domain.fault.alarm import NOWHERE, AlarmPlace, alarm_key
from domain.fault.fault import FaultRef, News, Taking
from domain.findings import Category, Classification, Finding, Identification, Mode, Outcome, Ruling
from domain.letter import Trust
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide.draft import DESK, Draft
from domain.ticket.decide.in_time import correct_critical
from domain.ticket.refusals import Reason, Refusal
from domain.ticket.ticket import ALARM_KEY, CloseOutcome, CriticalClock, Requester, Status, Ticket
from domain.trust import Deed, may

FALSE_ALARM = "false_alarm"
"""Why a ticket's promise of minutes is withdrawn with its fault."""


def is_critical(ticket: Ticket) -> bool:
    return ticket.critical is not None and ticket.critical.ended_at is None


def pages_by_itself(found: Classification, trust: Trust) -> bool:
    """Return whether a letter of this trust, of which the rules say this, wakes the on-call at once."""
    finding = found.finding("criticality")
    reported = finding is not None and finding.matched and finding.mode is Mode.AUTOMATIC
    return reported and may(trust, Deed.WAKE_THE_ON_CALL)


def suspected_in(findings: tuple[Finding, ...]) -> Finding | None:
    """Return the finding of a fault of which a specialist decides whether it is critical; None where there is none."""
    suspected = (found for found in findings if found.rule == "criticality" and found.mode is Mode.SUGGEST)
    return next((found for found in suspected if found.matched), None)


def critical_evidence(found: Classification) -> tuple[str, ...]:
    finding = found.finding("criticality")
    return finding.evidence if finding is not None else ()


def raise_critical(draft: Draft, *, since: datetime, by: str, evidence: tuple[str, ...]) -> None:
    """Promise an answer within minutes, from the letter, the alarm or the specialist's word (MDO 2.1).

    Where somebody has the fault in hand already, the promise is kept by that.
    """
    draft.record(
        e.CriticalRaised(
            at=draft.now,
            clock=CriticalClock(
                fault=draft.fault.number if draft.fault is not None else "",
                since=since,
                due=draft.edition.critical_due(since),
                clause=draft.edition.critical.clause,
                evidence=evidence,
                raised_by=by,
            ),
        )
    )
    acknowledge_with_the_fault(draft)


def adopt_critical(draft: Draft) -> None:
    """Make a ticket that an earlier version paged for by itself a report of a fault."""
    assert draft.fault is not None  # a report of it has been placed
    draft.record(e.CriticalAdopted(at=draft.now, fault=draft.fault.number))
    acknowledge_with_the_fault(draft)


def report_fault(draft: Draft, command: c.ReportFault) -> Refusal | None:
    """Let a ticket report the fault that a specialist names, in place of the one that it reported; return why it cannot.

    A promise that runs or was kept stays as it is. The requester is told where somebody has the fault in hand.
    """
    ticket, fault = draft.ticket, draft.fault
    assert fault is not None  # a report of it has been placed
    if ticket.status is Status.CLOSED:
        return Refusal(Reason.CLOSED)
    if not is_critical(ticket):
        raise_critical(draft, since=draft.now, by=command.by, evidence=())
    else:
        draft.record(e.CriticalAdopted(at=draft.now, fault=fault.number, by=command.by))
        acknowledge_with_the_fault(draft)
    if fault.acknowledged_at is not None:
        settle_with_the_fault(draft, is_told=False)
    return None


def acknowledge_with_the_fault(draft: Draft, by: datetime | None = None) -> bool:
    """Stop the ticket's promise where somebody has the fault in hand, and had by an instant; return whether it stops."""
    clock, fault = draft.ticket.critical, draft.fault
    if clock is None or not clock.runs or fault is None or fault.number != clock.fault:
        return False
    taken_at, taken_by = fault.acknowledged_at, fault.acknowledged_by
    if by is not None and (taking := _taken_between(fault, clock.since, by)) is not None:
        taken_at, taken_by = taking.at, taking.by
    if taken_at is None or (by is not None and taken_at > by):
        return False
    draft.record(e.CriticalAcknowledged(at=max(taken_at, clock.since), by=taken_by or DESK))
    return True


def correct_with_the_fault(draft: Draft) -> None:
    """Record that the promise was kept that is said to be broken, where somebody took the fault in time and it says so."""
    clock, fault = draft.ticket.critical, draft.fault
    if clock is None or fault is None or fault.number != clock.fault:
        return
    if (taking := _taken_between(fault, clock.since, clock.due)) is not None:
        correct_critical(draft, by=taking.by, at=taking.at)


def _taken_between(fault: FaultRef, since: datetime, until: datetime) -> Taking | None:
    """Return when somebody took the fault first between two instants, and who; None where nobody did."""
    in_time = (taking for taking in fault.taken if since <= taking.at <= until)
    return min(in_time, key=lambda taking: taking.at, default=None)


def write_taken(draft: Draft, others: tuple[str, ...] = ()) -> None:
    """Tell who reported a fault that somebody has it in hand, and which other tickets of theirs it covers (MDO 2.1)."""
    clock = draft.ticket.critical
    assert clock is not None  # it reports a fault
    draft.mail_client("fault_taken_client", {"since": draft.moment(clock.since), "others": others}, clause=clock.clause)


def settle_with_the_fault(draft: Draft, *, is_told: bool) -> None:
    """Let a report of a fault that somebody has in hand count as answered by that; tell the requester where nobody has.

    `is_told` says whether a letter that is written now says so.
    """
    ticket, clock, fault = draft.ticket, draft.ticket.critical, draft.fault
    if clock is None or fault is None or clock.fault != fault.number or clock.acknowledged_at is None:
        return
    if ticket.status is Status.CLOSED or any(told.news is News.TAKEN for told in clock.told):
        return
    by = clock.acknowledged_by or DESK
    if ticket.reaction is not None and ticket.reaction.runs:
        at = max(clock.acknowledged_at, ticket.reaction.counted_from)
        draft.record(e.Reacted(at=at, by=by, act=c.Act.ACKNOWLEDGE))
    writes = not is_told and draft.reaches_client(automatic=True)
    draft.record(
        e.FaultTold(at=clock.acknowledged_at, fault=fault.number, news=News.TAKEN, by=by, by_letter=is_told or writes)
    )
    if writes:
        write_taken(draft)


def open_by_alarm(draft: Draft, command: c.OpenByAlarm) -> None:
    since = min(command.since or draft.now, draft.now)
    draft.record(
        e.TicketOpened(
            at=since,
            ticket=command.ticket,
            desk=draft.edition.desk.id,
            edition=draft.edition.name,
            requester=Requester(
                address="", client_key=f"{ALARM_KEY}{alarm_key(command.alarm, command.place)}", trust=Trust.VERIFIED
            ),
            subject=command.name or command.alarm,
            origin=alarm_key(command.alarm, command.place),
            classification=Classification(
                identification=Identification(), findings=(), category=Category.CRITICAL, critical=True
            ),
            ruling=Ruling(outcome=Outcome.ACCEPT, reason="cloudwatch_alarm", edition=draft.edition.name),
        )
    )
    raise_critical(draft, since=since, by=command.alarm, evidence=(command.reason,))
    due = draft.edition.critical_due(since)
    params = {"alarm": command.name or command.alarm, "reason": command.reason, "due": draft.moment(due)}
    if (fault := draft.fault) is not None:
        params |= {"fault": fault.number} | ({"drill": "yes"} if fault.drill else {})
    draft.mail_team("alarm", params | _shown(command.place), due=due)


def raise_alarm_again(draft: Draft, command: c.RaiseAlarmAgain) -> None:
    """Promise anew where the last promise was kept, withdrawn or ended: the alarm says that there is a fault."""
    critical = draft.ticket.critical
    if draft.ticket.status is Status.CLOSED:
        return
    if critical is not None and critical.is_unadopted and draft.fault is not None:
        adopt_critical(draft)
        return
    if critical is not None and critical.runs:
        return
    raise_critical(draft, since=min(command.since, draft.now), by=command.alarm, evidence=(command.reason,))


def resolve_alarm(draft: Draft, command: c.ResolveAlarm) -> None:
    """Close the ticket of an alarm that an earlier version paged for by itself; a fault closes its tickets as it ends."""
    if draft.ticket.status is Status.CLOSED:
        return
    draft.record(e.Closed(at=draft.now, by=DESK, outcome=CloseOutcome.RESOLVED, reason="alarm_is_over", clause=None))
    draft.mail_team("alarm_over", {"reason": command.reason, **_shown(command.place)})


def _shown(place: AlarmPlace) -> dict[str, str]:
    """Return what a letter says of where an alarm belongs."""
    return {} if place == NOWHERE else {"account": place.account, "region": place.region}
