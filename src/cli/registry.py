"""`reglament client …`: the registry of those whom a desk serves."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from adapters.clients_csv import COLUMN_OF, Problem, Row, client_from, read_clients
from adapters.dynamodb import DynamoTable
from cli import printing
from cli.target import Failed, Misuse, connect, desk_named, desks_named
from domain.client import Client
from domain.ports import Conflict
from handlers import wiring

ROWS_AT_ONCE = 100
"""Rows whose contacts are looked up together."""
TOLD_EVERY = 500


def import_file(args: Namespace) -> int:
    """Check a whole file, then write it: nothing is written where anything is wrong. Running it again is harmless."""
    desk = desk_named(args.desk) if args.desk else None
    connect(args)
    store = wiring.store()
    rows = 0
    wrong = 0
    for result in _checked(store, args.file, desk):
        if isinstance(result, Problem):
            wrong += 1
            _tell_problem(result, as_json=args.json)
        else:
            rows += 1
    if wrong:
        raise Failed(f"{args.file}: {printing.count(wrong, 'error')}; nothing was written")
    written = _write(store, args.file, desk, rows)
    if args.json:
        printing.as_json({"file": args.file, "clients": rows, **written})
    else:
        counts = ", ".join(f"{count} {what}" for what, count in written.items())
        print(f"{args.file}: {printing.count(rows, 'client')} ({counts})")
    return 0


def list_clients(args: Namespace) -> int:
    """Print the clients of the desks."""
    connect(args)
    rows = []
    for desk in desks_named(args.desk):
        for client in wiring.store().clients(desk):
            if args.json:
                printing.as_json(as_data(client))
            else:
                contacts = ", ".join(contact.value for contact in client.contacts)
                rows.append((desk, client.id, client.kind, client.name or client.organisation or "", contacts))
    printing.table(rows)
    if not rows and not args.json:
        print("the registry is empty")
    return 0


def show(args: Namespace) -> int:
    """Print one client; under one id each desk may have one."""
    connect(args)
    found = [client for desk in desks_named(args.desk) if (client := wiring.store().client(desk, args.client))]
    if not found:
        raise Failed(f"no client {args.client!r} in the registry")
    for client in found:
        if args.json:
            printing.as_json(as_data(client))
            continue
        print(f"{client.id} of {client.desk}")
        shown = [
            (name, _shown(value)) for name, value in as_data(client).items() if value and name not in ("id", "desk")
        ]
        printing.table(shown, indent="  ")
    return 0


def add(args: Namespace) -> int:
    """Write one client in place of what the registry has under its id."""
    desk = desk_named(args.desk)
    cells = {
        "id": args.client,
        **{
            name: getattr(args, name)
            for name in ("kind", "name", "full_name", "organisation", "position", "contract", "offer_accepted_on")
        },
        "addresses": ";".join(args.address),
        "phones": ";".join(args.phone),
        "inn": ";".join(args.inn),
        "sites": ";".join(args.site),
        "services": ";".join(args.service),
    }
    client, wrong = client_from(cells, desk)
    if client is None:
        raise Misuse("; ".join(f"{column}: found {found}, expected {expected}" for column, found, expected in wrong))
    connect(args)
    store = wiring.store()
    for contact, owner in store.owners(desk, client.contacts).items():
        if owner != client.id:
            raise Failed(f"{contact.kind} {contact.value} belongs to client {owner!r}; nothing was written")
    before = store.client(desk, client.id)
    _save(store, client)
    if args.json:
        printing.as_json(as_data(client))
    else:
        print(f"{client.id} of {desk}: {'added' if before is None else 'replaced'}")
    return 0


def remove(args: Namespace) -> int:
    """Remove one client; its tickets stay."""
    desk = desk_named(args.desk)
    connect(args)
    if wiring.store().client(desk, args.client) is None:
        raise Failed(f"no client {args.client!r} in the registry of {desk}")
    wiring.store().remove(desk, args.client)
    if args.json:
        printing.as_json({"desk": desk, "removed": args.client})
    else:
        print(f"{args.client} of {desk}: removed")
    return 0


def as_data(client: Client) -> dict[str, Any]:
    """Return a client in the columns of the file that `client import` reads."""
    data: dict[str, Any] = client.model_dump(mode="json", exclude={"contacts", "contract"})
    data["contract"] = client.contract
    for kind, column in COLUMN_OF.items():
        if column != "contract":
            data[column] = [contact.value for contact in client.contacts if contact.kind is kind]
    return data


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


# Importing ------------------------------------------------------------------------------------------------


def _rows(file: str, desk: str | None) -> Iterator[Row | Problem]:
    try:
        with Path(file).open("rb") as lines:
            yield from read_clients(lines, file, desk)
    except OSError as error:
        raise Misuse(f"{file}: {error.strerror or error}") from error


def _checked(store: DynamoTable, file: str, desk: str | None) -> Iterator[Row | Problem]:
    """Return the rows of a file with everything that is wrong, also with regard to the registry."""
    left = _rows(file, desk)
    while some := list(islice(left, ROWS_AT_ONCE)):
        rows = [row for row in some if isinstance(row, Row)]
        yield from (row for row in some if isinstance(row, Problem))
        for of in dict.fromkeys(row.client.desk for row in rows):
            if of:
                contacts = (contact for row in rows if row.client.desk == of for contact in row.client.contacts)
                owners = store.owners(of, dict.fromkeys(contacts))
                for row in rows:
                    if row.client.desk == of:
                        problems = [*_claimed(row, owners, file)]
                        yield from problems
                        if not problems:
                            yield row
        for row in rows:
            if not row.client.desk:
                yield Problem(file, row.line, "desk", "nothing", "a desk, in this column or by --desk")


def _claimed(row: Row, owners: dict[Any, str], file: str) -> Iterator[Problem]:
    for contact in row.client.contacts:
        owner = owners.get(contact)
        if owner is not None and owner != row.client.id:
            expected = f"a contact of one client: the registry gives it to {owner!r} (remove it there first)"
            yield Problem(file, row.line, COLUMN_OF[contact.kind], repr(contact.value), expected)


def _write(store: DynamoTable, file: str, desk: str | None, rows: int) -> dict[str, int]:
    written = {"added": 0, "replaced": 0, "unchanged": 0}
    for done, row in enumerate(_rows(file, desk), 1):
        if isinstance(row, Problem):
            raise Failed(
                f"{row}; the file was changed meanwhile: {done - 1} of {rows} clients are written, run it again"
            )
        before = store.client(row.client.desk, row.client.id)
        if before != row.client:
            _save(store, row.client)
        written["added" if before is None else "unchanged" if before == row.client else "replaced"] += 1
        if done % TOLD_EVERY == 0:
            print(f"{done} of {rows}", file=sys.stderr)
    return written


def _save(store: DynamoTable, client: Client) -> None:
    try:
        store.save(client)
    except Conflict as error:
        raise Failed(
            f"client {client.id!r}: one of its contacts was given to another client meanwhile; run it again"
        ) from error


def _tell_problem(problem: Problem, *, as_json: bool) -> None:
    if as_json:
        printing.as_json(
            {
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "found": problem.found,
                "expected": problem.expected,
            }
        )
    else:
        printing.warn(str(problem))
