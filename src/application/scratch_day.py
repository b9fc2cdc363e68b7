"""What desks would do with a day's letters: scratch desks take them one after another and forget everything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

from application.change import commit_decided
from application.ports import Committing
from application.receive import KnownTicketsAndFaults, Reception, classify_for, receive
from application.recognise import Writer, read_at_desk
from application.storage import Commit, FaultChange
from domain.client import Recent
from domain.findings import Classification, Outcome
from domain.letter import Letter
from domain.regulation.edition import Edition
from domain.reply_token import ReplyKeys
from domain.ticket.events import TicketOpened
from domain.ticket.ticket import Ticket
from domain.trust import Deed, may

NO_KEYS = ReplyKeys(current="", keys={})
"""Whose token a letter carries is known to the deployed desk alone."""
OWN_ID = "file-"
"""Begins the id of a letter that SES gave none; its own have no dash."""


class ScratchStore(KnownTicketsAndFaults, Committing, Protocol):
    """A store that is thrown away with the day."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """One letter as it reaches a desk."""

    file: str
    letter: Letter
    edition: Edition | None
    """Of the desk that takes it; None where it names no desk."""
    other_desks: tuple[str, ...] = ()
    """Further desks that it was addressed to."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What the desk would do with one letter."""

    arrival: Arrival
    letter: Letter
    """The letter as the desk read it."""
    classification: Classification | None
    """None for a letter that no rule is asked about, because no person wrote it or no desk takes it."""
    outcome: Outcome
    reason: str
    clause: str | None = None
    ticket: Ticket | None = None
    """The ticket after the letter."""
    duplicate_of: str | None = None
    """The file of the earlier letter."""
    listed: bool = False
    """It is neither answered nor a ticket, and is on the list of letters that wait for a person."""
    fault: FaultChange | None = None
    """The critical fault that it reports, as it was before the letter and as it is after."""


class ScratchDay:
    """Letters taken one after another by scratch desks that forget everything afterwards."""

    def __init__(self, store: ScratchStore) -> None:
        self._store = store
        self._opened_by: dict[str, str] = {}
        self._taken: dict[tuple[str, str], str] = {}

    def take(self, arrival: Arrival) -> Explained:
        """Let a letter arrive, and return what follows."""
        letter, edition = arrival.letter, arrival.edition
        if edition is None:
            return Explained(arrival, letter, None, Outcome.IGNORE, "no_desk")
        letter = self._as_of_its_own(letter, edition)
        key = (edition.desk.id, letter.envelope.ses_message_id)
        taken = self._received(letter, edition)
        if taken is None:
            return Explained(arrival, letter, None, Outcome.IGNORE, "redelivery", duplicate_of=self._taken[key])
        self._taken[key] = arrival.file
        if taken.classification is not None:
            return self._explained(arrival, taken)
        record = taken.commit.letter
        assert record is not None  # every letter has one
        reason = record.kind if record.outcome == "ignored" else record.outcome
        return Explained(
            arrival,
            taken.letter,
            self._of_forged(letter, edition),
            Outcome.IGNORE,
            reason,
            listed=record.needs_attention,
        )

    def _received(self, letter: Letter, edition: Edition) -> Reception | None:
        """Let the desk decide and the store remember, as `inbound` does; None for a redelivery."""
        received: Reception | None = None

        def decide_now(numbers_taken: int) -> Commit | None:
            nonlocal received
            now = letter.envelope.received_at
            received = receive(letter, edition.desk.id, self._store, NO_KEYS, now, numbers_taken)
            return _uncounted(received.commit) if received is not None else None

        commit_decided(self._store, decide_now, f"letter {letter.envelope.ses_message_id}")
        return received

    def _of_forged(self, letter: Letter, edition: Edition) -> Classification | None:
        """Return what the rules would say of a letter that is set aside because its sender is forged."""
        if not letter.kind.is_correspondence or may(letter.trust, Deed.BE_TAKEN_UP):
            return None
        read = read_at_desk(letter, edition.desk.id, NO_KEYS)
        return classify_for(read, Writer(""), Recent(), edition=edition)

    def _as_of_its_own(self, letter: Letter, edition: Edition) -> Letter:
        """Give a copy in another file an id of its own, as SES does for a letter sent twice; SES's own id stays."""
        envelope = letter.envelope
        name, copies = envelope.ses_message_id, 1
        if not name.startswith(OWN_ID):
            return letter
        while (edition.desk.id, name) in self._taken:
            copies += 1
            name = f"{envelope.ses_message_id}-{copies}"
        return replace(letter, envelope=replace(envelope, ses_message_id=name))

    def _explained(self, arrival: Arrival, taken: Reception) -> Explained:
        record, change, classification = taken.commit.letter, taken.commit.ticket, taken.classification
        assert classification is not None  # the caller asked
        assert record is not None  # a letter of a person has one,
        assert change is not None  # and a ticket
        ticket = change.after
        repeated = classification.duplicate_of
        duplicate_of = self._opened_by.get(repeated) if repeated is not None else None
        fault = next(iter(taken.commit.faults), None)
        opened = next((event for event in change.events if isinstance(event, TicketOpened)), None)
        if opened is not None:
            self._opened_by[ticket.id] = arrival.file
            ruling = opened.ruling
            return Explained(
                arrival,
                taken.letter,
                classification,
                ruling.outcome,
                ruling.reason,
                ruling.clause,
                ticket,
                duplicate_of,
                fault=fault,
            )
        reason = record.reason or "follow_up"
        assert arrival.edition is not None  # it was committed at a desk
        clause = arrival.edition.rules.duplicates.clause if reason == "duplicate" else None
        return Explained(
            arrival, taken.letter, classification, Outcome.ATTACH, reason, clause, ticket, duplicate_of, fault=fault
        )


def _uncounted(commit: Commit) -> Commit:
    """Return a commit that counts towards no limit: nothing is mailed here, and no stranger has anybody woken."""
    faults = commit.desk_faults
    if faults is not None:
        faults = replace(faults, after=faults.after.model_copy(update={"by_strangers": ()}))
    return replace(commit, sent=(), desk_faults=faults)
