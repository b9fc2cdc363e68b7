"""Every word of a client reaches a reader: history is what is known word for word, and all else is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from html import escape

import pytest

from adapters.rendering import render_mail, text_of
from domain.intake.form import ASKS_TO_FILL_IN, FORM
from domain.regulation.editions import DESKS
from domain.ticket.events import LetterAdded
from domain.ticket.outgoing import Audience, OutgoingMail
from domain.ticket.ticket import Status
from tests.support.builders import DETAILS, KEYS, MDO, MDO_ADDRESS, moscow
from tests.support.desk_in_memory import START, Desk
from tests.support.people import addressed
from tests.support.raw_mail import raw

OUTAGE = "Приложение не работает у всех операторов области, никто не может войти."
FIRST = "Добрый день! При загрузке скана паспорта приложение выдаёт ошибку 17 и закрывается."
VALUES = {
    "ФИО": "Лаптева Ольга Игоревна",
    "Мобильный телефон": "+7 900 555-01-17",
    "Организация": "МФЦ города Вязьмы",
    "Должность": "ведущий специалист",
}
SENDER = f"Служба поддержки <{MDO_ADDRESS}>"


@dataclass
class Thread:
    """A client's request, and the letter that the desk answered it with."""

    request: str = FIRST
    desk: Desk = field(default_factory=lambda: Desk(MDO))
    sent: str = ""
    minutes: int = 0

    def __post_init__(self) -> None:
        self.write(self.request, message_id="<first@client.example>")
        left = self.desk.deliver(START)
        self.sent = next(one.text for one in left if one.mail.audience is Audience.CLIENT)

    def write(self, text: str, message_id: str = "", subtype: str = "plain", **headers: str) -> list[OutgoingMail]:
        """Let the client write."""
        self.minutes += 10
        known = {"message_id": message_id or f"<m{self.minutes}@c.example>", **headers}
        letter = raw(text, subtype=subtype, name="", subject="Не приходит код", **known)
        return self.desk.receive(letter, START + timedelta(minutes=self.minutes))

    def answer(self, text: str, subtype: str = "plain") -> list[OutgoingMail]:
        """Let the client answer, as programs do."""
        first = "<first@client.example>"
        return self.write(text, subtype=subtype, in_reply_to=first, references=first)

    @property
    def last(self) -> LetterAdded:
        """The letter that joined the ticket last."""
        (ticket,) = self.desk.tickets()
        return [event for _, event in self.desk.store.history(ticket.id) if isinstance(event, LetterAdded)][-1]

    @property
    def card(self) -> str:
        """The last letter to the team, as it is read."""
        return text_of(render_mail(addressed(self.desk.to(Audience.TEAM)[-1]), KEYS, START))


def quoted(text: str, mark: str = "> ") -> str:
    """Return a text quoted by marks."""
    return "\n".join(f"{mark}{line}".rstrip() for line in text.strip().split("\n"))


def filled(text: str) -> str:
    """Return the desk's letter with its form filled in."""
    return "\n".join(f"{line} {VALUES[line[:-1]]}" if line[:-1] in VALUES else line for line in text.split("\n"))


def as_html(text: str) -> str:
    """Return a text as lines of HTML."""
    return "".join(f"<div>{escape(line) or '<br>'}</div>" for line in text.strip().split("\n"))


ATTRIBUTION = f"пт, 20 нояб. 2026 г. в 10:00, {SENDER}:"
Quoting = Callable[[str], str]
"""How a program writes an answer around the letter that is answered."""
FORMS: dict[str, Quoting] = {
    "thunderbird": lambda sent: f"20.11.2026 10:00, Служба поддержки пишет:\n{quoted(sent)}",
    "gmail_plain": lambda sent: f"{ATTRIBUTION}\n\n{quoted(sent)}",
    "the_bat": lambda sent: f"Вы писали 20 ноября 2026 г., 10:00:05:\n\n{quoted(sent, 'СП> ')}",
    "iphone": lambda sent: (
        f"\nОтправлено с iPhone\n\n> 20 нояб. 2026 г., в 10:00, {SENDER} написал(а):\n>\n{quoted(sent)}"
    ),
    "outlook_plain": lambda sent: (
        f"-----Original Message-----\nFrom: {SENDER}\nSent: Friday, November 20, 2026 10:00 AM\n"
        f"To: Ольга\nSubject: Нужны сведения\n\n{sent}"
    ),
    "unmarked": lambda sent: f"Готово\n\n{sent}",
    "unmarked_at_once": lambda sent: sent,
    "bars": lambda sent: f"Заполнила.\n\n{quoted(sent, '| ')}",
    "yandex_app": lambda sent: f"Заполнила\n\n10:00, 20 ноября 2026 г., {SENDER}:\n\n{sent}",
    "mail_ru": lambda sent: f">Пятница, 20 ноября 2026, 10:00 +03:00 от {SENDER}:\n>\n{quoted(sent, '>')}",
}
HTML_FORMS: dict[str, Quoting] = {
    "gmail": lambda sent: (
        f'<div dir="ltr">Внесла.</div><div class="gmail_quote"><div class="gmail_attr">{escape(ATTRIBUTION)}</div>'
        f'<blockquote class="gmail_quote">{as_html(sent)}</blockquote></div>'
    ),
    "outlook": lambda sent: (
        '<p class=MsoNormal>Внесла.</p><div style="border:none;border-top:solid #E1E1E1 1.0pt">'
        f"<p><b>От:</b> {escape(SENDER)}<br><b>Отправлено:</b> 20 ноября 2026 г. 10:00<br><b>Кому:</b> Ольга<br>"
        f"<b>Тема:</b> Нужны сведения</p></div>{as_html(sent)}"
    ),
    "apple": lambda sent: f'<div><br></div><blockquote type="cite">{as_html(sent)}</blockquote>',
    "outlook_table": lambda sent: (
        "<p>Заполнено</p><hr><blockquote><table>"
        + "".join(f"<tr><td>{escape(line)}</td></tr>" for line in sent.strip().split("\n"))
        + "</table></blockquote>"
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_2_5_the_desks_form_is_answered_where_it_is(form: str) -> None:
    """On Reply the lines to fill in are in the quotation, whatever the program makes of it."""
    thread = Thread()
    thread.answer(FORMS[form](filled(thread.sent)))
    completed(thread)


@pytest.mark.parametrize("form", HTML_FORMS)
def test_2_5_the_desks_form_is_answered_where_it_is_in_html(form: str) -> None:
    """The same in HTML."""
    thread = Thread()
    thread.answer(HTML_FORMS[form](filled(thread.sent)), "html")
    completed(thread)


def completed(thread: Thread) -> None:
    """Assert that the client has given what was asked, and waits for a reaction."""
    (ticket,) = thread.desk.tickets()
    known = ticket.identification
    assert known.missing == ()
    assert (known.full_name, known.phone) == (VALUES["ФИО"], "+79005550117")
    assert (known.organisation, known.position) == (VALUES["Организация"], VALUES["Должность"])
    assert ticket.status is Status.OPEN
    assert ticket.reaction is not None
    assert VALUES["ФИО"] in thread.card


@pytest.mark.parametrize("mark", ["> ", ">", "| "])
def test_2_5_answers_between_the_quoted_lines_of_the_form_are_read_by_their_labels(mark: str) -> None:
    """A bare «Бор» below «Организация:» is an organisation."""
    thread = Thread()
    values = VALUES | {"Организация": "МФЦ Бор"}
    lines = []
    for line in thread.sent.strip().split("\n"):
        lines.append(f"{mark}{line}".rstrip())
        lines += [values[line[:-1]]] if line[:-1] in values else []
    thread.answer(f"{ATTRIBUTION}\n" + "\n".join(lines))
    (ticket,) = thread.desk.tickets()
    assert (ticket.identification.organisation, ticket.identification.missing) == ("МФЦ Бор", ())


def test_2_5_an_empty_form_sent_back_gives_nothing() -> None:
    """The desk's own labels are no answer."""
    thread = Thread()
    thread.answer(f"{ATTRIBUTION}\n\n{quoted(thread.sent)}")
    (ticket,) = thread.desk.tickets()
    assert set(ticket.identification.missing) == {"full_name", "phone", "organisation", "position"}


def test_1_3_a_quoted_strangers_signature_is_no_identity() -> None:
    """What is set apart is shown, and says nothing of who writes."""
    thread = Thread()
    thread.answer(f"Смотрите.\n\nчт, 19 нояб. 2026 г. в 9:00, Глеб <gleb@other.example>:\n{quoted(DETAILS)}")
    (ticket,) = thread.desk.tickets()
    assert ticket.identification.full_name is None
    assert "Лебедева Ольга Игоревна" in thread.last.set_apart
    assert "Принято за переписку" in thread.card
    assert "Лебедева Ольга Игоревна" in thread.card


def test_known_history_is_on_no_card_and_in_no_message() -> None:
    """The client's first letter and the desk's answer are on the ticket already."""
    thread = Thread(f"{FIRST}\n\n{DETAILS}")
    thread.answer(f"Добавлю: так на всех телефонах.\n\n{ATTRIBUTION}\n{quoted(thread.sent)}\n>\n{quoted(FIRST, '>> ')}")
    assert thread.last.text == "Добавлю: так на всех телефонах."
    assert [line for line in thread.last.set_apart.split("\n") if line] == [ATTRIBUTION]


def test_a_line_added_within_the_quotation_is_shown() -> None:
    """People answer within the lines they quote; programs mark these lines as quoted, too."""
    thread = Thread(f"{FIRST}\n\n{DETAILS}")
    thread.answer(f"Отвечаю в тексте.\n\n{ATTRIBUTION}\n{quoted(thread.sent)}\n> И ещё пропала печать.")
    assert "И ещё пропала печать." in thread.last.set_apart
    assert "> И ещё пропала печать." in thread.card


def test_2_1_a_quoted_outage_under_thanks_wakes_nobody_again() -> None:
    """Whatever the form of the quotation is."""
    for form in FORMS.values():
        thread = Thread(f"{OUTAGE}\n\n{DETAILS}")
        pages = thread.desk.counted()["page_critical"]
        thread.answer("Спасибо, всё работает.\n" + form(f"{thread.sent}\n\n{OUTAGE}\n{DETAILS}"))
        assert thread.desk.counted()["page_critical"] == pages == 1
        assert OUTAGE not in thread.last.text


def test_a_strangers_ticket_hides_nothing() -> None:
    """Nobody makes words vanish by naming a ticket that is not his."""
    thread = Thread(f"{FIRST}\n\n{DETAILS}")
    (ticket,) = thread.desk.tickets()
    letter = raw(f"{FIRST}\n\n20.11.2026, 10:00\n{DETAILS}", sender="x@other.example", subject=f"Re: [{ticket.id}]")
    thread.desk.receive(letter, START + timedelta(minutes=30))
    assert FIRST in thread.card


def test_what_is_set_apart_is_bounded_on_the_card_and_whole_in_history() -> None:
    """A card is read on a telephone."""
    thread = Thread(f"{FIRST}\n\n{DETAILS}")
    lines = "\n".join(f"> строка чужого письма номер {number}" for number in range(200))
    thread.answer(f"См. ниже\n\n{ATTRIBUTION}\n{lines}")
    (ticket,) = thread.desk.tickets()
    assert (
        f"Принято за переписку, 201 строка (здесь начало, целиком: reglament show {ticket.id} --whole):" in thread.card
    )
    assert thread.card.count("строка чужого письма") < 50
    assert thread.last.set_apart.count("строка чужого письма") == 200


def test_a_password_in_a_quotation_is_masked_too() -> None:
    """The text set apart is kept and shown as any other."""
    thread = Thread(f"{FIRST}\n\n{DETAILS}")
    thread.answer(f"См. ниже\n\n{ATTRIBUTION}\n> пароль: Topol!23")
    assert "Topol!23" not in thread.card
    assert "Topol!23" not in thread.last.set_apart


def test_every_desk_asks_with_the_form_that_is_read() -> None:
    """A desk that words its letter otherwise asks with the same lines."""
    for template in DESKS.glob("*/messages/details_requested.txt"):
        text = template.read_text("utf-8")
        assert "asks_to_fill_in" in text
        assert "form.get(name" in text
    assert len({label for labels in FORM.values() for label in labels}) == 7
    assert ASKS_TO_FILL_IN in Thread().sent
    assert moscow("2026-11-20 10:00") == START


QUOTED_OUTAGE = [
    f"24.11.2026 10:05, Иван <ivan@mfc.example> пишет:\n> {OUTAGE}",
    f"> {OUTAGE}",
    f"-----Original Message-----\nFrom: ivan@mfc.example\nSent: Monday, November 23, 2026 10:00\nTo: help\n\n{OUTAGE}",
]


@pytest.mark.parametrize("quotation", QUOTED_OUTAGE)
@pytest.mark.parametrize("thanks", ["Спасибо, всё работает.", "Благодарю, проблема решена, можно закрывать."])
def test_an_outage_quoted_under_thanks_pages_nobody_though_the_letter_answers_none(thanks: str, quotation: str) -> None:
    """Below the words that it is over, a quotation tells of what is over."""
    desk = Desk(MDO)
    desk.receive(raw(f"{thanks}\n\n{quotation}\n", name="", subject="Вопрос"), START)
    assert [bool(ticket.critical) for ticket in desk.tickets()] == [False]


@pytest.mark.parametrize("quotation", QUOTED_OUTAGE)
@pytest.mark.parametrize(
    "above",
    [
        "Коллеги прислали:",
        "У нас всё работает, но у них нет:",
        "Проблема решена?",
        "Спасибо, прошлый вопрос решён. Оператор пишет:",
        "Прошлая проблема решена. Ещё вот.",
    ],
)
def test_an_outage_quoted_under_other_words_pages(above: str, quotation: str) -> None:
    """A letter that answers none quotes for a reason."""
    desk = Desk(MDO)
    desk.receive(raw(f"{above}\n\n{quotation}\n\nС уважением,\nИванов\n", name="", subject="Вопрос"), START)
    assert [bool(ticket.critical) for ticket in desk.tickets()] == [True]
