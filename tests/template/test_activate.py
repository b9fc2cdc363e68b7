"""`reglament activate` shows what it would replace, asks, and changes nothing otherwise."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError
from moto import mock_aws

from cli.activate import Activation, activate
from cli.main import main
from cli.target import Failed

if TYPE_CHECKING:
    from types_boto3_ses import SESClient


@pytest.fixture
def stacks(monkeypatch: pytest.MonkeyPatch) -> dict[str, dict[str, str]]:
    """Return the outputs of the stacks there are, none at first; moto's CloudFormation needs more than is installed."""
    outputs_of: dict[str, dict[str, str]] = {}
    real = BaseClient._make_api_call  # type: ignore[attr-defined]  # the stubs leave it out

    def call(client: Any, operation: str, params: dict[str, Any]) -> Any:
        if operation != "DescribeStacks":
            return real(client, operation, params)
        name = params["StackName"]
        if name not in outputs_of:
            message = f"Stack with id {name} does not exist"
            raise ClientError({"Error": {"Code": "ValidationError", "Message": message}}, operation)
        outputs = [{"OutputKey": key, "OutputValue": value} for key, value in outputs_of[name].items()]
        return {"Stacks": [{"StackName": name, "Outputs": outputs}]}

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return outputs_of


@pytest.fixture
def ses(monkeypatch: pytest.MonkeyPatch, stacks: dict[str, dict[str, str]]) -> Iterator[SESClient]:
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


def activated(ses: SESClient, agreed: Callable[[str], bool]) -> Activation:
    """Return what becomes of the set `reglament`."""
    return activate(ses, "reglament", agreed=agreed, out=sys.stdout)


def test_the_first_rule_set_becomes_active_once_agreed(ses: SESClient) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    assert activated(ses, lambda _: True).changed
    assert active_set(ses) == "reglament"


def test_a_second_run_asks_nothing_and_changes_nothing(ses: SESClient) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    ses.set_active_receipt_rule_set(RuleSetName="reglament")
    activation = activated(ses, never)
    assert (activation.active, activation.changed) == (True, False)
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

    assert activated(ses, agreed).active
    assert "shop-rule: orders@shop.example -> StopAction" in shown_before[0]
    assert "no longer received by it: orders@shop.example" in shown_before[0]
    assert "Replace shop by reglament?" in shown_before[0]
    assert "--rule-set-name shop" in capsys.readouterr().out


def test_without_agreement_the_old_set_stays_active(ses: SESClient) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    add_set(ses, "shop", "orders@shop.example")
    ses.set_active_receipt_rule_set(RuleSetName="shop")
    assert not activated(ses, lambda _: False).active
    assert active_set(ses) == "shop"


def test_a_set_that_does_not_exist_is_named_with_the_remedy(ses: SESClient) -> None:
    with pytest.raises(Failed, match=r"no receipt rule set named reglament in eu-west-1.*make deploy STACK=reglament"):
        activated(ses, never)


def test_without_a_terminal_to_ask_in_nothing_is_replaced(
    ses: SESClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    monkeypatch.setattr("sys.stdin", io.StringIO("yes\n"))
    assert main(["activate"]) == 1
    assert active_set(ses) is None
    assert "--yes" in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "active"), [("y\n", "reglament"), ("\n", None), ("", None), ("no\n", None)])
def test_only_a_yes_at_the_terminal_agrees(
    ses: SESClient, monkeypatch: pytest.MonkeyPatch, answer: str, active: str | None
) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    typed = io.StringIO(answer)
    monkeypatch.setattr(typed, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", typed)
    assert main(["activate"]) == (0 if active else 1)
    assert active_set(ses) == active


def test_yes_agrees_beforehand(ses: SESClient) -> None:
    add_set(ses, "support-desk", "support@storeolis.ru")
    assert main(["activate", "--yes", "--stack", "support-desk"]) == 0
    assert active_set(ses) == "support-desk"


def test_with_json_standard_output_is_the_answer_alone(ses: SESClient, capsys: pytest.CaptureFixture[str]) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    add_set(ses, "shop", "orders@shop.example")
    ses.set_active_receipt_rule_set(RuleSetName="shop")
    assert main(["activate", "--yes", "--json"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out) == {
        "rule_set": "reglament",
        "region": "eu-west-1",
        "active": True,
        "changed": True,
        "replaces": "shop",
        "no_longer_received": ["orders@shop.example"],
    }
    assert "shop-rule: orders@shop.example -> StopAction" in captured.err


def test_an_unreachable_service_is_a_message_not_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    assert main(["activate", "--region", "eu-west-1", "--endpoint", "http://127.0.0.1:9"]) == 1
    assert "127.0.0.1:9" in capsys.readouterr().err


def test_a_stack_that_shares_anothers_set_makes_that_set_active(
    ses: SESClient, stacks: dict[str, dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    add_set(ses, "shop", "orders@shop.example", "support@storeolis.ru")
    stacks["reglament"] = {"ReceiptRuleSet": "shop"}
    assert main(["activate", "--yes"]) == 0
    assert active_set(ses) == "shop"
    assert main(["activate"]) == 0
    assert "shop already is the active receipt rule set" in capsys.readouterr().out


def test_a_set_that_would_be_replaced_can_be_shared_and_how_is_said(
    ses: SESClient, capsys: pytest.CaptureFixture[str]
) -> None:
    add_set(ses, "reglament", "support@storeolis.ru")
    add_set(ses, "shop", "orders@shop.example")
    ses.set_active_receipt_rule_set(RuleSetName="shop")
    activated(ses, lambda _: False)
    assert "deploy with ReceiptRuleSetName=shop" in capsys.readouterr().out
