"""The desk's own form, answered where it is: the letter that asks for details says "fill in the lines".

On Reply those lines are in the quotation, and there people fill them in (MDO 1.3.2, 2.5; Storeolis 2.1). What is
written behind a label of the form is an answer; the rest of the quotation is what it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import replace

from domain.addresses import normalise_address, without_plus
from domain.letter import Letter

FORM: Mapping[str, tuple[str, ...]] = {
    "full_name": ("ФИО",),
    "phone": ("Мобильный телефон",),
    "organisation": ("Организация",),
    "position": ("Должность",),
    "inn_or_contract_or_site": ("ИНН", "Договор", "Сайт"),
}
"""The lines that the desk asks to fill in, by what is missing; the letters are worded with them."""
ASKS_TO_FILL_IN = "Ответьте на это письмо, заполнив строки"
"""How the line above the form begins, in every desk's letter."""

_LONGEST_VALUE = 300
_INTRODUCTION = re.compile(r"заполнив[\s>|]+строки", re.IGNORECASE)
_MARKS = r"[ \t>|│¦*•]*(?:[^\W\d_]{1,4}>[ \t]*)?"
_LABEL = re.compile(
    rf"^{_MARKS}(?P<label>{'|'.join(label for labels in FORM.values() for label in labels)})\b[ \t*]*"
    rf"(?:[:：=]|[-–—](?=\s)|(?=\s)|$)[ \t*_]*(?P<value>.*)$",
    re.IGNORECASE,
)
_MAILBOX = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,200}")
_MOST_HEADERS = 6
"""Lines of a header that a program copies above a quotation: the sender is named above the recipients."""
_BARE = re.compile(rf"^{_MARKS}")
_BLANK = re.compile(r"[\s_.…-]*")
"""What a line holds that is left to be filled in."""


def with_form(letter: Letter, ours: Set[str]) -> Letter:
    """Return a letter with the lines of the desk's form that are filled in within a quotation among its new text.

    `ours` are the desks' addresses: the form in a letter of somebody else's is filled in by that one.
    """
    lines = letter.set_apart_text.split("\n")
    begins = 0 if _form_begins(letter.quoted_text.split("\n")) is not None else _form_begins(lines)
    if begins and _is_anothers(lines[:begins], letter.sender.address if letter.sender else "", ours):
        return letter
    filled = dict.fromkeys(place for places, _ in _filled(lines, begins) for place in places)
    if not filled:
        return letter
    moved = "\n".join(_bare(lines[place]) for place in filled)
    rest = [line for place, line in enumerate(lines) if place not in filled]
    return replace(
        letter,
        visible_text="\n\n".join(filter(None, (letter.visible_text, moved))),
        set_apart_text="\n".join(rest).strip("\n"),
    )


def answers_between(letter: Letter) -> str:
    """Return the lines of the form that new text answers where a label alone does not show it, each with its label.

    Those are the answers below the quoted labels, and lines behind a mark that is none of a quotation known by its form.
    """
    own = {line.strip() for line in letter.visible_text.split("\n")}
    lines = letter.text.split("\n")
    return "\n".join(
        pair
        for places, pair in _filled(lines, _form_begins(lines))
        if (answer := lines[places[-1]].strip()) in own and (len(places) > 1 or answer != _bare(answer))
    )


def _filled(lines: list[str], begins: int | None) -> Iterator[tuple[tuple[int, ...], str]]:
    """Yield each line of a form that has a value: where in `lines` they are, and both in one line."""
    for place in range(len(lines) if begins is None else begins, len(lines)):
        found = _LABEL.match(lines[place][: _LONGEST_VALUE * 2])
        if found is None:
            continue
        value = found["value"].strip()
        if not _BLANK.fullmatch(value):
            yield (place,), f"{found['label']}: {value[:_LONGEST_VALUE]}"
        elif place + 1 < len(lines) and (below := _bare(lines[place + 1])) and _is_value(below):
            yield (place, place + 1), f"{found['label']}: {below}"


def _form_begins(lines: list[str]) -> int | None:
    """Return where the lines below the desk's request begin; None where there is none."""
    for place, line in enumerate(lines):
        if "заполнив" in line.casefold() and _INTRODUCTION.search(" ".join(lines[place : place + 2])[:1_000]):
            return place + 1
    return None


def _is_anothers(above: list[str], sender: str, ours: Set[str]) -> bool:
    """Return whether what stands above a form says that a letter of somebody else's is quoted: its last addresses do."""
    last = next((place for place in range(len(above) - 1, -1, -1) if "@" in above[place][:_LONGEST_VALUE]), None)
    if last is None:
        return False
    header = "\n".join(line[:_LONGEST_VALUE] for line in above[max(0, last - _MOST_HEADERS) : last + 1])
    named = {without_plus(normalise_address(found)) for found in _MAILBOX.findall(header)} - {sender}
    return bool(named) and named.isdisjoint(ours)


def _is_value(line: str) -> bool:
    """Return whether a line below an empty label is its answer: short, and neither a label nor a sentence."""
    return len(line) <= _LONGEST_VALUE and not _LABEL.match(line) and not line.rstrip().endswith((".", ":"))


def _bare(line: str) -> str:
    marks = _BARE.match(line)
    return line[marks.end() if marks else 0 :].strip()
