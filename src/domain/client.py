"""Who a desk serves: a client, its contacts, and its recent past that quota and duplicates look at."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from domain.findings import Identification, Value


class ContactKind(StrEnum):
    """By what a client may be found; a contact belongs to one client of a desk."""

    ADDRESS = "address"
    PHONE = "phone"
    INN = "inn"
    CONTRACT = "contract"
    SITE = "site"


class Contact(Value):
    """One way to find a client; the value is normalised (address comparable, phone E.164, site ASCII)."""

    kind: ContactKind
    value: str


class Client(Value):
    """A client of a desk, as the registry knows it."""

    id: str
    desk: str
    kind: str = "client"
    """What the client is to the desk: a word from the edition's eligible kinds."""
    name: str = ""
    contacts: tuple[Contact, ...] = ()
    full_name: str | None = None
    organisation: str | None = None
    position: str | None = None
    contract: str | None = None
    services: tuple[str, ...] = ()
    offer_accepted_on: date | None = None

    def has_address(self, address: str) -> bool:
        """Return whether this normalised address is one of the client's contacts."""
        return Contact(kind=ContactKind.ADDRESS, value=address) in self.contacts


class Sketch(Value):
    """What is kept of a letter to know it again: hashes of its words, in order; no text."""

    ticket: str
    at: datetime
    words: tuple[int, ...]
    subject: tuple[int, ...] = ()
    stated: tuple[tuple[str, int], ...] = ()
    """The kinds of the contacts that the letter states, each with a hash of the contact."""
    sender: int = 0
    """A hash of the sender's address; 0 where it is not known."""


class Statements(Value):
    """The letters that state one contact, in the duplicate window and by arrival, from any sender."""

    version: int = 0
    sketches: tuple[Sketch, ...] = ()


class CountedRequest(Value):
    """A request that counts towards the month's quota."""

    ticket: str
    at: datetime


class GivenDetails(Value):
    """What a request from a proved address said of its writer, for the next one from there."""

    address: str
    ticket: str
    at: datetime
    """Receipt of the letter that gave them last."""
    details: Identification


class Recent(Value):
    """A client's recent past. Every decision about its letters is conditional on `version`."""

    version: int = 0
    requests: tuple[CountedRequest, ...] = ()
    """Of this calendar month and the one before, by arrival."""
    sketches: tuple[Sketch, ...] = ()
    """Of the letters within the duplicate window, by arrival."""
    details: tuple[GivenDetails, ...] = ()
    """Of the latest requests, by arrival, for as long as the edition says."""

    def without_details(self) -> Recent:
        """Return this without what its letters said of who writes."""
        return self.model_copy(update={"version": self.version + 1, "details": ()})

    def with_past_of(self, other: Recent) -> Recent:
        """Return this with another sender's past in it, by time: both turned out to be one client."""
        return Recent(
            version=self.version + 1,
            requests=tuple(sorted((*self.requests, *other.requests), key=lambda request: request.at)),
            sketches=tuple(sorted((*self.sketches, *other.sketches), key=lambda sketch: sketch.at)),
            details=tuple(sorted((*self.details, *other.details), key=lambda given: given.at)),
        )


_BY_ADDRESS = "address:"


def address_client_id(address: str) -> str:
    """Return the client key under which a sender unknown to the registry is counted."""
    return f"{_BY_ADDRESS}{address}"


def address_of_client_id(client_key: str) -> str | None:
    """Return the address under which a sender unknown to the registry is counted; None for any other client key."""
    return client_key.removeprefix(_BY_ADDRESS) if client_key.startswith(_BY_ADDRESS) else None
