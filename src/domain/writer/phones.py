"""Which of a letter's phone numbers is the writer's own."""

from __future__ import annotations

import re
from itertools import chain

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


def phones_of(source: Source, rule: IdentificationRule, name: NameFound | None, people: People) -> list[PhoneFound]:
    """Return the writer's phones, the labelled one first: not those beside somebody else's name."""
    text = source.text
    all_phones = people.phones
    everybody = (people.full, people.two_words, people.initialled, people.in_genitive) if all_phones else ()
    strangers = [other.end for other in chain.from_iterable(everybody) if not is_same(other, name)]
    found = [
        phone
        for phone in all_phones
        if not _is_anothers(text, phone, rule)
        and not any(0 <= phone.start - end <= BESIDE and "\n" not in text[end : phone.start] for end in strangers)
        and not _is_of_colleague(text, phone, name, rule)
    ]
    if (value := source.labelled.get(Detail.PHONE)) is not None and value.text:
        own = [phone for phone in all_phones if value.start <= phone.start <= value.end]
        if not own and (number := normalise_phone(value.text)):
            own = [PhoneFound(number, value.start, value.end)]
        found = own + [phone for phone in found if phone not in own]
    if not found:
        found = [phone for phone in phones_in(source.subject) if not _is_anothers(source.subject, phone, rule)]
    return [phone for phone in found if not phone.number.startswith("+7800")]


_TOLD_AFTER = re.compile(r"\s*(?:\(|[-—–]\s|это\s)\s*(?P<said>[^\n().,;!?\d]{2,40})")
"""What is said of a number behind it: «(мужа)», «— старый»."""
_NO_MORE = re.compile(
    r"(?:уже )?(?:стар|прежн|бывш|чуж|ошибочн|неверн|недейств|заблокирован|не (?:мо[йя]|работает|действует))"
)
"""What is said of a number that is the writer's no more."""
_COMES_FROM = re.compile(
    r"(?:пришл|приход|поступ|присла|высвеч|звонил|звонят|звонит|измен|сменил|поменя|перев)[^.!?\n]{0,40}\bс(?:о)?\s+"
    r"(?:(?:номер|телефон)\w*\s+)?$"
)
"""A number that something came from, or that was changed for another one."""


def _is_anothers(text: str, phone: PhoneFound, rule: IdentificationRule) -> bool:
    """Return whether the words beside a number make it somebody else's, an old one or an example.

    Whom the writer works for or with says nothing of his number: «менеджер по работе с клиентами 8 900 …».
    """
    after = _TOLD_AFTER.match(text, phone.end)
    if after is not None:
        said = " ".join(words(after["said"]))
        if _NO_MORE.match(said) or found_in(said, rule.others):
            return True
    if _COMES_FROM.search(fold(text[max(0, phone.start - 80) : phone.start])):
        return True
    if stands_after(text, phone.start, rule.other_phones):
        return True
    if not stands_after(text, phone.start, rule.others):
        return False
    return position_in(words_before(text, phone.start), rule, oblique=True) is None


def _is_of_colleague(text: str, phone: PhoneFound, writer: NameFound | None, rule: IdentificationRule) -> bool:
    """Return whether a first name alone stands before `phone`, as somebody else's: «звоните Ольге», «менеджер Стелла»."""
    before = re.search(rf"([{UPPER}][{LOWER}]+)[ ,:-]{{0,3}}(?:тел[а-я]*\.?:? ?)?$", text[: phone.start])
    if before is None:
        return False
    if is_oblique_given(before[1]) or stands_right_after(text, before.start(1), rule.others):
        return True
    post = words(text[: before.start(1)])[-1:]
    is_writer = writer is not None and fold(before[1]) in words(writer.name)
    return is_given(before[1]) and not is_writer and any(is_form_of(word, rule.not_names) for word in post)
