"""One error in a file that a person wrote, as it is shown to whoever has to correct it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Caution:
    """What is valid in a file that a person wrote, and yet will surprise: what follows from it and what to do."""

    file: str
    line: int | None
    key: str
    says: str

    def __str__(self) -> str:
        """Return the warning in one line, as compilers print theirs."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: warning: {self.key}: {self.says}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Where an error is, what was found there and what was expected."""

    file: str
    line: int | None
    key: str
    """A key or a column; empty for the file or the row as a whole."""
    found: str
    expected: str
    table: str | None = None
    """The table that has the key, empty at the top; None where a file has no tables."""

    def __str__(self) -> str:
        """Return the problem in one line, as compilers print theirs."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        name = f"[{self.table}] {self.key}".strip() if self.table else self.key
        if not name and self.table is not None:
            name = "the file"
        return f"{place}: {f'{name}: ' if name else ''}found {self.found}, expected {self.expected}"
