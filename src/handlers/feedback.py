"""`feedback`: SES says what became of a letter of ours. Records failures, suppresses dead addresses, starts a missed term."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from adapters.ses.feedback import DeliveryEvent, DeliveryEventKind, parse_event
from adapters.ses.published import ValidationLine
from application.change import change_ticket
from application.ports import Services
from application.storage import OutboxKey
from composition import lambda_handler
from domain.addresses import without_plus
from domain.ticket import commands as c
from domain.ticket.departure import ASKING
from domain.ticket.outgoing import Outgoing, OutgoingMail
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
    if event.kind is DeliveryEventKind.DELIVERY:
        _start_missed_term(event, ticket, services)
    if event.kind in _FAILURES:
        for address in event.recipients:
            report_failed_delivery(ticket, _report(event, ticket, address, services), services)
    if event.permanent and event.kind in _SUPPRESSING:
        _spare(event, ticket, desk, services)


handle = batch_handle(EventType.SQS, _take)
handler = lambda_handler(handle)


def _start_missed_term(event: DeliveryEvent, number: str, services: Services) -> None:
    """Let the client's term count from now where its question has left and nobody could write so: it would wait for ever."""
    ticket = services.store.ticket(number)
    if ticket is None or ticket.lapse is None or not ticket.lapse.unsent:
        return
    letter = _letter_of(event, number, services)
    if isinstance(letter, OutgoingMail) and letter.kind in ASKING and letter.asked_at == ticket.lapse.asked_at:
        change_ticket(services.store, number, c.StartTerm(letter.asked_at), services.now)


def _letter_of(event: DeliveryEvent, ticket: str, services: Services) -> Outgoing | None:
    item = event.tag("item")
    return services.store.outgoing(OutboxKey(ticket=ticket, item=item.replace("-", "#"))) if item else None


def _report(event: DeliveryEvent, ticket: str, address: str, services: Services) -> c.ReportFailedDelivery:
    """Return what a ticket is told of a letter that did not arrive: for which wait it was written, if for one.

    A complaint says that it did arrive. A letter by an earlier version may have asked without saying so.
    """
    report = c.ReportFailedDelivery(address, event.detail, event.ses_message_id)
    if event.kind is DeliveryEventKind.COMPLAINT:
        return report
    letter = _letter_of(event, ticket, services)
    does_not_say = letter is None or (
        isinstance(letter, OutgoingMail) and letter.kind in ASKING and letter.asked_at is None
    )
    if does_not_say:
        return replace(report, reported_at=event.at)
    return replace(report, asked_at=letter.asked_at) if isinstance(letter, OutgoingMail) else report


def _spare(event: DeliveryEvent, number: str, desk: str, services: Services) -> None:
    """Write to dead addresses no more, unless later news is known of them; the desk's team and its people are spared nothing.

    Who is woken at night is written to as long as they are on the list: a mailbox that was full for an hour, or a page that
    was marked as spam, must cost nobody the next page.

    SQS may deliver an event again and days late
    (docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/standard-queues-at-least-once-delivery.html):
    an address from which a proved letter came after it can be reached.
    """
    ticket, people = services.store.ticket(number), services.store.people(desk)
    for address in event.recipients:
        if address == people.team_address or people.by_address(address) is not None:
            continue
        is_the_requester = ticket is not None and ticket.requester.address == address
        on_the_ticket = ticket.proved_at if ticket is not None and is_the_requester else None
        elsewhere = services.store.sent_lately(desk, without_plus(address)).proved_at
        if _is_older(event, on_the_ticket) or _is_older(event, elsewhere):
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
