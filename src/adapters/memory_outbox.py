"""The outbox in memory, with every condition that the table in DynamoDB keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import RLock

from adapters.agenda import Agenda
from adapters.ses.message_ids import without_ses_domain
from application.storage import (
    Commit,
    Condition,
    Conflict,
    Departure,
    Due,
    Failure,
    GivenUp,
    Leased,
    OutboxKey,
    OutboxState,
    Unsent,
)
from domain.ticket.outgoing import Outgoing, offered_again_after

_UNSENT = (OutboxState.PENDING, OutboxState.LEASED)


@dataclass(slots=True)
class _Item:
    """An outgoing item; when it is due, the agenda says."""

    message: Outgoing
    state: OutboxState = OutboxState.PENDING
    failures: int = 0
    failing_since: datetime | None = None
    failed_at: datetime | None = None
    error: str = ""
    """What the last attempt ended with, or why it was given up."""
    outage: bool = False
    is_listed: bool = False
    """Among the delayed ones, or those given up."""
    listed_at: datetime | None = None
    by_hand: bool = False
    delivered: frozenset[str] = frozenset()
    leased_until: datetime | None = None
    sent_at: datetime | None = None
    sent_id: str = ""
    sent_text: str = ""


class MemoryOutbox:
    """Outgoing items in dictionaries: the part of `MemoryStore` that sends."""

    def __init__(self) -> None:
        super().__init__()
        self._outbox: dict[OutboxKey, _Item] = {}
        self._agenda = Agenda()
        self._lock = RLock()  # a sweep settles several entries at a time
        self._offered: list[OutboxKey] = []
        self._references: dict[tuple[str, str], str] = {}

    def _put(self, key: OutboxKey, message: Outgoing, commit: Commit) -> None:
        self._offered.append(key)
        if commit.held and message.outbox == "mail":
            self._outbox[key] = _Item(
                message, OutboxState.FAILED, failed_at=commit.at, is_listed=True, error=commit.held
            )
            return
        self._outbox[key] = _Item(message)
        self._agenda.arm(key.ticket, key.item, commit.at + offered_again_after(message.outbox))

    def outbox(self, number: str) -> list[tuple[OutboxKey, OutboxState, str]]:
        """Return a ticket's outgoing items in order: where each stands, its state, and what it is, as JSON."""
        return [
            (key, item.state, item.message.model_dump_json())
            for key, item in sorted(self._outbox.items(), key=lambda entry: entry[0].item)
            if key.ticket == number
        ]

    def left_at(self, number: str) -> dict[OutboxKey, datetime]:
        """Return when each outgoing item of a ticket or fault left; what has not is left out."""
        return {
            key: item.sent_at for key, item in self._outbox.items() if key.ticket == number and item.sent_at is not None
        }

    def outgoing(self, key: OutboxKey) -> Outgoing | None:
        """Return what an outgoing item says; None where there is no such item."""
        item = self._outbox.get(key)
        return item.message if item is not None else None

    def take_offered(self) -> tuple[OutboxKey, ...]:
        """Return what a stream would deliver: the items written or offered again since this was last asked."""
        offered, self._offered = tuple(self._offered), []
        return offered

    def lease(self, key: OutboxKey, *, now: datetime, until: datetime) -> Leased | None:
        """Take an item for sending; None where it is done with, leased by another, or unknown."""
        with self._lock:
            item = self._outbox.get(key)
            if item is None or item.state not in _UNSENT:
                return None
            if item.state is OutboxState.LEASED and (item.leased_until is None or item.leased_until > now):
                return None
            item.state, item.leased_until = OutboxState.LEASED, until
            self._agenda.arm(key.ticket, key.item, until)
            was_woken = bool(item.failures) and not item.is_listed
            return Leased(key, item.message, item.failures, item.failing_since, item.by_hand, item.delivered, was_woken)

    def unsent(self, upto: OutboxKey) -> list[Unsent]:
        """Return the items of a ticket that have neither left nor been given up, in order, up to this one."""
        with self._lock:
            kept = [
                (key, item)
                for key, item in self._outbox.items()
                if key.ticket == upto.ticket and key.item <= upto.item and item.state in _UNSENT
            ]
            return [
                Unsent(
                    key,
                    item.message,
                    self._agenda.due_at(key.ticket, key.item),
                    item.leased_until if item.state is OutboxState.LEASED else None,
                    item.listed_at if item.is_listed else None,
                    item.outage,
                )
                for key, item in sorted(kept, key=lambda entry: entry[0].item)
            ]

    def mark_sent(self, left: Departure) -> None:
        """Record that an item left, with its text, and let answers to the id it was given find the ticket."""
        with self._lock:
            if left.key not in self._outbox:
                raise Conflict(condition=Condition.OUTGOING)
            self._depart(left)

    def _depart(self, left: Departure) -> None:
        item = self._outbox[left.key]
        item.sent_at, item.state, item.sent_id, item.sent_text, item.is_listed = (
            left.at,
            OutboxState.SENT,
            left.sent_id,
            left.text,
            False,
        )
        self._agenda.arm(left.key.ticket, left.key.item, None)
        if left.sent_id:
            self._references.setdefault((left.desk, without_ses_domain(left.sent_id)), left.key.ticket)

    def mark_delivered(self, key: OutboxKey, desk: str, channel: str, sent_id: str) -> None:
        """Record that a page has left by one of its channels, and let answers to its id find the fault."""
        with self._lock:
            item = self._outbox.get(key)
            if item is None:
                raise Conflict(condition=Condition.OUTGOING)
            item.delivered |= {channel}
            if sent_id:
                self._references.setdefault((desk, without_ses_domain(sent_id)), key.ticket)

    def put_back(self, key: OutboxKey, failure: Failure) -> None:
        """Give a leased item back, its failure counted, to be offered again at an instant."""
        item = self._leased(key)
        if item is not None:
            item.state = OutboxState.PENDING
            item.failures += 1
            item.failed_at, item.outage = failure.at, failure.outage
            item.is_listed, item.listed_at = failure.wakes, failure.at + failure.rests
            item.failing_since = item.failing_since or failure.at
            self._agenda.arm(key.ticket, key.item, failure.again_at)

    def let_wait(self, letter: Unsent, *, until: datetime, since: datetime) -> None:
        """Offer an item that nobody is sending later than it would be, or when it is woken."""
        key = letter.key
        with self._lock:
            item = self._outbox.get(key)
            is_pending = item is not None and item.state is OutboxState.PENDING
            if item is not None and is_pending and self._agenda.due_at(key.ticket, key.item) == letter.due_at:
                item.is_listed, item.listed_at = True, since
                self._agenda.arm(key.ticket, key.item, until)

    def mark_outdated(self, key: OutboxKey, *, at: datetime) -> None:
        """Record that a leased item is not needed any more."""
        self._end(key, OutboxState.OUTDATED, at)

    def give_up(self, key: OutboxKey, desk: str, *, at: datetime, error: str) -> None:
        """Record that a leased item will not be tried again, and list it."""
        del desk  # the message has it
        item = self._leased(key)
        if item is not None:
            item.error = error
        self._end(key, OutboxState.FAILED, at)

    def _end(self, key: OutboxKey, state: OutboxState, at: datetime) -> None:
        item = self._leased(key)
        if item is not None:
            item.state, item.failed_at, item.is_listed = state, at, state is OutboxState.FAILED
            self._agenda.arm(key.ticket, key.item, None)

    def _leased(self, key: OutboxKey) -> _Item | None:
        item = self._outbox.get(key)
        return item if item is not None and item.state is OutboxState.LEASED else None

    def given_up_because(self, key: OutboxKey) -> str:
        """Return why an item was given up; empty where it was not, or nobody knows."""
        item = self._outbox.get(key)
        return item.error if item is not None and item.state is OutboxState.FAILED else ""

    def given_up(self, desk: str) -> Iterator[GivenUp]:
        """Return the items of a desk that were given up, the oldest first."""
        kept = [
            GivenUp(key, item.message, item.failed_at)
            for key, item in self._outbox.items()
            if item.state is OutboxState.FAILED and item.message.desk == desk and item.failed_at is not None
        ]
        yield from sorted(kept, key=lambda item: (item.at, item.key.ticket, item.key.item))

    def send_again(self, key: OutboxKey, *, at: datetime, outdated_too: bool = True) -> bool:
        """Let a given-up item be sent after all, its failures forgotten; False where it is none."""
        with self._lock:
            item = self._outbox.get(key)
            if item is None or item.state is not OutboxState.FAILED:
                return False
            self._outbox[key] = _Item(item.message, by_hand=outdated_too, delivered=item.delivered)
            self._agenda.arm(key.ticket, key.item, at)
            return True

    def wake_delayed(self, *, now: datetime, pause: timedelta, at_most: int) -> int:
        """Offer letters that wait after a failed attempt now, or a pause after it; return how many come earlier so."""
        with self._lock:
            waiting = [
                (item.listed_at, key, item)
                for key, item in self._outbox.items()
                if item.state is OutboxState.PENDING and item.is_listed and item.listed_at is not None
            ]
            woken = 0
            before_now = (entry for entry in waiting if entry[0] < now)
            for at, key, item in sorted(before_now, key=_listed_in_order)[:at_most]:
                again_at = max(now, at + pause)
                if self._agenda.due_at(key.ticket, key.item) > again_at:
                    item.is_listed = False
                    self._agenda.arm(key.ticket, key.item, again_at)
                    woken += 1
            return woken

    def rearm_outgoing(self, due: Due, *, now: datetime) -> str | None:
        """Offer an unsent item to its sender again and return its outbox; None where it was sent or taken meanwhile."""
        with self._lock:
            key = OutboxKey(ticket=due.ticket, item=due.item)
            if key not in self._outbox or not self._agenda.has(due):
                return None
            outbox = self._outbox[key].message.outbox
            self._agenda.arm(key.ticket, key.item, now + offered_again_after(outbox))
            self._offered.append(key)
            return outbox


def _listed_in_order(entry: tuple[datetime, OutboxKey, _Item]) -> tuple[datetime, str, str]:
    at, key, _ = entry
    return at, key.ticket, key.item
