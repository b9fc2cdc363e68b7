"""Whose turn it is to be woken: the rota of a desk, by weeks, days and hours, with overrides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.findings import Value
from domain.people import People, Person, Role
from domain.ticket.outgoing import PageLevel

ROLE_OF: Mapping[PageLevel, Role] = {PageLevel.ON_CALL: Role.ON_CALL, PageLevel.ESCALATION: Role.ESCALATION}
"""Which role a level wakes."""


class Rota(Value):
    """The rota of a desk: one item."""

    version: int = 0
    """Number of writes; every write is conditional on it. 0 where none has been written yet."""


def on_duty(rota: Rota, people: People, level: PageLevel, at: datetime) -> tuple[Person, ...]:
    """Return who is woken at a level at an aware instant.

    Where the rota names nobody who can be woken, everybody with the level's role; where there is none either, everybody
    with the other level's: in doubt somebody is woken.
    """
    other = next(one for one in PageLevel if one is not level)
    return people.with_role(ROLE_OF[level]) or people.with_role(ROLE_OF[other])
