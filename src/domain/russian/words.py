"""Russian text as the rules compare it: folded words and sentences."""

from __future__ import annotations

import re
import unicodedata
from functools import cached_property, lru_cache

# Characters that show nothing and only split words for a machine: zero width, soft hyphen, joiners.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f]"
)
_DASHES = re.compile("[\u2010-\u2015\u2212]")
# Russian text as most keyboards give it, which is its own compatible form and hides nothing.
_PLAIN = re.compile("[\x00-\x7fА-яЁё«»№]*")
SHORT_KEY, KEY = 3, 5
"""First letters by which a phrase's word with any ending is looked up: three of them where it has no five."""
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$|[»\"”)])|[;\n]+")
_QUOTED = re.compile(r"«[^«»\n]{0,500}»|\"[^\"\n]{0,500}\"|“[^“”\n]{0,500}”|„[^„“”\n]{0,500}[“”]")
_ENDINGS = frozenset(
    "иями ями ами ого его ому ему ыми ими ешь ишь ете ите ает яет ует ить ать ять еть уть ой ей ый ий ая яя ое ее ые "
    "ие ую юю ом ем ам ям ах ях ов ев ия ию ии ет ит ут ют ат ят ал ял ил ел ла ло ли а я о е у ю ы и ь й".split()
)
"""Of one letter to four."""


def visible(text: str) -> str:
    """Return `text` in Unicode's compatible form, without characters that show nothing, dashes made plain.

    The numero sign stays: its compatible form is the letters `No`.
    """
    if _PLAIN.fullmatch(text):
        return text
    compatible = "№".join(unicodedata.normalize("NFKC", part) for part in text.split("№"))
    return _DASHES.sub("-", _INVISIBLE.sub("", compatible))


def ends_of(text: str, first: int, last: int) -> str:
    """Return `text` without its middle where it is longer than `first` and `last` characters: what was cut parts them."""
    return text if len(text) <= first + last else f"{text[:first]}\n\n{text[-last:]}"


def fold(text: str) -> str:
    """Return `text` for comparison: visible characters, lower case, `ё` as `е`."""
    return visible(text).lower().replace("ё", "е")


@lru_cache(maxsize=256)
def words(text: str) -> tuple[str, ...]:
    """Return the folded words and numbers of `text`, in order."""
    return tuple(_WORD.findall(fold(text)))


class Sentence(str):
    """The folded words of a sentence, joined by one space, which many lists of phrases are sought in."""

    __slots__ = ("__dict__",)  # where the cached properties are

    @cached_property
    def said(self) -> tuple[str, ...]:
        """Its words."""
        return tuple(self.split())

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of its words."""
        said = frozenset(self.said)
        return said.union([f"{word[:SHORT_KEY]}*" for word in said], [f"{word[:KEY]}*" for word in said])

    @cached_property
    def places(self) -> dict[str, list[int]]:
        """The numbers of its words by the keys of each."""
        found: dict[str, list[int]] = {}
        place = found.setdefault
        for at, word in enumerate(self.said):
            place(word, []).append(at)
            place(f"{word[:SHORT_KEY]}*", []).append(at)
            place(f"{word[:KEY]}*", []).append(at)
        return found


def keys_of(word: str) -> tuple[str, str, str]:
    """Return by what a phrase is looked up that begins with `word`, or with a word that begins like it."""
    return word, f"{word[:SHORT_KEY]}*", f"{word[:KEY]}*"


class Sentences(tuple[Sentence, ...]):  # noqa: SLOT001 - a tuple takes no slots, and the cached property needs a place
    """The sentences of a text, in order."""

    @cached_property
    def keys(self) -> frozenset[str]:
        """The keys of all their words."""
        return frozenset().union(*(sentence.keys for sentence in self))


@lru_cache(maxsize=32)
def sentences(text: str) -> Sentences:
    """Return the sentences of `text`, each as its folded words joined by one space; empty ones are left out."""
    parts = (_sentence(part.strip()) for part in _SENTENCE_END.split(fold(text)))
    return Sentences(part for part in parts if part)


@lru_cache(maxsize=256)
def _sentence(part: str) -> Sentence:
    """Return one folded sentence: the texts that the rules make of a letter have most of them in common."""
    return Sentence(" ".join(_WORD.findall(part)))


def forget_sentences() -> None:
    """Keep no sentence of a letter that the rules are done with."""
    sentences.cache_clear()
    _sentence.cache_clear()


def without_quotations(text: str, *, longer_than: int = 2) -> str:
    """Return `text` without quoted passages of more than `longer_than` words: names stay, other people's words go."""
    return _QUOTED.sub(lambda found: found[0] if len(found[0].split()) <= longer_than else " ", visible(text))


def stem(word: str) -> str:
    """Return a rough stem of a folded Russian word: enough to match forms of one word with each other."""
    if not word.isalpha():
        return word
    if len(word) > 5 and word.endswith(("ся", "сь")):
        word = word[:-2]
    for length in (4, 3, 2, 1):
        if len(word) >= length + 3 and word[-length:] in _ENDINGS:
            return word[:-length][:6]
    return word[:6]
