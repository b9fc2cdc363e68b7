"""AWS in the process, by moto: the table as the template defines it, and everything else the functions use."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any, Final

import boto3
import pytest
from cfnlint.decode import cfn_yaml
from moto import mock_aws
from moto.ses.models import ses_backends

from adapters.dynamodb import DynamoTable
from adapters.ses.raw_letter import envelope_from_raw
from adapters.ses.received import ReceivedLetter, notification_of
from application.ports import OutboxState
from domain.letter import Verdict
from domain.regulation.editions import desk_ids, editions
from handlers import clock, inbound, mailer, pager, wiring
from handlers.delivery import deliver
from tests.aws_as_it_is import one_clock, strict_ses
from tests.builders import MDO_ADDRESS, moscow, one_call_at_a_time

TEMPLATE = Path(__file__).parents[2] / "template.yaml"
REGION: Final = "eu-west-1"
ACCOUNT = "123456789012"
"""The account that moto makes up."""
TABLE_SETTINGS = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode", "StreamSpecification")


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let every client of AWS talk to moto, with made-up credentials."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    one_call_at_a_time(monkeypatch)
    with mock_aws():
        yield


def table_definition() -> dict[str, Any]:
    """Return the table as template.yaml defines it, as CreateTable takes it."""
    resources = cfn_yaml.load(str(TEMPLATE))["Resources"]
    properties = next(item for item in resources.values() if item["Type"] == "AWS::DynamoDB::Table")["Properties"]
    definition = {name: properties[name] for name in TABLE_SETTINGS if name in properties}
    definition["StreamSpecification"] = {"StreamEnabled": True, **definition["StreamSpecification"]}
    return json.loads(json.dumps(definition))  # type: ignore[no-any-return]  # plain values instead of cfn-lint's nodes


@pytest.fixture
def table(aws: None) -> DynamoTable:
    """Return an empty table of the template's shape."""
    client = boto3.client("dynamodb")
    client.create_table(TableName="desk", **table_definition())
    return DynamoTable(client, "desk", shards=2)


class Clock:
    """A clock that stands still until a test moves it."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


class Context:
    """What Lambda passes besides the event, with time enough."""

    function_name = "function"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:eu-west-1:123456789012:function:function"
    aws_request_id = "request-1"
    left_ms = 60_000

    def get_remaining_time_in_millis(self) -> int:
        """Return milliseconds left."""
        return self.left_ms


@dataclass
class Functions:
    """The functions' surroundings in moto: what they read, and what they sent."""

    table: DynamoTable
    clock: Clock
    bucket: str
    context: Context = field(default_factory=Context)

    def put(self, eml: Path | bytes, name: str) -> None:
        """Lay a raw letter where SES writes it."""
        raw = eml if isinstance(eml, bytes) else eml.read_bytes()
        boto3.client("s3").put_object(Bucket=self.bucket, Key=f"incoming/{name}", Body=raw)

    def keys(self) -> set[str]:
        """Return the keys in the bucket."""
        listed = boto3.client("s3").list_objects_v2(Bucket=self.bucket)
        return {entry["Key"] for entry in listed.get("Contents", [])}

    def receive(self, *raw_letters: tuple[bytes, str], at: datetime, desk: str = MDO_ADDRESS) -> dict[str, Any]:
        """Let letters arrive in one batch: raw bytes and SES message id each."""
        self.clock.at = at
        records = [self.arrival(raw, ses_id, at=at, desk=desk) for raw, ses_id in raw_letters]
        answer: dict[str, Any] = inbound.handler({"Records": records}, self.context)
        return answer

    def arrival(
        self, raw: bytes, ses_id: str, *, at: datetime, desk: str = MDO_ADDRESS, receives: int = 1
    ) -> dict[str, Any]:
        """Lay a letter in the bucket, its sender proved, and return the record of the queue that tells of it."""
        self.put(raw, ses_id)
        letter = ReceivedLetter(envelope_from_raw(raw, ses_id, at, (desk,)), self.bucket, f"incoming/{ses_id}")
        proved = replace(letter.envelope, verdicts=replace(letter.envelope.verdicts, dmarc=Verdict.PASS))
        body = notification_of(replace(letter, envelope=proved))
        attributes = {"ApproximateReceiveCount": str(receives)}
        return {"messageId": ses_id, "eventSource": "aws:sqs", "body": body, "attributes": attributes}

    def drain(self, *, but: str = "") -> None:
        """Deliver every unsent outgoing item to its sender, as the stream does, but for those of one ticket."""
        for number in self.numbers() - {but}:
            for key, state, body in self.table.outbox(number):
                if state is OutboxState.PENDING:
                    sender = mailer.send if json.loads(body)["outbox"] == "mail" else pager.send
                    deliver(key, sender)

    def numbers(self) -> set[str]:
        """Return the numbers of all tickets."""
        items = boto3.client("dynamodb").scan(TableName="desk", ConsistentRead=True)["Items"]
        return {item["pk"]["S"].removeprefix("TICKET#") for item in items if item["sk"]["S"] == "TICKET"}

    def mails(self) -> list[EmailMessage]:
        """Return the letters that left by SES, in order."""
        sent = ses_backends[ACCOUNT][REGION].sent_messages
        return [message_from_bytes(_raw(message), policy=default) for message in sent]

    def sweep(self, at: datetime) -> dict[str, int]:
        """Run the sweep at an instant."""
        self.clock.at = at
        swept: dict[str, int] = clock.handler({}, self.context)
        return swept


def _raw(message: Any) -> bytes:
    data = message.raw_data
    return (
        base64.b64decode(data)
        if isinstance(data, str) and "\n" not in data.strip()
        else data.encode()
        if isinstance(data, str)
        else data
    )


@pytest.fixture
def functions(table: DynamoTable, monkeypatch: pytest.MonkeyPatch) -> Iterator[Functions]:
    """Return everything the functions need, made and empty, with the time at a working Friday's morning."""
    bucket = "mail"
    boto3.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    secret = boto3.client("secretsmanager").create_secret(
        Name="reply-keys", SecretString=json.dumps({"current": "a", "a": "a key that is only for tests"})
    )
    queue = boto3.client("sqs").create_queue(QueueName="inbound")
    topic = boto3.client("sns").create_topic(Name="pages")
    for desk in desk_ids():
        boto3.client("ses").verify_email_identity(EmailAddress=editions(desk)[-1].desk.address)
    boto3.client("sesv2").create_configuration_set(ConfigurationSetName="set")
    for name, value in {
        "TABLE": "desk",
        "DUE_SHARDS": "2",
        "MAIL_BUCKET": bucket,
        "REPLY_KEYS": secret["ARN"],
        "CONFIGURATION_SET": "set",
        "PAGES_TOPIC": topic["TopicArn"],
        "INBOUND_QUEUE": queue["QueueUrl"],
        "POWERTOOLS_METRICS_NAMESPACE": "Reglament",
        "POWERTOOLS_SERVICE_NAME": "tests",
    }.items():
        monkeypatch.setenv(name, value)
    stopped = Clock(moscow("2026-11-20 10:00"))
    wiring.forget()
    wiring.use_clock(stopped)
    one_clock(monkeypatch, stopped)
    strict_ses(wiring.mailer()._client)
    yield Functions(wiring.store(), stopped, bucket)
    wiring.forget()
