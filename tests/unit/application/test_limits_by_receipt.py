"""Storms are judged by when SES received their letters, however late and in whatever order those are handled."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from application.change import commit_decided
from application.receive import receive
from application.recognise import clues_of, read_at_desk
from application.storage import Commit, Conflict
from domain.letter import Address, Letter, Trust
from domain.regulation.editions import editions
from domain.ticket.lately import COUNTED_AT_MOST, DAY, HOUR, LATE_AT_MOST, STRANGERS, SentLately, Written, room_from
from domain.ticket.outgoing import Audience, OutgoingPage
from tests.support.builders import DETAILS, KEYS, MDO, a_letter
from tests.support.client_letters import FAULT, INCOMPLETE
from tests.support.desk_in_memory import OLGA, START, Desk, fresh

LIMITS = editions(MDO)[-1].automatic_letters
LATER = START + timedelta(days=3)
"""When what stood still goes on."""


def a_request(number: int, at: datetime, desk: Desk, **changes: object) -> Letter:
    """Return one of many different requests, received at an instant."""
    text = f"{fresh(number)} не открывается: {fresh(number + 1000)}.\n\n{DETAILS}"
    values: dict[str, object] = {"ses_message_id": f"r{number}", "received_at": at, "recipients": (desk.address,)}
    return a_letter(text, subject=fresh(number), **{**values, **changes})


def shuffled(count: int) -> list[int]:
    """Return the numbers below `count` in an order of their own."""
    return sorted(range(count), key=fresh)


def test_a_backlog_of_one_office_is_acknowledged_like_any_other_and_gets_all_its_cards() -> None:
    """25 requests of 44 hours, handled together and in no order."""
    desk = Desk(MDO)
    for number in shuffled(25):
        desk.take(a_request(number, START + number * timedelta(hours=44) / 24, desk), LATER)
    assert desk.counted() == {"accepted": 25, "card": 25}


def test_eleven_letters_within_an_hour_are_a_storm_however_they_are_handled() -> None:
    """One a day, the last first."""
    desk = Desk(MDO)
    for number in reversed(range(11)):
        handled = START + timedelta(days=11 - number)
        desk.take(a_request(number, START + timedelta(minutes=5 * number), desk), handled)
    assert desk.counted() == {"accepted": LIMITS.per_address_per_hour, "card": 10, "held_back": 1}


def test_a_letter_that_is_handled_late_is_counted_with_those_of_its_hour() -> None:
    """What came between has not made the desk forget them."""
    desk = Desk(MDO)
    for number in range(10):
        desk.write(number)
    desk.take(a_request(50, LATER, desk), LATER)
    assert [mail.kind for mail in desk.take(a_request(51, START + timedelta(minutes=30), desk), LATER)] == ["held_back"]
    assert [mail.kind for mail in desk.take(a_request(52, START - HOUR, desk), LATER)] == ["accepted", "card"]


def test_a_letter_received_before_others_that_were_answered_counts_them_too() -> None:
    """The limit looks in both directions: the hour that would be too full begins with the late letter."""
    desk = Desk(MDO)
    for number in range(10):
        desk.write(number)
    assert [mail.kind for mail in desk.take(a_request(50, START - timedelta(minutes=50), desk), LATER)] == ["held_back"]


def test_a_question_that_is_held_back_leaves_a_promise_that_counts_from_the_letter() -> None:
    """However late it is handled."""
    desk = Desk(MDO)
    for number in range(10):
        desk.write(number)
    desk.write(20, INCOMPLETE, handled=LATER)
    clock = desk.tickets()[-1].reaction
    assert clock is not None
    assert clock.counted_from == START + timedelta(minutes=20)


def test_what_is_remembered_is_bounded_and_what_is_forgotten_is_taken_for_full() -> None:
    """A storm that outgrows the item lets no late letter through unseen."""
    sent = SentLately()
    for number in range(COUNTED_AT_MOST + 10):
        sent = sent.with_written("to_client", Written(at=START + timedelta(minutes=number), ticket="MDO-7K3F-9QXZ"))
    assert len(sent.to_client) == COUNTED_AT_MOST
    assert sent.forgotten_until == START + timedelta(minutes=9)
    late = START + timedelta(minutes=20)
    assert room_from((), 5, HOUR, late, sent.forgotten_until) == START + timedelta(minutes=69)
    full = sent.model_copy(update={"to_team": sent.to_client})
    assert len(full.model_dump_json(exclude_defaults=True)) < 200_000


def test_what_no_letter_may_ask_about_any_more_is_forgotten() -> None:
    """Whoever writes for years keeps a short item."""
    sent = SentLately()
    for number in range(100):
        sent = sent.with_written("to_client", Written(at=START + number * DAY))
    assert len(sent.to_client) == (LATE_AT_MOST + DAY).days + 1


def test_an_item_of_an_earlier_version_is_read_and_counts() -> None:
    """As it was written."""
    stored = '{"version":3,"to_client":[{"at":"2026-11-20T07:00:00Z","ticket":"MDO-0000-0001","writer":""}],"to_team":[],"notices":[]}'
    sent = SentLately.model_validate_json(stored)
    assert sent.with_written("to_client", Written(at=START)).to_client[0].ticket == "MDO-0000-0001"
    assert (sent.forgotten_until, sent.withheld) == (None, ())


# The limit of the whole desk ----------------------------------------------------------------------------------


def a_stranger(number: int, at: datetime, desk: Desk, trust: Trust = Trust.CLAIMED) -> Letter:
    """Return a request from an address of its own."""
    return a_request(number, at, desk, sender=Address(f"a{number}@x{number}.example"), trust=trust)


def test_strangers_are_written_to_sixty_times_an_hour_whatever_addresses_they_borrow() -> None:
    """Whoever is proved is answered all the same; the team hears of it once, and of what it missed in one letter."""
    desk = Desk(MDO)
    for number in shuffled(100):
        desk.take(a_stranger(number, START + timedelta(seconds=number), desk), LATER)
    assert len(desk.to(Audience.CLIENT)) == LIMITS.to_strangers_per_hour
    assert desk.counted()["held_back"] == 1
    known = a_request(200, START + timedelta(minutes=2), desk)
    assert [mail.kind for mail in desk.take(known, LATER)] == ["accepted", "card"]
    (digest,) = [mail for mail in desk.sweep(LATER + timedelta(minutes=5)) if mail.kind == "digest"]
    assert (digest.params["count"], digest.params["address"]) == (str(100 - desk.counted()["card"] + 1), "")
    limits = {event.limit for ticket in desk.tickets() for event in desk.withheld(ticket)}
    assert limits == {"to_strangers_per_hour"}


def test_the_next_hour_answers_strangers_again() -> None:
    """By receipt."""
    desk = Desk(MDO)
    for number in range(70):
        desk.take(a_stranger(number, START, desk), START)
    assert [mail.kind for mail in desk.take(a_stranger(90, START + HOUR, desk), START + HOUR)] == ["accepted", "card"]


@pytest.mark.parametrize("trust", [Trust.VERIFIED, Trust.CLAIMED])
def test_a_letter_that_is_proved_neither_reads_nor_writes_the_count_of_strangers(trust: Trust) -> None:
    """So that nobody waits for an item that all write to."""
    desk = Desk(MDO)
    letter = a_request(0, START, desk, trust=trust)
    reception = receive(letter, MDO, desk.store, KEYS, START)
    assert reception is not None
    touched = {change.address for change in reception.commit.sent}
    asked = set(clues_of(read_at_desk(letter, MDO, KEYS)).counted)
    assert touched == asked == ({OLGA} if trust is Trust.VERIFIED else {OLGA, STRANGERS})


def test_two_strangers_at_once_are_not_both_answered_by_the_last_letter_allowed() -> None:
    """The second is decided again on what the first wrote."""
    desk = Desk(MDO)
    for number in range(LIMITS.to_strangers_per_hour - 1):
        desk.take(a_stranger(number, START, desk), START)
    first, second = (receive(a_stranger(number, START, desk), MDO, desk.store, KEYS, START) for number in (90, 91))
    assert first is not None
    assert second is not None
    desk.store.commit(first.commit)
    with pytest.raises(Conflict):
        desk.store.commit(second.commit)
    assert [mail.kind for mail in desk.take(a_stranger(91, START, desk), START)] == ["held_back"]


def test_a_critical_letter_in_a_storm_of_strangers_pages_though_twenty_others_are_counted_first() -> None:
    """All are counted in one item; what loses each time is handed out again in six minutes, and five are promised."""
    desk, others = Desk(MDO), 20

    def decide_now(numbers_taken: int) -> Commit | None:
        nonlocal others
        letter = a_letter(FAULT, received_at=START, recipients=(desk.address,), trust=Trust.CLAIMED)
        taken = receive(letter, MDO, desk.store, KEYS, START, numbers_taken)
        if others:
            others -= 1
            sender = Address(f"u{others}@other.example")
            desk.take(a_request(others, START, desk, trust=Trust.CLAIMED, sender=sender), START)
        return taken.commit if taken is not None else None

    written = commit_decided(desk.store, decide_now, "the letter")
    assert written is not None
    assert any(isinstance(message, OutgoingPage) for fault in written.faults for message in fault.outgoing)
