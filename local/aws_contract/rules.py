"""A documented limit as a value: where it applies, what it says, which page says so, and how a request is checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

Params = Mapping[str, Any]


class Request(NamedTuple):
    """One request, by its parameters as the SDK takes them."""

    service: str
    """The SDK's name, such as `sesv2`."""
    operation: str
    params: Params


Check = Callable[[Request], Iterable[str]]
"""Says in words whatever is wrong with a request, in those of AWS where they are known; nothing where all is well."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One documented limit."""

    service: str
    operations: tuple[str, ...]
    field: str
    """What it is about, as the reference names it."""
    limit: str
    source: str
    """The page that documents it."""
    code: str
    """By which error AWS refuses a request that breaks it."""
    check: Check
    is_answered: bool = False
    """Whether the product leaves it to AWS to refuse, and goes on: what is wrong came from outside, such as an address."""


@dataclass(frozen=True, slots=True)
class Breach:
    """What AWS would refuse of a request."""

    rule: Rule
    operation: str
    found: str

    def __str__(self) -> str:
        """Return it in one line: what was found, what is documented and where, and what AWS answers."""
        rule = self.rule
        return (
            f"{rule.service}.{self.operation}, {rule.field}: {self.found} "
            f"[documented: {rule.limit}; {rule.source}; AWS answers {rule.code}]"
        )


def breaches(rules: Iterable[Rule], request: Request) -> Iterator[Breach]:
    """Return whatever AWS would refuse of a request, by rules of its operation."""
    for rule in rules:
        for found in rule.check(request):
            yield Breach(rule, request.operation, found)


def size_of(text: str) -> int:
    """Return the bytes of a text in UTF-8."""
    return len(text) if text.isascii() else len(text.encode())


def text_between(field: str, least: int, most: int) -> Check:
    """Return the check that a field, where it is given, has so many bytes in UTF-8."""

    def check(request: Request) -> Iterator[str]:
        value = request.params.get(field)
        if isinstance(value, str) and not least <= size_of(value) <= most:
            yield f"{size_of(value):,} bytes"

    return check
