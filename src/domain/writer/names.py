"""Names of people in Russian text: found by patronymic, given name, initials or label; nominative, surname first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from domain.russian.declension import (
    agree,
    is_given,
    is_oblique,
    is_patronymic,
    is_surely_a_surname,
    looks_like_a_surname,
    may_be_patronymic,
    nominative,
    nominative_of_genitive,
    surname_of_genitive,
)
from domain.russian.letters import LOWER, UPPER
from domain.russian.words import fold, visible

_PART = rf"(?:[ОД]['’])?[{UPPER}](?:[{LOWER}]+|[{UPPER}]+)"
_CAPITALISED = rf"{_PART}(?:-(?:{_PART}|[{LOWER}]{{3,}})){{0,2}}"
SON_OR_DAUGHTER = r"(?:оглы|оглу|кызы|кизи|гызы|угли|улы|уулу|қизи|қызы|ҡыҙы|ҡызы|ўғли|ұлы|ОГЛЫ|КЫЗЫ|Оглы|Кызы)"
_RUN = re.compile(rf"(?<![\w«\"“-])(?:(?:{_CAPITALISED}|(?<=[ \t\u00a0]){SON_OR_DAUGHTER})(?:[ \t\u00a0]+|(?![\w-])))+")
_FORMER = re.compile(rf"(?<=[{LOWER}{UPPER}]) \([{UPPER}][{LOWER}]+\)(?= [{UPPER}])")
_WORD = re.compile(r"[\w'’-]+")
_SURNAME = rf"{_PART}(?:-{_PART})?"
_INITIALS = re.compile(
    rf"(?<![\w«\"“-])(?:({_SURNAME})[ \u00a0,]+([{UPPER}])(?:\.\s?|\s)([{UPPER}])(?:\.(?!\w)|(?![\w.]))"
    rf"|([{UPPER}])\.\s?(?:([{UPPER}])\.\s?)?({_SURNAME}))(?![\w-])"
)
_ONE_INITIAL = re.compile(rf"(?<![\w«\"“-])({_SURNAME})[ \u00a0]+([{UPPER}])\.(?!\s?[{UPPER}]\.)(?!\w)")
_SURNAME_AND_GIVEN = re.compile(rf"({_SURNAME})[ \u00a0]+({_PART})(?![\w-])")
_LOWER_CASE = re.compile(
    rf"(?<![\w-])([{LOWER}-]{{2,}}) ([{LOWER}]{{2,}}) ([{LOWER}]{{3,}}(?: {SON_OR_DAUGHTER})?)(?![\w-])"
)
_LOWER_CASE_PATRONYMIC = re.compile(
    rf"(?:ич(?:[ауе]|ем)?|[вч]н(?:[аыеу]|о[йю])|л[ыу]|зы)(?![{LOWER}])| {SON_OR_DAUGHTER}"
)
"""What a name typed without capitals has."""
SMALL_LETTERS = re.compile(rf"[{LOWER}]+")
_WHOLE_WORD = re.compile(_CAPITALISED)
_SPACES = re.compile(r"\s+")
_NO_NAME = re.compile(r"[@\d«»:/()]")
_LATIN = re.compile(r"[A-Z][a-z]+(?:-[A-Z][a-z]+)?(?:\s+[A-Z]\.?)?\s+[A-Z][A-Za-z']+(?:-[A-Z][a-z]+)?")
_LATIN_FULL = re.compile(r"(?<![\w-])[A-Z][a-z'’]+(?:-[A-Z][a-z]+)?(?:[ \t\u00a0]+[A-Z][a-z'’]+){2}(?![\w-])")
_LATIN_PATRONYMIC = re.compile(
    r"(?:[oe]vich|[oe]vi[ck]h?|['’]ich|(?:[ck]h?|m|n|t|il|l)ich|[oe]vna|ichna|inichna|o[gq]l[iyu]|[kq][iy]zi)$"
)
PARTICLES = frozenset("оглы оглу кызы кизи гызы угли улы уулу қизи қызы ҡыҙы ҡызы ўғли ұлы".split())
# Vietnamese, Chinese and Korean names stand surname first.
ASIAN_SURNAMES = frozenset(
    "нгуен чан фам хоанг фан ву данг буй нго ле ли ван чжан лю чэнь хуан чжао ким пак цой тхи до хо дуонг динь лам май чинь "
    "тен тян хван юн чон кан сон нам огай шин эм ян лим хан квон со чо чхве цхай чжоу сюй сунь ма ху го хэ гао линь ло лян "
    "сун тан дэн фэн цао пэн цзэн сяо тянь дун пань юань юй цзян цай ду е чэн су вэй люй дин жэнь шэнь яо лу цзинь".split()
)
NEVER = frozenset(
    "ип ооо ао фио я мен мин это от мфц мы вы сайт личный кабинет отдел служба техподдержка поддержка россия москва "
    "республика область район город администрация министерство управление центр директор команда магазин магазина отдела службы сервис компания".split()
)
_NOBODY = frozenset(
    "аноним анонимно неизвестно неизвестен скрыто секрет клиент покупатель пользователь заявитель гражданин гражданка житель жительница "
    "пенсионер пенсионерка физлицо никто имя фио тест выше ниже указано прежнее бухгалтерия".split()
)
"""What people put where one word is asked for, and no name."""
_MADE_A_SURNAME = re.compile(r"[её]?(?:[оеё]в|[иы]н|ск|енк)(?:а|у|ой|ым|ых|ий|ая|о)?$")
"""What makes a surname of a stem: «Мастеров», «Директоренко»."""
_LONGEST_WHOLE = 3
"""Letters of a stem that must be the whole word."""


@dataclass(frozen=True, slots=True)
class NameFound:
    """A person's name in a text."""

    name: str
    """Nominative, surname first; as written where it has no surname."""
    start: int
    end: int
    full: bool
    """True with surname, given name and patronymic."""
    oblique: bool = False
    """True where it stood in another case: somebody is written to, called or spoken of."""
    has_surname: bool = True


Run = list[tuple[str, int, int]]
"""Capitalised words that follow each other, and where each begins and ends."""


def runs_in(text: str) -> list[Run]:
    """Return the capitalised words of `text` that follow each other, two and more of them: a name has two at least.

    A former surname in brackets is passed over: «Иванова (Петрова) Мария».
    """
    text = _FORMER.sub(lambda found: " " * len(found[0]), text)
    return [
        [(m[0], run.start() + m.start(), run.start() + m.end()) for m in _WORD.finditer(run[0])]
        for run in _RUN.finditer(text)
        if len(run[0].split()) > 1
    ]


def full_names_in(
    text: str, not_names: tuple[str, ...] = (), *, runs: list[Run] | None = None
) -> tuple[NameFound, ...]:
    """Return the names with a patronymic in `text` (already `visible`), in order, those without surname as well.

    `not_names` are stems of capitalised words that stand before a name and are none of it, such as `директор`.
    `runs` are those of the text, where they are known already.
    """
    found = [name for run in (runs_in(text) if runs is None else runs) if (name := _in_run(run, not_names))]
    found.extend(_latin_names(text))
    taken = [(name.start, name.end) for name in found]
    found.extend(
        name
        for name in _lower_case_names(text, not_names)
        if not any(start < name.end and name.start < end for start, end in taken)
    )
    return tuple(sorted(found, key=lambda name: name.start))


def _in_run(parts: Run, not_names: tuple[str, ...]) -> NameFound | None:
    """Return the name with a patronymic among capitalised words that follow each other."""
    folded = [fold(part[0]) for part in parts]
    names = [
        (at, name)
        for at in range(1, len(parts))
        if (may_be_patronymic(folded[at]) or (at + 1 < len(folded) and folded[at + 1] in PARTICLES))
        and (name := _around(parts, at, not_names)) is not None
    ]
    # A given name that is known tells «Роман Аркадьевич» from «Абрамович Роман».
    names.sort(key=lambda found: (not found[1].has_surname, not is_given(parts[found[0] - 1][0])))
    return names[0][1] if names else None


def _around(parts: Run, at: int, not_names: tuple[str, ...]) -> NameFound | None:
    """Return the name whose patronymic is the word `at`, the given name before it and the surname on either side."""
    particle = at + 1 < len(parts) and fold(parts[at + 1][0]) in PARTICLES
    joined = re.search(r"-(?:оглы|оглу|кызы|кизи)$", fold(parts[at][0]))
    if not (particle or joined or is_patronymic(parts[at][0])) or fold(parts[at][0]) in PARTICLES:
        return None
    given = parts[at - 1]
    if is_none(given[0], not_names) or (is_patronymic(given[0]) and not is_given(given[0])):
        return None
    last = at + 1 if particle else at
    before = parts[at - 2] if at >= 2 and not is_none(parts[at - 2][0], not_names) else None
    after = parts[last + 1] if last + 1 < len(parts) and not is_none(parts[last + 1][0], not_names) else None
    patronymic = " ".join([_title(parts[at][0]), *([parts[last][0].lower()] if particle else [])])
    if before and after and not looks_like_a_surname(before[0]) and looks_like_a_surname(after[0]):
        before = None
    surname = before or after
    if surname is None:
        if not is_given(given[0]) and not is_oblique(patronymic):
            return None
        _, first, second = nominative("", _title(given[0]), patronymic)
        name = f"{first} {second}"
    else:
        name = " ".join(nominative(_title(surname[0]), _title(given[0]), patronymic))
    start = before[1] if before else given[1]
    end = after[2] if after and not before else parts[last][2]
    return NameFound(
        name, start, end, full=surname is not None, oblique=is_oblique(patronymic), has_surname=surname is not None
    )


def _latin_names(text: str) -> Iterator[NameFound]:
    """Return names with a patronymic spelt in Latin letters, surname first."""
    for match in _LATIN_FULL.finditer(text):
        parts = match[0].split()
        if _LATIN_PATRONYMIC.search(parts[2].lower()):
            yield NameFound(" ".join(parts), match.start(), match.end(), full=True)
        elif _LATIN_PATRONYMIC.search(parts[1].lower()):
            yield NameFound(" ".join((parts[2], *parts[:2])), match.start(), match.end(), full=True)


def _lower_case_names(text: str, not_names: tuple[str, ...]) -> Iterator[NameFound]:
    """Return names typed without capitals, as on a phone: only around a given name that is known."""
    if _LOWER_CASE_PATRONYMIC.search(text) is None:
        return
    at = 0
    while (match := _LOWER_CASE.search(text, at)) is not None:
        one, two, three = match.groups()
        at = match.start(2)
        if (is_patronymic(three) or " " in three) and is_given(two) and not is_none(one, not_names) and len(one) > 2:
            ordered = (one, two, three)
        elif is_patronymic(two) and is_given(one) and looks_like_a_surname(three) and not is_oblique(two):
            ordered = (three, one, two)
        else:
            continue
        if is_oblique(ordered[2]) or looks_like_a_surname(ordered[0]) or is_given(ordered[1]):
            words = nominative(*(capitals(word) for word in ordered))
            yield NameFound(" ".join(words), match.start(), match.end(), full=True, oblique=is_oblique(ordered[2]))
            at = match.end()


def genitive_name_at(text: str, start: int) -> NameFound | None:
    """Return the name in the genitive that begins at `start`, where what stands before it demands that case."""
    match = _SURNAME_AND_GIVEN.match(text, start)
    if match is not None:
        for surname, given in ((match[1], match[2]), (match[2], match[1])):
            if turned := nominative_of_genitive(_title(surname), _title(given)):
                return NameFound(" ".join(turned), start, match.end(), full=False)
    written = text[start : start + 60]
    if not (_INITIALS.match(written) or _ONE_INITIAL.match(written)):
        return None
    initialled = next((name for name in initialled_names_in(written) if name.start == 0), None)
    if initialled is None:
        return None
    surname, _, initials = initialled.name.partition(" ")
    return NameFound(f"{surname_of_genitive(surname)} {initials}", start, start + initialled.end, full=False)


def initialled_names_in(text: str) -> tuple[NameFound, ...]:
    """Return the names of `text` written as a surname with initials, in order."""
    found = []
    for match in _INITIALS.finditer(text):
        surname, one, two = (match[1], match[2], match[3]) if match[1] else (match[6], match[4], match[5])
        if (surname.isupper() and len(surname) < 4) or fold(surname) in NEVER:
            continue
        initials = f"{one}." + (f" {two}." if two else "")
        found.append(NameFound(f"{_title(surname)} {initials}", match.start(), match.end(), full=False))
    found += [
        NameFound(f"{_title(match[1])} {match[2]}.", match.start(), match.end(), full=False)
        for match in _ONE_INITIAL.finditer(text)
        if is_surely_a_surname(match[1])
    ]
    return tuple(found)


def name_of_line(line: str, *, labelled: bool = False) -> str | None:
    """Return the name that `line` consists of (a display name, a signature line, a labelled value), or None.

    A bare first name is no full name. English names stand as written.
    """
    line = _SPACES.sub(" ", visible(line)).strip(" \t,.;\"'-")
    if not line or _NO_NAME.search(line):
        return None
    is_small = line == line.lower()
    if labelled and is_small:
        line = capitals(line)
    found = [name for name in full_names_in(line) if name.has_surname] or initialled_names_in(f"{line}.")
    if found:
        return found[0].name if found[0].end - found[0].start >= len(line) - 2 or labelled else None
    parts = line.split(" ")
    if labelled and len(parts) == 2 and _WHOLE_WORD.fullmatch(parts[0]) and len(parts[1]) == 1 and parts[1].isupper():
        return f"{_title(parts[0])} {parts[1]}."
    if not all(_WHOLE_WORD.fullmatch(part) for part in parts):
        return line if _LATIN.fullmatch(line) else None
    if len(parts) == 2:
        return _two_words(parts[0], parts[1], labelled=labelled)
    if len(parts) == 1:
        return _title(line) if labelled and not is_small and _may_be_all(line) else None
    if (
        (labelled or fold(parts[0]) in ASIAN_SURNAMES)
        and len(parts) in (3, 4)
        and not any(fold(part) in NEVER for part in parts)
    ):
        return " ".join(_title(part) for part in parts)
    return None


def _may_be_all(word: str) -> bool:
    """Return whether one word may be all of a name: no given name and no surname, of which a part is left out."""
    return (
        len(word) > 3 and not is_given(word) and not looks_like_a_surname(word) and fold(word) not in (NEVER | _NOBODY)
    )


def capitals(line: str) -> str:
    return " ".join(
        word if word in PARTICLES else re.sub(rf"(?<![{LOWER}a-z])[{LOWER}a-z]", lambda first: first[0].upper(), word)
        for word in line.split(" ")
    )


def _two_words(one: str, two: str, *, labelled: bool) -> str | None:
    """Put two words surname first, by the known given names; None where they are no name."""
    if any(fold(word) in NEVER for word in (one, two)) or min(len(one), len(two)) < 2:
        return None
    if one.isupper() != two.isupper() and min(len(word) for word in (one, two) if word.isupper()) < 4:
        return None  # an abbreviation beside a word: «КФХ Козлов» is a farm
    one, two = _title(one), _title(two)
    surname_first = _surname_first(one, two, labelled=labelled)
    if surname_first is None:
        return None
    return f"{one} {two}" if surname_first else f"{two} {one}"


def _surname_first(one: str, two: str, *, labelled: bool) -> bool | None:
    """Return whether the first of two words is the surname; None where they are no name."""
    if fold(one) in ASIAN_SURNAMES:
        return True
    first, second = is_given(one), is_given(two)
    if first and not second:
        is_without_surname = is_patronymic(two) and agree(one, two) and not labelled
        return None if is_without_surname else False
    if second:
        return looks_like_a_surname(one) if first else True
    if is_surely_a_surname(one) != is_surely_a_surname(two):
        return is_surely_a_surname(one)
    # Neither is known: display names stand given name first, and one of the two must look like a surname.
    if looks_like_a_surname(two):
        return False
    return True if labelled or looks_like_a_surname(one) else None


def is_form_of(word: str, stems: tuple[str, ...]) -> bool:
    """Return whether a folded `word` begins with one of `stems` and is no surname made from it.

    A stem of up to three letters must be the whole word: «зав» heads a position, «Завьялов» does not.
    """
    known = _known(stems)
    for length in known.lengths:
        if length > len(word):
            break
        if (
            word[:length] in known.stems
            and (length > _LONGEST_WHOLE or length == len(word))
            and not _MADE_A_SURNAME.match(word[length:])
        ):
            return True
    return False


@dataclass(frozen=True, slots=True)
class _Known:
    """Stems and the lengths they have: a word is looked up by its beginnings."""

    stems: frozenset[str]
    lengths: tuple[int, ...]


@lru_cache(maxsize=64)
def _known(stems: tuple[str, ...]) -> _Known:
    return _Known(frozenset(stems), tuple(sorted({len(stem) for stem in stems})))


def is_none(word: str, not_names: tuple[str, ...]) -> bool:
    folded = fold(word)
    return len(folded) < 2 or folded in NEVER or is_form_of(folded, not_names)


def _title(word: str) -> str:
    return "-".join(part[:1].upper() + part[1:].lower() for part in word.split("-")) if word.isupper() else word
