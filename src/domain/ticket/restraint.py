"""How much the desk writes by itself on account of one address, and of all strangers: what makes two robots fall silent.

Headers stop a robot that knows RFC 3834. These limits stop all others, so that a loop ends after a number of
letters that the edition names, whatever was lost on the way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from domain.findings import Mode, Rule
from domain.ticket.lately import (
    COUNTED_AT_MOST,
    DAY,
    HOUR,
    STRANGERS,
    SUBJECT_LIMIT,
    Counts,
    SentLately,
    WithheldLetter,
    Written,
    room_from,
)
from domain.ticket.outgoing import Audience, OutgoingMail

ROUTINE = frozenset({"card", "follow_up", "refused_by_desk"})
"""Letters to the team that a letter from outside causes; warnings, breaches and pages are never held back."""
NULL_PATH = "null_return_path"
"""Why nothing goes to who sent a letter with an empty return path."""
MACHINE = "machine"
"""Why nothing goes to who sent a letter that a machine may have written."""
AS_REQUEST = "as_request"
"""Why nothing goes out for a letter that had been set aside and that a person has called a request."""
NOBODYS_FORM = "nobodys_form"
"""Why nothing goes out for a letter of a contact form that is not verified, or names no client."""
OWN_ADDRESS = "own_address"
"""Why nothing goes to an address of a desk: it would only come back."""
SPF_FAILED = "spf_failed"
"""Why nothing goes to the address of a letter whose sender's domain disowns the server that it came from."""

TO_STRANGERS = "to_strangers_per_hour"
"""The limit of the whole desk: its key in the edition."""
DIGEST_AFTER = timedelta(minutes=5)
"""How long a digest waits where its limit has had room again for long: for the rest of a backlog."""

Count = Annotated[int, Field(gt=0, le=COUNTED_AT_MOST)]


class AutomaticLettersRule(Rule):
    """How many letters the desk writes by itself on account of one address before it falls silent."""

    mode: Literal[Mode.AUTOMATIC] = Mode.AUTOMATIC
    per_ticket_per_hour: Count
    per_address_per_hour: Count
    per_address_per_day: Count
    """Ends what goes round too slowly for an hour's count."""
    per_form_per_hour: Count = 30
    """Letters to all whom a contact form names, and as many cards: anybody can type any address there."""
    to_team_per_address_per_hour: Count
    """Cards and copies of letters that one address causes in the team's mailbox."""
    to_strangers_per_hour: Count = 60
    """Letters of the whole desk to all whose own letters are not proved: borrowed addresses are changed at will."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.per_ticket_per_hour <= self.per_address_per_hour <= self.per_address_per_day:
            raise ValueError("per_ticket_per_hour up to per_address_per_hour up to per_address_per_day")
        return self


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a letter does not go: which limit of the edition is reached, and until when."""

    limit: str
    """The limit's key in the edition, or why nothing is answered at all: `null_return_path`, `machine`, `own_address`, `nobodys_form`, `as_request`, `spf_failed`."""
    allowed: int = 0
    until: datetime | None = None
    """When the limit has room again; None for never."""
    ticket: str = ""
    """The ticket whose letters alone are held back; empty where all of the address are."""


@dataclass(frozen=True, slots=True)
class Restraint:
    """What may still be written because of one letter.

    What a decision has written so far is not kept here: it is passed as `sent`, beginning with what was read.
    """

    address: str
    """The mailbox that causes what is written, normalised; empty where it is counted for no one mailbox."""
    rule: AutomaticLettersRule
    counted_as: str
    """Under what it is counted."""
    sent: Counts
    """As it was read: a letter that is answered by the last one allowed is still put before the team."""
    at: datetime
    """When SES received the letter. However late it is handled, that is when it is counted."""
    unanswered: str = ""
    """Why nothing automatic answers the letter at all (RFC 3834 section 2): see `Hold.limit`."""
    by_form_for: str | None = None
    """The mailbox that a contact form named, empty for none; None where no form sent the letter."""
    counts_client: bool = True
    """False for the act of a specialist: what follows from a person's word is no loop."""
    is_proved: bool = True
    """False for a letter that is not proved to come from its sender: it is counted with those of all strangers too."""

    def hold_on_client(self, ticket: str, sent: Counts) -> Hold | None:
        """Return why no automatic letter may go to the client of a ticket; None where one may."""
        if not self.counts_client:
            return None
        if self.unanswered:
            return Hold(self.unanswered)
        return max(self._holds_on_client(ticket, sent), key=_end_of, default=None)

    def hold_on(self, mail: OutgoingMail, sent: Counts) -> Hold | None:
        """Return why a letter may not go; None where it may. What a specialist wrote always may."""
        if not mail.automatic:
            return None
        if mail.audience is Audience.CLIENT:
            return self.hold_on_client(mail.ticket, sent)
        if mail.kind not in ROUTINE:
            return None
        # A loop must not fill the team's mailbox either: who is not answered is not reported letter by letter.
        holds = (*self._holds_on_client(mail.ticket, self.sent), *self._holds_on_team(sent))
        return max(holds, key=_end_of, default=None)

    def with_letter(self, sent: Counts, mail: OutgoingMail) -> Counts:
        """Return `sent` with a letter that goes now, where it counts."""
        written = Written(at=self.at, ticket=mail.ticket, writer=self._writer)
        if not mail.automatic:
            return sent
        if mail.audience is Audience.CLIENT and self.counts_client:
            if not self.is_proved:
                strangers = _of(sent, STRANGERS).with_written("to_client", Written(at=self.at))
                sent = {**sent, STRANGERS: strangers}
            return {**sent, self.counted_as: self._with_proof(self._own(sent).with_written("to_client", written))}
        if mail.kind in ROUTINE:
            return {**sent, self.counted_as: self._with_proof(self._own(sent).with_written("to_team", written))}
        return sent

    def owes_notice(self, hold: Hold, sent: Counts) -> bool:
        """Return whether the team is to be told of a hold now: once an hour for an address or ticket."""
        return hold.until is not None and not any(
            abs(self.at - notice.at) < HOUR and notice.ticket == hold.ticket
            for notice in _of(sent, self.kept_under(hold)).notices
        )

    def with_notice(self, sent: Counts, hold: Hold) -> Counts:
        """Return `sent` with a notice of a hold that goes to the team now."""
        key, notice = self.kept_under(hold), Written(at=self.at, ticket=hold.ticket)
        return {**sent, key: _of(sent, key).with_written("notices", notice)}

    def kept_under(self, hold: Hold) -> str:
        """Return under what the limit counts that is reached."""
        return STRANGERS if hold.limit == TO_STRANGERS else self.counted_as

    def because_of(self, hold: Hold) -> str:
        """Return the mailbox that causes more than a limit allows; empty where no one mailbox does."""
        return "" if hold.limit == TO_STRANGERS else self.address

    def digest_due(self, hold: Hold, sent: Counts, now: datetime) -> datetime:
        """Return when the team is told of what a hold withholds from it.

        That is when the limit has room again, or soon where it has had room for long; once an hour for an address.
        """
        lately = _of(sent, self.kept_under(hold))
        if lately.digest_due is not None:
            return lately.digest_due
        until = hold.until if hold.until is not None and hold.until > now else now + DIGEST_AFTER
        return max(until, lately.digested_at + HOUR) if lately.digested_at is not None else until

    def with_withheld(self, sent: Counts, mail: OutgoingMail, hold: Hold, due: datetime) -> Counts:
        """Return `sent` with a letter that is withheld from the team until a digest tells of it."""
        subject = " ".join(mail.subject.split())
        letter = WithheldLetter(
            ticket=mail.ticket,
            received_at=self.at,
            kind=mail.kind,
            subject=subject if len(subject) <= SUBJECT_LIMIT else f"{subject[: SUBJECT_LIMIT - 1]}…",
        )
        key = self.kept_under(hold)
        return {**sent, key: _of(sent, key).with_withheld(letter, due)}

    def _holds_on_client(self, ticket: str, sent: Counts) -> Iterator[Hold]:
        own = self._own(sent)
        written = tuple(one for one in own.to_client if one.writer == self._writer)
        if self.by_form_for is not None:
            yield from self._reached("per_form_per_hour", own, own.to_client, HOUR)
        on_ticket = tuple(one for one in written if one.ticket == ticket)
        yield from self._reached("per_address_per_day", own, written, DAY)
        yield from self._reached("per_address_per_hour", own, written, HOUR)
        yield from self._reached("per_ticket_per_hour", own, on_ticket, HOUR, ticket)
        if not self.is_proved:
            strangers = _of(sent, STRANGERS)
            yield from self._reached(TO_STRANGERS, strangers, strangers.to_client, HOUR)

    def _holds_on_team(self, sent: Counts) -> Iterator[Hold]:
        own, by_form = self._own(sent), self.by_form_for is not None
        limit = "per_form_per_hour" if by_form else "to_team_per_address_per_hour"
        yield from self._reached(limit, own, own.to_team, HOUR)

    def _with_proof(self, own: SentLately) -> SentLately:
        is_the_mailboxs = self.address == self.counted_as and self.by_form_for is None
        return own.with_proof(self.at) if self.is_proved and is_the_mailboxs else own

    def _own(self, sent: Counts) -> SentLately:
        return _of(sent, self.counted_as)

    @property
    def _writer(self) -> str:
        return sha256(self.by_form_for.encode()).hexdigest()[:12] if self.by_form_for else ""

    def _reached(
        self, limit: str, lately: SentLately, written: tuple[Written, ...], window: timedelta, ticket: str = ""
    ) -> Iterator[Hold]:
        allowed: int = getattr(self.rule, limit)
        until = room_from((one.at for one in written), allowed, window, self.at, lately.forgotten_until)
        if until > self.at:
            yield Hold(limit, allowed, until, ticket)


def _of(sent: Counts, key: str) -> SentLately:
    return sent.get(key, SentLately())


def _end_of(hold: Hold) -> datetime:
    assert hold.until is not None  # a limit always has room again
    return hold.until
