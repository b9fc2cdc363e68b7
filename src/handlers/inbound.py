"""`inbound`: a letter has arrived. Reads it, decides at each desk it was addressed to, commits, files it away."""

from __future__ import annotations

from aws_lambda_powertools.utilities.batch import EventType
from aws_lambda_powertools.utilities.data_classes.sqs_event import SQSRecord
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from adapters.mail.reading import read_letter
from adapters.ses.published import ValidationLine
from adapters.ses.received import ReceivedLetter, SetupNotification, parse_notification
from application.ports import Commit, Conflict, LetterKnown, LetterRecord, NumberTaken
from application.receive import take
from domain.addresses import normalise_address, without_plus
from domain.letter import Letter, LetterKind
from domain.regulation.editions import NoEditionInForce, desk_by_address, own_addresses
from handlers import wiring
from handlers.batches import batch_handler
from handlers.observing import Metric, count, failed, logger

TRIES = 6
"""How often a decision is taken anew because somebody else wrote meanwhile."""
NO_DESK = "-"
"""The desk under which letters to nobody are recorded."""
_INVALID = {"ValidationException", "SerializationException", "ValidationError"}
"""What AWS answers to a request that is wrong by itself (AWS general reference, common errors; DynamoDB developer guide,
"Transaction cancellation for writes")."""


def _take(record: SQSRecord) -> None:
    match parse_notification(record.body):
        case SetupNotification(key=key):
            logger.info("SES wrote its setup notification", extra={"key": key})
        case ValidationLine():
            logger.info("SNS checked the subscription")
        case ReceivedLetter() as arrived:
            take_letter(arrived, int((record.get("attributes") or {}).get("ApproximateReceiveCount", 1)))


handler = batch_handler(EventType.SQS, _take)


def take_letter(arrived: ReceivedLetter, receives: int = 1) -> None:
    """Carry one letter to its end, and count an attempt that fails by the letter: `reconcile` sets it aside by that.

    `receives` is how often the queue has handed it out. From the second time on the attempt is counted as it
    begins, so that one which ends together with the function is counted too. What AWS, the deployment or another
    write prevents is no attempt that failed, as far as it can be known: the letter waits in `incoming/` meanwhile.
    """
    name = arrived.key.rpartition("/")[2]
    # What fails here is the deployment's, whatever it raises.
    wiring.mail_store()
    wiring.reply_keys()
    begun = receives > 1
    if begun:
        wiring.store().count_try(name, at=wiring.now())
    try:
        _settle(arrived, name)
    except Exception as error:
        change = int(_lies_in_the_letter(error)) - int(begun)
        if change:
            _count_try(name, change)
        raise


def _lies_in_the_letter(error: Exception) -> bool:
    if isinstance(error, ClientError):
        reasons: list[dict[str, str]] = error.response.get("CancellationReasons", [])  # type: ignore[assignment]  # the stub's union
        codes = {error.response.get("Error", {}).get("Code"), *(reason.get("Code") for reason in reasons)}
        return not _INVALID.isdisjoint(codes)
    if isinstance(error, ParamValidationError):
        return True
    return not isinstance(error, BotoCoreError | Conflict | wiring.NotConfigured | NoEditionInForce)


def _count_try(name: str, change: int) -> None:
    try:
        wiring.store().count_try(name, change, at=wiring.now())
    except Exception as error:  # noqa: BLE001 - the letter's own failure is raised, not that of counting it
        failed("a failed attempt could not be counted", error, letter=name)


def _settle(arrived: ReceivedLetter, name: str) -> None:
    """Carry one letter to its end at every desk it was addressed to, then file it away."""
    ses_id = arrived.envelope.ses_message_id
    letter = read_letter(wiring.mail_store().read(name), arrived.envelope, own_addresses())
    desks = addressed_desks(arrived.envelope.recipients)
    for desk in desks:
        _commit_at(desk, letter)
    if not desks:
        _record_for_nobody(letter)
    folder = "quarantine" if letter.kind is LetterKind.QUARANTINED or not desks else "letters"
    wiring.mail_store().settle(name, f"{folder}/{ses_id}")


def addressed_desks(recipients: tuple[str, ...]) -> tuple[str, ...]:
    """Return the desks that envelope recipients belong to, each once."""
    desks = (desk_by_address(without_plus(normalise_address(recipient))) for recipient in recipients)
    return tuple(dict.fromkeys(desk for desk in desks if desk is not None))


def _commit_at(desk: str, letter: Letter) -> None:
    attempt = 0
    for _ in range(TRIES):
        try:
            commit = _decide_at(desk, letter, attempt)
            if commit is None:
                count(Metric.LETTERS_REDELIVERED)
                return
            wiring.store().commit(commit)
        except LetterKnown:
            count(Metric.LETTERS_REDELIVERED)
            return
        except NumberTaken:
            attempt += 1
        except Conflict:
            continue
        else:
            _tell(commit)
            return
    raise Conflict(f"letter {letter.envelope.ses_message_id} met another write {TRIES} times; it will come again")


def _decide_at(desk: str, letter: Letter, attempt: int) -> Commit | None:
    taken = take(letter, desk, wiring.store(), wiring.reply_keys(), wiring.now(), attempt)
    return taken.commit if taken is not None else None


def _record_for_nobody(letter: Letter) -> None:
    ses_id = letter.envelope.ses_message_id
    record = LetterRecord(
        desk=NO_DESK,
        ses_message_id=ses_id,
        received_at=letter.envelope.received_at,
        kind=letter.kind,
        outcome="quarantined",
        reason="no desk has any of the envelope's recipients",
        location=f"quarantine/{ses_id}",
        needs_attention=True,
        size=letter.size,
    )
    try:
        wiring.store().commit(Commit(at=wiring.now(), letter=record))
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
    change = commit.ticket
    if change is not None and change.before is None:
        count(Metric.TICKETS_OPENED)
        if change.after.reaction is not None and change.after.reaction.undecreed_years:
            count(Metric.UNDECREED_CALENDAR)
