"""The alarms on errors by what they mean: one of each for every function, at the first."""

from __future__ import annotations

from typing import Any

import pytest

from composition import ENVIRONMENT
from handlers import delivery
from tests.support.template import alarms_on

Json = dict[str, Any]


@pytest.mark.parametrize("function", sorted(ENVIRONMENT))
@pytest.mark.parametrize("metric", ["ConfigurationFaults", "UnexpectedErrors"])
def test_a_fault_that_a_person_has_to_end_is_an_alarm_at_the_first_and_until_the_next_attempt(
    template: Json, metric: str, function: str
) -> None:
    """The longest pause between two attempts is an hour: of letters, and of `reconcile`."""
    (alarm,) = alarms_on(template["Resources"], metric, "service", function)
    common = template["Globals"]["Function"]["Environment"]["Variables"]
    assert alarm["Namespace"] == common["POWERTOOLS_METRICS_NAMESPACE"]
    assert (alarm["Threshold"], alarm["DatapointsToAlarm"]) == (0, 1)
    assert alarm["Period"] * alarm["EvaluationPeriods"] > delivery.LONGEST_PAUSE.total_seconds() + alarm["Period"]
