"""What Lambda does between a DynamoDB stream and a function: filters, batches, retries, splits, gives up.

The rules are AWS's (Lambda developer guide, "Using Lambda with DynamoDB", "Handling errors"): where a stream
goes on after a partial failure, when a batch is split, when it is given up and what the failure queue then
gets. No emulator has them right.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Literal

from composition import LOOPBACK
from local.patterns import matches
from local.poller import Poller, Record, queue_url, reported
from local.resources import Aws
from local.runner import FunctionFailed, Runner


@dataclass(frozen=True, slots=True)
class StreamSource:
    """A DynamoDB stream event source, resolved."""

    function: str
    stream_arn: str
    batch_size: int
    patterns: tuple[dict[str, Any], ...] = ()
    reports_failures: bool = False
    bisects: bool = False
    retries: int | None = None
    """None for as long as the record lives, AWS's default."""
    max_age_seconds: float | None = None
    failure_queue: str | None = None


@dataclass
class StreamDelivery:
    """Carries batches of records to their end by AWS's rules; knows nothing of where they come from."""

    source: StreamSource
    invoke: Callable[[Sequence[Record]], Any]
    """Runs the function on a batch and returns its response; raises FunctionFailed."""
    give_up: Callable[[Sequence[Record], str], None]
    """Takes the records that are given up, and the reason in Lambda's words."""
    pause: Callable[[int], bool]
    """Waits before the n-th retry; False where everything is to stop."""
    now: Callable[[], float] = time.time
    attempts: list[tuple[str, ...]] = field(default_factory=list)
    """The sequence numbers of each invocation, for whoever wants to know."""

    def deliver(self, records: Sequence[Record]) -> None:
        """Deliver records in order; returns when each has succeeded or was given up."""
        wanted = [record for record in records if self._wants(record)]
        for batch in _batches(wanted, self.source.batch_size):
            self._settle(batch, 0)

    def _wants(self, record: Record) -> bool:
        return not self.source.patterns or any(matches(pattern, record) for pattern in self.source.patterns)

    def _settle(self, batch: Sequence[Record], retried: int) -> None:
        while batch:
            batch = self._without_expired(batch)
            if not batch:
                return
            self.attempts.append(tuple(_sequence(record) for record in batch))
            failed_at = self._first_failed(batch)
            if failed_at is None:
                return
            if failed_at > 0:
                # The checkpoint moves up to the first failure; what follows it is tried again, all of it.
                batch = batch[failed_at:]
            elif self._crashed and self.source.bisects and len(batch) > 1:
                # Splitting does not count as a retry.
                half = len(batch) // 2
                self._settle(batch[:half], retried)
                batch = batch[half:]
                continue
            if self.source.retries is not None and retried >= self.source.retries:
                self.give_up(batch, "RetryAttemptsExhausted")
                return
            retried += 1
            if not self.pause(retried):
                return

    _crashed: bool = False

    def _first_failed(self, batch: Sequence[Record]) -> int | None:
        """Return the place of the first record that failed, or None; `_crashed` where none was named."""
        self._crashed = True
        try:
            response = self.invoke(batch)
        except FunctionFailed:
            return 0
        named = reported(response, reports=self.source.reports_failures)
        places = {_sequence(record): place for place, record in enumerate(batch)}
        if named is None or not named <= places.keys():
            return 0
        self._crashed = False
        return min((places[name] for name in named), default=None)

    def _without_expired(self, batch: Sequence[Record]) -> Sequence[Record]:
        limit = self.source.max_age_seconds
        if limit is None:
            return batch
        old = [r for r in batch if self.now() - float(r["dynamodb"]["ApproximateCreationDateTime"]) > limit]
        if old:
            self.give_up(old, "RecordAgeExceeded")
        return [record for record in batch if record not in old]


def _batches(records: Sequence[Record], size: int) -> Iterator[Sequence[Record]]:
    for start in range(0, len(records), size):
        yield records[start : start + size]


def _sequence(record: Record) -> str:
    number: str = record["dynamodb"]["SequenceNumber"]
    return number


class StreamPoller(Poller):
    """Reads the one shard of the emulator's stream from its end onwards.

    What was written while the local stack was down is not read: the sweep offers it again.
    """

    def __init__(self, source: StreamSource, aws: Aws, runner: Runner) -> None:
        super().__init__(f"stream of {source.function}", aws)
        self.source = source
        self._runner = runner
        self._delivery = StreamDelivery(
            source, self._invoke, self._give_up, self._pause, now=lambda: self._now().timestamp()
        )
        description = aws.dynamodbstreams.describe_stream(StreamArn=source.stream_arn)["StreamDescription"]
        self._shard: str = description["Shards"][0]["ShardId"]
        self._iterator: str = self._from("LATEST")

    def look(self) -> bool:
        """Read what is new and carry it to its end."""
        errors = self.aws.dynamodbstreams.exceptions
        try:
            answer = self.aws.dynamodbstreams.get_records(ShardIterator=self._iterator, Limit=1000)
        except errors.ExpiredIteratorException:
            # The machine slept for longer than an iterator lives; the sweep offers again what was missed.
            self._iterator = self._from("LATEST")
            return True
        except errors.TrimmedDataAccessException:
            # The mapping was off for longer than the stream keeps records, a day (DynamoDB developer guide, "Change
            # data capture for DynamoDB Streams"): it goes on with the oldest that there is.
            self._iterator = self._from("TRIM_HORIZON")
            return True
        records = [_stream_record(record, self.source.stream_arn) for record in answer["Records"]]
        self._delivery.attempts.clear()
        self._delivery.deliver(records)
        self._iterator = answer["NextShardIterator"]
        return bool(records)

    def _now(self) -> datetime:
        """Return the present instant of the stack, by whose clock the records are dated."""
        return self._runner.now() or datetime.now(UTC)

    def _from(self, place: Literal["LATEST", "TRIM_HORIZON"]) -> str:
        iterator: str = self.aws.dynamodbstreams.get_shard_iterator(
            StreamArn=self.source.stream_arn, ShardId=self._shard, ShardIteratorType=place
        )["ShardIterator"]
        return iterator

    def _invoke(self, batch: Sequence[Record]) -> Any:
        return self._runner.invoke(self.source.function, {"Records": list(batch)})

    def _pause(self, retry: int) -> bool:
        self._runner.tell(f"{self.source.function}: record(s) of the stream failed, retry {retry}; the log says why")
        return not self.stopping.wait(min(0.2 * 2**retry, 10.0))

    def _give_up(self, records: Sequence[Record], reason: str) -> None:
        """Write to the failure queue what Lambda writes: positions, not records."""
        self._runner.tell(f"{self.source.function}: gave up on {len(records)} record(s) of the stream ({reason})")
        if self.source.failure_queue is None:
            return
        times = [datetime.fromtimestamp(float(r["dynamodb"]["ApproximateCreationDateTime"]), UTC) for r in records]
        message = {
            "requestContext": {
                "requestId": _sequence(records[0]),
                "functionArn": self._runner.workers[self.source.function].arn,
                "condition": reason,
                "approximateInvokeCount": len(self._delivery.attempts),
            },
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "version": "1.0",
            "timestamp": self._now().isoformat(),
            "DDBStreamBatchInfo": {
                "shardId": self._shard,
                "startSequenceNumber": _sequence(records[0]),
                "endSequenceNumber": _sequence(records[-1]),
                "approximateArrivalOfFirstRecord": min(times).isoformat(),
                "approximateArrivalOfLastRecord": max(times).isoformat(),
                "batchSize": len(records),
                "streamArn": self.source.stream_arn,
            },
        }
        queue = queue_url(self.aws, self.source.failure_queue)
        self.aws.sqs.send_message(QueueUrl=queue, MessageBody=json.dumps(message))


def _stream_record(record: Mapping[str, Any], arn: str) -> Record:
    """One record as Lambda passes it on: times are numbers there."""
    change = dict(record["dynamodb"])
    at = change.get("ApproximateCreationDateTime")
    if isinstance(at, datetime):
        change["ApproximateCreationDateTime"] = at.timestamp()
    return {
        "eventID": record["eventID"],
        "eventName": record["eventName"],
        "eventVersion": record["eventVersion"],
        "eventSource": "aws:dynamodb",
        "awsRegion": LOOPBACK["AWS_DEFAULT_REGION"],
        "dynamodb": change,
        "eventSourceARN": arn,
    }
