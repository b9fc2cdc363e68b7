"""Faults: the snapshot on condition of its version, the history, the tickets of each, and what alarms reported last."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, body, number, stored, stored_or, text
from adapters.dynamodb.outbox import outgoing_writes
from adapters.dynamodb.table import BATCH_GET_LIMIT, Table
from adapters.dynamodb.writes import IF_NEW, Write, delete, if_equal, if_new_or_version, if_version, put
from adapters.instants import next_instant
from application.storage import Commit, Condition, Conflict, Due, FaultChange, FaultsChange, NumberTaken
from domain.fault.alarm import NOWHERE, AlarmPlace, AlarmState, Resting, alarm_key
from domain.fault.events import FAULT_EVENT, FaultEvent
from domain.fault.fault import DeskFaults, Fault, Member

_BESIDE_THE_BODY = {"taken", "fault", "resting"}
"""Of an alarm's state: an older version of the functions, which may run beside this one, refuses a body with them."""


class Faults(Table):
    """Faults, their tickets, and the alarms that report them."""

    def fault(self, number: str) -> Fault | None:
        """Return a fault as last committed: one consistent GetItem."""
        item = self._get(keys.fault(number))
        return stored(item, Fault) if item else None

    def faults(self, numbers: Iterable[str]) -> list[Fault]:
        """Return faults by their numbers, in this order; a number of none is left out: a BatchGetItem a hundred."""
        wanted = iter(numbers)
        known: list[Fault] = []
        while batch := [keys.fault(number) for number in islice(wanted, BATCH_GET_LIMIT)]:
            got = self._batch_get(batch)
            known += [stored(got[flat], Fault) for flat in map(keys.flat, batch) if flat in got]
        return known

    def desk_faults(self, desk: str) -> DeskFaults:
        """Return which faults of a desk a report may belong to: one consistent GetItem."""
        return desk_faults_in(self._get(keys.desk_faults(desk)))

    def fault_history(self, number: str) -> list[tuple[int, FaultEvent]]:
        """Return a fault's whole history in order, each event with the version that committed it."""
        return [
            (int(item["version"]["N"]), FAULT_EVENT.validate_json(item["body"]["S"]))
            for item in self._query(pk=keys.partition(number), prefix="EVENT#")
        ]

    def members(self, number: str) -> list[Member]:
        """Return the tickets of a fault, in order of their numbers: one Query, of some 200 bytes a ticket."""
        items = self._query(pk=keys.partition(number), prefix="TICKET#")
        return [stored(item, Member) for item in items if "body" in item]

    def alarm_state(self, alarm: str, place: AlarmPlace = NOWHERE) -> AlarmState | None:
        """Return what an alarm reported last: one GetItem, or two where nothing is stored for its region yet.

        Earlier versions stored it by the name of its alarm alone. The first change that asks for it has it, and
        `alarm_writes` moves it: an alarm of the same name in another region begins for itself then.
        """
        item = self._get(keys.alarm(alarm_key(alarm, place))) or self._get(keys.alarm(alarm))
        return _alarm_in(item) if item is not None else None

    def resting_alarm(self, due: Due) -> AlarmState | None:
        """Return the state of an alarm that is in maintenance, by its entry among what comes due; one GetItem."""
        item = self._get(keys.due(due))
        return _alarm_in(item) if item is not None else None

    def alarm_at(self, at: Item) -> AlarmState | None:
        """Return the state of an alarm by its key in the table."""
        item = self._get(at)
        return _alarm_in(item) if item is not None else None


def _alarm_in(item: Item) -> AlarmState:
    beside = {
        "taken": tuple(item["taken"]["S"].split("\n")) if "taken" in item else (),
        "fault": item.get("fault", {}).get("S", ""),
        "resting": Resting.model_validate_json(item["resting"]["S"]) if "resting" in item else None,
    }
    return stored(item, AlarmState).model_copy(update=beside)


def desk_faults_in(item: Item | None) -> DeskFaults:
    """Return which faults an item says that a desk has; one that cannot be read names none: each report pages then."""
    return stored_or(item, DeskFaults)


def fault_writes(change: FaultChange, commit: Commit, shards: int) -> Iterator[Write]:
    """Return the writes of a fault's next version, its events, what it sends, and its tickets that come and go.

    A ticket that is detached keeps an item without `body`: a specialist detaches tickets, and may delete nothing.
    """
    version = change.before.version + 1 if change.before else 1
    after = change.after.model_copy(update={"version": version})
    item = fault_item(after, shards)
    conflict = Conflict(condition=Condition.FAULT)
    if change.before is None:
        yield put(item, IF_NEW, NumberTaken(f"another fault has the number {after.id}", number=after.id))
    else:
        yield put(item, if_version(change.before.version), conflict)
    for place, event in enumerate(change.events):
        entry = {**keys.event(after.id, version, place), "version": number(version), "body": body(event)}
        yield put(entry, IF_NEW, conflict)
    for member in change.joined:
        yield put(member_item(after.id, member))
    for ticket in change.detached:
        yield put({**keys.member(after.id, ticket), "detached_at": text(keys.instant(commit.at))})
    yield from outgoing_writes((after.id, version), change.outgoing, conflict, commit, shards)


def fault_item(fault: Fault, shards: int) -> Item:
    """Return a fault as it is stored, with its place in the index of what is due."""
    item = {**keys.fault(fault.id), "version": number(fault.version), "body": body(fault)}
    if at := next_instant(fault):
        item |= keys.armed(fault.id, at, shards)
    return item


def member_item(fault: str, member: Member) -> Item:
    """Return a ticket of a fault as it is stored."""
    return {**keys.member(fault, member.ticket), "body": body(member)}


def desk_faults_write(change: FaultsChange) -> Write:
    """Return the write of which faults a desk has, on condition of the version that was read."""
    after = change.after.model_copy(update={"version": change.before.version + 1})
    item = {**keys.desk_faults(change.desk), "version": number(after.version), "body": body(after)}
    return put(item, if_new_or_version(change.before.version), Conflict(condition=Condition.FAULTS))


def alarm_writes(before: AlarmState | None, after: AlarmState, shards: int) -> Iterator[Write]:
    """Return the writes of an alarm's state on condition of the one that was read; one that was stored by name alone moves."""
    item = {
        **keys.alarm(after.key),
        "changed_at": text(keys.changed_at(after)),
        "body": text(after.model_dump_json(exclude=_BESIDE_THE_BODY, exclude_defaults=True)),
        **({"taken": text("\n".join(after.taken))} if after.taken else {}),
        **({"fault": text(after.fault)} if after.fault else {}),
        **(_at_rest(after.resting, keys.alarm(after.key), shards) if after.resting is not None else {}),
    }
    conflict = Conflict(condition=Condition.ALARM)
    as_read = IF_NEW
    if before is not None:
        seen: Item = if_equal("changed_at", text(keys.changed_at(before)))
        if before.key == after.key:
            as_read = seen
        else:
            yield delete(keys.alarm(before.key), seen, conflict)
    yield put(item, as_read, conflict)


def _at_rest(resting: Resting, of: Item, shards: int) -> Item:
    until = resting.until
    armed = keys.armed(keys.number_in(of["pk"]["S"]), until, shards) if until is not None else {}
    return {"resting": text(resting.model_dump_json()), **armed}
