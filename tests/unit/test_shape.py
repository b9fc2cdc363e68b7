"""The shape of the code: one place builds what is written of a ticket, one loop decides again, one place reads the environment."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.support.repository import ROOT

SRC = ROOT / "src"
Node = ast.AST
TOO_LONG = 400
"""Lines; a module that is longer says in its docstring why."""


def places(holds: Callable[[Node], bool], room: str = ".") -> list[str]:
    """Return the files, relative to src/, of the nodes for which `holds` is true; a file for each such node."""
    return sorted(
        str(file.relative_to(SRC))
        for file in (SRC / room).rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if holds(node)
    )


def _calls(name: str) -> Callable[[Node], bool]:
    return lambda node: isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name


def _names(node: Node | None) -> Iterator[str]:
    for inner in ast.walk(node) if node is not None else ():
        if isinstance(inner, ast.Name):
            yield inner.id
        elif isinstance(inner, ast.Attribute):
            yield inner.attr


def _decides_again(node: Node) -> bool:
    """A loop in which a conflict or a taken number lets the next turn try again."""
    return isinstance(node, ast.For | ast.While) and any(
        {"Conflict", "NumberTaken"} & set(_names(handler.type))
        and not any(isinstance(step, ast.Raise) for step in ast.walk(handler))
        for inner in ast.walk(node)
        if isinstance(inner, ast.Try)
        for handler in inner.handlers
    )


def test_what_is_written_of_a_ticket_is_built_in_one_place() -> None:
    """Otherwise a field that is added to it is forgotten somewhere."""
    assert places(_calls("TicketChange")) == ["application/change.py"]


def test_one_loop_decides_again_after_a_conflict() -> None:
    """One limit of tries, one message."""
    assert places(_decides_again, "application") == ["application/change.py"]
    assert places(_decides_again, "handlers") == ["handlers/clock.py"], "the sweep passes over a ticket and goes on"
    assert places(_decides_again, "domain") == []


def test_no_store_is_asked_in_the_domain() -> None:
    """It is handed what it decides on."""

    def asks(node: Node) -> bool:
        return isinstance(node, ast.Name | ast.arg) and _name_of(node).lower().endswith("store")

    assert places(asks, "domain") == []


def test_one_place_reads_the_environment_and_none_writes_it() -> None:
    """What depends on it says so in its arguments."""

    def touches(node: Node) -> bool:
        return isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv", "putenv"}

    assert places(touches) == ["composition.py"]


def test_no_function_outside_the_composition_holds_services_of_its_own() -> None:
    """Handlers and verbs are handed them; `main` is where a command line begins."""
    assert places(_calls("AwsServices")) == ["cli/main.py", "composition.py"]


def test_a_function_has_at_most_six_parameters_without_keyword() -> None:
    """Values that belong together are one value."""

    def is_crowded(node: Node) -> bool:
        return isinstance(node, ast.FunctionDef) and len(node.args.posonlyargs) + len(node.args.args) > 6

    assert places(is_crowded) == []


def test_a_module_of_more_than_four_hundred_lines_says_why() -> None:
    """And there are two at most."""
    long = [file for file in SRC.rglob("*.py") if len(file.read_text("utf-8").splitlines()) > TOO_LONG]
    assert len(long) <= 2
    assert [file for file in long if "One module, " not in _docstring(file)] == []


def _name_of(node: ast.Name | ast.arg) -> str:
    return node.id if isinstance(node, ast.Name) else node.arg


def _docstring(file: Path) -> str:
    return ast.get_docstring(ast.parse(file.read_text("utf-8"))) or ""
