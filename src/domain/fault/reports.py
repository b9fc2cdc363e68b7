"""What letters, alarms and words report, as values that a fault is gathered from."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from domain.fault.alarm import NOWHERE, AlarmPlace, alarm_key
from domain.fault.fault import Report, Source
from domain.findings import Finding
from domain.intake.criticality import CriticalityRule


def report_by_letter(
    ticket: str,
    at: datetime,
    finding: Finding,
    rule: CriticalityRule,
    *,
    organisation: str = "",
    proved: bool,
) -> Report:
    """Return what a letter reports that was received at an instant, by what the rule of criticality found in it.

    `organisation` is comparable, `proved` whether the sender's address is verified.
    """
    signs = signs_of(finding)
    return Report(
        source=Source.LETTER,
        ticket=ticket,
        at=at,
        what=_gravest(signs, rule),
        signs=tuple(sorted(signs)),
        kinds=kinds_of(signs, rule),
        organisation=organisation,
        proved=proved,
    )


def report_by_alarm(
    ticket: str,
    at: datetime,
    alarm: str,
    place: AlarmPlace = NOWHERE,
    *,
    related: Iterable[str] = (),
    source: Source = Source.ALARM,
) -> Report:
    """Return what an alarm of CloudWatch, or of another monitor, reports; `related` are the keys of those it watches."""
    return Report(
        source=source,
        ticket=ticket,
        at=at,
        what=alarm,
        alarm=alarm_key(alarm, place),
        related=tuple(sorted(set(related))),
    )


def report_by_word(ticket: str, at: datetime, what: str, *, organisation: str = "") -> Report:
    """Return what a specialist reports by a word; `what` is the ticket's subject, or what the word says."""
    return Report(source=Source.WORD, ticket=ticket, at=at, what=what, organisation=organisation)


def signs_of(finding: Finding) -> tuple[str, ...]:
    """Return the names of the signs that a finding of criticality rests on, each once, in its order."""
    return tuple(dict.fromkeys(evidence.partition(": «")[0] for evidence in finding.evidence))


def _gravest(signs: Iterable[str], rule: CriticalityRule) -> str:
    """Return the gravest sign, then the one that weighs most, then the first by the rule's order: a page has room for one."""
    names = tuple(signs)
    known = [sign for sign in rule.signs if sign.name in names]
    return max(known, key=lambda sign: (sign.name in rule.graver, sign.weight)).name if known else ", ".join(names)


def kinds_of(signs: Iterable[str], rule: CriticalityRule) -> tuple[str, ...]:
    """Return the kinds of signs, sorted, by the rule that has them; a name that it does not have has none."""
    names = frozenset(signs)
    return tuple(sorted({sign.kind.value for sign in rule.signs if sign.name in names}))
