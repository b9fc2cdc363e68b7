"""Whose name and phone a letter gives as its writer's own, of all the people and numbers in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from itertools import chain

from domain.letter import Letter
from domain.russian.declension import is_given, is_short_for, nominative_of_genitive
from domain.russian.letters import LOWER, UPPER
from domain.russian.phrases import Phrases
from domain.russian.words import fold, visible, words
from domain.writer.contacts import PhoneFound, phones_in
from domain.writer.details import (
    Detail,
    IdentificationRule,
    Source,
    stands_after,
    stands_right_after,
)
from domain.writer.names import (
    PARTICLES,
    SON_OR_DAUGHTER,
    NameFound,
    Run,
    full_names_in,
    genitive_name_at,
    initialled_names_in,
    is_form_of,
    name_of_line,
    runs_in,
)
from domain.writer.positions import position_in
from domain.writer.two_words import known_names_in, lower_case_pairs_in, two_word_names_in, unknown_pairs_in
from domain.writer.unknown_names import placed_names_in

BESIDE = 25
"""So many characters may stand between a person's name and that person's phone: `, тел. `."""
_SIGNATURE_LINES = 8
"""So many of the last lines may be a signature."""
_GOES_ON = re.compile(
    r"(?:[ \t\u00a0]*\([^()\n]*\))?[ \t\u00a0]+(?:(?:только|лишь|мне|нам|ему|ей|вчера|сегодня|опять|руками)[ \t]+){0,2}"
    r"(?:не|уже|тоже|сам|сама|котор[а-яё]+|[а-яё]{2,}(?:[аеёиуюя]т|[аеиоуыя]л[аи]?|ся|сь))(?![\w-])"
)
"""A verb after a name tells something of that person."""
_WRITES = re.compile(
    r"[ \t\u00a0]+(?:вас[ \t]+|вам[ \t]+)?(?:беспокоит|пишет[ \t]+вам|на[ \t]+связи)(?![\w-])", re.IGNORECASE
)
_NO_AUTHOR = re.compile(
    r"(?i)(?:доверенност|поручени|справк|заказ|отзыв|посылк|подпис|звон|ответ)[а-яё]*[ \t]+от[ \t]*$"
)
"""«По доверенности от»: the person named next has not written."""
_FROM = re.compile(
    r"(?i)[^\w\n]*(?:(?:заявление|обращение|жалоба|письмо|заявка|запрос|просьба|служебная записка)\s+)?"
    r"от\s+(?P<post>[^\n!?;]+(?:\n[^\n!?;]*)?)\Z"
)
"""What a line of a letter's head says of its writer before the name; the position follows in the genitive."""
_CAPITAL = re.compile(rf"(?<![\w-])[{UPPER}]")
_PIECE_END = re.compile(r"[,|/]| - ")
_KIN = re.compile(
    r"(?i)\b(?:муж|жена|сын|дочь|дочка|внук|внучка|брат|сестра|мать|мама|отец|папа|бабушка|дедушка|сосед|соседка|друг|подруга|коллега)"
    r"(?: (?:мой|моя|наш|наша))?,? ?\Z"
)
_LONGEST_SHOWN = 200
"""Characters of a display name: each of its words is looked for in the text."""
_LONGEST_CITIZEN = 3
"""Words: «жителя города Уфы»."""
_CITIZENS = tuple("пенсионер житель жительниц гражданин гражданк пользовател мама бабушк ветеран инвалид".split())
_OWN_LIST = re.compile(
    r"(?i)(?<![а-яё])(?:мо[ийяе]|наш[иае]?|обо? мне|себе|данные|заявител\w*|контакт\w*|отправител\w*|пиш\w*)(?![а-яё])"
)
_MARKED = re.compile(r"[-–—*•]|\d{1,2}[.)]")
_LEAD = 400
"""Characters between a line with a colon and the last of the people whom it leads up to."""
_WRITES_AS_KIN = re.compile(r"(?i)(?:пишет|обращается)(?: вам)?(?: его| её| ее)? [а-яё]{2,10},? ?\Z")
"""«Пишет жена, Бадмаева Роза»."""
_PARENT_OF = re.compile(
    r"(?i)\bя,? (?:мать|мама|отец|папа|бабушка|дедушка|опекун|жена|муж|сын|дочь|сестра|брат)[ \t]+\Z"
)


# How much each thing says for a name being the writer's, or against it. The numbers are set by hand, not learned: only
# which sum is larger counts, and a sum of zero or less means another person. What they achieve is measured by
# `make quality` on labelled letters (its bars for `full_name` and `phone`); change one only together with a run of it.
_FULL, _TWO_WORDS, _INITIALS = 3, 2, 1
_INTRODUCED, _NAMESAKE, _NAMED_ALIKE, _SIGNED, _BY_PHONE, _SPOKEN_OF, _NOT_AS_SHOWN = 6, 5, 3, 4, 2, -6, -4
_DISPLAYED, _DISPLAYED_IN_FULL, _DISPLAYED_IN_LATIN = 4, 7, 2


class People:
    """The people and numbers that a text names, of each kind found once, where it is asked for."""

    def __init__(self, text: str, rule: IdentificationRule) -> None:
        self._text = text
        self._not_names = rule.not_names

    @cached_property
    def phones(self) -> tuple[PhoneFound, ...]:
        """The phone numbers."""
        return phones_in(self._text)

    @cached_property
    def runs(self) -> list[Run]:
        """The capitalised words that follow each other."""
        return runs_in(self._text)

    @cached_property
    def full(self) -> tuple[NameFound, ...]:
        """The names with a patronymic."""
        return full_names_in(self._text, self._not_names, runs=self.runs)

    @cached_property
    def two_words(self) -> tuple[NameFound, ...]:
        """The names of a surname and a given name."""
        return two_word_names_in(self._text, self._not_names, self.runs)

    @cached_property
    def unknown_pairs(self) -> tuple[NameFound, ...]:
        """The pairs of what is surely a surname and a word that no list knows."""
        return tuple(unknown_pairs_in(self._text, self._not_names, self.runs))

    @cached_property
    def initialled(self) -> tuple[NameFound, ...]:
        """The names of a surname and initials."""
        return initialled_names_in(self._text)

    @cached_property
    def in_genitive(self) -> tuple[NameFound, ...]:
        """What would be a name where the genitive is asked for."""
        names = (genitive_name_at(self._text, match.start()) for match in _CAPITAL.finditer(self._text))
        return tuple(name for name in names if name is not None)

    @property
    def everybody(self) -> Iterator[NameFound]:
        """All that may be a person's name."""
        return chain(self.full, self.two_words, self.initialled, self.in_genitive, self.unknown_pairs)


def name_of(letter: Letter, source: Source, rule: IdentificationRule, people: People) -> NameFound | None:
    """Return the writer's name: labelled, else the one that stands most like a writer's, the last of equals.

    What speaks for a name: «меня зовут» before it, the sender's display name, a line of the signature, the
    writer's phone beside it. Somebody in an oblique case is written to, called or spoken of.
    """
    if (labelled := _labelled_name(source)) is not None:
        return labelled
    displayed = _displayed(letter, source.text)
    phones = [phone for phone in people.phones if not stands_after(source.text, phone.start, rule.others)]
    shown = tuple(dict.fromkeys(words(letter.sender.name[:_LONGEST_SHOWN]))) if letter.sender else ()
    names = list(_names(source.text, people, shown, phones, rule))
    listed = _listed(source.text, names)
    names = [name for name in names if name not in listed]
    ranked = [(_standing(name, source.text, shown, phones, rule), name) for name in names]
    if displayed is not None:
        latin = not re.search(f"[{LOWER}]", fold(displayed.name))
        rank = _DISPLAYED_IN_FULL if displayed.full else _DISPLAYED_IN_LATIN if latin else _DISPLAYED
        ranked.insert(0, (rank, displayed))
    best = max((rank for rank, _ in ranked), default=-1)
    if best <= 0:
        return None
    chosen = [name for rank, name in ranked if rank == best][-1]
    # The same person may stand in full in another place.
    fuller = [name for rank, name in ranked if rank >= 0 and name.full and is_same(name, chosen)]
    return replace(chosen, name=fuller[-1].name, full=True) if fuller and not chosen.full else chosen


def _labelled_name(source: Source) -> NameFound | None:
    value = source.labelled.get(Detail.FULL_NAME)
    if value is None:
        return None
    written = re.split(r"[,;(\d]", value.text)[0].rstrip()
    if any(
        _GOES_ON.match(source.text, found.end) for found in full_names_in(source.text) if found.start == value.start
    ):
        return None
    name = name_of_line(written, labelled=True)
    parts = _in_parts(source.text)
    if parts is not None and (name is None or len(name.split()) < len(parts.name.split())):
        return parts
    return NameFound(name, value.start, value.start + len(written), full=True) if name else None


def _in_parts(text: str) -> NameFound | None:
    """Return the name of a form that asks for surname, given name and patronymic one by one."""
    found = {
        match[1].lower(): match
        for match in re.finditer(
            rf"(?im)(?:^|(?<=[.,;] ))[ \t>*•-]*(фамилия|имя|отчество)(?:[ \t]*[:=-][ \t]*|[ \t]+)([{LOWER}-]+(?: {SON_OR_DAUGHTER})?)[ \t]*(?:$|[.,;])",
            text,
        )
    }
    if "фамилия" not in found or "имя" not in found:
        return None
    parts = [found[part] for part in ("фамилия", "имя", "отчество") if part in found and found[part][2] != "-"]
    name = " ".join(part[2][:1].upper() + part[2][1:] for part in parts)
    return NameFound(name, parts[0].start(2), max(part.end() for part in parts), full=True)


def _listed(text: str, names: list[NameFound]) -> list[NameFound]:
    """Return the people whom a line with a colon leads up to, two and more a line each: the letter is about them."""
    lists: dict[int, list[NameFound]] = {}
    for name in names:
        begin = text.rfind("\n", 0, name.start) + 1
        lead = text.rfind(":\n", max(0, begin - _LEAD), begin)
        mark = text[begin : name.start].strip()
        if lead < 0 or mark.strip("-–—*•.)0123456789 "):
            continue
        first = text[lead + 2 : begin].lstrip("\n")[:3]
        is_apart = "\n\n" in text[lead + 1 : begin].lstrip("\n") or (_MARKED.match(first) and not mark)
        if not is_apart and not _OWN_LIST.search(text[text.rfind("\n", 0, lead) + 1 : lead]):
            lists.setdefault(lead, []).append(name)
    return [name for people in lists.values() if len({name.name for name in people}) > 1 for name in people]


def _names(
    text: str, people: People, shown: tuple[str, ...], phones: list[PhoneFound], rule: IdentificationRule
) -> Iterator[NameFound]:
    """Return the names of `text` that may be the writer's, in order of their place.

    `shown` are the words of the sender's display name: one of them makes a name of two words that are no known name.
    """
    found = [name for name in people.full if name.has_surname]
    for name in (*known_names_in(text, rule.not_names, shown), *people.two_words, *people.initialled):
        if not any(other.start < name.end and name.start < other.end for other in found):
            found.append(name)
    unsure = [name for name in lower_case_pairs_in(text) if _is_told_by_place(text, name, phones, rule)]
    if phones:
        unsure += [name for name in people.unknown_pairs if _is_beside_phone(text, name, phones, BESIDE)]
    unsure += placed_names_in(text, (*rule.not_names, *rule.kinds_of_organisation), people.runs)
    for name in unsure:
        if not any(other.start < name.end and name.start < other.end for other in found):
            found.append(name)
    turned = {name.start: name for name in people.in_genitive if _is_in_genitive(text, name.start, rule)}
    found = [_turned(name) if _is_in_genitive(text, name.start, rule) else name for name in found]
    known = {name.start for name in found if name.full}
    kept = [name for name in found if name.start not in turned or name.full]
    kept += [name for start, name in turned.items() if start not in known]
    return iter(sorted(kept, key=lambda name: name.start))


def _turned(name: NameFound) -> NameFound:
    """Return a name in the genitive whose patronymic does not change: «Мамедовой Лейлы Вагиф кызы»."""
    parts = name.name.split()
    nominative = nominative_of_genitive(parts[0], parts[1]) if len(parts) > 3 and parts[-1] in PARTICLES else None
    return replace(name, name=" ".join((*nominative, *parts[2:]))) if nominative else name


def _is_told_by_place(text: str, name: NameFound, phones: list[PhoneFound], rule: IdentificationRule) -> bool:
    """Return whether words in small letters stand where a name does: introduced, a whole line, or by a phone."""
    before, after = text[: name.start].rstrip(" \t\u00a0"), text[name.end :].lstrip(" \t\u00a0")
    opens, closes = before[-1:] in ("", *".!?,;\n"), after[:1] in ("", "\n")
    near = rule.self_contact if opens else BESIDE
    return bool(
        (opens and closes)
        or stands_right_after(text, name.start, rule.introductions)
        or _is_beside_phone(text, name, phones, near)
    )


def _is_beside_phone(text: str, name: NameFound, phones: list[PhoneFound], near: int) -> bool:
    gaps = ((name.end, phone.start) if phone.start >= name.end else (phone.end, name.start) for phone in phones)
    return any(0 <= end - start <= near and "\n\n" not in text[start:end] for start, end in gaps)


def _is_in_genitive(text: str, at: int, rule: IdentificationRule) -> bool:
    """Return whether a name at `at` tells whom a letter is from: «от Ивановой», «от начальника отдела Ивановой»."""
    if _NO_AUTHOR.search(text, max(0, at - 40), at):
        return False
    if _is_announced(text, at, rule.introductions_in_genitive, rule):
        return True
    heads = (_FROM.match(text, start, at) for start in _line_starts(text, max(0, at - 200), at))
    head = next(filter(None, heads), None)
    return head is not None and _is_post(head["post"], rule)


def _line_starts(text: str, begin: int, end: int) -> Iterator[int]:
    """Return where lines start in `text` from `begin` to `end`."""
    if begin == 0 or text[begin - 1] == "\n":
        yield begin
    while (begin := text.find("\n", begin, end) + 1) > 0:
        yield begin


def _is_post(written: str, rule: IdentificationRule) -> bool:
    """Return whether `written` begins with a position, in any case."""
    said = written.split()
    return bool(said) and any(position_in(" ".join(said[:count]), rule, oblique=True) for count in (1, 2, 3, 4))


def _is_introduced(text: str, at: int, rule: IdentificationRule) -> bool:
    """Return whether the writer's name is announced at `at`; what the writer is may stand between."""
    return _is_announced(text, at, rule.introductions, rule)


def _is_announced(text: str, at: int, phrases: Phrases, rule: IdentificationRule) -> bool:
    """Return whether one of `phrases` stands before `at`, or only what the writer is between them: «пенсионерки»."""
    if stands_right_after(text, at, phrases):
        return True
    lead = re.split(r"[!?;,\n]|(?<=[а-яё]{3})\.\s", text[max(0, at - 120) : at])[-1]
    for word in re.finditer(r"\S+", lead):
        if word.start() and stands_right_after(lead, word.start(), phrases):
            what = lead[word.start() :].split()
            citizen = len(what) <= _LONGEST_CITIZEN and is_form_of(fold(what[0]), (*rule.not_positions, *_CITIZENS))
            if citizen or _is_post(" ".join(what), rule):
                return True
    return False


def _standing(
    name: NameFound, text: str, shown: tuple[str, ...], phones: list[PhoneFound], rule: IdentificationRule
) -> int:
    """Return how much speaks for `name` being the writer's; nothing or less means somebody else."""
    in_genitive = _is_in_genitive(text, name.start, rule)
    introduced = in_genitive or _is_introduced(text, name.start, rule)
    if _is_a_childs(text, name):
        return -1
    if (
        not introduced
        and not _WRITES_AS_KIN.search(text, max(0, name.start - 40), name.start)
        and (stands_after(text, name.start, rule.others) or _KIN.search(text, max(0, name.start - 40), name.start))
    ):
        return -1
    if name.oblique and not in_genitive:
        return -1
    rank = _FULL if name.full else _INITIALS if "." in name.name else _TWO_WORDS
    if introduced or _WRITES.match(text, name.end):
        rank += _INTRODUCED
    elif _GOES_ON.match(text, name.end):
        rank += _SPOKEN_OF
    if words(name.name)[0] in shown or (not name.full and words(name.name)[-1] in shown):
        rank += _NAMESAKE
    elif any(one == two or is_short_for(one, two) for one in shown for two in words(name.name)[1:2]) or (
        "." in name.name and any(is_given(one) and one[0] == words(name.name)[1][0] for one in shown)
    ):
        rank += _NAMED_ALIKE
    elif not name.oblique and any(is_given(word) for word in shown):
        rank += _NOT_AS_SHOWN
    if _is_signature(text, name, rule):
        rank += _SIGNED
    if any(-rule.self_contact <= phone.start - name.end <= rule.self_contact for phone in phones):
        rank += _BY_PHONE
    return rank


def _is_a_childs(text: str, name: NameFound) -> bool:
    """Return whether a name tells whose parent the writer is: «я мама Тимура Ишмуратова»."""
    if not _PARENT_OF.search(text, max(0, name.start - 40), name.start):
        return False
    turned = genitive_name_at(text, name.start)
    return name.oblique or (turned is not None and turned.name != name.name)


def _is_signature(text: str, name: NameFound, rule: IdentificationRule) -> bool:
    """Return whether a name begins a line, or a sentence, near the end of `text`."""
    if text.count("\n", name.end) >= _SIGNATURE_LINES:
        return False
    before = re.split(r"[\n.!?]", text[: name.start])[-1].strip(" \t\u00a0-*|>")
    return (
        not before
        or fold(before) in map(fold, rule.sole_proprietor)
        or (len(words(before)) <= 4 and before.endswith(","))
    )


def _displayed(letter: Letter, text: str) -> NameFound | None:
    """Return the name in the sender's display name, its folded pieces joined again."""
    if letter.sender is None or not letter.sender.name:
        return None
    shown = re.sub(r"\(.*?\)", " ", visible(letter.sender.name[:_LONGEST_SHOWN]))
    pieces = dict.fromkeys((shown, *_PIECE_END.split(shown)))
    names = (name_of_line(piece) for piece in pieces)
    name = next((name for name in names if name is not None), None)
    # The same two words sign the letter: then they are a name, if an unknown one; the other way round, surname first.
    if name is None and re.fullmatch(rf"[{UPPER}][{LOWER}-]+ [{UPPER}][{LOWER}-]+", shown.strip()):
        turned = " ".join(reversed(shown.split()))
        name = turned if turned in text else name_of_line(shown, labelled=True) if shown.strip() in text else None
    if name is None:
        return None
    full = any(found.has_surname for found in full_names_in(shown))
    # Where the same words, or the surname alone, sign the letter, what stands beside them is the writer's too.
    signed = list(re.finditer(r"[ \t\u00a0]+".join(map(re.escape, shown.split())), text))
    signed = signed or list(re.finditer(rf"(?m)(?:^|(?<=[.!?] )){re.escape(name.split()[0])}(?=,|[ \t]*$)", text))
    start, end = signed[-1].span() if signed else (-1, -1)
    return NameFound(name, start, end, full=full)


def is_same(other: NameFound, writer: NameFound | None) -> bool:
    """Return whether two findings may be one person: all words or initials of one are in the other's name."""
    if writer is None:
        return not other.oblique
    theirs, own = words(other.name), words(writer.name)
    if other.start < writer.end and writer.start < other.end:
        return True
    if theirs[0] == own[0] and len(theirs) > 1 and len(own) > 1:
        return theirs[1][0] == own[1][0]
    return all(any(one.startswith(two) or two.startswith(one) for two in own) for one in theirs)
