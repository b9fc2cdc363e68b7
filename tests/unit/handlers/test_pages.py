"""Pages of a fault that nobody acknowledges: who gets how many, and what becomes of them where they cannot leave."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from adapters.memory import MemoryStore
from application.change import change_ticket
from application.storage import Commit, Condition, Conflict, OutboxKey, OutboxState, SentChange, TicketChange
from domain.fault.commands import FireFaultTimers, OpenFault
from domain.fault.decide import decide_fault
from domain.fault.reports import report_by_alarm
from domain.regulation.editions import desk_ids, editions
from domain.ticket import commands as c
from domain.ticket.events import DigestPromised
from domain.ticket.evolve import evolve
from domain.ticket.lately import STRANGERS, SentLately, WithheldLetter
from domain.ticket.outgoing import OFFERED_AGAIN_AFTER, OutgoingMail, OutgoingPage, PageLevel
from domain.ticket.ticket import Digest
from handlers import clock, delivery, pager
from handlers.observing import Metric
from tests.support.builders import KEYS, MDO, moscow
from tests.support.client_letters import FAULT
from tests.support.commits import opening
from tests.support.life import begin
from tests.support.people import peopled
from tests.support.repository import ROOT

MINUTE = timedelta(minutes=1)
BEGUN = moscow("2027-01-01 03:00")
CRITICAL = editions(MDO)[-1].critical
ONE_EACH = {PageLevel.ON_CALL: 1, PageLevel.ESCALATION: 1}


class Refusal(Exception):
    """SNS does not take a page."""


class Night:
    """A desk with one critical fault: the sweep and the pager as they run, minute after minute, and what SNS took."""

    def __init__(self, is_refused: Callable[[datetime], bool] = lambda _: False) -> None:
        self.store = peopled(MemoryStore())
        self.at = BEGUN
        self.pager = self.pages_mailer = self
        self.reply_keys = KEYS
        self.is_refused = is_refused
        self.delay = timedelta()
        """How far the pager is behind the stream."""
        self.is_stopped = False
        self.sent: list[tuple[datetime, PageLevel, str]] = []
        self.swept: Counter[str] = Counter()
        self._stream: list[tuple[datetime, OutboxKey]] = []
        self.store.commit(opening(begin(FAULT, "2027-01-01 03:00", subject="Приложение лежит")))
        (self.ticket,) = (ticket.id for ticket in self.store.queue(MDO))
        (self.fault,) = self.store.desk_faults(MDO).numbers
        self._deliver()

    def now(self) -> datetime:
        return self.at

    def publish(self, _subject: str, text: str, *, attributes: Mapping[str, str]) -> str:
        """Publish a page, as `Pager` does."""
        if self.is_refused(self.at):
            raise Refusal(attributes["desk"])
        self.sent.append((self.at, PageLevel(attributes["level"]), text))
        return f"{attributes['ticket']}-{len(self.sent)}"

    def text_message(self, phone: str, _text: str) -> str:
        """Take a short message, as `Pager` does; what leaves is counted by the topic."""
        if self.is_refused(self.at):
            raise Refusal(phone)
        return f"sms-{phone}-{self.at}"

    def send(self, _raw: bytes, *, sender: str, to: str, tags: dict[str, str]) -> str:
        """Take a page's letter, as `Mailer` does."""
        return f"{sender}-{to}-{tags['item']}-{self.at}"

    def run(self, until: datetime, step: timedelta = MINUTE) -> None:
        """Let time pass, with a sweep after each step."""
        while self.at < until:
            self.at += step
            self.swept.update(clock.sweep(lambda: True, self))  # type: ignore[arg-type]  # all of Services that it needs
            self._deliver()

    def acknowledge(self) -> None:
        change_ticket(self.store, self.ticket, c.SpecialistAct(c.Act.ACKNOWLEDGE, "me"), self.now)

    def levels(self, since: datetime = BEGUN) -> Counter[PageLevel]:
        """Return how many pages of each level have left since an instant."""
        return Counter(level for at, level, _ in self.sent if at >= since)

    def states(self, level: PageLevel) -> list[OutboxState]:
        """Return what became of the pages of a level."""
        return [state for _, state, body in self.store.outbox(self.fault) if f'"level":"{level}"' in body]

    def _deliver(self) -> None:
        self._stream += [(self.at, key) for key in self.store.take_offered()]
        while not self.is_stopped and self._stream and self._stream[0][0] + self.delay <= self.at:
            _, key = self._stream.pop(0)
            if not isinstance(self.store._outbox[key].message, OutgoingMail):  # the filter of the mapping
                delivery.deliver(key, pager.send, self, pager.LEASE)  # type: ignore[arg-type]  # as above


@pytest.fixture
def night() -> Night:
    return Night()


def test_mdo_2_1_twelve_hours_unacknowledged_page_both_levels_as_often_as_the_edition_says(night: Night) -> None:
    """The escalation contact is not paged twice and then forgotten; the on-call is not paged 361 times."""
    night.run(BEGUN + timedelta(hours=12))
    assert night.levels() == {PageLevel.ON_CALL: 30, PageLevel.ESCALATION: 29}
    assert CRITICAL.pages_within(timedelta(hours=12)) == (30, 31)


@pytest.mark.parametrize("begun_after", [0, 20, 59])
@pytest.mark.parametrize("taken_after", [0, 1, 30, 90, 200, 230, 270])
@pytest.mark.parametrize("swept_at", [0, 15, 45])
def test_no_fault_pages_more_often_than_the_edition_says(begun_after: int, taken_after: int, swept_at: int) -> None:
    """Whatever the second at which it begins, is taken in and is swept: the minute shown may end a minute early."""
    begun, hour = BEGUN + timedelta(seconds=begun_after), timedelta(hours=1)
    at = begun + timedelta(seconds=taken_after)
    edition = editions(MDO)[-1]
    report = report_by_alarm("MDO-7K3F-9QXZ", begun, "mdo-site")
    decision = decide_fault(None, OpenFault("MDO-F-7K3F9", report), edition, at)
    paged = Counter(page.level for page in decision.outgoing if isinstance(page, OutgoingPage))
    sweep = BEGUN + timedelta(seconds=swept_at)
    while sweep <= begun + hour:
        if sweep >= at:
            decision = decide_fault(decision.fault, FireFaultTimers(), edition, sweep)
            # The last page of a level stands for those that were written with it.
            paged.update({page.level for page in decision.outgoing if isinstance(page, OutgoingPage)})
        sweep += MINUTE
    on_call, escalation = edition.critical.pages_within(hour)
    assert paged[PageLevel.ON_CALL] <= on_call
    assert paged[PageLevel.ESCALATION] <= escalation


@pytest.mark.parametrize("desk", desk_ids())
def test_the_page_for_the_on_call_says_what_the_editions_cost(desk: str) -> None:
    """Of both desks, for an hour, a night and a day."""
    rows = re.findall(r"\| (\d+) ч \| (\d+) \| (\d+) \|", (ROOT / "docs" / "on-call.md").read_text("utf-8"))
    critical = editions(desk)[-1].critical
    stated = {int(hours): (int(on_call), int(escalation)) for hours, on_call, escalation in rows}
    assert stated == {hours: critical.pages_within(timedelta(hours=hours)) for hours in (1, 12, 24)}


def test_mdo_2_1_once_escalated_every_repetition_goes_to_both(night: Night) -> None:
    """At minute 6 and ever after, with pauses that grow to half an hour."""
    night.run(BEGUN + timedelta(hours=6))
    at = {level: [sent for sent, to, _ in night.sent if to is level] for level in PageLevel}
    later = [when for when in at[PageLevel.ON_CALL] if when > BEGUN + 5 * MINUTE]
    assert [when for when in at[PageLevel.ESCALATION] if when > BEGUN + 5 * MINUTE] == later
    pauses = [(second - first) // MINUTE for first, second in pairwise(later)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == 30


@pytest.mark.parametrize("minutes", [3, 5, 14, 23, 180])
def test_one_page_a_level_leaves_as_soon_as_sns_is_back_and_says_what_is_true_then(minutes: int) -> None:
    """However long it refused: no page is lost, none piles up, and none promises a minute that has passed."""
    back = BEGUN + minutes * MINUTE
    night = Night(is_refused=lambda at: at < back)
    night.run(back)
    assert night.levels() == (ONE_EACH if minutes >= CRITICAL.escalate_minutes else {PageLevel.ON_CALL: 1})
    told = r"срок (03:05 \(?МСК\)? )?прошёл" if minutes >= CRITICAL.within_minutes else r"до 03:05 \(?МСК"
    assert all(re.search(rf"»\. С 03:00,? .*{told}", text) for _, _, text in night.sent)


def test_a_page_is_never_given_up_while_its_fault_is_open(night: Night) -> None:
    """Three days of refusals are no reason to wake nobody."""
    night.is_refused = lambda at: at > BEGUN
    night.run(BEGUN + timedelta(days=3), step=15 * MINUTE)
    for level in PageLevel:
        assert night.states(level)[-1] is OutboxState.PENDING
    night.is_refused = lambda _: False
    night.run(night.at + MINUTE)
    assert night.levels(since=BEGUN + MINUTE) == ONE_EACH


def test_pages_of_a_stopped_pager_leave_as_one_a_level(night: Night) -> None:
    """Two days on, the stream delivers them all, and each offer of the sweeps."""
    night.is_stopped = True
    night.run(BEGUN + timedelta(days=2), step=15 * MINUTE)
    night.is_stopped = False
    night.run(night.at + MINUTE)
    assert night.levels(since=BEGUN + MINUTE) == ONE_EACH
    assert re.search(r"С (1 января,|01\.01) 03:00, срок (03:05 \(?МСК\)? )?прошёл\.", night.sent[-1][2])


def test_the_offers_of_a_stopped_pager_do_not_pile_up_before_the_page_that_matters(night: Night) -> None:
    """Of each level the last page is offered every minute, those that it stands for every hour."""
    night.is_stopped = True
    night.run(BEGUN + timedelta(hours=12))
    written = sum(len(night.states(level)) for level in PageLevel)
    before = night.swept["PagesWaiting"]
    night.run(BEGUN + timedelta(hours=13))
    assert night.swept["PagesWaiting"] - before <= 2 * 60 + written


def test_a_pager_that_is_always_behind_still_pages(night: Night) -> None:
    """Every page it comes to is superseded by then: it sends the last one in its place."""
    night.delay = 3 * MINUTE
    night.run(BEGUN + timedelta(minutes=12))
    assert night.levels(since=BEGUN + MINUTE)[PageLevel.ON_CALL] >= 2
    assert night.levels(since=BEGUN + MINUTE)[PageLevel.ESCALATION] >= 1


def test_a_sweep_that_is_hours_late_sends_one_page_a_level(night: Night) -> None:
    """Repetition, escalation and breach come due at once, and one of them says it all."""
    night.at = BEGUN + timedelta(hours=5) - MINUTE
    night.run(BEGUN + timedelta(hours=5))
    assert night.levels(since=BEGUN + MINUTE) == ONE_EACH


def test_a_page_that_could_not_leave_is_dropped_once_somebody_acknowledges(night: Night) -> None:
    """SNS is back an hour later, and nobody is woken for what is in hand; escalation is told that it is."""
    night.is_refused = lambda at: at > BEGUN
    night.run(BEGUN + timedelta(minutes=20))
    night.acknowledge()
    night.is_refused = lambda _: False
    night.run(BEGUN + timedelta(minutes=30))
    assert night.levels() == {PageLevel.ON_CALL: 1, PageLevel.ESCALATION: 1}
    assert "взят" in night.sent[-1][2]


def test_a_page_of_a_fault_that_was_taken_back_does_not_page_for_the_next_one(night: Night) -> None:
    """The next one pages for itself."""
    night.is_refused = lambda at: at > BEGUN
    night.run(BEGUN + timedelta(minutes=20))
    for act in (c.Act.WITHDRAW_CRITICAL, c.Act.CRITICAL):
        change_ticket(night.store, night.ticket, c.SpecialistAct(act, "me"), night.now)
    night.is_refused = lambda _: False
    night.run(BEGUN + timedelta(minutes=21))
    (over,) = [text for at, level, text in night.sent if at > BEGUN + MINUTE and level is PageLevel.ESCALATION]
    (paged,) = [text for at, level, text in night.sent if at > BEGUN + MINUTE and level is PageLevel.ON_CALL]
    assert "оказался ложной тревогой" in over
    assert ": «Приложение лежит». С 03:20, ответ до 03:25 (МСК). " in paged


def test_a_page_stored_before_pages_were_counted_is_superseded_by_none(night: Night) -> None:
    """It has no fault, neither number nor instants, and leaves all the same."""
    night.is_refused = lambda at: at > BEGUN
    night.run(BEGUN + 2 * MINUTE)
    key = next(key for key, _, body in reversed(night.store.outbox(night.fault)) if "page_repeat" in body)
    item = night.store._outbox[key]
    long_form = {"since": "пятница, 1 января 2027 г., 03:00 (МСК)", "due": "пятница, 1 января 2027 г., 03:05 (МСК)"}
    params = {**item.message.params, **long_form, "subject_short": "Приложение лежит"}
    item.message = item.message.model_copy(
        update={"fault": "", "number": 0, "since": None, "due": None, "params": params}
    )
    night.run(BEGUN + 4 * MINUTE)
    night.is_refused = lambda _: False
    night.run(BEGUN + 5 * MINUTE)
    told = [text for at, level, text in night.sent if at > BEGUN and level is PageLevel.ON_CALL]
    assert len(told) == 2
    assert "С 1 января 2027 г., 03:00 (МСК), срок 03:05 (МСК)." in told[0]


def test_a_digest_that_meets_other_writes_holds_up_no_page(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a storm every letter writes what the digest rests on; it leaves once the storm is over."""
    lately = SentLately(
        withheld=(WithheldLetter(ticket=night.ticket, received_at=BEGUN, kind="card"),), digest_due=BEGUN
    )
    ticket = night.store.ticket(night.ticket)
    assert ticket is not None
    promised = DigestPromised(at=BEGUN, digest=Digest(counted_as=STRANGERS, due=BEGUN))
    change = TicketChange(ticket, evolve(ticket, promised), (promised,), ())
    recount = SentChange(MDO, STRANGERS, SentLately(), lately.model_copy(update={"version": 1}))
    night.store.commit(Commit(at=BEGUN, ticket=change, sent=(recount,)))
    commit = night.store.commit

    def in_a_storm(wanted: Commit) -> None:
        if wanted.sent:
            raise Conflict(condition=Condition.SENT)
        commit(wanted)

    with monkeypatch.context() as patch:
        patch.setattr(night.store, "commit", in_a_storm)
        night.run(BEGUN + 12 * MINUTE)
    assert night.levels() == {PageLevel.ON_CALL: 5, PageLevel.ESCALATION: 4}
    night.run(BEGUN + 15 * MINUTE)
    assert [body for _, _, body in night.store.outbox(night.ticket) if '"kind":"digest"' in body]


# What the administrator hears ------------------------------------------------------------------------------


def test_every_attempt_at_a_page_that_fails_is_counted_at_once(night: Night, monkeypatch: pytest.MonkeyPatch) -> None:
    """The alarm stands on the first of them, not on the tenth."""
    counted: Counter[Metric] = Counter()
    monkeypatch.setattr(delivery, "count", lambda metric, value=1: counted.update({metric: value}))
    night.is_refused = lambda _: True
    night.run(BEGUN + 2 * MINUTE)
    before = counted[Metric.PAGES_FAILED]
    night.run(BEGUN + 3 * MINUTE)
    assert before >= 1
    assert counted[Metric.PAGES_FAILED] == before + 1


def test_a_page_that_nobody_tries_is_noticed_within_two_minutes(night: Night) -> None:
    """The pager is stopped, or its mapping is off: the sweep counts what it has to offer again."""
    night.run(BEGUN + MINUTE)
    assert night.swept["PagesWaiting"] == 0
    night.is_stopped = True
    night.run(BEGUN + 2 * MINUTE)  # a page is written
    night.run(BEGUN + 4 * MINUTE)
    assert night.swept["PagesWaiting"] >= 1


def test_a_page_whose_sender_died_is_tried_again_within_two_minutes(
    night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its lease is short, and was taken for nothing."""

    def die(*_: Any, **__: Any) -> str:
        raise KeyboardInterrupt  # no `except Exception` settles what a time-out cuts short

    with monkeypatch.context() as patch:
        patch.setattr(night, "publish", die)
        with pytest.raises(KeyboardInterrupt):
            night.run(BEGUN + 2 * MINUTE)
    night.run(BEGUN + 4 * MINUTE)
    assert BEGUN + 4 * MINUTE in {at for at, _, _ in night.sent}
    assert night.swept["PagesWaiting"] >= 1


def test_a_page_is_offered_again_sooner_than_a_letter() -> None:
    """Five minutes are promised."""
    assert Night().store.next_due() == BEGUN + 2 * MINUTE < BEGUN + OFFERED_AGAIN_AFTER
