"""What is asked by somebody who only sends another letter on: «см. ниже», or no word at all."""

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
    return replace(letter, visible_text=f"{letter.visible_text}\n\n{letter.forwarded_text}".strip())
