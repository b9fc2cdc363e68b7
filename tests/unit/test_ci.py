"""CONTRIBUTING.md says what `.ci/run` runs and what is only a verb, as the script itself has it."""

from __future__ import annotations

import re
import shlex

import pytest

from tests.support.repository import ROOT

SCRIPT = (ROOT / ".ci" / "run").read_text("utf-8")
PAGE = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
NOT_CHECKS = {
    "setup", "help", "run", "format", "deploy", "protect", "activate", "reconcile", "redrive", "calendar", "model", "train", "events", "lock", "clean",
}  # fmt: skip
"""Verbs that prove nothing about a change."""
PARTS = {"lint", "type", "test-fast"}
"""Verbs that are a part of `make test`."""


def listed(name: str) -> list[str]:
    """Return what an array of the script holds."""
    found = re.search(rf"^{name}=\((.*?)^\)", SCRIPT, re.MULTILINE | re.DOTALL)
    assert found
    return shlex.split(found[1])


def on_page(heading: str) -> list[str]:
    """Return the first column of a table."""
    table = PAGE.partition(f"\n| {heading} |")[2].partition("\n\n")[0]
    return re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)


@pytest.mark.parametrize(("name", "heading"), [("RUNS", "runs there"), ("VERBS", "only a verb")])
def test_the_page_repeats_the_list_of_the_script(name: str, heading: str) -> None:
    """Word by word, and in the same order."""
    assert on_page(heading) == listed(name) != []


def test_every_check_of_the_makefile_runs_in_ci_or_is_named_as_a_verb() -> None:
    """A new verb that checks something is put into one of the two lists."""
    verbs = set(re.findall(r"^\.PHONY: (\S+)$", MAKEFILE, re.MULTILINE))
    named = {command.split()[1] for command in (*listed("RUNS"), *listed("VERBS"))}
    assert verbs - NOT_CHECKS - PARTS == named


def test_what_one_run_leaves_out_another_runs() -> None:
    """Every test runs once on 3.13: the dated run takes what the other is told to ignore."""
    (dated,) = (command for command in listed("RUNS") if command.startswith("make test-dates"))
    ignored = {path for command in listed("RUNS") for path in re.findall(r"--ignore=(\S+)", command)}
    assert ignored == set(re.findall(r"\btests/\S+", dated.partition("PYTEST_ARGS")[2]))
    assert all((ROOT / path).exists() for path in ignored)
