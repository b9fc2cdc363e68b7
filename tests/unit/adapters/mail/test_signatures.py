"""Which lines of a letter are a signature (no clause: what is new in a letter is what the rules read)."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import pytest

from adapters.mail.signatures import signature_lines
from tests.support.cases import each_case

CASES = Path(__file__).with_name("signatures.toml")


def read(text: str) -> str | None:
    """Return what is taken for a signature, or None."""
    lines = text.split("\n")
    found = ["\n".join(lines[part.start : part.stop]) for part in signature_lines(lines)]
    return "\n".join(found) or None


@each_case(CASES, "cards")
def test_a_card_below_the_text_is_a_signature(text: str, card: str) -> None:
    """Who writes, below an empty line or behind a closing."""
    assert read(text) == card


@each_case(CASES, "no-cards")
def test_people_whom_the_letter_is_about_stay_in_its_text(text: str) -> None:
    """A list of them, a name that the line above leads up to, somebody in another case or without something."""
    assert read(text) is None


@pytest.mark.parametrize("begins", ["С уважением", "thanks", "", "Добавьте на"])
def test_a_long_run_of_spaces_costs_no_quadratic_time(begins: str) -> None:
    """A hostile line is read in time that grows with its length."""
    started = process_time()
    signature_lines(["Не работает.", "", f"{begins}{' ' * 200_000}x", "", "Петров Пётр"])
    assert process_time() - started < 2
