"""Worlds in which two letters are a storm: what the limits withhold is counted by receipt, and told, whatever fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest

from adapters import instants, memory
from adapters.memory import MemoryStore
from domain.fault.fault import Fault
from domain.regulation.editions import desk_ids, editions
from domain.ticket import timers
from domain.ticket.events import Event
from domain.ticket.lately import SentLately, WithheldLetter
from domain.ticket.restraint import AutomaticLettersRule
from domain.ticket.ticket import Ticket
from tests.sim.model import Model
from tests.sim.planting import counted_by_handling
from tests.sim.running import run

STRICT = AutomaticLettersRule(
    house_rule=True,
    per_ticket_per_hour=1,
    per_address_per_hour=1,
    per_address_per_day=2,
    to_team_per_address_per_hour=1,
    to_strangers_per_hour=1,
)
WORLDS = range(1, 13)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Return how often each event has happened, in worlds of strict editions."""
    for edition in (edition for desk in desk_ids() for edition in editions(desk)):
        monkeypatch.setitem(edition.__dict__, "automatic_letters", STRICT)
    seen: Counter[str] = Counter()
    real = Model._read

    def read(model: Model, number: str, event: Event, *rest: object) -> None:
        seen[event.type] += 1
        real(model, number, event, *rest)  # type: ignore[arg-type]  # handed on

    monkeypatch.setattr(Model, "_read", read)
    return seen


def test_what_strict_limits_withhold_is_told_to_the_team_once(seen: Counter[str]) -> None:
    """No hour holds more than it may, by receipt, and no letter to the team is lost or told twice."""
    failures = {seed: outcome.failure for seed in WORLDS if (outcome := run(seed)).failure}
    assert not failures
    assert seen["letter_withheld"] > seen["digest_sent"] > 100


# Bugs planted on purpose, each of which these worlds find -----------------------------------------------------


def digest_forgets(patch: pytest.MonkeyPatch) -> None:
    """Of what is withheld only the last letter is kept."""
    real = SentLately.with_withheld

    def with_withheld(lately: SentLately, letter: WithheldLetter, due: datetime) -> SentLately:
        return real(lately.model_copy(update={"withheld": ()}), letter, due)

    patch.setattr(SentLately, "with_withheld", with_withheld)


def digest_unconditional(patch: pytest.MonkeyPatch) -> None:
    """What is withheld while a digest is written is cleared with it, and told to nobody."""
    real = MemoryStore._check
    patch.setattr(MemoryStore, "_check", lambda store, commit: real(store, replace(commit, sent=())))


def digest_ends_with_its_ticket(patch: pytest.MonkeyPatch) -> None:
    """A ticket that is closed sends nothing any more."""
    real = instants.next_instant

    def next_instant(snapshot: Ticket | Fault) -> datetime | None:
        if isinstance(snapshot, Fault):
            return real(snapshot)
        return next((timer.at for timer in timers.clock_timers_of(snapshot)), None)

    patch.setattr(memory, "next_instant", next_instant)


@pytest.mark.parametrize(
    "bug", [counted_by_handling, digest_forgets, digest_unconditional, digest_ends_with_its_ticket]
)
def test_a_bug_in_the_limits_is_found(
    bug: Callable[[pytest.MonkeyPatch], None], seen: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By one of the same worlds, so that they are worth their time."""
    del seen  # the editions are strict
    bug(monkeypatch)
    assert any(run(seed).failure for seed in WORLDS)
