"""What `template.yaml` promises: nothing lost, nothing granted that is not needed, nothing failing unseen."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import cfnlint.api
import pytest

from cli.redrive import RULES, queue_of
from composition import ENVIRONMENT, OUTPUTS, AwsServices
from domain.ticket.outgoing import PAGE_OFFERED_AGAIN_AFTER
from generate.aws_events import EVENTS
from handlers import clock, delivery, pager
from handlers.observing import Metric
from local.patterns import matches
from tests.support import template as support
from tests.support.template import (
    QUEUE_READERS,
    STREAM_READERS,
    TEMPLATE,
    Json,
    alarms_on,
    allowed,
    failure_queue,
    function,
    listed,
    logical,
    logical_function,
    mapping,
    mappings,
    of_type,
    text_of,
)

FUNCTIONS = sorted(ENVIRONMENT)
RULE_TARGETS = ("clock", "alarm", "reconcile")
MINUTE = 60


# Failures


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_has_a_failure_queue_named_after_it(resources: Json, name: str) -> None:
    queue = resources[failure_queue(resources, name)]
    assert queue["Type"] == "AWS::SQS::Queue"
    assert text_of(queue["Properties"]["QueueName"]) == f"${{AWS::StackName}}-{name}-failures"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_alarm_watches_the_visible_messages_of_every_failure_queue(resources: Json, name: str) -> None:
    queue = failure_queue(resources, name)
    (alarm,) = alarms_on(resources, "ApproximateNumberOfMessagesVisible", "QueueName", queue)
    assert (alarm["ComparisonOperator"], alarm["Threshold"]) == ("GreaterThanThreshold", 0)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_alarm_watches_the_errors_of_every_function(resources: Json, name: str) -> None:
    assert alarms_on(resources, "Errors", "FunctionName", logical_function(resources, name))


@pytest.mark.parametrize("name", QUEUE_READERS)
def test_an_alarm_watches_how_long_messages_wait(resources: Json, name: str) -> None:
    queue = logical(mapping(resources, name)["Queue"])
    assert alarms_on(resources, "ApproximateAgeOfOldestMessage", "QueueName", queue)


@pytest.mark.parametrize("name", sorted(STREAM_READERS))
def test_an_alarm_watches_how_far_each_sender_is_behind_the_stream(resources: Json, name: str) -> None:
    assert alarms_on(resources, "IteratorAge", "FunctionName", logical_function(resources, name))


@pytest.mark.parametrize(
    ("metric", "service"),
    [
        ("MailFailed", "mailer"),
        ("MailRefused", "mailer"),
        ("MailDelayed", "mailer"),
        ("PagesFailed", "pager"),
        ("PageChannelsFailed", "pager"),
        ("PagesWaiting", "clock"),
        ("TimersFailed", "clock"),
        ("SweepsUnfinished", "clock"),
        ("PronouncementsHeld", "clock"),
        ("LettersQuarantined", "inbound"),
        ("LettersQuarantined", "reconcile"),
        ("LettersLeftBehind", "reconcile"),
        ("LettersOfferedAgain", "reconcile"),
        ("ReconcileFailed", "reconcile"),
        ("RegulationEnded", "reconcile"),
        ("DesksWithoutPeople", "reconcile"),
        ("AlarmsOfNoDesk", "alarm"),
    ],
)
def test_an_alarm_watches_what_only_the_code_can_count(template: Json, metric: str, service: str) -> None:
    (alarm,) = alarms_on(template["Resources"], metric, "service", service)
    assert alarm["Namespace"] == metrics_namespace(template)


WATCHED_BY_NOBODY = {
    Metric.BOUNCED: "the ticket's team is told of each",
    Metric.COMPLAINED: "the ticket's team is told of each",
    Metric.DELIVERED: "good news",
    Metric.DELIVERY_OTHER: "a delay, or an event that nobody asked for",
    Metric.FAULTS_OPENED: "each pages by itself",
    Metric.FAULTS_RESOLVED: "good news",
    Metric.LETTERS_FILED: "good news",
    Metric.LETTERS_REDELIVERED: "a redelivery changes nothing",
    Metric.LETTERS_SETTLED: "good news",
    Metric.LETTERS_WAITING: "counted as left behind, too",
    Metric.OFFERS_REPEATED: "what does not leave all the same is counted as delayed or given up",
    Metric.PAGES_SENT: "good news",
    Metric.SIGNALS_MALFORMED: "the failure queue keeps each, and an alarm watches it",
    Metric.TICKETS_OPENED: "good news",
    Metric.TIMERS_FIRED: "good news",
    Metric.UNDECREED_CALENDAR: "each letter that it concerns says so",
}


def test_whatever_the_code_counts_is_watched_by_an_alarm_or_says_why_not(resources: Json) -> None:
    """A count on which no alarm stands is a fault that nobody hears of."""
    watched = {alarm.get("MetricName") for alarm in of_type(resources, "AWS::CloudWatch::Alarm").values()}
    assert {metric for metric in Metric if metric not in watched} == WATCHED_BY_NOBODY.keys()


def test_a_missing_heartbeat_is_an_alarm(template: Json) -> None:
    (alarm,) = alarms_on(template["Resources"], "Heartbeat", "service", "clock")
    assert alarm["TreatMissingData"] == "breaching"
    assert alarm["Namespace"] == metrics_namespace(template)
    assert alarm["ComparisonOperator"] == "LessThanThreshold"


def test_the_alarm_on_failing_timers_lasts_as_long_as_one_fails(resources: Json) -> None:
    (alarm,) = alarms_on(resources, "TimersFailed", "service", "clock")
    failures_in_a_period = alarm["Period"] // (clock.PUT_OFF_AT_MOST.total_seconds() + MINUTE)
    assert failures_in_a_period > alarm["Threshold"] >= 1


@pytest.mark.parametrize("metric", ["MailRefused", "MailDelayed"])
def test_the_alarm_on_letters_that_do_not_leave_lasts_from_one_attempt_to_the_next(
    resources: Json, metric: str
) -> None:
    (alarm,) = alarms_on(resources, metric, "service", "mailer")
    assert alarm["Period"] * alarm["EvaluationPeriods"] > delivery.LONGEST_PAUSE.total_seconds() + MINUTE
    assert alarm["DatapointsToAlarm"] == 1


def metrics_namespace(template: Json) -> object:
    return template["Globals"]["Function"]["Environment"]["Variables"]["POWERTOOLS_METRICS_NAMESPACE"]


def test_every_alarm_tells_the_operations_topic(resources: Json) -> None:
    for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items():
        assert [logical(action) for action in alarm["AlarmActions"]] == ["OperationsTopic"], name


def test_the_dashboard_shows_every_alarm(resources: Json) -> None:
    (dashboard,) = of_type(resources, "AWS::CloudWatch::Dashboard").values()
    body = dashboard["DashboardBody"]["Fn::Sub"][0]
    missing = [name for name in of_type(resources, "AWS::CloudWatch::Alarm") if f"${{{name}.Arn}}" not in body]
    assert not missing


def test_the_dashboard_is_readable_json(resources: Json) -> None:
    (dashboard,) = of_type(resources, "AWS::CloudWatch::Dashboard").values()
    assert json.loads(dashboard["DashboardBody"]["Fn::Sub"][0])["widgets"]


# What starts a function


@pytest.mark.parametrize("name", QUEUE_READERS)
def test_a_queue_is_hidden_six_times_as_long_as_its_function_may_run(template: Json, name: str) -> None:
    resources = template["Resources"]
    queue = resources[logical(mapping(resources, name)["Queue"])]["Properties"]
    assert queue["VisibilityTimeout"] >= 6 * timeout(template, name).total_seconds()


@pytest.mark.parametrize("name", [*QUEUE_READERS, *STREAM_READERS])
def test_one_bad_record_fails_alone(resources: Json, name: str) -> None:
    assert mapping(resources, name)["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize(("name", "outbox"), sorted(STREAM_READERS.items()))
def test_a_sender_sees_only_inserts_of_its_own_kind(resources: Json, name: str, outbox: str) -> None:
    (one,) = mapping(resources, name)["FilterCriteria"]["Filters"]
    assert json.loads(one["Pattern"]) == {
        "eventName": ["INSERT"],
        "dynamodb": {"NewImage": {"outbox": {"S": [outbox]}}},
    }


@pytest.mark.parametrize("name", sorted(STREAM_READERS))
def test_a_poison_record_blocks_the_stream_for_a_bounded_time(resources: Json, name: str) -> None:
    source = mapping(resources, name)
    assert source["BisectBatchOnFunctionError"] is True
    assert 0 <= source["MaximumRetryAttempts"] <= 10
    assert 60 <= source["MaximumRecordAgeInSeconds"] <= 3600


@pytest.mark.parametrize("name", sorted(STREAM_READERS))
def test_a_stream_is_read_from_its_beginning(resources: Json, name: str) -> None:
    assert mapping(resources, name)["StartingPosition"] == "TRIM_HORIZON"


@pytest.mark.parametrize("name", RULE_TARGETS)
def test_an_event_that_no_function_took_is_kept(resources: Json, name: str) -> None:
    queue = failure_queue(resources, name)
    for source in mappings(resources, name):
        assert logical(source["DeadLetterConfig"]["Arn"]) == queue
    (policy,) = [
        body for body in of_type(resources, "AWS::SQS::QueuePolicy").values() if logical(body["Queues"][0]) == queue
    ]
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    rules = [text_of(source.get("RuleName") or source.get("Name")) for source in mappings(resources, name)]
    sources = [text_of(arn) for arn in listed(statement["Condition"]["ArnEquals"]["aws:SourceArn"])]
    assert [arn.rpartition("rule/")[2] for arn in sources] == rules


def test_our_own_alarms_open_no_fault(resources: Json) -> None:
    pattern = mapping(resources, "alarm")["Pattern"]
    (excluded,) = pattern["detail"]["alarmName"]
    prefix = text_of(excluded["anything-but"]["prefix"])
    for name, alarm in of_type(resources, "AWS::CloudWatch::Alarm").items():
        assert text_of(alarm["AlarmName"]).startswith(prefix), name


def test_the_rule_of_monitors_takes_their_reports_and_no_alarm(resources: Json) -> None:
    """Those for another stack of the account are left to it, and nobody passes for CloudWatch."""
    _, reports = mappings(resources, "alarm")
    kinds = [text_of(kind).replace("${AWS::StackName}", "reglament") for kind in reports["Pattern"]["detail-type"]]
    pattern = {**reports["Pattern"], "detail-type": kinds}
    events = {path.stem: json.loads(path.read_text("utf-8")) for path in EVENTS.glob("alarm-*.json")}
    taken = {name for name, event in events.items() if matches(pattern, event)}
    assert taken == {name for name in events if name.startswith("alarm-monitor-")}
    report = events["alarm-monitor-raised"]
    assert matches(pattern, report | {"detail-type": "Reglament Fault Report to reglament"})
    assert not matches(pattern, report | {"detail-type": "Reglament Fault Report to another"})
    assert not matches(pattern, report | {"source": "zabbix"})
    assert not matches(pattern, events["alarm-raised"] | {"source": "monitor.zabbix"})


def test_a_monitor_may_report_faults_and_nothing_else(resources: Json) -> None:
    """No event of another source, so that it passes for no system of the company; none to another bus."""
    (statement,) = resources["MonitorsPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert statement["Action"] == "events:PutEvents"
    assert text_of(statement["Resource"]).endswith(":event-bus/default")
    condition = statement["Condition"]
    assert condition["StringLike"] == {"events:source": "monitor.*"}
    _, reports = mappings(resources, "alarm")
    assert condition["StringEquals"] == {"events:detail-type": reports["Pattern"]["detail-type"]}


def timeout(template: Json, name: str) -> timedelta:
    seconds = function(template["Resources"], name).get("Timeout", template["Globals"]["Function"]["Timeout"])
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(("name", "lease"), [("mailer", delivery.LEASE), ("pager", pager.LEASE)])
def test_nobody_takes_an_item_while_its_sender_may_still_run(template: Json, name: str, lease: timedelta) -> None:
    assert lease > timeout(template, name)


def test_a_page_whose_calls_all_time_out_ends_before_the_function_does(template: Json) -> None:
    """No channel is begun after a while, and the last one hangs no longer than the rest of the function's time."""
    variables = {"PAGES_TOPIC": "arn:aws:sns:eu-west-1:123456789012:pages", "CONFIGURATION_SET": "desk"}
    services = AwsServices(variables).at("http://127.0.0.1:1")
    for client in (services.pager._client, services.pages_mailer._client):
        config: Any = client.meta.config
        assert config.retries["total_max_attempts"] == 1
        hangs = timedelta(seconds=config.connect_timeout + config.read_timeout)
        assert pager.TIME_TO_BEGIN + hangs < timeout(template, "pager") - timedelta(seconds=5)
    assert mapping(template["Resources"], "pager")["BatchSize"] == 1


@pytest.mark.parametrize(
    ("metric", "service"), [("PagesFailed", "pager"), ("PageChannelsFailed", "pager"), ("PagesWaiting", "clock")]
)
def test_one_page_that_does_not_leave_is_an_alarm_at_the_next_evaluation(
    resources: Json, metric: str, service: str
) -> None:
    (alarm,) = alarms_on(resources, metric, "service", service)
    assert (alarm["Period"], alarm["EvaluationPeriods"], alarm["Threshold"]) == (60, 1, 0)
    assert alarm["ComparisonOperator"] == "GreaterThanThreshold"
    assert alarm["Statistic"] == "Sum"


def test_a_page_that_nobody_tries_is_counted_within_two_minutes(resources: Json) -> None:
    assert mapping(resources, "clock")["Schedule"] == "rate(1 minute)"
    for waits in (PAGE_OFFERED_AGAIN_AFTER, delivery.PAGE_PAUSE, pager.LEASE):
        assert waits + timedelta(minutes=1) <= timedelta(minutes=2)


def test_a_sweep_is_over_before_the_next_begins(resources: Json) -> None:
    assert mapping(resources, "clock")["Schedule"] == "rate(1 minute)"
    assert function(resources, "clock")["Timeout"] < 60


# The environment


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_variable_that_a_function_reads_is_set_and_none_is_unused(template: Json, name: str) -> None:
    common = template["Globals"]["Function"]["Environment"]["Variables"]
    own = function(template["Resources"], name)["Environment"]["Variables"]
    ours = {variable for variable in {**common, **own} if not variable.startswith("POWERTOOLS_")}
    assert ours == set(ENVIRONMENT[name])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_logs_and_metrics_carry_the_functions_name(template: Json, name: str) -> None:
    common = template["Globals"]["Function"]["Environment"]["Variables"]
    own = function(template["Resources"], name)["Environment"]["Variables"]
    assert own["POWERTOOLS_SERVICE_NAME"] == name
    assert {"POWERTOOLS_LOG_LEVEL", "POWERTOOLS_METRICS_NAMESPACE"} <= set(common)


def test_the_template_deploys_every_function_and_no_other(resources: Json) -> None:
    handlers = {body["Handler"] for body in of_type(resources, "AWS::Serverless::Function").values()}
    assert handlers == {f"handlers.{name}.handler" for name in FUNCTIONS}


def test_the_command_line_finds_every_name_among_the_outputs(template: Json) -> None:
    assert set(OUTPUTS) <= set(template["Outputs"])


# What is kept


KEPT = {
    "AccessLogs",
    "AccessLogsPolicy",
    "FirstIdentity",
    "Key",
    "MailBucket",
    "MailBucketPolicy",
    "ReplyKeys",
    "SecondIdentity",
    "Table",
}


def test_what_is_kept_outlives_the_stack_but_not_a_creation_that_fails(resources: Json) -> None:
    policies = {
        name: (body.get("DeletionPolicy"), body.get("UpdateReplacePolicy"))
        for name, body in resources.items()
        if {"DeletionPolicy", "UpdateReplacePolicy"} & body.keys()
    }
    assert policies == dict.fromkeys(KEPT, ("RetainExceptOnCreate", "Retain"))


def test_the_table_can_be_wound_back_and_is_encrypted(resources: Json) -> None:
    table = resources["Table"]["Properties"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["SSESpecification"] == {
        "SSEEnabled": True,
        "SSEType": "KMS",
        "KMSMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
    }
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_IMAGE"}
    assert table["BillingMode"] == "PAY_PER_REQUEST"


def test_no_letter_expires_by_itself(resources: Json) -> None:
    bucket = resources["MailBucket"]["Properties"]
    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    for rule in bucket["LifecycleConfiguration"]["Rules"]:
        assert not {"ExpirationInDays", "ExpirationDate", "Transitions", "Transition"} & set(rule)


def test_an_erased_letter_is_gone_after_the_stated_window(resources: Json) -> None:
    rules = resources["MailBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
    (window,) = [
        rule["NoncurrentVersionExpiration"]["NoncurrentDays"] for rule in rules if "NoncurrentVersionExpiration" in rule
    ]
    assert window == 35


def test_the_bucket_is_closed_and_encrypted_with_the_stacks_key(resources: Json) -> None:
    bucket = resources["MailBucket"]["Properties"]
    assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert logical(rule["ServerSideEncryptionByDefault"]["KMSMasterKeyID"]) == "Key"


# Logs


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_writes_to_a_log_of_its_own_that_is_kept_for_a_stated_time(resources: Json, name: str) -> None:
    group = resources[logical(function(resources, name)["LoggingConfig"]["LogGroup"])]
    assert group["Type"] == "AWS::Logs::LogGroup"
    assert text_of(group["Properties"]["LogGroupName"]) == f"/aws/lambda/${{AWS::StackName}}-{name}"
    assert group["Properties"]["RetentionInDays"] == {"Ref": "LogRetentionDays"}


# Mail


def test_the_receipt_rule_waits_for_the_permission_to_store_letters(resources: Json) -> None:
    assert {"MailBucketPolicy", "MailTopicPolicy"} <= set(resources["ReceiptRule"]["DependsOn"])


def test_letters_are_scanned(resources: Json) -> None:
    assert resources["ReceiptRule"]["Properties"]["Rule"]["ScanEnabled"] is True


def test_letters_are_not_encrypted_by_the_client(resources: Json) -> None:
    (action,) = resources["ReceiptRule"]["Properties"]["Rule"]["Actions"]
    assert set(action["S3Action"]) == {"BucketName", "ObjectKeyPrefix", "TopicArn"}


def test_the_rule_that_the_policies_trust_is_the_rule_that_is_made(resources: Json) -> None:
    rule = resources["ReceiptRule"]["Properties"]
    made = f"receipt-rule-set/${{AWS::StackName}}:receipt-rule/{text_of(rule['Rule']['Name'])}"
    trusted = {
        text_of(arn) for _, one in allowed(resources) for arn in source_arns(one) if "receipt-rule" in text_of(arn)
    }
    assert {arn.partition("receipt-rule-set/")[2] for arn in trusted} == {made.partition("receipt-rule-set/")[2]}
    assert resources["ReceiptRuleSet"]["Properties"]["RuleSetName"] == {"Ref": "AWS::StackName"}


def test_the_policies_trust_the_rule_in_the_set_that_it_is_put_into(
    resources: Json, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the set is another's: by the parameter's name, and the stack makes none of its own."""
    monkeypatch.setattr(support, "HOLD_BY_DEFAULT", set())
    trusted = {
        text_of(arn) for _, one in allowed(resources) for arn in source_arns(one) if "receipt-rule" in text_of(arn)
    }
    assert {arn.partition("receipt-rule-set/")[2].partition(":")[0] for arn in trusted} == {"${ReceiptRuleSetName}"}
    assert text_of(resources["ReceiptRule"]["Properties"]["RuleSetName"]) == "${ReceiptRuleSetName}"
    assert resources["ReceiptRuleSet"]["Condition"] == "HasOwnRuleSet"


def source_arns(statement: Json) -> list[Any]:
    return [
        arn
        for condition in statement.get("Condition", {}).values()
        for key, value in condition.items()
        if key == "aws:SourceArn"
        for arn in listed(value)
    ]


def test_bounces_and_complaints_reach_the_feedback_topic(resources: Json) -> None:
    destination = resources["FeedbackDestination"]["Properties"]["EventDestination"]
    assert {"bounce", "complaint", "delivery", "reject", "renderingFailure"} == set(destination["MatchingEventTypes"])
    assert logical(destination["SnsDestination"]["TopicARN"]) == "FeedbackTopic"


# Names

NAME_PROPERTIES = (
    "TableName",
    "BucketName",
    "QueueName",
    "TopicName",
    "FunctionName",
    "AliasName",
    "AlarmName",
    "DashboardName",
    "LogGroupName",
    "RuleSetName",
    "RuleName",
    "Name",
    "RoleName",
)


def test_every_name_derives_from_the_stack_so_that_two_live_in_one_account(resources: Json) -> None:
    for name, body in resources.items():
        properties = body.get("Properties", {})
        started_by = [event["Properties"] for event in properties.get("Events", {}).values()]
        for holder in [properties, *started_by]:
            for key in NAME_PROPERTIES:
                if key in holder:
                    shown = text_of(holder[key])
                    assert "${AWS::StackName}" in shown or shown == "${ReceiptRuleSet}", (name, key)


def test_names_that_the_code_relies_on(resources: Json) -> None:
    stack = "${AWS::StackName}"
    assert text_of(resources["Table"]["Properties"]["TableName"]) == f"{stack}-desk"
    for bucket, what in (("MailBucket", "mail"), ("AccessLogs", "logs")):
        name = text_of(resources[bucket]["Properties"]["BucketName"])
        assert name == f"{stack}-{what}-${{AWS::AccountId}}-${{AWS::Region}}"
    assert {text_of(body["TopicName"]) for body in of_type(resources, "AWS::SNS::Topic").values()} == {
        f"{stack}-{topic}" for topic in ("mail", "feedback", "pages", "operations")
    }
    assert text_of(resources["ReplyKeys"]["Properties"]["Name"]) == f"{stack}-reply-keys"
    assert text_of(resources["KeyAlias"]["Properties"]["AliasName"]) == f"alias/{stack}"


def test_indexes_are_those_that_the_adapter_queries(resources: Json) -> None:
    indexes = resources["Table"]["Properties"]["GlobalSecondaryIndexes"]
    keys = {index["IndexName"]: [key["AttributeName"] for key in index["KeySchema"]] for index in indexes}
    assert keys == {
        "due": ["due_shard", "due_at"],
        "queue": ["queue_desk", "queue_at"],
        "month": ["month_desk", "month_at"],
    }


# The whole


RULES_OF_THE_DAY = {"E2531", "E2533", "W2531"}
"""Of cfn-lint: runtimes that are deprecated by now. They look at the date; `make validate` and a deployment say so."""


def test_cfn_lint_has_nothing_to_say_whatever_the_day() -> None:
    found = [match for match in cfnlint.api.lint_file(TEMPLATE) if match.rule.id not in RULES_OF_THE_DAY]
    assert [str(match) for match in found] == []


def test_functions_run_on_the_declared_python_and_the_chosen_processor(template: Json) -> None:
    common = template["Globals"]["Function"]
    assert common["Runtime"] == "python3.13"
    assert common["Architectures"] == [{"Ref": "Architecture"}]
    assert template["Parameters"]["Architecture"]["Default"] == "arm64"
    assert common["Tracing"] == "Active"


def test_every_failure_queue_can_be_redriven(resources: Json) -> None:
    """A function that is added must say what becomes of its failures, a topic of what it could not deliver."""
    names = {queue["QueueName"]["Fn::Sub"] for queue in of_type(resources, "AWS::SQS::Queue").values()}
    redriven = {f"${{AWS::StackName}}-{queue_of(name)}" for name in RULES}
    assert redriven == {name for name in names if name.endswith(("-failures", "-undelivered"))}
