"""Clauses that show only where letters, registry and table meet."""

from __future__ import annotations

import pytest

from domain.client import Client, Contact, ContactKind
from domain.findings import Mode
from domain.ticket.ticket import CloseOutcome, Status, Ticket
from tests.support.builders import MDO, MDO_ADDRESS, STOREOLIS_ADDRESS, moscow
from tests.support.client_letters import COMPLETE
from tests.support.functions import Functions, number_of
from tests.support.raw_mail import raw

CART = "Не открывается корзина, при оформлении заказа ошибка 500."
PHOTOS = "Пропали фотографии в карточках товаров, вместо них пустые рамки."
INN = "ИНН 7707083893."


def registered(functions: Functions, desk: str, *addresses: str, kind: str) -> None:
    """Let the registry know a client by its addresses."""
    contacts = tuple(Contact(kind=ContactKind.ADDRESS, value=address) for address in addresses)
    functions.table.save(Client(id="K-1", desk=desk, kind=kind, contacts=contacts))


def ticket_of(functions: Functions, desk: str, ses_id: str) -> Ticket:
    """Return the ticket that a letter opened."""
    ticket = functions.table.ticket(number_of(desk, ses_id))
    assert ticket is not None
    return ticket


def test_mdo_1_1_1_a_registered_user_is_served_without_a_remark(functions: Functions) -> None:
    """The kind that the clause names."""
    registered(functions, MDO, "olga@client.example", kind="user")
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    ticket = ticket_of(functions, MDO, "m1")
    assert ticket.requester.client_key == "K-1"
    assert ticket.reaction is not None
    assert ticket.suggestions == ()


@pytest.mark.parametrize("kind", ["region", "vendor"], ids=["no accepted offer", "a kind that is not served"])
def test_mdo_1_3_1_whoever_belongs_to_no_category_is_put_before_a_specialist(functions: Functions, kind: str) -> None:
    """Suggested under clause 1.1, refused by nobody yet, and the clock runs."""
    registered(functions, MDO, "olga@client.example", kind=kind)
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    ticket = ticket_of(functions, MDO, "m1")
    (suggested,) = ticket.suggestions
    assert (suggested.rule, suggested.clause, suggested.mode) == ("eligibility", "1.1", Mode.SUGGEST)
    assert (ticket.status, ticket.outcome) == (Status.OPEN, None)
    assert ticket.reaction is not None


@pytest.mark.parametrize("address", [MDO_ADDRESS, "support@моидокументы.онлайн", "Support@МоиДокументы.онлайн"])
def test_mdo_1_5_the_published_address_is_known_however_it_is_written(functions: Functions, address: str) -> None:
    """People write the domain in Cyrillic, mail carries it in punycode."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"), desk=address)
    assert functions.numbers() == {number_of(MDO, "m1")}


def test_storeolis_2_3_a_request_stands_in_the_queue_where_it_became_one(functions: Functions) -> None:
    """First by its first letter, second by the letter that identified the client."""
    nameless = raw(CART, sender="petr@client.example", Message_ID="<a@client.example>")
    functions.receive((nameless, "s1"), at=moscow("2026-11-20 10:00"), desk=STOREOLIS_ADDRESS)
    functions.receive((raw(f"{PHOTOS} {INN}"), "s2"), at=moscow("2026-11-20 11:00"), desk=STOREOLIS_ADDRESS)
    first, second = number_of("storeolis", "s1"), number_of("storeolis", "s2")
    assert [ticket.id for ticket in functions.table.queue("storeolis")] == [first, second]
    completing = raw(INN, sender="petr@client.example", subject="Re: корзина", In_Reply_To="<a@client.example>")
    functions.receive((completing, "s3"), at=moscow("2026-11-20 12:00"), desk=STOREOLIS_ADDRESS)
    assert [ticket.id for ticket in functions.table.queue("storeolis")] == [second, first]


def test_storeolis_2_6_a_repetition_from_another_address_of_the_client_is_one(functions: Functions) -> None:
    """Both addresses are proved and the registry gives them to one client."""
    registered(functions, "storeolis", "olga@client.example", "sklad@client.example", kind="client")
    functions.receive((raw(f"{CART} {INN}"), "s1"), at=moscow("2026-11-20 10:00"), desk=STOREOLIS_ADDRESS)
    again = raw(f"{CART} {INN}", sender="sklad@client.example")
    functions.receive((again, "s2"), at=moscow("2026-11-20 10:30"), desk=STOREOLIS_ADDRESS)
    assert functions.numbers() == {number_of("storeolis", "s1")}


def test_storeolis_2_6_duplicates_and_answers_do_not_count_towards_the_month(functions: Functions) -> None:
    """One request, one repetition, one answer: the next consultation is the second and free."""
    text = f"{CART} {INN}"
    functions.receive(
        (raw(text, Message_ID="<a@client.example>"), "s1"), at=moscow("2026-11-09 10:00"), desk=STOREOLIS_ADDRESS
    )
    functions.receive((raw(text), "s2"), at=moscow("2026-11-10 10:00"), desk=STOREOLIS_ADDRESS)
    answer = raw("Теперь ошибка и на телефоне.", subject="Re: корзина", In_Reply_To="<a@client.example>")
    functions.receive((answer, "s3"), at=moscow("2026-11-11 10:00"), desk=STOREOLIS_ADDRESS)
    functions.receive((raw(f"{PHOTOS} {INN}"), "s4"), at=moscow("2026-11-12 10:00"), desk=STOREOLIS_ADDRESS)
    question = raw(f"Подскажите, как скрыть цену у части товаров? {INN}", subject="Вопрос")
    functions.receive((question, "s5"), at=moscow("2026-11-13 10:00"), desk=STOREOLIS_ADDRESS)
    assert ticket_of(functions, "storeolis", "s5").outcome is not CloseOutcome.REFUSED
    again = raw(f"Подскажите, как изменить порядок разделов? {INN}", subject="Порядок")
    functions.receive((again, "s6"), at=moscow("2026-11-16 10:00"), desk=STOREOLIS_ADDRESS)
    assert ticket_of(functions, "storeolis", "s6").outcome is CloseOutcome.REFUSED


def test_mdo_1_1_a_stranger_to_a_filled_registry_is_put_before_a_specialist(functions: Functions) -> None:
    """An empty registry refuses nobody; a filled one knows who is served."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.table.save(
        Client(
            id="c1",
            desk="moi-dokumenty-online",
            contacts=(Contact(kind=ContactKind.ADDRESS, value="known@client.example"),),
        )
    )
    functions.receive((raw(COMPLETE, sender="petr@client.example"), "m2"), at=moscow("2026-11-20 10:05"))
    before = functions.table.ticket(number_of("moi-dokumenty-online", "m1"))
    after = functions.table.ticket(number_of("moi-dokumenty-online", "m2"))
    assert before is not None
    assert after is not None
    assert "eligibility" not in {found.rule for found in before.suggestions}
    assert "eligibility" in {found.rule for found in after.suggestions}
