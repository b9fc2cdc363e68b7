"""The words by which a fault is taken, ended or thinned out by mail: `fault_words.toml`.

What cannot be undone is never guessed: a word is alone on the first line, and only that of taking the fault in hand may be
followed by a text, which must not take it back. Anything else says nothing that the desk could act on.
"""

from __future__ import annotations

import itertools
import re
import tomllib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from domain.russian.command_words import other_layout, unmasked
from domain.russian.internal_lines import first_line, without_sign_off
from domain.russian.words import fold, visible
from domain.ticket.numbers import numbers_in

_FILE = Path(__file__).with_suffix(".toml")
_LONGEST = 2_000
"""Characters that are looked at: a text of the length of a page's letter."""
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SIGN = re.compile(r"[.!:;,…\-—–]|$")
_TAKES_BACK = "takes_back"
_SIGNATURE = re.compile(r"(?m)^[ \t]*(?:-{2,3}|[—–]+|_{3,})[ \t]*$")
"""A line that begins a signature (RFC 3676 section 4.3), also without the blank that programs strip."""
_DISCLAIMER = re.compile(
    r"конфиденциальн|не явля\w+ (?:\w+ )?(?:получател|адресат)|если вы получили|confidential|intended (?:only|solely|for|recipient)",
    re.IGNORECASE,
)
"""What a company's server puts below every letter of its people."""
_PARAGRAPH = re.compile(r"\n[ \t]*\n")


class FaultWord(StrEnum):
    """What a letter about a fault may ask for."""

    ACKNOWLEDGE = "acknowledge"
    RESOLVE = "resolve"
    FALSE_ALARM = "false_alarm"
    DETACH = "detach"


@dataclass(frozen=True, slots=True)
class FaultAnswer:
    """What a letter asks for."""

    word: FaultWord
    ticket: str = ""
    """The number of the ticket to be detached."""


def read_fault_answer(text: str, fault: str) -> FaultAnswer | None:
    """Return what the text of an answer about a fault, by its number, asks for; None where it is not plain.

    The fault's own number beside a word says nothing more; in a line below it is the letter that is answered, which a mail
    program has quoted without a mark.
    """
    said = without_sign_off(visible(text[:_LONGEST])).strip()
    line = first_line(said)
    if not line:
        return None
    rest = re.split(re.escape(fault), said.partition(line)[2], maxsplit=1, flags=re.IGNORECASE)[0]
    rest = _own(rest)
    line, prefix = re.sub(re.escape(fault), "", line, flags=re.IGNORECASE), fault.partition("-")[0]
    for shown in (line, other_layout(line)):
        found = _plain(shown, rest) or _detaching(shown, rest, prefix)
        if found is not None:
            return found
    return None


def _own(rest: str) -> str:
    """Return what a person has written below the word: no signature, and no disclaimer, which is full of «не» and «если»."""
    written = itertools.takewhile(
        lambda paragraph: not _DISCLAIMER.search(paragraph), _PARAGRAPH.split(_SIGNATURE.split(rest, maxsplit=1)[0])
    )
    return "\n".join(written)


def _plain(line: str, rest: str) -> FaultAnswer | None:
    words = list(_WORD.finditer(line))
    if "?" in line or not words:
        return None
    for count in range(min(len(words), _most_words()), 0, -1):
        end = words[count - 1].end()
        head, text = " ".join(map(_folded, words[:count])), line[end:]
        act = _acts().get(head)
        if act is None or act is FaultWord.DETACH:
            continue
        alone = not _WORD.search(text)
        follows = _table()[act].with_text and _SIGN.match(text.lstrip(" \t*_»\"'"))
        if (alone or follows) and not _is_taken_back(f"{text}\n{rest}"):
            return FaultAnswer(act)
        return None
    return None


def _detaching(line: str, rest: str, prefix: str) -> FaultAnswer | None:
    first = _WORD.search(line)
    numbers = numbers_in(line, prefix)
    if first is None or _acts().get(_folded(first)) is not FaultWord.DETACH or len(numbers) != 1:
        return None
    return None if "?" in line or _is_taken_back(rest) else FaultAnswer(FaultWord.DETACH, numbers[0])


def _is_taken_back(text: str) -> bool:
    return "?" in text or any(fold(word[0]) in _taking_back() for word in _WORD.finditer(text))


def _folded(word: re.Match[str]) -> str:
    return unmasked(fold(word[0]))


@dataclass(frozen=True, slots=True)
class _Row:
    words: tuple[str, ...]
    with_text: bool = False


@cache
def _table() -> dict[str, _Row]:
    tables = tomllib.loads(_FILE.read_text("utf-8"))
    return {name: _Row(tuple(map(fold, row["words"])), row.get("with_text", False)) for name, row in tables.items()}


@cache
def _acts() -> dict[str, FaultWord]:
    return {word: FaultWord(name) for name, row in _table().items() if name != _TAKES_BACK for word in row.words}


@cache
def _taking_back() -> frozenset[str]:
    return frozenset(_table()[_TAKES_BACK].words)


@cache
def _most_words() -> int:
    return max(word.count(" ") + 1 for word in _acts())
