"""Letters that state no task (Storeolis 2.2)."""

from __future__ import annotations

import pytest

from domain.findings import Finding
from domain.intake import clarity, identification
from domain.regulation.editions import editions
from tests.support.builders import a_letter

RULES = editions("storeolis")[-1].rules


def found(subject: str, text: str) -> Finding:
    letter = a_letter(text, subject=subject)
    return clarity.examine(letter, RULES.clarity, identification.identify(letter, RULES.identification))


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Документы", "Направляю документы согласно договорённости, во вложении.\n\nООО «СтройНН»\nБухгалтерия"),
        ("Help", "Здравствуйте, у меня ошибка. Что делать? Хорошего вам дня и отличного настроения!"),
        ("не открывается", "Добрый день! Не открывается."),
        ("", "Почему не работает???"),
        ("срочно!!!", "Срочно позвоните мне! 8 912 000 11 22"),
        ("Обращение", "Прошу разобраться и принять меры."),
        ("Файл", "В приложенном файле"),
        ("вопрос", "Можно задать вопрос?"),
        ("Проблема", "Всё то же самое"),
        ("", "Íå ðàáîòàåò êîðçèíà íà ñàéòå"),
        ("", "РќРµ СЂР°Р±РѕС‚Р°РµС‚ РєРѕСЂР·РёРЅР°"),
    ],
)
def test_storeolis_2_2_general_words_and_unreadable_ones_state_no_task(subject: str, text: str) -> None:
    """Attachments without a word, «ошибка» of nothing, calls to act, nonsense of a wrong charset."""
    assert found(subject, text).matched


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("", "Не работает оплата"),
        ("", "Фото не грузится"),
        ("", "Не загружаются документы"),
        ("Остатки", "не обновляются"),
        ("Магазин", "Сайт выдаёт ошибку 503 при оплате. ИНН 9801234569"),
        ("Обмен", "Не работает 1С"),
        ("", "Корзина не считает"),
        ("Поиск", "ничего не находит"),
        ("Кабинет", "Вылетает отчёт"),
        ("404", "при клике на «Контакты» 404"),
        ("Вылетает при входе", "см. тему"),
        ("", "Удалите мой аккаунт"),
        ("Документы", "Прошу прислать закрывающие документы"),
        ("РАССРОЧКА", "СРОЧНО: РАССРОЧКА НЕ РАССЧИТЫВАЕТСЯ"),
    ],
)
def test_storeolis_2_2_a_short_letter_that_names_what_fails_is_clear(subject: str, text: str) -> None:
    """Two words are enough where one names the thing."""
    assert not found(subject, text).matched
