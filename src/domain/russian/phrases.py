"""The phrases that an edition lists, and how they are found in a sentence: by their most telling words, with no large pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from domain.russian.words import KEY, SHORT_KEY, Sentence, Sentences, fold, keys_of, sentences

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_SIGNS = re.compile(r"[*|_&]|\.\.")
_GAP = 5
"""Words that `..` may stand for."""
_ANYWHERE = 40
"""Words that may stand between the two halves of `a & b`."""


def _phrase(text: str, info: ValidationInfo) -> str:
    if info.context is not None and text in info.context:
        return text  # of the lexicon: checked and folded
    for half in text.split(" & "):
        parts = half.split()
        alternatives = [option for part in parts for option in part.split("|")]
        words_ = [word.strip("*") for option in alternatives if option != ".." for word in option.split("_")]
        if not words_ or any(not option or not _WORD.fullmatch(option) for option in words_):
            raise ValueError("a phrase of words, each with * for any ending or | between choices, and .. for a gap")
        if parts[0] == ".." or parts[-1] == "..":
            raise ValueError("a phrase that begins and ends with a word")
    if text.count(" & ") > 1:
        raise ValueError("a phrase with one & at most")
    return fold(text)


Phrase = Annotated[str, AfterValidator(_phrase)]
"""A phrase of an edition: words in order within one sentence.

`слово*` takes any ending, `*ть` any beginning; `a|b` is a choice of words, `a|b_c` one of a word and two;
`..` stands for up to five words of any kind; `a & b` is both, whichever comes first.
"""


class PhraseList(tuple[str, ...]):  # noqa: SLOT001 - a tuple takes no slots, and the cached property needs a place
    """A list of phrases that is looked for again and again: how, is found out once."""

    @cached_property
    def finder(self) -> Finder:
        """Return what finds these phrases."""
        return Finder(self)


Phrases = Annotated[tuple[Phrase, ...], AfterValidator(PhraseList)]
"""Phrases of an edition, in order: of two at one place the first listed is found."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A phrase found in a sentence: the numbers of its first word and of the word after it."""

    start: int
    end: int


class _AnyWord:
    """One word, which may be any of several."""

    __slots__ = ("_begun", "_ended", "_holding", "_whole")

    def __init__(self, choices: list[str]) -> None:
        self._whole = frozenset(choice for choice in choices if "*" not in choice)
        self._begun = tuple(choice[:-1] for choice in choices if choice[-1] == "*" != choice[0])
        self._ended = tuple(choice[1:] for choice in choices if choice[0] == "*" != choice[-1])
        self._holding = tuple(choice[1:-1] for choice in choices if choice[0] == "*" == choice[-1])

    def fits(self, word: str) -> bool:
        """Return whether a folded word is one of these; what has any beginning begins with a letter at least."""
        return (
            word in self._whole
            or word.startswith(self._begun)
            or (word.endswith(self._ended, 1) if self._ended else False)
            or (any(text in word[1:] for text in self._holding) if self._holding else False)
        )


_Part = tuple[int, tuple[tuple[_AnyWord, ...], ...]]
"""The words that may stand before a part of a phrase, and its choices in order, each of one word or more."""


def _parts(form: str) -> tuple[_Part, ...]:
    """Return a phrase of the edition in its parts; `&` puts the second half behind the first."""
    parts: list[_Part] = []
    gap = 0
    for part in form.split():
        if part in ("..", "&"):
            gap = _GAP if part == ".." else _ANYWHERE
            continue
        choices: list[tuple[_AnyWord, ...]] = []
        # Neighbours of one word are one choice: whichever of them fits, the phrase goes on behind that word.
        for is_several, group in groupby(part.split("|"), key=lambda choice: "_" in choice):
            if is_several:
                choices += (tuple(_AnyWord([word]) for word in choice.split("_")) for choice in group)
            else:
                choices.append((_AnyWord(list(group)),))
        parts.append((gap, tuple(choices)))
        gap = 0
    return tuple(parts)


def _orders(phrase: str) -> tuple[str, ...]:
    """Return the orders in which the halves of a phrase may stand."""
    one, both, other = phrase.partition(" & ")
    return (phrase, f"{other} & {one}") if both else (phrase,)


def _end(
    parts: tuple[_Part, ...],
    said: tuple[str, ...],
    at: int,
    failed: set[tuple[int, int]],
    *,
    whole: bool = False,
    number: int = 0,
) -> int | None:
    """Return where `parts`, from that `number` on, end in `said` if they begin at word `at`; None where they do not.

    Gaps are as short as may be, and choices are tried in their order. `whole`: nothing may follow. `failed` keeps the
    numbers and words for which it was None, so that a phrase of many gaps looks at each place once.
    """
    if number == len(parts):
        return at if not whole or at == len(said) else None
    if (number, at) in failed:
        return None
    gap, choices = parts[number]
    for start in range(at, min(at + gap + 1, len(said))):
        for choice in choices:
            if not choice[0].fits(said[start]):
                continue
            end = start + len(choice)
            if len(choice) > 1 and not (
                end <= len(said) and all(word.fits(said[start + place]) for place, word in enumerate(choice))
            ):
                continue
            last = _end(parts, said, end, failed, whole=whole, number=number + 1)
            if last is not None:
                return last
    failed.add((number, at))
    return None


class _Form:
    """A phrase in one order of its halves; it is taken apart when it is first compared."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = None if _SIGNS.search(text) else tuple(text.split())
        parts = [
            [choice.partition("_")[0] for choice in part.split("|")] for part in text.split() if part not in ("..", "&")
        ]
        self.firsts = parts[0]
        keys = [_keys_of_part(part) for part in parts]
        self.first = keys[0]
        """The keys of its first part; None where a word of that may begin with anything."""
        self.needed = sorted((one for one in keys if one is not None), key=lambda one: -min(map(len, one)))
        """The keys of each part, the one with the longest words first, which few sentences have."""

    @cached_property
    def _parts(self) -> tuple[_Part, ...]:
        return _parts(self._text)

    def may_be_in(self, keys: frozenset[str]) -> bool:
        """Return False where one of its parts is in no sentence whose words have these keys."""
        for needed in self.needed:  # noqa: SIM110 - a generator takes longer than what it would go through
            if needed.isdisjoint(keys):
                return False
        return True

    def end(self, said: tuple[str, ...], at: int, failed: set[tuple[int, int]]) -> int | None:
        """Return after which word this form ends, if it begins at word `at`; None where it does not.

        `failed` belongs to this form and sentence: see `_end`.
        """
        if self._words is not None:
            end = at + len(self._words)
            return end if said[at:end] == self._words else None
        return _end(self._parts, said, at, failed)

    def is_whole(self, said: tuple[str, ...]) -> bool:
        """Return whether `said` is this form and nothing more."""
        if self._words is not None:
            return said == self._words
        return _end(self._parts, said, 0, set(), whole=True) is not None


def _key(word: str) -> str | None:
    """Return by which key of a sentence a phrase's word is looked up; None where it may begin with anything."""
    if "*" not in word:
        return word
    key = word[:KEY] if len(word) > KEY else word[:SHORT_KEY]
    return f"{key}*" if len(key) >= SHORT_KEY and "*" not in key else None


def _keys_of_part(choices: list[str]) -> frozenset[str] | None:
    """Return the keys of a part of a phrase, one of which every sentence has that has the phrase; None for no such keys."""
    keys = [_key(choice) for choice in choices]
    return None if None in keys else frozenset(key for key in keys if key is not None)


class Finder:
    """A list of phrases by their most telling words: where none of these stands, nothing is compared."""

    def __init__(self, phrases: tuple[str, ...]) -> None:
        self._forms = tuple(_Form(text) for phrase in phrases for text in _orders(phrase))
        self._by_key: dict[str, list[int]] = {}
        """Numbers of forms by each key of their most telling part."""
        self._keyless: list[int] = []
        """Numbers of the forms none of whose parts has keys."""
        self._by_first: dict[str, list[int]] = {}
        """Numbers of forms by each key of a first word."""
        self._first_words: dict[int, _AnyWord] = {}
        """The first words that have no key, by the number of their form."""
        for number, form in enumerate(self._forms):
            if not form.needed:
                self._keyless.append(number)
            for key in form.needed[0] if form.needed else ():
                self._by_key.setdefault(key, []).append(number)
            for first in form.firsts:
                if (key_of_first := _key(first)) is not None:
                    self._by_first.setdefault(key_of_first, []).append(number)
            if form.first is None:
                self._first_words[number] = _AnyWord(form.firsts)

    def may_be_in(self, keys: Iterable[str]) -> bool:
        """Return False where a text whose words have these keys has none of the phrases."""
        return bool(self._keyless) or not self._by_key.keys().isdisjoint(keys)

    @property
    def keys(self) -> Iterable[str] | None:
        """The keys one of which every sentence has that has a phrase; None where it need not."""
        return None if self._keyless else self._by_key.keys()

    def hits(self, sentence: Sentence) -> Iterator[Hit]:
        """Return the phrases in `sentence` from left to right, none of which overlap."""
        keys = sentence.keys
        numbers = {number for key in self._by_key.keys() & keys for number in self._by_key[key]}
        begun: list[tuple[int, int]] = []
        for number in numbers.union(self._keyless):
            form = self._forms[number]
            first = form.first
            if not form.may_be_in(keys):
                continue
            if first is None:
                fits = self._first_words[number].fits
                begun += [(at, number) for at, word in enumerate(sentence.said) if fits(word)]
            else:
                places = sentence.places
                begun += [(at, number) for key in first & places.keys() for at in places[key]]
        last = 0
        failed: dict[int, set[tuple[int, int]]] = {}
        for at, number in sorted(begun):
            if at < last:
                continue
            end = self._forms[number].end(sentence.said, at, failed.setdefault(number, set()))
            if end is not None:
                yield Hit(at, end)
                last = end

    def first_in(self, sentence: Sentence) -> str | None:
        """Return the words of the first phrase in `sentence`, joined by one space, or None."""
        if not self.may_be_in(sentence.keys):
            return None
        hit = next(self.hits(sentence), None)
        return " ".join(sentence.said[hit.start : hit.end]) if hit else None

    def is_in_any(self, sentences_: Sentences) -> bool:
        """Return whether any of the sentences has one of the phrases."""
        return any(map(self.first_in, sentences_))

    def is_whole(self, said: tuple[str, ...]) -> bool:
        """Return whether `said` is one of the phrases from its first word to its last."""
        if not said:
            return False
        numbers = [number for key in keys_of(said[0]) for number in self._by_first.get(key, ())]
        numbers += [number for number, word in self._first_words.items() if word.fits(said[0])]
        return any(self._forms[number].is_whole(said) for number in numbers)


def _finder(phrases: tuple[str, ...]) -> Finder:
    return phrases.finder if isinstance(phrases, PhraseList) else _finder_of(phrases)


@lru_cache(maxsize=64)
def _finder_of(phrases: tuple[str, ...]) -> Finder:
    return Finder(phrases)


def hits(sentence: str, phrases: tuple[str, ...]) -> Iterator[Hit]:
    """Return where `phrases` stand in a sentence, from left to right; of two at one place the first listed."""
    return _finder(phrases).hits(_sentence(sentence)) if phrases else iter(())


def found_in(sentence: str, phrases: tuple[str, ...]) -> str | None:
    """Return the words of `sentence`, folded and joined by one space, that are one of `phrases`, or None."""
    return _finder(phrases).first_in(_sentence(sentence)) if phrases else None


def found_in_any(sentences_: Sentences, phrases: tuple[str, ...]) -> bool:
    """Return whether any of the sentences has one of `phrases`."""
    return may_be_in(sentences_, phrases) and _finder(phrases).is_in_any(sentences_)


def may_be_in(sentences_: Sentences, phrases: tuple[str, ...]) -> bool:
    """Return False where none of `phrases` is in any of the sentences, of which single words are looked at."""
    return bool(phrases) and _finder(phrases).may_be_in(sentences_.keys)


def near(sentences_: Sentences, phrases: tuple[str, ...]) -> tuple[str, ...]:
    """Return `phrases`, or none where no sentence can have one: what is sought sentence by sentence is found out once."""
    return phrases if may_be_in(sentences_, phrases) else ()


class ListsByKey:
    """Several lists of phrases by the keys of their most telling words: which of them a text may have costs one look a word."""

    def __init__(self, lists: Iterable[tuple[str, ...]]) -> None:
        self._by_key: dict[str, list[int]] = {}
        self._keyless: list[int] = []
        for number, phrases in enumerate(lists):
            keys = _finder(phrases).keys if phrases else ()
            if keys is None:
                self._keyless.append(number)
            else:
                for key in keys:
                    self._by_key.setdefault(key, []).append(number)

    def candidates(self, keys: frozenset[str]) -> set[int]:
        """Return the numbers of the lists of which a text whose words have these keys may have a phrase."""
        found = set(self._keyless)
        for key in self._by_key.keys() & keys:
            found.update(self._by_key[key])
        return found


def is_phrase(sentence: str, phrases: tuple[str, ...]) -> bool:
    """Return whether `sentence`, folded words joined by one space, is one of `phrases` and nothing more."""
    return are_phrase(tuple(sentence.split()), phrases)


def are_phrase(said: tuple[str, ...], phrases: tuple[str, ...]) -> bool:
    """Return whether the folded words `said` are one of `phrases` and nothing more."""
    return bool(phrases) and _finder(phrases).is_whole(said)


def ends_with_phrase(said: tuple[str, ...], phrases: tuple[str, ...]) -> bool:
    """Return whether the last of the folded words `said` are one of `phrases`."""
    if not phrases:
        return False
    finder = _finder(phrases)
    return any(finder.is_whole(said[first:]) for first in range(len(said)))


def without(sentence: str, phrases: tuple[str, ...]) -> list[str]:
    """Return the words of `sentence` that are part of none of `phrases`."""
    said = _sentence(sentence).said
    rest: list[str] = []
    at = 0
    for hit in hits(sentence, phrases):
        rest += said[at : hit.start]
        at = hit.end
    return [*rest, *said[at:]]


def _sentence(sentence: str) -> Sentence:
    return sentence if isinstance(sentence, Sentence) else Sentence(sentence)


def find_phrases(text: str, phrases: tuple[str, ...], unless: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the words found for `phrases`, a sentence each; a sentence with one of `unless` does not count."""
    found = []
    said = sentences(text)
    if not may_be_in(said, phrases):
        return ()
    for sentence, hit in zip(said, map(_finder(phrases).first_in, said), strict=True):
        if hit is not None and found_in(sentence, unless) is None:
            found.append(hit)
    return tuple(dict.fromkeys(found))
