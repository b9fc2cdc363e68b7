"""As what the writer works: the position, as the letter writes it (MDO 1.3.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from domain.russian.declension import is_given, post_of_genitive, post_of_instrumental
from domain.russian.words import fold, words
from domain.writer.details import Detail, IdentificationRule, Source, stands_right_after
from domain.writer.names import NameFound, is_form_of

_ABBREVIATED = "".join(
    rf"(?<!\b{word})"
    for word in "ст гл вед зам нач ген дир техн отд мл зав спец исп отв инж тех фин ком И.о и.о".split()
)
_SEGMENT_END = re.compile(
    rf"(?i:[,;\n]|{_ABBREVIATED}\. |\d{{3}}|\(|$|(?<=\s)[-|/]\s)|(?:(?<=\bспец)|(?<=\bинж))\. (?=[А-ЯЁ])"
)
# An adjective, a foreign word or an abbreviation may stand before a position's noun.
_QUALIFIER = re.compile(r"(?:ый|ий|ой|ая|яя|ого|его)$|^[a-z-]+$|^(?:ст|гл|вед|мл|ген|дир|техн|фин|исп|отв)$")
_WORKS_AS = re.compile(
    r"(?i)(?:^|[.!?,;\n(]|\bя|\bа|\bи|\bсам|\bсама)[ \t]{0,3}(?:работаю|являюсь|тружусь) ((?:[а-яё]+(?:ым|им|ой|ей) ){0,2}[а-яё-]+(?:ом|ем|ём|ой|ей|им|ым|ой)(?: [а-яё]+(?:ого|его|ых|их|ия|ов|ей)){0,3})"
    r"(?= в[о]? |[,.;\n]|$)"
)
_WORKS_SOMEWHERE_AS = re.compile(
    r"(?i)(?:работаю|тружусь) в[о]? [^.!?,;\n]{2,60}? ((?:[а-яё]+(?:ым|им|ой|ей) ){0,2}[а-яё-]+(?:ом|ем|ём|ой|ей|им|ым))(?=[,.;\n]|$)"
)
# Cases of a position's noun that are no nominative, and a verb that tells what somebody did.
_OBLIQUE = re.compile(
    r"(?:ист|ник|тор|нер|тел|ер|ор|лог|рач|ент|ант|вед|щик|ар)(?:ом|ем|ями|ами|ям|ам|ях|ах|ов|ей|у|ю)$"
)
_GENITIVE = re.compile(r"(?:ист|ник|тор|нер|жер|лог|рач|ент|ант|вед|щик|тер)а$|(?:тел|кар|тар)я$")
_SAID = re.compile(
    r"\b(?:сказа|говори|ответи|объясни|посоветова|отправи|направи|веле|проси|попроси|позвони|звони|обеща|пообеща|предложи|написа"
    r"|помог|посмотре|реши|сдела|забра|приня|призна|отказа|утвержда)(?:л[аи]?|т|ет)\b|\b(?:говор[ия]т|совету[ею]т|отвеча[ею]т|утвержда[ею]т)\b"
    r"|[а-я]{2,}(?:[аеуюя]ет|[аеуюя]ют)(?:ся)?\b"
)
_PHONE_BEGUN = re.compile(r"(?:[\s,(+]+[78]?|\s+(?:тел|моб|сот|т|м)\.?)$")
_SITE_BEHIND = re.compile(r"\s+(?:[\w-]+\.)+[a-z]{2,12}$|(?<=[а-яё])\s+[А-ЯЁ]{3,9}$")
"""A site or an abbreviation behind a post is where it is held: «преподаватель БГПУ»."""
_ACTING = re.compile(r"(?i)\bи\. ?о\.?(?=\s)")
_SPACES = re.compile(r"\s+")
_LETTER = re.compile(r"[^\W\d_]")
_GENITIVES = (*zip("ия ея ка га а я о е ь".split(), "ии еи ки ги ы и а я и".split(), strict=True), ("", "а"))
_SOMEBODYS = frozenset(
    "мой моя мои наш наша наши ваш ваша ваши его ее их некая некий какой-то какая-то бывший бывшая".split()
)
"""Before a post that is another's."""
_NO_PART = frozenset("не нет тоже там уже мне нам вам".split())
_PLURAL = re.compile(
    r"(?:ист|ник|тор|нер|жер|лог|рач|ент|ант|вед|щик|тер|ьер|ор)ы$|(?:ник|щик|техник)и$|(?:тел|кар|тар)и$"
)
_LONGEST_STATED = 7
"""Words of what somebody states to be his post."""
_LONGEST_POSITION = 9
"""Words: more are a sentence."""
_LONGEST_TITLE = 5
"""Words of a line that stands above a name."""
_I_AM = re.compile(
    r"(?i)(?:^|(?<=[.!?\n,;(])|(?<=[.!?\n,;(] )|(?<= и ))я,? (?:(?:сам|сама|там|здесь|тут|его|её|их)[ ,]+)?(?P<who>[а-яё-]+(?: [а-яё-]+){0,2})"
)
"""«Я товаровед магазина»: what somebody says to be."""


@dataclass(frozen=True, slots=True)
class Place:
    """An organisation as written, and where it stands."""

    name: str
    start: int
    end: int


def position_of(
    source: Source, rule: IdentificationRule, name: NameFound | None, organisation: Place | None
) -> str | None:
    """Return the writer's position: labelled, or the words beside the name that a position's noun heads."""
    if (value := source.labelled.get(Detail.POSITION)) is not None:
        first = re.split(rf"{_ABBREVIATED}\.\s+(?=[А-ЯЁ])", value.text)[0].strip(" ,.;")
        if len(first.split()) <= _LONGEST_STATED or position_in(first, rule):
            return first or None
    if (told := _worked_as(source.text, rule)) is not None:
        return told
    beside = _beside(source, rule, name, organisation)
    return beside if beside is not None else _said_of_himself(source.text, rule)


def _beside(source: Source, rule: IdentificationRule, name: NameFound | None, organisation: Place | None) -> str | None:
    """Return the position that stands beside the writer's name or organisation."""
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
                own = _without_kind(segment[: organisation.start - offset], rule)
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


def _said_of_himself(text: str, rule: IdentificationRule) -> str | None:
    """Return the position that the writer says to have: «я сам прораб», «я маркетолог сыроварни»."""
    for found in _I_AM.finditer(text):
        said = found["who"].split(" ")
        for count in range(1, len(said) + 1):
            if position := position_in(" ".join(said[:count]), rule):
                return position
    return None


def _without_kind(before: str, rule: IdentificationRule) -> str:
    """Return what stands right before an organisation without the noun that it belongs to: «товаровед магазина»."""
    last = before.split()[-1:]
    is_kind = bool(last) and len(before.split()) > 1 and fold(last[0]) in _kinds(rule.kinds_of_organisation)
    return before.rstrip().removesuffix(last[0]) if is_kind else before


@lru_cache(maxsize=16)
def _kinds(kinds: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(fold, in_genitive(kinds)))


@lru_cache(maxsize=16)
def in_genitive(kinds: tuple[str, ...]) -> tuple[str, ...]:
    """Return the genitives of nouns, in their order: «магазина», «администрации»."""
    return tuple(
        kind.removesuffix(ending) + genitive
        for kind in kinds
        for ending, genitive in [next(pair for pair in _GENITIVES if kind.endswith(pair[0]))]
    )


def _worked_as(text: str, rule: IdentificationRule) -> str | None:
    """Return what the writer says to work as, in the nominative: «работаю кладовщиком», «работаю в МФЦ оператором»."""
    if not _says_work(text):
        return None
    for told in filter(None, (_WORKS_AS.search(text), _WORKS_SOMEWHERE_AS.search(text))):
        if position := position_in(told[1], rule, oblique=True):
            return post_of_instrumental(position, lambda word: _is_head(word, rule))
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
        piece = spot[: end.start()].strip(" \t-|.)/")
        if _LETTER.search(piece):
            found.append(piece)
        spot = spot[max(end.end(), 1) :]
    return found


def _is_head(word: str, rule: IdentificationRule) -> bool:
    return is_form_of(word, folded(rule.positions))


def position_in(segment: str, rule: IdentificationRule, *, oblique: bool = False) -> str | None:
    """Return the position that `segment` consists of, as written, or None.

    One in another case than the nominative is somebody else's, or none, unless `oblique` is looked for.
    """
    segment = _SITE_BEHIND.sub("", _PHONE_BEGUN.sub("", segment.strip(" \t\n,.-|")))
    if ":" in segment:
        return None
    parts = words(_ACTING.sub("ио", segment) if "." in segment else segment)
    if not parts or len(parts) > _LONGEST_POSITION or _tells(parts, rule):
        return None
    for at, part in enumerate(parts):
        if _is_head(part, rule) or _is_head(part.rpartition("-")[2], rule):
            return _SPACES.sub(" ", segment) if oblique or _is_ones_own(parts, at) else None
        if not (is_form_of(part, folded(rule.position_qualifiers)) or _QUALIFIER.search(part)):
            return None
    return None


def _tells(parts: tuple[str, ...], rule: IdentificationRule) -> bool:
    """Return whether words tell something, or of somebody else: «мой бывший партнёр», «курьеры не видят»."""
    if is_form_of(parts[0], folded(rule.not_positions)) or parts[0] in _SOMEBODYS:
        return True
    return not _NO_PART.isdisjoint(parts) or _SAID.search(" ".join(parts)) is not None


def _is_ones_own(parts: tuple[str, ...], at: int) -> bool:
    """Return whether a post whose noun is the word `at` may be the writer's: one person's, with no other name behind."""
    noun = parts[at]
    if _PLURAL.search(noun) or any(map(is_given, parts[at + 1 :])) or _OBLIQUE.search(noun):
        return False
    return not _GENITIVE.search(noun) or _is_governed(parts[:at])


def _is_governed(before: tuple[str, ...]) -> bool:
    """Return whether a noun in the genitive follows what demands it: «и. о. директора», «зам. главного врача»."""
    return any(
        word in ("ио", "врио", "вр", "зам", "исполняющий", "исполняющая", "пом", "обязанности") for word in before
    )


@lru_cache(maxsize=64)
def folded(stems: tuple[str, ...]) -> tuple[str, ...]:
    """Return words of an edition's list in the form in which the words of a letter are compared."""
    return tuple(fold(stem) for stem in stems)
