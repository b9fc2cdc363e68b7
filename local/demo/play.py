"""Plays the story on the local stack, moment by moment, and compares what happened with what is demanded."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from domain.fault.numbers import is_fault_number
from domain.regulation.editions import editions, find_desk
from domain.ticket.ticket import Status, Ticket
from local.demo import post
from local.demo.facts import Fact, Found, differences
from local.demo.fault_watching import is_sms
from local.demo.scenario import Ending, Moment
from local.demo.watching import MOSCOW, Watcher, moscow, unsettled
from local.stack import LocalStack


def instant(text: str) -> datetime:
    """Return an instant given as Moscow's clock shows it."""
    return datetime.fromisoformat(text).replace(tzinfo=MOSCOW)


@dataclass(frozen=True, slots=True)
class Played:
    """One moment of the story as it went."""

    moment: Moment
    ticket: str
    """Its number, or empty."""
    posted: post.Posted | None
    found: Sequence[Found]
    problems: Sequence[str]


@dataclass(frozen=True, slots=True)
class Row:
    """One ticket at the end."""

    number: str
    about: str
    requester: str
    status: str
    due: str
    """When the last promised reaction was or is due, by Moscow's clock; empty where none was promised."""
    reaction: str
    clause: str


@dataclass
class Play:
    """The run: what it needs, what it found."""

    stack: LocalStack
    told: list[str] = field(default_factory=list)
    """What the stack complained of."""
    letters_in: int = 0
    found: list[Found] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._watcher = Watcher(self.stack)

    def moments(self, story: Sequence[Moment]) -> Iterator[Played]:
        """Play the story and give each moment as it is over; what the whole run shows is in `ending`."""
        for moment in story:
            self.stack.advance_to(instant(moment.at))
            yield self._one(moment)

    def _one(self, moment: Moment) -> Played:
        posted: post.Posted | None = None
        found: list[Found] = []
        problems: list[str] = []
        answered = self._watcher.sent.get(moment.answers)
        if moment.letter and moment.answers and answered is None:
            problems.append(f"{moment.letter}.eml could not be sent: it answers {moment.answers}, which never left")
        elif moment.alarm:
            self._sound(moment)
        elif moment.letter:
            posted = post.letter(moment.letter, answered)
            found.append(self._hand_in(posted, moment))
        found += self._watcher.look()
        found += [
            self._watcher.queue(_desk(moment.about), self.stack.now()) for one in moment.expect if one.what == "queue"
        ]
        self.found += found
        demanded = [
            (one.at(moment.at[:16], _desk(moment.about) if one.what == "queue" else moment.about), one.says)
            for one in moment.expect
        ]
        ticket = next((number for number, name in self._watcher.names.items() if name == moment.about), "")
        return Played(moment, ticket, posted, found, [*problems, *differences(demanded, found)])

    def _sound(self, moment: Moment) -> None:
        """Let an alarm change its state, and wait until all that follows from it has happened."""
        name, _, state = moment.alarm.partition(" ")
        self.stack.alarm(name, state)
        self.stack.settle()
        if moment.starts:
            waiting = self.stack.store.queue(_desk(moment.about))
            number = next(ticket.id for ticket in waiting if ticket.id not in self._watcher.names)
            self._watcher.names[number] = moment.about

    def _hand_in(self, posted: post.Posted, moment: Moment) -> Found:
        """Send a letter by SMTP, wait until all that follows from it has happened, and find its record."""
        ses_id = _send(posted, self.stack.smtp_port)
        self.letters_in += 1
        self.stack.settle()
        record = self.stack.store.letter(_desk(moment.about), ses_id)
        if moment.starts and record is not None and record.ticket is not None:
            self._watcher.names.setdefault(record.ticket, moment.about)
        return self._watcher.letter(record, moment.about)

    # When the story is over

    def rows(self) -> list[Row]:
        """Return every ticket as it stands now."""
        named = [(number, name) for number, name in self._watcher.names.items() if not is_fault_number(number)]
        tickets = [(name, self.stack.store.ticket(number)) for number, name in named]
        return [self._row(name, ticket) for name, ticket in tickets if ticket is not None]

    def ending(self, demanded: Sequence[Ending]) -> list[str]:
        """Return a line for each thing that is wrong with the run as a whole."""
        lines = [f"the stack complained: {line}" for line in self.told]
        lines += [f"left without a record: {line}" for line in self._watcher.unaccounted]
        lines += [f"{one}; nothing of it was expected" for one in map(str, self._late())]
        lines += unsettled(self.stack, list(self._watcher.names))
        lines += self._twice()
        lines += self._not_numbered()
        lines += self._not_in_the_desks_name()
        lines += self._endings(demanded)
        left = self.stack.aws.s3.list_objects_v2(Bucket=self.stack.outputs["MailBucket"], Prefix="incoming/")
        lines += [f"unfinished: {entry['Key']}" for entry in left.get("Contents", [])]
        return lines

    def redelivered(self) -> tuple[int, list[str]]:
        """Deliver every event of the run once more; return how many there were, and what that changed."""
        before = self._picture()
        events = self.stack.redeliver_everything()
        self.stack.settle()
        after = self._picture()
        return events, [
            f"redelivering changed {name}: {before.get(name)} became {after.get(name)}"
            for name in sorted(before.keys() | after.keys())
            if before.get(name) != after.get(name)
        ]

    def _late(self) -> list[Fact]:
        return [one.fact for one in self._watcher.look()]

    def _twice(self) -> Iterator[str]:
        seen: set[tuple[str, str, str, str]] = set()
        for sent in self.stack.outbox:
            key = (sent.ticket, sent.to, moscow(sent.at), sent.text)
            if key in seen:
                yield f"sent twice: «{sent.subject}» to {sent.to}"
            seen.add(key)

    def _not_numbered(self) -> Iterator[str]:
        for sent in self.stack.outbox:
            if not (sent.is_page or is_sms(sent)) and sent.ticket not in sent.subject:
                yield f"the subject of {sent.path.name} lacks the ticket's number: «{sent.subject}»"

    def _not_in_the_desks_name(self) -> Iterator[str]:
        """A client sees its desk's address and nobody else's."""
        for sent in self.stack.outbox:
            desk = editions(_desk(sent.ticket.casefold()))[-1].desk
            people = self.stack.store.people(desk.id)
            if sent.is_page or is_sms(sent) or sent.to in people.addresses:
                continue
            address = post.author(sent)[1]
            if address != desk.address:
                yield f"{sent.path.name}: expected a letter from {desk.address}, found {address}"
            yield from (
                f"{sent.path.name} shows {name}" for name in people.specialists if name in sent.message.as_string()
            )

    def _endings(self, demanded: Sequence[Ending]) -> Iterator[str]:
        rows = {row.about: row for row in self.rows()}
        for ending in demanded:
            row = rows.pop(ending.about, None)
            if row is None:
                yield f"{ending.about}: expected a ticket, found none"
                continue
            for what in ("requester", "status", "due", "reaction", "clause"):
                if getattr(ending, what) != getattr(row, what):
                    yield f"{ending.about} in the end: expected {what} {getattr(ending, what)}, found {getattr(row, what)}"
        for row in rows.values():
            yield f"expected no ticket {row.number}, found one of {row.requester}"

    def _row(self, name: str, ticket: Ticket) -> Row:
        status = f"{ticket.status}: {ticket.outcome}" if ticket.outcome else str(ticket.status)
        mine = [one.fact.what for one in self.found if one.fact.about == name]
        reaction = "none promised"
        if "due: reaction_breach" in mine or "due: critical_breach" in mine or "reaction late" in mine:
            reaction = "breached"
        elif ticket.reaction is not None and ticket.reaction.runs:
            reaction = "running"
        elif "reaction in time" in mine:
            reaction = "kept"
        clocks = [clock for clock in (ticket.reaction, ticket.critical) if clock is not None]
        instants = [clock.due for clock in clocks]
        promised = next((clock.clause for clock in clocks), None)
        return Row(
            number=ticket.id,
            about=name,
            requester=ticket.requester.name or ticket.requester.address or "an alarm",
            status=status,
            due=moscow(min(instants)) if instants else "",
            reaction=reaction,
            clause=(ticket.clause if ticket.status is Status.CLOSED else None) or promised or "",
        )

    def _picture(self) -> dict[str, str]:
        """Everything that a redelivery must leave as it was."""
        pictures = {"the outbox folder": f"{len(self.stack.outbox)} letters and pages"}
        for number in self._watcher.names:
            is_fault = is_fault_number(number)
            stored = self.stack.store.fault(number) if is_fault else self.stack.store.ticket(number)
            items = [(key.item, state) for key, state, _ in self.stack.store.outbox(number)]
            history = len(self.stack.store.fault_history(number) if is_fault else self.stack.store.history(number))
            pictures[number] = f"version {stored.version if stored else None}, {history} events, {items}, {stored}"
        for desk in ("mdo", "sto"):
            pictures[f"the queue of {desk}"] = ", ".join(
                ticket.id for ticket in self.stack.store.queue(find_desk(desk))
            )
        return pictures


def _desk(about: str) -> str:
    return find_desk(about.partition("-")[0])


def _send(posted: post.Posted, port: int) -> str:
    """Hand a letter in as a mail server does, and return the id that SES names in its answer."""
    with smtplib.SMTP("127.0.0.1", port, local_hostname="mail.example.org") as session:
        session.ehlo()
        session.mail(posted.mail_from, ["BODY=8BITMIME"])
        for recipient in posted.recipients:
            code, answer = session.rcpt(recipient)
            if code != 250:
                raise smtplib.SMTPRecipientsRefused({recipient: (code, answer)})
        code, answer = session.data(posted.raw)
        if code != 250:
            raise smtplib.SMTPDataError(code, answer)
    return answer.decode().split()[-1]
