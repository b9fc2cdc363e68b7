"""What an audit looks for in faults besides their items: a last page that has not left, and an alarm that rings on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from adapters.dynamodb.items import Item, stored
from application.audit import Finding, Flaw
from application.storage import OutboxState
from domain.fault.alarm import AlarmState
from domain.fault.events import FaultEvent
from domain.ticket.outgoing import Outgoing, OutgoingPage

PAGE_WAITS_LONG = timedelta(minutes=10)
"""How long ago the last page of a fault that runs may have been written and not left: a pager takes seconds."""
RINGS_ON = timedelta(hours=1)
"""How long an alarm may be on after its last change while its fault is over: CloudWatch needs some minutes to see it well."""
TABLES = """
CREATE TABLE pages (fault TEXT, item TEXT, desk TEXT, level TEXT, number INTEGER, unsent INTEGER, at TEXT, PRIMARY KEY (fault, item)) WITHOUT ROWID;
CREATE TABLE running (fault TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE alarms (pk TEXT PRIMARY KEY, alarm TEXT, desk TEXT, fault TEXT, at TEXT) WITHOUT ROWID;
"""
Rows = Callable[..., Iterator[tuple[Any, ...]]]
"""Asks the temporary database: a statement and its values."""


def page_row(
    item: Item, number: str, message: Outgoing, history: Sequence[tuple[int, FaultEvent]]
) -> tuple[object, ...] | None:
    """Return what is kept of a page of a fault: when its version was committed says when it was written."""
    if not isinstance(message, OutgoingPage):
        return None
    sk = item["sk"]["S"]
    version = int(sk.split("#")[1])
    written = next((event.at for known, event in history if known == version), None)
    if written is None:
        return None  # a history with gaps is told by itself
    unsent = item["state"]["S"] in (OutboxState.PENDING, OutboxState.LEASED)
    return number, sk, message.desk, message.level.value, message.number, unsent, written.isoformat()


def alarm_row(item: Item) -> tuple[object, ...] | None:
    """Return what is kept of an alarm that is on and has reported a fault."""
    state, fault = stored(item, AlarmState), item.get("fault", {}).get("S", "")
    if not state.open or not fault:
        return None
    return item["pk"]["S"], state.alarm, state.desk, fault, state.changed_at.isoformat()


def findings(rows: Rows, now: datetime) -> Iterator[Finding]:
    """Return which faults have a last page that has not left, and which alarms ring on though their faults are over."""
    unsent = """SELECT p.fault, p.item, p.desk, p.at FROM pages AS p JOIN running AS r ON r.fault = p.fault
        WHERE p.unsent AND p.at < ? AND NOT EXISTS (
            SELECT 1 FROM pages AS later WHERE later.fault = p.fault AND later.level = p.level AND later.at > p.at)"""
    for number, item, desk, at in rows(unsent, (now - PAGE_WAITS_LONG).isoformat()):
        yield Finding(Flaw.PAGE_WAITS, number, desk, datetime.fromisoformat(at), item, key=(f"FAULT#{number}", item))
    on = """SELECT pk, alarm, desk, fault, at FROM alarms AS a WHERE at < ?
        AND NOT EXISTS (SELECT 1 FROM open_faults AS o WHERE o.id = a.fault)"""
    for pk, alarm, desk, fault, at in rows(on, (now - RINGS_ON).isoformat()):
        yield Finding(Flaw.ALARM_RINGS_ON, fault, desk, datetime.fromisoformat(at), alarm, key=(pk, "FAULT"))
