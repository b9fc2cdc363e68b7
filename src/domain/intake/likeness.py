"""Whether two letters ask the same: their words compared, as hashes, by what was added, dropped, moved or replaced.

A word is an integer (see `hash_of`), and that of a number is negative. END closes a sentence; another END behind it
says that the sentence is about the letter itself («ответа так и нет, пишу второй раз») and asks nothing. Two letters
that differ in a number, or in a word that was replaced, put in or denied, are two requests.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

from domain.russian.words import stem

END = 0
"""Closes a sentence."""
_SHORTEST_MISTYPED = 6
"""Letters: in a shorter word one letter makes another word too easily."""
_KEPT_BEGINNING = 3
"""Letters that are the same in a mistyped word: a Russian word's opposite has another prefix («включите», «выключите»)."""
DENIAL = "не"
"""Belongs to the word behind it, with which it is often written as one."""
_SHORTEST_DENIED = 4
_NEGATIONS = ("нет", "ни", "без")
_HEARD_ALIKE = str.maketrans("еэяо", "иииа")
"""Vowels that are taken for one another: «слетели», «слители»."""
_LETTERS = 33
_SHAPE = 33
"""The bit at which the letters of a word begin."""
_SMALL_SHARE = 0.15
_FEW_WORDS = 8
_DROPPED_BELOW_A_PREFACE = 0.25
_LONGEST_PREFACE = 30
"""Words and sentences."""


class Terms(NamedTuple):
    """What makes two letters one, of an edition's rule."""

    longest_addition: float
    """The share of words that may have been added or dropped."""
    further: tuple[str, ...]
    """Words that announce something new in what was added."""


def hashes_in(words: Iterable[str]) -> Iterator[int]:
    """Return the hashes of a sentence's folded words; a denial is part of what it denies."""
    is_denied = False
    for word in words:
        if word == DENIAL:
            is_denied = True
            continue
        if word.startswith(DENIAL) and len(word) >= len(DENIAL) + _SHORTEST_DENIED and not is_denied:
            is_denied, word = True, word.removeprefix(DENIAL)  # noqa: PLW2901 - «немогу» is «не могу»
        yield hash_of(word, is_denied=is_denied)
        is_denied = False
    if is_denied:
        yield hash_of(DENIAL)


def hash_of(word: str, *, is_denied: bool = False) -> int:
    """Return the hash of a folded word: of its stem, and of its letters so that a mistyped one can be known.

    The lower bits are CRC-32 of the stem, so the same in every process. Above them are which letters are behind the
    word's beginning, then that beginning. The hash of a word with a digit is negative, and of the stem alone.
    """
    value = crc32(stem(word).encode(), is_denied) + 1
    if not word.isalpha():
        return -value if any(sign.isdigit() for sign in word) else value
    if len(word) < _SHORTEST_MISTYPED:
        return value
    shape = 0
    for letter in _whole_stem(word)[_KEPT_BEGINNING:]:
        shape |= 1 << ord(letter) % _LETTERS
    beginning = crc32(word[:_KEPT_BEGINNING].translate(_HEARD_ALIKE).encode(), is_denied) & 0xFF
    return value | shape << _SHAPE | beginning << _SHAPE + _LETTERS


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
    asked, repeated = _sentences(earlier), _sentences(later)
    before = _Text(_without_asides(asked, repeated))
    rest = _without_asides(repeated, asked)
    without_preface = _without_preface(rest, before, terms)
    after = _Text(without_preface)
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
    if len(without_preface) < len(rest) and not _follows(before.words, after.words):
        return 0.0  # it is in place of the first sentence, and no preface
    same = (Counter(before.words) & Counter(after.words)).total()
    return same / longest if same >= longest * (1 - terms.longest_addition) else 0.0


def adds(earlier: Sequence[int], later: Sequence[int]) -> bool:
    """Return whether a repetition has words that the earlier letter lacks, such as a preface, and that are not about itself."""
    known = set(earlier)
    added = {word for said, is_aside in _sentences(later) if not is_aside for word in said if word not in known}
    return any(not any(is_mistyped(word, other) for other in known) for word in added)


def _sentences(hashes: Iterable[int]) -> list[tuple[tuple[int, ...], bool]]:
    """Return the sentences of a letter, and of each whether it is about the letter itself."""
    found: list[tuple[tuple[int, ...], bool]] = []
    words: list[int] = []
    for word in hashes:
        if word != END:
            words.append(word)
        elif words:
            found.append((tuple(words), False))
            words = []
        elif found:
            found[-1] = (found[-1][0], True)
    return [*found, (tuple(words), False)] if words else found


def _without_asides(
    sentences: list[tuple[tuple[int, ...], bool]], others: list[tuple[tuple[int, ...], bool]]
) -> list[int]:
    """Return a letter's words without the sentences about the letter itself, unless the other letter has such words, too."""
    known = {word for said, _ in others for word in said}
    rest = [said for said, is_aside in sentences if not (is_aside and _is_strange(said, known))]
    return [word for said in rest for word in (*said, END)]


def _is_strange(said: Sequence[int], known: Collection[int]) -> bool:
    """Return whether at most half of a sentence's words are known."""
    return 2 * sum(word in known for word in said) <= len(said)


def _follows(before: Sequence[int], after: Sequence[int]) -> bool:
    """Return whether a letter below a preface begins like the earlier one and has most of it."""
    dropped = len(before) - len(after)
    return before[:1] == after[:1] and dropped <= len(before) * _DROPPED_BELOW_A_PREFACE


def _without_preface(hashes: list[int], before: _Text, terms: Terms) -> list[int]:
    """Return a letter's words without its first sentences where these only stand above the earlier letter.

    Nobody writes a new request above the old text; a number, or a word that announces something else, makes it one.
    """
    if len(before.words) < _FEW_WORDS - 2:
        return hashes
    known, telling = set(before.words), {hash_of(word) for word in terms.further}
    start = 0
    while END in hashes[start:]:
        end = hashes.index(END, start)
        said = hashes[start:end]
        is_telling = any(word < 0 or word in telling for word in said)
        if is_telling or not _is_strange(said, known) or end > _LONGEST_PREFACE:
            break
        start = end + 1
    return hashes[start:] or hashes


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

    def is_edge(self, start: int, end: int) -> bool:
        """Return whether words begin or end a sentence; of none, whether their place is there."""
        return start in self.edges or end in self.edges

    def is_whole(self, start: int, end: int) -> bool:
        """Return whether words are one sentence or several."""
        return start in self.edges and end in self.edges


def is_mistyped(one: int, other: int) -> bool:
    """Return whether two words differ by one letter behind their beginning, or by the order of letters."""
    first, second = one >> _SHAPE, other >> _SHAPE
    if one < 0 or other < 0 or not first or not second or first >> _LETTERS != second >> _LETTERS:
        return False
    mask = (1 << _LETTERS) - 1
    gone, come = first & ~second & mask, second & ~first & mask
    return gone.bit_count() <= 1 and come.bit_count() <= 1


def _numbers(words: Iterable[int]) -> Counter[int]:
    return Counter(word for word in words if word < 0)


def _stand_otherwise(before: _Text, after: _Text) -> bool:
    """Return whether a number has other neighbours: «с 500 на 700» and «с 700 на 500» differ."""
    first, second = _neighbours(before.words), _neighbours(after.words)
    return any(not first[word] & second[word] for word in first.keys() & second.keys())


def _neighbours(words: Sequence[int]) -> dict[int, set[tuple[int, int]]]:
    """Return what is before and behind each number."""
    found: dict[int, set[tuple[int, int]]] = {}
    around = (END, *words, END)
    for at, word in enumerate(words, 1):
        if word < 0:
            found.setdefault(word, set()).update(((-1, around[at - 1]), (1, around[at + 1])))
    return found


@lru_cache(maxsize=1)
def _negations() -> frozenset[int]:
    return frozenset(map(hash_of, _NEGATIONS))


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
        if is_moved and kind != "replace" and before.is_edge(e1, e2) and after.is_edge(l1, l2):
            continue  # from an end of a sentence to an end of one: elsewhere it is «из Бийска в Томск»
        if is_moved or kind == "replace":
            return True
        if new and not after.is_whole(l1, l2):
            return True
        if old and not before.is_whole(e1, e2):
            dropped += len(old)
        added += sum(word in come for word in new)
    if added and gone:
        return True
    return added > 1 or dropped > (len(before.words) * _SMALL_SHARE if len(before.words) >= _FEW_WORDS else 0)
