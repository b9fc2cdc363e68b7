"""What happened to the faults of the story, and which file of the outbox folder is which page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from adapters.dynamodb import DynamoTable
from application.storage import OutboxState
from domain.fault import events as e
from domain.fault.numbers import is_fault_number
from domain.people import People, Role
from domain.ticket.outgoing import OUTGOING, OutgoingPage, PageLevel
from local.outbox import FAULT_HEADER, PAGES_FROM, Sent

OF_A_FAULT = "-fault"
"""Ends the story's name of a fault, behind that of the ticket by which it became known."""
_TOLD_BY_OTHERS = (e.TicketsTold, e.FaultTouched)
"""Events whose meaning is in the letters and tickets that follow from them."""
Told = tuple[str, str | None, str]
"""What happened, by which clause, in detail."""


def names_of_faults(store: DynamoTable, names: dict[str, str]) -> dict[str, str]:
    """Return the faults that tickets of the story report and what the story calls them, without those it knows."""
    found: dict[str, str] = {}
    for number, name in names.items():
        ticket = None if is_fault_number(number) else store.ticket(number)
        fault = ticket.critical.fault if ticket is not None and ticket.critical is not None else ""
        if fault and fault not in names:
            found.setdefault(fault, f"{name}{OF_A_FAULT}")
    return found


def told_of_fault(store: DynamoTable, number: str, event: e.FaultEvent) -> Iterator[Told]:
    """Return what an event of a fault says."""
    match event:
        case e.FaultOpened(fault=fault):
            yield ("fault opened", fault.clause, "")
        case e.ReportJoined(report=report):
            yield ("report joined", None, report.source)
        case e.FaultTimerFired(timer=timer, clause=clause):
            yield (f"due: {timer}", clause, "")
        case e.FaultAcknowledged(at=at):
            taken = store.fault(number)
            assert taken is not None  # it has a history
            yield ("fault taken", None, "in time" if at <= taken.due else "late")
        case e.FaultEnded(end=end):
            yield (f"fault over: {end}", None, "")
        case e.AlarmWentQuiet():
            yield ("alarm went quiet", None, "")
        case e.FaultNoted(note=note):
            yield (f"letter about the fault: {note}", None, "")
        case _ if isinstance(event, _TOLD_BY_OTHERS):
            return
        case _:
            yield (event.type, None, "")


@dataclass(frozen=True, slots=True)
class PageSent:
    """A page that left by one of its channels."""

    fault: str
    item: str
    page: OutgoingPage
    channel: str
    """`page` for the topic, `sms`, or `page by mail`."""


def pages_sent(store: DynamoTable, faults: list[str], sent: Sent, people: People) -> Iterator[PageSent]:
    """Return the pages of faults that a file may be, in order; none for what is no page."""
    channel = _channel(sent, people)
    of = str(sent.message.get(FAULT_HEADER) or sent.ticket)
    for fault in (one for one in faults if channel and one == of):
        for key, state, body in store.outbox(fault):
            message = OUTGOING.validate_json(body)
            if state is OutboxState.SENT and isinstance(message, OutgoingPage) and _is_for(message, sent, people):
                yield PageSent(fault, key.item, message, channel)


def _channel(sent: Sent, people: People) -> str:
    if sent.is_page:
        return "page"
    if is_sms(sent):
        return "sms"
    return "page by mail" if people.by_address(sent.to) is not None else ""


def is_sms(sent: Sent) -> bool:
    """Return whether a file is a short message."""
    return not sent.is_page and sent.message.get("From") == PAGES_FROM


def _is_for(page: OutgoingPage, sent: Sent, people: People) -> bool:
    """Return whether a page is for whoever got the file: the level that subscribed, or somebody of that level."""
    if sent.is_page:
        return sent.page_level == page.level
    person = next((one for one in people.persons if sent.to in (one.phone, *one.addresses)), None)
    if person is None:
        return False
    level = PageLevel.ESCALATION if Role.ESCALATION in person.roles else PageLevel.ON_CALL
    return level is page.level
