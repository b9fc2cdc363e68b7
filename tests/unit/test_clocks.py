"""Tests rest on no clock but the one that they set: a busy machine, another day or zone changes none of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.repository import ROOT

TESTS = ROOT / "tests"
WALL_CLOCK = {"a deadline", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "sleep", "timeit"}
WHERE_WAITING_IS_THE_MATTER = ("e2e", "sim")
"""End-to-end tests wait, within a bound, for other processes; the simulation prints how long it took."""


def _named(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.keyword) and node.arg == "deadline":
            yield "no deadline" if ast.unparse(node.value) == "None" else "a deadline"


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: path.relative_to(TESTS).as_posix())
def test_no_test_measures_or_waits_by_the_wall_clock(path: Path) -> None:
    """`tests/support/cpu.py` measures processor time; speed itself is the matter of `make bench`."""
    if path.relative_to(TESTS).parts[0] not in WHERE_WAITING_IS_THE_MATTER:
        assert WALL_CLOCK.isdisjoint(_named(path))
