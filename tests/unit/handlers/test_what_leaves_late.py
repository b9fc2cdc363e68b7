"""Letters that leave late: in order, as soon as one gets through, saying what is then true; terms count from leaving."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from adapters.ses.sending import Refused, Rejected, Unanswered
from application.change import change_ticket
from application.storage import Commit, Conflict, OutboxState
from domain.letter import Address
from domain.ticket import commands as c
from domain.ticket.ticket import CloseOutcome, Status
from handlers import delivery, feedback, mailer
from tests.support.builders import DETAILS, MDO, STOREOLIS, a_letter, moscow
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE
from tests.support.desk_in_memory import OLGA, START, Desk
from tests.support.post import Post
from tests.support.sdk import client_error

FRIDAY = moscow("2026-11-20 10:00")
Number = str


def a_desk(text: str = COMPLETE, at: datetime = FRIDAY) -> tuple[Post, Number]:
    """Return a desk with one letter taken and nothing sent."""
    desk = Desk(MDO)
    desk.take(a_letter(text, ses_message_id="m1", received_at=at, recipients=(desk.address,)), at)
    (ticket,) = desk.tickets()
    return Post(desk.store, at), ticket.id


def write(post: Post, text: str, number: str, received_at: datetime) -> None:
    """Let the client write to the ticket at an instant, and the letter be handled now."""
    desk = Desk(MDO, store=post.store)
    subject = f"Re: [{number}]"
    letter = a_letter(
        text,
        ses_message_id=f"again-{received_at}",
        received_at=received_at,
        recipients=(desk.address,),
        subject=subject,
    )
    desk.take(letter, post.at)


class Outage:
    """SES refuses everything until it is told otherwise."""

    def __init__(self) -> None:
        self.is_over = False

    def __call__(self, kind: str) -> Exception | None:
        del kind
        return None if self.is_over else Unanswered("ReadTimeoutError")


# The client's term -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [c.Act.ASK, c.Act.SOLVE])
def test_mdo_2_5_nothing_lapses_while_the_question_has_not_left(act: c.Act) -> None:
    """`mailer` stands still for four days: two working days of silence after a question that nobody has got are none."""
    post, number = a_desk()
    post.deliver()
    post.act(number, act, "Какой у вас браузер?")
    post.run("2026-11-27 12:00", mailing=False)
    assert post.ticket(number).status is Status.AWAITING_REQUESTER
    post.run("2026-11-27 12:05")
    lapse = post.ticket(number).lapse
    assert lapse is not None
    assert lapse.left_at == post.posted[-1].at
    assert lapse.due == moscow("2026-12-02 00:00")  # two working days after Friday the 27th
    assert "вторник, 1 декабря 2026 г., 24:00" in post.last(act_kind(act)).text
    post.run("2026-12-01 23:59")
    assert post.kinds(OLGA) == ["accepted", act_kind(act), "reminder"]
    post.run("2026-12-02 00:05")
    assert post.ticket(number).outcome is CloseOutcome.LAPSED


def act_kind(act: c.Act) -> str:
    return {c.Act.ASK: "question", c.Act.SOLVE: "solution"}[act]


def test_mdo_2_5_missing_details_lapse_two_working_days_after_they_were_asked_for_and_not_after_the_letter() -> None:
    """The desk's own question is a question."""
    post, number = a_desk(INCOMPLETE)
    post.run("2026-11-25 09:30", mailing=False)
    assert post.ticket(number).status is Status.AWAITING_REQUESTER
    post.run("2026-11-25 09:31")
    lapse = post.ticket(number).lapse
    assert lapse is not None
    assert lapse.due == moscow("2026-11-28 00:00")


def test_a_term_starts_once_however_often_the_question_leaves() -> None:
    """A copy, after a sender that died, moves no term that counts."""
    post, number = a_desk()
    post.act(number, c.Act.ASK, "Какой у вас браузер?")
    post.deliver()
    before = post.ticket(number).lapse
    assert before is not None
    post.at += timedelta(hours=30)
    change_ticket(post.store, number, c.StartTerm(before.asked_at), post.now)
    assert post.ticket(number).lapse == before


def test_the_desk_that_closes_nothing_by_silence_counts_from_leaving_too() -> None:
    """Storeolis only reminds its specialist."""
    desk = Desk(STOREOLIS)
    letter = a_letter(COMPLETE, ses_message_id="m1", received_at=FRIDAY, recipients=(desk.address,))
    desk.take(letter, FRIDAY)
    (ticket,) = desk.tickets()
    post = Post(desk.store, FRIDAY)
    post.act(ticket.id, c.Act.ASK, "Какой у вас браузер?")
    post.run("2026-12-10 12:00", mailing=False)
    post.run("2026-12-10 12:05")
    assert "silence" not in post.kinds()


def test_the_client_has_the_whole_term_that_the_question_names_where_midnight_passes_while_it_is_sent() -> None:
    """The end that the letter names and the end that is kept are reckoned from one instant."""
    post, number = a_desk()
    post.deliver()
    post.at = moscow("2026-11-23 23:59:59.9")
    post.act(number, c.Act.ASK, "Какой у вас браузер?")
    instants = iter([post.at, *[moscow("2026-11-24 00:00:00.1")] * 20])
    post.now = lambda: next(instants)  # type: ignore[method-assign]  # the lease is taken before midnight, the letter worded after it
    post.deliver()
    lapse = post.ticket(number).lapse
    assert lapse is not None
    assert "четверг, 26 ноября 2026 г., 24:00" in post.last("question").text
    assert lapse.due == moscow("2026-11-27 00:00")


def test_a_term_that_could_not_be_written_starts_when_ses_has_delivered_the_question() -> None:
    """The mark matters more than the term: a letter without it is sent twice. Without a term the ticket waits for ever."""
    post, number = a_desk()
    post.deliver()
    post.act(number, c.Act.ASK, "Какой у вас браузер?")
    writes = post.store.commit

    def others_write(commit: Commit) -> None:
        del commit
        raise Conflict("others write to the ticket")

    post.store.commit = others_write  # type: ignore[method-assign]
    post.deliver()
    post.store.commit = writes  # type: ignore[method-assign]
    assert post.kinds(OLGA) == ["accepted", "question"]
    lapse = post.ticket(number).lapse
    assert lapse is not None
    assert lapse.unsent
    post.at += timedelta(minutes=1)
    told_of_delivery(post, "accepted")
    assert post.ticket(number).lapse == lapse
    told_of_delivery(post, "question")
    after = post.ticket(number).lapse
    assert after is not None
    assert after.left_at == post.at
    post.at += timedelta(hours=30)
    told_of_delivery(post, "question")
    assert post.ticket(number).lapse == after


def told_of_delivery(post: Post, kind: str) -> None:
    """Let SES tell that the last letter of a kind was delivered."""
    left = post.last(kind)
    told = {
        "eventType": "Delivery",
        "mail": {
            "timestamp": left.at.isoformat(),
            "messageId": "sent",
            "destination": [left.to],
            "tags": {"desk": [MDO], "ticket": [left.ticket], "item": [left.item.replace("#", "-")]},
        },
        "delivery": {"timestamp": left.at.isoformat(), "recipients": [left.to]},
    }
    feedback._take(cast("Any", SimpleNamespace(body=json.dumps(told))), cast("Any", post))


# In order, and soon ----------------------------------------------------------------------------------------


def test_letters_to_one_recipient_leave_in_the_order_in_which_they_were_written() -> None:
    """However their own pauses would end."""
    post, number = a_desk()
    outage = Outage()
    post.refusing = outage
    post.run("2026-11-20 11:30")
    post.act(number, c.Act.SOLVE, "Обновите страницу.")
    post.run("2026-11-20 12:30")
    post.act(number, c.Act.CLOSE, "Готово.")
    post.run("2026-11-20 12:40")
    outage.is_over = True
    post.run("2026-11-20 14:00")
    assert post.kinds(OLGA) == ["solution", "closed"]  # of what is closed nobody is told that it was accepted
    assert [one.at for one in post.posted if one.to == OLGA][-1] <= moscow("2026-11-20 13:50")


def test_after_an_outage_everything_leaves_within_minutes_of_the_first_letter() -> None:
    """Not at the end of its own pause, which may be an hour."""
    desk, letters = Desk(MDO), 12
    for place in range(letters):
        desk.write(place, sender=Address(f"client{place}@client.example"))
    post = Post(desk.store, START + timedelta(hours=1))
    outage = Outage()
    post.refusing = outage
    post.run(START + timedelta(hours=3))
    assert not post.posted
    outage.is_over = True
    desk.write(180, received_at=post.at)  # one more letter, whose acknowledgement gets through at once
    post.run(post.at + timedelta(minutes=10))
    assert len({(one.ticket, one.item) for one in post.posted}) == len(post.posted) >= 2 * letters
    assert not [key for key, item in desk.store._outbox.items() if item.state is OutboxState.PENDING]


def test_a_letter_that_fails_by_itself_blocks_no_other() -> None:
    """What SES has against one letter is nothing against the next."""
    post, number = a_desk()
    post.refusing = lambda kind: Refused("MessageRejected: unknown") if kind == "accepted" else None
    post.run("2026-11-20 10:30")
    post.act(number, c.Act.REPLY, "Проверяем.")
    post.run("2026-11-20 10:40")
    assert post.kinds(OLGA) == ["reply"]


def test_a_letter_over_which_ses_breaks_each_time_holds_up_the_next_for_an_hour_at_most() -> None:
    """It looks like an outage, in which the next one would fail, too."""
    post, number = a_desk()
    post.refusing = lambda kind: Unanswered("ReadTimeoutError") if kind == "accepted" else None
    post.deliver()
    post.act(number, c.Act.REPLY, "Проверяем.")
    post.run("2026-11-20 10:05")
    assert post.kinds(OLGA) == []
    post.run("2026-11-20 11:00")
    assert post.kinds(OLGA) == ["reply"]


def test_a_throttled_letter_keeps_its_place_however_often_it_was_tried() -> None:
    """A rate is nobody's own fault."""
    post, number = a_desk()
    throttled = client_error("TooManyRequestsException", "SendEmail")
    post.refusing = lambda kind: throttled if kind == "accepted" else None
    post.deliver()
    post.act(number, c.Act.REPLY, "Проверяем.")
    post.run("2026-11-20 13:00")
    assert post.kinds(OLGA) == []


def test_letters_leave_in_order_after_an_account_was_paused() -> None:
    """Everything is refused alike: the later letter, whose pauses are short yet, does not overtake the earlier one."""
    post, number = a_desk()
    paused: list[Exception] = [Refused("SendingPausedException: paused", of_account=True)]
    post.refusing = lambda _kind: paused[0] if paused else None
    post.run("2026-11-20 12:30")
    post.act(number, c.Act.REPLY, "Проверяем.")
    post.deliver()
    paused.clear()
    post.run("2026-11-20 14:00")
    assert post.kinds(OLGA) == ["accepted", "reply"]


def test_a_letter_that_gets_no_answer_while_others_leave_is_tried_once_an_hour() -> None:
    """SES may have taken it each time: what leaves a busy desk must not make a copy every five minutes."""
    desk = Desk(MDO)
    desk.write(0)
    (ticket,) = desk.tickets()
    post, hours = Post(desk.store, START), 12
    post.deliver()
    post.act(ticket.id, c.Act.REPLY, "Проверяем.")
    post.refusing = lambda kind: Unanswered("ReadTimeoutError") if kind == "reply" else None
    for place in range(10, hours * 60, 10):
        post.run(START + timedelta(minutes=place))
        desk.write(place, sender=Address(f"client{place}@client.example"))
        post.deliver()
    copies = post.tries - len(post.posted)
    assert hours - 2 <= copies <= hours + 8


def test_a_letter_that_was_given_up_or_is_outdated_blocks_no_other() -> None:
    """It is done with."""
    post, number = a_desk()
    post.refusing = lambda kind: Rejected("MessageRejected: Address blacklisted.") if kind == "accepted" else None
    post.deliver()
    post.act(number, c.Act.REPLY, "Проверяем.")
    post.deliver()
    assert post.kinds(OLGA) == ["reply"]


def test_a_letter_to_the_team_waits_for_none_to_the_client() -> None:
    """They are two recipients."""
    post, _ = a_desk()
    post.refusing = lambda kind: Unanswered("ReadTimeoutError") if kind == "accepted" else None
    post.deliver()
    assert post.kinds() == ["card"]


def test_a_letter_that_is_being_sent_is_waited_for_a_minute_at_most_after_its_lease() -> None:
    """Its sender may have died over it."""
    post, number = a_desk()
    (first, _) = post.store.take_offered()
    assert post.store.lease(first, now=post.at, until=post.at + delivery.LEASE)
    post.act(number, c.Act.REPLY, "Проверяем.")
    post.deliver()
    assert post.kinds(OLGA) == []
    post.run(post.at + delivery.LEASE + timedelta(minutes=2))
    assert post.kinds(OLGA) == ["accepted", "reply"]


def test_a_letter_is_given_up_after_four_days_of_failures_and_no_sooner_however_often_it_was_woken() -> None:
    """RFC 5321 section 4.5.4.1. Other letters that get through wake it, and each time it fails."""
    post, number = a_desk()
    post.refusing = lambda kind: Refused("MessageRejected: unknown") if kind == "accepted" else None
    busy = 0
    while post.at < FRIDAY + delivery.MAIL_RETRIED_FOR:
        post.act(number, c.Act.REPLY, f"Проверяем: {busy}.")
        busy += 1
        post.run(post.at + timedelta(hours=3))
        assert not list(post.store.given_up(MDO))
    post.run(post.at + timedelta(hours=2))
    (given_up,) = post.store.given_up(MDO)
    assert given_up.message.kind == "accepted"
    assert delivery.MAIL_TRIES <= post.tries - busy < 150


# What is then true -----------------------------------------------------------------------------------------


def test_mdo_2_1_an_acknowledgement_that_leaves_after_the_term_promises_nothing() -> None:
    """It says that the term has passed, and apologises."""
    post, _ = a_desk()
    post.run("2026-11-20 15:00", mailing=False)
    post.run("2026-11-20 15:05")
    text = post.last("accepted").text
    assert "уже прошёл" in text
    assert "не позднее" not in text
    assert "уже прошёл" in post.last("card").text


def test_an_acknowledgement_that_leaves_after_the_reaction_says_that_somebody_is_at_it() -> None:
    """And no term, which is kept by then."""
    post, number = a_desk()
    post.act(number, c.Act.TAKE)
    post.deliver()
    text = post.last("accepted").text
    assert "Специалист уже занимается обращением." in text
    assert "14:00" not in text


def test_mdo_2_1_a_critical_fault_that_is_acknowledged_late_promises_no_past_minute() -> None:
    """The letter goes out all the same: it has the ticket's number."""
    post, _ = a_desk(FAULT, moscow("2026-11-21 03:00"))
    post.run("2026-11-21 03:30", mailing=False)
    post.run("2026-11-21 03:31")
    text = post.last("accepted_critical").text
    assert "уже прошёл" in text
    assert "не позднее" not in text


@pytest.mark.parametrize("minutes", [2, 30])
def test_mdo_2_1_a_fault_that_was_withdrawn_meanwhile_promises_no_on_call(minutes: int) -> None:
    """Nobody is woken for it any more, neither by the term nor after it."""
    post, number = a_desk(FAULT, moscow("2026-11-21 03:00"))
    post.at += timedelta(minutes=minutes)
    post.act(number, c.Act.WITHDRAW_CRITICAL, "Это не сбой.")
    post.deliver()
    text = post.last("accepted_critical").text
    assert "критическим он не признан, обращение остаётся в работе" in text
    assert "ежурн" not in text


@pytest.mark.parametrize("mailing_again", ["2026-11-25 12:00"])
def test_a_reminder_is_not_sent_to_a_client_who_has_answered(mailing_again: str) -> None:
    """Nor after the term has ended."""
    post, number = a_desk()
    post.act(number, c.Act.ASK, "Какой у вас браузер?")
    post.deliver()
    post.run("2026-11-24 10:00", mailing=False)
    write(post, "Firefox", number, moscow("2026-11-24 09:55"))
    post.run(mailing_again)
    assert "reminder" not in post.kinds()
    states = {post.store._outbox[key].message.kind: state for key, state, _ in post.store.outbox(number)}
    assert states["reminder"] is OutboxState.OUTDATED


def test_a_client_who_has_given_the_details_is_not_asked_for_them() -> None:
    """The question had not left when the answer came."""
    post, number = a_desk(INCOMPLETE)
    post.at += timedelta(minutes=6)
    write(post, DETAILS, number, post.at)
    post.at += timedelta(minutes=25)
    post.deliver()
    assert post.kinds(OLGA) == ["accepted"]


def test_the_team_is_not_warned_of_a_term_that_is_broken_or_kept() -> None:
    """`mailer` stood still over the warning."""
    post, number = a_desk()
    post.deliver()
    post.run("2026-11-20 13:45", mailing=False)
    post.act(number, c.Act.TAKE)
    post.deliver()
    assert "warning" not in post.kinds()


def test_a_question_that_leaves_after_the_client_wrote_names_no_term() -> None:
    """A specialist's words always go; nobody waits for the answer to them any more."""
    post, number = a_desk()
    post.act(number, c.Act.ASK, "Какой у вас браузер?")
    post.at += timedelta(minutes=5)
    write(post, "Уже неважно, заработало само.", number, post.at)
    post.deliver()
    text = post.last("question").text
    assert "Какой у вас браузер?" in text
    assert "Ответа ждём" not in text


# Given up, and sent after all ------------------------------------------------------------------------------


def test_what_was_given_up_is_listed_and_leaves_on_a_persons_word() -> None:
    """Outdated or not."""
    post, number = a_desk()
    refusal = [Rejected("MessageRejected: Address blacklisted.")]
    post.refusing = lambda kind: refusal[0] if kind == "accepted" and refusal else None
    post.deliver()
    (given_up,) = post.store.given_up(MDO)
    post.act(number, c.Act.CLOSE, "Готово.")
    refusal.clear()
    assert post.store.send_again(given_up.key, at=post.at)
    assert not post.store.send_again(given_up.key, at=post.at)
    post.run(post.at + timedelta(minutes=2))
    assert "Оно уже закрыто." in post.last("accepted").text
    assert not list(post.store.given_up(MDO))


def test_a_notice_of_a_limit_that_leaves_late_promises_no_past_minute() -> None:
    """SES was out for the hour of the storm, and the digest has left or is about to."""
    desk = Desk(MDO)
    for number in range(15):
        desk.write(number)
    post = Post(desk.store, START + timedelta(hours=3))
    post.deliver()
    assert "Обо всём, о чём вам не написали, придёт одно письмо.\n" in post.last("held_back").text
    assert "молчит" not in post.last("held_back").text


def test_mdo_2_5_a_term_is_shortened_as_the_letter_that_says_so_leaves() -> None:
    """Not while SES is out."""
    post, number = a_desk()
    post.act(number, c.Act.ASK, "Какая версия?")
    post.deliver()
    ticket = post.ticket(number)
    assert ticket.lapse is not None
    told = ticket.lapse.due + timedelta(days=2)
    as_told = {"lapse": ticket.lapse.model_copy(update={"due": told})}
    post.store._tickets[number] = ticket.model_copy(update=as_told)  # by a calendar that is corrected now
    post.refusing = outage = Outage()
    change_ticket(post.store, number, c.RecomputeClocks(), post.now)
    post.deliver()
    assert dues(post, number) == (told, ticket.lapse.due)
    outage.is_over = True
    post.run(FRIDAY + timedelta(hours=2))
    assert "term_shortened" in post.kinds()
    assert dues(post, number) == (ticket.lapse.due, None)


def dues(post: Post, number: str) -> tuple[datetime, datetime | None]:
    """Return the end of the client's term, and the earlier one that is to be told."""
    lapse = post.ticket(number).lapse
    assert lapse is not None
    return lapse.due, lapse.shortened


def test_of_all_that_was_given_up_what_is_outdated_does_not_leave() -> None:
    """A person who has not looked at each letter tells no client of a closing that was undone."""
    post, number = a_desk()
    post.act(number, c.Act.ASK, "Какой у вас браузер?")
    post.deliver()
    refusal = [Rejected("MessageRejected: Address blacklisted.")]
    post.refusing = lambda kind: refusal[0] if kind == "lapsed" and refusal else None
    post.run("2026-11-25 00:05")
    write(post, "Firefox", number, moscow("2026-11-25 08:00"))
    refusal.clear()
    (given_up,) = post.store.given_up(MDO)
    assert given_up.message.kind == "lapsed"
    assert post.store.send_again(given_up.key, at=post.at, outdated_too=False)
    post.run(post.at + timedelta(minutes=2))
    assert "lapsed" not in post.kinds(OLGA)
    assert not list(post.store.given_up(MDO))


def test_a_letter_that_leaves_in_the_turn_of_a_later_one_wakes_the_others_too() -> None:
    """Whether or not the later one leaves itself."""
    desk = Desk(MDO)
    for place in range(3):
        desk.write(place, sender=Address(f"client{place}@client.example"))
    number, *_ = (ticket.id for ticket in desk.tickets())
    post = Post(desk.store, START)
    outage = Outage()
    post.refusing = outage
    post.act(number, c.Act.ASK, "Какой у вас браузер?")
    post.run(START + timedelta(hours=3))
    outage.is_over = True
    post.at += timedelta(minutes=6)
    question = next(key for key, _, body in desk.store.outbox(number) if '"kind":"question"' in body)
    post.refusing = lambda kind: Rejected("no") if kind == "question" else None
    delivery.deliver_in_order(question, mailer.send, cast("Any", post))
    post.run(post.at + timedelta(minutes=2))
    assert post.kinds().count("accepted") == 3
