"""`make quality DIR=…`: how well the rules understand letters that people have labelled, against the bars.

Every `*.jsonl` file of the folder (or one such file) holds a case a line, and its letters are one day of the
scratch desks of `reglament explain`, in order of their dates. A case is one of

- `{"file", "desk", …}`: a letter that lies beside it, as `mails/a.eml`; the rest of the line is its label;
- `{"id", "desk", "from_name", "from_address", "date", "subject", "body", "label": {…}}`: a letter written as text.

A `*.txt` file holds letters of which only the meaning is labelled, in the form of `generate/letters` (see
`generate.labelled_letters`): each is by another sender.

What a label does not name is not scored. It may name `kind`, `kind_alt`, `visible_text`, `visible_text_alt`,
`fields` (with `fields_not_scored`), `offence` (`obscene`, `insult`, null), `category` (with its clause after a
colon; without one any clause is right), `category_alt`, `courtesy` (`thanks`, `withdrawal`, null), `faq_id`,
`duplicate_of` and `not_duplicate_of` (the `file` or `id` of an earlier case), and `near`: the measures for which the
letter is a near miss, so many of which are shown beside the letters.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from adapters.mail.writing import mailbox_field, text_field
from adapters.memory import MemoryStore
from adapters.people_files import enter_seeds
from application.scratch_day import Arrival, ScratchDay
from cli.explain import arrival_of
from cli.explained import as_data
from cli.target import Misuse
from composition import real_time
from domain.regulation.editions import edition_at
from generate.labelled_letters import DESKS, LabelledText, letters_of

PASSED, SHORT, NOTHING_READ = 0, 1, 2
FEW_LETTERS = 15
"""A class with fewer letters may have one wrong letter: a share says nothing there."""
_FIELDS = ("full_name", "phone", "organisation", "position", "inn", "contract", "site")
_CATEGORIES = ("critical", "unclear", "password", "faq", "out_of_scope", "third_party")
_KINDS = {"autoreply": {"auto_reply", "receipt"}}
"""Kinds that labels name in one word and the desk in several."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What a measure must reach; None where it is only shown."""

    precision: float | None
    recall: float | None


BARS = {
    "obscene or insulting": Bar(0.99, 0.97),
    "obscene": Bar(1.0, None),
    "phone": Bar(0.98, 0.97),
    "inn": Bar(1.0, 1.0),
    "full_name": Bar(0.97, 0.93),
    "organisation": Bar(0.96, 0.92),
    "position": Bar(0.95, 0.88),
    "contract": Bar(None, None),
    "site": Bar(None, None),
    "duplicate": Bar(1.0, 0.93),
    "critical": Bar(0.92, 0.95),
    "unclear": Bar(0.95, 0.95),
    "password": Bar(0.95, 0.9),
    "faq": Bar(0.9, 0.85),
    "out_of_scope": Bar(0.92, 0.85),
    "third_party": Bar(0.9, 0.85),
    "courtesy": Bar(0.98, 0.9),
    "kind": Bar(None, 0.98),
    "visible_text": Bar(None, 0.96),
}
"""By measure, in the order shown. Of `kind` and `visible_text` every letter has one: the share that is right."""


@dataclass(frozen=True, slots=True)
class Case:
    """A labelled letter."""

    name: str
    """What `duplicate_of` calls it."""
    desk: str
    letter: Path
    label: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was expected of one letter and what was found; None for absent."""

    case: str
    expected: str | None
    found: str | None


@dataclass(slots=True)
class Measure:
    """The answers to one question, over all letters where it was asked and something was expected or found."""

    name: str
    answers: list[Answer] = field(default_factory=list)
    near: int = 0
    """Letters that resemble one that is counted here and are none."""

    @property
    def right(self) -> int:
        return sum(one.expected is not None and one.expected == one.found for one in self.answers)

    @property
    def expected(self) -> int:
        return sum(one.expected is not None for one in self.answers)

    @property
    def found(self) -> int:
        return sum(one.found is not None for one in self.answers)

    @property
    def wrong(self) -> list[Answer]:
        return [one for one in self.answers if one.expected != one.found]

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.expected if self.expected else 1.0

    @property
    def is_ok(self) -> bool:
        """True where the bars are reached, or where one letter of a small class is wrong."""
        bar = BARS[self.name]
        reached = self.precision >= (bar.precision or 0) and self.recall >= (bar.recall or 0)
        return reached or (self.expected < FEW_LETTERS and len(self.wrong) <= 1 and self.name != "obscene")


def measure(folder: Path) -> dict[str, Measure]:
    """Return the measures over all cases of a folder or file, by name; raises Misuse naming a line that is no case."""
    measures = {name: Measure(name) for name in BARS}
    files = [folder] if folder.is_file() else sorted((*folder.glob("*.jsonl"), *folder.glob("*.txt")))
    if not files:
        raise Misuse(f"{folder}: found no labelled letters, expected *.jsonl or *.txt")
    for file in files:
        with TemporaryDirectory() as scratch:
            cases = list(_cases(file, Path(scratch)))
            for case, found in zip(cases, _explained(cases), strict=True):
                for name in _near(case.label):
                    measures[name].near += 1
                for name, expected, got in _answers(case, found):
                    if expected is not None or got is not None:
                        measures[name].answers.append(Answer(case.name, expected, got))
    return measures


def _cases(file: Path, scratch: Path) -> Iterator[Case]:
    if file.suffix == ".txt":
        try:
            read = list(letters_of(file))
        except ValueError as error:
            raise Misuse(str(error)) from error
        for number, one in enumerate(read, 1):
            letter = scratch / f"{file.stem}-{number}.eml"
            letter.write_bytes(_written(_as_case(one, number)))
            yield Case(f"{file.stem}-{number}", DESKS[one.desk], letter, _label_of(one))
        return
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
            if "file" in case:
                yield Case(case["file"], case["desk"], file.parent / case["file"], case)
                continue
            letter = scratch / f"{number}.eml"
            letter.write_bytes(_written(case))
            yield Case(case["id"], case["desk"], letter, case["label"])
        except (ValueError, KeyError, TypeError) as error:
            raise Misuse(f"{file.name}, line {number}: no labelled letter ({type(error).__name__}: {error})") from error


_AS_CATEGORY = {"scope": "out_of_scope", "third": "third_party"}
"""Labels of letters whose meaning alone is labelled, where the desk says another word."""


def _label_of(one: LabelledText) -> dict[str, Any]:
    """Return the label of a letter whose meaning alone is labelled; that of a courtesy may pass for unclear."""
    courtesy = one.label if one.label in ("thanks", "withdrawal") else None
    category = "in_scope" if courtesy or one.label == "none" else _AS_CATEGORY.get(one.label, one.label)
    also = ["unclear"] if courtesy else ["faq"] if one.label == "none" else []
    near = [_AS_CATEGORY.get(one.near, one.near)] if one.near else []
    return {"category": category, "category_alt": also, "courtesy": courtesy, "near": near}


def _as_case(one: LabelledText, number: int) -> dict[str, Any]:
    """Return such a letter as one of a sender of its own."""
    date = datetime(2026, 11, 10, 10, tzinfo=timezone(timedelta(hours=3))) + timedelta(minutes=number)
    sender = f"sender{number}@letters.example"
    desk = DESKS[one.desk]
    return {"desk": desk, "from_address": sender, "date": date.isoformat(), "subject": one.subject, "body": one.body}


def _near(label: dict[str, Any]) -> set[str]:
    """Return the measures for which a letter is a near miss."""
    names = {_NEAR.get(name, name) for name in label.get("near") or ()}
    return names | ({"duplicate"} if label.get("not_duplicate_of") else set())


_NEAR = {"offence": "obscene or insulting", "thanks": "courtesy", "withdrawal": "courtesy"}


def _written(case: dict[str, Any]) -> bytes:
    """Return a case written as text as the mail that carries it."""
    date = datetime.fromisoformat(case["date"])
    mail = EmailMessage()
    mail["From"] = mailbox_field("From", case.get("from_name") or "", case["from_address"])
    mail["To"] = edition_at(case["desk"], date).desk.address
    mail["Date"] = format_datetime(date)
    mail["Subject"] = text_field("Subject", case.get("subject") or "")
    mail.set_content(case["body"])
    return mail.as_bytes()


def _explained(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """Return what `reglament explain --json` says of each case."""
    store = MemoryStore()
    enter_seeds(store, at=real_time(), caller="measure")
    day = ScratchDay(store)
    arrivals = [arrival_of(case.name, case.letter, case.desk, None, real_time()) for case in cases]
    said: dict[int, dict[str, Any]] = {}
    for at in sorted(range(len(cases)), key=lambda at: (_sent(arrivals[at]), at)):
        said[at] = as_data(day.take(arrivals[at]))
    return [said[at] for at in range(len(cases))]


def _sent(arrival: Arrival) -> datetime:
    return arrival.letter.date or arrival.letter.envelope.received_at


def _answers(case: Case, found: dict[str, Any]) -> Iterator[tuple[str, str | None, str | None]]:
    """Return (measure, expected, found) for everything that the case's label names."""
    label = case.label
    if label.get("kind"):
        wanted = [label["kind"], *_several(label.get("kind_alt"))]
        right = found["kind"] in set().union(*(_KINDS.get(kind, {kind}) for kind in wanted))
        yield "kind", label["kind"], label["kind"] if right else found["kind"]
    if label.get("visible_text") is not None:
        written = _spaced(label["visible_text"])
        alternatives = {written, *map(_spaced, _several(label.get("visible_text_alt")))}
        visible = _spaced(found["visible_text"])
        yield "visible_text", written, written if visible in alternatives else visible
    if label.get("kind", "request") not in ("request", "reply"):
        return
    for name in label.get("fields") or ():
        if name in _FIELDS and name not in (label.get("fields_not_scored") or ()):
            yield name, _folded(name, label["fields"][name]), _folded(name, found["identification"][name])
    if "offence" in label:
        expected, got = label["offence"], found["offence"]
        yield "obscene or insulting", expected and "offence", got and "offence"
        yield "obscene", "obscene" if expected == "obscene" else None, "obscene" if got == "obscene" else None
    if label.get("kind") == "reply":
        return
    if "duplicate_of" in label or "not_duplicate_of" in label:
        yield "duplicate", label.get("duplicate_of"), found["duplicate_of"]
    if "courtesy" in label:
        said = found["courtesy"]
        yield "courtesy", label["courtesy"], said if said in ("thanks", "withdrawal") else None
    if label.get("category") is not None:
        yield from _categories(label, found)


def _categories(label: dict[str, Any], found: dict[str, Any]) -> Iterator[tuple[str, str | None, str | None]]:
    expected, got = _with_item(label["category"], label.get("faq_id")), found["category"]
    if got == "out_of_scope" and expected != got:
        got = f"{got}:{found['out_of_scope_clause']}"
    got = _with_item(got, found["faq_id"])
    if got in {_with_item(other, label.get("faq_id")) for other in _several(label.get("category_alt"))}:
        got = expected
    for name in _CATEGORIES:
        yield name, _if_of(name, expected), _if_of(name, got)


def _with_item(category: str, faq_id: str | None) -> str:
    return f"{category}:{faq_id}" if category == "faq" and faq_id else category


def _if_of(name: str, category: str) -> str | None:
    return category if category.partition(":")[0] == name else None


def _several(value: str | list[str] | None) -> list[str]:
    return [value] if isinstance(value, str) else list(value or ())


def _spaced(text: str) -> str:
    return " ".join(text.split())


def _folded(name: str, value: str | None) -> str | None:
    """Return a detail for comparison: what people write differently and mean alike is made the same."""
    if not value:
        return None
    if name == "site" and "xn--" in value:
        value = value.encode("ascii", "ignore").decode("idna")
    return _spaced("".join(" " if sign in '«»"“”„.' else sign for sign in value.lower().replace("ё", "е")))


# Showing --------------------------------------------------------------------------------------------------


def table(measures: dict[str, Measure]) -> str:
    """Return the measures that were asked of any letter, one a line, with their bars."""
    lines = [f"{'measure':<22}{'letters':>8}{'near':>7}{'found':>7}{'right':>7}{'precision':>17}{'recall':>17}"]
    for one in measures.values():
        if not one.answers:
            continue
        bar = BARS[one.name]
        barred = bar.precision is not None or bar.recall is not None
        verdict = ("ok" if one.is_ok else "SHORT") if barred else ""
        shares = "".join(
            f"{share:>9.3f}{f' ≥ {least:.2f}' if least is not None else '':<8}"
            for share, least in ((one.precision, bar.precision), (one.recall, bar.recall))
        )
        lines.append(
            f"{one.name:<22}{one.expected:>8}{one.near:>7}{one.found:>7}{one.right:>7}{shares}  {verdict}".rstrip()
        )
    return "\n".join(lines)


def errors(measures: dict[str, Measure]) -> list[str]:
    """Return each wrong answer on a line: measure, letter, what was expected and what was found."""
    return [
        f"{one.name}\t{answer.case}\texpected {_shown(answer.expected)}, got {_shown(answer.found)}"
        for one in measures.values()
        for answer in one.wrong
    ]


def _shown(value: str | None) -> str:
    return "nothing" if value is None else f"«{value}»"


def as_json(measures: dict[str, Measure]) -> dict[str, Any]:
    """Return the table and the wrong answers as data."""
    return {
        one.name: {
            "letters": one.expected,
            "near_misses": one.near,
            "found": one.found,
            "right": one.right,
            "precision": round(one.precision, 4),
            "recall": round(one.recall, 4),
            "precision_bar": BARS[one.name].precision,
            "recall_bar": BARS[one.name].recall,
            "ok": one.is_ok,
            "wrong": [{"case": wrong.case, "expected": wrong.expected, "found": wrong.found} for wrong in one.wrong],
        }
        for one in measures.values()
        if one.answers
    }


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; 1 where a bar is missed, 2 where there is nothing to measure."""
    parser = argparse.ArgumentParser(prog="make quality", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder with *.jsonl files of labelled letters, or one such file")
    parser.add_argument("--errors", action="store_true", help="list every wrong letter (quotes what letters say)")
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of the table")
    options = parser.parse_args(arguments)
    try:
        measures = measure(options.folder)
    except (Misuse, OSError) as error:
        print(error, file=sys.stderr)
        return NOTHING_READ
    if options.json:
        print(json.dumps(as_json(measures), ensure_ascii=False, indent=2))
    else:
        print(table(measures))
        if options.errors:
            print("\n".join(["", *errors(measures)]))
    return PASSED if all(one.is_ok for one in measures.values()) else SHORT


if __name__ == "__main__":
    sys.exit(main())
