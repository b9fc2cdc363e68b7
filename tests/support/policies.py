"""IAM as tests reckon with it: what a policy of template.yaml grants, and what calls of the SDK are authorised as.

Resources are texts with their parts unresolved, such as `${MailBucket.Arn}/letters/*`, on both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from tests.support.template import Json, listed, of_type, text_of

LEADING_KEYS = "dynamodb:LeadingKeys"
ENCLOSING = "dynamodb:EnclosingOperation"
VIA_SERVICE = "kms:ViaService"


@dataclass(frozen=True, slots=True, order=True)
class Call:
    """What IAM is asked for: one action on one resource and, of the table, on the items of one partition."""

    action: str
    resource: str
    partition: str = ""
    in_transaction: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One action that a statement allows on one pattern of resources and, of the table, of partition keys."""

    action: str
    resource: str
    partitions: str = "*"
    in_transactions_only: bool = False

    def allows(self, call: Call) -> bool:
        """Whether the call is one that this allows."""
        return (
            call.action == self.action
            and fnmatchcase(call.resource, self.resource)
            and fnmatchcase(call.partition, self.partitions)
            and (call.in_transaction or not self.in_transactions_only)
        )


def grants(document: Json, effect: str = "Allow") -> Iterator[Grant]:
    """Every grant (or refusal) of a policy, but for those on the key, which services use in the caller's name."""
    for statement in document["Statement"]:
        conditions = statement.get("Condition", {})
        partitions = conditions.get("ForAllValues:StringLike", {}).get(LEADING_KEYS, "*")
        enclosing = conditions.get("ForAnyValue:StringEquals", {}).get(ENCLOSING, [])
        for action in listed(statement["Action"]):
            if statement["Effect"] != effect or action.startswith("kms:"):
                continue
            for resource in listed(statement["Resource"]):
                for pattern in listed(partitions):
                    yield Grant(action, text_of(resource), pattern, enclosing == ["TransactWriteItems"])


BUS = "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"
LOOKING_AT_THE_KEY = "kms:DescribeKey"


def key_uses(document: Json) -> set[tuple[str, str]]:
    """The actions on the key that a policy allows, each with the service in whose requests alone; looking uses nothing."""
    return {
        (action, text_of(service).partition(".")[0])
        for statement in document["Statement"]
        for action in listed(statement["Action"])
        if action.startswith("kms:") and not (action == LOOKING_AT_THE_KEY and "Condition" not in statement)
        for service in listed(statement["Condition"]["StringEquals"][VIA_SERVICE])
    }


def calls_of(service: str, operation: str, params: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Call]:
    """What IAM authorises a call of the SDK as, by the service authorization reference; nothing where it asks for no right.

    `names` has the template's resource for each name of a table, bucket, queue, secret or stack.
    """
    match service:
        case "dynamodb":
            yield from _of_dynamodb(operation, params, names)
        case "s3":
            yield from _of_s3(operation, params, names)
        case "sns":
            yield Call(f"sns:{operation}", names[params["TopicArn"]] if "TopicArn" in params else "*")
        case "sqs":
            queue = params.get("QueueName") or str(params["QueueUrl"]).rpartition("/")[2]
            yield Call(f"sqs:{operation}", names[queue])
        case "secretsmanager":
            yield Call(f"secretsmanager:{operation}", names[params["SecretId"]])
        case "cloudformation":
            yield Call(f"cloudformation:{operation}", names[params["StackName"]])
        case "events" if operation == "PutEvents":
            yield Call("events:PutEvents", BUS)
        case "sts":
            assert operation == "GetCallerIdentity"  # which needs no permission (STS API reference)
        case _:
            yield Call(f"{service}:{operation}", "*")


def _of_dynamodb(operation: str, params: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Call]:
    match operation:
        case "TransactWriteItems":
            # Authorised as the operations in it (DynamoDB developer guide, "Using IAM with DynamoDB transactions").
            for write in params["TransactItems"]:
                for kind, request in write.items():
                    key = request.get("Key") or request["Item"]
                    yield Call(f"dynamodb:{kind}Item", names[request["TableName"]], key["pk"]["S"], in_transaction=True)
        case "BatchGetItem":
            for table, wanted in params["RequestItems"].items():
                for key in wanted["Keys"]:
                    yield Call("dynamodb:BatchGetItem", names[table], key["pk"]["S"])
        case "Scan":
            yield Call("dynamodb:Scan", names[params["TableName"]])
        case "Query":
            index = params.get("IndexName")
            resource = names[params["TableName"]] + (f"/index/{index}" if index else "")
            values = params["ExpressionAttributeValues"]
            yield Call("dynamodb:Query", resource, values[":value" if index else ":pk"]["S"])
        case _:
            key = params.get("Key") or params["Item"]
            yield Call(f"dynamodb:{operation}", names[params["TableName"]], key["pk"]["S"])


def _of_s3(operation: str, params: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[Call]:
    bucket = names[params["Bucket"]]
    match operation:
        case "ListObjectsV2":
            yield Call("s3:ListBucket", bucket)
        case "ListObjectVersions":
            yield Call("s3:ListBucketVersions", bucket)
        case "CopyObject":
            yield Call("s3:GetObject", f"{bucket}/{params['CopySource']['Key']}")
            yield Call("s3:PutObject", f"{bucket}/{params['Key']}")
        case "HeadObject":
            yield Call("s3:GetObject", f"{bucket}/{params['Key']}")
        case _:
            yield Call(f"s3:{operation}", f"{bucket}/{params['Key']}")


def queue_names(resources: Json, stack: str) -> dict[str, str]:
    """The queues of the template by the names that they have in a stack."""
    return {
        text_of(queue["QueueName"]).replace("${AWS::StackName}", stack): "${" + name + ".Arn}"
        for name, queue in of_type(resources, "AWS::SQS::Queue").items()
    }
