"""What is new text, earlier correspondence, signature and forwarded text, in the forms that programs and people write."""

from __future__ import annotations

import pytest

from adapters.mail.attributions import Certainty, attribution
from adapters.mail.quotes import MAX_TOLD_APART, Separated, separate, text_lines

DESK = "support@desk.example"
TOKEN = "support+a1b2@desk.example"
OUTAGE = "Приложение не работает у всех операторов области."
THANKS = "Спасибо, всё работает."
ANSWER = "Тюрин Глеб Романович, 8 (900) 555-01-28, МФЦ города Ржева, инженер"

ATTRIBUTIONS = [
    f'10:07, 24 ноября, "Служба поддержки" <{TOKEN}>:',
    f"Отдел сопровождения <{TOKEN}> 24.11.2026 написал:",
    f'10:07, 24 ноября 2026 г., "Служба поддержки" <{TOKEN}>:',
    f"10:07, 24 нояб. 2026 г., Служба поддержки <{TOKEN}>:",
    f"24 ноября 2026, 10:07 от Служба поддержки <{TOKEN}>:",
    f"вторник, 24 ноября 2026г., 10:05 +03:00 от Служба поддержки {TOKEN}:",
    f"Вторник, 24 ноября 2026, 10:05 +03:00 от Техническая поддержка <{TOKEN}>:",
    "24 ноября 2026 г., 10:05, от Служба поддержки:",
    f"Цитирование Служба поддержки <{TOKEN}>:",
    f"Quoting Служба поддержки <{TOKEN}>:",
    "Вы писали 24 ноября 2026 г., 10:05:05:",
    "Вы писали вторник, 24 ноября 2026 г., 10:05:05:",
    f'"Служба поддержки" <{TOKEN}> написал(а) 24.11.2026 10:05:',
    f"Служба поддержки <{TOKEN}> писал(а) в своём письме Tue, 24 Nov 2026 10:05:00 +0300:",
    f"Support <{TOKEN}> wrote:",
    f"On Tue, Nov 24, 2026 at 10:05 AM Служба поддержки <{TOKEN}>\nwrote:",
    f"вт, 24 нояб. 2026 г. в 10:05, Служба поддержки <\n{TOKEN}>:",
    "24.11.2026 10:05, Служба поддержки пишет:",
    "Служба поддержки, 24.11.2026 10:05:",
    "Поддержка писал 2026-11-24 10:05:",
    f"24 нояб. 2026 г., в 10:05, Служба поддержки <{TOKEN}> написал(а):",
    "В письме от вторник, 24 ноября 2026 г. 10:00:00 MSK пользователь Служба поддержки написал:",
    f'24 ноября 2026 г. 10:05:05 GMT+03:00, "Служба поддержки" <{TOKEN}> пишет:',
    f"---- Вкл Вт, 24 нояб. 2026 10:05:05 +0300 Служба поддержки <{TOKEN}> написал(а) ----",
    "В Вт, 24/11/2026 в 10:05 +0300, Служба поддержки пишет:",
    f"24.11.2026 13:05, {TOKEN} пишет:",
    f"{TOKEN} писал 2026-11-24 10:05:",
    "Am 24.11.26 um 10:05 schrieb Support:",
]
HEADINGS = [
    f">>> Служба поддержки <{TOKEN}> 25.11.2026 10:05 >>>",
    "-------- Исходное сообщение --------\nОт: Служба поддержки\nДата: 24.11.2026 10:00 (GMT+03:00)\nКому: x@y.example\nТема: Авария",
    f"-------- Исходное сообщение --------От: Поддержка <{TOKEN}> Дата: 24.11.2026  10:00 Кому: l@x.example Тема: Авария",
    f"-------- Original message --------From: Support <{TOKEN}> Date: 24/11/2026 10:00 To: l@x.example Subject: Re: x",
    f"-----Original Message-----\nFrom: Support [mailto:{TOKEN}]\nSent: Tuesday, November 24, 2026 10:05 AM\nTo: x\nSubject: Re",
    f"Тема: Авария\nДата: 24.11.2026 10:05\nОт: Служба поддержки <{TOKEN}>\nКому: tyurin@x.example",
    "Дата: 24 ноября 2026 г. 10:05\nОт: Служба поддержки\nКому: Тюрин\nТема: Авария",
    f"From: {TOKEN}\nSent: Tuesday, November 24, 2026 10:05 AM",
    "From:\nSent: Tuesday, November 24, 2026 10:05 AM\nTo: me\nSubject: x",
    "От кого: Служба поддержки\nКому: tyurin@mfc.example\nДата: вторник, 24 ноября 2026 г.\nТема: Авария",
    "От:\tСлужба поддержки/MDO\nКому:\tТюрин/MFC\nДата:\t24.11.2026 10:00\nТема:\tАвария",
    f'"Служба поддержки" <{TOKEN}>\n24.11.2026 10:05\n\nКому\ttyurin@x.example\nКопия\n\nТема\tАвария',
    f"Ад: Падтрымка <{TOKEN}>\nАдпраўлена: 24 лістапада 2026 г. 10:05\nКаму: x\nТэма: y",
    f"Von: Support <{TOKEN}>\nGesendet: Dienstag, 24. November 2026 10:05\nAn: x\nBetreff: y",
    f"________________________________\nОт: Поддержка <{TOKEN}>\nОтправлено: вторник, 24 ноября 2026 г. 10:05\nКому: x\nТема: y",
    f"*От:* Служба поддержки <{TOKEN}>\n\n*Отправлено:* 24 ноября 2026 г. 10:05\n\n*Кому:* x\n\n*Тема:* y",
    f'От: "Служба поддержки" <{TOKEN}>\nКому: "Тюрин" <t@x.example>\nОтправленные: Вторник, 24 Ноябрь 2026 г 10:05:00\nТема: x',
    f"Отправитель: Служба поддержки <{TOKEN}>\nПолучатель: t@x.example\nДата: 24.11.2026 10:05\nТема: x",
    f"От: Служба поддержки <{TOKEN}>\nКому: t@x.example; u@x.example;\nv@x.example\nДата: 24.11.2026 10:05\nТема: x",
]
OWN_SENTENCES = [
    f"23.11.2026 писали вам на {DESK}, ответа нет, программа пишет:",
    f"Письмо от {DESK} 24.11.2026 в 10:00 получили, но программа пишет:",
    "Вы писали, что исправили, но сейчас:",
    "Вы писали про обновление:",
    "Вы писали: обновите приложение. Обновили, и теперь:",
    "23.11.2026 программа написала:",
    "24.11.2026 в 09:40 программа написала:",
    "24.11.2026 10:15 заявитель сообщает:",
    "24.11.2026, вторник, заявители пишут:",
    "23 ноября 2026 наш оператор Лыков написал:",
    "Сегодня 24.11.2026 в 10:02 приложение написало:",
    "Директор МФЦ <director@mfc.example> написал:",
    "Заявитель Иванов <ivanov@x.example> 24.11.2026 написал:",
    "Иванов И. И. (ivanov@x.example) сообщает:",
    "Служба безопасности 24.11.2026 сообщила:",
    "Она написала 24.11.2026 в 10:00:",
    "Ответ сервера 24.11.2026 10:05:",
    "On 24.11.2026 the program wrote:",
    "Оператор написал(а) в чат:",
    "От: ваше ФИО\nКому: в отдел доступа\nТема: доступ",
    "От: ваше ФИО\nКому: access@x.example\nТема: доступ",
    f"От: МФЦ города Бор\nКому: {DESK}\nТема: сбой\nДата: 24.11.2026",
    "Тема: сбой\nДата: 24.11.2026\nОт: МФЦ города Бор",
    "Дата: 24.11.2026\nОтдел: приём",
]


def answer(text: str) -> Separated:
    return separate(text_lines(text), answers=True, own_addresses=frozenset({DESK}))


def first_letter(text: str) -> Separated:
    return separate(text_lines(text), answers=False, own_addresses=frozenset({DESK}))


# --- an answer ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("opening", [line for line in ATTRIBUTIONS if "писал 2026" not in line] + HEADINGS)
def test_what_a_program_quotes_without_marks_is_no_new_text(opening: str) -> None:
    assert answer(f"{THANKS}\n\n{opening}\n\n{OUTAGE}\nЛаптева").visible == THANKS


@pytest.mark.parametrize("opening", ATTRIBUTIONS)
@pytest.mark.parametrize("mark", ["> ", "| ", "|", "СП> ", "С> ", "TS> ", ": ", "    ", "\t"])
def test_an_answer_below_the_marked_lines_is_new_text(opening: str, mark: str) -> None:
    quoted = f"{mark}Здравствуйте.\n\n{mark}Сообщите должность.\n{mark}ФИО:"
    parts = answer(f"Добрый день!\n\n{opening}\n\n{quoted}\n\n{ANSWER}\n")
    assert parts.visible.split("\n") == ["Добрый день!", "", "", ANSWER]
    assert "Сообщите должность." in parts.set_apart


@pytest.mark.parametrize("opening", ["Добрый день!\n\n", "Здравствуйте, Глеб Романович!\n\n", ""])
def test_below_a_greeting_alone_unmarked_lines_stay_new_text(opening: str) -> None:
    parts = answer(f"{opening}{ATTRIBUTIONS[0]}\n\nСообщите должность.\n\n{ANSWER}")
    assert ANSWER in parts.visible
    assert ATTRIBUTIONS[0] in parts.set_apart


@pytest.mark.parametrize("mark", ["> ", "| ", "TS> ", "С> "])
def test_answers_between_marked_lines_are_new_text(mark: str) -> None:
    lines = f"{mark}Какая модель?\nЛуч-7.\n\n{mark}Горит ли лампа?\nГорит."
    assert answer(f"{ATTRIBUTIONS[0]}\n{lines}").visible == "Луч-7.\n\nГорит."


def test_an_indent_that_ends_without_a_blank_line_is_no_mark() -> None:
    assert answer(f"{THANKS}\n\n{ATTRIBUTIONS[0]}\n\n    Здравствуйте.\n{OUTAGE}").visible == THANKS


@pytest.mark.parametrize("mark", ["| ", "ЗП> "])
def test_lines_that_a_program_marks_need_no_attribution(mark: str) -> None:
    assert answer(f"{THANKS}\n\n{mark}Служба поддержки\n{mark}{OUTAGE}").visible == THANKS


@pytest.mark.parametrize("lines", ["| Окно | Код |\n| 7 | 17 |", "SQL> select 1\nSQL> quit", "PS> Get-Process"])
def test_a_table_and_a_prompt_are_no_quotation(lines: str) -> None:
    assert answer(f"Сделайте так:\n{lines}").visible == f"Сделайте так:\n{lines}"


@pytest.mark.parametrize("sentence", OWN_SENTENCES)
def test_a_sentence_of_the_authors_swallows_nothing(sentence: str) -> None:
    history = f"24.11.2026, 10:00, Поддержка <{TOKEN}>:\n> Обращение принято."
    parts = answer(f"Добрый день!\n{sentence}\n{OUTAGE}\nТюрин Глеб\n\n{history}")
    assert parts.visible == f"Добрый день!\n{sentence}\n{OUTAGE}\nТюрин Глеб"
    assert parts.set_apart.endswith("Обращение принято.")


@pytest.mark.parametrize("opening", ATTRIBUTIONS + HEADINGS)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_what_the_author_of_an_answer_leads_over_to_is_read(opening: str, gap: str) -> None:
    opening = opening.replace(TOKEN, "lykov@mfc.example")
    parts = answer(f"Нет, не работает. Оператор прислал вот что:{gap}{opening}\n\n{OUTAGE}\nЛыков")
    assert OUTAGE in parts.visible + parts.forwarded


@pytest.mark.parametrize(
    "text",
    [
        "Добрый день!\n\nВы писали, что не печатает. Сделайте так:\n- откройте меню\n- нажмите «Печать»\n\nС уважением,\nПётр",
        "Здравствуйте!\n24.11.2026 в 10:00 разработчик сообщил:\nисправление выйдет завтра.",
        "Добрый день!\nДата: 24.11.2026 10:00\nТема: обновление\nСообщаем, что сервис обновлён.",
        "Укажите в письме:\nФИО:\nТелефон:\nОрганизация:\nДолжность:\nи отправьте нам.",
        "Отправьте письмо так:\nКому: access@desk.example\nКопия: boss@x.example\nТема: доступ\nДата: 24.11.2026 10:00\nОт: вы\nи ждите.",
        "Добрый день!\n\nОт: имени организации\nКому: в поддержку\n\nпишите заявление.",
        "Добрый день!\n---\nШаг 1\nОткройте меню\n---\nШаг 2\nНажмите кнопку",
        "Добрый день!\n*****\nСсылка: https://x.example/a?b=1\n*****\nПроверьте.",
        "| Настройки | Печать |\n| Вкл | Да |",
        "Выполните:\n    ipconfig /flushdns\n    ping x.example\nи пришлите вывод.",
        "Выполните:\n\n    ipconfig /flushdns\n\nи пришлите вывод.",
        "Команды:\nC:\\> ipconfig\nC:\\> ping",
        "SQL> select 1;\nPS> Get-Process",
        "В журнале видно:\n24.11.2026 10:05:17 ERROR: timeout\n24.11.2026 10:05:18 INFO: retry\nПерезапустите службу.",
        "В журнале видно:\n[24.11.2026 10:05] <user@x.example>: вход\nЭто норма.",
        "Добрый день! Служба поддержки <support@desk.example> работает с 9 до 18.\nПишите:\nsupport@desk.example",
        "Напишите на support@desk.example:\n- ФИО\n- телефон",
        "24 ноября 2026 г. 10:00 исправили.\nПроверьте:\nhttps://x.example",
        "Уважаемая Анна Петровна!\nВы написали:\nне открывается карта.\nОткройте её так:\n1. меню",
        "Вы писали:\n«не открывается карта»\nОткройте её через меню.",
        "Цитирую регламент:\n«2.1. Критичные обращения…»\nПоэтому ждите до 14:00.",
        "Цитирую п. 2.1 Регламента: «Срок — 4 часа».\nСпасибо.",
        "Из письма разработчика (dev@x.example) от 24.11.2026 10:00:\nошибка в версии 3.2, обновите.",
        "Разработчик Иванов <ivanov@x.example> пишет:\nобновите версию.",
        "On 24.11.2026 we updated the server, please try again:\nhttps://x",
        "From: field must hold your address\nTo: ours\nSubject: access\nThen send it.",
        "С уважением прошу прислать снимок экрана.\nПётр",
        "P.S. Забыл: номер версии тоже пришлите.",
        "Ответ:\nда, можно.\nP.S. Срок до 25.11.2026.",
        "Отправлено 24.11.2026: обновление 3.2.\nУстановите его.",
        "Отправлено:\nобновление. Установите его.",
        "Отправлено на доработку, ждите ответа.\nСрок 3 дня.",
        "Добрый день! #1 откройте меню\n#2 нажмите\n# это комментарий",
        "Пройдите: Меню -> Настройки -> Печать\n-> Готово",
        "Итого:\n+ сделано\n+ проверено\n= готово",
        "Пришлите:\nа) снимок;\nб) версию.",
        "Время работы: 09:00-18:00\nТел: 8 800 555-35-35\nЖдём.",
        "Коллега написал(а): всё исправлено 24.11.2026.\nПроверьте.",
        "Коллеги из банка сообщили:\nплатёж прошёл.",
        "-----\nВажно\n-----\nОбновите приложение до 25.11.2026.",
        "Оригинальное сообщение сохранено.\n-------- Исходное сообщение в архиве --------\nПроверьте его.",
        "Здравствуйте.\n\nПересылаемое сообщение откройте во вложении.\nСпасибо.",
        "Пересылаемое сообщение:\nоткройте во вложении.",
        "Дата: понедельник, 23 ноября 2026\nКому: всем пользователям\nТема: обновление\nТекст объявления ниже.",
        "Смотрите также:\n* раздел 1\n* раздел 2\n***\nЖдём ответа.",
        "От кого: отправитель\nКому: получатель\nзаполните эти поля и нажмите «Отправить».",
        "Support <support@desk.example> wrote that it works.\nPlease check.",
        "В Вт 24.11.2026 в 10:00 проведём работы, сервис будет недоступен:\n- час\n- два",
        "Тема: Re: доступ\nтак и оставьте, иначе письмо потеряется.",
        "Служба поддержки, 24.11.2026: плановые работы.\nСервис недоступен до 12:00.",
    ],
)
def test_an_ordinary_answer_is_whole(text: str) -> None:
    history = f"24.11.2026, 10:00, Поддержка <{TOKEN}>:\n> Карточка обращения."
    parts = answer(f"{text}\n\n{history}")
    assert (f"{parts.visible}\n\n{parts.signature}".strip(), parts.set_apart) == (text, history.replace("> ", ""))


def test_the_lines_of_a_form_stay_in_their_order_in_the_quotation() -> None:
    form = ["ФИО: Тюрин Глеб", "Мобильный телефон: 8 900 555-01-28", "Организация: МФЦ", "Должность: инженер"]
    for mark in ("> ", "| ", "СП> ", "    "):
        quoted = "\n".join(f"{mark}{line}" for line in form)
        found = answer(f"Заполнил.\n\n{ATTRIBUTIONS[0]}\n{quoted}").set_apart
        assert [line.removeprefix(mark) for line in found.split("\n")[1:]] == form


# --- a letter that answers none ----------------------------------------------------------------------------


@pytest.mark.parametrize("sentence", OWN_SENTENCES)
def test_nothing_is_history_below_a_sentence_of_a_first_letter(sentence: str) -> None:
    text = f"Добрый день!\n{sentence}\n{OUTAGE}\nТюрин Глеб"
    assert first_letter(text) == Separated(text)


@pytest.mark.parametrize("opening", ATTRIBUTIONS + HEADINGS)
def test_somebody_elses_letter_that_is_pasted_is_read(opening: str) -> None:
    opening = opening.replace(TOKEN, "lykov@mfc.example")
    parts = first_letter(f"Разберитесь, пожалуйста.\n\n{opening}\n\n{OUTAGE}\nЛаптева")
    assert OUTAGE in parts.visible + parts.forwarded


def test_a_letter_to_the_desk_that_is_pasted_below_a_new_one_is_set_apart() -> None:
    """Where nothing but a greeting is above it, it is what is written."""
    pasted = f"От: Таисия <taisia@client.example>\nКому: {DESK}\nТема: Авария\n\n{OUTAGE}"
    apart = first_letter(f"Напоминаю о себе.\n\n-----\n{pasted}")
    assert (apart.visible, OUTAGE in apart.set_apart) == ("Напоминаю о себе.", True)
    assert OUTAGE in first_letter(f"Добрый день!\n\n{pasted}").visible


@pytest.mark.parametrize(
    "opening", [line for line in ATTRIBUTIONS + HEADINGS if TOKEN in line and "Кому: t@x" not in line]
)
def test_a_letter_of_the_desk_is_history_in_a_first_letter_too(opening: str) -> None:
    assert OUTAGE in first_letter(f"{THANKS}\n\n{opening}\n\n{OUTAGE}").set_apart


@pytest.mark.parametrize("opening", ATTRIBUTIONS)
def test_an_attribution_above_quoted_lines_proves_history(opening: str) -> None:
    parts = first_letter(f"{THANKS}\n\n{opening}\n> {OUTAGE}\n\nТюрин")
    assert (parts.visible, OUTAGE in parts.set_apart) == (f"{THANKS}\n\n\nТюрин", True)


def test_quoted_lines_below_a_sentence_are_the_authors_own() -> None:
    text = f"24.11.2026 заявители пишут нам:\n> {OUTAGE}"
    assert first_letter(text) == Separated(text)


# --- a letter sent on --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [
        f"> {OUTAGE}",
        f"24.11.2026 9:30, Лыков Егор пишет:\n> {OUTAGE}",
        f"24.11.2026 оператор пишет:\n> {OUTAGE}",
        f"> ---------- Forwarded message ---------\n> От: Лыков\n> Тема: x\n>\n> {OUTAGE}",
        f"-------- Пересылаемое сообщение --------\n{OUTAGE}\n-------- Конец пересылаемого сообщения --------",
        f"От: Лыков\nКому: Тюрин\nТема: x\n\n{OUTAGE}",
        f'24.11.2026, 09:30, "Лыков" <l@mfc.example>:\n| {OUTAGE}',
    ],
)
@pytest.mark.parametrize("answers", [True, False])
def test_what_a_forward_quotes_is_sent_on(body: str, answers: bool) -> None:
    parts = separate(text_lines(f"Прошу решить.\n\n{body}"), answers=answers, forwards=True)
    assert (parts.visible, OUTAGE in parts.forwarded) == ("Прошу решить.", True)


def test_below_the_end_of_a_forwarded_letter_its_sender_goes_on() -> None:
    text = f"-------- Пересылаемое сообщение --------\nОт: Л\n\n{OUTAGE}\n-------- Конец пересылаемого сообщения --------\nТюрин"
    parts = separate(text_lines(text), forwards=True)
    assert (parts.visible, parts.forwarded) == ("Тюрин", OUTAGE)


# --- signatures --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"Добрый день!\n--\n{OUTAGE}",
        f"Добрый день!\n—\n{OUTAGE}\nТюрин Глеб",
        "Добрый день!\n-- \nНе печатается расписка\n\nТюрин",
        "Добрый день!\n--\nСервис упал",
        "Добрый день!\n--\nСРОЧНО! ПРИЛОЖЕНИЕ НЕ РАБОТАЕТ НИ У КОГО",
        "Добрый день!\n–\nС утра сервис лежит\nЛаптева",
        "Добрый день!\n--\nПросьба сбросить пароль",
        "Добрый день!\n--\nНужен доступ оператору Лыкову",
        "Добрый день!\n--\nНе могу распечатать это письмо",
        f"С уважением к вам\nМФЦ\n\n{OUTAGE}\nТюрин",
        f"С уважением,\nТюрин Глеб\nинженер\n\n{OUTAGE}",
        "Best regards,\nViktor\nDirector\n\nThe service is down for everyone",
        f"Отправлено с iPhone\n\n{OUTAGE}",
        f"P.S. {OUTAGE}",
        "С уважением прошу прислать снимок экрана.\nПётр",
    ],
)
def test_what_has_a_sentence_below_it_begins_no_signature(text: str) -> None:
    assert first_letter(text) == Separated(text.replace(" \n", "\n"))


@pytest.mark.parametrize("ruled", [("--", "--"), ("—", "—"), ("--", "—")])
def test_a_ruled_letter_is_text(ruled: tuple[str, str]) -> None:
    above, below = ruled
    parts = first_letter(f"Добрый день!\n{above}\nОшибка 17\n{below}\nТюрин Глеб, 8 900 555-01-28")
    assert parts.visible == f"Добрый день!\n{above}\nОшибка 17"
    assert parts.signature == f"{below}\nТюрин Глеб, 8 900 555-01-28"


@pytest.mark.parametrize("mark", ["P.S.", "PS:", "P. S.", "P.P.S.", "З.Ы.", "Постскриптум:"])
@pytest.mark.parametrize("closing", ["С уважением,", "--", "—"])
def test_a_postscript_below_the_card_is_text_and_the_card_is_none(mark: str, closing: str) -> None:
    parts = first_letter(f"Когда ответ?\n\n{closing}\nТюрин Глеб\nинженер\nтел. 8 900 555-01-28\n\n{mark} {OUTAGE}")
    assert parts.visible.split("\n")[0] == "Когда ответ?"
    assert parts.visible.endswith(f"{mark} {OUTAGE}")
    assert "инженер" in parts.signature


@pytest.mark.parametrize(
    "card",
    [
        "--\nТюрин Глеб\nинженер\nМФЦ",
        (
            "-- \nЛюдмила Петровна Школа\nначальник отдела по работе с заявителями\nГБУ «МФЦ Смоленской области»\n"
            "214000, г. Смоленск, ул. Ленина, д. 5\nтел.: +7 481 255-55-55 доб. 12\nmfc.example"
        ),
        "С уважением,\nТюрин Глеб\nинженер\nтел. 8 900 555 01 28",
        (
            "С уважением,\nАлла Борисовна Кукла\nМинистерство цифрового развития, связи и массовых коммуникаций\n"
            "отдел информационной безопасности и технической поддержки"
        ),
        "—\nС уважением,\nДанила Михайлов\nведущий специалист",
        (
            "--\nИванов\n\nНастоящее письмо содержит конфиденциальную информацию и предназначено только для адресата. "
            "Если вы получили его по ошибке, сообщите отправителю."
        ),
        "--\nИванов И.И.\nПисьмо проверено на вирусы",
        "--\nС уважением,\nАнна\n--\nОтправлено из мобильной Почты Mail",
        "--\nGleb Tyurin\nDirector\n+7 900 555 01 28\nThis email may contain confidential information. Do not forward it.",
        "--\nПожалуйста, подумайте об окружающей среде, прежде чем печатать это письмо",
        "--\nООО «Ромашка», бухгалтерия\nИНН 9812345678",
        "Получить Outlook для Android",
        "Простите за краткость, создано в K-9 Mail.",
    ],
)
def test_a_card_and_a_footer_are_a_signature(card: str) -> None:
    parts = first_letter(f"Не печатается талон.\n\n{card}")
    assert (parts.visible, parts.signature) == ("Не печатается талон.", card.replace(" \n", "\n"))


def test_below_as_many_lines_as_are_told_apart_the_rest_is_set_apart() -> None:
    parts = first_letter("\n".join(["строка"] * MAX_TOLD_APART + [OUTAGE]))
    assert (parts.visible.count("строка"), parts.set_apart) == (MAX_TOLD_APART, OUTAGE)


# --- attributions ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "certainty"),
    [
        ("24.11.2026 10:05, Служба поддержки пишет:", Certainty.CERTAIN),
        ("24.11.2026 10:05, Лыков Егор пишет:", Certainty.PROBABLE),
        ("24.11.2026 10:05, оператор Лыков пишет:", Certainty.LIKELY),
        ("Лыков Егор написал(а) 24.11.2026 10:05:", Certainty.CERTAIN),
        ("Вы писали:", Certainty.PROBABLE),
        ("Вы писали, что всё исправлено, но программа 24.11.2026 пишет:", Certainty.NONE),
    ],
)
def test_an_attribution_is_as_certain_as_a_person_would_not_write_it(line: str, certainty: Certainty) -> None:
    assert attribution(line) is certainty
