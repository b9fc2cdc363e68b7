"""The outbox: what is to be mailed or paged, leased to one sender at a time, and what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from adapters.dynamodb import keys
from adapters.dynamodb.due import as_read
from adapters.dynamodb.items import Item, body, number, text
from adapters.dynamodb.table import Table
from adapters.dynamodb.tickets import reference
from adapters.dynamodb.writes import IF_NEW, Write, if_equal, put, update
from application.storage import (
    Commit,
    Condition,
    Conflict,
    Departure,
    Due,
    Failure,
    GivenUp,
    Leased,
    OutboxKey,
    OutboxState,
    Unsent,
)
from domain.ticket.outgoing import OUTGOING, Outgoing, offered_again_after

MARKER_KEPT = timedelta(days=2)
"""How long the marker by which an item was offered again stays in the table."""
SENT_TEXT_LIMIT = 30_000
"""Characters kept of a letter that left: a card holds 20,000 of the writer's, and an item 400 kB."""
ERROR_LIMIT = 500
"""Characters kept of the error that an attempt ended with."""
_STATE = {"#state": "state"}
"""`state` is a reserved word of DynamoDB's expressions."""
_OFF_THE_LISTS = "REMOVE due_shard, due_at, queue_desk, queue_at"
"""Of an item that is done with: neither due nor delayed."""


class Outbox(Table):
    """Outgoing items."""

    def outbox(self, number: str) -> list[tuple[OutboxKey, OutboxState, str]]:
        """Return the outgoing items of a ticket or fault in order: the key, the state, and what it is, as JSON."""
        return [
            (keys.outbox_key(item), OutboxState(item["state"]["S"]), item["body"]["S"])
            for item in self._query(pk=keys.partition(number), prefix="OUT#")
        ]

    def left_at(self, number: str) -> dict[OutboxKey, datetime]:
        """Return when each outgoing item of a ticket or fault left: one Query, a request for each megabyte."""
        items = self._query(pk=keys.partition(number), prefix="OUT#")
        return {keys.outbox_key(item): at for item in items if (at := _instant(item, "sent_at")) is not None}

    def outgoing(self, key: OutboxKey) -> Outgoing | None:
        """Return what an outgoing item says: one consistent GetItem."""
        item = self._get(keys.outgoing(key))
        return OUTGOING.validate_json(item["body"]["S"]) if item else None

    def lease(self, key: OutboxKey, *, now: datetime, until: datetime) -> Leased | None:
        """Take an item for sending: one conditional UpdateItem, which also moves its next offer past the lease."""
        is_pending = "#state = :pending"
        lease_is_over = "(#state = :leased AND leased_until <= :now)"
        updated = self._update_if(
            keys.outgoing(key),
            "SET #state = :leased, leased_until = :until, due_at = :due_at ADD attempts :one",
            f"{is_pending} OR {lease_is_over}",
            {
                ":pending": text(OutboxState.PENDING),
                ":leased": text(OutboxState.LEASED),
                ":now": text(keys.instant(now)),
                ":until": text(keys.instant(until)),
                ":due_at": text(keys.due_at(key.ticket, until)),
                ":one": number(1),
            },
            ExpressionAttributeNames=_STATE,
            ReturnValues="ALL_NEW",
        )
        if updated is None:
            return None
        item = updated["Attributes"]
        return Leased(
            key,
            OUTGOING.validate_json(item["body"]["S"]),
            int(item["failures"]["N"]) if "failures" in item else 0,
            _instant(item, "failing_since"),
            item.get("by_hand", {}).get("BOOL", False),
            frozenset(item.get("delivered", {}).get("SS", ())),
            "failures" in item and "queue_at" not in item,
        )

    def unsent(self, upto: OutboxKey) -> list[Unsent]:
        """Return the items of a ticket that have neither left nor been given up, in order, up to this one: one Query.

        It reads at most 1 MB of the ticket's last items (DynamoDB API reference, Query): several hundred letters.
        """
        answer = self._client.query(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND sk BETWEEN :first AND :last",
            FilterExpression="#state IN (:pending, :leased)",
            ExpressionAttributeNames=_STATE,
            ExpressionAttributeValues={
                ":pk": keys.outgoing(upto)["pk"],
                ":first": text("OUT#"),
                ":last": text(upto.item),
                ":pending": text(OutboxState.PENDING),
                ":leased": text(OutboxState.LEASED),
            },
            ScanIndexForward=False,
            ConsistentRead=True,
        )
        return [_unsent(item) for item in reversed(answer["Items"])]

    def mark_sent(self, left: Departure) -> None:
        """Record that an item left, with its text, and let answers to its id find the ticket: one transaction."""
        self._transact([*departure_writes(left)])

    def mark_delivered(self, key: OutboxKey, desk: str, channel: str, sent_id: str) -> None:
        """Record that a page has left by one of its channels, and let answers to its id find the fault.

        One transaction and nothing before it, so that little can happen between sending and this, whoever has the lease
        by now: it has left. Raises Conflict for an unknown item.
        """
        unknown = Conflict(condition=Condition.OUTGOING)
        reached = {":channel": {"SS": [channel]}}
        exists: Item = {"ConditionExpression": "attribute_exists(pk)"}
        marked = update(keys.outgoing(key), "ADD delivered :channel", reached, exists, unknown)
        self._transact([marked, *([reference(desk, sent_id, key.ticket)] if sent_id else [])])

    def put_back(self, key: OutboxKey, failure: Failure) -> None:
        """Give a leased item back, its failure counted, to be offered again at an instant: one UpdateItem."""
        listed = keys.delayed(key, failure.at + failure.rests) if failure.wakes else {}
        self._update_leased(
            key,
            "SET #state = :state, due_at = :due_at, last_error = :error, failed_at = :at, outage = :outage,"
            " failing_since = if_not_exists(failing_since, :at)"
            + "".join(f", {name} = :{name}" for name in listed)
            + " ADD failures :one",
            {
                ":one": number(1),
                ":state": text(OutboxState.PENDING),
                ":due_at": text(keys.due_at(key.ticket, failure.again_at)),
                ":error": text(failure.error[:ERROR_LIMIT]),
                ":at": text(keys.instant(failure.at)),
                ":outage": {"BOOL": failure.outage},
                **{f":{name}": value for name, value in listed.items()},
            },
        )

    def let_wait(self, letter: Unsent, *, until: datetime, since: datetime) -> None:
        """Offer an item that nobody is sending later than it would be, or when it is woken: one conditional UpdateItem."""
        listed = keys.delayed(letter.key, since)
        self._update_if(
            keys.outgoing(letter.key),
            "SET due_at = :until, queue_desk = :queue_desk, queue_at = :queue_at",
            "#state = :pending AND due_at = :seen",
            {
                ":until": text(keys.due_at(letter.key.ticket, until)),
                ":pending": text(OutboxState.PENDING),
                ":seen": text(keys.due_at(letter.key.ticket, letter.due_at)),
                **{f":{name}": value for name, value in listed.items()},
            },
            ExpressionAttributeNames=_STATE,
        )

    def mark_outdated(self, key: OutboxKey, *, at: datetime) -> None:
        """Record that a leased item is not needed any more: one UpdateItem."""
        values = {":state": text(OutboxState.OUTDATED), ":at": text(keys.instant(at))}
        self._update_leased(key, f"SET #state = :state, failed_at = :at {_OFF_THE_LISTS}", values)

    def give_up(self, key: OutboxKey, desk: str, *, at: datetime, error: str) -> None:
        """Record that a leased item will not be tried again, and list it: one UpdateItem."""
        listed = keys.given_up(desk, key, at)
        self._update_leased(
            key,
            "SET #state = :state, failed_at = :at, last_error = :error, queue_desk = :queue_desk, queue_at = :queue_at"
            " REMOVE due_shard, due_at",
            {
                ":state": text(OutboxState.FAILED),
                ":at": text(keys.instant(at)),
                ":error": text(error[:ERROR_LIMIT]),
                **{f":{name}": value for name, value in listed.items()},
            },
        )

    def given_up(self, desk: str) -> Iterator[GivenUp]:
        """Return the items of a desk that were given up, the oldest first. The index may lag behind by a moment."""
        for item in self._listed(keys.list_of_given_up(desk)):
            at = _ordered_by(item, "queue_at")
            key = keys.outbox_key(item)
            yield GivenUp(key, OUTGOING.validate_json(item["body"]["S"]), at)

    def given_up_because(self, key: OutboxKey) -> str:
        """Return why an item was given up; empty where it was not, or nobody knows: one GetItem, for no index has it."""
        item = self._get(keys.outgoing(key))
        is_given_up = item is not None and item["state"]["S"] == OutboxState.FAILED
        return item.get("last_error", {}).get("S", "") if item is not None and is_given_up else ""

    def send_again(self, key: OutboxKey, *, at: datetime, outdated_too: bool = True) -> bool:
        """Let a given-up item be sent after all, its failures forgotten: one conditional UpdateItem."""
        armed = keys.armed(key.ticket, at, self.shards)
        values = {f":{name}": value for name, value in armed.items()}
        updated = self._update_if(
            keys.outgoing(key),
            "SET #state = :pending, by_hand = :by_hand, due_shard = :due_shard, due_at = :due_at"
            " REMOVE failures, failing_since, queue_desk, queue_at",
            "#state = :failed",
            {
                ":pending": text(OutboxState.PENDING),
                ":failed": text(OutboxState.FAILED),
                ":by_hand": {"BOOL": outdated_too},
                **values,
            },
            ExpressionAttributeNames=_STATE,
        )
        return updated is not None

    def wake_delayed(self, *, now: datetime, pause: timedelta, at_most: int) -> int:
        """Offer letters that wait after a failed attempt now, or a pause after it: one Query, one conditional UpdateItem a letter."""
        answer = self._client.query(
            TableName=self._table,
            IndexName="queue",
            KeyConditionExpression="queue_desk = :delayed AND queue_at < :now",
            ExpressionAttributeValues={":delayed": text(keys.DELAYED), ":now": text(keys.instant(now))},
            Limit=at_most,
        )
        woken = 0
        for item in answer["Items"]:
            key = keys.outbox_key(item)
            again_at = max(now, datetime.fromisoformat(item["queue_at"]["S"].partition("#")[0]) + pause)
            updated = self._update_if(
                keys.outgoing(key),
                "SET due_at = :again REMOVE queue_desk, queue_at",
                "#state = :pending AND queue_at = :seen AND due_at > :again",
                {
                    ":again": text(keys.due_at(key.ticket, again_at)),
                    ":pending": text(OutboxState.PENDING),
                    ":seen": item["queue_at"],
                },
                ExpressionAttributeNames=_STATE,
            )
            woken += updated is not None
        return woken

    def _update_leased(self, key: OutboxKey, expression: str, values: Item) -> None:
        """Change a leased item; where the lease is lost, its new holder decides and nothing is changed."""
        is_leased = "#state = :leased"
        values = {**values, ":leased": text(OutboxState.LEASED)}
        self._update_if(keys.outgoing(key), expression, is_leased, values, ExpressionAttributeNames=_STATE)

    def rearm_outgoing(self, due: Due, *, now: datetime) -> str | None:
        """Offer an unsent item to its sender again by a marker, whose insert the stream delivers: one transaction."""
        seen = as_read(due)
        item = self._get(keys.due(due))
        if item is None or item.get("due_at") != seen:
            return None
        outbox: str = item["outbox"]["S"]
        again_at = now + offered_again_after(outbox)
        moved = update(
            keys.due(due),
            "SET due_at = :again",
            {":again": text(keys.due_at(due.ticket, again_at))},
            if_equal("due_at", seen),
            Conflict(condition=Condition.OUTGOING),
        )
        marker = {
            **keys.offered_again(due),
            "outbox": item["outbox"],
            "of": text(due.item),
            "expires_at": number(int((again_at + MARKER_KEPT).timestamp())),
        }
        try:
            self._transact([moved, put(marker)])
        except Conflict:
            return None
        return outbox


def outgoing_writes(
    of: tuple[str, int], outgoing: Sequence[Outgoing], conflict: Conflict, commit: Commit, shards: int
) -> Iterator[Write]:
    """Return the writes of what a version of a ticket or fault sends; the stream has a while before the sweep offers it.

    `of` is the number and the version. A letter of a commit that holds its letters is listed as given up from the first.
    """
    number_of_it, version = of
    for place, message in enumerate(outgoing):
        key = keys.new_outgoing(number_of_it, version, place)
        item = {**key, "outbox": text(message.outbox), "attempts": number(0), "body": body(message)}
        if commit.held and message.outbox == "mail":
            item |= {
                "state": text(OutboxState.FAILED),
                "failed_at": text(keys.instant(commit.at)),
                "last_error": text(commit.held[:ERROR_LIMIT]),
                **keys.given_up(message.desk, keys.outbox_key(key), commit.at),
            }
        else:
            armed = keys.armed(number_of_it, commit.at + offered_again_after(message.outbox), shards)
            item |= {"state": text(OutboxState.PENDING), **armed}
        yield put(item, IF_NEW, conflict)


def departure_writes(left: Departure) -> Iterator[Write]:
    """Return the writes by which an outgoing item has left."""
    yield update(
        keys.outgoing(left.key),
        f"SET #state = :sent, sent_at = :at, sent_id = :id, sent_text = :text {_OFF_THE_LISTS}",
        {
            ":sent": text(OutboxState.SENT),
            ":at": text(keys.instant(left.at)),
            ":id": text(left.sent_id),
            ":text": text(left.text[:SENT_TEXT_LIMIT]),
        },
        {"ConditionExpression": "attribute_exists(pk)", "ExpressionAttributeNames": _STATE},
        Conflict(condition=Condition.OUTGOING),
    )
    if left.sent_id:
        yield reference(left.desk, left.sent_id, left.key.ticket)


def _unsent(item: Item) -> Unsent:
    is_leased = item["state"]["S"] == OutboxState.LEASED
    return Unsent(
        keys.outbox_key(item),
        OUTGOING.validate_json(item["body"]["S"]),
        _ordered_by(item, "due_at"),
        _instant(item, "leased_until") if is_leased else None,
        _ordered_by(item, "queue_at") if "queue_at" in item else None,
        item.get("outage", {}).get("BOOL", False),
    )


def _ordered_by(item: Item, name: str) -> datetime:
    """Return the instant that a sort key of an index begins with."""
    return datetime.fromisoformat(item[name]["S"].partition("#")[0])


def _instant(item: Item, name: str) -> datetime | None:
    return datetime.fromisoformat(item[name]["S"]) if name in item else None
