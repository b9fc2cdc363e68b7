"""Repeated letters (Storeolis 2.6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.client import Recent
from domain.editions import editions
from domain.findings import Finding
from domain.intake import duplicates
from tests.builders import a_letter, moscow

RULE = editions("storeolis")[-1].rules.duplicates
FIRST = moscow("2026-11-18 12:00")
TEXT = "Добрый день. После обновления в карточке заказа 2214 не сохраняется адрес доставки, кнопка серая."


def again(
    text: str, *, before: str = TEXT, subject: str = "Адрес", subject_before: str = "Адрес", days: int = 1
) -> Finding:
    earlier = a_letter(before, subject=subject_before, received_at=FIRST)
    sketch = duplicates.sketch(earlier, RULE, ticket="STO-1111-2222", at=FIRST)
    later = FIRST + timedelta(days=days)
    letter = a_letter(text, subject=subject, received_at=later)
    return duplicates.examine(letter, RULE, recent=Recent(sketches=(sketch,)), now=later)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        "Здравствуйте! После обновления в карточке заказа 2214 не сохраняется адрес доставки, кнопка серая. Спасибо!",
        TEXT + "\nПрошу ответить, прошло 3 дня.",
        TEXT + " Жду ответа!",
        "Повторно отправляю письмо. " + TEXT,
        TEXT + "\nС уважением, Ирина",
    ],
)
def test_storeolis_2_6_a_resend_is_a_duplicate(text: str) -> None:
    """Another greeting, thanks, a reminder or a signature make no other letter."""
    found = again(text)
    assert (found.matched, found.params["original"], found.clause) == (True, "STO-1111-2222", "2.6")


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("2214", "2215"),
        TEXT.replace("адрес доставки", "телефон покупателя"),
        TEXT.replace("не сохраняется", "сохраняется"),
        TEXT.replace("заказа 2214", "заказов 2214 и 2230"),
        "Как поменять логотип в шапке магазина?",
    ],
)
def test_storeolis_2_6_replaced_numbers_and_words_make_another_request(text: str) -> None:
    """Another order, another field, a denial: never a duplicate."""
    assert not again(text).matched


def test_storeolis_2_6_a_reply_prefix_changes_nothing() -> None:
    """`Re:` and the ticket's tag are not part of the subject."""
    assert again(TEXT, subject="Re: [STO-1111-2222] Адрес").matched


def test_storeolis_2_6_a_short_letter_is_never_a_duplicate() -> None:
    """«Не работает» twice may be two faults."""
    assert not again("Не работает", before="Не работает").matched


def test_storeolis_2_6_the_window_ends() -> None:
    """An old fault that came back is a new request."""
    assert not again(TEXT, days=RULE.window_days + 1).matched
