"""AWS in the process, by moto: the table as the template defines it, and everything else the functions use."""

from __future__ import annotations

import json
from collections.abc import Iterator

import boto3
import pytest
from moto import mock_aws

from adapters.dynamodb import DynamoTable
from composition import AwsServices, environment
from domain.regulation.editions import desk_ids, editions
from tests.support.aws_as_it_is import one_call_at_a_time, one_clock, strict_ses
from tests.support.builders import moscow
from tests.support.command_line import Run, command_line
from tests.support.functions import REGION, Clock, Functions
from tests.support.people import peopled
from tests.support.sdk import client, session
from tests.support.template import table_definition


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
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", session())  # moto takes it away
        yield


@pytest.fixture
def table(aws: None) -> DynamoTable:
    """Return an empty table of the template's shape."""
    watched = boto3.client("dynamodb")  # of its own: tests look at its calls
    watched.create_table(TableName="desk", **table_definition())
    return DynamoTable(watched, "desk", shards=2)


@pytest.fixture
def functions(table: DynamoTable, monkeypatch: pytest.MonkeyPatch) -> Functions:
    """Return everything the functions need, made and empty, with the time at a working Friday's morning."""
    bucket = "mail"
    client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    secret = client("secretsmanager").create_secret(
        Name="reply-keys", SecretString=json.dumps({"current": "a", "a": "a key that is only for tests"})
    )
    queue = client("sqs").create_queue(QueueName="inbound")
    topic = client("sns").create_topic(Name="pages")
    for desk in desk_ids():
        client("ses").verify_email_identity(EmailAddress=editions(desk)[-1].desk.address)
    client("sesv2").create_configuration_set(ConfigurationSetName="set")
    for name, value in {
        "TABLE": "desk",
        "DUE_SHARDS": "2",
        "KEY": "arn:aws:kms:eu-west-1:123456789012:key/desk",
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
    services = AwsServices(environment(), stopped)
    peopled(services.store)
    one_clock(monkeypatch, stopped)
    strict_ses(services.mailer._client)
    return Functions(services, stopped, bucket)


@pytest.fixture
def run(functions: Functions, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command line against the functions' stack."""
    return command_line(capsys, functions.services)
