"""A deployed stack that tests make up: answers of AWS, which its SDK's models must allow, and records of DNS."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import botocore.session
from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from adapters.deployment.diagnosis import CHECKS, diagnose
from adapters.deployment.dns import Kind, Unanswered
from adapters.deployment.findings import Finding
from adapters.deployment.stack import Deployment, Place
from adapters.people_files import rota_seed_of
from domain.people import People
from domain.regulation.editions import desk_ids
from domain.regulation.mailboxes import deployed_mailboxes
from domain.rota import Rota
from tests.support.people import people_of

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
REGION, ACCOUNT, STACK = "eu-west-1", "123456789012", "reglament"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0000"
PAGES, OPERATIONS = (f"arn:aws:sns:{REGION}:{ACCOUNT}:{STACK}-{name}" for name in ("pages", "operations"))
BUCKET = f"{STACK}-mail-{ACCOUNT}"
QUEUES = f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{STACK}-"
STREAM = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{STACK}-desk/stream/1"
SES_MX = f"10 inbound-smtp.{REGION}.amazonaws.com"
MDO, STO = "xn--d1achjhdicc8bh4h.xn--80asehdb", "storeolis.ru"
TOKENS = ["aaa", "bbb", "ccc"]

Answer = Any
"""What an operation returns: an answer, an exception to raise, or what is called with the arguments."""


def failure(code: str, message: str = "", operation: str = "Operation") -> ClientError:
    """Return an error as a service answers."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class FakeAws:
    """Answers by `service.operation`; what its SDK would not send or receive fails the test."""

    def __init__(self, answers: Mapping[str, Answer]) -> None:
        self.answers = dict(answers)
        self.calls: set[tuple[str, str]] = set()

    def connect(self, service: str) -> FakeClient:
        """Return the client of a service."""
        return FakeClient(service, self)


class FakeClient:
    """A client of the SDK, as far as it is called."""

    def __init__(self, service: str, aws: FakeAws) -> None:
        self._service, self._aws = service, aws
        self.meta = type("Meta", (), {"region_name": REGION})

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Return an operation, by the name that the SDK gives it in Python."""
        model = _model(self._service)
        operation = next(one for one in model.operation_names if xform_name(one) == name)

        def call(**arguments: Any) -> Any:
            self._aws.calls.add((self._service, operation))
            shape = model.operation_model(operation)
            _must_fit(arguments, shape.input_shape, f"{self._service}.{name}")
            answer = self._aws.answers[f"{self._service}.{name}"]
            answer = answer(**arguments) if callable(answer) else answer
            if isinstance(answer, Exception):
                if isinstance(answer, ClientError):
                    answer.operation_name = operation
                raise answer
            _must_fit(answer, shape.output_shape, f"{self._service}.{name}'s answer")
            return answer

        return call

    def get_paginator(self, name: str) -> Any:
        """Return a paginator whose only page is the operation's answer."""
        operation = getattr(self, name)

        class Pages:
            def paginate(self, **arguments: Any) -> Iterator[Any]:
                yield operation(**arguments)

        return Pages()


@cache
def _model(service: str) -> ServiceModel:
    return botocore.session.get_session().get_service_model(service)


def _must_fit(value: Any, shape: Any, what: str) -> None:
    if shape is None:
        assert not value, f"{what} takes nothing"
        return
    report = ParamValidator().validate(value, shape)
    assert not report.has_errors(), f"{what}: {report.generate_report()}"
    unknown = set(value) - set(shape.members)
    assert not unknown, f"{what} has no {unknown}"


class FakeDns:
    """Records by name and kind; a name without any has none."""

    def __init__(self, records: Mapping[tuple[str, Kind], tuple[str, ...] | Unanswered]) -> None:
        self.records = dict(records)

    def lookup(self, name: str, kind: Kind) -> tuple[str, ...]:
        """Return the records of a name."""
        found = self.records.get((name, kind), ())
        if isinstance(found, Unanswered):
            raise found
        return found


# A stack in which all is well ------------------------------------------------------------------------------

FUNCTIONS = ("inbound", "mailer", "pager", "clock")


def mapping_id(function: str) -> str:
    """Return the id of the mapping that starts a function, as long as ids are."""
    return f"{function}-".ljust(36, "0")


def identity(**changes: Any) -> dict[str, Any]:
    """Return a verified identity of SES that signs and has a MAIL FROM domain."""
    return {
        "IdentityType": "DOMAIN",
        "VerifiedForSendingStatus": True,
        "VerificationStatus": "SUCCESS",
        "DkimAttributes": {"SigningEnabled": True, "Status": "SUCCESS", "Tokens": TOKENS, "SigningAttributesOrigin": "AWS_SES"},
        "MailFromAttributes": {
            "MailFromDomain": "bounce.example.com",
            "MailFromDomainStatus": "SUCCESS",
            "BehaviorOnMxFailure": "USE_DEFAULT_VALUE",
        },
        **changes,
    }  # fmt: skip


def subscription(topic: str, name: str, protocol: str, endpoint: str) -> dict[str, str]:
    """Return a subscription as SNS lists it."""
    return {"SubscriptionArn": f"{topic}:{name}", "Owner": ACCOUNT, "Protocol": protocol, "Endpoint": endpoint, "TopicArn": topic}  # fmt: skip


ON_CALL = subscription(PAGES, "on-call", "email", "on-call@example.com")
ESCALATION = subscription(PAGES, "escalation", "sms", "+441632960001")
OPERATOR = subscription(OPERATIONS, "operator", "email", "operator@example.com")
FILTERS = {
    ON_CALL["SubscriptionArn"]: '{"level": ["on_call"]}',
    ESCALATION["SubscriptionArn"]: '{"level": ["escalation"]}',
}


def attributes(SubscriptionArn: str, **changes: str) -> dict[str, Any]:  # noqa: N803 - the SDK's own name
    """Return the attributes of a subscription that nobody ends by a click."""
    policy = FILTERS.get(SubscriptionArn)
    given = {
        "SubscriptionArn": SubscriptionArn,
        "TopicArn": SubscriptionArn.rpartition(":")[0],
        "Protocol": "email",
        "Endpoint": "on-call@example.com",
        "PendingConfirmation": "false",
        "ConfirmationWasAuthenticated": "true",
        **({"FilterPolicy": policy} if policy else {}),
        **changes,
    }
    return {"Attributes": given}


def desk_addresses() -> str:
    """Return what the stack's parameter has to be for the desks of this version."""
    return ",".join(deployed_mailboxes().desk_addresses)


def _resources() -> list[dict[str, Any]]:
    made = [
        *(("AWS::Lambda::Function", f"{name}Function", f"{STACK}-{name}") for name in FUNCTIONS),
        *(("AWS::Lambda::EventSourceMapping", f"{name}Mapping", mapping_id(name)) for name in ("inbound", "mailer", "pager")),
        ("AWS::Events::Rule", "ClockRule", f"{STACK}-clock"),
        *(("AWS::SQS::Queue", name, f"{QUEUES}{name}") for name in ("inbound", "feedback", "inbound-failures", "mail-undelivered")),
        ("AWS::CloudWatch::Alarm", "HeartbeatAlarm", f"{STACK}-heartbeat"),
        ("AWS::SNS::Subscription", "OperationsEmailSubscription", OPERATOR["SubscriptionArn"]),
        ("AWS::SES::ReceiptRule", "ReceiptRule", f"{STACK}-desks"),
    ]  # fmt: skip
    at = {"LastUpdatedTimestamp": NOW, "ResourceStatus": "CREATE_COMPLETE"}
    return [
        {"ResourceType": kind, "LogicalResourceId": logical, "PhysicalResourceId": physical, **at}
        for kind, logical, physical in made
    ]


def rule(**changes: Any) -> dict[str, Any]:
    """Return the stack's receipt rule."""
    stores = {
        "BucketName": BUCKET,
        "ObjectKeyPrefix": "incoming/",
        "TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:{STACK}-mail",
    }
    return {
        "Name": f"{STACK}-desks",
        "Enabled": True,
        "ScanEnabled": True,
        "Recipients": desk_addresses().split(","),
        "Actions": [{"S3Action": stores}],
        **changes,
    }  # fmt: skip


def rule_set(*rules: dict[str, Any], name: str = STACK) -> dict[str, Any]:
    """Return an active rule set."""
    return {"Metadata": {"Name": name, "CreatedTimestamp": NOW}, "Rules": list(rules or [rule()])}


def stack(**changes: Any) -> dict[str, Any]:
    """Return the stack as CloudFormation describes it."""
    outputs = {
        "Table": f"{STACK}-desk",
        "DueShards": "4",
        "MailBucket": BUCKET,
        "ReceiptRuleSet": STACK,
        "ConfigurationSet": STACK,
        "MailTopic": f"arn:aws:sns:{REGION}:{ACCOUNT}:{STACK}-mail",
        "PagesTopic": PAGES,
        "OperationsTopic": OPERATIONS,
        "InboundQueue": f"{QUEUES}inbound",
        "FeedbackQueue": f"{QUEUES}feedback",
        "ReplyKeys": f"{STACK}-reply-keys",
        "Key": KEY,
    }
    parameters = {"DeskAddresses": changes.pop("DeskAddresses", desk_addresses())}
    one = {
        "StackName": STACK,
        "CreationTime": NOW,
        "StackStatus": "UPDATE_COMPLETE",
        "Outputs": [{"OutputKey": name, "OutputValue": value} for name, value in outputs.items()],
        "Parameters": [{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()],
        **changes,
    }
    return {"Stacks": [one]}


def account(**changes: Any) -> dict[str, Any]:
    """Return SES's account, in production."""
    quota = {"Max24HourSend": 50000.0, "MaxSendRate": 14.0, "SentLast24Hours": 12.0}
    return {"SendingEnabled": True, "EnforcementStatus": "HEALTHY", "ProductionAccessEnabled": True, "SendQuota": quota, **changes}  # fmt: skip


def table(**changes: Any) -> dict[str, Any]:
    """Return the table as it has to be."""
    body = {
        "TableName": f"{STACK}-desk",
        "TableStatus": "ACTIVE",
        "DeletionProtectionEnabled": True,
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        "GlobalSecondaryIndexes": [{"IndexName": "due", "IndexStatus": "ACTIVE"}],
        **changes,
    }
    return {"Table": body}


def entered(people: Mapping[str, People] | None = None, rotas: Mapping[str, Rota] | None = None) -> Answer:
    """Return how the table answers who the desks' people are: those of the desks' own files, but for what is given."""
    there: dict[tuple[str, str], People | Rota] = {}
    for desk in desk_ids():
        there[f"DESK#{desk}", "PEOPLE"] = (people or {}).get(desk, people_of(desk))
        there[f"DESK#{desk}", "ROTA"] = (rotas or {}).get(desk, rota_seed_of(desk))

    def answer(RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803 - the SDK's own name
        (asked,) = RequestItems.values()
        items = [
            {**key, "version": {"N": "1"}, "body": {"S": value.model_dump_json()}}
            for key in asked["Keys"]
            if (value := there.get((key["pk"]["S"], key["sk"]["S"]))) is not None
        ]
        return {"Responses": {f"{STACK}-desk": items}}

    return answer


def metrics(**_: Any) -> dict[str, Any]:
    """Return one value a minute ago for whatever is asked."""
    return {"MetricDataResults": [{"Id": "one", "Timestamps": [NOW - timedelta(minutes=1)], "Values": [1.0]}]}


def mapping(UUID: str, **changes: Any) -> dict[str, Any]:  # noqa: N803 - the SDK's own name
    """Return an event source mapping that is on."""
    name = UUID.partition("-")[0]
    source = {"EventSourceArn": STREAM, "ParallelizationFactor": 1}
    if name == "inbound":
        queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{STACK}-inbound"
        source = {"EventSourceArn": queue, "ScalingConfig": {"MaximumConcurrency": 2}}
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{STACK}-{name}"
    return {"UUID": UUID, "FunctionArn": arn, "State": "Enabled", "LastProcessingResult": "OK", **source, **changes}


def destination(**changes: Any) -> dict[str, Any]:
    """Return where the configuration set reports what became of letters."""
    told = {
        "Name": "feedback",
        "Enabled": True,
        "MatchingEventTypes": ["BOUNCE", "COMPLAINT", "DELIVERY", "REJECT"],
        "SnsDestination": {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:{STACK}-feedback"},
        **changes,
    }
    return {"EventDestinations": [told]}


def well() -> dict[str, Answer]:
    """Return the answers of a stack in which nothing is wrong."""
    encryption = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": KEY}}
    closed = dict.fromkeys(("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True)
    topics = {PAGES: [ON_CALL, ESCALATION], OPERATIONS: [OPERATOR]}
    alarm = {
        "AlarmName": f"{STACK}-heartbeat",
        "StateValue": "OK",
        "ActionsEnabled": True,
        "AlarmActions": [OPERATIONS],
    }
    limit = {"ConcurrentExecutions": 1000, "UnreservedConcurrentExecutions": 1000}
    shards = [{"ShardId": "shardId-00000000000000000001", "SequenceNumberRange": {"StartingSequenceNumber": "1" * 21}}]
    return {
        "cloudformation.describe_stacks": stack(),
        "cloudformation.list_stack_resources": {"StackResourceSummaries": _resources()},
        "ses.describe_active_receipt_rule_set": rule_set(),
        "ses.describe_receipt_rule_set": rule_set(),
        "sesv2.get_account": account(),
        "sesv2.get_email_identity": identity(),
        "sesv2.get_configuration_set": {"ConfigurationSetName": STACK, "SuppressionOptions": {"SuppressedReasons": []}},
        "sesv2.get_configuration_set_event_destinations": destination(),
        "sesv2.get_suppressed_destination": failure("NotFoundException", "Email address is not on the list"),
        "secretsmanager.get_secret_value": {"SecretString": '{"current": "a", "a": "' + "k" * 64 + '"}'},
        "kms.describe_key": {"KeyMetadata": {"KeyId": KEY, "KeyState": "Enabled"}},
        "dynamodb.batch_get_item": entered(),
        "dynamodb.describe_table": table(),
        "dynamodb.describe_continuous_backups": {
            "ContinuousBackupsDescription": {
                "ContinuousBackupsStatus": "ENABLED",
                "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "ENABLED"},
            }
        },
        "dynamodb.describe_time_to_live": {
            "TimeToLiveDescription": {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires_at"}
        },
        "dynamodbstreams.describe_stream": {"StreamDescription": {"StreamArn": STREAM, "Shards": shards}},
        "s3.get_bucket_encryption": {"ServerSideEncryptionConfiguration": {"Rules": [encryption]}},
        "s3.get_bucket_versioning": {"Status": "Enabled"},
        "s3.get_public_access_block": {"PublicAccessBlockConfiguration": closed},
        "lambda.get_function_configuration": {
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "Environment": {"Variables": {"HEARTBEAT_URL": "https://outside.example/ping/4f1c"}},
        },
        "lambda.get_event_source_mapping": mapping,
        "lambda.get_function_concurrency": {},
        "lambda.get_account_settings": {"AccountLimit": limit},
        "events.describe_rule": {"State": "ENABLED"},
        "cloudwatch.get_metric_data": metrics,
        "cloudwatch.describe_alarms": {"MetricAlarms": [alarm]},
        "sqs.get_queue_attributes": {
            "Attributes": {"ApproximateNumberOfMessages": "0", "ApproximateNumberOfMessagesNotVisible": "0"}
        },
        "sns.list_subscriptions_by_topic": lambda TopicArn: {"Subscriptions": topics[TopicArn]},  # noqa: N803 - the SDK's own name
        "sns.get_subscription_attributes": attributes,
        "sns.get_sms_sandbox_account_status": {"IsInSandbox": False},
        "sns.list_sms_sandbox_phone_numbers": {"PhoneNumbers": []},
        "sns.get_sms_attributes": {"attributes": {"MonthlySpendLimit": "50", "DefaultSenderID": "Reglament"}},
        "sns.check_if_phone_number_is_opted_out": {"isOptedOut": False},
    }


def _people() -> set[str]:
    return {address.rpartition("@")[2] for desk in desk_ids() for address in people_of(desk).addresses}


def well_published() -> dict[tuple[str, Kind], tuple[str, ...] | Unanswered]:
    """Return the records of domains in which nothing is wrong."""
    given = {address.rpartition("@")[2] for address in desk_addresses().split(",")}
    records: dict[tuple[str, Kind], tuple[str, ...] | Unanswered] = {}
    for domain in given:
        records[domain, "MX"] = (SES_MX,)
        for token in TOKENS:
            records[f"{token}._domainkey.{domain}", "CNAME"] = (f"{token}.dkim.amazonses.com",)
    for domain in given | _people():
        records[f"_dmarc.{domain}", "TXT"] = ("v=DMARC1; p=quarantine",)
    records["bounce.example.com", "MX"] = (f"10 feedback-smtp.{REGION}.amazonses.com",)
    records["bounce.example.com", "TXT"] = ("v=spf1 include:amazonses.com ~all",)
    return records


def deployment(
    answers: Mapping[str, Answer] | None = None,
    records: Mapping[tuple[str, Kind], tuple[str, ...] | Unanswered] | None = None,
    *,
    is_local: bool = False,
) -> Deployment:
    """Return a deployment in which all is well but what is given."""
    aws = FakeAws({**well(), **(answers or {})})
    dns = FakeDns({**well_published(), **(records or {})})
    place = Place(STACK, "http://127.0.0.1:4566" if is_local else None, is_local=is_local)
    return Deployment(place, aws.connect, dns, lambda: NOW)


def look(
    check: str,
    answers: Mapping[str, Answer] | None = None,
    records: Mapping[tuple[str, Kind], tuple[str, ...] | Unanswered] | None = None,
    *,
    is_local: bool = False,
) -> tuple[Finding, ...]:
    """Return what one check finds."""
    (wanted,) = (one for one in CHECKS if one.name == check)
    (report,) = diagnose(deployment(answers, records, is_local=is_local), [wanted])
    return report.findings
