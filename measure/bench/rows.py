"""What a part of the benchmark measures, row by row, and how it hands that over: JSON on standard output.

Imports the standard library alone: parts run in environments of their own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True, slots=True)
class Row:
    """One measure. With a bar it is a requirement, met or not; without one it is there to be known."""

    part: str
    what: str
    value: float
    unit: str
    """`x` for a ratio of medians."""
    least: float | None = None
    most: float | None = None
    note: str = ""

    @property
    def bar(self) -> str:
        """Return what the value must keep to, as people write it."""
        if self.least is not None:
            return f"= {self.least:g}" if self.least == self.most else f">= {self.least:g}"
        return f"<= {self.most:g}" if self.most is not None else ""

    @property
    def verdict(self) -> str:
        """Return `ok` or `short`; nothing where there is no bar."""
        if self.least is None and self.most is None:
            return ""
        enough = self.least is None or self.value >= self.least
        return "ok" if enough and (self.most is None or self.value <= self.most) else "short"

    def as_json(self) -> dict[str, object]:
        """Return the row as the report keeps it."""
        return {**asdict(self), "bar": self.bar, "verdict": self.verdict}


def hand_over(rows: Sequence[Row]) -> None:
    """Write a part's rows for the process that started it."""
    print(json.dumps([asdict(row) for row in rows]))


def progress(text: str) -> None:
    """Tell whoever waits what is being done; standard output is for the rows."""
    print(f"  {text}", file=sys.stderr, flush=True)


def seconds_of(action: Callable[[], object]) -> float:
    """Return how long an action takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def medians(
    actions: dict[str, Callable[[], object]], rounds: int, before_each: Callable[[], object] = lambda: None
) -> dict[str, float]:
    """Return the median seconds of each action; they take turns, so that a busy moment meets all alike.

    `before_each` runs before each of them, outside the time.
    """
    taken: dict[str, list[float]] = {name: [] for name in actions}
    for action in actions.values():
        action()  # once for nothing: caches fill
    for _ in range(rounds):
        for name, action in actions.items():
            before_each()
            taken[name].append(seconds_of(action))
    return {name: median(times) for name, times in taken.items()}


def resident_mb() -> float:
    """Return the resident memory of this process in MB of 1,000,000 bytes; on Linux now, elsewhere its peak."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        import os

        return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1e6 if sys.platform == "darwin" else peak / 1e3
