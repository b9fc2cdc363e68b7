"""What a letter sounds like: a linear model's word beside the phrases of the rules.

A house rule: no regulation knows of it. A rule's phrase counts as evidence beside the model's score, so that each makes
up for what the other misses: no list of phrases holds all the ways of telling an outage, and no manner of speaking
says which service is asked for. What the model alone finds is a suggestion by the clause of the rule that it stands in
for; only a fault that sounds critical beyond doubt wakes somebody, where the desk's rule of critical faults acts by
itself and this one does, too. Where the model is sure of the contrary, a phrase alone wakes nobody and proposes no
refusal: of a fault the specialist is still told. It never refuses, closes or asks.
"""

from __future__ import annotations

import math

from domain.findings import Finding, Mode, Outcome, Rule
from domain.letter import Letter
from domain.russian.letter_model import Reading, model_of, phrases, read

SUSPECTED = "critical_suspected"
"""Reason of a finding that leaves to a specialist whether a fault is critical."""
SAID_BY_A_RULE = 2.0
"""What a phrase of the rule adds to the model's log odds. Set by hand, by what unseen writers' letters showed."""
_SOUNDS = {
    "critical": "похоже на критический сбой",
    "password": "похоже на просьбу восстановить доступ",
    "scope": "похоже на просьбу об услуге",
    "third": "похоже на сбой у другой компании",
}
"""What the evidence says first, by the model's label."""


class MannerRule(Rule):
    """How far the model is heard: `automatic` lets it wake somebody, `suggest` only suggest, `off` not at all."""


def hear(letter: Letter, rule: MannerRule) -> Reading | None:
    """Return what the model says of a letter's subject and new text; None where it is not heard."""
    return None if rule.mode is Mode.OFF else read(letter.subject, letter.visible_text)


def with_manner(found: Finding, heard: Reading | None, rule: MannerRule) -> Finding:
    """Return the finding on critical faults with the model's word for or against it (MDO 2.1)."""
    if heard is None:
        return found
    score, limits = _score(heard, "critical", said=found.matched), model_of()
    if score >= limits.certain["critical"]:
        if found.matched:
            return found
        pages = rule.mode is Mode.AUTOMATIC
        return _suspected(found, heard) if not pages else _heard(found, heard, "critical", found.mode)
    if found.matched or score >= limits.suggested["critical"]:
        return _suspected(found, heard)
    return found


def password_with_manner(found: Finding, heard: Reading | None) -> Finding:
    """Return the finding on passwords with the model's word for or against a request (Storeolis 1.1)."""
    asked = found.matched and found.reason == "password_change"
    if heard is None:
        return found
    if _is_heard(heard, "password", said=asked):
        if asked:
            return found
        added = {"reason": "password_change", "evidence": (*found.evidence, *_evidence(heard, "password"))}
        return found.model_copy(update={**added, "matched": True, "mode": _at_most_suggested(found.mode)})
    if not asked:
        return found
    in_clear = "password_in_clear" in found.params
    params = {"password_in_clear": "yes"} if in_clear else {}
    return found.model_copy(update={"matched": in_clear, "reason": "password_in_clear", "params": params})


def scope_with_manner(found: Finding, heard: Reading | None, clause_of_others: str | None) -> Finding:
    """Return the finding on what support does not render, with the model's word for or against it.

    `clause_of_others` is the clause of faults of other companies (MDO 3.1-3.4; Storeolis 2.4).
    """
    if heard is None:
        return found
    labels = {"out_of_scope": "scope", "third_party": "third"}
    said = labels[found.reason] if found.matched else None
    scores = {label: _score(heard, label, said=label == said) for label in labels.values()}
    label = max(scores, key=lambda one: scores[one])
    if scores[label] < model_of().suggested[label]:
        return found.model_copy(update={"matched": False, "evidence": (), "params": {}})
    if label == said:
        return found
    clause = clause_of_others if label == "third" and clause_of_others else found.clause
    reason = "third_party" if label == "third" else "out_of_scope"
    outside = found.model_copy(update={"reason": reason, "outcome": Outcome.REFUSE, "clause": clause, "params": {}})
    return _heard(outside, heard, label, _at_most_suggested(found.mode))


def _score(heard: Reading, label: str, *, said: bool) -> float:
    """Return how likely a letter is of a label, given whether a phrase of the rule says so."""
    score = min(max(heard.scores[label], 1e-9), 1 - 1e-9)
    odds = math.log(score / (1 - score)) + (SAID_BY_A_RULE if said else 0.0)
    return 1 / (1 + math.exp(-odds))


def _is_heard(heard: Reading, label: str, *, said: bool) -> bool:
    return _score(heard, label, said=said) >= model_of().suggested[label]


def _heard(found: Finding, heard: Reading, label: str, mode: Mode) -> Finding:
    return found.model_copy(update={"matched": True, "evidence": _evidence(heard, label), "mode": mode})


def _suspected(found: Finding, heard: Reading) -> Finding:
    """Return a fault as one that a specialist decides about."""
    evidence = found.evidence if found.matched else _evidence(heard, "critical")
    mode = _at_most_suggested(found.mode)
    return found.model_copy(update={"matched": True, "evidence": evidence, "mode": mode, "reason": SUSPECTED})


def _evidence(heard: Reading, label: str) -> tuple[str, ...]:
    """Return the phrases that weighed most."""
    return tuple(f"{_SOUNDS[label]}: «{phrase}»" for phrase in phrases(heard, label))


def _at_most_suggested(mode: Mode) -> Mode:
    return Mode.OFF if mode is Mode.OFF else Mode.SUGGEST
