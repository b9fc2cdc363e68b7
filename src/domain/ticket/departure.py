"""What a letter says as it leaves: it may have been written long before, and says what is true now, or is not sent.

A letter waits in the outbox while SES refuses or a function stands still. Meanwhile a term passes, the client
answers, a specialist acts. Letters that a person wrote always go.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from domain.regulation.edition import Edition
from domain.russian.wording import moment
from domain.ticket.outgoing import OutgoingMail
from domain.ticket.ticket import CloseOutcome, LapseClock, Status, Ticket

ASKING = frozenset({"details_requested", "clarification_requested", "question", "solution", "fault_over_client"})
"""Letters that begin a wait: the client's term counts from when they leave (MDO 2.5)."""
SHORTENING = "term_shortened"
"""The letter that tells a client of an earlier end, which holds from when it leaves."""


def leaving(mail: OutgoingMail, ticket: Ticket | None, edition: Edition, now: datetime) -> OutgoingMail | None:
    """Return a letter as it is to leave now, given its ticket and the edition that pins; None where it is outdated."""
    if ticket is None:
        return mail
    is_outdated = _OUTDATED.get(mail.kind)
    if mail.automatic and is_outdated is not None and is_outdated(mail, ticket, now):
        return None
    if mail.kind == SHORTENING and mail.due is not None and mail.due < edition.soonest_lapse(now):
        return None  # too late to be read and answered: the end that was told before stays
    return as_of_now(mail, ticket, edition, now)


def as_of_now(mail: OutgoingMail, ticket: Ticket, edition: Edition, now: datetime) -> OutgoingMail:
    """Return a letter with what has become true since it was written: its term, and what has happened on its ticket."""
    params = dict(mail.params)
    if mail.kind in ASKING and mail.asked_at is not None:
        for name in ("due", "undecreed", "lapse_clause"):
            params.pop(name, None)
        wait = wait_of(mail, ticket)
        if wait is not None and wait.lapses:
            params |= _term(wait, edition, now)
    if mail.due is not None and mail.due <= now:
        params["late"] = "yes"
    if done := _done(ticket):
        params["done"] = done
    if ticket.critical is not None and ticket.critical.withdrawn:
        params["withdrawn"] = "yes"
    return mail.model_copy(update={"params": params})


def wait_of(mail: OutgoingMail, ticket: Ticket) -> LapseClock | None:
    """Return the wait that a letter is about, where it lasts still."""
    wait = ticket.lapse
    return wait if wait is not None and wait.asked_at == mail.asked_at else None


def _term(wait: LapseClock, edition: Edition, now: datetime) -> Mapping[str, str | tuple[str, ...]]:
    """Return what a question says of the client's term: as it counts from now, or, for one that is sent once more, as it counts."""
    due = edition.lapse_due(now) if wait.unsent else wait.due
    undecreed = edition.calendar.undecreed_years(now, due)
    said: dict[str, str | tuple[str, ...]] = {
        "due": moment(due, edition.hours.time_zone),
        "lapse_clause": wait.clause or "",
    }
    return said | ({"undecreed": tuple(map(str, undecreed))} if undecreed else {})


def _done(ticket: Ticket) -> str:
    """Return what has been done about a ticket: `closed`, `reacted`, or nothing."""
    if ticket.status is Status.CLOSED:
        return "closed"
    critical, reaction = ticket.critical, ticket.reaction
    if critical is not None and critical.ended_at is None:
        return "reacted" if critical.acknowledged_at is not None else ""
    return "reacted" if reaction is not None and not reaction.runs else ""


def _is_closed(_mail: OutgoingMail, ticket: Ticket, _now: datetime) -> bool:
    """What is promised of a request that is closed is of no use: the letter that says so follows."""
    return ticket.status is Status.CLOSED


def _is_overturned(outcome: CloseOutcome) -> Callable[[OutgoingMail, Ticket, datetime], bool]:
    def is_overturned(_mail: OutgoingMail, ticket: Ticket, _now: datetime) -> bool:
        return ticket.outcome is not outcome

    return is_overturned


def _needs_no_answer(mail: OutgoingMail, ticket: Ticket, _now: datetime) -> bool:
    """The client has answered, or a specialist went on: nobody owes an answer to this question any more."""
    return mail.asked_at is not None and wait_of(mail, ticket) is None


def _reminds_of_nothing(mail: OutgoingMail, ticket: Ticket, now: datetime) -> bool:
    return _needs_no_answer(mail, ticket, now) or (mail.due is not None and mail.due <= now)


def _shortens_nothing(mail: OutgoingMail, ticket: Ticket, now: datetime) -> bool:
    wait = wait_of(mail, ticket)
    return _reminds_of_nothing(mail, ticket, now) or (wait is not None and mail.due not in (wait.due, wait.shortened))


def _nobody_waits(_mail: OutgoingMail, ticket: Ticket, _now: datetime) -> bool:
    """The client has been answered since."""
    return ticket.owed is None


def _warns_of_nothing(mail: OutgoingMail, ticket: Ticket, now: datetime) -> bool:
    reaction = ticket.reaction
    runs = reaction is not None and reaction.runs and reaction.breached_at is None
    return mail.due is not None and (not runs or mail.due <= now)


def _is_no_news(_mail: OutgoingMail, ticket: Ticket, _now: datetime) -> bool:
    """The fault is over by now, or was none: the letter that says so follows."""
    return ticket.critical is None or ticket.critical.ended_at is not None


def _was_no_breach(mail: OutgoingMail, ticket: Ticket, _now: datetime) -> bool:
    """What somebody did turned out to have been received in time."""
    clocks = [clock for clock in (ticket.reaction, ticket.critical) if clock is not None and clock.due == mail.due]
    return bool(clocks) and all(clock.breached_at is None for clock in clocks)


_OUTDATED: Mapping[str, Callable[[OutgoingMail, Ticket, datetime], bool]] = {
    "accepted": _is_closed,
    "accepted_critical": _is_closed,
    "fault_taken_client": _is_no_news,
    "reopened": _is_closed,
    "details_requested": _needs_no_answer,
    "clarification_requested": _needs_no_answer,
    "reminder": _reminds_of_nothing,
    SHORTENING: _shortens_nothing,
    "answer_owed": _nobody_waits,
    "silence": _needs_no_answer,
    "warning": _warns_of_nothing,
    "breach": _was_no_breach,
    "lapse_corrected": _is_closed,
    "lapsed": _is_overturned(CloseOutcome.LAPSED),
    **{
        f"refused_{why}": _is_overturned(CloseOutcome.REFUSED)
        for why in ("eligibility", "identification", "offence", "quota", "scope")
    },
}
"""When an automatic letter is outdated, by its template; a letter that is not named here never is."""
