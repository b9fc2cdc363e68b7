"""Addresses: which of them get no mail any more, and what was sent lately because of each."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from adapters.dynamodb import keys
from adapters.dynamodb.items import Item, body, number, stored, text
from adapters.dynamodb.table import Table
from adapters.dynamodb.writes import Write, if_equal, if_new_or_version, put
from application.storage import Condition, Conflict, Lift, SentChange, Suppression
from domain.ticket.lately import DAY, LATE_AT_MOST, SentLately

SENT_KEPT = LATE_AT_MOST + DAY + timedelta(days=2)
"""How long what was sent is kept after it was written last: no letter that is handled later is counted with it."""
PROOF_KEPT = timedelta(days=30)
"""How long it is kept when a suppression was lifted. A report of delivery stays in its queue and in that of failures for
14 days at most, and again for as long once it is redriven, as a new message
(docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-configure-dead-letter-queue-redrive.html)."""
REASON_LIMIT = 500
"""Characters kept of the reason why an address is suppressed."""


class Addresses(Table):
    """What the table knows of addresses.

    Of an address that was suppressed and is no more, the item stays for a while with the instant of the proof alone.
    """

    def is_suppressed(self, desk: str, address: str) -> bool:
        """Return whether letters to an address are pointless: one GetItem."""
        return _is_in_force(self._get(keys.address(desk, address, keys.SUPPRESSED)))

    def suppress(self, desk: str, address: str, *, at: datetime, reason: str) -> bool:
        """Remember that letters to an address were pointless at an instant: one conditional PutItem, the same however often.

        False where the address was suppressed or proved since, as a report that is delivered again, or late, finds it.
        """
        item = {
            **keys.address(desk, address, keys.SUPPRESSED),
            "since": text(keys.instant(at)),
            "body": body(Suppression(desk=desk, address=address, since=at, reason=reason[:REASON_LIMIT])),
            **keys.queued(f"{desk}#{keys.SUPPRESSED}", at, address),
        }
        no_later_report = "(attribute_not_exists(since) OR since < :at)"
        no_later_proof = "(attribute_not_exists(proved_at) OR proved_at < :at)"
        return self._put_if(item, f"{no_later_report} AND {no_later_proof}", {":at": text(keys.instant(at))})

    def suppressed(self, desk: str) -> Iterator[Suppression]:
        """Return the addresses that a desk writes to no more, the longest suppressed first. The index may lag behind."""
        for item in self._listed(f"{desk}#{keys.SUPPRESSED}"):
            yield stored(item, Suppression)

    def lift(self, desk: str, address: str, *, at: datetime) -> bool:
        """Let a desk write to an address again, whatever was reported before: one conditional PutItem.

        False where it was not suppressed.
        """
        return self._put_if(_proof(desk, address, at, at), "attribute_exists(since)")

    def sent_lately(self, desk: str, counted_as: str) -> SentLately:
        """Return what a desk wrote by itself lately, by what it is counted under: one GetItem."""
        item = self._get(keys.address(desk, counted_as, keys.SENT))
        return stored(item, SentLately) if item else SentLately()

    def _put_if(self, item: Item, condition: str, values: Item | None = None) -> bool:
        """Put an item on a condition; False where that fails."""
        given: Item = {"ExpressionAttributeValues": values} if values else {}
        try:
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression=condition, **given)
        except self._client.exceptions.ConditionalCheckFailedException:
            return False
        return True


def suppression_in(item: Item | None) -> Suppression | None:
    """Return the suppression that an item holds; None where its address was proved since."""
    return stored(item, Suppression) if item is not None and _is_in_force(item) else None


def lift_write(lift: Lift, at: datetime) -> Write:
    """Put the proof in place of a suppression as it was read: a later one stays."""
    known = lift.before
    as_read = if_equal("since", text(keys.instant(known.since)))
    proof = _proof(known.desk, known.address, lift.proved_at, at)
    return put(proof, as_read, Conflict(condition=Condition.SUPPRESSION))


def _proof(desk: str, address: str, proved_at: datetime, now: datetime) -> Item:
    return {
        **keys.address(desk, address, keys.SUPPRESSED),
        "proved_at": text(keys.instant(proved_at)),
        "expires_at": number(int((now + PROOF_KEPT).timestamp())),
    }


def _is_in_force(item: Item | None) -> bool:
    return item is not None and "since" in item


def sent_write(change: SentChange, at: datetime) -> Write:
    """Put what was sent lately, until no late letter asks about it; what a digest has to tell is kept until it is told."""
    item = {
        **keys.address(change.desk, change.address, keys.SENT),
        "version": number(change.after.version),
        "body": text(change.after.model_dump_json(exclude_defaults=True)),
    }
    if not change.after.withheld:
        item["expires_at"] = number(int((at + SENT_KEPT).timestamp()))
    return put(item, if_new_or_version(change.before.version), Conflict(condition=Condition.SENT))
