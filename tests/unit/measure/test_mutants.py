"""What the mutation run makes of its results."""

from __future__ import annotations

import pytest

from measure.mutants import read_results, summary

PRINTED = """\
To show a diff: mutmut show <mutant_name>

    domain.ticket.timers.x__lapse__mutmut_1: killed
    domain.ticket.timers.x__lapse__mutmut_2: no tests
    domain.working_time.xǁWorkingCalendarǁadd__mutmut_3: timeout
"""


def test_results_are_read_from_what_is_printed() -> None:
    """The names of mutants and what became of each; anything else is passed over."""
    assert dict(read_results(PRINTED.partition("\n")[2])) == {
        "domain.ticket.timers.x__lapse__mutmut_1": "killed",
        "domain.ticket.timers.x__lapse__mutmut_2": "no tests",
        "domain.working_time.xǁWorkingCalendarǁadd__mutmut_3": "timeout",
    }


def test_mutants_are_counted_by_module_functions_and_methods_alike() -> None:
    """One row a module, one for all."""
    lines, share = summary(
        {
            "domain.ticket.timers.x__lapse__mutmut_1": "killed",
            "domain.ticket.timers.x__lapse__mutmut_2": "survived",
            "domain.working_time.xǁWorkingCalendarǁadd__mutmut_3": "timeout",
            "domain.working_time.x_hours__mutmut_1": "killed",
        }
    )
    assert [line.split() for line in lines] == [
        ["domain.ticket.timers", "1", "of", "2", "50.0%"],
        ["domain.working_time", "2", "of", "2", "100.0%"],
        ["all", "3", "of", "4", "75.0%", ">=", "85%"],
    ]
    assert share == 0.75


@pytest.mark.parametrize(
    ("status", "share"),
    [("killed", 1.0), ("timeout", 1.0), ("segfault", 1.0), ("suspicious", 1.0), ("survived", 0.0), ("no tests", 0.0)],
)
def test_a_mutant_that_no_test_runs_is_alive_and_one_that_hangs_or_crashes_is_noticed(
    status: str, share: float
) -> None:
    """What no test passes through could be anything."""
    assert summary({"domain.ticket.timers.x__lapse__mutmut_1": status})[1] == share


def test_mutants_that_were_not_run_count_neither_way() -> None:
    """A part of the run is judged by itself; nothing at all is not enough."""
    results = {
        "domain.ticket.timers.x__lapse__mutmut_1": "not checked",
        "domain.ticket.timers.x__lapse__mutmut_2": "killed",
    }
    assert summary(results)[1] == 1.0
    assert summary({"domain.ticket.timers.x__lapse__mutmut_1": "not checked"}) == (
        [f"{'all':<32} {0:>5} of {0:>5}  {0:>6.1%}  >= 85%"],
        0.0,
    )
