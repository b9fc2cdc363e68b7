"""A ticket's life in a test: commands in, decisions out, the time given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.page_wording import render_page
from adapters.rendering import render_mail
from application.placing import Known, decided, fault_change, place_report, ref_of
from application.storage import FaultChange, FaultsChange
from domain.answer_text import ANCHOR
from domain.client import Recent
from domain.fault import commands as f
from domain.fault.alarm import NOWHERE, AlarmPlace, AlarmState
from domain.fault.decide import FaultDecision, decide_fault
from domain.fault.events import FaultEvent
from domain.fault.evolve import replay_fault
from domain.fault.fault import DeskFaults, Fault, Member
from domain.fault.reports import report_by_alarm
from domain.fault.timers import next_fault_timer
from domain.findings import Classification
from domain.intake.classify import classify, rule_on
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_at
from domain.ticket import commands as c
from domain.ticket.decide import Decision, decide
from domain.ticket.evolve import replay
from domain.ticket.outgoing import Outgoing, OutgoingMail
from domain.ticket.restraint import Restraint
from domain.ticket.ticket import Ticket, ticket_id
from domain.ticket.timers import next_timer
from tests.support.builders import KEYS, STOREOLIS_ADDRESS, a_letter, moscow
from tests.support.people import addressed, people_of


class LifeFaults:
    """The faults that one ticket's reports belong to: the part of a store that decisions about them ask."""

    def __init__(self) -> None:
        self.lately = DeskFaults()
        self.known: dict[str, Fault] = {}
        self.histories: dict[str, list[tuple[int, FaultEvent]]] = {}
        self.tickets: dict[str, dict[str, Member]] = {}
        self.outgoing: dict[str, list[Outgoing]] = {}

    def alarm_state(self, _alarm: str, _place: AlarmPlace = NOWHERE) -> AlarmState | None:
        return None

    def desk_faults(self, _desk: str) -> DeskFaults:
        return self.lately

    def fault(self, number: str) -> Fault | None:
        return self.known.get(number)

    def faults(self, numbers: Iterable[str]) -> list[Fault]:
        return [self.known[number] for number in numbers if number in self.known]

    def fault_history(self, number: str) -> list[tuple[int, FaultEvent]]:
        return self.histories.get(number, [])

    def members(self, number: str) -> list[Member]:
        return [member for _, member in sorted(self.tickets.get(number, {}).items())]

    def write(self, change: FaultChange, listed: FaultsChange | None = None) -> None:
        version = change.before.version + 1 if change.before else 1
        number = change.after.id
        self.known[number] = change.after.model_copy(update={"version": version})
        history = self.histories.setdefault(number, [])
        history += [(version, event) for event in change.events]
        replayed = replay_fault(event for _, event in history)
        assert replayed == change.after.model_copy(update={"version": replayed.version}), "its history replays"
        self.outgoing.setdefault(number, []).extend(change.outgoing)
        members = self.tickets.setdefault(number, {})
        members |= {member.ticket: member for member in change.joined}
        for ticket in change.detached:
            members.pop(ticket, None)
        if listed is not None:
            self.lately = listed.after

    def whole(self) -> tuple[FaultChange, ...]:
        """Return each fault as if all that happened to it were one change."""
        return tuple(
            FaultChange(
                None,
                fault,
                [event for _, event in self.histories[number]],
                self.outgoing[number],
                tuple(self.members(number)),
            )
            for number, fault in self.known.items()
        )


class Life:
    """One ticket, the faults that it reports, and everything that happened to them."""

    def __init__(
        self, desk: str, first: c.OpenByLetter | c.OpenByAlarm, at: datetime, restraint: Restraint | None = None
    ) -> None:
        """Open a ticket by a command."""
        self.desk = desk
        self.post_runs = True
        """Whether a question leaves as it is written."""
        self.ticket: Ticket | None = None
        self.sent: list[Outgoing] = []
        """What was written, on the ticket and on its faults."""
        self.written: list[Outgoing] = []
        """What was written on the ticket."""
        self.events: list[Any] = []
        self.store = LifeFaults()
        received_at = first.letter.envelope.received_at if isinstance(first, c.OpenByLetter) else at
        self._do(first, edition_at(desk, received_at), at, restraint)

    @property
    def state(self) -> Ticket:
        assert self.ticket is not None
        return self.ticket

    @property
    def edition(self) -> Edition:
        return edition_at(self.desk, self.state.arrived_at)

    @property
    def fault(self) -> Fault:
        """The fault that the ticket reports."""
        clock = self.state.critical
        assert clock is not None
        return self.store.known[clock.fault]

    def fault_events(self) -> list[Any]:
        """Return what happened to the fault, in order."""
        return [event for _, event in self.store.fault_history(self.fault.id)]

    def _do(self, command: c.Command, edition: Edition, now: datetime, restraint: Restraint | None = None) -> Decision:
        known = Known(people_of(self.desk))
        if isinstance(command, c.OpenByAlarm):
            since = min(command.since or now, now)
            placed = place_report(
                self.store, report_by_alarm(command.ticket, since, command.alarm, command.place), edition, now
            )
            decision = decide(None, command, edition, now, fault=placed.ref, people=known.people)
            return self._take(decision, (placed.change,), placed.desk)
        whole = decided(self.store, self.ticket, command, edition, now, restraint, known=known)
        while any(change.before is None and change.after.id in self.store.known for change in whole.faults):
            # As a store refuses a number that is taken: the ticket has reported another fault at this very instant.
            known = replace(known, numbers_taken=known.numbers_taken + 1)
            whole = decided(self.store, self.ticket, command, edition, now, restraint, known=known)
        if whole.decision.refused is not None:
            return whole.decision
        return self._take(whole.decision, whole.faults, whole.desk)

    def _take(
        self, decision: Decision, faults: Sequence[FaultChange] = (), listed: FaultsChange | None = None
    ) -> Decision:
        self.ticket = decision.ticket
        for change in faults:
            self.store.write(change, listed)
            self._send(change.outgoing, change.events[-1].at)
        self._send(decision.outgoing, decision.events[-1].at if decision.events else self.state.arrived_at)
        self.events += decision.events
        self.written += decision.outgoing
        assert replay(self.events) == self.ticket, "the history replays to the ticket"
        lapse = self.state.lapse
        if self.post_runs and decision.outgoing and lapse is not None and lapse.unsent:
            self._take(decide(self.ticket, c.StartTerm(lapse.asked_at), self.edition, lapse.asked_at))
        for mail in decision.outgoing:
            if self.post_runs and isinstance(mail, OutgoingMail) and mail.kind == "term_shortened":
                assert mail.asked_at is not None
                told = c.StartTerm(mail.asked_at, mail.due)
                self._take(decide(self.ticket, told, self.edition, self.events[-1].at))
        return decision

    def _send(self, outgoing: Sequence[Outgoing], at: datetime) -> None:
        self.sent += outgoing
        for message in outgoing:  # strictly: a value that a letter's wording lacks is an error
            if isinstance(message, OutgoingMail):
                render_mail(addressed(message), KEYS, at)
            else:
                render_page(message, at, self.store.fault(message.fault))

    def have_sent(self) -> None:
        """Let all that was written be sent long since."""
        self.sent.clear()
        self.written.clear()
        for outgoing in self.store.outgoing.values():
            outgoing.clear()

    def do(self, command: c.Command, at: str | datetime, restraint: Restraint | None = None) -> Decision:
        """Carry out a command at an instant of Moscow's clock, on the ticket and on its fault."""
        now = moscow(at) if isinstance(at, str) else at
        return self._do(command, self.edition, now, restraint)

    def do_to_fault(self, command: f.FaultCommand, at: str | datetime) -> FaultDecision:
        """Carry out a command on the fault, and tell the ticket what became of it."""
        now = moscow(at) if isinstance(at, str) else at
        fault = self.fault
        decision = decide_fault(fault, command, edition_at(self.desk, fault.opened_at), now)
        change = fault_change(fault, decision)
        if change is not None:
            self.store.write(change)
            self._send(change.outgoing, now)
            self._tell(now)
        return decision

    def _tell(self, now: datetime) -> None:
        fault = self.fault
        for telling in fault.telling:
            news = c.FaultNews(fault.id, telling.news, telling.by, telling.at, tells=True)
            decision = decide(self.ticket, news, self.edition, now, fault=ref_of(fault))
            if decision.events:
                self._take(decision)
            told = decide_fault(self.fault, f.MarkTold(telling.news, self.state.id, done=True), self.edition, now)
            change = fault_change(self.fault, told)
            assert change is not None
            self.store.write(change)

    def act(self, act: c.Act, at: str, text: str = "", **changes: Any) -> Decision:
        """Let a specialist act."""
        return self.do(c.SpecialistAct(act, "specialist1@desk.example", text, **changes), at)

    def write(self, text: str, at: str, **changes: Any) -> Decision:
        """Let the client write to the ticket."""
        letter = a_letter(text, received_at=moscow(at), ses_message_id=f"ses-{at}", **changes)
        return self.do(c.AddLetter(letter, classified(letter, self.edition, moscow(at))), at)

    def sweep(self, at: str | datetime) -> Decision:
        """Let whatever is due by then happen, to the fault first."""
        if self.state.critical is not None and self.state.critical.fault:
            self.do_to_fault(f.FireFaultTimers(), at)
            self._tell(moscow(at) if isinstance(at, str) else at)
        return self.do(c.FireTimers(), at)

    def kinds(self) -> list[str]:
        """Return the kinds of what was sent, in order."""
        return [message.kind for message in self.sent]

    def last(self, kind: str) -> Any:
        """Return the last message of a kind."""
        return next(message for message in reversed(self.sent) if message.kind == kind)

    def happened(self) -> list[str]:
        """Return the types of the events, in order."""
        return [event.type for event in self.events]

    def next_instant(self) -> datetime | None:
        """Return when something happens to the ticket by itself next."""
        timer = next_timer(self.state)
        return timer.at if timer else None

    def next_of_fault(self) -> datetime | None:
        """Return when something happens to its fault by itself next."""
        timer = next_fault_timer(self.fault, self.edition)
        return timer.at if timer else None


def classified(letter: Any, edition: Edition, now: datetime, recent: Recent | None = None) -> Classification:
    return classify(letter, edition, client=None, recent=recent or Recent(), now=now)


def begin(text: str, at: str, desk: str = "mdo", recent: Recent | None = None, **changes: Any) -> Life:
    """Let a letter open a ticket at a desk at an instant of Moscow's clock."""
    received_at = moscow(at)
    edition = edition_at(desk, received_at)
    if desk.startswith("sto"):
        changes.setdefault("recipients", (STOREOLIS_ADDRESS,))
    letter = a_letter(text, received_at=received_at, **changes)
    found = classified(letter, edition, received_at, recent)
    sender = letter.sender.address if letter.sender else ""
    command = c.OpenByLetter(
        ticket=ticket_id(edition.desk.prefix, edition.desk.id, letter.envelope.ses_message_id),
        letter=letter,
        client_key=f"address:{sender}",
        classification=found,
        ruling=rule_on(found, edition),
    )
    return Life(desk, command, received_at)


def an_alarm() -> Life:
    """Let an alarm open a ticket three minutes after it was raised."""
    raised = moscow("2026-11-21 03:00")
    command = c.OpenByAlarm("MDO-0000-0001", "mdo-api-5xx", "5 % of requests fail", raised)
    return Life("mdo", command, moscow("2026-11-21 03:03"))


def worded(message: OutgoingMail) -> str:
    """Return the plain text of a letter as it leaves, without the team's first line."""
    body = render_mail(addressed(message), KEYS, moscow("2026-11-20 10:00")).get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split()).removeprefix(f"{ANCHOR} ")
