"""What monitors say, read from EventBridge: CloudWatch's alarms, and any other monitor by an event of our own form.

CloudWatch: its user guide, "Alarm events and EventBridge" (cloudwatch-and-eventbridge.html), detail type `CloudWatch Alarm
State Change`. `source` cannot be forged: PutEvents takes none that begins with `aws.`. Other monitors: docs/monitors.md.

Nothing here refuses an event for want of what is not needed to page: only the name and the state are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from adapters.alarm_rules import children_of
from domain.fault.alarm import NOWHERE, AlarmPlace, alarm_key
from domain.fault.fault import Source
from domain.regulation.editions import desk_ids, editions, find_desk

CLOUDWATCH = "CloudWatch Alarm State Change"
FAULT_REPORT = "Reglament Fault Report"
"""The detail type of our own form; `source` is `monitor.` and a name that the company chooses. With ` to ` and the name of
a stack behind it, the report is for that stack alone."""
MONITOR = "monitor."
LONGEST_NAME = 255
"""CloudWatch API reference, PutMetricAlarm: AlarmName has 255 characters at most. A monitor's name is cut to as many."""
LONGEST_REASON = 1023
"""CloudWatch API reference, SetAlarmState: StateReason has 1023 characters at most."""
MOST_RELATED = 100
"""CloudWatch user guide, "Composite alarms": one can monitor 100 underlying alarms, of its own account and region."""

_MONITOR = re.compile(r"monitor\.[A-Za-z0-9._/-]{1,64}")
"""Without a colon, so that source and key of a signal are told by the first one."""
_OLDEST = datetime(2000, 1, 1, tzinfo=UTC)
"""An instant before that is none: Go's zero time, which Alertmanager writes where it knows no end, is of the year 1."""
_A_WAIT = timedelta(minutes=1)
"""How much later than CloudWatch means to end a wait it is looked at, for what it says of the end to come first."""


class Malformed(ValueError):
    """The event is not of the documented form; `args` name the field and what was expected, and quote nothing."""


class SignalState(StrEnum):
    """What a monitor says of what it watches. Whatever else it may say tells nothing of a fault."""

    ALARM = "ALARM"
    OK = "OK"


_STATES = frozenset(state.value for state in SignalState)


@dataclass(frozen=True, slots=True)
class Signal:
    """A monitor says that something is wrong, or that it is well again."""

    source: Source
    alarm: str
    """The alarm's name; of another monitor `monitor:<source>:<key>`, which no alarm of CloudWatch is stored under."""
    place: AlarmPlace
    name: str
    """As people read it."""
    state: SignalState
    at: datetime
    """Since when, UTC; what is older than the last one of the same alarm is late."""
    reason: str
    """In the monitor's words; empty where it gives none."""
    key: str
    """What tells this change from another of the same alarm and instant."""
    desk: str | None
    """The desk's id; None where neither the event names one nor the name begins with a desk's prefix."""
    related: tuple[str, ...] = ()
    """Keys of the alarms that a composite one watches."""
    suppressed: bool = False
    """Whether it is to wake nobody, since it is in maintenance."""
    suppressed_until: datetime | None = None
    """When that ends at the latest; None where CloudWatch alone knows, and says so by another change of state."""
    drill: bool = False

    @property
    def known_by(self) -> str:
        """What tells this alarm from all others."""
        return alarm_key(self.alarm, self.place)

    @property
    def ids(self) -> dict[str, str]:
        """For logs: what it is called, without a word of what it says."""
        return {"alarm": self.alarm, "account": self.place.account, "region": self.place.region}


def read_signal(event: Mapping[str, Any], now: datetime) -> Signal | None:
    """Return what an event says; None where it says nothing of a fault, as an alarm without data. Raises Malformed.

    An event without detail type and source is an alarm's: redriven ones may have been cut to what counts.
    """
    detail = event.get("detail")
    if not isinstance(detail, Mapping):
        raise Malformed("detail: an object is expected")
    if _text(event.get("detail-type")).startswith(FAULT_REPORT):
        return _of_monitor(event, detail, now)
    return _of_alarm(event, detail, now)


def desk_of(name: str) -> str | None:
    """Return the id of the desk whose alarms begin so, by any of its editions, or None.

    In capitals or not: a prefix that a person typed in another case has to wake somebody all the same. Of two prefixes
    that fit, the longer one is meant.
    """
    folded = name.casefold()
    fitting = [
        (len(prefix), desk)
        for desk in desk_ids()
        for edition in editions(desk)
        for prefix in edition.desk.cloudwatch_alarm_prefixes
        if folded.startswith(prefix.casefold())
    ]
    return max(fitting)[1] if fitting else None


# CloudWatch


def _of_alarm(event: Mapping[str, Any], detail: Mapping[str, Any], now: datetime) -> Signal | None:
    name, state = _text(detail.get("alarmName")), _object(detail.get("state"))
    if not name:
        raise Malformed("detail.alarmName: a name is expected")
    said = _state(state.get("value"))
    if said is None:
        return None
    place = AlarmPlace(account=_text(event.get("account")), region=_text(event.get("region")))
    at = _instant(state.get("timestamp")) or _instant(event.get("time")) or now
    suppressed, until = _suppression(detail, state, at)
    return Signal(
        source=Source.ALARM, alarm=name, place=place, name=name, state=said, at=at,
        reason=_cut(_text(state.get("reason")), LONGEST_REASON), key=f"{said} {_text(event.get('id'))}",
        desk=desk_of(name), related=_related(detail, state, place, alarm_key(name, place)),
        suppressed=suppressed, suppressed_until=until,
    )  # fmt: skip


def _related(detail: Mapping[str, Any], state: Mapping[str, Any], place: AlarmPlace, own: str) -> tuple[str, ...]:
    rule = _text(_object(detail.get("configuration")).get("alarmRule"))
    found = children_of(rule, _text(state.get("reasonData")))
    keys = (alarm_key(name, elsewhere or place) for name, elsewhere in found)
    return tuple(dict.fromkeys(key for key in keys if key != own))[:MOST_RELATED]


_LASTS = {"WaitPeriod": "actionsSuppressorWaitPeriod", "ExtensionPeriod": "actionsSuppressorExtensionPeriod"}
"""Seconds that a suppression lasts at most, by its kind (CloudWatch API reference, CompositeAlarm)."""


def _suppression(detail: Mapping[str, Any], state: Mapping[str, Any], at: datetime) -> tuple[bool, datetime | None]:
    """Return whether an alarm is in maintenance, and until when at the latest.

    `actionsSuppressedBy` is `Alarm`, `WaitPeriod` or `ExtensionPeriod`. When it ends, the alarm has another state, of a
    later timestamp and without the field, as CloudWatch's sample for Lambda shows ("Invoke a Lambda function from an
    alarm": `previousState` is ALARM with WaitPeriod, `state` is ALARM without, two minutes later).
    `muteDetail` is of an alarm mute rule, and has the window's end ("Alarm events and EventBridge"). Of an event at that
    end nothing is documented, only that the alarm's actions are executed then (alarm-mute-rules-behaviour.html):
    the clock looks at it then (`handlers.alarm.wake`).
    """
    mute, by = detail.get("muteDetail"), _text(state.get("actionsSuppressedBy"))
    ends = []
    if isinstance(mute, Mapping):
        # A window without an end that can be read would never be heard of again: it wakes somebody.
        window = _instant(mute.get("muteWindowEnd"))
        if window is not None and window > at:
            ends.append(window + _A_WAIT)
    if by:
        seconds = _object(detail.get("configuration")).get(_LASTS.get(by, ""))
        if isinstance(seconds, int | float) and 0 <= seconds <= timedelta(days=7).total_seconds():
            ends.append(at + timedelta(seconds=seconds) + _A_WAIT)
    return bool(by or ends), max(ends, default=None)


# Other monitors


def _of_monitor(event: Mapping[str, Any], detail: Mapping[str, Any], now: datetime) -> Signal:
    source, name = _text(event.get("source")), _text(detail.get("name")).strip()
    if not _MONITOR.fullmatch(source):
        raise Malformed("source: monitor. and 1 to 64 of the characters A-Z a-z 0-9 . _ / - are expected")
    if not name:
        raise Malformed("detail.name: a name is expected")
    state = _state(detail.get("state"))
    if state is None:
        raise Malformed("detail.state: ALARM or OK is expected")
    sent = min(_instant(event.get("time")) or now, now)
    since = _instant(detail.get("since"))
    # A monitor that repeats a report says the same `since`: that is the same change. Without it, each event is one.
    key = f"{state}" if since is not None else f"{state} {_text(event.get('id'))}"
    return Signal(
        source=Source.MONITOR, alarm=f"monitor:{source}:{_short(_text(detail.get('key')) or name)}", place=NOWHERE,
        name=_cut(name, LONGEST_NAME), state=state, at=min(since or sent, sent),
        reason=_cut(_text(detail.get("reason")), LONGEST_REASON), key=key,
        desk=_named_desk(_text(detail.get("desk"))) or desk_of(name), drill=detail.get("drill") is True,
    )  # fmt: skip


def _named_desk(name: str) -> str | None:
    try:
        return find_desk(name.strip()) if name.strip() else None
    except LookupError:
        return None


# What events hold


def _text(value: object) -> str:
    """Return a text without what no line shows; empty where it is none, numbers as they are written."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    return "".join(one if one.isprintable() else " " for one in str(value))


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _state(value: object) -> SignalState | None:
    said = _text(value).strip().upper()
    return SignalState(said) if said in _STATES else None


def _instant(value: object) -> datetime | None:
    """Return an instant, UTC: ISO 8601 with an offset; None where it is none, or before the year 2000."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
        at = at.astimezone(UTC) if at is not None and at.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
    return at if at is not None and at >= _OLDEST else None


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _short(key: str) -> str:
    """Return a key that may be stored, a long one by its hash: two that differ at their ends are two."""
    return key if len(key) <= LONGEST_NAME else f"{key[:180]}…{hashlib.sha256(key.encode()).hexdigest()}"
