"""Every limit of the table, broken once: a rule that nothing breaks would hold nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from local.aws_contract import items, table
from local.aws_contract.dynamodb_checks import BATCH_LIMIT
from local.aws_contract.errors import DOCUMENTED, documented
from local.aws_contract.rules import Request, breaches
from tests.support.template import table_definition

Case = tuple[str, str, Mapping[str, Any], str]
"""Service, operation, parameters, and what is said of them."""


def s(text: str) -> dict[str, str]:
    """Return a text as DynamoDB takes it."""
    return {"S": text}


KEY = {"pk": s("TICKET#1"), "sk": s("TICKET")}
PLACE = {"TableName": "desk", "Key": KEY}


def update(expression: str, **more: Any) -> dict[str, Any]:
    """Return an UpdateItem."""
    return {**PLACE, "UpdateExpression": expression, **more}


def put(**attributes: Any) -> dict[str, Any]:
    """Return a PutItem."""
    return {"TableName": "desk", "Item": {**KEY, **attributes}}


def query(condition: str = "pk = :pk", **more: Any) -> dict[str, Any]:
    """Return a Query."""
    return {
        "TableName": "desk", "KeyConditionExpression": condition, "ExpressionAttributeValues": {":pk": s("x")}, **more
    }  # fmt: skip


def deep(levels: int) -> dict[str, Any]:
    """Return a list in a list, and so on."""
    return {"L": [deep(levels - 1)]} if levels else s("x")


LARGE = {"Put": put(body=s("x" * 399 * 1024))}

DYNAMODB: list[tuple[str, Mapping[str, Any], str]] = [
    ("GetItem", {"TableName": "desk", "Key": {"pk": s("x")}}, "of which there must be pk, sk"),
    ("GetItem", {"TableName": "desk", "Key": {**KEY, "pk": s("")}}, "0 bytes"),
    ("DeleteItem", {"TableName": "desk", "Key": {**KEY, "pk": {"N": "1"}}}, "of type N, not S"),
    ("BatchGetItem", {"RequestItems": {"desk": {"Keys": [{**KEY, "sk": s("я" * 513)}]}}}, "1,026 bytes"),
    ("PutItem", {"TableName": "desk", "Item": {"pk": s("x")}}, "no sk"),
    ("PutItem", put(pk=s("x" * 2049)), "2,049 bytes"),
    ("PutItem", put(due_shard=s("")), "due_shard: 0 bytes"),
    ("UpdateItem", update("SET queue_at = :v", ExpressionAttributeValues={":v": s("")}), "queue_at: 0 bytes"),
    ("PutItem", put(body=s("я" * 205_000)), "410,"),
    ("PutItem", put(n={"N": "1" * 39}), "39 digits"),
    ("PutItem", put(n={"N": "1E126"}), "out of range"),
    ("PutItem", put(n={"N": "one"}), "is no number"),
    ("PutItem", put(n={"SS": []}), "an empty set"),
    ("PutItem", put(n={"SS": ["a", "a"]}), "a set with duplicates"),
    ("PutItem", put(n={"S": "a", "N": "1"}), "not one value of a known type"),
    ("PutItem", put(n=deep(32)), "levels deep"),
    ("UpdateItem", update("SET a = :v, " + "b" * 4096 + " = :v", ExpressionAttributeValues={":v": s("x")}), "bytes"),
    ("UpdateItem", update(" "), "UpdateExpression is empty"),
    ("UpdateItem", update("REMOVE #a", ExpressionAttributeNames={"#a": "a", "#b": "b"}), "unused in expressions: #b"),
    ("UpdateItem", update("REMOVE #a"), "not defined: #a"),
    ("UpdateItem", update("SET a = :v"), "not defined: :v"),
    ("PutItem", {**put(), "ExpressionAttributeValues": {":v": s("x")}}, "unused in expressions: :v"),
    ("PutItem", {**put(), "ExpressionAttributeNames": {}}, "ExpressionAttributeNames is empty"),
    ("UpdateItem", update("REMOVE #a-b", ExpressionAttributeNames={"#a-b": "a"}), "#a-b"),
    (
        "UpdateItem",
        update("SET a = :v, b = :w", ExpressionAttributeValues={":v": s("x" * 2**20), ":w": s("x" * 2**20)}),
        "2,097,156 bytes",
    ),
    ("UpdateItem", update("SET a = a" + " + :v" * 300, ExpressionAttributeValues={":v": {"N": "1"}}), "with 301"),
    (
        "Query",
        query(FilterExpression=f"a IN ({', '.join([':pk'] * 101)})"),
        "FilterExpression with 101",
    ),
    ("UpdateItem", update("SET state = :v", ExpressionAttributeValues={":v": s("x")}), "reserved word state"),
    ("UpdateItem", update("REMOVE _a"), "the name _a needs a placeholder"),
    ("PutItem", {**put(), "ConditionExpression": "attribute_exist(pk)"}, "attribute_exist()"),
    ("UpdateItem", update("REMOVE a REMOVE b"), "two clauses REMOVE"),
    ("UpdateItem", update("REMOVE a, #a", ExpressionAttributeNames={"#a": "a"}), "a twice"),
    ("UpdateItem", update("SET pk = :v", ExpressionAttributeValues={":v": s("x")}), "part of the key"),
    ("UpdateItem", update("ADD a :v", ExpressionAttributeValues={":v": s("x")}), "a of type S"),
    ("UpdateItem", update("DELETE a :v", ExpressionAttributeValues={":v": {"N": "1"}}), "a of type N"),
    ("TransactWriteItems", {"TransactItems": [{"Put": put(), "Delete": PLACE}]}, "2 actions in entry 1"),
    ("TransactWriteItems", {"TransactItems": [{"Put": put()}, {"Delete": PLACE}]}, "two actions on one item"),
    ("TransactWriteItems", {"TransactItems": [LARGE] * 11}, "4,4"),
    ("BatchGetItem", {"RequestItems": {"desk": {"Keys": [KEY, KEY]}}}, "the same key twice"),
    (
        "BatchGetItem",
        {"RequestItems": {"desk": {"Keys": [{**KEY, "pk": s(str(n))} for n in range(BATCH_LIMIT + 1)]}}},
        "101 keys",
    ),
    ("Query", query("pk > :pk"), "'pk > :pk'"),
    ("Query", query("pk = :pk AND version = :pk"), "where the key is pk, sk"),
    ("Query", query(IndexName="queue"), "where the key is queue_desk, queue_at"),
    ("Query", query("pk = :pk AND begins_with(sk, :s)", ExpressionAttributeValues={":pk": s("x"), ":s": s("")}), ":s: 0"),
    (
        "Query",
        query("pk = :pk AND sk BETWEEN :a AND :b", ExpressionAttributeValues={":pk": s("x"), ":a": s("b"), ":b": s("a")}),
        "the upper bound",
    ),
    ("Query", query(FilterExpression="sk <> :pk"), "sk is a key"),
    ("Query", query("due_shard = :pk", IndexName="due", ConsistentRead=True), "a consistent read of the index due"),
    ("Scan", {"TableName": "desk", "IndexName": "other"}, "no index other"),
    ("Query", query(ExclusiveStartKey={"pk": s("x")}), "attributes pk"),
    ("PutItem", {**put(), "ReturnValues": "ALL_NEW"}, "ALL_NEW"),
]  # fmt: skip

RAW = b"From: a@b.example\r\nTo: a@b.example\r\n\r\nx"
LETTER: dict[str, Any] = {
    "FromEmailAddress": "a@b.example",
    "Destination": {"ToAddresses": ["a@b.example"]},
    "Content": {"Raw": {"Data": RAW}},
}


def letter(raw: bytes = RAW, **changes: Any) -> dict[str, Any]:
    """Return a SendEmail."""
    return {**LETTER, "Content": {"Raw": {"Data": raw}}, **changes}


SESV2: list[tuple[str, Mapping[str, Any], str]] = [
    ("SendEmail", letter(EmailTags=[{"Name": "item", "Value": "OUT.1"}]), "Invalid tag value <OUT.1>"),
    ("SendEmail", letter(EmailTags=[{"Name": "a", "Value": "b"}] * 2), "Duplicate message tag"),
    ("SendEmail", letter(ConfigurationSetName="a.b"), "Invalid configuration set name"),
    ("SendEmail", letter(Destination={}), "at least one recipient"),
    ("SendEmail", letter(Destination={"ToAddresses": ["a@почта.example"]}), "Invalid email address"),
    ("SendEmail", letter(FromEmailAddress="Ольга <a@почта.example>"), "Invalid email address"),
    ("SendEmail", letter(RAW + (b"x" * 900 + b"\r\n") * 47_000), "Message length"),
    ("SendEmail", letter(b"From: a@b.example\nTo: a@b.example\r\n\r\nx"), "bare CR or LF"),
    ("SendEmail", letter(RAW + b"x" * 1000), "longer than 998"),
    ("SendEmail", letter(b"To: a@b.example\r\n\r\nx"), "Missing required header 'From'"),
    ("SendEmail", letter(b"To: a@b.example\r\n" + RAW), "Duplicate header 'to'"),
]


def _sms(**attributes: str) -> dict[str, Any]:
    said = {f"AWS.SNS.SMS.{name}": {"DataType": "String", "StringValue": value} for name, value in attributes.items()}
    return {"MessageAttributes": said}


TOPIC = {"TopicArn": "arn:aws:sns:eu-west-1:123456789012:pages", "Message": "x"}
SNS: list[tuple[str, Mapping[str, Any], str]] = [
    ("Publish", {"Message": "x"}, "none of them"),
    ("Publish", {**TOPIC, "PhoneNumber": "+79000000000"}, "TopicArn, PhoneNumber"),
    ("Publish", {**TOPIC, "Message": ""}, "an empty message"),
    ("Publish", {**TOPIC, "Message": "я" * 2**17 + "x"}, "262,145 bytes"),
    ("Publish", {**TOPIC, "Subject": "x" * 100}, "100 characters"),
    ("Publish", {**TOPIC, "Subject": ""}, "empty"),
    ("Publish", {**TOPIC, "Subject": "Страница"}, "no printable ASCII"),
    ("Publish", {**TOPIC, "Subject": "a\nb"}, "no printable ASCII"),
    ("Publish", {**TOPIC, "MessageAttributes": {"a.": {"DataType": "String", "StringValue": "x"}}}, "the name 'a.'"),
    ("Publish", {**TOPIC, "MessageAttributes": {"a": {"DataType": "Text", "StringValue": "x"}}}, "of type 'Text'"),
    ("Publish", {**TOPIC, "MessageAttributes": {"a": {"DataType": "String", "StringValue": ""}}}, "without a value"),
    ("Publish", {"PhoneNumber": "+79000000000", "Message": "x" * 1601}, "1,601 bytes"),
    ("Publish", {"PhoneNumber": "+79000000000", "Message": "я" * 631}, "631 UTF-16 units"),
    ("Publish", {"PhoneNumber": "+79000000000", "Message": "x", **_sms(SenderID="Desk 24")}, "the sender ID 'Desk 24'"),
    (
        "Publish",
        {"PhoneNumber": "+79000000000", "Message": "x", **_sms(SenderID="79000000")},
        "the sender ID '79000000'",
    ),
    ("Publish", {"PhoneNumber": "+79000000000", "Message": "x", **_sms(SMSType="Urgent")}, "the type 'Urgent'"),
    ("Publish", {"PhoneNumber": "89000000000", "Message": "x"}, "not in E.164 format"),
    ("ConfirmSubscription", {"Token": "x", "AuthenticateOnUnsubscribe": "True"}, "AuthenticateOnUnsubscribe 'True'"),
]

QUEUE = {"QueueUrl": "https://sqs.eu-west-1.amazonaws.com/123456789012/inbound"}
SQS: list[tuple[str, Mapping[str, Any], str]] = [
    ("SendMessage", {**QUEUE, "MessageBody": ""}, "0 bytes"),
    ("SendMessage", {**QUEUE, "MessageBody": "x" * (2**18 + 1)}, "262,145 bytes"),
    ("SendMessage", {**QUEUE, "MessageBody": "a\uffffb"}, "U+FFFF"),
    (
        "SendMessage",
        {**QUEUE, "MessageBody": "x", "MessageAttributes": {f"a{n}": {"DataType": "String"} for n in range(11)}},
        "11 attributes",
    ),
    ("SendMessage", {**QUEUE, "MessageBody": "x", "DelaySeconds": 901}, "901"),
    ("ReceiveMessage", {**QUEUE, "MaxNumberOfMessages": 11}, "11"),
    ("ReceiveMessage", {**QUEUE, "WaitTimeSeconds": 21}, "21"),
    ("ReceiveMessage", {**QUEUE, "VisibilityTimeout": 43_201}, "43,201"),
    ("GetQueueUrl", {"QueueName": "a b"}, "'a b'"),
]

REPORT = {"Source": "monitor.drill", "DetailType": "Reglament Fault Report", "Detail": "{}"}
OBJECT = {"Bucket": "mail", "Key": "incoming/x"}
S3: list[tuple[str, Mapping[str, Any], str]] = [
    ("GetObject", {**OBJECT, "Key": "я" * 513}, "1,026 bytes"),
    ("DeleteObject", {**OBJECT, "Key": "incoming/../x"}, "a segment of periods"),
    ("HeadObject", {**OBJECT, "Key": "a\x00b"}, "a control character"),
    ("CopyObject", {**OBJECT, "CopySource": "mail/incoming/a b"}, "not URL-encoded"),
    ("CopyObject", {**OBJECT, "CopySource": {"Bucket": "mail", "Key": ""}}, "0 bytes"),
    ("GetObject", {**OBJECT, "Bucket": "Mail"}, "'Mail'"),
    ("ListObjectsV2", {"Bucket": "mail", "Prefix": "x" * 1025}, "1,025 bytes"),
    ("ListObjectsV2", {"Bucket": "mail", "MaxKeys": 1001}, "1,001"),
    ("PutObject", {**OBJECT, "Metadata": {"a": "x" * 2048}}, "2,049 bytes"),
    ("PutObject", {**OBJECT, "Body": type("Large", (bytes,), {"__len__": lambda _: 6 * 2**30})()}, "bytes"),
]

OTHERS: list[Case] = [
    ("ses", "SetActiveReceiptRuleSet", {"RuleSetName": "-a"}, "'-a'"),
    ("cloudformation", "DescribeStacks", {"StackName": "1a"}, "'1a'"),
    ("secretsmanager", "GetSecretValue", {"SecretId": ""}, "0 bytes"),
    ("events", "PutEvents", {"Entries": [{**REPORT, "Source": "aws.cloudwatch"}]}, "Source 'aws.cloudwatch'"),
    ("events", "PutEvents", {"Entries": [{**REPORT, "DetailType": "x" * 129}]}, "DetailType of 129"),
    ("events", "PutEvents", {"Entries": [{**REPORT, "Detail": "[]"}]}, "Detail"),
    ("events", "PutEvents", {"Entries": [{**REPORT, "Detail": '{"a": "' + "я" * 2**17 + '"}'}]}, "more bytes"),
]


def document(directive: Mapping[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    """Return a metric document."""
    usual = {"Namespace": "Reglament", "Dimensions": [["service"]], "Metrics": [{"Name": "Heartbeat", "Unit": "Count"}]}
    metadata = {"Timestamp": 1_796_070_000_000, "CloudWatchMetrics": [{**usual, **(directive or {})}]}
    return {"_aws": metadata, "service": "clock", "Heartbeat": [1.0], **members}


EMF: list[Case] = [
    ("emf", "document", {"service": "clock"}, "_aws has []"),
    ("emf", "document", document({"Namespace": "AWS/Reglament"}), "'AWS/Reglament'"),
    ("emf", "document", document({"Metrics": [{"Name": f"m{n}"} for n in range(101)]}), "101 metrics"),
    ("emf", "document", document({"Metrics": [{"Name": "Heartbeat", "Unit": "Beats"}]}), "the unit Beats"),
    ("emf", "document", document({"Metrics": [{"Name": "Lost"}]}), "Lost without a value"),
    ("emf", "document", document(Heartbeat=[1.0] * 101), "101 values"),
    ("emf", "document", document(Heartbeat=float("nan")), "Heartbeat is nan"),
    ("emf", "document", document({"Dimensions": []}), "no set of dimensions"),
    ("emf", "document", document({"Dimensions": [[f"d{n}" for n in range(31)]]}), "31 dimensions"),
    ("emf", "document", document(service="часы"), "service is 'часы'"),
    ("emf", "document", document(text="x" * 2**18), "bytes"),
]


def answered(*identifiers: Any) -> dict[str, Any]:
    """Return an answer to a batch of the message m1."""
    failures = [{"itemIdentifier": identifier} for identifier in identifiers]
    return {"event": {"Records": [{"messageId": "m1"}]}, "answer": {"batchItemFailures": failures}}


QUEUED = {
    "messageId": "m1", "receiptHandle": "r", "body": "{}", "messageAttributes": {}, "md5OfBody": "0",
    "attributes": {"ApproximateReceiveCount": "1", "SentTimestamp": "1"}, "eventSource": "aws:sqs",
    "eventSourceARN": "arn", "awsRegion": "eu-west-1",
}  # fmt: skip


def notified(envelope: str, message: str) -> dict[str, Any]:
    """Return an event of a queue with what SES has written, in JSON."""
    import json

    body = {**json.loads(envelope), "Message": message}
    return {"Records": [{**QUEUED, "body": json.dumps(body)}]}


LAMBDA: list[Case] = [
    ("invocation", "response", {"event": {}, "answer": {"at": object()}}, "not JSON serializable"),
    ("invocation", "response", {"event": {}, "answer": "x" * 6 * 2**20}, "bytes"),
    ("invocation", "response", {"event": {}, "answer": {"batchItemFailures": None}}, "batchItemFailures is NoneType"),
    ("invocation", "response", answered(""), "the identifier ''"),
    ("invocation", "response", answered(None), "the identifier None"),
    ("invocation", "response", answered("m2"), "'m2'"),
    ("invocation", "event", {"Records": [], "text": "x" * 6 * 2**20}, "bytes"),
    ("invocation", "event", {"Records": [{"eventSource": "aws:sqs"}]}, "a record of a queue without messageId"),
    ("invocation", "event", {"Records": [{"eventSource": "aws:dynamodb"}]}, "a record of a stream without eventID"),
    ("invocation", "event", {"version": "0"}, "an event without id"),
    ("invocation", "event", notified("{}", "{}"), "an SNS notification without Type"),
    ("invocation", "event", notified("{}", '{"notificationType": "Received"}'), "receipt without timestamp"),
    (
        "invocation",
        "event",
        notified("{}", '{"notificationType": "Received", "receipt": {"spfVerdict": {"status": "pass"}}}'),
        "spfVerdict 'pass'",
    ),
    ("invocation", "event", notified("{}", '{"eventType": "Delivered"}'), "eventType 'Delivered'"),
    (
        "invocation",
        "event",
        notified("{}", '{"eventType": "Bounce", "bounce": {"bounceType": "Hard"}}'),
        "a bounce of Hard",
    ),
]

CASES: list[Case] = [
    *((service, *case) for service, cases in {"dynamodb": DYNAMODB, "sesv2": SESV2, "sns": SNS, "sqs": SQS, "s3": S3}.items() for case in cases),
    *OTHERS,
    *EMF,
    *LAMBDA,
]  # fmt: skip


def broken(case: Case) -> Iterator[Any]:
    """Return what a case breaks of the rules that are written by hand."""
    service, operation, params, _ = case
    return breaches(table.written_rules(service, operation), Request(service, operation, params))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case[0]}.{case[1]}: {case[3]}")
def test_what_breaks_a_limit_is_found_and_told(case: Case) -> None:
    found = [str(one) for one in broken(case)]
    assert any(case[3] in one for one in found), found


def test_every_limit_is_broken_by_a_case() -> None:
    known = {id(one.rule) for case in CASES for one in broken(case)}
    assert [f"{rule.service}: {rule.field}: {rule.limit}" for rule in table.RULES if id(rule) not in known] == []


@pytest.mark.parametrize(
    ("service", "operation", "params"),
    [
        ("dynamodb", "PutItem", {**put(due_shard=s("DUE#1")), "ConditionExpression": "attribute_not_exists(pk)"}),
        (
            "dynamodb",
            "UpdateItem",
            update(
                "SET #state = :v, since = if_not_exists(since, :v) REMOVE due_at ADD tries :one",
                ExpressionAttributeNames={"#state": "state"},
                ExpressionAttributeValues={":v": s("x"), ":one": {"N": "1"}},
            ),
        ),
        (
            "dynamodb",
            "Query",
            query(
                "pk = :pk AND sk BETWEEN :a AND :b",
                ExpressionAttributeValues={":pk": s("x"), ":a": s("a"), ":b": s("b")},
                ConsistentRead=True,
            ),
        ),
        ("sesv2", "SendEmail", letter(EmailTags=[{"Name": "item", "Value": "OUT_1"}])),
        ("sns", "Publish", {**TOPIC, "Subject": "MDO-1 on-call"}),
        ("sqs", "SendMessage", {**QUEUE, "MessageBody": "{}"}),
        ("s3", "CopyObject", {**OBJECT, "CopySource": {"Bucket": "mail", "Key": "incoming/a b"}}),
        ("emf", "document", document()),
        ("invocation", "response", answered("m1")),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_keeps_to_the_limits_is_let_through(service: str, operation: str, params: Mapping[str, Any]) -> None:
    assert list(broken((service, operation, params, ""))) == []


def test_the_error_of_every_rule_is_one_that_its_operations_answer() -> None:
    for rule in table.RULES:
        for operation in rule.operations:
            if rule.service not in table.OTHERS:
                assert documented(rule.service, operation, rule.code)


def test_every_rule_is_of_operations_that_are_in_the_table() -> None:
    of_rules = {(rule.service, operation) for rule in table.RULES for operation in rule.operations}
    assert {one for one in of_rules if one[0] not in table.OTHERS} <= set(DOCUMENTED)


def test_the_keys_are_those_of_the_template() -> None:
    definition = table_definition()
    named = {
        index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]]
        for index in definition["GlobalSecondaryIndexes"]
    }
    assert {name: list(keys) for name, keys in items.INDEXES.items()} == named
    assert list(items.TABLE_KEYS) == [key["AttributeName"] for key in definition["KeySchema"]]


def test_an_item_is_measured_as_the_guide_measures_it() -> None:
    """DynamoDB developer guide, "DynamoDB item sizes and formats"."""
    assert items.item_size({"shirt-color": s("R"), "shirt-size": s("M")}) == 23
    assert items.value_size({"M": {"я": {"BOOL": True}}}) == 3 + 1 + 2 + 1
