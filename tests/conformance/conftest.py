"""The engines that the store runs on, each with an empty table of the template's shape.

`memory` simulates; `moto` and `ministack` stand for DynamoDB in the tests and on one machine. DynamoDB Local
is AWS's own: its licence asks for an AWS account, so it is never fetched here; `make test-dynamodb-local`
runs the suite on one that is running already.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from adapters.dynamodb import DynamoTable
from adapters.memory import MemoryStore
from composition import LOOPBACK
from local.emulator import Emulator, free_port
from tests.support.aws_as_it_is import one_call_at_a_time
from tests.support.stores import Store
from tests.support.template import table_definition

ENDPOINT = "DYNAMODB_LOCAL_ENDPOINT"
ENGINES = ("memory", "moto", "ministack", "dynamodb-local")
TABLES = count(1)


@pytest.fixture(scope="session")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the endpoint of an embedded AWS of the tests' own."""
    folder: Path = tmp_path_factory.mktemp("ministack")
    with Emulator(free_port(), folder / "state", folder / "emulator.log") as running:
        yield running.endpoint
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> str:
    """Return the name of the engine that the test runs on."""
    return str(request.param)


@pytest.fixture
def store(engine: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """Return an empty store on the engine."""
    if engine == "memory":
        yield MemoryStore()
        return
    for name, value in LOOPBACK.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    if engine == "moto":
        one_call_at_a_time(monkeypatch)
        with mock_aws():
            yield _table(boto3.client("dynamodb"))
        return
    endpoint = os.environ.get(ENDPOINT) if engine == "dynamodb-local" else request.getfixturevalue("ministack")
    if not endpoint:
        pytest.skip(f"opt-in: `make test-dynamodb-local` sets {ENDPOINT}")
    client: Any = boto3.client("dynamodb", endpoint_url=endpoint)
    table = _table(client)
    yield table
    client.delete_table(TableName=table._table)


@pytest.fixture
def table(store: Store, engine: str) -> DynamoTable:
    """Return the store where it is a table; what only DynamoDB has is not asked of the memory."""
    if not isinstance(store, DynamoTable):
        pytest.skip("the memory has no requests, pages or streams")
    return store


def _table(client: Any) -> DynamoTable:
    name = f"desk-{next(TABLES)}"
    client.create_table(TableName=name, **table_definition())
    return DynamoTable(client, name, shards=2)
