"""Working time of a desk: when a term is due, how much of it has passed, and why the rest does not count.

One module, for a timetable and the arithmetic on it are used together, and nothing else of the project is needed.

The arithmetic is two binary searches in a table of opening instants and of the working time before each.
The table covers whole years and grows when an instant outside it is asked for.

Instants may be given in any time zone and are returned in UTC. Python calls two datetimes of different zones
unequal where one of them is ambiguous in its zone (PEP 495), so a result in the desk's zone would fail to
equal itself on the night when clocks go back. To show one, use `WorkingCalendar.local`.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from types import MappingProxyType
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.calendars import CALENDARS, DayOff, production_year

Hours = tuple[tuple[int, int], ...]
"""The opening intervals of a day: seconds from the day's start (desk zone), each from opening to closing."""

FIRST_YEAR, LAST_YEAR = 1900, 2200
"""The years in which instants may be asked for; a term that would end later is refused."""

WORKING = "working"
OUTSIDE_HOURS = "outside_hours"
BREAK = "break"
SHORTENED = "shortened"
WEEKEND = "weekend"
OVERRIDE = "override"

_DAY = 86_400
_ZERO = timedelta(0)
_MICROSECOND = timedelta(microseconds=1)
_WEEKEND = DayOff(WEEKEND, "выходной")
_OUTSIDE = DayOff(OUTSIDE_HOURS, "вне рабочих часов")
_BREAK = DayOff(BREAK, "перерыв")
_SHORTENED = DayOff(SHORTENED, "сокращённый предпраздничный день")
_COUNTED = DayOff(WORKING, "рабочее время")
_SPAN = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


def interval(text: object) -> tuple[int, int]:
    """Return opening and closing, seconds from midnight, of what is written `09:00-18:00`; `24:00` ends a day.

    Raises ValueError for anything else, saying what is expected.
    """
    match = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError("an interval such as 09:00-18:00")
    opening_hour, opening_minute, closing_hour, closing_minute = map(int, match.groups())
    opening, closing = opening_hour * 3600 + opening_minute * 60, closing_hour * 3600 + closing_minute * 60
    if max(opening_minute, closing_minute) > 59 or closing > _DAY:
        raise ValueError("times from 00:00 to 24:00")
    if opening >= closing:
        raise ValueError("opening before closing, such as 09:00-18:00")
    return opening, closing


def hours(*spans: str) -> Hours:
    """Return the opening intervals of a day, each written `"09:00-18:00"`; raises ValueError for anything else."""
    intervals = []
    for span in spans:
        try:
            intervals.append(interval(span))
        except ValueError as error:
            raise ValueError(f"{span!r}: expected {error}") from None
    return _checked(tuple(intervals))


ROUND_THE_CLOCK: Hours = ((0, _DAY),)
"""Open the whole day; with no calendar, 24/7."""


class Override(NamedTuple):
    """A day that differs from the calendar: why (shown to people, Russian), and its hours; none: closed."""

    reason: str
    intervals: Hours = ()


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """When a desk works, as its regulation publishes it. Hashable; raises ValueError where it is no timetable."""

    time_zone: str
    """IANA name, such as Europe/Moscow."""
    calendar: str | None
    """A production calendar (`ru`), or None: every day is a working day unless `by_weekday` says otherwise."""
    default: Hours
    """The hours of a working day."""
    by_weekday: Mapping[int, Hours] = field(default_factory=dict)
    """Other hours on a weekday, 0 being Monday; () is closed. A weekend day named here with hours is open,
    save on holidays; a weekend day worked in exchange for another has the hours of its weekday if it is
    named here, else `default`."""
    shorten_pre_holiday: bool = False
    """Close one hour earlier on the days that the calendar shortens."""
    presidential_days_off: bool = False
    """Close on the 35 working days of 2020 and 2021 that presidential decrees made non-working."""
    overrides: Mapping[date, tuple[str, Hours]] = field(default_factory=dict)
    """Days (desk zone) that differ from all of the above, as `Override`; never shortened."""

    def __post_init__(self) -> None:
        if self.calendar is not None and self.calendar not in CALENDARS:
            raise ValueError(f"calendar {self.calendar!r}: expected one of {', '.join(CALENDARS)}, or none")
        if not self.by_weekday.keys() <= set(range(7)):
            raise ValueError(f"by_weekday {sorted(self.by_weekday)}: weekdays go from 0 (Monday) to 6 (Sunday)")
        unnamed = set(range(5 if self.calendar else 7)) - self.by_weekday.keys()
        if not any(self.by_weekday.values()) and not (unnamed and self.default):
            raise ValueError("the desk never opens: give the hours of a working day")
        # Copies that nobody can change: the value is a key of the cache of calendars.
        object.__setattr__(self, "default", _checked(self.default))
        by_weekday = {weekday: _checked(spans) for weekday, spans in self.by_weekday.items()}
        object.__setattr__(self, "by_weekday", MappingProxyType(dict(sorted(by_weekday.items()))))
        overrides = {day: Override(reason, _checked(spans)) for day, (reason, spans) in self.overrides.items()}
        object.__setattr__(self, "overrides", MappingProxyType(dict(sorted(overrides.items()))))

    def __hash__(self) -> int:
        return hash((self.time_zone, self.calendar, self.default, *self.by_weekday.items(), *self.overrides))


def _checked(spans: Hours) -> Hours:
    """Return intervals in order; raises ValueError where they overlap or leave the day."""
    ordered = tuple(sorted((opening, closing) for opening, closing in spans))
    for opening, closing in ordered:
        if not 0 <= opening < closing <= _DAY:
            raise ValueError(
                f"interval {_clock(opening)}-{_clock(closing)}: expected opening before closing, from 00:00 to 24:00"
                " (a night shift is two intervals, to 24:00 and from 00:00)"
            )
    for (_, closing), (opening, _) in pairwise(ordered):
        if opening < closing:
            raise ValueError(f"intervals overlap: one closes at {_clock(closing)}, one opens at {_clock(opening)}")
    return ordered


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}"


@dataclass(frozen=True, slots=True)
class Interval:
    """A stretch of time that counts as working time, or the reason why it does not."""

    start: datetime
    end: datetime
    counted: bool
    reason: str
    """A stable code: `working`, `outside_hours`, `break`, `shortened`, `weekend`, `holiday`, `moved_day_off`,
    `decreed_day_off`, `override`."""
    phrase: str
    """The same in words for people (Russian)."""


class _Day(NamedTuple):
    """What a desk does on a date: its intervals, and why it is closed in the rest of the day."""

    intervals: Hours
    closed: DayOff
    uncut: int = 0
    """Closing time before a shortened day was shortened, seconds; 0 where it was not."""


class _Year(NamedTuple):
    """The opening and closing instants of one year, and its working days with their closing instants."""

    starts: list[datetime]
    ends: list[datetime]
    days: list[int]
    closings: list[datetime]


@dataclass(frozen=True, slots=True)
class _Table:
    """The years from `first_year` to `last_year`; the lists of slots begin with an empty slot at `first`."""

    first_year: int
    last_year: int
    first: datetime
    """The start of the first year (desk zone)."""
    last: datetime
    """The end of the last year, which the table does not hold any more."""
    starts: list[datetime]
    ends: list[datetime]
    before: list[timedelta]
    """Working time from `first` to each opening, and one entry more: to the last closing."""
    days: list[int]
    """Working days as proleptic ordinals."""
    closings: list[datetime]


class WorkingCalendar:
    """The working time of one desk. Build it by `of`, which keeps one for each timetable.

    Every method that takes an instant raises ValueError for a naive datetime and outside the years 1900 to 2200.
    """

    __slots__ = ("_table", "_years", "hours", "zone")

    def __init__(self, hours: OpeningHours) -> None:
        self.hours = hours
        try:
            self.zone = ZoneInfo(hours.time_zone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise ValueError(
                f"time zone {hours.time_zone!r}: not in the time zone database; expected a name such as Europe/Moscow"
            ) from error
        self._years: dict[int, _Year] = {}
        epoch = datetime(FIRST_YEAR, 1, 1, tzinfo=UTC)
        self._table = _Table(0, 0, epoch, epoch, [], [], [], [], [])

    @staticmethod
    @lru_cache(maxsize=64)
    def of(hours: OpeningHours) -> "WorkingCalendar":
        """Return the calendar of a timetable; raises ValueError for an unknown time zone."""
        return WorkingCalendar(hours)

    # Terms in working time

    def add(self, start: datetime, span: timedelta) -> datetime:
        """Return the first instant by which `span` of working time has passed since `start`.

        A span that ends with the working day is due at closing time, not at the next opening. A start outside
        hours counts from the next opening; a span of nothing is due at `start` itself. Raises ValueError for a
        negative span, and for one that ends after the year 2200.
        """
        instant = _utc(start)
        table = self._table
        if not table.first <= instant < table.last:
            table = self._reach(instant, instant)
        before = table.before
        slot = bisect_right(table.starts, instant)
        passed = before[slot]
        left = table.ends[slot - 1] - instant
        if left > _ZERO:
            if _ZERO <= span <= left:
                return instant + span
            passed -= left
        if span <= _ZERO:
            if span:
                raise ValueError(f"span {span}: working time can be added, not taken away")
            return instant
        try:
            wanted = passed + span
        except OverflowError:
            raise _too_late(start) from None
        while before[-1] < wanted:
            table = self._extend(table, start)
            before = table.before
        # Most terms end in the next interval: looking there first saves a search.
        if before[slot + 1] < wanted:
            slot = bisect_left(before, wanted, slot) - 1
        return table.starts[slot] + (wanted - before[slot])

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the working time from `start` to `end`; raises ValueError where the end is the earlier."""
        first, last = _utc(start), _utc(end)
        if last < first:
            raise ValueError(f"the end {end.isoformat()} is before the start {start.isoformat()}")
        table = self._table
        if not (table.first <= first and last < table.last):
            table = self._reach(first, last)
        return _passed(table, last) - _passed(table, first)

    # Terms in working days

    def add_working_days(self, start: datetime, days: int) -> datetime:
        """Return the closing time of the `days`-th working day after the day of `start`: the desk's own term.

        The calendar day of the event, in the desk's zone, is not counted. Raises ValueError for less than one
        day, and for a term that ends after the year 2200.
        """
        if days < 1:
            raise ValueError(f"{days} working days: the desk's own term is at least one")
        table, position = self._working_day_after(start, days)
        return table.closings[position]

    def add_client_days(self, start: datetime, days: int) -> datetime:
        """Return the end (24:00, desk zone) of the `days`-th working day after the day of `start`: a client's term.

        A client writes until midnight, so the same day as the desk's own term lasts to its end. `days` may be 0:
        the end of the day of `start`. A reminder one working day before a term of n days is due at
        `add_client_days(start, n - 1)`, a midnight; `next_opening` of it is the morning of the last day.
        Raises ValueError for a negative number, and for a term that ends after the year 2200.
        """
        if days < 0:
            raise ValueError(f"{days} working days: a term cannot be negative")
        if days == 0:
            return self._instant(self._local_day(start), _DAY)
        table, position = self._working_day_after(start, days)
        return self._instant(date.fromordinal(table.days[position]), _DAY)

    def _working_day_after(self, start: datetime, days: int) -> tuple[_Table, int]:
        instant = _utc(start)
        table = self._reach(instant, instant)
        today = instant.astimezone(self.zone).toordinal()
        while (position := bisect_right(table.days, today) + days - 1) >= len(table.days):
            table = self._extend(table, start)
        return table, position

    # What an instant or a day is

    def is_working_day(self, day: date) -> bool:
        """Return whether the desk opens on a date of its own zone (an aware datetime stands for its date there)."""
        if isinstance(day, datetime):
            day = self._local_day(day)
        return bool(self._plan(day).intervals)

    def is_open(self, instant: datetime) -> bool:
        """Return whether the desk is open: from the instant of opening up to, and not at, that of closing."""
        moment = _utc(instant)
        table = self._reach(moment, moment)
        return moment < table.ends[bisect_right(table.starts, moment) - 1]

    def next_opening(self, instant: datetime) -> datetime:
        """Return the instant from which time counts: `instant` itself while the desk is open, else the next opening."""
        moment = _utc(instant)
        table = self._reach(moment, moment)
        slot = bisect_right(table.starts, moment) - 1
        if moment < table.ends[slot]:
            return moment
        while slot + 1 >= len(table.starts):
            table = self._extend(table, instant)
        return table.starts[slot + 1]

    def local(self, instant: datetime) -> datetime:
        """Return the instant as the desk's own clock shows it."""
        return _utc(instant).astimezone(self.zone)

    # Explanations

    def intervals(self, start: datetime, end: datetime) -> tuple[Interval, ...]:
        """Return the stretches from `start` to `end` in order, without gaps, each counted or with its reason.

        The counted ones sum up to `between(start, end)`. Neighbours of one reason are one stretch, so a night
        or a run of days off is one line. Raises ValueError where the end is the earlier.
        """
        first, last = _utc(start), _utc(end)
        if last < first:
            raise ValueError(f"the end {end.isoformat()} is before the start {start.isoformat()}")
        found: list[Interval] = []
        for opening, closing, why in self._pieces(self._local_day(first), self._local_day(last)):
            begin, finish = max(opening, first), min(closing, last)
            if begin >= finish:
                continue
            piece = Interval(begin, finish, why is _COUNTED, why.reason, why.phrase)
            if found and (found[-1].reason, found[-1].phrase) == why:
                found[-1] = replace(found[-1], end=finish)
            else:
                found.append(piece)
        return tuple(found)

    def _pieces(self, first: date, last: date) -> Iterator[tuple[datetime, datetime, DayOff]]:
        for ordinal in range(first.toordinal(), last.toordinal() + 1):
            day = date.fromordinal(ordinal)
            plan = self._plan(day)
            edges: list[tuple[int, DayOff]] = []  # where each piece of the day ends, and what it is
            for opening, closing in plan.intervals:
                edges += [(opening, _BREAK if edges and plan.closed is _OUTSIDE else plan.closed), (closing, _COUNTED)]
            if plan.uncut:
                edges.append((plan.uncut, _SHORTENED))
            edges.append((_DAY, plan.closed))
            begin = self._instant(day, 0)
            for seconds, why in edges:
                finish = self._instant(day, seconds)
                yield begin, finish, why
                begin = finish

    def undecreed_years(self, start: datetime, end: datetime) -> tuple[int, ...]:
        """Return the years that a term from `start` to `end` rests on and whose calendar is not decreed yet.

        The days of such a year follow from the Labour Code alone, and a decree may move them: whatever shows the
        term says so. Empty for a desk without a production calendar.
        """
        calendar = self.hours.calendar
        if calendar is None:
            return ()
        first, last = _utc(start), _utc(end)
        # A term that ends with the last day of a year does not rest on the next one.
        years = range(self._local_day(first).year, self._local_day(max(first, last - _MICROSECOND)).year + 1)
        return tuple(year for year in years if not production_year(calendar, year).decreed)

    # Days

    def _local_day(self, instant: datetime) -> date:
        try:
            day = _utc(instant).astimezone(self.zone).date()
        except OverflowError:
            raise _out_of_range(instant) from None
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise _out_of_range(instant)
        return day

    def _plan(self, day: date) -> _Day:
        desk = self.hours
        override = desk.overrides.get(day)
        if override is not None:
            reason, intervals = override
            return _Day(intervals, DayOff(OVERRIDE, reason))
        intervals = desk.by_weekday.get(day.weekday(), desk.default)
        if desk.calendar is not None:
            year = production_year(desk.calendar, day.year)
            off = year.off.get(day)
            if off is None and desk.presidential_days_off:
                off = year.presidential.get(day)
            if off is not None:
                return _Day((), off)
            if day.weekday() >= 5 and day not in year.worked and day.weekday() not in desk.by_weekday:
                return _Day((), _WEEKEND)
            if intervals and desk.shorten_pre_holiday and day in year.short:
                return _Day(_shortened(intervals), _OUTSIDE, uncut=intervals[-1][1])
        return _Day(intervals, _OUTSIDE if intervals else _WEEKEND)

    def _instant(self, day: date, seconds: int) -> datetime:
        """Return the first instant at which the desk's clock reaches a time of day."""
        return first_instant(datetime(day.year, day.month, day.day) + timedelta(seconds=seconds), self.zone)  # noqa: DTZ001 - a wall clock

    # The table

    def _year(self, year: int) -> _Year:
        known = self._years.get(year)
        if known is None:
            known = self._years[year] = self._build(year)
        return known

    def _build(self, year: int) -> _Year:
        starts: list[datetime] = []
        ends: list[datetime] = []
        days: list[int] = []
        closings: list[datetime] = []
        zone = self.zone
        spans: dict[Hours, list[tuple[timedelta, timedelta]]] = {}
        first = date(year, 1, 1).toordinal()
        midnight = datetime(year, 1, 1, tzinfo=zone)
        offset = _offset(midnight)
        for ordinal in range(first, date(year + 1, 1, 1).toordinal()):
            day = date.fromordinal(ordinal)
            next_midnight = midnight + timedelta(days=1)  # the desk's wall clock, whatever the zone does
            next_offset = _offset(next_midnight)
            intervals = self._plan(day).intervals
            if intervals:
                if offset == next_offset:
                    # Clocks keep their pace this day, so that every time of it is a fixed distance from midnight.
                    base = datetime(day.year, day.month, day.day, tzinfo=UTC) - offset
                    for opening, closing in spans.get(intervals) or spans.setdefault(intervals, _timedeltas(intervals)):
                        starts.append(base + opening)
                        ends.append(base + closing)
                    days.append(ordinal)
                    closings.append(ends[-1])
                else:
                    slots = [
                        (self._instant(day, opening), self._instant(day, closing)) for opening, closing in intervals
                    ]
                    slots = [slot for slot in slots if slot[0] < slot[1]]  # an interval may be skipped as a whole
                    starts += [opening for opening, _ in slots]
                    ends += [closing for _, closing in slots]
                    if slots:
                        days.append(ordinal)
                        closings.append(ends[-1])
            midnight, offset = next_midnight, next_offset
        return _Year(starts, ends, days, closings)

    def _reach(self, first: datetime, last: datetime) -> _Table:
        """Return a table that holds both instants, with a year to spare on either side."""
        table = self._table
        if table.first <= first and last < table.last:
            return table
        first_year, last_year = self._local_day(first).year - 1, self._local_day(last).year + 1
        if table.starts:
            first_year, last_year = min(first_year, table.first_year), max(last_year, table.last_year)
        return self._grow(max(first_year, FIRST_YEAR), min(last_year, LAST_YEAR))

    def _extend(self, table: _Table, start: datetime) -> _Table:
        """Return a table that begins as this one does and holds twice as many years, so that long terms stay cheap."""
        if table.last_year == LAST_YEAR:
            raise _too_late(start)
        years = table.last_year - table.first_year + 1
        return self._grow(table.first_year, min(table.last_year + years, LAST_YEAR))

    def _grow(self, first_year: int, last_year: int) -> _Table:
        # A table is replaced, never changed: whoever reads the old one, in another thread, reads a whole one.
        years = [self._year(year) for year in range(first_year, last_year + 1)]
        first = self._instant(date(first_year, 1, 1), 0)
        starts, ends, before = [first], [first], [_ZERO]
        passed = _ZERO
        for year in years:
            starts += year.starts
            ends += year.ends
        for opening, closing in zip(starts, ends, strict=True):
            passed += closing - opening
            before.append(passed)
        self._table = _Table(
            first_year=first_year,
            last_year=last_year,
            first=first,
            last=self._instant(date(last_year + 1, 1, 1), 0),
            starts=starts,
            ends=ends,
            before=before,
            days=[day for year in years for day in year.days],
            closings=[closing for year in years for closing in year.closings],
        )
        return self._table


def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """Return the first instant, UTC, at which the clocks of a zone reach what a wall clock shows (naive).

    A time that comes twice, when clocks go back, is met at the first; one that is skipped, when they go forward, at
    the change itself.
    """
    local = wall.replace(tzinfo=zone)
    offset = _offset(local)
    later = _offset(local.replace(fold=1))
    instant = (wall - offset).replace(tzinfo=UTC)
    if later <= offset:
        return instant
    # Skipped: the change lies at most the width of the jump before `instant`. Find it to the second.
    skipped, missed = int((later - offset).total_seconds()), 0
    while skipped - missed > 1:
        middle = (skipped + missed) // 2
        if _offset((instant - timedelta(seconds=middle)).astimezone(zone)) == later:
            missed = middle
        else:
            skipped = middle
    return instant - timedelta(seconds=missed)


def _utc(instant: datetime) -> datetime:
    """Return the instant in UTC; raises ValueError where it names no instant."""
    if instant.tzinfo is UTC:
        return instant
    # Asked of the zone directly: `instant.utcoffset()` says the same and takes five times as long.
    zone = instant.tzinfo
    offset = None if zone is None else zone.utcoffset(instant)
    if offset is None:
        raise ValueError(
            f"naive datetime {instant.isoformat()}: it names no instant; attach its time zone,"
            f" such as .replace(tzinfo=ZoneInfo('Europe/Moscow'))"
        )
    try:
        return (instant - offset).replace(tzinfo=UTC)
    except OverflowError:
        raise _out_of_range(instant) from None


def _passed(table: _Table, instant: datetime) -> timedelta:
    """Return the working time from the start of the table to an instant within it."""
    slot = bisect_right(table.starts, instant)
    left = table.ends[slot - 1] - instant
    return table.before[slot] - left if left > _ZERO else table.before[slot]


def _offset(local: datetime) -> timedelta:
    offset = local.utcoffset()
    assert offset is not None  # it carries a ZoneInfo, which always has one
    return offset


def _timedeltas(intervals: Hours) -> list[tuple[timedelta, timedelta]]:
    return [(timedelta(seconds=opening), timedelta(seconds=closing)) for opening, closing in intervals]


def _shortened(intervals: Hours) -> Hours:
    """Take the last working hour off a day."""
    kept = list(intervals)
    excess = 3600
    while kept and excess:
        opening, closing = kept.pop()
        taken = min(excess, closing - opening)
        excess -= taken
        if opening < closing - taken:
            kept.append((opening, closing - taken))
    return tuple(kept)


def _out_of_range(instant: datetime) -> ValueError:
    return ValueError(f"{instant.isoformat()}: working time is kept for the years {FIRST_YEAR} to {LAST_YEAR}")


def _too_late(start: datetime) -> ValueError:
    return ValueError(f"the term from {start.isoformat()} ends after the year {LAST_YEAR}: check its length")
