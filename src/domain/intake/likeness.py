"""Whether two letters ask the same: their words compared, as hashes, by what was added, dropped, moved or replaced.

A word is an integer (see `hash_of`): that of a number is negative, and the end of a sentence is END. Two letters
that differ in a number, in a word that was replaced or put in, or in what a denial belongs to, are two requests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from domain.russian.words import stem

END = 0
"""Between two sentences."""
_SHORTEST_MISTYPED = 6
"""Letters: in a shorter word one letter makes another word too easily."""
_KEPT_BEGINNING = 3
"""Letters that are the same in a mistyped word: a Russian word's opposite has another prefix («включите», «выключите»)."""
_NEGATION = ("не", "нет", "ни", "без")
_LETTERS = 33
_SMALL_SHARE = 0.15
_FEW_WORDS = 8
_LEAST_MOVED = 3
"""Words that are a sentence in another place; one or two that exchange their places are «из Бийска в Томск»."""


class Terms(NamedTuple):
    """What makes two letters one, of an edition's rule."""

    longest_addition: float
    """The share of words that may have been added or dropped."""
    further: tuple[str, ...]
    """Words that announce something new in what was added."""


def hash_of(word: str) -> int:
    """Return the hash of a folded word: of its stem, and of its letters so that a mistyped one can be known.

    The lower 32 bits are CRC-32 of the stem, so the same in every process. Above them are the beginning of the word
    and which letters are behind that. The hash of a word with a digit is negative, and of the stem alone.
    """
    root = stem(word)
    value = crc32(root.encode()) + 1
    if not word.isalpha():
        return -value if any(sign.isdigit() for sign in word) else value
    if len(word) < _SHORTEST_MISTYPED:
        return value
    shape = 0
    for letter in _whole_stem(word)[_KEPT_BEGINNING:]:
        shape |= 1 << ord(letter) % _LETTERS
    beginning = crc32(word[:_KEPT_BEGINNING].encode()) & 0xFF
    return value | shape << 33 | beginning << 33 + _LETTERS


def _whole_stem(word: str) -> str:
    """Return a word without its ending: `stem` keeps six letters at most."""
    cut = stem(word)
    if len(cut) < 6:
        return cut
    return word[: max(6, len(word) - 3)]


def likeness(earlier: Sequence[int], later: Sequence[int], terms: Terms) -> float:
    """Return the share of words that two letters have in common, or 0 where they are different requests."""
    if earlier == later:
        return 1.0
    before, after = _Text(earlier), _Text(later)
    longest = max(len(before.words), len(after.words))
    if not longest or abs(len(before.words) - len(after.words)) > longest * terms.longest_addition:
        return 0.0
    after = after.corrected(before)
    if before.words == after.words:
        return 1.0
    if _numbers(before.words) != _numbers(after.words) or _stand_otherwise(before, after):
        return 0.0
    matcher = SequenceMatcher(None, before.words, after.words, autojunk=False)
    if _is_changed(before, after, matcher.get_opcodes(), terms):
        return 0.0
    same = (Counter(before.words) & Counter(after.words)).total()
    return same / longest if same >= longest * (1 - terms.longest_addition) else 0.0


class _Text:
    """The words of a letter, and where its sentences begin and end."""

    def __init__(self, hashes: Iterable[int], edges: frozenset[int] | None = None) -> None:
        words: list[int] = []
        found = {0}
        for word in hashes:
            if word == END:
                found.add(len(words))
            else:
                words.append(word)
        self.words = tuple(words)
        self.edges = edges if edges is not None else frozenset((*found, len(words)))

    def corrected(self, other: _Text) -> _Text:
        """Return this with words that are mistyped here or in `other` as they are there."""
        own, theirs = Counter(self.words), Counter(other.words)
        strange, missing = own - theirs, theirs - own
        if not strange or not missing or len(strange) > max(1, len(self.words) // _FEW_WORDS):
            return self
        written: dict[int, int] = {}
        for word in strange:
            twin = next((it for it in missing if it not in written.values() and is_mistyped(word, it)), None)
            if twin is not None and own[word] == strange[word]:
                written[word] = twin
        return _Text((written.get(word, word) for word in self.words), self.edges) if written else self

    def is_whole(self, start: int, end: int) -> bool:
        """Return whether words are one sentence or several."""
        return start in self.edges and end in self.edges


def is_mistyped(one: int, other: int) -> bool:
    """Return whether two words differ by one letter behind their beginning, or by the order of letters."""
    first, second = one >> 33, other >> 33
    if one < 0 or other < 0 or not first or not second or first >> _LETTERS != second >> _LETTERS:
        return False
    mask = (1 << _LETTERS) - 1
    gone, come = first & ~second & mask, second & ~first & mask
    return gone.bit_count() <= 1 and come.bit_count() <= 1


def _numbers(words: Iterable[int]) -> Counter[int]:
    return Counter(word for word in words if word < 0)


def _stand_otherwise(before: _Text, after: _Text) -> bool:
    """Return whether a number or a denial belongs to other words: «с 500 на 700» and «с 700 на 500» differ."""
    denials = _negations()
    first, second = _neighbours(before.words, denials), _neighbours(after.words, denials)
    if any(first.get(word) != second.get(word) for word in denials):
        return True
    return any(not first[word] & second[word] for word in first.keys() & second.keys())


def _neighbours(words: Sequence[int], denials: frozenset[int]) -> dict[int, set[tuple[int, int]]]:
    """Return what is beside each number and behind each denial."""
    found: dict[int, set[tuple[int, int]]] = {}
    for at, word in enumerate(words):
        after = words[at + 1] if at + 1 < len(words) else END
        if word in denials:
            found.setdefault(word, set()).add((1, after))
        elif word < 0:
            found.setdefault(word, set()).update(((-1, words[at - 1] if at else END), (1, after)))
    return found


@lru_cache(maxsize=1)
def _negations() -> frozenset[int]:
    return frozenset(map(hash_of, _NEGATION))


def _is_changed(before: _Text, after: _Text, opcodes: Iterable[tuple[str, int, int, int, int]], terms: Terms) -> bool:
    """Return whether something was replaced, or put in, that makes another request."""
    come, gone = Counter(after.words) - Counter(before.words), Counter(before.words) - Counter(after.words)
    telling = {hash_of(word) for word in terms.further} | _negations()
    if any(word in telling for word in (*come, *gone)):
        return True
    dropped = added = 0
    for kind, e1, e2, l1, l2 in opcodes:
        if kind == "equal":
            continue
        old, new = before.words[e1:e2], after.words[l1:l2]
        is_moved = not any(word in gone for word in old) and not any(word in come for word in new)
        if kind == "replace" and not (is_moved and max(len(old), len(new)) >= _LEAST_MOVED):
            return True
        if is_moved:
            continue
        if new and not after.is_whole(l1, l2):
            return True
        if old and not before.is_whole(e1, e2):
            dropped += len(old)
        added += sum(word in come for word in new)
    if added and gone:
        return True
    return added > 1 or dropped > (len(before.words) * _SMALL_SHARE if len(before.words) >= _FEW_WORDS else 0)
