"""After a correction of the production calendar: `rearm`, from the stored instants to the next sweep."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from application.change import change_ticket
from application.storage import Commit, Conflict
from cli import operations
from composition import AwsServices
from domain import calendars
from domain.regulation import editions
from domain.regulation.editions import NoEditionInForce, edition_named
from domain.ticket import commands as c
from domain.ticket.clock_report import clocks_of
from domain.ticket.evolve import replay
from domain.ticket.ticket import Ticket
from domain.working_time import WorkingCalendar
from tests.support.builders import DETAILS, STOREOLIS_ADDRESS, moscow
from tests.support.client_letters import ANOTHER, COMPLETE, INCOMPLETE, STORE_REQUEST
from tests.support.command_line import Run
from tests.support.functions import Functions, kinds_sent, opened, state
from tests.support.raw_mail import raw

Correct = Callable[[str, dict[str, Any]], None]
UNNAMED = "Здравствуйте. В приложении пропали все загруженные документы, список пуст со вчерашнего дня."
CAMERA = "Добрый день. Камера не открывается при съёмке паспорта, экран остаётся чёрным."
CLOSED_MONDAY = {"declared": {"11-23": "Указ Президента РФ"}}


def forget() -> None:
    """Let calendars and editions be read anew, as a new deployment does."""
    calendars.production_year.cache_clear()
    WorkingCalendar.of.cache_clear()
    editions.editions.cache_clear()
    editions._desks_by_address.cache_clear()


@pytest.fixture
def correct(monkeypatch: pytest.MonkeyPatch) -> Iterator[Correct]:
    """Return a function that corrects a year of the calendar, as a deployment with new data does."""
    data = copy.deepcopy(calendars._data("ru"))
    monkeypatch.setattr(calendars, "_data", lambda _: data)

    def change(year: str, changes: dict[str, Any]) -> None:
        data["years"][year] = {**data["years"].get(year, data["years"]["2026"]), **changes}
        forget()

    yield change
    monkeypatch.undo()
    forget()


def act(functions: Functions, number: str, what: c.Act, text: str) -> None:
    """Let a specialist act on a ticket, by the functions' clock."""
    command = c.SpecialistAct(what, "anna", text)
    changed = change_ticket(functions.services.store, number, command, functions.services.now)
    assert changed is not None
    assert changed.decision.refused is None


def replayed(functions: Functions, number: str) -> Ticket:
    """Return what the history makes of a ticket."""
    return replay(event for _, event in functions.services.store.history(number)).model_copy(
        update={"version": state(functions, number).version}
    )


def test_a_day_decreed_off_moves_every_running_clock_and_a_second_run_changes_nothing(
    functions: Functions, run: Run, correct: Correct
) -> None:
    """A request, a question, missing details, another desk; what had stopped stays."""
    due = opened(functions, name="m1", at="2026-11-20 17:00")
    asked = opened(functions, ANOTHER, name="m2", at="2026-11-20 10:00")
    functions.clock.at = moscow("2026-11-20 11:00")
    act(functions, asked, c.Act.ASK, "Какая версия?")
    missing = opened(functions, UNNAMED, name="m3", at="2026-11-20 12:00", sender="new@client.example")
    functions.receive(
        (raw(STORE_REQUEST, subject="Корзина"), "s1"), at=moscow("2026-11-20 10:00"), desk=STOREOLIS_ADDRESS
    )
    (other,) = [number for number in functions.numbers() if number.startswith("STO")]
    taken = opened(functions, f"{CAMERA}\n\n{DETAILS}", name="m4", at="2026-11-20 16:30")
    functions.clock.at = moscow("2026-11-20 17:30")
    act(functions, taken, c.Act.TAKE, "")
    correct("2026", CLOSED_MONDAY)

    ran = run("rearm", "--json")
    moved = {one["ticket"]: (one["reaction_due"], one["lapse_due"]) for one in ran.objects}
    assert moved == {
        due: ("2026-11-24T12:00:00+03:00", None),
        asked: (None, "2026-11-26T00:00:00+03:00"),
        missing: (None, "2026-11-26T00:00:00+03:00"),
        other: ("2026-11-30T18:00:00+03:00", None),
    }
    assert "5 open tickets, 4 with new instants" in ran.err
    assert all(replayed(functions, number) == state(functions, number) for number in functions.numbers())

    before = {number: state(functions, number) for number in functions.numbers()}
    again = run("rearm")
    assert (again.status, again.out) == (0, "5 open tickets, 0 with new instants\n")
    assert {number: state(functions, number) for number in functions.numbers()} == before


def test_the_sweep_goes_by_the_new_instant_and_not_by_the_old(functions: Functions, run: Run, correct: Correct) -> None:
    """A breach that the decree put off is not told."""
    number = opened(functions, at="2026-11-20 17:00")
    functions.drain()
    correct("2026", CLOSED_MONDAY)
    run("rearm")
    assert functions.sweep(moscow("2026-11-23 15:00"))["TimersFired"] == 0
    functions.sweep(moscow("2026-11-24 12:00"))
    assert kinds_sent(functions, number)[-1] == "breach"


def test_what_is_past_due_after_the_correction_fires_in_the_next_sweep(
    functions: Functions, run: Run, correct: Correct
) -> None:
    """The day was held to be off and was worked; the command says what will happen."""
    correct("2026", CLOSED_MONDAY)
    number = opened(functions, at="2026-11-20 17:00")
    functions.drain()
    functions.clock.at = moscow("2026-11-23 14:00")
    assert functions.sweep(functions.clock.at)["TimersFired"] == 0
    correct("2026", {"declared": {}})
    out = run("rearm").out
    assert f"{number}: clocks recomputed, reaction due Mon 2026-11-23 12:00 MSK, past due: the next sweep" in out
    assert functions.sweep(functions.clock.at)["TimersFired"] == 1
    fired = [event for _, event in functions.services.store.history(number) if event.type == "timer_fired"]
    assert fired[-1].due == moscow("2026-11-23 12:00")
    assert kinds_sent(functions, number)[-1] == "breach"


def test_a_year_that_is_decreed_at_last_takes_the_mark_off(functions: Functions, run: Run, correct: Correct) -> None:
    """Letter, card, queue, ticket, clock and history say so until then."""
    number = opened(functions, at="2031-03-07 17:00")
    marked = {
        json.loads(body)["kind"]: json.loads(body)["params"].get("undecreed")
        for _, _, body in functions.table.outbox(number)
    }
    assert marked == {"accepted": ["2031"], "card": ["2031"]}
    assert "PROVISIONAL" in run("queue").out
    assert run("queue", "--json").objects[0]["undecreed_years"] == [2031]
    for verb in ("show", "history"):
        assert "provisional: 2031 not decreed" in run(verb, number).out
    assert "the production calendar of 2031 is not decreed yet" in run("clock", number).out
    correct("2031", {"basis": "Постановление", "moved": "", "observed": {}, "holidays": "01-01 03-08"})
    (moved,) = run("rearm", "--json").objects
    assert moved["reaction_due"] == "2031-03-10T12:00:00+03:00"
    reaction = state(functions, number).reaction
    assert reaction is not None
    assert reaction.undecreed_years == ()
    for verb in ("show", "clock"):
        out = run(verb, number).out
        assert "provisional" not in out
        assert "not decreed" not in out
    assert "PROVISIONAL" not in run("queue").out


def test_a_breach_that_was_told_stays_told(functions: Functions, run: Run, correct: Correct) -> None:
    """The promise was broken by the calendar as it was known; the command takes no letter back."""
    number = opened(functions, at="2026-11-20 10:00")
    functions.sweep(moscow("2026-11-20 14:00"))
    before = state(functions, number)
    correct("2026", CLOSED_MONDAY)
    assert "0 with new instants" in run("rearm").out
    assert state(functions, number) == before


def test_a_ticket_that_fails_holds_up_no_other_and_is_named(
    functions: Functions, run: Run, correct: Correct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 1; run again, the rest is done already."""
    broken = opened(functions, name="m1", at="2026-11-20 17:00")
    sound = opened(functions, ANOTHER, name="m2", at="2026-11-20 17:10")
    correct("2026", CLOSED_MONDAY)
    real = operations._recompute

    def failing(number: str, services: AwsServices) -> Ticket | None:
        if number == broken:
            raise NoEditionInForce("the desk has no edition of 2001-01-01")
        return real(number, services)

    monkeypatch.setattr(operations, "TICKETS_BETWEEN_NEWS", 2)
    with monkeypatch.context() as patch:
        patch.setattr(operations, "_recompute", failing)
        ran = run("rearm")
    assert ran.status == 1
    assert f"{broken}: the desk has no edition" in ran.err
    assert "2 open tickets so far, 1 with new instants" in ran.err
    assert ran.out.splitlines()[-1] == "2 open tickets, 1 with new instants, 1 failed"
    assert [one["ticket"] for one in run("rearm", "--json").objects] == [broken]
    assert state(functions, sound).reaction


def test_a_ticket_that_somebody_writes_to_meanwhile_is_read_again(
    functions: Functions, run: Run, correct: Correct, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither write is lost."""
    opened(functions, at="2026-11-20 17:00")
    correct("2026", CLOSED_MONDAY)
    real, conflicts = functions.services.store.commit, [1, 1]

    def contended(commit: Commit) -> None:
        if conflicts:
            conflicts.pop()
            raise Conflict
        real(commit)

    monkeypatch.setattr(functions.services.store, "commit", contended)
    assert "1 with new instants" in run("rearm").out


def test_mdo_2_1_the_clocks_of_a_replayed_history_are_printed_the_same(functions: Functions, run: Run) -> None:
    """Warned, breached, stopped late, waited twice: every interval, with its reason and clause."""
    number = opened(functions, INCOMPLETE, at="2026-11-20 15:00")
    functions.receive((raw(COMPLETE, In_Reply_To="<m1@client.example>"), "m2"), at=moscow("2026-11-20 17:00"))
    functions.sweep(moscow("2026-11-23 12:00"))
    functions.clock.at = moscow("2026-11-23 14:00")
    act(functions, number, c.Act.ASK, "Какая версия?")
    functions.receive((raw("5.1", In_Reply_To="<m1@client.example>"), "m3"), at=moscow("2026-11-23 16:00"))
    functions.clock.at = moscow("2026-11-24 10:00")
    act(functions, number, c.Act.SOLVE, "Обновите приложение.")
    functions.clock.at = moscow("2026-11-24 12:00")
    stored, again = state(functions, number), replayed(functions, number)
    assert again == stored
    edition = edition_named(stored.desk, stored.edition)
    assert clocks_of(again, edition, functions.services.now()) == clocks_of(stored, edition, functions.services.now())
    (found,) = run("clock", number, "--json").objects
    reaction, lapse = found["clocks"]
    assert (reaction["state"], reaction["used"], reaction["left"]) == ("stopped late", "6 h", "-2 h")
    uncounted = {(one["reason"], one["clause"]) for one in reaction["intervals"] if not one["counted"]}
    assert uncounted == {("details_missing", "1.3"), ("outside_hours", "1.2"), ("weekend", "1.2")}
    assert {one["clause"] for one in reaction["intervals"] if one["counted"]} == {"2.1"}
    assert (lapse["due"], lapse["clause"], lapse["left"]) == ("2026-11-27T00:00:00+03:00", "2.5", "2 working days")
    waits = found["waiting_for_client"]
    assert [(one["working_seconds"] // 3600, one["clause"]) for one in waits] == [
        (2, "2.4"),
        (2, "2.4"),
        (2, "2.4"),
    ]
    assert "waiting for the client (cl. 2.4)" in run("clock", number).out


def test_storeolis_2_3_a_day_that_has_begun_is_not_used_up(functions: Functions, run: Run) -> None:
    """On the seventh working day six are over; five were promised."""
    functions.receive(
        (raw(STORE_REQUEST, subject="Корзина"), "s1"), at=moscow("2026-11-20 10:00"), desk=STOREOLIS_ADDRESS
    )
    (number,) = functions.numbers()
    for at, used, left in (
        ("2026-11-27 17:59", "4 working days", "1 working day"),
        ("2026-11-27 18:30", "5 working days", "0 working days"),
        ("2026-12-01 10:00", "6 working days", "-1 working days"),
    ):
        functions.clock.at = moscow(at)
        (reaction,) = run("clock", number, "--json").objects[0]["clocks"]
        assert (reaction["used"], reaction["left"]) == (used, left)
