"""What a letter is about, as a small linear model reads it: trained offline (`make train`), a table of data, pure Python.

It weighs stems of words, pairs of them and groups of characters, label by label, and sums the weights up. Where no
phrase of a rule is in a letter, its manner still tells an outage from a wish. It explains itself by the words that
weighed most.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from functools import cache, lru_cache
from itertools import chain, pairwise
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from domain.russian.words import sentences, stem, words

LABELS = ("critical", "password", "scope", "third", "unclear", "thanks", "withdrawal")
"""What a letter may be about: a fault that stops all, access, what support does not render, somebody else's fault."""
BUCKETS = 1 << 15
"""Places in the table: each feature has one of them, by its hash."""
READ_WORDS, READ_LAST = 160, 40
"""Words of a text that are read, from its beginning and from its end."""
READ_SUBJECT = 30
READ_SENTENCES = 60
_FEWEST_WORDS = 4
"""Of a sentence that is read alone."""
_TABLE = Path(__file__).parent / "model" / "letters.table"
_LENGTHS = (0, 1, 2, 4, 7, 12, 20, 40, 80)
_GROUPS = (4, 6)
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
    text: str = ""
    """The subject and the new text."""

    def loudest(self, label: str) -> float:
        """Return how likely the letter is a label by the whole of it or by a sentence or two of it, whichever says so more.

        One alarming sentence among courtesies is drowned by them in the whole. The first sentences are read, the subject
        before them: see `has_more`.
        """
        each = [tuple(sentence.split()) for sentence in sentences(self.text)[:READ_SENTENCES]]
        alone = (one for one in each if len(one) >= _FEWEST_WORDS)
        in_pairs = ((*one, *two)[:READ_WORDS] for one, two in pairwise(each))
        return max([self.scores[label], *(_score(label, features(part, 0)) for part in chain(alone, in_pairs))])

    @property
    def has_more(self) -> bool:
        """True where the letter has sentences that `loudest` does not read."""
        return len(sentences(self.text)) > READ_SENTENCES


def read(subject: str, text: str) -> Reading:
    """Return what the model says of a letter with that subject and new text."""
    said, subjects = words_of(subject, text)
    places = features(said, subjects)
    return Reading({label: _score(label, places) for label in LABELS}, said, subjects, f"{subject}\n{text}")


def _score(label: str, places: list[int]) -> float:
    model, at = model_of(), LABELS.index(label)
    total = sum(map(model.weights[at].__getitem__, places))
    return _likely(model.biases[at] + model.steps[at] * total / math.sqrt(len(places)))


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
    """Return the words that are read of a letter, the subject's first, and how many are the subject's."""
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
    """Return the table, read once: a line of JSON, then the weights of each label, a byte a bucket."""
    head, _, weights = _TABLE.read_bytes().partition(b"\n")
    table, whole = json.loads(head), memoryview(weights).cast("b")
    by_label = tuple(whole[at * BUCKETS : (at + 1) * BUCKETS] for at in range(len(LABELS)))
    certain, suggested = (dict(zip(LABELS, table[name], strict=True)) for name in ("certain", "suggested"))
    return Model(by_label, tuple(table["steps"]), tuple(table["biases"]), certain, suggested, table["made_of"])
