"""The command line in a test: arguments in; exit status, output and errors out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from composition import AwsServices


@dataclass(frozen=True, slots=True)
class Ran:
    """What one command line did."""

    status: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        """Return the JSON objects printed, a line each."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def object(self) -> dict[str, Any]:
        """Return the one JSON object printed."""
        (one,) = self.objects
        return one


Run = Callable[..., Ran]


def command_line(capsys: pytest.CaptureFixture[str], services: AwsServices) -> Run:
    """Return a function that runs a command line with the services' environment and clock, and takes what it prints."""

    def command(*args: str | Path) -> Ran:
        capsys.readouterr()
        try:
            status = main([str(arg) for arg in args], services)
        except SystemExit as leaving:
            status = int(leaving.code or 0)
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return command
