"""Received is not handled: what the functions do while letters lie unread in `incoming/`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest

from adapters.ses.received import SETUP_OBJECT
from domain.ticket.ticket import CloseOutcome, Status, Ticket
from handlers import clock, inbound, unread
from handlers.unread import LONG_AGO, Unread
from tests.support.builders import DETAILS, MDO, STOREOLIS, STOREOLIS_ADDRESS, moscow
from tests.support.client_letters import COMPLETE, FAULT, HOW_TO, INCOMPLETE, STORE_LETTERS
from tests.support.functions import Functions, kinds_sent, number_of, opened, state
from tests.support.raw_mail import raw
from tests.support.sdk import client_error

DUE = moscow("2026-11-20 14:00")
"""When the reaction to a request of ten o'clock is due."""
LAPSES = moscow("2026-11-25 00:00")
"""When a client who was asked at ten o'clock has to have answered."""


@contextmanager
def requests(functions: Functions) -> Iterator[Counter[str]]:
    """Count the requests to the table and to the bucket meanwhile, by operation."""
    calls: Counter[str] = Counter()

    def note(model: Any, **_: Any) -> None:
        calls[model.name] += 1

    clients = functions.table._client, functions.services.mail_store._client
    for client in clients:
        client.meta.events.register("before-call.*.*", note)
    yield calls
    for client in clients:
        client.meta.events.unregister("before-call.*.*", note)


def lay(functions: Functions, name: str, at: datetime) -> None:
    """Let SES write a letter at an instant, and nobody read it."""
    before, functions.clock.at = functions.clock.at, at
    functions.put(b"From: somebody@client.example\r\n\r\nunread", name)
    functions.clock.at = before


def test_a_sweep_that_pronounces_nothing_asks_the_bucket_nothing(functions: Functions) -> None:
    """A warning costs two requests beyond the query, as ever."""
    opened(functions, COMPLETE)
    functions.drain()
    with requests(functions) as calls:
        assert functions.sweep(DUE - timedelta(hours=1))["TimersFired"] == 1
    assert calls == {"Query": functions.table.shards, "GetItem": 1, "TransactWriteItems": 1}


def test_a_sweep_lists_the_bucket_once_however_much_it_pronounces(functions: Functions) -> None:
    """Two requests a timer, and one listing."""
    for turn in range(6):
        opened(functions, f"{COMPLETE} Случай {turn}.", name=f"m{turn}")
    functions.drain()
    functions.sweep(DUE - timedelta(hours=1))
    functions.drain()
    with requests(functions) as calls:
        assert functions.sweep(DUE)["TimersFired"] == 6
    assert calls == {"Query": functions.table.shards, "GetItem": 6, "TransactWriteItems": 6, "ListObjectsV2": 1}


def test_mdo_2_1_a_breach_is_held_while_a_letter_from_before_it_is_unread_and_told_once_it_is_read(
    functions: Functions,
) -> None:
    """A minute later the sweep looks again; being held is no failure."""
    number = opened(functions, COMPLETE)
    functions.drain()
    lay(functions, "unread", DUE - timedelta(seconds=1))
    functions.sweep(DUE - timedelta(hours=1))
    functions.drain()
    with requests(functions) as calls:
        swept = functions.sweep(DUE)
    assert (swept["PronouncementsHeld"], swept["TimersFired"], swept["TimersFailed"]) == (1, 0, 0)
    assert calls == {"Query": functions.table.shards, "GetItem": 1, "ListObjectsV2": 1, "UpdateItem": 1}
    assert functions.sweep(DUE)["PronouncementsHeld"] == 0
    (due,) = [
        due
        for shard in range(2)
        for due in functions.table.due(shard, DUE + timedelta(hours=1))
        if due.item == "TICKET"
    ]
    assert (due.at, due.tries) == (DUE + timedelta(minutes=1), 0)
    functions.services.mail_store.settle("unread", "letters/unread")
    assert functions.sweep(DUE + timedelta(minutes=1))["TimersFired"] == 1
    assert kinds_sent(functions, number)[-1] == "breach"


def test_mdo_2_1_a_breach_is_held_for_a_quarter_of_an_hour_at_most(functions: Functions) -> None:
    """Minute by minute, then it is told though the letter is still unread."""
    number = opened(functions, COMPLETE)
    functions.drain()
    lay(functions, "unread", DUE - timedelta(hours=2))
    held = 0
    for minute in range(16):
        held += functions.sweep(DUE + timedelta(minutes=minute))["PronouncementsHeld"]
    assert held == 15
    breach = state(functions, number).reaction
    assert breach is not None
    assert breach.breached_at == DUE + timedelta(minutes=15)


def test_mdo_2_1_a_held_breach_holds_up_nothing_else_of_its_ticket(functions: Functions) -> None:
    """A sweep that comes late to a critical fault pages; the breach of the reaction is looked at a minute later."""
    opened(functions, FAULT)
    functions.drain()
    lay(functions, "unread", DUE - timedelta(hours=2))
    swept = functions.sweep(DUE)
    assert (swept["PronouncementsHeld"], swept["TimersFired"]) == (1, 2), "that of the fault, and that of the ticket"
    assert functions.sweep(DUE)["PronouncementsHeld"] == 0
    assert functions.table.next_due() == DUE + timedelta(minutes=1)


def test_mdo_2_5_a_client_who_answered_in_time_does_not_lapse_where_the_answer_is_read_late(
    functions: Functions,
) -> None:
    """`inbound` stands still over the end of the term."""
    number = opened(functions, INCOMPLETE)
    functions.drain()
    lay(functions, "unread", LAPSES - timedelta(seconds=1))
    assert functions.sweep(LAPSES)["PronouncementsHeld"] == 1
    assert functions.sweep(LAPSES + timedelta(hours=23))["PronouncementsHeld"] == 1
    assert state(functions, number).status is Status.AWAITING_REQUESTER
    functions.sweep(LAPSES + timedelta(hours=24))
    assert state(functions, number).outcome is CloseOutcome.LAPSED


@pytest.mark.parametrize("name", [SETUP_OBJECT, f"later{'x' * 10}"])
def test_what_is_no_letter_from_before_the_end_holds_nothing(functions: Functions, name: str) -> None:
    """The object that SES writes for a new rule stays for ever; a letter that came later says nothing about the end."""
    opened(functions, INCOMPLETE)
    functions.drain()
    lay(functions, name, LAPSES - timedelta(days=2) if name == SETUP_OBJECT else LAPSES + timedelta(seconds=61))
    swept = functions.sweep(LAPSES + timedelta(seconds=90))
    assert (swept["PronouncementsHeld"], swept["TimersFired"]) == (0, 1)


def test_a_bucket_that_does_not_say_counts_as_one_with_letters_and_is_asked_once_a_sweep(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The waiting is bounded all the same, and other timers fire."""
    for turn in range(3):
        opened(functions, f"{INCOMPLETE} Случай {turn}.", name=f"m{turn}")
        functions.drain()
    fine = opened(functions, COMPLETE, name="fine", at="2026-11-24 17:00")
    functions.drain()
    asked: list[str] = []

    def refuse() -> Iterator[tuple[str, datetime]]:
        asked.append("once")
        raise client_error("AccessDenied", "ListObjectsV2")

    monkeypatch.setattr(functions.services.mail_store, "incoming", refuse)
    swept = functions.sweep(LAPSES)
    assert (swept["PronouncementsHeld"], swept["TimersFailed"], len(asked)) == (3, 0, 1)
    functions.sweep(LAPSES + timedelta(hours=11))
    assert "warning" in kinds_sent(functions, fine)
    assert functions.sweep(LAPSES + timedelta(hours=24))["PronouncementsHeld"] == 0


def test_a_bucket_with_more_letters_than_are_looked_at_counts_as_one_whose_letters_wait(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is listed by name, not by age."""
    monkeypatch.setattr(unread, "LOOKED_AT", 3)
    for turn in range(3):
        lay(functions, f"letter-{turn}", LAPSES)
    assert Unread(functions.services).since() == LONG_AGO
    functions.services.mail_store.settle("letter-0", "letters/letter-0")
    assert Unread(functions.services).since() == LAPSES


def test_workers_do_not_wait_for_a_listing_that_does_not_end(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Behind them a page may be due: one of them waits, the others go on as if letters were unread."""
    begun, goes_on = Event(), Event()

    def hanging() -> Iterator[tuple[str, datetime]]:
        begun.set()
        goes_on.wait(30)
        return iter(())

    monkeypatch.setattr(unread, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(functions.services.mail_store, "incoming", hanging)
    letters = Unread(functions.services)
    first: list[datetime | None] = []
    worker = Thread(target=lambda: first.append(letters.since()))
    worker.start()
    begun.wait(30)
    assert [letters.since() for _ in range(50)] == [LONG_AGO] * 50
    goes_on.set()
    worker.join()
    assert first == [None]
    assert clock.WORKERS > 1


# A count that letters under way may change ----------------------------------------------------------------


def over_the_limit(
    functions: Functions, text: str = HOW_TO, *, name: str = "Ольга Лебедева"
) -> tuple[Ticket, Counter[str]]:
    """Let a question come as the fourth request of its month; return its ticket and what was asked of AWS."""
    for number, letter in enumerate(STORE_LETTERS, 1):
        functions.receive((raw(letter), f"q{number}"), at=moscow(f"2026-11-{9 + number} 10:00"), desk=STOREOLIS_ADDRESS)
    with requests(functions) as calls:
        functions.receive((raw(text, subject="Вопрос", name=name), "q4"), at=AT, desk=STOREOLIS_ADDRESS)
    return state(functions, number_of(STOREOLIS, "q4")), calls


AT = moscow("2026-11-18 10:00")


def test_storeolis_2_6_a_refusal_by_the_count_lists_the_bucket_once(functions: Functions) -> None:
    """The letter itself lies there, and is not older than itself."""
    ticket, calls = over_the_limit(functions)
    assert (ticket.outcome, ticket.clause) == (CloseOutcome.REFUSED, "2.6")
    assert calls["ListObjectsV2"] == 1


def test_storeolis_2_6_a_letter_that_is_not_refused_by_the_count_lists_nothing(functions: Functions) -> None:
    """A fault beyond the limit is a suggestion in any case."""
    _, calls = over_the_limit(functions, "Сайт выдаёт ошибку 503 при оплате. Договор № 1412-17, ИНН 7707083893.")
    assert "ListObjectsV2" not in calls


@pytest.mark.parametrize("before", [timedelta(), timedelta(days=2)])
def test_storeolis_2_6_nothing_is_refused_by_the_count_while_older_letters_are_unread(
    functions: Functions, before: timedelta
) -> None:
    """The specialist sees the count and why it may be wrong; the client is promised a reaction."""
    lay(functions, "unread", AT - before)
    ticket, _ = over_the_limit(functions)
    assert ticket.status is Status.OPEN
    (quota,) = [found for found in ticket.suggestions if found.rule == "quota"]
    assert quota.evidence[-1].startswith("раньше пришли письма")
    assert kinds_sent(functions, ticket.id) == ["accepted", "card"]


def test_storeolis_2_6_a_letter_that_came_later_keeps_nothing_from_being_refused(functions: Functions) -> None:
    """Whatever it is, it is not the third."""
    lay(functions, "unread", AT + timedelta(seconds=1))
    ticket, _ = over_the_limit(functions)
    assert ticket.outcome is CloseOutcome.REFUSED


def test_storeolis_2_6_details_that_complete_a_request_over_the_limit_refuse_nothing_while_older_letters_are_unread(
    functions: Functions,
) -> None:
    """The count was made when the request came, and decides now. A colleague asks, for whom the desk knows no contract."""
    question = HOW_TO.partition("Договор")[0]
    ticket, calls = over_the_limit(functions, question, name="Ирина Семенова")
    assert ticket.status is Status.AWAITING_REQUESTER
    assert "ListObjectsV2" not in calls
    lay(functions, "unread", AT + timedelta(hours=1))
    answer = raw("Договор № 1412-17, ИНН 7707083893.", subject=f"Re: Вопрос [{ticket.id}]")
    functions.receive((answer, "q5"), at=AT + timedelta(hours=2), desk=STOREOLIS_ADDRESS)
    answered = state(functions, ticket.id)
    assert answered.status is Status.OPEN
    assert [found.rule for found in answered.suggestions] == ["quota"]
    assert "accepted" in kinds_sent(functions, ticket.id)


# The whole of it ------------------------------------------------------------------------------------------


def answer_of(functions: Functions, number: str, ses_id: str, received: datetime) -> dict[str, Any]:
    """Let SES receive the details that a ticket waits for; return the record of the queue that tells of it."""
    functions.clock.at = received
    letter = raw(DETAILS, subject=f"Re: Не приходит код [{number}]", Message_ID=f"<{ses_id}@client.example>")
    return functions.arrival(letter, ses_id, at=received)


def test_mdo_2_5_an_answer_in_the_last_second_closes_nothing_though_the_sweep_is_quicker(functions: Functions) -> None:
    """SES has it, the queue has it, and the sweep comes first."""
    number = opened(functions, INCOMPLETE)
    functions.drain()
    record = answer_of(functions, number, "answer", LAPSES - timedelta(seconds=1))
    functions.sweep(LAPSES)
    inbound.handle({"Records": [record]}, functions.context, functions.services)
    assert state(functions, number).status is Status.OPEN
    assert "lapsed" not in kinds_sent(functions, number)


def test_mdo_2_5_an_answer_that_is_found_after_a_day_of_waiting_undoes_the_closing(functions: Functions) -> None:
    """Its letter says so, and the queue shows the ticket again."""
    number = opened(functions, INCOMPLETE)
    functions.drain()
    record = answer_of(functions, number, "answer", LAPSES - timedelta(seconds=1))
    functions.sweep(LAPSES + timedelta(hours=25))
    assert state(functions, number).outcome is CloseOutcome.LAPSED
    inbound.handle({"Records": [record, record]}, functions.context, functions.services)
    ticket = state(functions, number)
    assert (ticket.status, ticket.reopened) == (Status.OPEN, 0)
    assert kinds_sent(functions, number).count("lapse_corrected") == 1
    assert [queued.id for queued in functions.table.queue(MDO)] == [number]
