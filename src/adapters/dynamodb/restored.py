"""A table that a point-in-time restore made under another name: what it lacks, and its outgoing items.

A restore carries over the items, the indexes, the capacity mode and the encryption. The stream, the expiry of items,
point-in-time recovery and tags are to be set again (DynamoDB API reference, RestoreTableToPointInTime). Of protection
against deletion the page says nothing: it is looked at, and set.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, text
from adapters.dynamodb.outbox import ERROR_LIMIT
from adapters.dynamodb.table import Table
from application.storage import Evidence, OutboxKey, OutboxState, Unsettled
from domain.ticket.outgoing import OUTGOING

EXPIRES_AT = "expires_at"
INDEXES = frozenset({"due", "queue", "month"})
"""The indexes of template.yaml, without which a table is none of ours."""
ADOPT_ACTIONS = (
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "dynamodb:GetItem",
    "dynamodb:PutItem",
    "dynamodb:Query",
    "dynamodb:UpdateContinuousBackups",
    "dynamodb:UpdateItem",
    "dynamodb:UpdateTable",
    "dynamodb:UpdateTimeToLive",
)
"""What whoever adopts a table may have to do to it and its indexes; of the damaged one, `dynamodb:GetItem` alone."""


class NotAdoptable(Exception):
    """The table cannot take the place of the stack's; the message says why."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A setting that the restore did not carry over."""

    name: str
    set: Callable[[], object]


class RestoredTable(Table):
    """One restored table: implements `RestoredOutbox`."""

    def described(self) -> dict[str, Any]:
        """Return what DynamoDB says of the table; raises NotAdoptable where it is not there, not ready, or not of ours."""
        try:
            table: dict[str, Any] = dict(self._client.describe_table(TableName=self._table)["Table"])
        except self._client.exceptions.ResourceNotFoundException as error:
            raise NotAdoptable(f"there is no table {self._table} in this account and region") from error
        if table.get("TableStatus") not in ("ACTIVE", "UPDATING"):
            raise NotAdoptable(f"the table {self._table} is {table.get('TableStatus')}: wait until it is ACTIVE")
        indexes = {index["IndexName"] for index in table.get("GlobalSecondaryIndexes", [])}
        names = [key["AttributeName"] for key in table["KeySchema"]]
        if names != ["pk", "sk"] or not indexes >= INDEXES:
            raise NotAdoptable(
                f"the table {self._table} has the keys {names} and the indexes {sorted(indexes)}, expected ['pk', 'sk'] "
                f"and {sorted(INDEXES)}: restore it with its indexes"
            )
        return table

    def lacking(self) -> Iterator[Lacking]:
        """Return what the table lacks that the template gives its own, in an order in which it can be set."""
        table = self.described()
        stream = table.get("StreamSpecification", {})
        if stream.get("StreamViewType") not in (None, "NEW_IMAGE") and stream.get("StreamEnabled"):
            raise NotAdoptable(
                f"the table {self._table} has a stream of {stream['StreamViewType']}, expected NEW_IMAGE: "
                "turn that stream off and run this again"
            )
        if not stream.get("StreamEnabled"):
            on = {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
            yield Lacking("stream", lambda: self._update(StreamSpecification=on))
        expiry = self._client.describe_time_to_live(TableName=self._table)["TimeToLiveDescription"]
        if expiry.get("TimeToLiveStatus") not in ("ENABLED", "ENABLING"):
            expires: Any = {"Enabled": True, "AttributeName": EXPIRES_AT}
            yield Lacking(
                f"expiry by {EXPIRES_AT}",
                lambda: self._client.update_time_to_live(TableName=self._table, TimeToLiveSpecification=expires),
            )
        backups = self._client.describe_continuous_backups(TableName=self._table)["ContinuousBackupsDescription"]
        if backups.get("PointInTimeRecoveryDescription", {}).get("PointInTimeRecoveryStatus") != "ENABLED":
            yield Lacking(
                "point-in-time recovery",
                lambda: self._client.update_continuous_backups(
                    TableName=self._table, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
                ),
            )
        if not table.get("DeletionProtectionEnabled"):
            yield Lacking("deletion protection", lambda: self._update(DeletionProtectionEnabled=True))

    def _update(self, **change: Any) -> None:
        """Change the table and wait until it can be changed again: it takes one change at a time."""
        self._client.update_table(TableName=self._table, **change)
        self._client.get_waiter("table_exists").wait(TableName=self._table)

    def unsettled(self) -> Iterator[Unsettled]:
        """Return the items that had not left and were not given up at the instant of the restore.

        Each is in the index of what is due: a Query of each shard and a GetItem an item, so that the cost follows what
        waits and not what is stored.
        """
        for shard in range(self.shards):
            for entry in self._due_items(shard):
                item = self._get({"pk": entry["pk"], "sk": entry["sk"]})
                if item is not None and item["state"]["S"] in (OutboxState.PENDING, OutboxState.LEASED):
                    yield _unsettled(item)

    def _due_items(self, shard: int) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="due",
            KeyConditionExpression="due_shard = :shard",
            ExpressionAttributeValues={":shard": text(keys.shard_name(shard))},
        )
        for page in pages:
            yield from (entry for entry in page["Items"] if entry["sk"]["S"].startswith("OUT#"))

    def settle_given_up(self, item: Unsettled, *, at: datetime, error: str) -> bool:
        """Give an unsent item up and list it; False where it was settled meanwhile: one conditional UpdateItem."""
        listed = keys.given_up(item.message.desk, item.key, at)
        return self._settle(
            item,
            "SET #state = :state, failed_at = :at, last_error = :error, queue_desk = :queue_desk, queue_at = :queue_at"
            " REMOVE due_shard, due_at, leased_until",
            {
                ":state": text(OutboxState.FAILED),
                ":at": text(keys.instant(at)),
                ":error": text(error[:ERROR_LIMIT]),
                **{f":{name}": value for name, value in listed.items()},
            },
        )

    def settle_outdated(self, item: Unsettled, *, at: datetime) -> bool:
        """Record that an unsent item is not needed any more: one conditional UpdateItem."""
        return self._settle(
            item,
            "SET #state = :state, failed_at = :at REMOVE due_shard, due_at, leased_until, queue_desk, queue_at",
            {":state": text(OutboxState.OUTDATED), ":at": text(keys.instant(at))},
        )

    def _settle(self, item: Unsettled, expression: str, values: Item) -> bool:
        updated = self._update_if(
            keys.outgoing(item.key),
            expression,
            "#state = :seen",
            {**values, ":seen": text(item.state)},
            ExpressionAttributeNames={"#state": "state"},
        )
        return updated is not None


class DamagedTable(Table):
    """The table as it was before the restore, where it can still be read."""

    def evidence(self, key: OutboxKey) -> Evidence | None:
        """Return what it says of an outgoing item; None where it has none, or no state of it: one GetItem."""
        item = self._get(keys.outgoing(key))
        if item is None or item.get("state", {}).get("S") not in list(OutboxState):
            return None
        return Evidence(
            OutboxState(item["state"]["S"]),
            datetime.fromisoformat(item["sent_at"]["S"]) if "sent_at" in item else None,
            *(item.get(name, {}).get("S", "") for name in ("sent_id", "sent_text", "last_error")),
        )


def _unsettled(item: Item) -> Unsettled:
    return Unsettled(keys.outbox_key(item), OUTGOING.validate_json(item["body"]["S"]), OutboxState(item["state"]["S"]))
