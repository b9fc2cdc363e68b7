"""`reglament people` and `reglament oncall`: who answers, who is woken, and that nobody's change is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from application.people import change_of
from domain.people import Person, Role
from domain.rota import on_duty
from domain.ticket.outgoing import PageLevel
from tests.support.builders import MDO, moscow
from tests.support.command_line import Run
from tests.support.functions import Functions
from tests.support.people import people_of

FIRST, SECOND, LEAD = (person.name for person in people_of(MDO).persons)
ROTA = """
[[rotations]]
level = "on_call"
persons = ["{person}"]
begins = 2026-11-16
handover = "10:00"
"""


def exported(run: Run, folder: Path) -> Path:
    """Return what is entered as a file."""
    file = folder / "people.toml"
    assert run("people", "export", file, "--desk", MDO, "--force").status == 0
    return file


def changed(file: Path, *changes: tuple[str, str]) -> Path:
    text = file.read_text("utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, "utf-8")
    return file


def rota_file(folder: Path, text: str) -> Path:
    file = folder / "rota.toml"
    file.write_text(text, "utf-8")
    return file


# People ----------------------------------------------------------------------------------------------------


def test_a_person_who_is_added_answers_and_one_who_is_removed_does_not(functions: Functions, run: Run) -> None:
    added = run(
        "people", "add", "Глеб", "--desk", "mdo", "--address", "Gleb@Company.example", "--phone", "8 900 111-22-33",
        "--role", "specialist",
    )  # fmt: skip
    assert (added.status, added.out) == (0, f"{MDO}: added Глеб\n")
    person = functions.table.people(MDO).named("глеб")
    assert person == Person(
        name="Глеб", addresses=("gleb@company.example",), phone="+79001112233", roles=(Role.SPECIALIST,)
    )
    assert "gleb@company.example" in functions.table.people(MDO).specialists
    assert run("people", "remove", "ГЛЕБ", "--desk", MDO).status == 0
    assert functions.table.people(MDO).named("Глеб") is None


def test_adding_a_person_again_replaces_and_the_same_again_changes_nothing(functions: Functions, run: Run) -> None:
    asked = ("people", "add", FIRST, "--desk", MDO, "--address", "m@company.example", "--role", "on_call", "--json")
    assert run(*asked).object["changed"] == [FIRST]
    assert run(*asked).object == {"desk": MDO, "added": [], "changed": [], "removed": [], "team_address": None}
    assert functions.table.people(MDO).version == 2
    assert [person.name for person in functions.table.people(MDO).persons] == [FIRST, SECOND, LEAD]


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--address", "nobody"), "--address: found 'nobody', expected a mail address"),
        (("--phone", "12"), "--phone: found '12', expected a phone number"),
        (("--address", "specialist1@моидокументы.онлайн"), "each address of one person alone"),
    ],
)
def test_what_is_no_channel_or_anothers_is_refused(
    functions: Functions, run: Run, options: tuple[str, str], says: str
) -> None:
    ran = run("people", "add", "Глеб", "--desk", MDO, *options)
    assert ran.status != 0
    assert says in ran.err
    assert functions.table.people(MDO).named("Глеб") is None


@pytest.mark.parametrize("address", ["", "kakadu"])
def test_a_team_address_that_is_none_is_refused_and_the_one_that_is_entered_stays(
    functions: Functions, run: Run, address: str
) -> None:
    """An empty one is most likely a variable of the shell that is not set."""
    before = functions.table.people(MDO)
    ran = run("people", "team", address, "--desk", MDO)
    assert ran.status == 2
    assert f"ADDRESS: found {address!r}, expected a mail address" in ran.err
    assert functions.table.people(MDO) == before


def test_an_export_is_imported_to_the_same(functions: Functions, run: Run, tmp_path: Path) -> None:
    before = functions.table.standing(MDO)
    file = exported(run, tmp_path)
    ran = run("people", "import", file, "--desk", MDO, "--json")
    assert ran.object["written"] is True
    assert ran.object["rota_changed"] is False
    assert functions.table.standing(MDO) == before, "running it again is harmless"


def test_an_import_with_check_writes_nothing(functions: Functions, run: Run, tmp_path: Path) -> None:
    before = functions.table.standing(MDO)
    file = changed(exported(run, tmp_path), (FIRST, "Другая"))
    ran = run("people", "import", file, "--desk", MDO, "--check")
    assert (ran.status, "nothing was written" in ran.out) == (0, True)
    assert functions.table.standing(MDO) == before


def test_an_import_of_what_another_has_changed_meanwhile_is_refused_and_loses_nothing(
    functions: Functions, run: Run, tmp_path: Path
) -> None:
    file = changed(exported(run, tmp_path), ("+79000000001", "+79000000009"))
    run("people", "add", "Глеб", "--desk", MDO, "--address", "gleb@company.example")
    ran = run("people", "import", file, "--desk", MDO)
    assert ran.status == 1
    assert "version 1, and version 2 is entered now" in ran.err
    assert functions.table.people(MDO).named("Глеб") is not None
    assert run("people", "import", file, "--desk", MDO, "--replace").status == 0
    assert functions.table.people(MDO).named("Глеб") is None


def test_a_file_that_is_no_export_is_written_only_where_nobody_is_entered_or_by_word(
    functions: Functions, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "people.toml"
    file.write_text('team_address = "team@company.example"\npersons = []\n', "utf-8")
    ran = run("people", "import", file, "--desk", MDO)
    assert (ran.status, "is no export" in ran.err) == (1, True)
    assert functions.table.people(MDO).version == 1


def test_every_error_of_a_file_has_its_line(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.toml"
    file.write_text(
        'team_address = "team@company.example"\n[[persons]]\nname = "А"\nrole = "lead"\n[[persons]]\nphone = "1"\n',
        "utf-8",
    )
    ran = run("people", "import", file, "--desk", MDO)
    assert ran.status == 1
    assert f"{file}:4: [persons #1] role: found 'lead', expected one of its keys (did you mean roles?)" in ran.err
    assert f"{file}:5: [persons #2] name: found nothing, expected a value: the key is required" in ran.err
    assert f"{file}:6: [persons #2] phone: found '1', expected a phone number" in ran.err


@pytest.mark.parametrize(
    "verb",
    [
        ("people", "add", "Глеб", "--address", "gleb@company.example"),
        ("people", "remove", FIRST),
        ("people", "team", "other@company.example"),
    ],
)
def test_of_two_who_change_the_people_at_once_the_second_is_told_and_nothing_is_overwritten(
    functions: Functions, run: Run, monkeypatch: pytest.MonkeyPatch, verb: tuple[str, ...]
) -> None:
    table = functions.table
    read = table.standing(MDO)
    with_vera = read[0].model_copy(update={"persons": (*read[0].persons, Person(name="Вера"))})
    entry = change_of("people add", read[0], with_vera, at=functions.clock(), caller="local:vera")
    table.save_people(MDO, read[0], with_vera, entry)
    monkeypatch.setattr(type(table), "standing", lambda *_: read)
    ran = run(*verb, "--desk", MDO)
    assert ran.status == 1
    assert "the people of the desk have changed (people add, by local user vera)" in ran.err
    assert table.people(MDO).persons == with_vera.persons


def test_the_history_tells_who_changed_what(run: Run) -> None:
    run("people", "add", "Глеб", "--desk", MDO, "--address", "gleb@company.example")
    run("people", "team", "other@company.example", "--desk", MDO)
    latest, before, *_ = run("people", "history", "--desk", MDO, "--json").objects
    assert (latest["what"], latest["after"]["team_address"]) == ("people team", "other@company.example")
    assert (before["what"], before["before"]["persons"][-1]["name"]) == ("people add", LEAD)
    assert "added Глеб" in run("people", "history", "--desk", MDO).out


def test_the_journal_has_the_change_and_neither_name_nor_address(run: Run) -> None:
    run("people", "add", "Глеб", "--desk", MDO, "--address", "gleb@company.example")
    journal = run("journal", "--json").out
    assert "people add" in journal
    assert "Глеб" not in journal
    assert "gleb" not in journal


def test_an_empty_list_is_said_loudly_by_every_verb(functions: Functions, run: Run) -> None:
    people = functions.table.people(MDO)
    empty = people.model_copy(update={"team_address": "", "persons": ()})
    entry = change_of("people remove", people, empty, at=functions.clock(), caller="tests")
    functions.table.save_people(MDO, people, empty, entry)
    for verb in (("people", "list"), ("oncall", "show")):
        ran = run(*verb, "--desk", MDO)
        assert ran.status == 0
        assert f"warning: {MDO}: no team address is entered" in ran.err
        assert f"warning: {MDO}, on_call: " in ran.err
    assert run("oncall", "check", "--desk", MDO).status == 1


def test_a_mailbox_that_amazon_ses_would_refuse_is_warned_of(run: Run) -> None:
    ran = run("people", "add", "Глеб", "--desk", MDO, "--address", "gleb@desk.storeolis.ru")
    assert ran.status == 0
    assert "Amazon SES takes the mail of the domain of gleb@desk.storeolis.ru and refuses it" in ran.err


# The rota --------------------------------------------------------------------------------------------------


def test_a_change_of_the_rota_reaches_the_next_page(functions: Functions, run: Run, tmp_path: Path) -> None:
    file = rota_file(tmp_path, ROTA.format(person=SECOND))
    assert run("oncall", "set", file, "--desk", MDO, "--replace").status == 0
    people, rota = functions.table.standing(MDO)
    assert [one.name for one in on_duty(rota, people, PageLevel.ON_CALL, functions.clock())] == [SECOND]
    shown = run("oncall", "show", "--desk", MDO, "--json").object
    assert shown["now"] == {"on_call": [SECOND], "escalation": [LEAD]}


def test_the_rota_is_shown_as_a_table_by_its_own_clock(functions: Functions, run: Run) -> None:
    functions.clock.at = moscow("2026-11-20 10:00")
    out = run("oncall", "show", "--desk", MDO).out
    assert f"{MDO}, by the clock of Europe/Moscow" in out
    assert f"now on_call     {SECOND} (mail, SMS)" in out or f"now on_call     {FIRST} (mail, SMS)" in out
    assert "Mon 2026-11-23 10:00  Mon 2026-11-30 10:00" in out
    assert "escalation: no rotation: everybody with the role escalation" in out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ROTA.format(person=FIRST) + 'hours = "09:00-18:00"\n', "nobody's turn from "),
        (ROTA.format(person="Неизвестный"), "Неизвестный is in the rota and not among the people"),
        (ROTA.format(person=LEAD), "has no role on_call"),
        (ROTA.format(person="Немой"), "Немой has neither an address nor a phone"),
        (ROTA.format(person=FIRST) + ROTA.format(person=SECOND), "overlap from "),
    ],
    ids=["gap", "unknown", "role", "channel", "overlap"],
)
def test_a_rota_that_may_leave_a_page_unread_is_refused_with_its_hours_and_the_remedy(
    functions: Functions, run: Run, tmp_path: Path, text: str, says: str
) -> None:
    run("people", "add", "Немой", "--desk", MDO, "--role", "on_call")
    before = functions.table.rota(MDO)
    ran = run("oncall", "set", rota_file(tmp_path, text), "--desk", MDO, "--replace")
    assert ran.status == 1
    assert says in ran.err
    assert "`reglament " in ran.err or "let one end" in ran.err
    assert functions.table.rota(MDO) == before


def test_a_gap_is_named_with_its_hours(run: Run, tmp_path: Path) -> None:
    text = ROTA.format(person=FIRST) + 'hours = "09:00-18:00"\n'
    ran = run("oncall", "set", rota_file(tmp_path, text), "--desk", MDO, "--replace")
    assert "from Fri 2026-11-20 18:00 (Europe/Moscow) to Sat 2026-11-21 09:00 (Europe/Moscow)" in ran.err


def test_an_override_wakes_another_for_its_time_and_is_taken_back(functions: Functions, run: Run) -> None:
    asked = ("oncall", "override", "--desk", MDO, "--person", SECOND)
    span = ("--from", "2026-11-21T00:00", "--until", "2026-11-22T00:00", "--reason", "подмена")
    for person in (FIRST, SECOND):
        assert run(*asked[:-1], person, *span).status == 0
        people, rota = functions.table.standing(MDO)
        assert [one.name for one in on_duty(rota, people, PageLevel.ON_CALL, moscow("2026-11-21 12:00"))] == [person]
        assert "instead: подмена" in run("oncall", "show", "--desk", MDO).out
        assert run("oncall", "override", "--desk", MDO, "--remove", "--from", "2026-11-21T12:00").status == 0
    assert functions.table.rota(MDO).overrides == ()


@pytest.mark.parametrize(
    ("person", "says"), [("Кто-то", "nobody of"), (LEAD, "has no role on_call")], ids=["unknown", "role"]
)
def test_an_override_by_whom_nobody_can_be_woken_is_refused(
    functions: Functions, run: Run, person: str, says: str
) -> None:
    ran = run("oncall", "override", "--desk", MDO, "--person", person, "--until", "2026-11-22T00:00")
    assert (ran.status, says in ran.err) == (1, True)
    assert functions.table.rota(MDO).version == 1


def test_overrides_stay_where_a_new_rota_does_not_speak_of_them(functions: Functions, run: Run, tmp_path: Path) -> None:
    run("oncall", "override", "--desk", MDO, "--person", FIRST, "--until", "2026-11-22T00:00")
    file = rota_file(tmp_path, ROTA.format(person=SECOND))
    assert run("oncall", "set", file, "--desk", MDO, "--replace").status == 0
    assert [one.person for one in functions.table.rota(MDO).overrides] == [FIRST]


def test_of_two_who_change_the_rota_at_once_the_second_is_told_and_nothing_is_overwritten(
    functions: Functions, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = functions.table
    read = table.standing(MDO)
    assert run("oncall", "override", "--desk", MDO, "--person", FIRST, "--until", "2026-11-22T00:00").status == 0
    first = table.rota(MDO)
    monkeypatch.setattr(type(table), "standing", lambda *_: read)
    ran = run("oncall", "override", "--desk", MDO, "--person", SECOND, "--until", "2026-11-23T00:00")
    assert ran.status == 1
    assert "the rota of the desk has changed (oncall override, by " in ran.err
    assert table.rota(MDO) == first


def test_a_rota_that_reaches_somebody_at_every_hour_passes(run: Run) -> None:
    ran = run("oncall", "check")
    assert ran.status == 0, ran.out
    assert "somebody who can be reached is on duty at each level" in ran.out


def test_a_person_of_the_rota_who_is_removed_is_warned_of_and_fails_the_check(run: Run) -> None:
    removed = run("people", "remove", FIRST, "--desk", MDO)
    assert f"warning: {MDO}, on_call: {FIRST} is in the rota and not among the people" in removed.err
    check = run("oncall", "check", "--desk", MDO, "--json")
    assert check.status == 1
    assert [problem["kind"] for problem in check.object["rota"]] == ["unknown"]


def test_the_remedy_for_a_person_without_the_role_says_that_it_replaces_the_person(run: Run) -> None:
    """Who follows it to the letter would take the other roles and the addresses away."""
    until = "2026-11-21T10:00"
    ran = run("oncall", "override", "--desk", MDO, "--person", LEAD, "--until", until)
    assert ran.status == 1
    assert "with --role on_call, and with all else that the person keeps: it replaces" in ran.err
