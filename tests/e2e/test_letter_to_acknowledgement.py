"""One letter by SMTP, through the very functions of the deployment, to its acknowledgement in the outbox folder."""

from __future__ import annotations

import smtplib
from collections.abc import Callable

import pytest

from local.smtp_door import SIZE_LIMIT
from local.stack import LocalStack
from tests.support.local_post import DESK, MDO, letter

SENDER = "o.vetrova@mfc-severny.example.org"


def test_a_letter_is_acknowledged_before_any_sweep_naming_ticket_and_deadline(
    stack: LocalStack, reglament: Callable[..., str]
) -> None:
    stack.send(letter("Не печатается талон", "Талон не печатается на втором принтере."), SENDER, [MDO])
    stack.settle()
    sent = [one for one in stack.outbox if one.to == SENDER]
    assert sent, "no acknowledgement by the queue and the stream alone"
    (ticket,) = [one for one in stack.store.queue(DESK) if one.subject == "Не печатается талон"]
    assert ticket.reaction is not None
    assert ticket.id in sent[0].subject
    assert ticket.id in sent[0].text
    assert "МСК" in sent[0].text, "the deadline is stated in the desk's zone"
    assert sent[0].message["Auto-Submitted"] == "auto-replied"
    assert ticket.id in reglament("queue")


def test_an_unknown_recipient_is_refused_at_the_door(stack: LocalStack) -> None:
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        stack.send(letter("Не туда", "Текст."), SENDER, ["sales@моидокументы.онлайн"])
    assert next(iter(refused.value.recipients.values()))[0] == 550


def test_a_letter_over_forty_megabytes_is_refused_at_the_door(stack: LocalStack) -> None:
    with pytest.raises(smtplib.SMTPSenderRefused) as refused:
        stack.send(b"Subject: large\r\n\r\n" + b"x" * SIZE_LIMIT, SENDER, [MDO])
    assert refused.value.smtp_code == 552


def test_an_unreadable_letter_is_kept_and_visible_and_the_next_becomes_a_ticket(
    stack: LocalStack, reglament: Callable[..., str]
) -> None:
    garbage = b"\x00\xff\xfe\x80not a letter\x00" * 40
    stack.send(garbage, "scanner@copier.example.net", [MDO])
    stack.send(
        letter("После сканера", "Список заявлений пуст.", "second@mfc.example.org"), "second@mfc.example.org", [MDO]
    )
    stack.settle()
    (record,) = stack.store.set_aside(DESK)
    assert record.outcome == "quarantined"
    kept = stack.aws.s3.get_object(Bucket=stack.outputs["MailBucket"], Key=record.location)["Body"].read()
    assert garbage.rstrip() in kept
    assert record.ses_message_id in reglament("letters")
    assert "После сканера" in [ticket.subject for ticket in stack.store.queue(DESK)]


def test_redelivering_every_event_twice_more_changes_no_ticket_and_sends_nothing(stack: LocalStack) -> None:
    sender = "again@mfc.example.org"
    stack.send(letter("Не открывается табло", "Табло в зале не включается.", sender), sender, [MDO])
    stack.settle()
    before, sent = _everything(stack), len(stack.outbox)
    assert stack.redeliver_everything() > 0
    stack.settle()
    assert stack.redeliver_everything() > 0
    stack.settle()
    assert len(stack.outbox) == sent
    assert _everything(stack) == before


def _everything(stack: LocalStack) -> list[tuple[str, str, str]]:
    """Every item of the table."""
    pages = stack.aws.dynamodb.get_paginator("scan").paginate(TableName=stack.outputs["Table"])
    return sorted((item["pk"]["S"], item["sk"]["S"], str(item)) for page in pages for item in page["Items"])
