"""The sweep over tables of 1, 10 and 100 thousand open tickets in the embedded AWS: time, and requests counted."""

from __future__ import annotations

import contextlib
import io
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from adapters.dynamodb import DynamoTable
from composition import AwsServices, environment
from local import template
from local.emulator import Emulator, free_port
from measure.bench import tickets
from measure.bench.rows import Row, hand_over, progress

PART = "sweep"
SIZES = (1_000, 10_000, 100_000)
ROUNDS = 7
BATCH = 25
"""Items in one BatchWriteItem, by the DynamoDB API reference."""
TABLE_SETTINGS = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode")


class MeasuredEmulator(Emulator):
    """The embedded AWS with an index in order, and without saving its state between requests."""

    process = "measure.bench.emulator_process"

    def _environment(self) -> dict[str, str]:
        return {**super()._environment(), "PERSIST_STATE": "0"}


class PlainEmulator(MeasuredEmulator):
    """The embedded AWS as `make run` has it."""

    process = "local.emulator_process"


class Requests:
    """Counts what a client sends, retries included, by operation and by the partition of the index asked."""

    def __init__(self, client: Any) -> None:
        self.counted: Counter[str] = Counter()
        self.shards: Counter[str] = Counter()
        client.meta.events.register("before-send.dynamodb.*", self._sent)
        client.meta.events.register("provide-client-params.dynamodb.Query", self._asked)

    def _sent(self, event_name: str, **_: Any) -> None:
        self.counted[event_name.rpartition(".")[2]] += 1

    def _asked(self, params: dict[str, Any], **_: Any) -> None:
        self.shards[params["ExpressionAttributeValues"][":shard"]["S"]] += 1

    def taken(self) -> tuple[Counter[str], Counter[str]]:
        """Return what was counted since this was last asked."""
        taken = self.counted, self.shards
        self.counted, self.shards = Counter(), Counter()
        return taken


class Recorder:
    """Stands in for the client while a commit is written: keeps the items instead of sending them."""

    def __init__(self) -> None:
        self.items: list[dict[str, Any]] = []

    class exceptions:  # noqa: N801 - as the client has it
        """The one that a commit looks for; it never comes."""

        class TransactionCanceledException(Exception):
            pass

    def transact_write_items(self, *, TransactItems: list[dict[str, Any]]) -> None:  # noqa: N803 - as the client has it
        """Keep the tickets themselves: of a ticket's items no other is open, armed or read by the sweep."""
        puts = [write["Put"]["Item"] for write in TransactItems if "Put" in write]
        self.items += [item for item in puts if item["sk"]["S"] == "TICKET"]


def table_definition() -> dict[str, Any]:
    """Return the table of template.yaml, as CreateTable takes it."""
    resources = template.read()["Resources"]
    properties = next(item for item in resources.values() if item["Type"] == "AWS::DynamoDB::Table")["Properties"]
    return {name: properties[name] for name in TABLE_SETTINGS}


def shards() -> int:
    """Return how many partitions of the index the template asks for by default."""
    parameters = template.read()["Parameters"]
    return int(parameters["DueShards"]["Default"])


def fill(client: Any, name: str, size: int) -> None:
    """Write that many open tickets, in the shape in which the store commits them."""
    began, recorder = time.monotonic(), Recorder()
    store = DynamoTable(recorder, name, shards())  # type: ignore[arg-type]  # the part of a client that a commit uses
    for place, commit in enumerate(tickets.openings(size, ROUNDS), 1):
        store.commit(commit)
        if len(recorder.items) == BATCH or place == size:
            puts = [{"PutRequest": {"Item": item}} for item in recorder.items]
            while puts:
                puts = client.batch_write_item(RequestItems={name: puts})["UnprocessedItems"].get(name, [])
            recorder.items.clear()
        if place % 20_000 == 0:
            progress(f"{place:,} of {size:,} tickets written, {time.monotonic() - began:.0f} s")


class Measured:
    """One table, and what its sweeps took."""

    def __init__(self, client: Any, size: int) -> None:
        self.store = DynamoTable(client, f"open-{size}", shards())
        self.requests = Requests(client)
        self.idle: list[float] = []
        self.busy: list[float] = []
        self.idle_requests: Counter[str] = Counter()
        self.idle_shards: Counter[str] = Counter()
        self.per_timer = 0.0

    def round(self, lot: int) -> None:
        """Sweep once with nothing due, and once with a lot due."""
        began = time.perf_counter()
        tickets.sweep(self.store, tickets.round_at(lot - 1))()
        self.idle.append(time.perf_counter() - began)
        requests, asked = self.requests.taken()
        self.idle_requests |= requests  # the most of any round
        self.idle_shards |= asked
        began = time.perf_counter()
        swept = tickets.sweep(self.store, tickets.round_at(lot))()
        self.busy.append(time.perf_counter() - began)
        assert swept["TimersFired"] == tickets.DUE, swept
        requests, _ = self.requests.taken()
        self.per_timer = max(self.per_timer, (requests.total() - requests["Query"]) / tickets.DUE)


@contextlib.contextmanager
def clients(emulator: type[Emulator]) -> Iterator[Any]:
    """Start the embedded AWS and give what makes a client of it."""
    with tempfile.TemporaryDirectory() as folder, emulator(free_port(), Path(folder) / "state", Path(folder) / "log") as aws:  # fmt: skip
        services = AwsServices(environment()).at(aws.endpoint)
        yield lambda: services.connect("dynamodb", read_timeout=60)


def measure(sizes: tuple[int, ...], emulator: type[Emulator]) -> dict[int, Measured]:
    """Fill a table of each size, then sweep them in turn."""
    with clients(emulator) as connect:
        measured = {}
        for size in sizes:
            client = connect()
            client.create_table(TableName=f"open-{size}", **table_definition())
            fill(client, f"open-{size}", size)
            measured[size] = Measured(client, size)
            tickets.sweep(measured[size].store, tickets.NOTHING_DUE)()  # once for nothing: connections open
            measured[size].requests.taken()
        progress(f"{ROUNDS} sweeps of each table with {tickets.DUE} due and {ROUNDS} with none")
        for lot in range(ROUNDS):
            for one in measured.values():
                one.round(lot)
    return measured


def rows(measured: dict[int, Measured], what: str, most: float | None) -> Iterator[Row]:
    """Compare every table with the smallest."""
    smallest = min(measured)
    base = measured[smallest]
    for size, one in measured.items():
        if size == smallest:
            continue
        for due, times, basis in ((tickets.DUE, one.busy, base.busy), (0, one.idle, base.idle)):
            yield Row(
                PART, f"sweep of {size:,} / of {smallest:,} tickets, {due} due{what}",
                median(times) / median(basis), "x", most=most if due else None,
                note=f"{median(times) * 1e3:,.0f} and {median(basis) * 1e3:,.0f} ms",
            )  # fmt: skip


def requests_rows(measured: dict[int, Measured]) -> Iterator[Row]:
    """Count the requests of each table's sweeps."""
    for size, one in measured.items():
        queries, others = one.idle_requests["Query"], one.idle_requests.total() - one.idle_requests["Query"]
        a_shard = max(one.idle_shards.values()) if len(one.idle_shards) == shards() else 0
        yield Row(PART, f"queries a shard, {size:,} tickets, none due", a_shard, "requests", least=1, most=1,
                  note=f"{queries} in all, {shards()} shards")  # fmt: skip
        yield Row(PART, f"other requests, {size:,} tickets, none due", others, "requests", most=0)
        yield Row(PART, f"requests a due timer beyond the queries, {size:,} tickets", one.per_timer, "requests", most=2)


def main() -> None:
    """Measure and hand over."""
    out = io.StringIO()  # the functions write their metrics to standard output
    with contextlib.redirect_stdout(out):
        measured = measure(SIZES, MeasuredEmulator)
        found = [*rows(measured, "", 2), *requests_rows(measured)]
        progress("the same with the index as MiniStack has it")
        found += rows(measure((SIZES[0], SIZES[-1]), PlainEmulator), ", index not in order", None)
    hand_over(found)


if __name__ == "__main__":
    main()
