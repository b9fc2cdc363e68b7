"""Which fault a report belongs to: one that runs or ended lately, or one of its own. In doubt it pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import assert_never

from domain.fault.commands import FaultCommand, JoinFault, OpenFault, ReopenFault
from domain.fault.evolve import ALARMS_KEPT
from domain.fault.fault import DeskFaults, Fault, Report, Source
from domain.regulation.edition import Critical, Edition

STRANGERS_COUNTED_FOR = timedelta(hours=1)
"""The hour of `stranger_pages_per_hour`."""
READ_LATE_WITHIN = timedelta(days=1)
"""How long an ended fault stays on its desk's list beyond the time within which it may be back: letters of before its end
may be read hours late, and belong to it."""


class Gathering(StrEnum):
    """What a report does."""

    OPEN = "open"
    """It is of no fault that is known, and pages."""
    JOIN = "join"
    """It is of a fault that is open, and wakes nobody."""
    REOPEN = "reopen"
    """It is of a fault that ended lately, and pages again."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Where a report belongs."""

    how: Gathering
    fault: Fault | None = None
    """Which it joins or reopens; None where it opens one."""
    bounded: bool = False
    """Whether nobody is woken for what it opens, since strangers have caused enough pages."""
    last_allowed: bool = False
    """Whether strangers cause the last series of pages of the hour with it."""
    by_stranger: bool = False
    """Whether a sender who is not proved causes a series of pages with it."""


def gather(report: Report, faults: Sequence[Fault], lately: DeskFaults, edition: Edition, now: datetime) -> Gathered:
    """Return where a report belongs, given the desk's open and lately ended faults and what strangers caused lately.

    The first of these that some fault meets, and of several faults the one with the latest report:
    its alarm is known; it joins what runs or shows the same; it was received before the same was over, and is read after;
    it reopens what ended. Otherwise it opens a fault.
    """
    terms = edition.critical
    ways = (_by_alarm, _joins, _was_of, _reopens)
    found = next((place for way in ways if (place := way(report, faults, terms))), Gathered(Gathering.OPEN))
    if report.proved or not _would_wake(found):
        return found
    return _within_the_bound(report, found, faults, lately, terms, now)


def command_for(gathered: Gathered, report: Report, number: str, *, drill: bool = False) -> FaultCommand:
    """Return the command that puts a report where it belongs; `number` is that of the fault, should it open one."""
    match gathered.how:
        case Gathering.OPEN:
            return OpenFault(number, report, gathered.bounded, gathered.last_allowed, drill)
        case Gathering.JOIN:
            return JoinFault(report, gathered.by_stranger, gathered.last_allowed)
        case Gathering.REOPEN:
            return ReopenFault(report, gathered.last_allowed)
        case _:
            assert_never(gathered.how)


def _would_wake(found: Gathered) -> bool:
    """Return whether somebody is woken where nothing bounds it: by all but what joins a fault of which somebody knows."""
    is_waiting = found.fault is not None and found.fault.bounded and found.fault.runs
    return found.how is not Gathering.JOIN or is_waiting


def _by_alarm(report: Report, faults: Sequence[Fault], terms: Critical) -> Gathered | None:
    """The same alarm, a child of a composite one, or the composite one of it: that fault, whatever its state."""
    fault = _latest(faults, lambda fault: _knows_alarm(fault, report) and not _ended_before(fault, report, terms))
    if fault is None:
        return None
    return Gathered(Gathering.REOPEN if fault.is_over else Gathering.JOIN, fault)


def _joins(report: Report, faults: Sequence[Fault], terms: Critical) -> Gathered | None:
    """What runs is joined unless it is plainly something else; what somebody has taken, only by the same signs."""

    def is_joined(fault: Fault) -> bool:
        is_apart = is_plainly_else(fault, report) or not _has_room(fault, report)
        if fault.is_over or is_apart or not _is_near(fault, report, terms):
            return False
        return fault.runs or shows_the_same(fault, report)

    fault = _latest(faults, is_joined)
    return Gathered(Gathering.JOIN, fault) if fault is not None else None


def _was_of(report: Report, faults: Sequence[Fault], terms: Critical) -> Gathered | None:
    """What was received before somebody ended the fault for all its reports is of it, though it is read after that.

    One that ended as its last ticket left was judged by that ticket alone, and is no answer to another report.
    """

    def is_answered(fault: Fault) -> bool:
        if fault.ended_at is None or report.at > fault.ended_at or not fault.reports or fault.into:
            return False
        return _is_near(fault, report, terms) and shows_the_same(fault, report)

    fault = _latest(faults, is_answered)
    return Gathered(Gathering.JOIN, fault) if fault is not None else None


def _reopens(report: Report, faults: Sequence[Fault], terms: Critical) -> Gathered | None:
    """What ended lately is back where the same signs are reported."""

    def is_back(fault: Fault) -> bool:
        if not fault.is_over or _ended_before(fault, report, terms) or _is_of_before(fault, report, terms):
            return False
        return shows_the_same(fault, report)

    fault = _latest(faults, is_back)
    return Gathered(Gathering.REOPEN, fault) if fault is not None else None


def _within_the_bound(
    report: Report,
    found: Gathered,
    faults: Sequence[Fault],
    lately: DeskFaults,
    terms: Critical,
    now: datetime,
) -> Gathered:
    """Let a stranger's report page as long as strangers may; beyond that it joins theirs, or the team is told by mail."""
    caused = len(counted_strangers(lately.by_strangers, now))
    if caused < terms.stranger_pages_per_hour:
        last = caused + 1 == terms.stranger_pages_per_hour
        return Gathered(found.how, found.fault, last_allowed=last, by_stranger=True)
    if found.how is Gathering.JOIN:
        return found
    theirs = _latest(faults, lambda fault: fault.runs and fault.strangers_only and not is_plainly_else(fault, report))
    return Gathered(Gathering.JOIN, theirs) if theirs is not None else Gathered(Gathering.OPEN, bounded=True)


def is_plainly_else(fault: Fault, report: Report) -> bool:
    """Return whether a report is of another sort than a fault: both have kinds, and none in common."""
    return bool(fault.kinds) and bool(report.kinds) and set(fault.kinds).isdisjoint(report.kinds)


def shows_the_same(fault: Fault, report: Report) -> bool:
    """Return whether all that a report shows is known of a fault; one that shows nothing, as a word, does not."""
    return report.source is not Source.WORD and bool(report.signs) and set(report.signs) <= set(fault.signs)


def counted_strangers(by_strangers: Sequence[datetime], now: datetime) -> tuple[datetime, ...]:
    """Return when strangers caused pages within the last hour."""
    return tuple(at for at in by_strangers if at > now - STRANGERS_COUNTED_FOR)


def _knows_alarm(fault: Fault, report: Report) -> bool:
    """Return whether a fault's alarms are the report's, or watch it, or are watched by it."""
    if not report.alarm:
        return False
    have_reported = {*fault.alarms, *fault.went_quiet}
    is_related = not have_reported.isdisjoint(report.related) and _has_room(fault, report)
    return report.alarm in fault.known_alarms or is_related


def _has_room(fault: Fault, report: Report) -> bool:
    """Return whether a fault can keep what a report says: it is known by so many alarms at most."""
    return not report.alarm or report.alarm in fault.known_alarms or len(fault.known_alarms) < ALARMS_KEPT


def _is_near(fault: Fault, report: Report, terms: Critical) -> bool:
    """Return whether a report is not much later than the fault's last one or its last page, nor much earlier than its first.

    Who is being woken for it sees all its reports, however long that takes; pages that have stopped by themselves, as with
    a sweep that stands still, keep nobody else's page back.
    """
    window, series = timedelta(minutes=terms.gather_minutes), fault.series
    last = fault.last_report_at
    if fault.pages_run and series is not None:
        last = max(last, series.next_page_at - terms.pause(max(series.pages, 1)))
    return report.at - last <= window and not _is_of_before(fault, report, terms)


def _is_of_before(fault: Fault, report: Report, terms: Critical) -> bool:
    """Return whether a report is much earlier than the fault's first one: it was read late."""
    return fault.since - report.at > timedelta(minutes=terms.gather_minutes)


def _ended_before(fault: Fault, report: Report, terms: Critical) -> bool:
    """Return whether a fault ended too long before a report to be back with it."""
    return fault.ended_at is not None and report.at - fault.ended_at > timedelta(minutes=terms.reopen_minutes)


def _latest(faults: Sequence[Fault], meets: Callable[[Fault], bool]) -> Fault | None:
    """Return the fault that meets a condition and has the latest report; by its number where two are equal."""
    return max(filter(meets, faults), key=lambda fault: (fault.last_report_at, fault.id), default=None)


def lately_after(
    before: DeskFaults,
    faults: Sequence[Fault],
    changed: Fault,
    gathered: Gathered | None,
    edition: Edition,
    now: datetime,
) -> DeskFaults:
    """Return the faults of a desk once one has changed, given those that `before` names; `before` itself where it stays.

    `version` is not raised yet.
    A fault that ended so long ago that no report is of it any more is left out as soon as there is something else to write.
    """
    counts = gathered is not None and gathered.by_stranger
    # One that is back is written even so: another report may leave it out of the list at the same time.
    is_back = gathered is not None and gathered.how is Gathering.REOPEN
    if changed.id in before.numbers and not counts and not is_back:
        return before
    kept_for = timedelta(minutes=edition.critical.reopen_minutes) + READ_LATE_WITHIN
    of_past = {
        fault.id
        for fault in faults
        if fault.id != changed.id and fault.ended_at is not None and now - fault.ended_at > kept_for
    }
    numbers = tuple(number for number in before.numbers if number not in of_past)
    caused = (*counted_strangers(before.by_strangers, now), *((now,) if counts else ()))
    return before.model_copy(update={"numbers": tuple(dict.fromkeys((*numbers, changed.id))), "by_strangers": caused})
