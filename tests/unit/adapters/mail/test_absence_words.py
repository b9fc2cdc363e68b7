"""Notices of absence and robots' acknowledgements without the headers of RFC 3834, and people who speak of both."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from adapters.mail.reading import read_letter
from domain.letter import Envelope, Letter, LetterKind


def read(text: str, *, subject: str = "Re: Нужны сведения: Вопрос", head: str = "") -> Letter:
    message = EmailMessage(policy=SMTP.clone(max_line_length=998))
    message["From"], message["To"], message["Subject"] = "olga@client.example", "support@desk.example", subject
    message.set_content(text)
    return read_letter(head.encode() + message.as_bytes(), Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ()))


@pytest.mark.parametrize(
    "text",
    [
        "Добрый день! Меня нет в офисе до 15 декабря. По срочным вопросам обращайтесь к Лыкову Егору.",
        "Меня не будет на рабочем месте с 20.11 по 30.11. Вернусь 1 декабря.",
        "Здравствуйте! Я в отпуске до 30 ноября.",
        "Я на больничном до 5 декабря, отвечу позже.",
        "Нахожусь в командировке до 5.12, по срочным вопросам прошу обращаться к Петрову.",
        "Нахожусь в ежегодном оплачиваемом отпуске. Меня замещает Петров И. И.",
        "Сейчас не на рабочем месте. Отвечу завтра.",
        "Сотрудник находится в ежегодном отпуске по 07.12.2026. Замещающий: Петров И. И., доб. 112.",
        "Лаптева О. И. отсутствует на рабочем месте до 15 декабря. По вопросам обращайтесь к Лыкову.",
        "Сотрудник больше не работает в организации. По всем вопросам пишите на info@client.example.",
        "Спасибо за ваше письмо. Я буду отсутствовать с 20 по 27 ноября. Просьба писать Петрову.",
        "Я нахожусь в отпуске по уходу за ребёнком. Мои обязанности исполняет Белоусова Тамара Ильинична.",
        "Я в отпуске. Письмо сформировано автоматически, пожалуйста, не отвечайте на него.",
        "I am not in the office until 15 December. Please contact Peter.",
        "I'm out of office from 20 to 27 November and will reply when I am back.",
        "I am on annual leave, returning on Monday.",
        "I'm away until Monday. For urgent matters call Peter.",
        "Anna Schmidt no longer works here. Please contact info@client.example.",
        "Ваше письмо получено и будет рассмотрено. Это автоматическое уведомление, отвечать на него не нужно.",
        "Ваше обращение зарегистрировано под номером 4521. Данное письмо сформировано автоматически.",
        "Your message has been received. This is an automated response.",
    ],
)
def test_a_notice_without_headers_is_a_machines_and_shown_to_somebody(text: str) -> None:
    letter = read(text)
    assert (letter.kind, letter.kind_by_words, letter.unanswered) == (LetterKind.AUTO_REPLY, True, False)


@pytest.mark.parametrize(
    "subject",
    [
        "Отсутствует на рабочем месте: Нужны сведения: Вопрос",
        "Меня нет в офисе: Вопрос",
        "Автоответ: Вопрос",
        "Автоматическое уведомление: Вопрос",
        "Вне офиса: Вопрос",
        "На больничном: Вопрос",
        "Automatische Antwort: Вопрос",
        "Out of office: Вопрос",
        "Réponse automatique : Вопрос",
    ],
)
def test_a_subject_that_a_program_put_before_ours_makes_a_notice(subject: str) -> None:
    assert read("Вернусь 7 декабря.", subject=subject).kind is LetterKind.AUTO_REPLY


@pytest.mark.parametrize(
    "text",
    [
        "Добрый день! Сейчас я в отпуске, поэтому прошу передать мой доступ Лыкову и удалить мою учётную запись.",
        "Я в отпуске до 15 декабря, закройте мою заявку.",
        "Сотрудник находится в отпуске до 15 декабря, по вопросам пишите мне. Продлите ему доступ.",
        "Лыков уволился, по срочным вопросам пишите мне. Удалите его учётную запись.",
        "Я на больничном до 5 декабря, но приложение всё ещё не печатает расписку, отвечу по телефону.",
        "Меня нет в офисе до пятницы, можно ли подключиться удалённо?",
        "Оператор больше не работает у нас, нужно убрать её из списка, вернусь завтра.",
        "После записи заявителю не уходит автоответ с номером талона.",
        "Заявителю приходит «Ваше обращение получено. Это автоматическое уведомление», а талона нет.",
        "Приложение не работает в офисе до обеда, по срочным вопросам звоните.",
        "Ваше письмо получено, высылаю сведения: Лаптева Ольга Игоревна, +7 900 555-01-17.",
        "I am on leave until Monday, please reset my password.",
    ],
)
def test_who_speaks_of_a_leave_and_asks_for_something_is_heard(text: str) -> None:
    assert read(text).kind.is_correspondence


def test_under_a_subject_of_absence_a_question_is_read_and_not_answered() -> None:
    letter = read("Добрый день! Почему не печатается талон?", subject="Автоответ: Вопрос")
    assert (letter.kind.is_correspondence, letter.unanswered) == (True, True)


@pytest.mark.parametrize("head", ["Precedence: bulk\r\n", "Auto-Submitted: auto-generated\r\n", "List-Id: <a.b>\r\n"])
def test_a_notice_under_a_stamp_is_a_notice(head: str) -> None:
    letter = read("Я в отпуске по 7 декабря. По срочным вопросам пишите на info@client.example.", head=head)
    assert (letter.kind, letter.unanswered) == (LetterKind.AUTO_REPLY, False)
