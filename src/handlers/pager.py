"""`pager`: a page was committed. Publishes it; acknowledgements of other tickets never hold it up."""

from __future__ import annotations

from datetime import timedelta

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from adapters.rendering import render_page
from application.ports import Services
from application.storage import Leased, OutboxKey
from composition import lambda_handler
from domain.ticket.outgoing import OutgoingPage
from domain.ticket.paging import is_over, is_superseded
from handlers.batches import batch_handle
from handlers.delivery import Left, Outdated, deliver, key_of
from handlers.observing import Metric, count

LEASE = timedelta(seconds=50)
"""Longer than the function may run, and so short that the page of one that died is offered within two minutes."""
_LAST = "OUT#~"
"""Follows every outgoing item of a ticket."""


def _take(record: DynamoDBRecord, services: Services) -> None:
    deliver(key_of(record), send, services, LEASE)


handle = batch_handle(EventType.DynamoDBStreams, _take)
handler = lambda_handler(handle)


def send(leased: Leased, services: Services) -> Left:
    """Publish one page and return the id SNS gave it.

    Raises Outdated where somebody has acknowledged meanwhile, or where a later page of the level says it all: that
    one is sent at once. A pager that is always behind, or back after hours, so sends one page, and never none.
    """
    message = leased.message
    assert isinstance(message, OutgoingPage)  # the mapping filters on it
    ticket = services.store.ticket(message.ticket)
    if ticket is not None and is_over(message, ticket.critical):
        raise Outdated
    if ticket is not None and is_superseded(message, ticket.critical):
        _send_latest(message, services)
        raise Outdated
    now = services.now()
    subject, text = render_page(message, now)
    sent_id = services.pager.page(subject, text, desk=message.desk, level=message.level, ticket=message.ticket)
    count(Metric.PAGES_SENT)
    return Left(sent_id, now)


def _send_latest(page: OutgoingPage, services: Services) -> None:
    """Send the last page of the same fault and level, unless it has left."""
    later = {
        other.message.number: other.key
        for other in services.store.unsent(OutboxKey(ticket=page.ticket, item=_LAST))
        if isinstance(other.message, OutgoingPage)
        and (other.message.level, other.message.since) == (page.level, page.since)
        and other.message.number > page.number
    }
    if later:
        deliver(later[max(later)], send, services, LEASE)
