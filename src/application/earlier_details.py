"""What is remembered of who writes: the details that a letter from a proved address gives, for its next request."""

from __future__ import annotations

from dataclasses import replace

from application.recognise import ReadLetter, Writer
from application.storage import Commit, RecentChange
from domain.client import Recent
from domain.intake.earlier import kept_with, not_forgotten
from domain.trust import Deed, may


def with_details(commit: Commit, read: ReadLetter, writer: Writer, recent: Recent) -> Commit:
    """Return a commit that remembers the details a letter gives, and forgets those given too long ago.

    `recent` is the past that was read under the writer's key. What is given in an answer is remembered like what
    opens a request; a letter that gives nothing new writes nothing more.
    """
    letter, rule = read.letter, read.edition.rules.identification
    at = letter.envelope.received_at
    kept = after = not_forgotten(recent, rule, at)
    ticket = commit.ticket.after if commit.ticket is not None else None
    if (
        rule.remembered_days
        and ticket is not None
        and read.said is not None
        and letter.sender is not None
        and letter.sender.address == ticket.requester.address
        and may(letter.trust, Deed.USE_THE_CLIENTS_PAST)
    ):
        after = kept_with(kept, read.said, address=letter.sender.address, ticket=ticket.id, at=at)
    if commit.recent is not None:
        past = commit.recent.after.model_copy(update={"details": after})
        return replace(commit, recent=replace(commit.recent, after=past))
    if after == kept or not recent.requests:
        return commit
    past = recent.model_copy(update={"version": recent.version + 1, "details": after})
    return replace(commit, recent=RecentChange(read.edition.desk.id, writer.client_key, recent, past))
