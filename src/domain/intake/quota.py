"""How many requests a client has made this calendar month.

Clause: Storeolis 2.6 (more than three in a month: consultations become a paid service). All requests count,
duplicates and follow-ups do not; only consultations beyond the limit are refused without a specialist.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import Field

from domain.client import Recent
from domain.findings import Category, Finding, Mode, Outcome, Rule
from domain.letter import Letter
from domain.russian.phrases import Phrases, find_phrases

EXCEEDED = "quota_exceeded"
"""The reason code of what this rule refuses."""
_OLDER_WAIT = "раньше пришли письма, которые ещё не разобраны: счёт может быть неверен"


class QuotaRule(Rule):
    """The month's limit and what follows from exceeding it, by what is asked."""

    limit: Annotated[int, Field(gt=0)]
    mode_by_category: dict[Category, Mode] = {}
    """Instead of `mode`, for requests of that category."""
    consultation_mode: Mode = Mode.SUGGEST
    """Instead of both, for a how-to question."""
    consultations: Phrases = ()
    """How a how-to question sounds."""
    faults: Phrases = ()
    """Words of a fault: a letter with one of them is never taken for a consultation."""


def is_consultation(letter: Letter, rule: QuotaRule) -> bool:
    """Return whether the letter asks how to do something and reports no fault."""
    text = f"{letter.subject}\n{letter.visible_text}"
    return bool(find_phrases(text, rule.consultations)) and not find_phrases(text, rule.faults)


def count(letter: Letter, recent: Recent, zone: ZoneInfo | timezone) -> int:
    """Return which request of its calendar month, in the desk's zone, the letter is; itself included.

    Letters are counted in the order in which they are handled: one that is handled late is the fourth if
    three were handled before it, so that no order of arrival lets a fourth pass as a third.
    """
    arrived = letter.envelope.received_at
    local = arrived.astimezone(zone)
    earlier = {request.ticket for request in recent.requests if _month(request.at, zone) == (local.year, local.month)}
    return len(earlier) + 1


def unsettled(found: Finding) -> Finding:
    """Return the finding of this rule as one that a specialist decides: letters are unread that may count before."""
    if not (found.decides and found.reason == EXCEEDED):
        return found
    return found.model_copy(update={"mode": Mode.SUGGEST, "evidence": (*found.evidence, _OLDER_WAIT)})


def examine(
    letter: Letter, rule: QuotaRule, *, recent: Recent, category: Category, zone: ZoneInfo | timezone
) -> Finding:
    """Return whether the month's limit is exceeded by this letter (Storeolis 2.6), with the count."""
    number = count(letter, recent, zone)
    exceeded = number > rule.limit
    return Finding(
        rule="quota",
        clause=rule.clause,
        mode=_mode(letter, rule, category),
        matched=exceeded,
        evidence=(f"обращение № {number} в этом месяце при норме {rule.limit}",) if exceeded else (),
        outcome=Outcome.REFUSE,
        reason=EXCEEDED,
        params={"count": str(number), "limit": str(rule.limit)} if exceeded else {},
    )


def _mode(letter: Letter, rule: QuotaRule, category: Category) -> Mode:
    if rule.mode is Mode.OFF:
        return Mode.OFF
    if category is Category.IN_SCOPE and is_consultation(letter, rule):
        return rule.consultation_mode
    mode = rule.mode_by_category.get(category, rule.mode)
    reports_fault = bool(find_phrases(f"{letter.subject}\n{letter.visible_text}", rule.faults))
    return Mode.SUGGEST if mode is Mode.AUTOMATIC and reports_fault else mode


def _month(at: datetime, zone: ZoneInfo | timezone) -> tuple[int, int]:
    local = at.astimezone(zone)
    return (local.year, local.month)
