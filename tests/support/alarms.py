"""CloudWatch alarms of a desk's service, as EventBridge reports them."""

from __future__ import annotations

import json
from typing import Any

from domain.regulation.editions import editions
from tests.support.builders import MDO
from tests.support.repository import ROOT

EVENTS = ROOT / "events"


def change_of_state(
    state: str, at: str, name: str | None = None, *, event_id: str | None = None, region: str = "eu-west-1"
) -> dict[str, Any]:
    """Return the event of an alarm of MDO's service that changes its state."""
    event: dict[str, Any] = json.loads((EVENTS / "alarm-raised.json").read_text("utf-8"))
    event["detail"]["alarmName"] = name or f"{editions(MDO)[-1].desk.cloudwatch_alarm_prefixes[0]}api-5xx"
    event["detail"]["state"] |= {"value": state, "timestamp": at}
    event["region"] = region
    if event_id is not None:
        event["id"] = event_id
    return event
