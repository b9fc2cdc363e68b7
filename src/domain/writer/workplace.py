"""Where the writer works and as what: the organisation and the position, as the letter writes them (MDO 1.3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from domain.russian.declension import post_of_genitive, post_of_instrumental
from domain.russian.words import fold, words
from domain.writer.details import (
    Detail,
    IdentificationRule,
    Source,
    stands_after,
    stands_for_nothing,
    stands_right_after,
)
from domain.writer.names import NameFound, is_form_of

_QUOTED_NAME = r"(?:«[^»\n]{2,90}»{1,2}|\"[^\"\n]{2,90}\"|“[^”\n]{2,90}”|„[^“”\n]{2,90}[“”])"
_SPACE = r"[ \t\u00a0]+"
_TITLE = r"[А-ЯЁ][а-яё][\w-]*"
_CAPITAL_WORDS = rf"(?:[А-ЯЁ]{{2,5}}{_SPACE})?(?:{_TITLE}(?:{_SPACE}(?:и )?{_TITLE}){{0,3}}|[А-ЯЁ]{{3,}}[\w-]*)"
_PLACE = r"(?:г|гор|пос|п|с|дер|ст|пгт)\. ?[А-ЯЁ][\w-]+"
_BRANCH = r"(?:[А-ЯЁ][\w-]+(?:ий|ый|ой|ое|ого) )?(?:[Фф]илиала?|[Оо]тделени[ея])(?: ?№ ?\d+)? "
_ADJECTIVE_BEFORE = r"[А-ЯЁ][а-яё-]+(?:ий|ый|ой|ая|яя|ое|ее) (?:[а-яё-]+(?:ий|ый|ой|ая|яя|ое|ее) )?"
_TOWN = rf"(?: (?:в )?{_PLACE})?"
_OF_WHAT = rf"(?:{_SPACE}(?:{_PLACE}|[а-яё-]+(?:го|му|ой|ей|ых|их|ия|ий|ва|ов|ев|и|ы|а|я|й)|№ ?\d+|(?!ИНН|КПП|ОГРН|БИК|ТЕЛ)[А-ЯЁ][\w-]+)){{1,7}}"
# A name made of a noun and what it governs ends with a proper name, a number or a kind of place.
_PLACE_END = re.compile(
    r"(?:[А-ЯЁ][\w-]+|№ ?\d+|района|р-на|р-он|округа|обл|области|края|округа|города|республики|поселения)$"
)
# What an abbreviation of a state institution is made of: МБУК, КГБУСО, ГБПОУ.
_INSTITUTION = r"[А-ЯЁ]{0,4}(?:[БАК]У|ОУ)[А-ЯЁ]{0,4}"
_STATE = re.compile(r"[БАКО]У")
_SPELT_OUT = ("УЧРЕЖДЕНИЕ", "ПРЕДПРИЯТИЕ", "ОБЩЕСТВО", "ТОВАРИЩЕСТВО")
_LETTERS = re.compile(r"[^\W_]+")
_ABBREVIATED = "".join(
    rf"(?<!\b{word})"
    for word in "ст гл вед зам нач ген дир техн отд мл зав спец исп отв инж тех фин ком И.о и.о".split()
)
_SEGMENT_END = re.compile(rf"(?i:[,;\n]|{_ABBREVIATED}\. |\d{{3}}|\(|$|(?<=\s)[-|/]\s)")
# An adjective, a foreign word or an abbreviation may stand before a position's noun.
_QUALIFIER = re.compile(r"(?:ый|ий|ой|ая|яя|ого|его)$|^[a-z-]+$|^(?:ст|гл|вед|мл|ген|дир|техн|фин|исп|отв)$")
_WORKS_AS = re.compile(
    r"(?i)(?:^|[.!?,;\n]|\bя|\bи|\bсам|\bсама)[ \t]{0,3}(?:работаю|являюсь|тружусь) ((?:[а-яё]+(?:ым|им|ой|ей) ){0,2}[а-яё-]+(?:ом|ем|ём|ой|ей|им|ым|ой))"
    r"(?= в[о]? |[,.;\n]|$)"
)
# Cases of a position's noun that are no nominative, and a verb that tells what somebody did.
_OBLIQUE = re.compile(
    r"(?:ист|ник|тор|нер|тел|ер|ор|лог|рач|ент|ант|вед|щик|ар)(?:ом|ем|ями|ами|ям|ам|ях|ах|ов|ей|у|ю)$"
)
_GENITIVE = re.compile(r"(?:ист|ник|тор|нер|жер|лог|рач|ент|ант|вед|щик|тер)а$|(?:тел|кар|тар)я$")
_SAID = re.compile(
    r"\b(?:сказа|говори|ответи|объясни|посоветова|отправи|направи|веле|проси|попроси|позвони|звони|обеща|пообеща|предложи|написа"
    r"|помог|посмотре|реши|сдела|забра|приня|призна|отказа|утвержда)(?:л[аи]?|т|ет)\b|\b(?:говор[ия]т|совету[ею]т|отвеча[ею]т|утвержда[ею]т)\b"
)
_PHONE_BEGUN = re.compile(r"[\s,(+]+[78]?$")
_ACTING = re.compile(r"(?i)\bи\. ?о\.?(?=\s)")
_SPACES = re.compile(r"\s+")
_LETTER = re.compile(r"[^\W\d_]")
_GENITIVES = (*zip("ия ея ка га а я о е".split(), "ии еи ки ги ы и а я".split(), strict=True), ("", "а"))
_NO_ORGANISATIONS = frozenset("ФИО ИНН КПП ОГРН СМС МФЦ СНИЛС ЕСИА ЭЦП ЭП ПИН ТЕЛ МОБ СРОЧНО ВАЖНО".split())
_LONGEST_POSITION = 9
"""Words: more are a sentence."""
_LONGEST_TITLE = 5
"""Words of a line that stands above a name."""


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as written, and where it stands."""

    name: str
    start: int
    end: int


def organisation_of(source: Source, rule: IdentificationRule, name: NameFound | None) -> Place | None:
    """Return the writer's organisation: labelled, else introduced, else the one nearest to the writer's name."""
    if (value := source.labelled.get(Detail.ORGANISATION)) is not None:
        return _labelled(value.text, value.start, rule, name) if value.text else None
    named = (_without_the_name(place, source.text, name) for place in _organisations(source.text, rule))
    candidates = [*named, *_proprietors(source.text, rule, name)]
    # «Глава КФХ Горохов Ефим Назарович» names the person; the farm stands elsewhere.
    apart = [place for place in candidates if name is None or not place.start < name.start < place.end]
    candidates = (
        apart if any(place.name[:3] == other.name[:3] for place in apart for other in candidates) else candidates
    )
    candidates = candidates or list(_abbreviations(source.text, rule, name))
    candidates = [
        place
        for place in candidates
        if not stands_after(source.text, place.start, (*rule.others, *rule.other_organisations))
    ]
    if not candidates:
        return None
    if name is not None and name.start >= 0:
        return min(candidates, key=lambda place: min(abs(place.start - name.end), abs(name.start - place.end)))
    return candidates[-1]


def _without_the_name(place: Place, text: str, name: NameFound | None) -> Place:
    """Return an organisation without the writer's name right behind it: «школы № 5 Иванова Петра Ильича»."""
    if name is None or not place.start < name.start < place.end or place.end > name.end:
        return place
    written = text[place.start : name.start].rstrip()
    return Place(written, place.start, place.start + len(written)) if " " in written else place


def _abbreviations(text: str, rule: IdentificationRule, name: NameFound | None) -> Iterator[Place]:
    """Return an abbreviation among the parts of a signature that has a position, bare or with a name in quotes.

    «Зуев И. П., РЦИТ, инженер», «Зуев И. П., тренер, ДЮСШ «Дельфин»».
    """
    if name is None or name.start < 0:
        return
    begin, end = text.rfind("\n", 0, name.start) + 1, text.find("\n", name.end)
    line = text[begin : end if end >= 0 else len(text)]
    parts = [part.strip() for part in re.split(r"[,|/]", line)]
    if not any(position_in(part, rule) for part in parts):
        return
    for part in parts:
        is_kind = part[:1].isupper() and " " in part and fold(part) in _folded(rule.kinds_of_organisation)
        is_abbreviation = re.fullmatch(rf"[А-ЯЁ]{{3,7}}(?:{_SPACE}{_QUOTED_NAME})?", part)
        if is_kind or (is_abbreviation and part.split()[0] not in _NO_ORGANISATIONS):
            at = begin + line.index(part)
            yield Place(part, at, at + len(part))


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
            yield Place(written, start, start + len(written))


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
    in_a_place = rf"(?:{_BRANCH})?(?:{form}){_SPACE}в {_PLACE}"
    numbered = rf"(?:{form}){_SPACE}(?:(?:{form}){_SPACE})?№ ?\d+{_TOWN}"
    quoted_kind = rf"(?:[а-яё]+-)?(?P<kind>{kind})[ \t]*{_QUOTED_NAME}"
    whole_line = rf"(?m:(?<=\n)(?:{form}){_SPACE}[А-ЯЁ][^\n,;:«»\"\d]{{2,40}}$)"
    of_a_person = rf"(?:{form}){_SPACE}{_TITLE}{_SPACE}[А-ЯЁ]\. ?[А-ЯЁ]\.?"
    named = rf"(?<=[,|/\n])[ \t]*(?P<named>{_ADJECTIVE_BEFORE}(?:{kind})(?:{_OF_WHAT})?)(?=\s*(?:[,|/\n]|$))"
    governed = rf"(?P<governed>(?:{_BRANCH})?(?:{kind}|{form}){_OF_WHAT})"
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
    name = r"[А-ЯЁ][а-яё]+(?:-[А-ЯЁ][а-яё]+)?"
    return re.compile(
        rf"(?<![\w-])(?i:{options})(?:{_SPACE}({name}(?:{_SPACE}{name}){{1,2}}|{name}{_SPACE}[А-ЯЁ]\. ?[А-ЯЁ]\.?|[А-ЯЁ]\. ?[А-ЯЁ]\. ?{name}|{name}))?(?![\w-])"
    )


@lru_cache(maxsize=16)
def _in_cases(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return nouns with their genitive beside them: «директор магазина «Лада»»."""
    genitives = (
        kind.removesuffix(ending) + genitive
        for kind in kinds
        for ending, genitive in [next(pair for pair in _GENITIVES if kind.endswith(pair[0]))]
    )
    return (*kinds, *genitives)


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
    return " ".join(parts) if len(parts) > 1 and proper else None


def _branch(written: str) -> str:
    """Return what a branch is called in the nominative: «Лужского филиала» is «Лужский филиал»."""
    neuter = "тделени" in written
    adjective = re.sub(r"(?<=[гкхжшщч])ого ", "ое " if neuter else "ий ", written)
    adjective = re.sub(r"ого ", "ое " if neuter else "ый ", adjective)
    return re.sub(r"(илиал)а|(тделени)я", lambda noun: noun[1] or f"{noun[2]}е", adjective)


def position_of(
    source: Source, rule: IdentificationRule, name: NameFound | None, organisation: Place | None
) -> str | None:
    """Return the writer's position: labelled, or the words beside the name that a position's noun heads."""
    if (value := source.labelled.get(Detail.POSITION)) is not None:
        first = re.split(rf"{_ABBREVIATED}\.\s+(?=[А-ЯЁ])", value.text)[0]
        return first.strip(" ,.;") or None
    told = _WORKS_AS.search(source.text) if _says_work(source.text) else None
    if told and (position := position_in(told[1], rule, oblique=True)):
        return post_of_instrumental(position, lambda word: _is_head(word, rule))
    for start, spot, before in _spots(source.text, name, organisation):
        at = 0
        found = []
        for segment in _segments(spot):
            offset = start + at + spot[at:].find(segment)
            at += spot[at:].find(segment) + len(segment)
            own = segment
            if name is not None and offset < name.start < offset + len(segment):
                own = segment[: name.start - offset]
            if organisation is not None and offset < organisation.start < offset + len(segment):
                own = segment[: organisation.start - offset]
            elif organisation is not None and organisation.start <= offset < organisation.end:
                continue
            found.append((own, offset))
        for own, offset in reversed(found[-2:]) if before else found[:3]:
            # Before a name, what leads up to the position stands in the same segment.
            starts = [match.start() for match in re.finditer(r"\S+", own)][-_LONGEST_TITLE:] if before else [0]
            for begin in starts:
                if position := _position_at(source.text, offset + begin, own[begin:], rule):
                    return position
    return None


def _says_work(text: str) -> bool:
    """Return whether a text has a verb of `_WORKS_AS`."""
    folded = text.casefold()
    return any(verb in folded for verb in ("работаю", "являюсь", "тружусь"))


def _position_at(text: str, at: int, segment: str, rule: IdentificationRule) -> str | None:
    """Return the position that `segment`, at that place of `text`, consists of: in the nominative, or None."""
    position = position_in(segment, rule, oblique=True)
    if position is None:
        return None
    if stands_right_after(text, at, rule.introductions_in_genitive):
        return post_of_genitive(position, lambda word: _is_head(word, rule))
    return position_in(segment, rule)


def _spots(text: str, name: NameFound | None, organisation: Place | None) -> Iterator[tuple[int, str, bool]]:
    """Return the stretches of `text` beside the writer's name and organisation, the likeliest first; True before."""
    for place in (name, organisation):
        if place is None or place.start < 0:
            continue
        yield place.end, text[place.end : place.end + (160 if place is name else 80)], False
        begin = max(text.rfind(mark, 0, place.start) for mark in (",", "\n")) + 1
        yield begin, text[begin : place.start], True
        above = text[: place.start].rstrip(" \t\u00a0")
        if above.endswith("\n"):  # the line above, as signatures have it
            line = above.rstrip().rpartition("\n")[2]
            if len(line.split()) <= _LONGEST_TITLE and not line.endswith((".", "!", "?", ":")):
                yield above.rstrip().rfind("\n") + 1, line, False


def _segments(spot: str) -> list[str]:
    found = []
    while spot:
        end = _SEGMENT_END.search(spot)
        assert end is not None  # `$` always matches
        piece = spot[: end.start()].strip(" \t-|.")
        if _LETTER.search(piece):
            found.append(piece)
        spot = spot[max(end.end(), 1) :]
    return found


def _is_head(word: str, rule: IdentificationRule) -> bool:
    return is_form_of(word, _folded(rule.positions))


def position_in(segment: str, rule: IdentificationRule, *, oblique: bool = False) -> str | None:
    """Return the position that `segment` consists of, as written, or None.

    One in another case than the nominative is somebody else's, or none, unless `oblique` is looked for.
    """
    segment = _PHONE_BEGUN.sub("", segment.strip(" \t\n,.-|"))
    if ":" in segment:
        return None
    parts = words(_ACTING.sub("ио", segment) if "." in segment else segment)
    if not parts or len(parts) > _LONGEST_POSITION or is_form_of(parts[0], _folded(rule.not_positions)):
        return None
    if _SAID.search(" ".join(parts)):
        return None
    for at, part in enumerate(parts):
        if _is_head(part, rule) or _is_head(part.rpartition("-")[2], rule):
            if not oblique and (_OBLIQUE.search(part) or (_GENITIVE.search(part) and not _is_governed(parts[:at]))):
                return None
            return _SPACES.sub(" ", segment)
        if not (is_form_of(part, _folded(rule.position_qualifiers)) or _QUALIFIER.search(part)):
            return None
    return None


def _is_governed(before: tuple[str, ...]) -> bool:
    """Return whether a noun in the genitive follows what demands it: «и. о. директора», «зам. главного врача»."""
    return any(
        word in ("ио", "врио", "вр", "зам", "исполняющий", "исполняющая", "пом", "обязанности") for word in before
    )


@lru_cache(maxsize=64)
def _folded(stems: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(fold(stem) for stem in stems)
