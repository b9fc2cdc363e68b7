"""How well the rules understand labelled letters: the project's own, and a collection outside it where there is one.

`make quality DIR=…` shows the same table.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from measure import quality
from measure.quality import BARS, Measure
from tests.support.repository import LETTERS, collection, needs

EXAMPLES = collection("mail-examples")


@cache
def measures(folder: Path) -> dict[str, Measure]:
    return quality.measure(folder)


@pytest.mark.parametrize("name", BARS)
def test_labelled_letters_are_understood_as_well_as_promised(name: str) -> None:
    """Every measure reaches its bar; the message names the letters that are wrong."""
    measure = measures(LETTERS)[name]
    assert measure.is_ok, quality.errors({name: measure})


@needs(EXAMPLES)
@pytest.mark.parametrize("name", BARS)
def test_the_collection_outside_the_project_stays_understood(name: str) -> None:
    """There the rules reach more than is promised, and are to keep it."""
    measure = measures(EXAMPLES)[name]
    assert min(measure.precision, measure.recall) >= 0.98, quality.errors({name: measure})


@pytest.mark.parametrize("name", ["contract", "site"])
def test_contracts_and_sites_are_read_without_fault(name: str) -> None:
    """No bar is promised for these, and a wrong one would name another client."""
    assert measures(LETTERS)[name].precision == 1.0
    assert measures(LETTERS)[name].recall >= 0.97
