"""Wherever a function dies, and whatever a call of AWS comes to, the end is the same.

Each case is an event of one function. A run without a fault records the calls that it makes; then, for each
call and each fault that it can meet, the event is handled with that fault, AWS delivers again, and everything
runs on for a while. The table, the bucket and what was sent must be as without the fault.
"""

from __future__ import annotations

import json
import os
import pickle
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from types import SimpleNamespace
from typing import Any

import boto3
import pytest
from botocore.client import BaseClient
from moto.dynamodb.models import dynamodb_backends

from application.storage import Commit, SentChange
from composition import AwsServices
from domain.reply_token import token_for
from domain.ticket.lately import SentLately, Written
from domain.ticket.outgoing import Audience
from handlers import alarm, clock, feedback, inbound, mailer, pager, reconcile
from tests.support.alarms import change_of_state
from tests.support.builders import DETAILS, MDO, MDO_ADDRESS, STOREOLIS_ADDRESS, moscow
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE
from tests.support.crashing import FAULTS, SENDS, Call, Fault, Params, Wire, World
from tests.support.functions import ACCOUNT, REGION, Functions, number_of, specialist_address
from tests.support.raw_mail import raw
from tests.support.repository import ROOT

START = moscow("2026-11-20 10:00")
MOMENT, MINUTE = timedelta(seconds=5), timedelta(minutes=1)
CLIENT = "olga@client.example"
EVERY = int(os.environ.get("CRASH_POINTS_EVERY", "1"))
"""Of how many points one is tried: what a call comes to differs little between versions of Python."""


@dataclass(frozen=True, slots=True)
class Case:
    """An event under way: how AWS delivers it, and how it is handled once more at the same time."""

    deliver: Callable[[], None]
    twin: Callable[[], Any]


Prepare = Callable[[World], Case]


def queued(world: World, handler: Callable[..., Any], *records: dict[str, Any]) -> Case:
    """Return messages of a queue."""
    given = list(records)
    return Case(lambda: world.by_queue(handler, given), lambda: handler({"Records": given}, world.functions.context))


def streamed(world: World, outbox: str) -> Case:
    """Return the inserts that the stream has for a sender."""
    handler = {"mail": mailer.handle, "page": pager.handle}[outbox]
    records = world.inserts(outbox)
    assert records
    return Case(
        lambda: world.by_stream(handler, records),
        lambda: handler({"Records": records}, world.functions.context, world.functions.services),
    )


def scheduled(world: World, handler: Callable[..., Any]) -> Case:
    """Return runs of a schedule: what one leaves, the next finds."""

    def minute_by_minute() -> None:
        for _ in range(3):
            world.once(handler)
            with world.wire.unwatched():
                due = world.functions.table.next_due()
            if due is None or due > world.now + MINUTE:
                return
            world.functions.clock.at += MINUTE

    return Case(minute_by_minute, lambda: handler({}, world.functions.context))


def written(world: World, text: str, ses_id: str, *, to: str = MDO_ADDRESS, **changes: Any) -> dict[str, Any]:
    """Let a letter have arrived a moment ago, and return the message that tells of it."""
    return world.functions.arrival(raw(text, **changes), ses_id, at=world.now - MOMENT, desk=to)


def opened(world: World, text: str = COMPLETE, at: timedelta = -timedelta(minutes=30)) -> str:
    """Let a request have opened a ticket, and all that follows be over; return its number."""
    world.functions.clock.at = world.start + at
    inbound.handle({"Records": [written(world, text, "m1")]}, world.functions.context, world.functions.services)
    for _ in range(2):
        for outbox, handler in (("mail", mailer.handle), ("page", pager.handle)):
            if records := world.inserts(outbox):
                handler({"Records": records}, world.functions.context, world.functions.services)
    world.functions.clock.at = world.start
    return number_of(MDO, "m1")


def answer_address(world: World, number: str, audience: Audience = Audience.CLIENT) -> str:
    """Return the address under which an answer finds its ticket."""
    return MDO_ADDRESS.replace("@", f"+{token_for(world.functions.services.reply_keys, MDO, number, audience)}@")


def committed(world: World, text: str = COMPLETE) -> None:
    """Let a request have been committed now, and nothing of it been sent."""
    inbound.handle({"Records": [written(world, text, "m1")]}, world.functions.context, world.functions.services)


# The events -----------------------------------------------------------------------------------------------


def a_request(world: World) -> Case:
    return queued(world, inbound.handle, written(world, COMPLETE, "m1"))


def a_request_without_details(world: World) -> Case:
    return queued(world, inbound.handle, written(world, INCOMPLETE, "m1"))


def a_critical_fault(world: World) -> Case:
    world.without_timers = True
    return queued(world, inbound.handle, written(world, FAULT, "m1"))


def two_requests_in_one_batch(world: World) -> Case:
    other = COMPLETE.replace("код из СМС", "список услуг")
    return queued(
        world, inbound.handle, written(world, COMPLETE, "m1"), written(world, other, "m2", sender="petr@c.example")
    )


def a_request_that_repeats_another(world: World) -> Case:
    opened(world)
    return queued(world, inbound.handle, written(world, COMPLETE, "m2"))


def a_redelivered_letter(world: World) -> Case:
    opened(world)
    return queued(world, inbound.handle, written(world, COMPLETE, "m1"))


def a_letter_to_both_desks(world: World) -> Case:
    record = written(world, COMPLETE, "m1")
    body = json.loads(record["body"])
    message = json.loads(body["Message"]) if "Message" in body else body
    message["receipt"]["recipients"].append(STOREOLIS_ADDRESS)
    return queued(world, inbound.handle, {**record, "body": json.dumps(message)})


def a_letter_to_no_desk(world: World) -> Case:
    return queued(world, inbound.handle, written(world, COMPLETE, "m1", to="sales@storeolis.ru"))


def the_missing_details(world: World) -> Case:
    """They are filled in where the desk asks for them: in the quotation."""
    number = opened(world, INCOMPLETE)
    asked = "\n".join(f"> {line}" for line in ("Ответьте на это письмо, заполнив строки:", *DETAILS.splitlines()))
    text = f"Внесла.\n\n{MDO_ADDRESS} пишет:\n{asked}"
    return queued(world, inbound.handle, written(world, text, "m2", to=answer_address(world, number)))


def a_specialists_answer(world: World) -> Case:
    number = opened(world)
    to = answer_address(world, number, Audience.TEAM)
    return queued(
        world, inbound.handle, written(world, "Обновите приложение.", "s1", to=to, sender=specialist_address())
    )


def a_letter_that_cannot_be_read(world: World) -> Case:
    record = world.functions.arrival(bytes(range(256)) * 40, "m1", at=world.now - MOMENT)
    return queued(world, inbound.handle, record)


def a_delivery_report(world: World) -> Case:
    number = opened(world)
    report = (
        f"From: MAILER-DAEMON@mx.example\r\nTo: {MDO_ADDRESS}\r\nSubject: report [{number}]\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nreport\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {CLIENT}\r\nAction: failed\r\n"
        "Status: 5.1.1\r\n\r\n--b--\r\n"
    )
    return queued(world, inbound.handle, world.functions.arrival(report.encode(), "d1", at=world.now - MOMENT))


def letters_out(world: World) -> Case:
    committed(world)
    return streamed(world, "mail")


def letters_out_of_which_one_goes_to_a_dead_address(world: World) -> Case:
    committed(world)
    world.functions.table.suppress(MDO, CLIENT, at=START, reason="bounce")
    return streamed(world, "mail")


def letters_offered_again(world: World) -> Case:
    committed(world)
    world.inserts("mail")
    world.functions.sweep(START + timedelta(minutes=4))
    return streamed(world, "mail")


def a_page(world: World) -> Case:
    world.without_timers = True
    committed(world, FAULT)
    return streamed(world, "page")


def a_page_that_nobody_needs_any_more(world: World) -> Case:
    committed(world, FAULT)
    pages = streamed(world, "page")
    to = answer_address(world, number_of(MDO, "m1"), Audience.TEAM)
    record = written(world, "Принято", "s1", to=to, sender=specialist_address())
    inbound.handle({"Records": [record]}, world.functions.context, world.functions.services)
    return pages


def a_warning_and_a_reminder_due(world: World) -> Case:
    opened(world, at=-timedelta(hours=3))
    other = written(world, COMPLETE.replace("код из СМС", "список услуг"), "m2", sender="petr@client.example")
    world.functions.clock.at = world.start - timedelta(minutes=5)
    inbound.handle({"Records": [other]}, world.functions.context, world.functions.services)
    world.inserts("mail")  # and the stream has lost them
    world.functions.clock.at = world.start
    return scheduled(world, clock.handle)


def a_digest_due(world: World) -> Case:
    """A card was withheld, since ten letters had been answered within the hour."""
    first = START - timedelta(hours=1)
    spent = SentLately(version=1, to_client=tuple(Written(at=first, ticket="MDO-0000-0000") for _ in range(10)))
    world.functions.table.commit(Commit(at=first, sent=(SentChange(MDO, CLIENT, SentLately(), spent),)))
    opened(world)
    return scheduled(world, clock.handle)


def an_escalation_due(world: World) -> Case:
    world.without_timers = True
    number = opened(world, FAULT, at=-timedelta(minutes=6))

    def until_it_is_paged_and_the_ticket_knows() -> None:
        for _ in range(3):
            world.once(clock.handle)
            with world.wire.unwatched():
                ticket = world.functions.table.ticket(number)
                assert ticket is not None
                assert ticket.critical is not None
                fault = world.functions.table.fault(ticket.critical.fault)
                assert fault is not None
                assert fault.series is not None
            if fault.series.escalations and ticket.critical.breached_at:
                return
            world.functions.clock.at += MINUTE

    return Case(until_it_is_paged_and_the_ticket_knows, lambda: clock.handle({}, world.functions.context))


def an_alarm(world: World) -> Case:
    world.without_timers = True
    event = change_of_state("ALARM", "2026-11-20T07:00:00.000+0000")
    return Case(
        lambda: world.by_event(alarm.handle, event),
        lambda: alarm.handle(event, world.functions.context, world.functions.services),
    )


def the_end_of_an_alarm(world: World) -> Case:
    alarm.handle(
        change_of_state("ALARM", "2026-11-20T07:00:00.000+0000"), world.functions.context, world.functions.services
    )
    event = change_of_state("OK", "2026-11-20T07:00:30.000+0000")
    return Case(
        lambda: world.by_event(alarm.handle, event),
        lambda: alarm.handle(event, world.functions.context, world.functions.services),
    )


def a_bounce(world: World) -> Case:
    return queued(world, feedback.handle, _feedback(opened(world), "feedback-bounce"))


def a_delivery(world: World) -> Case:
    return queued(world, feedback.handle, _feedback(opened(world), "feedback-delivery"))


def _feedback(number: str, name: str) -> dict[str, Any]:
    event = json.loads((ROOT / "events" / f"{name}.json").read_text("utf-8"))
    record: dict[str, Any] = event["Records"][0]
    notification = json.loads(record["body"])
    message = json.loads(notification["Message"])
    message["mail"]["tags"] |= {"ticket": [number], "desk": [MDO]}
    text = json.dumps(message).replace("denis.orlov@mail.example.com", CLIENT)
    return {**record, "body": json.dumps({**notification, "Message": text})}


def letters_left_behind(world: World) -> Case:
    opened(world)
    # One was recorded and not filed away, one was never handled, one is SES's own.
    for text, name in ((COMPLETE, "m1"), (INCOMPLETE, "m2"), ("SES", "AMAZON_SES_SETUP_NOTIFICATION")):
        _left(world, raw(text), name)
    return scheduled(world, reconcile.handle)


def a_letter_that_was_tried_often_enough(world: World) -> Case:
    _left(world, raw(COMPLETE), "m1")
    world.functions.table.count_try("m1", reconcile.TRIES + 1, at=START)
    return scheduled(world, reconcile.handle)


def _left(world: World, letter: bytes, name: str) -> None:
    clock = world.functions.clock
    now, clock.at = clock.at, START - timedelta(hours=1)
    world.functions.put(letter, name)
    clock.at = now


# The proof ------------------------------------------------------------------------------------------------


@pytest.fixture
def world(functions: Functions, monkeypatch: pytest.MonkeyPatch) -> World:
    """Return AWS around the functions. Clients outlive a process here: making them costs more than a run."""
    wire = Wire(BaseClient._make_api_call)  # type: ignore[attr-defined]  # the stubs leave it out

    def through(client: Any, operation: str, params: Params) -> Any:
        return wire(client, operation, params)

    monkeypatch.setattr(BaseClient, "_make_api_call", through)
    connect = cache(functions.services.connect)
    monkeypatch.setattr(AwsServices, "connect", lambda _, service, **options: connect(service, **options))
    monkeypatch.setattr(boto3, "client", cache(boto3.client))
    monkeypatch.setattr(clock, "WORKERS", 1)  # the calls come in one order
    # moto copies a table with all it ever streamed for every transaction: that takes most of the time.
    monkeypatch.setattr("moto.dynamodb.models.copy", SimpleNamespace(copy=copy, deepcopy=copied))
    dynamodb_backends[ACCOUNT][REGION].tables["desk"].stream_shard = None
    functions.clock.at = START
    return World(functions, wire, START)


def copied(value: Any) -> Any:
    """Return a deep copy, made several times faster."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - our own bytes


def at_the_same_time(case: Case) -> Fault:
    """Return the fault that the same event, delivered twice, is handled whole just before a call."""

    def strike(wire: Wire, call: Call) -> Any:
        with wire.unwatched():
            case.twin()
        return wire.perform(call)

    return Fault("somebody else does the same before it", strike)


def run(world: World, case: Case, fault: Fault | None = None, at: int = 0) -> dict[str, Any]:
    """Deliver an event, with a fault at one of its calls, let all run on, and return the final state."""
    wire = world.wire
    wire.fault, wire.at, wire.watching = fault.strike if fault else None, at, True
    case.deliver()
    wire.watching, wire.fault = False, None
    world.cold()
    world.finish()
    return world.state()


def may_be_sent_twice(fault: Fault, call: Call, before: Call | None) -> bool:
    """Return whether a fault lies between sending and recording that."""
    if call.operation in SENDS:
        return fault.keeps_effect
    return before is not None and before.operation in SENDS and fault.name == "the process dies before it"


ARRIVALS = [
    a_request,
    a_request_without_details,
    a_critical_fault,
    two_requests_in_one_batch,
    a_request_that_repeats_another,
    a_redelivered_letter,
    a_letter_to_both_desks,
    a_letter_to_no_desk,
    the_missing_details,
    a_specialists_answer,
    a_letter_that_cannot_be_read,
    a_delivery_report,
]
WHAT_FOLLOWS = [
    letters_out,
    letters_out_of_which_one_goes_to_a_dead_address,
    letters_offered_again,
    a_page,
    a_page_that_nobody_needs_any_more,
    a_warning_and_a_reminder_due,
    a_digest_due,
    an_escalation_due,
    an_alarm,
    the_end_of_an_alarm,
    a_bounce,
    a_delivery,
    letters_left_behind,
    a_letter_that_was_tried_often_enough,
]


def try_every_point(world: World, event: Prepare, record_property: Callable[[str, object], None]) -> None:
    """Let every fault strike at every call: the end is the same, and what is sent twice is so for a reason."""
    case = event(world)
    restore = world.save()
    restore()
    expected = run(world, case)
    calls, sent = list(world.wire.calls), dict(world.wire.sent)
    faults = (*FAULTS, at_the_same_time(case))
    points = [(at, call, fault) for at, call in enumerate(calls) for fault in faults if fault.applies(call)][::EVERY]
    wrong = []
    for at, call, fault in points:
        restore()
        state = run(world, case, fault, at)
        twice = {what for what, times in world.wire.sent.items() if times > 1}
        place = f"{at} {call.operation}: {fault.name}"
        if state != expected:
            wrong.append(f"{place}: another end: {difference(expected, state)}")
        if set(world.wire.sent) != set(sent):
            wrong.append(f"{place}: sent {sorted(set(world.wire.sent) ^ set(sent))}")
        if twice and not may_be_sent_twice(fault, call, calls[at - 1] if at else None):
            wrong.append(f"{place}: sent twice: {sorted(twice)}")
    record_property("crash points", len(points))
    assert calls or event is a_delivery
    assert not wrong, "\n".join(wrong)


# Two classes, so that two workers share the work.


class TestArrivals:
    """Letters come in."""

    @pytest.mark.parametrize("event", ARRIVALS)
    def test_whatever_call_fails_the_end_is_the_same_and_nothing_is_sent_twice(
        self, world: World, event: Prepare, record_property: Callable[[str, object], None]
    ) -> None:
        """But between sending and recording that."""
        try_every_point(world, event, record_property)


class TestWhatFollows:
    """Letters and pages go out, time passes, alarms and reports come in."""

    @pytest.mark.parametrize("event", WHAT_FOLLOWS)
    def test_whatever_call_fails_the_end_is_the_same_and_nothing_is_sent_twice(
        self, world: World, event: Prepare, record_property: Callable[[str, object], None]
    ) -> None:
        """But between sending and recording that."""
        try_every_point(world, event, record_property)


def difference(expected: dict[str, Any], state: dict[str, Any]) -> str:
    """Return where two states differ first, and how: as it should be and as it is."""
    for key in sorted(expected.keys() | state.keys()):
        texts = [json.dumps(one.get(key), ensure_ascii=False) for one in (expected, state)]
        if texts[0] != texts[1]:
            same = next((at for at, (left, right) in enumerate(zip(*texts, strict=False)) if left != right), 0)
            return f"{key}: …" + " instead of …".join(text[max(same - 40, 0) : same + 60] for text in reversed(texts))
    return "nowhere"
