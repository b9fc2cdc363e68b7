"""More than three requests a month (Storeolis 2.6)."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from application.recognise import writer_of
from application.storage import Found
from domain.client import Client, Contact, ContactKind, CountedRequest, Recent
from domain.findings import Category, Finding, Mode
from domain.intake import quota
from domain.letter import Trust
from domain.regulation.editions import editions
from tests.support.builders import MOSCOW, a_letter, moscow

RULE = editions("storeolis")[-1].rules.quota
ZONE = ZoneInfo("Europe/Moscow")
QUESTION = "Подскажите, как поменять шрифт в шапке магазина?"


def past(*moments: str) -> Recent:
    return Recent(requests=tuple(CountedRequest(ticket=f"STO-{i}", at=moscow(at)) for i, at in enumerate(moments)))


def examine(
    text: str, recent: Recent, *, at: str = "2026-11-20 10:00", category: Category = Category.IN_SCOPE
) -> Finding:
    return quota.examine(
        a_letter(text, subject="Магазин", received_at=moscow(at)),
        RULE,
        recent=recent,
        category=category,
        zone=ZONE,
    )


def test_storeolis_2_6_the_third_request_is_free_and_the_fourth_is_not() -> None:
    """More than three means the fourth."""
    assert not examine(QUESTION, past("2026-11-02 10:00", "2026-11-03 10:00")).matched
    assert examine(QUESTION, past("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 10:00")).params == {
        "count": "4",
        "limit": "3",
    }


def test_storeolis_2_6_a_consultation_over_the_limit_is_refused_and_a_fault_only_suggested() -> None:
    """The clause makes consultations paid; of faults a specialist decides."""
    recent = past("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 10:00")
    assert examine(QUESTION, recent).mode is Mode.AUTOMATIC
    assert examine("Не работает корзина, как это исправить?", recent).mode is Mode.SUGGEST


@pytest.mark.parametrize("category", [Category.PASSWORD, Category.CRITICAL, Category.UNCLEAR, Category.THIRD_PARTY])
def test_storeolis_2_6_other_requests_are_never_refused_by_count_alone(category: Category) -> None:
    """Only how-to questions are certain enough."""
    assert (
        examine(
            "Прошу помочь",
            past("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 10:00"),
            category=category,
        ).mode
        is Mode.SUGGEST
    )


def test_storeolis_2_6_a_standard_question_that_reports_a_fault_is_left_to_a_specialist() -> None:
    """Whatever a category is refused by, a fault is not refused by count alone."""
    rule = RULE.model_copy(update={"mode_by_category": {Category.FAQ: Mode.AUTOMATIC}})
    for text, mode in (("Мой домен", Mode.AUTOMATIC), ("Мой домен не работает", Mode.SUGGEST)):
        letter = a_letter(text, subject="Магазин")
        found = quota.examine(letter, rule, recent=Recent(), category=Category.FAQ, zone=ZONE)
        assert found.mode is mode


def test_storeolis_2_6_the_finding_shows_the_count_only_where_it_is_exceeded() -> None:
    """To the specialist as evidence, to the client as numbers; by the month of the desk's zone."""
    november = past("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 10:00")
    found = examine(QUESTION, november)
    assert (found.evidence, found.params) == (
        ("обращение № 4 в этом месяце при норме 3",),
        {"count": "4", "limit": "3"},
    )
    within = examine(QUESTION, november, at="2026-12-01 00:30")
    assert (within.matched, within.evidence, within.params) == (False, (), {})


def test_storeolis_2_6_the_month_is_the_calendar_month_of_the_desks_zone() -> None:
    """23:30 UTC of 30 November is December in Moscow."""
    recent = past("2026-11-28 10:00", "2026-11-29 10:00", "2026-11-30 23:59")
    letter = a_letter(QUESTION, received_at=moscow("2026-12-01 00:30"))
    assert quota.count(letter, recent, MOSCOW) == 1


def test_storeolis_2_6_an_earlier_request_counts_in_its_month_of_the_desks_zone() -> None:
    """21:30 UTC of 30 November is December in Moscow; the same month of another year is another month."""
    recent = past("2026-12-01 00:30", "2026-11-30 23:59", "2025-12-01 10:00")
    assert quota.count(a_letter(QUESTION, received_at=moscow("2026-12-02 10:00")), recent, MOSCOW) == 2


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        (QUESTION, True),
        (f"{QUESTION} После обновления он не работает.", False),
        ("Замените, пожалуйста, шрифт в шапке магазина.", False),
        ("Не работает шапка магазина.", False),
    ],
)
def test_storeolis_2_6_a_consultation_asks_how_to_do_something_and_reports_no_fault(text: str, is_one: bool) -> None:
    """Only then is it certain enough to be refused by count."""
    assert quota.is_consultation(a_letter(text, subject="Магазин"), RULE) is is_one


def test_storeolis_2_6_only_a_proved_sender_is_charged_to_the_client() -> None:
    """Everybody else is counted by the address, and what proves nothing by itself."""
    contact = Contact(kind=ContactKind.ADDRESS, value="olga@client.example")
    client = Client(id="c7", desk="storeolis", contacts=(contact,))
    registered, unknown = Found(clients=((contact, client),)), Found()
    verified, claimed = a_letter("?", trust=Trust.VERIFIED), a_letter("?", trust=Trust.CLAIMED)
    assert writer_of(verified, registered).client_key == "c7"
    assert writer_of(verified, unknown).client_key == "address:olga@client.example"
    assert writer_of(claimed, registered).client_key == "claimed:olga@client.example"
    assert writer_of(claimed, unknown).client_key == "claimed:olga@client.example"
    assert writer_of(a_letter("?", sender=None), unknown).client_key == "letter:ses-1"


def test_mdo_limits_no_number_of_requests() -> None:
    """At MDO the rule is off."""
    rule = editions("moi-dokumenty-online")[-1].rules.quota
    recent = past("2026-11-02 10:00", "2026-11-03 10:00", "2026-11-04 10:00")
    assert (
        quota.examine(a_letter(QUESTION), rule, recent=recent, category=Category.IN_SCOPE, zone=ZONE).mode is Mode.OFF
    )
