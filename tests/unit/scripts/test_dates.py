"""`make test-dates`: what it is asked for, and what it says where faketime is missing."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from scripts import dates


def test_without_faketime_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And runs nothing."""
    monkeypatch.setenv("PATH", "")
    assert dates.main([]) == dates.MISSING
    assert "apt-get install faketime" in capsys.readouterr().err


def test_the_four_days_hold_a_leap_day_a_years_end_and_years_without_a_calendar() -> None:
    """In zones ahead of UTC and behind it."""
    starts = [day.starts_at for day in dates.DAYS]
    assert starts == [
        datetime(2027, 3, 1, 9, 0, tzinfo=UTC), datetime(2028, 12, 31, 23, 50, tzinfo=UTC),
        datetime(2032, 2, 29, 12, 0, tzinfo=UTC), datetime(2035, 7, 15, 12, 0, tzinfo=UTC),
    ]  # fmt: skip
    assert len({day.zone for day in dates.DAYS}) == len(dates.DAYS)


def test_each_command_runs_under_the_shifted_clock_and_one_that_fails_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The monotonic clock is left alone, and files keep their times."""
    ran: list[tuple[Sequence[str], dict[str, str]]] = []

    def running(command: Sequence[str], *, env: dict[str, str], **_: Any) -> subprocess.CompletedProcess[str]:
        ran.append((command, env))
        return subprocess.CompletedProcess(command, returncode=int("pytest" in command))

    monkeypatch.setattr("shutil.which", lambda _: "faketime")
    monkeypatch.setattr("subprocess.run", running)
    status = dates.main(["--date", "2032-02-29T12:00", "--order", "7", "--", "tests/e2e", "-q"])
    assert status == 1
    (demo, environment), (tests, _) = ran
    assert demo[:2] == ["faketime", "-f"]
    assert demo[-1] == "local.demo"
    assert list(tests[-5:]) == ["-p", "randomly", "--randomly-seed=7", "tests/e2e", "-q"]
    assert environment["FAKETIME_DONT_FAKE_MONOTONIC"] == environment["NO_FAKE_STAT"] == "1"
    assert environment["TZ"] == "NST3:30NDT"
    assert "Failed: tests on 2032-02-29 12:00 UTC" in capsys.readouterr().out


def test_a_date_that_is_none_is_refused_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, as for every misuse."""
    with pytest.raises(SystemExit) as misuse:
        dates.main(["--date", "tomorrow"])
    assert misuse.value.code == 2
    assert "expected an instant such as 2032-02-29T12:00" in capsys.readouterr().err
