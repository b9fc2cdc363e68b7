"""Whether the letter repeats an earlier one, of the same client or of one whose letter states the same contact.

Clauses: Storeolis 2.6 (a repeated letter, or the same one to several addresses); elsewhere a house rule.
A resend with another greeting, quotation, signature, subject prefix, or a preface or reminder around it is a
duplicate; a letter in which a number or a content word was replaced or put in is another request (`likeness`).
What comes from a mailbox that is not proved to be the client's is a suggestion, whatever the rule's mode.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Annotated, NamedTuple
from zlib import crc32

from pydantic import Field

from domain.client import Contact, Recent, Sketch
from domain.findings import Finding, Mode, Outcome, Rule
from domain.intake.forwarding import with_forwarded
from domain.intake.likeness import DENIAL, END, Terms, adds, hashes_in, is_mistyped, likeness
from domain.intake.stated import differ, without_stated
from domain.letter import Letter
from domain.russian.phrases import Phrases, found_in, is_phrase, without
from domain.russian.words import Sentence, sentences, visible, words

_PREFIX = re.compile(
    r"^(?:\s*(?:\(?(?:re|fwd?|fw|отв|ответ|пересл|переслано|ha|на|повторно|повторное (?:письмо|обращение)|повтор|дубль|дублирую"
    r"|(?:еще|ещё) раз|(?:второй|третий) раз|напоминание|напоминаю)(?:\[\d+\]|\(\d+\))?\)?(?:\s*[:.!,-]+|(?<=\)))|\[[^\]]{1,40}\]))+\s*",
    re.IGNORECASE,
)
_MAILBOX = re.compile(r"[^\s@]{1,64}@\S{1,255}")
_PHONE = re.compile(r"(?<![\w+])(?:\+?7|8)[ \t(-]{0,2}(\d{3})[ \t)-]{0,2}(\d{3})[ \t-]?(\d{2})[ \t-]?(\d{2})(?!\d)")
# «Исх. № 214/01-17 от 20.10.2026»: the number of the letter itself, new each time it is sent.
_OUTGOING = re.compile(
    r"\bисх(?:одящий|\.)?[ \t]{0,3}(?:(?:№|N|номер)[ \t]{0,3})?[\w/.-]{1,30}(?:[ \t]{1,3}от[ \t]{1,3}[\d.]{6,10})?",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\s*>")
_FORWARDED = re.compile(
    r"^\W{0,80}(?:пересыл|переслан|начало переадрес|исходное сообщение|forwarded|original message)", re.IGNORECASE
)
_HEADER = re.compile(
    r"\W{0,9}(?:от|from|дата|date|тема|subject|кому|to|копия|cc|отправлено|sent)\W{0,3}:", re.IGNORECASE
)
LONGEST_SKETCH = 300
"""Words: what is kept of a client's letters must fit one item, and comparing them a moment."""
LONGEST_COMPARED = 25_000
"""Characters: of a longer text not even the words are told apart, which would take seconds for a megabyte."""
LONGEST_SUBJECT = 40
_LONGEST_COVER = 40
"""Words above a letter that is sent on or quoted: with more of them it is not only sent again."""
_LONGEST_SIGNATURE_LINE = 10
_CONTACT_DIGITS = (10, 11, 12)
"""Of a telephone and of an INN."""
_LONGEST_REMINDER = 10
_LONGEST_REMINDING_CLAUSE = 6
_CLAUSE_END = re.compile(r"(?<=[^\s\d])(?:[,:]\s|\s-\s)")
_SENTENCE_END = re.compile(r"(?<=[.!?…;:])\s+|\n")
_NEGATION = (DENIAL, "нет", "ни", "без")
_LONGEST_ASIDE = 14
"""Words of a sentence about the letter itself."""
_STRANGE_IN_ASIDE = 3
"""Words in it, at most, that are of something else, such as a colleague's name; and no more than the others."""
_THOUSANDS = re.compile(r"(?<=\d)[ \u00a0](?=\d{3}(?!\d))")
_YEAR = re.compile(r"20\d\d")
_ITEM = re.compile(r"^[ \t]*(?:\d{1,2}[.)]|[-•*·])[ \t]+", re.MULTILINE)


class DuplicatesRule(Rule):
    """How far back repetitions are looked for, and what does not make a letter another one."""

    window_days: Annotated[int, Field(gt=0)]
    courtesies: Phrases
    """Greetings, thanks and signatures typed in the text."""
    reminders: Phrases
    """Whole sentences with one of these remind and ask nothing new."""
    closings: Phrases = ()
    """What begins a signature typed in the text: the lines from there on are no part of the request."""
    contact_labels: Phrases = ()
    """What begins a line of the writer's contacts."""
    repeating: Phrases = ()
    """Words that only somebody has who writes about his letter: "once more", "no answer"."""
    about_letters: Phrases = ()
    """What else is said of letters, mailboxes and waiting."""
    further: tuple[str, ...] = ()
    """Words that announce something new in what was added: "also", "now"."""
    unimportant: tuple[str, ...] = ()
    """Words that change nothing: prepositions, particles, conjunctions."""
    least_words: Annotated[int, Field(gt=0)] = 3
    """Shorter letters are never called duplicates."""
    longest_addition: Annotated[float, Field(ge=0, lt=1)] = 0.34
    """The share of words that may have been added or dropped."""


class Stated(NamedTuple):
    """What a letter states of whose it is."""

    contacts: tuple[Contact, ...] = ()
    """Comparable (see `stated`)."""
    names: tuple[str, ...] = ()
    """Full names of the writer, and of the writer of the letter sent on."""


NOTHING_STATED = Stated()


def sketch_of(letter: Letter, rule: DuplicatesRule, stated: Stated = NOTHING_STATED) -> tuple[int, ...]:
    """Return hashes of the words of the new text, or of the letter sent on, without courtesies and reminders.

    Nor are the contacts and names in it that are `stated`: they say who writes. Each sentence ends with END. A letter
    longer than anybody resends with changes is known again only whole, by a digest of all its words.
    """
    letter = with_forwarded(letter)
    if len(letter.visible_text) > LONGEST_COMPARED:
        return _digest(" ".join(letter.visible_text.split()))
    names = _names(letter, stated)
    hashes = _hashes(_request(letter, rule, stated, names), rule, names)
    return hashes if len(hashes) <= LONGEST_SKETCH else _digest(",".join(map(str, hashes)))


def _digest(text: str) -> tuple[int, ...]:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return tuple(int.from_bytes(digest[start : start + 4], "big") for start in range(0, len(digest), 4))


def subject_sketch_of(letter: Letter, rule: DuplicatesRule) -> tuple[int, ...]:
    """Return the same of the subject, without reply prefixes and a ticket's tag."""
    words = _hashes(_PREFIX.sub("", letter.subject), rule)
    return tuple(word for word in words if word != END)[:LONGEST_SUBJECT]


class Hashes(NamedTuple):
    """A letter as it is compared with others: the hashes of its words and of its subject's."""

    words: tuple[int, ...]
    subject: tuple[int, ...]
    stated: tuple[tuple[str, int], ...] = ()
    """The kinds of the contacts that it states, each with a hash of the contact."""
    enclosed: tuple[int, ...] = ()
    """The hashes of the letter that it sends on, or quotes, below words of its own."""


class Compared(NamedTuple):
    """By what and with what a letter is compared beside its client's past."""

    hashes: Hashes | None = None
    """The letter's own; None to find them out."""
    elsewhere: tuple[Sketch, ...] = ()
    """Letters that state a contact which this one states."""


NOTHING_COMPARED = Compared()


def hashes_of(letter: Letter, rule: DuplicatesRule, stated: Stated = NOTHING_STATED) -> Hashes:
    """Return a letter as it is compared with others."""
    contacts = tuple((contact.kind.value, crc32(contact.value.encode())) for contact in stated.contacts)
    below = letter.forwarded_text or letter.set_apart_text
    is_cover = bool(below.strip()) and len(words(letter.visible_text)) <= _LONGEST_COVER
    enclosed = sketch_of(replace(letter, visible_text=below, forwarded_text=""), rule, stated) if is_cover else ()
    return Hashes(sketch_of(letter, rule, stated), subject_sketch_of(letter, rule), contacts, enclosed)


def sender_hash(letter: Letter) -> int:
    """Return by what it is known again that a letter comes from the same mailbox; 0 without a sender."""
    return crc32(letter.sender.address.encode()) if letter.sender else 0


def sketch(letter: Letter, rule: DuplicatesRule, *, ticket: str, at: datetime, hashes: Hashes | None = None) -> Sketch:
    """Return what is kept of `letter` to know it again; `hashes` where they are known already."""
    kept = hashes or hashes_of(letter, rule)
    return Sketch(
        ticket=ticket, at=at, words=kept.words, subject=kept.subject, stated=kept.stated, sender=sender_hash(letter)
    )


def examine(
    letter: Letter,
    rule: DuplicatesRule,
    *,
    recent: Recent,
    now: datetime,
    compared: Compared = NOTHING_COMPARED,
) -> Finding:
    """Return whether the letter repeats one of the client's letters within the window (Storeolis 2.6).

    That a letter from elsewhere says the same is a suggestion: anybody may know a contact.
    """
    mine = compared.hashes or hashes_of(letter, rule)
    own = _most_alike(mine, recent.sketches, rule, now, is_own=True)
    best = own or _most_alike(mine, compared.elsewhere, rule, now, is_own=False)
    if best is None and mine.enclosed:
        below = mine._replace(words=mine.enclosed, subject=(), enclosed=())
        best = _most_alike(below, (*recent.sketches, *compared.elsewhere), rule, now, is_own=False)
    mode = rule.mode if own or best is None or rule.mode is Mode.OFF else Mode.SUGGEST
    return Finding(
        rule="duplicates",
        clause=rule.clause,
        mode=mode,
        matched=best is not None,
        evidence=(_evidence(*best, letter, is_own=own is not None),) if best else (),
        outcome=Outcome.ATTACH,
        reason="duplicate" if own or best is None else "duplicate_elsewhere",
        params={"original": best[1].ticket, **_added(best[1], mine)} if best else {},
    )


def _added(earlier: Sketch, later: Hashes) -> dict[str, str]:
    """Return that a repetition says something that the earlier letter does not, where it does."""
    return {"adds": "yes"} if adds(earlier.words, later.words) else {}


def _evidence(alike: float, earlier: Sketch, letter: Letter, *, is_own: bool) -> str:
    if is_own:
        return f"повторяет {earlier.ticket}: совпадает {alike:.0%} слов"
    if earlier.sender == sender_hash(letter):
        return f"тот же текст пришёл с этого же адреса, но отправитель не подтверждён: {earlier.ticket}, совпадает {alike:.0%} слов"
    return f"тот же текст пришёл с другого адреса: {earlier.ticket}, совпадает {alike:.0%} слов"


def _most_alike(
    mine: Hashes, sketches: Iterable[Sketch], rule: DuplicatesRule, now: datetime, *, is_own: bool
) -> tuple[float, Sketch] | None:
    """Return the letter of the window that says the same, the latest of those most alike, and how much it is alike."""
    oldest = now - timedelta(days=rule.window_days)
    best: tuple[float, Sketch] | None = None
    for earlier in sketches:
        if earlier.at < oldest or differ(earlier.stated, mine.stated, same_mailbox=is_own):
            continue
        alike = _likeness(earlier, mine, rule)
        if alike and (best is None or alike >= best[0]):
            best = (alike, earlier)
    return best


def _likeness(earlier: Sketch, later: Hashes, rule: DuplicatesRule) -> float:
    """Return the share of words two letters have in common, or 0 where they are different requests."""
    if earlier.subject and later.subject and _is_another(earlier, later):
        return 0.0
    first, second = ([word for word in words if word != END] for words in (earlier.words, later.words))
    if max(len(first), len(second)) < rule.least_words:
        whole_earlier, whole_later = [*earlier.subject, *first], [*later.subject, *second]
        same = whole_earlier == whole_later and len(whole_later) > rule.least_words
        return 1.0 if same else 0.0
    if min(len(first), len(second)) < 2 * rule.least_words and earlier.subject != later.subject:
        return 0.0
    return likeness(earlier.words, later.words, Terms(rule.longest_addition, rule.further))


def _is_another(earlier: Sketch, later: Hashes) -> bool:
    """Return whether the subjects name different things: other numbers, or each a word that the other letter lacks."""
    if _numbers(earlier.subject) != _numbers(later.subject):
        return True
    lacking = _words_not_in(later.subject, (*earlier.subject, *earlier.words))
    return lacking and _words_not_in(earlier.subject, (*later.subject, *later.words))


def _words_not_in(words: Iterable[int], others: tuple[int, ...]) -> bool:
    return any(word not in others and not any(is_mistyped(word, other) for other in others) for word in words)


def _numbers(hashes: Iterable[int]) -> list[int]:
    return sorted(word for word in hashes if word < 0)


def _names(letter: Letter, stated: Stated) -> frozenset[str]:
    """Return the words of the names of who writes."""
    shown = (letter.sender.name,) if letter.sender and letter.sender.name else ()
    return frozenset(word for name in (*shown, *stated.names) for word in words(name))


def _request(letter: Letter, rule: DuplicatesRule, stated: Stated, names: frozenset[str]) -> str:
    """Return the new text without what the writer quotes of an earlier letter and without a typed signature.

    A signature is what follows a closing; without one, the last lines that open with the writer's name, a
    contact's label or a phone, and the short lines below them.
    """
    text = _PHONE.sub(r" 7\1\2\3\4 ", _OUTGOING.sub(" ", visible(letter.visible_text)))
    text = _THOUSANDS.sub("", text)
    request = _ITEM.sub("", _without_signature(text, names, rule))
    return without_stated(request, stated.contacts, stated.names)


def _without_signature(text: str, own: frozenset[str], rule: DuplicatesRule) -> str:
    """Return the lines above a typed signature, without what is quoted and without what reminds."""
    lines = [line for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not _QUOTED.match(line)] or lines
    lines = _without_headers(lines)
    # A reminder below the signature would hide that it is one; nothing is made of it later either.
    lines = [line for line in lines if not all(_only_reminds(said, rule) for said in sentences(line))] or lines
    for at in range(max(1, len(lines) - 8), len(lines)):
        below = [words(line) for line in lines[at:]]
        if _is_signature(below, own, rule):
            return "\n".join(lines[:at])
    return "\n".join(lines)


def _without_headers(lines: list[str]) -> list[str]:
    """Return the lines without the heads of letters sent on, as a mail program types them above their text."""
    found: list[str] = []
    within = False
    for line in lines:
        is_head = _FORWARDED.search(line) is not None
        within = is_head or (within and _HEADER.match(line) is not None)
        if not within:
            found.append(line)
    return found or lines


def _is_signature(lines: list[tuple[str, ...]], own: frozenset[str], rule: DuplicatesRule) -> bool:
    if any(len(line) > _LONGEST_SIGNATURE_LINE for line in lines):
        return False
    if any(
        word in _NEGATION or (word[0].isdigit() and len(word) not in _CONTACT_DIGITS) for line in lines for word in line
    ):
        return False
    first = next((line for line in lines if line), ())
    return bool(first) and (
        first[0] in own
        or (first[0].isdigit() and len(first) == 1)
        or any(is_phrase(" ".join(first[:count]), rule.closings) for count in (1, 2, 3, 4))
        or is_phrase(first[0], rule.contact_labels)
    )


def _hashes(text: str, rule: DuplicatesRule, names: frozenset[str] = frozenset()) -> tuple[int, ...]:
    unimportant = frozenset(rule.unimportant)
    found: list[int] = []
    text = visible(text)
    for written in _SENTENCE_END.split(_MAILBOX.sub(" ", text) if "@" in text else text):
        whole = sentences(written)
        is_aside = len(whole) == 1 and _is_aside(whole[0], rule, _STRANGE_IN_ASIDE)
        for sentence in whole if is_aside else sentences(_without_reminding_clauses(written, rule)):
            if _only_reminds(sentence, rule):
                continue
            rest = [word for word in without(sentence, rule.courtesies) if word not in unimportant]
            if names and all(_only_signs(word, names, rule) for word in rest):
                continue
            said = tuple(hashes_in(rest))
            if said:
                found.extend((*said, END, END) if is_aside else (*said, END))
    return tuple(found)


def _only_signs(word: str, names: frozenset[str], rule: DuplicatesRule) -> bool:
    """Return whether a word is one of the writer's name, an initial, or what a contact is called."""
    return word in names or (len(word) == 1 and word.isalpha()) or is_phrase(word, rule.contact_labels)


def _is_aside(sentence: Sentence, rule: DuplicatesRule, strange: int) -> bool:
    """Return whether a sentence is about the letter itself: «пишу второй раз, так как никто не отреагировал»."""
    if len(sentence.said) > _LONGEST_ASIDE or any(
        word.isdigit() and len(word) > 2 and not _YEAR.fullmatch(word) for word in sentence.said
    ):
        return False
    if any(word in rule.further for word in sentence.said) or found_in(sentence, rule.repeating) is None:
        return False
    rest = [word for word in without(sentence, rule.courtesies) if word not in rule.unimportant and not word.isdigit()]
    about = sum(is_phrase(word, rule.repeating) or is_phrase(word, rule.about_letters) for word in rest)
    return len(rest) - about <= min(strange, len(rest) // 2)


def _without_reminding_clauses(sentence: str, rule: DuplicatesRule) -> str:
    """Return a sentence without short clauses at its beginning and its end that remind: «Повторяю: не грузится прайс»."""
    clauses = _CLAUSE_END.split(sentence)
    first, last = 0, len(clauses)
    while first < last - 1 and _is_reminding_clause(clauses[first], rule):
        first += 1
    while last - 1 > first and _is_reminding_clause(clauses[last - 1], rule):
        last -= 1
    return sentence if last - first == len(clauses) else ", ".join(clauses[first:last])


def _is_reminding_clause(clause: str, rule: DuplicatesRule) -> bool:
    said = sentences(clause)
    if len(said) == 1 and not without(said[0], rule.courtesies):
        return True
    return (
        len(said) == 1
        and len(said[0].said) <= _LONGEST_REMINDING_CLAUSE
        and not any(word.isdigit() for word in said[0].said)
        and (found_in(said[0], rule.reminders) is not None or _is_aside(said[0], rule, 0))
    )


def _only_reminds(sentence: str, rule: DuplicatesRule) -> bool:
    """True where a short sentence reminds; a long one, or one with the number of something, may ask as well."""
    said = sentence.split()
    is_short = len(said) <= _LONGEST_REMINDER and not any(word.isdigit() and len(word) > 2 for word in said)
    return is_short and found_in(sentence, rule.reminders) is not None
