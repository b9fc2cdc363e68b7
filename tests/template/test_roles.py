"""Roles against what the functions really ask of AWS: nothing missing, nothing to spare."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from moto import mock_aws

import composition
from adapters.dynamodb import DynamoTable
from adapters.dynamodb.tickets import ticket_item
from application.faults import act_on_fault
from composition import ENVIRONMENT, AwsServices
from domain.fault.commands import AcknowledgeFault
from domain.ticket.ticket import CriticalClock
from generate.aws_events import BUCKET, EVENTS, REGION, STACK
from generate.event_cases import CASES
from handlers import reconcile
from tests.support.aws_as_it_is import one_call_at_a_time, one_clock
from tests.support.builders import MDO
from tests.support.people import peopled
from tests.support.template import text_of

Json = dict[str, Any]
NOW = datetime(2026, 5, 10, 0, 40, tzinfo=UTC)
DAYS_LATER = NOW + timedelta(days=3)
REPEATED = "repeated000000000000"
KEYS = {"current": "a", "a": "k" * 64}
PLATFORM = {
    "WriteLogs",
    "WriteTraces",
    "ReadQueue",
    "ReadStream",
    "FindStream",
    "KeepFailedEvents",
    "TellMissingFromForbidden",
}
"""What Lambda does in the function's name, or S3 looks at by itself; keys are used by S3, SNS and SQS likewise."""
NEVER_CALLED = {"ses:SendEmail": "SES asks for it as well where a letter is not raw"}

Call = tuple[str, str, str]
"""Function, action and, of the table, the index."""


@pytest.fixture(scope="module")
def calls(template: Json) -> Iterator[set[Call]]:
    """Every call that the functions make for all the events, in the order of a few days."""
    made: set[Call] = set()
    variables = {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_DEFAULT_REGION": REGION,
        "POWERTOOLS_METRICS_NAMESPACE": "Reglament",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "TABLE": f"{STACK}-desk",
        "DUE_SHARDS": "4",
        "MAIL_BUCKET": BUCKET,
        "CONFIGURATION_SET": STACK,
        "REPLY_KEYS": f"{STACK}-reply-keys",
    }
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name, value in variables.items():
            patch.setenv(name, value)
        patch.setattr(boto3, "DEFAULT_SESSION", None)
        one_call_at_a_time(patch)
        one_clock(patch, lambda: NOW)
        _deploy(template, patch)
        running: list[str] = []
        boto3.setup_default_session()
        assert boto3.DEFAULT_SESSION is not None
        boto3.DEFAULT_SESSION.events.register(
            "provide-client-params.*.*",
            lambda params, model, **_: made.update(
                (running[-1], action, index)
                for action, index in _actions(model.service_model.service_name, model.name, params)
            ),
        )
        for function, at, event in _a_few_days():
            running.append(function)
            context = SimpleNamespace(
                function_name=function,
                memory_limit_in_mb=512,
                invoked_function_arn="arn:aws:lambda:example",
                aws_request_id="example",
                get_remaining_time_in_millis=lambda: 50_000,
            )
            services = AwsServices(composition.environment(), partial(_same, at))  # a cold start each
            importlib.import_module(f"handlers.{function}").handle(event, context, services)
        yield made
        patch.setattr(boto3, "DEFAULT_SESSION", None)


def _same(at: datetime) -> datetime:
    return at


def _event(name: str) -> Json:
    event: Json = json.loads((EVENTS / f"{name}.json").read_text("utf-8"))
    return event


def _a_few_days() -> Iterator[tuple[str, datetime, Json]]:
    # Letters to this address bounced; it writes, and is proved.
    unseen = DynamoTable(boto3.session.Session().client("dynamodb"), f"{STACK}-desk", shards=4)  # no function's calls
    peopled(unseen)
    unseen.suppress("storeolis", "buh@lampa-shop.example.com", at=NOW - timedelta(days=900), reason="Bounce")
    for case in CASES:
        function = case.name.partition("-")[0]
        if function == "inbound":
            event = _event(case.name)
            yield function, _arrival(event), event
    yield "inbound", _arrival(_repeated()), _repeated()
    for case in CASES:
        function = case.name.partition("-")[0]
        if function != "inbound":
            yield function, NOW, _event(case.name)
    # The alarm goes off again, twice, and no end is heard of.
    for minute in (10, 20):
        again = _event("alarm-raised")
        again["detail"]["state"]["timestamp"] = f"2026-05-11T00:{minute}:00.000+0000"
        yield "alarm", NOW, again
    # Of another alarm an earlier version stored the fault by the name alone.
    known = _event("alarm-raised")
    known["detail"]["alarmName"] = "mdo-service-known-by-name"
    yield "alarm", NOW, {"detail": known["detail"]}
    known["detail"] = known["detail"] | {
        "state": known["detail"]["state"] | {"timestamp": "2026-05-11T01:00:00.000+0000"}
    }
    yield "alarm", NOW, known
    # A ticket for which an earlier version paged by itself: it becomes a report of a fault.
    _page_as_an_earlier_version(unseen)
    # The stream was late: the sweep offers again what is unsent.
    yield "clock", NOW + timedelta(hours=1), _event("clock")
    # The window of the alarm that is muted is over.
    yield "clock", NOW + timedelta(hours=3), _event("clock")
    # Somebody complained meanwhile, so that one letter has nowhere to go.
    table = boto3.session.Session().client("dynamodb")  # its calls are no function's
    key = {"pk": {"S": "DESK#storeolis#ADDRESS#buh@lampa-shop.example.com"}, "sk": {"S": "SUPPRESSED"}}
    table.put_item(TableName=f"{STACK}-desk", Item={**key, "since": {"S": "2026-05-10T00:40:00.000000Z"}})
    for item in table.scan(TableName=f"{STACK}-desk")["Items"]:
        if item["sk"]["S"].startswith("OUT#"):
            keys = {name: item[name] for name in ("pk", "sk")}
            record = {"eventName": "INSERT", "dynamodb": {"Keys": keys, "NewImage": item}}
            sender = {"mail": "mailer", "page": "pager"}[item["outbox"]["S"]]
            yield sender, NOW + timedelta(hours=1), {"Records": [record]}
    # Somebody takes the faults, and the sweep tells their tickets.
    for number in unseen.desk_faults(MDO).numbers:
        act_on_fault(unseen, number, AcknowledgeFault("anna@desk.example", NOW), partial(_same, NOW))
    yield "clock", NOW + timedelta(hours=2), _event("clock")
    yield "reconcile", DAYS_LATER, _event("reconcile")
    unseen.count_try("leftbehind0000000000", reconcile.TRIES + 1, at=DAYS_LATER)
    yield "reconcile", DAYS_LATER, _event("reconcile")


def _page_as_an_earlier_version(store: DynamoTable) -> None:
    ticket = next(iter(store.queue(MDO)))
    due = NOW + timedelta(minutes=5)
    clock = CriticalClock(since=NOW, due=due, escalate_at=due, next_page_at=due, clause="2.1")
    item = ticket_item(ticket.model_copy(update={"critical": clock}), store.shards)
    boto3.session.Session().client("dynamodb").put_item(TableName=f"{STACK}-desk", Item=item)


def _arrival(event: Json) -> datetime:
    return datetime.fromtimestamp(int(event["Records"][0]["attributes"]["SentTimestamp"]) / 1000, UTC)


def _repeated() -> Json:
    """The letter of `inbound-storeolis-request` sent once more: another letter to SES, the same to its reader."""
    event = _event("inbound-storeolis-request")
    record = event["Records"][0]
    record["body"] = record["body"].replace(_ses_id("inbound-storeolis-request"), REPEATED)
    return event


def _ses_id(name: str) -> str:
    message = json.loads(json.loads(_event(name)["Records"][0]["body"])["Message"])
    found: str = message["mail"]["messageId"]
    return found


def _deploy(template: Json, patch: pytest.MonkeyPatch) -> None:
    table = template["Resources"]["Table"]["Properties"]
    boto3.client("dynamodb").create_table(
        TableName=f"{STACK}-desk",
        **{key: table[key] for key in ("BillingMode", "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes")},
    )
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for event in EVENTS.glob("inbound-*.json"):
        (case,) = [one for one in CASES if one.name == event.stem]
        for record, eml in zip(json.loads(event.read_text("utf-8"))["Records"], case.emls, strict=False):
            key = json.loads(json.loads(record["body"])["Message"])["receipt"]["action"]["objectKey"]
            s3.put_object(Bucket=BUCKET, Key=key, Body=(EVENTS / f"{eml}.eml").read_bytes())
    raw = (EVENTS / "inbound-storeolis-request.eml").read_bytes().replace(b"<c0ffee-0311@", b"<c0ffee-0312@")
    # One sent twice, and one left behind by an earlier fault: `reconcile` offers it again, then gives it up.
    for ses_id in (REPEATED, "leftbehind0000000000"):
        again = raw.replace(_ses_id("inbound-storeolis-request").encode(), ses_id.encode())
        s3.put_object(Bucket=BUCKET, Key=f"incoming/{ses_id}", Body=again)
    boto3.client("secretsmanager").create_secret(Name=f"{STACK}-reply-keys", SecretString=json.dumps(KEYS))
    patch.setenv("PAGES_TOPIC", boto3.client("sns").create_topic(Name=f"{STACK}-pages")["TopicArn"])
    patch.setenv("INBOUND_QUEUE", boto3.client("sqs").create_queue(QueueName=f"{STACK}-inbound")["QueueUrl"])
    sesv2 = boto3.client("sesv2")
    sesv2.create_configuration_set(ConfigurationSetName=STACK)
    for domain in ("xn--d1achjhdicc8bh4h.xn--80asehdb", "storeolis.ru"):
        sesv2.create_email_identity(EmailIdentity=domain)


def _actions(service: str, operation: str, params: Json) -> list[tuple[str, str]]:
    """What IAM authorises a call as, by the service authorization reference."""
    if operation == "TransactWriteItems":
        kinds = {kind for write in params["TransactItems"] for kind in write}
        return [(f"dynamodb:{kind}Item", "") for kind in kinds]
    if service == "s3":
        known = {"CopyObject": ["GetObject", "PutObject"], "ListObjectsV2": ["ListBucket"]}
        return [(f"s3:{action}", "") for action in known.get(operation, [operation])]
    if (service, operation) == ("sesv2", "SendEmail"):
        return [("ses:SendRawEmail", "")]
    return [(f"{service}:{operation}", params.get("IndexName", ""))]


def granted(resources: Json, function: str) -> set[Call]:
    role = resources[f"{function.capitalize()}Role"]["Properties"]
    found = set()
    for statement in role["Policies"][0]["PolicyDocument"]["Statement"]:
        actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        if statement["Sid"] in PLATFORM or any(action.startswith("kms:") for action in actions):
            continue
        resource = statement.get("Resource") or statement["NotResource"]
        index = text_of(resource).partition("/index/")[2] if isinstance(resource, dict) else ""
        found |= {(function, action, index) for action in actions if action not in NEVER_CALLED}
    return found


@pytest.mark.parametrize("function", sorted(ENVIRONMENT))
def test_a_role_allows_every_call_that_its_function_makes(calls: set[Call], resources: Json, function: str) -> None:
    made = {call for call in calls if call[0] == function}
    assert made
    assert made <= granted(resources, function)


@pytest.mark.parametrize("function", sorted(ENVIRONMENT))
def test_a_role_allows_no_call_that_its_function_never_makes(calls: set[Call], resources: Json, function: str) -> None:
    assert granted(resources, function) <= calls
