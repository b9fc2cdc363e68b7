"""The editions that ship with the product: found, read, checked, and the one in force picked.

An edition is a file `desks/<desk>/<effective-from>.toml`. A desk of another company is another
folder of data and no code.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from domain.regulation import Edition, opening_hours
from domain.working_time import OpeningHours

DESKS = Path(__file__).parent / "desks"
EDITION_FILE = re.compile(r"\d{4}-\d{2}-\d{2}\.toml")


class UnknownDesk(LookupError):
    """No such desk; the message lists those there are."""


class NoEditionInForce(LookupError):
    """The desk had no regulation at that moment; the message says from when it has one."""


class InvalidEdition(ValueError):
    """An edition's file does not hold; `problems` lists every error with its place."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Problem:
    """One error in an edition's file: where it stands, what was found and what was expected."""

    file: str
    line: int | None
    table: str
    key: str
    found: str
    expected: str

    def __str__(self) -> str:
        """Return the problem in one line, as compilers print theirs."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        name = f"[{self.table}] {self.key}".strip() if self.table else self.key or "the file"
        return f"{place}: {name}: found {self.found}, expected {self.expected}"


def desk_ids() -> tuple[str, ...]:
    """Return the ids of the desks that ship with the product, sorted."""
    return tuple(sorted(folder.name for folder in DESKS.iterdir() if any(_edition_files(folder))))


def find_desk(name: str) -> str:
    """Return the id of the desk called `name`: its id or its ticket prefix, in any case.

    Raises UnknownDesk.
    """
    for desk in desk_ids():
        if name.casefold() in (desk, editions(desk)[-1].desk.prefix.casefold()):
            return desk
    known = ", ".join(f"{desk} ({editions(desk)[-1].desk.prefix})" for desk in desk_ids())
    raise UnknownDesk(f"no desk {name!r}; there are: {known}")


def desk_of_ticket(ticket: str) -> str:
    """Return the id of the desk that a ticket number such as `MDO-7K3F-9QXZ` belongs to; raises UnknownDesk."""
    return find_desk(ticket.partition("-")[0])


def desk_by_address(address: str) -> str | None:
    """Return the desk that takes letters at this normalised address without its plus part, or None."""
    return _desks_by_address().get(address)


def own_addresses() -> frozenset[str]:
    """Return the addresses of all desks, normalised: a letter from one of them is our own mail."""
    return frozenset(_desks_by_address())


@cache
def _desks_by_address() -> Mapping[str, str]:
    return {address: desk for desk in desk_ids() for address in editions(desk)[-1].desk.addresses}


@cache
def editions(desk: str) -> tuple[Edition, ...]:
    """Return all editions of a desk (by id), oldest first; raises InvalidEdition, naming every error."""
    files = sorted(_edition_files(DESKS / desk))
    problems = check_together(files)
    if problems:
        raise InvalidEdition(problems)
    return tuple(_read(file) for file in files)


def edition_at(desk: str, at: datetime) -> Edition:
    """Return the edition of a desk (by id or prefix) in force at an aware instant, by the desk's own date.

    Raises UnknownDesk, NoEditionInForce.
    """
    for edition in reversed(editions(find_desk(desk))):
        today = at.astimezone(ZoneInfo(edition.hours.time_zone)).date()
        if edition.effective_from <= today:
            if edition.effective_until is None or today <= edition.effective_until:
                return edition
            break
    first = editions(find_desk(desk))[0]
    raise NoEditionInForce(
        f"the desk {first.desk.id} has no regulation in force at {at.isoformat()}; its first is of {first.name}"
    )


def edition_named(desk: str, name: str) -> Edition:
    """Return the edition that a ticket pins, by desk id and `effective_from`; raises NoEditionInForce."""
    found = next((edition for edition in editions(desk) if edition.name == name), None)
    if found is None:
        raise NoEditionInForce(f"the desk {desk} has no edition of {name}: was its file removed?")
    return found


def desk_hours(name: str) -> OpeningHours:
    """Return the opening hours of a desk's latest edition; raises UnknownDesk."""
    return opening_hours(editions(find_desk(name))[-1].hours)


def check(file: Path) -> list[Problem]:
    """Return every error in one edition's file; an empty list where it holds."""
    return [*_problems(file)]


def check_together(files: list[Path]) -> list[Problem]:
    """Return every error in the editions of one desk, each alone and of their dates together."""
    found = [problem for file in files for problem in _problems(file)]
    if found:
        return found
    read = sorted(((_read(file), file) for file in files), key=lambda pair: pair[0].effective_from)
    for (earlier, earlier_file), (later, later_file) in pairwise(read):
        until = earlier.effective_until
        if earlier.effective_from == later.effective_from or (until and until >= later.effective_from):
            found.append(
                _problem(
                    later_file,
                    ("effective_from",),
                    later.effective_from,
                    f"a date after {until or earlier.effective_from}: it overlaps with {earlier_file.name}",
                )
            )
    return found


def _edition_files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.glob("*.toml") if EDITION_FILE.fullmatch(file.name))


def _read(file: Path) -> Edition:
    return Edition.model_validate(tomllib.loads(file.read_text("utf-8")))


def _problems(file: Path) -> Iterator[Problem]:
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        yield Problem(str(file), None, "", "", error.strerror or str(error), "a readable file")
        return
    except UnicodeDecodeError as error:
        yield Problem(str(file), None, "", "", f"byte {error.start} that is no UTF-8", "text in UTF-8")
        return
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"at line (\d+)", str(error))
        yield Problem(str(file), int(line[1]) if line else None, "", "", str(error), "valid TOML")
        return
    try:
        edition = Edition.model_validate(data)
    except ValidationError as error:
        for item in error.errors():
            yield _problem(file, item["loc"], _found(item), _expected(item))
        return
    yield from _clause_problems(file, edition)
    if EDITION_FILE.fullmatch(file.name) and file.stem != edition.name:
        yield _problem(file, ("effective_from",), edition.effective_from, f"{file.stem}, as the file is named")


def _clause_problems(file: Path, edition: Edition) -> Iterator[Problem]:
    """Every clause that a rule cites must be among the edition's clauses."""
    numbers = {clause.number for clause in edition.clauses}
    for path, number in _citations(edition, ()):
        if number not in numbers:
            yield _problem(file, path, number, "the number of one of the [[clauses]]")


def _citations(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, BaseModel):
        for name, inner in value:
            if (name == "clause" or name.endswith("_clause")) and isinstance(inner, str):
                yield (*path, name), inner
            else:
                yield from _citations(inner, (*path, name))
    elif isinstance(value, tuple):
        for index, inner in enumerate(value):
            yield from _citations(inner, (*path, index))


_EXPECTED = {
    "missing": "a value: the key is required",
    "extra_forbidden": "no such key: remove it or mend its spelling",
}


def _expected(item: Any) -> str:
    message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    return _EXPECTED.get(item["type"], message)


def _found(item: Any) -> object:
    return "nothing" if item["type"] == "missing" else item["input"]


def _problem(file: Path, path: tuple[str | int, ...], found: object, expected: str) -> Problem:
    text = file.read_text("utf-8")
    table = ".".join(str(part) for part in path[:-1])
    shown = found.isoformat() if isinstance(found, date | datetime) else repr(found)
    if found == "nothing":
        shown = "nothing"
    key = str(path[-1]) if path else ""
    return Problem(str(file), line_of(text, path), table, key, shown[:120], expected)


def line_of(text: str, path: tuple[str | int, ...]) -> int | None:
    """Return the 1-based line of valid TOML where the value at `path` stands.

    Falls back to the nearest enclosing table's header; None where not even that is written out.
    """
    wanted = tuple(path)
    seen: dict[str, int] = {}
    here: tuple[str | int, ...] = ()
    best: int | None = None
    best_depth = 0
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if header := re.match(r"(\[\[?)\s*([^\]#]+?)\s*\]", stripped):
            name = header[2]
            parts = tuple(part.strip(" \"'") for part in name.split("."))
            if header[1] == "[[":
                seen[name] = seen.get(name, -1) + 1
                here = (*parts, seen[name])
            else:
                here = _inside_arrays(parts, seen)
            at = here
        elif key := re.match(r"([A-Za-z0-9_.\"'-]+)\s*=", stripped):
            at = (*here, *(part.strip("\"'") for part in key[1].split(".")))
        else:
            continue
        if len(at) > best_depth and wanted[: len(at)] == at:
            best, best_depth = number, len(at)
    return best


def _inside_arrays(here: tuple[str, ...], seen: Mapping[str, int]) -> tuple[str | int, ...]:
    """Give `[a.b]` its place where `a` is an array of tables: TOML means the last `[[a]]`."""
    placed: list[str | int] = []
    for depth, part in enumerate(here, 1):
        placed.append(part)
        name = ".".join(here[:depth])
        if name in seen and depth < len(here):
            placed.append(seen[name])
    return tuple(placed)


def local_time(edition: Edition, at: datetime) -> datetime:
    """Return an instant in the desk's own time zone."""
    return at.astimezone(ZoneInfo(edition.hours.time_zone))


def month_of(edition: Edition, at: datetime) -> str:
    """Return the calendar month of an instant by the desk's clock, as `2026-11`."""
    return local_time(edition, at).strftime("%Y-%m")


def month_before(month: str) -> str:
    """Return the month before `2026-11`: `2026-10`."""
    first = date.fromisoformat(f"{month}-01")
    return (first - timedelta(days=1)).strftime("%Y-%m")
