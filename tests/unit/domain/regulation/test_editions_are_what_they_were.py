"""The editions that ship have the values they had before their words moved to the lexicon, field by field."""

from __future__ import annotations

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from domain.regulation.editions import desk_ids, editions

BEFORE: dict[str, dict[str, Any]] = json.loads(
    lzma.decompress(Path(__file__).with_name("editions_before.json.xz").read_bytes())
)
"""`Edition.model_dump(mode="json")` of every edition, by desk and name."""
SETS = ("foreign_sites", "unless")
"""Lists whose order says nothing: the code asks only whether one of them is there."""


def differences(before: object, after: object, path: str = "") -> Iterator[str]:
    """Return each field in which two dumps differ, the order of keys and of lists included."""
    if isinstance(before, dict) and isinstance(after, dict):
        if list(before) != list(after):
            yield f"{path}: keys {list(before)} and {list(after)}"
        for name in before.keys() & after.keys():
            yield from differences(before[name], after[name], f"{path}.{name}")
    elif isinstance(before, list) and isinstance(after, list) and path.endswith(SETS):
        if sorted(before) != sorted(after):
            yield f"{path}: {sorted(set(before) ^ set(after))}"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{path}[{index}]")
    elif before != after or type(before) is not type(after):
        yield f"{path}: {before!r} and {after!r}"


@pytest.mark.parametrize("desk", desk_ids())
def test_every_field_of_every_edition_is_what_it_was(desk: str) -> None:
    """No word, number or order has changed."""
    after = {edition.name: edition.model_dump(mode="json") for edition in editions(desk)}
    assert list(differences(BEFORE[desk], after)) == []


def test_a_word_that_is_lost_or_moved_is_seen() -> None:
    """The comparison can fail."""
    assert list(differences({"a": ["x", "y"]}, {"a": ["y", "x"]})) == [".a[0]: 'x' and 'y'", ".a[1]: 'y' and 'x'"]
    assert list(differences({"unless": ["x", "y"]}, {"unless": ["y"]})) == [".unless: ['x']"]
    assert list(differences({"a": 1}, {"a": True})) == [".a: 1 and True"]
