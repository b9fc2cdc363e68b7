"""What is wrong with the file of an edition, every error at once, each with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from adapters.problems import Caution, Problem
from domain.addresses import display_address
from domain.regulation.edition import Edition, Interregnum, citations, interregnum
from domain.regulation.editions import DESKS, EDITION_FILE, InvalidEdition, edition_files
from domain.regulation.lexicon import ADD, NAMED, Place, with_lexicon
from domain.regulation.mailboxes import mailboxes_of, unreachable_people


@dataclass(frozen=True, slots=True)
class Examined:
    """Files read: the editions that are valid by themselves, each with its file, and everything wrong."""

    editions: Sequence[tuple[Edition, Path]]
    problems: Sequence[Problem]
    cautions: Sequence[Caution] = ()
    """What is valid and leaves a desk without a regulation, or people without a mailbox."""


def examine(files: Sequence[Path]) -> Examined:
    """Return the editions in files, and every error in each of them and in the dates of each desk's together."""
    valid: list[tuple[Edition, Path]] = []
    problems: list[Problem] = []
    for file in files:
        edition, wrong = _examine_one(file)
        problems += wrong
        if edition is not None:
            valid.append((edition, file))
    for desk in dict.fromkeys(edition.desk.id for edition, _ in valid):
        problems += _overlaps([(edition, file) for edition, file in valid if edition.desk.id == desk])
    return Examined(valid, [*problems, *_taken(valid)], [*_cautions(valid), *_without_mailbox(valid)])


def problems_behind(error: InvalidEdition) -> Sequence[Problem]:
    """Return every error in the editions of the desk whose file could not be read."""
    return examine(sorted(edition_files(error.file.parent))).problems


def _overlaps(of_one_desk: list[tuple[Edition, Path]]) -> Iterator[Problem]:
    in_order = sorted(of_one_desk, key=lambda pair: pair[0].effective_from)
    for (earlier, earlier_file), (later, later_file) in pairwise(in_order):
        until = earlier.effective_until
        if earlier.effective_from == later.effective_from or (until and until >= later.effective_from):
            begins = f"which is in force from {earlier.effective_from}" + (f" until {until}" if until else "")
            expected = f"a date after {until or earlier.effective_from}: it overlaps with {earlier_file}, {begins}"
            yield _problem(later_file, ("effective_from",), later.effective_from, expected)


def _cautions(valid: list[tuple[Edition, Path]]) -> Iterator[Caution]:
    for edition, file in valid:
        starts = {other.effective_from for other, _ in valid if other.desk.id == edition.desk.id}
        if EDITION_FILE.fullmatch(file.name):  # the desk's other editions lie beside it
            starts |= {date.fromisoformat(beside.stem) for beside in edition_files(file.parent)}
        gap = interregnum(edition, starts)
        if gap is not None:
            line = line_of(file.read_text("utf-8"), ("effective_until",))
            yield Caution(str(file), line, "effective_until", what_follows(edition.desk.id, gap))


def _without_mailbox(valid: list[tuple[Edition, Path]]) -> Iterator[Caution]:
    """A person's mailbox in a domain whose mail Amazon SES takes: SES refuses what no receipt rule names."""
    domains = mailboxes_of(edition.desk for edition, _ in valid).receiving_domains
    for edition, file in valid:
        for key, lost in unreachable_people(edition.desk, domains):
            says = (
                f"Amazon SES takes the mail of the domain, as the desks' addresses say, and refuses {_listed(lost)}. "
                "Say in receives_at where SES takes the desk's mail instead, or name mailboxes in another domain: "
                "docs/domain-setup.md"
            )
            yield Caution(str(file), line_of(file.read_text("utf-8"), ("desk", key)), key, says)


def _listed(addresses: Sequence[str]) -> str:
    return ", ".join(map(display_address, addresses))


def what_follows(desk: str, gap: Interregnum) -> str:
    """Return what happens on days without a regulation, and what to do."""
    until = f" until {gap.until}, when the next edition begins" if gap.until else ", and no edition follows"
    return (
        f"the desk {desk} has no regulation in force after {gap.after}{until}. It goes on working under this edition, "
        "tickets and new requests alike, and the alarm regulation-ended sounds all the while. "
        "Write the next edition's file, or take effective_until out"
    )


def _taken(valid: list[tuple[Edition, Path]]) -> Iterator[Problem]:
    """Tickets and letters find their desk by its prefix and its addresses: no two desks have one of them in common."""
    owners: dict[str, tuple[str, Path]] = {}
    for edition, file in valid:
        named = (
            ("prefix", edition.desk.prefix.casefold()),
            *((_key_of(address, edition), address) for address in edition.desk.addresses),
            *(("form_addresses", address) for address in edition.desk.form_addresses),
        )
        for key, value in named:
            desk, other = owners.setdefault(value, (edition.desk.id, file))
            if desk != edition.desk.id:
                yield _problem(file, ("desk", key), value, f"one of its own: the desk {desk} has it, by {other}")


def _key_of(address: str, edition: Edition) -> str:
    desk = edition.desk
    return "receives_at" if address in desk.receives_at and address not in (desk.address, *desk.aliases) else "address"


def _examine_one(file: Path) -> tuple[Edition | None, list[Problem]]:
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        return None, [_of_the_file(file, None, error.strerror or str(error), "a readable file")]
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        return None, [_of_the_file(file, line, "bytes that are no UTF-8", "text in UTF-8")]
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return None, [_syntax_problem(file, text, error)]
    merged = with_lexicon(data)
    problems = [_problem(file, *slip) for slip in merged.slips]
    edition = None
    try:
        edition = Edition.model_validate(merged.tables)
    except ValidationError as error:
        for item in error.errors():
            place = _in_edition(data, merged.tables, _path(item["loc"]))
            problems.append(_problem(file, place, _found(item, data, place), _expected(item)))
    if edition is not None:
        for path, found, expected in _coerced(merged.tables, edition, ()):
            problems.append(_problem(file, _in_edition(data, merged.tables, path), found, expected))
    problems += _clause_problems(file, data)
    if edition is not None and EDITION_FILE.fullmatch(file.name) and file.stem != edition.name:
        expected = f"{file.stem}, as the file is named"
        problems.append(_problem(file, ("effective_from",), edition.effective_from, expected))
    if edition is not None and file.resolve().parent.parent == DESKS and file.resolve().parent.name != edition.desk.id:
        problems.append(_problem(file, ("desk", "id"), edition.desk.id, f"{file.resolve().parent.name}, as its folder"))
    problems.sort(key=lambda problem: problem.line or 0)
    return (None if problems else edition), problems


# Where an edition says it ----------------------------------------------------------------------------------


def _in_edition(own: object, merged: object, path: Place) -> Place:
    """Return where an edition says what its tables, merged with the lexicon, have at `path`.

    A word that an edition adds has another place in the merged list; what is in a list of the model, a file
    has in tables by name. Ends early where the edition itself says nothing.
    """
    place: list[str | int] = []
    for index, part in enumerate(path):
        if isinstance(own, Mapping) and isinstance(merged, list) and isinstance(part, int):
            if path[index - 1] in NAMED:
                name = merged[part][NAMED[str(path[index - 1])]]
                place.append(name)
                own, merged = own.get(name), merged[part]
                continue
            added = own.get(ADD, [])
            at = part - (len(merged) - len(added))
            if at >= 0:
                place += [ADD, at]
            break
        place.append(part)
        own, merged = _inner(own, part), _inner(merged, part)
    return tuple(place)


def _inner(value: object, part: str | int) -> object:
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def _coerced(data: object, value: object, path: Place) -> Iterator[tuple[Place, object, str]]:
    """Return every value that pydantic made fit: a number in quotes is a slip, and so is `true` for 1."""
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
    """Return what the TOML reader says, with the line shown that it stopped at."""
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
    says = str(error)[: place.start()] if place else str(error)
    lines = text.splitlines()
    line = int(place[1]) if place and place[1] else len(lines)
    shown = lines[line - 1].strip()[:60] if 0 < line <= len(lines) else "the end of the file"
    return _of_the_file(file, line, repr(shown), f"valid TOML ({says[:1].lower()}{says[1:]})")


def _clause_problems(file: Path, data: Mapping[str, Any]) -> list[Problem]:
    """Every clause that a rule cites must be among the edition's clauses."""
    clauses = data.get("clauses")
    numbers = (
        {clause.get("number") for clause in clauses if isinstance(clause, dict)} if isinstance(clauses, list) else set()
    )
    known = ", ".join(sorted((number for number in numbers if isinstance(number, str)), key=_in_order)) or "none"
    return [
        _problem(file, path, number, f"the number of one of the [[clauses]]: {known}")
        for path, number in citations(data)
        if number not in numbers
    ]


def _in_order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split(".") if part.isdecimal())


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


def _path(loc: Place) -> Place:
    """Leave out what pydantic adds to say that a table's key, not its value, is wrong."""
    return tuple(part for part in loc if part != "[key]")


def _expected(item: Any) -> str:
    if item["type"] == "extra_forbidden":
        return _known_keys(item["loc"])
    message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    if item["type"] == "string_pattern_mismatch":
        return f"text of the form {item['ctx']['pattern']}"
    return _EXPECTED.get(item["type"], message)


def _found(item: Any, own: object, place: Place) -> object:
    if item["type"] == "missing":
        return _NOTHING
    if isinstance(item["input"], dict):  # shown as the edition has it, without the lexicon's words
        for part in place:
            own = _inner(own, part)
        return item["input"] if own is None else own
    return item["input"]


def _known_keys(loc: Place) -> str:
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


def _dotted(path: Place) -> str:
    """Write a path as people count: `clauses #1` is the first of them."""
    return "".join(f" #{part + 1}" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def _problem(file: Path, path: Place, found: object, expected: str) -> Problem:
    named = len(path) - 1 if path and isinstance(path[-1], str) else max(len(path) - 2, 0)
    table, key = _dotted(path[:named]), _dotted(path[named:])
    return Problem(str(file), line_of(file.read_text("utf-8"), path), key, _shown(found), expected, table)


def _of_the_file(file: Path, line: int | None, found: str, expected: str) -> Problem:
    return Problem(str(file), line, "", found, expected, table="")


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


_NAME = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_DOTTED_NAME = rf"({_NAME}(?:\s*\.\s*{_NAME})*)"
_HEADER = re.compile(rf"(\[\[?)\s*{_DOTTED_NAME}\s*\]")
_ASSIGNED = re.compile(rf"{_DOTTED_NAME}\s*=")


def _names_in(dotted: str) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in re.findall(_NAME, dotted))


def line_of(text: str, path: Place) -> int | None:
    """Return the 1-based line of valid TOML where the value at `path` stands.

    Falls back to the nearest enclosing table's header; None where not even that is written out.
    """
    wanted = tuple(path)
    seen: dict[tuple[str, ...], int] = {}
    here: Place = ()
    best: int | None = None
    best_depth = 0
    for number, line in _outer_lines(text):
        stripped = line.strip()
        if header := _HEADER.match(stripped):
            parts = _names_in(header[2])
            if header[1] == "[[":
                seen[parts] = seen.get(parts, -1) + 1
                here = (*parts, seen[parts])
            else:
                here = _inside_arrays(parts, seen)
            at = here
        elif key := _ASSIGNED.match(stripped):
            at = (*here, *_names_in(key[1]))
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


def _inside_arrays(here: tuple[str, ...], seen: Mapping[tuple[str, ...], int]) -> Place:
    """Return the place of `[a.b]` where `a` is an array of tables: TOML means the last `[[a]]`."""
    placed: list[str | int] = []
    for depth, part in enumerate(here, 1):
        placed.append(part)
        if here[:depth] in seen and depth < len(here):
            placed.append(seen[here[:depth]])
    return tuple(placed)
