"""The examples for monitors make reports of our form, and say so where one was not taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cfnlint.api
import pytest
import yaml
from cfnlint.decode import cfn_yaml

from adapters.signals import Signal, SignalState, read_signal
from tests.support.builders import MDO
from tests.support.repository import ROOT

EXAMPLES = ROOT / "examples" / "monitors"
NOW = datetime(2026, 5, 10, 12, 0, tzinfo=UTC)
TOKEN = "0" * 64


def signal_of(entry: dict[str, str]) -> Signal:
    """Return what an entry of PutEvents says once EventBridge has made an event of it."""
    event = {
        "id": "7bf73129-1428-4cd3-a780-95db273d1602",
        "source": entry["Source"],
        "detail-type": entry["DetailType"],
        "account": "123456789012",
        "region": "eu-west-1",
        "time": "2026-05-10T11:59:00Z",
        "resources": [],
        "detail": json.loads(entry["Detail"]),
    }
    signal = read_signal(event, NOW)
    assert signal is not None
    return signal


# Alertmanager

ALERTS: dict[str, Any] = {
    "version": "4",
    "receiver": "reglament",
    "status": "firing",
    "alerts": [
        {
            "status": "firing",
            "labels": {"alertname": "mdo-service-HttpErrors", "severity": "critical"},
            "annotations": {"summary": "5xx больше 2 %"},
            "startsAt": "2026-05-10T11:50:00.828123456Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "fingerprint": "1a30ba71cca2921f",
        },
        {
            "status": "resolved",
            "labels": {"alertname": "Latency", "desk": "MDO"},
            "annotations": {},
            "startsAt": "2026-05-10T11:00:00+03:00",
            "endsAt": "2026-05-10T14:30:00+03:00",
            "fingerprint": "c6eadffa33fcdf37",
        },
    ],
}
"""As Alertmanager's documentation has it (prometheus.io, "Configuration", webhook_config)."""


@pytest.fixture
def put() -> list[list[dict[str, str]]]:
    """Collects the entries of each request."""
    return []


@pytest.fixture
def relay(monkeypatch: pytest.MonkeyPatch, put: list[list[dict[str, str]]]) -> Callable[..., dict[str, Any]]:
    """Return the function of the example's template, with an EventBridge that takes `failed` entries not."""
    code = cfn_yaml.load(str(EXAMPLES / "alertmanager" / "template.yaml"))
    text = code["Resources"]["Relay"]["Properties"]["Code"]["ZipFile"]
    assert len(text) <= 4096  # AWS::Lambda::Function Code, ZipFile
    failing = [0]

    def put_events(Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - boto3's name
        assert len(Entries) <= 10  # EventBridge API reference, PutEvents
        put.append(Entries)
        return {"FailedEntryCount": failing[0], "Entries": [{"ErrorCode": "ThrottlingException"}] * failing[0]}

    boto3 = types.SimpleNamespace(client=lambda _: types.SimpleNamespace(put_events=put_events))
    monkeypatch.setitem(sys.modules, "boto3", boto3)
    for name, value in {"TOKEN": TOKEN, "DESK": "", "DETAIL_TYPE": "Reglament Fault Report"}.items():
        monkeypatch.setenv(name, value)
    module: dict[str, Any] = {}
    exec(compile(text, "index.py", "exec"), module)  # noqa: S102 - it is the example

    def called(body: Any, *, token: str = TOKEN, failed: int = 0) -> dict[str, Any]:
        failing[0] = failed
        event = {
            "headers": {"Authorization": f"Bearer {token}"},
            "body": body if isinstance(body, str) else json.dumps(body),
        }
        answer: dict[str, Any] = module["handler"](event, None)
        return answer

    return called


Relay = Callable[..., dict[str, Any]]


def test_alertmanagers_alerts_become_reports(relay: Relay, put: list[list[dict[str, str]]]) -> None:
    assert relay(ALERTS) == {"statusCode": 200}
    raised, over = (signal_of(entry) for entry in put[0])
    assert (raised.state, raised.desk, raised.reason) == (SignalState.ALARM, MDO, "5xx больше 2 %")
    assert raised.at == datetime(2026, 5, 10, 11, 50, 0, 828123, tzinfo=UTC)
    assert raised.known_by == "monitor:monitor.alertmanager:1a30ba71cca2921f"
    assert (over.state, over.desk, over.name) == (SignalState.OK, MDO, "Latency")
    assert over.at == datetime(2026, 5, 10, 11, 30, tzinfo=UTC)


def test_many_alerts_are_put_ten_at_a_time(relay: Relay, put: list[list[dict[str, str]]]) -> None:
    relay({"alerts": ALERTS["alerts"] * 13})
    assert [len(entries) for entries in put] == [10, 10, 6]


def test_alertmanager_hears_that_a_report_was_not_taken_and_sends_it_again(relay: Relay) -> None:
    assert relay(ALERTS, failed=1)["statusCode"] == 503


@pytest.mark.parametrize("body", ["", "[", "{}", '{"alerts": [{}]}', '{"alerts": 5}', "[]"])
def test_what_is_of_no_form_is_refused(relay: Relay, put: list[list[dict[str, str]]], body: str) -> None:
    assert relay(body)["statusCode"] == 400
    assert not put


def test_nobody_else_reports(relay: Relay, put: list[list[dict[str, str]]]) -> None:
    assert relay(ALERTS, token="1" * 64)["statusCode"] == 401
    assert relay(ALERTS, token="ключ")["statusCode"] == 401
    assert not put


def test_the_template_of_the_relay_is_valid() -> None:
    text = (EXAMPLES / "alertmanager" / "template.yaml").read_text("utf-8")
    assert [match.message for match in cfnlint.api.lint(text)] == []


def test_alertmanager_is_told_of_the_relay_and_of_what_is_over() -> None:
    configuration = yaml.safe_load((EXAMPLES / "alertmanager" / "alertmanager.yml").read_text("utf-8"))
    (_, receiver) = configuration["receivers"]
    (hook,) = receiver["webhook_configs"]
    assert hook["send_resolved"] is True
    assert hook["url"].endswith("/alerts")


# Zabbix

MESSAGE = (EXAMPLES / "zabbix" / "message.txt").read_text("utf-8")
MACROS = {
    "{TRIGGER.ID}": "21853",
    "{EVENT.DATE}": "2026.05.10",
    "{EVENT.TIME}": "14:50:00",
    "{HOST.NAME}": "app1",
    "{EVENT.OPDATA}": "a=b",
}


def report(
    folder: Path, *arguments: str, failed: int = 0, status: int = 0
) -> tuple[subprocess.CompletedProcess[str], list[dict[str, str]]]:
    """Run the script as Zabbix does, with an AWS CLI that notes what it is given."""
    aws = folder / "aws"
    aws.write_text(
        f'#!/bin/sh\nprintf %s "$6" >{folder}/entries\necho \'{{"FailedEntryCount": {failed}}}\'\nexit {status}\n',
        "utf-8",
    )
    aws.chmod(0o755)
    python = str(Path(sys.executable).parent)
    done = subprocess.run(
        [sys.executable, EXAMPLES / "zabbix" / "reglament-report", *arguments],
        env={"PATH": f"{folder}:{python}:{os.environ['PATH']}", "TZ": "Europe/Moscow"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    entries = folder / "entries"
    return done, json.loads(entries.read_text("utf-8")) if entries.exists() else []


def message(value: str, **more: str) -> str:
    """Return the example's message as Zabbix fills it in; a macro that it does not know stays as it is."""
    text = MESSAGE
    for macro, filled in {**MACROS, "{EVENT.VALUE}": value, **more}.items():
        text = text.replace(macro, filled)
    return text


def test_zabbixs_problem_becomes_a_report(tmp_path: Path) -> None:
    done, (entry,) = report(tmp_path, "MDO", "Нет ответа", message("1"))
    assert done.returncode == 0
    signal = signal_of(entry)
    assert (signal.state, signal.desk, signal.name) == (SignalState.ALARM, MDO, "Нет ответа")
    assert signal.at == datetime(2026, 5, 10, 11, 50, tzinfo=UTC)
    assert signal.reason == "app1: a=b"


def test_zabbixs_recovery_is_of_the_same_alarm_and_may_go_to_one_stack(tmp_path: Path) -> None:
    recovered = {"{EVENT.RECOVERY.DATE}": "2026.05.10", "{EVENT.RECOVERY.TIME}": "14:58:30"}
    done, (entry,) = report(tmp_path, "MDO reglament", "Нет ответа", message("0", **recovered))
    assert done.returncode == 0
    assert entry["DetailType"] == "Reglament Fault Report to reglament"
    signal = signal_of(entry)
    assert signal.state is SignalState.OK
    assert signal.known_by == "monitor:monitor.zabbix:21853"
    assert signal.at == datetime(2026, 5, 10, 11, 58, 30, tzinfo=UTC)


@pytest.mark.parametrize(("failed", "status"), [(1, 0), (0, 255)])
def test_zabbix_hears_that_a_report_was_not_taken_and_tries_again(tmp_path: Path, failed: int, status: int) -> None:
    """EventBridge API reference, PutEvents: an answer of 200 may hold entries that failed."""
    done, _ = report(tmp_path, "MDO", "Нет ответа", message("1"), failed=failed, status=status)
    assert done.returncode == 1


@pytest.mark.parametrize("arguments", [(), ("MDO", "x"), ("MDO", "x", "y"), ("MDO", "x", "trigger=1\nvalue=2")])
def test_what_zabbix_was_set_up_wrong_for_is_said(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    done, entries = report(tmp_path, *arguments)
    assert (done.returncode, entries) == (2, [])
    assert "{ALERT.SENDTO}" in done.stderr
