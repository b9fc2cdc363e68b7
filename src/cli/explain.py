"""`reglament explain`: what a desk would do with letters, and why. No network; nothing is written.

The letters pass through the functions that receive real ones, over a store in memory, in the order of their
dates: so repeated letters and threads show as they would.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.mail.authentication import SesBlock, ses_block
from adapters.mail.headers import every, first, parse_addresses, parse_date
from adapters.mail.reading import read_letter
from adapters.mail.repair import header_of
from adapters.memory import MemoryStore
from adapters.people_files import enter_seeds
from adapters.problems import Problem
from adapters.registry_file import read_clients
from adapters.ses.raw_letter import envelope_from_raw
from application.people import seed
from application.scratch_day import OWN_ID, Arrival, Explained, ScratchDay
from application.storage import FaultChange
from cli import printing
from cli.options import Options
from cli.people_file import people_in
from cli.target import Misuse, desk_named, instant, zone_of
from composition import AwsServices
from domain.addresses import without_plus
from domain.findings import Category, Classification, Finding, Identification
from domain.letter import Address, Envelope, Letter
from domain.regulation.desk import Forwarders
from domain.regulation.edition import Edition
from domain.regulation.editions import (
    NoEditionInForce,
    desk_by_address,
    desk_ids,
    edition_at,
    edition_serving,
    own_addresses,
)
from domain.rota import Rota
from domain.ticket.outgoing import OutgoingPage
from domain.ticket.ticket import Ticket

HEADERS_READ = 2 * 1024 * 1024
"""Bytes in which the fields that stand in for the envelope are looked for."""


def run(
    options: Options,
    services: AwsServices,
    files: Sequence[str],
    desk: str | None,
    clients: str | None,
    at: str | None,
    *,
    people: str | None = None,
) -> int:
    """Explain every letter, in the order given; exit status 0 where all could be read."""
    desk_id = desk_named(desk) if desk else None
    letters = [*letter_files(files)]
    day = ScratchDay(store_of(clients, desk_id, people, services.now()))
    arrivals = [arrival_of(str(file), file, desk_id, at, services.now()) for file in letters]
    in_order = sorted(range(len(arrivals)), key=lambda place: (_dated(arrivals[place].letter), place))
    explained = {place: day.take(arrivals[place]) for place in in_order}
    for place, arrival in enumerate(arrivals):
        if arrival.edition is None:
            printing.warn(f"{arrival.file}: it names no desk's address: say which with --desk")
        if options.json:
            printing.as_json(as_data(explained[place]))
        else:
            show(explained[place])
    return 0


def letter_files(given: Sequence[str]) -> Iterator[Path]:
    """Return the files given, and the `.eml` files of folders given, sorted; raises Misuse where there are none."""
    for name in given:
        path = Path(name)
        if path.is_dir():
            found = sorted(file for file in path.rglob("*") if file.suffix.casefold() == ".eml" and file.is_file())
            if not found:
                raise Misuse(f"{name}: found no letters in the folder, expected files that end in .eml")
            yield from found
        elif path.exists():
            yield path
        else:
            raise Misuse(f"{name}: no such file or folder")


def store_of(clients: str | None, desk: str | None, people: str | None, now: datetime) -> MemoryStore:
    """Return a store with the registry and the people that files hold; raises Misuse with everything wrong in them.

    Without a file of people each desk has those of its own file, `people.toml`.
    """
    store = MemoryStore()
    _enter(store, desk, people, now)
    if clients is None:
        return store
    wrong = []
    try:
        with Path(clients).open("rb") as lines:
            for row in read_clients(lines, clients, desk):
                if isinstance(row, Problem):
                    wrong.append(str(row))
                    continue
                for of in (row.client.desk,) if row.client.desk else desk_ids():
                    store.save(row.client.model_copy(update={"desk": of}))
    except OSError as error:
        raise Misuse(f"{clients}: {error.strerror or error}") from error
    if wrong:
        raise Misuse("\n".join(wrong))
    return store


def _enter(store: MemoryStore, desk: str | None, file: str | None, now: datetime) -> None:
    if file is not None and desk is None:
        raise Misuse("--people FILE is of one desk: say which with --desk")
    if file is not None and desk is not None:
        seed(store, desk, people_in(file, desk).people, Rota(), at=now, caller="explain")
    enter_seeds(store, at=now, caller="explain")


# Arrival --------------------------------------------------------------------------------------------------


def arrival_of(name: str, file: Path, desk: str | None, at: str | None, now: datetime) -> Arrival:
    """Return a letter as if it had just arrived: at `at`, else when SES took it, else at its Date, else now."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise Misuse(f"{name}: {error.strerror or error}") from error
    header = header_of(raw, HEADERS_READ)
    block = ses_block(header)
    addressed = _addressed(header, block)
    desks = tuple(dict.fromkeys(known for to in addressed if (known := desk_by_address(without_plus(to))) is not None))
    taken_by = desk or next(iter(desks), None)
    dated = parse_date(first(header, "date"))
    asked = instant(at, zone_of(taken_by) if taken_by else "UTC") if at is not None else None
    claimed = (block.received_at if block else None) or dated
    edition, arrived = _edition(name, taken_by, asked, claimed, now)
    forwarders = Forwarders.of(edition.desk.forwarders) if edition else Forwarders()
    letter = read_letter(raw, _envelope(raw, block, addressed, arrived), own_addresses(), forwarders)
    return Arrival(name, letter, edition, tuple(other for other in desks if other != taken_by))


def _addressed(header: list[tuple[str, str]], block: SesBlock | None) -> tuple[str, ...]:
    """Return what stands in for the envelope's recipients, the surest first."""
    if block is not None and block.recipients:
        return block.recipients
    delivered = [value for name in ("delivered-to", "x-original-to", "envelope-to") for value in every(header, name)]
    received = [
        value.rpartition(" for ")[2].partition(";")[0] for value in every(header, "received") if " for " in value
    ]
    named = parse_addresses([*delivered, *received, *every(header, "to"), *every(header, "cc")])
    return tuple(dict.fromkeys(mailbox.address for mailbox in named))


def _edition(
    name: str, desk: str | None, asked: datetime | None, claimed: datetime | None, now: datetime
) -> tuple[Edition | None, datetime]:
    """Return the edition that rules for a letter and the instant of its arrival.

    A Date that lies before the desk's first edition, or beyond any calendar, cannot be the time of arrival.
    What arrives now is taken, under the last edition where none is in force.
    """
    if desk is None:
        return None, (asked or claimed or now).astimezone(UTC)
    if asked is not None:
        try:
            return edition_at(desk, asked), asked.astimezone(UTC)
        except NoEditionInForce as error:
            raise Misuse(f"--at: {error}") from error
    if claimed is not None:
        try:
            if 1900 < claimed.year < 2199:
                return edition_at(desk, claimed), claimed.astimezone(UTC)
        except NoEditionInForce:
            pass
        printing.warn(f"{name}: its Date, {claimed:%Y-%m-%d}, is no time of arrival; taken as arriving now")
    return edition_serving(desk, now), now


def _envelope(raw: bytes, block: SesBlock | None, addressed: tuple[str, ...], arrived: datetime) -> Envelope:
    if block is not None:
        envelope = envelope_from_raw(raw, block.message_id, arrived, addressed)
        return replace(envelope, received_at=arrived)
    return Envelope(OWN_ID + hashlib.sha256(raw).hexdigest()[:40], arrived, addressed)


def _dated(letter: Letter) -> datetime:
    """Return what letters are put in order by: their Date, else their arrival."""
    return letter.date or letter.envelope.received_at


# Showing --------------------------------------------------------------------------------------------------


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
