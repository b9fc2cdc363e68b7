"""What SES publishes through SNS: taken out of its envelope, and the fields that all of it has. Models of our own.

Only the fields that are used are named, and extras are ignored, so that a field AWS adds or leaves out
breaks nothing. Each function reads one record, so that one bad record fails alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

_VALIDATION_LINE = "Successfully validated SNS topic"


class UnreadableNotification(ValueError):
    """The record is nothing that SES or SNS is known to send; its message says what was found."""


@dataclass(frozen=True, slots=True)
class ValidationLine:
    """SES tried the topic with a line of plain text: to be acknowledged."""

    text: str


def unwrap(body: str) -> dict[str, Any] | ValidationLine:
    """Return the message inside an SNS envelope, or the body itself; raises UnreadableNotification."""
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
    """Return a JSON object, or the text itself where it is none."""
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


def explain(error: ValidationError, message: Mapping[str, Any]) -> str:
    """Return which fields were wrong, without their values: a notification holds people's addresses."""
    wrong = "; ".join(
        f"{'.'.join(str(step) for step in problem['loc'])}: {problem['msg']}" for problem in error.errors()[:5]
    )
    names = ", ".join(sorted(str(name) for name in message)[:10])
    return f"not a notification of SES: {wrong} (fields found: {names or 'none'})"


def _text_or_empty(value: object) -> object:
    return "" if value is None else value


def _list_of_text(value: object) -> object:
    """Return recipients, which come as a list; a null, or one string, is read too."""
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    return value


Text = Annotated[str, BeforeValidator(_text_or_empty)]
"""A field of text that may be null."""
Texts = Annotated[tuple[str, ...], BeforeValidator(_list_of_text)]
"""A field of several texts, such as recipients."""


class Model(BaseModel):
    """A part of what SES publishes."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True)


class Mail(Model):
    """The letter that a notification or an event is about."""

    message_id: str = Field(alias="messageId", min_length=1)
    timestamp: datetime
    source: Text = ""
    destination: Texts = ()
    tags: dict[str, Texts] | None = None


def utc(instant: datetime) -> datetime:
    """Return an instant in UTC, taken for UTC where it names no zone."""
    return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
