"""Whether the letter repeats an earlier one of the same client.

Clauses: Storeolis 2.6 (a repeated letter, or the same one to several addresses); elsewhere a house rule.
A resend with another greeting, quotation, signature, subject prefix, or a preface or reminder around it is a
duplicate; a letter in which a number or a content word was replaced or put in is another request.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Annotated, NamedTuple
from zlib import crc32

from pydantic import Field

from domain.client import Recent, Sketch
from domain.findings import Finding, Outcome, Rule
from domain.intake.forwarding import with_forwarded
from domain.letter import Letter
from domain.russian.phrases import Phrases, found_in, is_phrase, without
from domain.russian.words import sentences, stem, visible, words

_PREFIX = re.compile(
    r"^(?:\s*(?:\(?(?:re|fwd?|fw|отв|ответ|пересл|переслано|ha|на|повторно|повторное (?:письмо|обращение)|повтор|дубль|дублирую"
    r"|(?:еще|ещё) раз|(?:второй|третий) раз|напоминание|напоминаю)(?:\[\d+\]|\(\d+\))?\)?(?:\s*[:.!,-]+|(?<=\)))|\[[^\]]{1,40}\]))+\s*",
    re.IGNORECASE,
)
_MAILBOX = re.compile(r"[^\s@]{1,64}@\S{1,255}")
_PHONE = re.compile(r"(?<![\w+])(?:\+?7|8)[ \t(-]{0,2}(\d{3})[ \t)-]{0,2}(\d{3})[ \t-]?(\d{2})[ \t-]?(\d{2})(?!\d)")
# «Исх. № 214/01-17 от 20.10.2026»: the number of the letter itself, new each time it is sent.
_OUTGOING = re.compile(
    r"\bисх(?:одящий|\.)?[ \t]*(?:№|N|номер)?[ \t]*[\w/.-]{1,30}(?:[ \t]+от[ \t]+[\d.]{6,10})?", re.IGNORECASE
)
_QUOTED = re.compile(r"\s*>")
LONGEST_SKETCH = 400
"""Words: what is kept of a client's letters must fit one item, and comparing them a moment."""
LONGEST_COMPARED = 25_000
"""Characters: of a longer text not even the words are told apart, which would take seconds for a megabyte."""
LONGEST_SUBJECT = 40
_LONGEST_SIGNATURE_LINE = 10
_PHONE_DIGITS = 11
_LONGEST_REMINDER = 10
_NEGATION = ("не", "нет", "ни", "без")


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
    further: tuple[str, ...] = ()
    """Words that announce something new in what was added: "also", "now"."""
    unimportant: tuple[str, ...] = ()
    """Words that change nothing: prepositions, particles, conjunctions."""
    least_words: Annotated[int, Field(gt=0)] = 3
    """Shorter letters are never called duplicates."""
    longest_addition: Annotated[float, Field(ge=0, lt=1)] = 0.34
    """The share of words that may have been added or dropped."""


def sketch_of(letter: Letter, rule: DuplicatesRule) -> tuple[int, ...]:
    """Return hashes of the words of the new text, or of the letter sent on, without courtesies and reminders.

    A hash is CRC-32 of the word's stem and so the same in every process; that of a number is negative. A letter
    longer than anybody resends with changes is known again only whole, by a digest of all its words.
    """
    letter = with_forwarded(letter)
    if len(letter.visible_text) > LONGEST_COMPARED:
        return _digest(" ".join(letter.visible_text.split()))
    hashes = _hashes(_request(letter, rule), rule)
    return hashes if len(hashes) <= LONGEST_SKETCH else _digest(",".join(map(str, hashes)))


def _digest(text: str) -> tuple[int, ...]:
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
    return tuple(int.from_bytes(digest[start : start + 4], "big") for start in range(0, len(digest), 4))


def subject_sketch_of(letter: Letter, rule: DuplicatesRule) -> tuple[int, ...]:
    """Return the same of the subject, without reply prefixes and a ticket's tag."""
    return _hashes(_PREFIX.sub("", letter.subject), rule)[:LONGEST_SUBJECT]


class Hashes(NamedTuple):
    """A letter as it is compared with others: the hashes of its words and of its subject's."""

    words: tuple[int, ...]
    subject: tuple[int, ...]


def hashes_of(letter: Letter, rule: DuplicatesRule) -> Hashes:
    """Return a letter as it is compared with others."""
    return Hashes(sketch_of(letter, rule), subject_sketch_of(letter, rule))


def sketch(letter: Letter, rule: DuplicatesRule, *, ticket: str, at: datetime, hashes: Hashes | None = None) -> Sketch:
    """Return what is kept of `letter` to know it again; `hashes` where they are known already."""
    words, subject = hashes or hashes_of(letter, rule)
    return Sketch(ticket=ticket, at=at, words=words, subject=subject)


def examine(
    letter: Letter, rule: DuplicatesRule, *, recent: Recent, now: datetime, hashes: Hashes | None = None
) -> Finding:
    """Return whether the letter repeats one of the client's letters within the window (Storeolis 2.6).

    `hashes` are the letter's, where they are known already.
    """
    mine, subject = hashes or hashes_of(letter, rule)
    oldest = now - timedelta(days=rule.window_days)
    best: tuple[float, Sketch] | None = None
    for earlier in recent.sketches:
        if earlier.at < oldest:
            continue
        alike = likeness(earlier.words, mine, earlier.subject, subject, rule)
        if alike and (best is None or alike >= best[0]):
            best = (alike, earlier)
    return Finding(
        rule="duplicates",
        clause=rule.clause,
        mode=rule.mode,
        matched=best is not None,
        evidence=(f"повторяет {best[1].ticket}: совпадает {best[0]:.0%} слов",) if best else (),
        outcome=Outcome.ATTACH,
        reason="duplicate",
        params={"original": best[1].ticket} if best else {},
    )


def likeness(
    earlier: tuple[int, ...],
    later: tuple[int, ...],
    earlier_subject: tuple[int, ...],
    later_subject: tuple[int, ...],
    rule: DuplicatesRule,
) -> float:
    """Return the share of words two letters have in common, or 0 where they are different requests."""
    if _numbers(earlier_subject) != _numbers(later_subject) and earlier_subject and later_subject:
        return 0.0
    if max(len(earlier), len(later)) < rule.least_words:
        whole_earlier, whole_later = earlier_subject + earlier, later_subject + later
        same = whole_earlier == whole_later and len(whole_later) > rule.least_words
        return 1.0 if same else 0.0
    if min(len(earlier), len(later)) < 2 * rule.least_words and earlier_subject != later_subject:
        return 0.0
    return _alike(earlier, later, rule)


def _alike(earlier: tuple[int, ...], later: tuple[int, ...], rule: DuplicatesRule) -> float:
    """Return the share of words in common; 0 where a word was replaced, or a number, which is negative, came or went."""
    if earlier == later:
        return 1.0
    longest = max(len(earlier), len(later))
    if abs(len(earlier) - len(later)) > longest * rule.longest_addition:
        return 0.0
    matcher = SequenceMatcher(None, earlier, later, autojunk=False)
    telling = {_hash(word) for word in (*_NEGATION, *rule.further)}
    added: list[int] = []
    dropped: list[int] = []
    for kind, e1, e2, l1, l2 in matcher.get_opcodes():
        if kind == "replace":
            return 0.0
        if kind != "equal" and e1 > 0 and e2 < len(earlier) and _is_new(earlier[e1:e2] or later[l1:l2], earlier, later):
            return 0.0
        added.extend(later[l1:l2] if kind == "insert" else ())
        dropped.extend(earlier[e1:e2] if kind == "delete" else ())
    changed = [*added, *dropped]
    moved = set(added) & set(dropped)
    if any(word in telling or (word < 0 and word not in moved) for word in changed):
        return 0.0
    # Words taken from one place and others put elsewhere replace something too, if not next to each other.
    if any(word not in moved for word in added) and any(word not in moved for word in dropped):
        return 0.0
    same = sum(block.size for block in matcher.get_matching_blocks())
    return same / longest if same >= longest * (1 - rule.longest_addition) else 0.0


def _is_new(changed: tuple[int, ...], earlier: tuple[int, ...], later: tuple[int, ...]) -> bool:
    """True where words in the middle are only in one of the letters: «на складе» and «на складе Бийск» differ."""
    return not (set(changed) <= set(earlier) and set(changed) <= set(later))


def _numbers(hashes: Iterable[int]) -> list[int]:
    return sorted(word for word in hashes if word < 0)


def _hash(word: str) -> int:
    """Return the hash of a word's stem: negative where the word has a digit, so that `_alike` knows numbers by their sign.

    Another number is another request; another word may be none.
    """
    value = crc32(stem(word).encode()) + 1
    return -value if not word.isalpha() and any(character.isdigit() for character in word) else value


def _request(letter: Letter, rule: DuplicatesRule) -> str:
    """Return the new text without what the writer quotes of an earlier letter and without a typed signature.

    A signature is what follows a closing; without one, the last lines that open with the writer's name, a
    contact's label or a phone, and the short lines below them.
    """
    text = _PHONE.sub(r" 7\1\2\3\4 ", _OUTGOING.sub(" ", visible(letter.visible_text)))
    lines = [line for line in text.splitlines() if line.strip()]
    lines = [line for line in lines if not _QUOTED.match(line)] or lines
    # A reminder below the signature would hide that it is one; nothing is made of it later either.
    lines = [line for line in lines if not all(_only_reminds(said, rule) for said in sentences(line))] or lines
    own = set(words(letter.sender.name)) if letter.sender and letter.sender.name else set()
    for at in range(max(1, len(lines) - 8), len(lines)):
        below = [words(line) for line in lines[at:]]
        if _is_signature(below, own, rule):
            return "\n".join(lines[:at])
    return "\n".join(lines)


def _is_signature(lines: list[tuple[str, ...]], own: set[str], rule: DuplicatesRule) -> bool:
    if any(len(line) > _LONGEST_SIGNATURE_LINE for line in lines):
        return False
    if any(word in _NEGATION or (word[0].isdigit() and len(word) != _PHONE_DIGITS) for line in lines for word in line):
        return False
    first = next((line for line in lines if line), ())
    return bool(first) and (
        first[0] in own
        or (first[0].isdigit() and len(first) == 1)
        or any(is_phrase(" ".join(first[:count]), rule.closings) for count in (1, 2, 3, 4))
        or is_phrase(first[0], rule.contact_labels)
    )


def _hashes(text: str, rule: DuplicatesRule) -> tuple[int, ...]:
    unimportant = frozenset(rule.unimportant)
    found: list[int] = []
    text = visible(text)
    for sentence in sentences(_MAILBOX.sub(" ", text) if "@" in text else text):
        if _only_reminds(sentence, rule):
            continue
        found.extend(_hash(word) for word in without(sentence, rule.courtesies) if word not in unimportant)
    return tuple(found)


def _only_reminds(sentence: str, rule: DuplicatesRule) -> bool:
    """True where a short sentence reminds; a long one, or one with the number of something, may ask as well."""
    said = sentence.split()
    is_short = len(said) <= _LONGEST_REMINDER and not any(word.isdigit() and len(word) > 2 for word in said)
    return is_short and found_in(sentence, rule.reminders) is not None
