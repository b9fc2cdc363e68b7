"""Critical faults: five minutes, round the clock, and pages until somebody answers."""

from __future__ import annotations

from datetime import timedelta

from domain.fault import commands as f
from domain.ticket import commands as c
from domain.ticket.clock_report import ClockName, clocks_of, promise
from domain.ticket.outgoing import PageLevel
from domain.ticket.ticket import Status
from tests.support.builders import moscow
from tests.support.client_letters import COMPLETE, FAULT
from tests.support.life import Life, begin


def test_mdo_2_1_a_critical_fault_pages_at_once_at_night_on_a_holiday() -> None:
    """The promise runs from the letter, not from the opening."""
    life = begin(FAULT, "2027-01-01 03:00")
    assert life.state.critical is not None
    assert life.state.critical.due == moscow("2027-01-01 03:05")
    assert life.kinds()[0] == "page_critical"
    assert life.sent[0].outbox == "page"


def test_mdo_2_1_the_page_is_repeated_escalated_and_breached_until_it_is_acknowledged() -> None:
    """Two minutes, four, five; then silence."""
    life = begin(FAULT, "2027-01-01 03:00")
    for minute in range(1, 6):
        life.sweep(f"2027-01-01 03:0{minute}")
    paged = [message for message in life.sent if message.outbox == "page"]
    assert [message.kind for message in paged] == [
        "page_critical",
        "page_repeat",
        "page_repeat",
        "page_escalate",
        "page_breach",
    ] or [message.kind for message in paged] == [
        "page_critical",
        "page_repeat",
        "page_escalate",
        "page_repeat",
        "page_breach",
    ]
    assert {message.level for message in paged if message.kind in ("page_escalate", "page_breach")} == {
        PageLevel.ESCALATION
    }
    assert [timer.timer for timer in life.events if timer.type == "timer_fired"] == ["critical_breach"]
    life.act(c.Act.ACKNOWLEDGE, "2027-01-01 03:06")
    assert not life.fault.pages_run
    assert life.next_instant() is None


def test_mdo_2_1_the_five_minutes_end_with_the_minute_that_the_letter_names() -> None:
    """Of 03:05:40 the letter says 03:05; the breach, the page and the report say the same."""
    life = begin(FAULT, "2026-11-22 03:00:40")
    due = moscow("2026-11-22 03:05")
    assert life.state.critical is not None
    assert life.state.critical.due == promise(life.edition, moscow("2026-11-22 03:00:40"), critical=True).due == due
    life.sweep("2026-11-22 03:05")
    assert "page_breach" in life.kinds()
    (report,) = (one for one in clocks_of(life.state, life.edition, due) if one.clock is ClockName.CRITICAL)
    assert (report.due, report.left) == (due, timedelta())


def test_mdo_2_1_acknowledging_is_the_reaction() -> None:
    """Whoever takes the fault in hand has reacted to the request."""
    life = begin(FAULT, "2027-01-01 03:00")
    life.act(c.Act.ACKNOWLEDGE, "2027-01-01 03:03")
    assert life.state.critical is not None
    assert life.state.critical.acknowledged_at == moscow("2027-01-01 03:03")
    assert life.state.status is Status.IN_PROGRESS
    assert life.next_instant() is None


def test_a_sweep_hours_late_sends_one_repetition_not_a_hundred() -> None:
    """The next page counts from now."""
    life = begin(FAULT, "2027-01-01 03:00")
    life.sweep("2027-01-01 08:00")
    assert life.kinds().count("page_repeat") == 1
    assert life.next_of_fault() == moscow("2027-01-01 08:02")


def test_mdo_2_1_a_specialist_raises_and_withdraws_a_critical_fault() -> None:
    """Pages stop with the withdrawal; the reaction clock was stopped by neither."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CRITICAL, "2026-11-20 10:10", "Сообщают из трёх регионов.")
    assert life.kinds()[-1] == "page_critical"
    life.act(c.Act.WITHDRAW_CRITICAL, "2026-11-20 10:11", "Обошлось.")
    assert life.next_instant() == moscow("2026-11-20 13:00")


def test_mdo_2_1_a_follow_up_that_reports_a_critical_fault_pages() -> None:
    """It is not only the first letter that counts."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.write(FAULT, "2026-11-21 03:00")
    assert "page_critical" in life.kinds()


def test_an_alarm_opens_a_critical_fault_and_its_end_resolves_it() -> None:
    """With nobody to answer to."""
    opens = c.OpenByAlarm("MDO-0000-0001", "mdo-api-5xx", "5 % of requests fail")
    life = Life("mdo", opens, moscow("2026-11-21 03:00"))
    assert life.kinds() == ["page_critical", "alarm"]
    life.do_to_fault(f.QuietAlarm("mdo-api-5xx", moscow("2026-11-21 03:02")), "2026-11-21 03:02")
    life.sweep("2026-11-21 03:16")
    just_before = life.state.status
    life.sweep("2026-11-21 03:17")
    assert (just_before, life.state.status) == (Status.OPEN, Status.CLOSED)
    assert life.next_instant() is None
    assert life.state.critical is not None
    assert life.state.critical.breached_at is None


def test_mdo_2_1_whoever_reports_a_critical_fault_incompletely_hears_both() -> None:
    """That somebody is woken, and what is missing."""
    life = begin(FAULT.partition("\n\n")[0], "2027-01-01 03:00")
    assert life.kinds()[:3] == ["page_critical", "accepted_critical", "details_requested"]
