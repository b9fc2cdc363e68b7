"""What it costs to have the production calendar, against importing `holidays`: in fresh interpreters, in turn."""

from __future__ import annotations

import subprocess
import sys
from statistics import median

from measure.bench.rows import Row, hand_over, progress

PART = "loading"
ROUNDS = 15
MEASURED = """
import os, time

def resident():
    try:
        with open("/proc/self/statm") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:  # only Linux has it
        return 0.0

{first}
before, began = resident(), time.perf_counter()
{loads}
taken = time.perf_counter() - began
print(taken, resident() - before)
"""
"""Imports nothing that either side would import: its cost would be taken off whoever comes second."""
STANDARD = "import datetime, functools, json, pathlib, re, typing, zoneinfo\n"
"""What our calendar takes from the standard library, and every function of the desk has before it."""
OURS = "from domain.calendars import production_year\nyears = [production_year('ru', year) for year in range({})]"
THEIRS = "import holidays\nyears = holidays.country_holidays('RU', years=range(2011, 2028))\nyears.get('2024-01-01')"
TABLE = """
from datetime import UTC, datetime, timedelta
from domain.working_time import OpeningHours, WorkingCalendar, hours
desk = WorkingCalendar.of(OpeningHours("Europe/Moscow", "ru", hours("09:00-18:00")))
desk.add(datetime(2026, 4, 24, 12, tzinfo=UTC), timedelta(hours=4))
"""
LOADS: dict[str, tuple[str, str]] = {
    "our calendar, 3 years of it": (STANDARD, OURS.format("2025, 2028")),
    "importing holidays": (STANDARD, "import holidays"),
    "our calendar, all its 17 years": (STANDARD, OURS.format("2011, 2028")),
    "holidays and the same 17 years": (STANDARD, THEIRS),
    "our calendar, 3 years, and the standard library": ("", STANDARD + OURS.format("2025, 2028")),
    "importing holidays, and the standard library": ("", STANDARD + "import holidays"),
    "our calendar and a desk's first answer": (STANDARD, TABLE),
}
"""What is there before, and what is measured."""


def measured(first: str, loads: str) -> tuple[float, float]:
    """Return the seconds and the MB that some lines cost a fresh interpreter, after others."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURED.format(first=first, loads=loads)], capture_output=True, text=True, check=True
    )
    seconds, megabytes = done.stdout.split()
    return float(seconds), float(megabytes)


def measure(loads: dict[str, tuple[str, str]]) -> tuple[dict[str, float], dict[str, float]]:
    """Return the median seconds and MB of each load; they take turns."""
    progress(f"loading in {ROUNDS * len(loads)} fresh interpreters")
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in loads}
    for first, lines in loads.values():
        measured(first, lines)  # once for nothing: files come into the page cache, compiled
    for _ in range(ROUNDS):
        for name, (first, lines) in loads.items():
            taken[name].append(measured(first, lines))
    seconds = {name: median(time for time, _ in rows) for name, rows in taken.items()}
    memory = {name: median(size for _, size in rows) for name, rows in taken.items()}
    return seconds, memory


def main() -> None:
    """Measure and hand over."""
    seconds, memory = measure(LOADS)
    rows = [
        Row(PART, f"{ours} / {theirs}", seconds[ours] / seconds[theirs], "x", most=most)
        for ours, theirs, most in (
            ("our calendar, 3 years of it", "importing holidays", 0.1),
            ("our calendar, all its 17 years", "holidays and the same 17 years", 0.1),
            (
                "our calendar, 3 years, and the standard library",
                "importing holidays, and the standard library",
                None,
            ),
        )
    ]
    rows += [Row(PART, name, value * 1e3, "ms", note=f"{memory[name]:.1f} MB") for name, value in seconds.items()]
    hand_over(rows)


if __name__ == "__main__":
    main()
