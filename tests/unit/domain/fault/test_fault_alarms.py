"""Alarms of a fault: they go quiet, flap, and end what they alone report."""

from __future__ import annotations

from domain.fault.commands import FireFaultTimers
from domain.fault.fault import End, News, Source
from domain.ticket.outgoing import PageLevel
from tests.support.fault_life import EDITION, TERMS, FaultLife, a_report, a_word, an_alarm, minutes

QUIET = TERMS.quiet_minutes


def test_a_fault_that_alarms_alone_report_is_over_once_they_are_quiet_for_long_enough() -> None:
    """Nobody is paged meanwhile; the team is told, and the tickets are."""
    life = FaultLife(an_alarm())
    life.quiet(1)
    life.sweep_until(QUIET)
    assert not life.fault.is_over
    assert life.pages() == ["page_critical"]
    life.sweep(QUIET + 1)
    assert (life.fault.end, life.fault.ended_by) == (End.RESOLVED, "desk")
    assert life.letters() == ["fault_over"]
    assert [telling.news for telling in life.fault.telling] == [News.RESOLVED]


def test_a_fault_is_over_by_its_quiet_alarms_though_somebody_took_it() -> None:
    """Nobody has to say it."""
    life = FaultLife(an_alarm())
    life.take(1)
    life.quiet(2)
    life.sweep(QUIET + 2)
    assert life.fault.is_over


def test_one_alarm_of_two_that_is_quiet_ends_nothing() -> None:
    """The other sounds still."""
    life = FaultLife(an_alarm())
    life.join(an_alarm(minutes(1), "mdo-latency"))
    life.quiet(2)
    life.sweep(QUIET + 5)
    assert life.fault.pages_run
    life.quiet(QUIET + 6, "mdo-latency")
    assert life.fault.quiet_since == minutes(QUIET + 6)


def test_an_alarm_that_comes_back_in_time_is_the_same_fault_and_begins_no_pages() -> None:
    """The series goes on where it was."""
    life = FaultLife(an_alarm())
    life.sweep(2)
    life.quiet(3)
    life.sweep_until(9, since=4)
    life.join(an_alarm(minutes(10)))
    assert (life.fault.quiet_since, life.fault.flaps) == (None, 1)
    life.sweep(10)
    assert life.paged_at() == [0, 2, 10]
    assert life.pages(PageLevel.ON_CALL) == ["page_critical", "page_repeat", "page_repeat"]


def test_a_promise_that_ended_while_the_alarms_were_quiet_is_not_broken_by_that() -> None:
    """It is once they sound again and nobody has taken the fault."""
    life = FaultLife(an_alarm())
    life.quiet(3)
    life.sweep_until(9, since=4)
    assert life.fault.breached_at is None
    life.join(an_alarm(minutes(10)))
    life.sweep(10)
    assert life.fault.breached_at is not None


def test_mdo_2_1_a_promise_that_ended_before_the_alarms_went_quiet_is_broken_and_wakes_nobody_then() -> None:
    """However late the sweep."""
    life = FaultLife(an_alarm())
    life.quiet(6)
    life.sweep(7)
    assert life.fault.breached_at is not None
    assert life.letters() == ["fault_breach"]
    assert life.pages() == ["page_critical"]


def test_a_fault_that_letters_report_as_well_is_not_ended_by_its_quiet_alarms() -> None:
    """One letter to the team says so, however often they flap, and pages go on."""
    life = FaultLife(an_alarm())
    life.join(a_report(minutes(1), ticket="T-2"))
    for at in (2, 4, 6):
        life.quiet(at)
        life.join(an_alarm(minutes(at + 1)))
    assert life.letters() == ["fault_quiet"]
    life.quiet(8)
    life.sweep(QUIET + 20)
    assert life.fault.pages_run


def test_a_word_keeps_a_fault_open_whose_alarms_are_quiet() -> None:
    """A person says that there is one."""
    life = FaultLife(an_alarm())
    life.quiet(1)
    life.join(a_word(minutes(2)))
    assert life.do(FireFaultTimers(), minutes(QUIET + 2)).fault is not None
    assert life.fault.pages_run


def test_an_alarm_that_says_the_same_again_or_is_not_the_faults_changes_nothing() -> None:
    """Neither is a flap or a further report."""
    life = FaultLife(an_alarm())
    life.join(an_alarm(minutes(1)))
    assert (life.fault.reports, life.fault.flaps) == (1, 0)
    assert life.quiet(2, "another").events == ()
    life.quiet(3)
    assert life.quiet(4).events == ()
    assert life.fault.quiet_since == minutes(3)


def test_a_monitor_is_an_alarm() -> None:
    """Of another maker."""
    life = FaultLife(an_alarm(source=Source.MONITOR))
    life.quiet(1)
    life.sweep(QUIET + 1)
    assert life.fault.is_over


def test_an_untouched_fault_whose_alarms_are_quiet_pages_nobody_again() -> None:
    """It ends by itself."""
    slow = TERMS.model_copy(update={"quiet_minutes": 600})
    life = FaultLife(an_alarm(), edition=EDITION.model_copy(update={"critical": slow}))
    life.take(1)
    life.quiet(2)
    life.sweep_until(TERMS.page_again_after_minutes + 10, since=3)
    assert life.pages() == ["page_critical"]
