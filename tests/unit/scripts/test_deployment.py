"""`make deploy` compares DeskAddresses with the editions, where its value is known before the deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from domain.regulation.mailboxes import deployed_mailboxes
from scripts import deployment

STACK = "reglament"
RIGHT = ",".join(deployed_mailboxes().desk_addresses)
WRONG = "support@example.org"


@pytest.fixture
def answers(tmp_path: Path) -> Path:
    return tmp_path / "samconfig.toml"


def told(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    answers: Path,
    *arguments: str,
    deployed: str | None = None,
) -> str:
    """Return what `guard` writes to standard error, and see that the deployment goes on."""
    client = boto3.client("cloudformation", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    stack: dict[str, Any] = {"StackName": STACK, "StackStatus": "CREATE_COMPLETE", "CreationTime": "2026-05-10"}
    parameters = [{"ParameterKey": "DeskAddresses", "ParameterValue": deployed}]
    with Stubber(client) as stubber:
        for step in ("guard", "compare"):
            if deployed is None:
                stubber.add_client_error("describe_stacks", "ValidationError", "Stack does not exist")
            else:
                stubber.add_response("describe_stacks", {"Stacks": [stack | {"Parameters": parameters}]})
                if step == "guard":
                    stubber.add_response("get_stack_policy", {})
                    stubber.add_response("set_stack_policy", {})
        monkeypatch.setattr(boto3, "client", lambda *_, **__: client)
        asked = ["guard", "--stack", STACK, "--answers", str(answers), "--", *arguments]
        assert deployment.main(asked) == 0
    return capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ("--parameter-overrides", f"DeskAddresses={WRONG}", "Paused=true", "--no-confirm-changeset"),
        ("--guided", f"--parameter-overrides=DeskAddresses={WRONG}"),
        ("--parameter-overrides", f'Paused="true" DeskAddresses="{WRONG}"'),
        ("--parameter-overrides", f"ParameterKey=DeskAddresses,ParameterValue={WRONG}"),
    ],
)
def test_a_value_that_the_deployment_is_given_is_compared_with_the_editions(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: Path, arguments: tuple[str, ...]
) -> None:
    said = told(monkeypatch, capsys, answers, *arguments, deployed=RIGHT)
    assert f"warning: DeskAddresses has {WRONG}, which is no desk's" in said
    for address in deployed_mailboxes().desk_addresses:
        assert f"warning: DeskAddresses lacks {address}" in said
    assert said.endswith(f"DeskAddresses={RIGHT}\n")


@pytest.mark.parametrize("kept", [f'"LogLevel=\\"INFO\\" DeskAddresses=\\"{WRONG}\\""', f'["DeskAddresses={WRONG}"]'])
def test_a_value_among_the_answers_is_compared(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: Path, kept: str
) -> None:
    answers.write_text(f"version = 0.1\n[default.deploy.parameters]\nparameter_overrides = {kept}\n", "utf-8")
    assert WRONG in told(monkeypatch, capsys, answers)
    assert told(monkeypatch, capsys, answers, "--parameter-overrides", "Paused=true", deployed=RIGHT) == ""


def test_a_value_that_is_not_given_stays_as_it_is_deployed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: Path
) -> None:
    assert WRONG in told(monkeypatch, capsys, answers, "--guided", deployed=WRONG)
    assert told(monkeypatch, capsys, answers, "--guided", deployed=RIGHT) == ""


def test_a_first_deployment_that_asks_for_its_parameters_is_told_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], answers: Path
) -> None:
    assert told(monkeypatch, capsys, answers, "--guided") == ""


def test_answers_that_cannot_be_read_are_an_error_that_names_the_file(tmp_path: Path) -> None:
    (tmp_path / "samconfig.toml").write_text('parameter_overrides = "', "utf-8")
    client = boto3.client("cloudformation", region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    with pytest.raises(LookupError, match=r"samconfig\.toml cannot be read"):
        deployment.desk_addresses(client, STACK, (), tmp_path / "samconfig.toml")
