"""Worlds of faults: things break down at two desks, and letters, alarms, monitors and specialists report it.

What is broken is known here and nowhere else: letters about one outage say one sort of thing, and two outages of
different sorts are never one fault. People take faults, end them, find that there were none, at once and too late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, ClassVar

from application.storage import Commit
from domain.fault.alarm import AlarmState
from domain.fault.commands import AcknowledgeFault, EndFault
from domain.fault.fault import End
from domain.letter import Address, Letter, Trust
from domain.regulation.editions import editions
from domain.ticket import commands as c
from domain.ticket.ticket import CloseOutcome, Ticket
from tests.sim import people
from tests.sim.table import Violation
from tests.sim.world import World
from tests.support.builders import a_letter

SORTS: Mapping[str, tuple[str, ...]] = {
    "down": (
        "Приложение полностью недоступно: никто из сотрудников всех МФЦ области не может войти.",
        "Сервис лежит, ни в одном МФЦ области ничего не открывается.",
        "Портал упал, у всех сотрудников ошибка 502.",
        "Никто из сотрудников не может принять ни одного заявителя, все окна стоят.",
    ),
    "lost": (
        "Пропали все заявления граждан: журнал пуст, ни одного документа.",
        "Исчезли все записи из журнала, данные потеряны.",
        "Пропали все записи на приём за месяц.",
    ),
    "leaked": (
        "Нас взломали, персональные данные заявителей в открытом доступе.",
        "Похоже на утечку: чужие паспорта видны всем без пароля.",
        "Кто-то посторонний вошёл под чужой учётной записью и скачивает паспортные данные.",
    ),
}
"""What is written about each sort of outage; no text shows signs of two sorts."""
SUBJECT = "Срочно"
"""Of all of them: it shows nothing by itself."""
REPORTERS = tuple(Address(f"mfc{number}@region{number % 5}.example", f"МФЦ {number}") for number in range(1, 13))
ALARMS = ("eu-west-1 mdo-service-api-5xx", "eu-central-1 mdo-service-api-5xx", "eu-west-1 storeolis-service-orders")
CHILDREN = ("mdo-service-db-cpu", "mdo-service-db-errors", "mdo-service-db-latency")
COMPOSITE = "eu-west-1 mdo-service-db"
WATCHED = " OR ".join(f'ALARM("{child}")' for child in CHILDREN)
MONITORS = ("zabbix mdo-service-disk", "alertmanager storeolis-service-latency")
GROUP = (COMPOSITE, *(f"eu-west-1 {child}" for child in CHILDREN))
NEVER = datetime(2020, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Outage:
    """Something is broken."""

    desk: str
    sort: str


class OutbreakWorld(World):
    """A world in which things break down."""

    name: ClassVar = "faults"
    kinds: ClassVar[Mapping[str, int]] = {
        "break_down": 7,
        "report": 26,
        "strangers": 5,
        "alarm": 7,
        "flap": 4,
        "composite": 3,
        "monitor": 3,
        "word": 3,
        "acknowledge": 8,
        "acknowledge_by_mail": 8,
        "end": 6,
        "detach": 4,
        "specialist": 3,
        "finish_ticket": 3,
        "handle": 6,
        "redeliver": 4,
        "post": 20,
        "wait": 26,
        "sweep": 22,
        "reconcile": 1,
        "two_reports": 3,
        "two_takers": 2,
        "taken_while_reported": 3,
        "ended_while_reported": 3,
        "swept_while_taken": 2,
        "paged_while_taken": 3,
        "two_detached": 2,
        "told_while_detached": 2,
        "two_sweeps": 2,
        "two_alarms": 2,
    }
    pairs: ClassVar[Mapping[str, tuple[str, str, range]]] = {
        **World.pairs,
        "two_reports": ("report", "report", range(2, 9)),
        "two_takers": ("acknowledge", "acknowledge_by_mail", range(1, 6)),
        "taken_while_reported": ("report", "acknowledge", range(2, 9)),
        "ended_while_reported": ("report", "end", range(2, 9)),
        "swept_while_taken": ("sweep", "acknowledge", range(2, 12)),
        "paged_while_taken": ("post", "acknowledge", range(1, 8)),
        "two_detached": ("detach", "detach", range(1, 7)),
        "told_while_detached": ("sweep", "detach", range(2, 30)),
    }
    meanwhile: ClassVar[tuple[str, ...]] = (
        "report", "handle", "redeliver", "acknowledge", "acknowledge_by_mail", "end", "detach", "post", "sweep", "alarm", "monitor",
    )  # fmt: skip
    steps: ClassVar[int] = 130

    def __init__(self, seed: int, *, telling: bool = False) -> None:
        self.outages: list[Outage] = []
        self.sort_of: dict[str, str] = {}
        """Of each letter, what it is about."""
        self.sorts: defaultdict[str, set[str]] = defaultdict(set)
        """Of each fault, what its letters are about."""
        super().__init__(seed, telling=telling)

    def noticed(self, commit: Commit) -> None:
        """Two outages of different sorts are two faults."""
        super().noticed(commit)
        about = self.sort_of.get(commit.letter.ses_message_id) if commit.letter is not None else None
        for change in commit.faults if about is not None and commit.letter is not None else ():
            if change.joined and about is not None:
                self.sorts[change.after.id].add(about)
            if len(self.sorts[change.after.id]) > 1:
                raise Violation(
                    f"{change.after.id} is {sorted(self.sorts[change.after.id])}: two outages are one fault"
                )

    # What breaks, and who says so

    def break_down(self) -> None:
        """Something breaks, and somebody says so."""
        self.outages.append(Outage(self.rng.choice((people.MDO, people.MDO, people.STOREOLIS)), self._any(SORTS)))
        self.outages = self.outages[-3:]
        self.report()

    def report(self) -> None:
        """A client writes about something that is broken."""
        if not self.outages:
            self.outages.append(Outage(people.MDO, self.rng.choice(list(SORTS))))
        self._write_about(self.rng.choice(self.outages), self.rng.choice(REPORTERS), proved=self.rng.random() < 0.8)

    def strangers(self) -> None:
        """Invented senders write about something, one after another."""
        if not self.outages:
            return
        outage = self.rng.choice(self.outages) if self.rng.random() < 0.5 else Outage(people.MDO, self._any(SORTS))
        for _ in range(self.rng.randint(1, 4)):
            name = f"stranger{len(self.letters)}@nowhere{self.rng.randrange(99)}.example"
            self._write_about(outage, Address(name, "Незнакомец"), proved=False)

    def _write_about(self, outage: Outage, sender: Address, *, proved: bool) -> None:
        name, at = self._next_letter()
        self.sort_of[name] = outage.sort
        self._send(_about(self.rng, name, at, outage, sender, proved=proved))

    def flap(self) -> None:
        """An alarm goes on and off within minutes."""
        name = self.rng.choice(ALARMS)
        for _ in range(self.rng.randint(1, 4)):
            self._change(name, self.now)
            self._hear_some()
            self.now += timedelta(seconds=self.rng.choice((20, 90, 400)))
            if self.rng.random() < 0.5:
                self._try(self.sweep)

    def composite(self) -> None:
        """An alarm that watches others, and some of those, change their states."""
        for name in self.rng.sample(GROUP, self.rng.randint(1, len(GROUP))):
            self._change(name, self.now)
            self.now += timedelta(seconds=self.rng.choice((1, 30)))
        self._hear_some()

    def monitor(self) -> None:
        """Another monitor than CloudWatch says something."""
        self._change(self.rng.choice(MONITORS), self.now)
        self._hear_some()

    def alarm(self) -> None:
        """CloudWatch says that an alarm has changed its state: now, or once more, or late."""
        self._change(self.rng.choice(ALARMS), self.now - timedelta(seconds=self.rng.randint(0, 600)))
        self._hear_some()
        if self.rng.random() < 0.2:
            name = self._any(self.changes)
            self._hear((name, *self.rng.choice(self.changes[name])))

    def _change(self, name: str, at: datetime) -> None:
        changes = self.changes.setdefault(name, [])
        last = max(changes, default=(NEVER, "OK"))
        # Now and then an alarm goes off a second time without an end between: it had no data for a while.
        state = "OK" if last[1] == "ALARM" and self.rng.random() < 0.85 else "ALARM"
        changes.append((max(at, last[0] + timedelta(seconds=1)), state))
        self.now = max(self.now, changes[-1][0])
        self.news.append((name, *changes[-1]))

    def _hear_some(self) -> None:
        while self.news and self.rng.random() < 0.85:
            self._hear(self.news.pop(self.rng.randrange(len(self.news))))

    def _event(self, name: str, at: datetime, state: str) -> dict[str, Any]:
        where, _, called = name.partition(" ")
        if name in MONITORS:
            said = {"name": called, "state": state, "since": at.isoformat(), "reason": "made up"}
            return {"detail-type": "Reglament Fault Report", "source": f"monitor.{where}", "detail": said}
        event = super()._event(name, at, state)
        if name == COMPOSITE:
            event["detail"]["configuration"] = {"alarmRule": WATCHED}
        return event

    def _fault(self, name: str) -> AlarmState | None:
        where, _, called = name.partition(" ")
        return self.table.alarm_state(f"monitor:monitor.{where}:{called}") if name in MONITORS else super()._fault(name)

    # People

    def word(self) -> None:
        """A specialist says that a ticket is critical."""
        if number := self._any(self.table.numbers()):
            self._act(number, c.SpecialistAct(c.Act.CRITICAL, "specialist", "не работает"))

    def acknowledge(self) -> None:
        """Somebody takes a fault at the command line, by its number or by that of a ticket."""
        if number := self._any_fault():
            if self.rng.random() < 0.5:
                self._on_fault(number, AcknowledgeFault(f"duty{self.rng.randint(1, 3)}", self.now))
            elif member := self._any(member.ticket for member in self.table.members(number)):
                self._act(member, c.SpecialistAct(self.rng.choice((c.Act.ACKNOWLEDGE, c.Act.TAKE)), "duty"))

    def acknowledge_by_mail(self) -> None:
        """Somebody takes a fault by mail, which is read at once or much later."""
        number = self._any_fault()
        ticket = self._member(number) if number else None
        if number and ticket is not None:
            begun = self.model.ledger.books[number].since
            at = begun + (self.now - begun) * self.rng.choice((1, 1, 0.9, 0.5, 0.1))
            name = f"ses-{len(self.letters) + 1:04}"
            known = people.Known(ticket, ticket.thread)
            self._send(people.a_word(self.rng, name, at, known, self.rng.choice(("принято", "беру", "принято"))))

    def end(self) -> None:
        """Somebody says that a fault is over, or was none."""
        if number := self._any_fault():
            how = End.RESOLVED if self.rng.random() < 0.7 else End.FALSE_ALARM
            self._on_fault(number, EndFault(how, "duty", self.now))
            if self.rng.random() < 0.5 and self.outages:
                self.outages.pop(self.rng.randrange(len(self.outages)))

    def detach(self) -> None:
        """A specialist says that one ticket is no critical fault."""
        number = self._any_fault()
        ticket = self._member(number) if number else None
        if ticket is not None:
            self._act(ticket.id, c.SpecialistAct(c.Act.WITHDRAW_CRITICAL, "specialist"))

    def finish_ticket(self) -> None:
        """A specialist closes or refuses a ticket of a fault, or reacts to it in another way."""
        number = self._any_fault()
        ticket = self._member(number) if number else None
        if ticket is not None:
            act = self.rng.choice((c.Act.CLOSE, c.Act.REFUSE, c.Act.SOLVE, c.Act.REPLY, c.Act.ASK, c.Act.NOTE))
            outcome = self.rng.choice((CloseOutcome.RESOLVED, CloseOutcome.WITHDRAWN))
            self._act(ticket.id, c.SpecialistAct(act, "specialist", "Проверяем.", clause="2.4", outcome=outcome))

    def wait(self) -> None:
        """Time goes on: until something is due, by minutes, or by hours."""
        due = self.table.next_due()
        if due is not None and self.rng.random() < 0.6:
            self.now = max(self.now, due + timedelta(seconds=self.rng.choice((-1, 0, 0, 30, 60, 600))))
            return
        self.now += timedelta(seconds=self.rng.choice((5, 20, 100, 150, 200, 300, 900, 1_300, 4_000, 9_000, 18_000)))

    def _any_fault(self) -> str:
        """Return a fault, more often one that is not over."""
        books = self.model.ledger.books
        is_open = [number for number, book in books.items() if book.over_at is None]
        return self._any(is_open if is_open and self.rng.random() < 0.9 else list(books))

    def _member(self, number: str) -> Ticket | None:
        return self.table.ticket(self._any(member.ticket for member in self.table.members(number)))


def _about(rng: Random, name: str, at: datetime, outage: Outage, sender: Address, *, proved: bool) -> Letter:
    """Return a letter about an outage."""
    letter = a_letter(
        rng.choice(SORTS[outage.sort]),
        ses_message_id=name,
        received_at=at,
        subject=SUBJECT,
        sender=sender,
        from_addresses=(sender,),
        mail_from=sender.address,
        trust=Trust.VERIFIED if proved else Trust.CLAIMED,
        spf_failed=not proved and rng.random() < 0.3,
        message_id=f"{name}@client.example",
    )
    recipients = (editions(outage.desk)[-1].desk.address,)
    return replace(letter, envelope=replace(letter.envelope, recipients=recipients))
