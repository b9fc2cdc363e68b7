"""`pager`: a page was committed. Publishes it; acknowledgements of other tickets never hold it up."""

from __future__ import annotations

from datetime import timedelta

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from adapters.rendering import render_page
from application.ports import Services
from application.storage import OutboxKey
from composition import lambda_handler
from domain.ticket.outgoing import OUTGOING, Outgoing, OutgoingPage
from domain.ticket.paging import is_over, is_superseded
from handlers.batches import batch_handle
from handlers.delivery import Left, Outdated, deliver, key_of
from handlers.observing import Metric, count

LEASE = timedelta(seconds=50)
"""Longer than the function may run, and so short that the page of one that died is offered within two minutes."""


def _take(record: DynamoDBRecord, services: Services) -> None:
    deliver(key_of(record), send, services, lease=LEASE)


handle = batch_handle(EventType.DynamoDBStreams, _take)
handler = lambda_handler(handle)


def send(_: OutboxKey, message: Outgoing, services: Services) -> Left:
    """Publish one page and return the id SNS gave it.

    Raises Outdated where somebody has acknowledged meanwhile, or a later page of the level says it all: then that
    one is sent at once. A pager that is behind, or back after hours, so sends one page and never none.
    """
    assert isinstance(message, OutgoingPage)  # the mapping filters on it
    ticket = services.store.ticket(message.ticket)
    if ticket is not None:
        if is_over(message, ticket.critical):
            raise Outdated
        if is_superseded(message, ticket.critical):
            deliver(_latest(message, services), send, services, lease=LEASE)
            raise Outdated
    subject, text = render_page(message, services.now())
    sent_id = services.pager.page(subject, text, desk=message.desk, level=message.level, ticket=message.ticket)
    count(Metric.PAGES_SENT)
    return Left(sent_id)


def _latest(page: OutgoingPage, services: Services) -> OutboxKey:
    """Return where the last page of the same fault and level is: one Query."""
    of_the_ticket = ((key, OUTGOING.validate_json(body)) for key, _, body in services.store.outbox(page.ticket))
    of_the_level = {
        other.number: key
        for key, other in of_the_ticket
        if isinstance(other, OutgoingPage) and (other.level, other.since) == (page.level, page.since)
    }
    return of_the_level[max(of_the_level)]
