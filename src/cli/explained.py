"""What `reglament explain` prints of a letter: lines for people, fields for programs."""

from __future__ import annotations

from typing import Any

from application.scratch_day import Explained
from application.storage import FaultChange
from cli import printing
from domain.findings import Category, Classification, Finding, Identification
from domain.letter import Address, Letter
from domain.regulation.edition import Edition
from domain.ticket.outgoing import OutgoingPage
from domain.ticket.ticket import Ticket


def as_data(explained: Explained) -> dict[str, Any]:
    """Return what is known of a letter in the fields that programs rely on."""
    arrival, found = explained.arrival, explained.classification
    letter, edition = explained.letter, arrival.edition
    identification = found.identification.model_dump() if found else dict.fromkeys(_DETAILS)
    return {
        "file": arrival.file,
        "desk": edition.desk.id if edition else None,
        "edition": edition.name if edition else None,
        "kind": letter.kind.value,
        "kind_evidence": letter.kind_evidence,
        "sender": {
            "address": letter.sender.address if letter.sender else None,
            "name": letter.sender.name if letter.sender else None,
            "trust": letter.trust.value,
            "trust_evidence": letter.trust_evidence,
        },
        "subject": letter.subject,
        "arrived_at": printing.iso(letter.envelope.received_at, _zone(edition)),
        "visible_text": letter.visible_text,
        "identification": {
            **{name: identification[name] for name in _DETAILS},
            "missing": _missing(found),
        },
        "declared_none": _declared_none(found),
        "from_earlier": _from_earlier(found),
        "client": _client(found.identification) if found else None,
        "findings": [_finding(finding) for finding in found.findings] if found else [],
        "category": found.category.value if found else None,
        "out_of_scope_clause": found.out_of_scope_clause if found else None,
        "faq_id": found.faq_id if found else None,
        "offence": found.offence if found else None,
        "critical": found.critical if found else False,
        "courtesy": found.courtesy if found else None,
        "fault": _fault(explained.fault),
        "duplicate_of": explained.duplicate_of,
        "ticket": explained.ticket.id if explained.ticket else None,
        "listed": explained.listed,
        "signature": letter.signature,
        "set_apart_text": letter.set_apart_text,
        "quoted_text": letter.quoted_text,
        "forwarded_text": letter.forwarded_text,
        "attachments": [file.name for file in letter.attachments],
        "defects": list(letter.defects),
        "decision": {
            "outcome": explained.outcome.value,
            "reason": explained.reason,
            "clause": explained.clause,
        },
        "deadlines": _deadlines(explained),
        "undecreed_years": _undecreed_years(explained.ticket),
        "other_desks": list(arrival.other_desks),
    }


_DETAILS = ("full_name", "phone", "organisation", "position", "inn", "contract", "site", "client_id")


def _missing(found: Classification | None) -> list[str]:
    return list(found.identification.missing) if found else []


def _declared_none(found: Classification | None) -> dict[str, str]:
    return {absent.detail: absent.said for absent in found.identification.declared_none} if found else {}


def _from_earlier(found: Classification | None) -> dict[str, str]:
    return {source.detail: source.ticket for source in found.identification.from_earlier} if found else {}


def _client(known: Identification) -> dict[str, Any] | None:
    if known.client_id is None:
        return None
    return {"id": known.client_id, "surety": known.surety, "by": list(known.client_by or ())}


def _fault(change: FaultChange | None) -> dict[str, Any] | None:
    """Return the fault that a letter reports: whether it opens or joins it, and whom that wakes."""
    if change is None:
        return None
    pages = [message.level.value for message in change.outgoing if isinstance(message, OutgoingPage)]
    return {"fault": change.after.id, "how": _how(change), "reports": change.after.reports, "pages": pages}


def _how(change: FaultChange) -> str:
    if change.before is None:
        return "open"
    return "reopen" if change.before.is_over and not change.after.is_over else "join"


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "clause": finding.clause,
        "mode": finding.mode.value,
        "matched": finding.matched,
        "evidence": list(finding.evidence),
        "outcome": finding.outcome.value,
        "reason": finding.reason,
    }


def _deadlines(explained: Explained) -> dict[str, str | None]:
    ticket, edition = explained.ticket, explained.arrival.edition
    due = ticket.promised_by if ticket else None
    lapse = ticket.lapse.due if ticket and ticket.lapse and ticket.lapse.lapses else None
    zone = _zone(edition)
    return {
        "reaction_due": printing.iso(due, zone) if due else None,
        "lapse_due": printing.iso(lapse, zone) if lapse else None,
    }


def _undecreed_years(ticket: Ticket | None) -> list[int]:
    """Return the years on which the deadlines rest and whose production calendar is not decreed yet."""
    if ticket is None:
        return []
    lapse = ticket.lapse.undecreed_years if ticket.lapse and ticket.lapse.lapses else ()
    return sorted({*ticket.promise_undecreed_years, *lapse})


def _zone(edition: Edition | None) -> str:
    return edition.hours.time_zone if edition else "UTC"


def show(explained: Explained) -> None:
    """Print a letter's card for a person."""
    arrival, found, ticket = explained.arrival, explained.classification, explained.ticket
    letter, edition = explained.letter, arrival.edition
    zone = _zone(edition)
    place = f"{edition.desk.id}, edition {edition.name}" if edition else "no desk"
    print(f"{arrival.file}: {place}")
    rows = [("from", _author(letter))]
    rows.append(("subject", letter.subject or "(none)"))
    rows.append(("arrived", printing.moment(letter.envelope.received_at, zone)))
    rows.append(("kind", f"{letter.kind} ({letter.kind_evidence})"))
    if found is not None:
        known = found.identification
        said = [
            f"{name} {value}"
            for name in _DETAILS
            if (value := getattr(known, name)) is not None and name != "client_id"
        ]
        rows.append(("who", "; ".join(said) or "says nothing of itself"))
        if client := printing.client_of(known):
            rows.append(("client", client))
        if earlier := printing.from_earlier(known, zone):
            rows.append(("from earlier", earlier))
        if absent := printing.declared_none(known):
            rows.append(("has none", absent))
        if known.missing:
            rows.append(("missing", ", ".join(known.missing)))
        rows.append(("about", _about(found)))
        matched = [finding for finding in found.findings if finding.matched]
        rows += [("found" if at == 0 else "", printing.finding(finding)) for at, finding in enumerate(matched)]
    rows.append(("decision", _decision_line(explained)))
    if explained.fault is not None:
        rows.append(("fault", _fault_line(explained.fault)))
    if ticket is not None and ticket.promised_by is not None:
        rows.append(("due", _due_line(ticket, zone)))
    if ticket is not None and ticket.lapse is not None and ticket.lapse.lapses:
        lapse = ticket.lapse
        rows.append(
            ("lapses", f"{printing.moment(lapse.due, zone)} unless answered ({printing.clause_of(lapse.clause)})")
        )
    printing.table(rows, indent="  ")
    print()


def _author(letter: Letter) -> str:
    trust = f"{letter.trust}: {letter.trust_evidence}"
    sender = letter.sender or Address("")
    return printing.mailbox(sender.address, sender.name, trust)


def _about(found: Classification) -> str:
    about = str(found.category)
    if found.category is Category.OUT_OF_SCOPE:
        about += f" ({found.out_of_scope_clause})"
    if found.category is Category.FAQ:
        about += f" ({found.faq_id})"
    return about + (f", {found.offence}" if found.offence else "")


def _decision_line(explained: Explained) -> str:
    ground = f" ({printing.clause_of(explained.clause)})" if explained.clause else ""
    ticket = f", ticket {explained.ticket.id}" if explained.ticket else ""
    earlier = f", repeats {explained.duplicate_of}" if explained.duplicate_of else ""
    return f"{explained.outcome}: {explained.reason}{ground}{ticket}{earlier}"


_BECOMES = {"open": "it opens", "join": "it joins", "reopen": "it is back"}


def _fault_line(change: FaultChange) -> str:
    pages = any(isinstance(message, OutgoingPage) for message in change.outgoing)
    woken = "the on-call is paged" if pages else "no page of its own"
    return f"{change.after.id}, {_BECOMES[_how(change)]}: {printing.count(change.after.reports, 'report')}, {woken}"


def _due_line(ticket: Ticket, zone: str) -> str:
    due = ticket.promised_by
    assert due is not None  # the caller asked
    critical = ticket.critical is not None and ticket.critical.due == due
    clock = ticket.critical if critical else ticket.reaction
    what = "reaction to a critical fault" if critical else "first reaction"
    warning = printing.provisional(ticket.promise_undecreed_years)
    return f"{printing.moment(due, zone)}, {what} ({printing.clause_of(clock.clause if clock else None)}){warning}"
