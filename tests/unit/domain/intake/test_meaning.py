"""What people mean, in their own words: faults now and faults told of, passwords, standard questions, other vendors."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.client import Recent
from domain.findings import Category, Classification
from domain.intake.classify import classify
from domain.intake.password import has_secrets, mask_secrets
from domain.intake.secrets import MASK
from domain.regulation.edition import Edition
from domain.regulation.editions import editions
from domain.russian.transliteration import in_cyrillic, read
from tests.support.builders import a_letter
from tests.support.cases import each_case

CASES = Path(__file__).with_name("meaning.toml")

MDO = editions("moi-dokumenty-online")[-1]
STOREOLIS = editions("storeolis")[-1]


def classified(text: str, edition: Edition, subject: str = "Обращение") -> Classification:
    letter = a_letter(text, subject=subject)
    return classify(letter, edition, client=None, recent=Recent(), now=letter.envelope.received_at)


@each_case(CASES, "critical-at-mdo", subject="")
def test_mdo_2_1_what_stops_many_people_loses_data_or_leaks_is_critical(subject: str, text: str) -> None:
    """All or many are hit, now, or data is lost, or strangers are in."""
    assert classified(text, MDO, subject).critical


@each_case(CASES, "not-critical-at-mdo", subject="")
def test_mdo_2_1_one_persons_one_functions_past_feared_or_told_faults_are_not_critical(subject: str, text: str) -> None:
    """Over, asked about, planned, quoted, or small."""
    assert not classified(text, MDO, subject).critical


@each_case(CASES, "critical-at-storeolis", subject="")
def test_storeolis_what_stops_many_people_loses_data_or_leaks_is_critical(subject: str, text: str) -> None:
    """All or many are hit, now, or data is lost, or strangers are in."""
    assert classified(text, STOREOLIS, subject).critical


@each_case(CASES, "not-critical-at-storeolis", subject="")
def test_storeolis_one_persons_one_functions_past_feared_or_told_faults_are_not_critical(
    subject: str, text: str
) -> None:
    """Over, asked about, planned, quoted, or small."""
    assert not classified(text, STOREOLIS, subject).critical


@pytest.mark.parametrize("edition", [MDO, STOREOLIS], ids=["mdo", "storeolis"])
@each_case(CASES, "lost-passwords")
def test_storeolis_1_1_a_lost_password_is_recognised_on_both_desks(text: str, edition: Edition) -> None:
    """However it is said; the mode decides what follows."""
    assert classified(text, edition).category is Category.PASSWORD


@pytest.mark.parametrize("edition", [MDO, STOREOLIS], ids=["mdo", "storeolis"])
@each_case(CASES, "passwords-only-mentioned")
def test_storeolis_1_1_a_password_that_is_only_mentioned_asks_for_no_change(text: str, edition: Edition) -> None:
    """Denied, done already, a field of a page, or another service."""
    assert classified(text, edition).category is not Category.PASSWORD


@each_case(CASES, "standard-questions")
def test_storeolis_2_5_a_standard_question_is_found_in_peoples_own_words(text: str, question: str) -> None:
    """Synonyms and word forms lead to the one page."""
    assert classified(text, STOREOLIS, "Вопрос").faq_id == question


@each_case(CASES, "other-questions")
def test_storeolis_2_5_other_questions_and_faults_get_no_link(text: str) -> None:
    """Another question about the same thing, or a fault of it."""
    assert classified(text, STOREOLIS, "Вопрос").faq_id is None


@each_case(CASES, "services-at-mdo")
def test_mdo_3_1_excluded_services_in_peoples_own_words(text: str, item: str) -> None:
    """Each has its item."""
    assert classified(text, MDO).out_of_scope_clause == item


@each_case(CASES, "services-at-storeolis")
def test_storeolis_2_4_and_2_6_excluded_services_in_peoples_own_words(text: str, item: str) -> None:
    """Each has its item."""
    assert classified(text, STOREOLIS).out_of_scope_clause == item


@each_case(CASES, "vendors-at-fault-at-mdo")
def test_mdo_3_4_another_vendors_fault_is_theirs(text: str) -> None:
    """Banks, telecoms, deliveries, marketplaces, the state, programs."""
    assert classified(text, MDO).category is Category.THIRD_PARTY


@each_case(CASES, "vendors-cleared-at-mdo")
def test_mdo_3_4_a_named_vendor_that_is_cleared_or_on_the_way_is_not_at_fault(text: str) -> None:
    """Negation, quotation and words of our own fault."""
    assert classified(text, MDO).category is Category.IN_SCOPE


@each_case(CASES, "vendors-at-fault-at-storeolis")
def test_storeolis_2_6_another_vendors_fault_is_theirs(text: str) -> None:
    """Banks, telecoms, deliveries, marketplaces, the state, programs."""
    assert classified(text, STOREOLIS).category is Category.THIRD_PARTY


@each_case(CASES, "vendors-cleared-at-storeolis")
def test_storeolis_2_6_a_named_vendor_that_is_cleared_or_on_the_way_is_not_at_fault(text: str) -> None:
    """Negation, quotation and words of our own fault."""
    assert classified(text, STOREOLIS).category is Category.IN_SCOPE


@each_case(CASES, "secrets")
def test_storeolis_1_1_a_secret_is_masked_however_it_is_given(text: str, secret: str) -> None:
    """In brackets, after a login, after «был»."""
    hidden = mask_secrets(text)
    assert (secret in hidden, MASK in hidden) == (False, True)
    assert has_secrets(a_letter(text))


@each_case(CASES, "no-secrets")
def test_what_only_stands_near_a_password_is_not_masked(text: str) -> None:
    """Contracts, devices, addresses and dates stay readable."""
    assert mask_secrets(text) == text


@each_case(CASES, "in-latin-letters")
def test_russian_in_latin_letters_is_read_as_russian(latin: str, cyrillic: str) -> None:
    """Addresses and well-known foreign words stay."""
    assert in_cyrillic(latin).lower() == cyrillic.lower()


@each_case(CASES, "other-languages")
def test_other_letters_are_left_as_they_are(text: str) -> None:
    """Only Russian in Latin letters is read anew."""
    letter = a_letter(text, subject="")
    assert read(letter) is letter
