"""Faults for tests of what stores them: values and changes made by hand, whatever a decision would make of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from application.storage import Commit, FaultChange, FaultsChange, StandingChange
from domain.fault.events import FaultAcknowledged, FaultOpened, ReportJoined
from domain.fault.fault import DeskFaults, Fault, Member, PageSeries, Report, Source
from domain.people import People, Person, Role
from domain.ticket.outgoing import Audience, OutgoingMail, OutgoingPage, PageLevel
from tests.support.builders import MDO
from tests.support.commits import NOON

NUMBER = "MDO-F-7K3F9"
TICKET = "MDO-7K3F-9QXZ"
EDITION = "2013-01-01"
SPECIALIST = Person(name="Иванова Анна", addresses=("anna@desk.example",), roles=(Role.SPECIALIST, Role.ON_CALL))
PEOPLE = People(team_address="team@desk.example", persons=(SPECIALIST,))


def a_fault(**changes: Any) -> Fault:
    """Return a fault that a letter reported at noon and that pages."""
    values: dict[str, Any] = {
        "id": NUMBER,
        "desk": MDO,
        "edition": EDITION,
        "ticket": TICKET,
        "what": "не открывается портал",
        "since": NOON,
        "due": NOON + timedelta(minutes=5),
        "clause": "2.1",
        "opened_at": NOON,
        "last_report_at": NOON,
        "letters": 1,
        "series": PageSeries(
            began_at=NOON, next_page_at=NOON + timedelta(minutes=1), escalate_at=NOON + timedelta(minutes=2), pages=1
        ),
    }
    return Fault(**{**values, **changes})


def a_member(ticket: str = TICKET, reporter: str = "K-1") -> Member:
    """Return a ticket that a letter opened."""
    return Member(ticket=ticket, at=NOON, source=Source.LETTER, reporter=reporter)


def a_page(**changes: Any) -> OutgoingPage:
    """Return the first page of the fault."""
    values: dict[str, Any] = {
        "kind": "page_critical",
        "desk": MDO,
        "edition": EDITION,
        "ticket": TICKET,
        "fault": NUMBER,
        "level": PageLevel.ON_CALL,
        "number": 1,
        "since": NOON,
        "due": NOON + timedelta(minutes=5),
    }
    return OutgoingPage(**{**values, **changes})


def a_team_letter(**changes: Any) -> OutgoingMail:
    """Return a letter to the team about the fault."""
    values: dict[str, Any] = {
        "kind": "fault_opened",
        "desk": MDO,
        "edition": EDITION,
        "ticket": NUMBER,
        "audience": Audience.FAULT,
        "to": "",
        "subject": "Сбой",
    }
    return OutgoingMail(**{**values, **changes})


def an_opening(**changes: Any) -> FaultChange:
    """Return what opens the fault: a page, and a letter to the team."""
    fault = a_fault(**changes)
    opened = FaultOpened(at=NOON, fault=fault)
    return FaultChange(None, fault, (opened,), (a_page(), a_team_letter()), joined=(a_member(fault.ticket),))


def opened_fault(store: Any, **changes: Any) -> Fault:
    """Commit a new fault and list it at its desk; return it as it is stored."""
    opening = an_opening(**changes)
    desk = opening.after.desk
    before = store.desk_faults(desk)
    listed = FaultsChange(desk, before, DeskFaults(numbers=(*before.numbers, opening.after.id)))
    store.commit(Commit(at=NOON, faults=(opening,), desk_faults=listed))
    fault = store.fault(opening.after.id)
    assert isinstance(fault, Fault)
    return fault


def a_joining(fault: Fault, ticket: str = "MDO-8888-8888", **changes: Any) -> FaultChange:
    """Return what follows when another letter joins the fault."""
    report = Report(source=Source.LETTER, ticket=ticket, at=NOON, what=fault.what)
    after = fault.model_copy(update={"reports": fault.reports + 1, "letters": fault.letters + 1})
    change = FaultChange(
        fault, after, (ReportJoined(at=NOON, report=report, due=fault.due),), (), joined=(a_member(ticket, "K-2"),)
    )
    return replace(change, **changes)


def an_acknowledgement(fault: Fault) -> FaultChange:
    """Return what follows when somebody takes the fault: nothing pages any more."""
    by = "anna@desk.example"
    after = fault.model_copy(update={"acknowledged_at": NOON, "acknowledged_by": by, "touched_at": NOON})
    return FaultChange(fault, after, (FaultAcknowledged(at=NOON, by=by),), ())


def a_standing_change(what: str = "people import", **changes: Any) -> StandingChange:
    """Return what a person changed of a desk's people or rota."""
    values: dict[str, Any] = {"at": NOON, "caller": "anna", "what": what, "before": "{}", "after": "{}"}
    return StandingChange(**{**values, **changes})
