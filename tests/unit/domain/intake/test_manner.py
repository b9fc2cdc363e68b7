"""The model's word beside the rules: what it adds, what it may not do, and what it takes back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from domain.client import Recent
from domain.findings import Category, Classification, Finding, Mode
from domain.intake import manner
from domain.intake.classify import classify
from domain.intake.manner import SUSPECTED, MannerRule
from domain.regulation.editions import editions
from domain.russian.letter_model import LABELS, Reading, model_of
from tests.support.builders import a_letter

MDO, STOREOLIS = editions("moi-dokumenty-online")[-1], editions("storeolis")[-1]
FOUND = Finding(rule="criticality", clause="2.1", mode=Mode.AUTOMATIC, matched=False, reason="critical")
RULE = MannerRule(house_rule=True, mode=Mode.AUTOMATIC)


def heard(**scores: float) -> Reading:
    return Reading(
        {label: scores.get(label, 0.0) for label in LABELS}, ("ни", "один", "терминал", "не", "печатает", "талоны"), 0
    )


def said(found: Finding) -> Finding:
    """The rule's own finding."""
    return found.model_copy(update={"matched": True, "evidence": ("сервис недоступен: «лежит»",)})


def classified(text: str, edition: Any = MDO, subject: str = "") -> Classification:
    return classify(
        a_letter(text, subject=subject),
        edition,
        client=None,
        recent=Recent(),
        now=datetime(2026, 11, 24, 10, tzinfo=UTC),
    )


def rule_of(found: Classification, rule: str) -> Finding:
    finding = found.finding(rule)
    assert finding is not None
    return finding


def test_mdo_2_1_what_sounds_critical_beyond_doubt_wakes_somebody() -> None:
    """The finding is the rule's, with its clause and mode, and says the phrases that it rests on."""
    found = manner.with_manner(FOUND, heard(critical=0.999), RULE)
    assert (found.matched, found.mode, found.reason, found.clause) == (True, Mode.AUTOMATIC, "critical", "2.1")
    assert all("похоже на критический сбой" in evidence for evidence in found.evidence)


def test_mdo_2_1_what_only_may_be_critical_is_suggested() -> None:
    """Nobody is woken, and the specialist is told why."""
    doubtful = (model_of().suggested["critical"] + model_of().certain["critical"]) / 2
    found = manner.with_manner(FOUND, heard(critical=doubtful), RULE)
    assert (found.matched, found.mode, found.reason) == (True, Mode.SUGGEST, SUSPECTED)


@pytest.mark.parametrize(
    "text", ["Сервер лежит.", "Нас взломали.", "Всё упало.", "База удалилась.", "У нас всё встало!!!"]
)
@pytest.mark.parametrize("subject", ["Re: [MDO-1] обращение", "Срочно", ""])
def test_mdo_2_1_an_alarm_of_a_few_words_wakes_somebody_whatever_the_manner(text: str, subject: str) -> None:
    """There is nothing beside the phrase that could speak against it."""
    found = classified(text, subject=subject)
    assert found.critical
    assert rule_of(found, "criticality").mode is Mode.AUTOMATIC


def test_mdo_2_1_an_alarm_below_more_sentences_than_the_model_reads_is_not_doubted() -> None:
    """What it has not read speaks for nothing."""
    report = " ".join(f"Пункт {number}. Проверили настройку номер {number}." for number in range(60))
    found = classified(f"{report} Сервер лежит, никто не работает.", subject="Отчёт")
    assert rule_of(found, "criticality").mode is Mode.AUTOMATIC


def test_mdo_2_1_a_phrase_alone_wakes_nobody_where_the_manner_says_the_contrary() -> None:
    """The phrase is shown all the same."""
    found = manner.with_manner(said(FOUND), heard(critical=0.01), RULE)
    assert (found.matched, found.mode, found.reason) == (True, Mode.SUGGEST, SUSPECTED)
    assert found.evidence == said(FOUND).evidence


@pytest.mark.parametrize("mode", [Mode.SUGGEST, Mode.OFF])
def test_the_model_wakes_nobody_where_the_edition_does_not_let_it(mode: Mode) -> None:
    rule = MannerRule(house_rule=True, mode=mode)
    reading = manner.hear(a_letter("Кабинет лежит у всей области"), rule)
    found = manner.with_manner(FOUND, heard(critical=0.999) if reading else None, rule)
    assert found.mode is not Mode.AUTOMATIC or not found.matched


def test_where_the_model_is_off_the_rules_find_what_their_phrases_find() -> None:
    for found in (FOUND, said(FOUND)):
        assert manner.with_manner(found, None, RULE) == found
        assert manner.password_with_manner(found, None) == found
        assert manner.scope_with_manner(found, None, "3.4") == found


def test_a_refusal_that_the_model_proposes_is_never_automatic() -> None:
    """It cites the clause of the rule, or that of other companies' faults; no service is named."""
    outside = Finding(rule="scope", clause="3.1", mode=Mode.AUTOMATIC, matched=False, reason="out_of_scope")
    for label, clause, reason in (("scope", "3.1", "out_of_scope"), ("third", "3.4", "third_party")):
        found = manner.scope_with_manner(outside, heard(**{label: 0.999}), "3.4")
        assert (found.matched, found.mode, found.clause, found.reason) == (True, Mode.SUGGEST, clause, reason)
        assert found.params == {}


def test_a_service_whose_phrase_is_doubted_lends_its_clause_to_no_other_proposal() -> None:
    """MDO 3.1, 3.4: the general clause is cited where the model alone speaks."""
    blamed = Finding(rule="scope", clause="3.4", mode=Mode.SUGGEST, matched=True, reason="third_party")
    found = manner.scope_with_manner(blamed, heard(scope=0.999), "3.4", general_clause="3.1")
    assert (found.matched, found.clause, found.reason) == (True, "3.1", "out_of_scope")


@pytest.mark.parametrize(
    "text",
    [
        "Не могу попасть в кабинет, мой пароль: qwertyuiop не подходит, верните доступ.",
        "потерял доступ, какой у меня пороль? был пароль: qwertyuiop, выдайте новый, ящик для восстановления закрыли",
        "верните доступ в кабинет, ничего не подходит пароль: qwertyuiop логин иван",
    ],
)
def test_a_secret_is_no_evidence(text: str) -> None:
    """Evidence is mailed and kept; the request is known all the same."""
    found = classified(text)
    assert rule_of(found, "password").matched
    assert "qwertyuiop" not in str(found.findings)


def test_a_password_in_clear_is_told_of_though_nothing_is_asked_for() -> None:
    found = Finding(
        rule="password",
        clause="1.1",
        mode=Mode.SUGGEST,
        matched=True,
        reason="password_change",
        params={"password_in_clear": "yes", "self_service_url": "https://x.example"},
    )
    kept = manner.password_with_manner(found, heard(password=0.001))
    assert (kept.matched, kept.reason, kept.params) == (True, "password_in_clear", {"password_in_clear": "yes"})


@pytest.mark.parametrize(
    ("text", "edition", "category"),
    [
        (
            "портал, приложение, терминалы, табло: ничего не открывается ни у кого, приём остановлен",
            MDO,
            Category.CRITICAL,
        ),
        (
            "потерял доступ, какой у меня пороль? выдайте новый, ящик для восстановления закрыли",
            STOREOLIS,
            Category.PASSWORD,
        ),
        ("Подскажите, как поменять телефон в шапке?", STOREOLIS, Category.IN_SCOPE),
    ],
)
def test_a_letter_is_classified_by_phrases_and_manner_together(text: str, edition: Any, category: Category) -> None:
    assert classified(text, edition).category is category
