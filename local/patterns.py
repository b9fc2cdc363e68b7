"""Event patterns, as EventBridge rules and the filters of Lambda's event sources use them.

The operators that template.yaml uses, and their neighbours; any other is refused rather than guessed at.
Rules: Amazon EventBridge user guide, "Comparison operators for use in event patterns".
"""

from __future__ import annotations

from typing import Any

MISSING: Any = object()
"""Stands for a field that the event does not have."""


class UnknownOperator(ValueError):
    """The pattern uses an operator that is not handled here."""


def matches(pattern: dict[str, Any], event: Any) -> bool:
    """Return whether an event satisfies every field of a pattern."""
    fields = event if isinstance(event, dict) else {}
    for name, wanted in pattern.items():
        found = fields.get(name, MISSING)
        if isinstance(wanted, dict):
            if not matches(wanted, found):
                return False
        elif not any(_allows(one, found) for one in wanted):
            return False
    return True


def _allows(wanted: Any, found: Any) -> bool:
    if isinstance(found, list):
        return any(_allows(wanted, one) for one in found)
    if not isinstance(wanted, dict):
        return bool(found is not MISSING and found == wanted)
    ((operator, operand),) = wanted.items()
    if operator == "exists":
        return bool((found is not MISSING) == operand)
    if found is MISSING:
        return False
    if operator == "prefix":
        return isinstance(found, str) and found.startswith(operand)
    if operator == "suffix":
        return isinstance(found, str) and found.endswith(operand)
    if operator == "equals-ignore-case":
        return isinstance(found, str) and found.casefold() == operand.casefold()
    if operator == "anything-but":
        refused = operand if isinstance(operand, list) else [operand]
        return not any(_allows(one, found) for one in refused)
    raise UnknownOperator(f"the pattern operator {operator!r} is not handled by the local stack (local/patterns.py)")
