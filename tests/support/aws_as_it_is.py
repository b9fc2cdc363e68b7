"""What moto leaves out and tests rely on: one clock, one call at a time, and identities that SES knows.

The limits of requests are checked for every client, see `local/aws_contract`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from threading import RLock
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from domain.regulation.editions import desk_ids, editions
from local.aws_contract.sesv2 import answer_of


def one_clock(patch: pytest.MonkeyPatch, now: Callable[[], datetime]) -> None:
    """Let S3 date what it keeps by a test's clock, as AWS dates it by the clock that everything else there has."""
    patch.setattr("moto.s3.models.utcnow", lambda: now().astimezone(UTC).replace(tzinfo=None))


def one_call_at_a_time(patch: pytest.MonkeyPatch) -> None:
    """Let calls of AWS wait for each other: moto keeps its tables without locks, and undoes what others wrote."""
    lock, real = RLock(), BaseClient._make_api_call  # type: ignore[attr-defined]  # the stubs leave it out

    def alone(*args: Any, **kwargs: Any) -> Any:
        with lock:
            return real(*args, **kwargs)

    patch.setattr(BaseClient, "_make_api_call", alone)


def strict_ses(client: Any) -> None:
    """Let a client of SES refuse what the product leaves to it: odd recipients, and identities but those of the desks."""
    client.meta.events.register("provide-client-params.sesv2.SendEmail", _refuse)


def _refuse(params: dict[str, Any], **_: Any) -> None:
    refusal = answer_of(params, _domains(one.desk.address for desk in desk_ids() for one in editions(desk)))
    if refusal is not None:
        raise ClientError({"Error": {"Code": refusal.code, "Message": refusal.message}}, "SendEmail")


def _domains(addresses: Iterable[str]) -> set[str]:
    return {address.rpartition("@")[2] for address in addresses}
