"""The production calendar as data: what it was generated from, and what an independent source says."""

import csv
import json
import subprocess
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import holidays
import pytest

from domain import calendars
from domain.calendars import production_year
from domain.working_time import OpeningHours, WorkingCalendar, hours
from generate import calendar as generator
from tests.support.repository import collection, needs

ORACLE = collection("calendar-oracle")
YEARS = range(generator.FIRST_YEAR, generator.LAST_YEAR + 1)
DAYS = [
    date(YEARS[0], 1, 1) + timedelta(days=n) for n in range((date(YEARS[-1] + 1, 1, 1) - date(YEARS[0], 1, 1)).days)
]

DESK = WorkingCalendar.of(OpeningHours("Europe/Moscow", "ru", hours("09:00-18:00")))
CLOSED_BY_DECREE = WorkingCalendar.of(
    OpeningHours("Europe/Moscow", "ru", hours("09:00-18:00"), presidential_days_off=True)
)


def rows(name: str) -> list[dict[str, str]]:
    with (ORACLE / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def corrections() -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads(generator.CORRECTIONS.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def built() -> dict[str, Any]:
    """The calendar as the generator builds it, once: the package takes seconds to answer for all years."""
    return generator.build(corrections())


def test_the_calendar_in_the_repository_is_the_one_that_the_generator_makes(built: dict[str, Any]) -> None:
    """`make calendar` changes nothing."""
    assert generator.render(built) == generator.TARGET.read_text(encoding="utf-8")


def test_check_reports_a_calendar_that_is_out_of_date(
    built: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It names the lines, writes nothing and exits with 1; then writing makes it current."""
    stale = tmp_path / "ru.json"
    stale.write_text("{}\n", encoding="utf-8")
    monkeypatch.setattr(generator, "TARGET", stale)
    monkeypatch.setattr(generator, "build", lambda _: built)
    assert generator.main(["--check"]) == 1
    assert "would change" in capsys.readouterr().out
    assert stale.read_text(encoding="utf-8") == "{}\n"
    assert generator.main([]) == 0
    assert generator.main(["--check"]) == 0


def test_the_calendar_equals_the_holidays_package_but_for_the_corrections() -> None:
    """Day by day: what differs is what corrections.toml adds, and nothing else."""
    russia = holidays.country_holidays("RU", years=YEARS)
    differing = {day for day in DAYS if DESK.is_working_day(day) != russia.is_working_day(day)}
    assert differing == {row["date"] for kind in ("observed", "declared") for row in corrections()[kind]}


def test_the_presidential_days_are_the_35_that_a_desk_may_choose() -> None:
    """They are working days for a desk that does not."""
    chosen = [day for day in DAYS if DESK.is_working_day(day) and not CLOSED_BY_DECREE.is_working_day(day)]
    assert len(chosen) == 35
    assert {day.year for day in chosen} == {2020, 2021}


def test_every_correction_and_every_year_names_its_source() -> None:
    """A calendar is only as good as the act it rests on."""
    data = corrections()
    assert all(row["source"] for kind in ("observed", "moved", "declared") for row in data[kind])
    assert all(row["act"] for row in data["presidential"])
    assert set(data["basis"]) == {str(year) for year in YEARS}


def test_the_file_can_be_read_by_a_person() -> None:
    """A line for each year and kind, none too long to read."""
    lines = generator.TARGET.read_text(encoding="utf-8").splitlines()
    data = json.loads("\n".join(lines))
    assert sum(len(kinds) + 2 for kinds in data["years"].values()) + len(data["names"]) + 7 == len(lines)
    assert max(len(line) for line in lines if '"about"' not in line) < 400


@needs(ORACLE)
def test_the_calendar_agrees_with_an_independent_source_on_every_day_since_2013() -> None:
    """Working, off and short days; the decree days are off where a desk chooses so."""
    disagreements = []
    for row in rows("russia_production_calendar.csv"):
        day, kind = date.fromisoformat(row["date"]), row["kind"]
        if day.year < 2013:
            continue
        year = production_year("ru", day.year)
        found = "off" if not CLOSED_BY_DECREE.is_working_day(day) else "short" if day in year.short else "work"
        if found != kind:
            disagreements.append((day, kind, found))
    assert disagreements == []


@needs(ORACLE)
def test_the_days_of_2011_and_2012_differ_from_the_independent_source_on_one() -> None:
    """It has 9 March 2011 as off; Resolution No. 600 of 05.08.2010 moves only 5 March, to the 7th."""
    disagreements = []
    for row in rows("russia_production_calendar.csv"):
        day = date.fromisoformat(row["date"])
        if day.year < 2013 and DESK.is_working_day(day) != (row["kind"] != "off"):
            disagreements.append(day)
    assert disagreements == [date(2011, 3, 9)]


@needs(ORACLE)
def test_the_presidential_days_are_those_of_an_independent_source_and_working_without_the_decrees() -> None:
    """All 35. The source has 30 April and 8 May 2020 as plain days; the Labour Code (art. 95) shortens them."""
    days = {date.fromisoformat(row["date"]): row for row in rows("presidential_nonworking_days.csv")}
    assert set(days) == {day for day in DAYS if DESK.is_working_day(day) and not CLOSED_BY_DECREE.is_working_day(day)}
    short = {day for day in days if day in production_year("ru", day.year).short}
    plain = {day for day, row in days.items() if row["kind_without_decree"] == "work"}
    assert short & plain == {date(2020, 4, 30), date(2020, 5, 8)}
    assert len(short | plain) == 35


@pytest.mark.parametrize("year", [1900, 2010, 2199, 2200])
def test_a_year_outside_the_data_is_marked(year: int) -> None:
    """It follows from the Labour Code alone."""
    assert not production_year("ru", year).decreed


def test_the_labour_code_alone_gives_a_decreed_year_but_for_what_the_government_moved() -> None:
    """The rule for years to come, held against one that is known: 2026 moves 3 and 4 January and nothing else."""
    known = production_year("ru", 2026)
    names = json.loads(generator.TARGET.read_text(encoding="utf-8"))["names"]
    by_law = calendars._undecreed(2026, names)
    assert known.off.keys() - by_law.off.keys() == {date(2026, 1, 9), date(2026, 12, 31)}
    assert by_law.off.keys() <= known.off.keys()


def test_reading_the_calendar_imports_no_holidays_package() -> None:
    """It is a tool of the developer: importing it costs more than a cold start should."""
    code = "import sys, domain.calendars as c; c.production_year('ru', 2024); print('holidays' in sys.modules)"
    source = str(generator.CALENDARS.parents[1])
    result = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONPATH": source}, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "False"
