"""`make drill`: a fault that is marked as an exercise goes the real way on this machine, is paged, and is answered by mail.

    python -m local.watch_drill --desk MDO

The functions run in the embedded AWS on the real clock, so that the seconds are those of this machine. For a deployed stack,
`reglament oncall drill` does the same with the people whose turn it is. Exit status 0 only where the page left and its
answer was taken.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from smtplib import SMTPException
from threading import Event

from application.drills import Drill, Point, end, look_on
from composition import AwsServices, environment
from domain.regulation.editions import UnknownDesk, find_desk
from local.aws_contract import hook
from local.emulator import NotStarted
from local.outbox import Sent
from local.stack import LocalStack, NotSettled

BROKEN, INTERRUPTED = 2, 130
PAGED_WITHIN = timedelta(seconds=60)
"""By functions that start cold on a busy machine; a warm stack takes a second or two."""
ANSWERED_WITHIN = timedelta(seconds=120)
SECONDS_BETWEEN_LOOKS = 0.2


class Answers:
    """Who is woken: answers the first page that comes by mail, by one word."""

    def __init__(self, word: str) -> None:
        self._word = word
        self.by = ""
        """The address that answered."""
        self.stack: LocalStack | None = None

    def hear(self, sent: Sent) -> None:
        """Take a letter or page as it leaves, and answer it where it is a page's letter."""
        to = parseaddr(str(sent.message["Reply-To"]))[1]
        if self.by or self.stack is None or not to or not sent.subject.startswith("УЧЕНИЯ"):
            return
        self.by = sent.to
        letter = EmailMessage()
        letter["From"], letter["To"], letter["Subject"] = sent.to, to, "Re: page"
        letter["Message-ID"] = "<answer@drill.example.org>"
        letter["In-Reply-To"] = str(sent.message["Message-ID"] or "")
        letter.set_content(f"{self._word}\n")
        self.stack.send(letter.as_bytes(), sent.to, [to])


def run(stack: LocalStack, desk: str) -> list[str]:
    """Run one exercise; print each point with its seconds, and return what is wrong."""
    services = AwsServices(environment()).of_stack(endpoint=stack.endpoint)
    drill = Drill.at(desk, stack.now())
    services.event_bus.report(drill.said("ALARM", drill.began_at))
    pause, reached = Event(), dict[Point, timedelta]()
    try:
        for one in look_on(
            services.store, drill, stack.now, lambda: void(pause.wait(SECONDS_BETWEEN_LOOKS)), ANSWERED_WITHIN
        ):
            reached[one.point] = one.after
            by = f" by {one.fault.acknowledged_by}" if one.point is Point.ACKNOWLEDGED else ""
            print(f"{one.after.total_seconds():7.1f} s  {one.point}{by}", flush=True)
    finally:
        end(services.store, drill, services.event_bus, "make drill", stack.now)
    return [
        *([] if reached.get(Point.PAGED, ANSWERED_WITHIN) <= PAGED_WITHIN else ["no page left in time"]),
        *([] if Point.ACKNOWLEDGED in reached else ["the answer to the page acknowledged nothing"]),
    ]


def void(_: object) -> None:
    """Return nothing."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the exercise; 0 where it was paged and answered."""
    parser = argparse.ArgumentParser(prog="make drill", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--desk", default="MDO", metavar="D", help="the desk (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    try:
        desk = find_desk(chosen.desk)
    except UnknownDesk as error:
        parser.error(str(error))
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    answers = Answers("принято")
    with tempfile.TemporaryDirectory(prefix="reglament-drill-") as folder:
        try:
            print("Starting the embedded AWS and the functions...", flush=True)
            with LocalStack(Path(folder), on_sent=answers.hear) as stack:
                answers.stack = stack
                wrong = run(stack, desk)
                refused = stack.violations
        except (NotStarted, NotSettled, SMTPException) as error:
            print(f"make drill: {error}", file=sys.stderr)
            return BROKEN
        except KeyboardInterrupt:
            return INTERRUPTED
    print(hook.summary())
    for line in [*wrong, *(f"AWS WOULD REFUSE: {violation}" for violation in refused)]:
        print(f"WRONG: {line}")
    return 1 if wrong or refused else 0


if __name__ == "__main__":
    sys.exit(main())
