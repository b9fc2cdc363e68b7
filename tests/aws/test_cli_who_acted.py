"""Who acted, by the credentials: history, its JSON and what an act prints name the caller beside the name that was given."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapters.dynamodb import DynamoTable
from composition import AwsServices
from tests.support.builders import moscow
from tests.support.command_line import Run, command_line
from tests.support.functions import Functions, opened, state
from tests.support.sdk import client, refusing

MARIA = "arn:aws:sts::123456789012:assumed-role/Desk/maria@company.example"


@pytest.fixture
def maria(functions: Functions) -> AwsServices:
    """A person who signed in: a session of a role that has her name."""
    trust = '{"Version": "2012-10-17", "Statement": []}'
    role = client("iam").create_role(RoleName="Desk", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    session = client("sts").assume_role(RoleArn=role, RoleSessionName="maria@company.example")["Credentials"]
    place = {
        "aws_access_key_id": session["AccessKeyId"],
        "aws_secret_access_key": session["SecretAccessKey"],
        "aws_session_token": session["SessionToken"],
    }
    return replace(functions.services, place=place)


@pytest.fixture
def as_maria(maria: AwsServices, capsys: pytest.CaptureFixture[str]) -> Run:
    """A command line with her credentials."""
    return command_line(capsys, maria)


def test_history_names_the_session_of_the_role_and_the_ticket_its_person(functions: Functions, as_maria: Run) -> None:
    number = opened(functions)
    assert as_maria("take", number).out.startswith(f"{number}: take by maria@company.example (as {MARIA}); now ")
    assert state(functions, number).assignee == "maria@company.example"
    assert f"take by maria@company.example (as {MARIA})" in as_maria("history", number).out


def test_a_name_that_is_given_stands_beside_the_caller_and_never_instead(functions: Functions, as_maria: Run) -> None:
    number = opened(functions)
    (done,) = as_maria("close", number, "Готово.", "--by", "Генеральный директор", "--json").objects
    assert (done["by"], done["caller"]) == ("Генеральный директор", MARIA)
    named = [event for event in as_maria("history", number, "--json").objects if event["version"] == 2]
    assert {event["caller"] for event in named} == {MARIA}
    assert f"by Генеральный директор (as {MARIA})" in as_maria("history", number).out
    assert f"Генеральный директор (as {MARIA})\n    Готово." in as_maria("show", number).out


def test_what_came_by_mail_or_by_itself_has_no_caller(functions: Functions, as_maria: Run) -> None:
    number = opened(functions)
    functions.sweep(moscow("2026-11-20 15:00"))
    assert not [event for event in as_maria("history", number, "--json").objects if "caller" in event]


def test_the_clocks_that_were_recomputed_are_put_down_to_whoever_had_it_done(
    functions: Functions, as_maria: Run
) -> None:
    number = opened(functions)
    earlier = moscow("2026-11-20 13:00")
    ticket = state(functions, number)
    assert ticket.reaction is not None
    stored = ticket.model_copy(update={"reaction": ticket.reaction.model_copy(update={"due": earlier})})
    client("dynamodb").update_item(
        TableName="desk",
        Key={"pk": {"S": f"TICKET#{number}"}, "sk": {"S": "TICKET"}},
        UpdateExpression="SET body = :body",
        ExpressionAttributeValues={":body": {"S": stored.model_dump_json()}},
    )
    assert as_maria("rearm").status == 0
    last = as_maria("history", number, "--json").objects[-1]
    assert (last["type"], last["caller"]) == ("clocks_recomputed", MARIA)


def test_where_aws_does_not_say_who_acts_nothing_is_done_and_the_way_out_is_told(
    functions: Functions, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No act without a name."""
    number = opened(functions)
    connect = AwsServices.connect

    def connecting(services: AwsServices, service: str, **how: Any) -> Any:
        made = connect(services, service, **how)
        if service == "sts":
            made.get_caller_identity = refusing(
                "ExpiredTokenException", "GetCallerIdentity", "The security token is expired"
            )
        return made

    monkeypatch.setattr(AwsServices, "connect", connecting)
    ran = run("take", number, "--by", "anna")
    assert (ran.status, ran.out) == (1, "")
    assert "The security token is expired" in ran.err
    assert "aws sts get-caller-identity" in ran.err
    assert state(functions, number).version == 1
    assert run("history", number).status == 0


def test_one_act_asks_once_and_looking_never(
    functions: Functions, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    number = opened(functions)
    asked: list[str] = []
    connect = AwsServices.connect

    def connecting(services: AwsServices, service: str, **how: Any) -> Any:
        asked.append(service)
        return connect(services, service, **how)

    monkeypatch.setattr(AwsServices, "connect", connecting)
    for verb, times in (("show", 0), ("history", 0), ("queue", 0), ("take", 1), ("rearm", 1)):
        functions.cold()
        asked.clear()
        arguments = () if verb in {"queue", "rearm"} else (number,)
        assert command_line(capsys, functions.services)(verb, *arguments).status == 0
        assert asked.count("sts") == times, verb


def test_on_the_stack_of_this_machine_the_systems_user_is_named_as_local(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No authority vouches for the name, and history says so. The emulator is not asked."""
    monkeypatch.setenv("LOGNAME", "boris")
    assert functions.services.at("http://127.0.0.1:9").caller == "local:boris"


def test_what_aws_forbids_is_said_with_whose_verb_it_is(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A specialist whose policy lacks it learns whom to ask."""
    run("client", "add", "K-1", "--desk", "MDO", "--address", "a@one.example")
    denied = "User: arn:… is not authorized to perform: dynamodb:DeleteItem"
    refused = refusing("AccessDeniedException", "TransactWriteItems", denied)
    monkeypatch.setattr(DynamoTable, "remove", lambda *_: refused())
    ran = run("client", "remove", "K-1", "--desk", "MDO")
    assert (ran.status, ran.out) == (1, "")
    assert "You may not do that" in ran.err
    assert "client remove: for administrators (docs/access.md)" in ran.err
