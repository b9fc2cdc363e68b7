"""Expressions of DynamoDB: what one names, and what it sets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from local.aws_contract.reserved_words import RESERVED

CLAUSES: Final = frozenset({"SET", "REMOVE", "ADD", "DELETE"})
KEYWORDS: Final = frozenset({"AND", "OR", "NOT", "BETWEEN", "IN"})
FUNCTIONS: Final[Mapping[str, frozenset[str]]] = {
    "update": frozenset({"if_not_exists", "list_append"}),
    "condition": frozenset(
        {"attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"}
    ),
    "key": frozenset({"begins_with"}),
    "projection": frozenset(),
}
"""Functions by the kind of expression; their names are case-sensitive."""
NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
"""An attribute's name that needs no placeholder."""
_TOKEN = re.compile(r"\s*([#:]?[A-Za-z0-9_]+|<>|<=|>=|[=<>(),.\[\]+-]|\S)")
_OPERATORS: Final = frozenset({"=", "<>", "<", "<=", ">", ">=", "+", "-"})


@dataclass(frozen=True, slots=True)
class Parsed:
    """What an expression is made of."""

    names: frozenset[str]
    """Placeholders of names, `#state`."""
    values: frozenset[str]
    """Placeholders of values, `:at`."""
    attributes: tuple[str, ...]
    """Names that are written out, and first parts of paths."""
    functions: frozenset[str]
    operators: int
    """Operators and functions."""
    operands_of_in: int
    """The most that stand in one `IN (...)`."""
    clauses: tuple[str, ...]
    """Of an update: its clauses, in order."""
    targets: tuple[tuple[str, str, str], ...]
    """Of an update: clause, name or placeholder of each attribute changed, and the placeholder it is set to, or ""."""


@lru_cache(maxsize=4096)
def parsed(expression: str, kind: str) -> Parsed:
    """Return what an expression is made of; `kind` is `update`, `condition`, `key` or `projection`."""
    tokens = _TOKEN.findall(expression)
    names, values = set(), set()
    attributes, functions, clauses, operators = [], set(), [], 0
    for place, token in enumerate(tokens):
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        if token.startswith("#"):
            names.add(token)
        elif token.startswith(":"):
            values.add(token)
        elif token in _OPERATORS:
            operators += 1
        elif token[0].isalnum() or token[0] == "_":
            if kind == "update" and token.upper() in CLAUSES:
                clauses.append(token.upper())
            elif token.upper() in KEYWORDS:
                operators += 1
            elif after == "(":
                functions.add(token)
                operators += 1
            elif not (place and tokens[place - 1] == "[" and token.isdecimal()):
                attributes.append(token)
    return Parsed(
        frozenset(names), frozenset(values), tuple(attributes), frozenset(functions), operators,
        max(_operands_of_in(tokens), default=0), tuple(clauses), tuple(_targets(tokens)) if kind == "update" else (),
    )  # fmt: skip


def _operands_of_in(tokens: Sequence[str]) -> Iterator[int]:
    for place, token in enumerate(tokens):
        if token.upper() == "IN" and tokens[place + 1 : place + 2] == ["("]:
            yield sum(one == "," for one in tokens[place : tokens.index(")", place)]) + 1


def _targets(tokens: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    clause, depth, begins = "", 0, False
    for place, word in enumerate(tokens):
        if word.upper() in CLAUSES and depth == 0:
            clause, begins = word.upper(), True
            continue
        if begins:
            rest = [*tokens[place + 1 : place + 4], "", "", ""]
            value, end = (rest[1], rest[2]) if clause == "SET" else (rest[0], rest[1])
            is_alone = value.startswith(":") and (end in {"", ","} or end.upper() in CLAUSES)
            yield clause, word, value if is_alone else ""
        depth += (word == "(") - (word == ")")
        begins = word == "," and depth == 0


def wrong_attributes(made_of: Parsed) -> Iterator[str]:
    """Say which names are written out that need a placeholder."""
    for name in dict.fromkeys(made_of.attributes):
        if not NAME.fullmatch(name):
            yield f"the name {name} needs a placeholder"
        elif name.upper() in RESERVED:
            yield f"the reserved word {name} needs a placeholder"


def unknown_functions(made_of: Parsed, kind: str) -> Iterator[str]:
    """Say which functions an expression of that kind does not have."""
    for name in sorted(made_of.functions - FUNCTIONS[kind]):
        yield f"{name}() in an expression of the kind {kind!r}"
