"""Attributions: what mail programs write above an earlier letter, such as "On Monday, … wrote:".

The forms are those of Gmail, Outlook, Yandex, Mail.ru, Apple, Samsung, Thunderbird, The Bat!, KMail, Roundcube, Horde and
Lotus Notes in Russian and English, and the commonest of their other languages. People write sentences that look like
them («23.11.2026 программа написала:»), so each form says how certain it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from enum import IntEnum

from adapters.mail.markup import Line, Mark

_LONGEST = 500
_MOST_LINES = 6
_MAX_WRAPPED_REST = 40

WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)"
DATE = (
    r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{4}年"
    r"|\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?\d{4}|[^\W\d_]{3,12}\.?\s+\d{1,2},?\s+\d{4}"
    r"|\d{1,2}\.?\s+[^\W\d_]{3,10}\.?\s+\d{1,2}[:.]\d{2}"
    r"|\d{1,2}\s+(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек)[а-яё]{0,6}\b)"
)
TIME = r"(?:\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[ap]\.?m\.?)?(?:\s*(?:GMT|UTC|MSK|МСК)?\s*[+-]\d{1,2}:?\d{2}|\s*MSK|\s*МСК)?)"
_VERB = (
    r"(?:wrote|writes|said|пишет|писали?|писала|писал\(а\)|написал|написала|написали|написал\(а\)|сообщает|сообщил"
    r"|пише|написав|a\s+écrit|schrieb|escribió|escreveu|napisał|napisał\(a\)|ha\s+scritto|schreef"
    r"|het\s+volgende\s+geschreven|skrev|写道|hat\s+geschrieben)"
)
HAS_DATE = re.compile(DATE)
HAS_TIME = re.compile(r"\d{1,2}[:.]\d{2}(?![.\d])")
_HAS_VERB = re.compile(rf"(?:^|[\s\"»”>*)，]){_VERB}\b|{_VERB}\s*[:：]", re.IGNORECASE)
_STARTS_WITH_DATE = re.compile(rf"{WEEKDAY}?{DATE}|{TIME},\s+{WEEKDAY}?{DATE}", re.IGNORECASE)
_ADDRESS = r"(?:<[^<>]{0,200}@[^<>]{0,200}>|[\w.+-]{1,64}@[\w.-]{1,200})"
_ENDS_WITH_ADDRESS = re.compile(rf"{_ADDRESS}\W{{0,3}}[:：]$")
_ENDS_WITH_ADDRESS_AND_VERB = re.compile(rf"{_ADDRESS}[\s>\"]{{0,3}}(?:{_VERB}\s*)?[:：]?$", re.IGNORECASE)
_ENDS_LIKE_ATTRIBUTION = re.compile(rf"(?:[:：]|{_VERB}|-{{2,}})\s*\*?$", re.IGNORECASE)
_ENDINGS = (
    ":",
    "：",
    ":*",
    "--",
    ">",
    "wrote",
    "пишет",
    "написал",
    "написала",
    "написал(а)",
    "skrev",
    "schrieb",
    "escribió",
)
LAST_CHARACTERS = frozenset("eеoоaаяtтлvbó" + "EЕOОAАЯTТЛVBÓ" + ":：*->)")
"""With one of these ends any line that ends an attribution or is a delimiter: a look at the last character is cheap."""
_OPENING = re.compile(r"^(?:on|at|le|am|el|em|op|il|den|dnia|в|від|från)\s", re.IGNORECASE)
# A clause is a person's sentence: «Вы писали, что исправили, но сейчас:».
_CLAUSE = re.compile(r",\s+(?:что|чтобы|но|а|и|как|когда|если|хотя|поэтому|that|but|and|so|when|if)\s", re.IGNORECASE)
_ANONYMOUS = re.compile(
    r"^(?:вы|ты|you)\s+(?:писали|написали|писал|написал|wrote)\b(?P<when>.{0,80})[:：]$", re.IGNORECASE
)
_WHEN = re.compile(rf"{DATE}|{TIME}")
_WORDS_OF_WHEN = frozenset(
    "в во от г года on at the gmt utc msk мск am pm понедельник вторник среду среда четверг пятницу пятница субботу суббота "
    "воскресенье пн вт ср чт пт сб вс monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun".split()
)
_NAMED = re.compile(rf"^[^\s:].{{0,120}}<\s*\S{{1,200}}@\S{{1,200}}\s*>\s*{_VERB}\s*[:：]$", re.IGNORECASE)
_QUOTING = re.compile(
    r"^(?:цитирование|цитата\s+из\s+(?:письма|сообщения)|цитирую|quoting|zitat\s+von|citando\s+a?|quota(?:ndo|zione\s+di))\s+\S.{0,200}[:：]$",
    re.IGNORECASE,
)
# Gmail before 2015: "2016-03-03 17:21 GMT+01:00 Some One", and "2013/7/20 Some One <a@b.example>".
_OLD_GMAIL = re.compile(
    r"^\d{4}-\d{2}-\d{2}\s+\d{1,2}:\d{2}\s+GMT[+-]\d{1,2}:\d{2}\s+[^\s<>][^<>]{0,100}(?:<[^<>]{1,200}>)?:?$|^\d{4}/\d{1,2}/\d{1,2}\s[^<>@]{1,80}<[^<>\s]{1,200}@[^<>\s]{1,200}>:?$"
)
# No person types «написал(а)».
_MACHINE_VERB = re.compile(r"(?:писал|сообщил|ответил)\(а\)|napisał\(a\)", re.IGNORECASE)
_KMAIL = re.compile(r"^в\s+(?:письме|сообщении)\s+от\s+.{4,120}", re.IGNORECASE)
# "DATE, TIME, Name <address>:" with the comma, or the «от» of Mail.ru, that programs put before the name.
_DATED = re.compile(
    rf"^(?:{TIME},\s+)?{WEEKDAY}?{DATE}\s*(?:г\.?|года)?,?\s*(?:(?:в|at|um|à|kl\.?|om)\s+)?(?P<time>{TIME})?\s*(?:,|\bот\b|\bfrom\b)\s*(?P<name>.{{1,200}})$",
    re.IGNORECASE,
)
_ZONE = re.compile(r"[+-]\d{1,2}:?\d{2}$")
_LOWER_CASE_SUBJECT = re.compile(r"^(?:[а-яё]|(?:the|our|my|an?|this)\s)")
_FOREIGN_VERB = re.compile(
    r"\b(?:wrote|a\s+écrit|schrieb|escribió|escreveu|ha\s+scritto|schreef|geschreven|skrev|geschrieben)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"\b(?:the|our|my|an?|this)\s(?!écrit)", re.IGNORECASE)
_SMALL_WORD = re.compile(r"(?<!\w)[а-яё]{3,}")
_NAME_AND_ADDRESS = re.compile(
    r"[A-ZА-ЯЁ][^<>,:;\d]{0,60}<[^<>]{1,200}>|\"[^\"]{0,200}\"|«[^«»]{0,200}»|<[^<>]{0,200}>"
)
_WORD_OF_A_PROGRAM = re.compile(
    r"янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|понед|вторн|сред|четв|пятн|субб|воскр|года|мск|пользовател|письм|сообщ"
    r"|пис|напис|пишет|пише|ответил|поддержк|служб|технич|отдел|цит|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру"
)
_LABELLED = re.compile(r"^[^\W\d_]{1,20}:\s")
_OF_A_DESK = re.compile(r"поддержк|\bsupport\b|help\s?desk|service\s?desk|\bслужб", re.IGNORECASE)


_GROUPWISE = re.compile(rf"^>*\s*\S.{{1,200}}{DATE}.{{0,12}}{TIME}.{{0,8}}>>>$", re.IGNORECASE)


class Certainty(IntEnum):
    """How surely a line is a program's attribution."""

    NONE = 0
    LIKELY = 1
    """Its words may be a person's: «24.11.2026 заявитель сообщает:». In an answer it needs a quoted line below it."""
    PROBABLE = 2
    """It has the words of a program, and a person may write so, too: it needs a quoted line below it."""
    CERTAIN = 3
    """No person types it: an answer with it needs nothing more."""


def attribution(text: str) -> Certainty:
    """Return how surely a line such as "On Monday … wrote:" or "пт, 20 нояб. 2026 г. в 13:43, … <…>:" is an attribution."""
    text = text.strip("*_ \t")
    if len(text) > _LONGEST or not may_end_attribution(text):
        return Certainty.NONE
    if _OLD_GMAIL.match(text):
        return Certainty.CERTAIN
    if not _ENDS_LIKE_ATTRIBUTION.search(text) or _CLAUSE.search(text):
        return Certainty.NONE
    if any(form(text) for form in _CERTAIN):
        return Certainty.CERTAIN
    if not _is_likely(text):
        return Certainty.NONE
    return Certainty.LIKELY if _has_words_of_a_person(text) else Certainty.PROBABLE


def is_of_groupwise(text: str) -> bool:
    """Return whether a line is GroupWise's: `>>> Some One <a@b.example> 25.11.2026 10:05 >>>`, with nothing marked below it."""
    return text.endswith(">>>") and bool(_GROUPWISE.match(text[:_LONGEST]))


def _has_words_of_a_person(text: str) -> bool:
    """True where words stand in it that no program puts between a date, a name and a verb."""
    if _ARTICLE.search(text):
        return True
    words = _SMALL_WORD.findall(_NAME_AND_ADDRESS.sub(" ", text))
    return any(not _WORD_OF_A_PROGRAM.match(word) for word in words)


def _is_likely(text: str) -> bool:
    if _names_only_when(text) or _NAMED.match(text) or _QUOTING.match(text):
        return True
    if _ANONYMOUS.match(text) or not HAS_DATE.search(text):
        return False
    return bool(_HAS_VERB.search(text) or (_STARTS_WITH_DATE.match(text) and _ENDS_WITH_ADDRESS.search(text)))


def _names_only_when(text: str) -> bool:
    """True for «Вы писали 24 ноября 2026 г., 10:05:», and not where it goes on: «Вы писали про талоны:»."""
    match = _ANONYMOUS.match(text)
    if match is None:
        return False
    return {word.lower() for word in re.findall(r"[^\W\d_]+", _WHEN.sub(" ", match["when"]))} <= _WORDS_OF_WHEN


def _has_verb_of_a_machine(text: str) -> bool:
    return bool(_MACHINE_VERB.search(text)) and ("@" in text or bool(HAS_DATE.search(text)))


def _is_of_the_bat(text: str) -> bool:
    """The Bat!: «Вы писали 24 ноября 2026 г., 10:05:05:»."""
    return _names_only_when(text) and bool(HAS_DATE.search(text)) and bool(HAS_TIME.search(text))


def _is_of_horde(text: str) -> bool:
    """Horde: «Цитирование Имя <a@b.example>:»."""
    return bool(_QUOTING.match(text)) and "@" in text


def _is_named_in_another_language(text: str) -> bool:
    """Some One <a@b.example> wrote: a Russian does not type that, and may well type it in Russian."""
    return bool(_NAMED.match(text)) and bool(_FOREIGN_VERB.search(text))


def _is_of_kmail_or_zoho(text: str) -> bool:
    """KMail: «В письме от … пользователь … написал:»; Zoho: "---- On … wrote ----"."""
    framed = bool(_KMAIL.match(text)) or (text.startswith("--") and text.endswith("--"))
    return framed and bool(HAS_DATE.search(text)) and bool(_HAS_VERB.search(text))


def _is_dated_and_named(text: str) -> bool:
    """Gmail, Yandex and its app, Mail.ru, Apple: day and time, a comma, a name, its address."""
    match = _DATED.match(text)
    if match is None or _LOWER_CASE_SUBJECT.match(match["name"]):
        return False
    return bool(_ENDS_WITH_ADDRESS_AND_VERB.search(match["name"]) or _ZONE.search(match["time"] or ""))


def _is_of_a_desk(text: str) -> bool:
    """Any form that names a desk with day and time, and has no word of a person: «24.11.2026 10:05, Служба поддержки пишет:»."""
    named = bool(_OF_A_DESK.search(text)) and bool(HAS_DATE.search(text)) and bool(HAS_TIME.search(text))
    return named and not _has_words_of_a_person(text)


def _opens_in_another_language(text: str) -> bool:
    """On …, Le …, Am …: with an address or a time of the day, and a verb."""
    if not _OPENING.match(text) or _ARTICLE.search(text) or not HAS_DATE.search(text):
        return False
    if "@" in text:
        return bool(_HAS_VERB.search(text) or _ENDS_WITH_ADDRESS.search(text))
    return bool(HAS_TIME.search(text) and _FOREIGN_VERB.search(text))


_CERTAIN = (
    _has_verb_of_a_machine,
    _is_of_the_bat,
    _is_of_horde,
    _is_named_in_another_language,
    _is_of_kmail_or_zoho,
    _is_dated_and_named,
    _is_of_a_desk,
    _opens_in_another_language,
)


def may_end_attribution(text: str) -> bool:
    """Return whether a line ends as attributions do."""
    return text.endswith(_ENDINGS) or " GMT" in text


def _may_begin(text: str) -> bool:
    """Return whether a line has anything that the first line of an attribution has."""
    return bool(
        "@" in text or _OPENING.match(text) or HAS_DATE.search(text) or _HAS_VERB.search(text) or _QUOTING.match(text)
    )


def _opens(text: str) -> bool:
    """Return whether an attribution of several lines may begin with that line, rather than a sentence above one."""
    return bool(_OPENING.match(text) or _STARTS_WITH_DATE.match(text) or "<" in text or _HAS_VERB.search(text))


def _opens_with_date(text: str) -> bool:
    """Return whether a line opens as an attribution does, with a date in it."""
    return bool(_STARTS_WITH_DATE.match(text) or (_OPENING.match(text) and HAS_DATE.search(text)))


def lines_above(texts: Sequence[str], index: int) -> Iterator[int]:
    """The lines where an attribution may begin that ends at that index: none is above a blank one, but for a bracket."""
    for at in range(index, max(-1, index - _MOST_LINES), -1):
        if not texts[at] and not texts[at + 1].startswith("<"):
            return
        yield at


def find_attribution(lines: Sequence[Line], texts: Sequence[str], index: int) -> tuple[int, Certainty]:
    """Return how many lines from that one make an attribution, and how certainly; `texts` are the lines, trimmed."""
    if not _may_begin(texts[index]):
        return 0, Certainty.NONE
    joined = ""
    for length in range(1, _MOST_LINES + 1):
        continued = _continuation(lines, texts, index + length - 1, joined)
        if continued is None:
            break
        joined = f"{joined} {continued}".strip()
        certainty = attribution(joined)
        if certainty:
            begins = length == 1 or _begins_with(texts[index : index + length])
            return (length, certainty) if begins else (0, Certainty.NONE)
    return 0, Certainty.NONE


def _continuation(lines: Sequence[Line], texts: Sequence[str], position: int, before: str) -> str | None:
    """The text of that line as part of an attribution, or None where it cannot be one."""
    if position >= len(lines):
        return None
    if not texts[position]:
        # Outlook for Android puts the address in brackets below a blank line.
        following = texts[position + 1 : position + 2]
        return "" if before and following and following[0].startswith("<") else None
    if lines[position].mark is Mark.NONE:
        return None if before and _LABELLED.match(texts[position]) else texts[position]
    # Gmail wraps before the bracket that closes an address, and then it looks like a quote.
    if before.count("<") > before.count(">") and len(texts[position]) <= _MAX_WRAPPED_REST:
        return f">{texts[position]}"
    return None


def _begins_with(texts: Sequence[str]) -> bool:
    """False where a sentence of the author's stands before the attribution proper."""
    first = texts[0]
    for later in range(1, len(texts)):
        rest = " ".join(texts[later:]).strip()
        if attribution(rest) and (_opens_with_date(rest) or not _opens_with_date(first)):
            return False
    return _opens(first)
