"""The command line in a test: arguments in; exit status, output and errors out."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from handlers import wiring
from tests.support.builders import moscow
from tests.support.command_line import Run, command_line


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command line."""
    return command_line(capsys)


@pytest.fixture(autouse=True)
def _friday_noon() -> Iterator[None]:
    wiring.use_clock(lambda: moscow("2026-11-20 12:00"))
    yield
    wiring.use_clock(wiring._real_time)
