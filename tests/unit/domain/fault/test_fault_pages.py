"""A fault's pages: one series for all who report it, until somebody takes it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.fault.commands import DetachTicket, FireFaultTimers
from domain.fault.fault import End
from domain.fault.paging import TAKEN, is_over, is_superseded
from domain.ticket.outgoing import OutgoingMail, OutgoingPage, PageLevel
from tests.support.fault_life import ANNA, NIGHT, NUMBER, TERMS, FaultLife, a_report, an_alarm, minutes

ON_CALL, ESCALATION = PageLevel.ON_CALL, PageLevel.ESCALATION


def test_mdo_2_1_a_fault_pages_at_once_at_night_on_a_holiday() -> None:
    """Five minutes are promised from the report; the page names the fault, the first ticket and its series."""
    life = FaultLife()
    ((_, page),) = life.written
    assert isinstance(page, OutgoingPage)
    assert (page.kind, page.level, page.number, page.due) == ("page_critical", ON_CALL, 1, minutes(5))
    assert (page.fault, page.ticket, page.since) == (NUMBER, "MDO-7K3F-9QXZ", NIGHT)


def test_mdo_2_1_pages_are_repeated_escalated_and_breached_until_somebody_takes_the_fault() -> None:
    """By the pauses and minutes of the edition; from the escalation on to both."""
    life = FaultLife()
    life.sweep_until(20)
    assert life.paged_at(ON_CALL) == [0, 2, 4, 6, 11, 16]
    assert life.paged_at(ESCALATION) == [4, 5, 6, 11, 16]
    assert life.pages(ESCALATION)[:3] == ["page_escalate", "page_breach", "page_repeat"]
    assert life.letters() == ["fault_breach"]
    life.take(21)
    life.sweep_until(100, since=22)
    assert life.paged_at(ON_CALL)[-1] == 16
    assert life.pages(ESCALATION)[-1] == TAKEN


def test_a_report_that_joins_while_pages_run_begins_none() -> None:
    """However many they are, the series is the one that runs."""
    life = FaultLife()
    for at in range(1, 30):
        life.join(a_report(minutes(at / 60), ticket=f"T-{at}"))
    assert life.pages() == ["page_critical"]
    assert (life.fault.reports, life.fault.letters) == (30, 30)


@pytest.mark.parametrize("minute", [7, 30, 600])
def test_a_late_sweep_pages_once_a_level_and_breaches_once(minute: int) -> None:
    """Whatever was missed, the next page counts from now."""
    life = FaultLife()
    life.sweep(minute)
    assert life.paged_at(ON_CALL) == [0, minute]
    assert life.paged_at(ESCALATION) == [minute]
    assert life.letters() == ["fault_breach"]
    assert life.fault.series is not None
    assert life.fault.series.next_page_at > minutes(minute)


def test_an_hour_without_an_answer_pages_no_more_than_the_edition_says() -> None:
    """Neither level."""
    hour = timedelta(hours=1)
    life = FaultLife()
    life.sweep_until(60)
    on_call, escalation = TERMS.pages_within(hour)
    assert len(life.pages(ON_CALL)) <= on_call
    assert len(life.pages(ESCALATION)) <= escalation
    assert len(life.pages(ON_CALL)) == on_call


def test_escalation_that_was_paged_hears_once_who_took_the_fault() -> None:
    """Who was never woken hears nothing."""
    woken, asleep = FaultLife(), FaultLife()
    woken.sweep_until(5)
    for life in (woken, asleep):
        life.take(6)
        life.end(7)
    assert woken.pages(ESCALATION).count(TAKEN) == 1
    assert asleep.pages(ESCALATION) == []
    page = next(page for _, page in woken.written if page.kind == TAKEN)
    assert page.params["by"] == ANNA


def test_escalation_hears_of_a_fault_that_is_ended_without_being_taken_first() -> None:
    """Who ends it has it in hand."""
    life = FaultLife()
    life.sweep_until(5)
    life.end(6)
    assert life.pages(ESCALATION)[-1] == TAKEN


def test_nobody_is_paged_after_the_word_that_ends_a_fault() -> None:
    """Which takes it as well."""
    for end in End:
        life = FaultLife()
        life.end(1, end)
        life.sweep_until(60, since=2)
        assert life.pages() == ["page_critical"]
        assert (life.fault.acknowledged_by, life.fault.acknowledged_at) == (ANNA, minutes(1))


def _page(life: FaultLife, kind: str) -> OutgoingPage:
    return next(page for _, page in life.written if isinstance(page, OutgoingPage) and page.kind == kind)


def test_a_page_that_has_not_left_is_over_once_somebody_took_the_fault() -> None:
    """The one that says so is not."""
    life = FaultLife()
    life.sweep_until(5)
    life.take(6)
    assert is_over(_page(life, "page_critical"), life.fault)
    assert not is_over(_page(life, TAKEN), life.fault)
    life.end(7)
    assert not is_over(_page(life, TAKEN), life.fault)


def test_a_page_of_an_earlier_series_is_over_and_so_is_what_informs() -> None:
    """That somebody has it is no longer so."""
    life = FaultLife()
    life.sweep_until(5)
    life.take(6)
    life.end(7)
    life.reopen(a_report(minutes(20)))
    assert not is_over(_page(life, "page_reopened"), life.fault)
    assert is_over(_page(life, "page_critical"), life.fault)
    assert is_over(_page(life, TAKEN), life.fault)
    assert not is_superseded(_page(life, "page_critical"), life.fault)


def test_a_page_is_superseded_by_a_later_one_of_its_level() -> None:
    """The one that says who took the fault supersedes none, and is superseded by none."""
    life = FaultLife()
    life.sweep_until(5)
    assert is_superseded(_page(life, "page_critical"), life.fault)
    assert is_superseded(_page(life, "page_escalate"), life.fault)
    assert not is_superseded(_page(life, "page_breach"), life.fault)
    life.take(6)
    assert not is_superseded(_page(life, TAKEN), life.fault)


def test_a_page_of_no_fault_is_over() -> None:
    """It was erased."""
    assert is_over(_page(FaultLife(), "page_critical"), None)


def test_a_fault_that_nobody_touches_reminds_and_then_pages_again() -> None:
    """In a series of its own, with escalation; the promise was kept and is not broken by it."""
    life = FaultLife()
    life.take(2)
    life.sweep_until(TERMS.remind_after_minutes + 2)
    assert life.letters() == ["fault_taken", "fault_remind", "fault_remind"]
    life.sweep_until(TERMS.page_again_after_minutes + 12, since=TERMS.remind_after_minutes + 3)
    again = TERMS.page_again_after_minutes + 2
    assert life.paged_at(ON_CALL) == [0, *(again + after for after in (0, 2, 4, 6))]
    assert life.pages(ON_CALL)[1] == "page_again"
    assert life.paged_at(ESCALATION) == [again + 4, again + 6]
    assert life.fault.breached_at is None
    assert "fault_breach" not in life.letters()


def test_who_took_a_fault_is_reminded_by_a_letter_and_the_team_by_another() -> None:
    """A name that is no address gets none."""
    for by, to in ((ANNA, [ANNA, ""]), ("Анна", [""])):
        life = FaultLife()
        life.take(2, by)
        life.sweep(TERMS.remind_after_minutes + 2)
        mails = [mail for _, mail in life.written if isinstance(mail, OutgoingMail)]
        assert [mail.to for mail in mails if mail.kind == "fault_remind"] == to


def test_the_same_word_in_answer_to_the_reminder_puts_it_off() -> None:
    """It says that the fault is in hand still; nobody is paged again for as long as at first."""
    life = FaultLife()
    life.take(2)
    life.sweep(122)
    assert life.take(130).refused is None
    life.sweep_until(130 + TERMS.page_again_after_minutes - 1, since=131)
    assert life.pages() == ["page_critical"]
    life.sweep(130 + TERMS.page_again_after_minutes)
    assert life.pages()[-1] == "page_again"


def test_the_last_ticket_that_is_detached_ends_the_fault_and_its_pages() -> None:
    """Nobody is left to be told."""
    life = FaultLife()
    life.do(DetachTicket("MDO-7K3F-9QXZ", ANNA, minutes(1), reports_left=0), minutes(1))
    assert (life.fault.end, life.fault.telling) == (End.FALSE_ALARM, ())
    assert life.do(FireFaultTimers(), minutes(90)).events == ()


def test_a_ticket_that_is_detached_leaves_the_others_pages() -> None:
    """They are still true."""
    life = FaultLife()
    life.join(a_report(minutes(1), ticket="T-2"))
    life.do(DetachTicket("T-2", ANNA, minutes(1), reports_left=1), minutes(1))
    assert (life.fault.pages_run, life.fault.reports) == (True, 1)


def test_an_alarm_that_flaps_goes_on_with_its_pages_and_the_page_says_so() -> None:
    """Nobody is paged while all is quiet, and no page is the first again."""
    life = FaultLife(an_alarm())
    for at in range(1, 30):
        life.quiet(at)
        life.sweep(at + 0.25)
        life.join(an_alarm(minutes(at + 0.5)))
    life.sweep(29.75)
    assert life.pages().count("page_critical") == 1
    assert life.fault.flaps == 29
    assert life.fault.reports == 1
    assert len(life.pages(ON_CALL)) <= TERMS.pages_within(timedelta(minutes=30))[0]
    assert life.written[-1][1].params["flaps"] == "29"
