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
from application.scratch_day import OWN_ID, Arrival, ScratchDay
from cli import printing
from cli.explained import as_data, show
from cli.options import Options
from cli.people_file import people_in
from cli.target import Misuse, desk_named, instant, zone_of
from composition import AwsServices
from domain.addresses import without_plus
from domain.letter import Envelope, Letter
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
