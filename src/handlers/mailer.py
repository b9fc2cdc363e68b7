"""`mailer`: an outgoing letter was committed. Words it and sends it by SES."""

from __future__ import annotations

from datetime import datetime

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from adapters.mail.writing import is_mailbox
from adapters.rendering import render_mail, text_of
from adapters.ses.sending import Rejected
from application.people import as_addressed, with_names
from application.ports import Services
from application.storage import Leased
from composition import lambda_handler
from domain.fault.departure import leaving_of_fault
from domain.fault.numbers import is_fault_number
from domain.regulation.editions import edition_named, edition_serving
from domain.ticket.departure import as_of_now, leaving
from domain.ticket.outgoing import OutgoingMail
from handlers.batches import batch_handle
from handlers.delivery import Left, Outdated, deliver_in_order, key_of


def _take(record: DynamoDBRecord, services: Services) -> None:
    deliver_in_order(key_of(record), send, services)


handle = batch_handle(EventType.DynamoDBStreams, _take)
handler = lambda_handler(handle)


def send(leased: Leased, services: Services) -> Left:
    """Send one letter as it is true now, and return it with the id SES gave it.

    Raises Outdated, Rejected where it is pointless, NobodyEntered where it has no recipient yet, and what the mailer
    raises.
    """
    message, now = leased.message, services.now()
    assert isinstance(message, OutgoingMail)  # the mapping filters on it
    message = as_addressed(message, services.store)
    if services.store.is_suppressed(message.desk, message.to):
        raise Rejected("the address is suppressed after a bounce or a complaint")
    if not is_mailbox(message.to):
        # SES API v2, Destination: no SMTPUTF8, the local part is 7-bit ASCII.
        raise Rejected("the address is no mailbox that SES can write to: outside ASCII, or not of the form of RFC 5321")
    worded = with_names(_as_it_leaves(message, leased, services, now), services.store)
    letter = render_mail(worded, services.reply_keys, now)
    # SES API v2, MessageTag: ASCII letters, digits, underscores and dashes.
    tags = {"desk": message.desk, "ticket": message.ticket, "item": leased.key.item.replace("#", "-")}
    sender = edition_serving(message.desk, now).desk.address
    sent_id = services.mailer.send(letter.as_bytes(), sender=sender, to=message.to, tags=tags)
    return Left(sent_id, now, text_of(letter))


def _as_it_leaves(message: OutgoingMail, leased: Leased, services: Services, now: datetime) -> OutgoingMail:
    """Return the letter with what is true now; one that a person asks for after all is never outdated."""
    if is_fault_number(message.ticket):
        of_fault = leaving_of_fault(message, services.store.fault(message.ticket), now)
        if of_fault is None and not leased.by_hand:
            raise Outdated
        return of_fault or message
    ticket = services.store.ticket(message.ticket)
    if ticket is None:
        return message
    edition = edition_named(message.desk, message.edition)
    worded = (as_of_now if leased.by_hand else leaving)(message, ticket, edition, now)
    if worded is None:
        raise Outdated
    return worded
