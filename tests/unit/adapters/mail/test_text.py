"""The text a person wrote now, whatever charset, mail program and quotation it came in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.mail.attributions import attribution
from adapters.mail.charsets import decode_text
from adapters.mail.quotes import separate, text_lines
from adapters.mail.reading import read_letter
from domain.letter import Envelope, Letter
from tests.support.repository import LETTERS

ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
REQUEST = "Добрый день!\n\nНе печатается талон, принтер исправен. Началось сегодня утром."


def letter(name: str) -> Letter:
    return read_letter((LETTERS / name).read_bytes(), ENVELOPE)


def written(html: str) -> Letter:
    raw = b"From: a@b.example\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" + html.encode()
    return read_letter(raw, ENVELOPE)


@pytest.mark.parametrize(
    "name",
    [
        "koi8r-unlabelled.eml", "cp1251-labelled-latin1.eml", "iso8859-5.eml", "koi8r-labelled-1251.eml",
        "unknown-charset.eml", "split-encoded-word.eml",
    ],
)  # fmt: skip
def test_cyrillic_arrives_intact(name: str) -> None:
    read = letter(name)
    assert read.sender is not None
    assert (read.visible_text, read.subject, read.sender.name) == (REQUEST, "Не печатается талон", "Ломова Зоя")


@pytest.mark.parametrize("charset", ["utf-8", "windows-1251", "koi8-r", "iso-8859-5"])
@pytest.mark.parametrize("declared", [None, "iso-8859-1", "us-ascii", "no-such-charset", "windows-1251", "utf-8"])
def test_a_sentence_is_read_in_its_own_charset_whatever_its_label(charset: str, declared: str | None) -> None:
    assert decode_text(REQUEST.encode(charset), declared)[0] == REQUEST


def test_latin_text_is_not_taken_for_cyrillic() -> None:
    assert decode_text("Größe prüfen, ça déjà été".encode("cp1252"), "iso-8859-1")[0] == "Größe prüfen, ça déjà été"


@pytest.mark.parametrize(
    ("name", "visible", "quoted"),
    [
        ("outlook-history.eml", "Талон печатается, спасибо.", "Проверьте драйвер."),
        ("gmail-interleaved.eml", "Модель Луч-7.\nГорит «Нет бумаги».", "Какая модель принтера?"),
        ("owa-history.eml", "Заработало.", "Проверьте ещё раз."),
        ("yandex-reply.eml", "Драйвер обновили, печатает.", "Обновите драйвер."),
        ("mailru-reply.eml", "Сделали, талон вышел.", "Обновите драйвер."),
        ("the-bat-reply.eml", "Луч-7, куплен весной.", "Какая модель принтера?"),
        ("iphone-reply.eml", "Да, горит лампа", "Горит ли лампа?"),
        ("gmail-wrapped-attribution.eml", "Помогло, спасибо.", "Обновите драйвер."),
    ],
)
def test_history_is_told_from_the_new_text(name: str, visible: str, quoted: str) -> None:
    read = letter(name)
    assert read.visible_text == visible
    assert quoted in read.set_apart_text


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("outlook-history.eml", "оператор, тел. +7 900 000-11-22"),
        ("yandex-reply.eml", "Зоя Ломова"),
        ("the-bat-reply.eml", "Зоя Ломова"),
        ("iphone-reply.eml", "Отправлено с iPhone"),
        ("flowed.eml", "оператор"),
    ],
)
def test_the_signature_is_kept_apart_and_not_lost(name: str, part: str) -> None:
    read = letter(name)
    assert part in read.signature
    assert part not in read.visible_text


def test_a_flowed_paragraph_is_joined() -> None:
    assert letter("flowed.eml").visible_text == "Не печатается талон, принтер исправен, телефон +7 900 000-11-22."


def test_a_quote_in_a_letter_that_answers_none_is_the_authors_own() -> None:
    assert "> Код 17" in letter("quote-without-reply.eml").visible_text


@pytest.mark.parametrize("name", ["forwarded.eml", "forwarded-as-attachment.eml"])
def test_a_forwarded_letter_is_kept_apart_from_what_its_sender_wrote(name: str) -> None:
    read = letter(name)
    assert "пустой" not in read.visible_text
    assert read.forwarded_text == "Талон вышел пустой."


def test_html_keeps_lists_tables_and_links_and_drops_what_is_not_shown() -> None:
    text = letter("html-list-and-table.eml").visible_text
    assert "- печать\n- запись" in text
    assert "окно 3" in text
    assert "снимок экрана <https://zavod.example/t>" in text
    assert "скрытое" not in text
    assert "x()" not in text


def test_a_letter_all_in_a_quotations_box_that_answers_none_is_still_shown() -> None:
    assert written('<div class="gmail_quote"><div>Не работает вход.</div></div>').visible_text == "Не работает вход."


def test_an_indented_paragraph_is_no_quotation() -> None:
    read = written('<div>Вот:</div><blockquote style="margin:0 0 0 40px;border:none">важное</blockquote>')
    assert read.visible_text == "Вот:\nважное"


@pytest.mark.parametrize("marker", ['class="gmail_signature"', 'id="Signature"', 'data-signature-widget="container"'])
def test_a_signature_marked_by_the_mail_program_is_believed(marker: str) -> None:
    read = written(f"<div>Не работает вход.</div><div {marker}>Зоя<br>тел. 1</div>")
    assert (read.visible_text, read.signature) == ("Не работает вход.", "Зоя\nтел. 1")


@pytest.mark.parametrize(
    "line",
    [
        "On Mon, Nov 23, 2026 at 12:00 PM Support <support@desk.example> wrote:",
        "пн, 23 нояб. 2026 г. в 12:00, Поддержка <support@desk.example>:",
        "23.11.2026 12:00, Поддержка пишет:",
        "23 нояб. 2026 г., в 12:00, Поддержка <support@desk.example> написал(а):",
        "Понедельник, 23 ноября 2026, 12:00 +03:00 от Поддержка <support@desk.example>:",
        "Вы писали 23 ноября 2026 г., 12:00:",
        "Поддержка писал 2026-11-23 12:00:",
    ],
)
def test_attributions_of_mail_programs_are_known(line: str) -> None:
    assert attribution(line)


@pytest.mark.parametrize(
    "line",
    [
        "Договор от 23.11.2026, почта ivan@zavod.example:",
        "В 12:00 не работало следующее:",
        "Он пишет, что всё хорошо",
        "Ошибка 23.11.2026 12:00:",
    ],
)
def test_ordinary_sentences_are_no_attribution(line: str) -> None:
    assert not attribution(line)


def test_a_sentence_above_an_attribution_is_not_swallowed_with_it() -> None:
    text = "Спросите на a@b.example, они знают\nи скажут вам\nOn 1 Jan 2026 at 10:00 Max <m@x.example> wrote:\n> old"
    assert separate(text_lines(text)).visible == "Спросите на a@b.example, они знают\nи скажут вам"


def test_a_letter_that_only_quotes_says_what_it_quotes() -> None:
    assert separate(text_lines("> одно\n> только"), answers=False).visible == "> одно\n> только"


def test_attachments_are_listed_with_their_names_and_not_decoded() -> None:
    found = [(one.name, one.content_type, one.inline) for one in letter("attachments.eml").attachments]
    assert found == [
        ("p.png", "image/png", True),
        ("акт.pdf", "application/pdf", False),
        ("договор.doc", "application/msword", False),
    ]
