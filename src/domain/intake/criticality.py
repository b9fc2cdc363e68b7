"""Whether a letter reports a fault that somebody is woken for.

Clauses: «Мои документы онлайн» 2.1 (critical faults round the clock, 5 minutes); elsewhere a house rule.
Urgency words alone are not enough: signs of the desk's own definition are weighed, sentence by sentence, and what
is over, asked about, planned, told by others or one person's own gives none.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property
from itertools import pairwise
from typing import Annotated

from pydantic import Field

from domain.findings import Finding, Outcome, Rule, Value
from domain.letter import Letter
from domain.russian.phrases import ListsByKey, Phrases, found_in, found_in_any, near
from domain.russian.words import Sentences, sentences, without_quotations, words

_FEWEST_WORDS = 3
"""A sentence; fewer words are a greeting or a heading."""


class SignKind(StrEnum):
    """What sort of fault a sign is of."""

    OUTAGE = "outage"
    DATA = "data"
    """Data are lost or wrong."""
    SECURITY = "security"


class Sign(Value):
    """One sign of a critical fault."""

    name: str
    """What it says, for the specialist: «данные пропали»."""
    weight: Annotated[int, Field(gt=0)]
    kind: SignKind = SignKind.OUTAGE
    """What sort of fault it is a sign of: a leak reported during an outage is another fault."""
    phrases: Phrases
    unless: Phrases = ()
    """A sentence with one of these gives not this sign: a part is named instead of the whole."""


class CriticalityRule(Rule):
    """The desk's definition of a critical fault."""

    threshold: Annotated[int, Field(gt=0)]
    """The weight at which a fault is critical; signs add up over two neighbouring sentences."""
    signs: tuple[Sign, ...]
    guards: Phrases = ()
    """Past and done, denied, asked about, planned or only feared: a sentence with one of these gives no sign."""
    told: Phrases = ()
    """A letter with one of these tells of no fault at all: an exercise, a press question, a swindler's letter."""
    over: Phrases = ()
    """The fault is over: what was said before it gives no sign; said in the subject, it covers the whole letter."""
    again: Phrases = ()
    """It is not over after all: `over` does not count in a letter with one of these."""
    minor: Phrases = ()
    """What narrows the fault to one person or one function: it outweighs all signs but those named in `graver`."""
    not_minor: Phrases = ()
    """A sentence with one of these narrows nothing: «не только у меня»."""
    graver: tuple[str, ...] = ()
    """Names of signs that nothing makes minor, such as a leak."""

    @cached_property
    def lists(self) -> ListsByKey:
        """The phrases of all signs, in their order."""
        return ListsByKey(sign.phrases for sign in self.signs)


Hits = dict[str, tuple[Sign, str]]


def examine(letter: Letter, rule: CriticalityRule) -> Finding:
    """Return whether the letter reports a critical fault (MDO 2.1), with the signs it rests on."""
    best = _strongest(_weighed(letter, rule))
    matched = _weight(best) >= rule.threshold
    return Finding(
        rule="criticality",
        clause=rule.clause,
        mode=rule.mode,
        matched=matched,
        evidence=tuple(f"{sign.name}: «{hit}»" for sign, hit in best.values()) if matched else (),
        outcome=Outcome.ACCEPT,
        reason="critical",
    )


_GOES_ON = frozenset("но однако кроме еще также другое другой другая but also another".split())
"""Words with which a letter goes on to what is not over."""


def is_over(text: str, rule: CriticalityRule) -> bool:
    """Return whether a text says that a fault is over, and neither asks, goes on, nor leads over to a quotation."""
    if "?" in text or any(line.rstrip().endswith(":") for line in text.split("\n")):
        return False
    said = sentences(_text(text))
    if not found_in_any(said, rule.over) or found_in_any(said, rule.again):
        return False
    return _GOES_ON.isdisjoint(words(text))


def _weighed(letter: Letter, rule: CriticalityRule) -> list[Hits]:
    """Return the signs that count, by sentence."""
    subject = sentences(_text(letter.subject))
    if letter.subject.rstrip().endswith("?"):
        subject = Sentences()  # «Взлом?»: a doubt, and the letter says more
    said = Sentences((*subject, *sentences(_text(letter.visible_text))))
    may_be = rule.lists.candidates(said.keys)
    signs = [sign for at, sign in enumerate(rule.signs) if at in may_be and found_in_any(said, sign.phrases)]
    if not signs or found_in_any(said, rule.told):
        return []
    begins = 0
    if not found_in_any(said, rule.again):
        ended = near(said, rule.over)
        over = [at for at, sentence in enumerate(said) if found_in(sentence, ended)]
        begins = len(said) if over and over[0] < len(subject) else max(over, default=-1) + 1
    minor = near(said, rule.minor)
    is_minor = any(found_in(sentence, minor) and not found_in(sentence, rule.not_minor) for sentence in said)
    heads = _explained(said, len(subject))
    signs = [sign for sign in signs if not is_minor or sign.name in rule.graver]
    weighed: list[Hits] = []
    for at in range(begins, len(said)):
        sentence, explained = said[at], heads.get(at, said[at])
        hits = {
            sign.name: (sign, hit)
            for sign in signs
            if (hit := found_in(sentence, sign.phrases)) and not found_in(explained, sign.unless)
        }
        weighed.append({} if hits and found_in(explained, rule.guards) else hits)
    return weighed


def _explained(said: tuple[str, ...], subjects: int) -> dict[int, str]:
    """Return the sentences of a subject that is but a heading, «Взлом» or «Не работает», with what explains each.

    What such a heading is about, the first sentence after the greeting says.
    """
    first = next((sentence for sentence in said[subjects:] if len(sentence.split()) >= _FEWEST_WORDS), "")
    return {at: f"{said[at]} {first}" for at in range(subjects) if len(said[at].split()) < _FEWEST_WORDS}


def _strongest(weighed: list[Hits]) -> Hits:
    """Return the signs of the two neighbouring sentences that weigh most together."""
    near = [*({**one, **next_} for one, next_ in pairwise(weighed)), *weighed[-1:]]
    return max(near, key=_weight, default={})


def _weight(hits: Hits) -> int:
    return sum(sign.weight for sign, _ in hits.values())


def _text(text: str) -> str:
    return without_quotations(text, longer_than=3)
