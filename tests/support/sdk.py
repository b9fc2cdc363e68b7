"""The SDK as tests have it in common: reading botocore's models of the services takes longer than most tests do."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NoReturn

import boto3
from botocore.exceptions import ClientError


@cache
def session() -> boto3.session.Session:
    """Return the session of all tests in moto; first called where the made-up credentials are set."""
    return boto3.session.Session()


@cache
def client(service: str) -> Any:
    """Return a client for what a test lays out and looks at; the functions make their own."""
    return session().client(service)  # type: ignore[call-overload]  # the service is a variable here


def refusing(code: str, operation: str, text: str = "", status: int = 400) -> Callable[..., NoReturn]:
    """Return a call of an SDK that fails with a code, a text and an HTTP status."""

    def call(**_: Any) -> NoReturn:
        metadata: Any = {"HTTPStatusCode": status}
        raise ClientError({"Error": {"Code": code, "Message": text}, "ResponseMetadata": metadata}, operation)

    return call
