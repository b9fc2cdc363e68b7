"""What the limits withhold from the team is told in one letter: none is lost, none is told twice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.rendering import render_mail, text_of
from domain.letter import Address
from domain.regulation.editions import edition_at, editions
from domain.reply_token import token_for
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.decide.digest import _TOLD
from domain.ticket.events import DigestSent, LetterWithheld
from domain.ticket.lately import DIGEST_LETTERS_AT_MOST, HOUR, SUBJECT_LIMIT
from domain.ticket.outgoing import Audience, OutgoingMail
from domain.ticket.restraint import DIGEST_AFTER, ROUTINE
from domain.ticket.ticket import CloseOutcome, Ticket
from domain.ticket.timers import next_timer
from tests.support.builders import KEYS, MDO
from tests.support.desk_in_memory import OLGA, START, Desk, fresh
from tests.support.people import addressed
from tests.support.raw_mail import raw_letter

LIMITS = editions(MDO)[-1].automatic_letters
UNTIL = START + HOUR
"""When the limit has room again that the first letter of a storm has filled."""


def a_storm(letters: int = 15) -> Desk:
    """Return a desk to which one client wrote once a minute."""
    desk = Desk(MDO)
    for number in range(letters):
        desk.write(number)
    return desk


def digests(mails: list[OutgoingMail]) -> list[OutgoingMail]:
    return [mail for mail in mails if mail.kind == "digest"]


def the_carrier(desk: Desk) -> Ticket:
    (ticket,) = [ticket for ticket in desk.tickets() if ticket.digests]
    return ticket


def told_and_withheld(desk: Desk) -> tuple[int, int]:
    """Return how many letters digests have told of, and how many were withheld from the team."""
    events = [event for ticket in desk.store.queue(MDO) for _, event in desk.store.history(ticket.id)]
    told = sum(event.letters for event in events if isinstance(event, DigestSent))
    withheld = [one for one in events if isinstance(one, LetterWithheld) and one.audience is Audience.TEAM]
    return told, len(withheld)


def test_what_a_storm_withheld_is_told_in_one_letter_when_the_limit_has_room_again() -> None:
    """Which tickets, when each letter came, what about, and how to see more; the notice has promised it."""
    desk = a_storm()
    (notice,) = [mail for mail in desk.sent if mail.kind == "held_back"]
    assert notice.params["digest"] == notice.params["until"] == "пятница, 20 ноября 2026 г., 11:00 (МСК)"
    assert desk.sweep(UNTIL - timedelta(seconds=1)) == []
    (digest,) = desk.sweep(UNTIL)
    assert (digest.kind, digest.audience, digest.to) == ("digest", Audience.TEAM, "")
    text = text_of(render_mail(addressed(digest), KEYS, UNTIL))
    for ticket in desk.tickets():
        assert (ticket.id in text) is bool(desk.withheld(ticket)) or ticket.id == digest.ticket
        assert (ticket.subject[:40] in text) is bool(desk.withheld(ticket))
    assert "новое обращение" in text
    assert "письмо получено: пятница, 20 ноября 2026 г., 10:14 (МСК)" in text
    assert "reglament show" in text
    assert "reglament queue" in text
    assert "5 уведомлений о письмах с адреса olga@client.example" in text
    assert told_and_withheld(desk) == (5, 5)
    assert desk.sweep(UNTIL + timedelta(minutes=1)) == []


def test_a_storm_that_is_handled_late_is_told_of_a_few_minutes_later() -> None:
    """The limit has had room for days: the rest of the backlog is waited for, and no longer."""
    desk, late = Desk(MDO), START + timedelta(days=2)
    for number in range(15):
        desk.write(number, handled=late)
    (notice,) = [mail for mail in desk.to(Audience.TEAM) if mail.kind == "held_back"]
    assert "Предел касается писем, полученных до срока" in text_of(render_mail(addressed(notice), KEYS, late))
    assert digests(desk.sweep(late + DIGEST_AFTER - timedelta(seconds=1))) == []
    (digest,) = digests(desk.sweep(late + DIGEST_AFTER))
    assert digest.params["count"] == "5"


def test_a_closed_ticket_sends_its_digest_all_the_same() -> None:
    """It was the first of which something was withheld, and others wait for it."""
    desk = a_storm()
    carrier = the_carrier(desk)
    act = c.SpecialistAct(c.Act.CLOSE, "anna", outcome=CloseOutcome.WITHDRAWN)
    decision = decide(carrier, act, edition_at(MDO, START), START + timedelta(minutes=20))
    assert decision.ticket is not None
    assert decision.ticket.closed_at is not None
    timer = next_timer(decision.ticket)
    assert timer is not None
    assert (timer.kind, timer.at) == ("digest", UNTIL)
    lately = desk.store.sent_lately(MDO, OLGA)
    fired = decide(decision.ticket, c.FireTimers(counts={OLGA: lately}), edition_at(MDO, START), UNTIL)
    assert [mail.kind for mail in fired.outgoing] == ["digest"]
    assert fired.ticket is not None
    assert next_timer(fired.ticket) is None


def test_a_digest_whose_letters_were_not_read_waits() -> None:
    """Nothing is told as if there were nothing."""
    carrier = the_carrier(a_storm())
    fired = decide(carrier, c.FireTimers(), edition_at(MDO, START), UNTIL)
    assert fired.events == ()


def test_a_letter_that_is_withheld_while_the_digest_is_written_is_told_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The digest is decided again on what is there by then."""
    desk = a_storm()
    real, late = desk.store.sent_lately, [59]

    def read(name: str, counted_as: str) -> object:
        lately = real(name, counted_as)
        while late:
            desk.write(late.pop())
        return lately

    monkeypatch.setattr(desk.store, "sent_lately", read)
    (digest,) = digests(desk.sweep(UNTIL))
    assert digest.params["count"] == "6"
    assert told_and_withheld(desk) == (6, 6)


def test_two_sweeps_at_once_send_one_digest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ticket and the count are both as they were read, or nothing is written."""
    desk = a_storm()
    real, again = desk.store.sent_lately, [True]

    def read(name: str, counted_as: str) -> object:
        lately = real(name, counted_as)
        if again:
            again.clear()
            desk.sweep(UNTIL)
        return lately

    monkeypatch.setattr(desk.store, "sent_lately", read)
    desk.sweep(UNTIL)
    assert desk.counted()["digest"] == 1
    assert told_and_withheld(desk) == (5, 5)


def test_what_is_withheld_after_a_digest_starts_the_next_an_hour_later_at_the_earliest() -> None:
    """A storm without end is one letter an hour."""
    desk = a_storm()
    desk.sweep(UNTIL)
    for number in range(60, 80):
        desk.write(number)
    carrier = the_carrier(desk)
    (promised,) = carrier.digests
    assert promised.due >= UNTIL + HOUR
    assert digests(desk.sweep(promised.due))
    told, withheld = told_and_withheld(desk)
    assert told == withheld > 5


def test_a_digest_names_a_hundred_letters_and_counts_the_others() -> None:
    """An item and a letter stay bounded."""
    desk = Desk(MDO)
    for number in range(150):
        at = START + timedelta(seconds=number)
        desk.write(0, fresh(number), ses_message_id=f"n{number}", received_at=at, subject=f"Тема {number} " * 20)
    (digest,) = digests(desk.sweep(UNTIL))
    letters = digest.params["letters"]
    more = 150 - desk.counted()["card"] - DIGEST_LETTERS_AT_MOST
    assert (len(letters), digest.params["more"]) == (DIGEST_LETTERS_AT_MOST, str(more))
    assert f"— и ещё {more}" in text_of(render_mail(addressed(digest), KEYS, UNTIL))
    assert all(len(line) < SUBJECT_LIMIT + 120 for line in letters)


def test_letters_that_many_write_with_one_tickets_token_are_told_in_its_digest() -> None:
    """Whichever limit withholds them."""
    desk = Desk(MDO)
    desk.write(0)
    number = desk.tickets()[0].id
    to = desk.address.replace("@", f"+{token_for(KEYS, MDO, number, Audience.CLIENT)}@")
    for turn in range(30):
        desk.receive(raw_letter(f"a{turn}@x.example", to, fresh(turn), fresh(turn)), START, to=to)
    (digest,) = digests(desk.sweep(UNTIL + HOUR))
    assert digest.params["count"] == "10"
    assert "новое письмо по обращению" in digest.params["letters"][0]
    assert told_and_withheld(desk) == (10, 10)


def test_another_client_has_a_digest_of_its_own() -> None:
    """Each storm is told of by itself."""
    desk = a_storm()
    for number in range(20, 35):
        desk.write(number, sender=Address("petr@client.example"))
    told = digests(desk.sweep(START + 2 * HOUR))
    assert sorted(str(mail.params["address"]) for mail in told) == [OLGA, "petr@client.example"]


def test_every_letter_that_may_be_withheld_has_words_in_the_digest() -> None:
    """One that is added needs its own."""
    assert set(_TOLD) == ROUTINE


def test_the_digest_of_a_clock_that_stood_still_for_days_tells_all() -> None:
    """Late, and whole."""
    desk = a_storm()
    (digest,) = digests(desk.sweep(START + timedelta(days=9)))
    assert digest.params["count"] == "5"
