"""Every card shows who wrote: the real address, the display name as a mere name, and that it is not the requester."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from adapters.memory import MemoryStore
from adapters.rendering import render_mail
from application.receive import receive
from domain.answer_text import ANCHOR
from domain.client import Client, Contact, ContactKind
from domain.letter import Address, Trust
from domain.reply_token import token_for
from domain.ticket.outgoing import OUTGOING, Audience, OutgoingMail
from domain.ticket.ticket import Ticket
from tests.support.builders import KEYS, STOREOLIS_ADDRESS, a_letter, moscow
from tests.support.life import an_alarm, begin
from tests.support.people import addressed, peopled, specialists_of

DESK = "storeolis"
REQUEST = "Не открывается корзина, ошибка 500. Договор № 1412-17, ИНН 7707083893."
MARIA = Address("maria@client.example", "Мария Белова")
THIEF = "thief@evil.example"
STRANGER = "Пишет не заявитель: обращение открыто с адреса maria@client.example."
SPECIALIST = specialists_of(DESK)[0]


def lines_of(mail: OutgoingMail) -> list[str]:
    """Return the lines of a letter's text as it leaves, under the first, without the empty ones."""
    body = render_mail(addressed(mail), KEYS, moscow("2026-11-20 12:00")).get_body(("plain",))
    assert body is not None
    anchor, *lines = [line for line in str(body.get_content()).splitlines() if line]
    assert anchor == ANCHOR
    return lines


@dataclass
class Desk:
    """A desk with a store of its own, where letters arrive ten minutes apart."""

    store: MemoryStore = field(default_factory=lambda: peopled(MemoryStore()))
    arrived: int = 0

    def receive(self, text: str, sender: Address | None, trust: Trust = Trust.VERIFIED, **changes: Any) -> list[str]:
        """Let a letter arrive; return the last letter to the team that follows, line by line."""
        at = moscow("2026-11-20 10:00") + timedelta(minutes=10 * self.arrived)
        self.arrived += 1
        values: dict[str, Any] = {
            "sender": sender,
            "from_addresses": (sender,) if sender else (),
            "trust": trust,
            "recipients": (STOREOLIS_ADDRESS,),
            "ses_message_id": f"m{self.arrived}",
            "received_at": at,
            **changes,
        }
        taken = receive(a_letter(text, **values), DESK, self.store, KEYS, at)
        assert taken is not None
        self.store.commit(taken.commit)
        assert taken.commit.ticket is not None
        outgoing = taken.commit.ticket.outgoing
        mails = [mail for mail in outgoing if isinstance(mail, OutgoingMail) and mail.audience is Audience.TEAM]
        return lines_of(mails[-1])

    @property
    def ticket(self) -> Ticket:
        """The one ticket."""
        (ticket,) = self.store.queue(DESK)
        return ticket

    def token(self, audience: Audience = Audience.CLIENT) -> tuple[str, ...]:
        """Return the recipients of an answer to a letter about the ticket."""
        return (STOREOLIS_ADDRESS.replace("@", f"+{token_for(KEYS, DESK, self.ticket.id, audience)}@"),)

    def answer(self, sender: Address | None, text: str = "Смените пароль.", **changes: Any) -> list[str]:
        """Let a letter arrive by the client's token; return the card that follows, line by line."""
        return self.receive(text, sender, recipients=self.token(), **changes)


@pytest.fixture
def desk() -> Desk:
    """A desk where Maria has opened a request."""
    opened = Desk()
    opened.receive(REQUEST, MARIA)
    return opened


def test_a_stranger_under_the_requesters_name_and_address_is_shown_as_a_stranger(desk: Desk) -> None:
    """The sender's own domain passes DMARC: that proves the sender's address and nothing of the name."""
    card = desk.answer(Address(THIEF, "Мария Белова <maria@client.example>"))
    assert card == [
        "Отправитель: thief@evil.example — адрес подтверждён, но это не адрес заявителя",
        "Имя в письме похоже на адрес, но это только имя: «Мария Белова <maria@client.example>»",
        STRANGER,
        "Текст письма:",
        "> Смените пароль.",
    ]


def test_a_stranger_under_the_requesters_name_is_not_taken_for_him(desk: Desk) -> None:
    """The verdict is about the stranger's own address, and the same name is said to be only that."""
    assert desk.answer(Address(THIEF, "мария  Белова"))[:3] == [
        "Отправитель: thief@evil.example — адрес подтверждён, но это не адрес заявителя",
        "Имя в письме: «мария Белова» — как у заявителя, но это только имя",
        STRANGER,
    ]


def test_a_specialists_address_as_a_display_name_does_not_make_its_writer_a_specialist(desk: Desk) -> None:
    """The line of the address has the verdict, and only the real address."""
    card = desk.answer(Address(THIEF, SPECIALIST))
    assert card[:3] == [
        "Отправитель: thief@evil.example — адрес подтверждён, но это не адрес заявителя",
        f"Имя в письме похоже на адрес, но это только имя: «{SPECIALIST}»",
        STRANGER,
    ]


def test_the_requesters_own_letter_has_no_such_line(desk: Desk) -> None:
    """By the address; how surely it is that address, and the name, stand beside."""
    card = desk.answer(MARIA, trust=Trust.CLAIMED)
    assert card[:3] == [
        "Отправитель: maria@client.example — адрес не подтверждён",
        "Имя в письме: «Мария Белова»",
        "Текст письма:",
    ]


def registered(*addresses: str) -> Client:
    """Return a client whom the registry knows by these addresses."""
    contacts = tuple(Contact(kind=ContactKind.ADDRESS, value=address) for address in addresses)
    return Client(id="c1", desk=DESK, contacts=contacts)


@pytest.mark.parametrize("trust", [Trust.VERIFIED, Trust.CLAIMED])
def test_a_registered_client_who_writes_from_another_registered_address_is_no_stranger(trust: Trust) -> None:
    """The registry says that both addresses are one client's, and the verdict how surely it is the second."""
    desk = Desk()
    desk.store.save(registered(MARIA.address, "office@client.example"))
    desk.receive(REQUEST, MARIA)
    card = desk.answer(Address("office@client.example"), trust=trust)
    assert card[1] == ("Это другой адрес того же клиента по реестру; обращение открыто с адреса maria@client.example.")


def test_another_client_of_the_registry_is_a_stranger_on_the_ticket() -> None:
    """Being known is not being the requester."""
    desk = Desk()
    desk.store.save(registered("office@client.example"))
    desk.receive(REQUEST, MARIA)
    assert desk.answer(Address("office@client.example"))[1] == STRANGER


def test_a_repetition_from_another_address_of_the_client_says_so() -> None:
    """It joins by the client's past, without a token."""
    desk = Desk()
    desk.store.save(registered(MARIA.address, "office@client.example"))
    desk.receive(REQUEST, MARIA)
    card = desk.receive(REQUEST, Address("office@client.example", "Мария Белова"))
    assert card[:4] == [
        "Отправитель: office@client.example — адрес подтверждён",
        "Имя в письме: «Мария Белова»",
        "Это другой адрес того же клиента по реестру; обращение открыто с адреса maria@client.example.",
        "Текст письма:",
    ]


def test_a_specialist_is_called_one_only_at_a_verified_address(desk: Desk) -> None:
    """With the token of the team but without the proof it is a stranger."""
    specialist = Address(SPECIALIST, "Анна")
    recipients = desk.token(Audience.TEAM)
    notice = desk.receive("Я в отпуске до 30 ноября.", specialist, recipients=recipients)
    assert notice[2] == "Пишет специалист службы; обращение открыто с адреса maria@client.example."
    claimed = desk.receive("Закрыть", specialist, Trust.CLAIMED, recipients=recipients)
    shown = f"Отправитель: {SPECIALIST} — адрес не подтверждён, и это не адрес заявителя"
    assert claimed[:3] == [shown, "Имя в письме: «Анна»", STRANGER]


def test_of_a_letter_without_an_author_or_with_several_it_is_not_known_whether_the_requester_writes(desk: Desk) -> None:
    """Several addresses are all shown, up to five."""
    unknown = "Заявитель ли пишет, неизвестно: обращение открыто с адреса maria@client.example."
    assert desk.answer(None, trust=Trust.CLAIMED)[:2] == ["Отправитель не указан", unknown]
    several = tuple(Address(f"{name}@a.example", "Мария") for name in "abcdefg")
    assert desk.answer(None, trust=Trust.CLAIMED, from_addresses=several)[:2] == [
        "Отправителей несколько, адреса не подтверждены: a@a.example, b@a.example, c@a.example, d@a.example, e@a.example и ещё 2",
        unknown,
    ]


def test_where_the_first_letter_had_no_author_it_is_not_known_whether_the_requester_writes() -> None:
    """Whatever the later letter says of its own author."""
    desk = Desk()
    card = desk.receive(REQUEST, None, Trust.CLAIMED)
    assert card[0] == "Отправитель не указан"
    unknown = "Заявитель ли пишет, неизвестно: в письме, которым открыто обращение, адреса отправителя нет."
    assert desk.answer(MARIA)[2] == unknown
    assert desk.answer(None, trust=Trust.CLAIMED)[1] == unknown


def test_the_ticket_of_an_alarm_has_no_requester() -> None:
    """A letter on its ticket says so."""
    life = an_alarm()
    life.write("Уже видим.", "2026-11-21 03:10")
    assert "Пишет не заявитель: обращение открыто сигнализацией." in lines_of(life.last("follow_up"))


def test_a_refusal_by_the_desk_shows_the_address_and_the_name_of_the_requester() -> None:
    """The team decides whether to overturn it."""
    obscene = "Где моя выгрузка заказов, она нихуя не грузит товары. ИНН 7707083893"
    life = begin(obscene, "2026-11-20 10:00", DESK, sender=Address(THIEF, MARIA.address))
    assert lines_of(life.last("refused_by_desk"))[1:3] == [
        "Отправитель: thief@evil.example — адрес подтверждён",
        "Имя в письме похоже на адрес, но это только имя: «maria@client.example»",
    ]


@pytest.mark.parametrize("kind", ["card", "follow_up"])
def test_a_card_that_was_stored_before_this_wording_still_leaves(kind: str, desk: Desk) -> None:
    """It names the writer and has no verdict beside the name."""
    params = {"who": "Мария", "address": MARIA.address, "trust": "verified", "text": "Текст.", "attachments": ()}
    empty = dict.fromkeys(("phone", "organisation", "position", "missing", "due", "critical", "findings"), "")
    ticket = desk.ticket
    stored = {
        "outbox": "mail", "kind": kind, "desk": DESK, "edition": ticket.edition, "ticket": ticket.id,
        "audience": "team", "to": "team@desk.example", "subject": "Корзина", "params": params | empty,
    }  # fmt: skip
    mail = OUTGOING.validate_python(stored)
    assert isinstance(mail, OutgoingMail)
    lines = lines_of(mail)
    assert lines[:2] == ["Отправитель: maria@client.example", "Имя в письме: «Мария»"]
    assert "> Текст." in lines
