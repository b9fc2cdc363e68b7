"""What a person does about an error of AWS that a verb met: one sentence that says what happened, and one that helps."""

from __future__ import annotations

from typing import Final

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError

from adapters.aws_errors import SERVICE_OF, Meaning, code_of, meaning_of, text_of

EXPIRED: Final = frozenset(
    {
        "ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired",
        "UnauthorizedSSOTokenError", "SSOTokenLoadError", "TokenRetrievalError", "CredentialRetrievalError",
        "LoginRefreshRequired", "LoginTokenLoadError",
    }
)  # fmt: skip
UNKNOWN_CREDENTIALS: Final = frozenset(
    {
        "InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "SignatureDoesNotMatch",
        "InvalidSignatureException", "IncompleteSignature", "IncompleteSignatureException",
        "MissingAuthenticationToken", "MissingAuthenticationTokenException", "InvalidToken",
    }
)  # fmt: skip
NO_CREDENTIALS: Final = frozenset({"NoCredentialsError", "PartialCredentialsError", "NoAuthTokenError"})
NOT_ALLOWED: Final = frozenset(
    {"AccessDenied", "AccessDeniedException", "AuthorizationError", "NotAuthorized", "UnauthorizedOperation", "403"}
)
NOT_THERE: Final = frozenset(
    {
        "ResourceNotFoundException", "NoSuchBucket", "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
        "NotFound", "NotFoundException", "TableNotFoundException", "RuleSetDoesNotExist",
    }
)  # fmt: skip
_IAM: Final = {"sesv2": "ses"}
"""Services whose actions IAM writes with another name than the SDK's."""


def told(error: ClientError | BotoCoreError) -> str:
    """Return what a verb says of an error of AWS: what was refused, AWS's words, and what to do."""
    what, remedy = _what(error), _remedy(error)
    return f"{what}. {remedy}"


def _what(error: ClientError | BotoCoreError) -> str:
    if not isinstance(error, ClientError):
        return str(error).rstrip(".")
    text = text_of(error).rstrip(".")
    return f"AWS refuses {_action(error)}: {code_of(error)}{f' ({text})' if text else ''}"


def _action(error: ClientError) -> str:
    service = SERVICE_OF.get(error.operation_name)
    return f"{_IAM.get(service, service)}:{error.operation_name}" if service else error.operation_name


def _remedy(error: ClientError | BotoCoreError) -> str:  # noqa: PLR0911 - one line an answer
    names = {code_of(error).partition("[")[0], *(kind.__name__ for kind in type(error).__mro__)}
    if names & EXPIRED:
        return "Your credentials have expired: sign in again, such as by `aws sso login`, and repeat the command"
    if names & NO_CREDENTIALS:
        return "Give credentials: set AWS_PROFILE, or sign in by `aws sso login`; for `make run` say --endpoint"
    if names & UNKNOWN_CREDENTIALS:
        return "AWS does not know these credentials: look at AWS_PROFILE and AWS_ACCESS_KEY_ID, or sign in again"
    if "ProfileNotFound" in names:
        return "Look at AWS_PROFILE; `aws configure list-profiles` shows those there are"
    if "NoRegionError" in names or "InvalidRegionError" in names:
        return "Say which region the stack is in: AWS_DEFAULT_REGION=eu-west-1, or a profile with a region"
    if code_of(error).upper().startswith("KMS") and meaning_of(error) is Meaning.CONFIGURATION:
        return "The stack's key cannot be used: see its state with `aws kms describe-key`, and docs/operations.md"
    if names & NOT_ALLOWED:
        return "You may not do that: ask an administrator of the stack for the action that is named"
    if names & NOT_THERE:
        return "The stack lacks what was asked for: is it the right one? Name it with --stack"
    if isinstance(error, EndpointConnectionError):
        return "Nothing answers there: look at the network, at the region and at --endpoint; does `make run` run?"
    match meaning_of(error):
        case Meaning.PASSING:
            return "That passes: repeat the command in a minute"
        case Meaning.CONFIGURATION:
            return 'The account or the stack has to be put right first: docs/operations.md, "What an error means"'
        case _:
            return "Repeating will not help: report it, with the command and this line"
