"""`make fuzz`: what counts as a finding, and how findings are kept; the search itself needs atheris."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from measure import fuzz


def test_an_exception_is_a_finding_and_names_its_place() -> None:
    def broken(raw: bytes) -> None:
        raise ValueError(raw)

    assert fuzz.checked(broken, b"x").startswith("ValueError at test_fuzz.py:")
    assert fuzz.checked(len, b"x") == ""


def test_a_letter_that_takes_over_two_seconds_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    ticks = iter([0.0, 3.0])
    monkeypatch.setattr(time, "perf_counter", lambda: next(ticks))
    assert fuzz.checked(len, b"x") == "slow: 3 s"


def test_one_letter_is_kept_for_each_place_and_a_shorter_one_replaces_it(tmp_path: Path) -> None:
    found = tmp_path / "found"
    assert fuzz.keep(b"long letter", "ValueError at mime.py:1", found)
    assert fuzz.keep(b"short", "ValueError at mime.py:1", found)
    assert not fuzz.keep(b"longer again", "ValueError at mime.py:1", found)
    assert [path.read_bytes() for path in found.iterdir()] == [b"short"]


def test_the_fixtures_pass_when_read_again() -> None:
    assert fuzz.again(fuzz.SEEDS) == 0
