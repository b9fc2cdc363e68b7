"""How much longer all rules take over a letter than the standard library's bare reading of it, on letters made up here.

A ratio, so that it says the same on any machine: a rule that becomes slow shows here. The first decision of a process,
in which the lists of an edition are prepared, is compared with the later ones.
"""

from __future__ import annotations

import gc
import subprocess
import sys
from datetime import UTC, datetime

from adapters.mail.reading import read_letter
from domain.client import Recent
from domain.findings import Classification
from domain.intake.classify import classify
from domain.letter import Letter
from domain.regulation.editions import desk_ids, editions
from measure.bench.reading import ENVELOPE, alternative, plain, walk
from measure.bench.rows import Row, hand_over, medians, seconds_of

PART = "intake"
ROUNDS = 15
_REPEATS = 10
_NOW = datetime(2026, 11, 23, tzinfo=UTC)
LETTERS: dict[str, tuple[bytes, float]] = {
    "1 kB plain": (plain(1_000), 11.0),
    "4 kB alternative": (alternative(4_000), 4.0),
}
"""Each letter, and the most that the rules may take of the walk's time: twice what was measured."""
MOST_OF_THE_FIRST = 36.0
"""The first decision of a process, in later ones: twice what was measured."""


def decide(letter: Letter, desk: str) -> Classification:
    """Return what all rules of a desk say of a letter."""
    return classify(letter, editions(desk)[-1], client=None, recent=Recent(), now=_NOW)


def first_and_later() -> float:
    """Return how many times as long as a later decision the first one of a process takes."""
    letter, desk = read_letter(plain(1_000), ENVELOPE), desk_ids()[0]
    editions(desk)
    first = seconds_of(lambda: decide(letter, desk))
    later = sorted(seconds_of(lambda: decide(letter, desk)) for _ in range(ROUNDS))
    return first / later[ROUNDS // 2]


def rows() -> list[Row]:
    """Measure everything."""
    found = []
    for name, (raw, most) in LETTERS.items():
        letter = read_letter(raw, ENVELOPE)
        for desk in desk_ids():

            def ours(letter: Letter = letter, desk: str = desk) -> None:
                for _ in range(_REPEATS):
                    decide(letter, desk)

            def theirs(raw: bytes = raw) -> None:
                for _ in range(_REPEATS):
                    walk(raw)

            taken = medians({"ours": ours, "theirs": theirs}, ROUNDS, before_each=gc.collect)
            note = f"{taken['ours'] / _REPEATS * 1e3:.2f} and {taken['theirs'] / _REPEATS * 1e3:.2f} ms"
            what = f"all rules of {desk}, {name}: ours / the bare walk"
            found.append(Row(PART, what, taken["ours"] / taken["theirs"], "x", most=most, note=note))
    what = "the first decision of a process / a later one"
    command = [sys.executable, "-c", "from measure.bench.intake import first_and_later; print(first_and_later())"]
    first = float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    found.append(Row(PART, what, first, "x", most=MOST_OF_THE_FIRST))
    return found


if __name__ == "__main__":
    hand_over(rows())
