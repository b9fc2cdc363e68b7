"""Worlds of two hundred steps: letters, specialists, clocks and failures in any order, and all invariants hold."""

from __future__ import annotations

import pytest

from tests.sim.running import check, run
from tests.sim.world import World, plan, running

WORLDS = 200
"""`make sim` runs a thousand, and as many more as it is asked for."""
PARTS = 4
"""Classes of tests: the runner hands each to whichever of its processes is free."""
PIECES = 5
"""Tests of a class."""


class _Worlds:
    part: int

    @pytest.mark.parametrize("piece", range(PIECES))
    def test_all_invariants_hold(self, piece: int) -> None:
        """What does not hold is reported as a short script, with the command that replays it."""
        size = WORLDS // PARTS // PIECES
        first = 1 + (self.part * PIECES + piece) * size
        failure = check(range(first, first + size))
        assert not failure, f"\n{failure}"


class TestFirstWorlds(_Worlds):
    """Seeds 1 to 50."""

    part = 0


class TestSecondWorlds(_Worlds):
    """Seeds 51 to 100."""

    part = 1


class TestThirdWorlds(_Worlds):
    """Seeds 101 to 150."""

    part = 2


class TestLastWorlds(_Worlds):
    """Seeds 151 to 200."""

    part = 3


def test_two_worlds_in_one_process_know_nothing_of_each_other() -> None:
    """What the functions need is handed to them: step by step in turns, each world goes as it goes alone."""
    seeds = [seed for seed in range(1, 20) if not World(seed).is_crowded][:2]
    alone = [run(seed, telling=True).told for seed in seeds]
    worlds = [World(seed, telling=True) for seed in seeds]
    with running(worlds[0]), running(worlds[1]):
        for steps in zip(*map(plan, seeds), strict=True):
            for world, step in zip(worlds, steps, strict=True):
                world.take(step)
        for world in worlds:
            world.finish()
    assert [tuple(world.told or ()) for world in worlds] == alone
