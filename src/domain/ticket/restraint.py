"""How much the desk writes by itself on account of one address: what makes two robots fall silent.

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

from domain.findings import Mode, Rule, Value
from domain.ticket.outgoing import Audience, OutgoingMail

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
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

Count = Annotated[int, Field(gt=0)]


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

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.per_ticket_per_hour <= self.per_address_per_hour <= self.per_address_per_day:
            raise ValueError("per_ticket_per_hour up to per_address_per_hour up to per_address_per_day")
        return self


class Written(Value):
    """One letter that the desk wrote by itself."""

    at: datetime
    ticket: str
    writer: str = ""
    """A digest of the address, where letters to several are counted together, as those of a contact form are."""


class SentLately(Value):
    """What the desk wrote by itself on account of one address in the last day; bounded by the limits themselves.

    Every decision to write more is conditional on `version`.
    """

    version: int = 0
    to_client: tuple[Written, ...] = ()
    to_team: tuple[Written, ...] = ()
    notices: tuple[Written, ...] = ()
    """Notices to the team that letters are held back; `ticket` is empty where all of the address are."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a letter does not go: which limit of the edition is reached, and until when."""

    limit: str
    """The limit's key in the edition, or why nothing is answered at all: `null_return_path`, `machine`, `own_address`, `nobodys_form`, `as_request`."""
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
    sent: SentLately
    """As it was read: a letter that is answered by the last one allowed is still put before the team."""
    now: datetime
    unanswered: str = ""
    """Why nothing automatic answers the letter at all (RFC 3834 section 2): see `Hold.limit`."""
    by_form_for: str | None = None
    """The mailbox that a contact form named, empty for none; None where no form sent the letter."""
    counts_client: bool = True
    """False for the act of a specialist: what follows from a person's word is no loop."""

    def hold_on_client(self, ticket: str, sent: SentLately) -> Hold | None:
        """Return why no automatic letter may go to the client of a ticket; None where one may."""
        if not self.counts_client:
            return None
        if self.unanswered:
            return Hold(self.unanswered)
        return max(self._holds_on_client(ticket, sent), key=_end_of, default=None)

    def hold_on(self, mail: OutgoingMail, sent: SentLately) -> Hold | None:
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

    def with_letter(self, sent: SentLately, mail: OutgoingMail) -> SentLately:
        """Return `sent` with a letter that goes now, where it counts."""
        written = Written(at=self.now, ticket=mail.ticket, writer=self._writer)
        if not mail.automatic:
            return sent
        if mail.audience is Audience.CLIENT and self.counts_client:
            return self._updated(sent, to_client=(*sent.to_client, written))
        if mail.kind in ROUTINE:
            return self._updated(sent, to_team=(*sent.to_team, written))
        return sent

    def owes_notice(self, hold: Hold, sent: SentLately) -> bool:
        """Return whether the team is to be told of a hold now: once an hour for an address or ticket."""
        return hold.until is not None and not any(
            self._within(notice, HOUR) and notice.ticket == hold.ticket for notice in sent.notices
        )

    def with_notice(self, sent: SentLately, hold: Hold) -> SentLately:
        """Return `sent` with a notice of a hold that goes to the team now."""
        return self._updated(sent, notices=(*sent.notices, Written(at=self.now, ticket=hold.ticket)))

    def _holds_on_client(self, ticket: str, sent: SentLately) -> Iterator[Hold]:
        rule = self.rule
        written = tuple(one for one in sent.to_client if one.writer == self._writer)
        if self.by_form_for is not None:
            yield from self._reached("per_form_per_hour", rule.per_form_per_hour, sent.to_client, HOUR)
        on_ticket = tuple(one for one in written if one.ticket == ticket)
        yield from self._reached("per_address_per_day", rule.per_address_per_day, written, DAY)
        yield from self._reached("per_address_per_hour", rule.per_address_per_hour, written, HOUR)
        yield from self._reached("per_ticket_per_hour", rule.per_ticket_per_hour, on_ticket, HOUR, ticket)

    def _holds_on_team(self, sent: SentLately) -> Iterator[Hold]:
        by_form = self.by_form_for is not None
        limit = "per_form_per_hour" if by_form else "to_team_per_address_per_hour"
        yield from self._reached(limit, getattr(self.rule, limit), sent.to_team, HOUR)

    @property
    def _writer(self) -> str:
        return sha256(self.by_form_for.encode()).hexdigest()[:12] if self.by_form_for else ""

    def _reached(
        self, limit: str, allowed: int, written: tuple[Written, ...], window: timedelta, ticket: str = ""
    ) -> Iterator[Hold]:
        recent = sorted(one.at for one in written if self._within(one, window))
        if len(recent) >= allowed:
            yield Hold(limit, allowed, recent[-allowed] + window, ticket)

    def _within(self, written: Written, window: timedelta) -> bool:
        return self.now - written.at < window

    def _updated(self, sent: SentLately, **changed: tuple[Written, ...]) -> SentLately:
        """Return `sent` with a change, and without what no limit looks at any more."""
        kept = {"to_client": DAY, "to_team": HOUR, "notices": HOUR}
        lists = {name: changed.get(name, getattr(sent, name)) for name in kept}
        return sent.model_copy(
            update={
                name: tuple(one for one in written if self._within(one, kept[name])) for name, written in lists.items()
            }
        )


def _end_of(hold: Hold) -> datetime:
    assert hold.until is not None  # a limit always has room again
    return hold.until
