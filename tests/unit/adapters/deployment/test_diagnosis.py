"""Running the checks: what cannot be done is a line, stops no other, and asks for nothing but reading."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError, NoRegionError

from adapters.deployment.diagnosis import ACTIONS, CHECKS, diagnose
from adapters.deployment.findings import Check, Finding, State, ok
from adapters.deployment.stack import Deployment, Place
from tests.support import deployed as d

IAM = {
    "sesv2": "ses",
    "dynamodbstreams": "dynamodb",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
}
"""Where IAM calls a service or an operation otherwise: the service authorization reference."""


def failing(error: Exception) -> dict[str, Any]:
    """Return answers that are all the same failure, but that there is such a stack."""
    of_the_stack = {name: answer for name, answer in d.well().items() if name.startswith("cloudformation")}
    return {**dict.fromkeys(d.well(), error), **of_the_stack}


def found(deployment: Deployment) -> list[Finding]:
    """Return what all checks find, but for that one which rests on DNS and editions alone."""
    checks = [check for check in CHECKS if check.name != "team-mailboxes"]
    return [finding for report in diagnose(deployment, checks) for finding in report.findings]


@pytest.mark.parametrize(
    ("error", "text", "remedy"),
    [
        (d.failure("AccessDeniedException", "no"), "not allowed to call", "administrator"),
        (d.failure("AuthorizationError", "no"), "not allowed to call", "administrator"),
        (d.failure("ExpiredToken", "old"), "does not accept the credentials", "Sign in again"),
        (d.failure("ThrottlingException", "Rate exceeded"), "ThrottlingException: Rate exceeded", "Ask again"),
        (EndpointConnectionError(endpoint_url="https://x"), "AWS did not answer", "network"),
        (NoCredentialsError(), "credentials", "AWS_PROFILE"),
        (NoRegionError(), "region", "AWS_REGION"),
        (RuntimeError("surprise"), "the check itself failed: RuntimeError: surprise", "Report it"),
    ],
)
def test_what_cannot_be_looked_at_is_unknown_and_says_why(error: Exception, text: str, remedy: str) -> None:
    lines = found(d.deployment(failing(error)))
    unknown = [line for line in lines if line.state is State.UNKNOWN]
    assert len(unknown) > len(CHECKS) // 2
    assert {State.FAULT, State.WARNING} & {line.state for line in lines} == set()
    assert any(text in line.text and remedy in line.remedy for line in unknown)


def test_a_stack_that_is_gone_is_no_fault_of_each_part() -> None:
    gone = d.failure("ValidationError", "Stack with id reglament does not exist")
    lines = found(d.deployment({"cloudformation.describe_stacks": gone}))
    assert State.FAULT not in {line.state for line in lines}
    assert any("there is no stack reglament" in line.text for line in lines)


def test_one_check_that_fails_stops_no_other() -> None:
    lines = diagnose(d.deployment({"s3.get_bucket_encryption": RuntimeError("surprise")}))
    unknown = [report.check.name for report in lines if report.findings[0].state is State.UNKNOWN]
    assert unknown == ["bucket"]


def test_what_hangs_is_given_up_and_the_rest_is_told() -> None:
    released = threading.Event()

    def hang(_: Deployment) -> Iterator[Finding]:
        released.wait(60)
        yield ok("late")

    checks = [Check("hangs", "", hang), Check("quick", "", lambda _: [ok("done")])]
    try:
        late, quick = diagnose(d.deployment(), checks, patience_seconds=0.2)
    finally:
        released.set()
    assert (late.findings[0].state, "not done within 0.2 seconds" in late.findings[0].text) == (State.UNKNOWN, True)
    assert quick.findings == (ok("done"),)


def test_the_checks_run_side_by_side() -> None:
    both = threading.Barrier(2)

    def meet(_: Deployment) -> Iterator[Finding]:
        both.wait(60)
        yield ok("met")

    reports = diagnose(d.deployment(), [Check("one", "", meet), Check("two", "", meet)])
    assert [report.findings for report in reports] == [(ok("met"),), (ok("met"),)]


def test_progress_counts_up_to_all_checks() -> None:
    told: list[tuple[int, int]] = []
    diagnose(d.deployment(), on_progress=lambda done, every: told.append((done, every)))
    assert told == [(number, len(CHECKS)) for number in range(1, len(CHECKS) + 1)]


def test_the_same_of_several_subjects_is_said_once() -> None:
    twice = Check("twice", "", lambda _: [ok("same"), ok("same")])
    (report,) = diagnose(d.deployment(), [twice])
    assert report.findings == (ok("same"),)


def test_what_several_checks_ask_is_asked_once() -> None:
    calls: list[str] = []

    def counted(**given: str) -> Any:
        calls.append(given["StackName"])
        return d.stack()

    diagnose(d.deployment({"cloudformation.describe_stacks": counted}))
    assert calls == [d.STACK]


def test_what_fails_is_not_asked_again_by_each_check() -> None:
    calls: list[str] = []

    def failed(**given: str) -> Any:
        calls.append(given["StackName"])
        return EndpointConnectionError(endpoint_url="https://x")

    lines = found(d.deployment({"cloudformation.describe_stacks": failed}))
    assert calls == [d.STACK]
    assert sum("AWS did not answer" in line.text for line in lines) > 10


# What may be asked -----------------------------------------------------------------------------------------


def test_the_actions_are_just_the_calls_that_are_made() -> None:
    """In a stack that takes every branch: the set of another system is active, and text messages are in the sandbox."""
    answers = {
        **d.well(),
        "ses.describe_active_receipt_rule_set": d.rule_set(name="shop"),
        "sns.get_sms_sandbox_account_status": {"IsInSandbox": True},
    }
    aws = d.FakeAws(answers)
    diagnose(Deployment(Place(d.STACK), aws.connect, d.FakeDns(d.well_published()), lambda: d.NOW))
    made = {f"{IAM.get(service, service)}:{IAM.get(operation, operation)}" for service, operation in aws.calls}
    assert made == set(ACTIONS)


def test_the_actions_only_read() -> None:
    verbs = ("Get", "List", "Describe", "Check", "BatchGet")
    assert [action for action in ACTIONS if not action.partition(":")[2].startswith(verbs)] == []
    assert list(ACTIONS) == sorted(set(ACTIONS))


# On this machine -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "error",
    [
        d.failure("InvalidAction", "Unknown action: GetSMSAttributes"),
        d.failure("NotFoundException", "Unknown SES v2 path: GET /v2/email/suppression/addresses/x"),
    ],
)
def test_what_the_embedded_aws_does_not_know_is_no_fault(error: Exception) -> None:
    lines = found(d.deployment(failing(error), is_local=True))
    assert State.FAULT not in {line.state for line in lines}
    assert any(line.state is State.SKIPPED and "the embedded AWS has no" in line.text for line in lines)
    assert State.SKIPPED not in {line.state for line in found(d.deployment(failing(error)))}


def test_functions_and_schedules_are_not_in_the_embedded_aws() -> None:
    nothing: dict[str, Any] = {"cloudformation.list_stack_resources": {"StackResourceSummaries": []}}
    for check in ("functions", "event-sources", "schedules", "concurrency"):
        (line,) = d.look(check, nothing, is_local=True)
        assert line.state is State.SKIPPED
