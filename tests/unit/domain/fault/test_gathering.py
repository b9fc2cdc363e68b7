"""Which fault a report belongs to. In doubt it pages."""

from __future__ import annotations

from typing import Any

import pytest

from domain.fault.commands import AcknowledgeFault, DetachTicket, EndFault, FireFaultTimers, MarkTold, QuietAlarm
from domain.fault.evolve import ALARMS_KEPT
from domain.fault.fault import DeskFaults, End, Fault, News
from domain.fault.gather import Gathered, Gathering, gather, lately_after
from tests.support.fault_life import ANNA, EDITION, TERMS, Desk, a_report, a_word, an_alarm, minutes

OPEN, JOIN, REOPEN = Gathering.OPEN, Gathering.JOIN, Gathering.REOPEN
LEAK = {"signs": ("безопасность",), "kinds": ("security",)}
OTHER_SIGN = {"signs": ("отказывает всё",)}
LATER = TERMS.gather_minutes - 1
TOO_LATE = TERMS.gather_minutes + 1


def _take(desk: Desk, at: float) -> None:
    number = next(reversed(desk.faults))
    desk.do(number, AcknowledgeFault(ANNA, minutes(at)), minutes(at))


def _end(desk: Desk, at: float, end: End = End.RESOLVED) -> None:
    number = next(reversed(desk.faults))
    desk.do(number, EndFault(end, ANNA, minutes(at)), minutes(at))


@pytest.mark.parametrize(
    ("at", "changes", "how"),
    [
        (1, {}, JOIN),
        (1, OTHER_SIGN, JOIN),
        (1, LEAK, OPEN),
        (1, {"signs": ("безопасность", "отказывает всё"), "kinds": ("outage", "security")}, JOIN),
        (LATER, {}, JOIN),
        (TOO_LATE, {}, OPEN),
        (-LATER, {}, JOIN),
        (-TOO_LATE, {}, OPEN),
    ],
)
def test_a_letter_joins_a_fault_that_runs_unless_it_is_late_or_plainly_something_else(
    at: float, changes: dict[str, Any], how: Gathering
) -> None:
    """Both have kinds, and none in common."""
    desk = Desk()
    desk.report(a_report())
    assert desk.report(a_report(minutes(at), ticket="T-2", **changes), minutes(max(at, 0))).how is how


@pytest.mark.parametrize(
    ("at", "changes", "how"),
    [
        (10, {}, JOIN),
        (10, OTHER_SIGN, OPEN),
        (10, {"signs": ("отказывает всё", "сервис недоступен целиком")}, OPEN),
        (10, {"signs": (), "kinds": ()}, OPEN),
        (10, LEAK, OPEN),
        (TOO_LATE, {}, OPEN),
    ],
)
def test_once_somebody_took_a_fault_only_the_same_signs_join_it(
    at: float, changes: dict[str, Any], how: Gathering
) -> None:
    """A second outage pages again, and so does what nobody can tell from one."""
    desk = Desk()
    desk.report(a_report())
    _take(desk, 2)
    gathered = desk.report(a_report(minutes(at), ticket="T-2", **changes))
    assert gathered.how is how
    assert len(desk.pages) == (1 if how is JOIN else 2)


@pytest.mark.parametrize("end", End)
@pytest.mark.parametrize(
    ("after", "changes", "how"),
    [
        (1, {}, REOPEN),
        (TERMS.reopen_minutes, {}, REOPEN),
        (TERMS.reopen_minutes + 1, {}, OPEN),
        (1, OTHER_SIGN, OPEN),
        (1, {"signs": (), "kinds": ()}, OPEN),
    ],
)
def test_a_fault_that_ended_lately_is_back_by_the_same_signs_and_pages(
    after: float, changes: dict[str, Any], how: Gathering, end: End
) -> None:
    """Anything else is another fault, and pages as well."""
    desk = Desk()
    desk.report(a_report())
    _end(desk, 5, end)
    assert desk.report(a_report(minutes(5 + after), ticket="T-2", **changes)).how is how
    assert len(desk.pages) == 2


@pytest.mark.parametrize("end", End)
def test_a_letter_received_before_the_end_and_read_after_it_is_of_the_fault_that_was_open_then(end: End) -> None:
    """It wakes nobody, and its ticket is told of the end; what it shows besides pages."""
    desk = Desk()
    desk.report(a_report())
    _end(desk, 5, end)
    desk.do("MDO-F-00000", MarkTold(News(end.value), "T-9", done=True), minutes(6))
    gathered = desk.report(a_report(minutes(4), ticket="T-2"), minutes(40))
    fault = desk.faults["MDO-F-00000"]
    assert (gathered.how, fault.is_over, len(desk.pages)) == (JOIN, True, 1)
    assert [(told.news.value, told.at, told.upto) for told in fault.telling] == [(end.value, minutes(5), "")]
    desk.do("MDO-F-00000", MarkTold(News(end.value), "T-1"), minutes(41))
    desk.report(a_report(minutes(4), ticket="T-0"), minutes(42))
    assert [told.upto for told in desk.faults["MDO-F-00000"].telling] == [""]
    assert desk.report(a_report(minutes(4), ticket="T-3", **OTHER_SIGN), minutes(43)).how is OPEN


def test_a_letter_of_days_before_an_ended_fault_does_not_bring_it_back() -> None:
    """It was of no fault that is known, and pages as one of its own."""
    desk = Desk()
    desk.report(a_report())
    _end(desk, 5)
    assert desk.report(a_report(minutes(-TOO_LATE), ticket="T-2"), minutes(6)).how is OPEN


def test_a_fault_whose_last_ticket_was_withdrawn_answers_no_other_report() -> None:
    """The word was about that ticket alone: a letter that was received before it pages."""
    desk = Desk()
    desk.report(a_report())
    desk.do("MDO-F-00000", DetachTicket("MDO-7K3F-9QXZ", ANNA, minutes(5), 0), minutes(5))
    assert desk.report(a_report(minutes(4), ticket="T-2"), minutes(6)).how is REOPEN
    assert len(desk.pages) == 2


def test_while_somebody_is_being_woken_the_window_counts_from_the_last_page() -> None:
    """However long nobody answers; pages that stopped, as with a sweep that stands still, keep nobody's page back."""
    desk = Desk()
    desk.report(a_report())
    for at in range(1, 181):
        desk.do("MDO-F-00000", FireFaultTimers(), minutes(at))
    pages = len(desk.pages)
    assert desk.report(a_report(minutes(181), ticket="T-2")).how is JOIN
    assert len(desk.pages) == pages
    assert desk.report(a_report(minutes(181), ticket="T-3", **LEAK)).how is OPEN
    assert desk.report(a_report(minutes(181 + 2 * TOO_LATE), ticket="T-4")).how is OPEN


def test_a_word_joins_what_runs_and_opens_another_fault_else() -> None:
    """It shows no signs."""
    desk = Desk()
    desk.report(a_report())
    assert desk.report(a_word(minutes(1), ticket="T-2")).how is JOIN
    _take(desk, 2)
    assert desk.report(a_word(minutes(3), ticket="T-3", signs=("сервис недоступен целиком",))).how is OPEN


def test_an_alarm_joins_a_letters_fault_that_runs() -> None:
    """And a letter an alarm's; once somebody took it an alarm that is not known pages."""
    desk = Desk()
    desk.report(a_report())
    assert desk.report(an_alarm(minutes(1), ticket="T-2")).how is JOIN
    _take(desk, 2)
    assert desk.report(an_alarm(minutes(3), ticket="T-2")).how is JOIN
    assert desk.report(an_alarm(minutes(4), "mdo-latency", ticket="T-3")).how is OPEN


def test_a_composite_alarm_and_its_children_are_one_fault_whichever_comes_first() -> None:
    """Also where somebody has taken it."""
    children = [an_alarm(minutes(at), f"child-{at}", ticket=f"T-{at}") for at in (1, 2, 3)]
    composite = an_alarm(minutes(2), "all", ticket="T-9", related=("child-1", "child-2", "child-3"))
    for first, others in ((composite, children), (children[0], [composite, *children[1:]])):
        desk = Desk()
        desk.report(first)
        _take(desk, 5)
        for report in others:
            assert desk.report(report, minutes(10)).how is JOIN
        assert len(desk.faults) == 1
        assert len(desk.pages) == 1


def test_a_fault_of_more_alarms_than_it_can_keep_is_two_and_no_alarm_is_forgotten() -> None:
    """It stays an item that the table takes, also where all names are as long as they may be."""
    desk = Desk()
    for number in range(ALARMS_KEPT + 1):
        desk.report(an_alarm(minutes(1), f"{number:03}{'я' * 252}", ticket=f"T-{number}", related=("r" * 255,) * 100))
    first, second = desk.faults.values()
    assert len(first.known_alarms) == ALARMS_KEPT
    assert len(first.alarms) + len(second.alarms) == ALARMS_KEPT + 1
    assert len(first.model_dump_json().encode()) < 300_000
    assert len(desk.pages) == 2


def test_two_composite_alarms_that_watch_the_same_quiet_child_are_two_faults() -> None:
    """What has not reported connects nothing."""
    desk = Desk()
    desk.report(an_alarm(alarm="one", related=("shared",)))
    _take(desk, 2)
    assert desk.report(an_alarm(minutes(3), "two", ticket="T-2", related=("shared",))).how is OPEN


def test_an_alarm_that_is_back_within_its_time_reopens_the_fault() -> None:
    """Later it opens another."""
    for after, how in ((TERMS.reopen_minutes, REOPEN), (TERMS.reopen_minutes + 1, OPEN)):
        desk = Desk()
        desk.report(an_alarm())
        desk.do("MDO-F-00000", QuietAlarm("mdo-5xx", minutes(1)), minutes(1))
        _end(desk, 2)
        assert desk.report(an_alarm(minutes(2 + after))).how is how
        assert len(desk.pages) == 2


def test_of_several_faults_a_report_joins_the_one_with_the_latest_report() -> None:
    """Whichever was opened first."""
    desk = Desk()
    desk.report(a_report())
    desk.report(a_report(minutes(1), ticket="T-2", **LEAK))
    desk.report(a_report(minutes(2), ticket="T-3"))
    joined = desk.report(a_report(minutes(3), ticket="T-4", signs=("и то и то",), kinds=("outage", "security")))
    assert joined.fault is not None
    assert joined.fault.id == "MDO-F-00000"


def test_a_report_joins_what_runs_sooner_than_it_reopens_what_ended() -> None:
    """Somebody is being woken already."""
    desk = Desk()
    desk.report(a_report())
    _end(desk, 1)
    desk.report(a_report(minutes(2), ticket="T-2", **OTHER_SIGN))
    joined = desk.report(a_report(minutes(3), ticket="T-3"))
    assert (joined.how, joined.fault and joined.fault.id) == (JOIN, "MDO-F-00001")


def _stranger(at: float, **changes: Any) -> Any:
    number = len(changes.get("ticket", "")) or round(at * 60)
    return a_report(minutes(at), **{"ticket": f"T-{number}", "proved": False, **changes})


def test_fifteen_strangers_make_one_fault_and_one_series() -> None:
    """Whatever names they invent."""
    desk = Desk()
    for at in range(15):
        desk.report(_stranger(at))
    assert len(desk.faults) == 1
    assert len(desk.pages) == 1
    assert len(desk.lately.by_strangers) == 1


def test_strangers_page_as_often_in_an_hour_as_the_edition_lets_them_and_the_last_page_says_so() -> None:
    """Beyond that the team is told by mail, loudly, and nobody is woken."""
    desk = Desk()
    allowed = TERMS.stranger_pages_per_hour
    for at in range(allowed + 1):
        desk.report(_stranger(at, signs=(f"знак {at}",)))
        _take(desk, at + 0.5)
    assert len(desk.pages) == allowed
    assert ["last_allowed" in page.params for page in desk.pages] == [False] * (allowed - 1) + [True]
    assert [message.kind for message in desk.written if message.kind == "fault_opened"] == ["fault_opened"]
    assert next(reversed(desk.faults.values())).bounded


def test_strangers_who_bring_ended_faults_back_are_counted_as_well() -> None:
    """A series is a series."""
    desk = Desk()
    for at in range(TERMS.stranger_pages_per_hour + 2):
        desk.report(_stranger(at))
        _end(desk, at + 0.5)
    assert len(desk.pages) == TERMS.stranger_pages_per_hour


def _bounded_desk() -> Desk:
    """Return a desk at which strangers have caused their pages, each taken, and then reported once more."""
    desk = Desk()
    for at in range(TERMS.stranger_pages_per_hour + 1):
        desk.report(_stranger(at, signs=(f"знак {at}",)))
        if at < TERMS.stranger_pages_per_hour:
            _take(desk, at + 0.5)
    return desk


def test_beyond_the_bound_strangers_join_the_fault_of_which_the_team_was_told() -> None:
    """And wake nobody."""
    desk = _bounded_desk()
    pages, faults = len(desk.pages), len(desk.faults)
    for at in range(10, 20):
        assert desk.report(_stranger(at, signs=(f"знак {at}",))).how is JOIN
    assert (len(desk.pages), len(desk.faults)) == (pages, faults)


def test_beyond_the_bound_a_strangers_report_of_another_kind_is_told_by_itself() -> None:
    """Nobody is woken, and no leak is hidden in an outage."""
    desk = _bounded_desk()
    gathered = desk.report(_stranger(10, **LEAK))
    assert (gathered.how, gathered.bounded) == (OPEN, True)


def test_the_first_report_that_is_proved_begins_the_pages_of_a_bounded_fault() -> None:
    """From then on it is like any other."""
    desk = _bounded_desk()
    pages = len(desk.pages)
    assert desk.report(a_report(minutes(10), ticket="T-99")).how is JOIN
    assert len(desk.pages) == pages + 1
    fault = next(reversed(desk.faults.values()))
    assert (fault.bounded, fault.strangers_only, fault.pages_run) == (False, False, True)
    desk.report(a_report(minutes(11), ticket="T-100"))
    assert len(desk.pages) == pages + 1


def test_strangers_page_again_once_their_hour_is_over() -> None:
    """Also for a fault of which the team alone was told."""
    desk = _bounded_desk()
    pages = len(desk.pages)
    desk.report(_stranger(30))
    assert len(desk.pages) == pages
    gathered = desk.report(_stranger(62))
    assert (gathered.how, gathered.by_stranger) == (JOIN, True)
    assert len(desk.pages) == pages + 1
    assert not next(reversed(desk.faults.values())).bounded


def test_who_is_proved_pages_whatever_strangers_caused() -> None:
    """The bound is theirs."""
    desk = _bounded_desk()
    _take(desk, 5)
    assert desk.report(a_report(minutes(6), ticket="T-99")).how is OPEN
    assert desk.pages[-1].params.get("last_allowed") is None


def test_a_desks_list_stays_as_it_is_where_nothing_of_it_changes() -> None:
    """A join writes the fault alone, and no two reports collide on the list."""
    desk = Desk()
    desk.report(a_report())
    before = desk.lately
    desk.report(a_report(minutes(1), ticket="T-2"))
    assert desk.lately is before


def test_a_desks_list_leaves_out_what_ended_too_long_ago_to_come_back() -> None:
    """As it takes in another; a letter of before the end may be read for a day."""
    desk = Desk()
    desk.report(a_report())
    _end(desk, 1)
    desk.report(a_report(minutes(2), ticket="T-2", **LEAK))
    assert desk.lately.numbers == ("MDO-F-00000", "MDO-F-00001")
    desk.report(a_report(minutes(200), ticket="T-3", **OTHER_SIGN))
    gathered = desk.report(a_report(minutes(0.5), ticket="T-4"), minutes(300))
    assert gathered.fault is not None
    assert gathered.fault.id == "MDO-F-00000"
    desk.report(a_report(minutes(26 * 60), ticket="T-5"))
    assert "MDO-F-00000" not in desk.lately.numbers
    assert len(desk.lately.numbers) == 3


def test_a_fault_that_is_back_is_written_into_the_list_though_it_is_named() -> None:
    """Another report may leave it out at the same time, and an open fault must be found."""
    fault = _fault()
    before = DeskFaults(version=3, numbers=(fault.id,))
    back = lately_after(before, (fault,), fault, Gathered(Gathering.REOPEN, fault), EDITION, minutes(1))
    assert back is not before
    assert back == before


def test_a_fault_that_the_list_names_and_nobody_read_stays_on_it() -> None:
    """Nobody knows that it is over."""
    fault = _fault()
    after = lately_after(DeskFaults(version=3, numbers=("MDO-F-UNREAD",)), (), fault, None, EDITION, minutes(1))
    assert after == DeskFaults(version=3, numbers=("MDO-F-UNREAD", fault.id))


def test_gathering_is_the_same_however_the_faults_are_ordered() -> None:
    """Where two have equal reports, too."""
    one, other = _fault(), _fault().model_copy(update={"id": "MDO-F-ZZZZZ"})
    report = a_report(minutes(1), ticket="T-2")
    found = {
        gathered.fault.id
        for faults in ((one, other), (other, one))
        if (gathered := gather(report, faults, DeskFaults(), EDITION, minutes(1))).fault is not None
    }
    assert found == {"MDO-F-ZZZZZ"}


def _fault() -> Fault:
    desk = Desk()
    desk.report(a_report())
    return desk.faults["MDO-F-00000"]
