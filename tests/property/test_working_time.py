"""Working time against its laws and against a walk day by day, for random desks."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.calendars import production_year
from domain.working_time import Hours, OpeningHours, Override, WorkingCalendar

ZONES = (
    "Europe/Moscow",
    "UTC",
    "Asia/Kathmandu",
    "Europe/Berlin",
    "America/New_York",
    "America/Havana",  # clocks go back to 00:00
    "America/Sao_Paulo",  # until 2019 they went forward at 00:00
    "Africa/Cairo",
    "Australia/Lord_Howe",  # by half an hour
)
GRID = 300
FIRST, LAST = datetime(2011, 1, 1), datetime(2030, 12, 31)  # noqa: DTZ001 - Hypothesis adds the zone
# Nights on which clocks change somewhere, so that they come up often.
CHANGES = (
    date(2011, 3, 27), date(2014, 10, 26), date(2018, 11, 4), date(2019, 2, 17), date(2024, 3, 10),
    date(2024, 3, 31), date(2024, 4, 7), date(2024, 4, 26), date(2024, 10, 6), date(2024, 10, 27), date(2024, 11, 3),
)  # fmt: skip

# The laws on which every deadline rests get more examples than other properties do; `make test-long` gives more yet.
laws = settings(max_examples=max(2_000, settings().max_examples))


@st.composite
def timetables(draw: st.DrawFn) -> Hours:
    marks = draw(st.sets(st.integers(0, 86_400 // GRID), max_size=6).map(sorted))
    return tuple((opening * GRID, closing * GRID) for opening, closing in zip(marks[::2], marks[1::2], strict=False))


open_days = timetables().filter(bool)
around_changes = st.builds(
    lambda day, seconds: datetime.combine(day, datetime.min.time()) + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.integers(-2 * 86_400, 2 * 86_400),
)
starts = st.builds(
    lambda naive, zone, fold: naive.replace(tzinfo=ZoneInfo(zone), fold=fold),
    st.datetimes(FIRST, LAST) | around_changes,
    st.sampled_from(ZONES),
    st.sampled_from((0, 1)),
)
spans = st.timedeltas(timedelta(0), timedelta(hours=60)) | st.integers(0, 240).map(
    lambda n: timedelta(seconds=n * GRID)
)
days = st.dates(FIRST.date(), LAST.date()) | st.sampled_from(CHANGES)
desks = st.builds(
    OpeningHours,
    time_zone=st.sampled_from(ZONES),
    calendar=st.sampled_from(("ru", None)),
    default=open_days,
    by_weekday=st.dictionaries(st.integers(2, 6), timetables(), max_size=3),
    shorten_pre_holiday=st.booleans(),
    presidential_days_off=st.booleans(),
    overrides=st.dictionaries(days, st.builds(Override, st.just("переезд"), timetables()), max_size=4),
)


# The walk: no table, no search, and instants found by looking at the clock.


def opening_hours(desk: OpeningHours, day: date) -> Hours:
    if day in desk.overrides:
        return desk.overrides[day][1]
    intervals = desk.by_weekday.get(day.weekday(), desk.default)
    if desk.calendar is None:
        return intervals
    year = production_year(desk.calendar, day.year)
    if day in year.off or (desk.presidential_days_off and day in year.presidential):
        return ()
    if day.weekday() >= 5 and day not in year.worked and day.weekday() not in desk.by_weekday:
        return ()
    if desk.shorten_pre_holiday and day in year.short:
        ticks = [tick for opening, closing in intervals for tick in range(opening, closing, GRID)]
        kept = set(ticks[: -3600 // GRID])
        return tuple((tick, tick + GRID) for tick in ticks if tick in kept)
    return intervals


@lru_cache(maxsize=200_000)
def first_shown(zone: str, day: date, seconds: int) -> datetime:
    """The first instant, on a grid of five minutes, at which the clock shows the time or a later one."""
    wall = datetime.combine(day, datetime.min.time()) + timedelta(seconds=seconds)
    clock = ZoneInfo(zone)
    around = [(wall + timedelta(days=n)).replace(tzinfo=clock).utcoffset() or timedelta(0) for n in (-1, 1)]
    instant = wall.replace(tzinfo=UTC) - max(around)
    while instant.astimezone(clock).replace(tzinfo=None) < wall:
        instant += timedelta(seconds=GRID)
    return instant


def local_day(instant: datetime, zone: str) -> date:
    """The day on a clock there; by way of UTC, since a zone's own `astimezone` to itself changes nothing."""
    return instant.astimezone(UTC).astimezone(ZoneInfo(zone)).date()


def walk(desk: OpeningHours, start: datetime) -> Iterator[tuple[date, datetime, datetime]]:
    day = local_day(start, desk.time_zone) - timedelta(days=1)
    while True:
        for opening, closing in opening_hours(desk, day):
            begin = max(first_shown(desk.time_zone, day, opening), start.astimezone(UTC))
            end = first_shown(desk.time_zone, day, closing)
            if begin < end:
                yield day, begin, end
        day += timedelta(days=1)


def walked(desk: OpeningHours, start: datetime, span: timedelta) -> datetime:
    if not span:
        return start.astimezone(UTC)
    for _, begin, end in walk(desk, start):
        if span <= end - begin:
            return begin + span
        span -= end - begin
    raise AssertionError


@laws
@given(desks, starts, spans)
def test_what_was_added_is_what_is_measured(desk: OpeningHours, start: datetime, span: timedelta) -> None:
    """The law of working time."""
    calendar = WorkingCalendar.of(desk)
    assert calendar.between(start, calendar.add(start, span)) == span


@laws
@given(desks, starts, spans)
def test_adding_agrees_with_a_walk_day_by_day(desk: OpeningHours, start: datetime, span: timedelta) -> None:
    """Split shifts, zones with daylight saving, overrides."""
    assert WorkingCalendar.of(desk).add(start, span) == walked(desk, start, span)


@laws
@given(desks, starts, st.timedeltas(timedelta(0), timedelta(days=20)))
def test_measuring_agrees_with_a_walk_day_by_day(desk: OpeningHours, start: datetime, length: timedelta) -> None:
    """The sum of what the desk was open."""
    end = start.astimezone(UTC) + length
    expected = timedelta(0)
    for _, begin, finish in walk(desk, start):
        if begin >= end:
            break
        expected += min(finish, end) - begin
    assert WorkingCalendar.of(desk).between(start, end) == expected


@laws
@given(desks, starts, spans, spans)
def test_a_longer_span_is_never_due_earlier(
    desk: OpeningHours, start: datetime, one: timedelta, other: timedelta
) -> None:
    """Monotone in the span."""
    calendar = WorkingCalendar.of(desk)
    shorter, longer = sorted((one, other))
    assert calendar.add(start, shorter) <= calendar.add(start, longer)


@laws
@given(desks, starts, st.timedeltas(timedelta(0), timedelta(days=5)), spans)
def test_a_later_start_is_never_due_earlier(
    desk: OpeningHours, start: datetime, delay: timedelta, span: timedelta
) -> None:
    """Monotone in the start."""
    calendar = WorkingCalendar.of(desk)
    assert calendar.add(start, span) <= calendar.add(start.astimezone(UTC) + delay, span)


@laws
@given(desks, starts, spans, st.integers(1, 8))
def test_only_the_instant_counts_however_it_is_written(
    desk: OpeningHours, start: datetime, span: timedelta, number: int
) -> None:
    """Also for a wall time that a clock change leaves out: it names an instant all the same (PEP 495)."""
    calendar, same = WorkingCalendar.of(desk), start.astimezone(UTC)
    assert calendar.add(start, span) == calendar.add(same, span)
    assert calendar.add_working_days(start, number) == calendar.add_working_days(same, number)


@laws
@given(desks, starts, st.integers(1, 8))
def test_working_days_agree_with_a_walk_day_by_day(desk: OpeningHours, start: datetime, number: int) -> None:
    """The day of the event is not counted; the desk's term ends at closing, the client's at midnight."""
    calendar = WorkingCalendar.of(desk)
    today = local_day(start, desk.time_zone)
    closings: dict[date, datetime] = {}
    for day, _, end in walk(desk, start):
        if day > today:
            closings[day] = end
        if len(closings) > number:
            break
    last = sorted(closings)[number - 1]
    assert calendar.add_working_days(start, number) == closings[last]
    assert calendar.add_client_days(start, number) == first_shown(desk.time_zone, last, 86_400)


@given(desks, starts, st.timedeltas(timedelta(0), timedelta(days=20)))
def test_intervals_cover_a_term_without_gaps_and_count_what_is_measured(
    desk: OpeningHours, start: datetime, length: timedelta
) -> None:
    """An explanation leaves nothing out, and its sum is the measure."""
    calendar = WorkingCalendar.of(desk)
    first = start.astimezone(UTC)
    pieces = calendar.intervals(first, first + length)
    assert [piece.start for piece in pieces[:1]] == [first] * bool(length)
    assert [piece.end for piece in pieces[-1:]] == [first + length] * bool(length)
    assert all(earlier.end == later.start for earlier, later in pairwise(pieces))
    assert sum((piece.end - piece.start for piece in pieces if piece.counted), timedelta(0)) == calendar.between(
        first, first + length
    )


@given(desks, starts)
def test_a_desk_is_open_where_the_walk_finds_it_open(desk: OpeningHours, start: datetime) -> None:
    """And where it is closed, the next opening is the walk's next one."""
    calendar = WorkingCalendar.of(desk)
    _, begin, _ = next(walk(desk, start))
    assert calendar.next_opening(start) == begin
    assert calendar.is_open(start) is (begin == start.astimezone(UTC))
