"""A decision in the making: what is recorded and what is to be sent, step by step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.addresses import without_plus
from domain.fault.fault import FaultRef
from domain.people import NOBODY, People
from domain.regulation.edition import Edition
from domain.regulation.editions import own_addresses
from domain.russian.wording import moment
from domain.ticket.events import DigestPromised, Event, LetterWithheld
from domain.ticket.evolve import evolve
from domain.ticket.lately import Counts, SentLately
from domain.ticket.outgoing import Audience, Outgoing, OutgoingMail
from domain.ticket.refusals import Refusal
from domain.ticket.restraint import AS_REQUEST, SPF_FAILED, Hold, Restraint
from domain.ticket.ticket import Digest, Ticket
from domain.trust import Deed, may
from domain.writer.authorship import shown_address

DESK = "desk"
"""Who history names where no person acted."""
MAX_TEXT = 20_000
"""Characters of a letter kept in history; the whole of it lies in the bucket."""
MAX_FILES = 50
"""Attachments listed of one letter; the others lie in the bucket with it."""

Params = Mapping[str, str | tuple[str, ...]]
"""What a message fills in."""


@dataclass(frozen=True, slots=True)
class Recount:
    """What was sent lately, as a decision found it and as it makes it."""

    counted_as: str
    """Under what it is counted (see `Counts`)."""
    before: SentLately
    after: SentLately


@dataclass(frozen=True, slots=True)
class Decision:
    """What happened and what is to be sent; nothing of either where the command is refused."""

    ticket: Ticket | None
    """The ticket after the events, `version` not yet raised; None where there is none."""
    events: tuple[Event, ...] = ()
    outgoing: tuple[Outgoing, ...] = ()
    refused: Refusal | None = None
    """Why the command cannot be carried out; None where it was."""
    recounts: tuple[Recount, ...] = ()
    """What the desk wrote by itself lately, where this decision changes it."""


@dataclass(slots=True)
class Draft:
    """Each event is applied as it is recorded, so that the next step sees the ticket it made."""

    edition: Edition
    now: datetime
    state: Ticket | None
    events: list[Event] = field(default_factory=list)
    outgoing: list[Outgoing] = field(default_factory=list)
    restraint: Restraint | None = None
    """What may still be written because of the letter that is decided about; None where no letter is."""
    counts: Counts = field(default_factory=dict)
    """What was sent lately, as it was read: what the decision may change."""
    caller: str | None = None
    """Who acts at the command line: every event of the decision records it."""
    fault: FaultRef | None = None
    """The fault that the ticket reports, or that a report of it has just been placed in; None where it was not read."""
    people: People = NOBODY
    """The people of the desk as they are now."""
    sent: Counts = field(init=False)
    """The same with the steps so far."""

    def __post_init__(self) -> None:
        if self.restraint is not None:
            self.counts = self.restraint.sent
        self.sent = self.counts

    @property
    def ticket(self) -> Ticket:
        """The ticket as the events so far make it."""
        if self.state is None:
            raise RuntimeError("no ticket has been opened yet")
        return self.state

    def record(self, event: Event) -> None:
        """Let an event happen."""
        if self.caller is not None:
            event = event.model_copy(update={"caller": self.caller})
        self.state = evolve(self.state, event)
        self.events.append(event)

    def moment(self, at: datetime) -> str:
        """Return an instant as the desk's letters write it."""
        return moment(at, self.edition.hours.time_zone)

    def term(self, due: datetime, undecreed_years: tuple[int, ...]) -> dict[str, str | tuple[str, ...]]:
        """Return what a letter says of a term: its end, and the years whose decree may still move it."""
        said: dict[str, str | tuple[str, ...]] = {"due": self.moment(due)}
        if undecreed_years:
            said["undecreed"] = tuple(map(str, undecreed_years))
        return said

    def mail_client(
        self,
        kind: str,
        params: Params,
        *,
        clause: str | None,
        automatic: bool = True,
        asked_at: datetime | None = None,
        due: datetime | None = None,
    ) -> None:
        """Write to the recorded requester and nobody else; an alarm has none.

        `asked_at` is the wait that the letter is about, `due` the instant it names (see `OutgoingMail`).
        """
        ticket = self.ticket
        if not self.reaches_client(automatic=automatic):
            return
        self._mail(
            OutgoingMail(
                kind=kind,
                desk=ticket.desk,
                edition=ticket.edition,
                ticket=ticket.id,
                audience=Audience.CLIENT,
                to=ticket.requester.address,
                to_name=ticket.requester.name,
                subject=ticket.subject,
                clause=clause,
                params=dict(params),
                references=ticket.thread,
                automatic=automatic,
                asked_at=asked_at,
                due=due,
            )
        )

    def reaches_client(self, *, automatic: bool) -> bool:
        """Whether a letter to the requester would be written: there is an address, and who is there may be answered."""
        requester = self.ticket.requester
        if not requester.address or not automatic:
            return bool(requester.address)
        if not self.unanswered and without_plus(requester.address) in own_addresses():
            return False  # it would come back, and again
        return may(requester.trust, Deed.BE_ANSWERED)

    def mail_team(
        self,
        kind: str,
        params: Params,
        *,
        clause: str | None = None,
        to: str = "",
        asked_at: datetime | None = None,
        due: datetime | None = None,
    ) -> None:
        """Write to the desk's team, which is addressed as the letter leaves, or to one of its specialists."""
        ticket, desk = self.ticket, self.edition.desk
        self._mail(
            OutgoingMail(
                kind=kind,
                desk=ticket.desk,
                edition=ticket.edition,
                ticket=ticket.id,
                audience=Audience.TEAM,
                to=to,
                to_name="" if to else desk.name,
                subject=ticket.subject,
                clause=clause,
                params=dict(params),
                asked_at=asked_at,
                due=due,
            )
        )

    @property
    def unanswered(self) -> str:
        """Why nothing automatic answers the letter that is decided about; empty where something may."""
        return self.restraint.unanswered if self.restraint is not None else ""

    @property
    def may_be_a_machines(self) -> bool:
        """Whether nobody knows that a person wrote the letter that is decided about: it ends no wait by being there."""
        return self.unanswered not in ("", AS_REQUEST, SPF_FAILED)

    @property
    def holds_back(self) -> bool:
        """Whether a letter to the client that the desk writes by itself would not go now."""
        if self.restraint is None:
            return False
        return self.restraint.hold_on_client(self.ticket.id, self.sent) is not None

    def _mail(self, mail: OutgoingMail) -> None:
        """Let a letter go, or record that it is held back; the first time the team hears of that instead."""
        restraint = self.restraint
        if restraint is None:
            self.outgoing.append(mail)
        elif (hold := restraint.hold_on(mail, self.sent)) is not None:
            self._withhold(mail, hold, restraint)
        else:
            self.outgoing.append(mail)
            self.sent = restraint.with_letter(self.sent, mail)

    def _withhold(self, mail: OutgoingMail, hold: Hold, restraint: Restraint) -> None:
        """Record that a letter does not go. What was for the team is told in a digest, which the first such ticket sends."""
        because_of = restraint.because_of(hold)
        self.record(
            LetterWithheld(
                at=self.now,
                kind=mail.kind,
                audience=mail.audience,
                because_of=because_of,
                limit=hold.limit,
                allowed=hold.allowed,
                until=hold.until,
            )
        )
        if hold.until is None:
            return
        due = restraint.digest_due(hold, self.sent, self.now)
        if mail.audience is Audience.TEAM:
            counted_as = restraint.kept_under(hold)
            if not self.sent.get(counted_as, SentLately()).withheld:
                self.record(DigestPromised(at=self.now, digest=Digest(counted_as=counted_as, due=due)))
            self.sent = restraint.with_withheld(self.sent, mail, hold, due)
        if restraint.owes_notice(hold, self.sent):
            self.sent = restraint.with_notice(self.sent, hold)
            told = {
                "address": shown_address(because_of),
                "limit": hold.limit,
                "allowed": str(hold.allowed),
                "until": self.moment(hold.until),
                "digest": self.moment(due),
            }
            self.mail_team("held_back", told, due=due)

    def decision(self) -> Decision:
        """Return what has been recorded so far."""
        changed = ((key, self.counts.get(key, SentLately()), after) for key, after in self.sent.items())
        recounts = tuple(
            Recount(key, before, after.model_copy(update={"version": before.version + 1}))
            for key, before, after in changed
            if after != before
        )
        return Decision(self.state, tuple(self.events), tuple(self.outgoing), recounts=recounts)
