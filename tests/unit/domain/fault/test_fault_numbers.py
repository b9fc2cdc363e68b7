"""Fault numbers in whatever form people type them, on a telephone at night."""

from __future__ import annotations

import pytest

from domain.fault.numbers import fault_id, fault_number_of, fault_numbers_in, is_fault_number
from domain.ticket.numbers import NUMBERS_AT_MOST, number_of, numbers_in

NUMBER = "MDO-F-7K3F9"
FORMS = [
    "MDO-F-7K3F9",
    "mdo-f-7k3f9",
    "mdo f 7k3f9",
    "MDO–F–7K3F9",
    "MDO — F — 7K3F9",
    "MDOF7K3F9",
    "mdof7k3f9",
    "MDO-F7K3F9",
    "MDO F7K3F9",
    "MDO\u00ad-F\u00ad-7K3F9",
    "МДО-Ф-7К3F9",
    "мдо ф 7к3f9",
    "MD0-F-7К3F9",
    "[MDO-F-7K3F9]",
    "№MDO-F-7K3F9.",
    "MDO_F_7K3F9",
]


@pytest.mark.parametrize("form", FORMS)
def test_a_fault_number_is_known_however_it_is_typed(form: str) -> None:
    found = (fault_numbers_in(f"Re: сбой {form}, принято", "MDO"), fault_number_of(form, "MDO"))
    assert found == ((NUMBER,), NUMBER)


@pytest.mark.parametrize("form", FORMS)
def test_a_fault_number_is_never_read_as_a_tickets(form: str) -> None:
    assert (numbers_in(form, "MDO"), number_of(form, "MDO")) == ((), None)


@pytest.mark.parametrize("form", ["MDO-F7K3-F9QX", "MDO F7K3 F9QX", "mdof7k3f9qx", "МДО-Ф7К3-9QXZ"])
def test_a_ticket_number_that_begins_with_an_f_is_never_read_as_a_faults(form: str) -> None:
    assert (fault_numbers_in(form, "MDO"), fault_number_of(form, "MDO")) == ((), None)


@pytest.mark.parametrize(
    "text", ["сто фактор", "Сто факторов", "MDO-F-7K3F", "MDO-F-7K3F9A", "AMDO-F-7K3F9", "MDO-F-7U3F9", "MDO-F", ""]
)
def test_words_and_halves_of_numbers_are_none(text: str) -> None:
    assert (fault_numbers_in(text, "MDO"), fault_numbers_in(text, "STO")) == ((), ())


def test_a_number_without_a_digit_needs_its_dashes_in_a_text_and_none_as_an_argument() -> None:
    assert fault_numbers_in("Сто ф актор", "STO") == ()
    assert fault_numbers_in("сбой STO-F-AKTXP", "STO") == ("STO-F-AKTXP",)
    assert fault_number_of("sto f aktxp", "STO") == "STO-F-AKTXP"


def test_letters_that_the_alphabet_leaves_out_are_read_as_the_digits_they_look_like() -> None:
    assert fault_number_of("sto-f-oil09", "STO") == "STO-F-01109"


def test_what_stands_beside_a_number_makes_an_argument_none() -> None:
    assert fault_number_of("MDO-F-7K3F9 5", "MDO") is None


def test_a_few_numbers_are_read_of_a_text_full_of_them() -> None:
    assert len(fault_numbers_in(" ".join(f"MDO-F-{place:05d}" for place in range(2_000)), "MDO")) == NUMBERS_AT_MOST


def test_every_number_that_is_derived_is_read_back() -> None:
    for attempt in range(500):
        number = fault_id("MDO", "mdo", "MDO-7K3F-9QXZ", attempt)
        assert is_fault_number(number)
        assert fault_number_of(number.lower(), "MDO") == number
