"""What was written now in a letter, apart from earlier correspondence, forwarded letters and the signature.

Each line is in exactly one part: the parts are noted line by line, and the texts are made of them at the end. What is
not recognised stays new text, so that it is read and shown; what programs write is in `adapters.mail.attributions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import StrEnum

from adapters.mail.attributions import (
    LAST_CHARACTERS,
    Certainty,
    attribution,
    find_attribution,
    is_of_groupwise,
    lines_above,
    may_end_attribution,
)
from adapters.mail.copied_headers import (
    HeaderBlock,
    begins_forwarded,
    begins_original,
    ends_forwarded,
    header_block,
    header_within,
    is_header,
    names_only,
)
from adapters.mail.markup import Line, Mark, plain_line
from adapters.mail.quoting import INDENT, is_table, mark_below_attribution, mark_of_program
from adapters.mail.signatures import signature_lines

MAX_TOLD_APART = 20_000
"""Lines that are looked at, each many times: no person writes more, and what is below them is set apart."""
_MAX_LINE = 1_000
_OPENING_LINES = 6
_LONGEST_SIGNATURE = 200
_MAX_LEADING_BLANKS = 4
_SEPARATOR = re.compile(r"^\s*(?:[-_=*#~+]{2,}|ᐧ|[—–]{1,})\s*$")
_GREETING = re.compile(
    r"^\W*(?:здравствуй|добр(?:ый|ое|ого|ой)\s+(?:день|утр|вечер|дня|времени|ночи)|приветств|привет\b|уважаем|hello\b|hi\b|dear\b|good\s+(?:day|morning"
    r"|afternoon|evening))[^.?]{0,60}[.!]?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Separated:
    """A body taken apart; each text trimmed."""

    visible: str
    set_apart: str = ""
    signature: str = ""
    forwarded: str = ""


class _Part(StrEnum):
    VISIBLE = "visible"
    SET_APART = "set_apart"
    SIGNATURE = "signature"
    FORWARDED = "forwarded"


def text_lines(text: str) -> list[Line]:
    """The lines of plain text, those that start with `>` marked as quoted (RFC 3676 section 4.5)."""
    return [_quoted(raw.rstrip()) if ">" in raw[:2] else plain_line(raw.rstrip()) for raw in text.split("\n")]


def _quoted(line: str) -> Line:
    bare = line.lstrip(" ")
    if bare.startswith(">") and len(line) - len(bare) <= 1:
        return Line(bare[1:].removeprefix(" "), Mark.QUOTE)
    return Line(line)


def separate(
    lines: list[Line],
    *,
    answers: bool = True,
    forwards: bool = False,
    own_addresses: frozenset[str] = frozenset(),
) -> Separated:
    """Return the lines by what they are.

    `answers`: the letter says that it answers another one; then the forms of mail programs are believed. Where it answers
    none, they need quoted lines below them, or one of `own_addresses`, the desks' own in their comparable form: anything
    else is the author's text. `forwards`: the subject says that it is forwarded, so that what is quoted is what is sent on.
    """
    told, rest = lines[:MAX_TOLD_APART], lines[MAX_TOLD_APART:]
    parts = _Separation(told, answers=answers, forwards=forwards, own_addresses=own_addresses).run()
    if not rest:
        return parts
    return replace(parts, set_apart=f"{parts.set_apart}\n{_joined([line.text for line in rest])}".strip("\n"))


class _Separation:
    """One pass over the lines, in which each line's part is noted."""

    def __init__(self, lines: list[Line], *, answers: bool, forwards: bool, own_addresses: frozenset[str]) -> None:
        self.lines = lines
        self.texts = [line.text[:_MAX_LINE].strip() for line in lines]
        self.parts = [_Part.VISIBLE] * len(lines)
        self.answers = answers
        self.forwards = forwards
        self.own_addresses = own_addresses
        self.marked: set[int] = set()
        self.openings: set[int] = set()
        """Lines where an attribution may begin, since one may end a few lines below."""
        self.first = self.looked_at = self._next_text(0)
        self.uneven_until = 0
        self.said = False
        self.mark: re.Pattern[str] | None = None
        """How the lines below the last attribution are marked: answers may stand between them."""
        self.attributed = False
        """Earlier correspondence was introduced, so that quoted lines further below belong to it."""

    def run(self) -> Separated:
        index = 0
        for telling in self._telling():
            if telling >= index:
                index = self._step(telling)
        visible = [index for index, part in enumerate(self.parts) if part is _Part.VISIBLE]
        self._part_from_separators(visible)
        self._sign(visible)
        self._part_from_separators(visible)
        return Separated(
            _joined(
                [self._as_typed(index) for index in visible]
                if any(self.parts[index] is _Part.VISIBLE for index in self.marked)
                else [self.lines[index].text for index in visible]
            ),
            *(self._text(part) for part in (_Part.SET_APART, _Part.SIGNATURE, _Part.FORWARDED)),
        )

    def _telling(self) -> list[int]:
        """Where to look closely; any other line is the author's own unless it stands below one of these."""
        none, last, texts = Mark.NONE, LAST_CHARACTERS, self.texts
        self.marked = {index for index, line in enumerate(self.lines) if line.mark is not none}
        telling = set(self.marked)
        for index in [at for at, text in enumerate(texts) if text and (text[-1] in last or ":" in text)]:
            telling.add(index)
            if may_end_attribution(texts[index]):
                self.openings.update(lines_above(texts, index))
        if self.answers:
            telling.update(at for at, text in enumerate(texts) if "|" in text[:1] or ">" in text[1:5])
        return sorted(telling | self.openings)

    def _step(self, index: int) -> int:
        """Notes the part of that line and maybe of some below it; the index of the line to go on with."""
        mark = self.lines[index].mark
        if mark is Mark.HISTORY:
            return self._marked_history(index)
        if mark is Mark.SIGNATURE:
            return self._note(_Part.SIGNATURE, index, index + 1)
        if mark is Mark.QUOTE:
            return self._quote(index, self._end_of_quote(index))
        return self._unmarked(index) if self.texts[index] else index + 1

    def _unmarked(self, index: int) -> int:
        text = self.texts[index]
        if text[-1] in LAST_CHARACTERS and begins_forwarded(text):
            return self._forwarded(index, len(self.lines))
        if text[0] in "-*_>" and begins_original(text):
            return self._original(index)
        block = header_block(self.texts, index)
        if block is not None:
            return self._history(index) if self._is_believed(block, index) else block.end
        if index in self.openings:
            length, certainty = find_attribution(self.lines, self.texts, index)
            if length:
                return self._attributed(index, length, certainty)
        return self._marked_without_attribution(index) if self.answers else index + 1

    def _note(self, part: _Part, start: int, end: int) -> int:
        self.parts[start:end] = [part] * (end - start)
        return end

    def _history(self, index: int) -> int:
        """Everything from here on is an earlier letter."""
        self.attributed = True
        if self.forwards:
            return self._forwarded(index, len(self.lines))
        return self._note(_Part.SET_APART, index, len(self.lines))

    def _marked_history(self, index: int) -> int:
        """The program's markup says that an earlier letter begins: one of ours, or somebody else's that is sent on."""
        block = header_block(self.texts, index) if self.texts[index] else None
        if self.answers or self.forwards or self._is_own(block):
            return self._history(index)
        return self._forwarded(index, len(self.lines)) if block else index + 1

    def _original(self, index: int) -> int:
        block = header_within(self.texts[index]) or self._block_below(index + 1)
        if self.forwards or self._is_own(block) or (self.answers and not self._is_introduced(index)):
            return self._history(index)
        # It answers nothing, or leads over: somebody else's letter was pasted, or the line is the author's.
        return self._forwarded(index, len(self.lines)) if block else index + 1

    def _block_below(self, index: int) -> HeaderBlock | None:
        at = self._next_text(index)
        return header_block(self.texts, at) if at < len(self.lines) else None

    def _is_own(self, block: HeaderBlock | None) -> bool:
        return block is not None and names_only(block.sender, self.own_addresses)

    def _is_believed(self, block: HeaderBlock, index: int) -> bool:
        if self.forwards:
            return "sender" in block.labels and len(block.labels) > 2
        if self._was_to_us(block) and self._says_something_above(index) and not self._is_introduced(index):
            return True
        return self._is_own(block) or (self.answers and block.by_program and not self._is_introduced(index))

    def _was_to_us(self, block: HeaderBlock) -> bool:
        """A letter that somebody has sent to a desk before, pasted below what is written now."""
        return "@" in block.sender and names_only(block.recipient, self.own_addresses)

    def _is_introduced(self, index: int) -> bool:
        """True where the author leads over to it: «Оператор прислал вот что:»; it is there to be read."""
        for at in range(index - 1, max(-1, index - _MAX_LEADING_BLANKS), -1):
            if self.texts[at] and not _SEPARATOR.match(self.texts[at]):
                return self.texts[at][-1] in ":：" and self.parts[at] is _Part.VISIBLE
        return False

    def _forwarded(self, index: int, end: int) -> int:
        """From the line that says so to the one that ends it; the copy of the header is set apart."""
        start = self._next_text(index)
        if start < end and (begins_forwarded(self.texts[start]) or begins_original(self.texts[start])):
            start = self._next_text(start + 1)
        if start < end and is_header(self.texts[start]):
            block = header_block(self.texts, start)
            start = block.end if block else start + 1
        start = min(start, end)
        self._note(_Part.SET_APART, index, start)
        finish = next((at for at in range(start, end) if ends_forwarded(self.texts[at])), end)
        self._note(_Part.FORWARDED, start, finish)
        return self._note(_Part.SET_APART, finish, min(finish + 1, end))

    def _next_text(self, index: int) -> int:
        """The first line from there on that is not blank."""
        while index < len(self.lines) and not self.texts[index]:
            index += 1
        return index

    def _quote(self, index: int, end: int) -> int:
        """Lines that are marked as quoted."""
        text = self.texts[index]
        if is_of_groupwise(text) and (
            names_only(text, self.own_addresses) or (self.answers and not self._is_introduced(index))
        ):
            return self._history(index)
        opening = self._next_text(index)
        if opening < end and begins_forwarded(self.texts[opening]):
            self.attributed = True
            return self._forwarded(index, end)
        if opening < end and self._opens_with_attribution(opening, end):
            self.attributed = True
        if self.forwards:
            return self._note(_Part.FORWARDED, index, end)
        return self._note(_Part.SET_APART if self.attributed or self.answers else _Part.VISIBLE, index, end)

    def _end_of_quote(self, index: int) -> int:
        """Where the quoted lines end; a blank line between two of them belongs to the quotation."""
        end = index
        while end < len(self.lines):
            following = end if self.texts[end] or self.lines[end].mark is not Mark.NONE else end + 1
            if following >= len(self.lines) or self.lines[following].mark is not Mark.QUOTE:
                break
            end = following + 1
        return end

    def _opens_with_attribution(self, start: int, end: int) -> bool:
        """iPhone and Mail.ru put the `>` before the attribution too, and Outlook indents with the header."""
        block = header_block(self.texts, start)
        if block is not None and (block.by_program or self._is_own(block)):
            return True
        opening = [text.lstrip("> ") for text in self.texts[start:end] if text][:_OPENING_LINES]
        joined = [" ".join(opening[:length]) for length in range(1, len(opening) + 1)]
        return any(self._is_proved(attribution(text)) for text in joined)

    def _is_proved(self, certainty: Certainty) -> bool:
        """True where an attribution needs no more than quoted lines below it."""
        return certainty >= (Certainty.LIKELY if self.answers else Certainty.PROBABLE)

    def _attributed(self, index: int, length: int, certainty: Certainty) -> int:
        """What an attribution proves: by the lines below it, by our address in it, or by its form in an answer."""
        text = " ".join(self.texts[index : index + length])
        if not (self.forwards or self._is_proved(certainty)):
            return index + length
        start = self._next_text(index + length)
        end = self._end_of_marked(start)
        if not end and certainty > Certainty.LIKELY:
            end = self._end_of_indented(index, start)
        if end > start:
            self.attributed = True
            self._note(_Part.SET_APART, index, start)
            return self._quote(start, end)
        certain = certainty is Certainty.CERTAIN and (
            self.forwards or (self.answers and not self._is_introduced(index))
        )
        named = certainty > Certainty.LIKELY and names_only(text, self.own_addresses)
        if not (certain or named):
            return index + length
        if self.forwards or self._says_something_above(index):
            return self._history(index)
        # The letter begins so, and what stands below is the answer, or is known by its words.
        self.attributed = True
        return self._note(_Part.SET_APART, index, index + length)

    def _says_something_above(self, index: int) -> bool:
        """True where anything but a greeting stands above; each line is looked at once."""
        while not self.said and self.looked_at < index:
            at = self.looked_at
            self.said = bool(self.texts[at]) and self.parts[at] is _Part.VISIBLE and not _GREETING.match(self.texts[at])
            self.looked_at += 1
        return self.said

    def _end_of_marked(self, start: int) -> int:
        """Where the lines end that are marked in one manner, right below an attribution; 0 where none is."""
        if start >= len(self.lines):
            return 0
        if self.lines[start].mark is Mark.QUOTE:
            return self._end_of_quote(start)
        self.mark = mark_below_attribution(self.lines[start].text)
        return 0 if self.mark is None else self._end_of_run(start, self.mark)

    def _end_of_indented(self, attribution_at: int, start: int) -> int:
        """Where an indented quotation ends: all of it is, so that the next line without an indent is below a blank one."""
        if start >= len(self.lines) or attribution_at <= self.first or start < self.uneven_until:
            return 0
        if self.lines[start].mark is not Mark.NONE or not INDENT.match(self.lines[start].text):
            return 0
        end = self._end_of_run(start, INDENT)
        if end < len(self.lines) and self.texts[end]:
            self.uneven_until = end
            return 0
        return end

    def _marked_without_attribution(self, index: int) -> int:
        """Lines of an answer that only a program marks so, though nothing introduces them."""
        text = self.lines[index].text
        mark = self.mark if self.mark and self.mark.match(text) else mark_of_program(text)
        if mark is None:
            return index + 1
        end = self._end_of_run(index, mark)
        return end if is_table([self.lines[at].text for at in range(index, end)]) else self._quote(index, end)

    def _end_of_run(self, start: int, mark: re.Pattern[str]) -> int:
        end = start
        while (following := self._next_text(end)) < len(self.lines):
            if self.lines[following].mark is not Mark.NONE or not mark.match(self.lines[following].text):
                break
            end = following + 1
        return end

    def _part_from_separators(self, visible: list[int]) -> None:
        """Lines of dashes at the end of the text go with what they separate it from."""
        while visible and (not self.texts[visible[-1]] or _SEPARATOR.match(self.texts[visible[-1]])):
            index = visible.pop()
            self.parts[index] = self.parts[index + 1] if index + 1 < len(self.lines) else _Part.SIGNATURE

    def _sign(self, visible: list[int]) -> None:
        last = visible[-_LONGEST_SIGNATURE:]
        for stretch in signature_lines([self.texts[index] for index in last]):
            for at in stretch:
                self.parts[last[at]] = _Part.SIGNATURE
        visible[-_LONGEST_SIGNATURE:] = [index for index in last if self.parts[index] is _Part.VISIBLE]

    def _as_typed(self, index: int) -> str:
        """The author's own line: with the `>` that he typed, without a mark that markup stands for."""
        line = self.lines[index]
        typed = line.mark is Mark.QUOTE and not line.by_program
        return f"> {line.text}".rstrip() if typed else line.text

    def _text(self, wanted: _Part) -> str:
        if wanted not in self.parts:
            return ""
        return _joined([line.text for line, part in zip(self.lines, self.parts, strict=True) if part is wanted])


def _joined(lines: list[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()
