"""Storeolis, clause by clause: what the other tests of the ticket's life leave unsaid."""

from __future__ import annotations

import pytest

from domain.client import CountedRequest, Recent
from domain.findings import Mode
from domain.regulation.editions import desk_by_address, editions
from domain.ticket import commands as c
from domain.ticket.ticket import CloseOutcome, Status
from tests.support.builders import moscow
from tests.support.client_letters import NAMELESS, STORE_REQUEST
from tests.support.life import Life, begin, worded

EDITION = editions("storeolis")[-1]
INN = "ИНН 7707083893"
QUESTION = f"Подскажите, как скрыть цену у части товаров? {INN}"
THREE = Recent(
    requests=tuple(CountedRequest(ticket=f"STO-{day}", at=moscow(f"2026-11-0{day} 10:00")) for day in (2, 3, 5))
)


def at_the_desk(text: str, recent: Recent | None = None, subject: str = "Магазин") -> Life:
    """Let a letter open a ticket on a working Friday."""
    return begin(text, "2026-11-20 10:00", "storeolis", recent, subject=subject)


def test_storeolis_1_1_a_fault_of_the_service_is_worked_on() -> None:
    """What the desk is for: nothing is suggested against it."""
    life = at_the_desk(STORE_REQUEST)
    assert life.state.status is Status.OPEN
    assert life.state.reaction is not None
    assert life.state.suggestions == ()


def test_storeolis_1_1_a_password_request_stays_open_for_a_specialist_with_the_link_sent_first() -> None:
    """The desk acts only where the client cannot, so nothing is settled by itself."""
    life = at_the_desk(f"Забыл пароль от админки, ссылка не приходит. {INN}")
    assert "https://storeolis.ru/help/password" in worded(life.last("accepted"))
    assert life.state.status is Status.OPEN
    assert [found.rule for found in life.state.suggestions] == ["password"]


def test_storeolis_1_1_a_password_in_clear_is_shown_to_nobody() -> None:
    """Neither the card nor the history has it, and the client is told to change it."""
    life = at_the_desk(f"Не могу войти в админку магазина, пароль: Qwerty123! Выдаёт ошибку 500. {INN}")
    assert "Qwerty123" not in life.last("card").params["text"]
    assert "Qwerty123" not in "".join(event.model_dump_json() for event in life.events)
    assert "смените его" in worded(life.last("accepted"))


def test_storeolis_2_1_an_unidentified_client_is_asked_by_the_clause() -> None:
    """One of three is enough, and the letter says so."""
    asked = at_the_desk(NAMELESS).last("details_requested")
    assert asked.clause == "2.1"
    assert "ИНН, номер договора или адрес сайта" in worded(asked)


def test_storeolis_2_2_requests_are_taken_at_the_published_address() -> None:
    """The one in the clause."""
    assert (EDITION.desk.clause, EDITION.desk.address) == ("2.2", "support@storeolis.ru")
    assert desk_by_address("support@storeolis.ru") == "storeolis"


def test_storeolis_2_2_an_unclear_task_starts_no_clock_until_it_is_stated() -> None:
    """The letter that states it is the request, and takes its place in the order of arrival."""
    life = at_the_desk(f"Здравствуйте! Не работает. {INN}", subject="Помогите")
    assert life.last("clarification_requested").clause == "2.2"
    assert "reaction_promised" not in life.happened()
    life.write("Не открывается корзина, выдаёт ошибку 500 при оформлении заказа.", "2026-11-23 10:00")
    assert life.state.reaction is not None
    assert life.state.reaction.counted_from == moscow("2026-11-23 10:00")


def test_storeolis_2_3_the_acknowledgement_names_the_day_and_the_clause() -> None:
    """Five working days after the day of arrival, at closing time."""
    text = worded(at_the_desk(STORE_REQUEST).last("accepted"))
    assert "пятница, 27 ноября 2026 г., 18:00 (МСК)" in text
    assert "п. 2.3 Регламента" in text


@pytest.mark.parametrize(
    "text",
    [
        "Напишите скрипт на PHP для выгрузки остатков из нашей базы",
        "Посоветуйте, какие шрифты подойдут магазину чая",
        "Помогите настроить Outlook на моём компьютере",
    ],
)
def test_storeolis_2_4_consulting_is_refused_only_by_a_specialists_word(text: str) -> None:
    """ "Is not obliged to" leaves it to a person; without a word the clock runs."""
    life = at_the_desk(f"{text}. {INN}")
    assert (life.state.status, life.state.outcome) == (Status.OPEN, None)
    life.act(c.Act.REFUSE, "2026-11-20 11:00")
    assert (life.state.outcome, life.state.clause, life.state.reason) == (CloseOutcome.REFUSED, "2.4", "out_of_scope")


def test_storeolis_2_5_the_link_is_no_reaction_and_the_ticket_stays_open() -> None:
    """A link that does not help costs the client nothing."""
    life = at_the_desk(f"Подскажите, как привязать свой домен к магазину? {INN}", subject="Домен")
    assert "https://storeolis.ru/help/domain" in worded(life.last("accepted"))
    assert life.state.reaction is not None
    assert life.state.reaction.runs
    assert life.state.status is Status.OPEN


def test_storeolis_2_6_an_unidentified_client_is_refused_only_by_a_specialist() -> None:
    """Asked twice in vain, the letter waits for a person."""
    life = at_the_desk(NAMELESS)
    for hour in (11, 12, 13):
        life.write("Просто почините, пожалуйста.", f"2026-11-20 {hour}:00")
    assert (life.state.status, life.state.outcome) == (Status.OPEN, None)
    life.act(c.Act.REFUSE, "2026-11-20 14:00", clause="2.6")
    assert (life.state.outcome, life.state.clause) == (CloseOutcome.REFUSED, "2.6")


def test_storeolis_2_6_a_service_outside_the_contract_is_suggested_under_the_clause() -> None:
    """The specialist knows the contract."""
    life = at_the_desk(f"Наполните наш каталог товарами за нас, 300 позиций. {INN}")
    (suggested,) = life.state.suggestions
    assert (suggested.rule, suggested.clause, suggested.mode) == ("scope", "2.6", Mode.SUGGEST)
    assert life.state.outcome is None


def test_storeolis_2_6_obscene_words_close_the_request_and_the_letter_is_courteous() -> None:
    """Refused with the clause and a way back; the word itself is not repeated to the client."""
    life = at_the_desk(f"Где моя выгрузка заказов, она нихуя не грузит товары. {INN}")
    assert (life.state.outcome, life.state.clause, life.state.reason) == (CloseOutcome.REFUSED, "2.6", "offence")
    text = worded(life.last("refused_offence"))
    assert "п. 2.6 Регламента" in text
    assert "нихуя" not in text
    assert "refused_by_desk" in life.kinds()


def test_storeolis_2_6_a_specialist_overturns_what_the_desk_refused_by_one_word() -> None:
    """A new clock runs, and the rule refuses no more."""
    life = at_the_desk(f"Где моя выгрузка заказов, она нихуя не грузит товары. {INN}")
    life.act(c.Act.REOPEN, "2026-11-20 11:00")
    assert life.state.status is Status.OPEN
    assert life.state.reaction is not None
    assert not any(found.decides for found in life.state.findings)


def test_storeolis_2_6_an_insult_closes_nothing() -> None:
    """Who is meant is a person's judgement."""
    life = at_the_desk(f"Вы там идиоты? Корзина выдаёт ошибку 500 при оформлении заказа. {INN}")
    assert life.state.status is Status.OPEN
    assert "obscenity" in [found.rule for found in life.state.suggestions]


def test_storeolis_2_6_the_fourth_consultation_is_closed_with_the_count_and_the_paid_offer() -> None:
    """And a fault beyond the limit is not."""
    life = at_the_desk(QUESTION, THREE)
    assert (life.state.outcome, life.state.clause, life.state.reason) == (
        CloseOutcome.REFUSED,
        "2.6",
        "quota_exceeded",
    )
    text = worded(life.last("refused_quota"))
    assert "4 обращения" in text
    assert "отдельной договорённости" in text
    fault = at_the_desk(f"Не открывается корзина, ошибка 500. {INN}", THREE)
    assert fault.state.outcome is None
    assert "quota" in [found.rule for found in fault.state.suggestions]


def test_storeolis_2_7_a_lost_letter_is_told_to_the_team_and_to_no_court() -> None:
    """No liability for other people's mail; that it failed is known all the same."""
    life = at_the_desk(STORE_REQUEST)
    life.do(c.ReportFailedDelivery("olga@client.example", "550 5.1.1 no such user", "m"), "2026-11-20 10:05")
    assert life.kinds()[-1] == "delivery_failed"
    assert life.state.reaction is not None
    assert life.state.reaction.runs


def test_storeolis_2_6_another_services_fault_is_suggested_under_the_clause() -> None:
    """What others provide is not in the contract."""
    life = at_the_desk(f"Яндекс Доставка не отдаёт трек-номера, в их кабинете ошибка. {INN}")
    assert [(found.rule, found.clause, found.reason) for found in life.state.suggestions] == [
        ("scope", "2.6", "third_party")
    ]
    assert life.state.outcome is None


def test_storeolis_2_6_a_standard_question_over_the_count_is_closed_with_its_link() -> None:
    """Refused as a consultation, and helped all the same."""
    life = at_the_desk(f"Подскажите, как привязать свой домен к магазину? {INN}", THREE, subject="Домен")
    assert (life.state.outcome, life.state.reason) == (CloseOutcome.REFUSED, "quota_exceeded")
    assert "https://storeolis.ru/help/domain" in worded(life.last("refused_quota"))


def test_storeolis_house_rule_a_critical_fault_pages_nobody_before_a_specialists_word() -> None:
    """No clause promises the night; after the word the five minutes hold, and no clause is cited."""
    life = at_the_desk(f"Сайт лежит с ночи, 502 на всех страницах. {INN}")
    assert not any(sent.outbox == "page" for sent in life.sent)
    life.act(c.Act.CRITICAL, "2026-11-21 03:00", "Лежит у всех.")
    page = life.last("page_critical")
    assert (page.outbox, page.clause) == ("page", None)
    assert life.state.critical is not None
    assert life.state.critical.due == moscow("2026-11-21 03:05")


def test_storeolis_house_rule_a_late_answer_reopens_and_promises_anew() -> None:
    """Five working days from the answer."""
    life = at_the_desk(STORE_REQUEST)
    life.act(c.Act.CLOSE, "2026-11-23 11:00", "Исправлено.")
    life.write("Снова не открывается корзина, ошибка 500.", "2026-12-01 10:00")
    assert life.state.status is Status.OPEN
    assert life.state.reaction is not None
    assert life.state.reaction.due == moscow("2026-12-08 18:00")
