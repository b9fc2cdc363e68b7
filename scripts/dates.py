"""`make test-dates`: the tests and the demonstration as they will run on other days, in other zones, in another order.

    python -m scripts.dates --date 2032-02-29T12:00 -- tests/e2e -q

The system clock of every process is shifted by Debian's `faketime`; the monotonic clock runs as it is, so that
waiting is as long as it says. Exit status 0 where every run passed, 2 where faketime is missing.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
SHIFTED_CLOCK = Path(__file__).resolve().parent / "shifted_clock"
MISSING = 2


@dataclass(frozen=True, slots=True)
class Day:
    """An instant at which a run begins, and the time zone of the machine that it runs on."""

    starts_at: datetime
    zone: str
    """As POSIX writes it, with the sign turned round: no zone files are needed. A name of its own, since some libraries
    take any zone that is called UTC for the local one."""
    why: str


DAYS: Sequence[Day] = (
    Day(datetime(2027, 3, 1, 9, 0, tzinfo=UTC), "ANAT-12", "soon; half a day ahead of UTC"),
    Day(datetime(2028, 12, 31, 23, 50, tzinfo=UTC), "UTC0", "the year ends during the run, and its calendar is not decreed"),
    Day(datetime(2032, 2, 29, 12, 0, tzinfo=UTC), "NST3:30NDT", "a leap day; behind UTC by hours and a half"),
    Day(datetime(2035, 7, 15, 12, 0, tzinfo=UTC), "CHAST-12:45", "years ahead of the last calendar"),
)  # fmt: skip


def run(command: Sequence[str], day: Day) -> int:
    """Run a command as on a day; return its exit status."""
    # An offset from the real clock and not an instant: all processes of a run agree, whenever they start.
    seconds_ahead = round(day.starts_at.timestamp() - time.time())  # noqa: TID251 - what is shifted is the real clock
    environment = {
        **os.environ,
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        # Files keep their real times: compiled modules would otherwise never match their sources.
        "NO_FAKE_STAT": "1",
        "PYTHONPATH": os.pathsep.join(filter(None, (str(SHIFTED_CLOCK), os.environ.get("PYTHONPATH")))),
        "TZ": day.zone,
    }
    shifted = ["faketime", "-f", f"{seconds_ahead:+d}", *command]
    return subprocess.run(shifted, cwd=REPOSITORY, env=environment, check=False).returncode


def main(arguments: Sequence[str] | None = None) -> int:
    """Run everything on each day; return 0 where all of it passed."""
    chosen = _arguments(arguments)
    if shutil.which("faketime") is None:
        print(
            "make test-dates: there is no program faketime. Debian, Ubuntu: apt-get install faketime", file=sys.stderr
        )
        return MISSING
    commands = {
        "demo": [sys.executable, "-m", "local.demo"],
        "tests": [sys.executable, "-m", "pytest", "-p", "randomly", f"--randomly-seed={chosen.order}", *chosen.pytest],
    }
    failed = []
    for day in chosen.dates or DAYS:
        for what in chosen.only or commands:
            title = f"{what} on {day.starts_at:%Y-%m-%d %H:%M} UTC, TZ={day.zone}"
            say(f"\n=== {title}: {day.why}" + (f"; order {chosen.order}" if what == "tests" else ""))
            began = time.monotonic()
            status = run(commands[what], day)
            say(f"=== {title}: {'passed' if status == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s")
            if status:
                failed.append(title)
    if failed:
        say("\nFailed: " + "; ".join(failed))
    return 1 if failed else 0


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make test-dates", description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--date", dest="dates", action="append", type=_day, metavar="ISO",
        help="an instant to begin at, UTC unless it says otherwise (again for more; default: "
        + ", ".join(f"{day.starts_at:%Y-%m-%dT%H:%M}" for day in DAYS) + ")",
    )  # fmt: skip
    parser.add_argument("--only", action="append", choices=("demo", "tests"), help="leave the other out")
    parser.add_argument(
        "--order",
        type=int,
        default=secrets.randbelow(10**6),
        metavar="N",
        help="shuffle the tests as an earlier run did",
    )
    parser.add_argument("pytest", nargs="*", metavar="PYTEST_ARG", help="after --: what pytest is given")
    return parser.parse_args(arguments)


def _day(text: str) -> Day:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"found {text!r}, expected an instant such as 2032-02-29T12:00") from error
    instant = instant.replace(tzinfo=instant.tzinfo or UTC)
    return next((day for day in DAYS if day.starts_at == instant), Day(instant, "UTC0", "asked for"))


if __name__ == "__main__":
    sys.exit(main())
