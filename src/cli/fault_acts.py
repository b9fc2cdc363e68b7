"""What a specialist does about faults at the command line: acknowledge, end, detach a ticket, join one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from application.change import change_ticket
from application.faults import act_on_fault, fault_of
from application.moving import Moved, detach_ticket, join_fault
from application.storage import Conflict, FaultChange, TicketChange
from cli import printing
from cli.acts import sent_by
from cli.fault_words import ENDS as SHOWN_ENDS
from cli.faults import state_in_one_word
from cli.options import Options
from cli.target import Failed, Misuse, connect, fault_with, number_given, numbers_of, text_of, ticket_of
from composition import AwsServices
from domain.caller import person_in, shown_actor
from domain.fault.commands import AcknowledgeFault, EndFault, FaultCommand
from domain.fault.fault import End, Fault
from domain.fault.numbers import is_fault_number
from domain.ticket.commands import Act, ReportFault, SpecialistAct
from domain.ticket.outgoing import Outgoing, OutgoingMail
from domain.ticket.refusals import Reason

_ACTS = {
    "ack": "acknowledge",
    "fault resolve": "resolve",
    "fault false-alarm": "false-alarm",
    "fault join": "join",
    "fault detach": "detach",
}
"""What programs are told that was asked for, by the verb."""
ENDS = {"resolve": End.RESOLVED, "false-alarm": End.FALSE_ALARM}
"""How a fault ends, by the verb."""


@dataclass(frozen=True, slots=True)
class _Done:
    """What one number of a command line came to."""

    act: str
    said: str
    """What was done, as people read it."""
    number: str
    """The number that was given, as it is stored."""
    fault: Fault | None
    """As it is afterwards; None for a ticket that reports none."""
    tickets: int = 0
    events: tuple[str, ...] = ()
    outgoing: tuple[Outgoing, ...] = ()


@dataclass(slots=True)
class _Run:
    """One command line: who acts, on which services."""

    services: AwsServices
    by: str
    acknowledged: set[str] = field(default_factory=set)
    """The faults that it has acknowledged so far."""


def acknowledge(options: Options, services: AwsServices, given: Sequence[str], by: str | None) -> int:
    """Acknowledge each fault by its number or a ticket's, and print what came of each; exit status 1 where one could not be."""
    numbers = numbers_of(given)
    return _each(options, _run(options, services, by), numbers, "ack", _acknowledge)


@dataclass(frozen=True, slots=True)
class Ending:
    """How a fault ends, as it was given at the command line."""

    verb: str
    by: str | None
    text: str | None
    """More words for those who reported it."""
    file: str | None


def end(options: Options, services: AwsServices, given: Sequence[str], how: Ending) -> int:
    """End a fault, by its number or that of one of its tickets: it is over, or was none."""
    number, verb = number_given(given), how.verb
    text = text_of(how.text, how.file, required=False).strip()
    run = _run(options, services, how.by)

    def act(number: str, run: _Run) -> _Done:
        fault, _ = fault_with(number, run.services)
        command = EndFault(ENDS[verb], run.by, run.services.now(), run.services.caller, text)
        return _on_fault(fault.id, command, verb, SHOWN_ENDS[ENDS[verb]], run)

    return _each(options, run, (number,), f"fault {verb}", act)


def join(options: Options, services: AwsServices, given: Sequence[str], by: str | None) -> int:
    """Let a ticket report a fault that is open."""
    ticket, fault = _ticket_and_fault(given)
    run = _run(options, services, by)
    fault_with(fault, run.services)
    word = ReportFault(run.by, run.services.caller)

    def act(number: str, run: _Run) -> _Done:
        return _moved(number, join_fault(run.services.store, number, fault, word, run.services.now), "join", run)

    return _each(options, run, (ticket,), "fault join", act)


def detach(options: Options, services: AwsServices, given: Sequence[str], by: str | None) -> int:
    """Let a ticket report a fault of its own, which pages."""
    number = number_given(given)
    if is_fault_number(number):
        raise Misuse(f"{number} is a fault's number, expected a ticket's, such as MDO-7K3F-9QXZ")
    run = _run(options, services, by)
    word = ReportFault(run.by, run.services.caller)

    def act(number: str, run: _Run) -> _Done:
        return _moved(number, detach_ticket(run.services.store, number, word, run.services.now), "detach", run)

    return _each(options, run, (number,), "fault detach", act)


def _run(options: Options, services: AwsServices, by: str | None) -> _Run:
    services = connect(options, services)
    return _Run(services, by or person_in(services.caller))


def _ticket_and_fault(given: Sequence[str]) -> tuple[str, str]:
    numbers = numbers_of(given)
    if len(numbers) != 2 or is_fault_number(numbers[0]) or not is_fault_number(numbers[1]):
        raise Misuse(f"found {', '.join(numbers)}, expected the number of a ticket and then that of a fault")
    return numbers[0], numbers[1]


# One number after another ---------------------------------------------------------------------------------


def _each(options: Options, run: _Run, numbers: Iterable[str], verb: str, act: Callable[[str, _Run], _Done]) -> int:
    """Act on each number and print what came of it; one that fails holds up no other, and makes the exit status 1."""
    failed = False
    for number in numbers:
        try:
            done = act(number, run)
        except (Failed, Conflict) as error:
            failed = True
            if options.json:
                printing.as_json({"number": number, "act": _ACTS[verb], "refused": str(error)})
            printing.warn(f"reglament {verb}: {error}")
            continue
        if options.json:
            printing.as_json(_data(done, run))
        else:
            _show(done, run)
    return 1 if failed else 0


def _acknowledge(number: str, run: _Run) -> _Done:
    """Acknowledge a fault, or what a ticket reports; one that this run has acknowledged is not acknowledged twice."""
    store = run.services.store
    fault = fault_of(store, number)
    if fault is not None and fault.id in run.acknowledged:
        return _Done("acknowledge", f"acknowledged with {fault.id}", number, fault)
    if is_fault_number(number):
        fault_with(number, run.services)  # an unknown fault is said to be one
        done = _on_fault(number, _taking(run), "acknowledge", "acknowledged", run)
    elif fault is not None and not fault.runs:
        done = _on_fault(fault.id, _taking(run), "acknowledge", "acknowledged", run, number=number)
    else:
        done = _acknowledge_ticket(number, run)
    if done.fault is not None:
        run.acknowledged.add(done.fault.id)
    return done


def _acknowledge_ticket(number: str, run: _Run) -> _Done:
    """Acknowledge what a ticket reports, and react to the ticket by that."""
    ticket_of(number, run.services)  # an unknown ticket is said to be one
    word = SpecialistAct(Act.ACKNOWLEDGE, run.by, caller=run.services.caller)
    change = change_ticket(run.services.store, number, word, run.services.now)
    if change is None:
        raise Failed(f"unknown ticket {number}: there is none in this stack")
    decision, fault = change.decision, fault_of(run.services.store, number)
    if fault is not None and fault.runs and _is_answered(decision.refused):
        # The ticket's own promise was kept before; its fault pages all the same.
        return _on_fault(fault.id, _taking(run), "acknowledge", "acknowledged", run, number=number)
    if decision.refused is not None:
        raise Failed(f"{number}: {decision.refused.english}")
    tickets = len(run.services.store.members(fault.id)) if fault is not None else 0
    happened = (*decision.events, *(event for one in change.faults for event in one.events))
    events = tuple(event.type for event in happened)
    return _Done("acknowledge", "acknowledged", number, fault, tickets, events, sent_by(change))


def _is_answered(refused: Any) -> bool:
    return refused is None or refused.reason is Reason.ACKNOWLEDGED_ALREADY


def _taking(run: _Run) -> AcknowledgeFault:
    return AcknowledgeFault(run.by, run.services.now(), run.services.caller)


def _on_fault(fault: str, command: FaultCommand, act: str, said: str, run: _Run, *, number: str = "") -> _Done:
    acted = act_on_fault(run.services.store, fault, command, run.services.now)
    if acted is None:
        raise Failed(f"unknown fault {fault}: there is none in this stack")
    decision = acted.decision
    if decision.refused is not None:
        raise Failed(f"{fault}: {decision.refused.english}")
    tickets = len(run.services.store.members(fault))
    events = tuple(event.type for event in decision.events)
    return _Done(act, said, number or fault, decision.fault, tickets, events, tuple(decision.outgoing))


def _moved(number: str, moved: Moved | None, act: str, run: _Run) -> _Done:
    if moved is None:
        raise Failed(f"unknown ticket {number}: there is none in this stack")
    if moved.refused is not None or moved.commit is None:
        raise Failed(f"{number}: {moved.refused.english if moved.refused is not None else 'nothing is left to do'}")
    commit = moved.commit
    changes: list[TicketChange | FaultChange] = [*commit.faults]
    if commit.ticket is not None:
        changes.insert(0, commit.ticket)
    fault = commit.faults[0].after
    tickets = len(run.services.store.members(fault.id))
    events = tuple(event.type for change in changes for event in change.events)
    outgoing = tuple(message for change in changes for message in change.outgoing)
    said = f"joined to {fault.id}" if act == "join" else f"detached, reports {fault.id}"
    return _Done(act, said, number, fault, tickets, events, outgoing)


# What is printed ------------------------------------------------------------------------------------------


def _data(done: _Done, run: _Run) -> dict[str, Any]:
    return {
        "number": done.number,
        "fault": done.fault.id if done.fault is not None else None,
        "act": done.act,
        "by": run.by,
        "caller": run.services.caller,
        "state": state_in_one_word(done.fault) if done.fault is not None else None,
        "tickets": done.tickets,
        "events": list(done.events),
        "outgoing": [{"outbox": message.outbox, "kind": message.kind, "to": _to(message)} for message in done.outgoing],
    }


def _to(message: Outgoing) -> str:
    return message.to or "the team" if isinstance(message, OutgoingMail) else message.level.value


def _show(done: _Done, run: _Run) -> None:
    who = shown_actor(run.by, run.services.caller)
    fault = done.fault
    of = f" of {fault.id}" if fault is not None and fault.id != done.number else ""
    tickets = f"; {printing.count(done.tickets, 'ticket')}{of}" if done.tickets else ""
    print(f"{done.number}: {done.said} by {who}{tickets}")
    for message in done.outgoing:
        kind = "letter" if isinstance(message, OutgoingMail) else "page"
        print(f"  {kind} «{message.kind}» to {_to(message)}")
