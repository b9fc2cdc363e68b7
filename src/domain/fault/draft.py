"""A fault's decision in the making: what is recorded and what is to be sent, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.fault.events import FaultEvent
from domain.fault.evolve import evolve_fault
from domain.fault.fault import Fault, PageSeries
from domain.regulation.edition import Edition
from domain.russian.wording import moment
from domain.ticket.outgoing import Audience, Outgoing, OutgoingMail, OutgoingPage, PageLevel

WHAT_SHOWN = 60
"""Characters of what was found that a page has room for at most."""


@dataclass(slots=True)
class FaultDraft:
    """Each event is applied as it is recorded, so that the next step sees the fault it made."""

    edition: Edition
    now: datetime
    state: Fault | None
    events: list[FaultEvent] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)
    caller: str | None = None
    """Who acts at the command line: every event of the decision records it."""

    @property
    def fault(self) -> Fault:
        """The fault as the events so far make it."""
        if self.state is None:
            raise RuntimeError("no fault has been opened yet")
        return self.state

    def record(self, event: FaultEvent) -> None:
        """Let an event happen."""
        if self.caller is not None:
            event = event.model_copy(update={"caller": self.caller})
        self.state = evolve_fault(self.state, event)
        self.events.append(event)

    def moment(self, at: datetime) -> str:
        """Return an instant as the desk's letters write it."""
        return moment(at, self.edition.hours.time_zone)

    def page(
        self, kind: str, level: PageLevel, params: Mapping[str, str] | None = None, *, counted: bool = True
    ) -> None:
        """Wake somebody by a page that the series has counted, or tell somebody who was woken by one that it has not."""
        fault = self.fault
        assert fault.series is not None  # pages belong to a series
        self.outgoing.append(
            OutgoingPage(
                kind=kind,
                desk=fault.desk,
                edition=fault.edition,
                ticket=fault.ticket,
                fault=fault.id,
                level=level,
                clause=fault.clause,
                params={**_always(fault), "what": fault.what[:WHAT_SHOWN], **(params or {})},
                number=fault.series.paged(level) if counted else 0,
                since=fault.series.began_at,
                due=fault.due,
            )
        )

    def mail(
        self, kind: str, params: Mapping[str, str] | None = None, *, to: str = "", due: datetime | None = None
    ) -> None:
        """Write to the desk's team, wherever it is reached as the letter leaves, or to one person."""
        fault = self.fault
        self.outgoing.append(
            OutgoingMail(
                kind=kind,
                desk=fault.desk,
                edition=fault.edition,
                ticket=fault.id,
                audience=Audience.FAULT,
                to=to,
                to_name="" if to else self.edition.desk.name,
                subject=fault.what,
                clause=fault.clause,
                params={
                    **_always(fault),
                    "since": self.moment(fault.since),
                    "first": fault.ticket,
                    **(params or {}),
                },
                due=due,
            )
        )

    def series(self, since: datetime) -> PageSeries:
        """Return pages that begin now, for a promise that counts from an instant: the first is about to be written."""
        terms, before = self.edition.critical, self.state.series if self.state is not None else None
        # Two series of a fault differ by when they begin, also where a driven clock stands still.
        return PageSeries(
            began_at=self.now if before is None else max(self.now, before.began_at + timedelta.resolution),
            next_page_at=self.now + terms.pause(1),
            escalate_at=since + terms.escalates_after,
            pages=1,
        )


def _always(fault: Fault) -> dict[str, str]:
    """Return what every page and letter about a fault says of it."""
    said = {"drill": "yes" if fault.drill else "", "flaps": str(fault.flaps or "")}
    return {name: value for name, value in said.items() if value}
