"""What has left: as its sender marks it, and as a damaged table or a person says where nobody marked it."""

from __future__ import annotations

from application.change import change_ticket
from application.ports import Store
from application.storage import Departure
from domain.ticket import commands as c
from domain.ticket.departure import ASKING, SHORTENING
from domain.ticket.outgoing import Outgoing, OutgoingMail


def record_departure(message: Outgoing, left: Departure, store: Store) -> None:
    """Mark an item as sent and, where the client's term begins with its leaving, let that count from then (MDO 2.5).

    One transaction; the same however often.
    """
    if isinstance(message, OutgoingMail) and message.asked_at is not None and message.kind in ASKING | {SHORTENING}:
        term = c.StartTerm(message.asked_at, message.due)
        started = change_ticket(store, left.key.ticket, term, lambda: left.at, left=left)
        if started is not None and started.decision.events:
            return
    store.mark_sent(left)
