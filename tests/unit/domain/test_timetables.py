"""Working time of odd timetables: breaks, short days, nights, weekends, and days on which clocks change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from domain.working_time import ROUND_THE_CLOCK, OpeningHours, Override, WorkingCalendar, hours
from tests.support.working_time import BERLIN, HOUR, desk, msk


@pytest.fixture(autouse=True)
def no_table_is_left_from_another_test() -> None:
    """Let every test build the years it asks for: a table that is kept would hide how it is built."""
    WorkingCalendar.of.cache_clear()


# Timetables


def test_a_lunch_break_does_not_count() -> None:
    """Several intervals a day."""
    split = desk(("09:00-13:00", "14:00-18:00"))
    assert split.add(msk("2024-04-23 12:00"), 2 * HOUR) == msk("2024-04-23 15:00")
    assert split.add(msk("2024-04-23 12:00"), HOUR) == msk("2024-04-23 13:00")


def test_a_weekday_may_have_hours_of_its_own() -> None:
    """A short Friday and an open Saturday; holidays stay closed on both."""
    shop = desk(by_weekday={4: hours("09:00-16:45"), 5: hours("10:00-15:00")})
    assert shop.add(msk("2024-04-19 16:00"), HOUR) == msk("2024-04-20 10:15")
    assert not shop.is_working_day(date(2025, 3, 8))


def test_a_weekday_may_be_closed() -> None:
    """An empty list of intervals."""
    assert not desk(by_weekday={2: ()}).is_working_day(date(2024, 4, 24))


def test_an_override_beats_the_calendar() -> None:
    """A desk opens on a holiday and closes on a working day, each with its reason."""
    moved = desk(
        overrides={
            date(2024, 5, 1): Override("дежурство", hours("10:00-12:00")),
            date(2024, 5, 2): Override("переезд"),
        }
    )
    assert moved.add(msk("2024-05-01 11:00"), 2 * HOUR) == msk("2024-05-03 10:00")
    (piece,) = moved.intervals(msk("2024-05-02 00:00"), msk("2024-05-02 12:00"))
    assert (piece.reason, piece.phrase) == ("override", "переезд")


@pytest.mark.parametrize(
    ("shortens", "day", "closing"),
    [
        (False, "2024-05-08", "18:00"),
        (True, "2024-05-08", "17:00"),
        (True, "2024-11-02", "17:00"),  # a Saturday worked for 30 April, the eve of a holiday
        (True, "2024-04-27", "18:00"),  # a Saturday worked for 29 April, which is none
        (True, "2028-05-08", "17:00"),  # a year not yet decreed
    ],
)
def test_a_pre_holiday_day_is_shorter_where_the_desk_says_so(shortens: bool, day: str, closing: str) -> None:
    """Labour Code art. 95; MDO publishes its hours without an exception."""
    due = desk(shorten_pre_holiday=shortens).add_working_days(msk(f"{day} 00:00") - timedelta(days=1), 1)
    assert due == msk(f"{day} {closing}")


def test_shortening_takes_a_whole_last_interval_where_it_lasts_no_longer() -> None:
    """The hour is taken from the end of the day, across a break."""
    late = desk(("09:00-17:00", "18:00-18:30"), shorten_pre_holiday=True)
    assert late.between(msk("2024-05-08 00:00"), msk("2024-05-09 00:00")) == 7.5 * HOUR
    assert not late.is_open(msk("2024-05-08 16:30"))


def test_a_desk_that_never_closes_counts_every_second() -> None:
    """24/7: no calendar, the whole day."""
    always = WorkingCalendar.of(OpeningHours("Europe/Moscow", None, ROUND_THE_CLOCK))
    start = msk("2024-12-31 23:58")
    assert always.add(start, timedelta(minutes=5)) == start + timedelta(minutes=5)
    assert [piece.counted for piece in always.intervals(start, start + timedelta(days=3))] == [True]


def test_a_night_shift_is_two_intervals() -> None:
    """To 24:00 and from 00:00."""
    night = desk(("00:00-06:00", "22:00-24:00"), calendar=None)
    assert night.add(msk("2024-04-23 23:00"), 2 * HOUR) == msk("2024-04-24 01:00")


def test_a_desk_may_open_on_weekends_alone() -> None:
    """With a production calendar as without one; holidays stay closed where there is one."""
    closed: dict[int, Any] = dict.fromkeys(range(5), ())
    saturdays = desk(by_weekday=closed | {5: hours("10:00-15:00")})
    assert saturdays.next_opening(msk("2025-03-03 00:00")) == msk("2025-03-15 10:00")  # 8 March is a holiday
    assert desk(by_weekday=closed, calendar=None).next_opening(msk("2024-04-22 00:00")) == msk("2024-04-27 09:00")


def test_every_weekday_may_have_hours_of_its_own() -> None:
    """All seven of them."""
    each = desk((), by_weekday={weekday: hours(f"{10 + weekday}:00-20:00") for weekday in range(7)}, calendar=None)
    assert [each.next_opening(msk(f"2024-04-{22 + n} 00:00")) for n in range(7)] == [
        msk(f"2024-04-{22 + n} {10 + n}:00") for n in range(7)
    ]


def test_intervals_may_meet_and_begin_at_any_minute() -> None:
    """One that closes where the next opens is no overlap."""
    assert hours("08:59-13:00", "13:00-17:59") == ((32_340, 46_800), (46_800, 64_740))


def test_an_hour_before_a_holiday_is_an_hour_to_the_second() -> None:
    """Also where the day has breaks, and where the last interval is exactly that hour."""
    exact = desk(("09:00-16:30", "17:00-18:00"), shorten_pre_holiday=True)
    assert exact.add_working_days(msk("2024-05-07 12:00"), 1) == msk("2024-05-08 16:30")
    assert exact.between(msk("2024-05-08 00:00"), msk("2024-05-09 00:00")) == 7.5 * HOUR
    pieces = exact.intervals(msk("2024-05-08 12:00"), msk("2024-05-08 20:00"))
    assert [(piece.reason, piece.end - piece.start) for piece in pieces] == [
        ("working", 4.5 * HOUR),
        ("shortened", 1.5 * HOUR),
        ("outside_hours", 2 * HOUR),
    ]


# Clocks that change


def test_a_break_over_the_change_of_clocks_and_an_interval_that_is_skipped_count_nothing() -> None:
    """Berlin: 02:00 to 03:00 does not exist on 31 March 2024; the other intervals of the day do."""
    split = desk(("00:00-01:00", "02:00-03:00", "04:00-05:00"), zone="Europe/Berlin", calendar=None)
    midnight = datetime(2024, 3, 31, tzinfo=BERLIN)
    assert split.between(midnight, midnight + timedelta(days=1)) == 2 * HOUR
    assert split.next_opening(datetime(2024, 3, 31, 1, tzinfo=BERLIN)) == datetime(2024, 3, 31, 4, tzinfo=BERLIN)
    assert split.add_working_days(datetime(2024, 3, 30, tzinfo=BERLIN), 1) == datetime(2024, 3, 31, 5, tzinfo=BERLIN)
    assert split.between(midnight - timedelta(days=2), midnight + timedelta(days=3)) == 14 * HOUR


def test_a_day_whose_only_interval_is_skipped_is_no_working_day_of_a_term() -> None:
    """The next day is the first on which anything was worked."""
    skipped = desk(("02:00-03:00",), zone="Europe/Berlin", calendar=None)
    assert skipped.add_working_days(datetime(2024, 3, 30, 12, tzinfo=BERLIN), 1) == datetime(
        2024, 4, 1, 3, tzinfo=BERLIN
    )


def test_the_first_and_the_last_day_of_a_year_may_change_the_clocks() -> None:
    """Samoa skipped 30 December 2011 as a whole: the days on either side keep their hours."""
    apia = ZoneInfo("Pacific/Apia")
    island = desk(zone="Pacific/Apia", calendar=None)
    assert island.between(datetime(2011, 12, 29, tzinfo=apia), datetime(2012, 1, 2, tzinfo=apia)) == 3 * 9 * HOUR
    assert island.add_working_days(datetime(2011, 12, 29, 12, tzinfo=apia), 1) == datetime(
        2011, 12, 31, 18, tzinfo=apia
    )


def test_the_day_on_which_clocks_go_forward_is_shorter_by_the_hour_that_is_skipped() -> None:
    """Berlin, 31 March 2024: 02:00 becomes 03:00."""
    night = desk(("00:00-06:00",), zone="Europe/Berlin", calendar=None)
    midnight = datetime(2024, 3, 31, tzinfo=BERLIN)
    assert night.between(midnight, midnight + timedelta(days=1)) == 5 * HOUR
    assert night.add(midnight, 4 * HOUR) == datetime(2024, 3, 31, 5, tzinfo=BERLIN)


def test_the_day_on_which_clocks_go_back_is_longer_by_the_hour_that_comes_twice() -> None:
    """Berlin, 27 October 2024: 03:00 becomes 02:00."""
    night = desk(("00:00-06:00",), zone="Europe/Berlin", calendar=None)
    midnight = datetime(2024, 10, 27, tzinfo=BERLIN)
    assert night.between(midnight, midnight + timedelta(days=1)) == 7 * HOUR
    assert night.add(midnight, 4 * HOUR) == datetime(2024, 10, 27, 3, tzinfo=BERLIN)


@pytest.mark.parametrize("minute", [1, 7, 13, 29, 30, 31, 53, 59])
def test_an_opening_time_that_is_skipped_is_the_change_itself(minute: int) -> None:
    """The desk's clock shows no time from 02:00 to 03:00 that day; found to the second."""
    early = desk((f"02:{minute:02}-10:00",), zone="Europe/Berlin", calendar=None)
    assert early.next_opening(datetime(2024, 3, 31, 0, tzinfo=BERLIN)) == datetime(2024, 3, 31, 1, tzinfo=UTC)


def test_an_opening_time_that_comes_twice_is_the_first() -> None:
    """The door opens when the clock first shows 02:30."""
    early = desk(("02:30-10:00",), zone="Europe/Berlin", calendar=None)
    assert early.next_opening(datetime(2024, 10, 27, 0, tzinfo=BERLIN)) == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)


def test_a_day_without_midnight_begins_at_the_change() -> None:
    """Cairo, 26 April 2024: 00:00 becomes 01:00, and the day before lasts to the change."""
    cairo = ZoneInfo("Africa/Cairo")
    always = desk(("00:00-24:00",), zone="Africa/Cairo", calendar=None)
    change = datetime(2024, 4, 25, 22, tzinfo=UTC)
    assert always.add_working_days(datetime(2024, 4, 24, 12, tzinfo=cairo), 1) == change
    assert always.between(change, datetime(2024, 4, 27, tzinfo=cairo)) == 23 * HOUR


def test_moscow_had_other_clocks_in_2011() -> None:
    """UTC+4 from March 2011 to October 2014."""
    assert desk().next_opening(datetime(2013, 6, 3, 0, tzinfo=UTC)) == datetime(2013, 6, 3, 5, tzinfo=UTC)
    assert desk().next_opening(datetime(2015, 6, 3, 0, tzinfo=UTC)) == datetime(2015, 6, 3, 6, tzinfo=UTC)
