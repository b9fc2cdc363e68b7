"""Which details a writer says not to have: «организации нет, я пенсионерка» (MDO 1.3.2).

A declared absence is a clause about the writer and about nothing else: «нет организации в списке» misses an entry
of a list, and «пенсионеры не могут войти» tells of others. So every word of the clause has to be of the declaration.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from domain.findings import DeclaredNone
from domain.russian.words import fold
from domain.writer.details import Detail, IdentificationRule, Source, Value

_LONGEST_SHOWN = 80
_READ = 6_000
"""Characters at each end of the text: who has no organisation says so where a name is said."""
_LONGEST_CLAUSE = 160

_ORGANISATION = r"(?:организаци[июя]|фирм[аыу]|компани[июя]|предприяти[ея]|учреждени[ея]|юр ?лиц[оа]|мест[оа] работы)"
_POSITION = r"(?:должност[ьи]|професси[июя]|пост[а]?)"
_NOUN = rf"(?:{_ORGANISATION}|{_POSITION})"
_NOUNS = rf"(?:ни )?(?:{_NOUN})(?:(?: ни| и| или|) (?:{_NOUN}))*"
_ABOUT_ME = (
    r"(?:у меня|я|мне|нет|никак(?:ой|ую|ая)|ник[ао]кой|как таков(?:ой|ых)|какой либо|своей|постоянной|официальной|вообще|просто|"
    r"пока(?: что)?|сейчас|теперь|уже|давно|тоже|также|временно|же|да|и|а|но|то|в данный момент|на данный момент|"
    r"в настоящее время|поэтому|соответственно|к сожалению|увы)"
)
_WORDS = rf"(?:{_ABOUT_ME} )*"
_END = r"(?= (?:так как|т к|тк|потому|поскольку|ибо|ведь|я|живу|обращаюсь|пишу|сижу|на пенсии)(?: |$)| ?$)"
_NONE = r"(?:нет|нету|не имею|не имеется|отсутству[ею]т|не было|не будет)"
_NO_WORK = re.compile(
    rf"(?:(?:сижу |пока )?без работы|{_WORDS}(?:(?:нигде|официально|больше|еще) )*{_WORDS}не (?:работаю|служу|тружусь|трудоустроена?|работающ(?:ий|ая))"
    r"(?: (?:нигде|сейчас|пока|официально|давно|временно|больше|уже|много лет|(?:с )?\d+(?:й|го)? (?:год|года|лет)|"
    r"ни в какой организации|ни в одной организации|в организации|в организациях))*(?: по (?:состоянию здоровья|инвалидности))?)"
    + _END
)
_NONE_OF = (
    re.compile(rf"{_WORDS}(?P<nouns>{_NOUNS}) {_WORDS}{_NONE}(?: {_ABOUT_ME})*{_END}"),
    re.compile(rf"{_WORDS}{_NONE} {_WORDS}(?P<nouns>{_NOUNS})(?: {_ABOUT_ME})*{_END}"),
    re.compile(rf"(?:{_WORDS})без (?P<nouns>{_NOUNS})(?: {_ABOUT_ME})*{_END}"),
    re.compile(rf"{_WORDS}(?P<nouns>организацию) (?:я )?(?:никакую )?не (?:представляю|имею){_END}"),
    re.compile(rf"{_WORDS}(?:никакую |никакой )(?P<nouns>организаци[юи]) (?:я )?не представляю{_END}"),
    re.compile(
        rf"{_WORDS}ни в (?:какой|одной) (?P<nouns>организации) (?:я )?не (?:состою|работаю|числюсь|служу){_END}"
    ),
)
_TOO = re.compile(rf"{_WORDS}(?P<nouns>{_NOUNS}) {_WORDS}(?:тоже|также|соответственно)(?: {_NONE})?{_END}")
_BEFORE_A_STATUS = r"(?:(?:(?P<me>я|сам|сама|как)|а|и|но|просто|всего лишь|давно|уже|сейчас|пока|это) )*"
_STATUS = (
    r"(?:не работающ\w+ |неработающ\w+ |одинок\w+ )?"
    r"(?:пенсионер(?:ка)?|на пенсии|частн(?:ое|ый) лицо|частник|физ ?лицо|физическое лицо|не юр ?лицо|безработн(?:ый|ая)|"
    r"домохозяйка|самозанят(?:ый|ая)|студент(?:ка)?|школьни(?:к|ца)|инвалид(?: \w+ группы)?|"
    r"(?:обычн|прост|рядов|частн)\w+ (?:житель(?:ница)?|гражданин|гражданка|человек|пользователь(?:ница)?|клиент|заявитель))"
)
_IS_A = re.compile(
    rf"{_BEFORE_A_STATUS}{_STATUS}(?: (?:по возрасту|со стажем|(?:уже )?\d+ (?:год|года|лет)|просто|(?:вашего )?(?:приложения|портала|сервиса)))*{_END}"
)
_AS_A = re.compile(
    rf"(?:\w+ )?(?:пишу|обращаюсь)(?: \w+)? как {_STATUS}{_END}|{_WORDS}сижу (?:дома )?с (?:детьми|ребенком|внуками)(?: дома)?{_END}"
)
_NO_MOBILE = re.compile(
    r"(?:у меня |мобильн\w+ |сотов\w+ )*(?:"
    rf"(?:мобильн(?:ого|ый|ика)|сотов(?:ого|ый))(?: телефона?| номера?)* {_WORDS}(?:{_NONE}|не пользуюсь)"
    rf"|(?:{_NONE}|не имею|без) {_WORDS}(?:мобильн(?:ого|ика)|сотового)(?: телефона| номера)*"
    r"|(?:мобильн(?:ым|иком)|сотовым)(?: телефоном)? (?:я )?не пользуюсь)"
    r"(?= (?:есть|только|лишь|а|но|и|звоните|пишу|я)(?: |$)| ?$)"
)
_ONLY_LANDLINE = re.compile(
    r"(?:у меня |есть |телефон |номер |а |но )*(?:только|лишь|один) (?:телефон |номер )?"
    r"(?:домашн\w+|городск\w+|стационарн\w+)(?: телефон| номер)?(?: |$)"
)
_MENTIONS = re.compile(
    r"нет|нету|не име|отсутств|без|не работа|неработа|не служ|не труд|не представ|ни в |пенси|частн|физ|безраб|домохоз|"
    r"самозан|студент|школьн|обычн|прост|рядов|инвалид|сижу|юрлиц|юр лиц|только|лишь|один|пользуюсь"
)
_NOTHING_AT_ALL = re.compile(
    r"(?:нет|нету|отсутству[ею]т|не име[юе]\w*|не имеется|без|не применимо|неприменимо|"
    r"нет (?:организации|работы|должности|места работы|телефона|мобильного)|без (?:организации|должности|работы)|none|no|n a|сам(?:а)? по себе|"
    r"гражданин|гражданка|б р)"
)
_CLAUSES = re.compile(r"[^.!?;\n,()]+")
_LISTED = re.compile(rf"(?i)(?<=[а-яё]),(?=\s*ни (?:{_NOUN})\b)")
_TELLS = re.compile(
    r"(?i)((?:^|[.!?,\n])[ \t]{0,8}(?:сообщаю|отвечаю|уточняю|поясняю|дополняю|о себе|мои данные)[^:.!?\n]{0,40}):"
)
_QUOTED = re.compile(r"«[^«»\n]{0,300}»|\"[^\"\n]{0,300}\"|“[^“”\n]{0,300}”|„[^„“”\n]{0,300}[“”]")
"""Somebody else's words, such as an error's."""
_NAME_OR_NUMBER = r"(?:я|[А-ЯЁ][\w.-]*|[\d()+-]+)"
_NAMED_OR_CALLED = re.compile(rf"\s*{_NAME_OR_NUMBER}(?:\s+{_NAME_OR_NUMBER}){{0,7}}\s*")
"""A writer's name or number: what is said beside it is said of the writer."""
_DOES = re.compile(
    r"(?i)[^.!?;\n]{0,200}?[а-яё](?:[а-яё][еёи]т|[аяиеы]л[аи]?|ш[её]л|шла|мог(?:ла)?)(?:ся|сь)?(?![а-яё])"
)
"""The rest of a sentence with a verb of the third person: a person is told of, and tells nothing of himself."""
_PLACES_OF_WORK = (Detail.ORGANISATION, Detail.POSITION)


def absences_in(source: Source, rule: IdentificationRule, *, landline: bool) -> tuple[DeclaredNone, ...]:
    """Return the details that the writer declares not to have, in the order of the rule, each with its words.

    Only what the edition lets be absent (`may_be_absent`). A mobile phone is absent only where a `landline` is given.
    Who has no organisation has no position in one, and who does not work has neither.
    """
    if not rule.may_be_absent:
        return ()
    found: dict[Detail, str] = {}
    for detail, said in (*_labelled(source, rule), *_told(source.text)):
        found.setdefault(detail, said)
    if Detail.ORGANISATION in found:
        found.setdefault(Detail.POSITION, found[Detail.ORGANISATION])
    if not landline:
        found.pop(Detail.PHONE, None)
    return tuple(
        DeclaredNone(detail=detail.value, said=found[detail]) for detail in rule.may_be_absent if detail in found
    )


def _labelled(source: Source, rule: IdentificationRule) -> Iterator[tuple[Detail, str]]:
    for detail in rule.may_be_absent:
        value = source.labelled.get(detail)
        if value is None or not value.said:
            continue  # an empty line of a form says nothing
        said = _shown(f"{_label_of(source.text, value)} {value.said}")
        clauses = [_plain(match[0]) for match in _CLAUSES.finditer(value.said[:_LONGEST_CLAUSE])]
        first = clauses[:1] if detail is Detail.PHONE else clauses
        if any(pattern.match(clause) for clause in clauses for pattern in (_NO_WORK, _IS_A, _AS_A)):
            yield from ((one, said) for one in _PLACES_OF_WORK)
        elif all(not clause or _NOTHING_AT_ALL.fullmatch(clause) for clause in first):
            yield detail, said


def _told(text: str) -> Iterator[tuple[Detail, str]]:
    if len(text) > 2 * _READ:
        text = f"{text[:_READ]}\n{text[-_READ:]}"
    if not _MENTIONS.search(fold(text)):
        return
    text = _TELLS.sub(r"\1.", _LISTED.sub(" ", _QUOTED.sub("_", text)))
    declared, of_writer = False, True
    for match in _CLAUSES.finditer(text):
        written, end = match[0], text[match.end() : match.end() + 1]
        clause = _plain(written) if len(written) <= _LONGEST_CLAUSE and end != "?" else ""
        told_of = end == "," and _DOES.match(text, match.end()) is not None
        details = tuple(_declared(clause, after_another=declared, of_writer=declared or (of_writer and not told_of)))
        declared = bool(details)
        of_writer = end not in (",", "(", ")") or bool(clause and _NAMED_OR_CALLED.fullmatch(written))
        for detail in details:
            yield detail, _shown(written)


def _declared(clause: str, *, after_another: bool, of_writer: bool) -> Iterable[Detail]:
    """Return the details that a folded clause declares absent; a status alone is `of_writer`, or somebody else's."""
    if not clause:
        return ()
    patterns = (*_NONE_OF, _TOO) if after_another else _NONE_OF
    for pattern in patterns:
        if (match := pattern.match(clause)) is not None:
            return tuple(_named(match["nouns"]))
    if _NO_WORK.match(clause) or _AS_A.match(clause):
        return _PLACES_OF_WORK
    if (status := _IS_A.match(clause)) is not None and (of_writer or status["me"]):
        return _PLACES_OF_WORK
    if _NO_MOBILE.match(clause) or _ONLY_LANDLINE.match(clause):
        return (Detail.PHONE,)
    return ()


def _named(nouns: str) -> Iterator[Detail]:
    for detail, noun in ((Detail.ORGANISATION, _ORGANISATION), (Detail.POSITION, _POSITION)):
        if re.search(rf"(?<!\w){noun}(?!\w)", nouns):
            yield detail


def _plain(text: str) -> str:
    """Return folded words joined by one space; a hyphen parts them."""
    return " ".join(re.findall(r"\w+", fold(text)))


def _label_of(text: str, value: Value) -> str:
    """Return the label before a value, as written on its line or on the line above."""
    before = text[max(0, value.start - 80) : value.start].rstrip(" \t\n-")
    return before.rpartition("\n")[2].lstrip(" \t>*•-")


def _shown(written: str) -> str:
    shown = " ".join(written.split()).strip(" ,;")
    return shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"
