"""What a specialist does, by mail or at the command line. Each act says why where it cannot be done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from domain.findings import Mode, Outcome
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide.courtesies import is_taken_back
from domain.ticket.decide.critical import correct_with_the_fault, is_critical, raise_critical, settle_with_the_fault
from domain.ticket.decide.draft import MAX_TEXT, Draft, Params
from domain.ticket.decide.in_time import corrects_a_breach, kept_after_all, record_reaction, withdraw_critical
from domain.ticket.decide.letters import letter_added, not_before_the_question, tell_team
from domain.ticket.decide.term import give_missed_term_again, lapse_clock
from domain.ticket.decide.unprompted import (
    acknowledge,
    ask_for_a_specialist,
    promise_reaction,
    question_left,
    reopen,
)
from domain.ticket.refusals import Reason, Refusal
from domain.ticket.ticket import AskedFor, CloseOutcome, Status

_DONE: Mapping[c.Act, str] = {
    c.Act.TAKE: "Обращение взято в работу, срок реакции остановлен.",
    c.Act.ACCEPT: "Обращение принято, замечания правил сняты.",
    c.Act.REOPEN: "Обращение снова открыто.",
    c.Act.ACKNOWLEDGE: "Критический сбой взят в работу, вызовы прекращены.",
}
"""What was done by acts that write nothing to the client, although the letter may have a text for him."""
_ALREADY_CLOSED = "Обращение уже закрыто."
"""The same where the act came in time and is read after the closing."""
_TEXT_IS_HELD = "Текст этого письма клиенту не отправлен. Чтобы он ушёл клиенту как есть, ответьте на это письмо одним словом «ответ»."
_NO_FILES = "Вложения этого письма клиенту не переданы: пришлите ему ссылку."


def act(draft: Draft, command: c.SpecialistAct | c.HoldAnswer) -> Refusal | None:
    """Carry out what a specialist does; return why it cannot be done, in which case the draft is dropped."""
    if len(command.text) > MAX_TEXT:
        return Refusal(Reason.TEXT_TOO_LONG, {"limit": str(MAX_TEXT)})
    if isinstance(command, c.HoldAnswer):
        draft.record(letter_added(command.letter, "specialist"))
        _hold(draft, command)
        return None
    if command.letter is not None:
        draft.record(letter_added(command.letter, "specialist"))
    released = _released(draft, command)
    if isinstance(released, Refusal):
        return released
    command, was_paged = released, is_paged(draft)
    refused = _ACTS[command.act](draft, command)
    if refused is not None:
        return refused
    if draft.ticket.status is Status.CLOSED or not is_critical(draft.ticket):
        correct_with_the_fault(draft)  # it leaves its fault, and is told no more of that
    if was_paged and not is_paged(draft):
        give_missed_term_again(draft)
    if command.letter is None:
        return None
    if command.act in _DONE and command.text:
        done = _ALREADY_CLOSED if draft.ticket.status is Status.CLOSED else _DONE[command.act]
        note = f"{done} {_TEXT_IS_HELD}"
        _hold(draft, c.HoldAnswer(command.letter, command.by, command.text, c.HoldReason.TAKEN, note))
    elif command.letter.attachments:
        tell_team(draft, command.letter, None, note=_NO_FILES)
    return None


def is_paged(draft: Draft) -> bool:
    """Return whether nobody has taken the fault that the ticket reports, as far as the ticket knows."""
    return draft.ticket.critical is not None and draft.ticket.critical.runs


def _hold(draft: Draft, command: c.HoldAnswer) -> None:
    """Keep a specialist's letter until a word sends it, and tell the team what was understood; no clock stops."""
    draft.record(
        e.AnswerHeld(
            at=draft.now,
            by=command.by,
            letter=command.letter.envelope.ses_message_id,
            text=command.text,
            reason=command.reason,
            act=command.act,
            clause=command.clause,
        )
    )
    note = f"{command.note} {_NO_FILES}" if command.letter.attachments else command.note
    tell_team(draft, command.letter, letter_added(command.letter, "specialist"), note=note)


def _released(draft: Draft, command: c.SpecialistAct) -> c.SpecialistAct | Refusal:
    """Return the act that was held, where the letter is the word alone that releases it.

    Where several are held the word does not say which: a colleague's note must not go by the word for another letter.
    """
    held = draft.ticket.held
    if command.letter is None or held is None or command.act is not c.Act.REPLY or command.text.strip():
        return command
    if held.among_others:
        return Refusal(Reason.SEVERAL_HELD)
    draft.record(e.AnswerReleased(at=command.letter.envelope.received_at, by=command.by, letter=held.letter))
    return replace(command, act=c.Act(held.act), text=held.text, clause=held.clause)


def _acted_at(draft: Draft, command: c.SpecialistAct) -> datetime:
    """Return when a specialist acted: whether he was in time is judged by when SES received his letter."""
    return command.letter.envelope.received_at if command.letter is not None else draft.now


def _react(draft: Draft, command: c.SpecialistAct) -> None:
    react(draft, command.act, by=command.by, at=_acted_at(draft, command))


def react(draft: Draft, act: c.Act, *, by: str, at: datetime) -> None:
    """Stop the reaction clock (MDO 2.1 and 2.2). A specialist who takes an incomplete request makes it count from its arrival."""
    ticket = draft.ticket
    if ticket.status is not Status.CLOSED:
        if ticket.identification.missing:
            settled = ticket.identification.model_copy(update={"missing": ()})
            draft.record(e.DetailsGiven(at=at, identification=settled))
        if ticket.reaction is None:
            promise_reaction(draft, ticket.arrived_at)
        if ticket.status is Status.AWAITING_REQUESTER and ticket.returns_to is Status.OPEN:
            draft.record(e.WaitEnded(at=not_before_the_question(ticket, at), returns_to=Status.OPEN))
    record_reaction(draft, act, by=by, at=at)


def _act_reply(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    if unsendable := _unsendable(draft, command):
        return unsendable
    _react(draft, command)
    if draft.ticket.status is Status.AWAITING_REQUESTER:
        # The desk goes on by itself: what was asked before must not lapse over it.
        at = not_before_the_question(draft.ticket, _acted_at(draft, command))
        draft.record(e.WaitEnded(at=at, returns_to=draft.ticket.returns_to))
    draft.record(e.SpecialistWrote(at=_acted_at(draft, command), by=command.by, text=command.text))
    draft.mail_client("reply", {"text": command.text}, clause=command.clause, automatic=False)
    return None


def _unsendable(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    if not command.text.strip():
        by_mail = command.letter is not None and command.act is c.Act.REPLY
        return Refusal(Reason.NOTHING_HELD if by_mail else Reason.TEXT_MISSING, {"act": command.act})
    if not draft.ticket.requester.address:
        return Refusal(Reason.NO_ADDRESS)
    return None


def _can_be_written_to(draft: Draft) -> bool:
    return draft.ticket.status is not Status.CLOSED and bool(draft.ticket.requester.address)


def _act_ask(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    ready = question_left(draft.ticket)
    if ready is not None and not command.text.strip() and _can_be_written_to(draft):
        record_reaction(draft, command.act, by=command.by, at=_acted_at(draft, command))
        ask_for_a_specialist(draft, ready, command.by)
        return None
    return _wait_for(draft, command, AskedFor.QUESTION)


def _act_solve(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    return _wait_for(draft, command, AskedFor.SOLUTION)


def _wait_for(draft: Draft, command: c.SpecialistAct, asked_for: AskedFor) -> Refusal | None:
    if draft.ticket.status is Status.CLOSED:
        return Refusal(Reason.CLOSED)
    if unsendable := _unsendable(draft, command):
        return unsendable
    _react(draft, command)
    clock = lapse_clock(draft, asked_for)
    draft.record(e.WaitStarted(at=draft.now, by=command.by, clock=clock))
    draft.record(e.SpecialistWrote(at=_acted_at(draft, command), by=command.by, text=command.text))
    term = draft.term(clock.due, clock.undecreed_years) if clock.lapses else {}
    params: Params = {"text": command.text, **term}
    clause = clock.clause if clock.lapses else None
    draft.mail_client(asked_for, params, clause=clause, automatic=False, asked_at=clock.asked_at)
    return None


def _act_take(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    # Read after the closing, it may still show that the desk was in time.
    if draft.ticket.status is Status.CLOSED and not corrects_a_breach(draft.ticket, _acted_at(draft, command)):
        return Refusal(Reason.CLOSED)
    _react(draft, command)
    return None


def _act_refuse(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    """Refuse by a clause: the one named, or the one that a rule suggests."""
    ticket = draft.ticket
    if ticket.status is Status.CLOSED:
        return Refusal(Reason.CLOSED_ALREADY)
    refusals = [found for found in ticket.suggestions if found.outcome is Outcome.REFUSE]
    suggested = next((found for found in refusals if command.clause in (None, found.clause)), None)
    clause = command.clause or (suggested.clause if suggested else None)
    numbers = [found.number for found in draft.edition.clauses]
    listed = {"known": ", ".join(numbers), "example": numbers[-1] if numbers else ""}
    if clause is None:
        return Refusal(Reason.CLAUSE_MISSING, listed)
    if draft.edition.clause_summary(clause) is None:
        return Refusal(Reason.CLAUSE_UNKNOWN, {**listed, "edition": draft.edition.name, "clause": clause})
    _react(draft, command)
    if suggested is not None:
        draft.record(
            e.SuggestionSettled(at=_acted_at(draft, command), by=command.by, rule=suggested.rule, confirmed=True)
        )
    reason = suggested.reason if suggested is not None else "by_specialist"
    if command.text:
        draft.record(e.SpecialistWrote(at=_acted_at(draft, command), by=command.by, text=command.text))
    draft.record(e.Closed(at=draft.now, by=command.by, outcome=CloseOutcome.REFUSED, reason=reason, clause=clause))
    params = {"text": command.text, "summary": draft.edition.clause_summary(clause) or ""}
    draft.mail_client("refused", params, clause=clause, automatic=False)
    return None


def _close_outcome(draft: Draft, command: c.SpecialistAct) -> CloseOutcome:
    """Return how a request ends: as withdrawn where the client took it back before anybody reacted, and nothing is written."""
    ticket = draft.ticket
    is_plain = not command.text and command.outcome is CloseOutcome.RESOLVED
    is_withdrawn = is_plain and ticket.reacted_at is None and is_taken_back(ticket.findings)
    return CloseOutcome.WITHDRAWN if is_withdrawn else command.outcome


def _act_close(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    if draft.ticket.status is Status.CLOSED:
        return Refusal(Reason.CLOSED_ALREADY)
    outcome = _close_outcome(draft, command)
    _react(draft, command)
    if command.text:
        draft.record(e.SpecialistWrote(at=_acted_at(draft, command), by=command.by, text=command.text))
    draft.record(e.Closed(at=draft.now, by=command.by, outcome=outcome, reason="by_specialist"))
    draft.mail_client("closed", {"text": command.text}, clause=None, automatic=False)
    return None


def _act_reopen(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    """Work on a closed ticket again; where the desk itself had refused it, that overturns the rule."""
    ticket = draft.ticket
    if ticket.status is not Status.CLOSED:
        return Refusal(Reason.NOT_CLOSED, {"status": ticket.status})
    _overturn(draft, command)
    reopen(draft, by=command.by, reason="by_specialist", at=draft.now)
    acknowledge(draft, "reopened")
    return None


def _act_accept(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    """Overturn what the rules found, whether they acted on it or only suggest it, and take the request."""
    if draft.ticket.status is Status.CLOSED:
        return _act_reopen(draft, command)
    _overturn(draft, command)
    _react(draft, command)
    return None


def _overturn(draft: Draft, command: c.SpecialistAct) -> None:
    at = _acted_at(draft, command)
    for found in draft.ticket.findings:
        if found.matched and found.mode is not Mode.OFF and found.outcome in (Outcome.ASK, Outcome.REFUSE):
            draft.record(e.SuggestionSettled(at=at, by=command.by, rule=found.rule, confirmed=False))


def _act_note(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    if not command.text.strip():
        return Refusal(Reason.NOTE_EMPTY)
    draft.record(e.SpecialistWrote(at=_acted_at(draft, command), by=command.by, text=command.text, to_client=False))
    return None


def _act_priority(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    """Set the priority, which moves no deadline (MDO 2.3)."""
    draft.record(e.PrioritySet(at=_acted_at(draft, command), by=command.by, priority=command.priority))
    return None


def _act_critical(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    if draft.ticket.status is Status.CLOSED:
        return Refusal(Reason.CLOSED)
    if is_critical(draft.ticket):
        return _confirm_critical(draft, command)
    evidence = (command.text[:500],) if command.text else ()
    raise_critical(draft, since=_acted_at(draft, command), by=command.by, evidence=evidence)
    settle_with_the_fault(draft, is_told=False)
    return None


def _confirm_critical(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    """Let the word count that begins the pages of a fault for which strangers had nobody woken; its promise stays."""
    fault = draft.fault
    if fault is None or not fault.wakes_nobody:
        return Refusal(Reason.CRITICAL_ALREADY)
    draft.record(e.CriticalAdopted(at=_acted_at(draft, command), fault=fault.number, by=command.by))
    return None


def _act_withdraw_critical(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    if not is_critical(draft.ticket):
        return Refusal(Reason.NOT_CRITICAL)
    at = _acted_at(draft, command)
    withdraw_critical(draft, by=command.by, at=at, reason=command.text)
    return None


def _act_acknowledge(draft: Draft, command: c.SpecialistAct) -> Refusal | None:
    critical = draft.ticket.critical
    was_in_time = critical is not None and kept_after_all(critical, _acted_at(draft, command)) is not None
    if critical is None or not (is_critical(draft.ticket) or was_in_time):
        return Refusal(Reason.NOTHING_TO_ACKNOWLEDGE)
    if not critical.runs and not was_in_time and not _others_run(draft):
        return Refusal(Reason.ACKNOWLEDGED_ALREADY, {"by": critical.acknowledged_by or ""})
    _react(draft, command)
    return None


def _others_run(draft: Draft) -> bool:
    """Return whether the fault pages on though this ticket of it has been answered: its others have not."""
    fault = draft.fault
    return fault is not None and fault.acknowledged_at is None


_ACTS: Mapping[c.Act, Callable[[Draft, c.SpecialistAct], Refusal | None]] = {
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
