"""The phrases that an edition lists, and how they are found in a sentence: by their first words, with no large pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

from domain.russian.words import KEY, SHORT_KEY, Sentence, fold, keys_of, sentences

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

Phrases = tuple[Phrase, ...]


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
    parts: tuple[_Part, ...], said: tuple[str, ...], at: int, *, whole: bool = False, number: int = 0
) -> int | None:
    """Return where `parts`, from that `number` on, end in `said` if they begin at word `at`; None where they do not.

    Gaps are as short as may be, and choices are tried in their order. `whole`: nothing may follow.
    """
    if number == len(parts):
        return at if not whole or at == len(said) else None
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
            last = _end(parts, said, end, whole=whole, number=number + 1)
            if last is not None:
                return last
    return None


class _Form:
    """A phrase in one order of its halves; it is taken apart when it is first compared."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._words = None if _SIGNS.search(text) else tuple(text.split())
        first, *others = text.split()
        second = next((part for part in others if part not in ("..", "&")), None)
        self.firsts = [choice.partition("_")[0] for choice in first.split("|")]
        keys = {_key(choice.partition("_")[0]) for choice in second.split("|")} if second else {None}
        self.second = frozenset(key for key in keys if key is not None) if None not in keys else None
        """The keys of its second part, one of which every sentence has that has the form; None for no such keys."""

    @cached_property
    def _parts(self) -> tuple[_Part, ...]:
        return _parts(self._text)

    def end(self, said: tuple[str, ...], at: int) -> int | None:
        """Return after which word this form ends, if it begins at word `at`; None where it does not."""
        if self._words is not None:
            end = at + len(self._words)
            return end if said[at:end] == self._words else None
        return _end(self._parts, said, at)

    def is_whole(self, said: tuple[str, ...]) -> bool:
        """Return whether `said` is this form and nothing more."""
        return said == self._words if self._words is not None else _end(self._parts, said, 0, whole=True) is not None


def _key(word: str) -> str | None:
    """Return by which key of a sentence a phrase's word is looked up; None where it may begin with anything."""
    if "*" not in word:
        return word
    key = word[:KEY] if len(word) > KEY else word[:SHORT_KEY]
    return f"{key}*" if len(key) >= SHORT_KEY and "*" not in key else None


class _Finder:
    """A list of phrases by their first words: where none of these stands, nothing is compared."""

    def __init__(self, phrases: tuple[str, ...]) -> None:
        self._forms = tuple(_Form(text) for phrase in phrases for text in _orders(phrase))
        self._by_key: dict[str, list[tuple[int, frozenset[str] | None]]] = {}
        """Numbers of forms, each with the keys of its second word, by the key of a first word."""
        self._by_word: list[tuple[_AnyWord, int, frozenset[str] | None]] = []
        """The same of forms whose first word has no key, with that word."""
        for number, form in enumerate(self._forms):
            for first in form.firsts:
                if (key := _key(first)) is not None:
                    self._by_key.setdefault(key, []).append((number, form.second))
            if keyless := [first for first in form.firsts if _key(first) is None]:
                self._by_word.append((_AnyWord(keyless), number, form.second))

    def may_begin_in(self, sentence: Sentence) -> bool:
        """Return False where `sentence` has no first word of the phrases."""
        return bool(self._by_word) or not self._by_key.keys().isdisjoint(sentence.places)

    def hits(self, sentence: Sentence) -> Iterator[Hit]:
        """Return the phrases in `sentence` from left to right, none of which overlap."""
        said, places = sentence.said, sentence.places
        begun = [
            (at, number)
            for key in self._by_key.keys() & places.keys()
            for number, second in self._by_key[key]
            if second is None or not second.isdisjoint(places)
            for at in places[key]
        ]
        for word, number, second in self._by_word:
            if second is None or not second.isdisjoint(places):
                begun += [(at, number) for at, one in enumerate(said) if word.fits(one)]
        last = 0
        for at, number in sorted(begun):
            if at >= last and (end := self._forms[number].end(said, at)) is not None:
                yield Hit(at, end)
                last = end

    def is_whole(self, said: tuple[str, ...]) -> bool:
        """Return whether `said` is one of the phrases from its first word to its last."""
        if not said:
            return False
        numbers = [number for key in keys_of(said[0]) for number, _ in self._by_key.get(key, ())]
        numbers += [number for word, number, _ in self._by_word if word.fits(said[0])]
        return any(self._forms[number].is_whole(said) for number in numbers)


@lru_cache(maxsize=512)
def _finder(phrases: tuple[str, ...]) -> _Finder:
    return _Finder(phrases)


def hits(sentence: str, phrases: tuple[str, ...]) -> Iterator[Hit]:
    """Return where `phrases` stand in a sentence, from left to right; of two at one place the first listed."""
    return _finder(phrases).hits(_sentence(sentence)) if phrases else iter(())


def found_in(sentence: str, phrases: tuple[str, ...]) -> str | None:
    """Return the words of `sentence`, folded and joined by one space, that are one of `phrases`, or None."""
    if not phrases:
        return None
    finder = _finder(phrases)
    if not isinstance(sentence, Sentence):
        sentence = Sentence(sentence)
    if not finder.may_begin_in(sentence):
        return None
    hit = next(finder.hits(sentence), None)
    return " ".join(sentence.said[hit.start : hit.end]) if hit else None


def may_be_in(sentences_: Iterable[str], phrases: tuple[str, ...]) -> bool:
    """Return False where none of `phrases` is in any of the sentences, whose first words alone are looked at."""
    return bool(phrases) and any(_finder(phrases).may_begin_in(_sentence(sentence)) for sentence in sentences_)


def is_phrase(sentence: str, phrases: tuple[str, ...]) -> bool:
    """Return whether `sentence`, folded words joined by one space, is one of `phrases` and nothing more."""
    return bool(phrases) and _finder(phrases).is_whole(tuple(sentence.split()))


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
    for sentence in sentences(text):
        hit = found_in(sentence, phrases)
        if hit is not None and found_in(sentence, unless) is None:
            found.append(hit)
    return tuple(dict.fromkeys(found))
