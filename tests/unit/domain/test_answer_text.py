"""What only a card has holds a specialist's letter, also where the card's own text is not recorded."""

from __future__ import annotations

import pytest

from domain.answer_text import answer_text
from domain.reply_token import token_for
from domain.ticket.outgoing import Audience
from tests.support.builders import KEYS, MDO, a_letter

NUMBER = "MDO-7K3F-9QXZ"
TEAMS = token_for(KEYS, MDO, NUMBER, Audience.TEAM)
CLIENTS = token_for(KEYS, MDO, NUMBER, Audience.CLIENT)
CARD = (
    "Ответ клиенту пишите выше этой строки\n\nОтправитель: olga@client.example — адрес подтверждён\n"
    "ФИО: Ольга Белова\nТелефон: +79005551120\nОрганизация: МФЦ города Бора\nДолжность: инженер\n"
    "Срок реакции: пятница, 20 ноября 2026 г., 14:00 (МСК)\n\nТекст письма:\n\nНе приходит код из сообщения уже второй день."
)
WRITTEN = ["Не приходит код из сообщения уже второй день."]


@pytest.mark.parametrize(
    "line",
    [
        f"Пишите на support+{TEAMS}@desk.example.",
        f"support+{TEAMS.upper()}",
        "Отправитель: olga@client.example - адрес подтвержден",
        "Срок реакции: пятница, 20 ноября 2026 г., 14:00 (МСК)",
        "Срок реакции еще не идет.",
    ],
)
def test_a_line_that_only_the_desk_writes_to_the_team_is_found(line: str) -> None:
    """The address of the team's letters lets its holder speak on the ticket."""
    assert answer_text(a_letter(f"Исправили.\n{line}"), [], [], []).label == line


@pytest.mark.parametrize(
    "line",
    [
        "Срок реакции: 4 рабочих часа по п. 2.1 Регламента.",
        "В журнале: «Отправитель: ivan@client.example — адрес не найден».",
        f"Пишите на support+{CLIENTS}@desk.example.",
        "Напишите на list+abcdefghijklmnopqrstuvwxyz@client.example.",
    ],
)
def test_a_line_that_is_only_like_a_cards_is_the_specialists(line: str) -> None:
    assert answer_text(a_letter(f"Исправили.\n{line}"), [], [], []).label == ""


def test_the_fields_of_a_card_below_an_answer_are_no_text_of_the_specialist() -> None:
    """Of a card that left before texts were kept only the client's words are known."""
    letter = a_letter("Исправили.", set_apart_text=CARD)
    assert answer_text(letter, WRITTEN, [], []).below == ""
    below = a_letter("Исправили.", set_apart_text=f"{CARD}\nОбновите приложение до версии 3.3.")
    assert answer_text(below, WRITTEN, [], []).below == "Обновите приложение до версии 3.3."
