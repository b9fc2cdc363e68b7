"""Who has a fault in hand, by when the word was received, and what was pronounced before it was read."""

from __future__ import annotations

import pytest

from domain.fault.commands import EndFault, MarkTold, OpenFault, QuietAlarm, TouchFault
from domain.fault.decide import decide_fault
from domain.fault.events import FaultTimerKind
from domain.fault.evolve import ImpossibleEvent, evolve_fault, replay_fault
from domain.fault.fault import End, News
from domain.fault.timers import fault_timers_of, next_fault_timer
from domain.ticket.refusals import Reason
from tests.support.fault_life import (
    ANNA,
    BORIS,
    EDITION,
    NIGHT,
    NUMBER,
    TERMS,
    FaultLife,
    a_report,
    an_alarm,
    minutes,
)

AGAIN = TERMS.page_again_after_minutes


def _breaches(life: FaultLife) -> int:
    return sum(getattr(event, "timer", None) is FaultTimerKind.BREACH for event in life.history)


def test_mdo_2_1_a_word_received_in_time_and_read_after_the_breach_takes_it_back() -> None:
    """The team, which was told of a breach, is told so, once."""
    life = FaultLife()
    life.sweep_until(6)
    life.take(4, read=7)
    assert life.fault.breached_at is None
    assert life.fault.acknowledged_at == minutes(4)
    assert life.letters() == ["fault_breach", "fault_breach_corrected"]


def test_mdo_2_1_an_earlier_word_read_after_a_late_one_takes_the_breach_back() -> None:
    """Letters are read in any order; the tickets hear when the fault was taken indeed."""
    life = FaultLife()
    life.sweep_until(6)
    life.take(7)
    assert life.take(4, BORIS, read=9).refused is None
    assert (life.fault.acknowledged_at, life.fault.acknowledged_by) == (minutes(4), BORIS)
    assert life.fault.breached_at is None
    assert [(telling.news, telling.at) for telling in life.fault.telling] == [
        (News.TAKEN, minutes(7)),
        (News.TAKEN, minutes(4)),
    ]
    assert life.letters() == ["fault_breach", "fault_taken", "fault_breach_corrected"]


def test_mdo_2_1_a_word_that_is_late_and_read_before_the_sweep_leaves_the_breach_recorded() -> None:
    """The promise was broken, though no sweep has said so; nobody is paged for it any more."""
    life = FaultLife()
    life.take(7)
    life.sweep_until(30, since=8)
    assert _breaches(life) == 1
    assert life.fault.breached_at == minutes(7)
    assert life.pages() == ["page_critical"]
    assert life.written[-1][1].params["broken"] == "yes"


def test_mdo_2_1_a_word_received_in_the_last_minute_keeps_the_promise() -> None:
    """Five minutes later is in time, a second after that is not."""
    in_time, late = FaultLife(), FaultLife()
    in_time.take(5)
    late.take(5 + 1 / 60)
    assert (_breaches(in_time), _breaches(late)) == (0, 1)


def test_a_word_counts_from_when_the_fault_began_at_the_earliest() -> None:
    """It may be about the ticket, and older."""
    life = FaultLife()
    life.take(-30, read=1)
    assert life.fault.acknowledged_at == NIGHT


def test_an_acknowledgement_read_twice_or_of_another_person_is_refused_with_words() -> None:
    """Which name who has it."""
    life = FaultLife()
    life.take(1)
    for by in (ANNA, BORIS):
        refused = life.take(2, by).refused
        assert refused is not None
        assert refused.reason is Reason.ACKNOWLEDGED_ALREADY
        assert ANNA in refused.english
        assert ANNA in refused.russian
    assert life.fault.acknowledged_by == ANNA


def test_a_word_received_before_a_later_series_does_not_stop_it() -> None:
    """It was meant for pages of long ago; one of now is taken."""
    life = FaultLife()
    life.take(1)
    life.sweep(AGAIN + 1)
    refused = life.take(3, BORIS, read=AGAIN + 2).refused
    assert refused is not None
    assert refused.reason is Reason.FAULT_BACK
    assert NUMBER in refused.russian
    assert life.fault.pages_run
    assert life.take(AGAIN + 3, BORIS).refused is None
    assert not life.fault.pages_run


def test_a_word_that_takes_a_breach_back_does_not_stop_a_later_series() -> None:
    """It shows that the promise was kept, and no more."""
    life = FaultLife()
    life.sweep_until(6)
    life.take(7)
    life.sweep(AGAIN + 7)
    life.take(4, BORIS, read=AGAIN + 8)
    assert life.fault.breached_at is None
    assert life.fault.pages_run


def test_a_word_on_a_fault_that_is_over_is_refused_with_words() -> None:
    """It needs nobody."""
    life = FaultLife()
    life.end(1)
    for decision in (life.take(2), life.end(2), life.end(2, End.FALSE_ALARM)):
        assert decision.refused is not None
        assert decision.refused.reason is Reason.FAULT_OVER
    assert life.fault.end is End.RESOLVED


def test_a_word_of_before_a_fault_came_back_does_not_end_it() -> None:
    """It was about the first time."""
    life = FaultLife()
    life.end(3)
    life.reopen(a_report(minutes(10)))
    refused = life.end(4, End.FALSE_ALARM, BORIS, read=12).refused
    assert refused is not None
    assert refused.reason is Reason.FAULT_BACK
    assert life.fault.pages_run


def test_a_word_of_before_a_fault_came_back_keeps_no_promise_of_its_second_time() -> None:
    """That was made later."""
    life = FaultLife()
    life.end(3)
    life.reopen(a_report(minutes(10)))
    life.sweep_until(16, since=11)
    assert life.take(4, BORIS, read=17).refused is not None
    assert life.fault.breached_at is not None


def test_mdo_2_1_a_fault_that_comes_back_is_promised_five_minutes_again() -> None:
    """And pages, repeats, escalates and breaches as at first."""
    life = FaultLife()
    life.end(3)
    life.reopen(a_report(minutes(10)))
    assert life.pages()[-1] == "page_reopened"
    assert life.fault.due == minutes(15)
    life.sweep_until(15, since=11)
    assert _breaches(life) == 1
    assert life.pages()[-1] == "page_breach"
    assert (life.fault.end, life.fault.telling, life.fault.reopened) == (None, (), 1)


def test_the_end_is_told_to_all_and_that_it_was_taken_no_more() -> None:
    """A ticket that has not heard of the one hears of the other alone."""
    life = FaultLife()
    life.take(1)
    life.do(MarkTold(News.TAKEN, "T-1"), minutes(1))
    assert life.fault.telling[0].upto == "T-1"
    life.end(2)
    assert [(telling.news, telling.upto) for telling in life.fault.telling] == [(News.RESOLVED, "")]


def test_telling_is_due_until_all_are_told_also_of_a_fault_that_is_over() -> None:
    """And marks of what is no longer told change nothing."""
    life = FaultLife()
    life.end(1, End.FALSE_ALARM)
    timer = next_fault_timer(life.fault, EDITION)
    assert timer is not None
    assert timer.kind is FaultTimerKind.TELL
    assert life.do(MarkTold(News.TAKEN, "T-1", done=True), minutes(2)).events == ()
    life.do(MarkTold(News.FALSE_ALARM, "T-2", done=True), minutes(2))
    assert next_fault_timer(life.fault, EDITION) is None


def test_telling_is_no_sweeps_affair() -> None:
    """Its timer is armed, and `FireFaultTimers` leaves it."""
    life = FaultLife()
    life.take(1)
    assert life.sweep(2).events == ()
    assert life.fault.telling != ()


def test_what_somebody_does_about_a_ticket_puts_the_reminder_off_and_stops_no_pages() -> None:
    """In doubt pages go on."""
    life = FaultLife()
    life.do(TouchFault(ANNA, minutes(1)), minutes(1))
    assert life.fault.pages_run
    life.take(2)
    life.do(TouchFault(ANNA, minutes(50)), minutes(50))
    at = {timer.kind: timer.at for timer in fault_timers_of(life.fault, EDITION)}
    assert at[FaultTimerKind.REMIND] == minutes(50 + TERMS.remind_after_minutes)
    assert at[FaultTimerKind.PAGE_AGAIN] == minutes(50 + AGAIN)


def test_a_word_read_late_does_not_undo_what_was_done_since() -> None:
    """Who touched it last counts."""
    life = FaultLife()
    life.do(TouchFault(ANNA, minutes(50)), minutes(50))
    life.take(2, read=51)
    assert life.fault.touched_at == minutes(50)


def test_a_report_that_is_read_late_moves_the_beginning_and_the_promise_back() -> None:
    """The earliest is the promise; where that has passed the next sweep says so."""
    life = FaultLife()
    life.join(a_report(minutes(-10), ticket="T-2"))
    assert (life.fault.since, life.fault.due) == (minutes(-10), minutes(-5))
    life.sweep(1)
    assert _breaches(life) == 1


def test_a_report_that_is_read_late_breaks_no_promise_that_was_kept() -> None:
    """Somebody has the fault in hand."""
    life = FaultLife()
    life.take(2)
    life.join(a_report(minutes(-10), ticket="T-2"))
    assert (life.fault.since, life.fault.due) == (minutes(-10), minutes(5))


def test_a_report_of_before_a_fault_came_back_moves_its_new_promise_not() -> None:
    """It belongs to the first time."""
    life = FaultLife()
    life.end(3)
    life.reopen(a_report(minutes(10)))
    life.join(a_report(minutes(2), ticket="T-2"))
    assert life.fault.due == minutes(15)


def test_whatever_happened_the_history_makes_the_fault() -> None:
    """Its version aside."""
    life = FaultLife(an_alarm())
    life.join(a_report(minutes(1), ticket="T-2"))
    life.quiet(2)
    life.sweep_until(6)
    life.take(4, read=7)
    life.sweep(AGAIN + 10)
    life.end(AGAIN + 11)
    life.reopen(an_alarm(minutes(AGAIN + 12)))
    assert replay_fault(life.history) == life.fault


def test_who_acts_at_the_command_line_is_in_every_event() -> None:
    """By the credentials."""
    life = FaultLife()
    decision = life.do(EndFault(End.RESOLVED, ANNA, minutes(1), caller="arn:aws:iam::1:user/anna"), minutes(1))
    assert {event.caller for event in decision.events} == {"arn:aws:iam::1:user/anna"}


def test_a_fault_is_opened_once_and_nothing_else_comes_first() -> None:
    """Anything else is a bug."""
    life = FaultLife()
    with pytest.raises(ImpossibleEvent):
        decide_fault(life.fault, OpenFault(NUMBER, a_report()), EDITION, NIGHT)
    with pytest.raises(ImpossibleEvent):
        decide_fault(None, QuietAlarm("mdo-5xx", NIGHT), EDITION, NIGHT)
    with pytest.raises(ImpossibleEvent):
        evolve_fault(life.fault, life.history[0])
    with pytest.raises(ImpossibleEvent):
        replay_fault(())
    with pytest.raises(ImpossibleEvent):
        life.reopen(a_report(minutes(1)))
    life.end(2)
    with pytest.raises(ImpossibleEvent):
        life.join(a_report(minutes(3)))
