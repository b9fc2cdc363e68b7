"""After a critical fault: what its clock hid of the client's term."""

from __future__ import annotations

from domain.ticket import events as e
from domain.ticket.decide.draft import Draft


def give_missed_term_again(draft: Draft) -> None:
    """Let the client's whole term count from now, with its reminder, where its reminder or its end passed during a fault.

    No timer of the client's silence fires while somebody is paged (`timers_of`): without this the request would lapse
    as soon as the fault is acknowledged or withdrawn, and nobody was reminded (MDO 2.5).
    """
    lapse, edition, now = draft.ticket.lapse, draft.edition, draft.now
    if lapse is None or not lapse.lapses or lapse.expired_at is not None:
        return
    reminder_missed = lapse.reminded_at is None and lapse.remind_at is not None and lapse.remind_at <= now
    if lapse.due > now and not reminder_missed:
        return
    due = edition.lapse_due(now)
    clock = lapse.model_copy(
        update={
            "left_at": now,
            "due": due,
            "remind_at": edition.lapse_warning(now),
            "reminded_at": None,
            "undecreed_years": edition.calendar.undecreed_years(now, due),
        }
    )
    draft.record(e.TermStarted(at=now, clock=clock))
