"""CloudWatch as tests need it: metrics from what functions print, the template's alarms resolved, and their evaluation.

A datum counts for an alarm where namespace, metric and all its dimensions are the alarm's, "all" included: CloudWatch
treats each set of dimensions as a metric of its own (CloudWatch user guide, "CloudWatch concepts", Dimensions).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tests.support.template import HOLD_BY_DEFAULT, Json, of_type

STACK = "reglament"
ACCOUNT = "123456789012"
REGION = "eu-west-1"
PSEUDO = {"AWS::StackName": STACK, "AWS::AccountId": ACCOUNT, "AWS::Region": REGION, "AWS::Partition": "aws"}
NAME_OF = {"QueueName": "QueueName", "TopicName": "TopicName", "FunctionName": "FunctionName"}
"""Attributes that are the properties of the same name."""

Dimensions = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Documented:
    """A metric that AWS publishes."""

    namespace: str
    metric: str
    dimension: str | None
    """Its one dimension; None for none."""
    page: str


_SQS = "AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"
_LAMBDA = "lambda/latest/dg/monitoring-metrics-types.html"
_SNS = "sns/latest/dg/sns-monitoring-using-cloudwatch.html"
_SES_SENDING = "ses/latest/dg/reputationdashboard-cloudwatch-alarm.html"
_SES_RECEIVING = "ses/latest/dg/receiving-email-metrics.html"
DOCUMENTED: Sequence[Documented] = (
    Documented("AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", _SQS),
    Documented("AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", _SQS),
    Documented("AWS/Lambda", "Errors", "FunctionName", _LAMBDA),
    Documented("AWS/Lambda", "IteratorAge", "FunctionName", _LAMBDA),
    Documented("AWS/SNS", "NumberOfMessagesPublished", "TopicName", _SNS),
    Documented("AWS/SNS", "NumberOfNotificationsFailed", "TopicName", _SNS),
    Documented("AWS/SNS", "NumberOfNotificationsFailedToRedriveToDlq", "TopicName", _SNS),
    Documented("AWS/SNS", "SMSMonthToDateSpentUSD", "", _SNS),
    Documented("AWS/SES", "Reputation.BounceRate", None, _SES_SENDING),
    Documented("AWS/SES", "Reputation.ComplaintRate", None, _SES_SENDING),
    Documented("AWS/SES", "PublishFailure", "RuleName", _SES_RECEIVING),
    Documented("AWS/SES", "PublishExpired", "RuleName", _SES_RECEIVING),
)
"""With the page of docs.aws.amazon.com that names them."""


@dataclass(frozen=True, slots=True)
class Datum:
    """One value of a metric."""

    namespace: str
    metric: str
    dimensions: Dimensions
    at: datetime
    value: float


def printed(output: str, at: datetime) -> list[Datum]:
    """Return what functions printed as metrics at an instant (CloudWatch user guide, "Embedded metric format")."""
    lines = (line for line in output.splitlines() if line.startswith("{") and '"_aws"' in line)
    return [datum for line in lines for datum in _data_of(json.loads(line), at)]


def _data_of(body: Json, at: datetime) -> Iterator[Datum]:
    for directive in body["_aws"]["CloudWatchMetrics"]:
        for names in directive["Dimensions"]:
            dimensions = frozenset((name, str(body[name])) for name in names)
            for metric in directive["Metrics"]:
                values = body[metric["Name"]]
                for value in values if isinstance(values, list) else [values]:
                    yield Datum(directive["Namespace"], metric["Name"], dimensions, at, float(value))


@dataclass(frozen=True, slots=True)
class Alarm:
    """An alarm of the template, nothing in it unresolved."""

    name: str
    namespace: str
    metric: str
    dimensions: Dimensions
    is_query: bool
    """Whether it is on a query that matches whatever has the dimensions, among others."""
    statistic: str
    period: timedelta
    evaluation_periods: int
    datapoints: int
    operator: str
    threshold: float
    missing: str
    description: str

    def matches(self, datum: Datum) -> bool:
        """Return whether a datum is of this alarm's metric."""
        if (datum.namespace, datum.metric) != (self.namespace, self.metric):
            return False
        return self.dimensions <= datum.dimensions if self.is_query else self.dimensions == datum.dimensions

    def state(self, data: Iterable[Datum], now: datetime) -> str:
        """Return ALARM or OK, as of `now`: M of the last N periods breach (CloudWatch user guide, "Alarm evaluation")."""
        own = [datum for datum in data if self.matches(datum)]
        breaching = 0
        for number in range(self.evaluation_periods):
            end = now - number * self.period
            values = [datum.value for datum in own if end - self.period < datum.at <= end]
            breaching += self._breaches(values)
        return "ALARM" if breaching >= self.datapoints else "OK"

    def _breaches(self, values: Sequence[float]) -> bool:
        if not values:
            return self.missing == "breaching"
        value = {"Sum": sum, "Maximum": max, "Average": lambda them: sum(them) / len(them)}[self.statistic](values)  # type: ignore[operator]  # each takes a sequence
        return bool(
            {
                "GreaterThanThreshold": value > self.threshold,
                "GreaterThanOrEqualToThreshold": value >= self.threshold,
                "LessThanThreshold": value < self.threshold,
            }[self.operator]
        )


_QUERY = re.compile(
    r"""SELECT SUM\((?P<metric>\w+)\) FROM "(?P<namespace>[^"]+)" WHERE (?P<name>\w+) = '(?P<value>[^']+)'"""
)


def alarms_of(template: Json) -> Mapping[str, Alarm]:
    """Return the alarms by their names in the template."""
    resources = template["Resources"]
    return {name: _alarm(body, template) for name, body in of_type(resources, "AWS::CloudWatch::Alarm").items()}


def _alarm(body: Json, template: Json) -> Alarm:
    if "Metrics" in body:
        (query,) = body["Metrics"]
        found = _QUERY.fullmatch(str(resolved(query["Expression"], template)))
        assert found is not None, query
        metric = (found["namespace"], found["metric"], frozenset({(found["name"], found["value"])}))
        statistic, period = "Sum", query["Period"]
    else:
        dimensions = {(one["Name"], str(resolved(one["Value"], template))) for one in body.get("Dimensions", ())}
        metric = (str(resolved(body["Namespace"], template)), body["MetricName"], frozenset(dimensions))
        statistic, period = body["Statistic"], body["Period"]
    periods = int(resolved(body["EvaluationPeriods"], template))
    return Alarm(
        name=str(resolved(body["AlarmName"], template)),
        namespace=metric[0],
        metric=metric[1],
        dimensions=metric[2],
        is_query="Metrics" in body,
        statistic=statistic,
        period=timedelta(seconds=period),
        evaluation_periods=periods,
        datapoints=body.get("DatapointsToAlarm", periods),
        operator=body["ComparisonOperator"],
        threshold=float(resolved(body["Threshold"], template)),
        missing=body["TreatMissingData"],
        description=" ".join(body["AlarmDescription"].split()),
    )


def resolved(value: Any, template: Json) -> Any:
    """Return a value of the template as CloudFormation would, with the parameters' defaults."""
    if not isinstance(value, dict):
        return value
    ((function, inner),) = value.items()
    if function == "Ref":
        return _referred(inner, template)
    if function == "Fn::GetAtt":
        name, attribute = inner
        return resolved(template["Resources"][name]["Properties"][NAME_OF[attribute]], template)
    if function == "Fn::If":
        condition, then, otherwise = inner
        return resolved(then if condition in HOLD_BY_DEFAULT else otherwise, template)
    assert function == "Fn::Sub", value
    text, parts = inner if isinstance(inner, list) else (inner, {})
    named = {name: str(resolved(part, template)) for name, part in parts.items()}
    return re.sub(r"\$\{([\w:]+)\}", lambda found: named.get(found[1]) or str(_referred(found[1], template)), text)


def _referred(name: str, template: Json) -> Any:
    if name in PSEUDO:
        return PSEUDO[name]
    if name in template["Parameters"]:
        return template["Parameters"][name]["Default"]
    # Ref of a function is its name; of what else alarms name, an attribute is taken.
    return resolved(template["Resources"][name]["Properties"]["FunctionName"], template)
