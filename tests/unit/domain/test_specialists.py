"""How many ordinary answers are held, and whether any line for the team goes to a client."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import TypeAdapter

from domain.answer_text import AnswerText
from domain.letter import Address
from domain.regulation.editions import editions
from domain.russian.internal_lines import signs
from domain.russian.phrases import Phrases
from domain.specialists import read_answer
from domain.ticket.commands import Act, HoldAnswer, HoldReason
from tests.support.builders import MDO, a_letter
from tests.support.cpu import HOSTILE_SECONDS, cpu_seconds
from tests.support.people import people_of, specialists_of

LETTERS = tomllib.loads((Path(__file__).parent / "specialists.toml").read_text("utf-8"))
EDITION = editions(MDO)[-1]
TO_CLIENT = frozenset({Act.REPLY, Act.ASK, Act.SOLVE, Act.CLOSE, Act.REFUSE})
HELD_AT_MOST = 0.01


def understood(text: str) -> str:
    """Return the act that a specialist's letter asks for, or why it is held."""
    letter = a_letter(text, sender=Address(specialists_of(MDO)[0]))
    found = read_answer(letter, AnswerText(text), people_of(MDO))
    return f"held: {found.reason}" if isinstance(found, HoldAnswer) else found.act


def test_hardly_an_ordinary_answer_is_held() -> None:
    """What is held costs the client time: at most one in a hundred."""
    held = {text: why for text in LETTERS["ordinary"] if (why := understood(text)) not in TO_CLIENT}
    assert len(held) <= HELD_AT_MOST * len(LETTERS["ordinary"]), held


def test_no_line_for_the_team_goes_to_a_client() -> None:
    """It is held, or it is a command by which nothing goes."""
    sent = [text for text in LETTERS["internal"] if understood(text) in TO_CLIENT]
    assert sent == []


def test_a_letter_that_means_harm_is_read_in_time() -> None:
    """Each look at it is bounded."""
    parts = (
        "!",
        "@",
        "клиент ",
        "Добрый день, ",
        "а.",
        "- ",
        "ть ",
        "«",
        "(",
        "закрыть: ",
        "Имя, ",
        "\n",
        "-> ",
        "#",
        "не ",
    )
    seconds = cpu_seconds(lambda: [understood(part * 50_000) for part in parts])
    assert seconds < HOSTILE_SECONDS


def test_the_signs_are_phrases_and_their_tables_are_reasons() -> None:
    """What is no reason says what is none."""
    tables = signs()
    assert set(tables) - {"short_answers"} <= set(HoldReason)
    phrases = TypeAdapter(Phrases)
    for found in tables.values():
        for listed in found:
            assert phrases.validate_python(tuple(listed)) == tuple(listed)
