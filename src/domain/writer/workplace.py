"""Where the writer works: the organisation, as the letter writes it (MDO 1.3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from domain.russian.declension import is_patronymic
from domain.russian.letters import LOWER, UPPER
from domain.russian.words import fold, words
from domain.writer.details import (
    Detail,
    IdentificationRule,
    Source,
    stands_after,
    stands_for_nothing,
)
from domain.writer.names import NameFound
from domain.writer.positions import Place, folded, in_genitive, position_in

_QUOTED_NAME = r"(?:«[^»\n]{2,90}»{1,2}|\"[^\"\n]{2,90}\"|“[^”\n]{2,90}”|„[^“”\n]{2,90}[“”])"
_SPACE = r"[ \t\u00a0]+"
_TITLE = r"[А-ЯЁ][а-яё][\w-]*"
_CAPITAL_WORDS = rf"(?:[А-ЯЁ]{{2,5}}{_SPACE})?(?:{_TITLE}(?:{_SPACE}(?:и )?{_TITLE}){{0,3}}|[А-ЯЁ]{{3,}}[\w-]*)"
_PLACE = r"(?:г|гор|пос|п|с|дер|ст|пгт)\. ?[А-ЯЁ][\w-]+"
_BRANCH = r"(?:[А-ЯЁ][\w-]+(?:ий|ый|ой|ое|ого) )?(?:[Фф]илиала?|[Оо]тделени[ея])(?: ?№ ?\d+)? "
_ADJECTIVE_BEFORE = r"[А-ЯЁ][а-яё-]+(?:ий|ый|ой|ая|яя|ое|ее) (?:[а-яё-]+(?:ий|ый|ой|ая|яя|ое|ее) )?"
_TOWN = rf"(?: (?:в )?{_PLACE})?"
_OF_WHAT = rf"(?:{_SPACE}(?:{_PLACE}|[а-яё-]+(?:го|му|ой|ей|ых|их|ия|ий|ва|ов|ев|и|ы|а|я|й)|№ ?\d+|(?!ИНН|КПП|ОГРН|БИК|ТЕЛ)[А-ЯЁ][\w-]+)){{1,7}}"
_LATIN_FORMS = r"(?:LLC|L\.L\.C|Ltd|Limited|Inc|Corp|GmbH|Co|AG|SIA|S\.?A|Plc|LLP)\b\.?"
_LATIN_FORM = re.compile(
    r"(?<![\w-])(?:(?:LLC|Ltd|Inc|OOO|IP)\.?[ \t]+\"?[A-Z][\w&'’-]*\"?(?:[ \t]+[A-Z&][\w&'’-]*){0,3}"
    r"|[A-Z][\w'’-]*(?:[ \t]+(?:[A-Z&][\w'’-]*|and|of)){0,4}"
    rf"(?:[ \t]+{_LATIN_FORMS}|,[ \t]*{_LATIN_FORMS}(?![ \t]+\"?[A-Z])))"
)
"""A firm with its form in Latin letters, before or behind its name."""
# A name made of a noun and what it governs ends with a proper name, a number or a kind of place.
_PLACE_END = re.compile(
    r"(?:[А-ЯЁ][\w-]+|№ ?\d+|района|р-на|р-он|округа|обл|области|края|округа|города|республики|поселения|улуса|аймака|кожууна|наслега|станицы|аула)$"
)
# What an abbreviation of a state institution is made of: МБУК, КГБУСО, ГБПОУ.
_INSTITUTION = r"[А-ЯЁ]{0,4}(?:[БАК]У|ОУ)[А-ЯЁ]{0,4}"
_STATE = re.compile(r"[БАКО]У")
_SPELT_OUT = ("УЧРЕЖДЕНИЕ", "ПРЕДПРИЯТИЕ", "ОБЩЕСТВО", "ТОВАРИЩЕСТВО")
_LETTERS = re.compile(r"[^\W_]+")
_NO_ORGANISATIONS = frozenset(
    "ФИО ИНН КПП ОГРН СМС МФЦ СНИЛС ЕСИА ЭЦП ЭП ПИН ТЕЛ МОБ СРОЧНО ВАЖНО СПБ МСК РОССИЯ РФ МОСКВА СПАСИБО ПРОШУ ОШИБКА ВХОД ПОМОЩЬ".split()
)
_CALLS = re.compile(r"[А-ЯЁ]{2,}(?:ИТЕ|ЙТЕ|ЕТ|ЮТ|УТ|ЛО|ЛА|ЛИ)$")
"""A word in capitals that shouts: «ПОМОГИТЕ»."""
_TOWN_NAME = re.compile(
    r"(?:ск|цк|бург|град|город|поль|лавль|[дт]ону|йорк|лама|горье|речье|камск|[её]во|ино)$|^(?:ростов|россия|россии|росси[юей]+)$",
    re.IGNORECASE,
)
"""Where somebody is, and no office: «Горно-Алтайск», «Ростов»."""
_NO_COMPOUND = re.compile(
    r"^(?:тех|спец|мед)?(?:поддержка|помощь)|(?:ый|ий|ая|ое|ие|ые)$|^(?:страхование|срочно)", re.IGNORECASE
)
_TELLS_OF = re.compile(
    r"(?:[ \t]+на[ \t]+(?:ул\.|улице|пр\.)?[^.!?;,\n]{3,30}?)?"
    r"(?:[ \t]+(?:мне|нам|ему|ей|им|тоже|уже|там|опять|снова|вчера|сегодня|не)){0,3}[ \t]+[а-яё]{3,}(?:[аиыея]ли(?:сь)?|ят|ют|ат|ут)(?![а-яё])"
)
"""A verb in the plural behind an organisation: it is told of."""
_TELLS = re.compile(
    r"[^.!?;,\n]{0,25}[ \t](?:говор|сказал|увер|утвержда|отвеч|ответил|присла|велел|обеща|подтверди|кива|ссыла|прос[ия]т|требу|провер)[а-яё]*(?![а-яё])",
    re.IGNORECASE,
)
"""It, or somebody of it, says something."""
_INSIDE = re.compile(r"(?i)(?<![а-яё])(?:во?|из|со?|от|к)[ \t]+\Z")
_VISITED = re.compile(
    r"(?i)(?:запис[а-яё]+|подава[а-яё]+|подал[аи]?|приш[её]?л[а-яё]*|стою|сид[а-яё]+|ходил[аи]?|ездил[аи]?|был[аи]?|сходил[аи]?|обратил[а-яё]+|звонил[аи]?)[^.!?\n]{0,25}[ \t](?:в|во|до|из)[ \t]+$"
)
"""Where the writer was, or is to go."""
_LEAD = 60
_CARD_LINES = 3
"""Lines below the writer's name that may be of the same card."""
_LONGEST_IN_CARD = 6
"""Words."""
_ABBREVIATION = re.compile(rf"[А-ЯЁ]{{3,9}}(?:{_SPACE}(?:{_QUOTED_NAME}|[А-ЯЁ№][\w-]*(?:{_SPACE}[\w-]+){{0,2}}))?")
_NOUN_AND_NAME = re.compile(rf"[А-ЯЁа-яё-]{{4,}}(?: [а-яё-]{{4,}})?{_SPACE}{_QUOTED_NAME}")
"""Whatever sort of firm it is: «обжарка «Кофе-Зерно»»."""
_ON_A_SCREEN = re.compile(
    r"(?i)(?:пиш[еу]|напис|вывод|показ[аы][влн]|появ|высве|выск[ао]|всплы|вылез|выда[её]т|выбира|выбра|нажим|нажа|откры[вл]|виж|виде[лтн]|видн"
    r"|гор[ия]т|вис[ия]т|сто[ия]т|стал[аои]?(?![а-яё])|сообщ(?:а|ил|ен)|отвеч|ответил|говор|свет[ия]тс|значитс|указан|получа|получи|приход[ия]т"
    r"|приш[лёе]|вхож|захо[жд]|ввож|вв[её]л|набира|кликн|клика|щ[её]лка|статус|кнопк|раздел|вкладк|ошибк|надпис|окн[оаеу]м?(?![а-яё])|окош|экран"
    r"|страниц|меню|пол[еяю](?![а-яё])|пункт(?! выдач| при[её]м)|строк|строч|ссылк|услуг|талон|текст(?!ил)|слов[оаеу](?![а-яё])|баннер|уведомл"
    r"|предупрежд|заголов)"
)
"""What stands before a quoted text of the program: «пишет «Успешно»», «кнопка «Далее»»."""
_SENTENCE_BEGINS = re.compile(r"(?:[!?…]|(?<=[а-яё]{4})\.|(?<=[»\")])\.)\s+")
_HELD_AT = re.compile(r"(?<=[а-яё]) ([А-ЯЁ]{3,9})$")
_COMPOUND = re.compile(
    r"(?:Мин|Рос|Гос|Обл|Гор|Рай|Край|Рес|Сбер|Спец|Строй|Агро|Тех|Пром|Энерго|Теле|Мед)[а-яё]{3,}(?: [\w-]+){0,4}"
)
_STATE_BODY = re.compile(r"(?i)(?:министерств|департамент|комитет|управлени|правительств)[а-яё]+$")
"""What a region has one of: «министерство цифрового развития края»."""
_COINED = re.compile(r"[А-ЯЁA-Z][а-яёa-z]+(?:[А-ЯЁA-Z][а-яёa-z]+|\d{1,4}|-[А-ЯЁA-Z][\w]+)")
"""A name made up of pieces: «ТехноМир», «Инструмент77», «Маркет-Юг»."""
_LATIN_NAME = re.compile(r"[A-Z][\w&.'’-]*(?: (?:[A-Z&][\w&.'’-]*|and|of|the)){0,5}")
_NO_LATIN_NAME = re.compile(
    r"(?i)\b(?:regards|phone|mobile|mail|skype|telegram|whatsapp|sincerely|hello|dear|iphone|samsung|android|chrome|google|windows|firefox"
    r"|mozilla|opera|safari|edge|explorer|yandex|apple|xiaomi|redmi|huawei|honor|galaxy|realme|macos|ios|ipad|outlook|excel|word|error|login|password)\b"
)


def organisation_of(source: Source, rule: IdentificationRule, name: NameFound | None) -> Place | None:
    """Return the writer's organisation: labelled, else introduced, else the one nearest to the writer's name."""
    if (value := source.labelled.get(Detail.ORGANISATION)) is not None:
        return _labelled(value.text, value.start, rule, name) if value.text else None
    named = (_without_the_name(place, source.text, name, rule) for place in _organisations(source.text, rule))
    candidates = [*named, *_proprietors(source.text, rule, name)]
    # «Глава КФХ Горохов Ефим Назарович» names the person; the farm stands elsewhere.
    apart = [place for place in candidates if name is None or not place.start < name.start < place.end]
    candidates = (
        apart if any(place.name[:3] == other.name[:3] for place in apart for other in candidates) else candidates
    )
    candidates = [place for place in candidates if not _is_anothers(source.text, place, rule)]
    candidates = candidates or list(_in_card(source.text, rule, name))
    # What stands in brackets explains something else, unless nothing else is named.
    candidates = [place for place in candidates if not _is_bracketed(source.text, place)] or candidates
    if not candidates:
        return None
    if name is not None and name.start >= 0:
        return min(candidates, key=lambda place: min(abs(place.start - name.end), abs(name.start - place.end)))
    return candidates[-1]


def _is_bracketed(text: str, place: Place) -> bool:
    line = text[text.rfind("\n", 0, place.start) + 1 : place.start]
    return line.count("(") > line.count(")")


def _without_the_name(place: Place, text: str, name: NameFound | None, rule: IdentificationRule) -> Place:
    """Return an organisation without the writer's name right behind it: «школы № 5 Иванова Петра Ильича»."""
    if name is None or not place.start < name.start < place.end or place.end > name.end:
        return place
    written = text[place.start : name.start].rstrip()
    shown = _nominative(written, rule)
    return Place(shown, place.start, place.start + len(written)) if " " in written else place


def _is_anothers(text: str, place: Place, rule: IdentificationRule) -> bool:
    """Return whether an organisation is another's: the bank, the carrier, where the writer was told something."""
    if stands_after(text, place.start, (*rule.others, *rule.other_organisations)):
        return True
    if _TELLS.match(text, place.end):
        return True
    if _VISITED.search(text[max(0, place.start - _LEAD) : place.start]):
        return True
    return bool(_INSIDE.search(text, max(0, place.start - 4), place.start) and _TELLS_OF.match(text, place.end))


def _in_card(text: str, rule: IdentificationRule, name: NameFound | None) -> Iterator[Place]:
    """Return what a signature with a position calls besides the name: an abbreviation, a compound, a name in Latin.

    «Зуев И. П., РЦИТ, инженер», «Зуев И. П., тренер, ДЮСШ «Дельфин»», «Viktor Haas, CEO, Haas Tools».
    """
    if name is None or name.start < 0:
        return
    begin, end = text.rfind("\n", 0, name.start) + 1, name.end
    begin = max((found.end() for found in _SENTENCE_BEGINS.finditer(text, begin, name.start)), default=begin)
    for _ in range(_CARD_LINES):
        end = text.find("\n", end + 1)
        if end < 0:
            end = len(text)
            break
    card = text[begin:end]
    parts = [(part[0].strip(" \t().;"), begin + part.start()) for part in re.finditer(r"[^,|/\n()]+", card)]
    if not any(position_in(part, rule) or _is_noun_and_name(part) for part, _ in parts):
        return
    for part, at in parts:
        held = _HELD_AT.search(part)
        if held is not None and held[1] not in _NO_ORGANISATIONS and position_in(part[: held.start()], rule):
            start = text.index(held[1], at)
            yield Place(held[1], start, start + len(held[1]))
        if part and part not in text[name.start : name.end] and _is_called(part, rule):
            start = text.index(part, at)
            yield Place(part, start, start + len(part))


def _is_noun_and_name(part: str) -> bool:
    """Return whether a part of a card is a quoted name with what it is the name of, and no text of a screen."""
    return _NOUN_AND_NAME.fullmatch(part) is not None and _ON_A_SCREEN.match(part) is None


def _is_called(part: str, rule: IdentificationRule) -> bool:
    """Return whether a part of a card is such as organisations are called, and no position."""
    if len(part.split()) > _LONGEST_IN_CARD or position_in(part, rule):
        return False
    if part[:1].isupper() and " " in part and fold(part) in folded(rule.kinds_of_organisation):
        return True
    if _ABBREVIATION.fullmatch(part):
        first = part.split(maxsplit=1)[0]
        return first not in _NO_ORGANISATIONS and not (first == part and _CALLS.match(first))
    if _LATIN_NAME.fullmatch(part):
        return not _NO_LATIN_NAME.search(part) and not position_in(part.split(maxsplit=1)[0], rule)
    if " " not in part and (_TOWN_NAME.search(part) or _NO_COMPOUND.search(part)):
        return False
    return bool(
        _is_noun_and_name(part) or _COMPOUND.fullmatch(part) or (_COINED.fullmatch(part) and not is_patronymic(part))
    )


def _labelled(text: str, start: int, rule: IdentificationRule, name: NameFound | None) -> Place | None:
    """Return the organisation that a label announces: without the position or phone that share its line."""
    written = re.split(r"[\s,(]+(?:ИНН|КПП|ОГРН)", text)[0].strip(" .;")
    cut = re.search(r",\s*(?=(?:\+?\d[\d ()-]{8}|[^,]*$))", written)
    if cut is not None:
        rest = written[cut.end() :]
        if re.match(r"\+?\d[\d ()-]{8}", rest) or position_in(rest, rule) or stands_for_nothing(rest, rule):
            written = written[: cut.start()]
    return Place(written, start, start + len(written))


def _organisations(text: str, rule: IdentificationRule) -> Iterator[Place]:
    for match in _organisation_matches(text, rule.legal_forms, _in_cases(rule.kinds_of_organisation)):
        if _is_shouted(text, match):
            continue
        start = match.start() + len(match[0]) - len(match[0].lstrip())
        if written := _written(match):
            yield Place(_nominative(written, rule), start, start + len(written))
    for match in _LATIN_FORM.finditer(text):
        yield Place(match[0], match.start(), match.end())


def _proprietors(text: str, rule: IdentificationRule, name: NameFound | None) -> Iterator[Place]:
    """Return the sole proprietors: «ИП» with a name, or beside the writer's own."""
    for match in _proprietor_pattern(rule.sole_proprietor).finditer(text):
        person = match[1]
        if name is not None and 0 <= name.start - match.end() <= 2:
            person = name.name
        elif person is None:
            beside = name is not None and name.start >= 0 and 0 <= match.start() - name.end <= 45
            if name is None or not name.full or not beside or "\n" in text[name.end : match.start()]:
                continue
            person = name.name
        elif "." not in person and name is not None and name.full and words(name.name)[0] == words(person)[0]:
            person = name.name if len(words(person)) == 3 else person
        yield Place(f"{rule.sole_proprietor[0]} {person}", match.start(), match.end())


def _organisation_matches(text: str, forms: tuple[str, ...], kinds: tuple[str, ...]) -> Iterator[re.Match[str]]:
    """Return what the pattern finds, which no match of spans two lines: only in lines with a word that one needs."""
    needed = _needed_words(forms, kinds)
    begin = 0
    for line in text.split("\n"):
        end = begin + len(line) + 1
        if _STATE.search(line) or not needed.isdisjoint(_LETTERS.findall(line.upper())):
            yield from _organisation_pattern(forms, kinds).finditer(text, begin, end)
        begin = end


@lru_cache(maxsize=16)
def _needed_words(forms: tuple[str, ...], kinds: tuple[str, ...]) -> frozenset[str]:
    """Return the first words, in capitals, of what an organisation is called: its form or kind."""
    begun = (_LETTERS.search(name.upper()) for name in (*forms, *kinds))
    return frozenset((*_SPELT_OUT, *(first[0] for first in begun if first)))


@lru_cache(maxsize=16)
def _organisation_pattern(forms: tuple[str, ...], kinds: tuple[str, ...]) -> re.Pattern[str]:
    form = "|".join([*(re.escape(word) for word in sorted(forms, key=len, reverse=True)), _INSTITUTION])
    any_form = f"(?i:{'|'.join(re.escape(word) for word in sorted(forms, key=len, reverse=True)) or '(?!)'})"
    kind = f"(?i:{'|'.join(re.escape(word) for word in sorted(kinds, key=len, reverse=True)) or '(?!)'})"
    region = r"(?: [А-ЯЁ][А-ЯЁа-я]{1,4}(?:\([А-ЯЁ]\))?)?"
    forms_before = rf"(?:(?:{form}){_SPACE}){{0,2}}(?:{form}|{any_form})"
    quoted = rf"(?:{_BRANCH})?(?:СПб )?{forms_before}{region}[ \t]*{_QUOTED_NAME}{_TOWN}"
    spelt_out = rf"(?:[А-Яа-яё]+ое[ -]){{1,4}}(?:учреждение|предприятие|общество|товарищество)(?: [а-яё]+){{0,5}} ?{_QUOTED_NAME}{_TOWN}"
    in_a_place = rf"(?:{_BRANCH})?(?:{form}){_SPACE}(?:в|по) {_PLACE}"
    numbered = rf"(?:{form}){_SPACE}(?:(?:{form}){_SPACE})?№ ?\d+{_TOWN}"
    quoted_kind = rf"(?:[а-яё]+-)?(?P<kind>{kind})[ \t]*{_QUOTED_NAME}{_TOWN}"
    whole_line = rf"(?m:(?<=\n)(?:{form}){_SPACE}[А-ЯЁ][^\n,;:«»\"\d]{{2,40}}$)"
    of_a_person = rf"(?:{form}){_SPACE}{_TITLE}{_SPACE}[А-ЯЁ]\. ?[А-ЯЁ]\.?"
    named = rf"(?<=[,|/\n])[ \t]*(?P<named>{_ADJECTIVE_BEFORE}(?:{kind})(?:{_OF_WHAT})?)(?=\s*(?:[,|/\n]|$))"
    of_what = _OF_WHAT.replace(_SPACE, rf"{_SPACE}(?!(?:{form})[ \t]*[«\"“„])", 1)
    governed = rf"(?P<governed>(?:{_BRANCH})?(?:{kind}|{form}){of_what})"
    plain = rf"(?P<plain>(?:{form}){_SPACE}(?:{_CAPITAL_WORDS}{_TOWN}|{_PLACE}))"
    branch = rf"{_BRANCH}(?:{form})(?![\w-]){_TOWN}"
    alternatives = (
        quoted,  # «ГБУ «Центр»», «Лужский филиал ГБУ ЛО «МФЦ» в г. Луге»
        spelt_out,  # «муниципальное бюджетное учреждение культуры «Родник»»
        in_a_place,  # «МФЦ в г. Луге»
        numbered,  # «МБОУ СОШ № 5»
        quoted_kind,  # «интернет-магазин «Лада»»
        whole_line,  # a line of its own that begins with a form: «ООО Северный ветер»
        of_a_person,  # «КФХ Горохов Е. Н.»
        named,  # a part of a signature: «Лужская городская библиотека»
        governed,  # «администрация города Луги»: cut to its proper name by `_written`
        plain,  # «ООО Ромашка»
        branch,  # «отделение № 2 МФЦ»
    )
    return re.compile(rf"(?<![\w«\"“-])(?:{'|'.join(alternatives)})")


@lru_cache(maxsize=16)
def _proprietor_pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    options = "|".join(re.escape(word) for word in sorted(names, key=len, reverse=True)) or r"(?!)"
    name = rf"[{UPPER}][{LOWER}]+(?:-[{UPPER}][{LOWER}]+)?"
    return re.compile(
        rf"(?<![\w-])(?i:{options})(?:{_SPACE}({name}(?:{_SPACE}{name}){{1,2}}|{name}{_SPACE}[{UPPER}]\. ?[{UPPER}]\.?|[{UPPER}]\. ?[{UPPER}]\. ?{name}|{name}|{_QUOTED_NAME}))?(?![\w-])"
    )


def _in_cases(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return nouns with their genitive beside them: «директор магазина «Лада»»."""
    return (*kinds, *in_genitive(kinds))


def _nominative(written: str, rule: IdentificationRule) -> str:
    """Return an organisation with its first noun in the nominative: «магазина «Лада»» is «магазин «Лада»»."""
    first, space, rest = written.partition(" ")
    kind = _nominatives(rule.kinds_of_organisation).get(fold(first))
    return (
        written if kind is None else f"{kind[:1].upper() if first[:1].isupper() else kind[:1]}{kind[1:]}{space}{rest}"
    )


@lru_cache(maxsize=16)
def _nominatives(kinds: tuple[str, ...]) -> dict[str, str]:
    """Return single nouns by their genitives, where the genitive is no noun of the list itself."""
    pairs = zip(in_genitive(kinds), kinds, strict=True)
    return {fold(genitive): kind for genitive, kind in pairs if " " not in kind and genitive not in kinds}


def _is_shouted(text: str, match: re.Match[str]) -> bool:
    """Return whether words in capitals that are no name follow an abbreviation: the whole line shouts."""
    if match["plain"] is None and match["governed"] is None:
        return False
    line = text[text.rfind("\n", 0, match.start()) + 1 :].partition("\n")[0]
    return len(line.split()) > 4 and not re.search("[а-яё]", line)


def _written(match: re.Match[str]) -> str | None:
    """Return an organisation as written; one named by what it governs is cut to its proper name, or none."""
    written = re.sub(_BRANCH, lambda branch: _branch(branch[0]), match[0].strip(), count=1)
    if match["governed"] is None:
        return written
    parts = written.split(" ")
    while len(parts) > 1 and not _PLACE_END.match(parts[-1]) and not (parts[-2] == "№" and parts[-1].isdigit()):
        parts.pop()
    proper = any(part[:1].isupper() or part[:1] == "№" for part in parts[1:])
    proper = (
        proper or _COMPOUND.fullmatch(parts[0]) is not None or (len(parts) > 3 and bool(_STATE_BODY.match(parts[0])))
    )
    return " ".join(parts) if len(parts) > 1 and proper and "или" not in parts else None


def _branch(written: str) -> str:
    """Return what a branch is called in the nominative: «Лужского филиала» is «Лужский филиал»."""
    neuter = "тделени" in written
    adjective = re.sub(r"(?<=[гкхжшщч])ого ", "ое " if neuter else "ий ", written)
    adjective = re.sub(r"ого ", "ое " if neuter else "ый ", adjective)
    return re.sub(r"(илиал)а|(тделени)я", lambda noun: noun[1] or f"{noun[2]}е", adjective)
