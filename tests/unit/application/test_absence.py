"""Words that a machine writes and a person may write too: no notice reaches a client, no request is lost unseen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from adapters.mail.reading import read_letter
from domain.letter import Envelope, Letter, LetterKind
from domain.reply_token import token_for
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import Ticket
from tests.support.builders import KEYS, MDO
from tests.support.client_letters import COMPLETE
from tests.support.desk_in_memory import OLGA, START, Desk
from tests.support.people import specialists_of
from tests.support.raw_mail import raw_letter

SPECIALIST = specialists_of(MDO)[0]
ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))


def answered(text: str, *, head: bytes = b"", subject: str = "Re: Новое обращение") -> tuple[Desk, Ticket, list[str]]:
    """Let a specialist's mailbox answer a card; the kinds of letters that go to the client for it."""
    desk = Desk(MDO)
    desk.receive(raw_letter(OLGA, desk.address, "Не приходит код", COMPLETE), START)
    (ticket,) = desk.tickets()
    to = desk.address.replace("@", f"+{token_for(KEYS, MDO, ticket.id, Audience.TEAM)}@")
    raw = head + raw_letter(SPECIALIST, to, subject, text)
    sent = desk.receive(raw, START + timedelta(minutes=5), to=to)
    return desk, desk.tickets()[0], [mail.kind for mail in sent if mail.audience is Audience.CLIENT]


def read(subject: str, text: str, *, sender: str = "Зоя <zoya@zavod.example>", head: str = "") -> Letter:
    raw = f"{head}From: {sender}\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    return read_letter(raw.encode(), ENVELOPE)


# Specialists ----------------------------------------------------------------------------------------------

NOTICES = [
    "Здравствуйте! Меня не будет в офисе до 30 ноября. По срочным вопросам звоните Петрову.",
    "Я на больничном до 30 ноября.",
    "Спасибо за письмо! Я в отпуске с 20.11 по 30.11, доступа к почте нет.",
    "Добрый день! Нахожусь в ежегодном отпуске. По всем вопросам обращайтесь к коллегам.",
    "В настоящее время нахожусь в учебном отпуске до 5 декабря.",
    "Сейчас я не на месте, отвечу позже.",
    "Hello, I am out of the office until Monday.",
    "I'm on parental leave, please contact Peter.",
    "Thank you for your message. I will be back on Monday.",
    "Отсутствую на рабочем месте. Вернусь 1 декабря.",
    "Коллеги, я в командировке, на связи эпизодически.",
    "Ухожу в отпуск, буду 8 декабря.",
    "Отвечу на ваше письмо, как только вернусь.",
    "Сегодня у меня выходной.",
    "I’m away from my desk. I’ll return next week.",
    "Это письмо создано автоматически, отвечать на него не нужно.",
    "Я болею, отвечу на следующей неделе.",
    "Уважаемый коллега! В период с 20 по 27 ноября меня замещает Петров П.П.",
    "Благодарю за письмо. Буду на рабочем месте 5 декабря.",
    "Сотрудник Иванов больше не работает в компании. Пишите Петрову.",
    "Уехал на конференцию, на связи с 3 декабря.",
    "В связи с отпуском ответ задержится.",
    "Взяла отгул, вернусь завтра.",
    "Офис закрыт до 9 января.",
    "Hi! I'm travelling until Dec 3 with limited email access.",
    "I no longer work here. Please write to Peter.",
    "I am on PTO this week.",
    "Спасибо за письмо! Сегодня я не работаю, напишу в понедельник.",
    "На обеде, буду в 14:00",
]


@pytest.mark.parametrize("text", NOTICES)
def test_a_specialists_notice_of_absence_reaches_no_client_and_the_team_is_told(text: str) -> None:
    desk, ticket, to_client = answered(text)
    assert to_client == []
    assert ticket.reaction is not None
    assert ticket.reaction.stopped_at is None
    told = desk.to(Audience.TEAM)[-1]
    assert told.kind == "follow_up"
    assert "одним словом «ответ»" in str(told.params["note"])


@pytest.mark.parametrize("text", NOTICES)
def test_under_the_word_answer_the_same_text_goes_to_the_client(text: str) -> None:
    assert answered(f"Ответ\n\n{text}")[2] == ["reply"]


@pytest.mark.parametrize(
    "text",
    [
        "Добрый день! Код придёт с номера 900, проверьте, пожалуйста, не заблокирован ли он.",
        "По этому вопросу обращайтесь, пожалуйста, в банк: возврат делает он.",
        "Ошибка исправлена, отвечу и на остальные вопросы сегодня.",
        "Ваше письмо получили. Кнопка отсутствует, потому что отчёт закрыт.",
        "We have fixed it. Please contact us if it comes back.",
        "Вернули настройку, срочный вопрос решён.",
        "Доступ к кабинету открыт до 30 ноября.",
        "Сервис временно недоступен, вернём к 15:00.",
        "Вернёмся к вам с ответом до пятницы.",
        "У нас нет такой услуги, она платная.",
        "The site is back. Please check.",
        "You now have limited access to the admin panel, as asked.",
        'OOO "Ромашка" добавлена, доступ открыт.',
    ],
)
def test_an_ordinary_answer_of_a_specialist_goes_to_the_client(text: str) -> None:
    assert answered(text)[2] == ["reply"]


def test_an_answer_with_an_empty_return_path_is_a_machines_and_reaches_no_client() -> None:
    assert answered("Ваше письмо доставлено в ящик.", head=b"Return-Path: <>\r\n")[2] == []


# Everybody else -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "subject",
    [
        "Автоответчик не работает",
        "Автоматическое уведомление не приходит заявителю",
        "Автоматический ответ системы не отправляется",
        "В отпуске сотрудник, нужен доступ к его кабинету",
        "Vacation calendar broken",
        "Отсутствует: кнопка «Печать»",
    ],
)
def test_a_subject_that_only_begins_like_an_automatic_answer_is_a_request(subject: str) -> None:
    assert read(subject, "Добрый день! Помогите, пожалуйста.").kind is LetterKind.REQUEST


@pytest.mark.parametrize(
    "subject",
    [
        "Автоматический ответ: Заявка",
        "Автоответ",
        "Out of Office AutoReply: ticket",
        "Out of office: Re: ticket",
        "Я в отпуске до 30 ноября",
        "В отпуске с 20.11 по 30.11.2026",
        "OOO",
        "Vacation reply",
    ],
)
def test_a_subject_of_an_automatic_answer_is_told_and_shown_to_somebody(subject: str) -> None:
    letter = read(subject, "Добрый день!")
    assert (letter.kind, letter.kind_by_words) == (LetterKind.AUTO_REPLY, True)


@pytest.mark.parametrize("value", ["RN, NRN", "DR, RN, NRN", "none"])
def test_who_wants_no_receipts_is_no_machine(value: str) -> None:
    assert read("Ошибка", "Добрый день!", head=f"X-Auto-Response-Suppress: {value}\r\n").kind is LetterKind.REQUEST


@pytest.mark.parametrize("value", ["All", "OOF", "DR, RN, NRN, OOF, AutoReply"])
def test_who_wants_no_automatic_answer_gets_none(value: str) -> None:
    letter = read("Ошибка", "Добрый день!", head=f"X-Auto-Response-Suppress: {value}\r\n")
    assert (letter.kind, letter.kind_by_words) == (LetterKind.AUTO_REPLY, False)


@pytest.mark.parametrize(
    "sender",
    [
        '"System Administrator" <admin@mfc.example>',
        "Почтовая служба <post@mfc.example>",
        "Nobody <nobody.k@mfc.example>",
    ],
)
def test_a_person_named_like_a_mail_system_who_complains_of_undelivered_mail_is_heard(sender: str) -> None:
    text = "Добрый день! Заявителям не удалось доставить уведомления, письма не доставлены."
    assert read("Ошибка", text, sender=sender).kind is LetterKind.REQUEST


@pytest.mark.parametrize("sender", ["nobody@host.example", "postmaster@mfc.example", "MAILER-DAEMON@mfc.example"])
def test_a_mail_systems_address_makes_a_report_that_somebody_looks_at(sender: str) -> None:
    letter = read("Письмо", "Не удалось доставить письмо.", sender=sender)
    assert (letter.kind, letter.kind_by_words) == (LetterKind.BOUNCE, True)


def test_an_empty_return_path_makes_a_mail_systems_name_a_report_for_sure() -> None:
    letter = read("x", "x", sender="Mail Delivery System <mds@mfc.example>", head="Return-Path: <>\r\n")
    assert (letter.kind, letter.kind_by_words) == (LetterKind.BOUNCE, False)


def test_who_writes_of_a_leave_and_of_a_fault_is_heard() -> None:
    text = "С понедельника буду в отпуске, по вопросам обращайтесь к Пете. Не открывается отчёт за неделю."
    assert read("Отчёт", text).kind is LetterKind.REQUEST


def test_whatever_is_set_aside_with_words_of_its_own_waits_for_a_person_to_look() -> None:
    desk = Desk(MDO)
    text = "Нахожусь в отпуске до 30 ноября. По срочным вопросам обращайтесь к Петру."
    sure = b"Auto-Submitted: auto-replied\r\n"
    desk.receive(raw_letter(OLGA, desk.address, "Отпуск", text), START)
    desk.receive(sure + raw_letter(OLGA, desk.address, "Отпуск", text), START)
    desk.receive(sure + raw_letter(OLGA, desk.address, "Отпуск", ""), START)
    assert [(record.kind, record.outcome) for record in desk.store.set_aside(MDO)] == [("auto_reply", "ignored")] * 2
    assert desk.sent == []


def test_a_robots_subject_holds_back_whatever_a_specialists_mailbox_says_under_it() -> None:
    desk, _, to_client = answered("Спасибо, прочту.", subject="Автоматический ответ: Новое обращение")
    assert to_client == []
    assert [mail.kind for mail in desk.to(Audience.TEAM)] == ["card", "follow_up"]
