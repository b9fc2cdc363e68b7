"""Letters that bring what was missing, late deliveries, and clocks that are computed anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from domain.client import CountedRequest, Recent
from domain.findings import Category
from domain.letter import Trust
from domain.ticket import commands as c
from domain.ticket.decide import Decision, decide
from domain.ticket.departure import leaving
from domain.ticket.ticket import CloseOutcome, LapseClock, ReactionClock, Status
from domain.working_time import Override, WorkingCalendar
from tests.support.builders import DETAILS, a_letter, moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE, STORE_REQUEST
from tests.support.life import Life, begin, classified, worded

INN = "ИНН 7707083893"
UNCLEAR = f"Здравствуйте! Не работает. {INN}"
QUESTION = "Подскажите, как скрыть цену у части товаров?"
THREE = Recent(
    requests=tuple(CountedRequest(ticket=f"STO-{day}", at=moscow(f"2026-11-0{day} 10:00")) for day in (2, 3, 5))
)


def reaction_of(life: Life) -> ReactionClock:
    """Return the reaction clock, which the desk has promised by now."""
    assert life.state.reaction is not None
    return life.state.reaction


def lapse_of(life: Life) -> LapseClock:
    """Return the clock of the client's silence."""
    assert life.state.lapse is not None
    return life.state.lapse


def rules_of(life: Life) -> list[str]:
    """Return the rules whose findings the ticket keeps."""
    return [found.rule for found in life.state.findings]


# Details --------------------------------------------------------------------------------------------------


def test_mdo_1_3_2_the_second_question_asks_only_for_what_is_still_missing() -> None:
    """And once all is there, nothing is."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.write("Телефон: +7 916 123-45-67", "2026-11-20 11:00")
    assert "phone" not in life.last("details_requested").params["missing"]
    assert life.state.identification.missing == life.last("details_requested").params["missing"]
    assert [found.missing for found in life.events if found.type == "wait_started"][
        1
    ] == life.state.identification.missing
    life.write(DETAILS, "2026-11-20 12:00")
    assert life.state.identification.missing == ()
    assert "identification" not in rules_of(life)


def test_mdo_1_4_what_two_questions_did_not_bring_stays_before_the_specialist() -> None:
    """Who may refuse for it."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    for hour in (11, 12):
        life.write("Просто почините, пожалуйста.", f"2026-11-20 {hour}:00")
    assert life.state.status is Status.OPEN
    assert "identification" in rules_of(life)


def test_mdo_1_3_a_letter_that_completes_the_details_settles_what_was_asked_and_nothing_else() -> None:
    """What only a specialist may decide is still before the specialist."""
    text = "Прошу провести обучение сотрудников работе с приложением и написать инструкцию."
    life = begin(text, "2026-11-20 10:00")
    assert {"identification", "scope"} <= set(rules_of(life))
    life.write(DETAILS, "2026-11-20 11:00")
    assert "identification" not in rules_of(life)
    assert "scope" in [found.rule for found in life.state.suggestions]


def test_storeolis_2_2_a_task_that_is_still_unclear_is_asked_about_once_more_and_then_left_to_a_specialist() -> None:
    """With the same hints; the client is not sent round in circles."""
    life = begin(UNCLEAR, "2026-11-20 10:00", "storeolis", subject="Помогите")
    assert life.state.category is Category.UNCLEAR
    life.write("Помогите, ничего не работает!", "2026-11-20 11:00", subject="Помогите")
    assert life.kinds().count("clarification_requested") == 2
    assert life.last("clarification_requested").clause == "2.2"
    life.write("Помогите, ничего не работает!", "2026-11-20 12:00", subject="Помогите")
    assert life.kinds().count("clarification_requested") == 2
    assert life.state.status is Status.OPEN
    assert reaction_of(life).counted_from == moscow("2026-11-20 12:00")


def test_storeolis_2_2_the_letter_that_states_the_task_says_what_kind_of_request_it_is() -> None:
    """What was unclear is filed by it; what was clear stays what it was."""
    unclear = begin(UNCLEAR, "2026-11-20 10:00", "storeolis", subject="Помогите")
    unclear.write("Не открывается корзина, выдаёт ошибку 500 при оформлении заказа.", "2026-11-23 10:00")
    assert unclear.state.category is Category.IN_SCOPE
    password = begin("Забыл пароль от админки, ссылка не приходит.", "2026-11-20 10:00", "storeolis")
    password.write(f"Не открывается корзина, ошибка 500. {INN}", "2026-11-23 10:00")
    assert reaction_of(password).counted_from == moscow("2026-11-23 10:00")
    assert password.state.category is Category.PASSWORD


def test_storeolis_2_6_a_consultation_over_the_limit_is_refused_once_its_author_is_known() -> None:
    """Asked for the details first, as any other; the count decides then."""
    life = begin(QUESTION, "2026-11-20 10:00", "storeolis", THREE, subject="Магазин")
    assert life.kinds()[0] == "details_requested"
    life.write(INN, "2026-11-23 10:00")
    assert (life.state.outcome, life.state.reason, life.state.clause) == (
        CloseOutcome.REFUSED,
        "quota_exceeded",
        "2.6",
    )
    assert "п. 2.6 Регламента" in worded(life.last("refused_quota"))
    assert life.state.reaction is None


def test_storeolis_2_6_a_ticket_that_was_reopened_is_not_refused_by_the_desk() -> None:
    """A person has had it in hand: what the count says is for a person to weigh."""
    life = begin(QUESTION, "2026-11-20 10:00", "storeolis", THREE, subject="Магазин")
    life.act(c.Act.CLOSE, "2026-11-20 12:00")
    life.write(INN, "2026-11-23 10:00")
    assert life.state.status is Status.OPEN
    assert reaction_of(life).counted_from == moscow("2026-11-23 10:00")
    assert life.kinds()[-2:] == ["reopened", "follow_up"]


@pytest.mark.parametrize(
    ("opened", "then", "by_requester", "corrects"),
    [
        (Trust.VERIFIED, Trust.VERIFIED, True, True),
        (Trust.VERIFIED, Trust.CLAIMED, True, False),
        (Trust.VERIFIED, Trust.VERIFIED, False, False),
        (Trust.CLAIMED, Trust.CLAIMED, True, True),
        (Trust.CLAIMED, Trust.VERIFIED, False, False),
    ],
)
def test_mdo_1_3_2_only_who_surely_is_the_requester_changes_what_is_known_of_the_requester(
    opened: Trust, then: Trust, by_requester: bool, corrects: bool
) -> None:
    """Anybody who may write to the ticket adds what is missing; who opened it unproved is as sure as before."""
    life = begin(f"{INCOMPLETE}\n\nТелефон: +7 999 765-43-21", "2026-11-20 10:00", trust=opened)
    letter = a_letter(DETAILS, received_at=moscow("2026-11-20 11:00"), ses_message_id="ses-2", trust=then)
    found = classified(letter, life.edition, moscow("2026-11-20 11:00"))
    life.do(c.AddLetter(letter, found, by_requester=by_requester), "2026-11-20 11:00")
    assert life.state.identification.phone == ("+79161234567" if corrects else "+79997654321")
    assert life.state.identification.organisation == "МФЦ города Лесного"
    assert life.state.identification.missing == ()


def test_mdo_2_4_a_wait_never_ends_before_it_began() -> None:
    """A letter from before the desk's question, delivered after it, completes the details all the same."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    letter = a_letter(DETAILS, received_at=moscow("2026-11-20 09:58"), ses_message_id="late")
    found = classified(letter, life.edition, moscow("2026-11-20 10:05"))
    life.do(c.AddLetter(letter, found), "2026-11-20 10:05")
    (wait,) = life.state.waits
    assert (wait.start, wait.end) == (moscow("2026-11-20 10:00"), moscow("2026-11-20 10:00"))
    assert life.state.status is Status.OPEN


def test_mdo_2_5_an_answer_in_the_instant_of_the_question_ends_the_wait() -> None:
    """Clocks of two machines may agree to the second."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая версия?")
    life.write("Версия 5.1.", "2026-11-20 11:00")
    assert life.state.status is Status.IN_PROGRESS


def test_mdo_2_5_a_request_for_details_says_until_when_and_by_which_clause_it_waits() -> None:
    """And calls the term provisional where it may still move."""
    asked = begin(INCOMPLETE, "2026-11-20 10:00").last("details_requested")
    assert "(п. 2.5 Регламента)" in worded(asked)
    assert "undecreed" not in asked.params
    assert begin(INCOMPLETE, "2031-03-04 10:00").last("details_requested").params["undecreed"] == ("2031",)


def test_storeolis_1_1_and_2_5_links_that_help_meanwhile_name_their_clauses() -> None:
    """One letter may ask for both: a password, and where to do something."""
    life = begin(
        f"Как сменить пароль от админки? Подскажите, как привязать свой домен к магазину? {INN}",
        "2026-11-20 10:00",
        "storeolis",
        subject="Домен",
    )
    text = worded(life.last("accepted"))
    assert "(п. 2.5 Регламента): https://storeolis.ru/help/domain" in text
    assert "(п. 1.1 Регламента): https://storeolis.ru/help/password" in text
    over_the_limit = begin(STORE_REQUEST, "2026-11-20 10:00", "storeolis", THREE)
    assert rules_of(over_the_limit) == ["quota"]
    assert set(over_the_limit.last("accepted").params) == {"due"}


# Letters that did not arrive ------------------------------------------------------------------------------


def test_mdo_1_3_a_request_for_details_that_did_not_arrive_leaves_the_ticket_to_the_team() -> None:
    """The client was told nothing and owes nothing: the promise counts from the news."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    life.do(c.ReportFailedDelivery("olga@client.example", "550 5.1.1 no such user", "OUT-1"), "2026-11-20 11:00")
    assert (life.state.status, life.state.lapse) == (Status.OPEN, None)
    assert reaction_of(life).counted_from == moscow("2026-11-20 11:00")
    assert reaction_of(life).due == moscow("2026-11-20 15:00")
    told = worded(life.last("delivery_failed"))
    assert "olga@client.example: 550 5.1.1 no such user" in told


def test_mdo_2_5_a_letter_that_another_address_did_not_get_leaves_the_question_as_it_is() -> None:
    """Only the requester owes the answer."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая версия?")
    life.do(c.ReportFailedDelivery("x@client.example", "5.1.1", "OUT-9"), "2026-11-20 11:05")
    assert life.state.status is Status.AWAITING_REQUESTER


def test_a_mail_servers_speech_without_end_is_cut() -> None:
    """In the history and in the letter alike."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.do(c.ReportFailedDelivery("olga@client.example", "x" * 900, "OUT-1"), "2026-11-20 11:00")
    assert life.last("delivery_failed").params["detail"] == life.events[-1].detail == "x" * 500


# Sweeps at the very end -----------------------------------------------------------------------------------


def test_a_sweep_at_the_very_end_of_a_term_sends_no_warning_of_it() -> None:
    """A term that has come to its end is not announced."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.sweep("2026-11-20 14:00")
    assert (life.kinds()[-1], "warning" in life.kinds()) == ("breach", False)
    life.act(c.Act.ASK, "2026-11-20 15:00", "Какая версия?")
    life.sweep("2026-11-25 00:00")
    assert (life.kinds()[-1], "reminder" in life.kinds()) == ("lapsed", False)


# A calendar that is corrected -----------------------------------------------------------------------------


def recompute(life: Life, at: str, *closed: date) -> Decision:
    """Let the clocks be computed anew, as if these days had been decreed days off."""
    hours = replace(life.edition.calendar.hours, overrides={day: Override("выходной по указу") for day in closed})
    corrected = life.edition.model_copy(update={"calendar": WorkingCalendar.of(hours)})
    return life._take(decide(life.ticket, c.RecomputeClocks(), corrected, moscow(at)))


def stale(life: Life, clock: str, **changes: Any) -> None:
    """Let a clock have been computed when the year 2026 was not decreed."""
    was: Any = getattr(life.state, clock)
    life.ticket = life.state.model_copy(update={clock: was.model_copy(update={"undecreed_years": (2026,), **changes})})


def test_a_corrected_calendar_moves_a_promise_that_runs_and_its_warning() -> None:
    """Monday is off: three hours of the four fall on Tuesday."""
    life = begin(COMPLETE, "2026-11-20 17:00")
    assert reaction_of(life).due == moscow("2026-11-23 12:00")
    decision = recompute(life, "2026-11-21 12:00", date(2026, 11, 23))
    assert (reaction_of(life).due, reaction_of(life).warn_at) == (
        moscow("2026-11-24 12:00"),
        moscow("2026-11-24 11:00"),
    )
    assert [(event.type, event.at) for event in decision.events] == [("clocks_recomputed", moscow("2026-11-21 12:00"))]
    assert decision.outgoing == ()
    assert life.next_instant() == moscow("2026-11-24 11:00")


def test_a_corrected_calendar_moves_the_clients_term_and_the_reminder_and_leaves_the_kept_promise() -> None:
    """Monday is off: Tuesday and Wednesday are the two days."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая версия?")
    kept = reaction_of(life)
    recompute(life, "2026-11-21 12:00", date(2026, 11, 20), date(2026, 11, 23))
    assert reaction_of(life) == kept
    assert (lapse_of(life).due, lapse_of(life).remind_at) == (moscow("2026-11-26 00:00"), moscow("2026-11-25 09:00"))


def asked(at: str, *closed: date) -> Life:
    """Return a ticket with a question that was asked while these days were held to be days off."""
    life = begin(COMPLETE, at)
    life.act(c.Act.ASK, at, "Какая версия?")
    recompute(life, at, *closed)
    return life


def test_mdo_2_5_a_term_that_a_corrected_calendar_shortens_is_told_to_the_client_once() -> None:
    """The old end, why, and the new one; the reminder follows it."""
    life = asked("2026-11-20 11:00", date(2026, 11, 24), date(2026, 11, 25))
    assert lapse_of(life).due == moscow("2026-11-27 00:00")
    told = recompute(life, "2026-11-21 12:00")
    assert [mail.kind for mail in told.outgoing] == ["term_shortened"]
    assert (lapse_of(life).due, lapse_of(life).remind_at) == (moscow("2026-11-25 00:00"), moscow("2026-11-24 09:00"))
    text = worded(life.last("term_shortened"))
    assert (
        "Прежде мы называли срок: четверг, 26 ноября 2026 г., 24:00 (МСК). Производственный календарь исправлен" in text
    )
    assert "теперь срок наступит раньше: вторник, 24 ноября 2026 г., 24:00 (МСК)" in text
    assert recompute(life, "2026-11-21 12:05").events == ()
    assert life.kinds().count("term_shortened") == 1
    assert leaving(life.last("term_shortened"), life.state, life.edition, moscow("2026-11-23 10:00")) is not None
    life.write("Версия 5.1.", "2026-11-23 11:00")
    assert leaving(life.last("term_shortened"), life.state, life.edition, moscow("2026-11-23 12:00")) is None


def test_mdo_2_5_a_term_of_a_question_that_has_not_left_is_told_of_by_the_question() -> None:
    """Nothing was said of its end yet."""
    life = begin(COMPLETE, "2026-11-20 11:00")
    life.post_runs = False
    life.act(c.Act.ASK, "2026-11-20 11:00", "Какая версия?")
    recompute(life, "2026-11-20 11:00", date(2026, 11, 24))
    assert recompute(life, "2026-11-21 12:00").outgoing == ()


def test_mdo_2_5_a_year_that_is_decreed_and_shortens_a_term_is_named() -> None:
    """The letter that asked had called the term provisional."""
    life = asked("2026-11-20 11:00", date(2026, 11, 24))
    stale(life, "lapse")
    recompute(life, "2026-11-21 12:00")
    assert "Производственный календарь на 2026 год утверждён, и теперь" in worded(life.last("term_shortened"))


def test_mdo_2_5_a_shortened_term_never_ends_before_the_next_working_day_is_over() -> None:
    """The client has to be able to read of it and to answer; the letter is the reminder then. It moves once only."""
    life = asked("2026-11-20 11:00", date(2026, 11, 23), date(2026, 11, 24), date(2026, 11, 25), date(2026, 11, 26))
    assert lapse_of(life).due == moscow("2026-12-01 00:00")
    recompute(life, "2026-11-25 12:00")
    assert (lapse_of(life).due, lapse_of(life).remind_at) == (moscow("2026-11-27 00:00"), None)
    assert recompute(life, "2026-11-26 12:00").events == ()
    life.sweep("2026-11-26 23:59")
    assert life.kinds()[-1] == "term_shortened"
    life.sweep("2026-11-27 00:00")
    assert life.kinds()[-1] == "lapsed"


def test_mdo_2_5_a_term_is_shortened_only_by_a_letter_that_has_left() -> None:
    """SES is out for longer than the shortened term: the client knows the end that was told before, and no other."""
    life = asked("2026-11-20 11:00", date(2026, 11, 24), date(2026, 11, 25))
    life.post_runs = False
    recompute(life, "2026-11-21 12:00")
    assert recompute(life, "2026-11-24 12:00").outgoing == ()
    letter = life.last("term_shortened")
    assert lapse_of(life).due == moscow("2026-11-27 00:00")
    life.sweep("2026-11-26 23:59")
    assert life.state.status is Status.AWAITING_REQUESTER
    assert [leaving(letter, life.state, life.edition, moscow(at)) is None for at in LATE] == [False, True]
    life.sweep("2026-11-27 00:00")
    assert life.kinds()[-1] == "lapsed"


LATE = ("2026-11-23 23:59", "2026-11-24 00:01")
"""Before and after the last instant that leaves the client a working day."""


def test_mdo_2_5_a_letter_of_an_earlier_end_that_holds_no_more_does_not_leave() -> None:
    """The calendar was corrected once more before it could."""
    life = asked("2026-11-20 11:00", date(2026, 11, 24), date(2026, 11, 25))
    life.post_runs = False
    recompute(life, "2026-11-21 12:00")
    recompute(life, "2026-11-21 12:05", date(2026, 11, 24), date(2026, 11, 25))
    assert leaving(life.last("term_shortened"), life.state, life.edition, moscow("2026-11-21 12:06")) is None
    assert lapse_of(life).due == moscow("2026-11-27 00:00")


def test_mdo_2_5_a_term_that_grows_longer_is_told_by_the_reminder_alone() -> None:
    """Nobody is hurried."""
    life = asked("2026-11-20 11:00")
    assert recompute(life, "2026-11-21 12:00", date(2026, 11, 24)).outgoing == ()


def test_a_corrected_calendar_moves_the_term_of_who_was_promised_nothing_yet() -> None:
    """The desk waits for details: there is no promise to move."""
    life = begin(INCOMPLETE, "2026-11-20 10:00")
    recompute(life, "2026-11-21 12:00", date(2026, 11, 23))
    assert life.state.reaction is None
    assert lapse_of(life).due == moscow("2026-11-26 00:00")


def test_what_was_broken_or_told_already_stays_as_it_was() -> None:
    """A promise that was broken, and a silence that the specialist was reminded of."""
    broken = begin(COMPLETE, "2026-11-20 17:00")
    broken.sweep("2026-11-23 12:00")
    assert recompute(broken, "2026-11-23 13:00", date(2026, 11, 23)).events == ()
    silent = begin(STORE_REQUEST, "2026-11-20 10:00", "storeolis")
    silent.act(c.Act.ASK, "2026-11-20 11:00", "Какой браузер?")
    silent.sweep("2026-11-25 00:00")
    assert recompute(silent, "2026-11-25 13:00", date(2026, 11, 23)).events == ()


@pytest.mark.parametrize("clock", ["reaction", "lapse"])
def test_a_year_that_was_decreed_meanwhile_is_called_provisional_no_more(clock: str) -> None:
    """Also where no day of it has moved."""
    life = begin(COMPLETE if clock == "reaction" else INCOMPLETE, "2026-11-20 10:00")
    stale(life, clock)
    decision = decide(life.ticket, c.RecomputeClocks(), life.edition, moscow("2026-11-20 12:00"))
    assert decision.ticket is not None
    assert getattr(decision.ticket, clock).undecreed_years == ()
