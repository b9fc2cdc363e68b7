"""What the stack's key seals and what does without it, so that a disabled key is told of and loses nothing."""

from __future__ import annotations

import pytest

from composition import ENVIRONMENT
from tests.support.template import Json, allowed, function, listed, logical, of_type, text_of

OTHERS_PUT_FAILURES_INTO = {
    "MailUndelivered",
    "FeedbackUndelivered",
    "MailerFailures",
    "PagerFailures",
    "ClockFailures",
    "AlarmFailures",
    "ReconcileFailures",
}
"""Queues that SNS, Lambda and EventBridge write to. Into those of `inbound` and `feedback` SQS itself moves messages."""
OPENS_OR_SEALS = {"sns:Publish", "sqs:ReceiveMessage", "sqs:SendMessage"}


def test_queues_are_encrypted_with_the_stacks_key_or_where_they_keep_failures_with_that_of_sqs(resources: Json) -> None:
    for name, body in of_type(resources, "AWS::SQS::Queue").items():
        if name in OTHERS_PUT_FAILURES_INTO:
            assert (body.get("SqsManagedSseEnabled"), body.get("KmsMasterKeyId")) == (True, None), name
        else:
            assert logical(body["KmsMasterKeyId"]) == "Key", name


def test_topics_are_encrypted_with_the_stacks_key_but_for_the_one_that_tells_of_a_disabled_key(resources: Json) -> None:
    for name, body in of_type(resources, "AWS::SNS::Topic").items():
        if name == "OperationsTopic":
            assert "KmsMasterKeyId" not in body
        else:
            assert logical(body["KmsMasterKeyId"]) == "Key", name


def test_no_service_is_trusted_with_the_key_that_only_tells_of_failures_or_keeps_them(resources: Json) -> None:
    trusted = {
        statement["Principal"]["Service"]
        for statement in resources["Key"]["Properties"]["KeyPolicy"]["Statement"]
        if "Service" in statement["Principal"]
    }
    assert trusted == {"ses.amazonaws.com", "sns.amazonaws.com"}


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_a_role_uses_the_key_through_those_services_whose_resources_have_it(resources: Json, name: str) -> None:
    """But for the table's, of which another test tells. Needed and granted are compared both ways.

    Telephones have no key: what publishes to them names no resource, and reaches no topic (`test_permissions.py`).
    """
    role = logical(function(resources, name)["Role"])
    own = [one for holder, one in allowed(resources) if holder == role]
    needed, granted = set(), set()
    for statement in own:
        actions = set(listed(statement["Action"]))
        if {"s3:GetObject", "s3:PutObject"} & actions:
            needed.add("s3")
        uses = "Resource" in statement and bool(actions & OPENS_OR_SEALS)
        if uses and "KmsMasterKeyId" in resources[logical(statement["Resource"])]["Properties"]:
            needed |= {action.partition(":")[0] for action in actions}
        if any(action.startswith("kms:") for action in actions):
            via = listed(statement["Condition"]["StringEquals"]["kms:ViaService"])
            granted |= {text_of(one).partition(".")[0] for one in via}
    assert granted - {"dynamodb"} == needed
