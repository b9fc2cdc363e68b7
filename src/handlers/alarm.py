"""`alarm`: a CloudWatch alarm changed its state. Opens a critical fault at its desk, or resolves it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext
from pydantic import BaseModel, Field

from application.change import commit_decided, ticket_change
from application.ports import Services
from application.storage import Commit
from composition import lambda_handler
from domain.fault.alarm import AlarmPlace, AlarmState, alarm_key
from domain.regulation.editions import desk_ids, edition_named, edition_serving, editions
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.ticket import ALARM_KEY, Status, ticket_id
from handlers.observing import Metric, count, logger, metrics, reported

STATES = {"ALARM", "OK"}
"""States that say something of a fault. One without data says nothing: the last one holds until the next."""
ALARM_OF_NO_DESK = "-alarms-of-no-desk"
"""How our own alarm on alarms of no desk ends, that of another stack too: the two must not set each other off."""


class _State(BaseModel):
    value: str
    reason: str | None = None
    timestamp: datetime


class _Detail(BaseModel):
    alarm_name: str = Field(alias="alarmName")
    state: _State


class AlarmStateChange(BaseModel):
    """An EventBridge event `CloudWatch Alarm State Change`; whatever else it has is ignored.

    Its `account` and `region` are at the top (CloudWatch user guide, "Alarm events and EventBridge": cloudwatch-and-eventbridge.html).
    A name is unique among the alarms of one region of one account alone (CloudWatch API reference, PutMetricAlarm, AlarmName).
    """

    id: str = ""
    """Given by EventBridge: an event that is delivered again has the same."""
    account: str = ""
    region: str = ""
    detail: _Detail

    @property
    def alarm(self) -> str:
        """The alarm's name."""
        return self.detail.alarm_name

    @property
    def place(self) -> AlarmPlace:
        """The account and region that the alarm belongs to."""
        return AlarmPlace(account=self.account, region=self.region)

    @property
    def state(self) -> str:
        """`ALARM` or `OK`; the rule of the template passes no other."""
        return self.detail.state.value

    @property
    def reason(self) -> str:
        """Why, in CloudWatch's words; empty where it gives none."""
        return self.detail.state.reason or ""

    @property
    def at(self) -> datetime:
        """When the state changed, UTC, to the millisecond."""
        return self.detail.state.timestamp.astimezone(UTC)

    @property
    def key(self) -> str:
        """What tells this change from another of the same alarm and instant."""
        return f"{self.state} {self.id}"


@logger.inject_lambda_context
@metrics.log_metrics
@reported
def handle(event: dict[str, Any], _context: LambdaContext, services: Services) -> None:
    """Handle one state change; run twice, late or out of order it does the same."""
    settle(event, services)


handler = lambda_handler(handle)


def settle(event: Mapping[str, Any], services: Services) -> None:
    """Do what the function does with an event, for whoever redrives one; raises Conflict and pydantic's ValidationError."""
    change = AlarmStateChange.model_validate(event)
    if change.state not in STATES or change.alarm.endswith(ALARM_OF_NO_DESK):
        return
    desk = desk_of(change.alarm)
    if desk is None:
        if change.state != "ALARM":
            return
        logger.warning("an alarm of no desk", extra=_ids(change))
        count(Metric.ALARMS_OF_NO_DESK)
        return
    decide_now = partial(_commit, desk, change, services)
    commit = commit_decided(
        services.store, decide_now, f"the fault of the alarm {alarm_key(change.alarm, change.place)}"
    )
    if commit is not None and commit.ticket is not None:
        count(Metric.FAULTS_OPENED if change.state == "ALARM" else Metric.FAULTS_RESOLVED)
        told = {"ticket": commit.ticket.after.id, "open": change.state == "ALARM", **_ids(change)}
        logger.info("fault", extra=told)


def _ids(change: AlarmStateChange) -> dict[str, str]:
    return {"alarm": change.alarm, "account": change.account, "region": change.region}


def desk_of(alarm: str) -> str | None:
    """Return the id of the desk whose alarms begin so, by any of its editions, or None."""
    for desk in desk_ids():
        if any(alarm.startswith(edition.desk.cloudwatch_alarm_prefixes) for edition in editions(desk)):
            return desk
    return None


def _commit(desk: str, change: AlarmStateChange, services: Services, numbers_taken: int) -> Commit | None:
    """Return what a change of state writes; None for one that was taken already."""
    store, now = services.store, services.now()
    before = store.alarm_state(change.alarm, change.place)
    if before is not None and _is_known(change, before):
        return None
    old = store.ticket(before.ticket) if before is not None and before.ticket else None
    number, ticket, is_open = before.ticket if before is not None else "", None, change.state == "ALARM"
    if is_open:
        if before is not None and before.open and old is not None and old.status is not Status.CLOSED:
            # The end of the last fault was never heard of, and its ticket is open: it is paged for again.
            again = c.RaiseAlarmAgain(change.alarm, change.reason, change.at, change.place)
            ticket = ticket_change(old, decide(old, again, edition_named(old.desk, old.edition), now))
        else:
            edition = edition_serving(desk, change.at)
            origin = f"{ALARM_KEY}{alarm_key(change.alarm, change.place)}:{change.at.isoformat()}"
            number = ticket_id(edition.desk.prefix, edition.desk.id, origin, numbers_taken)
            command = c.OpenByAlarm(number, change.alarm, change.reason, change.at, change.place)
            ticket = ticket_change(None, decide(None, command, edition, now))
    elif before is not None and before.open and old is not None:
        pinned = edition_named(old.desk, old.edition)
        ticket = ticket_change(old, decide(old, c.ResolveAlarm(change.reason, change.place), pinned, now))
    # Recorded even where nothing follows, so that an older change which comes later is known to be older.
    after = AlarmState(
        alarm=change.alarm, place=change.place, desk=desk, ticket=number, open=is_open, changed_at=change.at,
        taken=(*(before.taken if before is not None and before.changed_at == change.at else ()), change.key),
    )  # fmt: skip
    looked_at = old if ticket is None or ticket.before is None else None
    return Commit(at=now, ticket=ticket, alarm=(before, after), looked_at=looked_at)


def _is_known(change: AlarmStateChange, fault: AlarmState) -> bool:
    """Return whether a change is older than the last one, or was taken already.

    Of several changes of one instant, which CloudWatch gives in milliseconds, the one that arrives last counts.
    """
    if change.at != fault.changed_at:
        return change.at < fault.changed_at
    return change.key in fault.taken or not fault.taken
