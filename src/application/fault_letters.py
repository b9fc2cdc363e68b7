"""Letters about a fault: an answer to a page, or to a letter to the team about it. What it asks for is done, or told back.

A letter is about a fault by the token it is addressed to, or as an answer to a letter about it. Only a proved address of the
desk's people asks for anything, and only in plain words: an unclear text acknowledges nothing, and nobody's word is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from application.aside import set_aside
from application.placing import fault_change
from application.ports import Faults
from application.recognise import ReadLetter
from application.storage import Commit, Found, LetterRecord
from domain.fault import commands as f
from domain.fault.answers import known_by
from domain.fault.decide import FaultDecision, decide_fault
from domain.fault.fault import End, Fault, FaultNote
from domain.fault.numbers import is_fault_number
from domain.intake.classify import mask_secrets
from domain.letter import Letter, LetterKind
from domain.people import People
from domain.regulation.editions import edition_named
from domain.russian.absence import may_be_notice_of_absence
from domain.russian.fault_words import FaultAnswer, FaultWord, read_fault_answer
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
DETACH_BY_HAND = "Чтобы обращение {ticket} стало отдельным сбоем, дайте команду reglament fault detach {ticket}; по почте это не делается."


class FaultsOfLetters(Faults, Protocol):
    """Where faults are read."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """A letter about a fault, as far as it is understood."""

    fault: Fault
    letter: Letter
    people: People
    now: datetime

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


def about_a_fault(read: ReadLetter, found: Found, number: str, store: FaultsOfLetters, now: datetime) -> Commit:
    """Return the commit for a letter about a fault: what it asks for is done, or it is told what was understood."""
    letter, fault = read.letter, store.fault(number)
    is_judged = letter.kind.is_correspondence and not may(letter.trust, Deed.BE_TAKEN_UP)
    if is_judged or _is_of_machines(letter):
        return set_aside(read, None, None, now, found.people)
    if fault is None:
        # A table that was restored does not know it: a person looks.
        return Commit(at=now, letter=_record(read, "ignored", f"unknown fault {number}", needs_attention=True))
    answer = _Answer(fault, letter, found.people, now)
    decisions, note = _decided(answer, store)
    change = fault_change(fault, _together(decisions))
    assert change is not None  # a letter is always noted
    return Commit(at=now, letter=_record(read, "message", f"fault_{note}: {number}"), faults=(change,))


def _is_of_machines(letter: Letter) -> bool:
    """Return whether a letter is set aside as any other of its kind: no person wrote it, and it is no notice of absence."""
    return not (letter.kind.is_correspondence or letter.kind is LetterKind.AUTO_REPLY or letter.unanswered)


def _decided(answer: _Answer, store: FaultsOfLetters) -> tuple[list[FaultDecision], FaultNote]:
    """Return what follows from a letter, step by step, and what it was taken for."""
    fault, letter = answer.fault, answer.letter
    if letter.message_id and known_by(letter.message_id) in fault.answers:
        return [_noted(answer, fault, FaultNote.COPY)], FaultNote.COPY
    said = read_fault_answer(letter.visible_text, fault.id)
    if _is_absence(letter, said):
        return [_noted(answer, fault, FaultNote.AWAY, AWAY)], FaultNote.AWAY
    if not answer.is_proved:
        return [_noted(answer, fault, FaultNote.UNPROVED, UNPROVED)], FaultNote.UNPROVED
    if letter.by_program is not None:
        return [_noted(answer, fault, FaultNote.PROGRAM, PROGRAM)], FaultNote.PROGRAM
    if said is None:
        return [_noted(answer, fault, FaultNote.UNCLEAR, UNCLEAR)], FaultNote.UNCLEAR
    if said.word is FaultWord.DETACH:
        told = _why_not_to_detach(said, fault, store)
        return [_noted(answer, fault, FaultNote.REFUSED, told)], FaultNote.REFUSED
    done = decide_fault(fault, _command(said, answer), edition_named(fault.desk, fault.edition), answer.now)
    if done.refused is not None:
        return [_noted(answer, fault, FaultNote.REFUSED, done.refused.russian)], FaultNote.REFUSED
    assert done.fault is not None  # of one that there was
    return [done, _noted(answer, done.fault, FaultNote.DONE)], FaultNote.DONE


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


def _why_not_to_detach(said: FaultAnswer, fault: Fault, store: FaultsOfLetters) -> str:
    is_of_it = any(member.ticket == said.ticket for member in store.members(fault.id))
    return (DETACH_BY_HAND if is_of_it else NOT_OF_IT).format(ticket=said.ticket)


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


def _together(decisions: Sequence[FaultDecision]) -> FaultDecision:
    """Return decisions of one letter as one: each was made on the fault that the one before left."""
    events = tuple(event for decision in decisions for event in decision.events)
    outgoing = tuple(message for decision in decisions for message in decision.outgoing)
    return FaultDecision(decisions[-1].fault, events, outgoing)


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
