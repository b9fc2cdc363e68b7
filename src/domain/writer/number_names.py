"""What a text calls a number: a telephone, or the number of something else, whatever that is.

«Номер телефона» and «мой номер» announce a phone; «номер» of any other thing, or of another sort («серийный номер»),
is that thing's own number. What the thing is called need not be known.
"""

from __future__ import annotations

import re
from enum import Enum

from domain.russian.words import fold


class Called(Enum):
    """What a number is called where it is written."""

    PHONE = "phone"
    SOMETHING_ELSE = "something else"
    NOTHING = "nothing"


READ_BEFORE, READ_AFTER = 60, 50
"""Characters beside a number in which it is named."""
_PHONE_WORD = r"(?:тел(?:еф\w*|\b|[ае]?\b)|тлф|моб\w*|сот(?:ов\w*|ик\w*|\b)|phone|mobile|cell|whats\w*|ватсап\w*|вотсап\w*|вацап\w*|вайбер\w*|viber|телеграм\w*|мессенджер\w*|связ\w*|звон\w*|перезвон\w*|сим\w*|абонент\w*|контакт\w*)"
_OWN_WORD = r"(?:мо[йеияю]\w*|наш\w*|сво\w*|личн\w*|рабоч\w*|домашн\w*|городск\w*|стационарн\w*|основн\w*|нов\w*|правильн\w*|верн\w*|единственн\w*|постоянн\w*|временн\w*|следующ\w*|прям\w*|корпоративн\w*|российск\w*|местн\w*|втор\w*|запасн\w*|дополнительн\w*|актуальн\w*|действующ\w*|этот|тот|такой|прежн\w*|стар\w*|друг\w*|чуж\w*|ваш\w*|его|ее|их)"
_LABEL = re.compile(rf"(?:\b{_PHONE_WORD}|\bзвон\w*|\bнабер\w*|\bпишите)[\w.)]*(?:\s[а-я]+){{0,3}}[\s:.,(№«\"-]*$")
_PHONE_SIGN = re.compile(rf"\b{_PHONE_WORD}[\w.)]*\s*№[\s:]*$")
"""«Тел. №»: the sign belongs to the word for a phone."""
_WRITTEN_AS_PHONE = re.compile(r"(?:\+7|8[ (-])[ (-]{0,2}\d{3}[ )-]{1,3}\d{3}[ -]\d{2}[ -]?\d{2}|\+7[ (-]{0,2}\d{10}")
"""Groups that no document's number has."""
_NUMBERED = re.compile(r"номер|№|#")
_NUMBER = re.compile(
    r"(?:(?P<kind>[а-яa-z-]+)\s+)?\b(?:номер\w{0,3}|ном\.|no|#)(?P<of>(?:\s+[а-яa-z.-]+){0,4})[\s:№#=.(|-]*$"
)
_NUMBER_AFTER = re.compile(
    r"[\s)]*(?:[-:(,]\s*(?:это\s+)?|это\s+)(?:(?P<kind>[а-я-]+)\s+)?(?:номер\w{0,3}|№)(?P<of>(?:\s+[а-я-]+){0,3})"
)
_OF_PHONE = re.compile(rf"\b(?:{_PHONE_WORD}|{_OWN_WORD})")
_KIND_OF_PHONE = re.compile(rf"(?:{_PHONE_WORD}|{_OWN_WORD})$")
_ADJECTIVE = re.compile(r"[а-я-]{3,}(?:ый|ий|ой|ым|им|ого|его|ому|ему|ом|ем)$")
_GENITIVE = re.compile(r"[а-я-]{2,}(?:[аяыиу]|ов|ев|ей|ого|его|ой|ых|их)$")
_NO_NOUN = re.compile(
    r"(?:не|на|у|в|к|с|за|для|по|это|и|или|а|меня|мне|вам|вас|нас|остал\w*|привязан\w*|указан\w*|измен\w*|поменя\w*|сменил\w*|"
    r"потерял\w*|есть|был[аои]?|стал|тоже|же|для|ниже|выше|следующий|такой|пишу|даю|оставля\w*|сообща\w*)$"
)
# What is followed by a number of its own, without the word «номер».
_THING = re.compile(
    r"(?:инн|кпп|огрн(?:ип)?|снилс|паспорт\w*|заказ\w*|накладн\w*|трек\w*|счет\w*|р/с|к/с|бик|карт[аыуе]|артикул\w*|"
    r"request-?id|\bid|№|n°|дог(?:овор\w*)?\.?|контракт\w*|л/с|лицев\w*|окпо|октмо|окато|кбк|уин|р/сч|к/сч|заявк\w*|"
    r"заявлени\w*|дел[оау]|обращени\w*|чек\w*|imei|ip|inn|order|invoice|талон\w*|полис\w*|терминал\w*|устройств\w*|прибор\w*|"
    r"серийн\w*|заводск\w*|инвентарн\w*|штрих-?код\w*|\bкод\w{0,2}|справк\w*|квитанци\w*|платеж\w*|операци\w*|транзакци\w*|"
    r"ккт|рнм|фн|фд|фп|serial|s/n|отправлени\w*|посылк\w*|идентификатор\w*|удостоверени\w*|свидетельств\w*|лицензи\w*|сертификат\w*)"
    r"(?P<gap>(?:[\s:№#=|*-]|\.(?!\s)){0,24}(?:номер\s*)?(?:-\s*)?(?:\b[а-яa-z]\s)?)$"
)
_SHOWN_IN = re.compile(
    r"\b(?:тел\w*|моб\w*|сот\w*|номер\w{0,3} (?:тел|моб|сот)\w*)\b[^.!?\n]{0,40}\s(?:в|во|по|из|для|к)\s(?:[а-я]+\s)?$"
)
"""«Телефон, указанный в заявлении: …»: the number is a phone, and the thing says where it is written."""


def called(before: str, after: str = "", written: str = "") -> Called:
    """Return what a number is called by the text `before` and `after` it, of which the nearest characters are read.

    A thing that is only spoken of right before a number `written` as phones are does not name it.
    """
    before, after = fold(before[-READ_BEFORE:]), fold(after[:READ_AFTER])
    said = _named(_NUMBER_AFTER.match(after))
    if said is not Called.NOTHING:
        return said
    if _is_of_a_thing(before, written):
        return Called.SOMETHING_ELSE
    numbered = _NUMBER.search(before)
    if numbered is not None:
        said = _named(numbered)
        return Called.PHONE if said is Called.NOTHING else said
    return Called.PHONE if _LABEL.search(before) else Called.NOTHING


def _is_of_a_thing(before: str, written: str) -> bool:
    """Return whether a thing is right before its number; one that a line above ends with is spoken of there."""
    thing = _THING.search(before)
    if thing is None or _PHONE_SIGN.search(before):
        return False
    if _WRITTEN_AS_PHONE.fullmatch(written) and not _NUMBERED.search(before):
        return False
    gap = thing["gap"]
    if "\n" in gap and ":" not in gap and "№" not in gap:
        line = before[: thing.start()].rpartition("\n")[2]
        if line.strip():
            return False
    return "№" in gap or _SHOWN_IN.search(before[: thing.start()]) is None


def _named(numbered: re.Match[str] | None) -> Called:
    """Return what «номер» is of, or of what sort it is."""
    if numbered is None:
        return Called.NOTHING
    kind, of = numbered["kind"] or "", numbered["of"].split()
    if _KIND_OF_PHONE.match(kind) or any(_OF_PHONE.match(word) for word in of):
        return Called.PHONE
    if _ADJECTIVE.fullmatch(kind):
        return Called.SOMETHING_ELSE
    if of and not _NO_NOUN.match(of[0]) and _GENITIVE.fullmatch(of[0]):
        return Called.SOMETHING_ELSE
    return Called.NOTHING
