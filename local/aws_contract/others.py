"""What is documented of the calls of the command line and of a cold start, where the SDK's model does not say it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final

from local.aws_contract.rules import Request, Rule, text_between

RULE_SET = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62}[A-Za-z0-9])?")
DETAIL_TYPE = 128
ENTRY_BYTES = 256 * 1024
STACK = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,127}|arn:aws[a-z-]*:cloudformation:.+")


def _rule_set(request: Request) -> Iterator[str]:
    name = request.params.get("RuleSetName")
    if name is not None and not RULE_SET.fullmatch(name):
        yield f"{name!r}"


def _stack(request: Request) -> Iterator[str]:
    name = request.params.get("StackName")
    if name is not None and not STACK.fullmatch(name):
        yield f"{name!r}"


def _event(request: Request) -> Iterator[str]:
    for entry in request.params.get("Entries", ()):
        source, kind, detail = (entry.get(name) for name in ("Source", "DetailType", "Detail"))
        if not source or source.startswith("aws."):
            yield f"Source {source!r}"
        if not kind or len(kind) > DETAIL_TYPE:
            yield f"DetailType of {len(kind or '')} characters"
        if not _is_object(detail):
            yield "Detail"
        if sum(len((one or "").encode()) for one in (source, kind, detail)) > ENTRY_BYTES:
            yield "an entry of more bytes"


def _is_object(text: object) -> bool:
    try:
        return isinstance(text, str) and isinstance(json.loads(text), dict)
    except ValueError:
        return False


RULES: Final = (
    Rule(
        "events",
        ("PutEvents",),
        "Entries",
        "Source, not one of AWS's; DetailType of 1 to 128 characters; Detail a JSON object; 256 KB together",
        "EventBridge API reference, PutEventsRequestEntry (API_PutEventsRequestEntry.html); user guide, PutEvents entry size",
        "ValidationException",
        _event,
    ),
    Rule(
        "ses",
        ("DescribeReceiptRuleSet", "SetActiveReceiptRuleSet"),
        "RuleSetName",
        "1 to 64 of A-Z, a-z, 0-9, _ and -, a letter or digit at both ends",
        "SES API v1 reference, CreateReceiptRuleSet (API_CreateReceiptRuleSet.html)",
        "RuleSetDoesNotExist",
        _rule_set,
    ),
    Rule(
        "cloudformation",
        ("DescribeStacks", "DescribeStackResources", "ListStackResources"),
        "StackName",
        "1 to 128 letters, digits and hyphens, a letter first; or the stack's ARN",
        "CloudFormation API reference, CreateStack (API_CreateStack.html)",
        "ValidationError",
        _stack,
    ),
    Rule(
        "secretsmanager",
        ("GetSecretValue", "DescribeSecret"),
        "SecretId",
        "1 to 2,048 characters",
        "Secrets Manager API reference, GetSecretValue (API_GetSecretValue.html)",
        "InvalidParameterException",
        text_between("SecretId", 1, 2048),
    ),
)
