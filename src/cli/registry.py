"""`reglament client list`, `show`, `add` and `remove`: the registry of those whom a desk serves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from adapters.dynamodb import DynamoTable
from adapters.registry_file import cells_of, client_from
from application.storage import Conflict, TooLarge
from cli import journal, printing
from cli.options import Options
from cli.target import Failed, Misuse, connect, desk_named, desks_named
from composition import AwsServices
from domain.addresses import normalise_address
from domain.client import Client, Contact, ContactKind, address_client_id
from domain.findings import Mode
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_serving
from domain.regulation.months import month_of
from domain.ticket.ticket import Ticket

TICKETS_SHOWN = 20


def list_clients(options: Options, services: AwsServices, desk: str | None) -> int:
    """Print the clients of the desks."""
    services = connect(options, services)
    rows = []
    for desk_id in desks_named(desk):
        for client in services.store.clients(desk_id):
            if options.json:
                printing.as_json(as_data(client))
            else:
                contacts = ", ".join(contact.value for contact in client.contacts)
                rows.append((desk_id, client.id, client.kind, client.name or client.organisation or "", contacts))
    printing.table(rows)
    if not rows and not options.json:
        print("the registry is empty")
    return 0


def show(options: Options, services: AwsServices, client_id: str | None, address: str | None, desk: str | None) -> int:
    """Print one client, its requests of the month and its latest tickets; each desk may have one of that id.

    By an address also a sender whom the registry does not know and who is counted by that address.
    """
    if (client_id is None) == (address is None):
        raise Misuse("give the client's ID, or else --address ADDRESS")
    address = None if address is None else normalise_address(address)
    services = connect(options, services)
    store = services.store
    shown = 0
    for desk_id in desks_named(desk):
        client = _client_of(store, desk_id, client_id, address)
        if client is not None:
            keys = [client.id, *_keys_of(_addresses(client))]
            who = as_data(client)
        elif address is not None:
            keys = _keys_of([address])
            who = {"id": keys[0], "desk": desk_id, "addresses": [address], "registered": False}
        else:
            continue
        tickets = _latest_tickets(store, desk_id, keys)
        if client is None and not tickets:
            continue
        shown += 1
        now = services.now()
        _tell(who, _counted(store, desk_id, keys[0], now), tickets, edition_serving(desk_id, now), as_json=options.json)
    if not shown:
        what = f"no client {client_id!r} in the registry"
        raise Failed(what if address is None else f"{address}: no client's address, and nobody has written from it")
    return 0


def add(options: Options, services: AwsServices, client_id: str, desk: str, columns: Mapping[str, str]) -> int:
    """Write one client in place of what the registry has under its id; `columns` as `client import` reads them."""
    desk = desk_named(desk)
    client, wrong = client_from({"id": client_id, **columns}, desk)
    if client is None:
        raise Misuse("; ".join(f"{column}: found {found}, expected {expected}" for column, found, expected in wrong))
    services = connect(options, services)
    store = services.store
    before = store.client(desk, client.id)
    journal.note(services, "client add", f"client {journal.named(client.id)} of {desk}")
    try:
        store.save(client)
    except (Conflict, TooLarge) as error:
        raise Failed(f"{error}; nothing was written") from error
    if options.json:
        printing.as_json(as_data(client))
    else:
        print(f"{client.id} of {desk}: {'added' if before is None else 'replaced'}")
    return 0


def remove(options: Options, services: AwsServices, client_id: str, desk: str) -> int:
    """Remove one client; its tickets stay."""
    desk = desk_named(desk)
    services = connect(options, services)
    if services.store.client(desk, client_id) is None:
        raise Failed(f"no client {client_id!r} in the registry of {desk}")
    journal.note(services, "client remove", f"client {journal.named(client_id)} of {desk}")
    try:
        services.store.remove(desk, client_id)
    except Conflict as error:
        raise Failed(f"client {client_id!r}: {error}; nothing was removed") from error
    if options.json:
        printing.as_json({"desk": desk, "removed": client_id})
    else:
        print(f"{client_id} of {desk}: removed")
    return 0


def as_data(client: Client) -> dict[str, Any]:
    """Return a client in the columns of the file that `client import` reads."""
    return {**cells_of(client)}


# Showing one ---------------------------------------------------------------------------------------------


def _client_of(store: DynamoTable, desk: str, client_id: str | None, address: str | None) -> Client | None:
    if client_id is not None:
        return store.client(desk, client_id)
    assert address is not None  # the one or the other
    owners = store.owners(desk, [Contact(kind=ContactKind.ADDRESS, value=address)])
    return next((store.client(desk, owner) for owner in owners.values()), None)


def _addresses(client: Client) -> list[str]:
    return [contact.value for contact in client.contacts if contact.kind is ContactKind.ADDRESS]


def _keys_of(addresses: Sequence[str]) -> list[str]:
    """Return under what letters from addresses are kept apart from the registry: proved ones, then the others."""
    return [*map(address_client_id, addresses), *(f"claimed:{address}" for address in addresses)]


def _latest_tickets(store: DynamoTable, desk: str, keys: Sequence[str]) -> list[Ticket]:
    numbers = dict.fromkeys(number for key in keys for number in islice(store.tickets_of(desk, key), TICKETS_SHOWN))
    tickets = [ticket for number in numbers if (ticket := store.ticket(number)) is not None]
    return sorted(tickets, key=lambda ticket: ticket.arrived_at, reverse=True)[:TICKETS_SHOWN]


def _counted(store: DynamoTable, desk: str, key: str, now: datetime) -> dict[str, Any]:
    """Return how many requests count towards this month of the desk's zone, and how many may; None: any number."""
    edition = edition_serving(desk, now)
    month = month_of(edition, now)
    recent, _ = store.situation(desk, key, None)
    rule = edition.rules.quota
    return {
        "month": month,
        "count": len({request.ticket for request in recent.requests if month_of(edition, request.at) == month}),
        "limit": None if rule.mode is Mode.OFF else rule.limit,
        "clause": rule.clause,
    }


def _tell(
    who: dict[str, Any], counted: dict[str, Any], tickets: Sequence[Ticket], edition: Edition, *, as_json: bool
) -> None:
    zone = edition.hours.time_zone
    if as_json:
        listed = [
            {
                "ticket": ticket.id,
                "status": ticket.status.value,
                "arrived_at": printing.iso(ticket.arrived_at, zone),
                "subject": ticket.subject,
            }
            for ticket in tickets
        ]
        printing.as_json({**who, "requests": counted, "tickets": listed})
        return
    registered = "" if who.get("registered", True) else ", not in the registry"
    print(f"{who['id']} of {who['desk']}{registered}")
    rows = [(name, _shown(value)) for name, value in who.items() if value and name not in ("id", "desk")]
    limit = "no limit" if counted["limit"] is None else f"of {counted['limit']}{printing.ground(counted['clause'])}"
    printing.table([*rows, (f"requests in {counted['month']}", f"{counted['count']}, {limit}")], indent="  ")
    printing.table(
        [
            (ticket.id, ticket.status.value, printing.moment(ticket.arrived_at, zone), ticket.subject[:60])
            for ticket in tickets
        ],
        indent="  ",
    )


def _shown(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
