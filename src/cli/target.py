"""What the arguments point at: a stack, a desk, a ticket, an instant; and the two ways in which a verb fails."""

from __future__ import annotations

import re
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cli.options import Options
from composition import AwsServices
from domain.regulation.edition import Edition
from domain.regulation.editions import UnknownDesk, desk_ids, edition_named, editions, find_desk
from domain.ticket.numbers import number_of
from domain.ticket.ticket import Ticket

_LIKE_A_NUMBER = re.compile(r"[A-Z]{2,6}[0-9A-HJKMNP-TV-Z]{8}", re.IGNORECASE)


class Misuse(Exception):
    """The command was given wrongly: exit status 2."""


class Failed(Exception):
    """The command was given rightly and cannot be carried out: exit status 1."""


def connect(options: Options, services: AwsServices) -> AwsServices:
    """Return the services of the stack that the options name; raises NotConfigured where there is none."""
    return services.of_stack(options.stack, options.endpoint)


def desk_named(name: str) -> str:
    """Return the id of a desk by its id or ticket prefix; raises Misuse, listing those there are."""
    try:
        return find_desk(name)
    except UnknownDesk as error:
        raise Misuse(str(error)) from error


def desks_named(name: str | None) -> tuple[str, ...]:
    """Return the one desk named, or all of them."""
    return (desk_named(name),) if name is not None else desk_ids()


def zone_of(desk: str) -> str:
    """Return the time zone of a desk's latest edition."""
    return editions(desk)[-1].hours.time_zone


def instant(text: str, zone: str, option: str = "--at") -> datetime:
    """Return the instant that ISO 8601 text names, by the clock of `zone` where it has no offset; raises Misuse."""
    try:
        at = datetime.fromisoformat(text.strip())
        at = at if at.tzinfo is not None else at.replace(tzinfo=ZoneInfo(zone))
        year = at.astimezone(ZoneInfo(zone)).year
    except (ValueError, OverflowError):
        raise Misuse(
            f"{option}: found {text!r}, expected an instant such as 2026-11-20T17:00 or 2026-11-20T17:00+03:00"
        ) from None
    if not 1900 < year < 2200:
        raise Misuse(f"{option}: found the year {year}, expected one from 1901 to 2199")
    return at


def ticket_number(text: str) -> str:
    """Return a ticket number as it is stored, from whatever form a person typed.

    Raises Misuse where it cannot be one, Failed where no desk has such numbers.
    """
    prefixes = sorted({editions(desk)[-1].desk.prefix for desk in desk_ids()})
    found = next((number for prefix in prefixes if (number := number_of(text, prefix)) is not None), None)
    if found is not None:
        return found
    if _LIKE_A_NUMBER.fullmatch(re.sub(r"[^0-9A-Za-z]", "", text)):
        raise Failed(f"unknown ticket {text}: numbers here begin with {', '.join(prefixes)}")
    raise Misuse(f"found {text!r}, expected a ticket number such as MDO-7K3F-9QXZ")


def ticket_of(number: str, services: AwsServices) -> tuple[Ticket, Edition]:
    """Return a ticket by its stored number and the edition that rules for it; raises Failed."""
    ticket = services.store.ticket(number)
    if ticket is None:
        raise Failed(f"unknown ticket {number}: there is none in this stack")
    return ticket, edition_named(ticket.desk, ticket.edition)


def text_of(text: str | None, file: str | None, *, required: bool) -> str:
    """Return the text an act was given: the argument, the file, or standard input; raises Misuse."""
    if text is not None and file is not None:
        raise Misuse("give the text as an argument or as a file, not both")
    if text is not None:
        return text
    if file is not None and file != "-":
        return read_text(Path(file))
    if file is None and not required:
        return ""
    if sys.stdin.isatty():
        print("Type the text; end it with Ctrl-D on a line of its own.", file=sys.stderr)
    try:
        return sys.stdin.read()
    except UnicodeDecodeError as error:
        raise Misuse(f"standard input: found byte {error.start} that is no UTF-8, expected text in UTF-8") from error


def read_text(file: Path) -> str:
    """Return a text file's content; raises Misuse where it cannot be read."""
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise Misuse(f"{file}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise Misuse(f"{file}: found byte {error.start} that is no UTF-8, expected text in UTF-8") from error
