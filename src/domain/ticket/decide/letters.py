"""A letter of a client: a new ticket, an answer, a repetition."""

from __future__ import annotations

from datetime import datetime

from domain.findings import Category, Classification, Identification, Outcome, Surety
from domain.intake import identification, quota
from domain.intake.classify import mask_secrets, ruling_of
from domain.intake.courtesy import Courtesy
from domain.intake.identification import still_missing
from domain.letter import Letter, Trust
from domain.specialists import is_specialist
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.decide.courtesies import ask_again, note_on, plain_courtesy, settles_as_courtesy, suspend_the_lapse
from domain.ticket.decide.critical import (
    critical_evidence,
    is_critical,
    pages_by_itself,
    raise_critical,
    settle_with_the_fault,
    suspected_in,
)
from domain.ticket.decide.draft import DESK, MAX_FILES, Draft, Params
from domain.ticket.decide.silences import owe_answer
from domain.ticket.decide.unprompted import (
    acknowledge,
    ask_by_itself,
    attachments,
    promise_reaction,
    refuse_by_itself,
    send_card,
    set_apart_in,
    shown_apart,
    written_in,
)
from domain.ticket.ticket import CloseOutcome, LapseClock, Requester, Status, Ticket
from domain.trust import Deed, may
from domain.writer.authorship import not_the_requester, who_wrote

DETAILS_ASKED_AT_MOST = 2
"""How often the desk asks for details by itself before it leaves the question to a specialist."""
REPEATS_ANSWERED = 3
"""How often a client is told that a letter was a repetition: a robot that sends it again is answered no more."""


def open_by_letter(draft: Draft, command: c.OpenByLetter) -> None:
    """A letter becomes a ticket: asked about, refused, or promised a reaction; paged first where it is critical."""
    letter, ruling, found = command.letter, command.ruling, command.classification
    sender = letter.sender
    draft.record(
        e.TicketOpened(
            at=letter.envelope.received_at,
            ticket=command.ticket,
            desk=draft.edition.desk.id,
            edition=draft.edition.name,
            requester=Requester(
                address=sender.address if sender else "",
                name=sender.name if sender else "",
                client_key=command.client_key,
                trust=letter.trust,
            ),
            subject=mask_secrets(letter.subject),
            origin=letter.envelope.ses_message_id,
            classification=found,
            ruling=ruling,
        )
    )
    added = letter_added(letter, "requester")
    draft.record(added)
    if command.linked is not None:
        draft.record(e.Linked(at=draft.now, ticket=command.linked))
    if pages_by_itself(found, letter.trust):
        raise_critical(draft, since=letter.envelope.received_at, by=DESK, evidence=critical_evidence(found))
    match ruling.outcome if sender is not None else Outcome.IGNORE:
        case Outcome.IGNORE:
            promise_reaction(draft, letter.envelope.received_at)  # nobody to ask: it is the team's to find out
        case Outcome.ASK:
            if is_critical(draft.ticket):
                acknowledge(draft, "accepted")  # whoever reports a fault hears that somebody is woken
            ask_by_itself(draft, ruling)
        case Outcome.REFUSE:
            refuse_by_itself(draft, ruling)
        case Outcome.ACCEPT | Outcome.ATTACH:
            promise_reaction(draft, letter.envelope.received_at)
            if plain_courtesy(found) is not Courtesy.THANKS:
                acknowledge(draft, "accepted")  # who only thanks is promised nothing, and a specialist sees the card
    settle_with_the_fault(draft, is_told=draft.reaches_client(automatic=True))
    if draft.ticket.status is not Status.CLOSED:
        send_card(draft, letter, added)


def add_letter(draft: Draft, command: c.AddLetter) -> None:
    """A letter joins the ticket it answers or repeats, and moves it on: reopens it, completes it, ends the wait."""
    letter = command.letter
    courtesy = settles_as_courtesy(draft.ticket, command, may_be_a_machines=draft.may_be_a_machines)
    added = letter_added(
        letter,
        "requester" if command.by_requester else "other",
        duplicate=command.duplicate,
        courtesy=courtesy,
    )
    draft.record(added)
    if courtesy is not None:
        _add_courtesy(draft, command, added, courtesy)
    else:
        _add_answer(draft, command, added, repeats=draft.ticket.repeats - command.duplicate)


def _add_answer(draft: Draft, command: c.AddLetter, added: e.LetterAdded, *, repeats: int) -> None:
    """A letter that is no mere courtesy moves its ticket on; `repeats` counts the repetitions before it."""
    letter = command.letter
    ask_again(draft)
    was_in_time = _undo_a_wrong_lapse(draft, command)
    ticket = draft.ticket
    at = not_before_the_question(ticket, letter.envelope.received_at)
    critical = pages_by_itself(command.classification, letter.trust) and not _was_withdrawn(ticket)
    is_incomplete = _is_incomplete(ticket)
    # A letter sent again with nothing new must not undo a refusal, and a repetition of anything else closed
    # says that the trouble is back.
    undoes_nothing = command.duplicate and ticket.outcome is CloseOutcome.REFUSED and not critical
    stays_closed = undoes_nothing or not may(letter.trust, Deed.REOPEN)
    if ticket.status is Status.CLOSED and not stays_closed:
        reason = "repeated_after_closing" if command.duplicate else "answered_after_closing"
        draft.record(e.Reopened(at=draft.now, by=added.sender, reason=reason))
    if critical and (command.another_fault or not is_critical(draft.ticket)):
        # The five minutes count from the letter, also where it was written before the question it is read after.
        since, evidence = letter.envelope.received_at, critical_evidence(command.classification)
        raise_critical(draft, since=since, by=DESK, evidence=evidence)
    is_told = False
    if ticket.status is Status.CLOSED and not stays_closed:
        _settle_details(draft, command, at, welcome="reopened")
    elif (
        is_incomplete
        and ticket.status is not Status.CLOSED
        and ticket.requester.address
        and may(letter.trust, Deed.COMPLETE_DETAILS)
    ):
        welcome = "lapse_corrected" if was_in_time and not is_critical(draft.ticket) else "accepted"
        is_told = _settle_details(draft, command, at, welcome=welcome) and welcome == "lapse_corrected"
    elif command.duplicate:
        if repeats < REPEATS_ANSWERED:
            draft.mail_client("duplicate", {"original": ticket.id}, clause=draft.edition.rules.duplicates.clause)
    elif ticket.lapse is not None and _came_within(ticket.lapse, letter) and may(letter.trust, Deed.STOP_A_LAPSE):
        if draft.may_be_a_machines:
            suspend_the_lapse(draft)  # whether it answers what a specialist asked, a specialist sees
        else:
            draft.record(e.WaitEnded(at=at, returns_to=ticket.returns_to))
    if critical:
        settle_with_the_fault(draft, is_told=False)
    if was_in_time and not is_told and draft.ticket.status is not Status.CLOSED:
        draft.mail_client("lapse_corrected", _received(draft, letter), clause=None)
    if not command.duplicate or repeats < REPEATS_ANSWERED or _adds(command.classification):
        note = " ".join(filter(None, (_IN_TIME if was_in_time else "", _suspicion(draft, command))))
        owe_answer(draft, added)
        tell_team(draft, letter, added, note=note, same_client=command.same_client)


def _add_courtesy(draft: Draft, command: c.AddLetter, added: e.LetterAdded, kind: Courtesy) -> None:
    """Tell the team of a courtesy, where there is anything to tell; only who asks how it goes is owed an answer."""
    at = not_before_the_question(draft.ticket, command.letter.envelope.received_at)
    note = note_on(draft, command, kind, at)
    if kind is Courtesy.NUDGE:
        owe_answer(draft, added)
    if note:
        tell_team(draft, command.letter, added, note=note, same_client=command.same_client)


def _undo_a_wrong_lapse(draft: Draft, command: c.AddLetter) -> bool:
    """Let the ticket wait as before where a letter that would have kept it from lapsing was received in time (MDO 2.5).

    A repetition answers no question of a specialist's; it reopens the ticket like one that comes later.
    """
    lapsed, letter = draft.ticket.lapsed, command.letter
    if lapsed is None or not may(letter.trust, Deed.STOP_A_LAPSE):
        return False
    received_at = letter.envelope.received_at
    if not (_came_within(lapsed, letter) and received_at <= lapsed.due):
        return False
    if command.duplicate and not _is_incomplete(draft.ticket):
        return False
    ses_id, clock = letter.envelope.ses_message_id, lapsed.model_copy(update={"expired_at": None})
    draft.record(e.LapseCorrected(at=draft.now, letter=ses_id, received_at=received_at, clock=clock))
    return True


def _came_within(clock: LapseClock, letter: Letter) -> bool:
    """Return whether a letter was received since the question was asked."""
    return letter.envelope.received_at >= clock.asked_at


def _is_incomplete(ticket: Ticket) -> bool:
    """Return whether the desk still lacks what it has to know before it promises anything."""
    return ticket.reaction is None and ticket.reacted_at is None


def _adds(found: Classification) -> bool:
    """Return whether a letter that repeats another says something more: a person reads that, however often it is sent."""
    repeats = found.finding("duplicates")
    return repeats is not None and "adds" in repeats.params


def _suspicion(draft: Draft, command: c.AddLetter) -> str:
    """Return what the team is told of a letter that may report a critical fault, on a ticket that reports none (MDO 2.1)."""
    finding = suspected_in(command.classification.findings)
    if finding is None or is_critical(draft.ticket) or _was_withdrawn(draft.ticket):
        return ""
    return _MAY_BE_CRITICAL.format(words=mask_secrets("; ".join(finding.evidence)))


_MAY_BE_CRITICAL = (
    "Возможно, это критический сбой: {words}. Если это так, ответьте на это письмо одним словом «критично»."
)
_IN_TIME = "Письмо получено до конца срока ответа, поэтому закрытие обращения отменено."


def _received(draft: Draft, letter: Letter) -> Params:
    return {"received": draft.moment(letter.envelope.received_at)}


def not_before_the_question(ticket: Ticket, received_at: datetime) -> datetime:
    """Letters may be handled out of order: a wait never ends before it began."""
    wait = ticket.waits[-1].start if ticket.waits and ticket.waits[-1].end is None else received_at
    return max(wait, received_at)


def _was_withdrawn(ticket: Ticket) -> bool:
    """A specialist has judged this request no critical fault: the same words do not page again."""
    return ticket.status is not Status.CLOSED and ticket.critical is not None and ticket.critical.withdrawn


def _settle_details(draft: Draft, command: c.AddLetter, at: datetime, *, welcome: str) -> bool:
    """The promise begins to count from this letter, unless it leaves open what the desk itself has asked for.

    Return whether the client is told of the promise.
    """
    ticket, found = draft.ticket, command.classification
    said, before = found.identification, ticket.identification
    if said.surety is Surety.HINTED and before.client_id is not None:
        said = said.model_copy(update={"client_id": None, "client_by": None})  # the weakest evidence displaces none
    # Somebody else's letter, or one that may be, adds what is missing and changes nothing that is known.
    holds_proof = ticket.requester.trust is Trust.VERIFIED
    corrects = command.by_requester and (not holds_proof or may(command.letter.trust, Deed.CORRECT_DETAILS))
    stated = said.stated()
    known = stated.filled_from(before) if corrects else before.filled_from(stated)
    is_own = command.letter.sender is not None and command.letter.sender.address == ticket.requester.address
    known = known.filled_from(said) if is_own else known
    # A letter that lacks nothing by itself completes the request; its sender may be known by the address alone.
    lacks = bool(before.missing and (said.missing or (said.from_earlier and not is_own)))
    missing = still_missing(known, draft.edition.rules.identification) if lacks else ()
    draft.record(e.DetailsGiven(at=at, identification=known.model_copy(update={"missing": missing})))
    asked = [finding for finding in ticket.findings if finding.decides and finding.outcome is Outcome.ASK]
    again = [finding for finding in asked if missing or (finding.rule == "clarity" and _unclear(found))]
    if again and draft.may_be_a_machines and ticket.status is Status.AWAITING_REQUESTER:
        suspend_the_lapse(draft)
        return False
    if again and ticket.details_asked < DETAILS_ASKED_AT_MOST:
        finding = again[0]
        if finding.rule == "identification":
            finding = identification.examine(draft.ticket.identification, draft.edition.rules.identification)
        ask_by_itself(draft, ruling_of(finding, draft.edition), _thanks(before, draft.ticket.identification))
        return False
    if draft.ticket.status is Status.AWAITING_REQUESTER:
        draft.record(e.WaitEnded(at=at, returns_to=Status.OPEN))
    # What is missing after two questions is left to a specialist, whose clock runs from here.
    left = tuple(finding for finding in ticket.findings if missing or finding not in asked)
    if command.older_wait:
        left = tuple(map(quota.unsettled, left))
    if not missing and known.declared_none:
        declared = identification.examine(draft.ticket.identification, draft.edition.rules.identification)
        left = (*(finding for finding in left if finding.rule != declared.rule), declared)
    category = found.category if ticket.category is Category.UNCLEAR else ticket.category
    draft.record(e.FindingsRevised(at=at, findings=left, category=category))
    refusal = next((finding for finding in left if finding.decides and finding.outcome is Outcome.REFUSE), None)
    if refusal is not None and not ticket.reopened:
        refuse_by_itself(draft, ruling_of(refusal, draft.edition))
        return False
    promise_reaction(draft, at)
    acknowledge(draft, welcome, _received(draft, command.letter) if welcome == "lapse_corrected" else {})
    return True


def _thanks(before: Identification, after: Identification) -> Params:
    """Return what an answer brought of what was asked: the details that came, and those that there are none of."""
    came = tuple(name for name in before.missing if name not in after.missing)
    absent = tuple(name for name in came if after.declares_none(name))
    brought = {"came": tuple(name for name in came if name not in absent), "absent": absent}
    return {name: details for name, details in brought.items() if details}


def _unclear(found: Classification) -> bool:
    clarity = found.finding("clarity")
    return clarity is not None and clarity.matched


def add_note(draft: Draft, command: c.AddNote) -> None:
    """A letter that may not speak for the desk joins the ticket for the team's eyes."""
    added = letter_added(command.letter, "other")
    draft.record(added)
    if command.letter.sender is None or command.letter.sender.address != draft.people.team_address:
        # What comes from the team's own mailbox is not sent back to it: a robot there would answer for ever.
        tell_team(draft, command.letter, added, note=command.why)


def tell_team(
    draft: Draft, letter: Letter, added: e.LetterAdded | None, *, note: str = "", same_client: bool = False
) -> None:
    """Put a letter that joined a ticket before the team, with a note of the desk's own; without its words where `added` is None."""
    requester, specialist = draft.ticket.requester, is_specialist(letter, draft.people)
    other = not_the_requester(letter, requester, same_client=same_client, specialist=specialist)
    is_stranger = bool(other) and not same_client and not specialist
    told: Params = {
        "writer": (*who_wrote(letter, stranger_to=requester if is_stranger else None), *filter(None, (other,))),
        "unanswered": draft.unanswered,
        "note": note,
        "text": added.text if added else "",
        **(shown_apart(added) if added else {}),
        "attachments": attachments(letter),
    }
    draft.mail_team("follow_up", told)


def letter_added(
    letter: Letter, role: str, *, duplicate: bool = False, courtesy: Courtesy | None = None
) -> e.LetterAdded:
    """Return the event of a letter that joins a ticket, bounded and with its secrets masked."""
    return e.LetterAdded.model_validate(
        {
            "at": letter.envelope.received_at,
            "letter": letter.envelope.ses_message_id,
            "message_id": letter.message_id,
            "sender": letter.sender.address if letter.sender else "",
            "sender_name": letter.sender.name if letter.sender else "",
            "trust": letter.trust,
            "role": role,
            "text": written_in(letter),
            "set_apart": set_apart_in(letter),
            "attachments": letter.attachments[:MAX_FILES],
            "duplicate": duplicate,
            "courtesy": courtesy,
            "root": letter.root_of_thread if role == "requester" else None,
        }
    )
