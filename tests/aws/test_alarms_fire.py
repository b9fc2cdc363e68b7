"""Every alarm of template.yaml can go off: by the very metric that the code prints, or that AWS says it publishes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cfnlint.decode import cfn_yaml

from handlers.observing import Metric
from tests.support.alarm_page import PAGE, page
from tests.support.alarm_scenes import MORNING, SCENES, Stage
from tests.support.cloudwatch import DOCUMENTED, Alarm, Datum, alarms_of
from tests.support.functions import Functions
from tests.support.template import TEMPLATE, Json

WHOLE: Json = cfn_yaml.load(str(TEMPLATE))
ALARMS: Mapping[str, Alarm] = alarms_of(WHOLE)
BY_AWS = sorted(name for name, alarm in ALARMS.items() if alarm.namespace.startswith("AWS/"))
BY_US = sorted(ALARMS.keys() - set(BY_AWS))


@pytest.fixture
def stage(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Stage:
    """Return the functions, ready to play."""
    return Stage(functions, WHOLE, monkeypatch, tmp_path, lambda: capsys.readouterr().out)


def test_every_alarm_on_a_metric_of_ours_has_a_scene() -> None:
    """An alarm that is added has to be seen to go off: give it one in tests/support/alarm_scenes.py."""
    assert set(BY_US) == SCENES.keys()


@pytest.mark.parametrize("name", BY_US)
def test_an_alarm_goes_off_by_what_its_function_prints(stage: Stage, name: str) -> None:
    alarm = ALARMS[name]
    at = SCENES[name](stage)
    own = [datum for datum in stage.data if alarm.matches(datum)]
    assert own, f"nothing was printed for {alarm}: {stage.data}"
    assert alarm.metric in set(Metric)
    assert alarm.state(stage.data, at) == "ALARM"
    quiet = [replace(datum, value=0.0) for datum in own] if alarm.missing != "breaching" else own
    last = max(datum.at for datum in own)
    assert alarm.state(quiet, last) == "OK", "the alarm is on all the same where nothing is wrong"


@pytest.mark.parametrize("name", BY_AWS)
def test_an_alarm_on_a_metric_of_awss_goes_off_by_the_metric_as_documented(name: str) -> None:
    alarm = ALARMS[name]
    (documented,) = [one for one in DOCUMENTED if (one.namespace, one.metric) == (alarm.namespace, alarm.metric)]
    assert {key for key, _ in alarm.dimensions} == ({documented.dimension} if documented.dimension else set())
    bad, good = (0.0, 1.0) if alarm.operator == "LessThanThreshold" else (alarm.threshold * 1.01 + 0.0001, 0.0)
    assert alarm.state(published(alarm, bad), MORNING) == "ALARM"
    assert alarm.state(published(alarm, good), MORNING) == "OK"


def published(alarm: Alarm, value: float) -> list[Datum]:
    """Return the alarm's metric with one value in each period."""
    times = [MORNING - number * alarm.period for number in range(alarm.evaluation_periods)]
    return [Datum(alarm.namespace, alarm.metric, alarm.dimensions, at, value) for at in times]


def test_a_datum_with_other_dimensions_is_another_metric() -> None:
    """As in CloudWatch: one dimension more or less, or another value, and the alarm never hears of it."""
    alarm = ALARMS["MailFailedAlarm"]
    (datum,) = published(alarm, 1.0)
    assert alarm.state([datum], MORNING) == "ALARM"
    for other in (set(), {("service", "pager")}, {*alarm.dimensions, ("desk", "MDO")}):
        assert alarm.state([replace(datum, dimensions=frozenset(other))], MORNING) == "OK"
    assert alarm.state([replace(datum, namespace="Reglament")], MORNING) == "OK"


def test_a_query_finds_its_metric_whatever_other_dimensions_there_are() -> None:
    alarm = ALARMS["MailLostAlarm"]
    (datum,) = published(alarm, 1.0)
    more = frozenset({*alarm.dimensions, ("RuleSetName", "reglament")})
    assert alarm.state([replace(datum, dimensions=more)], MORNING) == "ALARM"
    others = frozenset({("RuleName", "another-desks")})
    assert alarm.state([replace(datum, dimensions=others)], MORNING) == "OK"


def test_silence_of_three_days_is_an_alarm_and_one_letter_in_them_ends_it() -> None:
    alarm = ALARMS["NoLettersAlarm"]
    assert alarm.state([], MORNING) == "ALARM"
    letter = Datum(alarm.namespace, alarm.metric, alarm.dimensions, MORNING - timedelta(hours=71), 1.0)
    assert alarm.state([letter], MORNING) == "OK"
    assert alarm.state([letter], MORNING + timedelta(hours=2)) == "ALARM"


def test_the_page_of_alarms_says_what_the_template_says() -> None:
    """`python -m tests.support.alarm_page` writes it again."""
    assert PAGE.read_text("utf-8") == page()
