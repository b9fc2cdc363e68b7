"""What becomes of a letter at one desk: where it belongs, and the commit that records it.

The shell reads the letter, hands `take` a store to ask, and writes what it returns.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from application.ports import Clues, Commit, Found, LetterRecord, RecentChange, SentChange, TicketChange, TicketStore
from domain.addresses import normalise_address, split_plus, without_plus
from domain.client import Client, CountedRequest, Recent, address_client_id
from domain.findings import Classification
from domain.intake.classify import classify, contacts_in, rule_on
from domain.intake.duplicates import sketch
from domain.letter import Letter, LetterKind
from domain.regulation.edition import Edition
from domain.regulation.editions import desk_by_address, edition_at, edition_named
from domain.regulation.months import month_before, month_of
from domain.reply_token import ReplyKeys, ReplyToken, read_token
from domain.specialists import is_specialist, read_act, seems_absent
from domain.ticket import commands as c
from domain.ticket.decide import Decision, decide
from domain.ticket.events import SuppressionLifted
from domain.ticket.outgoing import Audience
from domain.ticket.restraint import Restraint, SentLately
from domain.ticket.ticket import Status, Ticket, ticket_id
from domain.trust import Deed, may

SKETCHES_KEPT = 40
REQUESTS_KEPT = 400
"""Of one client: with the longest sketches some 250 kB, and an item holds 400."""
NOBODY = "nobody"
"""Under what the letters are counted that follow from letters without one sender."""
NOT_TO_THE_CARD = (
    "Специалист ответил не на адрес из карточки (Reply-To), поэтому клиенту письмо не отправлено. "
    "Ответьте, пожалуйста, на карточку."
)
SENT_AGAIN = (
    "То же самое письмо (с тем же Message-ID) уже приходило. Второй раз оно не исполнено, клиенту ничего не отправлено."
)
AWAY = (
    "Похоже на автоответ об отсутствии, поэтому клиенту письмо не отправлено. "
    "Если это ответ клиенту, ответьте ещё раз и поставьте первой строкой слово «Ответ»."
)


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
    ids = (*((reported,) if reported else ()), *letter.thread_ids)[:20]
    if token is not None and token.audience is Audience.TEAM and letter.message_id:
        ids = (*ids, letter.message_id)  # whether this very letter has been here
    contacts, organisation = contacts_in(letter, edition) if letter.kind.is_correspondence else ((), None)
    clues = Clues(
        desk=edition.desk.id,
        ses_message_id=letter.envelope.ses_message_id,
        tickets=numbers,
        message_ids=ids,
        contacts=contacts[:20],
        organisation=organisation,
        sender=letter.sender.address if letter.sender and letter.kind.is_correspondence else None,
        counted=(_mailbox(letter) or NOBODY, *((token.ticket,) if token else ()))
        if letter.kind.is_correspondence
        else (),
    )
    return clues, token


def lead_of(letter: Letter, found: Found, token: ReplyToken | None, edition: Edition) -> Lead | None:
    """Return where a letter seems to belong: by token, by the letter it answers, by the subject's tag.

    A tag of the sender's own ticket comes before an answered letter of somebody else's.
    """
    if token is not None:
        return Lead(token.ticket, "token", token.audience)
    tag = _tag(letter, edition)
    tagged = next((ticket for ticket in found.tickets if ticket.id == tag), None)
    if found.by_message_id and not (tagged and letter.sender and tagged.requester.address == letter.sender.address):
        return Lead(found.by_message_id[0][1], "message_id")
    return Lead(tag, "tag") if tag is not None else None


@dataclass(frozen=True, slots=True)
class Writer:
    """Who a letter seems to come from."""

    client_key: str
    """Under what the letter is counted."""
    client: Client | None = None
    """The registered client whose address this is, verified or not: an answer goes to that address alone."""
    claimed: str | None = None
    """The id of the registered client that the text names; nothing the registry knows is shown for it."""
    by: tuple[str, ...] = ()
    """What the registry found either by: kinds of contacts, the surest first, and `organisation` last."""


def writer_of(letter: Letter, found: Found) -> Writer:
    """Return under what a letter is counted and which registered client it may come from.

    A registered client is charged only where its address is verified. Unverified letters are counted by
    themselves, so that nobody can use up the quota of an address by borrowing it. Where contacts name several
    clients, the text names nobody; an organisation is asked about only where no contact names anybody.
    """
    if letter.sender is None:
        return Writer(f"letter:{letter.envelope.ses_message_id}")
    address = letter.sender.address
    addressed = (client for contact, client in found.clients if contact.kind == "address" and contact.value == address)
    owner = next(addressed, None)
    by_address = owner if may(letter.trust, Deed.BE_KNOWN_BY_ADDRESS) else None
    if may(letter.trust, Deed.USE_THE_CLIENTS_PAST):
        key = owner.id if owner is not None else address_client_id(address)
    else:
        key = f"claimed:{address}"
    named = {client.id for _, client in found.clients} or {found.by_organisation} - {None}
    claimed = next(iter(named)) if len(named) == 1 and by_address is None else None
    who = by_address.id if by_address is not None else claimed
    by = tuple(contact.kind.value for contact, client in found.clients if client.id == who)
    if who is not None and who == found.by_organisation:
        by = (*by, "organisation")
    return Writer(key, by_address, claimed, by)


@dataclass(frozen=True, slots=True)
class Known:
    """What the store told about a letter's sender and its place."""

    writer: Writer
    recent: Recent
    lead: Lead | None = None
    thread: Ticket | None = None
    """The ticket the lead points to, where there is one."""
    registry_is_empty: bool = True
    came_before: bool = False
    """Whether the thread has a letter of the same Message-ID."""


def set_aside(
    letter: Letter, edition: Edition, now: datetime, thread: Ticket | None, report: c.ReportFailedDelivery | None
) -> Commit:
    """Return the commit for a letter that nobody answers: it is recorded, and what it reports is told to the team."""
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
        needs_attention=forged or quarantined or letter.kind_by_words,
        size=letter.size,
    )
    change = None
    if thread is not None and report is not None:
        decision = decide(thread, report, edition_named(thread.desk, thread.edition), now)
        if decision.events and decision.ticket is not None:
            change = TicketChange(thread, decision.ticket, decision.events, decision.outgoing)
    return Commit(at=now, letter=record, ticket=change)


def _lost_letter(
    letter: Letter, lead: Lead | None, thread: Ticket | None, found: Found
) -> c.ReportFailedDelivery | None:
    """Return what a bounce reports: that a letter of ours did not reach the ticket's requester.

    Anybody can write a delivery report. It says nothing of addresses the ticket does not know, and a ticket's number
    in the subject, which is no secret, is not enough where no address is named. A letter to the team is none to the
    requester: to tell the team of it would bounce again, without end.
    """
    report = letter.report
    if letter.kind is not LetterKind.BOUNCE or report is None or not report.permanent:
        return None
    if thread is None or lead is None or lead.audience is Audience.TEAM:
        return None
    requester, named = thread.requester.address, report.failed_addresses
    believed = may(letter.trust, Deed.REPORT_A_LOST_LETTER) and (requester in named or (not named and lead.by != "tag"))
    if not requester or not believed:
        return None
    lost = report.original_message_id
    if lost is None or requester not in named or (lost, thread.id) not in found.by_message_id:
        # Which letter was lost nobody knows. One such report a day is told, whatever a robot sends.
        lost = f"report-{letter.envelope.received_at:%Y-%m-%d}"
    return c.ReportFailedDelivery(requester, report.status or "undeliverable", lost)


def receive(
    letter: Letter,
    edition: Edition,
    known: Known,
    original: Ticket | None,
    classification: Classification,
    now: datetime,
    attempt: int = 0,
    restraint: Restraint | None = None,
) -> Commit:
    """Return the commit for a letter of a person: a new ticket, or a message on one.

    `edition` is the one in force as the letter came; a ticket that it joins keeps to its own. `original` is the ticket that `classification` finds repeated, read by the caller.
    """
    specialist = is_specialist(letter, edition)
    if known.thread is not None and known.lead is not None:
        by_token = known.lead.by == "token" and may(letter.trust, Deed.JOIN_BY_TOKEN)
        if known.lead.audience is Audience.TEAM and specialist and known.came_before:
            # A signature stays good on a copy: whoever has one, a server that tries twice included, may send it again.
            return _noted(letter, known.thread, now, restraint, SENT_AGAIN, "sent_again")
        if known.lead.audience is Audience.TEAM and (specialist or by_token):
            return _specialist_wrote(letter, known.thread, now, restraint, trusted=specialist)
        by_requester = letter.sender is not None and letter.sender.address == known.thread.requester.address
        belongs = by_requester or known.writer.client_key == known.thread.requester.client_key
        if specialist and not belongs:
            return _noted(letter, known.thread, now, restraint, NOT_TO_THE_CARD, "specialist_elsewhere")
        joins = by_token or (belongs and may(letter.trust, Deed.JOIN_OWN_TICKET))
        if joins and not _too_late(known.thread, letter):
            return _added(letter, known, known.thread, classification, now, restraint, by_requester=belongs)
    repeats = classification.finding("duplicates")
    if original is not None and repeats is not None and repeats.decides and not _too_late(original, letter):
        return _added(letter, known, original, classification, now, restraint, by_requester=True, duplicate=True)
    return _opened(letter, edition, known, classification, now, restraint, attempt)


@dataclass(frozen=True, slots=True)
class Reception:
    """What is to be committed for a letter, and what the rules said of it."""

    commit: Commit
    classification: Classification | None = None
    """None for a letter that no rule was asked about."""


def take(
    letter: Letter, desk: str, store: TicketStore, keys: ReplyKeys, now: datetime, attempt: int = 0
) -> Reception | None:
    """Read what a letter's decision at a desk rests on, in at most three requests, and decide.

    Returns None for a redelivery. `attempt` counts the ticket numbers that were taken. Raises
    NoEditionInForce.
    """
    edition = edition_at(desk, letter.envelope.received_at)
    letter = _as_a_person_may_mean(letter, edition, keys)
    letter = _known_again(letter, edition, keys)
    clues, token = clues_of(letter, edition, keys)
    found = store.find(clues)
    if found.record is not None:
        return None
    lead = lead_of(letter, found, token, edition)
    thread = next((ticket for ticket in found.tickets if lead and ticket.id == lead.ticket), None)
    unread = lead.ticket if lead and thread is None else None
    if not letter.kind.is_correspondence or not may(letter.trust, Deed.BE_TAKEN_UP):
        if unread is not None:
            thread = store.ticket(unread)
        return Reception(set_aside(letter, edition, now, thread, _lost_letter(letter, lead, thread, found)))
    writer = writer_of(letter, found)
    recent, read = store.situation(desk, writer.client_key, unread)
    came_before = lead is not None and (letter.message_id, lead.ticket) in found.by_message_id
    known = Known(writer, recent, lead, thread or read, not found.has_clients, came_before)
    classification = classify_for(letter, edition, known, now)
    repeated = classification.duplicate_of
    original: Ticket | None = None
    if repeated is not None:
        original = known.thread if known.thread and known.thread.id == repeated else store.ticket(repeated)
    counted_as = _counted_as(letter, edition, token, known.thread)
    restraint = Restraint(
        counted_as if counted_as == _mailbox(letter) else "",
        edition.automatic_letters,
        found.sent.get(counted_as, SentLately()),
        now,
        null_path=letter.null_path,
    )
    commit = receive(letter, edition, known, original, classification, now, attempt, restraint)
    return Reception(_with_the_senders_past(commit, letter, found, restraint, counted_as), classification)


def _known_again(letter: Letter, edition: Edition, keys: ReplyKeys) -> Letter:
    """Return a letter to the team's token with a Message-ID of its contents where it has none: a copy gets the same."""
    token = _token(letter, edition, keys)
    if letter.message_id or token is None or token.audience is not Audience.TEAM:
        return letter
    sender = letter.sender.address if letter.sender else ""
    files = tuple((one.name, one.size) for one in letter.attachments)
    contents = repr((token.ticket, letter.date, sender, letter.subject, letter.text, files))
    return replace(letter, message_id=f"{hashlib.sha256(contents.encode()).hexdigest()}@no-message-id.invalid")


def _as_a_person_may_mean(letter: Letter, edition: Edition, keys: ReplyKeys) -> Letter:
    """Return a specialist's answer to a card as one though its words look automatic: it is told to the team, not lost."""
    if letter.kind is not LetterKind.AUTO_REPLY or not letter.kind_by_words or not is_specialist(letter, edition):
        return letter
    token = _token(letter, edition, keys)
    return replace(letter, kind=LetterKind.REPLY) if token and token.audience is Audience.TEAM else letter


def _mailbox(letter: Letter) -> str:
    """Return the sender's mailbox: a robot may write from a fresh `robot+detail` each time. Empty without a sender."""
    return without_plus(letter.sender.address) if letter.sender else ""


def _counted_as(letter: Letter, edition: Edition, token: ReplyToken | None, thread: Ticket | None) -> str:
    """Return under what the letters that follow are counted, so that no robot evades a limit by changing its name.

    That is the sender's mailbox. Whoever else has a ticket's token is counted with all others who have it, and
    letters without one sender are counted together.
    """
    mailbox, desk = _mailbox(letter), edition.desk
    expected = (*desk.specialists, desk.team_address, thread.requester.address if thread else "")
    if token is not None and mailbox not in map(without_plus, filter(None, expected)):
        return token.ticket
    return mailbox or NOBODY


def _with_the_senders_past(
    commit: Commit, letter: Letter, found: Found, restraint: Restraint, counted_as: str
) -> Commit:
    """Add to a commit what was written because of its sender, and that a proved sender is written to again."""
    if restraint.sent != (before := found.sent.get(counted_as, SentLately())):
        after = restraint.sent.model_copy(update={"version": before.version + 1})
        commit = replace(commit, sent=SentChange(_desk_of(commit), counted_as, before, after))
    spared, change = found.suppression, commit.ticket
    if spared is not None and change is not None and may(letter.trust, Deed.LIFT_A_SUPPRESSION):
        lifted = SuppressionLifted(at=commit.at, address=spared.address, since=spared.since, reason=spared.reason)
        commit = replace(commit, lifted=spared, ticket=replace(change, events=(*change.events, lifted)))
    return commit


def _desk_of(commit: Commit) -> str:
    assert commit.letter is not None  # every letter is recorded
    return commit.letter.desk


def classify_for(letter: Letter, edition: Edition, known: Known, now: datetime) -> Classification:
    """Return what the rules say of a letter, given what is known of its sender."""
    found = classify(
        letter,
        edition,
        client=known.writer.client,
        recent=known.recent,
        now=now,
        registry_is_empty=known.registry_is_empty,
    )
    who = known.writer.client.id if known.writer.client else known.writer.claimed
    if who is None:
        return found
    said = found.identification.model_copy(update={"client_id": who, "client_by": known.writer.by})
    return found.model_copy(update={"identification": said})


def _opened(
    letter: Letter,
    edition: Edition,
    known: Known,
    found: Classification,
    now: datetime,
    restraint: Restraint | None,
    attempt: int,
) -> Commit:
    ses_id = letter.envelope.ses_message_id
    number = ticket_id(edition.desk.prefix, edition.desk.id, ses_id, attempt)
    command = c.OpenByLetter(
        ticket=number,
        letter=letter,
        client_key=known.writer.client_key,
        classification=found,
        ruling=rule_on(found, edition),
        linked=known.thread.id if known.thread else None,
    )
    decision = decide(None, command, edition, now, restraint)
    assert decision.ticket is not None  # a letter always opens one
    return Commit(
        at=now,
        letter=_record(letter, edition.desk.id, "ticket", number),
        ticket=TicketChange(None, decision.ticket, decision.events, decision.outgoing),
        recent=RecentChange(
            edition.desk.id, known.writer.client_key, known.recent, _remember(known.recent, letter, edition, number)
        ),
    )


def _added(
    letter: Letter,
    known: Known,
    ticket: Ticket,
    found: Classification,
    now: datetime,
    restraint: Restraint | None,
    *,
    by_requester: bool,
    duplicate: bool = False,
) -> Commit:
    edition = edition_named(ticket.desk, ticket.edition)
    if edition is not edition_at(ticket.desk, letter.envelope.received_at):
        found = classify_for(letter, edition, known, now)
    client = known.writer.client
    command = c.AddLetter(
        letter,
        found,
        duplicate=duplicate,
        by_requester=by_requester,
        same_client=client is not None and client.has_address(ticket.requester.address),
    )
    decision = decide(ticket, command, edition, now, restraint)
    return _joined(letter, ticket, decision, now, "duplicate" if duplicate else "")


def _specialist_wrote(
    letter: Letter, ticket: Ticket, now: datetime, restraint: Restraint | None, *, trusted: bool
) -> Commit:
    if not trusted or letter.sender is None:
        why = "Письмо пришло не с проверенного адреса специалиста, клиенту оно не отправлено."
        return _noted(letter, ticket, now, restraint, why, "unverified_specialist")
    if seems_absent(letter):
        return _noted(letter, ticket, now, restraint, AWAY, "specialist_away")
    act = read_act(letter, letter.sender.address)
    if restraint is not None:
        restraint.counts_client = False
    decision = decide(ticket, act, edition_named(ticket.desk, ticket.edition), now, restraint)
    if decision.refused is not None:
        why = f"Команда не выполнена ({decision.refused}). Клиенту письмо не отправлено."
        return _noted(letter, ticket, now, restraint, why, "act_refused")
    return _joined(letter, ticket, decision, now, "specialist")


def _noted(letter: Letter, ticket: Ticket, now: datetime, restraint: Restraint | None, why: str, reason: str) -> Commit:
    decision = decide(ticket, c.AddNote(letter, why), edition_named(ticket.desk, ticket.edition), now, restraint)
    return _joined(letter, ticket, decision, now, reason)


def _joined(letter: Letter, ticket: Ticket, decision: Decision, now: datetime, reason: str) -> Commit:
    assert decision.ticket is not None  # it was there before
    return Commit(
        at=now,
        letter=_record(letter, ticket.desk, "message", ticket.id, reason),
        ticket=TicketChange(ticket, decision.ticket, decision.events, decision.outgoing),
    )


def _record(letter: Letter, desk: str, outcome: str, ticket: str, reason: str = "") -> LetterRecord:
    ses_id = letter.envelope.ses_message_id
    return LetterRecord(
        desk=desk,
        ses_message_id=ses_id,
        received_at=letter.envelope.received_at,
        kind=letter.kind,
        outcome=outcome,
        reason=reason,
        ticket=ticket,
        location=f"letters/{ses_id}",
        size=letter.size,
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
    for recipient in map(normalise_address, letter.envelope.recipients):
        plus = split_plus(recipient.rpartition("@")[0])[1]
        if plus and desk_by_address(without_plus(recipient)) == edition.desk.id:
            token = read_token(keys, edition.desk.id, edition.desk.prefix, plus)
            if token is not None:
                return token
    return None


def _tag(letter: Letter, edition: Edition) -> str | None:
    """The ticket number in a subject, as our letters carry it: `[MDO-7K3F-9QXZ]`.

    The last one: our letters put theirs behind the client's own subject, which may name any other.
    """
    found = re.findall(
        rf"\b{edition.desk.prefix}-[0-9A-HJKMNP-TV-Z]{{4}}-[0-9A-HJKMNP-TV-Z]{{4}}\b", letter.subject, re.IGNORECASE
    )
    return found[-1].upper() if found else None
