"""What a writer declares not to have is an answer (MDO 1.3.2); what only sounds so is none."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from domain.intake.identification import identify
from domain.letter import Address
from domain.regulation.editions import editions
from tests.support.builders import a_letter
from tests.support.cases import each_case

CASES = Path(__file__).with_name("absences.toml")
MDO = editions("moi-dokumenty-online")[-1].rules.identification


def declared(text: str) -> list[str]:
    """Return the details that a letter declares absent."""
    said = identify(a_letter(text, sender=Address("z@client.example", "")), MDO)
    return [absent.detail for absent in said.declared_none]


@each_case(CASES, "neither-organisation-nor-position")
def test_mdo_1_3_2_who_works_nowhere_has_neither_organisation_nor_position(text: str) -> None:
    """In the writer's own words, in a sentence or behind a label."""
    assert declared(text) == ["organisation", "position"]


@each_case(CASES, "no-position")
def test_mdo_1_3_2_an_organisation_without_a_position_is_possible(text: str) -> None:
    """What is stated is not declared absent."""
    assert declared(text) == ["position"]


@each_case(CASES, "no-mobile-phone")
def test_mdo_1_3_2_a_mobile_phone_is_absent_where_a_landline_is_given(text: str) -> None:
    """There has to be some way to call."""
    assert declared(text) == ["phone"]


@each_case(CASES, "nothing-declared")
def test_mdo_1_3_2_what_only_sounds_like_an_absence_declares_none(text: str) -> None:
    """An entry of a list, an error's words, somebody else's status, an empty line of a form."""
    assert declared(text) == []


def test_a_declared_absence_cites_the_writers_words() -> None:
    """As they are written."""
    said = identify(a_letter("Здравствуйте! Организации у меня нет, я на пенсии."), MDO)
    assert said.declared_none[0].said == "Организации у меня нет"


def test_a_name_is_never_absent() -> None:
    """Everybody has one: it is asked for again."""
    said = identify(a_letter("ФИО: нет\nОрганизация: нет", sender=Address("z@client.example", "")), MDO)
    assert "full_name" not in [absent.detail for absent in said.declared_none]


def test_an_edition_that_lets_nothing_be_absent_reads_no_absence() -> None:
    """It asks again, as its regulation says."""
    strict = MDO.model_copy(update={"may_be_absent": ()})
    assert identify(a_letter("Организации нет, я пенсионерка"), strict).declared_none == ()


@pytest.mark.parametrize(
    "text",
    [
        "нет " * 3_000,
        "я " * 6_000,
        "\n" * 12_000 + "нет",
        "нет организации и " * 700,
        "А" * 12_000 + ", пенсионер",
        "нет, " * 2_500,
        "пенсионер, " + "ааа " * 3_000,
        "«нет " * 3_000,
    ],
    ids=range(8),
)
def test_hostile_text_is_read_fast(text: str) -> None:
    """The work grows with the text, not with its square."""
    identify(a_letter("нет"), MDO)
    started = time.process_time()
    identify(a_letter(text), MDO)
    assert time.process_time() - started < 1
