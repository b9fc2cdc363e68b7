"""Starts and stops the embedded AWS (MiniStack) on loopback, and waits until it answers."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from composition import LOOPBACK

REPOSITORY = Path(__file__).resolve().parent.parent
START_SECONDS = 20.0
STOP_SECONDS = 5.0


class NotStarted(RuntimeError):
    """A part of the local stack could not be started; the message says which, why and what to do."""


def free_port() -> int:
    """Return a port of the loopback interface that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def require_free(port: int, what: str, option: str) -> None:
    """Raise NotStarted, naming the option that chooses another port, where something listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise NotStarted(
                f"port {port} for {what} is not to be had ({error.strerror}): another `make run`, or another program, "
                f'has it. Stop that, or choose another port: make run ARGS="{option} {port + 1}"'
            ) from error


class Emulator:
    """MiniStack in a process of its own; a context manager, and nothing of it outlives the block.

    `state` is the folder in which tables, queues, letters and stacks are found again by the next start.
    """

    process = "local.emulator_process"
    """The module that is run."""

    def __init__(self, port: int, state: Path, log: Path) -> None:
        self.port = port
        self.endpoint = f"http://127.0.0.1:{port}"
        self._state = state
        self._scratch = state / "tmp"
        self._log_path = log
        self._log: IO[bytes] | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Start it and wait until it answers; raises NotStarted with the end of its log."""
        require_free(self.port, "the embedded AWS", "--port")
        self._state.mkdir(parents=True, exist_ok=True)
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(self._scratch, ignore_errors=True)
        self._scratch.mkdir()
        self._log = self._log_path.open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", self.process],
            cwd=REPOSITORY,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            # Ctrl-C reaches the whole terminal group; this process is stopped last, by its parent.
            start_new_session=True,
        )
        try:
            self._wait()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it, state saved; killed where it does not stop by itself."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            self._process = None
        if self._log is not None:
            self._log.close()
            self._log = None

    def set_clock(self, instant: datetime) -> None:
        """Let the services that tell or compare instants take them from a driven clock, which stands at this one."""
        order = urllib.request.Request(f"{self.endpoint}/_local/clock", instant.isoformat().encode(), method="PUT")  # noqa: S310 - our own loopback
        with urllib.request.urlopen(order, timeout=START_SECONDS):  # noqa: S310 - our own loopback
            pass

    def refused(self) -> list[str]:
        """Return what the embedded AWS was asked by processes without the hook and refused, as AWS would."""
        with urllib.request.urlopen(f"{self.endpoint}/_local/contract", timeout=START_SECONDS) as answer:  # noqa: S310 - our own loopback
            refused: list[str] = json.load(answer)
        return refused

    @property
    def running(self) -> bool:
        """Whether the process is still there."""
        return self._process is not None and self._process.poll() is None

    def _environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MINISTACK_"))},
            **LOOPBACK,
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "MINISTACK_HOST": "127.0.0.1",
            "MINISTACK_REGION": LOOPBACK["AWS_DEFAULT_REGION"],
            "PERSIST_STATE": "1",
            "STATE_DIR": str(self._state.resolve()),
            "S3_PERSIST": "1",
            "S3_DATA_DIR": str((self._state / "s3").resolve()),
            "TMPDIR": str(self._scratch.resolve()),
            "LOG_LEVEL": "WARNING",
            # Two listeners that nothing here uses.
            "SFTP_ENABLED": "0",
            "IOT_MTLS_ENABLED": "0",
        }

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if not self.running:
                break
            try:
                with urllib.request.urlopen(f"{self.endpoint}/_ministack/ready", timeout=1) as answer:  # noqa: S310 - our own loopback
                    if answer.status == 200:
                        return
            except (urllib.error.URLError, OSError):
                time.sleep(0.03)
        end = self._log_path.read_text("utf-8", "replace")[-1500:]
        raise NotStarted(f"the embedded AWS did not start. Its log, {self._log_path}, ends:\n{end}")
