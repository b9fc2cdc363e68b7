"""Faults: what each alarm last reported, and the ticket it opened."""

from __future__ import annotations

from adapters.dynamodb import keys
from adapters.dynamodb.items import stored, text
from adapters.dynamodb.table import Table
from adapters.dynamodb.writes import IF_NEW, Write, if_equal, put
from application.storage import Condition, Conflict
from domain.fault import Fault


class Faults(Table):
    """The faults that alarms report."""

    def fault(self, alarm: str) -> Fault | None:
        """Return the fault that an alarm last reported: one GetItem."""
        item = self._get(keys.fault(alarm))
        if item is None:
            return None
        taken = tuple(item["taken"]["S"].split("\n")) if "taken" in item else ()
        return stored(item, Fault).model_copy(update={"taken": taken})


def fault_write(before: Fault | None, after: Fault) -> Write:
    """Return the write of a fault on condition of the change that was read last."""
    item = {
        **keys.fault(after.alarm),
        "changed_at": text(keys.changed_at(after)),
        # An older version of the functions, which may run beside this one, refuses a body with more fields.
        "body": text(after.model_dump_json(exclude={"taken"})),
        **({"taken": text("\n".join(after.taken))} if after.taken else {}),
    }
    as_read = if_equal("changed_at", text(keys.changed_at(before))) if before is not None else IF_NEW
    return put(item, as_read, Conflict(condition=Condition.FAULT))
