"""Labelled letters as text: what they mean, for training and measuring.

A file `generate/letters/<writer>.txt` holds the letters of one writer, one after the other:

    @ sto none ~critical
    # Subject, which may be empty
    The text, of one line or several.

Behind the `@` stand the desk (`mdo`, `sto`), the label, and for a near miss what the letter only resembles.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "letters"
DESKS = {"mdo": "moi-dokumenty-online", "sto": "storeolis"}
LABELS = ("critical", "password", "scope", "third", "unclear", "thanks", "withdrawal", "none")
_HEAD = re.compile(
    rf"@ (?P<desk>{'|'.join(DESKS)}) (?P<label>{'|'.join(LABELS)})(?: ~(?P<near>{'|'.join(LABELS)}))?\s*"
)


class LabelledText(NamedTuple):
    """A letter whose meaning is labelled."""

    desk: str
    """A key of `DESKS`."""
    label: str
    """One of `LABELS`."""
    near: str | None
    """The label that it only resembles."""
    subject: str
    body: str


def letters_of(file: Path) -> Iterator[LabelledText]:
    """Return the letters of a file in their order; raises ValueError naming the line that begins none."""
    lines = file.read_text("utf-8").splitlines()
    begins = [at for at, line in enumerate(lines) if line.startswith("@ ")]
    if lines and begins[:1] != [0]:
        raise ValueError(f"{file.name}, line 1: expected a letter's first line, such as «@ sto none»")
    for at, end in zip(begins, [*begins[1:], len(lines)], strict=True):
        head = _HEAD.fullmatch(lines[at])
        if head is None:
            raise ValueError(
                f"{file.name}, line {at + 1}: expected «@ desk label [~label]», labels {', '.join(LABELS)}"
            )
        if at + 1 >= end or not lines[at + 1].startswith("#"):
            raise ValueError(f"{file.name}, line {at + 2}: expected «# » and the subject")
        subject, body = lines[at + 1][1:].strip(), "\n".join(lines[at + 2 : end]).strip()
        yield LabelledText(head["desk"], head["label"], head["near"], subject, body)


def digest() -> str:
    """Return what tells one set of letters from another."""
    whole = hashlib.sha256()
    for file in sorted(FOLDER.glob("*.txt")):
        whole.update(file.name.encode() + b"\0" + file.read_bytes())
    return whole.hexdigest()
