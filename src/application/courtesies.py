"""Which ticket a letter means that only thanks, takes a request back or asks how it goes, and names none (house rule)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import islice

from application.ports import KnownTickets
from application.recognise import Lead, ReadLetter
from domain.client import Recent
from domain.findings import Classification
from domain.intake.courtesy import Courtesy
from domain.letter import Letter
from domain.regulation.editions import edition_named
from domain.ticket.decide.courtesies import plain_courtesy
from domain.ticket.ticket import Status, Ticket
from domain.trust import Deed, may

LOOKED_AT = 3
"""How many of a client's last requests are read, a request each; a letter with a task reads none of them."""


def led_by_courtesy(
    read: ReadLetter, recent: Recent, found: Classification, store: KnownTickets
) -> tuple[Lead, Ticket] | tuple[None, None]:
    """Return the sender's own request that a courtesy means, where the letter itself points to none.

    It is the last open one. A withdrawal means one only where no other is open, and thanks mean the last one where none
    is open and it was closed lately: whatever becomes of them reopens nothing.
    """
    kind, letter = plain_courtesy(found), read.letter
    if kind is None or read.as_request or not may(letter.trust, Deed.USE_THE_CLIENTS_PAST):
        return None, None
    own = list(islice(_own(letter, recent, store), LOOKED_AT))
    open_ = [ticket for ticket in own if ticket.status is not Status.CLOSED]
    meant = next(iter(open_), None)
    if kind is Courtesy.WITHDRAWAL and len(open_) > 1:
        return None, None
    if meant is None and kind is Courtesy.THANKS:
        meant = next((ticket for ticket in own if not closed_too_long_ago(ticket, letter)), None)
    return (Lead(meant.id, "courtesy"), meant) if meant is not None else (None, None)


def _own(letter: Letter, recent: Recent, store: KnownTickets) -> Iterator[Ticket]:
    """Return the tickets that were opened from the sender's own address, the last first."""
    address = letter.sender.address if letter.sender else ""
    for request in reversed(recent.requests[-LOOKED_AT:]):
        ticket = store.ticket(request.ticket)
        if ticket is not None and ticket.requester.address == address:
            yield ticket


def closed_too_long_ago(ticket: Ticket, letter: Letter) -> bool:
    """Return whether a ticket was closed longer ago than its edition says: a letter does not join it, and asks for something new."""
    if ticket.status is not Status.CLOSED or ticket.closed_at is None:
        return False
    edition = edition_named(ticket.desk, ticket.edition)
    return letter.envelope.received_at - ticket.closed_at > timedelta(days=edition.reopening.within_days)


def counts_as_a_request(found: Classification) -> bool:
    """Return whether a letter that opened a ticket counts towards the month's requests: thanks and withdrawals do not."""
    return plain_courtesy(found) in (None, Courtesy.NUDGE)
