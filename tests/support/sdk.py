"""The SDK as tests have it in common: reading botocore's models of the services takes longer than most tests do."""

from __future__ import annotations

from functools import cache
from typing import Any

import boto3


@cache
def session() -> boto3.session.Session:
    """Return the session of all tests in moto; first called where the made-up credentials are set."""
    return boto3.session.Session()


@cache
def client(service: str) -> Any:
    """Return a client for what a test lays out and looks at; the functions make their own."""
    return session().client(service)  # type: ignore[call-overload]  # the service is a variable here
