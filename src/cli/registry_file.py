"""`reglament client import` and `client export`: the registry as a file, however many clients it has."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from pathlib import Path
from tempfile import mkstemp
from typing import TextIO

from adapters.dynamodb import DynamoTable
from adapters.problems import Problem
from adapters.registry_file import COLUMN_OF, Row, read_clients, write_clients
from application.ports import Registry
from application.storage import Conflict, TooLarge
from cli import journal, printing
from cli.options import Options
from cli.registry import as_data
from cli.target import Failed, Misuse, connect, desk_named, desks_named
from composition import AwsServices
from domain.client import Client, Contact

ROWS_AT_ONCE = 100
"""Rows whose contacts are looked up together."""
TOLD_EVERY = 500
"""Rows between two lines of progress while writing; checking goes faster and tells of ten times as many."""


def import_file(options: Options, services: AwsServices, file: str, desk: str | None, *, check: bool) -> int:
    """Check a whole file, then write it: nothing is written where anything is wrong. Running it again is harmless."""
    desk_id = desk_named(desk) if desk else None
    services = connect(options, services)
    store = services.store
    rows = 0
    wrong = 0
    for result in checked(store, file, desk_id):
        if isinstance(result, Problem):
            wrong += 1
            _tell_problem(result, as_json=options.json)
        else:
            rows += 1
        _tell_progress(rows + wrong, "checked", every=10 * TOLD_EVERY)
    if wrong:
        raise Failed(f"{file}: {printing.count(wrong, 'error')}; nothing was written")
    if not check:
        journal.note(
            services,
            "client import",
            f"{printing.count(rows, 'client')} of {desk_id or 'the desks that the file names'}",
        )
    written = {} if check else _write(store, file, desk_id, rows)
    if options.json:
        printing.as_json({"file": file, "clients": rows, **written})
    else:
        counts = ", ".join(f"{count} {what}" for what, count in written.items())
        print(f"{file}: {printing.count(rows, 'client')} ({counts or 'nothing is wrong; nothing was written'})")
    return 0


def export(options: Options, services: AwsServices, file: str, desk: str | None, *, excel: bool, force: bool) -> int:
    """Write the clients of the desks to a file, or to standard output, as `client import` reads them."""
    desks = desks_named(desk)
    services = connect(options, services)
    clients = chain.from_iterable(map(services.store.clients, desks))
    if file == "-":
        if options.json:
            for client in clients:
                printing.as_json(as_data(client))
        else:
            if isinstance(sys.stdout, io.TextIOWrapper):
                sys.stdout.reconfigure(encoding="utf-8", newline="")
            _exported(clients, sys.stdout, excel=excel)
        return 0
    try:
        done = _exported_to(Path(file), clients, excel=excel, force=force)
    except OSError as error:
        raise Misuse(f"{file}: {error.strerror or error}") from error
    if options.json:
        printing.as_json({"file": str(Path(file)), "clients": done})
    else:
        print(f"{Path(file)}: {printing.count(done, 'client')}")
    return 0


def _exported_to(file: Path, clients: Iterable[Client], *, excel: bool, force: bool) -> int:
    """Write a file whole or not at all, readable by its owner alone: it is full of personal data."""
    if file.exists() and not force:
        raise Failed(f"{file}: there is such a file already; --force writes over it")
    opened, name = mkstemp(dir=file.parent, prefix=".")
    unfinished = Path(name)
    try:
        with os.fdopen(opened, "w", encoding="utf-8", newline="") as to:
            done = _exported(clients, to, excel=excel)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
    return done


def _exported(clients: Iterable[Client], to: TextIO, *, excel: bool) -> int:
    """Write clients and count them; for Excel with the byte order mark and the semicolons that it wants in Russia."""
    done = 0
    if excel:
        to.write("\ufeff")
    for done, _ in enumerate(write_clients(clients, to, delimiter=";" if excel else ","), 1):
        _tell_progress(done, "exported", every=10 * TOLD_EVERY)
    return done


# Importing ------------------------------------------------------------------------------------------------


def _rows(file: str, desk: str | None) -> Iterator[Row | Problem]:
    try:
        with Path(file).open("rb") as lines:
            yield from read_clients(lines, file, desk)
    except OSError as error:
        raise Misuse(f"{file}: {error.strerror or error}") from error


def checked(store: Registry, file: str, desk: str | None) -> Iterator[Row | Problem]:
    """Return the rows of a file and everything that is wrong with it, also with regard to the registry, by line."""
    left = _rows(file, desk)
    while some := list(islice(left, ROWS_AT_ONCE)):
        rows = [row for row in some if isinstance(row, Row)]
        owners = {
            of: store.owners(
                of, dict.fromkeys(contact for row in rows if row.client.desk == of for contact in row.client.contacts)
            )
            for of in {row.client.desk for row in rows} - {""}
        }
        for one in some:
            claims = [*_claims(one, owners.get(one.client.desk), file)] if isinstance(one, Row) else []
            yield from claims
            if not claims:
                yield one


def _claims(row: Row, owners: Mapping[Contact, str] | None, file: str) -> Iterator[Problem]:
    """Return what speaks against a row that is well in itself; `owners` is None where it has no desk."""
    if owners is None:
        yield Problem(file, row.line, "desk", "nothing", "a desk, in this column or by --desk")
        return
    for contact in row.client.contacts:
        owner = owners.get(contact)
        if owner is not None and owner != row.client.id:
            expected = f"a contact of one client: the registry gives it to {owner!r} (remove it there first)"
            yield Problem(file, row.line, COLUMN_OF[contact.kind], repr(contact.value), expected)


def _write(store: DynamoTable, file: str, desk: str | None, rows: int) -> dict[str, int]:
    """Write a checked file and count what became of its clients; raises Failed, saying what is written by then."""
    written = {"added": 0, "replaced": 0, "unchanged": 0}
    done = 0
    try:
        for client, before in store.save_all(_clients(file, desk)):
            done += 1
            written["added" if before is None else "unchanged" if before == client else "replaced"] += 1
            _tell_progress(done, f"of {rows}", every=TOLD_EVERY)
    except KeyboardInterrupt:
        printing.warn(_stopped(file, done, rows))
        raise
    except (Conflict, TooLarge, Failed) as error:
        raise Failed(f"{file}: {error}; {_stopped(file, done, rows)}") from error
    return written


def _stopped(file: str, done: int, rows: int) -> str:
    return f"{done} of {rows} clients of {file} are written, and perhaps some after them: run it again for the rest"


def _clients(file: str, desk: str | None) -> Iterator[Client]:
    for row in _rows(file, desk):
        if isinstance(row, Problem):
            raise Failed(f"{row}; the file was changed meanwhile")
        yield row.client


def _tell_progress(done: int, what: str, *, every: int) -> None:
    if done % every == 0:
        printing.warn(f"{done} {what}")


def _tell_problem(problem: Problem, *, as_json: bool) -> None:
    if as_json:
        printing.as_json(
            {
                "file": problem.file,
                "line": problem.line,
                "column": problem.key,
                "found": problem.found,
                "expected": problem.expected,
            }
        )
    else:
        printing.warn(str(problem))
