"""`make demo`: two weeks of both desks in seconds, and a verdict."""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from smtplib import SMTPException

from local.aws_contract import hook
from local.demo.play import Play, instant
from local.demo.scenario import END, ENDINGS, START, STORY
from local.demo.timeline import Timeline
from local.emulator import NotStarted
from local.stack import LocalStack, NotSettled

DIFFERS, BROKEN, INTERRUPTED = 1, 2, 130


def main(arguments: list[str] | None = None) -> int:
    """Run the demo and return the exit status: 0 only where everything is as the regulations demand."""
    parser = argparse.ArgumentParser(prog="make demo", description="Two weeks of both desks, checked. Uses ARGS=...")
    parser.add_argument("--verbose", action="store_true", help="show every letter and page in full")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="keep the outbox and the logs of the run in DIR")
    chosen = parser.parse_args(arguments)
    timeline = Timeline(sys.stdout, verbose=chosen.verbose)
    # Told to stop, it ends as by Ctrl-C: nothing is left running, and no folder is left behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="reglament-demo-") as folder:
        try:
            return _run(Path(folder), timeline)
        except (NotStarted, NotSettled, SMTPException) as error:
            print(f"make demo: {error}", file=sys.stderr)
            return BROKEN
        except BrokenPipeError:
            # Whoever read along (`| head`) has seen enough; Python would complain again as it ends.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return BROKEN
        except KeyboardInterrupt:
            return INTERRUPTED
        finally:
            if chosen.keep is not None:
                _keep(Path(folder), chosen.keep)


def _run(folder: Path, timeline: Timeline) -> int:
    began = time.monotonic()
    problems: list[str] = []
    told: list[str] = []
    timeline.text("Two weeks of both support desks, Thu 29 Oct to Thu 12 Nov 2026: embedded AWS, letters by SMTP.")
    timeline.text("Wednesday 4 November is a holiday. Starting...\n")
    with LocalStack(folder, clock=instant(START), tell=told.append) as stack:
        play = Play(stack, told)
        timeline.head()
        for played in play.moments(STORY):
            timeline.played(played)
            problems += played.problems
        stack.advance_to(instant(END))
        problems += play.ending(ENDINGS)
        rows = play.rows()
        redelivered, changed = play.redelivered()
        problems += changed
        problems += [f"AWS would refuse: {violation}" for violation in stack.violations]
        timeline.table(rows)
        timeline.summary(play.letters_in, play.found, len(rows), time.monotonic() - began)
        timeline.text(hook.summary())
        timeline.verdict(problems, facts=len(play.found), redelivered=redelivered)
    return DIFFERS if problems else 0


def _keep(folder: Path, where: Path) -> None:
    for name in ("outbox", "logs"):
        if (folder / name).is_dir():
            shutil.copytree(folder / name, where / name, dirs_exist_ok=True)
    print(f"Kept: {where / 'outbox'}, {where / 'logs'}")


if __name__ == "__main__":
    sys.exit(main())
