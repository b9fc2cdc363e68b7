"""What must hold in every simulated world, by a reference model that shares no rule with the product.

It is told of every commit and every send, keeps its own small books, and compares them with the store.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from application.channels import Channel, Kind
from application.storage import Commit, OutboxKey, RecentChange, TicketChange
from domain.fault.fault import News
from domain.letter import Letter, Trust
from domain.regulation.editions import edition_named, editions
from domain.ticket import events as e
from domain.ticket.evolve import replay
from domain.ticket.lately import STRANGERS
from domain.ticket.outgoing import Audience, OutgoingMail, OutgoingPage
from domain.ticket.ticket import Ticket
from domain.ticket.timers import TimerKind
from tests.sim.faultledger import FaultLedger
from tests.sim.people import own_line, with_token
from tests.sim.table import Table, Violation
from tests.support.people import specialists_of, team_of

ZONE = ZoneInfo("Europe/Moscow")
QUOTA = 3
"""Storeolis 2.6: requests a month that are free; the rule of the other desk counts the same and does nothing."""
CRITICAL_TERM = timedelta(minutes=5)
"""MDO 2.1."""


LATE_AT_MOST = timedelta(days=14)
"""How long SQS keeps a letter that is not handled."""
PUT_OFF_AT_MOST = timedelta(minutes=8)


@dataclass(slots=True)
class Clocks:
    """Which timers of one ticket are armed, by its history alone."""

    reaction: dict[TimerKind, datetime] = field(default_factory=dict)
    lapse: dict[TimerKind, datetime] = field(default_factory=dict)
    critical: dict[TimerKind, datetime] = field(default_factory=dict)
    is_paged: bool = False
    """Whether it reports a fault that nobody has taken, as far as the ticket has been told."""
    digests: dict[str, datetime] = field(default_factory=dict)
    """By what is counted; closing the ticket leaves them."""
    owed: dict[TimerKind, datetime] = field(default_factory=dict)

    @property
    def next(self) -> datetime | None:
        """The instant at which the ticket has to come due; a critical fault that nobody has taken never lapses."""
        lapse = {} if self.is_paged else self.lapse
        clocks = (self.reaction, lapse, self.critical, self.digests, self.owed)
        return min((at for armed in clocks for at in armed.values()), default=None)

    def follow(self, event: e.Event) -> None:  # noqa: C901, PLR0912 - one arm an event
        """Let an event start and stop clocks; raises Violation for a timer that fires and must not."""
        match event:
            case e.ReactionPromised(clock=clock):
                self.reaction = {TimerKind.REACTION_WARNING: clock.warn_at, TimerKind.REACTION_BREACH: clock.due}
                self.owed = {}
            case e.WaitStarted():
                self.lapse, self.owed = {}, {}  # nobody owes an answer to a question that has not left
            case e.TermStarted(clock=lapse) | e.LapseCorrected(clock=lapse):
                self.lapse = {TimerKind.LAPSE: lapse.due}
                if lapse.remind_at is not None and lapse.reminded_at is None:
                    self.lapse[TimerKind.LAPSE_WARNING] = lapse.remind_at
            case e.CriticalRaised(clock=fault):
                promised = (fault.since + CRITICAL_TERM).replace(second=0, microsecond=0)
                _require(
                    fault.due == promised, "a critical fault is due five minutes after it began, to the minute shown"
                )
                self.critical, self.is_paged = {TimerKind.CRITICAL_BREACH: fault.due}, True
            case e.Reacted() | e.Reopened():
                self.reaction = {}
            case e.WaitEnded():
                self.lapse = {}
            case e.LapseSuspended():
                self.lapse.pop(TimerKind.LAPSE_WARNING, None)
            case e.CriticalAcknowledged() | e.CriticalWithdrawn():
                self.critical, self.is_paged = {}, False
            case e.FaultTold(news=News.RESOLVED | News.FALSE_ALARM):
                self.critical, self.is_paged = {}, False
            case e.Closed():
                self.reaction, self.lapse, self.critical, self.owed = {}, {}, {}, {}
                self.is_paged = False
            case e.SpecialistWrote() | e.AnswerOwed():
                self._owe(event)
            case e.TimerFired():
                self._fire(event)
            case e.DigestPromised() | e.DigestSent():
                self._tell(event)
            case _:
                pass

    def _tell(self, event: e.DigestPromised | e.DigestSent) -> None:
        if isinstance(event, e.DigestPromised):
            promised = event.digest
            _require(promised.counted_as not in self.digests, "a digest is promised that is promised already")
            self.digests[promised.counted_as] = promised.due
            return
        due = self.digests.pop(event.counted_as, None)
        _require(due is not None and due <= event.at, "a digest is sent that is not due")

    def _owe(self, event: e.SpecialistWrote | e.AnswerOwed) -> None:
        if isinstance(event, e.AnswerOwed):
            left = {} if event.owed.owner_reminded_at else {TimerKind.ANSWER_OWNER: event.owed.owner_at}
            self.owed = {**left, TimerKind.ANSWER_TEAM: event.owed.team_at}
        elif event.to_client:
            self.owed = {}

    def _fire(self, event: e.TimerFired) -> None:
        armed = next(
            (group for group in (self.reaction, self.lapse, self.critical, self.owed) if event.timer in group), {}
        )
        _require(event.timer in armed, f"{event.timer} fired, and that clock does not run")
        _require(armed is not self.lapse or not self.is_paged, f"{event.timer} fired in a fault that nobody has taken")
        _require(armed[event.timer] == event.due <= event.at, f"{event.timer} fired before its time, or twice")
        match event.timer:
            case TimerKind.REACTION_BREACH | TimerKind.LAPSE:
                armed.clear()
            case _:
                del armed[event.timer]


CAUSES: Mapping[str, frozenset[str]] = {
    kind: frozenset(causes.split(", "))
    for kind, causes in {
        "accepted": "reaction_promised",
        "accepted_critical": "critical_raised, reaction_promised",
        "alarm": "ticket_opened",
        "alarm_again": "critical_raised",
        "alarm_over": "closed resolved",
        "answer_owed": "fired answer_owner, fired answer_team",
        "breach": "fired reaction_breach",
        "breach_corrected": "breach_corrected",
        "card": "ticket_opened",
        "clarification_requested": "asked details",
        "closed": "closed resolved, closed withdrawn",
        "delivery_failed": "delivery_failed",
        "details_requested": "asked details",
        "digest": "digest_sent",
        "duplicate": "duplicate",
        "fault_false_alarm_client": "told false_alarm",
        "fault_over_client": "told resolved",
        "fault_taken_client": "told taken",
        "follow_up": "letter_added",
        "held_back": "letter_withheld",
        "lapse_corrected": "lapse_corrected",
        "lapsed": "closed lapsed",
        "question": "asked question",
        "refused": "closed refused",
        "refused_by_desk": "closed refused",
        "refused_eligibility": "closed refused",
        "refused_identification": "closed refused",
        "refused_offence": "closed refused",
        "refused_quota": "closed refused",
        "refused_scope": "closed refused",
        "reminder": "fired lapse_warning",
        "reopened": "reopened",
        "reply": "specialist_wrote",
        "silence": "fired lapse",
        "solution": "asked solution",
        "term_shortened": "clocks_recomputed",
        "warning": "fired reaction_warning",
    }.items()
}
"""By what each letter and page may be caused, in the same commit."""
DUTIES: Mapping[str, frozenset[str]] = {
    "fired reaction_breach": frozenset({"breach"}),
    "fired answer_team": frozenset({"answer_owed"}),
    "asked details": frozenset({"details_requested", "clarification_requested"}),
    "asked question": frozenset({"question"}),
    "asked solution": frozenset({"solution", "fault_over_client"}),
    "answer_held": frozenset({"follow_up"}),
    "closed lapsed": frozenset({"lapsed"}),
    "digest_sent": frozenset({"digest"}),
    "lapse_corrected": frozenset({"lapse_corrected", *(kind for kind in CAUSES if kind.startswith("refused"))}),
    "closed refused": frozenset(kind for kind in CAUSES if kind.startswith("refused")),
    "reopened unasked": frozenset({"delivery_failed"}),
    "reopened": frozenset({"reopened", "details_requested", "clarification_requested"}),
}
"""What has to be said in the same commit, any of a set; to an author there is."""


class Model:
    """The books: what was recorded, what became of each ticket, what was sent."""

    def __init__(self, table: Table, letters: Mapping[str, Letter]) -> None:
        self.table = table
        self.letters = letters
        self.recorded: set[tuple[str, str]] = set()
        self.joined: set[tuple[str, str]] = set()
        self.replayed: dict[str, Ticket] = {}
        self.versions: Counter[str] = Counter()
        self.clocks: defaultdict[str, Clocks] = defaultdict(Clocks)
        self.counted: defaultdict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        """Of each client of a desk, the months of its requests."""
        self.written: defaultdict[tuple[str, str], list[tuple[datetime, str]]] = defaultdict(list)
        """At each desk, the automatic letters to clients that a mailbox has caused, or others with a ticket's token.

        Each with the instant at which SES received the letter that it follows from."""
        self.to_strangers: defaultdict[str, list[datetime]] = defaultdict(list)
        """The same of each desk, to all whose letters are not proved."""
        self.withheld: Counter[str] = Counter()
        """At each desk, the letters to the team that a limit withheld and no digest has told of."""
        self.changed_at: dict[str, datetime] = {}
        self.registered: dict[tuple[str, str], str] = {}
        self.ledger = FaultLedger(table)
        self.promised: set[OutboxKey] = self.ledger.promised
        self.certain: set[tuple[OutboxKey, str]] = set()
        """Sent to whom, and whoever sent it knows."""
        self.sending: set[tuple[OutboxKey, str]] = set()
        self.tickets_of_letters = 0
        self.is_counting = False
        """Whether invariants over time that break are counted, and the world goes on."""
        self.broken: dict[str, str] = {}
        """Those invariants, and where each broke first."""
        table.on_outdated = self._outdated
        self.shown: dict[str, str] = defaultdict(str)
        """By ticket, all that its letters show of themselves."""

    # Commits

    def committed(self, commit: Commit) -> None:
        """Compare a commit that has just been written with the books; raises Violation."""
        record, change = commit.letter, commit.ticket
        self.ledger.committed(commit)
        if record is not None:
            known = (record.desk, record.ses_message_id)
            _require(known not in self.recorded, f"letter {record.ses_message_id} was recorded twice at {record.desk}")
            _require(self.table.letter(*known) == record, f"the record of letter {record.ses_message_id} is not kept")
            self.recorded.add(known)
        if change is not None:
            self._follow(change, commit)
        if commit.recent is not None:
            self._remember(commit.recent)
        if record is not None and change is not None:
            self._restrain(change, commit)
        if commit.alarm is not None:
            fault = commit.alarm[1]
            last = self.changed_at.get(fault.key)
            _require(last is None or last < fault.changed_at, f"{fault.alarm}: older news was written over newer")
            self.changed_at[fault.key] = fault.changed_at
        if record is not None:
            placed = record.outcome in ("ticket", "message")
            _require(
                placed == ((record.desk, record.ses_message_id) in self.joined),
                f"letter {record.ses_message_id} is recorded as {record.outcome}, and its ticket does not say so",
            )

    def _follow(self, change: TicketChange, commit: Commit) -> None:
        number = change.after.id
        before, version = self.versions[number], (change.before.version if change.before else 0) + 1
        _require(before == version - 1, f"{number}: version {version} was written over version {before}")
        self.versions[number] = version
        for event in change.events:
            self._read(number, event, commit)
        self._compare(number, change, version)
        self._promise(number, change, version)

    def _read(self, number: str, event: e.Event, commit: Commit) -> None:
        self.clocks[number].follow(event)
        if isinstance(event, e.LetterWithheld) and event.audience is Audience.TEAM:
            self.withheld[number_desk(commit)] += 1
        if isinstance(event, e.DigestSent):
            self.withheld[number_desk(commit)] -= event.letters
        if isinstance(event, e.LetterAdded):
            placed = (number_desk(commit), event.letter)
            _require(placed not in self.joined, f"letter {event.letter} is on two tickets, or twice on one")
            named = commit.letter.ses_message_id if commit.letter is not None else "no letter"
            _require(named == event.letter, f"{number} got letter {event.letter} in a commit that records {named}")
            self.joined.add(placed)
            letter, line = self.letters.get(event.letter), own_line(event.letter)
            self.shown[number] += event.whole_text
            is_shown = letter is None or line not in letter.set_apart_text or line in self.shown[number]
            _require(is_shown, f"a line of letter {event.letter} is shown to nobody")
        if isinstance(event, e.TicketOpened) and event.origin in self.letters:
            self.tickets_of_letters += 1
            self._count(event)

    def _count(self, event: e.TicketOpened) -> None:
        letter = self.letters[event.origin]
        key = self._charged(letter, event.desk)
        _require(event.requester.client_key == key, f"{event.ticket} is counted under another client than its author")
        quota = event.classification.finding("quota")
        if event.classification.courtesy in ("thanks", "withdrawal"):
            _require(quota is not None and not quota.matched, f"{event.ticket} asks for nothing, and is counted")
            return
        month = _month(letter.envelope.received_at)
        requests = self.counted[event.desk, key]
        requests.append(month)
        exceeded = requests.count(month) > QUOTA
        _require(
            quota is not None and quota.matched == exceeded,
            f"{event.ticket} is request {requests.count(month)} of its month, and the quota says otherwise",
        )

    def _remember(self, change: RecentChange) -> None:
        """The past that quota and duplicates look at knows every request of the month."""
        if not change.after.requests:
            return  # thanks alone are no request
        latest = _month(change.after.requests[-1].at)
        known = sum(_month(request.at) == latest for request in change.after.requests)
        counted = self.counted[change.desk, change.client_key].count(latest)
        if known != counted:
            raise Violation(f"{change.client_key} has sent {counted} requests in a month, and its past knows {known}")

    def _restrain(self, change: TicketChange, commit: Commit) -> None:
        """What the desk writes by itself on account of one address stays within the limits, and is all remembered."""
        assert commit.letter is not None  # asked of letters alone
        desk = change.after.desk
        letter = self.letters[commit.letter.ses_message_id]
        at = letter.envelope.received_at
        written = self.written[desk, self._caused_by(letter, desk)]
        if commit.letter.reason != "specialist":
            own = [mail for mail in change.outgoing if isinstance(mail, OutgoingMail) and mail.automatic]
            new = [(at, mail.ticket) for mail in own if mail.audience is Audience.CLIENT]
            _require(
                not (new and letter.spf_failed), f"{letter.envelope.ses_message_id}: SPF failed, and it is answered"
            )
            written += new
            self.to_strangers[desk] += [at for _ in new if letter.trust is not Trust.VERIFIED]
        limits = edition_named(change.after.desk, change.after.edition).automatic_letters
        in_an_hour = _most_within(received for received, _ in written)
        on_ticket = max((_most_within(when for when, on in written if on == of) for _, of in written), default=0)
        in_a_day = _most_within((received for received, _ in written), timedelta(days=1))
        if in_a_day > limits.per_address_per_day:
            raise Violation(f"{in_a_day} automatic letters in a day because of one address")
        if in_an_hour > limits.per_address_per_hour or on_ticket > limits.per_ticket_per_hour:
            raise Violation(
                f"{in_an_hour} automatic letters in an hour because of one address, {on_ticket} on a ticket"
            )
        to_strangers = _most_within(self.to_strangers[desk])
        if to_strangers > limits.to_strangers_per_hour:
            raise Violation(f"{to_strangers} automatic letters in an hour to senders who are not proved")
        for sent in commit.sent:
            counted = self.to_strangers[desk] if sent.address == STRANGERS else [received for received, _ in written]
            known = [one.at for one in sent.after.to_client]
            asked_about = max((*counted, at)) - LATE_AT_MOST
            if sorted(one for one in counted if one > asked_about) != sorted(one for one in known if one > asked_about):
                raise Violation(f"{len(counted)} automatic letters, and {len(known)} of them are remembered")

    def _caused_by(self, letter: Letter, desk: str) -> str:
        """Whoever has a ticket's token, and is neither its client nor of the team, is one with all others who have it."""
        sender = letter.sender.address if letter.sender else "nobody"
        team = (*specialists_of(desk), team_of(desk))
        for number in self.table.numbers() if any("+" in to for to in letter.envelope.recipients) else ():
            ticket = self.table.ticket(number)
            assert ticket is not None  # its number is known
            address = editions(ticket.desk)[-1].desk.address
            tokens = {with_token(address, ticket, audience) for audience in (Audience.CLIENT, Audience.TEAM)}
            if ticket.desk == desk and tokens.intersection(letter.envelope.recipients):
                return sender if sender in (*team, ticket.requester.address) else number
        return sender

    def _charged(self, letter: Letter, desk: str) -> str:
        if letter.sender is None:
            return f"letter:{letter.envelope.ses_message_id}"
        address = letter.sender.address
        if letter.trust is not Trust.VERIFIED:
            return f"claimed:{address}"
        return self.registered.get((desk, address), f"address:{address}")

    def register(self, desk: str, address: str, client: str) -> None:
        """Let an address belong to a client: its past moves there."""
        self.registered[desk, address] = client
        self.counted[desk, client] += self.counted.pop((desk, f"address:{address}"), [])

    def _compare(self, number: str, change: TicketChange, version: int) -> None:
        stored = self.table.ticket(number)
        self.replayed[number] = replay(change.events, self.replayed.get(number))
        expected = self.replayed[number].model_copy(update={"version": version})
        _require(stored == expected, f"{number}: its history does not replay to its snapshot")
        written = [(version, event) for event in change.events]
        _require(self.table.history(number)[-len(written) :] == written, f"{number}: its history lacks a commit")
        armed, due = self.table.armed(number), self.clocks[number].next
        _require(armed == due, f"{number}: armed for {armed}, and its clocks say {due}")

    def _promise(self, number: str, change: TicketChange, version: int) -> None:
        happened = Counter(label for event in change.events for label in _labels(event))
        said = Counter(message.kind for message in change.outgoing)
        for kind, times in said.items():
            causes = sum(happened[cause] for cause in CAUSES.get(kind, ()))
            if times > causes:
                raise Violation(f"{number}: {times} «{kind}» for {causes} causes among {dict(happened)}")
        ticket = change.after
        writable = bool(ticket.requester.address) and ticket.requester.trust is not Trust.FORGED
        withheld = {event.kind for event in change.events if isinstance(event, e.LetterWithheld)}
        for label in happened:
            kinds = DUTIES.get(label)
            if kinds is None or kinds & said.keys() or kinds & withheld:
                continue
            if writable or label.startswith(("fired", "critical")):
                raise Violation(f"{number}: {label}, and none of {sorted(kinds)} is sent")
        for place, message in enumerate(change.outgoing):
            key = OutboxKey(ticket=number, item=f"OUT#{version:08d}#{place:03d}")
            _require(self.table.message(key) == message, f"{number}: {message.kind} is not in the outbox")
            self.promised.add(key)
            if isinstance(message, OutgoingMail):
                right = {""} if message.audience is Audience.TEAM else {ticket.requester.address}
                if message.kind == "answer_owed" and ticket.assignee in specialists_of(ticket.desk):
                    right.add(ticket.assignee)
                _require(message.to in right, f"{number}: {message.kind} goes to neither the requester nor the team")

    # Sends

    def begins(self, key: OutboxKey, to: str) -> None:
        """An item is about to leave for an address, a telephone or the topic; raises Violation where it may not."""
        message = self.table.message(key) if key in self.promised else None
        if message is None:
            raise Violation(f"{key.ticket}: {key.item} leaves, and no commit has promised it")
        _require((key, to) not in self.sending, f"{key.ticket}: {key.item} is sent by two at a time")
        _require(
            (key, to) not in self.certain, f"{key.ticket}: {key.item} is sent again, and it was known to have left"
        )
        if isinstance(message, OutgoingPage):
            self.ledger.begins(key, message)
        else:
            _require(to == (message.to or team_of(message.desk)), f"{key.item} goes elsewhere")
        self.sending.add((key, to))

    def left(self, key: OutboxKey, to: str, at: datetime, text: str) -> None:
        """An item has left, with these words."""
        del at, text  # what is promised in it, and when, other books keep
        message = self.table.message(key)
        if isinstance(message, OutgoingPage):
            self.ledger.left(message)
        self.certain.add((key, to))

    def _outdated(self, key: OutboxKey) -> None:
        message = self.table.message(key)
        if isinstance(message, OutgoingPage):
            self.ledger.outdated(key, message)

    def doubts(self, key: OutboxKey) -> None:
        """Whoever sent an item died, or does not know whether it left; of a page, all channels that are not marked."""
        marked = self.table.delivered(key)
        self.certain = {(of, to) for of, to in self.certain if of != key or channel_named(to) in marked}

    # Whenever nothing is under way

    def filed(self, name: str, desks: tuple[str, ...]) -> None:
        """A raw letter leaves `incoming/`; raises Violation unless every desk has recorded it."""
        for desk in desks:
            _require(self.table.letter(desk, name) is not None, f"letter {name} is filed without a record at {desk}")

    def passed_by(self, now: datetime, begun: int) -> Iterator[str]:
        """Return what is due after a sweep that began after so many commits.

        Left out is what was put off for a moment since it failed or letters are unread, and what was told after that what
        became of its fault: the telling arms it again.
        """
        for number, clocks in self.clocks.items():
            armed = self.table.armed(number)
            put_off = armed is not None and now < armed <= now + PUT_OFF_AT_MOST
            due = clocks.next
            was_told = self.ledger.told_in.get(number, -1) > begun
            if due is not None and due <= now and not put_off and not was_told:
                yield number
        yield from self.ledger.passed_by(now)

    def at_the_end(self) -> None:
        """Once everything has come to rest: what was promised has left, and what is stored reads back the same."""
        unsent = self.table.still_to_leave()
        _require(not unsent, f"never sent: {[f'{key.ticket} {key.item}' for key in unsent[:3]]}")
        self.ledger.at_the_end()
        _require(self.table.next_due() is None, f"still armed for {self.table.next_due()}, with no clock running")
        _require(not any(self.withheld.values()), f"withheld from the team, and not told once: {self.withheld}")
        for number, ticket in self.replayed.items():
            stored = [event for _, event in self.table.history(number)]
            read = [e.EVENT.validate_json(e.EVENT.dump_json(event)) for event in stored]
            _require(replay(read) == ticket, f"{number}: its history, stored and read, makes another ticket")


def channel_named(to: str) -> str:
    """Return under which name the table marks a channel of a page."""
    return Channel(Kind.TOPIC if not to else Kind.SMS if to.startswith("+") else Kind.MAIL, to).name


def _most_within(instants: Iterable[datetime], window: timedelta = timedelta(hours=1)) -> int:
    """Return how many instants lie within an hour, or another window, at most, wherever it begins."""
    known = list(instants)
    return max((sum(first <= at < first + window for at in known) for first in known), default=0)


def _month(at: datetime) -> tuple[int, int]:
    local = at.astimezone(ZONE)
    return local.year, local.month


def number_desk(commit: Commit) -> str:
    """Return the desk of a commit on a ticket."""
    assert commit.ticket is not None  # asked of such commits alone
    return commit.ticket.after.desk


def _labels(event: e.Event) -> Iterator[str]:
    is_undelivered = isinstance(event, e.Reopened) and event.reason == "question_not_delivered"
    yield "reopened unasked" if is_undelivered else event.type
    match event:
        case e.TimerFired(timer=timer):
            yield f"fired {timer}"
        case e.Closed(outcome=outcome):
            yield f"closed {outcome}"
        case e.FaultTold(news=news):
            yield f"told {news}"
        case e.WaitStarted(clock=clock):
            yield f"asked {clock.asked_for}"
        case e.LetterAdded(duplicate=True):
            yield "duplicate"
        case _:
            pass


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Violation(otherwise)
