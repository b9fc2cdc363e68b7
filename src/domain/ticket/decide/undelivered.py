"""A letter of ours did not arrive."""

from __future__ import annotations

from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide.draft import DESK, Draft, Params
from domain.ticket.decide.unprompted import leave_to_the_team, reopen
from domain.ticket.ticket import Status, Ticket
from domain.writer.authorship import shown_address


def report_failed_delivery(draft: Draft, command: c.ReportFailedDelivery) -> None:
    """A letter did not arrive: the team is told once, and a client who never got the question owes no answer.

    Where the ticket has lapsed over that question the closing is undone (MDO 2.5): remote hosts report after days.
    """
    ticket = draft.ticket
    if command.message in ticket.failed:
        return
    draft.record(
        e.DeliveryFailed(at=draft.now, address=command.address, detail=command.detail[:500], message=command.message)
    )
    if command.address == draft.people.team_address:
        return  # telling it would fail again; the mailer's alarm sounds
    told: Params = {"address": shown_address(command.address), "detail": command.detail[:500]}
    if _lapsed_over(command, ticket):
        reopen(draft, by=DESK, reason="question_not_delivered", at=draft.now)
        told = {**told, "reopened": "yes"}
    draft.mail_team("delivery_failed", told)
    if command.address == ticket.requester.address and ticket.status is Status.AWAITING_REQUESTER:
        leave_to_the_team(draft)


def _lapsed_over(command: c.ReportFailedDelivery, ticket: Ticket) -> bool:
    """Return whether a ticket is closed because its client did not answer a letter that did not arrive.

    A letter of another wait, or the one that tells of the closing, says nothing about that. A report that names no
    letter may be about the question where it was made after that was asked.
    """
    lapsed = ticket.lapsed
    if lapsed is None or command.address != ticket.requester.address:
        return False
    if command.reported_at is not None:
        return command.reported_at >= lapsed.asked_at
    return command.asked_at == lapsed.asked_at
