"""Settings of all tests."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

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


WITHOUT_SDK = "unit/domain/"
"""Tests that load no SDK, and so make no request of AWS."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Hold every request of every test to what AWS documents (`local/aws_contract`)."""
    if all(item.path.relative_to(TESTS).as_posix().startswith(WITHOUT_SDK) for item in session.items):
        return
    from local.aws_contract import hook

    hook.install()
    hook.watch_metrics()
    hook.watch_batches()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    """Fail where fixtures asked what AWS refuses."""
    yield from _held_to_the_contract(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    """Fail where AWS would refuse what was asked, whatever became of the error on its way."""
    yield from _held_to_the_contract(item)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Fail where AWS would refuse what was asked at the end."""
    yield from _held_to_the_contract(item)


def _held_to_the_contract(item: pytest.Item) -> Iterator[None]:
    import sys

    try:
        yield
    finally:
        hook = sys.modules.get("local.aws_contract.hook")
        taken = hook.LEDGER.take() if hook is not None else {}
        if taken.get("checked"):
            item.user_properties.append(("aws requests", taken["checked"]))
        if taken.get("violations"):
            pytest.fail("\n".join(taken["violations"]), pytrace=False)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say at how many points functions were let die or fail, and how many requests were checked, over all workers."""
    every = [report for reports in terminalreporter.stats.values() for report in reports]
    told = [
        dict(getattr(report, "user_properties", ())).get("crash points")
        for report in every
        if getattr(report, "when", "") == "call"
    ]
    points = [number for number in told if isinstance(number, int)]
    if points:
        terminalreporter.write_line(f"crash points: {sum(points)} in {len(points)} events")
    checked: Counter[str] = Counter()
    # Reports of one test repeat what the earlier ones said; the last has it all.
    last = {report.nodeid: report for report in every if getattr(report, "when", "") == "teardown"}
    for report in last.values():
        for name, value in report.user_properties:
            if name == "aws requests":
                checked.update(value)
    if checked:
        from local.aws_contract.hook import summary_of

        terminalreporter.write_line(summary_of(checked))
