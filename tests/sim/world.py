"""One simulated world: the product's own handlers over the store in memory, and everything that can happen to them.

A world is a list of steps, and a step is its kind and a number from which all its chance is drawn: so a world is
the same every time, and with some of its steps left out it is a smaller one. Within a step a handler may die,
fail, or be overtaken by another at any call it makes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, ClassVar, Self

import pytest
from botocore.exceptions import BotoCoreError

from adapters.outside_watch import OutsideWatch
from adapters.rendering import render_mail
from adapters.s3 import INCOMING
from adapters.ses.feedback import DeliveryEvent, DeliveryEventKind
from adapters.ses.received import ReceivedLetter, parse_notification
from adapters.ses.sending import Refused, Rejected
from application import receive
from application.aside import NO_DESK
from application.change import change_ticket
from application.faults import act_on_fault
from application.ports import LetterMissing
from application.recognise import addressed_desks
from application.storage import Commit, OutboxKey
from domain.client import Client, Contact, ContactKind
from domain.fault.alarm import AlarmPlace, AlarmState
from domain.fault.commands import AcknowledgeFault, EndFault, FaultCommand, TouchFault
from domain.fault.fault import End
from domain.letter import Address, Letter
from domain.reply_token import ReplyKeys
from domain.ticket import commands as c
from domain.ticket.outgoing import OutgoingMail
from domain.ticket.ticket import CloseOutcome, Priority, ticket_id
from handlers import alarm, clock, delivery, feedback, inbound, mailer, observing, pager, reconcile
from tests.sim import people
from tests.sim.model import Model
from tests.sim.table import Table, Violation
from tests.support.people import addressed

STEPS = 200
RECEIVES = 5
"""How often the queue hands out a letter before it puts it aside (maxReceiveCount of template.yaml)."""
STREAM_TRIES = 4
"""How often the stream hands out a record (MaximumRetryAttempts of template.yaml, and the first time)."""
SERVICE_OF = {"mails": "ses", "pages": "sns", "paged by mail": "ses"}
"""By which service each thing leaves."""
AHEAD = timedelta(days=90)
"""At the end of a world: longer than any clock."""


class Crash(BaseException):
    """A function dies: no handler notices."""


class Injected(BotoCoreError):
    """A call of AWS fails; it may have had its effect."""

    def __init__(self, where: str) -> None:
        Exception.__init__(self, where)  # the SDK's own puts its text together from a template


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens."""

    number: int
    kind: str
    chance: int


@dataclass(slots=True)
class Queued:
    """A letter's notification on the queue."""

    arrived: ReceivedLetter
    receives: int = 0
    visible_at: datetime | None = None
    """When the queue hands it out next; None for at once. Only worlds with outages look at it."""


@dataclass(slots=True)
class Streamed:
    """An insert in the outbox, as the stream has it."""

    key: OutboxKey
    since: datetime
    tries: int = 0


KINDS: dict[str, int] = {
    "write": 30,
    "follow_up": 14,
    "repeat": 5,
    "specialist": 10,
    "act": 12,
    "act_on_fault": 6,
    "handle": 16,
    "redeliver": 6,
    "post": 24,
    "wait": 22,
    "sweep": 16,
    "two_sweeps": 5,
    "two_letters": 6,
    "two_alarms": 2,
    "feedback": 5,
    "bounce": 3,
    "alarm": 6,
    "reconcile": 4,
    "register": 3,
}
"""Kinds of steps and how often each comes, as weights."""
PAIRS: dict[str, tuple[str, str, range]] = {
    "two_sweeps": ("sweep", "sweep", range(2, 40)),
    "two_letters": ("write", "write_again", range(3, 8)),
    "two_alarms": ("alarm", "alarm", range(1, 5)),
}
"""What happens, what happens meanwhile, and at which of the first one's calls."""
MEANWHILE = (
    "handle",
    "redeliver",
    "specialist",
    "act",
    "act_on_fault",
    "post",
    "sweep",
    "feedback",
    "alarm",
    "reconcile",
)
"""What may overtake a function between two of its calls."""


class World:
    """A world in the middle of its steps."""

    name: ClassVar = "busy"
    """What `make sim` calls worlds of this sort."""
    kinds: ClassVar[Mapping[str, int]] = KINDS
    pairs: ClassVar[Mapping[str, tuple[str, str, range]]] = PAIRS
    meanwhile: ClassVar[tuple[str, ...]] = MEANWHILE
    steps: ClassVar[int] = STEPS

    def __init__(self, seed: int, *, telling: bool = False) -> None:
        rng = Random(f"world {seed}")
        self.now = datetime(2026, 1, 12, 6, tzinfo=UTC) + timedelta(hours=rng.randrange(24 * 330))
        self.is_crowded = rng.random() < 0.2
        """Ticket numbers of few digits, so that they collide."""
        self.storm = rng.choice((0.0, 0.1, 0.3, 0.6))
        """How often something goes wrong within a step."""
        self.table = Table()
        self.letters: dict[str, Letter] = {}
        self.incoming: dict[str, datetime] = {}
        self.model: Model = self._model()
        self.queue: list[Queued] = []
        self.stream: list[Streamed] = []
        self.mails: list[tuple[OutboxKey, str, str, str]] = []
        """Item, desk, address and id of the letters that have left."""
        self.changes: dict[str, list[tuple[datetime, str]]] = {}
        """The state changes of each alarm, and those not taken yet."""
        self.news: list[tuple[str, datetime, str]] = []
        self.deaths: Counter[str] = Counter()
        """How often `inbound` has died over each letter: nothing else counts against one here."""
        self.reports: list[DeliveryEvent] = []
        self.counts: Counter[str] = Counter()
        self.rng = rng
        self.calls = 0
        self.services = WorldServices(self, _Store(self), _Mail(self))
        self.ambushes: dict[int, str] = {}
        self.depth = 0
        self.calm = False
        self.at_hand: list[OutboxKey] = []
        """The items that are being delivered, the innermost last."""
        self.told: list[str] | None = [] if telling else None
        for person in people.FIRM if rng.random() < 0.5 else ():
            for desk in people.DESKS:
                self._register(desk, person)

    def _model(self) -> Model:
        return Model(self.table, self.letters)

    # Steps

    def take(self, step: Step) -> None:
        """Let one step happen, with all that goes wrong in it, and compare the books."""
        self.rng = Random(step.chance)
        self.calls, self.ambushes = 0, {}
        while self.rng.random() < self.storm and len(self.ambushes) < 2:
            what = self.rng.choice(("crash", "fail", *self.meanwhile, *self.meanwhile))
            self.ambushes[1 + int(self.rng.expovariate(0.15))] = what
        kind = step.kind
        if kind in self.pairs:
            kind, other, calls = self.pairs[kind]
            self.ambushes = {self.rng.choice(calls): other}
        self.tell(f"{step.number}. {step.kind.replace('_', ' ')}, {self.now:%Y-%m-%d %H:%M:%S} UTC")
        undisturbed, begun, commits = not self.ambushes, self.now, self.model.ledger.turn
        self._attempt(kind)
        if step.kind == "sweep" and undisturbed:
            for number in self.model.passed_by(begun, commits):
                raise Violation(f"{number} is due, and a sweep has passed it by")

    def finish(self) -> None:
        """Let everything come to rest in calm weather; raises Violation where something does not."""
        self.rng, self.ambushes, self.calm = Random(0), {}, True
        self.tell("at the end, everything comes to rest")
        self._rest()
        for number in self.table.fault_numbers():
            self._on_fault(number, EndFault(End.RESOLVED, "duty", self.now))
        self._rest()
        self.sweep()
        self._rest()
        self.now += AHEAD
        self.sweep()
        self._rest()
        self.model.at_the_end()
        for name, letter in self.letters.items():
            self.model.filed(name, _desks(letter))
        for name, changes in self.changes.items():
            fault = self._fault(name)
            if fault is None or fault.open != (max(changes)[1] == "ALARM"):
                raise Violation(f"the alarm {name} is {max(changes)[1]}, and its fault says otherwise")

    def _rest(self) -> None:
        for _ in range(60):
            while self.queue:
                self._handle(self.queue[0])
            while self.news:
                self._hear(self.news.pop())
            while self.reports:
                self._report(self.reports.pop())
            self._drain()
            if not self.incoming and not self.table.still_to_leave():
                return
            self.now += timedelta(minutes=21)
            self.reconcile()
            self.sweep()
        left = [*self.incoming, *(f"{key.item} of {key.ticket}" for key in self.table.still_to_leave())]
        raise Violation(f"work is left for ever: {left[:3]}")

    def _attempt(self, kind: str) -> None:
        self._try(getattr(self, kind))

    def _try(self, action: Callable[[], object]) -> None:
        try:
            action()
        except Crash as crash:
            self.counts["crashes"] += 1
            self.tell(f"  it dies {crash}")
        except Injected as error:
            self.tell(f"  it fails {error}")

    def disturb(self, where: str) -> None:
        """A function makes a call: here it may die, fail or be overtaken."""
        self.calls += 1
        what = self.ambushes.pop(self.calls, None)
        if what is None:
            return
        if what == "crash":
            raise Crash(where)
        if what == "fail":
            self.counts["failures"] += 1
            self.tell(f"  a call fails {where}")
            raise Injected(where)
        self.counts["overlaps"] += 1
        self.tell(f"  {where}, meanwhile: {what}")
        self.depth += 1
        self.model.ledger.depth = self.depth
        try:
            self._attempt(what)
        finally:
            self.depth -= 1
            self.model.ledger.depth = self.depth

    def reach(self, service: str) -> None:
        """A function calls a service of AWS; raises what that answers while it is out. Here none ever is."""

    def surroundings(self) -> Mapping[tuple[object, str], object]:
        """Return what a world of this sort has in place of the product's own."""
        return {}

    def noticed(self, commit: Commit) -> None:
        """People notice what was committed. Here they do something of their own accord alone."""
        self.now += timedelta(milliseconds=1)  # no two commits are of one instant

    def worded(self, mail: OutgoingMail, *rest: Any) -> Any:
        """Return a letter of ours, ready to leave, as `render_mail` does."""
        return _worded(mail, *rest)

    def tell(self, line: str) -> None:
        """Write a line of the script, where one is kept."""
        if self.told is not None:
            self.told.append("   " * self.depth + line)

    # Letters

    def write(self) -> None:
        """Somebody writes."""
        name, at = self._next_letter()
        self._send(people.a_request(self.rng, name, at, len(self.letters)))

    def write_again(self) -> None:
        """Whoever wrote last writes something else."""
        if self.letters:
            name, at = self._next_letter()
            last = next(reversed(self.letters.values()))
            self._send(people.something_else(self.rng, name, at, len(self.letters), last))

    def follow_up(self) -> None:
        """Somebody writes about a ticket."""
        if known := self._known():
            name, at = self._next_letter()
            self._send(people.a_follow_up(self.rng, name, at, known))

    def repeat(self) -> None:
        """Somebody writes the same again."""
        if self.letters:
            name, at = self._next_letter()
            self._send(people.a_repetition(self.rng, name, at, self.letters[self._any(self.letters)]))

    def specialist(self) -> None:
        """A specialist answers by mail."""
        if known := self._known():
            name, at = self._next_letter()
            self._send(people.a_specialists_letter(self.rng, name, at, known))

    def bounce(self) -> None:
        """Another server sends a letter of ours back."""
        if known := self._known():
            name, at = self._next_letter()
            self._send(people.a_bounce(self.rng, name, at, known))

    def handle(self) -> None:
        """The queue hands out a letter, in any order."""
        if self.queue:
            self._handle(self.rng.choice(self.queue))

    def redeliver(self) -> None:
        """The queue hands out a letter that it has handed out before."""
        if self.letters:
            name = self._any(self.letters)
            queued = Queued(_arrived(self.letters[name]))
            self.queue.append(queued)
            self._handle(queued)

    def _next_letter(self) -> tuple[str, datetime]:
        late = self.rng.choices([0, 90, 3 * 3600, 40 * 3600], [12, 4, 2, 1])[0]
        return f"ses-{len(self.letters) + 1:04}", self.now - timedelta(seconds=self.rng.randint(0, late))

    def _send(self, letter: Letter) -> None:
        queued = self._arrive(letter)
        if self.depth or self.ambushes or self.rng.random() < 0.75:
            self._handle(queued)

    def _arrive(self, letter: Letter) -> Queued:
        """Lay a letter into `incoming/`, and its notification on the queue."""
        name = letter.envelope.ses_message_id
        self.letters[name] = letter
        self.incoming[name] = letter.envelope.received_at
        sender = letter.sender.address if letter.sender else "nobody"
        self.tell(f"  {name}: {letter.kind} of {sender} ({letter.trust}) to {letter.envelope.recipients},")
        self.tell(f"  taken at {letter.envelope.received_at:%m-%d %H:%M:%S}: «{letter.subject}» {letter.text[:60]!r}")
        queued = Queued(_arrived(letter))
        self.queue.append(queued)
        return queued

    def _handle(self, queued: Queued) -> None:
        queued.receives += 1
        self.counts["deliveries"] += 1
        self.tell(f"  inbound takes {queued.arrived.envelope.ses_message_id}")
        try:
            inbound.take_letter(queued.arrived, self.services, queued.receives)
        except (Crash, Injected) as error:
            self.deaths[queued.arrived.envelope.ses_message_id] += isinstance(error, Crash)
            if queued.receives >= RECEIVES:
                self._forget(queued)  # reconcile offers it again
            raise
        if self.calm or self.rng.random() < 0.9:
            self._forget(queued)

    def _forget(self, queued: Queued) -> None:
        self.queue = [other for other in self.queue if other is not queued]

    def _known(self) -> people.Known | None:
        number = self._any(self.table.numbers())
        ticket = self.table.ticket(number) if number else None
        return people.Known(ticket, (*ticket.thread, *self.table.ids_given(number))) if ticket else None

    def _any(self, names: Iterable[str]) -> str:
        """Return one of the names, more often a late one; an empty text where there is none."""
        known = list(names)
        return known[-1 - min(int(self.rng.expovariate(0.1)), len(known) - 1)] if known else ""

    # Specialists and administrators

    def act(self) -> None:
        """A specialist acts at the command line."""
        number = self._any(self.table.numbers())
        if number:
            command = c.SpecialistAct(
                self.rng.choice(list(c.Act)),
                "specialist",
                self.rng.choice(("", "Проверяем.")),
                clause=self.rng.choice((None, None, "2.4")),
                outcome=self.rng.choice((CloseOutcome.RESOLVED, CloseOutcome.WITHDRAWN)),
                priority=self.rng.choice(list(Priority)),
            )
            self._act(number, command)

    def _act(self, number: str, command: c.SpecialistAct) -> None:
        self.tell(f"  {command.act} {number} «{command.text}»")
        change_ticket(self.services.store, number, command, self.services.now)

    def act_on_fault(self) -> None:
        """Somebody acts on a fault at the command line."""
        number = self._any(self.table.fault_numbers())
        if number:
            how = self.rng.choice((End.RESOLVED, End.RESOLVED, End.FALSE_ALARM))
            take, end = AcknowledgeFault("duty", self.now), EndFault(how, "duty", self.now)
            self._on_fault(number, self.rng.choice((take, end, TouchFault("duty", self.now))))

    def _on_fault(self, number: str, command: FaultCommand) -> None:
        self.tell(f"  {type(command).__name__} {number}")
        act_on_fault(self.services.store, number, command, self.services.now)

    def register(self) -> None:
        """An administrator registers an address as a client's; never at the same time as its letter."""
        self._register(self.rng.choice(people.DESKS), self.rng.choice(people.CLIENTS))

    def _register(self, desk: str, person: Address) -> None:
        name = "firm" if person in people.FIRM else person.address
        known = self.table.client(desk, name)
        address = Contact(kind=ContactKind.ADDRESS, value=person.address)
        contacts = dict.fromkeys((*(known.contacts if known else ()), address))
        self.table.save(Client(id=name, desk=desk, name=person.name, contacts=tuple(contacts)))
        self.model.register(desk, person.address, name)
        self.tell(f"  {person.address} is the client {name} at {desk}")

    # Time

    def wait(self) -> None:
        """Time goes on: minutes, hours, days, or until something is due."""
        due = self.table.next_due()
        if due is not None and self.rng.random() < 0.6:
            self.now = max(self.now, due + timedelta(seconds=self.rng.choice((-1, 0, 0, 30, 60))))
            return
        self.now += timedelta(seconds=self.rng.choice((20, 150, 200, 1_300, 5_000, 20_000, 90_000, 400_000)))

    def sweep(self) -> None:
        """What is due happens."""
        self.counts["sweeps"] += 1
        self.counts.update(clock.sweep(lambda: True, self.services))

    def reconcile(self) -> None:
        """What stayed in `incoming/` is finished."""
        before = set(self.incoming)
        try:
            reconcile.reconcile(lambda: True, self.services)
        finally:
            for name in before - set(self.incoming):
                records = [self.table.letter(desk, name) for desk in people.DESKS]
                if not self.deaths[name] and any(
                    record and record.reason.startswith("failed in") for record in records
                ):
                    raise Violation(f"{name} was set aside, and the function never died over it")

    # Senders

    def post(self) -> None:
        """The stream hands out some of what is to be sent, in any order, now and then twice."""
        self._flow()
        for _ in range(min(len(self.stream), self.rng.randint(1, 25))):
            if not self.stream:
                return
            streamed = self.rng.choice(self.stream)
            self._deliver(streamed)
            if self.rng.random() < 0.05:
                self._deliver(streamed)

    def _flow(self) -> None:
        self.stream += [Streamed(key, self.now) for key in self.table.take_offered()]

    def _drain(self) -> None:
        self._flow()
        while self.stream:
            self._deliver(self.stream[0])

    def _deliver(self, streamed: Streamed) -> None:
        key, message = streamed.key, self.table.message(streamed.key)
        if message is None:
            raise Violation(f"the stream brings {key.item} of {key.ticket}, which the table does not have")
        streamed.tries += 1
        self.at_hand.append(key)
        try:
            if isinstance(message, OutgoingMail):
                delivery.deliver_in_order(key, mailer.send, self.services)
            else:
                delivery.deliver(key, pager.send, self.services)
        except (Crash, Injected):
            self.model.doubts(key)
            if streamed.tries >= STREAM_TRIES:
                self._pass(streamed)  # the sweep offers it again
            raise
        finally:
            self.at_hand.pop()
        self._pass(streamed)

    def _pass(self, streamed: Streamed) -> None:
        self.stream = [other for other in self.stream if other is not streamed]

    def leave(self, key: OutboxKey, to: str, kind: str, text: str) -> str:
        """Send one thing: it may be throttled, time out with its effect, or be refused for good."""
        self.model.begins(key, to)
        try:
            self.disturb(f"before {key.item} of {key.ticket} leaves")
            self.reach(SERVICE_OF[kind])
            fate = self._fate()
            if fate < 0.04 or (fate < 0.05 and kind == "pages"):  # SNS refuses no page for what it says
                self.counts["throttled"] += 1
                raise Injected("throttled")
            if fate < 0.05:
                raise Rejected("MessageRejected")
            self.counts[kind] += 1
            self.model.left(key, to, self.now, text)
            self.tell(f"  {key.item} of {key.ticket} leaves")
            if fate < 0.07:
                raise Injected("timed out, and it has left")
            self.disturb(f"after {key.item} of {key.ticket} has left")
        except (Crash, Injected):
            self.model.doubts(key)
            raise
        finally:
            self.model.sending.discard((key, to))
        return f"{kind}-{self.counts[kind]}"

    def _fate(self) -> float:
        """Return a number by which one send by itself is refused, fails, or succeeds."""
        return 1.0 if self.calm else self.rng.random()

    def feedback(self) -> None:
        """SES tells what became of a letter of ours, perhaps twice."""
        if not self.mails:
            return
        key, desk, to, sent_id = self.rng.choice(self.mails[-20:])
        event = DeliveryEvent(
            kind=self.rng.choice((DeliveryEventKind.BOUNCE, DeliveryEventKind.COMPLAINT, DeliveryEventKind.DELIVERY)),
            ses_message_id=sent_id,
            tags={"ticket": (key.ticket,), "desk": (desk,), "item": (key.item.replace("#", "-"),)},
            recipients=(to,),
            permanent=self.rng.random() < 0.3,
            detail="made up",
            at=self.now,
        )
        for _ in range(self.rng.randint(1, 2)):
            self._report(event)

    def _report(self, event: DeliveryEvent) -> None:
        self.tell(f"  {event.kind} of {event.ses_message_id} to {event.recipients[0]}")
        try:
            feedback._take(SimpleNamespace(body=event), self.services)  # type: ignore[arg-type]  # its reading is left out
        except (Crash, Injected):
            self.reports.append(event)
            raise

    # Alarms

    def alarm(self) -> None:
        """CloudWatch says that an alarm has changed its state: now, or once more, or late."""
        name = self.rng.choice(people.ALARMS)
        changes = self.changes.setdefault(name, [])
        if not changes or self.rng.random() < 0.7:
            last = max(changes, default=(datetime(2020, 1, 1, tzinfo=UTC), "OK"))
            at = max(self.now - timedelta(seconds=self.rng.randint(0, 600)), last[0] + timedelta(seconds=1))
            # Now and then an alarm goes off a second time without an end between: it had no data for a while.
            changes.append((at, "OK" if last[1] == "ALARM" and self.rng.random() < 0.8 else "ALARM"))
            self.news.append((name, *changes[-1]))
        if self.news and self.rng.random() < 0.8:
            self._hear(self.news.pop(self.rng.randrange(len(self.news))))
        else:
            self._hear((name, *self.rng.choice(changes)))

    def _hear(self, change: tuple[str, datetime, str]) -> None:
        name, at, state = change
        self.tell(f"  {name} is {state} since {at:%H:%M:%S}")
        try:
            alarm.settle(self._event(name, at, state), self.services)
        except (Crash, Injected):
            self.news.append(change)
            raise
        if state == "ALARM" and at == max(self.changes[name])[0]:
            self._require_paged(name, at)

    def _event(self, name: str, at: datetime, state: str) -> dict[str, Any]:
        """Return what EventBridge says of a change."""
        region, _, alarm_name = name.partition(" ")
        told = {"value": state, "reason": "threshold crossed", "timestamp": at.isoformat()}
        return {"account": people.ACCOUNT, "region": region, "detail": {"alarmName": alarm_name, "state": told}}

    def _fault(self, name: str) -> AlarmState | None:
        region, _, alarm_name = name.partition(" ")
        return self.table.alarm_state(alarm_name, AlarmPlace(account=people.ACCOUNT, region=region))

    def _require_paged(self, name: str, since: datetime) -> None:
        """Somebody is being paged for an alarm's latest fault, has it in hand, or has ended it since it began."""
        known = self._fault(name)
        book = self.model.ledger.books.get(known.fault) if known is not None else None
        if book is None:
            raise Violation(f"the alarm {name} has no fault that is paged for")
        if not book.is_cared_for and (book.over_at is None or book.over_at < since):
            raise Violation(f"the alarm {name} went off at {since}, and its fault is over since {book.over_at}")


def _arrived(letter: Letter) -> ReceivedLetter:
    return ReceivedLetter(letter.envelope, "mail", f"{INCOMING}{letter.envelope.ses_message_id}")


def _desks(letter: Letter) -> tuple[str, ...]:
    return addressed_desks(letter.envelope.recipients) or (NO_DESK,)


def plan(seed: int, of: type[World] = World) -> list[Step]:
    """Return the steps of a world."""
    rng = Random(seed)
    kinds = rng.choices(list(of.kinds), list(of.kinds.values()), k=of.steps)
    return [Step(number, kind, rng.getrandbits(32)) for number, kind in enumerate(kinds, 1)]


class _Store:
    """The store as handlers see it: at every call something may happen."""

    def __init__(self, world: World) -> None:
        self.world = world

    def __getattr__(self, name: str) -> Any:
        world = self.world
        real = getattr(world.table, name)
        if not callable(real):
            return real

        def call(*args: Any, **kwargs: Any) -> Any:
            world.reach("dynamodb")
            world.disturb(f"before {name}")
            if name in ("find", "desk_faults"):
                world.model.ledger.reads()
            answer = real(*args, **kwargs)
            if name == "lease" and answer is not None:
                world.at_hand[-1] = args[0]
                world.model.ledger.leased(args[0])
            if name == "commit":
                world.counts["commits"] += 1
                world.model.committed(args[0])
                world.noticed(args[0])
            world.disturb(f"after {name}")
            return answer

        return call


class _Mail:
    """The bucket of raw letters, the queue behind it, and the ways out."""

    def __init__(self, world: World) -> None:
        self._world = world

    def read(self, name: str) -> bytes:
        """Return bytes that carry the letter as it is read."""
        self._world.disturb("before a letter is read")
        if name not in self._world.letters:
            raise LetterMissing(name)
        return _Raw(self._world.letters[name])

    def settle(self, name: str, location: str) -> None:
        """Move a letter out of `incoming/`."""
        del location  # where it lies is its record's business
        self._world.disturb("before a letter is filed")
        self._world.model.filed(name, _desks(self._world.letters[name]))
        self._world.incoming.pop(name, None)
        self._world.disturb("after a letter is filed")

    def incoming(self) -> Iterator[tuple[str, datetime]]:
        """Return what is unfinished."""
        self._world.disturb("before incoming/ is listed")
        yield from list(self._world.incoming.items())

    def waiting(self) -> int:
        """Return how many messages the queue holds."""
        self._world.disturb("before the queue is asked how long it is")
        return len(self._world.queue)

    def offer(self, body: str) -> None:
        """Put a notification on the queue."""
        self._world.disturb("before a letter is offered again")
        arrived = parse_notification(body)
        assert isinstance(arrived, ReceivedLetter)  # nothing else is offered
        self._world.queue.append(Queued(arrived))

    def send(self, raw: bytes, *, sender: str, to: str, tags: dict[str, str]) -> str:
        """Send a letter of ours."""
        del sender
        key = OutboxKey(ticket=tags["ticket"], item=tags["item"].replace("-", "#"))
        sent_id = self._world.leave(key, to, "mails", raw.decode())
        self._world.mails.append((key, tags["desk"], to, sent_id))
        return sent_id

    def publish(self, subject: str, text: str, *, attributes: Mapping[str, str]) -> str:
        """Wake somebody by the topic."""
        del subject, attributes
        return self._world.leave(self._world.at_hand[-1], "", "pages", text)

    def text_message(self, phone: str, text: str) -> str:
        """Wake somebody by telephone."""
        return self._world.leave(self._world.at_hand[-1], phone, "pages", text)


class _PagesMail:
    """The way out for the letters that go with pages."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, raw: bytes, *, sender: str, to: str, tags: dict[str, str]) -> str:
        """Wake somebody by mail."""
        del sender, tags
        return self._world.leave(self._world.at_hand[-1], to, "paged by mail", raw.decode())


class _Raw(bytes):
    """A raw letter: reading it gives the letter that it carries."""

    letter: Letter

    def __new__(cls, letter: Letter) -> Self:
        """Return no bytes, and the letter."""
        raw = super().__new__(cls)
        raw.letter = letter
        return raw


@dataclass(frozen=True)
class WorldServices:
    """A world as `application.ports.Services`."""

    world: World
    store: Any
    mail_store: Any
    mail_bucket: str = "mail"
    reply_keys: ReplyKeys = people.KEYS

    @property
    def mailer(self) -> Any:
        """The way out for letters."""
        return self.mail_store

    @property
    def pager(self) -> Any:
        """The way out for pages."""
        return self.mail_store

    @property
    def pages_mailer(self) -> Any:
        """The way out for the letters that go with pages."""
        return _PagesMail(self.world)

    @property
    def watch(self) -> OutsideWatch:
        """Nobody outside."""
        return OutsideWatch("")

    @property
    def inbound_queue(self) -> Any:
        """The queue of letters."""
        return self.mail_store

    def now(self) -> datetime:
        """Return the world's time."""
        return self.world.now


class _OneByOne:
    """In place of threads: what is mapped is done at once, in order."""

    def __init__(self, *_: Any) -> None:
        """Take what a pool of threads takes."""

    def __enter__(self) -> _OneByOne:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is left behind."""

    def map(self, function: Callable[[Any], Any], values: Iterable[Any]) -> list[Any]:
        """Return what a function makes of each value."""
        return [function(value) for value in values]


@dataclass(frozen=True)
class _Worded:
    """In place of a letter as bytes, which nobody here reads and which costs more than all the rest."""

    text: str

    def as_bytes(self) -> bytes:
        """Return the text."""
        return self.text.encode()

    def get_body(self, _: tuple[str, ...]) -> _Worded:
        """Return the text, as a letter does."""
        return self

    def get_content(self) -> str:
        """Return what the letter fills in, without the words of its template."""
        return self.text


_WORDED: set[tuple[object, ...]] = set()


def _worded(mail: OutgoingMail, *rest: Any) -> _Worded:
    """Word one letter of each shape in earnest, so that a template which wants more than it is given is found."""
    shape = (mail.kind, mail.desk, mail.clause is None, frozenset(name for name, value in mail.params.items() if value))
    if shape not in _WORDED:
        render_mail(addressed(mail), *rest).as_bytes()
        _WORDED.add(shape)
    filled_in = (value if isinstance(value, str) else "\n".join(value) for value in mail.params.values())
    return _Worded("\n".join(filled_in))


def _crowded(prefix: str, desk: str, origin: str, attempt: int = 0) -> str:
    """Derive the first two candidates from a hundred numbers, so that they collide."""
    number = ticket_id(prefix, desk, origin, attempt)
    return f"{prefix}-{sum(map(ord, number)) % 100:04}-0000" if attempt < 2 else number


@contextmanager
def running(world: World) -> Iterator[None]:
    """Let the handlers live in a world."""

    def failed(what: str, error: Exception, **ids: str) -> None:
        if not isinstance(error, (Injected, Refused)):
            raise Violation(f"{what}: {type(error).__name__}: {error} {ids}") from error

    def count(name: str, value: float, **_: Any) -> None:
        world.counts[name] += int(value)

    surroundings: dict[tuple[object, str], object] = {
        **world.surroundings(),
        (inbound, "read_for_desks"): lambda raw, *_: raw.letter,
        (reconcile, "envelope_from_raw"): lambda raw, *_: raw.letter.envelope,
        (feedback, "parse_event"): lambda event: event,
        (mailer, "render_mail"): world.worded,
        (pager, "render_mail"): world.worded,
        (clock, "ThreadPoolExecutor"): _OneByOne,
        **{(module, "failed"): failed for module in (clock, delivery, reconcile)},
        **{(observing.logger, level): lambda *_, **__: None for level in ("info", "warning", "error")},
        (observing.metrics, "add_metric"): lambda name, unit, value: count(name, value),
    }
    if world.is_crowded:
        surroundings |= {(module, "ticket_id"): _crowded for module in (receive, alarm)}
    with pytest.MonkeyPatch.context() as patch:
        for (owner, name), value in surroundings.items():
            patch.setattr(owner, name, value)
        yield
