"""Names that no list knows, told by where they stand: introduced, signed, or before the writer's phone.

Whole peoples have names of two or three words that are neither given names nor surnames of any table: Korean and
Chinese, Vietnamese, those of Dagestan, Yakutia or England. Where a letter says «меня зовут» or ends in «С уважением»,
what follows is a name whatever it is made of; anywhere else capitalised words may be a street, a brand or a screen.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.russian.declension import is_given, is_patronymic, is_surely_a_surname, looks_like_a_surname
from domain.russian.letters import LOWER
from domain.russian.phrases import Phrases
from domain.russian.words import fold
from domain.writer.details import stands_right_after
from domain.writer.names import ASIAN_SURNAMES, NameFound, Run, capitals, is_none, name_of_line

_NAMED: Phrases = (
    "меня зовут",
    "зовут меня",
    "мое имя",
    "имя мое",
    "зовут",
    "menya zovut",
    "zovut menya",
    "my name is",
    "i am",
    "this is",
)
"""After these the next words are a name, whatever they are."""
_CLOSED: Phrases = (
    "с уважением", "с ув", "с наилучшими пожеланиями", "с почтением", "искренне ваш*", "подпись", "regards", "best|kind regards", "best",
    "sincerely", "mit freundlichen grüßen", "viele grüße", "yours sincerely|truly", "thank you", "thanks", "cheers", "заявител*", "исполнител*", "контактное лицо",
)  # fmt: skip
"""After these they are one where they fill a line, or the line goes on after a comma."""
_LATIN_WORDS = re.compile(
    r"(?<![\w@./-])[A-Z][a-z'’]+(?:-[A-Z][a-z]+)?(?:[ \t]+(?:[A-Z]\.|[A-Z][a-zA-Z'’]+(?:-[A-Z][a-z]+)?)){1,3}(?![\w@-])"
)
_NO_LATIN_NAME = frozenset(
    "llc ltd inc gmbh co corp company group bank shop store mail app the best kind regards dear hello hi support service team "
    "samsung galaxy apple iphone android google chrome windows sent from my head manager director sales".split()
)
_POST_IN_LATIN = re.compile(r"[ \t]*[,\n|/][ \t]*((?:[A-Za-z]+[ \t]?){1,3})(?=[ \t]*(?:[,\n|/]|$))")
_ADJECTIVE = re.compile(r"(?:ая|яя|ое|ее|ый|ий|ые|ие)$")
_NO_PERSON = re.compile(
    r"(?:(?:ваш|наш)[аеи]?|клиент\w*|покупател\w*|пользовател\w*|коллектив\w*|салон|кафе|ресторан|магазин|студия|школа|клуб|аптека|почта|банк|отель|компания|фирма)$"
)
_SMALL_PAIR = re.compile(rf"(?<![\w-])([{LOWER}]{{2,}})[ \t]+([{LOWER}]{{3,}})(?![\w-])")
_SMALL_TRIPLE = re.compile(rf"(?<![\w-])([{LOWER}-]{{2,}})[ \t]+([{LOWER}]{{2,}})[ \t]+([{LOWER}]{{5,}})(?![\w-])")
_NAMED_LEAD = re.compile(r"(?i)(?<!\w)(?:зовут(?:[ \t]+меня)?|мо[её][ \t]+имя|имя[ \t]+мо[её])[ \t]*[,:-]?[ \t]*")
_LONGEST_SYLLABLE = 6
_LINE_ENDS = re.compile(r"[ \t\u00a0]*(?:$|[\n,;/|(.])")
_CARD_LINES = 5
_OF_CARD = re.compile(
    r"(?m)(?:\+?\d[\d ()/_|,.~-]{8,}\d|(?i:\b(?:manager|director|head|engineer|administrator|ceo|owner|sales)\b)|\S@\S)[^\n]{0,40}$"
)


def placed_names_in(text: str, not_names: tuple[str, ...], runs: list[Run]) -> Iterator[NameFound]:
    """Return the names of `text` that only their place tells; `runs` are its capitalised words."""
    for run in runs:
        parts = _without_lead(run, not_names)
        if not 2 <= len(parts) <= 4 or any(_is_no_part(part[0], not_names) for part in parts):
            continue
        start, end = parts[0][1], parts[-1][2]
        words_ = [part[0] for part in parts]
        if len(words_) == 2 and is_given(words_[0]) and is_patronymic(words_[1]):
            continue
        if is_of_syllables(words_) and len(words_) == 3:
            yield NameFound(text[start:end], start, end, full=True)
        elif (is_told(text, start, end) and _may_be_a_person(words_)) or (
            _is_after_what_may_name(text, start) and _has_a_surname(words_)
        ):
            yield NameFound(_ordered(text[start:end], words_), start, end, full=False)
    for match in _LATIN_WORDS.finditer(text):
        told = is_told(text, match.start(), match.end()) or _has_a_post(text, match.start(), match.end(), not_names)
        if told and _NO_LATIN_NAME.isdisjoint(fold(match[0]).split()):
            yield NameFound(match[0], match.start(), match.end(), full=False)
    for lead in _NAMED_LEAD.finditer(text):
        if (name := _in_small_letters(text, lead.end())) is not None:
            yield name


def _in_small_letters(text: str, at: int) -> NameFound | None:
    """Return the name typed without capitals that begins at a place where only a name does."""
    three = _SMALL_TRIPLE.match(text, at)
    if three is not None and is_patronymic(three[3]):
        return NameFound(capitals(three[0]), at, three.end(), full=True)
    two = _SMALL_PAIR.match(text, at)
    if two is None or not (is_given(two[1]) or is_given(two[2])):
        return None
    name = name_of_line(capitals(two[0]))
    return NameFound(name, at, two.end(), full=False) if name is not None else None


def _is_no_part(word: str, not_names: tuple[str, ...]) -> bool:
    """Return whether a word is none of a name; «Мин» is a Korean's where a capital begins it, and minutes in small letters."""
    return word != "Мин" and is_none(word, not_names)


def _without_lead(run: Run, not_names: tuple[str, ...]) -> Run:
    """Return capitalised words without those before a name that begin a sentence: «Зовут», «Инженер»."""
    at = next((at for at, part in enumerate(run) if not _is_no_part(part[0], not_names)), len(run))
    return run[at:]


def is_of_syllables(parts: list[str]) -> bool:
    """Return whether words are such as Korean, Chinese and Vietnamese names have, the surname first."""
    return fold(parts[0]) in ASIAN_SURNAMES and all(
        len(part) <= _LONGEST_SYLLABLE and not is_patronymic(part) for part in parts
    )


def is_told(text: str, start: int, end: int) -> bool:
    """Return whether the words from `start` to `end` stand where only a name does."""
    if stands_right_after(text, start, _NAMED):
        return True
    if _LINE_ENDS.match(text, end) is not None and stands_right_after(text, start, _CLOSED):
        return True
    return _heads_a_card(text, start, end)


def _heads_a_card(text: str, start: int, end: int) -> bool:
    """Return whether words fill a line near the end, and a line below them has a telephone or a post in Latin letters."""
    begins, ends = text.rfind("\n", 0, start) + 1, text.find("\n", end)
    if ends < 0 or text[begins:start].strip() or text[end:ends].strip(" ,.") or text.count("\n", ends) > _CARD_LINES:
        return False
    return _OF_CARD.search(text, ends) is not None


def _has_a_post(text: str, start: int, end: int, posts: tuple[str, ...]) -> bool:
    """Return whether Latin words begin a line and a post follows them: «Peter Baker, Sales Manager, …»."""
    post = _POST_IN_LATIN.match(text, end)
    begins = not text[text.rfind("\n", 0, start) + 1 : start].strip()
    return begins and post is not None and any(is_none(word, posts) for word in post[1].split())


def _may_be_a_person(parts: list[str]) -> bool:
    """Return whether two words that no list knows may be a person's: «Золотая Рыбка» and «Ваш Клиент» are none."""
    if any(_NO_PERSON.match(fold(part)) for part in parts):
        return False
    first, last = parts[0], parts[-1]
    is_thing = _ADJECTIVE.search(first) is not None and not is_given(first) and not is_surely_a_surname(first)
    return not is_thing or is_given(last)


def _is_after_what_may_name(text: str, start: int) -> bool:
    return stands_right_after(
        text,
        start,
        ("это", "я", "пишет", "пишет вам", "вас беспокоит", "беспокоит вас", "обращается", "вам пишет", "беспокоит"),
    )


def _has_a_surname(parts: list[str]) -> bool:
    return any(
        (is_surely_a_surname(part) and not part.endswith(("ых", "их"))) or fold(part) in ASIAN_SURNAMES
        for part in parts
    )


def _ordered(written: str, parts: list[str]) -> str:
    """Return a name with its surname first where its words tell which it is; as written where they do not."""
    if len(parts) == 2:
        if found := name_of_line(written):
            return found
        if looks_like_a_surname(parts[1]) and not looks_like_a_surname(parts[0]):
            return f"{parts[1]} {parts[0]}"
    return written
