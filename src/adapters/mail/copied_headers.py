"""What mail programs copy of an earlier letter's header, and the lines that say that one begins: forwarded or answered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from typing import NamedTuple

from adapters.mail.attributions import DATE, HAS_DATE, HAS_TIME, TIME, WEEKDAY
from domain.addresses import normalise_address, without_plus

_LONGEST = 500
_MOST_HEADERS = 12
_LONGEST_VALUE = 300

_FORWARD = re.compile(
    r"^[\s>*_-]{0,80}(?:forwarded\s+message|(?:пересылаемое|пересланное|перенаправленное|переадресованное)\s+(?:сообщение|письмо)|fwd:?\s+message"
    r"|(?P<apple>begin\s+forwarded\s+message|начало\s+(?:переадресованного|пересылаемого|пересланного)\s+(?:сообщения|письма)))"
    r"(?:\s+от\s.{1,60})?\s*[:：]?\s*-*\s*\*?$",
    re.IGNORECASE,
)
_FORWARD_END = re.compile(
    r"^[\s>*_]*-{2,}\s*(?:конец|завершение|окончание|end\s+(?:of\s+)?)\s*(?:пересылаемого|пересланного|перенаправленного|forwarded)\s+"
    r"(?:сообщения|письма|message)\s*-{2,}\s*\*?$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^[\s>*_]*-{2,}\s*(?:original\s+(?:message|appointment)|исходное\s+(?:сообщение|письмо)|оригинальное\s+(?:сообщение|письмо)"
    r"|первоначальное\s+(?:сообщение|письмо)|ursprüngliche\s+nachricht|mensaje\s+original|message\s+d'origine"
    r"|messaggio\s+originale|mensagem\s+original|reply\s+message|конец\s+цитаты)\s*-{2,}\s*\*?\s*(?P<inline>.*)$",
    re.IGNORECASE,
)
_LABELS = {
    "sender": r"from|от(?:\s+кого)?|від|ад|кімнен|von|de|da|från|fra|van|od|отправитель",
    "date": r"sent(?:\s+on)?|date|отправлен[оа]?|отправленные|дата(?:\s+(?:отправки|и\s+время))?|надіслано|адпраўлена|жіберілді|gesendet|datum|data|enviado|skickat|envoyé",
    "recipient": r"to|кому|каму|кімге|получател[ьи]|an|a|para|till|à|til|aan|do",
    "subject": r"subject|тема(?:\s+письма)?|тэма|тақырып|betreff|oggetto|asunto|ämne|objet|onderwerp|temat|assunto",
    "more": r"b?cc|reply-to|копия|скрытая(?:\s+копия)?|ответить|risposta|importance|важность|вложени[ея]|attachments?|priority|приоритет",
}
_HEADER = re.compile(
    r"^[\s*_>|]{0,20}(?:"
    + "|".join(f"(?P<{name}>{labels})" for name, labels in _LABELS.items())
    + r")\s*[*_]*\s*:[*_\s]*(?P<value>.*)$",
    re.IGNORECASE,
)
_TIME_ALONE = re.compile(rf"^{WEEKDAY}?{DATE}(?:\s*г\.?)?,?\s+{TIME}$", re.IGNORECASE)
_LABEL_IN_TABLE = re.compile(r"^(?:кому|копия|тема|to|cc|subject)\s*(?::|\t|$)", re.IGNORECASE)
_DATE_OF_PROGRAM = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b(?:понед|вторн|сред|четв|пятн|субб|воскр|пн|вт|ср|чт|пт|сб|вс|mon|tue|wed|thu|fri|sat|sun)",
    re.IGNORECASE,
)
# Some programs and people run the whole copy of a header together on one line.
_WITHIN = re.compile(r"(?<![\w-])(?:" + "|".join(_LABELS.values()) + r")\s?:", re.IGNORECASE)
_MAILBOX = re.compile(r"[^\s<>\"'(),;:\[\]|]{1,64}@[^\s<>\"'(),;:\[\]|]{1,200}")
_MOST_MAILBOXES = 20


class HeaderBlock(NamedTuple):
    """A copy of a letter's header, or what looks like one."""

    end: int
    """The index of the first line below it."""
    labels: frozenset[str]
    sender: str
    by_program: bool
    """What people type as a heading has no address of a sender, no time of sending."""
    recipient: str = ""


def begins_forwarded(text: str) -> bool:
    """Return whether a line says that a forwarded letter begins."""
    match = _FORWARD.match(text)
    return match is not None and (match["apple"] is not None or "--" in text)


def ends_forwarded(text: str) -> bool:
    """Return whether a line says that a forwarded letter ends, as that of Yandex does."""
    return text.endswith("-") and bool(_FORWARD_END.match(text))


def begins_original(text: str) -> bool:
    """Return whether a line says that the original message begins, its header maybe on the same line as Samsung has it."""
    match = _ORIGINAL.match(text)
    return match is not None and (not match["inline"] or bool(_HEADER.match(match["inline"])))


def header_within(text: str) -> HeaderBlock | None:
    """Return the header that a line holds as a whole: three labels or more, a sender's first or below a delimiter."""
    delimiter = _ORIGINAL.match(text)
    line = delimiter["inline"] if delimiter else text
    found = list(_WITHIN.finditer(line[:_LONGEST]))
    if len(found) < 3 or not _HEADER.match(line):
        return None
    return _block(1, [line[one.start() : later] for one, later in zip(found, _starts(found, line), strict=True)])


def _starts(found: list[re.Match[str]], line: str) -> list[int]:
    return [*(one.start() for one in found[1:]), len(line)]


def header_block(texts: Sequence[str], index: int) -> HeaderBlock | None:
    """Return the lines От, Кому, Дата, Тема from that index on, in any order; None where there are not two of them.

    A long value goes on in a second line, and HTML has blank lines between paragraphs.
    """
    if ":" not in texts[index] or not _HEADER.match(texts[index]):
        return _of_lotus(texts, index) if texts[index].endswith(">") else None
    headers = [texts[index]]
    end = index + 1
    while len(headers) < _MOST_HEADERS:
        following = next((at for at in (end, end + 1) if at < len(texts) and _HEADER.match(texts[at])), None)
        if following is None or (following > end and not _may_continue(texts[end])):
            break
        if following > end and headers[-1].endswith(":"):
            headers[-1] += f" {texts[end]}"  # the value of a field that is laid out as a table
        headers.append(texts[following])
        end = following + 1
    return _block(end, headers) if len(headers) > 1 else header_within(texts[index])


def _may_continue(text: str) -> bool:
    return len(text) <= _LONGEST_VALUE and not text.endswith(":")


def _of_lotus(texts: Sequence[str], index: int) -> HeaderBlock | None:
    """Lotus Notes: the sender, below it the time alone, and To, cc and Subject in a table."""
    if "@" not in texts[index] or not _TIME_ALONE.match(next(filter(None, texts[index + 1 : index + 3]), "")):
        return None
    below = enumerate(texts[index + 1 : index + _MOST_HEADERS], index + 1)
    labels = [at for at, text in below if _LABEL_IN_TABLE.match(text)]
    if len(labels) < 2:
        return None
    return HeaderBlock(labels[-1] + 1, frozenset({"sender", "date", "recipient"}), texts[index], by_program=True)


def _block(end: int, headers: list[str]) -> HeaderBlock:
    values: dict[str, str] = {}
    for header in headers:
        match = _HEADER.match(header[:_LONGEST])
        if match is not None and match.lastgroup is not None:
            label = next(name for name in _LABELS if match[name])
            values.setdefault(label, match["value"])
    sent = values.get("date", "")
    dated = bool(HAS_DATE.search(sent))
    timed = dated and bool(HAS_TIME.search(sent))
    addressed = any("@" in value for value in values.values())
    whole = len(values) >= 3
    by_its_date = dated and addressed and bool(_DATE_OF_PROGRAM.search(sent))
    by_program = (whole and ("@" in values.get("sender", "") or timed or by_its_date)) or (timed and "sender" in values)
    return HeaderBlock(end, frozenset(values), values.get("sender", ""), by_program, values.get("recipient", ""))


def is_header(text: str) -> bool:
    """Return whether a line is one of a letter's header as programs copy it."""
    return bool(_HEADER.match(text))


def names_only(text: str, own_addresses: frozenset[str]) -> bool:
    """Return whether a text holds one of those addresses, with a token of ours or not, and no other address."""
    if not own_addresses or "@" not in text:
        return False
    found = [match[0] for match in islice(_MAILBOX.finditer(text[:_LONGEST]), _MOST_MAILBOXES)]
    return bool(found) and all(
        without_plus(normalise_address(one.removeprefix("mailto:").strip("."))) in own_addresses for one in found
    )
