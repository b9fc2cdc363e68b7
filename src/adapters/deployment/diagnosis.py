"""The checks, by how much is lost where one fails, and running them side by side."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, as_completed
from concurrent.futures import TimeoutError as TookTooLong
from dataclasses import dataclass

from adapters.deployment import dmarc, keeping, on_duty, paging, receiving, running, sending, watching
from adapters.deployment.errors import explained
from adapters.deployment.findings import Check, Finding, unknown
from adapters.deployment.stack import Deployment

CHECKS: Sequence[Check] = (
    Check("stack", "between two versions, anything may be missing", running.stack_status),
    # Letters that are refused are not seen again.
    Check("rule-set", "SES refuses all mail unless the stack's rule set is active", receiving.rule_set),
    Check("rule", "without its rule no letter is stored or announced", receiving.receipt_rule),
    Check("mx", "mail for a desk goes where its domain's MX records point", receiving.mail_exchangers),
    Check(
        "addresses", "an address that is not received is refused, and nothing is sent in its name", receiving.addresses
    ),
    Check("reply-keys", "without them no letter is read or sent", keeping.reply_keys),
    Check("key", "letters, tickets, queues and topics are sealed by it", keeping.key),
    Check("table", "tickets, clients, and what is to be sent", keeping.table),
    Check("bucket", "the raw letters", keeping.bucket),
    # Work that does not go on.
    Check("functions", "letters wait while a function cannot run", running.functions),
    Check("event-sources", "a function is handed nothing while its mapping is off", running.event_sources),
    Check("schedules", "no sweep runs while its rule is off", running.schedules),
    Check("heartbeat", "no deadline is kept without the clock's sweep", running.heartbeat),
    Check("outside-watch", "who is told by the account is not told that the account is dead", watching.outside_watch),
    # Pages.
    Check("people", "where nobody is entered, cards wait and no answer is believed", on_duty.people),
    Check("rota", "in a gap of the rota the wrong people are woken, or none", on_duty.rota),
    Check("page-recipients", "a critical fault without a recipient wakes no person", on_duty.page_recipients),
    Check("subscriptions", "what is not confirmed delivers nothing", paging.confirmations),
    Check("text-messages", "SNS drops them in its sandbox and above the limit", paging.text_messages),
    # Letters that leave.
    Check("account", "SES sends nothing for an account that is paused or in the sandbox", sending.account),
    Check("identity", "SES sends and receives only for verified domains", sending.identities),
    Check("configuration-set", "without its reports a bounce is not known", sending.configuration_set),
    Check("dkim", "unsigned letters are taken for forged", sending.dkim),
    Check("dmarc", "whose mail does not pass is not believed", dmarc.dmarc),
    Check("team-mailboxes", "cards that SES receives itself reach no person", receiving.team_mailboxes),
    Check("suppressed-team", "an address on the account's list gets no card", sending.suppressed_team),
    Check("mail-from", "without it SPF says nothing for the desk", sending.mail_from),
    Check("quota", "what is above the day's quota waits", sending.quota),
    # What tells of all that.
    Check("operations-recipients", "an alarm without a recipient changes nothing", paging.operations_recipients),
    Check("alarms", "what rings now", running.alarms),
    Check("failure-queues", "what was given up until a person looks", running.failure_queues),
    Check("concurrency", "a flood of letters may keep pager and clock from running", running.concurrency),
    Check("regulation", "a desk whose edition has ended promises nothing", receiving.regulation),
)

ACTIONS: Sequence[str] = (
    "cloudformation:DescribeStacks",
    "cloudformation:ListStackResources",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "dynamodb:BatchGetItem",
    "dynamodb:DescribeContinuousBackups",
    "dynamodb:DescribeStream",
    "dynamodb:DescribeTable",
    "dynamodb:DescribeTimeToLive",
    "events:DescribeRule",
    "kms:DescribeKey",
    "lambda:GetAccountSettings",
    "lambda:GetEventSourceMapping",
    "lambda:GetFunctionConcurrency",
    "lambda:GetFunctionConfiguration",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "secretsmanager:GetSecretValue",
    "ses:DescribeActiveReceiptRuleSet",
    "ses:DescribeReceiptRuleSet",
    "ses:GetAccount",
    "ses:GetConfigurationSet",
    "ses:GetConfigurationSetEventDestinations",
    "ses:GetEmailIdentity",
    "ses:GetSuppressedDestination",
    "sns:CheckIfPhoneNumberIsOptedOut",
    "sns:GetSMSAttributes",
    "sns:GetSMSSandboxAccountStatus",
    "sns:GetSubscriptionAttributes",
    "sns:ListSMSSandboxPhoneNumbers",
    "sns:ListSubscriptionsByTopic",
    "sqs:GetQueueAttributes",
)
"""What the checks ask of AWS, as IAM names it: reading alone. docs.aws.amazon.com/service-authorization/latest/reference/."""

AT_ONCE = 8
PATIENCE_SECONDS = 90.0
"""For all checks together; what is not done by then is a line that says so."""


@dataclass(frozen=True, slots=True)
class Report:
    """What one check found."""

    check: Check
    findings: tuple[Finding, ...]


def diagnose(
    deployment: Deployment,
    checks: Sequence[Check] = CHECKS,
    *,
    patience_seconds: float = PATIENCE_SECONDS,
    on_progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> list[Report]:
    """Run the checks side by side and return what each found, in their order; none stops another."""
    waiting: queue.SimpleQueue[tuple[Check, Future[tuple[Finding, ...]]]] = queue.SimpleQueue()
    futures: dict[Future[tuple[Finding, ...]], Check] = {}
    for check in checks:
        future: Future[tuple[Finding, ...]] = Future()
        futures[future] = check
        waiting.put((check, future))
    # Daemons: one that hangs on a call must not keep the process from ending.
    for _ in range(min(AT_ONCE, len(checks))):
        threading.Thread(target=_work, args=(deployment, waiting), daemon=True).start()
    try:
        for done, _ in enumerate(as_completed(futures, timeout=patience_seconds), start=1):
            on_progress(done, len(checks))
    except TookTooLong:
        pass
    late = unknown(f"not done within {patience_seconds:g} seconds", "Ask again, on a quicker line")
    return [Report(check, future.result() if future.done() else (late,)) for future, check in futures.items()]


def _work(deployment: Deployment, waiting: queue.SimpleQueue[tuple[Check, Future[tuple[Finding, ...]]]]) -> None:
    while True:
        try:
            check, future = waiting.get_nowait()
        except queue.Empty:
            return
        # The same of several domains is said once.
        future.set_result(tuple(dict.fromkeys(_run(check, deployment))))


def _run(check: Check, deployment: Deployment) -> Iterator[Finding]:
    try:
        yield from check.run(deployment)
    except Exception as error:  # noqa: BLE001 - whatever it is becomes a line of the report
        yield explained(error, deployment)
