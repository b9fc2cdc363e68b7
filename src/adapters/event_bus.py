"""The default bus of EventBridge: where a fault is reported as any monitor reports one."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from adapters.signals import FAULT_REPORT

if TYPE_CHECKING:
    from types_boto3_events import EventBridgeClient

DRILL = "monitor.drill"
"""The source of exercises; the policy of administrators allows no other."""


class NotTaken(RuntimeError):
    """EventBridge answered, and did not take the event; says by which error."""


class EventBus:
    """Reports faults to one stack."""

    def __init__(self, client: EventBridgeClient, stack: str) -> None:
        self._client = client
        self._stack = stack

    def report(self, detail: Mapping[str, Any], *, source: str = DRILL) -> None:
        """Put one report in the form of docs/monitors.md; raises NotTaken, and the SDK's errors.

        An answer of 200 may hold an entry that failed (EventBridge API reference, PutEvents, FailedEntryCount).
        """
        entry = {
            "Source": source,
            "DetailType": f"{FAULT_REPORT} to {self._stack}",
            "Detail": json.dumps(detail, ensure_ascii=False),
        }
        answer = self._client.put_events(Entries=[entry])  # type: ignore[list-item]  # the stub's TypedDict
        if answer.get("FailedEntryCount"):
            codes = [one["ErrorCode"] for one in answer.get("Entries", []) if "ErrorCode" in one]
            raise NotTaken(codes[0] if codes else "no reason is given")
