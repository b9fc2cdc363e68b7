"""Simulated worlds, seeds 1 and on: everything in any order, and all invariants hold."""

from __future__ import annotations

from typing import ClassVar

import pytest

from tests.sim.outages import OutageWorld
from tests.sim.outbreaks import OutbreakWorld
from tests.sim.running import EVERY, check, run
from tests.sim.world import World, plan, running

PIECES = 5
"""Tests of a class."""


class _Worlds:
    """A part of the worlds of one sort: the runner hands each class to whichever of its processes is free."""

    of: ClassVar[type[World]] = World
    first: ClassVar[int]
    size: ClassVar[int] = 50

    @pytest.mark.parametrize("piece", range(PIECES))
    def test_all_invariants_hold(self, piece: int) -> None:
        """What does not hold is reported as a short script, with the command that replays it."""
        size = self.size // PIECES
        first = self.first + piece * size
        failure = check(range(first, first + size, EVERY), self.of)
        assert not failure, f"\n{failure}"


class TestFirstBusyWorlds(_Worlds):
    """Seeds 1 to 50. `make sim` runs a thousand, and as many more as it is asked for."""

    first = 1


class TestSecondBusyWorlds(_Worlds):
    """Seeds 51 to 100."""

    first = 51


class TestThirdBusyWorlds(_Worlds):
    """Seeds 101 to 150."""

    first = 101


class TestLastBusyWorlds(_Worlds):
    """Seeds 151 to 200."""

    first = 151


class _WorldsWithOutages(_Worlds):
    of = OutageWorld
    size = 125


class TestFirstWorldsWithOutages(_WorldsWithOutages):
    """Seeds 1 to 125."""

    first = 1


class TestSecondWorldsWithOutages(_WorldsWithOutages):
    """Seeds 126 to 250."""

    first = 126


class TestThirdWorldsWithOutages(_WorldsWithOutages):
    """Seeds 251 to 375."""

    first = 251


class TestFourthWorldsWithOutages(_WorldsWithOutages):
    """Seeds 376 to 500."""

    first = 376


class TestFifthWorldsWithOutages(_WorldsWithOutages):
    """Seeds 501 to 625."""

    first = 501


class TestSixthWorldsWithOutages(_WorldsWithOutages):
    """Seeds 626 to 750."""

    first = 626


class TestSeventhWorldsWithOutages(_WorldsWithOutages):
    """Seeds 751 to 875."""

    first = 751


class TestLastWorldsWithOutages(_WorldsWithOutages):
    """Seeds 876 to 1000."""

    first = 876


class TestWorldsOfFaults(_Worlds):
    """Seeds 1 to 60."""

    of = OutbreakWorld
    first, size = 1, 60


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
