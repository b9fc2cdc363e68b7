"""Cases of Russian names: from an oblique form to the nominative, and what a word's ending says of it.

The tables hold what names end in; words outside them, foreign surnames first, stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from pathlib import Path

from domain.russian.letters import in_russian_letters
from domain.russian.words import fold

_GIVEN_NAMES = Path(__file__).with_name("given_names.txt")
_SHORT_NAMES = Path(__file__).with_name("short_names.txt")
_PATRONYMIC = re.compile(r"(?:ович|евич|ьич|мич|кич|тич|ввич|овна|евна|ична|инична|[ауы]лы|уулу|кызы|гызы|оглы|оглу)$")
# «Тарасевич», «Станкевич»: patronymics have -ович after a hard consonant.
_SURNAME_IN_EVICH = re.compile(r"[бвгджзкмнпстфхцчшщ]евич$")
_LIKE_A_PATRONYMIC = tuple(
    "ич ича ичу ичем иче вна вны вне вной вною вну чна чны чне чной чною чну лы лу зы зи".split()
)
"""What patronymics end in, in any case, and few other words."""
_MALE_OBLIQUE = re.compile(r"(?<=ич)(?:а|у|ем|е)$")
_FEMALE_OBLIQUE = re.compile(r"(?<=(?:ов|ев|ич)н)(?:ы|е|ой|ою|у)$")
_SURNAME_ENDING = re.compile(
    r"(?:[оеё]в|[иы]н|[оеё]ва|[иы]на|[сц]кий|[сц]кая|[сц]кой|ко|[уюя]к|ец|[яа]н|дзе|швили|[иы]х|ич|заде|зода|ман|берг|штейн"
    r"|ун|ик|ак|ай|уа|ия|ли|лы|ый|ая|оглы)$"
)

_SURE_SURNAME_ENDINGS = tuple(
    "ов ова ев ева ин ина ын ына ский ская ской цкий цкая цкой енко дзе швили юк чук их ых заде ич".split()
)
_MEN_IN_A = frozenset(
    "илья никита кузьма фома лука данила савва гаврила миша саша паша игорь лазарь муса иса мустафа".split()
)

_Endings = tuple[tuple[str, str], ...]
_Adjectives = tuple[tuple[re.Pattern[str], str], ...]
_NOUN: _Endings = (
    ("теля", "тель"), ("аря", "арь"), ("льца", "лец"), ("ца", "ец"), ("ги", "га"), ("ки", "ка"), ("ы", "а"), ("а", ""), ("я", "ь"),
)  # fmt: skip
_NOUN_INSTRUMENTAL: _Endings = (
    ("телем", "тель"), ("арем", "арь"), ("арём", "арь"), ("льцем", "лец"), ("цем", "ец"), ("цом", "ец"), ("гой", "га"), ("кой", "ка"),
    ("сестрой", "сестра"), ("ницей", "ница"), ("ом", ""), ("ем", "ь"),
)  # fmt: skip
_ADJECTIVE_INSTRUMENTAL: _Adjectives = (
    (re.compile(r"(?<=[гкхжшщч])им$|(?<=н)им$"), "ий"),
    (re.compile(r"ым$"), "ый"),
    (re.compile(r"(?<=[вн])ой$|(?<=[жшщч])ей$"), "ая"),
)
_ADJECTIVE: _Adjectives = (
    (re.compile(r"(?<=[гкхжшщч])(?:ого|его)$|его$"), "ий"),
    (re.compile(r"ого$"), "ый"),
    (re.compile(r"ой$|(?<=[жшщч])ей$"), "ая"),
    (re.compile(r"ей$"), "яя"),
)

# Oblique endings and their nominative, by sex; the first that fits is taken.
_GIVEN_MALE: _Endings = (
    ("ея", "ей"), ("ею", "ей"), ("еем", "ей"), ("ия", "ий"), ("ию", "ий"), ("ием", "ий"), ("ая", "ай"),
    ("аю", "ай"), ("ьи", "ья"), ("ье", "ья"), ("ье", "ья"), ("ве", "ва"), ("авла", "авел"), ("авлу", "авел"), ("авлом", "авел"),
    ("ьва", "ев"), ("ьву", "ев"), ("етра", "ётр"), ("етру", "ётр"), ("етром", "ётр"), ("ом", ""), ("ем", "ь"), ("ы", "а"),
    ("у", ""), ("а", ""), ("я", "ь"), ("ю", "ь"), ("и", "а"), ("е", "а"),
)  # fmt: skip
_GIVEN_FEMALE: _Endings = (
    ("ии", "ия"), ("ией", "ия"), ("ию", "ия"), ("ьи", "ья"), ("ье", "ья"), ("ьей", "ья"), ("ови", "овь"),
    ("ги", "га"), ("ки", "ка"), ("ши", "ша"), ("ой", "а"), ("ей", "я"), ("ы", "а"), ("е", "а"), ("у", "а"), ("и", "я"), ("и", "ь"),
)  # fmt: skip
_SURNAME_MALE: _Endings = (
    ("ского", "ский"), ("скому", "ский"), ("ским", "ский"), ("цкого", "цкий"), ("цкому", "цкий"), ("цким", "цкий"),
    ("ова", "ов"), ("ову", "ов"), ("овым", "ов"), ("ева", "ев"), ("еву", "ев"), ("евым", "ев"),
    ("ёва", "ёв"), ("ёву", "ёв"), ("ёвым", "ёв"), ("ина", "ин"), ("ину", "ин"), ("иным", "ин"),
    ("ына", "ын"), ("ыну", "ын"), ("ыным", "ын"), ("ого", "ой"), ("ому", "ой"), ("ца", "ец"), ("цу", "ец"), ("ом", ""),
    ("ем", "ь"), ("ая", "ай"), ("ю", "ь"), ("я", "ь"), ("а", ""), ("у", ""),
)  # fmt: skip
_SURNAME_FEMALE: _Endings = (
    ("ской", "ская"), ("скую", "ская"), ("цкой", "цкая"), ("цкую", "цкая"), ("овой", "ова"), ("ову", "ова"), ("евой", "ева"),
    ("еву", "ева"), ("ёвой", "ёва"), ("ёву", "ёва"), ("иной", "ина"), ("ину", "ина"), ("ыной", "ына"), ("ыну", "ына"),
    ("ой", "ая"), ("ую", "ая"),
)  # fmt: skip


def _plain(word: str) -> str:
    """Return a word as the tables have it: folded, in Russian letters."""
    return in_russian_letters(fold(word))


@cache
def given_names() -> frozenset[str]:
    """Return the folded given names that tell a name from a surname where there is no patronymic."""
    return frozenset(fold(_GIVEN_NAMES.read_text(encoding="utf-8")).split())


def is_given(word: str) -> bool:
    """Return whether `word` is a known given name in the nominative; of a double one, whether its first part is."""
    folded = _plain(word)
    return folded in given_names() or ("-" in folded and folded.partition("-")[0] in given_names())


@cache
def _short_names() -> frozenset[tuple[str, str]]:
    lines = (fold(line).split() for line in _SHORT_NAMES.read_text(encoding="utf-8").splitlines())
    return frozenset((short, given) for given, *shorts in lines for short in shorts)


def is_short_for(short: str, given: str) -> bool:
    """Return whether people call a `given` name so: «Ваня» for «Иван»."""
    return (fold(short), _plain(given)) in _short_names()


def is_called_short(word: str) -> bool:
    """Return whether colleagues call one another so: «Саня», and «Сань» or «Лен» when they speak to one."""
    folded = _plain(word)
    if is_given(word):
        return False
    return not _shorts().isdisjoint((folded, f"{folded}а", f"{folded}я", f"{folded.removesuffix('ь')}я"))


def is_short_in_a_case(word: str) -> bool:
    """Return whether a capitalised word is a short name in some case: «Насте», «Костю»."""
    folded = _plain(word)
    return word[:1].isupper() and len(word) > 3 and not is_given(word) and folded[:-1] in _short_stems()


@cache
def _short_stems() -> frozenset[str]:
    return frozenset(short[:-1] for short in _shorts() if short.endswith(("а", "я")) and len(short) > 3)


@cache
def _shorts() -> frozenset[str]:
    return frozenset(short for short, _ in _short_names())


def is_oblique_given(word: str) -> bool:
    """Return whether `word` is a known given name in another case than the nominative: «Ольге», «Петру»."""
    return not is_given(word) and any(_known(word, endings) for endings in (_GIVEN_FEMALE, _GIVEN_MALE))


def may_be_patronymic(folded: str) -> bool:
    """Return False where a folded word does not even end as patronymics do."""
    return folded.endswith(_LIKE_A_PATRONYMIC)


def is_patronymic(word: str) -> bool:
    """Return whether `word` looks like a patronymic, in any case; so do surnames such as «Абрамович»."""
    folded = _plain(word)
    if not may_be_patronymic(folded):
        return False
    folded = _FEMALE_OBLIQUE.sub("а", _MALE_OBLIQUE.sub("", folded))
    if _SURNAME_IN_EVICH.search(folded):
        return False
    return len(folded) >= 5 and bool(_PATRONYMIC.search(folded)) and folded not in given_names()


def agree(given: str, patronymic: str) -> bool:
    """Return whether a given name and a patronymic are of one sex; «Ульяна Бердникович» has a surname."""
    folded = _plain(given)
    female = folded.endswith(("а", "я", "ь")) and folded not in _MEN_IN_A
    return female == _plain(patronymic).endswith(("на", "кызы", "кизи"))


def agree_in_sex(given: str, surname: str) -> bool:
    """Return whether a given name and a surname may be one person's in the nominative: «Светлана Попов» may not."""
    folded = _plain(given)
    is_female = folded.endswith(("а", "я")) and folded not in _MEN_IN_A
    return not is_female or not _plain(surname).endswith(("ов", "ев", "ин", "ын", "ский", "цкий"))


def looks_like_a_surname(word: str) -> bool:
    """Return whether `word` ends as surnames do, in the nominative; some given names do as well."""
    return bool(_SURNAME_ENDING.search(_plain(word)))


def is_surely_a_surname(word: str) -> bool:
    """Return whether `word` ends as hardly any given name does."""
    return _plain(word).endswith(_SURE_SURNAME_ENDINGS)


def is_oblique(patronymic: str) -> bool:
    """Return whether a patronymic stands in another case than the nominative."""
    return bool(_MALE_OBLIQUE.search(patronymic.lower()) or _FEMALE_OBLIQUE.search(patronymic.lower()))


def nominative(surname: str, given: str, patronymic: str) -> tuple[str, str, str]:
    """Return a name's three words in the nominative: the patronymic tells sex and case."""
    if _MALE_OBLIQUE.search(patronymic):
        return _surname(surname, _SURNAME_MALE), _given(given, _GIVEN_MALE), _MALE_OBLIQUE.sub("", patronymic)
    if _FEMALE_OBLIQUE.search(patronymic):
        return _surname(surname, _SURNAME_FEMALE), _given(given, _GIVEN_FEMALE), _FEMALE_OBLIQUE.sub("а", patronymic)
    return surname, given, patronymic


def nominative_of_genitive(surname: str, given: str) -> tuple[str, str] | None:
    """Return the nominative of a surname and given name in the genitive, or None where the given name is unknown.

    «Петровой Марии» is «Петрова Мария», «Петрова Александра» after «от» is «Петров Александр».
    """
    for endings, surnames in ((_GIVEN_FEMALE, _SURNAME_FEMALE), (_GIVEN_MALE, _SURNAME_MALE)):
        female = endings is _GIVEN_FEMALE
        if female and not given.endswith(("ы", "и")):
            continue
        known = _known(given, endings)
        if known is None or (female and re.search(r"(?:[оеё]ва|[иы]на|ого)$", surname)):
            continue  # «Петрова Саши» is a man
        if not female and re.search(r"(?:[оеё]вой|[иы]ной|ской|цкой)$", surname):
            continue
        return _surname(surname, surnames), known
    return None


def post_of_genitive(post: str, is_head: Callable[[str], bool]) -> str:
    """Return a position in the nominative, `is_head` telling its noun: «главного врача больницы» is «главный врач больницы»."""
    return _post(post, is_head, _ADJECTIVE, _NOUN)


def post_of_instrumental(post: str, is_head: Callable[[str], bool]) -> str:
    """Return the same of «главным врачом больницы»."""
    return _post(post, is_head, _ADJECTIVE_INSTRUMENTAL, _NOUN_INSTRUMENTAL)


def _post(post: str, is_head: Callable[[str], bool], adjectives: _Adjectives, nouns: _Endings) -> str:
    parts = post.split(" ")
    for at, part in enumerate(parts):
        adjective = next(((ending, new) for ending, new in adjectives if ending.search(part)), None)
        if adjective is None:
            if is_head(fold(part)):
                parts[at] = next((part[: -len(old)] + new for old, new in nouns if part.endswith(old)), part)
            break
        parts[at] = adjective[0].sub(adjective[1], part)
    return " ".join(parts)


def surname_of_genitive(surname: str) -> str:
    """Return the nominative of a surname in the genitive that stands with initials alone."""
    female = re.search(r"(?:[оеё]вой|[иы]ной|[сц]кой)$", surname)
    return _surname(surname, _SURNAME_FEMALE if female else _SURNAME_MALE)


_OBLIQUE_LETTERS = frozenset(oblique[-1] for oblique, _ in (*_GIVEN_MALE, *_GIVEN_FEMALE))


def _surname(surname: str, endings: _Endings) -> str:
    return "-".join(_replaced(part, endings) for part in surname.split("-"))


def _given(word: str, endings: _Endings) -> str:
    """Return the nominative of a given name: one of the known names where an ending leads to it."""
    return _known(word, endings) or (word if is_given(word) else _replaced(word, endings))


def _known(word: str, endings: _Endings) -> str | None:
    if word[-1:] not in _OBLIQUE_LETTERS:
        return None
    for oblique, ending in endings:
        if word.endswith(oblique) and fold(word[: -len(oblique)] + ending) in given_names():
            return word[: -len(oblique)] + ending
    return None


def _replaced(word: str, endings: _Endings) -> str:
    for oblique, ending in endings:
        if word.endswith(oblique) and len(word) - len(oblique) >= 2:
            return word[: -len(oblique)] + ending
    return word
