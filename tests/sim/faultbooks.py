"""The book of one fault: what its history makes of it, by rules that the product does not share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.fault import events as f
from domain.fault.events import FaultEvent, FaultTimerKind
from domain.fault.fault import End, Fault, News, PageSeries, Report, Source
from domain.regulation.edition import Critical
from domain.ticket.outgoing import PageLevel

MACHINES = (Source.ALARM, Source.MONITOR)
TERM = timedelta(minutes=5)
"""MDO 2.1."""
NEWS_OF = {End.RESOLVED: News.RESOLVED, End.FALSE_ALARM: News.FALSE_ALARM}


class Wrong(Exception):
    """A history says what cannot be."""


@dataclass(slots=True)
class FaultBook:
    """One fault by its history alone."""

    number: str
    desk: str
    terms: Critical
    """The numbers of its edition."""
    due: datetime
    since: datetime
    last_report_at: datetime
    signs: set[str] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    firing: set[str] = field(default_factory=set)
    """Alarms that report it now."""
    fell_quiet: set[str] = field(default_factory=set)
    known_alarms: set[str] = field(default_factory=set)
    """Those that have reported it, and those that they watch."""
    by_machines: bool = True
    is_proved: bool = False
    series: datetime | None = None
    """When the pages that run, or ran last, began."""
    pages: Counter[PageLevel] = field(default_factory=Counter)
    """Those of the series that have been written."""
    next_page_at: datetime | None = None
    escalate_at: datetime | None = None
    """None once escalation is paged."""
    is_promised: bool = True
    """Whether the promise is neither kept nor broken so far."""
    breached_at: datetime | None = None
    taken_at: datetime | None = None
    touched_at: datetime | None = None
    is_reminded: bool = False
    quiet_since: datetime | None = None
    over_at: datetime | None = None
    end: End | None = None
    is_bounded: bool = False
    flaps: int = 0
    reopened: int = 0
    came_back: bool = False
    """Whether an alarm that nothing was heard of for long has just said again what somebody took: it pages again."""
    left: set[str] = field(default_factory=set)
    """Tickets that reported it, and do no more."""
    telling: list[tuple[News, datetime]] = field(default_factory=list)
    stopped: set[datetime] = field(default_factory=set)
    """Series of pages that are over for good."""

    @property
    def runs(self) -> bool:
        """Whether nobody has taken it, and it is not over."""
        return self.taken_at is None and self.over_at is None

    @property
    def pages_run(self) -> bool:
        """Whether somebody is being woken for it."""
        return self.runs and self.series is not None and self.quiet_since is None

    @property
    def is_cared_for(self) -> bool:
        """Whether somebody is woken for it, has it in hand, or has been told that strangers report too much."""
        return self.pages_run or self.is_bounded or (self.taken_at is not None and self.over_at is None)

    @property
    def armed(self) -> datetime | None:
        """The instant at which it has to come due."""
        return min((at for at in self._instants() if at is not None), default=None)

    def _instants(self) -> Iterator[datetime | None]:
        yield from (at for _, at in self.telling[:1])
        if self.over_at is not None:
            return
        if self.pages_run:
            yield from (self.next_page_at, self.escalate_at)
        if self.runs and self.is_promised and (self.quiet_since is None or self.due < self.quiet_since):
            yield self.due
        if self.quiet_since is not None:
            yield self.quiet_since + timedelta(minutes=self.terms.quiet_minutes)
        elif self.taken_at is not None:
            untouched = self.touched_at or self.taken_at
            yield None if self.is_reminded else untouched + timedelta(minutes=self.terms.remind_after_minutes)
            yield None if self.is_bounded else untouched + timedelta(minutes=self.terms.page_again_after_minutes)

    def pause(self) -> timedelta:
        """Return the pause after the pages to the on-call so far; the last one goes on for ever."""
        pauses = self.terms.repeat_minutes
        return timedelta(minutes=pauses[min(self.pages[PageLevel.ON_CALL], len(pauses)) - 1])

    @property
    def gathers_from(self) -> datetime:
        """When it was last reported, or while somebody is being woken, when they were last."""
        if not self.pages_run or self.next_page_at is None:
            return self.last_report_at
        return max(self.last_report_at, self.next_page_at - self.pause())

    # Events

    def follow(self, event: FaultEvent) -> None:  # noqa: C901 - one arm an event
        """Let an event happen; raises Wrong where it cannot."""
        match event:
            case f.FaultOpened(fault=fault):
                self._opened(fault, event.at)
            case f.ReportJoined():
                self._joined(event)
            case f.FaultReopened(report=report):
                _require(self.over_at is not None, "a fault that is open is reopened")
                self._reopened(report, event)
            case f.AlarmWentQuiet():
                self._went_quiet(event)
            case f.TicketDetached():
                self._detached(event)
            case f.FaultTimerFired():
                self._fire(event)
            case f.FaultAcknowledged():
                _require(self.runs, "a fault is acknowledged that nobody is waiting for")
                self._taken(event.at)
                self.telling.append((News.TAKEN, event.at))
            case f.BreachTakenBack():
                _require(self.breached_at is not None, "a breach is taken back that was not recorded")
                _require(event.received_at < self.due, "a breach is taken back that was one")
                self.breached_at = None
                if self.taken_at is not None:
                    self.taken_at = event.received_at
                if (News.TAKEN, event.received_at) not in self.telling:
                    self.telling.append((News.TAKEN, event.received_at))
            case f.FaultTouched(at=at):
                self.touched_at, self.is_reminded = max(self.touched_at or at, at), False
            case f.FaultEnded():
                _require(self.over_at is None, "a fault ends that is over")
                self._stop()
                self.over_at, self.end, self.quiet_since = event.at, event.end, None
                self.telling = (
                    [(NEWS_OF[event.end], event.at)] if event.tells else self.telling if len(self.left) > 1 else []
                )
            case f.TicketsTold():
                self._told(event)
            case _:
                pass

    def _opened(self, fault: Fault, at: datetime) -> None:
        _require(fault.due == (fault.since + TERM).replace(second=0, microsecond=0), "the promise is not five minutes")
        if fault.series is not None:
            self._begin(fault.series, at)
        _require(fault.bounded == (fault.series is None), "a fault is opened that pages nobody, and does not say so")

    def _joined(self, event: f.ReportJoined) -> None:
        report = event.report
        _require(self.over_at is None or report.at <= self.over_at, "a report joins a fault that is over")
        self.came_back = self._comes_back(report)
        self._reported(report)
        self.due = event.due
        if self.over_at is not None and self.end is not None:
            self.telling = [(NEWS_OF[self.end], self.over_at)]
        if event.series is not None:
            _require(self.is_bounded and self.runs, "pages begin that nobody was waiting for")
            self.is_bounded = False
            self._begin(event.series, event.at)

    def _detached(self, event: f.TicketDetached) -> None:
        self.left.add(event.ticket)
        for alarms in (self.firing, self.fell_quiet, self.known_alarms):
            alarms.discard(event.alarm)
        self.by_machines = self.by_machines or event.by_alarms_only
        self.quiet_since = event.at if event.quiet else self.quiet_since

    def _comes_back(self, report: Report) -> bool:
        if self.taken_at is None or self.is_bounded or report.alarm not in self.firing | self.fell_quiet:
            return False
        last = max(self.last_report_at, self.touched_at or self.taken_at)
        return report.at - last > timedelta(minutes=self.terms.gather_minutes)

    def _reported(self, report: Report) -> None:
        self.left.discard(report.ticket)
        self.flaps += report.alarm in self.fell_quiet
        self.fell_quiet.discard(report.alarm)
        if report.alarm:
            self.firing.add(report.alarm)
            self.known_alarms |= {report.alarm, *report.related}
        self.signs |= set(report.signs)
        self.kinds |= set(report.kinds)
        self.by_machines = self.by_machines and report.source in MACHINES
        self.is_proved = self.is_proved or report.proved
        self.since, self.last_report_at = min(self.since, report.at), max(self.last_report_at, report.at)
        self.quiet_since = None

    def _reopened(self, report: Report, event: f.FaultReopened) -> None:
        self.over_at, self.end, self.taken_at, self.touched_at = None, None, None, None
        self.is_promised, self.breached_at, self.is_reminded, self.is_bounded = True, None, False, False
        self.telling = []
        self.reopened += 1
        self.left.clear()
        self._reported(report)
        self.by_machines = report.source in MACHINES
        self.due = event.due
        self._begin(event.series, event.at)

    def _begin(self, series: PageSeries, at: datetime) -> None:
        """Pages begin: the first is written with it."""
        _require(series.began_at not in {self.series, *self.stopped}, "two series of pages have one name")
        self._stop()
        self.series, self.pages = series.began_at, Counter({PageLevel.ON_CALL: 1})
        _require((series.pages, series.escalations) == (1, 0), "a series does not begin with one page")
        _require(series.next_page_at == at + self.pause(), f"the second page is due {series.next_page_at - at} later")
        self.next_page_at, self.escalate_at = series.next_page_at, series.escalate_at

    def _stop(self) -> None:
        if self.series is not None:
            self.stopped.add(self.series)

    def _taken(self, at: datetime) -> None:
        self._stop()
        self.taken_at, self.touched_at = at, max(self.touched_at or at, at)
        self.is_promised, self.is_reminded = False, False

    def _went_quiet(self, event: f.AlarmWentQuiet) -> None:
        _require(event.alarm in self.firing, "an alarm goes quiet that does not report the fault")
        self.firing.discard(event.alarm)
        self.fell_quiet.add(event.alarm)
        all_quiet = self.by_machines and not self.firing
        _require(event.quiet == all_quiet, f"its alarms are {'' if all_quiet else 'not '}quiet, and it says otherwise")
        if event.quiet:
            self.quiet_since = event.at

    def _fire(self, event: f.FaultTimerFired) -> None:
        _require(event.due <= event.at, f"{event.timer} fired before its time")
        match event.timer:
            case FaultTimerKind.PAGE_REPEAT:
                self._page(event, self.next_page_at)
            case FaultTimerKind.PAGE_ESCALATE:
                self._page(event, self.escalate_at)
            case FaultTimerKind.BREACH:
                _require(self.runs and self.is_promised and event.due == self.due, "a breach of no promise")
                self.is_promised, self.breached_at = False, event.at
                if event.series is not None:
                    self._written(event.series, event.at)
            case FaultTimerKind.QUIET:
                silent = timedelta(minutes=self.terms.quiet_minutes)
                _require(self.quiet_since is not None and self.quiet_since + silent == event.due, "it is not quiet")
            case FaultTimerKind.REMIND:
                _require(self.taken_at is not None and not self.is_reminded, "a reminder of what is not forgotten")
                self.is_reminded = True
            case FaultTimerKind.PAGE_AGAIN:
                self._page_again(event)
            case FaultTimerKind.TELL:
                pass

    def _page(self, event: f.FaultTimerFired, armed: datetime | None) -> None:
        _require(self.pages_run, f"{event.timer} fired, and nobody is to be woken")
        _require(armed == event.due, f"{event.timer} fired before its time, or twice")
        _require(event.series is not None, f"{event.timer} writes no page")
        assert event.series is not None  # just required
        if event.timer is FaultTimerKind.PAGE_ESCALATE:
            self.escalate_at = None
        self._written(event.series, event.at)

    def _written(self, series: PageSeries, at: datetime) -> None:
        """Compare what a series says of its pages after one or two more."""
        more = series.pages - self.pages[PageLevel.ON_CALL]
        _require(more in (0, 1) and series.escalations - self.pages[PageLevel.ESCALATION] in (0, 1), "pages miscounted")
        self.pages = Counter({PageLevel.ON_CALL: series.pages, PageLevel.ESCALATION: series.escalations})
        if more:
            _require(series.next_page_at == at + self.pause(), f"the next page is due {series.next_page_at - at} later")
        self.next_page_at = series.next_page_at
        if series.escalated_at is not None:
            self.escalate_at = None

    def _page_again(self, event: f.FaultTimerFired) -> None:
        taken = self.taken_at
        _require(taken is not None and event.series is not None, "it pages again, and nobody had taken it")
        assert taken is not None  # just required
        assert event.series is not None
        untouched = (self.touched_at or taken) + timedelta(minutes=self.terms.page_again_after_minutes)
        _require(self.came_back or untouched == event.due, "it pages again before its time, or twice")
        self.came_back = False
        self.taken_at = self.touched_at = None
        self.is_reminded = False
        self._begin(event.series, event.at)

    def _told(self, event: f.TicketsTold) -> None:
        first = next((one for one in self.telling if one[0] is event.news), None)
        _require(first is not None, f"its tickets are told {event.news}, and it is not so")
        if event.done and first is not None:
            self.telling.remove(first)


def opened(event: f.FaultOpened, terms: Critical) -> FaultBook:
    """Return the book of a fault as it is opened."""
    fault = event.fault
    book = FaultBook(fault.id, fault.desk, terms, fault.due, fault.since, fault.last_report_at)
    book.signs, book.kinds = set(fault.signs), set(fault.kinds)
    book.firing, book.known_alarms = set(fault.alarms), set(fault.known_alarms)
    book.by_machines, book.is_proved, book.is_bounded = fault.by_alarms_only, not fault.strangers_only, fault.bounded
    book.follow(event)
    return book


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Wrong(otherwise)
