"""What a specialist's letter asks the desk to do: a word alone on its first line, or else an answer to the client."""

from __future__ import annotations

from collections.abc import Mapping

from domain.letter import Letter
from domain.regulation.edition import Edition
from domain.russian.absence import may_be_notice_of_absence
from domain.ticket.commands import Act, SpecialistAct
from domain.trust import Deed, may

WORDS: Mapping[str, Act] = {
    "ответ": Act.REPLY,
    "вопрос": Act.ASK,
    "решение": Act.SOLVE,
    "беру": Act.TAKE,
    "взять": Act.TAKE,
    "отказ": Act.REFUSE,
    "отказать": Act.REFUSE,
    "закрыть": Act.CLOSE,
    "открыть": Act.REOPEN,
    "принять": Act.ACCEPT,
    "заметка": Act.NOTE,
    "критично": Act.CRITICAL,
    "не критично": Act.WITHDRAW_CRITICAL,
    "принято": Act.ACKNOWLEDGE,
}
"""The words a specialist may put alone on the first line of an answer."""


def is_specialist(letter: Letter, edition: Edition) -> bool:
    """Return whether a letter speaks for the desk: only a verified address of its specialists does."""
    return (
        letter.sender is not None
        and may(letter.trust, Deed.SPEAK_FOR_THE_DESK)
        and letter.sender.address in edition.desk.specialists
    )


def read_act(letter: Letter, by: str) -> SpecialistAct:
    """Return what a specialist's letter asks for; without a word of the table it is a reply to the client."""
    act, rest = _word(letter)
    if act is None:
        return SpecialistAct(Act.REPLY, by, letter.visible_text.strip(), letter=letter)
    return SpecialistAct(act, by, rest.strip(), letter=letter)


def seems_absent(letter: Letter) -> bool:
    """Return whether a letter may be a machine's or a notice of absence; a word of the table says that a person wrote it."""
    act, _ = _word(letter)
    by_machine = letter.kind_by_words or letter.null_path or letter.unanswered
    return act is None and (by_machine or may_be_notice_of_absence(letter.visible_text))


def _word(letter: Letter) -> tuple[Act | None, str]:
    first, _, rest = letter.visible_text.strip().partition("\n")
    return WORDS.get(first.strip().rstrip(".:!").casefold()), rest
