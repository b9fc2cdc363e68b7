"""Tables of cases: what a test is given, and how a wrong line is reported."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.cases import each_case


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cases.toml"


def test_a_case_is_given_with_its_desk_and_defaults_under_its_line(file: Path) -> None:
    """A remark is for readers."""
    file.write_text(
        '# Faults.\n[critical]\nstoreolis = [\n    { text = "Пусто", why = "data" },\n    "Нет",\n]\n', "utf-8"
    )
    mark = each_case(file, "critical", subject="Каталог").mark
    assert mark.args == (
        ["desk", "subject", "text"],
        [["storeolis", "Каталог", "Пусто"], ["storeolis", "Каталог", "Нет"]],
    )
    assert mark.kwargs == {"ids": ["critical, line 4", "critical, line 5"]}


def test_a_case_without_a_desk_is_given_none(file: Path) -> None:
    """Several tables follow each other."""
    file.write_text('[one]\ncases = [\n"а",\n]\n[other]\ncases = [\n"б",\n]\n', "utf-8")
    assert each_case(file, "one", "other").mark.args == (["text"], [["а"], ["б"]])


def test_a_case_with_another_argument_is_reported_with_its_line(file: Path) -> None:
    """What was expected, and what was found."""
    file.write_text(
        '[secrets]\ncases = [\n    { text = "а", secret = "б" },\n    { text = "а", sekret = "б" },\n]\n', "utf-8"
    )
    with pytest.raises(ValueError, match="secrets, line 4: expected secret, text; found sekret, text"):
        each_case(file, "secrets")


def test_two_cases_on_a_line_are_reported(file: Path) -> None:
    """Their lines would name the wrong ones."""
    file.write_text('[secrets]\ncases = [\n    "а", "б",\n]\n', "utf-8")
    with pytest.raises(ValueError, match="a case is a line: б"):
        each_case(file, "secrets")
