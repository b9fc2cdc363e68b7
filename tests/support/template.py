"""`template.yaml` as tests read it: resources by their kind, what they refer to, and the table it defines."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from cfnlint.decode import cfn_yaml

from tests.support.repository import ROOT

TEMPLATE = ROOT / "template.yaml"
Json = dict[str, Any]
QUEUE_READERS = ("inbound", "feedback")
STREAM_READERS = {"mailer": "mail", "pager": "page"}
HOLD_BY_DEFAULT = {"HasOwnRuleSet", "HasDerivedBucketName", "OwnsTable"}
"""The conditions that are true where a parameter has its default, which is empty."""
TABLE_SETTINGS = ("KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes", "BillingMode", "StreamSpecification")


@cache
def table_definition() -> dict[str, Any]:
    """Return the table as template.yaml defines it, as CreateTable takes it."""
    resources = cfn_yaml.load(str(TEMPLATE))["Resources"]
    properties = next(item for item in resources.values() if item["Type"] == "AWS::DynamoDB::Table")["Properties"]
    definition = {name: properties[name] for name in TABLE_SETTINGS if name in properties}
    definition["StreamSpecification"] = {"StreamEnabled": True, **definition["StreamSpecification"]}
    return json.loads(json.dumps(definition))  # type: ignore[no-any-return]  # plain values instead of cfn-lint's nodes


def of_type(resources: Json, kind: str) -> dict[str, Json]:
    return {name: body.get("Properties", {}) for name, body in resources.items() if body["Type"] == kind}


def logical(value: object) -> str:
    """The resource that a Ref or GetAtt names."""
    assert isinstance(value, dict), value
    if "Fn::If" in value:
        return logical(value["Fn::If"][1])
    target = value.get("Ref") or value["Fn::GetAtt"][0]
    assert isinstance(target, str)
    return target


def text_of(value: object) -> str:
    """A name or ARN as text, with its parts unresolved; of a choice, what it is by the parameters' defaults."""
    if isinstance(value, str):
        return value
    assert isinstance(value, dict), value
    if "Fn::Sub" in value:
        text, parts = value["Fn::Sub"] if isinstance(value["Fn::Sub"], list) else (value["Fn::Sub"], {})
        for name, part in parts.items():
            text = text.replace("${" + name + "}", text_of(part))
        return str(text)
    if "Fn::If" in value:
        condition, then, otherwise = value["Fn::If"]
        return text_of(then if condition in HOLD_BY_DEFAULT else otherwise)
    if "Fn::GetAtt" in value:
        return "${" + ".".join(value["Fn::GetAtt"]) + "}"
    return "${" + str(value["Ref"]) + "}"


def listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value]


def function(resources: Json, name: str) -> Json:
    properties = of_type(resources, "AWS::Serverless::Function")
    found = [body for body in properties.values() if body["Handler"] == f"handlers.{name}.handler"]
    assert len(found) == 1, f"{name}: one function has the handler handlers.{name}.handler"
    return found[0]


def logical_function(resources: Json, name: str) -> str:
    wanted = function(resources, name)
    return next(key for key, body in resources.items() if body.get("Properties") is wanted)


def mapping(resources: Json, name: str) -> Json:
    """What starts the function; of `alarm`, the rule on CloudWatch's alarms."""
    first, *others = mappings(resources, name)
    assert not others or name == "alarm"
    return first


def mappings(resources: Json, name: str) -> list[Json]:
    """All that starts the function: `alarm` has a rule for CloudWatch's alarms, and one for other monitors."""
    return [event["Properties"] for event in function(resources, name)["Events"].values()]


def failure_queue(resources: Json, name: str) -> str:
    """The logical name of the queue where what the function could not handle ends."""
    source = mapping(resources, name)
    if name in QUEUE_READERS:
        queue = resources[logical(source["Queue"])]["Properties"]
        return logical(queue["RedrivePolicy"]["deadLetterTargetArn"])
    if name in STREAM_READERS:
        return logical(source["DestinationConfig"]["OnFailure"]["Destination"])
    return logical(function(resources, name)["EventInvokeConfig"]["DestinationConfig"]["OnFailure"]["Destination"])


def dimensions(alarm: Json) -> dict[str, Any]:
    return {one["Name"]: one["Value"] for one in alarm.get("Dimensions", ())}


def alarms_on(resources: Json, metric: str, dimension: str, target: str) -> list[Json]:
    return [
        alarm
        for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values()
        if alarm.get("MetricName") == metric
        and dimension in dimensions(alarm)
        and (dimensions(alarm)[dimension] == target or logical_or_none(dimensions(alarm)[dimension]) == target)
    ]


def logical_or_none(value: object) -> str | None:
    return logical(value) if isinstance(value, dict) else None


def statements(resources: Json) -> Iterator[tuple[str, Json]]:
    """Every policy statement of the template, with the resource that it stands in."""
    for name, body in resources.items():
        properties = body.get("Properties", {})
        documents = [
            *(policy["PolicyDocument"] for policy in properties.get("Policies", [])),
            *(
                properties[key]
                for key in ("PolicyDocument", "KeyPolicy", "AssumeRolePolicyDocument")
                if key in properties
            ),
        ]
        for document in documents:
            for statement in document["Statement"]:
                yield name, statement


def allowed(resources: Json) -> list[tuple[str, Json]]:
    return [(name, statement) for name, statement in statements(resources) if statement["Effect"] == "Allow"]
