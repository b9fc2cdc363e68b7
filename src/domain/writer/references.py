"""By what a client is known: the number of its contract and its site (Storeolis 2.1)."""

from __future__ import annotations

import re

from domain.letter import Letter
from domain.russian.words import fold
from domain.writer.contacts import inn_is_valid, inns_in, sites_in
from domain.writer.details import Detail, IdentificationRule, Source, stands_after

# A number: it has a digit, and is no date and no amount of money.
_NUMBER = r"(?=[\w/.-]*\d)[^\W_][\w/.-]*[^\W_]|\d"
_DATE = re.compile(r"\d{1,2}[./]\d{1,2}[./](?:19|20)?\d{2}(?:г|г\.)?|(?:19|20)\d\d")
_CONTRACT = re.compile(
    r"(?<![а-яё])(?:(?:гос)?контракт[а-яё]*|договор[а-яё]*|дог\.?|соглашени[а-яё]+|contract|agreement)"
    r"(?P<between>[^\n№#;!?]{0,60}?)"
    rf"(?:(?:№|#|\bno?\b\.?|номер[а-яё]*)[\s:.-]*(?P<marked>{_NUMBER})|[\s:.(-]+(?P<plain>{_NUMBER}))",
)
_SHORTEST_UNMARKED = 3
"""Digits of a contract number without a numero sign."""
_CONTRACT_WORDS = ("контракт", "дог", "соглашени", "contract", "agreement")
"""One of which `_CONTRACT` begins with."""
_CORRECTED_INN = re.compile(
    r"инн[^\d\n]{0,60}\d{10,12}[^\d\n]{0,30}(?:должен быть|правильн[а-яё]+|верн[а-яё]+)(?: инн)?[\s:-]{1,3}(\d{12}|\d{10})(?!\d)"
)
_ANNOUNCED = re.compile(
    r"(?:сайт\w*|магазин\w*|домен\w*|адрес\w* сайта|site|shop|website)[\s:«\"(-]*(?:https?://)?(?:www\.)?$"
)


def inn_of(source: Source, rule: IdentificationRule) -> str | None:
    """Return the writer's INN: not a partner's, and of two the one that is said to be right."""
    text = f"{source.subject}\n{source.text}"
    own = [inn for inn, at in inns_in(text) if not stands_after(text, at, (*rule.others, *rule.other_organisations))]
    folded = fold(text)
    corrected = _CORRECTED_INN.findall(folded) if "инн" in folded else ()
    return next((inn for inn in (*corrected, *own) if inn_is_valid(inn)), None)


def contract_of(source: Source, rule: IdentificationRule) -> str | None:
    """Return the writer's contract number in capitals: of the desk's own shape, or announced as a contract.

    Numbers of orders, invoices and requests are none; nor is a contract with somebody else. A desk whose edition
    has no word for a contract has none.
    """
    if Detail.CONTRACT not in rule.written_as and rule.contract_number is None:
        return None
    text = f"{source.subject}\n{source.text}"
    if rule.contract_number is not None and (match := re.search(rule.contract_number, text, re.IGNORECASE)):
        return _normal(match[0])
    folded = fold(text)
    for match in _CONTRACT.finditer(folded) if any(word in folded for word in _CONTRACT_WORDS) else ():
        if _is_own(match):
            return _normal(match["marked"] or match["plain"])
    labelled = source.labelled.get(Detail.CONTRACT)
    if labelled is not None and (number := re.match(rf"\W*({_NUMBER})", labelled.text)) and _is_number(number[1]):
        return _normal(number[1])
    return None


def _is_own(match: re.Match[str]) -> bool:
    between = re.sub(r"с (?:вами|ваш[а-яё]+(?: [а-яё]+)?)", "", match["between"])
    if not _is_number(match["marked"] or match["plain"]) or re.search(r"\d", between):
        return False
    if match["plain"] and re.search(r"[а-яёa-z]", between):
        return False  # «договор заключили 5 лет назад»
    if match["plain"] and match["plain"].isdigit() and len(match["plain"]) < _SHORTEST_UNMARKED:
        return False  # «срок договора 12 месяцев»
    # A contract with another party, or another paper named in between: «по договору оплатили счет № 5».
    return not re.search(
        r"(?:^|\s)(?:с|со|между)\s(?!вами\b)|счет|заказ|накладн|заявк|акт\b|обращени|поручени|платеж|паспорт|аренд|поставк|купл|займ|кредит|страхов|перевоз",
        between,
    )


def _is_number(text: str) -> bool:
    return not _DATE.fullmatch(text) and any(sign.isdigit() for sign in text)


def _normal(number: str) -> str:
    return re.sub(r"\s+", "", number).upper().rstrip(".-/")


def site_of(letter: Letter, source: Source, rule: IdentificationRule) -> str | None:
    """Return the writer's site: announced as one, or under the desk's hosting, or on the sender's own domain."""
    own = letter.sender.domain if letter.sender else ""
    text = f"{source.text}\n{source.subject}"
    found = []
    for host, at in sites_in(text):
        if any(host == foreign or host.endswith(f".{foreign}") for foreign in rule.foreign_sites):
            continue
        if rule.client_host is not None and host == rule.client_host:
            continue
        if stands_after(text, at, rule.other_organisations):
            continue
        hosted = rule.client_host is not None and host.endswith(f".{rule.client_host}")
        announced = bool(_ANNOUNCED.search(fold(text[:at])[-40:]))
        same = ascii_host(host) == own
        if re.search(r"(?:стар|прежн|друг|чуж)[а-яё]+ (?:сайт|магазин|домен)[а-яё]*\W*$", fold(text[:at])[-40:]):
            continue
        found.append((0 if hosted else 1 if announced or same else 2, at, host))
    return min(found)[2] if found and (min(found)[0] < 2 or len(found) == 1) else None


def ascii_host(host: str) -> str:
    """Return a host as registries keep it, in ASCII; one that cannot be put so stays."""
    try:
        return host.encode("idna").decode("ascii")
    except UnicodeError:
        return host
