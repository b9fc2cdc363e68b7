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
from domain.letter import Letter
from domain.russian.phrases import Phrases, find_phrases, found_in
from domain.russian.words import sentences, stem, words

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
    least_score: Annotated[float, Field(gt=0, le=1)] = 0.8
    """The share of a question's words, weighed by rarity, that the letter must have around where it asks."""
    margin: Annotated[float, Field(ge=0, le=1)] = 0.12
    """By how much the best question must lead the next."""
    least_lead: Annotated[float, Field(ge=0)] = 0.3
    """Or by how much more weight of words in common: of two that are asked in full, the one that says more."""
    most_words: Annotated[int, Field(gt=0)] = 140
    """A longer letter asks more than a link can answer."""
    unimportant: tuple[str, ...] = ()
    """Words that are in every question."""
    synonyms: tuple[Annotated[tuple[str, ...], Field(min_length=2)], ...] = ()
    """Groups of words that people use for the same; forms of one word are found without being listed."""


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
        found = _best(_around_asking(letter, rule), rule, questions)
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


def _around_asking(letter: Letter, rule: FaqRule) -> str:
    """Return the subject, and the sentences that ask with their neighbours: a longer letter tells of other things."""
    said = sentences(letter.visible_text)
    asking = {at for at, sentence in enumerate(said) if found_in(sentence, rule.asks)}
    near = (sentence for at, sentence in enumerate(said) if asking & {at - 1, at, at + 1})
    return "\n".join((letter.subject, *near))


class _Index:
    """The questions as the stems of their words, with how rare each is."""

    def __init__(self, questions: tuple[Question, ...], rule: FaqRule) -> None:
        self._unimportant = frozenset(rule.unimportant)
        self._meant = {stem(word): stem(name) for name, *others in rule.synonyms for word in (name, *others)}
        self.variants = tuple(
            (question, stems)
            for question in questions
            for text in (question.q, *question.hints)
            if (stems := self.stems(text))
        )
        asked_in = Counter(
            one for question in questions for one in {s for q, stems in self.variants if q is question for s in stems}
        )
        self.rarity = {one: math.log(1 + len(questions) / number) for one, number in asked_in.items()}

    def stems(self, text: str) -> frozenset[str]:
        """Return what the words of `text` mean, as stems, but for those that are in every question."""
        stems = (stem(word) for word in words(text) if word not in self._unimportant)
        return frozenset(self._meant.get(one, one) for one in stems)


@cache
def _index(questions: tuple[Question, ...], rule: FaqRule) -> _Index:
    return _Index(questions, rule)


def _best(text: str, rule: FaqRule, questions: tuple[Question, ...]) -> tuple[float, Question] | None:
    index = _index(questions, rule)
    asked = index.stems(text)
    scores: dict[str, tuple[float, float, Question]] = {}
    for question, stems in index.variants:
        whole = sum(index.rarity[one] for one in stems)
        common = sum(index.rarity[one] for one in stems if one in asked)
        score = (common / whole, common, question)
        if question.id not in scores or score[:2] > scores[question.id][:2]:
            scores[question.id] = score
    ranked = sorted(scores.values(), key=lambda score: score[:2], reverse=True)
    if not ranked or ranked[0][0] < rule.least_score:
        return None
    if len(ranked) > 1:
        ahead, heavier = ranked[0][0] - ranked[1][0], ranked[0][1] - ranked[1][1]
        if ahead < rule.margin and heavier < rule.least_lead:
            return None
    return (ranked[0][0], ranked[0][2])
