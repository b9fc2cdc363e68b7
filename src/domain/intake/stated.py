"""By what a letter says whose it is: the contacts that it states, comparable, and its text without them.

Clause: Storeolis 2.6 («отправка одинаковых сообщений на несколько адресов»): the same text from another mailbox is
looked for among the letters that state the same INN, contract, site or phone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.client import Contact, ContactKind
from domain.findings import Identification
from domain.intake.identification import contacts_of
from domain.letter import Letter
from domain.russian.words import fold

LONGEST_READ = 6_000
"""Characters, of each text: who writes is said at its beginning or its end."""
_LONGEST_VALUE = 120
_CYRILLIC, _LATIN = "АВЕКМНОРСТУХ", "ABEKMHOPCTYX"
"""Letters that are typed for each other in the number of a contract."""
_LOOK_ALIKE = str.maketrans(_CYRILLIC, _LATIN)
_EITHER = {latin: f"[{latin}{cyrillic}]" for cyrillic, latin in zip(_CYRILLIC, _LATIN, strict=True)}
_NO_SIGN = re.compile(r"[\W_]+")
# «договор № СТ 2026-0123»: letters and groups of digits, with whatever stands between them.
_SPACED_CONTRACT = re.compile(
    r"(?:договор\w{0,3}|дог\.?|контракт\w{0,3}|contract)[ \t]{0,3}(?:№|#|no?\b\.?|номер)?[ \t:]{0,3}"
    r"([A-ZА-Я]{1,5}[ \t/-]{0,2}\d{2,8}(?:[ \t/-]{1,2}\d{1,8}){0,3})(?![\w/-])",
    re.IGNORECASE,
)
_LABELS = (
    r"(?:(?<!\w)(?:инн|договор\w{0,3}|дог|контракт\w{0,3}|сайт\w{0,3}|магазин\w{0,3}|домен\w{0,3}|тел|телефон\w{0,3}|моб|contract|site|shop|phone)"
    r"(?:[ \t]{0,2}(?:№|номер))?[ \t.:]{1,4})?"
)
"""What is written before a contact and says nothing without it."""
_SEPARATORS = r"[\s/.№-]{0,3}"


def stated_in(letter: Letter, *said: Identification) -> tuple[Contact, ...]:
    """Return the contacts that the writer, or the letter sent on, states: one of a kind, the surest first; comparable.

    `said` is what each of the texts says of its writer, the writer's own text first.
    """
    contacts: dict[ContactKind, Contact] = {}
    for one in said:
        for contact in contacts_of(one, None)[0]:
            if len(contact.value) <= _LONGEST_VALUE:
                contacts.setdefault(contact.kind, _comparable(contact))
    spaced = next(filter(None, map(_SPACED_CONTRACT.search, _texts(letter))), None)
    if spaced is not None:
        contacts[ContactKind.CONTRACT] = _comparable(Contact(kind=ContactKind.CONTRACT, value=spaced[1]))
    kinds = (ContactKind.INN, ContactKind.CONTRACT, ContactKind.SITE, ContactKind.PHONE)
    return tuple(contacts[kind] for kind in kinds if kind in contacts)


def _texts(letter: Letter) -> tuple[str, ...]:
    return (letter.visible_text[:LONGEST_READ], letter.signature[:LONGEST_READ], letter.forwarded_text[:LONGEST_READ])


def _comparable(contact: Contact) -> Contact:
    """Return a contact so that «СТ-2026/0123», «CT 2026-0123» and «СТ2026/0123» are one contract."""
    if contact.kind is not ContactKind.CONTRACT:
        return contact
    value = _NO_SIGN.sub("", contact.value.upper().translate(_LOOK_ALIKE))
    return contact.model_copy(update={"value": value})


def differ(one: Iterable[tuple[str, int]], other: Iterable[tuple[str, int]], *, same_mailbox: bool) -> bool:
    """Return whether two letters state different contacts of a kind that a client has one of.

    A client has several phones; in letters from one mailbox another phone is what the letter asks about.
    """
    first, second = dict(one), dict(other)
    kinds = first.keys() & second.keys() - (set() if same_mailbox else {ContactKind.PHONE.value})
    return any(first[kind] != second[kind] for kind in kinds)


def without_stated(text: str, contacts: Iterable[Contact], names: Iterable[str]) -> str:
    """Return a text without the contacts that it states and without the writer's full names: they are not the request."""
    for contact in contacts:
        text = _pattern(contact).sub(" ", text)
    for name in names:
        parts = [re.escape(part).replace("е", "[её]") for part in fold(name).split() if len(part) > 1]
        if len(parts) > 1:
            part = f"(?:{'|'.join(parts)})"
            whole = re.compile(rf"(?<!\w){part}(?:\s+{part}){{1,2}}(?!\w)", re.IGNORECASE)
            text = whole.sub(" ", text)
    return text


def _pattern(contact: Contact) -> re.Pattern[str]:
    value = contact.value
    match contact.kind:
        case ContactKind.CONTRACT:
            written = _SEPARATORS.join(_EITHER.get(sign, re.escape(sign)) for sign in value)
        case ContactKind.SITE:
            written = rf"(?:https?://)?(?:www\.)?{re.escape(_as_written(value))}/?"
        case ContactKind.PHONE:
            written = rf"\+?{re.escape(value.lstrip('+'))}"
        case _:
            written = re.escape(value)
    return re.compile(rf"{_LABELS}(?<!\w){written}(?!\w)", re.IGNORECASE)


def _as_written(host: str) -> str:
    """Return a host in the letters that people write it in."""
    try:
        return host.encode("ascii").decode("idna")
    except UnicodeError:
        return host
