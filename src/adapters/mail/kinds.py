"""What kind of letter it is, by its structure first, its headers next, and its words last.

Each test returns its evidence: a sentence in English without personal data. The order is the safer one:
a letter that might be automatic is never answered, so that no loop starts (RFC 3834 section 2). That forbids to
answer it, not to read it: a field that may be stamped on a person's words leaves the letter readable (`unanswered`).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from adapters.mail.clues import (
    Clues,
    auto_submitted,
    automatic_header,
    from_robot,
    has_words,
    list_header,
    says_answered,
    says_forwarded,
    stamped_header,
)
from adapters.mail.headers import first
from adapters.mail.report_kinds import bounce, bounce_by_words, complaint, receipt, receipt_by_words
from domain.letter import ByProgram, LetterKind, Verdict
from domain.russian.absence import (
    ACKNOWLEDGES,
    ASKS,
    AUTOMATIC,
    is_acknowledgement,
    is_notice_of_absence,
    subject_of_absence,
)

OWN_HEADER, OWN_TICKET_HEADER = "x-reglament-desk", "x-reglament-ticket"


@dataclass(frozen=True, slots=True)
class Judged:
    """What kind of letter it is, and why."""

    kind: LetterKind
    evidence: str
    """The header, verdict or phrase that made it so."""
    by_words: bool = False
    """Words alone did, which may mislead."""
    unanswered: bool = False
    """A machine may have written it, and a person's words may be in it: it is read, and nothing automatic answers it."""


def judge(clues: Clues) -> Judged:
    """Return the kind of a letter: what the first test that finds anything says."""
    for kind, test in _TESTS:
        evidence = test(clues)
        if evidence:
            return Judged(kind, evidence, test in _BY_WORDS, test in _STAMPED)
    kind, evidence = _correspondence(clues)
    for mark in (_robots_address, _calendar_part, _own_header, _automatic_subject):
        marked = mark(clues)
        if marked:
            return Judged(kind, f"{evidence}; {marked}, so nothing automatic answers it", unanswered=True)
    return Judged(kind, evidence)


def _correspondence(clues: Clues) -> tuple[LetterKind, str]:
    if says_forwarded(clues.subject):
        return LetterKind.REQUEST, "the subject says that the letter is forwarded"
    if clues.answers:
        return LetterKind.REPLY, "In-Reply-To or References is present"
    if says_answered(clues.subject) and clues.has_quote:
        return LetterKind.REPLY, "the subject says that it is an answer, and an earlier letter is quoted"
    return LetterKind.REQUEST, "a person's letter that answers none"


def _robots_address(clues: Clues) -> str:
    return "the address is a robot's" if from_robot(clues) else ""


def _own_header(clues: Clues) -> str:
    return "a header of a desk's own letters is present" if first(clues.fields, OWN_HEADER) is not None else ""


def _automatic_subject(clues: Clues) -> str:
    return "the subject is that of an automatic answer" if subject_of_absence(clues.subject) else ""


def _calendar_part(clues: Clues) -> str:
    return "a calendar object is beside the words" if clues.contents.calendar_method is not None else ""


def _virus(clues: Clues) -> str:
    return "the virus verdict of SES is FAIL" if clues.verdicts.virus is Verdict.FAIL else ""


def _spam(clues: Clues) -> str:
    return "the spam verdict of SES is FAIL" if clues.verdicts.spam is Verdict.FAIL else ""


# --- reports ---------------------------------------------------------------------------------------------


# --- automatic letters -----------------------------------------------------------------------------------


def _own(clues: Clues) -> str:
    """By marks of ours, and by more than one: a form of the desk's own site writes from its address too."""
    if first(clues.fields, OWN_HEADER) is None:
        return ""
    if first(clues.fields, OWN_TICKET_HEADER) is not None or automatic_header(clues) or stamped_header(clues):
        return "the headers are those of a letter that a desk sent"
    return ""


def _reaction(clues: Clues) -> str:
    return (
        "a mail program's reaction: emoji, and no words of a person" if clues.by_program is ByProgram.REACTION else ""
    )


def _recall(clues: Clues) -> str:
    says_so = clues.by_program is ByProgram.RECALL
    return "the subject and the text are a mail program's: a letter is recalled" if says_so else ""


_INVITATION_ANSWERED = re.compile(
    r"\W*(?:(?:[^\n.!?]{1,120}\s)?(?:принял[аи]?|отклонил[аи]?|accepted|declined|tentatively\s+accepted|has\s+(?:accepted|declined))\b[^\n]{0,40}"
    r"\b(?:приглашени\w+|встреч\w+|мероприяти\w+|invitation|meeting|event)\b[^\n]{0,120}|(?:не\s+)?принято|отклонено|под\s+вопросом|accepted|declined|tentative)\W*",
    re.IGNORECASE,
)
"""The text that a calendar program puts beside its answer to an invitation."""


def _calendar(clues: Clues) -> str:
    """A calendar object alone; beside words of a person it is a file (RFC 5546 section 1.4 has the text for people)."""
    method = clues.contents.calendar_method
    if method is None:
        return ""
    said = clues.visible.strip()
    if has_words(said) and not (method in ("REPLY", "COUNTER") and _INVITATION_ANSWERED.fullmatch(said[:_SHORT])):
        return ""
    return f"a calendar object is the body (method {method or 'not named'})"


_FIRST_MEMBER = re.compile(r'\{\s*"[\w.-]{1,80}"\s*:')
_SHORT = 800


def _auto_replied(clues: Clues) -> str:
    """Answers of machines to one person, by their headers."""
    evidence = automatic_header(clues)
    # An answer answers something: on a letter that does not, an old script's header says no more than a stamp does.
    is_answer = clues.answers or says_answered(clues.subject) or any("replied" in one for one in auto_submitted(clues))
    return evidence if is_answer or not has_words(clues.visible) else ""


def _marked_as_answer(clues: Clues) -> str:
    return automatic_header(clues)


def _acknowledges(clues: Clues) -> str:
    """Another desk's robot: it acknowledges what it was sent, or answers and calls itself automatic."""
    opening = clues.visible[:_SHORT]
    by_machine = stamped_header(clues) or list_header(clues) or (from_robot(clues) and "a robot's address")
    if not by_machine or ASKS.search(opening):
        return ""
    answers = clues.answers or says_answered(clues.subject)
    if ACKNOWLEDGES.search(opening) or (answers and AUTOMATIC.search(opening)):
        return f"{by_machine}, and the text acknowledges a letter"
    return ""


def _stamped(clues: Clues) -> str:
    return stamped_header(clues)


def _vacation(clues: Clues) -> str:
    opening = clues.visible[:_SHORT]
    if subject_of_absence(clues.subject) and not ASKS.search(opening):
        return "the subject is that of an automatic answer"
    if len(clues.visible) <= _SHORT and is_notice_of_absence(opening):
        return "the text is a notice of absence"
    if len(clues.visible) <= _SHORT and is_acknowledgement(opening):
        return "the text is a machine's acknowledgement, and says so"
    return ""


def _data(clues: Clues) -> str:
    return (
        "a robot's address, and the text is data for a program" if from_robot(clues) and _is_data(clues.visible) else ""
    )


def _is_data(text: str) -> bool:
    """True for one JSON object, such as Amazon SNS mails to its subscribers; a footer may follow it."""
    start = text.lstrip()
    return start.startswith("{") and bool(_FIRST_MEMBER.match(start))


_TESTS: tuple[tuple[LetterKind, Callable[[Clues], str]], ...] = (
    (LetterKind.VIRUS, _virus),
    (LetterKind.SPAM, _spam),
    (LetterKind.COMPLAINT, complaint),
    (LetterKind.RECEIPT, receipt),
    (LetterKind.BOUNCE, bounce),
    (LetterKind.BOUNCE, bounce_by_words),
    (LetterKind.OWN, _own),
    (LetterKind.RECEIPT, receipt_by_words),
    (LetterKind.AUTO_REPLY, _reaction),
    (LetterKind.AUTO_REPLY, _recall),
    (LetterKind.CALENDAR, _calendar),
    (LetterKind.AUTO_REPLY, _auto_replied),
    (LetterKind.AUTO_REPLY, _data),
    (LetterKind.AUTO_REPLY, _vacation),
    (LetterKind.AUTO_REPLY, _acknowledges),
    (LetterKind.LIST, list_header),
    (LetterKind.AUTO_REPLY, _stamped),
    (LetterKind.AUTO_REPLY, _marked_as_answer),
)
_BY_WORDS = (bounce_by_words, receipt_by_words, _reaction, _recall, _vacation, _acknowledges)
"""Tests that a person's letter may meet as well: such a letter is not answered, but shown to somebody."""
_STAMPED = (list_header, _stamped, _marked_as_answer)
"""Tests by a header that says how a letter travelled, and not that no person wrote it."""
