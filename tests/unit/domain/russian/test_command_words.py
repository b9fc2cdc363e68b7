"""The words a specialist may write on the first line: each as it is, disguised, mistyped, and in a sentence."""

from __future__ import annotations

import pytest

from domain.russian.command_words import After, CommandLine, Sure, commands, is_guessed, read_command
from domain.ticket.commands import Act

WORDS = [(word, act) for act, command in commands().items() for word in command.words]
RUSSIAN = [(word, act) for word, act in WORDS if not word.isascii()]
ALIKE = [(word, act) for act, command in commands().items() for word in command.alike]
LOOK_ALIKES = str.maketrans("аеорсху", "aeopcxy")
CYRILLIC_KEYS, LATIN_KEYS = "йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,."


def read(line: str) -> CommandLine:
    found = read_command(line)
    assert found is not None, line
    return found


def test_the_table_has_every_act_and_each_form_once() -> None:
    """What is no act are words that people try."""
    assert set(commands()) - {"unknown"} == set(Act) - {Act.PRIORITY}
    forms = [word for word, _ in WORDS + ALIKE]
    assert sorted(forms) == sorted(set(forms))


@pytest.mark.parametrize(
    "form", ["{}", "{}.", "{}!", " {} :", "«{}»", "*{}*", "**{}**", "- {}", "/{}", "[{}]", "✅ {}", "_{}_ "]
)
def test_a_word_alone_on_its_line_is_plain_whatever_its_ornament(form: str) -> None:
    for word, act in WORDS:
        for written in (word, word.capitalize(), word.upper()):
            found = read(form.format(written))
            assert (found.act, found.sure, found.after) == (act, Sure.PLAIN, After.NOTHING)


@pytest.mark.parametrize("sign", [": ", " - ", " — ", ". ", "! ", ":"])
def test_a_text_behind_a_sign_is_the_words_text(sign: str) -> None:
    for word, act in WORDS:
        found = read(f"{word.capitalize()}{sign}Что скажете, «Ромашка»?")
        assert (found.act, found.sure, found.after) == (act, Sure.PLAIN, After.TEXT)
        assert found.text == "Что скажете, «Ромашка»?"


@pytest.mark.parametrize(("word", "act"), RUSSIAN)
def test_latin_letters_that_look_alike_do_not_hide_a_word(word: str, act: str) -> None:
    two = word[:-2].translate(LOOK_ALIKES) + word[-2:]
    assert (read(two).act, read(two).sure) == (act, Sure.PLAIN)


@pytest.mark.parametrize(("word", "act"), RUSSIAN)
def test_a_word_typed_in_the_other_layout_is_that_word(word: str, act: str) -> None:
    typed = word.translate(str.maketrans(CYRILLIC_KEYS, LATIN_KEYS))
    assert (read(typed).act, read(typed).sure) == (act, Sure.PLAIN)
    assert read(typed.capitalize()).act == act


@pytest.mark.parametrize(("word", "act"), ALIKE)
def test_a_form_that_may_be_meant_otherwise_is_only_alike_and_only_alone(word: str, act: str) -> None:
    assert (read(word).act, read(word).sure) == (act, Sure.ALIKE)
    found = read_command(f"{word} вам доступ к разделу")
    assert found is None or found.sure is not Sure.PLAIN


@pytest.mark.parametrize(("word", "act"), [(word, act) for word, act in RUSSIAN if max(map(len, word.split())) >= 5])
def test_a_letter_too_few_too_many_wrong_or_exchanged_is_mistyped(word: str, act: str) -> None:
    longest = max(word.split(), key=len)
    at = word.index(longest) + len(longest) // 2
    if word[at] == word[at - 1]:
        at += 1
    for slip in (word[:at] + word[at + 1 :], word[:at] + "ъ" + word[at:], word[:at] + "ъ" + word[at + 1 :]):
        found = read(slip)
        assert found.sure is not Sure.PLAIN or found.act == act
    exchanged = word[: at - 1] + word[at] + word[at - 1] + word[at + 1 :]
    assert read(exchanged).sure is not Sure.PLAIN or read(exchanged).act == act


@pytest.mark.parametrize(
    ("line", "word"),
    [("закрть", "закрыть"), ("зкарыть", "закрыть"), ("отказть", "отказать"), ("беу", "беру"), ("рещение", "решение")],
)
def test_a_mistyped_word_by_which_something_leaves_is_not_carried_out(line: str, word: str) -> None:
    found = read(line)
    assert (found.word, found.sure) == (word, Sure.MISTYPED)
    assert not is_guessed(found)


@pytest.mark.parametrize("line", ["замтка", "Заметака: перезвонить", "зметка - завтра"])
def test_a_mistyped_note_is_one(line: str) -> None:
    found = read(line)
    assert (found.act, is_guessed(found)) == ("note", True)


def test_stretched_letters_are_read_once() -> None:
    assert read("берууу").act == Act.TAKE


@pytest.mark.parametrize(
    ("line", "clause"),
    [
        ("Отказать 1.4", "1.4"),
        ("отказ по п. 1.4", "1.4"),
        ("отказ по пункту 2.6.", "2.6"),
        ("Отказать п.1.3.2", "1.3.2"),
        ("отказ: 2.6", None),
        ("jnrfpfnm 3.1", "3.1"),
        ("отказать", None),
        ("Отказ 2", "2"),
    ],
)
def test_a_refusal_names_its_clause_on_the_line(line: str, clause: str | None) -> None:
    assert (read(line).act, read(line).clause) == (Act.REFUSE, clause)


@pytest.mark.parametrize(
    "line",
    [
        "Вопрос решён",
        "Решение нашли",
        "Ответ на ваш вопрос: да",
        "Закрыть можно в меню",
        "Закрыли доступ",
        "Отказ в регистрации связан с ошибкой",
        "Беру слова назад",
        "Открыть раздел можно так",
        "Принять оферту нужно в кабинете",
        "Заметка исчезнет через день",
        "Взяли в работу",
        "Открыто до 18:00",
        "Note that the report is late",
        "Closed tickets are kept for a year",
        "",
        "   ",
        "1.4",
        "!!!",
    ],
)
def test_a_sentence_that_begins_with_such_a_word_is_none(line: str) -> None:
    assert read_command(line) is None


def test_a_line_without_end_is_read_to_a_bound() -> None:
    assert read_command("закрыть " * 100_000) is None
    assert read_command("«" * 100_000) is None


@pytest.mark.parametrize(("line", "word"), [("Закр", "закрыть"), ("крит", "критично"), ("замет.", "заметка")])
def test_the_first_letters_of_a_word_are_no_command_but_nearly_one(line: str, word: str) -> None:
    assert (read(line).word, read(line).sure) == (word, Sure.CUT)
    assert read_command(f"{line} вам доступ") is None
