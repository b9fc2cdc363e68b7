"""The alarms that report faults: where one belongs, and what it reported last."""

from __future__ import annotations

from datetime import datetime

from domain.findings import Value


class AlarmPlace(Value):
    """Where an alarm belongs: its name is unique in one region of one account alone."""

    account: str = ""
    """Twelve digits."""
    region: str = ""


NOWHERE = AlarmPlace()
"""Of an event without account and region, and of what was stored before they were kept."""


class Resting(Value):
    """What an alarm says that wakes nobody, since it is in maintenance: it does once that is over, unless it is well by then."""

    until: datetime | None = None
    """When it is looked at; None where the alarm itself says that the maintenance is over."""
    name: str
    reason: str = ""
    related: tuple[str, ...] = ()
    """The keys of the alarms that it watches."""


class AlarmState(Value):
    """What an alarm reported last, the ticket it opened, and the fault which that belongs to."""

    alarm: str
    place: AlarmPlace = NOWHERE
    desk: str
    ticket: str
    fault: str = ""
    """The number of the fault; empty where none is known, as of what earlier versions stored."""
    open: bool
    changed_at: datetime
    """When the alarm changed its state, by CloudWatch: an older change that arrives late is ignored."""
    taken: tuple[str, ...] = ()
    """The changes of that very instant that were taken, so that one delivered again is known from a further one."""
    resting: Resting | None = None
    """Where it is in ALARM and in maintenance, and no fault of it is open."""

    @property
    def key(self) -> str:
        """What tells this alarm from all others."""
        return alarm_key(self.alarm, self.place)


def alarm_key(alarm: str, place: AlarmPlace) -> str:
    """Return what tells an alarm from all others: with its account and region where they are known.

    An account is digits and a region has no colon, so that no name makes two of them equal.
    """
    return alarm if place == NOWHERE else f"{place.account}:{place.region}:{alarm}"


def alarm_of_key(key: str) -> tuple[str, AlarmPlace]:
    """Return the name of an alarm and where it belongs, from what tells it from all others."""
    parts = key.split(":", 2)
    if len(parts) < 3:
        return key, NOWHERE
    account, region, name = parts
    return name, AlarmPlace(account=account, region=region)
