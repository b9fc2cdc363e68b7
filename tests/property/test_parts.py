"""However a letter is built of lines, each line is in exactly one part, and a first letter has no history unless marks prove it."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.mail.markup import Line, Mark
from adapters.mail.quotes import Separated, separate, text_lines

OWN = frozenset({"support@desk.example"})
OWN_WORDS = (
    "Добрый день!", "Приложение не работает у всех операторов.", "Спасибо, всё работает.", "Тюрин Глеб Романович",
    "+7 900 555-01-28", "МФЦ города Ржева", "ФИО: Тюрин Глеб", "1. Откройте меню", "Код: 17", "Ошибка: связи нет", "Ждём:",
    "24.11.2026 программа написала:", "Вы писали, что исправили, но сейчас:", "Директор <director@mfc.example> написал:",
    "От: МФЦ города Ржева", "Кому: support@desk.example", "Дата: 24.11.2026", "Тема: сбой", "On 24.11.2026 the program wrote:",
    "a <b@c.example>", "<", "СП", "C:\\", "Отправлено:",
)  # fmt: skip
SIGNATURES = (
    "--", "—", "С уважением,", "С уважением, Глеб", "P.S. Жду звонка.", "Отправлено с iPhone", "инженер", "тел. 8 900 555-01-28",
    "Письмо конфиденциально.", "***", "________", "З.Ы. Срочно",
)  # fmt: skip
ATTRIBUTIONS = (
    '10:07, 24 ноября 2026 г., "Лыков" <lykov@mfc.example>:', "вт, 24 нояб. 2026 г. в 10:05, Лыков <lykov@mfc.example>:",
    "24.11.2026 10:05, Служба поддержки пишет:", "Вы писали 24 ноября 2026 г., 10:05:05:", "On Tue, Nov 24, 2026 at 10:05 AM Lykov",
    "<lykov@mfc.example> wrote:", "Цитирование Лыков <lykov@mfc.example>:", "От: Лыков <lykov@mfc.example>", "Лыков написал(а) 24.11.2026:",
    "Отправлено: 24 ноября 2026 г. 9:40", "2016-03-03 17:21 GMT+01:00 Some One",
)  # fmt: skip
MARKS = (
    "> Сообщите должность.", "> ", ">> старое", "> 24 нояб. 2026 г., в 10:05, Лыков <l@mfc.example> написал(а):", "| Здравствуйте.",
    "СП> Сообщите", "    отступ", "\tтабуляция", "-----Исходное сообщение-----", "---------- Forwarded message ---------",
    "-------- Конец пересылаемого сообщения --------", "> > ---------- Forwarded message ---------", "> От: Л", "> Тема: x",
    "вт, 24 нояб. 2026 г. в 10:05, Поддержка <support+a1@desk.example>:", "От: Поддержка <support@desk.example>",
    "-------- Исходное сообщение --------От: Л Дата: 24.11.2026 10:00 Кому: Т Тема: x текст",
)  # fmt: skip
PLAIN = (*OWN_WORDS, *SIGNATURES, *ATTRIBUTIONS, "")
MORE = settings(max_examples=400)


def bare(line: str) -> str:
    """The words of a line, whatever marks stand before it: a quoted line is shown without its mark."""
    return line.lstrip("> \t").rstrip()


def in_parts(parts: Separated) -> Counter[str]:
    """How often each line is in any part."""
    texts = (parts.visible, parts.set_apart, parts.signature, parts.forwarded)
    return Counter(bare(line) for text in texts for line in text.split("\n") if bare(line))


@MORE
@given(
    st.lists(st.sampled_from((*PLAIN, *MARKS)), max_size=25),
    st.booleans(),
    st.booleans(),
    st.sampled_from((frozenset(), OWN)),
)
def test_every_line_is_in_exactly_one_part(
    written: list[str], answers: bool, forwards: bool, own: frozenset[str]
) -> None:
    parts = separate(text_lines("\n".join(written)), answers=answers, forwards=forwards, own_addresses=own)
    assert in_parts(parts) == Counter(bare(line) for line in written if bare(line))


@MORE
@given(
    st.lists(st.tuples(st.sampled_from(PLAIN), st.sampled_from(list(Mark)), st.booleans()), max_size=25),
    st.booleans(),
    st.booleans(),
)
def test_markup_of_any_order_loses_no_line(
    written: list[tuple[str, Mark, bool]], answers: bool, forwards: bool
) -> None:
    lines = [Line(text, mark, by_program) for text, mark, by_program in written]
    parts = separate(lines, answers=answers, forwards=forwards, own_addresses=OWN)
    assert in_parts(parts) == Counter(bare(text) for text, _, _ in written if bare(text))


@MORE
@given(st.lists(st.sampled_from([line for line in PLAIN if "support@desk.example" not in line]), max_size=25))
def test_a_first_letter_without_marks_has_no_history(written: list[str]) -> None:
    """But for a heading that says that the letter below it was sent to the desk before."""
    parts = separate(text_lines("\n".join(written)), answers=False, own_addresses=OWN)
    assert parts.set_apart == ""


@MORE
@given(st.lists(st.sampled_from((*OWN_WORDS, "")), max_size=12), st.lists(st.sampled_from(OWN_WORDS), max_size=5))
def test_whatever_stands_above_the_quotation_of_an_answer_is_new(above: list[str], quoted: list[str]) -> None:
    attribution = "вт, 24 нояб. 2026 г. в 10:05, Поддержка <support@desk.example>:"
    text = "\n".join(["Слово.", *above, "", attribution, *(f"> {line}" for line in quoted), "> старое"])
    parts = separate(text_lines(text), own_addresses=OWN)
    assert "старое" in parts.set_apart
    assert in_parts(Separated(parts.visible, signature=parts.signature)) == Counter(
        bare(line) for line in ("Слово.", *above) if bare(line)
    )
