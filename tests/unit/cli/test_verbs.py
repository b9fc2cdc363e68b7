"""Every verb: its help, its example, what counts as misuse; and the verbs that need no stack."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import pairwise

import pytest

from cli.main import build_parser
from cli.target import Failed, Misuse, ticket_number
from tests.support.command_line import Run


def _verbs(parser: argparse.ArgumentParser, *path: str) -> Iterator[tuple[str, ...]]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, verb in action.choices.items():
                yield from _verbs(verb, *path, name)
            return
    yield path


VERBS = sorted(_verbs(build_parser()))


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_explains_itself_with_an_example_and_offers_json(run: Run, verb: tuple[str, ...]) -> None:
    """A person gets along by --help alone."""
    ran = run(*verb, "--help")
    assert ran.status == 0
    assert f"example:\n  reglament {' '.join(verb)}" in ran.out
    assert "--json" in ran.out


@pytest.mark.parametrize(
    "text", ["MDO-7K3F-9QXZ", "mdo-7k3f-9qxz", "MDO7K3F9QXZ", "mdo7k3f9qxz", " MDO 7K3F 9QXZ ", "[MDO-7K3F-9QXZ]"]
)
def test_ticket_numbers_are_taken_in_any_case_with_or_without_dashes(text: str) -> None:
    """As people type them."""
    assert ticket_number(text) == "MDO-7K3F-9QXZ"


def test_letters_that_the_alphabet_leaves_out_are_read_as_the_digits_they_look_like() -> None:
    """Crockford: O is 0, I and L are 1; the prefix keeps its own letters."""
    assert ticket_number("sto-oil0-9qxz") == "STO-0110-9QXZ"


def test_what_cannot_be_a_number_is_misuse_and_a_foreign_prefix_is_unknown() -> None:
    """Both say what is expected."""
    with pytest.raises(Misuse, match="MDO-7K3F-9QXZ"):
        ticket_number("7")
    with pytest.raises(Failed, match="MDO, STO"):
        ticket_number("XYZ-7K3F-9QXZ")


@pytest.mark.parametrize("arguments", [(), ("dance",), ("deadline",), ("show",), ("priority", "MDO-7K3F-9QXZ", "top")])
def test_a_command_line_that_makes_no_sense_exits_with_2(run: Run, arguments: tuple[str, ...]) -> None:
    """argparse says why."""
    assert run(*arguments).status == 2


@pytest.mark.parametrize(
    ("desk", "at", "due"),
    [
        ("MDO", "2024-04-26T17:00", "2024-04-27T12:00:00+03:00"),
        ("moi-dokumenty-online", "2024-12-28T13:00:00+00:00", "2025-01-09T11:00:00+03:00"),
        ("mdo", "2027-02-19T17:00", "2027-02-20T12:00:00+03:00"),
        ("STO", "2024-12-27T16:00", "2025-01-14T18:00:00+03:00"),
    ],
)
def test_a_deadline_is_reckoned_over_working_saturdays_and_holidays(run: Run, desk: str, at: str, due: str) -> None:
    """MDO 2.1 and Storeolis 2.3."""
    found = run("deadline", "--desk", desk, "--at", at, "--json").object
    assert found["due"] == due
    assert found["clause"] in ("2.1", "2.3")


def test_the_intervals_of_a_deadline_join_and_the_counted_ones_are_the_allowance(run: Run) -> None:
    """MDO 2.1: four hours, each stretch with its reason and clause."""
    stretches = run("deadline", "--desk", "MDO", "--at", "2024-12-28T16:00", "--json").object["intervals"]
    assert all(before["to"] == after["from"] for before, after in pairwise(stretches))
    assert [(one["from"], one["to"]) for one in stretches if one["counted"]] == [
        ("2024-12-28T16:00:00+03:00", "2024-12-28T18:00:00+03:00"),
        ("2025-01-09T09:00:00+03:00", "2025-01-09T11:00:00+03:00"),
    ]
    assert {one["clause"] for one in stretches if not one["counted"]} == {"1.2"}
    assert "holiday" in {one["reason"] for one in stretches}


def test_the_days_of_a_term_are_numbered_and_the_day_of_the_event_is_none_of_them(run: Run) -> None:
    """Storeolis 2.3: five working days."""
    stretches = run("deadline", "--desk", "STO", "--at", "2026-11-20T10:00", "--json").object["intervals"]
    assert stretches[0]["reason"] == "day_of_event"
    assert [one["day"] for one in stretches if one["counted"]] == [1, 2, 3, 4, 5]


def test_a_critical_fault_is_due_in_five_minutes_at_any_hour(run: Run) -> None:
    """MDO 2.1."""
    found = run("deadline", "--desk", "MDO", "--at", "2027-01-01T03:00", "--critical", "--json").object
    assert found["due"] == "2027-01-01T03:05:00+03:00"


def test_a_year_without_a_decreed_calendar_is_a_warning_beside_the_deadline(run: Run) -> None:
    """Never a silent guess."""
    found = run("deadline", "--desk", "MDO", "--at", "2033-05-04T17:00", "--json").object
    assert found["undecreed_years"] == [2033]
    assert "not decreed" in found["warning"]
    assert "warning" in run("deadline", "--desk", "MDO", "--at", "2033-05-04T17:00").out


def test_the_edition_in_force_is_shown_with_its_clauses(run: Run) -> None:
    """As data and as a page."""
    assert run("regulation", "show", "STO", "--json").object["desk"]["prefix"] == "STO"
    assert "cl. 2.3" in run("regulation", "show", "storeolis").out
    assert "to one address at most 10 an hour and 40 a day" in run("regulation", "show", "storeolis").out


def test_before_its_first_edition_a_desk_has_none_to_show(run: Run) -> None:
    """The answer says from when it has one."""
    ran = run("regulation", "show", "MDO", "--at", "2001-01-01")
    assert ran.status == 2
    assert "2013-01-01" in ran.err
