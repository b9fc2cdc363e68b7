"""What exists in the embedded AWS, compared with template.yaml resource by resource, and completed by the services' APIs.

CloudFormation of the emulator reports success for things that it left out or made differently.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from local.emulator import NotStarted

if TYPE_CHECKING:
    from local.resources import Aws
    from local.template import Json, LocalTemplate


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the emulator left out or made differently."""

    resource: str
    what: str
    remedy: str
    """What was done about it, or why nothing needs doing."""


def arn_of(aws: Aws, queue: str) -> str:
    """Return the ARN of a queue by its URL."""
    arn: str = aws.sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return arn


class Comparison:
    """Compares, resource by resource, and supplies what is missing."""

    def __init__(self, aws: Aws, stack: str, template: LocalTemplate, outputs: Mapping[str, str]) -> None:
        self._aws = aws
        self._stack = stack
        self._resources: Json = template.body["Resources"]
        self._left_out = template.left_out
        self._outputs = outputs
        listed = aws.cloudformation.describe_stack_resources(StackName=self._stack)["StackResources"]
        self._physical = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}

    def gaps(self) -> Iterator[Gap]:
        """Find every difference, and supply what can be supplied."""
        checks: Mapping[str, Callable[[str, Json, str], Iterator[Gap]]] = {
            "AWS::DynamoDB::Table": self._table,
            "AWS::S3::Bucket": self._bucket,
            "AWS::S3::BucketPolicy": self._bucket_policy,
            "AWS::SQS::Queue": self._queue,
            "AWS::SNS::Topic": self._topic,
            "AWS::SNS::Subscription": self._subscription,
            "AWS::SecretsManager::Secret": self._secret,
            "AWS::SES::ConfigurationSet": self._configuration_set,
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
            raise NotStarted(f"{name} is not the table of template.yaml; --fresh makes a new one (tickets are lost)")
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
        versioning = wanted.get("VersioningConfiguration")
        if versioning is not None and s3.get_bucket_versioning(Bucket=name).get("Status") != versioning["Status"]:
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
            yield Gap(logical_id, "no versions are kept", "turned on")
        try:
            s3.get_bucket_lifecycle_configuration(Bucket=name)
        except ClientError:
            rules = [_lifecycle(rule) for rule in wanted["LifecycleConfiguration"]["Rules"]]
            s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
            yield Gap(logical_id, "no lifecycle rules", "put; nothing expires here all the same")
        (asked,) = wanted["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        algorithm = asked["ServerSideEncryptionByDefault"]["SSEAlgorithm"]
        found = s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
        if found[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] != algorithm:
            default = {"SSEAlgorithm": algorithm}
            if algorithm == "aws:kms":
                default["KMSMasterKeyID"] = self._outputs["Key"]
            s3.put_bucket_encryption(
                Bucket=name,
                ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
            )
            yield Gap(logical_id, "another encryption than the template's", "set")
        logging = wanted.get("LoggingConfiguration")
        if logging is not None and "LoggingEnabled" not in s3.get_bucket_logging(Bucket=name):
            yield Gap(logical_id, "no access log", "left: the emulator writes none")

    def _bucket_policy(self, logical_id: str, wanted: Json, _: str) -> Iterator[Gap]:
        try:
            self._aws.s3.get_bucket_policy(Bucket=self._physical[wanted["Bucket"]["Ref"]])
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
                "deadLetterTargetArn": arn_of(self._aws, target),
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
        attributes: dict[str, str] = {
            name: wanted[name] if isinstance(wanted[name], str) else json.dumps(wanted[name])
            for name in ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery")
            if name in wanted
        }
        if "RedrivePolicy" in wanted:
            target = self._physical[wanted["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]]
            attributes["RedrivePolicy"] = json.dumps({"deadLetterTargetArn": arn_of(self._aws, target)})
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

    def _configuration_set(self, logical_id: str, wanted: Json, name: str) -> Iterator[Gap]:
        reasons = wanted["SuppressionOptions"]["SuppressedReasons"]
        found = self._aws.sesv2.get_configuration_set(ConfigurationSetName=name).get("SuppressionOptions", {})
        if found.get("SuppressedReasons") != reasons:
            yield Gap(logical_id, "other reasons to suppress than in the template", "left: nothing is suppressed here")

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
                self._aws.cloudwatch.describe_alarms(AlarmNamePrefix=f"{self._stack}-", MaxRecords=100)["MetricAlarms"]
            ),
            "AWS::Logs::LogGroup": lambda: len(
                self._aws.logs.describe_log_groups(logGroupNamePrefix=f"/aws/lambda/{self._stack}-")["logGroups"]
            ),
            "AWS::CloudWatch::Dashboard": lambda: len(self._aws.cloudwatch.list_dashboards()["DashboardEntries"]),
            "AWS::KMS::Alias": lambda: sum(
                alias["AliasName"] == f"alias/{self._stack}" for alias in self._aws.kms.list_aliases()["Aliases"]
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
            if resource["Type"] == "AWS::SES::ReceiptRuleSet" and self._stack not in sets:
                self._aws.ses.create_receipt_rule_set(RuleSetName=self._stack)
        known = {one["Name"] for one in self._aws.ses.describe_receipt_rule_set(RuleSetName=self._stack)["Rules"]}
        for logical_id, resource in self._left_out.items():
            if resource["Type"] != "AWS::SES::ReceiptRule":
                continue
            rule = resource["Properties"]["Rule"]
            name = rule["Name"]["Fn::Sub"].replace("${AWS::StackName}", self._stack)
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
                self._aws.ses.delete_receipt_rule(RuleSetName=self._stack, RuleName=name)
            self._aws.ses.create_receipt_rule(RuleSetName=self._stack, Rule=made)
            yield Gap(
                logical_id,
                "CloudFormation refuses receipt rules, and no mail arrives by them",
                "made; the SMTP door does what it says",
            )
        self._aws.ses.set_active_receipt_rule_set(RuleSetName=self._stack)


def _kind(name: str) -> str:
    return name.replace("_", "").lower()


def _lifecycle(rule: Json) -> Json:
    """One lifecycle rule in the words of the S3 API, which differ from CloudFormation's."""
    made: Json = {"ID": rule["Id"], "Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    for name in ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload"):
        if name in rule:
            made[name] = rule[name]
    if "ExpirationInDays" in rule:
        made["Expiration"] = {"Days": 400}  # the parameter's default, which nothing here counts
    if rule.get("ExpiredObjectDeleteMarker"):
        made["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    return made
