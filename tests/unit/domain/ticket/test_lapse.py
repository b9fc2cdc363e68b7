"""The client's silence, and answers that come late."""

from __future__ import annotations

from domain.ticket import commands as c
from domain.ticket.ticket import CloseOutcome, Status
from tests.support.builders import DETAILS, moscow
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE, STORE_REQUEST
from tests.support.life import Life, begin


def test_mdo_2_5_a_question_lapses_at_the_end_of_the_second_working_day_of_silence() -> None:
    """A client writes until midnight; the weekend is not counted."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия приложения?")
    assert life.state.lapse is not None
    assert life.state.lapse.due == moscow("2026-11-25 00:00")
    life.sweep("2026-11-25 00:00")
    assert (life.state.status, life.state.outcome, life.state.clause) == (
        Status.CLOSED,
        CloseOutcome.LAPSED,
        "2.5",
    )
    assert life.kinds()[-1] == "lapsed"


def test_mdo_2_5_the_client_is_reminded_one_working_day_before() -> None:
    """In the morning of the last working day, once."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия приложения?")
    assert life.next_instant() == moscow("2026-11-24 09:00")
    life.sweep("2026-11-24 09:00")
    assert life.kinds()[-1] == "reminder"
    assert life.last("reminder").params["due"] == "вторник, 24 ноября 2026 г., 24:00 (МСК)"
    assert life.next_instant() == moscow("2026-11-25 00:00")


def test_mdo_2_5_a_proposed_solution_lapses_like_a_question() -> None:
    """The clause names both."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.SOLVE, "2026-11-20 11:00", "Обновите приложение до версии 5.2.")
    life.sweep("2026-11-25 00:00")
    assert life.state.reason == "no_answer_to_solution"


def test_mdo_2_5_missing_details_lapse_as_well() -> None:
    """The desk asked for information and got no answer."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.sweep("2026-11-25 00:00")
    assert life.state.outcome is CloseOutcome.LAPSED


def test_mdo_2_5_an_answer_in_time_stops_the_lapse_and_returns_the_ticket_where_it_was() -> None:
    """A second question starts a new term."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия приложения?")
    life.write("Версия 5.1.", "2026-11-24 23:59")
    answered = life.state
    assert (answered.lapse, answered.status) == (None, Status.IN_PROGRESS)
    life.act(c.Act.ASK, "2026-11-25 10:00", "А версия телефона?")
    assert life.state.lapse is not None
    assert life.state.lapse.due == moscow("2026-11-28 00:00")


def test_mdo_2_4_waiting_for_the_client_is_kept_apart() -> None:
    """Every wait, with its beginning and end."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия приложения?")
    life.write("Версия 5.1.", "2026-11-20 15:00")
    (wait,) = life.state.waits
    assert (wait.start, wait.end) == (moscow("2026-11-20 11:00"), moscow("2026-11-20 15:00"))


def test_a_late_answer_reopens_a_lapsed_ticket_with_a_new_reaction_clock() -> None:
    """A house rule, within thirty days."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия приложения?")
    life.sweep("2026-11-25 00:00")
    life.write("Простите, был в отпуске. Версия 5.1.", "2026-12-02 10:00")
    assert life.state.status is Status.OPEN
    assert life.state.reaction is not None
    assert life.state.reaction.due == moscow("2026-12-02 14:00")
    assert "reopened" in life.kinds()


def test_mdo_1_3_2_details_that_come_after_the_lapse_reopen_and_complete_the_request() -> None:
    """Nothing has to be written twice."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.sweep("2026-11-25 00:00")
    life.write(DETAILS, "2026-11-26 10:00")
    assert life.state.status is Status.OPEN
    assert life.state.reaction is not None
    assert life.state.reaction.counted_from == moscow("2026-11-26 10:00")


def test_storeolis_never_lapses_and_reminds_the_specialist_instead() -> None:
    """Its regulation has no clause to close by."""
    life = begin(STORE_REQUEST, "2026-11-20 10:00", "storeolis")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Пришлите, пожалуйста, снимок экрана.")
    life.sweep("2026-11-25 00:00")
    assert life.state.status is Status.AWAITING_REQUESTER
    assert life.kinds()[-1] == "silence"
    assert life.next_instant() is None


def test_a_closed_ticket_is_not_asked_about_again() -> None:
    """The specialist is told to reopen it."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CLOSE, "2026-11-20 11:00")
    refused = life.act(c.Act.ASK, "2026-11-20 12:00", "Ещё вопрос.").refused
    assert refused is not None
    assert "reopen" in refused.english


def wait_under_a_fault(at: str = "2026-11-20 10:00") -> Life:
    """Return a critical report whose details are missing: the client is asked, and somebody is paged."""
    life = begin(FAULT.replace(DETAILS, ""), at)
    assert life.state.lapse is not None
    assert life.state.critical is not None
    return life


def test_mdo_2_5_a_critical_report_that_is_withdrawn_after_the_clients_term_gives_the_whole_term_again() -> None:
    """With its reminder: nothing told the client of the end that passed while somebody was paged."""
    life = wait_under_a_fault()
    life.act(c.Act.WITHDRAW_CRITICAL, "2026-11-26 10:00", "Не сбой.")
    life.sweep("2026-11-26 10:02")
    assert life.state.status is Status.AWAITING_REQUESTER
    assert life.state.lapse is not None
    assert life.state.lapse.due == moscow("2026-12-01 00:00")
    life.sweep("2026-11-30 09:00")
    assert life.kinds()[-1] == "reminder"
    life.sweep("2026-12-01 00:00")
    assert life.state.outcome is CloseOutcome.LAPSED


def test_mdo_2_5_a_fault_that_hid_the_reminder_alone_gives_the_whole_term_again_too() -> None:
    """The term would end before anybody was reminded of it."""
    life = wait_under_a_fault()
    life.act(c.Act.WITHDRAW_CRITICAL, "2026-11-24 10:00", "Не сбой.")
    assert life.state.lapse is not None
    assert life.state.lapse.due == moscow("2026-11-27 00:00")


def test_mdo_2_5_a_fault_that_hid_nothing_leaves_the_term_as_it_was() -> None:
    """The reminder is still to come."""
    life = wait_under_a_fault()
    life.act(c.Act.WITHDRAW_CRITICAL, "2026-11-23 10:00", "Не сбой.")
    assert life.state.lapse is not None
    assert life.state.lapse.due == moscow("2026-11-25 00:00")
    assert life.happened()[-1] == "critical_withdrawn"


def test_mdo_2_5_an_acknowledged_fault_does_not_let_a_specialists_question_lapse_at_once() -> None:
    """Whatever ends the pages: the term that they hid is given again, and a letter of before still answers the question."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия приложения?")
    life.act(c.Act.CRITICAL, "2026-11-20 12:00", "Стоит всё.")
    life.act(c.Act.ACKNOWLEDGE, "2026-11-26 10:00")
    life.sweep("2026-11-26 10:02")
    assert life.state.status is Status.AWAITING_REQUESTER
    assert life.state.lapse is not None
    assert life.state.lapse.due == moscow("2026-12-01 00:00")
    life.do(c.RecomputeClocks(), "2026-11-26 11:00")
    assert life.state.lapse.due == moscow("2026-12-01 00:00")
    life.write("Версия 5.1.", "2026-11-25 10:00")
    assert life.happened()[-2] == "wait_ended"
