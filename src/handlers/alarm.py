"""`alarm`: a CloudWatch alarm changed its state. Opens a critical fault at its desk, or resolves it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

from domain import commands as c
from domain.decide import decide
from domain.editions import desk_ids, edition_at, edition_named
from domain.ports import Commit, Conflict, Fault, NumberTaken, TicketChange
from domain.regulation import Edition
from domain.ticket import ticket_id
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
    change = AlarmStateChange.model_validate(event).detail
    edition = desk_of(change.alarm_name)
    if edition is None:
        logger.info("an alarm of no desk", extra={"alarm": change.alarm_name})
        count("AlarmsOfNoDesk")
        return
    for attempt in range(TRIES):
        try:
            _settle(edition, change, attempt)
        except (Conflict, NumberTaken):
            continue
        return
    raise Conflict(f"the alarm {change.alarm_name} met another write {TRIES} times; it will come again")


def desk_of(alarm: str) -> Edition | None:
    """Return the present edition of the desk whose alarms begin so, or None."""
    for desk in desk_ids():
        edition = edition_at(desk, wiring.now())
        if alarm.startswith(edition.desk.cloudwatch_alarm_prefixes):
            return edition
    return None


def _settle(edition: Edition, change: _Detail, attempt: int) -> None:
    store, now = wiring.store(), wiring.now()
    before = store.fault(change.alarm_name)
    changed_at = change.state.timestamp.astimezone(UTC)
    is_open = before is not None and before.open
    if before is not None and changed_at <= before.changed_at:
        return
    if change.state.value == "ALARM" and not is_open:
        origin = f"alarm:{change.alarm_name}:{changed_at.isoformat()}"
        number = ticket_id(edition.desk.prefix, edition.desk.id, origin, attempt)
        decision = decide(None, c.OpenByAlarm(number, change.alarm_name, change.state.reason), edition, now)
        old = None
    elif change.state.value == "OK" and before is not None and is_open:
        number, old = before.ticket, store.ticket(before.ticket)
        if old is None:
            logger.error("a fault without its ticket", extra={"ticket": number})
            return
        pinned = edition_named(old.desk, old.edition)
        decision = decide(old, c.ResolveAlarm(change.state.reason), pinned, now)
    else:
        return
    after = Fault(
        alarm=change.alarm_name,
        desk=edition.desk.id,
        ticket=number,
        open=change.state.value == "ALARM",
        changed_at=changed_at,
    )
    ticket_change = None
    if decision.events and decision.ticket is not None:
        ticket_change = TicketChange(old, decision.ticket, decision.events, decision.outgoing)
    store.commit(Commit(at=now, ticket=ticket_change, fault=(before, after)))
    count("FaultsOpened" if after.open else "FaultsResolved")
    logger.info("fault", extra={"ticket": number, "open": after.open})
