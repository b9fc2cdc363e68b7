"""Tables of cases in TOML beside a test, a case a line: whoever knows the language can edit them without Python.

    [critical]
    storeolis = [
        { subject = "Каталог", text = "Каталог пуст", why = "data are lost" },
    ]

A table is read by the test that names it. Its lists are named for the desk whose rules read the letters, which the
test takes as `desk`, or `cases` where none is. A case holds the arguments of the test; a text alone is `text`;
`why` is a remark. A case is shown by its line: `[critical, line 3]`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

NO_DESK = "cases"
_TABLE, _CASE = re.compile(r"\[(\S+)\]"), re.compile(r'\s*[{"]')


def each_case(file: Path, *tables: str, **defaults: Any) -> pytest.MarkDecorator:
    """Return what runs a test on every case of the tables; `defaults` are the arguments that a case may leave out.

    Raises ValueError, with file and line, for a case whose arguments are not those of the first.
    """
    cases = [case for table in tables for case in _cases(file, table, defaults)]
    names = sorted(cases[0][1])
    for shown, arguments in cases:
        if sorted(arguments) != names:
            found = ", ".join(sorted(arguments))
            raise ValueError(f"{file}: {shown}: expected {', '.join(names)}; found {found}")
    values = [[arguments[name] for name in names] for _, arguments in cases]
    return pytest.mark.parametrize(names, values, ids=[shown for shown, _ in cases])


def _cases(file: Path, table: str, defaults: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return how each case is shown, and its arguments."""
    written = file.read_text("utf-8")
    lines = iter(_lines(written, table))
    for name, listed in tomllib.loads(written)[table].items():
        desk = {} if name == NO_DESK else {"desk": name}
        for case in listed:
            arguments = {"text": case} if isinstance(case, str) else case
            line = next(lines, None)
            if line is None:
                raise ValueError(f"{file}: {table}: fewer lines than cases, a case is a line: {case}")
            yield (
                f"{table}, line {line}",
                {
                    **desk,
                    **defaults,
                    **{key: value for key, value in arguments.items() if key != "why"},
                },
            )


def _lines(written: str, table: str) -> Iterator[int]:
    """Return the numbers of the lines of a table that begin a case."""
    here = ""
    for number, line in enumerate(written.splitlines(), 1):
        if header := _TABLE.fullmatch(line):
            here = header[1]
        elif here == table and _CASE.match(line):
            yield number
