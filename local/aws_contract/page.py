"""The table for readers: `python -m local.aws_contract.page > docs/aws-contract.md` writes it, and a test compares."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from botocore.session import Session

from local.aws_contract.errors import COMMON, DOCUMENTED, Rules
from local.aws_contract.model import model_rules
from local.aws_contract.rules import Rule
from local.aws_contract.table import RULES

INTRODUCTION: Final = """\
# What AWS takes

An emulator takes what AWS refuses: a dot in a message tag would have stopped all mail, and no test would have failed.
So each request of every test, of `make demo`, `make drill-loss` and `make run` is checked against what AWS documents.

```
FAILED tests/aws/test_delivery.py::test_an_answer_leaves
adapters.ses.sending: sesv2.SendEmail, EmailTags: Invalid tag value <OUT.1>: only alphanumeric ASCII characters, '_', and
'-' are allowed. [documented: names and values: 1 to 256 of A-Z, a-z, 0-9, _ and -; no name twice; SES API v2 reference,
MessageTag (API_MessageTag.html); AWS answers BadRequestException]
```

| what | where |
| --- | --- |
| the rules of this page, a module a service | `local/aws_contract` |
| the hook of the SDK that checks each request, whichever client makes it | `local/aws_contract/hook.py`, installed by `tests/conftest.py`, `local/worker.py`, `local/stack.py` |
| what the embedded AWS refuses of processes without the hook, such as a command line in another terminal | `local/aws_contract/door.py` |
| letters and pages, refused where they leave | `local/ses_door.py`, `local/sns_door.py` |
| metrics, events and responses | `watch_metrics` and `watch_batches` of the hook; `local/worker.py` |
| the errors that tests may inject | `local/aws_contract/errors.py`, by `tests/support/sdk.py` |

- A violation is a `BaseException`: code that goes on after one failed letter does not go on after this.
- It is kept as well, and the test fails though something swallowed it. The demo and the drill end with a status other than 0.
- A call that is not in the table is a violation where the product makes it: add its errors and its limits first.
- Tests and the local stack may lay out what they like (`create_table`); the limits of this page hold for their calls too.
- What is wrong with a client's own address is left to SES to refuse: the letter is then given up.
- Where the documentation leaves a choice, the narrower limit holds.
- The last lines of a test run say how many requests were checked, and by how many rules.

This page is made of the rules by `python -m local.aws_contract.page > docs/aws-contract.md`.
"""
TITLES: Final = {
    "cloudformation": "CloudFormation",
    "cloudwatch": "CloudWatch",
    "dynamodb": "DynamoDB",
    "dynamodbstreams": "DynamoDB streams",
    "emf": "Metrics in logs (embedded metric format)",
    "events": "EventBridge",
    "kms": "KMS",
    "invocation": "Lambda: events and responses",
    "lambda": "Lambda",
    "s3": "S3",
    "secretsmanager": "Secrets Manager",
    "ses": "SES, API v1",
    "sesv2": "SES, API v2",
    "sns": "SNS",
    "sqs": "SQS",
    "sts": "STS",
}
PASSES: Final = {True: "yes", False: "no", None: "its text or reasons tell"}


def page() -> str:
    """Return the whole page."""
    return "\n".join([INTRODUCTION, *_written(), *_of_model(), *_errors()]).rstrip() + "\n"


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    names = list(head)
    yield _row(names)
    yield _row(["---"] * len(names))
    yield from map(_row, rows)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _written() -> Iterator[str]:
    yield "## Limits"
    yield ""
    head = ("operation", "what", "limit", "source", "otherwise AWS answers")
    for service, rules in groupby(sorted(RULES, key=lambda rule: TITLES[rule.service]), lambda rule: rule.service):
        yield f"### {TITLES[service]}"
        yield ""
        yield from _table(head, map(_limit, rules))


def _limit(rule: Rule) -> tuple[str, ...]:
    every = {operation for one in RULES if one.service == rule.service for operation in one.operations}
    named = "any" if set(rule.operations) == every and len(every) > 1 else ", ".join(rule.operations)
    return named, rule.field, rule.limit, rule.source, rule.code


def _of_model() -> Iterator[str]:
    session = Session()
    yield "## Constraints of the SDK's model"
    yield ""
    yield "The SDK's model of a service states these, as the page of the operation does, and the SDK does not check them."
    yield "Of a field that the product does not use they are checked as well."
    yield ""
    for service, operations in groupby(sorted(DOCUMENTED), lambda operation: operation[0]):
        model = session.get_service_model(service)
        rules = {name: model_rules(model.operation_model(name)) for _, name in operations}
        fields = sum(map(len, rules.values()))
        if fields:
            named = ", ".join(f"{name} ({len(of)})" for name, of in rules.items() if of)
            yield f"- {TITLES[service]}: {fields} fields of {named}."
    yield ""


def _errors() -> Iterator[str]:
    yield "## Errors"
    yield ""
    yield "An error passes where the same request succeeds later though no person acts."
    yield "Tests inject no other than these."
    yield ""
    yield "### Every operation"
    yield ""
    yield from _of_errors(COMMON)
    for service, operations in groupby(sorted(DOCUMENTED), lambda operation: operation[0]):
        yield f"### {TITLES[service]}: errors"
        yield ""
        names = [name for _, name in operations]
        of_service: dict[str, list[str]] = {}
        for name in names:
            for code, rule in DOCUMENTED[service, name].items():
                if COMMON.get(code) != rule:
                    of_service.setdefault(code, []).append(name)
        rows = []
        for code, where in sorted(of_service.items()):
            rule = DOCUMENTED[service, where[0]][code]
            rows.append((code, str(rule.status), PASSES[rule.passes], _where(where, names), rule.source))
        yield from _table(("error", "status", "passes by itself", "operations", "source"), rows)


def _where(where: list[str], names: list[str]) -> str:
    return "all" if where == names else ", ".join(where)


def _of_errors(rules: Rules) -> Iterator[str]:
    rows = [(code, str(rule.status), PASSES[rule.passes], rule.source) for code, rule in sorted(rules.items())]
    yield from _table(("error", "status", "passes by itself", "source"), rows)


if __name__ == "__main__":
    sys.stdout.write(page())
