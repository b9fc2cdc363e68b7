"""Values as attributes of items, and items as values.

A value is stored as JSON in `body`; besides it an item has only what conditions and indexes look at.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from domain.fault.fault import DeskFaults
from domain.people import People
from domain.rota import Rota

Item = dict[str, Any]
"""An item, a key, or part of a request, as DynamoDB's client takes it: attribute values with their types."""
Stored = TypeVar("Stored", bound=BaseModel)
Versioned = TypeVar("Versioned", People, Rota, DeskFaults)
"""What a desk has one item of: everything it does would stop at one that cannot be read."""


def text(value: str) -> Item:
    """Return an attribute value of text."""
    return {"S": value}


def number(value: int) -> Item:
    """Return an attribute value of a number."""
    return {"N": str(value)}


def body(value: BaseModel) -> Item:
    """Return the attribute value that a value is stored as."""
    return text(value.model_dump_json())


def stored(item: Item, kind: type[Stored]) -> Stored:
    """Return the value that an item stores."""
    return kind.model_validate_json(item["body"]["S"])


def stored_or(item: Item | None, kind: type[Versioned]) -> Versioned:
    """Return the value that an item stores, an empty one where there is none.

    Where it cannot be read, an empty one of its version, which the next write may replace: letters are handled and
    pages leave all the same, that nobody is entered is told as loudly as where nobody ever was, and `audit` names the
    item.
    """
    if item is None:
        return kind()
    try:
        return stored(item, kind)
    except (KeyError, ValidationError):
        version = item.get("version", {}).get("N", "")
        return kind(version=int(version)) if version.isdecimal() else kind()
