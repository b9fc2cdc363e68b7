"""What the model says of letters that it has not been trained on, and how it explains that."""

from __future__ import annotations

import pytest

from domain.russian.letter_model import (
    BUCKETS,
    LABELS,
    READ_LAST,
    READ_WORDS,
    features,
    model_of,
    phrases,
    read,
    words_of,
)

SAID = {
    "critical": "Приём граждан прекращён: с девяти утра кабинет не открывается ни на одном рабочем месте, талоны не печатаются.",
    "password": "Забыла пороль от админки, письмо для сброса не приходит, выдайте мне новый пожалуйста",
    "scope": "Нарисуйте нам, пожалуйста, новый баннер на главную и подберите к нему шрифт.",
    "third": "В банке признали, что сбой на их стороне: терминалы не принимают карты по всему городу, у соседей то же.",
    "thanks": "Спасибо вам большое, всё получилось!",
    "withdrawal": "Вопрос снят, разобрались сами, закройте, пожалуйста.",
}


@pytest.mark.parametrize("label", SAID)
def test_a_letter_sounds_like_what_it_is(label: str) -> None:
    """More than like anything else."""
    scores = read("", SAID[label]).scores
    assert max(scores, key=lambda one: scores[one]) == label
    assert scores[label] > 0.5


@pytest.mark.parametrize(
    "text",
    [
        "Подскажите, где в панели поменять телефон в шапке сайта?",
        "Не могу сохранить карточку товара, если в названии есть кавычки. С другими товарами всё хорошо.",
        "Когда откроется запись на январь?",
    ],
)
def test_an_ordinary_letter_sounds_like_none(text: str) -> None:
    assert max(read("", text).scores.values()) < 0.5


def test_a_score_explains_itself_by_the_phrases_that_weighed_most() -> None:
    """Words of the letter in their order, the strongest phrase first, of four words at most."""
    found = phrases(read("Доступ", SAID["password"]), "password")
    text = f"доступ {SAID['password'].lower().replace(',', '')}"
    assert found
    assert all(phrase in text and len(phrase.split()) <= 4 for phrase in found)
    assert "пороль" in " ".join(found)


def test_a_phrase_never_runs_from_the_subject_into_the_text() -> None:
    found = phrases(read("забыл пароль", "пароль забыл"), "password", most=5)
    assert all(phrase in ("забыл пароль", "пароль забыл", "пароль", "забыл") for phrase in found)


def test_the_table_has_a_weight_for_every_bucket_of_every_label_and_fits_the_package() -> None:
    model = model_of()
    assert [len(weights) for weights in model.weights] == [BUCKETS] * len(LABELS)
    assert len(LABELS) * BUCKETS < 500_000
    assert all(0 < model.suggested[label] <= model.certain[label] <= 1 for label in LABELS if label != "critical")


def test_of_a_long_letter_the_ends_are_read() -> None:
    """A hostile megabyte costs no more than ten pages."""
    said, _ = words_of("", "начало " + "середина " * 5_000 + "конец")
    assert len(said) == READ_WORDS + READ_LAST
    assert (said[0], said[-1]) == ("начало", "конец")


@pytest.mark.parametrize("text", ["", "\n", "👍", "\ud800", "x" * 10_000, "1234567890 " * 50])
def test_any_text_has_scores(text: str) -> None:
    reading = read(text, text)
    assert set(reading.scores) == set(LABELS)
    assert all(0 <= score <= 1 for score in reading.scores.values())
    assert features(reading.said, reading.subject_words) == features(reading.said, reading.subject_words)
