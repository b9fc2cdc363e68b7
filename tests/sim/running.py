"""Running worlds by their seeds, and making a world that fails as short as it gets."""

from __future__ import annotations

import re
import traceback
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tests.sim.model import Violation
from tests.sim.world import STEPS, Step, World, plan, running

SHRINKING_RUNS = 300
"""How many shorter worlds are tried: some twenty seconds."""
_NAMES = re.compile(r"[A-Z]{3}-[0-9A-Z]{4}-[0-9A-Z]{4}|\d+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one world."""

    seed: int
    counts: Counter[str]
    failure: str = ""
    """Which invariant did not hold, empty where all did."""
    steps_taken: int = 0
    told: tuple[str, ...] = ()
    """What happened, line by line, where that was asked for."""

    @property
    def kind(self) -> str:
        """The failure without the numbers and names of this world."""
        return _NAMES.sub("#", self.failure)


def run(seed: int, steps: Sequence[Step] | None = None, *, telling: bool = False) -> Outcome:
    """Return what becomes of a world, or of some of its steps."""
    world = World(seed, telling=telling)
    failure, taken = "", 0
    with running(world):
        try:
            for step in plan(seed) if steps is None else steps:
                taken += 1
                world.take(step)
            world.finish()
        except Violation as violation:
            failure = str(violation)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises and should not is what is looked for
            frames = traceback.extract_tb(error.__traceback__)[-3:]
            places = ", ".join(f"{frame.name}:{frame.lineno}" for frame in frames)
            failure = f"{type(error).__name__}: {error} (in {places})"
    world.counts |= Counter(steps=taken, letters=len(world.letters), tickets=len(world.table.numbers()))
    return Outcome(seed, world.counts, failure, taken, tuple(world.told or ()))


def shortened(outcome: Outcome, steps: Sequence[Step]) -> list[Step]:
    """Return as few of a failing world's steps as still fail the same way, within a bounded number of tries."""
    kept, runs, size = list(steps[: outcome.steps_taken]), 0, outcome.steps_taken // 2
    while size and runs < SHRINKING_RUNS:
        start = 0
        while start < len(kept) and runs < SHRINKING_RUNS:
            fewer = kept[:start] + kept[start + size :]
            runs += 1
            if run(outcome.seed, fewer).kind == outcome.kind:
                kept = fewer
            else:
                start += size
        size //= 2
    return kept


def report(outcome: Outcome, only: Iterable[int] = ()) -> str:
    """Return what a person needs to know of a failing world: the invariant, a short script, how to run it again."""
    chosen = set(only)
    steps = [step for step in plan(outcome.seed) if not chosen or step.number in chosen]
    kept = shortened(outcome, steps)
    last = run(outcome.seed, kept, telling=True)
    numbers = ",".join(str(step.number) for step in kept)
    return "\n".join(
        (
            f"seed {outcome.seed}: {last.failure}",
            f"Steps that are enough, {len(kept)} of {STEPS}:",
            *(f"   {line}" for line in last.told),
            f"Replay the whole world: make sim SEEDS={outcome.seed}",
            f'Replay these steps:     make sim SEEDS={outcome.seed} ARGS="--only {numbers or 0}"',
        )
    )


def check(seeds: Iterable[int]) -> str:
    """Run worlds and return a report of the first that fails, empty where none does."""
    failed = next((outcome for outcome in map(run, seeds) if outcome.failure), None)
    return report(failed) if failed is not None else ""
