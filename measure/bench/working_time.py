"""Working time against `timegrid` (Rust) and `businesstimedelta`: the same questions, in one process, in turn.

Each is asked for aware datetimes and has to answer with aware ones. timegrid knows no time zones, so what a
caller of it has to convert is part of its answer; whatever can be built before the question is built before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import businesstimedelta
import holidays
import pytz
import timegrid

from domain.calendars import production_year
from domain.working_time import OpeningHours, WorkingCalendar, hours
from measure.bench.rows import Row, hand_over, medians, progress

PART = "working-time"
ZONE = ZoneInfo("Europe/Moscow")
YEARS = (2024, 2025, 2026)
INSTANTS, FEW = 500, 6
ROUNDS = 21
REACTION = timedelta(hours=4)
OPENS, CLOSES = time(9), time(18)


def arrivals(count: int) -> list[datetime]:
    """Return instants of Moscow over two years, at all hours, on all days; the same at each run."""
    first = datetime(YEARS[0], 1, 10, tzinfo=ZONE)
    step = timedelta(days=700) / count
    return [(first.astimezone(UTC) + n * step).replace(microsecond=0).astimezone(ZONE) for n in range(count)]


def our_calendar() -> WorkingCalendar:
    """Return MDO's hours."""
    return WorkingCalendar.of(OpeningHours("Europe/Moscow", "ru", hours("09:00-18:00")))


def their_timegrid() -> Any:
    """Return the same hours and days, of these three years alone."""
    calendar = timegrid.TimeGridCalendar.weekdays(OPENS, CLOSES)
    for year in YEARS:
        known = production_year("ru", year)
        for day in known.off:
            calendar.close(day)
        for day in known.worked:
            calendar.set_open_window(f"{day}", datetime.combine(day, OPENS), datetime.combine(day, CLOSES))
    return calendar


def their_businesstimedelta() -> Any:
    """Return the hours and the holidays; it has no way to say that a weekend day is worked."""
    zone = pytz.timezone("Europe/Moscow")
    workday = businesstimedelta.WorkDayRule(start_time=OPENS, end_time=CLOSES, working_days=[0, 1, 2, 3, 4], tz=zone)
    off = businesstimedelta.HolidayRule(holidays.country_holidays("RU", years=YEARS), tz=zone)
    return businesstimedelta.Rules([workday, off])


Add = Callable[[datetime], datetime]
Between = Callable[[datetime, datetime], timedelta]


def adding(calendar: Any, rules: Any) -> dict[str, Add]:
    """Return the three ways to add four working hours to an aware datetime."""
    ours, four_hours = our_calendar(), timegrid.hours(4)
    span = businesstimedelta.BusinessTimeDelta(rules, hours=4)

    def by_us(start: datetime) -> datetime:
        return ours.add(start, REACTION)

    def by_timegrid(start: datetime) -> datetime:
        local = start.astimezone(ZONE).replace(tzinfo=None)
        found: datetime = calendar.add_work_duration(local, four_hours)
        return found.replace(tzinfo=ZONE)

    def by_businesstimedelta(start: datetime) -> datetime:
        found: datetime = start + span
        return found

    return {"reglament": by_us, "timegrid": by_timegrid, "businesstimedelta": by_businesstimedelta}


def measuring(calendar: Any, rules: Any) -> dict[str, Between]:
    """Return the three ways to measure working time between aware datetimes."""
    ours = our_calendar()
    timeline = calendar.compile(datetime(YEARS[0], 1, 1), datetime(YEARS[-1] + 1, 1, 1))  # noqa: DTZ001 - it takes naive ones

    def by_us(start: datetime, end: datetime) -> timedelta:
        return ours.between(start, end)

    def by_timegrid(start: datetime, end: datetime) -> timedelta:
        first, last = start.astimezone(ZONE).replace(tzinfo=None), end.astimezone(ZONE).replace(tzinfo=None)
        found: timedelta = timeline.get_working_duration(first, last)
        return found

    def by_businesstimedelta(start: datetime, end: datetime) -> timedelta:
        found: timedelta = rules.difference(start, end).timedelta
        return found

    return {"reglament": by_us, "timegrid": by_timegrid, "businesstimedelta": by_businesstimedelta}


def each(add: Add, starts: Sequence[datetime]) -> Callable[[], object]:
    """Return an action that asks for every instant."""

    def ask() -> None:
        for start in starts:
            add(start)

    return ask


def each_pair(between: Between, pairs: Sequence[tuple[datetime, datetime]]) -> Callable[[], object]:
    """Return an action that asks for every pair."""

    def ask() -> None:
        for start, end in pairs:
            between(start, end)

    return ask


def add_rows(ways: dict[str, Add]) -> list[Row]:
    """Compare adding four working hours."""
    starts = arrivals(INSTANTS)
    right = [ways["reglament"](start) for start in starts]
    differing = {
        name: sum(way(start) != due for start, due in zip(starts, right, strict=True)) for name, way in ways.items()
    }
    rows = []
    for zone, asked in (("Moscow", starts), ("UTC", [start.astimezone(UTC) for start in starts])):
        progress(f"adding 4 working hours to {INSTANTS} instants in {zone} time")
        taken = medians({name: each(way, asked) for name, way in ways.items()}, ROUNDS)
        own = taken["reglament"]
        rows.append(Row(PART, f"add 4 working hours, {zone} time: ours", own / INSTANTS * 1e9, "ns"))
        for name, least in (("timegrid", 3.0), ("businesstimedelta", 100.0)):
            note = f"{taken[name] / INSTANTS * 1e9:,.0f} ns; another due on {differing[name]} of {INSTANTS}"
            rows.append(
                Row(PART, f"add 4 working hours, {zone} time: {name} / ours", taken[name] / own, "x", least, note=note)
            )
    return rows


def between_rows(ways: dict[str, Between]) -> list[Row]:
    """Compare measuring, and a year with a month."""
    progress("measuring 30 and 365 days of elapsed working time")
    starts = [start for start in arrivals(INSTANTS) if start < datetime(2025, 12, 1, tzinfo=ZONE)]
    pairs = {days: [(start, start + timedelta(days=days)) for start in starts] for days in (30, 365)}
    own = medians({f"{days}": each_pair(ways["reglament"], pairs[days]) for days in pairs}, ROUNDS)
    few = pairs[365][:: len(starts) // FEW]
    # The slowest takes a good part of a second for each answer: a few of the pairs, a few times.
    year = medians({name: each_pair(way, few) for name, way in ways.items()}, 3)
    again = medians(
        {"reglament": each_pair(ways["reglament"], few * 50), "timegrid": each_pair(ways["timegrid"], few * 50)}, ROUNDS
    )
    return [
        Row(PART, "elapsed over 365 days / over 30 days: ours", own["365"] / own["30"], "x", most=1.5,
            note=f"{own['30'] / len(starts) * 1e9:,.0f} and {own['365'] / len(starts) * 1e9:,.0f} ns"),
        Row(PART, "elapsed over 365 days: timegrid / ours", again["timegrid"] / again["reglament"], "x",
            note="its compiled timeline of three years"),
        Row(PART, "elapsed over 365 days: businesstimedelta / ours",
            year["businesstimedelta"] / again["reglament"] * 50, "x",
            note=f"{year['businesstimedelta'] / len(few) * 1e3:,.0f} ms each; {len(few)} pairs"),
    ]  # fmt: skip


def other_rows() -> list[Row]:
    """What else a desk asks, for the record."""
    ours, starts = our_calendar(), arrivals(INSTANTS)
    days = [date(2024, 1, 10) + timedelta(days=n) for n in range(INSTANTS)]
    asked: dict[str, Callable[[], object]] = {
        "5 working days later": lambda: [ours.add_working_days(start, 5) for start in starts],
        "is the desk open": lambda: [ours.is_open(start) for start in starts],
        "is it a working day": lambda: [ours.is_working_day(day) for day in days],
    }
    return [Row(PART, f"{name}: ours", taken / INSTANTS * 1e9, "ns") for name, taken in medians(asked, ROUNDS).items()]


def main() -> None:
    """Measure and hand over."""
    calendar, rules = their_timegrid(), their_businesstimedelta()
    hand_over([*add_rows(adding(calendar, rules)), *between_rows(measuring(calendar, rules)), *other_rows()])


if __name__ == "__main__":
    main()
