"""What the use cases need of the outside, as protocols by what they serve; `adapters` implement them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Protocol

from application.storage import (
    Clues,
    Commit,
    Correspondence,
    Departure,
    Due,
    Failure,
    Found,
    GivenUp,
    Leased,
    LetterRecord,
    OutboxKey,
    OutboxState,
    StandingChange,
    Suppression,
    Unsent,
    Unsettled,
)
from domain.client import Client, Contact, Recent
from domain.fault.alarm import NOWHERE, AlarmPlace, AlarmState
from domain.fault.events import FaultEvent
from domain.fault.fault import DeskFaults, Fault, Member
from domain.people import People
from domain.reply_token import ReplyKeys
from domain.rota import Rota
from domain.ticket.events import Event
from domain.ticket.lately import SentLately
from domain.ticket.outgoing import Outgoing
from domain.ticket.ticket import Ticket


class LetterMissing(LookupError):
    """No raw letter of that id is stored."""


class Committing(Protocol):
    """Where a decision is written."""

    def commit(self, commit: Commit) -> None:
        """Write one decision whole; raises LetterKnown, NumberTaken or Conflict and writes nothing then."""


class TicketsToChange(Committing, Protocol):
    """Where a ticket is read and its change is written."""

    def ticket(self, number: str) -> Ticket | None:
        """Return a ticket as last committed."""

    def people(self, desk: str) -> People:
        """Return the people of a desk; `NOBODY` where none are entered."""


class KnownTickets(Protocol):
    """What is asked about a letter: at most three requests, and one more where it joins a ticket."""

    def find(self, clues: Clues) -> Found:
        """Return what is known by a letter's clues, in one request."""

    def ticket(self, number: str) -> Ticket | None:
        """Return a ticket as last committed."""

    def situation(self, desk: str, client_key: str, number: str | None) -> tuple[Recent, Ticket | None]:
        """Return a client's recent past and a ticket, in one request."""

    def correspondence(self, number: str) -> Correspondence:
        """Return all that was written on a ticket, in one request for each megabyte of its items."""


class Tickets(KnownTickets, TicketsToChange, Protocol):
    """Tickets and their history."""

    def history(self, number: str) -> list[tuple[int, Event]]:
        """Return a ticket's whole history in order, each event with the version that committed it."""

    def queue(self, desk: str) -> Iterator[Ticket]:
        """Return a desk's open tickets in order of arrival."""


class Timers(Protocol):
    """The index of what is due."""

    @property
    def shards(self) -> int:
        """Over how many partitions the index is spread."""

    def resting_alarm(self, due: Due) -> AlarmState | None:
        """Return the state of an alarm that is in maintenance, by its entry among what comes due."""

    def due(self, shard: int, now: datetime) -> Iterator[Due]:
        """Return what is due in a shard, the earliest first."""

    def put_off(self, due: Due, *, until: datetime, failed: bool = True) -> bool:
        """Let an entry come due again later, its ticket as it is; False where it was re-armed meanwhile.

        One that failed carries how often; one that only waits has not failed.
        """

    def align(self, due: Due, snapshot: Ticket | Fault) -> bool:
        """Arm a ticket or a fault, as it was read, by its own next timer; False where it was written or re-armed meanwhile."""

    def rearm_outgoing(self, due: Due, *, now: datetime) -> str | None:
        """Offer an unsent item to its sender again, and once more later if it stays: see `offered_again_after`.

        Return its outbox, `mail` or `page`; None where it was sent or taken meanwhile.
        """


class Letters(Protocol):
    """What became of each letter at each desk, and how often reading it has failed."""

    def letter(self, desk: str, ses_message_id: str) -> LetterRecord | None:
        """Return what became of a letter at a desk; None where it has not been handled there."""

    def set_aside(self, desk: str) -> Iterator[LetterRecord]:
        """Return the letters of a desk that wait for a person, the oldest first."""

    def settle_letter(self, record: LetterRecord) -> None:
        """Take a letter off the list of those that wait for a person; raises Conflict where its record has changed."""

    def forget_letter(self, record: LetterRecord) -> None:
        """Forget a letter, so that it can be handled again; raises Conflict where its record has changed."""

    def tries(self, ses_message_id: str) -> int:
        """Return how many attempts at a letter have failed by the letter itself."""

    def count_try(self, ses_message_id: str, change: int = 1, *, at: datetime, reason: str = "") -> None:
        """Add to how many attempts at a letter have failed by the letter itself, and remember why the last one did."""

    def last_failure(self, ses_message_id: str) -> str:
        """Return why the last attempt at a letter failed by the letter itself; empty where it is not known."""


class Outbox(Protocol):
    """Outgoing mail and pages, and the addresses that are written to no more."""

    def outbox(self, number: str) -> list[tuple[OutboxKey, OutboxState, str]]:
        """Return the outgoing items of a ticket in order, each with its state and its message as JSON."""

    def left_at(self, number: str) -> dict[OutboxKey, datetime]:
        """Return when each outgoing item of a ticket or fault left; what has not is left out."""

    def outgoing(self, key: OutboxKey) -> Outgoing | None:
        """Return what an outgoing item says; None where there is no such item."""

    def mark_delivered(self, key: OutboxKey, desk: str, channel: str, sent_id: str) -> None:
        """Record that a leased page has left by one of its channels, so that another attempt leaves it out."""

    def lease(self, key: OutboxKey, *, now: datetime, until: datetime) -> Leased | None:
        """Take an item for sending; None where it is sent, failed, leased by another, or unknown."""

    def unsent(self, upto: OutboxKey) -> list[Unsent]:
        """Return the items of a ticket that have neither left nor been given up, in order, up to this one and with it."""

    def mark_sent(self, left: Departure) -> None:
        """Record that an item left; answers to the id it was given find the ticket. Raises Conflict for an unknown one."""

    def put_back(self, key: OutboxKey, failure: Failure) -> None:
        """Give a leased item back after an attempt that failed, which is counted, to be tried again."""

    def let_wait(self, letter: Unsent, *, until: datetime, since: datetime) -> None:
        """Offer an item that nobody is sending later than it would be, or when it is woken, as if it had failed at `since`.

        It waits its turn: no attempt has failed.
        """

    def mark_outdated(self, key: OutboxKey, *, at: datetime) -> None:
        """Record that a leased item is not needed any more."""

    def give_up(self, key: OutboxKey, desk: str, *, at: datetime, error: str) -> None:
        """Record that a leased item will not be tried again, and list it."""

    def given_up(self, desk: str) -> Iterator[GivenUp]:
        """Return the items of a desk that were given up, the oldest first."""

    def given_up_because(self, key: OutboxKey) -> str:
        """Return why an item was given up; empty where it was not, or nobody knows."""

    def send_again(self, key: OutboxKey, *, at: datetime, outdated_too: bool = True) -> bool:
        """Let a given-up item be sent after all, on a person's word; False where it is none."""

    def wake_delayed(self, *, now: datetime, pause: timedelta, at_most: int) -> int:
        """Offer letters that wait after a failed attempt now, or a pause after it; return how many come earlier so."""

    def is_suppressed(self, desk: str, address: str) -> bool:
        """Return whether letters to an address are pointless."""

    def suppress(self, desk: str, address: str, *, at: datetime, reason: str) -> bool:
        """Remember that letters to an address were pointless at an instant; False where later news is known."""

    def suppressed(self, desk: str) -> Iterator[Suppression]:
        """Return the addresses that a desk writes to no more, the longest suppressed first."""

    def lift(self, desk: str, address: str, *, at: datetime) -> bool:
        """Let a desk write to an address again, whatever happened before `at`; False where it was not suppressed."""

    def sent_lately(self, desk: str, counted_as: str) -> SentLately:
        """Return what a desk wrote by itself lately, by what it is counted under (see `SentChange`)."""


class RestoredOutbox(Protocol):
    """The outgoing items of a table that was restored and is not in use yet."""

    def settle_given_up(self, item: Unsettled, *, at: datetime, error: str) -> bool:
        """Give an unsent item up and list it; False where it was settled meanwhile."""

    def settle_outdated(self, item: Unsettled, *, at: datetime) -> bool:
        """Record that an unsent item is not needed any more; False where it was settled meanwhile."""


class Faults(Protocol):
    """Faults, the tickets of each, and what alarms reported last."""

    def alarm_state(self, alarm: str, place: AlarmPlace = NOWHERE) -> AlarmState | None:
        """Return what an alarm of an account and region reported last."""

    def desk_faults(self, desk: str) -> DeskFaults:
        """Return which faults of a desk a report may belong to."""

    def fault(self, number: str) -> Fault | None:
        """Return a fault as last committed."""

    def faults(self, numbers: Iterable[str]) -> list[Fault]:
        """Return faults by their numbers, in one request; a number of none is left out."""

    def fault_history(self, number: str) -> list[tuple[int, FaultEvent]]:
        """Return a fault's whole history in order, each event with the version that committed it."""

    def members(self, number: str) -> list[Member]:
        """Return the tickets of a fault, in order of their numbers."""


class PeopleOfDesks(Protocol):
    """The people of desks, and whose turn it is."""

    def people(self, desk: str) -> People:
        """Return the people of a desk; `NOBODY` where none are entered."""

    def rota(self, desk: str) -> Rota:
        """Return the rota of a desk; an empty one where there is none."""

    def standing(self, desk: str) -> tuple[People, Rota]:
        """Return both, in one request."""

    def save_people(self, desk: str, before: People, after: People, change: StandingChange) -> None:
        """Write the people of a desk and what changed; raises Conflict where they are not as they were read."""

    def save_rota(self, desk: str, before: Rota, after: Rota, change: StandingChange) -> None:
        """Write the rota of a desk and what changed; raises Conflict where it is not as it was read."""

    def standing_changes(self, desk: str) -> Iterator[StandingChange]:
        """Return what was changed of a desk's people and rota, the latest first."""


class Registry(Protocol):
    """Whom a desk serves."""

    def client(self, desk: str, client_id: str) -> Client | None:
        """Return a client of a desk."""

    def clients(self, desk: str) -> Iterator[Client]:
        """Return all clients of a desk, by id."""

    def owners(self, desk: str, contacts: Iterable[Contact]) -> dict[Contact, str]:
        """Return the ids of the clients that contacts belong to; a contact of nobody is left out."""

    def tickets_of(self, desk: str, client_key: str) -> Iterator[str]:
        """Return the numbers of a client's tickets, the latest first."""

    def save(self, client: Client) -> None:
        """Write a client and its contacts; raises Conflict where a contact belongs to another."""

    def save_all(self, clients: Iterable[Client]) -> Iterator[tuple[Client, Client | None]]:
        """Write clients, and yield each as it is written, with what it was before."""

    def remove(self, desk: str, client_id: str) -> None:
        """Remove a client and its contacts."""


class Store(Tickets, Timers, Letters, Outbox, Faults, PeopleOfDesks, Registry, Protocol):
    """The one table that holds all of it."""


class MailStore(Protocol):
    """Raw letters."""

    def read(self, ses_message_id: str) -> bytes:
        """Return a raw letter, wherever it lies; raises LetterMissing where it lies nowhere."""

    def settle(self, ses_message_id: str, location: str) -> None:
        """Move a letter out of `incoming/`; doing it twice is the same as once."""

    def take_back(self, ses_message_id: str) -> str:
        """Move a letter back to `incoming/` and return its key there."""

    def incoming(self) -> Iterator[tuple[str, datetime]]:
        """Return the SES message ids that still lie in `incoming/`, with the time each was written."""


class Mailer(Protocol):
    """Sends letters."""

    def send(self, raw: bytes, *, sender: str, to: str, tags: dict[str, str]) -> str:
        """Send one letter once and return the id it was given; raises Rejected, Refused or Unanswered."""


class Pager(Protocol):
    """Wakes people."""

    def publish(self, subject: str, text: str, *, attributes: Mapping[str, str]) -> str:
        """Publish one page once to whatever subscribes and return the id it was given."""

    def text_message(self, phone: str, text: str) -> str:
        """Send one short message once to a telephone, in E.164 form, and return the id it was given."""


class Watch(Protocol):
    """Whoever watches the clock from outside, and raises the alarm where it hears nothing."""

    def hold_back(self, until: datetime) -> None:
        """Say nothing before an instant."""

    def say_alive(self, now: datetime) -> bool:
        """Say that all is well; False where it is not, or nobody listens. Raises what keeps it from being said."""


class LetterQueue(Protocol):
    """The announcements of letters that `inbound` reads."""

    def offer(self, body: str) -> None:
        """Put an announcement on the queue."""

    def waiting(self) -> int:
        """Return about how many announcements the queue holds."""


class Services(Protocol):
    """All of the outside in one frozen value, built by `composition` and passed to what needs it."""

    @property
    def store(self) -> Store:
        """Tickets, letters, outbox, registry."""

    @property
    def mail_store(self) -> MailStore:
        """Raw letters."""

    @property
    def mail_bucket(self) -> str:
        """The name of the bucket in which raw letters lie."""

    @property
    def mailer(self) -> Mailer:
        """The way out for letters."""

    @property
    def pager(self) -> Pager:
        """The way out for pages."""

    @property
    def pages_mailer(self) -> Mailer:
        """The way out for the letters that go with pages."""

    @property
    def watch(self) -> Watch:
        """Whoever watches the clock from outside."""

    @property
    def inbound_queue(self) -> LetterQueue:
        """The queue that `inbound` reads."""

    @property
    def reply_keys(self) -> ReplyKeys:
        """The keys of reply tokens."""

    def now(self) -> datetime:
        """Return the present instant, aware, UTC."""
