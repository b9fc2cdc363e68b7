"""What is done about a fault: somebody acts on it, its time comes, and its tickets are told what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.change import commit_decided, ticket_change
from application.placing import Placed, fault_change, place_report, ref_of
from application.ports import Faults, TicketsToChange
from application.storage import Commit
from domain.fault import commands as f
from domain.fault.decide import FaultDecision, decide_fault
from domain.fault.fault import Fault, FaultRef, Member, Telling
from domain.fault.numbers import is_fault_number
from domain.regulation.editions import edition_named
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.ticket import Ticket

__all__ = ["FaultActed", "Placed", "act_on_fault", "fault_of", "place_report", "tell"]

MARKED_EVERY = 20
"""Tickets after which it is marked how far the telling has got: a telling that dies looks at so many once more."""


class FaultsAndTickets(Faults, TicketsToChange, Protocol):
    """Where faults and their tickets are read and written."""


@dataclass(frozen=True, slots=True)
class FaultActed:
    """A command on a fault, decided and, where anything follows from it, committed."""

    before: Fault
    decision: FaultDecision


def fault_of(store: FaultsAndTickets, number: str) -> Fault | None:
    """Return a fault by its own number, or by that of one of its tickets; None where there is none."""
    if is_fault_number(number):
        return store.fault(number)
    ticket = store.ticket(number)
    critical = ticket.critical if ticket is not None else None
    return store.fault(critical.fault) if critical is not None and critical.fault else None


def act_on_fault(
    store: FaultsAndTickets, number: str, command: f.FaultCommand, clock: Callable[[], datetime]
) -> FaultActed | None:
    """Carry out a command on a fault; None where there is no such fault.

    Nothing is written where the command is refused or nothing follows from it. Raises Conflict after TRIES.
    """
    acted: FaultActed | None = None

    def decide_now(_numbers_taken: int) -> Commit | None:
        nonlocal acted
        fault = store.fault(number)
        if fault is None:
            acted = None
            return None
        now = clock()
        acted = FaultActed(fault, decide_fault(fault, command, edition_named(fault.desk, fault.edition), now))
        change = fault_change(fault, acted.decision)
        return Commit(at=now, faults=(change,)) if change is not None else None

    commit_decided(store, decide_now, f"fault {number}")
    return acted


def tell(store: FaultsAndTickets, number: str, clock: Callable[[], datetime], has_time: Callable[[], bool]) -> int:
    """Tell the tickets of a fault what became of it, while `has_time()` says so; return how many were told anything.

    Each ticket is told by a commit of its own, which does nothing the second time, and each reporter by one letter,
    on the first of the reporter's tickets on which one can be written. What is left is told by the next call. A ticket that
    joins a fault which somebody has in hand is told as it joins, so that those that are members as this begins are all.
    """
    told = 0
    while (fault := store.fault(number)) is not None and fault.telling and has_time():
        some, is_done = _tell_news(store, fault, clock, has_time)
        told += some
        if not is_done:
            break
    return told


def _tell_news(
    store: FaultsAndTickets, fault: Fault, clock: Callable[[], datetime], has_time: Callable[[], bool]
) -> tuple[int, bool]:
    """Tell the tickets of a fault the first of its news, as far as there is time; return how many, and whether all are told.

    One that fails keeps none of the others back; it is come back to.
    """
    telling, members = fault.telling[0], store.members(fault.id)
    left = [member for member in members if member.ticket > telling.upto]
    told, upto, failure, is_cut_short = 0, telling.upto, None, False
    for place, member in enumerate(left, 1):
        if is_cut_short := not has_time():
            break
        try:
            told += _tell_reporter(store, fault, telling, member, members, clock)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other reporters are told, and it is raised then
            failure = failure or error
        upto = member.ticket if failure is None else upto
        if failure is None and place % MARKED_EVERY == 0:
            act_on_fault(store, fault.id, f.MarkTold(telling.news, upto), clock)
    is_done = failure is None and not is_cut_short
    if is_done:
        _correct_who_left(store, fault, telling, clock)
    if is_done or upto != telling.upto:
        act_on_fault(store, fault.id, f.MarkTold(telling.news, upto, is_done), clock)
    if failure is not None:
        raise failure
    return told, is_done


def _correct_who_left(store: FaultsAndTickets, fault: Fault, telling: Telling, clock: Callable[[], datetime]) -> None:
    """Let tickets that have left know that the fault was taken in time; they are written nothing of it."""
    news = c.FaultNews(fault.id, telling.news, telling.by, telling.at, tells=False, has_left=True)
    members = {member.ticket for member in store.members(fault.id)}
    for ticket in fault.left:
        if ticket not in members:
            _tell(store, ref_of(fault), ticket, news, clock)


def _tell_reporter(
    store: FaultsAndTickets,
    fault: Fault,
    telling: Telling,
    member: Member,
    members: list[Member],
    clock: Callable[[], datetime],
) -> int:
    """Tell all tickets of a member's reporter at the first of them, so that one that leaves meanwhile is no second first."""
    own = [other for other in members if other.reporter == member.reporter] if member.reporter else [member]
    if own[0].ticket != member.ticket:
        return 0
    told = 0
    # A ticket that joined after the others were told is no reason for another letter.
    is_written = len(own) > 1 and any(_was_written_to(store.ticket(one.ticket), fault, telling) for one in own)
    for one in own:
        others = tuple(other.ticket for other in own if other.ticket != one.ticket)
        news = c.FaultNews(
            fault.id,
            telling.news,
            telling.by,
            telling.at,
            tells=not is_written,
            others=others,
            text=telling.text,
        )
        after, changed = _tell(store, ref_of(fault), one.ticket, news, clock)
        told += changed
        is_written = is_written or _was_written_to(after, fault, telling)
    return told


def _tell(
    store: FaultsAndTickets, ref: FaultRef, number: str, news: c.FaultNews, clock: Callable[[], datetime]
) -> tuple[Ticket | None, bool]:
    """Tell one ticket; return it as it is then, and whether that was news to it."""
    after: Ticket | None = None

    def decide_now(_numbers_taken: int) -> Commit | None:
        nonlocal after
        ticket = after = store.ticket(number)
        if ticket is None:
            return None
        now = clock()
        decision = decide(ticket, news, edition_named(ticket.desk, ticket.edition), now, fault=ref)
        change = ticket_change(ticket, decision)
        after = change.after if change is not None else ticket
        return Commit(at=now, ticket=change) if change is not None else None

    commit = commit_decided(store, decide_now, f"ticket {number}")
    return after, commit is not None


def _was_written_to(ticket: Ticket | None, fault: Fault, telling: Telling) -> bool:
    """Return whether the requester has been told the news by a letter on a ticket, now or before, since the fault is back."""
    clock = ticket.critical if ticket is not None else None
    known = (*clock.told_of_others, *clock.told) if clock is not None else ()
    told = (one for one in known if one.fault == fault.id and one.by_letter)
    since = fault.reopened_at
    return any(one.news is telling.news and (since is None or one.at >= since) for one in told)
