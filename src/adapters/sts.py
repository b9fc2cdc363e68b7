"""Who calls, as AWS knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_sts import STSClient


class CallerUnknown(Exception):
    """AWS did not say whose the credentials are; the message says why."""


def caller_of(client: STSClient) -> str:
    """Return the ARN of the caller: one GetCallerIdentity.

    It needs no permission and cannot be denied by a policy (STS API reference, GetCallerIdentity), so that a failure
    lies in the credentials or on the way. Raises CallerUnknown.
    """
    try:
        return client.get_caller_identity()["Arn"]
    except (BotoCoreError, ClientError) as error:
        raise CallerUnknown(str(error)) from error
