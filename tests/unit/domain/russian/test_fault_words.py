"""The words by which people answer a page: what is plain is done, and nothing is guessed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.russian.fault_words import FaultAnswer, FaultWord, read_fault_answer

FAULT = "MDO-F-7K3F9"
TICKET = "MDO-7K3F-9QXZ"


def read(text: str) -> FaultWord | None:
    found = read_fault_answer(text, FAULT)
    return found.word if found is not None else None


@pytest.mark.parametrize(
    "text",
    [
        "Принято", "принято.", "ПРИНЯТО!", "«Принято»", "*принято*", "пpинято", "принятооо", "ghbyznj", "принял", "Приняла", "ок, принял", "Ок. Принял",
        "ok принял", "беру", "Беру на себя, еду в офис", "Принято, смотрю логи", "Принято. Смотрю.", "Добрый день!\nПринято", "Принято\n\nС уважением,\nАнна", "Принял\n\nОтправлено с iPhone",
        "ack", f"ack {FAULT}", f"принято {FAULT.lower()}", f"Принято\n\nПисьмо от {FAULT}: сбой никто не принял, не работает вход?",
    ],
)  # fmt: skip
def test_mdo_2_1_a_word_takes_a_fault_in_hand_as_people_type_it_on_a_telephone(text: str) -> None:
    assert read(text) is FaultWord.ACKNOWLEDGE


@pytest.mark.parametrize(
    "below",
    [
        "--\nПётр Орлов\nне отвечайте на это письмо",
        "-- \nПётр Орлов (не для СМС)",
        "___\nПётр Орлов\nЕсли срочно, звоните",
        "Пётр Орлов\nинженер\n\nЭто сообщение конфиденциально. Если вы не являетесь получателем, сообщите отправителю.",
        "Пётр Орлов\n\nIf you are not the intended recipient, please delete it.\n\nNo liability is taken.",
    ],
)
@pytest.mark.parametrize("word", ["Принято", "Устранено", "Ложная тревога"])
def test_a_signature_and_a_companys_disclaimer_take_no_word_back(word: str, below: str) -> None:
    """Servers put them below every letter: whoever has one could acknowledge nothing by mail."""
    assert read(f"{word}\n\n{below}") is read(word) is not None


@pytest.mark.parametrize(
    "text",
    ["Принято\n\nНо не мной\n\n--\nПётр", "Устранено\n\nне до конца\n\nЭто сообщение конфиденциально."],
)
def test_what_is_written_above_a_signature_takes_a_word_back(text: str) -> None:
    assert read(text) is None


@pytest.mark.parametrize(
    "text",
    ["Устранено", "устранено.", "Решено!", "Сбой устранён", "Всё работает", "fixed", "Устранено\nПеренесли диск"],
)
def test_a_word_says_that_a_fault_is_over(text: str) -> None:
    assert read(text) is FaultWord.RESOLVE


@pytest.mark.parametrize(
    "text", ["Ложная тревога", "ложная тревога.", "Не критично", "некритично", "Сбоя нет", "false alarm"]
)
def test_a_word_says_that_there_was_no_fault(text: str) -> None:
    assert read(text) is FaultWord.FALSE_ALARM


@pytest.mark.parametrize("text", [f"отделить {TICKET}", f"Отделить: {TICKET.lower()}", f"detach {TICKET}"])
def test_a_word_with_a_number_detaches_that_ticket(text: str) -> None:
    assert read_fault_answer(text, FAULT) == FaultAnswer(FaultWord.DETACH, TICKET)


@pytest.mark.parametrize(
    "text",
    [
        "", "👍", "Спасибо", "Добрый день!", "принято?", "не принято", "Кто принял?", "Принято, но смотреть буду завтра", "Принято. Кто поможет?", "Принято, если Борис не может",
        "Пусть Борис примет", "устранено?", "ещё не устранено", "Устранено, перезапустили", "Устранено\nно база ещё лежит", "не критично, подождёт", "Работает не всё",
        "отделить", f"отделить {TICKET} и MDO-1111-2222", f"отделить {TICKET}?", "принято MDO-F-AAAAA", "Ваше письмо принято",
    ],
)  # fmt: skip
def test_what_is_not_plain_acknowledges_and_ends_nothing(text: str) -> None:
    assert read(text) is None


@given(st.text(max_size=300))
def test_any_text_is_read_without_fail(text: str) -> None:
    read_fault_answer(text, FAULT)


@given(
    st.sampled_from(["не", "но", "если", "пока", "ещё", "кто"]),
    st.sampled_from(["принято", "устранено", "ложная тревога"]),
)
def test_a_word_that_may_take_it_back_undoes_any_of_them(doubt: str, word: str) -> None:
    for text in (f"{word}, {doubt}", f"{doubt} {word}", f"{word}\n{doubt} так"):
        assert read(text) in (None, FaultWord.FALSE_ALARM if text == "не ложная тревога" else None)
