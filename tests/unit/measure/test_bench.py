"""The benchmark's own arithmetic: bars, verdicts and the table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from domain.ticket.timers import next_timer
from measure.bench import __main__ as bench
from measure.bench import tickets
from measure.bench.rows import Row


@pytest.mark.parametrize(
    ("row", "bar", "verdict"),
    [
        (Row("p", "faster", 3.0, "x", least=3), ">= 3", "ok"),
        (Row("p", "faster", 2.9, "x", least=3), ">= 3", "short"),
        (Row("p", "flat", 1.6, "x", most=1.5), "<= 1.5", "short"),
        (Row("p", "exact", 1, "requests", least=1, most=1), "= 1", "ok"),
        (Row("p", "exact", 0, "requests", least=1, most=1), "= 1", "short"),
        (Row("p", "known", 7, "ms"), "", ""),
    ],
)
def test_a_requirement_says_its_bar_and_whether_it_is_met(row: Row, bar: str, verdict: str) -> None:
    """What has no bar is neither met nor short."""
    assert (row.bar, row.verdict) == (bar, verdict)


@pytest.mark.parametrize(("value", "status"), [(4.0, 0), (2.0, 1)])
def test_a_run_prints_its_table_keeps_it_and_fails_where_it_is_short(
    value: float, status: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The report holds what the table shows."""
    monkeypatch.setattr(bench, "run", lambda part: [Row("working-time", part.title, value, "x", least=3)])
    kept = tmp_path / "bench.json"
    assert bench.main(["--only", "working-time", "--json", str(kept)]) == status
    printed = capsys.readouterr().out
    (row,) = json.loads(kept.read_text(encoding="utf-8"))["rows"]
    assert row["verdict"] in printed
    assert f"{1 - status} of 1 requirements met" in printed


def test_a_missing_environment_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the verb that builds it."""
    part = bench.Part("t", "measure.bench.working_time", tmp_path / "python")
    monkeypatch.setattr(bench, "PARTS", {"working-time": part})
    assert bench.main(["--json", str(tmp_path / "bench.json")]) == 2
    assert "`make bench` builds it" in capsys.readouterr().err


def test_each_lot_of_open_tickets_comes_due_by_itself() -> None:
    """A hundred at a time, the rest much later, and no two under one number."""
    opened = [commit.ticket.after for commit in tickets.openings(250, 1) if commit.ticket]
    instants = [timer.at for ticket in opened if (timer := next_timer(ticket))]
    assert len({ticket.id for ticket in opened}) == 250
    assert sum(at <= tickets.round_at(0) for at in instants) == tickets.DUE
    assert sum(at <= tickets.round_at(5) for at in instants) == tickets.DUE
