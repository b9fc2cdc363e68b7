"""The options of every verb, before it or after it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Options:
    """How the output is printed, and which deployed stack is meant."""

    json: bool = False
    stack: str | None = None
    """By name; None for that of the environment, or the usual one."""
    endpoint: str | None = None
    """Another endpoint of AWS."""
