"""`pager`: a page was committed. Publishes it; acknowledgements of other tickets never hold it up."""

from __future__ import annotations

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from adapters.rendering import render_page
from application.ports import Services
from application.storage import Leased
from composition import lambda_handler
from domain.ticket.outgoing import OutgoingPage
from handlers.batches import batch_handle
from handlers.delivery import Left, Outdated, deliver, key_of
from handlers.observing import Metric, count


def _take(record: DynamoDBRecord, services: Services) -> None:
    deliver(key_of(record), send, services)


handle = batch_handle(EventType.DynamoDBStreams, _take)
handler = lambda_handler(handle)


def send(leased: Leased, services: Services) -> Left:
    """Publish one page and return the id SNS gave it; raises Outdated where somebody has acknowledged meanwhile."""
    message = leased.message
    assert isinstance(message, OutgoingPage)  # the mapping filters on it
    ticket = services.store.ticket(message.ticket)
    if ticket is not None and (ticket.critical is None or not ticket.critical.runs):
        raise Outdated
    subject, text = render_page(message)
    sent_id = services.pager.page(subject, text, desk=message.desk, level=message.level, ticket=message.ticket)
    count(Metric.PAGES_SENT)
    return Left(sent_id)
