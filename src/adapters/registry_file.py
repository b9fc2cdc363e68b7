"""A registry of clients as a CSV file: read row by row, each a client or the list of what is wrong with it; written.

UTF-8 with or without a byte order mark; comma or semicolon, as the header has it. Several values of one cell are
separated by `;` (and quoted where the semicolon separates columns). A cell that a spreadsheet would take for a
formula stands behind an apostrophe, which is no part of it. `docs/command-line.md` describes the columns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from typing import TextIO, TypeVar

from adapters.problems import Problem
from domain.addresses import normalise_address
from domain.client import Client, Contact, ContactKind
from domain.regulation.editions import UnknownDesk, editions, find_desk
from domain.writer.contacts import inn_is_valid, normalise_phone, sites_in

COLUMNS = (
    "desk",
    "id",
    "kind",
    "name",
    "full_name",
    "organisation",
    "position",
    "addresses",
    "phones",
    "inn",
    "contract",
    "sites",
    "services",
    "offer_accepted_on",
)
"""The columns a header may have, in any order; only `id` must be there."""
CONTACTS_AT_MOST = 45
"""A client's contacts are replaced in one transaction, old and new, and DynamoDB takes 100 writes."""

_T = TypeVar("_T")
_NONE: tuple[Contact, ...] = ()
_MAILBOX = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"]+\.[^@\s,;<>\".]+")
_ID = re.compile(r"[\w.-][\w .:/@+-]{0,99}")
_FORMULA = re.compile(r"'*[=+\-@]")
"""How a cell begins that a spreadsheet would compute, or that already stands behind an apostrophe."""
_CACHE_KIB = 32 * 1024
"""What the claims of a file may take of memory; the rest of them lies in a file without a name."""


@dataclass(frozen=True, slots=True)
class Row:
    """One client of the file. Where the file names no desk, `client.desk` is empty."""

    line: int
    client: Client


class _Wrong(ValueError):
    """A cell does not hold: what was found, and what was expected."""

    def __init__(self, found: str, expected: str) -> None:
        super().__init__(f"found {found}, expected {expected}")
        self.found, self.expected = found, expected


def read_clients(lines: Iterable[bytes], file: str, desk: str | None = None) -> Iterator[Row | Problem]:
    """Return each row of a file, given its lines as bytes, as a client or as problems, all of them.

    `desk` (an id) is whose clients they are where a row does not say. Ids and contacts that two rows of one desk
    claim are problems of the second. One pass in bounded memory: what has been claimed is kept on disk.
    """
    undecodable: list[int] = []
    text = _decoded(lines, undecodable)
    header_line = next(text, "")
    reader = csv.reader(
        _again(header_line, text), delimiter=";" if ";" in header_line else ",", strict=True, skipinitialspace=True
    )
    try:
        names = [cell.strip().casefold() for cell in next(reader, [])]
        wrong = [*_header_problems(names, file)]
        if wrong:
            yield from wrong
            return
        with closing(_Seen(file)) as seen:
            for cells in reader:
                while undecodable:
                    yield Problem(
                        file, undecodable.pop(0), "", "bytes that are no UTF-8", "UTF-8: in Excel, save as «CSV UTF-8»"
                    )
                if any(cell.strip() for cell in cells):
                    yield from _row(names, cells, reader.line_num, seen, desk)
    except csv.Error as error:
        yield Problem(file, reader.line_num, "", str(error), "a row of CSV, its quotes closed")


def client_from(cells: Mapping[str, str], desk: str | None) -> tuple[Client | None, list[tuple[str, str, str]]]:
    """Return the client that cells by column describe, or None with each wrong (column, found, expected)."""
    wrong: list[tuple[str, str, str]] = []

    def read(column: str, parse: Callable[[str], _T], default: _T) -> _T:
        try:
            return parse(cells.get(column, "").strip())
        except _Wrong as error:
            wrong.append((column, error.found, error.expected))
            return default

    of = read("desk", lambda text: _desk(text, desk), "")
    client_id = read("id", _id, "")
    kind = read("kind", lambda text: _kind(text, of), "")
    contract = re.sub(r"\s+", "", cells.get("contract", "")).upper()
    contacts = (
        *read("addresses", lambda text: _contacts(text, ContactKind.ADDRESS, _address), _NONE),
        *read("phones", lambda text: _contacts(text, ContactKind.PHONE, _phone), _NONE),
        *read("inn", lambda text: _contacts(text, ContactKind.INN, _inn), _NONE),
        *((Contact(kind=ContactKind.CONTRACT, value=contract),) if contract else ()),
        *read("sites", lambda text: _contacts(text, ContactKind.SITE, _site), _NONE),
    )
    if len(contacts) > CONTACTS_AT_MOST:
        wrong.append(("addresses", f"{len(contacts)} contacts", f"at most {CONTACTS_AT_MOST} of all kinds"))
    accepted = read("offer_accepted_on", _date, None)
    if wrong:
        return None, wrong
    return (
        Client(
            id=client_id,
            desk=of,
            kind=kind,
            name=_one_line(cells.get("name", "")),
            contacts=tuple(dict.fromkeys(contacts)),
            full_name=_one_line(cells.get("full_name", "")) or None,
            organisation=_one_line(cells.get("organisation", "")) or None,
            position=_one_line(cells.get("position", "")) or None,
            contract=contract or None,
            services=tuple(_several(cells.get("services", ""))),
            offer_accepted_on=accepted,
        ),
        [],
    )


def write_clients(clients: Iterable[Client], to: TextIO, *, delimiter: str = ",") -> Iterator[Client]:
    """Write clients as `read_clients` reads them, the header first; return each when it is written."""
    rows = csv.writer(to, delimiter=delimiter, lineterminator="\r\n")
    rows.writerow(COLUMNS)
    for client in clients:
        cells = {column: _joined(cell) for column, cell in cells_of(client).items()}
        rows.writerow([cells[column] if column == "phones" else _guarded(cells[column]) for column in COLUMNS])
        yield client


def cells_of(client: Client) -> dict[str, str | list[str] | None]:
    """Return what a client's cells hold, by column: one value, several, or none."""
    cells: dict[str, str | list[str] | None] = client.model_dump(mode="json", exclude={"contacts"})
    for kind, column in COLUMN_OF.items():
        if column != "contract":
            cells[column] = [contact.value for contact in client.contacts if contact.kind is kind]
    return cells


def _joined(cell: str | list[str] | None) -> str:
    return ";".join(cell) if isinstance(cell, list) else cell or ""


def _guarded(text: str) -> str:
    """Let no spreadsheet compute a cell: behind an apostrophe it is text. (Telephone numbers compute nothing.)"""
    return f"'{text}" if _FORMULA.match(text) else text


class _Seen:
    """Which ids and contacts the rows so far claim, so that the second who claims one is told of the first.

    A database in a temporary file that has no name and ends with it; what is claimed is in it as a hash.
    """

    def __init__(self, file: str) -> None:
        import sqlite3  # here, because hardly any verb reads a registry

        self.file = file
        self._claims = sqlite3.connect("", isolation_level=None)
        self._claims.execute("PRAGMA journal_mode = OFF")
        self._claims.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._claims.execute("CREATE TABLE claims (what BLOB PRIMARY KEY, line INTEGER, owner TEXT) WITHOUT ROWID")

    def close(self) -> None:
        self._claims.close()

    def claim(self, row: Row) -> Iterator[Problem]:
        client = row.client
        first, _ = self._first_to_claim(row, "id", client.id)
        if first != row.line:
            yield Problem(self.file, row.line, "id", repr(client.id), f"an id of its own: line {first} has this one")
            return
        for contact in client.contacts:
            line, owner = self._first_to_claim(row, contact.kind, contact.value)
            if owner != client.id:
                expected = f"a contact of one client: line {line} gives it to {owner!r}"
                yield Problem(self.file, row.line, COLUMN_OF[contact.kind], repr(contact.value), expected)

    def _first_to_claim(self, row: Row, kind: str, value: str) -> tuple[int, str]:
        """Return the line and the client that claim something first: this row, where none has before."""
        own = (row.line, row.client.id)
        what = blake2b(f"{row.client.desk}\n{kind}\n{value}".encode(), digest_size=16).digest()
        if self._claims.execute("INSERT OR IGNORE INTO claims VALUES (?, ?, ?)", (what, *own)).rowcount:
            return own
        line, owner = self._claims.execute("SELECT line, owner FROM claims WHERE what = ?", (what,)).fetchone()
        return line, owner


COLUMN_OF: Mapping[ContactKind, str] = {
    ContactKind.ADDRESS: "addresses",
    ContactKind.PHONE: "phones",
    ContactKind.INN: "inn",
    ContactKind.CONTRACT: "contract",
    ContactKind.SITE: "sites",
}
"""In which column a contact of each kind stands."""


def _decoded(lines: Iterable[bytes], undecodable: list[int]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        try:
            text = line.decode("utf-8")
        except UnicodeDecodeError:
            undecodable.append(number)
            text = line.decode("utf-8", "replace")
        yield text.removeprefix("\ufeff") if number == 1 else text


def _again(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _header_problems(names: list[str], file: str) -> Iterator[Problem]:
    known = ", ".join(COLUMNS)
    if not any(names):
        yield Problem(file, 1, "", "no header", f"the names of the columns: {known}")
        return
    for name in dict.fromkeys(names):
        if name not in COLUMNS:
            yield Problem(file, 1, name or "(empty)", "a column that is not known", f"one of {known}")
        elif names.count(name) > 1:
            yield Problem(file, 1, name, f"{names.count(name)} such columns", "one")
    if "id" not in names:
        yield Problem(file, 1, "id", "no such column", "one: the client's number in your own books")


def _row(names: list[str], cells: list[str], line: int, seen: _Seen, desk: str | None) -> Iterator[Row | Problem]:
    if len(cells) != len(names):
        yield Problem(seen.file, line, "", f"{len(cells)} cells", f"{len(names)}, as the header has")
        return
    client, wrong = client_from({name: _bare(cell) for name, cell in zip(names, cells, strict=True)}, desk)
    if client is None:
        yield from (Problem(seen.file, line, *what) for what in wrong)
        return
    row = Row(line, client)
    problems = [*seen.claim(row)]
    yield from problems
    if not problems:
        yield row


def _bare(cell: str) -> str:
    """Return a cell without the apostrophe that keeps a spreadsheet from computing it."""
    text = cell.strip()
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text


def _one_line(text: str) -> str:
    return " ".join("".join(character if character.isprintable() else " " for character in text).split())


def _several(text: str) -> list[str]:
    return [part for cell in text.split(";") if (part := _one_line(cell))]


def _contacts(text: str, kind: ContactKind, normalised: Callable[[str], str]) -> tuple[Contact, ...]:
    return tuple(Contact(kind=kind, value=normalised(part)) for part in _several(text))


def _desk(text: str, default: str | None) -> str:
    if not text:
        return default or ""
    try:
        found = find_desk(text)
    except UnknownDesk as error:
        raise _Wrong(repr(text), str(error).partition("; ")[2].replace("there are: ", "one of ")) from error
    if default is not None and found != default:
        raise _Wrong(repr(text), f"{default}, the desk that was named")
    return found


def _id(text: str) -> str:
    if not text:
        raise _Wrong("nothing", "the client's number in your own books")
    if not _ID.fullmatch(text) or text.startswith("address:"):
        raise _Wrong(
            repr(text[:60]), "up to 100 letters, digits, spaces and . : / @ + - _, not beginning with address:"
        )
    return text


def _kind(text: str, desk: str) -> str:
    if not desk:
        return text or "client"
    kinds = editions(desk)[-1].rules.eligibility.kinds
    if not text:
        return next(iter(kinds), "client")
    if kinds and text not in kinds:
        raise _Wrong(repr(text), "one of " + ", ".join(f"{kind} ({says})" for kind, says in kinds.items()))
    return text


def _address(text: str) -> str:
    address = normalise_address(text)
    if not _MAILBOX.fullmatch(address):
        raise _Wrong(repr(text), "a mail address such as name@example.ru")
    return address


def _phone(text: str) -> str:
    number = normalise_phone(text)
    if number is None:
        raise _Wrong(repr(text), "a phone number such as +7 912 000-00-00, several separated by ;")
    return number


def _inn(text: str) -> str:
    if not inn_is_valid(text):
        digits = text.isascii() and text.isdigit() and len(text) in (10, 12)
        raise _Wrong(repr(text), "an INN whose check digits hold" if digits else "an INN: 10 or 12 digits")
    return text


def _site(text: str) -> str:
    hosts = [host for host, _ in sites_in(text)]
    if len(hosts) != 1:
        raise _Wrong(repr(text), "a site such as shop.example.ru, several separated by ;")
    return normalise_address(f"@{hosts[0]}").removeprefix("@")


def _date(text: str) -> date | None:
    if not text:
        return None
    for form in ("%Y-%m-%d", "%d.%m.%Y"):
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a calendar date has no zone
        except ValueError:
            continue
    raise _Wrong(repr(text), "a date such as 2026-11-20 or 20.11.2026")
