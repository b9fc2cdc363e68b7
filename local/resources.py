"""The stack's resources in the embedded AWS: made from template.yaml, compared with it, and completed.

CloudFormation of the emulator reports success for things that it left out. So what really exists is read
back by the API of each service and compared with the template; what differs is supplied by that same API.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from composition import LOOPBACK
from local.emulator import NotStarted
from local.template import Function, Json, LocalTemplate, Source

if TYPE_CHECKING:
    from types_boto3_cloudformation.type_defs import StackTypeDef

STACK = "reglament"
TEMPLATES = "local-templates"
"""A bucket of the emulator's: CloudFormation takes a template of more than 51,200 bytes only from S3."""
DIGEST = "template"
PAGES_QUEUE = f"{STACK}-local-pages"


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the emulator left out or made differently."""

    resource: str
    what: str
    remedy: str
    """What was done about it, or why nothing needs doing."""


class Aws:
    """Clients of the embedded AWS, one a service, built when first used."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._session = boto3.Session(
            aws_access_key_id=LOOPBACK["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=LOOPBACK["AWS_SECRET_ACCESS_KEY"],
            region_name=LOOPBACK["AWS_DEFAULT_REGION"],
        )
        self._clients: dict[str, Any] = {}

    def __getattr__(self, service: str) -> Any:
        """Return the client of a service: `aws.sqs`."""
        if service.startswith("_"):
            raise AttributeError(service)
        if service not in self._clients:
            config = Config(
                max_pool_connections=32, connect_timeout=2, read_timeout=30, retries={"total_max_attempts": 2}
            )
            self._clients[service] = self._session.client(service, endpoint_url=self.endpoint, config=config)  # type: ignore[call-overload]  # the service is a variable here
        return self._clients[service]


@dataclass(frozen=True, slots=True)
class Deployment:
    """What exists, by the names under which the runner and the doors need it."""

    outputs: Mapping[str, str]
    resolved: Mapping[tuple[str, ...], str]
    recipients: tuple[str, ...]
    gaps: tuple[Gap, ...]
    pages_queue: str
    feedback_topic: str
    """Where SES tells what became of the letters that it sent."""

    def environment(self, function: Function) -> dict[str, str]:
        """Return a function's variables, just those of the template, resolved."""
        return {name: self.resolved[function.name, "env", name] for name in function.variables}

    def of(self, function: Function, source: Source, what: str) -> str:
        """Return what a source refers to: its `Queue` or `Stream`, or its `OnFailure` queue."""
        return self.resolved[function.name, source.name, what]


def deploy(aws: Aws, template: LocalTemplate) -> Deployment:
    """Create the stack, or bring the one of an earlier run up to date; compare it with the template; complete it."""
    stack = _create_or_update(aws, template)
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    resolved = {path: outputs[name] for name, path in template.outputs.items()}
    gaps = tuple(_Check(aws, template, outputs).gaps())
    pages = _queue(aws, PAGES_QUEUE)
    _subscribe(aws, outputs["PagesTopic"], pages)
    recipients = tuple(outputs["LocalRecipients"].split(","))
    shown = {name: value for name, value in outputs.items() if not name.startswith("Local")}
    return Deployment(shown, resolved, recipients, gaps, pages, outputs["LocalFeedbackTopic"])


def _create_or_update(aws: Aws, template: LocalTemplate) -> StackTypeDef:
    before = _described(aws)
    digest = template.digest()
    if before is not None and {"Key": DIGEST, "Value": digest} in before.get("Tags", []):
        return before
    try:
        aws.s3.create_bucket(
            Bucket=TEMPLATES, CreateBucketConfiguration={"LocationConstraint": LOOPBACK["AWS_DEFAULT_REGION"]}
        )
    except ClientError as error:
        if error.response["Error"]["Code"] not in {"BucketAlreadyOwnedByYou", "BucketAlreadyExists"}:
            raise
    aws.s3.put_object(Bucket=TEMPLATES, Key=digest, Body=template.text().encode())
    request = {
        "StackName": STACK,
        "TemplateURL": f"{aws.endpoint}/{TEMPLATES}/{digest}",
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        "Tags": [{"Key": DIGEST, "Value": digest}],
    }
    if before is None:
        aws.cloudformation.create_stack(**request)
    else:
        aws.cloudformation.update_stack(**request)
    after = _settled(aws)
    if after is None or after["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise NotStarted(
            "the resources of template.yaml could not be created in the embedded AWS:\n"
            + "\n".join(_failures(aws))
            + ("\nThe state of an earlier run may be in the way: --fresh starts without it" if before else "")
        )
    return after


def _described(aws: Aws) -> StackTypeDef | None:
    try:
        stacks: list[StackTypeDef] = aws.cloudformation.describe_stacks(StackName=STACK)["Stacks"]
    except ClientError:
        return None
    return stacks[0]


def _settled(aws: Aws) -> StackTypeDef | None:
    until = time.monotonic() + 60
    stack = _described(aws)
    while stack is not None and stack["StackStatus"].endswith("_IN_PROGRESS") and time.monotonic() < until:
        time.sleep(0.05)
        stack = _described(aws)
    return stack


def _failures(aws: Aws) -> Iterator[str]:
    for event in aws.cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]:
        if event["ResourceStatus"].endswith("_FAILED"):
            yield f"  {event['LogicalResourceId']}: {event.get('ResourceStatusReason', '')}"


# What the local stack has besides the template's -----------------------------------------------------------


def _queue(aws: Aws, name: str) -> str:
    url: str = aws.sqs.create_queue(QueueName=name)["QueueUrl"]
    return url


def _arn(aws: Aws, queue: str) -> str:
    arn: str = aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return arn


def _subscribe(aws: Aws, topic: str, queue: str) -> None:
    """Let a queue hear a topic; subscribing twice is the same as once."""
    aws.sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=_arn(aws, queue))


# The comparison --------------------------------------------------------------------------------------------


class _Check:
    """Compares, resource by resource, and supplies what is missing."""

    def __init__(self, aws: Aws, template: LocalTemplate, outputs: Mapping[str, str]) -> None:
        self._aws = aws
        self._resources: Json = template.body["Resources"]
        self._left_out = template.left_out
        self._outputs = outputs
        listed = aws.cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        self._physical = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}

    def gaps(self) -> Iterator[Gap]:
        """Find and mend every difference."""
        checks: Mapping[str, Callable[[str, Json, str], Iterator[Gap]]] = {
            "AWS::DynamoDB::Table": self._table,
            "AWS::S3::Bucket": self._bucket,
            "AWS::S3::BucketPolicy": self._bucket_policy,
            "AWS::SQS::Queue": self._queue,
            "AWS::SNS::Topic": self._topic,
            "AWS::SNS::Subscription": self._subscription,
            "AWS::SecretsManager::Secret": self._secret,
            "AWS::SES::ConfigurationSetEventDestination": self._event_destination,
        }
        for logical_id, resource in self._resources.items():
            if logical_id not in self._physical:
                if "Condition" not in resource:
                    raise NotStarted(
                        f"CloudFormation says it is done, but there is no {logical_id} ({resource['Type']})"
                    )
                continue
            check = checks.get(resource["Type"])
            if check is not None:
                yield from check(logical_id, resource["Properties"], self._physical[logical_id])
        yield from self._counted()
        yield from self._receipt_rules()

    def _table(self, logical_id: str, wanted: Json, name: str) -> Iterator[Gap]:
        dynamodb = self._aws.dynamodb
        table = dynamodb.describe_table(TableName=name)["Table"]
        found = {
            index["IndexName"]: (index["KeySchema"], index["Projection"]) for index in table["GlobalSecondaryIndexes"]
        }
        asked = {
            index["IndexName"]: (index["KeySchema"], index["Projection"]) for index in wanted["GlobalSecondaryIndexes"]
        }
        streamed = table.get("StreamSpecification", {}).get("StreamViewType")
        if (
            found != asked
            or table["KeySchema"] != wanted["KeySchema"]
            or streamed != wanted["StreamSpecification"]["StreamViewType"]
        ):
            raise NotStarted(f"{name} is not the table of template.yaml; --fresh makes it anew (tickets are lost)")
        ttl = dynamodb.describe_time_to_live(TableName=name)["TimeToLiveDescription"]
        if ttl.get("TimeToLiveStatus") != "ENABLED":
            dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=wanted["TimeToLiveSpecification"])
            yield Gap(logical_id, "expiry of items is off", "turned on")
        backups = dynamodb.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
        if backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] != "ENABLED":
            dynamodb.update_continuous_backups(
                TableName=name, PointInTimeRecoverySpecification=wanted["PointInTimeRecoverySpecification"]
            )
            yield Gap(logical_id, "point-in-time recovery is off", "turned on; nothing is recorded here all the same")
        if table.get("SSEDescription", {}).get("Status") != "ENABLED":
            yield Gap(logical_id, "not encrypted", "left: the emulator keeps plain files")

    def _bucket(self, logical_id: str, wanted: Json, name: str) -> Iterator[Gap]:
        s3 = self._aws.s3
        if s3.get_bucket_versioning(Bucket=name).get("Status") != wanted["VersioningConfiguration"]["Status"]:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=wanted["VersioningConfiguration"])
            yield Gap(logical_id, "no versions are kept", "turned on")
        try:
            s3.get_bucket_lifecycle_configuration(Bucket=name)
        except ClientError:
            s3.put_bucket_lifecycle_configuration(
                Bucket=name,
                LifecycleConfiguration={
                    "Rules": [_lifecycle(rule) for rule in wanted["LifecycleConfiguration"]["Rules"]]
                },
            )
            yield Gap(logical_id, "no lifecycle rules", "put; nothing expires here all the same")
        rules = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        if rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] != "aws:kms":
            default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": self._outputs["Key"]}
            s3.put_bucket_encryption(
                Bucket=name,
                ServerSideEncryptionConfiguration={
                    "Rules": [{"ApplyServerSideEncryptionByDefault": default, "BucketKeyEnabled": True}]
                },
            )
            yield Gap(logical_id, "another encryption than by our key", "set")

    def _bucket_policy(self, logical_id: str, wanted: Json, _: str) -> Iterator[Gap]:
        try:
            self._aws.s3.get_bucket_policy(Bucket=self._outputs["MailBucket"])
        except ClientError:
            yield Gap(
                logical_id,
                f"none of its {len(wanted['PolicyDocument']['Statement'])} statements",
                "left: nothing checks it here",
            )

    def _queue(self, logical_id: str, wanted: Json, url: str) -> Iterator[Gap]:
        found = self._aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        plain: dict[str, str] = {
            name: str(wanted[name]) for name in ("VisibilityTimeout", "MessageRetentionPeriod") if name in wanted
        }
        if "RedrivePolicy" in wanted:
            target = self._physical[wanted["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]]
            policy = {
                "deadLetterTargetArn": _arn(self._aws, target),
                "maxReceiveCount": wanted["RedrivePolicy"]["maxReceiveCount"],
            }
            if json.loads(found.get("RedrivePolicy", "{}")) != policy:
                plain["RedrivePolicy"] = json.dumps(policy)
        differing = {name: value for name, value in plain.items() if found.get(name) != value}
        if differing:
            self._aws.sqs.set_queue_attributes(QueueUrl=url, Attributes=differing)
            yield Gap(logical_id, f"other {', '.join(differing)}", "set")

    def _topic(self, logical_id: str, _: Json, arn: str) -> Iterator[Gap]:
        found = self._aws.sns.get_topic_attributes(TopicArn=arn)["Attributes"]
        if not found.get("KmsMasterKeyId"):
            self._aws.sns.set_topic_attributes(
                TopicArn=arn, AttributeName="KmsMasterKeyId", AttributeValue=self._outputs["Key"]
            )
            yield Gap(logical_id, "not encrypted by our key", "set")

    def _subscription(self, logical_id: str, wanted: Json, arn: str) -> Iterator[Gap]:
        found = self._aws.sns.get_subscription_attributes(SubscriptionArn=arn)["Attributes"]
        attributes = {
            name: wanted[name] if isinstance(wanted[name], str) else json.dumps(wanted[name])
            for name in ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery")
            if name in wanted
        }
        for name, value in attributes.items():
            if name not in found or (found[name] != value and json.loads(found[name]) != json.loads(value)):
                self._aws.sns.set_subscription_attributes(SubscriptionArn=arn, AttributeName=name, AttributeValue=value)
                yield Gap(logical_id, f"another {name}", "set")

    def _secret(self, logical_id: str, wanted: Json, name: str) -> Iterator[Gap]:
        asked = wanted["GenerateSecretString"]
        secret = self._aws.secretsmanager.get_secret_value(SecretId=name)["SecretString"]
        generated: str = json.loads(secret)[asked["GenerateStringKey"]]
        if asked.get("ExcludePunctuation") and not generated.isalnum():
            fresh = self._aws.secretsmanager.get_random_password(
                PasswordLength=asked["PasswordLength"], ExcludePunctuation=True
            )["RandomPassword"]
            value = {**json.loads(asked["SecretStringTemplate"]), asked["GenerateStringKey"]: fresh}
            self._aws.secretsmanager.put_secret_value(SecretId=name, SecretString=json.dumps(value))
            yield Gap(logical_id, "generated with punctuation", "generated again")

    def _event_destination(self, logical_id: str, wanted: Json, _: str) -> Iterator[Gap]:
        destination = wanted["EventDestination"]
        found = self._aws.sesv2.get_configuration_set_event_destinations(
            ConfigurationSetName=self._outputs["ConfigurationSet"]
        )["EventDestinations"]
        kinds = {_kind(name) for name in destination["MatchingEventTypes"]}
        if not any({_kind(name) for name in one["MatchingEventTypes"]} == kinds for one in found):
            yield Gap(
                logical_id, "other events than in the template", "left: the way out of letters reads the template"
            )

    def _counted(self) -> Iterator[Gap]:
        """Resources of which it is enough that they are all there."""
        have: Mapping[str, Callable[[], int]] = {
            "AWS::CloudWatch::Alarm": lambda: len(
                self._aws.cloudwatch.describe_alarms(AlarmNamePrefix=f"{STACK}-", MaxRecords=100)["MetricAlarms"]
            ),
            "AWS::Logs::LogGroup": lambda: len(
                self._aws.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{STACK}-")["logGroups"]
            ),
            "AWS::CloudWatch::Dashboard": lambda: len(self._aws.cloudwatch.list_dashboards()["DashboardEntries"]),
            "AWS::KMS::Alias": lambda: sum(
                alias["AliasName"] == f"alias/{STACK}" for alias in self._aws.kms.list_aliases()["Aliases"]
            ),
        }
        for kind, count in have.items():
            wanted, found = sum(one["Type"] == kind for one in self._resources.values()), count()
            if found < wanted:
                yield Gap(kind, f"{found} of {wanted}", "left: nothing on this machine asks for them")
        yield Gap("AWS::CloudWatch::Alarm", "no metric reaches them", "left: functions log their metrics, see logs/")

    def _receipt_rules(self) -> Iterator[Gap]:
        """The emulator knows the API of receipt rules, but not their resources; and no mail arrives by them."""
        sets = {one["Name"] for one in self._aws.ses.list_receipt_rule_sets()["RuleSets"]}
        for resource in self._left_out.values():
            if resource["Type"] == "AWS::SES::ReceiptRuleSet" and STACK not in sets:
                self._aws.ses.create_receipt_rule_set(RuleSetName=STACK)
        known = {one["Name"] for one in self._aws.ses.describe_receipt_rule_set(RuleSetName=STACK)["Rules"]}
        for logical_id, resource in self._left_out.items():
            if resource["Type"] != "AWS::SES::ReceiptRule":
                continue
            rule = resource["Properties"]["Rule"]
            name = rule["Name"]["Fn::Sub"].replace("${AWS::StackName}", STACK)
            action = {
                "BucketName": self._outputs["MailBucket"],
                "ObjectKeyPrefix": rule["Actions"][0]["S3Action"]["ObjectKeyPrefix"],
                "TopicArn": self._outputs["MailTopic"],
            }
            made = {
                "Name": name,
                "Enabled": rule["Enabled"],
                "ScanEnabled": rule["ScanEnabled"],
                "TlsPolicy": rule["TlsPolicy"],
                "Recipients": self._outputs["LocalRecipients"].split(","),
                "Actions": [{"S3Action": action}],
            }
            if name in known:  # there is no UpdateReceiptRule here either
                self._aws.ses.delete_receipt_rule(RuleSetName=STACK, RuleName=name)
            self._aws.ses.create_receipt_rule(RuleSetName=STACK, Rule=made)
            yield Gap(
                logical_id,
                "CloudFormation refuses receipt rules, and no mail arrives by them",
                "made; the SMTP door does what it says",
            )
        self._aws.ses.set_active_receipt_rule_set(RuleSetName=STACK)


def _kind(name: str) -> str:
    return name.replace("_", "").lower()


def _lifecycle(rule: Json) -> Json:
    """One lifecycle rule in the words of the S3 API, which differ from CloudFormation's."""
    made: Json = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in rule:
            made[name] = rule[name]
    if rule.get("ExpiredObjectDeleteMarker"):
        made["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    return made
