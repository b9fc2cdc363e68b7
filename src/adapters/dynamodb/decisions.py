"""What a decision reads and writes, of all kinds of items: one request each."""

from __future__ import annotations

from adapters.dynamodb import keys
from adapters.dynamodb.addresses import lift_write, sent_write, suppression_in
from adapters.dynamodb.faults import alarm_writes, desk_faults_in, desk_faults_write, fault_writes
from adapters.dynamodb.items import stored, stored_or
from adapters.dynamodb.letters import record_write
from adapters.dynamodb.outbox import departure_writes, outgoing_writes
from adapters.dynamodb.recent import recent_writes, statements_write
from adapters.dynamodb.registry import only_id
from adapters.dynamodb.table import Table
from adapters.dynamodb.tickets import next_version, ticket_writes, unchanged
from adapters.dynamodb.writes import Write
from application.storage import Clues, Commit, Condition, Conflict, Found, LetterRecord
from domain.client import Client, Recent, Statements
from domain.people import People
from domain.ticket.lately import SentLately
from domain.ticket.ticket import Ticket


class Decisions(Table):
    """What decisions rest on, and their commits."""

    def find(self, clues: Clues) -> Found:
        """Return what is known by a letter's clues: one BatchGetItem."""
        desk = clues.desk
        letter = keys.letter(desk, clues.ses_message_id)
        tickets = [keys.ticket(number) for number in clues.tickets]
        references = {message_id: keys.message(desk, message_id) for message_id in clues.message_ids}
        contacts = {contact: keys.contact(desk, contact) for contact in clues.contacts}
        any_client = [keys.any_client(desk)] if contacts else []
        suppression = [keys.address(desk, clues.sender, keys.SUPPRESSED)] if clues.sender else []
        sent = {address: keys.address(desk, address, keys.SENT) for address in clues.counted}
        named = [keys.organisation(desk, clues.organisation)] if clues.organisation else []
        statements = {contact: keys.statements(clues.scope, contact) for contact in clues.stated}
        people, faults = keys.people(desk), keys.desk_faults(desk)
        got = self._batch_get(
            [
                letter,
                *tickets,
                *references.values(),
                *contacts.values(),
                *named,
                *statements.values(),
                *any_client,
                *suppression,
                *sent.values(),
                people,
                faults,
            ]
        )
        record = got.get(keys.flat(letter))
        suppressed = next((got.get(keys.flat(key)) for key in suppression), None)
        return Found(
            record=stored(record, LetterRecord) if record else None,
            tickets=tuple(stored(got[flat], Ticket) for flat in map(keys.flat, tickets) if flat in got),
            by_message_id=tuple(
                (message_id, got[flat]["ticket"]["S"])
                for message_id, key in references.items()
                if (flat := keys.flat(key)) in got
            ),
            clients=tuple(
                (contact, stored(got[flat], Client))
                for contact, key in contacts.items()
                if (flat := keys.flat(key)) in got
            ),
            by_organisation=next((only_id(got.get(keys.flat(key))) for key in named), None),
            statements={
                contact: stored(got[flat], Statements) if (flat := keys.flat(key)) in got else Statements()
                for contact, key in statements.items()
            },
            has_clients=any(keys.flat(key) in got for key in any_client),
            sent={
                address: stored(got[flat], SentLately)
                for address, key in sent.items()
                if (flat := keys.flat(key)) in got
            },
            suppression=suppression_in(suppressed),
            people=stored_or(got.get(keys.flat(people)), People),
            desk_faults=desk_faults_in(got.get(keys.flat(faults))),
        )

    def situation(self, desk: str, client_key: str, number: str | None) -> tuple[Recent, Ticket | None]:
        """Return a client's recent past and a ticket: one BatchGetItem."""
        recent_key = keys.recent(desk, client_key)
        ticket_keys = [keys.ticket(number)] if number else []
        got = self._batch_get([recent_key, *ticket_keys])
        recent = got.get(keys.flat(recent_key))
        ticket = next((got.get(keys.flat(key)) for key in ticket_keys), None)
        return stored(recent, Recent) if recent else Recent(), stored(ticket, Ticket) if ticket else None

    def commit(self, commit: Commit) -> None:
        """Write one decision whole: one TransactWriteItems; raises LetterKnown, NumberTaken or Conflict."""
        writes: list[Write] = []
        if commit.letter is not None:
            writes.append(record_write(commit.letter))
        if commit.ticket is not None:
            change = commit.ticket
            writes += ticket_writes(change, self.shards)
            version = (change.after.id, next_version(change))
            conflict = Conflict(condition=Condition.TICKET)
            writes += outgoing_writes(version, change.outgoing, conflict, commit, self.shards)
        if commit.recent is not None:
            writes += recent_writes(commit.recent)
        if commit.alarm is not None:
            writes += alarm_writes(*commit.alarm, self.shards)
        for fault in commit.faults:
            writes += fault_writes(fault, commit, self.shards)
        if commit.desk_faults is not None:
            writes.append(desk_faults_write(commit.desk_faults))
        writes += [sent_write(change, commit.at) for change in commit.sent]
        if commit.lifted is not None:
            writes.append(lift_write(commit.lifted, commit.at))
        if commit.left is not None:
            writes += departure_writes(commit.left)
        if commit.looked_at is not None:
            writes.append(unchanged(commit.looked_at))
        writes += map(statements_write, commit.stated)
        self._transact(writes)
