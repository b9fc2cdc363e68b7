"""A line is hidden only where its words are those of a letter that the ticket has, in their order."""

from __future__ import annotations

import pytest

from domain.history import are_known, known_words, without_history
from tests.support.builders import a_letter

OUTAGE = "Приложение не работает у всех операторов области, никто не может войти."
CARD = "Рогова Лидия Семёновна, МФЦ города Вязьмы, оператор, +7 900 555-11-20"
FIRST = f"Добрый день!\n{OUTAGE}\nПроверьте, пожалуйста.\n\n{CARD}"
ANSWER = "Здравствуйте.\n\nОбращение MDO-7K3F-9QXZ принято, специалист отреагирует до 14:00.\n\nСлужба поддержки"
NEW = "Спасибо, всё уже работает."


def read(visible: str, set_apart: str = "", sent: tuple[str, ...] = ()) -> tuple[str, str, str]:
    """Return the new text, the text set apart and the history of an answer to `FIRST`."""
    letter = without_history(a_letter(visible, set_apart_text=set_apart), (FIRST,), sent)
    return letter.visible_text, letter.set_apart_text, letter.quoted_text


def test_lines_that_a_program_wrapped_anew_are_known() -> None:
    """The order of the words decides, not the lines."""
    wrapped = "Приложение не работает у всех\nоператоров области, никто не может\nвойти."
    assert are_known(wrapped.split("\n"), known_words([FIRST])) == [True, True, True]


@pytest.mark.parametrize(
    "line",
    [
        "Приложение снова не работает у всех операторов",
        "никто не может войти. Совсем.",
        "Добрый день!",
        "Проверьте, пожалуйста.",
        "у всех операторов области Рогова Лидия Семёновна, МФЦ",
    ],
)
def test_a_line_with_words_of_its_own_or_too_few_or_put_together_is_new(line: str) -> None:
    """A turn of phrase proves nothing."""
    assert are_known([line], known_words([FIRST])) == [False]


def test_a_short_line_is_known_beside_a_known_one() -> None:
    """A greeting above the sentence it came with, and the blank line between two."""
    lines = ["Добрый день!", OUTAGE, "", CARD, "", "Новое.", "Добрый день!"]
    assert are_known(lines, known_words([FIRST])) == [True, True, True, True, False, False, False]


def test_what_is_set_apart_is_history_only_where_it_is_known() -> None:
    """A line that nobody has seen is not hidden, whatever it was taken for."""
    visible, apart, history = read(NEW, f"Служба поддержки пишет:\nДобрый день!\n{OUTAGE}\nСломался ещё и принтер.")
    assert (visible, apart) == (NEW, "Служба поддержки пишет:\nСломался ещё и принтер.")
    assert history == f"Добрый день!\n{OUTAGE}"


@pytest.mark.parametrize(
    "quotation",
    [
        f"| {OUTAGE}",
        f"ЛР> {OUTAGE}",
        f"    {OUTAGE}",
        f"Цитирование Служба поддержки:\n{OUTAGE}",
        f"вторник, 24 ноября 2026г., 10:05 +03:00 от Служба поддержки support@desk.example:\n\n{OUTAGE}",
        f"-------- Исходное сообщение --------От: Служба\n{OUTAGE}",
        f"________________________________\nДобрый день!\n{OUTAGE}",
        f"От кого: Служба поддержки\nКому: rogova@mfc.example\nДата: вторник\nТема: Re: сбой\n\n{OUTAGE}",
    ],
)
def test_known_words_that_a_program_quotes_leave_the_new_text(quotation: str) -> None:
    """Whatever the form of the quotation, an outage that is quoted is not reported again."""
    visible, apart, history = read(f"{NEW}\n\n{quotation}")
    assert visible == NEW
    assert OUTAGE not in apart
    assert OUTAGE in history


def test_a_line_that_introduces_and_quotes_at_once_is_set_apart() -> None:
    """As Lotus Notes sums up what it quotes. What of the line is not known is shown."""
    line = f"Служба поддержки ---25.11.2026 10:05:11---Обращение принято. {OUTAGE}"
    assert read(f"{NEW}\n\n{line}") == (NEW, line, "")


def test_the_desks_own_words_prove_a_quotation_without_a_mark() -> None:
    """Only a program writes the desk's acknowledgement below an answer."""
    visible, apart, history = read(f"{NEW}\n\n{ANSWER}\n\n{FIRST}", sent=(ANSWER,))
    assert (visible, apart) == (NEW, "")
    assert OUTAGE in history


def test_a_client_who_says_the_same_again_says_it() -> None:
    """Without a proof that a program quoted it the sentence is the writer's."""
    again = f"Опять то же самое.\n{OUTAGE}"
    assert read(again) == (again, "", "")
    assert read(again, sent=(f"Текст письма:\n{FIRST}",)) == (again, "", "")


def test_a_filled_in_line_of_the_desks_form_is_new() -> None:
    """The desk sent the label, the client wrote the value."""
    asked = "Ответьте на это письмо, заполнив строки:\n\nФИО:\nМобильный телефон:"
    _, apart, history = read(
        "", "Ответьте на это письмо, заполнив строки:\n\nФИО: Рогова Лидия\nМобильный телефон:", sent=(asked,)
    )
    assert apart == "ФИО: Рогова Лидия\nМобильный телефон:"
    assert history == "Ответьте на это письмо, заполнив строки:"


def test_a_link_is_known_whether_its_target_is_written_or_not() -> None:
    """A reader of HTML writes the target behind the text of a link."""
    known = known_words(["Подробнее: https://desk.example на сайте службы поддержки"])
    lines = ["Подробнее: https://desk.example <https://xn--d1.example/> на сайте службы поддержки"]
    assert are_known(lines, known) == [True]


@pytest.mark.parametrize("answer", ["+", "✓", "✅", "👍", "👎"])
def test_a_sign_that_answers_between_known_lines_is_new(answer: str) -> None:
    """People answer a quoted question with a plus or a tick, which is no blank line."""
    asked = "Терминал включён в сеть и горит зелёным?\n\nТалоны печатаются на соседнем терминале?"
    inline = asked.replace("\n\n", f"\n{answer}\n")
    assert read("", inline, sent=(asked,))[1] == answer
    assert answer in read(f"{NEW}\n\n{inline}", sent=(asked,))[0].split("\n")


@pytest.mark.parametrize("above", ["Сегодня в 10:30 снова:", "В 9.15 опять то же самое:", "10:30 - повторилось:"])
def test_a_time_of_the_day_above_words_that_are_said_again_is_the_writers(above: str) -> None:
    """A program writes the day with the time."""
    again = f"{above}\n\n{OUTAGE}"
    assert read(again) == (again, "", "")
