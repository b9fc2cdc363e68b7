"""The model that reads for whom a specialist's letter is: its table is made of the texts, and it knows a manner of speaking."""

from __future__ import annotations

import pytest

from domain.russian.linear_model import BUCKETS, READ, features, model_of, score
from generate.answers_model import digest, train

MODEL = model_of("internal_lines")


def test_the_table_is_made_of_the_texts_that_are_kept() -> None:
    """`make model` makes it anew after a change of them."""
    assert MODEL.made_of == digest()
    assert len(MODEL.weights) == BUCKETS


@pytest.mark.parametrize(
    "text",
    [
        "Этот товарищ опять недоволен, с ним аккуратнее.",
        "дежурному: заявитель скандальный, писать вежливо и коротко",
        "забрать у Кости, он на больничном",
        "надо бы спросить у юристов, прежде чем ему отвечать",
    ],
)
def test_words_for_the_team_sound_so(text: str) -> None:
    """None of these was trained on."""
    assert score(text, MODEL) > 0


@pytest.mark.parametrize(
    "text",
    [
        "Добрый день! Обновите приложение и войдите снова, после этого раздел откроется.",
        "Здравствуйте! Заказы за вчера появятся в кабинете в течение часа.",
        "Проверьте, пожалуйста, разрешён ли приложению доступ к камере.",
    ],
)
def test_words_for_a_client_sound_so(text: str) -> None:
    """None of these was trained on."""
    assert score(text, MODEL) < 0


def test_the_same_texts_give_the_same_table_and_what_is_long_is_read_in_its_beginning() -> None:
    """Whatever order the samples of a dictionary had."""
    samples = [(features(f"напишу клиенту {at}"), at % 2) for at in range(6)]
    assert train(samples) == train(samples)
    assert features("а" * READ) == features("а" * READ + " больше ничего")


@pytest.mark.parametrize("text", ["", "\n", "👍", "\ud800", "x" * 10_000])
def test_any_text_has_a_score(text: str) -> None:
    """An empty one, too."""
    assert isinstance(score(text, MODEL), float)
