"""Tickets, letters' records, clients and the outbox in memory: for explaining letters and for simulation.

Keeps every condition that the table in DynamoDB keeps, and raises the same exceptions in the same order, so
that whatever holds here holds there. Nothing outlives the process.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime

from adapters.agenda import TICKET
from adapters.instants import next_instant
from adapters.memory_faults import MemoryFaults
from adapters.ses.message_ids import without_ses_domain
from application.storage import (
    Clues,
    Commit,
    Condition,
    Conflict,
    Correspondence,
    Due,
    Found,
    LetterKnown,
    LetterRecord,
    NumberTaken,
    OutboxKey,
    RecentChange,
    SentText,
    Suppression,
    TicketChange,
)
from domain.client import (
    Client,
    Contact,
    ContactKind,
    Recent,
    Statements,
    address_client_id,
    address_of_client_id,
)
from domain.fault.fault import Fault
from domain.ticket.events import Event, LetterAdded
from domain.ticket.lately import SentLately
from domain.ticket.outgoing import OutgoingMail
from domain.ticket.ticket import Status, Ticket
from domain.writer.organisations import comparable_name


class MemoryStore(MemoryFaults):
    """Everything in dictionaries: implements `Store`."""

    shards = 1

    def __init__(self) -> None:
        super().__init__()
        self._letters: dict[tuple[str, str], LetterRecord] = {}
        self._tickets: dict[str, Ticket] = {}
        self._histories: defaultdict[str, list[tuple[int, Event]]] = defaultdict(list)
        self._recent: dict[tuple[str, str], Recent] = {}
        self._statements: dict[tuple[str, Contact], Statements] = {}
        self._suppressed: dict[tuple[str, str], Suppression] = {}
        self._proved: dict[tuple[str, str], datetime] = {}
        self._sent: dict[tuple[str, str], SentLately] = {}
        self._clients: dict[tuple[str, str], Client] = {}
        self._registries: set[str] = set()
        self._contacts: dict[tuple[str, Contact], str] = {}
        self._named: defaultdict[tuple[str, str], set[str]] = defaultdict(set)

    # Reading

    def find(self, clues: Clues) -> Found:
        """Return what is known by a letter's clues."""
        owners = self.owners(clues.desk, clues.contacts)
        return Found(
            record=self.letter(clues.desk, clues.ses_message_id),
            tickets=tuple(self._tickets[number] for number in clues.tickets if number in self._tickets),
            by_message_id=tuple(
                (message_id, ticket)
                for message_id in clues.message_ids
                if (ticket := self._references.get((clues.desk, without_ses_domain(message_id)))) is not None
            ),
            clients=tuple((contact, self._clients[clues.desk, owner]) for contact, owner in owners.items()),
            by_organisation=self._only_one_called(clues.desk, clues.organisation),
            statements={
                contact: self._statements.get((clues.scope, contact), Statements()) for contact in clues.stated
            },
            has_clients=bool(clues.contacts) and clues.desk in self._registries,
            sent={key: self._sent[clues.desk, key] for key in clues.counted if (clues.desk, key) in self._sent},
            suppression=self._suppressed.get((clues.desk, clues.sender or "")),
            people=self.people(clues.desk),
            desk_faults=self.desk_faults(clues.desk),
        )

    def ticket(self, number: str) -> Ticket | None:
        """Return a ticket as last committed."""
        return self._tickets.get(number)

    def situation(self, desk: str, client_key: str, number: str | None) -> tuple[Recent, Ticket | None]:
        """Return a client's recent past and a ticket."""
        return self._recent.get((desk, client_key), Recent()), self._tickets.get(number) if number else None

    def correspondence(self, number: str) -> Correspondence:
        """Return all that was written on a ticket."""
        events = (event for _, event in self._histories.get(number, ()))
        items = (item for key, item in sorted(self._outbox.items(), key=lambda at: at[0].item) if key.ticket == number)
        return Correspondence(
            tuple(event.whole_text for event in events if isinstance(event, LetterAdded)),
            tuple(
                SentText(item.message.audience, item.sent_text)
                for item in items
                if isinstance(item.message, OutgoingMail) and item.sent_text
            ),
        )

    def history(self, number: str) -> list[tuple[int, Event]]:
        """Return a ticket's whole history in order, each event with the version that committed it."""
        return list(self._histories.get(number, ()))

    def letter(self, desk: str, ses_message_id: str) -> LetterRecord | None:
        """Return what became of a letter at a desk."""
        return self._letters.get((desk, ses_message_id))

    def queue(self, desk: str) -> Iterator[Ticket]:
        """Return a desk's open tickets by the arrival that counts."""
        waiting = [
            known for known in self._tickets.values() if known.desk == desk and known.status is not Status.CLOSED
        ]
        yield from sorted(waiting, key=lambda ticket: (ticket.queued_from, ticket.id))

    def set_aside(self, desk: str) -> Iterator[LetterRecord]:
        """Return the letters of a desk that a person should look at, the oldest first."""
        kept = [record for record in self._letters.values() if record.desk == desk and record.needs_attention]
        yield from sorted(kept, key=lambda record: (record.received_at, record.ses_message_id))

    def due(self, shard: int, now: datetime) -> Iterator[Due]:
        """Return what is due, the earliest first; the one shard is 0."""
        if shard == 0:
            with self._lock:
                reached = self._agenda.until(now)
            yield from reached

    def next_due(self) -> datetime | None:
        """Return the earliest instant armed, or None."""
        return self._agenda.first()

    # Committing

    def commit(self, commit: Commit) -> None:
        """Write one decision whole; raises LetterKnown, NumberTaken or Conflict and writes nothing then."""
        with self._lock:
            self._check(commit)
            if commit.letter is not None:
                self._letters[commit.letter.desk, commit.letter.ses_message_id] = commit.letter
            if commit.ticket is not None:
                self._write(commit.ticket, commit)
            if commit.recent is not None:
                self._recent[commit.recent.desk, commit.recent.client_key] = commit.recent.after
            for stated in commit.stated:
                self._statements[stated.scope, stated.contact] = stated.after
            self._write_faults(commit)
            for sent in commit.sent:
                self._sent[sent.desk, sent.address] = sent.after
            if commit.left is not None:
                self._depart(commit.left)
            if commit.lifted is not None:
                ended = commit.lifted.before
                self._lift(ended.desk, ended.address, commit.lifted.proved_at)

    def _check(self, commit: Commit) -> None:
        letter, change = commit.letter, commit.ticket
        if letter is not None and (letter.desk, letter.ses_message_id) in self._letters:
            raise LetterKnown(f"{letter.desk} has a record of letter {letter.ses_message_id}")
        if change is not None and change.before is None and change.after.id in self._tickets:
            raise NumberTaken(f"another letter's ticket has the number {change.after.id}", number=change.after.id)
        for failure, is_met in self._conditions(commit):
            if not is_met:
                raise failure

    def _conditions(self, commit: Commit) -> Iterator[tuple[Exception, bool]]:
        """Return what a commit rests on, in the order of the table's writes, and whether it is as it was read."""
        if commit.ticket is not None and commit.ticket.before is not None:
            yield Conflict(condition=Condition.TICKET), self._is_unchanged(commit.ticket.before)
        if (recent := commit.recent) is not None:
            stored = self._recent.get((recent.desk, recent.client_key), Recent())
            yield Conflict(condition=Condition.RECENT), stored.version == recent.before.version
            yield Conflict(condition=Condition.UNREGISTERED), not self._is_claimed(recent)
        yield from self._fault_conditions(commit)
        for sent in commit.sent:
            lately = self._sent.get((sent.desk, sent.address), SentLately())
            yield Conflict(condition=Condition.SENT), lately.version == sent.before.version
        if commit.lifted is not None:
            ended = commit.lifted.before
            yield Conflict(condition=Condition.SUPPRESSION), self._suppressed.get((ended.desk, ended.address)) == ended
        if commit.left is not None:
            yield Conflict(condition=Condition.OUTGOING), commit.left.key in self._outbox
        if commit.looked_at is not None:
            yield Conflict(condition=Condition.TICKET), self._is_unchanged(commit.looked_at)
        for stated in commit.stated:
            known = self._statements.get((stated.scope, stated.contact), Statements())
            yield Conflict(condition=Condition.STATEMENTS), known.version == stated.before.version

    def _is_unchanged(self, ticket: Ticket) -> bool:
        stored = self._tickets.get(ticket.id)
        return stored is not None and stored.version == ticket.version

    def _is_claimed(self, change: RecentChange) -> bool:
        """True where a client has registered the address meanwhile: what is counted belongs to the client then."""
        address = address_of_client_id(change.client_key)
        return address is not None and (
            (change.desk, Contact(kind=ContactKind.ADDRESS, value=address)) in self._contacts
        )

    def _write(self, change: TicketChange, commit: Commit) -> None:
        version = change.before.version + 1 if change.before else 1
        ticket = change.after.model_copy(update={"version": version})
        self._tickets[ticket.id] = ticket
        self._agenda.arm(ticket.id, TICKET, next_instant(ticket))
        for event in change.events:
            self._histories[ticket.id].append((version, event))
            for message_id in event.known_by if isinstance(event, LetterAdded) else ():
                self._references.setdefault((ticket.desk, without_ses_domain(message_id)), ticket.id)
        for number, message in enumerate(change.outgoing):
            self._put(OutboxKey(ticket=ticket.id, item=f"OUT#{version:08d}#{number:03d}"), message, commit)

    # Timers and addresses

    def put_off(self, due: Due, *, until: datetime, failed: bool = True) -> bool:
        """Let an entry come due again later, its ticket as it is; False where it was re-armed meanwhile."""
        with self._lock:
            if not self._agenda.has(due):
                return False
            self._agenda.arm(due.ticket, due.item, until, due.tries + 1 if failed else 0)
            return True

    def align(self, due: Due, snapshot: Ticket | Fault) -> bool:
        """Arm a ticket or a fault, as it was read, by its own next timer; False where it was written or re-armed meanwhile."""
        with self._lock:
            stored = self._faults.get(due.ticket) if isinstance(snapshot, Fault) else self._tickets.get(due.ticket)
            if stored is None or stored.version != snapshot.version or not self._agenda.has(due):
                return False
            self._agenda.arm(due.ticket, due.item, next_instant(snapshot))
            return True

    def is_suppressed(self, desk: str, address: str) -> bool:
        """Return whether letters to an address are pointless."""
        return (desk, address) in self._suppressed

    def suppress(self, desk: str, address: str, *, at: datetime, reason: str) -> bool:
        """Remember that letters to an address were pointless at an instant; False where later news is known."""
        known, proved_at = self._suppressed.get((desk, address)), self._proved.get((desk, address))
        if (known is not None and known.since >= at) or (proved_at is not None and proved_at >= at):
            return False
        self._proved.pop((desk, address), None)
        self._suppressed[desk, address] = Suppression(desk=desk, address=address, since=at, reason=reason[:500])
        return True

    def suppressed(self, desk: str) -> Iterator[Suppression]:
        """Return the addresses that a desk writes to no more, the longest suppressed first."""
        kept = [known for known in self._suppressed.values() if known.desk == desk]
        yield from sorted(kept, key=lambda known: (known.since, known.address))

    def lift(self, desk: str, address: str, *, at: datetime) -> bool:
        """Let a desk write to an address again, whatever happened before `at`; False where it was not suppressed."""
        if (desk, address) not in self._suppressed:
            return False
        self._lift(desk, address, at)
        return True

    def _lift(self, desk: str, address: str, proved_at: datetime) -> None:
        del self._suppressed[desk, address]
        self._proved[desk, address] = proved_at

    def sent_lately(self, desk: str, counted_as: str) -> SentLately:
        """Return what a desk wrote by itself lately, by what it is counted under."""
        return self._sent.get((desk, counted_as), SentLately())

    # The registry

    def client(self, desk: str, client_id: str) -> Client | None:
        """Return a client of a desk."""
        return self._clients.get((desk, client_id))

    def clients(self, desk: str) -> Iterator[Client]:
        """Return all clients of a desk, by id."""
        yield from (client for (of, _), client in sorted(self._clients.items()) if of == desk)

    def owners(self, desk: str, contacts: Iterable[Contact]) -> dict[Contact, str]:
        """Return the ids of the clients that contacts belong to; a contact of no client is left out."""
        return {contact: owner for contact in contacts if (owner := self._contacts.get((desk, contact))) is not None}

    def save(self, client: Client) -> None:
        """Write a client and its contacts; raises Conflict where a contact belongs to another."""
        with self._lock:
            if any(owner != client.id for owner in self.owners(client.desk, client.contacts).values()):
                raise Conflict(condition=Condition.CONTACT)
            before = self._clients.get((client.desk, client.id))
            self._move_past(client, set(client.contacts) - set(before.contacts if before else ()))
            self.remove(client.desk, client.id)
            self._clients[client.desk, client.id] = client
            self._registries.add(client.desk)
            self._contacts |= {(client.desk, contact): client.id for contact in client.contacts}
            if name := comparable_name(client.organisation):
                self._named[client.desk, name].add(client.id)

    def _move_past(self, client: Client, come: set[Contact]) -> None:
        own = (client.desk, client.id)
        merged = before = self._recent.get(own, Recent())
        for contact in come:
            if contact.kind is ContactKind.ADDRESS:
                past = self._recent.pop((client.desk, address_client_id(contact.value)), None)
                merged = merged.with_past_of(past) if past is not None else merged
        if merged is not before:
            self._recent[own] = merged.model_copy(update={"version": before.version + 1})

    def remove(self, desk: str, client_id: str) -> None:
        """Remove a client, its contacts and its remembered details; its tickets stay. Removing what is not there does nothing."""
        with self._lock:
            client = self._clients.pop((desk, client_id), None)
            past = self._recent.get((desk, client_id)) if client else None
            if past is not None and past.details:
                self._recent[desk, client_id] = past.without_details()
            for contact in client.contacts if client else ():
                self._contacts.pop((desk, contact), None)
            if client is not None and (name := comparable_name(client.organisation)):
                self._named[desk, name].discard(client_id)

    def _only_one_called(self, desk: str, organisation: str | None) -> str | None:
        ids = self._named.get((desk, organisation), set()) if organisation is not None else set()
        return next(iter(ids)) if len(ids) == 1 else None
