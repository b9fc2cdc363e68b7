"""Contact forms: who sends the letter is not who writes it."""

from __future__ import annotations

import pytest

from adapters.mail.reading import read_letter
from adapters.rendering import render_mail
from application.receive import receive
from application.storage import Departure
from domain.letter import Envelope, LetterKind, Trust, Verdict, Verdicts
from domain.regulation.editions import edition_at, editions
from domain.ticket.events import LetterAdded
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import Status
from tests.support.builders import KEYS, MDO, MDO_ADDRESS, STOREOLIS_ADDRESS
from tests.support.client_letters import COMPLETE, INCOMPLETE
from tests.support.desk_in_memory import OLGA, START, Desk, fresh
from tests.support.people import addressed
from tests.support.raw_mail import raw_letter, text_of

FORM = "site@forms.example"
LIMITS = editions(MDO)[-1].automatic_letters


@pytest.fixture(autouse=True)
def _listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The desk lists a form's address."""
    edition = edition_at(MDO, START)
    listed = edition.model_copy(update={"desk": edition.desk.model_copy(update={"form_addresses": (FORM,)})})
    monkeypatch.setattr("application.recognise.edition_serving", lambda _desk, _at: listed)


def sent_by_form(
    text: str = COMPLETE, *, sender: str = FORM, reply_to: str = OLGA, subject: str = "С сайта", head: str = ""
) -> bytes:
    named = f"Reply-To: {reply_to}\r\n" if reply_to else ""
    return f"{head}{named}".encode() + raw_letter(sender, MDO_ADDRESS, subject, text)


@pytest.mark.parametrize("sender", [FORM, MDO_ADDRESS])
def test_the_client_whom_a_verified_form_names_is_the_requester_and_proves_nothing(sender: str) -> None:
    desk = Desk(MDO)
    sent = desk.receive(sent_by_form(sender=sender), START)
    assert [(mail.kind, mail.to) for mail in sent if mail.audience is Audience.CLIENT] == [("accepted", OLGA)]
    (ticket,) = desk.tickets()
    assert (ticket.requester.address, ticket.requester.trust) == (OLGA, Trust.CLAIMED)
    card = text_of(render_mail(addressed(desk.to(Audience.TEAM)[0]), KEYS, START))
    assert f"Отправитель: {OLGA} — адрес не подтверждён" in card
    assert f"Письмо прислала форма сайта с адреса {sender}" in card


@pytest.mark.parametrize("head", ["Auto-Submitted: auto-generated\r\n", "Precedence: bulk\r\n"])
def test_what_a_known_form_says_of_itself_as_a_machine_keeps_no_client_waiting(head: str) -> None:
    desk = Desk(MDO)
    desk.receive(sent_by_form(head=head), START)
    assert desk.counted() == {"accepted": 1, "card": 1}


@pytest.mark.parametrize("sender", [FORM, MDO_ADDRESS])
def test_a_form_that_is_not_verified_is_worked_on_and_answered_to_nobody(sender: str) -> None:
    desk = Desk(MDO)
    desk.receive(sent_by_form(INCOMPLETE, sender=sender), START, verdict=Verdict.GRAY)
    assert desk.counted() == {"card": 1}
    (ticket,) = desk.tickets()
    assert (ticket.requester.address, ticket.status) == ("", Status.OPEN)
    card = text_of(render_mail(addressed(desk.to(Audience.TEAM)[0]), KEYS, START))
    assert f"Адрес для ответа, указанный в письме: {OLGA} — не подтверждён" in card
    assert "Чтобы запросить сведения" not in card, "there is nobody to ask"


@pytest.mark.parametrize(
    "reply_to",
    ["", "a@one.example, b@two.example", STOREOLIS_ADDRESS, "specialist1@xn--d1achjhdicc8bh4h.xn--80asehdb", FORM],
)
def test_a_form_that_names_no_client_or_one_of_ours_is_answered_to_nobody(reply_to: str) -> None:
    desk = Desk(MDO)
    desk.receive(sent_by_form(reply_to=reply_to), START)
    assert desk.counted() == {"card": 1}


def test_a_form_writes_to_one_address_no_more_often_than_that_may_be_written_to() -> None:
    desk = Desk(MDO)
    for number in range(LIMITS.per_address_per_hour + 5):
        desk.receive(
            sent_by_form(
                f"{fresh(number)} не открывается: {fresh(number + 500)}.\n\n{COMPLETE}", subject=fresh(number)
            ),
            START,
        )
    assert len(desk.to(Audience.CLIENT)) == LIMITS.per_address_per_hour


def test_a_form_that_names_ever_new_addresses_is_bounded_by_the_hour_and_every_request_is_kept() -> None:
    desk = Desk(MDO)
    many = LIMITS.per_form_per_hour + 10
    for number in range(many):
        text = f"{fresh(number)} не открывается: {fresh(number + 500)}.\n\n{COMPLETE}"
        desk.receive(sent_by_form(text, reply_to=f"visitor{number}@client.example", subject=fresh(number)), START)
    assert len(desk.to(Audience.CLIENT)) == LIMITS.per_form_per_hour
    assert (len(desk.tickets()), desk.counted()["held_back"]) == (many, 1)


def test_a_letter_of_our_own_that_comes_back_without_its_headers_is_known_by_what_is_left() -> None:
    desk = Desk(MDO)
    desk.receive(raw_letter(OLGA, MDO_ADDRESS, "Не приходит код", COMPLETE), START)
    number, before = desk.tickets()[0].id, len(desk.sent)
    for raw in (
        sent_by_form(sender=MDO_ADDRESS, reply_to="", subject=f"Обращение принято: Не приходит код [{number}]"),
        sent_by_form(sender=MDO_ADDRESS, reply_to=MDO_ADDRESS.replace("@", "+abcdef@")),
        sent_by_form(sender=MDO_ADDRESS, head="X-Reglament-Desk: mdo\r\n"),
    ):
        desk.receive(raw, START)
    assert (len(desk.sent), len(desk.tickets())) == (before, 1)


def test_a_letter_of_our_own_is_known_by_the_id_that_it_was_sent_under() -> None:
    desk = Desk(MDO)
    desk.receive(raw_letter(OLGA, MDO_ADDRESS, "Не приходит код", COMPLETE), START)
    (key, *_) = desk.store.take_offered()
    desk.store.mark_sent(Departure(key, MDO, START, "0102-abc"))
    before = len(desk.sent)
    desk.receive(
        sent_by_form(sender=MDO_ADDRESS, reply_to="", head="Message-ID: <0102-abc@eu-west-1.amazonses.com>\r\n"), START
    )
    assert (len(desk.sent), len(desk.tickets())) == (before, 1)


def test_the_card_shows_an_address_to_answer_to_that_is_not_the_senders() -> None:
    desk = Desk(MDO)
    desk.receive(sent_by_form(sender="wordpress@site.example"), START)
    card = text_of(render_mail(addressed(desk.to(Audience.TEAM)[0]), KEYS, START))
    assert f"Адрес для ответа, указанный в письме: {OLGA} — не подтверждён" in card


def test_the_card_says_nothing_of_an_address_to_answer_to_that_is_the_senders() -> None:
    desk = Desk(MDO)
    desk.receive(sent_by_form(sender=OLGA), START)
    assert "Адрес для ответа" not in text_of(render_mail(addressed(desk.to(Audience.TEAM)[0]), KEYS, START))


def test_a_number_that_a_visitor_types_into_a_forms_subject_does_not_make_the_letter_our_own() -> None:
    desk = Desk(MDO)
    desk.receive(raw_letter(OLGA, MDO_ADDRESS, "Не приходит код", COMPLETE), START)
    (ticket,) = desk.tickets()
    text = f"{fresh(1)} не открывается.\n\n{COMPLETE}"
    desk.receive(sent_by_form(text, sender=MDO_ADDRESS, subject=f"Снова [{ticket.id}]"), START)
    (_, last) = [event for _, event in desk.store.history(ticket.id) if isinstance(event, LetterAdded)]
    assert fresh(1) in last.text


def test_a_form_that_names_the_desk_itself_as_the_address_to_answer_to_is_worked_on() -> None:
    """A form of a site that has one address for all: its visitor is named in the text."""
    desk = Desk(MDO)
    desk.receive(sent_by_form(sender=MDO_ADDRESS, reply_to=MDO_ADDRESS), START)
    assert (desk.counted(), len(desk.tickets())) == ({"card": 1}, 1)


@pytest.mark.parametrize(
    ("reply_to", "subject"), [("", "Снова [MDO-7K3F-9QXZ]"), (MDO_ADDRESS.replace("@", "+abcdef@"), "С сайта")]
)
def test_what_may_be_a_letter_of_our_own_and_has_none_of_its_headers_is_listed(reply_to: str, subject: str) -> None:
    desk = Desk(MDO)
    desk.receive(sent_by_form(sender=MDO_ADDRESS, reply_to=reply_to, subject=subject), START)
    record = desk.store.letter(MDO, f"{MDO}-1")
    assert record is not None
    assert (record.kind, record.needs_attention, desk.sent) == (LetterKind.OWN, True, [])


@pytest.mark.parametrize(
    "head", ["X-Reglament-Desk: mdo\r\n", "X-Autoreply: yes\r\nIn-Reply-To: <1@client.example>\r\n"]
)
def test_a_forms_letter_that_a_person_calls_a_request_is_its_visitors(head: str) -> None:
    """The specialist's answer goes to the visitor, and not back to the form."""
    desk = Desk(MDO)
    verdicts = Verdicts(Verdict.PASS, Verdict.PASS, dmarc=Verdict.PASS)
    envelope = Envelope("form-1", START, (MDO_ADDRESS,), FORM, verdicts)
    letter = read_letter(sent_by_form(sender=MDO_ADDRESS, head=head), envelope)
    assert desk.take(letter, START) == []
    taken = receive(letter, MDO, Desk(MDO).store, KEYS, START, as_request=True)
    assert taken is not None
    assert taken.commit.ticket is not None
    assert taken.commit.ticket.after.requester.address == OLGA
    assert [mail.kind for mail in taken.commit.ticket.outgoing] == ["card"]
