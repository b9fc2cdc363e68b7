"""A storm, with the functions themselves: however many report one outage, it is one fault, paged and told as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from random import Random
from typing import Any

import pytest

from application.storage import Conflict
from domain.fault.commands import AcknowledgeFault, EndFault
from domain.fault.fault import End
from domain.letter import Address, Letter, Trust
from domain.regulation.editions import editions
from domain.ticket.outgoing import PageLevel
from handlers import alarm, inbound
from tests.sim import people
from tests.sim.outbreaks import CHILDREN, COMPOSITE, SORTS, SUBJECT, OutbreakWorld
from tests.sim.table import Table
from tests.sim.turns import Turns
from tests.sim.world import _arrived, running
from tests.support.builders import a_letter

LETTERS, RUNS = 500, 5
TEN_MINUTES, HALF_AN_HOUR, HOUR = timedelta(minutes=10), timedelta(minutes=30), timedelta(hours=1)
CRITICAL = editions(people.MDO)[-1].critical


class Storm(OutbreakWorld):
    """A world in which nothing fails, and several runs of a function take turns at each call."""

    def __init__(self) -> None:
        super().__init__(1)
        self.storm, self.is_crowded, self.calm = 0.0, False, True
        self.now = datetime(2026, 11, 11, tzinfo=UTC)
        self.turns = Turns(Random(1))
        self.swept_at = self.now

    def disturb(self, where: str) -> None:
        """A function makes a call: another run goes on."""
        self.counts["requests"] += where.startswith("before ")
        self.turns.change()

    def go_on(self, until: datetime) -> None:
        """Let time pass, with a sweep a minute, and let everything leave."""
        self._drain()
        while self.swept_at + timedelta(minutes=1) <= until:
            self.swept_at += timedelta(minutes=1)
            self.now = max(self.now, self.swept_at)
            self.sweep()
            self._drain()
        self.now = max(self.now, until)

    def written(self, fault: str) -> Counter[PageLevel]:
        """Return how many pages a fault has written, by level."""
        pages = (item.message for key, item in self.table._outbox.items() if key.ticket == fault)
        return Counter(page.level for page in pages if page.outbox == "page" and page.kind != "page_taken")

    def letters_to_clients(self) -> Counter[tuple[str, str]]:
        """Return how many letters have left, by address and kind."""
        sent: Counter[tuple[str, str]] = Counter()
        for key, _, to, _ in self.mails:
            message = self.table.message(key)
            sent[to, message.kind if message is not None else ""] += 1
        return sent


@pytest.fixture
def storm(monkeypatch: pytest.MonkeyPatch) -> Iterator[Storm]:
    """Return a world in which the functions live, and which counts the commits that met another write."""
    world, commit = Storm(), Table.commit
    # Of runs that take turns at each call, books that follow them one after another know nothing.
    monkeypatch.setattr(world.model, "committed", lambda _: None)
    monkeypatch.setattr(world.model, "begins", lambda *_: None)
    monkeypatch.setattr(world.table, "on_outdated", lambda _: None)

    def counted(table: Table, decision: Any) -> None:
        world.counts["commits tried"] += 1
        try:
            commit(table, decision)
        except Conflict:
            world.counts["conflicts"] += 1
            raise

    monkeypatch.setattr(Table, "commit", counted)
    with running(world):
        yield world


def _about(number: int, at: datetime, text: str) -> Letter:
    sender = Address(f"mfc{number}@mfc{number}.example", f"МФЦ {number}")
    letter = a_letter(
        text,
        ses_message_id=f"storm-{number:04}-{at:%H%M%S}",
        received_at=at,
        subject=SUBJECT,
        sender=sender,
        from_addresses=(sender,),
        mail_from=sender.address,
        trust=Trust.VERIFIED,
        message_id=f"storm-{number}-{at:%H%M%S}@client.example",
    )
    return replace(letter, envelope=replace(letter.envelope, recipients=(editions(people.MDO)[-1].desk.address,)))


def _receive(world: Storm, letters: list[Letter]) -> None:
    """Let as many runs of `inbound` as there are letters take one each, at one time."""
    arrived = []
    for letter in letters:
        world.letters[letter.envelope.ses_message_id] = letter
        world.incoming[letter.envelope.ses_message_id] = letter.envelope.received_at
        arrived.append(_arrived(letter))
    raised = world.turns.run([partial(inbound.take_letter, one, world.services) for one in arrived])
    assert not raised


def _is_within(pages: Counter[PageLevel], span: timedelta) -> bool:
    """Return whether pages are no more than the edition has in a span."""
    on_call, escalation = CRITICAL.pages_within(span)
    return pages[PageLevel.ON_CALL] <= on_call and pages[PageLevel.ESCALATION] <= escalation


def test_mdo_2_1_five_hundred_letters_about_one_outage_are_one_fault(storm: Storm) -> None:
    """One series of pages, one acknowledgement, and each of 500 reporters is answered once as it is taken, once as it ends."""
    begun = storm.now
    for first in range(0, LETTERS, RUNS):
        instants = [begun + TEN_MINUTES * number / LETTERS for number in range(first, first + RUNS)]
        storm.go_on(instants[-1])
        texts = SORTS["down"]
        _receive(storm, [_about(first + of, at, texts[(first + of) % len(texts)]) for of, at in enumerate(instants)])
    requests = storm.counts["requests"]
    storm.go_on(begun + HALF_AN_HOUR)
    (fault,) = storm.table.fault_numbers()
    pages = storm.written(fault)
    assert len(storm.table.members(fault)) == LETTERS
    assert _is_within(pages, HALF_AN_HOUR)
    storm._on_fault(fault, AcknowledgeFault("duty", storm.now))
    storm.go_on(storm.now + timedelta(minutes=5))
    assert storm.written(fault) == pages
    storm._on_fault(fault, EndFault(End.RESOLVED, "duty", storm.now))
    storm.go_on(storm.now + timedelta(minutes=5))
    sent = storm.letters_to_clients()
    for kind in ("fault_taken_client", "fault_over_client"):
        assert [sent[f"mfc{number}@mfc{number}.example", kind] for number in range(LETTERS)] == [1] * LETTERS
    print(
        f"{LETTERS} letters: {dict(pages)} pages, {storm.counts['mails']} letters, "
        f"{storm.counts['conflicts']} conflicts in {storm.counts['commits tried']} commits, "
        f"{requests / LETTERS:.1f} requests a letter"
    )


def test_mdo_2_1_a_second_different_outage_after_the_acknowledgement_pages(storm: Storm) -> None:
    """An hour later, while the first is in somebody's hands."""
    _receive(storm, [_about(1, storm.now, SORTS["down"][0])])
    (first,) = storm.table.fault_numbers()
    storm._on_fault(first, AcknowledgeFault("duty", storm.now))
    storm.go_on(storm.now + HOUR)
    _receive(storm, [_about(2, storm.now, SORTS["leaked"][0])])
    storm.go_on(storm.now + timedelta(seconds=1))
    second = storm.table.fault_numbers()[-1]
    assert second != first
    assert storm.written(second)[PageLevel.ON_CALL] == 1


def test_mdo_2_1_thirty_flaps_of_an_alarm_in_an_hour_are_one_fault(storm: Storm) -> None:
    """Its series goes on where it was, and no flap is a first page."""
    begun = storm.now
    for flap in range(30):
        for state, second in (("ALARM", 0), ("OK", 60)):
            storm.go_on(begun + timedelta(minutes=2 * flap, seconds=second))
            storm.changes.setdefault("eu-west-1 mdo-service-api-5xx", []).append((storm.now, state))
            monitored = storm._event("eu-west-1 mdo-service-api-5xx", storm.now, state)
            alarm.settle(monitored, storm.services)
    storm.go_on(begun + HOUR)
    (fault,) = storm.table.fault_numbers()
    assert storm.table.fault(fault).flaps == 29  # type: ignore[union-attr]  # it is stored
    assert _is_within(storm.written(fault), HOUR)
    print(f"30 flaps: {dict(storm.written(fault))} pages, {storm.counts['mails']} letters")


def test_mdo_2_1_a_composite_alarm_and_its_children_are_one_fault(storm: Storm) -> None:
    """In whichever order they are heard."""
    for name in (f"eu-west-1 {CHILDREN[0]}", COMPOSITE, *(f"eu-west-1 {child}" for child in CHILDREN[1:])):
        storm.now += timedelta(seconds=20)
        alarm.settle(storm._event(name, storm.now, "ALARM"), storm.services)
    storm.go_on(storm.now + timedelta(minutes=20))
    (fault,) = storm.table.fault_numbers()
    assert _is_within(storm.written(fault), timedelta(minutes=21))
    print(f"a composite and three children: {dict(storm.written(fault))} pages")
