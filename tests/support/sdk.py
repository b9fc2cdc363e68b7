"""The SDK as tests have it in common: reading botocore's models of the services takes longer than most tests do."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

import boto3
from botocore.exceptions import ClientError

from local.aws_contract.errors import CANCELLED, UndocumentedError, documented, service_of


@cache
def session() -> boto3.session.Session:
    """Return the session of all tests in moto; first called where the made-up credentials are set."""
    return boto3.session.Session()


@cache
def client(service: str) -> Any:
    """Return a client for what a test lays out and looks at; the functions make their own."""
    return session().client(service)  # type: ignore[call-overload]  # the service is a variable here


def client_error(code: str, operation: str, text: str = "", **more: Any) -> ClientError:
    """Return an error as the SDK raises it for AWS's answer, with its HTTP status.

    Raises UndocumentedError for a code that AWS does not document for the operation (`local/aws_contract/errors.py`).
    """
    reasons = more.get("CancellationReasons", [])
    if unknown := {reason["Code"] for reason in reasons} - set(CANCELLED):
        raise UndocumentedError(f"DynamoDB gives no reason {', '.join(sorted(unknown))} for a cancelled transaction")
    status = documented(service_of(operation), operation, code).status
    answer: Any = {"Error": {"Code": code, "Message": text}, "ResponseMetadata": {"HTTPStatusCode": status}, **more}
    return ClientError(answer, operation)


def refusing(code: str, operation: str, text: str = "", status: int | None = None) -> Callable[..., NoReturn]:
    """Return a call of an SDK that fails with a code that AWS documents for it, and a text; the status is the code's.

    The operation may be named as the client's method is, `copy_object`. Raises UndocumentedError, also for a status
    that the code does not have.
    """
    if operation.islower():
        operation = "".join(part.title() for part in operation.split("_"))
    error = client_error(code, operation, text)
    if status not in {None, error.response["ResponseMetadata"]["HTTPStatusCode"]}:
        raise UndocumentedError(f"{operation} answers {code} with another status than {status}")

    def call(**_: Any) -> NoReturn:
        raise error

    return call
