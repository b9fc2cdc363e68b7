"""Letters as people and their programs really write them are read as they should be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.command_line import Run
from tests.support.letter_cases import CASES, cases, names_number, problems, with_number


@pytest.mark.parametrize("case", cases("letters"), ids=lambda case: f"{case['kind']}/{case['case']}")
def test_a_letter_is_read_as_its_case_says(
    case: dict[str, Any],
    tmp_path: Path,
    run: Run,
) -> None:
    """On what each expectation rests, the case says in `why`."""
    files = [CASES / name for name in case["files"]]
    if names_number(files):
        first = run("explain", "--json", "--desk", case["desk"], files[0]).object
        files = [with_number(file, first["ticket"], tmp_path) for file in files]
    seen = run("explain", "--json", "--desk", case["desk"], *files).objects
    assert problems(case, seen) == [], case["why"]
