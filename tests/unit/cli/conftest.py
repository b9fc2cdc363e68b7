"""The command line in a test: arguments in; exit status, output and errors out."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from handlers import wiring
from tests.support.builders import MDO_ADDRESS, moscow


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


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command line."""

    def command(*args: str | Path) -> Ran:
        try:
            status = main([str(arg) for arg in args])
        except SystemExit as leaving:
            status = int(leaving.code or 0)
        captured = capsys.readouterr()
        return Ran(status, captured.out, captured.err)

    return command


@pytest.fixture(autouse=True)
def _friday_noon() -> Iterator[None]:
    wiring.use_clock(lambda: moscow("2026-11-20 12:00"))
    yield
    wiring.use_clock(wiring._real_time)


def eml(
    text: str,
    *,
    to: str = MDO_ADDRESS,
    sender: str = "Ольга Лебедева <olga@client.example>",
    subject: str = "Не приходит код",
    date: str = "Fri, 20 Nov 2026 17:00:00 +0300",
    **headers: str,
) -> bytes:
    """Return a plain letter as bytes; keywords with `_` for `-` are further fields."""
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["From"] = sender
    if to:
        message["To"] = to
    message["Subject"] = subject
    if date:
        message["Date"] = date
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    message.set_content(text)
    return message.as_bytes()
