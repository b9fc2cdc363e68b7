"""The registry: clients, the contacts and names by which each is found, and how many are written at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, body, stored, text
from adapters.dynamodb.recent import forgotten_details, moved_past
from adapters.dynamodb.table import BATCH_GET_LIMIT, Table
from adapters.dynamodb.writes import IF_NEW, TRANSACTION_LIMIT, Write, delete, if_equal, put, update
from application.storage import Condition, Conflict, TooLarge
from domain.client import Client, Contact
from domain.writer.organisations import comparable_name

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

SAVE_TRIES = 4
"""How often a client is read and written again where another write came first."""
NAMESAKES_KEPT = 20
"""Clients of one organisation's name whose ids are kept; more (twice at once: some more) are as good as many."""
MANY = "#MANY"
"""Stored among the ids for those that are not kept, for good: no client's id begins like this."""

Read = Mapping[str, Item]
"""Items as they were read, by their flat keys."""


class Registry(Table):
    """The clients of the desks: implements `Registry`."""

    def __init__(self, client: DynamoDBClient, table: str, shards: int) -> None:
        super().__init__(client, table, shards)
        self._in_use: set[str] = set()
        """Desks whose registry this process has marked: writing the mark each time would meet in one item."""

    def client(self, desk: str, client_id: str) -> Client | None:
        """Return a client of a desk: one GetItem."""
        item = self._get(keys.client(desk, client_id))
        return stored(item, Client) if item else None

    def clients(self, desk: str) -> Iterator[Client]:
        """Return all clients of a desk, by id: a Query a page, a BatchGetItem a hundred clients."""
        listed = self._query(pk=keys.any_client(desk)["pk"]["S"], prefix="CLIENT#")
        while batch := [item["sk"]["S"].removeprefix("CLIENT#") for item in islice(listed, BATCH_GET_LIMIT)]:
            wanted = [keys.client(desk, client_id) for client_id in batch]
            got = self._batch_get(wanted)
            yield from (stored(got[flat], Client) for flat in map(keys.flat, wanted) if flat in got)

    def owners(self, desk: str, contacts: Iterable[Contact]) -> dict[Contact, str]:
        """Return the ids of the clients that contacts belong to; a contact of no client is left out."""
        owners: dict[Contact, str] = {}
        rest = iter(contacts)
        while batch := list(islice(rest, BATCH_GET_LIMIT)):
            contact_at = {keys.flat(keys.contact(desk, contact)): contact for contact in batch}
            got = self._batch_get([keys.contact(desk, contact) for contact in batch])
            owners |= {contact_at[flat]: item["client"]["S"] for flat, item in got.items()}
        return owners

    def save(self, client: Client) -> None:
        """Write a client and its contacts: one read, one transaction; raises Conflict where a contact is another's."""
        self._save(client, self._around([client]))

    def save_all(self, clients: Iterable[Client]) -> Iterator[tuple[Client, Client | None]]:
        """Write clients, several to a transaction, and return each, in order, with what it was before, or None.

        What is already as it should be is not written. A client is written whole or not at all. Raises Conflict
        at one that claims another's contact; those returned until then, and perhaps some after them, are written.
        """
        rest = iter(clients)
        while batch := list(islice(rest, BATCH_GET_LIMIT)):
            read = self._around(batch)
            before = [_as_read(client, read) for client in batch]
            changed = [client for client, was in zip(batch, before, strict=True) if client != was]
            for group in _in_transactions((client, self._client_writes(client, read)) for client in changed):
                self._save_together(group, read)
            yield from zip(batch, before, strict=True)

    def remove(self, desk: str, client_id: str) -> None:
        """Remove a client, its contacts and its remembered details; its tickets stay. Removing what is not there does nothing.

        Two GetItem and one transaction; raises Conflict where the client or its past was written meanwhile.
        """
        item = self._get(keys.client(desk, client_id))
        if item is None:
            return
        client = stored(item, Client)
        own = delete(keys.client(desk, client_id), if_equal("body", item["body"]), Conflict(condition=Condition.CLIENT))
        listed = delete(keys.listed_client(desk, client_id))
        contacts = [delete(keys.contact(desk, contact)) for contact in client.contacts]
        name = comparable_name(client.organisation)
        named = [_ids("DELETE", desk, name, client_id)] if name is not None else []
        past = forgotten_details(client, self._get(keys.recent(desk, client_id)))
        self._transact([own, listed, *contacts, *named, *past])

    def _save_together(self, group: Sequence[tuple[Client, list[Write]]], read: Read) -> None:
        """Write clients in one transaction; where it fails, each in its own."""
        try:
            self._transact([write for _, writes in group for write in writes])
        except (Conflict, TooLarge):
            for client, _ in group:
                self._save(client, read)
        else:
            self._in_use |= {client.desk for client, _ in group}

    def _save(self, client: Client, read: Read) -> None:
        """Write one client in place of what was read; where that has changed, read again and try again."""
        for tries_left in reversed(range(SAVE_TRIES)):
            try:
                self._transact(self._client_writes(client, read))
            except Conflict as error:
                for contact, owner in self.owners(client.desk, client.contacts).items():
                    if owner != client.id:
                        raise contact_taken(contact, owner, client.id) from error
                if not tries_left:
                    raise
                read = self._around([client])
            else:
                self._in_use.add(client.desk)
                return

    def _around(self, clients: Sequence[Client]) -> dict[str, Item]:
        """Return what writing clients rests on: what is under their ids and names, their past, their addresses'."""
        wanted: dict[str, Item] = {}
        for client in clients:
            own = keys.client(client.desk, client.id)
            wanted |= {keys.flat(key): key for key in (own, *keys.pasts(client), *keys.organisations(client))}
        each = list(wanted.values())
        read: dict[str, Item] = {}
        for start in range(0, len(each), BATCH_GET_LIMIT):
            read |= self._batch_get(each[start : start + BATCH_GET_LIMIT])
        return read

    def _client_writes(self, client: Client, read: Read) -> list[Write]:
        """Return what makes a client of what was read; each write fails where that has changed."""
        own = keys.client(client.desk, client.id)
        item = read.get(keys.flat(own))
        before = stored(item, Client) if item else None
        as_read = IF_NEW if item is None else if_equal("body", item["body"])
        writes = [put({**own, "body": body(client)}, as_read, Conflict(condition=Condition.CLIENT))]
        if before is None:
            writes.append(put(keys.listed_client(client.desk, client.id)))
        if client.desk not in self._in_use:
            writes.append(put(keys.any_client(client.desk)))
        writes += [_contact_put(client, contact) for contact in client.contacts]
        contacts_before = set(before.contacts if before else ())
        dropped = contacts_before - set(client.contacts)
        writes += [delete(keys.contact(client.desk, contact)) for contact in dropped]
        writes += _renamed(before, client, read)
        writes += moved_past(client, set(client.contacts) - contacts_before, read)
        return writes


def contact_taken(contact: Contact, owner: str, claimed_by: str) -> Conflict:
    """Return the conflict of a client that claims the contact of another."""
    text = f"{contact.kind} {contact.value} belongs to client {owner!r}, not to {claimed_by!r}"
    return Conflict(text, condition=Condition.CONTACT)


def only_id(item: Item | None) -> str | None:
    """Return the id of the one client of a name; None where there are none, several, or too many to keep."""
    ids = _ids_in(item)
    return ids.pop() if len(ids) == 1 and MANY not in ids else None


def _as_read(client: Client, read: Read) -> Client | None:
    item = read.get(keys.flat(keys.client(client.desk, client.id)))
    return stored(item, Client) if item else None


def _contact_put(client: Client, contact: Contact) -> Write:
    item = {**keys.contact(client.desk, contact), "client": text(client.id), "body": body(client)}
    is_free_or_own = {
        "ConditionExpression": "attribute_not_exists(pk) OR client = :id",
        "ExpressionAttributeValues": {":id": text(client.id)},
    }
    return put(item, is_free_or_own, Conflict(condition=Condition.CONTACT))


def _renamed(before: Client | None, client: Client, read: Read) -> Iterator[Write]:
    """Let a client be found by its organisation's name; names, unlike contacts, may be those of several."""
    was = comparable_name(before.organisation) if before else None
    name = comparable_name(client.organisation)
    if was == name:
        return
    if was is not None:
        yield _ids("DELETE", client.desk, was, client.id)
    if name is not None:
        ids = _ids_in(read.get(keys.flat(keys.organisation(client.desk, name))))
        if MANY not in ids:
            yield _ids("ADD", client.desk, name, client.id if len(ids) < NAMESAKES_KEPT else MANY)


def _ids(verb: str, desk: str, name: str, client_id: str) -> Write:
    """Add an id to those of a name, or take it away. Either may be done twice, and beside any other."""
    return update(keys.organisation(desk, name), f"{verb} ids :id", {":id": {"SS": [client_id]}})


def _ids_in(item: Item | None) -> set[str]:
    return set(item["ids"]["SS"]) if item is not None and "ids" in item else set()


def _in_transactions(clients: Iterable[tuple[Client, list[Write]]]) -> Iterator[list[tuple[Client, list[Write]]]]:
    """Return clients in groups of which each fits one transaction and none writes an item twice."""
    group: list[tuple[Client, list[Write]]] = []
    items: set[str] = set()
    for client, writes in clients:
        touched = {keys.flat(write.key) for write in writes}
        if group and (len(items) + len(writes) > TRANSACTION_LIMIT or items & touched):
            yield group
            group, items = [], set()
        group.append((client, writes))
        items |= touched
    if group:
        yield group
