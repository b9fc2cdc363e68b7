"""What quota and duplicates look at: a client's recent past, and the letters that state a contact.

The past of an unregistered sender is under its address.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, body, number, stored, text
from adapters.dynamodb.writes import IF_NEW, Write, check, delete, if_new_or_version, if_version, put
from application.repetitions import StatementsChange
from application.storage import Condition, Conflict, RecentChange
from domain.client import Client, Contact, ContactKind, Recent, address_client_id, address_of_client_id


def recent_writes(change: RecentChange) -> Iterator[Write]:
    """Return the write of a recent past on condition of the version that was read.

    What is counted under an address belongs to a client as soon as one registers the address: that is checked too.
    """
    yield _recent_put(change)
    if address := address_of_client_id(change.client_key):
        key = keys.contact(change.desk, Contact(kind=ContactKind.ADDRESS, value=address))
        yield check(key, IF_NEW, Conflict(condition=Condition.UNREGISTERED))


def statements_write(change: StatementsChange) -> Write:
    """Return the write of the letters that state a contact, on condition of the version that was read."""
    item = {
        **keys.statements(change.scope, change.contact),
        "version": number(change.after.version),
        "body": text(change.after.model_dump_json(exclude_defaults=True)),
        "expires_at": number(int(change.kept_until.timestamp())),
    }
    return put(item, if_new_or_version(change.before.version), Conflict(condition=Condition.STATEMENTS))


def moved_past(client: Client, claimed: Iterable[Contact], read: Mapping[str, Item]) -> Iterator[Write]:
    """Return the writes that give a client the past of the addresses it claims, so that quota and duplicates go on.

    `read` is what the table has under the keys of the client and its addresses.
    """
    claimed = set(claimed)
    item = read.get(keys.flat(keys.recent(client.desk, client.id)))
    merged = own = stored(item, Recent) if item else Recent()
    for contact in client.contacts:
        key = keys.recent(client.desk, address_client_id(contact.value))
        if contact.kind is ContactKind.ADDRESS and contact in claimed and keys.flat(key) in read:
            past = stored(read[keys.flat(key)], Recent)
            merged = merged.with_past_of(past)
            yield delete(key, if_version(past.version), Conflict(condition=Condition.RECENT))
    if merged is not own:
        after = merged.model_copy(update={"version": own.version + 1})
        yield _recent_put(RecentChange(client.desk, client.id, own, after))


def forgotten_details(client: Client, item: Item | None) -> Iterator[Write]:
    """Return the write that takes what a client's letters said of who writes out of its past, where that says anything."""
    before = stored(item, Recent) if item else Recent()
    if before.details:
        yield _recent_put(RecentChange(client.desk, client.id, before, before.without_details()))


def _recent_put(change: RecentChange) -> Write:
    item = {
        **keys.recent(change.desk, change.client_key),
        "version": number(change.after.version),
        "body": body(change.after),
    }
    return put(item, if_new_or_version(change.before.version), Conflict(condition=Condition.RECENT))
