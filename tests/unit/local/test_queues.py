"""Queues of the local stack: on a driven clock a message that failed returns by that clock alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

from local.queues import LONGEST_VISIBILITY_SECONDS, QueuePoller, QueueSource
from local.runner import FunctionFailed
from tests.support.builders import moscow

NOON = moscow("2026-11-20 12:00")
SOURCE = QueueSource("inbound", "arn", "url", batch_size=10, reports_failures=True)
MESSAGE = {"MessageId": "m1", "ReceiptHandle": "handle", "Body": "{}", "MD5OfBody": ""}


class Sqs:
    """A queue of one message, which is hidden once it was handed out."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.changed: list[dict[str, Any]] = []

    def get_queue_attributes(self, **_: Any) -> dict[str, Any]:
        """Return what the template says."""
        return {"Attributes": {"VisibilityTimeout": "360"}}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        """Hand the message out, the first time."""
        self.asked.append(asked)
        return {"Messages": [MESSAGE]} if len(self.asked) == 1 else {}

    def change_message_visibility(self, **changed: Any) -> None:
        """Let the message be seen again."""
        self.changed.append(changed)


def a_poller(sqs: Sqs, now: datetime | None) -> QueuePoller:
    """Return a poller of a function that fails, with a driven clock or without."""

    def invoke(*_: Any) -> None:
        raise FunctionFailed("made to fail")

    runner: Any = SimpleNamespace(invoke=invoke, now=lambda: now, tell=lambda _: None)
    aws: Any = SimpleNamespace(sqs=sqs)
    return QueuePoller(SOURCE, aws, runner)


def test_a_message_that_failed_returns_when_the_driven_clock_says_so() -> None:
    """However many real seconds pass meanwhile: it is hidden for as long as SQS can, and shown again in time."""
    sqs = Sqs()
    poller = a_poller(sqs, NOON)
    assert poller.look()
    assert sqs.asked[0]["VisibilityTimeout"] == LONGEST_VISIBILITY_SECONDS
    assert poller.next_return() == NOON + timedelta(minutes=6)
    assert not poller.let_return(NOON + timedelta(minutes=5))
    assert poller.let_return(NOON + timedelta(minutes=6))
    assert [one["VisibilityTimeout"] for one in sqs.changed] == [0]


def test_on_the_real_clock_the_queue_itself_brings_it_back() -> None:
    """By the time-out of the template."""
    sqs = Sqs()
    poller = a_poller(sqs, None)
    assert poller.look()
    assert "VisibilityTimeout" not in sqs.asked[0]
    assert poller.next_return() is None
