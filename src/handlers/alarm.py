"""`alarm`: a CloudWatch alarm changed its state. Opens a critical fault at its desk, or resolves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

from domain import commands as c
from domain.decide import Decision, decide
from domain.editions import desk_ids, edition_at, edition_named, editions
from domain.ports import Commit, Conflict, Fault, NumberTaken, TicketChange
from domain.ticket import Ticket, ticket_id
from handlers import wiring
from handlers.observing import count, logger, metrics

TRIES = 6


class _State(BaseModel):
    value: str
    reason: str = ""
    timestamp: datetime


class _Detail(BaseModel):
    alarm_name: str = Field(alias="alarmName")
    state: _State


class AlarmStateChange(BaseModel):
    """An EventBridge event `CloudWatch Alarm State Change`; whatever else it has is ignored."""

    detail: _Detail


@logger.inject_lambda_context
@metrics.log_metrics
def handler(event: dict[str, Any], _context: LambdaContext) -> None:
    """Handle one state change; run twice, late or out of order it does the same."""
    settle(event)


def settle(event: Mapping[str, Any]) -> None:
    """Do what the function does with an event, for whoever redrives one; raises Conflict and pydantic's ValidationError."""
    change = AlarmStateChange.model_validate(event).detail
    desk = desk_of(change.alarm_name)
    if desk is None:
        logger.info("an alarm of no desk", extra={"alarm": change.alarm_name})
        count("AlarmsOfNoDesk")
        return
    taken = 0
    for _ in range(TRIES):
        try:
            _settle(desk, change, taken)
        except NumberTaken:
            taken += 1
        except Conflict:
            continue
        else:
            return
    raise Conflict(f"the alarm {change.alarm_name} met another write {TRIES} times; it will come again")


def desk_of(alarm: str) -> str | None:
    """Return the id of the desk whose alarms begin so, by any of its editions, or None."""
    for desk in desk_ids():
        if any(alarm.startswith(edition.desk.cloudwatch_alarm_prefixes) for edition in editions(desk)):
            return desk
    return None


def _settle(desk: str, change: _Detail, taken: int) -> None:
    store, now = wiring.store(), wiring.now()
    before = store.fault(change.alarm_name)
    changed_at = change.state.timestamp.astimezone(UTC)
    if before is not None and changed_at <= before.changed_at:
        return
    is_open = before is not None and before.open
    number, ticket = before.ticket if before is not None else "", None
    if change.state.value == "ALARM" and not is_open:
        edition = edition_at(desk, changed_at)
        origin = f"alarm:{change.alarm_name}:{changed_at.isoformat()}"
        number = ticket_id(edition.desk.prefix, edition.desk.id, origin, taken)
        command = c.OpenByAlarm(number, change.alarm_name, change.state.reason, changed_at)
        ticket = _changed(None, decide(None, command, edition, now))
        is_open = True
    elif change.state.value == "OK" and is_open:
        old = store.ticket(number)
        if old is not None:
            pinned = edition_named(old.desk, old.edition)
            ticket = _changed(old, decide(old, c.ResolveAlarm(change.state.reason), pinned, now))
        is_open = False
    # Recorded even where nothing follows, so that an older change which comes later is known to be older.
    after = Fault(alarm=change.alarm_name, desk=desk, ticket=number, open=is_open, changed_at=changed_at)
    store.commit(Commit(at=now, ticket=ticket, fault=(before, after)))
    if ticket is not None:
        count("FaultsOpened" if is_open else "FaultsResolved")
        logger.info("fault", extra={"ticket": number, "open": is_open})


def _changed(before: Ticket | None, decision: Decision) -> TicketChange | None:
    if not decision.events or decision.ticket is None:
        return None
    return TicketChange(before, decision.ticket, decision.events, decision.outgoing)
