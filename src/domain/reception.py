"""What becomes of a letter at one desk: where it belongs, and the commit that records it.

Pure. The shell reads the letter, asks the store by `clues_of`, and writes what `receive` returns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain import commands as c
from domain.addresses import split_plus, without_plus
from domain.client import Client, CountedRequest, Recent, address_client_id
from domain.decide import decide
from domain.editions import edition_at, edition_named, month_before, month_of
from domain.findings import Classification
from domain.intake.classify import classify, contacts_in, rule_on
from domain.intake.duplicates import sketch
from domain.letter import Letter, LetterKind, Trust
from domain.outgoing import Audience
from domain.ports import Clues, Commit, Found, LetterRecord, RecentChange, TicketChange
from domain.regulation import Edition
from domain.reply_token import ReplyKeys, ReplyToken, read_token
from domain.specialists import read_act
from domain.ticket import Status, Ticket, ticket_id

SKETCHES_KEPT = 60
REQUESTS_KEPT = 400


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a letter seems to belong, and on whose word."""

    ticket: str
    by: str
    """`token`, `message_id` or `tag`, in this order of trust."""
    audience: Audience = Audience.CLIENT


def clues_of(letter: Letter, edition: Edition, keys: ReplyKeys) -> tuple[Clues, ReplyToken | None]:
    """Return by what the store may know a letter, and its reply token where that is genuine."""
    token = _token(letter, edition, keys)
    tag = _tag(letter, edition)
    numbers = tuple(dict.fromkeys(number for number in (token.ticket if token else None, tag) if number))
    reported = letter.report.original_message_id if letter.report else None
    ids = (*((reported,) if reported else ()), *letter.thread_ids)
    clues = Clues(
        desk=edition.desk.id,
        ses_message_id=letter.envelope.ses_message_id,
        tickets=numbers,
        message_ids=ids[:20],
        contacts=contacts_in(letter, edition)[:20] if letter.kind.is_correspondence else (),
    )
    return clues, token


def lead_of(letter: Letter, found: Found, token: ReplyToken | None, edition: Edition) -> Lead | None:
    """Return where a letter seems to belong: by token, by the letter it answers, by the subject's tag."""
    if token is not None:
        return Lead(token.ticket, "token", token.audience)
    if found.by_message_id:
        return Lead(found.by_message_id[0][1], "message_id")
    tag = _tag(letter, edition)
    return Lead(tag, "tag") if tag is not None else None


def client_of(letter: Letter, found: Found) -> tuple[str, Client | None]:
    """Return the key under which the sender is counted, and the registered client it may be.

    A registered client is charged only where its address is verified; what a text claims, or an
    unverified address, is counted under the address (DESIGN: Trust).
    """
    if letter.sender is None:
        return f"letter:{letter.envelope.ses_message_id}", None
    address = letter.sender.address
    by_address = next(
        (client for contact, client in found.clients if contact.kind == "address" and contact.value == address),
        None,
    )
    if by_address is not None and letter.trust is Trust.VERIFIED:
        return by_address.id, by_address
    named = {client.id: client for _, client in found.clients}
    claimed = by_address or (next(iter(named.values())) if len(named) == 1 else None)
    return address_client_id(address), claimed


@dataclass(frozen=True, slots=True)
class Known:
    """What the store told about a letter's sender and its place."""

    client_key: str
    client: Client | None
    recent: Recent
    lead: Lead | None
    thread: Ticket | None
    """The ticket the lead points to, where there is one."""


def set_aside(letter: Letter, edition: Edition, now: datetime, thread: Ticket | None) -> Commit:
    """Return the commit for a letter that nobody answers: it is recorded, and a bounce is told to the team."""
    ses_id = letter.envelope.ses_message_id
    forged = letter.kind.is_correspondence
    quarantined = letter.kind is LetterKind.QUARANTINED
    folder = "quarantine" if quarantined else "letters"
    record = LetterRecord(
        desk=edition.desk.id,
        ses_message_id=ses_id,
        received_at=letter.envelope.received_at,
        kind=letter.kind,
        outcome="forged" if forged else "quarantined" if quarantined else "ignored",
        reason=letter.trust_evidence if forged else letter.kind_evidence,
        ticket=thread.id if thread else None,
        location=f"{folder}/{ses_id}",
        needs_attention=forged or quarantined,
        size=letter.size,
    )
    change = None
    if thread is not None and letter.report is not None and letter.kind is LetterKind.BOUNCE:
        addresses = letter.report.failed_addresses or (thread.requester.address,)
        decision = decide(
            thread,
            c.ReportFailedDelivery(addresses[0], letter.report.status or "undeliverable", ses_id),
            edition,
            now,
        )
        if decision.events and decision.ticket is not None:
            change = TicketChange(thread, decision.ticket, decision.events, decision.outgoing)
    return Commit(at=now, letter=record, ticket=change)


def receive(
    letter: Letter,
    edition: Edition,
    known: Known,
    original: Ticket | None,
    classification: Classification,
    now: datetime,
    attempt: int = 0,
) -> Commit:
    """Return the commit for a letter of a person: a new ticket, or a message on one.

    `edition` is the one in force as the letter came; a ticket that it joins keeps to its own. `original` is the ticket that `classification` finds repeated, read by the caller.
    """
    specialist = _is_specialist(letter, edition)
    if known.thread is not None and known.lead is not None:
        if known.lead.audience is Audience.TEAM or (specialist and known.lead.by == "token"):
            return _specialist_wrote(letter, known.thread, now, trusted=specialist)
        by_requester = letter.sender is not None and letter.sender.address == known.thread.requester.address
        belongs = by_requester or known.client_key == known.thread.requester.client_key
        if (known.lead.by == "token" or belongs) and not _too_late(known.thread, letter):
            return _added(letter, known, known.thread, classification, now, by_requester=belongs)
    if original is not None and classification.duplicate_of == original.id and not _too_late(original, letter):
        return _added(letter, known, original, classification, now, by_requester=True, duplicate=True)
    return _opened(letter, edition, known, classification, now, attempt)


def classify_for(letter: Letter, edition: Edition, known: Known, now: datetime) -> Classification:
    """Return what the rules say of a letter, given what is known of its sender."""
    return classify(letter, edition, client=known.client, recent=known.recent, now=now)


def _opened(
    letter: Letter, edition: Edition, known: Known, found: Classification, now: datetime, attempt: int
) -> Commit:
    ses_id = letter.envelope.ses_message_id
    number = ticket_id(edition.desk.prefix, edition.desk.id, ses_id, attempt)
    command = c.OpenByLetter(
        ticket=number,
        letter=letter,
        client_key=known.client_key,
        classification=found,
        ruling=rule_on(found, edition),
        linked=known.thread.id if known.thread else None,
    )
    decision = decide(None, command, edition, now)
    assert decision.ticket is not None  # a letter always opens one
    return Commit(
        at=now,
        letter=_record(letter, edition, "ticket", number),
        ticket=TicketChange(None, decision.ticket, decision.events, decision.outgoing),
        recent=RecentChange(
            edition.desk.id, known.client_key, known.recent, _remember(known.recent, letter, edition, number)
        ),
    )


def _added(
    letter: Letter,
    known: Known,
    ticket: Ticket,
    found: Classification,
    now: datetime,
    *,
    by_requester: bool,
    duplicate: bool = False,
) -> Commit:
    edition = edition_named(ticket.desk, ticket.edition)
    if edition is not edition_at(ticket.desk, letter.envelope.received_at):
        found = classify_for(letter, edition, known, now)
    command = c.AddLetter(letter, found, duplicate=duplicate, by_requester=by_requester)
    decision = decide(ticket, command, edition, now)
    assert decision.ticket is not None  # it was there before
    reason = "duplicate" if duplicate else ""
    return Commit(
        at=now,
        letter=_record(letter, edition, "message", ticket.id, reason),
        ticket=TicketChange(ticket, decision.ticket, decision.events, decision.outgoing),
    )


def _specialist_wrote(letter: Letter, ticket: Ticket, now: datetime, *, trusted: bool) -> Commit:
    edition = edition_named(ticket.desk, ticket.edition)
    command: c.Command
    if trusted and letter.sender is not None:
        command = read_act(letter, letter.sender.address)
    else:
        command = c.AddNote(letter, "Письмо пришло не с проверенного адреса специалиста, клиенту оно не отправлено.")
    decision = decide(ticket, command, edition, now)
    if decision.refused is not None:
        command = c.AddNote(letter, f"Команда не выполнена: {decision.refused}. Клиенту письмо не отправлено.")
        decision = decide(ticket, command, edition, now)
    assert decision.ticket is not None  # it was there before
    reason = "specialist" if trusted else "unverified_specialist"
    return Commit(
        at=now,
        letter=_record(letter, edition, "message", ticket.id, reason),
        ticket=TicketChange(ticket, decision.ticket, decision.events, decision.outgoing),
    )


def _record(letter: Letter, edition: Edition, outcome: str, ticket: str, reason: str = "") -> LetterRecord:
    ses_id = letter.envelope.ses_message_id
    return LetterRecord(
        desk=edition.desk.id,
        ses_message_id=ses_id,
        received_at=letter.envelope.received_at,
        kind=letter.kind,
        outcome=outcome,
        reason=reason,
        ticket=ticket,
        location=f"letters/{ses_id}",
        size=letter.size,
    )


def _is_specialist(letter: Letter, edition: Edition) -> bool:
    """Only a verified address of the desk's specialists speaks for the desk."""
    return (
        letter.sender is not None
        and letter.trust is Trust.VERIFIED
        and letter.sender.address in edition.desk.specialists
    )


def _too_late(ticket: Ticket, letter: Letter) -> bool:
    """A ticket closed longer ago than the edition says is not reopened: the letter asks anew."""
    if ticket.status is not Status.CLOSED or ticket.closed_at is None:
        return False
    edition = edition_named(ticket.desk, ticket.edition)
    return letter.envelope.received_at - ticket.closed_at > timedelta(days=edition.reopening.within_days)


def _remember(recent: Recent, letter: Letter, edition: Edition, ticket: str) -> Recent:
    """Add a request to a client's recent past and forget what no rule looks at any more."""
    at = letter.envelope.received_at
    month = month_of(edition, at)
    months = (month_before(month), month)
    window = timedelta(days=edition.rules.duplicates.window_days)
    requests = (*recent.requests, CountedRequest(ticket=ticket, at=at))
    sketches = (*recent.sketches, sketch(letter, edition.rules.duplicates, ticket=ticket, at=at))
    return Recent(
        version=recent.version + 1,
        requests=tuple(request for request in requests if month_of(edition, request.at) >= months[0])[-REQUESTS_KEPT:],
        sketches=tuple(kept for kept in sketches if abs(at - kept.at) <= window)[-SKETCHES_KEPT:],
    )


def _token(letter: Letter, edition: Edition, keys: ReplyKeys) -> ReplyToken | None:
    for recipient in letter.envelope.recipients:
        plus = split_plus(recipient.rpartition("@")[0])[1]
        if plus and without_plus(recipient) in edition.desk.addresses:
            token = read_token(keys, edition.desk.id, edition.desk.prefix, plus)
            if token is not None:
                return token
    return None


def _tag(letter: Letter, edition: Edition) -> str | None:
    """The ticket number in a subject, as our letters carry it: `[MDO-7K3F-9QXZ]`."""
    found = re.search(
        rf"\b({edition.desk.prefix}-[0-9A-HJKMNP-TV-Z]{{4}}-[0-9A-HJKMNP-TV-Z]{{4}})\b", letter.subject, re.IGNORECASE
    )
    return found[1].upper() if found else None
