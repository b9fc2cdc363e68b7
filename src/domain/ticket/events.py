"""What happened to a ticket: the entries of its history, from which the ticket itself follows.

One module, for whatever reads a history has an arm for each of them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from domain.fault.fault import News
from domain.findings import Category, Classification, Finding, Identification, Ruling, Value
from domain.intake.courtesy import Courtesy
from domain.letter import Attachment, Trust
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import (
    CloseOutcome,
    CriticalClock,
    Digest,
    LapseClock,
    OwedAnswer,
    Priority,
    ReactionClock,
    Requester,
    Status,
)
from domain.ticket.timers import TimerKind


class Happened(Value):
    """What all events have: the instant, aware, UTC, and who made it happen by the command line."""

    at: datetime
    caller: str | None = Field(default=None, exclude_if=lambda caller: caller is None)
    """Who acted at the command line, by the credentials (see `domain.caller`); `by` is the name that was given.

    None for what came by mail or by itself, and for what earlier versions recorded; then it is not stored, so that they
    read it.
    """


class TicketOpened(Happened):
    """A letter, or an alarm, became a ticket."""

    type: Literal["ticket_opened"] = "ticket_opened"
    ticket: str
    desk: str
    edition: str
    requester: Requester
    subject: str
    origin: str
    """SES message id of the letter, or the alarm's name."""
    classification: Classification
    ruling: Ruling


class LetterAdded(Happened):
    """A letter joined the ticket; the one it was opened by is the first."""

    type: Literal["letter_added"] = "letter_added"
    letter: str
    """SES message id; the raw letter lies in the bucket under it."""
    message_id: str | None = None
    sender: str
    sender_name: str = ""
    trust: Trust
    role: Literal["requester", "specialist", "other"]
    text: str
    """What was written now, the signature, and the letter sent on under a line of its own; secrets are masked."""
    set_apart: str = ""
    """What was taken for correspondence and is no known history; secrets are masked."""
    attachments: tuple[Attachment, ...] = ()
    duplicate: bool = False
    courtesy: Courtesy | None = None
    """What the letter is that is nothing else and was handled as such; None for any other."""
    root: str | None = None
    """Its thread at its sender's (see `Letter.root_of_thread`): letters of the same thread join the ticket."""

    @property
    def known_by(self) -> tuple[str, ...]:
        """By what later letters find the ticket: this letter's Message-ID, and its thread."""
        return tuple(filter(None, (self.message_id, self.root)))

    @property
    def whole_text(self) -> str:
        """All of its text that a person can see on the ticket."""
        return f"{self.text}\n{self.set_apart}" if self.set_apart else self.text


class DetailsGiven(Happened):
    """The client said more about itself."""

    type: Literal["details_given"] = "details_given"
    identification: Identification


class FindingsRevised(Happened):
    """A later letter changed what the rules say of the request."""

    type: Literal["findings_revised"] = "findings_revised"
    findings: tuple[Finding, ...]
    category: Category


class ReactionPromised(Happened):
    """The promise of a reaction counts, from `clock.counted_from`."""

    type: Literal["reaction_promised"] = "reaction_promised"
    clock: ReactionClock


class Reacted(Happened):
    """A specialist acted: the reaction clock stops."""

    type: Literal["reacted"] = "reacted"
    by: str
    act: str


class SpecialistWrote(Happened):
    """A specialist wrote to the client, or noted something for the desk alone."""

    type: Literal["specialist_wrote"] = "specialist_wrote"
    by: str
    text: str
    to_client: bool = True


class AnswerHeld(Happened):
    """A specialist's letter was not sent to the client, since it may not be meant for him: the team decides."""

    type: Literal["answer_held"] = "answer_held"
    by: str
    letter: str
    """SES message id of the letter."""
    text: str
    """What one word releases; empty where nothing of the letter may go as it is."""
    reason: str
    act: str = "reply"
    """What is done with the text then."""
    clause: str | None = None


class AnswerReleased(Happened):
    """The letter held last goes to the client after all. `at` is when the word was received."""

    type: Literal["answer_released"] = "answer_released"
    by: str
    letter: str
    """SES message id of the letter that was held."""


class WaitStarted(Happened):
    """The desk asked the client something and waits."""

    type: Literal["wait_started"] = "wait_started"
    by: str
    clock: LapseClock
    missing: tuple[str, ...] = ()


class TermStarted(Happened):
    """The client's term counts by this clock: the question has left, or a new term was given."""

    type: Literal["term_started"] = "term_started"
    clock: LapseClock


class WaitEnded(Happened):
    """The client answered, or a specialist went on without an answer."""

    type: Literal["wait_ended"] = "wait_ended"
    returns_to: Status


class LapseSuspended(Happened):
    """A letter that a machine may have written came while the desk waits: silence does not close the ticket any more."""

    type: Literal["lapse_suspended"] = "lapse_suspended"


class LapseCorrected(Happened):
    """The ticket had not lapsed: a letter received within the term was read after the closing. The desk waits as before."""

    type: Literal["lapse_corrected"] = "lapse_corrected"
    letter: str
    """SES message id of the letter."""
    received_at: datetime
    clock: LapseClock


class BreachCorrected(Happened):
    """What a specialist did was received in time, and read after somebody was found late."""

    type: Literal["breach_corrected"] = "breach_corrected"
    breach: Literal[TimerKind.REACTION_BREACH, TimerKind.CRITICAL_BREACH]
    by: str
    received_at: datetime


class AnswerOwed(Happened):
    """A client wrote and waits for an answer that no clock promises: a specialist, then the team, is reminded."""

    type: Literal["answer_owed"] = "answer_owed"
    owed: OwedAnswer


class TimerFired(Happened):
    """An instant came due. `at` is when it was noticed, `due` when it was meant."""

    type: Literal["timer_fired"] = "timer_fired"
    timer: TimerKind
    due: datetime
    clause: str | None
    next_page_at: datetime | None = None
    """This and the next are of the pages that an earlier version sent for the ticket alone."""
    escalations: int = 0
    """The pages to the escalation contact so far, with that of this event; 0 where it adds none."""


class Closed(Happened):
    """The ticket ended."""

    type: Literal["closed"] = "closed"
    by: str
    outcome: CloseOutcome
    reason: str
    clause: str | None = None


class Reopened(Happened):
    """A closed ticket is worked on again."""

    type: Literal["reopened"] = "reopened"
    by: str
    reason: str


class CriticalRaised(Happened):
    """The ticket reports a critical fault, which pages until somebody acknowledges it."""

    type: Literal["critical_raised"] = "critical_raised"
    clock: CriticalClock


class CriticalAdopted(Happened):
    """The ticket reports this fault from now on: an earlier version paged for it alone, or a specialist says so."""

    type: Literal["critical_adopted"] = "critical_adopted"
    fault: str
    by: str = ""
    """The specialist; empty where nobody said so."""


class CriticalAcknowledged(Happened):
    """Somebody has taken the critical fault in hand."""

    type: Literal["critical_acknowledged"] = "critical_acknowledged"
    by: str


class CriticalWithdrawn(Happened):
    """It is no critical fault, or no longer one."""

    type: Literal["critical_withdrawn"] = "critical_withdrawn"
    by: str
    reason: str


class FaultTold(Happened):
    """The ticket was told what became of its fault. `at` is when that became true."""

    type: Literal["fault_told"] = "fault_told"
    fault: str
    news: News
    by: str
    by_letter: bool
    """Whether the requester is written to on this ticket; on another one of the requester's otherwise, or not at all."""


class PrioritySet(Happened):
    """A specialist changed the priority."""

    type: Literal["priority_set"] = "priority_set"
    by: str
    priority: Priority


class SuggestionSettled(Happened):
    """A specialist confirmed or overturned what a rule found."""

    type: Literal["suggestion_settled"] = "suggestion_settled"
    by: str
    rule: str
    confirmed: bool


class DeliveryFailed(Happened):
    """A letter of ours did not arrive."""

    type: Literal["delivery_failed"] = "delivery_failed"
    address: str
    detail: str
    message: str
    """Sort key of the outgoing item, or the id that SES gave it."""


class LetterWithheld(Happened):
    """A letter that the desk would have written by itself was not, so that no two robots go on writing."""

    type: Literal["letter_withheld"] = "letter_withheld"
    kind: str
    """Name of the template that would have worded it."""
    audience: Audience
    because_of: str
    """The mailbox whose letters cause more than the edition allows, normalised; empty for changing or no senders."""
    limit: str
    """Key in the edition's table `automatic_letters`, or why such a letter is not answered at all (`restraint.Hold`)."""
    allowed: int
    until: datetime | None
    """When the limit has room again; None for never."""


class DigestPromised(Happened):
    """A letter to the team was withheld, the first since the last digest: the ticket sends the next one."""

    type: Literal["digest_promised"] = "digest_promised"
    digest: Digest


class DigestSent(Happened):
    """The team was told of what had been withheld from it."""

    type: Literal["digest_sent"] = "digest_sent"
    counted_as: str
    letters: int
    """How many letters it tells of."""


class SuppressionLifted(Happened):
    """The requester's address, spared after a bounce or a complaint, wrote and was proved: it is written to again."""

    type: Literal["suppression_lifted"] = "suppression_lifted"
    address: str
    since: datetime
    reason: str


class Linked(Happened):
    """The ticket belongs together with another."""

    type: Literal["linked"] = "linked"
    ticket: str


class ClocksRecomputed(Happened):
    """The production calendar was corrected: running clocks have new instants."""

    type: Literal["clocks_recomputed"] = "clocks_recomputed"
    reaction: ReactionClock | None
    lapse: LapseClock | None


Event = (
    TicketOpened
    | LetterAdded
    | DetailsGiven
    | FindingsRevised
    | ReactionPromised
    | Reacted
    | SpecialistWrote
    | AnswerHeld
    | AnswerReleased
    | WaitStarted
    | TermStarted
    | WaitEnded
    | LapseSuspended
    | LapseCorrected
    | BreachCorrected
    | AnswerOwed
    | TimerFired
    | Closed
    | Reopened
    | CriticalRaised
    | CriticalAdopted
    | CriticalAcknowledged
    | CriticalWithdrawn
    | FaultTold
    | PrioritySet
    | SuggestionSettled
    | DeliveryFailed
    | LetterWithheld
    | DigestPromised
    | DigestSent
    | SuppressionLifted
    | Linked
    | ClocksRecomputed
)

EVENT: TypeAdapter[Event] = TypeAdapter(Annotated[Event, Field(discriminator="type")])
"""Reads an event back from what was stored."""
