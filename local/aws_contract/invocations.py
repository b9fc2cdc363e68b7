"""What Lambda documents of what a function is given and of what it returns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from local.aws_contract.rules import Check, Request, Rule

SERVICE: Final = "invocation"
RESPONSE, EVENT = "response", "event"
PAYLOAD_LIMIT = 6 * 1024 * 1024
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d)")

Fields = Mapping[str, Any]

QUEUE_RECORD = (
    "messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody", "eventSource", "eventSourceARN",
    "awsRegion",
)  # fmt: skip
STREAM_RECORD = ("eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb", "eventSourceARN")
BRIDGE_EVENT = ("version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail")
ENVELOPE = ("Type", "MessageId", "TopicArn", "Message", "Timestamp", "SignatureVersion", "Signature", "SigningCertURL")
MAIL = ("timestamp", "messageId", "source", "destination", "headersTruncated", "headers", "commonHeaders")
RECEIPT = (
    "timestamp", "processingTimeMillis", "recipients", "spamVerdict", "virusVerdict", "spfVerdict", "dkimVerdict",
    "dmarcVerdict", "action",
)  # fmt: skip
VERDICTS = frozenset({"PASS", "FAIL", "GRAY", "PROCESSING_FAILED"})
DMARC_POLICIES = frozenset({"none", "quarantine", "reject"})
SENDING: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "Bounce": ("bounce", ("bounceType", "bounceSubType", "bouncedRecipients", "timestamp", "feedbackId")),
    "Complaint": ("complaint", ("complainedRecipients", "timestamp", "feedbackId", "complaintSubType")),
    "Delivery": ("delivery", ("timestamp", "processingTimeMillis", "recipients", "smtpResponse", "reportingMTA")),
    "DeliveryDelay": ("deliveryDelay", ("delayType", "delayedRecipients", "expirationTime", "timestamp")),
    "Reject": ("reject", ("reason",)),
    "Send": ("send", ()),
}
"""Fields of what SES publishes of a letter that was sent, by the kind of event."""
BOUNCES = frozenset(
    {
        ("Undetermined", "Undetermined"),
        *(("Permanent", kind) for kind in ("General", "NoEmail", "Suppressed", "OnAccountSuppressionList")),
        *(
            ("Transient", kind)
            for kind in ("General", "MailboxFull", "MessageTooLarge", "ContentRejected", "AttachmentRejected")
        ),
    }
)


# What a function returns ------------------------------------------------------------------------------------


def _json(request: Request) -> Iterator[str]:
    try:
        size = len(json.dumps(request.params.get("answer"), allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        yield str(error)
        return
    if size > PAYLOAD_LIMIT:
        yield f"{size:,} bytes"


def _failures(answer: Any) -> list[Any]:
    failures = answer.get("batchItemFailures") if isinstance(answer, dict) else None
    return failures if isinstance(failures, list) else []


def _form(request: Request) -> Iterator[str]:
    answer = request.params.get("answer")
    if isinstance(answer, dict) and "batchItemFailures" in answer and not isinstance(answer["batchItemFailures"], list):
        yield f"batchItemFailures is {type(answer['batchItemFailures']).__name__}"
    for entry in _failures(answer):
        if not isinstance(entry, dict) or entry.keys() != {"itemIdentifier"}:
            yield f"an entry {entry!r}"
        elif not isinstance(entry["itemIdentifier"], str) or not entry["itemIdentifier"]:
            yield f"the identifier {entry['itemIdentifier']!r}"


def _of_batch(request: Request) -> Iterator[str]:
    batch = {
        record.get("messageId") or record.get("dynamodb", {}).get("SequenceNumber")
        for record in request.params.get("event", {}).get("Records", [])
    }
    for entry in _failures(request.params.get("answer")):
        if isinstance(entry, dict) and entry.get("itemIdentifier") not in batch:
            yield f"{entry.get('itemIdentifier')!r}"


# What a function is given -----------------------------------------------------------------------------------


def _missing(what: str, given: Fields, wanted: tuple[str, ...]) -> Iterator[str]:
    if lacking := [name for name in wanted if name not in given]:
        yield f"{what} without {', '.join(lacking)}"


def _records(request: Request, source: str) -> list[Fields]:
    return [one for one in request.params.get("Records", []) if one.get("eventSource") == source]


def _payload(request: Request) -> Iterator[str]:
    size = len(json.dumps(request.params, ensure_ascii=False).encode())
    if size > PAYLOAD_LIMIT:
        yield f"{size:,} bytes"


def _queue_records(request: Request) -> Iterator[str]:
    for record in _records(request, "aws:sqs"):
        yield from _missing("a record of a queue", record, QUEUE_RECORD)
        yield from _missing(
            "its attributes", record.get("attributes", {}), ("ApproximateReceiveCount", "SentTimestamp")
        )


def _stream_records(request: Request) -> Iterator[str]:
    for record in _records(request, "aws:dynamodb"):
        yield from _missing("a record of a stream", record, STREAM_RECORD)
        yield from _missing("its change", record.get("dynamodb", {}), ("Keys", "SequenceNumber", "StreamViewType"))


def _bridge(request: Request) -> Iterator[str]:
    if "Records" not in request.params:
        yield from _missing("an event", request.params, BRIDGE_EVENT)
        if request.params.get("source") == "aws.cloudwatch":
            detail = request.params.get("detail", {})
            yield from _missing("its detail", detail, ("alarmName", "state"))
            yield from _missing("its state", detail.get("state", {}), ("value", "reason", "timestamp"))


def _notifications(request: Request) -> Iterator[tuple[Fields, Fields]]:
    """Return what SNS wrote around a message, and what SES wrote into it."""
    for record in _records(request, "aws:sqs"):
        try:
            envelope = json.loads(record.get("body", ""))
            message = json.loads(envelope["Message"])
        except (ValueError, KeyError, TypeError):
            continue  # offered again by `reconcile`, or a line of text by which SES tries a topic
        if isinstance(message, dict):
            yield envelope, message


def _envelope(request: Request) -> Iterator[str]:
    for envelope, _ in _notifications(request):
        yield from _missing("an SNS notification", envelope, ENVELOPE)


def _received(request: Request) -> Iterator[str]:
    for _, message in _notifications(request):
        if message.get("notificationType") != "Received":
            continue
        receipt = message.get("receipt", {})
        yield from _missing("mail", message.get("mail", {}), MAIL)
        yield from _missing("receipt", receipt, RECEIPT)
        for name, verdict in receipt.items():
            if name.endswith("Verdict") and verdict.get("status") not in VERDICTS:
                yield f"{name} {verdict.get('status')!r}"
        if receipt.get("dmarcPolicy", "none") not in DMARC_POLICIES:
            yield f"dmarcPolicy {receipt['dmarcPolicy']!r}"
        if "dmarcPolicy" in receipt and receipt.get("dmarcVerdict", {}).get("status") != "FAIL":
            yield "dmarcPolicy where DMARC did not fail"
        yield from _missing("action", receipt.get("action", {}), ("type", "topicArn"))
        yield from _stamps(message.get("mail", {}), receipt)


def _sent(request: Request) -> Iterator[str]:
    for _, message in _notifications(request):
        if "eventType" not in message:
            continue
        kind = message["eventType"]
        if kind not in SENDING:
            yield f"eventType {kind!r}"
            continue
        place, wanted = SENDING[kind]
        yield from _missing("mail", message.get("mail", {}), (*MAIL, "tags"))
        yield from _missing(place, message.get(place, {}), wanted)
        yield from _stamps(message.get("mail", {}), message.get(place, {}))
        bounce = message.get("bounce", {})
        if bounce and (bounce.get("bounceType"), bounce.get("bounceSubType")) not in BOUNCES:
            yield f"a bounce of {bounce.get('bounceType')}, {bounce.get('bounceSubType')}"


def _stamps(*parts: Fields) -> Iterator[str]:
    for part in parts:
        if "timestamp" in part and not STAMP.fullmatch(str(part["timestamp"])):
            yield f"timestamp {part['timestamp']!r}"


def _rule(operation: str, field: str, limit: str, source: str, check: Check, code: str) -> Rule:
    return Rule(SERVICE, (operation,), field, limit, source, code, check)


_BATCHES = (
    "Lambda developer guide, Partial batch responses for SQS (services-sqs-errorhandling.html) and for DynamoDB"
    " (services-ddb-batchfailurereporting.html)"
)
_LAMBDA = "Lambda developer guide, Quotas (gettingstarted-limits.html)"
_RECEIVED = (
    "SES developer guide, Contents of notifications for email receiving (receiving-email-notifications-contents.html)"
)
_SENT = "SES developer guide, Contents of event data (event-publishing-retrieving-sns-contents.html)"
_ALL_AGAIN = "the whole batch fails"
_NEVER = "AWS sends no other"

RULES: Final = (
    _rule(RESPONSE, "response", "JSON of at most 6 MB", _LAMBDA, _json, "the invocation fails"),
    _rule(
        RESPONSE,
        "batchItemFailures",
        "a list of objects with itemIdentifier alone, which is neither empty nor null",
        _BATCHES,
        _form,
        _ALL_AGAIN,
    ),
    _rule(
        RESPONSE,
        "itemIdentifier",
        "the message id or sequence number of a record of the batch",
        _BATCHES,
        _of_batch,
        _ALL_AGAIN,
    ),
    _rule(EVENT, "event", "at most 6 MB", _LAMBDA, _payload, "no invocation"),
    _rule(
        EVENT,
        "a record of SQS",
        ", ".join(QUEUE_RECORD),
        "Lambda developer guide, Using Lambda with Amazon SQS (with-sqs.html)",
        _queue_records,
        _NEVER,
    ),
    _rule(
        EVENT,
        "a record of DynamoDB Streams",
        ", ".join(STREAM_RECORD),
        "Lambda developer guide, Using Lambda with DynamoDB (with-ddb.html)",
        _stream_records,
        _NEVER,
    ),
    _rule(
        EVENT,
        "an event of EventBridge",
        ", ".join(BRIDGE_EVENT),
        "EventBridge user guide, Event structure (eb-events-structure.html); CloudWatch user guide, Alarm events"
        " (cloudwatch-and-eventbridge.html)",
        _bridge,
        _NEVER,
    ),
    _rule(
        EVENT,
        "an SNS notification",
        ", ".join(ENVELOPE),
        "SNS developer guide, HTTP/HTTPS notification JSON format (http-notification-json.html)",
        _envelope,
        _NEVER,
    ),
    _rule(
        EVENT,
        "a letter that SES received",
        f"mail: {', '.join(MAIL)}; receipt: {', '.join(RECEIPT)}; verdicts {', '.join(sorted(VERDICTS))}; dmarcPolicy where DMARC failed",
        _RECEIVED,
        _received,
        _NEVER,
    ),
    _rule(
        EVENT,
        "what became of a letter that SES sent",
        f"mail with tags; {', '.join(sorted(SENDING))} with their fields; documented pairs of bounceType and bounceSubType",
        _SENT,
        _sent,
        _NEVER,
    ),
)
