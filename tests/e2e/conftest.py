"""The local stack for the end-to-end tests: on ports and in a folder of its own, loopback only."""

from __future__ import annotations

import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from email.message import EmailMessage

import pytest

from local.stack import LocalStack

MDO = "support@моидокументы.онлайн"
DESK = "moi-dokumenty-online"
DETAILS = """

Ветрова Ольга Сергеевна
Мобильный телефон: +7 900 555-01-42
Организация: МФЦ Северного района
Должность: ведущий специалист
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalStack]:
    """Everything running on the real clock; stopped at the end of the module."""
    complaints: list[str] = []
    with LocalStack(tmp_path_factory.mktemp("local"), tell=complaints.append) as running:
        yield running
        running.settle()
        assert complaints == [], "nothing in the stack went wrong unseen"


def letter(subject: str, text: str, sender: str = "o.vetrova@mfc-severny.example.org", to: str = MDO) -> bytes:
    """Return a letter as a mail program sends it."""
    message = EmailMessage()
    message["From"], message["Subject"] = f"Ветрова Ольга <{sender}>", subject
    message["To"] = to.encode("idna").decode() if to.isascii() else "support@xn--d1achjhdicc8bh4h.xn--80asehdb"
    message["Message-ID"] = f"<{zlib.crc32(f'{subject} {sender}'.encode())}@mfc-severny.example.org>"
    message.set_content(text + DETAILS)
    return message.as_bytes()


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
