"""The books of all faults of a world: what must hold after every commit, lease and send that has to do with them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from adapters.agenda import FAULT
from application.storage import Commit, FaultChange, OutboxKey, TicketChange
from domain.fault import events as f
from domain.fault.evolve import evolve_fault
from domain.fault.fault import Fault, News, Report, Source
from domain.regulation.editions import edition_named, editions
from domain.ticket import commands as c
from domain.ticket import events as e
from domain.ticket.outgoing import Audience, OutgoingMail, OutgoingPage, PageLevel
from domain.ticket.ticket import Status, Ticket
from domain.ticket.timers import TimerKind
from tests.sim.faultbooks import FaultBook, Wrong, opened
from tests.sim.table import Table, Violation

INFORMS = "page_taken"
"""The page that tells escalation that somebody has taken the fault: it wakes nobody."""
CAUSES: Mapping[str, frozenset[str]] = {
    "fault_opened": frozenset({"fault_opened"}),
    "fault_breach": frozenset({"fired breach"}),
    "fault_breach_corrected": frozenset({"breach_taken_back"}),
    "fault_taken": frozenset({"fault_acknowledged"}),
    "fault_over": frozenset({"fault_ended"}),
    "fault_false_alarm": frozenset({"fault_ended"}),
    "fault_quiet": frozenset({"alarm_went_quiet"}),
    "fault_remind": frozenset({"fired remind"}),
    "page_critical": frozenset({"fault_opened", "report_joined"}),
    "page_reopened": frozenset({"fault_reopened", "fired page_again"}),
    "page_repeat": frozenset({"fired page_repeat"}),
    "page_escalate": frozenset({"fired page_escalate"}),
    "page_breach": frozenset({"fired breach"}),
    "page_again": frozenset({"fired page_again"}),
    INFORMS: frozenset({"fault_acknowledged"}),
}
"""By what each letter and page of a fault may be caused, in the same commit."""
DUTIES: Mapping[str, frozenset[str]] = {
    "fault_reopened": frozenset({"page_reopened"}),
    "fault_ended": frozenset({"fault_over", "fault_false_alarm"}),
    "fault_acknowledged": frozenset({"fault_taken", "fault_over", "fault_false_alarm", "fault_breach_corrected"}),
    "breach_taken_back": frozenset({"fault_breach_corrected"}),
    "fired page_again": frozenset({"page_again", "page_reopened", "page_repeat", "page_escalate"}),
    "fired remind": frozenset({"fault_remind"}),
}
"""What has to be said in the same commit, any of a set."""
HOUR = timedelta(hours=1)


@dataclass(slots=True)
class _Audience:
    """The tickets that are to be told some news of a fault, and who is told on them."""

    reporters: dict[str, set[str]]
    """By client key, their tickets."""
    letters: Counter[str] = field(default_factory=Counter)
    """To each of them, so far."""
    excused: set[str] = field(default_factory=set)
    """Tickets that somebody closed, or detached, meanwhile."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What who reports a critical fault is promised on a ticket."""

    ticket: str
    fault: str
    run: int
    """How often the fault had come back by then."""
    since: datetime
    due: datetime


class FaultLedger:
    """The books."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.books: dict[str, FaultBook] = {}
        self.versions: Counter[str] = Counter()
        self.replayed: dict[str, Fault] = {}
        self.members: defaultdict[str, dict[str, str]] = defaultdict(dict)
        """Of each fault its tickets, and whose they are."""
        self.turn = 0
        """Commits so far."""
        self.stopped_at: dict[tuple[str, datetime], int] = {}
        """At which commit each series of pages ended."""
        self.quiet_at: dict[str, int] = {}
        """At which commit each fault fell quiet, where it is."""
        self.leased_at: dict[OutboxKey, int] = {}
        self.touched: Counter[str] = Counter()
        """At which commit each fault was written last."""
        self.stranger_series: defaultdict[str, list[datetime]] = defaultdict(list)
        self.read_at: dict[int, int] = {}
        """By how deep a function runs within others, at which commit it read the faults of a desk last."""
        self.depth = 0
        self.taken: defaultdict[tuple[str, int], list[datetime]] = defaultdict(list)
        """When each fault was taken, by the receipt of the words, each time that it ran."""
        self.promises: dict[str, Promise] = {}
        """By ticket, the last promise to who reports a critical fault."""
        self.broken: list[Promise] = []
        """Those that were said to be broken."""
        self.told: Counter[tuple[str, str, News, datetime]] = Counter()
        self.audiences: dict[tuple[str, News, datetime], _Audience] = {}
        self.told_in: dict[str, int] = {}
        """By ticket, in which commit it was told last."""
        self.told_joining: set[tuple[str, str]] = set()
        """Faults, and those who were told as they reported it that somebody has it in hand."""
        self.promised: set[OutboxKey] = set()
        self.pages_left: Counter[tuple[str, datetime, PageLevel]] = Counter()
        self.counts: Counter[str] = Counter()

    # Commits

    def committed(self, commit: Commit) -> None:
        """Compare what a commit did to faults, and to the tickets that report them, with the books; raises Violation."""
        self.turn += 1
        name = commit.ticket.after.id if commit.ticket is not None else ""
        try:
            for change in commit.faults:
                name = change.after.id
                self._follow(change, commit)
            if commit.ticket is not None:
                name = commit.ticket.after.id
                self._look_at_ticket(commit.ticket)
        except Wrong as wrong:
            raise Violation(f"{name}: {wrong}") from wrong

    def reads(self) -> None:
        """A function reads which faults a desk has."""
        self.read_at[self.depth] = self.turn

    def _follow(self, change: FaultChange, commit: Commit) -> None:
        number, version = change.after.id, (change.before.version if change.before else 0) + 1
        _require(self.versions[number] == version - 1, f"version {version} over version {self.versions[number]}")
        self.versions[number] = version
        before = Counter(self.books[number].pages) if number in self.books else Counter()
        began = self.books[number].series if number in self.books else None
        for event in change.events:
            self._happen(number, event, commit)
        book = self.books[number]
        _require(not book.came_back, "an alarm is back after hours of silence, and nobody is woken")
        self._compare(change, version, book)
        self._look_at_members(change)
        self._look_at_messages(change, version, before if book.series == began else Counter())
        if book.over_at is None:
            _require(number in self.table.desk_faults(book.desk).numbers, "it is open, and its desk does not list it")
        self.touched[number] = self.turn

    def _happen(self, number: str, event: f.FaultEvent, commit: Commit) -> None:
        """Let an event happen in the books, and look at what it may not be, or leaves to be done."""
        if isinstance(event, f.FaultOpened):
            self._open(event)
            return
        book = self.books[number]
        self._may_happen(book, event)
        began, was_quiet = book.series, book.quiet_since
        book.follow(event)
        if began is not None and began in book.stopped and (number, began) not in self.stopped_at:
            self.stopped_at[number, began] = self.turn
        if (book.quiet_since is None) != (was_quiet is None):
            self.quiet_at[number] = self.turn
        match event:
            case f.FaultAcknowledged(at=at):
                if commit.letter is not None:
                    received = max(commit.letter.received_at, book.since)
                    _require(at == received, f"it was taken by a word of {received}, and at {at}")
                self.taken[number, book.reopened].append(at)
                _require(
                    book.breached_at is None or at > book.due or "breach_taken_back" in _types(commit, number),
                    f"it was taken at {at}, in time, and the breach stays",
                )
                self._listen(number, News.TAKEN, at)
            case f.BreachTakenBack(received_at=at):
                self.taken[number, book.reopened].append(at)
                self._listen(number, News.TAKEN, at)
                if book.over_at is not None:
                    self.audiences[number, News.TAKEN, at].reporters.clear()  # they are told that it is over
            case f.FaultTimerFired(timer=f.FaultTimerKind.BREACH):
                self.counts["breaches"] += 1
            case f.FaultEnded(at=at, tells=True):
                self._listen(number, book.telling[-1][0], at)
            case _:
                pass

    def _may_happen(self, book: FaultBook, event: f.FaultEvent) -> None:
        """Look at an event before it happens in the books."""
        match event:
            case f.ReportJoined(report=report, series=series, at=at):
                self._may_join(book, report, at)
                if series is not None:
                    self._count_stranger(book.desk, proved=report.proved, at=at)
            case f.FaultReopened(report=report, at=at):
                self._may_reopen(book, report)
                self._count_stranger(book.desk, proved=report.proved, at=at)
                # Tickets of its first time are told no more of how that ended.
                self.broken = [one for one in self.broken if one.fault != book.number]
            case f.TicketsTold(news=news, done=True):
                self._all_told(book.number, news, next(at for what, at in book.telling if what is news))
            case _:
                pass

    def _open(self, event: f.FaultOpened) -> None:
        fault = event.fault
        _require(fault.id not in self.books, "two faults have one number")
        self.counts["faults"] += 1
        terms = edition_named(fault.desk, fault.edition).critical
        stored = list(self.table.members(fault.id))
        source = stored[0].source if stored else Source.LETTER
        read_at = self.read_at.get(self.depth, self.turn)
        for other in self.books.values():
            if other.desk != fault.desk or self.touched[other.number] > read_at:
                continue  # written since: its desk's list need not have changed
            why = _belongs(other, fault, source, event.at)
            _require(not why, f"it opens beside {other.number}, which {why}")
        self.books[fault.id] = opened(event, terms)
        if fault.bounded:
            allowed = terms.stranger_pages_per_hour
            caused = [at for at in self.stranger_series[fault.desk] if event.at - HOUR < at]
            _require(fault.strangers_only, "it pages nobody, and somebody proved reports it")
            _require(len(caused) >= allowed, f"strangers caused {len(caused)} series of pages, and are held back")
            self.counts["bounded"] += 1
        else:
            self._count_stranger(fault.desk, proved=not fault.strangers_only, at=event.at)

    def _count_stranger(self, desk: str, *, proved: bool, at: datetime) -> None:
        """Count a series of pages that begins because of a sender who is not proved."""
        if not proved:
            self.stranger_series[desk].append(at)
            allowed = editions(desk)[-1].critical.stranger_pages_per_hour
            _require(
                self._strangers(desk, at) <= allowed, "strangers cause more series of pages in an hour than they may"
            )

    def _strangers(self, desk: str, at: datetime) -> int:
        return sum(at - HOUR < other <= at for other in self.stranger_series[desk])

    def _may_join(self, book: FaultBook, report: Report, at: datetime) -> None:
        """Two faults are not one where that is plain, and what somebody has taken is joined by the same alone."""
        if report.alarm and (
            report.alarm in book.known_alarms or not (book.firing | book.fell_quiet).isdisjoint(report.related)
        ):
            return
        is_else = bool(book.kinds) and bool(report.kinds) and book.kinds.isdisjoint(report.kinds)
        _require(not is_else, f"a report of {report.kinds} joins a fault of {sorted(book.kinds)}")
        bound = self._strangers(book.desk, at) >= book.terms.stranger_pages_per_hour
        if not report.proved and not book.is_proved and book.runs and bound:
            return  # strangers may cause no more pages: theirs are one fault
        late = report.at - book.gathers_from > timedelta(minutes=book.terms.gather_minutes)
        _require(not late, f"a report of {report.at} joins a fault that was heard of last at {book.gathers_from}")
        if book.taken_at is not None:
            same = report.source is not Source.WORD and report.signs and set(report.signs) <= book.signs
            _require(
                bool(same), f"a report of {report.signs} joins silently what somebody took for {sorted(book.signs)}"
            )

    def _may_reopen(self, book: FaultBook, report: Report) -> None:
        _require(book.over_at is not None, "it is open, and reopened")
        assert book.over_at is not None  # just required
        lately = report.at - book.over_at <= timedelta(minutes=book.terms.reopen_minutes)
        _require(lately, f"a report of {report.at} reopens what ended at {book.over_at}")
        known = report.alarm in book.known_alarms if report.alarm else set(report.signs) <= book.signs
        watched = not (book.firing | book.fell_quiet).isdisjoint(report.related)
        _require(known or watched, f"a report of {report.signs} reopens a fault of {sorted(book.signs)}")

    def _compare(self, change: FaultChange, version: int, book: FaultBook) -> None:
        number = change.after.id
        fault: Fault | None = self.replayed.get(number)
        for event in change.events:
            fault = evolve_fault(fault, event)
        assert fault is not None  # a change has an event
        self.replayed[number] = fault
        expected = fault.model_copy(update={"version": version})
        _require(self.table.fault(number) == expected, "its history does not replay to its snapshot")
        written = [(version, event) for event in change.events]
        _require(self.table.fault_history(number)[-len(written) :] == written, "its history lacks a commit")
        armed, due = self.table.armed(number, FAULT), book.armed
        _require(armed == due, f"armed for {armed}, and its clocks say {due}")
        _require(fault.is_over == (book.over_at is not None), "it is over, and it is not")

    def _look_at_members(self, change: FaultChange) -> None:
        number = change.after.id
        known = self.members[number]
        known |= {member.ticket: member.reporter for member in change.joined}
        for ticket in change.detached:
            known.pop(ticket, None)
        stored = {member.ticket: member.reporter for member in self.table.members(number)}
        _require(stored == known, f"its tickets are {sorted(stored)}, and {sorted(known)} have joined it")
        for member in change.joined:
            joining = self.table.ticket(member.ticket)
            named = joining.critical.fault if joining is not None and joining.critical is not None else None
            _require(named == number, f"{member.ticket} joins it, and names {named}")

    def _look_at_messages(self, change: FaultChange, version: int, before: Counter[PageLevel]) -> None:
        number, book = change.after.id, self.books[change.after.id]
        happened = Counter(label for event in change.events for label in _labels(event))
        said = Counter(message.kind for message in change.outgoing)
        for kind in said:
            causes = CAUSES.get(kind, frozenset())
            _require(
                any(happened[cause] for cause in causes), f"«{kind}» for none of {sorted(causes)}: {dict(happened)}"
            )
        for label in happened:
            kinds = DUTIES.get(label)
            _require(kinds is None or bool(kinds & said.keys()), f"{label}, and none of {kinds} is sent")
        if book.is_bounded and happened["fault_opened"]:
            _require("fault_opened" in said, "nobody is woken for it, and the team is not told")
        written: Counter[PageLevel] = Counter()
        for place, message in enumerate(change.outgoing):
            key = OutboxKey(ticket=number, item=f"OUT#{version:08d}#{place:03d}")
            _require(self.table.message(key) == message, f"{message.kind} is not in the outbox")
            self.promised.add(key)
            if isinstance(message, OutgoingMail):
                taker = change.before.acknowledged_by if change.before is not None else None
                right = message.to == "" or (message.kind == "fault_remind" and message.to == taker)
                _require(right, f"{message.kind} goes to neither the team nor who took it")
            elif message.kind != INFORMS:
                self._look_at_page(message, book)
                written[message.level] += 1
        for level in PageLevel:
            more = book.pages[level] - before[level]
            _require(written[level] == (more > 0), f"{more} pages to the {level} counted, {written[level]} written")

    def _look_at_page(self, page: OutgoingPage, book: FaultBook) -> None:
        _require(page.fault == book.number and page.since == book.series, "a page is of another series")
        _require(page.number == book.pages[page.level], f"page {page.number} of {book.pages[page.level]} is written")
        _require(book.pages_run, "a page is written, and nobody is to be woken")

    # Tickets

    def _look_at_ticket(self, change: TicketChange) -> None:
        ticket = change.after
        for event in change.events:
            match event:
                case e.CriticalRaised(clock=clock):
                    book = self.books.get(clock.fault)
                    _require(book is not None, f"{ticket.id} reports a fault, and it is of none")
                    assert book is not None  # just required
                    is_of_before = book.over_at is not None and clock.since <= book.over_at and bool(book.telling)
                    _require(
                        book.is_cared_for or is_of_before, f"{ticket.id} reports {book.number}, which wakes nobody"
                    )
                    # Another promise replaces the last one, which nobody corrects any more.
                    self.broken = [one for one in self.broken if one.ticket != ticket.id]
                    self.promises[ticket.id] = Promise(ticket.id, book.number, book.reopened, clock.since, clock.due)
                case e.TimerFired(timer=TimerKind.CRITICAL_BREACH, due=due):
                    self._breach(ticket, due)
                case e.FaultTold():
                    self._tell(ticket, event, change)
                case _:
                    pass
            if str(event.type) == "breach_corrected":
                self.broken = [one for one in self.broken if one is not self.promises.get(ticket.id)]
            if isinstance(event, (e.Closed, e.CriticalWithdrawn, e.CriticalRaised)):
                # One that reports another fault now hears no more of the one before.
                for (number, _, _), audience in self.audiences.items():
                    if not isinstance(event, e.CriticalRaised) or event.clock.fault != number:
                        audience.excused.add(ticket.id)
        self._is_heard(change)
        waits = ticket.critical
        if waits is not None and waits.runs:
            _require(ticket.id in self.members[waits.fault], f"it waits for {waits.fault}, which does not know it")

    def _is_heard(self, change: TicketChange) -> None:
        """What somebody does about a ticket is done about its fault in the same commit, unless the fault has brought it.

        Left out are tickets of before the fault came back, and words of before its pages began, which do not end those.
        """
        number = change.after.id
        promise = self.promises.get(number)
        book = self.books.get(promise.fault) if promise is not None else None
        if promise is None or book is None or book.over_at is not None or book.reopened > promise.run:
            return
        is_told = any(isinstance(event, e.FaultTold) for event in change.events)
        if is_told or change.before is None or not _reports(change.before, book.number):
            return
        for event in change.events:
            match event:
                case e.Closed() | e.CriticalWithdrawn():
                    _require(
                        number not in self.members[book.number], f"{number} reports it no more, and is still of it"
                    )
                case e.Reacted(act=c.Act.ACKNOWLEDGE | c.Act.TAKE, at=at):
                    is_of_before = book.series is not None and at < book.series
                    _require(is_of_before or not book.runs, f"{number} was taken, and its fault pages on")
                case _:
                    pass

    def _breach(self, ticket: Ticket, due: datetime) -> None:
        promise = self.promises[ticket.id]
        _require(promise.due == due and promise not in self.broken, "its breach is recorded twice")
        _require(not (kept := self._kept(promise)), f"a breach of {due}, and its fault was taken at {kept[:1]}")
        self.broken.append(promise)
        self.counts["ticket breaches"] += 1

    def _kept(self, promise: Promise) -> list[datetime]:
        """Return when somebody took the fault in time for a promise to one who reports it.

        What is back before its tickets were told is reported by them as it was before.
        """
        if self.books[promise.fault].reopened > promise.run:
            return []
        return [at for at in self.taken[promise.fault, promise.run] if promise.since <= at <= promise.due]

    def _tell(self, ticket: Ticket, event: e.FaultTold, change: TicketChange) -> None:
        key = (event.fault, event.news, event.at)
        self.told_in[ticket.id] = self.turn
        self.told[ticket.id, *key] += 1
        _require(self.told[ticket.id, *key] == 1, f"{ticket.id} is told twice that {event.fault} is {event.news}")
        letters = [
            mail for mail in change.outgoing if isinstance(mail, OutgoingMail) and mail.audience is Audience.CLIENT
        ]
        if any(isinstance(other, e.CriticalRaised) for other in change.events):
            # It joins what somebody has in hand, and is told so as it does.
            self.told_joining.add((event.fault, ticket.requester.address))
            return
        _require(bool(letters) == event.by_letter, f"{ticket.id} is told {event.news} by {len(letters)} letters")
        audience = self.audiences.get(key)
        _require(audience is not None, f"{ticket.id} is told that {event.fault} is {event.news}, and it is not so")
        assert audience is not None  # just required
        reporter = ticket.requester.address
        audience.letters[reporter] += len(letters)
        _require(audience.letters[reporter] <= 1, f"{reporter} is told twice that {event.fault} is {event.news}")

    def _listen(self, number: str, news: News, at: datetime) -> None:
        """Note who is to be told: requesters with an address, on tickets that are open and report the fault still."""
        reporters: defaultdict[str, set[str]] = defaultdict(set)
        for name in self.members[number]:
            ticket = self.table.ticket(name)
            if ticket is not None and ticket.requester.address and _reports(ticket, number):
                reporters[ticket.requester.address].add(name)
        self.audiences.setdefault((number, news, at), _Audience(dict(reporters)))

    def _all_told(self, number: str, news: News, at: datetime) -> None:
        audience = self.audiences[number, news, at]
        for reporter, tickets in audience.reporters.items():
            if tickets & audience.excused or audience.letters[reporter]:
                continue
            before = [other for (of, what, _), other in self.audiences.items() if (of, what) == (number, news)]
            if news is News.TAKEN and any(other.letters[reporter] for other in before):
                continue  # once is enough, however often it was taken
            if news is News.TAKEN and (number, reporter) in self.told_joining:
                continue
            raise Wrong(f"{reporter} was not told that it is {news} of {at}, on any of {sorted(tickets)}")

    # Sends

    def leased(self, key: OutboxKey) -> None:
        """An item is taken for sending."""
        self.leased_at[key] = self.turn

    def begins(self, key: OutboxKey, page: OutgoingPage) -> None:
        """A page is about to leave; raises Violation where nobody is to be woken by it any more."""
        if page.kind == INFORMS or page.since is None:
            return
        stopped = self.stopped_at.get((page.fault, page.since))
        leased = self.leased_at.get(key, 0)
        if stopped is not None and leased >= stopped:
            raise Violation(f"{page.fault}: a page leaves that was taken for sending after its series had ended")
        book = self.books[page.fault]
        if book.quiet_since is not None and leased >= self.quiet_at[page.fault]:
            raise Violation(f"{page.fault}: a page leaves though all its alarms are quiet")

    def left(self, page: OutgoingPage) -> None:
        """A page has left."""
        if page.kind != INFORMS and page.since is not None:
            self.pages_left[page.fault, page.since, page.level] += 1

    def outdated(self, key: OutboxKey, page: OutgoingPage) -> None:
        """A page is dropped; raises Violation where it is the one that somebody is to be woken by."""
        book = self.books.get(page.fault)
        if book is None or page.kind == INFORMS or page.since != book.series or not book.pages_run:
            return
        resumed = self.quiet_at.get(page.fault, -1) > self.leased_at.get(key, 0)
        if page.number == book.pages[page.level] and not resumed:
            raise Violation(f"{page.fault}: its last page to the {page.level} is dropped, and nobody has taken it")

    # At the end

    def passed_by(self, now: datetime) -> Iterator[str]:
        """Return the faults that are due and were not, by a sweep that has ended."""
        for number, book in self.books.items():
            due = book.armed
            armed = self.table.armed(number, FAULT)
            put_off = armed is not None and now < armed <= now + timedelta(minutes=8)
            if due is not None and due <= now and not put_off:
                yield number

    def at_the_end(self) -> None:
        """Once everything has come to rest: nobody is waited for, told half, or said to have been late and was not."""
        for number, book in self.books.items():
            _hold(book.over_at is not None, f"{number} never ends")
            _hold(not book.telling, f"{number}: its tickets are still to be told")
        for promise in self.broken:
            kept = self._kept(promise)
            _hold(not kept, f"{promise.ticket}: a breach of {promise.due} stays, and its fault was taken at {kept[:1]}")
        for number in self.table.numbers():
            ticket = self.table.ticket(number)
            clock = ticket.critical if ticket is not None else None
            _hold(clock is None or not clock.runs, f"{number} waits for its fault for ever")
        for number, fault in self.replayed.items():
            stored = [event for _, event in self.table.fault_history(number)]
            again: Fault | None = None
            for event in (f.FAULT_EVENT.validate_json(f.FAULT_EVENT.dump_json(one)) for one in stored):
                again = evolve_fault(again, event)
            _hold(again == fault, f"{number}: its history, stored and read, makes another fault")


def _belongs(book: FaultBook, fault: Fault, source: Source, now: datetime) -> str:
    """Return why the report that opens a fault is one of another; empty where it is not."""
    terms, at = book.terms, fault.since
    lately = timedelta(minutes=terms.reopen_minutes)
    reopens = book.over_at is not None and at - book.over_at <= lately and now - book.over_at <= lately
    own = fault.alarms[0] if fault.alarms else ""
    if own and own in book.known_alarms and (book.over_at is None or (reopens and not fault.bounded)):
        return f"knows the alarm {own}"
    is_else = bool(book.kinds) and bool(fault.kinds) and book.kinds.isdisjoint(fault.kinds)
    window = timedelta(minutes=terms.gather_minutes)
    if book.over_at is not None or is_else or not book.since - window <= at <= book.gathers_from + window:
        return ""
    if book.runs:
        return "runs, and is not plainly something else"
    same = source is not Source.WORD and fault.signs and set(fault.signs) <= book.signs
    return "somebody took, and shows the same" if same else ""


def _reports(ticket: Ticket, number: str) -> bool:
    clock = ticket.critical
    return ticket.status is not Status.CLOSED and clock is not None and clock.fault == number and clock.ended_at is None


def _types(commit: Commit, number: str) -> set[str]:
    return {event.type for change in commit.faults if change.after.id == number for event in change.events}


def _labels(event: f.FaultEvent) -> Iterator[str]:
    yield event.type
    if isinstance(event, f.FaultTimerFired):
        yield f"fired {event.timer}"


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Wrong(otherwise)


def _hold(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Violation(otherwise)
