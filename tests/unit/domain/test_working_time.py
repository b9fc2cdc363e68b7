"""Working time: golden cases of the two regulations, rounding, time zones, explanations, refusals."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from domain.regulation import calendar_of
from domain.working_time import ROUND_THE_CLOCK, OpeningHours, Override, WorkingCalendar, hours
from tests.support.working_time import HOUR, MOSCOW, desk, msk

MDO = desk()


@pytest.fixture(autouse=True)
def no_table_is_left_from_another_test() -> None:
    """Let every test build the years it asks for: a table that is kept would hide how it is built."""
    WorkingCalendar.of.cache_clear()
    MDO.__init__(MDO.hours)  # type: ignore[misc]  # the module's own calendar, as new


@pytest.mark.parametrize(
    ("arrival", "due"),
    [
        ("2024-04-26 17:00", "2024-04-27 12:00"),  # a working Saturday
        ("2024-12-28 16:00", "2025-01-09 11:00"),  # a working Saturday, then a closure of 11 days
        ("2026-12-30 16:00", "2027-01-11 11:00"),  # a closure of 11 days that begins with a moved day off
        ("2027-02-19 17:00", "2027-02-20 12:00"),  # a working Saturday
        ("2012-03-09 12:00", "2012-03-11 13:00"),  # a working Sunday
        ("2020-06-30 17:00", "2020-07-02 12:00"),  # off by decree for everybody
        ("2014-03-07 17:00", "2014-03-11 12:00"),  # 10 March 2014, off by the Labour Code
        ("2024-04-23 08:59:59", "2024-04-23 13:00"),
        ("2024-04-23 09:00:00", "2024-04-23 13:00"),
        ("2024-04-23 14:00:00", "2024-04-23 18:00"),  # ends with the day: due at closing time
        ("2024-04-23 17:59:59", "2024-04-24 12:59:59"),
        ("2024-04-23 18:00:00", "2024-04-24 13:00"),
        ("2024-04-23 14:00:00.000001", "2024-04-24 09:00:00.000001"),
    ],
)
def test_mdo_2_1_a_reaction_is_due_after_4_working_hours(arrival: str, due: str) -> None:
    """Four working hours of the published 09:00-18:00 on the days that Russia works."""
    assert MDO.add(msk(arrival), 4 * HOUR) == msk(due)


@pytest.mark.parametrize(("closes", "due"), [(False, "2020-03-30 12:00"), (True, "2020-05-12 12:00")])
def test_the_closure_of_45_days_in_2020_counts_only_for_a_desk_that_closed(closes: bool, due: str) -> None:
    """Presidential non-working days are a desk's own policy."""
    assert desk(presidential_days_off=closes).add(msk("2020-03-27 17:00"), 4 * HOUR) == msk(due)


def test_a_desk_that_closed_in_2020_had_45_days_off_in_a_row() -> None:
    """28 March to 11 May 2020: decree days, weekends, holidays and moved days off."""
    closed = desk(presidential_days_off=True)
    days = [date(2020, 3, 28) + timedelta(days=n) for n in range(45)]
    assert not any(closed.is_working_day(day) for day in days)


@pytest.mark.parametrize(("closes", "working_days"), [(False, 27), (True, 0)])
def test_the_decrees_of_2020_cost_a_desk_that_closed_27_working_days_of_the_first_closure(
    closes: bool, working_days: int
) -> None:
    """From closing time on 27 March to opening time on 12 May 2020."""
    passed = desk(presidential_days_off=closes).between(msk("2020-03-27 18:00"), msk("2020-05-12 09:00"))
    assert passed == working_days * 9 * HOUR


@pytest.mark.parametrize(
    ("closing", "opening"),
    [("2024-12-28 18:00", "2025-01-09 09:00"), ("2026-12-30 18:00", "2027-01-11 09:00")],
)
def test_a_closure_of_11_days_lasts_as_long_and_none_of_it_counts(closing: str, opening: str) -> None:
    """Days off between two working days, and the opening after them."""
    first, last = msk(closing).date(), msk(opening).date()
    between = [first + timedelta(days=n) for n in range(1, (last - first).days)]
    assert len(between) == 11
    assert not any(MDO.is_working_day(day) for day in between)
    assert MDO.between(msk(closing), msk(opening)) == timedelta(0)
    assert MDO.next_opening(msk(closing)) == msk(opening)


@pytest.mark.parametrize(
    ("arrival", "due"),
    [
        ((2024, 4, 26, 5, 59, 59), (2024, 4, 26, 10, 0, 0)),
        ((2024, 4, 26, 6, 0, 0), (2024, 4, 26, 10, 0, 0)),
        ((2024, 4, 26, 14, 0, 0), (2024, 4, 27, 9, 0, 0)),
        ((2024, 4, 26, 14, 59, 59), (2024, 4, 27, 9, 59, 59)),
        ((2024, 4, 26, 15, 0, 0), (2024, 4, 27, 10, 0, 0)),
        ((2024, 12, 28, 13, 0, 0), (2025, 1, 9, 8, 0, 0)),
        ((2027, 2, 19, 14, 0, 0), (2027, 2, 20, 9, 0, 0)),
    ],
)
def test_arrivals_as_they_are_stored_are_due_as_it_is_stored(arrival: tuple[int, ...], due: tuple[int, ...]) -> None:
    """In UTC: 08:59:59, 09:00, 17:00, 17:59:59 and 18:00 of Moscow before a working Saturday; two long ways."""
    start, end = (datetime(*instant, tzinfo=UTC) for instant in (arrival, due))  # type: ignore[misc, arg-type]  # six numbers, then the zone
    found = MDO.add(start, 4 * HOUR)
    assert found == end
    assert MDO.between(start, found) == 4 * HOUR


@pytest.mark.parametrize(
    ("arrival", "days", "due"),
    [
        ("2024-04-22 09:00", 5, "2024-04-27 18:00"),  # Saturday 27 April is worked
        ("2024-04-22 00:00", 5, "2024-04-27 18:00"),
        ("2024-04-22 23:59:59.999999", 5, "2024-04-27 18:00"),
        ("2024-04-28 12:00", 1, "2024-05-02 18:00"),  # received on a Sunday
        ("2024-12-28 12:00", 5, "2025-01-15 18:00"),
    ],
)
def test_storeolis_2_3_first_processing_is_due_at_closing_time_of_the_fifth_working_day(
    arrival: str, days: int, due: str
) -> None:
    """The calendar day of the event is not counted."""
    assert MDO.add_working_days(msk(arrival), days) == msk(due)


@pytest.mark.parametrize(
    ("asked", "days", "until"),
    [
        ("2024-04-25 12:00", 2, "2024-04-28 00:00"),
        ("2024-04-26 17:00", 2, "2024-05-03 00:00"),
        ("2024-04-26 17:00", 1, "2024-04-28 00:00"),  # the reminder: one working day before
        ("2024-04-26 17:00", 0, "2024-04-27 00:00"),
    ],
)
def test_mdo_2_5_a_client_has_until_the_end_of_the_second_working_day(asked: str, days: int, until: str) -> None:
    """A client writes until midnight."""
    assert MDO.add_client_days(msk(asked), days) == msk(until)


def test_the_morning_of_the_last_day_of_a_term_is_the_next_opening_after_the_day_before() -> None:
    """A reminder that should not go out at midnight."""
    assert MDO.next_opening(MDO.add_client_days(msk("2024-04-26 17:00"), 1)) == msk("2024-05-02 09:00")


def test_the_day_of_an_event_is_that_of_the_desk_not_of_the_sender() -> None:
    """22:30 in UTC is the next day in Moscow."""
    assert MDO.add_working_days(datetime(2024, 4, 22, 22, 30, tzinfo=UTC), 1) == msk("2024-04-24 18:00")


def test_a_span_of_nothing_is_due_at_once_even_outside_hours() -> None:
    """No working time has to pass."""
    assert MDO.add(msk("2024-04-28 03:00"), timedelta(0)) == msk("2024-04-28 03:00")


def test_results_are_in_utc() -> None:
    """One zone for all results, so that they compare without surprises."""
    due = MDO.add(msk("2024-04-26 17:00"), 4 * HOUR)
    assert due.tzinfo is UTC
    assert MDO.local(due).isoformat() == "2024-04-27T12:00:00+03:00"


def test_a_term_may_reach_over_many_years() -> None:
    """The table grows as far as it is needed, and what is measured back is the same."""
    start = msk("2024-04-26 17:00")
    assert MDO.between(start, MDO.add(start, timedelta(days=3000))) == timedelta(days=3000)


def test_years_long_past_and_far_ahead_are_known() -> None:
    """No reasonable instant is an error."""
    assert MDO.is_open(datetime(1900, 1, 15, 8, tzinfo=UTC))
    assert MDO.is_open(datetime(2200, 12, 30, 8, tzinfo=UTC))


def test_a_calendar_answers_the_same_whatever_it_was_asked_before() -> None:
    """Growing the table to either side moves nothing."""
    fresh = WorkingCalendar(MDO.hours)
    start = msk("2024-12-28 16:00")
    first = fresh.add(start, 4 * HOUR)
    fresh.add(msk("1999-12-31 17:00"), 400 * HOUR)
    fresh.add(msk("2040-12-31 17:00"), 4000 * HOUR)
    assert fresh.add(start, 4 * HOUR) == first == msk("2025-01-09 11:00")


def test_the_years_before_and_after_are_as_good_as_those_that_were_asked_for_first() -> None:
    """Days, hours and closing times, whether the table grew over them by terms or by instants."""
    fresh = WorkingCalendar(MDO.hours)
    assert fresh.between(msk("2023-01-01 00:00"), msk("2026-01-01 00:00")) == (247 + 248 + 247) * 9 * HOUR
    assert fresh.add_working_days(msk("2023-01-01 00:00"), 247 + 248 + 247) == msk("2025-12-30 18:00")
    assert fresh.add_client_days(msk("2023-01-01 00:00"), 247) == msk("2023-12-30 00:00")
    grown = WorkingCalendar(MDO.hours)
    assert grown.next_opening(msk("2024-12-31 23:59")) == msk("2025-01-09 09:00")
    assert grown.add_working_days(msk("2023-12-31 00:00"), 248 + 247 + 1) == msk("2026-01-12 18:00")


@pytest.mark.parametrize("days", [1, 247, 248, 494, 495, 496, 742, 743, 2000])
def test_a_term_of_any_length_in_working_days_ends_where_that_many_days_have_been_worked(days: int) -> None:
    """Whichever year of the table it is the last of."""
    start = msk("2023-12-31 00:00")
    end = WorkingCalendar(MDO.hours).add_working_days(start, days)
    assert WorkingCalendar(MDO.hours).between(start, end) == days * 9 * HOUR


@pytest.mark.parametrize(
    "then", ["2026-01-01 00:00", "2026-01-31 12:00", "2022-12-31 23:59:59", "2023-01-01 00:00", "2023-01-20 12:00"]
)
def test_an_instant_at_either_edge_of_what_was_asked_before_is_known(then: str) -> None:
    """A desk that never closes is open then, too, and loses no second between."""
    first, instant = msk("2024-05-05 12:00"), msk(then)
    earlier, later = sorted((first, instant))
    asked: list[tuple[Callable[[WorkingCalendar], object], object]] = [
        (lambda always: always.is_open(instant), True),
        (lambda always: always.between(earlier, later), later - earlier),
        (lambda always: always.add(instant, HOUR), instant + HOUR),
    ]
    for ask, answer in asked:
        always = WorkingCalendar(OpeningHours("Europe/Moscow", None, ROUND_THE_CLOCK))
        assert always.is_open(first)
        assert ask(always) == answer


def test_the_first_and_the_last_years_are_whole_and_nothing_lies_beyond_them() -> None:
    """From the first midnight of 1900 to the last of 2200, and not an instant longer, once both are in the table."""
    always = WorkingCalendar(OpeningHours("UTC", None, ROUND_THE_CLOCK))
    begin, end = datetime(1900, 1, 1, tzinfo=UTC), datetime(2201, 1, 1, tzinfo=UTC)
    assert always.is_open(begin)
    assert always.between(begin, datetime(1900, 3, 1, tzinfo=UTC)) == timedelta(days=59)
    assert always.is_open(end - timedelta(microseconds=1))
    for beyond in (begin - timedelta(microseconds=1), end, end + timedelta(days=14)):
        with pytest.raises(ValueError, match="years 1900 to 2200"):
            always.is_open(beyond)


def test_a_desk_that_is_closed_for_years_is_waited_for() -> None:
    """Here for ten; where it does not open before 2200, that is said."""
    closed = {date(2024, 1, 1) + timedelta(days=n): Override("закрыто") for n in range(3653)}
    rare = desk(calendar=None, overrides=closed)
    assert rare.next_opening(msk("2024-01-02 00:00")) == msk("2034-01-01 09:00")
    with pytest.raises(ValueError, match=r"from 2200-12-31T23:00:00.* ends after the year 2200: check its length"):
        MDO.next_opening(msk("2200-12-31 23:00"))


def test_a_term_in_working_days_that_would_end_after_the_last_year_is_refused() -> None:
    """As one in working time is."""
    with pytest.raises(ValueError, match=r"the term from 2199-12-01T00:00:00.* ends after the year 2200"):
        MDO.add_working_days(msk("2199-12-01 00:00"), 600)


@pytest.mark.parametrize("name", ["mdo", "MDO", "moi-dokumenty-online"])
def test_mdo_1_2_the_calendar_of_a_desk_is_found_by_its_name(name: str) -> None:
    """By its id or the prefix of its tickets; the same one each time."""
    found = calendar_of(name)
    assert found.hours == MDO.hours
    assert calendar_of(name) is found


# Openness


@pytest.mark.parametrize(
    ("instant", "is_open"),
    [
        ("2024-04-27 08:59:59.999999", False),
        ("2024-04-27 09:00", True),
        ("2024-04-27 17:59:59.999999", True),
        ("2024-04-27 18:00", False),
        ("2024-04-29 12:00", False),
    ],
)
def test_a_desk_is_open_from_opening_up_to_closing(instant: str, is_open: bool) -> None:
    """Half-open: at closing time the desk is closed."""
    assert MDO.is_open(msk(instant)) is is_open


def test_the_next_opening_of_an_open_desk_is_now() -> None:
    """Time counts from the instant itself."""
    assert MDO.next_opening(msk("2024-04-27 10:00")) == msk("2024-04-27 10:00")


def test_the_next_opening_of_a_closed_desk_is_on_its_next_working_day() -> None:
    """Over a weekend, two moved days off and a holiday."""
    assert MDO.next_opening(msk("2024-04-27 18:00")) == msk("2024-05-02 09:00")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2024, 4, 26), True),
        (date(2024, 4, 27), True),
        (date(2024, 4, 28), False),
        (date(2024, 4, 29), False),
        (date(2024, 5, 1), False),
        (datetime(2024, 4, 28, 21, 30, tzinfo=UTC), False),
        (datetime(2024, 5, 1, 21, 30, tzinfo=UTC), True),  # 2 May in Moscow
    ],
)
def test_working_days_are_those_of_the_production_calendar(day: date, works: bool) -> None:
    """Weekend, moved day off, holiday, working Saturday."""
    assert MDO.is_working_day(day) is works


# Explanations


def test_intervals_say_what_counted_and_why_the_rest_did_not() -> None:
    """The golden term over the May holidays of 2024, as a person reads it."""
    start = msk("2024-04-26 17:00")
    pieces = MDO.intervals(start, MDO.add(start, 13 * HOUR))
    assert [(f"{MDO.local(piece.start):%d %H:%M}", piece.reason, piece.phrase) for piece in pieces] == [
        ("26 17:00", "working", "рабочее время"),
        ("26 18:00", "outside_hours", "вне рабочих часов"),
        ("27 09:00", "working", "рабочее время"),
        ("27 18:00", "outside_hours", "вне рабочих часов"),
        ("28 00:00", "weekend", "выходной"),
        ("29 00:00", "moved_day_off", "перенесённый выходной (с 27.04.2024)"),
        ("30 00:00", "moved_day_off", "перенесённый выходной (с 02.11.2024)"),
        ("01 00:00", "holiday", "праздник «Праздник Весны и Труда»"),
        ("02 00:00", "outside_hours", "вне рабочих часов"),
        ("02 09:00", "working", "рабочее время"),
    ]
    assert all(earlier.end == later.start for earlier, later in pairwise(pieces))
    assert sum((piece.end - piece.start for piece in pieces if piece.counted), timedelta(0)) == 13 * HOUR


@pytest.mark.parametrize(
    ("calendar", "day", "reasons"),
    [
        (desk(("09:00-13:00", "14:00-18:00")), "2024-04-23", ["outside_hours", "working", "break", "working"]),
        (desk(shorten_pre_holiday=True), "2024-05-08", ["outside_hours", "working", "shortened"]),
        (desk(presidential_days_off=True), "2020-04-01", ["decreed_day_off"]),
        (MDO, "2020-07-01", ["decreed_day_off"]),
        (MDO, "2020-05-11", ["moved_day_off"]),
        (MDO, "2025-03-08", ["holiday"]),
        (desk(calendar=None, by_weekday={5: (), 6: ()}), "2024-05-04", ["weekend"]),
    ],
)
def test_each_kind_of_closed_time_has_its_reason(calendar: WorkingCalendar, day: str, reasons: list[str]) -> None:
    """Whatever is not counted is explained."""
    found = [piece.reason for piece in calendar.intervals(msk(f"{day} 00:00"), msk(f"{day} 18:00"))]
    assert found == reasons


def test_nothing_lies_between_an_instant_and_itself() -> None:
    """An empty term has no intervals."""
    assert MDO.intervals(msk("2024-04-26 17:00"), msk("2024-04-26 17:00")) == ()
    assert MDO.between(msk("2024-04-26 17:00"), msk("2024-04-26 17:00")) == timedelta(0)


# Years not decreed


OPEN = next(year for year in range(2027, 2199) if MDO.undecreed_years(msk(f"{year}-06-01 12:00"), msk(f"{year}-06-02 12:00")))  # fmt: skip
"""The first year whose calendar is not decreed, by the data."""


@pytest.mark.parametrize(
    ("start", "end", "years"),
    [
        (f"{OPEN - 1}-12-01 12:00", f"{OPEN - 1}-12-30 18:00", ()),
        (f"{OPEN - 1}-12-30 12:00", f"{OPEN}-01-01 00:00", ()),  # to the end of the year, not into the next
        (f"{OPEN - 1}-12-30 12:00", f"{OPEN}-01-11 12:00", (OPEN,)),
        (f"{OPEN}-05-01 12:00", f"{OPEN + 1}-01-11 12:00", (OPEN, OPEN + 1)),
    ],
)
def test_a_term_in_a_year_not_yet_decreed_says_so(start: str, end: str, years: tuple[int, ...]) -> None:
    """Usable, and marked: a decree may still move its days."""
    assert MDO.undecreed_years(msk(start), msk(end)) == years


def test_a_desk_without_a_production_calendar_waits_for_no_decree() -> None:
    """24/7 is certain in any year."""
    always = WorkingCalendar.of(OpeningHours("Europe/Moscow", None, ROUND_THE_CLOCK))
    assert always.undecreed_years(msk("2100-01-01 00:00"), msk("2100-02-01 00:00")) == ()


def test_a_year_not_yet_decreed_follows_the_labour_code() -> None:
    """12 June 2032 is a Saturday: Monday the 14th is off (art. 112 part 2); 31 December is worked."""
    assert not MDO.is_working_day(date(2032, 6, 14))
    assert not MDO.is_working_day(date(2032, 1, 5))
    assert MDO.is_working_day(date(2032, 12, 31))


# Refusals


@pytest.mark.parametrize(
    "ask",
    [
        lambda naive: MDO.add(naive, HOUR),
        lambda naive: MDO.add_working_days(naive, 1),
        lambda naive: MDO.add_client_days(naive, 1),
        lambda naive: MDO.between(naive, naive),
        lambda naive: MDO.intervals(naive, naive),
        lambda naive: MDO.undecreed_years(naive, naive),
        MDO.is_working_day,
        MDO.is_open,
        MDO.next_opening,
        MDO.local,
    ],
)
def test_a_naive_datetime_is_refused_with_what_to_do(ask: Callable[[datetime], object]) -> None:
    """It names no instant, and a guess would be a wrong deadline."""
    with pytest.raises(ValueError, match=r"naive datetime 2024-04-26T17:00:00: .*attach its time zone"):
        ask(datetime(2024, 4, 26, 17))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize("start", ["2024-04-26 17:00", "2024-04-28 17:00"])
def test_a_negative_span_is_refused(start: str) -> None:
    """Inside hours and outside."""
    with pytest.raises(ValueError, match="added, not taken away"):
        MDO.add(msk(start), -HOUR)


def test_a_term_of_no_working_days_is_refused() -> None:
    """The desk's own term has at least one; a client's is not negative."""
    with pytest.raises(ValueError, match="at least one"):
        MDO.add_working_days(msk("2024-04-26 17:00"), 0)
    with pytest.raises(ValueError, match="cannot be negative"):
        MDO.add_client_days(msk("2024-04-26 17:00"), -1)


def test_an_end_before_its_start_is_refused() -> None:
    """Of a measure and of an explanation."""
    with pytest.raises(ValueError, match="before the start"):
        MDO.between(msk("2024-04-26 17:00"), msk("2024-04-26 16:00"))
    with pytest.raises(ValueError, match="before the start"):
        MDO.intervals(msk("2024-04-26 17:00"), msk("2024-04-26 16:00"))


@pytest.mark.parametrize(
    "instant",
    [
        datetime(1899, 12, 31, tzinfo=UTC),
        datetime(2201, 1, 1, tzinfo=UTC),
        datetime.min.replace(tzinfo=MOSCOW),
        datetime.max.replace(tzinfo=UTC),
    ],
)
def test_an_unreasonable_year_is_refused(instant: datetime) -> None:
    """Clearly, wherever it is asked."""
    with pytest.raises(ValueError, match="years 1900 to 2200"):
        MDO.add(instant, HOUR)
    with pytest.raises(ValueError, match="years 1900 to 2200"):
        MDO.add_client_days(instant, 0)


@pytest.mark.parametrize("span", [timedelta(days=100_000), timedelta.max])
def test_a_term_without_end_is_refused(span: timedelta) -> None:
    """An absurd length is an error of the caller, not a search for ever."""
    with pytest.raises(ValueError, match="after the year 2200"):
        MDO.add(msk("2024-04-26 17:00"), span)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"default": ()}, "^the desk never opens: give the hours of a working day$"),
        ({"by_weekday": dict.fromkeys(range(5), ())}, "never opens"),  # weekends are worked where they are named
        ({"by_weekday": dict.fromkeys(range(7), ()), "calendar": None}, "never opens"),
        ({"default": ((32400, 32400),)}, "interval 09:00-09:00: expected opening before closing"),
        (
            {"default": ((64830, 32399),)},
            "interval 18:00-08:59: .* to 24:00 .a night shift is two intervals, to 24:00 and from 00:00.$",
        ),
        ({"default": ((0, 3660), (3659, 7200))}, "^intervals overlap: one closes at 01:01, one opens at 01:00$"),
        ({"default": ((64800, 32400),)}, "opening before closing"),
        ({"default": ((0, 90000),)}, "from 00:00 to 24:00"),
        ({"default": ((0, 3600), (1800, 7200))}, "overlap"),
        ({"by_weekday": {7: ()}}, "from 0 .Monday. to 6"),
        ({"calendar": "mars"}, "expected one of ru"),
    ],
)
def test_a_timetable_that_is_none_is_refused(values: dict[str, Any], message: str) -> None:
    """With what was found and what was expected."""
    with pytest.raises(ValueError, match=message):
        OpeningHours(**{"time_zone": "Europe/Moscow", "calendar": "ru", "default": hours("09:00-18:00"), **values})


def test_an_unknown_time_zone_is_refused() -> None:
    """By name."""
    with pytest.raises(ValueError, match="Europe/Moskow"):
        desk(zone="Europe/Moskow")


@pytest.mark.parametrize("text", ["9-18", "09:00", "09:60-18:00", "09:00-17:60", "18:00-09:00", "09:00-25:00"])
def test_hours_that_are_no_interval_are_refused(text: str) -> None:
    """The form is 09:00-18:00."""
    with pytest.raises(ValueError, match=text[:2]):
        hours(text)


def test_equal_timetables_share_one_calendar() -> None:
    """The table is built once for a desk, in whatever order its exceptions were written."""
    first = {date(2024, 5, 2): Override("а"), date(2024, 5, 3): Override("б")}
    assert desk(overrides=first) is desk(overrides=dict(reversed(first.items())))
