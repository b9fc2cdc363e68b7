"""The people of the desks that ship, as their own files have them, and how a store comes to know them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from adapters.people_files import enter_seeds, seed_of
from application.ports import PeopleOfDesks
from domain.people import People
from domain.regulation.editions import find_desk
from domain.ticket.outgoing import OutgoingMail

ENTERED_AT = datetime(2013, 1, 1, tzinfo=UTC)
S = TypeVar("S", bound=PeopleOfDesks)


def people_of(desk: str) -> People:
    """Return the people of a desk, by its id or prefix."""
    return seed_of(find_desk(desk))


def team_of(desk: str) -> str:
    """Return the team address of a desk, by its id or prefix."""
    return people_of(desk).team_address


def specialists_of(desk: str) -> tuple[str, ...]:
    """Return the addresses of a desk's specialists, by its id or prefix."""
    return people_of(desk).specialists


def peopled(store: S) -> S:
    """Return a store in which the people and the rota of each desk that ships are entered."""
    enter_seeds(store, at=ENTERED_AT, caller="tests")
    return store


def addressed(mail: OutgoingMail) -> OutgoingMail:
    """Return a letter as it is addressed when it leaves: to the team by the desk's people."""
    return mail if mail.to else mail.model_copy(update={"to": team_of(mail.desk)})
