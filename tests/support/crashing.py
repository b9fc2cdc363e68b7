"""AWS around the functions, in moto, with a fault at any one of the calls they make.

The calls are found by recording a run without a fault. A fault is what the SDK reports after its own
repetitions, or the end of the process; then AWS delivers again as it does for each kind of trigger.
"""

from __future__ import annotations

import hashlib
import json
import pickle
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import boto3
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from moto.dynamodb.models import dynamodb_backends
from moto.s3.models import s3_backends

from handlers import mailer, pager, reconcile
from local.aws_contract.errors import documented
from tests.support.functions import ACCOUNT, REGION, Functions

Params = Mapping[str, Any]

SENDS: Final = ("SendEmail", "Publish")
"""Calls by which something leaves that cannot be called back."""
SENT_ONCE: Final = ("sesv2", "sns")
"""Services whose clients make one attempt; those of all others repeat a call by themselves."""
VISIBILITY = timedelta(minutes=6)
"""After which an unfinished message of a queue comes again, as template.yaml has it."""
DELIVERIES = 5
"""Then the failure queue has it."""
WATCHED = timedelta(minutes=25)
"""How long everything is let run on: longer than every pause that one failure makes."""
PASSING = (
    "attempts", "failures", "failing_since", "failed_at", "outage", "leased_until", "last_error", "tries", "expires_at",
)  # fmt: skip
"""Attributes that say how an end was reached, and not what it is."""


class Died(BaseException):
    """The process ended: nothing in it runs on, and nothing in it can catch that."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call of AWS."""

    client: Any
    operation: str
    params: Params

    @property
    def service(self) -> str:
        """Return botocore's name of the service, such as `sesv2`."""
        return str(self.client.meta.service_model.service_name)

    def error(self, code: str, **more: Any) -> Exception:
        """Return the exception that the client raises for an error code, which AWS documents for the call."""
        status = documented(self.service, self.operation, code).status
        answer = {"Error": {"Code": code, "Message": "made up"}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
        raised: Exception = self.client.exceptions.from_code(code)(answer, self.operation)
        return raised


class Wire:
    """Stands before every call of AWS, records those that are watched and lets a fault happen at one of them."""

    def __init__(self, real: Callable[..., Any]) -> None:
        self._real = real
        self.watching = False
        self.dead = False
        self.calls: list[Call] = []
        self.sent: Counter[str] = Counter()
        """What left, by what it is, and how often."""
        self.fault: Callable[[Wire, Call], Any] | None = None
        self.at = 0

    def __call__(self, client: Any, operation: str, params: Params) -> Any:
        """Make a call, or what the fault makes of it."""
        call = Call(client, operation, params)
        if not self.watching:
            return self.perform(call)
        if self.dead:
            raise Died
        self.calls.append(call)
        if self.fault is not None and len(self.calls) - 1 == self.at:
            return self.fault(self, call)
        return self.perform(call)

    def perform(self, call: Call) -> Any:
        """Let a call have its effect; ids of what leaves are the same in every run."""
        answer = self._real(call.client, call.operation, call.params)
        if call.operation in SENDS:
            what = _sent(call)
            self.sent[what] += 1
            answer["MessageId"] = f"0102-{hashlib.sha256(what.encode()).hexdigest()[:12]}"
        return answer

    def die(self) -> None:
        """End the process."""
        self.dead = True
        raise Died

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Let calls of others through meanwhile."""
        before, self.watching = self.watching, False
        try:
            yield
        finally:
            self.watching = before


def _sent(call: Call) -> str:
    if call.operation == "SendEmail":
        tags = {tag["Name"]: tag["Value"] for tag in call.params["EmailTags"]}
        return f"{tags['ticket']} {tags['item']} to {call.params['Destination']['ToAddresses'][0]}"
    # A page that leaves late says that its term has passed, in other words: it is the same page.
    text = re.sub(r"\. С .*", "", call.params["Message"]).replace("Критический сбой", "Сбой")
    return f"{call.params.get('PhoneNumber') or call.params['Subject']} {text}"


# Faults ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with one call."""

    name: str
    strike: Callable[[Wire, Call], Any]
    applies: Callable[[Call], bool] = lambda _: True
    keeps_effect: bool = False
    """Whether the call has had its effect, and its caller does not know."""


THROTTLED: Final = {
    "dynamodb": "ThrottlingException",
    "s3": "SlowDown",
    "secretsmanager": "ThrottlingException",
    "sesv2": "TooManyRequestsException",
    "sns": "Throttling",
    "sqs": "RequestThrottled",
}
"""What each service answers to too many requests."""
BROKEN: Final = {
    "dynamodb": "InternalServerError",
    "s3": "InternalError",
    "secretsmanager": "InternalServiceError",
    "sesv2": "InternalFailure",
    "sns": "InternalError",
    "sqs": "InternalFailure",
}
"""How each service calls a fault of its own."""


def _throttled(_: Wire, call: Call) -> Any:
    raise call.error(THROTTLED[call.service])


def _broken(_: Wire, call: Call) -> Any:
    raise call.error(BROKEN[call.service])


def _unreachable(_: Wire, call: Call) -> Any:
    raise ConnectTimeoutError(endpoint_url=call.client.meta.endpoint_url)


def _answer_lost(wire: Wire, call: Call) -> Any:
    wire.perform(call)
    raise ReadTimeoutError(endpoint_url=call.client.meta.endpoint_url)


def _repeated(wire: Wire, call: Call) -> Any:
    """The answer is lost, and the repetition by the SDK meets what the first attempt did."""
    wire.perform(call)
    return wire.perform(call)


def _dies_before(wire: Wire, _: Call) -> Any:
    wire.die()


def _dies_after(wire: Wire, call: Call) -> Any:
    wire.perform(call)
    wire.die()


def _contended(_: Wire, call: Call) -> Any:
    """Another transaction is at one of the items at this moment (TransactWriteItems, UpdateItem: API reference)."""
    if call.operation != "TransactWriteItems":
        raise call.error("TransactionConflictException")
    reasons = [{"Code": "None"} for _ in call.params["TransactItems"]]
    reasons[-1] = {"Code": "TransactionConflict"}
    raise call.error("TransactionCanceledException", CancellationReasons=reasons)


def _partial(wire: Wire, call: Call) -> Any:
    """DynamoDB reads the first key alone and leaves the others to be asked for again."""
    (table, wanted), *_ = call.params["RequestItems"].items()
    first, *others = wanted["Keys"]
    asked = {**call.params, "RequestItems": {table: {**wanted, "Keys": [first]}}}
    answer = wire.perform(Call(call.client, call.operation, asked))
    answer["UnprocessedKeys"] = {table: {**wanted, "Keys": others}}
    return answer


WRITES: Final = ("TransactWriteItems", "UpdateItem", "PutItem", "DeleteItem")
CHANGES: Final = (*WRITES, *SENDS, "CopyObject", "DeleteObject", "SendMessage")

FAULTS: Final = (
    Fault("the process dies before it", _dies_before),
    Fault("the process dies after it", _dies_after, keeps_effect=True),
    Fault("throttling", _throttled),
    Fault("a 5xx", _broken),
    Fault("a time-out before the effect", _unreachable),
    Fault("a time-out after the effect", _answer_lost, lambda call: call.operation in CHANGES, keeps_effect=True),
    # A transaction carries a token by which DynamoDB knows the repetition; a send is never repeated.
    Fault(
        "a repetition by the SDK",
        _repeated,
        lambda call: (
            call.operation in CHANGES and call.operation != "TransactWriteItems" and call.service not in SENT_ONCE
        ),
    ),
    Fault("contention", _contended, lambda call: call.operation in WRITES),
    Fault(
        "a partial batch",
        _partial,
        lambda call: (
            call.operation == "BatchGetItem" and len(next(iter(call.params["RequestItems"].values()))["Keys"]) > 1
        ),
    ),
)


# Deliveries -----------------------------------------------------------------------------------------------


@dataclass
class World:
    """The functions and what AWS does around them: queue, stream, schedules."""

    functions: Functions
    wire: Wire
    start: datetime
    streamed: set[tuple[str, str]] = field(default_factory=set)
    """Inserts that the stream has delivered."""
    without_timers: bool = False
    """Whether timers of tickets and faults stand still once the event is over: pages repeat by the time of the first."""

    @property
    def now(self) -> datetime:
        """Return the present instant."""
        return self.functions.clock.at

    def cold(self) -> None:
        """Begin a process: whatever the last one held in memory is gone."""
        self.wire.dead = False
        self.functions.cold()

    # What a trigger does until its event is settled

    def by_queue(self, handler: Callable[..., Any], records: Sequence[dict[str, Any]]) -> None:
        """Deliver messages; those that failed come again, each after the visibility time-out."""
        left = list(records)
        for _ in range(DELIVERIES):
            failed = self._reported(handler, left)
            left = [record for record in left if record["messageId"] in failed]
            if not left:
                return
            self.functions.clock.at += VISIBILITY
        raise AssertionError(f"ended in the failure queue: {[record['messageId'] for record in left]}")

    def by_stream(self, handler: Callable[..., Any], records: Sequence[dict[str, Any]]) -> None:
        """Deliver inserts; the first that failed comes again with all after it."""
        left = list(records)
        for _ in range(DELIVERIES):
            failed = self._reported(handler, left)
            first = next((place for place, one in enumerate(left) if sequence_of(one) in failed), len(left))
            left = left[first:]
            if not left:
                return
            self.functions.clock.at += timedelta(seconds=1)

    def by_event(self, handler: Callable[..., Any], event: Mapping[str, Any]) -> None:
        """Invoke a function asynchronously; what it raises lets Lambda invoke it again."""
        for _ in range(DELIVERIES):
            if self._invoke(handler, event) is not None:
                return
            self.functions.clock.at += timedelta(minutes=1)
        raise AssertionError("ended in the failure queue")

    def once(self, handler: Callable[..., Any]) -> None:
        """Invoke a function as its schedule does: whatever comes of it, the next time will do."""
        self._invoke(handler, {})

    def _invoke(self, handler: Callable[..., Any], event: Mapping[str, Any]) -> Any:
        try:
            return handler(event, self.functions.context, self.functions.services) or {}
        except (Died, Exception):  # noqa: BLE001 - Lambda makes no difference between them
            return None
        finally:
            if self.wire.dead:
                self.wire.watching = False
                self.cold()

    def _reported(self, handler: Callable[..., Any], records: Sequence[dict[str, Any]]) -> set[str]:
        answer = self._invoke(handler, {"Records": list(records)})
        if answer is None:
            return {record.get("messageId") or sequence_of(record) for record in records}
        return {item["itemIdentifier"] for item in answer["batchItemFailures"]}

    # What happens by itself

    def inserts(self, outbox: str) -> list[dict[str, Any]]:
        """Take what the stream has for a sender: outgoing items and markers that were not delivered yet."""
        records = []
        for item in self.items():
            key = (item["pk"]["S"], item["sk"]["S"])
            if item.get("outbox", {}).get("S") == outbox and key not in self.streamed:
                self.streamed.add(key)
                name = hashlib.sha256(repr(key).encode()).hexdigest()
                change = {"Keys": {"pk": item["pk"], "sk": item["sk"]}, "NewImage": item, "SequenceNumber": name}
                records.append(
                    {"eventID": name, "eventName": "INSERT", "eventSource": "aws:dynamodb", "dynamodb": change}
                )
        return records

    def finish(self) -> None:
        """Let everything run on by itself for a while; `reconcile`, hourly by rights, runs twice in it."""
        end = self.start + WATCHED
        if self.without_timers:
            for item in self.items():
                if item["sk"]["S"] in {"TICKET", "FAULT"}:
                    boto3.client("dynamodb").update_item(
                        TableName="desk",
                        Key={"pk": item["pk"], "sk": item["sk"]},
                        UpdateExpression="REMOVE due_shard, due_at",
                    )
        hours = iter([self.start + timedelta(minutes=21), self.start + timedelta(minutes=24)])
        hour = next(hours, None)
        while True:
            self._flow()
            due = self.functions.table.next_due()
            if hour is not None and (due is None or due >= hour):
                self.functions.clock.at = max(self.now, hour)
                self.once(reconcile.handle)
                hour = next(hours, None)
            elif due is not None and due <= end:
                # The sweep runs every minute, and no two in the same one.
                self.functions.sweep(max(self.now, due) + timedelta(seconds=1))
            else:
                self.functions.clock.at = end
                return

    def _flow(self) -> None:
        from handlers import inbound

        queue, sqs = self.functions.services.setting("INBOUND_QUEUE"), boto3.client("sqs")
        busy = True
        while busy:
            busy = False
            for outbox, handler in (("mail", mailer.handle), ("page", pager.handle)):
                if records := self.inserts(outbox):
                    busy = True
                    self.by_stream(handler, records)
            for message in sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", []):
                busy = True
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
                record = {"messageId": message["MessageId"], "eventSource": "aws:sqs", "body": message["Body"]}
                self.by_queue(inbound.handle, [record])

    # What there is

    def items(self) -> list[dict[str, Any]]:
        """Return every item of the table, by key."""
        # Taken where moto keeps them: a scan would cost as much as everything else together.
        rows = dynamodb_backends[ACCOUNT][REGION].tables["desk"].items.values()
        items = [item.to_json()["Attributes"] for row in rows for item in row.values()]
        return sorted(items, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))

    def state(self) -> dict[str, Any]:
        """Return what is to be the same however it came about: items, letters in the bucket.

        Instants from the event on are all the same: a repetition comes later.
        """
        state: dict[str, Any] = {}
        for item in self.items():
            if item["sk"]["S"].startswith("AGAIN#") or item["sk"]["S"] == "TRIES":
                continue
            kept = {name: value for name, value in item.items() if name not in PASSING}
            if "delivered" in kept:
                # In which order the channels took a page, and so whose id comes first, is how the end was reached: each
                # id is a reference of its own.
                kept["delivered"] = sorted(kept["delivered"]["SS"])
                kept.pop("sent_id", None)
            if "sent_text" in kept:
                kept["sent_text"] = bool(kept["sent_text"]["S"])  # a letter that leaves later says what is then true
            state[f"{item['pk']['S']} {item['sk']['S']}"] = json.loads(
                _INSTANT.sub(self._masked, json.dumps(kept, ensure_ascii=False))
            )
        return {**state, **{f"s3 {key}": hashlib.sha256(raw).hexdigest() for key, raw in self._objects().items()}}

    def _masked(self, found: re.Match[str]) -> str:
        at = datetime.fromisoformat(found.group())
        return "later" if self.start <= at <= self.start + WATCHED + timedelta(hours=1) else found.group()

    def _objects(self) -> dict[str, bytes]:
        keys = s3_backends[ACCOUNT]["aws"].buckets[self.functions.bucket].keys
        return {name: bytes(key.value) for name, key in sorted(keys.items())}

    # Going back

    def save(self) -> Callable[[], None]:
        """Return what brings everything back to as it is now."""
        tables = dynamodb_backends[ACCOUNT][REGION]
        items, objects, at = pickle.dumps(tables.tables["desk"].items), self._objects(), self.now
        streamed = set(self.streamed)
        bucket = s3_backends[ACCOUNT]["aws"].buckets[self.functions.bucket]
        stamps = {name: bucket.keys[name].last_modified for name in objects}

        def restore() -> None:
            # Not kept by the hand: moto puts another table in its place when a transaction fails.
            tables.tables["desk"].items = pickle.loads(items)  # noqa: S301 - our own bytes
            s3 = boto3.client("s3")
            for name in self._objects().keys() - objects.keys():
                s3.delete_object(Bucket=self.functions.bucket, Key=name)
            present = self._objects()
            for name in objects.keys() - present.keys():
                s3.put_object(Bucket=self.functions.bucket, Key=name, Body=objects[name])
                bucket.keys[name].last_modified = stamps[name]
            self.functions.clock.at = at
            self.streamed = set(streamed)
            self.wire.sent.clear()
            self.wire.calls.clear()
            self.cold()

        return restore


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")


def sequence_of(record: Mapping[str, Any]) -> str:
    """Return what a stream record is reported by."""
    return str(record["dynamodb"]["SequenceNumber"])
