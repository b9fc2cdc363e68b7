"""Who may ask at all: the kinds of clients a regulation serves.

Clauses: «Мои документы онлайн» 1.1, 1.3.1 and 1.4; Storeolis, definition of a client, 2.6.
"""

from __future__ import annotations

from domain.client import Client
from domain.findings import Finding, Outcome, Rule


class EligibilityRule(Rule):
    """The kinds of clients that are served, as the registry names them."""

    kinds: dict[str, str]
    """Kind of client and what it is called to people."""
    offer_required: tuple[str, ...] = ()
    """Kinds that must have accepted the public offer."""


def examine(rule: EligibilityRule, *, client: Client | None, registry_is_empty: bool = True) -> Finding:
    """Return whether the writer is nobody the regulation serves (MDO 1.1); an empty registry refuses nobody."""
    evidence: tuple[str, ...] = ()
    if client is None:
        if not registry_is_empty:
            evidence = ("отправителя нет в реестре клиентов",)
    elif client.kind not in rule.kinds:
        evidence = (f"в реестре: «{client.kind}», регламент обслуживает: {', '.join(rule.kinds.values())}",)
    elif client.kind in rule.offer_required and client.offer_accepted_on is None:
        evidence = ("в реестре нет даты акцепта оферты",)
    return Finding(
        rule="eligibility",
        clause=rule.clause,
        mode=rule.mode,
        matched=bool(evidence),
        evidence=evidence,
        outcome=Outcome.REFUSE,
        reason="not_eligible",
    )
