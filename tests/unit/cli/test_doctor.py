"""`reglament doctor`: what is printed, in which order, and the exit status."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from adapters.deployment.diagnosis import ACTIONS, CHECKS
from adapters.deployment.dns import Resolver
from composition import AwsServices
from tests.support import deployed as d
from tests.support.command_line import Ran, command_line
from tests.support.repository import ROOT

Doctor = Callable[..., Ran]


@pytest.fixture
def doctor(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Doctor:
    """Return a function that runs `reglament doctor` on a stack in which all is well but what is given."""
    monkeypatch.setattr(Resolver, "lookup", lambda _, name, kind: d.FakeDns(d.well_published()).lookup(name, kind))

    def run(*arguments: str, answers: dict[str, Any] | None = None) -> Ran:
        aws = d.FakeAws({**d.well(), **(answers or {})})
        monkeypatch.setattr(AwsServices, "connect", lambda _, service, **_options: aws.connect(service))
        return command_line(capsys, AwsServices({}, lambda: d.NOW))("doctor", *arguments)

    return run


def test_each_line_says_its_state_and_each_fault_its_remedy(doctor: Doctor) -> None:
    ran = doctor("rule-set", "heartbeat", answers={"ses.describe_active_receipt_rule_set": {}})
    assert ran.status == 1
    assert ran.out.splitlines() == [
        "fault    rule-set   no receipt rule set is active in eu-west-1: SES refuses all mail",
        "                    -> `reglament activate`",
        "ok       heartbeat  the last sweep was 1 minutes ago",
        "",
        "1 ok, 1 fault",
    ]


def test_with_json_each_line_is_an_object(doctor: Doctor) -> None:
    ran = doctor("schedules", "--json", answers={"events.describe_rule": {"State": "DISABLED"}})
    assert ran.object == {
        "check": "schedules",
        "state": "fault",
        "text": "the rule reglament-clock is off",
        "remedy": "`aws events enable-rule --name reglament-clock --region eu-west-1`",
    }


@pytest.mark.parametrize(("options", "status"), [((), 0), (("--strict",), 1)])
def test_a_warning_is_no_fault_unless_asked_to_be(doctor: Doctor, options: tuple[str, ...], status: int) -> None:
    unversioned: dict[str, Any] = {"s3.get_bucket_versioning": {}}
    assert doctor("bucket", "table", *options, answers=unversioned).status == status


def test_where_all_is_well_the_exit_status_is_0(doctor: Doctor) -> None:
    names = [check.name for check in CHECKS if check.name != "team-mailboxes"]
    assert doctor("--strict", *names).status == 0


def test_where_the_stack_cannot_be_read_the_exit_status_is_1_and_each_line_says_why(doctor: Doctor) -> None:
    denied = dict.fromkeys(d.well(), d.failure("AccessDenied", "no"))
    ran = doctor("stack", "regulation", answers=denied)
    assert ran.status == 1
    assert "unknown  stack       not allowed to call DescribeStacks" in ran.out
    assert "ok       regulation" in ran.out, "the editions need no permission"


def test_a_check_that_there_is_not_is_misuse(doctor: Doctor) -> None:
    ran = doctor("weather")
    assert (ran.status, ran.out) == (2, "")
    assert "no check weather; there are: stack, rule-set" in ran.err


def test_a_stack_that_there_is_not_is_told_at_once(doctor: Doctor) -> None:
    gone = d.failure("ValidationError", "Stack with id shop does not exist")
    ran = doctor("--stack", "shop", answers={"cloudformation.describe_stacks": gone})
    assert (ran.status, ran.out) == (1, "")
    assert "no stack 'shop' in eu-west-1" in ran.err


@pytest.mark.parametrize("server", ["9.9.9.9", "127.0.0.1:5353", "::1", "[::1]:5353"])
def test_another_name_server_is_an_address_and_perhaps_a_port(
    doctor: Doctor, monkeypatch: pytest.MonkeyPatch, server: str
) -> None:
    asked: list[tuple[str | None, int]] = []
    real = Resolver.__init__

    def made(resolver: Resolver, nameserver: str | None = None, port: int = 53) -> None:
        asked.append((nameserver, port))
        real(resolver, nameserver, port)

    monkeypatch.setattr(Resolver, "__init__", made)
    assert doctor("mx", "--nameserver", server).status == 0
    host, port = server.strip("[]"), 53
    if "5353" in server:
        host, port = server.rpartition(":")[0].strip("[]"), 5353
    assert asked == [(host, port)]


@pytest.mark.parametrize("server", ["dns.example.com", "9.9.9.9:dns", "9.9.9.9:", ""])
def test_anything_else_is_misuse(doctor: Doctor, server: str) -> None:
    ran = doctor("--nameserver", server)
    assert ran.status == 2
    assert f"found {server!r}, expected an IP address" in ran.err


def test_no_dns_is_asked_about_a_stack_on_this_machine(doctor: Doctor) -> None:
    ran = doctor("mx", "table", "--endpoint", "http://127.0.0.1:4566")
    assert ran.status == 0
    assert "skipped  mx     not on this machine: no DNS is asked" in ran.out
    assert "MX inbound-smtp" in doctor("mx", "--endpoint", "http://127.0.0.1:4566", "--nameserver", "127.0.0.1").out


def test_nothing_is_told_of_progress_but_to_a_person(doctor: Doctor, monkeypatch: pytest.MonkeyPatch) -> None:
    assert doctor("table").err == ""
    monkeypatch.setattr("cli.doctor.sys.stderr.isatty", lambda: True, raising=False)
    assert "1 of 1 checks" in doctor("table").err


# The page --------------------------------------------------------------------------------------------------

PAGE = (ROOT / "docs" / "doctor.md").read_text("utf-8")


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_the_page_has_each_check_in_the_order_of_the_lines() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", section("What each line checks"), re.MULTILINE)
    assert rows == [check.name for check in CHECKS]


def test_the_page_has_each_action() -> None:
    rows = re.findall(r"^\| `([a-z0-9]+)` \| (.*) \|$", section("What it needs"), re.MULTILINE)
    listed = [f"{service}:{action}" for service, actions in rows for action in re.findall(r"`(\w+)`", actions)]
    assert listed == list(ACTIONS)
