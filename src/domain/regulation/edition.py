"""A published regulation as data: the shape of an edition, its clauses, terms and rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Annotated, Literal, Self, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from domain.findings import Mode, Rule, Value
from domain.intake.clarity import ClarityRule
from domain.intake.courtesy import CourtesyRule
from domain.intake.criticality import CriticalityRule
from domain.intake.duplicates import DuplicatesRule
from domain.intake.eligibility import EligibilityRule
from domain.intake.faq import FaqRule
from domain.intake.identification import IdentificationRule
from domain.intake.manner import MannerRule
from domain.intake.obscenity import ObscenityRule
from domain.intake.password import PasswordRule
from domain.intake.quota import QuotaRule
from domain.intake.scope import ScopeRule
from domain.regulation.clause import Clause, ClauseNumber
from domain.regulation.desk import Desk
from domain.ticket.restraint import AutomaticLettersRule
from domain.working_time import OpeningHours, WorkingCalendar, interval

Term = Annotated[int, Field(gt=0)]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
WEEKDAYS: tuple[Weekday, ...] = get_args(Weekday)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("an IANA time zone such as Europe/Moscow") from None
    return name


def _minutes(value: object) -> object:
    """Return a list of minutes; a single number is the list of it alone."""
    if isinstance(value, bool) or not isinstance(value, int | list | tuple):
        raise ValueError("a number of minutes, or a list of such numbers")  # noqa: TRY004 - pydantic wants this one
    return (value,) if isinstance(value, int) else value


def _growing(pauses: tuple[int, ...]) -> tuple[int, ...]:
    if not pauses or list(pauses) != sorted(pauses):
        raise ValueError("pauses none of which is shorter than the one before it")
    return pauses


Pauses = Annotated[tuple[Term, ...], BeforeValidator(_minutes), AfterValidator(_growing)]
"""Minutes between one and the next, the last of them for ever; written as a list, or as one number."""
Interval = Annotated[tuple[int, int], BeforeValidator(interval)]
"""Opening and closing, seconds from midnight, written `HH:MM-HH:MM`."""

TimeZone = Annotated[str, AfterValidator(_zone)]


class Override(Value):
    """A day that differs from the calendar, with the reason shown to whoever asks."""

    day: date
    reason: str
    open: tuple[Interval, ...] = ()


class Hours(Rule):
    """When the desk works (MDO 1.2). `working_day` holds on every working day but the weekdays listed apart."""

    mode: Literal[Mode.AUTOMATIC] = Mode.AUTOMATIC
    time_zone: TimeZone
    calendar: Literal["ru"] | None = None
    working_day: tuple[Interval, ...]
    weekdays: dict[Weekday, tuple[Interval, ...]] = {}
    shorten_pre_holiday: bool = False
    presidential_days_off: bool = False
    overrides: tuple[Override, ...] = ()


class Reaction(Rule):
    """How soon a specialist reacts, from the letter that completes the required details (MDO 1.3 and 2.1, Storeolis 2.3)."""

    mode: Literal[Mode.AUTOMATIC] = Mode.AUTOMATIC
    working_hours: Term | None = None
    working_days: Term | None = None
    counted_from_clause: ClauseNumber
    """The clause by which an incomplete letter starts no clock."""
    warn_at_share: Annotated[float, Field(gt=0, lt=1)]
    """The share of the allowance after which the team is warned."""

    @model_validator(mode="after")
    def _one_term(self) -> Self:
        if (self.working_hours is None) == (self.working_days is None):
            raise ValueError("exactly one of working_hours and working_days")
        return self


class Critical(Rule):
    """How a critical fault is answered, round the clock.

    Unacknowledged for `escalate_minutes`, or beyond the promise, it pages the escalation contact as well, and
    from then on each repetition goes to both.
    """

    within_minutes: Term
    repeat_minutes: Pauses
    """The pauses between pages until somebody acknowledges; growing ones bound what a night costs."""
    escalate_minutes: Term
    gather_minutes: Term = 60
    """A report is of an open fault whose last report, or last page while somebody is being woken, is not older than this."""
    quiet_minutes: Term = 15
    """A fault that alarms alone report is over once they have been quiet for so long."""
    reopen_minutes: Term = 60
    """A fault that ended is the same one where the same comes back within this."""
    remind_after_minutes: Term = 120
    """Who took a fault is reminded, and the team with them, where nobody has touched it for so long."""
    page_again_after_minutes: Term = 240
    """A fault that was taken and that nobody has touched for so long pages again."""
    stranger_pages_per_hour: Term = 3
    """How many series of pages senders who are not proved may cause at the desk in an hour."""

    @model_validator(mode="after")
    def _reminded_before_paged_again(self) -> Self:
        if self.page_again_after_minutes <= self.remind_after_minutes:
            raise ValueError("page_again_after_minutes after remind_after_minutes")
        return self

    @property
    def escalated_after_minutes(self) -> int:
        """The minutes after which the escalation contact is paged first: the breach pages it as well."""
        return min(self.escalate_minutes, self.within_minutes)

    @property
    def escalates_after(self) -> timedelta:
        """How long after the report the escalation contact is paged where nobody has answered."""
        return timedelta(minutes=self.escalate_minutes)

    def pause(self, pages: int) -> timedelta:
        """Return how long after so many pages to the on-call, of which there is at least one, the next one follows."""
        return timedelta(minutes=self.repeat_minutes[min(pages, len(self.repeat_minutes)) - 1])

    def pages_within(self, span: timedelta) -> tuple[int, int]:
        """Return how many pages a series that nobody acknowledges sends at most to the on-call and to escalation.

        However many report a fault and however often its alarms flap, it has one series at a time. It begins another where
        it comes back after its end, or where nobody touches it after it was taken.

        Escalation gets every repetition, where the fault is taken in so late that it is escalated before the first one,
        and a page of its own by each of its terms. A late sweep sends one page where several were due, and the pauses
        count from it: in fact they are fewer as a rule.
        """
        on_call = 1
        after = self.pause(on_call)
        while after <= span:
            on_call += 1
            after += self.pause(on_call)
        own = sum(timedelta(minutes=minutes) <= span for minutes in (self.escalate_minutes, self.within_minutes))
        return on_call, on_call - 1 + own if own else 0


class Lapse(Rule):
    """What follows from the client's silence after a question or a proposed solution (MDO 2.5).

    Automatic: the request lapses, with a reminder before. Suggest: the specialist is reminded, no more.
    """

    client_working_days: Term
    remind_working_days_before: Annotated[int, Field(ge=0)] = 0
    waiting_clause: ClauseNumber | None = None
    """The clause by which waiting for the client is no time of the desk; None for a house rule."""


class Reopening(Rule):
    """For how long a late answer reopens a closed ticket."""

    mode: Literal[Mode.AUTOMATIC] = Mode.AUTOMATIC
    within_days: Term


class AnswerReminder(Rule):
    """After how many whole working days of a client's waiting for an answer a specialist, then the team, is reminded."""

    mode: Literal[Mode.AUTOMATIC] = Mode.AUTOMATIC
    owner_after_working_days: Term
    team_after_working_days: Term

    @model_validator(mode="after")
    def _owner_first(self) -> Self:
        if self.team_after_working_days <= self.owner_after_working_days:
            raise ValueError("team_after_working_days after owner_after_working_days")
        return self


class Rules(Value):
    """The rules of intake, each with its own data."""

    identification: IdentificationRule
    eligibility: EligibilityRule
    clarity: ClarityRule
    obscenity: ObscenityRule
    duplicates: DuplicatesRule
    quota: QuotaRule
    scope: ScopeRule
    criticality: CriticalityRule
    password: PasswordRule
    faq: FaqRule
    manner: MannerRule
    courtesy: CourtesyRule


class Edition(Value):
    """One edition of one desk's regulation, in force from a day until the next edition."""

    title: str
    url: str
    effective_from: date
    effective_until: date | None = None
    """The last day in force, where no later edition follows."""
    desk: Desk
    clauses: tuple[Clause, ...]
    hours: Hours
    reaction: Reaction
    critical: Critical
    lapse: Lapse
    reopening: Reopening
    automatic_letters: AutomaticLettersRule
    answer_reminder: AnswerReminder | None = None
    """None where nobody is reminded."""
    rules: Rules

    @model_validator(mode="after")
    def _dates_in_order(self) -> Self:
        if self.effective_until is not None and self.effective_until < self.effective_from:
            raise ValueError("effective_until on or after effective_from")
        return self

    @model_validator(mode="after")
    def _clauses_exist_once(self) -> Self:
        numbers = [clause.number for clause in self.clauses]
        if repeated := {number for number in numbers if numbers.count(number) > 1}:
            raise ValueError(f"each clause once, not {', '.join(sorted(repeated))} twice")
        return self

    @property
    def name(self) -> str:
        """How decisions cite the edition: `2013-01-01`."""
        return self.effective_from.isoformat()

    @cached_property
    def calendar(self) -> WorkingCalendar:
        """The desk's working time under this edition."""
        return WorkingCalendar.of(opening_hours(self.hours))

    def reaction_due(self, counted_from: datetime) -> datetime:
        """Return when the reaction to a request counted from `counted_from` is due, as letters show it: to the minute."""
        if self.reaction.working_hours is not None:
            return as_shown(self.calendar.add(counted_from, timedelta(hours=self.reaction.working_hours)))
        assert self.reaction.working_days is not None  # the model says so
        return as_shown(self.calendar.add_working_days(counted_from, self.reaction.working_days))

    def critical_due(self, since: datetime) -> datetime:
        """Return when somebody has to have taken a critical fault of `since` in hand, as letters show it: to the minute."""
        return as_shown(since + timedelta(minutes=self.critical.within_minutes))

    def reaction_warning(self, counted_from: datetime) -> datetime:
        """Return when the team is warned: at a share of the working time that the reaction has."""
        due = self.reaction_due(counted_from)
        allowance = self.calendar.between(counted_from, due)
        return self.calendar.add(counted_from, allowance * self.reaction.warn_at_share)

    def lapse_due(self, asked_at: datetime) -> datetime:
        """Return the end of the client's term to answer what was asked at `asked_at` (MDO 2.5)."""
        return self.calendar.add_client_days(asked_at, self.lapse.client_working_days)

    def soonest_lapse(self, now: datetime) -> datetime:
        """Return the earliest end of a client's term that leaves the client time to read of it: of the next working day."""
        return self.calendar.add_client_days(now, 1)

    def lapse_warning(self, asked_at: datetime) -> datetime | None:
        """Return when the client is reminded: as the desk opens once so many working days are left; None for never."""
        days = self.lapse.client_working_days - self.lapse.remind_working_days_before
        if self.lapse.remind_working_days_before == 0 or days < 0:
            return None
        return self.calendar.next_opening(self.calendar.add_client_days(asked_at, days))

    def after_days_without_answer(self, asked_at: datetime, days: int) -> datetime:
        """Return when the desk opens after so many whole working days since a client wrote."""
        return self.calendar.next_opening(self.calendar.add_client_days(asked_at, days))

    def clause_summary(self, number: str) -> str | None:
        """Return what a clause says, or None for a number the regulation does not have."""
        return next((clause.summary for clause in self.clauses if clause.number == number), None)


@dataclass(frozen=True, slots=True)
class Interregnum:
    """Days on which no edition of a desk is in force, after one that ends."""

    after: date
    """The last day in force."""
    until: date | None
    """The first day of the next edition; None where none follows."""


def interregnum(edition: Edition, starts: Iterable[date]) -> Interregnum | None:
    """Return the days without a regulation after an edition, given from when the desk's editions are in force."""
    ends = edition.effective_until
    following = min((start for start in starts if start > edition.effective_from), default=None)
    if ends is None or following == ends + timedelta(days=1):
        return None
    return Interregnum(ends, following)


def as_shown(due: datetime) -> datetime:
    """Return a promised instant as letters show it, which is how it is kept: of 14:00:59 they say 14:00, and 14:00:40 is late.

    Terms in whole days end at midnight or as the desk closes or opens, and have no seconds.
    """
    return due.replace(second=0, microsecond=0)


def opening_hours(hours: Hours) -> OpeningHours:
    """Return the plain value that working time is computed from."""
    return OpeningHours(
        time_zone=hours.time_zone,
        calendar=hours.calendar,
        default=hours.working_day,
        by_weekday={WEEKDAYS.index(name): intervals for name, intervals in hours.weekdays.items()},
        shorten_pre_holiday=hours.shorten_pre_holiday,
        presidential_days_off=hours.presidential_days_off,
        overrides={override.day: (override.reason, override.open) for override in hours.overrides},
    )


def citations(tables: object, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Return every clause that an edition's tables cite, each with its place."""
    if isinstance(tables, Mapping):
        for name, inner in tables.items():
            if (name == "clause" or name.endswith("_clause")) and isinstance(inner, str):
                yield (*place, name), inner
            else:
                yield from citations(inner, (*place, name))
    elif isinstance(tables, list):
        for index, inner in enumerate(tables):
            yield from citations(inner, (*place, index))
