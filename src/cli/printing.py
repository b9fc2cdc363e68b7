"""How the command line shows things: JSON lines for programs, plain lines and tables for people."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.findings import Finding, Identification, Surety
from domain.writer.authorship import is_like_an_address, shown_address, shown_name

ZONES = {"Europe/Moscow": "MSK"}


def as_json(value: Any) -> None:
    """Print one value as one line of JSON, its text as it is."""
    print(json_of(value))


def json_of(value: Any) -> str:
    """Return a value as one line of JSON, its text as it is."""
    return json.dumps(value, ensure_ascii=False, default=str)


def warn(text: str) -> None:
    """Print a line for the person at the terminal, apart from the output proper."""
    print(text, file=sys.stderr)


def moment(at: datetime, zone: str) -> str:
    """Return an instant as `Fri 2026-11-20 13:00 MSK`; midnight reads as 24:00 of the day that ends."""
    local = at.astimezone(ZoneInfo(zone))
    label = ZONES.get(zone) or f"{local:%z}"
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{local - timedelta(days=1):%a %Y-%m-%d} 24:00 {label}"
    return f"{local:%a %Y-%m-%d %H:%M} {label}"


def iso(at: datetime, zone: str) -> str:
    """Return an instant as ISO 8601 to the second, with the zone's offset."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds")


def time_of_day(seconds: int) -> str:
    """Return a time of the day, given in seconds from midnight, as `09:00`."""
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


def length(span: timedelta) -> str:
    """Return a length of time as `3 h 05 min`; what is past reads as `-20 min`."""
    seconds = int(span.total_seconds())
    sign = "-" if seconds < 0 else ""
    hours, rest = divmod(abs(seconds), 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{sign}{hours} h {minutes:02} min" if minutes else f"{sign}{hours} h"
    return f"{sign}{minutes} min" if not left or minutes else f"{sign}{left} s"


def count(number: int, what: str) -> str:
    """Return a number with its noun: `1 error`, `2 errors`."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def undecreed(years: Sequence[int]) -> str:
    """Return the warning that a term rests on years without a decreed calendar, or nothing."""
    if not years:
        return ""
    named = ", ".join(map(str, years))
    return f"the production calendar of {named} is not decreed yet: a decree may move this instant"


def provisional(years: Sequence[int]) -> str:
    """Return the mark of such a term within a line, or nothing."""
    return f", provisional: {', '.join(map(str, years))} not decreed" if years else ""


def ground(number: str | None) -> str:
    """Return the clause in brackets, to follow what rests on it, or nothing where no clause is involved."""
    return f" (cl. {number})" if number else ""


def clause_of(number: str | None) -> str:
    """Return how people cite what something rests on."""
    return f"cl. {number}" if number else "house rule"


def finding(found: Finding) -> str:
    """Return what a rule found, on which ground and evidence, and whether a specialist overturned it."""
    state = "" if found.matched else ", overturned"
    evidence = f": {'; '.join(found.evidence)}" if found.evidence else ""
    return f"{found.rule} ({clause_of(found.clause)}, {found.mode}{state}){evidence}"


_SURELY = {
    Surety.KNOWN: "known by",
    Surety.NAMED: "named in the text, which anybody could write, by",
    Surety.HINTED: "the only one of that name, the weakest evidence; by",
}


def client_of(known: Identification) -> str:
    """Return the registry's client who seems to write, how surely, and found by what; empty where nobody."""
    if known.client_id is None or known.client_by is None or known.surety is None:
        return known.client_id or ""
    return f"{known.client_id} ({_SURELY[known.surety]} {', '.join(known.client_by)})"


def declared_none(known: Identification) -> str:
    """Return the details that the writer declares not to have, each with its words; empty where none."""
    return "; ".join(f"{absent.detail} («{absent.said}»)" for absent in known.declared_none)


def from_earlier(known: Identification, zone: str) -> str:
    """Return the details that are from earlier requests, each with the request; empty where none are."""
    sources = known.from_earlier
    return "; ".join(f"{source.detail} from {source.ticket} of {moment(source.at, zone)}" for source in sources)


def author(address: str) -> str:
    """Return the address that a letter came from."""
    return shown_address(address) or "no sender"


def mailbox(address: str, name: str, trust: str) -> str:
    """Return an address with how surely it is the writer's, and then the display name, which proves nothing."""
    shown = shown_name(name, address)
    label = "display name, not an address:" if is_like_an_address(shown) else "display name"
    return f"{author(address)} ({trust})" + (f", {label} «{shown}»" if shown else "")


def table(rows: Iterable[Sequence[str]], *, indent: str = "") -> None:
    """Print rows in columns as wide as their widest cell; the last one runs on."""
    kept = [tuple(row) for row in rows]
    if not kept:
        return
    widths = [max(len(row[column]) for row in kept) for column in range(len(kept[0]) - 1)]
    for row in kept:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print(indent + "  ".join([*cells, row[-1]]).rstrip())


def block(text: str, *, indent: str = "    ") -> None:
    """Print a text of several lines, indented."""
    for line in text.strip().splitlines():
        print(f"{indent}{line}".rstrip())


def logs_to_stderr() -> None:
    """Let the functions' log lines go to standard error: standard output is the answer's alone."""
    from handlers.observing import logger

    for handler in logger.handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.stream = sys.stderr
