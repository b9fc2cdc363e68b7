"""Repeated letters (Storeolis 2.6)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.client import Recent
from domain.findings import Finding
from domain.intake import duplicates
from domain.regulation.editions import editions
from tests.support.builders import a_letter, moscow

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
        TEXT + "\n\nС уважением,\nИванова Мария\nООО «Ромашка»\nтел. 8 (912) 000-11-22",
        TEXT + "\nОльга Лебедева, менеджер\n+7 912 000 11 22",
        "Дублирую.\n" + TEXT,
        "Пересылаю ещё раз, вдруг не дошло.\n" + TEXT,
        "Возможно, моё письмо попало в спам.\n" + TEXT + "\nПрошло 5 дней, тишина.",
        "> " + TEXT + "\n\n" + TEXT,
        TEXT.upper(),
        TEXT + "\n\nОльга Лебедева\nменеджер\n+7 912 000 11 22\n\nОтвета так и нет, отправляю ещё раз.",
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
        TEXT.replace("в карточке", "в новой карточке"),
        TEXT + " Также не сохраняется телефон.",
        TEXT + " Теперь и корзина пустая.",
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


def test_storeolis_2_6_a_phone_written_in_another_format_is_the_same_phone() -> None:
    """Another format changes nothing, another number everything."""
    text = "Поменяйте телефон магазина на {}, прежний уже не наш"
    before = text.format("8 (912) 000-11-22")
    assert again(text.format("+7 912 000 11 22"), before=before).matched
    assert not again(text.format("+7 912 000 11 33"), before=before).matched


def test_storeolis_2_6_a_long_reminder_or_one_with_a_number_is_part_of_the_request() -> None:
    """«Где ответ по заказу …» asks about that order."""
    before = "Где ответ по заказу 2214? Клиент звонит каждый день"
    assert not again(before.replace("2214", "2215"), before=before).matched


def test_storeolis_2_6_a_denial_that_moved_makes_another_request() -> None:
    """The same words in another order may say the opposite."""
    assert not again("Заказ оплачен, хотя деньги не списали", before="Заказ не оплачен, хотя деньги списали").matched


def test_storeolis_2_6_the_number_of_the_letter_itself_may_change() -> None:
    """An office numbers each letter it sends, also the repeated one."""
    text = "Исх. № {} от {}\n" + TEXT
    assert again(text.format("219/01-17", "23.10.2026"), before=text.format("214/01-17", "20.10.2026")).matched
