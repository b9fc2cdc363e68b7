"""The embedded AWS for measuring the sweep: MiniStack, with an index that is looked up by its sort key.

MiniStack sorts a partition of an index and tries the key condition on every entry of it, at each Query. DynamoDB
keeps the entries in order and goes to the place. So that what is measured is the sweep and not that, the entries of
each partition are kept in order here too, and MiniStack is shown only those that the condition `<=` admits.
"""

from __future__ import annotations

import asyncio
import os
import re
from bisect import bisect_left, bisect_right, insort
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from ministack.services import dynamodb

from local.emulator_process import run

UP_TO = re.compile(r"\s*\w+ = (:\w+) AND \w+ <= (:\w+)\s*")
"""The key condition of the sweep: one partition, up to a value."""
ABOVE_ALL = "\U0010ffff"

Entry = tuple[str, str, str]
"""The value of the index's sort key, then the key of the item."""
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a Query asks of an index."""

    index: str
    partition: str
    up_to: str


_asked: ContextVar[Asked | None] = ContextVar("asked", default=None)
_ordered: dict[tuple[str, str, str], list[Entry]] = {}
"""By ARN of the table, index and partition; made when first asked for."""
_query, _index_members, _index_item = dynamodb._query, dynamodb._index_members, dynamodb._index_item


def query(request: Json) -> Any:
    """Remember what is asked while MiniStack answers."""
    condition = UP_TO.fullmatch(request.get("KeyConditionExpression") or "")
    asked = None
    if condition and "IndexName" in request:
        values = request["ExpressionAttributeValues"]
        asked = Asked(request["IndexName"], values[condition[1]]["S"], values[condition[2]]["S"])
    token = _asked.set(asked)
    try:
        return _query(request)
    finally:
        _asked.reset(token)


def index_members(table: Json) -> Any:
    """Return the entries of the indexes; while a Query of the sweep's form is answered, those it admits."""
    members, asked = _index_members(table), _asked.get()
    if asked is None:
        return members
    place = (table["TableArn"], asked.index, asked.partition)
    if place not in _ordered:
        sort_key = _sort_keys(table)[asked.index]
        items = table["items"]
        _ordered[place] = sorted(
            (items[pk][sk][sort_key]["S"], pk, sk) for pk, sk in members[asked.index].get(asked.partition, ())
        )
    entries = _ordered[place]
    admitted = entries[: bisect_right(entries, (asked.up_to, ABOVE_ALL, ABOVE_ALL))]
    return {asked.index: {asked.partition: [(pk, sk) for _, pk, sk in admitted]}}


def index_item(table: Json, pk: str, sk: str, item: Json, add: bool) -> None:  # noqa: FBT001 - as MiniStack calls it
    """Keep the order while an item is written or removed."""
    _index_item(table, pk, sk, item, add)
    for name, hashes, ranges in dynamodb._index_key_schemas(table):
        partition = dynamodb._index_partition(item, hashes, ranges)
        entries = _ordered.get((table["TableArn"], name, partition))
        if entries is None:
            continue
        entry = (item[ranges[0]]["S"], pk, sk)
        if add:
            insort(entries, entry)
        else:
            place = bisect_left(entries, entry)
            if entries[place : place + 1] == [entry]:
                del entries[place]


def _sort_keys(table: Json) -> dict[str, str]:
    return {name: ranges[0] for name, _, ranges in dynamodb._index_key_schemas(table) if ranges}


if __name__ == "__main__":
    dynamodb._query, dynamodb._index_members, dynamodb._index_item = query, index_members, index_item
    asyncio.run(run(int(os.environ["GATEWAY_PORT"])))
    os._exit(0)
