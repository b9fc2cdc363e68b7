"""The desk's form is read in a quotation of any length, where the desk's own letter is quoted."""

from __future__ import annotations

import pytest

from domain.intake.form import with_form
from tests.support.builders import MDO_ADDRESS, a_letter
from tests.support.cpu import HOSTILE_SECONDS, cpu_seconds


def test_a_form_filled_in_a_hundred_thousand_times_takes_no_square_of_time() -> None:
    """A megabyte of hostile lines is read as fast as any other."""
    letter = a_letter("", set_apart_text="заполнив строки\n" + "ФИО: а\n" * 100_000)
    assert cpu_seconds(lambda: with_form(letter, frozenset())) < HOSTILE_SECONDS


FORM = "Ответьте на это письмо, заполнив строки:\nФИО: Петрова Анна Ивановна\nДолжность: директор"


@pytest.mark.parametrize(
    "above",
    [
        "",
        "Служба поддержки пишет:",
        f"20.11.2026, 10:05, Служба <{MDO_ADDRESS.replace('@', '+abc@')}>:",
        f"От: Служба <{MDO_ADDRESS}>\nОтправлено: 20 ноября 2026 г. 10:05\nКому: olga@client.example; petr@mfc.example",
        "Кому: olga@client.example",
    ],
)
def test_a_form_that_is_filled_in_where_the_desks_letter_is_quoted_is_the_writers(above: str) -> None:
    letter = with_form(a_letter("", set_apart_text=f"{above}\n{FORM}".strip()), {MDO_ADDRESS})
    assert letter.visible_text == "ФИО: Петрова Анна Ивановна\nДолжность: директор"


@pytest.mark.parametrize(
    "above",
    [
        "20.11.2026, 10:05, Петрова <petrova@mfc.example> пишет:",
        "От: Петрова <petrova@mfc.example>\nОтправлено: 20 ноября 2026 г. 10:05\nКому: olga@client.example",
    ],
)
def test_a_form_that_a_colleague_filled_in_says_nothing_of_the_writer(above: str) -> None:
    """Somebody else's words are no identity."""
    letter = a_letter("Другой вопрос.", set_apart_text=f"{above}\n\n{FORM}")
    assert with_form(letter, {MDO_ADDRESS}) == letter
