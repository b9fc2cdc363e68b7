"""Letters to a desk's team are addressed as they leave: to whom the team is by then, and to nobody before one is entered."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.aws_errors import Meaning
from adapters.memory import MemoryStore
from application.change import change_ticket
from application.people import NobodyEntered, change_of, desks_without_people
from application.storage import OutboxState
from domain.people import NOBODY, People, Person, Role
from domain.regulation.editions import desk_ids
from domain.ticket.commands import ReportFailedDelivery
from domain.ticket.outgoing import Audience
from handlers.meanings import meaning_of
from tests.support.builders import MDO, a_letter, moscow
from tests.support.client_letters import COMPLETE
from tests.support.desk_in_memory import OLGA, Desk
from tests.support.people import peopled, team_of
from tests.support.post import Post

MORNING = moscow("2026-11-20 10:00")
TEAM = "new-team@company.example"


def enter(store: MemoryStore, people: People) -> None:
    before = store.people(MDO)
    store.save_people(MDO, before, people, change_of("people import", before, people, at=MORNING, caller="tests"))


def taken(store: MemoryStore) -> tuple[Post, str]:
    """Let a letter arrive at a desk, and return its post and the number of the ticket."""
    desk = Desk(MDO, store=store)
    desk.take(a_letter(COMPLETE, received_at=MORNING), MORNING)
    (ticket,) = desk.tickets()
    return Post(store, MORNING), ticket.id


def test_a_card_goes_to_the_team_that_is_entered_as_it_leaves() -> None:
    store = peopled(MemoryStore())
    post, _ = taken(store)
    enter(store, People(team_address=TEAM))
    post.deliver()
    assert [(letter.kind, letter.to) for letter in post.posted] == [("accepted", OLGA), ("card", TEAM)]


def test_a_card_waits_where_no_team_is_entered_and_the_client_is_answered_all_the_same() -> None:
    post, number = taken(MemoryStore())
    post.run(MORNING + timedelta(minutes=30))
    assert {letter.to for letter in post.posted} == {OLGA}
    states = [state for _, state, body in post.store.outbox(number) if '"kind":"card"' in body]
    assert states == [OutboxState.PENDING]


def test_a_letter_to_no_team_is_never_given_up() -> None:
    """A letter that fails otherwise is given up after four days."""
    post, _ = taken(MemoryStore())
    post.run(MORNING + timedelta(days=9))
    assert list(post.store.given_up(MDO)) == []
    enter(post.store, People(team_address=TEAM))
    post.run(post.at + timedelta(hours=2))
    assert "card" in post.kinds(TEAM)


def test_what_waited_leaves_in_its_order_once_a_team_is_entered() -> None:
    post, _ = taken(MemoryStore())
    post.run("2026-11-20 14:30")
    assert post.kinds(TEAM) == []
    enter(post.store, People(team_address=TEAM))
    post.store.wake_delayed(now=post.at, pause=timedelta(), at_most=25)
    post.run("2026-11-20 14:45")
    assert post.kinds(TEAM)[0] == "card"
    assert "breach" in post.kinds(TEAM)
    assert len(post.kinds(TEAM)) == len(set(post.kinds(TEAM))), "each once"


def test_a_team_that_nobody_entered_is_a_fault_of_the_configuration() -> None:
    assert meaning_of(NobodyEntered(MDO)) is Meaning.CONFIGURATION


def test_letters_to_the_team_are_written_without_an_address_and_others_with_theirs() -> None:
    desk = Desk(MDO)
    desk.take(a_letter(COMPLETE, received_at=MORNING), MORNING)
    assert {mail.to for mail in desk.to(Audience.TEAM)} == {""}
    assert {mail.to for mail in desk.to(Audience.CLIENT)} == {OLGA}


@pytest.mark.parametrize(
    ("people", "is_without"),
    [
        (NOBODY, True),
        (People(team_address=TEAM), True),
        (People(team_address=TEAM, persons=(Person(name="А", roles=(Role.ON_CALL,)),)), True),
        (People(persons=(Person(name="А", phone="+79000000000", roles=(Role.ON_CALL,)),)), True),
        (
            People(team_address=TEAM, persons=(Person(name="А", phone="+79000000000", roles=(Role.ESCALATION,)),)),
            False,
        ),
    ],
    ids=["nobody", "nobody-woken", "no-channel", "no-team", "somebody"],
)
def test_a_desk_is_without_people_where_its_cards_or_its_pages_reach_nobody(people: People, is_without: bool) -> None:
    store = peopled(MemoryStore())
    assert desks_without_people(store) == ()
    enter(store, people)
    assert (MDO in desks_without_people(store)) is is_without
    assert set(desk_ids()) - set(desks_without_people(store))


def test_a_team_whose_mailbox_bounced_is_not_told_of_it_in_that_mailbox() -> None:
    """The report names the address that the letter left for, which the letter itself does not have."""
    post, number = taken(peopled(MemoryStore()))
    post.deliver()
    change_ticket(post.store, number, ReportFailedDelivery(team_of(MDO), "5.1.1", "sent-2"), post.now)
    post.deliver()
    assert "delivery_failed" not in post.kinds()
