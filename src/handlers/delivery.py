"""How an outgoing item leaves: leased, sent in one attempt, marked. Shared by `mailer` and `pager`.

Letters to one recipient of a ticket leave in the order in which they were written. One that fails by itself, is
outdated or was given up lets the next one pass; one that fails by an outage is waited for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto

from aws_lambda_powertools.utilities.data_classes.dynamo_db_stream_event import DynamoDBRecord
from botocore.exceptions import BotoCoreError, ClientError

from adapters.aws_errors import SERVER_ERROR, Meaning, code_of, status_of
from adapters.dynamodb.keys import number_in
from adapters.ses.sending import Refused, Rejected, Unanswered
from application.change import change_ticket
from application.left import record_departure
from application.people import NobodyEntered, recipient_of
from application.ports import Services
from application.storage import Departure, Failure, Leased, OutboxKey, Unsent
from domain.fault.numbers import is_fault_number
from domain.ticket import commands as c
from domain.ticket.outgoing import Outgoing, OutgoingMail, OutgoingPage
from handlers.meanings import meaning_of
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
MAIL_TRIES = 20
"""How many attempts have failed at least before a letter is given up, so that a sender which stands still gives none up."""
PAGE_PAUSE = timedelta(minutes=1)
"""Between attempts at a page, of which there is no last one: its fault ends them, by an acknowledgement or its end."""
MAIL_DELAYED_AFTER = 6
"""Failed attempts after which an unsent letter is counted as delayed: half an hour after the first, as a rule."""
TRIED_AGAIN_AFTER = timedelta(minutes=5)
"""A letter that waits after a failure is tried again at once where another has left, but not more often than so."""
RESTS_IN_DOUBT = timedelta(hours=1)
"""How long a letter is not woken that was woken, as others left, and had no answer all the same: each try may be a copy."""
WOKEN_AT_ONCE = 25
"""Delayed letters that one letter which gets through wakes; each of those wakes as many."""


@dataclass(frozen=True, slots=True)
class Left:
    """What has left, under the id it was given."""

    id: str
    worded_at: datetime
    """For when it says what is true: the client's term counts from there to the end that a question names."""
    text: str = ""
    """Of a letter, as its recipient reads it: what is quoted of it later is known by it."""


class Outdated(Exception):
    """What was to be sent has been overtaken by events, such as a page for a fault that is acknowledged."""


class Outcome(Enum):
    """What became of one attempt."""

    LEFT = auto()
    DONE_WITH = auto()
    """Outdated, given up, or nothing to send."""
    FAILED = auto()
    """By the item itself, as far as it can be known."""
    OUTAGE = auto()
    """By what takes or refuses everything alike."""
    TAKEN = auto()
    """No attempt: another has it, or has just settled it."""


Sending = Callable[[Leased, Services], Left]
"""Sends one leased item; raises Outdated, Rejected, or whatever it fails with."""


def pause_after(failures: int, longest: timedelta = LONGEST_PAUSE) -> timedelta:
    """Return how long a letter waits after so many failed attempts, of which there is at least one."""
    doubled: int = 2 ** min(failures - 1, 10)
    return min(FIRST_PAUSE * doubled, longest)


def key_of(record: DynamoDBRecord) -> OutboxKey:
    """Return the outgoing item that a stream record is about: itself, or the one it offers again."""
    image = record.dynamodb.new_image if record.dynamodb else None
    keys = record.dynamodb.keys if record.dynamodb else None
    assert image is not None  # the mapping asks for inserts with their new image
    assert keys is not None
    return OutboxKey(ticket=number_in(keys["pk"]), item=image.get("of") or keys["sk"])


def deliver_in_order(key: OutboxKey, send: Sending, services: Services) -> None:
    """Send a letter after those to the same recipient of its ticket that were written before it and have not left."""
    unsent = services.store.unsent(key)
    own = next((letter for letter in unsent if letter.key == key), None)
    if own is None:
        return
    before = [letter for letter in unsent if letter.key != key and _to_the_same(letter.message, own.message)]
    outcomes = []
    for earlier in before:
        outcomes.append(_outcome_of(earlier, send, services))
        if outcomes[-1] in (Outcome.OUTAGE, Outcome.TAKEN):
            _let_wait(own, earlier.key, services)
            break
    else:
        outcomes.append(deliver(key, send, services))
    if Outcome.LEFT in outcomes:
        now = services.now()
        services.store.wake_delayed(now=now, pause=TRIED_AGAIN_AFTER, at_most=WOKEN_AT_ONCE)


def _to_the_same(one: Outgoing, other: Outgoing) -> bool:
    return isinstance(one, OutgoingMail) and isinstance(other, OutgoingMail) and one.to == other.to


def _outcome_of(earlier: Unsent, send: Sending, services: Services) -> Outcome:
    """Try an earlier letter, where it may be tried now, and return what became of it, or of its last attempt."""
    now = services.now()
    if earlier.leased_until is not None and earlier.leased_until > now:
        return Outcome.TAKEN
    rests = earlier.listed_at is not None and now - earlier.listed_at < TRIED_AGAIN_AFTER
    if rests and earlier.due_at > now:
        return Outcome.OUTAGE if earlier.outage else Outcome.FAILED
    return deliver(earlier.key, send, services)


def _let_wait(letter: Unsent, earlier: OutboxKey, services: Services) -> None:
    """Offer a letter once the one before it has been tried again, or will have been sent, or when another gets through."""
    now = services.now()
    before = next((known for known in services.store.unsent(earlier) if known.key == earlier), None)
    is_failing = before is not None and before.leased_until is None
    until = max(before.due_at, now) + TRIED_AGAIN_AFTER if before is not None and is_failing else now + FIRST_PAUSE
    services.store.let_wait(letter, until=until, since=now - TRIED_AGAIN_AFTER)


def deliver(key: OutboxKey, send: Sending, services: Services, lease: timedelta = LEASE) -> Outcome:
    """Send one item unless it is sent, or being sent, already.

    A failure of sending is settled here, by offering the item again later, so that it holds up no
    other; only a failure of the store itself is raised.
    """
    store, now = services.store, services.now()
    leased = store.lease(key, now=now, until=now + lease)
    if leased is None:
        return Outcome.TAKEN
    try:
        left = send(leased, services)
    except Outdated:
        store.mark_outdated(key, at=now)
        logger.info("no longer needed", extra={"ticket": key.ticket, "item": key.item})
        return Outcome.DONE_WITH
    except Exception as error:  # noqa: BLE001 - whatever it is, this item is tried again and the next one goes on
        if isinstance(error, Rejected) and isinstance(leased.message, OutgoingMail):
            _give_up(leased, error, services)
            return Outcome.DONE_WITH
        failed("not sent", error, ticket=key.ticket, item=key.item)
        return _put_back(leased, error, now, services)
    _mark_sent(leased, left, services)
    logger.info("sent", extra={"ticket": key.ticket, "item": key.item, "sent_id": left.id})
    return Outcome.LEFT


def _put_back(leased: Leased, error: Exception, now: datetime, services: Services) -> Outcome:
    """Let an item be tried again later, or give a letter up after its last attempt; a person hears of what lasts."""
    failures, reason = leased.failures + 1, _reason_of(error)
    outage = _is_outage(error)
    is_own = not outage or (failures >= MAIL_DELAYED_AFTER and _may_be_its_own(error))
    outcome = Outcome.FAILED if is_own else Outcome.OUTAGE
    if isinstance(leased.message, OutgoingPage):
        count(Metric.PAGES_FAILED)
        services.store.put_back(leased.key, Failure(now, now + PAGE_PAUSE, reason, outage=outage, wakes=False))
        return outcome
    if isinstance(error, Refused):
        count(Metric.MAIL_REFUSED)
    if failures >= MAIL_DELAYED_AFTER:
        count(Metric.MAIL_DELAYED)
    if _is_hopeless(leased, failures, now) and not isinstance(error, NobodyEntered):
        _give_up(leased, error, services)
        return Outcome.DONE_WITH
    in_doubt = isinstance(error, Unanswered)
    again_at = now + pause_after(failures, LONGEST_PAUSE_IN_DOUBT if in_doubt else LONGEST_PAUSE)
    rests = RESTS_IN_DOUBT - TRIED_AGAIN_AFTER if in_doubt and leased.was_woken else timedelta()
    services.store.put_back(leased.key, Failure(now, again_at, reason, outage=outage, rests=rests))
    return outcome


def _is_outage(error: Exception) -> bool:
    """Return whether an attempt failed by what takes or refuses every letter alike, as far as it can be known."""
    if isinstance(error, Refused):
        return error.of_account
    meaning = meaning_of(error)
    if meaning is Meaning.UNKNOWN:
        return isinstance(error, ClientError | BotoCoreError)
    return meaning is not Meaning.REQUEST


def _may_be_its_own(error: Exception) -> bool:
    """Return whether what looks like an outage may be the letter's own: SES times out or breaks over it each time.

    The next letter is then tried right after it: in an outage it fails, too. A throttled one says nothing of itself.
    """
    if isinstance(error, ClientError):
        return status_of(error) >= SERVER_ERROR
    return meaning_of(error) is not Meaning.CONFIGURATION and not isinstance(error, Refused)


def _is_hopeless(leased: Leased, failures: int, now: datetime) -> bool:
    """Return whether a letter has failed often enough, and for long enough, to be given up."""
    since = leased.failing_since or now
    return failures >= MAIL_TRIES and now - since >= MAIL_RETRIED_FOR


def _mark_sent(leased: Leased, left: Left, services: Services) -> None:
    """Record what has left. It cannot be called back, so that this is tried harder than anything else."""
    message = leased.message
    departure = Departure(leased.key, message.desk, left.worded_at, left.id, left.text)
    for tries_left in range(MARKING_TRIES - 1, -1, -1):
        try:
            # What others write to the ticket must not cost the mark: a letter without it is sent twice. The term then
            # starts when SES tells that it has delivered the letter (`feedback`).
            if tries_left:
                record_departure(message, departure, services.store)
            else:
                services.store.mark_sent(departure)
        except Exception as error:
            failed("sent, and not marked", error, ticket=leased.key.ticket, item=leased.key.item)
            if not tries_left:
                raise
        else:
            return


def _reason_of(error: Exception) -> str:
    """Return what the item keeps of a failure; SES's words may name addresses, so that the log has none of it."""
    return str(error) if isinstance(error, Refused | Rejected) else code_of(error)


def _give_up(leased: Leased, error: Exception, services: Services) -> None:
    """Give a letter up: it stays readable and listed, the alarm sounds, and the team hears that it did not go."""
    message, reason = leased.message, _reason_of(error)
    assert isinstance(message, OutgoingMail)  # pages are not given up
    lost = c.ReportFailedDelivery(
        recipient_of(message, services.store), reason, leased.key.item, asked_at=message.asked_at
    )
    report_failed_delivery(leased.key.ticket, lost, services)
    services.store.give_up(leased.key, message.desk, at=services.now(), error=reason)
    count(Metric.MAIL_FAILED)
    ids = {"ticket": leased.key.ticket, "item": leased.key.item}
    logger.error("given up", extra={**ids, "error": type(error).__name__, "failures": leased.failures})


def report_failed_delivery(number: str, report: c.ReportFailedDelivery, services: Services) -> None:
    """Record on a ticket that a letter did not reach an address, and tell its team; the same however often.

    A letter about a fault was to the desk's own people: whoever operates the desk learns of it.
    """
    if is_fault_number(number):
        logger.error(
            "a letter to the desk's people did not arrive", extra={"fault": number, "message_id": report.message}
        )
    elif change_ticket(services.store, number, report, services.now) is None:
        logger.error("a letter failed whose ticket is unknown", extra={"ticket": number})
