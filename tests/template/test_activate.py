"""`make activate` shows what it would replace, asks, and changes nothing otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
from moto import mock_aws

from scripts.activate import DONE, NOT_DONE, activate, main

if TYPE_CHECKING:
    from types_boto3_ses import SESClient


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch) -> Iterator[SESClient]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-west-1")
    with mock_aws():
        yield boto3.client("ses", region_name="eu-west-1")


def add_set(ses: SESClient, name: str, *recipients: str) -> None:
    ses.create_receipt_rule_set(RuleSetName=name)
    ses.create_receipt_rule(
        RuleSetName=name,
        Rule={
            "Name": f"{name}-rule",
            "Enabled": True,
            "Recipients": list(recipients),
            "Actions": [{"StopAction": {"Scope": "RuleSet"}}],
        },
    )


def active_set(ses: SESClient) -> str | None:
    return ses.describe_active_receipt_rule_set().get("Metadata", {}).get("Name")


def never(question: str) -> bool:
    raise AssertionError(f"asked: {question}")


def test_the_first_rule_set_becomes_active_once_agreed(ses: SESClient) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    assert activate(ses, "reglament", agreed=lambda _: True) == DONE
    assert active_set(ses) == "reglament"


def test_a_second_run_asks_nothing_and_changes_nothing(ses: SESClient) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    ses.set_active_receipt_rule_set(RuleSetName="reglament")
    assert activate(ses, "reglament", agreed=never) == DONE
    assert active_set(ses) == "reglament"


def test_what_would_be_replaced_is_shown_before_the_question(
    ses: SESClient, capsys: pytest.CaptureFixture[str]
) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    add_set(ses, "shop", "orders@shop.example")
    ses.set_active_receipt_rule_set(RuleSetName="shop")
    shown_before: list[str] = []

    def agreed(question: str) -> bool:
        shown_before.append(capsys.readouterr().out + question)
        return True

    assert activate(ses, "reglament", agreed=agreed) == DONE
    assert "shop-rule: orders@shop.example -> StopAction" in shown_before[0]
    assert "no longer received by it: orders@shop.example" in shown_before[0]
    assert "Replace shop by reglament?" in shown_before[0]
    assert "--rule-set-name shop" in capsys.readouterr().out


def test_without_agreement_the_old_set_stays_active(ses: SESClient) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    add_set(ses, "shop", "orders@shop.example")
    ses.set_active_receipt_rule_set(RuleSetName="shop")
    assert activate(ses, "reglament", agreed=lambda _: False) == NOT_DONE
    assert active_set(ses) == "shop"


def test_a_set_that_does_not_exist_is_named_with_the_remedy(ses: SESClient, capsys: pytest.CaptureFixture[str]) -> None:
    assert activate(ses, "reglament", agreed=never) == NOT_DONE
    assert "no receipt rule set named reglament in eu-west-1" in capsys.readouterr().err


def test_with_nobody_to_ask_nothing_is_replaced(
    ses: SESClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert main([]) == NOT_DONE
    assert active_set(ses) is None
    assert "--yes" in capsys.readouterr().err


def test_yes_agrees_beforehand(ses: SESClient) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    assert main(["--yes"]) == DONE
    assert active_set(ses) == "reglament"


def test_an_unreachable_service_is_a_message_not_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert main(["--region", "eu-west-1", "--endpoint", "http://127.0.0.1:9"]) == NOT_DONE
    assert "127.0.0.1:9" in capsys.readouterr().err
