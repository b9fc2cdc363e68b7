"""The letters that the model of letters is trained on, and that its table is made of just these."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from domain.russian.letter_model import LABELS, model_of
from generate.labelled_letters import FOLDER, LabelledText, digest, letters_of

FILES = sorted(FOLDER.glob("*.txt"))
LETTERS = [one for file in FILES for one in letters_of(file)]


def test_the_table_is_made_of_the_letters_that_are_kept() -> None:
    """`make train` makes it again after a change of them."""
    assert model_of().made_of == digest()


def test_there_are_letters_enough_of_writers_enough_and_half_of_them_are_near_misses() -> None:
    """Near misses, and other letters that carry none of the labels."""
    of_labels = sum(one.label != "none" for one in LETTERS)
    assert len(LETTERS) >= 3_000
    assert len(FILES) >= 10
    assert 0.4 <= of_labels / len(LETTERS) <= 0.6
    assert {label for label in LABELS if Counter(one.label for one in LETTERS)[label] < 100} == set()


def test_no_letter_is_there_twice() -> None:
    """A letter of two writers would be seen and unseen at once."""
    counted = Counter(" ".join(one.body.split()) for one in LETTERS if len(one.body.split()) > 6)
    assert [body for body, times in counted.items() if times > 1] == []


def test_letters_are_read_with_their_labels(tmp_path: Path) -> None:
    file = tmp_path / "one.txt"
    file.write_text("@ mdo none ~critical\n# Срочно\nКнопка\nне та\n\n@ sto thanks\n#\nСпасибо\n", "utf-8")
    assert list(letters_of(file)) == [
        LabelledText("mdo", "none", "critical", "Срочно", "Кнопка\nне та"),
        LabelledText("sto", "thanks", None, "", "Спасибо"),
    ]


@pytest.mark.parametrize("text", ["Добрый день\n", "@ sto none\nбез темы\n", "@ shop none\n#\nтекст\n"])
def test_a_file_that_cannot_be_read_names_the_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "one.txt"
    file.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"one.txt, line [12]"):
        list(letters_of(file))
