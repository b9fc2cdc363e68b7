"""A question that comes back after the ticket has lapsed over it: remote hosts report after days."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.memory import MemoryStore
from domain.letter import Trust
from domain.regulation.editions import edition_named
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.ticket import CloseOutcome, Status, Ticket
from handlers import feedback
from tests.support.builders import DETAILS, MDO, a_letter, moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE
from tests.support.commits import opening
from tests.support.desk_in_memory import Desk, fresh
from tests.support.life import begin, classified
from tests.support.people import peopled
from tests.support.post import Post

CLIENT = "olga@client.example"
REPORTED = moscow("2026-11-25 10:00")
"""When the other host gives up: five days after the question, ten hours after the closing."""


def lapsed(text: str = COMPLETE) -> tuple[Post, Ticket]:
    """Let a ticket lapse over a question that left on Friday at eleven; details are asked for at ten."""
    store = peopled(MemoryStore())
    store.commit(opening(begin(text, "2026-11-20 10:00")))
    post = Post(store, moscow("2026-11-20 10:00"))
    post.deliver()
    (number,) = (ticket.id for ticket in store.queue(MDO))
    if text == COMPLETE:
        post.at = moscow("2026-11-20 11:00")
        post.act(number, c.Act.ASK, "Какая у вас версия?")
        post.deliver()
    post.run("2026-11-25 00:01")
    ticket = post.ticket(number)
    assert ticket.outcome is CloseOutcome.LAPSED
    return post, ticket


def bounce(post: Post, kind: str, *, at: datetime = REPORTED, event: str = "Bounce", **changes: Any) -> None:
    """Let SES tell that the last letter of a kind came back."""
    left = post.last(kind)
    tags = {"desk": [MDO], "ticket": [left.ticket], "item": [left.item.replace("#", "-")], **changes}
    place = post.posted.index(left) + 1
    told = {
        "eventType": event,
        "mail": {
            "timestamp": left.at.isoformat(),
            "messageId": f"sent-{place}",
            "destination": [left.to],
            "tags": {name: value for name, value in tags.items() if value},
        },
        event.lower(): {
            "bounceType": "Permanent",
            "bouncedRecipients": [{"emailAddress": left.to, "status": "5.1.1"}],
            "complainedRecipients": [{"emailAddress": left.to}],
            "timestamp": at.isoformat(),
        },
    }
    post.at = max(post.at, at)
    feedback._take(cast("Any", SimpleNamespace(body=json.dumps(told))), cast("Any", post))
    post.deliver()


@pytest.mark.parametrize(("text", "question"), [(COMPLETE, "question"), (INCOMPLETE, "details_requested")])
def test_mdo_2_5_a_question_that_comes_back_after_the_lapse_undoes_it(text: str, question: str) -> None:
    """The client owed no answer; a reaction is promised to the team's eyes from now."""
    post, ticket = lapsed(text)
    bounce(post, question)
    after = post.ticket(ticket.id)
    assert (after.status, after.outcome, after.lapsed) == (Status.OPEN, None, None)
    assert after.reaction is not None
    assert (after.reaction.counted_from, after.reaction.runs) == (REPORTED, True)
    told = post.last("delivery_failed").text
    assert "Закрытие отменено, обращение снова открыто." in told
    assert "Свяжитесь с клиентом иначе или уточните адрес." in told
    assert "reopened" not in post.kinds(CLIENT)


def test_mdo_2_5_a_bounce_that_is_told_twice_undoes_the_lapse_once() -> None:
    """SQS repeats, and a failure queue is redriven."""
    post, ticket = lapsed()
    for _ in range(2):
        bounce(post, "question")
    post.act(ticket.id, c.Act.CLOSE)
    bounce(post, "question")
    after = post.ticket(ticket.id)
    assert (after.status, after.reopened) == (Status.CLOSED, 1)
    assert post.kinds().count("delivery_failed") == 1


@pytest.mark.parametrize("kind", ["accepted", "lapsed"])
def test_mdo_2_5_another_letter_that_comes_back_does_not_undo_the_lapse(kind: str) -> None:
    """The team hears of it; the question may well have arrived."""
    post, ticket = lapsed()
    bounce(post, kind)
    assert post.ticket(ticket.id).status is Status.CLOSED
    assert "Закрытие отменено" not in post.last("delivery_failed").text


def test_mdo_2_5_a_question_of_an_earlier_wait_that_comes_back_does_not_undo_the_lapse() -> None:
    """The client has answered it, by whatever way it came."""
    store = peopled(MemoryStore())
    store.commit(opening(begin(COMPLETE, "2026-11-17 10:00")))
    post = Post(store, moscow("2026-11-17 11:00"))
    (number,) = (ticket.id for ticket in store.queue(MDO))
    post.act(number, c.Act.SOLVE, "Обновите приложение.")
    post.deliver()
    post.act(number, c.Act.REPLY, "Это не поможет, разбираемся дальше.")
    post.at = moscow("2026-11-20 11:00")
    post.act(number, c.Act.ASK, "Какая у вас версия?")
    post.deliver()
    post.run("2026-11-25 00:01")
    bounce(post, "solution")
    assert post.ticket(number).outcome is CloseOutcome.LAPSED
    bounce(post, "question")
    assert post.ticket(number).status is Status.OPEN


def test_a_complaint_about_the_question_says_that_it_arrived() -> None:
    """Somebody pressed the button for spam in its mail program."""
    post, ticket = lapsed()
    bounce(post, "question", event="Complaint")
    assert post.ticket(ticket.id).status is Status.CLOSED


@pytest.mark.parametrize(("at", "status"), [(REPORTED, Status.OPEN), (moscow("2026-11-20 10:59"), Status.CLOSED)])
def test_mdo_2_5_a_report_that_names_no_letter_undoes_the_lapse_only_where_it_may_be_about_the_question(
    at: datetime, status: Status
) -> None:
    """It was made after the question was asked, or before."""
    post, ticket = lapsed()
    bounce(post, "question", at=at, item=None)
    assert post.ticket(ticket.id).status is status


def test_a_client_who_answers_after_the_lapse_was_undone_is_heard() -> None:
    """As on any open ticket, in time or not."""
    post, ticket = lapsed()
    bounce(post, "question")
    number, open_again = ticket.id, post.ticket(ticket.id)
    edition = edition_named(open_again.desk, open_again.edition)
    letter = a_letter("Версия 5.1.", received_at=REPORTED - timedelta(days=1), ses_message_id="late")
    decision = decide(open_again, c.AddLetter(letter, classified(letter, edition, REPORTED)), edition, REPORTED)
    assert decision.ticket is not None
    assert (decision.ticket.id, decision.ticket.status, decision.ticket.reopened) == (number, Status.OPEN, 1)
    assert [message.kind for message in decision.outgoing] == ["follow_up"]


@pytest.mark.parametrize(("after", "is_suppressed"), [(timedelta(hours=1), False), (timedelta(hours=-1), True)])
def test_a_bounce_that_is_first_heard_of_after_a_newer_proof_on_another_ticket_suppresses_nothing(
    after: timedelta, *, is_suppressed: bool
) -> None:
    """`feedback` stood still; meanwhile the client wrote a new request, and was answered."""
    post, _ = lapsed()
    desk, proved_at = Desk(MDO, store=post.store), REPORTED + after
    text = f"{fresh(1)} не открывается: {fresh(2)}.\n\n{DETAILS}"
    new = a_letter(text, received_at=proved_at, ses_message_id="new", subject=fresh(1), recipients=(desk.address,))
    assert "accepted" in [mail.kind for mail in desk.take(new, proved_at)]
    post.at = REPORTED + timedelta(days=3)
    bounce(post, "question")
    assert post.store.is_suppressed(MDO, CLIENT) is is_suppressed


def test_a_borrowed_address_proves_nothing_against_a_bounce() -> None:
    """Only a letter that is proved to come from the address says that it lives."""
    post, _ = lapsed()
    desk, at = Desk(MDO, store=post.store), REPORTED + timedelta(hours=1)
    text = f"{fresh(1)} не открывается: {fresh(2)}.\n\n{DETAILS}"
    changes = {"subject": fresh(1), "recipients": (desk.address,), "trust": Trust.CLAIMED}
    desk.take(a_letter(text, received_at=at, ses_message_id="new", **changes), at)
    post.at = REPORTED + timedelta(days=3)
    bounce(post, "question")
    assert post.store.is_suppressed(MDO, CLIENT)
