"""A desk's people and rota where they are used: to whom a letter to the team goes, and how they are entered at first."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from application.ports import PeopleOfDesks
from application.storage import StandingChange
from domain.people import People
from domain.regulation.editions import desk_ids
from domain.rota import Rota
from domain.ticket.outgoing import Audience, OutgoingMail


class NobodyEntered(LookupError):
    """A desk has no team address yet: letters to its team wait until somebody enters one."""


class KnowsPeople(Protocol):
    """Where the people of desks are read."""

    def people(self, desk: str) -> People:
        """Return the people of a desk; `NOBODY` where none are entered."""


def desks_without_people(store: KnowsPeople) -> tuple[str, ...]:
    """Return the desks that have no team address, or nobody with a channel who is woken: one request a desk."""
    people = {desk: store.people(desk) for desk in desk_ids()}
    return tuple(desk for desk, of_desk in people.items() if not (of_desk.team_address and of_desk.may_be_woken))


def recipient_of(mail: OutgoingMail, store: KnowsPeople) -> str:
    """Return to whom a letter goes now: one to the team is addressed as it leaves; empty where no team is entered."""
    return mail.to or store.people(mail.desk).team_address


def as_addressed(mail: OutgoingMail, store: KnowsPeople) -> OutgoingMail:
    """Return a letter with its recipient; raises NobodyEntered where it is to a team that nobody has entered."""
    to = recipient_of(mail, store)
    if not to:
        raise NobodyEntered(f"nobody has entered the team address of the desk {mail.desk}: reglament people import")
    return mail if mail.to else mail.model_copy(update={"to": to})


def with_names(mail: OutgoingMail, store: KnowsPeople) -> OutgoingMail:
    """Return a letter about a fault that names who did something by the name that the desk knows, and not by an address."""
    by = mail.params.get("by")
    if mail.audience is not Audience.FAULT or not isinstance(by, str) or "@" not in by:
        return mail
    person = store.people(mail.desk).by_address(by)
    return mail.model_copy(update={"params": mail.params | {"by": person.name}}) if person is not None else mail


def change_of(what: str, before: People | Rota, after: People | Rota, *, at: datetime, caller: str) -> StandingChange:
    """Return the entry for a change of a desk's people or rota: who, when, and both as JSON."""
    return StandingChange(
        at=at, caller=caller, what=what, before=before.model_dump_json(), after=after.model_dump_json()
    )


def seed(store: PeopleOfDesks, desk: str, people: People, rota: Rota, *, at: datetime, caller: str) -> bool:
    """Enter the people and the rota of a desk where it has none of either yet; return whether anything was written.

    Raises Conflict where another enters them at the same time.
    """
    entered, written = store.standing(desk)
    enters_people = entered.version == 0 and bool(people.team_address)
    if enters_people:
        store.save_people(desk, entered, people, change_of("people seed", entered, people, at=at, caller=caller))
    enters_rota = written.version == 0 and bool(rota.rotations)
    if enters_rota:
        store.save_rota(desk, written, rota, change_of("oncall seed", written, rota, at=at, caller=caller))
    return enters_people or enters_rota
