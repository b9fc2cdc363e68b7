"""The events that AWS hands the functions, each in its shape: SES in SNS in SQS, the table's stream, EventBridge.

A letter's event is derived from the fields SES wrote above it: the `.eml` is the source.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.parser import BytesHeaderParser
from email.policy import compat32
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path
from typing import Any

EVENTS = Path(__file__).parent.parent / "events"
REGION, ACCOUNT, STACK = "eu-west-1", "123456789012", "reglament"
BUCKET = f"{STACK}-mail-{ACCOUNT}"
SETUP = "AMAZON_SES_SETUP_NOTIFICATION"
MDO = "support@xn--d1achjhdicc8bh4h.xn--80asehdb"
STOREOLIS = "support@storeolis.ru"
ANSWER_ADDRESS = "support+evcd8afzta6xf7x2h7h1dnam3d@storeolis.ru"

Json = dict[str, Any]


def arn(service: str, name: str) -> str:
    """The name of a resource of the invented deployment."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{name}"


def made_up(kind: str, seed: str) -> str:
    """An identifier that looks random and is the same on every run."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, f"https://reglament.example/{kind}/{seed}"))


def iso(at: datetime) -> str:
    """An instant as AWS writes it, to the millisecond."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


# SES receiving, inside SNS, inside SQS -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    """One letter as SES announces it."""

    eml: str
    recipients: tuple[str, ...]
    dmarc_policy: str | None = None
    """SES states it only where DMARC failed."""


_AUTHENTICATION = re.compile(r"\b(spf|dkim|dmarc)=([a-z]+)")
_VERDICTS = {"pass": "PASS", "fail": "FAIL"}
"""Anything else, such as `none` or `softfail`, is GRAY to SES."""


def notification(received: Received) -> Json:
    """What SES publishes about a letter that its S3 action stored."""
    raw = (EVENTS / f"{received.eml}.eml").read_bytes()
    header = BytesHeaderParser(policy=compat32).parsebytes(raw)
    fields = [(name, _unfolded(value)) for name, value in header.raw_items()]
    ses_line = next(value for name, value in fields if name.lower() == "received")
    found = re.search(r"with SMTP id (\S+)", ses_line)
    assert found, f"{received.eml}: SES's Received line has no SMTP id"
    message_id = found.group(1)
    jitter = int(hashlib.sha256(message_id.encode()).hexdigest(), 16)
    at = parsedate_to_datetime(ses_line.rpartition(";")[2].strip()) + timedelta(milliseconds=jitter % 1000)
    verdicts = dict(reversed(_AUTHENTICATION.findall(_first(fields, "authentication-results"))))
    receipt: Json = {
        "timestamp": iso(at),
        "processingTimeMillis": 350 + jitter % 900,
        "recipients": list(received.recipients),
        "spamVerdict": {"status": _first(fields, "x-ses-spam-verdict")},
        "virusVerdict": {"status": _first(fields, "x-ses-virus-verdict")},
        "spfVerdict": {"status": _VERDICTS.get(verdicts["spf"], "GRAY")},
        "dkimVerdict": {"status": _VERDICTS.get(verdicts["dkim"], "GRAY")},
        "dmarcVerdict": {"status": _VERDICTS.get(verdicts["dmarc"], "GRAY")},
    }
    if received.dmarc_policy is not None:
        receipt["dmarcPolicy"] = received.dmarc_policy
    receipt["action"] = _action(message_id)
    return {
        "notificationType": "Received",
        "mail": {
            "timestamp": iso(at),
            "source": _first(fields, "return-path").strip("<>"),
            "messageId": message_id,
            "destination": [address for _, address in _addresses(fields, "to", "cc")] or list(received.recipients),
            "headersTruncated": False,
            "headers": [{"name": name, "value": value} for name, value in fields],
            "commonHeaders": _common_headers(fields),
        },
        "receipt": receipt,
    }


def setup_notification() -> Json:
    """What SES publishes about the object by which it tries a new rule."""
    at = datetime(2026, 3, 1, 9, 0, 0, 412000, tzinfo=UTC)
    passed = {"status": "DISABLED"}
    return {
        "notificationType": "Received",
        "mail": {
            "timestamp": iso(at),
            "source": "no-reply-aws@amazon.example",
            "messageId": SETUP,
            "destination": ["recipient@reglament.example"],
            "headersTruncated": False,
            "headers": [],
            "commonHeaders": {"subject": "Amazon SES Setup Notification"},
        },
        "receipt": {
            "timestamp": iso(at),
            "processingTimeMillis": 0,
            "recipients": ["recipient@reglament.example"],
            **{f"{name}Verdict": passed for name in ("spam", "virus", "spf", "dkim", "dmarc")},
            "action": _action(SETUP),
        },
    }


def _action(message_id: str) -> Json:
    return {
        "type": "S3",
        "topicArn": arn("sns", f"{STACK}-mail"),
        "bucketName": BUCKET,
        "objectKeyPrefix": "incoming/",
        "objectKey": f"incoming/{message_id}",
    }


def _unfolded(value: object) -> str:
    text = str(value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return re.sub(r"\r?\n[ \t]*", " ", text).strip()


def _first(fields: Sequence[tuple[str, str]], name: str) -> str:
    return next((value for found, value in fields if found.lower() == name), "")


def _decoded(value: str) -> str:
    return str(make_header(decode_header(value)))


def _addresses(fields: Sequence[tuple[str, str]], *names: str) -> list[tuple[str, str]]:
    return [pair for pair in getaddresses([value for name, value in fields if name.lower() in names]) if "@" in pair[1]]


def _common_headers(fields: Sequence[tuple[str, str]]) -> Json:
    """The fields SES singles out, decoded; one that the letter lacks is left out."""
    common: Json = {"returnPath": _first(fields, "return-path").strip("<>")}
    for key, name in (("from", "from"), ("replyTo", "reply-to"), ("to", "to"), ("cc", "cc")):
        if addresses := _addresses(fields, name):
            common[key] = [f"{_decoded(real)} <{address}>" if real else address for real, address in addresses]
    for key, name in (("date", "date"), ("messageId", "message-id"), ("subject", "subject")):
        if value := _first(fields, name):
            common[key] = _decoded(value)
    return common


def sns_envelope(topic: str, message: Json | str, seed: str, at: str, subject: str | None) -> str:
    """What SNS puts into a queue where raw delivery is off."""
    envelope: Json = {
        "Type": "Notification",
        "MessageId": made_up("sns", seed),
        "TopicArn": arn("sns", topic),
        **({} if subject is None else {"Subject": subject}),
        "Message": message
        if isinstance(message, str)
        else json.dumps(message, ensure_ascii=False, separators=(",", ":")),
        "Timestamp": at,
        "SignatureVersion": "1",
        "Signature": "bm90IGEgc2lnbmF0dXJl",
        "SigningCertURL": f"https://sns.{REGION}.amazonaws.com/SimpleNotificationService-example.pem",
        "UnsubscribeURL": f"https://sns.{REGION}.amazonaws.com/?Action=Unsubscribe&SubscriptionArn="
        f"{arn('sns', topic)}:{made_up('subscription', topic)}",
    }
    return json.dumps(envelope, ensure_ascii=False)


def sqs_event(queue: str, bodies: Sequence[tuple[str, str]], *, receive_count: int = 1) -> Json:
    """A batch of the queue; each body comes with the time SNS sent it."""
    records = []
    for number, (body, sent) in enumerate(bodies):
        seed = hashlib.md5(f"{number}{body}".encode(), usedforsecurity=False).hexdigest()
        sent_millis = str(int(datetime.fromisoformat(sent).timestamp() * 1000))
        records.append(
            {
                "messageId": made_up("sqs", seed),
                "receiptHandle": f"AQEB{hashlib.sha256(seed.encode()).hexdigest()}==",
                "body": body,
                "attributes": {
                    "ApproximateReceiveCount": str(receive_count),
                    "SentTimestamp": sent_millis,
                    "SenderId": "AIDAEXAMPLESNSSENDER0",
                    "ApproximateFirstReceiveTimestamp": str(int(sent_millis) + 9),
                },
                "messageAttributes": {},
                "md5OfBody": hashlib.md5(body.encode(), usedforsecurity=False).hexdigest(),
                "eventSource": "aws:sqs",
                "eventSourceARN": arn("sqs", f"{STACK}-{queue}"),
                "awsRegion": REGION,
            }
        )
    return {"Records": records}


def letters(*received: Received, receive_count: int = 1) -> Json:
    """A batch of letters."""
    bodies = []
    for number, one in enumerate(received):
        message = notification(one)
        at = message["mail"]["timestamp"]
        seed = f"{one.eml}-{number}"
        bodies.append((sns_envelope(f"{STACK}-mail", message, seed, at, "Amazon SES Email Receipt Notification"), at))
    return sqs_event("inbound", bodies, receive_count=receive_count)


def inbound_notice(message: Json | str, subject: str) -> Json:
    """A batch of one that is no letter."""
    at = "2026-03-01T09:00:00.519Z"
    return sqs_event("inbound", [(sns_envelope(f"{STACK}-mail", message, subject, at, subject), at)])


# SES event publishing ------------------------------------------------------------------------------------------

TICKET = "MDO-EC24-2G7C"
SENT_ID = "0102019cdc5f0000-5d1b6c0e-2b1f-4f0e-9a2f-1c2d3e4f5a6b-000000"


def feedback(kind: str, detail: Json, to: str, at: str) -> Json:
    """One event about a letter of ours."""
    mail = {
        "timestamp": "2026-03-10T11:31:07.204Z",
        "source": MDO,
        "sourceArn": arn("ses", f"identity/{MDO.partition('@')[2]}"),
        "sendingAccountId": ACCOUNT,
        "messageId": SENT_ID,
        "destination": [to],
        "headersTruncated": False,
        "headers": [
            {"name": "From", "value": MDO},
            {"name": "To", "value": to},
            {"name": "Subject", "value": f"[{TICKET}]"},
            {"name": "Auto-Submitted", "value": "auto-generated"},
        ],
        "commonHeaders": {"from": [MDO], "to": [to], "messageId": SENT_ID, "subject": f"[{TICKET}]"},
        "tags": {
            "ses:operation": ["SendEmail"],
            "ses:configuration-set": [STACK],
            "ses:source-ip": ["198.51.100.250"],
            "ses:from-domain": [MDO.partition("@")[2]],
            "ses:caller-identity": [f"{STACK}-mailer"],
            **TAGS,
        },
    }
    name = kind[0].lower() + kind[1:]
    message = {"eventType": kind, name: detail, "mail": mail}
    subject = "Amazon SES Email Event Notification"
    return sqs_event("feedback", [(sns_envelope(f"{STACK}-feedback", message, f"{kind}{to}{at}", at, subject), at)])


TAGS: Mapping[str, list[str]] = {
    "desk": ["moi-dokumenty-online"],
    "ticket": [TICKET],
    "item": ["OUT.00000001.000"],
}
"""The tags of our own; SES allows letters, digits, `_`, `-`, `.` and `@` in them."""


# The table's stream -----------------------------------------------------------------------------------------


EDITION = "2013-01-01"


def outgoing_mail(ticket: str, desk: str, edition: str, to: str, **more: object) -> Json:
    """An outgoing letter as the outbox holds it."""
    return {
        "outbox": "mail",
        "desk": desk,
        "edition": edition,
        "ticket": ticket,
        "to": to,
        "to_name": "",
        "clause": None,
        "params": {},
        "in_reply_to": None,
        "references": [],
        "automatic": True,
        **more,
    }


def put_in_outbox(body: Json, version: int, at: str) -> Json:
    """The new image of an outgoing item."""
    return {
        "pk": {"S": f"TICKET#{body['ticket']}"},
        "sk": {"S": f"OUT#{version:08d}#000"},
        "outbox": {"S": body["outbox"]},
        "state": {"S": "pending"},
        "attempts": {"N": "0"},
        "body": {"S": json.dumps(body, ensure_ascii=False, separators=(",", ":"))},
        "due_shard": {"S": "DUE#2"},
        "due_at": {"S": f"{at}#{body['ticket']}"},
    }


def stream(*images: Json) -> Json:
    """A batch of inserts as the mapping's filter lets them through."""
    records = []
    for number, image in enumerate(images):
        key = {name: image[name] for name in ("pk", "sk")}
        records.append(
            {
                "eventID": hashlib.md5(json.dumps(key).encode(), usedforsecurity=False).hexdigest(),
                "eventName": "INSERT",
                "eventVersion": "1.1",
                "eventSource": "aws:dynamodb",
                "awsRegion": REGION,
                "dynamodb": {
                    "ApproximateCreationDateTime": 1773142267.0 + number,
                    "Keys": key,
                    "NewImage": image,
                    "SequenceNumber": str(4421584500000000017450439091 + number),
                    "SizeBytes": len(json.dumps(image).encode()),
                    "StreamViewType": "NEW_IMAGE",
                },
                "eventSourceARN": arn("dynamodb", f"table/{STACK}-desk/stream/2026-03-01T09:00:00.000"),
            }
        )
    return {"Records": records}


# EventBridge -----------------------------------------------------------------------------------------------


def eventbridge(source: str, kind: str, resource: str, at: str, detail: Json) -> Json:
    """An event of the default bus."""
    return {
        "version": "0",
        "id": made_up("event", f"{resource}{at}"),
        "detail-type": kind,
        "source": source,
        "account": ACCOUNT,
        "time": at,
        "region": REGION,
        "resources": [resource],
        "detail": detail,
    }


def scheduled(rule: str, at: str) -> Json:
    """A tick of a rule."""
    return eventbridge("aws.events", "Scheduled Event", arn("events", f"rule/{STACK}-{rule}"), at, {})


def alarm_state(
    value: str, previous: str, reason: str, at: str, before: str, *, name: str = "mdo-service-api-5xx"
) -> Json:
    """A CloudWatch alarm of a system that a desk supports changes its state."""
    reason_data = {
        "version": "1.0",
        "queryDate": f"{at[:-1]}.118+0000",
        "startDate": f"{at[:-3]}00.000+0000",
        "statistic": "Sum",
        "period": 60,
        "recentDatapoints": [184.0] if value == "ALARM" else [0.0],
        "threshold": 50.0,
    }
    detail = {
        "alarmName": name,
        "state": {
            "value": value,
            "reason": reason,
            "reasonData": json.dumps(reason_data, separators=(",", ":")),
            "timestamp": f"{at[:-1]}.123+0000",
        },
        "previousState": {
            "value": previous,
            "reason": "Threshold Crossed: no datapoints were received for 1 period.",
            "timestamp": f"{before[:-1]}.120+0000",
        },
        "configuration": {
            "description": "Ответы 5xx приложения «Мои документы онлайн»",
            "metrics": [
                {
                    "id": made_up("metric", name),
                    "metricStat": {
                        "metric": {
                            "namespace": "AWS/ApplicationELB",
                            "name": "HTTPCode_Target_5XX_Count",
                            "dimensions": {"LoadBalancer": "app/mdo-api/0123456789abcdef"},
                        },
                        "period": 60,
                        "stat": "Sum",
                    },
                    "returnData": True,
                }
            ],
        },
    }
    return eventbridge(
        "aws.cloudwatch", "CloudWatch Alarm State Change", arn("cloudwatch", f"alarm:{name}"), at, detail
    )
