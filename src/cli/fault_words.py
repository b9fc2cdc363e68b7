"""What the command line says of a fault: its state, what comes next, and each event of its history, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from cli import printing
from domain.fault import events as e
from domain.fault.fault import End, Fault, FaultNote, News, PageSeries, Report, Source, Telling
from domain.fault.timers import FaultTimer

ENDS: Mapping[End, str] = {End.RESOLVED: "resolved", End.FALSE_ALARM: "a false alarm"}
NEWS: Mapping[News, str] = {
    News.TAKEN: "that it was taken in hand",
    News.RESOLVED: "that it is over",
    News.FALSE_ALARM: "that it was a false alarm",
}
_SOURCES: Mapping[Source, str] = {
    Source.LETTER: "letter",
    Source.ALARM: "alarm",
    Source.MONITOR: "monitor",
    Source.WORD: "specialist's word",
}
_NEXT: Mapping[e.FaultTimerKind, str] = {
    e.FaultTimerKind.PAGE_REPEAT: "the on-call is paged again",
    e.FaultTimerKind.PAGE_ESCALATE: "escalation is paged",
    e.FaultTimerKind.BREACH: "the promise is broken",
    e.FaultTimerKind.QUIET: "over, if its alarms stay quiet",
    e.FaultTimerKind.REMIND: "who took it is reminded",
    e.FaultTimerKind.PAGE_AGAIN: "somebody is paged again, if nobody touches it",
    e.FaultTimerKind.TELL: "who reported it is told",
}


_NOTES: Mapping[FaultNote, str] = {
    FaultNote.DONE: "done",
    FaultNote.REFUSED: "not to be done, and told so",
    FaultNote.UNCLEAR: "unclear, so that nothing was done",
    FaultNote.AWAY: "a notice of absence",
    FaultNote.PROGRAM: "sent by a mail program by itself",
    FaultNote.UNPROVED: "not proved to be of the desk's people",
    FaultNote.COPY: "a copy of one that was read",
}


def state_of(fault: Fault) -> str:
    """Return how a fault is now, in a word or two."""
    if fault.into:
        return f"over: its reports are of {fault.into}"
    if fault.end is not None:
        return f"over: {ENDS[fault.end]}"
    if fault.acknowledged_at is not None:
        return "acknowledged"
    if fault.series is None:
        return "nobody is paged: too many pages by strangers"
    if fault.quiet_since is not None:
        return "quiet: its alarms report that all is well"
    return "PAGES"


def next_step(timer: FaultTimer | None, zone: str) -> str:
    """Return what comes next by itself, and when."""
    return f"{printing.moment(timer.at, zone)} {_NEXT[timer.kind]}" if timer is not None else "-"


def reports_of(fault: Fault) -> str:
    """Return how many report a fault, and of what kind."""
    letters = f" ({printing.count(fault.letters, 'letter')})" if fault.letters else ""
    of = f" of {printing.count(len(fault.organisations), 'organisation')}" if fault.organisations else ""
    unproved = ", none of them proved" if fault.strangers_only else ""
    return f"{printing.count(fault.reports, 'report')}{letters}{of}{unproved}"


def source_of(source: Source) -> str:
    """Return what reports, in a word."""
    return _SOURCES[source]


def pages_of(series: PageSeries | None) -> str:
    """Return how many pages a series has written, to which level."""
    if series is None:
        return "none"
    return f"{series.pages} to the on-call, {series.escalations} to escalation"


def telling_of(telling: Telling) -> str:
    """Return what tickets are being told, and how far that is."""
    return f"{NEWS[telling.news]}" + (f", up to {telling.upto}" if telling.upto else "")


def event_in_words(event: e.FaultEvent, zone: str) -> str:  # noqa: PLR0911 - one arm an event
    """Return an event's own fields in one line."""
    match event:
        case e.FaultOpened(fault=fault):
            bounded = ", and nobody is paged: too many pages by strangers" if fault.bounded else ""
            drill = "an exercise: " if fault.drill else ""
            return f"{drill}«{fault.what}», ticket {fault.ticket}, due {printing.moment(fault.due, zone)}{bounded}"
        case e.ReportJoined(report=report) | e.FaultReopened(report=report):
            again = "pages again: " if isinstance(event, e.FaultReopened) else ""
            return f"{again}{_report(report)}"
        case e.AlarmWentQuiet(alarm=alarm, quiet=quiet):
            return f"{alarm} reports that all is well" + (", and no other alarm is left" if quiet else "")
        case e.TicketDetached(ticket=ticket, by=by):
            return f"{ticket} by {by}"
        case e.FaultTimerFired():
            return _fired(event, zone)
        case e.FaultAcknowledged(by=by) | e.FaultTouched(by=by):
            return f"by {by}"
        case e.BreachTakenBack(by=by, received_at=received_at):
            return f"taken in time by {by}, {printing.moment(received_at, zone)}"
        case e.FaultEnded(end=end, by=by, into=into):
            return f"its reports are of {into}, by {by}" if into else f"{ENDS[end]}, by {by}"
        case e.FaultNoted(by=by, letter=letter, note=note):
            return f"letter {letter} by {by or 'nobody named'}: {_NOTES[note]}"
        case e.TicketsTold(news=news, upto=upto, done=done):
            return f"{NEWS[news]}: {'all of them' if done else f'up to {upto}'}"
        case unreachable:
            assert_never(unreachable)


def _report(report: Report) -> str:
    proved = "" if report.proved else ", not proved"
    return f"{_SOURCES[report.source]} «{report.what}», ticket {report.ticket}{proved}"


def _fired(event: e.FaultTimerFired, zone: str) -> str:
    series = f"; pages so far: {pages_of(event.series)}" if event.series is not None else ""
    return f"{event.timer}, due {printing.moment(event.due, zone)} ({printing.clause_of(event.clause)}){series}"
