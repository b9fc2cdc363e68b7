"""What becomes of a ticket as somebody takes the fault that it reports, ends it, or finds that there was none."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.fault.fault import News
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide.critical import FALSE_ALARM, acknowledge_with_the_fault, correct_with_the_fault, write_taken
from domain.ticket.decide.draft import DESK, Draft, Params
from domain.ticket.decide.in_time import kept_after_all, record_reaction, withdraw_critical
from domain.ticket.decide.specialist import is_paged, react
from domain.ticket.decide.term import give_missed_term_again, lapse_clock
from domain.ticket.ticket import AskedFor, CloseOutcome, Status

OVER = "fault_is_over"
"""Why a ticket is closed with its fault."""


def tell_of_fault(draft: Draft, command: c.FaultNews) -> None:
    """Let a ticket know what became of its fault, once; nothing follows for one that is closed or reports it no more.

    The desk's promises are judged by when the word was received, as if it had been said on the ticket itself.
    """
    ticket, clock = draft.ticket, draft.ticket.critical
    if clock is None or clock.fault != command.fault:
        return
    if command.has_left or ticket.status is Status.CLOSED or clock.ended_at is not None:
        correct_with_the_fault(draft)
        return
    if any((told.news, told.at) == (command.news, command.at) for told in clock.told):
        return
    was_told = any(told.news is News.TAKEN for told in clock.told)
    if command.news is News.TAKEN and was_told and not clock.runs and kept_after_all(clock, command.at) is None:
        return  # it paged again, and somebody has it in hand again: nothing of that is news to a ticket
    was_paged = is_paged(draft)
    acknowledge_with_the_fault(draft)
    # Somebody who took it twice, since it paged again meanwhile, is no news to who reported it.
    is_news = command.news is not News.TAKEN or all(told.news is not News.TAKEN for told in clock.told)
    tells = command.tells and is_news and draft.reaches_client(automatic=True)
    _TELLING[command.news](draft, command, tells)
    correct_with_the_fault(draft)
    draft.record(e.FaultTold(at=command.at, fault=command.fault, news=command.news, by=command.by, by_letter=tells))
    if was_paged and not is_paged(draft):
        give_missed_term_again(draft)


def _taken(draft: Draft, command: c.FaultNews, tells: bool) -> None:  # noqa: FBT001 - one of a table
    _react(draft, command)
    if tells:
        write_taken(draft, command.others)


def _resolved(draft: Draft, command: c.FaultNews, tells: bool) -> None:  # noqa: FBT001 - one of a table
    """Ask the requester whether all is well, as after a proposed solution (MDO 2.5), or close where silence means nothing."""
    _react(draft, command)
    if not tells:
        _close(draft, command, CloseOutcome.RESOLVED, OVER)
        return
    others = _said(draft, command)
    clock = lapse_clock(draft, AskedFor.SOLUTION)
    if clock.lapses:
        draft.record(e.WaitStarted(at=draft.now, by=command.by, clock=clock))
        term = draft.term(clock.due, clock.undecreed_years)
        draft.mail_client("fault_over_client", {**others, **term}, clause=clock.clause, asked_at=clock.asked_at)
    else:
        _close(draft, command, CloseOutcome.RESOLVED, OVER)
        draft.mail_client("fault_over_client", others, clause=None)


def _false_alarm(draft: Draft, command: c.FaultNews, tells: bool) -> None:  # noqa: FBT001 - one of a table
    """Leave the request to its ordinary promise, and close what an alarm reported."""
    withdraw_critical(draft, by=command.by, at=command.at, reason=FALSE_ALARM)
    ticket = draft.ticket
    if ticket.requester.is_alarm:
        _close(draft, command, CloseOutcome.WITHDRAWN, FALSE_ALARM)
    elif tells:
        reaction = ticket.reaction
        runs = reaction if reaction is not None and reaction.runs else None
        term = draft.term(runs.due, runs.undecreed_years) if runs is not None else {}
        draft.mail_client(
            "fault_false_alarm_client",
            {**_said(draft, command), **term},
            clause=runs.clause if runs is not None else None,
            due=runs.due if runs is not None else None,
        )


def _said(draft: Draft, command: c.FaultNews) -> Params:
    """Return what a letter to the requester says besides, and keep a specialist's words for who reads the ticket."""
    if command.text:
        draft.record(e.SpecialistWrote(at=command.at, by=command.by, text=command.text))
    return {"others": command.others, **({"text": command.text} if command.text else {})}


_TELLING: Mapping[News, Callable[[Draft, c.FaultNews, bool], None]] = {
    News.TAKEN: _taken,
    News.RESOLVED: _resolved,
    News.FALSE_ALARM: _false_alarm,
}


def _react(draft: Draft, command: c.FaultNews) -> None:
    """Record that the desk reacted, unless somebody has done so on the ticket itself; nobody did where alarms fell silent.

    Who took the fault before it was over reacted by that, though its tickets had not been told of it.
    """
    clock, ticket = draft.ticket.critical, draft.ticket
    assert clock is not None  # asked before
    at = min(command.at, clock.acknowledged_at or command.at)
    if kept_after_all(clock, command.at) is not None:
        record_reaction(draft, c.Act.ACKNOWLEDGE, by=command.by, at=command.at)
    elif command.by == DESK or ticket.reacted_at is not None:
        return
    elif ticket.requester.is_alarm:
        record_reaction(draft, c.Act.ACKNOWLEDGE, by=command.by, at=at)
    else:
        react(draft, c.Act.ACKNOWLEDGE, by=command.by, at=at)


def _close(draft: Draft, command: c.FaultNews, outcome: CloseOutcome, reason: str) -> None:
    draft.record(e.Closed(at=draft.now, by=command.by, outcome=outcome, reason=reason))
