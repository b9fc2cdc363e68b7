"""Settings of all tests."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    import pytest

TESTS = Path(__file__).parent

# Powertools reads these when it is imported; Lambda has them set by then.
os.environ.setdefault("POWERTOOLS_METRICS_NAMESPACE", "Reglament")
os.environ.setdefault("POWERTOOLS_SERVICE_NAME", "tests")

# A busy machine is slow, and that is no failure of what is tested.
settings.register_profile("ci", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.too_slow])
# `make test-long`: as many examples for every property that sets no number of its own.
settings.register_profile("long", settings.get_profile("ci"), max_examples=100_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


LONGEST_FIRST = (
    "e2e/test_local_stack.py",
    "e2e/test_drill.py",
    "e2e/test_demo.py",
    "sim/",
    "aws/test_crash_points.py",
    "e2e/",
    "aws/",
    "conformance/",
    "property/",
)
"""Folders and files of tests whose longest tests keep one core busy alone: begun last, the other cores would wait."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Begin the longest tests first, where several processes share them and each takes them in this order."""
    if hasattr(config, "workerinput"):
        items.sort(key=_place)


def _place(item: pytest.Item) -> int:
    path = item.path.relative_to(TESTS).as_posix()
    return next((place for place, start in enumerate(LONGEST_FIRST) if path.startswith(start)), len(LONGEST_FIRST))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at how many points functions were let die or fail, over all workers."""
    every = [report for reports in terminalreporter.stats.values() for report in reports]
    reports = [report for report in every if getattr(report, "when", "") == "call"]
    told = [dict(getattr(report, "user_properties", ())).get("crash points") for report in reports]
    points = [number for number in told if isinstance(number, int)]
    if points:
        terminalreporter.write_line(f"crash points: {sum(points)} in {len(points)} events")
