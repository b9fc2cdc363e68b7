"""How a run is shown: aligned columns that read the same on a terminal and in a file."""

from __future__ import annotations

import os
import re
import textwrap
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TextIO

from local.demo.facts import Fact, Found
from local.demo.play import Played, Row
from local.demo.post import Posted

WHEN, NUMBER, WHAT = 16, 13, 84
_GAP = "  "
_BOLD, _DIM, _RED, _GREEN, _YELLOW, _PLAIN = "\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[33m", "\033[0m"
_INSTANT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")
_TAG = re.compile(r"\s*\[[A-Z]{3}-\w{4}-\w{4}\]$")
_ALARMING = ("breach", "late", "page ", "critical fault")


class Timeline:
    """Writes the run to a stream as it goes."""

    def __init__(self, out: TextIO, *, verbose: bool = False) -> None:
        self._out = out
        self._verbose = verbose
        self._coloured = out.isatty() and "NO_COLOR" not in os.environ

    def head(self) -> None:
        """Name the columns."""
        self._line("Moscow time", "ticket", "what happened", "clause", style=_DIM)
        self._out.flush()

    def played(self, played: Played) -> None:
        """Show one moment."""
        moment = played.moment
        self._line(_when(moment.at), played.ticket or "—", moment.story, "", style=_BOLD)
        if played.posted is not None:
            self._line("", "", _headline(played.posted), "")
        for line, clause in _lines(played.found):
            alarming = any(word in line for word in _ALARMING)
            self._line("", "", line, clause, style=_YELLOW if alarming else "")
        for problem in played.problems:
            self._wrapped(f"✗ {problem}", _RED)
        if self._verbose:
            self._letters(played)
        self._out.flush()

    def table(self, rows: Sequence[Row]) -> None:
        """Show every ticket as it stands in the end."""
        heads = ("ticket", "requester", "status", "reaction due", "reaction", "clause")
        cells = [heads, *(_cells(row) for row in rows)]
        widths = [max(len(cell[column]) for cell in cells) for column in range(len(heads))]
        self.text("")
        for number, cell in enumerate(cells):
            line = _GAP.join(text.ljust(width) for text, width in zip(cell, widths, strict=True)).rstrip()
            late = number > 0 and "breached" in cell
            self.text(line, _DIM if number == 0 else _YELLOW if late else "")

    def summary(self, letters_in: int, found: Sequence[Found], tickets: int, seconds: float) -> None:
        """Show the sums."""
        whats = Counter(one.fact.what.partition(":")[0] for one in found)
        clauses: Counter[str] = Counter()
        for one in found:
            fact = one.fact
            if fact.clause and not fact.what.startswith(("mail", "page")):
                desk = "MDO" if fact.about.startswith("mdo") else "STO"
                clauses[f"{desk} {fact.clause}"] += 1
        to_teams = whats["mail to team"] + whats["mail to fault"]
        self.text("")
        self.text(
            f"Letters in {letters_in}; letters out {whats['mail to client'] + to_teams} "
            f"({whats['mail to client']} to clients, {to_teams} to the teams); "
            f"pages {whats['page to on_call'] + whats['page to escalation']}; tickets {tickets}."
        )
        shown = ", ".join(f"{clause}: {number}" for clause, number in sorted(clauses.items(), key=_by_clause))
        self.text(f"Decisions and instants by clause: {shown}.")
        self.text(f"Two weeks in {seconds:.0f} seconds.")

    def verdict(self, problems: Sequence[str], *, facts: int, redelivered: int) -> None:
        """Say whether everything was as the regulations demand, and what was not."""
        self.text("")
        if not problems:
            self.text(
                f"✓ All {facts} facts are those that the regulations demand; every letter sent has its record; nothing "
                f"was sent twice; {redelivered} events delivered again changed nothing.",
                _GREEN,
            )
            return
        self.text(f"✗ {len(problems)} things differ from what the regulations demand:", _RED)
        for problem in problems:
            self._wrapped(f"• {problem}", _RED)

    def text(self, line: str, style: str = "") -> None:
        """Write one line."""
        print(f"{style}{line}{_PLAIN}" if style and self._coloured else line, file=self._out)

    def _line(self, when: str, number: str, what: str, clause: str, *, style: str = "") -> None:
        first, *more = textwrap.wrap(what, WHAT) or [""]
        self.text(_GAP.join((when.ljust(WHEN), number.ljust(NUMBER), first.ljust(WHAT), clause)).rstrip(), style)
        for line in more:
            self.text(_GAP.join((" " * WHEN, " " * NUMBER, line)), style)

    def _wrapped(self, line: str, style: str) -> None:
        for part in textwrap.wrap(line, WHEN + NUMBER + WHAT + 8, subsequent_indent="  "):
            self.text(part, style)

    def _letters(self, played: Played) -> None:
        letters = [(f"letter from {posted.sender}", posted.text)] if (posted := played.posted) is not None else []
        letters += [(one.fact.what, one.text) for one in played.found if one.text]
        for head, text in letters:
            self.text("")
            for line in (head, *text.strip().splitlines()):
                self.text(f"{' ' * 6}│ {line}".rstrip(), _DIM)
        if letters:
            self.text("")


def _lines(found: Sequence[Found]) -> list[tuple[str, str]]:
    """Return what to show of a moment: its facts and their clauses, the letters on one line at the end."""
    lines: list[tuple[str, str]] = []
    letters: list[Fact] = []
    for one in found:
        fact = one.fact
        if fact.what.startswith("mail to "):
            letters.append(fact)
        elif (shown := _shown(fact)) is not None:
            lines.append((shown, fact.clause))
    if letters:
        whom = "; ".join(fact.what.removeprefix("mail to ").replace("_", " ") for fact in letters)
        lines.append((f"→ {whom}", ""))
    return lines


def _cells(row: Row) -> tuple[str, ...]:
    due = _when(row.due) if row.due else ""
    return row.number, row.requester, row.status.replace("_", " "), due, row.reaction, row.clause


def _headline(posted: Posted) -> str:
    """Return sender and subject on one line; the ticket's number stands in its own column."""
    subject = _TAG.sub("", posted.subject)
    room = WHAT - len(posted.sender) - 6
    if len(subject) > room:
        subject = f"{subject[: room - 1].rstrip()}…"
    return f"← {posted.sender}: «{subject}»"


_SILENT = {
    "letter: a new ticket",
    "letter: joins the ticket",
    "letter: joins the ticket as specialist",
    "decided: accept",
    "decided: refuse",
    "due: page_repeat",
    "due: page_escalate",
    "due: lapse",
}
"""Facts that the headline or another line tells already."""


_FURTHER_CHANNELS = ("sms to ", "page by mail to ")
"""A page goes by these as well: one line tells it."""


def _shown(fact: Fact) -> str | None:
    """Return a fact as a line, or None for one that need not be told."""
    if fact.what in _SILENT or fact.what.startswith(_FURTHER_CHANNELS):
        return None
    detail = _INSTANT.sub(lambda found: _until(found[0]), fact.detail).replace("_", " ")
    what = fact.what.removeprefix("letter: ").replace("_", " ")
    if fact.what == "decided: ask":
        return f"asks for {detail.partition(': ')[2] or detail}"
    if fact.what.startswith("page to "):
        return f"→ page {what.removeprefix('page ').replace(': page', ':')}"
    if fact.what.startswith("closed: "):
        return f"{what}, {detail}"
    return f"{what}: {detail}" if detail else what


def _when(text: str) -> str:
    """Return an instant as a person writes it."""
    at = datetime.fromisoformat(text)
    return f"{at:%a} {at.day:2} {at:%b} {at:%H:%M}"


def _until(text: str) -> str:
    """Return the end of a term as a person writes it: midnight is 24:00 of the day that ends."""
    at = datetime.fromisoformat(text)
    day, hour = (at - timedelta(days=1), "24:00") if f"{at:%H:%M}" == "00:00" else (at, f"{at:%H:%M}")
    return f"{day:%a} {day.day} {day:%b} {hour}"


def _by_clause(counted: tuple[str, int]) -> tuple[str, list[int]]:
    desk, _, clause = counted[0].partition(" ")
    return desk, [int(part) for part in clause.split(".")]
