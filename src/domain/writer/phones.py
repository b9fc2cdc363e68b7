"""Which of a letter's phone numbers is the writer's own."""

from __future__ import annotations

import re
from itertools import chain

from domain.russian.declension import is_given, is_oblique_given
from domain.russian.words import fold, words
from domain.writer.contacts import PhoneFound, normalise_phone, phones_in
from domain.writer.details import Detail, IdentificationRule, Source, stands_after, stands_right_after
from domain.writer.names import NameFound, is_form_of
from domain.writer.person import BESIDE, People, is_same


def phones_of(source: Source, rule: IdentificationRule, name: NameFound | None, people: People) -> list[PhoneFound]:
    """Return the writer's phones, the labelled one first: not those beside somebody else's name."""
    text = source.text
    all_phones = people.phones
    everybody = (people.full, people.two_words, people.initialled, people.in_genitive) if all_phones else ()
    strangers = [other.end for other in chain.from_iterable(everybody) if not is_same(other, name)]
    found = [
        phone
        for phone in all_phones
        if not stands_after(text, phone.start, rule.others)
        and not any(0 <= phone.start - end <= BESIDE and "\n" not in text[end : phone.start] for end in strangers)
        and not _is_of_colleague(text, phone, name, rule)
    ]
    if (value := source.labelled.get(Detail.PHONE)) is not None and value.text:
        own = [phone for phone in all_phones if value.start <= phone.start <= value.end]
        if not own and (number := normalise_phone(value.text)):
            own = [PhoneFound(number, value.start, value.end)]
        found = own + [phone for phone in found if phone not in own]
    if not found:
        found = [
            phone for phone in phones_in(source.subject) if not stands_after(source.subject, phone.start, rule.others)
        ]
    return [phone for phone in found if not phone.number.startswith("+7800")]


def _is_of_colleague(text: str, phone: PhoneFound, writer: NameFound | None, rule: IdentificationRule) -> bool:
    """Return whether a first name alone stands before `phone`, as somebody else's: «звоните Ольге», «менеджер Стелла»."""
    before = re.search(r"([А-ЯЁ][а-яё]+)[ ,:-]{0,3}(?:тел[а-я]*\.?:? ?)?$", text[: phone.start])
    if before is None:
        return False
    if is_oblique_given(before[1]) or stands_right_after(text, before.start(1), rule.others):
        return True
    post = words(text[: before.start(1)])[-1:]
    is_writer = writer is not None and fold(before[1]) in words(writer.name)
    return is_given(before[1]) and not is_writer and any(is_form_of(word, rule.not_names) for word in post)
