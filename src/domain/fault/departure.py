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
    said = {
        "late": "yes" if mail.due is not None and mail.due <= now else "",
        "state": _state(fault),
        "bounded": "yes" if fault.bounded else "",
        "quiet": "yes" if fault.quiet_since is not None else "",
    }
    return mail.model_copy(update={"params": {**mail.params, **{name: value for name, value in said.items() if value}}})


def _state(fault: Fault) -> str:
    """Return what became of a fault: `over`, `taken`, or nothing where nobody has it in hand."""
    if fault.is_over:
        return "over"
    return "taken" if fault.acknowledged_at is not None else ""


def _is_awake(fault: Fault) -> bool:
    """Somebody has taken it, or is woken for it by now."""
    return not (fault.bounded and fault.runs)


def _was_no_breach(fault: Fault) -> bool:
    """The word turned out to have been received in time, or the promise is another one by now."""
    return fault.breached_at is None


def _is_in_nobodys_hands(fault: Fault) -> bool:
    """It is over, which another letter says, or pages again."""
    return fault.is_over or fault.acknowledged_at is None


def _is_back(fault: Fault) -> bool:
    """It was reopened since."""
    return not fault.is_over


def _has_ended_or_sounds_again(fault: Fault) -> bool:
    """Nobody has to say that it is over, or an alarm of it is back."""
    return fault.is_over or bool(fault.alarms)


def _needs_no_reminder(fault: Fault) -> bool:
    """It is over, or somebody is being woken, or did something about it since."""
    return _is_in_nobodys_hands(fault) or fault.reminded_at is None


_OUTDATED: Mapping[str, Callable[[Fault], bool]] = {
    "fault_opened": _is_awake,
    "fault_breach": _was_no_breach,
    "fault_taken": _is_in_nobodys_hands,
    "fault_over": _is_back,
    "fault_false_alarm": _is_back,
    "fault_quiet": _has_ended_or_sounds_again,
    "fault_remind": _needs_no_reminder,
}
"""When a letter about a fault is outdated, by its template; one that is not named here never is."""
