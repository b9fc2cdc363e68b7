"""A ticket's life in a test: commands in, decisions out, the time given."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from adapters.page_wording import render_page
from adapters.rendering import render_mail
from domain.answer_text import ANCHOR
from domain.client import Recent
from domain.findings import Classification
from domain.intake.classify import classify, rule_on
from domain.regulation.edition import Edition
from domain.regulation.editions import edition_at
from domain.ticket import commands as c
from domain.ticket.decide import Decision, decide
from domain.ticket.evolve import replay
from domain.ticket.outgoing import Outgoing, OutgoingMail
from domain.ticket.ticket import Ticket, ticket_id
from domain.ticket.timers import next_timer
from tests.support.builders import KEYS, STOREOLIS_ADDRESS, a_letter, moscow
from tests.support.people import addressed, people_of


class Life:
    """One ticket and everything that happened to it."""

    def __init__(self, desk: str, first: Decision) -> None:
        self.desk = desk
        self.post_runs = True
        """Whether a question leaves as it is written."""
        self.ticket: Ticket | None = None
        self.sent: list[Outgoing] = []
        self.events: list[Any] = []
        self._take(first)

    @property
    def state(self) -> Ticket:
        assert self.ticket is not None
        return self.ticket

    @property
    def edition(self) -> Edition:
        return edition_at(self.desk, self.state.arrived_at)

    def _take(self, decision: Decision) -> Decision:
        self.ticket = decision.ticket
        self.sent += decision.outgoing
        self.events += decision.events
        assert replay(self.events) == self.ticket, "the history replays to the ticket"
        for message in decision.outgoing:  # strictly: a value that a letter's wording lacks is an error
            if isinstance(message, OutgoingMail):
                render_mail(addressed(message), KEYS, self.events[-1].at)
            else:
                render_page(message, self.events[-1].at)
        lapse = self.state.lapse
        if self.post_runs and decision.outgoing and lapse is not None and lapse.unsent:
            self._take(decide(self.ticket, c.StartTerm(lapse.asked_at), self.edition, lapse.asked_at))
        for mail in decision.outgoing:
            if self.post_runs and isinstance(mail, OutgoingMail) and mail.kind == "term_shortened":
                assert mail.asked_at is not None
                told = c.StartTerm(mail.asked_at, mail.due)
                self._take(decide(self.ticket, told, self.edition, self.events[-1].at))
        return decision

    def do(self, command: c.Command, at: str | datetime) -> Decision:
        """Carry out a command at an instant of Moscow's clock."""
        now = moscow(at) if isinstance(at, str) else at
        decision = decide(self.ticket, command, self.edition, now, people=people_of(self.desk))
        return self._take(decision) if decision.refused is None else decision

    def act(self, act: c.Act, at: str, text: str = "", **changes: Any) -> Decision:
        """Let a specialist act."""
        return self.do(c.SpecialistAct(act, "specialist1@desk.example", text, **changes), at)

    def write(self, text: str, at: str, **changes: Any) -> Decision:
        """Let the client write to the ticket."""
        letter = a_letter(text, received_at=moscow(at), ses_message_id=f"ses-{at}", **changes)
        return self.do(c.AddLetter(letter, classified(letter, self.edition, moscow(at))), at)

    def sweep(self, at: str) -> Decision:
        """Let whatever is due by then happen."""
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
        """Return when something happens by itself next."""
        timer = next_timer(self.state)
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
    return Life(desk, decide(None, command, edition, received_at))


def an_alarm() -> Life:
    """Let an alarm open a ticket three minutes after it was raised."""
    raised = moscow("2026-11-21 03:00")
    command = c.OpenByAlarm("MDO-0000-0001", "mdo-api-5xx", "5 % of requests fail", raised)
    return Life("mdo", decide(None, command, edition_at("mdo", raised), moscow("2026-11-21 03:03")))


def worded(message: OutgoingMail) -> str:
    """Return the plain text of a letter as it leaves, without the team's first line."""
    body = render_mail(addressed(message), KEYS, moscow("2026-11-20 10:00")).get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split()).removeprefix(f"{ANCHOR} ")
