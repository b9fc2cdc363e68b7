"""Who watches the clock from outside hears of each sweep after which pages leave, and of no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from handlers import clock
from handlers.clock import SweepIncomplete
from tests.support.alarms import change_of_state
from tests.support.builders import moscow
from tests.support.functions import Functions
from tests.support.listening import Listener, listening

NIGHT = moscow("2026-11-21 03:00")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def outside(functions: Functions) -> Iterator[Listener]:
    """Somebody listens, at the address that the clock's environment names."""
    with listening() as listener:
        environment = {**functions.services.environment, "HEARTBEAT_URL": listener.url}
        functions.services = replace(functions.services, environment=environment)
        yield listener


def sweep(functions: Functions, minutes: int) -> None:
    functions.clock.at = NIGHT + minutes * MINUTE
    clock.handle({}, functions.context, functions.services)


def test_each_good_sweep_is_heard_of(functions: Functions, outside: Listener) -> None:
    for minute in range(3):
        sweep(functions, minute)
    assert len(outside.heard) == 3


def test_nothing_is_heard_while_a_page_does_not_leave_and_it_is_when_it_has(
    functions: Functions, outside: Listener
) -> None:
    """The pager does not run: the sweep offers the page again every minute or two."""
    from handlers import alarm

    functions.clock.at = NIGHT
    alarm.handle(change_of_state("ALARM", "2026-11-21T00:00:00.000+0000"), functions.context, functions.services)
    for minute in range(2, 30):
        sweep(functions, minute)
    assert outside.heard == []
    functions.drain()
    for minute in range(30, 36):
        sweep(functions, minute)
        functions.drain()
    assert outside.heard


def test_a_fault_whose_step_fails_is_heard_of_by_silence(
    functions: Functions, outside: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    from handlers import alarm

    functions.clock.at = NIGHT
    alarm.handle(change_of_state("ALARM", "2026-11-21T00:00:00.000+0000"), functions.context, functions.services)
    functions.drain()

    def broken(*_: Any, **__: Any) -> None:
        raise ValueError

    monkeypatch.setattr(clock, "act_on_fault", broken)
    for minute in range(3, 60):
        sweep(functions, minute)
    assert outside.heard == []


def test_a_sweep_that_was_not_whole_is_not_heard_of(
    functions: Functions, outside: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Iterator[Any]:
        return map(int, "x")  # fails as it is read

    monkeypatch.setattr(functions.table, "due", broken)
    with pytest.raises(SweepIncomplete):
        sweep(functions, 0)
    assert outside.heard == []


@pytest.mark.parametrize("status", [404, 500])
def test_a_sweep_is_as_good_where_nobody_hears_of_it(
    functions: Functions,
    outside: Listener,
    status: int,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """And the log does not say where the service is: who knows it can speak for the clock."""
    outside.status = status
    logged: list[dict[str, str]] = []
    monkeypatch.setattr("handlers.clock.logger.warning", lambda _, extra: logged.append(extra))
    sweep(functions, 0)
    assert logged == [{"error": "NotTold", "reason": f"answered {status}"}]
    assert '"Heartbeat"' in capsys.readouterr().out
