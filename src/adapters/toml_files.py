"""TOML files that people write: read whole, with every error at its line in the words of whoever has to correct it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel

from adapters.problems import Problem

Place = tuple[str | int, ...]
"""Where a value stands: keys, and numbers in lists from 0."""


def read_toml(file: Path) -> dict[str, Any] | Problem:
    """Return the tables of a file, or why it cannot be read."""
    try:
        text = file.read_text("utf-8")
    except OSError as error:
        return _of_the_file(file, None, error.strerror or str(error), "a readable file")
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        return _of_the_file(file, line, "bytes that are no UTF-8", "text in UTF-8")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return _syntax_problem(file, text, error)


def inner(value: object, part: str | int) -> object:
    """Return what a table or a list has under a key or a number; None where it has nothing."""
    if isinstance(value, Mapping):
        return value.get(part)
    if isinstance(value, list) and isinstance(part, int) and part < len(value):
        return value[part]
    return None


def coerced(data: object, value: object, path: Place) -> Iterator[tuple[Place, object, str]]:
    """Return every value that pydantic made fit: a number in quotes is a slip, and so is `true` for 1."""
    if isinstance(data, dict):
        inner = dict(value) if isinstance(value, BaseModel | dict) else {}
        for name, part in data.items():
            yield from coerced(part, inner.get(name), (*path, name))
    elif isinstance(data, list) and isinstance(value, tuple):
        for index, (part, read_as) in enumerate(zip(data, value, strict=False)):
            yield from coerced(part, read_as, (*path, index))
    elif isinstance(value, bool) and not isinstance(data, bool):
        yield path, data, "true or false"
    elif isinstance(value, int | float) and isinstance(data, str | bool) and not isinstance(value, bool):
        yield path, data, "a number, without quotes"


def _syntax_problem(file: Path, text: str, error: tomllib.TOMLDecodeError) -> Problem:
    """Return what the TOML reader says, with the line shown that it stopped at."""
    place = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)", str(error))
    says = str(error)[: place.start()] if place else str(error)
    lines = text.splitlines()
    line = int(place[1]) if place and place[1] else len(lines)
    shown = lines[line - 1].strip()[:60] if 0 < line <= len(lines) else "the end of the file"
    return _of_the_file(file, line, repr(shown), f"valid TOML ({says[:1].lower()}{says[1:]})")


_EXPECTED: Mapping[str, str] = {
    "missing": "a value: the key is required",
    "string_type": "text in quotes",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list in brackets",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "date_type": "a date such as 2026-01-01, without quotes",
    "date_parsing": "a date such as 2026-01-01, without quotes",
    "date_from_datetime_parsing": "a date such as 2026-01-01, without quotes",
    "date_from_datetime_inexact": "a date such as 2026-01-01, without a time",
    "datetime_type": "a date and a time such as 2026-01-01T10:00:00, without quotes",
    "datetime_parsing": "a date and a time such as 2026-01-01T10:00:00, without quotes",
    "datetime_from_date_parsing": "a date and a time such as 2026-01-01T10:00:00, without quotes",
    "too_short": "at least one in the list",
    "string_too_short": "text that is not empty",
}
"""What was expected, by pydantic's kind of error, where its own words are for programmers."""


def path_of(loc: Place) -> Place:
    """Leave out what pydantic adds to say that a table's key, not its value, is wrong."""
    return tuple(part for part in loc if part != "[key]")


def expected_by(item: Any, model: type[BaseModel]) -> str:
    """Return what was expected where pydantic found an error in a file of `model`."""
    if item["type"] == "extra_forbidden":
        return _known_keys(item["loc"], model)
    message = str(item["msg"]).removeprefix("Value error, ").removeprefix("Input should be ")
    if item["type"] == "string_pattern_mismatch":
        return f"text of the form {item['ctx']['pattern']}"
    return _EXPECTED.get(item["type"], message)


def found_in(item: Any, own: object, place: Place) -> object:
    """Return what is at the place of an error of pydantic's in a file whose tables are `own`."""
    if item["type"] == "missing":
        return _NOTHING
    if isinstance(item["input"], dict):  # shown as the edition has it, without the lexicon's words
        for part in place:
            own = inner(own, part)
        return item["input"] if own is None else own
    return item["input"]


def _known_keys(loc: Place, model: type[BaseModel]) -> str:
    """Say which keys the table has, and which of them was probably meant."""
    for part in loc[:-1]:
        within = _model_in(model.model_fields[part].annotation) if part in model.model_fields else None
        model = within or model
    close = get_close_matches(str(loc[-1]), model.model_fields, 1)
    meant = f" (did you mean {close[0]}?)" if close else ""
    return f"one of its keys{meant}: {', '.join(model.model_fields)}"


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for inner in get_args(annotation) if (found := _model_in(inner))), None)


_NOTHING = object()


def _dotted(path: Place) -> str:
    """Write a path as people count: `clauses #1` is the first of them."""
    return "".join(f" #{part + 1}" if isinstance(part, int) else f".{part}" for part in path).removeprefix(".")


def problem_at(file: Path, path: Place, found: object, expected: str) -> Problem:
    """Return an error at a place of a file that is valid TOML."""
    named = len(path) - 1 if path and isinstance(path[-1], str) else max(len(path) - 2, 0)
    table, key = _dotted(path[:named]), _dotted(path[named:])
    return Problem(str(file), line_of(file.read_text("utf-8"), path), key, _shown(found), expected, table)


def _of_the_file(file: Path, line: int | None, found: str, expected: str) -> Problem:
    return Problem(str(file), line, "", found, expected, table="")


def _shown(found: object) -> str:
    if found is _NOTHING:
        return "nothing"
    if isinstance(found, date | datetime):
        return found.isoformat()
    if isinstance(found, bool):
        return str(found).lower()
    if isinstance(found, dict):
        return f"a table with {', '.join(map(str, found)) or 'nothing in it'}"[:120]
    shown = repr(found)
    return shown if len(shown) <= 120 else f"{shown[:120]}…"


_NAME = r"""(?:"[^"]*"|'[^']*'|[A-Za-z0-9_-]+)"""
_DOTTED_NAME = rf"({_NAME}(?:\s*\.\s*{_NAME})*)"
_HEADER = re.compile(rf"(\[\[?)\s*{_DOTTED_NAME}\s*\]")
_ASSIGNED = re.compile(rf"{_DOTTED_NAME}\s*=")


def _names_in(dotted: str) -> tuple[str, ...]:
    return tuple(name.strip("\"'") for name in re.findall(_NAME, dotted))


def line_of(text: str, path: Place) -> int | None:
    """Return the 1-based line of valid TOML where the value at `path` stands.

    Falls back to the nearest enclosing table's header; None where not even that is written out.
    """
    wanted = tuple(path)
    seen: dict[tuple[str, ...], int] = {}
    here: Place = ()
    best: int | None = None
    best_depth = 0
    for number, line in _outer_lines(text):
        stripped = line.strip()
        if header := _HEADER.match(stripped):
            parts = _names_in(header[2])
            if header[1] == "[[":
                seen[parts] = seen.get(parts, -1) + 1
                here = (*parts, seen[parts])
            else:
                here = _inside_arrays(parts, seen)
            at = here
        elif key := _ASSIGNED.match(stripped):
            at = (*here, *_names_in(key[1]))
        else:
            continue
        if len(at) > best_depth and wanted[: len(at)] == at:
            best, best_depth = number, len(at)
    return best


_TOKENS = re.compile(
    r"""(\"{3}(?:\\.|[^\\])*?\"{3}|'{3}.*?'{3}|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|\#[^\n]*)|([\[{])|([\]}])|\n""", re.DOTALL
)


def _outer_lines(text: str) -> Iterator[tuple[int, str]]:
    """Return the lines, with their numbers, that begin outside every list and every text of several lines."""
    lines = text.split("\n")
    yield 1, lines[0]
    number, depth = 1, 0
    for token in _TOKENS.finditer(text):
        quoted, opening, closing = token.groups()
        if quoted is not None:
            number += quoted.count("\n")
        elif opening or closing:
            depth += 1 if opening else -1
        else:
            number += 1
            if depth == 0:
                yield number, lines[number - 1]


def _inside_arrays(here: tuple[str, ...], seen: Mapping[tuple[str, ...], int]) -> Place:
    """Return the place of `[a.b]` where `a` is an array of tables: TOML means the last `[[a]]`."""
    placed: list[str | int] = []
    for depth, part in enumerate(here, 1):
        placed.append(part)
        if here[:depth] in seen and depth < len(here):
            placed.append(seen[here[:depth]])
    return tuple(placed)
