"""The verbs of faults and `ack`, over a store in memory."""

from __future__ import annotations

from datetime import timedelta

import pytest

from adapters.memory import MemoryStore
from adapters.rendering import render_mail, text_of
from application.faults import tell
from application.receive import receive
from application.storage import Departure
from cli.faults import TICKETS_SHOWN
from domain.fault.fault import End, Fault
from domain.letter import Address
from domain.ticket.outgoing import OUTGOING, OutgoingMail
from tests.support.builders import DETAILS, KEYS, MDO, a_letter, moscow
from tests.support.client_letters import ANOTHER as ANOTHER_WITH_DETAILS
from tests.support.command_line import Run, command_line
from tests.support.services_in_memory import MARIA, Now, services_in_memory

THREE = moscow("2027-01-01 03:00")
ANOTHER = ANOTHER_WITH_DETAILS.partition("\n")[0]
SECURITY = "Нас взломали: злоумышленники получили доступ к персональным данным заявителей."
OUTAGE = "Приложение полностью недоступно: никто из сотрудников не может войти, ошибка 503 на экране входа."


class Night:
    """A desk at night: letters about an outage come in, and somebody sits at the command line."""

    def __init__(self, run: Run, now: Now, store: MemoryStore) -> None:
        self.run, self.now, self.store = run, now, store

    def report(self, number: int, text: str = OUTAGE, *, after: int = 0) -> str:
        """Let a client report an outage some minutes later, and return the number of the ticket."""
        self.now.at += timedelta(minutes=after)
        sender = Address(f"client{number}@mfc{number}.example", "")
        letter = a_letter(
            f"{text}\n\n{DETAILS}",
            ses_message_id=f"m{number}",
            received_at=self.now.at,
            sender=sender,
            from_addresses=(sender,),
            message_id=f"<{number}@mfc.example>",
            subject=f"Рабочее место {number}",
        )
        taken = receive(letter, MDO, self.store, KEYS, self.now.at)
        assert taken is not None
        assert taken.commit.ticket is not None
        self.store.commit(taken.commit)
        return taken.commit.ticket.after.id

    def faults(self) -> list[Fault]:
        """Return the faults of the desk, the earliest first."""
        return sorted(self.store.faults(self.store.desk_faults(MDO).numbers), key=lambda fault: fault.opened_at)

    def fault(self) -> Fault:
        """Return the one fault of the desk."""
        (one,) = self.faults()
        return one


@pytest.fixture
def night(capsys: pytest.CaptureFixture[str]) -> Night:
    now, store = Now(THREE), MemoryStore()
    return Night(command_line(capsys, services_in_memory(store, now)), now, store)


def test_the_open_faults_are_listed_with_who_has_them_and_what_comes_next(night: Night) -> None:
    tickets = [night.report(number, after=1) for number in (1, 2, 3)]
    fault = night.fault().id
    (row,) = [line for line in night.run("fault", "list", "--desk", "MDO").out.splitlines() if fault in line]
    assert "PAGES" in row
    assert "nobody" in row
    assert "the on-call is paged again" in row
    (listed,) = night.run("fault", "list", "--json").objects
    assert (listed["fault"], listed["state"], listed["reports"]) == (fault, "pages", 3)
    assert listed["tickets"] == sorted(tickets)
    assert (listed["since"], listed["next"]["timer"]) == ("2027-01-01T03:01:00+03:00", "page_repeat")
    assert night.run("fault", "list", "--desk", "STO").out == "no fault is open\n"


def test_open_faults_come_first_and_those_that_ended_only_where_they_are_asked_for(night: Night) -> None:
    night.report(1)
    ended = night.fault().id
    night.run("fault", "resolve", ended)
    night.report(2, SECURITY, after=30)
    (opened,) = [fault.id for fault in night.faults() if not fault.is_over]
    assert [one["fault"] for one in night.run("fault", "list", "--json").objects] == [opened]
    listed = night.run("fault", "list", "--all", "--json").objects
    assert [(one["fault"], one["state"]) for one in listed] == [(opened, "pages"), (ended, "resolved")]
    assert "over: resolved" in night.run("fault", "list", "--all").out


def test_a_fault_is_shown_whole_by_its_number_or_by_that_of_a_ticket(night: Night) -> None:
    first, second = night.report(1), night.report(2, after=2)
    fault = night.fault().id
    night.run("ack", second)
    out = night.run("fault", "show", fault).out
    assert night.run("fault", "show", *first.lower().split("-")).out == out
    assert "acknowledged  Fri 2027-01-01 03:02 MSK by maria" in out
    assert f"{first}  letter  Fri 2027-01-01 03:00 MSK  open, due Fri 2027-01-01 03:05 MSK" in out
    assert f"{second}  letter  Fri 2027-01-01 03:02 MSK  in_progress, stopped Fri 2027-01-01 03:02 MSK, in time" in out
    assert "on-call  page_critical" in out
    assert "fault_acknowledged  by maria (as arn:aws:iam::123456789012:user/maria)" in out
    shown = night.run("fault", "show", fault, "--json").object
    assert [one["ticket"] for one in shown["reported"]] == sorted((first, second))
    assert [event["type"] for event in shown["events"]] == ["fault_opened", "report_joined", "fault_acknowledged"]
    (page,) = shown["sent_pages"]
    assert (page["level"], page["written_at"]) == ("on_call", "2027-01-01T03:00:00+03:00")
    assert (page["state"], page["left_at"]) == ("pending", None)


def test_a_page_that_left_is_shown_with_when_it_left(night: Night) -> None:
    """Which may be later than it was written: the on-call was woken then."""
    night.report(1)
    fault = night.fault().id
    ((key, _, _),) = night.store.outbox(fault)
    at = THREE + timedelta(minutes=2)
    night.store.lease(key, now=at, until=at + timedelta(minutes=3))
    night.store.mark_sent(Departure(key, MDO, at, "sent-1"))
    assert "page_critical  left Fri 2027-01-01 03:02 MSK" in night.run("fault", "show", fault).out
    (page,) = night.run("fault", "show", fault, "--json").object["sent_pages"]
    assert (page["state"], page["left_at"]) == ("sent", "2027-01-01T03:02:00+03:00")


def test_of_a_storm_some_tickets_are_shown_unless_all_are_asked_for(night: Night) -> None:
    for number in range(TICKETS_SHOWN + 3):
        night.report(number)
    fault = night.fault().id
    shown, whole = night.run("fault", "show", fault).out, night.run("fault", "show", fault, "--whole").out
    assert "and 3 more (--whole prints them)" in shown
    assert (shown.count("  letter  "), whole.count("  letter  ")) == (TICKETS_SHOWN, TICKETS_SHOWN + 3)


def test_the_history_of_a_fault_has_every_event_with_its_version_and_who_made_it_happen(night: Night) -> None:
    night.report(1)
    fault = night.fault().id
    night.run("ack", fault, "--by", "Дежурный")
    night.run("fault", "resolve", fault)
    events = night.run("fault", "history", fault, "--json").objects
    told = [(event["version"], event["type"], event["caller"]) for event in events]
    assert told == [(1, "fault_opened", None), (2, "fault_acknowledged", MARIA), (3, "fault_ended", MARIA)]
    assert f"by Дежурный (as {MARIA})" in night.run("fault", "history", *fault.lower().split("-")).out


# Acknowledging --------------------------------------------------------------------------------------------


def test_one_word_acknowledges_faults_and_tickets_each_reported_by_itself(night: Night) -> None:
    """Two tickets of one fault are one acknowledgement."""
    first, second = night.report(1), night.report(2)
    one = night.fault().id
    night.report(3, SECURITY)
    (other,) = [fault.id for fault in night.faults() if fault.id != one]
    ran = night.run("ack", first, second, *other.lower().split("-"), one)
    assert (ran.status, ran.err) == (0, "")
    lines = [line for line in ran.out.splitlines() if not line.startswith(" ")]
    assert lines == [
        f"{first}: acknowledged by maria (as {MARIA}); 2 tickets of {one}",
        f"{second}: acknowledged with {one} by maria (as {MARIA})",
        f"{other}: acknowledged by maria (as {MARIA}); 1 ticket",
        f"{one}: acknowledged with {one} by maria (as {MARIA})",
    ]
    assert all(fault.acknowledged_by == "maria" for fault in night.faults())
    acknowledged = [event.type for _, event in night.store.fault_history(one)].count("fault_acknowledged")
    assert acknowledged == 1


def test_what_cannot_be_acknowledged_holds_up_nothing_and_makes_the_exit_status_1(night: Night) -> None:
    ordinary = night.report(1, ANOTHER)
    night.report(2)
    fault = night.fault().id
    ran = night.run("ack", "MDO-F-00000", ordinary, "MDO-0000-0000", fault, "--json")
    assert ran.status == 1
    assert [(one["number"], "refused" in one) for one in ran.objects] == [
        ("MDO-F-00000", True), (ordinary, True), ("MDO-0000-0000", True), (fault, False),
    ]  # fmt: skip
    assert ran.objects[-1]["state"] == "acknowledged"
    assert "unknown fault MDO-F-00000" in ran.err
    assert f"{ordinary}: the ticket is no critical fault" in ran.err
    assert "unknown ticket MDO-0000-0000" in ran.err


def test_a_fault_that_somebody_has_is_not_acknowledged_again(night: Night) -> None:
    ticket = night.report(1)
    fault = night.fault().id
    night.run("ack", fault)
    before = night.fault().version
    for number in (fault, ticket):
        ran = night.run("ack", number, "--by", "Сменщик")
        assert (ran.status, ran.out) == (1, "")
        assert "acknowledged already by maria" in ran.err
    assert night.fault().version == before


def test_an_argument_that_is_no_number_lets_nothing_be_done(night: Night) -> None:
    """Who is woken must not believe that all of it was."""
    night.report(1)
    ran = night.run("ack", night.fault().id, "7")
    assert (ran.status, ran.out) == (2, "")
    assert "nothing was done" in ran.err
    assert night.fault().runs


# Ending ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verb", "end", "state"), [("resolve", End.RESOLVED, "resolved"), ("false-alarm", End.FALSE_ALARM, "false_alarm")]
)
def test_a_fault_ends_by_a_word_on_it_or_on_one_of_its_tickets(night: Night, verb: str, end: End, state: str) -> None:
    ticket = night.report(1)
    ran = night.run("fault", verb, ticket, "--json")
    assert (ran.status, ran.object["state"], ran.object["caller"]) == (0, state, MARIA)
    assert night.fault().end is end
    assert {one.news.value for one in night.fault().telling} == {state}
    again = night.run("fault", verb, night.fault().id)
    assert (again.status, again.out) == (1, "")
    assert "is over already" in again.err


@pytest.mark.parametrize(
    ("verb", "kind"), [("resolve", "fault_over_client"), ("false-alarm", "fault_false_alarm_client")]
)
def test_what_is_said_as_a_fault_ends_is_in_the_letter_to_every_reporter(night: Night, verb: str, kind: str) -> None:
    tickets = [night.report(number) for number in (1, 2)]
    said = "Вход восстановлен в 03:52, данные не пострадали."
    fault = night.fault().id
    night.run("fault", verb, fault, "--text", said)
    tell(night.store, fault, night.now, lambda: True)
    for ticket in tickets:
        written = [OUTGOING.validate_json(body) for _, _, body in night.store.outbox(ticket)]
        (letter,) = [one for one in written if isinstance(one, OutgoingMail) and one.kind == kind]
        assert said in text_of(render_mail(letter, KEYS, night.now.at))
        assert said in night.run("show", ticket).out
    (told,) = [
        one for _, _, body in night.store.outbox(fault)
        if isinstance(one := OUTGOING.validate_json(body), OutgoingMail)
    ]  # fmt: skip
    team = told.model_copy(update={"to": "team@mdo.example"})
    assert said in text_of(render_mail(team, KEYS, night.now.at))


def test_a_text_that_no_letter_takes_is_refused_and_ends_nothing(night: Night) -> None:
    night.report(1)
    ran = night.run("fault", "resolve", night.fault().id, "--text", "слово " * 2_000)
    assert (ran.status, "longer than 10000 characters" in ran.err) == (1, True)
    assert not night.fault().is_over


@pytest.mark.parametrize("verb", ["show", "history", "resolve", "false-alarm"])
def test_an_unknown_fault_and_a_ticket_without_one_are_said(night: Night, verb: str) -> None:
    ordinary = night.report(1, ANOTHER)
    for number, says in (
        ("MDO-F-00000", "unknown fault MDO-F-00000"),
        ("MDO-0000-0000", "unknown ticket MDO-0000-0000"),
        (ordinary, f"{ordinary} belongs to no fault"),
    ):
        ran = night.run("fault", verb, number)
        assert (ran.status, ran.out) == (1, "")
        assert says in ran.err


# By hand --------------------------------------------------------------------------------------------------


def test_a_ticket_joins_a_fault_by_hand_and_is_told_with_the_others(night: Night) -> None:
    night.report(1)
    ordinary, fault = night.report(2, ANOTHER, after=1), night.fault().id
    ran = night.run("fault", "join", ordinary, fault)
    assert ran.out.startswith(f"{ordinary}: joined to {fault} by maria (as {MARIA}); 2 tickets of {fault}\n")
    ticket = night.store.ticket(ordinary)
    assert ticket is not None
    assert ticket.critical is not None
    assert ticket.critical.fault == fault
    assert ordinary in [member.ticket for member in night.store.members(fault)]
    assert night.fault().reports == 2
    assert "reports" in night.run("history", ordinary).out
    again = night.run("fault", "join", ordinary, fault)
    assert (again.status, f"reports fault {fault} already" in again.err) == (1, True)


def test_a_ticket_of_another_outage_is_detached_and_pages_by_itself(night: Night) -> None:
    first, second = night.report(1), night.report(2, after=1)
    night.run("ack", first)
    ran = night.run("fault", "detach", second)
    old, new = night.faults()
    assert ran.status == 0
    assert f"{second}: detached, reports {new.id} by maria" in ran.out
    assert "page «page_critical» to on_call" in ran.out
    assert (new.runs, new.ticket, old.reports) == (True, second, 1)
    assert [member.ticket for member in night.store.members(old.id)] == [first]
    alone = night.run("fault", "detach", second)
    assert (alone.status, "nothing to part it from" in alone.err) == (1, True)


def test_two_faults_that_are_one_become_one_without_a_false_alarm_being_told(night: Night) -> None:
    """The first fault's pages end; nobody hears that there was none."""
    first, second = night.report(1), night.report(2, after=1)
    night.run("fault", "detach", second)
    kept, emptied = night.faults()
    ran = night.run("fault", "join", second, kept.id, "--json")
    assert ran.object["outgoing"] == []
    assert [member.ticket for member in night.store.members(kept.id)] == sorted((first, second))
    assert f"over: its reports are of {kept.id}" in night.run("fault", "list", "--all").out
    gone = night.store.fault(emptied.id)
    assert gone is not None
    assert (gone.is_over, gone.telling) == (True, ())


def test_a_client_who_joins_a_fault_that_somebody_has_is_told_so_once(night: Night) -> None:
    night.report(1)
    fault = night.fault().id
    night.run("ack", fault)
    ordinary = night.report(2, ANOTHER, after=1)
    ran = night.run("fault", "join", ordinary, fault, "--json")
    assert [(one["kind"], one["to"]) for one in ran.object["outgoing"]] == [
        ("fault_taken_client", "client2@mfc2.example")
    ]
    ticket = night.store.ticket(ordinary)
    assert ticket is not None
    assert ticket.critical is not None
    assert ticket.critical.acknowledged_by == "maria"


@pytest.mark.parametrize(
    "numbers",
    [("MDO-F-00000", "MDO-0000-0000"), ("MDO-0000-0000",), ("MDO-F-00000",), ("MDO-0000-0000", "MDO-1111-1111")],
)
def test_joining_takes_a_ticket_and_a_fault_in_this_order(night: Night, numbers: tuple[str, ...]) -> None:
    ran = night.run("fault", "join", *numbers)
    assert (ran.status, "expected the number of a ticket and then that of a fault" in ran.err) == (2, True)


def test_nothing_joins_what_is_over_or_what_is_closed(night: Night) -> None:
    night.report(1)
    over = night.fault().id
    ordinary = night.report(2, ANOTHER)
    night.run("fault", "resolve", over)
    assert f"fault {over} is over already" in night.run("fault", "join", ordinary, over).err
    night.report(3, SECURITY, after=1)
    (opened,) = [fault.id for fault in night.faults() if not fault.is_over]
    night.run("close", ordinary, "Готово.")
    assert "the ticket is closed" in night.run("fault", "join", ordinary, opened).err
    assert night.run("fault", "detach", ordinary).status == 1


# What other verbs show ------------------------------------------------------------------------------------


def test_the_queue_begins_with_the_faults_and_marks_their_tickets(night: Night) -> None:
    ordinary = night.report(1, ANOTHER)
    ticket = night.report(2, after=1)
    fault = night.fault().id
    rows = night.run("queue").out.splitlines()[1:]
    assert [row.split()[0] for row in rows] == [fault, ordinary, ticket]
    assert f"CRITICAL {fault} open" in rows[2]
    assert "PAGES" in rows[0]
    listed = night.run("queue", "--json").objects
    assert [(one["ticket"], one["fault"]) for one in listed] == [(ordinary, None), (ticket, fault)]
    night.run("ack", fault)
    assert "maria has it" in night.run("queue").out


def test_a_ticket_shows_its_fault_with_how_many_other_tickets_it_has(night: Night) -> None:
    ticket, *_ = [night.report(number) for number in (1, 2, 3)]
    fault = night.fault().id
    out = night.run("show", ticket).out
    assert f"fault     {fault} «" in out
    assert "PAGES; 2 other tickets" in out
    assert night.run("show", ticket, "--json").object["fault"]["fault"] == fault
    ordinary = night.report(4, ANOTHER)
    assert night.run("show", ordinary, "--json").object["fault"] is None


def test_a_critical_clock_says_whose_pages_go_with_it_and_what_comes_next(night: Night) -> None:
    ticket = night.report(1)
    fault = night.fault().id
    out = night.run("clock", ticket).out
    assert "critical (cl. 2.1): runs\n" in out
    assert f"its pages are those of fault {fault}: PAGES" in out
    assert "1 to the on-call, 0 to escalation" in out
    assert night.run("clock", ticket, "--json").object["fault"]["fault"] == fault


def test_the_history_of_a_ticket_names_the_fault_that_it_reports(night: Night) -> None:
    ticket = night.report(1)
    told = night.run("history", ticket).out
    assert f"reports {night.fault().id}, due Fri 2027-01-01 03:05 MSK (cl. 2.1)" in told


def test_what_was_taken_for_correspondence_is_shown_whole_where_that_is_asked_for(night: Night) -> None:
    """`show` says so itself: (--whole prints them)."""
    assert "--whole" in night.run("show", "--help").out
