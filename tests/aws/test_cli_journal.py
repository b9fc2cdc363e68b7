"""`reglament journal`: what no ticket's history tells is put down to the person, before it is done."""

from __future__ import annotations

import json
from typing import Any

import pytest

from adapters.dynamodb import DynamoTable
from application.storage import Commit, JournalEntry, LetterRecord
from cli.journal import digest
from composition import AwsServices
from tests.support.builders import MDO, moscow
from tests.support.command_line import Run, command_line
from tests.support.functions import Functions
from tests.support.sdk import client, refusing

ROOT_USER = "arn:aws:sts::123456789012:user/moto"
"""Whom moto takes for the caller."""


def test_what_is_done_to_the_registry_is_told_with_the_caller_in_order(functions: Functions, run: Run) -> None:
    run("client", "add", "K-1", "--desk", MDO, "--address", "a@one.example")
    functions.clock.at = moscow("2026-11-20 10:05")
    run("client", "remove", "K-1", "--desk", MDO)
    assert run("journal", "--json").objects == [
        {
            "at": "2026-11-20T07:00:00Z",
            "act": "client add",
            "about": f"client K-1 of {MDO}",
            "caller": ROOT_USER,
        },
        {
            "at": "2026-11-20T07:05:00Z",
            "act": "client remove",
            "about": f"client K-1 of {MDO}",
            "caller": ROOT_USER,
        },
    ]
    assert f"Fri 2026-11-20 07:05 +0000  client remove  client K-1 of {MDO}  {ROOT_USER}" in run("journal").out


def test_what_is_no_name_of_a_letter_or_a_client_is_put_down_by_its_digest(run: Run) -> None:
    """Somebody gave an address: the journal is not erased, and an entry has its bounds."""
    run("replay", "olga@client.example", "m1")
    run("client", "add", "olga@client.example", "--desk", MDO, "--address", "a@one.example")
    known_by = digest("olga@client.example")
    about = [entry["about"] for entry in run("journal", "--json").objects]
    assert sorted(about) == [f"client ({known_by}) of {MDO}", f"letters ({known_by}), m1"]


def test_a_month_has_its_own_journal_and_the_present_one_is_shown_unless_told_otherwise(
    functions: Functions, run: Run
) -> None:
    run("reconcile")
    functions.clock.at = moscow("2026-12-01 10:00")
    assert run("journal").out == "the journal of 2026-12 is empty\n"
    assert [entry["act"] for entry in run("journal", "--month", "2026-11", "--json").objects] == ["reconcile"]


@pytest.mark.parametrize("month", ["11", "2026-13", "2026-11-20", ""])
def test_what_is_no_month_is_misuse(run: Run, month: str) -> None:
    ran = run("journal", "--month", month)
    assert ran.status == 2
    assert "expected a month such as 2026-11" in ran.err


def test_where_it_is_not_known_who_acts_nothing_is_done(
    functions: Functions, run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    run("client", "add", "K-1", "--desk", MDO, "--address", "a@one.example")
    functions.table.suppress(MDO, "a@one.example", at=functions.clock.at, reason="Bounce")
    functions.cold()
    connect = AwsServices.connect

    def connecting(services: AwsServices, service: str, **how: Any) -> Any:
        made = connect(services, service, **how)
        if service == "sts":
            made.get_caller_identity = refusing("ExpiredToken", "GetCallerIdentity", "The security token is expired")
        return made

    monkeypatch.setattr(AwsServices, "connect", connecting)
    unnamed = command_line(capsys, functions.services)
    for act in (
        ("client", "remove", "K-1", "--desk", MDO),
        ("suppressed", "--lift", "a@one.example"),
        ("reconcile",),
        ("rearm",),
    ):
        ran = unnamed(*act)
        assert ran.status == 1, act
        assert "aws sts get-caller-identity" in ran.err
    assert functions.services.store.client(MDO, "K-1") is not None
    assert functions.table.is_suppressed(MDO, "a@one.example")


def test_an_act_that_fails_has_its_entry_all_the_same(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry comes first."""
    run("client", "add", "K-1", "--desk", MDO, "--address", "a@one.example")

    def failing(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(DynamoTable, "remove", failing)
    run("client", "remove", "K-1", "--desk", MDO)
    assert [entry["act"] for entry in run("journal", "--json").objects] == ["client add", "client remove"]


def test_an_entry_names_no_client_and_no_address(functions: Functions, run: Run) -> None:
    """It is kept when a person's data is erased. The entry can be found by the address's digest."""
    functions.table.suppress(MDO, "olga@client.example", at=functions.clock.at, reason="Bounce")
    run("suppressed", "--lift", "olga@client.example", "--desk", MDO)
    (entry,) = run("journal", "--json").objects
    assert entry["about"] == f"address {digest('olga@client.example')} at {MDO}"
    assert "olga" not in json.dumps(entry)


def test_a_letter_is_taken_off_the_list_once_and_looking_is_no_act(functions: Functions, run: Run) -> None:
    record = LetterRecord(
        desk=MDO,
        ses_message_id="m1",
        received_at=functions.clock.at,
        kind="quarantined",
        outcome="quarantined",
        needs_attention=True,
    )
    functions.services.store.commit(Commit(at=functions.clock.at, letter=record))
    for verb in (("letters",), ("letters", "--done", "m1"), ("letters", "--done", "m1"), ("queue",), ("suppressed",)):
        run(*verb)
    (entry,) = run("journal", "--json").objects
    assert (entry["act"], entry["about"]) == ("letters --done", f"letter m1 at {MDO}")


def test_an_entry_is_the_same_however_often_it_is_written(functions: Functions) -> None:
    entry = JournalEntry(at=functions.clock.at, act="reconcile", caller=ROOT_USER)
    other = entry.model_copy(update={"caller": "arn:aws:iam::1:user/maria"})
    before = client("dynamodb").scan(TableName="desk")["Count"]
    for one in (entry, entry, other):
        functions.table.note(one)
    assert sorted(one.caller for one in functions.table.journal("2026-11")) == sorted([entry.caller, other.caller])
    assert client("dynamodb").scan(TableName="desk")["Count"] - before == 2
