"""What comes due, in memory: the counterpart of the table's `due` index."""

from __future__ import annotations

from datetime import datetime
from heapq import heapify, heappop, heappush
from typing import NamedTuple

from application.storage import Due

TICKET, FAULT = "TICKET", "FAULT"
"""The item of a ticket or a fault itself in the `due` index, as the table names it."""


class _Entry(NamedTuple):
    """Something that comes due, comparable by what comes first: of one ticket or fault, itself before what it sends."""

    at: datetime
    ticket: str
    is_outgoing: bool
    item: str
    turn: int
    """How many were armed before: no two entries are equal."""
    tries: int = 0
    """How often it has failed and was deferred."""


class Agenda:
    """What comes due, so that asking costs what is due and not what is armed: a heap, the earliest at its root.

    What is moved or disarmed stays in the heap until it surfaces, or until such leftovers are the greater part.
    """

    def __init__(self) -> None:
        self._heap: list[_Entry] = []
        self._armed: dict[tuple[str, str], _Entry] = {}
        self._turn = 0

    def arm(self, ticket: str, item: str, at: datetime | None, tries: int = 0) -> None:
        """Let an item come due at an instant and at no other; None disarms it."""
        key = (ticket, item)
        if at is None:
            self._armed.pop(key, None)
        elif (known := self._armed.get(key)) is None or (known.at, known.tries) != (at, tries):
            self._turn += 1
            entry = self._armed[key] = _Entry(at, ticket, item not in (TICKET, FAULT), item, self._turn, tries)
            heappush(self._heap, entry)
        if len(self._heap) > 2 * len(self._armed) + 64:
            self._heap = list(self._armed.values())
            heapify(self._heap)

    def has(self, due: Due) -> bool:
        """Return whether an entry is still as it was read."""
        entry = self._armed.get((due.ticket, due.item))
        return entry is not None and (entry.at, entry.tries) == (due.at, due.tries)

    def due_at(self, ticket: str, item: str) -> datetime:
        """Return the instant for which an item is armed; raises KeyError where it is not."""
        return self._armed[ticket, item].at

    def first(self) -> datetime | None:
        """Return the earliest instant armed, or None."""
        while self._heap and not self._holds(self._heap[0]):
            heappop(self._heap)
        return self._heap[0].at if self._heap else None

    def until(self, now: datetime) -> list[Due]:
        """Return what is due by an instant, the earliest first; it stays armed."""
        reached: list[_Entry] = []
        while (first := self.first()) is not None and first <= now:
            reached.append(heappop(self._heap))
        for entry in reached:
            heappush(self._heap, entry)
        return [Due(ticket=entry.ticket, item=entry.item, at=entry.at, tries=entry.tries) for entry in reached]

    def _holds(self, entry: _Entry) -> bool:
        return self._armed.get((entry.ticket, entry.item)) is entry
