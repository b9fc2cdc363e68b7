"""Letters that stay in incoming/: what counts as a failed attempt, and what only waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NoReturn

import boto3
import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from domain.editions import NoEditionInForce
from domain.ports import Conflict
from handlers import inbound, reconcile, wiring
from tests.aws.conftest import Functions
from tests.aws.test_pipeline import MDO, raw
from tests.builders import moscow
from tests.unit.domain.life import COMPLETE

ARRIVED = moscow("2026-11-20 10:00")


def failing_with(error: BaseException) -> Callable[..., NoReturn]:
    """Return a function that always raises."""

    def call(*_: Any, **__: Any) -> NoReturn:
        raise error

    return call


def an_hour_later(functions: Functions) -> dict[str, int]:
    """Let `reconcile` run an hour later; return what it did."""
    functions.clock.at += timedelta(hours=1)
    done: dict[str, int] = reconcile.handler({}, functions.context)
    return done


def take_queue(functions: Functions) -> None:
    """Let `inbound` handle what its queue holds."""
    sqs, url = boto3.client("sqs"), wiring.setting("INBOUND_QUEUE")
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        records = [{"messageId": one["MessageId"], "eventSource": "aws:sqs", "body": one["Body"]} for one in messages]
        assert inbound.handler({"Records": records}, functions.context) == {"batchItemFailures": []}
        for one in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])


def attempt(functions: Functions, ses_id: str, receives: int) -> dict[str, Any]:
    """Let the queue hand out a letter for the so-and-so-manieth time."""
    record = functions.arrival(raw(COMPLETE), ses_id, at=ARRIVED, receives=receives)
    answer: dict[str, Any] = inbound.handler({"Records": [record]}, functions.context)
    return answer


@pytest.mark.parametrize("hours", [4, 48])
def test_letters_that_nobody_tried_to_handle_wait_for_as_long_as_that_lasts(functions: Functions, hours: int) -> None:
    """`inbound` stands still for hours or days: nothing is set aside, and each letter becomes a ticket in the end."""
    functions.clock.at = ARRIVED
    for number in range(5):
        functions.put(raw(COMPLETE, sender=f"client{number}@client.example"), f"m{number}")
    done = [an_hour_later(functions) for _ in range(hours)]
    assert sum(one["LettersQuarantined"] for one in done) == 0
    assert functions.keys() == {f"incoming/m{number}" for number in range(5)}
    take_queue(functions)
    assert len(functions.numbers()) == 5
    assert list(functions.table.set_aside(MDO)) == []


def test_letters_whose_announcement_waits_in_the_queue_are_not_announced_again(functions: Functions) -> None:
    """A backlog of days does not fill the queue with a copy of each letter an hour."""
    functions.clock.at = ARRIVED
    for number in range(3):
        functions.put(raw(COMPLETE, sender=f"client{number}@client.example"), f"m{number}")
    done = [an_hour_later(functions) for _ in range(24)]
    assert [one["LettersOfferedAgain"] for one in done] == [3, *[0] * 23]
    assert [one["LettersWaiting"] for one in done] == [0, *[3] * 23]
    assert wiring.inbound_queue().waiting() == 3


def test_one_letter_of_a_backlog_that_was_never_announced_is_found(functions: Functions) -> None:
    """Where the queue holds fewer messages than there are letters, all are announced: a second one does no harm."""
    functions.clock.at = ARRIVED
    functions.put(raw(COMPLETE, sender="one@client.example"), "m1")
    an_hour_later(functions)
    functions.put(raw(COMPLETE, sender="two@client.example"), "m2")
    functions.clock.at += timedelta(minutes=30)
    assert an_hour_later(functions)["LettersOfferedAgain"] == 2
    take_queue(functions)
    assert len(functions.numbers()) == 2


def test_a_letter_that_fails_by_itself_is_set_aside_after_a_counted_number_of_attempts(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Attempts are counted, not runs of `reconcile`."""
    functions.clock.at = ARRIVED
    with monkeypatch.context() as broken:
        broken.setattr(inbound, "read_letter", failing_with(ValueError("a bug that only this letter meets")))
        for receives in range(1, reconcile.TRIES):
            assert attempt(functions, "m1", receives)["batchItemFailures"] == [{"itemIdentifier": "m1"}]
        assert an_hour_later(functions)["LettersQuarantined"] == 0
        attempt(functions, "m1", 1)
    assert an_hour_later(functions)["LettersQuarantined"] == 1
    assert functions.keys() == {"quarantine/m1"}
    (record,) = functions.table.set_aside(MDO)
    assert (record.ses_message_id, record.reason) == ("m1", f"failed in {reconcile.TRIES} attempts")


def test_an_attempt_that_ends_with_the_function_is_counted_too(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter that takes the process with it, by memory or time, is found out although no code of ours saw its end."""
    functions.clock.at = ARRIVED
    monkeypatch.setattr(inbound, "read_letter", failing_with(SystemExit("out of memory")))
    for receives in range(1, reconcile.TRIES + 2):  # the first of them is not counted
        with pytest.raises(SystemExit):
            attempt(functions, "m1", receives)
    assert functions.table.tries("m1") == reconcile.TRIES


@pytest.mark.parametrize(
    "error",
    [
        ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "TransactWriteItems"),
        ClientError({"Error": {"Code": "AccessDenied"}}, "GetObject"),
        ClientError({"Error": {"Code": "KMS.DisabledException"}}, "GetObject"),
        ClientError({"Error": {"Code": "InternalServerError"}}, "BatchGetItem"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
        Conflict("in the way"),
        NoEditionInForce("the edition ended"),
        wiring.NotConfigured("a variable is not set"),
    ],
    ids=lambda error: type(error).__name__,
)
@pytest.mark.parametrize("receives", [1, 2])
def test_what_aws_or_the_deployment_prevents_is_no_attempt_that_failed(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, error: Exception, receives: int
) -> None:
    """An outage of hours sets no letter aside."""
    functions.clock.at = ARRIVED
    with monkeypatch.context() as broken:
        broken.setattr(inbound, "read_letter", failing_with(error))
        for _ in range(3):
            attempt(functions, "m1", receives)
    assert functions.table.tries("m1") == 0
    attempt(functions, "m1", 2)
    assert len(functions.numbers()) == 1


def test_a_letter_that_recovers_is_handled_and_a_replay_counts_from_the_beginning(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was set aside may be tried as often again."""
    functions.clock.at = ARRIVED
    functions.put(raw(COMPLETE), "m1")
    functions.table.count_try("m1", reconcile.TRIES)
    an_hour_later(functions)
    (record,) = functions.table.set_aside(MDO)
    functions.table.forget_letter(record)
    assert functions.table.tries("m1") == 0
    functions.put(raw(COMPLETE), "m1")
    an_hour_later(functions)
    take_queue(functions)
    assert len(functions.numbers()) == 1
    assert functions.keys() == {"letters/m1", "quarantine/m1"}
