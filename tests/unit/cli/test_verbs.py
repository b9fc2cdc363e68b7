"""Every verb: its help, its example, what counts as misuse; and the verbs that need no stack."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import pairwise

import click
import pytest

from cli.main import root
from cli.options import Options
from cli.target import Failed, Misuse, ticket_number
from tests.support.command_line import Run


def _verbs(group: click.Group, *path: str) -> Iterator[tuple[str, ...]]:
    for name, verb in group.commands.items():
        if isinstance(verb, click.Group):
            yield from _verbs(verb, *path, name)
        else:
            yield (*path, name)


VERBS = sorted(_verbs(root))


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


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ("", "Usage: reglament"),
        ("client", "Usage: reglament client"),
        ("dance", "No such command 'dance'"),
        ("client dance", "No such command 'dance'"),
        ("deadline", "Missing option '--desk'"),
        ("show", "Missing argument 'ID'"),
        ("show MDO-7K3F-9QXZ more", "unexpected extra argument (more)"),
        ("show MDO-7K3F-9QXZ --jsn", "No such option '--jsn'"),
        ("--stack", "'--stack' requires an argument"),
        ("priority MDO-7K3F-9QXZ top", "'top' is not one of 'low', 'normal', 'high'"),
        ("attachment MDO-7K3F-9QXZ --letter one", "'one' is not a valid integer"),
    ],
)
def test_a_command_line_that_makes_no_sense_exits_with_2_and_says_why(run: Run, arguments: str, says: str) -> None:
    """Nothing is printed on standard output, which may be a program's input."""
    ran = run(*arguments.split())
    assert (ran.status, ran.out) == (2, "")
    assert says in ran.err


def test_the_verbs_are_listed_in_the_order_of_a_day_and_not_of_the_alphabet(run: Run) -> None:
    """What needs no stack comes first, operations last."""
    out = run("--help").out
    places = [out.index(f"\n  {verb} ") for verb in ("explain", "deadline", "queue", "reply", "client", "activate")]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        (("rearm",), Options()),
        (("--json", "rearm"), Options(json=True)),
        (("rearm", "--json"), Options(json=True)),
        (
            ("--stack", "first", "--endpoint", "http://127.0.0.1:9", "rearm"),
            Options(False, "first", "http://127.0.0.1:9"),
        ),
        (("--json", "--stack", "first", "rearm", "--stack", "second"), Options(json=True, stack="second")),
        (("--stack", "first", "--json", "client", "list"), Options(json=True, stack="first")),
        (("client", "list", "--stack", "first"), Options(stack="first")),
    ],
)
def test_the_three_options_go_before_or_after_the_verb_and_the_later_one_wins(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], options: Options
) -> None:
    """What was said before the verb is not unsaid by silence after it."""
    given: list[Options] = []

    def taken(options: Options, *_: object) -> int:
        given.append(options)
        return 0

    monkeypatch.setattr("cli.operations.rearm", taken)
    monkeypatch.setattr("cli.registry.list_clients", taken)
    assert run(*arguments).status == 0
    assert given == [options]


def test_an_interrupted_verb_exits_with_130(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """As shells expect of what Ctrl-C ended."""

    def interrupted(*_: object, **__: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("cli.clocks.deadline", interrupted)
    assert run("deadline", "--desk", "MDO", "--at", "2024-04-26T17:00").status == 130


@pytest.mark.parametrize("arguments", ["['--help']", "['client', 'import', '--help']", "['dance']", "['show']"])
def test_help_and_misuse_load_no_sdk_and_nothing_of_the_desk(arguments: str) -> None:
    """So that help and completion are there at once."""
    script = (
        "import sys\n"
        "from cli.main import main\n"
        f"main({arguments})\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "heavy = {'boto3', 'botocore', 'pydantic', 'domain', 'application', 'adapters', 'composition'}\n"
        "assert not heavy & loaded, heavy & loaded\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


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
    ways = "taken by Amazon SES at support@desk.storeolis.ru; answers go to support@storeolis.ru"
    assert ways in run("regulation", "show", "storeolis").out


def test_before_its_first_edition_a_desk_has_none_to_show(run: Run) -> None:
    """The answer says from when it has one."""
    ran = run("regulation", "show", "MDO", "--at", "2001-01-01")
    assert ran.status == 2
    assert "2013-01-01" in ran.err
