"""What the functions do with an error of AWS, by what it means."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import boto3
import pytest

from adapters.dynamodb import keys
from composition import NotConfigured
from handlers import batches, clock, inbound, mailer, observing, pager, reconcile
from handlers.delivery import Outcome, deliver
from tests.support.aws_errors import Refusal, counted, let_fail, refusing_all
from tests.support.builders import MDO, moscow
from tests.support.client_letters import COMPLETE, FAULT
from tests.support.error_scenes import ERROR_SCENES
from tests.support.functions import Functions, number_of
from tests.support.raw_mail import raw

MORNING = moscow("2026-11-20 10:00")
TOO_LARGE = "Item size has exceeded the maximum allowed size"
PASSING = [
    Refusal("dynamodb", "ThrottlingException", "Rate exceeded"),
    Refusal("dynamodb", "InternalServerError", status=500),
    Refusal("s3", "SlowDown", status=503),
]


@dataclass
class Stage:
    """The functions, with nobody to take what they print."""

    functions: Functions
    patch: pytest.MonkeyPatch

    @contextmanager
    def running(self, name: str) -> Iterator[None]:
        """Let one function run."""
        del name
        yield


@pytest.mark.parametrize("name", ERROR_SCENES)
def test_the_first_error_is_counted_by_what_it_means(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """An alarm stands on both counts, and they exclude each other."""
    counts = counted(monkeypatch)
    ERROR_SCENES[name](Stage(functions, monkeypatch))
    metric = "ConfigurationFaults" if "Configuration" in name else "UnexpectedErrors"
    assert counts.keys() == {metric}


def attempts(functions: Functions, number: int) -> None:
    """Let the queue hand out a letter so often."""
    record = functions.arrival(raw(COMPLETE), "m1", at=MORNING)
    for receives in range(1, number + 1):
        record["attributes"] = {"ApproximateReceiveCount": str(receives)}
        answer = inbound.handle({"Records": [record]}, functions.context, functions.services)
        assert answer["batchItemFailures"] == [{"itemIdentifier": "m1"}]


@pytest.mark.parametrize("refusal", PASSING, ids=str)
def test_what_passes_is_counted_by_nobody_and_costs_a_letter_no_try(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    """It is retried quietly: alarms that last too long have metrics of their own."""
    counts = counted(monkeypatch)
    with monkeypatch.context() as trouble:
        let_fail(trouble, refusing_all(refusal))
        attempts(functions, 5)
    assert counts == {}
    assert functions.table.tries("m1") == 0


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal("dynamodb", "ValidationException", "The provided key element does not match the schema"),
        Refusal("dynamodb", "AnErrorOf2030"),
        Refusal(
            "dynamodb",
            "TransactionCanceledException",
            reasons=[("None", ""), ("ValidationError", "Type mismatch for Index Key due_at")],
        ),
    ],
    ids=str,
)
def test_what_may_be_wrong_with_the_table_costs_a_letter_no_try(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    """A table of another shape refuses every letter alike; an unknown error proves nothing against this one."""
    with monkeypatch.context() as trouble:
        let_fail(trouble, refusing_all(refusal, operations=("BatchGetItem", "TransactWriteItems")))
        attempts(functions, 12)
    assert functions.table.tries("m1") == 0


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal("dynamodb", "ValidationException", TOO_LARGE),
        Refusal("dynamodb", "TransactionCanceledException", reasons=[("None", ""), ("ValidationError", TOO_LARGE)]),
    ],
    ids=str,
)
def test_a_letter_that_the_table_refuses_for_itself_is_listed_with_the_reason_and_can_be_replayed(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    """After a fix it becomes a ticket."""
    functions.clock.at = MORNING
    with monkeypatch.context() as trouble:
        let_fail(trouble, refusing_all(refusal, operations=("TransactWriteItems",)))
        attempts(functions, reconcile.TRIES + 1)
    functions.clock.at += timedelta(hours=1)
    assert reconcile.handle({}, functions.context, functions.services)["LettersQuarantined"] == 1
    (record,) = functions.table.set_aside(MDO)
    assert record.reason.startswith("failed in 10 attempts; the last: TransactWriteItems: ")
    assert TOO_LARGE in record.reason
    functions.table.forget_letter(record)
    assert functions.table.last_failure("m1") == ""
    functions.services.mail_store.take_back("m1")
    functions.clock.at += timedelta(hours=1)
    assert reconcile.handle({}, functions.context, functions.services)["LettersOfferedAgain"] == 1


def test_a_record_is_not_begun_without_time_for_a_call_that_hangs(functions: Functions) -> None:
    """The end of the function would count as the letter's own failure: it is handed out again instead."""
    records = [
        functions.arrival(raw(COMPLETE, sender=f"{name}@client.example"), name, at=MORNING, receives=3)
        for name in ("m1", "m2")
    ]
    functions.context.left_ms = batches.TIME_FOR_ONE_MS - 1
    answer = inbound.handle({"Records": records}, functions.context, functions.services)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m2"}]}
    assert functions.table.tries("m2") == 0
    assert functions.numbers() == {number_of(MDO, "m1")}


SECRETS: dict[str, dict[str, Any]] = {
    "binary": {"SecretBinary": b"x"},
    "no JSON": {"SecretString": '{"current": "a", "a": "'},
    "a list": {"SecretString": "[]"},
    "no current": {"SecretString": '{"a": "a key that is only for tests"}'},
    "current names no key": {"SecretString": '{"current": "b", "a": "a key that is only for tests"}'},
    "an empty key": {"SecretString": '{"current": "a", "a": ""}'},
    "a key that is no text": {"SecretString": '{"current": "a", "a": 5}'},
    "an id that no address can carry": {"SecretString": '{"current": "B", "B": "a key that is only for tests"}'},
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_malformed_secret_is_the_deployments_fault_and_is_read_again_until_it_is_right(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """In one warm process: no letter loses a try, none of ours goes without its token, and no key is told."""
    counts = counted(monkeypatch)
    functions.receive((raw(COMPLETE), "before"), at=MORNING)
    functions.cold()
    client = boto3.client("secretsmanager")
    name = functions.services.setting("REPLY_KEYS")
    good = client.get_secret_value(SecretId=name)["SecretString"]
    client.put_secret_value(SecretId=name, **SECRETS[kind])
    with pytest.raises(NotConfigured, match=r"docs/deployment\.md") as refused:
        _ = functions.services.reply_keys
    assert "only for tests" not in str(refused.value)
    attempts(functions, 12)
    functions.drain()
    assert counts.keys() == {"ConfigurationFaults"}
    assert functions.table.tries("m1") == 0
    assert functions.mails() == []
    client.put_secret_value(SecretId=name, SecretString=good)
    functions.drain()
    functions.receive((raw(COMPLETE.replace("код", "новый код")), "m1"), at=MORNING)
    assert number_of(MDO, "m1") in functions.numbers()
    assert len(functions.mails()) == 2


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        (Refusal("secretsmanager", "DecryptionFailure"), Outcome.OUTAGE),
        (Refusal("dynamodb", "AccessDeniedException"), Outcome.OUTAGE),
        (Refusal("dynamodb", "ValidationException", TOO_LARGE), Outcome.FAILED),
    ],
    ids=str,
)
def test_the_next_letter_waits_where_the_configuration_stops_every_one(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, refusal: Refusal, outcome: Outcome
) -> None:
    """And goes where this one is wrong by itself."""
    functions.receive((raw(COMPLETE), "m1"), at=MORNING)
    functions.cold()
    key, _, _ = functions.table.outbox(number_of(MDO, "m1"))[0]
    let_fail(monkeypatch, refusing_all(refusal, operations=("GetSecretValue", "GetItem")))
    assert deliver(key, mailer.send, functions.services) is outcome


@pytest.mark.parametrize(
    "refusal",
    [
        Refusal("sns", "InvalidParameter", "Invalid parameter: Message too long"),
        Refusal("sns", "ParameterValueInvalid"),
        Refusal("sns", "AuthorizationError", status=403),
        Refusal("sns", "NotFound", "Topic does not exist", 404),
        Refusal("sns", "KMSAccessDenied"),
        Refusal("sns", "KMSDisabled"),
        Refusal("sns", "KMSOptInRequired", status=403),
        Refusal("sns", "AnErrorOf2030"),
    ],
    ids=str,
)
def test_a_page_is_never_given_up_whatever_sns_says_of_it(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, refusal: Refusal
) -> None:
    """Each attempt is counted, it waits a minute, and leaves as soon as it may."""
    counts = counted(monkeypatch)
    functions.receive((raw(FAULT), "m1"), at=MORNING)
    (number,) = functions.table.desk_faults(MDO).numbers
    (key,) = [key for key, _, body in functions.table.outbox(number) if json.loads(body)["outbox"] == "page"]
    with monkeypatch.context() as trouble:
        let_fail(trouble, refusing_all(refusal))
        for _ in range(40):
            deliver(key, pager.send, functions.services, pager.LEASE)
            functions.clock.at += timedelta(hours=2)
    assert sum(counts.values()) >= 40
    item = boto3.client("dynamodb").get_item(TableName="desk", Key=keys.outgoing(key))["Item"]
    assert item["last_error"]["S"] == refusal.code
    assert deliver(key, pager.send, functions.services, pager.LEASE) is Outcome.LEFT


def test_a_timer_that_the_table_refuses_for_itself_holds_up_no_other(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is counted at once, tried again after a pause, and the other's warning goes."""
    functions.receive((raw(COMPLETE), "m1"), at=MORNING)
    functions.receive((raw(COMPLETE.replace("код", "чек"), sender="ivan@client.example"), "m2"), at=MORNING)
    counts = counted(monkeypatch)
    real = functions.table.commit

    def commit(decided: Any) -> None:
        if decided.ticket.after.id == number_of(MDO, "m1"):
            raise Refusal("dynamodb", "ValidationException", TOO_LARGE).error("TransactWriteItems")
        real(decided)

    monkeypatch.setattr(functions.table, "commit", commit)
    functions.clock.at = MORNING + timedelta(hours=3, minutes=30)
    swept = clock.handle({}, functions.context, functions.services)
    assert (swept["TimersFailed"], counts) == (1, {"UnexpectedErrors": 1})
    kinds = {
        name: [json.loads(body)["kind"] for *_, body in functions.table.outbox(number_of(MDO, name))]
        for name in ("m1", "m2")
    }
    assert "warning" in kinds["m2"]
    assert "warning" not in kinds["m1"]


def test_the_log_names_the_call_and_the_error_and_says_nothing_of_what_was_asked(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """AWS's own words may quote a key or an address."""
    record = functions.arrival(raw(COMPLETE), "m1", at=MORNING)
    logged: list[tuple[str, dict[str, Any]]] = []
    monkeypatch.setattr(observing.logger, "error", lambda what, extra: logged.append((what, extra)))
    let_fail(monkeypatch, refusing_all(Refusal("dynamodb", "AccessDeniedException", "olga@client.example may not")))
    inbound.handle({"Records": [record]}, functions.context, functions.services)
    ((what, extra),) = logged
    assert (what, extra["operation"], extra["code"], extra["meaning"]) == (
        "a record failed",
        "BatchGetItem",
        "AccessDeniedException",
        "configuration",
    )
    assert "olga" not in json.dumps(extra)
