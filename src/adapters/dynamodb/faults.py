"""Faults: what each alarm last reported, and the ticket it opened."""

from __future__ import annotations

from collections.abc import Iterator

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, stored, text
from adapters.dynamodb.table import Table
from adapters.dynamodb.writes import IF_NEW, Write, delete, if_equal, put
from application.storage import Condition, Conflict
from domain.fault.alarm import NOWHERE, AlarmPlace, AlarmState, alarm_key


class Faults(Table):
    """The faults that alarms report."""

    def alarm_state(self, alarm: str, place: AlarmPlace = NOWHERE) -> AlarmState | None:
        """Return the fault that an alarm last reported: one GetItem, or two where none is stored for its region yet.

        Earlier versions stored a fault by the name of its alarm alone. The first change that asks for it has it, and
        `alarm_writes` moves it: an alarm of the same name in another region begins for itself then.
        """
        item = self._get(keys.alarm(alarm_key(alarm, place))) or self._get(keys.alarm(alarm))
        if item is None:
            return None
        taken = tuple(item["taken"]["S"].split("\n")) if "taken" in item else ()
        return stored(item, AlarmState).model_copy(update={"taken": taken})


def alarm_writes(before: AlarmState | None, after: AlarmState) -> Iterator[Write]:
    """Return the writes of a fault on condition of the change that was read last; one that was stored by name alone moves."""
    item = {
        **keys.alarm(after.key),
        "changed_at": text(keys.changed_at(after)),
        # An older version of the functions, which may run beside this one, refuses a body with more fields.
        "body": text(after.model_dump_json(exclude={"taken"}, exclude_defaults=True)),
        **({"taken": text("\n".join(after.taken))} if after.taken else {}),
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
