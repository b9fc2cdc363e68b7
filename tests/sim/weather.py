"""What is out of order in a simulated world, from when until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LENGTHS: dict[str, tuple[timedelta, ...]] = {
    "inbound": (7 * MINUTE, 5 * HOUR, 30 * HOUR, 60 * HOUR),
    "queue": (40 * MINUTE, 6 * HOUR, 48 * HOUR),
    "mailer": (20 * MINUTE, 5 * HOUR, 50 * HOUR, 3 * DAY),
    "pager": (7 * MINUTE, 40 * MINUTE, 3 * HOUR),
    "clock": (7 * MINUTE, 2 * HOUR, 20 * HOUR, 50 * HOUR),
    "alarm": (20 * MINUTE, 3 * HOUR, 20 * HOUR),
    "feedback": (2 * HOUR, 40 * HOUR),
    "reconcile": (5 * HOUR, 50 * HOUR),
    "ses": (12 * MINUTE, 130 * MINUTE, 9 * HOUR, 30 * HOUR, 60 * HOUR),
    "sns": (3 * MINUTE, 14 * MINUTE, 50 * MINUTE, 3 * HOUR),
    "dynamodb": (3 * MINUTE, 25 * MINUTE, 2 * HOUR),
}
"""For how long each part may be out: a function stands still, a service refuses, the queue keeps what comes in."""


@dataclass(frozen=True, slots=True)
class Outage:
    """A part that is out, from an instant up to another."""

    part: str
    start: datetime
    end: datetime


class Weather:
    """All outages of a world so far."""

    def __init__(self) -> None:
        self._outages: list[Outage] = []

    def begin(self, part: str, rng: Random, now: datetime) -> Outage:
        """Let a part be out from now on, for about one of its lengths, more often a short one."""
        lengths = LENGTHS[part]
        length = rng.choices(lengths, range(len(lengths), 0, -1))[0] * rng.uniform(0.8, 1.2)
        outage = Outage(part, now, now + length)
        self._outages.append(outage)
        return outage

    def end_of(self, part: str, at: datetime) -> datetime | None:
        """Return when a part that is out will be back; None where it is not out."""
        ends = [outage.end for outage in self._outages if outage.part == part and outage.start <= at < outage.end]
        return max(ends, default=None)

    def is_out(self, part: str, at: datetime) -> bool:
        """Return whether a part is out."""
        return self.end_of(part, at) is not None

    def calm_since(self, parts: Iterable[str], at: datetime) -> datetime | None:
        """Return since when none of some parts has been out, the earliest instant there is for never; None while one is."""
        wanted = set(parts)
        touching = [outage for outage in self._outages if outage.part in wanted and outage.start <= at]
        if any(at < outage.end for outage in touching):
            return None
        return max((outage.end for outage in touching), default=datetime.min.replace(tzinfo=at.tzinfo))

    def next_change(self, at: datetime) -> datetime | None:
        """Return when the next outage ends, None where none is under way."""
        return min((outage.end for outage in self._outages if outage.end > at), default=None)
