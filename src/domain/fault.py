"""A fault that an alarm of CloudWatch reports."""

from __future__ import annotations

from datetime import datetime

from domain.findings import Value


class Fault(Value):
    """The fault that an alarm reports, and the ticket it opened."""

    alarm: str
    desk: str
    ticket: str
    open: bool
    changed_at: datetime
    """When the alarm changed its state, by CloudWatch: an older change that arrives late is ignored."""
    taken: tuple[str, ...] = ()
    """The changes of that very instant that were taken, so that one delivered again is known from a further one."""
