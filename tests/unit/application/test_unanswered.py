"""Letters that a machine may have written: read like all others, and answered by nothing automatic."""

from __future__ import annotations

import pytest

from adapters.rendering import render_mail
from domain.client import Client, Contact, ContactKind
from domain.reply_token import token_for
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import Status, Ticket
from tests.support.builders import DETAILS, KEYS, MDO, moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE
from tests.support.desk_in_memory import OLGA, START, Desk
from tests.support.people import addressed
from tests.support.raw_mail import raw_letter, text_of

STAMPS = [
    "Auto-Submitted: auto-generated",
    "Auto-Submitted: auto-notified; owner-email=x",
    "X-Auto-Response-Suppress: All",
    "X-Auto-Response-Suppress: OOF, AutoReply",
    "Precedence: bulk",
    "Precedence: junk",
    "Precedence: list",
    "List-Id: <otdel.client.example>",
    "List-Unsubscribe: <mailto:off@client.example>",
    "X-Autoreply: yes",
    "X-Autorespond: yes",
]
OUTAGE = f"С восьми утра сервис не открывается ни у кого, приём граждан остановлен во всех отделениях.\n\n{DETAILS}"
KNOWN = Client(desk=MDO, id="c-1", contacts=(Contact(kind=ContactKind.ADDRESS, value=OLGA),))
NEWSLETTER = (
    "Дайджест сервиса за ноябрь\n\nМы обновили тарифы и добавили отчёты. Читайте на сайте www.servis.example.\n\n"
    "Вы получили это письмо, потому что подписаны на рассылку. Отписаться: www.servis.example/off\n"
)


def stamped(head: str, text: str, *, sender: str = OLGA, subject: str = "Вопрос") -> bytes:
    return f"{head}\r\n".encode() + raw_letter(sender, "support@desk.example", subject, text)


def asked(desk: Desk) -> Ticket:
    """Let a client be asked for details, and return the ticket that waits."""
    desk.receive(raw_letter(OLGA, desk.address, "Не приходит код", INCOMPLETE), START)
    (ticket,) = desk.tickets()
    assert ticket.status is Status.AWAITING_REQUESTER
    return ticket


def answer(desk: Desk, ticket: Ticket, head: str, text: str, *, subject: str = "Re: вопрос") -> Ticket:
    to = desk.address.replace("@", f"+{token_for(KEYS, MDO, ticket.id, Audience.CLIENT)}@")
    desk.receive(stamped(head, text, subject=subject), moscow("2026-11-20 11:00"), to=to)
    after = desk.store.ticket(ticket.id)
    assert after is not None
    return after


@pytest.mark.parametrize("head", STAMPS)
def test_a_persons_request_is_taken_up_whatever_a_program_stamped_on_it_and_nothing_answers(head: str) -> None:
    desk = Desk(MDO)
    desk.receive(stamped(head, COMPLETE), START)
    assert desk.counted() == {"card": 1}
    (ticket,) = desk.tickets()
    assert ticket.reaction is not None
    assert [event.limit for event in desk.withheld(ticket)] == ["machine"]


@pytest.mark.parametrize("head", STAMPS)
def test_an_outage_that_a_person_reports_pages_whatever_a_program_stamped_on_it(head: str) -> None:
    desk = Desk(MDO)
    desk.receive(stamped(head, OUTAGE), START)
    assert desk.counted() == {"card": 1, "page_critical": 1}


@pytest.mark.parametrize("head", [*STAMPS, "Auto-Submitted: no"])
def test_a_newsletter_of_nobody_known_is_listed_and_pages_nobody(head: str) -> None:
    desk = Desk(MDO)
    text = f"Сервис полностью недоступен для всех.\n\n{NEWSLETTER}"
    desk.receive(stamped(head, text, sender="Сервис <noreply@servis.example>"), START)
    assert (desk.sent, desk.tickets()) == ([], [])
    assert [record.outcome for record in desk.store.set_aside(MDO)] == ["ignored"]


NOTICES = [
    "The monitor shop.example is currently DOWN (Connection Timeout).",
    "Сервис не отвечает. Узел: app-1. Сервис полностью недоступен для всех пользователей.",
    "The app crashes on login.\n\n-- \nReply to this email directly or view it on www.code.example",
    "Правила сдачи отчётности меняются.\n\nС уважением,\nкоманда сервиса\n8 800 500-00-00",
    "Выписка по счёту сформирована. ИНН 7707083893. Отвечать на него не нужно.",
]


@pytest.mark.parametrize("text", NOTICES)
@pytest.mark.parametrize("head", ["Auto-Submitted: auto-generated", "List-Id: <a.example>", "Precedence: bulk"])
def test_a_notice_of_another_service_is_listed_and_pages_nobody(head: str, text: str) -> None:
    desk = Desk(MDO)
    desk.receive(stamped(head, text, sender="alerts@service.example"), START)
    assert (desk.sent, desk.tickets()) == ([], [])
    assert len(list(desk.store.set_aside(MDO))) == 1


@pytest.mark.parametrize("signature", ["С уважением,\nВера Зорина", "-- \nОльга"])
def test_a_signature_of_a_person_names_a_writer(signature: str) -> None:
    desk = Desk(MDO)
    desk.receive(stamped("Precedence: bulk", f"Не печатается расписка о приёме.\n\n{signature}"), START)
    assert desk.counted() == {"card": 1}


@pytest.mark.parametrize(
    "address",
    [
        "noreply@mfc.example",
        "no-reply@mfc.example",
        "no_reply.site@mfc.example",
        "info-noreply@mfc.example",
        "noreply+form@mfc.example",
        "donotreply@mfc.example",
        "robot@mfc.example",
        "www-data@mfc.example",
        "mailer-daemon@mfc.example",
    ],
)
def test_a_form_that_writes_from_a_robots_address_is_taken_up_and_not_answered(address: str) -> None:
    desk = Desk(MDO)
    desk.receive(raw_letter(address, desk.address, "Обращение с сайта", COMPLETE), START)
    assert desk.counted() == {"card": 1}


def test_a_known_clients_letter_is_taken_up_though_it_names_no_writer() -> None:
    desk = Desk(MDO)
    desk.store.save(KNOWN)
    desk.receive(stamped("Precedence: bulk", "Не печатается расписка."), START)
    assert desk.counted() == {"card": 1}


@pytest.mark.parametrize("head", ["Precedence: bulk", "Auto-Submitted: auto-generated", "List-Id: <a.example>"])
def test_details_given_under_a_stamp_complete_the_request(head: str) -> None:
    desk = Desk(MDO)
    ticket = answer(desk, asked(desk), head, DETAILS)
    assert (ticket.status, ticket.lapse, ticket.identification.missing) == (Status.OPEN, None, ())
    assert desk.counted() == {"details_requested": 1, "card": 1, "follow_up": 1}


@pytest.mark.parametrize("head", ["Precedence: bulk", "Auto-Submitted: auto-generated"])
def test_words_that_give_nothing_of_what_was_asked_suspend_the_lapse_and_end_no_wait(head: str) -> None:
    desk = Desk(MDO)
    ticket = answer(desk, asked(desk), head, "Хорошо, посмотрим на месте.")
    assert ticket.status is Status.AWAITING_REQUESTER
    assert ticket.lapse is not None
    assert (ticket.lapse.lapses, ticket.lapse.remind_at) == (False, None)
    assert desk.counted()["follow_up"] == 1


@pytest.mark.parametrize(
    ("head", "text", "subject"),
    [
        ("Auto-Submitted: auto-replied", "Хорошо, посмотрим.", "Re: вопрос"),
        ("Auto-Submitted: auto-generated", "Ваше обращение № 4521 зарегистрировано.", "Re: вопрос"),
        ("Precedence: bulk", "Ваша заявка принята, специалист ответит вам.", "Re: вопрос"),
        ("X-Autoreply: yes", "Ответим позже.", "Re: вопрос"),
        ("Precedence: auto_reply", "Спасибо за письмо.", "Re: вопрос"),
        ("X-X: y", "Меня нет в офисе до 15 декабря. Обращайтесь к Лыкову.", "Re: вопрос"),
        ("X-X: y", "Вернусь 7 декабря.", "Отсутствует на рабочем месте: вопрос"),
        ("X-X: y", "👍", "Re: вопрос"),
        ("X-X: y", 'Ольга Лебедева хотела бы отозвать сообщение "вопрос".', "Отзыв: вопрос"),
        ("X-X: y", "Ваше сообщение\n\nКому: Ольга\nТема: вопрос\n\nпрочитано 20.11.2026 10:30.", "Прочитано: вопрос"),
    ],
)
def test_what_a_program_answers_by_itself_ends_no_wait_and_suspends_nothing(head: str, text: str, subject: str) -> None:
    desk = Desk(MDO)
    before = asked(desk)
    after = answer(desk, before, head, text, subject=subject)
    assert (after.status, after.lapse) == (before.status, before.lapse)
    assert desk.counted() == {"details_requested": 1, "card": 1}
    assert [record.ticket for record in desk.store.set_aside(MDO)] == [before.id]


def test_the_card_says_that_nothing_was_asked_and_one_word_asks_it() -> None:
    desk = Desk(MDO)
    desk.store.save(KNOWN)
    (card,) = desk.receive(stamped("Precedence: bulk", INCOMPLETE), START)
    text = text_of(render_mail(addressed(card), KEYS, START))
    assert "автоматически ничего не запрошено" in text
    assert "одним словом «вопрос»" in text
    (ticket,) = desk.tickets()
    to = desk.address.replace("@", f"+{token_for(KEYS, MDO, ticket.id, Audience.TEAM)}@")
    specialist = "specialist1@xn--d1achjhdicc8bh4h.xn--80asehdb"
    (sent,) = desk.receive(
        raw_letter(specialist, desk.address, "Re: карточка", "Вопрос\n"), moscow("2026-11-20 11:00"), to=to
    )
    assert (sent.kind, sent.to) == ("details_requested", OLGA)
    after = desk.store.ticket(ticket.id)
    assert after is not None
    assert after.status is Status.AWAITING_REQUESTER


def test_a_specialists_answer_under_a_machines_stamp_is_held_and_the_team_is_told() -> None:
    desk = Desk(MDO)
    desk.receive(raw_letter(OLGA, desk.address, "Не приходит код", COMPLETE), START)
    (ticket,) = desk.tickets()
    to = desk.address.replace("@", f"+{token_for(KEYS, MDO, ticket.id, Audience.TEAM)}@")
    raw = stamped(
        "Auto-Submitted: auto-generated",
        "Ваш ящик почти полон.",
        sender="specialist1@xn--d1achjhdicc8bh4h.xn--80asehdb",
    )
    told = desk.receive(raw, moscow("2026-11-20 11:00"), to=to)
    assert [mail.kind for mail in told] == ["follow_up"]
    assert "автоответ" in str(told[0].params["note"])


def test_a_robot_that_says_it_is_one_in_ever_new_words_is_never_answered() -> None:
    """Each of its letters joins or opens a ticket; the desk writes to its team alone, and within its limits."""
    desk = Desk(MDO)
    for number in range(30):
        desk.receive(stamped("Auto-Submitted: auto-generated", f"{number} {COMPLETE}", subject=f"№ {number}"), START)
    assert desk.to(Audience.CLIENT) == []


ACKNOWLEDGEMENTS = [
    "Здравствуйте! Ваше обращение зарегистрировано под номером 4512. Специалист свяжется с вами.",
    "Ваше письмо получено. Канцелярия администрации.",
    "Уважаемый пользователь! Мы получили Ваше письмо и ответим в течение трёх рабочих дней.",
    "Спасибо за Ваше обращение! Оно зарегистрировано, вх. № 12-34/5 от 20.11.2026.",
    "Благодарим за обращение в администрацию.",
    "Thank you for contacting us. Your request has been received.",
]


@pytest.mark.parametrize("text", ACKNOWLEDGEMENTS)
def test_a_robots_acknowledgement_without_a_header_is_not_asked_again_and_ends_no_wait(text: str) -> None:
    """RFC 3834 section 2: the headers are often missing, and each question would be acknowledged, without end."""
    desk = Desk(MDO)
    ticket = answer(desk, asked(desk), "X-Mailer: delo", text)
    assert desk.counted()["details_requested"] == 1
    assert ticket.status is Status.AWAITING_REQUESTER
    assert ticket.lapse is not None
    assert not ticket.lapse.lapses


@pytest.mark.parametrize("text", ACKNOWLEDGEMENTS)
def test_a_robots_acknowledgement_that_answers_nothing_is_listed(text: str) -> None:
    desk = Desk(MDO)
    desk.receive(raw_letter("info@gov.example", desk.address, "Уведомление", text), START)
    record = desk.store.letter(MDO, f"{MDO}-1")
    assert record is not None
    assert (record.outcome, record.needs_attention, desk.sent) == ("ignored", True, [])


@pytest.mark.parametrize(
    "text",
    [
        f"Ваше письмо получено, но код так и не приходит.\n\n{DETAILS}",
        f"Добрый день. Заявка 17 создана вчера, талон нужен новый.\n\n{DETAILS}",
        f"Спасибо за ответ! Сведения ниже.\n\n{DETAILS}",
    ],
)
def test_a_person_who_speaks_of_letters_that_were_taken_is_answered(text: str) -> None:
    desk = Desk(MDO)
    desk.receive(raw_letter(OLGA, desk.address, "Не приходит код", text), START)
    assert desk.counted() == {"accepted": 1, "card": 1}


@pytest.mark.parametrize(
    "signature", ["--\nВаш хостинг\n8 800 555-35-35", "С уважением,\nООО «Хостинг»\nтел. 8 (800) 5"]
)
def test_the_signature_of_a_firm_names_no_writer(signature: str) -> None:
    """A notice of a service pages nobody, whatever number of its own it ends with."""
    desk = Desk(MDO)
    text = f"С восьми утра сервис не открывается ни у кого, данные пропали.\n\n{signature}"
    desk.receive(stamped("List-Unsubscribe: <https://hosting.example/off>", text, sender="news@hosting.example"), START)
    assert desk.sent == []
