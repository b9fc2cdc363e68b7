"""Bugs of time, planted on purpose: worlds in which parts stand still have to find each of them.

What is written is taken for sent, what is received for handled, a counter counts the clock.
"""

from __future__ import annotations

from time import perf_counter

import pytest

from adapters.memory import MemoryStore
from domain.fault import due
from domain.fault.draft import FaultDraft
from domain.fault.events import FaultTimerKind
from domain.fault.timers import FaultTimer
from domain.ticket import departure
from domain.ticket.decide import in_time, specialist, term, unprompted
from domain.ticket.decide.draft import Draft
from domain.ticket.outgoing import OutgoingPage, PageLevel
from domain.ticket.ticket import AskedFor, LapseClock
from handlers import delivery, mailer, unread
from tests.sim.outages import OutageWorld
from tests.sim.planting import Patch, Plant, counted_by_handling, found
from tests.sim.running import run

SEEDS = range(1, 61)
"""Each bug is found by one of these worlds, almost every one by the first few."""


def a_term_that_counts_from_writing(patch: Patch) -> None:
    """The client's term runs while the question waits in the outbox."""
    real = term.lapse_clock

    def lapse_clock(draft: Draft, asked_for: AskedFor) -> LapseClock:
        return term.counted_from(real(draft, asked_for), draft.edition, draft.now)

    for module in (unprompted, specialist):
        patch.setattr(module, "lapse_clock", lapse_clock)


def a_later_letter_that_overtakes(patch: Patch) -> None:
    """Whichever letter is tried first leaves first."""
    patch.setattr(delivery, "deliver_in_order", delivery.deliver)


def an_outdated_reminder_that_is_sent(patch: Patch) -> None:
    """Who has answered is reminded, and the team is warned of what is over."""
    patch.setattr(departure, "_OUTDATED", {})


def a_late_letter_that_says_what_it_said(patch: Patch) -> None:
    """What was promised when it was written is promised when it leaves."""
    for module in (mailer, departure):
        patch.setattr(module, "as_of_now", lambda mail, *_: mail)


def letters_that_wait_for_the_end_of_their_own_pause(patch: Patch) -> None:
    """One gets through, and wakes no other."""
    patch.setattr(MemoryStore, "wake_delayed", lambda *_, **__: 0)


def an_escalation_that_pages_once(patch: Patch) -> None:
    """What is repeated goes to the on-call alone."""
    real = due._page_repeat

    def repeat(draft: FaultDraft, timer: FaultTimer) -> None:
        real(draft, timer)
        draft.outgoing = [
            page
            for page in draft.outgoing
            if not (isinstance(page, OutgoingPage) and (page.kind, page.level) == ("page_repeat", PageLevel.ESCALATION))
        ]

    patch.setitem(due._FIRE, FaultTimerKind.PAGE_REPEAT, repeat)


def a_sweep_that_pronounces_without_a_look(patch: Patch) -> None:
    """Nobody asks whether letters that came in time are still unread."""
    patch.setattr(unread, "_listed", lambda _: {})


def a_wrong_breach_that_stays(patch: Patch) -> None:
    """The team is not told that the desk was in time after all."""
    patch.setattr(in_time, "_correct", lambda *_, **__: None)


PLANTED: tuple[Plant, ...] = (
    a_term_that_counts_from_writing,
    a_later_letter_that_overtakes,
    an_outdated_reminder_that_is_sent,
    a_late_letter_that_says_what_it_said,
    letters_that_wait_for_the_end_of_their_own_pause,
    an_escalation_that_pages_once,
    a_sweep_that_pronounces_without_a_look,
    a_wrong_breach_that_stays,
    counted_by_handling,
)


@pytest.mark.parametrize("plant", PLANTED, ids=lambda plant: plant.__name__)
def test_a_planted_bug_of_time_is_found(plant: Plant, monkeypatch: Patch) -> None:
    """Which seed finds it and how fast is printed."""
    begun = perf_counter()
    outcome = found(plant, monkeypatch, SEEDS, OutageWorld)
    assert outcome is not None, f"{SEEDS.stop - 1} worlds do not show it"
    assert not run(outcome.seed, of=OutageWorld).failure, "this world fails without the bug as well"
    print(f"{plant.__name__}: seed {outcome.seed}, {perf_counter() - begun:.2f} s: {outcome.failure}")
