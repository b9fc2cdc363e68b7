"""What becomes of a letter at one desk: where it belongs, and the commit that records it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from application import notices
from application.aside import lost_letter, set_aside
from application.change import sent_changes, ticket_change
from application.courtesies import closed_too_long_ago, counts_as_a_request, led_by_courtesy
from application.earlier_details import with_details
from application.fault_letters import about_a_fault, fault_answered
from application.past import with_request
from application.placing import Decided, Known, decided
from application.ports import Faults, KnownTickets
from application.recognise import (
    Lead,
    ReadLetter,
    Writer,
    asks_for_people,
    belongs,
    clues_of,
    counted_as,
    is_proved,
    is_somebodys,
    is_the_requesters,
    lead_of,
    mailbox_of,
    read_at_desk,
    read_with,
    with_caution,
    writer_of,
)
from application.repetitions import sketches_in
from application.storage import Commit, Correspondence, Found, LetterRecord, Lift
from domain.addresses import without_plus
from domain.answer_text import answer_text
from domain.client import Recent, Sketch
from domain.findings import Classification
from domain.intake import quota
from domain.intake.classify import classify, rule_on
from domain.intake.duplicates import Compared
from domain.letter import Letter, LetterKind
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_named, own_addresses
from domain.reply_token import ReplyKeys
from domain.specialists import is_specialist, read_answer
from domain.ticket import commands as c
from domain.ticket.decide import Decision
from domain.ticket.events import Closed, SuppressionLifted
from domain.ticket.lately import STRANGERS, SentLately
from domain.ticket.outgoing import Audience
from domain.ticket.restraint import AS_REQUEST, MACHINE, NOBODYS_FORM, NULL_PATH, OWN_ADDRESS, SPF_FAILED, Restraint
from domain.ticket.ticket import Ticket, ticket_id
from domain.trust import Deed, may


class KnownTicketsAndFaults(KnownTickets, Faults, Protocol):
    """What is asked about a letter, and about the fault that it reports: two requests more for one judged critical."""


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything that the decision about a person's letter rests on."""

    read: ReadLetter
    as_sent: Letter
    """The letter before what is history in it was taken out."""
    written: Correspondence
    """What was written on the thread; empty where the letter is not of it."""
    found: Found
    writer: Writer
    recent: Recent
    """The past under which the letter is counted."""
    lead: Lead | None
    thread: Ticket | None
    """The ticket the lead points to, where there is one."""
    original: Ticket | None
    """The ticket that the letter joins as its repetition, where there is one."""
    classification: Classification
    restraint: Restraint
    now: datetime
    store: KnownTicketsAndFaults
    """Where the faults are read of a letter that reports one."""
    older_wait: Callable[[], bool]
    """Tells whether letters are unread that were received before this one; asked only where that matters."""
    numbers_taken: int = 0
    """How many candidates for a new ticket's number belong to other letters."""

    @property
    def letter(self) -> Letter:
        """The letter."""
        return self.read.letter

    def decide(
        self, ticket: Ticket | None, command: c.Command, edition: Edition, restraint: Restraint | None = None
    ) -> Decided:
        """Return what follows from a command on a ticket, and for the fault that it reports, by what is known here."""
        known = Known(self.found.people, self.found.desk_faults, self.numbers_taken)
        return decided(self.store, ticket, command, edition, self.now, restraint or self.restraint, known=known)

    @property
    def came_before(self) -> bool:
        """Whether the thread has a letter of the same Message-ID."""
        return self.lead is not None and (self.letter.message_id, self.lead.ticket) in self.found.by_message_id


def classify_for(
    read: ReadLetter,
    writer: Writer,
    recent: Recent,
    *,
    edition: Edition,
    registry_is_empty: bool = True,
    elsewhere: tuple[Sketch, ...] = (),
) -> Classification:
    """Return what the rules of an edition say of a letter as it was received, given what is known of its writer."""
    found = classify(
        read.letter,
        edition,
        client=writer.client,
        recent=recent,
        now=read.letter.envelope.received_at,
        registry_is_empty=registry_is_empty,
        said=read.said,
        compared=Compared(read.hashes if edition is read.edition else None, elsewhere),
    )
    who = writer.client.id if writer.client else writer.claimed
    if who is None:
        return found
    said = found.identification.model_copy(update={"client_id": who, "client_by": writer.by})
    return found.model_copy(update={"identification": said})


@dataclass(frozen=True, slots=True)
class Reception:
    """What is to be committed for a letter, and what the rules said of it."""

    commit: Commit
    letter: Letter
    """The letter as the desk read it: what is history in it is known."""
    classification: Classification | None = None
    """None for a letter that no rule was asked about."""


def receive(
    letter: Letter,
    desk: str,
    store: KnownTicketsAndFaults,
    keys: ReplyKeys,
    now: datetime,
    numbers_taken: int = 0,
    *,
    as_request: bool = False,
    older_wait: Callable[[], bool] = lambda: False,
) -> Reception | None:
    """Read what a letter's decision at a desk rests on, in at most three requests, and decide.

    Returns None for a redelivery. `numbers_taken` counts the candidates for a ticket's number that belong to other
    letters. `as_request` is a person's word that a letter which was set aside is a request. `older_wait` tells whether
    letters are unread that were received before this one. Raises NoEditionInForce.
    """
    read = read_at_desk(letter, desk, keys, as_request=as_request)
    found = store.find(clues_of(read))
    if found.record is not None:
        return None
    if asks_for_people(read, found.people):
        read = read_at_desk(letter, desk, keys, people=found.people, as_request=as_request)
    if (fault := fault_answered(read, found)) is not None:
        return Reception(about_a_fault(read, found, fault, store, now, numbers_taken), read.letter)
    lead = lead_of(read, found)
    thread = next((ticket for ticket in found.tickets if lead and ticket.id == lead.ticket), None)
    unread = lead.ticket if lead and thread is None else None
    if read.said is None or not (may(letter.trust, Deed.BE_TAKEN_UP) or read.as_request):
        if unread is not None:
            thread = store.ticket(unread)
        lost = lost_letter(read.letter, lead, thread, found)
        return Reception(set_aside(read, thread, lost, now, found.people), read.letter)
    writer = writer_of(read.letter, found)
    if read.letter.by_form and not as_request and read.letter.message_id in dict(found.by_message_id):
        come_back = replace(
            read, letter=replace(read.letter, kind=LetterKind.OWN, kind_evidence="sent from here", kind_by_words=True)
        )
        return Reception(set_aside(come_back, thread, None, now), read.letter)
    recent, answered = store.situation(desk, writer.client_key, unread)
    thread = thread or answered
    written = store.correspondence(thread.id) if thread and belongs(read, lead, thread, writer) else Correspondence()
    as_sent = read.letter
    read = with_caution(read_with(read, written))
    classification = classify_for(
        read,
        writer,
        recent,
        edition=read.edition,
        registry_is_empty=not found.has_clients,
        elsewhere=sketches_in(found.statements),
    )
    if lead is None:
        lead, thread = led_by_courtesy(read, recent, classification, store)
    if (
        read.letter.unanswered
        and not read.as_request
        and not is_somebodys(read, writer, thread, classification, found.people)
    ):
        return Reception(set_aside(read, thread, None, now), read.letter)
    original = _original(classification, thread, store)
    counted = counted_as(read, thread, found.people)
    restraint = Restraint(
        counted if counted in (mailbox_of(read.letter), read.letter.by_form) else "",
        read.edition.automatic_letters,
        counted,
        {key: found.sent.get(key, SentLately()) for key in (counted, STRANGERS)},
        read.letter.envelope.received_at,
        unanswered=_unanswered(read),
        by_form_for=mailbox_of(read.letter) if read.letter.by_form else None,
        is_proved=is_proved(read.letter),
    )
    situation = Situation(
        read,
        as_sent,
        written,
        found,
        writer,
        recent,
        lead,
        thread,
        original,
        classification,
        restraint,
        now,
        store,
        older_wait,
        numbers_taken,
    )
    return Reception(with_details(_settled(situation), read, writer, recent), read.letter, classification)


def _original(found: Classification, thread: Ticket | None, store: KnownTickets) -> Ticket | None:
    """Return the ticket that a letter joins because it repeats what opened it; one that is only suggested is not read."""
    repeats = found.finding("duplicates")
    if found.duplicate_of is None or repeats is None or not repeats.decides:
        return None
    return thread if thread and thread.id == found.duplicate_of else store.ticket(found.duplicate_of)


def _unanswered(read: ReadLetter) -> str:
    """Return why nothing automatic answers a letter at all; empty where something may."""
    letter = read.letter
    if letter.by_form and letter.sender is None:
        return NOBODYS_FORM
    if letter.sender is not None and without_plus(letter.sender.address) in own_addresses():
        return OWN_ADDRESS
    if read.as_request:
        return AS_REQUEST
    if letter.null_path:
        return NULL_PATH
    if letter.unanswered:
        return MACHINE
    return SPF_FAILED if letter.spf_failed else ""


def _settled(situation: Situation) -> Commit:
    """Return the commit for a letter of a person: a new ticket, or a message on one.

    The edition in force as the letter came rules; a ticket that the letter joins keeps to its own.
    """
    letter, lead, thread = situation.letter, situation.lead, situation.thread
    specialist = is_specialist(letter, situation.found.people)
    if thread is not None and lead is not None:
        to_team = lead.audience is Audience.TEAM
        by_token = lead.by == "token" and may(letter.trust, Deed.JOIN_BY_TOKEN)
        if to_team and specialist and situation.came_before:
            # A signature stays good on a copy: anyone who has one, a server that tries twice included, may send it again.
            return _noted(situation, thread, notices.SENT_AGAIN, "sent_again")
        if to_team and (specialist or by_token):
            return _specialist_wrote(situation, thread, trusted=specialist)
        by_requester = is_the_requesters(letter, thread, situation.writer)
        if specialist and not by_requester:
            return _noted(situation, thread, notices.NOT_TO_THE_CARD, "specialist_elsewhere")
        joins = by_token or (by_requester and may(letter.trust, Deed.JOIN_OWN_TICKET))
        if joins and not closed_too_long_ago(thread, letter):
            return _added(situation, thread, by_requester=by_requester)
    original = situation.original
    if original is not None and not closed_too_long_ago(original, letter):
        return _added(situation, original, by_requester=True, duplicate=True)
    return _opened(situation)


def _opened(situation: Situation) -> Commit:
    letter, edition, found = situation.letter, situation.read.edition, situation.classification
    writer, recent = situation.writer, situation.recent
    number = ticket_id(edition.desk.prefix, edition.desk.id, letter.envelope.ses_message_id, situation.numbers_taken)
    command = c.OpenByLetter(
        ticket=number,
        letter=letter,
        client_key=writer.client_key,
        classification=found,
        ruling=rule_on(found, edition),
        linked=situation.thread.id if situation.thread else None,
    )
    whole = situation.decide(None, command, edition)
    if _refuses_by_quota(whole.decision) and situation.older_wait():
        found = found.model_copy(update={"findings": tuple(map(quota.unsettled, found.findings))})
        command = replace(command, classification=found, ruling=rule_on(found, edition))
        whole = situation.decide(None, command, edition)
    opened = _recorded(situation, None, whole, "ticket")
    counts = counts_as_a_request(found)
    return with_request(opened, situation.read, writer, recent, situation.found, counts=counts)


def _added(situation: Situation, ticket: Ticket, *, by_requester: bool, duplicate: bool = False) -> Commit:
    read, writer = situation.read, situation.writer
    edition, found = edition_named(ticket.desk, ticket.edition), situation.classification
    if edition is not read.edition:
        found = classify_for(
            read,
            writer,
            situation.recent,
            edition=edition,
            registry_is_empty=not situation.found.has_clients,
        )
    command = c.AddLetter(
        read.letter,
        found,
        duplicate=duplicate,
        by_requester=by_requester,
        same_client=writer.client is not None and writer.client.has_address(ticket.requester.address),
    )
    whole = situation.decide(ticket, command, edition)
    if _refuses_by_quota(whole.decision) and situation.older_wait():
        command = replace(command, older_wait=True)
        whole = situation.decide(ticket, command, edition)
    return _recorded(situation, ticket, whole, "message", "duplicate" if duplicate else "")


def _refuses_by_quota(decision: Decision) -> bool:
    """Return whether the desk is about to refuse because of a count, in which letters that are unread may come first."""
    return any(isinstance(event, Closed) and event.reason == quota.EXCEEDED for event in decision.events)


def _specialist_wrote(situation: Situation, ticket: Ticket, *, trusted: bool) -> Commit:
    letter, written = situation.letter, situation.written
    if not trusted or letter.sender is None:
        return _noted(situation, ticket, notices.UNVERIFIED, "unverified_specialist")
    if letter.by_program is not None:
        return _noted(situation, ticket, notices.by_program(letter.by_program), "by_program")
    to_client = [sent.text for sent in written.sent if sent.audience is Audience.CLIENT]
    to_team = [sent.text for sent in written.sent if sent.audience is Audience.TEAM]
    said = answer_text(situation.as_sent, written.received, to_client, to_team)
    command = read_answer(replace(letter, visible_text=said.text), said, situation.found.people)
    restraint = replace(situation.restraint, counts_client=False, unanswered="")
    whole = situation.decide(ticket, command, edition_named(ticket.desk, ticket.edition), restraint)
    if whole.decision.refused is not None:
        return _noted(situation, ticket, notices.not_carried_out(whole.decision.refused), "act_refused")
    held = isinstance(command, c.HoldAnswer)
    return _recorded(situation, ticket, whole, "message", "answer_held" if held else "specialist")


def _noted(situation: Situation, ticket: Ticket, why: str, reason: str) -> Commit:
    note, edition = c.AddNote(situation.letter, why), edition_named(ticket.desk, ticket.edition)
    return _recorded(situation, ticket, situation.decide(ticket, note, edition), "message", reason)


def _recorded(situation: Situation, before: Ticket | None, whole: Decided, outcome: str, reason: str = "") -> Commit:
    """Return the commit of a decision on a ticket, its fault and what the desk wrote because of the letter's sender included."""
    decision, letter, desk = whole.decision, situation.letter, situation.read.edition.desk.id
    ses_id = letter.envelope.ses_message_id
    change = ticket_change(before, decision)
    assert change is not None  # a letter always leaves its mark
    record = LetterRecord(
        desk=desk,
        ses_message_id=ses_id,
        received_at=letter.envelope.received_at,
        kind=letter.kind,
        outcome=outcome,
        reason=reason,
        ticket=change.after.id,
        location=f"letters/{ses_id}",
        size=letter.size,
    )
    written = sent_changes(desk, decision)
    spared, received_at = situation.found.suppression, letter.envelope.received_at
    commit = Commit(
        at=situation.now, letter=record, ticket=change, faults=whole.faults, desk_faults=whole.desk, sent=written
    )
    if spared is None or spared.since >= received_at or not may(letter.trust, Deed.LIFT_A_SUPPRESSION):
        return commit
    # A sender who was proved after that is written to again.
    lifted = SuppressionLifted(at=situation.now, address=spared.address, since=spared.since, reason=spared.reason)
    change = replace(change, events=(*change.events, lifted))
    return replace(commit, ticket=change, lifted=Lift(spared, received_at))
