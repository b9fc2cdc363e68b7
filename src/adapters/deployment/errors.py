"""Why a check could not be done, in words, and what to do about that."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from adapters.deployment.dns import Unanswered
from adapters.deployment.findings import Finding, NotHere, State, Undone, fault, unknown
from adapters.deployment.stack import Deployment, NoSuchStack

T = TypeVar("T")
DENIED = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthorizationError",
        "AuthorizationErrorException",
        "UnauthorizedOperation",
    }
)
"""How the services say that an action is not allowed: query, JSON and EC2's own."""
GONE = frozenset(
    {
        "ResourceNotFoundException",
        "NoSuchBucket",
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
        "NotFound",
        "NotFoundException",
    }
)
"""How the services say that there is no such thing. A check asks for what the stack made, or says what else it may be."""
SIGNED_WRONGLY = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
        "SignatureDoesNotMatch",
        "InvalidAccessKeyId",
    }
)
NO_SUCH_CALL = frozenset({"InvalidAction", "UnknownOperationException", "NotImplemented"})


def explained(error: Exception, deployment: Deployment) -> Finding:
    """Return the line of a check that could not be done."""
    if isinstance(error, NotHere):
        return Finding(State.SKIPPED, f"not on this machine: {error}")
    if isinstance(error, Undone):
        return unknown(str(error), error.remedy)
    if isinstance(error, Unanswered):
        return unknown(str(error), "Ask again later, or another server: --nameserver 9.9.9.9")
    if isinstance(error, NoSuchStack):
        return unknown(f"there is no stack {error}", f"Deploy it: {deployment.deploy}")
    if isinstance(error, NoCredentialsError | NoRegionError):
        return unknown(str(error), "Say who you are and where: AWS_PROFILE and AWS_REGION, or `aws configure`")
    if isinstance(error, ClientError):
        return _of_aws(error, deployment)
    if isinstance(error, BotoCoreError):
        return unknown(f"AWS did not answer: {error}", "Look at the network and the endpoint, and ask again")
    return unknown(f"the check itself failed: {type(error).__name__}: {error}", "Report it with this line")


def _of_aws(error: ClientError, deployment: Deployment) -> Finding:
    code, text = error.response["Error"].get("Code", ""), error.response["Error"].get("Message", "")
    call = error.operation_name
    if deployment.place.is_local and (code in NO_SUCH_CALL or text.startswith("Unknown ")):
        return Finding(State.SKIPPED, f"not on this machine: the embedded AWS has no {call}")
    if code in DENIED:
        return unknown(
            f"not allowed to call {call}", "Ask as an administrator of this stack: docs/doctor.md lists the actions"
        )
    if code in SIGNED_WRONGLY:
        return unknown(f"AWS does not accept the credentials ({code})", "Sign in again, then repeat")
    if code in GONE:
        return fault(
            f"what {call} asks for is gone: {text}",
            "It was deleted outside CloudFormation, which does not make it again: docs/recovery.md",
        )
    return unknown(f"{call} failed: {code}: {text}", "Ask again later")


def for_each(
    deployment: Deployment, subjects: Iterable[T], look: Callable[[T], Iterable[Finding]]
) -> Iterator[Finding]:
    """Return what `look` finds of each subject; one that cannot be looked at stops no other."""
    for subject in subjects:
        try:
            yield from look(subject)
        except Exception as error:  # noqa: BLE001 - whatever it is becomes a line of the report
            yield explained(error, deployment)
