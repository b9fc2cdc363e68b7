"""What an audit of bucket and table looks for, and what helps against each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Flaw(StrEnum):
    """What may be wrong."""

    LETTER_WITHOUT_RECORD = "letter without a record"
    """It was filed, and the table knows nothing of it: the table was restored to an instant before it."""
    LETTER_UNFINISHED = "letter unfinished"
    """It lies in `incoming/` for longer than `inbound` has for its retries."""
    RECORD_WITHOUT_LETTER = "record without its letter"
    RECORD_WITHOUT_TICKET = "record of a ticket that is gone"
    TICKET_WITHOUT_LETTERS = "ticket without letters"
    """No letter is in its history, and no alarm opened it."""
    TICKET_WITHOUT_RECORD = "ticket's letter without a record"
    HISTORY_WITHOUT_TICKET = "history without its ticket"
    OUTGOING_WITHOUT_TICKET = "outgoing item without its ticket"
    HISTORY_INCOMPLETE = "history with gaps"
    TICKET_MISPLACED = "ticket misplaced in the indexes"
    """It is open and not in the queue, closed and in it, or not armed for its own next instant."""
    OUTGOING_NOT_ARMED = "unsent item not armed"
    """Nothing offers it again: it would never leave."""
    OUTGOING_WAITS = "item unsent for long"
    REFERENCE_TO_NOTHING = "reference to nothing"
    FAULT_MISPLACED = "fault not armed for its next step"
    """Nothing pages, tells or ends by itself."""
    FAULT_OVERDUE = "fault whose next step is overdue"
    FAULT_UNLISTED = "open fault that its desk does not list"
    """Further reports of it would open another one."""
    FAULT_GONE = "ticket of a fault that is gone"
    """The ticket's promise runs, and nobody is paged for it."""
    FAULT_WITHOUT_TICKET = "ticket that its fault does not count"
    """Its reporter would not be told what becomes of the fault."""
    PAGE_WAITS = "last page of a fault unsent"
    """Nobody has taken it, and whoever should be woken has heard nothing for minutes."""
    ALARM_RINGS_ON = "alarm that rings on though its fault is over"
    """Somebody has ended the fault, or it is gone; the alarm has never said to be well."""
    FAULT_UNLIKE_HISTORY = "fault that differs from its history"
    ITEM_UNREADABLE = "item that cannot be read"
    """Its fields are not those that this version writes; nothing else is said of it."""


REPAIR = "reglament audit --repair"
REMEDIES: Mapping[Flaw, str] = {
    Flaw.LETTER_WITHOUT_RECORD: "reglament replay --unanswered {subject}",
    Flaw.LETTER_UNFINISHED: "reglament reconcile",
    Flaw.RECORD_WITHOUT_LETTER: REPAIR,
    Flaw.RECORD_WITHOUT_TICKET: "reglament replay --unanswered {subject}",
    Flaw.TICKET_WITHOUT_LETTERS: "docs/recovery.md, A few items",
    Flaw.TICKET_WITHOUT_RECORD: REPAIR,
    Flaw.HISTORY_WITHOUT_TICKET: REPAIR,
    Flaw.OUTGOING_WITHOUT_TICKET: "docs/recovery.md, A few items",
    Flaw.HISTORY_INCOMPLETE: "docs/recovery.md, A few items",
    Flaw.TICKET_MISPLACED: REPAIR,
    Flaw.OUTGOING_NOT_ARMED: REPAIR,
    Flaw.OUTGOING_WAITS: "reglament show {subject}, then the logs of mailer and clock",
    Flaw.FAULT_MISPLACED: REPAIR,
    Flaw.FAULT_OVERDUE: "reglament fault show {subject}, then the logs of clock",
    Flaw.FAULT_UNLISTED: REPAIR,
    Flaw.FAULT_GONE: "reglament critical {subject} --withdraw, then reglament critical {subject}: it pages",
    Flaw.FAULT_WITHOUT_TICKET: REPAIR,
    Flaw.PAGE_WAITS: "call whose turn it is (reglament oncall show), then the logs of pager",
    Flaw.ALARM_RINGS_ON: f"look at the alarm; once it is well or deleted, {REPAIR}",
    Flaw.FAULT_UNLIKE_HISTORY: "docs/recovery.md, A few items",
    Flaw.ITEM_UNREADABLE: "docs/recovery.md, A few items",
    Flaw.REFERENCE_TO_NOTHING: "none is needed: such answers find their ticket by token or subject",
}
"""What helps, a line each."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    flaw: Flaw
    subject: str
    """A key in the bucket, the number of a ticket or a fault, or a key of the table: what the remedy is about."""
    desk: str = ""
    """Empty where it is no one desk's."""
    at: datetime | None = None
    """When what it is about came, or was due; None where nothing says so."""
    detail: str = ""
    remedy: str = ""
    """What helps, where it differs from that of its flaw."""
    key: tuple[str, str] = ("", "")
    """The key of the item of the table that it is about, where it is about one."""

    @property
    def helped_by(self) -> str:
        """Return what helps against it."""
        return self.remedy or REMEDIES[self.flaw].format(subject=self.subject)


@dataclass(frozen=True, slots=True)
class Looked:
    """How much an audit read, and in how many requests: what it cost."""

    letters: int
    items: int
    requests: int
    read_units: float
