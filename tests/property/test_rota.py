"""A rota against a count minute by minute, in zones that change their clocks in every way there is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.people import People, Person, Role
from domain.regulation.edition import WEEKDAYS
from domain.rota import ROLE_OF, Override, Rota, Rotation, gaps, on_duty, shifts
from domain.ticket.outgoing import PageLevel

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
SPAN = 3 * DAY
NAMES = ("Анна", "Борис", "Вера", "Глеб")
CHANGES = {
    "Europe/Moscow": (datetime(2026, 11, 27, tzinfo=UTC),),
    "Europe/Berlin": (datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 10, 24, tzinfo=UTC)),
    "America/Santiago": (datetime(2026, 4, 4, tzinfo=UTC), datetime(2026, 9, 5, tzinfo=UTC)),  # at midnight
    "Australia/Lord_Howe": (datetime(2026, 4, 3, tzinfo=UTC), datetime(2026, 10, 2, tzinfo=UTC)),  # by half an hour
    "Pacific/Apia": (datetime(2011, 12, 29, tzinfo=UTC),),  # 30 December 2011 never was
    "Africa/Casablanca": (datetime(2026, 2, 14, tzinfo=UTC), datetime(2026, 3, 21, tzinfo=UTC)),
}
"""Days about which the clocks of a zone change, or do not."""

times = st.builds(lambda hour, minute: f"{hour:02}:{minute:02}", st.integers(0, 23), st.sampled_from((0, 15, 30, 59)))
hours = st.one_of(
    st.just(""), st.builds(lambda one, other: f"{one}-{other}", times, st.one_of(times, st.just("24:00")))
)


@st.composite
def rotations(draw: st.DrawFn, near: datetime, level: PageLevel) -> Rotation:
    """Return a rotation that begins some days before an instant, or a little after it."""
    return Rotation(
        level=level,
        persons=tuple(draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))),
        begins=near.date() + draw(st.integers(-30, 2)) * DAY,
        handover=draw(times),
        days=draw(st.integers(1, 9)),
        weekdays=tuple(draw(st.lists(st.sampled_from(WEEKDAYS), max_size=4, unique=True))),
        hours=draw(hours),
    )


@st.composite
def rotas(draw: st.DrawFn) -> tuple[Rota, datetime]:
    """Return a rota and the instant at which a span of it begins."""
    zone = draw(st.sampled_from(sorted(CHANGES)))
    begins = draw(st.sampled_from(CHANGES[zone])) + draw(st.integers(-1500, 1500)) * MINUTE
    levels = draw(st.lists(st.sampled_from(list(PageLevel)), min_size=1, max_size=3))
    overrides = []
    for _ in range(draw(st.integers(0, 2))):
        start = begins + draw(st.integers(-1000, 4000)) * MINUTE
        end = start + draw(st.integers(1, 1500)) * MINUTE
        level, person = draw(st.sampled_from(list(PageLevel))), draw(st.sampled_from(NAMES))
        overrides.append(Override(level=level, person=person, begins=start, ends=end))
    drawn = tuple(draw(rotations(begins, level)) for level in levels)
    return Rota(time_zone=zone, rotations=drawn, overrides=tuple(overrides)), begins


def counted(
    rota: Rota, level: PageLevel, begins: datetime, ends: datetime
) -> Iterator[tuple[datetime, frozenset[str]]]:
    """Return each minute of a span with whom the rota names, by a wall clock that is never put back."""
    zone = ZoneInfo(rota.time_zone)
    at, wall = begins - 3 * DAY, datetime.min  # noqa: DTZ901 - a wall clock
    while at < ends:
        wall = max(wall, at.astimezone(zone).replace(tzinfo=None))
        if at >= begins:
            overriding = [o.person for o in rota.overrides if o.level is level and o.begins <= at < o.ends]
            turns = [_turn(one, wall) for one in rota.rotations if one.level is level]
            yield at, frozenset(overriding or [name for name in turns if name is not None])
        at += MINUTE


def _turn(rotation: Rotation, wall: datetime) -> str | None:
    first = datetime.fromisoformat(f"{rotation.begins}T{rotation.handover}")
    if wall < first or not any(_within(rotation, wall.date() + before * DAY, wall) for before in (-1, 0)):
        return None
    return rotation.persons[(wall - first) // (rotation.days * DAY) % len(rotation.persons)]


def _within(rotation: Rotation, day: date, wall: datetime) -> bool:
    if rotation.weekdays and WEEKDAYS[day.weekday()] not in rotation.weekdays:
        return False
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock
    if not rotation.hours:
        return midnight <= wall < midnight + DAY
    opens, closes = (timedelta(hours=int(time[:2]), minutes=int(time[3:])) for time in rotation.hours.split("-"))
    return midnight + opens <= wall < midnight + closes + (DAY if closes <= opens else timedelta())


@given(rotas(), st.sampled_from(list(PageLevel)))
@settings(max_examples=60, deadline=None)
def test_shifts_are_what_a_count_of_every_minute_finds(drawn: tuple[Rota, datetime], level: PageLevel) -> None:
    rota, begins = drawn
    found = shifts(rota, level, begins, begins + SPAN)
    if not found:
        return
    left = iter(found)
    shift = next(left)
    for at, names in counted(rota, level, begins, begins + SPAN):
        while at >= shift.ends:
            shift = next(left)
        assert (at, frozenset(shift.persons)) == (at, names)


@given(rotas(), st.sampled_from(list(PageLevel)))
@settings(max_examples=100, deadline=None)
def test_shifts_follow_each_other_without_a_pause_and_gaps_are_those_of_nobody(
    drawn: tuple[Rota, datetime], level: PageLevel
) -> None:
    rota, begins = drawn
    found = shifts(rota, level, begins, begins + SPAN)
    if found:
        assert (found[0].begins, found[-1].ends) == (begins, begins + SPAN)
        assert all(one.ends == other.begins for one, other in pairwise(found))
    expected = [one for one in found if not one.persons] if rota.of_level(level) else []
    assert list(gaps(rota, level, begins, begins + SPAN)) == expected


@given(
    rotas(),
    st.sampled_from(list(PageLevel)),
    st.lists(
        st.tuples(st.sampled_from(NAMES), st.booleans(), st.lists(st.sampled_from(list(Role)), unique=True)),
        max_size=4,
        unique_by=lambda person: person[0],
    ),
)
@settings(max_examples=200, deadline=None)
def test_somebody_is_woken_wherever_anybody_of_either_level_can_be_reached(
    drawn: tuple[Rota, datetime], level: PageLevel, entered: list[tuple[str, bool, list[Role]]]
) -> None:
    rota, at = drawn
    people = People(
        persons=tuple(
            Person(name=name, phone=f"+790000000{number:02}" if reachable else None, roles=tuple(roles))
            for number, (name, reachable, roles) in enumerate(entered)
        )
    )
    woken = on_duty(rota, people, level, at)
    assert all(person.is_reachable for person in woken)
    wakeable = {person for role in ROLE_OF.values() for person in people.with_role(role) if person.is_reachable}
    assert woken or not wakeable
