"""A desk's people and rota where they are used: to whom a letter of the team goes, and what stands in for them at first."""

from __future__ import annotations

from typing import Protocol

from domain.people import People
from domain.ticket.outgoing import OutgoingMail


class NobodyEntered(LookupError):
    """A desk has no team address yet: its team's letters wait until somebody enters one."""


class KnowsPeople(Protocol):
    """Where the people of desks are read."""

    def people(self, desk: str) -> People:
        """Return the people of a desk; `NOBODY` where none are entered."""


def recipient_of(mail: OutgoingMail, store: KnowsPeople) -> str:
    """Return to whom a letter goes now: one to the team is addressed as it leaves; empty where no team is entered."""
    return mail.to or store.people(mail.desk).team_address


def as_addressed(mail: OutgoingMail, store: KnowsPeople) -> OutgoingMail:
    """Return a letter with its recipient; raises NobodyEntered where it is to a team that nobody has entered."""
    to = recipient_of(mail, store)
    if not to:
        raise NobodyEntered(f"nobody has entered the team address of the desk {mail.desk}: reglament people import")
    return mail if mail.to else mail.model_copy(update={"to": to})
