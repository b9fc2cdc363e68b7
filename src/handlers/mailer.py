"""`mailer`: an outgoing letter was committed. Words it and sends it by SES."""

from __future__ import annotations

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from adapters.mail.writing import is_mailbox
from adapters.rendering import render_mail, text_of
from adapters.ses.sending import Rejected
from application.ports import Services
from application.storage import OutboxKey
from composition import lambda_handler
from domain.regulation.editions import edition_serving
from domain.ticket.outgoing import Outgoing, OutgoingMail
from handlers.batches import batch_handle
from handlers.delivery import Left, deliver, key_of


def _take(record: DynamoDBRecord, services: Services) -> None:
    deliver(key_of(record), send, services)


handle = batch_handle(EventType.DynamoDBStreams, _take)
handler = lambda_handler(handle)


def send(key: OutboxKey, message: Outgoing, services: Services) -> Left:
    """Send one letter and return it with the id SES gave it; raises Rejected where it is pointless, and what the mailer raises."""
    assert isinstance(message, OutgoingMail)  # the mapping filters on it
    if services.store.is_suppressed(message.desk, message.to):
        raise Rejected("the address is suppressed after a bounce or a complaint")
    if not is_mailbox(message.to):
        # SES API v2, Destination: no SMTPUTF8, the local part is 7-bit ASCII.
        raise Rejected("the address is no mailbox that SES can write to: outside ASCII, or not of the form of RFC 5321")
    letter = render_mail(message, services.reply_keys, services.now())
    # SES API v2, MessageTag: ASCII letters, digits, underscores and dashes.
    tags = {"desk": message.desk, "ticket": message.ticket, "item": key.item.replace("#", "-")}
    sender = edition_serving(message.desk, services.now()).desk.address
    sent_id = services.mailer.send(letter.as_bytes(), sender=sender, to=message.to, tags=tags)
    return Left(sent_id, text_of(letter))
