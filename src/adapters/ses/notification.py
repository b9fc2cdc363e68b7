"""What Amazon SES tells us: letters received, and what became of letters sent. Models of our own.

Only the fields that are used are named, and extras are ignored, so that a field AWS adds or leaves out
breaks nothing; a verdict AWS may add later reads as unknown. Each function reads one record, so that one
bad record fails alone. Shapes: Amazon SES developer guide, "Contents of notifications for Amazon SES email
receiving" and "Contents of event data that Amazon SES publishes to Amazon SNS".
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.parser import BytesHeaderParser
from email.policy import compat32
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from adapters.mail.authentication import SesBlock, ses_block
from adapters.mail.headers import every, fields, parse_addresses
from domain.addresses import normalise_address
from domain.letter import Envelope, Verdict, Verdicts

SETUP_OBJECT = "AMAZON_SES_SETUP_NOTIFICATION"
"""The object SES writes into the bucket when a receipt rule is made; it is no letter."""
_VALIDATION_LINE = "Successfully validated SNS topic"
_MAX_HEADER_BYTES = 2 * 1024 * 1024


class UnreadableNotification(ValueError):
    """The record is nothing that SES or SNS is known to send; its message says what was found."""


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


@dataclass(frozen=True, slots=True)
class ValidationLine:
    """SES tried the topic with a line of plain text: to be acknowledged."""

    text: str


Notification = ReceivedLetter | SetupNotification | ValidationLine


class DeliveryEventKind(StrEnum):
    """What became of a letter of ours; anything not named here reads as `OTHER`."""

    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    DELIVERY = "delivery"
    DELIVERY_DELAY = "delivery_delay"
    REJECT = "reject"
    RENDERING_FAILURE = "rendering_failure"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    """One event of SES event publishing."""

    kind: DeliveryEventKind
    ses_message_id: str
    tags: Mapping[str, tuple[str, ...]]
    """Message tags, those of SES (`ses:…`) included; each may have several values."""
    recipients: tuple[str, ...]
    """The addresses it is about, comparable; those of the letter where the event names none."""
    permanent: bool
    """True where sending to them again is of no use: a hard bounce, a complaint, a letter SES refused."""
    detail: str
    """Type, status code and the other server's words, on one line; it may hold an address."""
    at: datetime
    """Aware, UTC."""

    def tag(self, name: str) -> str | None:
        """The first value of a tag, or None."""
        values = self.tags.get(name, ())
        return values[0] if values else None


def parse_notification(body: str) -> Notification:
    """One record of the queue: an SNS envelope, or the notification itself under raw message delivery.

    Raises `UnreadableNotification` on anything else.
    """
    message = _unwrap(body)
    if isinstance(message, ValidationLine):
        return message
    try:
        notification = _Received.model_validate(message)
    except ValidationError as error:
        raise UnreadableNotification(_explain(error, message)) from error
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


def parse_event(body: str) -> DeliveryEvent | ValidationLine:
    """One event of SES event publishing, as SNS, EventBridge or a raw record carries it.

    Raises `UnreadableNotification` on anything else.
    """
    message = _unwrap(body)
    if isinstance(message, ValidationLine):
        return message
    detail = message.get("detail")
    if isinstance(detail, dict) and "mail" in detail:
        message = detail  # EventBridge: the event is the detail
    try:
        event = _Event.model_validate(message)
    except ValidationError as error:
        raise UnreadableNotification(_explain(error, message)) from error
    return _delivery_event(event)


def notification_of(letter: ReceivedLetter) -> str:
    """The notification of a letter, as `parse_notification` reads it, for a letter that is offered again."""
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
    """True for the test object SES writes at a rule's creation, below whatever prefix."""
    return key.rpartition("/")[2] == SETUP_OBJECT


def envelope_from_raw(
    raw: bytes, ses_message_id: str, received_at: datetime, recipients: tuple[str, ...] = ()
) -> Envelope:
    """The envelope of a letter that SES stored and whose notification was lost, from what SES wrote above it.

    `received_at` (aware; the object's time, say) stands in where SES's Received line has no date.
    The line names one recipient at most; without it `recipients`, then To and Cc stand in.
    Where the letter does not begin with SES's own fields for this id, all verdicts are unknown.
    """
    try:
        header = fields(BytesHeaderParser(policy=compat32).parsebytes(raw[:_MAX_HEADER_BYTES].lstrip(b"\r\n")))
    except (MessageError, ValueError, LookupError, TypeError, AttributeError):
        header = []
    block = ses_block(header, ses_message_id)
    named = block.recipients if block is not None else ()
    addressed = tuple(mailbox.address for mailbox in parse_addresses([*every(header, "to"), *every(header, "cc")]))
    at = block.received_at if block is not None and block.received_at is not None else received_at
    return Envelope(
        ses_message_id=ses_message_id,
        received_at=at.astimezone(UTC),
        recipients=tuple(dict.fromkeys(named or recipients or addressed)),
        mail_from=(block.return_path or "") if block is not None else "",
        verdicts=_verdicts_of(block) if block is not None else Verdicts(),
    )


# Models ---------------------------------------------------------------------------------------------------


def _text_or_empty(value: object) -> object:
    return "" if value is None else value


def _list_of_text(value: object) -> object:
    """Recipients come as a list; a null, or one string, is read too."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return value


def _verdict(value: object) -> Verdict:
    status = value.get("status") if isinstance(value, dict) else value
    try:
        return Verdict(str(status).upper())
    except ValueError:
        return Verdict.UNKNOWN


_Text = Annotated[str, BeforeValidator(_text_or_empty)]
_Texts = Annotated[tuple[str, ...], BeforeValidator(_list_of_text)]
_Judged = Annotated[Verdict, BeforeValidator(_verdict)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class _Action(_Model):
    type: _Text = ""
    bucket_name: _Text = Field("", alias="bucketName")
    object_key: _Text = Field("", alias="objectKey")


class _Receipt(_Model):
    action: _Action
    recipients: _Texts = ()
    spam: _Judged = Field(Verdict.UNKNOWN, alias="spamVerdict")
    virus: _Judged = Field(Verdict.UNKNOWN, alias="virusVerdict")
    spf: _Judged = Field(Verdict.UNKNOWN, alias="spfVerdict")
    dkim: _Judged = Field(Verdict.UNKNOWN, alias="dkimVerdict")
    dmarc: _Judged = Field(Verdict.UNKNOWN, alias="dmarcVerdict")
    # Documented as a string; an older page shows an object with a status.
    dmarc_policy: Any = Field(None, alias="dmarcPolicy")


class _Mail(_Model):
    message_id: str = Field(alias="messageId", min_length=1)
    timestamp: datetime
    source: _Text = ""
    destination: _Texts = ()
    tags: dict[str, _Texts] | None = None


class _Received(_Model):
    notification_type: str = Field(alias="notificationType")
    receipt: _Receipt
    mail: _Mail


class _Recipient(_Model):
    address: _Text = Field("", alias="emailAddress")
    status: _Text = ""
    diagnostic: _Text = Field("", alias="diagnosticCode")


class _Bounce(_Model):
    type: _Text = Field("", alias="bounceType")
    sub_type: _Text = Field("", alias="bounceSubType")
    recipients: tuple[_Recipient, ...] = Field((), alias="bouncedRecipients")
    timestamp: datetime | None = None


class _Complaint(_Model):
    type: _Text = Field("", alias="complaintFeedbackType")
    sub_type: _Text = Field("", alias="complaintSubType")
    recipients: tuple[_Recipient, ...] = Field((), alias="complainedRecipients")
    timestamp: datetime | None = None


class _Delivery(_Model):
    recipients: _Texts = ()
    response: _Text = Field("", alias="smtpResponse")
    timestamp: datetime | None = None


class _Delay(_Model):
    type: _Text = Field("", alias="delayType")
    recipients: tuple[_Recipient, ...] = Field((), alias="delayedRecipients")
    timestamp: datetime | None = None


class _Reject(_Model):
    reason: _Text = ""


class _Failure(_Model):
    message: _Text = Field("", alias="errorMessage")
    template: _Text = Field("", alias="templateName")


class _Event(_Model):
    event_type: _Text = Field("", alias="eventType")
    # Identity notifications, an older way to the same events, name the field so.
    notification_type: _Text = Field("", alias="notificationType")
    mail: _Mail
    bounce: _Bounce | None = None
    complaint: _Complaint | None = None
    delivery: _Delivery | None = None
    delay: _Delay | None = Field(None, alias="deliveryDelay")
    reject: _Reject | None = None
    failure: _Failure | None = None


# From models to values ------------------------------------------------------------------------------------


def _unwrap(body: str) -> dict[str, Any] | ValidationLine:
    """The message inside an SNS envelope, or the body itself."""
    message = _json(body)
    if isinstance(message, str):
        return _validation_line(message)
    if "Type" in message and "Message" in message:
        if message["Type"] != "Notification":
            raise UnreadableNotification(f"the SNS message is of type {message['Type']!r}, expected 'Notification'")
        inner = message["Message"]
        parsed = _json(inner) if isinstance(inner, str) else inner
        if isinstance(parsed, str):
            return _validation_line(parsed)
        if not isinstance(parsed, dict):
            raise UnreadableNotification("the SNS message is not a JSON object")
        return parsed
    return message


def _json(body: str) -> dict[str, Any] | str:
    """A JSON object, or the text itself where it is none."""
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        return body
    if isinstance(parsed, dict):
        return parsed
    return body


def _validation_line(text: str) -> ValidationLine:
    if text.lstrip().startswith(_VALIDATION_LINE):
        return ValidationLine(text.strip())
    raise UnreadableNotification("the record is neither a JSON object nor the line by which SES validates a topic")


def _explain(error: ValidationError, message: Mapping[str, Any]) -> str:
    """Which fields were wrong, without their values: a notification holds people's addresses."""
    wrong = "; ".join(
        f"{'.'.join(str(step) for step in problem['loc'])}: {problem['msg']}" for problem in error.errors()[:5]
    )
    names = ", ".join(sorted(str(name) for name in message)[:10])
    return f"not a notification of SES: {wrong} (fields found: {names or 'none'})"


def _envelope(notification: _Received) -> Envelope:
    receipt, mail = notification.receipt, notification.mail
    # The recipients the rule matched; `mail.destination` comes from the headers and may name anybody.
    recipients = receipt.recipients or mail.destination
    source = mail.source.strip().strip("<>")
    return Envelope(
        ses_message_id=mail.message_id,
        received_at=_utc(mail.timestamp),
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


def _verdicts_of(block: SesBlock) -> Verdicts:
    """The verdicts SES wrote into the letter. It writes no DMARC policy there, so a failure's stays unknown."""
    results = block.results
    return Verdicts(
        spam=_verdict(block.spam) if block.spam else Verdict.UNKNOWN,
        virus=_verdict(block.virus) if block.virus else Verdict.UNKNOWN,
        spf=_from_result(results.spf if results else ""),
        dkim=_best([_from_result(result) for result, _ in results.dkim] if results else []),
        dmarc=_from_result(results.dmarc if results else ""),
    )


def _from_result(result: str) -> Verdict:
    match result:
        case "pass":
            return Verdict.PASS
        case "fail" | "permerror":
            return Verdict.FAIL
        case "none" | "neutral" | "softfail" | "policy":
            return Verdict.GRAY
        case "temperror":
            return Verdict.PROCESSING_FAILED
        case _:
            return Verdict.UNKNOWN


def _best(verdicts: list[Verdict]) -> Verdict:
    for wanted in (Verdict.PASS, Verdict.FAIL, Verdict.GRAY):
        if wanted in verdicts:
            return wanted
    return Verdict.UNKNOWN


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one kind of event says."""

    kind: DeliveryEventKind
    recipients: tuple[str, ...] = ()
    permanent: bool = False
    detail: str = ""
    at: datetime | None = None


def _delivery_event(event: _Event) -> DeliveryEvent:
    outcome = _outcome(event)
    named = tuple(dict.fromkeys(normalise_address(recipient) for recipient in outcome.recipients if recipient))
    letter = tuple(dict.fromkeys(normalise_address(recipient) for recipient in event.mail.destination))
    return DeliveryEvent(
        kind=outcome.kind,
        ses_message_id=event.mail.message_id,
        tags=MappingProxyType(dict(event.mail.tags or {})),
        recipients=named or letter,
        permanent=outcome.permanent,
        detail=" ".join(outcome.detail.split()),
        at=_utc(outcome.at or event.mail.timestamp),
    )


def _outcome(event: _Event) -> _Outcome:
    """By the part that is present: each event has one, named after its type."""
    if event.bounce is not None:
        return _of_bounce(event.bounce)
    if event.complaint is not None:
        complaint = event.complaint
        return _Outcome(
            DeliveryEventKind.COMPLAINT,
            tuple(recipient.address for recipient in complaint.recipients),
            permanent=True,
            detail=f"{complaint.type} {complaint.sub_type}",
            at=complaint.timestamp,
        )
    if event.delay is not None:
        return _Outcome(
            DeliveryEventKind.DELIVERY_DELAY,
            tuple(recipient.address for recipient in event.delay.recipients),
            detail=f"{event.delay.type} {_diagnostics(event.delay.recipients)}",
            at=event.delay.timestamp,
        )
    if event.delivery is not None:
        delivery = event.delivery
        return _Outcome(
            DeliveryEventKind.DELIVERY, delivery.recipients, detail=delivery.response, at=delivery.timestamp
        )
    if event.reject is not None:
        return _Outcome(DeliveryEventKind.REJECT, permanent=True, detail=event.reject.reason)
    if event.failure is not None:
        detail = f"{event.failure.template} {event.failure.message}"
        return _Outcome(DeliveryEventKind.RENDERING_FAILURE, permanent=True, detail=detail)
    named = event.event_type or event.notification_type
    if not named:
        raise UnreadableNotification("the event has neither an eventType nor a part that names it")
    return _Outcome(DeliveryEventKind.OTHER, detail=named)


def _of_bounce(bounce: _Bounce) -> _Outcome:
    # "Undetermined" and "Transient" are worth another try: only "Permanent" says that the address is dead.
    return _Outcome(
        DeliveryEventKind.BOUNCE,
        tuple(recipient.address for recipient in bounce.recipients),
        permanent=bounce.type == "Permanent",
        detail=f"{bounce.type} {bounce.sub_type} {_diagnostics(bounce.recipients)}",
        at=bounce.timestamp,
    )


def _diagnostics(recipients: tuple[_Recipient, ...]) -> str:
    return "; ".join(f"{recipient.status} {recipient.diagnostic}".strip() for recipient in recipients)


def _utc(instant: datetime) -> datetime:
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
