"""Russian text as the rules compare it: folded words, sentences, and the phrases an edition lists."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Annotated

from pydantic import AfterValidator, ValidationInfo

# Characters that show nothing and only split words for a machine: zero width, soft hyphen, joiners.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufe00-\ufe0f]"
)
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?…]+(?=\s|$|[»\"”)])|[;\n]+")
_QUOTED = re.compile(r"«[^«»\n]{0,500}»|\"[^\"\n]{0,500}\"|“[^“”\n]{0,500}”|„[^„“”\n]{0,500}[“”]")
_GAP = r"(?: \S+){0,5}?"
_ANYWHERE = r"(?: \S+){0,40}? "
_ENDINGS = sorted(
    "иями ями ами ого его ому ему ыми ими ешь ишь ете ите ает яет ует ить ать ять еть уть ой ей ый ий ая яя ое ее ые "
    "ие ую юю ом ем ам ям ах ях ов ев ия ию ии ет ит ут ют ат ят ал ял ил ел ла ло ли а я о е у ю ы и ь й".split(),
    key=len,
    reverse=True,
)


def visible(text: str) -> str:
    """Return `text` in Unicode's compatible form, without characters that show nothing, dashes made plain.

    The numero sign stays: its compatible form is the letters `No`.
    """
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


@lru_cache(maxsize=256)
def sentences(text: str) -> tuple[str, ...]:
    """Return the sentences of `text`, each as its folded words joined by one space; empty ones are left out."""
    parts = (" ".join(_WORD.findall(part)) for part in _SENTENCE_END.split(fold(text)))
    return tuple(part for part in parts if part)


def without_quotations(text: str, *, longer_than: int = 2) -> str:
    """Return `text` without quoted passages of more than `longer_than` words: names stay, other people's words go."""
    return _QUOTED.sub(lambda found: found[0] if len(found[0].split()) <= longer_than else " ", visible(text))


def stem(word: str) -> str:
    """Return a rough stem of a folded Russian word: enough to match forms of one word with each other."""
    if not word.isalpha():
        return word
    if len(word) > 5 and word.endswith(("ся", "сь")):
        word = word[:-2]
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)][:6]
    return word[:6]


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


def _word_pattern(word: str) -> str:
    beginning, ending = (r"\S+" if word.startswith("*") else ""), (r"\S*" if word.endswith("*") else "")
    return beginning + re.escape(word.strip("*")) + ending


def _pattern(phrase: str) -> str:
    one, both, other = phrase.partition(" & ")
    if both:
        return f"(?:{_pattern(one)}{_ANYWHERE}{_pattern(other)}|{_pattern(other)}{_ANYWHERE}{_pattern(one)})"
    pattern = ""
    gap = False
    for part in phrase.split():
        if part == "..":
            gap = True
            continue
        options = "|".join(" ".join(_word_pattern(word) for word in option.split("_")) for option in part.split("|"))
        pattern += (_GAP if gap else "") + (" " if pattern else "") + f"(?:{options})"
        gap = False
    return pattern


@lru_cache(maxsize=512)
def compiled(phrases: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return one pattern that finds any of `phrases` in a sentence as `sentences` gives it; None for no phrases."""
    if not phrases:
        return None
    return re.compile(r"(?<!\S)(?:" + "|".join(_pattern(phrase) for phrase in phrases) + r")(?!\S)")


def found_in(sentence: str, phrases: tuple[str, ...]) -> str | None:
    """Return the words of `sentence` that are one of `phrases`, or None."""
    pattern = compiled(phrases)
    found = pattern.search(sentence) if pattern else None
    return found[0] if found else None


def is_phrase(said: str, phrases: tuple[str, ...]) -> bool:
    """Return whether `said`, folded words joined by one space, is one of `phrases` and nothing more."""
    pattern = compiled(phrases)
    return pattern is not None and pattern.fullmatch(said) is not None


def find_phrases(text: str, phrases: tuple[str, ...], unless: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Return the words found for `phrases`, a sentence each; a sentence with one of `unless` does not count."""
    hits = []
    for sentence in sentences(text):
        hit = found_in(sentence, phrases)
        if hit is not None and found_in(sentence, unless) is None:
            hits.append(hit)
    return tuple(dict.fromkeys(hits))
