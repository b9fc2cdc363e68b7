"""Repeated letters (Storeolis 2.6)."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from application.repetitions import stated_by
from domain.client import Recent
from domain.findings import Finding
from domain.intake import duplicates
from domain.intake.classify import identify
from domain.intake.likeness import hash_of, is_mistyped
from domain.regulation.editions import editions
from domain.russian.words import fold
from tests.support.builders import a_letter, moscow
from tests.support.cases import each_case

CASES = Path(__file__).with_name("duplicates.toml")
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


def compared(first: str, text: str, first_subject: str, subject: str) -> Finding:
    """Return what is found of a letter a day after the first one, by all that the desk reads of both."""
    edition = editions("storeolis")[-1]
    letters = (a_letter(first, subject=first_subject, received_at=FIRST), a_letter(text, subject=subject))
    earlier, later = (
        duplicates.hashes_of(letter, RULE, stated_by(letter, edition, identify(letter, edition))) for letter in letters
    )
    sketch = duplicates.sketch(letters[0], RULE, ticket="STO-1111-2222", at=FIRST, hashes=earlier)
    later_at = FIRST + timedelta(days=1)
    comparison = duplicates.Compared(later)
    return duplicates.examine(letters[1], RULE, recent=Recent(sketches=(sketch,)), now=later_at, compared=comparison)


@each_case(CASES, "sent-again", first_subject="Вопрос", subject="Вопрос")
def test_storeolis_2_6_a_request_in_other_wrapping_is_the_same(
    first: str, text: str, first_subject: str, subject: str
) -> None:
    """What is said of the letter itself, of its answer and of waiting asks nothing; nor do corrections."""
    assert compared(first, text, first_subject, subject).params["original"] == "STO-1111-2222"


@each_case(CASES, "another-request", first_subject="Вопрос", subject="Вопрос")
def test_storeolis_2_6_letters_that_differ_in_what_they_ask_are_two_requests(
    first: str, text: str, first_subject: str, subject: str
) -> None:
    """However much they have in common."""
    assert not compared(first, text, first_subject, subject).matched


@pytest.mark.parametrize(
    ("one", "other", "is_one"),
    [
        ("колёсико", "колесико", True),
        ("настройки", "настройкии", True),
        ("оплачивается", "оплачивеатся", True),
        ("слетели", "слители", True),
        ("включите", "выключите", False),
        ("прибыли", "пробыли", False),
        ("наличными", "безналичными", False),
        ("подключить", "отключить", False),
        ("Бийск", "Бирск", False),
        ("2214", "2215", False),
    ],
)
def test_a_word_with_one_letter_wrong_is_the_same_word(one: str, other: str, *, is_one: bool) -> None:
    """Behind its beginning, and in a long word: another prefix is another word."""
    first, second = hash_of(fold(one)), hash_of(fold(other))
    assert (first == second or is_mistyped(first, second)) is is_one


@pytest.mark.parametrize("gap", ["\t", " "])
def test_a_long_run_of_blanks_behind_the_label_of_an_outgoing_number_costs_no_time(gap: str) -> None:
    """Each letter is read in linear time, whatever is in it."""
    begun = time.process_time()
    duplicates.sketch_of(a_letter("исх" + gap * 24_000 + "!"), RULE)
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("text", "adds"),
    [
        (f"Нас взломали, всё пропало. {TEXT}", True),
        (f"Добрый день! База данных удалена полностью. {TEXT}", True),
        (f"Пишу повторно, ответа нет. {TEXT}", False),
        (TEXT, False),
    ],
)
def test_storeolis_2_6_a_repetition_that_says_something_more_is_known_as_one(text: str, adds: bool) -> None:
    """What stands above the old letter may be another fault."""
    found = again(text)
    assert found.matched
    assert ("adds" in found.params) == adds
