"""How a ticket changes: read it, decide, commit, and decide again where another write came first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.placing import Known, decided
from application.ports import Committing, Faults, TicketsToChange
from application.storage import Commit, Conflict, Departure, FaultChange, NumberTaken, SentChange, TicketChange
from domain.people import NOBODY
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_named
from domain.ticket.commands import Command, FireTimers, ReportFailedDelivery
from domain.ticket.decide import Decision
from domain.ticket.ticket import Ticket

TRIES = 25
"""How often a decision is made in all, each time on what is stored by then, before it is given up.

All letters of strangers at a desk are counted in one item. In a storm of them the five runs of `inbound` meet each
other at every second letter or more; after six tries one in ten would wait for its queue to hand it out again, which
takes six minutes, and a critical one's page with it. Tries take some tens of milliseconds each, and few need many.
"""

Clock = Callable[[], datetime]
"""Returns the present instant, aware, UTC."""
CommandFor = Callable[[Ticket, datetime], Command]
"""Returns the command for a ticket as it was read, at an instant: of what rests on more than the ticket."""


@dataclass(frozen=True, slots=True)
class Change:
    """A command on a ticket, decided and, where anything follows from it, committed."""

    before: Ticket
    edition: Edition
    """The edition that the ticket pins."""
    decision: Decision
    faults: tuple[FaultChange, ...] = ()
    """What follows from it for the fault that the ticket reports."""


class TicketsAndFaults(TicketsToChange, Faults, Protocol):
    """Where a ticket and the fault that it reports are read, and their change is written."""


def change_ticket(
    store: TicketsAndFaults,
    number: str,
    command: Command | CommandFor,
    clock: Clock,
    *,
    instead: Callable[[Command, Decision], Command | None] | None = None,
    left: Departure | None = None,
) -> Change | None:
    """Carry out a command on a ticket, and on the fault that it reports; None where there is no such ticket.

    `instead` is shown the decision before it is written, and may return another command to be carried out in its
    place. Nothing is written where the command is refused or nothing follows from it; `left` is written with what
    follows. Raises Conflict after TRIES.
    """
    changed: Change | None = None

    def decide_now(numbers_taken: int) -> Commit | None:
        nonlocal changed
        ticket = store.ticket(number)
        if ticket is None:
            changed = None
            return None
        edition, now = edition_named(ticket.desk, ticket.edition), clock()
        asked = command(ticket, now) if callable(command) else command
        people = store.people(ticket.desk) if _rests_on_people(asked, ticket) else NOBODY
        known = Known(people, numbers_taken=numbers_taken)
        whole = decided(store, ticket, asked, edition, now, known=known)
        if instead is not None and (other := instead(asked, whole.decision)) is not None:
            whole = decided(store, ticket, other, edition, now, known=known)
        decision = whole.decision
        changed = Change(ticket, edition, decision, whole.faults)
        change = ticket_change(ticket, decision)
        if change is None:
            return None
        sent = sent_changes(ticket.desk, decision)
        return Commit(at=now, ticket=change, faults=whole.faults, desk_faults=whole.desk, sent=sent, left=left)

    commit_decided(store, decide_now, f"ticket {number}")
    return changed


def _rests_on_people(command: Command, ticket: Ticket) -> bool:
    """Return whether a decision asks who the desk's people are: for few it is worth the further request."""
    return isinstance(command, ReportFailedDelivery) or (isinstance(command, FireTimers) and ticket.owed is not None)


def ticket_change(before: Ticket | None, decision: Decision) -> TicketChange | None:
    """Return what is to be written of a ticket; None where nothing happened."""
    if decision.refused is not None or not decision.events or decision.ticket is None:
        return None
    return TicketChange(before, decision.ticket, decision.events, decision.outgoing)


def sent_changes(desk: str, decision: Decision) -> tuple[SentChange, ...]:
    """Return what is to be written of what the desk wrote by itself lately."""
    return tuple(SentChange(desk, one.counted_as, one.before, one.after) for one in decision.recounts)


def commit_decided(store: Committing, decide_now: Callable[[int], Commit | None], subject: str) -> Commit | None:
    """Write what `decide_now` returns, and let it read and decide again where another write came first.

    `decide_now` is told how many ticket numbers were taken by other letters so far. Returns what was written; None
    where there was nothing to write. Raises Conflict after TRIES, naming `subject`; LetterKnown is the caller's.
    """
    numbers_taken = 0
    for _ in range(TRIES):
        commit = decide_now(numbers_taken)
        if commit is None:
            return None
        try:
            store.commit(commit)
        except NumberTaken:
            numbers_taken += 1
        except Conflict:
            continue
        else:
            return commit
    raise Conflict(f"{subject}: others wrote to it {TRIES} times in a row; nothing was done, try again")
