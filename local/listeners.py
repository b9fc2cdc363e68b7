"""Those who listen besides the functions: the telephone that pages reach, and what EventBridge hears of alarms."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from local.poller import Poller
from local.resources import STACK, Aws


class PagesPoller(Poller):
    """Hears the topic of pages, as a telephone would."""

    def __init__(self, aws: Aws, queue: str, ring: Callable[[str, str, dict[str, str]], None]) -> None:
        super().__init__("pages", aws)
        self._queue = queue
        self._ring = ring

    def look(self) -> bool:
        """Pass on what pages there are: subject, text and attributes."""
        messages = self.aws.sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            page = json.loads(message["Body"])
            attributes = {name: one["Value"] for name, one in page.get("MessageAttributes", {}).items()}
            self._ring(page.get("Subject", ""), page["Message"], attributes)
            self.aws.sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return bool(messages)


class MonitorsPoller(Poller):
    """Hears what other monitors put on the default bus of the embedded EventBridge, which starts no function here."""

    def __init__(self, aws: Aws, queue: str, deliver: Callable[[dict[str, Any]], None]) -> None:
        super().__init__("monitors", aws)
        self._queue = queue
        self._deliver = deliver

    def look(self) -> bool:
        """Pass on what events there are, as they are."""
        messages = self.aws.sqs.receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10).get("Messages", [])
        for message in messages:
            self._deliver(json.loads(message["Body"]))
            self.aws.sqs.delete_message(QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"])
        return bool(messages)


class AlarmsPoller(Poller):
    """Watches the alarms of the embedded CloudWatch, which does not tell EventBridge when one changes."""

    shortest_pause_seconds = longest_pause_seconds = 1.0

    def __init__(self, aws: Aws, changed: Callable[[str, str, str], None]) -> None:
        super().__init__("alarms", aws)
        self._changed = changed
        self._states = self._read()

    def look(self) -> bool:
        """Pass on what changed since the last look: name, state and reason."""
        before, self._states = self._states, self._read()
        changed = {name: state for name, state in self._states.items() if before.get(name, ("", ""))[0] != state[0]}
        for name, (state, reason) in changed.items():
            if name in before or state != "INSUFFICIENT_DATA":
                self._changed(name, state, reason)
        return bool(changed)

    def wake(self) -> None:
        """Nothing that happens here changes an alarm: it keeps its pace."""

    def found_nothing_since(self, instant: float) -> bool:
        """An alarm is not work under way: `settle` does not wait for one."""
        return True

    def _read(self) -> dict[str, tuple[str, str]]:
        pages = self.aws.cloudwatch.get_paginator("describe_alarms").paginate()
        return {
            alarm["AlarmName"]: (alarm["StateValue"], alarm.get("StateReason", ""))
            for page in pages
            for alarm in page["MetricAlarms"]
            if not alarm["AlarmName"].startswith(f"{STACK}-")
        }
