"""Which alarms a composite one watches: by its rule, and by what it says of the cause.

CloudWatch API reference, PutCompositeAlarm, AlarmRule, and the user guide, "Composite alarms" (alarm-combining.html):
`ALARM("name or ARN")`, `OK(…)`, `INSUFFICIENT_DATA(…)`, `TRUE`, `FALSE` and `AT_LEAST(number, state, (alarm, …))`,
combined by AND, OR, NOT and parentheses. A name may have double quotes or not.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from domain.fault.alarm import AlarmPlace

LONGEST_RULE = 10_240
"""Characters (PutCompositeAlarm, AlarmRule)."""

Child = tuple[str, AlarmPlace | None]
"""An alarm's name, and where it belongs; None for where the composite one does."""

_STATES = frozenset({"ALARM", "OK", "INSUFFICIENT_DATA"})
_WORDS = frozenset({"AND", "OR", "TRUE", "FALSE", "AT_LEAST"})
_TOKEN = re.compile(
    r"""\b(?P<state>ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?P<alarm>"(?:[^"\\]|\\.)*"|[^()"]*?)\s*\)
    |"(?:[^"\\]|\\.)*"
    |[(),]
    |[^\s(),"]+""",
    re.VERBOSE,
)
_ARN = re.compile(r"arn:[a-z-]+:cloudwatch:(?P<region>[a-z0-9-]+):(?P<account>\d{12}):alarm:(?P<name>.+)", re.DOTALL)


def children_of(rule: str, reason_data: str = "") -> Iterator[Child]:
    """Return the alarms that a rule asks to be in ALARM, and those that the cause names; some may come twice.

    An alarm that is asked for by NOT, or to be OK, is no part of the outage but a deployment or a maintenance. What cannot
    be read names none: that makes a fault too many, and hides none.
    """
    yield from _asked_for(rule[:LONGEST_RULE])
    yield from _triggering(reason_data)


def _asked_for(rule: str) -> Iterator[Child]:
    # Of each open parenthesis: which state AT_LEAST asks for there, and whether an odd number of NOTs is before it.
    frames, state, negated = [("", False)], "", False
    for token in _TOKEN.finditer(rule):
        word, (asked, denied) = token[0], frames[-1]
        if word == "NOT":
            negated = not negated
        elif token["state"]:
            if token["state"] == "ALARM" and denied == negated:
                yield _alarm(token["alarm"])
            negated = False
        elif word in _STATES:
            state = word
        elif word == ",":
            if state:
                frames[-1], state, negated = (state, denied != negated), "", False
        elif word == "(":
            frames.append((asked, denied != negated))
            negated = False
        elif word == ")":
            frames = frames[:-1] or [("", False)]
        elif word not in _WORDS and asked == "ALARM" and not denied:
            yield _alarm(word)


def _triggering(reason_data: str) -> Iterator[Child]:
    """Yield the alarms in ALARM of `{"triggeringAlarms": [{"arn": …, "state": {"value": …}}]}`."""
    try:
        data = json.loads(reason_data) if reason_data else None
    except (ValueError, RecursionError):
        return
    alarms = data.get("triggeringAlarms") if isinstance(data, Mapping) else None
    for alarm in alarms if isinstance(alarms, list) else []:
        one: Mapping[str, Any] = alarm if isinstance(alarm, Mapping) else {}
        arn, state = one.get("arn"), one.get("state")
        if isinstance(arn, str) and isinstance(state, Mapping) and state.get("value") == "ALARM":
            yield _alarm(arn)


def _alarm(text: str) -> Child:
    name = re.sub(r"\\(.)", r"\1", text[1:-1]) if text.startswith('"') else text
    arn = _ARN.fullmatch(name)
    return (arn["name"], AlarmPlace(account=arn["account"], region=arn["region"])) if arn else (name, None)
