"""Ticket numbers in whatever form people and programs write them."""

from __future__ import annotations

import pytest

from domain.ticket.numbers import NUMBERS_AT_MOST, number_of, numbers_in

NUMBER = "MDO-7K3F-9QXZ"
FORMS = [
    "MDO-7K3F-9QXZ",
    "mdo-7k3f-9qxz",
    "MDO–7K3F–9QXZ",
    "MDO—7K3F—9QXZ",
    "MDO−7K3F−9QXZ",
    "MDO‑7K3F‑9QXZ",
    "MDO7K3F9QXZ",
    "MDO-7K3F9QXZ",
    "MDO 7K3F 9QXZ",
    "MDO - 7K3F - 9QXZ",
    "MDO\u00a0–\u00a07K3F\u00a0–\u00a09QXZ",
    "MDO\u00ad-7K3F\u00ad-9QXZ",
    "МDО-7K3F-9QXZ",
    "МДО-7K3F-9QXZ",
    "мдо 7к3f 9qхz",
    "MD0-7К3F-9QХZ",
    "[MDO-7K3F-9QXZ]",
    "№MDO-7K3F-9QXZ.",
    "MDO_7K3F_9QXZ",
    "MDO - 7K3F-9QXZ",
]


@pytest.mark.parametrize("form", FORMS)
def test_a_number_is_known_however_it_is_typed(form: str) -> None:
    assert (numbers_in(f"Re: обращение {form}, дополнение", "MDO"), number_of(form, "MDO")) == ((NUMBER,), NUMBER)


@pytest.mark.parametrize("form", ["STO-0110-9QXZ", "СТО-0110-9QXZ", "sto-oil0-9qxz", "сто 0110 9qxz"])
def test_a_prefix_may_be_spelled_by_its_sound(form: str) -> None:
    assert number_of(form, "STO") == "STO-0110-9QXZ"


@pytest.mark.parametrize(
    "text",
    [
        "storekeeper needs access",
        "Сто раза ватт",
        "MDO-7K3F-9QX",
        "AMDO-7K3F-9QXZ",
        "MDO-7K3F-9QXZA",
        "MDO-7U3F-9QXZ",
        "MDO",
        "Вопрос по MDO 2026",
    ],
)
def test_words_and_halves_of_numbers_are_none(text: str) -> None:
    assert (numbers_in(text, "MDO"), numbers_in(text, "STO")) == ((), ())


def test_a_few_numbers_are_read_of_a_subject_full_of_them() -> None:
    text = " ".join(f"MDO-{place:04d}-9QXZ" for place in range(2_000))
    assert len(numbers_in(text, "MDO")) == NUMBERS_AT_MOST


def test_what_stands_beside_a_number_makes_an_argument_none() -> None:
    assert (number_of("MDO-7K3F-9QXZ 5", "MDO"), number_of("", "MDO")) == (None, None)
