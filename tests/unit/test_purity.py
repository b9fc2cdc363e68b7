"""The core is pure: it imports the standard library, pydantic and itself, and reads no clock."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.support.repository import ROOT

SRC = ROOT / "src"
ALLOWED = {"domain", "pydantic", *sys.stdlib_module_names}
NEVER = {"socket", "urllib", "http", "subprocess", "os", "random", "secrets", "time", "boto3", "botocore"}
"""Parts of the standard library that a pure core has no use for, and the SDK."""
INWARD = {
    "domain": {"application", "adapters", "composition", "handlers", "cli", "local"},
    "application": {"adapters", "composition", "handlers", "cli", "local"},
    "adapters": {"composition", "handlers", "cli", "local"},
    "handlers": {"cli", "local"},
}
"""What a package must not import: imports point inwards."""


def imports_of(file: Path) -> set[str]:
    """Return the top-level packages a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("file", sorted((SRC / "domain").rglob("*.py")), ids=lambda file: str(file.relative_to(SRC)))
def test_the_domain_imports_nothing_outward(file: Path) -> None:
    """No SDK, no I/O, no environment, no clock, no chance."""
    imported = imports_of(file)
    assert imported <= ALLOWED
    assert not imported & NEVER


@pytest.mark.parametrize(("package", "outward"), INWARD.items())
def test_imports_point_inwards(package: str, outward: set[str]) -> None:
    """`domain` imports itself, `application` the domain, `adapters` both, `handlers` and `cli` all."""
    for file in (SRC / package).rglob("*.py"):
        assert not imports_of(file) & outward, file
