"""What may be asked of a ticket: by a letter, an alarm, a specialist, or the time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.fault.alarm import NOWHERE, AlarmPlace
from domain.fault.fault import News
from domain.findings import Classification, Ruling
from domain.letter import Letter
from domain.ticket.lately import Counts
from domain.ticket.ticket import CloseOutcome, Priority


@dataclass(frozen=True, slots=True)
class OpenByLetter:
    """A letter asks for something new."""

    ticket: str
    letter: Letter
    client_key: str
    classification: Classification
    ruling: Ruling
    linked: str | None = None
    """The ticket it refers to without belonging there."""


@dataclass(frozen=True, slots=True)
class OpenByAlarm:
    """A CloudWatch alarm reports a fault of the service."""

    ticket: str
    alarm: str
    reason: str
    since: datetime | None = None
    """When it changed its state, by CloudWatch; None for now. The promise counts from there, however late the news."""
    place: AlarmPlace = NOWHERE
    name: str = ""
    """As people read it; empty where `alarm` is what they read."""


@dataclass(frozen=True, slots=True)
class RaiseAlarmAgain:
    """The alarm of an open ticket reports a fault once more."""

    alarm: str
    reason: str
    since: datetime
    """When it changed its state, by CloudWatch."""
    place: AlarmPlace = NOWHERE


@dataclass(frozen=True, slots=True)
class AddLetter:
    """A client's letter joins a ticket that it answers or repeats."""

    letter: Letter
    classification: Classification
    duplicate: bool = False
    by_requester: bool = True
    """False for a letter that a valid token brought here from somebody else's address."""
    same_client: bool = False
    """True where the registry has the writer's address and the requester's for one client."""
    older_wait: bool = False
    """True where letters are unread that were received before: the quota refuses nothing by itself."""
    another_fault: bool = False
    """True where it reports another fault than the one that the ticket reports and somebody has in hand."""


@dataclass(frozen=True, slots=True)
class AddNote:
    """A specialist's letter that may not speak for the desk joins the ticket, for the team's eyes."""

    letter: Letter
    why: str


class Act(StrEnum):
    """What a specialist does; the first five are reactions by the regulation's meaning."""

    REPLY = "reply"
    ASK = "ask"
    SOLVE = "solve"
    TAKE = "take"
    REFUSE = "refuse"
    CLOSE = "close"
    REOPEN = "reopen"
    ACCEPT = "accept"
    """Overturn what a rule decided or suggests."""
    NOTE = "note"
    PRIORITY = "priority"
    CRITICAL = "critical"
    WITHDRAW_CRITICAL = "withdraw_critical"
    ACKNOWLEDGE = "acknowledge"


@dataclass(frozen=True, slots=True)
class SpecialistAct:
    """A specialist does something, by mail or at the command line."""

    act: Act
    by: str
    """Whom history names: the specialist's address, or the user of the command line."""
    text: str = ""
    clause: str | None = None
    outcome: CloseOutcome = CloseOutcome.RESOLVED
    priority: Priority = Priority.NORMAL
    letter: Letter | None = None
    """The letter it came by, if it did."""
    caller: str | None = None
    """Who acts at the command line, by the credentials (see `domain.caller`); None for what comes by mail."""


class HoldReason(StrEnum):
    """Why a specialist's letter is held: what the desk takes it for."""

    NEAR_COMMAND = "near_command"
    COMMAND_WITH_TEXT = "command_with_text"
    UNKNOWN_COMMAND = "unknown_command"
    COMMAND_BELOW = "command_below"
    COLLEAGUE = "colleague"
    HANDED_ON = "handed_on"
    ABOUT_THE_CLIENT = "about_the_client"
    INTERNAL = "internal"
    AWAY = "away"
    CARD = "card"
    BELOW_THE_QUOTATION = "below_the_quotation"
    NO_TEXT = "no_text"
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class HoldAnswer:
    """A specialist's letter may not be meant for the client: it waits for a word."""

    letter: Letter
    by: str
    text: str
    """What the word releases; empty where nothing of the letter may go as it is."""
    reason: HoldReason
    note: str
    """What the team is told."""
    act: Act = Act.REPLY
    """What the word does with the text."""
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class FireTimers:
    """The time has come: whatever is due by now happens, in order, but for what is held (`domain.ticket.holding`)."""

    waiting_since: datetime | None = None
    """Since when letters have been waiting unread; None where none does that matters."""
    counts: Counts = field(default_factory=dict)
    """What was sent lately, of each digest that is due: without it the digest waits."""


@dataclass(frozen=True, slots=True)
class FaultNews:
    """What became of the fault that the ticket reports: somebody took it, it is over, or there was none."""

    fault: str
    """Its number: a ticket that was detached from it is told nothing."""
    news: News
    by: str
    at: datetime
    """When it became true."""
    tells: bool
    """Whether the requester is to be written to on this ticket: each is once, however many tickets."""
    others: tuple[str, ...] = ()
    """The requester's other tickets of the fault."""
    text: str = ""
    """What a specialist tells the requester besides."""
    has_left: bool = False
    """Whether the ticket has left the fault: then only a breach that was none is corrected."""


@dataclass(frozen=True, slots=True)
class ReportFault:
    """A specialist says which fault the ticket reports; the fault is handed to the decision."""

    by: str
    caller: str | None = None
    """Who acts at the command line, by the credentials (see `domain.caller`)."""


@dataclass(frozen=True, slots=True)
class StartTerm:
    """The question of a wait has left, now: the client's term counts from here. Or a letter that shortens the term."""

    asked_at: datetime
    """The wait, by `LapseClock.asked_at`."""
    due: datetime | None = None
    """The earlier end that has been told; None where the question has left."""


@dataclass(frozen=True, slots=True)
class ResolveAlarm:
    """The alarm that opened the ticket is over."""

    reason: str
    place: AlarmPlace = NOWHERE


@dataclass(frozen=True, slots=True)
class ReportFailedDelivery:
    """A letter of ours did not arrive."""

    address: str
    detail: str
    message: str
    asked_at: datetime | None = None
    """The wait that the letter is about, by `LapseClock.asked_at`; None for another letter, or where it is not known."""
    reported_at: datetime | None = None
    """When a report was made that does not say which letter it is about; None where that is known."""


@dataclass(frozen=True, slots=True)
class RecomputeClocks:
    """The production calendar was corrected."""

    caller: str | None = None
    """Who has them recomputed, by the credentials (see `domain.caller`)."""


Command = (
    OpenByLetter
    | OpenByAlarm
    | RaiseAlarmAgain
    | AddLetter
    | AddNote
    | SpecialistAct
    | HoldAnswer
    | FireTimers
    | FaultNews
    | ReportFault
    | StartTerm
    | ResolveAlarm
    | ReportFailedDelivery
    | RecomputeClocks
)
