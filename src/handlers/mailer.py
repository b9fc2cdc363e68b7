"""`mailer`: an outgoing letter was committed. Words it and sends it by SES."""

from __future__ import annotations

from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.rendering import render_mail
from adapters.ses import Rejected
from domain.editions import edition_at
from domain.outgoing import Outgoing, OutgoingMail
from domain.ports import OutboxKey
from handlers import wiring
from handlers.delivery import deliver, key_of
from handlers.observing import failed, logger, metrics

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


def send(key: OutboxKey, message: Outgoing) -> str:
    """Send one letter and return the id SES gave it; raises Rejected where it is pointless."""
    assert isinstance(message, OutgoingMail)  # the mapping filters on it
    if wiring.store().is_suppressed(message.desk, message.to):
        raise Rejected("the address is suppressed after a bounce or a complaint")
    letter = render_mail(message, wiring.reply_keys(), wiring.now())
    tags = {"desk": message.desk, "ticket": message.ticket, "item": key.item.replace("#", ".")}
    sender = edition_at(message.desk, wiring.now()).desk.address
    return wiring.mailer().send(letter.as_bytes(), sender=sender, to=message.to, tags=tags)
