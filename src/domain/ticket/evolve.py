"""How an event changes a ticket. Replaying the whole history gives the ticket as it is stored."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import Any, assert_never

from domain.fault.fault import News
from domain.findings import Finding, Mode
from domain.ticket import events as e
from domain.ticket.ticket import (
    TRANSITIONS,
    AskedFor,
    CloseOutcome,
    CriticalClock,
    Digest,
    HeldAnswer,
    LapseClock,
    ReactionClock,
    Span,
    Status,
    Ticket,
    Told,
)
from domain.ticket.timers import TimerKind
from domain.trust import Deed, may

THREAD_KEPT = 20
"""Message ids kept for References: RFC 5322 section 3.6.4 asks for all, mail programs need the last ones."""
FAILURES_KEPT = 50
"""Failed deliveries kept, so that one reported again is known."""

TOLD_KEPT = 20
"""News of faults that a ticket reported before the one that it reports now."""


class ImpossibleTransition(RuntimeError):
    """An event asks for a change of status that the table does not have: a bug, never a client's doing."""


def evolve(ticket: Ticket | None, event: e.Event) -> Ticket:
    """Return the ticket after one event; `None` before the first, which is `TicketOpened`.

    Raises ImpossibleTransition.
    """
    if isinstance(event, e.TicketOpened):
        if ticket is not None:
            raise ImpossibleTransition(f"{ticket.id} cannot be opened twice")
        return _opened(event)
    if ticket is None:
        raise ImpossibleTransition(f"a history begins with ticket_opened, not {event.type}")
    changes = _changes(ticket, event)
    status = changes.get("status", ticket.status)
    if status is not ticket.status and status not in TRANSITIONS[ticket.status]:
        raise ImpossibleTransition(f"{ticket.id}: {ticket.status} cannot become {status} by {event.type}")
    return ticket.model_copy(update=changes)


def replay(history: Iterable[e.Event], ticket: Ticket | None = None) -> Ticket:
    """Return what a history makes of a ticket, `version` aside; raises ImpossibleTransition for an empty one."""
    replayed = reduce(evolve, history, ticket)
    if replayed is None:
        raise ImpossibleTransition("a ticket has at least one event")
    return replayed


def _opened(event: e.TicketOpened) -> Ticket:
    found = event.classification
    return Ticket(
        id=event.ticket,
        desk=event.desk,
        edition=event.edition,
        requester=event.requester,
        subject=event.subject,
        identification=found.identification,
        category=found.category,
        findings=tuple(finding for finding in found.findings if finding.matched),
        arrived_at=event.at,
    )


def _changes(ticket: Ticket, event: e.Event) -> dict[str, Any]:  # noqa: PLR0911, PLR0912, C901 - one arm an event
    match event:
        case e.TicketOpened():
            raise ImpossibleTransition(f"{ticket.id} cannot be opened twice")
        case e.LetterAdded(message_id=message_id, role=role, duplicate=duplicate):
            kept = ticket.thread
            if message_id and role == "requester" and message_id not in kept:
                kept = (*kept, message_id)[-THREAD_KEPT:]
            return {"thread": kept, "repeats": ticket.repeats + duplicate, "proved_at": _proved(ticket, event)}
        case e.DetailsGiven(identification=identification):
            return {"identification": identification}
        case e.FindingsRevised(findings=findings, category=category):
            return {"findings": findings, "category": category}
        case e.ReactionPromised(clock=clock):
            return {"reaction": clock, "owed": None}
        case e.Reacted(at=at, by=by):
            return {
                "reacted_at": ticket.reacted_at or at,
                "assignee": by,
                "reaction": _stopped(ticket.reaction, at),
                "status": Status.IN_PROGRESS if ticket.status is Status.OPEN else ticket.status,
                "returns_to": Status.IN_PROGRESS,
                "held": None,
            }
        case e.AnswerHeld():
            return {"held": _held(ticket.held, event)}
        case e.AnswerReleased():
            return {"held": None}
        case e.WaitStarted(at=at, clock=clock):
            asked = ticket.details_asked + (clock.asked_for is AskedFor.DETAILS)
            waits = ticket.waits
            returns_to = ticket.returns_to
            if ticket.status is not Status.AWAITING_REQUESTER:
                waits = (*waits, Span(start=at))
                returns_to = ticket.status
            return {
                "lapse": clock,
                "owed": None,
                "waits": waits,
                "returns_to": returns_to,
                "status": Status.AWAITING_REQUESTER,
                "details_asked": asked,
            }
        case e.TermStarted(clock=clock):
            return {"lapse": clock}
        case e.WaitEnded(at=at, returns_to=returns_to):
            return {"lapse": None, "waits": _ended(ticket.waits, at), "status": returns_to}
        case e.LapseSuspended():
            lapse = ticket.lapse
            return {"lapse": lapse.model_copy(update={"lapses": False, "remind_at": None}) if lapse else None}
        case e.LapseCorrected(clock=clock):
            return _with_the_closing_undone(ticket, clock)
        case e.BreachCorrected():
            return _not_breached(ticket, event)
        case e.AnswerOwed(owed=owed):
            return {"owed": owed}
        case e.TimerFired():
            return _fired(ticket, event)
        case e.Closed(at=at, outcome=outcome, reason=reason, clause=clause):
            return {
                "status": Status.CLOSED,
                "outcome": outcome,
                "reason": reason,
                "clause": clause,
                "closed_at": at,
                "lapse": None,
                "lapsed": ticket.lapse if outcome is CloseOutcome.LAPSED else None,
                "owed": None,
                "held": None,
                "waits": _ended(ticket.waits, at),
                "reaction": _stopped(ticket.reaction, at),
                "critical": _critical_ended(ticket, at),
            }
        case e.Reopened():
            return {
                "status": Status.OPEN,
                "outcome": None,
                "reason": "",
                "clause": None,
                "closed_at": None,
                "lapsed": None,
                "reopened": ticket.reopened + 1,
                "reaction": None,
                "returns_to": Status.OPEN,
            }
        case e.CriticalRaised(clock=clock):
            return {"critical": _knowing_the_same(ticket.critical, clock)}
        case e.CriticalAdopted(fault=fault):
            return {"critical": _critical_with(ticket, fault=fault)}
        case e.FaultTold():
            return {"critical": _told(ticket.critical, event)}
        case e.CriticalAcknowledged(at=at, by=by):
            return {"critical": _critical_with(ticket, acknowledged_at=at, acknowledged_by=by)}
        case e.CriticalWithdrawn(at=at):
            ended = _critical_ended(ticket, at)
            return {"critical": ended.model_copy(update={"withdrawn": True}) if ended else None}
        case e.PrioritySet(priority=priority):
            return {"priority": priority}
        case e.SuggestionSettled(rule=rule, confirmed=confirmed):
            return {"findings": tuple(_settled(found, rule, confirmed=confirmed) for found in ticket.findings)}
        case e.DeliveryFailed(message=message):
            return {"failed": (*ticket.failed, message)[-FAILURES_KEPT:]}
        case e.Linked(ticket=other):
            return {"linked": tuple(dict.fromkeys((*ticket.linked, other)))}
        case e.ClocksRecomputed(reaction=reaction, lapse=lapse):
            return {"reaction": reaction, "lapse": lapse}
        case e.SpecialistWrote(at=at, to_client=to_client):
            # What was written before the client's letter came, and read after it, does not answer it.
            answers = ticket.owed is None or at >= ticket.owed.counted_from
            return {"held": None, "owed": None if answers else ticket.owed} if to_client else {}
        case e.DigestPromised(digest=digest):
            return {"digests": (*_digests_but(ticket, digest.counted_as), digest)}
        case e.DigestSent(counted_as=counted_as):
            return {"digests": _digests_but(ticket, counted_as)}
        case e.LetterWithheld() | e.SuppressionLifted():
            return {}
        case _:
            assert_never(event)


def _proved(ticket: Ticket, event: e.LetterAdded) -> datetime | None:
    """Return when the requester's address was proved last, by receipt: letters may be handled in any order."""
    is_proof = may(event.trust, Deed.LIFT_A_SUPPRESSION) and event.sender == ticket.requester.address
    return max(filter(None, (ticket.proved_at, event.at if is_proof else None)), default=None)


def _digests_but(ticket: Ticket, counted_as: str) -> tuple[Digest, ...]:
    return tuple(digest for digest in ticket.digests if digest.counted_as != counted_as)


def _held(before: HeldAnswer | None, event: e.AnswerHeld) -> HeldAnswer | None:
    """Return the letter that a word may send; one of which nothing may go as it is leaves the one before."""
    if not event.text:
        return before.model_copy(update={"among_others": True}) if before is not None else None
    kept = event.model_dump(include=set(HeldAnswer.model_fields))
    return HeldAnswer.model_validate({**kept, "among_others": before is not None})


def _stopped(clock: ReactionClock | None, at: datetime) -> ReactionClock | None:
    return clock.model_copy(update={"stopped_at": at}) if clock is not None and clock.runs else clock


def _knowing_the_same(before: CriticalClock | None, clock: CriticalClock) -> CriticalClock:
    """Return a clock with what its ticket has been told of faults: one that reports a fault once more is not told again."""
    if before is None or not clock.fault:
        return clock
    known = (*before.told_of_others, *before.told)
    own = tuple(told for told in known if told.fault == clock.fault)
    others = tuple(told for told in known if told.fault != clock.fault)
    return clock.model_copy(update={"told": own, "told_of_others": others[-TOLD_KEPT:]})


def _critical_with(ticket: Ticket, **changes: Any) -> CriticalClock:
    assert ticket.critical is not None  # decide changes only what was raised
    return ticket.critical.model_copy(update=changes)


def _critical_ended(ticket: Ticket, at: datetime) -> CriticalClock | None:
    clock = ticket.critical
    return clock.model_copy(update={"ended_at": at}) if clock is not None and clock.ended_at is None else clock


def _told(clock: CriticalClock | None, event: e.FaultTold) -> CriticalClock:
    """Return the clock of a ticket that knows what became of its fault: with the fault's end it ends, too."""
    assert clock is not None  # decide tells only who reported it
    told = (*clock.told, Told(fault=event.fault, news=event.news, at=event.at, by_letter=event.by_letter))
    ends = event.news is not News.TAKEN and clock.ended_at is None
    return clock.model_copy(update={"told": told, **({"ended_at": max(event.at, clock.since)} if ends else {})})


def _ended(waits: tuple[Span, ...], at: datetime) -> tuple[Span, ...]:
    """Return the waits for the client with the last one ended (MDO 2.4)."""
    if not waits or waits[-1].end is not None:
        return waits
    return (*waits[:-1], Span(start=waits[-1].start, end=at))


def _with_the_closing_undone(ticket: Ticket, clock: LapseClock) -> dict[str, Any]:
    """Return what makes a ticket as it was before it lapsed: whatever ended at the closing goes on."""
    at, waits, reaction, critical = ticket.closed_at, ticket.waits, ticket.reaction, ticket.critical
    if waits and waits[-1].end == at:
        waits = (*waits[:-1], Span(start=waits[-1].start))
    if reaction is not None and reaction.stopped_at == at:
        reaction = reaction.model_copy(update={"stopped_at": None})
    if critical is not None and critical.ended_at == at:
        critical = critical.model_copy(update={"ended_at": None})
    return {
        "status": Status.AWAITING_REQUESTER,
        "outcome": None,
        "reason": "",
        "clause": None,
        "closed_at": None,
        "lapse": clock,
        "lapsed": None,
        "waits": waits,
        "reaction": reaction,
        "critical": critical,
    }


def _not_breached(ticket: Ticket, event: e.BreachCorrected) -> dict[str, Any]:
    reaction, critical = ticket.reaction, ticket.critical
    if event.breach is TimerKind.REACTION_BREACH:
        assert reaction is not None  # decide corrects only what ran
        kept: dict[str, Any] = {"breached_at": None, "stopped_at": event.received_at}
        return {"reaction": reaction.model_copy(update=kept)}
    assert critical is not None  # likewise
    acknowledged = {"acknowledged_at": event.received_at, "acknowledged_by": event.by}
    kept = {"breached_at": None, **(acknowledged if critical.acknowledged_at is not None else {})}
    return {"critical": critical.model_copy(update=kept)}


def _settled(found: Finding, rule: str, *, confirmed: bool) -> Finding:
    """A settled finding is kept; one that was overturned no longer matches."""
    if found.rule != rule:
        return found
    return found.model_copy(update={"matched": confirmed, "mode": Mode.OFF})


def _fired(ticket: Ticket, event: e.TimerFired) -> dict[str, Any]:
    reaction, lapse, critical, owed = ticket.reaction, ticket.lapse, ticket.critical, ticket.owed
    match event.timer:
        case TimerKind.REACTION_WARNING if reaction is not None:
            return {"reaction": reaction.model_copy(update={"warned_at": event.at})}
        case TimerKind.REACTION_BREACH if reaction is not None:
            return {"reaction": reaction.model_copy(update={"breached_at": event.at})}
        case TimerKind.LAPSE_WARNING if lapse is not None:
            return {"lapse": lapse.model_copy(update={"reminded_at": event.at})}
        case TimerKind.LAPSE if lapse is not None:
            return {"lapse": lapse.model_copy(update={"expired_at": event.at})}
        case TimerKind.ANSWER_OWNER | TimerKind.ANSWER_TEAM if owed is not None:
            reminded = "owner_reminded_at" if event.timer is TimerKind.ANSWER_OWNER else "team_reminded_at"
            return {"owed": owed.model_copy(update={reminded: event.at})}
        case TimerKind.PAGE_REPEAT if critical is not None:
            paged = {"pages": critical.pages + 1, "next_page_at": event.next_page_at, **_escalated(critical, event)}
            return {"critical": critical.model_copy(update=paged)}
        case TimerKind.PAGE_ESCALATE if critical is not None:
            escalated = {"escalated_at": event.at, **_escalated(critical, event)}
            return {"critical": critical.model_copy(update=escalated)}
        case TimerKind.CRITICAL_BREACH if critical is not None:
            breached = {"breached_at": event.at, **_escalated(critical, event)}
            return {"critical": critical.model_copy(update=breached)}
    raise ImpossibleTransition(f"{ticket.id}: {event.timer} fired with no such clock running")


def _escalated(critical: CriticalClock, event: e.TimerFired) -> dict[str, Any]:
    return {"escalations": event.escalations or critical.escalations}
