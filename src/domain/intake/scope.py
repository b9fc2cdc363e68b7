"""Whether a service is asked for that the regulation excludes, or a fault is somebody else's.

Clauses: «Мои документы онлайн» 3.1 to 3.4; Storeolis 2.4 and 2.6.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from domain.findings import Category, Finding, Outcome, Rule, Value
from domain.intake.words import Phrases, compiled, find_phrases, found_in, sentences, without_quotations
from domain.letter import Letter


class ScopeItem(Value):
    """One excluded service, or one kind of other people's faults."""

    clause: Annotated[str, Field(pattern=r"^\d+(\.\d+)*$")]
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    summary: str
    """What is excluded, as it is told to the client after «запрос касается»."""
    phrases: Phrases = ()
    """How it is asked for, within one sentence."""
    names: dict[str, Phrases] = {}
    """What else counts as `phrases`: names of other vendors by what they are to people («банк»)."""
    together_with: Phrases = ()
    """Where given, one of these must stand somewhere in the letter as well."""
    fails: Phrases = ()
    """Or one of these in a sentence of `phrases` itself: the vendor does what fails."""
    introduced_by: tuple[str, ...] = ()
    """A vendor after one of these words is on the way, not at fault: «через Госуслуги», «обмен с 1С»."""
    through: Phrases = ()
    """A sentence with one of these speaks of our side of a vendor's service, so `fails` does not count there."""
    unless: Phrases = ()
    """A sentence with one of these does not count; the rule's own `guards` do the same for all items."""
    cleared: Phrases = ()
    """One of these in a sentence of `phrases` says that the vendor is not to blame: the letter is not about it."""
    ours: Phrases = ()
    """A letter with one of these, anywhere, lays the fault to us."""
    third_party: bool = False
    """True for a fault of another vendor: the client is advised to turn to it."""


class ScopeRule(Rule):
    """The excluded services, an item each."""

    items: tuple[ScopeItem, ...]
    guards: Phrases = ()
    """Words of a fault or a negation: the sentence reports something and asks for no service."""


def examine(letter: Letter, rule: ScopeRule) -> tuple[Finding, ScopeItem | None]:
    """Return the finding, and the item that matched (MDO 3.1-3.4; Storeolis 2.4, 2.6).

    Quoted passages are left out. A service that is asked for goes before a vendor
    that is blamed; of several items, the one with most sentences for it is taken.
    """
    text = without_quotations(f"{re.sub(r'[.!?]*$', '', letter.subject)}.\n{letter.visible_text}")
    best: tuple[tuple[bool, int], tuple[str, ...], ScopeItem] | None = None
    for item in rule.items:
        evidence = _evidence(text, item, rule)
        weight = (not item.third_party, len(evidence))
        if evidence and (best is None or weight > best[0]):
            best = (weight, evidence, item)
    item_found = best[2] if best else None
    clause = item_found.clause if item_found and not rule.house_rule else rule.clause
    return (
        Finding(
            rule="scope",
            clause=clause,
            mode=rule.mode,
            matched=best is not None,
            evidence=tuple(f"«{words}»" for words in best[1]) if best else (),
            outcome=Outcome.REFUSE,
            reason="third_party" if item_found and item_found.third_party else "out_of_scope",
            params={"item": item_found.summary, "item_id": item_found.id} if item_found else {},
        ),
        item_found,
    )


def _evidence(text: str, item: ScopeItem, rule: ScopeRule) -> tuple[str, ...]:
    """Return the words that speak for `item`; none where it is not meant."""
    if find_phrases(text, item.ours):
        return ()
    phrases = (*item.phrases, *(name for names in item.names.values() for name in names))
    hits = find_phrases(text, phrases, item.unless if item.third_party else (*item.unless, *rule.guards))
    if not hits or not (item.together_with or item.fails):
        return hits
    naming = [sentence for sentence in sentences(text) if found_in(sentence, phrases)]
    if any(found_in(sentence, item.cleared) for sentence in naming):
        return ()
    with_ = find_phrases(text, item.together_with, item.unless)
    fails = tuple(
        hit
        for sentence in naming
        if _is_subject(sentence, phrases, item.introduced_by)
        and not found_in(sentence, (*item.unless, *item.through))
        and (hit := found_in(sentence, item.fails))
    )
    return tuple(dict.fromkeys((*hits, *with_, *fails))) if with_ or fails else ()


def _is_subject(sentence: str, phrases: Phrases, introduced_by: tuple[str, ...]) -> bool:
    """Return whether one of `phrases` stands in `sentence` without a word of `introduced_by` before it."""
    named = compiled(phrases)
    return named is not None and any(
        sentence[: found.start()].split()[-1:] not in ([word] for word in introduced_by)
        for found in named.finditer(sentence)
    )


def category_of(item: ScopeItem) -> Category:
    """Return the category of a letter that `item` matched."""
    return Category.THIRD_PARTY if item.third_party else Category.OUT_OF_SCOPE
