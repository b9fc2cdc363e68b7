"""Whether a letter is a courtesy and nothing else: thanks, a withdrawal of the request, a question how it goes.

No clause speaks of it: a house rule. A letter that states a task, a fault, a question or a detail is none of these,
whatever it thanks for: what is taken for a courtesy reopens nothing and is answered by nobody.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import NamedTuple

from domain.findings import Finding, Mode, Outcome, Rule
from domain.letter import Letter
from domain.russian.phrases import PhraseList, Phrases, found_in, without
from domain.russian.words import Sentence, fold, sentences, without_quotations


class Courtesy(StrEnum):
    """What a letter is that is nothing else."""

    THANKS = "thanks"
    WITHDRAWAL = "withdrawal"
    NUDGE = "nudge"


MOST_WORDS = 70
"""Words of a courtesy: in a longer letter there is always something else."""
_SHORT = 5
"""Words of a sentence, without common courtesy, that may say anything harmless: a name, a town, «без нервов»."""
_WELL_WORDS = 20
"""Words of a letter that answers none, thanks for nothing and says that all is well: a longer one reports something."""
_NUDGE_WORDS = 30
_ANSWERS = re.compile(r"^\s*(?:(?:re|fwd?|отв|пересл|ответ)(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)
_DETAIL = re.compile(r"(?:\d[\s()-]{0,2}){7,}|\S@\S|https?:|www\.")
"""A telephone, an INN, an address: it answers a question."""
_PAST = re.compile(r"[а-я]{2,}(?:л|ла|ло|ли|лся|лась|лось|лись)")
_IMPERATIVE = re.compile(r"[а-я]{2,}(?:[йь]те|ите)(?:сь)?(?:-ка)?")
_NO_REQUESTS = frozenset(
    "здравствуйте извините простите извиняйте прощайте передайте передавайте отметьте примите будьте живите процветайте "
    "держитесь радуйтесь улыбайтесь верите помните видите знаете думайте закройте закрывайте снимите снимайте считайте "
    "забудьте забейте аннулируйте отвечаете поощрите похвалите премируйте хорошите".split()
)
"""Words that end like a request and ask for nothing that costs work."""
_DENIALS = frozenset({"не", "нет"})
_ERROR = re.compile(r"\b[45]\d\d\b")
"""A status of HTTP: it is reported, and thanked for by nobody."""
_IRONY = re.compile(r"(?:спасибо|благодар|признател)[^.!?\n]{0,40}[«\"“„](?!\w+\s+\w+\s+\w+\s+\w+)", re.IGNORECASE)
_FAREWELL = re.compile(
    r"\bвсего (?:доброго|хорошего)\b|\b(?:хорош|добр|прекрасн|отличн|удачн|приятн)\w+ (?:вам )?(?:\w+ )?(?:дня|вечера|выходных|недели|смены|утра)\b"
)
_PLAIN_WORDS = 12
"""Words, at most, of a courtesy that nobody need read."""
_NOT_ASKED = frozenset({"identification", "clarity", "quota", "duplicates"})
"""Rules that ask nothing of who thanks or takes a request back, and count no such letter."""


class CourtesyRule(Rule):
    """How people thank, take back and remind, and what shows that the letter goes on."""

    thanks: Phrases
    """Words of thanks and of praise."""
    good: Phrases
    """What went well."""
    well: Phrases
    """What says that all is well where no word of thanks is written."""
    denied: Phrases
    """Denials of which no letter is a complaint."""
    more: Phrases
    """A question, a wish, a fault, thanks in advance or in irony: the letter does not only thank."""
    passing_on: Phrases
    """Requests that only pass thanks on."""
    withdrawn: Phrases
    """The writer needs nothing more."""
    kept: Phrases
    """The request is not taken back, or another one is made."""
    nudge: Phrases
    """Words that ask how it goes."""
    nudge_filler: Phrases
    """Words that state no task in such a letter."""


class _Said(NamedTuple):
    """The sentences of a letter, without the subject of the letter that it answers."""

    text: str
    own: tuple[Sentence, ...]
    unquoted: tuple[Sentence, ...]
    """The same without what stands in quotation marks."""
    is_answer: bool
    asks: bool
    """A question mark is in it."""
    length: int
    """Words of all of them."""


def examine(letter: Letter, rule: CourtesyRule, filler: Phrases, *, is_fault: bool = False) -> Finding:
    """Return whether the letter is a courtesy and nothing else (house rule), with the words that say so.

    `filler` are the words that state no task in any letter. What has an attachment is none: somebody has to look at it.
    Nor is a letter of which another rule has found what it asks for: a critical fault, access (`is_fault`). A withdrawal is a suggestion, since closing is a specialist's word.
    """
    kind, words_ = (None, ()) if is_fault else _read(letter, rule, filler)
    closes = kind is Courtesy.WITHDRAWAL and rule.mode is Mode.AUTOMATIC
    return Finding(
        rule="courtesy",
        clause=rule.clause,
        mode=Mode.SUGGEST if closes else rule.mode,
        matched=kind is not None,
        evidence=tuple(f"«{word}»" for word in words_),
        outcome=Outcome.ACCEPT,
        reason=kind.value if kind is not None else "courtesy",
    )


def acts(finding: Finding) -> bool:
    """Return whether a letter is handled as the courtesy that it is: where the rule only suggests, a withdrawal alone is."""
    is_suggested = finding.mode is Mode.SUGGEST and finding.reason == Courtesy.WITHDRAWAL
    return finding.matched and (finding.mode is Mode.AUTOMATIC or is_suggested)


def is_plain(letter: Letter, rule: CourtesyRule, filler: Phrases) -> bool:
    """Return whether each word of a courtesy is understood as one: history is enough for it, and nobody need read it.

    «Спасибо, талоны печатаются пустыми» may be read as thanks by its shape, and has a word that no courtesy has.
    """
    said = _said(letter)
    if letter.set_apart_text.strip() or letter.signature.strip() or said.length > _PLAIN_WORDS:
        return False
    known = (*rule.thanks, *rule.good, *rule.well, *rule.withdrawn, *rule.passing_on, *rule.denied, *filler)
    return not any(without(sentence, PhraseList(known)) for sentence in said.own)


def asks_nothing(found: Finding, kind: Finding) -> Finding:
    """Return what another rule says of a letter that is a courtesy: nobody is asked for details in return for thanks."""
    if kind.reason == Courtesy.NUDGE or found.rule not in _NOT_ASKED:
        return found
    return found.model_copy(update={"matched": False, "evidence": (), "params": {}})


def courtesy_of(finding: Finding) -> str | None:
    """Return what a letter is by the rule's finding; None where it is an ordinary one or the rule is off."""
    return finding.reason if finding.matched and finding.mode is not Mode.OFF else None


def _read(letter: Letter, rule: CourtesyRule, filler: Phrases) -> tuple[Courtesy | None, tuple[str, ...]]:
    said = _said(letter)
    nothing: tuple[Courtesy | None, tuple[str, ...]] = (None, ())
    holds_more = letter.attachments or letter.forwarded_text or (letter.set_apart_text and not letter.answers)
    if holds_more or letter.encrypted or "?" in letter.signature or not 0 < said.length <= MOST_WORDS:
        return nothing
    if nudges := _nudges(said, rule, filler):
        return Courtesy.NUDGE, nudges
    if said.asks or _DETAIL.search(said.text) or _ERROR.search(said.text):
        return nothing
    if taken_back := _takes_back(said, rule):
        return Courtesy.WITHDRAWAL, taken_back
    if thanked := _thanks(said, rule, filler):
        return Courtesy.THANKS, thanked
    return nothing


def _said(letter: Letter) -> _Said:
    answers = letter.answers or _ANSWERS.match(letter.subject) is not None
    subject = "" if _ANSWERS.match(letter.subject) else letter.subject
    text = f"{subject}\n{letter.visible_text}"
    own = tuple(sentences(text))
    unquoted = tuple(sentences(without_quotations(text, longer_than=0)))
    return _Said(fold(text), own, unquoted, answers, "?" in text, sum(len(sentence.said) for sentence in own))


def _found(said: _Said, phrases: Phrases) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit for sentence in said.unquoted if (hit := found_in(sentence, phrases)) is not None))


def _nudges(said: _Said, rule: CourtesyRule, filler: Phrases) -> tuple[str, ...]:
    """Return the words that ask how it goes, where no word of the letter says anything else."""
    if said.length > _NUDGE_WORDS:
        return ()
    asked = _found(said, rule.nudge)
    if not asked:
        return ()
    left = [
        word
        for sentence in said.own
        for word in without(" ".join(without(" ".join(without(sentence, rule.nudge)), filler)), rule.nudge_filler)
        if len(word) > 1 and not word.isdigit()
    ]
    return () if left else asked


def _requests(sentence: Sentence) -> bool:
    """Return whether a sentence asks for something: a verb that commands, with no «не» before it."""
    said = sentence.said
    return any(
        _IMPERATIVE.fullmatch(word) and word not in _NO_REQUESTS and (at == 0 or said[at - 1] != "не")
        for at, word in enumerate(said)
    )


def _takes_back(said: _Said, rule: CourtesyRule) -> tuple[str, ...]:
    """Return the words by which the writer needs nothing more, where nothing else is asked for."""
    if not (taken := _found(said, rule.withdrawn)):
        return ()
    if any(_requests(sentence) or found_in(sentence, rule.kept) for sentence in said.own):
        return ()
    return taken


def _thanks(said: _Said, rule: CourtesyRule, filler: Phrases) -> tuple[str, ...]:
    """Return the words of thanks, where all that is said is thanks and what went well."""
    thanked, good = _found(said, rule.thanks), _found(said, rule.good)
    well = (
        thanked
        or (_found(said, rule.well) if said.is_answer or said.length <= _WELL_WORDS else ())
        or (_farewell(said) if said.is_answer and good else ())
    )
    if not well or _IRONY.search(said.text):
        return ()
    short = _SHORT if thanked else _SHORT // 2
    if not all(_is_harmless(sentence, rule, filler, short) for sentence in said.own):
        return ()
    return (*well, *good)[:4] if good or not _only_signs_off(said, thanked) else ()


def _farewell(said: _Said) -> tuple[str, ...]:
    """Return the wish of a good day that an answer ends with."""
    found = _FAREWELL.search(said.own[-1])
    return (found[0],) if found else ()


def _only_signs_off(said: _Said, thanked: tuple[str, ...]) -> bool:
    """Return whether thanks are only how a longer letter ends, as requests do."""
    if said.length <= _SHORT * 2:
        return False
    return not any(hit in sentence and len(sentence.said) > 2 for hit in thanked for sentence in said.own)


def _is_harmless(sentence: Sentence, rule: CourtesyRule, filler: Phrases, short: int) -> bool:
    """Return whether a sentence thanks, tells what went well, or says hardly anything, and neither asks nor denies."""
    rest = Sentence(sentence)
    for phrases in (rule.passing_on, rule.denied):
        rest = Sentence(" ".join(without(rest, phrases)))
    if _requests(rest) or found_in(rest, rule.more) or not _DENIALS.isdisjoint(without(rest, rule.good)):
        return False
    if any(found_in(sentence, phrases) for phrases in (rule.thanks, rule.good, rule.passing_on, rule.denied)):
        return True
    return len(without(sentence, filler)) <= short or any(map(_PAST.fullmatch, sentence.said))
