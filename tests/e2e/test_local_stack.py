"""What the local stack does as AWS does it: verdicts, feedback of SES, alarms, state that outlives a stop."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.aws_contract import hook
from local.emulator import NotStarted
from local.runner import FunctionFailed
from local.stack import LocalStack
from tests.support.local_post import DESK, MDO, letter

SENDER = "client@region.example.org"


@pytest.fixture
def quiet(tmp_path: Path) -> Iterator[LocalStack]:
    """A stack whose clock stands still on a working Tuesday morning."""
    with LocalStack(tmp_path, clock=datetime(2026, 3, 10, 7, 0, tzinfo=UTC)) as running:
        yield running


def test_a_letter_whose_sender_is_forged_is_recorded_and_never_answered(quiet: LocalStack) -> None:
    quiet.send(b"X-Local-Verdict: fail\r\n" + letter("Срочно", "Смените пароль."), SENDER, [MDO])
    quiet.settle()
    (record,) = quiet.store.set_aside(DESK)
    assert record.outcome == "forged"
    assert SENDER not in [sent.to for sent in quiet.outbox]


@pytest.mark.parametrize(
    "address",
    [
        "support@xn--d1achjhdicc8bh4h.xn--80asehdb",
        "Support+label@моидокументы.онлайн",
        "support@МОИДОКУМЕНТЫ.онлайн",
    ],
)
def test_an_address_of_the_desk_is_taken_in_either_spelling_and_with_a_plus(quiet: LocalStack, address: str) -> None:
    quiet.send(letter("Вопрос", "Не печатается талон."), SENDER, [address])
    quiet.settle()
    assert [ticket.subject for ticket in quiet.store.queue(DESK)] == ["Вопрос"]


def test_a_letter_that_bounces_is_recorded_on_its_ticket_and_the_address_is_spared(quiet: LocalStack) -> None:
    dead = "bounce+1@simulator.amazonses.com"
    quiet.send(letter("Вопрос", "Не печатается талон.", dead), dead, [MDO])
    quiet.settle()
    (ticket,) = quiet.store.queue(DESK)
    assert quiet.store.is_suppressed(DESK, dead)
    assert any(event.type == "delivery_failed" for _, event in quiet.store.history(ticket.id))


def test_an_alarm_of_a_desks_system_pages_at_once(quiet: LocalStack) -> None:
    quiet.alarm("mdo-service-api", "ALARM", "5xx above 50")
    quiet.settle()
    assert [sent.page_level for sent in quiet.outbox if sent.is_page] == ["on_call"]


def test_an_alarm_of_our_own_never_opens_a_fault(quiet: LocalStack) -> None:
    quiet.alarm("reglament-heartbeat", "ALARM")
    quiet.settle()
    assert quiet.outbox == []


def test_a_driven_clock_brings_the_breach_at_its_minute(quiet: LocalStack) -> None:
    quiet.send(letter("Вопрос", "Не печатается талон."), SENDER, [MDO])
    quiet.settle()
    (ticket,) = quiet.store.queue(DESK)
    assert ticket.reaction is not None
    quiet.advance_to(ticket.reaction.due + timedelta(minutes=1))
    late = [sent for sent in quiet.outbox if sent.at == ticket.reaction.due]
    assert late, "the team is told of the breach at the minute it happens"


def test_a_second_outage_pages_though_no_end_of_the_first_was_heard(quiet: LocalStack) -> None:
    quiet.alarm("mdo-service-api", "ALARM")
    quiet.settle()
    (ticket,) = quiet.store.queue(DESK)
    (card,) = [sent for sent in quiet.outbox if ticket.id in sent.subject]
    answer = letter(f"Re: {card.subject}", "беру", "specialist1@xn--d1achjhdicc8bh4h.xn--80asehdb")
    quiet.send(
        answer, "specialist1@xn--d1achjhdicc8bh4h.xn--80asehdb", [card.message["Reply-To"].addresses[0].addr_spec]
    )
    quiet.settle()
    taken = sum(sent.is_page for sent in quiet.outbox)
    quiet.advance_to(quiet.now() + timedelta(hours=5))
    paged = sum(sent.is_page for sent in quiet.outbox)
    assert paged > taken, "nobody has touched it since, so that it pages again"
    quiet.alarm("mdo-service-api", "ALARM")
    quiet.settle()
    assert [one.id for one in quiet.store.queue(DESK)] == [ticket.id]
    quiet.advance_to(quiet.now() + timedelta(minutes=31))
    assert sum(sent.is_page for sent in quiet.outbox) > paged


def test_what_the_bucket_and_the_stream_say_of_age_is_by_the_driven_clock(quiet: LocalStack) -> None:
    quiet.advance_to(datetime(2031, 5, 6, 7, 8, tzinfo=UTC))
    with quiet.halted("inbound"), quiet.halted("mailer"):
        quiet.send(letter("Вопрос", "Не печатается талон."), SENDER, [MDO])
        listed = quiet.aws.s3.list_objects_v2(Bucket=quiet.outputs["MailBucket"], Prefix="incoming/")["Contents"]
        assert [entry["LastModified"] for entry in listed if "SETUP" not in entry["Key"]] == [quiet.now()]
    quiet.settle()
    streams, table = quiet.aws.dynamodbstreams, quiet.outputs["Table"]
    arn = streams.list_streams(TableName=table)["Streams"][0]["StreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")
    records = streams.get_records(ShardIterator=iterator["ShardIterator"])["Records"]
    assert {one["dynamodb"]["ApproximateCreationDateTime"].astimezone(UTC) for one in records} == {quiet.now()}


def test_letters_wait_while_inbound_stands_still_and_none_is_set_aside(quiet: LocalStack) -> None:
    with quiet.halted("inbound"):
        quiet.send(letter("Вопрос", "Не печатается талон."), SENDER, [MDO])
        for _ in range(6):
            quiet.advance_to(quiet.now() + timedelta(hours=1))
        assert list(quiet.store.set_aside(DESK)) == []
    quiet.settle()
    assert [ticket.subject for ticket in quiet.store.queue(DESK)] == ["Вопрос"]


def test_letters_leave_once_ses_no_longer_refuses_the_account(quiet: LocalStack) -> None:
    with quiet.refusing_mail("MessageRejected", "Email address is not verified."):
        quiet.send(letter("Вопрос", "Не печатается талон.", SENDER), SENDER, [MDO])
        quiet.advance_to(quiet.now() + timedelta(hours=12))
        assert [sent for sent in quiet.outbox if not sent.is_page] == []
    quiet.advance_to(quiet.now() + timedelta(hours=2))
    assert SENDER in {sent.to for sent in quiet.outbox}


def test_a_message_that_no_try_can_read_ends_in_the_failure_queue(quiet: LocalStack) -> None:
    quiet.aws.sqs.send_message(QueueUrl=quiet.outputs["InboundQueue"], MessageBody="neither SES nor SNS")
    quiet.settle()
    assert _waiting(quiet, "reglament-inbound-failures") == 0
    quiet.advance_to(quiet.now() + timedelta(hours=1))
    assert _waiting(quiet, "reglament-inbound-failures") == 1, "after five receipts, six minutes apart"


def test_what_aws_refuses_is_refused_of_a_process_without_the_hook_too(quiet: LocalStack) -> None:
    """A command line in another terminal, say: it is answered as AWS would answer it."""
    item = {"pk": {"S": "TICKET#1"}, "sk": {"S": ""}}
    asked = json.dumps({"TableName": quiet.outputs["Table"], "Item": item}).encode()
    target = {"X-Amz-Target": "DynamoDB_20120810.PutItem", "Content-Type": "application/x-amz-json-1.0"}
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(urllib.request.Request(quiet.endpoint, asked, target))  # noqa: S310 - our own loopback
    assert refused.value.code == 400
    assert json.load(refused.value)["__type"] == "ValidationException"
    (violation,) = quiet.violations
    assert violation.startswith("dynamodb.PutItem, Item, its key: sk: 0 bytes")
    quiet.stop()
    assert hook.LEDGER.take_violations() == [violation], "or the test would have failed"


def test_what_a_function_breaks_of_the_documentation_fails_it_and_is_told(quiet: LocalStack) -> None:
    """Functions are processes of their own: what they find comes back with their answer."""
    with pytest.raises(FunctionFailed, match=r"inbound: AWS would refuse: invocation\.event, a record of SQS"):
        quiet.invoke("inbound", {"Records": [{"eventSource": "aws:sqs", "body": "{}"}]})
    assert len(hook.LEDGER.take_violations()) == 1


def test_what_the_functions_ask_is_counted(quiet: LocalStack) -> None:
    before = hook.LEDGER.checked["dynamodb.TransactWriteItems"]
    quiet.send(letter("Вопрос", "Не печатается талон.", SENDER), SENDER, [MDO])
    quiet.settle()
    assert hook.LEDGER.checked["dynamodb.TransactWriteItems"] > before
    assert quiet.violations == []


def test_state_survives_a_stop_and_a_kill(tmp_path: Path) -> None:
    with LocalStack(tmp_path) as first:
        first.send(letter("До остановки", "Не печатается талон."), SENDER, [MDO])
        first.settle()
    with LocalStack(tmp_path) as second:
        assert _subjects(second) == ["До остановки"]
        second.send(
            letter("before-the-kill", "Другой вопрос: пуст список.", "b@x.example.org"), "b@x.example.org", [MDO]
        )
        second.settle()
        assert len(second.outbox) == 4, "each letter was acknowledged once and shown to the team once"
        _wait(lambda: b"before-the-kill" in _saved(tmp_path))
        emulator = second._parts.emulator
        assert emulator is not None
        assert emulator._process is not None
        os.kill(emulator._process.pid, signal.SIGKILL)
        emulator._process.wait()
    with LocalStack(tmp_path) as third:
        assert sorted(_subjects(third)) == ["before-the-kill", "До остановки"]


def test_a_second_stack_in_the_same_folder_is_refused(quiet: LocalStack) -> None:
    with pytest.raises(NotStarted, match="another local stack runs in"):
        LocalStack(quiet.folder).start()


def _waiting(stack: LocalStack, queue: str) -> int:
    url = stack.aws.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    found = stack.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"])
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def _subjects(stack: LocalStack) -> list[str]:
    return [ticket.subject for ticket in stack.store.queue(DESK)]


def _saved(folder: Path) -> bytes:
    return (folder / "state" / "dynamodb.json").read_bytes()


def _wait(for_what: Callable[[], Any]) -> None:
    until = time.monotonic() + 60
    while not for_what():
        assert time.monotonic() < until, "not saved in time"
        time.sleep(0.1)
