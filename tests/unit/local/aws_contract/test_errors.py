"""The table of errors against the SDK's model of the services, which AWS keeps up to date with its reference."""

from __future__ import annotations

import pytest
from botocore.session import Session

from adapters.deployment.diagnosis import ACTIONS
from local.aws_contract.errors import DOCUMENTED, Operation, UndocumentedError, documented, service_of

SESSION = Session()


@pytest.mark.parametrize("operation", DOCUMENTED, ids=".".join)
def test_every_error_of_the_sdks_model_is_in_the_table_with_its_status(operation: Operation) -> None:
    service, name = operation
    for shape in SESSION.get_service_model(service).operation_model(name).error_shapes:
        error = shape.metadata.get("error") or {}
        rule = documented(service, name, error.get("code") or shape.name)
        assert error.get("httpStatusCode") in {None, rule.status}, shape.name


@pytest.mark.parametrize("operation", DOCUMENTED, ids=".".join)
def test_every_error_names_the_page_that_documents_it(operation: Operation) -> None:
    for code, rule in DOCUMENTED[operation].items():
        assert rule.source, code
        assert 300 <= rule.status < 600, code


def test_what_the_service_itself_fails_at_passes() -> None:
    """A 5xx is no fault of the request (DynamoDB developer guide, "Error handling")."""
    server = {(op, code) for op, rules in DOCUMENTED.items() for code, rule in rules.items() if rule.status >= 500}
    assert server
    assert all(DOCUMENTED[op][code].passes for op, code in server)


def test_an_error_of_another_service_is_refused() -> None:
    """SES v2 has no AccessDenied, but AccessDeniedException."""
    with pytest.raises(UndocumentedError, match="does not answer 'AccessDenied'; it may answer AccessDeniedException"):
        documented("sesv2", "SendEmail", "AccessDenied")


def test_an_operation_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(UndocumentedError, match="add its errors first"):
        documented("dynamodb", "ExecuteStatement", "ValidationException")
    with pytest.raises(UndocumentedError, match="belongs to no service"):
        service_of("ExecuteStatement")


def test_the_service_of_an_operation_is_known_by_its_name() -> None:
    assert service_of("SendEmail") == "sesv2"


def test_whatever_the_doctor_asks_is_in_the_table() -> None:
    """It asks a deployed stack what no test can: its calls are known by the actions that it needs."""
    other_names = {
        "GetBucketPublicAccessBlock": "GetPublicAccessBlock",
        "GetEncryptionConfiguration": "GetBucketEncryption",
    }
    asked = {action.partition(":")[2] for action in ACTIONS}
    assert {other_names.get(name, name) for name in asked} <= {name for _, name in DOCUMENTED}
