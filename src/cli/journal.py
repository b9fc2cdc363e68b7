"""`reglament journal`: who did what that no ticket's history tells; and how a verb writes itself down there."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from application.storage import JournalEntry
from cli import printing
from cli.options import Options
from cli.target import Misuse, connect
from composition import AwsServices
from domain.caller import shown_caller

if TYPE_CHECKING:
    from adapters.dynamodb import DynamoTable

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_NAME = re.compile(r"[\w.-]{1,100}")


def note(services: AwsServices, act: str, about: str = "", *, table: DynamoTable | None = None) -> None:
    """Write down who is about to do what. First: an entry of what then failed is better than an act without an entry.

    In the stack's own table, or in another that is to take its place. Raises NotConfigured where it cannot be known
    who acts. `about` names no person: the journal is not erased.
    """
    (table or services.store).note(JournalEntry(at=services.now(), act=act, about=about, caller=services.caller))


def named(name: str) -> str:
    """Return a name that was given, as an entry has it: by its digest where it may be an address, or anything at all."""
    return name if _NAME.fullmatch(name) else f"({digest(name)})"


def some(of: Iterable[str], most: int = 20) -> str:
    """Return names as an entry lists them, however many there are."""
    listed = [named(name) for name in of]
    more = f" and {len(listed) - most} more" if len(listed) > most else ""
    return ", ".join(listed[:most]) + more


def digest(address: str) -> str:
    """Return by what an entry names an address: it can be found by the address, and not read."""
    return hashlib.sha256(address.encode()).hexdigest()[:16]


def show(options: Options, services: AwsServices, month: str | None) -> int:
    """Print the journal of a month."""
    if month is not None and not _MONTH.fullmatch(month):
        raise Misuse(f"--month: found {month!r}, expected a month such as 2026-11")
    services = connect(options, services)
    month = month or f"{services.now():%Y-%m}"
    rows = []
    for entry in services.store.journal(month):
        if options.json:
            printing.as_json(entry.model_dump(mode="json"))
        else:
            rows.append((printing.moment(entry.at, "UTC"), entry.act, entry.about, shown_caller(entry.caller)))
    printing.table(rows)
    if not rows and not options.json:
        print(f"the journal of {month} is empty")
    return 0
