"""Which request a courtesy means that answers no letter and names no number (house rule)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from domain.letter import Verdict
from domain.reply_token import token_for
from domain.ticket.outgoing import Audience, OutgoingMail
from domain.ticket.ticket import Status, Ticket
from tests.support.builders import KEYS, MDO
from tests.support.client_letters import COMPLETE
from tests.support.desk_in_memory import OLGA, START, Desk
from tests.support.people import specialists_of
from tests.support.raw_mail import raw_letter

LATER = START + timedelta(hours=2)
THANKS, WITHDRAWN, REMINDER = "Спасибо, всё заработало!", "Вопрос снят, закройте.", "Ну что там?"


def written(
    desk: Desk, text: str, at: datetime = LATER, *, sender: str = OLGA, **changes: Verdict
) -> list[OutgoingMail]:
    """Return what follows from a new letter of a client, which answers none."""
    return desk.receive(raw_letter(sender, desk.address, "", text), at, **changes)


def desk_with(*subjects: str) -> Desk:
    """Return a desk at which Olga has opened requests, a minute apart."""
    desk = Desk(MDO)
    for number, subject in enumerate(subjects):
        text = COMPLETE.replace("код", subject.lower())
        desk.receive(raw_letter(OLGA, desk.address, subject, text), START + timedelta(minutes=number))
    return desk


def close(desk: Desk, ticket: Ticket) -> None:
    """Let a specialist close a request."""
    to = desk.address.replace("@", f"+{token_for(KEYS, MDO, ticket.id, Audience.TEAM)}@")
    desk.receive(raw_letter(specialists_of(MDO)[0], to, "Re: карточка", "Закрыть"), START + timedelta(hours=1), to=to)


@pytest.mark.parametrize("text", [THANKS, WITHDRAWN, REMINDER])
def test_house_rule_a_courtesy_joins_the_only_open_request_of_its_sender(text: str) -> None:
    """Nothing is opened, and the client gets nothing."""
    desk = desk_with("Талон")
    (before,) = desk.tickets()
    sent = written(desk, text)
    assert [mail.audience for mail in sent] == [Audience.TEAM]
    (after,) = desk.tickets()
    assert (after.id, after.version > before.version) == (before.id, True)


def test_house_rule_a_reminder_joins_the_last_of_several_open_requests() -> None:
    """The team sees it there, and the other requests are the sender's as well."""
    desk = desk_with("Талон", "Справка")
    first, last = desk.tickets()
    (told,) = written(desk, REMINDER)
    assert (told.kind, told.ticket) == ("follow_up", last.id)
    assert first.id != last.id


def test_house_rule_a_withdrawal_that_may_mean_several_requests_joins_none() -> None:
    """A word would close the wrong one: it is a request of its own, with the suggestion."""
    desk = desk_with("Талон", "Справка")
    written(desk, WITHDRAWN)
    assert len(desk.tickets()) == 3


def test_house_rule_thanks_after_the_closing_join_the_request_and_reopen_nothing() -> None:
    """The last of the sender's, closed lately."""
    desk = desk_with("Талон")
    (ticket,) = desk.tickets()
    close(desk, ticket)
    assert written(desk, THANKS) == []
    after = desk.store.ticket(ticket.id)
    assert after is not None
    assert after.status is Status.CLOSED
    assert desk.tickets() == []


def test_house_rule_thanks_long_after_the_closing_are_a_letter_of_their_own() -> None:
    """As any letter that comes later than the edition reopens by."""
    desk = desk_with("Талон")
    (ticket,) = desk.tickets()
    close(desk, ticket)
    written(desk, THANKS, START + timedelta(days=60))
    assert len(desk.tickets()) == 1


def test_house_rule_a_reminder_without_an_open_request_is_an_unclear_letter() -> None:
    """Somebody has to ask what it is about."""
    desk = Desk(MDO)
    assert {mail.kind for mail in written(desk, REMINDER)} == {"details_requested", "card"}


@pytest.mark.parametrize("text", [THANKS, REMINDER])
def test_house_rule_a_courtesy_from_an_address_that_is_not_proved_joins_nothing(text: str) -> None:
    """Anybody may write in her name."""
    desk = desk_with("Талон")
    written(desk, text, verdict=Verdict.FAIL)
    assert len(desk.tickets()) == 2


def test_house_rule_a_courtesy_of_somebody_else_joins_nothing() -> None:
    """The request is Olga's."""
    desk = desk_with("Талон")
    written(desk, THANKS, sender="petr@client.example")
    assert len(desk.tickets()) == 2


def test_house_rule_thanks_count_as_no_request_of_the_month() -> None:
    """Storeolis 2.6 counts requests, and these ask for nothing."""
    desk = Desk(MDO)
    written(desk, THANKS)
    written(desk, THANKS, LATER + timedelta(hours=1))
    recent, _ = desk.store.situation(MDO, f"address:{OLGA}", None)
    assert recent.requests == ()
