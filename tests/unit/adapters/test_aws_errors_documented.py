"""The meanings of errors, against the errors that the contract with AWS says are documented."""

from __future__ import annotations

from botocore.exceptions import ClientError

from adapters.aws_errors import BY_SERVICE, COMMON, KMS, SERVICE_OF, Meaning, meaning_of
from local.aws_contract import errors as contract

DECIDED_AGAIN = {"ConditionalCheckFailedException", "ConditionalCheckFailed"}
"""The same request would fail for ever; ours is never the same, for it is decided on what is read again."""
BY_TEXT = {"TransactionCanceledException", "MessageRejected", "BadRequestException"}
NOBODY_KNOWS = {"400"}
"""Of a HEAD: S3 gives no name."""


def test_every_documented_error_of_every_operation_has_a_meaning() -> None:
    """An operation that is new in the contract has to be known here too."""
    nameless = [
        f"{service} {operation} {code}"
        for (service, operation), rules in contract.DOCUMENTED.items()
        for code in rules
        if code not in BY_TEXT | NOBODY_KNOWS
        and (SERVICE_OF.get(operation) != service or _meaning(operation, code) is Meaning.UNKNOWN)
    ]
    assert nameless == []


def test_no_meaning_contradicts_what_is_documented_to_pass_by_itself() -> None:
    """What passes is retried quietly; what does not is heard of at once."""
    contradicting = [
        f"{service} {operation} {code} passes: {rule.passes}"
        for (service, operation), rules in contract.DOCUMENTED.items()
        for code, rule in rules.items()
        if code not in DECIDED_AGAIN
        and rule.passes is not None
        and rule.passes is not (_meaning(operation, code) is Meaning.PASSING)
    ]
    assert contradicting == []


def test_every_documented_reason_of_a_cancelled_transaction_has_its_meaning() -> None:
    """As the code of the whole, the reason that lasts longest counts."""
    table = {**COMMON, **KMS, **BY_SERVICE["dynamodb cancellation"]}
    assert contract.CANCELLED.keys() - {"None"} <= table.keys()
    passing = {code for code, rule in contract.CANCELLED.items() if rule.passes}
    assert {code for code in contract.CANCELLED if table.get(code) is Meaning.PASSING} - DECIDED_AGAIN == passing


def _meaning(operation: str, code: str) -> Meaning | None:
    return meaning_of(ClientError({"Error": {"Code": code, "Message": ""}}, operation))
