"""Which clock runs when: each promise of either desk, cell by cell, and what may happen to a ticket on the way."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from adapters.memory import MemoryStore
from application.receive import receive
from application.storage import Commit, TicketChange
from domain.findings import Classification
from domain.letter import Address, Letter
from domain.regulation.editions import editions, find_desk
from domain.ticket import commands as c
from domain.ticket.decide import decide
from domain.ticket.evolve import replay
from domain.ticket.ticket import CloseOutcome, CriticalClock, Priority, ReactionClock, Status, Ticket
from domain.ticket.timers import timers_of
from tests.support.builders import DETAILS, KEYS, MDO_ADDRESS, STOREOLIS_ADDRESS, a_letter, moscow
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE, NAMELESS, STORE_REQUEST
from tests.support.life import Life, begin, classified
from tests.support.people import peopled

INN = "ИНН 7707083893"
SITE_DOWN = f"Сайт лежит с ночи, 502 на всех страницах. {INN}"

DESKS = {"mdo": COMPLETE, "storeolis": STORE_REQUEST}
BOTH = pytest.mark.parametrize("desk", DESKS)


def request(desk: str, at: str = "2026-11-20 10:00") -> Life:
    """Let a complete request arrive at a desk."""
    return begin(DESKS[desk], at, desk)


def reaction_of(life: Life) -> ReactionClock:
    """Return the reaction clock, which the desk has promised by now."""
    assert life.state.reaction is not None
    return life.state.reaction


def critical_of(life: Life) -> CriticalClock:
    """Return the clock of the critical fault."""
    assert life.state.critical is not None
    return life.state.critical


def waited(life: Life) -> list[tuple[datetime, datetime | None]]:
    """Return every time the desk waited for the client."""
    return [(span.start, span.end) for span in life.state.waits]


class Reception:
    """A desk that takes letters, with a store in memory."""

    def __init__(self, desk: str) -> None:
        self.store = peopled(MemoryStore())
        self._desk = find_desk(desk)

    def receive(
        self, text: str, at: str, name: str, *, answers: str | None = None, sender: str = "olga@client.example"
    ) -> str:
        """Let a letter arrive, in answer to an earlier one or to none; return its ticket's number."""
        to = STOREOLIS_ADDRESS if self._desk == "storeolis" else MDO_ADDRESS
        letter = a_letter(
            text,
            ses_message_id=name,
            received_at=moscow(at),
            sender=Address(sender),
            in_reply_to=(f"{answers}@client.example",) if answers else (),
            subject="Вопрос" if answers is None else "Re: Вопрос",
            recipients=(to,),
        )
        return self.take(letter, moscow(at))

    def take(self, letter: Letter, now: datetime) -> str:
        """Decide on a letter, commit, and return the number of its ticket."""
        taken = receive(letter, self._desk, self.store, KEYS, now)
        assert taken is not None
        self.store.commit(taken.commit)
        assert taken.commit.ticket is not None
        return taken.commit.ticket.after.id

    def classified(self, letter: Letter) -> Classification:
        """Return what the rules say of a letter."""
        return classified(letter, editions(self._desk)[-1], letter.envelope.received_at)

    def ticket(self, number: str) -> Ticket:
        """Return a ticket as stored."""
        ticket = self.store.ticket(number)
        assert ticket is not None
        return ticket

    def close(self, number: str, at: str) -> None:
        """Let a specialist close a ticket."""
        ticket = self.ticket(number)
        decision = decide(ticket, c.SpecialistAct(c.Act.CLOSE, "anna"), editions(self._desk)[-1], moscow(at))
        assert decision.ticket is not None
        change = TicketChange(ticket, decision.ticket, decision.events, decision.outgoing)
        self.store.commit(Commit(at=moscow(at), ticket=change))


# The reaction is promised from ----------------------------------------------------------------------------


def test_mdo_1_3_the_reaction_is_promised_from_the_letter_that_completes_the_required_details() -> None:
    """Each letter before it promises nothing, whatever it adds."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.write("Мобильный телефон: +7 916 123-45-67", "2026-11-20 11:00")
    assert life.state.reaction is None
    life.write(DETAILS, "2026-11-20 12:00")
    assert reaction_of(life).counted_from == moscow("2026-11-20 12:00")
    assert reaction_of(life).due == moscow("2026-11-20 16:00")


@pytest.mark.parametrize("act", [c.Act.TAKE, c.Act.REPLY, c.Act.ASK, c.Act.SOLVE, c.Act.ACCEPT])
def test_mdo_1_3_a_specialist_who_takes_it_or_overturns_missing_counts_from_the_first_arrival(act: c.Act) -> None:
    """Also where letters came in between that did not complete the details."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.write("Мобильный телефон: +7 916 123-45-67", "2026-11-20 11:00")
    life.act(act, "2026-11-20 15:00", "Займёмся.")
    assert reaction_of(life).counted_from == moscow("2026-11-20 10:00")
    assert reaction_of(life).due == moscow("2026-11-20 14:00")
    assert reaction_of(life).stopped_at == moscow("2026-11-20 15:00")


@pytest.mark.parametrize(
    ("first", "then"),
    [(NAMELESS, INN), (f"Здравствуйте! Не работает. {INN}", "Не открывается корзина, ошибка 500 при оплате.")],
    ids=["2_1_identifies", "2_2_states_the_task"],
)
def test_storeolis_2_1_and_2_2_the_reaction_is_promised_from_the_letter_that_names_client_and_task(
    first: str, then: str
) -> None:
    """Whichever of the two was missing."""
    life = begin(first, "2026-11-20 10:00", "storeolis", subject="Помогите")
    assert life.state.reaction is None
    life.write(then, "2026-11-23 10:00")
    assert reaction_of(life).counted_from == moscow("2026-11-23 10:00")
    assert reaction_of(life).due == moscow("2026-11-30 18:00")


def test_storeolis_2_3_that_letter_also_is_the_place_in_the_order_of_arrival() -> None:
    """Who was complete at eleven comes before who became so at twelve."""
    desk = Reception("storeolis")
    first = desk.receive(NAMELESS, "2026-11-20 10:00", "a")
    second = desk.receive(f"Не загружаются фотографии товаров. {INN}", "2026-11-20 11:00", "b", sender="b@x.example")
    desk.receive(INN, "2026-11-20 12:00", "c", answers="a")
    assert [ticket.id for ticket in desk.store.queue("storeolis")] == [second, first]


# The promise ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arrived", "due"),
    [
        ("2026-11-20 08:59:59", "2026-11-20 13:00"),
        ("2026-11-20 09:00:00", "2026-11-20 13:00"),
        ("2026-11-20 17:59:59", "2026-11-23 12:59"),
        ("2026-11-20 10:00:59", "2026-11-20 14:00"),
        ("2026-11-20 18:00:00", "2026-11-23 13:00"),
        ("2024-04-26 17:00", "2024-04-27 12:00"),
        ("2024-12-28 16:00", "2025-01-09 11:00"),
    ],
)
def test_mdo_2_1_four_working_hours_are_promised(arrived: str, due: str) -> None:
    """Over nights, holidays and working Saturdays."""
    assert reaction_of(request("mdo", arrived)).due == moscow(due)


def test_mdo_2_1_a_critical_fault_is_promised_five_minutes_from_the_first_letter_round_the_clock() -> None:
    """However much later the letter is read, and whatever follows it."""
    now = moscow("2027-01-01 03:04")
    letter = a_letter(FAULT, received_at=moscow("2027-01-01 03:00"))
    desk = Reception("mdo")
    desk.take(letter, now)
    (ticket,) = desk.store.queue("moi-dokumenty-online")
    assert ticket.critical is not None
    assert (ticket.critical.since, ticket.critical.due) == (moscow("2027-01-01 03:00"), moscow("2027-01-01 03:05"))
    fault = desk.store.fault(ticket.critical.fault)
    assert fault is not None
    assert fault.series is not None
    assert fault.series.next_page_at == now + timedelta(minutes=2)


def test_mdo_2_1_a_critical_fault_is_promised_five_minutes_from_the_alarm() -> None:
    """However much later its event is delivered."""
    raised, now = moscow("2026-11-21 03:00"), moscow("2026-11-21 03:03")
    command = c.OpenByAlarm("MDO-0000-0001", "mdo-api-5xx", "5 % of requests fail", raised)
    life = Life("mdo", command, now)
    assert critical_of(life).due == moscow("2026-11-21 03:05")
    assert life.state.reaction is None


@BOTH
def test_mdo_2_1_a_fault_that_a_specialist_judges_critical_counts_from_that_judgement(desk: str) -> None:
    """Nobody could have known before; at Storeolis by a house rule."""
    life = request(desk)
    life.act(c.Act.CRITICAL, "2026-11-21 23:00", "Сообщают из трёх регионов.")
    assert critical_of(life).since == moscow("2026-11-21 23:00")
    assert critical_of(life).due == moscow("2026-11-21 23:05")
    assert critical_of(life).clause == ("2.1" if desk == "mdo" else None)


def test_mdo_2_1_a_later_letter_that_reports_it_counts_from_itself() -> None:
    """Not from the first letter, which reported something less."""
    life = request("mdo")
    life.write(FAULT, "2026-11-21 03:00")
    assert critical_of(life).due == moscow("2026-11-21 03:05")


def test_mdo_2_1_so_does_one_that_is_read_after_a_question_asked_meanwhile() -> None:
    """The wait begins after the letter, the five minutes do not."""
    life = request("mdo")
    life.act(c.Act.ASK, "2026-11-20 10:31", "Какая версия приложения?")
    letter = a_letter(FAULT, received_at=moscow("2026-11-20 10:30"), ses_message_id="ses-2")
    desk = Reception("mdo")
    found = desk.classified(letter)
    life.do(c.AddLetter(letter, found), "2026-11-20 10:32")
    assert critical_of(life).since == moscow("2026-11-20 10:30")
    assert life.state.status is Status.AWAITING_REQUESTER


@pytest.mark.parametrize(
    ("arrived", "due"),
    [
        ("2026-11-20 10:00", "2026-11-27 18:00"),
        ("2026-11-20 23:30", "2026-11-27 18:00"),
        ("2026-11-21 10:00", "2026-11-27 18:00"),
        ("2024-12-27 16:00", "2025-01-14 18:00"),
    ],
)
def test_storeolis_2_3_first_processing_within_five_working_days(arrived: str, due: str) -> None:
    """The day of arrival does not count, at whatever hour and on whatever day."""
    assert reaction_of(request("storeolis", arrived)).due == moscow(due)


def test_storeolis_2_3_work_out_of_order_is_allowed_to_the_specialist() -> None:
    """The later request may be taken first; the earlier keeps its place and its term."""
    desk = Reception("storeolis")
    first = desk.receive(STORE_REQUEST, "2026-11-20 10:00", "a")
    second = desk.receive(f"Не загружаются фотографии товаров. {INN}", "2026-11-20 11:00", "b", sender="b@x.example")
    taken = desk.ticket(second)
    edition = editions("storeolis")[-1]
    decision = decide(taken, c.SpecialistAct(c.Act.TAKE, "anna"), edition, moscow("2026-11-20 12:00"))
    assert decision.refused is None
    assert [ticket.id for ticket in desk.store.queue("storeolis")] == [first, second]


# What stops the reaction clock ----------------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("act", [c.Act.REPLY, c.Act.ASK, c.Act.SOLVE, c.Act.TAKE, c.Act.REFUSE])
def test_mdo_2_1_and_storeolis_2_3_a_specialists_act_stops_the_clock(desk: str, act: c.Act) -> None:
    """An answer, a question, a solution, a refusal, taking it."""
    life = request(desk)
    clause = {"mdo": "3.1", "storeolis": "2.6"}[desk] if act is c.Act.REFUSE else None
    life.act(act, "2026-11-20 11:00", "Посмотрели.", clause=clause)
    assert reaction_of(life).stopped_at == life.state.reacted_at == moscow("2026-11-20 11:00")


@BOTH
@pytest.mark.parametrize("act", [c.Act.NOTE, c.Act.PRIORITY, c.Act.CRITICAL])
def test_mdo_2_1_and_storeolis_2_3_what_the_client_does_not_see_is_no_reaction(desk: str, act: c.Act) -> None:
    """A note for the desk, a priority, a judgement."""
    life = request(desk)
    life.act(act, "2026-11-20 11:00", "Похоже на прошлый раз.", priority=Priority.HIGH)
    assert reaction_of(life).runs


@BOTH
def test_mdo_2_1_and_storeolis_2_3_an_automatic_letter_is_not_a_reaction(desk: str) -> None:
    """Acknowledgement, warning and breach have gone out; the clock runs on, and late."""
    life = request(desk)
    life.sweep("2026-11-27 18:00")
    assert {"accepted", "breach"} <= set(life.kinds())
    assert reaction_of(life).runs
    assert life.state.reacted_at is None


# After the reaction ---------------------------------------------------------------------------------------


@BOTH
def test_mdo_2_2_after_the_reaction_no_term_is_promised(desk: str) -> None:
    """At Storeolis as a house rule: months later nothing has come due."""
    life = request(desk)
    life.act(c.Act.REPLY, "2026-11-20 11:00", "Разбираемся.")
    assert timers_of(life.state) == ()
    assert life.sweep("2027-05-20 11:00").events == ()


@BOTH
def test_mdo_2_4_waiting_for_the_client_any_number_of_times_is_kept_apart(desk: str) -> None:
    """At Storeolis as a house rule: each wait from the question to the answer, none of it on the desk's clock."""
    life = request(desk)
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая версия?")
    stopped = reaction_of(life)
    life.write("Версия 5.1.", "2026-11-20 12:00")
    life.act(c.Act.ASK, "2026-11-20 13:00", "А телефон?")
    life.write("Андроид.", "2026-11-20 15:30")
    life.act(c.Act.SOLVE, "2026-11-23 10:00", "Обновите приложение.")
    life.act(c.Act.ASK, "2026-11-23 11:00", "Получилось?")
    assert waited(life) == [
        (moscow("2026-11-20 11:00"), moscow("2026-11-20 12:00")),
        (moscow("2026-11-20 13:00"), moscow("2026-11-20 15:30")),
        (moscow("2026-11-23 10:00"), None),
    ]
    assert reaction_of(life) == stopped
    assert editions(life.state.desk)[-1].lapse.waiting_clause == ("2.4" if desk == "mdo" else None)


@BOTH
def test_mdo_2_4_a_wait_is_over_when_the_ticket_is(desk: str) -> None:
    """Closed by a specialist while the client is silent."""
    life = request(desk)
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая версия?")
    life.act(c.Act.CLOSE, "2026-11-20 16:00", "Нашли сами.")
    assert waited(life) == [(moscow("2026-11-20 11:00"), moscow("2026-11-20 16:00"))]


# Lapse ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", [c.Act.ASK, c.Act.SOLVE])
def test_mdo_2_5_two_working_days_of_silence_lapse_with_a_reminder_one_day_before(act: c.Act) -> None:
    """After a question or a proposed solution; the term ends at midnight."""
    life = request("mdo")
    life.act(act, "2026-11-20 11:00", "Проверьте, пожалуйста, версию 5.2.")
    life.sweep("2026-11-24 08:59")
    assert "reminder" not in life.kinds()
    life.sweep("2026-11-24 09:00")
    assert life.kinds()[-1] == "reminder"
    life.sweep("2026-11-24 23:59")
    assert life.state.status is Status.AWAITING_REQUESTER
    life.sweep("2026-11-25 00:00")
    assert (life.state.outcome, life.state.clause) == (CloseOutcome.LAPSED, "2.5")


@pytest.mark.parametrize("act", [c.Act.ASK, c.Act.SOLVE])
def test_storeolis_has_no_clause_on_silence_so_nothing_lapses_and_the_specialist_is_reminded(act: c.Act) -> None:
    """Once, at the end of the same term; the client is not."""
    life = request("storeolis")
    life.act(act, "2026-11-20 11:00", "Проверьте, пожалуйста, корзину.")
    life.sweep("2026-11-24 09:00")
    assert "reminder" not in life.kinds()
    life.sweep("2026-11-25 00:00")
    life.sweep("2027-05-20 11:00")
    assert life.kinds().count("silence") == 1
    assert life.last("silence").audience == "team"
    assert life.state.status is Status.AWAITING_REQUESTER


# A follow-up letter on an open ticket ---------------------------------------------------------------------


@BOTH
@pytest.mark.parametrize("reacted", [False, True])
def test_mdo_2_1_and_storeolis_2_3_a_follow_up_starts_no_new_clock_and_the_specialist_is_told(
    desk: str, *, reacted: bool
) -> None:
    """Before the reaction and after it."""
    life = request(desk)
    if reacted:
        life.act(c.Act.REPLY, "2026-11-20 11:00", "Разбираемся.")
    clock, status = reaction_of(life), life.state.status
    life.write("И ещё: на планшете то же самое.", "2026-11-20 12:00")
    assert (reaction_of(life), life.state.status) == (clock, status)
    assert life.kinds()[-1] == "follow_up"


# Reopening by a late answer -------------------------------------------------------------------------------


@BOTH
def test_house_rule_of_both_desks_a_late_answer_within_thirty_days_reopens_with_a_new_reaction_clock(desk: str) -> None:
    """On the thirtieth day still."""
    reception = Reception(desk)
    number = reception.receive(DESKS[desk], "2026-10-20 10:00", "a")
    reception.close(number, "2026-10-20 12:00")
    assert reception.receive("Снова то же самое.", "2026-11-19 12:00", "b", answers="a") == number
    ticket = reception.ticket(number)
    assert (ticket.status, ticket.reopened) == (Status.OPEN, 1)
    assert ticket.reaction is not None
    assert ticket.reaction.counted_from == moscow("2026-11-19 12:00")
    assert ticket.reaction.due == moscow("2026-11-19 16:00" if desk == "mdo" else "2026-11-26 18:00")


@BOTH
def test_house_rule_of_both_desks_a_later_answer_is_a_new_request(desk: str) -> None:
    """It keeps a link to the old one, which stays closed."""
    reception = Reception(desk)
    old = reception.receive(DESKS[desk], "2026-10-20 10:00", "a")
    reception.close(old, "2026-10-20 12:00")
    new = reception.receive(DESKS[desk], "2026-11-19 12:01", "b", answers="a")
    assert new != old
    assert reception.ticket(old).status is Status.CLOSED
    assert reception.ticket(new).linked == (old,)
    assert reception.ticket(new).reaction is not None


@BOTH
def test_house_rule_of_both_desks_a_new_subject_without_a_reference_is_a_new_request(desk: str) -> None:
    """The sender's closed ticket is not touched."""
    reception = Reception(desk)
    old = reception.receive(DESKS[desk], "2026-11-19 10:00", "a")
    reception.close(old, "2026-11-19 12:00")
    other = {
        "mdo": f"Добрый день. В разделе документов не открывается справка о составе семьи.\n\n{DETAILS}",
        "storeolis": f"Не загружаются фотографии товаров, ошибка 413. {INN}",
    }[desk]
    new = reception.receive(other, "2026-11-20 12:00", "b")
    assert new != old
    assert reception.ticket(old).status is Status.CLOSED
    assert reception.ticket(new).linked == ()


@BOTH
def test_house_rule_of_both_desks_a_reopened_ticket_keeps_its_waits_and_its_first_reaction(desk: str) -> None:
    """What was, was; the new clock is another promise, and lapses, warnings and breaches begin anew."""
    life = request(desk)
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая версия?")
    life.act(c.Act.CLOSE, "2026-11-20 12:00", "Нашли сами.")
    life.write("Нет, всё ещё не работает.", "2026-11-23 10:00")
    assert life.state.reacted_at == moscow("2026-11-20 11:00")
    assert waited(life) == [(moscow("2026-11-20 11:00"), moscow("2026-11-20 12:00"))]
    clock = reaction_of(life)
    assert (clock.runs, clock.warned_at, clock.breached_at) == (True, None, None)
    life.sweep("2026-12-01 10:00")
    assert reaction_of(life).breached_at == moscow("2026-12-01 10:00")


# Priority, and a critical fault that is raised later and withdrawn ----------------------------------------


@BOTH
def test_mdo_2_3_a_priority_moves_no_instant_where_the_edition_has_no_table_for_it(desk: str) -> None:
    """Neither the reaction nor the lapse, nor anything that is armed."""
    life = request(desk)
    armed = timers_of(life.state)
    life.act(c.Act.PRIORITY, "2026-11-20 10:30", priority=Priority.HIGH)
    life.act(c.Act.PRIORITY, "2026-11-20 10:40", priority=Priority.LOW)
    assert timers_of(life.state) == armed


@BOTH
def test_mdo_2_1_a_critical_fault_raised_later_and_withdrawn_leaves_the_reaction_as_it_was(desk: str) -> None:
    """Its own clock ends; a second judgement starts another five minutes."""
    life = request(desk)
    before, armed = reaction_of(life), timers_of(life.state)
    life.act(c.Act.CRITICAL, "2026-11-20 10:30", "Лежит у всех.")
    assert life.state.promised_by == moscow("2026-11-20 10:35")
    life.act(c.Act.WITHDRAW_CRITICAL, "2026-11-20 10:32", "Плановые работы.")
    assert (reaction_of(life), timers_of(life.state)) == (before, armed)
    assert life.state.promised_by == before.due
    life.act(c.Act.CRITICAL, "2026-11-20 10:40", "Нет, не плановые.")
    assert critical_of(life).due == moscow("2026-11-20 10:45")


def test_mdo_2_1_withdrawn_after_its_breach_it_is_paged_no_more() -> None:
    """What was broken stays on record."""
    life = begin(FAULT, "2026-11-20 10:00")
    life.sweep("2026-11-20 10:06")
    life.act(c.Act.WITHDRAW_CRITICAL, "2026-11-20 10:07", "Ошиблись разделом.")
    assert critical_of(life).breached_at == moscow("2026-11-20 10:06")
    assert not any(sent.outbox == "page" for sent in life.sweep("2026-11-20 12:00").outgoing)


def test_mdo_2_1_acknowledging_a_critical_fault_stops_both_clocks() -> None:
    """Whoever takes it in hand has reacted."""
    life = begin(FAULT, "2026-11-20 10:00")
    life.act(c.Act.ACKNOWLEDGE, "2026-11-20 10:03")
    assert reaction_of(life).stopped_at == critical_of(life).acknowledged_at == moscow("2026-11-20 10:03")
    assert timers_of(life.state) == ()


# What a decree may still move -----------------------------------------------------------------------------


@BOTH
def test_mdo_1_2_whatever_is_computed_from_a_year_not_yet_decreed_says_so(desk: str) -> None:
    """Acknowledgement, card, warning, breach, question and reminder; a year that is decreed is not mentioned."""
    life = begin(DESKS[desk], "2031-03-04 10:00", desk)
    life.sweep("2031-03-11 17:59" if desk == "storeolis" else "2031-03-04 13:30")
    life.sweep("2031-03-20 10:00")
    life.act(c.Act.ASK, "2031-03-20 11:00", "Какая версия?")
    life.sweep("2031-03-24 10:00" if desk == "mdo" else "2031-03-25 00:00")
    dated = ["accepted", "card", "warning", "breach", *(["question", "reminder"] if desk == "mdo" else ["silence"])]
    assert {kind: life.last(kind).params.get("undecreed") for kind in dated} == dict.fromkeys(dated, ("2031",))
    assert life.state.lapse is not None
    assert life.state.lapse.undecreed_years == (2031,)
    assert not any("undecreed" in sent.params for sent in request(desk).sent)


def test_mdo_2_1_the_five_minutes_rest_on_no_calendar() -> None:
    """A critical fault's card and letter call nothing provisional."""
    life = begin(FAULT, "2031-03-04 10:00")
    assert {sent.kind for sent in life.sent if "undecreed" in sent.params} == set()
    assert life.state.promise_undecreed_years == ()


# The history ----------------------------------------------------------------------------------------------


@BOTH
def test_replaying_a_life_of_all_this_gives_the_same_clocks(desk: str) -> None:
    """Waits, a lapse or a silence, a reopening, a critical fault and its end."""
    life = request(desk)
    life.sweep("2026-11-27 19:00")
    life.act(c.Act.ASK, "2026-11-30 11:00", "Какая версия?")
    life.sweep("2026-12-03 00:00")
    life.write("Версия 5.1.", "2026-12-04 12:00")
    life.act(c.Act.CRITICAL, "2026-12-04 12:10")
    life.sweep("2026-12-04 12:14")
    life.act(c.Act.ACKNOWLEDGE, "2026-12-04 12:20")
    life.do(c.RecomputeClocks(), "2026-12-04 12:30")
    again = replay(life.events)
    assert again == life.state
    assert timers_of(again) == timers_of(life.state)
