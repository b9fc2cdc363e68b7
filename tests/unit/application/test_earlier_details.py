"""Details that a proved address gave in an earlier request are not asked for again (MDO 1.3.2; a house rule)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.intake.earlier import may_be_one
from domain.letter import Address, Trust
from domain.regulation.editions import editions
from domain.ticket.outgoing import OutgoingMail
from domain.ticket.ticket import Ticket
from tests.support.builders import MDO
from tests.support.desk_in_memory import Desk
from tests.support.life import worded

NAMELESS = Address("olga@client.example", "")
DAY = 24 * 60
"""Minutes: `Desk.write` sends its letters a minute apart."""
ANOTHER = "Добрый день. В разделе документов не открывается справка о составе семьи."


@pytest.fixture
def desk() -> Desk:
    """A desk that a client has given her details in a first request."""
    desk = Desk(MDO)
    desk.write(0, sender=NAMELESS)
    return desk


def second(desk: Desk, text: str = ANOTHER, number: int = DAY, **changes: Any) -> Ticket:
    """Return the ticket of the client's second request."""
    sent = desk.write(number, text, **{"sender": NAMELESS, **changes})
    ticket = desk.store.ticket(sent[0].ticket)
    assert ticket is not None
    return ticket


def card(desk: Desk) -> OutgoingMail:
    """Return the last card of a new request."""
    return next(mail for mail in reversed(desk.sent) if isinstance(mail, OutgoingMail) and mail.kind == "card")


def test_mdo_1_3_2_what_a_verified_address_gave_is_not_asked_again(desk: Desk) -> None:
    """The reaction is promised at once, and every detail says which request it is from."""
    (first,) = desk.tickets()
    ticket = second(desk)
    known = ticket.identification
    assert (known.full_name, known.missing) == ("Лебедева Ольга Игоревна", ())
    assert ticket.reaction is not None
    assert {source.ticket for source in known.from_earlier} == {first.id}
    assert {source.detail for source in known.from_earlier} == {"full_name", "phone", "organisation", "position"}
    assert desk.counted()["details_requested"] == 0


def test_the_card_shows_what_is_from_an_earlier_request(desk: Desk) -> None:
    """With its number and day."""
    ticket = second(desk)
    assert f"из обращения {ticket.identification.from_earlier[0].ticket} от" in worded(card(desk))


def test_an_unverified_letter_carries_nothing_over(desk: Desk) -> None:
    """Anybody can write an address into From."""
    ticket = second(desk, trust=Trust.CLAIMED)
    assert (ticket.identification.full_name, ticket.identification.from_earlier) == (None, ())
    assert set(ticket.identification.missing) == {"full_name", "phone", "organisation", "position"}


def test_details_of_an_unverified_letter_are_not_remembered() -> None:
    """What somebody may have made up completes nobody's next request."""
    desk = Desk(MDO)
    desk.write(0, sender=NAMELESS, trust=Trust.CLAIMED)
    assert second(desk).identification.from_earlier == ()


def test_a_letter_signed_with_another_name_carries_over_the_organisation_only(desk: Desk) -> None:
    """Offices share mailboxes."""
    known = second(desk, f"{ANOTHER}\n\nФИО: Громова Инна Павловна").identification
    assert [source.detail for source in known.from_earlier] == ["organisation"]
    assert set(known.missing) == {"phone", "position"}


def test_the_same_name_with_initials_is_the_same_writer(desk: Desk) -> None:
    """«Лебедева О. И.» is Ольга Игоревна."""
    assert second(desk, f"{ANOTHER}\n\nФИО: Лебедева О. И.").identification.missing == ()


def test_the_phone_of_the_new_letter_beats_the_remembered_one(desk: Desk) -> None:
    """It is the letter's own, and has no earlier source."""
    known = second(desk, f"{ANOTHER}\n\nМобильный: +7 916 555-44-33").identification
    assert known.phone == "+79165554433"
    assert "phone" not in [source.detail for source in known.from_earlier]


def test_details_are_forgotten_after_the_days_that_the_edition_says(desk: Desk) -> None:
    """They are asked for once more."""
    days = editions(MDO)[-1].rules.identification.remembered_days
    at = timedelta(days=days, minutes=1)
    ticket = second(desk, number=int(at.total_seconds() // 60))
    assert ticket.identification.from_earlier == ()


def test_details_that_an_answer_gave_are_remembered_too() -> None:
    """Most clients give them when they are asked."""
    desk = Desk(MDO)
    asked = desk.write(0, ANOTHER, sender=NAMELESS)
    ticket = desk.tickets()[0]
    assert "details_requested" in [mail.kind for mail in asked]
    text = "ФИО: Лебедева Ольга Игоревна\nМобильный: +7 916 123-45-67\nОрганизация: нет\nДолжность: нет"
    desk.write(5, text, sender=NAMELESS, subject=f"Re: [{ticket.id}] Нужны сведения")
    known = second(desk, "Не печатается талон электронной очереди, принтер исправен.").identification
    assert (known.full_name, known.missing) == ("Лебедева Ольга Игоревна", ())
    assert known.declares_none("organisation")


def test_what_is_remembered_is_shown_to_no_client(desk: Desk) -> None:
    """The letter of acceptance names no detail of an earlier request."""
    sent = desk.write(DAY, ANOTHER, sender=NAMELESS)
    to_client = [worded(mail) for mail in sent if mail.kind == "accepted"]
    assert to_client
    assert not any("Лебедева" in text for text in to_client)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Лебедева Ольга Игоревна", "Лебедева О. И.", True),
        ("Лебедева Ольга", "Лебедева Ольга Игоревна", True),
        ("Лебедева Ольга Игоревна", "Лебедева Анна Игоревна", False),
        ("Лебедева О. И.", "Лебедев П. И.", False),
        ("Ли О.", "Лебедева Ольга Игоревна", False),
    ],
)
def test_names_may_be_one_persons(one: str, other: str, *, same: bool) -> None:
    """Each word or initial of the shorter is in the longer."""
    assert may_be_one(one, other) is same
