"""A ticket's clocks are explained: which time counts, under which clause, and why the rest does not."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from domain.regulation.editions import edition_at
from domain.ticket import commands as c
from domain.ticket.clock_report import (
    ClockName,
    ClockReport,
    ClockState,
    NoPromise,
    WorkingDays,
    clocks_of,
    promise,
    waits_of,
    why_not_promised,
)
from domain.ticket.ticket import AskedFor
from tests.support.builders import DETAILS, moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE, STORE_REQUEST
from tests.support.life import Life, begin


def hours(number: float) -> timedelta:
    """Return a length of time."""
    return timedelta(hours=number)


def promised(desk: str, at: str, *, critical: bool = False) -> ClockReport:
    """Return what a desk promises to a request that arrives at an instant of Moscow's clock."""
    return promise(edition_at(desk, moscow(at)), moscow(at), critical=critical)


def report_of(life: Life, clock: ClockName, at: str) -> ClockReport:
    """Return one clock of a ticket as it is at an instant of Moscow's clock."""
    (report,) = (found for found in clocks_of(life.state, life.edition, moscow(at)) if found.clock is clock)
    return report


def reaction_of(life: Life, at: str) -> ClockReport:
    """Return the reaction clock."""
    return report_of(life, ClockName.REACTION, at)


def counted(report: ClockReport) -> timedelta:
    """Return how much time a report counts."""
    return sum((stretch.end - stretch.start for stretch in report.stretches if stretch.counted), timedelta())


def reasons(report: ClockReport) -> list[tuple[str, str | None]]:
    """Return the reason and the clause of each stretch, in order."""
    return [(stretch.reason, stretch.clause) for stretch in report.stretches]


# Promises -------------------------------------------------------------------------------------------------


def test_mdo_2_1_a_promise_counts_four_working_hours_and_names_the_clause_of_every_stretch() -> None:
    """The night and the weekend do not count, and clause 1.2 says so."""
    report = promised("mdo", "2026-11-20 17:00")
    assert (report.state, report.used, report.left) == (ClockState.WOULD_RUN, None, hours(4))
    assert reasons(report) == [
        ("working", "2.1"),
        ("outside_hours", "1.2"),
        ("weekend", "1.2"),
        ("outside_hours", "1.2"),
        ("working", "2.1"),
    ]
    assert counted(report) == report.allowance == hours(4)


def test_mdo_2_1_a_critical_promise_counts_round_the_clock() -> None:
    """Five minutes on a Saturday night, every one of them counted."""
    report = promised("mdo", "2026-11-21 23:58", critical=True)
    assert report.due == moscow("2026-11-22 00:03")
    assert reasons(report) == [("round_the_clock", report.clause)]
    assert counted(report) == report.allowance == timedelta(minutes=5)


def test_storeolis_2_3_a_term_in_working_days_numbers_its_days_and_leaves_out_the_day_of_the_event() -> None:
    """Five days after a Friday: the rest of that Friday and the weekend carry no number."""
    report = promised("storeolis", "2026-11-20 10:00")
    assert report.allowance == report.left == WorkingDays(5)
    assert [stretch.day for stretch in report.stretches] == [None, None, 1, 2, 3, 4, 5]
    assert [stretch.reason for stretch in report.stretches][:2] == ["day_of_event", "weekend"]


def test_storeolis_2_3_a_run_of_days_off_for_one_reason_is_one_stretch() -> None:
    """The New Year holidays are listed by what they are called, not day by day."""
    report = promised("storeolis", "2026-12-30 10:00")
    off = [stretch for stretch in report.stretches if not stretch.counted]
    assert all(later.phrase != earlier.phrase for earlier, later in pairwise(off))
    assert max(stretch.end - stretch.start for stretch in off) > timedelta(days=1)


@pytest.mark.parametrize("desk", ["mdo", "storeolis"])
@pytest.mark.parametrize("at", ["2026-11-20 17:59", "2026-11-21 23:40", "2026-12-31 15:00", "2027-05-01 00:00"])
def test_the_stretches_of_a_promise_follow_one_another_without_a_gap(desk: str, at: str) -> None:
    """From the arrival to the instant at which it is due."""
    report = promised(desk, at)
    edges = [report.start, *(stretch.end for stretch in report.stretches)]
    assert [stretch.start for stretch in report.stretches] == edges[:-1]
    assert edges[-1] == report.due


def test_a_promise_names_the_years_whose_calendar_is_not_decreed() -> None:
    """A decree may still move it."""
    assert promised("storeolis", "2026-11-20 10:00").undecreed_years == ()
    assert 2029 in promised("storeolis", "2028-12-29 10:00").undecreed_years


# The reaction clock ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "state", "used"),
    [
        ("2026-11-20 12:00", ClockState.RUNS, hours(2)),
        ("2026-11-20 14:00", ClockState.RUNS, hours(4)),
        ("2026-11-20 16:00", ClockState.OVERDUE, hours(6)),
        ("2026-11-22 16:00", ClockState.OVERDUE, hours(8)),
    ],
)
def test_mdo_2_1_a_running_clock_says_what_has_passed_and_what_is_left(
    at: str, state: ClockState, used: timedelta
) -> None:
    """At the very instant at which it is due it is not overdue yet; outside hours nothing passes."""
    report = reaction_of(begin(COMPLETE, "2026-11-20 10:00"), at)
    assert (report.state, report.used, report.left) == (state, used, hours(4) - used)


def test_mdo_2_1_an_overdue_clock_shows_the_time_after_the_deadline_too() -> None:
    """It counts until a specialist reacts."""
    report = reaction_of(begin(COMPLETE, "2026-11-20 10:00"), "2026-11-23 10:00")
    assert report.stretches[-1].end == moscow("2026-11-23 10:00")
    assert counted(report) == report.used == hours(9)


@pytest.mark.parametrize(
    ("at", "state", "used"),
    [
        ("2026-11-20 11:00", ClockState.STOPPED_IN_TIME, hours(1)),
        ("2026-11-20 14:00", ClockState.STOPPED_IN_TIME, hours(4)),
        ("2026-11-20 15:00", ClockState.STOPPED_LATE, hours(5)),
    ],
)
def test_mdo_2_1_a_stopped_clock_ends_with_the_reaction(at: str, state: ClockState, used: timedelta) -> None:
    """Whatever time it is now."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.REPLY, at, "Исправлено.")
    report = reaction_of(life, "2026-12-20 10:00")
    assert (report.state, report.used) == (state, used)
    assert report.stretches[-1].end == moscow(at)
    assert dict(report.marks)["stopped"] == moscow(at)


def test_mdo_1_3_the_time_before_the_required_details_does_not_count() -> None:
    """It is the first stretch, under the clause that asks for them."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.write(DETAILS, "2026-11-20 15:00")
    first = reaction_of(life, "2026-11-20 16:00").stretches[0]
    assert (first.start, first.end) == (moscow("2026-11-20 10:00"), moscow("2026-11-20 15:00"))
    assert (first.counted, first.reason, first.clause) == (False, "details_missing", "1.3")


def test_mdo_1_3_a_reopened_ticket_says_nothing_of_details() -> None:
    """Its new clock counts from the letter that reopens it, and the years before are not explained by it."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CLOSE, "2026-11-20 11:00", "Готово.")
    life.act(c.Act.REOPEN, "2026-11-20 15:00")
    report = reaction_of(life, "2026-11-20 16:00")
    assert report.start == moscow("2026-11-20 15:00")
    assert "details_missing" not in {stretch.reason for stretch in report.stretches}


def test_storeolis_2_3_a_working_day_is_used_once_it_is_over() -> None:
    """The rest of the day on which the deadline passes is no day more until its midnight."""
    life = begin(STORE_REQUEST, "2026-11-20 10:00", "storeolis")
    used = {
        at: reaction_of(life, at).used
        for at in ("2026-11-23 23:59", "2026-11-24 00:00", "2026-11-27 17:59", "2026-11-27 18:30", "2026-12-01 10:00")
    }
    assert list(used.values()) == [WorkingDays(days) for days in (0, 1, 4, 5, 6)]
    assert reaction_of(life, "2026-12-01 10:00").left == WorkingDays(-1)


def test_a_warning_that_lies_ahead_is_marked_until_it_is_given() -> None:
    """And then the instant at which it was given."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    assert [name for name, _ in reaction_of(life, "2026-11-20 11:00").marks] == ["to be warned"]
    life.sweep("2026-11-20 13:59")
    assert [name for name, _ in reaction_of(life, "2026-11-20 13:59").marks] == ["warned"]


# No promise -----------------------------------------------------------------------------------------------


def test_mdo_1_3_a_request_without_its_details_is_promised_nothing_yet() -> None:
    """The clock counts from the letter that completes them; silence ends the ticket without one."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    assert why_not_promised(life.state) is NoPromise.DETAILS_MISSING
    life.sweep("2026-11-25 00:00")
    assert why_not_promised(life.state) is NoPromise.CLOSED


def test_a_ticket_that_an_alarm_opened_has_the_critical_clock_alone() -> None:
    """There is no client to react to."""
    now = moscow("2026-11-21 02:00")
    command = c.OpenByAlarm("MDO-0000-0001", "mdo-api-5xx", "5 % of requests fail")
    life = Life("mdo", command, now)
    assert [report.clock for report in clocks_of(life.state, life.edition, now)] == [ClockName.CRITICAL]
    assert why_not_promised(life.state) is NoPromise.ALARM


def test_a_ticket_with_a_promise_needs_no_reason() -> None:
    """Before the reaction and after it."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    assert why_not_promised(life.state) is None
    life.act(c.Act.CLOSE, "2026-11-20 11:00", "Готово.")
    assert why_not_promised(life.state) is None


# The client's time ----------------------------------------------------------------------------------------


def test_mdo_2_4_time_waiting_for_the_client_is_counted_apart_from_the_desks_own() -> None:
    """Each wait with its working time; the reaction clock has none of it."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая версия?")
    life.write("Версия 5.1.", "2026-11-20 13:00")
    life.act(c.Act.SOLVE, "2026-11-20 16:00", "Обновите приложение.")
    waits = waits_of(life.state, life.edition, moscow("2026-11-23 10:00"))
    assert [(wait.start, wait.end, wait.working, wait.clause) for wait in waits] == [
        (moscow("2026-11-20 11:00"), moscow("2026-11-20 13:00"), hours(2), "2.4"),
        (moscow("2026-11-20 16:00"), None, hours(3), "2.4"),
    ]
    assert reaction_of(life, "2026-11-23 10:00").used == hours(1)


def test_mdo_2_4_a_wait_that_begins_later_than_it_is_asked_about_has_no_length() -> None:
    """Machines' clocks differ by a little."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая версия?")
    (wait,) = waits_of(life.state, life.edition, moscow("2026-11-20 10:59"))
    assert wait.working == timedelta()


@pytest.mark.parametrize(("at", "used"), [("2026-11-23 23:59", 0), ("2026-11-24 00:00", 1), ("2026-11-25 00:00", 2)])
def test_mdo_2_5_the_clients_term_counts_whole_working_days_after_the_question(at: str, used: int) -> None:
    """Two of them; then the ticket lapses."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая версия?")
    report = report_of(life, ClockName.LAPSE, at)
    assert (report.asked_for, report.lapses, report.clause) == (AskedFor.QUESTION, True, "2.5")
    assert (report.used, report.left) == (WorkingDays(used), WorkingDays(2 - used))
    assert [stretch.day for stretch in report.stretches] == [None, None, 1, 2]


# The critical clock ---------------------------------------------------------------------------------------


def critical_at(life: Life, at: str) -> ClockReport:
    """Return the critical clock."""
    return report_of(life, ClockName.CRITICAL, at)


def test_mdo_2_1_a_critical_clock_runs_until_someone_acknowledges_the_fault() -> None:
    """Round the clock; its pages are the fault's."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CRITICAL, "2026-11-21 02:00", "Все без связи")
    running = critical_at(life, "2026-11-21 02:03")
    assert (running.state, running.used, running.left) == (
        ClockState.RUNS,
        timedelta(minutes=3),
        timedelta(minutes=2),
    )
    assert (running.start, running.due) == (moscow("2026-11-21 02:00"), moscow("2026-11-21 02:05"))
    assert running.fault == life.fault.id
    life.act(c.Act.ACKNOWLEDGE, "2026-11-21 02:04")
    taken = critical_at(life, "2026-11-21 09:00")
    assert (taken.state, taken.used) == (ClockState.ACKNOWLEDGED, timedelta(minutes=4))


def test_a_critical_clock_that_is_withdrawn_has_ended() -> None:
    """It needs no acknowledgement any more."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CRITICAL, "2026-11-20 11:00", "Все без связи")
    life.act(c.Act.WITHDRAW_CRITICAL, "2026-11-20 11:02", "Ложная тревога")
    report = critical_at(life, "2026-11-20 12:00")
    assert (report.state, report.used) == (ClockState.ENDED, timedelta(minutes=2))
