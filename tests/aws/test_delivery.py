"""What leaves, and what becomes of it: bounces, addresses that are spared, limits, pages, and a table that hesitates."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import boto3
import pytest

from application.receive import receive
from application.storage import Commit, OutboxState, SentChange
from domain.regulation.editions import editions
from domain.ticket.lately import LATE_AT_MOST, SentLately, WithheldLetter, Written
from handlers import feedback, inbound
from tests.support.builders import MDO, MDO_ADDRESS, moscow
from tests.support.client_letters import COMPLETE, FAULT
from tests.support.functions import Functions, number_of, specialist, specialist_address
from tests.support.raw_mail import raw
from tests.support.sdk import client_error

CLIENT = "olga@client.example"


def test_a_bounce_is_recorded_told_to_the_team_and_the_address_is_spared(functions: Functions) -> None:
    """However often SES says so."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    event = {
        "eventType": "Bounce",
        "mail": {
            "messageId": "x",
            "timestamp": "2026-11-20T07:00:05Z",
            "destination": ["olga@client.example"],
            "tags": {"ticket": [number_of(MDO, "m1")], "desk": [MDO]},
        },
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "timestamp": "2026-11-20T07:00:09Z",
            "feedbackId": "f",
            "bouncedRecipients": [
                {"emailAddress": "olga@client.example", "status": "5.1.1", "diagnosticCode": "no such user"}
            ],
        },
    }
    records = {"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps(event)}] * 2}
    assert feedback.handle(records, functions.context, functions.services) == {"batchItemFailures": []}
    ticket = functions.table.ticket(number_of(MDO, "m1"))
    assert ticket is not None
    assert ticket.failed == ("x",)
    assert functions.table.is_suppressed(MDO, "olga@client.example")
    functions.drain()
    assert re.search("не доставлен", functions.mails()[-1]["Subject"])


def test_a_spared_address_that_writes_and_is_proved_is_answered_again(functions: Functions) -> None:
    """The suppression ends in the commit that takes the letter, before its answer leaves."""
    functions.table.suppress(MDO, "olga@client.example", at=moscow("2026-11-19 10:00"), reason="Bounce")
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    assert not functions.table.is_suppressed(MDO, "olga@client.example")
    assert len([mail for mail in functions.mails() if "client.example" in mail["To"]]) == 1


def test_two_letters_at_once_are_not_both_answered_by_the_last_letter_allowed(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is decided anew on what the first wrote, and only the team hears of it."""
    rule = editions(MDO)[-1].automatic_letters
    at = moscow("2026-11-20 10:30")
    spent = tuple(Written(at=at, ticket="MDO-0000-0000") for _ in range(rule.per_address_per_hour - 1))
    past = SentLately(version=1, to_client=spent)
    functions.table.commit(Commit(at=at, sent=(SentChange(MDO, "olga@client.example", SentLately(), past),)))
    raced: list[bool] = []
    real = receive
    other = COMPLETE.replace("не приходит код из СМС", "пропадает список услуг")

    def decide_then_lose(*asked: Any, **more: Any) -> Any:
        decided = real(*asked, **more)
        if not raced:
            raced.append(True)
            functions.receive((raw(other, subject="Список"), "m2"), at=at)
        return decided

    monkeypatch.setattr(inbound, "receive", decide_then_lose)
    functions.receive((raw(COMPLETE), "m1"), at=at)
    functions.drain()
    assert len(functions.numbers()) == 2
    assert len([mail for mail in functions.mails() if "client.example" in mail["To"]]) == 1
    assert len([mail for mail in functions.mails() if "приостановлены" in mail["Subject"]]) == 1


def test_a_team_mailbox_that_answers_by_itself_is_not_answered(functions: Functions) -> None:
    """Its robot knows no RFC 3834."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    functions.drain()
    sent = len(functions.mails())
    for number in range(5):
        team = specialist_address().replace("specialist1", "team")
        specialist("Ваше письмо принято.", f"t{number}", functions, sender=team, at=f"2026-11-20 10:1{number}")
    assert len(functions.mails()) == sent


def test_a_delivery_report_of_a_stranger_or_of_a_delay_marks_nothing_failed(functions: Functions) -> None:
    """Anybody can write one."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    number = number_of(MDO, "m1")
    for ses_id, action, address in (("d1", "delayed", "olga@client.example"), ("d2", "failed", "x@other.example")):
        report = (
            f"From: MAILER-DAEMON@mx.example\r\nTo: {MDO_ADDRESS}\r\nSubject: report [{number}]\r\n"
            "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
            "--b\r\nContent-Type: text/plain\r\n\r\nreport\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; {address}\r\nAction: {action}\r\n"
            "Status: 5.1.1\r\n\r\n--b--\r\n"
        )
        functions.receive((report.encode(), ses_id), at=moscow("2026-11-20 10:30"))
    ticket = functions.table.ticket(number)
    assert ticket is not None
    assert ticket.failed == ()


def test_a_letter_that_left_is_marked_even_if_the_table_hesitates(
    functions: Functions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It cannot be called back, so it must not be sent again."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    real, failures = functions.table.mark_sent, [1, 1]

    def hesitating(*args: Any, **kwargs: Any) -> None:
        if failures:
            failures.pop()
            raise client_error("InternalServerError", "TransactWriteItems")
        real(*args, **kwargs)

    monkeypatch.setattr(functions.table, "mark_sent", hesitating)
    functions.drain()
    functions.sweep(moscow("2026-11-20 10:10"))
    functions.drain()
    assert len(functions.mails()) == 2


def test_a_page_that_somebody_has_answered_meanwhile_is_not_sent(functions: Functions) -> None:
    """A page an hour old wakes nobody."""
    functions.receive((raw(FAULT), "m1"), at=moscow("2027-01-01 03:00"))
    specialist("Принято", "s1", functions, sender=specialist_address(), at="2027-01-01 03:01")
    (fault,) = functions.table.desk_faults(MDO).numbers
    states = {json.loads(body)["kind"]: state for _, state, body in functions.table.outbox(fault)}
    assert states["page_critical"] == "outdated"


def test_pages_that_piled_up_leave_as_one_a_level(functions: Functions) -> None:
    """The last one of each level says it all; whichever the stream brings first, it is the one that leaves."""
    functions.receive((raw(FAULT), "m1"), at=moscow("2027-01-01 03:00"))
    for minute in (2, 4, 5, 6):
        functions.sweep(moscow(f"2027-01-01 03:0{minute}"))
    functions.drain()
    (fault,) = functions.table.desk_faults(MDO).numbers
    items = [(json.loads(body), state) for _, state, body in functions.table.outbox(fault)]
    pages = [(item["level"], item["number"], state) for item, state in items if item["outbox"] == "page"]
    assert len(pages) == 7
    assert [(level, place) for level, place, state in pages if state is OutboxState.SENT] == [
        ("on_call", 4),
        ("escalation", 3),
    ]
    assert Counter(state for *_, state in pages) == {OutboxState.SENT: 2, OutboxState.OUTDATED: 5}


def a_bounce(at: str, ticket: str) -> dict[str, Any]:
    """Return what SES says of a letter to the client that bounced at an instant."""
    event = {
        "eventType": "Bounce",
        "mail": {
            "messageId": "x",
            "timestamp": at,
            "destination": [CLIENT],
            "tags": {"ticket": [ticket], "desk": [MDO]},
        },
        "bounce": {
            "bounceType": "Permanent",
            "bounceSubType": "General",
            "timestamp": at,
            "feedbackId": "f",
            "bouncedRecipients": [{"emailAddress": CLIENT, "status": "5.1.1", "diagnosticCode": "no such user"}],
        },
    }
    return {"Records": [{"messageId": "1", "eventSource": "aws:sqs", "body": json.dumps(event)}]}


def test_a_bounce_that_is_delivered_again_does_not_undo_a_newer_proof(functions: Functions) -> None:
    """The address wrote since, and was proved: SQS repeats an event, and `reglament redrive` does."""
    functions.receive((raw(COMPLETE), "m1"), at=moscow("2026-11-20 10:00"))
    bounce = a_bounce("2026-11-20T07:10:00Z", number_of(MDO, "m1"))
    feedback.handle(bounce, functions.context, functions.services)
    assert functions.table.is_suppressed(MDO, CLIENT)
    other = COMPLETE.replace("не приходит код из СМС", "пропадает список услуг")
    functions.receive((raw(other, subject="Список"), "m2"), at=moscow("2026-11-20 11:00"))
    assert not functions.table.is_suppressed(MDO, CLIENT)
    feedback.handle(bounce, functions.context, functions.services)
    assert not functions.table.is_suppressed(MDO, CLIENT)
    feedback.handle(a_bounce("2026-11-20T08:10:00Z", "MDO-0000-0000"), functions.context, functions.services)
    assert functions.table.is_suppressed(MDO, CLIENT)


def test_a_bounce_that_comes_late_does_not_suppress_who_wrote_after_it(functions: Functions) -> None:
    """There was no suppression yet to lift: the ticket knows when its client was proved last."""
    functions.receive((raw(COMPLETE, Message_ID="<1@client.example>"), "m1"), at=moscow("2026-11-20 10:00"))
    functions.receive((raw("Ошибка 502.", In_Reply_To="<1@client.example>"), "m2"), at=moscow("2026-11-20 11:00"))
    number = number_of(MDO, "m1")
    feedback.handle(a_bounce("2026-11-20T07:10:00Z", number), functions.context, functions.services)
    assert not functions.table.is_suppressed(MDO, CLIENT)
    feedback.handle(a_bounce("2026-11-20T08:10:00Z", number), functions.context, functions.services)
    assert functions.table.is_suppressed(MDO, CLIENT)


def test_a_letter_received_before_the_bounce_and_handled_after_it_lifts_nothing(functions: Functions) -> None:
    """It proves that the address could be reached then."""
    functions.table.suppress(MDO, CLIENT, at=moscow("2026-11-20 10:30"), reason="Bounce")
    functions.clock.at = moscow("2026-11-20 12:00")
    record = functions.arrival(raw(COMPLETE), "m1", at=moscow("2026-11-20 10:00"))
    inbound.handle({"Records": [record]}, functions.context, functions.services)
    assert functions.table.is_suppressed(MDO, CLIENT)


def test_what_a_digest_has_to_tell_outlives_a_clock_that_stands_still(functions: Functions) -> None:
    """The item expires once it was told, long after no late letter asks about it."""
    at = moscow("2026-11-20 10:00")
    letter = WithheldLetter(ticket="MDO-0000-0001", received_at=at, kind="card")
    withheld = SentLately(version=1).with_withheld(letter, at)
    told = withheld.digested(at).model_copy(update={"version": 2})
    key = {"pk": {"S": f"DESK#{MDO}#ADDRESS#{CLIENT}"}, "sk": {"S": "SENT"}}
    kept: list[bool] = []
    for before, after in ((SentLately(), withheld), (withheld, told)):
        functions.table.commit(Commit(at=at, sent=(SentChange(MDO, CLIENT, before, after),)))
        item = boto3.client("dynamodb").get_item(TableName="desk", Key=key)["Item"]
        kept.append("expires_at" not in item)
        if "expires_at" in item:
            assert int(item["expires_at"]["N"]) > (at + LATE_AT_MOST).timestamp()
    assert kept == [True, False]
