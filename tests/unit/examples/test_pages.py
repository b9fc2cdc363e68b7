"""The example of pages in a chat: valid, least privilege, and fed by what the pager publishes."""

from __future__ import annotations

import json
import re
from typing import Any

import cfnlint.api
from cfnlint.decode import cfn_yaml

from tests.support.repository import ROOT

EXAMPLE = ROOT / "examples" / "pages" / "telegram" / "template.yaml"


def resources() -> dict[str, Any]:
    """Return the resources of the example as plain values."""
    read: dict[str, Any] = json.loads(json.dumps(cfn_yaml.load(str(EXAMPLE))))["Resources"]
    return read


def test_the_template_of_the_example_is_valid() -> None:
    assert [match.message for match in cfnlint.api.lint(EXAMPLE.read_text("utf-8"))] == []


def test_its_pipe_may_empty_its_queue_and_call_its_destination_and_no_more() -> None:
    (policy,) = resources()["PipeRole"]["Properties"]["Policies"]
    said = policy["PolicyDocument"]["Statement"]
    assert [one["Resource"]["Fn::GetAtt"][0] for one in said] == ["Queue", "Destination"]


def test_what_the_bot_is_sent_is_json_for_any_page() -> None:
    """A page has neither quotation marks nor backslashes nor line breaks, whatever its words are from."""
    template = resources()["Pipe"]["Properties"]["TargetParameters"]["InputTemplate"]["Fn::Sub"]
    sent = re.sub(
        r"<\$\.body\.Message>", "Сбой MDO-F-7K3F9: «вход». Письмом: принято", template.replace("${ChatId}", "-100")
    )
    assert json.loads(sent) == {"chat_id": "-100", "text": "Сбой MDO-F-7K3F9: «вход». Письмом: принято"}


def test_the_page_on_integrations_names_the_example() -> None:
    assert "examples/pages/telegram/template.yaml" in (ROOT / "docs" / "integrations.md").read_text("utf-8")
