"""What an audit found, looked at again, and what is written where the rest of the table says what is right."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from adapters.audit import faults
from adapters.audit.bucket import LetterBucket
from adapters.audit.facts import fault_stuck, misplaced, unlike_history, waiting
from adapters.dynamodb import DynamoTable, keys
from adapters.dynamodb.faults import fault_item, member_item
from adapters.dynamodb.items import Item, stored, text
from adapters.dynamodb.tickets import ticket_item, unchanged
from adapters.dynamodb.writes import IF_NEW, if_version, put
from adapters.s3 import FOLDERS
from application.audit import Finding, Flaw
from application.storage import (
    Commit,
    Condition,
    Conflict,
    FaultsChange,
    LetterKnown,
    LetterRecord,
    OutboxState,
)
from domain.fault.evolve import ImpossibleEvent, replay_fault
from domain.fault.fault import Fault, Member, Source
from domain.fault.numbers import is_fault_number
from domain.ticket.evolve import replay
from domain.ticket.outgoing import OUTGOING
from domain.ticket.ticket import Ticket

GONE = "it is gone for good: its ticket keeps what was written in it"
"""What helps against a letter of which no version is left."""


class NotRepaired(Exception):
    """What is there does not say what is right; the message says what to do."""


class AuditedTable(DynamoTable):
    """The table of an audit, read again at one place, consistently."""

    def as_it_is(  # noqa: PLR0911 - one arm a flaw
        self, finding: Finding, bucket: LetterBucket, now: datetime
    ) -> Finding | None:
        """Return a finding as it is now; None where it was only being written as the table was read."""
        match finding.flaw:
            case Flaw.LETTER_UNFINISHED:
                return finding if bucket.lies_at(finding.subject) else None
            case Flaw.RECORD_WITHOUT_LETTER:
                return _gone(finding, bucket)
            case Flaw.RECORD_WITHOUT_TICKET | Flaw.HISTORY_WITHOUT_TICKET | Flaw.OUTGOING_WITHOUT_TICKET:
                of_record = finding.flaw is Flaw.RECORD_WITHOUT_TICKET
                number = finding.detail if of_record else finding.subject
                return finding if self._get(_snapshot(number)) is None else None
            case Flaw.TICKET_WITHOUT_RECORD:
                return None if self.has_record(finding.desk, finding.detail) else finding
            case Flaw.HISTORY_INCOMPLETE:
                return finding if self._has_gaps(finding.subject) else None
            case Flaw.FAULT_UNLISTED | Flaw.FAULT_GONE | Flaw.FAULT_WITHOUT_TICKET | Flaw.FAULT_UNLIKE_HISTORY:
                return self._of_fault(finding)
            case (
                Flaw.TICKET_MISPLACED
                | Flaw.FAULT_MISPLACED
                | Flaw.FAULT_OVERDUE
                | Flaw.OUTGOING_NOT_ARMED
                | Flaw.OUTGOING_WAITS
            ):
                return next((again for again in self._of_item(finding, now) if again.flaw is finding.flaw), None)
            case Flaw.PAGE_WAITS | Flaw.ALARM_RINGS_ON:
                return finding if self._is_so(finding) else None
            case Flaw.REFERENCE_TO_NOTHING | Flaw.ITEM_UNREADABLE:
                return finding if self._get(_key(finding)) is not None else None
            case Flaw.LETTER_WITHOUT_RECORD | Flaw.TICKET_WITHOUT_LETTERS:
                return finding

    def has_record(self, desk: str, ses_message_id: str) -> bool:
        """Return whether a desk has a record of a letter, be it one that cannot be read."""
        return self._get(keys.letter(desk, ses_message_id)) is not None

    def _has_gaps(self, number: str) -> bool:
        """Return whether versions of a ticket or a fault have no event; it is read first, so that none is too new."""
        ticket = self._get(_snapshot(number))
        versions = {int(event["version"]["N"]) for event in self._query(pk=keys.partition(number), prefix="EVENT#")}
        return ticket is not None and not versions >= set(range(1, int(ticket["version"]["N"]) + 1))

    def _of_item(self, finding: Finding, now: datetime) -> tuple[Finding, ...]:
        item = self._get(_key(finding))
        if item is None:
            return ()
        if finding.flaw is Flaw.TICKET_MISPLACED:
            return tuple(misplaced(item, stored(item, Ticket), self.shards))
        if finding.flaw in (Flaw.FAULT_MISPLACED, Flaw.FAULT_OVERDUE):
            return tuple(fault_stuck(item, stored(item, Fault), self.shards, now))
        return tuple(waiting(item, finding.subject, finding.desk, now))

    def _is_so(self, finding: Finding) -> bool:
        """Return whether a page has still not left while its fault runs, or an alarm is on and its fault is not open."""
        item, fault = self._get(_key(finding)), self.fault(finding.subject)
        if item is None:
            return False
        if finding.flaw is Flaw.PAGE_WAITS:
            return fault is not None and fault.pages_run and item["state"]["S"] in ("pending", "leased")
        return faults.alarm_row(item) is not None and (fault is None or fault.is_over)

    def _of_fault(self, finding: Finding) -> Finding | None:
        if finding.flaw is Flaw.FAULT_UNLIKE_HISTORY:
            return self._unlike_history(finding)
        is_still: Mapping[Flaw, Callable[[], bool]] = {
            Flaw.FAULT_UNLISTED: lambda: self._is_unlisted(finding),
            Flaw.FAULT_GONE: lambda: self.fault(finding.detail) is None,
            Flaw.FAULT_WITHOUT_TICKET: lambda: self._uncounted(finding) is not None,
        }
        return finding if is_still[finding.flaw]() else None

    def _is_unlisted(self, finding: Finding) -> bool:
        """Return whether a fault is open and its desk does not list it; the fault is read last: it may have ended."""
        listed = self.desk_faults(finding.desk).numbers
        fault = self.fault(finding.subject)
        return fault is not None and not fault.is_over and fault.id not in listed

    def _uncounted(self, finding: Finding) -> Ticket | None:
        """Return the ticket of a finding where it reports a fault that does not count it; the ticket is read last."""
        members = {member.ticket for member in self.members(finding.detail)}
        ticket = self.ticket(finding.subject)
        critical = ticket.critical if ticket is not None else None
        is_of_it = critical is not None and critical.runs and critical.fault == finding.detail
        return ticket if is_of_it and finding.subject not in members else None

    def _unlike_history(self, finding: Finding) -> Finding | None:
        """Return how a fault differs from its history; it is read first, so that none of its events is missing."""
        fault = self.fault(finding.subject)
        return next(iter(unlike_history(fault, self.fault_history(fault.id))), None) if fault is not None else None

    # Repair -------------------------------------------------------------------------------------------------

    def repair(self, finding: Finding, bucket: LetterBucket, now: datetime) -> str | None:
        """Write what follows from what is there and return what was done; None where nothing is done by itself.

        Nothing is mailed by it that was not waiting to be. Raises NotRepaired.
        """
        repairs: Mapping[Flaw, Callable[[], str]] = {
            Flaw.RECORD_WITHOUT_LETTER: lambda: _undeleted(finding, bucket),
            Flaw.TICKET_WITHOUT_RECORD: lambda: self._record(finding, now),
            Flaw.HISTORY_WITHOUT_TICKET: lambda: self._of_history(finding.subject),
            Flaw.TICKET_MISPLACED: lambda: self._place(finding.subject),
            Flaw.FAULT_MISPLACED: lambda: self._arm_fault(finding.subject),
            Flaw.FAULT_WITHOUT_TICKET: lambda: self._count(finding),
            Flaw.FAULT_UNLISTED: lambda: self._list(finding, now),
            Flaw.OUTGOING_NOT_ARMED: lambda: self._arm(finding, now),
            Flaw.ALARM_RINGS_ON: lambda: self._silence(finding, now),
        }
        act = repairs.get(finding.flaw)
        try:
            return act() if act is not None else None
        except (Conflict, LetterKnown) as error:
            raise NotRepaired("it was written meanwhile: audit again") from error
        except (ImpossibleEvent, ValueError) as error:
            raise NotRepaired("an item of it cannot be read: docs/recovery.md, A few items") from error

    def _silence(self, finding: Finding, now: datetime) -> str:
        """Write that an alarm is off: what it says next is news, as after any end."""
        before = self.alarm_at(_key(finding))
        if before is None:
            raise Conflict(condition=Condition.ALARM)
        self.commit(Commit(at=now, alarm=(before, before.model_copy(update={"open": False}))))
        return f"{before.alarm} counts as well"

    def _record(self, finding: Finding, now: datetime) -> str:
        assert finding.at is not None  # the event's
        name = finding.detail
        record = LetterRecord(
            desk=finding.desk,
            ses_message_id=name,
            received_at=finding.at,
            kind="request",
            outcome="message",
            reason="recorded by an audit",
            ticket=finding.subject,
            location=f"letters/{name}",
        )
        self.commit(Commit(at=now, letter=record))
        return f"letter {name} is recorded"

    def _of_history(self, number: str) -> str:
        """Make a ticket or a fault of its history."""
        is_fault = is_fault_number(number)
        if is_fault:
            happened = self.fault_history(number)
            version = _last_version(version for version, _ in happened)
            fault = replay_fault(event for _, event in happened)
            item = fault_item(fault.model_copy(update={"version": version}), self.shards)
        else:
            history = self.history(number)
            version = _last_version(version for version, _ in history)
            ticket = replay(event for _, event in history)
            item = ticket_item(ticket.model_copy(update={"version": version}), self.shards)
        conflict = Conflict(condition=Condition.FAULT if is_fault else Condition.TICKET)
        self._transact([put(item, IF_NEW, conflict)])
        return f"made of its history, version {version}"

    def _place(self, number: str) -> str:
        ticket = self.ticket(number)
        if ticket is None:
            raise Conflict(condition=Condition.TICKET)
        item, conflict = ticket_item(ticket, self.shards), Conflict(condition=Condition.TICKET)
        self._transact([put(item, if_version(ticket.version), conflict)])
        return "in its places"

    def _arm_fault(self, number: str) -> str:
        fault = self.fault(number)
        conflict = Conflict(condition=Condition.FAULT)
        if fault is None:
            raise conflict
        self._transact([put(fault_item(fault, self.shards), if_version(fault.version), conflict)])
        return "armed for its next step"

    def _count(self, finding: Finding) -> str:
        ticket = self._uncounted(finding)
        if ticket is None or ticket.critical is None:
            raise Conflict(condition=Condition.TICKET)
        source = Source.ALARM if ticket.requester.is_alarm else Source.LETTER
        key = ticket.requester.client_key
        member = Member(ticket=ticket.id, at=ticket.critical.since, source=source, reporter=key)
        self._transact([put(member_item(finding.detail, member)), unchanged(ticket)])
        return f"a ticket of {finding.detail}"

    def _list(self, finding: Finding, now: datetime) -> str:
        before = self.desk_faults(finding.desk)
        after = before.model_copy(update={"numbers": (*before.numbers, finding.subject)})
        self.commit(Commit(at=now, desk_faults=FaultsChange(finding.desk, before, after)))
        return "listed: further reports may join it"

    def _arm(self, finding: Finding, now: datetime) -> str:
        armed = keys.armed(finding.subject, now, self.shards)
        updated = self._update_if(
            _key(finding),
            "SET due_shard = :due_shard, due_at = :due_at",
            "#state IN (:pending, :leased) AND (attribute_not_exists(due_at) OR attribute_not_exists(due_shard))",
            {
                ":pending": text(OutboxState.PENDING),
                ":leased": text(OutboxState.LEASED),
                **{f":{name}": value for name, value in armed.items()},
            },
            ExpressionAttributeNames={"#state": "state"},
        )
        if updated is None:
            raise Conflict(condition=Condition.OUTGOING)
        item = self._get(_key(finding))
        kind = OUTGOING.validate_json(item["body"]["S"]).kind if item is not None else ""
        return f"{kind} armed: the next sweep offers it"


def _snapshot(number: str) -> Item:
    """Return the key of a ticket or a fault."""
    return keys.fault(number) if is_fault_number(number) else keys.ticket(number)


def _last_version(versions: Iterable[int]) -> int:
    """Return the last version of a history; raises NotRepaired where it has gaps."""
    known = set(versions)
    last = max(known, default=0)
    if not known or known != set(range(1, last + 1)):
        raise NotRepaired("its history has gaps: docs/recovery.md, A few items")
    return last


def _gone(finding: Finding, bucket: LetterBucket) -> Finding | None:
    """Return whether the letter of a record lies nowhere, and whether a version of it is left."""
    name = finding.subject.rpartition("/")[2]
    if any(bucket.lies_at(f"{folder}{name}") for folder in FOLDERS):
        return None
    deleted = bucket.deleted(finding.subject)
    if deleted is None:
        return replace(finding, remedy=GONE)
    return replace(finding, detail=f"deleted {deleted.deleted_at.isoformat(timespec='seconds')}")


def _undeleted(finding: Finding, bucket: LetterBucket) -> str:
    deleted = bucket.deleted(finding.subject)
    if deleted is None:
        raise NotRepaired(GONE)
    bucket.bring_back(deleted)
    return "brought back"


def _key(finding: Finding) -> Item:
    return keys.key(*finding.key)
