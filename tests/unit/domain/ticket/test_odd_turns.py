"""Turns that a ticket's life takes less often: repetitions, late letters, other people's letters, failed deliveries."""

from __future__ import annotations

from typing import Any

import pytest

from domain.letter import Address, Attachment
from domain.ticket import commands as c
from domain.ticket.decide.draft import MAX_TEXT
from domain.ticket.decide.letters import REPEATS_ANSWERED
from domain.ticket.ticket import CloseOutcome, Status
from domain.ticket.timers import timers_of
from tests.support.builders import DETAILS, a_letter, moscow
from tests.support.client_letters import COMPLETE, FAULT, INCOMPLETE
from tests.support.life import Life, begin, classified


def repeat(
    life: Life, written: str, at: str, *, by_requester: bool = True, duplicate: bool = True, **changes: Any
) -> None:
    """Let a letter join the ticket, as a repetition unless told otherwise."""
    letter = a_letter(written, received_at=moscow(at), ses_message_id=f"ses-{at}", **changes)
    found = classified(letter, life.edition, moscow(at))
    life.do(c.AddLetter(letter, found, duplicate=duplicate, by_requester=by_requester), at)


def test_a_repetition_of_a_resolved_request_reopens_it() -> None:
    """The trouble is back; nothing says so better than the same words."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.CLOSE, "2026-11-20 11:00")
    repeat(life, COMPLETE, "2026-11-23 10:00")
    assert life.state.status is Status.OPEN
    assert life.state.reaction is not None
    assert life.state.reaction.due == moscow("2026-11-23 14:00")


def test_a_repetition_of_a_refused_request_stays_refused() -> None:
    """Sending it again is no new ground."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.REFUSE, "2026-11-20 11:00", clause="3.1")
    repeat(life, COMPLETE, "2026-11-23 10:00")
    assert life.state.outcome is CloseOutcome.REFUSED
    assert life.kinds()[-2:] == ["duplicate", "follow_up"]


@pytest.mark.parametrize("outcome", [CloseOutcome.RESOLVED, CloseOutcome.WITHDRAWN])
def test_mdo_2_1_a_critical_repetition_of_a_closed_request_reopens_it_and_pages(outcome: CloseOutcome) -> None:
    """A page always has an open ticket behind it."""
    life = begin(FAULT, "2026-11-20 10:00")
    life.act(c.Act.CLOSE, "2026-11-20 11:00", outcome=outcome)
    repeat(life, FAULT, "2026-11-22 03:00")
    assert life.state.status is Status.OPEN
    assert life.kinds().count("page_critical") == 2
    assert "accepted_critical" in life.kinds()


def test_a_closed_ticket_has_no_timers() -> None:
    """Not even those of a critical fault."""
    life = begin(FAULT, "2026-11-20 10:00")
    life.act(c.Act.CLOSE, "2026-11-20 10:01")
    assert timers_of(life.state) == ()


def test_a_robot_that_repeats_itself_is_answered_a_few_times_and_no_more() -> None:
    """Two machines must not write to each other for ever."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    for minute in range(20):
        repeat(life, COMPLETE, f"2026-11-20 10:{minute + 10}")
    assert life.kinds().count("duplicate") == REPEATS_ANSWERED
    assert life.kinds().count("follow_up") == REPEATS_ANSWERED


def test_a_repetition_that_says_something_more_is_shown_however_often_the_letter_was_sent() -> None:
    """A word that nobody reads would be lost."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    letter = a_letter(f"Нас взломали. {COMPLETE}", received_at=moscow("2026-11-20 12:00"))
    found = life.events[0].classification
    finding = found.finding("duplicates")
    assert finding is not None
    adding = finding.model_copy(update={"matched": True, "params": {"original": life.state.id, "adds": "yes"}})
    others = tuple(one for one in found.findings if one.rule != "duplicates")
    command = c.AddLetter(letter, found.model_copy(update={"findings": (*others, adding)}), duplicate=True)
    for hour in range(12, 12 + REPEATS_ANSWERED + 2):
        life.do(command, f"2026-11-20 {hour}:00")
    assert life.kinds().count("duplicate") == REPEATS_ANSWERED
    assert life.kinds().count("follow_up") == REPEATS_ANSWERED + 2


def test_mdo_1_3_2_a_repetition_that_brings_the_missing_details_completes_the_request() -> None:
    """What is missing may stand in the signature, which no comparison looks at."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    repeat(life, INCOMPLETE, "2026-11-20 12:00", signature=DETAILS, text=f"{INCOMPLETE}\n\n{DETAILS}")
    assert life.state.reaction is not None
    assert life.state.reaction.counted_from == moscow("2026-11-20 12:00")


def test_mdo_1_3_a_repetition_after_the_lapse_promises_nothing_while_details_are_missing() -> None:
    """Support is guaranteed from the letter that completes them."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.sweep("2026-11-25 00:00")
    repeat(life, INCOMPLETE, "2026-11-26 10:00")
    assert life.state.status is Status.AWAITING_REQUESTER
    assert life.state.reaction is None


@pytest.mark.parametrize("act", [c.Act.ACCEPT, c.Act.TAKE, c.Act.REPLY])
def test_a_request_that_a_specialist_took_incomplete_reopens_with_a_clock(act: c.Act) -> None:
    """What was missing then is asked for no more."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.act(act, "2026-11-20 11:00", "Смотрим.")
    life.act(c.Act.CLOSE, "2026-11-20 12:00")
    life.write("Снова не помогло.", "2026-11-23 10:00")
    assert life.state.reaction is not None
    assert life.state.reaction.due == moscow("2026-11-23 14:00")
    assert life.kinds().count("details_requested") == 1


def test_somebody_elses_letter_with_the_token_ends_the_wait_and_changes_no_names() -> None:
    """A colleague may answer; the recorded requester stays who it was."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия?")
    stranger = Address("ivan@client.example", "Иван Иванов")
    text = "Версия 5.1. ФИО: Иванов Иван Иванович, тел. +7 999 765-43-21"
    repeat(life, text, "2026-11-20 12:00", by_requester=False, duplicate=False, sender=stranger)
    assert life.state.lapse is None
    life.act(c.Act.CLOSE, "2026-11-20 13:00")
    repeat(life, text, "2026-11-23 10:00", by_requester=False, duplicate=False, sender=stranger)
    assert life.state.identification.full_name == "Лебедева Ольга Игоревна"
    assert life.state.identification.phone == "+79161234567"


def test_a_letter_written_before_the_question_does_not_answer_it() -> None:
    """Letters may be handled out of order."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия?")
    letter = a_letter("Забыл добавить снимок.", received_at=moscow("2026-11-20 10:59"), ses_message_id="late")
    found = classified(letter, life.edition, moscow("2026-11-20 11:01"))
    life.do(c.AddLetter(letter, found), "2026-11-20 11:01")
    assert life.state.status is Status.AWAITING_REQUESTER


def test_a_plain_answer_of_the_specialist_ends_the_wait() -> None:
    """The desk goes on by itself: the earlier question must not lapse over it."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия?")
    life.act(c.Act.REPLY, "2026-11-20 12:00", "Уже нашли причину, продолжаем.")
    assert life.state.status is Status.IN_PROGRESS
    assert life.next_instant() is None


def test_a_question_that_did_not_arrive_does_not_lapse() -> None:
    """Whoever never got it owes no answer; the team is told."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая у вас версия?")
    life.do(c.ReportFailedDelivery("olga@client.example", "5.1.1", "OUT-2"), "2026-11-20 11:05")
    assert life.state.status is Status.IN_PROGRESS
    assert life.kinds()[-1] == "delivery_failed"


def test_each_letter_that_did_not_arrive_is_told_of_once() -> None:
    """A second failure at the same address is another letter lost."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    for message in ("OUT-1", "OUT-1", "OUT-2"):
        life.do(c.ReportFailedDelivery("olga@client.example", "4.2.2", message), "2026-11-20 11:00")
    assert life.kinds().count("delivery_failed") == 2


def test_a_critical_fault_that_nobody_has_taken_does_not_lapse() -> None:
    """Whatever details are missing, the pages go on."""
    life = begin(FAULT.partition("\n\n")[0], "2026-11-20 10:00")
    assert life.state.status is Status.AWAITING_REQUESTER
    life.sweep("2026-11-28 10:00")
    assert life.state.status is Status.AWAITING_REQUESTER
    assert life.fault.pages_run
    assert life.next_instant() is None


def test_a_withdrawn_critical_fault_is_not_paged_again_by_the_same_words() -> None:
    """A specialist has judged it; a closed and reopened ticket is judged anew."""
    life = begin(FAULT, "2026-11-20 10:00")
    life.act(c.Act.WITHDRAW_CRITICAL, "2026-11-20 10:02", "Плановые работы.")
    life.write(FAULT, "2026-11-20 10:30")
    assert life.kinds().count("page_critical") == 1


def test_of_several_suggestions_the_clause_named_is_the_one_confirmed() -> None:
    """And its reason is kept."""
    text = f"Прошу провести обучение сотрудников работе с приложением и написать инструкцию.\n\n{DETAILS}"
    life = begin(text, "2026-11-20 10:00")
    assert life.state.suggestions
    clause = life.state.suggestions[-1].clause
    life.act(c.Act.REFUSE, "2026-11-20 11:00", clause=clause)
    assert life.state.reason == "out_of_scope"
    assert life.state.suggestions == ()


def test_a_specialists_text_without_end_is_refused_with_the_reason() -> None:
    """What is stored has bounds; nothing is cut off in silence."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    refused = life.act(c.Act.REPLY, "2026-11-20 11:00", "а" * (MAX_TEXT + 1)).refused
    assert refused is not None
    assert str(MAX_TEXT) in refused.english


def test_where_nobody_can_be_answered_a_specialist_is_told_so() -> None:
    """A letter without From opens a ticket and a clock for the team."""
    life = begin(COMPLETE, "2026-11-20 10:00", sender=None, from_addresses=())
    assert life.state.reaction is not None
    refused = life.act(c.Act.REPLY, "2026-11-20 11:00", "Готово.").refused
    assert refused is not None
    assert "address" in refused.english


def test_files_of_a_specialists_answer_are_not_lost_in_silence() -> None:
    """They do not reach the client, and the team is told so."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    letter = a_letter("Инструкция во вложении.", attachments=(Attachment("a.pdf", "application/pdf", 10),))
    life.act(c.Act.REPLY, "2026-11-20 11:00", "Инструкция во вложении.", letter=letter)
    assert life.kinds()[-2:] == ["reply", "follow_up"]
    assert "не переданы" in life.sent[-1].params["note"]


def test_hundreds_of_attachments_are_counted_and_not_all_listed() -> None:
    """What is stored of one letter has bounds."""
    files = tuple(Attachment(f"{'файл' * 30}{number}.txt", "text/plain", 1) for number in range(900))
    life = begin(COMPLETE, "2026-11-20 10:00", attachments=files)
    listed = life.last("card").params["attachments"]
    assert listed[-1] == "и ещё 850"
    assert len(life.last("card").model_dump_json()) < 40_000
