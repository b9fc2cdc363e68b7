"""What a letter is about, as a small linear model reads it: trained offline (`make train`), a table of data, pure Python.

It weighs stems of words, pairs of them and groups of characters, label by label, and sums the weights up. Where no
phrase of a rule is in a letter, its manner still tells an outage from a wish. It explains itself by the words that
weighed most.
"""

from __future__ import annotations

import json
import lzma
import math
from base64 import b85decode
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from domain.russian.words import stem, words

LABELS = ("critical", "password", "scope", "third", "unclear", "thanks", "withdrawal")
"""What a letter may be about: a fault that stops all, access, what support does not render, somebody else's fault."""
BUCKETS = 1 << 15
"""Places in the table: each feature has one of them, by its hash."""
READ_WORDS, READ_LAST = 160, 40
"""Words of a text that are read, from its beginning and from its end."""
READ_SUBJECT = 30
_TABLE = Path(__file__).parent / "model" / "letters.json"
_LENGTHS = (0, 1, 2, 4, 7, 12, 20, 40, 80)
_GROUPS = (3, 4, 5)
_LONGEST_WORD = 24
_LONGEST_PHRASE = 4
"""Words of a phrase that explains a score."""


class Model(NamedTuple):
    """A table: for each label the weight of each bucket in steps of `steps`, from -127 to 127."""

    weights: tuple[memoryview, ...]
    steps: tuple[float, ...]
    biases: tuple[float, ...]
    certain: Mapping[str, float]
    """By label the score above which 95 of 100 letters of unseen writers are of it."""
    suggested: Mapping[str, float]
    """By label the score above which enough are, to ask a specialist."""
    made_of: str
    """The digest of the letters that it was trained on."""


class Reading(NamedTuple):
    """What the model says of a letter."""

    scores: dict[str, float]
    """By label how likely the letter is that, 0 to 1."""
    said: tuple[str, ...]
    """The words that were read."""
    subject_words: int
    """How many of them are the subject's."""


def read(subject: str, text: str) -> Reading:
    """Return what the model says of a letter with that subject and new text."""
    model = model_of()
    said, subjects = words_of(subject, text)
    places = features(said, subjects)
    norm = 1 / math.sqrt(len(places))
    scores = {
        label: _likely(bias + step * norm * sum(map(weights.__getitem__, places)))
        for label, weights, step, bias in zip(LABELS, model.weights, model.steps, model.biases, strict=True)
    }
    return Reading(scores, said, subjects)


def phrases(reading: Reading, label: str, *, most: int = 3) -> tuple[str, ...]:
    """Return the phrases of a letter that speak most for a label, the strongest first, as they were read."""
    weights = model_of().weights[LABELS.index(label)]
    said, subjects = reading.said, reading.subject_words
    own = [sum(weights[place] for place in _of_word(word)) for word in said]
    pairs = [0 if at + 1 == subjects else weights[_of_pair(one, two)] for at, (one, two) in enumerate(pairwise(said))]
    found: list[tuple[int, int, int]] = []
    for begin in range(len(said)):
        total = 0
        for end in range(begin, min(begin + _LONGEST_PHRASE, len(said))):
            total += own[end] + (pairs[end - 1] if end > begin else 0)
            if end + 1 != subjects or end >= begin:
                found.append((total, begin, end + 1))
            if end + 1 == subjects:
                break
    chosen: list[tuple[int, int]] = []
    for total, begin, end in sorted(found, key=lambda one: (-one[0], one[1], one[2])):
        if total <= 0 or len(chosen) == most:
            break
        if all(end <= other or begin >= other_end for other, other_end in chosen):
            chosen.append((begin, end))
    return tuple(" ".join(said[begin:end]) for begin, end in chosen)


def features(said: tuple[str, ...], subjects: int) -> list[int]:
    """Return the buckets of what a letter has, each once, in order; `subjects` words of it are the subject's."""
    places: set[int] = set()
    for word in said:
        places.update(_of_word(word))
    for at, (one, two) in enumerate(pairwise(said)):
        if at + 1 != subjects:
            places.add(_of_pair(one, two))
    places.update(_bucket(f"subject {_short(word)}") for word in said[:subjects])
    text_words = len(said) - subjects
    places.add(_bucket(f"length {max(length for length in _LENGTHS if length <= text_words)}"))
    return sorted(places)


def words_of(subject: str, text: str) -> tuple[tuple[str, ...], int]:
    head, body = words(subject)[:READ_SUBJECT], words(text)
    if len(body) > READ_WORDS + READ_LAST:
        body = (*body[:READ_WORDS], *body[-READ_LAST:])
    return (*head, *body), len(head)


def _bucket(feature: str) -> int:
    return crc32(feature.encode("utf-8", "surrogatepass")) % BUCKETS


def _short(word: str) -> str:
    """Return the stem of a word; a number is known by how long it is."""
    if word.isalpha():
        return stem(word)
    digits = sum(map(str.isdigit, word))
    return f"{digits}0" if digits else word[:_LONGEST_WORD]


@lru_cache(maxsize=4096)
def _of_word(word: str) -> tuple[int, ...]:
    """Return the buckets of a word: of its stem and of the groups of characters in it."""
    found = {_bucket(f"w {_short(word)}")}
    if word.isalpha():
        shown = f"^{word[:_LONGEST_WORD]}$"
        found.update(_bucket(shown[at : at + length]) for length in _GROUPS for at in range(len(shown) - length + 1))
    return tuple(sorted(found))


@lru_cache(maxsize=4096)
def _of_pair(one: str, two: str) -> int:
    return _bucket(f"w {_short(one)} {_short(two)}")


def _likely(total: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def model_of() -> Model:
    """Return the table, read once."""
    table = json.loads(_TABLE.read_text("utf-8"))
    whole = memoryview(lzma.decompress(b85decode(table["weights"]))).cast("b")
    weights = tuple(whole[at * BUCKETS : (at + 1) * BUCKETS] for at in range(len(LABELS)))
    certain, suggested = (dict(zip(LABELS, table[name], strict=True)) for name in ("certain", "suggested"))
    return Model(weights, tuple(table["steps"]), tuple(table["biases"]), certain, suggested, table["made_of"])
