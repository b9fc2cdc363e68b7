"""Whose turn it is to be woken: the rota of a desk, by weeks, days and hours, with overrides.

Everything is by the rota's own clock: a turn that begins at 10:00 begins at 10:00 in summer and in winter. A wall clock's
time that comes twice is met at the first, one that is skipped at the change itself (`first_instant`), so that shifts
which touch on the wall touch in fact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, AwareDatetime, Field, model_validator

from domain.findings import Value
from domain.people import People, Person, Role
from domain.regulation.edition import WEEKDAYS, TimeZone, Weekday
from domain.ticket.outgoing import PageLevel
from domain.working_time import first_instant

ROLE_OF: Mapping[PageLevel, Role] = {PageLevel.ON_CALL: Role.ON_CALL, PageLevel.ESCALATION: Role.ESCALATION}
"""Which role a level wakes."""
LOOKED_AHEAD = timedelta(days=14)
"""How far a rota is shown and examined: what comes every week or every day has come by then."""

_DAY = timedelta(days=1)
_TIME = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(?:([01]\d|2[0-3]):([0-5]\d)|24:00)")


def _time_of_day(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError("a time of day such as 10:00, in quotes")
    return text


def _hours(text: str) -> str:
    if text and not _HOURS.fullmatch(text):
        raise ValueError("hours such as 09:00-18:00, or 18:00-09:00 for a night")
    return text


PersonName = Annotated[str, Field(min_length=1)]


class Rotation(Value):
    """Persons who take turns at a level, all day or in some hours of some days."""

    level: PageLevel
    persons: Annotated[tuple[PersonName, ...], Field(min_length=1)]
    """By the names that the people of the desk have, in turn."""
    begins: date
    """The day on which the first person's first turn begins; every further handover is on its weekday where `days` is 7."""
    handover: Annotated[str, AfterValidator(_time_of_day)] = "00:00"
    """When a turn begins on its first day, by the rota's clock."""
    days: Annotated[int, Field(ge=1, le=366)] = 7
    """How many days a turn lasts."""
    weekdays: tuple[Weekday, ...] = ()
    """The days on which its hours begin; none for every day."""
    hours: Annotated[str, AfterValidator(_hours)] = ""
    """`HH:MM-HH:MM` by the rota's clock, past midnight where the end is not after the beginning; empty for all day."""

    def person_at(self, at: datetime, zone: ZoneInfo) -> str | None:
        """Return whose turn it is at an aware instant; None before the first turn and outside the hours."""
        turn = self._turn_at(at, zone)
        if turn < 0 or not any(begins <= at < ends for begins, ends in self._windows(at, at, zone)):
            return None
        return self.persons[turn % len(self.persons)]

    def changes(self, begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[datetime]:
        """Return the instants of a span, UTC, at which another person may come or the hours begin or end."""
        turn = max(self._turn_at(begins, zone), -1) + 1
        while (handover := self._handover(turn, zone)) < ends:
            yield handover
            turn += 1
        for window in self._windows(begins, ends, zone):
            yield from window

    def _handover(self, turn: int, zone: ZoneInfo) -> datetime:
        hour, minute = map(int, self.handover.split(":"))
        first = datetime(self.begins.year, self.begins.month, self.begins.day, hour, minute)  # noqa: DTZ001 - a wall clock
        return first_instant(first + turn * self.days * _DAY, zone)

    def _turn_at(self, at: datetime, zone: ZoneInfo) -> int:
        """Return the number of the turn at an instant, negative before the first."""
        turn = (at.astimezone(zone).date() - self.begins).days // self.days
        if turn >= 0 and at < self._handover(turn, zone):
            turn -= 1
        return turn

    def _windows(self, begins: datetime, ends: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """Return the hours that may touch a span, each from its beginning to its end, UTC."""
        day, last = begins.astimezone(zone).date() - 2 * _DAY, ends.astimezone(zone).date() + _DAY
        while day <= last:
            if not self.weekdays or WEEKDAYS[day.weekday()] in self.weekdays:
                opens, closes = self._wall_hours(day)
                yield first_instant(opens, zone), first_instant(closes, zone)
            day += _DAY

    def _wall_hours(self, day: date) -> tuple[datetime, datetime]:
        midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - a wall clock
        if not self.hours:
            return midnight, midnight + _DAY
        from_, until = (_since_midnight(time) for time in self.hours.split("-"))
        return midnight + from_, midnight + until + (_DAY if until <= from_ else timedelta())


def _since_midnight(time: str) -> timedelta:
    hour, minute = map(int, time.split(":"))
    return timedelta(hours=hour, minutes=minute)


class Override(Value):
    """One person is woken at a level instead of those whose turn it would be."""

    level: PageLevel
    person: PersonName
    begins: AwareDatetime
    ends: AwareDatetime
    reason: str = ""

    @model_validator(mode="after")
    def _lasts(self) -> Self:
        if self.begins >= self.ends:
            raise ValueError("an override that ends after it begins")
        return self


class Rota(Value):
    """The rota of a desk: one item."""

    version: int = 0
    """Number of writes; every write is conditional on it. 0 where none has been written yet."""
    time_zone: TimeZone = "UTC"
    """Whose clock the rotations go by."""
    rotations: tuple[Rotation, ...] = ()
    """A level without any wakes everybody who has its role."""
    overrides: tuple[Override, ...] = ()

    def of_level(self, level: PageLevel) -> tuple[Rotation, ...]:
        """Return the rotations of a level."""
        return tuple(rotation for rotation in self.rotations if rotation.level is level)

    def names_at(self, level: PageLevel, at: datetime) -> tuple[str, ...]:
        """Return whom the rota names at a level at an aware instant, each once; overrides before rotations."""
        overriding = [one.person for one in self.overrides if one.level is level and one.begins <= at < one.ends]
        if overriding:
            return tuple(dict.fromkeys(overriding))
        zone = ZoneInfo(self.time_zone)
        turns = (rotation.person_at(at, zone) for rotation in self.of_level(level))
        return tuple(dict.fromkeys(person for person in turns if person is not None))


def on_duty(rota: Rota, people: People, level: PageLevel, at: datetime) -> tuple[Person, ...]:
    """Return who is woken at a level at an aware instant.

    That is whom the rota names, as far as they have the level's role and a channel. Where nobody is left, everybody
    reachable with the role; then everybody reachable with the other level's; then those whom the rota names, role or
    not: in doubt somebody is woken. Nobody only where none of them can be reached.
    """
    named = [person for name in rota.names_at(level, at) if (person := people.named(name)) is not None]
    other = next(one for one in PageLevel if one is not level)
    candidates: tuple[Iterable[Person], ...] = (
        (person for person in named if ROLE_OF[level] in person.roles),
        people.with_role(ROLE_OF[level]),
        people.with_role(ROLE_OF[other]),
        named,
    )
    reachable = (tuple(person for person in some if person.is_reachable) for some in candidates)
    return next((persons for persons in reachable if persons), ())


# What is shown and examined --------------------------------------------------------------------------------


class Shift(Value):
    """A span in which the rota names the same persons at a level; nobody in a gap."""

    level: PageLevel
    begins: datetime
    ends: datetime
    persons: tuple[str, ...]
    reason: str = ""
    """Of the override that it comes from."""


def shifts(rota: Rota, level: PageLevel, begins: datetime, ends: datetime) -> tuple[Shift, ...]:
    """Return the shifts of a level in a span of aware instants, in order and without a pause between them, UTC.

    None where the level has neither rotations nor overrides in the span.
    """
    zone = ZoneInfo(rota.time_zone)
    overrides = [one for one in rota.overrides if one.level is level and one.begins < ends and one.ends > begins]
    rotations = rota.of_level(level)
    if not rotations and not overrides:
        return ()
    cuts = {instant for one in rotations for instant in one.changes(begins, ends, zone)}
    cuts |= {instant for one in overrides for instant in (one.begins, one.ends)}
    inside = sorted({instant.astimezone(UTC) for instant in cuts if begins < instant < ends})
    found: list[Shift] = []
    for start, end in pairwise([begins.astimezone(UTC), *inside, ends.astimezone(UTC)]):
        reason = next((one.reason for one in overrides if one.begins <= start < one.ends), "")
        shift = Shift(level=level, begins=start, ends=end, persons=rota.names_at(level, start), reason=reason)
        if found and (found[-1].persons, found[-1].reason) == (shift.persons, shift.reason):
            shift = shift.model_copy(update={"begins": found.pop().begins})
        found.append(shift)
    return tuple(found)


def gaps(rota: Rota, level: PageLevel, begins: datetime, ends: datetime) -> tuple[Shift, ...]:
    """Return the spans in which rotations name nobody at a level; none where the level has no rotations."""
    if not rota.of_level(level):
        return ()
    return tuple(shift for shift in shifts(rota, level, begins, ends) if not shift.persons)


class ProblemKind(StrEnum):
    """What may be wrong with a rota."""

    GAP = "gap"
    """The rota names nobody."""
    NOBODY = "nobody"
    """The level has no rotations, and nobody who can be reached has its role."""
    UNKNOWN = "unknown"
    """The rota names a person who is not among the desk's people."""
    NO_ROLE = "no_role"
    NO_CHANNEL = "no_channel"
    """A person who may be woken has neither an address nor a phone."""
    OVERLAP = "overlap"
    """Several rotations, or several overrides, name different persons at once: all of them are woken."""
    OVER = "over"
    """An override has ended."""


class RotaProblem(Value):
    """One thing that is wrong with a rota, or with the people in it."""

    kind: ProblemKind
    level: PageLevel
    persons: tuple[str, ...] = ()
    begins: datetime | None = None
    ends: datetime | None = None

    @property
    def may_leave_nobody(self) -> bool:
        """Whether it is more than untidy: a page would not reach whom it should."""
        return self.kind is not ProblemKind.OVER


def problems(rota: Rota, people: People, begins: datetime, ends: datetime) -> tuple[RotaProblem, ...]:
    """Return what is wrong with a rota from one aware instant to another, level by level."""
    return tuple(problem for level in PageLevel for problem in _problems(rota, people, level, begins, ends))


def _problems(rota: Rota, people: People, level: PageLevel, begins: datetime, ends: datetime) -> Iterator[RotaProblem]:
    for shift in shifts(rota, level, begins, ends):
        is_gap = not shift.persons and bool(rota.of_level(level))
        if is_gap or len(shift.persons) > 1:
            kind = ProblemKind.GAP if is_gap else ProblemKind.OVERLAP
            yield RotaProblem(kind=kind, level=level, persons=shift.persons, begins=shift.begins, ends=shift.ends)
    overrides = [one for one in rota.overrides if one.level is level]
    for over in overrides:
        if over.ends <= begins:
            yield RotaProblem(
                kind=ProblemKind.OVER, level=level, persons=(over.person,), begins=over.begins, ends=over.ends
            )
    named = [person for rotation in rota.of_level(level) for person in rotation.persons]
    named += [one.person for one in overrides if one.ends > begins]
    # Whoever has the role may be woken, in the rota or not: where the rota names nobody who can be.
    with_role = people.with_role(ROLE_OF[level])
    yield from _of_persons(dict.fromkeys([*named, *(person.name for person in with_role)]), people, level)
    if not rota.of_level(level) and not any(person.is_reachable for person in with_role):
        yield RotaProblem(kind=ProblemKind.NOBODY, level=level)


def _of_persons(names: Iterable[str], people: People, level: PageLevel) -> Iterator[RotaProblem]:
    for name in names:
        person = people.named(name)
        if person is None:
            yield RotaProblem(kind=ProblemKind.UNKNOWN, level=level, persons=(name,))
            continue
        if ROLE_OF[level] not in person.roles:
            yield RotaProblem(kind=ProblemKind.NO_ROLE, level=level, persons=(name,))
        if not person.is_reachable:
            yield RotaProblem(kind=ProblemKind.NO_CHANNEL, level=level, persons=(name,))
