"""`reglament doctor` on the local stack: each thing that can be broken here is seen, and its line's remedy puts it right."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import dns.rcode
import pytest

from composition import AwsServices, environment
from local.stack import LocalStack
from tests.support.aws_commands import parsed
from tests.support.command_line import Ran, Run, command_line
from tests.support.name_server import Records, name_server

Line = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Doctor:
    """The verb on a stack, and its remedies."""

    stack: LocalStack
    folder: Path
    run: Run

    def lines(self, *arguments: str) -> list[Line]:
        """Return the lines of some checks, or of all."""
        return self.reglament("doctor", "--json", *arguments).objects

    def line(self, check: str, *arguments: str) -> Line:
        """Return the first line of a check that is not ok, or its first."""
        found = self.lines(check, *arguments)
        return next((line for line in found if line["state"] != "ok"), found[0])

    def reglament(self, *arguments: str) -> Ran:
        """Run a verb on the stack."""
        return self.run("--endpoint", self.stack.endpoint, *arguments)

    def apply(self, remedy: str) -> None:
        """Run each command in backquotes of a remedy, in order."""
        for command in re.findall(r"`([^`]+)`", remedy):
            program, *words = shlex.split(command)
            if program == "reglament":
                assert self.reglament(*words, *(["--yes"] if words[0] == "activate" else [])).status == 0
            elif program == "aws":
                assert f"--endpoint-url {self.stack.endpoint}" in command
                service, operation, arguments = parsed(command.removeprefix("aws "), self.folder)
                getattr(getattr(self.stack.aws, service), operation)(**arguments)


@pytest.fixture
def doctor(stack: LocalStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Doctor:
    return Doctor(stack, tmp_path, command_line(capsys, AwsServices(environment())))


def test_nothing_is_wrong_with_a_stack_that_has_just_started(stack: LocalStack, doctor: Doctor) -> None:
    stack._fire("clock")
    lines = doctor.lines()
    assert [line for line in lines if line["state"] not in {"ok", "skipped"}] == []
    seen = {line["check"] for line in lines if line["state"] == "ok"}
    assert {
        "stack", "rule-set", "rule", "addresses", "reply-keys", "table", "bucket", "heartbeat", "page-recipients",
        "subscriptions", "account", "configuration-set", "quota", "alarms", "failure-queues", "regulation",
    } <= seen  # fmt: skip


# Broken, seen, and put right -------------------------------------------------------------------------------


def no_rule_set_active(stack: LocalStack) -> None:
    stack.aws.ses.set_active_receipt_rule_set()


def no_recovery(stack: LocalStack) -> None:
    off = {"PointInTimeRecoveryEnabled": False}
    stack.aws.dynamodb.update_continuous_backups(TableName=stack.outputs["Table"], PointInTimeRecoverySpecification=off)


def no_expiry(stack: LocalStack) -> None:
    off = {"Enabled": False, "AttributeName": "expires_at"}
    stack.aws.dynamodb.update_time_to_live(TableName=stack.outputs["Table"], TimeToLiveSpecification=off)


def no_versions(stack: LocalStack) -> None:
    off = {"Status": "Suspended"}
    stack.aws.s3.put_bucket_versioning(Bucket=stack.outputs["MailBucket"], VersioningConfiguration=off)


def another_key(stack: LocalStack) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    stack.aws.s3.put_bucket_encryption(
        Bucket=stack.outputs["MailBucket"], ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def open_to_the_public(stack: LocalStack) -> None:
    stack.aws.s3.delete_public_access_block(Bucket=stack.outputs["MailBucket"])


def alarms_that_tell_nobody(stack: LocalStack) -> None:
    stack.aws.cloudwatch.disable_alarm_actions(AlarmNames=["reglament-heartbeat"])


def a_message_that_was_given_up(stack: LocalStack) -> None:
    url = stack.aws.sqs.get_queue_url(QueueName="reglament-mailer-failures")["QueueUrl"]
    stack.aws.sqs.send_message(QueueUrl=url, MessageBody='{"DDBStreamBatchInfo": {}}')


@pytest.mark.parametrize(
    ("check", "break_it", "state", "text"),
    [
        ("rule-set", no_rule_set_active, "fault", "no receipt rule set is active"),
        ("table", no_recovery, "fault", "cannot be wound back"),
        ("table", no_expiry, "warning", "expires"),
        ("bucket", no_versions, "warning", "cannot be got back"),
        ("bucket", another_key, "fault", "not encrypted by the stack's key"),
        ("bucket", open_to_the_public, "fault", "opened to the public"),
        ("alarms", alarms_that_tell_nobody, "warning", "its actions are off"),
        ("failure-queues", a_message_that_was_given_up, "fault", "wait in reglament-mailer-failures"),
    ],
    ids=lambda value: getattr(value, "__name__", None) or str(value),
)
def test_what_is_broken_is_seen_and_the_remedy_puts_it_right(
    doctor: Doctor, stack: LocalStack, check: str, break_it: Callable[[LocalStack], None], state: str, text: str
) -> None:
    break_it(stack)
    broken = doctor.line(check)
    assert (broken["state"], text in broken["text"]) == (state, True), broken
    doctor.apply(broken["remedy"])
    assert doctor.line(check)["state"] == "ok"


def test_reply_keys_are_put_right_by_the_file_that_the_remedy_describes(doctor: Doctor, stack: LocalStack) -> None:
    name = stack.outputs["ReplyKeys"]
    kept = stack.aws.secretsmanager.get_secret_value(SecretId=name)["SecretString"]
    stack.aws.secretsmanager.put_secret_value(SecretId=name, SecretString='{"current": "b", "a": "x"}')
    broken = doctor.line("reply-keys")
    assert (broken["state"], "names none of the keys a" in broken["text"]) == ("fault", True)
    (doctor.folder / "keys.json").write_text(kept, "utf-8")
    doctor.apply(broken["remedy"])
    assert doctor.line("reply-keys")["state"] == "ok"


def test_a_rule_of_another_that_stops_before_ours_is_moved_behind_it(doctor: Doctor, stack: LocalStack) -> None:
    ses = stack.aws.ses
    (own,) = ses.describe_active_receipt_rule_set()["Rules"]
    recipients = own["Recipients"][:1]
    stop = {
        "Name": "shop",
        "Enabled": True,
        "Recipients": recipients,
        "Actions": [{"StopAction": {"Scope": "RuleSet"}}],
    }
    ses.delete_receipt_rule(RuleSetName="reglament", RuleName=own["Name"])
    ses.create_receipt_rule(RuleSetName="reglament", Rule=stop)
    ses.create_receipt_rule(RuleSetName="reglament", Rule=own, After="shop")
    try:
        broken = doctor.line("rule")
        assert (broken["state"], "shop stops before" in broken["text"]) == ("fault", True), broken
    finally:
        ses.delete_receipt_rule(RuleSetName="reglament", RuleName="shop")
    assert doctor.line("rule")["state"] == "ok"


def test_where_nobody_hears_the_topic_a_page_reaches_who_is_on_duty_by_mail_and_text_message(
    doctor: Doctor, stack: LocalStack
) -> None:
    sns, topic = stack.aws.sns, stack.outputs["PagesTopic"]
    (outbox,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    sns.unsubscribe(SubscriptionArn=outbox["SubscriptionArn"])
    without = doctor.line("page-recipients")
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=outbox["Endpoint"])
    assert (without["state"], "mail, SMS" in without["text"], "(sqs)" in without["text"]) == ("ok", True, False)
    again = doctor.line("page-recipients")
    assert (again["state"], "(sqs)" in again["text"]) == ("ok", True)


# Confirming a subscription ---------------------------------------------------------------------------------


def test_a_subscription_is_confirmed_by_the_link_that_sns_sent(doctor: Doctor, stack: LocalStack) -> None:
    posted: list[dict[str, Any]] = []

    class Endpoint(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is http.server's
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Endpoint) as server:
        server.timeout = 30
        asked = Thread(target=server.handle_request)
        asked.start()
        url = f"http://127.0.0.1:{server.server_port}/"
        topic = stack.outputs["OperationsTopic"]
        stack.aws.sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=url)
        asked.join(30)
    (letter,) = posted
    pending = doctor.line("subscriptions")
    assert (pending["state"], "not confirmed" in pending["text"]) == ("fault", True), pending
    confirmed = doctor.reglament("subscriptions", "confirm", letter["SubscribeURL"])
    assert (confirmed.status, confirmed.err) == (0, "")
    assert doctor.line("subscriptions")["state"] == "ok"
    again = doctor.reglament("subscriptions", "confirm", letter["SubscribeURL"])
    assert (again.status, "does not take this token" in again.err) == (1, True), "the emulator takes a token once"
    (one,) = stack.aws.sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    stack.aws.sns.unsubscribe(SubscriptionArn=one["SubscriptionArn"])


# DNS -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", ["mx", "dmarc"])
def test_the_record_that_a_remedy_names_puts_dns_right(doctor: Doctor, check: str) -> None:
    records: dict[tuple[str, str], tuple[str, ...]] = {("example.com", "TXT"): ('"x"',)}
    broken: list[Line] = []
    for _ in range(8):  # a domain each
        with name_server(records) as port:
            broken = [
                line for line in doctor.lines(check, "--nameserver", f"127.0.0.1:{port}") if line["state"] != "ok"
            ]
        if not broken:
            return
        for line in broken:
            records |= _published(line["remedy"])
    raise AssertionError(broken)


def _published(remedy: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the records that a remedy says to publish."""
    found = re.findall(r"`(\S+)\. (MX|TXT) ([^`]+)`", remedy)
    return {(name, kind): (text,) for name, kind, text in found}


def test_a_server_that_fails_makes_nothing_a_fault(doctor: Doctor) -> None:
    empty: Records = {}
    with name_server(empty, rcode=dns.rcode.SERVFAIL) as port:
        states = {line["state"] for line in doctor.lines("mx", "dmarc", "--nameserver", f"127.0.0.1:{port}")}
    assert states == {"unknown"}
