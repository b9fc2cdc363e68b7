"""Answers to pages and to letters about faults: what is done by them, and who is told where nothing is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from adapters.memory import MemoryStore
from adapters.rendering import render_mail, text_of
from application.receive import receive
from application.storage import LetterRecord
from domain.fault.fault import End, Fault, News
from domain.letter import Address, ByProgram, LetterKind, Trust
from domain.people import People, Person, Role
from domain.reply_token import token_for
from domain.ticket.outgoing import OUTGOING, Audience, OutgoingMail
from tests.support.builders import KEYS, MDO, MDO_ADDRESS, a_letter
from tests.support.client_letters import FAULT as FAULT_TEXT
from tests.support.commits import NOON
from tests.support.fault_values import NUMBER, TICKET, a_standing_change, opened_fault
from tests.support.people import addressed

ANNA = Person(name="Анна", addresses=("anna@desk.example", "anna@home.example"), roles=(Role.ON_CALL,))
LEAD = Person(name="Игорь", addresses=("igor@desk.example",), roles=(Role.LEAD,))
MINUTE = timedelta(minutes=1)


class Desk:
    """A desk with a fault that pages, and what its people and others write about it."""

    def __init__(self) -> None:
        self.store = MemoryStore()
        people = People(team_address="team@desk.example", persons=(ANNA, LEAD))
        self.store.save_people(MDO, self.store.people(MDO), people, a_standing_change())
        opened_fault(self.store)
        self.letters = 0
        self.known = {key for key, _, _ in self.store.outbox(NUMBER)}

    @property
    def fault(self) -> Fault:
        """The fault as it is stored."""
        fault = self.store.fault(NUMBER)
        assert fault is not None
        return fault

    def answer(
        self, text: str, sender: str = ANNA.addresses[0], at: datetime = NOON + MINUTE, **changes: Any
    ) -> LetterRecord:
        """Let somebody answer a page's letter, and return what became of the answer."""
        self.letters += 1
        token = token_for(KEYS, MDO, NUMBER, Audience.FAULT)
        values: dict[str, Any] = {
            "ses_message_id": f"answer-{self.letters}",
            "received_at": at,
            "recipients": (MDO_ADDRESS.replace("@", f"+{token}@"),),
            "sender": Address(sender, ""),
            "from_addresses": (Address(sender, ""),),
            "kind": LetterKind.REPLY,
        }
        taken = receive(a_letter(text, **{**values, **changes}), MDO, self.store, KEYS, at + MINUTE)
        assert taken is not None
        assert taken.commit.letter is not None
        self.store.commit(taken.commit)
        return taken.commit.letter

    def mails(self) -> list[OutgoingMail]:
        """Return the letters that were written since this was last asked."""
        new = [(key, body) for key, _, body in self.store.outbox(NUMBER) if key not in self.known]
        self.known |= {key for key, _ in new}
        messages = [OUTGOING.validate_json(body) for _, body in new]
        return [message for message in messages if isinstance(message, OutgoingMail)]

    def told(self) -> dict[str, str]:
        """Return what is told of an answer, by its recipient; empty for the team."""
        return {mail.to: str(mail.params["note"]) for mail in self.mails() if mail.kind == "fault_note"}


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize("sender", [*ANNA.addresses, *LEAD.addresses])
def test_mdo_2_1_the_word_acknowledges_a_fault_in_answer_to_its_page(desk: Desk, sender: str) -> None:
    """From any address of anybody of the desk's people."""
    record = desk.answer("Принято", sender)
    assert desk.fault.acknowledged_by == sender
    assert not desk.fault.pages_run
    assert (record.outcome, record.location) == ("message", "letters/answer-1")
    assert desk.told() == {}


def test_mdo_2_1_who_was_in_time_is_judged_by_the_receipt_of_the_word(desk: Desk) -> None:
    desk.answer("принято", at=NOON + 3 * MINUTE)
    assert desk.fault.acknowledged_at == NOON + 3 * MINUTE


@pytest.mark.parametrize(
    ("text", "end", "news"),
    [("Устранено", End.RESOLVED, News.RESOLVED), ("Ложная тревога", End.FALSE_ALARM, News.FALSE_ALARM)],
)
def test_a_word_ends_the_fault_and_its_tickets_are_to_be_told(desk: Desk, text: str, end: End, news: News) -> None:
    desk.answer(text)
    assert desk.fault.end is end
    assert [telling.news for telling in desk.fault.telling] == [news]


@pytest.mark.parametrize("text", ["Что случилось?", "не принято", "Принято, но смотреть буду завтра", "", "Смотрю"])
def test_an_unclear_answer_acknowledges_nothing_and_its_writer_and_the_team_are_told(desk: Desk, text: str) -> None:
    record = desk.answer(text)
    assert desk.fault.pages_run
    assert desk.told() == {ANNA.addresses[0]: "unclear", "": "unclear"}
    assert record.outcome == "message"


def test_what_was_understood_is_told_with_the_text_and_the_words_that_can_be_answered(desk: Desk) -> None:
    desk.answer("Смотрю логи, пароль: Qwerty12345!")
    note = next(mail for mail in desk.mails() if mail.to)
    text = text_of(render_mail(note, KEYS, NOON))
    assert "> Смотрю логи" in text
    assert "не сделано ничего" in text
    for word in ("«принято»", "«устранено»", "«ложная тревога»", f"«отделить {TICKET}»"):
        assert word in text


@pytest.mark.parametrize(
    ("sender", "trust"),
    [("olga@client.example", Trust.VERIFIED), (ANNA.addresses[0], Trust.CLAIMED)],
)
def test_who_is_not_proved_to_be_of_the_desks_people_does_nothing_and_the_team_is_told(
    desk: Desk, sender: str, trust: Trust
) -> None:
    """The token says where a letter belongs, never who writes it; and nobody is written to at an address that is not proved."""
    desk.answer("принято", sender, trust=trust)
    assert desk.fault.pages_run
    assert desk.told() == {"": "unproved"}


def test_a_forged_answer_is_listed_and_does_nothing(desk: Desk) -> None:
    record = desk.answer("принято", trust=Trust.FORGED)
    assert desk.fault.pages_run
    assert (record.outcome, record.needs_attention) == ("forged", True)


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": LetterKind.AUTO_REPLY},
        {"null_path": True},
        {"unanswered": True},
        {"visible_text": "Я в отпуске до 10 января."},
    ],
)
def test_a_vacation_notice_acknowledges_nothing_and_the_team_hears_of_it_once(
    desk: Desk, changes: dict[str, Any]
) -> None:
    """Each page may be answered by another one."""
    for _ in range(3):
        desk.answer("Меня нет на месте", **changes)
    assert desk.fault.pages_run
    assert [mail.to for mail in desk.mails() if not mail.to] == [""]


@pytest.mark.parametrize("kind", [LetterKind.AUTO_REPLY])
def test_a_vacation_notice_that_begins_with_the_word_acknowledges_nothing(desk: Desk, kind: LetterKind) -> None:
    desk.answer("Принято", kind=kind)
    assert desk.fault.pages_run


def test_a_reaction_of_a_mail_program_is_no_answer(desk: Desk) -> None:
    desk.answer("Принято", by_program=ByProgram.REACTION)
    assert desk.fault.pages_run
    assert desk.told() == {ANNA.addresses[0]: "program"}


def test_a_fault_that_somebody_has_taken_already_is_told_to_who_answers_next(desk: Desk) -> None:
    desk.answer("Принято")
    desk.mails()
    desk.answer("Принято", LEAD.addresses[0])
    (note,) = desk.mails()
    assert (note.to, note.params["note"]) == (LEAD.addresses[0], "refused")
    assert desk.fault.acknowledged_by == ANNA.addresses[0]


def test_a_copy_of_an_answer_ends_nothing_again(desk: Desk) -> None:
    """Whoever has a signed letter can send it again, and its signature stays good."""
    desk.answer("Что там?", message_id="same@desk.example")
    desk.mails()
    desk.answer("Устранено", message_id="same@desk.example")
    assert not desk.fault.is_over
    assert desk.told() == {}


def test_a_redelivered_answer_does_nothing(desk: Desk) -> None:
    desk.answer("Принято")
    desk.letters = 0
    token = token_for(KEYS, MDO, NUMBER, Audience.FAULT)
    again = a_letter("Принято", ses_message_id="answer-1", recipients=(MDO_ADDRESS.replace("@", f"+{token}@"),))
    assert receive(again, MDO, desk.store, KEYS, NOON + 9 * MINUTE) is None


def test_an_answer_without_the_token_is_known_by_the_letter_that_it_answers(desk: Desk) -> None:
    """Some programs write to From in place of Reply-To."""
    (page, _) = [key for key, _, _ in desk.store.outbox(NUMBER)]
    desk.store.mark_delivered(page, MDO, "mail:1a2b3c", "0100018f-page-000000")
    desk.answer(
        "Принято",
        recipients=(MDO_ADDRESS,),
        in_reply_to=("0100018f-page-000000@eu-west-1.amazonses.com",),
    )
    assert desk.fault.acknowledged_by == ANNA.addresses[0]


def test_an_answer_to_a_fault_that_nobody_knows_is_listed_for_a_person(desk: Desk) -> None:
    """A table that was restored to an earlier instant."""
    token = token_for(KEYS, MDO, "MDO-F-AAAAA", Audience.FAULT)
    record = desk.answer("Принято", recipients=(MDO_ADDRESS.replace("@", f"+{token}@"),))
    assert (record.outcome, record.needs_attention) == ("ignored", True)


def test_the_team_is_told_of_a_bounded_number_of_letters_of_strangers(desk: Desk) -> None:
    """Whoever has a page's address may write any number."""
    for _ in range(30):
        desk.answer("Ха", "stranger@elsewhere.example")
    assert len(desk.mails()) == 20


def test_a_ticket_that_is_of_another_fault_is_not_detached(desk: Desk) -> None:
    desk.answer("отделить MDO-1111-2222")
    assert desk.told() == {ANNA.addresses[0]: "refused"}


@pytest.mark.parametrize("note", ["away", "unproved", "unclear", "refused", "program"])
def test_every_note_can_be_worded(desk: Desk, note: str) -> None:
    """Strictly: a variable that is missing is an error."""
    texts: dict[str, dict[str, Any]] = {
        "away": {"kind": LetterKind.AUTO_REPLY},
        "unproved": {"trust": Trust.CLAIMED},
        "unclear": {},
        "refused": {},
        "program": {"by_program": ByProgram.REACTION},
    }
    desk.answer("отделить MDO-1111-2222" if note == "refused" else "Что?", **texts[note])
    (mail, *_) = [mail for mail in desk.mails() if mail.kind == "fault_note"]
    assert mail.params["note"] == note
    assert text_of(render_mail(addressed(mail), KEYS, NOON)).strip()


def test_a_ticket_that_is_detached_by_mail_reports_a_fault_of_its_own_which_pages() -> None:
    """Whatever is about something else is nobody's fault in hand."""
    desk = Desk()
    for number in (1, 2):
        letter = a_letter(
            FAULT_TEXT,
            ses_message_id=f"report-{number}",
            received_at=NOON + number * MINUTE,
            sender=Address(f"c{number}@client{number}.example", ""),
            from_addresses=(Address(f"c{number}@client{number}.example", ""),),
        )
        taken = receive(letter, MDO, desk.store, KEYS, NOON + number * MINUTE)
        assert taken is not None
        desk.store.commit(taken.commit)
    tickets = [ticket.id for ticket in desk.store.queue(MDO)]
    faults = desk.store.desk_faults(MDO).numbers
    joined = next(number for number in faults if len(desk.store.members(number)) > 1)
    of_joined = token_for(KEYS, MDO, joined, Audience.FAULT)
    desk.answer(
        f"отделить {tickets[1]}", at=NOON + 5 * MINUTE, recipients=(MDO_ADDRESS.replace("@", f"+{of_joined}@"),)
    )
    (opened,) = set(desk.store.desk_faults(MDO).numbers) - set(faults)
    own = desk.store.fault(opened)
    assert own is not None
    assert own.pages_run
    assert [member.ticket for member in desk.store.members(opened)] == [tickets[1]]
    assert tickets[1] not in [member.ticket for member in desk.store.members(joined)]


def worded_note(desk: Desk) -> Callable[..., str]:
    """Return how a note is read, by what became of the fault until it leaves."""
    desk.answer("Что?")
    (mail, *_) = [mail for mail in desk.mails() if mail.kind == "fault_note"]

    def worded(**became: str) -> str:
        leaving = mail.model_copy(update={"params": {**mail.params, **became}})
        return text_of(render_mail(addressed(leaving), KEYS, NOON))

    return worded


def test_a_note_names_who_wrote_in_the_nominative(desk: Desk) -> None:
    """A name is shown as it is entered, so that no word before it may ask for another case."""
    assert f"Отправитель письма: {ANNA.addresses[0]}. Получено: " in worded_note(desk)()


def test_a_note_offers_no_word_once_the_fault_is_over(desk: Desk) -> None:
    """Each of them would be refused."""
    worded = worded_note(desk)
    assert "«принято»" in worded(state="taken")
    assert "«принято»" not in worded(state="over")
