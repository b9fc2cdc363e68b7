"""A letter that is sent on, and a signature: what the team reads of them and what the rules make of them."""

from __future__ import annotations

from typing import Any

import pytest

from domain.client import Recent
from domain.findings import Category, Classification
from domain.intake import duplicates
from domain.intake.classify import classify
from domain.regulation.editions import editions
from domain.ticket.decide.draft import MAX_TEXT
from tests.support.builders import DETAILS, a_letter, moscow
from tests.support.client_letters import COMPLETE, INCOMPLETE
from tests.support.life import begin

COMPLAINT = "После обновления в карточке заявителя не сохраняется адрес регистрации, кнопка «Сохранить» серая."
DESK_PHONE = "доб. 17-45, кабинет 3"


def said_of(own: str, **changes: Any) -> Classification:
    """Return what the rules of «Мои документы онлайн» say of a letter sent on under a note of one's own."""
    letter = a_letter(own, **{"subject": "Fwd: вопрос", "forwarded_text": COMPLAINT, **changes})
    edition = editions("moi-dokumenty-online")[-1]
    return classify(letter, edition, client=None, recent=Recent(), now=letter.envelope.received_at)


def matched(found: Classification, rule: str) -> bool:
    """Return whether a rule found anything."""
    finding = found.finding(rule)
    return finding is not None and finding.matched


def history(life: Any) -> str:
    """Return the text of the letter that joined last."""
    return str(next(event.text for event in reversed(life.events) if event.type == "letter_added"))


@pytest.mark.parametrize("own", ["", "Коллеги, посмотрите, пожалуйста."])
def test_a_letter_sent_on_is_on_the_card_and_in_history_under_a_line_that_says_so(own: str) -> None:
    """With a word of one's own or without."""
    life = begin(own, "2026-11-20 10:00", subject="Fwd: вопрос", forwarded_text=COMPLAINT)
    card = life.last("card").params["text"]
    assert card == history(life) == f"{own}\n\nТекст пересланного письма:\n\n{COMPLAINT}".strip()


def test_a_follow_up_shows_the_team_the_letter_sent_on_and_the_signature() -> None:
    """And history keeps both."""
    life = begin(COMPLETE, "2026-11-20 10:00")
    life.write("См. ниже.", "2026-11-20 11:00", forwarded_text=COMPLAINT, signature=DESK_PHONE)
    told = life.last("follow_up").params["text"]
    assert told == history(life) == f"См. ниже.\n\n{DESK_PHONE}\n\nТекст пересланного письма:\n\n{COMPLAINT}"


def test_what_a_signature_says_besides_the_details_is_on_the_card_and_in_history() -> None:
    """An extension and a room are no required details, and still how the writer is reached."""
    life = begin(INCOMPLETE, "2026-11-20 10:00", signature=f"{DETAILS}\n{DESK_PHONE}")
    assert DESK_PHONE in life.last("card").params["text"]
    assert DESK_PHONE in history(life)


@pytest.mark.parametrize("part", ["signature", "forwarded_text"])
def test_a_password_is_masked_wherever_in_a_letter_it_stands(part: str) -> None:
    """Below a signature, and in what somebody else wrote."""
    changes: dict[str, Any] = {part: "Логин ivanov, пароль: Qwerty123"}
    life = begin(COMPLETE, "2026-11-20 10:00", **changes)
    assert "Qwerty123" not in f"{life.last('card').params['text']} {history(life)}"
    assert "ivanov" in history(life)


def test_what_is_kept_of_a_letter_with_endless_parts_is_bounded_and_has_a_bit_of_each() -> None:
    """However long the disclaimer below the signature."""
    life = begin("Не приходит код. ", "2026-11-20 10:00", signature="а" * 50_000, forwarded_text="б" * 50_000)
    kept = history(life)
    assert len(kept) == MAX_TEXT
    assert "а" in kept
    assert kept.endswith("б")


@pytest.mark.parametrize("own", ["", "См. ниже", "Добрый день! Прошу помочь по письму ниже. Спасибо!"])
def test_a_letter_sent_on_states_the_task_where_the_note_above_it_does_not(own: str) -> None:
    """It is not called empty, and nobody is asked what is wanted."""
    assert not matched(said_of(own), "clarity")
    assert matched(said_of(own, forwarded_text=""), "clarity")


def test_mdo_2_1_a_critical_fault_in_a_letter_sent_on_without_a_word_is_critical() -> None:
    """Somebody is woken whoever noticed it first."""
    fault = "Приложение не работает у всех операторов нашего МФЦ, система легла во всём регионе, приём остановлен."
    assert said_of("", forwarded_text=fault).category is Category.CRITICAL


def test_mdo_3_1_an_excluded_service_is_found_in_a_letter_sent_on_without_a_word() -> None:
    """As it would be, had its author written to the desk."""
    wish = "Просим разработать для нас отдельное мобильное приложение."
    assert matched(said_of("", forwarded_text=wish), "scope")


def test_whoever_says_what_is_wanted_is_judged_by_that_and_not_by_the_letter_sent_on() -> None:
    """The earlier letter is background then."""
    fault = "Приложение не работает у всех операторов нашего МФЦ, система легла во всём регионе, приём остановлен."
    own = (
        "Добрый день. Вчерашний сбой устранён, спасибо. Остался вопрос: в карточке заявителя "
        "не сохраняется адрес регистрации, как его исправить и где посмотреть прежний?"
    )
    assert said_of(own, forwarded_text=fault).category is not Category.CRITICAL


def test_the_author_of_a_letter_sent_on_is_not_taken_for_the_writer() -> None:
    """Its words count, its names do not."""
    found = said_of("", forwarded_text=f"{COMPLAINT}\n\nСидоров Пётр Ильич, 8 916 777 88 99").identification
    assert (found.full_name, found.phone) != ("Сидоров Пётр Ильич", "+79167778899")


def test_rude_words_in_a_letter_sent_on_offend_nobody() -> None:
    """They are somebody else's."""
    assert not matched(said_of("", forwarded_text=f"{COMPLAINT} Вы там идиоты."), "obscenity")


def test_storeolis_2_6_two_different_letters_sent_on_under_one_subject_are_no_repetition() -> None:
    """The same one, sent on again, is."""
    rule, at = editions("storeolis")[-1].rules.duplicates, moscow("2026-11-20 10:00")
    subject = "Fwd: обращение покупателя в наш магазин"
    first = a_letter("", forwarded_text=COMPLAINT, subject=subject)
    past = Recent(sketches=(duplicates.sketch(first, rule, ticket="STO-1111-2222", at=at),))
    other = a_letter("", forwarded_text="Не печатается чек возврата, касса пишет ошибку 17.", subject=subject)
    assert duplicates.examine(first, rule, recent=past, now=at).matched
    assert not duplicates.examine(other, rule, recent=past, now=at).matched
