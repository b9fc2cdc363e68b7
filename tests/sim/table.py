"""The store in memory as the simulation sees it, and what is raised where something does not hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from datetime import datetime

from adapters.agenda import TICKET
from adapters.memory import MemoryStore
from application.storage import OutboxKey, OutboxState
from domain.ticket.outgoing import Outgoing
from tests.support.people import peopled


class Violation(BaseException):
    """Something that must hold does not. No handler's `except Exception` may hide it."""


class Table(MemoryStore):
    """The store in memory, opened to the model's eyes."""

    def __init__(self) -> None:
        super().__init__()
        peopled(self)
        self._tries: Counter[str] = Counter()
        self.failed: dict[OutboxKey, str] = {}
        """Items that are not tried again, and why."""
        self.on_outdated: Callable[[OutboxKey], None] = lambda _: None
        """Told of each item that is not needed any more, before it is recorded."""

    def give_up(self, key: OutboxKey, desk: str, *, at: datetime, error: str) -> None:
        """Record that an item will not be tried again, and why."""
        super().give_up(key, desk, at=at, error=error)
        self.failed[key] = error

    def mark_outdated(self, key: OutboxKey, *, at: datetime) -> None:
        """Record that an item is not needed any more."""
        self.on_outdated(key)
        super().mark_outdated(key, at=at)
        self.failed[key] = "outdated"

    def count_try(self, ses_message_id: str, change: int = 1, *, at: datetime, reason: str = "") -> None:
        """Count one more attempt at a letter that failed, or take one back, as the table does."""
        del at, reason  # the table forgets by the one, and the model looks at no reasons
        self._tries[ses_message_id] += change

    def tries(self, ses_message_id: str) -> int:
        """Return how many attempts at a letter failed."""
        return self._tries[ses_message_id]

    def last_failure(self, ses_message_id: str) -> str:
        """Return why the last attempt failed: the model keeps none of it."""
        del ses_message_id
        return ""

    def numbers(self) -> list[str]:
        """Return the numbers of all tickets, the oldest commit first."""
        return list(self._tickets)

    def armed(self, number: str, item: str = TICKET) -> datetime | None:
        """Return the instant at which a ticket, or a fault, comes due."""
        entry = self._agenda._armed.get((number, item))
        return entry.at if entry is not None else None

    def fault_numbers(self) -> list[str]:
        """Return the numbers of all faults, the oldest commit first."""
        return list(self._faults)

    def next_due_but(self, outboxes: Collection[str]) -> datetime | None:
        """Return the earliest instant armed, but for the items of some outboxes."""
        if not outboxes:
            return self.next_due()
        left_out = {(key.ticket, key.item) for key, item in self._outbox.items() if item.message.outbox in outboxes}
        return min((entry.at for key, entry in self._agenda._armed.items() if key not in left_out), default=None)

    def message(self, key: OutboxKey) -> Outgoing | None:
        """Return what an outgoing item says, None where there is no such item."""
        item = self._outbox.get(key)
        return item.message if item is not None else None

    def delivered(self, key: OutboxKey) -> frozenset[str]:
        """Return the names of the channels by which a page is marked as having left."""
        return self._outbox[key].delivered

    def still_to_leave(self) -> list[OutboxKey]:
        """Return the outgoing items that are neither sent nor given up."""
        done = (OutboxState.SENT, OutboxState.FAILED, OutboxState.OUTDATED)
        return [key for key, item in self._outbox.items() if item.state not in done]

    def ids_given(self, number: str) -> tuple[str, ...]:
        """Return the ids under which letters about a ticket have left."""
        return tuple(item.sent_id for key, item in self._outbox.items() if key.ticket == number and item.sent_id)
