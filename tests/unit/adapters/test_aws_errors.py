"""What an error of AWS means, by its name on the wire."""

from __future__ import annotations

import re

import botocore.exceptions
import botocore.session
import pytest
from botocore.exceptions import ClientError

from adapters.aws_errors import BY_SERVICE, COMMON, KMS, SERVICE_OF, Meaning, code_of, meaning_of, text_of
from tests.support.aws_errors import Refusal
from tests.support.repository import ROOT

P, C, R, U = Meaning.PASSING, Meaning.CONFIGURATION, Meaning.REQUEST, Meaning.UNKNOWN
UNVERIFIED = "Email address is not verified. The following identities failed the check in region EU-WEST-1: a@b.example"
TOO_LARGE = "Item size has exceeded the maximum allowed size"


@pytest.mark.parametrize(
    ("operation", "refusal", "meaning"),
    [
        ("GetItem", Refusal("dynamodb", "ProvisionedThroughputExceededException"), P),
        ("Query", Refusal("dynamodb", "ThrottlingException"), P),
        ("UpdateItem", Refusal("dynamodb", "RequestLimitExceeded"), P),
        ("UpdateItem", Refusal("dynamodb", "TransactionConflictException"), P),
        ("TransactWriteItems", Refusal("dynamodb", "TransactionInProgressException"), P),
        ("TransactWriteItems", Refusal("dynamodb", "InternalServerError", status=500), P),
        ("TransactWriteItems", Refusal("dynamodb", "AccessDeniedException", "not authorized"), C),
        ("GetItem", Refusal("dynamodb", "ResourceNotFoundException"), C),
        ("GetItem", Refusal("dynamodb", "UnrecognizedClientException"), P),
        ("GetItem", Refusal("dynamodb", "ExpiredTokenException"), P),
        ("TransactWriteItems", Refusal("dynamodb", "ValidationException", TOO_LARGE), R),
        ("UpdateItem", Refusal("dynamodb", "ItemCollectionSizeLimitExceededException"), R),
        ("Query", Refusal("dynamodb", "ValidationException", "The table does not have the specified index: due"), C),
        (
            "GetItem",
            Refusal("dynamodb", "ValidationException", "The provided key element does not match the schema"),
            C,
        ),
        ("GetItem", Refusal("dynamodb", "AThrownThingOfTheYear2030"), U),
        ("GetObject", Refusal("s3", "SlowDown", status=503), P),
        ("GetObject", Refusal("s3", "InternalError", status=500), P),
        ("GetObject", Refusal("s3", "RequestTimeout"), P),
        ("GetObject", Refusal("s3", "AccessDenied", status=403), C),
        ("GetObject", Refusal("s3", "NoSuchBucket", status=404), C),
        ("GetObject", Refusal("s3", "KMS.DisabledException"), C),
        ("CopyObject", Refusal("s3", "KMS.KMSInvalidStateException"), C),
        ("CopyObject", Refusal("s3", "KMS.NotFoundException"), C),
        ("GetObject", Refusal("s3", "KMS.ThrottlingException"), P),
        ("GetObject", Refusal("s3", "NoSuchKey", status=404), R),
        ("GetObject", Refusal("s3", "KeyTooLongError"), R),
        ("Publish", Refusal("sns", "AuthorizationError", status=403), C),
        ("Publish", Refusal("sns", "NotFound", status=404), C),
        ("Publish", Refusal("sns", "KMSDisabled"), C),
        ("Publish", Refusal("sns", "KMSAccessDenied"), C),
        ("Publish", Refusal("sns", "KMSInvalidState"), C),
        ("Publish", Refusal("sns", "KMSNotFound"), C),
        ("Publish", Refusal("sns", "KMSOptInRequired", status=403), C),
        ("Publish", Refusal("sns", "KMSThrottling"), P),
        ("Publish", Refusal("sns", "Throttling"), P),
        ("Publish", Refusal("sns", "InvalidParameter", "Invalid parameter: Message too long"), R),
        ("Publish", Refusal("sns", "ParameterValueInvalid"), R),
        ("SendMessage", Refusal("sqs", "KmsDisabled"), C),
        ("SendMessage", Refusal("sqs", "KmsThrottled"), P),
        ("SendMessage", Refusal("sqs", "AWS.SimpleQueueService.NonExistentQueue"), C),
        ("SendMessage", Refusal("sqs", "RequestThrottled"), P),
        ("SendMessage", Refusal("sqs", "InvalidMessageContents"), R),
        ("ReceiveMessage", Refusal("sqs", "OverLimit"), P),
        ("GetSecretValue", Refusal("secretsmanager", "ResourceNotFoundException"), C),
        ("GetSecretValue", Refusal("secretsmanager", "InvalidRequestException", "marked for deletion"), C),
        ("GetSecretValue", Refusal("secretsmanager", "DecryptionFailure"), C),
        ("GetSecretValue", Refusal("secretsmanager", "InternalServiceError", status=500), P),
        ("SendEmail", Refusal("sesv2", "SendingPausedException"), C),
        ("SendEmail", Refusal("sesv2", "NotFoundException", status=404), C),
        ("SendEmail", Refusal("sesv2", "TooManyRequestsException", status=429), P),
        ("SendEmail", Refusal("sesv2", "LimitExceededException"), P),
        ("SendEmail", Refusal("sesv2", "ThrottlingException", "Daily message quota exceeded"), P),
        ("SendEmail", Refusal("sesv2", "MessageRejected", UNVERIFIED), C),
        ("SendEmail", Refusal("sesv2", "MessageRejected", "Address blacklisted."), R),
        ("SendEmail", Refusal("sesv2", "BadRequestException", "Duplicate header 'Subject'."), U),
        ("DescribeStacks", Refusal("cloudformation", "ValidationError", "Stack with id x does not exist"), C),
        ("DescribeStacks", Refusal("cloudformation", "Throttling"), P),
        ("GetCallerIdentity", Refusal("sts", "InvalidClientTokenId", status=403), C),
        ("GetCallerIdentity", Refusal("sts", "OptInRequired", status=403), C),
        ("Publish", Refusal("sns", "UnrecognizedClientException", status=403), C),
    ],
    ids=str,
)
def test_an_error_means_what_its_service_documents(operation: str, refusal: Refusal, meaning: Meaning) -> None:
    """As the SDK reads it from the answer of the service."""
    assert meaning_of(refusal.error(operation)) is meaning


@pytest.mark.parametrize(
    ("reasons", "meaning"),
    [
        (["None", "ConditionalCheckFailed"], P),
        (["TransactionConflict", "None"], P),
        (["ThrottlingError"], P),
        (["ProvisionedThroughputExceeded", "None"], P),
        (["None", "ItemCollectionSizeLimitExceeded"], R),
        (["ValidationError", "TransactionConflict"], R),
        (["AccessDenied", "ValidationError"], C),
        (["None", "AReasonOfTheYear2030"], U),
    ],
    ids=str,
)
def test_a_cancelled_transaction_means_what_its_gravest_reason_does(reasons: list[str], meaning: Meaning) -> None:
    """What lasts counts before what passes."""
    refusal = Refusal("dynamodb", "TransactionCanceledException", reasons=[(code, "") for code in reasons])
    assert meaning_of(refusal.error("TransactWriteItems")) is meaning


def test_a_transaction_that_misses_an_index_is_not_the_letters_fault() -> None:
    """Its reason's text says that the table is another one."""
    why = "One or more parameter values were invalid: Type mismatch for Index Key due_at Expected: S Actual: N"
    refusal = Refusal("dynamodb", "TransactionCanceledException", reasons=[("None", ""), ("ValidationError", why)])
    error = refusal.error("TransactWriteItems")
    assert (meaning_of(error), code_of(error)) == (C, "TransactionCanceledException[ValidationError]")
    assert why in text_of(error)


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (botocore.exceptions.EndpointConnectionError(endpoint_url="https://s3"), P),
        (botocore.exceptions.ConnectTimeoutError(endpoint_url="https://s3"), P),
        (botocore.exceptions.ReadTimeoutError(endpoint_url="https://s3"), P),
        (botocore.exceptions.ConnectionClosedError(endpoint_url="https://s3"), P),
        (botocore.exceptions.ResponseStreamingError(error="cut"), P),
        (botocore.exceptions.IncompleteReadError(actual_bytes=1, expected_bytes=2), P),
        (botocore.exceptions.NoCredentialsError(), C),
        (botocore.exceptions.NoRegionError(), C),
        (botocore.exceptions.ProfileNotFound(profile="x"), C),
        (botocore.exceptions.UnauthorizedSSOTokenError(), C),
        (botocore.exceptions.SSLError(endpoint_url="https://s3", error=OSError()), C),
        (botocore.exceptions.InvalidRegionError(region_name="?"), C),
        (botocore.exceptions.ParamValidationError(report="an empty key"), R),
        (botocore.exceptions.PaginationError(message="x"), U),
        (ValueError("ours"), None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_the_sdk_raises_by_itself_has_a_meaning_too(error: Exception, meaning: Meaning | None) -> None:
    """What it did not raise has none here."""
    assert meaning_of(error) is meaning


@pytest.mark.parametrize(("status", "meaning"), [(500, P), (503, P), (429, P), (400, U), (418, U)])
def test_an_unknown_name_passes_only_where_its_http_status_says_so(status: int, meaning: Meaning) -> None:
    """From 500 on the error is the service's (feature-retry-behavior.html)."""
    metadata = {"HTTPStatusCode": status}
    error = ClientError({"Error": {"Code": "X"}, "ResponseMetadata": metadata}, "GetItem")  # type: ignore[typeddict-item]  # no more is needed
    assert meaning_of(error) is meaning


def test_every_call_in_the_source_is_of_a_service_whose_errors_are_known() -> None:
    """A new operation needs its errors first."""
    written = "\n".join(path.read_text("utf-8") for path in (ROOT / "src").rglob("*.py"))
    services = botocore.session.get_session()
    wanted = set()
    for service in BY_SERVICE.keys() - {"dynamodb cancellation"}:
        for name in services.get_service_model(service).operation_names:
            snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
            if re.search(rf"(client|connect\([^()]*\))\.{snake}\(", written):
                wanted.add(name)
    assert {"TransactWriteItems", "SendEmail", "Publish", "GetObject", "DescribeStacks"} <= wanted
    assert wanted <= SERVICE_OF.keys()


def test_every_error_that_the_sdks_model_names_for_an_operation_has_a_meaning() -> None:
    """The models are AWS's own description of its services, and come with each version of the SDK."""
    services = botocore.session.get_session()
    nameless = []
    for operation, service in SERVICE_OF.items():
        model = services.get_service_model(service)
        if operation not in model.operation_names:
            raise AssertionError(f"{service} has no operation {operation}")
        for shape in model.operation_model(operation).error_shapes:
            code = shape.metadata.get("error", {}).get("code", shape.name)
            known = code in BY_SERVICE[service] or code in COMMON or code in KMS
            if not known and code not in ("TransactionCanceledException", "MessageRejected", "BadRequestException"):
                nameless.append(f"{service} {operation} {code}")
    assert nameless == []
