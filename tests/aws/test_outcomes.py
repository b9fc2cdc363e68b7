"""What the intake rules lead to, the whole way: from the client's bytes to what client, team and specialist see."""

from __future__ import annotations

from collections.abc import Callable
from email.message import EmailMessage
from io import StringIO

import pytest

from domain.client import Client, Contact, ContactKind
from domain.regulation.editions import desk_by_address, editions
from domain.ticket.ticket import CloseOutcome, Status, Ticket
from handlers.observing import logger
from tests.support.builders import MDO_ADDRESS, STOREOLIS_ADDRESS, moscow
from tests.support.client_letters import COMPLETE, HOW_TO, INCOMPLETE, STORE_LETTERS
from tests.support.command_line import Run
from tests.support.functions import Functions, number_of
from tests.support.people import specialists_of, team_of
from tests.support.raw_mail import raw, text_of

CLIENT = "olga@client.example"
INN = "ИНН 7707083893"
OVERTURNED = {
    "details": (MDO_ADDRESS, [INCOMPLETE]),
    "client": (STOREOLIS_ADDRESS, ["Не открывается корзина, при оформлении заказа ошибка 500."]),
    "clarity": (STOREOLIS_ADDRESS, [f"Здравствуйте! Не работает. {INN}"]),
    "offence": (STOREOLIS_ADDRESS, [f"Где моя выгрузка заказов, она нихуя не грузит товары. {INN}"]),
    "quota": (STOREOLIS_ADDRESS, [*STORE_LETTERS, HOW_TO]),
}
"""What each desk asks or refuses by itself: its address, and the letters of which the last brings it about."""


def arrive(functions: Functions, text: str, name: str, *, desk: str, at: str = "2026-11-20 10:00") -> None:
    """Let a letter of the client arrive, and deliver what the desk writes."""
    subject = "Помогите" if "Не работает." in text else "Магазин"
    functions.receive((raw(text, subject=subject), name), at=moscow(at), desk=desk)
    functions.drain()


def mails_to(functions: Functions, address: str) -> list[EmailMessage]:
    """Return the letters that left to an address, in order."""
    return [mail for mail in functions.mails() if mail["To"].addresses[0].addr_spec == address]


def ticket_of(functions: Functions, address: str, name: str) -> Ticket:
    """Return the ticket that a letter opened."""
    ticket = functions.table.ticket(number_of(str(desk_by_address(address)), name))
    assert ticket is not None
    return ticket


def by_mail(functions: Functions, run: Run, address: str, number: str) -> None:
    """Answer the desk's letter to the team with one word."""
    desk = editions(str(desk_by_address(address)))[-1].desk
    card = mails_to(functions, team_of(desk.id))[-1]
    reply_to = card["Reply-To"].addresses[0].addr_spec
    letter = raw("принять", sender=specialists_of(desk.id)[0], subject=f"Re: {card['Subject']}")
    functions.receive((letter, f"word-{number}"), at=moscow("2026-11-20 11:00"), desk=reply_to)


def by_command(functions: Functions, run: Run, address: str, number: str) -> None:
    """Say the word at the command line."""
    functions.clock.at = moscow("2026-11-20 11:00")
    assert run("accept", number, "--by", "anna").status == 0


@pytest.mark.parametrize("overturn", [by_mail, by_command])
@pytest.mark.parametrize(("address", "letters"), OVERTURNED.values(), ids=OVERTURNED)
def test_a_specialist_overturns_whatever_the_desk_asked_or_refused_by_one_word(
    functions: Functions, run: Run, overturn: Callable[..., None], address: str, letters: list[str]
) -> None:
    """The request is taken, what was found decides no more, and no rule brings it back."""
    for turn, text in enumerate(letters, 1):
        arrive(functions, text, f"m{turn}", desk=address)
    name = f"m{len(letters)}"
    stopped = ticket_of(functions, address, name)
    assert stopped.reaction is None or not stopped.reaction.runs
    assert (stopped.status, stopped.outcome) in {
        (Status.AWAITING_REQUESTER, None),
        (Status.CLOSED, CloseOutcome.REFUSED),
    }
    overturn(functions, run, address, stopped.id)
    taken = ticket_of(functions, address, name)
    assert taken.status not in {Status.AWAITING_REQUESTER, Status.CLOSED}
    assert (taken.outcome, taken.lapse) == (None, None)
    assert taken.reaction is not None
    assert not any(found.decides for found in taken.findings)


def test_what_is_missing_is_listed_in_one_letter_with_a_form_and_the_answer_completes_the_request(
    functions: Functions,
) -> None:
    """MDO 1.3.2: exactly what is missing, and the clock counts from the letter that completes it (1.3)."""
    text = f"{INCOMPLETE}\n\nЛебедева Ольга Петровна, +7 912 000-00-00"
    arrive(functions, text, "m1", desk=MDO_ADDRESS)
    (asked,) = mails_to(functions, CLIENT)
    lines = text_of(asked).splitlines()
    assert [line for line in lines if line.startswith("— ")] == ["— организация", "— должность"]
    assert [line for line in lines if line in ("ФИО:", "Мобильный телефон:", "Организация:", "Должность:")] == [
        "Организация:",
        "Должность:",
    ]
    form = "Организация: МФЦ города Лесного\nДолжность: администратор"
    reply_to = asked["Reply-To"].addresses[0].addr_spec
    arrive(functions, form, "m2", desk=reply_to, at="2026-11-20 15:00")
    ticket = ticket_of(functions, MDO_ADDRESS, "m1")
    assert functions.numbers() == {ticket.id}
    assert ticket.reaction is not None
    assert (ticket.reaction.counted_from, ticket.reaction.due) == (
        moscow("2026-11-20 15:00"),
        moscow("2026-11-23 10:00"),
    )


@pytest.mark.parametrize("address", [MDO_ADDRESS, STOREOLIS_ADDRESS])
def test_a_known_client_is_not_asked_for_what_the_registry_knows(functions: Functions, address: str) -> None:
    """By its address alone: the letter names nobody."""
    functions.table.save(
        Client(
            id="K-1",
            desk=str(desk_by_address(address)),
            kind="user" if address == MDO_ADDRESS else "company",
            full_name="Лебедева Ольга Петровна",
            organisation="МФЦ города Лесного",
            position="администратор",
            contacts=(
                Contact(kind=ContactKind.ADDRESS, value=CLIENT),
                Contact(kind=ContactKind.PHONE, value="+79120000000"),
                Contact(kind=ContactKind.INN, value="7707083893"),
            ),
        )
    )
    arrive(functions, "Не открывается корзина, при оформлении заказа ошибка 500.", "m1", desk=address)
    ticket = ticket_of(functions, address, "m1")
    assert ticket.identification.missing == ()
    assert ticket.reaction is not None
    (accepted,) = mails_to(functions, CLIENT)
    assert "Нужны сведения" not in accepted["Subject"]


def test_a_password_in_clear_is_shown_nowhere_and_the_client_is_told_to_change_it(
    functions: Functions, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither to the team, nor at the command line, nor in the log, nor back to whoever wrote it."""
    secret, log = "Qwerty123!", StringIO()
    for handler in logger.handlers:
        monkeypatch.setattr(handler, "stream", log)
    arrive(
        functions,
        f"Не могу войти в админку магазина, пароль: {secret} Выдаёт ошибку 500. {INN}",
        "m1",
        desk=STOREOLIS_ADDRESS,
    )
    number = number_of("storeolis", "m1")
    shown = [run(*verb, number, *form).out for verb in (("show",), ("history",)) for form in ((), ("--json",))]
    assert all(shown)
    written = [text_of(mail) + str(mail["Subject"]) for mail in functions.mails()]
    assert len(written) == 2
    stored = [body for _, _, body in functions.table.outbox(number)]
    for text in (*shown, *written, *stored, log.getvalue(), run("queue").out):
        assert secret.rstrip("!") not in text
    (told,) = mails_to(functions, CLIENT)
    assert "смените его" in text_of(told)


def test_storeolis_2_6_a_repetition_is_answered_courteously_with_the_number_and_not_counted(
    functions: Functions, run: Run
) -> None:
    """One request, one count, two letters on it."""
    arrive(functions, STORE_LETTERS[0], "m1", desk=STOREOLIS_ADDRESS)
    arrive(functions, STORE_LETTERS[0], "m2", desk=STOREOLIS_ADDRESS, at="2026-11-20 10:30")
    number = number_of("storeolis", "m1")
    note = text_of(mails_to(functions, CLIENT)[-1])
    assert note.startswith("Здравствуйте.")
    assert number in note
    (shown,) = run("client", "show", "--address", CLIENT, "--json").objects
    assert shown["requests"]["count"] == 1
    assert [one["ticket"] for one in shown["tickets"]] == [number]


def test_storeolis_2_6_the_letter_over_the_count_explains_the_paid_offer(functions: Functions, run: Run) -> None:
    """With the count, the clause and how to go on; a fault over the count is only suggested to be refused."""
    for turn, text in enumerate((*STORE_LETTERS, HOW_TO), 1):
        arrive(functions, text, f"m{turn}", desk=STOREOLIS_ADDRESS)
    offer = text_of(mails_to(functions, CLIENT)[-1])
    for said in ("4 обращения", "п. 2.6 Регламента", "отдельной договорённости"):
        assert said in offer
    arrive(
        functions,
        f"Покупатели не могут оплатить заказ: после оплаты страница с ошибкой 503, заказ не создаётся. {INN}",
        "m5",
        desk=STOREOLIS_ADDRESS,
    )
    fault = ticket_of(functions, STOREOLIS_ADDRESS, "m5")
    assert fault.status is Status.OPEN
    assert "quota" in [found.rule for found in fault.suggestions]
    (shown,) = run("client", "show", "--address", CLIENT, "--json").objects
    assert (shown["requests"]["count"], shown["requests"]["limit"]) == (5, 3)


def test_storeolis_2_5_the_link_rides_in_the_acknowledgement_and_the_request_stays_open(functions: Functions) -> None:
    """The link is no answer: the clock runs, and the team has its card."""
    arrive(functions, f"Подскажите, как привязать свой домен к магазину? {INN}", "m1", desk=STOREOLIS_ADDRESS)
    (accepted,) = mails_to(functions, CLIENT)
    assert "https://storeolis.ru/help/domain" in text_of(accepted)
    ticket = ticket_of(functions, STOREOLIS_ADDRESS, "m1")
    assert ticket.status is Status.OPEN
    assert ticket.reaction is not None
    assert ticket.reaction.runs
    assert len(mails_to(functions, team_of("storeolis"))) == 1


def test_a_complete_request_is_acknowledged_and_nothing_is_asked(functions: Functions) -> None:
    """What the other outcomes are the exceptions to."""
    arrive(functions, COMPLETE, "m1", desk=MDO_ADDRESS)
    (accepted,) = mails_to(functions, CLIENT)
    assert number_of("moi-dokumenty-online", "m1") in text_of(accepted)
