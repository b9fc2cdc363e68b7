"""The new text of a letter told from quoted history and forwarded letters, by the language mail programs speak.

The attribution lines, delimiters and header blocks are those of Gmail, Outlook, Yandex, Mail.ru, Apple Mail,
Thunderbird and The Bat! in Russian and English, and the commonest of their other languages.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapters.mail.markup import Line, Mark, plain_line
from adapters.mail.signatures import split_signature

_MAX_LINE = 1_000
_MAX_ATTRIBUTION_LINES = 4
_MAX_WRAPPED_REST = 40

_DATE = (
    r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{4}年"
    r"|\d{1,2}\.?\s+(?:de\s+)?[^\W\d_]{3,12}\.?,?\s+(?:de\s+)?\d{4}|[^\W\d_]{3,12}\.?\s+\d{1,2},?\s+\d{4}"
    r"|\d{1,2}\.?\s+[^\W\d_]{3,10}\.?\s+\d{1,2}[:.]\d{2})"
)
_VERB = (
    r"(?:wrote|writes|said|пишет|писали?|писала|писал\(а\)|написал|написала|написали|написал\(а\)|сообщает|сообщил"
    r"|пише|написав|a\s+écrit|schrieb|escribió|escreveu|napisał|napisał\(a\)|ha\s+scritto|schreef"
    r"|het\s+volgende\s+geschreven|skrev|写道|hat\s+geschrieben)"
)
_HAS_DATE = re.compile(_DATE)
_HAS_VERB = re.compile(rf"(?:^|[\s\"»”>*)，]){_VERB}\b|{_VERB}\s*[:：]", re.IGNORECASE)
_STARTS_WITH_DATE = re.compile(rf"(?:[^\W\d_]{{2,12}}\.?,?\s+)?{_DATE}", re.IGNORECASE)
_ENDS_WITH_ADDRESS = re.compile(r"<\s*(?:mailto:)?[^<>@\s]+@[^<>\s]+\s*>\s*[:：]$")
_ENDS_LIKE_ATTRIBUTION = re.compile(rf"(?:[:：]|{_VERB}|-{{2,}})\s*\*?$", re.IGNORECASE)
# A cheap look before the patterns: how any of them ends, a bracket and a bold asterisk apart.
_ENDINGS = (
    ":",
    "：",
    ":*",
    "--",
    "wrote",
    "пишет",
    "написал",
    "написала",
    "написал(а)",
    "skrev",
    "schrieb",
    "escribió",
)
# The last characters of any line that the patterns below could match, in either case: a look at one is cheap.
_LAST = frozenset("eеoоaаяtтлvbó" + "EЕOОAАЯTТЛVBÓ" + ":：*-)")
_OPENING = re.compile(r"^(?:on|at|le|am|el|em|op|il|den|dnia|в|från)\s", re.IGNORECASE)
_ANONYMOUS = re.compile(r"^(?:вы\s+писали|you\s+wrote|вы\s+написали)\b.{0,80}[:：]$", re.IGNORECASE)
_NAMED = re.compile(
    rf"^.{{1,120}}<\s*\S+@\S+\s*>\s+{_VERB}\s*[:：]$|^[^\s:].{{0,60}}<[^<>\s]+@[^<>\s]+>\s*{_VERB}[:：]$", re.IGNORECASE
)
_OLD_GMAIL = re.compile(r"^\d{4}-\d{2}-\d{2}\s+\d{1,2}:\d{2}\s+GMT[+-]\d{1,2}:\d{2}\s+\S.{0,100}$")

_FORWARD = re.compile(
    r"^[\s>*_-]*(?:-{2,}\s*)?(?:forwarded\s+message|пересылаемое\s+(?:сообщение|письмо)|пересланное\s+(?:сообщение|письмо)"
    r"|перенаправленное\s+(?:сообщение|письмо)|begin\s+forwarded\s+message|начало\s+переадресованного\s+(?:сообщения|письма)"
    r"|начало\s+пересылаемого\s+сообщения|переадресованное\s+(?:сообщение|письмо)|fwd:?\s+message)\s*[:：]?\s*-*\s*\*?\s*$",
    re.IGNORECASE,
)
_ORIGINAL = re.compile(
    r"^[\s>*_]*-{2,}\s*(?:original\s+(?:message|appointment)|исходное\s+(?:сообщение|письмо)|оригинальное\s+(?:сообщение|письмо)"
    r"|первоначальное\s+(?:сообщение|письмо)|ursprüngliche\s+nachricht|mensaje\s+original|message\s+d'origine"
    r"|messaggio\s+originale|mensagem\s+original|reply\s+message|конец\s+цитаты)\s*-{2,}\s*\*?\s*$",
    re.IGNORECASE,
)
_HEADER_FROM = re.compile(
    r"^[\s*_>]*(?:from|от|від|von|de|da|från|fra|van|od|отправитель)\s*\*?\s*:\s*\*?\s*\S", re.IGNORECASE
)
_HEADER_MORE = re.compile(
    r"^[\s*_>]*(?:sent|date|to|cc|subject|reply-to|отправлен[оа]|отправленные|дата|кому|копия|тема|надіслано|gesendet|an|betreff|datum"
    r"|data|a|oggetto|risposta|enviado|para|asunto|skickat|till|ämne|envoyé|à|objet)\s*\*?\s*:",
    re.IGNORECASE,
)
_HEADER_LINE = re.compile(r"^[\s*_>]*[^\W\d_][\w-]{0,20}\s*\*?:\s", re.IGNORECASE)
_SEPARATOR = re.compile(r"^\s*(?:[-_=*#~+]{2,}|ᐧ|[—–]{1,})\s*$")


@dataclass(frozen=True, slots=True)
class Separated:
    """A body taken apart; each text trimmed."""

    visible: str
    set_apart: str = ""
    signature: str = ""
    forwarded: str = ""


def text_lines(text: str) -> list[Line]:
    """The lines of plain text, those that start with `>` marked as quoted (RFC 3676 section 4.5)."""
    return [_quoted(raw.rstrip()) if ">" in raw[:2] else plain_line(raw.rstrip()) for raw in text.split("\n")]


def _quoted(line: str) -> Line:
    bare = line.lstrip(" ")
    if bare.startswith(">") and len(line) - len(bare) <= 1:
        return Line(bare[1:].removeprefix(" "), Mark.QUOTE)
    return Line(line)


def separate(lines: list[Line], *, answers: bool = False, forwards: bool = False) -> Separated:
    """What was written now, apart from what was not.

    `answers`: the letter says that it answers another one; then lines quoted without an attribution are
    quotation, else they are taken as the author's own. `forwards`: the subject says that it is forwarded, so
    that a block of headers introduces the forwarded letter rather than history.
    """
    return _Separation(lines, answers=answers, forwards=forwards).run()


class _Separation:
    """One pass over the lines, each going to the heap where it belongs."""

    def __init__(self, lines: list[Line], *, answers: bool, forwards: bool) -> None:
        self.lines = lines
        self.written = [line.text for line in lines]
        self.texts = [text[:_MAX_LINE].strip() for text in self.written]
        none = Mark.NONE
        self.marked = {index for index, line in enumerate(lines) if line.mark is not none}
        self.answers = answers
        self.forwards = forwards
        self.visible: list[str] = []
        self.set_apart: list[str] = []
        self.signature: list[str] = []
        self.forwarded: list[str] = []
        self.attributed = False
        self.telling = self._find_telling()

    def _find_telling(self) -> set[int]:
        """Where to look closely; any other line is the author's own unless it stands below one of these."""
        texts, last = self.texts, _LAST
        telling = set(self.marked)
        for index in [at for at, text in enumerate(texts) if not text or text[-1] in last or ":" in text]:
            if not texts[index]:
                telling.add(index)
            elif index not in self.marked:
                # An attribution may begin some lines before the one that ends like it.
                telling.update(range(max(0, index - _MAX_ATTRIBUTION_LINES + 1), index + 1))
        return telling

    def run(self) -> Separated:
        index = 0
        for telling in sorted(self.telling):
            if telling < index:
                continue
            self.visible.extend(self.written[index:telling])
            index = self._step(telling)
        self.visible.extend(self.written[index:])
        visible, tail = split_signature(_trim(self.visible))
        signature = [*tail, *self.signature]
        set_apart = _joined(self.set_apart)
        shown = _joined(_trim(visible))
        if not shown and set_apart and not (self.attributed or self.answers or signature):
            # A letter that quotes and says nothing else says what it quotes.
            return Separated(set_apart, forwarded=_joined(self.forwarded))
        return Separated(shown, set_apart, _joined(signature), _joined(_after_headers(self.forwarded)))

    def _step(self, index: int) -> int:
        mark = self.lines[index].mark
        if mark is Mark.HISTORY:
            return self._rest(index)
        if mark is Mark.SIGNATURE:
            self.signature.append(self.lines[index].text)
            return index + 1
        if mark is Mark.QUOTE:
            return self._quote(index)
        text = self.texts[index]
        if not text:
            self.visible.append("")
            return index + 1
        if text[-1] in _LAST and _FORWARD.match(text):
            self.forwarded.extend(line.text for line in self.lines[index + 1 :])
            return len(self.lines)
        if (text[-1] in "-*" and _ORIGINAL.match(text)) or self._is_header_block(index):
            return self._rest(index)
        length = self._attribution(index)
        if length:
            return self._attributed(index, length)
        self.visible.append(self.lines[index].text)
        return index + 1

    def _rest(self, index: int) -> int:
        """Everything from here on is an earlier letter."""
        self.attributed = True
        heap = self.forwarded if self.forwards and not self.forwarded else self.set_apart
        heap.extend(line.text for line in self.lines[index:])
        return len(self.lines)

    def _quote(self, index: int) -> int:
        end = index
        while end < len(self.lines) and (self.lines[end].mark is Mark.QUOTE or self._blank_within(end)):
            end += 1
        block = self.lines[index:end]
        words = [text for text in self.texts[index:end] if text]
        opening = words[0] if words else ""
        if _FORWARD.match(opening):
            self.attributed = True
            start = next(position for position in range(index, end) if self.texts[position])
            self.forwarded.extend(line.text for line in self.lines[start + 1 : end])
            return end
        if self._opens_with_attribution(words):
            self.attributed = True
        if self.attributed or self.answers or any(line.by_program for line in block):
            self.set_apart.extend(line.text for line in block)
        elif words:
            self.visible.extend(f"> {line.text}".rstrip() if line.mark is Mark.QUOTE else line.text for line in block)
        return end

    def _blank_within(self, index: int) -> bool:
        """A blank line between two quoted ones belongs to the quotation."""
        if self.texts[index] or self.lines[index].mark is not Mark.NONE:
            return False
        following = index + 1
        return following < len(self.lines) and self.lines[following].mark is Mark.QUOTE

    def _opens_with_attribution(self, words: list[str]) -> bool:
        """iPhone and Mail.ru put the `>` before the attribution too."""
        opening = [word.lstrip("> ") for word in words[:_MAX_ATTRIBUTION_LINES]]
        return any(is_attribution(" ".join(opening[:length])) for length in range(1, len(opening) + 1))

    def _attribution(self, index: int) -> int:
        """How many lines from here make an attribution; 0 where they make none."""
        first = self.texts[index]
        for text in self.texts[index : index + _MAX_ATTRIBUTION_LINES]:
            if text.endswith(_ENDINGS):
                break
        else:
            if " GMT" not in first:
                return 0
        if not ("@" in first or _OPENING.match(first) or _HAS_DATE.search(first) or _HAS_VERB.search(first)):
            return 0
        joined = ""
        for length in range(1, _MAX_ATTRIBUTION_LINES + 1):
            continued = self._continuation(index + length - 1, joined)
            if continued is None:
                return 0
            joined = f"{joined} {continued}".strip()
            if is_attribution(joined):
                return length if length == 1 or self._begins_attribution(index, length) else 0
        return 0

    def _continuation(self, position: int, before: str) -> str | None:
        """The text of that line as part of an attribution, or None where it cannot be one."""
        if position >= len(self.lines) or not self.texts[position]:
            return None
        if self.lines[position].mark is Mark.NONE:
            return self.texts[position]
        # Gmail wraps before the bracket that closes an address, and then it looks like a quote.
        if before.count("<") > before.count(">") and len(self.texts[position]) <= _MAX_WRAPPED_REST:
            return f">{self.texts[position]}"
        return None

    def _begins_attribution(self, index: int, length: int) -> bool:
        """False where a sentence of the author's stands before the attribution proper."""
        for later in range(1, length):
            if is_attribution(" ".join(self.texts[index + later : index + length])):
                return False
        first = self.texts[index]
        return bool(_OPENING.match(first) or _STARTS_WITH_DATE.match(first) or "<" in first or _HAS_VERB.search(first))

    def _attributed(self, index: int, length: int) -> int:
        attribution = [line.text for line in self.lines[index : index + length]]
        following = index + length
        while following < len(self.lines) and not self.texts[following]:
            following += 1
        self.attributed = True
        quotes = following < len(self.lines) and self.lines[following].mark is Mark.QUOTE
        if not quotes and any(text.strip() for text in self.visible):
            return self._rest(index)
        # Quoted lines follow, or the letter begins so: what stands below is the answer.
        self.set_apart.extend(attribution)
        return index + length

    def _is_header_block(self, index: int) -> bool:
        """Outlook's way: the earlier letter under a copy of its From, Sent, To and Subject."""
        if ":" not in self.texts[index] or not _HEADER_FROM.match(self.texts[index]):
            return False
        nearby = self.texts[index + 1 : index + 10]
        return sum(1 for text in nearby if _HEADER_MORE.match(text)) >= 2


def is_attribution(text: str) -> bool:
    """True for a line such as "On Monday … wrote:" or "пт, 20 нояб. 2026 г. в 13:43, … <…>:"."""
    text = text.strip("*_ \t")
    if len(text) > _MAX_LINE // 2 or not text:
        return False
    if _OLD_GMAIL.match(text):
        return True
    if not _ENDS_LIKE_ATTRIBUTION.search(text):
        return False
    if _ANONYMOUS.match(text) or _NAMED.match(text):
        return True
    has_date = _HAS_DATE.search(text)
    if not has_date:
        return False
    if _HAS_VERB.search(text):
        return True
    return bool(_STARTS_WITH_DATE.match(text) and _ENDS_WITH_ADDRESS.search(text))


def _trim(lines: list[str]) -> list[str]:
    """The lines without blank ones around, and without the separators that stood before the history."""
    start, end = 0, len(lines)
    while start < end and not lines[start].strip():
        start += 1
    while end > start and (not lines[end - 1].strip() or _SEPARATOR.match(lines[end - 1])):
        end -= 1
    return lines[start:end]


def _after_headers(lines: list[str]) -> list[str]:
    """A forwarded letter without the copy of its headers."""
    start = 0
    while start < len(lines) and (not lines[start].strip() or _ORIGINAL.match(lines[start])):
        start += 1
    while start < len(lines) and _HEADER_LINE.match(lines[start]):
        start += 1
    return lines[start:]


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()
