"""Faults at the command line, against the table in moto: one outage of several letters from its first page to its end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.ticket.ticket import Status
from tests.support.builders import DETAILS, moscow
from tests.support.command_line import Run
from tests.support.functions import Functions, kinds_sent, opened, state

OUTAGE = "Приложение полностью недоступно: никто из сотрудников не может войти, ошибка 503."
NIGHT = moscow("2027-01-01 03:00")


@pytest.fixture
def tickets(functions: Functions) -> list[str]:
    """Three offices report one outage at night."""
    return [
        opened(functions, f"{OUTAGE} Окно {place}.\n\n{DETAILS}", name=f"m{place}", at=f"2027-01-01 03:0{place}")
        for place in range(3)
    ]


def fault_of(functions: Functions, ticket: str) -> str:
    critical = state(functions, ticket).critical
    assert critical is not None
    return critical.fault


def test_one_outage_is_one_fault_in_the_list_in_the_queue_and_on_its_tickets(
    functions: Functions, run: Run, tickets: list[str]
) -> None:
    (listed,) = run("fault", "list", "--json").objects
    assert (listed["state"], sorted(listed["tickets"])) == ("pages", sorted(tickets))
    assert {one["fault"] for one in run("queue", "--json").objects} == {listed["fault"]}
    assert all("2 other tickets" in run("show", ticket).out for ticket in tickets)
    assert kinds_sent(functions, listed["fault"]) == ["page_critical"]


def test_one_acknowledgement_by_a_ticket_is_one_for_all_and_each_client_is_told_by_the_next_sweep(
    functions: Functions, run: Run, tickets: list[str]
) -> None:
    """With another of its tickets and its own number given too, and said again, it stays one."""
    fault = fault_of(functions, tickets[0])
    functions.clock.at = NIGHT + timedelta(minutes=3)
    ran = run("ack", tickets[1], tickets[0], *fault.lower().split("-"), "--by", "anna")
    assert (ran.status, ran.err) == (0, "")
    assert run("ack", fault).status == 1
    functions.sweep(NIGHT + timedelta(minutes=4))
    for ticket in tickets:
        critical = state(functions, ticket).critical
        assert critical is not None
        assert (critical.acknowledged_by, critical.breached_at) == ("anna", None)
    told = [kinds_sent(functions, ticket).count("fault_taken_client") for ticket in tickets]
    assert sum(told) == 1  # one client wrote all three letters
    history = run("fault", "history", fault, "--json").objects
    assert [one["type"] for one in history].count("fault_acknowledged") == 1
    assert next(one["caller"] for one in history if one["type"] == "fault_acknowledged") is not None


def test_a_fault_is_shown_with_pages_that_left_and_when(functions: Functions, run: Run, tickets: list[str]) -> None:
    fault = fault_of(functions, tickets[0])
    functions.clock.at = NIGHT + timedelta(minutes=2, seconds=5)
    functions.drain()
    (page,) = run("fault", "show", fault, "--json").object["sent_pages"]
    assert (page["state"], page["level"]) == ("sent", "on_call")
    assert (page["written_at"], page["left_at"]) == ("2027-01-01T03:00:00+03:00", "2027-01-01T03:02:05+03:00")


def test_a_fault_that_is_over_leaves_its_tickets_to_their_clients(
    functions: Functions, run: Run, tickets: list[str]
) -> None:
    """MDO 2.5: they have two working days to say that it is not."""
    fault = fault_of(functions, tickets[0])
    assert run("fault", "resolve", fault, "--text", "Вход восстановлен.").status == 0
    functions.sweep(functions.clock.at + timedelta(minutes=1))
    statuses = sorted(state(functions, ticket).status for ticket in tickets)
    assert statuses == [Status.AWAITING_REQUESTER, Status.CLOSED, Status.CLOSED]
    assert run("fault", "list").out == "no fault is open\n"


def test_a_detached_ticket_pages_and_may_be_joined_again(functions: Functions, run: Run, tickets: list[str]) -> None:
    first = fault_of(functions, tickets[0])
    run("ack", first)
    assert run("fault", "detach", tickets[2]).status == 0
    second = fault_of(functions, tickets[2])
    assert kinds_sent(functions, second) == ["page_critical"]
    assert {one["fault"] for one in run("fault", "list", "--json").objects} == {first, second}
    assert run("fault", "join", tickets[2], first).status == 0
    assert [one["fault"] for one in run("fault", "list", "--json").objects] == [first]
    assert run("audit").status == 0
