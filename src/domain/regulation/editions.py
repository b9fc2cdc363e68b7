"""Which edition is in force: the desks that ship with the product, and the editions of each, read once.

An edition is a file `desks/<desk>/<effective-from>.toml`. A desk of another company is another
folder of data and no code. `adapters.edition_files` says what is wrong with a file, line by line.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from domain.regulation.edition import Edition, citations
from domain.regulation.lexicon import checked_words, with_lexicon
from domain.working_time import WorkingCalendar

DESKS = Path(__file__).parents[1] / "desks"
EDITION_FILE = re.compile(r"\d{4}-\d{2}-\d{2}\.toml")


class UnknownDesk(LookupError):
    """No such desk; the message lists those there are."""


class NoEditionInForce(LookupError):
    """The desk had no regulation at that moment; the message says from when it has one."""


class InvalidEdition(ValueError):
    """An edition's file is not valid; the message names it, and the command that lists every error."""

    def __init__(self, file: Path) -> None:
        super().__init__(f"{file} is not a valid edition: `reglament regulation check {file}` lists every error")
        self.file = file


def desk_ids() -> tuple[str, ...]:
    """Return the ids of the desks that ship with the product, sorted."""
    return _desks_in(DESKS)


@cache
def _desks_in(folder: Path) -> tuple[str, ...]:
    """Read once: every letter asks several times."""
    return tuple(sorted(desk.name for desk in folder.iterdir() if any(edition_files(desk))))


def find_desk(name: str) -> str:
    """Return the id of the desk called `name`: its id or its ticket prefix, in any case.

    Raises UnknownDesk.
    """
    for desk in desk_ids():
        if name.casefold() in (desk, editions(desk)[-1].desk.prefix.casefold()):
            return desk
    known = ", ".join(f"{desk} ({editions(desk)[-1].desk.prefix})" for desk in desk_ids())
    raise UnknownDesk(f"no desk {name!r}; there are: {known}")


def desk_by_address(address: str) -> str | None:
    """Return the desk that takes letters at this normalised address without its plus part, or None (MDO 1.5, Storeolis 2.2)."""
    return _desks_by_address().get(address)


def own_addresses() -> frozenset[str]:
    """Return the addresses of all desks, normalised: a letter from one of them is our own mail."""
    return frozenset(_desks_by_address())


@cache
def _desks_by_address() -> Mapping[str, str]:
    """Of every edition: letters still come to an address that an earlier one published, and already to the next's."""
    return {address: desk for desk in desk_ids() for edition in editions(desk) for address in edition.desk.addresses}


@cache
def editions(desk: str) -> tuple[Edition, ...]:
    """Return all editions of a desk (by id), oldest first; raises InvalidEdition."""
    return tuple(_read(file) for file in sorted(edition_files(DESKS / desk)))


def _read(file: Path) -> Edition:
    """Return the edition that a file holds; what else must agree, `adapters.edition_files` checks."""
    try:
        data = tomllib.loads(file.read_text("utf-8"))
        merged = with_lexicon(data)
        edition = Edition.model_validate(merged.tables, context=checked_words())
    except (OSError, ValueError) as error:
        raise InvalidEdition(file) from error
    is_misplaced = (edition.desk.id, edition.name) != (file.parent.name, file.stem)
    numbers = {clause.number for clause in edition.clauses}
    if merged.slips or is_misplaced or any(number not in numbers for _, number in citations(data)):
        raise InvalidEdition(file)
    return edition


def edition_at(desk: str, at: datetime) -> Edition:
    """Return the edition of a desk (by id or prefix) in force at an aware instant, by the desk's own date (MDO 3.5).

    Ask it what is promised then. What serves a ticket or takes a letter asks `edition_serving`.
    Raises UnknownDesk, NoEditionInForce.
    """
    serving = edition_serving(desk, at)
    if is_in_force(serving, at):
        return serving
    first = editions(find_desk(desk))[0]
    ended = serving.effective_until
    after = f"that of {serving.name} ended with {ended}" if first.effective_from <= _day(serving, at) else ""
    raise NoEditionInForce(
        f"the desk {first.desk.id} has no regulation in force at {at.isoformat()}; "
        + (after or f"its first is of {first.name}")
    )


def edition_serving(desk: str, at: datetime) -> Edition:
    """Return the edition by which a desk (by id or prefix) works at an aware instant, whether or not one is in force.

    The one in force; else the last that was before; else the first. A desk whose regulation has ended goes on under it:
    no letter is lost or waits, no page is left out. Raises UnknownDesk.
    """
    known = editions(find_desk(desk))
    return next((edition for edition in reversed(known) if edition.effective_from <= _day(edition, at)), known[0])


def is_in_force(edition: Edition, at: datetime) -> bool:
    """Return whether an edition is in force at an aware instant, as far as it says itself."""
    until = edition.effective_until
    return edition.effective_from <= _day(edition, at) and (until is None or _day(edition, at) <= until)


def desks_without_regulation(at: datetime) -> tuple[str, ...]:
    """Return the desks that have no edition in force at an instant: they go on under the last, and a person has to hear of it."""
    return tuple(desk for desk in desk_ids() if not is_in_force(edition_serving(desk, at), at))


def _day(edition: Edition, at: datetime) -> date:
    """Return the date of an instant at the desk."""
    return at.astimezone(ZoneInfo(edition.hours.time_zone)).date()


def edition_named(desk: str, name: str) -> Edition:
    """Return the edition that a ticket pins, by desk id and `effective_from`; raises NoEditionInForce."""
    found = next((edition for edition in editions(desk) if edition.name == name), None)
    if found is None:
        raise NoEditionInForce(f"the desk {desk} has no edition of {name}: was its file removed?")
    return found


def calendar_of(desk: str) -> WorkingCalendar:
    """Return the working time of a desk, by its id or ticket prefix, as its latest edition has it.

    Raises UnknownDesk.
    """
    return editions(find_desk(desk))[-1].calendar


def edition_files(folder: Path) -> Iterator[Path]:
    """Return the editions in a desk's folder."""
    return (file for file in folder.glob("*.toml") if EDITION_FILE.fullmatch(file.name))
