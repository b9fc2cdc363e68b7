"""What EventBridge says of faults: CloudWatch's alarms, alone, composite and muted, and other monitors."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from generate.aws_events import ACCOUNT, REGION, Json, arn, eventbridge

KIND = "CloudWatch Alarm State Change"
COMPOSITE = "mdo-service-down"
CHILDREN = ("mdo-service-api-5xx", "mdo-service-db-connections", "mdo-service-queue-age")
MAINTENANCE = "mdo-maintenance"
"""The alarm that is in ALARM while the service is in maintenance."""


def composite_state(value: str, previous: str, at: str, before: str, *, now_by: str = "", before_by: str = "") -> Json:
    """A composite alarm changes its state; `now_by` and `before_by` say by what its actions are or were suppressed.

    As in the CloudWatch user guide, "Alarm events and EventBridge", Composite Alarm.
    """
    detail = {
        "alarmName": COMPOSITE,
        "state": _composite(value, at, now_by),
        "previousState": _composite(previous, before, before_by),
        "configuration": {
            "alarmRule": f"ALARM({CHILDREN[0]}) OR ALARM({CHILDREN[1]}) OR ALARM({CHILDREN[2]})",
            "actionsSuppressor": MAINTENANCE,
            "actionsSuppressorWaitPeriod": 120,
            "actionsSuppressorExtensionPeriod": 180,
        },
    }
    return eventbridge("aws.cloudwatch", KIND, arn("cloudwatch", f"alarm:{COMPOSITE}"), at, detail)


def _composite(value: str, at: str, suppressed_by: str) -> Json:
    child = arn("cloudwatch", f"alarm:{CHILDREN[0]}")
    stamp = f"{at[:-1]}.394+0000"
    triggering = {"triggeringAlarms": [{"arn": child, "state": {"value": value, "timestamp": stamp}}]}
    suppressed = (
        {
            "actionsSuppressedBy": suppressed_by,
            "actionsSuppressedReason": f"Actions suppressed by {MAINTENANCE if suppressed_by == 'Alarm' else suppressed_by}",
        }
        if suppressed_by
        else {}
    )
    return {
        **suppressed,
        "value": value,
        "reason": f"{child} transitioned to {value} at {at}",
        "reasonData": json.dumps(triggering, separators=(",", ":")),
        "timestamp": stamp,
    }


def muted(event: Json, start: str, end: str) -> Json:
    """The same change while an alarm mute rule holds, as in "Alarm events and EventBridge"."""
    mute = {
        "mutedByArn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm-mute-rule:sunday-works",
        "muteWindowStart": f"{start[:-1]}.000+0000",
        "muteWindowEnd": f"{end[:-1]}.000+0000",
    }
    return {**event, "detail": {**event["detail"], "muteDetail": mute}}


def fault_report(source: str, at: str, detail: Mapping[str, Any]) -> Json:
    """Another monitor reports a fault, in the form of docs/monitors.md; PutEvents was given no resources."""
    event = eventbridge(source, "Reglament Fault Report", "", at, dict(detail))
    return {**event, "resources": []}
