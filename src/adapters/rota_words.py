"""What is wrong with people and rota, in words for whoever has to correct it: the hours, and the remedy."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple, assert_never
from zoneinfo import ZoneInfo

from domain.addresses import display_address
from domain.people import People, Role
from domain.regulation.mailboxes import without_mailbox
from domain.rota import LOOKED_AHEAD, ROLE_OF, ProblemKind, Rota, RotaProblem, problems


class Said(NamedTuple):
    """What is wrong, and what to do."""

    text: str
    remedy: str

    @property
    def line(self) -> str:
        """Both in one line."""
        return f"{self.text}: {self.remedy}"


def said(problem: RotaProblem, desk: str, time_zone: str) -> Said:
    """Return one problem of a rota in words, with its hours by a zone's clock and what to do."""
    who, level = ", ".join(problem.persons), problem.level
    role = ROLE_OF[level]
    hours = ""
    if problem.begins is not None and problem.ends is not None:
        hours = f" from {_moment(problem.begins, time_zone)} to {_moment(problem.ends, time_zone)}"
    match problem.kind:
        case ProblemKind.GAP:
            says = (
                f"nobody's turn{hours}",
                f"let a rotation cover these hours, or `reglament oncall override --desk {desk}`",
            )
        case ProblemKind.NOBODY:
            says = "no rotation, and nobody who can be reached has the role", _give(role, desk)
        case ProblemKind.UNKNOWN:
            says = f"{who} is in the rota and not among the people", f"{_give(role, desk)}, or correct the name"
        case ProblemKind.NO_ROLE:
            says = f"{who} is in the rota and has no role {role}", _change(f"--role {role}", desk)
        case ProblemKind.NO_CHANNEL:
            says = (
                f"{who} has neither an address nor a phone, and cannot be woken",
                _change("--address or --phone", desk),
            )
        case ProblemKind.OVERLAP:
            says = f"the turns of {who} overlap{hours}, and all of them are woken", "let one end where the other begins"
        case ProblemKind.OVER:
            says = f"the override of {who}{hours} is over", "the next `oncall set` or `oncall override` leaves it out"
        case _:
            assert_never(problem.kind)
    return Said(f"{desk}, {level}: {says[0]}", says[1])


def _give(role: Role, desk: str) -> str:
    return f"`reglament people add NAME --desk {desk} --role {role}` with --address or --phone"


def _change(what: str, desk: str) -> str:
    """Return how somebody who is entered is changed: `people add` writes the person as a whole."""
    return (
        f"`reglament people add NAME --desk {desk}` with {what}, and with all else that the person keeps: it replaces"
    )


def _moment(at: datetime, time_zone: str) -> str:
    local = at.astimezone(ZoneInfo(time_zone))
    return f"{local:%a %Y-%m-%d %H:%M} ({time_zone})"


def of_people(people: People, desk: str, receiving_domains: Iterable[str]) -> Iterator[Said]:
    """Return what is wrong with the people of a desk by themselves; nothing where all is well."""
    if not people.team_address:
        enter = f"`reglament people import FILE.toml --desk {desk}`, or `reglament people team ADDRESS --desk {desk}`"
        yield Said(f"{desk}: no team address is entered, and its cards and warnings wait", enter)
    if not people.specialists:
        yield Said(
            f"{desk}: no specialist with an address, and nobody can answer by mail", _give(Role.SPECIALIST, desk)
        )
    if lost := without_mailbox(people, receiving_domains):
        named = ", ".join(map(display_address, lost))
        yield Said(
            f"{desk}: Amazon SES takes the mail of the domain of {named} and refuses it",
            "name mailboxes in another domain, see docs/domain-setup.md",
        )


def of_rota(rota: Rota, people: People, desk: str, now: datetime) -> list[tuple[RotaProblem, Said]]:
    """Return what is wrong with a rota from now on for as long as it is looked ahead, each in words."""
    found = problems(rota, people, now, now + LOOKED_AHEAD)
    return [(problem, said(problem, desk, rota.time_zone)) for problem in found]


def channels(people: People, names: Iterable[str]) -> str:
    """Return by what persons can be woken, such as `Анна (mail, SMS)`, without addresses and numbers."""
    return ", ".join(_with_channels(people, name) for name in names)


def _with_channels(people: People, name: str) -> str:
    person = people.named(name)
    if person is None:
        return f"{name} (unknown)"
    ways = [*(["mail"] if person.addresses else []), *(["SMS"] if person.phone else [])]
    return f"{person.name} ({', '.join(ways) or 'no channel'})"
