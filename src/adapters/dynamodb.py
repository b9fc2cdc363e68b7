"""Tickets, letters' records, clients and the outbox in one DynamoDB table.

Keys and indexes are those of the table in `docs/architecture.md`. A value is stored as JSON in `body`;
besides it an item has only what conditions and indexes look at.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, cast

from application.storage import (
    Clues,
    Commit,
    Conflict,
    Due,
    Found,
    Leased,
    LetterKnown,
    LetterRecord,
    NumberTaken,
    OutboxKey,
    OutboxState,
    RecentChange,
    SentChange,
    Suppression,
    TicketChange,
    TooLarge,
)
from domain.client import Client, Contact, ContactKind, Recent, address_client_id, address_of_client_id
from domain.fault import Fault
from domain.regulation.editions import edition_named
from domain.regulation.months import month_of
from domain.ticket.events import EVENT, Event, LetterAdded
from domain.ticket.outgoing import OUTGOING
from domain.ticket.restraint import DAY, SentLately
from domain.ticket.ticket import Status, Ticket
from domain.ticket.timers import next_timer
from domain.writer.organisations import comparable_name

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

Item = dict[str, Any]
Writes = list[tuple[type[Exception], Item]]
"""The writes of a transaction, each with what a failure of its condition means."""

OFFERED_AGAIN_AFTER = timedelta(minutes=3)
"""How long the stream has to deliver an outgoing item before the sweep offers it again."""
MARKER_KEPT = timedelta(days=2)
TRIES_KEPT = timedelta(days=35)
"""How long attempts at a letter are counted together; its message stays in a queue for 14 days at most."""
BATCH_GET_LIMIT = 100
"""Keys in one BatchGetItem, by the DynamoDB API reference."""
TRANSACTION_LIMIT = 100
"""Writes in one TransactWriteItems, by the DynamoDB API reference."""
TRANSACTION_SIZE_LIMIT = 4 * 1024 * 1024
"""Bytes of all items in one TransactWriteItems, by the same."""
ITEM_LIMIT = 400 * 1024
"""Bytes of one item, the names of its attributes included, by the DynamoDB developer guide."""
SAVE_TRIES = 4
"""How often a client is read and written again where somebody else wrote meanwhile."""
ANYBODY = "ANYBODY"
"""Marks that a desk's registry is in use; it stays when the last client is removed."""
NAMESAKES_KEPT = 20
"""Clients of one organisation's name whose ids are kept; more (twice at once: some more) are as good as many."""
MANY = "#MANY"
"""Stands among the ids for those that are not kept, for good: no client's id begins like this."""
ATTENTION = "attention"
"""What follows the desk in the `queue` index for letters that a person should look at."""
SUPPRESSED, SENT = "SUPPRESSED", "SENT"
"""What the table knows of an address: that letters to it are pointless, and what was written because of it."""


class DynamoTable:
    """The table: implements `Tickets` and `Registry`.

    `shards` is the number of partitions of the `due` index; raise it only together with the parameter
    of the deployment, never lower it while tickets are open.
    """

    def __init__(self, client: DynamoDBClient, table: str, shards: int) -> None:
        self._client = client
        self._table = table
        self.shards = shards
        self._in_use: set[str] = set()
        """Desks whose registry this process has marked: all that is written to it must not meet in one item."""

    # Reading

    def find(self, clues: Clues) -> Found:
        """Return what is known by a letter's clues: one BatchGetItem."""
        letter = _letter_key(clues.desk, clues.ses_message_id)
        tickets = [_ticket_key(number) for number in clues.tickets]
        refs = {message_id: _message_key(clues.desk, message_id) for message_id in clues.message_ids}
        contacts = {contact: _contact_key(clues.desk, contact) for contact in clues.contacts}
        anybody = [_key(f"DESK#{clues.desk}#CLIENTS", ANYBODY)] if contacts else []
        suppression = [_address_key(clues.desk, clues.sender, SUPPRESSED)] if clues.sender else []
        counted = {one: _address_key(clues.desk, one, SENT) for one in clues.counted}
        named = [_name_key(clues.desk, clues.organisation)] if clues.organisation else []
        got = self._batch_get(
            [letter, *tickets, *refs.values(), *contacts.values(), *named, *anybody, *suppression, *counted.values()]
        )
        record = got.get(_flat(letter))
        suppressed = next((got.get(_flat(key)) for key in suppression), None)
        return Found(
            record=LetterRecord.model_validate_json(record["body"]["S"]) if record else None,
            tickets=tuple(_ticket(got[_flat(key)]) for key in tickets if _flat(key) in got),
            by_message_id=tuple(
                (message_id, got[_flat(key)]["ticket"]["S"]) for message_id, key in refs.items() if _flat(key) in got
            ),
            clients=tuple(
                (contact, Client.model_validate_json(got[_flat(key)]["body"]["S"]))
                for contact, key in contacts.items()
                if _flat(key) in got
            ),
            by_organisation=next((_only_one(got.get(_flat(key))) for key in named), None),
            has_clients=any(_flat(key) in got for key in anybody),
            sent={
                one: SentLately.model_validate_json(got[_flat(key)]["body"]["S"])
                for one, key in counted.items()
                if _flat(key) in got
            },
            suppression=_suppression(suppressed) if suppressed else None,
        )

    def ticket(self, number: str) -> Ticket | None:
        """Return a ticket as last committed: one consistent GetItem."""
        item = self._get(_ticket_key(number))
        return _ticket(item) if item else None

    def situation(self, desk: str, client_key: str, number: str | None) -> tuple[Recent, Ticket | None]:
        """Return a client's recent past and a ticket: one BatchGetItem."""
        recent_key = _recent_key(desk, client_key)
        keys = [recent_key, *([_ticket_key(number)] if number else [])]
        got = self._batch_get(keys)
        recent = got.get(_flat(recent_key))
        ticket = got.get(_flat(_ticket_key(number))) if number else None
        return (
            Recent.model_validate_json(recent["body"]["S"]) if recent else Recent(),
            _ticket(ticket) if ticket else None,
        )

    def history(self, number: str) -> list[tuple[int, Event]]:
        """Return a ticket's whole history in order, each event with the version that committed it."""
        return [
            (int(item["version"]["N"]), EVENT.validate_json(item["body"]["S"]))
            for item in self._query(pk=_ticket_key(number)["pk"]["S"], prefix="EVENT#")
        ]

    def outbox(self, number: str) -> list[tuple[OutboxKey, OutboxState, str]]:
        """Return a ticket's outgoing items in order: where each stands, its state, and what it is, as JSON."""
        return [
            (OutboxKey(ticket=number, item=item["sk"]["S"]), OutboxState(item["state"]["S"]), item["body"]["S"])
            for item in self._query(pk=_ticket_key(number)["pk"]["S"], prefix="OUT#")
        ]

    def letter(self, desk: str, ses_message_id: str) -> LetterRecord | None:
        """Return what became of a letter at a desk."""
        item = self._get(_letter_key(desk, ses_message_id))
        return LetterRecord.model_validate_json(item["body"]["S"]) if item else None

    def forget_letter(self, record: LetterRecord) -> None:
        """Drop a letter's record, as it was read, and the count of its tries, so that it may be handled anew.

        One GetItem and one transaction; raises Conflict where the record has changed or is gone.
        """
        forgotten = self._delete(_letter_key(record.desk, record.ses_message_id))
        forgotten["Delete"] |= self._if_body_is(record)
        tries = self._delete(_tries_key(record.ses_message_id))
        self._transact([(Conflict, forgotten), (Conflict, tries)])

    def settle_letter(self, record: LetterRecord) -> None:
        """Take a letter off the list of those that a person should look at; the record stays.

        One GetItem and one transaction; raises Conflict where the record has changed since it was read.
        """
        settled = self._letter_put(record.model_copy(update={"needs_attention": False}))
        settled["Put"] |= self._if_body_is(record)
        self._transact([(Conflict, settled)])

    def _if_body_is(self, record: LetterRecord) -> Item:
        """Return the condition that a letter's record is still the one that was read; raises Conflict."""
        item = self._get(_letter_key(record.desk, record.ses_message_id))
        if item is None or LetterRecord.model_validate_json(item["body"]["S"]) != record:
            raise Conflict(str(Conflict.__doc__))
        return _if_still(item)

    def count_try(self, ses_message_id: str, change: int = 1, *, at: datetime) -> None:
        """Count one more attempt at a letter that failed, or take one back: one UpdateItem."""
        expires = int((at + TRIES_KEPT).timestamp())
        self._client.update_item(
            TableName=self._table,
            Key=_tries_key(ses_message_id),
            UpdateExpression="SET expires_at = :expires ADD tries :change",
            ExpressionAttributeValues={":change": {"N": str(change)}, ":expires": {"N": str(expires)}},
        )

    def tries(self, ses_message_id: str) -> int:
        """Return how many attempts at a letter failed: one GetItem."""
        item = self._get(_tries_key(ses_message_id))
        return int(item["tries"]["N"]) if item else 0

    def queue(self, desk: str) -> Iterator[Ticket]:
        """Return a desk's open tickets in order of arrival. The index may lag behind by a moment."""
        for item in self._query_index("queue", "queue_desk", desk):
            yield _ticket(item)

    def set_aside(self, desk: str) -> Iterator[LetterRecord]:
        """Return the letters of a desk that a person should look at, the oldest first."""
        for item in self._query_index("queue", "queue_desk", f"{desk}#{ATTENTION}"):
            yield LetterRecord.model_validate_json(item["body"]["S"])

    def due(self, shard: int, now: datetime) -> Iterator[Due]:
        """Return what is due in a shard, the earliest first: one Query a page, read as it is asked for."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName="due",
            KeyConditionExpression="due_shard = :shard AND due_at <= :now",
            ExpressionAttributeValues={":shard": {"S": _shard_name(shard)}, ":now": {"S": f"{_iso(now)}#~"}},
        )
        for page in pages:
            for item in page["Items"]:
                instant, _, rest = item["due_at"]["S"].partition("#")
                yield Due(
                    ticket=item["pk"]["S"].removeprefix("TICKET#"),
                    item=item["sk"]["S"],
                    at=datetime.fromisoformat(instant),
                    tries=int(rest.partition("#")[2] or 0),
                )

    def next_due(self) -> datetime | None:
        """Return the earliest instant armed in any shard, or None."""
        instants = []
        for shard in range(self.shards):
            page = self._client.query(
                TableName=self._table,
                IndexName="due",
                KeyConditionExpression="due_shard = :shard",
                ExpressionAttributeValues={":shard": {"S": _shard_name(shard)}},
                Limit=1,
            )
            instants += [datetime.fromisoformat(item["due_at"]["S"].partition("#")[0]) for item in page["Items"]]
        return min(instants, default=None)

    # Committing

    def commit(self, commit: Commit) -> None:
        """Write one decision whole: one TransactWriteItems; raises LetterKnown, NumberTaken or Conflict."""
        writes: list[tuple[type[Exception], Item]] = []
        if commit.letter is not None:
            writes.append((LetterKnown, self._letter_put(commit.letter)))
        if commit.ticket is not None:
            writes += self._ticket_writes(commit.ticket, commit.at)
        if commit.recent is not None:
            writes.append((Conflict, self._recent_put(commit.recent)))
            if address := address_of_client_id(commit.recent.client_key):
                writes.append((Conflict, self._unregistered(commit.recent.desk, address)))
        if commit.fault is not None:
            writes.append((Conflict, self._fault_put(*commit.fault)))
        if commit.sent is not None:
            writes.append((Conflict, self._sent_put(commit.sent)))
        if commit.lifted is not None:
            writes.append((Conflict, self._suppression_delete(commit.lifted)))
        if commit.looked_at is not None:
            writes.append((Conflict, self._as_it_was(commit.looked_at)))
        self._transact(writes)

    def _transact(self, writes: Sequence[tuple[type[Exception], Item]]) -> None:
        """Write all or nothing; a failed condition raises the exception that stands beside it, the first first.

        Raises TooLarge, before anything is asked, for what DynamoDB would refuse.
        """
        _require_bounds([write for _, write in writes])
        try:
            self._client.transact_write_items(TransactItems=cast("Any", [write for _, write in writes]))
        except self._client.exceptions.TransactionCanceledException as cancelled:
            codes = [reason.get("Code") for reason in cancelled.response.get("CancellationReasons", [])]
            for (meaning, _), code in zip(writes, codes, strict=False):
                if code == "ConditionalCheckFailed":
                    raise meaning(str(meaning.__doc__)) from cancelled
            if "TransactionConflict" in codes:
                raise Conflict(str(Conflict.__doc__)) from cancelled
            raise

    def _letter_put(self, record: LetterRecord) -> Item:
        item = {**_letter_key(record.desk, record.ses_message_id), "body": {"S": record.model_dump_json()}}
        if record.needs_attention:
            item["queue_desk"] = {"S": f"{record.desk}#{ATTENTION}"}
            item["queue_at"] = {"S": f"{_iso(record.received_at)}#{record.ses_message_id}"}
        return self._put(item, unless_exists=True)

    def _ticket_writes(self, change: TicketChange, at: datetime) -> Iterator[tuple[type[Exception], Item]]:
        version = change.before.version + 1 if change.before else 1
        after = change.after.model_copy(update={"version": version})
        item: Item = {
            **_ticket_key(after.id),
            "version": {"N": str(version)},
            "body": {"S": after.model_dump_json()},
            "month_desk": {"S": f"{after.desk}#{month_of(edition_named(after.desk, after.edition), after.arrived_at)}"},
            "month_at": {"S": f"{_iso(after.arrived_at)}#{after.id}"},
        }
        if timer := next_timer(after):
            item |= self._armed(after.id, timer.at)
        if after.status is not Status.CLOSED:
            place = after.reaction.counted_from if after.reaction else after.arrived_at
            item |= {"queue_desk": {"S": after.desk}, "queue_at": {"S": f"{_iso(place)}#{after.id}"}}
        if change.before is None:
            yield NumberTaken, self._put(item, unless_exists=True)
            yield Conflict, self._put(_link_item(after))
        else:
            yield Conflict, self._put(item, if_version=change.before.version)
        for number, event in enumerate(change.events):
            entry = {
                **_key(f"TICKET#{after.id}", f"EVENT#{version:08d}#{number:03d}"),
                "version": {"N": str(version)},
                "body": {"S": event.model_dump_json()},
            }
            yield Conflict, self._put(entry, unless_exists=True)
            if isinstance(event, LetterAdded) and event.message_id:
                yield Conflict, self._reference(after.desk, event.message_id, after.id)
        for number, message in enumerate(change.outgoing):
            out = {
                **_key(f"TICKET#{after.id}", f"OUT#{version:08d}#{number:03d}"),
                "outbox": {"S": message.outbox},
                "state": {"S": OutboxState.PENDING},
                "attempts": {"N": "0"},
                "body": {"S": message.model_dump_json()},
                **self._armed(after.id, at + OFFERED_AGAIN_AFTER),
            }
            yield Conflict, self._put(out, unless_exists=True)

    def _reference(self, desk: str, message_id: str, ticket: str) -> Item:
        """Let answers to a message find the ticket; the first ticket of a Message-ID keeps it."""
        return {
            "Update": {
                "TableName": self._table,
                "Key": _message_key(desk, message_id),
                "UpdateExpression": "SET ticket = if_not_exists(ticket, :ticket)",
                "ExpressionAttributeValues": {":ticket": {"S": ticket}},
            }
        }

    def _recent_put(self, change: RecentChange) -> Item:
        item = {
            **_recent_key(change.desk, change.client_key),
            "version": {"N": str(change.after.version)},
            "body": {"S": change.after.model_dump_json()},
        }
        if change.before.version == 0:
            return self._put(item, unless_exists=True)
        return self._put(item, if_version=change.before.version)

    def _unregistered(self, desk: str, address: str) -> Item:
        """Check that nobody has registered an address meanwhile: what is counted belongs to the client then."""
        key = _contact_key(desk, Contact(kind=ContactKind.ADDRESS, value=address))
        check = {"TableName": self._table, "Key": key, "ConditionExpression": "attribute_not_exists(pk)"}
        return {"ConditionCheck": check}

    def _sent_put(self, change: SentChange) -> Item:
        """Put what was written lately, until no limit looks at it any more."""
        item = {
            **_address_key(change.desk, change.address, SENT),
            "version": {"N": str(change.after.version)},
            "body": {"S": change.after.model_dump_json()},
        }
        latest = max((one.at for one in (*change.after.to_client, *change.after.to_team)), default=None)
        if latest is not None:
            item["expires_at"] = {"N": str(int((latest + DAY + MARKER_KEPT).timestamp()))}
        if change.before.version == 0:
            return self._put(item, unless_exists=True)
        return self._put(item, if_version=change.before.version)

    def _suppression_delete(self, known: Suppression) -> Item:
        """Delete a suppression as it was read: one that came anew meanwhile stands."""
        delete = self._delete(_address_key(known.desk, known.address, SUPPRESSED))
        delete["Delete"]["ConditionExpression"] = "since = :seen"
        delete["Delete"]["ExpressionAttributeValues"] = {":seen": {"S": _iso(known.since)}}
        return delete

    def _as_it_was(self, ticket: Ticket) -> Item:
        """Check that nobody has written a ticket since it was read."""
        return {
            "ConditionCheck": {
                "TableName": self._table,
                "Key": _ticket_key(ticket.id),
                **self._if_version(ticket.version),
            }
        }

    def _fault_put(self, before: Fault | None, after: Fault) -> Item:
        item = {
            **_fault_key(after.alarm),
            "changed_at": {"S": _changed_at(after)},
            # An older version of the functions, which may run beside this one, refuses a body with more fields.
            "body": {"S": after.model_dump_json(exclude={"taken"})},
            **({"taken": {"S": "\n".join(after.taken)}} if after.taken else {}),
        }
        if before is None:
            return self._put(item, unless_exists=True)
        put = self._put(item)
        put["Put"]["ConditionExpression"] = "changed_at = :seen"
        put["Put"]["ExpressionAttributeValues"] = {":seen": {"S": _changed_at(before)}}
        return put

    def _put(self, item: Item, *, unless_exists: bool = False, if_version: int | None = None) -> Item:
        put: Item = {"TableName": self._table, "Item": item}
        if unless_exists:
            put["ConditionExpression"] = "attribute_not_exists(pk)"
        if if_version is not None:
            put |= self._if_version(if_version)
        return {"Put": put}

    @staticmethod
    def _if_version(version: int) -> Item:
        return {
            "ConditionExpression": "#version = :seen",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":seen": {"N": str(version)}},
        }

    def _armed(self, number: str, at: datetime) -> Item:
        shard = zlib.crc32(number.encode()) % self.shards
        return {"due_shard": {"S": _shard_name(shard)}, "due_at": {"S": _due_at(number, at)}}

    def put_off(self, due: Due, *, until: datetime) -> bool:
        """Let a failing entry come due again later, its snapshot as it is: one conditional UpdateItem."""
        later = {":later": {"S": _due_at(due.ticket, until, due.tries + 1)}, ":seen": {"S": _seen(due)}}
        return self._rearm(due, "SET due_at = :later", "due_at = :seen", later)

    def align(self, due: Due, ticket: Ticket) -> bool:
        """Arm a ticket, as it was read, by its own next timer: one conditional UpdateItem."""
        values: Item = {":seen": {"S": _seen(due)}, ":version": {"N": str(ticket.version)}}
        expression = "REMOVE due_shard, due_at"
        if timer := next_timer(ticket):
            expression = "SET due_at = :own"
            values[":own"] = {"S": _due_at(due.ticket, timer.at)}
        return self._rearm(due, expression, "due_at = :seen AND #version = :version", values)

    def _rearm(self, due: Due, expression: str, condition: str, values: Item) -> bool:
        names: Any = {"ExpressionAttributeNames": {"#version": "version"}} if "#version" in condition else {}
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_key(f"TICKET#{due.ticket}", due.item),
                UpdateExpression=expression,
                ConditionExpression=condition,
                ExpressionAttributeValues=values,
                **names,
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True

    # The outbox

    def lease(self, key: OutboxKey, *, now: datetime, until: datetime) -> Leased | None:
        """Take an item for sending: one conditional UpdateItem, which also moves its next offer past the lease."""
        is_pending = "#state = :pending"
        lease_is_over = "(#state = :leased AND leased_until <= :now)"
        try:
            updated = self._client.update_item(
                TableName=self._table,
                Key=_out_key(key),
                UpdateExpression="SET #state = :leased, leased_until = :until, due_at = :due_at ADD attempts :one",
                ConditionExpression=f"{is_pending} OR {lease_is_over}",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={
                    ":pending": {"S": OutboxState.PENDING},
                    ":leased": {"S": OutboxState.LEASED},
                    ":now": {"S": _iso(now)},
                    ":until": {"S": _iso(until)},
                    ":due_at": {"S": _due_at(key.ticket, until)},
                    ":one": {"N": "1"},
                },
                ReturnValues="ALL_NEW",
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return None
        item = updated["Attributes"]
        failures = int(item["failures"]["N"]) if "failures" in item else 0
        return Leased(key, OUTGOING.validate_json(item["body"]["S"]), failures)

    def mark_sent(self, key: OutboxKey, desk: str, *, at: datetime, sent_id: str) -> None:
        """Record that an item left, and let answers to the id it was given find the ticket: one transaction."""
        sent = {
            "Update": {
                "TableName": self._table,
                "Key": _out_key(key),
                "UpdateExpression": "SET #state = :sent, sent_at = :at, sent_id = :id REMOVE due_shard, due_at",
                "ConditionExpression": "attribute_exists(pk)",
                "ExpressionAttributeNames": {"#state": "state"},
                "ExpressionAttributeValues": {
                    ":sent": {"S": OutboxState.SENT},
                    ":at": {"S": _iso(at)},
                    ":id": {"S": sent_id},
                },
            }
        }
        self._transact([(Conflict, sent), (Conflict, self._reference(desk, sent_id, key.ticket))])

    def put_back(self, key: OutboxKey, *, again_at: datetime, error: str) -> None:
        """Give a leased item back, its failure counted, to be offered again at an instant: one UpdateItem."""
        self._update_out(
            key,
            "SET #state = :state, due_at = :due_at, last_error = :error ADD failures :one",
            {
                ":one": {"N": "1"},
                ":state": {"S": OutboxState.PENDING},
                ":due_at": {"S": _due_at(key.ticket, again_at)},
                ":error": {"S": error[:500]},
            },
        )

    def mark_failed(self, key: OutboxKey, *, at: datetime, error: str) -> None:
        """Record that an item will not be tried again: one UpdateItem."""
        self._update_out(
            key,
            "SET #state = :state, failed_at = :at, last_error = :error REMOVE due_shard, due_at",
            {":state": {"S": OutboxState.FAILED}, ":at": {"S": _iso(at)}, ":error": {"S": error[:500]}},
        )

    def _update_out(self, key: OutboxKey, expression: str, values: Item) -> None:
        """Change a leased item; where the lease is lost, whoever has it decides."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key=_out_key(key),
                UpdateExpression=expression,
                ConditionExpression="#state = :leased",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={**values, ":leased": {"S": OutboxState.LEASED}},
            )
        except self._client.exceptions.ConditionalCheckFailedException:
            return

    def rearm_outgoing(self, due: Due, *, again_at: datetime) -> bool:
        """Offer an unsent item to its sender again by a marker, whose insert the stream delivers: one transaction."""
        key = _key(f"TICKET#{due.ticket}", due.item)
        seen = _seen(due)
        moved = {
            "Update": {
                "TableName": self._table,
                "Key": key,
                "UpdateExpression": "SET due_at = :again",
                "ConditionExpression": "due_at = :seen",
                "ExpressionAttributeValues": {
                    ":again": {"S": _due_at(due.ticket, again_at)},
                    ":seen": {"S": seen},
                },
            }
        }
        item = self._get(key)
        if item is None or item.get("due_at", {}).get("S") != seen:
            return False
        marker = {
            **_key(f"TICKET#{due.ticket}", f"AGAIN#{due.item}#{_iso(due.at)}"),
            "outbox": item["outbox"],
            "of": {"S": due.item},
            "expires_at": {"N": str(int((again_at + MARKER_KEPT).timestamp()))},
        }
        try:
            self._transact([(Conflict, moved), (Conflict, self._put(marker))])
        except Conflict:
            return False
        return True

    def is_suppressed(self, desk: str, address: str) -> bool:
        """Return whether letters to an address are pointless: one GetItem."""
        return self._get(_address_key(desk, address, SUPPRESSED)) is not None

    def suppress(self, desk: str, address: str, *, at: datetime, reason: str) -> None:
        """Remember that letters to an address are pointless: one PutItem, the same however often."""
        known = Suppression(desk=desk, address=address, since=at, reason=reason[:500])
        item = {
            **_address_key(desk, address, SUPPRESSED),
            "since": {"S": _iso(at)},
            "body": {"S": known.model_dump_json()},
            "queue_desk": {"S": f"{desk}#{SUPPRESSED}"},
            "queue_at": {"S": f"{_iso(at)}#{address}"},
        }
        self._client.put_item(TableName=self._table, Item=item)

    def suppressed(self, desk: str) -> Iterator[Suppression]:
        """Return the addresses that a desk writes to no more, the longest suppressed first. The index may lag behind."""
        for item in self._query_index("queue", "queue_desk", f"{desk}#{SUPPRESSED}"):
            yield _suppression(item)

    def lift(self, desk: str, address: str) -> bool:
        """Let a desk write to an address again: one DeleteItem; False where it was not suppressed."""
        deleted = self._client.delete_item(
            TableName=self._table, Key=_address_key(desk, address, SUPPRESSED), ReturnValues="ALL_OLD"
        )
        return bool(deleted.get("Attributes"))

    def fault(self, alarm: str) -> Fault | None:
        """Return the fault that an alarm last reported: one GetItem."""
        item = self._get(_fault_key(alarm))
        if item is None:
            return None
        taken = tuple(item["taken"]["S"].split("\n")) if "taken" in item else ()
        return Fault.model_validate_json(item["body"]["S"]).model_copy(update={"taken": taken})

    # The registry

    def client(self, desk: str, client_id: str) -> Client | None:
        """Return a client of a desk: one GetItem."""
        item = self._get(_client_key(desk, client_id))
        return _client(item) if item else None

    def clients(self, desk: str) -> Iterator[Client]:
        """Return all clients of a desk, by id: a Query a page, a BatchGetItem a hundred clients."""
        listed = self._query(pk=f"DESK#{desk}#CLIENTS", prefix="CLIENT#")
        while some := [item["sk"]["S"].removeprefix("CLIENT#") for item in islice(listed, BATCH_GET_LIMIT)]:
            keys = [_client_key(desk, client_id) for client_id in some]
            got = self._batch_get(keys)
            yield from (_client(got[flat]) for flat in map(_flat, keys) if flat in got)

    def tickets_of(self, desk: str, client_key: str) -> Iterator[str]:
        """Return the numbers of a client's tickets, the latest first."""
        pk = _client_key(desk, client_key)["pk"]["S"]
        for item in self._query(pk=pk, prefix="TICKET#", backwards=True):
            yield item["sk"]["S"].rpartition("#")[2]

    def owners(self, desk: str, contacts: Iterable[Contact]) -> dict[Contact, str]:
        """Return the ids of the clients that contacts belong to; a contact of nobody is left out."""
        owners: dict[Contact, str] = {}
        rest = iter(contacts)
        while some := list(islice(rest, BATCH_GET_LIMIT)):
            keys = {_flat(_contact_key(desk, contact)): contact for contact in some}
            got = self._batch_get([_contact_key(desk, contact) for contact in some])
            owners |= {keys[flat]: item["client"]["S"] for flat, item in got.items()}
        return owners

    def save(self, client: Client) -> None:
        """Write a client and its contacts: one read, one transaction; raises Conflict where a contact is another's."""
        self._save(client, self._around([client]))

    def save_all(self, clients: Iterable[Client]) -> Iterator[tuple[Client, Client | None]]:
        """Write clients, several to a transaction, and return each, in order, with what it was before, or None.

        What is already as it should be is not written. A client is written whole or not at all; raises Conflict
        at one that claims another's contact, when whoever was returned, and perhaps some after them, is written.
        """
        rest = iter(clients)
        while some := list(islice(rest, BATCH_GET_LIMIT)):
            around = self._around(some)
            before = [_client(item) if (item := around.get(_flat(_own_key(one)))) else None for one in some]
            changed = [one for one, was in zip(some, before, strict=True) if one != was]
            for group in _in_transactions((one, self._client_writes(one, around)) for one in changed):
                self._save_together(group, around)
            yield from zip(some, before, strict=True)

    def _save_together(self, group: Sequence[tuple[Client, Writes]], around: Mapping[str, Item]) -> None:
        """Write clients in one transaction; where it cannot be had, each in its own."""
        try:
            self._transact([write for _, writes in group for write in writes])
        except (Conflict, TooLarge):
            for client, _ in group:
                self._save(client, around)
        else:
            self._in_use |= {client.desk for client, _ in group}

    def _save(self, client: Client, around: Mapping[str, Item]) -> None:
        """Write one client in place of what was read; where that is no longer so, read again and try anew."""
        for tries_left in reversed(range(SAVE_TRIES)):
            try:
                self._transact(self._client_writes(client, around))
            except Conflict as error:
                for contact, owner in self.owners(client.desk, client.contacts).items():
                    if owner != client.id:
                        taken = f"{contact.kind} {contact.value} belongs to client {owner!r}, not to {client.id!r}"
                        raise Conflict(taken) from error
                if not tries_left:
                    raise
                around = self._around([client])
            else:
                self._in_use.add(client.desk)
                return

    def _around(self, clients: Sequence[Client]) -> dict[str, Item]:
        """Return what writing clients rests on: what is under their ids and names, their past, their addresses'."""
        keys = [key for one in clients for key in (_own_key(one), *_past_keys(one), *_name_keys(one))]
        wanted = list({_flat(key): key for key in keys}.values())
        got: dict[str, Item] = {}
        for start in range(0, len(wanted), BATCH_GET_LIMIT):
            got |= self._batch_get(wanted[start : start + BATCH_GET_LIMIT])
        return got

    def _client_writes(self, client: Client, around: Mapping[str, Item]) -> Writes:
        """Return what makes a client of what was read; each write fails where that is no longer so."""
        item = around.get(_flat(_own_key(client)))
        before = _client(item) if item else None
        body = {"S": client.model_dump_json()}
        put = self._put({**_own_key(client), "body": body}, unless_exists=item is None)
        if item is not None:
            put["Put"] |= _if_still(item)
        writes: Writes = [(Conflict, put)]
        if before is None:
            writes.append((Conflict, self._put(_key(f"DESK#{client.desk}#CLIENTS", f"CLIENT#{client.id}"))))
        if client.desk not in self._in_use:
            writes.append((Conflict, self._put(_key(f"DESK#{client.desk}#CLIENTS", ANYBODY))))
        for contact in client.contacts:
            put = self._put({**_contact_key(client.desk, contact), "client": {"S": client.id}, "body": body})
            put["Put"]["ConditionExpression"] = "attribute_not_exists(pk) OR client = :id"
            put["Put"]["ExpressionAttributeValues"] = {":id": {"S": client.id}}
            writes.append((Conflict, put))
        had = before.contacts if before else ()
        writes += [(Conflict, self._delete(_contact_key(client.desk, gone))) for gone in {*had} - {*client.contacts}]
        writes += [(Conflict, write) for write in self._renamed(before, client, around)]
        come = {*client.contacts} - {*had}
        return [*writes, *((Conflict, write) for write in self._moved_past(client, come, around))]

    def _renamed(self, before: Client | None, client: Client, around: Mapping[str, Item]) -> Iterator[Item]:
        """Let a client be found by its organisation's name; names, unlike contacts, may be those of several."""
        was, name = (comparable_name(one.organisation) if one else None for one in (before, client))
        if was == name:
            return
        if was is not None:
            yield self._ids("DELETE", client.desk, was, client.id)
        if name is not None:
            known = _ids_in(around.get(_flat(_name_key(client.desk, name))))
            if MANY not in known:
                yield self._ids("ADD", client.desk, name, client.id if len(known) < NAMESAKES_KEPT else MANY)

    def _ids(self, verb: str, desk: str, name: str, client_id: str) -> Item:
        """Add an id to those of a name, or take it away. Either may be done twice, and beside any other."""
        return {
            "Update": {
                "TableName": self._table,
                "Key": _name_key(desk, name),
                "UpdateExpression": f"{verb} ids :id",
                "ExpressionAttributeValues": {":id": {"SS": [client_id]}},
            }
        }

    def _moved_past(self, client: Client, come: set[Contact], around: Mapping[str, Item]) -> list[Item]:
        """Let a client have the past of the addresses it claims, so that quota and repetitions go on."""
        known = around.get(_flat(_recent_key(client.desk, client.id)))
        own = Recent.model_validate_json(known["body"]["S"]) if known else Recent()
        writes, merged = [], own
        for contact in client.contacts:
            key = _recent_key(client.desk, address_client_id(contact.value))
            if contact.kind is ContactKind.ADDRESS and contact in come and _flat(key) in around:
                past = Recent.model_validate_json(around[_flat(key)]["body"]["S"])
                merged = merged.with_past_of(past)
                delete = self._delete(key)
                delete["Delete"] |= self._if_version(past.version)
                writes.append(delete)
        if writes:
            after = merged.model_copy(update={"version": own.version + 1})
            writes.append(self._recent_put(RecentChange(client.desk, client.id, own, after)))
        return writes

    def remove(self, desk: str, client_id: str) -> None:
        """Remove a client and its contacts; its tickets stay. Removing what is not there does nothing.

        One GetItem and one transaction; raises Conflict where the client was written meanwhile.
        """
        item = self._get(_client_key(desk, client_id))
        if item is None:
            return
        own = self._delete(_client_key(desk, client_id))
        own["Delete"] |= _if_still(item)
        keys = [
            _key(f"DESK#{desk}#CLIENTS", f"CLIENT#{client_id}"),
            *(_contact_key(desk, contact) for contact in _client(item).contacts),
        ]
        name = comparable_name(_client(item).organisation)
        named = [self._ids("DELETE", desk, name, client_id)] if name is not None else []
        self._transact([(Conflict, write) for write in (own, *map(self._delete, keys), *named)])

    # Requests

    def _delete(self, key: Item) -> Item:
        return {"Delete": {"TableName": self._table, "Key": key}}

    def _get(self, key: Item) -> Item | None:
        return self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")

    def _batch_get(self, keys: Sequence[Item]) -> dict[str, Item]:
        """Read up to 100 items; DynamoDB may leave some out under load, and they are asked for again."""
        wanted: dict[str, Item] = {_flat(key): key for key in keys}
        got: dict[str, Item] = {}
        left = list(wanted.values())
        while left:
            answer = self._client.batch_get_item(RequestItems={self._table: {"Keys": left, "ConsistentRead": True}})
            for item in answer["Responses"].get(self._table, []):
                got[_flat({"pk": item["pk"], "sk": item["sk"]})] = item
            unread = answer.get("UnprocessedKeys", {}).get(self._table)
            left = list(unread["Keys"]) if unread else []
        return got

    def _query(self, *, pk: str, prefix: str, backwards: bool = False) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": {"S": pk}, ":prefix": {"S": prefix}},
            ScanIndexForward=not backwards,
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

    def _query_index(self, index: str, partition: str, value: str) -> Iterator[Item]:
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table,
            IndexName=index,
            KeyConditionExpression=f"{partition} = :value",
            ExpressionAttributeValues={":value": {"S": value}},
        )
        for page in pages:
            yield from page["Items"]


def known_as(message_id: str) -> str:
    """SES appends its own domain to the id it returned; answers to ours are looked up by the part before it."""
    local, _, domain = message_id.rpartition("@")
    return local if local and domain.endswith("amazonses.com") else message_id


def _require_bounds(writes: Sequence[Item]) -> None:
    if len(writes) > TRANSACTION_LIMIT:
        raise TooLarge(f"{len(writes)} writes in one transaction, which takes {TRANSACTION_LIMIT}")
    total = 0
    for write in writes:
        item: Item = write.get("Put", {}).get("Item", {})
        size = sum(len(name) + len(next(iter(value.values())).encode()) for name, value in item.items())
        if size > ITEM_LIMIT:
            kind = item["sk"]["S"].partition("#")[0]
            raise TooLarge(f"an item of {size:,} bytes ({kind}), of which there may be {ITEM_LIMIT:,}")
        total += size
    if total > TRANSACTION_SIZE_LIMIT:
        raise TooLarge(f"a transaction of {total:,} bytes, of which there may be {TRANSACTION_SIZE_LIMIT:,}")


def _ticket(item: Item) -> Ticket:
    return Ticket.model_validate_json(item["body"]["S"])


def _link_item(ticket: Ticket) -> Item:
    pk = f"DESK#{ticket.desk}#CLIENT#{ticket.requester.client_key}"
    return _key(pk, f"TICKET#{_iso(ticket.arrived_at)}#{ticket.id}")


def _key(pk: str, sk: str) -> Item:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _flat(key: Item) -> str:
    return f"{key['pk']['S']}\n{key['sk']['S']}"


def _letter_key(desk: str, ses_message_id: str) -> Item:
    return _key(f"LETTER#{desk}#{ses_message_id}", "LETTER")


def _tries_key(ses_message_id: str) -> Item:
    return _key(f"LETTER#{ses_message_id}", "TRIES")


def _ticket_key(number: str) -> Item:
    return _key(f"TICKET#{number}", "TICKET")


def _out_key(key: OutboxKey) -> Item:
    return _key(f"TICKET#{key.ticket}", key.item)


def _message_key(desk: str, message_id: str) -> Item:
    return _key(f"DESK#{desk}#MSGID#{hashlib.sha256(known_as(message_id).encode()).hexdigest()[:32]}", "REF")


def _contact_key(desk: str, contact: Contact) -> Item:
    return _key(f"DESK#{desk}#CONTACT#{contact.kind}#{contact.value}", "REF")


def _name_key(desk: str, organisation: str) -> Item:
    """Return the key of a comparable name, which may be longer than a key, and that of a person."""
    return _key(f"DESK#{desk}#ORGANISATION#{hashlib.sha256(organisation.encode()).hexdigest()[:32]}", "REF")


def _name_keys(client: Client) -> Iterator[Item]:
    if name := comparable_name(client.organisation):
        yield _name_key(client.desk, name)


def _ids_in(item: Item | None) -> set[str]:
    return set(item["ids"]["SS"]) if item is not None and "ids" in item else set()


def _only_one(item: Item | None) -> str | None:
    """Return the id of the one client of a name; None where there are none, several, or too many to keep."""
    ids = _ids_in(item)
    return ids.pop() if len(ids) == 1 and MANY not in ids else None


def _client_key(desk: str, client_id: str) -> Item:
    return _key(f"DESK#{desk}#CLIENT#{client_id}", "CLIENT")


def _own_key(client: Client) -> Item:
    return _client_key(client.desk, client.id)


def _past_keys(client: Client) -> Iterator[Item]:
    yield _recent_key(client.desk, client.id)
    for contact in client.contacts:
        if contact.kind is ContactKind.ADDRESS:
            yield _recent_key(client.desk, address_client_id(contact.value))


def _client(item: Item) -> Client:
    return Client.model_validate_json(item["body"]["S"])


def _if_still(seen: Item) -> Item:
    return {"ConditionExpression": "body = :seen", "ExpressionAttributeValues": {":seen": seen["body"]}}


def _in_transactions(clients: Iterable[tuple[Client, Writes]]) -> Iterator[list[tuple[Client, Writes]]]:
    """Return clients in groups of which each fits one transaction and none writes an item twice."""
    group: list[tuple[Client, Writes]] = []
    items: set[str] = set()
    for client, writes in clients:
        touched = {_flat(act.get("Item") or act["Key"]) for _, write in writes for act in write.values()}
        if group and (len(items) + len(writes) > TRANSACTION_LIMIT or items & touched):
            yield group
            group, items = [], set()
        group.append((client, writes))
        items |= touched
    if group:
        yield group


def _recent_key(desk: str, client_key: str) -> Item:
    return _key(f"DESK#{desk}#CLIENT#{client_key}", "RECENT")


def _address_key(desk: str, address: str, what: str) -> Item:
    return _key(f"DESK#{desk}#ADDRESS#{address}", what)


def _suppression(item: Item) -> Suppression:
    return Suppression.model_validate_json(item["body"]["S"])


def _fault_key(alarm: str) -> Item:
    return _key(f"FAULT#{hashlib.sha256(alarm.encode()).hexdigest()[:32]}", "FAULT")


def _changed_at(fault: Fault) -> str:
    """Return what differs between two states of a fault: the instant of its last change, and how many that had."""
    count = len(fault.taken)
    return f"{_iso(fault.changed_at)}#{count}" if count > 1 else _iso(fault.changed_at)


def _shard_name(shard: int) -> str:
    return f"DUE#{shard}"


def _due_at(ticket: str, at: datetime, tries: int = 0) -> str:
    """Return the sort key of the `due` index; an entry that failed carries how often, and any other write drops it."""
    return f"{_iso(at)}#{ticket}#{tries}" if tries else f"{_iso(at)}#{ticket}"


def _seen(due: Due) -> str:
    return _due_at(due.ticket, due.at, due.tries)


def _iso(at: datetime) -> str:
    """Return an instant so that text order is time order: UTC, microseconds, fixed width."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
