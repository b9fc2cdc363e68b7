"""The desk's form is read in a quotation of any length."""

from __future__ import annotations

from domain.intake.form import with_form
from tests.support.builders import a_letter
from tests.support.cpu import HOSTILE_SECONDS, cpu_seconds


def test_a_form_filled_in_a_hundred_thousand_times_takes_no_square_of_time() -> None:
    """A megabyte of hostile lines is read as fast as any other."""
    letter = a_letter("", set_apart_text="заполнив строки\n" + "ФИО: а\n" * 100_000)
    assert cpu_seconds(lambda: with_form(letter)) < HOSTILE_SECONDS
