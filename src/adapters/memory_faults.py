"""Faults in memory, the people of desks and their rota, with every condition that the table in DynamoDB keeps."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from adapters.agenda import FAULT
from adapters.instants import next_instant
from adapters.memory_outbox import MemoryOutbox
from application.storage import (
    Commit,
    Condition,
    Conflict,
    Due,
    FaultChange,
    FaultsChange,
    NumberTaken,
    OutboxKey,
    StandingChange,
)
from domain.fault.alarm import NOWHERE, AlarmPlace, AlarmState, alarm_key
from domain.fault.events import FaultEvent
from domain.fault.fault import DeskFaults, Fault, Member
from domain.people import NOBODY, People
from domain.rota import Rota


class MemoryPeople:
    """The people of desks in dictionaries."""

    def __init__(self) -> None:
        super().__init__()
        self._people: dict[str, People] = {}
        self._rotas: dict[str, Rota] = {}
        self._changes: defaultdict[str, list[tuple[str, int, StandingChange]]] = defaultdict(list)

    def people(self, desk: str) -> People:
        """Return the people of a desk; `NOBODY` where none are entered."""
        return self._people.get(desk, NOBODY)

    def rota(self, desk: str) -> Rota:
        """Return the rota of a desk; an empty one where there is none."""
        return self._rotas.get(desk, Rota())

    def standing(self, desk: str) -> tuple[People, Rota]:
        """Return both."""
        return self.people(desk), self.rota(desk)

    def save_people(self, desk: str, before: People, after: People, change: StandingChange) -> None:
        """Write the people of a desk and what changed; raises Conflict where they are not as they were read."""
        if self.people(desk).version != before.version:
            raise Conflict(condition=Condition.PEOPLE)
        self._people[desk] = after.model_copy(update={"version": before.version + 1})
        self._note(desk, "PEOPLE", before.version + 1, change)

    def save_rota(self, desk: str, before: Rota, after: Rota, change: StandingChange) -> None:
        """Write the rota of a desk and what changed; raises Conflict where it is not as it was read."""
        if self.rota(desk).version != before.version:
            raise Conflict(condition=Condition.ROTA)
        self._rotas[desk] = after.model_copy(update={"version": before.version + 1})
        self._note(desk, "ROTA", before.version + 1, change)

    def _note(self, desk: str, of: str, version: int, change: StandingChange) -> None:
        self._changes[desk].append((of, version, change))

    def standing_changes(self, desk: str) -> Iterator[StandingChange]:
        """Return what was changed of a desk's people and rota, the latest first."""
        ordered = sorted(self._changes.get(desk, ()), key=lambda entry: (entry[2].at, *entry[:2]), reverse=True)
        yield from (change for *_, change in ordered)


class MemoryFaults(MemoryPeople, MemoryOutbox):
    """Faults in dictionaries: the part of `MemoryStore` that gathers reports."""

    def __init__(self) -> None:
        super().__init__()
        self._alarms: dict[str, AlarmState] = {}
        self._faults: dict[str, Fault] = {}
        self._fault_histories: defaultdict[str, list[tuple[int, FaultEvent]]] = defaultdict(list)
        self._members: defaultdict[str, dict[str, Member]] = defaultdict(dict)
        self._desk_faults: dict[str, DeskFaults] = {}

    def alarm_state(self, alarm: str, place: AlarmPlace = NOWHERE) -> AlarmState | None:
        """Return what an alarm of an account and region reported last, or what is stored by its name alone."""
        return self._alarms.get(alarm_key(alarm, place)) or self._alarms.get(alarm)

    def resting_alarm(self, due: Due) -> AlarmState | None:
        """Return the state of an alarm that is in maintenance, by its entry among what comes due."""
        return self._alarms.get(due.ticket)

    def desk_faults(self, desk: str) -> DeskFaults:
        """Return which faults of a desk a report may belong to."""
        return self._desk_faults.get(desk, DeskFaults())

    def fault(self, number: str) -> Fault | None:
        """Return a fault as last committed."""
        return self._faults.get(number)

    def faults(self, numbers: Iterable[str]) -> list[Fault]:
        """Return faults by their numbers, in this order; a number of none is left out."""
        return [self._faults[number] for number in numbers if number in self._faults]

    def fault_history(self, number: str) -> list[tuple[int, FaultEvent]]:
        """Return a fault's whole history in order, each event with the version that committed it."""
        return list(self._fault_histories.get(number, ()))

    def members(self, number: str) -> list[Member]:
        """Return the tickets of a fault, in order of their numbers."""
        return [member for _, member in sorted(self._members.get(number, {}).items())]

    def _fault_conditions(self, commit: Commit) -> Iterator[tuple[Exception, bool]]:
        """Return what the faults of a commit rest on, in the order of the table's writes, and whether it is so."""
        if commit.alarm is not None:
            before, after = commit.alarm
            changed = Conflict(condition=Condition.ALARM)
            yield changed, self._alarms.get(before.key if before else after.key) == before
            yield changed, before is None or before.key == after.key or after.key not in self._alarms
        for change in commit.faults:
            known = self._faults.get(change.after.id)
            if change.before is None:
                taken = NumberTaken(f"another fault has the number {change.after.id}", number=change.after.id)
                yield taken, known is None
            else:
                is_unchanged = known is not None and known.version == change.before.version
                yield Conflict(condition=Condition.FAULT), is_unchanged
        if commit.desk_faults is not None:
            read = commit.desk_faults.before
            lists = Conflict(condition=Condition.FAULTS)
            yield lists, self.desk_faults(commit.desk_faults.desk).version == read.version

    def _write_faults(self, commit: Commit) -> None:
        if commit.alarm is not None:
            before, after = commit.alarm
            if before is not None:
                del self._alarms[before.key]
            self._alarms[after.key] = after
            self._agenda.arm(after.key, FAULT, after.resting.until if after.resting is not None else None)
        for change in commit.faults:
            self._write_fault(change, commit)
        if commit.desk_faults is not None:
            self._write_desk_faults(commit.desk_faults)

    def _write_fault(self, change: FaultChange, commit: Commit) -> None:
        version = change.before.version + 1 if change.before else 1
        fault = self._faults[change.after.id] = change.after.model_copy(update={"version": version})
        self._agenda.arm(fault.id, FAULT, next_instant(fault))
        self._fault_histories[fault.id] += [(version, event) for event in change.events]
        self._members[fault.id] |= {member.ticket: member for member in change.joined}
        for ticket in change.detached:
            self._members[fault.id].pop(ticket, None)
        for place, message in enumerate(change.outgoing):
            self._put(OutboxKey(ticket=fault.id, item=f"OUT#{version:08d}#{place:03d}"), message, commit)

    def _write_desk_faults(self, change: FaultsChange) -> None:
        after = change.after.model_copy(update={"version": change.before.version + 1})
        self._desk_faults[change.desk] = after
