"""The production calendar was corrected: the clocks that still run have new instants."""

from __future__ import annotations

from datetime import datetime

from domain.ticket import events as e
from domain.ticket.decide.draft import Draft
from domain.ticket.decide.silences import recount_owed_answer
from domain.ticket.ticket import LapseClock


def recompute_clocks(draft: Draft) -> None:
    """Recompute the instants of clocks that still run; what has fired or stopped stays as it was.

    A client whose term is to end earlier than was said is told so, and it does once that letter has left.
    """
    ticket, edition = draft.ticket, draft.edition
    reaction, lapse = ticket.reaction, ticket.lapse
    if reaction is not None and reaction.runs and reaction.breached_at is None:
        due = edition.reaction_due(reaction.counted_from)
        reaction = reaction.model_copy(
            update={
                "due": due,
                "warn_at": edition.reaction_warning(reaction.counted_from),
                "undecreed_years": tuple(edition.calendar.undecreed_years(reaction.counted_from, due)),
            }
        )
    if lapse is not None and lapse.expired_at is None:
        lapse = _recomputed(draft, lapse)
    if (reaction, lapse) != (ticket.reaction, ticket.lapse):
        draft.record(e.ClocksRecomputed(at=draft.now, reaction=reaction, lapse=lapse))
    if ticket.lapse is not None and lapse is not None and lapse.shortened not in (None, ticket.lapse.shortened):
        _tell_client(draft, ticket.lapse, lapse.shortened)
    recount_owed_answer(draft)


def _recomputed(draft: Draft, before: LapseClock) -> LapseClock:
    """Return the client's term by the calendar as it is now.

    One that ends earlier than the client was told does so once a letter has said it (`term.start_term`), and never before
    the next working day is over, so that the client can read of it and answer. It is said once.
    """
    edition, counted_from = draft.edition, before.counted_from
    due = edition.lapse_due(counted_from)
    if due >= before.due or before.unsent:  # of a question that has not left nothing was said
        return _ending(draft, before, due)
    earlier = before.shortened
    if earlier is None or earlier < due:
        earlier = min(before.due, max(due, edition.soonest_lapse(draft.now)))
    if not before.lapses:  # the client was told no end
        return _ending(draft, before, earlier)
    shortened = earlier if earlier < before.due else None
    years = edition.calendar.undecreed_years(counted_from, before.due)
    return before.model_copy(update={"shortened": shortened, "undecreed_years": years})


def _ending(draft: Draft, before: LapseClock, due: datetime) -> LapseClock:
    years = draft.edition.calendar.undecreed_years(before.counted_from, due)
    remind_at = _reminder(draft, before)
    return before.model_copy(update={"due": due, "remind_at": remind_at, "undecreed_years": years, "shortened": None})


def _reminder(draft: Draft, before: LapseClock) -> datetime | None:
    """Return when the client is reminded; what was given, or given up for a letter of an earlier end, stays."""
    if not before.lapses:
        return None
    if before.reminded_at is not None:
        return before.remind_at
    remind_at = draft.edition.lapse_warning(before.counted_from)
    if remind_at is not None and remind_at <= draft.now and before.remind_at is None:
        return None
    return remind_at


def _tell_client(draft: Draft, before: LapseClock, due: datetime) -> None:
    years = draft.edition.calendar.undecreed_years(before.counted_from, due)
    decreed = tuple(str(year) for year in before.undecreed_years if year not in years)
    params = {"before": draft.moment(before.due), "decreed": decreed, **draft.term(due, years)}
    draft.mail_client("term_shortened", params, clause=before.clause, asked_at=before.asked_at, due=due)
