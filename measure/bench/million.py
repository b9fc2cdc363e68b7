"""The sweep over the store in memory, at 1 thousand and at 1 million open tickets: it asks for what is due."""

from __future__ import annotations

import contextlib
import gc
import io
import time
from statistics import median

from adapters.memory import MemoryStore
from measure.bench import tickets
from measure.bench.rows import Row, hand_over, progress, resident_mb, seconds_of

PART = "million"
SIZES = (1_000, 1_000_000)
ROUNDS = 9
REPEATED = 20


def filled(size: int) -> MemoryStore:
    """Return a store of that many open tickets, each committed as any other."""
    store, began = MemoryStore(), time.monotonic()
    for place, commit in enumerate(tickets.openings(size, ROUNDS), 1):
        store.commit(commit)
        if place % 250_000 == 0:
            progress(f"{place:,} tickets in memory, {time.monotonic() - began:.0f} s")
    return store


def main() -> None:
    """Measure and hand over."""
    # None of the tickets is ever garbage: looking for it among a million would only take time.
    gc.disable()
    stores = {size: filled(size) for size in SIZES[:1]}
    before = resident_mb()
    stores[SIZES[-1]] = filled(SIZES[-1])
    kept = resident_mb() - before
    gc.freeze()
    gc.enable()
    idle: dict[int, list[float]] = {size: [] for size in SIZES}
    busy: dict[int, list[float]] = {size: [] for size in SIZES}
    progress(f"{ROUNDS} sweeps with {tickets.DUE} due, {ROUNDS * REPEATED} with none")
    with contextlib.redirect_stdout(io.StringIO()):
        for lot in range(ROUNDS):
            for size, store in stores.items():
                for _ in range(REPEATED):
                    idle[size].append(seconds_of(tickets.sweep(store, tickets.round_at(lot - 1))))
                began = time.perf_counter()
                swept = tickets.sweep(store, tickets.round_at(lot))()
                busy[size].append(time.perf_counter() - began)
                assert swept["TimersFired"] == tickets.DUE, swept
    small, large = SIZES
    hand_over(
        [
            Row(PART, f"sweep of {large:,} / of {small:,} tickets, {tickets.DUE} due",
                median(busy[large]) / median(busy[small]), "x", most=2,
                note=f"{median(busy[large]) * 1e3:.1f} and {median(busy[small]) * 1e3:.1f} ms"),
            Row(PART, f"sweep of {large:,} / of {small:,} tickets, none due",
                median(idle[large]) / median(idle[small]), "x", most=2,
                note=f"{median(idle[large]) * 1e3:.2f} and {median(idle[small]) * 1e3:.2f} ms"),
            Row(PART, f"memory of {large:,} open tickets", kept, "MB", note=f"{kept * 1e6 / large:,.0f} bytes a ticket"),
        ]
    )  # fmt: skip


if __name__ == "__main__":
    main()
