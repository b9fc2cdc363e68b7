"""docs/clauses.md says what the editions say, leaves no clause out, and names code and tests that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from pydantic import BaseModel

from domain.findings import Mode, Rule
from domain.regulation.edition import Edition
from domain.regulation.editions import desk_ids, editions
from tests.support.repository import ROOT

PAGE = ROOT / "docs" / "clauses.md"
HEADER = ("clause", "desk", "rule", "mode", "what the system does", "where", "shown by", "not done")
MODES = {*Mode, "specialist", "none"}
EDITIONS = [edition for desk in desk_ids() for edition in editions(desk)]
HOUSE_RULE = "house rule"


@dataclass(frozen=True)
class Row:
    """One row of a table."""

    clause: str
    desk: str
    rule: str
    mode: str
    does: str
    where: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def number(self) -> str:
        """Return the clause without the number of its item: `2.6` of `2.6 (3)`."""
        return self.clause.partition(" (")[0]


@cache
def rows() -> tuple[Row, ...]:
    """Return the rows of every table on the page; a table of another shape is an error."""
    found: list[Row] = []
    for line in PAGE.read_text("utf-8").splitlines():
        if not line.startswith("|") or set(line) <= set("|- "):
            continue
        cells = tuple(cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|"))
        assert len(cells) == len(HEADER), f"{len(cells)} cells: {line}"
        if cells == HEADER:
            continue
        clause, desk, rule, mode, does, where, shown_by, _ = cells
        places, tests = re.findall(r"`([^`]+)`", where), re.findall(r"`(test_\w+)`", shown_by)
        found.append(Row(clause, desk, rule.strip("`"), mode, does, tuple(places), tuple(tests)))
    return tuple(found)


@cache
def existing_tests() -> frozenset[str]:
    """Return the names of all test functions."""
    trees = (ast.parse(file.read_text("utf-8")) for file in (ROOT / "tests").rglob("test_*.py"))
    return frozenset(
        node.name
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )


@cache
def defined_in(file: Path) -> frozenset[str]:
    """Return what a module defines: its functions, classes and constants, and `Class.method`."""
    names = set()
    for node in ast.parse(file.read_text("utf-8")).body:
        match node:
            case ast.ClassDef(name=name, body=body):
                members = (member.name for member in body if isinstance(member, ast.FunctionDef))
                names |= {name, *(f"{name}.{member}" for member in members)}
            case ast.FunctionDef(name=name) | ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
            case ast.Assign(targets=targets):
                names |= {target.id for target in targets if isinstance(target, ast.Name)}
            case _:
                pass  # it defines nothing that the page could name
    return frozenset(names)


def modes_of(path: str, model: BaseModel) -> Iterator[tuple[str, str, str]]:
    """Return clause, path and mode of every rule within `model`, and of the modes that a rule has besides.

    A mode for one category is listed where it is not the rule's own.
    """
    for name in type(model).model_fields:
        value, here = getattr(model, name), f"{path}.{name}".removeprefix(".")
        if isinstance(value, BaseModel):
            yield from modes_of(here, value)
        elif isinstance(model, Rule):
            clause = model.clause or HOUSE_RULE
            if name == "mode":
                yield clause, path, value
            elif isinstance(value, Mode) and model.mode is not Mode.OFF:
                yield clause, here, value
            elif name == "mode_by_category" and model.mode is not Mode.OFF:
                yield from ((clause, f"{here}.{key}", mode) for key, mode in value.items() if mode is not model.mode)


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: f"{edition.desk.prefix} {edition.name}")
def test_every_clause_has_a_row(edition: Edition) -> None:
    """Whether it is enforced or not."""
    on_page = {row.number for row in rows() if row.desk == edition.desk.prefix}
    assert [clause.number for clause in edition.clauses if clause.number not in on_page] == []


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: f"{edition.desk.prefix} {edition.name}")
def test_no_row_names_a_clause_that_the_edition_does_not_have(edition: Edition) -> None:
    """Besides what the regulation says before its first number."""
    on_page = {row.number for row in rows() if row.desk == edition.desk.prefix}
    known = {clause.number for clause in edition.clauses} | {HOUSE_RULE, "preamble", "terms"}
    assert on_page - known == set()


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: f"{edition.desk.prefix} {edition.name}")
def test_every_rule_stands_there_with_its_clause_and_mode(edition: Edition) -> None:
    """As this edition has them."""
    on_page = {(row.number, row.rule, row.mode) for row in rows() if row.desk == edition.desk.prefix}
    assert set(modes_of("", edition)) - on_page == set()


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: f"{edition.desk.prefix} {edition.name}")
def test_every_excluded_service_stands_there_with_its_clause_and_the_mode_of_the_scope(edition: Edition) -> None:
    """An item each, and none that the edition does not have."""
    scope = edition.rules.scope
    items = {(item.clause, f"rules.scope.{item.id}", str(scope.mode)) for item in scope.items}
    on_page = {
        (row.number, row.rule, row.mode)
        for row in rows()
        if row.desk == edition.desk.prefix and row.rule.startswith("rules.scope.")
    }
    assert on_page == items


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.desk} {row.clause} {row.rule}")
def test_a_row_says_clause_desk_rule_and_mode_and_shows_it(row: Row) -> None:
    """Nothing is left blank but what is not done."""
    assert row.clause
    assert row.desk in {edition.desk.prefix for edition in EDITIONS}
    assert row.rule
    assert row.mode in MODES
    assert row.does
    assert row.where
    assert row.tests


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.desk} {row.clause} {row.rule}")
def test_a_rule_on_the_page_is_a_table_or_key_of_the_edition(row: Row) -> None:
    """A rule that was renamed leaves no ghost behind."""
    if row.rule == "specialist" or row.rule.startswith("rules.scope."):
        return
    edition = next(edition for edition in reversed(EDITIONS) if edition.desk.prefix == row.desk)
    value: object = edition
    for name in row.rule.split("."):
        value = value[name] if isinstance(value, dict) else getattr(value, name)


@pytest.mark.parametrize("place", sorted({place for row in rows() for place in row.where}))
def test_a_place_on_the_page_is_in_the_code(place: str) -> None:
    """`file:function`, `file:Class`, `file:Class.method` or `file:CONSTANT`, the file from the root of the repository."""
    file, colon, name = place.partition(":")
    assert colon, f"{place} names no function"
    assert (ROOT / file).is_file(), f"there is no file {file}"
    assert name in defined_in(ROOT / file), f"{file} defines no {name}"


def test_every_test_on_the_page_exists() -> None:
    """By its name, wherever it stands."""
    named = {name for row in rows() for name in row.tests}
    assert named - existing_tests() == set()


@pytest.mark.parametrize("edition", EDITIONS, ids=lambda edition: f"{edition.desk.prefix} {edition.name}")
def test_every_enforced_clause_has_a_test_that_carries_its_number(edition: Edition) -> None:
    """`test_mdo_1_5_…`, or one of a range such as `test_mdo_3_2_to_3_4_…` that a row of the clause names."""
    desk = {"MDO": "mdo"}.get(edition.desk.prefix, edition.desk.id)
    for clause in edition.clauses:
        number = clause.number.replace(".", "_")
        shown = {name for row in rows() if row.number == clause.number for name in row.tests}
        carrying = [name for name in shown if re.match(rf"test_{desk}_(\w+_(to|and)_)?{number}_(?!\d)", name)]
        ranges = [
            name
            for name in shown
            if (found := re.match(rf"test_{desk}_(\d+(?:_\d+)*)_to_(\d+(?:_\d+)*)_", name))
            and _between(number, found[1], found[2])
        ]
        assert carrying or ranges or not clause.enforced, f"{edition.desk.prefix} {clause.number}"


def _between(number: str, first: str, last: str) -> bool:
    parts = [tuple(map(int, text.split("_"))) for text in (first, number, last)]
    return parts == sorted(parts)
