"""Worlds in which parts stand still for minutes to days, while time passes as it does for a desk.

A world is a list of steps, as the others are: something happens, or a part of the system goes out. Between two steps
time passes from one instant at which something is due to the next: the sweep runs by the minute where there is
anything for it, queues and streams deliver what they hold, people answer and react at moments of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Any, ClassVar

from adapters import rendering
from adapters.rendering import render_mail
from adapters.ses.feedback import DeliveryEvent
from adapters.ses.sending import Refused
from application.storage import Commit, OutboxKey
from domain.fault import events as f
from domain.fault.commands import AcknowledgeFault, EndFault
from domain.fault.events import FaultTimerKind
from domain.fault.fault import End
from domain.letter import Letter
from domain.ticket import events as e
from domain.ticket.outgoing import Audience, OutgoingMail
from domain.ticket.ticket import Status
from tests.sim import people
from tests.sim.model import Model
from tests.sim.timekeeper import ASKING, Answer, Timekeeper, end_of_client_days
from tests.sim.weather import DAY, HOUR, LENGTHS, MINUTE, Weather
from tests.sim.world import Injected, Step, World
from tests.support.people import addressed

VISIBILITY = 6 * MINUTE
"""How long the queue hides a message that a function has taken (VisibilityTimeout of template.yaml)."""
RECORD_AGE = HOUR
"""How long the stream keeps a record for a function (MaximumRecordAgeInSeconds of template.yaml)."""
RECONCILED_AFTER = 20 * MINUTE
LIFE = 12 * DAY
"""At the end of a world: longer than any term that runs in it."""
OUTAGES = tuple(LENGTHS)


class OutageWorld(World):
    """A world in which parts stand still."""

    name: ClassVar = "outages"
    kinds: ClassVar[Mapping[str, int]] = {
        "write": 20,
        "office": 2,
        "follow_up": 3,
        "repeat": 1,
        "specialist": 4,
        "act": 4,
        "alarm": 4,
        "feedback": 1,
        "redeliver": 2,
        "outage": 18,
    }
    steps: ClassVar[int] = 22
    model: Timekeeper

    def __init__(self, seed: int, *, telling: bool = False) -> None:
        self.weather = Weather()
        self.appointments: list[tuple[datetime, Callable[[], None]]] = []
        super().__init__(seed, telling=telling)
        self.is_crowded, self.storm = False, 0.0
        self.second = self.rng.randrange(60)
        """Of the minute, when the sweep runs."""
        self.reconciled_at = self.now
        self.leaving: OutboxKey | None = None
        """The item that is being sent."""

    def _model(self) -> Model:
        return Timekeeper(self.table, self.letters, self.weather, self.incoming)

    # Steps

    def take(self, step: Step) -> None:
        """Let one step happen, and time pass until the next."""
        self.rng = Random(step.chance)
        self.calls, self.ambushes = 0, {}
        self.tell(f"{step.number}. {step.kind.replace('_', ' ')}, {self.now:%Y-%m-%d %H:%M:%S} UTC")
        self._attempt(step.kind)
        self.work()
        gap = self.rng.choices((MINUTE, 20 * MINUTE, 2 * HOUR, 9 * HOUR), (3, 4, 6, 2))[0]
        self.pass_time(self.now + gap * self.rng.uniform(0.5, 1.5))

    def outage(self) -> None:
        """A part goes out."""
        outage = self.weather.begin(self.rng.choice(OUTAGES), self.rng, self.now)
        self.counts["outages"] += 1
        self.tell(f"  {outage.part} is out until {outage.end:%m-%d %H:%M:%S}")

    def office(self) -> None:
        """An office writes one request after another, over minutes or two days."""
        count, span = self.rng.randint(8, 18), self.rng.choice((30 * MINUTE, 8 * HOUR, 44 * HOUR))
        for number in range(count):
            self._appoint(self.now + span * number / count, self._office_writes)

    def _office_writes(self) -> None:
        name, at = self._next_letter()
        self._send(people.of_an_office(self.rng, name, at, len(self.letters)))

    def finish(self) -> None:
        """Let all parts come back and time pass until no term runs; raises Violation where something does not come to rest."""
        while (end := self.weather.next_change(self.now)) is not None:
            self.pass_time(end)
        self.pass_time(self.now + LIFE)
        super().finish()

    # Time

    def pass_time(self, until: datetime) -> None:
        """Let everything happen that is due up to an instant, each at its own."""
        while (at := self._next_instant()) is not None and at <= until:
            self.now = at
            self.work()
        self.now = max(self.now, until)
        self.work()

    def work(self) -> None:
        """Let every part do what it has to do at this instant."""
        self.model.look(self.now)
        while self.appointments and self.appointments[0][0] <= self.now:
            self.appointments.pop(0)[1]()
        self._read_queue()
        self._hear_news()
        if self._is_up("clock") and self._is_sweep_due():
            self._try(self.sweep)
        if self._is_up("reconcile") and self.now - self.reconciled_at >= HOUR:
            self.reconciled_at = self.now
            if self.incoming:
                self._try(self.reconcile)
                self._read_queue()
        self._read_streams()

    def _is_up(self, part: str) -> bool:
        return not self.weather.is_out(part, self.now)

    def _is_sweep_due(self) -> bool:
        due = self.table.next_due()
        return due is not None and due <= self.now and self.now.second == self.second

    def _next_instant(self) -> datetime | None:
        """Return the next instant, later than now, at which anything may happen."""
        instants = [self.weather.next_change(self.now), *(at for at, _ in self.appointments[:1])]
        if self._is_up("inbound") and self._is_up("queue"):
            instants += [queued.visible_at for queued in self.queue if queued.visible_at is not None]
        if self._is_up("clock") and (due := self._next_due()) is not None:
            instants.append(self._minute(max(due, self.now + timedelta(microseconds=1))))
        if self._is_up("reconcile") and self.incoming:
            oldest = min(self.incoming.values()) + RECONCILED_AFTER
            instants.append(max(self.reconciled_at + HOUR, oldest))
        later = [at for at in instants if at is not None and at > self.now]
        return min(later, default=None)

    def _next_due(self) -> datetime | None:
        """Return when the sweep has something to do that is worth a step: no offer to a function that stands still."""
        still = [outbox for outbox, sender in (("mail", "mailer"), ("page", "pager")) if not self._is_up(sender)]
        return self.table.next_due_but(still)

    def _minute(self, at: datetime) -> datetime:
        """Return when the sweep runs next, from an instant on."""
        runs = at.replace(second=self.second, microsecond=0)
        return runs if runs >= at else runs + MINUTE

    # AWS

    def reach(self, service: str) -> None:
        """A function calls a service, which refuses while it is out."""
        if self.calm or self._is_up(service):
            return
        self.counts["refusals"] += 1
        if service == "ses" and self.rng.random() < 0.5:
            raise Refused("AccountSuspended: sending is paused")
        raise Injected(f"{service} refuses")

    def _fate(self) -> float:
        """Letters fail by themselves now and then, and are known to; those to the team are not refused for what they say."""
        message = self.table.message(self.leaving) if self.leaving is not None else None
        if self.calm or message is None or self.rng.random() < 0.98:
            return 1.0
        self.model.disturbed.add(self.leaving)  # type: ignore[arg-type]  # it has a message
        is_clients = isinstance(message, OutgoingMail) and message.audience is Audience.CLIENT
        return self.rng.choice((0.045, 0.06)) if is_clients else 0.06

    def _send(self, letter: Letter) -> None:
        queued = self._arrive(letter)
        if self.weather.is_out("queue", self.now):
            queued.visible_at = self.now + self.rng.uniform(0.0, 2.0) * DAY

    def _next_letter(self) -> tuple[str, datetime]:
        return f"ses-{len(self.letters) + 1:04}", self.now

    def _read_queue(self) -> None:
        """The queue hands out what it holds, in any order; what fails is handed out again, and put aside in the end."""
        if not self._is_up("inbound"):
            return
        ready = [queued for queued in self.queue if queued.visible_at is None or queued.visible_at <= self.now]
        self.rng.shuffle(ready)
        for queued in ready:
            queued.visible_at = self.now + VISIBILITY
            self.now += timedelta(milliseconds=1)  # no two letters are handled in one instant
            self._try(partial(self._handle, queued))

    def redeliver(self) -> None:
        """The queue hands out a letter that it has handed out before."""
        if self._is_up("inbound"):
            super().redeliver()

    def _read_streams(self) -> None:
        """The stream hands out what it holds and what comes of that; what is too old, or fails too often, it drops."""
        for _ in range(20):
            self._flow()
            # Of several offers of one item the last is enough: the others would be too old, or find it taken.
            last = {one.key: one for one in self.stream if self.now - one.since <= RECORD_AGE}
            self.stream = list(last.values())
            ready = [one for one in self.stream if self._is_up(self._sender_of(one.key))]
            if not ready:
                return
            # The records of one ticket keep their order (DynamoDB developer guide, "Change data capture for DynamoDB Streams").
            turns = {number: self.rng.random() for number in dict.fromkeys(one.key.ticket for one in ready)}
            for streamed in sorted(ready, key=lambda one: turns[one.key.ticket]):
                while any(streamed is other for other in self.stream):
                    self._try(partial(self._deliver, streamed))

    def _sender_of(self, key: OutboxKey) -> str:
        return "mailer" if isinstance(self.table.message(key), OutgoingMail) else "pager"

    def _report(self, event: DeliveryEvent) -> None:
        if self._is_up("feedback") or self.calm:
            super()._report(event)
        else:
            self.reports.append(event)

    def _hear(self, change: tuple[str, datetime, str]) -> None:
        if self._is_up("alarm") or self.calm:
            super()._hear(change)
        else:
            self.news.append(change)

    def _hear_news(self) -> None:
        """What waited in front of a function that stood still comes to it, in any order."""
        if self._is_up("alarm") and self.news:
            news, self.news = self.news, []
            self.rng.shuffle(news)
            for change in news:
                self._try(partial(self._hear, change))
        if self._is_up("feedback") and self.reports:
            reports, self.reports = self.reports, []
            for report in reports:
                self._try(partial(self._report, report))

    # People

    def leave(self, key: OutboxKey, to: str, kind: str, text: str) -> str:
        """Send one thing; whoever gets it may do something of it."""
        self.leaving = key
        try:
            sent_id = super().leave(key, to, kind, text)
        except Refused:
            self.model.refused_at[key] = self.now
            raise
        message = self.table.message(key)
        if message is not None and message.kind in ASKING:
            self._think_of_answering(key.ticket)
        return sent_id

    def _think_of_answering(self, number: str) -> None:
        ticket = self.table.ticket(number)
        if ticket is None or self.rng.random() < 0.3:
            return
        ends = end_of_client_days(ticket, self.now)
        at = self.rng.choice(
            (
                self.now + self.rng.uniform(0.01, 0.2) * DAY,
                self.now + self.rng.uniform(0.2, 3.5) * DAY,
                ends - self.rng.uniform(0.05, 40) * MINUTE,
            )
        )
        self._appoint(at, partial(self._answer, number))

    def noticed(self, commit: Commit) -> None:
        """Specialists notice faults and requests, and react some time: at once, or just before the term ends."""
        super().noticed(commit)
        for change in commit.faults:
            for fault_event in change.events:
                self._noticed_fault(change.after.id, change.after.ticket, fault_event)
        for event in commit.ticket.events if commit.ticket is not None else ():
            number = commit.ticket.after.id if commit.ticket is not None else ""
            match event:
                case e.ReactionPromised(clock=clock) if self.rng.random() < 0.7:
                    soon, late = (
                        self.now + self.rng.uniform(1, 300) * MINUTE,
                        clock.due - self.rng.uniform(0.02, 4) * MINUTE,
                    )
                    self._appoint(max(self.rng.choice((soon, late)), self.now), partial(self._word, number, "беру"))
                case _:
                    pass

    def _noticed_fault(self, number: str, ticket: str, event: f.FaultEvent) -> None:
        """Somebody takes a fault in time or late, and ends it some time after that."""
        match event:
            case f.FaultOpened() | f.FaultReopened() | f.FaultTimerFired(timer=FaultTimerKind.PAGE_AGAIN):
                minutes = self.rng.choice((2, 9, 70, 200)) * self.rng.uniform(0.5, 1.5)
                if self.rng.random() < 0.7:
                    self._appoint(self.now + minutes * MINUTE, partial(self._word, ticket, "принято"))
                else:
                    self._appoint(self.now + minutes * MINUTE, partial(self._take, number))
            case f.FaultAcknowledged():
                minutes = self.rng.choice((5, 40, 180, 400)) * self.rng.uniform(0.5, 1.5)
                self._appoint(self.now + minutes * MINUTE, partial(self._end, number))
            case _:
                pass

    def _take(self, number: str) -> None:
        self._try(partial(self._on_fault, number, AcknowledgeFault("duty", self.now)))

    def _end(self, number: str) -> None:
        how = End.RESOLVED if self.rng.random() < 0.7 else End.FALSE_ALARM
        self._try(partial(self._on_fault, number, EndFault(how, "duty", self.now)))

    def _answer(self, number: str) -> None:
        known = self._known_as(number)
        if known is None or not known.ticket.requester.address or number not in self.model.asked:
            return
        name, at = self._next_letter()
        self.model.answers[name] = Answer(number, Audience.CLIENT, at)
        self._send(people.an_answer(self.rng, name, at, known))

    def _word(self, number: str, word: str) -> None:
        known = self._known_as(number)
        if known is None or known.ticket.status is Status.CLOSED:
            return
        name, at = self._next_letter()
        self.model.answers[name] = Answer(number, Audience.TEAM, at)
        self._send(people.a_word(self.rng, name, at, known, word))

    def _known_as(self, number: str) -> people.Known | None:
        ticket = self.table.ticket(number)
        return people.Known(ticket, ticket.thread) if ticket is not None else None

    def _appoint(self, at: datetime, do: Callable[[], None]) -> None:
        self.appointments.append((at, do))
        self.appointments.sort(key=lambda one: one[0])

    # Letters as they are read

    def worded(self, mail: OutgoingMail, *rest: Any) -> Any:
        """Return a letter to a client in its own words, for what it promises counts; of others what they fill in."""
        if mail.audience is Audience.CLIENT and mail.automatic:
            return render_mail(addressed(mail), *rest)
        return super().worded(mail, *rest)

    def surroundings(self) -> Mapping[tuple[object, str], object]:
        """Return what a world of this sort has in place of the product's own: letters are made without MIME."""
        return {
            (rendering, "EmailMessage"): _Plain,
            (rendering, "_as_html"): lambda _: "",
            (rendering, "_fields"): lambda *_: (),
        }


class _Plain:
    """A letter as its text alone."""

    def __init__(self, **_: Any) -> None:
        self.text = ""

    def __setitem__(self, name: str, value: Any) -> None:
        """Take a field."""

    def set_content(self, text: str, **_: Any) -> None:
        """Take the text."""
        self.text = text

    def add_alternative(self, html: str, **_: Any) -> None:
        """Take the text as HTML."""

    def as_bytes(self) -> bytes:
        """Return the text."""
        return self.text.encode()

    def get_body(self, _: tuple[str, ...]) -> _Plain:
        """Return the text, as a letter does."""
        return self

    def get_content(self) -> str:
        """Return the text."""
        return self.text
