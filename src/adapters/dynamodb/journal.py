"""The journal: who did at the command line what no ticket's history tells."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, body, stored
from adapters.dynamodb.table import Table
from adapters.dynamodb.writes import put
from application.storage import JournalEntry


class Journal(Table):
    """The entries of the journal, a partition a month of UTC."""

    def note(self, entry: JournalEntry) -> None:
        """Write an entry down, the same however often: a transaction of one, since people may write in no other way."""
        self._transact([put({**_key(entry), "body": body(entry)})])

    def journal(self, month: str) -> Iterator[JournalEntry]:
        """Return the entries of a month, such as `2026-11`, in order of time: one Query a page."""
        for item in self._query(pk=_partition(month), prefix="ENTRY#"):
            yield stored(item, JournalEntry)


def _partition(month: str) -> str:
    return f"JOURNAL#{month}"


def _key(entry: JournalEntry) -> Item:
    at = keys.instant(entry.at)
    one_of_an_instant = hashlib.sha256(entry.model_dump_json().encode()).hexdigest()[:16]
    return keys.key(_partition(at[:7]), f"ENTRY#{at}#{one_of_an_instant}")
