"""Something that looks for work again and again, as Lambda's pollers do; and what they share."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar

from local.resources import Aws

Record = dict[str, Any]


class Poller(ABC):
    """A thread that looks for work again and again. `empty_since` tells `settle` that it found none."""

    shortest_pause_seconds: ClassVar[float] = 0.01
    longest_pause_seconds: ClassVar[float] = 0.25
    """Between looks that find nothing: the pauses grow, and begin anew when something happens or `wake` is called."""

    def __init__(self, name: str, aws: Aws) -> None:
        self.name = name
        self.aws = aws
        self.stopping = threading.Event()
        self.error: str | None = None
        self.complain: Callable[[str], None] = lambda _: None
        """Takes a line about a look that failed, once for each new reason."""
        self.halted = threading.Event()
        """Set while the event-source mapping is switched off: it looks for nothing and finds nothing."""
        self._empty_look_began = 0.0
        self._awake = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Begin looking."""
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end; `join` waits."""
        self.stopping.set()
        self._awake.set()

    def wake(self) -> None:
        """Let it look at once."""
        self._awake.set()

    def join(self, seconds: float) -> None:
        """Wait until it has ended."""
        self._thread.join(seconds)

    def found_nothing_since(self, instant: float) -> bool:
        """Return whether a whole look that began after an instant (monotonic) found nothing."""
        return self._empty_look_began > instant

    @abstractmethod
    def look(self) -> bool:
        """Look once and do what there is to do; return whether there was anything."""

    def _run(self) -> None:
        pause = self.shortest_pause_seconds
        while not self.stopping.is_set():
            began = time.monotonic()
            try:
                found = not self.halted.is_set() and self.look()
                self.error = None
            except Exception as error:  # noqa: BLE001 - whatever it is, the next look may succeed; a dead poller never would
                said, self.error = self.error, f"{self.name}: {type(error).__name__}: {error}"
                if self.error != said and not self.stopping.is_set():
                    self.complain(self.error)
                self.stopping.wait(0.5)
                continue
            if found:
                pause = self.shortest_pause_seconds
                continue
            self._empty_look_began = began
            if self._awake.wait(pause):
                self._awake.clear()
                pause = self.shortest_pause_seconds
            else:
                pause = min(2 * pause, self.longest_pause_seconds)


def reported(response: Any, *, reports: bool) -> set[str] | None:
    """Return the reported identifiers; None where the response is malformed, which fails the whole batch."""
    if not reports or response is None or response == {}:
        return set()
    if not isinstance(response, dict):
        return None
    entries = response.get("batchItemFailures")
    if entries is None:
        return set()
    if not isinstance(entries, list):
        return None
    identifiers = [entry.get("itemIdentifier") if isinstance(entry, dict) else None for entry in entries]
    return None if not all(identifiers) else {str(identifier) for identifier in identifiers}


def queue_url(aws: Aws, arn: str) -> str:
    """Return the address of a queue known by its ARN."""
    url: str = aws.sqs.get_queue_url(QueueName=arn.rpartition(":")[2])["QueueUrl"]
    return url
