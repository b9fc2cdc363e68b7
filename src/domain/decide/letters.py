"""A letter of a client: a new ticket, an answer, a repetition."""

from __future__ import annotations

from datetime import datetime

from domain import commands as c
from domain import events as e
from domain.decide.critical import critical_evidence, is_critical, pages_by_itself, raise_critical
from domain.decide.desk import (
    acknowledge,
    ask_by_itself,
    attachments,
    promise_reaction,
    refuse_by_itself,
    reopen,
    send_card,
    who,
)
from domain.decide.draft import DESK, MAX_TEXT, Draft, Params
from domain.findings import Category, Classification, Outcome
from domain.intake import identification
from domain.intake.classify import mask_secrets, ruling_of
from domain.intake.identification import still_missing
from domain.letter import Letter
from domain.ticket import CloseOutcome, Requester, Status

DETAILS_ASKED_AT_MOST = 2
"""How often the desk asks for details by itself before it leaves the question to a specialist."""


def open_by_letter(draft: Draft, command: c.OpenByLetter) -> None:
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
            subject=letter.subject,
            origin=letter.envelope.ses_message_id,
            classification=found,
            ruling=ruling,
        )
    )
    draft.record(_letter_added(letter, "requester"))
    if command.linked is not None:
        draft.record(e.Linked(at=draft.now, ticket=command.linked))
    if pages_by_itself(found):
        raise_critical(draft, since=letter.envelope.received_at, by=DESK, evidence=critical_evidence(found))
    match ruling.outcome if sender is not None else Outcome.IGNORE:
        case Outcome.IGNORE:
            pass  # nobody to answer: the letter is put before the team
        case Outcome.ASK:
            ask_by_itself(draft, ruling)
        case Outcome.REFUSE:
            refuse_by_itself(draft, ruling)
        case Outcome.ACCEPT | Outcome.ATTACH:
            promise_reaction(draft, letter.envelope.received_at)
            acknowledge(draft, "accepted")
    if draft.ticket.status is not Status.CLOSED:
        send_card(draft, letter)


def add_letter(draft: Draft, command: c.AddLetter) -> None:
    letter, ticket = command.letter, draft.ticket
    at = letter.envelope.received_at
    role = "requester" if command.by_requester else "other"
    added = _letter_added(letter, role, duplicate=command.duplicate)
    draft.record(added)
    if command.duplicate:
        if ticket.outcome is CloseOutcome.LAPSED:
            reopen(draft, by=ticket.requester.address, reason="repeated_after_lapse", at=at)
        draft.mail_client("duplicate", {"original": ticket.id}, clause=draft.edition.rules.duplicates.clause)
    elif ticket.status is Status.CLOSED:
        draft.record(e.Reopened(at=draft.now, by=added.sender, reason="answered_after_closing"))
        _settle_details(draft, command, at, welcome="reopened")
    elif command.by_requester and ticket.reaction is None and ticket.returns_to is Status.OPEN:
        _settle_details(draft, command, at, welcome="accepted")
    elif command.by_requester and ticket.status is Status.AWAITING_REQUESTER:
        draft.record(e.WaitEnded(at=at, returns_to=ticket.returns_to))
    if pages_by_itself(command.classification) and not is_critical(draft.ticket):
        raise_critical(draft, since=at, by=DESK, evidence=critical_evidence(command.classification))
    _tell_team(draft, letter, added.text)


def _settle_details(draft: Draft, command: c.AddLetter, at: datetime, *, welcome: str) -> None:
    """The client answers a question of the desk itself: what is still missing is asked for again, or the
    promise begins to count from this letter."""
    ticket, found = draft.ticket, command.classification
    known = found.identification.filled_from(ticket.identification)
    missing = still_missing(known, draft.edition.rules.identification) if ticket.identification.missing else ()
    draft.record(e.DetailsGiven(at=at, identification=known.model_copy(update={"missing": missing})))
    asked = [finding for finding in ticket.findings if finding.decides and finding.outcome is Outcome.ASK]
    again = [finding for finding in asked if missing or (finding.rule == "clarity" and _unclear(found))]
    if again and ticket.details_asked < DETAILS_ASKED_AT_MOST:
        finding = again[0]
        if finding.rule == "identification":
            finding = identification.examine(draft.ticket.identification, draft.edition.rules.identification)
        ask_by_itself(draft, ruling_of(finding, draft.edition))
        return
    if draft.ticket.status is Status.AWAITING_REQUESTER:
        draft.record(e.WaitEnded(at=at, returns_to=Status.OPEN))
    if missing:
        return
    left = tuple(finding for finding in ticket.findings if finding not in asked)
    category = found.category if ticket.category is Category.UNCLEAR else ticket.category
    draft.record(e.FindingsRevised(at=at, findings=left, category=category))
    refusal = next((finding for finding in left if finding.decides and finding.outcome is Outcome.REFUSE), None)
    if refusal is not None and not ticket.reopened:
        refuse_by_itself(draft, ruling_of(refusal, draft.edition))
        return
    promise_reaction(draft, at)
    acknowledge(draft, welcome)


def _unclear(found: Classification) -> bool:
    clarity = found.finding("clarity")
    return clarity is not None and clarity.matched


def add_note(draft: Draft, command: c.AddNote) -> None:
    added = _letter_added(command.letter, "other")
    draft.record(added)
    _tell_team(draft, command.letter, f"{command.why}\n\n{added.text}")


def _tell_team(draft: Draft, letter: Letter, text: str) -> None:
    told: Params = {"text": text, "who": who(letter), "trust": letter.trust, "attachments": attachments(letter)}
    draft.mail_team("follow_up", told)


def _letter_added(letter: Letter, role: str, *, duplicate: bool = False) -> e.LetterAdded:
    return e.LetterAdded.model_validate(
        {
            "at": letter.envelope.received_at,
            "letter": letter.envelope.ses_message_id,
            "message_id": letter.message_id,
            "sender": letter.sender.address if letter.sender else "",
            "sender_name": letter.sender.name if letter.sender else "",
            "trust": letter.trust,
            "role": role,
            "text": mask_secrets(letter.visible_text)[:MAX_TEXT],
            "attachments": letter.attachments,
            "duplicate": duplicate,
        }
    )
