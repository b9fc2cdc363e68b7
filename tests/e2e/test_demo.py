"""`make demo`: two weeks on the local stack, and a comparison that notices whatever differs."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from local.demo.facts import Expected, Fact, Found, differences
from local.demo.post import LETTERS
from local.demo.scenario import ENDINGS, STORY
from tests.support.repository import ROOT

PROMISED = Fact("2026-10-30 17:00", "mdo-code", "reaction promised", "2.1", "due 2026-11-02 12:00")
ACCEPTED = Fact("2026-10-30 17:00", "mdo-code", "mail to client: accepted", "2.1")
DEMANDED: Sequence[tuple[Fact, Sequence[str]]] = ((PROMISED, ()), (ACCEPTED, ("понедельник, 2 ноября 2026 г., 12:00",)))
LETTER = "Специалист отреагирует не позднее срока: понедельник,\n2 ноября 2026 г., 12:00 (МСК)."


def test_the_demo_finds_two_weeks_to_be_as_the_regulations_demand(tmp_path: Path) -> None:
    """It ends with 0, shows every ticket, and is plain text where it is not shown on a terminal."""
    ran = subprocess.run(
        [sys.executable, "-m", "local.demo", "--keep", str(tmp_path)],
        cwd=ROOT, env={**os.environ, "PYTHONUTF8": "1"}, capture_output=True, encoding="utf-8", timeout=1_800, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    assert "\033[" not in ran.stdout
    assert "✗" not in ran.stdout
    assert "Fri 30 Oct 17:00" in ran.stdout
    table = ran.stdout.partition("\nticket  ")[2]
    assert all(ending.requester in table for ending in ENDINGS)
    assert "events delivered again changed nothing" in table
    assert len(list((tmp_path / "outbox").glob("*.eml"))) > len(STORY)


def test_a_run_without_differences_has_nothing_to_tell() -> None:
    """Line breaks of a letter do not count."""
    assert differences(DEMANDED, [Found(ACCEPTED, LETTER), Found(PROMISED)]) == []


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"detail": "due 2026-11-02 13:00"}, "due 2026-11-02 12:00), clause 2.1; found 2026-10-30 17:00 mdo-code"),
        ({"clause": "2.2"}, "clause 2.1; found 2026-10-30 17:00 mdo-code: reaction promised"),
        ({"at": "2026-10-30 17:01"}, "found 2026-10-30 17:01 mdo-code"),
    ],
)
def test_a_wrong_instant_clause_or_time_is_told_beside_the_right_one(changed: dict[str, str], told: str) -> None:
    """One line holds both: what was expected and what was found."""
    found = [Found(dataclasses.replace(PROMISED, **changed)), Found(ACCEPTED, LETTER)]
    (line,) = differences(DEMANDED, found)
    assert line.startswith("expected 2026-10-30 17:00 mdo-code: reaction promised")
    assert told in line


def test_what_is_missing_and_what_is_too_many_is_told() -> None:
    """A letter sent twice is one too many."""
    again = [Found(ACCEPTED, LETTER), Found(ACCEPTED, LETTER)]
    lines = differences(DEMANDED, again)
    assert lines == [
        f"expected {PROMISED}; found nothing of the kind",
        f"expected nothing of the kind; found {ACCEPTED}",
    ]


def test_words_that_a_letter_lacks_are_told() -> None:
    """The fact is right, the letter is not."""
    (line,) = differences(DEMANDED, [Found(PROMISED), Found(ACCEPTED, LETTER.replace("12:00", "13:00"))])
    assert "expected to say «понедельник, 2 ноября 2026 г., 12:00»" in line
    assert "13:00 (МСК)" in line


def test_an_expectation_is_placed_at_its_moment() -> None:
    """The words a letter must have are no part of the fact."""
    expected = Expected("mail to client: accepted", "2.1", says=("п. 2.1",))
    assert expected.at("2026-10-30 17:00", "mdo-code") == ACCEPTED


def test_the_story_is_in_order_and_uses_every_shipped_letter_once() -> None:
    """A letter that no moment sends would be dead weight, and time does not go back."""
    assert [moment.at for moment in STORY] == sorted(moment.at for moment in STORY)
    sent = [moment.letter for moment in STORY if moment.letter]
    assert sorted(sent) == sorted(path.stem for path in LETTERS.glob("*.eml"))
    assert {ending.about for ending in ENDINGS} == {moment.about for moment in STORY if moment.starts}
