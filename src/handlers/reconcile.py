"""`reconcile`: letters that stayed in `incoming/` are unfinished work. Files them, offers them again, or sets them aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.s3 import INCOMING, LetterMissing
from adapters.ses_notification import ReceivedLetter, envelope_from_raw, is_setup_object, notification_of
from domain.letter import Envelope
from domain.ports import Commit, LetterKnown, LetterRecord
from handlers import wiring
from handlers.inbound import NO_DESK, addressed_desks
from handlers.observing import Metric, count, failed, logger, metrics

LEFT_ALONE = timedelta(minutes=20)
"""How long `inbound` has for its own retries before a letter counts as left behind."""
TRIES = 10
"""Attempts of `inbound` that failed by the letter itself; then it is set aside in `quarantine/`.

The queue hands a letter out five times (template.yaml, maxReceiveCount): it has been offered again at least once.
"""
TIME_KEPT_MS = 10_000


@logger.inject_lambda_context
@metrics.log_metrics
def handler(_event: dict[str, Any], context: LambdaContext) -> dict[str, int]:
    """Look through `incoming/` once. Returns what was done."""
    done = reconcile(lambda: context.get_remaining_time_in_millis() > TIME_KEPT_MS)
    for name, value in done.items():
        if value:
            count(Metric(name), value)
    return done


def reconcile(has_time: Callable[[], bool]) -> dict[str, int]:
    """Finish the letters left behind while `has_time()` says so; the rest comes with the next run."""
    done = Counter(LettersFiled=0, LettersOfferedAgain=0, LettersWaiting=0, LettersQuarantined=0, ReconcileFailed=0)
    unhandled: list[Envelope] = []
    for name, written_at in wiring.mail_store().incoming():
        if not has_time():
            logger.warning("out of time; the next run goes on")
            break
        if wiring.now() - written_at < LEFT_ALONE:
            continue
        try:
            outcome = _settle(name, written_at)
        except LetterMissing:
            continue  # filed by `inbound` meanwhile
        except Exception as error:  # noqa: BLE001 - whatever it is, the next letter goes on and this one comes with the next run
            failed("a letter could not be reconciled", error, letter=name)
            done["ReconcileFailed"] += 1
            continue
        if isinstance(outcome, Envelope):
            unhandled.append(outcome)
        else:
            done[outcome] += 1
    if unhandled:
        done.update(_offer_again(unhandled))
    return dict(done)


def _settle(name: str, written_at: datetime) -> str | Envelope:
    """File a letter or set it aside and return what to count; return its envelope where `inbound` has to handle it."""
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
    if store.tries(name) < TRIES:
        return envelope
    # One letter lies in one place: where a desk has recorded it already, or else in `quarantine/`.
    settled = next((record.location for record in records if record is not None), f"quarantine/{name}")
    _set_aside(envelope, desks, settled)
    mail.settle(name, settled)
    return "LettersQuarantined"


def _offer_again(letters: Sequence[Envelope]) -> dict[str, int]:
    """Announce letters to `inbound` again, unless its queue holds as many messages: then they wait for their turn."""
    queue = wiring.inbound_queue()
    if queue.waiting() >= len(letters):
        logger.info("letters wait for their turn", extra={"letters": len(letters)})
        return {"LettersWaiting": len(letters)}
    offered, not_offered = 0, 0
    for envelope in letters:
        name = envelope.ses_message_id
        try:
            queue.offer(notification_of(ReceivedLetter(envelope, wiring.setting("MAIL_BUCKET"), f"{INCOMING}{name}")))
        except Exception as error:  # noqa: BLE001 - whatever it is, the next letter goes on and this one comes with the next run
            failed("a letter could not be offered again", error, letter=name)
            not_offered += 1
        else:
            logger.info("offered again", extra={"letter": name})
            offered += 1
    return {"LettersOfferedAgain": offered, "ReconcileFailed": not_offered}


def _set_aside(envelope: Envelope, desks: tuple[str, ...], location: str) -> None:
    for desk in desks:
        record = LetterRecord(
            desk=desk,
            ses_message_id=envelope.ses_message_id,
            received_at=envelope.received_at,
            kind="quarantined",
            outcome="quarantined",
            reason=f"failed in {TRIES} attempts",
            location=location,
            needs_attention=True,
        )
        try:
            wiring.store().commit(Commit(at=wiring.now(), letter=record))
        except LetterKnown:
            continue
