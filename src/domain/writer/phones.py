"""Which of a letter's phone numbers is the writer's own."""

from __future__ import annotations

import re

from domain.russian.declension import is_given, is_oblique_given
from domain.russian.letters import LOWER, UPPER
from domain.russian.phrases import found_in
from domain.russian.words import fold, words
from domain.writer.contacts import PhoneFound, normalise_phone, phones_in
from domain.writer.details import (
    Detail,
    IdentificationRule,
    Source,
    stands_after,
    stands_right_after,
    words_before,
)
from domain.writer.names import NameFound, is_form_of
from domain.writer.person import BESIDE, People, is_same
from domain.writer.positions import position_in

_CARD, _CARD_LINES = 140, 4
"""So many characters and lines below the writer's name a phone may be of the same card."""
_LONGEST_CARD_LINE = 90
_LABEL = re.compile(r"(?i)(?:тел|моб|сот|т|м|phone|mobile)[а-я.]*")
_OWN = re.compile(r"(?<![а-я])(?:мо[йяюе]|мо(?:его|ему|им|ём)|мне|меня|связи со мной|mine|my)(?![а-я])[^.!?\n]{0,40}$")
_TOLD_AFTER = re.compile(
    r"\s*(?:\(|[-—–]\s(?:это\s)?|это\s|(?=(?:уже\s|больше\s)?(?:стар|не\s)))\s*(?P<said>[^\n().,;!?\d]{2,40})"
)
"""What is said of a number behind it: «(мужа)», «— старый»."""
_NO_MORE = re.compile(
    r"(?:уже )?(?:стар|прежн|бывш|чуж|ошибочн|неверн|недейств|заблокирован|не (?:мо[йя]|работает(?! (?:с|до|после|по)$)|действует))"
)
"""What is said of a number that is the writer's no more."""
_COMES_FROM = re.compile(
    r"(?:пришл|приход|поступ|присла|высвеч|звонил|звонят|звонит|измен|сменил|поменя|перев)[^.!?\n]{0,40}\bс(?:о)?\s+"
    r"(?:(?:номер|телефон)\w*\s+)?$"
)
"""A number that something came from, or that was changed for another one."""
_OF_SOMEBODY = re.compile(
    r"(?:тел(?:ефон)?|моб(?:ильн[а-я]+)?|сот(?:ов[а-я]+)?|номер|whats[a-z]*|ватсап|wechat|вичат)\.?\s+(?:телефон[а-я]*\s+)?"
    r"(?!(?:заявител|отправител|автор|связи|обратн|для|тел|моб|сот|вайбер|ватсап|вотсап|мо[йяегие]|наш|сво[йяегие]|личн|рабоч|домашн|городск|стационарн|контакт|пока|всегда|сегодня|снова|всюду|когда|сама?\b)[а-я]*)"
    r"(?![а-я]+(?:ла|ли|лась|лись)\b)(?P<of>[а-я]{4,}(?:а|я|ы|и|ей|ого|его|ой))[\s:.(-]*$"
)
"""«Моб. директора», «телефон доверителя»: whose number it is stands behind the word for it."""
_NOT_NOW = re.compile(r"(?:(?:стар|прежн|чуж|бывш)[а-я]+|(?:мобильн|телефон|сотов)[а-я]* нет)\s*[:(,-]?\s*$")
_PLAINLY_OWN = re.compile(
    r"(?:мой|мо[её]м|мне|my|mine)\s+(?:личн|номер|тел|моб|сот|контакт|number|phone)[^.!?\n]{0,40}$"
)
_BRACKETED = re.compile(r"(?P<who>[^\n.!?;()]{0,60})\((?P<inside>[^()\d]{0,40})$", re.IGNORECASE)
_OWN_IN_BRACKETS = re.compile(
    r"(?<![а-я])(?:я|мне|меня|мо[йяюе]|мой номер|тел[а-я]*|моб[а-я]*|сот[а-я]*|номер|звоните|пишите|связи|(?:аккаунт|учетк|кабинет|логин|вход|профил|смс|код)[а-я]*)\W*$"
    r"|(?<![а-я])(?:мо[йяеию]|моего|моему|моей|моих|меня|мне)(?![а-я])"
)


def phones_of(source: Source, rule: IdentificationRule, name: NameFound | None, people: People) -> list[PhoneFound]:
    """Return the writer's phones, the labelled one first: not those beside somebody else's name."""
    text = source.text
    all_phones = people.phones
    strangers = [other.end for other in people.everybody if not is_same(other, name)] if all_phones else []
    own: list[PhoneFound] = []
    found = [
        phone
        for phone in all_phones
        if not _is_anothers(text, phone, rule)
        and not any(_is_beside(text, end, phone, rule) for end in strangers)
        and not _is_of_colleague(text, phone, name, rule)
    ]
    if (value := source.labelled.get(Detail.PHONE)) is not None and value.text:
        own = [phone for phone in all_phones if value.start <= phone.start <= value.end]
        if not own and (number := normalise_phone(value.text)):
            own = [PhoneFound(number, value.start, value.end)]
        found = [phone for phone in found if phone not in own]
    found = [*own, *(_beside_the_name(text, found, name) or found)]
    if not found:
        found = [phone for phone in phones_in(source.subject) if not _is_anothers(source.subject, phone, rule)]
    return [phone for phone in found if not phone.number.startswith("+7800")]


def _is_beside(text: str, end: int, phone: PhoneFound, rule: IdentificationRule) -> bool:
    """Return whether a number belongs to the person whose name ends at `end`: right behind it, or behind the post."""
    between = text[end : phone.start]
    if not 0 <= len(between) <= _LONGEST_CARD_LINE or phone.start < end or "\n" in between:
        return False
    if len(between) <= BESIDE:
        return True
    parts = [part.strip(" .:()") for part in between.split(",")]
    return all(not part or "@" in part or _LABEL.fullmatch(part) or position_in(part, rule) for part in parts)


def _beside_the_name(text: str, phones: list[PhoneFound], name: NameFound | None) -> list[PhoneFound]:
    """Return the phones that stand beside the writer's name or are called his own; none where no phone does."""
    return [
        phone
        for phone in phones
        if (name is not None and name.start >= 0 and _is_in_card(text, phone, name))
        or _OWN.search(fold(text[max(0, phone.start - 60) : phone.start]))
    ]


def _is_in_card(text: str, phone: PhoneFound, name: NameFound) -> bool:
    """Return whether a number stands soon below a name, or right before it."""
    if 0 <= phone.start - name.end <= _CARD:
        return text.count("\n", name.end, phone.start) <= _CARD_LINES
    return 0 <= name.start - phone.end <= BESIDE


def _is_within(text: str, phone: PhoneFound) -> bool:
    """Return whether a number is in a quotation, or in brackets behind somebody or something that is not the writer."""
    begins = phone.start + (text[phone.start] == "(")
    line = text[text.rfind("\n", 0, phone.start) + 1 : begins]
    if line.count("«") > line.count("»") and not line.endswith("«"):
        return True
    bracketed = _BRACKETED.search(line)
    if bracketed is None or line.count("(") <= line.count(")"):
        return False
    who = f"{bracketed['who'].strip()} {bracketed['inside'].strip()}".strip()
    goes_on = re.match(r"[^\n()]{0,30}\)[\s,]*[а-яё]", text[phone.end :]) is not None
    return bool(who) and goes_on and not _OWN_IN_BRACKETS.search(fold(who))


def _is_anothers(text: str, phone: PhoneFound, rule: IdentificationRule) -> bool:
    """Return whether the words beside a number make it somebody else's, an old one or an example.

    Whom the writer works for or with says nothing of his number: «менеджер по работе с клиентами 8 900 …».
    """
    after = _TOLD_AFTER.match(text, phone.end)
    if after is not None:
        said = " ".join(words(after["said"]))
        if _NO_MORE.match(said) or found_in(said, rule.others):
            return True
    before = fold(text[max(0, phone.start - 80) : phone.start])
    if any(said.search(before) for said in (_COMES_FROM, _OF_SOMEBODY, _NOT_NOW)) or _is_within(text, phone):
        return True
    if stands_after(text, phone.start, rule.other_phones):
        return True
    if _PLAINLY_OWN.search(before) or not stands_after(text, phone.start, rule.others):
        return False
    return position_in(words_before(text, phone.start), rule, oblique=True) is None


def _is_of_colleague(text: str, phone: PhoneFound, writer: NameFound | None, rule: IdentificationRule) -> bool:
    """Return whether a first name alone stands before `phone`, as somebody else's: «звоните Ольге», «менеджер Стелла»."""
    before = re.search(
        rf"(?<![{UPPER}{LOWER}])([{UPPER}{LOWER}][{LOWER}]+)[ ,:-]{{0,3}}(?:тел[а-я]*\.?:? ?)?$", text[: phone.start]
    )
    if before is None or (before[1][:1].islower() and not is_given(before[1])):
        return False
    if is_oblique_given(before[1]) or stands_right_after(text, before.start(1), rule.others):
        return True
    post = words(text[: before.start(1)])[-1:]
    is_writer = writer is not None and fold(before[1]) in words(writer.name)
    return is_given(before[1]) and not is_writer and any(is_form_of(word, rule.not_names) for word in post)
