"""How an outgoing item leaves: leased, sent in one attempt, marked. Shared by `mailer` and `pager`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from adapters.ses import Rejected
from domain import commands as c
from domain.decide import decide
from domain.editions import edition_named
from domain.outgoing import Outgoing, OutgoingMail
from domain.ports import Commit, Conflict, Leased, OutboxKey, TicketChange
from handlers import wiring
from handlers.observing import count, failed, logger

LEASE = timedelta(minutes=3)
"""Longer than any function that sends may run (60 s): nobody else takes the item meanwhile."""
MARKING_TRIES = 4
ATTEMPTS = 10
"""Then the item has failed. With the pauses below that is about a day and a half."""
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=8)


class Outdated(Exception):
    """What was to be sent has been overtaken by events, such as a page for a fault that is acknowledged."""


def key_of(record: DynamoDBRecord) -> OutboxKey:
    """Return the outgoing item that a stream record is about: itself, or the one it offers again."""
    image = record.dynamodb.new_image if record.dynamodb else None
    keys = record.dynamodb.keys if record.dynamodb else None
    assert image is not None  # the mapping asks for inserts with their new image
    assert keys is not None
    return OutboxKey(ticket=keys["pk"].removeprefix("TICKET#"), item=image.get("of") or keys["sk"])


def deliver(key: OutboxKey, send: Callable[[OutboxKey, Outgoing], str]) -> None:
    """Send one item unless it is sent, or being sent, already.

    A failure of sending is settled here, by offering the item again later, so that it holds up no
    other; only a failure of the store itself is raised.
    """
    store, now = wiring.store(), wiring.now()
    leased = store.lease(key, now=now, until=now + LEASE)
    if leased is None:
        return
    try:
        sent_id = send(key, leased.message)
    except Outdated:
        store.mark_failed(key, at=now, error="outdated")
        logger.info("no longer needed", extra={"ticket": key.ticket, "item": key.item})
    except Rejected as rejected:
        _fail(leased, str(rejected))
    except Exception as error:  # noqa: BLE001 - whatever it is, this item is tried again and the next one goes on
        failed("not sent", error, ticket=key.ticket, item=key.item)
        if leased.attempts >= ATTEMPTS:
            _fail(leased, type(error).__name__)
        else:
            longest = LONGEST_PAUSE if isinstance(leased.message, OutgoingMail) else FIRST_PAUSE
            again_at = now + min(FIRST_PAUSE * 2 ** (leased.attempts - 1), longest)
            store.put_back(key, again_at=again_at, error=type(error).__name__)
    else:
        _mark_sent(leased, sent_id)
        logger.info("sent", extra={"ticket": key.ticket, "item": key.item, "sent_id": sent_id})


def _mark_sent(leased: Leased, sent_id: str) -> None:
    """Record what has left. It cannot be called back, so that this is tried harder than anything else."""
    for tries_left in range(MARKING_TRIES - 1, -1, -1):
        try:
            wiring.store().mark_sent(leased.key, leased.message.desk, at=wiring.now(), sent_id=sent_id)
        except Exception as error:
            failed("sent, and not marked", error, ticket=leased.key.ticket, item=leased.key.item)
            if not tries_left:
                raise
        else:
            return


def _fail(leased: Leased, reason: str) -> None:
    """Give an item up: it stays readable, the alarm sounds, and the team hears of a letter that did not go."""
    message = leased.message
    store = wiring.store()
    if isinstance(message, OutgoingMail):
        report_failed_delivery(leased.key.ticket, message.to, reason, leased.key.item)
    store.mark_failed(leased.key, at=wiring.now(), error=reason)
    count("MailFailed" if isinstance(message, OutgoingMail) else "PagesFailed")
    logger.error("given up", extra={"ticket": leased.key.ticket, "item": leased.key.item, "reason": reason})


def report_failed_delivery(number: str, address: str, detail: str, message: str) -> None:
    """Record on a ticket that a letter did not reach an address, and tell its team; the same however often."""
    store = wiring.store()
    for _ in range(5):
        ticket = store.ticket(number)
        if ticket is None:
            logger.error("a letter failed whose ticket is unknown", extra={"ticket": number})
            return
        edition = edition_named(ticket.desk, ticket.edition)
        decision = decide(ticket, c.ReportFailedDelivery(address, detail, message), edition, wiring.now())
        if not decision.events or decision.ticket is None:
            return
        try:
            change = TicketChange(ticket, decision.ticket, decision.events, decision.outgoing)
            store.commit(Commit(at=wiring.now(), ticket=change))
        except Conflict:
            continue
        return
    raise Conflict(f"ticket {number} was written by others five times in a row")
