"""Bugs planted on purpose, and the first world in which each shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from application import receive
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
