"""Commits for tests of the store: what opens a ticket, and what changes it."""

from __future__ import annotations

from application.storage import Commit, FaultsChange, LetterRecord, TicketChange
from domain.fault.fault import DeskFaults
from domain.regulation.editions import edition_at
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.ticket import Ticket
from tests.support.builders import moscow
from tests.support.life import Life

NOON = moscow("2026-11-20 12:00")


def opening(life: Life, letter: str = "ses-1", *, listed: bool = True) -> Commit:
    """Return the commit that opens a ticket by a letter, and the fault that it reports, which is the desk's first or not listed."""
    lately = life.store.lately
    return Commit(
        at=life.state.arrived_at,
        letter=LetterRecord(
            desk=life.state.desk,
            ses_message_id=letter,
            received_at=life.state.arrived_at,
            kind="request",
            outcome="ticket",
            ticket=life.state.id,
        ),
        ticket=TicketChange(None, life.state, life.events, life.written),
        faults=life.store.whole(),
        desk_faults=FaultsChange(life.state.desk, DeskFaults(), lately) if lately.numbers and listed else None,
    )


def a_change(ticket: Ticket, at: str = "2026-11-20 11:00") -> TicketChange:
    """Return what follows when a specialist takes a ticket."""
    decision = decide(ticket, c.SpecialistAct(c.Act.TAKE, "me"), edition_at(ticket.desk, ticket.arrived_at), moscow(at))
    assert decision.ticket is not None
    return TicketChange(ticket, decision.ticket, decision.events, decision.outgoing)
