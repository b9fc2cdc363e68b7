"""Letters that say the same from several mailboxes: found by what they state, among one desk's letters or one owner's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.client import Contact, ContactKind, Sketch, Statements
from domain.findings import Identification
from domain.intake.classify import identify
from domain.intake.duplicates import Stated
from domain.intake.forwarding import with_forwarded
from domain.intake.stated import stated_in
from domain.letter import Letter
from domain.regulation.edition import Edition

LETTERS_KEPT = 12
"""Of one contact: a client with more open requests in the window is found by the latest of them. Of the longest,
some 100 kB."""


@dataclass(frozen=True, slots=True)
class StatementsChange:
    """The letters that state a contact, as they were read and as they become."""

    scope: str
    """Among whose letters: see `scope_of`."""
    contact: Contact
    before: Statements
    after: Statements
    kept_until: datetime
    """When no rule asks about them any more."""


def scope_of(edition: Edition) -> str:
    """Return among whose letters a letter's repetitions are sought: the desk's, or those of all desks of its owner.

    No desk is called like that of an owner, whose name follows a sign that no desk's id has.
    """
    return f"={edition.desk.owner}" if edition.desk.owner else edition.desk.id


def stated_by(letter: Letter, edition: Edition, said: Identification) -> Stated:
    """Return what a letter states of whose it is; one that only sends a letter on states what that one does.

    Where several desks have one owner, the sender's address is such a contact, too: each desk knows its own past alone.
    """
    whole = with_forwarded(letter)
    sent_on = () if whole is letter else (identify(replace(whole, sender=None, signature=""), edition),)
    contacts = stated_in(letter, said, *sent_on)
    if edition.desk.owner and letter.sender is not None:
        contacts = (*contacts, Contact(kind=ContactKind.ADDRESS, value=letter.sender.address))
    return Stated(contacts, tuple(one.full_name for one in (said, *sent_on) if one.full_name))


def sketches_in(statements: Mapping[Contact, Statements]) -> tuple[Sketch, ...]:
    """Return the letters that state one of a letter's contacts, each once and by arrival."""
    by_ticket = {sketch.ticket: sketch for known in statements.values() for sketch in known.sketches}
    return tuple(sorted(by_ticket.values(), key=lambda sketch: sketch.at))


def remembered(
    scope: str, known: Mapping[Contact, Statements], sketch: Sketch, window: timedelta
) -> Iterator[StatementsChange]:
    """Return how the letters that state each of the contacts asked about change by a new request."""
    for contact, before in known.items():
        kept = tuple(one for one in before.sketches if abs(sketch.at - one.at) <= window)
        by_arrival = sorted((*kept, sketch), key=lambda one: (one.at, one.ticket))
        after = Statements(version=before.version + 1, sketches=tuple(by_arrival[-LETTERS_KEPT:]))
        yield StatementsChange(scope, contact, before, after, kept_until=_end(after, window))


def _end(statements: Statements, window: timedelta) -> datetime:
    """Return when the last of the letters leaves the window; a day later, since letters are read late."""
    return max(sketch.at for sketch in statements.sketches) + window + timedelta(days=1)
