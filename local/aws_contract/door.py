"""The contract where requests arrive: what the embedded AWS refuses of services that speak JSON."""

from __future__ import annotations

import json
from functools import cache
from typing import Final, NamedTuple

from botocore.model import OperationModel
from botocore.session import Session

from local.aws_contract import table
from local.aws_contract.errors import documented
from local.aws_contract.rules import Request, breaches

SERVICES: Final = {b"DynamoDB_20120810": "dynamodb", b"AmazonSQS": "sqs", b"secretsmanager": "secretsmanager"}
"""The SDK's names of services, by what their requests name as target."""

Operation = tuple[str, str]


class Refusal(NamedTuple):
    """An error by which AWS refuses a request."""

    code: str
    status: int
    message: str


def operation_of(target: bytes) -> Operation | None:
    """Return the operation that a request's X-Amz-Target names; None for one that is not checked here."""
    service, _, operation = target.partition(b".")
    known = (SERVICES.get(service, ""), operation.decode("ascii", "replace"))
    return known if table.is_known(*known) else None


def refusal_of(operation: Operation, body: bytes) -> Refusal | None:
    """Return how AWS refuses a request by its documentation, or None."""
    service, name = operation
    try:
        request = Request(service, name, json.loads(body or b"{}"))
        broken = next(breaches(table.rules_of(_model(service, name)), request), None)
    except (AttributeError, KeyError, TypeError, ValueError):
        return None  # not of the form at all: the embedded AWS says so itself
    if broken is None:
        return None
    return Refusal(broken.rule.code, documented(service, name, broken.rule.code).status, str(broken))


@cache
def _model(service: str, operation: str) -> OperationModel:
    return _session().get_service_model(service).operation_model(operation)


@cache
def _session() -> Session:
    return Session()
