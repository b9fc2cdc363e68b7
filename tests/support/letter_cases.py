"""Letters with what is right for each, as data: `tests/fixtures/cases`, whose README names the fields."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.support.repository import ROOT

CASES = ROOT / "tests" / "fixtures" / "cases"
SHOWN = ("visible_text", "signature", "forwarded_text", "set_apart_text")
"""The parts of a letter that a specialist sees; the rules read all but the last."""

Explained = dict[str, Any]
"""A letter as `explain --json` prints it."""

_NUMBER = re.compile(rb"@@NUMBER(?::([a-z-]+))?@@")
_LOOK_ALIKES = str.maketrans("ABCEHKMOPTXY", "АВСЕНКМОРТХУ")
_RETYPED: Mapping[str, Callable[[str], str]] = {
    "": str,
    "lower": str.lower,
    "cyrillic": lambda number: number[:3].translate(_LOOK_ALIKES) + number[3:],
    "cyrillic-all": lambda number: number.translate(_LOOK_ALIKES),
    "en-dash": lambda number: number.replace("-", "–"),
    "em-dash": lambda number: number.replace("-", "—"),
    "minus": lambda number: number.replace("-", "−"),
    "nb-hyphen": lambda number: number.replace("-", "\u2011"),
    "no-dash": lambda number: number.replace("-", ""),
    "space": lambda number: number.replace("-", " "),
    "spaced-dash": lambda number: number.replace("-", " - "),
    "soft-hyphen": lambda number: number.replace("-", "\u00ad-"),
    "half": lambda number: number[:8] + number[9:],
}
"""How people and programs write a ticket's number."""


@cache
def cases(name: str) -> tuple[dict[str, Any], ...]:
    """Return the cases of a file, in its order."""
    return tuple(map(json.loads, (CASES / f"{name}.jsonl").read_text("utf-8").splitlines()))


def names_number(files: Sequence[Path]) -> bool:
    """Return whether a letter is to name the number that the first one gets."""
    return any(_NUMBER.search(file.read_bytes()) for file in files)


def with_number(file: Path, number: str, folder: Path) -> Path:
    """Write a letter that names a number, in the form it asks for, and return where."""
    raw = _NUMBER.sub(lambda found: _RETYPED[(found[1] or b"").decode()](number).encode(), file.read_bytes())
    head, _, body = raw.partition(b"\r\n\r\n")
    head = re.sub(rb"(?m)^Subject: (.*[^\x00-\x7f].*?)\r?$", lambda found: b"Subject: " + _encoded(found[1]), head)
    written = folder / file.name
    written.write_bytes(head + b"\r\n\r\n" + body)
    return written


def _encoded(subject: bytes) -> bytes:
    text = subject.decode()
    pieces = [base64.b64encode(text[at : at + 15].encode()) for at in range(0, len(text), 15)]
    return b"\r\n ".join(b"=?utf-8?B?" + piece + b"?=" for piece in pieces)


def problems(case: dict[str, Any], seen: Sequence[Explained]) -> list[str]:
    """Return what is not as the case expects: of its last letter, or of the file under whose name it is expected."""
    names = [Path(name).name for name in case["files"]]
    expected: list[tuple[int, str, Any]] = []
    for key, wanted in case["expect"].items():
        if key in names:
            expected += [(names.index(key), name, value) for name, value in wanted.items()]
        else:
            expected.append((len(names) - 1, key, wanted))
    return [
        f"{names[at]}: {key}: wanted {wanted!r}, saw {json.dumps(seen[at], ensure_ascii=False)[:1500]}"
        for at, key, wanted in expected
        if not _CHECKS[key](wanted, seen[at], seen[:at])
    ]


def _folded(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "").strip()


def _text(letter: Explained, *parts: str) -> str:
    return _folded("\n".join(letter[part] or "" for part in parts))


def _has(wanted: Sequence[str], letter: Explained, *parts: str) -> bool:
    return all(_folded(one) in _text(letter, *parts) for one in wanted)


def _lacks(unwanted: Sequence[str], letter: Explained, *parts: str) -> bool:
    return not any(_folded(one) in _text(letter, *parts) for one in unwanted)


def _is_one_of(wanted: object, seen: object) -> bool:
    return seen in (wanted if isinstance(wanted, list) else [wanted])


def _joins(letter: Explained, earlier: Sequence[Explained]) -> bool:
    return bool(letter["ticket"]) and letter["ticket"] in [one["ticket"] for one in earlier]


def _repeats(letter: Explained, earlier: Sequence[Explained]) -> bool:
    return bool(letter["duplicate_of"]) or (_joins(letter, earlier) and letter["decision"]["reason"] == "duplicate")


def _is_met(letter: Explained) -> bool:
    """Return whether a specialist meets the letter: a ticket has it, or it is on the list of letters for a person."""
    return letter["listed"] or (bool(letter["ticket"]) and letter["decision"]["outcome"] != "ignore")


def _misses(wanted: object, letter: Explained) -> bool:
    read = letter["category"] is not None
    return read and sorted(letter["identification"]["missing"]) == ([] if wanted == "none" else sorted(wanted))  # type: ignore[call-overload]  # a list of names where it is not the word


_CHECKS: Mapping[str, Callable[[Any, Explained, Sequence[Explained]], bool]] = {
    "kind": lambda wanted, letter, _: _is_one_of(wanted, letter["kind"]),
    "critical": lambda wanted, letter, _: letter["critical"] is wanted,
    "missing": lambda wanted, letter, _: _misses(wanted, letter),
    "duplicate": lambda wanted, letter, earlier: _repeats(letter, earlier) is wanted,
    "attach": lambda wanted, letter, earlier: _joins(letter, earlier) is wanted,
    "waiting": lambda wanted, letter, _: bool(letter["deadlines"]["lapse_due"]) is wanted,
    "visible_contains": lambda wanted, letter, _: _has(wanted, letter, "visible_text"),
    "visible_lacks": lambda wanted, letter, _: _lacks(wanted, letter, "visible_text"),
    "shown_contains": lambda wanted, letter, _: _has(wanted, letter, *SHOWN),
    "shown_lacks": lambda wanted, letter, _: _lacks(wanted, letter, *SHOWN),
    "read_contains": lambda wanted, letter, _: _has(wanted, letter, *SHOWN[:3]),
    "subject": lambda wanted, letter, _: _is_one_of(wanted, _folded(letter["subject"])),
    "sender": lambda wanted, letter, _: _is_one_of(wanted, letter["sender"]["address"]),
    "sender_name": lambda wanted, letter, _: _is_one_of(wanted, letter["sender"]["name"]),
    "attachments": lambda wanted, letter, _: sorted(wanted) == sorted(letter["attachments"]),
    "identification": lambda wanted, letter, _: all(letter["identification"][key] == wanted[key] for key in wanted),
    "listed": lambda wanted, letter, _: _is_met(letter) is wanted,
    "outcome_not": lambda wanted, letter, _: letter["decision"]["outcome"] not in wanted,
}
"""What each expectation means, given what is wanted, the letter, and those before it."""
