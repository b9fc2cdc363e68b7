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
from difflib import get_close_matches
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError

from domain.regulation.edition import Edition, opening_hours
from domain.working_time import OpeningHours

DESKS = Path(__file__).parents[1] / "desks"
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
    return _desks_in(DESKS)


@cache
def _desks_in(folder: Path) -> tuple[str, ...]:
    """Read once: every letter asks several times."""
    return tuple(sorted(desk.name for desk in folder.iterdir() if any(_edition_files(desk))))


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
    """Return the desk that takes letters at this normalised address without its plus part, or None (MDO 1.5, Storeolis 2.2)."""
    return _desks_by_address().get(address)


def own_addresses() -> frozenset[str]:
    """Return the addresses of all desks, normalised: a letter from one of them is our own mail."""
    return frozenset(_desks_by_address())


@cache
def _desks_by_address() -> Mapping[str, str]:
    """Of every edition: letters still come to an address that an earlier one published, and already to the next's."""
    return {address: desk for desk in desk_ids() for edition in editions(desk) for address in edition.desk.addresses}


@cache
def editions(desk: str) -> tuple[Edition, ...]:
    """Return all editions of a desk (by id), oldest first; raises InvalidEdition, naming every error."""
    examined = _examine(sorted(_edition_files(DESKS / desk)))
    if examined.problems:
        raise InvalidEdition(examined.problems)
    return tuple(edition for edition, _ in examined.editions)


def edition_at(desk: str, at: datetime) -> Edition:
    """Return the edition of a desk (by id or prefix) in force at an aware instant, by the desk's own date (MDO 3.5).

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
    return check_together([file])


def check_together(files: list[Path]) -> list[Problem]:
    """Return every error in editions, each alone and of the dates of each desk's together, file by file."""
    return _examine(files).problems


def read(files: list[Path]) -> tuple[Edition, ...]:
    """Return the editions in files, in the order given; raises InvalidEdition, naming every error."""
    examined = _examine(files)
    if examined.problems:
        raise InvalidEdition(examined.problems)
    return tuple(edition for edition, _ in examined.editions)


@dataclass(frozen=True, slots=True)
class _Examined:
    """Files read: the editions that hold by themselves, each with its file, and everything wrong."""

    editions: list[tuple[Edition, Path]]
    problems: list[Problem]


def _examine(files: list[Path]) -> _Examined:
    holding: list[tuple[Edition, Path]] = []
    problems: list[Problem] = []
    for file in files:
        edition, found = _examine_one(file)
        problems += found
        if edition is not None:
            holding.append((edition, file))
    for desk in dict.fromkeys(edition.desk.id for edition, _ in holding):
        problems += _overlaps([(edition, file) for edition, file in holding if edition.desk.id == desk])
    return _Examined(holding, problems)


def _overlaps(of_one_desk: list[tuple[Edition, Path]]) -> Iterator[Problem]:
    in_order = sorted(of_one_desk, key=lambda pair: pair[0].effective_from)
    for (earlier, earlier_file), (later, later_file) in pairwise(in_order):
        until = earlier.effective_until
        if earlier.effective_from == later.effective_from or (until and until >= later.effective_from):
            begins = f"which is in force from {earlier.effective_from}" + (f" until {until}" if until else "")
            expected = f"a date after {until or earlier.effective_from}: it overlaps with {earlier_file}, {begins}"
            yield _problem(later_file, ("effective_from",), later.effective_from, expected)


def _edition_files(folder: Path) -> Iterator[Path]:
    return (file for file in folder.glob("*.toml") if EDITION_FILE.fullmatch(file.name))


def _examine_one(file: Path) -> tuple[Edition | None, list[Problem]]:
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        return None, [Problem(str(file), None, "", "", error.strerror or str(error), "a readable file")]
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        return None, [Problem(str(file), line, "", "", "bytes that are no UTF-8", "text in UTF-8")]
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, [_syntax_problem(file, text, error)]
    edition, problems = None, []
    try:
        edition = Edition.model_validate(data)
    except ValidationError as error:
        problems = [_problem(file, _path(item["loc"]), _found(item), _expected(item)) for item in error.errors()]
    if edition is not None:
        problems = [_problem(file, path, found, expected) for path, found, expected in _coerced(data, edition, ())]
    problems += _clause_problems(file, data)
    if edition is not None and EDITION_FILE.fullmatch(file.name) and file.stem != edition.name:
        expected = f"{file.stem}, as the file is named"
        problems.append(_problem(file, ("effective_from",), edition.effective_from, expected))
    problems.sort(key=lambda problem: problem.line or 0)
    return (None if problems else edition), problems


def _coerced(
    data: object, value: object, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], object, str]]:
    """Every value that pydantic made fit: a number in quotes is a slip of whoever wrote it, and so is `true` for 1."""
    if isinstance(data, dict):
        inner = dict(value) if isinstance(value, BaseModel | dict) else {}
        for name, part in data.items():
            yield from _coerced(part, inner.get(name), (*path, name))
    elif isinstance(data, list) and isinstance(value, tuple):
        for index, (part, read_as) in enumerate(zip(data, value, strict=False)):
            yield from _coerced(part, read_as, (*path, index))
    elif isinstance(value, bool) and not isinstance(data, bool):
        yield path, data, "true or false"
    elif isinstance(value, int | float) and isinstance(data, str | bool) and not isinstance(value, bool):
        yield path, data, "a number, without quotes"


def _syntax_problem(file: Path, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    """What the TOML reader says, with the line shown that it stopped at."""
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
    says = str(error)[: place.start()] if place else str(error)
    lines = text.splitlines()
    line = int(place[1]) if place and place[1] else len(lines)
    shown = lines[line - 1].strip()[:60] if 0 < line <= len(lines) else "the end of the file"
    return Problem(str(file), line, "", "", repr(shown), f"valid TOML ({says[:1].lower()}{says[1:]})")


def _clause_problems(file: Path, data: Mapping[str, Any]) -> list[Problem]:
    """Every clause that a rule cites must be among the edition's clauses."""
    clauses = data.get("clauses")
    numbers = (
        {clause.get("number") for clause in clauses if isinstance(clause, dict)} if isinstance(clauses, list) else set()
    )
    known = ", ".join(sorted((number for number in numbers if isinstance(number, str)), key=_in_order)) or "none"
    return [
        _problem(file, path, number, f"the number of one of the [[clauses]]: {known}")
        for path, number in _citations(data, ())
        if number not in numbers
    ]


def _in_order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split(".") if part.isdecimal())


def _citations(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if (name == "clause" or name.endswith("_clause")) and isinstance(inner, str):
                yield (*path, name), inner
            else:
                yield from _citations(inner, (*path, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _citations(inner, (*path, index))


_EXPECTED: Mapping[str, str] = {
    "missing": "a value: the key is required",
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "date_type": "a date such as 2026-01-01, without quotes",
    "date_parsing": "a date such as 2026-01-01, without quotes",
    "date_from_datetime_parsing": "a date such as 2026-01-01, without quotes",
    "date_from_datetime_inexact": "a date such as 2026-01-01, without a time",
}
"""What was expected, by pydantic's kind of error, where its own words are for programmers."""


def _path(loc: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Leave out what pydantic adds to say that a table's key, not its value, is wrong."""
    return tuple(part for part in loc if part != "[key]")


def _expected(item: Any) -> str:
    if item["type"] == "extra_forbidden":
        return _known_keys(item["loc"])
    message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    if item["type"] == "string_pattern_mismatch":
        return f"text of the form {item['ctx']['pattern']}"
    return _EXPECTED.get(item["type"], message)


def _found(item: Any) -> object:
    return _NOTHING if item["type"] == "missing" else item["input"]


def _known_keys(loc: tuple[str | int, ...]) -> str:
    """Say which keys the table has, and which of them was probably meant."""
    model: type[BaseModel] = Edition
    for part in loc[:-1]:
        inner = _model_in(model.model_fields[part].annotation) if part in model.model_fields else None
        model = inner or model
    close = get_close_matches(str(loc[-1]), model.model_fields, 1)
    meant = f" (did you mean {close[0]}?)" if close else ""
    return f"one of its keys{meant}: {', '.join(model.model_fields)}"


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)


_NOTHING = object()


def _dotted(path: tuple[str | int, ...]) -> str:
    """Write a path as people count: `clauses #1` is the first of them."""
    return "".join(f" #{part + 1}" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _problem(file: Path, path: tuple[str | int, ...], found: object, expected: str) -> Problem:
    named = len(path) - 1 if path and isinstance(path[-1], str) else max(len(path) - 2, 0)
    table, key = _dotted(path[:named]), _dotted(path[named:])
    return Problem(str(file), line_of(file.read_text("utf-8"), path), table, key, _shown(found), expected)


def _shown(found: object) -> str:
    if found is _NOTHING:
        return "nothing"
    if isinstance(found, date | datetime):
        return found.isoformat()
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, dict):
        return f"a table with {', '.join(map(str, found)) or 'nothing in it'}"[:120]
    shown = repr(found)
    return shown if len(shown) <= 120 else f"{shown[:120]}…"


def line_of(text: str, path: tuple[str | int, ...]) -> int | None:
    """Return the 1-based line of valid TOML where the value at `path` stands.

    Falls back to the nearest enclosing table's header; None where not even that is written out.
    """
    wanted = tuple(path)
    seen: dict[str, int] = {}
    here: tuple[str | int, ...] = ()
    best: int | None = None
    best_depth = 0
    for number, line in _outer_lines(text):
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


_TOKENS = re.compile(
    r"""(\"{3}(?:\\.|[^\\])*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*)|([\[{])|([\]}])|\n""", re.DOTALL
)


def _outer_lines(text: str) -> Iterator[tuple[int, str]]:
    """Return the lines, with their numbers, that begin outside every list and every text of several lines."""
    lines = text.split("\n")
    yield 1, lines[0]
    number, depth = 1, 0
    for token in _TOKENS.finditer(text):
        quoted, opening, closing = token.groups()
        if quoted is not None:
            number += quoted.count("\n")
        elif opening or closing:
            depth += 1 if opening else -1
        else:
            number += 1
            if depth == 0:
                yield number, lines[number - 1]


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
