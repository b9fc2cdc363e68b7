"""`make drill-loss`: what can go wrong between a letter and its ticket, done on purpose, and every letter counted.

    python -m local.drill --letters 20

Seven rounds over the real functions in the embedded AWS, on a driven clock. Exit status 0 only where each
letter has exactly one ticket and its sender exactly one acknowledgement, whatever was done to the functions.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTPException
from zoneinfo import ZoneInfo

from adapters.mail.writing import mailbox_field, text_field
from adapters.sqs import Queue
from cli.main import main as reglament
from composition import AwsServices, environment
from local.emulator import NotStarted
from local.resources import STACK
from local.stack import LocalStack, NotSettled

DESK = "moi-dokumenty-online"
ADDRESS = "support@xn--d1achjhdicc8bh4h.xn--80asehdb"
START = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Moscow"))
LOST, BROKEN, INTERRUPTED = 1, 2, 130
A_DAY = 24
"""Hours."""
SANDBOX = "Email address is not verified. The following identities failed the check in region EU-WEST-1: client@drill.example.org"
"""What SES answers to an account that may write to verified addresses alone."""
WHAT_FAILED = (
    "Не открывается список заявителей", "Не печатается талон окна", "Не приходит отчёт за неделю",
    "Пропал календарь приёма", "Не сохраняется анкета заявителя", "Гаснет табло в зале",
    "Не загружается скан доверенности", "Двоится запись на приём",
)  # fmt: skip


@dataclass
class Drill:
    """The stack under exercise and the letters it was given so far."""

    stack: LocalStack
    letters: int
    sent: list[str] = field(default_factory=list)
    """The senders: each writes one letter."""
    missing: int = 0

    def run(self) -> int:
        """Go through all rounds; returns how many letters are missing or doubled at their ends."""
        for number, round_ in enumerate(ROUNDS, 1):
            say(f"\n{number}. {(round_.__doc__ or '').splitlines()[0]}")
            for line in round_(self):
                say(f"   {line}")
            self.stack.settle()
            self.missing += self._count()
        return self.missing

    def send(self, count: int) -> str:
        """Let so many people write a letter each."""
        for _ in range(count):
            number = len(self.sent) + 1
            sender = f"client{number}@drill.example.org"
            self.stack.send(_letter(number, sender), sender, [ADDRESS])
            self.sent.append(sender)
        return f"{count} letter{'s' if count > 1 else ''} sent"

    def later(self, **span: float) -> None:
        """Let time pass, and everything happen that comes due."""
        self.stack.advance_to(self.stack.now() + timedelta(**span))

    def queue(self, name: str) -> Queue:
        """Return a queue of the stack."""
        sqs = self.stack.aws.sqs
        return Queue(sqs, sqs.get_queue_url(QueueName=f"{STACK}-{name}")["QueueUrl"])

    def command(self, *arguments: str) -> str:
        """Run a verb of the command line against the stack."""
        services = AwsServices(environment(), self.stack.now)
        status = reglament(["--endpoint", self.stack.endpoint, *arguments], services)
        return f"reglament {' '.join(arguments)}: exit status {status}"

    def unfinished(self) -> list[str]:
        """Return the SES message ids that lie in `incoming/`."""
        bucket = self.stack.outputs["MailBucket"]
        listed = self.stack.aws.s3.list_objects_v2(Bucket=bucket, Prefix="incoming/").get("Contents", [])
        return [entry["Key"].removeprefix("incoming/") for entry in listed if "SETUP" not in entry["Key"]]

    def tickets(self) -> Counter[str]:
        """Return how many open tickets each sender has."""
        return Counter(ticket.requester.address for ticket in self.stack.store.queue(DESK))

    def unsent_senders(self) -> list[str]:
        """Return the senders who have had no answer yet."""
        answered = {one.to for one in self.stack.outbox}
        return [sender for sender in self.sent if sender not in answered]

    def standing(self) -> str:
        """Return in a line where the letters are."""
        waiting, failures = self.queue("inbound").count(), self.queue("inbound-failures").count()
        return (
            f"{len(self.sent)} sent so far, {self.tickets().total()} tickets; {len(self.unfinished())} unfinished in "
            f"incoming/, {waiting} in the queue, {failures} in its failure queue"
        )

    def _count(self) -> int:
        tickets = self.tickets()
        acknowledged = Counter(one.to for one in self.stack.outbox if one.to.endswith("@drill.example.org"))
        wrong = [sender for sender in self.sent if (tickets[sender], acknowledged[sender]) != (1, 1)]
        say(f"   {self.standing()}")
        for sender in wrong:
            say(f"   WRONG: {sender} has {tickets[sender]} tickets and {acknowledged[sender]} acknowledgements")
        if not wrong:
            say(f"   all {len(self.sent)} there, each with one ticket and one acknowledgement")
        return len(wrong)


def stopped(drill: Drill) -> Iterator[str]:
    """`inbound` is stopped while letters come in, and started again."""
    with drill.stack.halted("inbound"):
        yield drill.send(drill.letters)
        yield drill.standing()
    yield "inbound started again"


def failing(drill: Drill) -> Iterator[str]:
    """`inbound` fails on everything until its letters lie in the failure queue; then they are redriven."""
    with drill.stack.failing("inbound"):
        yield drill.send(drill.letters)
        drill.later(minutes=40)
        yield drill.standing()
    yield "inbound fixed"
    yield drill.command("redrive", "inbound")


def unannounced(drill: Drill) -> Iterator[str]:
    """The announcements of letters are lost: only the letters themselves are there, and `reconcile` finds them."""
    with drill.stack.halted("inbound"):
        yield drill.send(drill.letters)
        queue = drill.queue("inbound")
        for message in queue.kept():
            queue.drop(message)
        yield f"the queue was emptied: {drill.standing()}"
    drill.later(hours=1)
    yield "an hour later `reconcile` has run"


def unsent(drill: Drill) -> Iterator[str]:
    """`mailer` fails until the stream has given its letters up; the sweep offers them again."""
    with drill.stack.failing("mailer"):
        yield drill.send(drill.letters)
        drill.stack.settle(timeout=120)
        yield f"{drill.queue('mailer-failures').count()} positions of the stream in the failure queue of mailer"
    yield "mailer fixed"
    yield drill.command("redrive", "mailer")
    drill.later(minutes=15)


def poison(drill: Drill) -> Iterator[str]:
    """A letter that `inbound` fails on ends in quarantine, is listed, and is replayed after the fix; the next one is handled."""
    with drill.stack.halted("inbound"):
        yield drill.send(1)
        (name,) = drill.unfinished()
    with drill.stack.failing_on(name):
        yield drill.send(1)
        hours = 0
        while drill.unfinished() and hours < A_DAY:
            drill.later(hours=1)
            hours += 1
        yield f"set aside after {hours} hours; `reglament letters` lists it:"
        drill.command("letters")
    yield "inbound fixed"
    yield drill.command("replay", name)
    yield drill.command("redrive", "inbound")


def standstill(drill: Drill) -> Iterator[str]:
    """`inbound` stands still for two days: letters wait, none is set aside, and each is handled afterwards."""
    with drill.stack.halted("inbound"):
        yield drill.send(drill.letters)
        for hours in (1, 1, 1, 1, 1, 1, 18, A_DAY):  # `reconcile` runs at the end of each
            drill.later(hours=hours)
        yield f"two days later: {drill.standing()}"
    yield "inbound started again"


def refused(drill: Drill) -> Iterator[str]:
    """SES refuses the account for a day, as in the sandbox: letters wait, and leave once it takes them."""
    with drill.stack.refusing_mail("MessageRejected", SANDBOX):
        yield drill.send(drill.letters)
        drill.later(hours=A_DAY)
        yield f"a day later {len(drill.unsent_senders())} acknowledgements have not left"
    yield "SES takes letters again"
    drill.later(hours=2)


Round = Callable[[Drill], Iterator[str]]
ROUNDS: Sequence[Round] = (stopped, failing, unannounced, unsent, poison, standstill, refused)


def _letter(number: int, sender: str) -> bytes:
    message = EmailMessage()
    message["From"], message["To"] = mailbox_field("From", f"Клиент {number}", sender), ADDRESS
    what = WHAT_FAILED[number % len(WHAT_FAILED)]
    message["Subject"] = text_field("Subject", what)
    message["Message-ID"] = f"<{number}@drill.example.org>"
    message.set_content(
        f"Добрый день! {what}, кабинет {number}.\n\nВетрова Ольга Сергеевна\n"
        f"Мобильный телефон: +7 900 555-{number // 100:02d}-{number % 100:02d}\n"
        "Организация: МФЦ Северного района\nДолжность: ведущий специалист\n"
    )
    return message.as_bytes()


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the drill; 0 where nothing was lost and nothing doubled."""
    parser = argparse.ArgumentParser(prog="make drill-loss", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--letters", type=int, default=10, metavar="N", help="in each round (default: %(default)s)")
    chosen = parser.parse_args(arguments)
    if not 1 <= chosen.letters <= 200:
        parser.error("--letters: expected 1 to 200")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="reglament-drill-") as folder:
        try:
            say("Starting the embedded AWS and the functions...")
            with LocalStack(Path(folder), clock=START) as stack:
                drill = Drill(stack, chosen.letters)
                missing = drill.run()
        except (NotStarted, NotSettled, SMTPException) as error:
            print(f"make drill-loss: {error}", file=sys.stderr)
            return BROKEN
        except KeyboardInterrupt:
            return INTERRUPTED
    seconds = time.monotonic() - began
    verdict = f"{missing} LETTERS LOST OR DOUBLED" if missing else "0 letters lost, 0 doubled"
    say(f"\n{len(drill.sent)} letters, {len(ROUNDS)} rounds: {verdict} ({seconds:.0f} s)")
    return LOST if missing else 0


if __name__ == "__main__":
    sys.exit(main())
