"""What happened to a fault: the entries of its history, from which the fault itself follows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from domain.fault.fault import End, Fault, FaultNote, News, PageSeries, Report
from domain.findings import Value


class FaultTimerKind(StrEnum):
    """What of a fault comes due by itself."""

    PAGE_REPEAT = "page_repeat"
    PAGE_ESCALATE = "page_escalate"
    BREACH = "breach"
    QUIET = "quiet"
    """Its alarms have been quiet for long enough: it is over."""
    REMIND = "remind"
    """Nobody has touched it for long."""
    PAGE_AGAIN = "page_again"
    """Who took it has not touched it for so long that somebody is woken again."""
    TELL = "tell"
    """Its tickets are to be told what became of it."""


class FaultHappened(Value):
    """What all events have: the instant, aware, UTC, and who made it happen by the command line."""

    at: datetime
    caller: str | None = None


class FaultOpened(FaultHappened):
    """A report was of no fault that was known. `fault` is the whole value as it begins."""

    type: Literal["fault_opened"] = "fault_opened"
    fault: Fault


class ReportJoined(FaultHappened):
    """A report joined."""

    type: Literal["report_joined"] = "report_joined"
    report: Report
    series: PageSeries | None = None
    """The pages that begin with it: it is the first that is proved, and strangers had nobody woken."""
    due: datetime
    """By when the fault has to have been taken, as it is with this report."""


class FaultReopened(FaultHappened):
    """It is back, and pages again."""

    type: Literal["fault_reopened"] = "fault_reopened"
    report: Report
    series: PageSeries
    due: datetime


class AlarmWentQuiet(FaultHappened):
    """An alarm of it reports that all is well; `quiet` where none of a fault of alarms is left."""

    type: Literal["alarm_went_quiet"] = "alarm_went_quiet"
    alarm: str
    quiet: bool
    told: bool = False
    """Whether the team is told that all its alarms are quiet, though it does not end by that."""


class TicketDetached(FaultHappened):
    """A ticket belongs to it no more."""

    type: Literal["ticket_detached"] = "ticket_detached"
    ticket: str
    by: str
    alarm: str = ""
    """The alarm that reports another fault from now on; empty for none."""
    quiet: bool = False
    """Whether all alarms that are left are quiet, where alarms alone report it."""
    first: str = ""
    """The ticket that reported it first of those that are left, where another one was the first; empty where none is left."""
    by_alarms_only: bool = False
    """Whether alarms alone report it without the ticket."""


class FaultTimerFired(FaultHappened):
    """An instant came due. `at` is when it was noticed, `due` when it was meant."""

    type: Literal["fault_timer_fired"] = "fault_timer_fired"
    timer: FaultTimerKind
    due: datetime
    clause: str | None = None
    series: PageSeries | None = None
    """The pages as they are after it, where it changes them."""


class FaultAcknowledged(FaultHappened):
    """Somebody has taken it in hand: no more pages. `at` is when the word was received."""

    type: Literal["fault_acknowledged"] = "fault_acknowledged"
    by: str


class BreachTakenBack(FaultHappened):
    """It was taken in time; the word was read after the breach had been told."""

    type: Literal["breach_taken_back"] = "breach_taken_back"
    by: str
    received_at: datetime


class FaultTouched(FaultHappened):
    """Somebody did something about one of its tickets."""

    type: Literal["fault_touched"] = "fault_touched"
    by: str


class FaultEnded(FaultHappened):
    """It is over, or was none."""

    type: Literal["fault_ended"] = "fault_ended"
    end: End
    by: str
    tells: bool = True
    """Whether there are tickets to be told; False where the last one was detached."""
    into: str = ""
    """The fault that its last ticket reports from now on; empty where it ended otherwise."""
    text: str = ""
    """More words for those who reported it."""


class FaultNoted(FaultHappened):
    """A letter about it was read: an answer to a page, or to a letter to the team. `at` is when it was received."""

    type: Literal["fault_noted"] = "fault_noted"
    by: str
    """Whose letter it is, by its From."""
    letter: str
    """SES message id: the letter lies under it in the bucket."""
    known_by: str = ""
    """By what another copy of it is known (`domain.fault.answers.known_by`)."""
    note: FaultNote


class TicketsTold(FaultHappened):
    """The tickets up to one were told; all of them where `done`."""

    type: Literal["tickets_told"] = "tickets_told"
    news: News
    upto: str
    done: bool = False


FaultEvent = (
    FaultOpened
    | ReportJoined
    | FaultReopened
    | AlarmWentQuiet
    | TicketDetached
    | FaultTimerFired
    | FaultAcknowledged
    | BreachTakenBack
    | FaultTouched
    | FaultEnded
    | FaultNoted
    | TicketsTold
)

FAULT_EVENT: TypeAdapter[FaultEvent] = TypeAdapter(Annotated[FaultEvent, Field(discriminator="type")])
"""Reads an event back from what was stored."""
