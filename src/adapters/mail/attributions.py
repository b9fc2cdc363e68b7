"""What mail programs write above an earlier letter: attributions, delimiters, and copies of its header.

The forms are those of Gmail, Outlook, Yandex, Mail.ru, Apple, Samsung, Thunderbird, The Bat!, KMail, Roundcube, Horde and
Lotus Notes in Russian and English, and the commonest of their other languages. People write sentences that look like
them («23.11.2026 программа написала:»), so each form says how certain it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

from domain.addresses import normalise_address, without_plus

_LONGEST = 500
_MOST_HEADERS = 12
_LONGEST_VALUE = 300

_WEEKDAY = r"(?:[^\W\d_]{2,12}\.?,?\s+)"
_DATE = (
    r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{4}年"
    r"|\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?\d{4}|[^\W\d_]{3,12}\.?\s+\d{1,2},?\s+\d{4}"
    r"|\d{1,2}\.?\s+[^\W\d_]{3,10}\.?\s+\d{1,2}[:.]\d{2})"
)
_TIME = r"(?:\d{1,2}[:.]\d{2}(?:[:.]\d{2})?(?:\s*[ap]\.?m\.?)?(?:\s*(?:GMT|UTC|MSK|МСК)?\s*[+-]\d{1,2}:?\d{2}|\s*MSK|\s*МСК)?)"
_VERB = (
    r"(?:wrote|writes|said|пишет|писали?|писала|писал\(а\)|написал|написала|написали|написал\(а\)|сообщает|сообщил"
    r"|пише|написав|a\s+écrit|schrieb|escribió|escreveu|napisał|napisał\(a\)|ha\s+scritto|schreef"
    r"|het\s+volgende\s+geschreven|skrev|写道|hat\s+geschrieben)"
)
_HAS_DATE = re.compile(_DATE)
_HAS_TIME = re.compile(r"\d{1,2}[:.]\d{2}(?![.\d])")
_HAS_VERB = re.compile(rf"(?:^|[\s\"»”>*)，]){_VERB}\b|{_VERB}\s*[:：]", re.IGNORECASE)
_STARTS_WITH_DATE = re.compile(rf"{_WEEKDAY}?{_DATE}|{_TIME},\s+{_WEEKDAY}?{_DATE}", re.IGNORECASE)
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
_WHEN = re.compile(rf"{_DATE}|{_TIME}")
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
    rf"^(?:{_TIME},\s+)?{_WEEKDAY}?{_DATE}\s*(?:г\.?|года)?,?\s*(?:(?:в|at|um|à|kl\.?|om)\s+)?(?P<time>{_TIME})?\s*(?:,|\bот\b|\bfrom\b)\s*(?P<name>.{{1,200}})$",
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
_NAME_IN_QUOTES = re.compile(r"\"[^\"]{0,200}\"|«[^«»]{0,200}»|<[^<>]{0,200}>")
_WORD_OF_A_PROGRAM = re.compile(
    r"янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|понед|вторн|сред|четв|пятн|субб|воскр|года|мск|пользовател|письм|сообщ"
    r"|пис|напис|пишет|пише|ответил|поддержк|служб|технич|отдел|цит|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру"
)
_OF_A_DESK = re.compile(r"поддержк|\bsupport\b|help\s?desk|service\s?desk|\bслужб", re.IGNORECASE)

_FORWARD = re.compile(
    r"^[\s>*_-]*(?:-{2,}\s*)?(?:forwarded\s+message|пересылаемое\s+(?:сообщение|письмо)|пересланное\s+(?:сообщение|письмо)"
    r"|перенаправленное\s+(?:сообщение|письмо)|begin\s+forwarded\s+message|начало\s+переадресованного\s+(?:сообщения|письма)"
    r"|начало\s+(?:пересылаемого|пересланного)\s+(?:сообщения|письма)|переадресованное\s+(?:сообщение|письмо)|fwd:?\s+message)"
    r"(?:\s+от\s+.{1,60})?\s*[:：]?\s*-*\s*\*?\s*$",
    re.IGNORECASE,
)
_FORWARD_END = re.compile(
    r"^[\s>*_]*-{2,}\s*(?:конец|завершение|окончание|end\s+(?:of\s+)?)\s*(?:пересылаемого|пересланного|перенаправленного|forwarded)\s+"
    r"(?:сообщения|письма|message)\s*-{2,}\s*\*?$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^[\s>*_]*-{2,}\s*(?:original\s+(?:message|appointment)|исходное\s+(?:сообщение|письмо)|оригинальное\s+(?:сообщение|письмо)"
    r"|первоначальное\s+(?:сообщение|письмо)|ursprüngliche\s+nachricht|mensaje\s+original|message\s+d'origine"
    r"|messaggio\s+originale|mensagem\s+original|reply\s+message|конец\s+цитаты)\s*-{2,}\s*\*?\s*(?P<inline>.*)$",
    re.IGNORECASE,
)
_LABELS = {
    "sender": r"from|от(?:\s+кого)?|від|von|de|da|från|fra|van|od|отправитель",
    "date": r"sent(?:\s+on)?|date|отправлен[оа]?|отправленные|дата(?:\s+(?:отправки|и\s+время))?|надіслано|gesendet|datum|data|enviado|skickat|envoyé",
    "recipient": r"to|кому|получател[ьи]|an|a|para|till|à|til|aan|do",
    "subject": r"subject|тема(?:\s+письма)?|betreff|oggetto|asunto|ämne|objet|onderwerp|temat|assunto",
    "more": r"b?cc|reply-to|копия|скрытая(?:\s+копия)?|ответить|risposta|importance|важность|вложени[ея]|attachments?|priority|приоритет",
}
_HEADER = re.compile(
    r"^[\s*_>|]{0,20}(?:"
    + "|".join(f"(?P<{name}>{labels})" for name, labels in _LABELS.items())
    + r")\s*[*_]*\s*:[*_\s]*(?P<value>.*)$",
    re.IGNORECASE,
)
_TIME_ALONE = re.compile(rf"^{_WEEKDAY}?{_DATE}(?:\s*г\.?)?,?\s+{_TIME}$", re.IGNORECASE)
_LABEL_IN_TABLE = re.compile(r"^(?:кому|копия|тема|to|cc|subject)\s*(?::|\t|$)", re.IGNORECASE)
_DATE_OF_PROGRAM = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b(?:понед|вторн|сред|четв|пятн|субб|воскр|пн|вт|ср|чт|пт|сб|вс|mon|tue|wed|thu|fri|sat|sun)",
    re.IGNORECASE,
)
# Some programs and people run the whole copy of a header together on one line.
_WITHIN = re.compile(r"(?<![\w-])(?:" + "|".join(_LABELS.values()) + r")\s?:", re.IGNORECASE)
_MAILBOX = re.compile(r"[^\s<>\"'(),;:\[\]|]{1,64}@[^\s<>\"'(),;:\[\]|]{1,200}")
_MOST_MAILBOXES = 20


class Certainty(IntEnum):
    """How surely a line is a program's attribution."""

    NONE = 0
    LIKELY = 1
    """Its words may be a person's: «24.11.2026 заявитель сообщает:». In an answer it needs a quoted line below it."""
    PROBABLE = 2
    """It has the words of a program, and a person may write so, too: it needs a quoted line below it."""
    CERTAIN = 3
    """No person types it: an answer with it needs nothing more."""


class HeaderBlock(NamedTuple):
    """A copy of a letter's header, or what looks like one."""

    end: int
    """The index of the first line below it."""
    labels: frozenset[str]
    sender: str
    by_program: bool
    """What people type as a heading has no address of a sender, no time of sending."""


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


def _has_words_of_a_person(text: str) -> bool:
    """True where words stand in it that no program puts between a date, a name and a verb."""
    if _ARTICLE.search(text):
        return True
    words = _SMALL_WORD.findall(_NAME_IN_QUOTES.sub(" ", text))
    return any(not _WORD_OF_A_PROGRAM.match(word) for word in words)


def _is_likely(text: str) -> bool:
    if _names_only_when(text) or _NAMED.match(text) or _QUOTING.match(text):
        return True
    if _ANONYMOUS.match(text) or not _HAS_DATE.search(text):
        return False
    return bool(_HAS_VERB.search(text) or (_STARTS_WITH_DATE.match(text) and _ENDS_WITH_ADDRESS.search(text)))


def _names_only_when(text: str) -> bool:
    """True for «Вы писали 24 ноября 2026 г., 10:05:», and not where it goes on: «Вы писали про талоны:»."""
    match = _ANONYMOUS.match(text)
    if match is None:
        return False
    return {word.lower() for word in re.findall(r"[^\W\d_]+", _WHEN.sub(" ", match["when"]))} <= _WORDS_OF_WHEN


def _has_verb_of_a_machine(text: str) -> bool:
    return bool(_MACHINE_VERB.search(text)) and ("@" in text or bool(_HAS_DATE.search(text)))


def _is_of_the_bat(text: str) -> bool:
    """The Bat!: «Вы писали 24 ноября 2026 г., 10:05:05:»."""
    return _names_only_when(text) and bool(_HAS_DATE.search(text)) and bool(_HAS_TIME.search(text))


def _is_of_horde(text: str) -> bool:
    """Horde: «Цитирование Имя <a@b.example>:»."""
    return bool(_QUOTING.match(text)) and "@" in text


def _is_named_in_another_language(text: str) -> bool:
    """Some One <a@b.example> wrote: a Russian does not type that, and may well type it in Russian."""
    return bool(_NAMED.match(text)) and bool(_FOREIGN_VERB.search(text))


def _is_of_kmail_or_zoho(text: str) -> bool:
    """KMail: «В письме от … пользователь … написал:»; Zoho: "---- On … wrote ----"."""
    framed = bool(_KMAIL.match(text)) or (text.startswith("--") and text.endswith("--"))
    return framed and bool(_HAS_DATE.search(text)) and bool(_HAS_VERB.search(text))


def _is_dated_and_named(text: str) -> bool:
    """Gmail, Yandex and its app, Mail.ru, Apple: day and time, a comma, a name, its address."""
    match = _DATED.match(text)
    if match is None or _LOWER_CASE_SUBJECT.match(match["name"]):
        return False
    return bool(_ENDS_WITH_ADDRESS_AND_VERB.search(match["name"]) or _ZONE.search(match["time"] or ""))


def _is_of_a_desk(text: str) -> bool:
    """Any form that names a desk with day and time, and has no word of a person: «24.11.2026 10:05, Служба поддержки пишет:»."""
    named = bool(_OF_A_DESK.search(text)) and bool(_HAS_DATE.search(text)) and bool(_HAS_TIME.search(text))
    return named and not _has_words_of_a_person(text)


def _opens_in_another_language(text: str) -> bool:
    """On …, Le …, Am …: with an address or a time of the day, and a verb."""
    if not _OPENING.match(text) or _ARTICLE.search(text) or not _HAS_DATE.search(text):
        return False
    if "@" in text:
        return bool(_HAS_VERB.search(text) or _ENDS_WITH_ADDRESS.search(text))
    return bool(_HAS_TIME.search(text) and _FOREIGN_VERB.search(text))


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


def may_begin_attribution(text: str) -> bool:
    """Return whether a line has anything that the first line of an attribution has."""
    return bool(
        "@" in text or _OPENING.match(text) or _HAS_DATE.search(text) or _HAS_VERB.search(text) or _QUOTING.match(text)
    )


def opens_attribution(text: str) -> bool:
    """Return whether an attribution of several lines may begin with that line, rather than a sentence above one."""
    return bool(_OPENING.match(text) or _STARTS_WITH_DATE.match(text) or "<" in text or _HAS_VERB.search(text))


def opens_with_date(text: str) -> bool:
    """Return whether a line opens as an attribution does, with a date in it."""
    return bool(_STARTS_WITH_DATE.match(text) or (_OPENING.match(text) and _HAS_DATE.search(text)))


def begins_forwarded(text: str) -> bool:
    """Return whether a line says that a forwarded letter begins."""
    return bool(_FORWARD.match(text))


def ends_forwarded(text: str) -> bool:
    """Return whether a line says that a forwarded letter ends, as that of Yandex does."""
    return text.endswith("-") and bool(_FORWARD_END.match(text))


def begins_original(text: str) -> bool:
    """Return whether a line says that the original message begins, its header maybe on the same line as Samsung has it."""
    match = _ORIGINAL.match(text)
    return match is not None and (not match["inline"] or bool(_HEADER.match(match["inline"])))


def header_within(text: str) -> HeaderBlock | None:
    """Return the header that a line holds as a whole: three labels or more, a sender's first or below a delimiter."""
    delimiter = _ORIGINAL.match(text)
    line = delimiter["inline"] if delimiter else text
    found = list(_WITHIN.finditer(line[:_LONGEST]))
    if len(found) < 3 or not _HEADER.match(line):
        return None
    return _block(1, [line[one.start() : later] for one, later in zip(found, _starts(found, line), strict=True)])


def _starts(found: list[re.Match[str]], line: str) -> list[int]:
    return [*(one.start() for one in found[1:]), len(line)]


def header_block(texts: Sequence[str], index: int) -> HeaderBlock | None:
    """Return the lines От, Кому, Дата, Тема from that index on, in any order; None where there are not two of them.

    A long value goes on in a second line, and HTML has blank lines between paragraphs.
    """
    if ":" not in texts[index] or not _HEADER.match(texts[index]):
        return _of_lotus(texts, index) if texts[index].endswith(">") else None
    headers = [texts[index]]
    end = index + 1
    while len(headers) < _MOST_HEADERS:
        following = next((at for at in (end, end + 1) if at < len(texts) and _HEADER.match(texts[at])), None)
        if following is None or (following > end and len(texts[end]) > _LONGEST_VALUE):
            break
        headers[-1] += f" {texts[end]}" if following > end else ""
        headers.append(texts[following])
        end = following + 1
    return _block(end, headers) if len(headers) > 1 else header_within(texts[index])


def _of_lotus(texts: Sequence[str], index: int) -> HeaderBlock | None:
    """Lotus Notes: the sender, below it the time alone, and To, cc and Subject in a table."""
    below = [(at, text) for at, text in enumerate(texts[index + 1 : index + _MOST_HEADERS], index + 1) if text]
    if "@" not in texts[index] or not below or not _TIME_ALONE.match(below[0][1]):
        return None
    labels = [at for at, text in below[1:] if _LABEL_IN_TABLE.match(text)]
    if len(labels) < 2:
        return None
    return HeaderBlock(labels[-1] + 1, frozenset({"sender", "date", "recipient"}), texts[index], by_program=True)


def _block(end: int, headers: list[str]) -> HeaderBlock:
    values: dict[str, str] = {}
    for header in headers:
        match = _HEADER.match(header[:_LONGEST])
        if match is not None and match.lastgroup is not None:
            label = next(name for name in _LABELS if match[name])
            values.setdefault(label, match["value"])
    sent = values.get("date", "")
    dated = bool(_HAS_DATE.search(sent))
    timed = dated and bool(_HAS_TIME.search(sent))
    addressed = any("@" in value for value in values.values())
    whole = len(values) >= 3
    by_its_date = dated and addressed and bool(_DATE_OF_PROGRAM.search(sent))
    by_program = (whole and ("@" in values.get("sender", "") or timed or by_its_date)) or (timed and "sender" in values)
    return HeaderBlock(end, frozenset(values), values.get("sender", ""), by_program)


def is_header(text: str) -> bool:
    """Return whether a line is one of a letter's header as programs copy it."""
    return bool(_HEADER.match(text))


def names_one_of(text: str, own_addresses: frozenset[str]) -> bool:
    """Return whether a text holds one of those addresses, with a token of ours or not."""
    if not own_addresses or "@" not in text:
        return False
    found = (match[0] for match, _ in zip(_MAILBOX.finditer(text[:_LONGEST]), range(_MOST_MAILBOXES), strict=False))
    return any(
        without_plus(normalise_address(one.removeprefix("mailto:").strip("."))) in own_addresses for one in found
    )
