"""The table itself: its client, and the requests that every part of the store makes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, cast

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, text
from adapters.dynamodb.writes import Write, require_bounds
from application.storage import Condition, Conflict

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

BATCH_GET_LIMIT = 100
"""Keys in one BatchGetItem, by the DynamoDB API reference."""


class Table:
    """One table and how it is asked; each part of the store is one of these with the requests of its own items."""

    def __init__(self, client: DynamoDBClient, table: str, shards: int) -> None:
        self._client = client
        self._table = table
        self.shards = shards
        """The number of partitions of the `due` index: raise it only together with the parameter of the
        deployment, never lower it while tickets are open."""

    def _get(self, key: Item) -> Item | None:
        return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")

    def _batch_get(self, wanted: Sequence[Item]) -> dict[str, Item]:
        """Return up to 100 items by their flat keys; DynamoDB may leave some out under load, and they are asked again."""
        left = list({keys.flat(key): key for key in wanted}.values())
        got: dict[str, Item] = {}
        while left:
            answer = self._client.batch_get_item(RequestItems={self._table: {"Keys": left, "ConsistentRead": True}})
            for item in answer["Responses"].get(self._table, []):
                got[keys.flat(item)] = item
            unread = answer.get("UnprocessedKeys", {}).get(self._table)
            left = list(unread["Keys"]) if unread else []
        return got

    def _query(self, *, pk: str, prefix: str, backwards: bool = False) -> Iterator[Item]:
        """Return the items of a partition whose sort keys begin with a prefix: one Query a page."""
        return self._pages("begins_with(sk, :prefix)", {":pk": text(pk), ":prefix": text(prefix)}, backwards=backwards)

    def _between(self, *, pk: str, first: str, last: str) -> Iterator[Item]:
        """Return the items of a partition whose sort keys lie between two, these included: one Query a page."""
        return self._pages("sk BETWEEN :first AND :last", {":pk": text(pk), ":first": text(first), ":last": text(last)})

    def _pages(self, condition: str, values: Item, *, backwards: bool = False) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=f"pk = :pk AND {condition}",
            ExpressionAttributeValues=values,
            ScanIndexForward=not backwards,
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _listed(self, name: str) -> Iterator[Item]:
        """Return the items of a list in the `queue` index, which may lag behind by a moment: one Query a page."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="queue",
            KeyConditionExpression="queue_desk = :value",
            ExpressionAttributeValues={":value": text(name)},
        )
        for page in pages:
            yield from page["Items"]

    def _update_if(self, key: Item, expression: str, condition: str, values: Item, **more: Any) -> Item | None:
        """Change an item on a condition and return DynamoDB's answer; None where the condition fails."""
        try:
            answer = self._client.update_item(
                TableName=self._table,
                Key=key,
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                **more,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        return cast("Item", answer)

    def _transact(self, writes: Sequence[Write]) -> None:
        """Write all or nothing; raises the failure of the first write whose condition fails.

        Raises TooLarge, before anything is asked, for what DynamoDB would refuse.
        """
        require_bounds(writes)
        try:
            self._client.transact_write_items(TransactItems=cast("Any", [write.to(self._table) for write in writes]))
        except self._client.exceptions.TransactionCanceledException as cancelled:
            codes = [reason.get("Code") for reason in cancelled.response.get("CancellationReasons", [])]
            for write, code in zip(writes, codes, strict=False):
                if code == "ConditionalCheckFailed" and write.failure is not None:
                    raise write.failure from cancelled
            if "TransactionConflict" in codes:
                raise Conflict(condition=Condition.TRANSACTION) from cancelled
            raise
