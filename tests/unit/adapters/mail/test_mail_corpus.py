"""Foreign and labelled letters from outside the project: figures, not fixtures."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from adapters.mail.quotes import separate, text_lines
from adapters.mail.reading import read_letter
from domain.letter import Envelope, Letter, LetterKind
from tests.support.repository import collection, needs

CORPUS, EXAMPLES = collection("mail-corpus"), collection("mail-examples")
ENVELOPE = Envelope("m", datetime(2026, 11, 23, tzinfo=UTC), ("support@desk.example",))
MACHINE = {LetterKind.BOUNCE, LetterKind.COMPLAINT, LetterKind.AUTO_REPLY}

needs_corpus = needs(CORPUS)
needs_examples = needs(EXAMPLES)


def letters(*folders: str) -> list[Path]:
    found = (path for folder in folders for path in sorted((CORPUS / folder).rglob("*")) if path.is_file())
    return [path for path in found if "LICENSE" not in path.name and "LICENSES" not in path.parts]


def read(path: Path) -> Letter:
    return read_letter(path.read_bytes(), ENVELOPE)


def folded(text: str | None) -> str:
    return " ".join((text or "").split())


def labels() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (EXAMPLES / "labels.jsonl").read_text("utf-8").splitlines()]


@needs_corpus
def test_no_foreign_letter_fails_to_be_read() -> None:
    failed = [
        f"{path.name}: {letter.kind_evidence}"
        for path in letters("stalwart", "cpython", "chatwoot", "bounces", "not-bounces")
        if "failed" in (letter := read(path)).kind_evidence or "could not be decoded" in letter.kind_evidence
    ]
    assert not failed


@needs_corpus
def test_delivery_failures_complaints_and_vacation_notices_are_told_from_letters() -> None:
    def expected(name: str) -> LetterKind:
        if name.startswith("arf-"):
            return LetterKind.COMPLAINT
        return LetterKind.AUTO_REPLY if name.startswith("rfc3834-") else LetterKind.BOUNCE

    paths = letters("bounces")
    wrong = [path.name for path in paths if read(path).kind is not expected(path.name)]
    assert len(wrong) / len(paths) <= 0.02, wrong


@needs_corpus
def test_what_looks_like_a_bounce_and_is_none_is_a_letter() -> None:
    """One of the three says in its own words that it is an automatic bounce notification, and it is one."""
    wrong = [path.name for path in letters("not-bounces") if read(path).kind in MACHINE]
    assert len(wrong) <= 1, wrong


@needs_corpus
def test_the_new_text_of_foreign_replies_is_found() -> None:
    paths = letters("reply-trimmer/emails")
    wrong = []
    for path in paths:
        found = separate(text_lines(path.read_text("utf-8").replace("\r\n", "\n"))).visible
        if folded(found) != folded((CORPUS / "reply-trimmer" / "trimmed" / path.name).read_text("utf-8")):
            wrong.append(path.name)
    assert len(wrong) / len(paths) <= 0.10, wrong


@needs_examples
def test_labelled_letters_are_of_their_kind() -> None:
    same = {"autoreply": {"auto_reply", "receipt"}}
    rows = labels()
    wrong = []
    for row in rows:
        alternatives = row.get("kind_alt") or []
        named = [row["kind"], *([alternatives] if isinstance(alternatives, str) else alternatives)]
        wanted = set().union(*(same.get(name, {name}) for name in named))
        if read(EXAMPLES / row["file"]).kind.value not in wanted:
            wrong.append(row["file"])
    assert len(wrong) / len(rows) <= 0.02, wrong


@needs_examples
def test_the_new_text_of_labelled_letters_is_found() -> None:
    rows = labels()
    wrong = [
        row["file"]
        for row in rows
        if folded(read(EXAMPLES / row["file"]).visible_text)
        not in {folded(row["visible_text"]), *map(folded, row["visible_text_alt"])}
    ]
    assert len(wrong) / len(rows) <= 0.02, wrong


@needs_examples
def test_history_and_forwarded_letters_are_kept() -> None:
    wrong = []
    for row in labels():
        letter = read(EXAMPLES / row["file"])
        if folded(row["quoted_text"]) not in folded(letter.set_apart_text):
            wrong.append(row["file"])
        if row["forwarded_text"] and folded(row["forwarded_text"]) != folded(letter.forwarded_text):
            wrong.append(row["file"])
    assert not wrong
