"""An organisation's name as the registry compares it: one form for the ways in which people write one name."""

from __future__ import annotations

import re

from domain.russian.words import words

_SPELT_OUT = {
    "общество с ограниченной ответственностью": "ооо",
    "ooo": "ооо",  # Latin letters
    "индивидуальный предприниматель": "ип",
    "автономная некоммерческая организация": "ано",
    "некоммерческая организация": "нко",
    "крестьянское фермерское хозяйство": "кфх",
    "глава крестьянского фермерского хозяйства": "глава кфх",
    "товарищество собственников жилья": "тсж",
    "товарищество собственников недвижимости": "тсн",
    "многофункциональный центр предоставления государственных и муниципальных услуг": "мфц",
    "многофункциональный центр": "мфц",
    "г": "города",
    "гор": "города",
    "обл": "области",
    "р-н": "района",
    "р-на": "района",
}
"""Words that are written in two ways, and the way that is compared; the longer come first."""
_ADJECTIVES = (
    "федеральное государственное муниципальное областное краевое республиканское окружное городское районное бюджетное "
    "казенное автономное унитарное общеобразовательное образовательное дошкольное профессиональное частное публичное "
    "непубличное акционерное закрытое открытое"
).split()
_KIND = re.compile(
    rf"\b(?:(?:{'|'.join(_ADJECTIVES)}) ){{1,5}}(?:учреждение(?: культуры| здравоохранения)?|предприятие|общество)\b"
)
"""A legal form that its initials stand for: «муниципальное бюджетное учреждение» is МБУ."""
_FORM = re.compile(
    r"[офзнп]?ао|ооо|ип|ано|нко|кфх|тсж|тсн|снт|чуп|тоо|одо|спк|пк|нпо|нпф|нпп|ф?гуп|муп|чоу|м?оу|мдоу|фку"
    r"|(?:[фкор]?г|м)[бак](?:д?о)?у[кз]?"
)
_SAYS_NOTHING = frozenset(
    "мфц центр администрация администрации управление управления департамент комитет министерство отдел отделение "
    "филиал офис школа школы сош лицей гимназия колледж детский сад больница поликлиника библиотека клуб музей "
    "магазин интернет-магазин компания фирма группа компаний торговый дом учебный единый глава предприниматель "
    "город города городского городская городской центральная районная районный район района области край края округ округа республика республики село села поселок "
    "поселка поселения сельского муниципальный муниципального муниципальных государственный государственных услуг услуги "
    "предоставления образования культуры здравоохранения россии рф организация учреждение предприятие общество "
    "нет частное лицо физлицо".split()
)
"""What thousands of names have: a name of nothing else names nobody."""


def comparable_name(organisation: str | None) -> str | None:
    """Return a name for comparison: folded, no quotes, the legal form abbreviated and in front; None for no name.

    «Общество с ограниченной ответственностью „Ромашка“» and «ромашка, ООО» are both `ооо ромашка`; `Ромашка` alone
    is another name, as is that of a company of another form. None also where nothing in it tells it from others:
    «МФЦ», «Школа № 5», «администрация города», «ИП Иванов» (a sole proprietor needs a given name).
    """
    said = f" {' '.join(words(organisation or ''))} "
    for spelt, short in _SPELT_OUT.items():
        said = said.replace(f" {spelt} ", f" {short} ")
    said = _KIND.sub(lambda found: "".join(word[0] for word in found[0].split()), said)
    if said.startswith(" и п "):
        said = f" ип {said[5:]}"
    parts = said.split()
    forms = sorted(part for part in parts if _FORM.fullmatch(part))
    rest = [part for part in parts if not _FORM.fullmatch(part)]
    telling = [part for part in rest if len(part) > 2 and re.search(r"[^\W\d]", part) and part not in _SAYS_NOTHING]
    return " ".join([*forms, *rest]) if len(telling) >= (2 if "ип" in forms else 1) else None
