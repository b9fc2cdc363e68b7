"""Laws of a fault that hold whatever reports, words and sweeps come, in any order and however late."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.fault.commands import (
    AcknowledgeFault,
    DetachTicket,
    EndFault,
    FaultCommand,
    FireFaultTimers,
    JoinFault,
    MarkTold,
    OpenFault,
    QuietAlarm,
    ReopenFault,
    TouchFault,
)
from domain.fault.decide import decide_fault
from domain.fault.events import FaultAcknowledged, FaultEnded, FaultReopened, FaultTimerFired, FaultTimerKind
from domain.fault.evolve import replay_fault
from domain.fault.fault import End, Fault, News, Report, Source
from domain.fault.gather import Gathering, is_plainly_else
from domain.fault.paging import TAKEN, is_over
from domain.ticket.outgoing import OutgoingMail, OutgoingPage, PageLevel
from tests.support.fault_life import ANNA, BORIS, EDITION, NIGHT, NUMBER, TERMS, Desk, FaultLife, a_report, minutes

SIGNS = {"сервис недоступен целиком": "outage", "данные потеряны": "data", "безопасность": "security"}
ALARMS = ("one", "two", "all")
PEOPLE = st.sampled_from((ANNA, BORIS))
LATE = st.integers(0, 40)
"""Minutes that a letter lies unread."""
ENDS = st.sampled_from((None, *End))
STEPS = st.sampled_from((0, 1, 1, 1, 2, 5, 20, 130, 300))
"""Minutes until the next thing happens."""


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Return a report, `at` aside."""
    source = draw(st.sampled_from(Source))
    ticket = f"T-{draw(st.integers(0, 9))}"
    if source in (Source.ALARM, Source.MONITOR):
        alarm = draw(st.sampled_from(ALARMS))
        related = ("one", "two") if alarm == "all" else ()
        return Report(source=source, ticket=ticket, at=NIGHT, what=alarm, alarm=alarm, related=related)
    signs = draw(st.sets(st.sampled_from(sorted(SIGNS)))) if source is Source.LETTER else set()
    return Report(
        source=source,
        ticket=ticket,
        at=NIGHT,
        what="сбой",
        signs=tuple(sorted(signs)),
        kinds=tuple(sorted({SIGNS[sign] for sign in signs})),
        proved=source is Source.WORD or draw(st.booleans()),
    )


SORTS = ("report", "report", "quiet", "quiet", "detach", "take", "touch", "end", "told", "sweep", "sweep", "sweep")


@st.composite
def commands(draw: st.DrawFn, fault: Fault, now: datetime) -> FaultCommand:
    """Return what may be asked of a fault as it is; words and reports may have been received long before they are read."""
    received = now - timedelta(minutes=draw(LATE))
    match draw(st.sampled_from(SORTS)):
        case "report":
            report = draw(reports()).model_copy(update={"at": received})
            return ReopenFault(report) if fault.is_over else JoinFault(report, draw(st.booleans()))
        case "quiet":
            return QuietAlarm(draw(st.sampled_from(ALARMS)), received)
        case "detach":
            alarm, into = draw(st.sampled_from(("", *ALARMS))), draw(st.sampled_from(("", "MDO-F-OTHER")))
            left = draw(st.integers(0, 3))
            return DetachTicket("T-1", draw(PEOPLE), received, left, draw(ENDS), alarm=alarm, into=into)
        case "take":
            return AcknowledgeFault(draw(PEOPLE), received)
        case "touch":
            return TouchFault(draw(PEOPLE), received)
        case "end":
            return EndFault(draw(st.sampled_from(End)), draw(PEOPLE), received)
        case "told":
            return MarkTold(draw(st.sampled_from(News)), "T-5", draw(st.booleans()))
        case _:
            return FireFaultTimers()


@st.composite
def lives(draw: st.DrawFn) -> FaultLife:
    """Return a fault to which all sorts of things have happened."""
    first = draw(reports())
    life = FaultLife(first, bounded=draw(st.booleans()) and not first.proved)
    now = NIGHT
    for _ in range(draw(st.integers(0, 25))):
        now += timedelta(minutes=draw(STEPS))
        life.do(draw(commands(life.fault, now)), now)
    return life


@given(lives())
def test_a_history_makes_the_fault_as_it_is_stored(life: FaultLife) -> None:
    """Also where it was stored as JSON and read back."""
    assert replay_fault(life.history) == life.fault
    assert Fault.model_validate_json(life.fault.model_dump_json()) == life.fault


@given(lives())
def test_nobody_is_paged_for_a_series_after_it_was_taken(life: FaultLife) -> None:
    """Nor by a page that had not left: each of the series is over once it is."""
    fault = life.fault
    for _, page in life.written:
        if isinstance(page, OutgoingPage) and page.kind != TAKEN and not fault.runs:
            assert is_over(page, fault)


@given(first=reports(), data=st.data())
def test_no_command_pages_a_fault_that_somebody_has_in_hand_or_that_is_over(first: Report, data: st.DataObject) -> None:
    """Unless it comes back, or nobody has touched it for long, which begin another series."""
    life, now = FaultLife(first), NIGHT
    for _ in range(data.draw(st.integers(1, 25))):
        before = life.fault
        now += timedelta(minutes=data.draw(STEPS))
        decision = life.do(data.draw(commands(before, now)), now)
        wakes = [page for page in decision.outgoing if isinstance(page, OutgoingPage) and page.kind != TAKEN]
        if wakes and not before.runs:
            assert life.fault.series != before.series
            assert {page.kind for page in wakes} <= {"page_reopened", "page_again", "page_repeat", "page_escalate"}
            assert life.fault.runs
        if wakes:
            assert life.fault.pages_run
            levels = [page.level for page in wakes]
            assert len(levels) == len(set(levels))


@given(lives(), st.integers(0, 400))
def test_a_series_pages_no_more_than_the_edition_says(life: FaultLife, more: int) -> None:
    """Each level within the time since the series began; escalation by its terms, which count from the report."""
    now = max(at for at, _ in life.written) if life.written else NIGHT
    life.do(FireFaultTimers(), now + timedelta(minutes=more))
    series: dict[tuple[datetime | None, PageLevel], list[datetime]] = {}
    for at, page in life.written:
        if isinstance(page, OutgoingPage) and page.kind != TAKEN:
            series.setdefault((page.since, page.level), []).append(at)
    for (began, level), pages in series.items():
        assert began is not None
        on_call, _ = TERMS.pages_within(max(pages) - began)
        own_of_escalation = 2
        assert len(pages) <= (on_call if level is PageLevel.ON_CALL else on_call - 1 + own_of_escalation)


@given(lives())
def test_each_promise_is_broken_at_most_once(life: FaultLife) -> None:
    """A fault that comes back has another one."""
    breaches = 0
    for event in life.history:
        breaches = 0 if isinstance(event, FaultReopened) else breaches
        breaches += isinstance(event, FaultTimerFired) and event.timer is FaultTimerKind.BREACH
        assert breaches <= 1


@given(lives())
def test_a_fault_is_taken_once_a_series_and_ends_once_a_life(life: FaultLife) -> None:
    """Whoever says so how often."""
    taken = ended = False
    for event in life.history:
        if isinstance(event, FaultReopened):
            taken = ended = False
        elif isinstance(event, FaultTimerFired) and event.timer is FaultTimerKind.PAGE_AGAIN:
            taken = False
        elif isinstance(event, FaultAcknowledged):
            assert not taken
            taken = True
        elif isinstance(event, FaultEnded):
            assert not ended
            ended = True


@given(lives())
def test_everything_that_is_written_is_the_faults_and_says_its_series(life: FaultLife) -> None:
    """So that an answer to it finds the fault."""
    for _, message in life.written:
        if isinstance(message, OutgoingPage):
            assert (message.fault, message.desk) == (NUMBER, EDITION.desk.id)
            assert message.since is not None
        else:
            assert isinstance(message, OutgoingMail)
            assert message.ticket == NUMBER


@given(lives())
def test_what_can_be_decided_is_decided_alike_twice(life: FaultLife) -> None:
    """The same fault, command and instant."""
    now = minutes(100_000)
    assert decide_fault(life.fault, FireFaultTimers(), EDITION, now) == decide_fault(
        life.fault, FireFaultTimers(), EDITION, now
    )


@given(st.lists(st.tuples(STEPS, reports(), st.sampled_from(("", "", "take", "end", "sweep"))), max_size=30))
def test_reports_never_join_what_is_plainly_something_else_and_unproved_ones_are_bounded(
    happening: list[tuple[int, Report, str]],
) -> None:
    """And a report that is proved either joins what somebody knows of, or wakes somebody."""
    desk, now, caused = Desk(), NIGHT, []
    for step, report, then in happening:
        now += timedelta(minutes=step)
        received = report.model_copy(update={"at": now})
        known, pages = dict(desk.faults), len(desk.pages)
        gathered = desk.report(received, now)
        joined = known[gathered.fault.id] if gathered.fault is not None else None
        if joined is not None and not report.alarm:
            assert not (gathered.how is Gathering.JOIN and is_plainly_else(joined, report))
        new = len(desk.pages) - pages
        if report.proved:
            assert new or (
                gathered.how is Gathering.JOIN and joined is not None and not (joined.bounded and joined.runs)
            )
        elif new:
            caused.append(now)
        assert sum(at > now - timedelta(hours=1) for at in caused) <= TERMS.stranger_pages_per_hour
        _go_on(desk, then, now)


def _go_on(desk: Desk, then: str, now: datetime) -> None:
    """Let somebody act on the fault that was opened last."""
    number = next(reversed(desk.faults))
    command: Any = {"take": AcknowledgeFault(ANNA, now), "end": EndFault(End.RESOLVED, ANNA, now)}.get(then)
    desk.do(number, command or FireFaultTimers(), now)


@given(st.lists(st.integers(0, 59), min_size=15, max_size=15))
def test_fifteen_strangers_within_the_hour_make_one_series(at: list[int]) -> None:
    """Whatever names they invent, and in whatever order their letters are read."""
    desk = Desk()
    for number, minute in enumerate(at):
        report = a_report(minutes(minute), ticket=f"T-{number}", proved=False)
        desk.report(report, minutes(60))
    assert len(desk.faults) == 1
    assert [page.kind for page in desk.pages] == ["page_critical"]


@given(reports(), reports())
def test_which_of_two_reports_is_read_first_leaves_the_same_signs_and_promise(one: Report, other: Report) -> None:
    """Of a fault that runs."""
    earlier, later = one, other.model_copy(update={"at": minutes(1), "ticket": "T-B"})
    found = []
    for first, second in ((earlier, later), (later, earlier)):
        opened = decide_fault(None, OpenFault(NUMBER, first), EDITION, minutes(2)).fault
        fault = decide_fault(opened, JoinFault(second), EDITION, minutes(2)).fault
        assert fault is not None
        found.append((fault.signs, fault.kinds, fault.since, fault.due, fault.last_report_at, fault.strangers_only))
    assert found[0] == found[1]
