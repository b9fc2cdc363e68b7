"""`inbound`: a letter has arrived. Reads it, decides at each desk it was addressed to, commits, files it away."""

from __future__ import annotations

from functools import cache, partial

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord

from adapters.mail.reading import read_for_desks
from adapters.ses.published import ValidationLine
from adapters.ses.received import ReceivedLetter, SetupNotification, parse_notification
from application.aside import record_for_nobody
from application.change import commit_decided
from application.ports import Services
from application.receive import receive
from application.recognise import addressed_desks
from application.storage import Commit, LetterKnown
from composition import lambda_handler
from domain.letter import Letter, LetterKind
from handlers.batches import batch_handle
from handlers.meanings import lies_in_the_work, reason_of
from handlers.observing import Metric, count, failed, logger
from handlers.unread import is_any_older


def _take(record: SQSRecord, services: Services) -> None:
    match parse_notification(record.body):
        case SetupNotification(key=key):
            logger.info("SES wrote its setup notification", extra={"key": key})
        case ValidationLine():
            logger.info("SNS checked the subscription")
        case ReceivedLetter() as arrived:
            receives = int((record.get("attributes") or {}).get("ApproximateReceiveCount", 1))
            take_letter(arrived, services, receives)


handle = batch_handle(EventType.SQS, _take)
handler = lambda_handler(handle)


def take_letter(arrived: ReceivedLetter, services: Services, receives: int = 1) -> None:
    """Carry one letter to its end, and count an attempt that fails by the letter: `reconcile` sets it aside by that.

    `receives` is how often the queue has handed it out. From the second time on the attempt is counted as it
    begins, so that one which ends together with the function is counted too. What AWS, the deployment or another
    write prevents is no attempt that failed, as far as it can be known: the letter waits in `incoming/` meanwhile.
    """
    name = arrived.key.rpartition("/")[2]
    # What fails here is the deployment's, whatever it raises.
    _, _ = services.mail_store, services.reply_keys
    begun = receives > 1
    if begun:
        services.store.count_try(name, at=services.now())
    try:
        _settle(arrived, name, services)
    except Exception as error:
        if lies_in_the_work(error):
            _count_try(name, int(not begun), services, reason_of(error))
        elif begun:
            _count_try(name, -1, services)
        raise


def _count_try(name: str, change: int, services: Services, reason: str = "") -> None:
    try:
        services.store.count_try(name, change, at=services.now(), reason=reason)
    except Exception as error:  # noqa: BLE001 - the letter's own failure is raised, not that of counting it
        failed("a failed attempt could not be counted", error, letter=name)


def _settle(arrived: ReceivedLetter, name: str, services: Services) -> None:
    """Carry one letter to its end at every desk it was addressed to, then file it away."""
    ses_id = arrived.envelope.ses_message_id
    letter = read_for_desks(services.mail_store.read(name), arrived.envelope)
    desks = addressed_desks(arrived.envelope.recipients)
    for desk in desks:
        _commit_at(desk, letter, services)
    if not desks:
        _record_for_nobody(letter, services)
    folder = "quarantine" if letter.kind is LetterKind.QUARANTINED or not desks else "letters"
    services.mail_store.settle(name, f"{folder}/{ses_id}")


def _commit_at(desk: str, letter: Letter, services: Services) -> None:
    envelope = letter.envelope
    older_wait = cache(partial(is_any_older, envelope.ses_message_id, envelope.received_at, services))

    def decide_now(numbers_taken: int) -> Commit | None:
        store, keys, now = services.store, services.reply_keys, services.now()
        received = receive(letter, desk, store, keys, now, numbers_taken, older_wait=older_wait)
        return received.commit if received is not None else None

    try:
        commit = commit_decided(services.store, decide_now, f"letter {letter.envelope.ses_message_id}")
    except LetterKnown:
        commit = None
    if commit is None:
        count(Metric.LETTERS_REDELIVERED)
    else:
        _tell(commit)


def _record_for_nobody(letter: Letter, services: Services) -> None:
    try:
        services.store.commit(record_for_nobody(letter, services.now()))
    except LetterKnown:
        return
    count(Metric.LETTERS_QUARANTINED)


def _tell(commit: Commit) -> None:
    record = commit.letter
    assert record is not None  # every commit of this function begins with it
    logger.info(
        "letter settled",
        extra={
            "letter": record.ses_message_id,
            "desk": record.desk,
            "kind": record.kind,
            "outcome": record.outcome,
            "ticket": record.ticket,
        },
    )
    count(Metric.LETTERS_SETTLED)
    if record.outcome == "quarantined":
        count(Metric.LETTERS_QUARANTINED)
    if any(fault.before is None for fault in commit.faults):
        count(Metric.FAULTS_OPENED)
    change = commit.ticket
    if change is not None and change.before is None:
        count(Metric.TICKETS_OPENED)
        if change.after.reaction is not None and change.after.reaction.undecreed_years:
            count(Metric.UNDECREED_CALENDAR)
