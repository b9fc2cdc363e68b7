"""A restored table under another name in place of the stack's own, and a stack that is paused meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.support.template import Json, function, mapping, of_type

OWN = "OwnsTable"
ADOPTED = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${AdoptedTable}"


def uses_of(value: object, within: str = "") -> Iterator[tuple[str, object, object]]:
    """Every reference to the table: where, what, and what stands in its place where a table is adopted."""
    if isinstance(value, dict):
        if "Fn::If" in value and value["Fn::If"][0] == OWN:
            yield within, value["Fn::If"][1], value["Fn::If"][2]
            return
        is_reference = value.get("Ref") == "Table" or value.get("Fn::GetAtt", [""])[0] == "Table"
        if is_reference or "${Table." in str(value.get("Fn::Sub", "")) or "${Table}" in str(value.get("Fn::Sub", "")):
            yield within, value, None
        for name, inner in value.items():
            yield from uses_of(inner, f"{within}/{name}")
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from uses_of(inner, f"{within}/{place}")


def test_whatever_uses_the_table_uses_the_adopted_one_in_its_place(template: Json) -> None:
    """The same index, the same stream, and nothing of the stack's own is asked for that is not there."""
    places = [*uses_of({name: template[name] for name in ("Globals", "Resources", "Outputs")})]
    assert len(places) > 15
    for where, own, adopted in places:
        assert adopted is not None, f"{where} names the stack's own table whatever is adopted"
        shown = str(own)
        if "Fn::Sub" in own:  # type: ignore[operator]  # a dict, as all of them
            suffix = re.search(r"\$\{Table\.Arn\}(/[^']*)", shown)
            assert suffix is not None, where
            assert adopted == {"Fn::Sub": ADOPTED + suffix[1]}, where
        elif "StreamArn" in shown:
            assert adopted in ({"Ref": "AdoptedTableStream"}, {"Fn::Sub": f"{ADOPTED}/stream/*"}), where
        elif "Arn" in shown:
            assert adopted == {"Fn::Sub": ADOPTED}, where
        else:
            assert adopted == {"Ref": "AdoptedTable"}, where


def test_the_stacks_own_table_is_kept_when_another_takes_its_place(template: Json) -> None:
    """Its condition turns false, so that CloudFormation takes it out of the stack: its policy says that it stays."""
    table = template["Resources"]["Table"]
    assert table["Condition"] == OWN
    assert table["DeletionPolicy"].startswith("Retain")
    assert template["Conditions"][OWN] == {"Fn::Equals": [{"Ref": "AdoptedTable"}, ""]}


def test_a_table_is_adopted_with_its_stream_or_not_at_all(template: Json) -> None:
    """A stream of another table would deliver another desk's letters."""
    demanded = {
        (
            rule["RuleCondition"]["Fn::Not"][0]["Fn::Equals"][0]["Ref"],
            one["Assert"]["Fn::Not"][0]["Fn::Equals"][0]["Ref"],
        )
        for name, rule in template["Rules"].items()
        if name.startswith("Adopted")
        for one in rule["Assertions"]
    }
    assert demanded == {("AdoptedTable", "AdoptedTableStream"), ("AdoptedTableStream", "AdoptedTable")}


@pytest.mark.parametrize("name", ["inbound", "feedback", "mailer"])
def test_a_paused_stack_reads_and_sends_no_letter(resources: Json, name: str) -> None:
    """Letters wait in the queue, reports of delivery too; what is unsent is offered again by the clock."""
    assert mapping(resources, name)["Enabled"] == {"Fn::If": ["IsPaused", False, True]}


@pytest.mark.parametrize(("name", "rests"), [("clock", "ClockRests"), ("reconcile", "IsPaused")])
def test_a_paused_stack_lets_no_timer_fire_and_offers_no_letter_again(
    template: Json, resources: Json, name: str, rests: str
) -> None:
    """The clock is the last to go on: what is held for unread letters is held for 15 minutes, and a pause lasts hours."""
    assert mapping(resources, name)["State"] == {"Fn::If": [rests, "DISABLED", "ENABLED"]}
    assert template["Conditions"]["IsPaused"] == {"Fn::Equals": [{"Ref": "Paused"}, "true"]}
    assert template["Conditions"]["ClockRests"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Paused"}, "false"]}]}


def test_a_paused_stack_still_pages_for_alarms(resources: Json) -> None:
    """A page that waits for an administrator to finish wakes nobody in time."""
    for name in ("alarm", "pager"):
        assert not {"Enabled", "State"} & set(mapping(resources, name)), name
    paused = {
        logical
        for logical, body in of_type(resources, "AWS::Serverless::Function").items()
        if "IsPaused" in str(body) or "ClockRests" in str(body)
    }
    assert len(paused) == 5
    assert function(resources, "alarm")
