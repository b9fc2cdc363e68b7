"""The production calendar was corrected: the clocks that still run have new instants."""

from __future__ import annotations

from domain.ticket import events as e
from domain.ticket.decide.draft import Draft


def recompute_clocks(draft: Draft) -> None:
    """Recompute the instants of clocks that still run; what has fired or stopped stays as it was."""
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
        remind_at = edition.lapse_warning(lapse.counted_from) if lapse.lapses else None
        due = edition.lapse_due(lapse.counted_from)
        undecreed = edition.calendar.undecreed_years(lapse.counted_from, due)
        lapse = lapse.model_copy(update={"due": due, "remind_at": remind_at, "undecreed_years": undecreed})
    if (reaction, lapse) != (ticket.reaction, ticket.lapse):
        draft.record(e.ClocksRecomputed(at=draft.now, reaction=reaction, lapse=lapse))
