"""Contacts as they stand in a text: Russian and foreign phone numbers, INN with its check sum, web sites."""

from __future__ import annotations

import re
from dataclasses import dataclass

from domain.russian.words import fold, visible
from domain.writer.number_names import READ_AFTER, READ_BEFORE, Called, called

_PHONE = re.compile(
    # A phone may stick to the abbreviation that announces it: «тел89…», «т.8…».
    r"(?:(?<![\w.,/@+=-])|(?<=[а-яёА-ЯЁ]\.)|(?<=[тТ][еЕ][лЛ])|(?<=[мМ][оО][бБ])|(?<=[тТ][еЕ][лЛ]\.-)|(?<=[а-яё]-))(?:\+\s?[0-9]|\([0-9]|[0-9])(?:[ \t\u00a0().-]{0,3}[0-9]){8,16}(?![\w@]|[.,/][0-9]|-[0-9])",
)
_FEWEST_DIGITS = 9
"""Of anything that `_PHONE` finds."""
_LONGEST_WRITTEN = 24
"""Characters of a phone with the signs between its groups."""
_NUMBER_AT_END = re.compile(r"[0-9 ().+-]*\Z")
# Between two numbers, and between the groups of one, people also put what a number never has within it.
_BETWEEN_NUMBERS = re.compile(
    r"(?<=[0-9а-яё])[,/~|;](?=(?:\+[0-9]|[78])[ (-]{0,2}[0-9]{3})|(?<=[0-9]{4})[,/~|;](?=[0-9(+])"
)
_GROUPED = re.compile(r"(?<![\d.,/~])(\+?[78])[,/~.|](9\d\d)[,/~.|](\d{3})[,/~.|-](\d\d)[,/~.|-](\d\d)(?!\d|[.,/~]\d)")
_ODDLY_GROUPED = re.compile(
    r"(?<![\w.,/~|-])\+?[78]?[ (,/~_|.-]{0,2}9\d{2}(?:[ )]{0,2}[,/~_|.-]?[ ]{0,2}\d{1,4}){1,7}(?![\w@]|[.,/_][0-9])"
)
"""A mobile number in whatever groups, by whatever signs: «8_926_404_77_12», «914/678/20/19»; other numbers begin otherwise."""
_ODD_SIGNS = re.compile(r"[,/~_|]")
_DIGITS_OF = re.compile(r"[^0-9]")
_INN = re.compile(
    r"(?<![а-яa-z])(?:инн|inn)(?:\s*/\s*кпп)?(?: [а-яё]{2,}){0,3}[\s:№#=|*-]{0,24}((?:\d[ \u00a0]?){9}(?:(?:\d[ \u00a0]?){2})?\d)(?!\d)"
)
_SITE = re.compile(
    r"(?<![\w@.-])(?:https?://)?((?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+(?:[a-z]{2,24}|рф|рус|онлайн|сайт|дети|москва|орг|ком|бел|укр|xn--[a-z0-9-]+))(?![\w@]|[\w.-]*@)(/\S*)?",
)
_DOT_WITHIN = re.compile(r"\.(?<=[^\W_]\.)[^\W_]")
_FILE_ENDINGS = frozenset(
    "jpg jpeg png pdf doc docx xls xlsx csv txt xml zip rar gif heic mp4 html php js json py".split()
)
_INN_10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_11 = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_INN_12 = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


@dataclass(frozen=True, slots=True)
class PhoneFound:
    """A phone number in a text: its value and where it stands."""

    number: str
    """E.164."""
    start: int
    end: int

    @property
    def is_mobile(self) -> bool:
        """True for Russian mobile codes (9xx); a foreign number is taken as mobile, its plan being unknown here."""
        return is_mobile(self.number)


def is_mobile(number: str) -> bool:
    """Return True where an E.164 `number` may receive a text message: +7 9xx, +7 7xx (Kazakhstan), or foreign."""
    return not number.startswith("+7") or number[2:3] in ("9", "7")


def normalise_phone(text: str, *, labelled: bool = True) -> str | None:
    """Return the number in `text` in E.164, or None where it is none.

    Russian habits are read: 8 or 7 for +7, and ten digits alone where the number is `labelled` as a phone or
    is punctuated as one. A foreign number needs its `+` and 8 to 15 digits (ITU-T E.164).
    """
    # Without a sign between its groups, what begins by noughts is a number of something else.
    text = re.sub(r"^(?:\+\s?00|00(?=\d*[ ()-])|810(?=\d*[ ()-]))(?=[ ()-]*[1-9])", "+", visible(text).strip())
    if text.startswith("+"):
        text = text.replace("(0)", " ", 1)  # which is dialled only within the country
    digits = _DIGITS_OF.sub("", text)
    if text.startswith("+"):
        if digits.startswith("7"):
            return _russian(digits[1:])
        return f"+{digits}" if 8 <= len(digits) <= 15 and not digits.startswith("0") else None
    if len(digits) == 11 and digits[0] in "78":
        return _russian(digits[1:])
    if len(digits) == 10 and (labelled or re.search(r"[()\s-]", text)):
        return _russian(digits)
    return None


def _russian(national: str) -> str | None:
    # The Russian numbering plan: codes 3xx-4xx and 8xx of places and services, 9xx mobile; Kazakhstan has 7xx and 6xx.
    # No code begins with 89 or 849: that is the 8 of a long-distance call before a number that lacks a digit.
    is_one = len(national) == 10 and national[0] in "346789" and not national.startswith(("89", "849"))
    return f"+7{national}" if is_one else None


def phones_in(text: str) -> tuple[PhoneFound, ...]:
    """Return the phone numbers of `text` (already `visible`), in order; numbers of documents and orders are not."""
    found: list[PhoneFound] = []
    if sum(map(text.count, "0123456789")) < _FEWEST_DIGITS:
        return ()
    shown = _ODDLY_GROUPED.sub(_in_plain_groups, text) if _ODD_SIGNS.search(text) else text
    shown = _BETWEEN_NUMBERS.sub(_parted, _GROUPED.sub(r"\1 \2 \3 \4 \5", shown))
    for match in _PHONE.finditer(shown):
        raw = match[0]
        begin, end = max(0, match.start() - READ_BEFORE), match.end() + READ_AFTER
        name = called(text[begin : match.start()], text[match.end() : end], raw)
        if name is Called.SOMETHING_ELSE:
            continue
        labelled = name is Called.PHONE
        number = normalise_phone(raw, labelled=labelled)
        if number is not None and (labelled or _looks_like_a_phone(raw)):
            found.append(PhoneFound(number, match.start(), match.end()))
    return tuple(found)


def _parted(mark: re.Match[str]) -> str:
    """Return what parts two numbers, or the space between the groups of one that is not whole yet."""
    before = mark.string[max(0, mark.start() - _LONGEST_WRITTEN) : mark.start()]
    digits = len(_DIGITS_OF.sub("", _NUMBER_AT_END.search(before)[0]))  # type: ignore[index]  # it may be empty
    return ";" if digits >= _FEWEST_DIGITS + 1 else " "


def _in_plain_groups(found: re.Match[str]) -> str:
    """Return a number with spaces between its groups where it has as many digits as a mobile one, at the same places."""
    digits = _DIGITS_OF.sub("", found[0])
    is_one = (len(digits) == 11 and digits[:2] in ("79", "89")) or (len(digits) == 10 and digits[0] == "9")
    return _ODD_SIGNS.sub(" ", found[0]) if is_one and len(_ODD_SIGNS.findall(found[0])) > 1 else found[0]


def _looks_like_a_phone(raw: str) -> bool:
    """Tell a phone from ten digits of something else: a known beginning, or grouping as people write phones."""
    digits = _DIGITS_OF.sub("", raw)
    if raw.startswith("+") or (len(digits) == 11 and digits[0] in "78"):
        return True
    groups = [len(group) for group in re.split(r"\D+", raw) if group]
    return len(digits) == 10 and digits[0] in "3489" and len(groups) >= 3 and groups[0] in (3, 4, 5)


def inn_is_valid(inn: str) -> bool:
    """Return whether the check digits of a 10 or 12 digit INN hold (order of the Federal Tax Service ММВ-7-6/435@)."""
    if not inn.isascii() or not inn.isdigit() or len(set(inn)) == 1:
        return False

    def control(weights: tuple[int, ...]) -> str:
        return str(sum(weight * int(digit) for weight, digit in zip(weights, inn, strict=False)) % 11 % 10)

    match len(inn):
        case 10:
            return inn[9] == control(_INN_10)
        case 12:
            return inn[10] == control(_INN_11) and inn[11] == control(_INN_12)
        case _:
            return False


def inns_in(text: str) -> tuple[tuple[str, int], ...]:
    """Return the labelled INNs of `text` (already `visible`) whose check sum holds, and where each number stands."""
    folded = fold(text)
    if "инн" not in folded and "inn" not in folded:
        return ()
    found = ((re.sub(r"\s", "", match[1]), match.start(1)) for match in _INN.finditer(folded))
    return tuple((inn, at) for inn, at in found if inn_is_valid(inn))


def sites_in(text: str) -> tuple[tuple[str, int], ...]:
    """Return the web sites of `text`, each host in lower case without `www.` and where it stands; mailboxes are not."""
    found: list[tuple[str, int]] = []
    shown = visible(text).lower()
    if _DOT_WITHIN.search(shown) is None:
        return ()
    for match in _SITE.finditer(shown):
        host = match[1].removeprefix("www.")
        if host.rpartition(".")[2] not in _FILE_ENDINGS and "." in host:
            found.append((host, match.start(1)))
    return tuple(found)
