"""Whether a service is asked for that the regulation excludes, or a fault is somebody else's.

Clauses: «Мои документы онлайн» 3.1 to 3.4; Storeolis 2.4 and 2.6.
"""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from domain.findings import Category, Finding, Outcome, Rule, Value
from domain.intake.words import Phrases, find_phrases, without_quotations
from domain.letter import Letter


class ScopeItem(Value):
    """One excluded service, or one kind of other people's faults."""

    clause: Annotated[str, Field(pattern=r"^\d+(\.\d+)*$")]
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    summary: str
    """What is excluded, as it is told to the client after «запрос касается»."""
    phrases: Phrases
    """How it is asked for, within one sentence."""
    together_with: Phrases = ()
    """Where given, one of these must stand somewhere in the letter as well."""
    unless: Phrases = ()
    """A sentence with one of these does not count; the rule's own `guards` do the same for all items."""
    third_party: bool = False
    """True for a fault of another vendor: the client is advised to turn to it."""


class ScopeRule(Rule):
    """The excluded services, an item each."""

    items: tuple[ScopeItem, ...]
    guards: Phrases = ()
    """Words of a fault or a negation: the sentence reports something and asks for no service."""


def examine(letter: Letter, rule: ScopeRule) -> tuple[Finding, ScopeItem | None]:
    """Return the finding, and the item that matched (MDO 3.1-3.4; Storeolis 2.4, 2.6).

    Quoted passages are left out. Of several items, the one with most sentences for it is taken.
    """
    text = without_quotations(f"{re.sub(r'[.!?]*$', '', letter.subject)}.\n{letter.visible_text}")
    best: tuple[int, tuple[str, ...], ScopeItem] | None = None
    for item in rule.items:
        hits = find_phrases(text, item.phrases, item.unless if item.third_party else (*item.unless, *rule.guards))
        if not hits:
            continue
        with_ = find_phrases(text, item.together_with, item.unless)
        if item.together_with and not with_:
            continue
        evidence = tuple(dict.fromkeys((*hits, *with_)))
        if best is None or len(evidence) > best[0]:
            best = (len(evidence), evidence, item)
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


def category_of(item: ScopeItem) -> Category:
    """Return the category of a letter that `item` matched."""
    return Category.THIRD_PARTY if item.third_party else Category.OUT_OF_SCOPE
