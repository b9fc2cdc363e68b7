"""Runs the functions of template.yaml as Lambda does: each in a process of its own, with its own variables."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Any

from composition import LOOPBACK
from local.aws_contract.hook import LEDGER
from local.emulator import REPOSITORY
from local.resources import STACK
from local.template import Function

COLD_START_SECONDS = 30.0
ACCOUNT = "000000000000"


class FunctionFailed(Exception):
    """The handler raised, ran out of time, or its process died."""


class Worker:
    """One function's process. Started by the first event or by `warm`, started again after a crash or a time-out."""

    def __init__(self, function: Function, environment: Mapping[str, str], log: Path) -> None:
        self.function = function
        self.arn = f"arn:aws:lambda:{LOOPBACK['AWS_DEFAULT_REGION']}:{ACCOUNT}:function:{STACK}-{function.name}"
        self._environment = dict(environment)
        self._log_path = log
        self._process: subprocess.Popen[str] | None = None
        self._log: IO[bytes] | None = None
        self._buffered = ""
        self._one_at_a_time = threading.RLock()
        self._ended = False

    def warm(self) -> None:
        """Start the process, so that the first event need not wait for it."""
        with self._one_at_a_time, contextlib.suppress(FunctionFailed):  # the first event tells of it
            self._started()

    def invoke(
        self, event: Mapping[str, Any], request_id: str, now: datetime | None, unreadable: Collection[str] = ()
    ) -> Any:
        """Run the handler on one event and return its result; raises FunctionFailed."""
        order = {
            "event": event,
            "request_id": request_id,
            "unreadable": list(unreadable),
            "now": now.isoformat() if now is not None else None,
            "function_name": f"{STACK}-{self.function.name}",
            "function_arn": self.arn,
            "memory_mb": self.function.memory_mb,
            "timeout_seconds": self.function.timeout_seconds,
        }
        with self._one_at_a_time:
            process = self._started()
            assert process.stdin is not None
            try:
                process.stdin.write(json.dumps(order) + "\n")
                process.stdin.flush()
            except BrokenPipeError as error:
                raise self._died(process) from error
            answer = self._read(process, self.function.timeout_seconds)
        violations = answer["contract"]["violations"]
        LEDGER.add(answer["contract"]["checked"], [f"{self.function.name}: {violation}" for violation in violations])
        if violations:
            raise FunctionFailed(f"{self.function.name}: AWS would refuse: {'; '.join(violations)}")
        if "error" in answer:
            raise FunctionFailed(f"{self.function.name}: {answer['error']}: {answer['message']}")
        return answer["result"]

    def stop(self) -> None:
        """End the process for good; what it has begun is lost, as when Lambda ends one."""
        self._ended = True
        process = self._process
        if process is not None:
            process.kill()  # whoever waits for its result sees it end
        with self._one_at_a_time:
            self._discard()

    def _discard(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    _close(pipe)
        if self._log is not None:
            self._log.close()
            self._log = None

    def _started(self) -> subprocess.Popen[str]:
        if self._ended:
            raise FunctionFailed(f"{self.function.name}: the local stack is stopping")
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._discard()
        self._log_path.parent.mkdir(parents=True, exist_ok=True)
        self._log = self._log_path.open("ab")
        self._buffered = ""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.worker", self.function.handler],
            cwd=REPOSITORY,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
            encoding="utf-8",
            # Ctrl-C reaches the whole terminal group; the workers are stopped by their parent.
            start_new_session=True,
        )
        self._read(self._process, COLD_START_SECONDS)
        return self._process

    def _read(self, process: subprocess.Popen[str], seconds: float) -> dict[str, Any]:
        assert process.stdout is not None
        until = time.monotonic() + seconds
        descriptor = process.stdout.fileno()
        while "\n" not in self._buffered:
            left = until - time.monotonic()
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                process.kill()
                raise FunctionFailed(f"{self.function.name}: timed out after {seconds:g} seconds; see {self._log_path}")
            piece = os.read(descriptor, 1 << 16)
            if not piece:
                raise self._died(process)
            self._buffered += piece.decode("utf-8")
        line, _, self._buffered = self._buffered.partition("\n")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _died(self, process: subprocess.Popen[str]) -> FunctionFailed:
        process.wait()
        return FunctionFailed(
            f"{self.function.name}: the process ended with {process.returncode}; its log is {self._log_path}"
        )


def _close(pipe: IO[str]) -> None:
    try:
        pipe.close()
    except BrokenPipeError:
        return  # what was left to write has no reader any more


@dataclass(frozen=True, slots=True)
class Delivered:
    """One event that a function was given."""

    function: str
    event: Mapping[str, Any]


@dataclass
class Runner:
    """All functions, and a memory of every event they were given."""

    workers: Mapping[str, Worker]
    now: Callable[[], datetime | None]
    """The driven clock, or None for the real one."""
    tell: Callable[[str], None]
    """Takes one line about something that went wrong."""
    after_each: Callable[[], None] = lambda: None
    """Called when a function has run: others may have something to do."""
    delivered: list[Delivered] = field(default_factory=list)
    failing: set[str] = field(default_factory=set)
    """Functions that fail at once on whatever they are given, as after a bad deployment."""
    unreadable: set[str] = field(default_factory=set)
    """SES message ids of letters that `inbound` fails on, as by a bug that they alone meet."""
    remember: bool = False
    """Whether events are kept for redelivery; a long run would only gather them."""
    _stopping: bool = False
    _running: int = 0
    _count: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def running(self) -> int:
        """How many functions run at this moment."""
        return self._running

    @property
    def invocations(self) -> int:
        """How many invocations there have been."""
        return self._count

    def warm(self, names: Sequence[str]) -> None:
        """Start processes, each in a thread of its own."""
        for name in names:
            threading.Thread(target=self.workers[name].warm, daemon=True).start()

    def invoke(self, name: str, event: Mapping[str, Any]) -> Any:
        """Run one function on one event and return its result; raises FunctionFailed, having told of it."""
        with self._lock:
            self._running += 1
            self._count += 1
            request_id = f"00000000-0000-4000-8000-{self._count:012d}"
            if self.remember:
                self.delivered.append(Delivered(name, event))
        try:
            if name in self.failing:
                raise FunctionFailed(f"{name}: made to fail")
            return self.workers[name].invoke(event, request_id, self.now(), self.unreadable)
        except FunctionFailed as failure:
            if not self._stopping:
                self.tell(str(failure))
            raise
        finally:
            with self._lock:
                self._running -= 1
            self.after_each()

    def stop(self) -> None:
        """End every process."""
        self._stopping = True
        for worker in self.workers.values():
            worker.stop()


def environment_for(variables: Mapping[str, str], endpoint: str, doors: Mapping[str, str]) -> dict[str, str]:
    """Return all that a function's process sees: the template's variables, and what Lambda itself would set.

    `doors` are the services that it reaches elsewhere than at `endpoint`: the SDK's name of each, and where.
    """
    region = LOOPBACK["AWS_DEFAULT_REGION"]
    return {
        **variables,
        **LOOPBACK,
        "AWS_REGION": region,
        "AWS_ENDPOINT_URL": endpoint,
        # No file of the developer's own, no metadata service: what is not set here is not there.
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_LAMBDA_FUNCTION_NAME": f"{STACK}-{variables['POWERTOOLS_SERVICE_NAME']}",
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "src"), str(REPOSITORY)]),
        "PYTHONUTF8": "1",
        "TZ": "UTC",
        **_shifted_clock(),
        **{f"AWS_ENDPOINT_URL_{service}": door for service, door in doors.items()},
    }


def _shifted_clock() -> dict[str, str]:
    """Return what shifts the clock of this process, if anything does: the functions run on the same machine."""
    if "FAKETIME" not in os.environ:
        return {}
    inherited = {name: value for name, value in os.environ.items() if name == "LD_PRELOAD" or "FAKE" in name}
    paths = (str(REPOSITORY / "src"), str(REPOSITORY), os.environ.get("PYTHONPATH", ""))
    return {**inherited, "PYTHONPATH": os.pathsep.join(filter(None, paths))}
