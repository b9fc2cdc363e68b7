"""What a check says: a state, what was found, and what to do."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.deployment.stack import Deployment


class State(StrEnum):
    """How a line of the report ends."""

    OK = "ok"
    WARNING = "warning"
    """It works, and something is missing that will be wanted."""
    FAULT = "fault"
    """Letters, pages or data are lost, or will be."""
    UNKNOWN = "unknown"
    """The check could not be done; the text says why."""
    SKIPPED = "skipped"
    """There is no such thing here: a stack on this machine has no DNS and no text messages."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report."""

    state: State
    text: str
    remedy: str = ""
    """One sentence, with a command in backquotes where there is one; empty where nothing is to be done."""


@dataclass(frozen=True, slots=True)
class Check:
    """Something that is looked at, by itself: what it finds stops no other."""

    name: str
    about: str
    """What is lost where it is wrong, in one sentence."""
    run: Callable[[Deployment], Iterable[Finding]]


class NotHere(Exception):
    """A stack on this machine has no such thing; the message says what does its work."""


class Undone(Exception):
    """A check could not be done; the message says why, `remedy` what to do."""

    def __init__(self, text: str, remedy: str = "") -> None:
        super().__init__(text)
        self.remedy = remedy


def ok(text: str) -> Finding:
    """Return that something is as it has to be."""
    return Finding(State.OK, text)


def warning(text: str, remedy: str) -> Finding:
    """Return that something is missing that will be wanted."""
    return Finding(State.WARNING, text, remedy)


def fault(text: str, remedy: str) -> Finding:
    """Return that something is wrong by which letters, pages or data are lost."""
    return Finding(State.FAULT, text, remedy)


def unknown(text: str, remedy: str = "") -> Finding:
    """Return that something could not be looked at."""
    return Finding(State.UNKNOWN, text, remedy)


def problems_or(found: Iterable[Finding], fine: str) -> Iterator[Finding]:
    """Return the findings, or that all is fine where there are none."""
    findings = list(found)
    yield from findings or [ok(fine)]
