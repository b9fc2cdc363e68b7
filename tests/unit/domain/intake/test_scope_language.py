"""What is asked for that no support gives, and whose fault it is, as people write it."""

from __future__ import annotations

from pathlib import Path

from domain.client import Recent
from domain.findings import Category, Classification
from domain.intake.classify import classify
from domain.regulation.editions import editions
from tests.support.builders import a_letter
from tests.support.cases import each_case

CASES = Path(__file__).with_name("scope_language.toml")


def classified(text: str, desk: str) -> Classification:
    letter = a_letter(text, subject="Обращение")
    return classify(letter, editions(desk)[-1], client=None, recent=Recent(), now=letter.envelope.received_at)


@each_case(CASES, "services")
def test_a_service_that_is_asked_for_has_its_item(desk: str, item: str, text: str) -> None:
    """MDO 3.1; Storeolis 2.4 and 2.6: a need, a wish, a price, a polite question or an order."""
    assert classified(text, desk).out_of_scope_clause == item


@each_case(CASES, "vendors-at-fault")
def test_a_vendor_that_fails_is_a_third_party(desk: str, text: str) -> None:
    """MDO 3.2 to 3.4; Storeolis 2.6: banks, operators, the state's services, programs and devices, hired programmers."""
    assert classified(text, desk).category is Category.THIRD_PARTY


@each_case(CASES, "in-scope")
def test_a_fault_or_a_question_of_ours_is_in_scope_whatever_else_it_names(desk: str, text: str) -> None:
    """The same words, but the service or the vendor is not what the letter is about."""
    assert classified(text, desk).category not in (Category.OUT_OF_SCOPE, Category.THIRD_PARTY)
