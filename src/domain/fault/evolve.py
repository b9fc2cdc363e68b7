"""How an event changes a fault. Replaying the whole history gives the fault as it is stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import Any, assert_never

from domain.fault import events as e
from domain.fault.events import FaultEvent, FaultTimerKind
from domain.fault.fault import End, Fault, FaultNote, News, Report, Source, Taking, Telling

ANSWERS_KEPT = 50
"""Letters about a fault of which another copy is known, and mailboxes of which it is known that they are away."""
ORGANISATIONS_KEPT = 50
"""Of the reporters, for pages and displays: a fault of thousands stays a small item."""
ALARMS_KEPT = 200
"""Alarms by which a fault is known. A name has 255 characters at most (CloudWatch API reference, PutMetricAlarm), and an item
of the table 400 kB; the next alarm opens a fault of its own, so that none is forgotten that still sounds."""
TAKINGS_KEPT = LEFT_KEPT = 50
"""How often a fault was taken, and which tickets left it: what was promised is judged by that."""
OF_MACHINES = frozenset({Source.ALARM, Source.MONITOR})
"""Reports that say themselves when all is well again."""
_NEWS = {End.RESOLVED: News.RESOLVED, End.FALSE_ALARM: News.FALSE_ALARM}


class ImpossibleEvent(RuntimeError):
    """An event cannot happen to a fault as it is: a bug, never a reporter's doing."""


def evolve_fault(fault: Fault | None, event: FaultEvent) -> Fault:
    """Return the fault after one event; None before the first, which is `FaultOpened`. Raises ImpossibleEvent."""
    if isinstance(event, e.FaultOpened):
        if fault is not None:
            raise ImpossibleEvent(f"{fault.id} cannot be opened twice")
        return event.fault
    if fault is None:
        raise ImpossibleEvent(f"a history begins with fault_opened, not {event.type}")
    return fault.model_copy(update=_changes(fault, event))


def replay_fault(events: Iterable[FaultEvent]) -> Fault:
    """Return what a history makes of a fault, `version` aside; raises ImpossibleEvent for an empty one."""
    fault: Fault | None = reduce(evolve_fault, events, None)
    if fault is None:
        raise ImpossibleEvent("a fault has at least one event")
    return fault


def _changes(fault: Fault, event: FaultEvent) -> dict[str, Any]:  # noqa: C901, PLR0911 - one arm an event
    match event:
        case e.FaultOpened():
            raise ImpossibleEvent(f"{fault.id} cannot be opened twice")
        case e.ReportJoined(report=report, series=series, due=due):
            begun = {} if series is None else {"series": series, "bounded": False}
            return {**_joined(fault, report), **begun, "due": due}
        case e.FaultReopened():
            return _reopened(fault, event)
        case e.AlarmWentQuiet():
            return _went_quiet(fault, event)
        case e.TicketDetached():
            return _detached(fault, event)
        case e.FaultTimerFired():
            return _fired(fault, event)
        case e.FaultAcknowledged(at=at, by=by):
            return {
                "acknowledged_at": at,
                "acknowledged_by": by,
                "answered_at": fault.answered_at or at,
                "taken": _taken(fault, at, by),
                "touched_at": max(fault.touched_at or at, at),
                "reminded_at": None,
                "telling": (*fault.telling, Telling(news=News.TAKEN, at=at, by=by)),
            }
        case e.BreachTakenBack():
            return _not_breached(fault, event)
        case e.FaultTouched(at=at):
            return {"touched_at": max(fault.touched_at or at, at), "reminded_at": None}
        case e.FaultEnded(at=at, end=end, by=by, tells=tells, into=into, text=text):
            news = Telling(news=_NEWS[end], at=at, by=by, text=text)
            # Who was not told yet that it was taken hears that it is over instead: one letter, and the later news.
            return {
                "ended_at": at,
                "end": end,
                "ended_by": by,
                "into": into,
                "quiet_since": None,
                # Where the last ticket left, those that left before it may still hear that it was taken in time.
                "telling": (news,) if tells else fault.telling if len(fault.left) > 1 else (),
            }
        case e.FaultNoted():
            return _noted(fault, event)
        case e.TicketsTold():
            return {"telling": _told(fault.telling, event)}
        case _:
            assert_never(event)


def _joined(fault: Fault, report: Report) -> dict[str, Any]:
    """Return what a report adds. An alarm that came back, or says again what it said, is no further report."""
    is_flap = bool(report.alarm) and report.alarm in fault.went_quiet
    is_known = is_flap or (bool(report.alarm) and report.alarm in fault.alarms)
    by_alarms_only = fault.by_alarms_only and report.source in OF_MACHINES
    organisations = _with(fault.organisations, report.organisation)
    return {
        "since": min(fault.since, report.at),
        "last_report_at": max(fault.last_report_at, report.at),
        "reports": fault.reports + (not is_known),
        "letters": fault.letters + (report.source is Source.LETTER),
        "organisations": organisations[:ORGANISATIONS_KEPT],
        "signs": _sorted(fault.signs, report.signs),
        "kinds": _sorted(fault.kinds, report.kinds),
        "alarms": _with(fault.alarms, report.alarm),
        "went_quiet": tuple(alarm for alarm in fault.went_quiet if alarm != report.alarm),
        "known_alarms": _with(fault.known_alarms, report.alarm, *report.related)[:ALARMS_KEPT],
        "by_alarms_only": by_alarms_only,
        "strangers_only": fault.strangers_only and not report.proved,
        "flaps": fault.flaps + is_flap,
        "left": tuple(ticket for ticket in fault.left if ticket != report.ticket),
        "quiet_since": None,
        "telling": _with_its_end(fault),
    }


def _with_its_end(fault: Fault) -> tuple[Telling, ...]:
    """Return what the tickets are still to be told, now that one has joined: where the fault is over, that."""
    if fault.ended_at is None or fault.end is None:
        return fault.telling
    news = Telling(news=_NEWS[fault.end], at=fault.ended_at, by=fault.ended_by or "")
    # A telling that has passed the new ticket's number begins again; who was told is not told twice.
    begun = (telling for telling in fault.telling if telling.news is news.news)
    return (next(begun, news).model_copy(update={"upto": ""}),)


def _with(known: tuple[str, ...], *further: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *filter(None, further))))


def _sorted(known: tuple[str, ...], further: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({*known, *further}))


def _reopened(fault: Fault, event: e.FaultReopened) -> dict[str, Any]:
    """Return what makes it run again: another promise, other pages, and nothing more to be told of its first end.

    Who reported it before that was answered by the end: where an alarm is back, it alone reports the fault again.
    """
    return {
        **_joined(fault, event.report),
        "by_alarms_only": event.report.source in OF_MACHINES,
        "series": event.series,
        "due": event.due,
        "bounded": False,
        "breached_at": None,
        "answered_at": None,
        "taken": (),
        "left": (),
        "acknowledged_at": None,
        "acknowledged_by": None,
        "touched_at": None,
        "reminded_at": None,
        "quiet_told_at": None,
        "ended_at": None,
        "end": None,
        "ended_by": None,
        "into": "",
        "telling": (),
        "reopened": fault.reopened + 1,
        "reopened_at": event.at,
    }


def _went_quiet(fault: Fault, event: e.AlarmWentQuiet) -> dict[str, Any]:
    return {
        "alarms": tuple(alarm for alarm in fault.alarms if alarm != event.alarm),
        "went_quiet": _with(fault.went_quiet, event.alarm),
        "quiet_since": event.at if event.quiet else fault.quiet_since,
        "quiet_told_at": event.at if event.told else fault.quiet_told_at,
    }


def _detached(fault: Fault, event: e.TicketDetached) -> dict[str, Any]:
    left = {
        name: tuple(alarm for alarm in getattr(fault, name) if alarm != event.alarm)
        for name in ("alarms", "went_quiet", "known_alarms")
    }
    quiet_since = event.at if event.quiet else fault.quiet_since
    return {
        "ticket": event.first or fault.ticket,
        "reports": max(fault.reports - 1, 0),
        "by_alarms_only": fault.by_alarms_only or event.by_alarms_only,
        "quiet_since": quiet_since,
        "left": (*fault.left, event.ticket)[-LEFT_KEPT:],
        **(left if event.alarm else {}),
    }


def _fired(fault: Fault, event: e.FaultTimerFired) -> dict[str, Any]:
    series = fault.series if event.series is None else event.series
    match event.timer:
        case FaultTimerKind.PAGE_REPEAT | FaultTimerKind.PAGE_ESCALATE:
            return {"series": series}
        case FaultTimerKind.BREACH:
            return {"series": series, "breached_at": event.at}
        case FaultTimerKind.REMIND:
            return {"reminded_at": event.at}
        case FaultTimerKind.PAGE_AGAIN:
            return {
                "series": series,
                "acknowledged_at": None,
                "acknowledged_by": None,
                "touched_at": None,
                "reminded_at": None,
                "paged_again": fault.paged_again + 1,
            }
        case FaultTimerKind.QUIET | FaultTimerKind.TELL:
            return {}
        case _:
            assert_never(event.timer)


def _not_breached(fault: Fault, event: e.BreachTakenBack) -> dict[str, Any]:
    """Return what a word that was received in time makes of a breach; its tickets learn when it was taken indeed."""
    kept: dict[str, Any] = {
        "breached_at": None,
        "answered_at": event.received_at,
        "taken": _taken(fault, event.received_at, event.by),
    }
    if fault.acknowledged_at is not None:
        kept |= {"acknowledged_at": event.received_at, "acknowledged_by": event.by}
    if not _is_being_told(fault, event.received_at):
        kept["telling"] = (*fault.telling, Telling(news=News.TAKEN, at=event.received_at, by=event.by))
    return kept


def _taken(fault: Fault, at: datetime, by: str) -> tuple[Taking, ...]:
    taking = Taking(at=at, by=by)
    return (*(known for known in fault.taken if known != taking), taking)[-TAKINGS_KEPT:]


def _is_being_told(fault: Fault, taken_at: datetime) -> bool:
    return any(telling.news is News.TAKEN and telling.at == taken_at for telling in fault.telling)


def _told(before: tuple[Telling, ...], event: e.TicketsTold) -> tuple[Telling, ...]:
    """Return what is still to be told, after the first of this news has got so far."""
    at = next((at for at, telling in enumerate(before) if telling.news is event.news), None)
    if at is None:
        return before
    after = () if event.done else (before[at].model_copy(update={"upto": event.upto}),)
    return (*before[:at], *after, *before[at + 1 :])


def _noted(fault: Fault, event: e.FaultNoted) -> dict[str, Any]:
    kept = (*fault.answers, event.known_by) if event.known_by else fault.answers
    is_away = event.note is FaultNote.AWAY and event.by not in fault.away
    return {
        "answers": kept[-ANSWERS_KEPT:],
        "away": (*fault.away, event.by)[-ANSWERS_KEPT:] if is_away else fault.away,
        "noted": fault.noted + (event.note is not FaultNote.DONE),
    }
