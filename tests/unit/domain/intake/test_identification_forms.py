"""Who writes, in the many ways in which people say it: a case a line, what must be read beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from time import process_time

import pytest

from domain.intake import identification
from domain.letter import Address
from domain.regulation.editions import editions
from tests.support.builders import a_letter
from tests.support.cases import each_case

CASES = Path(__file__).with_name("identification_forms.toml")


@pytest.fixture
def wrong(
    desk: str, text: str, display_name: str, read: Mapping[str, str], unread: Sequence[str]
) -> dict[str, tuple[str | None, str | None]]:
    """Return the details of a case that were read otherwise than expected: expected and read."""
    expected = {**read, **dict.fromkeys(unread)}
    letter = a_letter(text, subject="Вопрос", sender=Address("z@client.example", display_name))
    found = identification.identify(letter, editions(desk)[-1].rules.identification)
    return {name: (value, getattr(found, name)) for name, value in expected.items() if getattr(found, name) != value}


def forms(*tables: str) -> pytest.MarkDecorator:
    """Return the cases of tables, which need name no display name, nothing that is read and nothing that is not."""
    return each_case(CASES, *tables, display_name="", read={}, unread=())


@forms("names", "peoples")
def test_mdo_1_3_2_the_writer_is_told_from_other_people(wrong: dict[str, object]) -> None:
    """However the name is written, and whoever else the letter speaks of."""
    assert wrong == {}


@forms("phones", "numbers")
def test_mdo_1_3_2_the_writers_own_phone_is_found(wrong: dict[str, object]) -> None:
    """Not numbers of documents, and not those of other people."""
    assert wrong == {}


@forms("workplaces", "informal")
def test_mdo_1_3_2_organisation_and_position_are_read_as_written(wrong: dict[str, object]) -> None:
    """In forms, signatures and running text; «нет» and «физлицо» state none."""
    assert wrong == {}


@forms("references")
def test_storeolis_2_1_contract_inn_and_site_are_the_writers_own(wrong: dict[str, object]) -> None:
    """Not numbers of orders and invoices, and not those of partners."""
    assert wrong == {}


@forms("inns", "in-genitive", "latin", "without-capitals", "surname-first", "organisations", "positions")
def test_mdo_1_3_2_who_writes_is_read_however_it_is_put(wrong: dict[str, object]) -> None:
    """And what only looks like it is left."""
    assert wrong == {}


def test_a_display_name_of_many_words_costs_no_quadratic_time() -> None:
    """Each of its words is looked for in the text, so only its beginning is read."""
    letter = a_letter("иванов " * 1_400, subject="Вопрос", sender=Address("z@client.example", "иванов " * 3_000))
    started = process_time()
    identification.identify(letter, editions("moi-dokumenty-online")[-1].rules.identification)
    assert process_time() - started < 10
