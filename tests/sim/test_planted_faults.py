"""Bugs of faults, planted on purpose: worlds in which things break down have to find each of them."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter
from typing import Any

import pytest

from adapters.memory import MemoryStore
from application import change, faults, placing
from application.storage import Commit, FaultChange
from domain.fault import gather, hands, paging
from domain.fault.commands import MarkTold
from domain.fault.fault import FaultRef
from tests.sim.outbreaks import OutbreakWorld
from tests.sim.planting import Patch, Plant, found, unchecked
from tests.sim.running import EVERY, run

SEEDS = range(1, 61)
"""Each bug is found by one of these worlds, almost every one by the first few."""


def two_first_letters_that_open_two_faults(patch: Patch) -> None:
    """Opening one does not rest on which faults the desk has."""
    unchecked(patch, desk_faults=None)


def two_words_at_once_of_which_one_is_lost(patch: Patch) -> None:
    """Whoever writes a fault last wins."""
    unchecked(patch, faults=())


def a_page_that_leaves_after_the_acknowledgement(patch: Patch) -> None:
    """Nobody asks, as it leaves, whether somebody has taken the fault."""
    patch.setattr(paging, "is_over", lambda *_: False)


def a_page_that_waits_for_one_that_never_comes(patch: Patch) -> None:
    """The last one is taken for superseded."""
    patch.setattr(paging, "is_superseded", lambda page, _: page.number > 1)


def a_second_outage_that_joins_what_somebody_took(patch: Patch) -> None:
    """Whatever is reported after the acknowledgement is taken for the same."""
    patch.setattr(gather, "shows_the_same", lambda *_: True)


def a_leak_that_joins_a_failure(patch: Patch) -> None:
    """Two outages of different sorts are one fault."""
    patch.setattr(gather, "is_plainly_else", lambda *_: False)


def an_outage_of_many_faults(patch: Patch) -> None:
    """No report belongs to another's fault."""
    patch.setattr(gather, "_is_near", lambda *_: False)


def an_alarm_that_flaps_into_a_fault_each_time(patch: Patch) -> None:
    """Nobody knows that it has reported one already."""
    patch.setattr(gather, "_knows_alarm", lambda *_: False)


def strangers_who_wake_somebody_all_night(patch: Patch) -> None:
    """What they have caused is not counted."""
    patch.setattr(gather, "counted_strangers", lambda *_: ())


def a_reporter_who_is_told_on_each_ticket(patch: Patch) -> None:
    """Nobody remembers that a letter was written."""
    patch.setattr(faults, "_was_written_to", lambda *_: False)


def reporters_who_are_not_told(patch: Patch) -> None:
    """The telling is over after the first of them."""
    real = faults._tell_reporter

    def reporter(store: Any, fault: Any, telling: Any, member: Any, members: Any, clock: Any) -> int:
        is_first = members[0].ticket == member.ticket
        return real(store, fault, telling, member, members, clock) if is_first else 0

    patch.setattr(faults, "_tell_reporter", reporter)


def a_telling_that_is_done_twice(patch: Patch) -> None:
    """How far it has got is not written, and the news is never worked off."""
    real = faults.act_on_fault

    def act(store: Any, number: str, command: Any, clock: Any) -> Any:
        return None if isinstance(command, MarkTold) else real(store, number, command, clock)

    news = faults._tell_news
    patch.setattr(faults, "act_on_fault", act)
    patch.setattr(
        faults, "_tell_news", lambda *args: (news(*args)[0], False)
    )  # what is not done is left to the next sweep


def a_word_that_counts_when_it_is_read(patch: Patch) -> None:
    """Who acknowledged in time was late, because the desk was."""
    patch.setattr(placing, "_acted_at", lambda _, now: now)


def a_wrong_breach_of_a_fault_that_stays(patch: Patch) -> None:
    """The word in time is read after the breach, and changes nothing about it."""
    patch.setattr(hands, "_keeps_the_promise", lambda *_: False)


def a_breach_though_the_fault_was_taken(patch: Patch) -> None:
    """A ticket that has not been told yet does not know, and nobody asks the fault."""
    patch.setattr(placing, "ref_of", lambda fault: FaultRef(number=fault.id))


def a_detached_ticket_that_stays_a_member(patch: Patch) -> None:
    """Its item is not removed."""
    write = MemoryStore._write_fault

    def kept(store: MemoryStore, change: FaultChange, commit: Commit) -> None:
        write(store, replace(change, detached=()), commit)

    patch.setattr(MemoryStore, "_write_fault", kept)


def a_word_on_a_ticket_that_its_fault_never_hears(patch: Patch) -> None:
    """The ticket is answered, and its fault pages on."""
    real = placing.decided

    def deaf(*args: Any, **more: Any) -> Any:
        whole = real(*args, **more)
        is_of_it = any(changed.before is not None and not changed.joined for changed in whole.faults)
        return replace(whole, faults=()) if is_of_it else whole

    patch.setattr(change, "decided", deaf)


def an_open_fault_that_leaves_the_list(patch: Patch) -> None:
    """One that is back is not written into its desk's list, from which another report removes it."""
    real = gather.lately_after

    def lately(before: Any, known: Any, changed: Any, gathered: Any, edition: Any, now: Any) -> Any:
        after = real(before, known, changed, gathered, edition, now)
        is_back = gathered is not None and gathered.how is gather.Gathering.REOPEN
        return after.model_copy(update={"numbers": after.numbers[:-1]}) if is_back else after

    patch.setattr(placing, "lately_after", lately)


PLANTED: tuple[Plant, ...] = (
    two_first_letters_that_open_two_faults,
    two_words_at_once_of_which_one_is_lost,
    a_page_that_leaves_after_the_acknowledgement,
    a_page_that_waits_for_one_that_never_comes,
    a_second_outage_that_joins_what_somebody_took,
    a_leak_that_joins_a_failure,
    an_outage_of_many_faults,
    an_alarm_that_flaps_into_a_fault_each_time,
    strangers_who_wake_somebody_all_night,
    a_reporter_who_is_told_on_each_ticket,
    reporters_who_are_not_told,
    a_telling_that_is_done_twice,
    a_word_that_counts_when_it_is_read,
    a_wrong_breach_of_a_fault_that_stays,
    a_breach_though_the_fault_was_taken,
    a_detached_ticket_that_stays_a_member,
    a_word_on_a_ticket_that_its_fault_never_hears,
    an_open_fault_that_leaves_the_list,
)


@pytest.mark.parametrize("plant", PLANTED[::EVERY], ids=lambda plant: plant.__name__)
def test_a_planted_bug_of_faults_is_found(plant: Plant, monkeypatch: Patch) -> None:
    """Which seed finds it and how fast is printed."""
    begun = perf_counter()
    outcome = found(plant, monkeypatch, SEEDS, OutbreakWorld)
    assert outcome is not None, f"{SEEDS.stop - 1} worlds do not show it"
    assert not run(outcome.seed, of=OutbreakWorld).failure, "this world fails without the bug as well"
    print(f"{plant.__name__}: seed {outcome.seed}, {perf_counter() - begun:.2f} s: {outcome.failure}")
