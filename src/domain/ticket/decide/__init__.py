"""What follows from a command: events and outgoing messages, or a refusal that says why.

Pure: the same ticket, command, edition and instant always give the same decision.
"""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from domain.fault.fault import FaultRef
from domain.people import NOBODY, People
from domain.regulation.edition import Edition
from domain.ticket import commands as c
from domain.ticket.decide.critical import open_by_alarm, raise_alarm_again, report_fault, resolve_alarm
from domain.ticket.decide.draft import DESK, Decision, Draft
from domain.ticket.decide.due import fire_timers
from domain.ticket.decide.fault_news import tell_of_fault
from domain.ticket.decide.letters import add_letter, add_note, open_by_letter
from domain.ticket.decide.recompute import recompute_clocks
from domain.ticket.decide.specialist import act
from domain.ticket.decide.term import start_term
from domain.ticket.decide.undelivered import report_failed_delivery
from domain.ticket.restraint import Restraint
from domain.ticket.ticket import Ticket

__all__ = ["DESK", "Decision", "decide"]


def decide(  # noqa: C901, PLR0912 - one arm a command
    ticket: Ticket | None,
    command: c.Command,
    edition: Edition,
    now: datetime,
    restraint: Restraint | None = None,
    *,
    fault: FaultRef | None = None,
    people: People = NOBODY,
) -> Decision:
    """Return what follows from a command, given the ticket, the edition it pins, and the instant (aware).

    `restraint` says what may still be written because of the letter that the command rests on; what is written is
    counted in the decision's `recounts`. Without a restraint nothing is held back. `fault` is the one that the ticket
    reports, or is to report where the command raises one (see `application.placing`). `people` are the desk's: who wrote a
    letter that joins, whose mailbox did not take one, and who is reminded of an answer depend on them.
    """
    counts = command.counts if isinstance(command, c.FireTimers) else {}
    caller = command.caller if isinstance(command, c.SpecialistAct | c.RecomputeClocks | c.ReportFault) else None
    draft = Draft(edition, now, ticket, restraint=restraint, counts=counts, caller=caller, fault=fault, people=people)
    match command:
        case c.OpenByLetter():
            open_by_letter(draft, command)
        case c.OpenByAlarm():
            open_by_alarm(draft, command)
        case c.RaiseAlarmAgain():
            raise_alarm_again(draft, command)
        case c.AddLetter():
            add_letter(draft, command)
        case c.AddNote():
            add_note(draft, command)
        case c.SpecialistAct() | c.HoldAnswer():
            refused = act(draft, command)
            if refused is not None:
                return Decision(ticket, refused=refused)
        case c.FireTimers():
            fire_timers(draft, command)
        case c.FaultNews():
            tell_of_fault(draft, command)
        case c.ReportFault():
            refused = report_fault(draft, command)
            if refused is not None:
                return Decision(ticket, refused=refused)
        case c.StartTerm():
            start_term(draft, command)
        case c.ResolveAlarm():
            resolve_alarm(draft, command)
        case c.ReportFailedDelivery():
            report_failed_delivery(draft, command)
        case c.RecomputeClocks():
            recompute_clocks(draft)
        case _:
            assert_never(command)
    return draft.decision()
