"""A text that names a registered client proves nobody, in the first letter and in those that follow (Storeolis 2.1)."""

from __future__ import annotations

from adapters.memory import MemoryStore
from domain.client import Client, Contact, ContactKind
from domain.letter import Letter
from domain.reception import take
from domain.reply_token import ReplyKeys
from domain.ticket import Ticket
from tests.builders import STOREOLIS_ADDRESS, a_letter, moscow

KEYS = ReplyKeys("a", {"a": b"a key that is only for tests"})
ASKED = "Здравствуйте! Не открывается корзина на витрине, кнопка не нажимается."
PHONE = Contact(kind=ContactKind.PHONE, value="+79031112233")
MAIL = Contact(kind=ContactKind.ADDRESS, value="olga@client.example")


def a_store(*contacts: Contact) -> MemoryStore:
    store = MemoryStore()
    store.save(Client(id="K-1", desk="storeolis", contacts=contacts, organisation="ООО «Лён»"))
    return store


def written(text: str, at: str, **changes: object) -> Letter:
    return a_letter(
        text,
        recipients=(STOREOLIS_ADDRESS,),
        received_at=moscow(at),
        ses_message_id=f"ses-{at}",
        message_id=f"{at}@x",
        **changes,
    )


def taken(store: MemoryStore, letter: Letter) -> Ticket:
    """Return the ticket after a letter has arrived."""
    reception = take(letter, "storeolis", store, KEYS, letter.envelope.received_at)
    assert reception is not None
    assert reception.commit.ticket is not None
    store.commit(reception.commit)
    return reception.commit.ticket.after


def test_storeolis_2_1_the_phone_of_a_registered_client_identifies_nobody_in_a_first_letter() -> None:
    """Anybody may know it: the specialist sees whom it names, and the details are asked for."""
    ticket = taken(a_store(PHONE), written(f"{ASKED} Телефон 8 903 111-22-33", "2026-11-20 10:00"))
    assert ticket.identification.client_id == "K-1"
    assert ticket.identification.missing == ("inn_or_contract_or_site",)


def test_storeolis_2_1_nor_does_it_in_the_letter_that_answers_the_question() -> None:
    """What is missing stays missing, and no reaction is promised."""
    store = a_store(PHONE)
    first = taken(store, written(ASKED, "2026-11-20 10:00"))
    answer = written("Мой телефон 8 903 111-22-33", "2026-11-20 11:00", subject=f"Re: Корзина [{first.id}]")
    after = taken(store, answer)
    assert after.id == first.id
    assert after.identification.client_id == "K-1"
    assert after.identification.missing == ("inn_or_contract_or_site",)
    assert after.reaction is None


def test_storeolis_2_1_any_answer_leaves_a_client_unproved_whom_the_first_letter_only_named() -> None:
    """The name stays on the ticket, and it is no more proof than it was."""
    store = a_store(PHONE)
    first = taken(store, written(f"{ASKED} Телефон 8 903 111-22-33", "2026-11-20 10:00"))
    after = taken(store, written("Корзина и сейчас не открывается.", "2026-11-20 11:00", subject=f"Re: [{first.id}]"))
    assert after.identification.missing == ("inn_or_contract_or_site",)


def test_storeolis_2_6_a_client_registered_meanwhile_is_known_by_the_address_of_the_answer() -> None:
    """The registry knows the address now: nothing is missing, and the reaction is promised."""
    store = a_store()
    first = taken(store, written(ASKED, "2026-11-20 10:00"))
    store.save(Client(id="K-1", desk="storeolis", contacts=(MAIL,), organisation="ООО «Лён»"))
    after = taken(store, written("Жду ответа по корзине.", "2026-11-20 11:00", subject=f"Re: [{first.id}]"))
    assert after.identification.missing == ()
    assert after.reaction is not None


def test_storeolis_2_1_an_inn_in_the_answer_identifies_the_client() -> None:
    """It is one of the details that the clause names."""
    store = a_store(PHONE)
    first = taken(store, written(ASKED, "2026-11-20 10:00"))
    after = taken(store, written("ИНН 7707083893", "2026-11-20 11:00", subject=f"Re: [{first.id}]"))
    assert after.identification.missing == ()
