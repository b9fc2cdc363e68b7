"""Secrets that no label is beside: a password one sentence away from its word, a card, a code that proves a payment or a login.

What only looks so stays readable: codes of errors, versions, numbers of contracts, taxpayers, telephones, dates.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

MASK = "••••••"

_NEAR = 240
"""Characters from the word for a password within which a token is one: two or three sentences."""
_PASSWORD = re.compile(r"парол|password|passwd|\bpwd\b|\bpass\b|пассворд", re.IGNORECASE)
_MOST_WORDS = 50
_FORMER = (
    r"стар\w{2,3}|прежн\w{2,3}|предыдущ\w{2,3}|нов\w{2,3}|текущ\w{2,3}|действующ\w{2,3}|последн\w{2,3}|временн\w{2,3}|нынешн\w{2,3}|тепере?шн\w{2,3}|перв\w{2,3}"
    r"|(?:the\s+)?(?:old|new|former|previous|current)(?:\s+one)?"
)
_POINTS = (
    r"вот(?:\s+(?:он|такой|этот|этим|этой))?|он(?:\s+такой)?|такой|этот|это|был[ао]?|стал|стоял|стоит|ввожу|вводила?|набираю|набирала?|пишу|использую|пробую|пробовала?"
    r"|(?:с|по)меняла?\s+на|задала?|указала?|придумала?|записала?|помню|it\s+(?:is|was)|here\s+it\s+is"
)
_THEN = r"(?:\s+(?:он|его|был[ао]?|теперь|сейчас|пока|такой|вот|это|у\s+меня|is|was)){0,2}"
_AWAY = re.compile(
    rf"(?P<label>(?<!\w)(?:(?P<former>{_FORMER})|{_POINTS}){_THEN}\s*(?P<sign>[:=]|[-—–](?=\s))?\s*)"
    r"(?P<quote>[«\"'“(]?)(?P<secret>[^\s«»\"“”]{4,64})",
    re.IGNORECASE,
)
_ON_ITS_LINE = re.compile(
    r"^(?P<label>[ \t]*)(?P<quote>[«\"'“]?)(?P<secret>[!-~]{5,64})(?=[»\"'”]?[.,;]?[ \t]*$)", re.MULTILINE
)
_SAID_LATER = re.compile(
    r"(?P<label>(?<!\w)(?:парол\w{0,3}|password)(?:[ \t]+[^\s:=.!?]{1,24}){1,6}[ \t]*(?:[:=]|[ \t][-—–](?=\s))\s*)"
    r"(?P<quote>[«\"'“(]?)(?P<secret>[^\s«»\"“”]{4,64})",
    re.IGNORECASE,
)
"""«Пароль для входа на портал: …»."""
_CHANGED_TO = re.compile(
    r"(?P<label>(?<!\w)(?:смен|помен|замен|измен|обнов|постав|установ|задал)\w{0,8}\s+(?:\w{1,20}\s+){0,2}парол\w{0,3}\s+(?:\w{1,20}\s+){0,2}?на\s+)"
    r"(?P<quote>[«\"'“(]?)(?P<secret>[^\s«»\"“”]{4,64})",
    re.IGNORECASE,
)
_AND_MORE = re.compile(
    rf"(?P<label>{MASK}[»\"”')]?(?:\s*[,;/]|\s+(?:и|или|либо|потом|затем))\s*(?:(?:и|или|а)\s+)?(?:(?:от|для|к|на)\s+\w{{1,20}}\s+)?)"
    r"(?P<quote>[«\"'“(]?)(?P<secret>[^\s«»\"“”•]{4,64})"
)
"""One more beside a secret that is hidden: «Qwerty12, Qwerty34 и Qwerty56»."""
_MOST_MORE = 8
_ODD = re.compile(
    r"(?P<label>(?<![^\s(«\"“]))(?P<quote>)(?P<secret>(?=[!-~]{0,60}[a-zA-Z])(?=[!-~]{0,60}\d)(?=[a-zA-Z0-9]{1,60}[!@#$%^&*+=?])[!-~]{5,64})"
)
"""A word of letters, digits and a sign within: nothing else looks so."""

_READABLE = re.compile(
    r"[^\s@]+@[^\s@]+\.[^\s@]+|(?:https?://|www\.)\S*|[\w-]+(?:\.[\w-]+)*\.[a-z]{2,6}(?:/\S*)?|v?\d+(?:[.,:/-]\d+)+\w?|\d+-?[а-яё]{1,6}"
    r"|(?:android|iphone|ipad|windows|win|ios|macos|chrome|firefox|safari|opera|edge|galaxy|redmi|honor|huawei|java|office|outlook|excel|word|utf|ipv|http|1c|1с)\W?[\d.]*",
    re.IGNORECASE,
)
"""Addresses, sites, files, versions, dates, ordinals, devices and programs: no password is written so."""
_CODE = re.compile(r"[A-ZА-ЯЁ]{1,6}[-_№#]?\d{1,10}(?:[-/]\w{1,10}){0,3}|[A-Z]{2,4}(?:-[0-9A-Z]{4}){2}")
"""Numbers of errors, contracts and tickets: capitals before digits."""

_CARD = re.compile(r"(?<![\d.,+\-/])(?P<number>[2-6]\d{3}(?:[ \u00a0-]?\d){9,15})(?![\d\-/]|[.,]\d)")
_NO_CARD = re.compile(
    r"(?:огрн\w*|imei|iccid|полис\w*|омс|енп|инн|снилс|сч[её]т\w*|р/с|к/с|трек\w*|track\w*|договор\w*|накладн\w*|заказ\w*|тел\w*|serial|сер(?:ийн\w*)?\s+номер\w*)\W{0,3}(?:№|номер|n)?\W{0,3}$",
    re.IGNORECASE,
)
"""What stands before a number that is no card's: registers, devices, insurance, parcels have as long ones."""

_DIGITS = (
    r"(?P<secret>\d(?:[ -]?\d){3,7})(?![\d]|[ -]\d|[.:/,]\d|\s*(?:г\.|год|раз\b|шт|руб|мин|час|сек|символ|знак|цифр))"
)
_LINK = r"(?:\s+(?:был[ао]?|такой|это|вот|мне|is|was)){0,2}\W{0,4}"
_BY_LABEL = tuple(
    re.compile(f"(?P<label>{label})(?P<quote>){digits}", re.IGNORECASE)
    for label, digits in (
        (rf"(?<!\w)(?:cvv2?|cvc2?|cvn|cid|цвв|цвс|свв){_LINK}(?:код\w?\W{{0,3}})?", r"(?P<secret>\d{3,4})(?!\d)"),
        (r"(?:код\w{0,2}|цифр\w{0,2})\s+(?:на|с)\s+(?:об(?:орот|ратн)\w*)(?:\s+сторон\w{1,2})?(?:\s+карты)?\W{0,4}", r"(?P<secret>\d{3,4})(?!\d)"),
        (rf"(?<!\w)(?:пин|pin)(?:-?код\w{{0,2}})?(?:\s+карт\w{{1,2}}|(?:\s+(?:от|для|к)\s+\w{{1,20}}){{0,2}}){_LINK}", r"(?P<secret>\d{4,8})(?!\d|[.:/,]\d)"),
        (rf"(?<!\w)(?:код|пароль)\w{{0,2}}\s+(?:из|в|по|с)\s+(?:смс\w*|sms|пуш\w*|push|сообщени\w+|письма|письме|звонка|уведомлени\w+|приложени\w+){_LINK}", _DIGITS),
        (rf"(?<!\w)(?:смс|sms|одноразов\w+|проверочн\w+|otp|one-time|verification|confirmation|security)[\s-]*(?:код\w{{0,2}}|code|passcode|пароль)?{_LINK}", _DIGITS),
        (rf"(?<!\w)код\w{{0,2}}\s+(?:подтверждени\w+|авторизации|для\s+входа|входа|активации|безопасности|проверки){_LINK}", _DIGITS),
        (r"(?<!\w)(?:пришел|пришёл|приходит|прислали|получил\w?|ввожу|ввел\w?|ввёл)\s+(?:мне\s+|вам\s+)?код\W{1,4}", _DIGITS),
        (r"(?<!\w)код\w{0,2}\W{1,3}", r"(?P<secret>\d{4,8})(?=\s+(?:из|в|по)\s+(?:смс|sms|сообщени|письм))"),
    )
)  # fmt: skip
_MAY_HAVE_CODE = re.compile(
    r"cv[vcn]|c[iи]d|цв[вс]|свв|код|цифр|пин|pin|смс|sms|otp|one-time|code|одноразов", re.IGNORECASE
)


def mask_cards_and_codes(text: str) -> str:
    """Return `text` with the numbers of payment cards (by their check digit) and codes that prove somebody hidden."""
    hidden = _CARD.sub(lambda found: _card_masked(found, text), text)
    if _MAY_HAVE_CODE.search(hidden) is None:
        return hidden
    for pattern in _BY_LABEL:
        hidden = pattern.sub(lambda found: found["label"] + MASK, hidden)
    return hidden


def mask_passwords_away(text: str) -> str:
    """Return `text` with the passwords hidden that stand a sentence or two from the word for one."""
    if _PASSWORD.search(text) is None:
        return text
    for pattern, is_secret in _PATTERNS:
        text = pattern.sub(partial(_masked, near=_near(text), is_secret=is_secret), text)
    for _ in range(_MOST_MORE):
        more = _AND_MORE.sub(partial(_masked, near=_near(text), is_secret=_is_alone), text)
        if more == text:
            break
        text = more
    return text


def _near(text: str) -> Callable[[int], bool]:
    places = [found.start() for found, _ in zip(_PASSWORD.finditer(text), range(_MOST_WORDS), strict=False)]
    return lambda at: any(abs(at - place) <= _NEAR for place in places)


def _masked(found: re.Match[str], near: Callable[[int], bool], is_secret: Callable[[re.Match[str], str], bool]) -> str:
    secret = found["secret"].rstrip(".,;!?)")
    told = len(secret) >= 4 and MASK not in secret and not _READABLE.fullmatch(secret)
    if not told or not near(found.start("secret")) or not is_secret(found, secret):
        return found[0]
    return f"{found['label']}{found['quote']}{MASK}{found['secret'][len(secret) :]}"


def _is_made_up(secret: str) -> bool:
    """Return whether letters and digits make up a word that is no code."""
    mixed = any(letter.isalpha() for letter in secret) and any(letter.isdigit() for letter in secret)
    return mixed and not _CODE.fullmatch(secret)


def _is_pointed_at(found: re.Match[str], secret: str) -> bool:
    """Return whether what is pointed at is a password: a made-up word, or any Latin one that is said to be the former."""
    if _is_made_up(secret):
        return True
    former = found["former"] and (found["sign"] or re.search(r"был|was|is\b", found["label"], re.IGNORECASE))
    return bool(former) and secret.isascii() and any(letter.isalpha() for letter in secret)


def _is_alone(found: re.Match[str], secret: str) -> bool:
    del found  # the pattern says the rest
    return _is_made_up(secret)


_PATTERNS = (
    (_AWAY, _is_pointed_at),
    (_SAID_LATER, _is_alone),
    (_CHANGED_TO, _is_alone),
    (_ON_ITS_LINE, _is_alone),
    (_ODD, _is_alone),
)


def _card_masked(found: re.Match[str], text: str) -> str:
    digits = re.sub(r"\D", "", found["number"])
    before = text[max(0, found.start() - 40) : found.start()]
    if not 13 <= len(digits) <= 19 or not _luhn(digits) or _NO_CARD.search(before):
        return found[0]
    return MASK


def _luhn(digits: str) -> bool:
    """Return whether the check digit of a card number is right (ISO/IEC 7812-1, annex B)."""
    total = sum(
        sum(divmod(2 * int(digit), 10)) if place % 2 else int(digit) for place, digit in enumerate(reversed(digits))
    )
    return total % 10 == 0
