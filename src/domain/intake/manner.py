"""What a letter sounds like: a linear model's word beside the phrases of the rules.

A house rule: no regulation knows of it. A rule's phrase counts as evidence beside the model's score, so that each makes
up for what the other misses: no list of phrases holds all the ways of telling an outage, and no manner of speaking
says which service is asked for. What the model alone finds is a suggestion by the clause of the rule that it stands in
for; only a fault that sounds critical beyond doubt wakes somebody, where the desk's rule of critical faults acts by
itself and this one does, too. Where the model is sure of the contrary, a phrase alone wakes nobody and proposes no
refusal: of a fault the specialist is still told. It never refuses, closes or asks.
"""

from __future__ import annotations

from domain.findings import Finding, Mode, Outcome, Rule
from domain.intake.password import mask_secrets
from domain.letter import Letter
from domain.russian.letter_model import Reading, model_of, phrases, read

SUSPECTED = "critical_suspected"
"""Reason of a finding that leaves to a specialist whether a fault is critical."""
DOUBTED = 0.38
"""A phrase of a rule counts where the letter, or a sentence or two of it, sound at least so likely what the rule says. Of
the letters of unseen writers in which a rule has found a phrase, nine of ten that do are what it says, for each rule."""
_BARE = 5
"""Words, at most, of a new text that consists of what the rule has found in it."""
_LETTERS_READ = 2_000
"""Characters by which the language of a letter is known."""
_SOUNDS = {
    "critical": "похоже на критический сбой",
    "password": "похоже на просьбу восстановить доступ",
    "scope": "похоже на просьбу об услуге",
    "third": "похоже на сбой у другой компании",
    "unclear": "задача из письма не ясна",
}
"""What the evidence says first, by the model's label."""


class MannerRule(Rule):
    """How far the model is heard: `automatic` lets it wake somebody, `suggest` only suggest, `off` not at all."""


def hear(letter: Letter, rule: MannerRule) -> Reading | None:
    """Return what the model says of a letter's subject and new text; None where it is not heard, or knows no language.

    Secrets are read by nobody: any word of a letter may be cited as evidence.
    """
    if rule.mode is Mode.OFF or _is_foreign(letter):
        return None
    return read(mask_secrets(letter.subject), mask_secrets(letter.visible_text))


def _is_foreign(letter: Letter) -> bool:
    """Return whether most letters of a text are not Cyrillic: the model has learnt from Russian alone."""
    letters = [sign for sign in f"{letter.subject} {letter.visible_text}"[:_LETTERS_READ] if sign.isalpha()]
    return sum("\u0400" <= sign <= "\u052f" for sign in letters) * 2 < len(letters)


def with_manner(found: Finding, heard: Reading | None, rule: MannerRule) -> Finding:
    """Return the finding on critical faults with the model's word for or against it (MDO 2.1)."""
    if heard is None:
        return found
    if found.matched:
        return _suspected(found, heard) if _is_doubted(heard, "critical") else found
    score, limits = heard.scores["critical"], model_of()
    if score >= limits.certain["critical"] and rule.mode is Mode.AUTOMATIC:
        return _heard(found, heard, "critical", found.mode)
    return _suspected(found, heard) if score >= limits.suggested["critical"] else found


def password_with_manner(found: Finding, heard: Reading | None) -> Finding:
    """Return the finding on passwords with the model's word for or against a request (Storeolis 1.1)."""
    if heard is None:
        return found
    if found.matched and found.reason == "password_change":
        if not _is_doubted(heard, "password"):
            return found
        in_clear = "password_in_clear" in found.params
        params = {"password_in_clear": "yes"} if in_clear else {}
        return found.model_copy(update={"matched": in_clear, "reason": "password_in_clear", "params": params})
    if heard.scores["password"] < model_of().suggested["password"]:
        return found
    added = {"reason": "password_change", "evidence": (*found.evidence, *_evidence(heard, "password"))}
    return found.model_copy(update={**added, "matched": True, "mode": _at_most_suggested(found.mode)})


def clarity_with_manner(found: Finding, heard: Reading | None) -> Finding:
    """Return the finding on clarity, with the model's word where the rule has found enough words (Storeolis 2.2)."""
    if found.matched or heard is None or heard.scores["unclear"] < model_of().certain["unclear"]:
        return found
    return _heard(found, heard, "unclear", _at_most_suggested(found.mode))


def scope_with_manner(
    found: Finding,
    heard: Reading | None,
    clause_of_others: str | None,
    *,
    general_clause: str | None = None,
    beyond_doubt: bool = False,
) -> Finding:
    """Return the finding on what support does not render, with the model's word for or against it.

    `clause_of_others` is the clause of faults of other companies (MDO 3.1-3.4; Storeolis 2.4), `general_clause` that of
    the rule, which takes the place of the clause of a service or a company whose phrase is doubted. `beyond_doubt` tells that
    the letter itself bears the rule out.
    """
    if heard is None:
        return found
    labels = {"out_of_scope": "scope", "third_party": "third"}
    if found.matched:
        if beyond_doubt or not _is_doubted(heard, labels[found.reason]):
            return found
        clause = general_clause or found.clause
        found = found.model_copy(update={"matched": False, "evidence": (), "params": {}, "clause": clause})
    label = max(labels.values(), key=lambda one: heard.scores[one])
    if heard.scores[label] < model_of().suggested[label]:
        return found
    clause = clause_of_others if label == "third" and clause_of_others else found.clause
    reason = "third_party" if label == "third" else "out_of_scope"
    outside = found.model_copy(update={"reason": reason, "outcome": Outcome.REFUSE, "clause": clause})
    return _heard(outside, heard, label, _at_most_suggested(found.mode))


def _is_doubted(heard: Reading, label: str) -> bool:
    """Return whether nothing in a letter sounds like what a phrase of the rule says.

    Beside an alarm of a few words, «Сервер лежит», «Нас взломали», there is nothing that could speak against it; and nothing
    is doubted that may stand in a sentence which the model has not read.
    """
    if heard.has_more:
        return False
    is_bare_alarm = label == "critical" and len(heard.said) - heard.subject_words <= _BARE
    return not is_bare_alarm and heard.loudest(label) < DOUBTED


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
