"""docs/alarms.md, made from template.yaml and the scenes: `python -m tests.support.alarm_page` writes it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from cfnlint.decode import cfn_yaml

from tests.support.alarm_scenes import SCENES
from tests.support.cloudwatch import DOCUMENTED, STACK, Alarm, alarms_of
from tests.support.repository import ROOT
from tests.support.template import TEMPLATE

PAGE = ROOT / "docs" / "alarms.md"
HEAD = f"""# Alarms

<!-- Made by `python -m tests.support.alarm_page`. A test compares it with template.yaml. -->

What the stack's own alarms watch, shown for a stack named `{STACK}`.
All of them tell the topic of operations; the dashboard shows all of them.

Each alarm has been seen to go off by its own metric.
For a metric of the desk's own, `tests/aws/test_alarms_fire.py` lets the function run in the situation of the last column.
The function prints the metric itself, under the name, the namespace and the dimensions that its environment in the
template gives, and the alarm is evaluated over what was printed.
For a metric that AWS publishes, the test compares namespace, metric and dimension with the AWS page that the last column
names, and evaluates the alarm over a value published under the resource's own name.

| alarm | goes off when | metric | seen in a test |
| --- | --- | --- | --- |
"""
FOOT = """
"Ignores" and "breaches" say what an hour or minute without any value means.
What to do about an alarm is in its own text, and in [operations](operations.md).

## What no alarm can tell

- SES's documentation names the metrics `PublishFailure` and `PublishExpired` and their dimension, and does not say
  whether a second dimension comes with it. Those two alarms query the metric by the one dimension, which matches either.
- An alarm is told by mail. Without a confirmed subscription it reaches no person: `reglament doctor` says so.
- The reputation metrics are of the whole account and region, not of this stack alone.
"""


def page() -> str:
    """Return the page's text."""
    template: dict[str, Any] = cfn_yaml.load(str(TEMPLATE))
    return HEAD + "".join(f"{line}\n" for line in _lines(template)) + FOOT


def _lines(template: dict[str, Any]) -> Iterator[str]:
    for name, alarm in alarms_of(template).items():
        metric = f"`{alarm.namespace}` `{alarm.metric}`"
        if alarm.dimensions:
            metric += " of " + ", ".join(f"`{key}={value}`" for key, value in sorted(alarm.dimensions))
        yield f"| `{alarm.name}` | {_condition(alarm)} | {metric} | {_seen(name, alarm)} |"


def _condition(alarm: Alarm) -> str:
    operator = {
        "GreaterThanThreshold": "over",
        "GreaterThanOrEqualToThreshold": "at least",
        "LessThanThreshold": "under",
    }[alarm.operator]
    of = f"{alarm.statistic.lower()} of {_time(alarm.period)} {operator} {alarm.threshold:g}"
    if alarm.evaluation_periods > 1:
        of += f", {alarm.datapoints} of {alarm.evaluation_periods} times"
    return of + {"notBreaching": "", "breaching": "; silence breaches", "ignore": "; ignores silence"}[alarm.missing]


def _time(period: timedelta) -> str:
    minutes = int(period.total_seconds()) // 60
    return f"{minutes} min" if minutes % 60 else f"{minutes // 60} h"


def _seen(name: str, alarm: Alarm) -> str:
    if name in SCENES:
        return inspect.getdoc(SCENES[name]) or ""
    (one,) = [one for one in DOCUMENTED if (one.namespace, one.metric) == (alarm.namespace, alarm.metric)]
    return f"[AWS's metric](https://docs.aws.amazon.com/{one.page})"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
