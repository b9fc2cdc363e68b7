"""What matters of every item and letter, in a temporary database, and what of it does not fit together.

Neither the bucket nor the table is held in memory: a listing comes in order of keys and a Scan in order of hashes, so
that they meet in a file without a name that ends with it, some 200 bytes an item.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from adapters.audit import faults
from adapters.audit.bucket import Stored
from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, stored
from adapters.instants import next_instant
from application.audit import Finding, Flaw
from application.storage import LetterRecord, OutboxState, StandingChange
from domain.fault.events import FAULT_EVENT, FaultEvent
from domain.fault.evolve import ImpossibleEvent, replay_fault
from domain.fault.fault import DeskFaults, Fault, Member
from domain.fault.numbers import is_fault_number
from domain.people import People
from domain.rota import Rota
from domain.ticket.events import EVENT, LetterAdded
from domain.ticket.outgoing import OUTGOING
from domain.ticket.ticket import Status, Ticket

UNFINISHED_AFTER = timedelta(minutes=20)
"""As `reconcile` leaves letters alone."""
WAITS_LONG = timedelta(hours=1)
"""How long an unsent item may be due before it is told: `clock` offers it again every few minutes."""
FAULT_WAITS_LONG = timedelta(minutes=10)
"""How long the next step of a fault may be due before it is told: a sweep a minute fires it."""
_CACHE_KIB = 32 * 1024
_OF_A_DESK: Mapping[str, type[People | Rota]] = {"PEOPLE": People, "ROTA": Rota}
"""What lies in the partition of a desk itself, besides what was changed of it."""
_UNSENT = (OutboxState.PENDING, OutboxState.LEASED)
_TABLES = """
CREATE TABLE objects (name TEXT, key TEXT PRIMARY KEY, written_at TEXT, unfinished INTEGER) WITHOUT ROWID;
CREATE INDEX objects_by_name ON objects (name);
CREATE TABLE records (name TEXT, desk TEXT, ticket TEXT, location TEXT, received_at TEXT, PRIMARY KEY (name, desk)) WITHOUT ROWID;
CREATE TABLE tickets (id TEXT PRIMARY KEY, desk TEXT, version INTEGER, arrived_at TEXT, has_letters INTEGER) WITHOUT ROWID;
CREATE TABLE open_faults (id TEXT PRIMARY KEY, desk TEXT, at TEXT) WITHOUT ROWID;
CREATE TABLE listed (fault TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE members (fault TEXT, ticket TEXT, PRIMARY KEY (fault, ticket)) WITHOUT ROWID;
CREATE TABLE paged_for (ticket TEXT PRIMARY KEY, fault TEXT, desk TEXT, at TEXT) WITHOUT ROWID;
CREATE TABLE events (ticket TEXT, version INTEGER, PRIMARY KEY (ticket, version)) WITHOUT ROWID;
CREATE TABLE letters (ticket TEXT, name TEXT, at TEXT, PRIMARY KEY (ticket, name)) WITHOUT ROWID;
CREATE INDEX letters_by_name ON letters (name);
CREATE TABLE outgoing (ticket TEXT, item TEXT, desk TEXT, PRIMARY KEY (ticket, item)) WITHOUT ROWID;
CREATE TABLE clients (desk TEXT, id TEXT, PRIMARY KEY (desk, id)) WITHOUT ROWID;
CREATE TABLE refs (pk TEXT, sk TEXT, desk TEXT, ticket TEXT, client TEXT, PRIMARY KEY (pk, sk)) WITHOUT ROWID;
"""


class Facts:
    """What was read, and what is found in it."""

    def __init__(self, now: datetime, shards: int) -> None:
        self._now = now
        self._shards = shards
        self._at_once: list[Finding] = []
        self._history: tuple[str, list[tuple[int, FaultEvent]]] = ("", [])
        """Of the fault that is being read: its events come before it."""
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        self._file.executescript(_TABLES + faults.TABLES)

    def close(self) -> None:
        """Give the file up."""
        self._file.close()

    # What is read -------------------------------------------------------------------------------------------

    def add_letters(self, letters: Iterable[Stored]) -> int:
        """Keep what a listing shows; return how many letters there are."""
        before = self._count("objects")
        rows = ((one.name, one.key, one.written_at.isoformat(), one.is_unfinished) for one in letters)
        self._put_all("objects", 4, rows)
        return self._count("objects") - before

    def add_item(self, item: Item) -> None:
        """Keep what matters of an item of the table; one that cannot be read is a finding, and the others are read."""
        pk, sk = item["pk"]["S"], item["sk"]["S"]
        try:
            self._add(item, pk, sk)
        except (LookupError, ValueError) as error:
            self._at_once.append(unreadable(pk, sk, error))

    def _add(self, item: Item, pk: str, sk: str) -> None:
        kind, _, rest = pk.partition("#")
        if kind == "LETTER" and sk == "LETTER":
            self._add_record(stored(item, LetterRecord))
        elif kind == keys.TICKET:
            self._add_of_ticket(item, rest, sk)
        elif kind == keys.FAULT and is_fault_number(rest):
            self._add_of_fault(item, rest, sk)
        elif kind == keys.FAULT and sk == keys.FAULT and (alarm := faults.alarm_row(item)) is not None:
            self._put("alarms", *alarm)
        elif kind == "FAULTS" and sk == "FAULTS":
            self._put_all("listed", 1, ((number,) for number in stored(item, DeskFaults).numbers))
        elif kind == "DESK":
            self._add_of_desk(item, pk, sk)

    def _add_record(self, record: LetterRecord) -> None:
        at = record.received_at.isoformat()
        self._put("records", record.ses_message_id, record.desk, record.ticket, record.location, at)

    def _add_of_ticket(self, item: Item, number: str, sk: str) -> None:
        if sk == "TICKET":
            ticket = stored(item, Ticket)
            at = ticket.arrived_at.isoformat()
            self._put("tickets", number, ticket.desk, ticket.version, at, not ticket.requester.is_alarm)
            self._at_once += misplaced(item, ticket, self._shards)
            if (critical := ticket.critical) is not None and critical.runs and critical.fault:
                self._put("paged_for", number, critical.fault, ticket.desk, critical.since.isoformat())
        elif sk.startswith("EVENT#"):
            self._put("events", number, int(item["version"]["N"]))
            event = EVENT.validate_json(item["body"]["S"])
            if isinstance(event, LetterAdded):
                self._put("letters", number, event.letter, event.at.isoformat())
        elif sk.startswith("OUT#"):
            self._add_outgoing(item, number, sk)

    def _add_of_fault(self, item: Item, number: str, sk: str) -> None:
        """Keep a fault as a ticket that no letter opens: its history and what it sends are held to the same."""
        if sk == keys.FAULT:
            fault = stored(item, Fault)
            at, has_letters = fault.opened_at.isoformat(), False
            self._put("tickets", number, fault.desk, fault.version, at, has_letters)
            if not fault.is_over:
                self._put("open_faults", number, fault.desk, at)
            if fault.pages_run:
                self._put("running", number)
            self._at_once += fault_stuck(item, fault, self._shards, self._now)
            self._at_once += unlike_history(fault, self._history[1] if self._history[0] == number else [])
        elif sk.startswith("EVENT#"):
            version = int(item["version"]["N"])
            self._put("events", number, version)
            if self._history[0] != number:
                self._history = (number, [])
            self._history[1].append((version, FAULT_EVENT.validate_json(item["body"]["S"])))
        elif sk.startswith("TICKET#") and "body" in item:
            self._put("members", number, stored(item, Member).ticket)
        elif sk.startswith("OUT#"):
            self._add_outgoing(item, number, sk)
            history = self._history[1] if self._history[0] == number else []
            if (page := faults.page_row(item, number, OUTGOING.validate_json(item["body"]["S"]), history)) is not None:
                self._put("pages", *page)

    def _add_outgoing(self, item: Item, number: str, sk: str) -> None:
        desk = OUTGOING.validate_json(item["body"]["S"]).desk
        self._put("outgoing", number, sk, desk)
        self._at_once += waiting(item, number, desk, self._now)

    def _add_of_desk(self, item: Item, pk: str, sk: str) -> None:
        if sk in _OF_A_DESK or sk.startswith("CHANGE#"):
            stored(item, _OF_A_DESK.get(sk, StandingChange))
            return
        _, desk, what = pk.split("#", 2)
        if what.startswith("MSGID#"):
            self._put("refs", pk, sk, desk, item["ticket"]["S"], None)
        elif what.startswith("CLIENT#") and sk.startswith("TICKET#"):
            self._put("refs", pk, sk, desk, sk.rpartition("#")[2], None)
        elif what.startswith("CLIENT#") and sk == "CLIENT":
            self._put("clients", desk, what.partition("#")[2])
        elif what.startswith("CONTACT#") and "client" in item:
            self._put("refs", pk, sk, desk, None, item["client"]["S"])

    def _put(self, table: str, *row: object) -> None:
        self._put_all(table, len(row), [row])

    def _put_all(self, table: str, columns: int, rows: Iterable[tuple[object, ...]]) -> None:
        places = ", ".join("?" * columns)
        # The table's name is one of _TABLES, never what was read.
        self._file.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({places})", rows)  # noqa: S608

    def _count(self, table: str) -> int:
        count: int = self._file.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608 - as above
        return count

    # What does not fit --------------------------------------------------------------------------------------

    def findings(self) -> Iterator[Finding]:
        """Return what does not fit together, kind by kind; some of it may have been written while it was read."""
        yield from self._letters()
        yield from self._records()
        yield from self._tickets()
        yield from self._faults()
        yield from faults.findings(self._rows, self._now)
        yield from self._references()
        yield from self._at_once

    def _letters(self) -> Iterator[Finding]:
        latest = (self._now - UNFINISHED_AFTER).isoformat()
        for key, at in self._rows("SELECT key, written_at FROM objects WHERE unfinished AND written_at < ?", latest):
            yield Finding(Flaw.LETTER_UNFINISHED, key, at=_instant(at))
        unknown = """SELECT key, written_at FROM objects AS o WHERE NOT unfinished
            AND NOT EXISTS (SELECT 1 FROM records AS r WHERE r.name = o.name)
            AND NOT EXISTS (SELECT 1 FROM letters AS l WHERE l.name = o.name)"""
        for key, at in self._rows(unknown):
            yield Finding(Flaw.LETTER_WITHOUT_RECORD, key, at=_instant(at))

    def _records(self) -> Iterator[Finding]:
        gone = """SELECT location, desk, received_at, ticket FROM records AS r WHERE location != ''
            AND NOT EXISTS (SELECT 1 FROM objects AS o WHERE o.name = r.name)"""
        for location, desk, at, ticket in self._rows(gone):
            yield Finding(Flaw.RECORD_WITHOUT_LETTER, location, desk, _instant(at), ticket or "")
        nowhere = """SELECT name, desk, received_at, ticket FROM records AS r WHERE ticket IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM tickets AS t WHERE t.id = r.ticket)
            AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.ticket = r.ticket)"""
        for name, desk, at, ticket in self._rows(nowhere):
            yield Finding(Flaw.RECORD_WITHOUT_TICKET, name, desk, _instant(at), ticket)

    def _tickets(self) -> Iterator[Finding]:
        unknown = """SELECT t.id, t.desk, l.at, l.name FROM letters AS l JOIN tickets AS t ON t.id = l.ticket
            WHERE NOT EXISTS (SELECT 1 FROM records AS r WHERE r.name = l.name AND r.desk = t.desk)"""
        for number, desk, at, name in self._rows(unknown):
            yield Finding(Flaw.TICKET_WITHOUT_RECORD, number, desk, _instant(at), name)
        none = """SELECT id, desk, arrived_at FROM tickets AS t WHERE has_letters
            AND NOT EXISTS (SELECT 1 FROM letters AS l WHERE l.ticket = t.id)"""
        for number, desk, at in self._rows(none):
            yield Finding(Flaw.TICKET_WITHOUT_LETTERS, number, desk, _instant(at))
        gaps = """SELECT t.id, t.desk, t.arrived_at, t.version, COUNT(e.version), MAX(e.version)
            FROM tickets AS t LEFT JOIN events AS e ON e.ticket = t.id
            GROUP BY t.id HAVING COUNT(e.version) != t.version OR MAX(e.version) != t.version"""
        for number, desk, at, version, versions, last in self._rows(gaps):
            detail = f"version {version}, and {versions} of its versions in the history, the last {last}"
            yield Finding(Flaw.HISTORY_INCOMPLETE, number, desk, _instant(at), detail)
        lost = """SELECT DISTINCT ticket FROM events AS e
            WHERE NOT EXISTS (SELECT 1 FROM tickets AS t WHERE t.id = e.ticket)"""
        for (number,) in self._rows(lost):
            yield Finding(Flaw.HISTORY_WITHOUT_TICKET, number)
        alone = """SELECT ticket, desk, COUNT(*) FROM outgoing AS o
            WHERE NOT EXISTS (SELECT 1 FROM tickets AS t WHERE t.id = o.ticket)
            AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.ticket = o.ticket) GROUP BY ticket, desk"""
        for number, desk, items in self._rows(alone):
            yield Finding(Flaw.OUTGOING_WITHOUT_TICKET, number, desk, detail=f"{items} of them")

    def _faults(self) -> Iterator[Finding]:
        unlisted = """SELECT id, desk, at FROM open_faults AS o
            WHERE NOT EXISTS (SELECT 1 FROM listed AS l WHERE l.fault = o.id)"""
        for number, desk, at in self._rows(unlisted):
            yield Finding(Flaw.FAULT_UNLISTED, number, desk, _instant(at))
        gone = """SELECT ticket, desk, at, fault FROM paged_for AS p
            WHERE NOT EXISTS (SELECT 1 FROM tickets AS t WHERE t.id = p.fault)
            AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.ticket = p.fault)"""
        for number, desk, at, fault in self._rows(gone):
            yield Finding(Flaw.FAULT_GONE, number, desk, _instant(at), fault)
        uncounted = """SELECT ticket, p.desk, at, fault FROM paged_for AS p JOIN tickets AS t ON t.id = p.fault
            WHERE NOT EXISTS (SELECT 1 FROM members AS m WHERE m.fault = p.fault AND m.ticket = p.ticket)"""
        for number, desk, at, fault in self._rows(uncounted):
            yield Finding(Flaw.FAULT_WITHOUT_TICKET, number, desk, _instant(at), fault)

    def _references(self) -> Iterator[Finding]:
        nowhere = """SELECT pk, sk, desk, ticket, client FROM refs AS f WHERE
            (ticket IS NOT NULL AND NOT EXISTS (SELECT 1 FROM tickets AS t WHERE t.id = f.ticket)
                AND NOT EXISTS (SELECT 1 FROM events AS e WHERE e.ticket = f.ticket))
            OR (client IS NOT NULL AND NOT EXISTS (SELECT 1 FROM clients AS c WHERE c.desk = f.desk AND c.id = f.client))"""
        for pk, sk, desk, ticket, client in self._rows(nowhere):
            # A contact is a person's: the kind of the reference is told, and what it points to.
            kind = pk.split("#")[2]
            detail = f"ticket {ticket}" if ticket else f"client {client}"
            remedy = "" if ticket else f"reglament client add {client} --desk {desk}, with what the client has"
            yield Finding(Flaw.REFERENCE_TO_NOTHING, kind, desk, detail=detail, remedy=remedy, key=(pk, sk))

    def _rows(self, question: str, *values: object) -> Iterator[tuple[Any, ...]]:
        yield from self._file.execute(question, values)


# What one item shows by itself ------------------------------------------------------------------------------


def misplaced(item: Item, ticket: Ticket, shards: int) -> Iterator[Finding]:
    """Return whether a ticket's item is where its own state says that it is in the indexes of what is due and queued."""
    is_open = ticket.status is not Status.CLOSED
    queued = keys.queued(ticket.desk, ticket.queued_from, ticket.id) if is_open else {}
    wrong = []
    if any(item.get(name) != queued.get(name) for name in ("queue_desk", "queue_at")):
        wrong.append("open and not in its place in the queue" if is_open else "closed and in the queue")
    wrong += _wrongly_armed(item, next_instant(ticket), shards)
    if wrong:
        yield Finding(
            Flaw.TICKET_MISPLACED, ticket.id, ticket.desk, ticket.arrived_at, ", ".join(wrong), key=_key(item)
        )


def fault_stuck(item: Item, fault: Fault, shards: int, now: datetime) -> Iterator[Finding]:
    """Return whether a fault is not armed as its own state says, or has been due for longer than sweeps take to fire it."""
    at = next_instant(fault)
    if wrong := _wrongly_armed(item, at, shards):
        detail = ", ".join(wrong)
        yield Finding(Flaw.FAULT_MISPLACED, fault.id, fault.desk, fault.opened_at, detail, key=_key(item))
    elif at is not None and now - at > FAULT_WAITS_LONG:
        yield Finding(Flaw.FAULT_OVERDUE, fault.id, fault.desk, at, key=_key(item))


def unlike_history(fault: Fault, history: Sequence[tuple[int, FaultEvent]]) -> Iterator[Finding]:
    """Return whether a fault is not what its history makes of it; one with gaps is told by itself."""
    events = [event for version, event in history if version <= fault.version]
    if {version for version, _ in history} < set(range(1, fault.version + 1)):
        return
    try:
        replayed = replay_fault(events).model_copy(update={"version": fault.version})
    except ImpossibleEvent as error:
        yield Finding(Flaw.FAULT_UNLIKE_HISTORY, fault.id, fault.desk, fault.opened_at, str(error))
        return
    if fields := [name for name in Fault.model_fields if getattr(replayed, name) != getattr(fault, name)]:
        yield Finding(Flaw.FAULT_UNLIKE_HISTORY, fault.id, fault.desk, fault.opened_at, ", ".join(fields))


def _wrongly_armed(item: Item, at: datetime | None, shards: int) -> list[str]:
    """Return what is wrong with an item in the index of what is due, given when its own state comes due next."""
    # One that waits or failed is armed later than its timer says, and in the shard of fewer shards if it is older than
    # they: one that is armed in a shard that is swept comes round.
    swept = {keys.shard_name(shard) for shard in range(shards)}
    is_armed = "due_at" in item and item.get("due_shard", {}).get("S") in swept
    if at is not None and not is_armed:
        return ["not armed though its next instant is set"]
    return ["armed for nothing"] if at is None and ("due_at" in item or "due_shard" in item) else []


def waiting(item: Item, number: str, desk: str, now: datetime) -> Iterator[Finding]:
    """Return whether an unsent item is one that nothing offers again, or that has been due for long."""
    if item["state"]["S"] not in _UNSENT:
        return
    if "due_at" not in item or "due_shard" not in item:
        yield Finding(Flaw.OUTGOING_NOT_ARMED, number, desk, detail=item["sk"]["S"], key=_key(item))
        return
    due = datetime.fromisoformat(item["due_at"]["S"].partition("#")[0])
    if now - due > WAITS_LONG:
        yield Finding(Flaw.OUTGOING_WAITS, number, desk, due, item["sk"]["S"], key=_key(item))


def unreadable(pk: str, sk: str, error: Exception) -> Finding:
    """Return that an item cannot be read; a key of a desk's partition may name a person, and what is in it is not told."""
    kind, _, rest = pk.partition("#")
    subject = rest if kind in (keys.TICKET, keys.FAULT, "LETTER") else "#".join(pk.split("#")[:3])
    return Finding(
        Flaw.ITEM_UNREADABLE, subject, detail=f"{sk.partition('#')[0]}: {type(error).__name__}", key=(pk, sk)
    )


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
