"""What may be asked of a fault."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.fault.fault import End, FaultNote, News, Report


@dataclass(frozen=True, slots=True)
class OpenFault:
    """A report is of no fault that is known."""

    number: str
    report: Report
    bounded: bool = False
    """Strangers have caused enough pages in the last hour: nobody is woken, and the team is told so."""
    last_allowed: bool = False
    """Strangers cause the last series of pages of the hour with it: the page says so."""
    drill: bool = False


@dataclass(frozen=True, slots=True)
class JoinFault:
    """A report is of a fault that is open."""

    report: Report
    wakes: bool = False
    """A report by a stranger begins the pages of a fault that strangers had nobody woken for: they may cause pages again."""
    last_allowed: bool = False
    """As of `OpenFault`."""


@dataclass(frozen=True, slots=True)
class ReopenFault:
    """A report is of a fault that ended a short while ago: it pages again."""

    report: Report
    last_allowed: bool = False
    """As of `OpenFault`."""


@dataclass(frozen=True, slots=True)
class QuietAlarm:
    """An alarm of the fault reports that all is well."""

    alarm: str
    """Its key."""
    at: datetime


@dataclass(frozen=True, slots=True)
class DetachTicket:
    """A ticket is not of this fault: by a specialist's word, or because it was closed, refused or withdrawn."""

    ticket: str
    by: str
    at: datetime
    reports_left: int
    """How many tickets are left without it."""
    end: End | None = None
    """How the fault ends where none is left; None for a false alarm."""
    caller: str | None = None
    into: str = ""
    """The fault that it reports from now on; empty for none."""
    alarm: str = ""
    """Of an alarm's ticket that reports another fault from now on: the alarm's key, which goes with it."""
    first_left: str = ""
    """Of the tickets that are left, the one that reported first."""
    machines_left: bool = False
    """Whether all that are left are of alarms."""


@dataclass(frozen=True, slots=True)
class AcknowledgeFault:
    """Somebody has taken it in hand. `at` is when the word was received."""

    by: str
    at: datetime
    caller: str | None = None


@dataclass(frozen=True, slots=True)
class TouchFault:
    """Somebody did something about one of its tickets."""

    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class EndFault:
    """It is over, or was none."""

    end: End
    by: str
    at: datetime
    caller: str | None = None
    text: str = ""
    """More words for those who reported it, in the desk's letter."""


@dataclass(frozen=True, slots=True)
class NoteFault:
    """A letter about it was read."""

    by: str
    at: datetime
    """When it was received."""
    letter: str
    """SES message id."""
    known_by: str
    note: FaultNote
    text: str = ""
    """What it says, its secrets masked."""
    told: str = ""
    """What is told of it, in whole sentences."""
    to_writer: bool = False
    """Whether its writer is one of the desk's people and proved: who asked for something hears what became of it."""


@dataclass(frozen=True, slots=True)
class FireFaultTimers:
    """The time has come: whatever is due by now happens, in order."""


@dataclass(frozen=True, slots=True)
class MarkTold:
    """The tickets up to one have been told; all of them where `done`."""

    news: News
    upto: str
    done: bool = False


FaultCommand = (
    OpenFault
    | JoinFault
    | ReopenFault
    | QuietAlarm
    | DetachTicket
    | AcknowledgeFault
    | TouchFault
    | EndFault
    | NoteFault
    | FireFaultTimers
    | MarkTold
)
