"""What must hold over time, whatever stood still: the books of terms, answers, pages and letters that left.

As the model it extends it shares no rule with the product. It is told of commits and sends, and of what people
wrote and when SES received it; working days it counts by itself, from the calendar's data.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from application.storage import Commit, FaultChange, OutboxKey, TicketChange
from domain.fault import events as f
from domain.fault.events import FaultTimerKind
from domain.fault.fault import PageSeries
from domain.letter import Letter
from domain.regulation.editions import edition_named
from domain.russian.wording import MONTHS
from domain.ticket import events as e
from domain.ticket.outgoing import Audience, Outgoing, OutgoingMail, OutgoingPage, PageLevel
from domain.ticket.ticket import CloseOutcome, Ticket
from domain.ticket.timers import TimerKind
from tests.sim.faultledger import INFORMS
from tests.sim.model import CRITICAL_TERM, ZONE, Model
from tests.sim.table import Table, Violation
from tests.sim.weather import DAY, HOUR, MINUTE, Weather

ASKING = frozenset({"details_requested", "clarification_requested", "question", "solution", "fault_over_client"})
"""Letters that a client owes an answer to."""
WAITED_FOR = {TimerKind.LAPSE: DAY, TimerKind.REACTION_BREACH: 15 * MINUTE}
"""How long what is pronounced waits for letters that were received in time and are not handled yet."""
PAGED_WITHIN = 2 * MINUTE
"""A page that is owed leaves so soon after everything that it needs is back."""
UNTOLD = 4 * MINUTE
"""How much later after the table was out: the sweep offers again what the stream has given up."""
ONE_LEAVES_WITHIN = 65 * MINUTE
"""After an outage of mail a first letter leaves so soon: at the end of its pause."""
ALL_LEAVE_WITHIN = 6 * MINUTE
"""And then all others."""
LONGEST = 365 * DAY
"""Longer than the promise of any reaction."""
TRIED_AGAIN_AFTER = 5 * MINUTE
"""So soon after a refusal a letter is not tried again."""
MAIL, PAGES = ("ses", "mailer", "clock", "dynamodb"), ("sns", "pager", "clock", "dynamodb")
"""What letters and pages need in order to leave."""
MOMENT = re.compile(rf"(\d{{1,2}}) ({'|'.join(MONTHS)})(?: (\d{{4}}) г\.)?,? (\d\d):(\d\d)")
_DAY = rf"(?:(\d{{1,2}})(?:\.(\d\d)| ({'|'.join(MONTHS)}),) )?"
ON_A_PAGE = re.compile(rf"(?:ответ|:\d\d) до {_DAY}(\d\d):(\d\d)", re.IGNORECASE)
DATED = re.compile(rf"С \d{{1,2}}(?:\.\d\d| (?:{'|'.join(MONTHS)}),) \d\d:\d\d")
EXCUSED = ("outdated", "the address is suppressed after a bounce or a complaint", "MessageRejected")
"""Why a letter may end unsent: nobody needs it, or it can reach nobody."""
IS_OVER = re.compile(
    r"истёк|истек|прош[её]л|прошл|наруш|был[ао]? |просроч|опозда|получено|поступил|С \d", re.IGNORECASE
)
"""Words of a sentence that says of a term that it is over."""


@dataclass(slots=True)
class _Asked:
    """A question to a client."""

    at: datetime
    letter: OutboxKey | None
    lapses: bool


@dataclass(slots=True)
class _Paging:
    """The pages of a critical fault that nobody has acknowledged."""

    since: datetime
    pages_from: datetime
    """When the desk heard of it, which may be late."""
    escalates_at: datetime
    owed: dict[PageLevel, datetime] = field(default_factory=dict)
    """Since when a page of each level is to leave."""
    last: dict[PageLevel, datetime] = field(default_factory=dict)
    """When the last one left."""
    pages: int = 0
    """To the on-call, written so far."""
    paged_at: datetime | None = None
    """When the last of them was written."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a person wrote on a ticket, beyond doubt."""

    ticket: str
    by: Audience
    received_at: datetime


class Timekeeper(Model):
    """The books of a world in which parts stand still."""

    def __init__(
        self, table: Table, letters: Mapping[str, Letter], weather: Weather, incoming: Mapping[str, datetime]
    ) -> None:
        super().__init__(table, letters)
        self.weather = weather
        self.incoming = incoming
        self.answers: dict[str, Answer] = {}
        """By letter."""
        self.left_at: dict[OutboxKey, datetime] = {}
        self.disturbed: set[OutboxKey] = set()
        """Items that failed by themselves, and not by an outage."""
        self.refused_at: dict[OutboxKey, datetime] = {}
        """When SES refused an item last, as it refuses one or all."""
        self.asked: dict[str, _Asked] = {}
        self.lapsed: dict[str, datetime] = {}
        """By ticket, the end of the term by which it was closed, until that is undone."""
        self.breached: dict[str, dict[TimerKind, datetime]] = defaultdict(dict)
        """By ticket, the terms of its desk that were said to be broken."""
        self.paging: dict[str, _Paging] = {}
        """By fault."""
        self.quiet: dict[str, _Paging] = {}
        """The same while all alarms of one are quiet: nobody is woken meanwhile."""
        self.waiting: dict[OutboxKey, datetime] = {}
        """Letters that have not left, and when they were written."""
        self.first_after_calm: datetime | None = None
        self.caused: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
        """By desk and author, when the letters were received that were answered automatically."""
        self.untold: set[tuple[str, str]] = set()
        """Desk and ticket of letters that the team has not had."""

    def breaks(self, invariant: str, said: str) -> None:
        """Note that an invariant does not hold; raises Violation unless they are counted."""
        if not self.is_counting:
            raise Violation(f"{invariant}: {said}")
        self.broken.setdefault(invariant, said)

    # Commits

    def committed(self, commit: Commit) -> None:
        """Compare a commit with the books; raises Violation."""
        super().committed(commit)
        for fault_change in commit.faults:
            self._page(fault_change, commit.at)
        change = commit.ticket
        if change is None:
            return
        letter = commit.letter.ses_message_id if commit.letter is not None else ""
        lapsed, breached = self.lapsed.get(change.after.id), dict(self.breached[change.after.id])
        keys = self._write_down(change, commit.at)
        for event in change.events:
            self._keep(change.after, event, keys, commit.at)
        self._judge_by_receipt(change, letter, lapsed=lapsed, breached=breached)
        self._judge_restraint(change, letter)
        self._judge_term(change.after.id)

    def _write_down(self, change: TicketChange, at: datetime) -> dict[OutboxKey, Outgoing]:
        version = self.versions[change.after.id]
        keys = {
            OutboxKey(ticket=change.after.id, item=f"OUT#{version:08d}#{place:03d}"): message
            for place, message in enumerate(change.outgoing)
        }
        self.waiting |= {key: at for key, message in keys.items() if isinstance(message, OutgoingMail)}
        return keys

    def _page(self, change: FaultChange, at: datetime) -> None:
        """Keep up with whether a fault is to page, and note the letters and pages that it writes."""
        number = change.after.id
        for event in change.events:
            match event:
                case f.FaultOpened(fault=fault) if fault.series is not None:
                    self._begin(number, fault.series, at)
                case f.FaultReopened(series=series):
                    self._begin(number, series, at)
                case f.FaultTimerFired(timer=FaultTimerKind.PAGE_AGAIN, series=PageSeries() as series):
                    self._begin(number, series, at)
                case f.ReportJoined(series=series):
                    self._joined(number, series, at)
                case f.AlarmWentQuiet(quiet=True) if number in self.paging:
                    self.quiet[number] = self.paging.pop(number)
                case f.FaultAcknowledged() | f.FaultEnded():
                    self.paging.pop(number, None)
                    self.quiet.pop(number, None)
                case _:
                    pass
        for place, message in enumerate(change.outgoing):
            if isinstance(message, OutgoingPage):
                self._page_written(message, at)
            else:
                self.waiting[OutboxKey(ticket=number, item=f"OUT#{self.ledger.versions[number]:08d}#{place:03d}")] = at

    def _begin(self, number: str, series: PageSeries, at: datetime) -> None:
        self.paging[number] = _Paging(self.ledger.books[number].since, at, max(at, series.escalate_at))

    def _joined(self, number: str, series: PageSeries | None, at: datetime) -> None:
        """A report may begin the pages of a fault that strangers reported, or end the quiet of one of alarms."""
        if series is not None:
            self._begin(number, series, at)
        elif (paging := self.quiet.pop(number, None)) is not None:
            paging.pages_from, paging.escalates_at = at, max(at, paging.escalates_at)
            paging.owed.clear()
            paging.last.clear()
            self.paging[number] = paging

    def _keep(self, ticket: Ticket, event: e.Event, keys: Mapping[OutboxKey, Outgoing], at: datetime) -> None:
        number = ticket.id
        match event:
            case e.WaitStarted(clock=clock):
                questions = [key for key, message in keys.items() if message.kind in ASKING]
                self.asked[number] = _Asked(event.at, next(iter(questions), None), clock.lapses)
            case e.WaitEnded():
                self.asked.pop(number, None)
            case e.Closed(outcome=outcome):
                asked = self.asked.pop(number, None)
                if outcome is CloseOutcome.LAPSED:
                    self._lapse(ticket, asked, at)
            case e.Reopened():
                self.lapsed.pop(number, None)
            case e.TimerFired():
                self._fire(ticket, event, at)
            case e.LetterWithheld(audience=Audience.TEAM, until=until) if until is not None:
                self.untold.add((ticket.desk, number))
            case _:
                self._corrected(number, event)

    def _page_written(self, page: OutgoingPage, at: datetime) -> None:
        number, fault = page.fault, self.paging.get(page.fault)
        if fault is None:
            return
        fault.owed.setdefault(page.level, at)
        if page.level is not PageLevel.ON_CALL:
            return
        early = fault.paged_at is not None and at - fault.paged_at < self._pause(number, fault.pages)
        if early:
            self.breaks("pages more often than the edition says", f"{number}: page {fault.pages + 1} at {at}")
        fault.pages, fault.paged_at = fault.pages + 1, at

    def _corrected(self, number: str, event: e.Event) -> None:
        match str(event.type):
            case "lapse_corrected":
                self.lapsed.pop(number, None)
            case "breach_corrected":
                self.breached.pop(number, None)
            case "term_started":
                asked = self.asked.get(number)
                if asked is not None and asked.letter not in self.left_at:
                    self.breaks(
                        "term on an unsent question", f"{number}: its term starts, and the question has not left"
                    )
            case _:
                pass

    def _fire(self, ticket: Ticket, event: e.TimerFired, at: datetime) -> None:
        if event.timer is TimerKind.REACTION_BREACH or event.timer is TimerKind.CRITICAL_BREACH:
            self.breached[ticket.id][event.timer] = event.due
        if event.timer is TimerKind.LAPSE:
            self.lapsed[ticket.id] = event.due
        if event.timer not in WAITED_FOR or at >= event.due + WAITED_FOR[event.timer]:
            return
        by = Audience.CLIENT if event.timer is TimerKind.LAPSE else Audience.TEAM
        asked = self.asked.get(ticket.id)
        for name in self.incoming:
            answer = self.answers.get(name)
            if answer is None or (answer.ticket, answer.by) != (ticket.id, by) or answer.received_at >= event.due:
                continue
            if by is Audience.TEAM or (asked is not None and answer.received_at >= asked.at):
                late = f"{ticket.id}: {event.timer} of {event.due} at {at}, and {name} lies in incoming/ since {answer.received_at}"
                self.breaks(f"{event.timer} though an answer waits", late)

    def _lapse(self, ticket: Ticket, asked: _Asked | None, at: datetime) -> None:
        left = self.left_at.get(asked.letter) if asked is not None and asked.letter is not None else None
        if left is None:
            self.breaks("lapse on an unsent question", f"{ticket.id} lapses at {at}, and its question has not left")
            return
        ends = end_of_client_days(ticket, left)
        if at < ends:
            self.breaks("lapse before the full term", f"{ticket.id} lapses at {at}; its question left at {left}")

    def _judge_term(self, number: str) -> None:
        stored, asked = self.table.ticket(number), self.asked.get(number)
        lapse = stored.lapse if stored is not None else None
        if lapse is None or asked is None or not lapse.lapses or lapse.unsent:
            return
        if asked.letter not in self.left_at:
            self.breaks(
                "term on an unsent question", f"{number}: its term runs until {lapse.due}, and no question has left"
            )

    def _judge_by_receipt(
        self, change: TicketChange, letter: str, *, lapsed: datetime | None, breached: Mapping[TimerKind, datetime]
    ) -> None:
        """What was pronounced and receipt contradicts is corrected as soon as the letter is handled."""
        answer, number = self.answers.get(letter), change.after.id
        types = {event.type for event in change.events}
        if answer is None or answer.ticket != number:
            return
        if answer.by is Audience.CLIENT and lapsed is not None and answer.received_at < lapsed:
            asked_before = change.before is not None and change.before.closed_at is not None
            if asked_before and "lapse_corrected" not in types:
                self.breaks(
                    "lapse not corrected", f"{number} was closed by {lapsed}; {letter} had come {answer.received_at}"
                )
        if answer.by is Audience.TEAM and types & {"reacted", "critical_acknowledged"}:
            # What came before a fault began was no act on it; the minutes shown may begin a minute early.
            spans = {kind: CRITICAL_TERM if kind is TimerKind.CRITICAL_BREACH else LONGEST for kind in breached}
            wrong = [kind for kind, due in breached.items() if due - spans[kind] <= answer.received_at < due]
            if wrong and "breach_corrected" not in types:
                self.breaks(
                    "breach not corrected", f"{number}: {wrong} at {breached}; {letter} had come {answer.received_at}"
                )

    def _judge_restraint(self, change: TicketChange, letter: str) -> None:
        """Nobody is taken for a robot by how late the desk is."""
        written = self.letters.get(letter)
        if written is None or written.sender is None:
            return
        key, at = (change.after.desk, written.sender.address), written.envelope.received_at
        limits = edition_named(change.after.desk, change.after.edition).automatic_letters
        near = sum(abs(at - other) < HOUR for other in self.caused[key])
        for event in change.events:
            held_back = isinstance(event, e.LetterWithheld) and event.limit == "per_address_per_hour"
            if held_back and near < limits.per_address_per_hour:
                self.breaks("a backlog taken for a storm", f"{change.after.id}: {letter} after {near} in an hour")
        own = [mail for mail in change.outgoing if isinstance(mail, OutgoingMail) and mail.automatic]
        self.caused[key] += [at for mail in own if mail.audience is Audience.CLIENT]

    # Sends

    def left(self, key: OutboxKey, to: str, at: datetime, text: str) -> None:
        """An item leaves; raises Violation where it should not, as it is or now."""
        super().left(key, to, at, text)
        message = self.table.message(key)
        assert message is not None  # looked at as it began to leave
        self.left_at.setdefault(key, at)
        self.waiting.pop(key, None)
        if isinstance(message, OutgoingMail):
            self._mail_left(key, message, at, text)
        else:
            self._page_left(key, message, at, "" if "@" in to else text)

    def doubts(self, key: OutboxKey) -> None:
        """Whoever sends an item does not know whether it has left: nobody else learns by it that letters leave."""
        super().doubts(key)
        if self.first_after_calm is not None and self.left_at.get(key) == self.first_after_calm:
            self.first_after_calm = None

    def _mail_left(self, key: OutboxKey, mail: OutgoingMail, at: datetime, text: str) -> None:
        if self.first_after_calm is None and self.weather.calm_since(MAIL, at) is not None:
            self.first_after_calm = at
        for other in self.waiting:
            if other.ticket != key.ticket or other.item >= key.item or other in self.disturbed:
                continue
            if at - self.refused_at.get(other, datetime.min.replace(tzinfo=UTC)) < TRIED_AGAIN_AFTER:
                continue  # SES does not say whether it refuses this letter or all
            earlier = self.table.message(other)
            if isinstance(earlier, OutgoingMail) and earlier.to == mail.to and not self._is_given_up(other):
                self.breaks("letters out of order", f"{key.ticket}: «{mail.kind}» leaves before «{earlier.kind}»")
        if mail.kind == "reminder" and mail.ticket not in self.asked:
            self.breaks("a reminder to who has answered", f"{mail.ticket} at {at}")
        if mail.kind == "warning" and TimerKind.REACTION_BREACH not in self.clocks[mail.ticket].reaction:
            self.breaks("a warning of a term that is over", f"{mail.ticket} at {at}")
        if mail.kind == "digest":
            self.untold -= {(desk, ticket) for desk, ticket in self.untold if desk == mail.desk and ticket in text}
        if mail.audience is Audience.CLIENT and mail.automatic and (past := past_promise(text, at)):
            self.breaks(
                "a promise in the past", f"{mail.ticket}: «{mail.kind}» leaves at {local(at)} and says «{past}»"
            )

    def _page_left(self, key: OutboxKey, page: OutgoingPage, at: datetime, text: str) -> None:
        fault = self.paging.get(page.fault)
        if fault is None or page.kind == INFORMS:
            return
        fault.last[page.level] = at
        fault.owed.pop(page.level, None)
        if past := past_on_a_page(text, at):
            self.breaks("a promise in the past", f"{key.ticket}: «{page.kind}» leaves at {local(at)} and says «{past}»")
        if text and local(fault.since).date() != local(at).date() and not DATED.search(text):
            self.breaks("a page without its date", f"{key.ticket}: «{text}» at {local(at)}, since {local(fault.since)}")

    def _is_given_up(self, key: OutboxKey) -> bool:
        return key in self.table.failed

    # As time passes

    def look(self, now: datetime) -> None:
        """Look, before anything happens at an instant, at what should have happened by then."""
        self._look_at_mail(now)
        self._look_at_faults(now)

    def _look_at_mail(self, now: datetime) -> None:
        calm = self.weather.calm_since(MAIL, now)
        if calm is None:
            self.first_after_calm = None
            return
        first = self.first_after_calm
        allowed = max(first, calm) + ALL_LEAVE_WITHIN if first is not None else calm + ONE_LEAVES_WITHIN
        if now <= allowed:
            return
        for key, written in list(self.waiting.items()):
            late = now > max(written, calm) + ONE_LEAVES_WITHIN or (
                first is not None and written < first and now > allowed
            )
            waits_for = any(other.ticket == key.ticket and other.item <= key.item for other in self.disturbed)
            if late and not waits_for and not self._is_given_up(key):
                self.waiting.pop(key)
                self.breaks(
                    "a letter that waits when others leave",
                    f"{key.item} of {key.ticket}, written {written}, at {now}; calm since {calm}, first left {first}",
                )

    def _look_at_faults(self, now: datetime) -> None:
        calm = self.weather.calm_since(PAGES, now)
        if calm is None:
            return
        table_was_out = self.weather.calm_since(("dynamodb",), now)
        slack = PAGED_WITHIN + (UNTOLD if table_was_out == calm else MINUTE)
        for number, fault in self.paging.items():
            owed = dict(fault.owed)
            pause = self._pause(number, fault.pages)
            for level in PageLevel:
                begins = fault.pages_from if level is PageLevel.ON_CALL else fault.escalates_at
                last = fault.last.get(level)
                owed.setdefault(level, begins if last is None else last + pause)
            for level, since in owed.items():
                if now > max(since, calm) + slack:
                    last = fault.last.get(level)
                    self.breaks(
                        f"a fault that does not page the {level}",
                        f"{number} at {now}: owed since {since}, the last left at {last}, calm since {calm}",
                    )
                    fault.owed.pop(level, None)
                    fault.last[level] = now  # said once

    def _pause(self, number: str, pages: int) -> timedelta:
        """Return the pause after so many pages of a fault, by its edition; the last one goes on for ever."""
        fault = self.table.fault(number)
        assert fault is not None  # it pages
        pauses: Any = edition_named(fault.desk, fault.edition).critical.repeat_minutes
        growing = pauses if isinstance(pauses, tuple) else (pauses,)
        return timedelta(minutes=growing[min(pages, len(growing)) - 1])

    def at_the_end(self) -> None:
        """Once everything has come to rest: nothing was given up in an outage, and the team has had all that was held back."""
        for key in sorted(self.waiting, key=lambda known: (known.ticket, known.item)):
            message = self.table.message(key)
            why = self.table.failed.get(key, "never sent")
            if message is not None and key not in self.disturbed and why not in EXCUSED:
                self.breaks("a letter given up", f"{message.kind} of {key.ticket}: {why}")
        for desk, ticket in sorted(self.untold):
            self.breaks("a card that the team never had", f"{ticket} at {desk}")
        if not self.broken:
            super().at_the_end()


def local(at: datetime) -> datetime:
    """Return an instant on the desks' clock."""
    return at.astimezone(ZONE)


def end_of_client_days(ticket: Ticket, left: datetime) -> datetime:
    """Return the end of a client's term that begins at an instant: working days are counted one by one, to their midnight."""
    edition = edition_named(ticket.desk, ticket.edition)
    day, days = local(left).date(), 0
    while days < edition.lapse.client_working_days:
        day += DAY
        days += edition.calendar.is_working_day(day)
    return datetime.combine(day + DAY, datetime.min.time(), ZONE)


def past_promise(text: str, now: datetime) -> str:
    """Return the sentence of a letter that promises an instant which has passed; empty where none does."""
    for sentence in re.split(r"(?<=[.!?])\s+(?=[А-ЯЁA-Z])|\n", text):
        if IS_OVER.search(sentence):
            continue
        for found in MOMENT.finditer(sentence):
            if _instant(found, now) + MINUTE <= now:
                return sentence
    return ""


def past_on_a_page(text: str, now: datetime) -> str:
    """Return a term on a page that has passed, on its date or, without one, today; empty where there is none."""
    for found in ON_A_PAGE.finditer(text):
        day, number, month, hour, minute = found.groups()
        today = local(now).date()
        on = date(today.year, int(number) if number else MONTHS.index(month) + 1, int(day)) if day else today
        if _at(on, int(hour), int(minute)) + MINUTE <= now:
            return found.group()
    return ""


def _instant(found: re.Match[str], now: datetime) -> datetime:
    day, month, year, hour, minute = found.groups()
    on = date(int(year) if year else local(now).year, MONTHS.index(month) + 1, int(day))
    return _at(on, int(hour), int(minute))


def _at(day: date, hour: int, minute: int) -> datetime:
    """Midnight may be written as the 24th hour of the day that ends."""
    return datetime.combine(day, datetime.min.time(), ZONE) + timedelta(hours=hour, minutes=minute)
