"""Whatever a letter on a ticket is made of: what nobody has seen is shown, and no line is lost or doubled."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.history import without_history
from domain.intake.form import with_form
from tests.support.builders import a_letter

FEWER = settings(max_examples=300, deadline=None)
WORDS = st.sampled_from(
    "приложение не работает у всех операторов принтер печатает ошибка спасибо добрый день мы вы 17 ФИО: Организация: заполнив строки".split()
)
LINE = st.lists(WORDS, max_size=7).map(" ".join)
TEXT = st.lists(LINE, max_size=8)
MARK = st.sampled_from(["", "> ", ">> ", "| ", "СП> ", "    ", "— "])


@st.composite
def letters(draw: st.DrawFn) -> tuple[list[str], list[str], list[str], list[str]]:
    """Return the new text and the set-apart text of a letter, mixed of known and new lines; what came and what was sent."""
    received, sent = draw(TEXT), draw(TEXT)
    known = st.sampled_from([*received, *sent, "привет"])
    lines = st.lists(st.tuples(MARK, st.one_of(LINE, known)).map("".join), max_size=8)
    return draw(lines), draw(lines), received, sent


def words(text: str) -> str:
    """Return the words of a text, each between spaces, without the initials that mark a quoted line."""
    bare = "".join(letter if letter.isalnum() else " " for letter in text.removeprefix("СП>").casefold())
    return f" {' '.join(bare.split())} "


@FEWER
@given(letters())
def test_every_line_is_in_one_part_and_history_is_what_is_known(
    drawn: tuple[list[str], list[str], list[str], list[str]],
) -> None:
    """What is hidden has the words of a letter of the ticket or of the desk, one after another."""
    visible, apart, received, sent = drawn
    before = a_letter("\n".join(visible), set_apart_text="\n".join(apart))
    after = with_form(without_history(before, ["\n".join(received)], ["\n".join(sent)]), frozenset())
    shown = [*after.visible_text.split("\n"), *after.set_apart_text.split("\n"), *after.quoted_text.split("\n")]
    assert Counter(filter(str.strip, map(words, shown))) == Counter(filter(str.strip, map(words, [*visible, *apart])))
    known = [words("\n".join(received)), words("\n".join(sent))]
    for line in after.quoted_text.split("\n"):
        said = words(line).split()
        assert all(any(f" {word} " in text for text in known) for word in said)
        assert all(any(f" {one} {next_} " in text for text in known) for one, next_ in pairwise(said))
