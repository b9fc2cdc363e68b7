"""What a run is checked by: facts, those a regulation demands and those that were found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Fact:
    """One thing that happened to one ticket at one minute."""

    at: str
    """By Moscow's clock, `2026-11-02 12:00`."""
    about: str
    """The story's own name of the ticket, such as `mdo-code`, or of a fault, such as `mdo-outage-fault`: numbers differ from run to run."""
    what: str
    """Such as `mail to client: accepted`."""
    clause: str = ""
    """The clause it rests on, empty for none."""
    detail: str = ""
    """Instants, reasons and the like."""

    def __str__(self) -> str:
        """Return the fact as a person reads it."""
        clause = f", clause {self.clause}" if self.clause else ""
        detail = f" ({self.detail})" if self.detail else ""
        return f"{self.at} {self.about}: {self.what}{detail}{clause}"


@dataclass(frozen=True, slots=True)
class Expected:
    """A fact that the regulation demands, and what the letter must say, if it is one."""

    what: str
    clause: str = ""
    detail: str = ""
    says: tuple[str, ...] = ()
    about: str = ""
    """What it is about, where that is not the ticket of its moment: another ticket, or a fault."""
    since: str = ""
    """The minute that it is recorded as of, where that is before its moment."""

    def at(self, instant: str, about: str) -> Fact:
        """Return the fact, placed."""
        return Fact(self.since or instant, self.about or about, self.what, self.clause, self.detail)


@dataclass(frozen=True, slots=True)
class Found:
    """A fact that was seen, and the whole text of the letter, if it was one."""

    fact: Fact
    text: str = ""


def differences(expected: Iterable[tuple[Fact, Sequence[str]]], found: Iterable[Found]) -> list[str]:
    """Return a line for each fact that is missing, is too many or differs, and for words a letter lacks.

    A fact that was expected and one that was found, of the same ticket and kind, are told of together.
    """
    left = list(found)
    missing: list[Fact] = []
    lines: list[str] = []
    for fact, says in expected:
        seen = next((one for one in left if one.fact == fact), None)
        if seen is None:
            missing.append(fact)
            continue
        left.remove(seen)
        text = _folded(seen.text)
        lines += [
            f"{fact}: expected to say «{words}», found: {_cut(text)}" for words in says if _folded(words) not in text
        ]
    lines += list(_pairs(missing, [one.fact for one in left]))
    return lines


def _pairs(missing: Sequence[Fact], extra: Sequence[Fact]) -> Iterator[str]:
    rest = list(extra)
    for fact in missing:
        near = _nearest(fact, rest)
        if near is None:
            yield f"expected {fact}; found nothing of the kind"
            continue
        rest.remove(near)
        yield f"expected {fact}; found {near}"
    for fact in rest:
        yield f"expected nothing of the kind; found {fact}"


def _nearest(fact: Fact, among: Sequence[Fact]) -> Fact | None:
    same = [one for one in among if one.about == fact.about and one.what == fact.what]
    at_once = [one for one in same if one.at == fact.at]
    return next(iter((*at_once, *same)), None)


def _folded(text: str) -> str:
    return " ".join(text.split())


def _cut(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:300]}…"
