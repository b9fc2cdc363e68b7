"""docs/deployment.md against template.yaml: its parameters, its concurrency and its costs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from composition import ENVIRONMENT
from handlers.observing import Metric
from tests.support.repository import ROOT
from tests.support.template import Json, of_type

PAGE = (ROOT / "docs" / "deployment.md").read_text("utf-8")
COUNTED_BY = {
    Metric.LETTERS_QUARANTINED: 2,
    Metric.CONFIGURATION_FAULTS: len(ENVIRONMENT),
    Metric.UNEXPECTED_ERRORS: len(ENVIRONMENT),
}
"""By how many functions, where it is more than one: each has a metric of its own."""


def rows(heading: str) -> Iterator[list[str]]:
    """Return the cells of the first table after a heading or a line, without its head."""
    after = PAGE[PAGE.index(heading) :].splitlines()
    table = iter(after)
    for line in table:
        if line.startswith("| ---"):
            break
    for line in table:
        if not line.startswith("|"):
            return
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_the_parameters_are_those_of_the_template(template: Json) -> None:
    named = [name for cells in rows("## Parameters") for name in re.findall(r"`(\w+)`", cells[0])]
    assert sorted(named) == sorted(template["Parameters"])


def test_the_defaults_are_those_of_the_template(template: Json) -> None:
    for cells in rows("## Parameters"):
        for name in re.findall(r"`(\w+)`", cells[0]):
            default = template["Parameters"][name]["Default"]
            shown = cells[1].strip("`")
            if name == "DeskAddresses":
                continue
            expected = {"": {"none", "<stack>-mail-<account>-<region>"}}.get(str(default), {str(default)})
            assert shown in expected, name


def test_every_parameter_is_asked_for_in_a_group(template: Json) -> None:
    groups = template["Metadata"]["AWS::CloudFormation::Interface"]["ParameterGroups"]
    assert sorted(name for group in groups for name in group["Parameters"]) == sorted(template["Parameters"])


def test_the_costs_count_the_alarms_and_metrics_that_there_are(template: Json) -> None:
    """An alarm or a metric that is added belongs in the sum."""
    alarms = of_type(template["Resources"], "AWS::CloudWatch::Alarm").values()
    on_queries = sum("Metrics" in alarm for alarm in alarms)
    (dashboard,) = of_type(template["Resources"], "AWS::CloudWatch::Dashboard").values()
    body, _ = dashboard["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(body)["widgets"]
    shown = sum(len(widget["properties"].get("metrics", ())) for widget in widgets)
    assert f"| ({len(alarms) - on_queries} − 10 free) × 0.10 |" in PAGE
    assert f"| {on_queries} × 0.10 for each metric" in PAGE
    assert f"and this one has {shown} |" in PAGE
    assert f"({sum(COUNTED_BY.get(one, 1) for one in Metric)} − 10 free) × 0.30" in PAGE


@pytest.mark.parametrize("heading", ["**A stack without mail:**", "**1,000 letters a month more**"])
def test_the_costs_add_up(heading: str) -> None:
    *items, together = rows(heading)
    dollars = [float(cells[-1].split()[0]) for cells in items]
    assert round(sum(dollars), 2) == float(together[-1].strip("*").split()[0])


@pytest.mark.parametrize(
    ("count", "free", "each"),
    re.findall(r"\((\d+) − (\d+) free\) × (0\.\d+)", PAGE),
)
def test_what_is_beyond_the_free_tier_is_multiplied_rightly(count: str, free: str, each: str) -> None:
    sum_shown = f"{(int(count) - int(free)) * float(each):.2f}"
    (line,) = [line for line in PAGE.splitlines() if f"({count} − {free} free) × {each}" in line]
    assert f"| {sum_shown}" in line
