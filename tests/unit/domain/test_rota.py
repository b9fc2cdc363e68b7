"""Who is woken: the rota first, then whoever of the level, then the other level: in doubt somebody."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from domain.people import People, Person, Role
from domain.rota import LOOKED_AHEAD, Override, ProblemKind, Rota, Rotation, on_duty, problems, shifts
from domain.ticket.outgoing import PageLevel
from tests.support.builders import moscow

NOON = moscow("2026-11-20 12:00")
ON_CALL, ESCALATION = PageLevel.ON_CALL, PageLevel.ESCALATION


def person(name: str, *roles: Role, reachable: bool = True) -> Person:
    return Person(name=name, addresses=(f"{name}@desk.example",) if reachable else (), roles=roles)


ANNA, BORIS = person("anna", Role.ON_CALL), person("boris", Role.ON_CALL)
VERA = person("vera", Role.ESCALATION)
EVERYBODY = People(team_address="team@desk.example", persons=(ANNA, BORIS, VERA))


def rotation(*names: str, **changes: object) -> Rotation:
    values: dict[str, object] = {
        "level": ON_CALL,
        "persons": names,
        "begins": date(2026, 11, 16),
        "handover": "10:00",
        **changes,
    }
    return Rotation.model_validate(values)


def rota(*rotations: Rotation, overrides: tuple[Override, ...] = ()) -> Rota:
    return Rota(time_zone="Europe/Moscow", rotations=rotations, overrides=overrides)


def woken(of: Rota, people: People = EVERYBODY, level: PageLevel = ON_CALL, at: str = "2026-11-20 12:00") -> list[str]:
    return [one.name for one in on_duty(of, people, level, moscow(at))]


@pytest.mark.parametrize(
    ("at", "who"),
    [
        ("2026-11-16 10:00", "anna"),
        ("2026-11-23 09:59", "anna"),
        ("2026-11-23 10:00", "boris"),
        ("2026-11-30 10:00", "anna"),
    ],
)
def test_turns_are_handed_over_on_the_weekday_and_hour_of_the_first(at: str, who: str) -> None:
    assert woken(rota(rotation("anna", "boris")), at=at) == [who]


@pytest.mark.parametrize(
    ("at", "who"), [("2026-11-20 17:59", "anna"), ("2026-11-20 18:00", "boris"), ("2026-11-21 08:59", "boris")]
)
def test_two_rotations_share_out_the_day(at: str, who: str) -> None:
    day, night = rotation("anna", hours="09:00-18:00"), rotation("boris", hours="18:00-09:00")
    assert woken(rota(day, night), at=at) == [who]


def test_a_night_belongs_to_the_weekday_on_which_it_begins() -> None:
    friday = rota(rotation("anna", hours="18:00-09:00", weekdays=("friday",)))
    assert [
        (one.begins, one.ends) for one in shifts(friday, ON_CALL, NOON, NOON + timedelta(days=6)) if one.persons
    ] == [(moscow("2026-11-20 18:00"), moscow("2026-11-21 09:00"))]


def test_an_override_wakes_its_person_alone() -> None:
    instead = Override(level=ON_CALL, person="boris", begins=NOON, ends=NOON + timedelta(hours=1))
    assert woken(rota(rotation("anna"), overrides=(instead,))) == ["boris"]
    assert woken(rota(rotation("anna"), overrides=(instead,)), at="2026-11-20 13:00") == ["anna"]


@pytest.mark.parametrize(
    "people",
    [
        People(persons=(BORIS, VERA)),
        People(persons=(person("anna", Role.ON_CALL, reachable=False), BORIS, VERA)),
        People(persons=(person("anna", Role.SPECIALIST), BORIS, VERA)),
    ],
    ids=["not-entered", "without-a-channel", "without-the-role"],
)
def test_where_the_rota_names_nobody_who_can_be_woken_everybody_with_the_role_is(people: People) -> None:
    assert woken(rota(rotation("anna")), people) == ["boris"]


def test_in_a_gap_everybody_with_the_role_is_woken() -> None:
    assert woken(rota(rotation("anna", hours="00:00-09:00"))) == ["anna", "boris"]


def test_without_anybody_of_the_level_the_other_level_is_woken() -> None:
    assert woken(rota(), People(persons=(VERA,))) == ["vera"]
    assert woken(rota(), People(persons=(ANNA,)), ESCALATION) == ["anna"]


def test_without_anybody_of_either_level_whom_the_rota_names_is_woken_all_the_same() -> None:
    assert woken(rota(rotation("anna")), People(persons=(person("anna", Role.SPECIALIST),))) == ["anna"]


def test_a_level_without_a_rotation_wakes_everybody_who_has_its_role_and_has_no_gap() -> None:
    assert woken(rota()) == ["anna", "boris"]
    assert problems(rota(), EVERYBODY, NOON, NOON + LOOKED_AHEAD) == ()


@pytest.mark.parametrize(
    ("of", "people", "kind"),
    [
        (rota(rotation("anna", hours="09:00-18:00")), EVERYBODY, ProblemKind.GAP),
        (rota(rotation("anna", begins=date(2026, 11, 23))), EVERYBODY, ProblemKind.GAP),
        (rota(rotation("anna"), rotation("boris")), EVERYBODY, ProblemKind.OVERLAP),
        (rota(rotation("gleb")), EVERYBODY, ProblemKind.UNKNOWN),
        (rota(rotation("vera")), EVERYBODY, ProblemKind.NO_ROLE),
        (
            rota(rotation("anna")),
            People(persons=(person("anna", Role.ON_CALL, reachable=False), VERA)),
            ProblemKind.NO_CHANNEL,
        ),
        (
            rota(rotation("anna")),
            People(persons=(ANNA, person("boris", Role.ON_CALL, reachable=False), VERA)),
            ProblemKind.NO_CHANNEL,
        ),
        (rota(), People(persons=(ANNA,)), ProblemKind.NOBODY),
        (
            rota(
                rotation("anna"),
                overrides=(Override(level=ON_CALL, person="boris", begins=NOON - LOOKED_AHEAD, ends=NOON),),
            ),
            EVERYBODY,
            ProblemKind.OVER,
        ),
    ],
)
def test_what_is_wrong_with_a_rota_is_found_and_nothing_else(of: Rota, people: People, kind: ProblemKind) -> None:
    assert {one.kind for one in problems(of, people, NOON, NOON + LOOKED_AHEAD)} == {kind}


def test_two_overrides_that_name_different_persons_at_once_contradict_each_other() -> None:
    both = tuple(
        Override(level=ON_CALL, person=name, begins=NOON, ends=NOON + timedelta(hours=hours))
        for name, hours in (("anna", 2), ("boris", 1))
    )
    (found,) = problems(rota(rotation("anna"), overrides=both), EVERYBODY, NOON, NOON + LOOKED_AHEAD)
    assert (found.kind, found.persons, found.ends) == (
        ProblemKind.OVERLAP,
        ("anna", "boris"),
        NOON + timedelta(hours=1),
    )
    assert woken(rota(rotation("anna"), overrides=both)) == ["anna", "boris"], "both are woken: in doubt somebody"
