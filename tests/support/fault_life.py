"""A fault from its first report on: each command is decided as it comes, and what was written is kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from domain.fault.commands import (
    AcknowledgeFault,
    EndFault,
    FaultCommand,
    FireFaultTimers,
    JoinFault,
    OpenFault,
    QuietAlarm,
    ReopenFault,
)
from domain.fault.decide import FaultDecision, decide_fault
from domain.fault.events import FaultEvent
from domain.fault.fault import DeskFaults, End, Fault, Report, Source
from domain.fault.gather import Gathered, command_for, gather, lately_after
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_serving
from domain.ticket.outgoing import Outgoing, OutgoingMail, OutgoingPage, PageLevel
from tests.support.builders import MDO, moscow

NIGHT = moscow("2027-01-01 03:00")
"""On a holiday."""
EDITION = edition_serving(MDO, NIGHT)
TERMS = EDITION.critical
NUMBER = "MDO-F-7K3F9"
ANNA, BORIS = "anna@desk.example", "boris@desk.example"


def minutes(count: float) -> datetime:
    """Return an instant so many minutes after the night's first report."""
    return NIGHT + timedelta(minutes=count)


def a_report(at: datetime = NIGHT, **changes: Any) -> Report:
    """Return a letter of a verified sender that says that the service is down."""
    values: dict[str, Any] = {
        "source": Source.LETTER,
        "ticket": "MDO-7K3F-9QXZ",
        "at": at,
        "what": "сервис недоступен целиком",
        "signs": ("сервис недоступен целиком",),
        "kinds": ("outage",),
    }
    return Report(**{**values, **changes})


def an_alarm(at: datetime = NIGHT, alarm: str = "mdo-5xx", **changes: Any) -> Report:
    """Return what an alarm reports."""
    values: dict[str, Any] = {"source": Source.ALARM, "what": alarm, "alarm": alarm, "signs": (), "kinds": ()}
    return a_report(at, **{**values, **changes})


def a_word(at: datetime = NIGHT, **changes: Any) -> Report:
    """Return a specialist's word that a ticket is critical."""
    return a_report(at, **{"source": Source.WORD, "signs": (), "kinds": (), **changes})


class FaultLife:
    """A fault, with its history and all that it wrote."""

    def __init__(self, report: Report | None = None, *, edition: Edition = EDITION, **opening: Any) -> None:
        self.edition = edition
        self.state: Fault | None = None
        self.history: list[FaultEvent] = []
        self.written: list[tuple[datetime, Outgoing]] = []
        first = report if report is not None else a_report()
        self.do(OpenFault(NUMBER, first, **opening), max(first.at, NIGHT))

    @property
    def fault(self) -> Fault:
        """The fault as it is."""
        assert self.state is not None
        return self.state

    def do(self, command: FaultCommand, at: datetime) -> FaultDecision:
        """Decide a command at an instant, and let what follows happen."""
        decision = decide_fault(self.state, command, self.edition, at)
        self.state = decision.fault
        self.history += decision.events
        self.written += [(at, message) for message in decision.outgoing]
        return decision

    def sweep(self, *at: float) -> FaultDecision:
        """Let what is due happen at each of these minutes; return the last decision."""
        return [self.do(FireFaultTimers(), minutes(minute)) for minute in at][-1]

    def sweep_until(self, last: int, since: int = 1) -> None:
        """Sweep every minute."""
        self.sweep(*range(since, last + 1))

    def join(self, report: Report) -> FaultDecision:
        """Let a report join as it comes."""
        return self.do(JoinFault(report), max(report.at, NIGHT))

    def reopen(self, report: Report) -> FaultDecision:
        """Let a report reopen it as it comes."""
        return self.do(ReopenFault(report), report.at)

    def quiet(self, at: float, alarm: str = "mdo-5xx") -> FaultDecision:
        """Let an alarm say that all is well."""
        return self.do(QuietAlarm(alarm, minutes(at)), minutes(at))

    def take(self, at: float, by: str = ANNA, *, read: float | None = None) -> FaultDecision:
        """Acknowledge it by a word that was received at a minute, and read then or later."""
        return self.do(AcknowledgeFault(by, minutes(at)), minutes(at if read is None else read))

    def end(self, at: float, end: End = End.RESOLVED, by: str = ANNA, *, read: float | None = None) -> FaultDecision:
        """End it by a word that was received at a minute."""
        return self.do(EndFault(end, by, minutes(at)), minutes(at if read is None else read))

    def pages(self, level: PageLevel | None = None) -> list[str]:
        """Return the kinds of the pages so far."""
        return [
            message.kind
            for _, message in self.written
            if isinstance(message, OutgoingPage) and level in (None, message.level)
        ]

    def paged_at(self, level: PageLevel = PageLevel.ON_CALL) -> list[int]:
        """Return the minutes of the pages of a level."""
        return [
            round((at - NIGHT) / timedelta(minutes=1))
            for at, message in self.written
            if isinstance(message, OutgoingPage) and message.level is level
        ]

    def letters(self) -> list[str]:
        """Return the kinds of the letters so far."""
        return [message.kind for _, message in self.written if isinstance(message, OutgoingMail)]


class Desk:
    """All faults of a desk: each report is put where it belongs, as the application does it."""

    def __init__(self, edition: Edition = EDITION) -> None:
        self.edition = edition
        self.faults: dict[str, Fault] = {}
        self.lately = DeskFaults()
        self.written: list[Outgoing] = []

    def report(self, report: Report, at: datetime | None = None) -> Gathered:
        """Let a report be handled as it comes, or at an instant; return where it belonged."""
        now = at if at is not None else report.at
        listed = [self.faults[number] for number in self.lately.numbers]
        gathered = gather(report, listed, self.lately, self.edition, now)
        command = command_for(gathered, report, f"MDO-F-{len(self.faults):05d}")
        changed = self._do(None if isinstance(command, OpenFault) else gathered.fault, command, now)
        self.lately = lately_after(self.lately, listed, changed, gathered, self.edition, now)
        return gathered

    def do(self, number: str, command: FaultCommand, at: datetime) -> Fault:
        """Decide a command on a fault."""
        return self._do(self.faults[number], command, at)

    def _do(self, fault: Fault | None, command: FaultCommand, at: datetime) -> Fault:
        decision = decide_fault(fault, command, self.edition, at)
        assert decision.fault is not None
        self.faults[decision.fault.id] = decision.fault
        self.written += decision.outgoing
        return decision.fault

    @property
    def pages(self) -> list[OutgoingPage]:
        """All pages so far."""
        return [message for message in self.written if isinstance(message, OutgoingPage)]
