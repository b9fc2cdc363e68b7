"""What the desk wrote by itself lately: what its limits count, and what they withheld from the team.

All is counted by when SES received the letter that caused it. Letters are handled late and in any order, so that a
count looks in both directions, and what is forgotten is known to be.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from domain.findings import Value

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LATE_AT_MOST = timedelta(days=14)
"""How late a letter may be handled and find all that it is counted with: as long as SQS keeps a message at most
(docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html, "Message retention")."""
COUNTED_AT_MOST = 1_000
"""Letters that one list remembers, the latest; no limit may be higher. Two full lists, with the longest ticket numbers
and digests of writers, are some 180 kB, and an item holds 400."""
REMEMBERED = {"to_client": COUNTED_AT_MOST, "to_team": COUNTED_AT_MOST, "notices": 100}
"""How many letters each list remembers; of a notice that is forgotten the team may hear twice."""
DIGEST_LETTERS_AT_MOST = 100
"""Withheld letters that a digest names, some 30 kB; it says how many more there were."""
SUBJECT_LIMIT = 80
"""Characters of a subject in a digest."""
STRANGERS = "strangers"
"""Under what a desk's letters to all whose own letters are not proved are counted; no mailbox and no ticket is called so."""


class Written(Value):
    """One letter that the desk wrote by itself."""

    at: datetime
    """When SES received the letter that caused it."""
    ticket: str = ""
    """Empty where letters about all tickets are counted together."""
    writer: str = ""
    """A digest of the address, where letters to several are counted together, as those of a contact form are."""


class WithheldLetter(Value):
    """A letter to the team that a limit withheld: an entry of the digest that follows."""

    ticket: str
    received_at: datetime
    """When SES received the letter that it would have told of."""
    kind: str
    """Name of the template that would have worded it."""
    subject: str = ""
    """The ticket's subject, secrets masked, shortened."""


class SentLately(Value):
    """What the desk wrote by itself on account of one address, or of all strangers, as far as a late letter may ask.

    Every decision to write more is conditional on `version`. Bounded by `COUNTED_AT_MOST` and `DIGEST_LETTERS_AT_MOST`.
    """

    version: int = 0
    to_client: tuple[Written, ...] = ()
    to_team: tuple[Written, ...] = ()
    notices: tuple[Written, ...] = ()
    """Notices to the team that letters are held back; `ticket` is empty where all of the address are."""
    forgotten_until: datetime | None = None
    """The latest letter that is remembered no more: a window that reaches back to it is taken for full."""
    withheld: tuple[WithheldLetter, ...] = ()
    """What the next digest tells the team; as long as there is any, one ticket is due to send it."""
    withheld_more: int = 0
    """Withheld letters that the next digest only counts."""
    digest_due: datetime | None = None
    """When the next digest is due; None where nothing is withheld."""
    digested_at: datetime | None = None
    """When the last digest was written."""
    proved_at: datetime | None = None
    """When SES received the latest letter that is proved to come from the mailbox; None where none was answered."""

    def with_proof(self, at: datetime) -> SentLately:
        """Return it with the mailbox proved by a letter that SES received at an instant."""
        return self.model_copy(update={"proved_at": max(filter(None, (self.proved_at, at)))})

    def with_written(self, name: str, written: Written) -> SentLately:
        """Return it with one letter more in one of its lists, and without what no late letter may ask about."""
        lists: dict[str, tuple[Written, ...]] = {
            "to_client": self.to_client,
            "to_team": self.to_team,
            "notices": self.notices,
        }
        lists[name] = tuple(sorted((*lists[name], written), key=lambda one: one.at))
        asked_from = max(one.at for each in lists.values() for one in each) - LATE_AT_MOST - DAY
        kept = {each: _asked_about(known, asked_from, REMEMBERED[each]) for each, known in lists.items()}
        dropped = [one.at for each in ("to_client", "to_team") for one in lists[each][: -len(kept[each]) or None]]
        forgotten = max(filter(None, (self.forgotten_until, *dropped)), default=None)
        return self.model_copy(update={**kept, "forgotten_until": forgotten})

    def with_withheld(self, letter: WithheldLetter, due: datetime) -> SentLately:
        """Return it with one letter more for the digest, which is due as it was, or now for the first time."""
        changes: dict[str, object] = {"digest_due": self.digest_due or due}
        if len(self.withheld) < DIGEST_LETTERS_AT_MOST:
            changes["withheld"] = (*self.withheld, letter)
        else:
            changes["withheld_more"] = self.withheld_more + 1
        return self.model_copy(update=changes)

    def digested(self, now: datetime) -> SentLately:
        """Return it after its digest was written."""
        return self.model_copy(update={"withheld": (), "withheld_more": 0, "digest_due": None, "digested_at": now})


Counts = Mapping[str, SentLately]
"""What was sent lately, by what it is counted under: a mailbox, a ticket's number, `nobody`, `STRANGERS`."""


def _asked_about(in_order: tuple[Written, ...], asked_from: datetime, limit: int) -> tuple[Written, ...]:
    """Return the latest letters, as many as are remembered, without those that no late letter asks about."""
    return tuple(one for one in in_order[-limit:] if one.at >= asked_from)


def room_from(
    counted: Iterable[datetime], allowed: int, window: timedelta, at: datetime, forgotten_until: datetime | None
) -> datetime:
    """Return from when on one letter more is within a limit: `at` where it is at once.

    It is where no window of that length which contains the instant holds more than `allowed` then, what was received
    later and handled before included.
    """
    instants = sorted(counted)
    ends = sorted(known + window for known in (*instants, *filter(None, (forgotten_until,))) if known + window > at)
    return next(
        instant
        for instant in (at, *ends)
        if (forgotten_until is None or forgotten_until + window <= instant)
        and _most_around(instant, instants, window) <= allowed
    )


def _most_around(instant: datetime, instants: list[datetime], window: timedelta) -> int:
    """Return how many letters a window that contains an instant holds at most, with one more at that instant."""
    near = sorted((instant, *(known for known in instants if abs(known - instant) < window)))
    most, end = 0, 0
    for place, start in enumerate(near):
        if start > instant:
            break
        while end < len(near) and near[end] - start < window:
            end += 1
        most = max(most, end - place)
    return most
