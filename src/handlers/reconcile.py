"""`reconcile`: letters that stayed in `incoming/` are unfinished work. Files them, offers them again, or sets them aside."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.s3 import INCOMING, LetterMissing
from adapters.ses_notification import ReceivedLetter, envelope_from_raw, is_setup_object, notification_of
from domain.letter import Envelope
from domain.ports import Commit, LetterKnown, LetterRecord
from handlers import wiring
from handlers.inbound import NO_DESK, addressed_desks
from handlers.observing import count, failed, logger, metrics

LEFT_ALONE = timedelta(minutes=20)
"""How long `inbound` has for its own retries before a letter counts as left behind."""
TRIES = 3
"""How often a letter is offered again before it is set aside in `quarantine/`."""
TIME_KEPT_MS = 10_000


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Look through `incoming/` once. Returns what was done."""
    done = reconcile(lambda: context.get_remaining_time_in_millis() > TIME_KEPT_MS)
    for name, value in done.items():
        if value:
            count(name, value)
    return done


def reconcile(has_time: Callable[[], bool]) -> dict[str, int]:
    """Finish the letters left behind while `has_time()` says so; the rest comes with the next run."""
    done = {"LettersFiled": 0, "LettersOfferedAgain": 0, "LettersQuarantined": 0, "ReconcileFailed": 0}
    now = wiring.now()
    for name, written_at in wiring.mail_store().incoming():
        if not has_time():
            logger.warning("out of time; the next run goes on")
            break
        if now - written_at < LEFT_ALONE:
            continue
        try:
            done[_settle(name, written_at)] += 1
        except LetterMissing:
            continue  # filed by `inbound` meanwhile
        except Exception as error:  # noqa: BLE001 - whatever it is, the next letter goes on and this one comes with the next run
            failed("a letter could not be reconciled", error, letter=name)
            done["ReconcileFailed"] += 1
    return done


def _settle(name: str, written_at: datetime) -> str:
    mail, store = wiring.mail_store(), wiring.store()
    if is_setup_object(name):
        mail.settle(name, f"letters/{name}")
        return "LettersFiled"
    envelope = envelope_from_raw(mail.read(name), name, written_at)
    desks = addressed_desks(envelope.recipients) or (NO_DESK,)
    records = [store.letter(desk, name) for desk in desks]
    if all(records):
        mail.settle(name, next(record.location for record in records if record is not None))
        return "LettersFiled"
    tries = store.count_try(name)
    if tries > TRIES:
        # One letter lies in one place: where a desk has recorded it already, or else in `quarantine/`.
        settled = next((record.location for record in records if record is not None), f"quarantine/{name}")
        _set_aside(envelope, desks, settled)
        mail.settle(name, settled)
        return "LettersQuarantined"
    wiring.inbound_queue().offer(
        notification_of(ReceivedLetter(envelope, wiring.setting("MAIL_BUCKET"), f"{INCOMING}{name}"))
    )
    logger.info("offered again", extra={"letter": name, "tries": tries})
    return "LettersOfferedAgain"


def _set_aside(envelope: Envelope, desks: tuple[str, ...], location: str) -> None:
    for desk in desks:
        record = LetterRecord(
            desk=desk,
            ses_message_id=envelope.ses_message_id,
            received_at=envelope.received_at,
            kind="quarantined",
            outcome="quarantined",
            reason=f"could not be handled in {TRIES} tries",
            location=location,
            needs_attention=True,
        )
        try:
            wiring.store().commit(Commit(at=wiring.now(), letter=record))
        except LetterKnown:
            continue
