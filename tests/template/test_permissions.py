"""What template.yaml allows: whom, to do what, and to which resources."""

from __future__ import annotations

import json
import re

import pytest

from composition import ENVIRONMENT
from tests.support.template import Json, allowed, function, listed, logical, of_type, text_of

FUNCTIONS = sorted(ENVIRONMENT)

# What a function may do

ONLY_AS_A_WHOLE = {
    "WriteTraces": "X-Ray has no resources to name",
    "AccountAdministersThroughIam": "a key policy speaks of its own key; without this nobody could administer it",
    "SesStoresLettersAndPublishes": "a key policy speaks of its own key",
    "SnsFillsTheQueues": "a key policy speaks of its own key",
    "CloudWatchPublishesAlarms": "a key policy speaks of its own key",
    "EventBridgeKeepsUndeliveredEvents": "a key policy speaks of its own key",
    "ActivateTheReceiptRules": "SES has no resources to name for its receipt rule sets",
    "LookAtTheAccount": "what is asked of the account, or has no resource to name",
}
"""Statements that may name every resource, and why. No narrower one exists."""
WHOLE_SERVICE = {"AccountAdministersThroughIam": "the account's administrator administers the key by IAM"}
KINDS_OF_DATA_KEY = {"kms:GenerateDataKey*"}
"""With and without plaintext: SNS, SQS and SES do not say which of the two they ask for."""


def test_no_statement_allows_every_action_of_a_service(resources: Json) -> None:
    wide = [
        (name, action)
        for name, statement in allowed(resources)
        for action in listed(statement["Action"])
        if "*" in action and action not in KINDS_OF_DATA_KEY and statement.get("Sid") not in WHOLE_SERVICE
    ]
    assert not wide


def test_no_statement_allows_an_action_on_everything(resources: Json) -> None:
    wide = [
        (name, statement.get("Sid"))
        for name, statement in allowed(resources)
        if "*" in listed(statement.get("Resource", [])) and statement.get("Sid") not in ONLY_AS_A_WHOLE
    ]
    assert not wide


def test_only_a_key_policy_tracing_and_receipt_rules_name_every_resource(resources: Json) -> None:
    for name, statement in allowed(resources):
        if "*" in listed(statement.get("Resource", [])):
            nameless = {"WriteTraces", "ActivateTheReceiptRules", "LookAtTheAccount"}
            assert resources[name]["Type"] == "AWS::KMS::Key" or statement["Sid"] in nameless, name


def test_the_pager_publishes_to_telephones_and_to_one_topic(resources: Json) -> None:
    """A telephone number is no ARN: whatever is none is all that a topic's or an endpoint's pattern leaves."""
    said = {
        statement["Sid"]: statement
        for name, statement in allowed(resources)
        if name == "PagerRole" and "sns:Publish" in listed(statement["Action"])
    }
    assert set(said) == {"Page", "PageTelephones"}
    assert logical(said["Page"]["Resource"]) == "PagesTopic"
    assert "Resource" not in said["PageTelephones"]
    (spared,) = listed(said["PageTelephones"]["NotResource"])
    pattern = re.escape(text_of(spared)).replace(r"\*", ".*").replace(re.escape("${AWS::Partition}"), "aws")
    arns = ("arn:aws:sns:eu-west-1:123456789012:operations", "arn:aws:sns:eu-west-1:1:endpoint/GCM/app/5e3e9847")
    assert all(re.fullmatch(pattern, arn) for arn in arns)
    assert not re.fullmatch(pattern, "+79161234567")


def test_no_statement_allows_everybody(resources: Json) -> None:
    for name, statement in allowed(resources):
        principal = statement.get("Principal")
        assert principal != "*", name
        assert not (isinstance(principal, dict) and "*" in principal.values()), name


def test_no_role_reaches_into_other_tables_buckets_queues_or_topics(resources: Json) -> None:
    # What follows a resource of the stack's own may be open; its name may not.
    open_ended = re.compile(r"^\$\{(AccessLogs|MailBucket|Table)\.Arn\}/(incoming|letters|mail|quarantine|stream)/\*$")
    exempt = {
        "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*",  # held by ses:FromAddress
        # What follows a stack's name is its id, and in the names of its rules and functions what each is.
        "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/${AWS::StackName}-*",
        "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:${AWS::StackName}-*",
        "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/${AWS::StackName}/*",
    }
    for name, statement in allowed(resources):
        for resource in listed(statement.get("Resource", [])):
            shown = text_of(resource)
            if "*" in shown and shown != "*" and shown not in exempt:
                assert open_ended.match(shown), (name, shown)


TABLE_KEY_ACTIONS = {
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
}
"""What DynamoDB requires of a customer managed key, but for the grants that it makes in the name of who creates the table
(DynamoDB developer guide, encryption.usagenotes.html, "Key policy for a customer managed key")."""


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_role_that_uses_the_table_may_use_its_key_through_dynamodb_alone(resources: Json, name: str) -> None:
    role = logical(function(resources, name)["Role"])
    own = [one for holder, one in allowed(resources) if holder == role and "Action" in one]
    uses_table = any(action.startswith("dynamodb:") for one in own for action in listed(one["Action"]))
    key = [one for one in own if one.get("Sid") == "UseTableKey"]
    assert len(key) == int(uses_table)
    for statement in key:
        assert set(statement["Action"]) == TABLE_KEY_ACTIONS
        assert logical(statement["Resource"]) == "Key"
        via = text_of(statement["Condition"]["StringEquals"]["kms:ViaService"])
        assert via == "dynamodb.${AWS::Region}.${AWS::URLSuffix}"


def test_only_the_log_delivery_of_this_bucket_writes_access_logs(resources: Json) -> None:
    statement, _ = resources["AccessLogsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "logging.s3.amazonaws.com"}
    source = text_of(statement["Condition"]["ArnLike"]["aws:SourceArn"])
    bucket = text_of(resources["MailBucket"]["Properties"]["BucketName"])
    assert source == f"arn:${{AWS::Partition}}:s3:::{bucket}"
    prefix = resources["MailBucket"]["Properties"]["LoggingConfiguration"]["LogFilePrefix"]
    assert text_of(statement["Resource"]) == f"${{AccessLogs.Arn}}/{prefix}*"


def test_letters_leave_only_in_the_name_of_a_desk(resources: Json) -> None:
    """Those that the mailer sends, and those that go with pages."""
    sends = {name: one for name, one in allowed(resources) if "ses:SendRawEmail" in listed(one["Action"])}
    assert set(sends) == {"MailerRole", "PagerRole"}
    for statement in sends.values():
        assert statement["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "DeskAddresses"}}}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_two_functions_share_a_role(resources: Json, name: str) -> None:
    role = logical(function(resources, name)["Role"])
    sharing = [
        other
        for other, body in of_type(resources, "AWS::Serverless::Function").items()
        if logical(body["Role"]) == role
    ]
    assert len(sharing) == 1
    assert resources[role]["Type"] == "AWS::IAM::Role"
    assert "ManagedPolicyArns" not in resources[role]["Properties"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_reads_only_what_its_environment_names(resources: Json, name: str) -> None:
    role = resources[logical(function(resources, name)["Role"])]["Properties"]
    granted = json.dumps(role["Policies"])
    own = function(resources, name)["Environment"]["Variables"]
    for variable, resource in (
        ("MAIL_BUCKET", "MailBucket"),
        ("REPLY_KEYS", "ReplyKeys"),
        ("PAGES_TOPIC", "PagesTopic"),
    ):
        assert (variable in own) == (resource in granted), (name, resource)


def test_services_publish_only_on_behalf_of_this_account(resources: Json) -> None:
    for name, statement in allowed(resources):
        service = (statement.get("Principal") or {}).get("Service")
        if service in {None, "lambda.amazonaws.com"}:
            continue
        keys = {key for condition in statement["Condition"].values() for key in condition}
        assert "aws:SourceArn" in keys, name
