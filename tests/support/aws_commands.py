"""Commands of the AWS CLI as calls of the SDK: whether there is such a command, and what it asks."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
from botocore import xform_name
from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape
from botocore.validate import ParamValidator

NAMES = {"s3api": "s3"}
RENAMED = {("sns", "subscribe", "notification-endpoint"): "endpoint"}
"""Where the CLI's option is not the SDK's parameter, because the CLI has one of that name for all commands."""
GLOBAL = frozenset({"region", "endpoint-url"})


class Call(NamedTuple):
    """One call of the SDK."""

    service: str
    operation: str
    """As the client names it."""
    arguments: dict[str, Any]


def parsed(command: str, folder: Path | None = None) -> Call:
    """Return the call that a command makes (without `aws`); an AssertionError says what there is not.

    `file://name` is read from `folder`, where one is given.
    """
    service, action, *rest = shlex.split(command)
    options = _options(rest)
    model = botocore.session.get_session().get_service_model(NAMES.get(service, service))
    operations = {xform_name(name, "-"): name for name in model.operation_names}
    assert action in operations, f"{service} has no {action}"
    operation = model.operation_model(operations[action])
    arguments = dict(
        _argument(operation, RENAMED.get((service, action, name), name), values, folder)
        for name, values in options.items()
        if name not in GLOBAL
    )
    assert operation.input_shape is not None or not arguments
    report = ParamValidator().validate(arguments, operation.input_shape or StructureShape("None", {}))
    assert not report.has_errors(), f"{command}: {report.generate_report()}"
    return Call(NAMES.get(service, service), xform_name(operation.name), arguments)


def _options(words: list[str]) -> dict[str, list[str]]:
    options: dict[str, list[str]] = {}
    name = ""
    for word in words:
        if word.startswith("--"):
            name = word[2:]
            options[name] = []
        else:
            options.setdefault(name, []).append(word)
    return options


def _argument(operation: OperationModel, option: str, values: list[str], folder: Path | None) -> tuple[str, Any]:
    input_shape = operation.input_shape
    assert input_shape is not None, f"{operation.name} takes nothing"
    members = {xform_name(member, "-"): member for member in input_shape.members}
    assert option in members, f"{operation.name} has no --{option}"
    name = members[option]
    return name, _value(input_shape.members[name], values, folder)


def _value(shape: Shape, values: list[str], folder: Path | None) -> Any:
    if isinstance(shape, ListShape):
        return [_value(shape.member, [one], folder) for one in values]
    if shape.type_name == "boolean":
        return not values or values == ["true"]
    (text,) = values
    if isinstance(shape, StructureShape | MapShape):
        return json.loads(text) if text.startswith("{") else _shorthand(shape, text)
    if shape.type_name in {"integer", "long"}:
        return int(text)
    if shape.type_name in {"double", "float"}:
        return float(text)
    if text.startswith("file://") and folder is not None:
        return (folder / text.removeprefix("file://")).read_text("utf-8")
    return text


def _shorthand(shape: Shape, text: str) -> dict[str, Any]:
    """Read `Name=value,Other=value`, as the CLI does."""
    pairs = (part.partition("=") for part in text.split(","))
    members = shape.members if isinstance(shape, StructureShape) else {}
    return {name: _value(members[name], [value], None) if name in members else value for name, _, value in pairs}
