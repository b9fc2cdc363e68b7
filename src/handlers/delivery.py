"""How an outgoing item leaves: leased, sent in one attempt, marked. Shared by `mailer` and `pager`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord

from adapters.ses.sending import Refused, Rejected, Unanswered
from application.change import change_ticket
from application.ports import Services
from application.storage import Leased, OutboxKey
from domain.ticket import commands as c
from domain.ticket.outgoing import Outgoing, OutgoingMail, OutgoingPage
from handlers.observing import Metric, count, failed, logger

LEASE = timedelta(minutes=3)
"""Longer than any function that sends may run (60 s): nobody else takes the item meanwhile."""
MARKING_TRIES = 4
FIRST_PAUSE = timedelta(minutes=1)
LONGEST_PAUSE = timedelta(hours=1)
"""Pauses between attempts double from the first to the longest."""
LONGEST_PAUSE_IN_DOUBT = timedelta(hours=8)
"""The same after an attempt without an answer, which may have left: each further one may be a copy."""
MAIL_RETRIED_FOR = timedelta(days=4)
"""How long a letter is tried at least (RFC 5321 section 4.5.4.1: "generally needs to be at least 4-5 days")."""
PAGE_PAUSE = timedelta(minutes=1)
"""Between attempts at a page, of which there is no last one: its fault ends them, by an acknowledgement or its end."""
MAIL_DELAYED_AFTER = 6
"""Failed attempts after which an unsent letter is counted as delayed: half an hour after the first, as a rule."""


def pause_after(failures: int, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """Return how long a letter waits after so many failed attempts, of which there is at least one."""
    doubled: int = 2 ** min(failures - 1, 10)
    return min(FIRST_PAUSE * doubled, longest)


def _tries_within(span: timedelta) -> int:
    """Return how many attempts a letter has whose pauses together last at least so long."""
    tries, waited = 1, timedelta()
    while waited < span:
        waited += pause_after(tries)
        tries += 1
    return tries


MAIL_TRIES = _tries_within(MAIL_RETRIED_FOR)
"""Then a letter is given up. Attempts that failed count, and no hours: a sender that stands still gives nothing up."""


@dataclass(frozen=True, slots=True)
class Left:
    """What has left, under the id it was given."""

    id: str
    text: str = ""
    """Of a letter, as its recipient reads it: what is quoted of it later is known by it."""


class Outdated(Exception):
    """What was to be sent has been overtaken by events, such as a page for a fault that is acknowledged."""


def key_of(record: DynamoDBRecord) -> OutboxKey:
    """Return the outgoing item that a stream record is about: itself, or the one it offers again."""
    image = record.dynamodb.new_image if record.dynamodb else None
    keys = record.dynamodb.keys if record.dynamodb else None
    assert image is not None  # the mapping asks for inserts with their new image
    assert keys is not None
    return OutboxKey(ticket=keys["pk"].removeprefix("TICKET#"), item=image.get("of") or keys["sk"])


def deliver(
    key: OutboxKey,
    send: Callable[[OutboxKey, Outgoing, Services], Left],
    services: Services,
    lease: timedelta = LEASE,
) -> None:
    """Send one item unless it is sent, or being sent, already.

    A failure of sending is settled here, by offering the item again later, so that it holds up no
    other; only a failure of the store itself is raised.
    """
    store, now = services.store, services.now()
    leased = store.lease(key, now=now, until=now + lease)
    if leased is None:
        return
    try:
        left = send(key, leased.message, services)
    except Outdated:
        store.mark_failed(key, at=now, error="outdated")
        logger.info("no longer needed", extra={"ticket": key.ticket, "item": key.item})
    except Rejected as rejected:
        _fail(leased, rejected, services)
    except Exception as error:  # noqa: BLE001 - whatever it is, this item is tried again and the next one goes on
        failed("not sent", error, ticket=key.ticket, item=key.item)
        _put_back(leased, error, now, services)
    else:
        _mark_sent(leased, left, services)
        logger.info("sent", extra={"ticket": key.ticket, "item": key.item, "sent_id": left.id})


def _put_back(leased: Leased, error: Exception, now: datetime, services: Services) -> None:
    """Let an item be tried again later, or give a letter up after its last attempt; a person hears of what lasts."""
    failures = leased.failures + 1
    reason = _reason_of(error)
    if isinstance(leased.message, OutgoingPage):
        count(Metric.PAGES_FAILED)
        services.store.put_back(leased.key, again_at=now + PAGE_PAUSE, error=reason)
        return
    if isinstance(error, Refused):
        count(Metric.MAIL_REFUSED)
    if failures >= MAIL_DELAYED_AFTER:
        count(Metric.MAIL_DELAYED)
    if failures >= MAIL_TRIES:
        _fail(leased, error, services)
        return
    longest = LONGEST_PAUSE_IN_DOUBT if isinstance(error, Unanswered) else LONGEST_PAUSE
    services.store.put_back(leased.key, again_at=now + pause_after(failures, longest), error=reason)


def _mark_sent(leased: Leased, left: Left, services: Services) -> None:
    """Record what has left. It cannot be called back, so that this is tried harder than anything else."""
    for tries_left in range(MARKING_TRIES - 1, -1, -1):
        try:
            desk, now = leased.message.desk, services.now()
            services.store.mark_sent(leased.key, desk, at=now, sent_id=left.id, sent_text=left.text)
        except Exception as error:
            failed("sent, and not marked", error, ticket=leased.key.ticket, item=leased.key.item)
            if not tries_left:
                raise
        else:
            return


def _reason_of(error: Exception) -> str:
    """Return what the item keeps of a failure; SES's words may name addresses, so that the log has none of it."""
    return str(error) if isinstance(error, Refused | Rejected) else type(error).__name__


def _fail(leased: Leased, error: Exception, services: Services) -> None:
    """Give a letter up: it stays readable, the alarm sounds, and the team hears that it did not go."""
    message, reason = leased.message, _reason_of(error)
    assert isinstance(message, OutgoingMail)  # pages are not given up
    report_failed_delivery(leased.key.ticket, message.to, reason, leased.key.item, services)
    services.store.mark_failed(leased.key, at=services.now(), error=reason)
    count(Metric.MAIL_FAILED)
    ids = {"ticket": leased.key.ticket, "item": leased.key.item}
    logger.error("given up", extra={**ids, "error": type(error).__name__, "failures": leased.failures})


def report_failed_delivery(number: str, address: str, detail: str, message: str, services: Services) -> None:
    """Record on a ticket that a letter did not reach an address, and tell its team; the same however often."""
    report = c.ReportFailedDelivery(address, detail, message)
    if change_ticket(services.store, number, report, services.now) is None:
        logger.error("a letter failed whose ticket is unknown", extra={"ticket": number})
