"""A thousand worlds of two hundred steps: letters, specialists, clocks and failures in any order, and all invariants hold."""

from __future__ import annotations

import pytest

from tests.sim.running import check

WORLDS = 1_000
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
    """Seeds 1 to 250."""

    part = 0


class TestSecondWorlds(_Worlds):
    """Seeds 251 to 500."""

    part = 1


class TestThirdWorlds(_Worlds):
    """Seeds 501 to 750."""

    part = 2


class TestLastWorlds(_Worlds):
    """Seeds 751 to 1000."""

    part = 3
