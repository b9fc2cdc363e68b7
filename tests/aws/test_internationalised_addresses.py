"""A mailbox in a Cyrillic domain is the same whether it is written in Unicode or travels in punycode."""

from __future__ import annotations

import pytest

from application.people import change_of
from domain.client import Client, Contact, ContactKind
from domain.people import People, Person, Role
from domain.reply_token import token_for
from domain.ticket.outgoing import Audience
from tests.support.builders import DETAILS, MDO, MDO_ADDRESS, STOREOLIS_ADDRESS, moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE
from tests.support.command_line import Run
from tests.support.functions import Functions, number_of
from tests.support.raw_mail import raw

UNICODE, PUNYCODE = "Ольга@Почта.рф", "olga@xn--80a1acny.xn--p1ai"
SPELLINGS = ("olga@почта.рф", "Olga@ПОЧТА.РФ", PUNYCODE, PUNYCODE.upper())


def from_(spelling: str, text: str = COMPLETE) -> bytes:
    """Return a letter whose From is in that spelling, raw utf-8 where it is Cyrillic (RFC 6532)."""
    return raw(text, sender="FROM@stands.here").replace(b"FROM@stands.here", spelling.encode())


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_spelling_of_a_sender_is_one_requester_and_is_answered_in_punycode(
    functions: Functions, spelling: str
) -> None:
    functions.receive((from_(spelling), "m1"), at=moscow("2026-11-20 10:00"))
    ticket = functions.table.ticket(number_of(MDO, "m1"))
    assert ticket is not None
    assert (ticket.requester.address, ticket.requester.name) == (PUNYCODE, "Ольга Лебедева")
    functions.drain()
    letter = next(mail for mail in functions.mails() if mail["To"].addresses[0].addr_spec == PUNYCODE)
    assert letter["To"].addresses[0].display_name == "Ольга Лебедева"
    assert letter["From"].addresses[0].addr_spec == MDO_ADDRESS
    assert letter["Reply-To"].addresses[0].domain == MDO_ADDRESS.partition("@")[2]


@pytest.mark.parametrize("written", SPELLINGS)
@pytest.mark.parametrize("registered", SPELLINGS[::2])
def test_a_registered_client_is_known_in_either_form(
    functions: Functions, run: Run, registered: str, written: str
) -> None:
    assert run("client", "add", "K-1", "--desk", "STO", "--address", registered).status == 0
    functions.receive((from_(written), "m1"), at=moscow("2026-11-20 10:00"), desk=STOREOLIS_ADDRESS)
    ticket = functions.table.ticket(number_of("storeolis", "m1"))
    assert ticket is not None
    assert ticket.requester.client_key == "K-1"


def test_a_contact_saved_in_punycode_is_found_by_a_letter_in_unicode(functions: Functions) -> None:
    address = Contact(kind=ContactKind.ADDRESS, value=PUNYCODE)
    functions.table.save(Client(id="K-1", desk="storeolis", contacts=(address,)))
    functions.receive((from_(SPELLINGS[0]), "m1"), at=moscow("2026-11-20 10:00"), desk=STOREOLIS_ADDRESS)
    ticket = functions.table.ticket(number_of("storeolis", "m1"))
    assert ticket is not None
    assert ticket.requester.client_key == "K-1"


@pytest.mark.parametrize("domain", ["моидокументы.онлайн", "МоиДокументы.Онлайн", "XN--D1ACHJHDICC8BH4H.xn--80asehdb"])
def test_a_reply_token_is_read_under_either_form_of_the_desks_domain(functions: Functions, domain: str) -> None:
    functions.receive((raw(INCOMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    token = token_for(functions.services.reply_keys, MDO, number_of(MDO, "m1"), Audience.CLIENT)
    functions.receive(
        (raw(DETAILS, subject="y"), "m2"), at=moscow("2026-11-20 11:00"), desk=f"support+{token}@{domain}"
    )
    assert functions.numbers() == {number_of(MDO, "m1")}


def test_two_spellings_of_one_sender_are_one_client_whose_repetition_is_known(functions: Functions) -> None:
    functions.receive((from_(SPELLINGS[0]), "m1"), at=moscow("2026-11-20 10:00"))
    functions.receive((from_(SPELLINGS[2]), "m2"), at=moscow("2026-11-20 10:05"))
    assert functions.numbers() == {number_of(MDO, "m1")}


@pytest.mark.parametrize("listed", SPELLINGS[::2])
@pytest.mark.parametrize("written", SPELLINGS[::2])
def test_a_specialist_is_known_in_either_form(functions: Functions, listed: str, written: str) -> None:
    before = functions.table.people(MDO)
    after = People(
        team_address=before.team_address,
        persons=(Person(name="Анна", addresses=(listed,), roles=(Role.SPECIALIST,)),),
    )
    entry = change_of("people import", before, after, at=functions.clock(), caller="tests")
    functions.table.save_people(MDO, before, after, entry)
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    token = token_for(functions.services.reply_keys, MDO, number_of(MDO, "m1"), Audience.TEAM)
    desk = MDO_ADDRESS.replace("@", f"+{token}@")
    functions.receive((from_(written, "Обновите приложение."), "s1"), at=moscow("2026-11-20 11:00"), desk=desk)
    ticket = functions.table.ticket(number_of(MDO, "m1"))
    assert ticket is not None
    assert ticket.reacted_at == moscow("2026-11-20 11:00")
