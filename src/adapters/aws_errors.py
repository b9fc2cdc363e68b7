"""What an error of AWS means: whether it passes, lies in the configuration, or in this very request.

Names are those that botocore reports (`Error.Code`). Where AWS documents two forms of a name, such as `KmsDisabled` of
the SQS API reference and `KMS.DisabledException` of its query protocol, both are here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError


class Meaning(StrEnum):
    """What follows from an error."""

    PASSING = "passing"
    """It ends by itself: retried, and counted by nobody."""
    CONFIGURATION = "configuration"
    """A person has to act, and then the same request is taken: retried for days, alarmed at the first."""
    REQUEST = "request"
    """This request will be refused for as long as it is what it is: recorded, listed, sent again after a fix."""
    UNKNOWN = "unknown"
    """This version does not know it: retried and alarmed."""


_P, _C, _R = Meaning.PASSING, Meaning.CONFIGURATION, Meaning.REQUEST

COMMON: Final[Mapping[str, Meaning]] = {
    "AccessDenied": _C, "AccessDeniedException": _C, "NotAuthorized": _C, "UnauthorizedOperation": _C,
    "IncompleteSignature": _C, "IncompleteSignatureException": _C, "InvalidSignatureException": _C,
    "SignatureDoesNotMatch": _C, "InvalidClientTokenId": _C, "InvalidAccessKeyId": _C, "InvalidToken": _C,
    "UnrecognizedClientException": _C, "MissingAuthenticationToken": _C, "MissingAuthenticationTokenException": _C,
    "OptInRequired": _C, "SubscriptionRequiredException": _C,
    "RequestTimeTooSkewed": _C,
    # The role's credentials are renewed by Lambda and by the SDK; `cli.remedies` says what a person does.
    "ExpiredToken": _P, "ExpiredTokenException": _P, "TokenRefreshRequired": _P, "RequestExpired": _P,
    "InvalidAction": _C, "InvalidEndpointException": _C, "UnknownOperationException": _C,
    "Throttling": _P, "ThrottlingException": _P, "ThrottledException": _P, "RequestThrottled": _P,
    "RequestThrottledException": _P, "TooManyRequestsException": _P, "RequestLimitExceeded": _P,
    "BandwidthLimitExceeded": _P, "LimitExceededException": _P, "PriorRequestNotComplete": _P, "SlowDown": _P,
    "InternalFailure": _P, "InternalError": _P, "InternalServerError": _P, "InternalServiceError": _P,
    "ServiceUnavailable": _P, "ServiceUnavailableException": _P, "RequestTimeout": _P, "RequestTimeoutException": _P,
    "RequestAbortedException": _P,
    "InvalidParameterCombination": _R, "InvalidParameterValue": _R, "MissingParameter": _R, "MalformedQueryString": _R,
    "ValidationError": _R, "ValidationException": _R, "SerializationException": _R,
    "RequestEntityTooLargeException": _R, "MalformedHttpRequestException": _R,
}  # fmt: skip
"""Names that every service may answer (docs.aws.amazon.com/general/latest/gr/CommonErrors.html; the "Common Error Types"
of each API reference), and the names of throttling that the SDK repeats a request for
(docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)."""

KMS: Final[Mapping[str, Meaning]] = {
    # As SNS names them (docs.aws.amazon.com/sns/latest/api/API_Publish.html, "Errors").
    "KMSAccessDenied": _C, "KMSDisabled": _C, "KMSInvalidState": _C, "KMSNotFound": _C, "KMSOptInRequired": _C,
    "KMSThrottling": _P,
    # As SQS does (docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html, "Errors").
    "KmsAccessDenied": _C, "KmsDisabled": _C, "KmsInvalidKeyUsage": _C, "KmsInvalidState": _C, "KmsNotFound": _C,
    "KmsOptInRequired": _C, "KmsThrottled": _P,
    # As KMS itself does, to whichever service asks it for us
    # (docs.aws.amazon.com/kms/latest/APIReference/API_Decrypt.html, "Errors").
    "DisabledException": _C, "InvalidKeyUsageException": _C, "KeyUnavailableException": _P, "KMSInternalException": _P,
    "KMSInvalidStateException": _C, "DependencyTimeoutException": _P, "InvalidGrantTokenException": _C,
    "KMSAccessDeniedException": _C, "KMSDisabledException": _C, "KMSNotFoundException": _C,
    "KMSThrottlingException": _P, "KMSOptInRequiredException": _C,
    # S3 puts "KMS." before the name (docs.aws.amazon.com/AmazonRDS/latest/UserGuide/
    # USER_ExportSnapshot.TroubleshootFailureMessages.html names two of them), and so does the query protocol of SQS.
    "NotFoundException": _C, "InvalidStateException": _C,
}  # fmt: skip
"""Names of what is wrong with a key. A key of KMS that is disabled or about to be deleted is a person's act."""
_OF_KMS: Final = "KMS."

BY_SERVICE: Final[Mapping[str, Mapping[str, Meaning]]] = {
    # docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html ("OK to retry?"), and "Errors" of
    # API_TransactWriteItems, API_UpdateItem, API_Query, API_GetItem and API_BatchGetItem in its API reference.
    "dynamodb": {
        "ProvisionedThroughputExceededException": _P, "TransactionInProgressException": _P,
        "TransactionConflictException": _P, "ReplicatedWriteConflictException": _P,
        # Another write came first: what was decided is decided again on what is there now.
        "ConditionalCheckFailedException": _P,
        "LimitExceededException": _P, "UnrecognizedClientException": _P,
        "ResourceNotFoundException": _C, "TableNotFoundException": _C, "PolicyNotFoundException": _C,
        "ResourceInUseException": _C, "ContinuousBackupsUnavailableException": _C,
        "ItemCollectionSizeLimitExceededException": _R, "IdempotentParameterMismatchException": _R,
        "DuplicateItemException": _R,
    },
    # docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html, "Cancellation reason codes".
    "dynamodb cancellation": {
        "ConditionalCheckFailed": _P, "TransactionConflict": _P, "ThrottlingError": _P,
        "ProvisionedThroughputExceeded": _P, "DuplicateItem": _R, "ItemCollectionSizeLimitExceeded": _R,
        "ValidationError": _R, "AccessDenied": _C,
    },
    # docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html. HEAD has no body: its code is the HTTP status, and a
    # 400 may be anything.
    "s3": {
        "NoSuchKey": _R, "NoSuchVersion": _R, "404": _R, "InvalidObjectState": _R, "InvalidRequest": _R,
        "InvalidArgument": _R, "KeyTooLongError": _R, "EntityTooLarge": _R, "MethodNotAllowed": _R,
        "ObjectNotInActiveTierError": _R, "MetadataTooLarge": _R, "PreconditionFailed": _R, "412": _R, "405": _R, "400": Meaning.UNKNOWN,
        "InvalidURI": _R, "InvalidDigest": _R, "InvalidWriteOffset": _R, "TooManyParts": _R,
        "BadDigest": _P, "IncompleteBody": _P, "OperationAborted": _P, "ConditionalRequestConflict": _P,
        "TemporaryRedirect": _P, "Busy": _P, "503": _P, "500": _P, "429": _P, "409": _P,
        "NoSuchBucket": _C, "PermanentRedirect": _C, "AuthorizationHeaderMalformed": _C, "403": _C, "301": _C,
        "IllegalLocationConstraintException": _C, "AllAccessDisabled": _C, "AccountProblem": _C, "NotSignedUp": _C,
        "InvalidBucketName": _C, "InvalidBucketState": _C, "InvalidSecurity": _C, "InvalidPayer": _C,
        "ServerSideEncryptionConfigurationNotFoundError": _C, "EncryptionTypeMismatch": _C, "NoSuchPublicAccessBlockConfiguration": _C,
    },
    # docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html, "Errors": the secret is named by
    # the deployment, so that whatever is wrong with it is the deployment's. A secret about to be deleted answers
    # InvalidRequestException.
    "secretsmanager": {
        "DecryptionFailure": _C, "EncryptionFailure": _C, "ResourceNotFoundException": _C,
        "InvalidRequestException": _C, "InvalidParameterException": _C, "ValidationException": _C,
        "PublicPolicyException": _C, "ResourceExistsException": _R, "LimitExceededException": _C,
    },
    # docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html, "Errors". What lies in the content goes by its
    # text, below.
    "sesv2": {
        "AccountSuspendedException": _C, "SendingPausedException": _C, "MailFromDomainNotVerifiedException": _C,
        "NotFoundException": _C, "ConflictException": _P, "ConcurrentModificationException": _P,
        "BadRequestException": _R,
    },
    # docs.aws.amazon.com/sns/latest/api/API_Publish.html, "Errors".
    "sns": {
        "AuthorizationError": _C, "NotFound": _C, "ResourceNotFound": _C, "EndpointDisabled": _C, "PlatformApplicationDisabled": _C,
        "InvalidSecurity": _C, "SubscriptionLimitExceeded": _C, "FilterPolicyLimitExceeded": _C,
        "ReplayLimitExceeded": _C, "Throttled": _P,
        "InvalidParameter": _R, "ParameterValueInvalid": _R,
    },
    # docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html and API_ReceiveMessage,
    # API_DeleteMessage, API_GetQueueAttributes, API_GetQueueUrl, "Errors".
    "sqs": {
        "QueueDoesNotExist": _C, "AWS.SimpleQueueService.NonExistentQueue": _C, "QueueDeletedRecently": _P,
        "InvalidAddress": _C, "InvalidSecurity": _C, "UnsupportedOperation": _C,
        "AWS.SimpleQueueService.UnsupportedOperation": _C, "OverLimit": _P, "InvalidMessageContents": _R,
        "MessageNotInflight": _R, "InvalidIdFormat": _R, "ReceiptHandleIsInvalid": _R, "InvalidAttributeName": _R, "InvalidAttributeValue": _R,
    },
    # docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html: a stack that does not exist is
    # answered ValidationError.
    "cloudformation": {"ValidationError": _C, "TokenAlreadyExistsException": _R},
    # docs.aws.amazon.com/ses/latest/APIReference/API_SetActiveReceiptRuleSet.html, "Errors".
    "ses": {"RuleSetDoesNotExist": _C},
    # docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html, "Errors".
    "cloudwatch": {"InvalidNextToken": _R},
    # docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html, "Errors".
    "kms": {"InvalidArnException": _C},
    # docs.aws.amazon.com/lambda/latest/api/API_GetFunctionConfiguration.html, "Errors".
    "lambda": {"ResourceNotFoundException": _C, "InvalidParameterValueException": _R, "ServiceException": _P},
    # docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeRule.html, "Errors".
    "dynamodbstreams": {"ResourceNotFoundException": _C},
    "events": {"ResourceNotFoundException": _C, "InternalException": _P},
    "sts": {},
}  # fmt: skip
"""What a name means at one service, where COMMON and KMS do not say it."""

_OPERATIONS: Final[Mapping[str, tuple[str, ...]]] = {
    "dynamodb": (
        "GetItem", "BatchGetItem", "Query", "Scan", "PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem",
        "TransactWriteItems", "TransactGetItems", "DescribeTable", "DescribeContinuousBackups", "DescribeTimeToLive",
        "UpdateTable", "UpdateTimeToLive", "UpdateContinuousBackups",
    ),
    "s3": (
        "GetObject", "HeadObject", "PutObject", "CopyObject", "DeleteObject", "ListObjectsV2", "ListObjectVersions",
        "HeadBucket", "GetBucketEncryption", "GetBucketVersioning", "GetPublicAccessBlock",
    ),
    "secretsmanager": ("GetSecretValue", "PutSecretValue", "DescribeSecret"),
    "sesv2": (
        "SendEmail", "GetAccount", "GetEmailIdentity", "ListEmailIdentities", "GetConfigurationSet",
        "GetConfigurationSetEventDestinations", "GetSuppressedDestination",
    ),
    "sns": (
        "Publish", "Subscribe", "ConfirmSubscription", "ListSubscriptions", "ListSubscriptionsByTopic",
        "GetSubscriptionAttributes", "GetTopicAttributes", "GetSMSAttributes", "GetSMSSandboxAccountStatus", "Unsubscribe",
        "CheckIfPhoneNumberIsOptedOut", "ListSMSSandboxPhoneNumbers",
    ),
    "sqs": (
        "SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl",
        "ChangeMessageVisibility",
    ),
    "cloudformation": ("DescribeStacks", "DescribeStackResources", "ListStackResources"),
    "ses": ("SetActiveReceiptRuleSet", "DescribeActiveReceiptRuleSet", "DescribeReceiptRuleSet"),
    "cloudwatch": ("DescribeAlarms", "GetMetricStatistics", "GetMetricData"),
    "kms": ("DescribeKey",),
    "lambda": (
        "GetAccountSettings", "GetEventSourceMapping", "GetFunctionConcurrency", "GetFunctionConfiguration", "ListEventSourceMappings",
    ),
    "dynamodbstreams": ("DescribeStream",),
    "events": ("DescribeRule", "ListTargetsByRule", "PutEvents"),
    "sts": ("GetCallerIdentity",),
}  # fmt: skip
SERVICE_OF: Final[Mapping[str, str]] = {name: service for service, names in _OPERATIONS.items() for name in names}
"""Which service an operation is of: an error names the operation alone."""

_THE_TABLE: Final = re.compile(
    r"""
      specified\ index | key\ element\ does\ not\ match\ the\ schema | number\ of\ conditions\ on\ the\ keys\ is\ invalid
    | Type\ mismatch\ for\ Index\ Key
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Texts by which a ValidationException of DynamoDB speaks of the table and its indexes, and not of what is written:
another table, or one without the index of this version. They are not documented; users report them."""
OF_CONTENT: Final = {"MessageRejected", "BadRequestException", "ValidationException"}
"""Errors of SendEmail that the reference explains by invalid content.

SES answers with the same names to an account in the sandbox, an identity that is not verified and the wrong region
(docs.aws.amazon.com/ses/latest/dg/troubleshoot-error-messages.html), so that only the text tells what is wrong.
"""
_THIS_LETTER: Final = re.compile(
    r"""
      address\ blacklisted
    | message\ length\ is\ more\ than | message\ is\ too\ (long|large) | message\ (size\ )?exceeds
    | illegal\ filename | attachment\b.*\bnot\ (supported|allowed) | contain(s|ed)\ a?\ ?virus
    """,
    re.VERBOSE | re.IGNORECASE,
)
"""Texts by which SES refuses this very letter, whichever account sends it and whenever: its size, its files.

What is wrong with an address, the header or the tags is not among them. SES answers "Illegal address" or "Domain
contains illegal character" of From and Return-Path as of To, and those are written again at each attempt, by code and
an edition that can be put right meanwhile. The texts are not documented; these were reported by users of SES.
"""
_THE_ACCOUNT: Final = re.compile(r"not\ verified|sandbox|suspended|paused|configuration set", re.IGNORECASE)
"""Texts by which SES refuses every letter of the account or of the identity (the page above)."""

_BY_KIND: Final[Mapping[str, Meaning]] = {
    "ParamValidationError": _R, "ValidationError": _R, "MissingParametersError": _R,
    "NoCredentialsError": _C, "PartialCredentialsError": _C, "CredentialRetrievalError": _C,
    "TokenRetrievalError": _C, "NoAuthTokenError": _C, "SSOError": _C, "LoginError": _C,
    "RefreshWithMFAUnsupportedError": _C, "ProfileNotFound": _C, "ConfigParseError": _C, "ConfigNotFound": _C,
    "InvalidConfigError": _C, "BaseEndpointResolverError": _C, "InvalidRegionError": _C, "EndpointProviderError": _C,
    "UnknownRegionError": _C, "ProxyConnectionError": _C, "InvalidProxiesConfigError": _C, "SSLError": _C,
    "DataNotFoundError": _C,
    # These two stand above every failure to reach a service or to hear its answer.
    "HTTPClientError": _P, "ConnectionError": _P,
    "IncompleteReadError": _P, "MetadataRetrievalError": _P, "FlexibleChecksumError": _P, "ChecksumError": _P,
}  # fmt: skip
"""What the SDK raises by itself, by the names of its classes (botocore.exceptions): Lambda has its own version of it."""
TOO_MANY_REQUESTS: Final = 429
SERVER_ERROR: Final = 500
"""From this HTTP status on the error is the service's, and may be repeated
(docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html)."""


def meaning_of(error: BaseException) -> Meaning | None:
    """Return what an error of the SDK means; None where the SDK did not raise it."""
    if isinstance(error, ClientError):
        return _meaning_of_answer(error)
    if isinstance(error, BotoCoreError):
        named = (_BY_KIND[kind.__name__] for kind in type(error).__mro__ if kind.__name__ in _BY_KIND)
        return next(named, Meaning.UNKNOWN)
    return None


def code_of(error: BaseException) -> str:
    """Return AWS's name of an error, with the reasons of a transaction; what else there is, by its class."""
    if not isinstance(error, ClientError):
        return type(error).__name__
    code = error.response.get("Error", {}).get("Code", "")
    reasons = sorted({reason for reason, _ in _reasons(error)})
    return f"{code}[{', '.join(reasons)}]" if reasons else code


def status_of(error: ClientError) -> int:
    """Return the HTTP status of an answer; 0 where none is known."""
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def text_of(error: ClientError) -> str:
    """Return AWS's words: they may quote what was asked, and are not for logs."""
    # The SDK reads an empty element of XML as None.
    texts = (error.response.get("Error", {}).get("Message"), *(text for _, text in _reasons(error)))
    return "; ".join(text for text in texts if text)


def _meaning_of_answer(error: ClientError) -> Meaning:
    code = error.response.get("Error", {}).get("Code", "")
    service = SERVICE_OF.get(error.operation_name, "")
    if reasons := _reasons(error):
        return _meaning_of_reasons(reasons)
    if error.operation_name == "SendEmail" and code in OF_CONTENT:
        return _meaning_of_refusal(text_of(error))
    if service == "dynamodb" and code == "ValidationException" and _THE_TABLE.search(text_of(error)):
        return Meaning.CONFIGURATION
    of_kms = code.removeprefix(_OF_KMS)
    named = BY_SERVICE.get(service, {}).get(code) or COMMON.get(of_kms) or KMS.get(of_kms)
    if named is not None:
        return named
    status = status_of(error)
    return Meaning.PASSING if status >= SERVER_ERROR or status == TOO_MANY_REQUESTS else Meaning.UNKNOWN


def _meaning_of_reasons(reasons: list[tuple[str, str]]) -> Meaning:
    """Return what a cancelled transaction means: what is wrong for good counts before what passes."""
    table = BY_SERVICE["dynamodb cancellation"]
    meanings = {
        Meaning.CONFIGURATION
        if code == "ValidationError" and _THE_TABLE.search(text)
        else table.get(code) or COMMON.get(code, Meaning.UNKNOWN)
        for code, text in reasons
    }
    order = (Meaning.CONFIGURATION, Meaning.REQUEST, Meaning.UNKNOWN, Meaning.PASSING)
    return next(meaning for meaning in order if meaning in meanings)


def _meaning_of_refusal(text: str) -> Meaning:
    if _THIS_LETTER.search(text):
        return Meaning.REQUEST
    return Meaning.CONFIGURATION if _THE_ACCOUNT.search(text) else Meaning.UNKNOWN


def _reasons(error: ClientError) -> list[tuple[str, str]]:
    """Return why a transaction was cancelled, code and text of each item that had a part in it."""
    given: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]  # the stub's union
    pairs = [(reason.get("Code", "None"), reason.get("Message", "")) for reason in given]
    return [(code, text) for code, text in pairs if code != "None"]
