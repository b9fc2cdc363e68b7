"""The people and the rota of a desk as a file that a person writes: `people.toml`. Every error at its line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from adapters.problems import Problem
from adapters.toml_files import Place, coerced, expected_by, found_in, path_of, problem_at, read_toml
from application.people import seed
from application.ports import PeopleOfDesks
from domain.addresses import display_address
from domain.findings import Value
from domain.people import NOBODY, People, Person
from domain.regulation.edition import TimeZone
from domain.regulation.editions import DESKS, desk_ids, editions
from domain.rota import Override, PersonName, Rota, Rotation
from domain.ticket.outgoing import PageLevel
from domain.working_time import first_instant

SEED = "people.toml"
"""In the folder of a desk: who is entered where nobody is, on a stack of one's own machine and in tests."""

M = TypeVar("M", bound=BaseModel)


class _Override(Value):
    """An override as it is written: by the rota's clock, or with an offset."""

    level: PageLevel
    person: PersonName
    begins: datetime
    ends: datetime
    reason: str = ""


class _Rota(Value):
    version: int | None = None
    time_zone: TimeZone | None = None
    rotations: tuple[Rotation, ...] = ()
    overrides: tuple[_Override, ...] | None = None


class _People(Value):
    version: int | None = None
    team_address: str
    persons: tuple[Person, ...]
    rota: _Rota | None = None


@dataclass(frozen=True, slots=True)
class WrittenRota:
    """A rota as a file has it."""

    rota: Rota
    has_overrides: bool
    """Whether the file says which overrides there are; where it does not, those that are entered stay."""
    version: int | None = None
    """Of the rota that was exported; None for a file that a person began."""


@dataclass(frozen=True, slots=True)
class Written:
    """People, and their rota, as a file has them."""

    people: People
    rota: WrittenRota | None
    """None where the file has no table `rota`."""
    version: int | None = None
    """Of the people that were exported; None for a file that a person began."""


class InvalidPeople(ValueError):
    """A file of people cannot be used; the message lists every error with its line."""


# Reading ---------------------------------------------------------------------------------------------------


def read_people(file: Path, time_zone: str) -> Written | list[Problem]:
    """Return the people of a file, and their rota where it has one, by `time_zone` unless it names another."""
    read = _read(file, _People)
    if isinstance(read, list):
        return read
    problems = [*_twice(file, read.persons)]
    if not read.team_address.strip():
        return [problem_at(file, ("team_address",), read.team_address, "the address of the team's mailbox"), *problems]
    try:
        team = People(team_address=read.team_address).team_address
    except ValidationError as error:
        return [
            problem_at(file, ("team_address",), read.team_address, expected_by(error.errors()[0], People)),
            *problems,
        ]
    rota = _rota_in(file, ("rota",), read.rota, time_zone) if read.rota else None
    if isinstance(rota, list):
        problems += rota
        rota = None
    return problems or Written(People(team_address=team, persons=read.persons), rota, read.version)


def read_rota(file: Path, time_zone: str) -> WrittenRota | list[Problem]:
    """Return the rota of a file: its tables are at the top, or under `rota` where the file has people as well."""
    tables = read_toml(file)
    if isinstance(tables, dict) and "rota" in tables:
        people = _read(file, _People)
        if isinstance(people, list):
            return people
        return _rota_in(file, ("rota",), people.rota or _Rota(), time_zone)
    read = _read(file, _Rota)
    return read if isinstance(read, list) else _rota_in(file, (), read, time_zone)


def _read(file: Path, model: type[M]) -> M | list[Problem]:
    tables = read_toml(file)
    if isinstance(tables, Problem):
        return [tables]
    try:
        read = model.model_validate(tables)
    except ValidationError as error:
        places = ((item, path_of(item["loc"])) for item in error.errors())
        return [
            problem_at(file, place, found_in(item, tables, place), _expected(item, model)) for item, place in places
        ]
    return [problem_at(file, *slip) for slip in coerced(tables, read, ())] or read


def _expected(item: Any, model: type[BaseModel]) -> str:
    if item["type"] == "enum":
        return f"one of {item['ctx']['expected']}"
    return expected_by(item, model)


def _twice(file: Path, persons: Iterable[Person]) -> Iterator[Problem]:
    """Find a name or an address of two persons: the rota means one of them, and so does a letter."""
    seen: dict[tuple[str, str], int] = {}
    for number, person in enumerate(persons):
        for key, values in (("name", (person.name,)), ("addresses", person.addresses)):
            for value in dict.fromkeys(values):
                before = seen.setdefault((key, value.casefold()), number)
                if before != number:
                    yield problem_at(
                        file, ("persons", number, key), value, f"one of its own: persons #{before + 1} has it"
                    )


def _rota_in(file: Path, path: Place, read: _Rota, time_zone: str) -> WrittenRota | list[Problem]:
    zone = read.time_zone or time_zone
    overrides: list[Override] = []
    problems: list[Problem] = []
    for number, one in enumerate(read.overrides or ()):
        begins, ends = (as_instant(at, zone) for at in (one.begins, one.ends))
        if begins >= ends:
            place = (*path, "overrides", number, "ends")
            problems.append(
                problem_at(file, place, one.ends, f"an instant after {one.begins.isoformat()}, its `begins`")
            )
            continue
        overrides.append(Override(level=one.level, person=one.person, begins=begins, ends=ends, reason=one.reason))
    rota = Rota(time_zone=zone, rotations=read.rotations, overrides=tuple(overrides))
    return problems or WrittenRota(rota, read.overrides is not None, read.version)


def as_instant(at: datetime, zone: str) -> datetime:
    """Return an instant in UTC, by the clock of a zone where it has no offset."""
    return at.astimezone(UTC) if at.tzinfo is not None else first_instant(at, ZoneInfo(zone))


# The seeds -------------------------------------------------------------------------------------------------


def seed_of(desk: str) -> People:
    """Return the people in the desk's own file, nobody where it has none; raises InvalidPeople."""
    return _seed(desk).people


def rota_seed_of(desk: str) -> Rota:
    """Return the rota in the desk's own file, an empty one where it has none; raises InvalidPeople."""
    written = _seed(desk).rota
    return written.rota if written is not None else Rota(time_zone=time_zone_of(desk))


def time_zone_of(desk: str) -> str:
    """Return the time zone of a desk's latest edition, by which its rota is written."""
    return editions(desk)[-1].hours.time_zone


def enter_seeds(store: PeopleOfDesks, *, at: datetime, caller: str) -> tuple[str, ...]:
    """Enter the people and the rota of each desk's own file where it has none yet, and return these desks."""
    return tuple(
        desk for desk in desk_ids() if seed(store, desk, seed_of(desk), rota_seed_of(desk), at=at, caller=caller)
    )


@cache
def _seed(desk: str) -> Written:
    file = DESKS / desk / SEED
    if not file.exists():
        return Written(NOBODY, None)
    read = read_people(file, time_zone_of(desk))
    if isinstance(read, list):
        raise InvalidPeople("\n".join(map(str, read)))
    return read


# Writing ---------------------------------------------------------------------------------------------------


def as_toml(people: People, rota: Rota) -> str:
    """Return people and rota as a file that `read_people` reads back to the same."""
    lines = [
        "# `version` says of which list this is a copy: `people import` writes nothing over a later one.",
        f"version = {people.version}",
        f"team_address = {_text(display_address(people.team_address))}",
    ]
    for person in people.persons:
        lines += ["", "[[persons]]", f"name = {_text(person.name)}"]
        lines.append(f"addresses = {_list(map(display_address, person.addresses))}")
        lines += [f"phone = {_text(person.phone)}"] if person.phone else []
        lines.append(f"roles = {_list(person.roles)}")
    if not people.persons:
        lines.append("persons = []")
    return "\n".join([*lines, "", *_rota_lines(rota, "rota"), ""])


def rota_as_toml(rota: Rota) -> str:
    """Return a rota as a file that `read_rota` reads back to the same."""
    return "\n".join([*_rota_lines(rota, ""), ""])


def _rota_lines(rota: Rota, table: str) -> Iterator[str]:
    within = f"{table}." if table else ""
    if table:
        yield f"[{table}]"
    yield f"version = {rota.version}"
    yield f"time_zone = {_text(rota.time_zone)}"
    if not rota.overrides:
        yield "overrides = []"
    for rotation in rota.rotations:
        yield from (
            "",
            f"[[{within}rotations]]",
            *_keys(rotation.model_dump(mode="json", exclude_defaults=True), {"begins"}),
        )
    for override in rota.overrides:
        zone = ZoneInfo(rota.time_zone)
        instants = {
            name: at.astimezone(zone).isoformat() for name, at in (("begins", override.begins), ("ends", override.ends))
        }
        said = override.model_dump(mode="json", exclude_defaults=True) | instants
        yield from ("", f"[[{within}overrides]]", *_keys(said, set(instants)))


def _keys(said: Mapping[str, Any], bare: set[str]) -> Iterator[str]:
    for name, value in said.items():
        if name in bare or isinstance(value, int):
            yield f"{name} = {value}"
        else:
            yield f"{name} = {_list(value) if isinstance(value, list) else _text(value)}"


def _text(text: str) -> str:
    """Return a basic string of TOML: JSON's is one, but for the character 127 (toml.io/en/v1.0.0#string)."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"
