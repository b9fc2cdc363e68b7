"""How well the rules understand labelled letters, where a collection lies beside the project.

The floors are what the rules reach there; `REGLAMENT_EXAMPLES` names another folder of the same shape.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from adapters.mime import read_letter
from domain.client import Recent
from domain.editions import editions
from domain.findings import Category, Classification
from domain.intake import duplicates
from domain.intake.classify import classify
from domain.letter import Envelope, Letter
from tests.builders import MDO_ADDRESS, STOREOLIS_ADDRESS

EXAMPLES = Path(os.environ.get("REGLAMENT_EXAMPLES", Path(__file__).parents[4] / "shared" / "mail-examples"))
ADDRESSES = {"moi-dokumenty-online": MDO_ADDRESS, "storeolis": STOREOLIS_ADDRESS}
FIELDS = ("full_name", "phone", "organisation", "position", "inn", "contract", "site")

pytestmark = pytest.mark.skipif(
    not (EXAMPLES / "labels.jsonl").exists(),
    reason=f"no labelled letters at {EXAMPLES} (set REGLAMENT_EXAMPLES)",
)


def _read(label: dict[str, Any]) -> Letter:
    raw = (EXAMPLES / label["file"]).read_bytes()
    sent = message_from_bytes(raw, policy=policy.default)["date"].datetime
    envelope = Envelope(label["file"], sent, (ADDRESSES[label["desk"]],))
    return read_letter(raw, envelope, frozenset(ADDRESSES.values()))


def _folded(value: str | None) -> str | None:
    if value is None:
        return None
    return " ".join("".join(sign for sign in value.lower().replace("ё", "е") if sign not in '«»"“”„.').split())


def _category(found: Classification) -> str:
    if found.category is Category.OUT_OF_SCOPE:
        return f"out_of_scope:{found.out_of_scope_clause}"
    return found.category.value


@cache
def _answers() -> tuple[tuple[str, str | None, str | None], ...]:
    """Return (class, expected, found) for everything that was expected or found in any letter."""
    labels = [json.loads(line) for line in (EXAMPLES / "labels.jsonl").read_text(encoding="utf-8").splitlines()]
    letters = [(label, _read(label)) for label in labels if label["kind"] in ("request", "reply")]
    answers: list[tuple[str, str | None, str | None]] = []
    recents: dict[tuple[str, str], Recent] = {}
    for label, letter in sorted(letters, key=lambda pair: pair[1].envelope.received_at):
        edition = editions(label["desk"])[-1]
        key = (label["desk"], letter.sender.address if letter.sender else "")
        recent = recents.get(key, Recent())
        at = letter.envelope.received_at
        found = classify(letter, edition, client=None, recent=recent, now=at)
        for name in FIELDS:
            if name not in label.get("fields_not_scored", ()):
                value = getattr(found.identification, name)
                answers.append((name, _folded(label["fields"][name]), _folded(value)))
        answers.append(("offence", label.get("offence"), found.offence))
        if label["kind"] == "reply":
            continue
        answers.append(("duplicate", label.get("duplicate_of"), found.duplicate_of))
        sketch = duplicates.sketch(letter, edition.rules.duplicates, ticket=label["file"], at=at)
        recents[key] = Recent(sketches=(*recent.sketches, sketch))
        if label["category"] is not None:
            expected, category = label["category"], _category(found)
            if category in label.get("category_alt", ()):
                category = expected
            for one in {expected, category}:
                hit = (one.split(":")[0], one if one == expected else None, one if one == category else None)
                answers.append(hit)
            if label.get("faq_id") or found.faq_id:
                answers.append(("faq_id", label.get("faq_id"), found.faq_id))
    return tuple(answers)


def _rates(kind: str) -> tuple[float, float]:
    counted: Counter[str] = Counter()
    for name, expected, found in _answers():
        if name == kind:
            counted["right"] += expected is not None and expected == found
            counted["expected"] += expected is not None
            counted["found"] += found is not None
    return counted["right"] / (counted["found"] or 1), counted["right"] / (counted["expected"] or 1)


@pytest.mark.parametrize(
    ("kind", "precision", "recall"),
    [
        ("full_name", 0.98, 0.98),
        ("phone", 0.98, 0.98),
        ("organisation", 0.98, 0.95),
        ("position", 0.95, 0.93),
        ("inn", 1.0, 1.0),
        ("contract", 1.0, 1.0),
        ("site", 0.95, 0.95),
        ("offence", 1.0, 0.94),
        ("duplicate", 1.0, 1.0),
        ("critical", 1.0, 1.0),
        ("unclear", 1.0, 1.0),
        ("password", 1.0, 1.0),
        ("faq", 1.0, 1.0),
        ("faq_id", 1.0, 1.0),
        ("out_of_scope", 1.0, 1.0),
        ("third_party", 1.0, 1.0),
    ],
)
def test_the_labelled_letters_are_understood(kind: str, precision: float, recall: float) -> None:
    """Precision and recall stay where they are."""
    reached = _rates(kind)
    print(f"{kind}: precision {reached[0]:.3f}, recall {reached[1]:.3f}")
    assert reached[0] >= precision
    assert reached[1] >= recall
