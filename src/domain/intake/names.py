"""Names of people in Russian text: found by patronymic, initials or label, put in the nominative, surname first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from domain.intake.words import fold, visible

_CAPITALISED = r"[А-ЯЁ](?:[а-яё]+|[А-ЯЁ]+)(?:-[А-ЯЁ](?:[а-яё]+|[А-ЯЁ]+))?"
_RUN = re.compile(rf"(?<![\w«\"“-])(?:{_CAPITALISED}(?:[ \t\u00a0]+|(?![\w-]))){{1,6}}(?:оглы|кызы)?")
_INITIALS = re.compile(
    rf"(?<![\w«\"“-])(?:({_CAPITALISED})[ ,]+([А-ЯЁ])\.\s?([А-ЯЁ])\.?(?!\w)|([А-ЯЁ])\.\s?([А-ЯЁ])\.\s?({_CAPITALISED}))"
)
_LOWER_CASE = re.compile(r"(?<![\w-])([а-яё-]{3,}) ([а-яё]{2,}) ([а-яё]+(?:вич|ьич|мич|вна|чна))(?![\w-])")
_LATIN = re.compile(r"(?<!\w)([A-Z][a-z]+(?:-[A-Z][a-z]+)?)\s+(?:[A-Z]\.\s+)?([A-Z][a-z]+(?:-[A-Z][a-z]+)?)(?!\w)")
_MALE = re.compile(r"(?:ович|евич|ьич|мич|кич|тич|ввич)$")
_FEMALE = re.compile(r"(?:овна|евна|ична|инична)$")
_MALE_OBLIQUE = re.compile(r"(?<=ич)(?:а|у|ем|е)$")
_FEMALE_OBLIQUE = re.compile(r"(?<=(?:ов|ев|ич)н)(?:ы|е|ой|ою|у)$")
_SURNAME_ENDING = re.compile(
    r"(?:ов|ев|ин|ын|ова|ева|ина|ына|ский|цкий|ская|цкая|ской|ко|ук|юк|чук|ец|ян|дзе|швили|их|ых|вич|ич|ман|берг|штейн|ун|ик|ак|як)$"
)
_GIVEN_NAMES = Path(__file__).with_name("given_names.txt")

# Oblique endings and their nominative, by sex; the first that fits is taken.
_GIVEN_MALE = (("ея", "ей"), ("ею", "ей"), ("еем", "ей"), ("ия", "ий"), ("ию", "ий"), ("ием", "ий"), ("ая", "ай"),
               ("аю", "ай"), ("ьи", "ья"), ("ье", "ья"), ("ве", "ва"), ("авла", "авел"), ("авлу", "авел"), ("авлом", "авел"),
               ("ьва", "ев"), ("ьву", "ев"), ("етра", "ётр"), ("етру", "ётр"), ("ом", ""), ("ем", "ь"), ("ы", "а"),
               ("у", ""), ("а", ""), ("я", "ь"), ("ю", "ь"))  # fmt: skip
_GIVEN_FEMALE = (("ии", "ия"), ("ией", "ия"), ("ию", "ия"), ("ьи", "ья"), ("ье", "ья"), ("ьей", "ья"), ("ови", "овь"),
                 ("ги", "га"), ("ки", "ка"), ("ой", "а"), ("ей", "я"), ("ы", "а"), ("е", "а"), ("у", "а"), ("и", "я"))  # fmt: skip
_SURNAME_MALE = (("ского", "ский"), ("скому", "ский"), ("ским", "ский"), ("цкого", "цкий"), ("цкому", "цкий"),
                 ("ова", "ов"), ("ову", "ов"), ("овым", "ов"), ("ева", "ев"), ("еву", "ев"), ("евым", "ев"),
                 ("ёва", "ёв"), ("ёву", "ёв"), ("ёвым", "ёв"), ("ина", "ин"), ("ину", "ин"), ("иным", "ин"),
                 ("ына", "ын"), ("ого", "ой"), ("ца", "ец"), ("ом", ""), ("ем", "ь"), ("ю", "ь"), ("я", "ь"),
                 ("а", ""), ("у", ""))  # fmt: skip
_SURNAME_FEMALE = (("ской", "ская"), ("скую", "ская"), ("цкой", "цкая"), ("овой", "ова"), ("ову", "ова"), ("евой", "ева"),
                   ("еву", "ева"), ("ёвой", "ёва"), ("ёву", "ёва"), ("иной", "ина"), ("ину", "ина"), ("ыной", "ына"),
                   ("ой", "ая"), ("ую", "ая"))  # fmt: skip


@dataclass(frozen=True, slots=True)
class NameFound:
    """A person's name in a text."""

    name: str
    """Nominative, surname first."""
    start: int
    end: int
    full: bool
    """True with given name and patronymic in full."""


@cache
def given_names() -> frozenset[str]:
    """Return the folded given names that tell a name from a surname where there is no patronymic."""
    return frozenset(fold(_GIVEN_NAMES.read_text(encoding="utf-8")).split())


def full_names_in(text: str, not_names: tuple[str, ...] = ()) -> tuple[NameFound, ...]:
    """Return the names with a patronymic in `text` (already `visible`), in order.

    `not_names` are stems of capitalised words that stand before a name and are none of it, such as `директор`.
    """
    found = []
    for run in _RUN.finditer(text):
        parts = [(m[0], run.start() + m.start(), run.start() + m.end()) for m in re.finditer(r"[\w-]+", run[0])]
        at = next((i for i, (word, _, _) in enumerate(parts) if i and _is_patronymic(word)), None)
        if at is None or _is_not_name(parts[at - 1][0], not_names):
            continue
        before = at >= 2 and not _is_not_name(parts[at - 2][0], not_names)
        after = at + 1 < len(parts) and parts[at + 1][0] not in ("оглы", "кызы")
        tail = 1 if at + 1 < len(parts) and not after else 0
        if before:
            surname, first = parts[at - 2], parts[at - 2]
        elif after and not _is_not_name(parts[at + 1][0], not_names):
            surname, first = parts[at + 1], parts[at - 1]
            tail = 1
        else:
            continue
        patronymic = parts[at][0] + (f" {parts[at + 1][0]}" if tail and not after else "")
        name = _nominative(surname[0], parts[at - 1][0], patronymic)
        end = parts[min(at + tail, len(parts) - 1)][2]
        found.append(NameFound(name, first[1], end, full=True))
    if not found:
        found.extend(_lower_case_names(text))
    return tuple(found)


def _lower_case_names(text: str) -> list[NameFound]:
    """Return names typed without capitals, as on a phone: only around a given name that is known."""
    found = []
    for match in _LOWER_CASE.finditer(text):
        one, two, patronymic = match.groups()
        if _is_patronymic(patronymic) and fold(two) in given_names():
            words = (word[:1].upper() + word[1:] for word in (one, two, patronymic))
            found.append(NameFound(" ".join(words), match.start(), match.end(), full=True))
    return found


def initialled_names_in(text: str) -> tuple[NameFound, ...]:
    """Return the names of `text` written as a surname with initials, in order."""
    found = []
    for match in _INITIALS.finditer(text):
        surname, one, two = (match[1], match[2], match[3]) if match[1] else (match[6], match[4], match[5])
        if surname.isupper() and len(surname) < 4:
            continue
        found.append(NameFound(f"{_title(surname)} {one}. {two}.", match.start(), match.end(), full=False))
    return tuple(found)


def name_of_line(line: str, *, labelled: bool = False) -> str | None:
    """Return the name that `line` consists of (a display name, a signature line, a labelled value), or None.

    A bare first name is no full name. English names stand as written.
    """
    line = re.sub(r"\s+", " ", visible(line)).strip(" \t,.;\"'")
    if not line or re.search(r"[@\d«»:/()]", line):
        return None
    if found := full_names_in(line) or initialled_names_in(line):
        return found[0].name if found[0].end - found[0].start >= len(line) - 2 or labelled else None
    parts = line.split(" ")
    if labelled and len(parts) in (2, 3) and all(re.fullmatch(r"[А-Яа-яЁё-]+", part) for part in parts):
        parts = [part[:1].upper() + part[1:] for part in parts]
    if len(parts) == 3 and all(re.fullmatch(_CAPITALISED, part) for part in parts) and labelled:
        return " ".join(_title(part) for part in parts)
    if len(parts) == 2 and len({part.isupper() for part in parts}) == 2:
        return None  # an abbreviation beside a word: «КФХ Козлов» is a farm
    if len(parts) == 2 and all(re.fullmatch(_CAPITALISED, part) and len(part) > 2 for part in parts):
        return _two_words(_title(parts[0]), _title(parts[1]))
    if latin := _LATIN.fullmatch(line):
        return latin[0]
    return None


def _two_words(one: str, two: str) -> str | None:
    """Put two words surname first, by the known given names; None where neither is one."""
    first, second = fold(one) in given_names(), fold(two) in given_names()
    if first != second:
        return f"{two} {one}" if first else f"{one} {two}"
    if first and second:
        return f"{one} {two}" if _SURNAME_ENDING.search(fold(one)) else f"{two} {one}"
    # Neither is known: display names stand given name first, and one of the two must look like a surname.
    if _SURNAME_ENDING.search(fold(two)):
        return f"{two} {one}"
    return f"{one} {two}" if _SURNAME_ENDING.search(fold(one)) else None


def _is_patronymic(word: str) -> bool:
    folded = fold(word)
    folded = _FEMALE_OBLIQUE.sub("а", _MALE_OBLIQUE.sub("", folded))
    return len(folded) >= 5 and bool(_MALE.search(folded) or _FEMALE.search(folded)) and folded not in given_names()


def _is_not_name(word: str, not_names: tuple[str, ...]) -> bool:
    folded = fold(word)
    return len(folded) < 2 or folded.startswith(not_names) or folded in ("ип", "ооо", "ао", "фио", "я", "это", "от")


def _title(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-")) if word.isupper() else word


def _replaced(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    for oblique, nominative in endings:
        if word.endswith(oblique) and len(word) - len(oblique) >= 2:
            return word[: -len(oblique)] + nominative
    return word


def _nominative(surname: str, given: str, patronymic: str) -> str:
    """Return the name surname first; all three words are turned only where the patronymic is oblique."""
    surname, given, patronymic = (
        _title(surname),
        _title(given),
        " ".join(_title(p) for p in patronymic.split(" ")),
    )
    if _MALE_OBLIQUE.search(patronymic):
        case = _MALE_OBLIQUE.sub("", patronymic)
        return f"{_surname(surname, _SURNAME_MALE)} {_given(given, _GIVEN_MALE)} {case}"
    if _FEMALE_OBLIQUE.search(patronymic):
        case = _FEMALE_OBLIQUE.sub("а", patronymic)
        return f"{_surname(surname, _SURNAME_FEMALE)} {_given(given, _GIVEN_FEMALE)} {case}"
    return f"{surname} {given} {patronymic}"


def _surname(surname: str, endings: tuple[tuple[str, str], ...]) -> str:
    return "-".join(_replaced(part, endings) for part in surname.split("-"))


def _given(word: str, endings: tuple[tuple[str, str], ...]) -> str:
    """Return the nominative of a given name: one of the known names where an ending leads to it."""
    for oblique, nominative in endings:
        if word.endswith(oblique) and fold(word[: -len(oblique)] + nominative) in given_names():
            return word[: -len(oblique)] + nominative
    return word if fold(word) in given_names() else _replaced(word, endings)
