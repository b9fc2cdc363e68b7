"""`make corpus DIR=…`: reads every letter below a folder and says what each was taken for.

Any file is taken for a letter, whatever it is called, so that a Maildir is read as well; one that opens with
an mbox separator is taken apart into its letters. Nothing of a letter is printed but the name of its file:
the output may be shown to others as it is.
"""

from __future__ import annotations

import argparse
import mmap
import os
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from adapters.mail.cutting import MAX_LETTER_BYTES
from adapters.mail.reading import READ_AS_TEXT, read_or_raise
from domain.letter import Envelope, LetterKind

READ, NOT_ALL_READ, NOTHING_READ = 0, 1, 2
SLOW_SECONDS = 2.0
_ENVELOPE = Envelope("corpus", datetime(2000, 1, 1, tzinfo=UTC), ())
# RFC 4155: a separator stands at the very start or below a blank line; the date in it tells it from a sentence.
_SEPARATOR = re.compile(rb"(?:\A|\n\r?\n)From [^\r\n]{1,300}?\d\d:\d\d[^\r\n]{0,100}\r?\n")
_MBOX_OPENING = b"From "
_WORTH_PROCESSES = 500
_CHUNK = 16
_PROGRESS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a letter lies: a file, or a stretch of one."""

    path: str
    name: str
    start: int = 0
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one letter; `error` names an exception and where it was raised, without its message."""

    name: str
    size: int = 0
    seconds: float = 0.0
    kind: LetterKind | None = None
    evidence: str = ""
    defects: tuple[str, ...] = ()
    error: str = ""


def places(folder: Path) -> Iterator[Place]:
    """Every letter below the folder (or in that one file), in the order of their names."""
    files = [folder] if folder.is_file() else sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        name = _printable(path.name if path == folder else str(path.relative_to(folder)))
        try:
            stretches = _mbox_stretches(path)
        except OSError:
            stretches = []  # reading it will fail again, and be told then
        if not stretches:
            yield Place(str(path), name)
        for number, (start, end) in enumerate(stretches, 1):
            yield Place(str(path), f"{name}#{number}", start, end)


def _mbox_stretches(path: Path) -> list[tuple[int, int]]:
    with path.open("rb") as file:
        if file.read(len(_MBOX_OPENING)) != _MBOX_OPENING:
            return []
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as whole:
            bounds = [match.span() for match in _SEPARATOR.finditer(whole)]
            ends = [*(start + 1 for start, _ in bounds[1:]), len(whole)]
    # A file may open with "From " and hold no separator: then it is one letter.
    return [(start, end) for (_, start), end in zip(bounds, ends, strict=False)]


def read(place: Place) -> Outcome:
    """Reads one letter with nothing caught on its behalf; never raises."""
    began = time.perf_counter()
    size = 0
    try:
        with Path(place.path).open("rb") as file:
            file.seek(place.start)
            # One byte more than the limit is enough for the reader to name it.
            wanted = MAX_LETTER_BYTES + 1
            raw = file.read(wanted if place.end is None else min(wanted, place.end - place.start))
        size = len(raw)
        letter = read_or_raise(raw, _ENVELOPE)
    except Exception as error:  # noqa: BLE001 - to find any exception is what this is for
        return Outcome(place.name, size, time.perf_counter() - began, error=_told(error))
    seconds = time.perf_counter() - began
    return Outcome(place.name, size, seconds, letter.kind, letter.kind_evidence, letter.defects)


def _told(error: Exception) -> str:
    """The exception's type and place: its message may hold words of the letter."""
    frames = traceback.extract_tb(error.__traceback__)
    where = next((frame for frame in reversed(frames) if "adapters" in Path(frame.filename).parts), frames[-1])
    return f"{type(error).__name__} at {Path(where.filename).name}:{where.lineno}"


def _printable(name: str) -> str:
    text = os.fsencode(name).decode("utf-8", "replace")
    return "".join(char if char.isprintable() else "?" for char in text)


def read_all(found: Sequence[Place], processes: int) -> Iterator[Outcome]:
    """The outcomes in the order of the places; raises BrokenProcessPool where a process dies."""
    if processes < 2 or len(found) < _WORTH_PROCESSES:
        yield from map(read, found)
        return
    with ProcessPoolExecutor(processes) as pool:
        yield from pool.map(read, found, chunksize=_CHUNK)


def _with_progress(outcomes: Iterable[Outcome], total: int, out: TextIO) -> Iterator[Outcome]:
    shown = time.monotonic()
    for number, outcome in enumerate(outcomes, 1):
        yield outcome
        if time.monotonic() - shown >= _PROGRESS_SECONDS:
            shown = time.monotonic()
            print(f"  {number:,} of {total:,} letters", file=out, flush=True)


def report(outcomes: Sequence[Outcome]) -> str:
    """The whole report as text: kinds, what was odd, and a line for each letter that was not read."""
    kinds = Counter(one.kind for one in outcomes if one.kind is not None)
    defects = Counter(defect for one in outcomes if one.kind is not LetterKind.QUARANTINED for defect in one.defects)
    failed = [f"{one.name}: {one.error}" for one in outcomes if one.error]
    refused = [f"{one.name}: {one.evidence}" for one in outcomes if one.kind is LetterKind.QUARANTINED]
    bare = [
        f"{one.name}: {defect}"
        for one in outcomes
        if one.kind is not LetterKind.QUARANTINED
        for defect in one.defects
        if defect.endswith(READ_AS_TEXT)
    ]
    slow = [f"{one.name}: {one.seconds:.1f} s" for one in outcomes if one.seconds > SLOW_SECONDS]
    lines = [f"{count:>8,}  {kind.value}" for kind, count in kinds.most_common()]
    noted = [f"{count:>8,}  {defect}" for defect, count in defects.most_common()]
    for title, rows in (
        ("What was odd, and in how many letters", noted),
        ("Slow (more than 2 s)", [f"  {row}" for row in slow]),
        ("No letter by its header: read as a text of nobody's", [f"  {row}" for row in bare]),
        ("Quarantined: kept, not read", [f"  {row}" for row in refused]),
        ("Exceptions: a letter like this is a bug of the reader", [f"  {row}" for row in failed]),
    ):
        if rows:
            lines += ["", title, *rows]
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the folder, prints the report; 1 where a letter raised an exception, 2 where there is none to read."""
    parser = argparse.ArgumentParser(prog="make corpus", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder of letters (any file name, Maildir, mbox), or one file")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="at once (default: %(default)s)")
    options = parser.parse_args(arguments)
    if not options.folder.exists():
        print(f"{options.folder} is not there.", file=sys.stderr)
        return NOTHING_READ
    began = time.monotonic()
    found = list(places(options.folder))
    if not found:
        print(f"There is no file below {options.folder}.", file=sys.stderr)
        return NOTHING_READ
    try:
        outcomes = list(_with_progress(read_all(found, options.processes), len(found), sys.stderr))
    except BrokenProcessPool:
        print("A process that read letters died. --processes 1 shows at which letter.", file=sys.stderr)
        return NOT_ALL_READ
    failed = sum(bool(one.error) for one in outcomes)
    refused = sum(one.kind is LetterKind.QUARANTINED for one in outcomes)
    seconds = time.monotonic() - began
    megabytes = sum(one.size for one in outcomes) / 1e6
    print(report(outcomes))
    print(
        f"\n{len(outcomes):,} letters ({megabytes:.1f} MB) in {seconds:.1f} s:"
        f" {len(outcomes) - failed - refused:,} read, {refused:,} quarantined, {failed:,} exceptions"
    )
    return NOT_ALL_READ if failed else READ


if __name__ == "__main__":
    sys.exit(main())
