"""The people of a desk: who answers, who leads, who is woken. They change weekly and are no part of the regulation."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator

from domain.addresses import normalise_address
from domain.findings import Value

PersonAddress = Annotated[str, AfterValidator(normalise_address)]


class Role(StrEnum):
    """What a person does at a desk."""

    SPECIALIST = "specialist"
    """Answers in the desk's name."""
    LEAD = "lead"
    ON_CALL = "on_call"
    """Is woken for critical faults when it is their turn."""
    ESCALATION = "escalation"
    """Is woken where the on-call does not answer."""


class Person(Value):
    """One person of a desk."""

    name: str
    """By which the rota names the person: unique at a desk, compared without case."""
    addresses: tuple[PersonAddress, ...] = ()
    """Normalised; pages go to the first."""
    phone: str | None = None
    """E.164, such as `+79001234567`; pages go there by SMS."""
    roles: tuple[Role, ...] = ()


class People(Value):
    """Everybody of a desk: one item, read together with a letter's clues."""

    version: int = 0
    """Number of writes; every write is conditional on it. 0 where nobody has been entered yet."""
    team_address: str = ""
    """Where new tickets, warnings and clients' answers go; normalised. Empty where nobody has said it yet."""
    persons: tuple[Person, ...] = ()

    @property
    def specialists(self) -> tuple[str, ...]:
        """The addresses from which letters speak for the desk."""
        return tuple(
            address for person in self.persons if Role.SPECIALIST in person.roles for address in person.addresses
        )

    def with_role(self, role: Role) -> tuple[Person, ...]:
        """Return the persons who have a role, in the order of the list."""
        return tuple(person for person in self.persons if role in person.roles)

    def named(self, name: str) -> Person | None:
        """Return a person by name, without case; None where nobody is called so."""
        return next((person for person in self.persons if person.name.casefold() == name.casefold()), None)

    def by_address(self, address: str) -> Person | None:
        """Return the person who has a normalised address; None where nobody has."""
        return next((person for person in self.persons if address in person.addresses), None)


NOBODY = People()
"""Of a desk whose people nobody has entered yet."""
