"""What the arguments point at: a stack, a desk, a ticket, an instant; and the two ways in which a verb fails."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from cli.options import Options
from composition import AwsServices
from domain.fault.fault import Fault
from domain.fault.numbers import fault_number_of, is_fault_number
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
    found = _read(text, number_of)
    if found is not None:
        return found
    _is_of_no_desk(text)
    if (fault := _read(text, fault_number_of)) is not None:
        raise Misuse(f"{fault} is a fault's number, expected a ticket's: see `reglament fault show {fault}`")
    raise Misuse(f"found {text!r}, expected a ticket number such as MDO-7K3F-9QXZ")


def numbers_of(texts: Sequence[str]) -> tuple[str, ...]:
    """Return the numbers of tickets and faults that arguments name, as they are stored, in order, each once.

    A number may be typed with spaces: `mdo f 7k3f9` comes as three arguments. Raises Misuse where one is none.
    """
    numbers: dict[str, None] = {}
    rest = list(texts)
    while rest:
        for parts in range(1, min(_MOST_PARTS, len(rest)) + 1):
            if (number := _number(" ".join(rest[:parts]))) is not None:
                numbers[number] = None
                del rest[:parts]
                break
        else:
            _is_of_no_desk(rest[0])
            raise Misuse(
                f"found {rest[0]!r}, expected the number of a ticket, such as MDO-7K3F-9QXZ, or of a fault, such as "
                "MDO-F-7K3F9; nothing was done"
            )
    return tuple(numbers)


_MOST_PARTS = 5
"""Arguments that a number typed with spaces comes in."""


def number_given(texts: Sequence[str]) -> str:
    """Return the one number of a ticket or a fault that arguments name; raises Misuse where they name none, or several."""
    numbers = numbers_of(texts)
    if len(numbers) != 1:
        raise Misuse(f"found {', '.join(numbers)}, expected one number")
    return numbers[0]


def _number(text: str) -> str | None:
    return _read(text, fault_number_of) or _read(text, number_of)


def _read(text: str, read: Callable[[str, str], str | None]) -> str | None:
    return next((number for prefix in _prefixes() if (number := read(text, prefix)) is not None), None)


def _prefixes() -> list[str]:
    return sorted({editions(desk)[-1].desk.prefix for desk in desk_ids()})


def _is_of_no_desk(text: str) -> None:
    """Raise Failed where a text is like a number, with a prefix that no desk has."""
    if _LIKE_A_NUMBER.fullmatch(re.sub(r"[^0-9A-Za-z]", "", text)):
        raise Failed(f"unknown ticket {text}: numbers here begin with {', '.join(_prefixes())}")


def ticket_of(number: str, services: AwsServices) -> tuple[Ticket, Edition]:
    """Return a ticket by its stored number and the edition that rules for it; raises Failed."""
    ticket = services.store.ticket(number)
    if ticket is None:
        raise Failed(f"unknown ticket {number}: there is none in this stack")
    return ticket, edition_named(ticket.desk, ticket.edition)


def fault_with(number: str, services: AwsServices) -> tuple[Fault, Edition]:
    """Return the fault of a stored number, its own or one of its tickets', and the edition that rules for it.

    Raises Failed where there is none.
    """
    from application.faults import fault_of

    fault = fault_of(services.store, number)
    if fault is not None:
        return fault, edition_named(fault.desk, fault.edition)
    if is_fault_number(number):
        raise Failed(f"unknown fault {number}: there is none in this stack")
    ticket_of(number, services)  # an unknown ticket is said to be one
    raise Failed(f"{number} belongs to no fault")


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
