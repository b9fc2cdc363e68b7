"""Faults that monitors report: composite alarms, alarms in maintenance, and events of our own form."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest

from domain.fault.fault import Fault
from handlers import alarm
from handlers.observing import AlreadyReported
from tests.support.alarms import change_of_state
from tests.support.builders import moscow
from tests.support.functions import Functions
from tests.support.repository import ROOT

NIGHT = moscow("2026-05-10 03:05")


def event_of(name: str, /, **detail: Any) -> dict[str, Any]:
    """Return one of the events of `events/`, with fields of its detail changed."""
    event: dict[str, Any] = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    event["detail"] |= detail
    return event


def handle(functions: Functions, event: dict[str, Any]) -> None:
    functions.clock.at = max(functions.clock.at, NIGHT)
    alarm.handle(event, functions.context, functions.services)


def the_fault(functions: Functions) -> Fault:
    (number,) = functions.faults()
    fault = functions.table.fault(number)
    assert fault is not None
    return fault


def pages(functions: Functions) -> int:
    """Return how many pages were written for all faults."""
    bodies = [body for number in functions.faults() for _, _, body in functions.table.outbox(number)]
    return sum(json.loads(body)["outbox"] == "page" for body in bodies)


def test_mdo_2_1_another_monitor_pages_once_however_often_its_event_comes(functions: Functions) -> None:
    event = event_of("alarm-monitor-raised")
    for _ in range(3):
        handle(functions, event)
    handle(functions, event | {"id": "told-again", "time": "2026-05-10T00:04:59Z"})
    fault = the_fault(functions)
    assert fault.what == "Нет ответа от app1.mdo.example по HTTPS"
    assert fault.due == moscow("2026-05-10 03:07")
    assert (pages(functions), fault.reports) == (1, 1)


def test_a_monitor_that_says_that_it_is_well_again_lets_the_fault_rest(functions: Functions) -> None:
    handle(functions, event_of("alarm-monitor-raised"))
    well = event_of("alarm-monitor-raised", state="OK", since="2026-05-10T00:04:00Z") | {"time": "2026-05-10T00:04:01Z"}
    handle(functions, well)
    assert the_fault(functions).quiet_since is not None


def test_mdo_2_1_a_composite_alarm_and_its_children_are_one_fault_in_either_order(functions: Functions) -> None:
    """Three children and the one that watches them: one series of pages."""
    first = "2026-05-10T00:01:40.123+0000"
    handle(functions, change_of_state("ALARM", first, "mdo-service-queue-age", event_id="1"))
    handle(functions, event_of("alarm-composite"))
    for name in ("mdo-service-api-5xx", "mdo-service-db-connections"):
        handle(functions, change_of_state("ALARM", "2026-05-10T00:02:20.000+0000", name, event_id=name))
    assert (the_fault(functions).reports, pages(functions)) == (4, 1)


def test_an_alarm_in_maintenance_pages_nobody_and_pages_once_it_is_over_and_still_on(functions: Functions) -> None:
    for _ in range(2):
        handle(functions, event_of("alarm-composite-suppressed"))
    assert functions.faults() == set()
    functions.clock.at = moscow("2026-05-10 05:34")
    handle(functions, event_of("alarm-composite-no-longer-suppressed"))
    handle(functions, event_of("alarm-composite-suppressed"))
    assert the_fault(functions).since == moscow("2026-05-10 05:33:05").replace(microsecond=394000)
    assert pages(functions) == 1


def test_an_alarm_that_is_well_before_its_maintenance_is_over_pages_nobody(functions: Functions) -> None:
    handle(functions, event_of("alarm-composite-suppressed"))
    well = event_of("alarm-composite-suppressed")
    well["detail"]["state"] = {"value": "OK", "timestamp": "2026-05-10T00:04:00.000+0000"}
    handle(functions, well)
    assert functions.faults() == set()


def test_a_muted_alarm_pages_when_its_window_is_over_and_it_has_not_said_to_be_well(functions: Functions) -> None:
    """CloudWatch is not documented to tell of that end: the clock looks. The five minutes count from it."""
    handle(functions, event_of("alarm-muted"))
    for at in ("03:30", "05:59", "06:00"):
        functions.sweep(moscow(f"2026-05-10 {at}"))
    assert functions.faults() == set()
    for at in ("06:01", "06:02"):
        functions.sweep(moscow(f"2026-05-10 {at}"))
    fault = the_fault(functions)
    assert (fault.since, fault.due, fault.reports) == (moscow("2026-05-10 06:01"), moscow("2026-05-10 06:06"), 1)
    assert pages(functions) == 1


@pytest.mark.parametrize("at", ["2026-05-10T00:20:00.000+0000", "2026-05-10T02:59:59.999+0000"])
def test_a_muted_alarm_that_is_well_before_its_window_is_over_pages_nobody(functions: Functions, at: str) -> None:
    handle(functions, event_of("alarm-muted"))
    well = event_of("alarm-muted")
    well["detail"]["state"] = {"value": "OK", "timestamp": at}
    handle(functions, well)
    functions.sweep(moscow("2026-05-10 07:00"))
    assert functions.faults() == set()


def test_an_alarm_of_whose_wait_nothing_more_is_heard_pages(functions: Functions) -> None:
    """A composite one that waits two minutes for its suppressor."""
    waiting = event_of("alarm-composite-suppressed")
    waiting["detail"]["state"]["actionsSuppressedBy"] = "WaitPeriod"
    handle(functions, waiting)
    functions.sweep(moscow("2026-05-10 03:04"))
    assert functions.faults() == set()
    functions.sweep(moscow("2026-05-10 03:06"))
    assert pages(functions) == 1


def test_two_sweeps_at_once_report_an_alarm_after_its_maintenance_once(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    handle(functions, event_of("alarm-muted"))
    real, meanwhile = functions.table.commit, [1]

    def overtaken(commit: Any) -> None:
        if meanwhile:
            meanwhile.pop()
            functions.sweep(moscow("2026-05-10 06:02"))
        real(commit)

    monkeypatch.setattr(functions.table, "commit", overtaken)
    functions.sweep(moscow("2026-05-10 06:02"))
    assert (the_fault(functions).reports, pages(functions)) == (1, 1)


def test_an_event_of_no_form_is_counted_and_fails_and_the_next_one_pages(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function's failure queue keeps it; its alarm tells of it. What it holds is no line of the log."""
    counted: Counter[str] = Counter()
    logged: list[Any] = []
    monkeypatch.setattr(alarm, "count", lambda name: counted.update([name]))
    monkeypatch.setattr("handlers.alarm.logger.error", lambda *told, **more: logged.append((told, more)))
    for detail in ({"state": "PROBLEM", "name": "секрет"}, {"state": "ALARM", "name": ""}):
        with pytest.raises(AlreadyReported):
            handle(functions, event_of("alarm-monitor-raised", **detail))
    assert counted["SignalsMalformed"] == 2
    assert "секрет" not in repr(logged)
    handle(functions, event_of("alarm-monitor-raised"))
    assert pages(functions) == 1


def test_a_report_for_no_desk_is_counted_like_an_alarm(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    counted: Counter[str] = Counter()
    monkeypatch.setattr(alarm, "count", lambda name: counted.update([name]))
    handle(functions, event_of("alarm-monitor-raised", desk="no-such-desk"))
    assert (counted, functions.faults()) == (Counter(AlarmsOfNoDesk=1), set())


def test_an_exercise_is_marked_as_one(functions: Functions) -> None:
    handle(functions, event_of("alarm-monitor-raised", drill=True))
    assert the_fault(functions).drill
