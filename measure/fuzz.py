"""`make fuzz`: a coverage-guided search for letters that the reader fails on or takes too long over.

    python -m measure.fuzz --seconds 600            several processes, each mutating the same pool of letters
    python -m measure.fuzz --again var/fuzz/found   reads what was found before, after mending

Runs in .venv-fuzz, which has atheris (libFuzzer for Python). The pool starts from the fixtures and is kept, so
that the next run goes on where this one ended. What fails is written to var/fuzz/found, one file for each place
in the code; once mended it becomes a fixture. Exit status 1 where anything was found.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "var" / "fuzz"
SEEDS = ROOT / "tests" / "fixtures" / "letters"
SLOW_SECONDS = 2.0
# A hang that never returns: libFuzzer itself then writes the letter and ends the process.
_STUCK_SECONDS = 10
_MAX_BYTES = 20_000
_STARTING_SECONDS = 60
# What random bytes would hardly ever spell (libFuzzer's dictionary).
WORDS = (
    "--b1", "--b1--", "\r\n", "\r\n\r\n", "Content-Type: ", "multipart/mixed; boundary=b1", "multipart/alternative; boundary=b1",
    "message/rfc822", "message/delivery-status", "message/feedback-report", "text/html; charset=", "text/calendar; method=REPLY",
    "application/ms-tnef", "Content-Transfer-Encoding: base64", "quoted-printable", "uuencode", "format=flowed", "delsp=yes",
    "Content-Disposition: attachment; filename*0*=", "koi8-r", "windows-1251", "utf-16", "utf-7", "idna", "iso-2022-jp",
    "=?utf-8?B?", "=?koi8-r?Q?", "?=", "From: ", "To: ", "Date: ", "References: <", "Auto-Submitted: ", "Return-Path: <>",
    "Authentication-Results: amazonses.com; ", "X-SES-RECEIPT: ", "@xn--", "\x00", "\xff\xfe", "> ", "On 1.1.2026 a@b wrote:",
    "От: ", "Тема: ", "С уважением,", "-- \n", "<div class=gmail_quote>", "<blockquote>", "<table><tr><td>", "<pre>", "&#x200b;",
    "application/pkcs7-mime", "name=smime.p7m", "\x30\x80\x06\x09", "\x24\x80\x04\x02", "\x1b$B-b", "BEGIN:VEVENT\nDESCRIPTION:",
    "Content-Type : text/plain charset=", "Ð\x9f", "<a href=http://x>", "style=display:none", "id=Signature", "Final-Recipient: rfc822;", "Status: 5.1.1", "begin 644 a\n",
)  # fmt: skip


def checked(read: Callable[[bytes], object], raw: bytes) -> str:
    """What is wrong with how the letter is read, in one line; empty where nothing is."""
    began = time.perf_counter()
    try:
        read(raw)
    except Exception as error:  # noqa: BLE001 - to find any exception is what this is for
        frames = traceback.extract_tb(error.__traceback__)
        place = next((frame for frame in reversed(frames) if "adapters" in Path(frame.filename).parts), frames[-1])
        return f"{type(error).__name__} at {Path(place.filename).name}:{place.lineno}"
    taken = time.perf_counter() - began
    return f"slow: {taken:.0f} s" if taken > SLOW_SECONDS else ""


def keep(raw: bytes, wrong: str, folder: Path) -> bool:
    """Writes the letter under the name of what is wrong, unless a shorter one for the same is there."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "".join(char if char.isalnum() else "-" for char in wrong)
    path = folder / f"{name}.eml"
    if path.exists() and path.stat().st_size <= len(raw):
        return False
    path.write_bytes(raw)
    return True


def _search(seconds: int, found: Path, pool: Path, seed: int) -> None:
    """One process of the search; libFuzzer ends it."""
    import atheris  # type: ignore[import-untyped,import-not-found,unused-ignore]

    with atheris.instrument_imports(include=["adapters", "domain", "email"]):
        read = reader()

    def one(raw: bytes) -> None:
        wrong = checked(read, raw)
        if wrong and keep(raw, wrong, found):
            print(f"  found: {wrong}", file=sys.stderr, flush=True)

    found.mkdir(parents=True, exist_ok=True)
    words = pool.parent / f"words-{seed}.txt"
    quoted = ("".join(f"\\x{byte:02x}" for byte in word.encode()) for word in WORDS)
    words.write_text("".join(f'"{word}"\n' for word in quoted), encoding="ascii")
    settings = {
        "max_total_time": seconds,
        "timeout": _STUCK_SECONDS,
        "max_len": _MAX_BYTES,
        "len_control": 0,  # long letters from the start: short ones are never slow
        "rss_limit_mb": 1024,
        "reload": 1,  # letters that the other processes found interesting
        "seed": seed,
        "dict": words,
        "artifact_prefix": f"{found}{os.sep}stuck-",
        "print_final_stats": 1,
    }
    # An empty command line would run the letters once; the pool comes first, for libFuzzer writes to the first.
    atheris.Setup([sys.argv[0], *(f"-{name}={value}" for name, value in settings.items()), str(pool), str(SEEDS)], one)
    atheris.Fuzz()


def reader() -> Callable[[bytes], object]:
    """The inner reader, without the net that makes a quarantined letter of any exception."""
    from adapters.mail.reading import read_or_raise
    from domain.letter import Envelope

    envelope = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
    return lambda raw: read_or_raise(raw, envelope)


def again(folder: Path) -> int:
    """Reads the letters found before; returns 1 where one still fails."""
    read = reader()
    bad = [(path.name, wrong) for path in sorted(folder.glob("*")) if (wrong := checked(read, path.read_bytes()))]
    for name, wrong in bad:
        print(f"{name}: {wrong}")
    print(f"{len(bad)} of the letters below {folder} still fail")
    return 1 if bad else 0


def search(seconds: int, processes: int, folder: Path) -> int:
    """Searches for that long; returns 1 where anything was found, 2 where a process could not search."""
    pool, found = folder / "pool", folder / "found"
    pool.mkdir(parents=True, exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in found.glob("*")}
    print(f"searching for {seconds} s in {processes} processes; the pool is {pool}", file=sys.stderr, flush=True)
    logs = [folder / f"search-{number}.log" for number in range(processes)]
    started = []
    for number, log in enumerate(logs):
        with log.open("wb") as out:
            command = [sys.executable, "-m", "measure.fuzz", "--seconds", str(seconds), "--folder", str(folder)]
            started.append(subprocess.Popen([*command, "--inside", str(number + 1)], cwd=ROOT, stdout=out, stderr=out))
    try:
        ends = [process.wait(seconds + _STARTING_SECONDS) for process in started]
    except (KeyboardInterrupt, subprocess.TimeoutExpired):
        for process in started:
            process.kill()
        ends = [process.wait() for process in started]
    executed = sum(_executed(log) for log in logs)
    new = sorted(path for path in found.glob("*") if before.get(path) != path.stat().st_mtime_ns)
    for path in new:
        print(f"found: {path}")
    print(f"{executed:,} letters read, {len(list(pool.iterdir())):,} in the pool, {len(new)} findings")
    if new:
        return 1
    if any(ends) or not executed:
        print(f"A process did not search to the end: see {logs[0].parent}{os.sep}search-*.log", file=sys.stderr)
        return 2
    return 0


def _executed(log: Path) -> int:
    lines = log.read_text("utf-8", "replace").splitlines()
    noted = [line.rpartition(":")[2].strip() for line in lines if line.startswith("stat::number_of_executed_units")]
    return int(noted[-1]) if noted and noted[-1].isdecimal() else 0


def main(arguments: Sequence[str] | None = None) -> int:
    """Reads the command line and searches; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=600, help="how long to search (default: %(default)s)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="at once (default: %(default)s)")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where pool and findings are kept")
    parser.add_argument("--again", type=Path, metavar="FOLDER", help="only read the letters found before")
    parser.add_argument("--inside", type=int, metavar="SEED", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.again is not None:
        return again(options.again)
    folder = options.folder.resolve()
    if options.inside is not None:
        _search(options.seconds, folder / "found", folder / "pool", options.inside)
        return 0
    return search(options.seconds, options.processes, folder)


if __name__ == "__main__":
    sys.exit(main())
