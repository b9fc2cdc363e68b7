"""What a specialist writes goes where it is meant to go, and nothing of the card with it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.answer_cases import play, problems
from tests.support.letter_cases import cases

NOT_DONE_YET = frozenset({"files", "thanks-when-closed"})
"""Kinds that are not played: what goes on with them is not built yet."""


@pytest.mark.parametrize(
    "case",
    [case for case in cases("answers") if case["kind"] not in NOT_DONE_YET],
    ids=lambda case: f"{case['kind']}/{case['case']}",
)
def test_an_answer_goes_as_its_case_says(case: dict[str, Any]) -> None:
    """On what each expectation rests, the case says in `why`."""
    assert problems(case["expect"], play(case)) == [], case["why"]
