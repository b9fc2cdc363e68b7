"""Bugs planted on purpose, and the first world in which each shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from adapters.memory import MemoryStore
from application import receive
from application.storage import Commit
from domain.ticket.restraint import Restraint
from handlers import inbound
from tests.sim.running import Outcome, run
from tests.sim.world import World

Patch = pytest.MonkeyPatch
Plant = Callable[[Patch], None]


def found(plant: Plant, patch: Patch, seeds: Iterable[int], of: type[World] = World) -> Outcome | None:
    """Return the first world in which a planted bug shows."""
    with patch.context() as planted:
        plant(planted)
        return next((outcome for outcome in map(partial(run, of=of), seeds) if outcome.failure), None)


def unchecked(patch: Patch, **dropped: tuple[()] | None) -> None:
    """Let a commit be written without the conditions on some of its parts."""
    real = MemoryStore._check

    def check(store: MemoryStore, commit: Commit) -> None:
        real(store, replace(commit, **dropped))  # type: ignore[arg-type]  # the names are those of the parts

    patch.setattr(MemoryStore, "_check", check)


def counted_by_handling(patch: Patch) -> None:
    """A letter counts when it is handled, however long ago it was received."""
    handled: list[datetime] = []

    def take(*asked: Any, **more: Any) -> Any:
        handled.append(asked[4])
        return receive.receive(*asked, **more)

    def restraint(*asked: Any, **more: Any) -> Restraint:
        return replace(Restraint(*asked, **more), at=handled[-1])

    patch.setattr(inbound, "receive", take)
    patch.setattr(receive, "Restraint", restraint)
