"""Letters that alarm with reason and without, that say too little or enough, and that ask or report a fault."""

from __future__ import annotations

from pathlib import Path

from domain.client import Recent
from domain.findings import Classification, Finding
from domain.intake.classify import classify
from domain.regulation.editions import editions
from tests.support.builders import a_letter
from tests.support.cases import each_case

CASES = Path(__file__).with_name("alarms.toml")


def classified(desk: str, subject: str, text: str) -> Classification:
    letter = a_letter(text, subject=subject)
    return classify(letter, editions(desk)[-1], client=None, recent=Recent(), now=letter.envelope.received_at)


def finding(desk: str, subject: str, text: str, rule: str) -> Finding:
    return next(one for one in classified(desk, subject, text).findings if one.rule == rule)


@each_case(CASES, "critical", subject="")
def test_what_stops_all_loses_data_or_lets_strangers_in_is_critical_in_any_words(
    desk: str, subject: str, text: str
) -> None:
    """A fault of the whole service, of many people, of data or of security."""
    assert classified(desk, subject, text).critical


@each_case(CASES, "not-critical", subject="")
def test_an_alarming_letter_of_something_small_past_feared_or_foreign_is_not_critical(
    desk: str, subject: str, text: str
) -> None:
    """One person's, one function's, over, planned, supposed, asked about or somebody else's."""
    assert not classified(desk, subject, text).critical


@each_case(CASES, "unclear", subject="")
def test_a_letter_that_names_no_task_is_unclear(desk: str, subject: str, text: str) -> None:
    """General words, a plea, a promise of an attachment."""
    assert finding(desk, subject, text, "clarity").matched


@each_case(CASES, "clear", subject="")
def test_a_short_letter_that_names_its_task_is_clear(desk: str, subject: str, text: str) -> None:
    """A few words that say what is wrong or wanted."""
    assert not finding(desk, subject, text, "clarity").matched


@each_case(CASES, "standard-questions", subject="")
def test_storeolis_2_5_a_standard_question_is_known_in_other_words(
    desk: str, subject: str, text: str, faq: str
) -> None:
    """The question that the instruction answers."""
    assert finding(desk, subject, text, "faq").params.get("faq_id") == faq


@each_case(CASES, "other-questions", subject="")
def test_storeolis_2_5_a_fault_or_another_question_of_the_same_topic_gets_no_link(
    desk: str, subject: str, text: str
) -> None:
    """The topic's words are there, the instruction's question is not."""
    assert not finding(desk, subject, text, "faq").matched
