"""Who wrote a letter, as the team reads it: the real address with its verdict first, the display name as a claim.

A writer may choose any display name. It is shown last on a line of its own, in quotation marks and behind a label of
the desk, so that no reader takes it for an address or for the desk's own words.
"""

from __future__ import annotations

import re

from domain.addresses import normalise_address
from domain.letter import Letter, Trust
from domain.russian.words import fold, visible
from domain.ticket.ticket import Requester

MAX_NAME = 100
"""Characters of a display name that are shown."""
MAX_AUTHORS = 5
"""Addresses that are shown of a letter with several."""
# Other at signs and angle brackets have `@`, `<` and `>` as their compatible form (NFKC), which is what is searched.
_LIKE_AN_ADDRESS = re.compile(r"[@<>]|[(\[ ](?:at|собака)[)\] ] ?\S+\.\S", re.IGNORECASE)
_INNER_QUOTES = str.maketrans("«»", "„“")
_BLANKS = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Letters and symbols that have no ink: a braille cell without dots, fillers of Hangul."""
_SELECTORS = re.compile("[\U000e0100-\U000e01ef]")
"""Marks that choose a glyph and cannot be seen."""
_VERDICTS = {
    Trust.VERIFIED: "адрес подтверждён",
    Trust.CLAIMED: "адрес не подтверждён",
    Trust.FORGED: "адрес подделан",
}

_SIGNED = "Письмо подписано электронной подписью (S/MIME); подпись не проверялась."
_ENCRYPTED = "Письмо зашифровано: прочитать его служба не может."


def who_wrote(letter: Letter, *, stranger_to: Requester | None = None) -> tuple[str, ...]:
    """Return the lines that tell the team who wrote a letter, and what its signature or encryption says of that.

    `stranger_to` is the requester whose address this is not: the verdict is about the writer's own, and a name like
    the requester's proves nothing.
    """
    sealed = (*((_SIGNED,) if letter.signed else ()), *((_ENCRYPTED,) if letter.encrypted else ()))
    return (*_authors(letter, stranger_to), *sealed)


def _authors(letter: Letter, stranger_to: Requester | None) -> tuple[str, ...]:
    if letter.sender is not None:
        lines = _mailbox(letter.sender.address, letter.sender.name, letter.trust)
        if stranger_to is not None:
            lines = _as_a_strangers(lines, letter.sender.name, stranger_to)
        return (*lines, *_of_a_form(letter), *_reply_to(letter))
    if letter.by_form:
        return (*_of_a_form(letter), *_reply_to(letter))
    if len(letter.from_addresses) < 2:
        return ("Отправитель не указан",)
    shown = ", ".join(shown_address(author.address) for author in letter.from_addresses[:MAX_AUTHORS])
    more = len(letter.from_addresses) - MAX_AUTHORS
    return (f"Отправителей несколько, адреса не подтверждены: {shown}" + (f" и ещё {more}" if more > 0 else ""),)


def _of_a_form(letter: Letter) -> tuple[str, ...]:
    """Return the line of a contact form: who sent the letter is not who wrote it."""
    if not letter.by_form:
        return ()
    said = "адрес отправителя в ней указал посетитель" if letter.sender else "от кого оно, не подтверждено"
    return (f"Письмо прислала форма сайта с адреса {shown_address(letter.by_form)}; {said}",)


def _reply_to(letter: Letter) -> tuple[str, ...]:
    """Return the line of the address that a letter asks to answer to, where that is another than it comes from."""
    own = letter.sender.address if letter.sender else ""
    named = [shown_address(to.address) for to in letter.reply_to if to.address != own][:MAX_AUTHORS]
    return (f"Адрес для ответа, указанный в письме: {', '.join(named)} — не подтверждён",) if named else ()


def who_asked(requester: Requester) -> tuple[str, ...]:
    """Return the lines that tell the team who opened a ticket."""
    if not requester.address:
        return ("Отправитель не указан",)
    return _mailbox(requester.address, requester.name, requester.trust)


def not_the_requester(letter: Letter, requester: Requester, *, same_client: bool, specialist: bool) -> str:
    """Return the line that says that a letter is not from the requester's address, or an empty text where it is.

    `same_client`: the registry has both addresses for one client. `specialist`: the letter speaks for the desk.
    """
    if letter.sender is not None and letter.sender.address == requester.address:
        return ""
    if requester.address:
        opened = f"обращение открыто с адреса {shown_address(requester.address)}"
    elif requester.is_alarm:
        opened = "обращение открыто сигнализацией"
    else:
        opened = "в письме, которым открыто обращение, адреса отправителя нет"
    if specialist:
        return f"Пишет специалист службы; {opened}."
    if same_client:
        return f"Это другой адрес того же клиента по реестру; {opened}."
    if not requester.is_alarm and (letter.sender is None or not requester.address):
        return f"Заявитель ли пишет, неизвестно: {opened}."
    return f"Пишет не заявитель: {opened}."


def shown_name(name: str, address: str) -> str:
    """Return a display name as it is shown; its own «ёлочки» become inner quotation marks.

    Empty where it only repeats the address.
    """
    shown = shown_claim(name.translate(_INNER_QUOTES))
    return "" if normalise_address(shown.strip("'\"„“ ")) == address else shown


def shown_claim(text: str) -> str:
    """Return what a writer says of himself on one line, bounded, in its compatible form and without what has no ink."""
    printable = visible(_SELECTORS.sub("", text))
    if not printable.isprintable() or not _BLANKS.isdisjoint(printable):
        printable = "".join(
            " " if sign.isspace() or sign in _BLANKS else sign * sign.isprintable() for sign in printable
        )
    shown = " ".join(printable.split())
    return shown if len(shown) <= MAX_NAME else f"{shown[: MAX_NAME - 1]}…"


def is_like_an_address(name: str) -> bool:
    """Return whether a display name, as `shown_name` gives it, may be taken for an address."""
    return _LIKE_AN_ADDRESS.search(name) is not None


_NOT_PLAIN = frozenset(' "')


def shown_address(address: str) -> str:
    """Return an address on one line; what in it could pass for its end, for a space or for nothing is escaped.

    A quoted local part (RFC 5321 section 4.1.2) and one outside ASCII (RFC 6531) may hold spaces, other at signs,
    blank letters and marks. Letters and digits of any script stay as they are.
    """
    if address.isascii() and address.isprintable() and address.count("@") == 1 and _NOT_PLAIN.isdisjoint(address):
        return address
    at = address.rfind("@")
    return "".join(
        sign
        if place == at or _is_plain(sign)
        else f"\\u{ord(sign):04x}"
        if ord(sign) < 0x10000
        else f"\\U{ord(sign):08x}"
        for place, sign in enumerate(address)
    )


def _is_plain(sign: str) -> bool:
    if sign.isascii():
        return sign.isprintable() and sign not in ' "@'
    return sign.isalnum() and sign not in _BLANKS and visible(sign) == sign


def _as_a_strangers(lines: tuple[str, ...], name: str, requester: Requester) -> tuple[str, ...]:
    first, *others = lines
    same = bool(name.strip()) and fold(name).split() == fold(requester.name).split()
    return (
        f"{first}, {'и' if ' не ' in first else 'но'} это не адрес заявителя" if requester.address else first,
        *(f"{line} — как у заявителя, но это только имя" if same else line for line in others),
    )


def _mailbox(address: str, name: str, trust: Trust) -> tuple[str, ...]:
    line = f"Отправитель: {shown_address(address)} — {_VERDICTS[trust]}"
    shown = shown_name(name, address)
    if not shown:
        return (line,)
    label = "Имя в письме похоже на адрес, но это только имя" if is_like_an_address(shown) else "Имя в письме"
    return (line, f"{label}: «{shown}»")
