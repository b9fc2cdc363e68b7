"""A small linear model that reads how a short text sounds: trained offline (`make model`), a table of data, pure Python.

It weighs what a text has, groups of two to five characters, words and pairs of words, and sums the weights up. Where
the lists of phrases know no phrase it still knows a manner of speaking.
"""

from __future__ import annotations

import json
import math
import re
from base64 import b85decode
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

BUCKETS = 1 << 14
"""Places in the table: each group of characters has one of them, by its hash."""
READ = 400
"""Characters of a text that are read: how it begins tells for whom it is."""
_TABLES = Path(__file__).parent / "model"
_WORD = re.compile(r"\w+|[^\w\s]")


class Model(NamedTuple):
    """A table: the weight of each bucket in steps of `step`, from -127 to 127."""

    weights: memoryview
    step: float
    bias: float
    made_of: str
    """The digest of the texts that it was trained on."""


def features(text: str) -> list[int]:
    """Return the buckets of what a text has, each once, in order."""
    shown = "\n" + " ".join(text[:READ].replace("\n", " \n ").split(" ")) + "\n"
    groups = {shown[at : at + length] for length in (2, 3, 4, 5) for at in range(len(shown) - length + 1)}
    words = _WORD.findall(shown.lower())
    groups.update(f"w {word}" for word in words)
    groups.update(f"w {one} {next_}" for one, next_ in pairwise(words))
    groups.update(f"^{place} {word}" for place, word in enumerate(words[:2]))
    return sorted({crc32(group.encode("utf-8", "surrogatepass")) % BUCKETS for group in groups})


def score(text: str, model: Model) -> float:
    """Return how a text sounds: above nought as the one kind of text, below as the other."""
    found = features(text)
    return model.bias + model.step * sum(model.weights[place] for place in found) / math.sqrt(len(found))


@cache
def model_of(name: str) -> Model:
    """Return the table of that name, read once."""
    table = json.loads((_TABLES / f"{name}.json").read_text("utf-8"))
    weights = memoryview(b85decode(table["weights"])).cast("b")
    return Model(weights, table["step"], table["bias"], table["made_of"])
