"""Addresses: which of them get no mail any more, and what was sent lately because of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from adapters.dynamodb import keys
from adapters.dynamodb.items import body, number, stored, text
from adapters.dynamodb.table import Table
from adapters.dynamodb.writes import Write, delete, if_equal, if_new_or_version, put
from application.storage import Condition, Conflict, SentChange, Suppression
from domain.ticket.restraint import DAY

SENT_KEPT = timedelta(days=2)
"""How long what was sent is kept after no limit looks at it any more."""
REASON_LIMIT = 500
"""Characters kept of the reason why an address is suppressed."""


class Addresses(Table):
    """What the table knows of addresses."""

    def is_suppressed(self, desk: str, address: str) -> bool:
        """Return whether letters to an address are pointless: one GetItem."""
        return self._get(keys.address(desk, address, keys.SUPPRESSED)) is not None

    def suppress(self, desk: str, address: str, *, at: datetime, reason: str) -> None:
        """Remember that letters to an address are pointless: one PutItem, the same however often."""
        item = {
            **keys.address(desk, address, keys.SUPPRESSED),
            "since": text(keys.instant(at)),
            "body": body(Suppression(desk=desk, address=address, since=at, reason=reason[:REASON_LIMIT])),
            **keys.queued(f"{desk}#{keys.SUPPRESSED}", at, address),
        }
        self._client.put_item(TableName=self._table, Item=item)

    def suppressed(self, desk: str) -> Iterator[Suppression]:
        """Return the addresses that a desk writes to no more, the longest suppressed first. The index may lag behind."""
        for item in self._listed(f"{desk}#{keys.SUPPRESSED}"):
            yield stored(item, Suppression)

    def lift(self, desk: str, address: str) -> bool:
        """Let a desk write to an address again: one DeleteItem; False where it was not suppressed."""
        deleted = self._client.delete_item(
            TableName=self._table, Key=keys.address(desk, address, keys.SUPPRESSED), ReturnValues="ALL_OLD"
        )
        return bool(deleted.get("Attributes"))


def lift_write(known: Suppression) -> Write:
    """Delete a suppression as it was read: a later one stays."""
    as_read = if_equal("since", text(keys.instant(known.since)))
    key = keys.address(known.desk, known.address, keys.SUPPRESSED)
    return delete(key, as_read, Conflict(condition=Condition.SUPPRESSION))


def sent_write(change: SentChange) -> Write:
    """Put what was sent lately, until no limit looks at it any more."""
    item = {
        **keys.address(change.desk, change.address, keys.SENT),
        "version": number(change.after.version),
        "body": body(change.after),
    }
    latest = max((sent.at for sent in (*change.after.to_client, *change.after.to_team)), default=None)
    if latest is not None:
        item["expires_at"] = number(int((latest + DAY + SENT_KEPT).timestamp()))
    return put(item, if_new_or_version(change.before.version), Conflict(condition=Condition.SENT))
