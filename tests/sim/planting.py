"""Bugs planted on purpose, and the first world in which each shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import pytest

from tests.sim.running import Outcome, run
from tests.sim.world import World

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]


def found(plant: Plant, patch: Patch, seeds: Iterable[int], of: type[World] = World) -> Outcome | None:
    """Return the first world in which a planted bug shows."""
    with patch.context() as planted:
        plant(planted)
        return next((outcome for outcome in map(partial(run, of=of), seeds) if outcome.failure), None)
