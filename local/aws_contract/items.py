"""Items and keys of DynamoDB: their sizes, and what the table and its indexes take.

DynamoDB measures names and values in UTF-8 (DynamoDB developer guide, "DynamoDB item sizes and formats",
CapacityUnitCalculations.html). Where it says "approximately", the larger number is taken.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from local.aws_contract.rules import size_of

Value = Mapping[str, Any]
"""An attribute's value with its type: `{"S": "text"}`."""
Item = Mapping[str, Value]

ITEM_LIMIT: Final = 400 * 1024
NUMBER_DIGITS: Final = 38
NESTED_LEVELS: Final = 32
PARTITION_KEY_LIMIT: Final = 2048
SORT_KEY_LIMIT: Final = 1024
TABLE_KEYS: Final[Mapping[str, int]] = {"pk": PARTITION_KEY_LIMIT, "sk": SORT_KEY_LIMIT}
"""The key of the table, and the bytes of each of its values."""
INDEXES: Final[Mapping[str, Mapping[str, int]]] = {
    "due": {"due_shard": PARTITION_KEY_LIMIT, "due_at": SORT_KEY_LIMIT},
    "month": {"month_desk": PARTITION_KEY_LIMIT, "month_at": SORT_KEY_LIMIT},
    "queue": {"queue_desk": PARTITION_KEY_LIMIT, "queue_at": SORT_KEY_LIMIT},
}
"""The keys of its indexes; all of their values are strings."""
INDEX_KEYS: Final[Mapping[str, int]] = {name: limit for keys in INDEXES.values() for name, limit in keys.items()}

SETS: Final = frozenset({"SS", "NS", "BS"})
TYPES: Final = SETS | {"S", "N", "B", "BOOL", "NULL", "L", "M"}
_LEAST, _MOST = -130, 125
"""Exponents of the smallest and the largest number."""


def item_size(item: Item) -> int:
    """Return the bytes of an item, or of any attributes."""
    return sum(size_of(name) + value_size(value) for name, value in item.items())


def value_size(value: Value) -> int:
    """Return the bytes of a value."""
    return sum(_size(kind, content) for kind, content in value.items())


def _size(kind: str, content: Any) -> int:
    if kind == "S":
        return size_of(content)
    if kind == "N":
        return len(content) // 2 + 3
    if kind in {"BOOL", "NULL"}:
        return 1
    if kind == "B":
        return len(content)
    if kind == "M":
        return 3 + sum(1 + size_of(name) + value_size(one) for name, one in content.items())
    if kind == "L":
        return 3 + sum(1 + value_size(one) for one in content)
    return sum(len(one) // 2 + 3 if kind == "NS" else len(one) if kind == "BS" else size_of(one) for one in content)


def wrong_values(values: Mapping[str, Value]) -> Iterator[str]:
    """Say what is wrong with attributes, or with values of expressions: types, numbers, sets, depth."""
    for name, value in values.items():
        yield from (f"{name}: {wrong}" for wrong in _wrong_value(value, 1))


def _wrong_value(value: Value, level: int) -> Iterator[str]:
    if len(value) != 1 or not value.keys() <= TYPES:
        yield f"not one value of a known type, but {sorted(value)}"
        return
    ((kind, content),) = value.items()
    if level > NESTED_LEVELS:
        yield f"nested {level} levels deep"
    elif kind == "N":
        yield from _wrong_number(content)
    elif kind in SETS:
        if not content:
            yield "an empty set"
        elif len(set(map(str, content))) != len(content):
            yield "a set with duplicates"
        if kind == "NS":
            yield from (wrong for number in content for wrong in _wrong_number(number))
    elif kind == "M":
        yield from (wrong for one in content.values() for wrong in _wrong_value(one, level + 1))
    elif kind == "L":
        yield from (wrong for one in content for wrong in _wrong_value(one, level + 1))


def _wrong_number(text: str) -> Iterator[str]:
    if text.isdecimal() and text.isascii() and len(text) <= NUMBER_DIGITS:
        return
    from decimal import Decimal, InvalidOperation

    try:
        number = Decimal(text)
    except InvalidOperation:
        yield f"{text!r} is no number"
        return
    if not number.is_finite():
        yield f"{text} is not finite"
    elif (digits := len("".join(map(str, number.as_tuple().digits)).strip("0"))) > NUMBER_DIGITS:
        yield f"{digits} digits"
    elif number and not _LEAST <= number.adjusted() <= _MOST:
        yield f"{text} is out of range"


def wrong_key(key: Item) -> Iterator[str]:
    """Say what is wrong with a key of the table."""
    if set(key) != set(TABLE_KEYS):
        yield f"attributes {', '.join(sorted(key))}, of which there must be {', '.join(TABLE_KEYS)}"
    yield from wrong_key_values(key, TABLE_KEYS)


def wrong_key_values(attributes: Item, keys: Mapping[str, int]) -> Iterator[str]:
    """Say what is wrong with those attributes that are keys of the table or of an index."""
    for name, limit in keys.items():
        if name in attributes:
            yield from (f"{name}: {wrong}" for wrong in wrong_key_value(attributes[name], limit))


def wrong_key_value(value: Value, limit: int) -> Iterator[str]:
    """Say what is wrong with one value of a key."""
    content = value.get("S")
    if not isinstance(content, str):
        yield f"of type {', '.join(value)}, not S"
    elif not 1 <= size_of(content) <= limit:
        yield f"{size_of(content):,} bytes, of which there may be 1 to {limit:,}"
