"""`reglament audit`: the bucket of letters and the table compared, each finding with its remedy; read-only unless told."""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime

from adapters.audit.bucket import LetterBucket
from adapters.audit.check import AuditedTable, NotRepaired
from adapters.audit.facts import Facts
from adapters.audit.table import TableScan
from adapters.ses.raw_letter import envelope_from_raw
from application.aside import NO_DESK
from application.audit import Finding, Flaw, Looked
from application.replay import NotReplayable
from application.taken_up import LostLetter, lost_letter
from cli import journal, printing, recovery
from cli.options import Options
from cli.target import connect, desk_named, instant, zone_of
from composition import AwsServices

ITEMS_BETWEEN_NEWS = 50_000
TAKEN_UP = (Flaw.LETTER_WITHOUT_RECORD, Flaw.RECORD_WITHOUT_TICKET)
"""What `--replay` takes up."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Of what an audit tells."""

    desk: str | None = None
    since: str | None = None
    table: str | None = None


def run(options: Options, services: AwsServices, asked: Asked, *, take_up: bool = False, repair: bool = False) -> int:
    """Print what does not fit, with its remedy, or carry the remedies out; exit status 1 where something is left.

    The bucket is listed first and the table read after it: a letter that was filed meanwhile has its record by then.
    """
    desk = desk_named(asked.desk) if asked.desk is not None else None
    since = instant(asked.since, "UTC", "--since") if asked.since is not None else None
    services = connect(options, services)
    name, shards = asked.table or services.setting("TABLE"), int(services.setting("DUE_SHARDS"))
    bucket = LetterBucket(services.connect("s3"), services.mail_bucket)
    table = AuditedTable(services.connect("dynamodb"), name, shards)
    services = replace(services, environment={**services.environment, "TABLE": name})
    for how, is_asked in (("--repair", repair), ("--replay", take_up)):
        if is_asked:
            journal.note(services, f"audit {how}", f"table {name}")
    left: Counter[Flaw] = Counter()
    lost: list[LostLetter] = []
    with closing(Facts(services.now(), shards)) as facts:
        looked = _read(facts, bucket, TableScan(services.connect("dynamodb"), name))
        for found in facts.findings():
            finding = _looked_at_again(found, table, bucket, services, lost)
            if finding is None or not _is_asked_for(finding, desk, since):
                continue
            if repair and _repaired(finding, table, bucket, services, options):
                continue
            if take_up and finding.flaw in TAKEN_UP:
                continue
            left[finding.flaw] += 1
            _tell(finding, options)
    if take_up:
        wanted = [one for one in lost if _is_asked_for(_of_letter(one), desk, since)]
        left[Flaw.LETTER_WITHOUT_RECORD] += recovery.take_up(wanted, services, as_json=options.json)
    _tell_end(left, looked, options)
    return 1 if left.total() else 0


def _read(facts: Facts, bucket: LetterBucket, scan: TableScan) -> Looked:
    letters, items = facts.add_letters(bucket.letters()), 0
    for item in scan.items():
        facts.add_item(item)
        items += 1
        if items % ITEMS_BETWEEN_NEWS == 0:
            printing.warn(f"{items} items of the table so far")
    return Looked(letters, items, bucket.requests + scan.requests, scan.read_units)


def _looked_at_again(
    found: Finding, table: AuditedTable, bucket: LetterBucket, services: AwsServices, lost: list[LostLetter]
) -> Finding | None:
    """Return a finding as it is now; None where it is none any more. A letter without a record is read, and kept."""
    finding = table.as_it_is(found, bucket, services.now())
    if finding is None or finding.flaw not in TAKEN_UP:
        return finding
    assert finding.at is not None  # a listing tells when each was written, a record when it came
    try:
        letter = lost_letter(finding.subject, finding.at, services, envelope_from_raw)
    except NotReplayable:
        return finding if finding.flaw is Flaw.RECORD_WITHOUT_TICKET else None  # gone, or moved meanwhile
    if finding.flaw is Flaw.RECORD_WITHOUT_TICKET:
        lost.append(letter)
        return finding
    if any(table.has_record(desk, letter.name) for desk in letter.desks):
        return None
    lost.append(letter)
    return _of_letter(letter)


def _of_letter(letter: LostLetter) -> Finding:
    desks = ", ".join(letter.desks)
    return Finding(Flaw.LETTER_WITHOUT_RECORD, letter.location, desks, letter.envelope.received_at)


def _is_asked_for(finding: Finding, desk: str | None, since: datetime | None) -> bool:
    if since is not None and finding.at is not None and finding.at < since:
        return False
    return desk is None or not finding.desk or desk in finding.desk.split(", ")


def _repaired(
    finding: Finding, table: AuditedTable, bucket: LetterBucket, services: AwsServices, options: Options
) -> bool:
    """Carry the remedy of a finding out where that is known; False where it is not, or it failed."""
    try:
        done = table.repair(finding, bucket, services.now())
    except NotRepaired as error:
        printing.warn(f"{finding.subject}: {error}")
        return False
    if done is None:
        return False
    if options.json:
        printing.as_json({"flaw": finding.flaw, "subject": finding.subject, "repaired": done})
    else:
        print(f"{finding.flaw}: {finding.subject}: {done}")
    return True


def _tell(finding: Finding, options: Options) -> None:
    desk = finding.desk if finding.desk != NO_DESK else ""
    if options.json:
        at = printing.iso(finding.at, "UTC") if finding.at is not None else None
        told = {"flaw": finding.flaw, "subject": finding.subject, "desk": desk or None, "at": at}
        printing.as_json({**told, "detail": finding.detail, "remedy": finding.helped_by})
        return
    zone = zone_of(desk) if desk and ", " not in desk else "UTC"
    at = printing.moment(finding.at, zone) if finding.at is not None else ""
    parts = [part for part in (desk, at, finding.detail) if part]
    print(f"{finding.flaw}: {finding.subject}" + (f" ({', '.join(parts)})" if parts else ""))
    print(f"    {finding.helped_by}")


def _tell_end(left: Counter[Flaw], looked: Looked, options: Options) -> None:
    tell = printing.warn if options.json else print
    for flaw in Flaw:
        if left[flaw]:
            tell(f"{left[flaw]:>7}  {flaw}")
    found = "nothing was found" if not left.total() else f"{printing.count(left.total(), 'finding')}"
    units = f", {looked.read_units:,.0f} read units" if looked.read_units else ""
    letters, items = printing.count(looked.letters, "letter"), printing.count(looked.items, "item")
    tell(f"{found} in {letters} and {items}, by {printing.count(looked.requests, 'request')}{units}")
