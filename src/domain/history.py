"""What is history in a letter: words that the ticket's letters or the desk's own have word for word.

Mail programs wrap lines anew, mark them in many ways and leave the marks out: so words are compared, and their order,
not lines. A line is history where all its words lie in known sequences of at least `SEQUENCE` words, one after another:
pieces of known sentences that somebody puts together say something new.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise

from domain.letter import Letter

SEQUENCE = 4
"""Words that follow one another and make a sequence: fewer are met in letters that have nothing to do with each other."""
PROVED_BY = 8
"""Words that a run of unmarked lines needs: a shorter one is a turn of phrase."""
MOST_COMPARED = 400_000
"""Characters that are compared, of the last known texts and of the beginning of a letter: more is a robot's."""
LONGEST_LINE = 2_000
"""Characters of a line that are looked at for a mark."""

_WORD = re.compile(r"\w+|[+✓✔☑✅✗✘❌]|[\U0001f000-\U0001faff]")
"""What is compared: people answer a question with a lone plus, a tick or a thumb, too."""
_TARGET = re.compile(r"<(?:https?|mailto):[^<>\s]{1,2000}>", re.IGNORECASE)
"""The target of a link, which a reader of HTML writes behind its text and a reader of plain text does not."""
MARKED = re.compile(r"^[ \t]*(?:[^\W\d_]{0,4}[>|│¦][ \t]?)+|^(?: {2,}|\t)")
"""How programs mark a quoted line: `>`, with initials as The Bat! does, bars, an indent."""
_INTRODUCES = re.compile(
    r"[^\s@]@[^\s@]|^\W*[-_=*~]{2,}|^\s*[*_]*(?:от|от\s+кого|кому|дата|тема|копия|отправлено"
    r"|from|to|sent|date|subject|cc)[*_]*\s*:|^\s*(?:цитирование|исходное|пересылаемое|quoting|original)\b",
    re.IGNORECASE,
)
"""What a line has that a program writes above a quotation: an address, dashes, a field of a header."""
_TIME = re.compile(r"\b\d{1,2}[:.]\d{2}\b")
_DAY = re.compile(
    r"\b(?:19|20)\d{2}\b|\b\d{1,2}[./-]\d{1,2}[./-]\d{2}\b"
    r"|\b\d{1,2}\.?\s(?:янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
    re.IGNORECASE,
)
"""A program writes the day with the time; a person writes «Сегодня в 10:30 снова:» and says the same again."""
_MOST_INTRODUCING = 8


@dataclass(frozen=True, slots=True)
class KnownWords:
    """The sequences of words in texts that are known."""

    sequences: frozenset[tuple[str, ...]] = frozenset()
    short_lines: frozenset[tuple[str, ...]] = frozenset()
    """Lines with fewer words than a sequence has: they are known beside lines that are."""

    def __bool__(self) -> bool:
        """Return whether anything is known."""
        return bool(self.sequences or self.short_lines)


def known_words(texts: Iterable[str]) -> KnownWords:
    """Return the sequences of words in texts, the last of which are compared where there are too many."""
    sequences: set[tuple[str, ...]] = set()
    short: set[tuple[str, ...]] = set()
    left = MOST_COMPARED
    for text in reversed(tuple(texts)):
        if left <= 0:
            break
        read = text[:left]
        left -= len(read)
        by_line = [_words(line) for line in read.split("\n")]
        short.update(tuple(line) for line in by_line if 0 < len(line) < SEQUENCE)
        words = [word for line in by_line for word in line]
        sequences.update(_sequences(words))
    return KnownWords(frozenset(sequences), frozenset(short))


def are_known(lines: Sequence[str], known: KnownWords) -> list[bool]:
    """Return of each line whether it is known: all its words in known sequences, across the ends of lines.

    A short line is known beside a known one, and a blank one between two.
    """
    left = MOST_COMPARED
    by_line = []
    for line in lines:
        by_line.append(_words(line) if left > 0 else [])
        left -= len(line)
    words = [(word, place) for place, line in enumerate(by_line) for word in line]
    covered = [False] * len(words)
    follows = [False] * len(words)  # whether the word follows the one before it in a known sequence
    for start, sequence in enumerate(_sequences([word for word, _ in words])):
        if sequence in known.sequences:
            covered[start : start + SEQUENCE] = [True] * SEQUENCE
            follows[start + 1 : start + SEQUENCE] = [True] * (SEQUENCE - 1)
    found = [bool(line) for line in by_line]
    before = -1
    for (_, place), is_covered, does_follow in zip(words, covered, follows, strict=True):
        found[place] = found[place] and is_covered and (does_follow or place != before)
        before = place
    written = [place for place, line in enumerate(by_line) if line]
    for places in (written, written[::-1]):
        for before, place in pairwise(places):
            found[place] = found[place] or (found[before] and tuple(by_line[place]) in known.short_lines)
    for before, after in pairwise(written):
        if found[before] and found[after]:
            found[before + 1 : after] = [True] * (after - before - 1)
    return found


def without_history(letter: Letter, received: Sequence[str], sent: Sequence[str]) -> Letter:
    """Return a letter that joins a ticket with its known lines in `quoted_text`, out of the reader's way.

    `received` are the texts of the ticket's letters, `sent` those of what the desk sent. Of the text set apart every
    known line is history. Of the new text a known line is history only with a proof that a program put it there: a
    mark, an introduction above it, or the desk's own words. A client who writes the same words again says them again.
    """
    came, left = known_words(received), known_words(sent)
    known = KnownWords(came.sequences | left.sequences, came.short_lines | left.short_lines)
    if not known:
        return letter
    by_desk = KnownWords(left.sequences - came.sequences)
    apart, history = _parted(letter.set_apart_text, known)
    visible, introductions, more = _without_quotations(letter.visible_text, known, by_desk)
    if not (history or introductions or more):
        return letter
    return replace(
        letter,
        visible_text=visible,
        set_apart_text="\n".join(filter(None, (introductions, apart))),
        quoted_text="\n".join(filter(None, (more, history))),
    )


def _parted(text: str, known: KnownWords) -> tuple[str, str]:
    """Return the lines of a text that are not known, and those that are."""
    lines = text.split("\n") if text else []
    found = are_known(lines, known)
    rest = [line for line, is_known in zip(lines, found, strict=True) if not is_known]
    return _joined(rest), _joined([line for line, is_known in zip(lines, found, strict=True) if is_known])


def _without_quotations(text: str, known: KnownWords, by_desk: KnownWords) -> tuple[str, str, str]:
    """Return a new text without the quotations in it, what introduces these, and they themselves."""
    lines = text.split("\n") if text else []
    found = are_known(lines, known)
    kept: list[str] = []
    introductions: list[str] = []
    history: list[str] = []
    for is_known, places in groupby(range(len(lines)), key=found.__getitem__):
        run = [lines[place] for place in places]
        above = _introduction(kept) if is_known else []
        if is_known and _is_long(run) and (above or _are_marked(run) or any(are_known(run, by_desk))):
            del kept[len(kept) - len(above) :]
            introductions += above
            history += run
        else:
            for line in run:
                (introductions if _quotes_at_once(line, known) else kept).append(line)
    return _joined(kept), _joined(introductions), _joined(history)


def _quotes_at_once(line: str, known: KnownWords) -> bool:
    """Return whether a line begins as a program's introduction and goes on with known words: Lotus Notes, Samsung."""
    if not _introduces(line[:LONGEST_LINE]):
        return False
    words = _words(line[:LONGEST_LINE])
    quoted = 0
    for sequence in reversed(tuple(_sequences(words))):
        if sequence not in known.sequences:
            break
        quoted += 1
    return quoted + SEQUENCE > PROVED_BY


def _is_long(run: Sequence[str]) -> bool:
    return sum(len(_words(line)) for line in run) >= PROVED_BY


def _introduction(lines: Sequence[str]) -> list[str]:
    """Return the last lines where a program wrote them above a quotation, with the blank ones among them."""
    start = len(lines)
    for place in range(len(lines) - 1, max(-1, len(lines) - 1 - _MOST_INTRODUCING), -1):
        line = lines[place][:LONGEST_LINE]
        if not line.strip():
            continue
        if not _introduces(line):
            break
        start = place
    return list(lines[start:])


def _introduces(line: str) -> bool:
    """Return whether a program may have written a line above a quotation."""
    return bool(_INTRODUCES.search(line) or (_TIME.search(line) and _DAY.search(line)))


def _are_marked(lines: Sequence[str]) -> bool:
    return all(MARKED.match(line[:LONGEST_LINE]) for line in lines if line.strip())


def _sequences(words: Sequence[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(words[start:] for start in range(SEQUENCE)), strict=False)


def _words(line: str) -> list[str]:
    """Return the words of a line as they are compared, without the mark in front of it."""
    marked = MARKED.match(line[:LONGEST_LINE])
    bare = line[marked.end() :] if marked else line
    return _WORD.findall((_TARGET.sub(" ", bare) if "<" in bare else bare).casefold())


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n").rstrip()
