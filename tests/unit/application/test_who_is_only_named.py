"""A text that names a registered client proves nobody, in the first letter and in those that follow (Storeolis 2.1)."""

from __future__ import annotations

import pytest

from adapters.memory import MemoryStore
from adapters.rendering import render_mail
from application.receive import receive
from domain.client import Client, Contact, ContactKind
from domain.findings import Surety
from domain.letter import Address, Letter
from domain.ticket.outgoing import OutgoingMail
from domain.ticket.ticket import Ticket
from tests.support.builders import KEYS, STOREOLIS_ADDRESS, a_letter, moscow
from tests.support.client_letters import COMPLETE
from tests.support.people import addressed, peopled

ASKED = "Здравствуйте! Не открывается корзина на витрине, кнопка не нажимается."
PHONE = Contact(kind=ContactKind.PHONE, value="+79031112233")
MAIL = Contact(kind=ContactKind.ADDRESS, value="olga@client.example")


WRITER, OTHER = Address("olga@client.example", "Ольга"), Address("someone@other.example", "Ольга")
CALLED = f"{ASKED}\nОрганизация: Общество с ограниченной ответственностью «ЛЁН»"


def a_store(*contacts: Contact) -> MemoryStore:
    store = peopled(MemoryStore())
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
    reception = receive(letter, "storeolis", store, KEYS, letter.envelope.received_at)
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


def test_storeolis_2_1_an_organisation_alone_names_the_one_client_so_called_and_proves_nothing() -> None:
    """For the specialist's eye: no detail is filled in, the details are asked for, no quota is charged."""
    store = a_store(PHONE, MAIL)
    ticket = taken(store, written(CALLED, "2026-11-20 10:00", sender=OTHER))
    known = ticket.identification
    assert (known.client_id, known.client_by, known.surety) == ("K-1", ("organisation",), Surety.HINTED)
    assert known.missing == ("inn_or_contract_or_site",)
    assert known.phone is None
    assert store.situation("storeolis", "K-1", None)[0].requests == ()


def test_mdo_1_1_whoever_only_names_an_organisation_of_the_registry_is_a_stranger_to_it() -> None:
    """The specialist sees both: that the sender is not registered, and whose name the letter gives."""
    store = peopled(MemoryStore())
    store.save(Client(id="U-1", desk="moi-dokumenty-online", kind="user", organisation="МФЦ г. Лесного"))
    letter = a_letter(COMPLETE)
    reception = receive(letter, "moi-dokumenty-online", store, KEYS, letter.envelope.received_at)
    assert reception is not None
    assert reception.classification is not None
    assert reception.classification.identification.client_by == ("organisation",)
    eligible = reception.classification.finding("eligibility")
    assert eligible is not None
    assert eligible.matched


def test_of_two_clients_of_one_name_neither_is_guessed_until_one_has_gone() -> None:
    """Names, unlike contacts, may be those of several; the one who is left bears it alone again."""
    store = a_store(PHONE)
    store.save(Client(id="K-2", desk="storeolis", organisation="лён ооо"))
    asked = [written(CALLED, f"2026-11-20 1{hour}:00", sender=Address(f"{hour}@other.example")) for hour in range(3)]
    assert taken(store, asked[0]).identification.client_id is None
    store.save(Client(id="K-2", desk="storeolis", organisation="ООО «Хлопок»"))
    assert taken(store, asked[1]).identification.client_id == "K-1"
    store.remove("storeolis", "K-1")
    assert taken(store, asked[2]).identification.client_id is None


def test_an_organisation_names_nobody_beside_a_contact_of_another_client() -> None:
    """What belongs to one client alone comes first; two such contacts of two clients name nobody."""
    store = a_store()
    store.save(Client(id="K-2", desk="storeolis", contacts=(PHONE,)))
    ticket = taken(store, written(f"{CALLED}\nТелефон: 8 903 111-22-33", "2026-11-20 10:00"))
    assert (ticket.identification.client_id, ticket.identification.client_by) == ("K-2", ("phone",))
    inn = Contact(kind=ContactKind.INN, value="7707083893")
    store.save(Client(id="K-3", desk="storeolis", contacts=(inn,)))
    other = "Отчёт за октябрь открывается пустым, хотя продажи были."
    both = written(f"{CALLED}\n{other}\nТелефон: 8 903 111-22-33, ИНН 7707083893", "2026-11-20 11:00")
    assert taken(store, both).identification.client_id is None


def test_everything_that_names_one_client_is_told_the_surest_first() -> None:
    """And how surely: by the sender's own address, by what the text says, by a name."""
    ticket = taken(a_store(MAIL, PHONE), written(f"{CALLED}\nТелефон: 8 903 111-22-33", "2026-11-20 10:00"))
    assert ticket.identification.client_by == ("address", "phone", "organisation")
    assert ticket.identification.surety is Surety.KNOWN
    named = taken(a_store(PHONE), written(f"{ASKED} Телефон 8 903 111-22-33", "2026-11-20 10:00"))
    assert (named.identification.client_by, named.identification.surety) == (("phone",), Surety.NAMED)


def test_an_organisation_in_a_later_letter_displaces_no_client_that_was_found_before() -> None:
    """The weakest evidence adds where there is none."""
    store = a_store()
    store.save(Client(id="K-2", desk="storeolis", contacts=(PHONE,)))
    first = taken(store, written(f"{ASKED} Телефон 8 903 111-22-33", "2026-11-20 10:00"))
    after = taken(store, written(CALLED, "2026-11-20 11:00", subject=f"Re: [{first.id}]"))
    assert after.id == first.id
    assert (after.identification.client_id, after.identification.client_by) == ("K-2", ("phone",))


@pytest.mark.parametrize(
    ("contacts", "sender", "told"),
    [
        ((MAIL, PHONE), WRITER, "Клиент в реестре: K-1 (по адресу отправителя, телефону и названию организации)"),
        ((PHONE,), OTHER, "Клиент в реестре: K-1 (по телефону и названию организации; это сведения из письма"),
        ((), OTHER, "Клиент в реестре: K-1 (только по названию организации; других клиентов с таким названием нет"),
    ],
)
def test_the_card_says_whom_the_registry_found_by_what_and_how_surely(
    contacts: tuple[Contact, ...], sender: Address, told: str
) -> None:
    """As the team reads it."""
    store = a_store(*contacts)
    letter = written(f"{CALLED}\nТелефон: 8 903 111-22-33\nИНН 7707083893", "2026-11-20 10:00", sender=sender)
    reception = receive(letter, "storeolis", store, KEYS, letter.envelope.received_at)
    assert reception is not None
    assert reception.commit.ticket is not None
    (card,) = (one for one in reception.commit.ticket.outgoing if isinstance(one, OutgoingMail) and one.kind == "card")
    body = render_mail(addressed(card), KEYS, moscow("2026-11-20 10:00")).get_body(("plain",))
    assert body is not None
    assert told in " ".join(body.get_content().split())
