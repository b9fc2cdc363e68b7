"""The embedded AWS that the benchmark sweeps answers as the plain one does."""

from __future__ import annotations

from datetime import datetime

from adapters.dynamodb import DynamoTable
from application.storage import Due
from local.emulator import Emulator
from measure.bench import sweep, tickets


def answers(emulator: type[Emulator]) -> list[list[Due]]:
    """Return what is due in a small table: before, at the first lot, after it was swept, at the second lot."""

    def due(at: datetime) -> list[Due]:
        return [due for shard in range(table.shards) for due in table.due(shard, at)]

    with sweep.clients(emulator) as connect:
        client = connect()
        client.create_table(TableName="open", **sweep.table_definition())
        sweep.fill(client, "open", 2 * tickets.DUE + 20)
        table = DynamoTable(client, "open", sweep.shards())
        found = [due(tickets.NOTHING_DUE), due(tickets.round_at(0))]
        swept = tickets.sweep(table, tickets.round_at(0))()
        assert swept["TimersFired"] == tickets.DUE
        return [*found, due(tickets.round_at(0)), due(tickets.round_at(1)), due(tickets.round_at(10_000_000))]


def test_an_index_in_order_answers_as_one_that_is_read_whole() -> None:
    """Also after entries were written, moved and removed."""
    ordered = answers(sweep.MeasuredEmulator)
    assert [len(found) for found in ordered[:4]] == [0, tickets.DUE, 0, tickets.DUE]
    assert ordered == answers(sweep.PlainEmulator)
