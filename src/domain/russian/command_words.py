"""The words by which a specialist says on the first line of an answer what it is: found as written, disguised or mistyped.

The words are data (`command_words.toml`). A word is plain as the table has it, in any case, quoted, in bold, with a
few Latin letters that look like Cyrillic ones, or typed in the other keyboard layout. Anything nearer than that is
only alike, and what follows from it is the caller's.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Literal, NamedTuple

from domain.russian.words import fold, visible

_FILE = Path(__file__).with_suffix(".toml")
_LONGEST_LINE = 300
_MOST_WORDS = 4
"""Words of the longest command."""
_SHORTEST_MISTYPED = 4
"""Letters of a command that may be mistyped: one letter of a shorter one makes another word."""
_SHORTEST_GUESSED = 6

_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_ORNAMENT = " \t*_~`\"'«»“”„‘’[]()<>#•·➔→"
_ENDS = ".!:;,…-—–"
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_CYRILLIC = re.compile("[а-я]")
_CLAUSE = re.compile(
    r"\s*(?:по\s+)?(?:п(?:ункт\w{0,3}|\.?\s?п)?\.?\s*)?№?\s*(?P<number>\d{1,2}(?:\.\d{1,2}){0,3})(?![\w.]*\w)",
    re.IGNORECASE,
)
_HOMOGLYPHS = str.maketrans("aceopxykmtbhu360", "асеорхукмтвнизбо")
"""Latin letters and digits by the Cyrillic ones they look like; 3 and 6 as «з» and «б»."""
_LATIN_KEYS = "qwertyuiop[]asdfghjkl;'zxcvbnm,.`"
_CYRILLIC_KEYS = "йцукенгшщзхъфывапролджэячсмитьбюё"
_TO_LATIN_KEYS = str.maketrans(_CYRILLIC_KEYS, _LATIN_KEYS)
"""Where each Cyrillic letter is on a Russian keyboard (ЙЦУКЕН) whose layout was not switched."""


_FROM_LATIN_KEYS = str.maketrans(_LATIN_KEYS + _LATIN_KEYS.upper() + "&", _CYRILLIC_KEYS * 2 + "?")


def other_layout(text: str) -> str:
    """Return a text in Latin letters as it reads with the Russian layout of the keyboard, in small letters."""
    return text.translate(_FROM_LATIN_KEYS).lower()


class Sure(StrEnum):
    """How plainly a line says a command."""

    PLAIN = "plain"
    MISTYPED = "mistyped"
    CUT = "cut"
    """Its first letters: «закр»."""
    ALIKE = "alike"


class After(StrEnum):
    """What follows the command on its line."""

    NOTHING = "nothing"
    TEXT = "text"
    """After a sign."""
    COMMA = "comma"
    QUESTION = "question"
    """A question mark: somebody is asked whether."""


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A first line that is a command, or nearly one."""

    act: str
    """The table's name of the act."""
    word: str
    """The command as the table has it."""
    sure: Sure
    after: After
    text: str = ""
    """What follows on the line, as written."""
    clause: str | None = None
    """The clause a refusal names, as `1.4`."""


class Command(NamedTuple):
    """What the table says of an act."""

    words: tuple[str, ...]
    alike: tuple[str, ...]
    text: Literal["sent", "kept", "held", "ordinary"]
    comma: bool
    guessed: bool


@cache
def commands() -> dict[str, Command]:
    """Return the table, by the names of the acts."""
    tables = tomllib.loads(_FILE.read_text("utf-8"))
    return {
        act: Command(
            tuple(map(fold, table["words"])),
            tuple(map(fold, table.get("alike", ()))),
            table["text"],
            table.get("comma", False),
            table.get("guessed", False),
        )
        for act, table in tables.items()
    }


def read_command(line: str) -> CommandLine | None:
    """Return the command that a first line says or nearly says; None for a line that says something else."""
    shown = visible(line[:_LONGEST_LINE]).strip()
    for typed in (shown.lower(), shown.lower().strip(" .!")):
        if act_and_word := _typed_in_latin().get(typed):
            return CommandLine(*act_and_word, Sure.PLAIN, After.NOTHING)
    first, _, others = shown.partition(" ")
    bare = re.sub(r"^[^\w]+", "", shown)
    if act_and_word := _typed_in_latin().get(first.lower().rstrip("^:.,!")):
        bare = f"{act_and_word[1]}, {others}" if others[:1].isalpha() else f"{act_and_word[1]} {others}"
    for head, end in _heads(bare):
        for act, word, sure in _meant(head):
            found = _line(act, word, sure, bare[end:], line)
            if found is not None and found.after in _MAY_FOLLOW[sure]:
                return found
    return None


def is_command_alone(line: str) -> CommandLine | None:
    """Return the plain command that a line is and nothing more; None where it is none."""
    found = read_command(line)
    return found if found is not None and found.sure is Sure.PLAIN and found.after is After.NOTHING else None


def _line(act: str, word: str, sure: Sure, rest: str, whole: str) -> CommandLine | None:
    """Return what a line says whose first words are a command; None where other words follow without a sign."""
    clause = None
    if act == "refuse" and (named := _CLAUSE.match(rest)):
        clause, rest = named["number"], rest[named.end() :]
    rest = rest.lstrip(_ORNAMENT)
    signs = rest[: len(rest) - len(rest.lstrip(_ENDS + _ORNAMENT + "?"))]
    text = rest[len(signs) :]
    if not _WORD.search(text):
        hangs = signs.strip(_ORNAMENT).endswith((",", "-", "—", "–"))
        after = After.QUESTION if "?" in rest else After.COMMA if hangs else After.NOTHING
        return CommandLine(act, word, sure, after, clause=clause)
    if not signs.strip(_ORNAMENT):
        # «Отказ 1.4 не наш профиль»: a clause is named only by who refuses.
        return CommandLine(act, word, sure, After.COMMA, clause=clause) if clause is not None else None
    after = After.COMMA if signs.strip(_ORNAMENT)[0] == "," else After.TEXT
    written = visible(whole).rstrip()
    return CommandLine(act, word, sure, after, written[written.find(text) :] if text in written else text, clause)


def _heads(bare: str) -> Iterator[tuple[str, int]]:
    """Return the first words of a line, from the longest command's number of them down to one, each with its end."""
    ends: list[tuple[str, int]] = []
    said: list[str] = []
    at = 0
    for word in _WORD.finditer(bare):
        if len(said) == _MOST_WORDS or bare[at : word.start()].strip(_ORNAMENT):
            break
        said.append(unmasked(fold(word[0])))
        at = word.end()
        ends.append((" ".join(said), at))
    return reversed(ends)


def unmasked(word: str) -> str:
    """Return a folded word with the Cyrillic letters that its Latin ones and digits look like, none of them stretched."""
    word = _STRETCHED.sub(r"\1", word)
    return word.translate(_HOMOGLYPHS) if _CYRILLIC.search(word) else word


@cache
def _plain() -> dict[str, str]:
    return {word: act for act, command in commands().items() for word in command.words}


@cache
def _alike() -> dict[str, str]:
    return {word: act for act, command in commands().items() for word in command.alike}


@cache
def _typed_in_latin() -> dict[str, tuple[str, str]]:
    """Return the Russian commands by what they are on a keyboard whose layout was not switched."""
    return {word.translate(_TO_LATIN_KEYS): (act, word) for word, act in _plain().items() if _CYRILLIC.search(word)}


_MAY_FOLLOW: Mapping[Sure, frozenset[After]] = {
    Sure.PLAIN: frozenset(After),
    Sure.ALIKE: frozenset({After.NOTHING, After.QUESTION}),
    Sure.CUT: frozenset({After.NOTHING, After.QUESTION}),
    Sure.MISTYPED: frozenset({After.NOTHING, After.QUESTION, After.TEXT}),
}
"""What may follow words that are a command as surely: with anything else they begin a sentence."""

_ORDINARY = frozenset(
    "ответа ответы ответе ответов отвел вопроса вопросе вопросов решения решении решений решены открыто открыты открыта открыт "
    "открыли отрыть принят принята приняли приняты взяли понято критичны критична критичен отказы отказа откат закрыты беда бегу берут берет "
    "мера меру веру серу пора заметно заметна ответно опрос вообще".split()
) | {f"{taken} {where}" for taken in ("взяли", "приняли") for where in ("в работу", "себе", "на себя")}
"""Words that differ from a command by a letter and are words of their own."""


def _meant(head: str) -> Iterator[tuple[str, str, Sure]]:
    """Return the acts that the first words of a line may mean, each with the command of the table and how surely."""
    if act := _plain().get(head):
        yield act, head, Sure.PLAIN
    elif act := _alike().get(head):
        yield act, head, Sure.ALIKE
    elif head not in _ORDINARY:
        for word, act in _plain().items():
            if len(head) >= _SHORTEST_MISTYPED and word.startswith(head) and _CYRILLIC.search(word):
                yield act, word, Sure.CUT
                return
            if abs(len(word) - len(head)) <= 1 and _is_mistyped(head.split(), word.split()):
                yield act, word, Sure.MISTYPED
                return


def _is_mistyped(said: list[str], command: list[str]) -> bool:
    """Return whether one of the words of a command is said with a letter wrong, the others as they are."""
    if len(said) != len(command):
        return False
    wrong = [(one, other) for one, other in zip(said, command, strict=True) if one != other]
    if len(wrong) != 1:
        return False
    ((one, other),) = wrong
    return len(one) >= _SHORTEST_MISTYPED - 1 and len(other) >= _SHORTEST_MISTYPED and _differ_by_one(one, other)


def is_guessed(found: CommandLine) -> bool:
    """Return whether a mistyped command is carried out: a long word of an act by which nothing reaches the client."""
    return commands()[found.act].guessed and len(found.word) >= _SHORTEST_GUESSED


def _differ_by_one(one: str, other: str) -> bool:
    """Return whether one letter too many, too few, wrong, or two neighbours exchanged make one word of the other."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    a, b = one[same:], other[same:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and len(b) >= 2 and a[2:] == b[2:])
