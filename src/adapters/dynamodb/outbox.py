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
from application.storage import Condition, Conflict, Due, Leased, OutboxKey, OutboxState
from domain.ticket.outgoing import OUTGOING, Outgoing, offered_again_after

MARKER_KEPT = timedelta(days=2)
"""How long the marker by which an item was offered again stays in the table."""
SENT_TEXT_LIMIT = 30_000
"""Characters kept of a letter that left: a card holds 20,000 of the writer's, and an item 400 kB."""
ERROR_LIMIT = 500
"""Characters kept of the error that an attempt ended with."""
_STATE = {"#state": "state"}
"""`state` is a reserved word of DynamoDB's expressions."""


class Outbox(Table):
    """Outgoing items."""

    def outbox(self, number: str) -> list[tuple[OutboxKey, OutboxState, str]]:
        """Return a ticket's outgoing items in order: the key, the state, and what it is, as JSON."""
        return [
            (OutboxKey(ticket=number, item=item["sk"]["S"]), OutboxState(item["state"]["S"]), item["body"]["S"])
            for item in self._query(pk=keys.ticket(number)["pk"]["S"], prefix="OUT#")
        ]

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
        failures = int(item["failures"]["N"]) if "failures" in item else 0
        return Leased(key, OUTGOING.validate_json(item["body"]["S"]), failures)

    def mark_sent(self, key: OutboxKey, desk: str, *, at: datetime, sent_id: str, sent_text: str = "") -> None:
        """Record that an item left, with its text, and let answers to its id find the ticket: one transaction."""
        expression = "SET #state = :sent, sent_at = :at, sent_id = :id, sent_text = :text REMOVE due_shard, due_at"
        values = {
            ":sent": text(OutboxState.SENT),
            ":at": text(keys.instant(at)),
            ":id": text(sent_id),
            ":text": text(sent_text[:SENT_TEXT_LIMIT]),
        }
        sent = update(
            keys.outgoing(key),
            expression,
            values,
            {"ConditionExpression": "attribute_exists(pk)", "ExpressionAttributeNames": _STATE},
            Conflict(condition=Condition.OUTGOING),
        )
        self._transact([sent, reference(desk, sent_id, key.ticket)])

    def put_back(self, key: OutboxKey, *, again_at: datetime, error: str) -> None:
        """Give a leased item back, its failure counted, to be offered again at an instant: one UpdateItem."""
        self._update_leased(
            key,
            "SET #state = :state, due_at = :due_at, last_error = :error ADD failures :one",
            {
                ":one": number(1),
                ":state": text(OutboxState.PENDING),
                ":due_at": text(keys.due_at(key.ticket, again_at)),
                ":error": text(error[:ERROR_LIMIT]),
            },
        )

    def mark_failed(self, key: OutboxKey, *, at: datetime, error: str) -> None:
        """Record that an item will not be tried again: one UpdateItem."""
        self._update_leased(
            key,
            "SET #state = :state, failed_at = :at, last_error = :error REMOVE due_shard, due_at",
            {
                ":state": text(OutboxState.FAILED),
                ":at": text(keys.instant(at)),
                ":error": text(error[:ERROR_LIMIT]),
            },
        )

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
    ticket: str, version: int, messages: Sequence[Outgoing], at: datetime, shards: int
) -> Iterator[Write]:
    """Return the writes of what a version of a ticket sends; the stream has a while before the sweep offers it."""
    for place, message in enumerate(messages):
        item = {
            **keys.new_outgoing(ticket, version, place),
            "outbox": text(message.outbox),
            "state": text(OutboxState.PENDING),
            "attempts": number(0),
            "body": body(message),
            **keys.armed(ticket, at + offered_again_after(message.outbox), shards),
        }
        yield put(item, IF_NEW, Conflict(condition=Condition.TICKET))
