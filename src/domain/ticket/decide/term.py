"""The client's term to answer: written down with the question, and counted from when the question leaves (MDO 2.5)."""

from __future__ import annotations

from datetime import datetime

from domain.findings import Mode
from domain.regulation.edition import Edition
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide.draft import Draft
from domain.ticket.ticket import AskedFor, LapseClock


def lapse_clock(draft: Draft, asked_for: AskedFor) -> LapseClock:
    """Return the term of a question that is written now and has not left: its end is not known yet, the nearest possible is given."""
    edition, now = draft.edition, draft.now
    clock = LapseClock(
        asked_at=now,
        asked_for=asked_for,
        due=now,
        remind_at=None,
        clause=edition.lapse.clause,
        lapses=edition.lapse.mode is Mode.AUTOMATIC,
    )
    return counted_from(clock, edition, now).model_copy(update={"unsent": True, "left_at": None})


def counted_from(clock: LapseClock, edition: Edition, at: datetime) -> LapseClock:
    """Return a term as it counts from an instant."""
    due = edition.lapse_due(at)
    return clock.model_copy(
        update={
            "due": due,
            "remind_at": edition.lapse_warning(at) if clock.lapses else None,
            "undecreed_years": edition.calendar.undecreed_years(at, due),
            "reminded_at": None,
            "unsent": False,
            "left_at": at,
            "shortened": None,
        }
    )


def start_term(draft: Draft, command: c.StartTerm) -> None:
    """Let the term of a wait count from now, when its question has left; once, and only while that wait lasts.

    Or let it end earlier, now that the client has been told so.
    """
    clock = draft.ticket.lapse
    if clock is None or clock.asked_at != command.asked_at:
        return
    if clock.unsent:
        draft.record(e.TermStarted(at=draft.now, clock=counted_from(clock, draft.edition, draft.now)))
    elif command.due is not None and command.due == clock.shortened:
        draft.record(e.TermStarted(at=draft.now, clock=_shortened(clock, draft.edition, draft.now, command.due)))


def _shortened(clock: LapseClock, edition: Edition, at: datetime, due: datetime) -> LapseClock:
    """Return a term with an earlier end; the letter that told of it is the reminder where that is due by then."""
    remind_at = edition.lapse_warning(clock.counted_from)
    if clock.reminded_at is not None:
        remind_at = clock.remind_at
    elif remind_at is not None and remind_at <= at:
        remind_at = None
    years = edition.calendar.undecreed_years(clock.counted_from, due)
    return clock.model_copy(update={"due": due, "shortened": None, "remind_at": remind_at, "undecreed_years": years})


def give_missed_term_again(draft: Draft) -> None:
    """Let the client's whole term count from now, with its reminder, where its reminder or its end passed during a fault.

    No timer of the client's silence fires while somebody is paged (`timers_of`): without this the request would lapse
    as soon as the fault is acknowledged or withdrawn, and nobody was reminded (MDO 2.5).
    """
    clock, now = draft.ticket.lapse, draft.now
    if clock is None or not clock.lapses or not clock.counts:
        return
    reminder_missed = clock.reminded_at is None and clock.remind_at is not None and clock.remind_at <= now
    if clock.due <= now or reminder_missed:
        draft.record(e.TermStarted(at=now, clock=counted_from(clock, draft.edition, now)))
