"""`make quality`: labelled letters are compared with what `reglament explain` says, and the bars decide."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from measure import quality
from measure.quality import Answer, Measure

LABEL = {
    "fields": {"full_name": "Панин Сергей Ильич", "phone": "+79032223344", "organisation": 'МБУ "Досуг"'},
    "offence": None,
    "category": "in_scope",
}


def a_case(**changes: Any) -> dict[str, Any]:
    return {
        "id": "panin",
        "desk": "moi-dokumenty-online",
        "from_name": "Сергей Панин",
        "from_address": "panin@dosug.example",
        "date": "2026-11-20T10:00:00+03:00",
        "subject": "Не приходит код",
        "body": "Код входа не приходит с утра.\n\nПанин Сергей Ильич, методист\nМБУ «Досуг»\n8 903 222-33-44",
        "label": LABEL,
        **changes,
    }


def written(folder: Path, *cases: dict[str, Any]) -> Path:
    lines = [json.dumps(case, ensure_ascii=False) for case in cases]
    (folder / "cases.jsonl").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return folder


def test_letters_that_are_understood_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert quality.main([str(written(tmp_path, a_case()))]) == quality.PASSED
    shown = capsys.readouterr().out
    assert "full_name" in shown
    assert "ok" in shown
    assert "faq" not in shown  # of which no letter asks


def test_a_missed_bar_fails_and_the_wrong_letters_are_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {**LABEL, "fields": {"phone": "+79990000000"}}
    folder = written(tmp_path, a_case(id="one", label=wrong), a_case(id="two", label=wrong))
    assert quality.main([str(folder), "--errors"]) == quality.SHORT
    shown = capsys.readouterr().out
    assert "SHORT" in shown
    assert "phone\ttwo\texpected «+79990000000», got «+79032223344»" in shown


def test_letters_in_files_and_their_labels_are_read_as_well(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.eml").write_text(
        "From: z@x.example\nDate: Fri, 20 Nov 2026 10:00:00 +0300\n\nCode does not arrive\n", encoding="ascii"
    )
    label = {
        "file": "a.eml",
        "desk": "moi-dokumenty-online",
        "kind": "request",
        "visible_text": "Code does  not arrive",
    }
    assert quality.main([str(written(tmp_path, label)), "--json"]) == quality.PASSED
    said = json.loads(capsys.readouterr().out)
    assert {name: one["right"] for name, one in said.items()} == {"kind": 1, "visible_text": 1}


def test_a_repeated_letter_is_known_by_the_id_of_the_earlier_case(tmp_path: Path) -> None:
    again = a_case(id="again", date="2026-11-20T11:00:00+03:00", label={"duplicate_of": "panin"})
    found = quality.measure(written(tmp_path, again, a_case()))["duplicate"]
    assert found.answers == [Answer("again", "panin", "panin")]


def test_an_equally_right_category_counts_as_expected(tmp_path: Path) -> None:
    label = {"category": "out_of_scope:3.1-training", "category_alt": ["in_scope"]}
    found = quality.measure(written(tmp_path, a_case(label=label)))["out_of_scope"]
    assert (found.right, found.wrong) == (1, [])


def test_one_wrong_letter_is_allowed_in_a_small_class_and_no_false_obscenity_in_any() -> None:
    answers = [Answer("a", "x", "x"), Answer("b", None, "x")]
    assert Measure("position", answers).is_ok
    assert not Measure("position", [*answers, Answer("c", None, "x")]).is_ok
    assert not Measure("obscene", answers).is_ok
    assert Measure("obscene", [Answer("a", "x", None)]).is_ok


def test_a_line_that_is_no_case_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = written(tmp_path, a_case(), {"id": "x"})
    assert quality.main([str(folder)]) == quality.NOTHING_READ
    assert "cases.jsonl, line 2: no labelled letter (KeyError: 'date')" in capsys.readouterr().err


def test_a_folder_without_labelled_letters_is_misuse(tmp_path: Path) -> None:
    assert quality.main([str(tmp_path)]) == quality.NOTHING_READ


def test_letters_of_which_only_the_meaning_is_labelled_are_read_and_near_misses_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "letters.txt").write_text(
        "@ sto scope\n# Вопрос\nНарисуйте нам, пожалуйста, баннер на главную страницу.\n"
        "@ sto none ~scope\n#\nПодскажите, где в панели менять картинку баннера?\n",
        encoding="utf-8",
    )
    assert quality.main([str(tmp_path), "--json"]) == quality.PASSED
    said = json.loads(capsys.readouterr().out)["out_of_scope"]
    assert (said["letters"], said["near_misses"], said["right"], said["found"]) == (1, 1, 1, 1)


@pytest.mark.parametrize(
    ("text", "place"),
    [("Добрый день\n", "line 1"), ("@ sto none\nтекст\n", "line 2"), ("@ sto other\n# тема\nтекст\n", "line 1")],
)
def test_a_file_of_letters_that_cannot_be_read_names_the_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, place: str
) -> None:
    (tmp_path / "letters.txt").write_text(text, encoding="utf-8")
    assert quality.main([str(tmp_path)]) == quality.NOTHING_READ
    assert f"letters.txt, {place}" in capsys.readouterr().err
