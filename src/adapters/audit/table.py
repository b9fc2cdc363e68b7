"""The items of the table, all of them, read once and a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from adapters.dynamodb.items import Item

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

TABLE_ACTIONS = ("dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan")
"""What an audit may have to do to the table."""
REPAIR_ACTIONS = ("dynamodb:PutItem", "dynamodb:UpdateItem")
"""And what `--repair` may besides."""


class TableScan:
    """One reading of a whole table, eventually consistent: what looks wrong is read again before it is told."""

    def __init__(self, client: DynamoDBClient, table: str) -> None:
        self._client = client
        self._table = table
        self.requests = 0
        """How many requests were made so far, of a megabyte each (DynamoDB API reference, Scan)."""
        self.read_units = 0.0
        """What they cost, in read request units."""

    def items(self) -> Iterator[Item]:
        """Return every item; those of one partition follow each other in order of their sort key."""
        pages = self._client.get_paginator("scan").paginate(TableName=self._table, ReturnConsumedCapacity="TOTAL")
        for page in pages:
            self.requests += 1
            self.read_units += page.get("ConsumedCapacity", {}).get("CapacityUnits", 0.0)
            yield from page["Items"]
