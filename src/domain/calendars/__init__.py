"""Production calendars: which days a country works, by year, from packaged data and, beyond it, from the law."""

import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

CALENDARS = ("ru",)
"""Codes of the calendars that ship with the package; each has a file of data here."""

HOLIDAY = "holiday"
MOVED_DAY_OFF = "moved_day_off"
DECREED_DAY_OFF = "decreed_day_off"

_DAY = timedelta(days=1)


class DayOff(NamedTuple):
    """Why a day is off: a stable code, and the words for people (Russian)."""

    reason: str
    phrase: str


class ProductionYear(NamedTuple):
    """One year of a production calendar; weekends that it does not mention are off."""

    year: int
    decreed: bool
    """False where no data is held for the year: the days follow from the Labour Code alone and may yet change."""
    off: Mapping[date, DayOff]
    """Holidays, moved days off, and days declared off by decree; some of them are weekend days."""
    presidential: Mapping[date, DayOff]
    """Working days that a presidential decree made non-working with pay; a desk chooses whether they are off."""
    worked: frozenset[date]
    """Weekend days that are worked."""
    short: frozenset[date]
    """Working days one hour shorter than usual (Labour Code art. 95)."""


@lru_cache(maxsize=512)
def production_year(calendar: str, year: int) -> ProductionYear:
    """Return the year as decreed, or as the statutory holidays give it where the data holds no such year."""
    data = _data(calendar)
    kinds = data["years"].get(str(year))
    return _undecreed(year, data["names"]) if kinds is None else _decreed(year, kinds, data["names"])


@lru_cache(maxsize=4)
def _data(calendar: str) -> dict[str, Any]:
    data: dict[str, Any] = json.loads(Path(__file__).with_name(f"{calendar}.json").read_bytes())
    return data


def _decreed(year: int, kinds: Mapping[str, Any], names: Mapping[str, str]) -> ProductionYear:
    def days(line: str) -> list[date]:
        return [_date(year, key) for key in line.split()]

    off = {_date(year, key): _holiday(names[key]) for key in kinds["holidays"].split()}
    for pair in kinds.get("moved", "").split():
        day, origin = pair.split("<")
        taken_from = f"{origin[3:]}.{origin[:2]}.{year}"
        off[_date(year, day)] = DayOff(MOVED_DAY_OFF, f"перенесённый выходной (с {taken_from})")
    for day, name in kinds.get("observed", {}).items():
        off[_date(year, day)] = _observed(name)
    for day, act in kinds.get("declared", {}).items():
        off[_date(year, day)] = _by_decree(act)
    return ProductionYear(
        year=year,
        decreed=True,
        off=off,
        presidential={
            day: _by_decree(act) for act, line in kinds.get("presidential", {}).items() for day in days(line)
        },
        worked=frozenset(days(kinds.get("worked", ""))),
        short=frozenset(days(kinds.get("short", ""))),
    )


def _undecreed(year: int, names: Mapping[str, str]) -> ProductionYear:
    """Apply Labour Code art. 112 parts 1 and 2, and art. 95, where no Government resolution is known.

    A holiday on a weekend moves that day off to the next working day (part 2), save the January holidays,
    which the Government moves as it pleases: those two days are what a later decree adds for certain.
    """
    holidays = {_date(year, key): name for key, name in names.items()}
    off = {day: _holiday(name) for day, name in holidays.items()}
    for day, name in holidays.items():
        if day.weekday() >= 5 and day.month != 1:
            observed = day + _DAY
            while observed.weekday() >= 5 or observed in off:
                observed += _DAY
            off[observed] = _observed(name)
    eves = [day - _DAY for day in holidays if day.month != 1] + [date(year, 12, 31)]
    return ProductionYear(
        year=year,
        decreed=False,
        off=off,
        presidential={},
        worked=frozenset(),
        short=frozenset(day for day in eves if day.weekday() < 5 and day not in off),
    )


def _date(year: int, key: str) -> date:
    return date(year, int(key[:2]), int(key[3:]))


def _holiday(name: str) -> DayOff:
    return DayOff(HOLIDAY, f"праздник «{name}»")


def _observed(name: str) -> DayOff:
    return DayOff(MOVED_DAY_OFF, f"перенесённый выходной (за праздник «{name}»)")


def _by_decree(act: str) -> DayOff:
    return DayOff(DECREED_DAY_OFF, f"нерабочий день ({act})")
