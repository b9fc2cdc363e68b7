"""CloudWatch alarms: each opens one fault, however often and in whatever order its changes arrive."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.editions import editions
from domain.ports import Commit, Conflict
from domain.ticket import CloseOutcome, Status, ticket_id
from handlers import alarm
from tests.aws.conftest import Functions
from tests.builders import moscow

EVENTS = Path(__file__).parents[2] / "events"
MDO = "moi-dokumenty-online"


def a_change(state: str, at: str, name: str | None = None) -> dict[str, Any]:
    """Return the event of an alarm of MDO's service that changes its state."""
    event: dict[str, Any] = json.loads((EVENTS / "alarm-raised.json").read_text("utf-8"))
    event["detail"]["alarmName"] = name or f"{editions(MDO)[-1].desk.cloudwatch_alarm_prefixes[0]}api-5xx"
    event["detail"]["state"] |= {"value": state, "timestamp": at}
    return event


def test_mdo_2_1_an_alarm_opens_one_critical_fault_however_often_it_is_reported(functions: Functions) -> None:
    """The second delivery of a change, and a second change to ALARM, open nothing."""
    functions.clock.at = moscow("2026-11-21 03:00")
    for at in ("2026-11-21T00:00:00.000+0000", "2026-11-21T00:00:00.000+0000", "2026-11-21T00:01:00.000+0000"):
        alarm.handler(a_change("ALARM", at), functions.context)
    (number,) = functions.numbers()
    ticket = functions.table.ticket(number)
    assert ticket is not None
    assert ticket.critical is not None
    assert ticket.critical.due == moscow("2026-11-21 03:05")
    assert [json.loads(body)["kind"] for _, _, body in functions.table.outbox(number)] == ["page_critical", "alarm"]


def test_mdo_2_1_the_five_minutes_of_an_alarm_count_from_the_alarm_however_late_the_news(functions: Functions) -> None:
    """The page goes out at once, and the sweep knows that the promise is broken."""
    functions.clock.at = moscow("2026-11-21 03:07")
    alarm.handler(a_change("ALARM", "2026-11-21T00:00:00.000+0000"), functions.context)
    (number,) = functions.numbers()
    ticket = functions.table.ticket(number)
    assert ticket is not None
    assert ticket.critical is not None
    assert (ticket.arrived_at, ticket.critical.since) == (moscow("2026-11-21 03:00"),) * 2
    assert ticket.critical.due == moscow("2026-11-21 03:05")
    functions.sweep(moscow("2026-11-21 03:08"))
    kinds = [json.loads(body)["kind"] for _, _, body in functions.table.outbox(number)]
    assert kinds == ["page_critical", "alarm", "page_escalate", "page_breach", "breach"]


def test_an_alarm_that_is_over_resolves_its_ticket_and_an_older_change_does_not_open_it_again(
    functions: Functions,
) -> None:
    """EventBridge promises neither order nor once."""
    functions.clock.at = moscow("2026-11-21 03:00")
    raised, over = a_change("ALARM", "2026-11-21T00:00:00.000+0000"), a_change("OK", "2026-11-21T00:20:00.000+0000")
    for event in (raised, over, raised, over):
        alarm.handler(event, functions.context)
    (number,) = functions.numbers()
    ticket = functions.table.ticket(number)
    assert ticket is not None
    assert (ticket.status, ticket.outcome) == (Status.CLOSED, CloseOutcome.RESOLVED)
    alarm.handler(a_change("ALARM", "2026-11-21T04:00:00.000+0000"), functions.context)
    assert len(functions.numbers()) == 2


def test_an_alarm_of_no_desk_opens_nothing(functions: Functions) -> None:
    """Our own alarms among them: a fault of the desk must not page the desk's clients' on-call."""
    for name in ("reglament-inbound-failures", "somebody-elses-alarm"):
        alarm.handler(a_change("ALARM", "2026-11-21T00:00:00.000+0000", name), functions.context)
    assert functions.numbers() == set()


def test_an_alarms_end_that_overtakes_its_beginning_opens_no_fault(functions: Functions) -> None:
    """The older change comes later and is known to be older."""
    functions.clock.at = moscow("2026-11-21 03:00")
    alarm.handler(a_change("OK", "2026-11-21T00:20:00.000+0000"), functions.context)
    alarm.handler(a_change("ALARM", "2026-11-21T00:00:00.000+0000"), functions.context)
    assert functions.numbers() == set()


def test_an_alarms_ticket_has_the_same_number_whatever_it_met_on_the_way(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only a number that another ticket has leads to the next one; a write in the way does not."""
    functions.clock.at = moscow("2026-11-21 03:00")
    event = a_change("ALARM", "2026-11-21T00:00:00.000+0000")
    detail = event["detail"]
    real, conflicts = functions.table.commit, [Conflict("in the way")]

    def contended(commit: Commit) -> None:
        if conflicts:
            raise conflicts.pop()
        real(commit)

    monkeypatch.setattr(functions.table, "commit", contended)
    alarm.handler(event, functions.context)
    origin = f"alarm:{detail['alarmName']}:2026-11-21T00:00:00+00:00"
    assert functions.numbers() == {ticket_id("MDO", MDO, origin)}
