"""The lexicon, what is known of Russian whichever company asks, and an edition's tables merged with it.

`domain/russian/lexicon/<rule>.toml` has a file a rule: the lists and tables that the rule starts from. In the rule's
table an edition changes a list by `add` and `without` or gives a whole one instead; a table of names is merged name
by name and loses those that it lists as `without`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_FOLDER = Path(__file__).parents[1] / "russian" / "lexicon"

Place = tuple[str | int, ...]
"""A path of keys and indexes in a file."""

ADD, WITHOUT = "add", "without"
NAMED = {"items": "id", "signs": "name"}
"""Fields that a file writes as tables by name and a model has in a list, with the key that takes the name."""

_OFF: Mapping[str, Any] = {"mode": "off"}
_HARMLESS: Mapping[str, Mapping[str, Any]] = {
    "eligibility": {"kinds": {}},
    "clarity": {"hints": []},
    "duplicates": {"window_days": 1},
    "quota": {"limit": 1_000_000},
    "scope": {"items": {}},
    "manner": {},
}
"""What a rule that is off has where its edition does not say: nothing follows from it, whatever it finds."""


class Slip(NamedTuple):
    """Something in an edition that does not fit the lexicon: where, what was found and what was expected."""

    place: Place
    found: object
    expected: str


class Merged(NamedTuple):
    """The tables of an edition with the words of the lexicon in them, as the model of an edition takes them."""

    tables: Mapping[str, Any]
    slips: tuple[Slip, ...]


_Part = tuple[Any, tuple[Slip, ...]]


@cache
def lexicon() -> Mapping[str, Mapping[str, Any]]:
    """Return the tables of every rule by its name, each file read once."""
    return {file.stem: tomllib.loads(file.read_text("utf-8")) for file in sorted(_FOLDER.glob("*.toml"))}


@cache
def checked_words() -> frozenset[str]:
    """Return every text of the lexicon: tests check them, so that no start of a function has to."""
    return frozenset(_texts(lexicon()))


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def with_lexicon(edition: Mapping[str, Any]) -> Merged:
    """Return the tables of an edition, as its file has them, merged with the lexicon.

    A rule that the edition does not mention is off. What is no table where one belongs is left for the model to refuse.
    """
    rules = edition.get("rules", {})
    if not isinstance(rules, dict):
        return Merged(edition, ())
    names = dict.fromkeys((*lexicon(), *_HARMLESS, *rules))
    merged = {name: _rule(name, rules.get(name, _OFF)) for name in names}
    return Merged(
        {**edition, "rules": {name: table for name, (table, _) in merged.items()}},
        tuple(slip for _, slips in merged.values() for slip in slips),
    )


def _rule(name: str, own: Any) -> _Part:
    if not isinstance(own, Mapping):
        return own, ()
    if own.get("mode") == "off":
        own = {"house_rule": "clause" not in own, **_HARMLESS.get(name, {}), **own}
    base = lexicon().get(name, {})
    if name == "scope":
        # A service is excluded by a clause: of the lexicon's items, those count that the edition names.
        items, named = base["items"], own.get("items")
        base = {field: words for field, words in base.items() if field != "items"}
        if named is not None:
            base["items"] = {item: items.get(item, {}) for item in named} if isinstance(named, Mapping) else {}
    table, slips = _table(base, own, ("rules", name))
    for field, key in NAMED.items():
        if isinstance(table.get(field), Mapping):
            table[field], wrong = _listed(table[field], key, ("rules", name, field))
            slips += wrong
    return table, slips


def _listed(tables: Mapping[str, Any], key: str, place: Place) -> _Part:
    """Return tables by name as a list in which each says its name itself."""
    slips = tuple(
        Slip((*place, name), table, "a table") for name, table in tables.items() if not isinstance(table, Mapping)
    )
    slips += tuple(
        Slip((*place, name, key), table[key], f"no {key}: the name of the table is it")
        for name, table in tables.items()
        if isinstance(table, Mapping) and key in table
    )
    return [{**(table if isinstance(table, Mapping) else {}), key: name} for name, table in tables.items()], slips


def _merge(base: object, own: Any, place: Place) -> _Part:
    if isinstance(base, Mapping):
        return _table(base, own, place) if isinstance(own, Mapping) else (base, (Slip(place, own, "a table"),))
    if isinstance(base, list) and isinstance(own, Mapping):
        return _list(base, own, place)
    return own, ()


def _table(base: Mapping[str, Any], own: Mapping[str, Any], place: Place) -> tuple[dict[str, Any], tuple[Slip, ...]]:
    gone, slips = _without(own, base, place)
    parts = {
        name: _merge(base.get(name), value, (*place, name))
        for name, value in own.items()
        if name != WITHOUT or not base
    }
    table = {name: value for name, value in base.items() if name not in gone}
    table |= {name: value for name, (value, _) in parts.items()}
    return table, slips + tuple(slip for _, wrong in parts.values() for slip in wrong)


def _list(base: list[str], own: Mapping[str, Any], place: Place) -> _Part:
    gone, slips = _without(own, base, place)
    slips += tuple(
        Slip((*place, key), value, f"{ADD} and {WITHOUT}, which change the lexicon's list")
        for key, value in own.items()
        if key not in (ADD, WITHOUT)
    )
    added = own.get(ADD, [])
    if not isinstance(added, list):
        return base, (*slips, Slip((*place, ADD), added, "a list in brackets"))
    kept = [word for word in base if word not in gone]
    slips += tuple(
        Slip((*place, ADD, index), word, "a word that the lexicon does not have")
        for index, word in enumerate(added)
        if word in kept
    )
    return kept + added, slips


def _without(own: Mapping[str, Any], base: Mapping[str, Any] | list[str], place: Place) -> _Part:
    """Return what an edition takes away from the lexicon's names or words."""
    gone = own.get(WITHOUT, []) if base else []
    if not isinstance(gone, list):
        return (), (Slip((*place, WITHOUT), gone, "a list in brackets"),)
    return gone, tuple(
        Slip((*place, WITHOUT, index), word, f"one of the lexicon's{_meant(word, base)}")
        for index, word in enumerate(gone)
        if not isinstance(word, str) or word not in base
    )


def _meant(word: object, base: Mapping[str, Any] | list[str]) -> str:
    close = get_close_matches(word, base, 1) if isinstance(word, str) else []
    return f" (did you mean {close[0]!r}?)" if close else ""
