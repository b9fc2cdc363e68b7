"""The promise of a first reaction: when it counts, when it is due, what stops it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.findings import Outcome
from domain.ticket import commands as c
from domain.ticket.clock_report import ClockState, clocks_of, promise
from domain.ticket.ticket import Priority, Status
from tests.support.builders import DETAILS, moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE, NAMELESS, STORE_REQUEST
from tests.support.life import begin


def test_mdo_2_1_a_complete_request_is_due_four_working_hours_after_it_came() -> None:
    """Friday 17:00 leaves one hour of that day and three of Monday."""
    ticket = begin(COMPLETE, "2026-11-20 17:00").state
    assert ticket.reaction is not None
    assert ticket.reaction.due == moscow("2026-11-23 12:00")
    assert ticket.reaction.clause == "2.1"


def test_mdo_2_1_a_reaction_within_the_minute_after_the_one_that_was_promised_is_late() -> None:
    """The letter says 14:00: so does the clock, whatever the seconds of the letter's arrival."""
    life = begin(COMPLETE, "2026-11-20 10:00:59")
    assert life.last("accepted").params["due"] == "пятница, 20 ноября 2026 г., 14:00 (МСК)"
    (report,) = clocks_of(life.state, life.edition, moscow("2026-11-20 14:00"))
    assert (report.due, report.left, report.state) == (moscow("2026-11-20 14:00"), timedelta(), ClockState.RUNS)
    life.sweep("2026-11-20 14:00:40")
    assert life.kinds()[-1] == "breach"
    life.act(c.Act.REPLY, "2026-11-20 14:00:40", "Проверяем.")
    (report,) = clocks_of(life.state, life.edition, moscow("2026-11-20 15:00"))
    assert (report.state, report.left) == (ClockState.STOPPED_LATE, timedelta(seconds=-40))


def test_mdo_2_1_the_deadline_that_is_asked_for_is_the_one_that_is_kept() -> None:
    """`reglament deadline`, the promise and the letter agree to the minute."""
    life = begin(COMPLETE, "2026-11-20 10:00:59")
    asked = promise(life.edition, moscow("2026-11-20 10:00:59"), critical=False)
    assert life.state.reaction is not None
    assert asked.due == life.state.reaction.due == moscow("2026-11-20 14:00")


def test_mdo_1_2_a_letter_outside_hours_counts_from_the_next_opening() -> None:
    """Nobody is promised anything on a Saturday night."""
    ticket = begin(COMPLETE, "2026-11-21 23:40").state
    assert ticket.reaction is not None
    assert ticket.reaction.due == moscow("2026-11-23 13:00")


def test_mdo_1_3_an_incomplete_request_starts_no_clock() -> None:
    """Support is guaranteed only once the requester has named itself."""
    ticket = begin(INCOMPLETE, "2026-11-20 10:00").state
    assert ticket.reaction is None
    assert ticket.status is Status.AWAITING_REQUESTER


def test_mdo_1_3_the_clock_counts_from_the_letter_that_completes_the_details() -> None:
    """Not from the first letter, nor from when it was read."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.write(DETAILS, "2026-11-20 15:00")
    assert life.state.reaction is not None
    assert life.state.reaction.counted_from == moscow("2026-11-20 15:00")
    assert life.state.reaction.due == moscow("2026-11-23 10:00")
    assert life.last("accepted").params["due"] == "понедельник, 23 ноября 2026 г., 10:00 (МСК)"


def test_mdo_1_3_2_what_is_still_missing_is_asked_for_once_more_and_then_left_to_a_specialist() -> None:
    """A client who cannot fill in a form is not sent round in circles: the specialist's clock runs."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.write("Телефон: +7 916 123-45-67", "2026-11-20 11:00")
    life.write("А что ещё нужно?", "2026-11-20 12:00")
    assert life.kinds().count("details_requested") == 2
    assert life.state.status is Status.OPEN
    assert life.state.reaction is not None
    assert life.state.reaction.counted_from == moscow("2026-11-20 12:00")


def test_mdo_1_3_a_specialist_who_takes_an_incomplete_request_makes_it_count_from_its_arrival() -> None:
    """Taking it means that what was missing is not needed."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.act(c.Act.TAKE, "2026-11-20 11:00")
    assert life.state.reaction is not None
    assert life.state.reaction.counted_from == moscow("2026-11-20 10:00")
    assert life.state.reaction.stopped_at == moscow("2026-11-20 11:00")
    assert life.state.status is Status.IN_PROGRESS


@pytest.mark.parametrize("act", [c.Act.REPLY, c.Act.ASK, c.Act.SOLVE, c.Act.TAKE, c.Act.REFUSE])
def test_mdo_2_1_a_specialists_act_stops_the_reaction_clock(act: c.Act) -> None:
    """An answer, a question, a solution, a refusal, taking it."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(act, "2026-11-20 11:00", "Посмотрели ваше обращение.", clause="3.1" if act is c.Act.REFUSE else None)
    assert life.state.reaction is not None
    assert life.state.reaction.stopped_at == moscow("2026-11-20 11:00")
    assert life.state.reacted_at == moscow("2026-11-20 11:00")


def test_mdo_2_1_an_automatic_letter_is_no_reaction() -> None:
    """The acknowledgement has gone out and the clock runs on."""
    ticket = begin(COMPLETE, "2026-11-20 10:00").state
    assert ticket.reaction is not None
    assert ticket.reaction.runs


def test_mdo_2_1_the_team_is_warned_before_the_term_ends_and_told_when_it_has() -> None:
    """Each once, in order."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    assert life.next_instant() == moscow("2026-11-20 13:00")
    life.sweep("2026-11-20 13:00")
    assert life.kinds()[-1] == "warning"
    assert life.next_instant() == moscow("2026-11-20 14:00")
    life.sweep("2026-11-20 14:00")
    assert life.kinds()[-1] == "breach"
    assert life.next_instant() is None
    assert life.state.reaction is not None
    assert life.state.reaction.breached_at == moscow("2026-11-20 14:00")


def test_mdo_2_1_a_sweep_too_late_for_the_warning_sends_the_breach_alone() -> None:
    """Catching up tells what is true now."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.sweep("2026-11-20 16:00")
    assert life.kinds()[-1] == "breach"
    assert "warning" not in life.kinds()
    assert life.happened().count("timer_fired") == 2


def test_sweeping_twice_changes_nothing_more() -> None:
    """Two sweeps may overlap."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.sweep("2026-11-20 14:00")
    before, sent = life.state, len(life.sent)
    assert life.sweep("2026-11-20 14:01").events == ()
    assert life.state == before
    assert len(life.sent) == sent


def test_mdo_2_3_a_priority_moves_no_deadline_where_the_edition_has_no_table_for_it() -> None:
    """The clause leaves the order to the specialists and promises nothing."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    before = life.state.reaction
    life.act(c.Act.PRIORITY, "2026-11-20 10:30", priority=Priority.HIGH)
    assert life.state.priority is Priority.HIGH
    assert life.state.reaction == before


def test_mdo_2_2_after_the_reaction_nothing_more_is_promised() -> None:
    """No term for a solution: no timer is armed."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.REPLY, "2026-11-20 11:00", "Разбираемся.")
    assert life.next_instant() is None


def test_a_follow_up_on_an_open_ticket_starts_no_new_clock_and_is_told_to_the_team() -> None:
    """One request, one promise."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    clock = life.state.reaction
    life.write("Ещё одно: ошибка появляется и на планшете.", "2026-11-20 12:00")
    assert life.state.reaction == clock
    assert life.kinds()[-1] == "follow_up"


def test_storeolis_2_3_first_processing_is_due_at_the_end_of_the_fifth_working_day() -> None:
    """The day of arrival is not counted."""
    ticket = begin(STORE_REQUEST, "2026-11-20 10:00", "storeolis").state
    assert ticket.reaction is not None
    assert ticket.reaction.due == moscow("2026-11-27 18:00")
    assert ticket.reaction.clause == "2.3"


def test_storeolis_2_1_a_letter_that_identifies_nobody_starts_no_clock() -> None:
    """Its place in the order of arrival is that of the letter that does."""
    life = begin(NAMELESS, "2026-11-20 10:00", "storeolis")
    before = life.state
    assert before.reaction is None
    life.write("ИНН 7707083893, договор № 1412-17", "2026-11-23 10:00")
    assert life.state.reaction is not None
    assert life.state.reaction.counted_from == moscow("2026-11-23 10:00")
    assert life.state.reaction.due == moscow("2026-11-30 18:00")


def test_mdo_1_2_a_deadline_in_a_year_not_yet_decreed_says_so() -> None:
    """A guess is never silent."""
    ticket = begin(COMPLETE, "2031-03-04 10:00").state
    assert ticket.reaction is not None
    assert ticket.reaction.undecreed_years == (2031,)


def test_mdo_3_1_refusing_needs_a_clause_that_the_edition_has() -> None:
    """A specialist is told what to name, and nothing happens."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    refused = life.act(c.Act.REFUSE, "2026-11-20 11:00", "Не входит в поддержку.", clause="9.9").refused
    assert refused is not None
    assert "9.9" in refused.english
    assert life.state.status is Status.OPEN


def test_overturning_what_the_desk_found_takes_the_request() -> None:
    """One word of a specialist is enough."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ACCEPT, "2026-11-20 11:00")
    assert all(not found.matched for found in life.state.findings if found.outcome is Outcome.ASK)
    assert life.state.status is Status.IN_PROGRESS
