"""Values as attributes of items, and items as values.

A value is stored as JSON in `body`; besides it an item has only what conditions and indexes look at.
"""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel

Item = dict[str, Any]
"""An item, a key, or part of a request, as DynamoDB's client takes it: attribute values with their types."""
Stored = TypeVar("Stored", bound=BaseModel)


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
