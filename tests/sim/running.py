"""Running worlds by their seeds, and making a world that fails as short as it gets."""

from __future__ import annotations

import os
import re
import traceback
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from tests.sim.outages import OutageWorld
from tests.sim.outbreaks import OutbreakWorld
from tests.sim.table import Violation
from tests.sim.world import Step, World, plan, running

WORLDS: Mapping[str, type[World]] = {world.name: world for world in (World, OutageWorld, OutbreakWorld)}
"""The sorts of worlds by their names."""

EVERY = int(os.environ.get("SIM_WORLDS_EVERY", "1"))
"""Of so many worlds one runs: a check in a hurry takes fewer."""
SHRINKING_RUNS = 300
"""How many shorter worlds are tried: some twenty seconds."""
_NAMES = re.compile(r"[A-Z]{3}-[0-9A-Z]{4}-[0-9A-Z]{4}|\d+")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one world."""

    seed: int
    of: type[World]
    counts: Counter[str]
    failure: str = ""
    """Which invariant did not hold, empty where all did."""
    steps_taken: int = 0
    broken: tuple[tuple[str, str], ...] = ()
    """Invariants over time that did not hold, and where each broke first, where they are counted."""
    told: tuple[str, ...] = ()
    """What happened, line by line, where that was asked for."""

    @property
    def kind(self) -> str:
        """The failure without the numbers and names of this world."""
        return _NAMES.sub("#", self.failure)


def run(
    seed: int,
    steps: Sequence[Step] | None = None,
    *,
    of: type[World] = World,
    telling: bool = False,
    counting: bool = False,
) -> Outcome:
    """Return what becomes of a world, or of some of its steps; `counting` goes on where an invariant over time breaks."""
    world = of(seed, telling=telling)
    world.model.is_counting = counting
    failure, taken = "", 0
    with running(world):
        try:
            for step in plan(seed, of) if steps is None else steps:
                taken += 1
                world.take(step)
            world.finish()
        except Violation as violation:
            failure = str(violation)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises and should not is what is looked for
            frames = traceback.extract_tb(error.__traceback__)[-3:]
            places = ", ".join(f"{frame.name}:{frame.lineno}" for frame in frames)
            failure = f"{type(error).__name__}: {error} (in {places})"
    world.counts += world.model.ledger.counts
    world.counts |= Counter(steps=taken, letters=len(world.letters), tickets=len(world.table.numbers()))
    return Outcome(seed, of, world.counts, failure, taken, tuple(world.model.broken.items()), tuple(world.told or ()))


def shortened(outcome: Outcome, steps: Sequence[Step]) -> list[Step]:
    """Return as few of a failing world's steps as still fail the same way, within a bounded number of tries."""
    kept, runs, size = list(steps[: outcome.steps_taken]), 0, outcome.steps_taken // 2
    while size and runs < SHRINKING_RUNS:
        start = 0
        while start < len(kept) and runs < SHRINKING_RUNS:
            fewer = kept[:start] + kept[start + size :]
            runs += 1
            if run(outcome.seed, fewer, of=outcome.of).kind == outcome.kind:
                kept = fewer
            else:
                start += size
        size //= 2
    return kept


def report(outcome: Outcome, only: Iterable[int] = ()) -> str:
    """Return what a person needs to know of a failing world: the invariant, a short script, how to run it again."""
    chosen = set(only)
    steps = [step for step in plan(outcome.seed, outcome.of) if not chosen or step.number in chosen]
    kept = shortened(outcome, steps)
    last = run(outcome.seed, kept, of=outcome.of, telling=True)
    numbers = ",".join(str(step.number) for step in kept)
    return "\n".join(
        (
            f"seed {outcome.seed}: {last.failure}",
            f"Steps that are enough, {len(kept)} of {outcome.of.steps}:",
            *(f"   {line}" for line in last.told),
            f'Replay the whole world: make sim SEEDS={outcome.seed} ARGS="--worlds {outcome.of.name}"',
            f'Replay these steps:     make sim SEEDS={outcome.seed} ARGS="--worlds {outcome.of.name} --only {numbers or 0}"',
        )
    )


def check(seeds: Iterable[int], of: type[World] = World) -> str:
    """Run worlds and return a report of the first that fails, empty where none does."""
    failed = next((outcome for outcome in map(partial(run, of=of), seeds) if outcome.failure), None)
    return report(failed) if failed is not None else ""
