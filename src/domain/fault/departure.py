"""What a letter about a fault says as it leaves: it may have been written long before, and says what is true now, or is not sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.fault.fault import Fault
from domain.ticket.outgoing import OutgoingMail


def leaving_of_fault(mail: OutgoingMail, fault: Fault | None, now: datetime) -> OutgoingMail | None:
    """Return a letter about a fault as it is to leave now; None where it is outdated."""
    if fault is None:
        return mail
    is_outdated = _OUTDATED.get(mail.kind)
    if is_outdated is not None and is_outdated(fault):
        return None
    params = dict(mail.params)
    if mail.due is not None and mail.due <= now:
        params["late"] = "yes"
    if state := _state(fault):
        params["state"] = state
    return mail.model_copy(update={"params": params})


def _state(fault: Fault) -> str:
    """Return what became of a fault: `over`, `taken`, or nothing where nobody has it in hand."""
    if fault.is_over:
        return "over"
    return "taken" if fault.acknowledged_at is not None else ""


def _is_over(fault: Fault) -> bool:
    """The letter that says so goes instead."""
    return fault.is_over


def _runs_again(fault: Fault) -> bool:
    """Pages run again: that it was over, or taken, is no longer so."""
    return fault.runs


def _needs_no_reminder(fault: Fault) -> bool:
    """It is over, or somebody is being woken, or did something about it since."""
    return fault.is_over or fault.acknowledged_at is None or fault.reminded_at is None


def _was_no_breach(fault: Fault) -> bool:
    """The word turned out to have been received in time."""
    return fault.breached_at is None


def _is_awake(fault: Fault) -> bool:
    """Somebody has taken it, or is being woken for it by now."""
    return not (fault.bounded and fault.runs)


_OUTDATED: Mapping[str, Callable[[Fault], bool]] = {
    "fault_opened": _is_awake,
    "fault_breach": _was_no_breach,
    "fault_taken": lambda fault: _is_over(fault) or _runs_again(fault),
    "fault_over": _runs_again,
    "fault_false_alarm": _runs_again,
    "fault_quiet": lambda fault: _is_over(fault) or not _is_quiet(fault),
    "fault_remind": _needs_no_reminder,
}
"""When a letter about a fault is outdated, by its template; one that is not named here never is."""


def _is_quiet(fault: Fault) -> bool:
    return not fault.alarms
