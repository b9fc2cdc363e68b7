"""How the tests are arranged: a test rests on no other test, and lies where its subject lies."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.repository import ROOT

TESTS = ROOT / "tests"
UNIT = TESTS / "unit"
SDK = {"boto3", "botocore", "aws_lambda_powertools", "moto"}
MIRRORED = sorted(path for room in ("src", ".") for path in (ROOT / room).iterdir() if (UNIT / path.name).is_dir())


def imported(path: Path) -> Iterator[str]:
    """Return the modules, and the names within them, that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", sorted(TESTS.rglob("*.py")), ids=lambda path: path.relative_to(TESTS).as_posix())
def test_no_test_is_imported(path: Path) -> None:
    """What several files share lies in tests/support, and their fixtures in a conftest.py, which pytest finds."""
    assert [name for name in imported(path) if re.search(r"(^|\.)(conftest\b|test_\w+\.)", f"{name}.")] == []


def test_unit_tests_of_the_domain_load_no_sdk() -> None:
    """The core is tested without AWS, and begins fast."""
    collect = (
        "import sys, pytest; "
        "status = pytest.main(['--collect-only', '-qq', '-p', 'no:cacheprovider', 'tests/unit/domain']); "
        "print(*sorted({name.partition('.')[0] for name in sys.modules})); sys.exit(status)"
    )
    done = subprocess.run([sys.executable, "-c", collect], cwd=ROOT, capture_output=True, text=True, check=True)
    loaded = set(done.stdout.splitlines()[-1].split())
    assert "domain" in loaded
    assert loaded & SDK == set()


@pytest.mark.parametrize("package", MIRRORED, ids=lambda package: package.name)
def test_folders_of_unit_tests_are_those_of_what_they_test(package: Path) -> None:
    """A test is found from the module, and the module from the test."""
    folders = {path.parent.relative_to(UNIT / package.name) for path in (UNIT / package.name).rglob("test_*.py")}
    assert [str(folder) for folder in folders if not (package / folder).is_dir()] == []


@pytest.mark.parametrize("cases", sorted(UNIT.rglob("*.toml")), ids=lambda path: path.name)
def test_every_table_of_cases_is_read_by_the_test_beside_it(cases: Path) -> None:
    """A case that no test reads would seem to pass."""
    test = ast.parse(cases.with_name(f"test_{cases.stem}.py").read_text("utf-8"))
    named = {node.value for node in ast.walk(test) if isinstance(node, ast.Constant)}
    assert set(re.findall(r"^\[(\S+)\]$", cases.read_text("utf-8"), re.MULTILINE)) - named == set()
