"""The command line in a test: arguments in; exit status, output and errors out."""

from __future__ import annotations

import pytest

from composition import AwsServices, environment
from tests.support.builders import moscow
from tests.support.command_line import Run, command_line


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command line on a Friday at noon."""
    return command_line(capsys, AwsServices(environment(), lambda: moscow("2026-11-20 12:00")))
