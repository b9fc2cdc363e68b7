"""Files of people and rotas: the seeds that ship, what is read back, and errors at their lines."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.memory import MemoryStore
from adapters.people_files import (
    Written,
    as_toml,
    enter_seeds,
    read_people,
    read_rota,
    rota_seed_of,
    seed_of,
)
from adapters.rota_words import of_people, of_rota
from domain.people import People, Person, Role
from domain.regulation.editions import desk_ids
from domain.regulation.mailboxes import deployed_mailboxes
from domain.rota import Override, Rota, Rotation
from domain.ticket.outgoing import PageLevel
from tests.support.builders import MDO, moscow

NOW = moscow("2026-11-20 10:00")


@pytest.mark.parametrize("desk", desk_ids())
def test_the_seeds_that_ship_wake_somebody_at_every_hour_and_have_mailboxes(desk: str) -> None:
    people, rota = seed_of(desk), rota_seed_of(desk)
    assert list(of_people(people, desk, deployed_mailboxes().receiving_domains)) == []
    assert of_rota(rota, people, desk, NOW) == []
    assert {role for person in people.persons for role in person.roles} == set(Role)


def test_seeds_are_entered_only_where_nobody_is() -> None:
    store = MemoryStore()
    assert enter_seeds(store, at=NOW, caller="tests") == desk_ids()
    assert enter_seeds(store, at=NOW, caller="tests") == ()
    assert store.people(MDO).version == 1


def test_what_is_written_is_read_back_with_its_versions(tmp_path: Path) -> None:
    people = People(
        version=7,
        team_address="team@моидокументы.онлайн",
        persons=(
            Person(name='Анна "А" \\ Б', addresses=("anna@example.ru", "a@моидокументы.онлайн"), roles=(Role.LEAD,)),
            Person(name="Немой", phone="+79001234567"),
        ),
    )
    rota = Rota(
        version=3,
        time_zone="Asia/Yakutsk",
        rotations=(
            Rotation(level=PageLevel.ON_CALL, persons=("Немой",), begins=datetime(2026, 1, 5, tzinfo=UTC).date()),
            Rotation(
                level=PageLevel.ESCALATION,
                persons=("Немой", "Анна"),
                begins=datetime(2026, 1, 5, tzinfo=UTC).date(),
                handover="09:30",
                days=2,
                weekdays=("saturday", "sunday"),
                hours="18:00-09:00",
            ),
        ),
        overrides=(
            Override(
                level=PageLevel.ON_CALL,
                person="Анна",
                begins=datetime(2026, 12, 31, 12, tzinfo=UTC),
                ends=datetime(2027, 1, 1, 12, tzinfo=UTC),
                reason="праздники",
            ),
        ),
    )
    file = tmp_path / "people.toml"
    file.write_text(as_toml(people, rota), "utf-8")
    read = read_people(file, "Europe/Moscow")
    assert isinstance(read, Written)
    assert read.rota is not None
    assert (read.version, read.rota.version) == (7, 3)
    assert read.people.model_copy(update={"version": 7}) == people
    assert read.rota.rota.model_copy(update={"version": 3}) == rota


PERSON = '[[persons]]\nname = "Анна"\n'
TEAM = 'team_address = "team@example.ru"\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (PERSON, "people.toml: team_address: found nothing, expected a value: the key is required"),
        (f'team_address = ""\n{PERSON}', ":1: team_address: found '', expected the address of the team's mailbox"),
        (f'team_address = "team"\n{PERSON}', ":1: team_address: found 'team', expected a mail address"),
        (f"{TEAM}{PERSON}{PERSON}", ":5: [persons #2] name: found 'Анна', expected one of its own: persons #1 has it"),
        (f'{TEAM}{PERSON}roles = ["chief"]\n', ":4: [persons #1] roles #1: found 'chief', expected one of "),
        (f'{TEAM}{PERSON}role = "lead"\n', ":4: [persons #1] role: found 'lead', expected one of its keys (did you"),
        (f"{TEAM}{PERSON}[rota\n", ":4: the file: found '[rota', expected valid TOML"),
        (f'{TEAM}{PERSON}[rota]\ntime_zone = "Москва"\n', ":5: [rota] time_zone: found 'Москва', expected an IANA"),
        (
            f'{TEAM}{PERSON}[[rota.rotations]]\nlevel = "on_call"\npersons = []\nbegins = 2026-01-01\n',
            ":6: [rota.rotations #1] persons: found [], expected at least one in the list",
        ),
        (
            f'{TEAM}{PERSON}[[rota.rotations]]\nlevel = "on_call"\npersons = ["А"]\nbegins = 2026-01-01\nhours = "9-18"\n',
            ":8: [rota.rotations #1] hours: found '9-18', expected hours such as 09:00-18:00",
        ),
        (
            (
                f'{TEAM}{PERSON}[[rota.overrides]]\nlevel = "on_call"\nperson = "А"\n'
                "begins = 2026-01-02T00:00:00\nends = 2026-01-01T00:00:00\n"
            ),
            ":8: [rota.overrides #1] ends: found 2026-01-01T00:00:00, expected an instant after",
        ),
    ],
)
def test_every_error_is_told_at_its_line(tmp_path: Path, text: str, says: str) -> None:
    file = tmp_path / "people.toml"
    file.write_text(text, "utf-8")
    read = read_people(file, "Europe/Moscow")
    assert isinstance(read, list)
    assert any(says in str(problem) for problem in read), [str(problem) for problem in read]


def test_a_rota_is_a_file_of_its_own_or_a_part_of_the_people(tmp_path: Path) -> None:
    rotation = 'level = "on_call"\npersons = ["Анна"]\nbegins = 2026-01-01\n'
    alone, within = tmp_path / "rota.toml", tmp_path / "people.toml"
    alone.write_text(f"[[rotations]]\n{rotation}", "utf-8")
    within.write_text(f"{TEAM}{PERSON}[[rota.rotations]]\n{rotation}", "utf-8")
    assert read_rota(alone, "Europe/Moscow") == read_rota(within, "Europe/Moscow")


def test_an_override_without_an_offset_is_by_the_rotas_clock(tmp_path: Path) -> None:
    file = tmp_path / "rota.toml"
    file.write_text(
        '[[overrides]]\nlevel = "on_call"\nperson = "А"\nbegins = 2026-03-29T02:30:00\nends = 2026-03-29T12:00:00Z\n',
        "utf-8",
    )
    read = read_rota(file, "Europe/Berlin")
    assert not isinstance(read, list)
    (override,) = read.rota.overrides
    # Clocks in Berlin skip from two to three on that night: what is skipped is the change itself.
    assert (override.begins, override.ends) == (
        datetime(2026, 3, 29, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 12, tzinfo=UTC),
    )
