"""In what order template.yaml is created, how much of an account it takes, and how it hears of what goes wrong elsewhere."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator

from composition import ENVIRONMENT
from domain.regulation.editions import desk_ids, editions
from tests.support.template import (
    QUEUE_READERS,
    STREAM_READERS,
    Json,
    alarms_on,
    function,
    listed,
    logical,
    mapping,
    of_type,
    text_of,
)

# Order


@pytest.fixture(scope="module")
def deployed(template: Json) -> Json:
    """Return the resources as CloudFormation gets them: SAM's kinds are replaced by what SAM makes of them."""
    plain = json.loads(json.dumps(template))
    plain["Globals"]["Function"]["CodeUri"] = "s3://bucket/key"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
        translated: Json = Translator({}, Parser()).translate(copy.deepcopy(plain), {"Architecture": "arm64"})
    resources: Json = translated["Resources"]
    return resources


def test_nothing_is_created_after_the_receipt_rule(deployed: Json) -> None:
    """SES writes into the bucket when the rule is created, and a rollback cannot delete a bucket that is not empty.

    A resource that is added must be among the rule's DependsOn, or, where it has a condition, its Metadata.
    """
    before: set[str] = set()
    to_look_at = ["ReceiptRule"]
    while to_look_at:
        for name in needed_by(deployed[to_look_at.pop()], deployed):
            if name not in before:
                before.add(name)
                to_look_at.append(name)
    assert deployed.keys() - before == {"ReceiptRule"}


def test_what_is_kept_is_kept_after_the_transform(deployed: Json, template: Json) -> None:
    for name, body in template["Resources"].items():
        if "DeletionPolicy" in body:
            policies = (deployed[name]["DeletionPolicy"], deployed[name]["UpdateReplacePolicy"])
            assert policies == ("RetainExceptOnCreate", "Retain"), name


def needed_by(resource: Json, resources: Json) -> set[str]:
    """Return the resources that are created before this one: those that it names."""
    return {*listed(resource.get("DependsOn", [])), *referred(resource)} & resources.keys()


def referred(value: Any) -> Iterator[str]:
    """Return the names of whatever is referred to in a part of a template."""
    if isinstance(value, list):
        for one in value:
            yield from referred(one)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key == "Ref":
                yield inner
            elif key == "Fn::GetAtt":
                yield (inner if isinstance(inner, list) else inner.split("."))[0]
            elif key == "Fn::Sub":
                text = inner[0] if isinstance(inner, list) else inner
                yield from re.findall(r"\$\{(\w+)", text)
                yield from referred(inner[1:] if isinstance(inner, list) else [])
            else:
                yield from referred(inner)


def test_the_stack_policy_names_resources_that_there_are(resources: Json) -> None:
    from scripts.deployment import IRREPLACEABLE

    assert set(IRREPLACEABLE) <= resources.keys()
    assert set(IRREPLACEABLE) == {
        name
        for name, body in resources.items()
        if body.get("UpdateReplacePolicy") and not body["Type"].endswith(("Policy", "EmailIdentity"))
    }


# Bounds

NEW_ACCOUNT = 10
"""Concurrent executions that a new account may have (Lambda developer guide, "Lambda quotas": new accounts "have reduced
concurrency"; ten is what has been observed)."""
SHARDS = 4
"""Of the stream of a new table on demand: it serves 4,000 write units a second at once, and a partition has 1,000
(DynamoDB developer guide, "Read/write capacity mode" and "Best practices for designing partition keys"); a partition
writes to one shard."""
LASTING = {"inbound", "feedback", "mailer"}
"""What a flood of letters keeps running. `reconcile` runs for a minute an hour at most, `alarm` for a moment."""
KEPT_FREE = {"clock": 1, "pager": 1}


def most_at_a_time(template: Json, name: str) -> int:
    """Return how many runs of a function there are at most at a time, in a new account."""
    source = mapping(template["Resources"], name)
    if name in QUEUE_READERS:
        bound = source["ScalingConfig"]["MaximumConcurrency"]
        return int(template["Parameters"][bound["Ref"]]["Default"] if isinstance(bound, dict) else bound)
    if name in STREAM_READERS:
        return int(source["ParallelizationFactor"]) * SHARDS
    return 1


def test_a_flood_of_letters_leaves_a_new_account_room_for_the_clock_and_the_pager(template: Json) -> None:
    taken = sum(most_at_a_time(template, name) for name in LASTING)
    assert taken + sum(KEPT_FREE.values()) <= NEW_ACCOUNT


def test_every_function_is_bounded(template: Json) -> None:
    """But for `alarm`, which runs as often as alarms of other systems change."""
    bounded = {
        name
        for name in ENVIRONMENT
        if name in {*QUEUE_READERS, *STREAM_READERS} or "Schedule" in mapping(template["Resources"], name)
    }
    assert ENVIRONMENT.keys() - bounded == {"alarm"}


def test_what_is_reserved_suffices_for_all_that_runs_at_a_time(template: Json) -> None:
    for name in ("pager", "clock"):
        condition, reserved, nothing = function(template["Resources"], name)["ReservedConcurrentExecutions"]["Fn::If"]
        assert (condition, nothing) == ("ReservesConcurrency", {"Ref": "AWS::NoValue"})
        assert reserved > most_at_a_time(template, name)
    assert template["Parameters"]["ReserveConcurrency"]["Default"] == "false"


# What goes wrong elsewhere


@pytest.mark.parametrize("subscription", ["InboundSubscription", "FeedbackSubscription"])
def test_what_a_topic_cannot_deliver_is_kept_and_told_of(resources: Json, subscription: str) -> None:
    body = resources[subscription]
    queue = logical(body["Properties"]["RedrivePolicy"]["deadLetterTargetArn"])
    (policy_name,) = [
        name
        for name, one in resources.items()
        if one["Type"] == "AWS::SQS::QueuePolicy" and logical(one["Properties"]["Queues"][0]) == queue
    ]
    assert policy_name in body["DependsOn"]
    (statement,) = resources[policy_name]["Properties"]["PolicyDocument"]["Statement"]
    topic = logical(body["Properties"]["TopicArn"])
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert logical(statement["Condition"]["ArnEquals"]["aws:SourceArn"]) == topic
    assert alarms_on(resources, "ApproximateNumberOfMessagesVisible", "QueueName", queue)
    assert alarms_on(resources, "NumberOfNotificationsFailedToRedriveToDlq", "TopicName", topic)


def test_sns_may_use_the_key_for_every_topic_whose_messages_it_puts_on_queues(resources: Json) -> None:
    (statement,) = [
        one for one in resources["Key"]["Properties"]["KeyPolicy"]["Statement"] if one["Sid"] == "SnsFillsTheQueues"
    ]
    named = {
        text_of(arn).rpartition("${AWS::AccountId}:")[2] for arn in statement["Condition"]["ArnEquals"]["aws:SourceArn"]
    }
    topics = {
        text_of(resources[logical(one["TopicArn"])]["Properties"]["TopicName"])
        for one in of_type(resources, "AWS::SNS::Subscription").values()
        if one["Protocol"] == "sqs"
    }
    assert named == topics


def test_a_letter_that_is_not_read_is_told_of_while_its_page_may_be_in_time(resources: Json) -> None:
    (alarm,) = alarms_on(resources, "ApproximateAgeOfOldestMessage", "QueueName", "InboundQueue")
    one_period_to_count_and_one_to_evaluate = 2 * alarm["Period"]
    heard_after = alarm["Threshold"] + alarm["EvaluationPeriods"] * one_period_to_count_and_one_to_evaluate
    promised = min(edition.critical.within_minutes for desk in desk_ids() for edition in editions(desk))
    assert heard_after < promised * 60


def test_no_address_is_suppressed_but_by_the_desk(resources: Json) -> None:
    """SES's own list knows nothing of a letter that proves the address alive, and drops what is sent all the same."""
    assert resources["ConfigurationSet"]["Properties"]["SuppressionOptions"] == {"SuppressedReasons": []}


def test_silence_is_an_alarm_within_what_cloudwatch_evaluates(template: Json) -> None:
    """CloudWatch API reference, PutMetricAlarm: seven days at most, of periods of an hour or more."""
    (alarm,) = alarms_on(template["Resources"], "NumberOfMessagesPublished", "TopicName", "MailTopic")
    hours = template["Parameters"][alarm["EvaluationPeriods"]["Ref"]]
    assert alarm["Period"] == 3600
    assert alarm["Period"] * hours["MaxValue"] <= 604_800
    assert alarm["TreatMissingData"] == "breaching"
