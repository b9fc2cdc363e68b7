"""Questions that an instruction answers: a link in the acknowledgement, while the ticket stays open.

Clause: Storeolis 2.5 (standard questions may be answered by links). The questions are the desk's data,
`desks/<desk>/faq.toml`.
"""

from __future__ import annotations

import math
import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import Field

from domain.findings import Finding, Mode, Outcome, Rule, Value
from domain.intake.words import Phrases, find_phrases, stem, words
from domain.letter import Letter

_DESKS = Path(__file__).parents[1] / "desks"


class Question(Value):
    """A standard question and the page that answers it."""

    id: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
    q: str
    url: Annotated[str, Field(pattern=r"^https?://")]
    hints: tuple[str, ...] = ()
    """The same asked in other words."""


class FaqRule(Rule):
    """When a letter is a standard question."""

    asks: Phrases
    """How a how-to question begins."""
    unless: Phrases
    """Words of a fault: what does not work is no question about how it works."""
    least_score: Annotated[float, Field(gt=0, le=1)] = 0.65
    """The share of a question's words, weighed by rarity, that the letter must have."""
    margin: Annotated[float, Field(ge=0, le=1)] = 0.12
    """By how much the best question must lead the next."""
    most_words: Annotated[int, Field(gt=0)] = 60
    """A longer letter asks more than a link can answer."""
    unimportant: tuple[str, ...] = ()
    """Words that are in every question."""


@cache
def questions_of(desk: str) -> tuple[Question, ...]:
    """Return the standard questions of a desk; none where it publishes no instructions.

    Raises `pydantic.ValidationError` or `tomllib.TOMLDecodeError` for a broken file.
    """
    path = _DESKS / desk / "faq.toml"
    if not path.exists():
        return ()
    return tuple(
        Question.model_validate(entry) for entry in tomllib.loads(path.read_text(encoding="utf-8"))["questions"]
    )


def examine(letter: Letter, rule: FaqRule, questions: tuple[Question, ...]) -> tuple[Finding, Question | None]:
    """Return the finding, and the question the letter asks (Storeolis 2.5)."""
    text = f"{letter.subject}\n{letter.visible_text}"
    asks = find_phrases(text, rule.asks)
    found: tuple[float, Question] | None = None
    if asks and not find_phrases(text, rule.unless) and len(words(letter.visible_text)) <= rule.most_words:
        found = _best(text, rule, questions)
    question = found[1] if found else None
    return (
        Finding(
            rule="faq",
            clause=rule.clause,
            mode=rule.mode,
            matched=question is not None,
            evidence=(f"«{asks[0]}»: {question.q} (сходство {found[0]:.0%})",) if question and found else (),
            outcome=Outcome.ACCEPT,
            reason="standard_question",
            params=_link(question) if question is not None and rule.mode is not Mode.OFF else {},
        ),
        question,
    )


def _link(question: Question) -> dict[str, str]:
    return {"faq_id": question.id, "faq_question": question.q, "faq_url": question.url}


@cache
def _variants(
    questions: tuple[Question, ...], unimportant: tuple[str, ...]
) -> tuple[tuple[Question, frozenset[str]], ...]:
    return tuple(
        (question, stems)
        for question in questions
        for text in (question.q, *question.hints)
        if (stems := _stems(text, unimportant))
    )


@cache
def _rarity(questions: tuple[Question, ...], unimportant: tuple[str, ...]) -> dict[str, float]:
    in_questions: Counter[str] = Counter()
    for question in questions:
        in_questions.update({s for text in (question.q, *question.hints) for s in _stems(text, unimportant)})
    return {s: math.log(1 + len(questions) / number) for s, number in in_questions.items()}


def _stems(text: str, unimportant: tuple[str, ...]) -> frozenset[str]:
    return frozenset(stem(word) for word in words(text) if word not in unimportant)


def _best(text: str, rule: FaqRule, questions: tuple[Question, ...]) -> tuple[float, Question] | None:
    asked = _stems(text, rule.unimportant)
    rarity = _rarity(questions, rule.unimportant)
    scores: dict[str, tuple[float, float, Question]] = {}
    for question, stems in _variants(questions, rule.unimportant):
        whole = sum(rarity[s] for s in stems)
        common = sum(rarity[s] for s in stems if s in asked)
        score = (common / whole, common, question)
        if question.id not in scores or score[:2] > scores[question.id][:2]:
            scores[question.id] = score
    ranked = sorted(scores.values(), key=lambda score: score[:2], reverse=True)
    if not ranked or ranked[0][0] < rule.least_score:
        return None
    if len(ranked) > 1 and ranked[0][0] - ranked[1][0] < rule.margin and ranked[0][1] - ranked[1][1] < 1.0:
        return None
    return (ranked[0][0], ranked[0][2])
