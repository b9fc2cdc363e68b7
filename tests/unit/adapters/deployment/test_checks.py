"""What each check says of a stack in which one thing is wrong: its state, and the remedy."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from adapters.deployment.diagnosis import CHECKS, diagnose
from adapters.deployment.findings import Finding, State
from adapters.people_files import rota_seed_of
from domain.people import NOBODY, People, Role
from domain.regulation.editions import desk_ids
from domain.rota import Override, Rota
from domain.ticket.outgoing import PageLevel
from tests.support import deployed as d
from tests.support.builders import MDO
from tests.support.people import people_of

OFF = {"State": "Disabled"}
PAUSED = d.stack(Parameters=[{"ParameterKey": "Paused", "ParameterValue": "true"}])
PENDING = {**d.ON_CALL, "SubscriptionArn": "PendingConfirmation"}


def listed(*subscriptions: dict[str, str]) -> Any:
    """Return what SNS lists of both topics."""
    return lambda TopicArn: {"Subscriptions": [one for one in subscriptions if one["TopicArn"] == TopicArn]}  # noqa: N803 - the SDK's own name


def mapping(**changes: str) -> Any:
    return lambda **given: d.mapping(**given, **changes)


def subscribed(**changes: str) -> Any:
    return lambda **given: d.attributes(**given, **changes)


def bounced(**given: str) -> Any:
    return {"SuppressedDestination": {**given, "Reason": "BOUNCE", "LastUpdateTime": d.NOW}}


def spent(dollars: float) -> Any:
    return lambda **_: {"MetricDataResults": [{"Id": "spent", "Timestamps": [d.NOW], "Values": [dollars]}]}


def beat(minutes: int) -> Any:
    at = d.NOW - timedelta(minutes=minutes)
    return lambda **_: {"MetricDataResults": [{"Id": "beats", "Timestamps": [at], "Values": [1.0]}]}


TELEPHONES = [d.ESCALATION["Endpoint"], *(person.phone for desk in desk_ids() for person in people_of(desk).persons)]


def without(role: Role) -> People:
    """Return MDO's people, nobody of whom has a role."""
    persons = people_of(MDO).persons
    return People(
        version=1,
        team_address="team@example.ru",
        persons=tuple(
            one.model_copy(update={"roles": tuple(r for r in one.roles if r is not role)}) for one in persons
        ),
    )


def in_hours(hours: str) -> Rota:
    """Return MDO's rota, kept in some hours of the day alone."""
    rota = rota_seed_of(MDO)
    return rota.model_copy(
        update={"rotations": tuple(one.model_copy(update={"hours": hours}) for one in rota.rotations)}
    )


def over() -> Rota:
    """Return MDO's rota with an override of last week."""
    begins, ends = d.NOW - timedelta(days=7), d.NOW - timedelta(days=6)
    person = people_of(MDO).persons[0].name
    override = Override(level=PageLevel.ON_CALL, person=person, begins=begins, ends=ends)
    return rota_seed_of(MDO).model_copy(update={"overrides": (override,)})


def waiting(QueueUrl: str, AttributeNames: list[str]) -> Any:  # noqa: N803 - the SDK's own names
    number = "3" if "failures" in QueueUrl else "0"
    return {"Attributes": dict.fromkeys(AttributeNames, number)}


WRONG: list[tuple[str, dict[str, Any], State, str, str]] = [
    # check, what AWS answers otherwise, the state, what is said, the remedy
    ("stack", {"cloudformation.describe_stacks": d.stack(StackStatus="UPDATE_ROLLBACK_FAILED")}, State.FAULT, "UPDATE_ROLLBACK_FAILED", "describe-stack-events"),
    ("stack", {"cloudformation.describe_stacks": d.stack(StackStatus="UPDATE_ROLLBACK_COMPLETE")}, State.WARNING, "was undone", "describe-stack-events"),
    ("stack", {"cloudformation.describe_stacks": d.stack(StackStatus="UPDATE_IN_PROGRESS")}, State.WARNING, "being changed", "Wait"),
    ("table", {"dynamodb.describe_table": d.failure("ResourceNotFoundException", "Requested resource not found: Table: reglament-desk not found")}, State.FAULT, "reglament-desk not found", "docs/recovery.md"),
    ("bucket", {"s3.get_bucket_encryption": d.failure("NoSuchBucket", "The specified bucket does not exist")}, State.FAULT, "is gone", "docs/recovery.md"),
    ("configuration-set", {"sesv2.get_configuration_set": d.failure("NotFoundException", "Configuration set <reglament> does not exist.")}, State.FAULT, "is gone", "docs/recovery.md"),
    ("functions", {"lambda.get_function_configuration": d.failure("ResourceNotFoundException", "Function not found")}, State.FAULT, "is gone", "docs/recovery.md"),
    ("event-sources", {"lambda.get_event_source_mapping": d.failure("ResourceNotFoundException", "The resource you requested does not exist.")}, State.FAULT, "is gone", "docs/recovery.md"),
    ("schedules", {"events.describe_rule": d.failure("ResourceNotFoundException", "Rule reglament-clock does not exist")}, State.FAULT, "is gone", "docs/recovery.md"),
    ("failure-queues", {"sqs.get_queue_attributes": d.failure("AWS.SimpleQueueService.NonExistentQueue", "The specified queue does not exist.")}, State.FAULT, "is gone", "docs/recovery.md"),
    ("page-recipients", {"sns.list_subscriptions_by_topic": d.failure("NotFound", "Topic does not exist")}, State.FAULT, "is gone", "docs/recovery.md"),
    ("alarms", {"cloudwatch.describe_alarms": {"MetricAlarms": []}}, State.FAULT, "reglament-heartbeat: deleted", "template.yaml"),
    ("event-sources", {"cloudformation.describe_stacks": PAUSED, "lambda.get_event_source_mapping": mapping(**OFF)}, State.WARNING, "the stack is paused", "Paused=false"),
    ("schedules", {"cloudformation.describe_stacks": PAUSED, "events.describe_rule": {"State": "DISABLED"}}, State.WARNING, "the stack is paused", "Paused=false"),
    ("heartbeat", {"cloudformation.describe_stacks": PAUSED, "cloudwatch.get_metric_data": {"MetricDataResults": [{}]}}, State.WARNING, "the stack is paused", "Paused=false"),
    ("key", {"kms.describe_key": {"KeyMetadata": {"KeyId": d.KEY, "KeyState": "PendingDeletion"}}}, State.FAULT, "is PendingDeletion", "cancel-key-deletion"),
    ("key", {"kms.describe_key": {"KeyMetadata": {"KeyId": d.KEY, "KeyState": "Disabled"}}}, State.FAULT, "is Disabled", "enable-key"),
    ("table", {"dynamodb.describe_table": d.table(SSEDescription={"KMSMasterKeyArn": f"{d.KEY}9"})}, State.FAULT, "may use the stack's key alone", f"KMSMasterKeyId={d.KEY} "),
    ("rule-set", {"ses.describe_active_receipt_rule_set": {}}, State.FAULT, "no receipt rule set is active in eu-west-1", "reglament activate"),
    ("rule-set", {"ses.describe_active_receipt_rule_set": d.rule_set(name="shop")}, State.FAULT, "is shop, not reglament", "reglament activate"),
    ("rule", {"ses.describe_active_receipt_rule_set": d.rule_set(d.rule(Enabled=False))}, State.FAULT, "is off", "make deploy"),
    ("rule", {"ses.describe_active_receipt_rule_set": d.rule_set(d.rule(ScanEnabled=False))}, State.WARNING, "does not scan", "make deploy"),
    ("rule", {"ses.describe_active_receipt_rule_set": d.rule_set(d.rule(Name="other"))}, State.FAULT, "not in the rule set", "make deploy"),
    ("rule", {"ses.describe_active_receipt_rule_set": d.rule_set(d.rule(Actions=[]))}, State.FAULT, "does not store", "make deploy"),
    ("rule", {"ses.describe_active_receipt_rule_set": d.rule_set(d.rule(Actions=[{"S3Action": {"BucketName": d.BUCKET}}]))}, State.FAULT, "without announcing", "make deploy"),
    ("rule", {"ses.describe_active_receipt_rule_set": d.rule_set(d.rule(Name="first", Recipients=[], Actions=[{"StopAction": {"Scope": "RuleSet"}}]), d.rule())}, State.FAULT, "first stops before", "set-receipt-rule-position"),
    ("addresses", {"cloudformation.describe_stacks": d.stack(DeskAddresses="support@storeolis.ru")}, State.FAULT, "is not in DeskAddresses", "DeskAddresses=support@"),
    ("addresses", {"cloudformation.describe_stacks": d.stack(DeskAddresses="")}, State.FAULT, "no DeskAddresses", "DeskAddresses=support@"),
    ("addresses", {"cloudformation.describe_stacks": d.stack(DeskAddresses=f"{d.desk_addresses()},sales@storeolis.ru")}, State.WARNING, "sales@storeolis.ru is received, and it is no desk's", "Name it in an edition"),
    ("addresses", {"cloudformation.describe_stacks": d.stack(DeskAddresses=d.desk_addresses().replace("support@storeolis.ru", "Support@storeolis.ru"))}, State.FAULT, "written otherwise", "make deploy"),
    ("addresses", {"ses.describe_active_receipt_rule_set": d.rule_set(d.rule(Recipients=["storeolis.ru"]))}, State.FAULT, "no recipient of the receipt rule", "make deploy"),
    ("reply-keys", {"secretsmanager.get_secret_value": {"SecretString": '{"current": "b", "a": "' + "k" * 64 + '"}'}}, State.FAULT, "names none of the keys a", "put-secret-value"),
    ("reply-keys", {"secretsmanager.get_secret_value": {"SecretString": "{}"}}, State.FAULT, "there are none", "put-secret-value"),
    ("reply-keys", {"secretsmanager.get_secret_value": {"SecretString": "a=b"}}, State.FAULT, "not JSON", "put-secret-value"),
    ("reply-keys", {"secretsmanager.get_secret_value": {"SecretString": "[]"}}, State.FAULT, "not a JSON object", "put-secret-value"),
    ("reply-keys", {"secretsmanager.get_secret_value": {"SecretString": '{"current": "a", "a": 7}'}}, State.FAULT, "the key a is no text", "put-secret-value"),
    ("reply-keys", {"secretsmanager.get_secret_value": {"SecretString": '{"current": "a", "a": "short"}'}}, State.FAULT, "5 characters", "put-secret-value"),
    ("reply-keys", {"secretsmanager.get_secret_value": {"SecretString": '{"current": "a", "a": "' + "k" * 20 + '"}'}}, State.WARNING, "20 characters", "put-secret-value"),
    ("reply-keys", {"secretsmanager.get_secret_value": {"SecretString": '{"current": "A", "A": "' + "k" * 64 + '"}'}}, State.FAULT, "not named by a lower-case letter", "put-secret-value"),
    ("reply-keys", {"secretsmanager.get_secret_value": {"SecretString": '{"current": "a", "a": "' + "k" * 64 + '", "old": "x"}'}}, State.WARNING, "'old' is passed over", "put-secret-value"),
    ("reply-keys", {"secretsmanager.get_secret_value": d.failure("InvalidRequestException", "was marked for deletion")}, State.FAULT, "marked for deletion", "restore-secret"),
    ("reply-keys", {"secretsmanager.get_secret_value": d.failure("ResourceNotFoundException")}, State.FAULT, "gone", "put-secret-value"),
    ("table", {"dynamodb.describe_table": d.table(DeletionProtectionEnabled=False)}, State.WARNING, "deleted by one command", "--deletion-protection-enabled"),
    ("table", {"dynamodb.describe_table": d.table(StreamSpecification={"StreamEnabled": False})}, State.FAULT, "no stream", "--stream-specification"),
    ("table", {"dynamodb.describe_table": d.table(StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})}, State.FAULT, "no stream of new images", "--stream-specification"),
    ("table", {"dynamodb.describe_table": d.table(TableStatus="ARCHIVED")}, State.FAULT, "ARCHIVED", "Wait"),
    ("table", {"dynamodb.describe_table": d.table(GlobalSecondaryIndexes=[{"IndexName": "due", "IndexStatus": "CREATING"}])}, State.FAULT, "index due", "Wait"),
    ("table", {"dynamodb.describe_continuous_backups": {"ContinuousBackupsDescription": {"ContinuousBackupsStatus": "DISABLED"}}}, State.FAULT, "point-in-time recovery is off", "update-continuous-backups"),
    ("table", {"dynamodb.describe_time_to_live": {"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}}, State.WARNING, "expires", "update-time-to-live"),
    ("bucket", {"s3.get_bucket_encryption": d.failure("ServerSideEncryptionConfigurationNotFoundError")}, State.FAULT, "not encrypted by the stack's key", "put-bucket-encryption"),
    ("bucket", {"s3.get_bucket_encryption": {"ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]}}}, State.FAULT, "not encrypted by the stack's key", "put-bucket-encryption"),
    ("bucket", {"s3.get_bucket_versioning": {}}, State.WARNING, "cannot be got back", "put-bucket-versioning"),
    ("bucket", {"s3.get_public_access_block": d.failure("NoSuchPublicAccessBlockConfiguration")}, State.FAULT, "opened to the public", "put-public-access-block"),
    ("functions", {"lambda.get_function_configuration": {"State": "Failed", "StateReason": "no role"}}, State.FAULT, "Failed: no role", "make deploy"),
    ("functions", {"lambda.get_function_configuration": {"State": "Active", "LastUpdateStatus": "Failed"}}, State.FAULT, "last update", "make deploy"),
    ("functions", {"lambda.get_function_configuration": {"State": "Active", "LastUpdateStatus": "InProgress"}}, State.WARNING, "being changed", "Wait"),
    ("functions", {"cloudformation.list_stack_resources": {"StackResourceSummaries": []}}, State.FAULT, "no functions", "make deploy"),
    ("event-sources", {"lambda.get_event_source_mapping": mapping(**OFF)}, State.FAULT, "what starts reglament-inbound is off", "--enabled"),
    ("event-sources", {"lambda.get_event_source_mapping": mapping(State="Creating")}, State.WARNING, "Creating", "Wait"),
    ("event-sources", {"lambda.get_event_source_mapping": mapping(LastProcessingResult="PROBLEM: no permission")}, State.FAULT, "PROBLEM: no permission", "role"),
    ("schedules", {"events.describe_rule": {"State": "DISABLED"}}, State.FAULT, "reglament-clock is off", "enable-rule"),
    ("heartbeat", {"cloudwatch.get_metric_data": lambda **_: {"MetricDataResults": [{"Id": "beats", "Timestamps": [], "Values": []}]}}, State.FAULT, "no sweep in 30 minutes", "logs filter-log-events"),
    ("heartbeat", {"cloudwatch.get_metric_data": beat(9)}, State.FAULT, "9 minutes ago", "logs filter-log-events"),
    ("outside-watch", {"lambda.get_function_configuration": {"Environment": {"Variables": {"HEARTBEAT_URL": ""}}}}, State.WARNING, "nobody outside", "HeartbeatUrl=https://"),
    ("outside-watch", {"cloudformation.list_stack_resources": {"StackResourceSummaries": []}}, State.FAULT, "has no clock", "make deploy"),
    ("people", {"dynamodb.batch_get_item": d.entered(people={MDO: NOBODY})}, State.FAULT, "no team address", "people import"),
    ("people", {"dynamodb.batch_get_item": d.entered(people={MDO: without(Role.SPECIALIST)})}, State.FAULT, "no specialist", "people add"),
    ("rota", {"dynamodb.batch_get_item": d.entered(rotas={MDO: in_hours("09:00-18:00")})}, State.FAULT, "nobody's turn from Mon 2026-11-30 18:00", "oncall override"),
    ("rota", {"dynamodb.batch_get_item": d.entered(people={MDO: NOBODY})}, State.FAULT, "not among the people", "people add"),
    ("rota", {"dynamodb.batch_get_item": d.entered(rotas={MDO: over()})}, State.WARNING, "is over", "leaves it out"),
    ("page-recipients", {"dynamodb.batch_get_item": d.entered(people={MDO: NOBODY}), "sns.list_subscriptions_by_topic": listed(d.ON_CALL)}, State.FAULT, "escalation: a page reaches nobody", "people import"),
    ("page-recipients", {"dynamodb.batch_get_item": d.entered(people={MDO: NOBODY}), "sns.list_subscriptions_by_topic": listed(PENDING, d.ESCALATION)}, State.FAULT, "on_call: a page reaches nobody", "people import"),
    ("page-recipients", {"dynamodb.batch_get_item": d.entered(people={MDO: NOBODY}), "sns.get_subscription_attributes": subscribed(FilterPolicy='{"level": [{"wildcard": "*"}]}')}, State.UNKNOWN, "not understood", "reglament subscriptions"),
    ("subscriptions", {"sns.list_subscriptions_by_topic": listed(PENDING, d.ESCALATION, d.OPERATOR)}, State.FAULT, "not confirmed", "subscriptions confirm"),
    ("subscriptions", {"sns.get_subscription_attributes": subscribed(ConfirmationWasAuthenticated="false")}, State.WARNING, "ends it for everybody", "subscriptions confirm"),
    ("subscriptions", {"sns.list_subscriptions_by_topic": listed(d.ON_CALL, d.ESCALATION)}, State.FAULT, "OperationsEmailSubscription has been unsubscribed", "make deploy"),
    ("text-messages", {"sns.get_sms_sandbox_account_status": {"IsInSandbox": True}}, State.FAULT, "not verified", "create-sms-sandbox-phone-number"),
    ("text-messages", {"sns.get_sms_sandbox_account_status": {"IsInSandbox": True}, "sns.list_sms_sandbox_phone_numbers": {"PhoneNumbers": [{"PhoneNumber": number, "Status": "Verified"} for number in TELEPHONES]}}, State.WARNING, "sandbox", "production access"),
    ("text-messages", {"cloudwatch.get_metric_data": spent(50)}, State.FAULT, "no more are sent", "MonthlySpendLimit"),
    ("text-messages", {"cloudwatch.get_metric_data": spent(45)}, State.WARNING, "45.00 of 50.00", "MonthlySpendLimit"),
    ("text-messages", {"sns.get_sms_attributes": {"attributes": {}}, "cloudwatch.get_metric_data": spent(0)}, State.WARNING, "of 1.00", "MonthlySpendLimit"),
    ("text-messages", {"sns.check_if_phone_number_is_opted_out": {"isOptedOut": True}}, State.FAULT, "opted out", "opt-in-phone-number"),
    ("text-messages", {"sns.list_subscriptions_by_topic": listed({**d.ESCALATION, "Endpoint": "+79001234567"}), "sns.get_sms_attributes": {"attributes": {"MonthlySpendLimit": "50"}}}, State.WARNING, "registered sender names", "Register one"),
    ("account", {"sesv2.get_account": d.account(ProductionAccessEnabled=False)}, State.FAULT, "sandbox", "put-account-details"),
    ("account", {"sesv2.get_account": d.account(SendingEnabled=False)}, State.FAULT, "paused sending", "put-account-sending-attributes"),
    ("account", {"sesv2.get_account": d.account(EnforcementStatus="SHUTDOWN")}, State.FAULT, "shut sending down", "Answer the case"),
    ("account", {"sesv2.get_account": d.account(EnforcementStatus="PROBATION")}, State.WARNING, "under review", "answer the case"),
    ("quota", {"sesv2.get_account": d.account(SendQuota={"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 200.0})}, State.FAULT, "200 of 200", "Service Quotas"),
    ("quota", {"sesv2.get_account": d.account(SendQuota={"Max24HourSend": 200.0, "MaxSendRate": 1.0, "SentLast24Hours": 160.0})}, State.WARNING, "nearly used up", "Service Quotas"),
    ("identity", {"sesv2.get_email_identity": d.failure("NotFoundException")}, State.FAULT, "no identity", "create-email-identity"),
    ("identity", {"sesv2.get_email_identity": d.identity(VerifiedForSendingStatus=False, VerificationStatus="FAILED")}, State.FAULT, "not verified (FAILED)", "DKIM records"),
    ("configuration-set", {"sesv2.get_configuration_set": {"ConfigurationSetName": d.STACK}}, State.WARNING, "account's suppression list in force", "make deploy"),
    ("configuration-set", {"sesv2.get_configuration_set": {"SuppressionOptions": {"SuppressedReasons": ["BOUNCE"]}}}, State.WARNING, "account's suppression list in force", "make deploy"),
    ("configuration-set", {"sesv2.get_configuration_set": {"SuppressionOptions": {"SuppressedReasons": []}, "SendingOptions": {"SendingEnabled": False}}}, State.FAULT, "is off", "put-configuration-set-sending-options"),
    ("configuration-set", {"sesv2.get_configuration_set_event_destinations": d.destination(MatchingEventTypes=["DELIVERY"])}, State.FAULT, "BOUNCE, COMPLAINT", "make deploy"),
    ("configuration-set", {"sesv2.get_configuration_set_event_destinations": d.destination(Enabled=False)}, State.FAULT, "BOUNCE, COMPLAINT, DELIVERY", "make deploy"),
    ("suppressed-team", {"sesv2.get_suppressed_destination": bounced}, State.WARNING, "(bounce)", "delete-suppressed-destination"),
    ("suppressed-team", {"sesv2.get_configuration_set": {}, "sesv2.get_suppressed_destination": bounced}, State.FAULT, "gets no letter of ours", "delete-suppressed-destination"),
    ("operations-recipients", {"sns.list_subscriptions_by_topic": listed(d.ON_CALL)}, State.FAULT, "the alarms have no recipient", "OperationsEmail"),
    ("operations-recipients", {"sns.list_subscriptions_by_topic": listed({**d.OPERATOR, "SubscriptionArn": "PendingConfirmation"})}, State.FAULT, "no confirmed recipient", "subscriptions"),
    ("alarms", {"cloudwatch.describe_alarms": {"MetricAlarms": [{"AlarmName": "reglament-heartbeat", "StateValue": "ALARM", "ActionsEnabled": True, "AlarmActions": [d.OPERATIONS]}]}}, State.WARNING, "reglament-heartbeat: in alarm now", "docs/alarms.md"),
    ("alarms", {"cloudwatch.describe_alarms": {"MetricAlarms": [{"AlarmName": "reglament-heartbeat", "ActionsEnabled": False, "AlarmActions": [d.OPERATIONS]}]}}, State.WARNING, "its actions are off", "enable-alarm-actions"),
    ("alarms", {"cloudwatch.describe_alarms": {"MetricAlarms": [{"AlarmName": "reglament-heartbeat", "AlarmActions": []}]}}, State.WARNING, "does not tell the operations topic", "make deploy"),
    ("failure-queues", {"sqs.get_queue_attributes": waiting}, State.FAULT, "6 messages wait in reglament-inbound-failures", "reglament redrive inbound"),
    ("concurrency", {"lambda.get_account_settings": {"AccountLimit": {"ConcurrentExecutions": 4, "UnreservedConcurrentExecutions": 4}}}, State.WARNING, "no room for pager and clock", "request-service-quota-increase"),
]  # fmt: skip
"""One thing wrong each time. The commands of the remedies are tried against the SDK's models below."""


@pytest.mark.parametrize(
    ("check", "answers", "state", "text", "remedy"), WRONG, ids=[f"{row[0]}: {row[3]}" for row in WRONG]
)
def test_what_is_wrong_is_said_with_its_remedy(
    check: str, answers: dict[str, Any], state: State, text: str, remedy: str
) -> None:
    found = [finding for finding in d.look(check, answers) if text in finding.text]
    assert [finding.state for finding in found[:1]] == [state], d.look(check, answers)
    assert remedy in found[0].remedy


@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
def test_a_stack_in_which_all_is_well_has_no_other_line(check: Any) -> None:
    records: Any = {(domain, "MX"): ("10 mx.company.example",) for domain in (d.MDO, d.STO)}
    found = d.look(check.name, records=records if check.name == "team-mailboxes" else None)
    assert found
    assert {finding.state for finding in found} == {State.OK}


def test_every_check_has_a_case_in_which_something_is_wrong() -> None:
    of_dns = {"mx", "dkim", "dmarc", "mail-from", "team-mailboxes"}
    of_editions = {"regulation"}
    assert {check.name for check in CHECKS} - of_dns - of_editions == {row[0] for row in WRONG}


def test_every_desk_and_level_is_a_line_of_its_own() -> None:
    found = d.look("page-recipients")
    assert len(found) == 2 * len(desk_ids())


def test_a_subscription_that_waits_is_not_taken_for_one_that_was_ended() -> None:
    parameters = [
        *d.stack()["Stacks"][0]["Parameters"],
        {"ParameterKey": "OperationsEmail", "ParameterValue": d.OPERATOR["Endpoint"].title()},
    ]
    answers = {
        "cloudformation.describe_stacks": d.stack(Parameters=parameters),
        "sns.list_subscriptions_by_topic": listed(
            d.ON_CALL, d.ESCALATION, {**d.OPERATOR, "SubscriptionArn": "PendingConfirmation"}
        ),
    }
    assert [finding.state for finding in d.look("subscriptions", answers)] == [State.FAULT]


def test_no_part_of_a_key_is_shown() -> None:
    secret = '{"current": "z", "a": "topsecret", "b": 8, "c": "' + "topsecret" * 8 + '"}'
    found = d.look("reply-keys", {"secretsmanager.get_secret_value": {"SecretString": secret}})
    assert "topsecret" not in str(found)


def test_pager_and_clock_with_reserved_executions_need_no_room() -> None:
    few = {"AccountLimit": {"ConcurrentExecutions": 4, "UnreservedConcurrentExecutions": 4}}
    reserved = {"ReservedConcurrentExecutions": 2}
    (found,) = d.look("concurrency", {"lambda.get_account_settings": few, "lambda.get_function_concurrency": reserved})
    assert found.state is State.OK


def test_a_queue_without_a_bound_may_take_everything() -> None:
    def unbound(UUID: str) -> Any:  # noqa: N803 - the SDK's own name
        return {name: value for name, value in d.mapping(UUID).items() if name != "ScalingConfig"}

    (found,) = d.look("concurrency", {"lambda.get_event_source_mapping": unbound})
    assert found.state is State.WARNING


def test_what_no_topic_delivered_is_brought_back_once_policies_are_right() -> None:
    def undelivered(**given: Any) -> Any:
        number = "1" if given["QueueUrl"].endswith("undelivered") else "0"
        return {"Attributes": dict.fromkeys(given["AttributeNames"], number)}

    (found,) = d.look("failure-queues", {"sqs.get_queue_attributes": undelivered})
    assert "`reglament redrive mail-undelivered`" in found.remedy


def test_letters_without_a_daily_limit_are_never_too_many() -> None:
    unlimited = d.account(SendQuota={"Max24HourSend": -1.0, "MaxSendRate": 14.0, "SentLast24Hours": 12.0})
    (found,) = d.look("quota", {"sesv2.get_account": unlimited})
    assert found.state is State.OK


def test_the_domain_above_lends_its_identity_to_a_subdomain() -> None:
    def of(EmailIdentity: str) -> Any:  # noqa: N803 - the SDK's own name
        return d.identity() if EmailIdentity.count(".") == 1 else d.failure("NotFoundException")

    found = d.look("identity", {"sesv2.get_email_identity": of})
    assert {finding.state for finding in found} == {State.OK}


def test_a_rule_for_a_domain_takes_each_of_its_addresses() -> None:
    rule = d.rule(Recipients=[d.STO, d.MDO, f".{d.STO}", f".{d.MDO}"])
    (found,) = d.look("addresses", {"ses.describe_active_receipt_rule_set": d.rule_set(rule)})
    assert found.state is State.OK


# The remedies ----------------------------------------------------------------------------------------------


def _remedies() -> list[Finding]:
    return [finding for check, answers, *_ in WRONG for finding in d.look(check, answers) if "`aws " in finding.remedy]


def test_each_command_of_a_remedy_is_one_that_aws_has() -> None:
    from tests.support.aws_commands import parsed

    commands = {command for finding in _remedies() for command in re.findall(r"`aws ([^`]+)`", finding.remedy)}
    assert len(commands) > 20
    for command in commands:
        assert command.endswith("--region eu-west-1")
        parsed(command)


def test_commands_are_for_the_endpoint_that_was_asked() -> None:
    found = d.look("reply-keys", {"secretsmanager.get_secret_value": {"SecretString": "x"}}, is_local=True)
    assert "--endpoint-url http://127.0.0.1:4566`" in found[0].remedy


def test_nothing_wrong_is_without_a_remedy() -> None:
    found = [finding for check, answers, *_ in WRONG for finding in d.look(check, answers)]
    wrong = [finding for finding in found if finding.state in {State.FAULT, State.WARNING}]
    assert [finding for finding in wrong if not finding.remedy] == []


def test_the_lines_are_in_the_order_of_the_checks() -> None:
    assert [report.check for report in diagnose(d.deployment())] == list(CHECKS)
