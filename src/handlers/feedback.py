"""`feedback`: SES says what became of a letter of ours. Records failures and spares dead addresses."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from adapters.ses.feedback import DeliveryEvent, DeliveryEventKind, parse_event
from adapters.ses.published import ValidationLine
from application.ports import Services
from application.storage import OutboxKey
from composition import lambda_handler
from domain.regulation.editions import editions
from domain.ticket import commands as c
from domain.ticket.departure import ASKING
from domain.ticket.outgoing import OutgoingMail
from handlers.batches import batch_handle
from handlers.delivery import report_failed_delivery
from handlers.observing import Metric, count, logger


def _take(record: SQSRecord, services: Services) -> None:
    event = parse_event(record.body)
    if isinstance(event, ValidationLine):
        logger.info("SNS checked the subscription")
        return
    ticket, desk = event.tag("ticket"), event.tag("desk")
    logger.info("delivery", extra={"kind": event.kind, "ticket": ticket, "sent_id": event.ses_message_id})
    count(_METRICS.get(event.kind, Metric.DELIVERY_OTHER))
    if ticket is None or desk is None:
        return  # not a letter of a ticket
    if event.kind in _FAILURES:
        for address in event.recipients:
            report_failed_delivery(ticket, _report(event, ticket, address, services), services)
    if event.permanent and event.kind in _SUPPRESSING:
        _spare(event, ticket, desk, services)


handle = batch_handle(EventType.SQS, _take)
handler = lambda_handler(handle)


def _report(event: DeliveryEvent, ticket: str, address: str, services: Services) -> c.ReportFailedDelivery:
    """Return what a ticket is told of a letter that did not arrive: for which wait it was written, if for one.

    A complaint says that it did arrive. A letter by an earlier version may have asked without saying so.
    """
    report = c.ReportFailedDelivery(address, event.detail, event.ses_message_id)
    if event.kind is DeliveryEventKind.COMPLAINT:
        return report
    item = event.tag("item")
    letter = services.store.outgoing(OutboxKey(ticket=ticket, item=item.replace("-", "#"))) if item else None
    does_not_say = letter is None or (
        isinstance(letter, OutgoingMail) and letter.kind in ASKING and letter.asked_at is None
    )
    if does_not_say:
        return replace(report, reported_at=event.at)
    return replace(report, asked_at=letter.asked_at) if isinstance(letter, OutgoingMail) else report


def _spare(event: DeliveryEvent, number: str, desk: str, services: Services) -> None:
    """Write to dead addresses no more, unless later news is known of them; the desk's own team is spared nothing.

    SQS may deliver an event again and days late
    (docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html):
    whoever wrote after it and was proved can be reached.
    """
    ticket = services.store.ticket(number)
    for address in event.recipients:
        if address in {edition.desk.team_address for edition in editions(desk)}:
            continue
        if ticket is not None and ticket.requester.address == address and _is_older(event, ticket.proved_at):
            logger.info("an address was proved after the report", extra={"ticket": number})
        elif not services.store.suppress(desk, address, at=event.at, reason=event.kind):
            logger.info("later news is known of the address", extra={"ticket": number})


def _is_older(event: DeliveryEvent, proved_at: datetime | None) -> bool:
    return proved_at is not None and event.at < proved_at


_FAILURES = {
    DeliveryEventKind.BOUNCE,
    DeliveryEventKind.COMPLAINT,
    DeliveryEventKind.REJECT,
    DeliveryEventKind.RENDERING_FAILURE,
}
_SUPPRESSING = {DeliveryEventKind.BOUNCE, DeliveryEventKind.COMPLAINT}
"""A letter that SES refused says nothing against its address."""
_METRICS = {
    DeliveryEventKind.DELIVERY: Metric.DELIVERED,
    DeliveryEventKind.BOUNCE: Metric.BOUNCED,
    DeliveryEventKind.COMPLAINT: Metric.COMPLAINED,
}
