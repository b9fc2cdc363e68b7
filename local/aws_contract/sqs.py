"""What SQS documents of messages and queues."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from local.aws_contract.rules import Check, Request, Rule, size_of

SERVICE: Final = "sqs"
MESSAGE_LIMIT = 256 * 1024
"""Bytes of a message and its attributes: a queue takes 1 MiB today, and took 256 KiB until 2025 (as SNS still does)."""
ATTRIBUTES_LIMIT = 10
DELAY_LIMIT, WAIT_LIMIT, VISIBILITY_LIMIT, BATCH_LIMIT = 900, 20, 43_200, 10
NOT_ALLOWED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
QUEUE_NAME = re.compile(r"[A-Za-z0-9_-]{1,75}(?:\.fifo)|[A-Za-z0-9_-]{1,80}")


def _size(request: Request) -> Iterator[str]:
    size = size_of(request.params.get("MessageBody", ""))
    for name, attribute in request.params.get("MessageAttributes", {}).items():
        size += size_of(name) + size_of(attribute.get("DataType", "")) + size_of(attribute.get("StringValue", ""))
    if not 1 <= size <= MESSAGE_LIMIT:
        yield f"{size:,} bytes"


def _characters(request: Request) -> Iterator[str]:
    if found := NOT_ALLOWED.search(request.params.get("MessageBody", "")):
        yield f"the character U+{ord(found.group()):04X}"


def _attributes(request: Request) -> Iterator[str]:
    if len(request.params.get("MessageAttributes", {})) > ATTRIBUTES_LIMIT:
        yield f"{len(request.params['MessageAttributes'])} attributes"


def _within(field: str, least: int, most: int) -> Check:
    def check(request: Request) -> Iterator[str]:
        value = request.params.get(field)
        if value is not None and not least <= value <= most:
            yield f"{value:,}"

    return check


def _name(request: Request) -> Iterator[str]:
    if not QUEUE_NAME.fullmatch(request.params.get("QueueName", "")):
        yield f"{request.params.get('QueueName')!r}"


_SEND = "SQS API reference, SendMessage (API_SendMessage.html)"
_RECEIVE = "SQS API reference, ReceiveMessage (API_ReceiveMessage.html)"
_WRONG = "InvalidParameterValue"

RULES: Final = (
    Rule(
        SERVICE, ("SendMessage",), "MessageBody, MessageAttributes", "1 byte to 256 KB in UTF-8", _SEND, _WRONG, _size
    ),
    Rule(
        SERVICE,
        ("SendMessage",),
        "MessageBody",
        "#x9, #xA, #xD, #x20 to #xD7FF, #xE000 to #xFFFD, #x10000 to #x10FFFF",
        _SEND,
        "InvalidMessageContents",
        _characters,
    ),
    Rule(
        SERVICE,
        ("SendMessage",),
        "MessageAttributes",
        "at most 10",
        "SQS developer guide, Message metadata (sqs-message-metadata.html)",
        _WRONG,
        _attributes,
    ),
    Rule(SERVICE, ("SendMessage",), "DelaySeconds", "0 to 900", _SEND, _WRONG, _within("DelaySeconds", 0, DELAY_LIMIT)),
    Rule(
        SERVICE,
        ("ReceiveMessage",),
        "MaxNumberOfMessages",
        "1 to 10",
        _RECEIVE,
        _WRONG,
        _within("MaxNumberOfMessages", 1, BATCH_LIMIT),
    ),
    Rule(
        SERVICE,
        ("ReceiveMessage",),
        "WaitTimeSeconds",
        "0 to 20",
        _RECEIVE,
        _WRONG,
        _within("WaitTimeSeconds", 0, WAIT_LIMIT),
    ),
    Rule(
        SERVICE,
        ("ReceiveMessage",),
        "VisibilityTimeout",
        "0 to 43,200",
        _RECEIVE,
        _WRONG,
        _within("VisibilityTimeout", 0, VISIBILITY_LIMIT),
    ),
    Rule(
        SERVICE,
        ("GetQueueUrl",),
        "QueueName",
        "1 to 80 of A-Z, a-z, 0-9, - and _",
        "SQS API reference, GetQueueUrl (API_GetQueueUrl.html)",
        _WRONG,
        _name,
    ),
)
