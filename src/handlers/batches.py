"""How functions with batches are driven: record by record, so that one bad record fails alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.typing import LambdaContext

from handlers.observing import failed, logger, metrics

Handler = Callable[[dict[str, Any], Any], dict[str, Any]]
"""An event and Lambda's context, which only Powertools looks at, to the records that failed."""


def batch_handler(kind: EventType, take: Callable[[Any], None]) -> Handler:
    """Return the function Lambda calls: it hands each record to `take` and reports those that raised.

    A reported SQS record comes again alone; a reported stream record comes again with all after it.
    """
    processor = BatchProcessor(event_type=kind, raise_on_entire_batch_failure=False)

    def handle(record: Any) -> None:
        try:
            take(record)
        except Exception as error:
            # Powertools reports the record and keeps silent of the reason.
            failed("a record failed", error, record=record.message_id if kind is EventType.SQS else record.event_id)
            raise

    def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
        return dict(process_partial_response(event=event, record_handler=handle, processor=processor, context=context))

    decorated: Handler = logger.inject_lambda_context(metrics.log_metrics(handler))
    return decorated
