"""The people of a desk: who answers, who leads, who is woken. They change weekly and are no part of the regulation."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, model_validator

from domain.addresses import normalise_address
from domain.findings import Value
from domain.writer.contacts import normalise_phone

_MAILBOX = re.compile(r"[^\s@\"<>]{1,64}@[^\s@.]+(?:\.[^\s@.]+)+")
_LONGEST_NAME = 100


def is_mail_address(text: str) -> bool:
    """Return whether a text is the address of one mailbox, in whichever spelling of its domain."""
    return _MAILBOX.fullmatch(normalise_address(text)) is not None


def _mailbox(text: str) -> str:
    address = normalise_address(text)
    if not is_mail_address(address):
        raise ValueError("a mail address such as anna@example.ru")
    return address


def _mailbox_if_any(text: str) -> str:
    return _mailbox(text) if text.strip() else ""


def _phone(text: str | None) -> str | None:
    if text is None:
        return None
    number = normalise_phone(text)
    if number is None:
        raise ValueError("a phone number such as +7 900 123-45-67")
    return number


def _name(text: str) -> str:
    name = " ".join(text.split())
    if not 0 < len(name) <= _LONGEST_NAME:
        raise ValueError(f"a name of at most {_LONGEST_NAME} characters")
    return name


PersonAddress = Annotated[str, AfterValidator(_mailbox)]


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

    name: Annotated[str, AfterValidator(_name)]
    """By which the rota names the person: unique at a desk, compared without case."""
    addresses: tuple[PersonAddress, ...] = ()
    """Normalised; pages go to the first."""
    phone: Annotated[str | None, AfterValidator(_phone)] = None
    """E.164, such as `+79001234567`; pages go there by SMS."""
    roles: tuple[Role, ...] = ()

    @property
    def is_reachable(self) -> bool:
        """Whether there is a channel by which the person can be woken."""
        return bool(self.addresses or self.phone)


class People(Value):
    """Everybody of a desk: one item, read together with a letter's clues."""

    version: int = 0
    """Number of writes; every write is conditional on it. 0 where nobody has been entered yet."""
    team_address: Annotated[str, AfterValidator(_mailbox_if_any)] = ""
    """Where new tickets, warnings and clients' answers go; normalised. Empty where nobody has said it yet."""
    persons: tuple[Person, ...] = ()

    @model_validator(mode="after")
    def _each_is_one_person(self) -> Self:
        """Refuse two persons of one name, for the rota means one of them, and an address of two, who would be taken for each other."""
        names = Counter(person.name.casefold() for person in self.persons)
        addresses = Counter(address for person in self.persons for address in set(person.addresses))
        for what, counted in (("name", names), ("address", addresses)):
            twice = next((value for value, number in counted.items() if number > 1), None)
            if twice is not None:
                raise ValueError(f"each {what} of one person alone: {twice!r} is given to several")
        return self

    @property
    def specialists(self) -> tuple[str, ...]:
        """The addresses from which letters speak for the desk."""
        return tuple(
            address for person in self.persons if Role.SPECIALIST in person.roles for address in person.addresses
        )

    @property
    def may_be_woken(self) -> bool:
        """Whether anybody who is woken, at either level, has a channel."""
        woken = {Role.ON_CALL, Role.ESCALATION}
        return any(person.is_reachable and woken.intersection(person.roles) for person in self.persons)

    @property
    def addresses(self) -> frozenset[str]:
        """All addresses of the desk's people, the team's among them."""
        own = {address for person in self.persons for address in person.addresses}
        return frozenset(own | {self.team_address} - {""})

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
