"""`reglament adopt`: a table that was restored under another name is prepared to take the place of the stack's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from adapters.dynamodb import DynamoTable
from adapters.dynamodb.restored import DamagedTable, NotAdoptable, RestoredTable
from application.restored import Fate, Settled, carry_out, fate_of
from application.storage import Evidence, OutboxState, Unsettled
from cli import journal, printing
from cli.options import Options
from cli.target import Failed, Misuse, connect, instant
from composition import AwsServices
from domain.regulation.editions import desk_ids
from domain.ticket.outgoing import OutgoingMail
from domain.writer.authorship import shown_address

ITEMS_BETWEEN_NEWS = 500


def run(
    options: Options,
    services: AwsServices,
    name: str,
    restored_to: str | None = None,
    damaged: str | None = None,
    *,
    dry_run: bool = False,
) -> int:
    """Set what a restore does not carry over, settle what had not left by then, and print the parameters to deploy with.

    Done again it finds nothing left to do and prints the same parameters. With `dry_run` nothing is written.
    """
    services = connect(options, services)
    if services.setting("TABLE") == name:
        raise Failed(
            f"the stack uses {name} already: its letters are its own, and this would give up what waits to be sent"
        )
    if damaged == name:
        raise Misuse(f"--damaged: found {name!r}, expected the table that was restored from, not the restored one")
    client, shards = services.connect("dynamodb"), int(services.setting("DUE_SHARDS"))
    table, store = RestoredTable(client, name, shards), DynamoTable(client, name, shards)
    evidence_of = DamagedTable(client, damaged, shards) if damaged is not None else None
    try:
        described = table.described()
        _refuse_another_key(name, _key_of(described), services.environment.get("KEY"))
        at = _restored_to(restored_to, described)
        if not dry_run:
            journal.note(services, "adopt", f"table {name}", table=store)
        settings = _settings(table, dry_run=dry_run)
    except NotAdoptable as error:
        raise Failed(str(error)) from error
    for setting in settings:
        _tell({"setting": setting, "set": not dry_run}, f"{setting}: {_done('set', dry_run=dry_run)}", options)
    fates: Counter[Fate] = Counter()
    for item in _unsettled(table, store, with_given_up=evidence_of is not None):
        evidence = evidence_of.evidence(item.key) if evidence_of is not None else None
        settled = fate_of(item, evidence, at)
        if item.state is OutboxState.FAILED and settled.fate is not Fate.SENT:
            continue  # it stays on the list
        if not dry_run:
            carry_out(settled, evidence, table, store, services.now())
        fates[settled.fate] += 1
        _tell_item(settled, evidence, options)
        if fates.total() % ITEMS_BETWEEN_NEWS == 0:
            printing.warn(f"{fates.total()} letters and pages so far")
    _tell_end(table, fates, options, dry_run=dry_run)
    return 0


def _key_of(described: dict[str, Any]) -> str | None:
    """Return the key of KMS that a table is encrypted by; None where it is one of DynamoDB's own."""
    key: str | None = described.get("SSEDescription", {}).get("KMSMasterKeyArn")
    return key


def _refuse_another_key(name: str, key: str | None, of_stack: str | None) -> None:
    """Refuse a table that the functions could not open: their roles allow the stack's key alone."""
    if key is None or of_stack is None or key == of_stack:
        return
    command = f"aws dynamodb update-table --table-name {name} --sse-specification Enabled=true,SSEType=KMS,KMSMasterKeyId={of_stack}"
    raise Failed(
        f"{name} is encrypted by {key}, and the functions may use {of_stack} alone. Change it by `{command}`, wait until "
        "the table is ACTIVE again, and repeat this"
    )


def _restored_to(given: str | None, described: dict[str, Any]) -> datetime:
    """Return the instant of the restore: as it is given, or as the table says."""
    if given is not None:
        return instant(given, "UTC", "--restored-to")
    summary = described.get("RestoreSummary")
    at = summary.get("RestoreDateTime") if isinstance(summary, dict) else None
    if not isinstance(at, datetime):
        raise Misuse("the table does not say to which instant it was restored; name it with --restored-to ISO")
    return at


def _settings(table: RestoredTable, *, dry_run: bool) -> list[str]:
    """Set what the table lacks and return the names of it."""
    names = []
    for lacking in table.lacking():
        names.append(lacking.name)
        if not dry_run:
            lacking.set()
    return names


def _unsettled(table: RestoredTable, store: DynamoTable, *, with_given_up: bool) -> Iterator[Unsettled]:
    """Return what had not left; what was given up too where the damaged table may know that it was sent after all."""
    yield from table.unsettled()
    for desk in desk_ids() if with_given_up else ():
        for given_up in store.given_up(desk):
            yield Unsettled(given_up.key, given_up.message, OutboxState.FAILED)


def _tell_item(settled: Settled, evidence: Evidence | None, options: Options) -> None:
    key, message = settled.item.key, settled.item.message
    to = (shown_address(message.to) or "the team") if isinstance(message, OutgoingMail) else message.level
    told = {"ticket": key.ticket, "item": key.item, "kind": message.kind, "to": to, "fate": settled.fate}
    known = {"damaged_table_says": evidence.state} if evidence is not None else {}
    reason = {"reason": settled.reason} if settled.reason else {}
    line = f"{key.ticket}: {message.kind} to {to}: {settled.fate}"
    _tell({**told, **known, **reason}, line + (f" ({settled.reason})" if settled.reason else ""), options)


def _tell_end(table: RestoredTable, fates: Counter[Fate], options: Options, *, dry_run: bool) -> None:
    counted = ", ".join(f"{fates[fate]} {fate}" for fate in Fate)
    described = table.described()
    name, stream = described["TableName"], described.get("LatestStreamArn", "")
    key = _key_of(described) or "a key of DynamoDB's own"
    end = {"AdoptedTable": name, "AdoptedTableStream": stream, "encrypted_by": key, "dry_run": dry_run}
    if options.json:
        printing.as_json({**end, **{str(fate): fates[fate] for fate in Fate}})
        return
    print(f"letters and pages that had not left: {counted}")
    print(f"encrypted by {key}")
    if dry_run:
        print("nothing was written: this was a dry run")
        return
    print(f"deploy with: AdoptedTable={name} AdoptedTableStream={stream} Paused=true")


def _tell(value: dict[str, object], line: str, options: Options) -> None:
    if options.json:
        printing.as_json(value)
    else:
        print(line)


def _done(what: str, *, dry_run: bool) -> str:
    return f"would be {what}" if dry_run else what
