"""Letters whose records are lost: taken up as when they came, in order of receipt, and nothing they cause is mailed.

A table that was restored to an instant knows nothing of the letters settled after it. They are decided about as
`inbound` did, so that each ticket is back under its number, its clocks count from the same receipt, and what a
specialist answered stops them. What the desk writes because of them may have left before: it is listed for a person
(`reglament resend`) in place of being mailed. Pages leave: one that nobody got is worse than one that comes twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from application.aside import NO_DESK, record_for_nobody
from application.change import commit_decided
from application.ports import LetterMissing, Services, Store
from application.receive import receive
from application.recognise import addressed_desks
from application.replay import EnvelopeOf, NotReplayable, Reading
from application.storage import Commit, Conflict, LetterKnown, LetterRecord
from domain.letter import Envelope, Letter
from domain.regulation.editions import desk_ids

HELD = "its letter was taken up after a restore: it may have left before"
"""Why what such a letter causes is not mailed."""


@dataclass(frozen=True, slots=True)
class LostLetter:
    """A letter in the bucket of which the table has no record."""

    envelope: Envelope
    location: str = ""
    """Its key in the bucket; empty where only its name is known."""

    @property
    def name(self) -> str:
        """Return the SES message id."""
        return self.envelope.ses_message_id

    @property
    def desks(self) -> tuple[str, ...]:
        """Return the desks it was addressed to, or the one that stands for nobody."""
        return addressed_desks(self.envelope.recipients) or (NO_DESK,)


def lost_letter(key: str, written_at: datetime, services: Services, envelope_of: EnvelopeOf) -> LostLetter:
    """Return what a letter in the bucket says of itself, by its key or its SES message id.

    `written_at` stands in where it does not say when it came. Raises NotReplayable where it lies nowhere.
    """
    name = key.strip().strip("/").rpartition("/")[2]
    try:
        raw = services.mail_store.read(name)
    except LetterMissing as error:
        raise NotReplayable(str(error)) from error
    return LostLetter(envelope_of(raw, name, written_at), key if "/" in key else "")


def in_order_of_receipt(letters: Iterable[LostLetter]) -> list[LostLetter]:
    """Return letters as they came: an answer after what it answers, the third of a month after the second."""
    return sorted(letters, key=lambda lost: (lost.envelope.received_at, lost.name))


def take_up_unanswered(lost: LostLetter, services: Services, read: Reading) -> tuple[LetterRecord, ...]:
    """Decide about a letter at each desk that has no record of it, and return what became of it everywhere.

    Done again, it returns the same and changes nothing. The letter stays where it lies, unless the decision puts it
    elsewhere. Raises NotReplayable.
    """
    store, mail, name = services.store, services.mail_store, lost.name
    letter = read(mail.read(name), lost.envelope)
    for desk in lost.desks:
        if not _is_handled(desk, name, services.store):
            _commit_held(desk, letter, services)
    records = tuple(record for desk in (*desk_ids(), NO_DESK) if (record := store.letter(desk, name)) is not None)
    if not records:
        raise NotReplayable("no desk took it")
    if lost.location != records[0].location:
        mail.take_back(name)  # what fails between these two, `reconcile` files
        mail.settle(name, records[0].location)
    return records


def _is_handled(desk: str, name: str, store: Store) -> bool:
    """Return whether a desk has a record of a letter; one that names a ticket which is not there is forgotten."""
    record = store.letter(desk, name)
    if record is None:
        return False
    if record.ticket is None or store.ticket(record.ticket) is not None:
        return True
    try:
        store.forget_letter(record)
    except Conflict as error:
        raise NotReplayable("its record was changed by somebody else meanwhile; look again") from error
    return False


def _commit_held(desk: str, letter: Letter, services: Services) -> None:
    def decide_now(numbers_taken: int) -> Commit | None:
        store, now = services.store, services.now()
        if desk == NO_DESK:
            return record_for_nobody(letter, now)
        received = receive(letter, desk, store, services.reply_keys, now, numbers_taken)
        return replace(received.commit, held=HELD) if received is not None else None

    try:
        commit_decided(services.store, decide_now, f"letter {letter.envelope.ses_message_id}")
    except LetterKnown:
        return  # another call came first
    except Conflict as error:
        raise NotReplayable(
            "others write to its ticket or its client, or items of its ticket are left over: `reglament audit` says so"
        ) from error
