"""Runs of functions that are under way at one time: whose turn it is changes at each call they make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from threading import Condition, Thread, local


class Turns:
    """Lets several runs take turns, in an order that follows from a seed alone: one moves at a time."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._changed = Condition()
        self._alive: list[int] = []
        self._turn: int | None = None
        self._own = local()

    def run(self, runs: Sequence[Callable[[], object]]) -> list[BaseException]:
        """Let runs begin together, wait until all have ended, and return what they raised."""
        raised: list[BaseException] = []
        threads = [Thread(target=self._live, args=(number, run, raised)) for number, run in enumerate(runs)]
        self._alive = list(range(len(runs)))
        self._turn = self._rng.choice(self._alive) if self._alive else None
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return raised

    def change(self) -> None:
        """Hand the turn to any of those that run, and wait for the next of one's own; outside of a run do nothing."""
        own = getattr(self._own, "number", None)
        if own is None:
            return
        with self._changed:
            self._turn = self._rng.choice(self._alive)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._turn == own)

    def _live(self, number: int, run: Callable[[], object], raised: list[BaseException]) -> None:
        self._own.number = number
        with self._changed:
            self._changed.wait_for(lambda: self._turn == number)
        try:
            run()
        except BaseException as error:  # noqa: BLE001 - whoever lets them run looks at it
            raised.append(error)
        finally:
            with self._changed:
                self._alive.remove(number)
                self._turn = self._rng.choice(self._alive) if self._alive else None
                self._changed.notify_all()
