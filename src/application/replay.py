"""How a letter that was set aside, or was left behind, is offered to its desks again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from application.aside import NO_DESK
from application.change import commit_decided
from application.ports import LetterMissing, Services
from application.receive import receive
from application.recognise import addressed_desks
from application.storage import Commit, Conflict, LetterKnown, LetterRecord
from domain.letter import Envelope, Letter, LetterKind, Trust
from domain.regulation.editions import desk_ids, editions

EnvelopeOf = Callable[[bytes, str, datetime], Envelope]
"""Reads the envelope that a raw letter, its SES message id and the time of its arrival give."""
Announcement = Callable[[Envelope, str], str]
"""Words what the queue of `inbound` says of a letter: its envelope, and its key in the bucket."""


Reading = Callable[[bytes, Envelope], Letter]
"""Reads the bytes of a letter."""


class NotReplayable(Exception):
    """The letter cannot be offered again, or need not be; the message says why."""


def offer_again(name: str, services: Services, envelope_of: EnvelopeOf, announcement: Announcement) -> tuple[str, ...]:
    """Bring a letter back to `incoming/`, forget what was recorded of it, and announce it; return its desks.

    In this order: whatever fails on the way, the letter lies in `incoming/`, and `reconcile` finishes it.
    `name` is the SES message id. Raises NotReplayable.
    """
    store, mail = services.store, services.mail_store
    try:
        raw = mail.read(name)
    except LetterMissing as error:
        raise NotReplayable(str(error)) from error
    records = [record for desk in (*desk_ids(), NO_DESK) if (record := store.letter(desk, name)) is not None]
    _refuse_handled(records)
    received_at = min((record.received_at for record in records), default=services.now())
    envelope = _to_all_its_desks(envelope_of(raw, name, received_at), records)
    key = mail.take_back(name)
    try:
        for record in records:
            if _may_be_handled_again(record):
                store.forget_letter(record)
    except Conflict as error:
        raise NotReplayable("its record was changed by somebody else meanwhile; look again") from error
    services.inbound_queue.offer(announcement(envelope, key))
    return addressed_desks(envelope.recipients)


def take_as_request(name: str, services: Services, envelope_of: EnvelopeOf, read: Reading) -> tuple[LetterRecord, ...]:
    """Read a letter that was set aside as a person's request, and return what became of it at each desk.

    Nothing automatic answers it, and its trust stays what it is. Done again, it returns the same and changes nothing.
    On the way the letter lies in `incoming/`: where this ends half-way, `reconcile` has it set aside as before.
    `name` is the SES message id. Raises NotReplayable.
    """
    store, mail = services.store, services.mail_store
    try:
        raw = mail.read(name)
    except LetterMissing as error:
        raise NotReplayable(str(error)) from error
    records = [record for desk in desk_ids() if (record := store.letter(desk, name)) is not None]
    if not records:
        raise NotReplayable("no desk has a record of it")
    waiting = [record for record in records if record.outcome not in ("ticket", "message")]
    if not waiting:
        return tuple(records)
    envelope = envelope_of(raw, name, min(record.received_at for record in records))
    letter = read(raw, envelope)
    if letter.kind is LetterKind.QUARANTINED or not (letter.has_words or letter.text.strip() or letter.attachments):
        raise NotReplayable("it has no words that could be read")
    mail.take_back(name)
    for record in waiting:
        _decide_again(record, letter, services)
    mail.settle(name, f"letters/{name}")
    return tuple(record for desk in desk_ids() if (record := store.letter(desk, name)) is not None)


def _decide_again(record: LetterRecord, letter: Letter, services: Services) -> None:
    store = services.store
    if record.outcome == "forged":
        # The policy that made it so stands in no header: it does not follow from the bytes again.
        letter = replace(letter, trust=Trust.FORGED, trust_evidence=record.reason)

    def decide_now(numbers_taken: int) -> Commit | None:
        arguments = (letter, record.desk, store, services.reply_keys, services.now(), numbers_taken)
        received = receive(*arguments, as_request=True)
        return received.commit if received is not None else None

    try:
        store.forget_letter(record)
        commit_decided(store, decide_now, f"letter {record.ses_message_id}")
    except LetterKnown:
        return  # another call came first
    except Conflict as error:
        raise NotReplayable("its record was changed by somebody else meanwhile; look again") from error


def _refuse_handled(records: Sequence[LetterRecord]) -> None:
    """A letter that is on a ticket ends there again; one that was judged is judged the same again."""
    if not records or any(map(_may_be_handled_again, records)):
        return
    record = records[0]
    if record.ticket is not None and record.outcome in ("ticket", "message"):
        raise NotReplayable(f"it is on ticket {record.ticket} already: see `reglament show {record.ticket}`")
    raise NotReplayable(f"it was read and recorded as {record.outcome} ({record.reason}); it would end so again")


def _may_be_handled_again(record: LetterRecord) -> bool:
    """Only what could not be handled: a replay must not lend trust that a forged letter has not."""
    return record.outcome == "quarantined"


def _to_all_its_desks(envelope: Envelope, records: Sequence[LetterRecord]) -> Envelope:
    """Add the addresses of desks that have a record of the letter, and that its own header does not name."""
    named = {NO_DESK, *addressed_desks(envelope.recipients)}
    addresses = tuple(editions(record.desk)[-1].desk.address for record in records if record.desk not in named)
    return replace(envelope, recipients=(*envelope.recipients, *addresses))
