"""`mailer`: an outgoing letter was committed. Words it and sends it by SES."""

from __future__ import annotations

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from adapters.mail.writing import is_mailbox
from adapters.rendering import render_mail
from adapters.ses.sending import Rejected
from application.ports import OutboxKey
from domain.regulation.editions import edition_at
from domain.ticket.outgoing import Outgoing, OutgoingMail
from handlers import wiring
from handlers.batches import batch_handler
from handlers.delivery import deliver, key_of


def _take(record: DynamoDBRecord) -> None:
    deliver(key_of(record), send)


handler = batch_handler(EventType.DynamoDBStreams, _take)


def send(key: OutboxKey, message: Outgoing) -> str:
    """Send one letter and return the id SES gave it; raises Rejected where it is pointless, and what the mailer raises."""
    assert isinstance(message, OutgoingMail)  # the mapping filters on it
    if wiring.store().is_suppressed(message.desk, message.to):
        raise Rejected("the address is suppressed after a bounce or a complaint")
    if not is_mailbox(message.to):
        # SES API v2, Destination: no SMTPUTF8, the local part is 7-bit ASCII.
        raise Rejected("the address is no mailbox that SES can write to: outside ASCII, or not of the form of RFC 5321")
    letter = render_mail(message, wiring.reply_keys(), wiring.now())
    # SES API v2, MessageTag: ASCII letters, digits, underscores and dashes.
    tags = {"desk": message.desk, "ticket": message.ticket, "item": key.item.replace("#", "-")}
    sender = edition_at(message.desk, wiring.now()).desk.address
    return wiring.mailer().send(letter.as_bytes(), sender=sender, to=message.to, tags=tags)
