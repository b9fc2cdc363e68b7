"""The local stack for the end-to-end tests: on ports and in a folder of its own, loopback only."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from local.stack import LocalStack


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Everything running on the real clock; stopped at the end of the module."""
    complaints: list[str] = []
    with LocalStack(tmp_path_factory.mktemp("local"), tell=complaints.append) as running:
        yield running
        running.settle()
        assert complaints == [], "nothing in the stack went wrong unseen"


@pytest.fixture(scope="module")
def reglament(stack: LocalStack) -> Callable[..., str]:
    """Run the command line against the stack and return what it prints."""

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", "--endpoint", stack.endpoint, *arguments],
            capture_output=True, text=True, encoding="utf-8", timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
