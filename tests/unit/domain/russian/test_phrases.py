"""Phrases of an edition, as they are found in a sentence: any of their words may lead to them."""

from __future__ import annotations

import pytest

from domain.russian.phrases import ListsByKey, PhraseList, found_in, may_be_in
from domain.russian.words import sentences
from tests.support.cpu import HOSTILE_SECONDS, cpu_seconds


@pytest.mark.parametrize(
    ("phrase", "said", "found"),
    [
        ("не работает", "сайт не работает", "не работает"),
        ("не .. работ*", "не хочет больше работать", "не хочет больше работать"),
        ("*ть нельзя", "войти нельзя открыть нельзя", "открыть нельзя"),
        ("а|в_б *я", "тут в б моя", "в б моя"),
        ("сайт* & упал*", "упал наш сайт", "упал наш сайт"),
        ("*а .. *ие", "мама ждёт здание", "мама ждет здание"),
        ("не .. работ*", "работать не хочет", None),
        ("а|в_б *я", "тут в моя", None),
    ],
)
def test_a_phrase_is_found_by_any_of_its_words(phrase: str, said: str, found: str | None) -> None:
    (sentence,) = sentences(said)
    assert found_in(sentence, PhraseList((phrase,))) == found


def test_a_text_is_looked_at_only_for_lists_that_it_may_have() -> None:
    said = sentences("Не работает печать. Спасибо")
    lists = (PhraseList(("не .. открыва*",)), PhraseList(("печать",)), PhraseList(("*ние",)), ())
    assert ListsByKey(lists).candidates(said.keys) == {1, 2}
    assert [may_be_in(said, phrases) for phrases in lists] == [False, True, True, False]


@pytest.mark.parametrize("tail", ["", " б", " б в"])
def test_a_phrase_of_many_gaps_costs_little_in_a_long_sentence(tail: str) -> None:
    (sentence,) = sentences("а " * 4_000 + tail)
    phrases = PhraseList(("а .. а .. а .. а .. а & б в в",))
    assert cpu_seconds(lambda: found_in(sentence, phrases)) < HOSTILE_SECONDS / 4
