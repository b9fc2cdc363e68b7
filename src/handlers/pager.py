"""`pager`: a page was committed. Publishes it; acknowledgements of other tickets never hold it up."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.rendering import render_page
from domain.outgoing import Outgoing, OutgoingPage
from domain.ports import OutboxKey
from handlers import wiring
from handlers.delivery import Outdated, deliver, key_of
from handlers.observing import count, failed, logger, metrics

_processor = BatchProcessor(event_type=EventType.DynamoDBStreams, raise_on_entire_batch_failure=False)


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Handle a batch of stream records; those that failed are reported and come again, with all after them."""
    return dict(process_partial_response(event=event, record_handler=_handle, processor=_processor, context=context))


def _handle(record: DynamoDBRecord) -> None:
    try:
        _take(record)
    except Exception as error:
        failed("a record failed", error, record=record.event_id or "")
        raise


def _take(record: DynamoDBRecord) -> None:
    deliver(key_of(record), send)


def send(_: OutboxKey, message: Outgoing) -> str:
    """Publish one page and return the id SNS gave it; raises Outdated where somebody has acknowledged meanwhile."""
    assert isinstance(message, OutgoingPage)  # the mapping filters on it
    ticket = wiring.store().ticket(message.ticket)
    if ticket is not None and (ticket.critical is None or not ticket.critical.runs):
        raise Outdated
    subject, text = render_page(message)
    sent_id = wiring.pager().page(subject, text, desk=message.desk, level=message.level, ticket=message.ticket)
    count("PagesSent")
    return sent_id
