"""Letters: what became of each at a desk, which of them a person should look at, and failed attempts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, body, number, stored, text
from adapters.dynamodb.table import Table
from adapters.dynamodb.writes import IF_NEW, Write, delete, if_equal, put
from application.storage import Condition, Conflict, LetterKnown, LetterRecord

TRIES_KEPT = timedelta(days=35)
"""How long attempts at a letter are counted together; its message stays in a queue for 14 days at most."""
REASON_LIMIT = 500
"""Characters kept of why an attempt failed."""


class Letters(Table):
    """The records of letters."""

    def letter(self, desk: str, ses_message_id: str) -> LetterRecord | None:
        """Return what became of a letter at a desk."""
        item = self._get(keys.letter(desk, ses_message_id))
        return stored(item, LetterRecord) if item else None

    def set_aside(self, desk: str) -> Iterator[LetterRecord]:
        """Return the letters of a desk that a person should look at, the oldest first."""
        for item in self._listed(f"{desk}#{keys.ATTENTION}"):
            yield stored(item, LetterRecord)

    def settle_letter(self, record: LetterRecord) -> None:
        """Take a letter off the list of those that a person should look at; the record stays.

        One GetItem and one transaction; raises Conflict where the record has changed since it was read.
        """
        item = _record_item(record.model_copy(update={"needs_attention": False}))
        self._transact([put(item, self._if_unchanged(record), Conflict(condition=Condition.LETTER))])

    def forget_letter(self, record: LetterRecord) -> None:
        """Delete a letter's record, as it was read, and the count of its tries, so that it may be handled again.

        One GetItem and one transaction; raises Conflict where the record has changed or is gone.
        """
        key = keys.letter(record.desk, record.ses_message_id)
        forgotten = delete(key, self._if_unchanged(record), Conflict(condition=Condition.LETTER))
        self._transact([forgotten, delete(keys.tries(record.ses_message_id))])

    def _if_unchanged(self, record: LetterRecord) -> Item:
        """Return the condition that a letter's record is still the one that was read; raises Conflict."""
        item = self._get(keys.letter(record.desk, record.ses_message_id))
        if item is None or stored(item, LetterRecord) != record:
            raise Conflict(condition=Condition.LETTER)
        return if_equal("body", item["body"])

    def count_try(self, ses_message_id: str, change: int = 1, *, at: datetime, reason: str = "") -> None:
        """Count one more attempt at a letter that failed, or take one back, and keep a reason: one UpdateItem."""
        kept: Item = {":reason": text(reason[:REASON_LIMIT])} if reason else {}
        self._client.update_item(
            TableName=self._table,
            Key=keys.tries(ses_message_id),
            UpdateExpression=f"SET expires_at = :expires{', last_error = :reason' if reason else ''} ADD tries :change",
            ExpressionAttributeValues={
                ":change": number(change),
                ":expires": number(int((at + TRIES_KEPT).timestamp())),
                **kept,
            },
        )

    def tries(self, ses_message_id: str) -> int:
        """Return how many attempts at a letter failed: one GetItem."""
        item = self._get(keys.tries(ses_message_id))
        return int(item["tries"]["N"]) if item else 0

    def last_failure(self, ses_message_id: str) -> str:
        """Return why the last attempt at a letter that is counted failed: one GetItem."""
        item = self._get(keys.tries(ses_message_id))
        return item["last_error"]["S"] if item and "last_error" in item else ""


def record_write(record: LetterRecord) -> Write:
    """Return the write of a letter's record; where there is one, the letter was delivered before."""
    known = LetterKnown(f"{record.desk} has a record of letter {record.ses_message_id}")
    return put(_record_item(record), IF_NEW, known)


def _record_item(record: LetterRecord) -> Item:
    item = {**keys.letter(record.desk, record.ses_message_id), "body": body(record)}
    return item | keys.set_aside(record) if record.needs_attention else item
