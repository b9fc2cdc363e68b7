"""Letters about a fault, as the team reads them: the number, what has become of it, and the one word to answer."""

from __future__ import annotations

import pytest

from adapters.rendering import render_mail, text_of
from domain.fault.departure import leaving_of_fault
from domain.fault.fault import End
from domain.ticket.outgoing import OutgoingMail
from tests.support.builders import KEYS
from tests.support.fault_life import ANNA, NUMBER, TERMS, FaultLife, a_report, an_alarm, minutes


def _letters(*, drill: bool = False) -> dict[str, str]:
    """Return the text of each letter that a fault writes, by its template."""
    strangers = FaultLife(a_report(proved=False), bounded=True, drill=drill)
    late, corrected, false = FaultLife(drill=drill), FaultLife(drill=drill), FaultLife(drill=drill)
    late.sweep(5)
    late.take(7)
    late.sweep(7 + TERMS.remind_after_minutes)
    corrected.sweep(5)
    corrected.take(4, read=6)
    false.end(1, End.FALSE_ALARM)
    quiet, alone = FaultLife(an_alarm(), drill=drill), FaultLife(an_alarm(), drill=drill)
    quiet.join(a_report(minutes(1), ticket="T-2"))
    quiet.quiet(2)
    alone.quiet(2)
    alone.sweep(2 + TERMS.quiet_minutes)
    written = [
        (at, message, life.fault)
        for life in (strangers, late, corrected, false, quiet, alone)
        for at, message in life.written
        if isinstance(message, OutgoingMail)
    ]
    texts = {}
    for at, mail, fault in written:
        left = leaving_of_fault(mail, fault, at)
        if left is not None:
            addressed = left.model_copy(update={"to": left.to or "team@desk.example"})
            texts[left.kind] = text_of(render_mail(addressed, KEYS, at))
    return texts


LETTERS = _letters()
WORDS = (
    "«принято»",
    "«устранено»",
    "«ложная тревога»",
    "Отвечать на это письмо не нужно",
    "отвечать на это письмо не нужно",
)


def test_every_letter_about_a_fault_is_written_here() -> None:
    """Each template once."""
    assert LETTERS.keys() == {
        f"fault_{kind}"
        for kind in ("opened", "breach", "breach_corrected", "taken", "over", "false_alarm", "quiet", "remind")
    }


@pytest.mark.parametrize("kind", sorted(LETTERS))
def test_a_letter_about_a_fault_names_it_and_the_word_to_answer(kind: str) -> None:
    """Or says that none is needed."""
    assert NUMBER in LETTERS[kind]
    assert any(word in LETTERS[kind] for word in WORDS)


@pytest.mark.parametrize("kind", ["fault_opened", "fault_breach", "fault_breach_corrected", "fault_taken"])
def test_mdo_2_1_a_letter_that_names_the_promise_names_its_clause(kind: str) -> None:
    """«Критические сбои … не более 5 минут»."""
    assert "п. 2.1 Регламента" in LETTERS[kind]
    assert "03:05 (МСК)" in LETTERS[kind]


def test_a_letter_says_who_took_the_fault_and_when() -> None:
    """And in the reminder when it pages again."""
    assert f"Кто взял: {ANNA}. Когда: пятница, 1 января 2027 г., 03:07 (МСК)." in LETTERS["fault_taken"]
    assert "Иначе дежурного вызовут снова: пятница, 1 января 2027 г., 07:07 (МСК)." in LETTERS["fault_remind"]


def test_an_exercise_says_so_in_every_letter() -> None:
    """Nobody takes it for a fault."""
    assert all("Это учебная тревога" in text for text in _letters(drill=True).values())
