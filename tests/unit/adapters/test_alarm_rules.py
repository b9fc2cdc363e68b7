"""Which alarms a composite one watches, by CloudWatch's grammar of rules."""

from __future__ import annotations

import json

import pytest

from adapters.alarm_rules import children_of
from domain.fault.alarm import AlarmPlace

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
PLACE = AlarmPlace(account="123456789012", region="us-east-1")


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        # CloudWatch user guide, "Alarm events and EventBridge", Composite Alarm.
        ("ALARM(ServerCpuTooHigh) OR ALARM(TotalNetworkTrafficTooHigh)", ["ServerCpuTooHigh", "TotalNetworkTrafficTooHigh"]),
        # CloudWatch API reference, PutCompositeAlarm, AlarmRule.
        ("ALARM(CPUUtilizationTooHigh) AND NOT ALARM(DeploymentInProgress)", ["CPUUtilizationTooHigh"]),
        (
            "(ALARM(CPUUtilizationTooHigh) OR ALARM(DiskReadOpsTooHigh)) AND OK(NetworkOutTooHigh)",
            ["CPUUtilizationTooHigh", "DiskReadOpsTooHigh"],
        ),
        ('ALARM("a name with (parentheses)") OR ALARM( "b" )', ["a name with (parentheses)", "b"]),
        (r'ALARM("quoted \"so\"")', ['quoted "so"']),
        ("ALARM(two words) AND TRUE", ["two words"]),
        ("NOT (ALARM(a) OR ALARM(b)) AND ALARM(c)", ["c"]),
        ("NOT (NOT ALARM(a))", ["a"]),
        ("NOT NOT ALARM(a)", ["a"]),
        ("ALARM(OK) OR ALARM(NOT)", ["OK", "NOT"]),
        ("INSUFFICIENT_DATA(a) OR FALSE", []),
        # AWS CDK reference, AlarmRule.atLeast and atLeastNot.
        ("AT_LEAST(2, ALARM, (a, b, c)) AND ALARM(d)", ["a", "b", "c", "d"]),
        ('AT_LEAST(60%, ALARM, ("a", "b b"))', ["a", "b b"]),
        ("AT_LEAST(60%, NOT OK, (a, b))", []),
        ("AT_LEAST(1, NOT ALARM, (a, b))", []),
        ("NOT AT_LEAST(1, ALARM, (a, b)) OR ALARM(c)", ["c"]),
        ("", []),
        (")))((( ALARM(", []),
        (") ALARM(a)", ["a"]),
    ],
)  # fmt: skip
def test_the_alarms_are_those_whose_alarm_the_rule_asks_for(rule: str, names: list[str]) -> None:
    assert list(children_of(rule)) == [(name, None) for name in names]


def test_an_alarm_by_its_arn_has_its_place_and_may_have_colons_in_its_name() -> None:
    assert list(children_of(f'ALARM("{ARN}a:b") OR ALARM({ARN}c)')) == [("a:b", PLACE), ("c", PLACE)]


def test_the_cause_names_alarms_in_alarm_and_no_others() -> None:
    told = {
        "triggeringAlarms": [
            {"arn": f"{ARN}down", "state": {"value": "ALARM", "timestamp": "2022-07-22T15:57:45.394+0000"}},
            {"arn": f"{ARN}well", "state": {"value": "OK", "timestamp": "2022-07-22T15:57:45.394+0000"}},
        ]
    }
    assert list(children_of("", json.dumps(told))) == [("down", PLACE)]


@pytest.mark.parametrize("data", ["{", "[]", '{"triggeringAlarms": 1}', '{"triggeringAlarms": [1, {"arn": 2}, {"arn": "a"}]}', "[" * 9999])  # fmt: skip
def test_a_cause_that_cannot_be_read_names_none(data: str) -> None:
    assert list(children_of("", data)) == []


def test_a_rule_as_long_as_one_may_be_is_read_at_once() -> None:
    """PutCompositeAlarm, AlarmRule: 10,240 characters."""
    assert list(children_of('"\\' * 6000)) == []
    assert len(list(children_of(" OR ".join(f"ALARM(a{i})" for i in range(600))))) == 600
