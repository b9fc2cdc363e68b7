"""`make drill-loss`: what can go wrong between a letter and its ticket, done on purpose, and every letter counted.

    python -m local.drill --letters 20

Eleven rounds over the real functions in the embedded AWS, on a driven clock. Exit status 0 only where each
letter has exactly one ticket and its sender exactly one acknowledgement, whatever was done to the functions, and where
no promise was broken by what stood still: no term ran on a question that had not left, nobody was closed who had
answered in time, and a fault paged whom it had to.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.utils import parseaddr
from pathlib import Path
from smtplib import SMTPException
from zoneinfo import ZoneInfo

from adapters.mail.writing import mailbox_field, text_field
from adapters.people_files import seed_of
from adapters.sqs import Queue
from cli.main import main as reglament
from composition import AwsServices, environment
from domain.russian.wording import MONTHS
from local.aws_contract import hook
from local.emulator import NotStarted
from local.outbox import Sent
from local.resources import STACK
from local.stack import LocalStack, NotSettled

DESK = "moi-dokumenty-online"
ADDRESS = "support@xn--d1achjhdicc8bh4h.xn--80asehdb"
START = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Moscow"))
SPECIALIST = seed_of(DESK).specialists[0]
LOST, BROKEN, INTERRUPTED = 1, 2, 130
A_DAY = 24
"""Hours."""
WEEK_DAYS, OPENING_HOUR = 7, 10
GUESTS = 3
"""Clients of a round that is about terms, at most."""
ALL_LEAVE_WITHIN = timedelta(minutes=6)
"""After an outage, from the first letter that gets through to the last."""
TAKEN = "взят в работу"
"""In the subject of what a client hears of a critical fault beyond the acknowledgement."""
PAGED_WITHIN = timedelta(minutes=2)
PAUSED = "Sending is paused for your account"
ANSWER = (
    "Ветрова Ольга Сергеевна\nМобильный телефон: +7 900 555-44-33\n"
    "Организация: МФЦ Северного района\nДолжность: ведущий специалист\n"
)
MOMENT = re.compile(rf"не позднее срока: \w+, (\d{{1,2}}) ({'|'.join(MONTHS)}) (\d{{4}}) г\., (\d\d):(\d\d)")
"""What an acknowledgement promises."""
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
    guests: int = 0
    """Clients who wrote so far in rounds about terms."""
    broken: int = 0
    """Promises that were not kept in them."""

    def run(self) -> int:
        """Go through all rounds; returns how many letters are missing or doubled at their ends, and how much else is wrong."""
        for number, round_ in enumerate(ROUNDS, 1):
            say(f"\n{number}. {(round_.__doc__ or '').splitlines()[0]}")
            for line in round_(self):
                say(f"   {line}")
            self.stack.settle()
            self.missing += self._count()
        return self.missing + self.broken

    def judge(self, said: str, *, holds: bool) -> str:
        """Return a line on what was to hold, and remember where it does not."""
        self.broken += not holds
        return f"{'kept' if holds else 'WRONG'}: {said}"

    def ask(self) -> list[str]:
        """Let some people write letters that lack their details, and return their addresses: each is asked a question."""
        people = []
        for _ in range(min(self.letters, GUESTS)):
            self.guests += 1
            sender = f"guest{self.guests}@asked.example.org"
            self.write(
                sender, ADDRESS, f"Добрый день! Не открывается список заявителей, случай {self.guests}.", "Список"
            )
            people.append(sender)
        return people

    def write(self, sender: str, to: str, text: str, subject: str, answers: str = "") -> None:
        """Let somebody write a letter, to the desk or in answer to one of its own."""
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = sender, to, text_field("Subject", subject)
        message["Message-ID"] = (
            f"<{sender.partition('@')[0]}-{len(self.stack.outbox)}-{time.monotonic_ns()}@drill.example.org>"
        )
        if answers:
            message["In-Reply-To"] = answers
        message.set_content(text)
        self.stack.send(message.as_bytes(), sender, [to])

    def answer(self, sent: Sent, sender: str, text: str) -> None:
        """Let the recipient of a letter answer it."""
        to = parseaddr(str(sent.message["Reply-To"]))[1]
        self.write(sender, to, text, f"Re: {sent.subject}", str(sent.message["Message-ID"] or ""))

    def letters_to(self, address: str) -> list[Sent]:
        """Return the letters that somebody got, in order."""
        return [one for one in self.stack.outbox if one.to == address]

    def outcomes(self, people: Sequence[str]) -> list[str]:
        """Return how the requests of people have ended: an empty text for one that is open, or was never opened."""
        numbers = [next((one.ticket for one in self.letters_to(sender)), "") for sender in people]
        tickets = [self.stack.store.ticket(number) for number in numbers if number]
        return [str(ticket.outcome or "") for ticket in tickets if ticket is not None]

    def are_open(self, people: Sequence[str]) -> bool:
        """Return whether each of these people has one request, and it is open."""
        queued = self.tickets()
        return all(queued[sender] == 1 for sender in people)

    def until_monday(self) -> None:
        """Let time pass until a Monday after opening."""
        now = self.stack.now().astimezone(START.tzinfo)
        monday = (now + timedelta(days=WEEK_DAYS - now.weekday())).replace(hour=OPENING_HOUR, minute=0)
        self.stack.advance_to(monday)

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
        letters = [one for one in self.stack.outbox if one.to.endswith("@drill.example.org")]
        acknowledged = Counter(one.to for one in letters if TAKEN not in one.subject)
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


def question_unsent(drill: Drill) -> Iterator[str]:
    """`mailer` stands still for three days in front of a question: no term runs, and the client has all of it afterwards."""
    drill.until_monday()
    with drill.stack.halted("mailer"):
        people = drill.ask()
        yield f"{len(people)} people asked for their details, and the questions wait"
        drill.later(days=3)
        yield drill.judge("three days later no request is closed", holds=drill.are_open(people))
    yield "mailer started again"
    drill.later(minutes=10)
    subjects = [[one.subject for one in drill.letters_to(sender)] for sender in people]
    yield drill.judge("each has one letter, the question", holds=all(len(known) == 1 for known in subjects))
    drill.later(days=1)
    yield drill.judge(
        "a day later all are open: the term counts from when the question left", holds=drill.are_open(people)
    )
    for sender in people:
        drill.answer(drill.letters_to(sender)[0], sender, ANSWER)
    drill.stack.settle()
    yield drill.judge(
        "who answers is acknowledged", holds=all("принято" in drill.letters_to(sender)[-1].subject for sender in people)
    )


def answered_unread(drill: Drill) -> Iterator[str]:
    """`inbound` stands still for five hours over the end of a client's term, and the answer in front of it was in time."""
    drill.until_monday()
    people = drill.ask()
    drill.stack.settle()
    ends = drill.stack.now().astimezone(START.tzinfo).replace(hour=0, minute=0) + timedelta(days=3)
    drill.stack.advance_to(ends - timedelta(hours=2, minutes=30))
    with drill.stack.halted("inbound"):
        for sender in people:
            drill.answer(drill.letters_to(sender)[-1], sender, ANSWER)
        yield f"{len(people)} answer two and a half hours before their term ends at {ends:%d.%m %H:%M}"
        drill.later(hours=5)
        yield drill.judge("two and a half hours after its end no request is closed", holds=drill.are_open(people))
    yield "inbound started again"
    drill.later(minutes=2)
    told = [one.subject for sender in people for one in drill.letters_to(sender)]
    yield drill.judge("nobody was told that no answer came", holds=not any("без ответа" in subject for subject in told))
    yield drill.judge("every request is open", holds=drill.are_open(people))


def refused_for_hours(drill: Drill) -> Iterator[str]:
    """SES refuses for nine hours: everything leaves at once when it is back, and promises nothing that is past."""
    drill.until_monday()
    before = len(drill.stack.outbox)
    with drill.stack.refusing_mail("SendingPausedException", PAUSED):
        yield drill.send(drill.letters)
        drill.later(hours=9)
        yield f"nine hours later {len(drill.unsent_senders())} acknowledgements have not left"
    yield "SES takes letters again"
    drill.later(minutes=75)
    left = [one for one in drill.stack.outbox[before:] if not one.is_page]
    span = max(one.at for one in left) - min(one.at for one in left) if left else timedelta()
    yield drill.judge(f"{len(left)} letters have left", holds=bool(left) and not drill.unsent_senders())
    yield drill.judge(
        f"between the first and the last {span.total_seconds() / 60:.0f} minutes", holds=span <= ALL_LEAVE_WITHIN
    )
    late = [one.subject for one in left if (due := promised(one.text)) is not None and due < one.at]
    yield drill.judge("none promises an hour that is past", holds=not late)


def unpaged(drill: Drill) -> Iterator[str]:
    """SNS refuses for three hours during a critical fault: both levels are paged within two minutes after it."""
    with drill.stack.refusing_pages():
        sender = f"client{len(drill.sent) + 1}@drill.example.org"
        text = f"Приложение полностью недоступно: никто из сотрудников всех МФЦ области не может войти.\n\n{ANSWER}"
        drill.write(sender, ADDRESS, text, "Не работает ничего")
        drill.sent.append(sender)
        drill.later(hours=3)
        yield f"three hours later {sum(one.is_page for one in drill.stack.outbox)} pages have left"
    back, before = drill.stack.now(), len(drill.stack.outbox)
    yield "SNS takes pages again"
    drill.later(minutes=3)
    pages = [one for one in drill.stack.outbox[before:] if one.is_page]
    first = {page.page_level: page.at for page in reversed(pages)}
    yield drill.judge(f"paged: {', '.join(sorted(first)) or 'nobody'}", holds=set(first) == {"on_call", "escalation"})
    yield drill.judge("within two minutes", holds=all(at - back <= PAGED_WITHIN for at in first.values()))
    yield drill.judge(
        "none promises an hour that is past", holds=not any("ответ до" in page.text.lower() for page in pages)
    )
    card = next(
        one for one in drill.stack.outbox if one.ticket and one.ticket == _number_of(drill, sender) and one.to != sender
    )
    drill.answer(card, SPECIALIST, "принято")
    drill.stack.settle()
    acknowledged = len([one for one in drill.stack.outbox if one.is_page])
    drill.later(hours=2)
    rung = len([one for one in drill.stack.outbox if one.is_page]) - acknowledged
    yield drill.judge("nobody is paged after the acknowledgement", holds=not rung)
    told = [one for one in drill.letters_to(sender) if TAKEN in one.subject]
    yield drill.judge("who reported it heard once that it was taken", holds=len(told) == 1)


def _number_of(drill: Drill, sender: str) -> str:
    return next(ticket.id for ticket in drill.stack.store.queue(DESK) if ticket.requester.address == sender)


def promised(text: str) -> datetime | None:
    """Return by when a letter promises a reaction; None where it promises none."""
    found = MOMENT.search(text)
    if found is None:
        return None
    day, month, year, hour, minute = found.groups()
    midnight = datetime(int(year), MONTHS.index(month) + 1, int(day), tzinfo=START.tzinfo)
    return midnight + timedelta(hours=int(hour), minutes=int(minute))


Round = Callable[[Drill], Iterator[str]]
ROUNDS: Sequence[Round] = (
    stopped, failing, unannounced, unsent, poison, standstill, refused,
    question_unsent, answered_unread, refused_for_hours, unpaged,
)  # fmt: skip


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
                wrong = drill.run()
                refused = stack.violations
        except (NotStarted, NotSettled, SMTPException) as error:
            print(f"make drill-loss: {error}", file=sys.stderr)
            return BROKEN
        except KeyboardInterrupt:
            return INTERRUPTED
    seconds = time.monotonic() - began
    lost = f"{drill.missing} LETTERS LOST OR DOUBLED" if drill.missing else "0 letters lost, 0 doubled"
    verdict = f"{lost}, {f'{drill.broken} PROMISES' if drill.broken else '0 promises'} broken"
    say(f"\n{len(drill.sent) + drill.guests} letters, {len(ROUNDS)} rounds: {verdict} ({seconds:.0f} s)")
    say(hook.summary())
    for violation in refused:
        say(f"AWS WOULD REFUSE: {violation}")
    return LOST if wrong or refused else 0


if __name__ == "__main__":
    sys.exit(main())
