"""Whether a letter reports a fault that somebody is woken for.

Clauses: «Мои документы онлайн» 2.1 (critical faults round the clock, 5 minutes); elsewhere a house rule.
Urgency words alone are not enough: signs of the desk's own definition are weighed, sentence by sentence.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from domain.findings import Finding, Outcome, Rule, Value
from domain.intake.words import Phrases, found_in, sentences, without_quotations
from domain.letter import Letter


class Sign(Value):
    """One sign of a critical fault."""

    name: str
    """What it says, for the specialist: «данные пропали»."""
    weight: Annotated[int, Field(gt=0)]
    phrases: Phrases


class CriticalityRule(Rule):
    """The desk's definition of a critical fault."""

    threshold: Annotated[int, Field(gt=0)]
    """The weight at which a fault is critical; signs add up over two neighbouring sentences."""
    signs: tuple[Sign, ...]
    guards: Phrases = ()
    """Past and done, denied, asked about or only feared: a sentence with one of these gives no sign."""
    minor: Phrases = ()
    """What narrows the fault to one person or one function: it outweighs all signs but those named in `graver`."""
    graver: tuple[str, ...] = ()
    """Names of signs that nothing makes minor, such as a leak."""


def examine(letter: Letter, rule: CriticalityRule) -> Finding:
    """Return whether the letter reports a critical fault (MDO 2.1), with the signs it rests on."""
    text = without_quotations(f"{letter.subject}\n{letter.visible_text}", longer_than=3)
    weighed: list[list[tuple[Sign, str]]] = []
    is_minor = False
    for sentence in sentences(text):
        if found_in(sentence, rule.minor):
            is_minor = True
        if found_in(sentence, rule.guards):
            weighed.append([])
            continue
        weighed.append([(sign, hit) for sign in rule.signs if (hit := found_in(sentence, sign.phrases))])
    best: dict[str, tuple[Sign, str]] = {}
    for at in range(len(weighed)):
        near = {
            sign.name: (sign, hit) for sign, hit in (*weighed[at], *(weighed[at + 1] if at + 1 < len(weighed) else ()))
        }
        if sum(sign.weight for sign, _ in near.values()) > sum(sign.weight for sign, _ in best.values()):
            best = near
    if is_minor:
        best = {name: found for name, found in best.items() if name in rule.graver}
    score = sum(sign.weight for sign, _ in best.values())
    matched = score >= rule.threshold
    return Finding(
        rule="criticality",
        clause=rule.clause,
        mode=rule.mode,
        matched=matched,
        evidence=tuple(f"{sign.name}: «{hit}»" for sign, hit in best.values()) if matched else (),
        outcome=Outcome.ACCEPT,
        reason="critical",
    )
