"""The constraints that the SDK's model of a service states and the SDK does not check: lengths, counts, patterns, values.

The model is what AWS generates its API references from, so that each of these stands on the page of its operation.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any, Final

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from local.aws_contract.rules import Params, Rule

UNBOUNDED: Final = frozenset(
    {"AttributeValue", "AttributeMap", "Key", "ExpressionAttributeValueMap", "PutItemInputAttributeMap"}
)
"""Shapes of DynamoDB whose limits the model does not state: `items` and `expressions` have them."""
PAGES: Final[Mapping[str, str]] = {
    "cloudformation": "CloudFormation API reference",
    "cloudwatch": "CloudWatch API reference",
    "dynamodb": "DynamoDB API reference",
    "dynamodbstreams": "DynamoDB API reference, streams",
    "events": "EventBridge API reference",
    "kms": "KMS API reference",
    "lambda": "Lambda API reference",
    "s3": "S3 API reference",
    "secretsmanager": "Secrets Manager API reference",
    "ses": "SES API v1 reference",
    "sesv2": "SES API v2 reference",
    "sns": "SNS API reference",
    "sqs": "SQS API reference",
    "sts": "STS API reference",
}
CODES: Final[Mapping[str, str]] = {
    "cloudformation": "ValidationError",
    "cloudwatch": "InvalidParameterValue",
    "dynamodb": "ValidationException",
    "dynamodbstreams": "ValidationException",
    "events": "ValidationException",
    "kms": "ValidationException",
    "lambda": "InvalidParameterValueException",
    "s3": "InvalidArgument",
    "secretsmanager": "InvalidParameterException",
    "ses": "ValidationError",
    "sesv2": "BadRequestException",
    "sns": "InvalidParameter",
    "sqs": "InvalidParameterValue",
    "sts": "ValidationError",
}
"""By which error a service refuses a parameter that breaks a constraint of its model."""

Find = Callable[[Any, str], Iterator[tuple[str, str]]]
"""Returns, for a value and its path, the paths and what is wrong there."""


def model_rules(operation: OperationModel) -> tuple[Rule, ...]:
    """Return the constraints of an operation, one rule a field."""
    service = operation.service_model.service_name
    source = f"{PAGES[service]}, {operation.name}"
    return tuple(
        Rule(service, (operation.name,), field, limit, source, CODES[service], _check(find))
        for field, limit, find in _fields(operation)
    )


def _check(find: Callable[[Params], Iterator[str]]) -> Callable[[Any], Iterator[str]]:
    return lambda request: find(request.params)


def _fields(operation: OperationModel) -> Iterator[tuple[str, str, Callable[[Params], Iterator[str]]]]:
    shape = operation.input_shape
    if shape is None:
        return
    for path, limits, reach in _constrained(shape, (), lambda params: iter((params,))):
        yield ".".join(path), "; ".join(limit for limit, _ in limits), _finder(reach, [check for _, check in limits])


Reach = Callable[[Any], Iterator[Any]]
"""Returns the values at a path."""
Limit = tuple[str, Callable[[Any], str | None]]


def _finder(reach: Reach, checks: list[Callable[[Any], str | None]]) -> Callable[[Params], Iterator[str]]:
    def find(params: Params) -> Iterator[str]:
        for value in reach(params):
            for check in checks:
                if (wrong := check(value)) is not None:
                    yield wrong

    return find


def _constrained(
    shape: Shape, path: tuple[str, ...], reach: Reach
) -> Iterator[tuple[tuple[str, ...], list[Limit], Reach]]:
    """Return the constrained values beneath a shape: path, limits, and how they are reached."""
    if shape.name in UNBOUNDED or len(path) > 8:
        return
    if path and (limits := list(_limits(shape))):
        yield path, limits, reach
    if isinstance(shape, StructureShape):
        for name, member in shape.members.items():
            yield from _constrained(member, (*path, name), _member(reach, name))
    elif isinstance(shape, ListShape):
        yield from _constrained(shape.member, (*path[:-1], f"{path[-1]}[]"), _each(reach))
    elif isinstance(shape, MapShape):
        yield from _constrained(shape.key, (*path, "name"), _each(reach))
        yield from _constrained(shape.value, (*path, "value"), _values(reach))


def _member(reach: Reach, name: str) -> Reach:
    return lambda params: (value[name] for value in reach(params) if isinstance(value, Mapping) and name in value)


def _each(reach: Reach) -> Reach:
    return lambda params: (one for value in reach(params) if isinstance(value, (list, tuple, Mapping)) for one in value)


def _values(reach: Reach) -> Reach:
    return lambda params: (one for value in reach(params) if isinstance(value, Mapping) for one in value.values())


def _limits(shape: Shape) -> Iterator[Limit]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None or most is not None:
        yield _range(shape.type_name, least, most)
    if pattern := shape.metadata.get("pattern"):
        yield f"pattern {pattern}", _pattern(pattern)
    if values := shape.metadata.get("enum"):
        allowed = frozenset(values)
        yield f"one of {', '.join(values)}", lambda value: None if value in allowed else f"{value!r}"


def _range(kind: str, least: int | None, most: int | None) -> Limit:
    of = {"string": " characters", "list": " entries", "map": " entries", "blob": " bytes"}.get(kind, "")
    bounds = f"at least {least}" if most is None else f"at most {most}" if least is None else f"{least} to {most}"

    def check(value: Any) -> str | None:
        number = len(value) if isinstance(value, (str, bytes, list, tuple, Mapping)) else value
        is_within = (least is None or number >= least) and (most is None or number <= most)
        return None if not isinstance(number, (int, float)) or is_within else f"{number:,}{of}"

    return f"{bounds}{of}", check


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(f"(?:{pattern})")


def _pattern(pattern: str) -> Callable[[Any], str | None]:
    whole = _compiled(pattern)
    return lambda value: None if not isinstance(value, str) or whole.fullmatch(value) else f"{value!r}"
