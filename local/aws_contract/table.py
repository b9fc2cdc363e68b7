"""The whole contract: the rules of each operation, and what a request breaks of them."""

from __future__ import annotations

from functools import cache

from botocore.model import OperationModel
from botocore.session import Session

from local.aws_contract import dynamodb, emf, invocations, others, s3, sesv2, sns, sqs
from local.aws_contract.errors import DOCUMENTED
from local.aws_contract.model import model_rules
from local.aws_contract.rules import Breach, Params, Request, Rule, breaches

RULES: tuple[Rule, ...] = (
    *dynamodb.RULES,
    *s3.RULES,
    *sesv2.RULES,
    *sns.RULES,
    *sqs.RULES,
    *others.RULES,
    *emf.RULES,
    *invocations.RULES,
)
"""What is written by hand; the SDK's model has more, see `model`."""


def is_known(service: str, operation: str) -> bool:
    """Return whether an operation is in the table: the product may call no other."""
    return (service, operation) in DOCUMENTED


@cache
def written_rules(service: str, operation: str) -> tuple[Rule, ...]:
    """Return the rules of an operation that are written by hand."""
    return tuple(rule for rule in RULES if rule.service == service and operation in rule.operations)


_OF_MODEL: dict[tuple[str, str], tuple[Rule, ...]] = {}


def rules_of(model: OperationModel) -> tuple[Rule, ...]:
    """Return all rules of an operation."""
    place = (model.service_model.service_name, model.name)
    if place not in _OF_MODEL:
        _OF_MODEL[place] = model_rules(model) if is_known(*place) else ()
    return (*written_rules(*place), *_OF_MODEL[place])


def breaches_of(model: OperationModel, request: Request) -> list[Breach]:
    """Return whatever AWS would refuse of a request, but for what the product leaves to AWS to refuse."""
    return [broken for broken in breaches(rules_of(model), request) if not broken.rule.is_answered]


OTHERS = frozenset({emf.SERVICE, invocations.SERVICE})
"""What is no request of the SDK, by the name it has here."""


def breaches_of_other(service: str, operation: str, params: Params) -> list[Breach]:
    """Return what is wrong with a metric document, an event or a response."""
    return list(breaches(written_rules(service, operation), Request(service, operation, params)))


@cache
def all_rules(service: str, operation: str) -> tuple[Rule, ...]:
    """Return the rules of an operation, or of what is no request of the SDK, by its name alone."""
    if not is_known(service, operation):
        return written_rules(service, operation)
    return rules_of(Session().get_service_model(service).operation_model(operation))
