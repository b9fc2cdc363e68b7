"""The events are what the letters beside them say, and each has its case in the README."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from composition import ENVIRONMENT
from generate.aws_events import EVENTS
from generate.event_cases import CASES
from generate.events import main, stale

FILES = sorted(EVENTS.glob("*.json"))


def test_the_events_are_up_to_date() -> None:
    assert stale() == [], "run make events"


def test_the_check_fails_where_an_event_was_edited_by_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for source in EVENTS.iterdir():
        (tmp_path / source.name).write_bytes(source.read_bytes())
    monkeypatch.setattr("generate.events.EVENTS", tmp_path)
    assert main(["--check"]) == 0
    (tmp_path / "clock.json").write_text("{}", "utf-8")
    assert main(["--check"]) == 1
    assert "clock.json is out of date" in capsys.readouterr().err


def test_every_function_has_an_event() -> None:
    assert {case.name.partition("-")[0] for case in CASES} == set(ENVIRONMENT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_event_names_only_the_account_of_the_examples(path: Path) -> None:
    accounts = re.findall(r"(?:arn:aws:[a-z0-9-]+:[a-z0-9-]*:|\"account\": \")(\d+)", path.read_text("utf-8"))
    assert set(accounts) == {"123456789012"}


@pytest.mark.parametrize("path", [one for one in FILES if one.stem.startswith("inbound-")], ids=lambda path: path.stem)
def test_a_letters_event_points_at_the_letter_beside_it(path: Path) -> None:
    (case,) = [one for one in CASES if one.name == path.stem]
    stored = [(EVENTS / f"{eml}.eml").read_bytes() for eml in case.emls]
    for record in json.loads(path.read_text("utf-8"))["Records"]:
        text = json.loads(record["body"])["Message"]
        if text.startswith("{"):
            message_id = json.loads(text)["mail"]["messageId"]
            assert any(message_id.encode() in raw for raw in stored)
