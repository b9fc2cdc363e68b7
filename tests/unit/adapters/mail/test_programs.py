"""What a mail program sends by itself, and what people write that looks like it."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from adapters.mail.reading import read_letter
from domain.letter import ByProgram, Envelope, Letter, LetterKind

QUOTED = (
    "\n\n20.11.2026 10:00, Техническая поддержка пишет:\n> Нужны сведения.\n> Заполните, пожалуйста, строки ниже.\n"
)


def read(subject: str, text: str, *, parts: tuple[tuple[str, str], ...] = ()) -> Letter:
    message = EmailMessage(policy=SMTP)
    message["From"], message["To"], message["Subject"] = "olga@client.example", "support@desk.example", subject
    message.set_content(text)
    for _, body in parts:
        message.add_alternative(body, subtype="x-placeholder")
    raw = message.as_bytes()
    for content_type, _ in parts:
        raw = raw.replace(b"text/x-placeholder", content_type.encode(), 1)
    return read_letter(raw, Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ()))


GOOGLE = (("text/vnd.google.email-reaction+json", '{"version":1,"emoji":"👍"}'),)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("👍", ()),
        ("👍" + QUOTED, ()),
        ("👍🏽 ❤️\n", ()),
        ("👨‍👩‍👧", ()),
        ("👍\n\nОлег отреагировал через Gmail\n", GOOGLE),
        ("👍\n\nOleg Vetrov reacted via Gmail", GOOGLE),
        ("🎉\n\nAnna Schmidt hat über Gmail reagiert", GOOGLE),
        ("👍\n\nОльга Лаптева отреагировала через [Gmail]", ()),
        ("👍 Олег Ветров отреагировал(-а) на ваше сообщение:", ()),
        ("Oleg Vetrov reacted to your message:", ()),
        ("Oleg Vetrov liked your message", ()),
        ("Ольга Лаптева отреагировала 👍 на ваше сообщение", ()),
        ("Олег Ветров поставил(а) отметку «Нравится» вашему сообщению", ()),
    ],
)
def test_emoji_and_the_sentence_of_a_program_are_a_reaction(text: str, parts: tuple[tuple[str, str], ...]) -> None:
    letter = read("Re: Талон", text, parts=parts)
    assert (letter.by_program, letter.kind, letter.kind_by_words) == (
        ByProgram.REACTION, LetterKind.AUTO_REPLY, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "👍 спасибо, всё работает",
        "😡 Никто не отреагировал на наше обращение",
        "Никто не отреагировал на ваше сообщение",
        "👍\n\nНо остался вопрос по талонам.",
        "+1",
        "Да",
        "У нас не открывается Gmail",
        "❗ Не работает запись",
        "",
    ],
)
def test_who_writes_a_word_beside_an_emoji_has_written(text: str) -> None:
    assert read("Re: Талон", text, parts=()).by_program is None


def test_words_beside_a_part_that_says_it_is_a_reaction_stay_words() -> None:
    letter = read("Re: Талон", "👍\n\nДобрый день! Телефон +7 900 555-01-17.", parts=GOOGLE)
    assert (letter.by_program, "Телефон" in letter.visible_text) == (None, True)


def test_an_emoji_with_a_file_is_an_answer() -> None:
    message = EmailMessage(policy=SMTP)
    message["From"], message["Subject"] = "olga@client.example", "Re: Талон"
    message.set_content("👆")
    message.add_attachment(b"picture", maintype="image", subtype="png", filename="снимок.png")
    read_back = read_letter(message.as_bytes(), Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ()))
    assert read_back.by_program is None


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Отзыв: Талон", 'Олег Ветров хотел бы отозвать сообщение "Талон".'),
        ("Отзыв: Почему так?", 'Вера Зорина хотела бы отозвать сообщение "Почему так?".'),
        ("Отзыв: Талон", "Лаптева Ольга хотел(а) бы отозвать сообщение «Талон»."),
        ("Recall: ticket", 'Oleg Vetrov would like to recall the message, "ticket".'),
        ("Message Recall Failure: ticket", "Your message\n\nTo: Olga\nSubject: ticket\n\ncould not be recalled."),
    ],
)
def test_a_recall_is_known_by_its_subject_and_its_sentence(subject: str, text: str) -> None:
    letter = read(subject, text)
    assert (letter.by_program, letter.kind) == (ByProgram.RECALL, LetterKind.AUTO_REPLY)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Отзыв: приложение", "Приложение хорошее, но не печатает талоны."),
        ("Отзыв согласия", "Заявитель хотел бы отозвать согласие, где это сделать?"),
        ("Отзыв: заявление", "Заявитель хочет отозвать сообщение о приёме. Как это сделать?"),
        ("Вопрос", "Заявитель хотел бы отозвать сообщение, кнопки нет."),
    ],
)
def test_who_asks_about_a_recall_is_a_person(subject: str, text: str) -> None:
    assert read(subject, text).kind is LetterKind.REQUEST


RECEIPT = "Ваше сообщение\n\n  Кому: specialist1\n  Тема: Новое обращение\n  Отправлено: 24.11.2026 10:05\n\n"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Прочитано: Новое обращение", RECEIPT + "прочитано 24.11.2026 10:30."),
        ("Подтверждение о прочтении: Новое обращение", "Это подтверждение о получении письма, отправленного вами."),
        ("Письмо прочитано: Новое обращение", "Ваше письмо доставлено и прочитано."),
        ("Прочтено: Новое обращение", RECEIPT + "было прочтено 24.11.2026 10:30:11 (UTC+03:00) Москва"),
        ("Не прочитано: Новое обращение", RECEIPT + "было удалено без прочтения 24.11.2026 10:30"),
        ("Доставлено: Новое обращение", "Сообщение доставлено следующим получателям:\n\nolga@client.example"),
        ("Read: ticket", "Your message\n\nTo: Olga\nSubject: ticket\n\nwas read on 24.11.2026 10:30."),
        ("Not read: ticket", "Your message\n\nTo: Olga\n\nwas deleted without being read on Tuesday"),
        ("Relayed: ticket", "Delivery to these recipients or groups is complete, but no notification was sent"),
        ("Уведомление о прочтении", "Это уведомление о прочтении письма, отправленного 24.11.2026."),
    ],
)
def test_a_receipt_in_words_is_a_receipt_and_shown_to_somebody(subject: str, text: str) -> None:
    letter = read(subject, text)
    assert (letter.by_program, letter.kind, letter.kind_by_words) == (
        ByProgram.RECEIPT, LetterKind.RECEIPT, True,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Прочитано", "Письмо прочитано, исправили. Проверьте вход ещё раз."),
        ("Прочитано: что дальше", "Я прочитал ваше письмо, но кнопка не появилась."),
        ("Доставлено", "Письмо доставлено заявителю, но талона в нём нет."),
        ("Прочитано", "Ваше сообщение прочитано 24.11.2026, но ошибка осталась. Что делать?"),
        ("Уведомление о прочтении не приходит", "Заявителю не приходит уведомление о прочтении."),
    ],
)
def test_who_writes_of_what_he_read_is_a_person(subject: str, text: str) -> None:
    assert read(subject, text).kind is LetterKind.REQUEST


UNDELIVERED = "Не удалось выполнить доставку следующим получателям или группам:\n\nolga@client.example\n"


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Недоставляемое: Обращение принято", UNDELIVERED),
        ("Недоставляемое: Обращение принято", "Ваше сообщение не достигло некоторых или всех получателей.\n\nТема: x"),
        ("Не удалось доставить: Обращение", "Сообщение не доставлено указанным получателям: olga@client.example"),
        ("Не удалось доставить сообщение", "olga@client.example\nУдалённый сервер вернул 550 5.1.1 User unknown"),
        ("Недоставленное сообщение", "Невозможно доставить ваше сообщение одному или нескольким адресатам."),
        ("Сбой доставки: Обращение", "Формирующий сервер: mx.client.example\nolga@client.example\n#5.1.10"),
        ("Undeliverable: ticket", "Delivery has failed to these recipients or groups:\n\nolga@client.example"),
        ("Undeliverable: ticket", "Your message did not reach some or all of the intended recipients."),
        ("Задержка доставки: Обращение", "Не удалось доставить сообщение следующим получателям: попытки продолжатся"),
    ],
)
def test_a_report_of_exchange_in_words_is_a_bounce_and_shown_to_somebody(subject: str, text: str) -> None:
    letter = read(subject, text)
    assert (letter.kind, letter.kind_by_words) == (LetterKind.BOUNCE, True)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Недоставляемое: что это", "Добрый день! Приходит такое: «Не удалось доставить следующим получателям»."),
        ("Re: Недоставляемое: Обращение", UNDELIVERED),
        ("FW: Недоставляемое: Обращение", UNDELIVERED),
        ("Не удалось доставить талон заявителю", "Талон не доставлен, письмо не дошло до заявителя."),
        ("Не доставлено", "Уведомление не доставлено заявителю, код не приходит."),
        ("Отчёт сервера", UNDELIVERED),
        ("Письма не доходят", "Почему письма приложения не доходят до получателей? Ошибка 550 5.1.1."),
    ],
)
def test_who_writes_of_a_bounce_is_a_person(subject: str, text: str) -> None:
    assert read(subject, text).kind.is_correspondence


def test_the_address_that_a_report_in_words_names_is_read() -> None:
    report = read("Недоставляемое: Обращение принято", UNDELIVERED).report
    assert report is not None
    assert (report.failed_addresses, report.permanent) == (("olga@client.example",), True)


def test_a_delay_in_words_is_not_permanent() -> None:
    report = read("Задержка доставки: x", f"{UNDELIVERED}\nПопытки доставки будут продолжаться.").report
    assert report is not None
    assert not report.permanent
