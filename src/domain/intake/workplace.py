"""Where the writer works and as what: the organisation and the position, as the letter writes them (MDO 1.3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from domain.intake.details import (
    Detail,
    IdentificationRule,
    Source,
    stands_after,
    stands_for_nothing,
)
from domain.intake.names import NameFound, is_form_of
from domain.intake.words import fold, words

_QUOTED_NAME = r"(?:«[^»\n]{2,90}»{1,2}|\"[^\"\n]{2,90}\"|“[^”\n]{2,90}”|„[^“”\n]{2,90}[“”])"
_SPACE = r"[ \t\u00a0]+"
_TITLE = r"[А-ЯЁ][а-яё][\w-]*"
_CAPITAL_WORDS = rf"(?:[А-ЯЁ]{{2,5}}{_SPACE})?(?:{_TITLE}(?:{_SPACE}(?:и )?{_TITLE}){{0,3}}|[А-ЯЁ]{{3,}}[\w-]*)"
_PLACE = r"(?:г|гор|пос|п|с|дер|ст|пгт)\. ?[А-ЯЁ][\w-]+"
_TOWN = rf"(?: (?:в )?{_PLACE})?"
_OF_WHAT = rf"(?:{_SPACE}(?:{_PLACE}|[а-яё-]+(?:го|му|ой|ей|ых|их|ия|ий|ва|ов|ев|и|ы|а|я|й)|№ ?\d+|(?!ИНН|КПП|ОГРН|БИК|ТЕЛ)[А-ЯЁ][\w-]+)){{1,7}}"
# A name made of a noun and what it governs ends with a proper name, a number or a kind of place.
_PLACE_END = re.compile(r"(?:[А-ЯЁ][\w-]+|№ ?\d+|района|области|края|округа|города|республики|поселения)$")
# What an abbreviation of a state institution is made of: МБУК, КГБУСО, ГБПОУ.
_INSTITUTION = r"[А-ЯЁ]{0,4}(?:[БАК]У|ОУ)[А-ЯЁ]{0,4}"
_ABBREVIATED = "".join(
    f"(?<!{word})" for word in "ст гл вед зам нач ген дир техн отд мл зав спец исп отв инж тех фин ком И.о и.о".split()
)
_SEGMENT_END = re.compile(rf"(?i:[,;\n]|{_ABBREVIATED}\. |\d{{3}}|\(|$|(?<=\s)[-|/]\s)")
# An adjective, a foreign word or an abbreviation may stand before a position's noun.
_QUALIFIER = re.compile(r"(?:ый|ий|ой|ая|яя|ого|его)$|^[a-z-]+$|^(?:ст|гл|вед|мл|ген|дир|техн|фин|исп|отв)$")
_GENITIVES = (*zip("ия ея ка га а я о е".split(), "ии еи ки ги ы и а я".split(), strict=True), ("", "а"))
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
    candidates = [*_organisations(source.text, rule), *_proprietors(source.text, rule, name)]
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
    for match in _organisation_pattern(rule.legal_forms, _in_cases(rule.kinds_of_organisation)).finditer(text):
        if _is_shouted(text, match):
            continue
        if written := _written(match):
            yield Place(written, match.start(), match.start() + len(written))


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


@lru_cache(maxsize=16)
def _organisation_pattern(forms: tuple[str, ...], kinds: tuple[str, ...]) -> re.Pattern[str]:
    form = "|".join([*(re.escape(word) for word in sorted(forms, key=len, reverse=True)), _INSTITUTION])
    any_form = f"(?i:{'|'.join(re.escape(word) for word in sorted(forms, key=len, reverse=True)) or '(?!)'})"
    kind = f"(?i:{'|'.join(re.escape(word) for word in sorted(kinds, key=len, reverse=True)) or '(?!)'})"
    region = r"(?: [А-ЯЁ][А-ЯЁа-я]{1,4}(?:\([А-ЯЁ]\))?)?"
    return re.compile(
        rf"(?<![\w«\"“-])(?:"
        rf"(?:[Фф]илиал )?(?:СПб )?(?:(?:{form}){_SPACE}){{0,2}}(?:{form}|{any_form}){region}[ \t]*{_QUOTED_NAME}{_TOWN}"
        rf"|(?:[А-Яа-яё]+ое[ -]){{1,4}}(?:учреждение|предприятие|общество|товарищество)(?: [а-яё]+){{0,5}} ?{_QUOTED_NAME}{_TOWN}"
        rf"|(?:{form}){_SPACE}(?:(?:{form}){_SPACE})?№ ?\d+{_TOWN}"
        rf"|(?:[а-яё]+-)?(?P<kind>{kind})[ \t]*{_QUOTED_NAME}"
        rf"|(?m:(?<=\n)(?:{form}){_SPACE}[А-ЯЁ][^\n,;:«»\"\d]{{2,40}}$)"
        rf"|(?P<governed>(?:{kind}|{form}){_OF_WHAT})"
        rf"|(?P<plain>(?:{form}){_SPACE}{_CAPITAL_WORDS}{_TOWN})"
        rf")"
    )


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
    written = match[0].strip()
    if match["governed"] is None:
        return written
    parts = written.split(" ")
    while len(parts) > 1 and not _PLACE_END.match(parts[-1]):
        parts.pop()
    proper = any(part[:1].isupper() or part[:1] == "№" for part in parts[1:])
    return " ".join(parts) if len(parts) > 1 and proper else None


def position_of(
    source: Source, rule: IdentificationRule, name: NameFound | None, organisation: Place | None
) -> str | None:
    """Return the writer's position: labelled, or the words beside the name that a position's noun heads."""
    if (value := source.labelled.get(Detail.POSITION)) is not None:
        return value.text.strip(" ,.;") or None
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
            found.append(own)
        for own in reversed(found[-2:]) if before else found[:3]:
            # Before a name, what leads up to the position stands in the same segment.
            starts = [match.start() for match in re.finditer(r"\S+", own)][-_LONGEST_TITLE:] if before else [0]
            for begin in starts:
                if position := position_in(own[begin:], rule):
                    return position
    return None


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
        if re.search(r"[^\W\d_]", piece):
            found.append(piece)
        spot = spot[max(end.end(), 1) :]
    return found


def position_in(segment: str, rule: IdentificationRule) -> str | None:
    """Return the position that `segment` consists of, as written, or None."""
    segment = re.sub(r"[\s,(+]+[78]?$", "", segment.strip(" \t\n,.-|"))
    if ":" in segment:
        return None
    parts = words(re.sub(r"(?i)\bи\. ?о\.?(?=\s)", "ио", segment))
    if not parts or len(parts) > _LONGEST_POSITION or is_form_of(parts[0], _folded(rule.not_positions)):
        return None
    for part in parts:
        if is_form_of(part, _folded(rule.positions)) or is_form_of(part.rpartition("-")[2], _folded(rule.positions)):
            return re.sub(r"\s+", " ", segment)
        if not (is_form_of(part, _folded(rule.position_qualifiers)) or _QUALIFIER.search(part)):
            return None
    return None


@lru_cache(maxsize=64)
def _folded(stems: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(fold(stem) for stem in stems)
