"""Names of two words in Russian text, a surname and a given name in either order, told by the names that are known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.russian.declension import (
    agree_in_sex,
    given_names,
    is_given,
    is_patronymic,
    is_surely_a_surname,
    looks_like_a_surname,
)
from domain.russian.letters import LOWER
from domain.russian.words import fold
from domain.writer.names import NEVER, SMALL_LETTERS, NameFound, Run, capitals, is_none, name_of_line

_LOWER_CASE_PAIR = re.compile(
    rf"(?<![\w-])([{LOWER}]{{3,}}(?:-[{LOWER}]{{3,}})?) (?=([{LOWER}]{{3,}}(?:-[{LOWER}]{{3,}})?)(?![\w-]))"
)
# Words in small letters that end as surnames do, or are given names too.
_COMMON_WORDS = frozenset(
    "магазин магазина один одна корзина корзину витрина витрины причина картина машина половина середина сторона страница снова слова "
    "слов готов готова заказов клиентов отделов часов разов новых своих моих ваших этих тех других личных разных всех них старых "
    "первых последних доменов сайтов талонов кодов документов вопросов ответов номеров телефонов паспортов файлов счетов годов рублей "
    "здоров здорова минут года какой такой такая другой вера веру надежда надежду любовь лев роман слава роза лилия марина майя нет".split()
)


def lower_case_pairs_in(text: str) -> Iterator[NameFound]:
    """Return the pairs of a known given name and what is surely a surname, typed without capitals, in order."""
    if given_names().isdisjoint(SMALL_LETTERS.findall(fold(text))):
        return
    for match in _LOWER_CASE_PAIR.finditer(text):
        one, two = match[1], match[2]
        if not (is_given(one) or is_given(two)) or {fold(one), fold(two)} & (_COMMON_WORDS | NEVER):
            continue
        for given, surname in ((one, two), (two, one)):
            if (
                is_given(given)
                and not is_given(surname)
                and is_surely_a_surname(surname)
                and agree_in_sex(given, surname)
            ):
                yield NameFound(capitals(f"{surname} {given}"), match.start(), match.end(2), full=False)
                break


def unknown_pairs_in(text: str, not_names: tuple[str, ...], runs: list[Run]) -> Iterator[NameFound]:
    """Return pairs of capitalised words, one surely a surname, the other no known name: a name where a phone follows."""
    for run in runs:
        parts = [part for part in run if not is_none(part[0], not_names)]
        sure = [is_surely_a_surname(part[0]) for part in parts]
        other = [part[0] for part, is_sure in zip(parts, sure, strict=True) if not is_sure]
        # «Малая Ямская» is a street.
        is_place = any(re.search(r"(?:ая|яя|ий|ый|ой|ое|ее|ые|ие)$", word) for word in other)
        if len(parts) == 2 == len(other) + 1 and not is_place and not any(is_patronymic(part[0]) for part in parts):
            name = name_of_line(text[parts[0][1] : parts[1][2]])
            if name is not None:
                yield NameFound(name, parts[0][1], parts[1][2], full=False)


def known_names_in(text: str, not_names: tuple[str, ...], known: tuple[str, ...]) -> tuple[NameFound, ...]:
    """Return the names of `text` made of one of the `known` words and another, either first; small letters will do."""
    found: list[NameFound] = []
    folded = text.casefold()
    for word in known:
        if SMALL_LETTERS.fullmatch(word) and word not in folded:
            continue
        for match in re.finditer(
            rf"(?i)(?<![\w-])(?:{re.escape(word)} [{LOWER}-]{{3,}}|[{LOWER}-]{{3,}} {re.escape(word)})(?![\w-])", text
        ):
            written = match[0]
            other = written.partition(" ")[0 if written.lower().endswith(f" {word}") else 2]
            if looks_like_a_surname(other) or is_given(other):
                name = name_of_line(capitals(written) if written == written.lower() else written)
                if name is not None and not any(is_none(part, not_names) for part in written.split(" ")):
                    found.append(NameFound(name, match.start(), match.end(), full=False))
    return tuple(found)


def two_word_names_in(text: str, not_names: tuple[str, ...], runs: list[Run]) -> tuple[NameFound, ...]:
    """Return the names among the `runs` of `text` made of a surname and a known given name, in order, either first."""
    found = []
    for run in runs:
        parts = [part for part in run if not is_none(part[0], not_names)]
        if len(parts) != 2 or parts[0][2] + 3 <= parts[1][1] or is_patronymic(parts[1][0]):
            continue
        if any(is_given(part[0]) for part in parts):
            name = name_of_line(text[parts[0][1] : parts[1][2]])
            if name is not None:
                found.append(NameFound(name, parts[0][1], parts[1][2], full=False))
    return tuple(found)
