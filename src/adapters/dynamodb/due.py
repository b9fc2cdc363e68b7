"""What comes due: tickets, faults and outgoing items in the `due` index, present there only while they are armed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, number, text
from adapters.dynamodb.table import Table
from adapters.instants import next_instant
from application.storage import Due
from domain.fault.fault import Fault
from domain.ticket.ticket import Ticket


class DueIndex(Table):
    """The entries of the `due` index."""

    def due(self, shard: int, now: datetime) -> Iterator[Due]:
        """Return what is due in a shard, the earliest first: one Query a page, read as it is asked for."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="due",
            KeyConditionExpression="due_shard = :shard AND due_at <= :now",
            ExpressionAttributeValues={
                ":shard": text(keys.shard_name(shard)),
                ":now": text(f"{keys.instant(now)}#~"),
            },
        )
        for page in pages:
            for item in page["Items"]:
                at, _, rest = item["due_at"]["S"].partition("#")
                yield Due(
                    ticket=keys.number_in(item["pk"]["S"]),
                    item=item["sk"]["S"],
                    at=datetime.fromisoformat(at),
                    tries=int(rest.partition("#")[2] or 0),
                )

    def next_due(self) -> datetime | None:
        """Return the earliest instant armed in any shard, or None."""
        instants = []
        for shard in range(self.shards):
            page = self._client.query(
                TableName=self._table,
                IndexName="due",
                KeyConditionExpression="due_shard = :shard",
                ExpressionAttributeValues={":shard": text(keys.shard_name(shard))},
                Limit=1,
            )
            instants += [datetime.fromisoformat(item["due_at"]["S"].partition("#")[0]) for item in page["Items"]]
        return min(instants, default=None)

    def put_off(self, due: Due, *, until: datetime, failed: bool = True) -> bool:
        """Let an entry come due again later, its snapshot as it is: one conditional UpdateItem."""
        later = text(keys.due_at(due.ticket, until, due.tries + 1 if failed else 0))
        values = {":later": later, ":seen": as_read(due)}
        return self._rearm(due, "SET due_at = :later", "due_at = :seen", values)

    def align(self, due: Due, snapshot: Ticket | Fault) -> bool:
        """Arm a ticket or a fault, as it was read, by its own next timer: one conditional UpdateItem."""
        values: Item = {":seen": as_read(due), ":version": number(snapshot.version)}
        expression = "REMOVE due_shard, due_at"
        if at := next_instant(snapshot):
            expression = "SET due_at = :own"
            values[":own"] = text(keys.due_at(due.ticket, at))
        is_as_read = "due_at = :seen AND #version = :version"
        return self._rearm(due, expression, is_as_read, values, ExpressionAttributeNames={"#version": "version"})

    def _rearm(self, due: Due, expression: str, condition: str, values: Item, **names: Any) -> bool:
        return self._update_if(keys.due(due), expression, condition, values, **names) is not None


def as_read(due: Due) -> Item:
    """Return the sort key of an entry as it was read."""
    return text(keys.due_at(due.ticket, due.at, due.tries))
