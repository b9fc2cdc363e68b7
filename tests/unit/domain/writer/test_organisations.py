"""Which names of organisations are one name, and which name nobody."""

from __future__ import annotations

import pytest

from domain.writer.organisations import comparable_name


@pytest.mark.parametrize(
    ("name", "ways"),
    [
        (
            "ооо ромашка",
            (
                "ООО «Ромашка»",
                "Общество с ограниченной ответственностью „Ромашка“",
                "ромашка, ооо",
                'OOO "РОМАШКА"',
                "  ООО\u00a0 Ромашка ",
            ),
        ),
        ("ооо лен", ("ООО «Лён»", "ООО «ЛЕН»")),
        ("пао лампа", ("ПАО «Лампа»", "Публичное акционерное общество «Лампа»")),
        (
            "мбу мфц города лесного",
            (
                "МБУ «МФЦ г. Лесного»",
                "Муниципальное бюджетное учреждение «Многофункциональный центр города Лесного»",
            ),
        ),
        (
            "гбуз лесная больница",
            ("ГБУЗ «Лесная больница»", "Государственное бюджетное учреждение здравоохранения «Лесная больница»"),
        ),
        ("ип зуев иван петрович", ("ИП Зуев Иван Петрович", "Индивидуальный предприниматель Зуев Иван Петрович")),
    ],
)
def test_one_name_written_in_several_ways_is_one_name(name: str, ways: tuple[str, ...]) -> None:
    """Case, `ё`, quotes, spaces, the legal form spelt out or abbreviated, before or behind."""
    assert {comparable_name(way) for way in ways} == {name}


def test_names_that_differ_in_form_number_or_place_are_different_names() -> None:
    """Never guessed."""
    names = ("Ромашка", "ООО Ромашка", "АО Ромашка", "ООО Ромашка 2", "ООО Ромашка Лесного", "ООО Паук")
    assert len({comparable_name(name) for name in names} - {None}) == len(names)


@pytest.mark.parametrize(
    "name",
    [None, "", "ООО", "ИП", "МФЦ", "ГКУ «МФЦ»", "администрация города", "Школа № 5", "ООО «Ау»", "ИП Иванов", "ИП И. И.",
     "нет", "№ 12", "Магазин", "Городская больница № 3"],
)  # fmt: skip
def test_a_name_that_thousands_share_names_nobody(name: str | None) -> None:
    """Kinds, forms and numbers alone; a sole proprietor's surname alone."""
    assert comparable_name(name) is None
