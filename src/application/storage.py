"""What is read from the store and written to it: the values of a decision's reads and of its one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from application.repetitions import StatementsChange
from domain.client import Client, Contact, Recent, Statements
from domain.fault.alarm import AlarmState
from domain.fault.events import FaultEvent
from domain.fault.fault import DeskFaults, Fault, Member
from domain.findings import Value
from domain.people import NOBODY, People
from domain.ticket.events import Event
from domain.ticket.lately import SentLately
from domain.ticket.outgoing import Audience, Outgoing
from domain.ticket.ticket import Ticket


class LetterKnown(Exception):
    """The letter's item exists: a redelivery, which ends there."""


class NumberTaken(Exception):
    """Another letter's ticket, or another fault, has this number: derive the next candidate."""

    def __init__(self, text: str = "", *, number: str = "") -> None:
        super().__init__(text)
        self.number = number
        """The number: of a ticket, or of a fault (`is_fault_number`)."""


class Condition(StrEnum):
    """A condition of a write; its text says what is so where it fails."""

    TICKET = "the ticket has another version"
    LETTER = "the letter's record has changed"
    RECENT = "the client's recent past has changed"
    STATEMENTS = "the letters that state a contact have changed"
    UNREGISTERED = "a client has registered the address"
    SENT = "what was sent to the address has changed"
    SUPPRESSION = "the suppression of the address has changed"
    ALARM = "what the alarm reported last has changed"
    FAULT = "the fault has another version"
    FAULTS = "the faults of the desk have changed"
    PEOPLE = "the people of the desk have changed"
    ROTA = "the rota of the desk has changed"
    OUTGOING = "the outgoing item has changed"
    CLIENT = "the client has changed"
    CONTACT = "another client has the contact"
    TRANSACTION = "another transaction is under way"
    """On one of the items; only a table knows it."""


class Conflict(Exception):
    """Another write came first: read again and decide again."""

    def __init__(self, text: str = "", *, condition: Condition | None = None) -> None:
        reason = f": {condition}" if condition else ""
        super().__init__(text or f"another write came first{reason}")
        self.condition = condition
        """The condition that failed; None where a caller gives up after several conflicts."""


class TooLarge(Exception):
    """More than the store can write whole: nothing of it was written, and repeating it will not help."""


class LetterRecord(Value):
    """What became of one letter at one desk; the first item of its commit."""

    desk: str
    ses_message_id: str
    received_at: datetime
    kind: str
    outcome: str
    """`ticket`, `message`, or why neither: `ignored`, `forged`, `quarantined`."""
    reason: str = ""
    ticket: str | None = None
    location: str = ""
    """Key of the raw letter in the bucket."""
    needs_attention: bool = False
    """True where a person should look: it is listed until somebody has."""
    size: int = 0


@dataclass(frozen=True, slots=True)
class TicketChange:
    """A ticket's next state and how it came about; `before` None for a new one."""

    before: Ticket | None
    after: Ticket
    events: Sequence[Event]
    outgoing: Sequence[Outgoing]


@dataclass(frozen=True, slots=True)
class FaultChange:
    """A fault's next state and how it came about; `before` None for a new one."""

    before: Fault | None
    after: Fault
    events: Sequence[FaultEvent]
    outgoing: Sequence[Outgoing]
    joined: tuple[Member, ...] = ()
    """Tickets that belong to it from now on."""
    detached: tuple[str, ...] = ()
    """Tickets that belong to it no more."""


@dataclass(frozen=True, slots=True)
class FaultsChange:
    """The faults of a desk as they were read and as they become."""

    desk: str
    before: DeskFaults
    after: DeskFaults


@dataclass(frozen=True, slots=True)
class RecentChange:
    """A client's recent past as it was read and as it becomes."""

    desk: str
    client_key: str
    before: Recent
    after: Recent


@dataclass(frozen=True, slots=True)
class SentChange:
    """What the desk wrote by itself on account of one address, as it was read and as it becomes."""

    desk: str
    address: str
    """A mailbox without what follows a plus; a ticket's number or `nobody` for what no one mailbox causes, and
    `strangers` for what all do together whose letters are not proved."""
    before: SentLately
    after: SentLately


class Suppression(Value):
    """An address that a desk writes to no more, because letters to it bounced or were complained of."""

    desk: str
    address: str
    """Normalised."""
    since: datetime
    reason: str


class JournalEntry(Value):
    """What a person did at the command line that no ticket's history tells."""

    at: datetime
    act: str
    """The verb, such as `client remove`."""
    about: str = ""
    """To what it was done, in the desk's own numbers; no name and no address of a person."""
    caller: str
    """Who, by the credentials (see `domain.caller`)."""


class StandingChange(Value):
    """What a person changed of the people or the rota of a desk."""

    at: datetime
    caller: str
    """Who, by the credentials (see `domain.caller`)."""
    what: str
    """The verb, such as `people add`."""
    before: str
    """What it was, as JSON."""
    after: str


class OutboxState(StrEnum):
    """Where an outgoing item is."""

    PENDING = "pending"
    LEASED = "leased"
    SENT = "sent"
    FAILED = "failed"
    """Given up: it is listed, and a person may send it after all."""
    OUTDATED = "outdated"
    """Overtaken by events, and not sent."""


class OutboxKey(Value):
    """Where an outgoing item stands."""

    ticket: str
    """The number of its ticket, or of its fault."""
    item: str
    """Sort key, such as `OUT#00000001#00`."""


@dataclass(frozen=True, slots=True)
class Departure:
    """An outgoing item that has left."""

    key: OutboxKey
    desk: str
    at: datetime
    sent_id: str
    """The id it was given: answers to it find the ticket. Empty where nobody knows it any more."""
    text: str = ""
    """Of a letter, as its recipient reads it."""


@dataclass(frozen=True, slots=True)
class Lift:
    """A suppression that ends, as it was read, because its address was proved."""

    before: Suppression
    proved_at: datetime
    """When SES received the letter that proves it: reports of delivery that are older suppress the address no more."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Everything one decision writes: all of it or nothing."""

    at: datetime
    letter: LetterRecord | None = None
    ticket: TicketChange | None = None
    recent: RecentChange | None = None
    stated: tuple[StatementsChange, ...] = ()
    alarm: tuple[AlarmState | None, AlarmState] | None = None
    """What an alarm reported last, as it was read and as it becomes."""
    faults: tuple[FaultChange, ...] = ()
    desk_faults: FaultsChange | None = None
    sent: tuple[SentChange, ...] = ()
    lifted: Lift | None = None
    looked_at: Ticket | None = None
    """A ticket on which the decision rests and which it does not change: nothing is written unless it is as it was."""
    left: Departure | None = None
    """An outgoing item whose leaving is what the decision follows from."""
    held: str = ""
    """Why the letters that the decision writes are given up as they are written, and listed: they may have left before.
    Empty where they leave. Pages leave in any case."""


@dataclass(frozen=True, slots=True)
class Clues:
    """By what a letter may be known before any rule is asked."""

    desk: str
    ses_message_id: str
    tickets: tuple[str, ...] = ()
    """Ticket numbers from a genuine token and the subject tag."""
    message_ids: tuple[str, ...] = ()
    contacts: tuple[Contact, ...] = ()
    organisation: str | None = None
    """The name of the writer's organisation, comparable (see `organisations`)."""
    scope: str = ""
    """Among whose letters those are sought that state the same: a desk, or the owner of several (see `Desk.owner`)."""
    stated: tuple[Contact, ...] = ()
    """What other letters may state as well, comparable (see `stated_in`)."""
    sender: str | None = None
    """The author's address, normalised, where its letter may be answered."""
    counted: tuple[str, ...] = ()
    """Under what the letters that follow may be counted (see `SentChange`)."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the store knows by a letter's clues."""

    record: LetterRecord | None = None
    tickets: tuple[Ticket, ...] = ()
    by_message_id: tuple[tuple[str, str], ...] = ()
    """Message id and the ticket it belongs to, in the order of the clues."""
    clients: tuple[tuple[Contact, Client], ...] = ()
    by_organisation: str | None = None
    """The id of the one client whose organisation has the name asked for; None where several have it, or none."""
    statements: Mapping[Contact, Statements] = field(default_factory=dict)
    """The letters that state each contact that was asked about; empty where there are none."""
    has_clients: bool = False
    """Whether the desk's registry has anybody in it: an empty one refuses nobody."""
    sent: Mapping[str, SentLately] = field(default_factory=dict)
    """What the desk wrote by itself lately, by what it is counted under; only what there is."""
    suppression: Suppression | None = None
    """Where the sender's address is suppressed."""
    people: People = NOBODY
    """Of the desk."""
    desk_faults: DeskFaults = field(default_factory=DeskFaults)
    """The faults of the desk that a report may belong to."""


@dataclass(frozen=True, slots=True)
class SentText:
    """A letter that the desk sent on a ticket, as it was read by its recipient."""

    audience: Audience
    text: str


@dataclass(frozen=True, slots=True)
class Correspondence:
    """All that was written on a ticket: the letters that joined it, and what the desk sent."""

    received: tuple[str, ...] = ()
    """The texts that history keeps of letters, secrets masked (`LetterAdded`)."""
    sent: tuple[SentText, ...] = ()


@dataclass(frozen=True, slots=True)
class Leased:
    """An outgoing item that nobody else may send before the lease ends."""

    key: OutboxKey
    message: Outgoing
    failures: int
    """How many attempts to send it have failed so far; one that ended with its function is not known to have failed."""
    failing_since: datetime | None = None
    """When the first of them failed."""
    by_hand: bool = False
    """Whether a person has asked for it by its ticket after it was given up: it is sent, outdated or not."""
    delivered: frozenset[str] = frozenset()
    """Of a page: the channels by which it has left already (see `Pager`)."""
    was_woken: bool = False
    """Whether it is tried because another letter got through, and not at the end of its own pause."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An attempt to send an item that failed, and when the next one is."""

    at: datetime
    again_at: datetime
    error: str
    outage: bool = False
    """Whether it failed by what takes or refuses all letters alike, and not by this one."""
    wakes: bool = True
    """Whether another letter that gets through is reason to try this one again."""
    rests: timedelta = timedelta()
    """How much longer than others it is not woken."""


@dataclass(frozen=True, slots=True)
class Unsent:
    """A letter that has neither left nor been given up."""

    key: OutboxKey
    message: Outgoing
    due_at: datetime
    """When it is offered next."""
    leased_until: datetime | None = None
    """Until when somebody may be sending it; None where nobody is."""
    listed_at: datetime | None = None
    """As of when it is listed to be woken, which an attempt that failed does; None where it is not."""
    outage: bool = False
    """Whether that attempt failed by what takes or refuses all letters alike: the next one would fail, too."""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """An outgoing item that was given up."""

    key: OutboxKey
    message: Outgoing
    at: datetime


@dataclass(frozen=True, slots=True)
class Unsettled:
    """An item of a restored table that had not left at the instant it was restored to."""

    key: OutboxKey
    message: Outgoing
    state: OutboxState


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the damaged table says of an item."""

    state: OutboxState
    sent_at: datetime | None = None
    sent_id: str = ""
    sent_text: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """An entry of the `due` index."""

    ticket: str
    """The number of a ticket, or of a fault."""
    item: str
    at: datetime
    """As the index has it; it may be stale."""
    tries: int = 0
    """How often it has failed and was put off."""
