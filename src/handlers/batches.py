"""How functions with batches are driven: record by record, so that one bad record fails alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aws_lambda_powertools.utilities.batch import BatchProcessor, EventType, process_partial_response
from aws_lambda_powertools.utilities.typing import LambdaContext

from application.ports import Services
from handlers.meanings import OutOfTime
from handlers.observing import failed, logger, metrics

TIME_FOR_ONE_MS = 25_000
"""What a record of a queue takes at most where a service hangs in front of it: all attempts of one call (`composition`)."""
BatchHandle = Callable[[dict[str, Any], Any, Services], dict[str, Any]]
"""An event, Lambda's context, which only Powertools looks at, and the services, to the records that failed."""


def batch_handle(kind: EventType, take: Callable[[Any, Services], None]) -> BatchHandle:
    """Return what a function does with a batch: it hands each record to `take` and reports those that raised.

    A reported SQS record is redelivered alone; a reported stream record is redelivered with all after it. Of
    a queue none but the first is begun where too little time is left: a call of AWS that hangs must not take the
    function with it, for that counts as the record's own failure.
    """

    def handle(event: dict[str, Any], context: LambdaContext, services: Services) -> dict[str, Any]:
        may_begin = True

        def take_one(record: Any) -> None:
            nonlocal may_begin
            try:
                if not may_begin and context.get_remaining_time_in_millis() < TIME_FOR_ONE_MS:
                    raise OutOfTime
                may_begin = kind is not EventType.SQS
                take(record, services)
            except Exception as error:
                # Powertools reports the record and keeps silent of the reason.
                failed("a record failed", error, record=record.message_id if kind is EventType.SQS else record.event_id)
                raise

        processor = BatchProcessor(event_type=kind, raise_on_entire_batch_failure=False)
        answer = process_partial_response(event=event, record_handler=take_one, processor=processor, context=context)
        return dict(answer)

    decorated: BatchHandle = logger.inject_lambda_context(metrics.log_metrics(handle))
    return decorated
