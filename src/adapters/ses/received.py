"""Letters that SES received: the notification of each, read and written.

Shapes: Amazon SES developer guide, "Contents of notifications for Amazon SES email receiving". A verdict that AWS
may add later reads as unknown.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError

from adapters.ses.published import (
    Mail,
    Model,
    Text,
    Texts,
    UnreadableNotification,
    ValidationLine,
    explain,
    unwrap,
    utc,
)
from domain.addresses import normalise_address
from domain.letter import Envelope, Verdict, Verdicts

SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"
"""The object SES writes into the bucket when a receipt rule is made; it is no letter."""


@dataclass(frozen=True, slots=True)
class ReceivedLetter:
    """SES took a letter and stored it."""

    envelope: Envelope
    bucket: str
    key: str


@dataclass(frozen=True, slots=True)
class SetupNotification:
    """SES wrote its test object at a rule's creation: to be acknowledged."""

    bucket: str
    key: str


Notification = ReceivedLetter | SetupNotification | ValidationLine


def parse_notification(body: str) -> Notification:
    """Return one record of the queue as a value: an SNS envelope, or the notification itself under raw message delivery.

    Raises `UnreadableNotification` on anything else.
    """
    message = unwrap(body)
    if isinstance(message, ValidationLine):
        return message
    try:
        notification = _Received.model_validate(message)
    except ValidationError as error:
        raise UnreadableNotification(explain(error, message)) from error
    if notification.notification_type != "Received":
        raise UnreadableNotification(
            f"notificationType is {notification.notification_type!r}, expected 'Received': "
            "check which topic the queue is subscribed to"
        )
    action = notification.receipt.action
    key = action.object_key or notification.mail.message_id
    if not action.bucket_name:
        raise UnreadableNotification(f"receipt.action is {action.type!r} without a bucketName, expected the S3 action")
    if is_setup_object(key) or notification.mail.message_id == SETUP_OBJECT:
        return SetupNotification(action.bucket_name, key)
    return ReceivedLetter(_envelope(notification), action.bucket_name, key)


def notification_of(letter: ReceivedLetter) -> str:
    """Return the notification of a letter, as `parse_notification` reads it, for a letter that is offered again."""
    envelope, verdicts = letter.envelope, letter.envelope.verdicts
    receipt: dict[str, Any] = {
        "timestamp": envelope.received_at.isoformat(),
        "recipients": list(envelope.recipients),
        **{
            f"{check}Verdict": {"status": getattr(verdicts, check)}
            for check in ("spam", "virus", "spf", "dkim", "dmarc")
        },
        "action": {"type": "S3", "bucketName": letter.bucket, "objectKey": letter.key},
    }
    if verdicts.dmarc_policy is not None:
        receipt["dmarcPolicy"] = verdicts.dmarc_policy
    mail = {
        "timestamp": envelope.received_at.isoformat(),
        "source": envelope.mail_from,
        "messageId": envelope.ses_message_id,
        "destination": list(envelope.recipients),
    }
    return json.dumps({"notificationType": "Received", "receipt": receipt, "mail": mail})


def is_setup_object(key: str) -> bool:
    """Return whether this is the test object that SES writes at a rule's creation, below whatever prefix."""
    return key.rpartition("/")[2] == SETUP_OBJECT


def verdict_of(value: object) -> Verdict:
    """Return a verdict from its name, or from the object that SES states it as."""
    status = value.get("status") if isinstance(value, dict) else value
    try:
        return Verdict(str(status).upper())
    except ValueError:
        return Verdict.UNKNOWN


_Judged = Annotated[Verdict, BeforeValidator(verdict_of)]


class _Action(Model):
    type: Text = ""
    bucket_name: Text = Field("", alias="bucketName")
    object_key: Text = Field("", alias="objectKey")


class _Receipt(Model):
    action: _Action
    recipients: Texts = ()
    spam: _Judged = Field(Verdict.UNKNOWN, alias="spamVerdict")
    virus: _Judged = Field(Verdict.UNKNOWN, alias="virusVerdict")
    spf: _Judged = Field(Verdict.UNKNOWN, alias="spfVerdict")
    dkim: _Judged = Field(Verdict.UNKNOWN, alias="dkimVerdict")
    dmarc: _Judged = Field(Verdict.UNKNOWN, alias="dmarcVerdict")
    # Documented as a string; an older page shows an object with a status.
    dmarc_policy: Any = Field(None, alias="dmarcPolicy")


class _Received(Model):
    notification_type: str = Field(alias="notificationType")
    receipt: _Receipt
    mail: Mail


def _envelope(notification: _Received) -> Envelope:
    receipt, mail = notification.receipt, notification.mail
    # The recipients the rule matched; `mail.destination` comes from the headers and may name anybody.
    recipients = receipt.recipients or mail.destination
    source = mail.source.strip().strip("<>")
    return Envelope(
        ses_message_id=mail.message_id,
        received_at=utc(mail.timestamp),
        recipients=tuple(dict.fromkeys(normalise_address(recipient) for recipient in recipients)),
        mail_from=normalise_address(source) if source else "",
        verdicts=Verdicts(
            spam=receipt.spam,
            virus=receipt.virus,
            spf=receipt.spf,
            dkim=receipt.dkim,
            dmarc=receipt.dmarc,
            dmarc_policy=_policy(receipt.dmarc_policy),
        ),
    )


def _policy(value: object) -> str | None:
    named = value.get("status") if isinstance(value, dict) else value
    return named.strip().lower() if isinstance(named, str) and named.strip() else None
