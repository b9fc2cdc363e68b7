"""What is wrong with the file of an edition, every error at once, each with its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from adapters.problems import Caution, Problem
from adapters.toml_files import coerced, expected_by, found_in, inner, line_of, path_of, problem_at, read_toml
from domain.regulation.edition import Edition, Interregnum, citations, interregnum
from domain.regulation.editions import DESKS, EDITION_FILE, InvalidEdition, edition_files
from domain.regulation.lexicon import ADD, NAMED, Place, with_lexicon


@dataclass(frozen=True, slots=True)
class Examined:
    """Files read: the editions that are valid by themselves, each with its file, and everything wrong."""

    editions: Sequence[tuple[Edition, Path]]
    problems: Sequence[Problem]
    cautions: Sequence[Caution] = ()
    """What is valid and leaves a desk without a regulation."""


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
    return Examined(valid, [*problems, *_taken(valid)], [*_cautions(valid)])


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
            yield problem_at(later_file, ("effective_from",), later.effective_from, expected)


def _cautions(valid: list[tuple[Edition, Path]]) -> Iterator[Caution]:
    for edition, file in valid:
        starts = {other.effective_from for other, _ in valid if other.desk.id == edition.desk.id}
        if EDITION_FILE.fullmatch(file.name):  # the desk's other editions lie beside it
            starts |= {date.fromisoformat(beside.stem) for beside in edition_files(file.parent)}
        gap = interregnum(edition, starts)
        if gap is not None:
            line = line_of(file.read_text("utf-8"), ("effective_until",))
            yield Caution(str(file), line, "effective_until", what_follows(edition.desk.id, gap))


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
                yield problem_at(file, ("desk", key), value, f"one of its own: the desk {desk} has it, by {other}")


def _key_of(address: str, edition: Edition) -> str:
    desk = edition.desk
    return "receives_at" if address in desk.receives_at and address not in (desk.address, *desk.aliases) else "address"


def _examine_one(file: Path) -> tuple[Edition | None, list[Problem]]:
    data = read_toml(file)
    if isinstance(data, Problem):
        return None, [data]
    merged = with_lexicon(data)
    problems = [problem_at(file, *slip) for slip in merged.slips]
    edition = None
    try:
        edition = Edition.model_validate(merged.tables)
    except ValidationError as error:
        for item in error.errors():
            place = _in_edition(data, merged.tables, path_of(item["loc"]))
            problems.append(
                problem_at(file, place, found_in(item, data, place), _moved(item) or expected_by(item, Edition))
            )
    if edition is not None:
        for path, found, expected in coerced(merged.tables, edition, ()):
            problems.append(problem_at(file, _in_edition(data, merged.tables, path), found, expected))
    problems += _clause_problems(file, data)
    if edition is not None and EDITION_FILE.fullmatch(file.name) and file.stem != edition.name:
        expected = f"{file.stem}, as the file is named"
        problems.append(problem_at(file, ("effective_from",), edition.effective_from, expected))
    if edition is not None and file.resolve().parent.parent == DESKS and file.resolve().parent.name != edition.desk.id:
        problems.append(
            problem_at(file, ("desk", "id"), edition.desk.id, f"{file.resolve().parent.name}, as its folder")
        )
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
        own, merged = inner(own, part), inner(merged, part)
    return tuple(place)


def _clause_problems(file: Path, data: Mapping[str, Any]) -> list[Problem]:
    """Every clause that a rule cites must be among the edition's clauses."""
    clauses = data.get("clauses")
    numbers = (
        {clause.get("number") for clause in clauses if isinstance(clause, dict)} if isinstance(clauses, list) else set()
    )
    known = ", ".join(sorted((number for number in numbers if isinstance(number, str)), key=_in_order)) or "none"
    return [
        problem_at(file, path, number, f"the number of one of the [[clauses]]: {known}")
        for path, number in citations(data)
        if number not in numbers
    ]


def _in_order(number: str) -> tuple[int, ...]:
    return tuple(int(part) for part in number.split(".") if part.isdecimal())


_OF_PEOPLE = frozenset({("desk", "team_address"), ("desk", "specialists")})
"""Keys that editions had before people became no part of them."""


def _moved(item: Any) -> str:
    """Return where a key went that editions had once; empty for any other error."""
    if tuple(item["loc"]) not in _OF_PEOPLE:
        return ""
    return (
        "no such key: people are no part of an edition. Take it out, write them to people.toml and enter them with "
        "`reglament people import`: docs/editions.md"
    )
