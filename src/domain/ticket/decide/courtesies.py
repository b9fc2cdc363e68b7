"""A letter that only thanks, takes the request back or asks how it goes: nothing is promised for it (house rule).

Thanks and withdrawals reopen nothing and are answered by nobody; a closing stays a specialist's word. What has
a word that no courtesy has, is longer than a line, or joins a request that is not over, is put before the team with what was understood: a rule may be wrong.
"""

from __future__ import annotations

from datetime import datetime

from domain.findings import Classification, Finding
from domain.intake.courtesy import Courtesy, acts, is_plain
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide.draft import Draft
from domain.ticket.ticket import AskedFor, Status, Ticket
from domain.trust import Deed, may

_THANKS = "Похоже, клиент только благодарит: ответа это письмо не ждёт."
_STAYS_CLOSED = "Обращение осталось закрытым, клиенту ничего не отправлено. Если в письме есть вопрос, верните обращение в работу словом «открыть»."
_CONFIRMED = "Похоже, клиент подтверждает решение. Если это так, ответьте на это письмо одним словом «закрыть»: само обращение не закроется."
_WITHDRAWN = "Похоже, клиент снимает вопрос: {words}. Если это так, ответьте на это письмо одним словом «закрыть». Срок реакции, если он шёл, идёт по-прежнему."
_REMINDS = "Клиент спрашивает, как движется обращение."


def plain_courtesy(found: Classification) -> Courtesy | None:
    """Return which courtesy a letter is and handled as; None for any other letter, and where the rule does not act."""
    if found.courtesy is None or found.critical:
        return None
    rule = found.finding("courtesy")
    return Courtesy(found.courtesy) if rule is not None and acts(rule) else None


def settles_as_courtesy(ticket: Ticket, command: c.AddLetter, *, may_be_a_machines: bool) -> Courtesy | None:
    """Return the courtesy that a letter on a ticket is handled as; None where it is handled as any other letter.

    One that asks how it goes is a courtesy while nobody waits for the client. A letter in time on a request that lapsed
    over a question undoes that like any other, and what a machine may have written settles nothing that is open.
    """
    kind = plain_courtesy(command.classification)
    if may_be_a_machines and ticket.status is not Status.CLOSED:
        return None
    if kind is Courtesy.NUDGE:
        return kind if ticket.status in (Status.OPEN, Status.IN_PROGRESS) else None
    lapsed, received_at = ticket.lapsed, command.letter.envelope.received_at
    if kind is Courtesy.THANKS and lapsed is not None and lapsed.asked_for is not AskedFor.SOLUTION:
        return None if lapsed.asked_at <= received_at <= lapsed.due else kind
    return kind


def note_on(draft: Draft, command: c.AddLetter, kind: Courtesy, at: datetime) -> str:
    """Record what follows from a courtesy on its ticket, and return what the team is told of it; empty for nothing.

    `at` is when a wait for the client ends by it.
    """
    ticket = draft.ticket
    match kind:
        case Courtesy.NUDGE:
            return _REMINDS
        case _ if ticket.status is Status.CLOSED:
            rules = draft.edition.rules
            return "" if is_plain(command.letter, rules.courtesy, rules.clarity.filler) else _STAYS_CLOSED
        case Courtesy.WITHDRAWAL if ticket.lapse is None or ticket.lapse.asked_for is not AskedFor.SOLUTION:
            return _taken_back(draft, command)
        case _:
            return _thanked(draft, command, at)


def _thanked(draft: Draft, command: c.AddLetter, at: datetime) -> str:
    """Thanks for a solution, or a word that the request may be closed, accept it, and end the wait as any answer does; details that were asked for are still owed."""
    ticket, letter = draft.ticket, command.letter
    lapse, received_at = ticket.lapse, letter.envelope.received_at
    if lapse is None or lapse.asked_for is AskedFor.DETAILS or received_at < lapse.asked_at:
        return _THANKS
    if not may(letter.trust, Deed.STOP_A_LAPSE):
        return _THANKS
    draft.record(e.WaitEnded(at=at, returns_to=ticket.returns_to))
    return _CONFIRMED if lapse.asked_for is AskedFor.SOLUTION else _THANKS


def _taken_back(draft: Draft, command: c.AddLetter) -> str:
    """The request may be closed by a specialist's word; silence closes it no more, and no clock of the desk stops."""
    ticket, found = draft.ticket, command.classification.finding("courtesy")
    assert found is not None  # it says so
    if may(command.letter.trust, Deed.STOP_A_LAPSE):
        suspend_the_lapse(draft)
    if command.by_requester and found not in ticket.findings:
        findings = (*(one for one in ticket.findings if one.rule != "courtesy"), found)
        draft.record(e.FindingsRevised(at=draft.now, findings=findings, category=ticket.category))
    return _WITHDRAWN.format(words=", ".join(found.evidence))


def suspend_the_lapse(draft: Draft) -> None:
    """Let silence close nothing any more: somebody wrote, and the team is told."""
    if draft.ticket.lapse is not None and draft.ticket.lapse.lapses:
        draft.record(e.LapseSuspended(at=draft.now))


def ask_again(draft: Draft) -> None:
    """Let a request that was taken back be an ordinary one: the client has written something else since."""
    ticket = draft.ticket
    if is_taken_back(ticket.findings):
        findings = tuple(found for found in ticket.findings if found.rule != "courtesy")
        draft.record(e.FindingsRevised(at=draft.now, findings=findings, category=ticket.category))


def is_taken_back(findings: tuple[Finding, ...]) -> bool:
    """Return whether the client has taken the request back, as far as the rules see and nobody has overturned it."""
    return any(found.rule == "courtesy" and found.reason == Courtesy.WITHDRAWAL and found.matched for found in findings)
