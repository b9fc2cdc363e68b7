"""One outage is one fault: letters, alarms and words gathered, one series of pages, one word for all, each told once."""

from __future__ import annotations

import hashlib
import heapq
from collections import Counter
from contextlib import suppress
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from adapters.memory import MemoryStore
from adapters.rendering import render_mail, text_of
from application.change import TRIES, change_ticket, commit_decided
from application.faults import act_on_fault, fault_of, tell
from application.receive import receive
from application.storage import Commit, Condition, Conflict
from domain.fault import commands as f
from domain.fault.fault import End, Fault, News
from domain.letter import Address, Letter, Trust
from domain.regulation.editions import edition_named
from domain.ticket import commands as c
from domain.ticket.departure import leaving
from domain.ticket.outgoing import Audience, OutgoingMail, OutgoingPage
from domain.ticket.ticket import CloseOutcome, Status, Ticket
from handlers import alarm
from tests.support.builders import DETAILS, KEYS, MDO, STOREOLIS, a_letter, moscow
from tests.support.desk_in_memory import Desk
from tests.support.people import addressed

NIGHT = moscow("2027-01-01 03:00")
MINUTE = timedelta(minutes=1)
OUTAGE = "Приложение не открывается ни у кого, не работает вся система."
LEAK = "Персональные данные клиентов утекли, их видят посторонние."
ME = "specialist1@desk.example"


class Outage(Desk):
    """A desk at night: what reaches it, what leaves it and what its faults are."""

    def reports(self, number: int, at: datetime, text: str = OUTAGE, *, by: str = "", **changes: Any) -> Ticket:
        """Let somebody write, a person of their own unless `by` names one; return the ticket."""
        address = by or f"u{number}@client{number}.example"
        sender = Address(address, f"Имя {number}")
        values: dict[str, Any] = {
            "ses_message_id": f"o{number}", "received_at": at, "recipients": (self.address,), "sender": sender,
            "from_addresses": (sender,), "subject": f"Сообщение {number}",
        }  # fmt: skip
        before = {ticket.id for ticket in self.tickets()}
        self.take(a_letter(f"{text} Отдел {number}.\n\n{DETAILS}", **{**values, **changes}), at)
        return next(ticket for ticket in self.tickets() if ticket.id not in before)

    def alarms(self, value: str, at: datetime, name: str = "mdo-service-site", said: Any = None, **detail: Any) -> None:
        """Let an alarm of CloudWatch change its state; `said` is more that it says of it."""
        event = {
            "id": f"{name}-{value}-{at.isoformat()}", "account": "123456789012", "region": "eu-west-1",
            "detail": {"alarmName": name, "state": {"value": value, "timestamp": at.isoformat(), **(said or {})}, **detail},
        }  # fmt: skip
        alarm.settle(event, SimpleNamespace(store=self.store, now=lambda: at))

    def acts(self, act: c.Act, ticket: Ticket, at: datetime, text: str = "", by: str = ME) -> Any:
        """Let a specialist act on a ticket."""
        acted = change_ticket(self.store, ticket.id, c.SpecialistAct(act, by, text), lambda: at)
        assert acted is not None
        return acted.decision

    def ends(self, fault: Fault, end: End, at: datetime) -> None:
        """Let a specialist end a fault."""
        acted = act_on_fault(self.store, fault.id, f.EndFault(end, ME, at), lambda: at)
        assert acted is not None
        assert acted.decision.refused is None

    def faults(self) -> list[Fault]:
        """Return the faults of the desk, the first first."""
        return sorted(self.store.faults(self.store.desk_faults(self.name).numbers), key=lambda fault: fault.opened_at)

    def fault(self) -> Fault:
        """Return the only fault of the desk."""
        (fault,) = self.faults()
        return fault

    def now(self, ticket: Ticket) -> Ticket:
        """Return a ticket as it is stored."""
        stored = self.store.ticket(ticket.id)
        assert stored is not None
        return stored

    def runs(self, begin: datetime, end: datetime) -> None:
        """Let the sweep come by each minute."""
        at = begin
        while at <= end:
            self.sweep(at)
            at += MINUTE

    def written(self, *, kind: str = "") -> list[OutgoingMail | OutgoingPage]:
        """Return what lies in all outboxes, each item once; of one kind."""
        items = sorted(self.store._outbox.items(), key=lambda pair: (pair[0].ticket, pair[0].item))
        return [item.message for _, item in items if not kind or item.message.kind == kind]

    def pages(self) -> Counter[str]:
        """Return how many pages of each kind were written."""
        return Counter(message.kind for message in self.written() if isinstance(message, OutgoingPage))

    def to_clients(self, kind: str) -> Counter[str]:
        """Return to whom letters of a kind were written."""
        return Counter(mail.to for mail in self.written(kind=kind) if isinstance(mail, OutgoingMail))


@pytest.fixture
def desk() -> Outage:
    return Outage(MDO)


# Gathering --------------------------------------------------------------------------------------------------


def test_mdo_2_1_thirty_letters_about_one_outage_are_one_fault_and_one_series_of_pages(desk: Outage) -> None:
    """Each has its ticket and its promise; half an hour pages as often as one letter's does."""
    alone = Outage(MDO)
    alone.reports(0, NIGHT)
    alone.runs(NIGHT, NIGHT + 30 * MINUTE)
    for number in range(30):
        desk.reports(number, NIGHT + number * timedelta(seconds=1))
    desk.runs(NIGHT, NIGHT + 30 * MINUTE)
    fault = desk.fault()
    assert (fault.reports, fault.letters, len(desk.store.members(fault.id))) == (30, 30, 30)
    assert desk.pages() == alone.pages()
    assert len(desk.written(kind="fault_breach")) == 1
    assert all(ticket.critical is not None and ticket.critical.breached_at for ticket in desk.tickets())


def test_mdo_2_1_a_second_different_outage_after_the_acknowledgement_pages(desk: Outage) -> None:
    """In doubt it pages: only the same signs are joined in silence."""
    first = desk.reports(1, NIGHT)
    desk.acts(c.Act.ACKNOWLEDGE, first, NIGHT + MINUTE)
    same = desk.reports(2, NIGHT + 30 * MINUTE)
    assert desk.pages()["page_critical"] == 1
    other = desk.reports(3, NIGHT + 61 * MINUTE, LEAK)
    assert desk.pages()["page_critical"] == 2
    numbers = [ticket.critical.fault for ticket in (first, same, other) if ticket.critical is not None]
    assert numbers[0] == numbers[1] != numbers[2]


@pytest.mark.parametrize(("text", "pages"), [(LEAK, 2), (OUTAGE, 1)])
def test_a_letter_in_the_thread_of_what_somebody_has_in_hand_pages_for_what_is_new(
    desk: Outage, text: str, pages: int
) -> None:
    """The same once more wakes nobody; the promise for what is new is the ticket's."""
    ticket = desk.reports(1, NIGHT)
    desk.acts(c.Act.ACKNOWLEDGE, ticket, NIGHT + MINUTE)
    desk.sweep(NIGHT + 2 * MINUTE)
    at = NIGHT + 30 * MINUTE
    sender = Address("u1@client1.example", "Имя 1")
    again = a_letter(
        text, ses_message_id="again", received_at=at, recipients=(desk.address,), sender=sender,
        from_addresses=(sender,), subject=f"Re: Сообщение 1 [{ticket.id}]",
    )  # fmt: skip
    desk.take(again, at)
    assert desk.pages()["page_critical"] == pages
    assert [fault.reports for fault in desk.faults()] == [1] * pages
    assert critical_of(desk.now(ticket)).runs is (pages == 2)
    assert critical_of(desk.now(ticket)).fault == desk.faults()[-1].id


def in_the_thread(desk: Outage, ticket: Ticket, at: datetime, text: str, **changes: Any) -> None:
    """Let the first reporter write once more on their ticket."""
    sender = Address("u1@client1.example", "Имя 1")
    values: dict[str, Any] = {
        "ses_message_id": f"t{at.isoformat()}", "received_at": at, "recipients": (desk.address,), "sender": sender,
        "from_addresses": (sender,), "subject": f"Re: [{ticket.id}] Сообщение 1",
    }  # fmt: skip
    desk.take(a_letter(text, **{**values, **changes}), at)


def test_a_leak_told_on_a_ticket_that_has_not_heard_that_its_fault_is_in_hand_pages(desk: Outage) -> None:
    """The fault's tickets are told one by one: a letter may come between."""
    ticket = desk.reports(1, NIGHT)
    act_on_fault(desk.store, desk.fault().id, f.AcknowledgeFault(ME, NIGHT + MINUTE), lambda: NIGHT + MINUTE)
    in_the_thread(desk, ticket, NIGHT + MINUTE + timedelta(seconds=20), LEAK)
    assert desk.pages()["page_critical"] == 2


def test_who_writes_that_it_is_back_before_hearing_that_it_was_over_wakes_somebody(desk: Outage) -> None:
    """And is not told afterwards that all is well."""
    ticket = desk.reports(1, NIGHT)
    desk.ends(desk.fault(), End.RESOLVED, NIGHT + 2 * MINUTE)
    in_the_thread(desk, ticket, NIGHT + 3 * MINUTE, OUTAGE)
    assert desk.pages()["page_reopened"] == 1
    desk.runs(NIGHT + 3 * MINUTE, NIGHT + 5 * MINUTE)
    assert not desk.to_clients("fault_over_client")
    assert critical_of(desk.now(ticket)).runs


def test_who_is_proved_in_the_thread_of_a_fault_for_which_nobody_was_woken_begins_its_pages(desk: Outage) -> None:
    """Also where the ticket's own first letter was a stranger's."""
    texts = (OUTAGE, LEAK, "Данные пропали: база данных пуста, все записи удалены.")
    for number, text in enumerate(texts, 2):
        first = desk.reports(number, NIGHT, text, trust=Trust.CLAIMED)
        desk.acts(c.Act.ACKNOWLEDGE, first, NIGHT)
    ticket = desk.reports(1, NIGHT + MINUTE, "Сервис лежит, войти не может никто.", trust=Trust.CLAIMED)
    assert desk.now(ticket).critical is not None
    bounded = desk.faults()[-1]
    assert bounded.bounded
    pages = desk.pages()["page_critical"]
    in_the_thread(desk, ticket, NIGHT + 2 * MINUTE, OUTAGE)
    assert desk.pages()["page_critical"] == pages + 1
    assert not desk.faults()[-1].bounded


def test_a_specialists_word_begins_the_pages_of_a_fault_for_which_nobody_was_woken(desk: Outage) -> None:
    """The letter to the team says that it does; the ticket is critical already, and keeps its promise."""
    for number, text in enumerate((OUTAGE, LEAK, "Данные пропали: база данных пуста, все записи удалены.")):
        desk.acts(c.Act.ACKNOWLEDGE, desk.reports(number, NIGHT, text, trust=Trust.CLAIMED), NIGHT)
    ticket = desk.reports(9, NIGHT + MINUTE, "Сервис лежит, войти не может никто.", trust=Trust.CLAIMED)
    pages, due = desk.pages()["page_critical"], critical_of(desk.now(ticket)).due
    assert desk.faults()[-1].bounded
    letter = next(mail for mail in desk.written(kind="accepted_critical") if mail.ticket == ticket.id)
    assert isinstance(letter, OutgoingMail)
    text = text_of(render_mail(letter, KEYS, NIGHT + MINUTE))
    assert "Служба извещена письмом. Срок реакции: пятница, 1 января 2027 г., 03:06" in text
    assert "Дежурный" not in text
    assert desk.acts(c.Act.CRITICAL, ticket, NIGHT + 2 * MINUTE).refused is None
    assert desk.pages()["page_critical"] == pages + 1
    assert desk.faults()[-1].pages_run
    assert critical_of(desk.now(ticket)).due == due
    assert desk.acts(c.Act.CRITICAL, ticket, NIGHT + 3 * MINUTE).refused is not None


def test_whoever_takes_one_more_ticket_of_a_fault_in_hand_has_touched_it(desk: Outage) -> None:
    """Nobody is woken again for a fault that somebody works on."""
    first, second = desk.reports(1, NIGHT), desk.reports(2, NIGHT)
    desk.acts(c.Act.TAKE, first, NIGHT + MINUTE)
    desk.runs(NIGHT + MINUTE, NIGHT + 2 * MINUTE)
    desk.acts(c.Act.TAKE, second, NIGHT + 100 * MINUTE)
    assert desk.fault().touched_at == NIGHT + 100 * MINUTE


def test_a_second_acknowledgement_writes_nothing_to_tickets_that_know_of_the_first(desk: Outage) -> None:
    """A fault of hundreds that pages again after hours costs no hundreds of writes."""
    tickets = [desk.reports(number, NIGHT) for number in range(5)]
    desk.acts(c.Act.ACKNOWLEDGE, tickets[0], NIGHT + MINUTE)
    desk.runs(NIGHT + MINUTE, NIGHT + 3 * MINUTE)
    later = NIGHT + MINUTE * 245
    desk.runs(later - 3 * MINUTE, later)
    assert desk.pages()["page_again"] == 1
    before = [desk.now(ticket).version for ticket in tickets]
    act_on_fault(desk.store, desk.fault().id, f.AcknowledgeFault(ME, later), lambda: later)
    desk.runs(later, later + 2 * MINUTE)
    assert not desk.fault().telling
    assert [desk.now(ticket).version for ticket in tickets] == before


def test_a_fault_that_is_plainly_another_is_another_while_pages_run(desk: Outage) -> None:
    """A leak is no outage, and the on-call is told of both."""
    desk.reports(1, NIGHT)
    desk.reports(2, NIGHT + MINUTE, LEAK)
    assert desk.pages()["page_critical"] == len(desk.faults()) == 2


def test_a_specialists_word_joins_what_runs_and_opens_what_does_not(desk: Outage) -> None:
    """A report by word is a report."""
    quiet = desk.reports(1, NIGHT, "Не приходит код подтверждения.")
    desk.acts(c.Act.CRITICAL, quiet, NIGHT + MINUTE, "Не приходит никому.")
    assert desk.fault().reports == 1
    another = desk.reports(2, NIGHT + 2 * MINUTE, "Не печатается талон.")
    desk.acts(c.Act.CRITICAL, another, NIGHT + 3 * MINUTE)
    assert desk.fault().reports == 2
    assert desk.pages()["page_critical"] == 1


def test_two_first_letters_at_once_open_one_fault(desk: Outage) -> None:
    """The second one meets the first one's write, reads again and joins."""
    letters = [letter_of(number, NIGHT) for number in (1, 2)]
    both = [receive(letter, MDO, desk.store, KEYS, NIGHT) for letter in letters]
    assert both[0] is not None
    assert both[1] is not None
    desk.store.commit(both[0].commit)
    with pytest.raises(Conflict) as conflict:
        desk.store.commit(both[1].commit)
    assert conflict.value.condition is Condition.FAULTS
    commit_decided(desk.store, lambda taken: received(letters[1], desk.store, taken), "the second letter")
    assert desk.fault().reports == 2


def letter_of(number: int, at: datetime, **changes: Any) -> Letter:
    sender = Address(f"u{number}@client{number}.example", "Имя")
    values: dict[str, Any] = {
        "ses_message_id": f"o{number}",
        "received_at": at,
        "sender": sender,
        "from_addresses": (sender,),
    }
    return a_letter(f"{OUTAGE} Отдел {number}.\n\n{DETAILS}", **{**values, "subject": f"№ {number}", **changes})


def received(letter: Letter, store: MemoryStore, numbers_taken: int = 0) -> Commit | None:
    taken = receive(letter, MDO, store, KEYS, letter.envelope.received_at, numbers_taken)
    return taken.commit if taken is not None else None


def test_five_runs_at_once_in_a_storm_need_fewer_rounds_than_they_have() -> None:
    """All letters about one outage write the fault: what loses each time waits six minutes for its queue.

    Each of the runs reads, decides for a while and commits; another letter takes as long again to be fetched and read.
    """
    desk, letters, rounds = Outage(MDO), 150, Counter[int]()
    agenda: list[tuple[float, int, int, Commit | None]] = []
    waiting = iter(range(letters))

    def takes(number: int, tries: int) -> float:
        return 0.5 + hashlib.sha256(f"{number} {tries}".encode()).digest()[0] / 255

    def begins(at: float) -> None:
        if (number := next(waiting, None)) is not None:
            heapq.heappush(agenda, (at + takes(number, 0), number, 1, None))

    for _ in range(5):
        begins(0)
    while agenda:
        at, number, tries, commit = heapq.heappop(agenda)
        if commit is None:
            commit = received(letter_of(number, NIGHT + number * timedelta(seconds=1)), desk.store)
            heapq.heappush(agenda, (at + takes(number, tries), number, tries, commit))
            continue
        try:
            desk.store.commit(commit)
        except Conflict:
            heapq.heappush(agenda, (at, number, tries + 1, None))
        else:
            rounds[tries] += 1
            begins(at)
    assert desk.fault().reports == sum(rounds.values()) == letters
    assert max(rounds) <= TRIES
    assert desk.pages()["page_critical"] == 1


# Strangers --------------------------------------------------------------------------------------------------


def test_fifteen_invented_senders_make_one_fault(desk: Outage) -> None:
    """What nobody proves pages as one."""
    for number in range(15):
        desk.reports(number, NIGHT + number * timedelta(seconds=10), trust=Trust.CLAIMED)
    assert desk.fault().strangers_only
    assert desk.pages()["page_critical"] == 1


# Alarms -----------------------------------------------------------------------------------------------------


def test_a_flapping_alarm_is_one_fault_on_one_ticket_and_pages_no_more_than_one_that_stays(desk: Outage) -> None:
    """Thirty times within an hour."""
    steady = Outage(MDO)
    steady.alarms("ALARM", NIGHT)
    steady.runs(NIGHT, NIGHT + 60 * MINUTE)
    for flap in range(30):
        at = NIGHT + flap * 2 * MINUTE
        desk.alarms("ALARM", at)
        desk.sweep(at)
        desk.alarms("OK", at + MINUTE)
        desk.sweep(at + MINUTE)
    assert len(desk.tickets()) == 1
    assert (desk.fault().flaps, desk.pages()["page_critical"]) == (29, 1)
    assert desk.pages().total() <= steady.pages().total()


def test_a_fault_of_alarms_is_over_when_they_have_been_quiet_and_closes_their_tickets(desk: Outage) -> None:
    """Nobody acknowledges what was over in two minutes, and nobody was late."""
    desk.alarms("ALARM", NIGHT)
    (ticket,) = desk.tickets()
    desk.alarms("OK", NIGHT + 2 * MINUTE)
    desk.runs(NIGHT + 3 * MINUTE, NIGHT + 17 * MINUTE)
    after = desk.now(ticket)
    assert (desk.fault().end, after.status, after.outcome) == (End.RESOLVED, Status.CLOSED, CloseOutcome.RESOLVED)
    assert after.critical is not None
    assert after.critical.breached_at is None
    assert desk.tickets() == []


def test_an_alarm_that_is_back_after_its_fault_ended_pages_again_on_a_ticket_of_its_own(desk: Outage) -> None:
    """It is the same fault, reopened."""
    desk.alarms("ALARM", NIGHT)
    desk.alarms("OK", NIGHT + 2 * MINUTE)
    desk.runs(NIGHT + 3 * MINUTE, NIGHT + 17 * MINUTE)
    desk.alarms("ALARM", NIGHT + 40 * MINUTE)
    assert desk.fault().reopened == 1
    assert desk.pages()["page_reopened"] == 1
    assert len(desk.tickets()) == 1


def test_a_composite_alarm_and_its_children_are_one_fault(desk: Outage) -> None:
    """Whichever is heard first."""
    rule = "ALARM(mdo-service-a) OR ALARM(mdo-service-b) OR ALARM(mdo-service-c)"
    desk.alarms("ALARM", NIGHT, "mdo-service-a")
    desk.alarms("ALARM", NIGHT + timedelta(seconds=10), "mdo-service-all", configuration={"alarmRule": rule})
    desk.alarms("ALARM", NIGHT + timedelta(seconds=20), "mdo-service-b")
    desk.acts(c.Act.ACKNOWLEDGE, desk.tickets()[0], NIGHT + MINUTE)
    desk.alarms("ALARM", NIGHT + 90 * MINUTE, "mdo-service-c")
    assert desk.fault().reports == 4
    assert desk.pages()["page_critical"] == 1


def test_a_suppressed_alarm_wakes_nobody(desk: Outage) -> None:
    """It is in maintenance; the same alarm without that pages."""
    desk.alarms("ALARM", NIGHT, said={"actionsSuppressedBy": "Alarm"})
    assert (desk.faults(), desk.tickets()) == ([], [])
    desk.alarms("ALARM", NIGHT + MINUTE)
    assert desk.pages() == {"page_critical": 1}


def test_a_letter_joins_the_fault_of_an_alarm_and_keeps_it_open_when_the_alarm_is_quiet(desk: Outage) -> None:
    """Who wrote may still see what the alarm does not."""
    desk.alarms("ALARM", NIGHT)
    desk.reports(1, NIGHT + MINUTE)
    desk.alarms("OK", NIGHT + 2 * MINUTE)
    desk.runs(NIGHT + 3 * MINUTE, NIGHT + 30 * MINUTE)
    assert not desk.fault().is_over
    assert desk.pages()["page_critical"] == 1


def test_events_that_come_twice_or_out_of_order_change_nothing(desk: Outage) -> None:
    """The end that is older than the alarm ends nothing."""
    desk.alarms("ALARM", NIGHT)
    desk.alarms("ALARM", NIGHT)
    desk.alarms("OK", NIGHT - MINUTE)
    assert (desk.fault().reports, desk.fault().quiet_since) == (1, None)


# One word for all -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [c.Act.ACKNOWLEDGE, c.Act.TAKE])
def test_mdo_2_1_one_acknowledgement_is_for_all_reports(desk: Outage, act: c.Act) -> None:
    """Every ticket's promise is kept by it, as of when the word was received."""
    tickets = [desk.reports(number, NIGHT + number * timedelta(seconds=1)) for number in range(5)]
    desk.acts(act, tickets[3], NIGHT + 3 * MINUTE)
    desk.runs(NIGHT + 4 * MINUTE, NIGHT + 30 * MINUTE)
    for ticket in map(desk.now, tickets):
        assert ticket.critical is not None
        assert (ticket.critical.acknowledged_at, ticket.critical.breached_at) == (NIGHT + 3 * MINUTE, None)
        assert (ticket.critical.acknowledged_by, ticket.status) == (ME, Status.IN_PROGRESS)
        assert ticket.reaction is not None
        assert ticket.reaction.stopped_at == NIGHT + 3 * MINUTE
    assert desk.pages()["page_breach"] == 0
    assert desk.written(kind="fault_breach") == []


def test_an_answer_on_one_of_many_tickets_takes_the_fault_from_nobody(desk: Outage) -> None:
    """Whether it is about the outage is not known, so the pages go on; «принято» on the same ticket ends them."""
    one, _ = desk.reports(1, NIGHT), desk.reports(2, NIGHT)
    desk.acts(c.Act.REPLY, one, NIGHT + MINUTE, "Смотрим.")
    assert desk.fault().pages_run
    assert desk.acts(c.Act.ACKNOWLEDGE, one, NIGHT + 2 * MINUTE).refused is None
    assert not desk.fault().pages_run
    again = desk.acts(c.Act.ACKNOWLEDGE, one, NIGHT + 3 * MINUTE)
    assert again.refused is not None


def test_an_answer_on_the_only_ticket_takes_the_fault(desk: Outage) -> None:
    """There is nothing else that it could be about."""
    only = desk.reports(1, NIGHT)
    desk.acts(c.Act.REPLY, only, NIGHT + MINUTE, "Смотрим.")
    assert desk.fault().acknowledged_by == ME


def test_a_ticket_that_is_no_critical_fault_is_detached_and_the_others_page_on(desk: Outage) -> None:
    """The last one ends the fault as a false alarm."""
    one, two = desk.reports(1, NIGHT), desk.reports(2, NIGHT)
    desk.acts(c.Act.WITHDRAW_CRITICAL, one, NIGHT + MINUTE, "Не то.")
    fault = desk.fault()
    assert [member.ticket for member in desk.store.members(fault.id)] == [two.id]
    assert fault.pages_run
    desk.acts(c.Act.WITHDRAW_CRITICAL, two, NIGHT + 2 * MINUTE)
    assert desk.fault().end is End.FALSE_ALARM
    desk.runs(NIGHT + 3 * MINUTE, NIGHT + 10 * MINUTE)
    assert desk.now(one).status is desk.now(two).status is Status.OPEN
    assert desk.written(kind="fault_false_alarm_client") == []


def test_a_fault_of_an_alarm_without_the_letter_that_joined_it_is_over_when_the_alarm_is_quiet(desk: Outage) -> None:
    """Whether the letter leaves before that or after: what no person reports any more wakes nobody all night."""
    for goes_first in (True, False):
        desk = Outage(MDO)
        desk.alarms("ALARM", NIGHT)
        ticket = desk.reports(1, NIGHT + MINUTE)
        if goes_first:
            desk.acts(c.Act.WITHDRAW_CRITICAL, ticket, NIGHT + 2 * MINUTE)
        desk.alarms("OK", NIGHT + 3 * MINUTE)
        if not goes_first:
            desk.acts(c.Act.WITHDRAW_CRITICAL, ticket, NIGHT + 4 * MINUTE)
        pages = desk.pages()
        desk.runs(NIGHT + 4 * MINUTE, NIGHT + 30 * MINUTE)
        assert desk.fault().is_over
        assert desk.pages() == pages


def test_a_fault_that_an_alarm_alone_brought_back_is_over_when_the_alarm_is_quiet(desk: Outage) -> None:
    """Who wrote before was answered by its first end; a letter that comes again keeps it open."""
    for writes in (False, True):
        desk = Outage(MDO)
        desk.alarms("ALARM", NIGHT)
        desk.reports(1, NIGHT + MINUTE)
        desk.ends(desk.fault(), End.RESOLVED, NIGHT + 4 * MINUTE)
        desk.alarms("OK", NIGHT + 7 * MINUTE)
        desk.alarms("ALARM", NIGHT + 20 * MINUTE)
        if writes:
            desk.reports(2, NIGHT + 21 * MINUTE)
        desk.alarms("OK", NIGHT + 23 * MINUTE)
        desk.runs(NIGHT + 23 * MINUTE, NIGHT + 40 * MINUTE)
        assert desk.pages()["page_reopened"] == 1
        assert desk.fault().is_over is not writes


def test_a_faults_history_names_no_reporter(desk: Outage) -> None:
    """Who wrote is said by the tickets and the list of them alone."""
    for number in (1, 2):
        desk.reports(number, NIGHT)
    history = "".join(event.model_dump_json() for _, event in desk.store.fault_history(desk.fault().id))
    assert "@client" not in history


def test_a_fault_whose_first_ticket_left_is_named_by_the_first_that_is_left(desk: Outage) -> None:
    """A page says of which ticket more is to be read, and which one may be detached."""
    first, third, second = (desk.reports(number, NIGHT + at * MINUTE) for number, at in ((1, 0), (3, 2), (2, 1)))
    desk.acts(c.Act.WITHDRAW_CRITICAL, first, NIGHT + 3 * MINUTE)
    assert desk.fault().ticket == second.id
    desk.acts(c.Act.WITHDRAW_CRITICAL, third, NIGHT + 3 * MINUTE)
    assert desk.fault().ticket == second.id


def test_closing_the_last_ticket_ends_the_fault(desk: Outage) -> None:
    """Whoever closes says that it is done."""
    one, two = desk.reports(1, NIGHT), desk.reports(2, NIGHT)
    desk.acts(c.Act.CLOSE, one, NIGHT + MINUTE)
    assert desk.fault().pages_run
    desk.acts(c.Act.CLOSE, two, NIGHT + 2 * MINUTE)
    assert desk.fault().end is End.RESOLVED


def test_a_word_in_time_that_is_read_late_takes_the_breach_back_everywhere(desk: Outage) -> None:
    """On the fault, and on each of its tickets, without a letter for each."""
    tickets = [desk.reports(number, NIGHT) for number in range(3)]
    desk.runs(NIGHT + MINUTE, NIGHT + 5 * MINUTE)
    late = NIGHT + 6 * MINUTE
    act_on_fault(desk.store, desk.fault().id, f.AcknowledgeFault(ME, NIGHT + 4 * MINUTE), lambda: late)
    desk.sweep(late)
    assert desk.fault().breached_at is None
    assert [critical_of(desk.now(ticket)).breached_at for ticket in tickets] == [None, None, None]
    assert len(desk.written(kind="fault_breach_corrected")) == 1
    assert desk.written(kind="breach_corrected") == []


def test_a_word_in_time_shows_that_no_ticket_was_kept_waiting_that_hears_of_something_else(desk: Outage) -> None:
    """One is told that there was no fault before it is told that it was taken, one left knowing so, one before it was read."""
    stays, leaves, has_left = (desk.reports(number, NIGHT) for number in range(3))
    desk.runs(NIGHT + MINUTE, NIGHT + 5 * MINUTE)
    late = NIGHT + 6 * MINUTE
    desk.acts(c.Act.WITHDRAW_CRITICAL, has_left, late)
    act_on_fault(desk.store, desk.fault().id, f.AcknowledgeFault(ME, NIGHT + 4 * MINUTE), lambda: late)
    desk.acts(c.Act.WITHDRAW_CRITICAL, leaves, late)
    desk.ends(desk.fault(), End.FALSE_ALARM, late)
    desk.sweep(late)
    assert [critical_of(desk.now(ticket)).breached_at for ticket in (stays, leaves, has_left)] == [None, None, None]
    assert desk.to_clients("fault_false_alarm_client") == {stays.requester.address: 1}


def test_a_word_too_late_leaves_the_breach_of_a_ticket_that_has_left(desk: Outage) -> None:
    """It was kept waiting; and what it is told of the fault changes nothing else."""
    _, has_left = desk.reports(1, NIGHT), desk.reports(2, NIGHT)
    desk.runs(NIGHT + MINUTE, NIGHT + 5 * MINUTE)
    desk.acts(c.Act.WITHDRAW_CRITICAL, has_left, NIGHT + 6 * MINUTE)
    before = desk.now(has_left)
    desk.ends(desk.fault(), End.RESOLVED, NIGHT + 7 * MINUTE)
    desk.sweep(NIGHT + 8 * MINUTE)
    assert desk.now(has_left) == before
    assert critical_of(before).breached_at is not None


def test_a_letter_that_is_read_late_was_answered_by_whoever_had_the_fault_then(desk: Outage) -> None:
    """Though it had been taken before as well, and pages again by now."""
    desk.reports(1, NIGHT)
    first, again = NIGHT + MINUTE, NIGHT + 250 * MINUTE
    act_on_fault(desk.store, desk.fault().id, f.AcknowledgeFault(ME, first), lambda: first)
    desk.runs(NIGHT + 2 * MINUTE, NIGHT + 245 * MINUTE)
    act_on_fault(desk.store, desk.fault().id, f.AcknowledgeFault(ME, again), lambda: again)
    desk.runs(again, NIGHT + 495 * MINUTE)
    assert desk.fault().paged_again == 2
    late = desk.reports(2, NIGHT + 495 * MINUTE, received_at=again - MINUTE)
    desk.sweep(NIGHT + 496 * MINUTE)
    assert critical_of(desk.now(late)).fault == desk.fault().id
    assert critical_of(desk.now(late)).breached_at is None


def critical_of(ticket: Ticket) -> Any:
    assert ticket.critical is not None
    return ticket.critical


# What reporters are told ------------------------------------------------------------------------------------


def test_every_reporter_is_told_once_that_somebody_has_the_fault_and_once_that_it_is_over(desk: Outage) -> None:
    """Whoever wrote three times gets one letter, which names the other two tickets."""
    often = [desk.reports(number, NIGHT, by="olga@client.example") for number in range(3)]
    for number in range(3, 8):
        desk.reports(number, NIGHT)
    desk.acts(c.Act.ACKNOWLEDGE, often[1], NIGHT + MINUTE)
    desk.runs(NIGHT + 2 * MINUTE, NIGHT + 6 * MINUTE)
    assert set(desk.to_clients("fault_taken_client").values()) == {1}
    assert len(desk.to_clients("fault_taken_client")) == 6
    desk.ends(desk.fault(), End.RESOLVED, NIGHT + 10 * MINUTE)
    desk.runs(NIGHT + 11 * MINUTE, NIGHT + 13 * MINUTE)
    assert set(desk.to_clients("fault_over_client").values()) == {1}
    assert len(desk.to_clients("fault_over_client")) == 6
    hers = next(mail for mail in desk.written(kind="fault_over_client") if mail.to == "olga@client.example")  # type: ignore[union-attr]  # letters alone are of this kind
    assert {hers.ticket, *hers.params["others"]} == {ticket.id for ticket in often}


def test_mdo_2_5_the_letter_that_a_fault_is_over_waits_as_a_proposed_solution_does(desk: Outage) -> None:
    """Its term counts from when it left; without an answer the request is closed."""
    ticket = desk.reports(1, NIGHT)
    desk.ends(desk.fault(), End.RESOLVED, NIGHT + 10 * MINUTE)
    tell(desk.store, desk.fault().id, lambda: NIGHT + 11 * MINUTE, lambda: True)
    (over,) = [left for left in desk.deliver(NIGHT + 12 * MINUTE) if left.mail.kind == "fault_over_client"]
    assert "устранён" in over.text
    assert "Без него обращение будет закрыто (п. 2.5 Регламента)" in over.text
    assert desk.now(ticket).status is Status.AWAITING_REQUESTER


def test_storeolis_the_letter_that_a_fault_is_over_closes_where_silence_means_nothing() -> None:
    """An answer opens the request again."""
    desk = Outage(STOREOLIS)
    ticket = desk.reports(1, NIGHT, "Не приходит код подтверждения. ИНН 7707083893.")
    desk.acts(c.Act.CRITICAL, ticket, NIGHT + MINUTE, "У всех.")
    desk.ends(desk.fault(), End.RESOLVED, NIGHT + 10 * MINUTE)
    desk.sweep(NIGHT + 11 * MINUTE)
    assert desk.now(ticket).status is Status.CLOSED
    (over,) = desk.written(kind="fault_over_client")
    assert isinstance(over, OutgoingMail)
    assert "обращение откроется снова" in text_of(render_mail(addressed(over), KEYS, NIGHT))


def test_a_false_alarm_leaves_the_request_to_its_ordinary_promise(desk: Outage) -> None:
    """The client hears so, and when a specialist reacts."""
    ticket = desk.reports(1, NIGHT)
    desk.ends(desk.fault(), End.FALSE_ALARM, NIGHT + 10 * MINUTE)
    desk.sweep(NIGHT + 11 * MINUTE)
    after = desk.now(ticket)
    assert (after.status, critical_of(after).withdrawn) == (Status.OPEN, True)
    assert after.reaction is not None
    assert after.reaction.runs
    (told,) = desk.written(kind="fault_false_alarm_client")
    assert isinstance(told, OutgoingMail)
    assert "Специалист отреагирует не позднее срока" in text_of(render_mail(addressed(told), KEYS, NIGHT))


def test_who_reports_what_somebody_has_in_hand_is_told_so_at_once_and_not_again(desk: Outage) -> None:
    """By the letter that confirms the report."""
    first = desk.reports(1, NIGHT)
    desk.acts(c.Act.ACKNOWLEDGE, first, NIGHT + MINUTE)
    late = desk.reports(2, NIGHT + 2 * MINUTE)
    assert critical_of(late).acknowledged_at == NIGHT + 2 * MINUTE
    assert late.reaction is not None
    assert not late.reaction.runs
    (accepted,) = [mail for mail in desk.written(kind="accepted_critical") if mail.ticket == late.id]
    assert isinstance(accepted, OutgoingMail)
    told = leaving(accepted, late, edition_named(MDO, late.edition), NIGHT + 3 * MINUTE)
    assert told is not None
    assert "Дежурный специалист уже занимается сбоем." in text_of(render_mail(told, KEYS, NIGHT))
    desk.runs(NIGHT + 3 * MINUTE, NIGHT + 10 * MINUTE)
    assert set(desk.to_clients("fault_taken_client")) == {"u1@client1.example"}


def test_who_wrote_before_the_end_and_is_read_after_it_is_told_that_it_is_over_and_wakes_nobody(desk: Outage) -> None:
    """The letter is of the fault that was open as it was received; who was told already is told nothing again."""
    desk.reports(1, NIGHT)
    desk.ends(desk.fault(), End.RESOLVED, NIGHT + 10 * MINUTE)
    desk.runs(NIGHT + 10 * MINUTE, NIGHT + 12 * MINUTE)
    desk.reports(0, NIGHT + 40 * MINUTE, received_at=NIGHT + 9 * MINUTE)
    desk.runs(NIGHT + 40 * MINUTE, NIGHT + 42 * MINUTE)
    assert desk.pages()["page_reopened"] == 0
    assert desk.fault().is_over
    assert not desk.fault().telling
    assert desk.to_clients("fault_over_client") == {"u1@client1.example": 1, "u0@client0.example": 1}


def test_who_was_told_of_the_end_gets_no_second_letter_for_a_ticket_that_joins_after_it() -> None:
    """Read after the end, it was received before; its number may come before that of the ticket which was told."""
    for number in range(2, 12):  # so that some numbers are before the first one's and some behind
        desk = Outage(MDO)
        desk.reports(1, NIGHT, by="a@client.example")
        fault = desk.fault()
        desk.ends(fault, End.FALSE_ALARM, NIGHT + 5 * MINUTE)
        tell(desk.store, fault.id, lambda: NIGHT + 6 * MINUTE, lambda: True)
        desk.reports(number, NIGHT + 7 * MINUTE, by="a@client.example", received_at=NIGHT + MINUTE)
        tell(desk.store, fault.id, lambda: NIGHT + 8 * MINUTE, lambda: True)
        assert desk.to_clients("fault_false_alarm_client") == {"a@client.example": 1}


def test_who_was_told_of_the_end_is_not_told_again_though_the_ticket_reports_another_fault_since(desk: Outage) -> None:
    """What a ticket was told of the fault before is not forgotten."""
    told = desk.reports(1, NIGHT, by="a@client.example")
    fault = desk.fault()
    desk.ends(fault, End.FALSE_ALARM, NIGHT + 5 * MINUTE)
    tell(desk.store, fault.id, lambda: NIGHT + 6 * MINUTE, lambda: True)
    desk.acts(c.Act.CRITICAL, told, NIGHT + 7 * MINUTE, "не работает")
    assert critical_of(desk.now(told)).fault != fault.id
    desk.reports(2, NIGHT + 8 * MINUTE, by="a@client.example", received_at=NIGHT + MINUTE)
    tell(desk.store, fault.id, lambda: NIGHT + 9 * MINUTE, lambda: True)
    assert desk.to_clients("fault_false_alarm_client") == {"a@client.example": 1}


def test_a_ticket_that_was_closed_before_is_told_nothing(desk: Outage) -> None:
    """Its requester has had the last word of the desk."""
    one, two = desk.reports(1, NIGHT), desk.reports(2, NIGHT)
    desk.acts(c.Act.ACKNOWLEDGE, two, NIGHT + MINUTE)
    desk.acts(c.Act.CLOSE, one, NIGHT + MINUTE)
    desk.ends(desk.fault(), End.RESOLVED, NIGHT + 2 * MINUTE)
    desk.runs(NIGHT + 2 * MINUTE, NIGHT + 4 * MINUTE)
    assert set(desk.to_clients("fault_over_client")) == {"u2@client2.example"}


@pytest.mark.parametrize("dying", range(1, 14))
def test_a_telling_that_dies_after_any_commit_goes_on_and_tells_nobody_twice(
    desk: Outage, dying: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next sweep comes by the same tickets, and does nothing on those that know."""
    often = [desk.reports(number, NIGHT, by="olga@client.example") for number in range(2)]
    for number in range(2, 5):
        desk.reports(number, NIGHT)
    desk.acts(c.Act.ACKNOWLEDGE, often[0], NIGHT + MINUTE)
    desk.ends(desk.fault(), End.RESOLVED, NIGHT + 2 * MINUTE)
    commit, left = desk.store.commit, [dying]

    def dies(wanted: Commit) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        commit(wanted)

    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "commit", dies)
        with suppress(KeyboardInterrupt):
            tell(desk.store, desk.fault().id, lambda: NIGHT + 3 * MINUTE, lambda: True)
    tell(desk.store, desk.fault().id, lambda: NIGHT + 4 * MINUTE, lambda: True)
    assert desk.fault().telling == ()
    assert set(desk.to_clients("fault_over_client").values()) == {1}
    assert len(desk.to_clients("fault_over_client")) == 4


def test_a_ticket_that_cannot_be_told_keeps_no_other_back(desk: Outage, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is come back to at each sweep."""
    tickets = sorted((desk.reports(number, NIGHT) for number in range(4)), key=lambda ticket: ticket.id)
    act_on_fault(desk.store, desk.fault().id, f.AcknowledgeFault(ME, NIGHT + MINUTE), lambda: NIGHT + MINUTE)
    read = desk.store.ticket

    def broken(number: str) -> Ticket | None:
        if number == tickets[1].id:
            raise RuntimeError("it cannot be read")
        return read(number)

    with monkeypatch.context() as patch:
        patch.setattr(desk.store, "ticket", broken)
        with pytest.raises(RuntimeError):
            tell(desk.store, desk.fault().id, lambda: NIGHT + 2 * MINUTE, lambda: True)
    assert len(desk.to_clients("fault_taken_client")) == 3
    tell(desk.store, desk.fault().id, lambda: NIGHT + 3 * MINUTE, lambda: True)
    assert set(desk.to_clients("fault_taken_client").values()) == {1}
    assert desk.fault().telling == ()


def test_a_telling_without_time_goes_on_where_it_stopped(desk: Outage) -> None:
    """A sweep has a minute."""
    for number in range(6):
        desk.reports(number, NIGHT)
    act_on_fault(desk.store, desk.fault().id, f.AcknowledgeFault(ME, NIGHT + MINUTE), lambda: NIGHT + MINUTE)
    calls = iter([True, True, True, False])
    told = tell(desk.store, desk.fault().id, lambda: NIGHT + 2 * MINUTE, lambda: next(calls, False))
    assert (told, desk.fault().telling[0].news) == (2, News.TAKEN)
    assert tell(desk.store, desk.fault().id, lambda: NIGHT + 3 * MINUTE, lambda: True) == 4
    assert desk.fault().telling == ()


def test_a_fault_is_found_by_its_number_and_by_its_tickets(desk: Outage) -> None:
    """Whoever is woken has either at hand."""
    ticket = desk.reports(1, NIGHT)
    fault = desk.fault()
    assert fault_of(desk.store, fault.id) == fault_of(desk.store, ticket.id) == fault
    assert fault_of(desk.store, "MDO-0000-0000") is None


def test_what_the_letters_say_of_other_tickets_is_good_russian(desk: Outage) -> None:
    """One, or several."""
    often = [desk.reports(number, NIGHT, by="olga@client.example") for number in range(2)]
    desk.acts(c.Act.ACKNOWLEDGE, often[0], NIGHT + MINUTE)
    desk.sweep(NIGHT + 2 * MINUTE)
    (taken,) = desk.written(kind="fault_taken_client")
    assert isinstance(taken, OutgoingMail)
    assert taken.audience is Audience.CLIENT
    text = text_of(render_mail(taken, KEYS, NIGHT + 2 * MINUTE))
    assert f"О том же сбое и ваше обращение {taken.params['others'][0]}: отдельного письма по нему не будет." in text
