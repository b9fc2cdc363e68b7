"""What is asked by somebody who only sends another letter on, or whose words were taken for correspondence."""

from __future__ import annotations

from dataclasses import replace

from domain.letter import Letter
from domain.russian.words import words

LONGEST_COVER = 15
"""Words of a note that sends a letter on and asks nothing more; whoever writes more says what is wanted."""


def with_forwarded(letter: Letter) -> Letter:
    """Return `letter` with the forwarded text read as its own where the own text is empty or but a short note.

    For the rules that ask what is wanted. Who writes and how politely is told by the writer's own words alone.
    """
    if not letter.forwarded_text.strip() or len(words(letter.visible_text)) > LONGEST_COVER:
        return letter
    return _with(letter, letter.forwarded_text)


def with_set_apart(letter: Letter) -> Letter:
    """Return a letter that answers none with the text set apart read as its own: what would it be the history of?

    For the rules that ask whether something is wanted or on fire. A stranger's signature in it is no identity, and
    his words offend nobody, fall under no clause of the scope and count towards no quota.
    """
    if letter.answers or not letter.set_apart_text.strip():
        return letter
    return _with(letter, letter.set_apart_text)


def with_signature(letter: Letter) -> Letter:
    """Return a letter with its signature read as its own text, for the rule that wakes somebody.

    A line of dashes is easily typed above a request, and then all below it looks like a signature.
    """
    if not letter.signature.strip():
        return letter
    return _with(letter, letter.signature)


def without_quoted_lines(letter: Letter) -> Letter:
    """Return a letter without the lines of its new text that are marked as quoted (RFC 3676 section 4.5)."""
    own = (line for line in letter.visible_text.split("\n") if not line.startswith(">"))
    return replace(letter, visible_text="\n".join(own).strip())


def _with(letter: Letter, text: str) -> Letter:
    return replace(letter, visible_text=f"{letter.visible_text}\n\n{text}".strip())
