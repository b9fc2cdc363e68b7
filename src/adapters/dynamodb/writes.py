"""Writes of a transaction: what is asked, on which condition, and what a failure of the condition means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.dynamodb.items import Item, number
from application.storage import TooLarge

TRANSACTION_LIMIT = 100
"""Writes in one TransactWriteItems, by the DynamoDB API reference."""
TRANSACTION_SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes of all items in one TransactWriteItems, by the same."""
ITEM_LIMIT = 400 * 1024
"""Bytes of one item, the names of its attributes included, by the DynamoDB developer guide."""
IF_NEW: Item = {"ConditionExpression": "attribute_not_exists(pk)"}
"""The condition that there is no such item yet."""


@dataclass(frozen=True, slots=True)
class Write:
    """One write of a transaction."""

    action: str
    """`Put`, `Update`, `Delete` or `ConditionCheck`."""
    request: Item
    """What is asked, without the name of the table."""
    failure: Exception | None
    """What is raised where the condition of the write fails; None where it has none."""

    @property
    def key(self) -> Item:
        """Return the key of the item that is written or checked; that of a put is its whole item."""
        key: Item = self.request.get("Item") or self.request["Key"]
        return key

    def to(self, table: str) -> Item:
        """Return the write as an entry of TransactWriteItems."""
        return {self.action: {"TableName": table, **self.request}}


def put(item: Item, condition: Item | None = None, failure: Exception | None = None) -> Write:
    """Return the write of a whole item."""
    return Write("Put", {"Item": item, **(condition or {})}, failure)


def delete(key: Item, condition: Item | None = None, failure: Exception | None = None) -> Write:
    """Return the deletion of an item."""
    return Write("Delete", {"Key": key, **(condition or {})}, failure)


def update(
    key: Item, expression: str, values: Item, condition: Item | None = None, failure: Exception | None = None
) -> Write:
    """Return the change of some attributes of an item."""
    request = {"Key": key, "UpdateExpression": expression, **(condition or {})}
    return Write("Update", {**request, "ExpressionAttributeValues": values | _values_in(condition)}, failure)


def check(key: Item, condition: Item, failure: Exception) -> Write:
    """Return the check of a condition on an item that is not written."""
    return Write("ConditionCheck", {"Key": key, **condition}, failure)


def if_equal(attribute: str, seen: Item) -> Item:
    """Return the condition that an attribute is as it was read."""
    return {"ConditionExpression": f"{attribute} = :seen", "ExpressionAttributeValues": {":seen": seen}}


def if_version(version: int) -> Item:
    """Return the condition that an item has the version that was read."""
    return {**if_equal("#version", number(version)), "ExpressionAttributeNames": {"#version": "version"}}


def if_new_or_version(version: int) -> Item:
    """Return the condition that an item is as it was read, where version 0 says that there was none."""
    return if_version(version) if version else IF_NEW


def _values_in(condition: Item | None) -> Item:
    values: Item = (condition or {}).get("ExpressionAttributeValues", {})
    return values


def require_bounds(writes: Sequence[Write]) -> None:
    """Raise TooLarge for what DynamoDB would refuse to write in one transaction."""
    if len(writes) > TRANSACTION_LIMIT:
        raise TooLarge(f"{len(writes)} writes in one transaction, which takes {TRANSACTION_LIMIT}")
    total = 0
    for write in writes:
        item: Item = write.request.get("Item", {})
        size = sum(len(name) + len(next(iter(value.values())).encode()) for name, value in item.items())
        if size > ITEM_LIMIT:
            kind = item["sk"]["S"].partition("#")[0]
            raise TooLarge(f"an item of {size:,} bytes ({kind}), of which there may be {ITEM_LIMIT:,}")
        total += size
    if total > TRANSACTION_SIZE_LIMIT:
        raise TooLarge(f"a transaction of {total:,} bytes, of which there may be {TRANSACTION_SIZE_LIMIT:,}")
