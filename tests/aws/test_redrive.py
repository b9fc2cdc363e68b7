"""`reglament redrive`: what the functions failed on for good is brought back, and nothing is dropped before that."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from adapters.sqs import Queue
from cli import journal
from cli.redrive import RULES, queue_of
from tests.support.alarms import change_of_state
from tests.support.aws_errors import Refusal, let_fail
from tests.support.command_line import Run
from tests.support.functions import Functions


@pytest.fixture(autouse=True)
def queues(functions: Functions) -> dict[str, str]:
    """Return the addresses of the stack's queues, by name."""
    names = [*map(queue_of, RULES), "inbound", "feedback"]
    create = boto3.client("sqs").create_queue
    return {name: create(QueueName=f"reglament-{name}")["QueueUrl"] for name in names}


def put(url: str, *bodies: str) -> None:
    """Lay messages on a queue."""
    for body in bodies:
        boto3.client("sqs").send_message(QueueUrl=url, MessageBody=body)


def bodies(url: str) -> list[str]:
    """Return what lies on a queue, hidden or not."""
    sqs = boto3.client("sqs")
    counted = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    total = int(counted["ApproximateNumberOfMessages"]) + int(counted["ApproximateNumberOfMessagesNotVisible"])
    shown = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    return sorted(message["Body"] for message in shown) + ["(hidden)"] * (total - len(shown))


def test_letters_and_reports_go_back_to_the_queue_they_came_from(run: Run, queues: dict[str, str]) -> None:
    """More of them than one request brings."""
    many = [f"letter {number:02d}" for number in range(23)]
    put(queues["inbound-failures"], *many)
    put(queues["feedback-failures"], "a report")
    done = run("redrive", "inbound", "feedback", "--json")
    assert (done.status, done.objects) == (
        0,
        [
            {"function": "inbound", "redriven": 23, "stayed": 0},
            {"function": "feedback", "redriven": 1, "stayed": 0},
        ],
    )
    assert bodies(queues["inbound-failures"]) == []
    assert len(bodies(queues["inbound"])) == 23
    assert bodies(queues["feedback"]) == ["a report"]


def test_what_a_topic_could_not_deliver_goes_to_the_queue_that_never_had_it(run: Run, queues: dict[str, str]) -> None:
    """SNS keeps the very message that the subscription would have had."""
    put(queues["mail-undelivered"], "a letter's announcement")
    put(queues["feedback-undelivered"], "a report")
    done = run("redrive", "mail-undelivered", "feedback-undelivered", "--json")
    assert done.status == 0
    assert [one["redriven"] for one in done.objects] == [1, 1]
    assert bodies(queues["mail-undelivered"]) == bodies(queues["feedback-undelivered"]) == []
    assert (bodies(queues["inbound"]), bodies(queues["feedback"])) == (["a letter's announcement"], ["a report"])


def test_an_alarm_is_handled_now_whether_a_destination_wrapped_it_or_not(
    functions: Functions, run: Run, queues: dict[str, str]
) -> None:
    """Lambda's destination and EventBridge's failure queue write the event differently; one fault comes of both."""
    event = change_of_state("ALARM", "2026-11-20T06:59:00.000+0000")
    put(queues["alarm-failures"], json.dumps({"version": "1.0", "requestPayload": event}), json.dumps(event))
    assert run("redrive", "alarm").status == 0
    assert len(functions.numbers()) == 1
    assert bodies(queues["alarm-failures"]) == []


@pytest.mark.parametrize("broken", ["no JSON", '"text"', "[]", '{"requestPayload": 5}', '{"detail": {}}'])
def test_an_event_that_cannot_be_handled_stays_and_holds_up_no_other(
    broken: str, functions: Functions, run: Run, queues: dict[str, str]
) -> None:
    """It is told of without its content, and the exit status says that something stayed."""
    put(queues["alarm-failures"], broken, json.dumps(change_of_state("ALARM", "2026-11-20T06:59:00.000+0000")))
    done = run("redrive", "alarm", "--json")
    assert (done.status, done.objects) == (1, [{"function": "alarm", "redriven": 1, "stayed": 1}])
    assert len(functions.numbers()) == 1
    assert bodies(queues["alarm-failures"]) == ["(hidden)"]
    assert "stays (" in done.err
    assert broken not in done.err


def test_positions_and_runs_need_nothing_and_leave_the_queue(run: Run, queues: dict[str, str]) -> None:
    """What is unsent is armed, and the next run does the work of a failed one."""
    waiting = ("mailer", "pager", "clock", "reconcile")
    for name in waiting:
        put(queues[f"{name}-failures"], "{}")
    done = run("redrive")
    assert done.status == 0
    assert all(bodies(queues[f"{name}-failures"]) == [] for name in waiting)
    assert "offered again by the sweep" in done.out


def test_a_dry_run_counts_and_touches_nothing(run: Run, queues: dict[str, str]) -> None:
    """The messages stay visible."""
    put(queues["inbound-failures"], "a", "b")
    assert run("redrive", "inbound", "--dry-run", "--json").objects == [{"function": "inbound", "waiting": 2}]
    assert bodies(queues["inbound-failures"]) == ["a", "b"]


def test_a_message_leaves_its_queue_only_after_it_has_come_back(
    run: Run, queues: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the queue takes nothing, the letter is still in the failure queue."""
    put(queues["inbound-failures"], "a letter")

    def refuse(*_: Any) -> None:
        raise ConnectionError("the network is gone")

    monkeypatch.setattr(Queue, "offer", refuse)
    with pytest.raises(ConnectionError):
        run("redrive", "inbound")
    assert bodies(queues["inbound-failures"]) == ["(hidden)"]


def test_an_event_that_the_table_refuses_for_itself_stays_and_holds_up_no_other(
    functions: Functions, run: Run, queues: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the configuration prevents ends the run instead: the next one would fail alike."""
    events = [
        change_of_state("ALARM", f"2026-11-20T06:5{minute}:00.000+0000", f"mdo-service-{minute}") for minute in (1, 2)
    ]
    put(queues["alarm-failures"], *map(json.dumps, events))
    refusals = [Refusal("dynamodb", "ValidationException", "Item size has exceeded the maximum allowed size")]

    def fault(service: str, operation: str) -> Exception | None:
        return refusals.pop().error(operation) if refusals and operation == "TransactWriteItems" else None

    let_fail(monkeypatch, fault)
    monkeypatch.setattr(journal, "note", lambda *_: None)  # a transaction, too
    done = run("redrive", "alarm", "--json")
    assert (done.status, done.objects) == (1, [{"function": "alarm", "redriven": 1, "stayed": 1}])
    assert "stays (ValidationException)" in done.err
    refusals.append(Refusal("dynamodb", "AccessDeniedException", "not authorized"))
    put(queues["alarm-failures"], json.dumps(change_of_state("OK", "2026-11-20T07:59:00.000+0000", "mdo-service-2")))
    ended = run("redrive", "alarm")
    assert ended.status == 1
    assert "AWS refuses dynamodb:TransactWriteItems" in ended.err


def test_a_wrong_name_is_named(run: Run) -> None:
    """Of a function, or of a stack."""
    assert "found 'outbound'" in run("redrive", "outbound").err
    missing = run("--stack", "elsewhere", "redrive", "inbound")
    assert missing.status == 1
    assert "there is no queue elsewhere-inbound-failures" in missing.err
