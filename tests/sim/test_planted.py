"""Bugs planted on purpose: the simulation is worth its time only while it finds each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

import pytest

from adapters import instants, memory_faults
from adapters.memory import MemoryStore
from application import change, placing, recognise
from application.ports import Services
from application.receive import receive
from application.storage import Commit, Conflict, Due, Leased, LetterKnown, NumberTaken, OutboxKey, OutboxState
from domain.fault import evolve, gather
from domain.fault.fault import Fault
from domain.letter import Letter
from domain.ticket.outgoing import OFFERED_AGAIN_AFTER
from domain.ticket.ticket import ReactionClock, Ticket
from handlers import inbound, mailer, reconcile
from tests.sim.planting import Patch, found, unchecked
from tests.sim.running import report, run
from tests.sim.table import Table

SEEDS = range(1, 81)
"""Each bug is found by one of these worlds, almost every one by the first few."""


def no_condition_on_the_letter(patch: Patch) -> None:
    """Two deliveries of a letter at a time both write."""
    unchecked(patch, letter=None)


def no_condition_on_the_ticket(patch: Patch) -> None:
    """Whoever writes last wins."""
    unchecked(patch, ticket=None)


def no_condition_on_the_clients_past(patch: Patch) -> None:
    """Two letters at a time are both the third of their month."""
    unchecked(patch, recent=None)


def no_condition_on_what_was_written(patch: Patch) -> None:
    """Two letters at a time both have the last automatic answer that an address may cause."""
    unchecked(patch, sent=())


def no_condition_on_the_alarm(patch: Patch) -> None:
    """Two changes of an alarm at a time both write."""
    unchecked(patch, alarm=None)


def no_condition_on_the_fault(patch: Patch) -> None:
    """Two reports of a fault at a time both write."""
    unchecked(patch, faults=())


def no_look_for_a_redelivery(patch: Patch) -> None:
    """A letter that was recorded is decided about, and committed, once more."""
    find = MemoryStore.find
    patch.setattr(MemoryStore, "find", lambda store, clues: replace(find(store, clues), record=None))
    unchecked(patch, letter=None)


def a_conflict_taken_for_a_redelivery(patch: Patch) -> None:
    """A letter that met another write is filed without a record."""
    _giving_up(patch, Conflict)


def a_taken_number_taken_for_a_redelivery(patch: Patch) -> None:
    """A letter whose number another ticket has is filed without a record."""
    _giving_up(patch, NumberTaken)


def _giving_up(patch: Patch, error: type[Exception]) -> None:
    def commit_at(desk: str, letter: Letter, services: Services) -> None:
        for attempt in range(change.TRIES):
            received = receive(letter, desk, services.store, services.reply_keys, services.now(), attempt)
            if received is None:
                return
            try:
                services.store.commit(received.commit)
            except (LetterKnown, error):
                return
            except (Conflict, NumberTaken):
                continue
            return

    patch.setattr(inbound, "_commit_at", commit_at)


def a_timer_that_is_not_armed_again(patch: Patch) -> None:
    """A page that was repeated once is not repeated again."""
    real = instants.next_instant

    def next_instant(snapshot: Ticket | Fault) -> datetime | None:
        is_repeated = isinstance(snapshot, Fault) and snapshot.series is not None and snapshot.series.pages > 1
        return None if is_repeated else real(snapshot)

    patch.setattr(memory_faults, "next_instant", next_instant)


def a_stopped_clock_that_breaches(patch: Patch) -> None:
    """The promise is broken though a specialist has reacted."""
    patch.setattr(ReactionClock, "runs", property(lambda clock: True))


def pages_after_acknowledgement(patch: Patch) -> None:
    """Whoever has taken a fault in hand is woken again."""
    patch.setattr(Fault, "runs", property(lambda fault: not fault.is_over))


def a_send_before_the_commit(patch: Patch) -> None:
    """The client reads what is then never written."""
    real = change.commit_decided

    def commit_decided(store: Any, decide_now: Callable[[int], Commit | None], subject: str) -> Commit | None:
        def decide_and_send(numbers_taken: int) -> Commit | None:
            commit = decide_now(numbers_taken)
            change = commit.ticket if commit is not None else None
            if change is not None:
                for place, message in enumerate(change.outgoing):
                    key = OutboxKey(ticket=change.after.id, item=f"OUT#{change.after.version + 1:08d}#{place:03d}")
                    if message.outbox == "mail":
                        mailer.send(Leased(key, message, 0), store.world.services)
            return commit

        return real(store, decide_and_send, subject)

    patch.setattr(inbound, "commit_decided", commit_decided)


def a_lease_that_nobody_heeds(patch: Patch) -> None:
    """Two deliveries of an outgoing item at a time both send."""
    real = MemoryStore.lease

    def lease(store: MemoryStore, key: OutboxKey, *, now: datetime, until: datetime) -> Leased | None:
        item = store._outbox.get(key)
        if item is not None and item.state is OutboxState.LEASED:
            item.leased_until = now
        return real(store, key, now=now, until=until)

    patch.setattr(MemoryStore, "lease", lease)


def a_sent_letter_that_is_not_marked(patch: Patch) -> None:
    """It is sent again when its lease ends."""
    patch.setattr(MemoryStore, "mark_sent", lambda store, left: None)


def an_unsent_letter_that_is_not_offered_again(patch: Patch) -> None:
    """What its sender died over never leaves."""

    def rearm(store: MemoryStore, due: Due, *, now: datetime) -> str:
        store._agenda.arm(due.ticket, due.item, now + OFFERED_AGAIN_AFTER)
        return "mail"

    patch.setattr(MemoryStore, "rearm_outgoing", rearm)


def an_old_change_of_an_alarm_taken_for_new(patch: Patch) -> None:
    """News that comes late opens the fault again."""
    state = Table.alarm_state
    early = datetime.min.replace(tzinfo=UTC)

    def forgetful(store: Table, *place: Any) -> Any:
        known = state(store, *place)
        return known.model_copy(update={"changed_at": early}) if known is not None else None

    patch.setattr(Table, "alarm_state", forgetful)
    unchecked(patch, alarm=None)


def a_second_outage_that_pages_nobody(patch: Patch) -> None:
    """The alarm goes off again after its fault is over, and joins what has ended."""
    real = gather.gather

    def deaf(*asked: Any) -> gather.Gathered:
        gathered = real(*asked)
        return replace(gathered, how=gather.Gathering.JOIN) if gathered.fault is not None else gathered

    patch.setattr(placing, "gather", deaf)
    patch.setattr(evolve, "_reopened", lambda fault, event: {"reports": fault.reports + 1})


def hours_counted_as_attempts(patch: Patch) -> None:
    """Letters that only waited are set aside."""
    real = Table.tries

    def tries(store: Table, name: str) -> int:
        store.count_try(name, 4, at=datetime(2026, 1, 1, tzinfo=UTC))
        return real(store, name)

    patch.setattr(Table, "tries", tries)


def an_outage_counted_against_the_letter(patch: Patch) -> None:
    """Letters that AWS prevented are set aside."""
    patch.setattr(inbound, "lies_in_the_work", lambda _: True)
    patch.setattr(reconcile, "TRIES", 0)


def a_history_that_lacks_an_event(patch: Patch) -> None:
    """The snapshot cannot be made from what is kept."""
    write = MemoryStore._write
    patch.setattr(
        MemoryStore,
        "_write",
        lambda store, change, at: write(store, replace(change, events=tuple(change.events)[:-1] or change.events), at),
    )


def a_quotation_that_is_hidden_unproved(patch: Patch) -> None:
    """Whatever looks like correspondence is taken for history."""

    def hidden(letter: Letter, *_: object) -> Letter:
        return replace(letter, set_apart_text="", quoted_text=letter.set_apart_text)

    patch.setattr(recognise, "without_history", hidden)


def an_answer_to_a_borrowed_address(patch: Patch) -> None:
    """A letter for which SPF fails is answered like any other claim."""
    patch.setattr("application.receive.SPF_FAILED", "")


PLANTED: tuple[Callable[[Patch], None], ...] = (
    no_condition_on_the_letter,
    no_condition_on_the_ticket,
    no_condition_on_the_clients_past,
    no_condition_on_what_was_written,
    no_condition_on_the_alarm,
    no_condition_on_the_fault,
    no_look_for_a_redelivery,
    a_conflict_taken_for_a_redelivery,
    a_taken_number_taken_for_a_redelivery,
    a_timer_that_is_not_armed_again,
    a_stopped_clock_that_breaches,
    pages_after_acknowledgement,
    a_send_before_the_commit,
    a_lease_that_nobody_heeds,
    a_sent_letter_that_is_not_marked,
    an_unsent_letter_that_is_not_offered_again,
    an_old_change_of_an_alarm_taken_for_new,
    a_second_outage_that_pages_nobody,
    hours_counted_as_attempts,
    an_outage_counted_against_the_letter,
    a_history_that_lacks_an_event,
    a_quotation_that_is_hidden_unproved,
    an_answer_to_a_borrowed_address,
)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_bug_is_found(plant: Callable[[Patch], None], monkeypatch: Patch) -> None:
    """Which seed finds it and how fast is printed."""
    begun = perf_counter()
    outcome = found(plant, monkeypatch, SEEDS)
    assert outcome is not None, f"{SEEDS.stop - 1} worlds do not show it"
    assert not run(outcome.seed).failure, "this world fails without the bug as well"
    print(f"{plant.__name__}: seed {outcome.seed}, {perf_counter() - begun:.2f} s: {outcome.failure}")


def test_a_failing_world_is_told_as_a_short_script(monkeypatch: Patch) -> None:
    """With the broken invariant first, the steps that are enough, and the commands that replay them."""
    with monkeypatch.context() as planted:
        no_condition_on_the_clients_past(planted)
        outcome = next(outcome for outcome in map(run, SEEDS) if outcome.failure)
        told = report(outcome).splitlines()
    assert told[0].startswith(f"seed {outcome.seed}: ")
    assert len([line for line in told if line.lstrip()[:1].isdigit()]) < 40
    assert told[-2].endswith(f'make sim SEEDS={outcome.seed} ARGS="--worlds busy"')


def test_a_seed_is_the_same_world_every_time() -> None:
    """Otherwise no failure could be replayed."""
    first, second = (run(5, telling=True) for _ in range(2))
    assert first == second
    assert len(first.told) > 200
