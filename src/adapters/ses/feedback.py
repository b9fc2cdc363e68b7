"""What became of letters that we sent: bounces, complaints, deliveries, as SES publishes them.

Shapes: Amazon SES developer guide, "Contents of event data that Amazon SES publishes to Amazon SNS".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, ValidationError

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
        """Return the first value of a tag, or None."""
        values = self.tags.get(name, ())
        return values[0] if values else None


def parse_event(body: str) -> DeliveryEvent | ValidationLine:
    """Return one event of SES event publishing, as SNS, EventBridge or a raw record carries it.

    Raises `UnreadableNotification` on anything else.
    """
    message = unwrap(body)
    if isinstance(message, ValidationLine):
        return message
    detail = message.get("detail")
    if isinstance(detail, dict) and "mail" in detail:
        message = detail  # EventBridge: the event is the detail
    try:
        event = _Event.model_validate(message)
    except ValidationError as error:
        raise UnreadableNotification(explain(error, message)) from error
    return _delivery_event(event)


class _Recipient(Model):
    address: Text = Field("", alias="emailAddress")
    status: Text = ""
    diagnostic: Text = Field("", alias="diagnosticCode")


class _Bounce(Model):
    type: Text = Field("", alias="bounceType")
    sub_type: Text = Field("", alias="bounceSubType")
    recipients: tuple[_Recipient, ...] = Field((), alias="bouncedRecipients")
    timestamp: datetime | None = None


class _Complaint(Model):
    type: Text = Field("", alias="complaintFeedbackType")
    sub_type: Text = Field("", alias="complaintSubType")
    recipients: tuple[_Recipient, ...] = Field((), alias="complainedRecipients")
    timestamp: datetime | None = None


class _Delivery(Model):
    recipients: Texts = ()
    response: Text = Field("", alias="smtpResponse")
    timestamp: datetime | None = None


class _Delay(Model):
    type: Text = Field("", alias="delayType")
    recipients: tuple[_Recipient, ...] = Field((), alias="delayedRecipients")
    timestamp: datetime | None = None


class _Reject(Model):
    reason: Text = ""


class _Failure(Model):
    message: Text = Field("", alias="errorMessage")
    template: Text = Field("", alias="templateName")


class _Event(Model):
    event_type: Text = Field("", alias="eventType")
    # Identity notifications, an older way to the same events, name the field so.
    notification_type: Text = Field("", alias="notificationType")
    mail: Mail
    bounce: _Bounce | None = None
    complaint: _Complaint | None = None
    delivery: _Delivery | None = None
    delay: _Delay | None = Field(None, alias="deliveryDelay")
    reject: _Reject | None = None
    failure: _Failure | None = None


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
        at=utc(outcome.at or event.mail.timestamp),
    )


def _outcome(event: _Event) -> _Outcome:
    """Return what an event says, by the part that is present: each has one, named after its type."""
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
