"""The sweep: what it asks of the table, in which order, and what it does when something goes wrong."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import boto3
import pytest

from adapters.dynamodb import DynamoTable
from adapters.memory import MemoryStore
from application.storage import Commit, Due, OutboxKey, SentChange, TicketChange
from domain.regulation.editions import edition_named
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.evolve import replay
from domain.ticket.lately import SentLately, Written
from domain.ticket.ticket import Ticket
from handlers import clock
from handlers.unread import Unread
from tests.support.builders import MDO, moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE
from tests.support.commits import opening
from tests.support.functions import Functions
from tests.support.life import begin
from tests.support.people import peopled
from tests.support.raw_mail import raw
from tests.support.sdk import client_error

DUE = moscow("2026-11-20 13:00")
"""When the team is warned of a request that came at ten."""


def open_tickets(
    store: DynamoTable | MemoryStore, count: int, at: str = "2026-11-20 10:00", text: str = COMPLETE
) -> list[str]:
    """Commit requests that came at the same time, their letters long since sent; return their numbers."""
    numbers = []
    for turn in range(count):
        life = begin(text, at, ses_message_id=f"ses-{at}-{turn}")
        life.have_sent()
        store.commit(opening(life, f"ses-{at}-{turn}", listed=False))
        numbers.append(life.state.id)
    return numbers


def ticket_of(store: DynamoTable | MemoryStore, number: str) -> Ticket:
    """Return a ticket as stored."""
    ticket = store.ticket(number)
    assert ticket is not None
    return ticket


def all_due(store: DynamoTable, at: datetime) -> list[Due]:
    """Return what is due by an instant in all shards."""
    return [due for shard in range(store.shards) for due in store.due(shard, at)]


@contextmanager
def counted(store: DynamoTable) -> Iterator[Counter[str]]:
    """Count the requests that the store makes meanwhile, by operation."""
    calls: Counter[str] = Counter()
    events = store._client.meta.events

    def note(model: Any, **_: Any) -> None:
        calls[model.name] += 1

    events.register("before-call.dynamodb.*", note)
    yield calls
    events.unregister("before-call.dynamodb.*", note)


def failing_for(broken: set[str], real: Callable[[str], Ticket | None]) -> Callable[[str], Ticket | None]:
    """Return a reading of tickets that fails for some."""

    def read(number: str) -> Ticket | None:
        if number in broken:
            raise RuntimeError("a corrupt item")
        return real(number)

    return read


# What it costs --------------------------------------------------------------------------------------------


def test_with_nothing_due_a_sweep_is_one_query_a_shard_and_no_write(functions: Functions) -> None:
    """However many tickets are open."""
    open_tickets(functions.table, 30)
    with counted(functions.table) as calls:
        functions.sweep(DUE - timedelta(minutes=1))
    assert calls == {"Query": functions.table.shards}


def test_a_due_timer_costs_two_requests_beyond_the_query(functions: Functions) -> None:
    """The ticket is read again, then written in one transaction."""
    open_tickets(functions.table, 20)
    with counted(functions.table) as calls:
        assert functions.sweep(DUE)["TimersFired"] == 20
    assert calls == {"Query": functions.table.shards, "GetItem": 20, "TransactWriteItems": 20}


def test_an_offer_that_is_repeated_costs_two_requests_as_well(functions: Functions) -> None:
    """The item is read, then moved ahead together with the marker that its sender sees."""
    functions.table.commit(opening(begin(COMPLETE, "2026-11-20 10:00")))
    with counted(functions.table) as calls:
        assert functions.sweep(moscow("2026-11-20 10:10"))["OffersRepeated"] == 2
    assert calls == {"Query": functions.table.shards, "GetItem": 2, "TransactWriteItems": 2}


def test_a_shard_of_many_pages_is_read_to_its_end(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> None:
    """DynamoDB ends a page at a megabyte; here it holds a few keys."""
    open_tickets(functions.table, 25)
    monkeypatch.setattr("moto.dynamodb.models.table.RESULT_SIZE_LIMIT", 3_000)
    with counted(functions.table) as calls:
        assert functions.sweep(DUE)["TimersFired"] == 25
    assert calls["Query"] > 2 * functions.table.shards


# Order and time -------------------------------------------------------------------------------------------


def test_a_late_sweep_catches_up_in_order_of_due_time_over_all_shards(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has waited longest comes first."""
    for minute in (40, 10, 30, 0, 20, 50):
        open_tickets(functions.table, 3, at=f"2026-11-20 10:{minute:02}")
    taken: list[Due] = []

    def settle(due: Due, *_: object) -> tuple[str, ...]:
        taken.append(due)
        return ()

    monkeypatch.setattr(clock, "WORKERS", 1)
    monkeypatch.setattr(clock, "_settle", settle)
    functions.sweep(moscow("2026-11-20 18:00"))
    assert len({due.at for due in taken}) == 6
    assert [due.at for due in taken] == sorted(due.at for due in taken)


def test_a_sweep_out_of_time_hands_over_to_the_next_and_is_alive(
    functions: Functions, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is lost and nothing done twice; the heartbeat beats, and that the work is behind is counted."""
    numbers = open_tickets(functions.table, 12)
    left = iter([clock.TIME_KEPT_MS + 1] * 5)
    functions.context.get_remaining_time_in_millis = lambda: next(left, 0)  # type: ignore[method-assign]
    first = functions.sweep(DUE)
    assert (first["TimersFired"], first["SweepsUnfinished"]) == (5, 1)
    assert _metrics(capsys) == {"TimersFired": 5, "SweepsUnfinished": 1, "Heartbeat": 1}
    functions.context.get_remaining_time_in_millis = lambda: 50_000  # type: ignore[method-assign]
    second = functions.sweep(DUE)
    assert (second["TimersFired"], second["SweepsUnfinished"]) == (7, 0)
    assert {ticket_of(functions.table, number).version for number in numbers} == {2}


def test_a_sweep_that_used_its_time_to_the_end_of_the_work_is_not_cut_short(functions: Functions) -> None:
    """There is nothing to hand over."""
    functions.context.left_ms = 0
    assert functions.sweep(DUE)["SweepsUnfinished"] == 0


# Two sweeps, half a sweep ---------------------------------------------------------------------------------


def test_two_sweeps_that_read_the_same_fire_each_timer_once(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second begins when the first has read a ticket and not yet written it."""
    numbers = open_tickets(functions.table, 4)
    functions.clock.at = DUE
    real, inner = functions.table.commit, [False]
    fired = []

    def commit(change: Commit) -> None:
        if not inner[0]:
            inner[0] = True
            fired.append(clock.sweep(lambda: True, functions.services)["TimersFired"])
        real(change)

    monkeypatch.setattr(clock, "WORKERS", 1)
    monkeypatch.setattr(functions.table, "commit", commit)
    fired.append(clock.sweep(lambda: True, functions.services)["TimersFired"])
    assert sum(fired) == 4
    for number in numbers:
        events = [event.type for _, event in functions.table.history(number)]
        assert events.count("timer_fired") == 1


def test_what_a_sweep_that_died_midway_left_is_done_by_the_next(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The function was killed between two tickets, and one was read and never written."""
    numbers = open_tickets(functions.table, 6)
    real, commits = functions.table.commit, []

    def dying(change: Commit) -> None:
        commits.append(change)
        if len(commits) == 3:
            raise KeyboardInterrupt
        real(change)

    monkeypatch.setattr(clock, "WORKERS", 1)
    with monkeypatch.context() as patch:
        patch.setattr(functions.table, "commit", dying)
        with pytest.raises(KeyboardInterrupt):
            functions.sweep(DUE)
    assert functions.sweep(DUE)["TimersFired"] == 4
    assert {ticket_of(functions.table, number).version for number in numbers} == {2}


# What fails -----------------------------------------------------------------------------------------------


def test_what_fails_again_and_again_is_put_off_longer_each_time_and_leaves_no_trace_on_the_ticket(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One request more; snapshot, version and history stay, and once mended the timer fires as it was meant."""
    (number,) = open_tickets(functions.table, 1)
    before, at = ticket_of(functions.table, number), DUE
    waits = []
    with monkeypatch.context() as patch:
        patch.setattr(functions.table, "ticket", failing_for({number}, functions.table.ticket))
        for _ in range(6):
            with counted(functions.table) as calls:
                assert functions.sweep(at)["TimersFailed"] == 1
            assert calls["UpdateItem"] == 1
            assert functions.sweep(at)["TimersFailed"] == 0
            (due,) = all_due(functions.table, at + timedelta(hours=1))
            waits.append((due.at - at) // timedelta(minutes=1))
            at = due.at
    assert waits == [1, 2, 4, 8, 8, 8]
    assert ticket_of(functions.table, number) == before
    assert functions.sweep(at)["TimersFired"] == 1
    history = [event for _, event in functions.table.history(number)]
    fired = history[-1]
    assert (fired.type, fired.due) == ("timer_fired", DUE)  # type: ignore[union-attr]  # its type is just compared
    after = ticket_of(functions.table, number)
    assert replay(history).model_copy(update={"version": after.version}) == after
    assert all_due(functions.table, at + timedelta(days=30))[0].tries == 0


def test_tickets_that_fail_do_not_eat_the_time_of_the_others(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are the oldest, and more than a sweep has time for: in two sweeps they stand behind the sound ones."""
    broken = set(open_tickets(functions.table, 12))
    sound = open_tickets(functions.table, 4, at="2026-11-20 10:01")
    monkeypatch.setattr(functions.table, "ticket", failing_for(broken, functions.table.ticket))
    fired = 0
    for minute in (1, 2, 3):
        functions.clock.at = DUE + timedelta(minutes=minute)
        left = iter([True] * 8)
        fired += clock.sweep(partial(next, left, False), functions.services)["TimersFired"]
    assert fired == len(sound)


def test_a_letter_in_the_meantime_arms_a_failing_ticket_anew_by_its_own_timer(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Putting off moves the entry of the index alone."""
    (number,) = open_tickets(functions.table, 1)
    with monkeypatch.context() as patch:
        patch.setattr(functions.table, "ticket", failing_for({number}, functions.table.ticket))
        functions.sweep(DUE)
    assert all_due(functions.table, DUE) == []
    ticket = ticket_of(functions.table, number)
    noted = decide(
        ticket, c.SpecialistAct(c.Act.NOTE, "anna", "Смотрю."), edition_named(ticket.desk, ticket.edition), DUE
    )
    assert noted.ticket is not None
    functions.table.commit(Commit(at=DUE, ticket=TicketChange(ticket, noted.ticket, noted.events, noted.outgoing)))
    assert [(due.at, due.tries) for due in all_due(functions.table, DUE)] == [(DUE, 0)]


def test_an_entry_is_put_off_only_as_it_was_read(functions: Functions) -> None:
    """Of two sweeps that fail at once, one puts it off; whoever fires it meanwhile is not undone."""
    open_tickets(functions.table, 1)
    (due,) = all_due(functions.table, DUE)
    assert functions.table.put_off(due, until=DUE + timedelta(minutes=1))
    assert not functions.table.put_off(due, until=DUE + timedelta(minutes=9))
    assert functions.sweep(DUE + timedelta(minutes=1))["TimersFired"] == 1
    armed = all_due(functions.table, DUE + timedelta(days=1))
    assert not functions.table.put_off(due, until=DUE)
    assert all_due(functions.table, DUE + timedelta(days=1)) == armed


def test_an_unsent_item_that_fails_to_be_offered_is_put_off_and_can_still_be_sent(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lease takes it as ever, and being sent disarms it."""
    functions.table.commit(opening(begin(COMPLETE, "2026-11-20 10:00")))
    at = moscow("2026-11-20 10:10")

    def failing(*_: Any, **__: Any) -> bool:
        raise client_error("InternalServerError", "TransactWriteItems")

    with monkeypatch.context() as patch:
        patch.setattr(functions.table, "rearm_outgoing", failing)
        assert functions.sweep(at)["TimersFailed"] == 2
    put_off = [due for due in all_due(functions.table, at + timedelta(hours=1)) if due.item.startswith("OUT#")]
    assert [due.tries for due in put_off] == [1, 1]
    assert functions.table.rearm_outgoing(put_off[0], now=at + timedelta(minutes=2))
    functions.drain()
    assert [due.item for due in all_due(functions.table, at + timedelta(days=1))] == ["TICKET"]


def test_an_entry_that_cannot_even_be_put_off_stays_due_and_holds_up_nothing(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The table refuses one ticket's writes; the next sweep tries again."""
    broken, sound = open_tickets(functions.table, 2)

    def failing(*_: Any, **__: Any) -> bool:
        raise client_error("InternalServerError", "UpdateItem")

    monkeypatch.setattr(functions.table, "ticket", failing_for({broken}, functions.table.ticket))
    monkeypatch.setattr(functions.table, "put_off", failing)
    assert functions.sweep(DUE)["TimersFired"] == 1
    assert [due.ticket for due in all_due(functions.table, DUE)] == [broken]
    assert functions.table.ticket(sound)


def test_an_entry_that_is_due_by_the_index_alone_is_set_right_by_the_ticket(functions: Functions) -> None:
    """Else every sweep would come by again."""
    (number,) = open_tickets(functions.table, 1)
    early = DUE - timedelta(hours=1)
    _arm(number, early)
    assert functions.sweep(early)["TimersFired"] == 0
    assert all_due(functions.table, early) == []
    assert functions.sweep(DUE)["TimersFired"] == 1


def test_an_entry_of_a_ticket_without_timers_is_taken_off_the_index(functions: Functions) -> None:
    """And one of a ticket that was written meanwhile is left to that."""
    (number,) = open_tickets(functions.table, 1)
    ticket = ticket_of(functions.table, number)
    (due,) = all_due(functions.table, DUE)
    assert not functions.table.align(due, ticket.model_copy(update={"version": 7}))
    closed = ticket.model_copy(update={"closed_at": DUE})
    assert functions.table.align(due, closed)
    assert all_due(functions.table, moscow("2099-01-01 00:00")) == []


def _arm(number: str, at: datetime) -> None:
    """Let the index say that a ticket is due at an instant."""
    boto3.client("dynamodb").update_item(
        TableName="desk",
        Key={"pk": {"S": f"TICKET#{number}"}, "sk": {"S": "TICKET"}},
        UpdateExpression="SET due_at = :at",
        ExpressionAttributeValues={":at": {"S": f"{at:%Y-%m-%dT%H:%M:%S.%fZ}#{number}"}},
    )


def test_a_shard_that_cannot_be_read_is_an_error_and_the_others_are_swept(
    functions: Functions, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No heartbeat: part of what is due was not even looked for."""
    numbers = open_tickets(functions.table, 8)
    real = functions.table.due
    sound = len(list(real(1, DUE)))
    assert 0 < sound < len(numbers)

    def read(shard: int, now: datetime) -> Iterator[Due]:
        if shard == 0:
            raise client_error("InternalServerError", "Query")
        yield from real(shard, now)

    monkeypatch.setattr(functions.table, "due", read)
    with pytest.raises(clock.SweepIncomplete, match="could not be read: 1;"):
        functions.sweep(DUE)
    assert _metrics(capsys) == {"TimersFired": sound}


def test_a_ticket_that_is_gone_is_passed_over(functions: Functions) -> None:
    """The index lags behind an erasure."""
    for item in ("TICKET", "OUT#00000001#000"):
        unread = Unread(functions.services)
        assert clock._settle(Due("MDO-0000-0000", item, DUE), unread, functions.services) == ()


def test_mdo_2_5_timers_of_one_ticket_fall_due_in_order_however_late_the_sweep(functions: Functions) -> None:
    """The reminder is passed over by then, the lapse is done and told."""
    (number,) = open_tickets(functions.table, 1, text=INCOMPLETE)
    functions.sweep(moscow("2026-11-27 10:00"))
    fired = [event for _, event in functions.table.history(number) if event.type == "timer_fired"]
    assert [event.timer for event in fired] == ["lapse_warning", "lapse"]
    kinds = [json.loads(body)["kind"] for _, _, body in functions.table.outbox(number)]
    assert kinds == ["lapsed"]


def test_an_unsent_item_leaves_the_index_for_its_lease(functions: Functions) -> None:
    """What is being sent is not offered meanwhile."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    functions.table.commit(opening(life))
    key = OutboxKey(ticket=life.state.id, item="OUT#00000001#000")
    at = moscow("2026-11-20 10:10")
    assert functions.table.lease(key, now=at, until=at + timedelta(minutes=3))
    assert functions.sweep(at)["OffersRepeated"] == 1


def _metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, float]:
    """Return the metrics of the last run, as CloudWatch reads them from standard output."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if '"_aws"' in line]
    (run,) = lines
    names = [metric["Name"] for entry in run["_aws"]["CloudWatchMetrics"] for metric in entry["Metrics"]]
    return {name: sum(run[name]) for name in names}


def test_a_sweep_of_the_store_in_memory_fires_each_timer_once(functions: Functions) -> None:
    """Its workers write at the same time there as well."""
    store = peopled(MemoryStore())
    numbers = open_tickets(store, 200)
    vars(functions.services)["store"] = store
    assert functions.sweep(DUE)["TimersFired"] == 200
    assert functions.sweep(DUE)["TimersFired"] == 0
    assert {ticket_of(store, number).version for number in numbers} == {2}


def test_a_digest_costs_one_request_more_than_any_other_timer(functions: Functions) -> None:
    """The ticket and what was withheld are read, and one transaction writes both; the index is read for all."""
    at, address = moscow("2026-11-20 10:00"), "olga@client.example"
    spent = SentLately(version=1, to_client=tuple(Written(at=at, ticket="MDO-0000-0000") for _ in range(10)))
    functions.table.commit(Commit(at=at, sent=(SentChange(MDO, address, SentLately(), spent),)))
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:30"))
    functions.drain()
    with counted(functions.table) as calls:
        functions.sweep(moscow("2026-11-20 11:00"))
    assert calls == {"Query": functions.table.shards, "GetItem": 2, "TransactWriteItems": 1}
    functions.drain()
    assert "Задержанные уведомления: 1" in str(functions.mails()[-1]["Subject"])
    (number,) = functions.numbers()
    assert ticket_of(functions.table, number).digests == ()
