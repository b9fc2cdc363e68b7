"""What each level of trust may do: the table rules what the desk does, and the docs show the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pytest

from adapters.memory import MemoryStore
from adapters.rendering import render_mail, text_of
from application.receive import Reception, receive
from application.storage import Commit, SentChange, TicketChange
from domain import trust as trust_module
from domain.client import Client, Contact, ContactKind
from domain.letter import Address, DeliveryReport, LetterKind, Trust
from domain.regulation.editions import edition_at
from domain.reply_token import token_for
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.lately import STRANGERS, SentLately, Written
from domain.ticket.outgoing import Audience, OutgoingMail, OutgoingPage
from domain.ticket.ticket import Status, Ticket
from domain.trust import MAY, Deed
from tests.support.builders import DETAILS, KEYS, MDO, MDO_ADDRESS, STOREOLIS, STOREOLIS_ADDRESS, a_letter, moscow
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE
from tests.support.people import addressed, peopled, specialists_of
from tests.support.repository import ROOT

PAGE = ROOT / "docs" / "architecture.md"

STRANGER = Address("mallory@other.example", "Мэллори")
CONTRACT = "Договор № 1412-17, ИНН 7707083893."
FIRST_THREE = (
    f"Не открывается корзина, ошибка 500. {CONTRACT}",
    f"Пропали фотографии в карточках товаров. {CONTRACT}",
    f"Не приходят письма о заказах на нашу почту. {CONTRACT}",
)
HOW_TO = f"Подскажите, пожалуйста, как добавить второго менеджера в личный кабинет? {CONTRACT}"


@dataclass
class Scene:
    """A desk with an empty store, where letters arrive one after another, ten minutes apart."""

    table: ClassVar[Mapping[Deed, frozenset[Trust]]] = MAY
    """What the letter that tries a deed may do; the letters before it may what they always may."""
    spf_failed: ClassVar[bool] = False
    """Whether SPF failed for that letter, and nothing else vouches for its author."""
    desk: str = MDO
    store: MemoryStore = field(default_factory=lambda: peopled(MemoryStore()))
    arrived: int = 0

    def arrive(self, text: str, trust: Trust = Trust.VERIFIED, **changes: Any) -> Reception:
        """Let a letter arrive and be committed; return what was decided."""
        self.arrived += 1
        at = moscow(f"2026-11-20 {10 + self.arrived // 6}:{self.arrived % 6}0")
        values: dict[str, Any] = {
            "ses_message_id": f"m{self.arrived}",
            "received_at": at,
            "recipients": (MDO_ADDRESS if self.desk == MDO else STOREOLIS_ADDRESS,),
            "trust": trust,
            "trust_evidence": "as the test says",
            **changes,
        }
        taken = receive(a_letter(text, **values), self.desk, self.store, KEYS, at)
        assert taken is not None, "it is no redelivery"
        self.store.commit(taken.commit)
        return taken

    def tries(self, text: str, trust: Trust, **changes: Any) -> Reception:
        """Let the letter arrive whose deed is looked at."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(trust_module, "MAY", self.table)
            return self.arrive(text, trust, spf_failed=self.spf_failed, **changes)

    def opened(self, text: str = COMPLETE, **changes: Any) -> Ticket:
        """Let a verified client's letter open a ticket."""
        return self.now(ticket_of(self.arrive(text, **changes)))

    def now(self, number: str) -> Ticket:
        """Return a ticket as it is now."""
        ticket = self.store.ticket(number)
        assert ticket is not None
        return ticket

    def act(self, ticket: Ticket, act: c.Act) -> None:
        """Let a specialist act at the command line."""
        at = moscow(f"2026-11-20 {10 + self.arrived // 6}:{self.arrived % 6}5")
        command = c.SpecialistAct(act, "specialist1", "Какая у вас версия приложения?")
        decision = decide(ticket, command, edition_at(self.desk, at), at)
        assert decision.ticket is not None
        self.store.commit(
            Commit(at=at, ticket=TicketChange(ticket, decision.ticket, decision.events, decision.outgoing))
        )

    def token(self, ticket: Ticket, audience: Audience) -> tuple[str, ...]:
        """Return the recipients of an answer by a genuine token."""
        address = MDO_ADDRESS if self.desk == MDO else STOREOLIS_ADDRESS
        return (address.replace("@", f"+{token_for(KEYS, self.desk, ticket.id, audience)}@"),)


def ticket_of(taken: Reception) -> str:
    """Return the ticket a letter came to; an empty text where none."""
    record = taken.commit.letter
    assert record is not None
    return record.ticket or ""


def joined(taken: Reception, ticket: Ticket) -> bool:
    """Return whether a letter became a part of a ticket that was there before."""
    change = taken.commit.ticket
    return change is not None and change.before is not None and change.after.id == ticket.id


def mails(taken: Reception, audience: Audience) -> list[OutgoingMail]:
    """Return the letters to an audience that a letter causes."""
    change = taken.commit.ticket
    outgoing = change.outgoing if change else ()
    return [message for message in outgoing if isinstance(message, OutgoingMail) and message.audience is audience]


def opens_a_ticket(trust: Trust) -> bool:
    taken = Scene().tries(COMPLETE, trust)
    record = taken.commit.letter
    assert record is not None
    return record.outcome == "ticket"


def is_answered(trust: Trust) -> bool:
    return bool(mails(Scene().tries(COMPLETE, trust), Audience.CLIENT))


def joins_own_ticket(trust: Trust) -> bool:
    scene = Scene()
    ticket = scene.opened()
    answer = scene.tries("Уточнение: ошибка 502.", trust, subject=f"Re: Не приходит код [{ticket.id}]")
    return joined(answer, ticket)


def joins_by_token(trust: Trust) -> bool:
    found = set()
    for audience in (Audience.CLIENT, Audience.TEAM):
        scene = Scene()
        ticket = scene.opened()
        recipients = scene.token(ticket, audience)
        answer = scene.tries("Добавлю от коллеги: ошибка 502.", trust, sender=STRANGER, recipients=recipients)
        found.add(joined(answer, ticket))
    assert len(found) == 1, "the token of either audience brings a letter to its ticket, or neither does"
    return found.pop()


def ends_the_wait(trust: Trust) -> bool:
    scene = Scene()
    ticket = scene.opened()
    scene.act(ticket, c.Act.ASK)
    scene.tries("Версия 5.2.", trust, recipients=scene.token(ticket, Audience.CLIENT))
    return scene.now(ticket.id).status is not Status.AWAITING_REQUESTER


def reopens(trust: Trust) -> bool:
    scene = Scene()
    ticket = scene.opened()
    scene.act(ticket, c.Act.CLOSE)
    scene.tries("Снова не приходит.", trust, recipients=scene.token(ticket, Audience.CLIENT))
    return scene.now(ticket.id).status is not Status.CLOSED


def completes_details(trust: Trust) -> bool:
    scene = Scene()
    ticket = scene.opened(INCOMPLETE)
    assert ticket.reaction is None
    scene.tries(DETAILS, trust, recipients=scene.token(ticket, Audience.CLIENT))
    return scene.now(ticket.id).reaction is not None


def corrects_details(trust: Trust) -> bool:
    scene = Scene()
    ticket = scene.opened()
    scene.act(ticket, c.Act.CLOSE)
    recipients = scene.token(ticket, Audience.CLIENT)
    scene.tries("Снова не приходит. Телефон: +7 926 555-44-33", trust, recipients=recipients)
    return scene.now(ticket.id).identification.phone == "+79265554433"


def is_known_by_address(trust: Trust) -> bool:
    scene = Scene()
    contacts = (
        Contact(kind=ContactKind.ADDRESS, value="olga@client.example"),
        Contact(kind=ContactKind.PHONE, value="+79161234567"),
    )
    scene.store.save(Client(id="c1", desk=MDO, kind="user", contacts=contacts, organisation="МФЦ города Лесного"))
    change = scene.tries(INCOMPLETE, trust).commit.ticket
    return change is not None and change.after.identification.organisation == "МФЦ города Лесного"


def uses_the_clients_past(trust: Trust) -> bool:
    counted = Scene(STOREOLIS)
    for text in FIRST_THREE:
        counted.arrive(text)
    fourth = counted.tries(HOW_TO, trust, subject="Вопрос").commit.ticket
    repeating = Scene()
    ticket = repeating.opened()
    told = {mail.params.get("original") for mail in mails(repeating.tries(COMPLETE, trust), Audience.CLIENT)}
    found = {fourth is not None and fourth.after.reason == "quota_exceeded", ticket.id in told}
    assert len(found) == 1, "quota and repetition look at one past"
    return found.pop()


def proves_a_password_change(trust: Trust) -> bool:
    taken = Scene(STOREOLIS).tries(f"Смените, пожалуйста, пароль от админки сайта. {CONTRACT}", trust)
    cards = [line for card in mails(taken, Audience.TEAM) for line in card.params.get("findings", ())]
    return any("адрес отправителя подтверждён" in line for line in cards)


def speaks_for_the_desk(trust: Trust) -> bool:
    scene = Scene()
    ticket = scene.opened()
    specialist = Address(specialists_of(MDO)[0])
    recipients = scene.token(ticket, Audience.TEAM)
    answer = scene.tries("Обновите приложение до версии 5.2.", trust, sender=specialist, recipients=recipients)
    stopped = scene.now(ticket.id).reacted_at is not None
    assert stopped == bool(mails(answer, Audience.CLIENT)), "the client is written to and the clock stops, or neither"
    return stopped


def wakes_the_on_call(trust: Trust) -> bool:
    first = Scene().tries(FAULT, trust)
    scene = Scene()
    ticket = scene.opened()
    later = scene.tries(FAULT, trust, recipients=scene.token(ticket, Audience.CLIENT))
    paged = {
        any(isinstance(message, OutgoingPage) for fault in reception.commit.faults for message in fault.outgoing)
        for reception in (first, later)
    }
    assert len(paged) == 1, "a fault is paged whether it opens a ticket or is reported on one"
    return paged.pop()


def is_answered_among_strangers(trust: Trust) -> bool:
    scene = Scene()
    at, allowed = moscow("2026-11-20 10:00"), edition_at(MDO, moscow("2026-11-20 10:00")).automatic_letters
    full = SentLately(version=1, to_client=(Written(at=at),) * allowed.to_strangers_per_hour)
    scene.store.commit(Commit(at=at, sent=(SentChange(MDO, STRANGERS, SentLately(), full),)))
    return bool(mails(scene.tries(COMPLETE, trust), Audience.CLIENT))


def lifts_a_suppression(trust: Trust) -> bool:
    scene = Scene()
    scene.store.suppress(MDO, "olga@client.example", at=moscow("2026-11-19 10:00"), reason="bounce")
    scene.tries(COMPLETE, trust)
    return not scene.store.is_suppressed(MDO, "olga@client.example")


def reports_a_lost_letter(trust: Trust) -> bool:
    scene = Scene()
    ticket = scene.opened(INCOMPLETE)
    report = DeliveryReport(("olga@client.example",), status="5.1.1")
    recipients = scene.token(ticket, Audience.CLIENT)
    bounce = scene.tries("Undeliverable", trust, kind=LetterKind.BOUNCE, report=report, recipients=recipients)
    told = [mail.kind for mail in mails(bounce, Audience.TEAM)] == ["delivery_failed"]
    assert told == (scene.now(ticket.id).lapse is None), "the team is told and the wait ends, or neither"
    return told


HAPPENS: Mapping[Deed, Callable[[Trust], bool]] = {
    Deed.BE_TAKEN_UP: opens_a_ticket,
    Deed.BE_ANSWERED: is_answered,
    Deed.BE_ANSWERED_AMONG_STRANGERS: is_answered_among_strangers,
    Deed.JOIN_OWN_TICKET: joins_own_ticket,
    Deed.JOIN_BY_TOKEN: joins_by_token,
    Deed.STOP_A_LAPSE: ends_the_wait,
    Deed.REOPEN: reopens,
    Deed.COMPLETE_DETAILS: completes_details,
    Deed.CORRECT_DETAILS: corrects_details,
    Deed.BE_KNOWN_BY_ADDRESS: is_known_by_address,
    Deed.USE_THE_CLIENTS_PAST: uses_the_clients_past,
    Deed.PROVE_A_PASSWORD_CHANGE: proves_a_password_change,
    Deed.SPEAK_FOR_THE_DESK: speaks_for_the_desk,
    Deed.WAKE_THE_ON_CALL: wakes_the_on_call,
    Deed.REPORT_A_LOST_LETTER: reports_a_lost_letter,
    Deed.LIFT_A_SUPPRESSION: lifts_a_suppression,
}
"""Whether the deed happens when a letter of a trust tries it, seen from outside."""
CELLS = [(deed, trust) for deed in Deed for trust in Trust]
NOBODY_BUT = {
    Trust.VERIFIED: set(),
    Trust.CLAIMED: {
        Deed.BE_ANSWERED_AMONG_STRANGERS,
        Deed.CORRECT_DETAILS,
        Deed.USE_THE_CLIENTS_PAST,
        Deed.PROVE_A_PASSWORD_CHANGE,
        Deed.SPEAK_FOR_THE_DESK,
        Deed.LIFT_A_SUPPRESSION,
    },
    Trust.FORGED: set(Deed),
}
"""What each level must never do, written down a second time so that no slip in the table goes unseen."""


@pytest.mark.parametrize(("deed", "trust"), CELLS, ids=lambda value: value.name.lower())
def test_a_letter_does_what_its_trust_allows_and_nothing_else(deed: Deed, trust: Trust) -> None:
    allowed = deed not in NOBODY_BUT[trust]
    assert (trust in MAY[deed]) is allowed
    assert HAPPENS[deed](trust) is allowed


@pytest.mark.parametrize(("deed", "trust"), CELLS, ids=lambda value: value.name.lower())
def test_a_cell_turned_over_turns_over_what_happens(deed: Deed, trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    """All else is allowed for this, since a letter that is not taken up comes to no other deed."""
    turned = {other: may | {trust} for other, may in MAY.items()} | {deed: MAY[deed] ^ {trust}}
    monkeypatch.setattr(Scene, "table", turned)
    assert HAPPENS[deed](trust) is (trust in turned[deed])


@pytest.mark.parametrize("deed", Deed, ids=lambda deed: deed.name.lower())
def test_a_claim_for_which_spf_failed_does_what_a_claim_does_and_is_never_answered(
    deed: Deed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scene, "spf_failed", True)
    allowed = deed not in NOBODY_BUT[Trust.CLAIMED] and deed is not Deed.BE_ANSWERED
    assert HAPPENS[deed](Trust.CLAIMED) is allowed


def test_the_card_of_a_letter_for_which_spf_failed_says_why_nothing_was_sent() -> None:
    taken = Scene().arrive(INCOMPLETE, Trust.CLAIMED, spf_failed=True)
    (card,) = mails(taken, Audience.TEAM)
    text = text_of(render_mail(addressed(card), KEYS, moscow("2026-11-20 10:20")))
    assert "не разрешает писать от его имени (SPF)" in text
    assert "клиенту ничего не отправлено" in text
    assert "ответьте на это письмо одним словом «вопрос»" in text


def test_a_question_that_spf_holds_back_starts_no_wait_of_the_clients() -> None:
    scene = Scene()
    ticket = scene.now(ticket_of(scene.arrive(INCOMPLETE, Trust.CLAIMED, spf_failed=True)))
    assert ticket.lapse is None
    assert ticket.reaction is not None, "the team owes a reaction all the same"


def test_a_client_is_not_written_to_for_a_borrowed_address_on_his_own_ticket() -> None:
    scene = Scene()
    ticket = scene.opened(INCOMPLETE)
    recipients = scene.token(ticket, Audience.CLIENT)
    answer = scene.arrive(DETAILS, Trust.CLAIMED, recipients=recipients, spf_failed=True)
    assert joined(answer, ticket)
    assert mails(answer, Audience.CLIENT) == []


def test_the_docs_show_the_table_as_it_is() -> None:
    shown = {
        row[1]: {trust for trust, cell in zip(Trust, row.groups()[1:], strict=True) if cell == "yes"}
        for row in re.finditer(
            r"^\| ([^|]+) \| (yes|no) \| (yes|no) \| (yes|no) \|$", PAGE.read_text("utf-8"), re.MULTILINE
        )
    }
    assert shown == {deed.value: set(MAY[deed]) for deed in Deed}
