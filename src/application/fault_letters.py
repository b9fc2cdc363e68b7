"""Letters about a fault: an answer to a page, or to a letter to the team about it. What it asks for is done, or told back.

A letter is about a fault by the token it is addressed to, or as an answer to a letter about it. Only a proved address of the
desk's people asks for anything, and only in plain words: an unclear text acknowledges nothing, and nobody's word is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from application.aside import set_aside
from application.moving import KnowsTicketsAndFaults, detached
from application.placing import fault_change
from application.recognise import ReadLetter
from application.storage import Commit, Found, LetterRecord
from domain.fault import commands as f
from domain.fault.answers import known_by
from domain.fault.decide import FaultDecision, decide_fault
from domain.fault.events import FaultNoted
from domain.fault.fault import End, Fault, FaultNote
from domain.fault.numbers import is_fault_number
from domain.intake.classify import mask_secrets
from domain.letter import Letter, LetterKind
from domain.people import People
from domain.regulation.editions import edition_named
from domain.russian.absence import may_be_notice_of_absence
from domain.russian.fault_words import FaultAnswer, FaultWord, read_fault_answer
from domain.ticket.commands import ReportFault
from domain.ticket.outgoing import Audience
from domain.trust import Deed, may

_SHOWN = 2_000
"""Characters of a letter that the team is shown; the whole is in the bucket."""
_ENDS = {FaultWord.RESOLVE: End.RESOLVED, FaultWord.FALSE_ALARM: End.FALSE_ALARM}

UNCLEAR = (
    "Что нужно сделать, из письма неясно, поэтому не сделано ничего: сбой не принят и не закрыт. "
    "Ответьте, пожалуйста, ещё раз, одним словом из перечисленных ниже."
)
UNPROVED = (
    "Письмо пришло не с проверенного адреса сотрудника службы, поэтому по нему ничего не сделано. "
    "Если его написал сотрудник, пусть ответит со своего рабочего адреса."
)
AWAY = "Это автоответ: адресат, возможно, отсутствует и вызова не видит. Проверьте, кто сейчас дежурит (reglament oncall show)."
PROGRAM = (
    "Это отправила почтовая программа сама (реакция, отзыв или уведомление о прочтении): ответом оно не считается."
)
NOT_OF_IT = "Обращение {ticket} об этом сбое не сообщает, отделять нечего."


@dataclass(frozen=True, slots=True)
class _Answer:
    """A letter about a fault, as far as it is understood."""

    fault: Fault
    letter: Letter
    people: People
    now: datetime
    numbers_taken: int

    @property
    def by(self) -> str:
        """The address that the letter claims to be from; empty where it names none, or several."""
        return self.letter.sender.address if self.letter.sender is not None else ""

    @property
    def is_proved(self) -> bool:
        """Whether one of the desk's people is proved to have written it."""
        person = self.people.by_address(self.by) if self.by else None
        return person is not None and bool(person.roles) and may(self.letter.trust, Deed.SPEAK_FOR_THE_DESK)


def fault_answered(read: ReadLetter, found: Found) -> str | None:
    """Return the number of the fault that a letter is about; None where it is about none.

    A token says so whoever writes; an answer to a letter about a fault, without its token, only of the desk's people.
    """
    if read.token is not None:
        return read.token.ticket if read.token.audience is Audience.FAULT else None
    sender = read.letter.sender
    if sender is None or found.people.by_address(sender.address) is None:
        return None
    return next((number for _, number in found.by_message_id if is_fault_number(number)), None)


def about_a_fault(
    read: ReadLetter, found: Found, number: str, store: KnowsTicketsAndFaults, now: datetime, numbers_taken: int = 0
) -> Commit:
    """Return the commit for a letter about a fault: what it asks for is done, or it is told what was understood."""
    letter, fault = read.letter, store.fault(number)
    is_judged = letter.kind.is_correspondence and not may(letter.trust, Deed.BE_TAKEN_UP)
    if is_judged or _is_of_machines(letter):
        return set_aside(read, None, None, now, found.people)
    if fault is None:
        # A table that was restored does not know it: a person looks.
        return Commit(at=now, letter=_record(read, "ignored", f"unknown fault {number}", needs_attention=True))
    answer = _Answer(fault, letter, found.people, now, numbers_taken)
    said = read_fault_answer(letter.visible_text, fault.id)
    note, told = _without_effect(answer, said)
    if note is not None or said is None:
        return _committed(read, answer, [_noted(answer, fault, note or FaultNote.UNCLEAR, told)])
    if said.word is FaultWord.DETACH:
        return _detached(read, answer, said.ticket, store)
    done = decide_fault(fault, _command(said, answer), edition_named(fault.desk, fault.edition), now)
    if done.refused is not None or done.fault is None:
        why = done.refused.russian if done.refused is not None else ""
        return _committed(read, answer, [_noted(answer, fault, FaultNote.REFUSED, why)])
    return _committed(read, answer, [done, _noted(answer, done.fault, FaultNote.DONE)])


def _is_of_machines(letter: Letter) -> bool:
    """Return whether a letter is set aside as any other of its kind: no person wrote it, and it is no notice of absence."""
    return not (letter.kind.is_correspondence or letter.kind is LetterKind.AUTO_REPLY or letter.unanswered)


def _without_effect(answer: _Answer, said: FaultAnswer | None) -> tuple[FaultNote | None, str]:
    """Return what a letter is taken for that asks for nothing, with what is told of it; None where it asks for something."""
    letter = answer.letter
    if letter.message_id and known_by(letter.message_id) in answer.fault.answers:
        return FaultNote.COPY, ""
    if _is_absence(letter, said):
        return FaultNote.AWAY, AWAY
    if not answer.is_proved:
        return FaultNote.UNPROVED, UNPROVED
    if letter.by_program is not None:
        return FaultNote.PROGRAM, PROGRAM
    return (FaultNote.UNCLEAR, UNCLEAR) if said is None else (None, "")


def _is_by_machine(letter: Letter) -> bool:
    return letter.kind is LetterKind.AUTO_REPLY or letter.null_path


def _is_absence(letter: Letter, said: FaultAnswer | None) -> bool:
    """Return whether a mailbox has answered, and not its owner: in doubt nobody has acknowledged."""
    if _is_by_machine(letter) or may_be_notice_of_absence(letter.visible_text):
        return True
    return said is None and (letter.unanswered or letter.kind_by_words)


def _command(said: FaultAnswer, answer: _Answer) -> f.FaultCommand:
    """Return what a word asks of the fault. Whether it was in time is judged by when SES received the letter."""
    at = answer.letter.envelope.received_at
    if said.word is FaultWord.ACKNOWLEDGE:
        return f.AcknowledgeFault(answer.by, at)
    return f.EndFault(_ENDS[said.word], answer.by, at)


def _detached(read: ReadLetter, answer: _Answer, ticket: str, store: KnowsTicketsAndFaults) -> Commit:
    """Return the commit by which a ticket of the fault reports one of its own, which pages."""
    fault, why = answer.fault, NOT_OF_IT.format(ticket=ticket)
    is_of_it = any(member.ticket == ticket for member in store.members(fault.id))
    word = ReportFault(answer.by)
    moved = detached(store, ticket, word, answer.now, answer.numbers_taken) if is_of_it else None
    if moved is None or moved.commit is None:
        told = moved.refused.russian if moved is not None and moved.refused is not None else why
        return _committed(read, answer, [_noted(answer, fault, FaultNote.REFUSED, told)])
    left = next(change for change in moved.commit.faults if change.after.id == fault.id)
    noted = _noted(answer, left.after, FaultNote.DONE)
    assert noted.fault is not None  # of one that there is
    events, outgoing = (*left.events, *noted.events), (*left.outgoing, *noted.outgoing)
    others = [change for change in moved.commit.faults if change is not left]
    whole = replace(left, after=noted.fault, events=events, outgoing=outgoing)
    record = _record(read, "message", f"fault_{FaultNote.DONE}: {fault.id}")
    return replace(moved.commit, letter=record, faults=(*others, whole))


def _noted(answer: _Answer, fault: Fault, note: FaultNote, told: str = "") -> FaultDecision:
    letter = answer.letter
    command = f.NoteFault(
        by=answer.by,
        at=letter.envelope.received_at,
        letter=letter.envelope.ses_message_id,
        known_by=known_by(letter.message_id) if letter.message_id else "",
        note=note,
        text=mask_secrets(letter.visible_text[:_SHOWN]).strip(),
        told=told,
        to_writer=answer.is_proved and not _is_by_machine(letter),
    )
    return decide_fault(fault, command, edition_named(fault.desk, fault.edition), answer.now)


def _committed(read: ReadLetter, answer: _Answer, decisions: Sequence[FaultDecision]) -> Commit:
    """Return the commit of a letter's decisions: each was made on the fault that the one before left; the last one notes it."""
    events = tuple(event for decision in decisions for event in decision.events)
    outgoing = tuple(message for decision in decisions for message in decision.outgoing)
    change = fault_change(answer.fault, FaultDecision(decisions[-1].fault, events, outgoing))
    assert change is not None  # a letter is always noted
    note = next(event.note for event in reversed(events) if isinstance(event, FaultNoted))
    record = _record(read, "message", f"fault_{note}: {answer.fault.id}")
    return Commit(at=answer.now, letter=record, faults=(change,))


def _record(read: ReadLetter, outcome: str, reason: str, *, needs_attention: bool = False) -> LetterRecord:
    letter = read.letter
    ses_id = letter.envelope.ses_message_id
    return LetterRecord(
        desk=read.edition.desk.id,
        ses_message_id=ses_id,
        received_at=letter.envelope.received_at,
        kind=letter.kind,
        outcome=outcome,
        reason=reason,
        location=f"letters/{ses_id}",
        needs_attention=needs_attention,
        size=letter.size,
    )
