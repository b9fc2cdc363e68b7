"""Errors that tests let AWS answer are AWS's own: `tests.support.sdk` makes them, and knows what is documented."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from local.aws_contract.errors import DOCUMENTED, UndocumentedError
from tests.support.repository import ROOT
from tests.support.sdk import client_error, refusing

TESTS = sorted((ROOT / "tests").rglob("*.py"))
KNOWN = {code for rules in DOCUMENTED.values() for code in rules}


def foreign(path: Path) -> list[str]:
    """Return the errors written out in a file that AWS has, but not of that operation.

    A code that AWS has nowhere is let through: what the product does with one that nobody knows is tested as well.
    """
    return [
        f"line {call.lineno}: {operation} does not answer {code}"
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "ClientError"
        for code, operation in [_written(call)]
        if code in KNOWN
        and code not in {known for at, rules in DOCUMENTED.items() if at[1] == operation for known in rules}
    ]


def _written(call: ast.Call) -> tuple[str, str]:
    """Return code and operation of an error where both are written out, and nothing otherwise."""
    try:
        answer, operation = (ast.literal_eval(argument) for argument in call.args)
        return str(answer["Error"]["Code"]), str(operation)
    except (ValueError, KeyError, TypeError):
        return "", ""


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_test_lets_an_operation_answer_the_error_of_another(path: Path) -> None:
    assert foreign(path) == []


def test_an_error_of_another_operation_is_found(tmp_path: Path) -> None:
    """S3 says AccessDenied where SES says AccessDeniedException."""
    written = tmp_path / "test_it.py"
    written.write_text('raise ClientError({"Error": {"Code": "AccessDenied"}}, "SendEmail")\n', "utf-8")
    assert foreign(written) == ["line 1: SendEmail does not answer AccessDenied"]


def test_an_error_has_the_status_that_aws_gives_it() -> None:
    error = client_error("TooManyRequestsException", "SendEmail")
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 429


def test_an_error_that_the_operation_does_not_answer_is_refused() -> None:
    """Pages, letters and tables call the same things by different names."""
    with pytest.raises(UndocumentedError, match="does not answer 'ProvisionedThroughputExceeded'"):
        refusing("ProvisionedThroughputExceeded", "GetItem")
    with pytest.raises(UndocumentedError, match="another status than 500"):
        refusing("ThrottlingException", "SendEmail", "", 500)
    with pytest.raises(UndocumentedError, match="no reason Conflict"):
        client_error("TransactionCanceledException", "TransactWriteItems", CancellationReasons=[{"Code": "Conflict"}])


def test_a_call_may_be_named_as_the_clients_method_is() -> None:
    with pytest.raises(Exception, match="AccessDenied"):
        refusing("AccessDenied", "list_objects_v2")()
