"""`make sim SEEDS=…`: runs simulated worlds, says what happened in them, and shows the way to what fails."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from time import perf_counter

from tests.sim.running import Outcome, report, run
from tests.sim.world import plan

SHOWN = 3
"""Failing worlds that are made short and shown; the others are named."""


def main() -> int:
    """Return the exit status: 1 where a world failed."""
    parser = argparse.ArgumentParser(prog="make sim", description=__doc__)
    parser.add_argument("--seeds", type=seeds_of, default=seeds_of("1-1000"), help="such as 7, 1-1000 or 3,5,8-12")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="worlds run at a time")
    parser.add_argument("--only", help="numbers of the steps to take, of one seed; its script is printed")
    args = parser.parse_args()
    if args.only is not None:
        return _replay(args.seeds[0], {int(number) for number in args.only.split(",")})
    begun = perf_counter()
    totals: Counter[str] = Counter()
    failed: list[Outcome] = []
    with _runs(args.seeds, args.jobs) as outcomes:
        for number, outcome in enumerate(outcomes, 1):
            totals += outcome.counts
            if outcome.failure:
                failed.append(outcome)
            if number % max(len(args.seeds) // 10, 1) == 0:
                print(f"{number} worlds of {len(args.seeds)}, {len(failed)} failed", file=sys.stderr)
    for outcome in failed[:SHOWN]:
        print(report(outcome), end="\n\n")
    if failed[SHOWN:]:
        print("failed as well: " + ",".join(str(outcome.seed) for outcome in failed[SHOWN:]))
    _summary(totals, len(args.seeds), perf_counter() - begun)
    if len(args.seeds) == 1 and not failed:
        print(f"Everything held in the world of seed {args.seeds[0]}. For many worlds: make sim SEEDS=1-1000")
    return 1 if failed else 0


def seeds_of(text: str) -> list[int]:
    """Return the seeds that `3,5,8-12` names."""
    spans = [part.partition("-") for part in text.split(",")]
    return [seed for first, _, last in spans for seed in range(int(first), int(last or first) + 1)]


@contextmanager
def _runs(seeds: list[int], jobs: int) -> Iterator[Iterator[Outcome]]:
    if jobs == 1 or len(seeds) == 1:
        yield map(run, seeds)
        return
    # Not forked: the interpreter may have threads by now.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield pool.map(run, seeds, chunksize=5)


def _replay(seed: int, only: set[int]) -> int:
    outcome = run(seed, [step for step in plan(seed) if step.number in only], telling=True)
    print("\n".join(outcome.told))
    print(f"seed {seed}: {outcome.failure or 'everything held'}")
    return 1 if outcome.failure else 0


def _summary(totals: Counter[str], worlds: int, seconds: float) -> None:
    shown = (
        "steps", "letters", "tickets", "commits", "deliveries", "LettersRedelivered", "mails", "pages", "throttled",
        "sweeps", "TimersFired", "OffersRepeated", "overlaps", "crashes", "failures",
    )  # fmt: skip
    print(f"worlds: {worlds}, " + ", ".join(f"{name}: {totals[name]}" for name in shown))
    print(f"{seconds:.0f} s, {totals['tickets'] / seconds * 60:.0f} tickets a minute")


if __name__ == "__main__":
    sys.exit(main())
