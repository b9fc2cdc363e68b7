"""What monitors say: CloudWatch's events as they are documented, and those of our own form, however they are written."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.signals import LONGEST_NAME, LONGEST_REASON, Malformed, Signal, SignalState, desk_of, read_signal
from domain.fault.alarm import NOWHERE, AlarmPlace
from domain.fault.fault import Source
from tests.support.builders import MDO, STOREOLIS
from tests.support.repository import ROOT

NOW = datetime(2026, 5, 10, 0, 5, tzinfo=UTC)
PLACE = "123456789012:eu-west-1"


def event_of(name: str, /, **detail: Any) -> dict[str, Any]:
    """Return one of the events of `events/`, with fields of its detail changed."""
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    event["detail"] |= detail
    return event


def signal_of(name: str, /, **detail: Any) -> Signal:
    """Return what such an event says."""
    signal = read_signal(event_of(name, **detail), NOW)
    assert signal is not None
    return signal


# CloudWatch


def test_an_alarm_has_the_key_that_it_always_had() -> None:
    signal = signal_of("alarm-raised")
    assert signal.known_by == f"{PLACE}:mdo-service-api-5xx"
    assert (signal.source, signal.state, signal.desk) == (Source.ALARM, SignalState.ALARM, MDO)
    assert signal.at == datetime(2026, 5, 10, 0, 1, 40, 123000, tzinfo=UTC)
    assert signal.key.startswith("ALARM ")
    assert not signal.suppressed
    assert signal.related == ()


def test_a_composite_alarm_names_its_children_by_the_keys_they_report_under() -> None:
    signal = signal_of("alarm-composite")
    assert signal.related == tuple(
        f"{PLACE}:mdo-service-{child}" for child in ("api-5xx", "db-connections", "queue-age")
    )
    assert signal_of("alarm-raised").known_by in signal.related


def test_a_composite_alarm_is_not_related_to_itself_and_to_a_hundred_at_most() -> None:
    rule = " OR ".join(f"ALARM(a{number})" for number in range(300))
    signal = signal_of("alarm-composite", configuration={"alarmRule": f"ALARM(mdo-service-down) OR {rule}"})
    assert len(signal.related) == 100
    assert signal.known_by not in signal.related


def test_an_alarm_in_maintenance_wakes_nobody_until_cloudwatch_says_that_it_is_over() -> None:
    during, after = signal_of("alarm-composite-suppressed"), signal_of("alarm-composite-no-longer-suppressed")
    assert (during.suppressed, during.suppressed_until) == (True, None)
    assert (after.suppressed, after.state) == (False, SignalState.ALARM)
    assert after.known_by == during.known_by
    assert after.at > during.at


@pytest.mark.parametrize(("kind", "seconds"), [("WaitPeriod", 120), ("ExtensionPeriod", 180)])
def test_a_wait_for_the_maintenance_ends_when_it_says_at_the_latest(kind: str, seconds: int) -> None:
    """CloudWatch API reference, CompositeAlarm: after this time the alarm performs its actions."""
    state = {**event_of("alarm-composite")["detail"]["state"], "actionsSuppressedBy": kind}
    signal = signal_of("alarm-composite", state=state)
    assert signal.suppressed
    assert signal.suppressed_until == signal.at + timedelta(seconds=seconds + 60)


def test_a_muted_alarm_wakes_nobody_until_the_windows_end() -> None:
    signal = signal_of("alarm-muted")
    assert signal.suppressed
    assert signal.suppressed_until == datetime(2026, 5, 10, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize("end", [None, "", "soon", "2026-05-09T00:00:00.000+0000"])
def test_a_muted_alarm_whose_window_has_no_end_to_come_wakes_somebody(end: str | None) -> None:
    """Nothing would ever say that it is over."""
    assert not signal_of("alarm-muted", muteDetail={"muteWindowEnd": end}).suppressed


@pytest.mark.parametrize("value", ["INSUFFICIENT_DATA", "NEW", "", None, 7, ["ALARM"]])
def test_a_state_that_tells_nothing_of_a_fault_is_no_signal(value: object) -> None:
    assert read_signal(event_of("alarm-raised", state={"value": value}), NOW) is None


@pytest.mark.parametrize(
    "state",
    [
        {"value": "ALARM", "reason": None, "reasonData": None, "timestamp": "2026-05-10T00:01:40.123+0000"},
        {"value": "ALARM", "timestamp": "2026-05-10T00:01:40.123+0000", "actionsSuppressedBy": None},
        {"value": "alarm", "timestamp": "2026-05-10T00:01:40.123Z", "unheardOf": {"a": [1]}},
    ],
)
def test_what_is_not_needed_to_wake_somebody_may_be_missing(state: dict[str, Any]) -> None:
    signal = signal_of("alarm-raised", state=state, configuration=None, previousState=None)
    assert (signal.state, signal.reason, signal.suppressed) == (SignalState.ALARM, "", False)
    assert signal.at == datetime(2026, 5, 10, 0, 1, 40, 123000, tzinfo=UTC)


@pytest.mark.parametrize("timestamp", [None, "yesterday", "2026-05-10T00:01:40", 12, "9999-12-31T23:59:59-23:59"])
def test_an_alarm_without_a_time_counts_from_the_events(timestamp: object) -> None:
    state = {"value": "ALARM", "timestamp": timestamp}
    assert signal_of("alarm-raised", state=state).at == datetime(2026, 5, 10, 0, 1, 40, tzinfo=UTC)
    timeless = event_of("alarm-raised", state=state) | {"time": None}
    signal = read_signal(timeless, NOW)
    assert signal is not None
    assert signal.at == NOW


def test_an_alarm_that_was_stored_by_its_name_alone_is_known_by_it() -> None:
    signal = read_signal({"detail": event_of("alarm-raised")["detail"]}, NOW)
    assert signal is not None
    assert (signal.place, signal.known_by) == (NOWHERE, "mdo-service-api-5xx")
    assert read_signal({**event_of("alarm-raised"), "account": None, "region": None}, NOW) is not None


# Desks


@pytest.mark.parametrize(
    ("name", "desk"),
    [
        ("mdo-service-api-5xx", MDO),
        ("MDO-Service-API-5xx", MDO),
        ("storeolis-service-checkout", STOREOLIS),
        ("mdo-servise-api", None),
        ("somebody-elses", None),
        ("", None),
    ],
)
def test_the_desk_is_known_by_how_the_name_begins_in_any_case(name: str, desk: str | None) -> None:
    assert desk_of(name) == desk


# Other monitors


def test_another_monitor_reports_in_our_form() -> None:
    signal = signal_of("alarm-monitor-raised")
    assert (signal.source, signal.state, signal.desk) == (Source.MONITOR, SignalState.ALARM, MDO)
    assert signal.known_by == "monitor:monitor.zabbix:10084-21853"
    assert signal.name == "Нет ответа от app1.mdo.example по HTTPS"
    assert signal.at == datetime(2026, 5, 10, 0, 2, 40, tzinfo=UTC)
    assert signal.place == NOWHERE
    assert not signal.drill


def test_a_monitor_that_names_no_desk_is_known_by_the_prefix_and_may_give_no_reason() -> None:
    signal = signal_of("alarm-monitor-resolved")
    assert (signal.state, signal.desk, signal.reason) == (SignalState.OK, MDO, "")


@pytest.mark.parametrize("desk", ["moi-dokumenty-online", "MDO", "mdo", " MDO "])
def test_a_desk_is_named_by_its_id_or_its_prefix(desk: str) -> None:
    assert signal_of("alarm-monitor-raised", desk=desk).desk == MDO


@pytest.mark.parametrize("desk", [None, "", "no-such-desk", 5, {}])
def test_a_desk_that_is_not_one_leaves_the_prefix(desk: object) -> None:
    assert signal_of("alarm-monitor-raised", desk=desk).desk is None
    assert signal_of("alarm-monitor-raised", desk=desk, name="storeolis-service-x").desk == STOREOLIS


def test_a_report_that_is_repeated_is_the_same_change() -> None:
    """Alertmanager repeats what is still wrong, as a new event of the same `startsAt`."""
    first, again = event_of("alarm-monitor-raised"), event_of("alarm-monitor-raised") | {"id": "another"}
    again["time"] = "2026-05-10T00:04:12Z"
    one, two = read_signal(first, NOW), read_signal(again, NOW)
    assert one is not None
    assert two is not None
    assert (one.at, one.key) == (two.at, two.key)


def test_without_a_since_each_event_is_a_change_of_its_own_time() -> None:
    signal = signal_of("alarm-monitor-raised", since=None)
    assert signal.at == datetime(2026, 5, 10, 0, 3, 12, tzinfo=UTC)
    assert signal.key == f"ALARM {event_of('alarm-monitor-raised')['id']}"


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00Z", "now", "2026-05-10 03:02", 1778371360, True])
def test_a_since_that_is_none_is_the_events_time(since: object) -> None:
    """Go writes the year 1 for no time; a time without an offset is nobody's."""
    assert signal_of("alarm-monitor-raised", since=since).at == datetime(2026, 5, 10, 0, 3, 12, tzinfo=UTC)


def test_a_clock_that_is_fast_makes_no_fault_of_the_future() -> None:
    """What follows would be older, and be ignored."""
    assert signal_of("alarm-monitor-raised", since="2030-01-01T00:00:00Z").at == datetime(
        2026, 5, 10, 0, 3, 12, tzinfo=UTC
    )
    late = event_of("alarm-monitor-raised", since=None) | {"time": "2031-01-01T00:00:00Z"}
    signal = read_signal(late, NOW)
    assert signal is not None
    assert signal.at == NOW


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"source": "zabbix"}, "source"),
        ({"source": "monitor."}, "source"),
        ({"source": "monitor.a b"}, "source"),
        ({"source": "monitor.a:b"}, "source"),
        ({"source": f"monitor.{'a' * 65}"}, "source"),
        ({"source": None}, "source"),
        ({"detail": None}, "detail"),
        ({"detail": "text"}, "detail"),
        ({"detail": {"state": "ALARM"}}, "detail.name"),
        ({"detail": {"name": "  ", "state": "ALARM"}}, "detail.name"),
        ({"detail": {"name": "a"}}, "detail.state"),
        ({"detail": {"name": "a", "state": "PROBLEM"}}, "detail.state"),
        ({"detail": {"name": "a", "state": ["ALARM"]}}, "detail.state"),
    ],
)
def test_an_event_of_no_form_is_refused_by_the_field_without_a_word_of_it(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_signal(event_of("alarm-monitor-raised") | change, NOW)
    assert str(refused.value).startswith(f"{field}:")
    assert "PROBLEM" not in str(refused.value)


def test_a_monitor_cannot_pass_for_an_alarm_of_cloudwatch() -> None:
    signal = signal_of("alarm-monitor-raised", key=f"{PLACE}:mdo-service-api-5xx")
    assert signal.known_by == f"monitor:monitor.zabbix:{PLACE}:mdo-service-api-5xx"
    assert signal.known_by != signal_of("alarm-raised").known_by


def test_texts_that_are_too_long_are_cut_and_still_tell_two_signals_from_each_other() -> None:
    long = "п" * 5000
    one, two = (signal_of("alarm-monitor-raised", key=None, name=f"{long}{end}", reason=long) for end in "аб")
    assert (len(one.name), len(one.reason)) == (LONGEST_NAME, LONGEST_REASON)
    assert one.known_by != two.known_by
    assert len(one.known_by.encode()) < 1024  # the longest sort key; a partition key may have 2048 bytes


@pytest.mark.parametrize("name", ["line\r\nline", "\x00\x1b[2Jname", "name\ud800", "\u202ename\u2028"])
def test_no_text_breaks_a_line_or_a_terminal(name: str) -> None:
    signal = signal_of("alarm-monitor-raised", key=None, name=name, reason=name)
    for text in (signal.name, signal.reason, signal.alarm):
        assert text.isprintable()
        text.encode()


@pytest.mark.parametrize("drill", [True, False, None, "true", 1])
def test_only_true_makes_it_an_exercise(drill: object) -> None:
    assert signal_of("alarm-monitor-raised", drill=drill).drill is (drill is True)


def test_a_place_is_for_logs_without_what_the_monitor_says() -> None:
    signal = signal_of("alarm-raised")
    assert signal.ids == {"alarm": "mdo-service-api-5xx", "account": "123456789012", "region": "eu-west-1"}
    assert signal.place == AlarmPlace(account="123456789012", region="eu-west-1")
