"""Errors that tests let AWS answer are AWS's own: each is made by `tests.support.sdk`, which knows what is documented."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from local.aws_contract.errors import UndocumentedError
from tests.support.repository import ROOT
from tests.support.sdk import client_error, refusing

MAKERS = {ROOT / "tests/support/sdk.py", ROOT / "tests/support/aws_as_it_is.py"}
TESTS = sorted(path for path in (ROOT / "tests").rglob("*.py") if path not in MAKERS)


def made(path: Path) -> list[int]:
    """Return the lines at which a file makes an error of AWS by itself."""
    calls = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Call)]
    return [call.lineno for call in calls if isinstance(call.func, ast.Name) and call.func.id == "ClientError"]


@pytest.mark.parametrize("path", TESTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_test_makes_up_an_error_of_aws(path: Path) -> None:
    assert made(path) == []


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
