"""Letters that get no answer and no ticket: each is recorded, and listed where a person should look."""

from __future__ import annotations

from datetime import datetime

from application.change import ticket_change
from application.recognise import Lead, ReadLetter
from application.storage import Commit, Found, LetterRecord
from domain.addresses import without_plus
from domain.letter import Letter, LetterKind
from domain.people import NOBODY, People
from domain.regulation.editions import edition_named, own_addresses
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.outgoing import Audience
from domain.ticket.ticket import Ticket
from domain.trust import Deed, may

NO_DESK = "-"
"""The desk under which letters to nobody are recorded."""
_SAY_NOTHING_NEW = frozenset({LetterKind.BOUNCE, LetterKind.COMPLAINT})
"""Kinds whose words are a mail system's about a letter of ours, which is told to the team of its ticket."""


def set_aside(
    read: ReadLetter,
    thread: Ticket | None,
    report: c.ReportFailedDelivery | None,
    now: datetime,
    people: People = NOBODY,
) -> Commit:
    """Return the commit for a letter that gets no answer: it is recorded, and what it reports is told to the team.

    Whatever has words of its own is listed for a person, by kind; our own letters and reports of delivery are not.
    """
    letter = read.letter
    ses_id = letter.envelope.ses_message_id
    forged = letter.kind.is_correspondence and not may(letter.trust, Deed.BE_TAKEN_UP)
    quarantined = letter.kind is LetterKind.QUARANTINED
    folder = "quarantine" if quarantined else "letters"
    record = LetterRecord(
        desk=read.edition.desk.id,
        ses_message_id=ses_id,
        received_at=letter.envelope.received_at,
        kind=letter.kind,
        outcome="forged" if forged else "quarantined" if quarantined else "ignored",
        reason=letter.trust_evidence if forged else letter.kind_evidence,
        ticket=thread.id if thread else None,
        location=f"{folder}/{ses_id}",
        needs_attention=forged or quarantined or letter.kind_by_words or _is_to_be_seen(letter),
        size=letter.size,
    )
    change = None
    if thread is not None and report is not None:
        decision = decide(thread, report, edition_named(thread.desk, thread.edition), now, people=people)
        change = ticket_change(thread, decision)
    return Commit(at=now, letter=record, ticket=change)


def _is_to_be_seen(letter: Letter) -> bool:
    ours = {without_plus(author.address) for author in letter.from_addresses} & own_addresses()
    if letter.kind in _SAY_NOTHING_NEW or (letter.kind is LetterKind.OWN and ours):
        return False
    return letter.has_words or bool(letter.attachments)


def record_for_nobody(letter: Letter, now: datetime) -> Commit:
    """Return the commit for a letter that was addressed to no desk: a person looks at it."""
    ses_id = letter.envelope.ses_message_id
    record = LetterRecord(
        desk=NO_DESK,
        ses_message_id=ses_id,
        received_at=letter.envelope.received_at,
        kind=letter.kind,
        outcome="quarantined",
        reason="no desk has any of the envelope's recipients",
        location=f"quarantine/{ses_id}",
        needs_attention=True,
        size=letter.size,
    )
    return Commit(at=now, letter=record)


def lost_letter(
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
    detail, at = report.status or "undeliverable", letter.envelope.received_at
    return c.ReportFailedDelivery(requester, detail, lost, reported_at=at)
