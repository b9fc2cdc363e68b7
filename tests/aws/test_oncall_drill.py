"""`reglament oncall drill`: a marked fault goes the way of any, and it is timed who is woken and answers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from adapters.event_bus import EventBus, NotTaken
from application.drills import Drill, Point, end, look_on, under_way
from application.faults import act_on_fault
from domain.fault.commands import AcknowledgeFault
from domain.fault.fault import End
from handlers import alarm
from tests.support.builders import MDO, moscow
from tests.support.functions import Functions
from tests.support.people import peopled

NIGHT = moscow("2026-11-21 03:00")
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@dataclass
class Bus:
    """EventBridge, as far as it hands an event to the function at once; or not at all, where it is deaf."""

    functions: Functions
    deaf: bool = False
    put: list[dict[str, Any]] = field(default_factory=list)

    def put_events(self, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 - the SDK's own name
        self.put += Entries
        for entry in () if self.deaf else Entries:
            event = {
                "id": f"event-{len(self.put)}",
                "source": entry["Source"],
                "detail-type": entry["DetailType"],
                "time": self.functions.clock.at.isoformat(),
                "detail": json.loads(entry["Detail"]),
            }
            alarm.handle(event, self.functions.context, self.functions.services)
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "1"} for _ in Entries]}


@pytest.fixture
def bus(functions: Functions) -> Bus:
    """The bus, and people at the desks."""
    functions.clock.at = NIGHT
    peopled(functions.table)
    return Bus(functions)


def reports(bus: Bus) -> EventBus:
    client: Any = bus
    return EventBus(client, "reglament")


def looked_at(
    functions: Functions,
    drill: Drill,
    happens: Mapping[int, Callable[[], object]],
    limit: timedelta = 15 * MINUTE,
    *,
    step: int = 1,
) -> list[tuple[Point, int]]:
    """Look on, every `step` seconds, while things happen; return the points with their seconds."""
    store, seconds = functions.table, iter(range(step, 10_000, step))

    def wait() -> None:
        at = next(seconds)
        functions.clock.at = NIGHT + at * SECOND
        if at in happens:
            happens[at]()
        if at % 60 == 0:
            functions.sweep(functions.clock.at)
            functions.drain()

    return [
        (one.point, int(one.after.total_seconds()))
        for one in look_on(store, drill, functions.services.now, wait, limit)
    ]


def begun(functions: Functions, bus: Bus) -> Drill:
    drill = Drill.at(MDO, functions.clock.at)
    reports(bus).report(drill.said("ALARM", functions.clock.at))
    return drill


def acknowledge(functions: Functions) -> None:
    (number,) = functions.faults()
    act_on_fault(functions.table, number, AcknowledgeFault("anna", functions.clock.at), functions.services.now)


def test_each_point_is_told_with_its_seconds_and_the_fault_is_over_then(functions: Functions, bus: Bus) -> None:
    drill = begun(functions, bus)
    reached = looked_at(functions, drill, {3: functions.drain, 41: lambda: acknowledge(functions)})
    assert reached == [(Point.OPENED, 0), (Point.PAGED, 3), (Point.ACKNOWLEDGED, 41)]
    fault = end(functions.table, drill, reports(bus), "admin", functions.services.now)
    assert fault is not None
    ended = functions.table.fault(fault.id)
    assert ended is not None
    assert (ended.drill, ended.end) == (True, End.RESOLVED)
    state = functions.table.alarm_state(drill.alarm)
    assert state is not None
    assert not state.open


def test_who_does_not_answer_is_seen_and_escalation_is_woken_too(functions: Functions, bus: Bus) -> None:
    drill = begun(functions, bus)
    reached = looked_at(functions, drill, {20: functions.drain}, step=20)
    assert [point for point, _ in reached] == [Point.OPENED, Point.PAGED, Point.ESCALATED]


def test_one_that_comes_to_nothing_is_looked_at_no_longer_than_it_may(functions: Functions, bus: Bus) -> None:
    bus.deaf = True
    assert looked_at(functions, begun(functions, bus), {}, 2 * MINUTE, step=30) == []
    assert functions.clock.at == NIGHT + 2 * MINUTE


def test_one_that_was_interrupted_is_gone_on_with_and_not_begun_again(functions: Functions, bus: Bus) -> None:
    drill = begun(functions, bus)
    known = under_way(functions.table, MDO)
    assert known is not None
    assert (known[0].key, known[1].drill) == (drill.key, True)
    for _ in range(2):
        end(functions.table, known[0], reports(bus), "admin", functions.services.now)
    assert under_way(functions.table, MDO) is None


def test_a_real_fault_is_no_exercise_and_is_not_ended_by_one(functions: Functions, bus: Bus) -> None:
    real = {"name": "mdo-service-api", "state": "ALARM", "since": NIGHT.isoformat()}
    reports(bus).report(real, source="monitor.zabbix")
    assert under_way(functions.table, MDO) is None
    drill = begun(functions, bus)
    assert len(functions.faults()) == 2
    end(functions.table, drill, reports(bus), "admin", functions.services.now)
    faults = [functions.table.fault(number) for number in functions.faults()]
    assert sorted((fault.drill, fault.is_over) for fault in faults if fault) == [(False, False), (True, True)]


def test_the_report_is_for_one_stack_and_says_that_it_is_an_exercise(functions: Functions, bus: Bus) -> None:
    begun(functions, bus)
    (entry,) = bus.put
    assert (entry["Source"], entry["DetailType"]) == ("monitor.drill", "Reglament Fault Report to reglament")
    assert json.loads(entry["Detail"])["drill"] is True


def test_an_event_that_was_not_taken_is_an_error_though_the_answer_is_none() -> None:
    """EventBridge API reference, PutEvents: FailedEntryCount and Entries."""

    class Full:
        def put_events(self, Entries: list[Any]) -> dict[str, Any]:  # noqa: N803 - the SDK's own name
            return {"FailedEntryCount": len(Entries), "Entries": [{"ErrorCode": "ThrottlingException"}]}

    client: Any = Full()
    with pytest.raises(NotTaken, match=r"^ThrottlingException$"):
        EventBus(client, "reglament").report({"name": "a", "state": "ALARM"})


def test_a_fault_is_over_though_its_end_was_not_taken(functions: Functions, bus: Bus) -> None:
    drill = begun(functions, bus)

    class Refuses:
        def report(self, detail: Mapping[str, Any]) -> None:
            raise NotTaken

    with pytest.raises(NotTaken):
        end(functions.table, drill, Refuses(), "admin", functions.services.now)
    assert under_way(functions.table, MDO) is None
