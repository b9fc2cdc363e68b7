"""By which channels a page leaves: the telephones and mailboxes of the people whose turn it is, and the pages topic."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from domain.people import Person


class Kind(StrEnum):
    """What a channel is."""

    SMS = "sms"
    TOPIC = "topic"
    """For whatever subscribes to it."""
    MAIL = "mail"


@dataclass(frozen=True, slots=True)
class Channel:
    """One way to one person, or to all subscribers of the topic."""

    kind: Kind
    to: str = ""
    """The telephone in E.164 form, or the normalised address; empty for the topic."""
    person: Person = Person(name="topic")  # noqa: RUF009 - a frozen value

    @property
    def name(self) -> str:
        """Under which it is marked and logged: `sms:1a2b3c`.

        Twenty-four bits of a hash: enough to differ among the people of a desk, and too few to tell a telephone from the
        sixty others that have the same.
        """
        if not self.to:
            return self.kind
        return f"{self.kind}:{hashlib.sha256(self.to.encode()).hexdigest()[:6]}"


TOPIC = Channel(Kind.TOPIC)


def channels_of(persons: Iterable[Person]) -> Iterator[Channel]:
    """Return all channels of a page to persons, each once: telephones first, which wake; then the topic; then mailboxes."""
    awake = list(persons)
    yield from {person.phone: Channel(Kind.SMS, person.phone, person) for person in awake if person.phone}.values()
    yield TOPIC
    mailed = {person.addresses[0]: person for person in awake if person.addresses}
    yield from (Channel(Kind.MAIL, address, person) for address, person in mailed.items())
