"""The engines of the store, asked by several at the same time, and what their streams tell."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any, Final

import boto3
from cfnlint.decode import cfn_yaml

from adapters.dynamodb import DynamoTable
from application.storage import Conflict
from tests.support.template import TEMPLATE

WRITERS: Final = 8


def at_once(action: Callable[[int], Any]) -> list[Any]:
    """Let so many threads do something at the same time; return what each got, a Conflict included."""
    together = Barrier(WRITERS)

    def one(number: int) -> Any:
        together.wait()
        try:
            return action(number)
        except Conflict as conflict:
            return conflict

    with ThreadPoolExecutor(WRITERS) as pool:
        return list(pool.map(one, range(WRITERS)))


def stream_of(table: DynamoTable) -> list[dict[str, Any]]:
    """Return everything in the table's stream."""
    client = table._client
    streams: Any = boto3.client("dynamodbstreams", endpoint_url=client.meta.endpoint_url.replace("://dynamodb.", "://streams.dynamodb."))  # fmt: skip
    arn = client.describe_table(TableName=table._table)["Table"]["LatestStreamArn"]
    records: list[dict[str, Any]] = []
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while iterator and (answer := streams.get_records(ShardIterator=iterator, Limit=1000))["Records"]:
            records += answer["Records"]
            iterator = answer.get("NextShardIterator")
    return records


def pattern_of(outbox: str) -> dict[str, Any]:
    """Return the filter by which the template lets a sender hear of the stream."""
    text = json.dumps(cfn_yaml.load(str(TEMPLATE))["Resources"], default=str)
    pattern: dict[str, Any] = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"outbox": {"S": [outbox]}}}}
    assert json.dumps(json.dumps(pattern, separators=(",", ":"))) in text, "the template has this filter"
    return pattern
