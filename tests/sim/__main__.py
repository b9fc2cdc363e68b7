"""`make sim SEEDS=…`: runs simulated worlds, says what happened in them, and shows the way to what fails."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from multiprocessing import get_context
from time import perf_counter

from tests.sim.running import WORLDS, Outcome, report, run
from tests.sim.world import World, plan

SHOWN = 3
"""Failing worlds that are made short and shown; the others are named."""


def main() -> int:
    """Return the exit status: 1 where a world failed."""
    parser = argparse.ArgumentParser(prog="make sim", description=__doc__)
    parser.add_argument("--seeds", type=seeds_of, default=seeds_of("1-1000"), help="such as 7, 1-1000 or 3,5,8-12")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="worlds run at a time")
    parser.add_argument("--only", help="numbers of the steps to take, of one seed; its script is printed")
    parser.add_argument("--worlds", choices=(*WORLDS, "all"), default="all", help="which sort (default: %(default)s)")
    parser.add_argument(
        "--tally",
        action="store_true",
        help="go on where an invariant over time breaks, and say in how many worlds each did",
    )
    args = parser.parse_args()
    chosen = tuple(WORLDS.values()) if args.worlds == "all" else (WORLDS[args.worlds],)
    if args.only is not None:
        return _replay(args.seeds[0], {int(number) for number in args.only.split(",")}, chosen[0])
    return max([_run_all(of, args.seeds, args.jobs, counting=args.tally) for of in chosen])


def _run_all(of: type[World], seeds: list[int], jobs: int, *, counting: bool) -> int:
    """Run worlds of a sort, and say what happened in them; return the exit status."""
    begun = perf_counter()
    totals: Counter[str] = Counter()
    broken: defaultdict[str, list[int]] = defaultdict(list)
    failed: list[Outcome] = []
    with _runs(partial(run, of=of, counting=counting), seeds, jobs) as outcomes:
        for number, outcome in enumerate(outcomes, 1):
            totals += outcome.counts
            for invariant, _ in outcome.broken:
                broken[invariant].append(outcome.seed)
            if outcome.failure:
                failed.append(outcome)
            if number % max(len(seeds) // 10, 1) == 0:
                print(f"{number} {of.name} worlds of {len(seeds)}, {len(failed)} failed", file=sys.stderr)
    for outcome in failed[:SHOWN]:
        print(f"seed {outcome.seed}: {outcome.failure}" if counting else report(outcome), end="\n\n")
    if failed[SHOWN:]:
        print("failed as well: " + ",".join(str(outcome.seed) for outcome in failed[SHOWN:]))
    for invariant, seen_in in sorted(broken.items(), key=lambda entry: -len(entry[1])):
        print(f"broken in {len(seen_in)} worlds: {invariant}; seeds {', '.join(map(str, seen_in[:SHOWN]))}")
    _summary(totals, of, len(seeds), perf_counter() - begun)
    if len(seeds) == 1 and not failed:
        print(f"Everything held in the {of.name} world of seed {seeds[0]}. For many worlds: make sim SEEDS=1-1000")
    return 1 if failed or broken else 0


def seeds_of(text: str) -> list[int]:
    """Return the seeds that `3,5,8-12` names."""
    spans = [part.partition("-") for part in text.split(",")]
    return [seed for first, _, last in spans for seed in range(int(first), int(last or first) + 1)]


@contextmanager
def _runs(run_one: Callable[[int], Outcome], seeds: list[int], jobs: int) -> Iterator[Iterator[Outcome]]:
    if jobs == 1 or len(seeds) == 1:
        yield map(run_one, seeds)
        return
    # Not forked: the interpreter may have threads by now.
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool:
        yield pool.map(run_one, seeds, chunksize=5)


def _replay(seed: int, only: set[int], of: type[World]) -> int:
    outcome = run(seed, [step for step in plan(seed, of) if step.number in only], of=of, telling=True)
    print("\n".join(outcome.told))
    print(f"seed {seed}: {outcome.failure or 'everything held'}")
    return 1 if outcome.failure else 0


def _summary(totals: Counter[str], of: type[World], worlds: int, seconds: float) -> None:
    shown = (
        "steps", "letters", "tickets", "faults", "commits", "deliveries", "LettersRedelivered", "mails", "pages", "throttled",
        "sweeps", "TimersFired", "OffersRepeated", "outages", "refusals", "overlaps", "crashes", "failures",
    )  # fmt: skip
    print(f"{of.name} worlds: {worlds}, " + ", ".join(f"{name}: {totals[name]}" for name in shown))
    print(f"{seconds:.0f} s, {totals['tickets'] / seconds * 60:.0f} tickets a minute")


if __name__ == "__main__":
    sys.exit(main())
