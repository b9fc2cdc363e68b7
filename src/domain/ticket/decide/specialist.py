"""What a specialist does, by mail or at the command line. Each act says why where it cannot be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from domain.findings import Mode, Outcome
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide.critical import is_critical, raise_critical
from domain.ticket.decide.draft import MAX_TEXT, Draft, Params
from domain.ticket.decide.letters import letter_added, tell_team
from domain.ticket.decide.unprompted import (
    acknowledge,
    ask_for_a_specialist,
    lapse_clock,
    promise_reaction,
    question_left,
    reopen,
)
from domain.ticket.ticket import AskedFor, CloseOutcome, Status


def act(draft: Draft, command: c.SpecialistAct) -> str | None:
    """Carry out what a specialist does; return why it cannot be done, in which case the draft is dropped."""
    if len(command.text) > MAX_TEXT:
        return f"the text is longer than {MAX_TEXT} characters: put it into a file and send a link"
    if command.letter is not None:
        draft.record(letter_added(command.letter, "specialist"))
    refused = _ACTS[command.act](draft, command)
    if refused is None and command.letter is not None and command.letter.attachments:
        tell_team(draft, command.letter, None, note="Вложения этого письма клиенту не переданы: пришлите ему ссылку.")
    return refused


def _react(draft: Draft, command: c.SpecialistAct) -> None:
    """Stop the reaction clock (MDO 2.1 and 2.2). A specialist who takes an incomplete request makes it count from its arrival."""
    ticket = draft.ticket
    if ticket.status is not Status.CLOSED:
        if ticket.identification.missing:
            settled = ticket.identification.model_copy(update={"missing": ()})
            draft.record(e.DetailsGiven(at=draft.now, identification=settled))
        if ticket.reaction is None:
            promise_reaction(draft, ticket.arrived_at)
        if ticket.status is Status.AWAITING_REQUESTER and ticket.returns_to is Status.OPEN:
            draft.record(e.WaitEnded(at=draft.now, returns_to=Status.OPEN))
        draft.record(e.Reacted(at=draft.now, by=command.by, act=command.act))
    _acknowledge_critical(draft, command.by)


def _acknowledge_critical(draft: Draft, by: str) -> None:
    critical = draft.ticket.critical
    if critical is not None and critical.runs:
        draft.record(e.CriticalAcknowledged(at=draft.now, by=by))


def _act_reply(draft: Draft, command: c.SpecialistAct) -> str | None:
    if unsendable := _unsendable(draft, command):
        return unsendable
    _react(draft, command)
    if draft.ticket.status is Status.AWAITING_REQUESTER:
        # The desk goes on by itself: what was asked before must not lapse over it.
        draft.record(e.WaitEnded(at=draft.now, returns_to=draft.ticket.returns_to))
    draft.record(e.SpecialistWrote(at=draft.now, by=command.by, text=command.text))
    draft.mail_client("reply", {"text": command.text}, clause=command.clause, automatic=False)
    return None


def _unsendable(draft: Draft, command: c.SpecialistAct) -> str | None:
    if not command.text.strip():
        return f"nothing to send: {command.act} needs a text"
    if not draft.ticket.requester.address:
        return "there is no address to write to: the letter named no author"
    return None


def _can_be_written_to(draft: Draft) -> bool:
    return draft.ticket.status is not Status.CLOSED and bool(draft.ticket.requester.address)


def _act_ask(draft: Draft, command: c.SpecialistAct) -> str | None:
    ready = question_left(draft.ticket)
    if ready is not None and not command.text.strip() and _can_be_written_to(draft):
        ask_for_a_specialist(draft, ready, command.by)
        _acknowledge_critical(draft, command.by)
        return None
    return _wait_for(draft, command, AskedFor.QUESTION)


def _act_solve(draft: Draft, command: c.SpecialistAct) -> str | None:
    return _wait_for(draft, command, AskedFor.SOLUTION)


def _wait_for(draft: Draft, command: c.SpecialistAct, asked_for: AskedFor) -> str | None:
    if draft.ticket.status is Status.CLOSED:
        return "the ticket is closed: reopen it first"
    if unsendable := _unsendable(draft, command):
        return unsendable
    _react(draft, command)
    clock = lapse_clock(draft, asked_for)
    draft.record(e.WaitStarted(at=draft.now, by=command.by, clock=clock))
    draft.record(e.SpecialistWrote(at=draft.now, by=command.by, text=command.text))
    term = draft.term(clock.due, clock.undecreed_years) if clock.lapses else {}
    params: Params = {"text": command.text, **term}
    draft.mail_client(asked_for, params, clause=clock.clause if clock.lapses else None, automatic=False)
    return None


def _act_take(draft: Draft, command: c.SpecialistAct) -> str | None:
    if draft.ticket.status is Status.CLOSED:
        return "the ticket is closed: reopen it first"
    _react(draft, command)
    return None


def _act_refuse(draft: Draft, command: c.SpecialistAct) -> str | None:
    """Refuse by a clause: the one named, or the one that a rule suggests."""
    ticket = draft.ticket
    if ticket.status is Status.CLOSED:
        return "the ticket is closed already"
    refusals = [found for found in ticket.suggestions if found.outcome is Outcome.REFUSE]
    suggested = next((found for found in refusals if command.clause in (None, found.clause)), None)
    clause = command.clause or (suggested.clause if suggested else None)
    if clause is None:
        return "name the clause the refusal rests on (--clause): no rule suggests one"
    if draft.edition.clause_summary(clause) is None:
        known = ", ".join(found.number for found in draft.edition.clauses)
        return f"the edition of {draft.edition.name} has no clause {clause}; it has {known}"
    _react(draft, command)
    if suggested is not None:
        draft.record(e.SuggestionSettled(at=draft.now, by=command.by, rule=suggested.rule, confirmed=True))
    reason = suggested.reason if suggested is not None else "by_specialist"
    if command.text:
        draft.record(e.SpecialistWrote(at=draft.now, by=command.by, text=command.text))
    draft.record(e.Closed(at=draft.now, by=command.by, outcome=CloseOutcome.REFUSED, reason=reason, clause=clause))
    params = {"text": command.text, "summary": draft.edition.clause_summary(clause) or ""}
    draft.mail_client("refused", params, clause=clause, automatic=False)
    return None


def _act_close(draft: Draft, command: c.SpecialistAct) -> str | None:
    if draft.ticket.status is Status.CLOSED:
        return "the ticket is closed already"
    _react(draft, command)
    if command.text:
        draft.record(e.SpecialistWrote(at=draft.now, by=command.by, text=command.text))
    draft.record(e.Closed(at=draft.now, by=command.by, outcome=command.outcome, reason="by_specialist"))
    draft.mail_client("closed", {"text": command.text}, clause=None, automatic=False)
    return None


def _act_reopen(draft: Draft, command: c.SpecialistAct) -> str | None:
    """Work on a closed ticket again; where the desk itself had refused it, that overturns the rule."""
    ticket = draft.ticket
    if ticket.status is not Status.CLOSED:
        return f"the ticket is not closed: it is {ticket.status}"
    _overturn(draft, command.by)
    reopen(draft, by=command.by, reason="by_specialist", at=draft.now)
    acknowledge(draft, "reopened")
    return None


def _act_accept(draft: Draft, command: c.SpecialistAct) -> str | None:
    """Overturn what the rules found, whether they acted on it or only suggest it, and take the request."""
    if draft.ticket.status is Status.CLOSED:
        return _act_reopen(draft, command)
    _overturn(draft, command.by)
    _react(draft, command)
    return None


def _overturn(draft: Draft, by: str) -> None:
    for found in draft.ticket.findings:
        if found.matched and found.mode is not Mode.OFF and found.outcome in (Outcome.ASK, Outcome.REFUSE):
            draft.record(e.SuggestionSettled(at=draft.now, by=by, rule=found.rule, confirmed=False))


def _act_note(draft: Draft, command: c.SpecialistAct) -> str | None:
    if not command.text.strip():
        return "a note needs a text"
    draft.record(e.SpecialistWrote(at=draft.now, by=command.by, text=command.text, to_client=False))
    return None


def _act_priority(draft: Draft, command: c.SpecialistAct) -> str | None:
    """Set the priority, which moves no deadline (MDO 2.3)."""
    draft.record(e.PrioritySet(at=draft.now, by=command.by, priority=command.priority))
    return None


def _act_critical(draft: Draft, command: c.SpecialistAct) -> str | None:
    if draft.ticket.status is Status.CLOSED:
        return "the ticket is closed: reopen it first"
    if is_critical(draft.ticket):
        return "the fault is critical already"
    raise_critical(draft, since=draft.now, by=command.by, evidence=(command.text[:500],) if command.text else ())
    return None


def _act_withdraw_critical(draft: Draft, command: c.SpecialistAct) -> str | None:
    if not is_critical(draft.ticket):
        return "the ticket is no critical fault"
    draft.record(e.CriticalWithdrawn(at=draft.now, by=command.by, reason=command.text))
    return None


def _act_acknowledge(draft: Draft, command: c.SpecialistAct) -> str | None:
    critical = draft.ticket.critical
    if critical is None or not is_critical(draft.ticket):
        return "the ticket is no critical fault: take it instead"
    if not critical.runs:
        return f"acknowledged already by {critical.acknowledged_by}"
    _react(draft, command)
    return None


_ACTS: Mapping[c.Act, Callable[[Draft, c.SpecialistAct], str | None]] = {
    c.Act.REPLY: _act_reply,
    c.Act.ASK: _act_ask,
    c.Act.SOLVE: _act_solve,
    c.Act.TAKE: _act_take,
    c.Act.REFUSE: _act_refuse,
    c.Act.CLOSE: _act_close,
    c.Act.REOPEN: _act_reopen,
    c.Act.ACCEPT: _act_accept,
    c.Act.NOTE: _act_note,
    c.Act.PRIORITY: _act_priority,
    c.Act.CRITICAL: _act_critical,
    c.Act.WITHDRAW_CRITICAL: _act_withdraw_critical,
    c.Act.ACKNOWLEDGE: _act_acknowledge,
}
