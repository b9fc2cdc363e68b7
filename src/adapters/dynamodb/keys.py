"""Keys of the items in the table and of its indexes, as the table in `docs/architecture.md` has them.

IAM sees the partition key of an item and not its sort key, so that what different people may write lies in different
partitions: specialists write tickets and faults, and which faults a desk has (`FAULTS#<desk>`); the people and the rota
lie in `DESK#<desk>`, which only administrators write (docs/access.md).
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime

from adapters.dynamodb.items import Item, text
from adapters.ses.message_ids import without_ses_domain
from application.storage import Due, LetterRecord, OutboxKey
from domain.client import Client, Contact, ContactKind, address_client_id
from domain.fault.alarm import AlarmState
from domain.fault.numbers import is_fault_number
from domain.ticket.ticket import Ticket
from domain.writer.organisations import comparable_name

ANY_CLIENT = "ANYBODY"
"""Marks that a desk's registry is in use; it stays when the last client is removed."""
ATTENTION = "attention"
"""What follows the desk in the `queue` index for letters that a person should look at."""
DELAYED = "DELAYED"
"""The list, in the `queue` index, of letters that wait after a failed attempt, by when it failed."""
SUPPRESSED, SENT = "SUPPRESSED", "SENT"
"""What the table knows of an address: that mail to it is pointless, and what was sent because of it."""
TICKET, FAULT = "TICKET", "FAULT"
"""Of a ticket or a fault: what its partition begins with, and the sort key of its snapshot."""


def key(pk: str, sk: str) -> Item:
    """Return a key of the table."""
    return {"pk": text(pk), "sk": text(sk)}


def flat(item: Item) -> str:
    """Return the key of an item, or a key, as one text."""
    return f"{item['pk']['S']}\n{item['sk']['S']}"


def partition(number: str) -> str:
    """Return the partition of all items of a ticket, or of a fault, by its number."""
    return f"{FAULT if is_fault_number(number) else TICKET}#{number}"


def number_in(pk: str) -> str:
    """Return the number of the ticket or fault whose partition this is."""
    return pk.partition("#")[2]


def letter(desk: str, ses_message_id: str) -> Item:
    """Return the key of what became of a letter at a desk."""
    return key(f"LETTER#{desk}#{ses_message_id}", "LETTER")


def tries(ses_message_id: str) -> Item:
    """Return the key of the count of attempts at a letter."""
    return key(f"LETTER#{ses_message_id}", "TRIES")


def ticket(number: str) -> Item:
    """Return the key of a ticket."""
    return key(f"{TICKET}#{number}", TICKET)


def fault(number: str) -> Item:
    """Return the key of a fault."""
    return key(f"{FAULT}#{number}", FAULT)


def member(fault: str, ticket: str) -> Item:
    """Return the key of a ticket among those of a fault."""
    return key(f"{FAULT}#{fault}", f"TICKET#{ticket}")


def desk_faults(desk: str) -> Item:
    """Return the key of which faults a desk has; in a partition of its own, which specialists may write."""
    return key(f"FAULTS#{desk}", "FAULTS")


def people(desk: str) -> Item:
    """Return the key of the people of a desk."""
    return key(f"DESK#{desk}", "PEOPLE")


def rota(desk: str) -> Item:
    """Return the key of the rota of a desk."""
    return key(f"DESK#{desk}", "ROTA")


def standing_change(of: Item, version: int, at: datetime) -> Item:
    """Return the key of what a version of the people or the rota changed, by the key of these."""
    return key(of["pk"]["S"], f"CHANGE#{instant(at)}#{of['sk']['S']}#{version:08d}")


def event(number: str, version: int, place: int) -> Item:
    """Return the key of one event of a ticket or a fault."""
    return key(partition(number), f"EVENT#{version:08d}#{place:03d}")


def new_outgoing(number: str, version: int, place: int) -> Item:
    """Return the key of one item that a version of a ticket or a fault sends."""
    return key(partition(number), f"OUT#{version:08d}#{place:03d}")


def outgoing(of: OutboxKey) -> Item:
    """Return the key of an outgoing item."""
    return key(partition(of.ticket), of.item)


def outbox_key(item: Item) -> OutboxKey:
    """Return by what the use cases know an outgoing item."""
    return OutboxKey(ticket=number_in(item["pk"]["S"]), item=item["sk"]["S"])


def due(entry: Due) -> Item:
    """Return the key of the ticket, fault or outgoing item that an entry of the `due` index belongs to."""
    # An alarm in maintenance comes due as faults do, and has no number of one.
    return key(f"{FAULT}#{entry.ticket}" if entry.item == FAULT else partition(entry.ticket), entry.item)


def offered_again(entry: Due) -> Item:
    """Return the key of the marker that offers an outgoing item again."""
    return key(partition(entry.ticket), f"AGAIN#{entry.item}#{instant(entry.at)}")


def message(desk: str, message_id: str) -> Item:
    """Return the key of the reference from a message id to its ticket."""
    return key(f"DESK#{desk}#MSGID#{_hash(without_ses_domain(message_id))}", "REF")


def client(desk: str, client_id: str) -> Item:
    """Return the key of a client."""
    return key(f"DESK#{desk}#CLIENT#{client_id}", "CLIENT")


def clients_ticket(of: Ticket) -> Item:
    """Return the key of the reference from a client to one of its tickets."""
    return key(f"DESK#{of.desk}#CLIENT#{of.requester.client_key}", f"TICKET#{instant(of.arrived_at)}#{of.id}")


def recent(desk: str, client_key: str) -> Item:
    """Return the key of a client's recent past."""
    return key(f"DESK#{desk}#CLIENT#{client_key}", "RECENT")


def pasts(of: Client) -> Iterator[Item]:
    """Return the keys of the recent past of a client and of each of its addresses."""
    yield recent(of.desk, of.id)
    for known in of.contacts:
        if known.kind is ContactKind.ADDRESS:
            yield recent(of.desk, address_client_id(known.value))


def listed_client(desk: str, client_id: str) -> Item:
    """Return the key by which a client is listed in its desk's registry."""
    return key(f"DESK#{desk}#CLIENTS", f"CLIENT#{client_id}")


def any_client(desk: str) -> Item:
    """Return the key of the mark that a desk's registry is in use."""
    return key(f"DESK#{desk}#CLIENTS", ANY_CLIENT)


def contact(desk: str, of: Contact) -> Item:
    """Return the key of the reference from a contact to its client."""
    return key(f"DESK#{desk}#CONTACT#{of.kind}#{of.value}", "REF")


def statements(scope: str, of: Contact) -> Item:
    """Return the key of the letters that state a contact, which may be longer than a key, and a person's."""
    return key(f"DESK#{scope}#STATED#{_hash(f'{of.kind}#{of.value}')}", "LETTERS")


def organisation(desk: str, name: str) -> Item:
    """Return the key of a comparable name, which may be longer than a key, and that of a person."""
    return key(f"DESK#{desk}#ORGANISATION#{_hash(name)}", "REF")


def organisations(of: Client) -> Iterator[Item]:
    """Return the key of the name of a client's organisation, where it has one."""
    if name := comparable_name(of.organisation):
        yield organisation(of.desk, name)


def address(desk: str, mailbox: str, what: str) -> Item:
    """Return the key of what the table knows of an address."""
    return key(f"DESK#{desk}#ADDRESS#{mailbox}", what)


def alarm(known_by: str) -> Item:
    """Return the key of an alarm's state, by what tells it from all others (`domain.fault.alarm.alarm_key`).

    Earlier versions called it a fault, and the key is still theirs: 32 hexadecimal digits are never a fault's number.
    """
    return key(f"{FAULT}#{_hash(known_by)}", FAULT)


def _hash(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()[:32]


# What indexes and conditions look at ------------------------------------------------------------------------


def armed(number: str, at: datetime, shards: int) -> Item:
    """Return the attributes by which an item of a ticket or a fault comes due."""
    shard = zlib.crc32(number.encode()) % shards
    return {"due_shard": text(shard_name(shard)), "due_at": text(due_at(number, at))}


def shard_name(shard: int) -> str:
    """Return the partition of a shard in the `due` index."""
    return f"DUE#{shard}"


def due_at(number: str, at: datetime, tries: int = 0) -> str:
    """Return the sort key of the `due` index; an entry that failed carries how often, and any other write drops it."""
    return f"{instant(at)}#{number}#{tries}" if tries else f"{instant(at)}#{number}"


def queued(name: str, at: datetime, of: str) -> Item:
    """Return the attributes by which an item stands in a list of the `queue` index, in order of time."""
    return {"queue_desk": text(name), "queue_at": text(f"{instant(at)}#{of}")}


def set_aside(record: LetterRecord) -> Item:
    """Return the attributes by which a letter is listed for a person."""
    return queued(f"{record.desk}#{ATTENTION}", record.received_at, record.ses_message_id)


def delayed(of: OutboxKey, failed_at: datetime) -> Item:
    """Return the attributes by which an outgoing item stands in the list of delayed ones."""
    return queued(DELAYED, failed_at, f"{of.ticket}#{of.item}")


def list_of_given_up(desk: str) -> str:
    """Return the list, in the `queue` index, of what a desk could not send."""
    return f"{desk}#given-up"


def given_up(desk: str, of: OutboxKey, at: datetime) -> Item:
    """Return the attributes by which an outgoing item is listed as given up."""
    return queued(list_of_given_up(desk), at, f"{of.ticket}#{of.item}")


def changed_at(of: AlarmState) -> str:
    """Return what differs between two states of an alarm: the instant of its last change, and how many that had."""
    count = len(of.taken)
    return f"{instant(of.changed_at)}#{count}" if count > 1 else instant(of.changed_at)


def instant(at: datetime) -> str:
    """Return an instant so that text order is time order: UTC, microseconds, fixed width."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
