"""Who was in time is judged by when SES received the letter; what was pronounced before it was read is corrected."""

from __future__ import annotations

from typing import Any

import pytest

from domain.fault.fault import End
from domain.letter import Letter
from domain.ticket import commands as c
from domain.ticket.clock_report import ClockState, clocks_of
from domain.ticket.decide import Decision
from domain.ticket.departure import as_of_now
from domain.ticket.outgoing import OutgoingMail
from domain.ticket.restraint import MACHINE, Restraint
from domain.ticket.ticket import AskedFor, CloseOutcome, Status
from tests.support.builders import DETAILS, a_letter, moscow
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE
from tests.support.life import Life, an_alarm, begin, classified, worded

DUE = "2026-11-20 14:00"
"""When the reaction to a request of ten o'clock is due."""
LAPSES = "2026-11-25 00:00"
"""When the answer to a question of that day is due."""
HANDLED = "2026-11-27 12:00"


def read_later(life: Life, text: str, received: str, at: str = HANDLED, **changes: Any) -> Decision:
    """Let a client's letter be read long after SES received it."""
    letter = a_letter(text, received_at=moscow(received), ses_message_id=f"ses-{received}")
    return life.do(c.AddLetter(letter, classified(letter, life.edition, moscow(at)), **changes), at)


def by_mail(received: str) -> Letter:
    """Return a specialist's letter as SES received it."""
    return a_letter("Текст.", received_at=moscow(received), ses_message_id=f"team-{received}")


def asked() -> Life:
    """Let a specialist ask the client a question."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия?")
    return life


def lapsed(life: Life) -> Life:
    """Let the client's term end unanswered, for all that is read by then."""
    life.sweep("2026-11-24 09:00")
    life.sweep(LAPSES)
    assert life.state.outcome is CloseOutcome.LAPSED
    return life


# A lapse that was none ------------------------------------------------------------------------------------


@pytest.mark.parametrize("received", ["2026-11-20 11:00", "2026-11-24 23:59:59", LAPSES])
def test_mdo_2_5_an_answer_in_time_that_is_read_after_the_closing_undoes_it(received: str) -> None:
    """The ticket is where the answer would have taken it, and its wait ended when the answer was received."""
    life = lapsed(asked())
    read_later(life, "Версия 5.1.", received)
    ticket = life.state
    assert (ticket.status, ticket.outcome, ticket.closed_at, ticket.reason, ticket.clause) == (
        Status.IN_PROGRESS,
        None,
        None,
        "",
        None,
    )
    assert (ticket.lapse, ticket.lapsed, ticket.reopened) == (None, None, 0)
    assert ticket.waits[-1].end == moscow(received)
    assert ticket.reaction is not None
    assert ticket.reaction.stopped_at == moscow("2026-11-20 11:00")


def test_mdo_2_5_the_client_hears_once_that_the_closing_does_not_count() -> None:
    """And the team, with the letter, that the ticket is open."""
    life = lapsed(asked())
    before = len(life.sent)
    read_later(life, "Версия 5.1.", "2026-11-24 23:59:59")
    assert [message.kind for message in life.sent[before:]] == ["lapse_corrected", "follow_up"]
    told = worded(life.last("lapse_corrected"))
    assert "Ваше письмо получено в срок: вторник, 24 ноября 2026 г., 23:59 (МСК)." in told
    assert f"Обращение {life.state.id} остаётся открытым; если вам пришло письмо о закрытии, не учитывайте его." in told
    assert "не позднее срока" not in told
    assert "закрытие обращения отменено" in worded(life.last("follow_up"))


def test_mdo_1_3_details_in_time_that_are_read_after_the_closing_are_promised_a_reaction_from_their_receipt() -> None:
    """One letter tells of both."""
    life = lapsed(begin(INCOMPLETE, "2026-11-20 10:00"))
    before = len(life.sent)
    read_later(life, DETAILS, "2026-11-24 17:00", at="2026-11-25 00:05")
    assert (life.state.status, life.state.reopened) == (Status.OPEN, 0)
    assert life.state.reaction is not None
    assert life.state.reaction.counted_from == moscow("2026-11-24 17:00")
    assert [message.kind for message in life.sent[before:]] == ["lapse_corrected", "follow_up"]
    told = worded(life.last("lapse_corrected"))
    assert "Специалист отреагирует не позднее срока: среда, 25 ноября 2026 г., 12:00 (МСК) (п. 2.1 Регламента)." in told


def test_mdo_1_3_2_a_letter_in_time_that_leaves_details_open_is_answered_as_in_time() -> None:
    """The desk asks once more, and the client hears that the closing does not count."""
    life = lapsed(begin(INCOMPLETE, "2026-11-20 10:00"))
    before = len(life.sent)
    read_later(life, "Телефон: +7 916 123-45-67", "2026-11-24 17:00", at="2026-11-25 00:05")
    assert life.state.status is Status.AWAITING_REQUESTER
    assert [message.kind for message in life.sent[before:]] == ["details_requested", "lapse_corrected", "follow_up"]
    assert life.state.lapse is not None
    assert life.state.lapse.due > moscow(LAPSES)


def test_mdo_2_5_a_machines_letter_in_time_keeps_the_ticket_from_lapsing_and_answers_nothing() -> None:
    """As it does when it is read in time: silence closes nothing any more, and a specialist decides."""
    life = lapsed(asked())
    letter = a_letter("Обращение зарегистрировано.", received_at=moscow("2026-11-24 12:00"), ses_message_id="robot")
    restraint = Restraint("", life.edition.automatic_letters, "robot", {}, moscow(HANDLED), unanswered=MACHINE)
    command = c.AddLetter(letter, classified(letter, life.edition, moscow(HANDLED)))
    decision = life.do(command, HANDLED, restraint)
    assert life.state.status is Status.AWAITING_REQUESTER
    assert life.state.lapse is not None
    assert not life.state.lapse.lapses
    assert [message.kind for message in decision.outgoing] == ["follow_up"]
    life.sweep("2026-11-27 12:01")
    assert (life.kinds()[-1], life.state.status) == ("silence", Status.AWAITING_REQUESTER)


@pytest.mark.parametrize("received", ["2026-11-20 10:59:59", "2026-11-25 00:00:01"])
def test_mdo_2_5_a_letter_from_before_the_question_or_after_the_term_reopens_as_ever(received: str) -> None:
    """It was no answer in time."""
    life = lapsed(asked())
    read_later(life, "Версия 5.1.", received)
    assert (life.state.status, life.state.reopened, life.state.lapsed) == (Status.OPEN, 1, None)
    assert "reopened" in life.kinds()
    assert "lapse_corrected" not in life.kinds()


def test_a_repetition_in_time_answers_no_question_and_reopens_as_ever() -> None:
    """Read in time it would have ended no wait; read later it says that the trouble is still there."""
    life = lapsed(asked())
    read_later(life, COMPLETE, "2026-11-24 12:00", duplicate=True)
    assert (life.state.status, life.state.reopened) == (Status.OPEN, 1)


def test_a_ticket_that_was_closed_otherwise_is_reopened_as_ever() -> None:
    """A specialist closed it: no term was at fault."""
    life = asked()
    life.act(c.Act.CLOSE, "2026-11-23 12:00")
    read_later(life, "Версия 5.1.", "2026-11-23 11:00")
    assert (life.state.status, life.state.reopened) == (Status.OPEN, 1)


def test_what_lapsed_once_is_not_corrected_once_it_was_reopened_or_closed_otherwise() -> None:
    """The term belongs to the closing that it made."""
    life = lapsed(asked())
    life.act(c.Act.REOPEN, "2026-11-26 10:00")
    life.act(c.Act.CLOSE, "2026-11-26 11:00")
    assert life.state.lapsed is None
    read_later(life, "Версия 5.1.", "2026-11-24 12:00")
    assert life.state.reopened == 2


def test_a_fault_in_hand_is_in_hand_again_with_its_ticket() -> None:
    """Whatever ended at the wrong closing goes on: the same words do not page once more."""
    life = begin(FAULT, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 10:02", "Какая у вас версия?")
    lapsed(life)
    pages = life.kinds().count("page_critical")
    read_later(life, f"Версия 5.1. {FAULT}", "2026-11-24 12:00")
    assert life.state.critical is not None
    assert life.state.critical.ended_at is None
    assert life.kinds().count("page_critical") == pages


# A breach that was none -----------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [c.Act.TAKE, c.Act.REPLY, c.Act.ASK, c.Act.SOLVE, c.Act.CLOSE, c.Act.ACCEPT])
def test_mdo_2_1_a_reaction_received_in_time_and_read_after_the_breach_corrects_it(act: c.Act) -> None:
    """The team, which was told of the breach, is told that there was none."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.sweep(DUE)
    decision = life.act(act, "2026-11-20 14:00:20", "Смотрим.", letter=by_mail("2026-11-20 13:59:50"))
    assert life.state.reaction is not None
    assert (life.state.reaction.breached_at, life.state.reaction.stopped_at) == (None, moscow("2026-11-20 13:59:50"))
    assert "breach_corrected" in [message.kind for message in decision.outgoing]
    told = worded(life.last("breach_corrected"))
    assert "получено в срок: пятница, 20 ноября 2026 г., 13:59 (МСК), срок — пятница, 20 ноября 2026 г., 14:00" in told


def test_mdo_1_3_asking_for_details_on_a_specialists_word_is_a_reaction_of_when_the_word_was_received() -> None:
    """The question itself leaves when it is read."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    first, came = life.events[0], moscow("2026-11-20 10:00")
    restraint = Restraint("", life.edition.automatic_letters, "robot", {}, came, unanswered=MACHINE)
    opening = c.OpenByLetter(
        life.state.id,
        a_letter(INCOMPLETE, received_at=came),
        life.state.requester.client_key,
        first.classification,
        first.ruling,
    )
    held = Life("mdo", opening, came, restraint)
    held.sweep(DUE)
    assert "breach" in held.kinds()
    held.act(c.Act.ASK, "2026-11-20 14:10", letter=by_mail("2026-11-20 13:30"))
    assert held.state.reacted_at == moscow("2026-11-20 13:30")
    assert held.state.reaction is not None
    assert held.state.reaction.breached_at is None
    assert held.state.waits[-1].start == moscow("2026-11-20 14:10")


def test_mdo_2_1_a_reaction_that_was_received_late_corrects_nothing() -> None:
    """However it was done: by mail or at the command line."""
    for letter in (by_mail("2026-11-20 14:00:01"), None):
        life = begin(COMPLETE, "2026-11-20 10:00")
        life.sweep(DUE)
        life.act(c.Act.TAKE, "2026-11-20 14:10", letter=letter)
        assert life.state.reaction is not None
        assert life.state.reaction.breached_at == moscow(DUE)
        assert "breach_corrected" not in life.kinds()


def test_mdo_2_1_of_two_reactions_the_one_in_time_counts_in_whatever_order_they_are_read() -> None:
    """Nobody was told of a breach here, so nobody is told that there was none."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.TAKE, "2026-11-20 14:00:30", letter=by_mail("2026-11-20 14:00:20"))
    life.act(c.Act.REPLY, "2026-11-20 14:00:40", "Смотрим.", letter=by_mail("2026-11-20 13:40"))
    (report, *_) = clocks_of(life.state, life.edition, moscow("2026-11-20 15:00"))
    assert report.state is ClockState.STOPPED_IN_TIME
    assert "breach_corrected" not in life.kinds()


def test_an_old_letter_of_a_specialist_does_not_whiten_a_later_breach() -> None:
    """It was received before the promise began to count that was broken."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CLOSE, "2026-11-20 11:00")
    life.write("Снова не работает.", "2026-11-23 10:00")
    life.sweep("2026-11-23 14:00")
    life.act(c.Act.TAKE, "2026-11-23 15:00")
    life.act(c.Act.REPLY, "2026-11-23 15:10", "Сделано.", letter=by_mail("2026-11-20 10:30"))
    assert life.state.reaction is not None
    assert life.state.reaction.breached_at == moscow("2026-11-23 14:00")


@pytest.mark.parametrize("act", [c.Act.ACKNOWLEDGE, c.Act.TAKE, c.Act.REPLY])
def test_mdo_2_1_a_critical_fault_is_acknowledged_when_the_word_was_received(act: c.Act) -> None:
    """Read ten seconds later the breach had been paged: it is corrected."""
    life = begin(FAULT, "2026-11-21 03:00")
    life.sweep("2026-11-21 03:05")
    life.act(act, "2026-11-21 03:05:10", "Смотрим.", letter=by_mail("2026-11-21 03:04:50"))
    critical = life.state.critical
    assert critical is not None
    assert (critical.acknowledged_at, critical.breached_at) == (moscow("2026-11-21 03:04:50"), None)
    assert life.kinds().count("fault_breach_corrected") == 1
    assert "breach_corrected" not in life.kinds()  # the fault tells, once for all its tickets
    assert (life.fault.acknowledged_at, life.fault.breached_at) == (moscow("2026-11-21 03:04:50"), None)


def test_mdo_2_1_a_word_from_before_the_fault_acknowledges_it_no_sooner_than_it_began() -> None:
    """A specialist's letter may have been under way when the alarm went off."""
    life = an_alarm()
    life.act(c.Act.TAKE, "2026-11-21 03:04", letter=by_mail("2026-11-21 02:50"))
    assert life.state.critical is not None
    assert life.state.critical.acknowledged_at == moscow("2026-11-21 03:00")


def test_mdo_2_1_an_acknowledgement_in_time_counts_though_another_was_read_first() -> None:
    """It is no longer answered that the fault is in hand already."""
    life = begin(FAULT, "2026-11-21 03:00")
    life.sweep("2026-11-21 03:05")
    life.act(c.Act.ACKNOWLEDGE, "2026-11-21 03:06", letter=by_mail("2026-11-21 03:05:40"))
    in_time = life.act(c.Act.ACKNOWLEDGE, "2026-11-21 03:07", letter=by_mail("2026-11-21 03:04"))
    assert in_time.refused is None
    assert life.state.critical is not None
    assert (life.state.critical.acknowledged_at, life.state.critical.breached_at) == (moscow("2026-11-21 03:04"), None)
    assert life.act(c.Act.ACKNOWLEDGE, "2026-11-21 03:08", letter=by_mail("2026-11-21 03:04")).refused is not None


def test_mdo_2_1_a_fault_that_was_withdrawn_in_time_was_not_neglected() -> None:
    """The breach was paged before the word was read."""
    life = begin(FAULT, "2026-11-21 03:00")
    life.sweep("2026-11-21 03:05")
    life.act(c.Act.WITHDRAW_CRITICAL, "2026-11-21 03:06", letter=by_mail("2026-11-21 03:04"))
    assert life.state.critical is not None
    assert (life.state.critical.ended_at, life.state.critical.breached_at) == (moscow("2026-11-21 03:04"), None)
    assert "fault_breach_corrected" in life.kinds()
    assert (life.fault.end, life.fault.breached_at) == (End.FALSE_ALARM, None)


@pytest.mark.parametrize("act", [c.Act.ACKNOWLEDGE, c.Act.TAKE])
def test_mdo_2_1_a_word_in_time_that_is_read_after_the_alarm_is_over_corrects_the_breach_once(act: c.Act) -> None:
    """The fault ended while the word lay unread: the ticket is closed, and nobody was late."""
    life = an_alarm()
    life.sweep("2026-11-21 03:05")
    life.do(c.ResolveAlarm("OK"), "2026-11-21 03:08")
    before = len(life.sent)
    in_time = life.act(act, "2026-11-21 03:12", letter=by_mail("2026-11-21 03:04:50"))
    assert in_time.refused is None
    assert [message.kind for message in life.sent[before:]] == ["fault_breach_corrected"]
    assert life.state.critical is not None
    assert (life.state.status, life.state.critical.breached_at) == (Status.CLOSED, None)
    assert life.act(act, "2026-11-21 03:13", letter=by_mail("2026-11-21 03:04:40")).refused is not None


def test_mdo_2_1_a_word_in_time_that_is_read_after_the_fault_was_withdrawn_corrects_the_breach() -> None:
    """Two specialists answered the page; the later one was read first."""
    life = begin(FAULT, "2026-11-21 03:00")
    life.sweep("2026-11-21 03:05")
    life.act(c.Act.WITHDRAW_CRITICAL, "2026-11-21 03:10", letter=by_mail("2026-11-21 03:06"))
    life.act(c.Act.ACKNOWLEDGE, "2026-11-21 03:12", letter=by_mail("2026-11-21 03:04"))
    assert life.state.critical is not None
    assert (life.state.critical.withdrawn, life.state.critical.breached_at) == (True, None)


def test_mdo_2_1_taking_in_time_a_request_that_a_colleague_closed_late_corrects_the_breach() -> None:
    """What was received late changes nothing of a closed request."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.sweep(DUE)
    life.act(c.Act.CLOSE, "2026-11-20 14:05")
    assert life.act(c.Act.TAKE, "2026-11-20 14:10", letter=by_mail("2026-11-20 14:01")).refused is not None
    life.act(c.Act.TAKE, "2026-11-20 14:10", "Смотрю.", letter=by_mail("2026-11-20 13:50"))
    assert life.state.reaction is not None
    assert (life.state.status, life.state.reaction.breached_at) == (Status.CLOSED, None)
    assert life.kinds()[-2:] == ["breach_corrected", "follow_up"]
    told = as_of_now(life.last("breach_corrected"), life.state, life.edition, moscow("2026-11-20 14:10"))
    assert worded(told).endswith("Само обращение уже закрыто.")
    assert "Обращение уже закрыто. Текст этого письма клиенту не отправлен." in worded(life.last("follow_up"))


# When a specialist acted ----------------------------------------------------------------------------------


def test_mdo_2_4_a_wait_that_a_specialist_ends_ends_when_the_letter_was_received() -> None:
    """Never before it began."""
    life = asked()
    life.act(c.Act.REPLY, "2026-11-23 15:00", "Нашли сами.", letter=by_mail("2026-11-23 11:00"))
    assert life.state.waits[-1].end == moscow("2026-11-23 11:00")
    crossed = asked()
    crossed.act(c.Act.REPLY, "2026-11-23 15:00", "Нашли сами.", letter=by_mail("2026-11-20 10:30"))
    assert crossed.state.waits[-1].end == moscow("2026-11-20 11:00")


def test_mdo_2_1_the_minutes_of_a_fault_count_from_when_a_specialists_word_was_received() -> None:
    """As they do from a client's letter and from an alarm."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CRITICAL, "2026-11-20 12:30", letter=by_mail("2026-11-20 12:28"))
    assert life.state.critical is not None
    assert (life.state.critical.since, life.state.critical.due) == (
        moscow("2026-11-20 12:28"),
        moscow("2026-11-20 12:33"),
    )


def test_mdo_2_5_the_clients_term_does_not_count_from_a_letter_that_nobody_had_read() -> None:
    """A question is asked once it goes to the client."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-23 12:00", "Какая версия?", letter=by_mail("2026-11-20 11:00"))
    assert life.state.lapse is not None
    assert (life.state.lapse.asked_at, life.state.lapse.asked_for) == (moscow("2026-11-23 12:00"), AskedFor.QUESTION)
    assert isinstance(life.last("question"), OutgoingMail)
