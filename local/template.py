"""template.yaml as the local stack needs it: the resources for CloudFormation, the functions for the runner.

The functions are driven by this package, so they are taken out of what CloudFormation creates, and what
they were to be told (variables, queues, streams) becomes outputs: CloudFormation resolves every reference,
and nothing here has to know how.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from local.emulator import REPOSITORY

TEMPLATE = REPOSITORY / "template.yaml"
DRIVEN_HERE = "AWS::Serverless::Function"
NOT_IN_THE_EMULATOR = ("AWS::SES::ReceiptRuleSet", "AWS::SES::ReceiptRule")
"""What MiniStack's CloudFormation refuses; `resources.py` makes them by the API of SES instead."""
TAKEN_AS_NUMBERS = ("InboundConcurrency",)
"""Parameters that MiniStack hands on as text where it then compares with a number; AWS turns them into numbers."""
_QUERY = re.compile(r'SELECT SUM\((?P<metric>\w+)\) FROM "(?P<namespace>[^"]+)"')
"""A query of Metrics Insights, as the template's alarms make it."""

Json = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short forms: `!Ref X` is read as `{"Ref": "X"}`."""


def _short_form(loader: _Loader, tag: str, node: yaml.Node) -> Json:
    name = tag if tag in {"Ref", "Condition"} else f"Fn::{tag}"
    value: Any
    if isinstance(node, yaml.MappingNode):
        value = loader.construct_mapping(node, deep=True)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_scalar(node)  # type: ignore[arg-type]  # the third and last kind of node
        if tag == "GetAtt":
            value = str(value).split(".", 1)
    return {name: value}


_Loader.add_multi_constructor("!", _short_form)


@dataclass(frozen=True, slots=True)
class Source:
    """One event source of a function, as the template states it: references unresolved."""

    name: str
    type: str
    """`SQS`, `DynamoDB`, `Schedule` or `EventBridgeRule`."""
    properties: Json


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the template."""

    logical_id: str
    handler: str
    """Such as `handlers.inbound.handler`."""
    timeout_seconds: int
    memory_mb: int
    variables: Json
    """The environment, references unresolved, those of Globals included."""
    sources: tuple[Source, ...]
    asynchronous: Json
    """EventInvokeConfig: what happens to an event that no queue or stream keeps, when the function fails."""

    @property
    def name(self) -> str:
        """Return the short name, that of its module: `inbound`."""
        return self.handler.split(".")[-2]


@dataclass(frozen=True, slots=True)
class LocalTemplate:
    """The template, taken apart."""

    body: Json
    """What CloudFormation is to create, plus one output for each reference that the runner needs."""
    functions: tuple[Function, ...]
    left_out: Mapping[str, Json] = field(default_factory=dict)
    """Resources that CloudFormation is not asked for, by logical id; the functions are not among them."""
    outputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Which output stands for which reference: function, then `env` and a variable, or a source and a property."""

    def digest(self) -> str:
        """Return what changes whenever the resources do."""
        return hashlib.sha256(self.text().encode()).hexdigest()[:40]

    def text(self) -> str:
        """Return the body as CloudFormation takes it."""
        return json.dumps(self.body, ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=str)


def read(path: Path = TEMPLATE) -> Json:
    """Read the template as it stands, intrinsic functions in their long form."""
    text = path.read_text("utf-8")
    parsed: Json = yaml.load(text, Loader=_Loader)  # noqa: S506 - it is a SafeLoader with short forms
    return parsed


def leave_out(whole: Json, names: Sequence[str]) -> Json:
    """Return a template without some resources; their names stand in where they were referred to."""
    stand_ins = {name: _name_of(whole["Resources"][name]) for name in names}
    stand_ins |= {name: whole["Parameters"][name]["Default"] for name in TAKEN_AS_NUMBERS}
    kept = {name: _without_query(one) for name, one in whole["Resources"].items() if name not in stand_ins}
    without: Json = _without({**whole, "Resources": kept}, stand_ins)
    # The build runs elsewhere: a relative path would be looked for beside its own copy of the template.
    code = without.get("Globals", {}).get("Function", {})
    if "CodeUri" in code:
        code["CodeUri"] = str(TEMPLATE.parent / code["CodeUri"])
    return without


def load(path: Path = TEMPLATE) -> LocalTemplate:
    """Read the template and take it apart."""
    whole = read(path)
    common = whole.pop("Globals", {}).get("Function", {})
    whole.pop("Transform", None)
    resources: Json = whole["Resources"]
    functions = tuple(
        _function(logical_id, resource["Properties"], common)
        for logical_id, resource in resources.items()
        if resource["Type"] == DRIVEN_HERE
    )
    names = {one.logical_id: resources[one.logical_id]["Properties"]["FunctionName"] for one in functions}
    left_out = {key: value for key, value in resources.items() if value["Type"] in NOT_IN_THE_EMULATOR}
    for gone in (*names, *left_out):
        del resources[gone]
    resources.update({name: _without_query(resource) for name, resource in resources.items()})
    stand_ins = {**names, **{key: _name_of(value) for key, value in left_out.items()}}
    body = _without(whole, stand_ins)
    outputs: dict[str, tuple[str, ...]] = {}
    for function in functions:
        for number, (path_to, value) in enumerate(_references(function)):
            output = f"Local{function.logical_id}{number:02d}"
            outputs[output] = (function.name, *path_to)
            body["Outputs"][output] = {"Value": _without(value, stand_ins)}
    for logical_id, resource in body["Resources"].items():
        if resource["Type"] == "AWS::SES::ConfigurationSetEventDestination":
            outputs["LocalFeedbackTopic"] = (logical_id, "TopicARN")
            body["Outputs"]["LocalFeedbackTopic"] = {
                "Value": resource["Properties"]["EventDestination"]["SnsDestination"]["TopicARN"]
            }
    for logical_id, resource in left_out.items():
        if resource["Type"] == "AWS::SES::ReceiptRule":
            outputs["LocalRecipients"] = (logical_id, "Recipients")
            recipients = resource["Properties"]["Rule"]["Recipients"]
            body["Outputs"]["LocalRecipients"] = {"Value": {"Fn::Join": [",", recipients]}}
    return LocalTemplate(body, functions, _without(left_out, stand_ins), outputs)


def _function(logical_id: str, own: Json, common: Json) -> Function:
    merged = {**common, **own}
    variables = {
        **common.get("Environment", {}).get("Variables", {}),
        **own.get("Environment", {}).get("Variables", {}),
    }
    sources = tuple(
        Source(name, event["Type"], event.get("Properties", {})) for name, event in own.get("Events", {}).items()
    )
    return Function(
        logical_id,
        merged["Handler"],
        merged["Timeout"],
        merged["MemorySize"],
        variables,
        sources,
        merged.get("EventInvokeConfig", {}),
    )


def _references(function: Function) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Everything about a function that only CloudFormation can resolve."""
    for name, value in function.variables.items():
        yield ("env", name), value
    for source in function.sources:
        for name in ("Queue", "Stream"):
            if name in source.properties:
                yield (source.name, name), source.properties[name]
        if (destination := _on_failure(source.properties)) is not None:
            yield (source.name, "OnFailure"), destination
    if (destination := _on_failure(function.asynchronous)) is not None:
        yield ("asynchronous", "OnFailure"), destination


def _on_failure(properties: Json) -> Any:
    return properties.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")


def _without_query(resource: Json) -> Json:
    """Return an alarm on a query as one on the query's metric: MiniStack knows no alarm on queries or expressions."""
    properties: Json = resource.get("Properties", {})
    if resource["Type"] != "AWS::CloudWatch::Alarm" or "Metrics" not in properties:
        return resource
    (query,) = properties["Metrics"]
    found = _QUERY.match(query["Expression"]["Fn::Sub"])
    assert found is not None, query
    plain = {name: value for name, value in properties.items() if name != "Metrics"}
    plain |= {"Namespace": found["namespace"], "MetricName": found["metric"]}
    return {**resource, "Properties": {**plain, "Statistic": "Sum", "Period": query["Period"]}}


def _name_of(resource: Json) -> Any:
    """What `Ref` gives of a resource that is left out: its name."""
    properties = resource["Properties"]
    return properties.get("RuleSetName") or properties["Rule"]["Name"]


def _without(value: Any, stand_ins: Mapping[str, Any]) -> Any:
    """Put names where resources were referred to that are not there."""
    if isinstance(value, dict):
        if value.get("Ref") in stand_ins and len(value) == 1:
            return stand_ins[value["Ref"]]
        kept = {key: _without(inner, stand_ins) for key, inner in value.items()}
        if "DependsOn" in kept:
            wanted = kept["DependsOn"] if isinstance(kept["DependsOn"], list) else [kept["DependsOn"]]
            kept["DependsOn"] = [name for name in wanted if name not in stand_ins]
        return kept
    if isinstance(value, list):
        return [_without(inner, stand_ins) for inner in value]
    return value
