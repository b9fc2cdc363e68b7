"""That a specialist acted, judged by when SES received it; and what was pronounced before it was read is corrected."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from domain.ticket import events as e
from domain.ticket.decide.draft import Draft
from domain.ticket.ticket import CriticalClock, ReactionClock, Status, Ticket
from domain.ticket.timers import TimerKind
from domain.writer.authorship import shown_address


def record_reaction(draft: Draft, act: str, *, by: str, at: datetime) -> None:
    """Stop the reaction clock and the pages, never before they began (MDO 2.1)."""
    ticket = draft.ticket
    if ticket.status is not Status.CLOSED:
        began = ticket.reaction.counted_from if ticket.reaction is not None else at
        draft.record(e.Reacted(at=max(at, began), by=by, act=act))
    critical = draft.ticket.critical
    if critical is not None and critical.runs:
        draft.record(e.CriticalAcknowledged(at=max(at, critical.since), by=by))
    ticket = draft.ticket
    if ticket.reaction is not None and (kept_at := kept_after_all(ticket.reaction, at)) is not None:
        _correct(draft, TimerKind.REACTION_BREACH, ticket.reaction, by=by, kept_at=kept_at)
    if ticket.critical is not None and (kept_at := kept_after_all(ticket.critical, at)) is not None:
        _correct(draft, TimerKind.CRITICAL_BREACH, ticket.critical, by=by, kept_at=kept_at)


def withdraw_critical(draft: Draft, *, by: str, at: datetime, reason: str) -> None:
    """End a fault that a specialist judges no critical one; one that is judged so in time was not neglected."""
    critical = draft.ticket.critical
    assert critical is not None  # asked before
    at = max(at, critical.since)
    draft.record(e.CriticalWithdrawn(at=at, by=by, reason=reason))
    if critical.breached_at is not None and at <= critical.due:
        _correct(draft, TimerKind.CRITICAL_BREACH, critical, by=by, kept_at=at)


def correct_critical(draft: Draft, *, by: str, at: datetime) -> None:
    """Record that the promise to who reported a fault was kept, where it was said to be broken, whatever became of the ticket."""
    clock = draft.ticket.critical
    if clock is not None and clock.breached_at is not None and (kept_at := kept_after_all(clock, at)) is not None:
        _correct(draft, TimerKind.CRITICAL_BREACH, clock, by=by, kept_at=kept_at)


def corrects_a_breach(ticket: Ticket, at: datetime) -> bool:
    """Return whether an act that was received at an instant shows that a promise was kept which is said to be broken."""
    clocks = (ticket.reaction, ticket.critical)
    return any(clock is not None and kept_after_all(clock, at) is not None for clock in clocks)


def kept_after_all(clock: CriticalClock | ReactionClock, at: datetime) -> datetime | None:
    """Return when a promise was kept that is said to be broken, now that an act is read which was received at an instant.

    None where nothing is to be corrected. Letters are read in any order: the act that was late may have been read first.
    """
    if isinstance(clock, ReactionClock):
        began, stopped_at = clock.counted_from, clock.stopped_at
    else:
        # A fault that was over before its acknowledgement was read is corrected only where it was said to be neglected.
        ended_at = clock.ended_at if clock.breached_at is not None else None
        began, stopped_at = clock.since, clock.acknowledged_at or ended_at
    if stopped_at is None:
        return None
    if stopped_at <= clock.due:
        return stopped_at if clock.breached_at is not None else None
    return at if began <= at <= clock.due else None


def _correct(
    draft: Draft,
    breach: Literal[TimerKind.REACTION_BREACH, TimerKind.CRITICAL_BREACH],
    clock: CriticalClock | ReactionClock,
    *,
    by: str,
    kept_at: datetime,
) -> None:
    """Record that a promise was kept; the team, where it was told of a breach, is told so."""
    draft.record(e.BreachCorrected(at=draft.now, breach=breach, by=by, received_at=kept_at))
    if isinstance(clock, CriticalClock) and clock.fault:
        return  # the fault has told of it, and tells
    if clock.breached_at is not None:
        told = {"by": shown_address(by), "received": draft.moment(kept_at), "due": draft.moment(clock.due)}
        draft.mail_team("breach_corrected", told, clause=clock.clause)
