"""Laws that hold for any letter at intake."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.client import Recent
from domain.intake import duplicates
from domain.intake.classify import classify, mask_secrets, rule_on
from domain.regulation.edition import Edition
from domain.regulation.editions import editions
from domain.russian.words import fold, sentences, stem, visible, words
from domain.writer.contacts import inn_is_valid, normalise_phone
from tests.support.builders import a_letter, moscow
from tests.support.cpu import HOSTILE_SECONDS, cpu_seconds

EDITIONS = [editions(desk)[-1] for desk in ("moi-dokumenty-online", "storeolis")]
WORDS = st.lists(
    st.sampled_from("корзина заказ адрес фото оплата счёт кнопка отчёт товар склад".split()),
    min_size=7,
    max_size=20,
)
SOMEWHAT_RUSSIAN = st.text(alphabet="абвгеёжхуйпизда ПФИО.,!?:-*@«»\n0189+()abc\u200b№", max_size=200)


@given(
    text=st.one_of(st.text(max_size=200), SOMEWHAT_RUSSIAN),
    subject=st.text(max_size=40),
    edition=st.sampled_from(EDITIONS),
)
def test_any_letter_is_classified_and_ruled_on(text: str, subject: str, edition: Edition) -> None:
    """No text makes a rule fail, and the same letter gives the same answer."""
    letter = a_letter(text, subject=subject)
    answers = {
        classify(letter, edition, client=None, recent=Recent(), now=letter.envelope.received_at).model_dump_json()
        for _ in range(2)
    }
    found = classify(letter, edition, client=None, recent=Recent(), now=letter.envelope.received_at)
    assert len(answers) == 1
    assert rule_on(found, edition).edition == edition.name


@given(st.text(max_size=120))
def test_folding_is_idempotent(text: str) -> None:
    """Words of folded text are those of the text."""
    assert words(fold(text)) == words(text)
    assert all(sentence == sentence.strip() for sentence in sentences(text))
    assert all(stem(word) for word in words(text))


@given(WORDS)
def test_a_letter_repeats_itself_and_not_one_with_a_number_replaced(said: list[str]) -> None:
    """Storeolis 2.6: identical is a duplicate, another number is another request."""
    rule = EDITIONS[1].rules.duplicates
    at = moscow("2026-11-20 10:00")
    text = " ".join(said)
    sketch = duplicates.sketch(a_letter(f"{text} 2214"), rule, ticket="STO-1", at=at)
    recent = Recent(sketches=(sketch,))
    assert duplicates.examine(a_letter(f"{text} 2214"), rule, recent=recent, now=at).matched
    assert not duplicates.examine(a_letter(f"{text} 2215"), rule, recent=recent, now=at).matched


@given(st.integers(min_value=10**9, max_value=10**10 - 1))
def test_a_valid_inn_has_one_check_digit(number: int) -> None:
    """Of ten INNs that differ in the last digit alone exactly one is valid."""
    stem_ = str(number)[:9]
    valid = [digit for digit in range(10) if inn_is_valid(f"{stem_}{digit}")]
    assert len(valid) == 1 or len(set(stem_)) == 1


@given(st.from_regex(r"9[0-9]{9}", fullmatch=True))
def test_a_mobile_number_is_one_however_it_is_written(national: str) -> None:
    """8, 7 and +7, brackets and dashes give one E.164 number."""
    grouped = f"({national[:3]}) {national[3:6]}-{national[6:8]}-{national[8:]}"
    written = [f"8{national}", f"+7{national}", f"7{national}", f"8 {grouped}", f"+7 {grouped}"]
    assert {normalise_phone(text) for text in written} == {f"+7{national}"}


@given(st.text(max_size=200))
def test_masking_twice_masks_no_more(text: str) -> None:
    """What was masked once stays as it is."""
    assert mask_secrets(mask_secrets(text)) == mask_secrets(text)
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize("piece", ["а", "а.", "«", "х у й ", "8 916 ", "Имя: ", "пароль ", "Иван ООО ", "a@"])
def test_a_hostile_letter_costs_no_more_than_its_length(piece: str) -> None:
    """Twice the text takes about twice the time: no expression goes over the same characters again and again."""

    def cost(length: int) -> float:
        letter = a_letter(piece * (length // len(piece)))
        at = letter.envelope.received_at
        return cpu_seconds(lambda: classify(letter, EDITIONS[1], client=None, recent=Recent(), now=at))

    cost(1_000)
    assert cost(60_000) < HOSTILE_SECONDS
