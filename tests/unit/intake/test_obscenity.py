"""Obscene words and insults (Storeolis 2.6)."""

from __future__ import annotations

import pytest

from domain.editions import editions
from domain.findings import Mode
from domain.intake import obscenity
from tests.builders import a_letter

RULE = editions("storeolis")[-1].rules.obscenity


def offence(text: str, subject: str = "Вопрос") -> str | None:
    return obscenity.examine(a_letter(text, subject=subject), RULE)[1]


@pytest.mark.parametrize(
    "text",
    [
        "Какого х@я не грузится корзина?",
        "п*здец полный, а не сервис",
        "xуйня ваш магазин",
        "н а х у й такой сервис",
        "ваш саппорт - пи3да",
        "ваш редактор ху.евый",
        "блять, опять",
        "бл**ь, сколько ждать",
        "e6aть, заказы пропали",
        "х\u200bу\u200bй вам, а не оплата",
        "blyat, opyat ne rabotaet",
        "what a shitty service",
        "сука, верните деньги",
    ],
)
def test_storeolis_2_6_an_obscene_word_is_known_however_it_is_written(text: str) -> None:
    """Look-alike letters, digits, spaces, dots, asterisks, invisible signs and transliteration hide nothing."""
    assert offence(text) == "obscene"


@pytest.mark.parametrize(
    "text",
    [
        "Застрахуйте груз: употреблять до мая, хлебать нельзя",
        "Сабля, колебания курса, доставка в Херсон, Мудьюгу и Небеса",
        "У нас в каталоге козлы для пиления и бараны",
        "Психую, но жду; подстрахуйте нас",
        "Пряжка-бляха не отображается, мебель и учебники тоже",
        "Hui Min, our partner, asks about the price",
        "Щенок хаски, сука, привита: карточка не сохраняется",
        "Чёрт, блин, опять не работает",
        "Книга «Идиот» не открывается на сайте",
        "Артикул x-y-3, размер 0, цвет 6б",
        "Пишите на suka@client.example или https://client.example/pizda",
    ],
)
def test_storeolis_2_6_false_friends_names_and_goods_are_decent(text: str) -> None:
    """A wrong refusal hurts a client: decent words, names, goods and addresses never match."""
    assert offence(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "Вы идиоты?",
        "Кретины, почините корзину, вы же обещали",
        "Ваши программисты — криворукие бездари",
        "Козлы вы вонючие",
        "Верните деньги, твари!",
        "Ты дурак или притворяешься?",
    ],
)
def test_storeolis_2_6_an_insult_has_an_addressee(text: str) -> None:
    """Said to the desk or of its people, a rude word is an insult."""
    assert offence(text) == "insult"


@pytest.mark.parametrize(
    "text",
    [
        "Покупатель назвал нас идиотами в отзыве, удалите отзыв",
        "Я тупая, не могу понять, где у вас кнопка",
        "У вас тупой угол обрезан на баннере",
        "Это дурацкая ошибка, посмотрите",
    ],
)
def test_storeolis_2_6_a_reported_insult_or_one_of_oneself_is_none(text: str) -> None:
    """Who complains of an insult insults nobody."""
    assert offence(text) is None


def test_storeolis_2_6_quoted_history_is_not_read() -> None:
    """Only what the person wrote now counts: the whole body may quote anybody."""
    letter = a_letter("Спасибо, всё работает", quoted_text="вы там охуели")
    assert obscenity.examine(letter, RULE)[1] is None


def test_storeolis_2_6_obscenity_refuses_by_itself_and_an_insult_is_suggested() -> None:
    """Obscene words are certain; of an insult a specialist judges who is meant."""
    refused, _ = obscenity.examine(a_letter("пошли вы на хуй"), RULE)
    suggested, _ = obscenity.examine(a_letter("Вы идиоты?"), RULE)
    assert (refused.decides, suggested.decides, suggested.mode) == (True, False, Mode.SUGGEST)


def test_mdo_has_no_clause_on_language_so_nothing_follows() -> None:
    """The letter is classified on every desk; at MDO the mode is off."""
    found, kind = obscenity.examine(a_letter("пошли вы на хуй"), editions("moi-dokumenty-online")[-1].rules.obscenity)
    assert (kind, found.mode, found.clause) == ("obscene", Mode.OFF, None)
