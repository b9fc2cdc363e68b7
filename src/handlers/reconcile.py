"""`reconcile`: letters that stayed in `incoming/` are unfinished work. Files them, offers them again, or sets them aside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

from adapters.s3 import INCOMING
from adapters.ses.raw_letter import envelope_from_raw
from adapters.ses.received import ReceivedLetter, is_setup_object, notification_of
from application.aside import NO_DESK
from application.people import desks_without_people
from application.ports import LetterMissing, Services
from application.recognise import addressed_desks
from application.storage import Commit, LetterKnown, LetterRecord
from composition import lambda_handler
from domain.letter import Envelope
from domain.regulation.editions import desks_without_regulation
from handlers.observing import Metric, count, failed, logger, metrics, reported

LEFT_ALONE = timedelta(minutes=20)
"""How long `inbound` has for its own retries before a letter counts as left behind."""
TRIES = 10
"""Attempts of `inbound` that failed by the letter itself; then it is set aside in `quarantine/`.

The queue hands a letter out five times (template.yaml, maxReceiveCount): it has been offered again at least once.
"""
SET_ASIDE_AT_ONCE = 3
"""More letters than that do not fail at one time each by itself: it is `inbound` that fails, and they wait."""
OFFERED_REGARDLESS = 4
"""Hours; after so many, twice and four times as many and so on a letter is offered again however full the queue is."""
TOGETHER = 200
"""Letters that are looked at before they are finished, so that a run which ends for want of time has finished some."""
TIME_KEPT_MS = 10_000


@logger.inject_lambda_context
@metrics.log_metrics
@reported
def handle(_event: dict[str, Any], context: LambdaContext, services: Services) -> dict[str, int]:
    """Look through `incoming/` once, and at each desk's regulation and people. Returns what was done."""
    for desk in desks_without_regulation(services.now()):
        logger.warning("no edition of the desk is in force: it goes on under the last", extra={"desk": desk})
        count(Metric.REGULATION_ENDED)
    done = reconcile(lambda: context.get_remaining_time_in_millis() > TIME_KEPT_MS, services)
    for desk in desks_without_people(services.store):
        logger.warning("nobody is entered who reads the desk's cards, or nobody who can be woken", extra={"desk": desk})
        count(Metric.DESKS_WITHOUT_PEOPLE)
    for name, value in done.items():
        if value:
            count(Metric(name), value)
    return done


handler = lambda_handler(handle)


def reconcile(has_time: Callable[[], bool], services: Services) -> dict[str, int]:
    """Finish the letters left behind while `has_time()` says so; the rest comes with the next run."""
    done = Counter(
        LettersFiled=0, LettersOfferedAgain=0, LettersWaiting=0, LettersLeftBehind=0, LettersQuarantined=0, ReconcileFailed=0
    )  # fmt: skip
    held = cache(partial(_held, services))  # before any letter was offered again
    unhandled: list[_Unhandled] = []
    for name, written_at in services.mail_store.incoming():
        if not has_time():
            logger.warning("out of time; the next run goes on")
            break
        if services.now() - written_at < LEFT_ALONE:
            continue
        with _counted(done, name):
            letter = _look(name, written_at, services)
            if letter is None:
                done["LettersFiled"] += 1
            else:
                unhandled.append(letter)
        if len(unhandled) == TOGETHER:
            _finish(unhandled, done, held, services)
            unhandled = []
    if unhandled:
        _finish(unhandled, done, held, services)
    return dict(done)


@dataclass(frozen=True, slots=True)
class _Unhandled:
    """A letter that not every desk has recorded."""

    envelope: Envelope
    written_at: datetime
    desks: tuple[str, ...]
    location: str
    """Where a desk has recorded it already, or else in `quarantine/`: one letter lies in one place."""
    tries: int


@contextmanager
def _counted(done: Counter[str], name: str) -> Iterator[None]:
    """Let what fails at one letter be counted, and the next one go on."""
    try:
        yield
    except LetterMissing:
        return  # filed by `inbound` meanwhile
    except Exception as error:  # noqa: BLE001 - whatever it is, the next letter goes on and this one comes with the next run
        failed("a letter could not be reconciled", error, letter=name)
        done["ReconcileFailed"] += 1


def _look(name: str, written_at: datetime, services: Services) -> _Unhandled | None:
    """File a letter that is handled and return None; return what there is to know of one that is not."""
    mail, store = services.mail_store, services.store
    if is_setup_object(name):
        mail.settle(name, f"letters/{name}")
        return None
    envelope = envelope_from_raw(mail.read(name), name, written_at)
    desks = addressed_desks(envelope.recipients) or (NO_DESK,)
    records = [store.letter(desk, name) for desk in desks]
    location = next((record.location for record in records if record is not None), f"quarantine/{name}")
    if all(records):
        mail.settle(name, location)
        return None
    return _Unhandled(envelope, written_at, desks, location, store.tries(name))


def _finish(letters: Sequence[_Unhandled], done: Counter[str], held: Callable[[], int], services: Services) -> None:
    """Set aside the letters that fail by themselves, and announce the others to `inbound` again.

    Those wait for their turn where the queue held at least as many messages as there are letters so far, but not
    for ever: a message may be another's.
    """
    hopeless = [letter for letter in letters if letter.tries > TRIES]  # one attempt may be under way
    if len(hopeless) > SET_ASIDE_AT_ONCE:
        logger.error("several letters fail at one time: none is set aside", extra={"letters": len(hopeless)})
        hopeless = []
    for letter in hopeless:
        with _counted(done, letter.envelope.ses_message_id):
            _set_aside(letter, services)
            done["LettersQuarantined"] += 1
    others = [letter for letter in letters if letter not in hopeless]
    done["LettersLeftBehind"] += len(others)
    is_backlog = bool(others) and held() >= done["LettersLeftBehind"]
    for letter in others:
        if is_backlog and not _is_owed_another(services.now() - letter.written_at):
            done["LettersWaiting"] += 1
            continue
        with _counted(done, letter.envelope.ses_message_id):
            _offer(letter, services)
            done["LettersOfferedAgain"] += 1


def _held(services: Services) -> int:
    """Return how many messages the queue of `inbound` holds; 0 where it cannot be asked, so that all is offered."""
    try:
        return services.inbound_queue.waiting()
    except Exception as error:  # noqa: BLE001 - a letter that is announced twice does no harm
        failed("the queue could not be asked how long it is", error)
        return 0


def _offer(letter: _Unhandled, services: Services) -> None:
    name = letter.envelope.ses_message_id
    arrived = ReceivedLetter(letter.envelope, services.mail_bucket, f"{INCOMING}{name}")
    services.inbound_queue.offer(notification_of(arrived))
    logger.info("offered again", extra={"letter": name, "tries": letter.tries})


def _is_owed_another(age: timedelta) -> bool:
    """Return whether a letter is 4, 8, 16 … hours old, to the hour: then it is offered again in any case."""
    turns, rest = divmod(age // timedelta(hours=1), OFFERED_REGARDLESS)
    return rest == 0 and turns > 0 and turns.bit_count() == 1


def _set_aside(letter: _Unhandled, services: Services) -> None:
    """Record a letter as quarantined at every desk that has not recorded it, then move it."""
    envelope = letter.envelope
    reason = services.store.last_failure(envelope.ses_message_id)
    for desk in letter.desks:
        record = LetterRecord(
            desk=desk,
            ses_message_id=envelope.ses_message_id,
            received_at=envelope.received_at,
            kind="quarantined",
            outcome="quarantined",
            reason=f"failed in {TRIES} attempts{f'; the last: {reason}' if reason else ''}",
            location=letter.location,
            needs_attention=True,
        )
        try:
            services.store.commit(Commit(at=services.now(), letter=record))
        except LetterKnown:
            continue
    services.mail_store.settle(envelope.ses_message_id, letter.location)
