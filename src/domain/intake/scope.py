"""Whether a service is asked for that the regulation excludes, or a fault is somebody else's.

Clauses: «Мои документы онлайн» 3.1 to 3.4; Storeolis 2.4 and 2.6.
"""

from __future__ import annotations

import re
from functools import cached_property
from itertools import chain
from typing import Annotated

from pydantic import Field

from domain.findings import Finding, Outcome, Rule, Value
from domain.letter import Letter
from domain.russian.phrases import PhraseList, Phrases, find_phrases, found_in, hits, near, without
from domain.russian.words import sentences, without_quotations

_ATTRIBUTE = re.compile(r"\S+(?:[ое]го|[оеыи][мйх]|[ую]ю|[ая]я|[ое]е|[ыи]е)")
"""An adjective or a pronoun, which may stand between a preposition and a name: «с моего рабочего компьютера»."""
NEAR = 200
"""Characters around a vendor's name in which its preposition and its verb are sought: time must not grow with the letter."""
SOON_AFTER = 6
"""Words after a vendor's name in which its verb is sought."""


class ScopeItem(Value):
    """One excluded service, or one kind of other people's faults."""

    clause: Annotated[str, Field(pattern=r"^\d+(\.\d+)*$")]
    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    summary: str
    """What is excluded, as it is told to the client after «запрос касается»."""
    phrases: Phrases = ()
    """How it is asked for, within one sentence."""
    services: Phrases = ()
    """What the service is called; counts in a sentence that asks for work as well (the rule's `asking`)."""
    anyhow: Phrases = ()
    """As `phrases`, but a fault in the same sentence changes nothing: it is of the client's own code, or one to watch for."""
    names: dict[str, Phrases] = {}
    """What else counts as `phrases`: names of other vendors by what they are to people («банк»)."""
    belongings: Phrases = ()
    """What vendors have: «приложение Сбера» is a name of the vendor, not our application."""
    together_with: Phrases = ()
    """Where given, one of these must stand somewhere in the letter as well."""
    fails: Phrases = ()
    """Or one of these in a sentence of `phrases` itself: the vendor does what fails."""
    then_fails: Phrases = ()
    """As `fails`, but only soon after the name: «Сбер … не переводит»; before it, somebody else is the subject."""
    introduced_by: Phrases = ()
    """A vendor after one of these words is no subject: «через Госуслуги», «обмен с 1С», «переустановили Windows»."""
    through: Phrases = ()
    """A sentence with one of these speaks of our side of a vendor's service, so `fails` does not count there."""
    unless: Phrases = ()
    """A sentence with one of these does not count; the rule's own `guards` do the same for all items."""
    cleared: Phrases = ()
    """One of these in a sentence of `phrases` says that the vendor is not to blame: the letter is not about it."""
    ours_is_fine: Phrases = ()
    """What clears us, «ваше приложение работает»: it speaks for the vendor's fault, and for nothing else."""
    ours: Phrases = ()
    """A letter with one of these, anywhere, lays the fault to us."""
    third_party: bool = False
    """True for a fault of another vendor: the client is advised to turn to it."""

    @cached_property
    def vendors(self) -> Phrases:
        """How vendors are named: «приложение Сбера» before «Сбер»."""
        names = tuple(chain.from_iterable(self.names.values()))
        things = (f"{thing} {name}" for thing in self.belongings for name in names)
        return PhraseList((*self.phrases, *things, *names))


class ScopeRule(Rule):
    """The excluded services, an item each."""

    items: tuple[ScopeItem, ...]
    asking: Phrases = ()
    """How people ask for work or its price, whatever the work: a need, a wish, a polite question, an imperative."""
    guards: Phrases = ()
    """Words of a fault or a negation: the sentence reports something and asks for no service."""

    @property
    def clause_of_others(self) -> str | None:
        """The clause of faults of other companies, that of the last item that has one."""
        clauses = [item.clause for item in self.items if item.third_party]
        return clauses[-1] if clauses else None


def examine(letter: Letter, rule: ScopeRule) -> Finding:
    """Return whether a service that is excluded is asked for (MDO 3.1-3.4; Storeolis 2.4, 2.6).

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
    return Finding(
        rule="scope",
        clause=clause,
        mode=rule.mode,
        matched=best is not None,
        evidence=tuple(f"«{words}»" for words in best[1]) if best else (),
        outcome=Outcome.REFUSE,
        reason="third_party" if item_found and item_found.third_party else "out_of_scope",
        params={"item": item_found.summary, "item_id": item_found.id} if item_found else {},
    )


def fails_without_us(letter: Letter, rule: ScopeRule) -> bool:
    """Return whether a letter says in so many words that it fails at the other company as well: «на самих Госуслугах»."""
    phrases = tuple(chain.from_iterable(item.together_with for item in rule.items if item.third_party))
    return bool(find_phrases(f"{letter.subject}.\n{letter.visible_text}", phrases))


def _evidence(text: str, item: ScopeItem, rule: ScopeRule) -> tuple[str, ...]:
    """Return the words that speak for `item`; none where it is not meant."""
    if find_phrases(text, item.ours):
        return ()
    return _blame(text, item) if item.third_party else _request(text, item, rule)


def _request(text: str, item: ScopeItem, rule: ScopeRule) -> tuple[str, ...]:
    """Return the words that ask for an excluded service, a sentence each."""
    hits = []
    said = sentences(text)
    anyhow, phrases, services = (near(said, phrases) for phrases in (item.anyhow, item.phrases, item.services))
    if not (anyhow or phrases or services):
        return ()
    for sentence in said:
        hit = found_in(sentence, anyhow)
        if hit is None:
            hit = found_in(sentence, phrases)
            if hit is None and (service := found_in(sentence, services)) and found_in(sentence, rule.asking):
                hit = service
            if hit is not None and found_in(sentence, rule.guards):
                hit = None
        if hit is not None and not found_in(sentence, item.unless):
            hits.append(hit)
    return tuple(dict.fromkeys(hits))


def _blame(text: str, item: ScopeItem) -> tuple[str, ...]:
    """Return the words that name a vendor and what is wrong at it; none where one of the two is missing."""
    phrases = item.vendors
    hits = find_phrases(text, phrases, item.unless)
    if not hits:
        return ()
    cleared_us = find_phrases(text, item.ours_is_fine)
    naming = [_without(sentence, item.ours_is_fine) for sentence in sentences(text) if found_in(sentence, phrases)]
    if any(found_in(sentence, item.cleared) for sentence in naming):
        return ()
    with_ = find_phrases(text, item.together_with, item.unless)
    fails = tuple(
        hit for sentence in naming if (hit := _failure(sentence, phrases, item, we_are_fine=bool(cleared_us)))
    )
    return tuple(dict.fromkeys((*hits, *with_, *fails, *cleared_us))) if with_ or fails else ()


def _failure(sentence: str, phrases: Phrases, item: ScopeItem, *, we_are_fine: bool) -> str | None:
    """Return the words in which a vendor, the subject of `sentence`, fails."""
    if found_in(sentence, item.unless) or (not we_are_fine and found_in(_without(sentence, phrases), item.through)):
        return None
    said = tuple(sentence.split())
    subjects = [
        hit for hit in hits(sentence, phrases) if not found_in(_word_before(said, hit.start), item.introduced_by)
    ]
    if not subjects:
        return None
    after = (" ".join(said[hit.end : hit.end + SOON_AFTER])[: NEAR - 1] for hit in subjects)
    return found_in(sentence, item.fails) or next(
        (hit for following in after if (hit := found_in(following, item.then_fails))), None
    )


def _word_before(said: tuple[str, ...], at: int) -> str:
    """Return the last word before word `at` that is no adjective or pronoun; empty where there is none."""
    near = f"{' '.join(said[max(0, at - NEAR) : at])} "[-NEAR:].split()
    return next((word for word in reversed(near) if not _ATTRIBUTE.fullmatch(word)), "")


def _without(sentence: str, phrases: Phrases) -> str:
    """Return `sentence` without `phrases`."""
    return " ".join(without(sentence, phrases))
