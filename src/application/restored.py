"""A table restored to an instant: what becomes of the letters and pages that had not left by then.

Nobody but the damaged table can say whether such a letter has left since. Where it can be read, its word is taken.
Where it cannot, the letter is given up with the reason and listed, so that a person decides: a client who is written
to twice cannot be written to less. A page stays to be sent: one that nobody got is worse than one that comes twice,
and one whose fault is acknowledged or over does not leave (`domain.fault.paging`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from application.left import record_departure
from application.ports import RestoredOutbox, Store
from application.storage import Departure, Evidence, OutboxState, Unsettled
from domain.ticket.outgoing import OutgoingPage


class Fate(StrEnum):
    """What becomes of an item that had not left at the instant of the restore."""

    SENT = "sent"
    """The damaged table says so: it is marked, and a term that begins with its leaving counts from then."""
    OUTDATED = "outdated"
    """The damaged table says that it was not needed any more."""
    GIVEN_UP = "given up"
    """It may have left: it is listed, and a person decides."""
    WAITS = "waits"
    """It is sent when the stack runs again: a page, or a letter that the damaged table knows to be unsent."""


@dataclass(frozen=True, slots=True)
class Settled:
    """An item, and what becomes of it."""

    item: Unsettled
    fate: Fate
    reason: str = ""


def fate_of(item: Unsettled, evidence: Evidence | None, restored_to: datetime) -> Settled:
    """Return what becomes of an item; `evidence` is what the damaged table says of it, None where nobody can say."""
    known = evidence.state if evidence is not None else None
    if known is OutboxState.SENT:
        return Settled(item, Fate.SENT)
    if known is OutboxState.OUTDATED:
        return Settled(item, Fate.OUTDATED)
    if isinstance(item.message, OutgoingPage):
        return Settled(item, Fate.WAITS)
    if known is OutboxState.FAILED and evidence is not None:
        return Settled(item, Fate.GIVEN_UP, evidence.error)
    if known is OutboxState.PENDING:
        return Settled(item, Fate.WAITS)
    return Settled(item, Fate.GIVEN_UP, f"restored: it may have left after {restored_to.isoformat(timespec='seconds')}")


def carry_out(settled: Settled, evidence: Evidence | None, outbox: RestoredOutbox, store: Store, now: datetime) -> None:
    """Write what becomes of an item; nothing is written where it was settled meanwhile."""
    key, message = settled.item.key, settled.item.message
    match settled.fate:
        case Fate.SENT:
            assert evidence is not None  # by its word
            left = Departure(key, message.desk, evidence.sent_at or now, evidence.sent_id, evidence.sent_text)
            record_departure(message, left, store)
        case Fate.OUTDATED:
            outbox.settle_outdated(settled.item, at=now)
        case Fate.GIVEN_UP:
            outbox.settle_given_up(settled.item, at=now, error=settled.reason)
        case Fate.WAITS:
            return
