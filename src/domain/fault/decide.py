"""What follows from a command about a fault: events and outgoing messages, or a refusal that says why.

Pure: the same fault, command, edition and instant always give the same decision.
Clause: «Мои документы онлайн» 2.1 (critical faults round the clock, 5 minutes).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never

from domain.fault import commands as c
from domain.fault import events as e
from domain.fault.answers import note
from domain.fault.draft import FaultDraft
from domain.fault.due import fire_fault_timers
from domain.fault.events import FaultTimerKind
from domain.fault.evolve import OF_MACHINES, ImpossibleEvent
from domain.fault.fault import Fault, Report, Source
from domain.fault.hands import acknowledge, detach, end, touch
from domain.regulation.edition import Edition
from domain.ticket.outgoing import Outgoing, PageLevel
from domain.ticket.refusals import Refusal


@dataclass(frozen=True, slots=True)
class FaultDecision:
    """What happened and what is to be sent; nothing of either where the command is refused, or changes nothing."""

    fault: Fault | None
    """The fault after the events, `version` not yet raised; None where there is none."""
    events: tuple[e.FaultEvent, ...] = ()
    outgoing: tuple[Outgoing, ...] = ()
    refused: Refusal | None = None
    """Why the command cannot be carried out; None where it was."""


def decide_fault(fault: Fault | None, command: c.FaultCommand, edition: Edition, now: datetime) -> FaultDecision:
    """Return what follows from a command, given the fault, the edition it pins, and the instant (aware).

    Raises ImpossibleEvent where a fault is opened twice, or is none and something else is asked of it.
    """
    if (fault is None) != isinstance(command, c.OpenFault):
        raise ImpossibleEvent(f"{type(command).__name__} of {fault.id if fault is not None else 'no fault'}")
    draft = FaultDraft(edition, now, fault, caller=getattr(command, "caller", None))
    refused = _carry_out(draft, command)
    if refused is not None:
        return FaultDecision(fault, refused=refused)
    return FaultDecision(draft.state, tuple(draft.events), tuple(draft.outgoing))


def _carry_out(draft: FaultDraft, command: c.FaultCommand) -> Refusal | None:  # noqa: C901 - one arm a command
    match command:
        case c.OpenFault():
            _open(draft, command)
        case c.JoinFault():
            _join(draft, command)
        case c.ReopenFault(report=report, last_allowed=last):
            _reopen(draft, report, last=last)
        case c.QuietAlarm():
            _quiet(draft, command)
        case c.DetachTicket():
            detach(draft, command)
        case c.AcknowledgeFault(by=by, at=at):
            return acknowledge(draft, by=by, at=at)
        case c.TouchFault(by=by, at=at):
            touch(draft, by=by, at=at)
        case c.EndFault():
            return end(draft, command)
        case c.NoteFault():
            note(draft, command)
        case c.FireFaultTimers():
            fire_fault_timers(draft)
        case c.MarkTold(news=news, upto=upto, done=done):
            if any(telling.news is news for telling in draft.fault.telling):
                draft.record(e.TicketsTold(at=draft.now, news=news, upto=upto, done=done))
        case _:
            assert_never(command)
    return None


def _open(draft: FaultDraft, command: c.OpenFault) -> None:
    """Page at once (MDO 2.1): the promise counts from the report, the pages from now.

    Where strangers have caused enough pages the team is told by mail instead.
    """
    report, edition = command.report, draft.edition
    since = min(report.at, draft.now)
    fault = Fault(
        id=command.number,
        desk=edition.desk.id,
        edition=edition.name,
        ticket=report.ticket,
        what=report.what,
        since=since,
        due=edition.critical_due(since),
        clause=edition.critical.clause,
        opened_at=draft.now,
        letters=int(report.source is Source.LETTER),
        organisations=(report.organisation,) if report.organisation else (),
        signs=report.signs,
        kinds=report.kinds,
        alarms=(report.alarm,) if report.alarm else (),
        known_alarms=tuple(dict.fromkeys(filter(None, (report.alarm, *report.related)))),
        by_alarms_only=report.source in OF_MACHINES,
        strangers_only=not report.proved,
        last_report_at=since,
        series=None if command.bounded else draft.series(since),
        bounded=command.bounded,
        drill=command.drill,
    )
    draft.record(e.FaultOpened(at=draft.now, fault=fault))
    if command.bounded:
        _say_that_nobody_is_woken(draft)
    else:
        draft.page("page_critical", PageLevel.ON_CALL, _last_allowed(last=command.last_allowed))


def _say_that_nobody_is_woken(draft: FaultDraft) -> None:
    fault, allowed = draft.fault, draft.edition.critical.stranger_pages_per_hour
    draft.mail("fault_opened", {"allowed": str(allowed), "due": draft.moment(fault.due)}, due=fault.due)


def _last_allowed(*, last: bool) -> dict[str, str]:
    """Return what a page says where no further ones follow from strangers in this hour."""
    return {"last_allowed": "yes"} if last else {}


def _join(draft: FaultDraft, command: c.JoinFault) -> None:
    """Let a report join silently; the first that may wake somebody begins the pages of a fault that nobody was woken for.

    One that was received before the fault was over and is read after that is told of the end, as all others were.
    """
    fault, report = draft.fault, command.report
    if fault.ended_at is not None and report.at > fault.ended_at:
        raise ImpossibleEvent(f"{fault.id} is over: a report reopens it or opens another")
    begins = fault.bounded and fault.runs and (report.proved or command.wakes)
    is_back = _is_back(draft, report)
    series = draft.series(min(report.at, draft.now)) if begins else None
    draft.record(e.ReportJoined(at=draft.now, report=report, series=series, due=_due_with(draft, report)))
    if begins:
        draft.page("page_critical", PageLevel.ON_CALL, _last_allowed(last=command.last_allowed))
    if is_back:
        again = draft.series(min(report.at, draft.now))
        draft.record(
            e.FaultTimerFired(at=draft.now, timer=FaultTimerKind.PAGE_AGAIN, due=draft.now, clause=None, series=again)
        )
        draft.page("page_reopened", PageLevel.ON_CALL)


def _is_back(draft: FaultDraft, report: Report) -> bool:
    """Return whether an alarm says once more what somebody took long ago, and nobody has done or heard anything since.

    Its end may never have been heard of, as by a state without data; what burns again must not wait for the limit of hours.
    """
    fault, window = draft.fault, timedelta(minutes=draft.edition.critical.gather_minutes)
    if fault.acknowledged_at is None or fault.bounded or report.alarm not in (*fault.alarms, *fault.went_quiet):
        return False
    return report.at - max(fault.last_report_at, fault.touched_at or fault.acknowledged_at) > window


def _due_with(draft: FaultDraft, report: Report) -> datetime:
    """Return by when the fault has to have been taken, now that a report is read that may be the earliest.

    Where somebody has taken it, or the promise is broken already, it stays; what was received before the fault came back is
    of its first time.
    """
    fault = draft.fault
    is_of_before = fault.reopened_at is not None and report.at < fault.reopened_at
    if fault.answered_at is not None or fault.breached_at is not None or is_of_before:
        return fault.due
    return min(fault.due, draft.edition.critical_due(report.at))


def _reopen(draft: FaultDraft, report: Report, *, last: bool) -> None:
    """Page again for what ended a short while ago: it is the same fault, with another promise."""
    if not draft.fault.is_over:
        raise ImpossibleEvent(f"{draft.fault.id} is not over")
    since = min(report.at, draft.now)
    due = draft.edition.critical_due(since)
    draft.record(e.FaultReopened(at=draft.now, report=report, series=draft.series(since), due=due))
    draft.page("page_reopened", PageLevel.ON_CALL, _last_allowed(last=last))


def _quiet(draft: FaultDraft, command: c.QuietAlarm) -> None:
    """Let an alarm go quiet. Where alarms alone report the fault it ends by that in time; else a person ends it by a word."""
    fault = draft.fault
    if fault.is_over or command.alarm not in fault.alarms:
        return
    are_all = fault.alarms == (command.alarm,)
    is_told = are_all and not fault.by_alarms_only and fault.quiet_told_at is None
    at = min(command.at, draft.now)
    quiet = are_all and fault.by_alarms_only
    draft.record(e.AlarmWentQuiet(at=at, alarm=command.alarm, quiet=quiet, told=is_told))
    if is_told:
        draft.mail("fault_quiet", {"quiet_since": draft.moment(at)})
