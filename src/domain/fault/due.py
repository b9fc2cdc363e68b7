"""What happens to a fault when an instant comes due. Late sweeps catch up in order of due time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from domain.fault import events as e
from domain.fault.draft import FaultDraft
from domain.fault.events import FaultTimerKind
from domain.fault.fault import PageSeries
from domain.fault.hands import end_by_itself, shown_by
from domain.fault.paging import is_superseded
from domain.fault.timers import FaultTimer, fault_timers_of
from domain.ticket.outgoing import OutgoingPage, PageLevel


def fire_fault_timers(draft: FaultDraft) -> None:
    """Let everything due by now happen, the earliest first; each may disarm or arm others.

    However late the sweep, it writes one page a level. The fault's tickets are told elsewhere, one by one.
    """
    while (timer := _first_due(draft)) is not None:
        _FIRE[timer.kind](draft, timer)
    draft.outgoing = [
        message
        for message in draft.outgoing
        if not (isinstance(message, OutgoingPage) and is_superseded(message, draft.fault))
    ]


def _first_due(draft: FaultDraft) -> FaultTimer | None:
    armed = fault_timers_of(draft.fault, draft.edition)
    return next((timer for timer in armed if timer.kind in _FIRE and timer.at <= draft.now), None)


def _fired(draft: FaultDraft, timer: FaultTimer, series: PageSeries | None = None) -> None:
    draft.record(e.FaultTimerFired(at=draft.now, timer=timer.kind, due=timer.at, clause=timer.clause, series=series))


def _series(draft: FaultDraft) -> PageSeries:
    series = draft.fault.series
    assert series is not None  # its timer fired
    return series


def _page_repeat(draft: FaultDraft, timer: FaultTimer) -> None:
    """The next page counts from now. Once escalation has been paged, every repetition goes there as well."""
    series = _series(draft)
    pages, escalations = series.pages + 1, series.escalations
    next_page_at = draft.now + draft.edition.critical.pause(pages)
    levels = (PageLevel.ON_CALL, PageLevel.ESCALATION) if escalations else (PageLevel.ON_CALL,)
    counted = {"pages": pages, "escalations": escalations + bool(escalations), "next_page_at": next_page_at}
    _fired(draft, timer, series.model_copy(update=counted))
    for level in levels:
        draft.page("page_repeat", level)


def _page_escalate(draft: FaultDraft, timer: FaultTimer) -> None:
    series = _series(draft)
    counted = {"escalations": series.escalations + 1, "escalated_at": draft.now}
    _fired(draft, timer, series.model_copy(update=counted))
    draft.page("page_escalate", PageLevel.ESCALATION)


def _breach(draft: FaultDraft, timer: FaultTimer) -> None:
    """Tell the team that nobody has taken it in time (MDO 2.1), and escalation, where somebody is woken at all."""
    fault = draft.fault
    if fault.pages_run and fault.series is not None:
        counted = {"escalations": fault.series.escalations + 1}
        _fired(draft, timer, fault.series.model_copy(update=counted))
        draft.page("page_breach", PageLevel.ESCALATION)
    else:
        _fired(draft, timer)
    draft.mail("fault_breach", {"due": draft.moment(timer.at)}, due=timer.at)


def _quiet(draft: FaultDraft, timer: FaultTimer) -> None:
    _fired(draft, timer)
    end_by_itself(draft)


def _remind(draft: FaultDraft, timer: FaultTimer) -> None:
    """Call a fault to mind that nobody has touched for long: to who took it, and to the team."""
    by = draft.fault.acknowledged_by or ""
    touched_at = draft.fault.touched_at or timer.at
    again = touched_at + timedelta(minutes=draft.edition.critical.page_again_after_minutes)
    told = {"by": shown_by(by), "untouched": draft.moment(touched_at)}
    told |= {} if draft.fault.bounded else {"again": draft.moment(again)}
    _fired(draft, timer)
    for to in (by, "") if "@" in by else ("",):
        draft.mail("fault_remind", told, to=to, due=again)


def _page_again(draft: FaultDraft, timer: FaultTimer) -> None:
    """Wake somebody again: who took it may have fallen asleep, and no other learns of it."""
    by = draft.fault.acknowledged_by or ""
    _fired(draft, timer, draft.series(draft.now))
    draft.page("page_again", PageLevel.ON_CALL, {"by": shown_by(by)})


_FIRE: Mapping[FaultTimerKind, Callable[[FaultDraft, FaultTimer], None]] = {
    FaultTimerKind.PAGE_REPEAT: _page_repeat,
    FaultTimerKind.PAGE_ESCALATE: _page_escalate,
    FaultTimerKind.BREACH: _breach,
    FaultTimerKind.QUIET: _quiet,
    FaultTimerKind.REMIND: _remind,
    FaultTimerKind.PAGE_AGAIN: _page_again,
}
