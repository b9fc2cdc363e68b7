"""One clause of a published regulation."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from domain.findings import Value


def _clause_number(number: str) -> str:
    if not re.fullmatch(r"\d+(\.\d+)*", number):
        raise ValueError("a clause number such as 2.1 or 1.3.2")
    return number


ClauseNumber = Annotated[str, AfterValidator(_clause_number)]


class Clause(Value):
    """One clause of the published text, in one sentence of our own, as it is shown to people."""

    number: ClauseNumber
    summary: str
    enforced: bool = True
    """False where the clause promises or forbids nothing a support desk could act on."""
