"""The runner keeps AWS's rules for batches that fail in part: what comes again, what is given up, what goes on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from local.patterns import UnknownOperator, matches
from local.poller import Record
from local.queues import QueueSource, failed_messages
from local.runner import FunctionFailed
from local.streams import StreamDelivery, StreamSource

NOW = 1_773_129_867.0


def _record(number: int, *, age_seconds: float = 0, outbox: str = "mail", event: str = "INSERT") -> Record:
    return {
        "eventName": event,
        "dynamodb": {
            "SequenceNumber": str(number),
            "ApproximateCreationDateTime": NOW - age_seconds,
            "NewImage": {"outbox": {"S": outbox}},
        },
    }


class _Stream:
    """A function that fails as it is told, and a memory of what it saw and what was given up."""

    def __init__(self, answer: Callable[[Sequence[str]], Any], **source: Any) -> None:
        self.seen: list[list[str]] = []
        self.given_up: list[tuple[list[str], str]] = []
        self._answer = answer
        described = StreamSource(
            "mailer", "arn", **{"batch_size": 10, "reports_failures": True, "retries": 2, **source}
        )
        self._delivery = StreamDelivery(described, self._invoke, self._give_up, lambda _: True, lambda: NOW)

    def deliver(self, *records: Record) -> None:
        self._delivery.deliver(records)

    def _invoke(self, batch: Sequence[Record]) -> Any:
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        self.seen.append(numbers)
        return self._answer(numbers)

    def _give_up(self, batch: Sequence[Record], reason: str) -> None:
        self.given_up.append(([record["dynamodb"]["SequenceNumber"] for record in batch], reason))


def _report(*numbers: str) -> dict[str, Any]:
    return {"batchItemFailures": [{"itemIdentifier": number} for number in numbers]}


def _crash(_: Sequence[str]) -> Any:
    raise FunctionFailed("timed out")


def test_a_stream_goes_on_from_the_lowest_reported_failure_and_repeats_what_follows() -> None:
    answers = iter([_report("3", "2"), {}])
    stream = _Stream(lambda _: next(answers))
    stream.deliver(*map(_record, range(1, 5)))
    assert stream.seen == [["1", "2", "3", "4"], ["2", "3", "4"]]


def test_a_record_that_keeps_failing_is_given_up_after_the_retries_and_the_stream_moves_on() -> None:
    stream = _Stream(lambda numbers: _report("1") if "1" in numbers else {}, batch_size=1)
    stream.deliver(_record(1), _record(2))
    assert stream.seen == [["1"], ["1"], ["1"], ["2"]]
    assert stream.given_up == [(["1"], "RetryAttemptsExhausted")]


def test_a_crash_splits_the_batch_until_the_poison_stands_alone() -> None:
    def crash_on_three(numbers: Sequence[str]) -> Any:
        return _crash(numbers) if "3" in numbers else {}

    stream = _Stream(crash_on_three, bisects=True, retries=1)
    stream.deliver(*map(_record, range(1, 5)))
    assert stream.given_up == [(["3"], "RetryAttemptsExhausted")]
    assert stream.seen == [["1", "2", "3", "4"], ["1", "2"], ["3", "4"], ["3"], ["3"], ["4"]]


def test_without_splitting_a_crash_gives_the_whole_batch_up() -> None:
    stream = _Stream(_crash, retries=1)
    stream.deliver(_record(1), _record(2))
    assert stream.given_up == [(["1", "2"], "RetryAttemptsExhausted")]


def test_a_record_older_than_the_limit_is_not_delivered() -> None:
    stream = _Stream(lambda _: {}, max_age_seconds=60.0)
    stream.deliver(_record(1, age_seconds=61), _record(2))
    assert stream.seen == [["2"]]
    assert stream.given_up == [(["1"], "RecordAgeExceeded")]


def test_what_the_filter_does_not_want_never_reaches_the_function() -> None:
    wanted = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"outbox": {"S": ["mail"]}}}}
    stream = _Stream(lambda _: {}, patterns=(wanted,))
    stream.deliver(_record(1, outbox="page"), _record(2, event="MODIFY"), _record(3))
    assert stream.seen == [["3"]]


@pytest.mark.parametrize("response", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_a_response_without_failures_lets_the_whole_queue_batch_be_deleted(response: Any) -> None:
    assert _failed(lambda: response) == set()


def test_only_what_a_queue_batch_reports_comes_again() -> None:
    assert _failed(lambda: _report("b")) == {"b"}


@pytest.mark.parametrize("response", ["done", _report("z"), _report(""), {"batchItemFailures": [{}]}])
def test_a_malformed_response_fails_the_whole_queue_batch(response: Any) -> None:
    assert _failed(lambda: response) == {"a", "b"}


def test_a_crash_fails_the_whole_queue_batch() -> None:
    assert _failed(lambda: _crash([])) == {"a", "b"}


def _failed(invoke: Callable[[], Any]) -> set[str]:
    source = QueueSource("inbound", "arn", "url", 10, reports_failures=True)
    return failed_messages(source, [{"messageId": "a"}, {"messageId": "b"}], invoke)


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ({"name": [{"anything-but": {"prefix": "reglament-"}}]}, {"name": "mdo-service-5xx"}, True),
        ({"name": [{"anything-but": {"prefix": "reglament-"}}]}, {"name": "reglament-heartbeat"}, False),
        ({"name": [{"anything-but": ["a", "b"]}]}, {"name": "c"}, True),
        ({"state": {"value": ["ALARM", "OK"]}}, {"state": {"value": "OK"}}, True),
        ({"state": {"value": ["ALARM", "OK"]}}, {"state": {"value": "INSUFFICIENT_DATA"}}, False),
        ({"name": [{"exists": False}]}, {}, True),
        ({"name": ["a"]}, {}, False),
    ],
)
def test_a_pattern_matches_as_eventbridge_reads_it(
    pattern: dict[str, Any], event: dict[str, Any], expected: bool
) -> None:
    assert matches(pattern, event) is expected


def test_an_operator_that_is_not_handled_is_refused_rather_than_guessed_at() -> None:
    with pytest.raises(UnknownOperator, match="cidr"):
        matches({"ip": [{"cidr": "10.0.0.0/8"}]}, {"ip": "10.1.2.3"})
