"""Whatever happens to a ticket, in whatever order: the promises of its history, its clocks and its statuses hold."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from domain.ticket import commands as c
from domain.ticket.evolve import replay
from domain.ticket.ticket import CloseOutcome, Priority, Status
from domain.ticket.timers import timers_of
from tests.support.builders import DETAILS, a_letter, moscow
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE, NAMELESS, STORE_REQUEST
from tests.support.life import Life, begin
from tests.support.life import classified as classify_letter

OPENINGS = [
    ("mdo", COMPLETE),
    ("mdo", INCOMPLETE),
    ("mdo", FAULT),
    ("storeolis", STORE_REQUEST),
    ("storeolis", NAMELESS),
]
ANSWERS = [DETAILS, "Спасибо, заработало.", FAULT, "ИНН 7707083893, договор № 1412-17", "Не помогло."]


class TicketLife(RuleBasedStateMachine):
    """Letters, specialists and the sweep act on one ticket while time goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.now = moscow("2026-11-20 10:00")
        self.letters = 0
        self.breached: set[str] = set()
        self.life: Life

    @initialize(opening=st.sampled_from(OPENINGS))
    def open(self, opening: tuple[str, str]) -> None:
        """A letter opens the ticket."""
        desk, text = opening
        self.life = begin(text, "2026-11-20 10:00", desk)

    @rule(minutes=st.one_of(st.integers(0, 10), st.integers(0, 60 * 24 * 20)))
    def wait(self, minutes: int) -> None:
        """Time goes on, and no sweep runs."""
        self.now += timedelta(minutes=minutes)

    @rule()
    def sweep(self) -> None:
        """What is due happens; sweeping again changes nothing."""
        self.life.do(c.FireTimers(), self.now)
        assert self.life.do(c.FireTimers(), self.now).events == ()

    @rule(text=st.sampled_from(ANSWERS), duplicate=st.booleans(), by_requester=st.booleans())
    def write(self, text: str, duplicate: bool, by_requester: bool) -> None:
        """A letter joins the ticket."""
        self.letters += 1
        letter = a_letter(text, received_at=self.now, ses_message_id=f"ses-{self.letters}")
        found = classify_letter(letter, self.life.edition, self.now)
        self.life.do(c.AddLetter(letter, found, duplicate=duplicate, by_requester=by_requester), self.now)

    @rule(
        act=st.sampled_from(c.Act),
        text=st.sampled_from(["", "Проверяем."]),
        outcome=st.sampled_from([CloseOutcome.RESOLVED, CloseOutcome.WITHDRAWN]),
        priority=st.sampled_from(Priority),
    )
    def act(self, act: c.Act, text: str, outcome: CloseOutcome, priority: Priority) -> None:
        """A specialist does something, or is told why not."""
        command = c.SpecialistAct(act, "me", text, outcome=outcome, priority=priority)
        before = self.life.state
        decision = self.life.do(command, self.now)
        if decision.refused is not None:
            assert self.life.state == before
            assert decision.outgoing == ()

    @rule()
    def recompute(self) -> None:
        """Recomputing on an unchanged calendar changes nothing."""
        assert self.life.do(c.RecomputeClocks(), self.now).events == ()

    @rule(address=st.sampled_from(["olga@client.example", "x@client.example"]))
    def bounce(self, address: str) -> None:
        """A letter did not arrive; the second report of it says nothing new."""
        self.life.do(c.ReportFailedDelivery(address, "5.1.1", "OUT"), self.now)
        assert self.life.do(c.ReportFailedDelivery(address, "5.1.1", "OUT"), self.now).events == ()

    @invariant()
    def history_replays_to_the_ticket(self) -> None:
        """The snapshot is what the events make of it."""
        if hasattr(self, "life"):
            assert replay(self.life.events) == self.life.state

    @invariant()
    def a_closed_ticket_has_no_timers_and_an_outcome(self) -> None:
        """And an open one has none."""
        if hasattr(self, "life"):
            state = self.life.state
            assert (state.status is Status.CLOSED) == (state.outcome is not None)
            if state.status is Status.CLOSED:
                assert timers_of(state) == ()

    @invariant()
    def waiting_has_a_term_and_only_waiting(self) -> None:
        """The lapse clock is there exactly while the desk waits, and so is an unfinished wait."""
        if hasattr(self, "life"):
            state = self.life.state
            awaiting = state.status is Status.AWAITING_REQUESTER
            assert (state.lapse is not None) == awaiting
            assert bool(state.waits and state.waits[-1].end is None) == awaiting

    @precondition(lambda self: hasattr(self, "life"))
    @invariant()
    def a_stopped_clock_never_breaches(self) -> None:
        """Once a specialist has reacted, the promise is kept or was broken before."""
        clock = self.life.state.reaction
        if clock is not None and clock.breached_at is not None and clock.stopped_at is not None:
            assert clock.breached_at <= clock.stopped_at

    @precondition(lambda self: hasattr(self, "life"))
    @invariant()
    def nothing_goes_to_anybody_but_the_requester_and_the_team(self) -> None:
        """Whoever wrote."""
        mails = [message for message in self.life.sent if message.outbox == "mail"]
        assert {mail.to for mail in mails} <= {"olga@client.example", ""}


TestTicketLife = TicketLife.TestCase
TestTicketLife.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
