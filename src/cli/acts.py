"""What a specialist does at the command line: decided by the core, committed on the ticket as it was read."""

from __future__ import annotations

from dataclasses import dataclass

from application.change import Change, change_ticket
from application.storage import Conflict
from cli import printing
from cli.options import Options
from cli.target import Failed, connect, text_of, ticket_number, ticket_of
from composition import AwsServices
from domain.caller import person_in, shown_actor
from domain.ticket.commands import Act, SpecialistAct
from domain.ticket.outgoing import Outgoing, OutgoingMail
from domain.ticket.ticket import CloseOutcome, Priority, Ticket

ACTS = {"ack": Act.ACKNOWLEDGE}
"""Verbs that are not called as their acts are."""
NEED_TEXT = frozenset({Act.REPLY, Act.ASK, Act.SOLVE, Act.NOTE})
"""Acts whose text is read from standard input where the arguments have none."""


@dataclass(frozen=True, slots=True)
class Asked:
    """An act as it was given at the command line; its text is read once the ticket is known."""

    verb: str
    ticket_id: str
    by: str | None
    text: str | None = None
    file: str | None = None
    clause: str | None = None
    outcome: str = CloseOutcome.RESOLVED
    level: str = Priority.NORMAL
    withdraw: bool = False


def run(options: Options, services: AwsServices, asked: Asked) -> int:
    """Carry out one act on one ticket, or say why it cannot be: exit status 1."""
    number = ticket_number(asked.ticket_id)
    services = connect(options, services)
    ticket_of(number, services)  # an unknown ticket is said before a text is asked for
    command = command_of(asked, services.caller)
    try:
        change = change_ticket(services.store, number, command, services.now)
    except Conflict as error:
        raise Failed(str(error)) from error
    if change is None:
        raise Failed(f"unknown ticket {number}: there is none in this stack")
    decision = change.decision
    if decision.refused is not None:
        if options.json:
            printing.as_json({"ticket": number, "act": command.act.value, "refused": decision.refused.english})
        raise Failed(f"{number}: {decision.refused.english}")
    assert decision.ticket is not None  # an act is carried out on one
    if options.json:
        printing.as_json(_data(command, change, decision.ticket))
    else:
        _show(command, change, decision.ticket)
    return 0


def command_of(asked: Asked, caller: str) -> SpecialistAct:
    """Return the act that the arguments ask for, by whom they say or else by the person who calls."""
    act = Act.WITHDRAW_CRITICAL if asked.withdraw else ACTS.get(asked.verb) or Act(asked.verb)
    return SpecialistAct(
        act=act,
        by=asked.by or person_in(caller),
        text=text_of(asked.text, asked.file, required=act in NEED_TEXT).strip(),
        clause=asked.clause,
        outcome=CloseOutcome(asked.outcome),
        priority=Priority(asked.level),
        caller=caller,
    )


def sent_by(change: Change) -> tuple[Outgoing, ...]:
    """Return what a change sends: of the ticket, and of the fault that it reports."""
    return (*change.decision.outgoing, *(message for fault in change.faults for message in fault.outgoing))


def _data(command: SpecialistAct, change: Change, ticket: Ticket) -> dict[str, object]:
    decision = change.decision
    return {
        "ticket": ticket.id,
        "act": command.act.value,
        "by": command.by,
        "caller": command.caller,
        "status": ticket.status.value,
        "outcome": ticket.outcome.value if ticket.outcome else None,
        "events": [event.type for event in decision.events],
        "outgoing": [
            {"outbox": message.outbox, "kind": message.kind, "to": _to(message)} for message in sent_by(change)
        ],
        "fault": ticket.critical.fault if ticket.critical is not None and ticket.critical.fault else None,
    }


def _to(message: object) -> str | None:
    return message.to if isinstance(message, OutgoingMail) else None


def _show(command: SpecialistAct, change: Change, ticket: Ticket) -> None:
    decision, zone = change.decision, change.edition.hours.time_zone
    outcome = f", {ticket.outcome}" if ticket.outcome else ""
    who = shown_actor(command.by, command.caller)
    print(f"{ticket.id}: {command.act.value.replace('_', ' ')} by {who}; now {ticket.status}{outcome}")
    for message in sent_by(change):
        if isinstance(message, OutgoingMail):
            print(f"  letter «{message.kind}» to {message.to or 'the team'}")
        else:
            print(f"  page «{message.kind}» ({message.level}) of {message.fault or ticket.id}")
    reaction = ticket.reaction
    if reaction is not None and any(event.type == "reaction_promised" for event in decision.events) and reaction.runs:
        print(f"  reaction due {printing.moment(reaction.due, zone)} ({printing.clause_of(reaction.clause)})")
    if ticket.lapse is not None:
        what = "lapses" if ticket.lapse.lapses else "the specialist is reminded"
        end = "a term after the question has left" if ticket.lapse.unsent else printing.moment(ticket.lapse.due, zone)
        print(f"  without an answer {what} {end}")
