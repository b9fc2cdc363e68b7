"""What comes to light later: a letter that did not arrive, a corrected calendar."""

from __future__ import annotations

from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide.draft import Draft
from domain.ticket.decide.unprompted import leave_to_the_team
from domain.ticket.ticket import Status
from domain.writer.authorship import shown_address


def report_failed_delivery(draft: Draft, command: c.ReportFailedDelivery) -> None:
    """A letter did not arrive: the team is told once, and a client who never got the question owes no answer."""
    ticket = draft.ticket
    if command.message in ticket.failed:
        return
    draft.record(
        e.DeliveryFailed(at=draft.now, address=command.address, detail=command.detail[:500], message=command.message)
    )
    if command.address == draft.team_address:
        return  # telling it would fail again; the mailer's alarm sounds
    draft.mail_team("delivery_failed", {"address": shown_address(command.address), "detail": command.detail[:500]})
    if command.address == ticket.requester.address and ticket.status is Status.AWAITING_REQUESTER:
        leave_to_the_team(draft)


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
        remind_at = edition.lapse_warning(lapse.asked_at) if lapse.lapses else None
        due = edition.lapse_due(lapse.asked_at)
        undecreed = edition.calendar.undecreed_years(lapse.asked_at, due)
        lapse = lapse.model_copy(update={"due": due, "remind_at": remind_at, "undecreed_years": undecreed})
    if (reaction, lapse) != (ticket.reaction, ticket.lapse):
        draft.record(e.ClocksRecomputed(at=draft.now, reaction=reaction, lapse=lapse))
