"""The errors that AWS documents for each operation of the product: status, and whether they pass by themselves.

Tests inject no other (`require`), and the classification of errors is tested against this table.
An operation's own errors are those of its page in the API reference, which the SDK's model repeats; beside them stand
the errors that the service documents for all of its operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import NamedTuple


class ErrorRule(NamedTuple):
    """One documented error of an operation."""

    status: int
    """The HTTP status of the answer."""
    passes: bool | None
    """Whether the same request succeeds later though no person acts; None where that depends on the error's text."""
    source: str
    """The page that documents it."""


class UndocumentedError(AssertionError):
    """A test injects an error that AWS does not document for that operation."""


Rules = Mapping[str, ErrorRule]


def _rules(
    source: str, *, passing: Iterable[tuple[str, int]] = (), lasting: Iterable[tuple[str, int]] = ()
) -> dict[str, ErrorRule]:
    return {
        **{code: ErrorRule(status, passes=True, source=source) for code, status in passing},
        **{code: ErrorRule(status, passes=False, source=source) for code, status in lasting},
    }


# Errors of every operation ----------------------------------------------------------------------------------

COMMON = {
    **_rules(
        "SNS API reference, Common Error Types (CommonErrors.html)",
        passing=(
            ("ExpiredTokenException", 403), ("InternalFailure", 500), ("RequestAbortedException", 400),
            ("RequestExpired", 400), ("RequestTimeoutException", 408), ("ServiceUnavailable", 503),
            ("ThrottlingException", 400),
        ),
        lasting=(
            ("AccessDeniedException", 403), ("IncompleteSignature", 400), ("InvalidClientTokenId", 403),
            ("MalformedHttpRequestException", 400), ("NotAuthorized", 401), ("OptInRequired", 403),
            ("RequestEntityTooLargeException", 413), ("UnknownOperationException", 404),
            ("UnrecognizedClientException", 403), ("ValidationError", 400),
        ),
    ),
}  # fmt: skip
"""Credentials of a role are renewed by Lambda and by the SDK, so that an expired token passes. The pages of services
differ in the status of a few (400 or 403): the code is what tells."""

_QUERY = (
    _rules(
        "AWS SDKs and tools reference guide, Retry behavior (feature-retry-behavior.html)",
        passing=(("Throttling", 400),),
    )
    | _rules("IAM user guide, Troubleshoot access denied error messages", lasting=(("AccessDenied", 403),))
    | _rules(
        "documented of S3 alone; reported of STS and IAM (aws/aws-cli issue 7870)", passing=(("ExpiredToken", 403),)
    )
)
"""How services of the query protocol (SES v1, SNS, CloudFormation, STS) call three of these."""

# DynamoDB ---------------------------------------------------------------------------------------------------

_DYNAMODB_PAGE = "DynamoDB developer guide, Error handling (Programming.Errors.html)"
_DYNAMODB = _rules(
    _DYNAMODB_PAGE,
    passing=(
        ("InternalServerError", 500), ("ProvisionedThroughputExceededException", 400),
        ("RequestLimitExceeded", 400), ("ServiceUnavailable", 503), ("ThrottlingException", 400),
        ("UnrecognizedClientException", 400),
    ),
    lasting=(
        ("AccessDeniedException", 400),
        ("IncompleteSignatureException", 400),
        ("MissingAuthenticationTokenException", 400),
        ("ResourceNotFoundException", 400),
        ("ValidationException", 400),
    ),
)  # fmt: skip
"""The page says "OK to retry" of the passing ones, and of these alone."""
_WRITE = _rules(
    "DynamoDB API reference, UpdateItem (API_UpdateItem.html)",
    passing=(("TransactionConflictException", 400), ("ReplicatedWriteConflictException", 400)),
    lasting=(("ConditionalCheckFailedException", 400), ("ItemCollectionSizeLimitExceededException", 400)),
)
_TRANSACTION = {
    **_rules(
        "DynamoDB API reference, TransactWriteItems (API_TransactWriteItems.html)",
        passing=(("TransactionInProgressException", 400),),
        lasting=(("IdempotentParameterMismatchException", 400),),
    ),
    "TransactionCanceledException": ErrorRule(
        400, None, "DynamoDB API reference, TransactWriteItems (API_TransactWriteItems.html)"
    ),
}
_TABLE = _rules(
    _DYNAMODB_PAGE,
    passing=(("LimitExceededException", 400),),
    lasting=(("ResourceInUseException", 400),),
)
CANCELLED: Rules = _rules(
    "DynamoDB API reference, TransactWriteItems, Cancellation reasons",
    passing=(
        ("TransactionConflict", 400),
        ("ProvisionedThroughputExceeded", 400),
        ("ThrottlingError", 400),
        ("InternalServerError", 500),
    ),
    lasting=(
        ("None", 400), ("ConditionalCheckFailed", 400), ("ItemCollectionSizeLimitExceeded", 400),
        ("ValidationError", 400), ("AccessDenied", 400), ("DuplicateItem", 400),
    ),
)  # fmt: skip
"""Codes of the reasons of a TransactionCanceledException, one for each of its actions; "None" is of an action that failed nothing."""

_STREAM = _rules(
    "DynamoDB API reference, DescribeStream (API_streams_DescribeStream.html)",
    passing=(("InternalServerError", 500),),
    lasting=(("ResourceNotFoundException", 400),),
)

# S3 ---------------------------------------------------------------------------------------------------------

_S3_PAGE = "S3 API reference, Error responses (ErrorResponses.html)"
_S3 = _rules(
    _S3_PAGE,
    passing=(
        ("ExpiredToken", 400), ("InternalError", 500), ("OperationAborted", 409), ("RequestTimeout", 400),
        ("ServiceUnavailable", 503), ("SlowDown", 503),
    ),
    lasting=(
        ("AccessDenied", 403), ("AccountProblem", 403), ("AllAccessDisabled", 403),
        ("AuthorizationHeaderMalformed", 400), ("EntityTooLarge", 400), ("InvalidAccessKeyId", 403),
        ("InvalidArgument", 400), ("InvalidBucketName", 400), ("InvalidRequest", 400), ("InvalidToken", 400),
        ("KeyTooLongError", 400), ("MetadataTooLarge", 400), ("MethodNotAllowed", 405), ("NoSuchBucket", 404),
        ("PermanentRedirect", 301), ("RequestTimeTooSkewed", 403), ("SignatureDoesNotMatch", 403),
    ),
) | _rules(
    "KMS developer guide, Key states of KMS keys (key-state.html); KMS API reference, Decrypt (API_Decrypt.html)",
    passing=(("KMS.KeyUnavailableException", 500), ("KMS.KMSInternalException", 500), ("KMS.ThrottlingException", 400)),
    lasting=(("KMS.DisabledException", 400), ("KMS.KMSInvalidStateException", 400), ("KMS.NotFoundException", 400)),
)  # fmt: skip
_S3_OBJECT = _rules(
    "S3 API reference, GetObject (API_GetObject.html)",
    lasting=(("NoSuchKey", 404), ("InvalidObjectState", 403)),
)
_S3_HEAD = _rules(
    "S3 API reference, HeadObject (API_HeadObject.html)",
    passing=(("500", 500), ("503", 503)),
    lasting=(("400", 400), ("403", 403), ("404", 404), ("405", 405), ("NoSuchKey", 404)),
)
"""A HEAD has no body: the SDK's code of an error is its status."""
_S3_COPY = _rules("S3 API reference, CopyObject (API_CopyObject.html)", lasting=(("ObjectNotInActiveTierError", 403),))
_S3_PUT = _rules(
    "S3 API reference, PutObject (API_PutObject.html)",
    lasting=(("EncryptionTypeMismatch", 400), ("InvalidWriteOffset", 400), ("TooManyParts", 400)),
)

# SQS --------------------------------------------------------------------------------------------------------

_SQS_PAGE = "SQS API reference, SendMessage and CommonErrors (API_SendMessage.html)"
_SQS = _rules(
    _SQS_PAGE,
    passing=(("RequestThrottled", 400), ("KmsThrottled", 400)),
    lasting=(
        ("AWS.SimpleQueueService.NonExistentQueue", 400), ("InvalidAddress", 400), ("InvalidParameterValue", 400),
        ("InvalidSecurity", 400), ("QueueDoesNotExist", 400), ("UnsupportedOperation", 400),
        ("KmsAccessDenied", 400), ("KmsDisabled", 400), ("KmsInvalidKeyUsage", 400), ("KmsInvalidState", 400),
        ("KmsNotFound", 400), ("KmsOptInRequired", 403),
    ),
)  # fmt: skip
"""SQS answers by the JSON protocol with the code of the query protocol beside its own, which the SDK shows instead
(SQS developer guide, "AWS JSON protocol", awsQueryCompatible): a queue that is not there is `AWS.SimpleQueueService.NonExistentQueue`."""

# SES and SNS ------------------------------------------------------------------------------------------------

_SEND_EMAIL_PAGE = "SES API v2 reference, SendEmail (API_SendEmail.html)"
_SEND_EMAIL: Rules = {
    **_rules(
        _SEND_EMAIL_PAGE,
        passing=(("TooManyRequestsException", 429), ("LimitExceededException", 400)),
        lasting=(
            ("AccountSuspendedException", 400),
            ("MailFromDomainNotVerifiedException", 400),
            ("NotFoundException", 404),
            ("SendingPausedException", 400),
        ),
    ),
    # Of both the text tells whether the letter is refused or the account (SES developer guide, "Amazon SES email
    # sending errors"): neither passes by itself.
    **_rules(_SEND_EMAIL_PAGE, lasting=(("BadRequestException", 400), ("MessageRejected", 400))),
    **_rules(
        "SES developer guide, Errors related to the sending quotas (manage-sending-quotas-errors.html)",
        passing=(("ThrottlingException", 400), ("Throttling", 400)),
    ),
}
_SESV2_READ = _rules(
    "SES API v2 reference, GetEmailIdentity (API_GetEmailIdentity.html)",
    passing=(("TooManyRequestsException", 429),),
    lasting=(("BadRequestException", 400), ("NotFoundException", 404)),
)
_RULE_SETS = _rules(
    "SES API v1 reference, SetActiveReceiptRuleSet (API_SetActiveReceiptRuleSet.html)",
    lasting=(("RuleSetDoesNotExist", 400),),
)
_SNS = _rules(
    "SNS API reference, Publish (API_Publish.html)",
    passing=(("InternalError", 500),),
    lasting=(("AuthorizationError", 403), ("InvalidParameter", 400), ("InvalidSecurity", 403), ("NotFound", 404)),
) | _rules("SNS API reference, GetSMSAttributes (API_GetSMSAttributes.html)", passing=(("Throttled", 429),))
_PUBLISH = _rules(
    "SNS API reference, Publish (API_Publish.html)",
    passing=(("KMSThrottling", 400),),
    lasting=(
        ("EndpointDisabled", 400), ("KMSAccessDenied", 400), ("KMSDisabled", 400), ("KMSInvalidState", 400),
        ("KMSNotFound", 400), ("KMSOptInRequired", 403), ("ParameterValueInvalid", 400),
        ("PlatformApplicationDisabled", 400), ("ValidationException", 400),
    ),
)  # fmt: skip
_CONFIRM = _rules(
    "SNS API reference, ConfirmSubscription (API_ConfirmSubscription.html)",
    lasting=(("FilterPolicyLimitExceeded", 403), ("ReplayLimitExceeded", 403), ("SubscriptionLimitExceeded", 403)),
)

# The others -------------------------------------------------------------------------------------------------

_SECRETS = _rules(
    "Secrets Manager API reference, GetSecretValue (API_GetSecretValue.html)",
    passing=(("InternalServiceError", 500),),
    lasting=(
        ("DecryptionFailure", 400),
        ("InvalidParameterException", 400),
        ("InvalidRequestException", 400),
        ("ResourceNotFoundException", 400),
    ),
)
_CLOUDWATCH = _rules(
    "CloudWatch API reference, GetMetricStatistics (API_GetMetricStatistics.html)",
    passing=(("InternalServiceError", 500),),
    lasting=(
        ("InvalidNextToken", 400),
        ("InvalidParameterCombination", 400),
        ("InvalidParameterValue", 400),
        ("MissingParameter", 400),
    ),
)
_LAMBDA = _rules(
    "Lambda API reference, GetFunctionConfiguration (API_GetFunctionConfiguration.html)",
    passing=(("ServiceException", 500), ("TooManyRequestsException", 429)),
    lasting=(("InvalidParameterValueException", 400), ("ResourceNotFoundException", 404)),
)
_EVENTS = _rules(
    "EventBridge API reference, DescribeRule (API_DescribeRule.html)",
    passing=(("InternalException", 500),),
    lasting=(("ResourceNotFoundException", 400), ("ValidationException", 400)),
)
_PUT_EVENTS = _rules(
    "EventBridge API reference, PutEvents (API_PutEvents.html)",
    passing=(("InternalException", 500),),
    lasting=(("ValidationException", 400),),
)
_KMS = _rules(
    "KMS API reference, DescribeKey (API_DescribeKey.html)",
    passing=(("DependencyTimeoutException", 503), ("KMSInternalException", 500)),
    lasting=(("InvalidArnException", 400), ("NotFoundException", 400)),
)
_S3_SETTINGS = _rules(
    _S3_PAGE,
    lasting=(("NoSuchPublicAccessBlockConfiguration", 404), ("ServerSideEncryptionConfigurationNotFoundError", 404)),
)
_BACKUPS: Rules = {
    **_rules(
        "DynamoDB API reference, DescribeContinuousBackups (API_DescribeContinuousBackups.html)",
        lasting=(("TableNotFoundException", 400),),
    ),
    "ContinuousBackupsUnavailableException": ErrorRule(
        400, None, "DynamoDB API reference, UpdateContinuousBackups (API_UpdateContinuousBackups.html)"
    ),
}
"""Of a table that was made just now backups are not available yet: whether that passes depends on its age."""

Operation = tuple[str, str]
"""The SDK's name of a service and the operation: `("sesv2", "SendEmail")`."""


def _of(service: str, operations: Iterable[str], *rules: Rules) -> dict[Operation, Rules]:
    merged = {code: rule for each in (COMMON, *rules) for code, rule in each.items()}
    return {(service, operation): MappingProxyType(merged) for operation in operations}


DOCUMENTED: Mapping[Operation, Rules] = MappingProxyType(
    _of("sesv2", ("SendEmail",), _SEND_EMAIL)
    | _of(
        "sesv2",
        (
            "GetAccount",
            "GetConfigurationSet",
            "GetConfigurationSetEventDestinations",
            "GetEmailIdentity",
            "GetSuppressedDestination",
            "ListEmailIdentities",
        ),
        _SESV2_READ,
    )
    | _of(
        "ses", ("DescribeActiveReceiptRuleSet", "DescribeReceiptRuleSet", "SetActiveReceiptRuleSet"), _QUERY, _RULE_SETS
    )
    | _of("sns", ("Publish",), _QUERY, _SNS, _PUBLISH)
    | _of("sns", ("ConfirmSubscription",), _QUERY, _SNS, _CONFIRM)
    | _of(
        "sns",
        (
            "CheckIfPhoneNumberIsOptedOut",
            "GetSMSAttributes",
            "GetSMSSandboxAccountStatus",
            "GetSubscriptionAttributes",
            "GetTopicAttributes",
            "ListSubscriptions",
            "ListSubscriptionsByTopic",
        ),
        _QUERY,
        _SNS,
    )
    | _of(
        "sns",
        ("ListSMSSandboxPhoneNumbers",),
        _QUERY,
        _SNS,
        _rules("SNS API reference, ListSMSSandboxPhoneNumbers", lasting=(("ResourceNotFound", 404),)),
    )
    | _of("sqs", ("GetQueueUrl",), _SQS)
    | _of("sqs", ("SendMessage",), _SQS, _rules(_SQS_PAGE, lasting=(("InvalidMessageContents", 400),)))
    | _of("sqs", ("ReceiveMessage",), _SQS, _rules("SQS API reference, ReceiveMessage", passing=(("OverLimit", 403),)))
    | _of(
        "sqs",
        ("DeleteMessage",),
        _SQS,
        _rules("SQS API reference, DeleteMessage", lasting=(("InvalidIdFormat", 400), ("ReceiptHandleIsInvalid", 404))),
    )
    | _of(
        "sqs",
        ("GetQueueAttributes",),
        _SQS,
        _rules("SQS API reference, GetQueueAttributes", lasting=(("InvalidAttributeName", 400),)),
    )
    | _of("dynamodb", ("BatchGetItem", "DescribeTable", "GetItem", "Query", "Scan"), _DYNAMODB)
    | _of(
        "dynamodb", ("DescribeContinuousBackups", "DescribeTimeToLive", "UpdateContinuousBackups"), _DYNAMODB, _BACKUPS
    )
    | _of("dynamodb", ("UpdateTable", "UpdateTimeToLive"), _DYNAMODB, _TABLE)
    | _of("dynamodb", ("DeleteItem", "PutItem", "UpdateItem"), _DYNAMODB, _WRITE)
    | _of("dynamodb", ("TransactWriteItems",), _DYNAMODB, _TRANSACTION)
    | _of("dynamodbstreams", ("DescribeStream",), _STREAM)
    | _of("s3", ("GetObject",), _S3, _S3_OBJECT)
    | _of("s3", ("HeadBucket", "HeadObject"), _S3, _S3_HEAD)
    | _of("s3", ("CopyObject",), _S3, _S3_OBJECT, _S3_COPY)
    | _of("s3", ("PutObject",), _S3, _S3_PUT)
    | _of("s3", ("DeleteObject", "ListObjectVersions", "ListObjectsV2"), _S3)
    | _of("s3", ("GetBucketEncryption", "GetBucketVersioning", "GetPublicAccessBlock"), _S3, _S3_SETTINGS)
    | _of(
        "lambda",
        (
            "GetAccountSettings",
            "GetEventSourceMapping",
            "GetFunctionConcurrency",
            "GetFunctionConfiguration",
            "ListEventSourceMappings",
        ),
        _LAMBDA,
    )
    | _of("events", ("DescribeRule", "ListTargetsByRule"), _EVENTS)
    | _of("events", ("PutEvents",), _PUT_EVENTS)
    | _of("kms", ("DescribeKey",), _KMS)
    | _of("secretsmanager", ("DescribeSecret", "GetSecretValue"), _SECRETS)
    | _of("cloudformation", ("DescribeStackResources", "DescribeStacks", "ListStackResources"), _QUERY)
    | _of("sts", ("GetCallerIdentity",), _QUERY)
    | _of("cloudwatch", ("DescribeAlarms", "GetMetricData", "GetMetricStatistics"), _QUERY, _CLOUDWATCH)
)
"""Every error of every operation, by the code that the SDK shows."""


def documented(service: str, operation: str, code: str) -> ErrorRule:
    """Return the rule of an error; raises UndocumentedError, naming what the operation may answer."""
    rules = DOCUMENTED.get((service, operation))
    if rules is None:
        raise UndocumentedError(f"{service}.{operation} is not in local/aws_contract/errors.py: add its errors first")
    if code not in rules:
        raise UndocumentedError(
            f"{service}.{operation} does not answer {code!r}; it may answer {', '.join(sorted(rules))}"
        )
    return rules[code]


def service_of(operation: str) -> str:
    """Return the one service that has an operation of this name; raises UndocumentedError."""
    services = sorted({service for service, name in DOCUMENTED if name == operation})
    if len(services) != 1:
        raise UndocumentedError(f"{operation} belongs to {services or 'no service'} of local/aws_contract/errors.py")
    return services[0]
