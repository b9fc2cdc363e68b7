"""The hook that holds requests to AWS's documentation: nothing that the product does with an error swallows it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from aws_lambda_powertools.metrics.provider.cloudwatch_emf.cloudwatch import AmazonCloudWatchEMFProvider

from adapters.dynamodb.table import BATCH_GET_LIMIT
from adapters.dynamodb.writes import ITEM_LIMIT, TRANSACTION_LIMIT, TRANSACTION_SIZE_LIMIT
from adapters.sns import SUBJECT_LIMIT, SnsPager
from handlers import inbound
from local.aws_contract import dynamodb_checks, hook, items, sns, table
from tests.support.builders import moscow
from tests.support.client_letters import COMPLETE
from tests.support.functions import Functions
from tests.support.raw_mail import raw
from tests.support.sdk import client

ARRIVAL = moscow("2026-11-20 10:00")


@contextlib.contextmanager
def violation(words: str) -> Iterator[None]:
    """Expect a violation, and forget it: this test is about it."""
    with pytest.raises(hook.ContractViolation, match=words):
        yield
    assert hook.LEDGER.take_violations()


def test_a_violation_ends_the_function_though_it_catches_whatever_a_record_raises(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A record that fails is reported and delivered again; this one would be for ever."""
    monkeypatch.setattr("adapters.dynamodb.writes.IF_NEW", {"ConditionExpression": "attribute_not_exists(state)"})
    monkeypatch.setattr("adapters.dynamodb.tickets.IF_NEW", {"ConditionExpression": "attribute_not_exists(state)"})
    with violation("adapters.dynamodb.table: dynamodb.TransactWriteItems, .*the reserved word state"):
        functions.receive((raw(COMPLETE), "m1"), at=ARRIVAL)


def test_a_violation_that_something_swallows_is_kept(functions: Functions) -> None:
    """Each test looks at what was kept when it ends, and fails."""
    with contextlib.suppress(BaseException):
        client("sqs").send_message(QueueUrl=functions.services.setting("INBOUND_QUEUE"), MessageBody="a\ufffe")
    (kept,) = hook.LEDGER.take_violations()
    assert kept.startswith("tests.aws.test_contract: sqs.SendMessage, MessageBody: the character U+FFFE")


def test_what_the_sdk_itself_refuses_is_a_violation(functions: Functions) -> None:
    """Its exception is one that the product goes on after."""
    with violation("the SDK refuses it: .*Invalid type for parameter Message"):
        pages: Any = functions.services.pager._client
        pages.publish(TopicArn="arn", Message=[b"x"])


def test_the_product_calls_nothing_that_the_table_does_not_have(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A test lays out what it likes; who calls is known by the module."""
    assert client("dynamodb").list_tables()["TableNames"] == ["desk"]
    call: Callable[..., Any] = eval("lambda client: client.list_tables()", {"__name__": "adapters.new"})  # noqa: S307 - our own text
    with violation("adapters.new calls dynamodb.ListTables, which is not in the contract"):
        call(client("dynamodb"))


def test_every_request_is_counted(functions: Functions) -> None:
    before = dict(hook.LEDGER.checked)
    functions.receive((raw(COMPLETE), "m1"), at=ARRIVAL)
    counted = {name: number - before.get(name, 0) for name, number in hook.LEDGER.checked.items()}
    assert counted["dynamodb.TransactWriteItems"] == 1
    assert counted["s3.CopyObject"] == 1
    assert counted["emf.document"] == counted["invocation.response"] == 1


def test_what_no_rule_looks_at_is_not_said_to_be_checked(functions: Functions) -> None:
    """Tests lay out what they like, and a rule of several operations is one rule."""
    hook.LEDGER.take()
    client("dynamodb").list_tables()
    assert hook.summary_of(hook.LEDGER.take()["checked"]).startswith("AWS contract: 0 requests of 0 operations")
    written = set(table.written_rules("s3", "GetObject")) | set(table.written_rules("s3", "HeadObject"))
    of_models = [one for name in ("GetObject", "HeadObject") for one in set(table.all_rules("s3", name)) - written]
    told = hook.summary_of({"s3.GetObject": 1, "s3.HeadObject": 1})
    assert told.endswith(f"checked by {len(written) + len(of_models)} rules")


def test_metrics_are_held_to_the_format() -> None:
    """CloudWatch takes no metric of a document that breaks it, and says nothing."""
    provider = AmazonCloudWatchEMFProvider({}, {}, namespace="AWS/Reglament", service="clock")
    provider.add_metric("Heartbeat", "Count", 1)
    with violation("emf.document, Namespace: 'AWS/Reglament'"):
        provider.flush_metrics()


def test_a_batch_is_answered_with_identifiers_of_its_own(functions: Functions) -> None:
    """Lambda fails the whole batch for any other."""
    record = {"eventSource": "aws:sqs", "messageId": "", "body": "no notification", "attributes": {}}
    with violation("invocation.response, batchItemFailures: the identifier ''"):
        inbound.handle({"Records": [record]}, functions.context, functions.services)


def test_the_products_own_limits_are_those_of_the_table() -> None:
    """Each is checked before AWS is asked."""
    assert (TRANSACTION_SIZE_LIMIT, ITEM_LIMIT) == (dynamodb_checks.TRANSACTION_LIMIT, items.ITEM_LIMIT)
    assert TRANSACTION_LIMIT == BATCH_GET_LIMIT == dynamodb_checks.BATCH_LIMIT
    assert SUBJECT_LIMIT == sns.SUBJECT_LIMIT


@pytest.mark.parametrize(
    ("subject", "sent"),
    [
        ("MDO-1 on-call " + "x" * 90, ("MDO-1 on-call " + "x" * 90)[:99]),
        ("Страница MDO-1", "MDO-1"),
        ("MDO-1\non-call", "MDO-1 on-call"),
        ("Страница", "Reglament"),
    ],
)
def test_the_subject_of_a_page_is_one_that_sns_takes(functions: Functions, subject: str, sent: str) -> None:
    """Less than 100 characters of one line that begins with a sign; there is always one (SNS API reference, Publish)."""
    published: list[dict[str, Any]] = []
    watched = functions.services.pager._client
    watched.meta.events.register("provide-client-params.sns.Publish", lambda params, **_: published.append(params))
    topic = functions.services.setting("PAGES_TOPIC")
    SnsPager(watched, topic).publish(subject, "text", attributes={"desk": "mdo", "level": "on-call", "ticket": "MDO-1"})
    assert [one["Subject"] for one in published] == [sent]
