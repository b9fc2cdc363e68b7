"""The ticket: one request's whole state as an immutable value, and which statuses may follow which."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from domain.fault.fault import News
from domain.findings import Category, Classification, Finding, Identification, Value
from domain.letter import Trust
from domain.ticket.outgoing import PageLevel

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that a number survives being read out on the telephone."""


class Status(StrEnum):
    """Where a ticket is in its life."""

    OPEN = "open"
    """No specialist has reacted."""
    IN_PROGRESS = "in_progress"
    AWAITING_REQUESTER = "awaiting_requester"
    CLOSED = "closed"


class CloseOutcome(StrEnum):
    """How a ticket ended."""

    RESOLVED = "resolved"
    LAPSED = "lapsed"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    WITHDRAWN = "withdrawn"


TRANSITIONS: Mapping[Status, frozenset[Status]] = MappingProxyType(
    {
        Status.OPEN: frozenset({Status.IN_PROGRESS, Status.AWAITING_REQUESTER, Status.CLOSED}),
        Status.IN_PROGRESS: frozenset({Status.AWAITING_REQUESTER, Status.CLOSED}),
        Status.AWAITING_REQUESTER: frozenset({Status.OPEN, Status.IN_PROGRESS, Status.CLOSED}),
        Status.CLOSED: frozenset({Status.OPEN, Status.AWAITING_REQUESTER}),
    }
)
"""Which status may follow which; anything else is a bug and is refused by `evolve`."""


class AskedFor(StrEnum):
    """What the desk waits for the client to answer."""

    DETAILS = "details"
    """Required details, asked for by the desk itself."""
    QUESTION = "question"
    SOLUTION = "solution"
    """A proposed solution, to be confirmed."""


class Priority(StrEnum):
    """How soon a specialist means to take it; set by a specialist, moves no deadline by itself."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


ALARM_KEY = "alarm:"
"""Begins the client key of a ticket that an alarm opened."""


class Requester(Value):
    """Who asked: answers go to this address and no other."""

    address: str
    """Normalised, the domain in punycode; empty for a CloudWatch alarm, or a letter without an author."""
    name: str = ""
    client_key: str
    """The client's id, or `address:<address>` for a sender unknown to the registry."""
    trust: Trust

    @property
    def is_alarm(self) -> bool:
        """Whether an alarm opened the ticket; a letter without an author has no address either."""
        return not self.address and self.client_key.startswith(ALARM_KEY)


class Span(Value):
    """A time from one instant to another, both aware; `end` None while it lasts. The client's time is kept so (MDO 2.4)."""

    start: datetime
    end: datetime | None = None


class ReactionClock(Value):
    """The promise of a first reaction, and what became of it."""

    counted_from: datetime
    due: datetime
    warn_at: datetime
    clause: str | None
    """The clause that promises it; None for a house rule."""
    undecreed_years: tuple[int, ...] = ()
    """Years whose production calendar was not decreed yet when `due` was computed."""
    warned_at: datetime | None = None
    breached_at: datetime | None = None
    stopped_at: datetime | None = None

    @property
    def runs(self) -> bool:
        """True until a specialist reacts or the ticket is closed."""
        return self.stopped_at is None


class LapseClock(Value):
    """The client's term to answer what the desk asked. It counts from when the question left (MDO 2.5)."""

    asked_at: datetime
    """When the question was written; it names the wait that the question begins."""
    asked_for: AskedFor
    due: datetime
    remind_at: datetime | None
    clause: str | None
    lapses: bool
    """False where silence only reminds the specialist."""
    undecreed_years: tuple[int, ...] = ()
    """Years whose production calendar was not decreed yet when `due` was computed."""
    reminded_at: datetime | None = None
    expired_at: datetime | None = None
    """When the term ended unanswered at a desk where it does not lapse."""
    unsent: bool = False
    """True until the question has left: nobody owes an answer to what was only written, and `due` says nothing yet."""
    left_at: datetime | None = None
    """From when the term counts; None until the question has left, and for one asked by an earlier version."""
    shortened: datetime | None = None
    """An earlier end than `due`, which holds once the letter that tells the client of it has left."""

    @property
    def counted_from(self) -> datetime:
        """From when the term counts, as far as it is known."""
        return self.left_at or self.asked_at

    @property
    def counts(self) -> bool:
        """Whether the client's time runs: the question has left, and the term has not ended."""
        return not self.unsent and self.expired_at is None


class OwedAnswer(Value):
    """A client wrote on a ticket that a specialist has reacted to, and has no answer yet (house rule)."""

    since: datetime
    """When the first letter without an answer was received."""
    counted_from: datetime
    """When the letter was received that the reminders count from."""
    text: str
    """The beginning of what the client wrote last."""
    owner_at: datetime
    team_at: datetime
    owner_reminded_at: datetime | None = None
    team_reminded_at: datetime | None = None

    @property
    def is_done(self) -> bool:
        """Whether everybody has been reminded."""
        return self.owner_reminded_at is not None and self.team_reminded_at is not None


class Told(Value):
    """What a ticket was told of its fault."""

    fault: str = ""
    """Of which fault."""
    news: News
    at: datetime
    """When it became true, by which the news of one kind differ."""
    by_letter: bool
    """Whether the requester was written to on this ticket."""


class CriticalClock(Value):
    """The five-minute promise to who reported a critical fault, round the clock. The pages are the fault's."""

    fault: str = ""
    """The number of the fault that it belongs to; empty where an earlier version paged for the ticket alone."""
    since: datetime
    due: datetime
    escalate_at: datetime | None = None
    """This and what follows of pages is of tickets that an earlier version paged for by themselves."""
    next_page_at: datetime | None = None
    pages: int = 0
    """Pages to the on-call."""
    escalations: int = 0
    """Pages to the escalation contact, as far as they were counted."""
    escalated_at: datetime | None = None
    clause: str | None
    evidence: tuple[str, ...] = ()
    raised_by: str = ""
    breached_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    ended_at: datetime | None = None
    """Withdrawn, or the ticket closed."""
    withdrawn: bool = False
    """A specialist judged it no critical fault: the client's next letter does not page again."""
    told: tuple[Told, ...] = ()
    """What the ticket was told of the fault, in order."""
    told_of_others: tuple[Told, ...] = ()
    """What it was told of the faults that it reported before, the last twenty."""

    @property
    def runs(self) -> bool:
        """True until somebody acknowledges the fault or it ends."""
        return self.acknowledged_at is None and self.ended_at is None

    def paged(self, level: PageLevel) -> int:
        """Return how many pages of a level an earlier version wrote for the ticket alone."""
        return self.pages if level is PageLevel.ON_CALL else self.escalations

    @property
    def is_unadopted(self) -> bool:
        """Whether an earlier version raised it, which paged for the ticket alone, and no fault pages for it yet."""
        return self.runs and not self.fault and self.next_page_at is not None


class HeldAnswer(Value):
    """A specialist's letter that waits for the word that sends it."""

    letter: str
    """SES message id."""
    by: str
    text: str
    act: str = "reply"
    """What the word does with the text."""
    clause: str | None = None
    among_others: bool = False
    """Whether more than one letter is held, so that a word alone sends none."""


class Digest(Value):
    """A letter to the team that the ticket is due to send: what the limits withheld, of this ticket and of others."""

    counted_as: str
    """Under what it was counted; there lies what the letter tells of (`SentLately`)."""
    due: datetime


class Ticket(Value):
    """One request, as its history makes it: `evolve` is the only way to a new one."""

    id: str
    desk: str
    edition: str
    """The edition in force when its first letter arrived; it rules for the ticket's whole life."""
    version: int = 0
    """Number of commits; every write is conditional on it."""
    status: Status = Status.OPEN
    outcome: CloseOutcome | None = None
    reason: str = ""
    clause: str | None = None
    requester: Requester
    subject: str = ""
    identification: Identification = Identification()
    category: Category = Category.IN_SCOPE
    findings: tuple[Finding, ...] = ()
    """What the rules said of the first letter, the settled ones included."""
    arrived_at: datetime
    reaction: ReactionClock | None = None
    """None while required details are missing."""
    reacted_at: datetime | None = None
    """The first specialist's act ever."""
    lapse: LapseClock | None = None
    """Present only while the desk waits for the client."""
    lapsed: LapseClock | None = None
    """The term over which the ticket lapsed, while that may turn out wrong: as long as it is closed by it."""
    owed: OwedAnswer | None = None
    """Present only while a client waits for an answer that no clock promises."""
    waits: tuple[Span, ...] = ()
    """Every time the desk waited for the client, kept apart from the desk's own time."""
    returns_to: Status = Status.OPEN
    """Where the client's answer returns the ticket from waiting."""
    details_asked: int = 0
    critical: CriticalClock | None = None
    priority: Priority = Priority.NORMAL
    assignee: str | None = None
    held: HeldAnswer | None = None
    """The specialist's letter held last, until it is sent or somebody acts otherwise."""
    closed_at: datetime | None = None
    reopened: int = 0
    linked: tuple[str, ...] = ()
    thread: tuple[str, ...] = ()
    """Message ids of the client's letters, newest last, for References."""
    repeats: int = 0
    """How often the client sent the same letter again."""
    failed: tuple[str, ...] = ()
    """Letters of ours that did not arrive, by what reported them; the last ones."""
    digests: tuple[Digest, ...] = ()
    """Also of a closed ticket: it was the first of which something was withheld."""
    proved_at: datetime | None = None
    """When SES received the latest letter that is proved to come from the requester's own address."""

    @property
    def suggestions(self) -> tuple[Finding, ...]:
        """What the rules suggest and no specialist has settled yet."""
        return Classification(
            identification=self.identification, findings=self.findings, category=self.category
        ).suggestions

    @property
    def queued_from(self) -> datetime:
        """The arrival that gives the place in the queue: of the letter that made it a request (Storeolis 2.3)."""
        return self.reaction.counted_from if self.reaction else self.arrived_at

    @property
    def promised_by(self) -> datetime | None:
        """The nearest instant by which the desk owes a reaction; None where it owes none now."""
        due = [clock.due for clock in (self.reaction, self.critical) if clock is not None and clock.runs]
        return min(due, default=None)

    @property
    def promise_undecreed_years(self) -> tuple[int, ...]:
        """Years not decreed yet on which `promised_by` rests; the minutes of a critical fault rest on none."""
        reaction = self.reaction
        return reaction.undecreed_years if reaction is not None and self.promised_by == reaction.due else ()


def ticket_id(prefix: str, desk: str, origin: str, attempt: int = 0) -> str:
    """Return a ticket number such as `MDO-7K3F-9QXZ`, the same for the same letter.

    `origin` is what the ticket comes from: the SES message id of its letter, or an alarm's name and
    time. The 40 bits will collide one day; `attempt` derives the next candidate then.
    """
    digest = hashlib.sha256(f"{desk}\n{origin}\n{attempt}".encode()).digest()
    bits = int.from_bytes(digest[:5], "big")
    letters = "".join(CROCKFORD[bits >> shift & 31] for shift in range(35, -5, -5))
    return f"{prefix}-{letters[:4]}-{letters[4:]}"
