"""Letters that stay in incoming/: what counts as a failed attempt, and what only waits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

import boto3
import pytest
from botocore.exceptions import EndpointConnectionError, ParamValidationError

from application.storage import Conflict, TooLarge
from composition import NotConfigured
from domain.regulation.editions import NoEditionInForce
from handlers import inbound, reconcile
from tests.support.builders import MDO, moscow
from tests.support.changed_editions import mdo_ended
from tests.support.client_letters import COMPLETE
from tests.support.functions import Functions
from tests.support.raw_mail import raw
from tests.support.sdk import client_error

ARRIVED = moscow("2026-11-20 10:00")


def failing_with(error: BaseException) -> Callable[..., NoReturn]:
    """Return a function that always raises."""

    def call(*_: Any, **__: Any) -> NoReturn:
        raise error

    return call


def an_hour_later(functions: Functions) -> dict[str, int]:
    """Let `reconcile` run an hour later; return what it did."""
    functions.clock.at += timedelta(hours=1)
    done: dict[str, int] = reconcile.handle({}, functions.context, functions.services)
    return done


def take_queue(functions: Functions) -> None:
    """Let `inbound` handle what its queue holds."""
    sqs, url = boto3.client("sqs"), functions.services.setting("INBOUND_QUEUE")
    while messages := sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []):
        records = [{"messageId": one["MessageId"], "eventSource": "aws:sqs", "body": one["Body"]} for one in messages]
        assert inbound.handle({"Records": records}, functions.context, functions.services) == {"batchItemFailures": []}
        for one in messages:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])


def attempt(functions: Functions, ses_id: str, receives: int) -> dict[str, Any]:
    """Let the queue hand out a letter for the so-and-so-manieth time."""
    record = functions.arrival(raw(COMPLETE), ses_id, at=ARRIVED, receives=receives)
    answer: dict[str, Any] = inbound.handle({"Records": [record]}, functions.context, functions.services)
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
    done = [an_hour_later(functions) for _ in range(48)]
    offered = {hour: one["LettersOfferedAgain"] for hour, one in enumerate(done, 1) if one["LettersOfferedAgain"]}
    assert offered == {1: 3, 4: 3, 8: 3, 16: 3, 32: 3}
    assert {one["LettersLeftBehind"] for one in done} == {3}
    assert done[1]["LettersWaiting"] == 3


def test_a_letter_that_was_never_announced_is_found_however_full_the_queue_is(functions: Functions) -> None:
    """The messages in the queue may be others': after four hours it is announced in any case."""
    functions.clock.at = ARRIVED
    functions.put(raw(COMPLETE), "m1")
    for _ in range(3):
        functions.services.inbound_queue.offer("another's")
    done = [an_hour_later(functions)["LettersOfferedAgain"] for _ in range(5)]
    assert done == [0, 0, 0, 1, 0]


def test_a_queue_that_does_not_say_how_long_it_is_holds_nothing_up(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor does a letter that cannot be announced: the next one is, and what was set aside is counted."""
    functions.clock.at = ARRIVED
    for name in ("m1", "m2", "m3"):
        functions.put(raw(COMPLETE, sender=f"{name}@client.example"), name)
    functions.table.count_try("m1", reconcile.TRIES + 1, at=ARRIVED)
    queue = functions.services.inbound_queue
    monkeypatch.setattr(queue, "waiting", failing_with(EndpointConnectionError(endpoint_url="https://sqs")))
    real, refused = queue.offer, ["m2"]

    def offer(body: str) -> None:
        if any(name in body for name in refused):
            raise EndpointConnectionError(endpoint_url="https://sqs")
        real(body)

    monkeypatch.setattr(queue, "offer", offer)
    done = an_hour_later(functions)
    assert (done["LettersQuarantined"], done["LettersOfferedAgain"], done["ReconcileFailed"]) == (1, 1, 1)


def test_a_run_without_time_for_all_finishes_some(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters are finished by the hundred, not after the last one was looked at."""
    functions.clock.at = ARRIVED
    for number in range(5):
        functions.put(raw(COMPLETE, sender=f"client{number}@client.example"), f"m{number}")
    functions.clock.at += timedelta(hours=1)
    monkeypatch.setattr(reconcile, "TOGETHER", 2)
    looks = iter((True, True, True, False))
    done = reconcile.reconcile(lambda: next(looks), functions.services)
    assert done["LettersOfferedAgain"] == 3


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
        broken.setattr(inbound, "read_for_desks", failing_with(ValueError("a bug that only this letter meets")))
        for receives in range(1, reconcile.TRIES + 1):
            assert attempt(functions, "m1", receives)["batchItemFailures"] == [{"itemIdentifier": "m1"}]
        assert an_hour_later(functions)["LettersQuarantined"] == 0
        attempt(functions, "m1", 1)
    assert an_hour_later(functions)["LettersQuarantined"] == 1
    assert functions.keys() == {"quarantine/m1"}
    (record,) = functions.table.set_aside(MDO)
    assert (record.ses_message_id, record.reason) == ("m1", "failed in 10 attempts; the last: ValueError")


def test_an_attempt_that_ends_with_the_function_is_counted_too(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A letter that takes the process with it, by memory or time, is found out although no code of ours saw its end."""
    functions.clock.at = ARRIVED
    monkeypatch.setattr(inbound, "read_for_desks", failing_with(SystemExit("out of memory")))
    for receives in range(1, 12):  # the first of them is not counted
        with pytest.raises(SystemExit):
            attempt(functions, "m1", receives)
    assert functions.table.tries("m1") == 10


def test_an_attempt_under_way_is_no_failed_one(functions: Functions) -> None:
    """The tenth may succeed while `reconcile` looks."""
    functions.clock.at = ARRIVED
    functions.put(raw(COMPLETE), "m1")
    functions.table.count_try("m1", reconcile.TRIES, at=ARRIVED)
    assert an_hour_later(functions)["LettersQuarantined"] == 0


def test_where_several_letters_fail_at_one_time_it_is_not_the_letters(functions: Functions) -> None:
    """A bad deployment sets none aside: they wait for the next one."""
    functions.clock.at = ARRIVED
    names = [f"m{number}" for number in range(reconcile.SET_ASIDE_AT_ONCE + 1)]
    for name in names:
        functions.put(raw(COMPLETE, sender=f"{name}@client.example"), name)
        functions.table.count_try(name, 50, at=ARRIVED)
    done = an_hour_later(functions)
    assert (done["LettersQuarantined"], done["LettersOfferedAgain"]) == (0, len(names))
    take_queue(functions)
    assert len(functions.numbers()) == len(names)


@pytest.mark.parametrize(
    "error",
    [
        ParamValidationError(report="an empty key"),
        client_error("ValidationException", "PutItem"),
        client_error(
            "TransactionCanceledException",
            "TransactWriteItems",
            CancellationReasons=[{"Code": "None"}, {"Code": "ValidationError"}],
        ),
        TooLarge("an item of 500,000 bytes"),
        RecursionError(),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_is_wrong_with_the_letters_own_request_is_an_attempt_that_failed(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """It would be refused for ever."""
    functions.clock.at = ARRIVED
    monkeypatch.setattr(inbound, "read_for_desks", failing_with(error))
    for receives in (1, 2, 3):
        attempt(functions, "m1", receives)
    assert functions.table.tries("m1") == 3


@pytest.mark.parametrize("secret", ["no JSON", "{}", '{"current": "a"}'])
def test_a_secret_that_cannot_be_read_counts_against_no_letter(functions: Functions, secret: str) -> None:
    """It is the deployment's fault, whatever it raises."""
    functions.clock.at = ARRIVED
    client = boto3.client("secretsmanager")
    client.put_secret_value(SecretId=functions.services.setting("REPLY_KEYS"), SecretString=secret)
    functions.cold()
    for receives in (1, 2, 3):
        attempt(functions, "m1", receives)
    assert functions.table.tries("m1") == 0


@pytest.mark.parametrize(
    "error",
    [
        client_error("ProvisionedThroughputExceededException", "TransactWriteItems"),
        client_error("AccessDenied", "GetObject"),
        client_error("KMS.DisabledException", "GetObject"),
        client_error("InternalServerError", "BatchGetItem"),
        EndpointConnectionError(endpoint_url="https://dynamodb"),
        Conflict("in the way"),
        NoEditionInForce("the edition ended"),
        NotConfigured("a variable is not set"),
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
        broken.setattr(inbound, "read_for_desks", failing_with(error))
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
    functions.table.count_try("m1", reconcile.TRIES + 1, at=ARRIVED)
    an_hour_later(functions)
    (record,) = functions.table.set_aside(MDO)
    functions.table.forget_letter(record)
    assert functions.table.tries("m1") == 0
    functions.put(raw(COMPLETE), "m1")
    an_hour_later(functions)
    take_queue(functions)
    assert len(functions.numbers()) == 1
    assert functions.keys() == {"letters/m1", "quarantine/m1"}


@pytest.mark.parametrize(("until", "counted"), [("2026-11-19", 1), ("2026-11-20", 0)])
def test_a_regulation_that_has_ended_is_counted_every_hour(
    functions: Functions, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, until: str, counted: int
) -> None:
    """The alarm on it sounds before the next letter comes, and until an edition follows."""
    counts: Counter[str] = Counter()
    monkeypatch.setattr(reconcile, "count", lambda name, value=1: counts.update({name: value}))
    functions.clock.at = moscow("2026-11-20 10:00")
    with mdo_ended(tmp_path, monkeypatch, until):
        reconcile.handle({}, functions.context, functions.services)
    assert counts["RegulationEnded"] == counted
