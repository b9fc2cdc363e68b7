"""What happens when an instant comes due. Late sweeps catch up in order of due time."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide.critical import acknowledge_with_the_fault, adopt_critical
from domain.ticket.decide.digest import send_digests
from domain.ticket.decide.draft import DESK, Draft
from domain.ticket.decide.silences import remind_owner, remind_team
from domain.ticket.holding import is_held
from domain.ticket.ticket import CloseOutcome
from domain.ticket.timers import Timer, TimerKind, clock_timers_of


def fire_timers(draft: Draft, command: c.FireTimers) -> None:
    """Let everything due by now happen that is not held, the earliest first; each may disarm or arm others."""
    send_digests(draft)
    while (timer := _first_due(draft, command)) is not None:
        _FIRE[timer.kind](draft, timer)


def _first_due(draft: Draft, command: c.FireTimers) -> Timer | None:
    due = (timer for timer in clock_timers_of(draft.ticket) if timer.at <= draft.now)
    return next((timer for timer in due if not _waits(draft, timer, command)), None)


def _waits(draft: Draft, timer: Timer, command: c.FireTimers) -> bool:
    """Return whether a timer that is due is left for later: for letters, or for the fault that is to page."""
    has_no_fault = timer.kind is TimerKind.PAGE_REPEAT and draft.fault is None
    return has_no_fault or is_held(timer, draft.now, command.waiting_since)


def _fired(draft: Draft, timer: Timer) -> None:
    draft.record(e.TimerFired(at=draft.now, timer=timer.kind, due=timer.at, clause=timer.clause))


def _reaction_warning(draft: Draft, timer: Timer) -> None:
    _fired(draft, timer)
    clock = draft.ticket.reaction
    assert clock is not None  # its timer fired
    if clock.due > draft.now:
        draft.mail_team("warning", draft.term(clock.due, clock.undecreed_years), clause=timer.clause, due=clock.due)


def _reaction_breach(draft: Draft, timer: Timer) -> None:
    """Tell the team that the promised reaction is late (MDO 2.1, Storeolis 2.3)."""
    _fired(draft, timer)
    clock = draft.ticket.reaction
    assert clock is not None  # its timer fired
    draft.mail_team("breach", draft.term(timer.at, clock.undecreed_years), clause=timer.clause, due=timer.at)


def _lapse_warning(draft: Draft, timer: Timer) -> None:
    _fired(draft, timer)
    clock = draft.ticket.lapse
    assert clock is not None  # its timer fired
    if clock.due > draft.now:
        term = draft.term(clock.due, clock.undecreed_years)
        draft.mail_client("reminder", term, clause=timer.clause, asked_at=clock.asked_at, due=clock.due)


def _lapse(draft: Draft, timer: Timer) -> None:
    """Close the request that the client did not answer, or tell the team of the silence (MDO 2.5)."""
    clock = draft.ticket.lapse
    assert clock is not None  # its timer fired
    _fired(draft, timer)
    term = draft.term(timer.at, clock.undecreed_years)
    if not clock.lapses:
        draft.mail_team("silence", term, asked_at=clock.asked_at)
        return
    draft.record(
        e.Closed(
            at=draft.now,
            by=DESK,
            outcome=CloseOutcome.LAPSED,
            reason=f"no_answer_to_{clock.asked_for}",
            clause=timer.clause,
        )
    )
    draft.mail_client("lapsed", term, clause=timer.clause)


def _adopt(draft: Draft, _timer: Timer) -> None:
    adopt_critical(draft)


def _critical_breach(draft: Draft, timer: Timer) -> None:
    """Record that nobody took the fault within the minutes promised to who reported it (MDO 2.1).

    The fault tells and pages, once for all its reports. It was taken in time where the ticket only has not been told.
    """
    if not acknowledge_with_the_fault(draft, by=timer.at):
        _fired(draft, timer)


_FIRE: Mapping[TimerKind, Callable[[Draft, Timer], None]] = {
    TimerKind.REACTION_WARNING: _reaction_warning,
    TimerKind.REACTION_BREACH: _reaction_breach,
    TimerKind.LAPSE_WARNING: _lapse_warning,
    TimerKind.LAPSE: _lapse,
    TimerKind.ANSWER_OWNER: remind_owner,
    TimerKind.ANSWER_TEAM: remind_team,
    TimerKind.PAGE_REPEAT: _adopt,
    TimerKind.CRITICAL_BREACH: _critical_breach,
}
