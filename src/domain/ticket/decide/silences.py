"""A client wrote, and the desk says nothing: the ticket's specialist is reminded, then the team (house rule).

It counts from the first letter without an answer, until a specialist writes to the client, asks, or closes, or a new
promise of a reaction runs. Taking the ticket answers nothing, nor does a note: the client still waits. Each letter of
the client causes two reminders at most, and those that come before both were given cause none more.
"""

from __future__ import annotations

from datetime import datetime

from domain.regulation.edition import AnswerReminder
from domain.ticket import events as e
from domain.ticket.decide.draft import Draft
from domain.ticket.ticket import OwedAnswer, Status
from domain.ticket.timers import Timer
from domain.writer.authorship import shown_address

TEXT_SHOWN = 300
"""Characters of the client's last letter that a reminder shows."""


def owe_answer(draft: Draft, added: e.LetterAdded) -> None:
    """Note that the client whose letter has joined the ticket waits for an answer, where no other clock says so."""
    ticket, rule = draft.ticket, draft.edition.answer_reminder
    promised = ticket.reaction is not None and ticket.reaction.runs
    if rule is None or promised or ticket.status is not Status.IN_PROGRESS or draft.may_be_a_machines:
        return
    owed, text = ticket.owed, added.text[:TEXT_SHOWN]
    if owed is None or owed.is_done:
        since = owed.since if owed is not None else added.at
        owed = OwedAnswer(since=since, counted_from=added.at, text=text, **_reminders(draft, rule, added.at))
    else:
        owed = owed.model_copy(update={"text": text})
    draft.record(e.AnswerOwed(at=draft.now, owed=owed))


def recount_owed_answer(draft: Draft) -> None:
    """Let the reminders that were not given yet follow a corrected calendar."""
    owed, rule = draft.ticket.owed, draft.edition.answer_reminder
    if owed is None or rule is None or owed.is_done:
        return
    after = owed.model_copy(update=_reminders(draft, rule, owed.counted_from))
    if after != owed:
        draft.record(e.AnswerOwed(at=draft.now, owed=after))


def remind_owner(draft: Draft, timer: Timer) -> None:
    """Remind the specialist who has the ticket, or the team where nobody has it that can be written to."""
    draft.record(e.TimerFired(at=draft.now, timer=timer.kind, due=timer.at, clause=timer.clause))
    owed, owner = _owed(draft), _owner(draft)
    if owner or owed.team_at > draft.now:  # the team itself is about to be told
        draft.mail_team("answer_owed", _told(draft, owed), to=owner)


def remind_team(draft: Draft, timer: Timer) -> None:
    """Remind the team of what the owner has left undone."""
    draft.record(e.TimerFired(at=draft.now, timer=timer.kind, due=timer.at, clause=timer.clause))
    draft.mail_team("answer_owed", _told(draft, _owed(draft)))


def _reminders(draft: Draft, rule: AnswerReminder, at: datetime) -> dict[str, datetime]:
    edition = draft.edition
    return {
        "owner_at": edition.after_days_without_answer(at, rule.owner_after_working_days),
        "team_at": edition.after_days_without_answer(at, rule.team_after_working_days),
    }


def _owed(draft: Draft) -> OwedAnswer:
    owed = draft.ticket.owed
    assert owed is not None  # its timer fired
    return owed


def _owner(draft: Draft) -> str:
    """Return the address of the specialist who has the ticket; empty where nobody has it who can be written to."""
    by = draft.ticket.assignee or ""
    return by if by in draft.people.specialists else ""


def _told(draft: Draft, owed: OwedAnswer) -> dict[str, str]:
    owner = draft.ticket.assignee
    return {
        "since": draft.moment(owed.since),
        "owner": shown_address(owner) if owner else "",
        "text": owed.text,
    }
