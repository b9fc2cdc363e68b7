"""A letter of ours did not arrive."""

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
